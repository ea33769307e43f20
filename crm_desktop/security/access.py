"""What a user may do, read from the database: the defaults of the role with what the office changed."""

from __future__ import annotations

from types import MappingProxyType

import sqlalchemy as sa

from crm_desktop.core.access import LEADING, Access
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.security.defaults import rights_of


def scoped_types(schema: Schema) -> tuple[str, ...]:
    """The record types that have rights of their own: those with a list. The rest follows them, or the office's powers."""
    return tuple(entity.name for entity in schema.entities.values() if entity.listed)


def role_scopes(connection: sa.Connection, schema: Schema, role: str) -> dict[tuple[str, str], str]:
    """(record type, action) to scope of a role, and ("", power) to "all" or "none"."""
    scopes = {(entity, action): scope for entity, action, scope in rights_of(role, scoped_types(schema))}
    table = Base.metadata.tables["role_right"]
    if role not in LEADING:
        rows = connection.execute(sa.select(table.c.entity, table.c.action, table.c.scope).where(table.c.role == role))
        scopes |= {(entity, action): scope for entity, action, scope in rows}
    return scopes


def access_of(connection: sa.Connection, schema: Schema, user_id: int) -> Access:
    """What a user may do. Nothing at all for one who is not there or does not work here any more."""
    user = Base.metadata.tables["user_account"]
    row = connection.execute(sa.select(user.c.role, user.c.team_id, user.c.active).where(user.c.id == user_id)).first()
    if row is None or not row.active:
        return Access(user_id)
    team = {user_id}
    if row.team_id is not None:
        team |= set(connection.execute(sa.select(user.c.id).where(user.c.team_id == row.team_id)).scalars())
    if row.role in LEADING:
        return Access(user_id, row.role, True, frozenset(team), row.team_id)
    scopes = MappingProxyType(role_scopes(connection, schema, row.role))
    return Access(user_id, row.role, False, frozenset(team), row.team_id, scopes)
