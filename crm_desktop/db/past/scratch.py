"""The scratch tables beside the tables: their names, their columns, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

import sqlalchemy as sa

from crm_desktop.db.past.moment import Cut, Seen

BEFORE = "crm_before"
"""On a server, a further column of rows that were touched: the first later change, since the last one before it tells who
edited the row when. Few ask for that, and there it costs nothing to be worked out by the view."""


@dataclass
class Texts:
    """What there is of the scratch index.

    Attributes:
        made: whether there are tables for it.
        collected, searched: for which ``grown`` of the scratch tables it was told what to know, and for which it knows it.
    """

    made: bool = False
    collected: int | None = None
    searched: int | None = None


@dataclass
class Scratch:
    """What there is of the past: on SQLite one for all connections, on a server one for each.

    Attributes:
        partial: the history does not tell everything to whoever reads it.
        seen: up to where the history was looked at; None where it was not.
        grown: how many times something was found that may be taken over.
        made: whether there are scratch tables.
        texts: what the scratch index has.
        whole: tables that were taken over whole.
        partly: tables of which only what was touched was taken over.
        changed: table name to the columns that had another value in some of its rows that were there and still are.
        later: statements that make what reading can begin without (:meth:`db.past.database.AsOf.complete`).
    """

    cut: Cut
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)
    partial: bool = False
    seen: Seen | None = None
    grown: int = 0
    made: bool = False
    texts: Texts = field(default_factory=Texts)
    whole: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)
    changed: dict[str, set[str]] = field(default_factory=dict)
    later: list[str] = field(default_factory=list)

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
        changed = {name: set(columns) for name, columns in self.changed.items()}
        return replace(self, whole=set(self.whole), partly=set(self.partly), changed=changed, later=list(self.later))


def was(table: str) -> str:
    """The scratch table with the rows of a table as they were."""
    return f"was_{table}"


def without(table: str) -> str:
    """The scratch table with the ids that are not read from a table."""
    return f"not_{table}"


def untouched(table: sa.Table, column: sa.Column[object], scratch: Scratch, kind: str) -> str:
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


@cache
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
