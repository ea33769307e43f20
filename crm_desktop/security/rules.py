"""What must hold for users whoever writes them: their role exists, only owners make owners, and somebody is in charge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.access import LEADING, SCOPES, Access
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.security.access import role_scopes
from crm_desktop.security.defaults import ROLES

NO_LEADER = N_("Somebody must stay owner or administrator. Give another user that role first.")
OWNERS_ONLY = N_("Only an owner may make somebody an owner, or change the role and the sign-in of one. Ask an owner.")
LEADERS_ONLY = N_(
    "Only owners and administrators may make somebody an administrator, or change the role and the sign-in of one. "
    "Ask one of them."
)
OWN_RIGHTS = N_("Nobody changes their own login, role or rights. Ask an administrator.")
MORE_THAN_SELF = N_("You can manage only people and rights that reach no further than your own. Ask an administrator.")
_KEY = frozenset({"role", "active", "login"})
"""What a person's powers hang on."""


def complete_user(context: Any, values: dict[str, Any], _current: Mapping[str, Any] | None) -> None:
    """Refuse a role that nobody knows.

    Raises:
        FieldError: there is no such role.
    """
    key = values.get("role")
    if key is None or any(one.key == key for one in ROLES):
        return
    role = Base.metadata.tables["role"]
    if context.uow.connection.execute(sa.select(role.c.id).where(role.c.key == key)).first() is None:
        raise FieldError("role", N_("There is no role “{role}”. Choose one of the office's roles."), role=key)


def keep_order(uow: UnitOfWork) -> Mapping[str, set[int]]:
    """At the end of a unit of work that touched users or rights, however it did: forms, bulk edits, undo.

    Raises:
        UserError: nobody would be owner or administrator any more.
        NotAllowed: who is signed in may not change owners, or administrators, or their own rights.
    """
    if any(table == "role_right" for table, _op in uow.done):
        _refuse_own_rights(uow)
    if not any(table == "user_account" for table, _op in uow.done):
        return {}
    user = Base.metadata.tables["user_account"]
    rows = uow.connection.execute(
        sa.select(change.c.record_id, change.c.op, change.c.data).where(uow.mine, change.c.table_name == user.name)
    ).all()
    columns = (user.c.id, user.c.role, user.c.active)
    now = {row.id: row for row in uow.connection.execute(sa.select(*columns))}
    touched, led, itself = set[str](), False, False
    for identity, op, data in rows:
        after = now.get(identity)
        old = {name: value if op == "D" else value[0] for name, value in (data or {}).items()}
        before = (old.get("role", after and after.role), old.get("active", after and after.active))
        if op != "U" or not _KEY.isdisjoint(old):
            touched |= {str(before[0])} if op != "I" else set()
            touched |= {after.role} if after is not None else set()
        led |= op != "I" and before[0] in LEADING and bool(before[1])
        itself |= op == "U" and not (_KEY | {"team_id"}).isdisjoint(old) and identity == uow.database.access.user_id
    _refuse_climbing(uow, touched)
    if itself:
        _refuse_self(uow)
    _refuse_higher(uow, touched)
    if led and not any(row.active and row.role in LEADING for row in now.values()):
        raise UserError(NO_LEADER)
    return {}


def _refuse_climbing(uow: UnitOfWork, touched: set[str]) -> None:
    """Owners are a matter of owners, administrators one of theirs; where nobody signed in there is nobody to ask."""
    access = uow.database.access
    if access.user_id is None or access.role == "owner":
        return
    if "owner" in touched:
        raise NotAllowed(OWNERS_ONLY, action="users")
    if "admin" in touched and access.role not in LEADING:
        raise NotAllowed(LEADERS_ONLY, action="users")


def _refuse_higher(uow: UnitOfWork, touched: Collection[str]) -> None:
    """Who manages people without leading the office manages those who may do no more."""
    access = uow.database.access
    if access.user_id is None or access.everything:
        return
    if not all(reaches(access, role_scopes(uow.connection, uow.database.schema, one)) for one in touched):
        raise NotAllowed(MORE_THAN_SELF, action="users")


def reaches(access: Access, scopes: Mapping[tuple[str, str], str]) -> bool:
    """Whether somebody may do all that these rights allow."""
    return all(SCOPES.index(access.scope(*key)) >= SCOPES.index(scope) for key, scope in scopes.items())


def is_below(access: Access, scopes: Mapping[tuple[str, str], str]) -> bool:
    """Whether somebody may do all that these rights allow, and more."""
    more = any(SCOPES.index(scope) > SCOPES.index(scopes.get(key, "none")) for key, scope in access.scopes.items())
    return reaches(access, scopes) and more


def _refuse_self(uow: UnitOfWork) -> None:
    """Who manages people without leading the office may do so for others only."""
    access = uow.database.access
    if access.user_id is not None and access.role not in LEADING:
        raise NotAllowed(OWN_RIGHTS, action="users")


def _refuse_own_rights(uow: UnitOfWork) -> None:
    """The rights of the role that who writes has are changed by those who lead the office."""
    table, role = Base.metadata.tables["role_right"], uow.database.access.role
    rows = uow.connection.execute(
        sa.select(change.c.data, table.c.role)
        .outerjoin(table, table.c.id == change.c.record_id)
        .where(uow.mine, change.c.table_name == table.name)
    ).all()
    if any(role == now or role in _texts((data or {}).get("role")) for data, now in rows):
        _refuse_self(uow)
    _refuse_higher(uow, {one for data, now in rows for one in (now, *_texts((data or {}).get("role"))) if one})


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
