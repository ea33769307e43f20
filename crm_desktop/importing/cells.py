"""What one cell looks like on its own: the quick look that dialect and header detection share."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from crm_desktop.importing.table import ErrorCell

EMPTY, NUMBER, DATE, TIME, BOOL, EMAIL, URL, PHONE, CODE, WORDS, PROSE, DIRTY = range(12)
TYPED = frozenset({NUMBER, DATE, TIME, BOOL, EMAIL, URL, PHONE})

_NUMBER = re.compile(
    r"^[(\-+−]?\s*(?:R\$|US\$|U\$S|[$€£¥]|[A-Z]{3}\s)?\s*[-+]?(?:\d{1,3}(?:[.,'\s ]\d{3})+|\d+)?(?:[.,]\d+)?"
    r"(?:[eE][+-]?\d+)?\s*(?:%|[€£$]|[KkMm]|[A-Z]{3}|º|°)?\)?$"
)
_HAS_DIGIT = re.compile(r"\d")
_DATE = re.compile(
    r"^(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[-\s/.](?:de\s)?[^\W\d_]{3,10}\.?,?[-\s/.](?:de\s)?\d{2,4}"
    r"|[^\W\d_]{3,10}\.?\s\d{1,2},?\s\d{4}|(?:19|20)\d{6}|[^\W\d_]{3}-\d{2}|\d{1,2}-[^\W\d_]{3})"
    r"(?:(?:[T\s,]|\s-\s)+\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?$"
)
_TIME = re.compile(r"^\d{1,3}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?$")
_EMAIL = re.compile(r"^<?[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+>?$")
_URL = re.compile(
    r"^(?:https?://|ftp://|www\.)\S+$|^[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|br|es|pt|uk|io|info)(?:\.\w\w)?(?:/\S*)?$",
    re.I,
)
_PHONE = re.compile(r"^\+?[\d(][\d\s().\-/–]{5,22}\d(?:\s*(?:x|ext\.?|ramal|r\.)\s*\d+)?$", re.I)
_CODE = re.compile(r"^[\w.\-/:#*+\\]+$")
_WORDS = re.compile(r"^[\w&'’`´.\-/()ªº°+%:!?*@#\"“”–—[\]<>=]+(?: +[\w&'’`´.\-/()ªº°+%:!?*@#\"“”–—[\]<>=]+)*,?$")
_PROSE = re.compile(r"^[\w“\"'(¿¡-][^\t|^~¦\x00-\x1f]*$|^[^\t|^~¦]*\n[^\t|^~¦]*$")
_BOOL = frozenset(
    ["true", "false", "yes", "no", "y", "n", "t", "f", "sim", "não", "nao", "si", "sí", "verdadeiro", "falso"]
)
_NULL = frozenset(
    [
        "null",
        "none",
        "na",
        "n/a",
        "nan",
        "nil",
        "-",
        "--",
        "\\n",
        "#n/a",
        "nd",
        "n.d.",
        "s/d",
        "(null)",
        "<na>",
        "...",
        "?",
        "—",
        "–",
    ]
)


def is_null_text(text: str) -> bool:
    """Whether a text is one of the usual ways to write "no value"."""
    return text.strip().lower() in _NULL


@lru_cache(maxsize=50_000)
def classify_text(text: str) -> int:
    """The class of a text cell, by its shape alone."""
    body = text.strip()
    if not body:
        return EMPTY
    if len(body) > 80:
        return PROSE if _PROSE.match(body[:2000]) else DIRTY
    if _HAS_DIGIT.search(body):
        if _DATE.match(body):
            return DATE
        if _NUMBER.match(body):
            return NUMBER
        if _TIME.match(body):
            return TIME
        if _PHONE.match(body):
            return PHONE
    elif body.lower() in _BOOL:
        return BOOL
    if "@" in body and _EMAIL.match(body):
        return EMAIL
    if "." in body and _URL.match(body):
        return URL
    if _CODE.match(body):
        return CODE
    if _WORDS.match(body):
        return WORDS
    return PROSE if _PROSE.match(body) else DIRTY


def classify(value: Any) -> int:
    """The class of any cell."""
    if value is None:
        return EMPTY
    if isinstance(value, str):
        return classify_text(value)
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, date | datetime):
        return DATE
    if isinstance(value, time | timedelta):
        return TIME
    return DIRTY if isinstance(value, ErrorCell) else WORDS
