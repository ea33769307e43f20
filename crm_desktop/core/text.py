"""Text as search and sorting see it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_MARKS = re.compile("[\u0300-\u036f]+")
_NOT_DIGIT = re.compile(r"\D+")
_NOT_WORD = re.compile(r"[^\w]+", re.UNICODE)


def fold(text: str) -> str:
    """Lower case without diacritics: NFKD, combining marks (U+0300–U+036F) stripped. "Müller" gives "muller"."""
    if text.isascii():
        return text.lower()
    return strip_marks(text).lower()


def fold_all(texts: Sequence[str | None]) -> list[str | None]:
    """As :func:`fold` for each of many texts, at once where that gives the same; None stays."""
    given = [text for text in texts if text is not None]
    folded = fold("\n".join(given)).split("\n")
    if len(folded) != len(given):  # some have line breaks of their own, or there is none at all
        return [None if text is None else fold(text) for text in texts]
    if len(given) == len(texts):
        return list(folded)
    one = iter(folded)
    return [None if text is None else next(one) for text in texts]


def strip_marks(text: str) -> str:
    """The text without diacritics: NFKD, combining marks (U+0300–U+036F) stripped."""
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))


def words(text: str) -> list[str]:
    """The folded words of a text, as search splits them."""
    return [word for word in _NOT_WORD.split(fold(text).replace("_", " ")) if word]


def digits(text: str) -> str:
    """Only the digits of a text."""
    return _NOT_DIGIT.sub("", text)


def initials(name: str) -> str:
    """One or two capital initials of a name: first and last word; "?" where there is none."""
    parts = [word for word in re.split(r"[^\w]+", name, flags=re.UNICODE) if word]
    if not parts:
        return "?"
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()
