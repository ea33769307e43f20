"""Values as cells of a table: words where people read them, spelled so that an import means the same by them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Child
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.core.phones import format_phone, normalize_phone
from crm_desktop.core.taxids import check_tax_id, format_tax_id, tax_id_type
from crm_desktop.core.values import choice_key, choice_lookup
from crm_desktop.core.values_text import parse_country
from crm_desktop.exporting.source import Part
from crm_desktop.records import compound
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.records.sheet_columns import (
    ADDRESS,
    CHILD,
    EXTERNAL,
    ID,
    LINK_ID,
    LINKED,
    POINT,
    TAGS,
    SheetColumn,
)

Say = Callable[[Any], Any]


class Cells:
    """Makes the cells of some columns, part after part.

    Args:
        children: the child tables of the record type, for those that are written as lines of a cell.
    """

    def __init__(self, columns: Sequence[SheetColumn], children: Sequence[Child] = ()) -> None:
        self.columns = tuple(columns)
        self._children = {child.name: child for child in children}
        self._say = [self._sayer(one) for one in columns]

    def of(self, part: Part) -> list[list[Any]]:
        """The cells, column by column: texts, numbers, days, wall times and yes or no; None is empty."""
        return [self._column(one, say, part) for one, say in zip(self.columns, self._say, strict=True)]

    def _sayer(self, column: SheetColumn) -> Say | None:
        if column.source == CHILD:
            return None
        kind = column.kind
        if kind in (Kind.CHOICE, Kind.CHOICES) and column.field is not None:
            words = choice_words(column.field)
            if kind is Kind.CHOICE:
                return lambda key: words.get(key, key)
            return lambda keys: "; ".join(words.get(key, key) for key in keys) or None
        return remembered(_SAY[kind]) if kind in _FEW else _SAY.get(kind)

    def _column(self, column: SheetColumn, say: Say | None, part: Part) -> list[Any]:
        raw = self._raw(column, part)
        return raw if say is None else [None if value is None else say(value) for value in raw]

    def _raw(self, column: SheetColumn, part: Part) -> list[Any]:
        ids, rows, source, name = part.ids, part.rows, column.source, column.field.name if column.field else ""
        if source == ID:
            return [write_record_id(identity) for identity in ids]
        if source == TAGS:
            return [compound.join_list(part.tags.get(identity, ())) for identity in ids]
        if source == EXTERNAL:
            return [compound.join_list([value for _from, value in part.external.get(identity, ())]) for identity in ids]
        if source == LINK_ID:
            return [None if rows[i].get(name) is None else write_record_id(rows[i][name]) for i in ids]
        if source == POINT:
            return _numbered(part.points, column, ids, "value" if column.value else "label", kind=column.part)
        if source == ADDRESS:
            return _numbered(part.addresses, column, ids, column.part)
        if source == LINKED:
            return self._linked(column, part)
        if source == CHILD:
            child = self._children[column.part]
            found = part.children.get(child.name, {})
            return [compound.write_rows(child, found.get(identity, ()), say_value) for identity in ids]
        if column.kind in LINK_KINDS and column.field is not None:
            titles = part.titles.get(column.field.target, {})
            return [_title(rows[i].get(name), titles) for i in ids]
        return [rows[identity].get(name) for identity in ids]

    @staticmethod
    def _linked(column: SheetColumn, part: Part) -> list[Any]:
        links, titles, cells = part.children.get("links", {}), part.titles.get(column.part, {}), []
        for identity in part.ids:
            mine = [link["record_id"] for link in links.get(identity, ()) if link["entity"] == column.part]
            found = mine[column.number - 1] if len(mine) >= column.number else None
            cells.append(None if found is None else titles.get(found) if column.value else write_record_id(found))
        return cells


def _numbered(
    found: Mapping[int, list[Mapping[str, Any]]], column: SheetColumn, ids: Sequence[int], name: str, *, kind: str = ""
) -> list[Any]:
    cells: list[Any] = []
    at = column.number - 1
    for identity in ids:
        mine: Sequence[Mapping[str, Any]] = found.get(identity, ())
        if kind:
            mine = [one for one in mine if one["kind"] == kind]
        cells.append(mine[at][name] if len(mine) > at else None)
    return cells


def _title(value: Any, titles: Mapping[int, str]) -> str | None:
    if value is None:
        return None
    return titles.get(value) if isinstance(value, int) else str(value)


def choice_words(field: Field) -> dict[str, str]:
    """What the choices of a field are called; the key itself where an import would take the label for another one."""
    lookup = choice_lookup(field.choices)
    exact: dict[str, str] = {}
    for choice in field.choices:
        exact.setdefault(choice.label if field.custom else translate(choice.label), choice.key)
    found = {}
    for choice in field.choices:
        label = choice.label if field.custom else translate(choice.label)
        key = choice_key(label)
        sure = (
            exact[label] == choice.key and lookup.get(key, choice.key) == choice.key and not re.search(r"[;|\n]", label)
        )
        found[choice.key] = label if sure and label.strip() == label and key else choice.key
    return found


def say_value(field: Field, value: Any) -> str:
    """One value of a child row as text."""
    if field.kind is Kind.CHOICE:
        return choice_words(field).get(value, str(value))
    if field.kind in (Kind.LINK, Kind.USER):
        return write_record_id(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    say = _SAY.get(field.kind)
    said = say(value) if say else value
    return formats.format_bool(said) if isinstance(said, bool) else str(said)


def _phone(value: str) -> str:
    """With blanks, so that no spreadsheet takes it for a number; as it is stored where that would say something else."""
    country = formats.default_country()
    text = format_phone(value)
    try:
        return text if normalize_phone(text, country) == value else value
    except FieldError:
        return value


def _tax_id(value: str) -> str:
    country = formats.default_country()
    text = format_tax_id(value, tax_id_type(value, country))
    try:
        return text if check_tax_id(text, country)[0] == value else value
    except FieldError:
        return value


def _country(code: str) -> str:
    name = formats.country_name(code)
    try:
        return name if parse_country(name) == code else code
    except FieldError:
        return code


def _instant(moment: datetime) -> datetime | str:
    """The local wall time; with its distance to UTC in the hour that comes twice."""
    if moment.tzinfo is None:
        return moment
    local = moment.astimezone(clock.local_zone())
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        return local.isoformat(sep=" ")
    return local.replace(tzinfo=None)


def _json(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def remembered(say: Say) -> Say:
    """The same function with a memory."""
    known: dict[Any, Any] = {}

    def said(value: Any) -> Any:
        if value not in known:
            if len(known) > 20_000:
                known.clear()
            known[value] = say(value)
        return known[value]

    return said


_FEW = frozenset({Kind.COUNTRY})
_SAY: dict[Kind, Say] = {
    Kind.PHONE: _phone,
    Kind.TAX_ID: _tax_id,
    Kind.COUNTRY: _country,
    Kind.DATETIME: _instant,
    Kind.JSON: _json,
}
