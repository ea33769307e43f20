"""Rows whose record was deleted lately: it is found in the history by the keys of the import, and comes back if wanted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import N_
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.sight import seen_history
from crm_desktop.db.types import from_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.lookup import select_in
from crm_desktop.importing.row_keys import ADDRESSES, EXTERNAL, POINTS, Key
from crm_desktop.importing.series_rows import OCCURRENCE, UID, occurrence_key
from crm_desktop.importing.table import Evidence
from crm_desktop.records.record_ids import read_record_id
from crm_desktop.records.restoring import Restorer

LATELY = timedelta(days=90)
"""Older deletions are no longer looked at: who deleted then meant it."""
_MOST = 100_000
"""So many deleted records are looked through, the newest first."""
_NOT_MEANT = ("undo", "redo", "merge", "erase", "system")
"""Kinds of change sets that delete records without anybody wanting them away, or for good."""
_CHILD_COLUMNS = {
    "contact_point": ("kind", "value"), "address": ("city", "postcode", "street", "region", "country", "district", "street2"),
    "external_id": ("source", "value"),
}  # fmt: skip
_TABLES = {POINTS: "contact_point", ADDRESSES: "address", EXTERNAL: "external_id"}
_PART = 500

Facts = Mapping[str, set[str]]


@dataclass(frozen=True, slots=True)
class Deletion:
    """Where a record went: the change set, when and by whom."""

    change_set_id: int
    at: datetime | None
    who: str


class Trash:
    """The lately deleted records of one type, as the keys of an import find them. Read once, when first needed.

    Args:
        keys: the keys of the import, best first.
        more: further fields that may speak against a match; the title among them.
        same_program: whether an id may be one of the import's program, by (id, program).
    """

    def __init__(
        self, uow: UnitOfWork, entity: Entity, keys: Sequence[Key], more: Sequence[Key],
        same_program: Callable[[str, str], bool],
    ) -> None:  # fmt: skip
        self._uow = uow
        self._entity = entity
        self._keys = keys
        self._wanted = list({one.name: one for one in (*keys, *more)}.values())
        self._same_program = same_program
        self._records: dict[int, Deletion] | None = None
        self._by_value: list[dict[int, list[int]]] = [{} for _ in keys]
        self._restorer = Restorer(uow, entity)

    @property
    def holds_any(self) -> bool:
        """Whether anything was deleted that could come back."""
        return bool(self._load())

    def candidates(self, rank: int, value: str) -> Sequence[int]:
        """Deleted records that may have a value for a key; :meth:`facts` has the last word."""
        records = self._load()
        if not records:
            return ()
        own = read_record_id(value) if self._keys[rank].place == EXTERNAL else None
        if own is not None and own in records:
            return (own,)
        return [one for one in self._by_value[rank].get(hash(value), ()) if one in records]

    def _load(self) -> dict[int, Deletion]:
        """Which records were deleted, and by which values they can be found."""
        if self._records is not None:
            return self._records
        found: dict[int, Deletion] = {}
        self._records = found
        connection = self._uow.connection
        lately = change_set.c.at >= self._uow.now - LATELY
        first = connection.execute(sa.select(sa.func.min(change_set.c.first_change)).where(lately)).scalar()
        if first is None:
            return found
        plain = [(rank, key) for rank, key in enumerate(self._keys) if key.place not in _TABLES]
        names = list(dict.fromkeys([*(key.name for _rank, key in plain), *([OCCURRENCE] if self._occurs else [])]))
        rows = list(self._deleted_rows(self._entity.table, first, names, _MOST))
        sets = self._meant({row[2] for row in rows})
        for identity, _parent, set_id, *values in rows:
            row = sets.get(set_id)
            if row is not None and identity not in found:
                found[identity] = Deletion(set_id, row.at, row.user_name or "")
                data = dict(zip(names, values, strict=True))
                for rank, key in plain:
                    self._index(rank, self._own_value(key, data), identity)
        there = select_in(connection, self._entity.table, ("t.id",), "id", list(found))
        for (identity,) in list(there):
            del found[identity]
        for table, columns in _CHILD_COLUMNS.items():
            mine = [(rank, key) for rank, key in enumerate(self._keys) if _TABLES.get(key.place) == table]
            if not found or not mine:
                continue
            for _identity, parent, set_id, *values in self._deleted_rows(table, first, columns):
                record = found.get(parent)
                if record is not None and record.change_set_id == set_id:
                    data = dict(zip(columns, values, strict=True))
                    for rank, key in mine:
                        self._index(rank, self._child_value(key, data), parent)
        return found

    def _meant(self, ids: Iterable[int | None]) -> dict[int, Any]:
        """Those of some change sets that are late, stand, and deleted what nobody wants: a history has far more sets than
        deletions."""
        result = {}
        every = sorted(one for one in ids if one is not None and one != self._uow.change_set_id)
        columns = (change_set.c.id, change_set.c.at, change_set.c.user_name)
        chosen = (
            change_set.c.at >= self._uow.now - LATELY, change_set.c.kind.not_in(_NOT_MEANT), change_set.c.undone_by.is_(None),
        )  # fmt: skip
        for start in range(0, len(every), _PART):
            part = change_set.c.id.in_(every[start : start + _PART])
            result.update(
                {row.id: row for row in self._uow.connection.execute(sa.select(*columns).where(part, *chosen))}
            )
        return result

    @property
    def _occurs(self) -> bool:
        return OCCURRENCE in self._entity.stored

    def _deleted_rows(self, table: str, first: int, names: Sequence[str], most: int = 0) -> Iterator[tuple[Any, ...]]:
        """(id, parent, change set, values) of the deleted rows of a table, newest first. The values are taken out of the
        stored row in SQL: reading 100,000 rows whole takes many times as long."""
        connection = self._uow.connection
        sqlite = connection.dialect.name == "sqlite"
        out = [f"json_extract(data, '$.{name}')" if sqlite else f"data->>'{name}'" for name in names]
        mark = "?" if sqlite else "%s"
        statement = (
            f"SELECT {', '.join(['record_id', 'parent_id', 'change_set_id', *out])} FROM {seen_history(connection)} "
            f"WHERE id >= {mark} AND op = 'D' AND table_name = {mark} ORDER BY id DESC"
        )
        rows: Any = connection.exec_driver_sql(statement + (f" LIMIT {most}" if most else ""), (first, table))
        yield from rows

    def _index(self, rank: int, value: str | None, identity: int) -> None:
        if value:
            known = self._by_value[rank].setdefault(hash(value), [])
            if identity not in known:
                known.append(identity)

    def _own_value(self, key: Key, data: Mapping[str, Any]) -> str | None:
        value = data.get(key.name)
        if value in (None, ""):
            return None
        if key.name == UID and data.get(OCCURRENCE):
            moment = from_json(self._uow.schema.table(self._entity).c[OCCURRENCE].type, data[OCCURRENCE])
            return occurrence_key(str(value), moment)
        return key.compared(value)

    def _child_value(self, key: Key, data: Mapping[str, Any]) -> str | None:
        if key.place == POINTS and data.get("kind") != key.column:
            return None
        if key.place == EXTERNAL and not self._same_program(str(data.get("value")), str(data.get("source") or "")):
            return None
        value = data.get("value" if key.place != ADDRESSES else key.column)
        return key.compared(value) if value not in (None, "") else None

    def facts(self, ids: Iterable[int]) -> dict[int, dict[str, set[str]]]:
        """What deleted records had for the keys, and for what speaks against a match."""
        records = self._load()
        chosen = list(dict.fromkeys(ids))
        found: dict[int, dict[str, set[str]]] = {one: defaultdict(set) for one in chosen}
        tables = (self._entity.table, *_TABLES.values())
        deleted = (change.c.op == "D") & change.c.table_name.in_(tables)
        columns = (change.c.table_name, change.c.record_id, change.c.parent_id, change.c.change_set_id, change.c.data)
        for start in range(0, len(chosen), _PART):
            part = chosen[start : start + _PART]
            for column in (change.c.record_id, change.c.parent_id):
                for table, identity, parent, set_id, data in self._uow.connection.execute(
                    sa.select(*columns).where(deleted, column.in_(part))
                ):
                    owner = identity if table == self._entity.table else parent
                    if owner not in found or records[owner].change_set_id != set_id:
                        continue
                    for key in self._wanted:
                        value = (
                            self._own_value(key, data)
                            if table == self._entity.table and key.place not in _TABLES
                            else self._child_value(key, data)
                            if _TABLES.get(key.place) == table
                            else None
                        )
                        if value:
                            found[owner][key.name].add(value)
        return found

    def titles(self, ids: Iterable[int]) -> dict[int, str]:
        """The titles that deleted records had, as they were written."""
        records = self._load()
        title = self._entity.title_field
        found: dict[int, str] = {}
        chosen = list(ids)
        for start in range(0, len(chosen), _PART):
            part = chosen[start : start + _PART]
            statement = sa.select(change.c.record_id, change.c.change_set_id, change.c.data).where(
                change.c.record_id.in_(part), change.c.op == "D", change.c.table_name == self._entity.table
            )
            for identity, set_id, data in self._uow.connection.execute(statement):
                if records[identity].change_set_id == set_id:
                    found[identity] = str(data.get(title) or "")
        return found

    def why_left(self, identity: int, title: str) -> Evidence:
        """Why a row of a deleted record is left out."""
        deletion = self._load()[identity]
        day = formats.format_date(deletion.at.astimezone().date()) if deletion.at else ""
        if not deletion.who:
            return Evidence(N_("“{title}” was deleted on {date}."), {"title": title, "date": day})
        params = {"title": title, "date": day, "user": deletion.who}
        return Evidence(N_("“{title}” was deleted on {date} by {user}."), params)

    def restore(self, ids: Iterable[int]) -> set[int]:
        """Bring records back; those that are there again are no longer deleted."""
        records = self._load()
        back = self._restorer.restore({one: records[one].change_set_id for one in ids})
        for identity in back:
            del records[identity]
        return back

    def remove(self, ids: Iterable[int]) -> None:
        """Delete records again whose rows were refused."""
        self._uow.delete(self._entity.name, ids)
