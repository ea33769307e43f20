"""The tables of the history: change sets, changes, and the context that tells triggers who is writing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.base import Base, partial_index
from crm_desktop.db.types import Instant, JsonType

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

change_set = sa.Table(
    "change_set",
    Base.metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("params", JsonType),
    sa.Column("kind", sa.Text, nullable=False, server_default="edit"),
    sa.Column("user_id", sa.BigInteger),
    sa.Column("user_name", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("undoes", sa.BigInteger),
    sa.Column("undone_by", sa.BigInteger),
    sa.Column("first_change", sa.BigInteger),
    sa.Column("last_change", sa.BigInteger),
    sa.Column("compacted_at", Instant),
    sa.Column("touched", JsonType),
    sa.Index("ix_change_set_at", "at"),
    sa.Index("ix_change_set_user_id", "user_id", "id"),
    sa.Index("ix_change_set_user_name", "user_name", "id"),
    partial_index("ix_change_set_kind", "kind", sa.text("kind <> 'edit'"), "id"),
    info={"history": False, "journal": True, "rights": "journal"},
)
"""One row per unit of work that changed something. ``title`` is a source text with ``params``.

Its changes are those with its id whose own ids lie between ``first_change`` and ``last_change``: the range spares an
index that every import would have to fill. Other writers' changes may lie between. ``compacted_at`` is set where some
of its changes or their values were let go since: then it can no longer be undone. ``touched`` is {table: number of rows},
written at its end, so that nobody has to look through ``change`` for it; null where it has no changes.
"""
EDITS_BEGIN, DELETIONS_BEGIN = "history.begins", "history.deletions_begin"
"""Settings of the office, instants: edits of before, and what was deleted until then, were let go in part or whole."""
PART = "part"
"""The kind of change sets that took back a part of another one. They mark nothing: the rest can be undone later."""
_NEAR = 500
"""Ranges of changes that lie no further apart are read as one."""
NOT_PLAIN = change_set.c.kind != sa.literal_column("'edit'")
"""Of another kind than plain edits, written so that the index over them serves: a bound value would hide it."""

change = sa.Table(
    "change",
    Base.metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=True),
    sa.Column("change_set_id", sa.BigInteger),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("record_id", sa.BigInteger, nullable=False),
    sa.Column("parent_id", sa.BigInteger),
    sa.Column("op", sa.String(1), nullable=False),
    sa.Column("data", JsonType),
    sa.Column("at", Instant),
    sa.Column("user_name", sa.Text),
    sa.Index("ix_change_record_id", "record_id"),
    partial_index("ix_change_parent_id", "parent_id", sa.text("parent_id IS NOT NULL")),
    partial_index("ix_change_deleted", "id", sa.text("op = 'D'"), "table_name"),
    info={"history": False, "journal": True, "rights": "journal"},
    sqlite_autoincrement=True,
)  # fmt: skip
"""One row per inserted (I), updated (U) or deleted (D) row, written by triggers only.

``data`` is null for I (the row is in its table), {column: [old, new]} for U and {column: old} for D.
``change_set_id`` is null and ``at`` set where something outside the program wrote. Where the values were let go with the
years (``db.forget``), ``data`` is empty.
"""
DELETED = change.c.op == sa.literal_column("'D'")
"""The deletions, written so that the index over them serves: a bound value would hide it."""

change_context = sa.Table(
    "change_context",
    Base.metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("change_set_id", sa.BigInteger),
    sa.Column("bulk", sa.Integer, nullable=False, server_default="0"),
    info={"history": False, "local": True, "rights": "shared"},
)
"""SQLite only: one row that the unit of work sets before it writes, for the triggers to read."""

search_text = sa.Table(
    "search_text",
    Base.metadata,
    sa.Column("id", _BIG, primary_key=True, autoincrement=False),
    sa.Column("entity", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    info={"history": False, "local": True, "derived": True, "rights": "search"},
)
"""One row per searchable record. The full-text index over ``body`` is made by ``search.install``."""


def count_touched(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    """{table: number of rows} of changes, for the column ``touched``."""
    rows = sa.select(change.c.table_name, sa.func.count().label("n")).where(chosen).group_by(change.c.table_name)
    counted = rows.subquery()
    gather = sa.func.json_group_object if connection.dialect.name == "sqlite" else sa.func.jsonb_object_agg
    return sa.select(gather(counted.c.table_name, counted.c.n, type_=sa.Text())).scalar_subquery()


def changes_of(connection: sa.Connection, change_set_id: int) -> sa.ColumnElement[bool]:
    """The condition that chooses the changes of a change set, open ones included."""
    row = connection.execute(
        sa.select(change_set.c.first_change, change_set.c.last_change).where(change_set.c.id == change_set_id)
    ).first()
    condition = change.c.change_set_id == change_set_id
    if row is None or row[0] is None:
        return condition
    condition = condition & (change.c.id >= row[0])
    return condition if row[1] is None else condition & (change.c.id <= row[1])


def changes_of_sets(
    connection: sa.Connection, ids: Collection[int], *where: sa.ColumnElement[bool]
) -> sa.ColumnElement[bool] | None:
    """The condition that chooses the changes of some change sets; None where there are none.

    Their ranges are read first: for a join with them a server reads the whole history.

    Args:
        where: which of the change sets are meant.
    """
    ends = sa.select(change_set.c.first_change, change_set.c.last_change).where(change_set.c.id.in_(ids), *where)
    whole = change_set.c.first_change.isnot(None) & change_set.c.last_change.isnot(None)
    spans: list[list[int]] = []
    for first, last in connection.execute(ends.where(whole).order_by(change_set.c.first_change)):
        if spans and first <= spans[-1][1] + _NEAR:
            spans[-1][1] = max(spans[-1][1], last)
        else:
            spans.append([first, last])
    if not spans:
        return None
    return sa.or_(*(change.c.id.between(first, last) for first, last in spans)) & change.c.change_set_id.in_(ids)
