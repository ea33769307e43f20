"""What only rows of our own files say: links by our ids, child rows in one cell, and the series of an occurrence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Kind
from crm_desktop.core.ids import generator
from crm_desktop.core.taxids import compact_tax_id
from crm_desktop.core.values import Parser, choice_key, choice_lookup, parser_for
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.external_ids import ExternalIds, clean_id
from crm_desktop.importing.outcomes import CellChange
from crm_desktop.importing.own_files import CHILDREN
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import CSV, Evidence
from crm_desktop.records import compound
from crm_desktop.records.formula_guard import unguarded
from crm_desktop.records.record_ids import PROGRAM, read_record_id

Told = dict[int, list[CellChange]]


def is_ours(plan: ImportPlan) -> bool:
    """Whether a plan is for a file that this program wrote."""
    return plan.program == PROGRAM


def has_guards(plan: ImportPlan) -> bool:
    """Whether texts of the file may have an apostrophe before what would be a formula."""
    return is_ours(plan) and plan.source.kind == CSV


def without_guards(cells: list[Any]) -> list[Any]:
    """The cells with such apostrophes taken off."""
    if any(type(cell) is str and cell[:1] == "'" for cell in cells):
        return [unguarded(cell) if type(cell) is str else cell for cell in cells]
    return cells


def own_tags(cell: Any) -> list[str]:
    """The tags of a cell that an export wrote: a tag may have commas."""
    return list(dict.fromkeys(compound.split_list(str(cell))))


def as_stored(raw: Any) -> Any:
    """A tax number as it was stored: the country that it belongs to need not be this one's."""
    return None if raw is None or not str(raw).strip() else compact_tax_id(raw)


class OwnRows:
    """Child rows and series of the records of one import.

    Args:
        entity: the record type that is imported.
    """

    def __init__(self, uow: UnitOfWork, entity: Entity) -> None:
        self._uow, self._entity = uow, entity
        self._external = ExternalIds(uow, PROGRAM)
        self._children = {child.name: _ChildParser(child) for child in entity.children}
        self._waiting: list[tuple[int, str]] = []
        points = self._children.get("points")
        labels = next((one for one in points.child.fields if one.name == "label"), None) if points else None
        self._labels = labels.choices if labels is not None else ()

    def records(self, entity: str, cells: Sequence[Any]) -> list[int | None]:
        """The records of a type that cells name by our own ids."""
        values = [clean_id(cell) for cell in cells]
        wanted = {value for value in values if value and read_record_id(value) is not None}
        found, _loose = self._external.find(entity, wanted) if wanted else ({}, set())
        return [found[value][0] if value and found.get(value) else None for value in values]

    def point_label(self, text: str) -> str | None:
        """The label of a contact point by what our files call its type."""
        return choice_lookup(self._labels).get(choice_key(text))

    def parse_children(self, batch: Batch, name: str, header: str, cells: Sequence[Any]) -> None:
        """Read the child rows of a batch; what does not fit is a problem of its row."""
        child = self._children[name.removeprefix(CHILDREN)]
        rows: list[list[dict[str, Any]]] = []
        for position, cell in enumerate(cells):
            mine = []
            for texts in compound.read_rows(child.child, str(cell)) if cell not in (None, "") else ():
                try:
                    mine.append(child.values(texts))
                except FieldError as error:
                    why = Evidence(error.message, error.params)
                    batch.problems.append((position, header, "; ".join(texts.values()), why, False))
            rows.append(mine)
        batch.children[child.child.name] = rows

    def attach(self, batch: Batch, records: Mapping[int, int], *, fresh: bool) -> Told:
        """Write the child rows that records do not have yet, and remember which series they belong to."""
        told: Told = {}
        for name, rows in batch.children.items():
            self._add_children(self._children[name].child, rows, records, fresh, told)
        if fresh and batch.series is not None:
            self._waiting += [(identity, value) for at, identity in records.items() if (value := batch.series[at])]
        return told

    def _add_children(
        self, child: Child, rows: Sequence[list[dict[str, Any]]], records: Mapping[int, int], fresh: bool, told: Told
    ) -> None:  # fmt: skip
        wanted = {at: identity for at, identity in records.items() if rows[at]}
        has = {} if fresh else self._stored(child, list(wanted.values()))
        for position, identity in wanted.items():
            mine = has.get(identity, [])
            for row in rows[position]:
                if not any(all(_same(one.get(name), value) for name, value in row.items()) for one in mine):
                    self._uow.insert(child.table, {"id": generator.next(), child.parent_column: identity, **row})
                    told.setdefault(position, []).append(CellChange(child.name, None, _text(row)))

    def _stored(self, child: Child, owners: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        table = Base.metadata.tables[child.table]
        parent, found = table.c[child.parent_column], dict[int, list[dict[str, Any]]]()
        for start in range(0, len(owners), 5_000):
            statement = sa.select(table).where(parent.in_(owners[start : start + 5_000]))
            for row in self._uow.connection.execute(statement).mappings():
                found.setdefault(row[child.parent_column], []).append(dict(row))
        return found

    def finish(self) -> None:
        """Hang new occurrences on their series, which may have come after them."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        found = self.records(self._entity.name, [value for _identity, value in waiting])
        rows = [(series, identity) for (identity, _value), series in zip(waiting, found, strict=True) if series]
        if rows:
            self._uow.update_many(self._entity.name, ("series_id",), rows)


class _ChildParser:
    """Reads the texts of one kind of child rows."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._parsers: dict[str, Parser] = {
            one.name: parser_for(one.kind, date_order="ymd", choices=one.choices) for one in compound.shown_fields(child)
            if one.kind not in LINK_KINDS
        }  # fmt: skip
        self._needed = [
            one for one in child.fields if one.required and one.name in self._parsers and one.kind is Kind.CHOICE
        ]

    def values(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The values of a row.

        Raises:
            FieldError: one does not fit.
        """
        return {name: self._parsers[name](text) for name, text in texts.items() if name in self._parsers}


def _same(stored: Any, value: Any) -> bool:
    if isinstance(stored, datetime) and isinstance(value, datetime) and bool(stored.tzinfo) == bool(value.tzinfo):
        return abs(stored - value) < timedelta(milliseconds=2)  # files hold thousandths of a second
    return bool(stored == value or not stored and not value)


def _text(row: Mapping[str, Any]) -> str:
    parts = (
        one.isoformat() if isinstance(one, datetime) else str(one) for one in row.values() if one not in (None, "")
    )
    return ", ".join(parts)
