"""Roles and the table of what each may do: what comes with the program, what the office changed, roles of its own.

A right that differs from the default of its role is a row of ``role_right``; setting it back removes the row. Nobody can
do more with a record than they can see, so widening a right widens "read" with it, and narrowing "read" narrows the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.access import ACTIONS, LEADING, POWERS, SCOPES, UNSCOPED
from crm_desktop.core.errors import RecordGone, SettingChanged, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import service, settled
from crm_desktop.security.access import role_scopes, scoped_types
from crm_desktop.security.defaults import ROLES, rights_of

Rights = Mapping[tuple[str, str], str]
"""(record type, action) to scope, and ("", power) to "all" or "none"."""
_BELOW_READ = tuple(one for one in ACTIONS if one not in ("read", "create", *UNSCOPED))


@dataclass(frozen=True)
class RoleRow:
    """A role: ``name`` is a source text where it came with the program; ``people`` counts the active users."""

    key: str
    name: str
    description: str = ""
    own: bool = False
    people: int = 0
    id: int = 0

    @property
    def leads(self) -> bool:
        """Whether it may do everything, and cannot be changed."""
        return self.key in LEADING


@dataclass(frozen=True)
class RoleRights:
    """What a role may do, and what it could before the office changed anything. A role of the office has no default."""

    role: str
    scopes: Rights
    defaults: Rights

    def changed(self, entity: str, action: str) -> bool:
        """Whether the office changed a right."""
        default = self.defaults.get((entity, action))
        return default is not None and default != self.scopes.get((entity, action), "none")

    @property
    def any_changed(self) -> bool:
        """Whether the office changed anything."""
        return any(self.changed(*key) for key in self.defaults)


def roles(connection: sa.Connection) -> list[RoleRow]:
    """The program's roles in their order, then the office's by name."""
    role, user = Base.metadata.tables["role"], Base.metadata.tables["user_account"]
    counted = sa.select(user.c.role, sa.func.count()).where(user.c.active).group_by(user.c.role)
    people = {key: count for key, count in connection.execute(counted)}
    known = [RoleRow(one.key, one.label, people=people.get(one.key, 0)) for one in ROLES]
    rows = connection.execute(sa.select(role).order_by(sa.func.crm_fold(role.c.name), role.c.id))
    own = [RoleRow(one.key, one.name, one.description or "", True, people.get(one.key, 0), one.id) for one in rows]
    return [*known, *own]


def rights_of_role(connection: sa.Connection, schema: Schema, role: str) -> RoleRights:
    """The whole table of a role."""
    built_in = any(one.key == role for one in ROLES)
    defaults = {(e, a): scope for e, a, scope in rights_of(role, scoped_types(schema))} if built_in else {}
    return RoleRights(role, role_scopes(connection, schema, role), defaults)


def set_right(
    uow: UnitOfWork, role: str, entity: str, action: str, scope: str, *, seen: str | None = None
) -> dict[str, str]:
    """Change one right of a role; a power where ``entity`` is "".

    Args:
        seen: the scope that whoever changes it saw; None does not ask.

    Returns:
        What else had to follow, by action: see the module.

    Raises:
        UserError: the role may do everything, and that cannot be changed.
        SettingChanged: a colleague gave the role another scope meanwhile.
    """
    if role in LEADING:
        raise UserError(N_("Owners and administrators may do everything; that cannot be changed."))
    schema = uow.database.schema
    if scope not in SCOPES or action not in (ACTIONS if entity else POWERS):
        raise ValueError(f"no such right: {entity} {action} {scope}")
    if entity and entity not in scoped_types(schema):
        raise ValueError(f"{entity} has no rights")
    if (action in UNSCOPED or not entity) and scope != "none":
        scope = "all"
    now = role_scopes(uow.connection, schema, role)
    theirs = now.get((entity, action), "none")
    if seen is not None and theirs not in (seen, scope):
        table = uow.table("role_right")
        row = (table.c.role == role) & (table.c.entity == entity) & (table.c.action == action)
        row_id = uow.connection.execute(sa.select(table.c.id).where(row)).scalar()
        last = settled.last_change(uow, "role_right", row_id, ("scope",))
        if last.user_id is None or last.user_id != uow.actor.user_id:  # one's own change may not be shown yet
            raise SettingChanged({"scope": (seen, scope, theirs)}, who=last.who, at=last.at)
    also = _following(now, entity, action, scope) if entity else {}
    for name, value in {action: scope, **also}.items():
        _store(uow, schema, role, entity, name, value)
    return also


def _following(now: Rights, entity: str, action: str, scope: str) -> dict[str, str]:
    reach = SCOPES.index
    if action == "read":
        return {
            one: scope for one in _BELOW_READ if reach(now.get((entity, one), "none")) > reach(scope)
        }  # fmt: skip
    if action in _BELOW_READ and reach(now.get((entity, "read"), "none")) < reach(scope):
        return {"read": scope}
    return {}


def _store(uow: UnitOfWork, schema: Schema, role: str, entity: str, action: str, scope: str) -> None:
    """Keep a right as a row, or as none where it is the default of a role of the program."""
    table = uow.table("role_right")
    where = (table.c.role == role) & (table.c.entity == entity) & (table.c.action == action)
    built_in = any(one.key == role for one in ROLES)
    default = next((s for e, a, s in rights_of(role, scoped_types(schema)) if (e, a) == (entity, action)), "none")
    kept = uow.connection.execute(sa.select(table.c.scope).where(where)).scalar()
    if scope == default and (built_in or scope == "none"):
        if kept is not None:
            uow.delete_where("role_right", where)
    elif kept is None:
        uow.insert("role_right", {"role": role, "entity": entity, "action": action, "scope": scope})
    elif kept != scope:
        uow.update_where("role_right", {"scope": scope}, where)


def reset_rights(uow: UnitOfWork, role: str) -> None:
    """Give a role of the program the rights back that it came with."""
    table = uow.table("role_right")
    if not any(one.key == role for one in ROLES):
        raise UserError(N_("A role of the office has no default to go back to."))
    uow.delete_where("role_right", table.c.role == role)


def create_role(uow: UnitOfWork, name: str, *, copy_of: str, description: str = "") -> str:
    """Add a role of the office with the rights of another one. Returns its key.

    Raises:
        ValidationFailed: the name is missing.
        UserError: there is a role of that name.
    """
    schema, connection = uow.database.schema, uow.connection
    refuse_taken(connection, name)
    taken = {one.key for one in roles(connection)}
    stem = "".join(one if one.isalnum() else "_" for one in fold(name)).strip("_") or "role"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}_{number}", number + 1
    service.create_record(uow, "role", {"key": key, "name": name.strip(), "description": description or None})
    for (entity, action), scope in sorted(role_scopes(connection, schema, copy_of).items()):
        if scope != "none":
            uow.insert("role_right", {"role": key, "entity": entity, "action": action, "scope": scope})
    return key


def refuse_taken(connection: sa.Connection, name: str, *, key: str = "") -> None:
    """Refuse a name that another role has."""
    folded = fold(name).strip()
    if any(fold(one.name) == folded and one.key != key for one in roles(connection)):
        raise UserError(N_("There is a role “{name}” already. Choose another name."), name=name.strip())


def update_role(uow: UnitOfWork, key: str, *, name: str, seen: str | None = None) -> None:
    """Give a role of the office another name.

    Args:
        seen: the name that whoever changes it saw; None does not ask.

    Raises:
        UserError: there is a role of that name.
        SettingChanged: a colleague gave it another name meanwhile.
    """
    refuse_taken(uow.connection, name, key=key)
    role_id, table = _id_of(uow, key), uow.table("role")
    if seen is not None:
        statement = sa.select(table).where(table.c.id == role_id).with_for_update()
        stored = uow.connection.execute(statement).mappings().one()
        settled.merged(uow, "role", dict(stored), {"name": name.strip()}, {"name": seen})
    service.update_record(uow, "role", role_id, {"name": name.strip()})


def delete_role(uow: UnitOfWork, key: str) -> None:
    """Delete a role of the office that nobody has.

    Raises:
        UserError: somebody has it.
    """
    user, right = uow.table("user"), uow.table("role_right")
    names = list(uow.connection.execute(sa.select(user.c.name).where(user.c.role == key)).scalars())
    if names:
        raise UserError(N_("{names} still have this role. Give them another one first."), names=", ".join(names[:5]))
    service.delete_records(uow, "role", [_id_of(uow, key)])
    uow.delete_where("role_right", right.c.role == key)


def _id_of(uow: UnitOfWork, key: str) -> int:
    table = uow.table("role")
    found = uow.connection.execute(sa.select(table.c.id).where(table.c.key == key)).scalar()
    if found is None:
        raise RecordGone("role", 0)
    return int(found)
