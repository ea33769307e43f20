"""What one cell of a record list says to the delegate."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.records.queries import RecordRow
from ui.records.shown import TAGS, at_end, cell_text, choice_of, choice_text, currency_of
from ui.widgets.roles import Role

_Data = Qt.ItemDataRole
_QUIET_KINDS = (
    Kind.TEXT, Kind.LONG_TEXT, Kind.LINK, Kind.USER, Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME, Kind.BOOL,
)  # fmt: skip
WITH_AVATAR = ("contact", "user")


def alignment(one: Field) -> int:
    """The alignment of a column and of its header."""
    side = Qt.AlignmentFlag.AlignRight if at_end(one) else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def cell_roles(spec: Entity, one: Field) -> frozenset[Role]:
    """The roles that a column of this field can answer to."""
    roles = {Role.LOADING, Role.COLOR}
    if one.name == spec.title_field:
        roles |= {Role.FONT, Role.AVATAR}
    if one is TAGS or one.kind is Kind.CHOICE:
        roles.add(Role.TAGS)
    return frozenset(roles)


def loading_cell(spec: Entity, one: Field, role: int) -> Any:
    """A cell whose record is still being read."""
    if role == Role.LOADING:
        return True
    return "" if role == Role.AVATAR and one.name == spec.title_field and spec.name in WITH_AVATAR else None


def cell(spec: Entity, one: Field, row: RecordRow, tags: list[tuple[str, int]], role: int) -> Any:
    """What a cell answers to a role."""
    value = row.values.get(one.name)
    title = one.name == spec.title_field
    if role in (_Data.DisplayRole, _Data.AccessibleTextRole):
        return _text(one, row, value, tags if role == _Data.AccessibleTextRole else [])
    if role == _Data.EditRole:
        return value
    if role == Role.TAGS:
        return tags if one is TAGS else _choice_tag(one, value)
    if role == Role.AVATAR:
        return (str(value or "") or "?") if title and spec.name in WITH_AVATAR else None
    if role == Role.FONT:
        return "name" if title else None
    if role == Role.COLOR:
        empty = value is None and at_end(one)
        return "text-muted" if not title and (empty or one.kind in _QUIET_KINDS) else "text"
    if role == _Data.ToolTipRole and one.kind is Kind.DATETIME and value is not None:
        return formats.format_datetime(value)
    return None


def _text(one: Field, row: RecordRow, value: Any, tags: list[tuple[str, int]]) -> str:
    if one is TAGS:
        return ", ".join(name for name, _hue in tags)
    if value is None and at_end(one):
        return "–"
    return cell_text(one, value, currency_of(row.values))


def _choice_tag(one: Field, value: Any) -> list[tuple[str, int]] | None:
    if one.kind is not Kind.CHOICE or not value:
        return None
    choice = choice_of(one, value)
    coloured = any(other.hue != 8 for other in one.choices)
    return [(choice_text(one, choice), choice.hue)] if choice and coloured else None
