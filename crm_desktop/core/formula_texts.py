"""Functions over texts for formulas that are worked out in memory: for columns that an import adds to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from crm_desktop.core import names
from crm_desktop.core.formulas import ANY, BOOL, DATE, NUMBER, TEXT, Function
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold

FUNCTIONS: Mapping[str, Function] = {
    "join": Function(N_("join(separator, a, b, …): without the blank ones"), (TEXT, TEXT), more=True),
    "part": Function(N_("part(text, separator, number): -1 is the last one"), (TEXT, TEXT, NUMBER)),
    "before": Function(N_("before(text, separator)"), (TEXT, TEXT)),
    "after": Function(N_("after(text, separator)"), (TEXT, TEXT)),
    "first_word": Function(N_("first_word(text)"), (TEXT,)),
    "last_word": Function(N_("last_word(text)"), (TEXT,)),
    "other_words": Function(N_("other_words(text): all but the first"), (TEXT,)),
    "proper": Function(N_("proper(text): JOÃO DA SILVA as João da Silva"), (TEXT,)),
    "trim": Function(N_("trim(text): without needless blanks"), (TEXT,)),
    "replace": Function(N_("replace(text, old, new)"), (TEXT, TEXT, TEXT)),
    "right": Function(N_("right(text, letters)"), (TEXT, NUMBER)),
    "mid": Function(N_("mid(text, from, letters)"), (TEXT, NUMBER, NUMBER)),
    "digits": Function(N_("digits(text): only its digits"), (TEXT,)),
    "pad": Function(N_('pad(text, length, "0"): filled up at the left'), (TEXT, NUMBER, TEXT), optional=1),
    "starts": Function(N_("starts(text, part)"), (TEXT, TEXT), BOOL),
    "ends": Function(N_("ends(text, part)"), (TEXT, TEXT), BOOL),
    "blank": Function(N_("blank(value)"), (ANY,), BOOL),
    "text": Function(N_("text(value)"), (TEXT,)),
    "number": Function(N_('number(text) or number(text, ","): with the decimal mark'), (TEXT, TEXT), NUMBER, optional=1),
    "date": Function(N_('date(text) or date(text, "dmy"): with the order'), (TEXT, TEXT), DATE, optional=1),
}  # fmt: skip
"""The functions that texts of a file need, beside those of every formula."""
LONGEST_PAD = 200


def join(separator: str | None, *texts: str | None) -> str:
    """The texts that are not blank, with the separator between them."""
    return (separator or "").join(text for text in texts if text)


def part(text: str, separator: str | None, number: Decimal | None) -> str:
    """One of the parts between separators, counted from 1, or from the end with -1; blanks separate where there is none."""
    parts = text.split(separator) if separator and separator.strip() else text.split()
    place = int(number or 0)
    if not place or abs(place) > len(parts):
        return ""
    return parts[place - 1 if place > 0 else place].strip()


def before(text: str, separator: str | None) -> str:
    """What stands before the first separator; the whole text where there is none."""
    return text.partition(separator)[0].strip() if separator else text


def after(text: str, separator: str | None) -> str:
    """What stands after the first separator; nothing where there is none."""
    return text.partition(separator)[2].strip() if separator else ""


def first_word(text: str) -> str:
    """The first word."""
    return next(iter(text.split(None, 1)), "")


def last_word(text: str) -> str:
    """The last word."""
    return next(iter(text.rsplit(None, 1)[-1:]), "").strip()


def other_words(text: str) -> str:
    """All words but the first."""
    return " ".join(text.split()[1:])


@lru_cache(maxsize=20_000)
def proper(text: str) -> str:
    """A text as names are written: first letters large, "da" and "de" small."""
    low = " ".join(text.lower().split())
    return names.tidy_name(low) if len(low) > 2 else low[:1].upper() + low[1:]


def trim(text: str) -> str:
    """Without blanks at the ends, and with one where there are several."""
    return " ".join(text.split())


def replace(text: str, old: str | None, new: str | None) -> str:
    """Every ``old`` as ``new``; large and small letters count."""
    return text.replace(old, new or "") if old else text


def right(text: str, letters: Decimal | None) -> str:
    """The last letters."""
    count = max(0, int(letters or 0))
    return text[-count:] if count else ""


def mid(text: str, start: Decimal | None, letters: Decimal | None) -> str:
    """So many letters from a place, counted from 1."""
    at, count = max(1, int(start or 0)) - 1, max(0, int(letters or 0))
    return text[at : at + count]


def digits(text: str) -> str:
    """Only the digits."""
    return "".join(letter for letter in text if letter.isdigit())


def pad(text: str, length: Decimal | None, filling: str | None = "0") -> str:
    """Filled up at the left to a length: "1310100" as "01310100"."""
    return text.rjust(min(LONGEST_PAD, max(0, int(length or 0))), (filling or "0")[0])


def starts(text: str, beginning: str | None) -> bool:
    """Whether a text begins so; accents and large letters do not count."""
    return fold(text).startswith(fold(beginning or ""))


def ends(text: str, end: str | None) -> bool:
    """Whether a text ends so; accents and large letters do not count."""
    return fold(text).endswith(fold(end or ""))


PYTHON: Mapping[str, Callable[..., Any]] = {
    "part": part, "before": before, "after": after, "first_word": first_word, "last_word": last_word,
    "other_words": other_words, "proper": proper, "trim": trim, "replace": replace, "right": right, "mid": mid,
    "digits": digits, "pad": pad, "starts": starts, "ends": ends, "text": lambda text: text,
}  # fmt: skip
"""What the functions do with a text that is there; ``join``, ``blank``, ``number`` and ``date`` are special."""
