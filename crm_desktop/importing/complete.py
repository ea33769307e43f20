"""What rows need before they are written: titles, constants of the plan, custom values in one place."""

from __future__ import annotations

import re
from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.names import full_name
from crm_desktop.core.phones import format_phone
from crm_desktop.core.values import cell_text
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.parse_cells import column_parser
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import TAGS
from crm_desktop.importing.write_rows import custom_json

_PLACE = re.compile(r"\{([^{}]*)\}")
_BETWEEN = " – "
_OTHER_NAMES = ("legal_name", "nickname")
"""Fields that name a record better than its e-mail does: many companies have no name but the legal one."""
_NO_FIELD = Field("", "", Kind.TEXT)


class Completer:
    """Completes the rows of one import.

    Attributes:
        constants: parsed constants by stored field, for new records that leave the field empty.
        custom: names of the custom fields that the file fills.
    """

    def __init__(self, plan: ImportPlan, entity: Entity, fields: dict[str, Field]) -> None:
        self._plan = plan
        self._entity = entity
        self._fields = fields
        self._headers = {column.header: column.column for column in plan.columns}
        self._templates = {
            name: str(text) for name, text in plan.defaults.items() if _PLACE.search(str(text)) and name in fields
        }
        self.constants: dict[str, Any] = {}
        self._child_constants: dict[str, Any] = {}
        self._tags: list[str] = []
        for name, raw in plan.defaults.items():
            if name not in self._templates:
                self._constant(name, raw)
        self.custom = [name for name in plan.targets if name in fields and fields[name].custom]

    def _constant(self, name: str, raw: Any) -> None:
        if name == TAGS:
            self._tags = [text.strip() for text in str(raw).split(";") if text.strip()]
            return
        one = self._fields.get(name)
        if one is None or raw in (None, ""):
            return
        value = (
            int(raw)
            if one.kind in LINK_KINDS
            else column_parser(one, ColumnPlan(0, one.label), self._plan.country)(raw)
        )
        if one.child.startswith("addresses."):
            self._child_constants[one.child.split(".")[1]] = value
        elif not one.child and not one.custom:
            self.constants[name] = value

    def complete(self, batch: Batch) -> bool:
        """Fill titles, templates and constants in. Returns whether the file itself gives the titles."""
        title = self._entity.title_field
        titled = title in batch.values
        for name, template in self._templates.items():
            self._fill(batch, name, template)
        if title not in batch.values:
            batch.values[title] = [None] * batch.size
        titles = batch.values[title]
        if "first_name" in batch.values or "last_name" in batch.values:
            self._join_names(batch, titles)
        if None in titles:
            self._stand_in(batch, titles)
        self._fill_addresses(batch)
        if self._tags:
            tags = batch.tags or [[] for _ in range(batch.size)]
            batch.tags = [[*mine, *self._tags] for mine in tags]
        return titled

    def _fill(self, batch: Batch, name: str, template: str) -> None:
        values = batch.values.setdefault(name, [None] * batch.size)
        one = self._fields[name]
        parse = column_parser(one, ColumnPlan(0, one.label), self._plan.country)
        for position, value in enumerate(values):
            if value is None:
                text = self._text(template, batch.cells[position])
                try:
                    values[position] = parse(text) if text else None
                except FieldError as error:
                    batch.problems.append((position, one.label, text, Evidence(error.message, error.params), False))

    def _text(self, template: str, cells: list[Any]) -> str:
        """The template with the cells of a row; parts between dashes that have no cell are left out."""
        parts = []
        for part in template.split(_BETWEEN):
            names = _PLACE.findall(part)
            texts = {name: self._cell(name, cells) for name in names}
            if not names or any(texts.values()):
                parts.append(_PLACE.sub(lambda found, texts=texts: texts[found[1]], part).strip())  # type: ignore[misc]
        return _BETWEEN.join(part for part in parts if part)

    def _cell(self, header: str, cells: list[Any]) -> str:
        column = self._headers.get(header, -1)
        cell = cells[column] if 0 <= column < len(cells) else None
        return "" if cell is None else cell_text(cell).strip()

    @staticmethod
    def _join_names(batch: Batch, titles: list[Any]) -> None:
        nothing = [None] * batch.size
        get = batch.values.get
        parts = (
            get("first_name") or nothing,
            get("last_name") or nothing,
            get("prefix") or nothing,
            get("suffix") or nothing,
        )
        for position, (first, last, prefix, suffix) in enumerate(zip(*parts, strict=True)):
            if titles[position] is None and (first or last):
                titles[position] = full_name(first, last, prefix, suffix) or None

    def _stand_in(self, batch: Batch, titles: list[Any]) -> None:
        """A record without a name goes by another name, e-mail, phone, company, number or remark; one with nothing is rejected."""
        headers = {
            c.header
            for c in self._plan.columns
            if c.target == self._entity.title_field or self._fields.get(c.target or "", _NO_FIELD).child
        }
        bad = {problem[0]: problem for problem in reversed(batch.problems) if problem[1] in headers}
        for position, title in enumerate(titles):
            if title is not None:
                continue
            text = self._first_text(batch, position)
            if text:
                titles[position] = text
            elif not any(cell not in (None, "") for cell in batch.cells[position]):
                batch.rejected[position] = ("", None, Evidence(N_("The row is empty.")))
            elif self._entity.field(self._entity.title_field).required:
                problem = bad.get(position)
                if problem is not None:
                    batch.rejected[position] = (problem[1], problem[2], problem[3])
                else:
                    batch.rejected[position] = ("", None, Evidence(N_("Nothing in the row can name the record.")))

    def _first_text(self, batch: Batch, position: int) -> str:
        for name in _OTHER_NAMES:
            if batch.values.get(name) and batch.values[name][position]:
                return str(batch.values[name][position])
        for _column, kind, _label, value in batch.points_of(position):
            return format_phone(value) if kind == "phone" else value
        for wanted in (LINK_KINDS, {Kind.TEXT, Kind.LONG_TEXT}):
            for column in self._plan.columns:
                one = self._fields.get(column.target or "")
                if (
                    one is None
                    or one.kind not in wanted
                    or one.child
                    or one.name == TAGS
                    or column.column >= len(batch.cells[position])
                ):
                    continue
                if one.kind is Kind.USER or column.transform:
                    continue
                cell = batch.cells[position][column.column]
                if cell not in (None, ""):
                    return cell_text(cell).strip().splitlines()[0][:200]
        return ""

    def _fill_addresses(self, batch: Batch) -> None:
        """A constant country or city completes addresses that are there; it does not make one."""
        parts = batch.addresses.get("")
        if not parts or not self._child_constants:
            return
        filled = [any(values[position] is not None for values in parts.values()) for position in range(batch.size)]
        for name, constant in self._child_constants.items():
            values = parts.get(name) or [None] * batch.size
            parts[name] = [
                constant if value is None and there else value for value, there in zip(values, filled, strict=True)
            ]

    def pack_custom(self, row: dict[str, Any]) -> None:
        """Move custom values into the one column that stores them."""
        packed = {}
        for name in self.custom:
            value = row.pop(name, None)
            if value is not None and value != []:
                packed[name.removeprefix("custom.")] = custom_json(self._fields[name], value)
        row["custom"] = packed or None
