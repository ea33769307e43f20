"""Names of people: split and joined the Portuguese, Spanish and English way; and telling companies from people."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from crm_desktop.core import i18n
from crm_desktop.core.names_words import (
    COMPANY_ENDS,
    COMPANY_WORDS,
    IBERIAN_SIGNS,
    JOINERS,
    OPENERS,
    PARTICLES,
    SECOND_NAMES,
    SUFFIXES,
    TITLES,
)
from crm_desktop.core.text import fold

_ROMAN = frozenset({"ii", "iii", "iv"})
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)


class Name(NamedTuple):
    """The parts of a person's name; any may be empty."""

    prefix: str = ""
    first: str = ""
    last: str = ""
    suffix: str = ""

    @property
    def full(self) -> str:
        """The whole name in its usual order."""
        return full_name(self.first, self.last, self.prefix, self.suffix)


def full_name(
    first: str | None, last: str | None, prefix: str | None = "", suffix: str | None = "", *, last_first: bool = False
) -> str:
    """The parts as one text: "Dr. João da Silva Filho", or "da Silva Filho, João" to sort by surname."""
    if last_first and last:
        family = " ".join(filter(None, (last, suffix)))
        return f"{family}, {first}" if first else family
    return " ".join(filter(None, (prefix, first, last, suffix)))


def split_name(text: str, order: str | None = None, *, tidy: bool = False, language: str | None = None) -> Name:
    """The parts of a full name.

    Portuguese names keep one given name (or two known ones) and all surnames; Spanish ones end in two surnames;
    English ones in one. Particles stay with their surname ("da Silva", "de la Cruz", "Ortega y Gasset").

    Args:
        text: the name, with or without titles; "Silva, João" is understood.
        order: "first_last" or "last_first" where there is no comma; None is first_last.
        tidy: write names in capitals (or in small letters) only as usual: "JOSÉ DA SILVA" as "José da Silva".
        language: whose custom counts; the program's where None.
    """
    if order is None and not tidy and "," not in text:
        return _split_by_shape(text.split(), language or i18n.language())
    return _split(text, order, tidy, language)


@lru_cache(maxsize=65_536)
def _shape_word(word: str) -> str:
    """A word as far as splitting minds it: itself where it means something or has signs in it, else ""."""
    known = fold(word) in _MEANINGFUL or word.lower() in _MEANINGFUL
    return word if known or len(word) < 2 or not word.isalpha() else ""


_shapes: dict[tuple[str, ...], tuple[int, int, int]] = {}
"""How many words are title, given name and surname, by language and shape: names of one shape split alike."""


def _split_by_shape(words: list[str], language: str) -> Name:
    key = (language, *map(_shape_word, words))
    shape = _shapes.get(key)
    if shape is None:
        name = _split(" ".join(words), None, False, language)
        counts = [len(part.split()) for part in (name.prefix, name.first, name.last)]
        shape = (counts[0], counts[0] + counts[1], sum(counts))
        if len(_shapes) > 4096:
            _shapes.clear()
        _shapes[key] = shape
    a, b, c = shape
    return Name(" ".join(words[:a]), " ".join(words[a:b]), " ".join(words[b:c]), " ".join(words[c:]))


def _split(text: str, order: str | None, tidy: bool, language: str | None) -> Name:
    words = text.replace("\u00a0", " ").split()
    if tidy:
        words = tidy_name(" ".join(words)).split()
    prefix, words = _take_titles(words)
    before, comma, after = " ".join(words).partition(",")
    suffix = ""
    if comma:
        after, trailing = _comma_suffix(before.split(), after)
        suffix = trailing
        if after:
            family, family_suffix = _take_suffix(before.split())
            return Name(prefix, after, " ".join(family), " ".join(filter(None, (family_suffix, suffix))))
        words = before.split()
    words, own_suffix = _take_suffix(words)
    suffix = " ".join(filter(None, (own_suffix, suffix)))
    units = _units(words)
    if order == "last_first":
        first, last = _split_last_first(units)
    else:
        count = _given_count(units, language or i18n.language())
        first, last = " ".join(units[:count]), " ".join(units[count:])
    return Name(prefix, first, last, suffix)


def _take_titles(words: list[str]) -> tuple[str, list[str]]:
    """The titles that a name begins with, and the rest; a title alone is a name."""
    count = 0
    while count < len(words) - 1:
        word = words[count]
        bare = fold(word).rstrip(".ªº").replace("(a)", "").replace("/a", "")
        if bare not in TITLES and fold(word) not in ("d.", "da.", "d.ª", "dª"):
            break
        if bare in ("don", "dom", "dona", "ver", "ten", "miss") and len(words) - count < 3:
            break  # Don Draper, Dom Casmurro
        count += 1
    return " ".join(words[:count]), words[count:]


def _take_suffix(words: list[str]) -> tuple[list[str], str]:
    """The name without "Filho", "Jr.", "III" at its end, and these."""
    kept = list(words)
    while (
        len(kept) > 2 and fold(kept[-1]).strip(".,").replace(".", "") in SUFFIXES and kept[-2].lower() not in PARTICLES
    ):
        kept.pop()
    return kept, " ".join(words[len(kept) :])


def _comma_suffix(before: list[str], after: str) -> tuple[str, str]:
    """(given names, suffix) of what follows a comma: "Silva, João", "João Silva, Jr.", "Ana Lins, prefeita"."""
    after = after.strip()
    parts = [part.strip() for part in after.split(",") if part.strip()]
    given: list[str] = []
    suffix: list[str] = []
    for part in parts:
        words = fold(part).replace(".", "").split()
        is_suffix = all(word in SUFFIXES or word in TITLES for word in words)
        is_note = part[:1].islower() and len(before) > 1 and before[-1][:1].isupper()
        (suffix if is_suffix or is_note or given else given).append(part)
    return " ".join(given), ", ".join(suffix)


def _units(words: list[str]) -> list[str]:
    """Words with their particles: ["João", "da Silva"], ["José", "Ortega y Gasset"]."""
    units: list[str] = []
    waiting: list[str] = []
    join = False
    for position, word in enumerate(words):
        small = fold(word).rstrip(".")
        last = position == len(words) - 1
        if small in JOINERS and len(units) > 1 and not last and not waiting:
            join = True
            waiting.append(word)
        elif small in PARTICLES and not last and (waiting or (small in OPENERS and units)):
            waiting.append(word)
        elif word.startswith("(") and units and not waiting:
            units[-1] += f" {word}"
        else:
            unit = " ".join([*waiting, word])
            if join:
                units[-1] += f" {unit}"
            else:
                units.append(unit)
            waiting, join = [], False
    return units


def _is_second_name(unit: str) -> bool:
    """Whether a unit is a usual second given name: "Paula", "del Carmen", "de Jesús", or an initial."""
    words = fold(unit).split()
    if len(words) > 1 and words[0] not in ("de", "del", "do", "da", "das", "los"):
        return False
    if len(words) > 1:
        return words[-1] in _RELIGIOUS
    return words[0] in SECOND_NAMES or bool(re.fullmatch(r"[a-z]\.?", words[0]))


_RELIGIOUS = frozenset(
    """carmen carmo pilar jesus angeles dolores dores rosario conceicao concepcion lourdes fatima socorro gracas penha
    luz mar rocio milagros gloria aparecida nazare guadalupe consuelo""".split()
)


_MEANINGFUL = TITLES | SUFFIXES | PARTICLES | OPENERS | JOINERS | IBERIAN_SIGNS | SECOND_NAMES | _RELIGIOUS


def _given_count(units: list[str], language: str) -> int:
    """How many units at the front are given names."""
    total = len(units)
    if total < 3:
        return min(total, 1)
    particles = {word for unit in units for word in fold(unit).split()[:-1]}
    iberian = language in ("pt_BR", "es") or particles & IBERIAN_SIGNS or fold(units[0]) in SECOND_NAMES
    if not iberian:
        return total - 1
    count = 1
    while count < total - 1 and count < 3 and _is_second_name(units[count]):
        count += 1
    if count == 1 and total >= 4 and language == "es" and not particles & {"da", "do", "das", "dos", "e"}:
        return total - 2
    return count


def _split_last_first(units: list[str]) -> tuple[str, str]:
    """(first, last) of "SILVA João" and "Pérez Gómez Juan Carlos"."""
    shouted = 0
    while shouted < len(units) and units[shouted].isupper():
        shouted += 1
    if not 0 < shouted < len(units):
        shouted = 2 if len(units) >= 4 else min(len(units) - 1, 1) if units else 0
    return " ".join(units[shouted:]), " ".join(units[:shouted])


def tidy_name(text: str) -> str:
    """A name in capitals only, or in small letters only, as it is usually written; others as they are."""
    text = " ".join(text.split())
    if not (text.isupper() or text.islower()) or len(text) < 3:
        return text
    return " ".join(_tidy_word(word, position) for position, word in enumerate(text.split(" ")))


def _tidy_word(word: str, position: int) -> str:
    small = fold(word).strip(".,")
    if position and (small in OPENERS or small in JOINERS or small in ("la", "las", "los")) and "." not in word:
        return word.lower()
    if small in _ROMAN:
        return word.upper()
    tidied = _WORD.sub(lambda found: found[0][0].upper() + found[0][1:].lower(), word)
    if re.match(r"Mc[a-z]{2}", tidied):
        tidied = "Mc" + tidied[2].upper() + tidied[3:]
    return tidied


def looks_like_company(text: str) -> bool:
    """Whether a name is more likely a company's than a person's: "Padaria Sol Ltda", "Banco do Brasil S.A."."""
    folded = fold(text).strip()
    if not folded:
        return False
    if "&" in folded or "s/a" in folded or "s.a" in folded or "s.l" in folded or re.search(r"\d{2}", folded):
        return True
    words = [word.replace(".", "") for word in re.split(r"[\s,()\-]+", folded) if word]
    if not words:
        return False
    if len(words) > 1 and words[-1] in COMPANY_ENDS:
        return True
    # A surname such as "Banco" or "Mercado" stands last; a company's word first or among others.
    return any(word in COMPANY_WORDS for word in (words[:-1] if len(words) > 2 else words[:1])) or (
        len(words) == 2 and words[1] in COMPANY_WORDS and words[0] not in SECOND_NAMES
    )
