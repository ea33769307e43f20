"""Records that go to somebody whose records the giver does not see, on a server that enforces rights itself.

There a plain UPDATE is refused: its result would be a row that who writes it cannot read. A function of the server asks
instead whether the giver may edit the records, and that is all that handing over needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.access import Access
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema

_BOOKKEEPING = frozenset({"version", "updated_at", "updated_by"})


def update(
    connection: sa.Connection,
    database: Database,
    table: sa.Table,
    row: Mapping[str, Any],
    where: sa.ColumnElement[bool],
) -> int:
    """Write the same new values into the rows that a condition chooses. Returns how many these were."""
    if database.locked and _out_of_sight(database.schema, database.access, table, row):
        return _give(connection, database.schema, table, row, where)
    return connection.execute(table.update().where(where).values(row)).rowcount


def _out_of_sight(schema: Schema, access: Access, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Whether rows with these new values belong to somebody whose records the person does not see."""
    spec = schema.by_table.get(table.name)
    if spec is None or not spec.listed or "owner_id" not in row or "owner_id" not in table.columns:
        return False
    return not access.covers(spec.name, "read", row["owner_id"])


def _give(
    connection: sa.Connection, schema: Schema, table: sa.Table, row: Mapping[str, Any], where: sa.ColumnElement[bool]
) -> int:
    """Write the new values, the owner last."""
    ids = list(connection.execute(sa.select(table.c.id).where(where)).scalars())
    rest = {name: value for name, value in row.items() if name != "owner_id"}
    if ids and not _BOOKKEEPING.issuperset(rest):
        connection.execute(table.update().where(table.c.id.in_(ids)).values(rest))
    given = sa.func.crm_hand_over(
        sa.cast(schema.by_table[table.name].name, sa.Text), sa.cast(ids, sa.ARRAY(sa.BigInteger)),
        sa.cast(row["owner_id"], sa.BigInteger),
    )  # fmt: skip
    return int(connection.execute(sa.select(given)).scalar_one())
