"""Reading with the eyes of one person: temporary views that stand before the tables on connections of their own.

A temporary view is found before a table of the same name, on SQLite and on PostgreSQL, so that every query of the
program sees the rows of the person only, and sensitive columns as empty, without knowing of it. A table of which
everything may be seen has no view.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql import visitors

from crm_desktop.core.access import EVERYTHING, Access
from crm_desktop.db import search_asked
from crm_desktop.db.base import Base
from crm_desktop.db.engines import let_go
from crm_desktop.db.predicates import Predicates, always
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import PLAIN, Own, Sight, hidden_from, own_hidden, reading, set_sight

_PLACES = {"sqlite": "main", "postgresql": "public"}


def views(schema: Schema, access: Access, dialect: sa.Dialect, own: Own | None = None) -> list[str]:
    """The statements that make the views of a person."""
    predicates, keys = Predicates(schema, access), own_hidden(schema, access, own or {})
    made = []
    for name in predicates.protections:
        table = Base.metadata.tables[name]
        condition, hidden = predicates.readable(name), predicates.hidden(name)
        told = _told(predicates, dialect.name, keys) if name == "change" else None
        if always(condition) and not hidden and told is None and name not in keys:
            continue
        place = _PLACES[dialect.name]
        shown = (
            sa.select(*_columns(table, hidden, told, dialect, keys.get(name, ()))).select_from(table).where(condition)
        )
        body = shown.compile(
            dialect=dialect, compile_kwargs={"literal_binds": True},
            schema_translate_map={None: place}, render_schema_translate=True,
        )  # fmt: skip
        made.append(f'CREATE TEMPORARY VIEW "{name}" AS {body}')
    return made


def views_over(
    schema: Schema, access: Access, dialect: sa.Dialect, below: Mapping[str, str], own: Own | None = None
) -> list[str]:
    """The views of a person over other views, which show everything of some tables in another state than the present.

    What is read now must be theirs in both states: as the row is shown, and as it is now where it is still there.

    Args:
        below: table name to the view with its rows.
    """
    predicates, keys = Predicates(schema, access), own_hidden(schema, access, own or {})
    locked = bool(getattr(dialect, "crm_sight", PLAIN).locked)
    made, journal = [], {name: below[name] for name in ("change", "change_set")}
    for name, condition in _in_order(predicates):
        table, lower = Base.metadata.tables[name], below.get(name, f"past_{name}")
        hidden = predicates.hidden(name)
        told = _told(predicates, dialect.name, keys) if name == "change" else None
        if name == "search_text" and locked:
            continue  # nobody reads it there
        if always(condition) and not hidden and told is None and name not in keys:
            if name in below:
                made.append(f'CREATE TEMPORARY VIEW "{name}" AS SELECT * FROM "{lower}"')
            continue
        if name not in below:
            made.append(
                f'CREATE TEMPORARY VIEW "{lower}" AS {_whole(table, hidden | ({"custom"} if locked and name in keys else frozenset()), dialect)}'
            )
        shown = (
            sa.select(*_columns(table, hidden, told, dialect, keys.get(name, ()))).select_from(table).where(condition)
        )
        if name in below and name not in journal and not always(condition):
            shown = shown.where(sa.text(_theirs_now(predicates, name, dialect)))
        instead = journal if name in journal else {name: lower}  # these two ask each other
        body = shown.compile(dialect=reading(dialect, instead), compile_kwargs={"literal_binds": True})
        made.append(f'CREATE TEMPORARY VIEW "{name}" AS {body}')
    return made


def _whole(table: sa.Table, hidden: frozenset[str], dialect: sa.Dialect) -> str:
    """Every row of a table, without the columns that a locked server does not give."""
    shown = sa.select(*_columns(table, hidden, None, dialect)).select_from(table)
    options: dict[str, Any] = {
        "schema_translate_map": {None: _PLACES[dialect.name]}, "render_schema_translate": True,
    }  # fmt: skip
    return str(shown.compile(dialect=dialect, **options))


def _in_order(predicates: Predicates) -> list[tuple[str, sa.ColumnElement[bool]]]:
    """Table names and the condition of what is read of them, each after those that its condition asks."""
    conditions = {name: predicates.readable(name) for name in predicates.protections}
    found: dict[str, sa.ColumnElement[bool]] = {}

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in found or name in above or name not in conditions:
            return
        for part in visitors.iterate(conditions[name]):
            if isinstance(part, sa.Table):
                visit(part.name, (*above, name))
            elif isinstance(part, sa.Column) and isinstance(part.table, sa.Table):
                visit(part.table.name, (*above, name))
        found[name] = conditions[name]

    for name in conditions:
        visit(name, ())
    return list(found.items())


def _theirs_now(predicates: Predicates, name: str, dialect: sa.Dialect) -> str:
    """SQL that lets those rows of a table through that are gone, or that the person may read as they are."""
    now = Base.metadata.tables[name].alias("now_row")
    same = sa.literal_column(f'now_row.id = "{name}".id', sa.Boolean)
    hidden: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(now)
    hidden = hidden.where(same, sa.not_(sa.func.coalesce(predicates.readable(name, now), sa.false())))
    body = hidden.compile(
        dialect=dialect, compile_kwargs={"literal_binds": True},
        schema_translate_map={None: _PLACES[dialect.name]}, render_schema_translate=True,
    )  # fmt: skip
    return f"NOT EXISTS ({body})".replace(":", "\\:")


def _columns(
    table: sa.Table, hidden: frozenset[str], told: str | None, dialect: sa.Dialect, own: Sequence[str] = ()
) -> list[sa.ColumnElement[object]]:
    if table.name == "search_text":  # has a column more on a server
        return [sa.literal_column("*")]
    found: list[sa.ColumnElement[object]] = []
    for column in table.columns:
        if column.name in hidden:
            kind = dialect.type_compiler_instance.process(column.type)
            found.append(sa.literal_column(f"CAST(NULL AS {kind})").label(column.name))
        elif column.name == "data" and told is not None:
            found.append(sa.literal_column(told).label("data"))
        elif column.name == "custom" and own:
            found.append(sa.literal_column(_bare(f'"{table.name}"."custom"', own, dialect.name)).label("custom"))
        else:
            found.append(column)
    return found


def _bare(column: str, keys: Sequence[str], dialect: str, *places: str) -> str:
    """SQL of a JSON object without some keys, in itself or at some places inside it."""
    if dialect == "sqlite":
        paths = ", ".join(f"'${place}.\"{key}\"'" for place in places or ("",) for key in keys)
        return f"json_remove({column}, {paths})"
    if not places:
        return f"({column} - ARRAY[{', '.join(repr(one) for one in keys)}])"
    for place in places:
        for key in keys:
            column = f"({column} #- '{{{place.replace('.', '').replace('[', ',').replace(']', '')},{key}}}')"
    return column


def _told(predicates: Predicates, dialect: str, own: Mapping[str, Sequence[str]]) -> str | None:
    """SQL of what the history tells without the sensitive columns; None where it may tell everything."""
    branches = []
    for name in predicates.protections:
        hidden, left = sorted(predicates.hidden(name)), '"data"'
        if name in own:  # of an edit both values, of a deletion the one that was
            both = _bare(left, own[name], dialect, ".custom[0]", ".custom[1]")
            left = f"CASE \"op\" WHEN 'U' THEN {both} ELSE {_bare(left, own[name], dialect, '.custom')} END"
        if hidden and dialect == "sqlite":
            paths = ", ".join(f"'$.\"{column}\"'" for column in hidden)
            branches.append(f"WHEN '{name}' THEN json_remove({left}, {paths})")
        elif hidden:
            branches.append(f"WHEN '{name}' THEN ({left}) - ARRAY[{', '.join(repr(one) for one in hidden)}]")
        elif name in own:
            branches.append(f"WHEN '{name}' THEN {left}")
    return f'CASE "table_name" {" ".join(branches)} ELSE "data" END' if branches else None


class Eyes:
    """The connections of whoever is signed in, made anew whenever their rights change.

    Args:
        connect: makes an engine that sees everything.
    """

    def __init__(self, schema: Schema, connect: Callable[[], sa.Engine]) -> None:
        self._schema, self._connect = schema, connect
        self._lock = threading.Lock()
        self._access = EVERYTHING
        self._own: Own = {}
        self._engine: sa.Engine | None = None
        self._plain = self._closed = False
        self._old: list[sa.Engine] = []

    def follow(self, access: Access, own: Own | None = None) -> None:
        """See what this person may see from now on. Who is reading just now ends with what it began with.

        Args:
            own: the office's own fields that are sensitive; those known before where None.
        """
        with self._lock:
            self._retire()
            self._access, self._own = access, self._own if own is None else own

    def engine(self) -> sa.Engine | None:
        """What to read with; None where everything may be seen in the tables themselves."""
        with self._lock:
            if self._engine is None and not self._plain:
                engine = self._connect()
                statements = views(self._schema, self._access, engine.dialect, self._own)
                self._plain = not statements
                if statements:
                    texts = search_asked.asked_by(
                        self._schema, hidden_from(self._schema, self._access), engine.dialect.name == "sqlite", False
                    )
                    set_sight(engine, Sight(texts=texts))
                    event.listen(engine, "connect", lambda raw, _record: _look(raw, statements))
                    self._engine = engine
                    if self._closed:
                        let_go(engine)  # it is for who began to read just before
            return self._engine

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            self._closed = True
            self._retire()
            for engine in self._old:
                let_go(engine)
            self._old.clear()

    def _retire(self) -> None:
        if self._engine is not None:
            let_go(self._engine)
            self._old = [*self._old[-2:], self._engine]
        self._engine, self._plain = None, False


def _look(raw: Any, statements: Sequence[str]) -> None:
    """Make the views on a new connection."""
    cursor = raw.cursor()
    try:
        for statement in statements:
            cursor.execute(statement)
    finally:
        cursor.close()
    raw.commit()
