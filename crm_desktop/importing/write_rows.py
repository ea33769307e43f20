"""Inserts new records with what hangs on them, thousands at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError, ValidationFailed
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.ids import generator
from crm_desktop.core.text import fold_all
from crm_desktop.db.base import Base
from crm_desktop.db.types import column_type, to_json
from crm_desktop.db.unit_of_work import Part, UnitOfWork
from crm_desktop.importing.table import Evidence
from crm_desktop.records import custom
from crm_desktop.records.expressions import matches_point
from crm_desktop.records.form_rules import absent, conditional, missing
from crm_desktop.records.queries import custom_python, fetch_rows
from crm_desktop.records.service import RuleContext, search_digits

Point = tuple[str, str | None, str]
"""(kind, label, value) of a contact point; the first of a kind is the primary one."""
_POINT_COLUMNS = ("id", "owner_id", "kind", "label", "value", "search_digits", "is_primary")
_EMPTY = (None, "")
ADDRESS_PARTS = ("street", "street2", "district", "city", "region", "postcode", "country")


class RecordWriter:
    """Inserts records of one type in one unit of work.

    Args:
        entity: the record type.
        defaults: parsed constants for fields that a row leaves empty.
    """

    def __init__(self, uow: UnitOfWork, entity: Entity, defaults: Mapping[str, Any] | None = None) -> None:
        self.uow = uow
        self.entity = entity
        self.fields = custom.fields_of(uow.database, entity.name, uow.connection)
        self._defaults = {one.name: one.default for one in self.fields if self._stored(one) and one.default is not None}
        self._defaults |= {name: value for name, value in (defaults or {}).items() if value is not None}
        table = uow.schema.table(entity)
        # a column that some rows of a batch leave out is written in all of them, so it needs the table's own default
        self._bools = {
            one.name: bool(one.default) for one in self.fields if one.kind is Kind.BOOL and self._stored(one)
        }
        self._required = [
            one for one in self.fields if one.required and self._stored(one) and one.kind is not Kind.BOOL
        ]
        # a column that says nothing for a whole batch is left out of it
        self._optional = {c.name for c in table.columns if c.nullable and c.server_default is None}
        self._conditional = bool(conditional(self.fields))
        self._own_defaults = {
            one.name.removeprefix("custom."): custom_json(one, one.default)
            for one in self.fields if one.custom and not one.computed and one.default is not None
        }  # fmt: skip
        self._sorted = [(one.name, one.sort_by) for one in self.fields if one.sort_by and one.sort_by in table.columns]
        self._rule = uow.schema.rules.get(entity.name)
        self.context = RuleContext(uow, entity)

    @staticmethod
    def _stored(one: Field) -> bool:
        return not one.custom and not one.child and not one.computed

    def probe(self) -> None:
        """Let the rule of the record type make what it needs (a first pipeline) before the first row."""
        if self._rule is not None:
            try:
                self._rule(RuleContext(self.uow, self.entity), {self.entity.title_field: "?"}, None)
            except FieldError:
                return

    def forget(self) -> None:
        """Read again what the rule looked up; running numbers stay."""
        self.context.cache = {key: value for key, value in self.context.cache.items() if isinstance(value, int)}

    def insert(
        self, rows: Sequence[dict[str, Any]], *, points: Sequence[Sequence[Point]] | None = None,
        addresses: Sequence[Sequence[Mapping[str, Any]]] | None = None,
    ) -> tuple[list[int | None], dict[int, tuple[str, Evidence]]]:  # fmt: skip
        """Insert rows of parsed values, completed by defaults and the rule of the record type.

        Args:
            rows: values by column; ``custom`` is the dictionary of custom values. They are changed in place.
            points, addresses: child rows of each row.

        Returns:
            The ids, None where a row was refused, and why by position: (field name, reason).
        """
        errors = self._complete(rows, points, addresses)
        good = [position for position in range(len(rows)) if position not in errors]
        new = generator.take(len(good))
        ids: list[int | None] = [None] * len(rows)
        for position, identity in zip(good, new, strict=True):
            ids[position] = identity
        if good:
            chosen = range(len(rows)) if len(good) == len(rows) else good
            parts = [self._record_part([rows[position] for position in chosen], new)]
            if points is not None:
                parts += self._point_part([points[position] for position in chosen], new)
            if addresses is not None:
                parts += self._address_part([addresses[position] for position in chosen], new)
            self.uow.insert_family(self.entity.name, new, parts)
        return ids, errors

    def lacking(
        self, row: Mapping[str, Any], points: Sequence[Point] = (), addresses: Sequence[Mapping[str, Any]] = (),
        touched: Collection[str] | None = None,
    ) -> FieldError | None:  # fmt: skip
        """Why the office's conditions refuse a row; None where they do not.

        Args:
            row: the stored values that the record will have.
            touched: the names of the fields that are written; all where None.
        """
        if not self._conditional:
            return None
        uow = self.uow

        def read(names: set[str]) -> Mapping[str, Any]:
            own = row.get("custom") or {}
            values: dict[str, Any] = {}
            if touched is not None:  # it is there already: what hangs on it stays
                held = [one.name for one in self.fields if one.name in names and (one.child or one.computed)]
                if held:
                    values |= fetch_rows(uow.database, uow.connection, self.entity.name, [row["id"]], held)[0].values
            for one in self.fields:
                if one.name not in names:
                    continue
                if one.custom and not one.computed:
                    values[one.name] = custom_python(one, own.get(one.name.removeprefix("custom.")))
                elif one.name in values:
                    continue
                elif one.child.startswith("addresses."):
                    values[one.name] = addresses[0].get(one.child.split(".")[1]) if addresses else None
                elif one.child:
                    found = [value for kind, label, value in points if matches_point(one, kind, label)]
                    values[one.name] = found[0] if found else None
                else:
                    values[one.name] = row.get(one.name)
            return values

        errors = absent(self.fields, read, self.uow.actor.user_id, touched)
        return errors[0] if errors else None

    def _complete(
        self, rows: Sequence[dict[str, Any]], points: Sequence[Sequence[Point]] | None,
        addresses: Sequence[Sequence[Mapping[str, Any]]] | None,
    ) -> dict[int, tuple[str, Evidence]]:  # fmt: skip
        errors: dict[int, tuple[str, Evidence]] = {}
        context, rule, defaults = self.context, self._rule, list(self._defaults.items())
        required = [(one.name, one) for one in self._required]
        bools, title, own = list(self._bools.items()), self.entity.title_field, self._own_defaults
        nothing: dict[str, Any] = {}
        for position, row in enumerate(rows):
            for name, value in defaults:
                if row.get(name) is None:
                    row[name] = value
            for name, standard in bools:
                if name in row and row[name] is None:
                    row[name] = standard
            try:
                if rule is not None:
                    context.given = (
                        nothing if row.get(title) else _given(points[position] if points is not None else ())
                    )
                    rule(context, row, None)
                if own:
                    row["custom"] = {**own, **(row.get("custom") or {})}
                for name, one in required:
                    if row.get(name) in _EMPTY:
                        raise missing(one)
                if self._conditional:
                    lacking = self.lacking(
                        row, points[position] if points is not None else (), addresses[position] if addresses else ()
                    )
                    if lacking is not None:
                        raise lacking
            except FieldError as error:
                errors[position] = (error.field, Evidence(error.message, error.params))
            except ValidationFailed as failed:
                first = failed.errors[0]
                errors[position] = (first.field, Evidence(first.message, first.params))
        for name, sort_by in self._sorted:
            for row, folded in zip(rows, fold_all([str(row.get(name) or "") for row in rows]), strict=True):
                row[sort_by] = folded
        return errors

    def _record_part(self, rows: Sequence[dict[str, Any]], ids: Sequence[int]) -> Part:
        names: dict[str, None] = {}
        for row in rows:
            if len(row) > len(names) or not row.keys() <= names.keys():
                names.update(dict.fromkeys(row))
        now, who, size = self.uow.now, self.uow.actor.user_id, len(rows)
        columns: dict[str, Sequence[Any]] = {"id": ids, "created_at": [now] * size, "created_by": [who] * size}
        if "created_at" in names:
            columns["created_at"] = [row.get("created_at") or now for row in rows]
        for name in names:
            if name in ("id", "created_at", "created_by"):
                continue
            if name in self._bools:
                columns[name] = [row.get(name, self._bools[name]) for row in rows]
                continue
            values = [row.get(name) for row in rows]
            if name not in self._optional or values.count(None) < size:
                columns[name] = values
        return self.entity.name, list(columns), list(columns.values())

    @staticmethod
    def _point_part(points: Sequence[Sequence[Point]], owners: Sequence[int]) -> list[Part]:
        rows = list(chain.from_iterable(points))
        if not rows:
            return []
        kinds, labels, values = zip(*rows, strict=True)
        digits = [search_digits(value) if kind == "phone" else None for kind, _label, value in rows]
        primary: list[bool] = []
        for mine in points:
            if len(mine) < 2 or len(mine) == 2 and mine[0][0] != mine[1][0]:
                primary += (True,) * len(mine)
                continue
            first: set[str] = set()
            for kind, _label, _value in mine:
                primary.append(kind not in first)
                first.add(kind)
        each = list(chain.from_iterable(map(repeat, owners, map(len, points))))
        columns = [generator.take(len(rows)), each, kinds, labels, values, digits, primary]
        return [("contact_point", _POINT_COLUMNS, columns)]

    def add_points(self, rows: Sequence[tuple[int, str, str | None, str, str | None, bool]]) -> None:
        """Insert contact points: (owner, kind, label, value, digits, whether primary)."""
        if rows:
            ids = generator.take(len(rows))
            self.uow.insert_many("contact_point", _POINT_COLUMNS, ((i, *row) for i, row in zip(ids, rows, strict=True)))

    def _address_part(self, addresses: Sequence[Sequence[Mapping[str, Any]]], owners: Sequence[int]) -> list[Part]:
        rows = [
            (owner, one, position == 0)
            for owner, mine in zip(owners, addresses, strict=True)
            for position, one in enumerate(mine)
        ]
        return [self._part_of(rows)] if rows else []

    def add_addresses(self, rows: Sequence[tuple[int, Mapping[str, Any], bool]]) -> None:
        """Insert addresses: (owner, parts and label, whether primary)."""
        if rows:
            name, columns, values = self._part_of(rows)
            self.uow.insert_many(name, columns, zip(*values, strict=True))

    @staticmethod
    def _part_of(rows: Sequence[tuple[int, Mapping[str, Any], bool]]) -> Part:
        columns: dict[str, Sequence[Any]] = {
            "id": generator.take(len(rows)),
            "owner_id": [owner for owner, _one, _first in rows],
            "label": [one.get("label") or "work" for _owner, one, _first in rows],
            "is_primary": [first for _owner, _one, first in rows],
        }
        for part in ADDRESS_PARTS:
            values = [one.get(part) for _owner, one, _first in rows]
            if values.count(None) < len(values):
                columns[part] = values
        return "address", list(columns), list(columns.values())


def _given(points: Sequence[Point]) -> dict[str, Any]:
    """The contact points of a row as rules read them."""
    return {"points": [{"kind": kind, "label": label, "value": value} for kind, label, value in points]}


def custom_json(one: Field, value: Any) -> Any:
    """A custom field's value as it is stored."""
    return to_json(column_type(one.kind), value)


def has_child(entity: Entity, name: str) -> bool:
    """Whether records of this type have such child rows."""
    return any(child.name == name and child.table in Base.metadata.tables for child in entity.children)
