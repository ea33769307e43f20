"""What a change set did, told row by row and field by field; ``change_search`` finds change sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.office_settings import words_of
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change, change_set, changes_of
from crm_desktop.db.types import from_json
from crm_desktop.records import custom, history, queries
from crm_desktop.records.change_search import Change, who_undid
from crm_desktop.records.history import FieldChange
from crm_desktop.records.office import OfficeSetting
from crm_desktop.records.queries import Link
from crm_desktop.records.references import plural_of
from crm_desktop.records.right_words import RIGHTS, right_titles
from crm_desktop.records.undo_plan import table_named

_Titles = Mapping[str, Mapping[int, str]]
"""Record type to id to title."""

_BACK, _PART = "back", 500
"""What brought back rows are counted under, beside the operations; so many ids are asked for at once."""
HIDDEN_COLUMNS = frozenset({"sort_name", "created_at", "created_by"})


@dataclass(frozen=True)
class Told(FieldChange):
    """A field before and after; links as :class:`Link`. ``field`` is None where this program does not know it."""

    field: Field | None = None


@dataclass(frozen=True)
class TableCount:
    """How many rows of a table a change set added, changed, removed and brought back; ``label`` is a source text."""

    table: str
    label: str
    entity: str
    added: int = 0
    changed: int = 0
    removed: int = 0
    restored: int = 0


@dataclass(frozen=True)
class Details:
    """A change set with what it touched, by table."""

    change: Change
    tables: Sequence[TableCount]

    @property
    def rows(self) -> int:
        """How many rows it touched."""
        return sum(one.added + one.changed + one.removed + one.restored for one in self.tables)


def change_details(database: Database, connection: sa.Connection, change_set_id: int) -> Details:
    """What a change set touched.

    Raises:
        UserError: there is none with this number.
    """
    row = history.change_set_details(connection, change_set_id)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    older = change.c.record_id < change_set_id
    key = (change.c.table_name, change.c.op, older)
    statement = sa.select(*key, sa.func.count(), sa.func.min(change.c.record_id)).group_by(*key)
    for table, op, _older, number, one in connection.execute(statement.where(changes_of(connection, change_set_id))):
        back = op == "I" and history.came_back(row.kind, one, change_set_id)
        counts[table][_BACK if back else op] += number
    rank = {table.name: at for at, table in enumerate(database.schema.data_tables)}
    tables = []
    for name in sorted(counts, key=lambda one: (one not in database.schema.by_table, rank.get(one, 0))):
        ops, spec = counts[name], database.schema.by_table.get(name)
        label = plural_of(database.schema, name) if name in Base.metadata.tables else name
        entity = spec.name if spec else ""
        tables.append(TableCount(name, label, entity, ops["I"], ops["U"], ops["D"], ops[_BACK]))
    undone = who_undid(connection, [row.undone_by] if row.undone_by else [])
    total = sum(sum(ops.values()) for ops in counts.values())
    return Details(Change(row, total, *undone.get(row.undone_by or 0, ())), tables)


@dataclass(frozen=True)
class RowChange:
    """One row of a change set.

    Attributes:
        entity, owner_id: the record that it is, or hangs on; "" and 0 where that cannot be told.
        title: what that record is called, or was called when it was removed.
        part: of what hangs on a record, what it is ("Notes"), a source text; "" for the record itself.
        there: whether the record is there now, so that it can be opened.
        hidden: whether only fields were changed that whoever asks may not see.
        came_back: whether an inserted row had been there before.
    """

    id: int
    table: str
    record_id: int
    op: str
    entity: str
    owner_id: int
    title: str
    part: str
    fields: Sequence[Told] = ()
    there: bool = True
    hidden: bool = False
    came_back: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """What it is about: the table and the row."""
        return (self.table, self.record_id)


def change_rows(
    database: Database,
    connection: sa.Connection,
    change_set_id: int,
    *,
    table: str = "",
    after: int = 0,
    limit: int = 200,
) -> list[RowChange]:
    """The rows of a change set in their order, with their fields before and after.

    Args:
        table: only those of one table.
        after: only those with a greater id (the next page).
    """
    chosen = changes_of(connection, change_set_id) & (change.c.id > after)
    if table:
        chosen &= change.c.table_name == table
    statement = sa.select(change).where(chosen).order_by(change.c.id).limit(limit)
    return tell_rows(database, connection, connection.execute(statement).mappings().all())


def tell_rows(database: Database, connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> list[RowChange]:
    """Rows of the history with their titles, and the values of links as titles."""
    teller = _Teller(database, connection)
    kinds = _kinds(connection, {row.get("change_set_id") for row in rows if row["op"] == "I"})
    told = [teller.plain(row, kinds.get(row.get("change_set_id") or 0, "")) for row in rows]
    return teller.named(told)


def _kinds(connection: sa.Connection, sets: Collection[int | None]) -> dict[int, str]:
    """The kinds of change sets."""
    ids, found = sorted(one for one in sets if one is not None), dict[int, str]()
    for start in range(0, len(ids), _PART):
        chosen = change_set.c.id.in_(ids[start : start + _PART])
        found |= {
            one: kind for one, kind in connection.execute(sa.select(change_set.c.id, change_set.c.kind).where(chosen))
        }
    return found


class _Teller:
    """Turns rows of the history into words; what it asks for is asked once for all rows."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self.database, self.connection, self.schema = database, connection, database.schema
        self._fields: dict[str, dict[str, Field]] = {}

    def fields(self, table: str) -> dict[str, Field]:
        """The fields of the rows of a table, by name."""
        if table not in self._fields:
            spec = self.schema.by_table.get(table)
            if spec is not None:
                found = custom.fields_of(self.database, spec.name, self.connection)
                self._fields[table] = {one.name: one for one in found} | {one.name: one for one in spec.fields}
            else:
                columns = Base.metadata.tables[table].columns if table in Base.metadata.tables else ()
                own = {c.name: replace(c.info["field"], name=c.name) for c in columns if "field" in c.info}
                for entity in self.schema.entities.values():
                    for child in entity.children:
                        if child.table == table:
                            own |= {one.name: one for one in child.fields}
                self._fields[table] = own
        return self._fields[table]

    def plain(self, row: sa.RowMapping, kind: str) -> RowChange:
        """A row without the titles of other records; ``kind`` is that of its change set."""
        name, data = row["table_name"], row["data"] or {}
        spec = self.schema.by_table.get(name)
        entity, owner = (spec.name, row["record_id"]) if spec else self._owner(name, row)
        title = str(data.get(spec.title_field) or "") if spec and row["op"] == "D" else ""
        part = "" if spec else plural_of(self.schema, name) if name in Base.metadata.tables else name
        values = self._values(row)
        hidden = row["op"] == "U" and not values and set(data) <= {"custom"} and self._veiled(spec)
        back = row["op"] == "I" and history.came_back(kind, row["record_id"], row.get("change_set_id"))
        return RowChange(
            row["id"],
            name,
            row["record_id"],
            row["op"],
            entity,
            owner,
            title,
            part,
            values,
            hidden=hidden,
            came_back=back,
        )

    def _veiled(self, spec: Entity | None) -> bool:
        """Whether whoever asks may not see every field of a record type."""
        return spec is not None and not self.database.access.may(spec.name, "sensitive")

    def _owner(self, name: str, row: sa.RowMapping) -> tuple[str, int]:
        names = self.schema.parents.get(name, ((), ""))[0]
        if row["parent_id"] is None:
            return "", 0
        said = (row["data"] or {}).get("entity")
        if isinstance(said, str) and said in self.schema.entities:
            return said, row["parent_id"]
        return (names[0] if len(names) == 1 else "?"), row["parent_id"]

    def _values(self, row: sa.RowMapping) -> tuple[Told, ...]:
        name, op, data = row["table_name"], row["op"], row["data"] or {}
        known = self.fields(name)
        labels = {one.name: one.label for one in known.values()}
        if op == "U":
            found = history.field_changes(self.schema, name, op, data, labels)
        elif op == "D":
            found = _removed(table_named(self.schema, name), data, labels)
        else:
            found = []
        return tuple(
            self._told(known.get(one.name), one) for one in found if one.name in known or one.name.startswith("custom.")
        )

    @staticmethod
    def _told(known: Field | None, one: FieldChange) -> Told:
        old, new = one.old, one.new
        if known is not None and known.custom:
            old, new = (queries.custom_python(known, value) for value in (old, new))
        return Told(one.name, one.label, old, new, known)

    def named(self, rows: Sequence[RowChange]) -> list[RowChange]:
        """The rows with the titles of their records and of what their links point to."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for one in rows:
            if one.entity == "?":
                for name in self.schema.parents.get(one.table, ((), ""))[0]:
                    wanted[name].add(one.owner_id)
            elif one.entity:
                wanted[one.entity].add(one.owner_id)
            for told in one.fields:
                target = self._target(told)
                if target:
                    wanted[target].update(v for v in (told.old, told.new) if isinstance(v, int))
        titles = {
            name: queries.stored_titles(self.schema, self.connection, name, ids)
            for name, ids in wanted.items() if name in self.schema.entities
        }  # fmt: skip
        were = {name: self._were(name, ids - set(titles.get(name, {}))) for name, ids in wanted.items()}
        return self._rights(rows, [self._with_names(one, titles, were) for one in rows])

    def _rights(self, rows: Sequence[RowChange], told: list[RowChange]) -> list[RowChange]:
        """Rights of roles have no title of their own: which right of whom it is."""
        ids = {one.record_id for one in rows if one.table == RIGHTS}
        if not ids:
            return told
        titles = right_titles(self.schema, self.connection, ids)
        return [replace(one, title=titles.get(one.record_id, "")) if one.table == RIGHTS else one for one in told]

    def _were(self, entity: str, ids: set[int]) -> dict[int, str]:
        """What records that are gone were called when they were deleted."""
        if not ids or entity not in self.schema.entities:
            return {}
        spec = self.schema.entity(entity)
        deleted = (change.c.table_name == spec.table) & (change.c.op == "D") & change.c.record_id.in_(sorted(ids)[:500])
        rows = self.connection.execute(sa.select(change.c.record_id, change.c.data).where(deleted))
        return {identity: str((data or {}).get(spec.title_field) or "") for identity, data in rows}

    @staticmethod
    def _target(told: Told) -> str:
        return told.field.target if told.field is not None and told.field.kind in LINK_KINDS else ""

    def _with_names(self, one: RowChange, titles: _Titles, were: _Titles) -> RowChange:
        entity = one.entity
        if entity == "?":
            entity = next((name for name, known in titles.items() if one.owner_id in known), "")
        there = one.owner_id in titles.get(entity, {})
        title = titles.get(entity, {}).get(one.owner_id) or were.get(entity, {}).get(one.owner_id) or one.title
        fields = tuple(
            replace(told, old=self._linked(told, told.old, titles, were), new=self._linked(told, told.new, titles, were))
            for told in one.fields
        )  # fmt: skip
        if one.table == OfficeSetting.__tablename__:
            fields = tuple(self._set(title, told) for told in fields if told.name == "value")
        return replace(one, entity=entity, title=self._words(entity, title), fields=fields, there=there)

    def _words(self, entity: str, title: str) -> str:
        """What people call a record."""
        words = self.schema.entities[entity].title_words if entity in self.schema.entities else None
        return words(self.schema, title) if words is not None and title else title

    def _set(self, key: str, told: Told) -> Told:
        """A setting of the office before and after, as people read it."""
        old, new = (words_of(self.schema.settings, key, value) for value in (told.old, told.new))
        return replace(told, old=old, new=new, field=None)

    def _linked(self, told: Told, value: Any, titles: _Titles, were: _Titles) -> Any:
        target = self._target(told)
        if not target or not isinstance(value, int):
            return value
        title = titles.get(target, {}).get(value) or were.get(target, {}).get(value, "")
        return Link(value, self._words(target, title))


def _removed(table: sa.Table | None, data: Mapping[str, Any], labels: Mapping[str, str]) -> list[FieldChange]:
    """What a removed row said."""
    result: list[FieldChange] = []
    for column, value in data.items():
        if column == "custom":
            result += [
                FieldChange(f"custom.{key}", labels.get(f"custom.{key}", key), one, None)
                for key, one in (value or {}).items()
            ]
        elif table is not None and value is not None and column in labels and column not in HIDDEN_COLUMNS:
            result.append(FieldChange(column, labels[column], from_json(table.columns[column].type, value), None))
    return result
