"""How well a column fits a field: by the words of its header, and by whether its values can be what the field holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.values import all_translations, choice_key
from crm_desktop.importing import lexicon
from crm_desktop.importing.choice_words import match_choice
from crm_desktop.importing.known_headers import FILLER, ID_WORDS
from crm_desktop.importing.table import ColumnGuess

_NUMBERS = frozenset({"integer", "decimal", "money", "percent"})
_FREE = frozenset({"text", "long_text", "choice", "constant", "id", "mixed", "empty"})
_NAMES = frozenset({"person", "company", "city", "street"})
_TYPED = frozenset({"email", "phone", "url", "date", "datetime", "time", "tax_id", "postcode"})
_FITS: dict[Kind, frozenset[str]] = {
    Kind.EMAIL: frozenset({"email", "empty"}),
    Kind.PHONE: frozenset({"phone", "integer", "decimal", "id", "mixed", "empty", "tax_id"}),
    Kind.URL: frozenset({"url", "empty"}),
    Kind.TAX_ID: frozenset({"tax_id", "id", "integer", "empty", "mixed", "phone"}),
    Kind.BOOL: frozenset({"bool", "empty", "constant"}),
    Kind.COUNTRY: frozenset({"country", "choice", "constant", "empty", "text", "city", "person", "state"}),
    Kind.CURRENCY: frozenset({"choice", "constant", "empty", "text", "country", "state"}),
    Kind.TIMEZONE: frozenset({"choice", "constant", "empty", "text"}),
    Kind.USER: frozenset({"person", "choice", "constant", "text", "email", "empty", "company", "city"}),
}
_BY_COLUMN: dict[str, frozenset[str]] = {
    "city": frozenset(
        {"city", "text", "choice", "person", "company", "constant", "state", "empty", "country", "street"}
    ),
    "region": frozenset({"state", "text", "choice", "city", "constant", "country", "empty", "person", "company"}),
    "postcode": frozenset(
        {
            "postcode",
            "integer",
            "id",
            "phone",
            "text",
            "mixed",
            "empty",
            "constant",
            "choice",
            "tax_id",
            "decimal",
            "date",
        }
    ),
    "street": frozenset({"street", "text", "mixed", "empty", "long_text", "person", "company", "city", "choice"}),
}


@dataclass(frozen=True)
class Spelling:
    """One way a field is called: its words, and whether it is the field's own name."""

    words: tuple[str, ...]
    text: str
    rank: int


@lru_cache(maxsize=512)
def spellings(field: Field) -> tuple[Spelling, ...]:
    """Every way a field is called: label in all languages, name, aliases."""
    labels: Iterable[str] = (field.label,) if field.custom else all_translations(field.label)
    name = field.name.removeprefix("custom.").removesuffix("_id").replace("_", " ")
    texts = [*labels, *field.aliases, name]
    found: dict[tuple[str, ...], Spelling] = {}
    for rank, text in enumerate(texts):
        words = lexicon.header_words(text)
        found.setdefault(words, Spelling(words, text, rank))
    return tuple(found.values())


def header_score(words: tuple[str, ...], field: Field) -> tuple[float, str]:
    """How much a header sounds like a field (0..1), and the spelling it sounds like."""
    best, text = 0.0, ""
    have = frozenset(word for word in words if word not in FILLER) or frozenset(words)
    joined = " ".join(words)
    for spelling in spellings(field):
        score = _likeness(words, have, joined, spelling)
        if score > best:
            best, text = score, spelling.text
    return best, text


def _likeness(words: tuple[str, ...], have: frozenset[str], joined: str, spelling: Spelling) -> float:
    if words == spelling.words:
        return 0.99 - 0.001 * min(spelling.rank, 20)
    wanted = frozenset(word for word in spelling.words if word not in FILLER) or frozenset(spelling.words)
    if have == wanted:
        return 0.95 - 0.001 * min(spelling.rank, 20)
    if "".join(words) == "".join(spelling.words):
        return 0.94
    if wanted < have:
        extra = have - wanted
        if wanted <= ID_WORDS:
            return 0.3  # "Lead id" is the id of something else
        score = 0.42 + 0.42 * len(wanted) / len(have)
        return score - (0.25 if extra & ID_WORDS and not wanted & ID_WORDS else 0.0)
    if have < wanted:
        return 0.35 + 0.3 * len(have) / len(wanted)
    if len(joined) > 4 and len(spelling.text) > 4:
        ratio = fuzz.ratio(joined, " ".join(spelling.words))
        return 0.85 * ratio / 100 if ratio >= 90 else 0.0
    return 0.0


def fit(column: ColumnGuess, field: Field) -> float:
    """Whether the values can be what the field holds: 1 they are, below 0.5 hardly. A few values prove little."""
    found = _fit(column, field)
    few = column.filled < 4 and column.kind != "image" and field.kind not in (Kind.CHOICE, Kind.CHOICES)
    return max(found, 0.62) if few else found


def _fit(column: ColumnGuess, field: Field) -> float:
    kind = column.kind
    if kind in ("empty", "image"):
        return 0.9 if kind == "empty" else 0.0
    if field.kind in DATE_KINDS:
        return 1.0 if kind in ("date", "datetime") else 0.6 if kind in ("integer", "mixed", "constant") else 0.35
    if field.kind in NUMERIC_KINDS:
        return 1.0 if kind in _NUMBERS else 0.85 if kind in ("id", "constant", "tax_id", "phone") else 0.4
    if field.kind in (Kind.CHOICE, Kind.CHOICES):
        return choice_fit(column, field)
    if field.kind in _FITS:
        return 1.0 if kind in _FITS[field.kind] else 0.3
    if field.kind in LINK_KINDS:
        return 0.4 if kind in ("date", "datetime", "money", "percent", "bool", "url", "long_text") else 1.0
    part = field.child.split(".")[1] if field.child.startswith("addresses.") else ""
    if part in _BY_COLUMN:
        return 1.0 if kind in _BY_COLUMN[part] else 0.35
    if field.kind is Kind.LONG_TEXT:
        return 1.0 if kind in _FREE else 0.85
    if kind in _NUMBERS and field.required:
        return 0.7
    return 0.6 if kind in _TYPED and kind not in ("tax_id", "phone", "postcode") else 1.0


def choice_fit(column: ColumnGuess, field: Field) -> float:
    """How many of the values are choices of the field: 1 all; few make it unlikely that this field is meant."""
    texts = known_values(column)
    if not texts:
        return 0.8 if column.kind in ("choice", "constant", "text", "bool") else 0.4
    hits = sum(1 for text in texts if match_choice(text, field.choices)[0])
    return 0.45 + 0.55 * hits / len(texts)


def known_values(column: ColumnGuess) -> list[str]:
    """The different values of a column as choices are compared, the frequent ones first."""
    values: Sequence[object] = [text for text, _count in column.choices] or column.samples
    return list(dict.fromkeys(choice_key(str(value)) for value in values if value not in (None, "")))
