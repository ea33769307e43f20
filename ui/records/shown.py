"""How values of fields are shown: text, alignment and colour, the same in lists, cards and conflicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, NUMERIC_KINDS, Choice, Field, Kind
from crm_desktop.core.i18n import N_, translate

TAGS = Field("@tags", N_("Tags"), Kind.TEXT, width=160, system=True, in_form=False)
"""The column of tags, which is no field of the record type."""


def label_of(field: Field) -> str:
    """The label of a field in the language in use; the office's own are shown as they were written."""
    return field.label if field.custom else translate(field.label)


def choice_text(field: Field, choice: Choice) -> str:
    """The label of a choice in the language in use."""
    return choice.label if field.custom else translate(choice.label)


def plain(field: Field, value: Any) -> Any:
    """The value as it is stored: the id of a link."""
    return getattr(value, "id", value) if field.kind in LINK_KINDS else value


def text_of(field: Field, value: Any, currency: str | None = None) -> str:
    """The value as a card shows it; "" for none."""
    if field.kind in LINK_KINDS:
        return str(value) if value is not None else ""
    return formats.format_value(field, value, currency=currency)


def cell_text(field: Field, value: Any, currency: str | None = None) -> str:
    """The value as a list shows it: one line, moments relative to now, whole amounts without cents."""
    if field.kind is Kind.DATETIME:
        return formats.format_relative(value)
    if field.kind is Kind.MONEY and value is not None and value == int(value):
        return formats.format_money(value, currency, cents=False)
    text = text_of(field, value, currency)
    return " ".join(text.split()) if "\n" in text else text


def brief_moment(at: datetime | None) -> str:
    """When something was, where there is little room: the time of today, else the day."""
    if at is None:
        return "–"
    local = at.astimezone(clock.local_zone())
    return formats.format_time(at) if local.date() == clock.today() else formats.format_relative(local.date())


def at_end(field: Field) -> bool:
    """Whether a column is aligned to the end: numbers, and dates as the design has them."""
    return field.kind in NUMERIC_KINDS or field.kind in DATE_KINDS


def currency_of(values: Mapping[str, Any]) -> str | None:
    """The currency of a record's amounts, where it names one."""
    currency = values.get("currency")
    return currency if isinstance(currency, str) and currency else None


def choice_of(field: Field, key: Any) -> Choice | None:
    """The choice with a key."""
    return next((one for one in field.choices if one.key == key), None)


def list_fields(entity: Entity, fields: Iterable[Field]) -> list[Field]:
    """The fields that a list may show, tags last."""
    hidden = {field.sort_by for field in entity.fields if field.sort_by}
    shown = [one for one in fields if one.kind is not Kind.JSON and one.name not in hidden and not _internal(one)]
    return [*shown, TAGS] if entity.listed else shown


def form_fields(fields: Iterable[Field]) -> list[Field]:
    """The fields that a person may fill in."""
    return [one for one in fields if editable(one) and one.in_form and not one.hidden]


def editable(field: Field) -> bool:
    """Whether a person may write into a field."""
    return not field.system and not field.computed and field.kind is not Kind.JSON and field is not TAGS


def _internal(field: Field) -> bool:
    """Columns that the program keeps for itself: neither in forms nor in lists, and not about who and when."""
    told = field.in_form or field.in_list or field.computed or field.custom
    if field.hidden:
        return True
    return not told and field.name not in ("created_at", "created_by", "updated_at", "updated_by")


def linked_entities(fields: Iterable[Field]) -> set[str]:
    """The record types whose titles stand in columns of these fields."""
    return {field.target for field in fields if field.kind in LINK_KINDS}
