"""Columns that follow from other rows, and that the history does not tell: worked out again for the moment.

The functions of ``Schema(pasts=)`` are handed a :class:`Keeper`. They say of which records such a column may have been
another one, because of what was found to be touched, and what it follows from; the keeper writes what differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from crm_desktop.db.base import Base
from crm_desktop.db.past.rows import Builder
from crm_desktop.db.past.scratch import was, without


class Keeper:
    """What was found to be touched, and how to keep what follows from it.

    Args:
        builder: has just taken something over.
    """

    def __init__(self, builder: Builder) -> None:
        self._builder, self._orders = builder, builder.orders
        self.scratch, self.cut, self.sqlite = builder.scratch, builder.cut, builder.sqlite
        self._gathered: list[str] = []

    def found(self, *names: str) -> bool:
        """Whether something of these tables was touched."""
        return not self._builder.found.keys().isdisjoint(names)

    def touched(self, name: str) -> sa.Select[Any]:
        """The ids of the rows of a table that were found to be touched since the last time: what follows from others is done."""
        one = self._builder.found.get(name)
        if one is None:
            return _nothing()
        rows = sa.table("was_found", sa.column("id", sa.BigInteger)).alias("n")
        return sa.select(rows.c.id).where(sa.text(one.chosen))

    def moved(self, name: str, column: str) -> list[tuple[sa.Select[Any], Any]]:
        """The touched rows of a table in which a column may be another one now: as they were, and as they are.

        Returns:
            Statements without columns, each with what its columns are taken from.
        """
        one = self._builder.found.get(name)
        if one is None:
            return []
        columns = [sa.column(each.name, each.type) for each in Base.metadata.tables[name].columns]
        rows = sa.table("was_found", sa.column("id", sa.BigInteger)).alias("n")
        then = sa.table(was(name), *columns)
        now = self.both(name)[1]
        kept = name in self.scratch.partly and column not in self.scratch.changed.get(name, ())
        parts = []
        chosen = one.chosen + (" AND (NOT n.fresh OR NOT n.there OR n.gone_id IS NOT NULL)" if kept else "")
        for place in (then, now):
            parts.append(
                (sa.select().select_from(rows.join(place, place.c.id == rows.c.id)).where(sa.text(chosen)), place)
            )
        return parts

    def both(self, name: str) -> list[Any]:
        """A table as it was, and as it is now."""
        table = Base.metadata.tables[name]
        columns = [sa.column(one.name, one.type) for one in table.columns]
        return [table.alias(), sa.table(name, *columns, schema=self.cut.place).alias()]

    def gather(self, *parts: sa.Select[Any]) -> sa.Select[Any]:
        """The ids that some statements give, each once, kept until all is worked out."""
        name = f"was_ids_{len(self._gathered)}"
        self._gathered.append(name)
        self._builder.table(name, f"id {'INTEGER' if self.sqlite else 'BIGINT'} PRIMARY KEY")
        found = sa.union(*(parts or (_nothing(),))).subquery()
        ids = sa.table(name, sa.column("id", sa.BigInteger))
        chosen = sa.select(found.c[0]).where(found.c[0].isnot(None))
        self._orders.execute(ids.insert().from_select(["id"], chosen))
        self._learn(name)
        return sa.select(ids.c.id)

    def keep(self, name: str, column: str, ids: sa.Select[Any], values: Sequence[sa.Select[Any]]) -> None:
        """Keep what a column was for some records, where that is another value now.

        Args:
            ids: the records in question.
            values: statements that give (id, value) of them; the greatest value counts, and none where there is none.
        """
        table, given = Base.metadata.tables[name], "was_kept"
        kind = self._builder.type_of(table.c[column])
        self._builder.table(given, f"id {'INTEGER' if self.sqlite else 'BIGINT'} PRIMARY KEY, value {kind}")
        kept = sa.table(given, sa.column("id", sa.BigInteger), sa.column("value", table.c[column].type))
        chosen = ids.subquery()
        arms = [arm for one in values for arm in self._arms(one)]
        every = sa.union_all(sa.select(chosen.c[0], sa.null().cast(table.c[column].type)), *arms).subquery()
        found = sa.select(every.c[0], sa.func.max(every.c[1])).where(every.c[0].isnot(None)).group_by(every.c[0])
        self._orders.execute(kept.insert().from_select(["id", "value"], found))
        self._learn(given)
        self._write(table, column, given)
        self._orders.give(f"DROP TABLE {given}")

    def _write(self, table: sa.Table, column: str, given: str) -> None:
        """Write the values of ``given`` where the column has others; records that nobody touched come along then."""
        name, builder = table.name, self._builder
        other = f't."{column}" {"IS NOT" if self.sqlite else "IS DISTINCT FROM"} k.value'
        # from the few to the many: of the first SQLite does not know that they are few
        join = "CROSS JOIN" if self.sqlite else "JOIN"
        moved = f'FROM {given} k {join} "{self.cut.place}"."{name}" t ON t.id = k.id WHERE {other}'
        if name not in self.scratch.tables and self._orders.ask(f"SELECT 1 {moved} LIMIT 1").first() is not None:
            builder.open_table(table)
            builder.close_table(table)
            builder.show()
        if name not in self.scratch.tables:
            return
        fresh = f'{moved} AND NOT EXISTS (SELECT 1 FROM "{without(name)}" n WHERE n.id = t.id)'
        if name in self.scratch.partly:
            present = ", ".join(builder.present(table, one) for one in table.columns)
            self._orders.give(f'INSERT INTO "{was(name)}" ({builder.columns(table)}) SELECT {present} {fresh}')
        self._orders.give(f'INSERT INTO "{without(name)}" SELECT t.id {fresh}')
        value = f'(SELECT k.value FROM {given} k WHERE k.id = "{was(name)}".id)'
        self._orders.give(f'UPDATE "{was(name)}" SET "{column}" = {value} WHERE id IN (SELECT id FROM {given})')

    def _arms(self, statement: sa.Select[Any]) -> Iterator[sa.Select[Any]]:
        """A statement once for each combination of the parts that tables are read from.

        SQLite reads a view of two parts as a whole where it is joined or summed up, and each part by its indexes.
        """
        parts = [getattr(one, "table", one) for one in visitors.iterate(statement)]
        named = {one.name for one in parts if isinstance(one, sa.Table)}
        split = sorted(named & self.scratch.tables) if self.sqlite else []
        sources = [self._sources(name) for name in split]
        for chosen in product(*sources):
            places = dict(zip(split, (source for source, _condition in chosen), strict=True))

            def instead(element: Any, places: dict[str, Any] = places, **_options: Any) -> Any:
                if isinstance(element, sa.Table):
                    return places.get(element.name)
                if isinstance(element, sa.Column) and isinstance(element.table, sa.Table):
                    found = places.get(element.table.name)
                    return None if found is None else found.c[element.name]
                return None

            arm: Any = visitors.replacement_traverse(statement, {}, instead)
            yield arm.where(*(condition for _source, condition in chosen if condition is not None))

    def _sources(self, name: str) -> list[tuple[Any, Any]]:
        """(table, condition) of the parts that make up a table as it was."""
        columns = Base.metadata.tables[name].columns
        parts: list[tuple[Any, Any]] = [
            (sa.table(was(name), *(sa.column(one.name, one.type) for one in columns)), None)
        ]
        if name in self.scratch.partly:
            now = sa.table(name, *(sa.column(one.name, one.type) for one in columns), schema=self.cut.place)
            left = sa.table(without(name), sa.column("id", sa.BigInteger))
            parts.append((now, now.c.id.not_in(sa.select(left.c.id))))
        return parts

    def _learn(self, name: str) -> None:
        """Let a server know how many rows a new table has."""
        if not self.sqlite:
            self._orders.give(f"ANALYZE {name}")

    def end(self) -> None:
        """Drop what was gathered."""
        for name in self._gathered:
            self._orders.give(f"DROP TABLE {name}")
        self._gathered.clear()
        self._orders.send()


def _nothing() -> sa.Select[Any]:
    """The ids of no rows."""
    return sa.select(sa.literal(0).label("id")).where(sa.false())
