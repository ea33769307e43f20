"""Rights of roles in the history: which right of which role a row was, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from crm_desktop.core.access import ACTION_NAMES, POWER_NAMES, ROLES
from crm_desktop.core.i18n import translate
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.schema import Schema

RIGHTS = "role_right"
"""The table of the rights of roles."""
_PARTS = ("role", "entity", "action")
_MOST = 500


def right_titles(schema: Schema, connection: sa.Connection, ids: Collection[int]) -> dict[int, str]:
    """What rows of rights are, or were, called: "Sales · Deals: Delete"."""
    table, roles = Base.metadata.tables[RIGHTS], Base.metadata.tables["role"]
    chosen = sorted(ids)[:_MOST]
    deleted = (change.c.table_name == RIGHTS) & (change.c.op == "D") & change.c.record_id.in_(chosen)
    gone = connection.execute(sa.select(change.c.record_id, change.c.data).where(deleted))
    found = {identity: {name: str((data or {}).get(name) or "") for name in _PARTS} for identity, data in gone}
    rows = connection.execute(sa.select(table).where(table.c.id.in_(chosen))).mappings()
    found |= {row["id"]: {name: str(row[name]) for name in _PARTS} for row in rows}
    names = {one.key: translate(one.label) for one in ROLES}
    names |= {key: name for key, name in connection.execute(sa.select(roles.c.key, roles.c.name))}
    return {identity: _title(schema, names, one) for identity, one in found.items()}


def _title(schema: Schema, names: Mapping[str, str], right: Mapping[str, str]) -> str:
    role, entity, action = (right.get(name, "") for name in _PARTS)
    if entity in schema.entities:
        what = f"{translate(schema.entity(entity).plural)}: {translate(ACTION_NAMES.get(action, action))}"
    else:
        what = translate(POWER_NAMES.get(action, action))
    return f"{names.get(role, role)} · {what}"
