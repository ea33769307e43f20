"""Values as the pages say them: days written out, since nobody knows which country's form a page is read in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crm_desktop.archive import html
from crm_desktop.core import formats
from crm_desktop.core.fields import LINK_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.db.types import instant_text

_NUMBERS = ("number", "code")
"""Fields of what people call a number, which is not broken at its dashes."""
_DAYS = (Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME)


def label_of(one: Field) -> str:
    """What a field is called."""
    return one.label if one.custom else translate(one.label)


def is_filled(known: Any) -> bool:
    """Whether a value says anything; zero does, No does not."""
    return known is not None and known is not False and known != "" and known != []


def day(at: date | None) -> str:
    """A day or moment in words: "22 Nov 2026, 15:35"."""
    if isinstance(at, datetime):
        return formats.format_datetime(at, "medium")
    return formats.format_date(at, "medium") if at is not None else ""


def time(at: date | None) -> str:
    """The same for a page, with what programs understand of it."""
    if at is None:
        return ""
    exact = instant_text(at) if isinstance(at, datetime) and at.tzinfo else at.isoformat()
    return f'<time datetime="{exact}">{html.text(day(at))}</time>'


def value(one: Field, known: Any, currency: Any = None) -> str:
    """A value of a field in words; links are handed in as their text already."""
    if one.kind in _DAYS and isinstance(known, date):
        return day(known)
    if one.kind in LINK_KINDS:
        return str(known) if known is not None else ""
    return formats.format_value(one, known, currency=str(currency) if currency else None)


def column(one: Field) -> tuple[str, str]:
    """The header of a column of a table: label, kind."""
    whole = one.kind in _DAYS or one.name in _NUMBERS
    return label_of(one), "n" if one.kind in NUMERIC_KINDS else "day" if whole else ""
