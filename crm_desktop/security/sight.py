"""Who can see, change and delete one record, and why."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.access import LEADING, Access
from crm_desktop.core.errors import RecordGone
from crm_desktop.db.schema import Schema
from crm_desktop.security.access import role_scopes
from crm_desktop.security.queries import UserRow, active_users

ACTIONS = ("read", "edit", "delete", "export")
"""What is asked for each person."""


@dataclass(frozen=True)
class Sight:
    """What one person may do with a record.

    Attributes:
        may: those of :data:`ACTIONS` that they may.
        reason: why they see it, or why not: "leads" (an owner or administrator), "owner" (it is theirs), "maker"
            (nobody owns it, they made it), "team" (somebody of their team owns it), "unowned" (nobody owns it),
            "all" (their role sees all), "other" (it is somebody else's), "none" (their role sees none of this type).
    """

    user: UserRow
    may: frozenset[str]
    reason: str

    @property
    def sees(self) -> bool:
        """Whether they see it at all."""
        return "read" in self.may


@dataclass(frozen=True)
class RecordSight:
    """Who can do what with a record; those who see it first. ``owner_id`` is None where nobody owns it."""

    owner_id: int | None
    people: tuple[Sight, ...]


def who_can_see(connection: sa.Connection, schema: Schema, entity: str, record_id: int) -> RecordSight:
    """What every active user may do with a record: as many reads as there are roles, however many people there are.

    Raises:
        RecordGone: the record is not there, or not for who asks.
    """
    table = schema.table(entity)
    owned = "owner_id" in table.c
    columns = [table.c.created_by, *([table.c.owner_id] if owned else [])]
    row = connection.execute(sa.select(*columns).where(table.c.id == record_id)).first()
    if row is None:
        raise RecordGone(entity, record_id)
    owner_id = row.owner_id if owned else row.created_by
    users = active_users(connection)
    scopes = {role: role_scopes(connection, schema, role) for role in {one.role for one in users}}
    people = []
    for one in users:
        team = {other.id for other in users if one.team_id is not None and other.team_id == one.team_id} | {one.id}
        leads = one.role in LEADING
        access = Access(one.id, one.role, leads, frozenset(team), one.team_id, scopes[one.role])
        may = frozenset(action for action in ACTIONS if access.covers(entity, action, owner_id, row.created_by))
        people.append(Sight(one, may if "read" in may else frozenset(), _reason(access, entity, owner_id)))
    people.sort(key=lambda one: (not one.sees, one.user.id != owner_id, -len(one.may)))
    return RecordSight(row.owner_id if owned else None, tuple(people))


def _reason(access: Access, entity: str, owner_id: int | None) -> str:
    if owner_id is not None and owner_id == access.user_id and access.may(entity, "read"):
        return "owner"
    if access.everything:
        return "leads"
    scope = access.scope(entity, "read")
    if scope in ("all", "none"):
        return scope
    if owner_id is None:
        return "unowned" if scope == "team" else "maker"
    return "team" if scope == "team" and owner_id in access.team else "other"
