"""The unit of work: one transaction, one user, one change set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Protocol

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.ids import generator
from crm_desktop.db import giving, outcome, search_bulk
from crm_desktop.db.bulk import ENOUGH, history_at_once
from crm_desktop.db.database import Database
from crm_desktop.db.engines import CACHE_KIB
from crm_desktop.db.guard import Guard
from crm_desktop.db.journal import change, change_set, count_touched
from crm_desktop.db.overlap import Overlap
from crm_desktop.db.rows import Packed, insert_packed, pack
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import newest_change
from crm_desktop.db.touched import Change, changes_where, event_of

_CHUNK, _ARRAY, _ASKED = 20_000, 2_000, 500
_BULK_CACHE_KIB = 131_072
_LOCK_WAIT, _SILENT = "15s", "30s"


@dataclass(frozen=True)
class Actor:
    """Who writes: the user's id and name, and the window it comes from."""

    user_id: int | None = None
    name: str = ""
    origin: str = ""


NOBODY = Actor()

Part = tuple[str, Sequence[str], Sequence[Sequence[Any]]]
"""A table, names of its columns, and their values column by column."""


class Watcher(Protocol):
    """Who must know every value that a column may hold from now on."""

    table: str
    column: str

    def add(self, values: Iterable[Any], inserted: bool) -> None:
        """These values are about to be stored, in new rows or in others."""

    def lose(self) -> None:
        """Something is about to be stored that cannot be told."""


_PROGRAM = frozenset({"system"})
"""Kinds of units of work in which the program itself writes: nobody is asked."""
_MOVES = frozenset({"merge"})
"""Kinds in which sensitive values only move from one record to another."""

FIELDS_CHANGED = "fields_changed"
"""Under this name a unit of work keeps that it changed the fields of a record type."""


class UnitOfWork:
    """What the functions of a ``service.py`` write with. Made by :func:`write` only.

    Attributes:
        connection: reads inside the transaction; what is being inserted at the moment is waited for.
        change_set_id: the change set that the history will show.
        mine: the condition that chooses its rows of the history.
        done: for those who finish it: the (table, operation) pairs of what it did.
        actor: who writes.
        now: the instant that every row of this unit of work carries.
    """

    def __init__(
        self, database: Database, connection: sa.Connection, change_set_id: int, actor: Actor, bulk: bool
    ) -> None:
        self.database = database
        self._connection = connection
        self.change_set_id = change_set_id
        self.mine: sa.ColumnElement[bool] = change.c.change_set_id == change_set_id
        self.done: frozenset[tuple[str, str]] = frozenset()
        self.actor = actor
        self.bulk = bulk
        self.now = clock.now()
        self._tables = {table.name: table for table in database.schema.data_tables}
        self.kept: dict[str, Any] = {}
        """What services keep for the length of the unit of work, under names of their own."""
        self._before_end: list[Callable[[], None]] = []
        self._after_commit: list[Callable[[], None]] = []
        self._overlap = Overlap()
        self._indexed = search_bulk.Indexed()
        self._indexes = bulk and not database.locked
        self.transaction = ""
        """The server's name of the transaction, to ask later what became of it."""
        self.watched: list[Watcher] = []
        """Told what goes into columns that somebody looks after; see :class:`Watcher`."""
        self.guard: Guard | None = None
        """Asked before each write, where whoever is signed in may not do everything."""

    def unasked(self) -> AbstractContextManager[None]:
        """Inside the block nothing is asked: it follows from an allowed write, or was asked already."""
        return nullcontext() if self.guard is None else self.guard.quiet()

    def moving(self) -> AbstractContextManager[None]:
        """Inside the block sensitive values come from the history or another record: nobody is asked about them."""
        return nullcontext() if self.guard is None else self.guard.moving()

    def ask_power(self, power: str) -> None:
        """Refuse (``NotAllowed``) who does not have one of ``core.access.POWERS``."""
        if self.guard is not None:
            self.guard.power(power)

    def ask_bulk(self, entity: str, ids: Sequence[int]) -> None:
        """Refuse (``NotAllowed``) who may not change, tag or delete these at once; for one record nothing is asked."""
        if self.guard is not None:
            self.guard.bulk(entity, ids)

    def ask_insert(self, name: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
        """Refuse (``NotAllowed``) rows that may not be added, where they go past these methods; values by column."""
        if self.guard is not None:
            self.guard.inserting(self.table(name), columns, values)

    def blind_to(self, name: str) -> bool:
        """Whether whoever writes does not see the rows of a child table, because all of it is sensitive."""
        return self.guard is not None and self.guard.blind_to(self.table(name))

    def ask_ids(
        self, name: str, action: str, ids: Sequence[int], values: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        """Refuse (``NotAllowed``) who may not "edit" or "delete" these rows; ``values`` are those written, by column."""
        if self.guard is not None and ids:
            table = self.table(name)
            parts = [table.c.id.in_(ids[at : at + _ASKED]) for at in range(0, len(ids), _ASKED)]
            self.guard.changing(table, action, parts, values)

    @property
    def connection(self) -> sa.Connection:
        """Reads inside the transaction. Ask for it anew after every write: it waits for what is still on its way."""
        self._overlap.wait()
        return self._connection

    @property
    def schema(self) -> Schema:
        """The record types."""
        return self.database.schema

    def table(self, name: str) -> sa.Table:
        """A table by the name of its record type or its own."""
        entity = self.schema.entities.get(name)
        return self._tables[entity.table if entity else name]

    def insert(self, name: str, values: Mapping[str, Any]) -> int:
        """Insert one row; who and when are filled in. Returns its id."""
        table = self.table(name)
        row = dict(values)
        row.setdefault("id", generator.next())
        self._tell_row(table.name, row, inserted=True)
        if "created_at" in table.columns:
            row["created_at"] = row.get("created_at") or self.now
            row.setdefault("created_by", self.actor.user_id)
        self.ask_insert(name, list(row), [[value] for value in row.values()])
        self.connection.execute(table.insert().values(row))
        return int(row["id"])

    def insert_many(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Insert many rows past SQLAlchemy: executemany in SQLite, COPY in PostgreSQL.

        Args:
            name: the record type or table.
            columns: names of the columns; must hold "id" and, where the table has it, "created_at".
            rows: Python values in the order of ``columns``.

        Returns:
            The number of rows.
        """
        table = self.table(name)
        count = 0
        source = iter(rows)
        at = list(columns).index("id")
        while batch := list(islice(source, _CHUNK)):
            values = list(zip(*batch, strict=True))
            self._tell(table.name, columns, values)
            self.ask_insert(name, columns, values)
            packed = pack(table, columns, values, self.database.engine)
            self.insert_packed(packed, values[at])
            count += len(batch)
        return count

    def insert_family(self, name: str, ids: Sequence[int], parts: Sequence[Part]) -> None:
        """Insert new records with everything that hangs on them by now; in bulk, while the caller goes on.

        Their search text is written with them. What hangs on a record may still be added later.

        Args:
            name: the record type.
            ids: of the records.
            parts: (record type or table, names of columns with "id", their values column by column): first the records,
                then what has one of them as its owner.
        """
        packs: list[tuple[Packed, Sequence[int]]] = []
        for part, columns, values in parts:
            table = self.table(part)
            self._tell(table.name, columns, values)
            self.ask_insert(part, columns, values)
            packed = pack(table, columns, values, self.database.engine)
            packs.append((packed, values[list(columns).index("id")]))

        def insert() -> None:
            connection = self._connection
            wanted = self._indexes and len(ids) >= ENOUGH
            with self._indexed.around(connection, self.schema, self.schema.entity(name), ids, wanted):
                for packed, own in packs:
                    self.insert_packed(packed, own, connection)

        if self.bulk and len(ids) >= ENOUGH:
            self._overlap.submit(insert)
        else:
            self._overlap.wait()
            insert()

    def insert_packed(self, packed: Packed, ids: Sequence[int], connection: sa.Connection | None = None) -> None:
        """Insert rows in the form of the driver; in bulk their history is written at once. Nobody is asked or told."""
        connection = connection or self.connection
        table = self._tables[packed.table]
        tracked = self.bulk and self.database.sqlite and table.info.get("history", True) and len(ids) >= ENOUGH
        with history_at_once(connection, table, self.change_set_id, ids) if tracked else nullcontext():
            insert_packed(connection, packed)

    def forget_watched(self) -> None:
        """For those who write past these methods: what watchers know is no longer all that is stored."""
        for one in list(self.watched):
            one.lose()

    def _tell(self, table: str, columns: Sequence[str], values: Sequence[Sequence[Any]], inserted: bool = True) -> None:
        """Tell the watchers what is about to be stored."""
        for one in self.watched:
            if one.table == table and one.column in columns:
                one.add(values[list(columns).index(one.column)], inserted)

    def _tell_row(self, table: str, values: Mapping[str, Any], inserted: bool = False) -> None:
        for one in self.watched:
            if one.table == table and one.column in values:
                value = values[one.column]
                if isinstance(value, sa.ClauseElement):
                    one.lose()
                else:
                    one.add([value], inserted)

    def update(self, name: str, record_id: int, values: Mapping[str, Any]) -> None:
        """Update one row; its version goes up, who and when are filled in.

        Raises:
            RecordGone: the row is not there.
        """
        table = self.table(name)
        row: dict[str, Any] = dict(values) | self._touch(table)
        self._tell_row(table.name, values)
        self.ask_ids(name, "edit", [record_id], {one: [value] for one, value in values.items()})
        if not giving.update(self.connection, self.database, table, row, table.c.id == record_id):
            raise RecordGone(name, record_id)

    def update_where(self, name: str, values: Mapping[str, Any], where: sa.ColumnElement[bool]) -> int:
        """Update every row that a condition chooses with the same values. Returns how many."""
        table = self.table(name)
        row: dict[str, Any] = dict(values) | self._touch(table)
        self._tell_row(table.name, values)
        if self.guard is not None:
            self.guard.changing(table, "edit", [where], {one: [value] for one, value in values.items()})
        return giving.update(self.connection, self.database, table, row, where)

    def update_many(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Update many rows by id: ``rows`` are (values in the order of ``columns``..., id). Returns how many."""
        table = self.table(name)
        count = 0
        source = iter(rows)
        statement = self._by_id(table, columns) if self.database.sqlite else self._from_arrays(table, columns)
        names = [*(f"v_{column}" for column in columns), "crm_id"]
        while batch := list(islice(source, _CHUNK if self.database.sqlite else _ARRAY)):
            if self.watched and columns:
                self._tell(table.name, columns, list(zip(*batch, strict=True)), inserted=False)
            if self.guard is not None:
                cells = dict(zip(columns, zip(*batch, strict=True), strict=False))
                self.ask_ids(name, "edit", [row[-1] for row in batch], cells)
            if self.database.sqlite:
                self.connection.execute(statement, [dict(zip(names, row, strict=True)) for row in batch])
            else:  # one statement with the values as arrays: history triggers run once for all of them
                self.connection.execute(
                    statement, {n: list(v) for n, v in zip(names, zip(*batch, strict=True), strict=True)}
                )
            count += len(batch)
        return count

    def _by_id(self, table: sa.Table, columns: Sequence[str]) -> sa.Update:
        values: dict[str, Any] = {column: sa.bindparam(f"v_{column}") for column in columns}
        return table.update().where(table.c.id == sa.bindparam("crm_id")).values(values | self._touch(table))

    def _from_arrays(self, table: sa.Table, columns: Sequence[str]) -> sa.Update:
        # without the collation that a column may have: an array takes none
        kinds: dict[str, Any] = {
            name: sa.Text() if isinstance(table.c[name].type, sa.Text) else table.c[name].type for name in columns
        }
        # one dimension: a list in a JSON column is one value, not more of the array
        arrays = [sa.bindparam(f"v_{name}", type_=sa.ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
        arrays.append(sa.bindparam("crm_id", type_=sa.ARRAY(sa.BigInteger)))
        given = sa.func.unnest(*arrays).table_valued(
            *(sa.column(f"v_{name}", kind) for name, kind in kinds.items()), sa.column("crm_id", sa.BigInteger)
        ).render_derived(name="given")  # fmt: skip
        values: dict[str, Any] = {name: given.c[f"v_{name}"] for name in columns}
        return table.update().where(table.c.id == given.c.crm_id).values(values | self._touch(table))

    def delete(self, name: str, ids: Iterable[int]) -> int:
        """Delete rows by id; their child rows go with them. Returns how many."""
        table = self.table(name)
        count = 0
        chosen = list(ids)
        self.ask_ids(name, "delete", chosen)
        for start in range(0, len(chosen), 500):
            part = chosen[start : start + 500]
            count += self.connection.execute(table.delete().where(table.c.id.in_(part))).rowcount
        return count

    def delete_where(self, name: str, where: sa.ColumnElement[bool]) -> int:
        """Delete every row that a condition chooses. Returns how many."""
        if self.guard is not None:
            self.guard.changing(self.table(name), "delete", [where])
        return self.connection.execute(self.table(name).delete().where(where)).rowcount

    def defer_constraints(self) -> None:
        """Check foreign keys at the commit and not at each statement."""
        if self.database.sqlite:
            self.connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            self.connection.exec_driver_sql("SET CONSTRAINTS ALL DEFERRED")

    def before_end(self, action: Callable[[], None]) -> None:
        """Do something at the end of the block, still in the transaction."""
        self._before_end.append(action)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do something once the change set is committed; nothing where it is rolled back."""
        self._after_commit.append(action)

    def retitle(self, title: str, /, **params: Any) -> None:
        """Give the change set a title that was not known at its start."""
        self.connection.execute(
            change_set.update().where(change_set.c.id == self.change_set_id).values(title=title, params=params or None)
        )

    def _touch(self, table: sa.Table) -> dict[str, Any]:
        touched: dict[str, Any] = {}
        if "version" in table.columns:
            touched["version"] = table.c.version + 1
        if "updated_at" in table.columns:
            touched |= {"updated_at": self.now, "updated_by": self.actor.user_id}
        return touched


@contextmanager
def write(
    database: Database, title: str, *, actor: Actor = NOBODY, kind: str = "edit", bulk: bool = False,
    params: Mapping[str, Any] | None = None, undoes: int | None = None, rehearse: bool = False,
) -> Iterator[UnitOfWork]:  # fmt: skip
    """One unit of work. It commits at the end of the block and is rolled back whole by any error.

    Args:
        title: what the history shows and Undo offers, a source text (``N_``) with ``params``.
        kind: "edit", "import", "bulk", "merge", "undo", "redo", "system".
        bulk: index the touched records for search once at the end instead of row by row.
        undoes: the change set that this one undoes.
        rehearse: roll back at the end of the block instead of committing; no event goes out.

    A block that changed nothing leaves no change set. ``RecordsChanged`` is published after the commit.

    Raises:
        SaveUnknown: the connection died during the commit, and whether it was carried out cannot be asked yet.
    """
    with (
        outcome.told_truly(database) as ended,
        database.write_lock,
        _forgetting(database) as kept,
        database.begin() as connection,
    ):
        uow = UnitOfWork(database, connection, generator.next(), actor, bulk)
        database.own_changes.append(uow.change_set_id)
        uow.kept = kept
        uow._indexes = bulk and not rehearse and not database.locked
        if not database.access.everything and kind not in _PROGRAM:
            uow.guard = Guard(
                database.schema, database.access, lambda: uow.connection, uow.change_set_id, kind not in _MOVES
            )
        _open(uow, title, kind, params, undoes)
        try:
            yield uow
            for action in uow._before_end:
                action()
            uow._overlap.wait()
        finally:
            uow._overlap.close()  # nothing may be on its way when the transaction ends
        rows = changes_where(connection, uow.mine)
        uow.done = _done(uow, rows)
        with uow.unasked():  # what follows from allowed writes
            followed = [finish(uow) for finish in database.schema.finishers] if rows else []
        if bulk and not rehearse:
            search_bulk.index_change_set(connection, database.schema, uow.change_set_id, uow._indexed)
        event = _also_updated(_close(uow, rows), followed)
        if rehearse:
            connection.get_transaction().rollback()  # type: ignore[union-attr]
        else:
            ended.append(outcome.doubt_of(connection, uow.change_set_id, uow.transaction, empty=event is None))
    if rehearse:
        return
    if event is not None:
        if event.touches("custom_field") or event.touches("form_layout"):
            database.forget()
        database.events.publish(event)
    if uow._indexed.count and not database.sqlite:
        search_bulk.tidy_soon(database)
    for action in uow._after_commit:
        action()


@contextmanager
def _forgetting(database: Database) -> Iterator[dict[str, Any]]:
    """What a unit of work keeps; where it changed fields, nothing that was read meanwhile outlives it."""
    kept: dict[str, Any] = {}
    try:
        yield kept
    finally:
        if FIELDS_CHANGED in kept:
            database.forget()


def _open(uow: UnitOfWork, title: str, kind: str, params: Mapping[str, Any] | None, undoes: int | None) -> None:
    connection, identity = uow.connection, uow.change_set_id
    statement = change_set.insert().values(
        id=identity, title=title, params=dict(params) if params else None, kind=kind, user_id=uow.actor.user_id,
        user_name=uow.actor.name or None, at=uow.now, undoes=undoes, first_change=newest_change(connection) + 1,
    ).returning(change_set.c.first_change)  # fmt: skip
    if not uow.database.sqlite:  # with the same round trip, what the triggers ask for
        statement = statement.returning(
            sa.func.set_config("crm.change_set", str(identity), True),
            sa.func.set_config("crm.bulk", "1" if uow.bulk else "0", True),
            sa.func.set_config("lock_timeout", "0" if uow.bulk else _LOCK_WAIT, True),
            # who fell silent in the middle must not keep others from saving
            sa.func.set_config("idle_in_transaction_session_timeout", "0" if uow.bulk else _SILENT, True),
            sa.cast(sa.func.pg_current_xact_id(), sa.Text),
        )
    opened = connection.execute(statement).one()
    uow.mine &= change.c.id >= opened[0]
    uow.transaction = "" if uow.database.sqlite else opened[-1]
    if uow.database.sqlite:
        if uow.bulk:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{_BULK_CACHE_KIB}")
        connection.exec_driver_sql("UPDATE change_context SET change_set_id = ?, bulk = ?", (identity, int(uow.bulk)))


def _done(uow: UnitOfWork, rows: Sequence[Change]) -> frozenset[tuple[str, str]]:
    if len(rows) <= RecordsChanged.LIMIT:
        return frozenset((row[0], row[3]) for row in rows)
    found = uow.connection.execute(sa.select(change.c.table_name, change.c.op).where(uow.mine).distinct())
    return frozenset((table, op) for table, op in found)


def _close(uow: UnitOfWork, rows: Sequence[Change]) -> RecordsChanged | None:
    connection, identity = uow.connection, uow.change_set_id
    event = event_of(uow.schema, rows, identity, uow.actor.origin)
    if event is None:
        connection.execute(change_set.delete().where(change_set.c.id == identity))
    else:
        ended = change_set.update().where(change_set.c.id == identity).values(last_change=newest_change(connection))
        if not uow.database.locked:  # there the server counts, whoever writes
            ended = ended.values(touched=count_touched(connection, uow.mine))
        connection.execute(ended)
    if uow.database.sqlite:
        connection.exec_driver_sql("UPDATE change_context SET change_set_id = NULL, bulk = 0")
        if uow.bulk:
            connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
    return event


def _also_updated(event: RecordsChanged | None, followed: Iterable[Mapping[str, set[int]]]) -> RecordsChanged | None:
    """The event with the records whose derived columns followed the change."""
    if event is None or event.everything:
        return event
    updated = dict(event.updated)
    for ids in followed:
        for name, more in ids.items():
            updated[name] = updated.get(name, frozenset()) | more
    return replace(event, updated=updated)
