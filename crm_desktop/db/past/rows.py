"""The rows that were changed since a moment, as they were: scratch tables beside the tables.

For each table ``T`` with later changes there is ``was_T`` with its rows as they were, and ``not_T`` with the ids that are
not read from ``T`` any more. A small table is taken over whole, so that everything about it is as fast as ever. What was
worked out stays true whatever is written later: the state of a row at the moment follows from its first later changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.past.moment import Cut, Seen
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import JsonType

WHOLE = 20_000
"""Tables of up to so many rows are taken over whole."""
_AFTER = frozenset({"version", "last_activity_at", "activity_at", "read_at"})
"""Bookkeeping that a deleted row does not tell: set by who knows what it follows from."""
_THERE = "(n.made_id IS NULL OR n.made_id > n.first_id)"
"""The condition that a row was there at the moment."""
_UNTIL_GONE = "{} < coalesce(n.gone_id, 9223372036854775807)"
"""The condition that a change was made before its row was deleted, if it was."""


@dataclass
class Scratch:
    """What there is of the past: on SQLite one for all connections, on a server one for each.

    Attributes:
        partial: the history does not tell everything to whoever reads it.
        seen: up to where the history was looked at; None where it was not.
        grown: how many times something was taken over.
        made: whether there are scratch tables.
        searched: what ``grown`` was when the scratch index was brought up to date; None where there is none yet.
        whole: tables that were taken over whole.
        partly: tables of which only what was touched was taken over.
    """

    cut: Cut
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    partial: bool = False
    seen: Seen | None = None
    grown: int = 0
    made: bool = False
    searched: int | None = None
    whole: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)

    @property
    def tables(self) -> set[str]:
        """The tables that are not read by themselves."""
        return self.whole | self.partly

    def misses(self, now: Seen) -> bool:
        """Whether the history may have something that was not looked at."""
        if self.seen is None or not self.cut.sqlite:
            return self.seen is None or self.seen.token != now.token
        return int(now.token) > int(self.seen.token)  # one follows the other there, and all connections share this

    def copy(self) -> Scratch:
        """The same, to go on from while others still read this."""
        return replace(self, whole=set(self.whole), partly=set(self.partly))


def was(table: str) -> str:
    """The scratch table with the rows of a table as they were."""
    return f"was_{table}"


def without(table: str) -> str:
    """The scratch table with the ids that are not read from a table."""
    return f"not_{table}"


class Builder:
    """Works out the past on one connection.

    Args:
        connection: reads the present; on SQLite with the scratch file attached as ``past``.
        show: gives the connection the views of all that is past by now.
    """

    def __init__(self, connection: sa.Connection, schema: Schema, scratch: Scratch, show: Callable[[], object]) -> None:
        self.show = show
        self.connection, self.schema, self.scratch, self.cut = connection, schema, scratch, scratch.cut
        self.sqlite = self.cut.sqlite
        self.run = connection.exec_driver_sql
        self._gathered: list[str] = []

    def prepare(self) -> None:
        """Make the scratch tables that are always there."""
        self._table("was_found", "table_name TEXT, id BIGINT, first_id BIGINT, made_id BIGINT, gone_id BIGINT, "
                                 "edit_id BIGINT, edits BIGINT")  # fmt: skip
        self._table("was_old", "id INTEGER PRIMARY KEY, patch TEXT" if self.sqlite else "id BIGINT, patch JSONB")

        self._table(
            "was_undone", "id INTEGER PRIMARY KEY, undone_by BIGINT" if self.sqlite else "id BIGINT, undone_by BIGINT"
        )
        self.scratch.made = True

    def keep_undone(self, undone: Mapping[int, int | None]) -> None:
        """Keep what had undone change sets then."""
        self.run("DELETE FROM was_undone")
        if undone:
            self.connection.execute(
                sa.text("INSERT INTO was_undone (id, undone_by) VALUES (:id, :by)"),
                [{"id": one, "by": by} for one, by in undone.items()],
            )

    def catch_up(self, now: Seen, tell: Callable[[int, int], object] | None = None) -> set[str]:
        """Take over what was touched after the changes that are known. Returns the tables of which something was.

        Args:
            now: what the connection sees of the history.
            tell: told how many tables of how many are done; may raise to stop.
        """
        if self.scratch.seen is not None and not self._anything():
            self.scratch.seen = now if now.floor else replace(now, floor=self.scratch.seen.floor)
            return set()
        touched = self._find()
        for number, name in enumerate(touched):
            if tell is not None:
                tell(number, len(touched))
            self._take_over(name)
        floor = self.scratch.seen.floor if self.scratch.seen is not None else 0
        self.scratch.seen = now if now.floor else replace(now, floor=floor)
        self.scratch.grown += bool(touched)
        return set(touched)

    def _anything(self) -> bool:
        """Whether something was written since, asked without writing anything."""
        assert self.scratch.seen is not None
        later = (
            f"SELECT 1 FROM {self.cut.history} c WHERE c.id > {self.scratch.seen.floor} AND {self.cut.later} LIMIT 1"
        )
        return self.run(later).first() is not None

    def _find(self) -> list[str]:
        cut, floor = self.cut, self.scratch.seen.floor if self.scratch.seen is not None else 0
        self.run("DELETE FROM was_found")
        self.run(
            "INSERT INTO was_found SELECT c.table_name, c.record_id, min(c.id), min(CASE WHEN c.op = 'I' THEN c.id END), "
            "min(CASE WHEN c.op = 'D' THEN c.id END), min(CASE WHEN c.op = 'U' THEN c.id END), "
            f"sum(CASE WHEN c.op = 'U' THEN 1 ELSE 0 END) FROM {cut.history} c "
            f"WHERE c.id > {floor} AND {cut.later} GROUP BY c.table_name, c.record_id"
        )
        if not self.sqlite:  # it plans by what it knows of the tables, and of new ones it knows nothing
            self.run("SET LOCAL default_statistics_target = 10")
            self.run("SET LOCAL work_mem = '64MB'")
            self.run("ANALYZE was_found")
        named = set(self.run("SELECT DISTINCT table_name FROM was_found").scalars())
        return [table.name for table in self.schema.tracked_tables if table.name in named]

    def _take_over(self, name: str) -> None:
        table = Base.metadata.tables[name]
        self.open_table(table)
        found = f"was_found WHERE table_name = '{name}'"
        if name in self.scratch.tables:
            self.run(f'DELETE FROM {found} AND id IN (SELECT id FROM "{without(name)}")')
        if name not in self.scratch.whole:
            self._patches(table)
            self._fill(table)
        self.run(f'INSERT INTO "{without(name)}" SELECT id FROM {found}')
        self.close_table(table)

    def open_table(self, table: sa.Table) -> None:
        """Make the scratch tables of a table where it has none."""
        if table.name in self.scratch.tables:
            return
        self._table(without(table.name), "id INTEGER PRIMARY KEY" if self.sqlite else "id BIGINT")
        self.connection.execute(sa.schema.CreateTable(scratch_table(table, self.sqlite)))

    def close_table(self, table: sa.Table) -> None:
        """Decide whether the rest of a table comes along, and make the indexes."""
        name = table.name
        if name in self.scratch.tables:
            return
        rest = f'"{self.cut.place}"."{name}" t WHERE NOT EXISTS (SELECT 1 FROM "{without(name)}" n WHERE n.id = t.id)'
        count = f'SELECT count(*) FROM (SELECT 1 FROM "{self.cut.place}"."{name}" LIMIT {WHOLE + 1}) AS first'
        if int(self.run(count).scalar_one()) <= WHOLE:
            names = self.columns(table)
            given = ", ".join(self.present(table, one) for one in table.columns)
            self.run(f'INSERT INTO "{was(name)}" ({names}) SELECT {given} FROM {rest}')
            self.scratch.whole.add(name)
        else:
            self.scratch.partly.add(name)
        copy = scratch_table(table, self.sqlite)
        if not self.sqlite:
            self.run(f'ALTER TABLE "{was(name)}" ADD PRIMARY KEY (id)')
            self.run(f'ALTER TABLE "{without(name)}" ADD PRIMARY KEY (id)')
        for index in sorted(copy.indexes, key=lambda one: str(one.name)):
            self.connection.execute(sa.schema.CreateIndex(index))
        if not self.sqlite:
            self.run(f'ANALYZE "{was(name)}"')
            self.run(f'ANALYZE "{without(name)}"')

    def keep(self, name: str, column: str, ids: sa.Select[Any], values: Sequence[sa.Select[Any]]) -> None:
        """Keep what a column that follows from other rows was for some records, where that is another value now.

        Args:
            ids: the records in question.
            values: statements that give (id, value) of them; the greatest value counts, and none where there is none.
        """
        table = Base.metadata.tables[name]
        kind, given = self._type(table.c[column]), "was_kept"
        self._table(given, f"id {'INTEGER' if self.sqlite else 'BIGINT'} PRIMARY KEY, value {kind}")
        kept = sa.table(given, sa.column("id", sa.BigInteger), sa.column("value", table.c[column].type))
        chosen = ids.subquery()
        every = sa.union_all(sa.select(chosen.c[0], sa.null().cast(table.c[column].type)), *values).subquery()
        found = sa.select(every.c[0], sa.func.max(every.c[1])).where(every.c[0].isnot(None)).group_by(every.c[0])
        self.connection.execute(kept.insert().from_select(["id", "value"], found))
        now = f'"{self.cut.place}"."{name}"'
        other = "t.{0} IS NOT k.value" if self.sqlite else "t.{0} IS DISTINCT FROM k.value"
        moved = f"FROM {now} t JOIN {given} k ON k.id = t.id WHERE {other.format(column)}"
        if name not in self.scratch.tables and self.run(f"SELECT 1 {moved} LIMIT 1").first() is not None:
            self.open_table(table)
            self.close_table(table)
            self.show()
        fresh = f'{moved} AND NOT EXISTS (SELECT 1 FROM "{without(name)}" n WHERE n.id = t.id)'
        if name in self.scratch.partly:
            present = ", ".join(self.present(table, one) for one in table.columns)
            self.run(f'INSERT INTO "{was(name)}" ({self.columns(table)}) SELECT {present} {fresh}')
        if name in self.scratch.tables:
            self.run(f'INSERT INTO "{without(name)}" SELECT t.id {fresh}')
        if name in self.scratch.tables:
            self.run(
                f'UPDATE "{was(name)}" SET "{column}" = (SELECT k.value FROM {given} k WHERE k.id = "{was(name)}".id) '
                f"WHERE id IN (SELECT id FROM {given})"
            )
        self.run(f"DROP TABLE {given}")

    def gather(self, *parts: sa.Select[Any]) -> sa.Select[Any]:
        """The ids that some statements give, each once, kept until all is worked out."""
        name = f"was_ids_{len(self._gathered)}"
        self._gathered.append(name)
        self._table(name, f"id {'INTEGER' if self.sqlite else 'BIGINT'} PRIMARY KEY")
        found = sa.union(*parts).subquery()
        ids = sa.table(name, sa.column("id", sa.BigInteger))
        self.connection.execute(ids.insert().from_select(["id"], sa.select(found.c[0]).where(found.c[0].isnot(None))))
        return sa.select(ids.c.id)

    def end(self) -> None:
        """Drop what was gathered."""
        for name in self._gathered:
            self.run(f"DROP TABLE {name}")
        self._gathered.clear()

    def touched(self, name: str) -> sa.Select[Any]:
        """The ids of the rows of a table that were touched since the moment."""
        if name not in self.scratch.tables:
            return sa.select(sa.literal(0).label("id")).where(sa.false())
        return sa.select(sa.table(without(name), sa.column("id", sa.BigInteger)).c.id)

    def moved(self, name: str) -> tuple[Any, Any, Any]:
        """The touched rows of a table: what to select from, the rows as they were, and as they are now."""
        columns = [sa.column(one.name, one.type) for one in Base.metadata.tables[name].columns]
        if name not in self.scratch.tables:
            raise KeyError(name)  # nothing of it was touched
        touched = sa.table(without(name), sa.column("id", sa.BigInteger))
        then = sa.table(was(name), *(sa.column(one.name, one.type) for one in columns))
        now = sa.table(name, *columns, schema=self.cut.place).alias("now_row")
        joined = touched.outerjoin(then, then.c.id == touched.c.id).outerjoin(now, now.c.id == touched.c.id)
        return joined, then, now

    def both(self, name: str) -> list[Any]:
        """A table as it was, and as it is now."""
        table = Base.metadata.tables[name]
        columns = [sa.column(one.name, one.type) for one in table.columns]
        return [table.alias(), sa.table(name, *columns, schema=self.cut.place).alias()]

    def _patches(self, table: sa.Table) -> None:
        """The first change of each column of rows that were edited more than once, up to where they were deleted, if so.

        Of those with one edit that edit is read as it is.
        """
        self.run("DELETE FROM was_old")
        chosen = f"FROM was_found n JOIN {self.cut.history} c ON c.record_id = n.id"
        if self.sqlite:
            chosen = chosen.replace(" JOIN ", " CROSS JOIN ", 1)
        condition = (
            f"WHERE n.table_name = '{table.name}' AND n.edits > 1 AND c.table_name = n.table_name AND c.op = 'U' "
            f"AND c.id >= n.first_id AND {_UNTIL_GONE.format('c.id')} AND {_THERE} AND {self.cut.later}"
        )
        if self.sqlite:
            self.run(
                "INSERT INTO was_old SELECT id, json_group_object(key, json(both_values)) FROM ("
                "SELECT n.id AS id, j.key AS key, j.value AS both_values, min(c.id) "
                f"{chosen} JOIN json_each(c.data) j {condition} GROUP BY n.id, j.key) GROUP BY id"
            )
            return
        self.run(
            "INSERT INTO was_old SELECT id, jsonb_object_agg(key, both_values) FROM ("
            "SELECT DISTINCT ON (n.id, j.key) n.id AS id, j.key AS key, j.value AS both_values "
            f"{chosen} CROSS JOIN LATERAL jsonb_each(c.data) j {condition} ORDER BY n.id, j.key, c.id) AS firsts GROUP BY id"
        )

    def _fill(self, table: sa.Table) -> None:
        name, names = table.name, self.columns(table)
        changed = self._changed(name)
        mine = f"n.table_name = '{name}' AND {_THERE}"
        last = f"b.record_id = n.id AND b.id < n.first_id AND b.table_name = '{name}'"
        before = (
            f"LEFT JOIN was_old p ON p.id = n.id {self._lone_edit} LEFT JOIN {self.cut.history} b ON b.op = 'U' AND b.id = "
            f"(SELECT b.id FROM {self.cut.history} b WHERE {last} ORDER BY b.id DESC LIMIT 1) "
            f"LEFT JOIN {self.cut.place}.change_set bs ON bs.id = b.change_set_id"
        )
        present = ", ".join(self._value(table, one, changed, alive=True) for one in table.columns)
        self.run(
            f'INSERT INTO "{was(name)}" ({names}) SELECT {present} FROM was_found n '
            f'JOIN "{self.cut.place}"."{name}" t ON t.id = n.id {before} WHERE {mine} AND n.gone_id IS NULL'
        )
        if self.scratch.partial and name in self.schema.by_table and self.schema.by_table[name].listed:
            return  # of deleted records such a history tells that they are gone, and not what was changed before
        gone = ", ".join(self._value(table, one, changed, alive=False) for one in table.columns)
        self.run(
            f'INSERT INTO "{was(name)}" ({names}) SELECT {gone} FROM was_found n '
            f"JOIN {self.cut.history} d ON d.id = n.gone_id AND d.data IS NOT NULL {before} WHERE {mine}"
        )

    @property
    def _lone_edit(self) -> str:
        """The only edit of a row, before it was deleted, if it was; joined as ``e``."""
        return (
            f"LEFT JOIN {self.cut.history} e ON e.id = n.edit_id AND n.edits = 1 AND {_UNTIL_GONE.format('n.edit_id')}"
        )

    def _changed(self, name: str) -> set[str]:
        """The columns of a table that have another value somewhere."""
        one, each = ("j.key", "json_each({}) j") if self.sqlite else ("j", "jsonb_object_keys({}) j")
        lone = f"was_found n {self._lone_edit.removeprefix('LEFT ')}, {each.format('e.data')}"
        return set(
            self.run(
                f"SELECT {one} FROM was_old, {each.format('patch')} "
                f"UNION SELECT {one} FROM {lone} WHERE n.table_name = '{name}' AND {_THERE}"
            ).scalars()
        )

    def _value(self, table: sa.Table, column: sa.Column[Any], changed: set[str], *, alive: bool) -> str:
        """SQL of what a column had: as first changed, else as it is or was when its row was deleted."""
        name = column.name
        if name in self.scratch.hidden.get(table.name, ()):
            return f"CAST(NULL AS {self._type(column)})"
        if name == "id":
            return "n.id"
        if name == "updated_at":
            return "coalesce(bs.at, b.at)"
        if name == "updated_by":
            return "bs.user_id"
        if alive:
            base = f't."{name}"'
        elif name in _AFTER:
            base = "1" if name == "version" else f"CAST(NULL AS {self._type(column)})"
        else:
            base = self._of_json(column, "d.data")
            default = self._default(column)
            if default is not None:
                base = f"coalesce({base}, {default})"
        if name not in changed:
            return base
        patch = "coalesce(p.patch, e.data)"
        has = f"json_type({patch}, '$.\"{name}\"') IS NOT NULL" if self.sqlite else f"{patch} ? '{name}'"
        return f"CASE WHEN {has} THEN {self._of_json(column, patch, first=True)} ELSE {base} END"

    def _of_json(self, column: sa.Column[Any], source: str, *, first: bool = False) -> str:
        """SQL of a column's value in a JSON object, or of the first of its two values there."""
        if self.sqlite:
            key = f"'$.\"{column.name}\"{'[0]' if first else ''}'"
        else:
            key, source = ("0", f"({source} -> '{column.name}')") if first else (f"'{column.name}'", source)
        if isinstance(column.type, JsonType):
            nothing = "'null'" if self.sqlite else "CAST('null' AS jsonb)"
            return f"nullif({source} -> {key}, {nothing})"
        if self.sqlite:
            return f"({source} ->> {key})"
        if isinstance(column.type, sa.Boolean):
            return f"CAST(CAST({source} ->> {key} AS integer) AS boolean)"
        return f"({source} ->> {key})::{self._type(column)}"

    def _default(self, column: sa.Column[Any]) -> str | None:
        """What a column has in rows that were deleted before there was such a column."""
        default = column.server_default
        if column.nullable or not isinstance(default, sa.DefaultClause):
            return None
        given = default.arg
        if isinstance(given, str):
            return "'" + given.replace("'", "''") + "'"
        return str(given.compile(dialect=self.connection.dialect))

    def present(self, table: sa.Table, column: sa.Column[Any]) -> str:
        """SQL of a column of ``t`` as it is."""
        return untouched(table, column, self.scratch, self._type(column))

    def _type(self, column: sa.Column[Any]) -> str:
        return str(self.connection.dialect.type_compiler_instance.process(column.type))

    @staticmethod
    def columns(table: sa.Table) -> str:
        """The names of all columns, as SQL."""
        return ", ".join(f'"{column.name}"' for column in table.columns)

    def _table(self, name: str, columns: str) -> None:
        if self.sqlite:
            self.run(f'CREATE TABLE past."{name}" ({columns})')
        else:
            self.run(f'CREATE TEMPORARY TABLE "{name}" ({columns})')


def untouched(table: sa.Table, column: sa.Column[Any], scratch: Scratch, kind: str) -> str:
    """SQL of a column of ``t`` where the history has nothing later: as it is.

    Bookkeeping moves without the history: writes that changed nothing, and what was read, after the moment are not told.
    Every column says its type: SQLite reads two parts in the order of their indexes only where those are the same.
    """
    if column.name in scratch.hidden.get(table.name, ()):
        return f"CAST(NULL AS {kind})"
    if column.name in ("updated_at", "read_at"):
        return f'CAST(CASE WHEN t."{column.name}" <= {scratch.cut.instant} THEN t."{column.name}" END AS {kind})'
    if column.name == "updated_by":
        return f'CAST(CASE WHEN t."updated_at" <= {scratch.cut.instant} THEN t."updated_by" END AS {kind})'
    return f't."{column.name}"'


def scratch_table(table: sa.Table, sqlite: bool) -> sa.Table:
    """The scratch table for the rows of a table: the same columns and indexes, and no constraints."""
    columns = [
        sa.Column(one.name, one.type, primary_key=sqlite and one.name == "id", autoincrement=False)
        for one in table.columns
    ]
    copy = sa.Table(
        was(table.name), sa.MetaData(), *columns, schema="past" if sqlite else None,
        prefixes=[] if sqlite else ["TEMPORARY"],
    )  # fmt: skip
    for index in table.indexes:
        if all(isinstance(one, sa.Column) for one in index.expressions):
            where = index.dialect_options["sqlite"].get("where")
            made = sa.Index(f"was_{index.name}", *(copy.c[one.name] for one in index.columns))
            if where is not None:
                text = where.compile(compile_kwargs={"literal_binds": True, "include_table": False})
                made.dialect_options["sqlite" if sqlite else "postgresql"]["where"] = sa.text(str(text))
    return copy
