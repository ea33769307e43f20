"""The temporary views of an as-of reading: what a person may see of every table, as it was."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from crm_desktop.core.access import Access
from crm_desktop.core.ids import first_id_at
from crm_desktop.db import shadow
from crm_desktop.db.base import Base
from crm_desktop.db.past.moment import Cut
from crm_desktop.db.past.scratch import BEFORE, Scratch, untouched, was, without
from crm_desktop.db.schema import Schema
from crm_desktop.db.sight import Own

_EMPTY = ("duplicate_pair", "quality_flag", "presence")
"""What programs found out about the present only."""
_NEWER = ("notification", "quality_sample", "backup_run")
"""Tables without a history of which rows only come: those with a later id are not seen."""


def past(table: str) -> str:
    """The view with all of a table as it was."""
    return f"past_{table}"


def statements(
    schema: Schema, scratch: Scratch, access: Access, dialect: sa.Dialect, own: Own | None = None
) -> list[str]:
    """The statements that make the views, each after those that it reads."""
    made, names = [], set()
    for name, body in _bodies(scratch, dialect):
        made.append(f'CREATE TEMPORARY VIEW "{past(name)}" AS {body}')
        names.add(name)
    if access.everything:
        made += [f'CREATE TEMPORARY VIEW "{name}" AS SELECT * FROM "{past(name)}"' for name in sorted(names)]
    else:
        made += shadow.views_over(schema, access, dialect, {name: past(name) for name in names}, own)
    if scratch.cut.history == "public.change_seen":  # by this name statements written by hand ask a locked server
        made.append('CREATE TEMPORARY VIEW "change_seen" AS SELECT * FROM "change"')
    return made


def _bodies(scratch: Scratch, dialect: sa.Dialect) -> Iterator[tuple[str, str]]:
    for name in sorted(scratch.tables):
        yield name, _rows(Base.metadata.tables[name], scratch, dialect)
    if "mention" not in scratch.tables:  # who has looked is not in the history
        yield "mention", _present("mention", scratch, dialect)
    cut = scratch.cut
    yield "change", _changes(cut)
    yield "change_set", _change_sets(cut)
    for name in _EMPTY:
        yield name, f"{_present(name, scratch, dialect)} WHERE 1 = 0"
    for name in _NEWER:
        yield name, f"{_present(name, scratch, dialect)} WHERE t.id < {first_id_at(cut.moment) + (1 << 22)}"


def _present(name: str, scratch: Scratch, dialect: sa.Dialect) -> str:
    return f'SELECT {_columns(name, scratch, dialect)} FROM {scratch.cut.place}."{name}" t'


def _columns(name: str, scratch: Scratch, dialect: sa.Dialect) -> str:
    table, kinds = Base.metadata.tables[name], dialect.type_compiler_instance
    return ", ".join(
        f'{untouched(table, one, scratch, kinds.process(one.type))} AS "{one.name}"' for one in table.columns
    )


def _rows(table: sa.Table, scratch: Scratch, dialect: sa.Dialect) -> str:
    name, cut = table.name, scratch.cut
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    then = columns if cut.sqlite else ", ".join(_then(table, one, cut) for one in table.columns)
    if name in scratch.whole:
        return f'SELECT {then} FROM "{was(name)}" w'
    if cut.sqlite:
        left = f't.id NOT IN (SELECT id FROM "{without(name)}")'
        return f'{_present(name, scratch, dialect)} WHERE {left} UNION ALL SELECT {columns} FROM "{was(name)}"'
    # both parts without a condition of their own: only then PostgreSQL reads them side by side in the order of their
    # indexes; and the condition is an alternative, so that it asks for few rows by the index and for many at once
    parts = (
        f'SELECT false AS crm_then, {_columns(name, scratch, dialect)} FROM {cut.place}."{name}" t '
        f'UNION ALL SELECT true, {then} FROM "{was(name)}" w'
    )
    left = f'NOT EXISTS (SELECT 1 FROM "{without(name)}" n WHERE n.id = x.id)'
    return f"SELECT {columns} FROM ({parts}) AS x WHERE x.crm_then OR {left}"


def _then(table: sa.Table, column: sa.Column[object], cut: Cut) -> str:
    """SQL of a column of a scratch row ``w`` on a server: who edited it last when is told by the last change before."""
    value = {"updated_at": "coalesce(s.at, b.at)", "updated_by": "s.user_id"}.get(column.name)
    if value is None:
        return f'w."{column.name}"'
    last = (
        f"SELECT CASE WHEN b.op = 'U' THEN {value} END FROM {cut.history} b "
        f"LEFT JOIN {cut.place}.change_set s ON s.id = b.change_set_id WHERE b.record_id = w.id "
        f"AND b.id < w.{BEFORE} AND b.table_name = '{table.name}' ORDER BY b.id DESC LIMIT 1"
    )
    return f'CASE WHEN w.{BEFORE} IS NULL THEN w."{column.name}" ELSE ({last}) END AS "{column.name}"'


def _changes(cut: Cut) -> str:
    columns = ", ".join(f'c."{column.name}"' for column in Base.metadata.tables["change"].columns)
    at = f"coalesce((SELECT s.at FROM {cut.place}.change_set s WHERE s.id = c.change_set_id), c.at)"
    return f"SELECT {columns} FROM {cut.history} c WHERE c.id < {cut.low} OR {at} <= {cut.instant}"


def _change_sets(cut: Cut) -> str:
    columns = ", ".join(
        'CASE WHEN u.id IS NULL THEN t."undone_by" ELSE u."undone_by" END AS "undone_by"' if column.name == "undone_by"
        else f't."{column.name}"'
        for column in Base.metadata.tables["change_set"].columns
    )  # fmt: skip
    return f"SELECT {columns} FROM {cut.place}.change_set t LEFT JOIN was_undone u ON u.id = t.id WHERE t.at <= {cut.instant}"
