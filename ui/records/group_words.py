"""The words of groups and totals: "March 2026", "Not filled in", "R$ 1,200 · US$ 300"."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from crm_desktop.core import formats
from crm_desktop.core.fields import DATE_KINDS, Field, Kind
from crm_desktop.core.i18n import _
from crm_desktop.records.aggregates import Measures
from crm_desktop.records.grouping import Group, period_of
from ui.records.shown import cell_text, choice_of, choice_text


def group_title(one: Field, group: Group) -> str:
    """What the records of a group have in common, in the language in use."""
    if group.key is None:
        return _("Not filled in")
    if one.kind in DATE_KINDS:
        return period_title(str(group.key))
    if one.kind is Kind.CHOICE:
        choice = choice_of(one, group.key)
        return choice_text(one, choice) if choice else str(group.key)
    if one.kind is Kind.CHOICES:
        return _choices(one, str(group.key))
    if one.kind in (Kind.BOOL, Kind.COUNTRY, Kind.INTEGER, Kind.PERCENT):
        return formats.format_value(one, group.key if one.kind is not Kind.COUNTRY else group.title)
    return group.title.strip()


def period_title(key: str) -> str:
    """The name of a period: "2026", "Q1 2026", "March 2026", or the date."""
    first, _last = period_of(key)
    if len(key) == 4:
        return key
    if len(key) == 10:
        return formats.format_date(first)
    if "Q" in key:
        return _("Q{quarter} {year}").format(quarter=key[6], year=key[:4])
    return _("{month} {year}").format(month=formats.month_name(first.month).capitalize(), year=key[:4])


def _choices(one: Field, text: str) -> str:
    try:
        keys = json.loads(text)
    except ValueError:
        keys = [text]
    found = [choice_of(one, key) for key in keys] if isinstance(keys, list) else []
    return ", ".join(choice_text(one, choice) for choice in found if choice) or text


def measure_text(one: Field, measures: Measures | None, what: str, most: int = 2) -> str:
    """What a column adds up to; amounts of several currencies beside each other, never mixed."""
    if measures is None:
        return ""
    values = [(currency, value) for currency, value in measures.values(what) if value is not None]
    texts = [value_text(one, what, value, currency) for currency, value in values]
    if len(texts) > most:
        return " · ".join(texts[:most]) + _(" and {n} more").format(n=len(texts) - most)
    return " · ".join(texts)


def value_text(one: Field, what: str, value: Any, currency: str = "") -> str:
    """One total as the foot of a column shows it."""
    if what == "count":
        return formats.format_integer(int(value))
    if what == "average" and one.kind in (Kind.INTEGER, Kind.NUMBER):
        return formats.format_number(round(value, 2))
    if what == "average":
        value = round(value, 2)
    if isinstance(value, date) and one.kind is Kind.DATETIME:
        return formats.format_date(value)
    return cell_text(one, value, currency or None)
