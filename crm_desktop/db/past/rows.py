"""The rows that were changed since a moment, as they were: scratch tables beside the tables.

For each table ``T`` with later changes there is ``was_T`` with its rows as they were, and ``not_T`` with the ids that are
not read from ``T`` any more. A small table is taken over whole, so that everything about it is as fast as ever. What was
worked out stays true whatever is written later: the state of a row at the moment follows from its first later changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.past.moment import Seen
from crm_desktop.db.past.orders import Orders
from crm_desktop.db.past.scratch import BEFORE, Scratch, scratch_table, untouched, was, without
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import JsonType

WHOLE = 20_000
"""Tables of up to so many rows are taken over whole."""
FEW = 100
"""So few rows are read faster without an index."""
_SCATTERED = 5_000
"""From so many found rows on a server finds those of one table by an index."""
_AFTER = frozenset({"version", "last_activity_at", "activity_at", "read_at"})
"""Bookkeeping that a deleted row does not tell: set by who knows what it follows from."""
_UNTIL_GONE = "{} < coalesce(n.gone_id, 9223372036854775807)"
"""The condition that a change was made before its row was deleted, if it was."""


@dataclass(frozen=True)
class _Found:
    """What the history has of a table: rows that were there at the moment, by what became of them.

    Attributes:
        chosen: the condition of all rows with later changes over ``was_found n``.
        fresh: how many of them were not taken over yet, those made later included; only those are counted further.
        kept, kept_often: rows that were not deleted, edited once and more than once.
        gone, gone_often: rows that were deleted, edited once at most and more than once.
    """

    name: str
    chosen: str
    fresh: int
    kept: int
    kept_often: int
    gone: int
    gone_often: int

    @property
    def rows(self) -> int:
        """How many rows were there."""
        return self.kept + self.kept_often + self.gone + self.gone_often

    def parts(self) -> Iterator[tuple[bool, bool]]:
        """(whether the rows are kept, whether they were edited more than once) of the parts that there are."""
        for count, alive, often in (
            (self.kept, True, False), (self.kept_often, True, True), (self.gone, False, False), (self.gone_often, False, True),
        ):  # fmt: skip
            if count:
                yield alive, often


class Builder:
    """Works out the past on one connection.

    Args:
        connection: reads the present; on SQLite with the scratch file attached as ``past``.
        show: gives the connection the views of all that is past by now.
    """

    def __init__(self, connection: sa.Connection, schema: Schema, scratch: Scratch, show: Callable[[], object]) -> None:
        self._show = show
        self.connection, self.schema, self.scratch, self.cut = connection, schema, scratch, scratch.cut
        self.sqlite = self.cut.sqlite
        self.orders = Orders(connection)
        self._give, self._ask = self.orders.give, self.orders.ask
        self.found: dict[str, _Found] = {}
        """What the last :meth:`catch_up` found, by table."""
        self._columns: dict[str, set[str]] = {}
        self._sizes: dict[str, int] = {}

    def prepare(self) -> None:
        """Make the scratch tables that are always there."""
        whether = "INTEGER" if self.sqlite else "BOOLEAN"
        self.table("was_found", "table_name TEXT, id BIGINT, first_id BIGINT, gone_id BIGINT, edit_id BIGINT, "
                                f"edits BIGINT, there {whether}, fresh {whether}")  # fmt: skip
        self.table("was_old", "id INTEGER PRIMARY KEY, patch TEXT" if self.sqlite else "id BIGINT, patch JSONB")
        self.table(
            "was_undone", "id INTEGER PRIMARY KEY, undone_by BIGINT" if self.sqlite else "id BIGINT, undone_by BIGINT"
        )
        self.scratch.made = True

    def show(self) -> None:
        """Give the connection the views of all that is past by now."""
        self.orders.send()
        self._show()

    def keep_undone(self, undone: Mapping[int, int | None]) -> None:
        """Keep what had undone change sets then."""
        self._give("DELETE FROM was_undone")
        if undone:
            rows = ", ".join(f"({one}, {'NULL' if by is None else by})" for one, by in undone.items())
            self._give(f"INSERT INTO was_undone (id, undone_by) VALUES {rows}")

    def catch_up(self, now: Seen, tell: Callable[[int, int], object] | None = None) -> bool:
        """Take over what was touched after the changes that are known. Returns whether something was, known or not.

        Args:
            now: what the connection sees of the history.
            tell: told how many rows of how many are done; may raise to stop.
        """
        if self.scratch.seen is not None and not self._anything():
            self.scratch.seen = now if now.floor else replace(now, floor=self.scratch.seen.floor)
            return False
        self._find()
        done, total = 0, sum(one.rows for one in self.found.values())
        for one in self.found.values():
            if tell is not None:
                tell(done, total)
            self._take_over(one)
            self.orders.send()
            done += one.rows
        self.orders.send()
        floor = self.scratch.seen.floor if self.scratch.seen is not None else 0
        self.scratch.seen = now if now.floor else replace(now, floor=floor)
        self.scratch.grown += 1  # also what is known may be another one in the present now
        return True

    def _anything(self) -> bool:
        """Whether something was written since, asked without writing anything."""
        assert self.scratch.seen is not None
        later = (
            f"SELECT 1 FROM {self.cut.history} c WHERE c.id > {self.scratch.seen.floor} AND {self.cut.later} LIMIT 1"
        )
        return self._ask(later).first() is not None

    def _find(self) -> None:
        """Find the rows that were touched, each with its first later changes, and how many of each table there are."""
        cut, floor = self.cut, self.scratch.seen.floor if self.scratch.seen is not None else 0
        self._give("DELETE FROM was_found")
        if not self.sqlite:
            self._give("DROP INDEX IF EXISTS was_found_table")
        self._give(
            "INSERT INTO was_found SELECT c.table_name, c.record_id, min(c.id), min(c.id) FILTER (WHERE c.op = 'D'), "
            "min(c.id) FILTER (WHERE c.op = 'U'), count(*) FILTER (WHERE c.op = 'U'), "
            "coalesce(min(c.id) FILTER (WHERE c.op = 'I') > min(c.id), 1 = 1), 1 = 1 "
            f"FROM {cut.history} c WHERE c.id > {floor} AND {cut.later} GROUP BY c.table_name, c.record_id"
        )
        if self.scratch.tables:
            self._mark_known()
        chosen = "min(rowid), max(rowid)" if self.sqlite else "0, 0"
        counts = [
            f"count(*) FILTER (WHERE fresh AND there AND gone_id IS {gone} AND {edits})"
            for gone, edits in (
                ("NULL", "edits <= 1"),
                ("NULL", "edits > 1"),
                ("NOT NULL", "edits <= 1"),
                ("NOT NULL", "edits > 1"),
            )
        ]
        rows = self._ask(
            f"SELECT table_name, count(*), {chosen}, count(*) FILTER (WHERE fresh), {', '.join(counts)} FROM was_found GROUP BY table_name"
        ).all()
        found = {}
        for name, _all, first, last, *parts in rows:
            where = f"n.rowid BETWEEN {first} AND {last}" if self.sqlite else f"n.table_name = '{name}'"
            found[name] = _Found(name, where, *parts)
        self.found = {table.name: found[table.name] for table in self.schema.tracked_tables if table.name in found}
        self._find_columns(floor)
        if not self.sqlite:
            most = max(rows, key=lambda row: row[1], default=None)
            if most is not None and len(rows) > 1 and sum(row[1] for row in rows) > _SCATTERED:
                self._give(f"CREATE INDEX was_found_table ON was_found (table_name) WHERE table_name <> '{most[0]}'")
            self._give("ANALYZE was_found")  # it plans by what it knows of the tables, and of new ones it knows nothing

    def _find_columns(self, floor: int) -> None:
        """Find the columns that the later edits changed, by table."""
        cut, key = self.cut, "j.key" if self.sqlite else "j"
        each = "json_each(c.data) j" if self.sqlite else "jsonb_object_keys(c.data) j"
        self._columns.clear()
        for name, column in self._ask(
            f"SELECT DISTINCT c.table_name, {key} FROM {cut.history} c, {each} "
            f"WHERE c.op = 'U' AND c.id > {floor} AND {cut.later}"
        ):
            self._columns.setdefault(name, set()).add(column)
        for name, columns in self._columns.items():
            self.scratch.changed.setdefault(name, set()).update(columns)

    def _mark_known(self) -> None:
        """What was taken over already stays as it is; what follows from it may be another one in the present now."""
        for name in self._ask("SELECT DISTINCT table_name FROM was_found").scalars().all():
            if name in self.scratch.tables:
                known = f'id IN (SELECT id FROM "{without(name)}")'
                self._give(f"UPDATE was_found SET fresh = (1 = 0) WHERE table_name = '{name}' AND {known}")

    def _take_over(self, found: _Found) -> None:
        name = found.name
        if not found.fresh:
            return
        table = Base.metadata.tables[name]
        self.open_table(table)
        if name not in self.scratch.whole:
            for alive, often in found.parts():
                if alive or not (self.scratch.partial and self._listed(name)):
                    self._fill(table, found, alive, often)
                # of deleted records a partial history tells that they are gone, and not what was changed before
        self._give(f'INSERT INTO "{without(name)}" SELECT n.id FROM was_found n WHERE {found.chosen} AND n.fresh')
        self.close_table(table)

    def _listed(self, name: str) -> bool:
        entity = self.schema.by_table.get(name)
        return entity is not None and entity.listed

    def open_table(self, table: sa.Table) -> None:
        """Make the scratch tables of a table where it has none."""
        if table.name in self.scratch.tables:
            return
        self.table(without(table.name), "id INTEGER PRIMARY KEY" if self.sqlite else "id BIGINT")
        if self.sqlite:
            self.orders.execute(sa.schema.CreateTable(scratch_table(table, True)))
            return
        # with the types and collations that the table has, so that both parts have an order in common
        columns = ", ".join(f'{self.present(table, one)} AS "{one.name}"' for one in table.columns)
        self._give(
            f'CREATE TEMPORARY TABLE "{was(table.name)}" AS SELECT {columns}, CAST(NULL AS bigint) AS {BEFORE} '
            f'FROM "{self.cut.place}"."{table.name}" t WITH NO DATA'
        )

    def close_table(self, table: sa.Table) -> None:
        """Decide whether the rest of a table comes along, and make the indexes; of a large one, most of them later."""
        name = table.name
        if name in self.scratch.tables:
            return
        rest = f'"{self.cut.place}"."{name}" t WHERE NOT EXISTS (SELECT 1 FROM "{without(name)}" n WHERE n.id = t.id)'
        rows = self._rows(name)
        whole = rows <= WHOLE
        if whole:
            names = self.columns(table)
            given = ", ".join(self.present(table, one) for one in table.columns)
            self._give(f'INSERT INTO "{was(name)}" ({names}) SELECT {given} FROM {rest}')
            self.scratch.whole.add(name)
        else:
            self.scratch.partly.add(name)
        if not self.sqlite:
            for made in (was(name), without(name)):
                self._give(f'CREATE UNIQUE INDEX "{made}_id" ON "{made}" (id)')
        found = self.found.get(name)
        self._index(table, rows if whole or found is None else found.rows)

    def _rows(self, name: str) -> int:
        """How many rows a table has, up to where it makes a difference; asked for all that were found at once."""
        if name not in self._sizes:
            names = {name} | {one.name for one in self.found.values() if one.fresh} - self.scratch.tables
            counts = (
                f"SELECT '{one}' AS name, count(*) AS rows "
                f'FROM (SELECT 1 FROM "{self.cut.place}"."{one}" LIMIT {WHOLE + 1}) AS first'
                for one in sorted(names)
            )
            self._sizes.update((one, int(rows)) for one, rows in self._ask(" UNION ALL ".join(counts)))
        return self._sizes[name]

    def _index(self, table: sa.Table, rows: int) -> None:
        """Make the indexes of a scratch table of so many rows; of a large one, those by which nothing is looked up later."""
        order = self._order(table.name)
        for index in sorted(scratch_table(table, self.sqlite).indexes, key=lambda one: str(one.name)):
            made = str(sa.schema.CreateIndex(index).compile(dialect=self.connection.dialect))
            first = table.c[index.columns.keys()[0]]
            user = any(one.column.table.name == "user_account" for one in first.foreign_keys)
            links = first.name.endswith("_id") and isinstance(first.type, sa.Integer) and not user
            if rows <= WHOLE or links or first.name == order:
                if rows > FEW:
                    self._give(made)
            else:
                self.scratch.later.append(made)
        if not self.sqlite and FEW < rows <= WHOLE:
            self._give(f'ANALYZE "{was(table.name)}"')

    def _order(self, name: str) -> str:
        """The column by which the list of a record type is sorted when it is opened."""
        entity = self.schema.by_table.get(name)
        if entity is None or not entity.listed or not entity.list_sort:
            return ""
        return entity.field(entity.list_sort[0]).sort_column

    def _fill(self, table: sa.Table, found: _Found, alive: bool, often: bool) -> None:
        """Write a part of the rows as they were.

        Args:
            alive: those that were not deleted; they have what was not changed from the row as it is, others from what
                their deletion tells.
            often: those edited more than once: the first change of each column counts. Of others the one edit is
                read as it is.
        """
        name, history = table.name, self.cut.history
        where = f"{found.chosen} AND n.fresh AND n.there AND n.gone_id IS {'NULL' if alive else 'NOT NULL'}"
        where += f" AND n.edits {'>' if often else '<='} 1"
        if often:
            self._patches(table, where)
            patch, edit = "p.patch", "LEFT JOIN was_old p ON p.id = n.id"
        else:
            until = "" if alive else f" AND {_UNTIL_GONE.format('n.edit_id')}"
            patch, edit = "e.data", f"LEFT JOIN {history} e ON e.id = n.edit_id{self._among('e', 'U', name)}{until}"
        changed = self._columns.get(name, set())
        if alive:
            base = f'JOIN "{self.cut.place}"."{name}" t ON t.id = n.id'
        else:
            base = f"JOIN {history} d ON d.id = n.gone_id{self._among('d', 'D', name)} AND d.data IS NOT NULL"
        names, before = self.columns(table), ""
        values = [self._value(table, one, patch if one.name in changed else None, alive=alive) for one in table.columns]
        if self.sqlite and "updated_at" in table.c:
            before = self._before(name)
        elif not self.sqlite:
            names, values = f"{names}, {BEFORE}", [*values, "n.first_id"]
        source = f"{', '.join(values)} FROM was_found n {base} {edit} {before} WHERE {where}"
        with self._matched_at_once() if not alive else nullcontext():
            self._give(f'INSERT INTO "{was(name)}" ({names}) SELECT {source}')

    @contextmanager
    def _matched_at_once(self) -> Iterator[None]:
        """Keep a server from looking for each row by itself: what it knows of the latest changes is old."""
        if not self.sqlite:
            self._give("SET LOCAL enable_nestloop = off")
        yield
        if not self.sqlite:
            self._give("SET LOCAL enable_nestloop = on")

    def _among(self, change: str, op: str, name: str) -> str:
        """A further condition of a change with a known id: so a server reads the later ones of a table, and no others."""
        if self.sqlite:
            return ""
        return f" AND {change}.id >= {self.cut.low} AND {change}.op = '{op}' AND {change}.table_name = '{name}'"

    def _before(self, name: str) -> str:
        """The last change of a row before the later ones, joined as ``b`` where it was an edit: it tells who edited it when."""
        history = self.cut.history
        chosen = f"b.record_id = n.id AND b.id < n.first_id AND b.table_name = '{name}' ORDER BY b.id DESC LIMIT 1"
        edit = f"LEFT JOIN {history} b ON b.op = 'U' AND b.id = (SELECT b.id FROM {history} b WHERE {chosen})"
        return f"{edit} LEFT JOIN {self.cut.place}.change_set bs ON bs.id = b.change_set_id"

    def _patches(self, table: sa.Table, where: str) -> None:
        """The first change of each column of rows that were edited more than once, up to where they were deleted, if so."""
        self._give("DELETE FROM was_old")
        chosen = f"FROM was_found n JOIN {self.cut.history} c ON c.record_id = n.id"
        if self.sqlite:
            chosen = chosen.replace(" JOIN ", " CROSS JOIN ", 1)
        condition = (
            f"WHERE {where} AND c.table_name = '{table.name}' AND c.op = 'U' "
            f"AND c.id >= n.first_id AND {_UNTIL_GONE.format('c.id')} AND {self.cut.later}"
        )
        if self.sqlite:
            self._give(
                "INSERT INTO was_old SELECT id, json_group_object(key, json(both_values)) FROM ("
                "SELECT n.id AS id, j.key AS key, j.value AS both_values, min(c.id) "
                f"{chosen} JOIN json_each(c.data) j {condition} GROUP BY n.id, j.key) GROUP BY id"
            )
            return
        self._give(
            "INSERT INTO was_old SELECT id, jsonb_object_agg(key, both_values) FROM ("
            "SELECT DISTINCT ON (n.id, j.key) n.id AS id, j.key AS key, j.value AS both_values "
            f"{chosen} CROSS JOIN LATERAL jsonb_each(c.data) j {condition} ORDER BY n.id, j.key, c.id) AS firsts GROUP BY id"
        )
        self._give("ANALYZE was_old")

    def _value(self, table: sa.Table, column: sa.Column[Any], patch: str | None, *, alive: bool) -> str:
        """SQL of what a column had: as first changed, else as it is or was when its row was deleted.

        Args:
            patch: SQL of the first changes of a row; None where the column has none in any.
        """
        name = column.name
        if name in self.scratch.hidden.get(table.name, ()):
            return f"CAST(NULL AS {self.type_of(column)})"
        if name == "id":
            return "n.id"
        if name in ("updated_at", "updated_by"):
            if not self.sqlite:  # worked out by the view, where somebody asks for it
                return f"CAST(NULL AS {self.type_of(column)})"
            return "coalesce(bs.at, b.at)" if name == "updated_at" else "bs.user_id"
        if alive:
            base = f't."{name}"'
        elif name in _AFTER:
            base = "1" if name == "version" else f"CAST(NULL AS {self.type_of(column)})"
        else:
            base = self._of_json(column, "d.data")
            default = self._default(column)
            if default is not None:
                base = f"coalesce({base}, {default})"
        if patch is None:
            return base
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
        return f"({source} ->> {key})::{self.type_of(column)}"

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
        return untouched(table, column, self.scratch, self.type_of(column))

    def type_of(self, column: sa.Column[Any]) -> str:
        """SQL of the type of a column."""
        return str(self.connection.dialect.type_compiler_instance.process(column.type))

    @staticmethod
    def columns(table: sa.Table) -> str:
        """The names of all columns, as SQL."""
        return ", ".join(f'"{column.name}"' for column in table.columns)

    def table(self, name: str, columns: str) -> None:
        """Make a scratch table."""
        if self.sqlite:
            self._give(f'CREATE TABLE past."{name}" ({columns})')
        else:
            self._give(f'CREATE TEMPORARY TABLE "{name}" ({columns})')
