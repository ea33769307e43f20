"""Writes of users and teams."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.access import LEADING
from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import service
from crm_desktop.security.rules import NO_LEADER

HANDED_OVER = ("contact", "company", "deal", "case", "activity")
"""What somebody who leaves hands over: all customers, and of the rest what is not done yet."""
_OPEN = {"deal": ("open",), "case": ("new", "open", "waiting"), "activity": ("planned",)}
_NOT_LOGIN = re.compile(r"[^a-z0-9]+")


def ensure_first_user(uow: UnitOfWork, name: str, *, login: str = "") -> int:
    """The id of the first active user, made as the owner if there is none."""
    table = uow.table("user")
    found = uow.connection.execute(
        sa.select(table.c.id).where(table.c.active).order_by(table.c.role != "owner", table.c.id).limit(1)
    ).scalar()
    return int(found) if found is not None else create_user(uow, name, login=login, role="owner")


def create_user(uow: UnitOfWork, name: str, *, login: str = "", role: str = "sales", **values: Any) -> int:
    """Add a user. Returns the id.

    Args:
        login: the name to sign in with; made from the name where empty.
        values: other fields: email, phone, job_title, team_id.

    Raises:
        FieldError: somebody else has this login.
        ValidationFailed: the name is missing or a value does not fit.
    """
    table = uow.table("user")
    taken = set(uow.connection.execute(sa.select(table.c.login)).scalars())
    if login.strip():
        login = login.strip().lower()
        if login in taken:
            raise FieldError("login", N_("Somebody else signs in as “{login}”. Choose another login."), login=login)
    else:
        login = free_login(name, taken)
    count = uow.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    given = {"name": name, "login": login, "role": role, "active": True, "hue": count % 8 + 1, **values}
    return service.create_record(uow, "user", given)


def free_login(name: str, taken: set[str]) -> str:
    """A login made from a name that nobody has: "helena.prates", "helena.prates2"."""
    words = _NOT_LOGIN.sub(" ", fold(name)).split()
    stem = ".".join(dict.fromkeys([words[0], words[-1]])) if words else "user"
    login, number = stem, 2
    while login in taken:
        login, number = f"{stem}{number}", number + 1
    return login


def update_user(uow: UnitOfWork, user_id: int, **values: Any) -> None:
    """Change fields of a user.

    Raises:
        UserError: nobody would be left to administer the office.
    """
    if values.get("active") is False or values.get("role", "owner") not in LEADING:
        _refuse_last_leader(uow, user_id)
    service.update_record(uow, "user", user_id, values)


def deactivate_user(uow: UnitOfWork, user_id: int, *, hand_over_to: int | None = None) -> int:
    """Let a user no longer sign in; what they did stays under their name. One change set, which Undo takes back.

    What others share stays in use: views shared by the person go along with the records, files that they were editing
    are free again, and nobody keeps notices for them.

    Args:
        hand_over_to: who gets their customers, their open deals and cases, and what they had planned.

    Returns:
        How many records were handed over.

    Raises:
        UserError: nobody would be left to administer the office, or who shall get the records does not work here.
    """
    update_user(uow, user_id, active=False)
    with uow.unasked():  # it belongs to managing users, whoever owns the records
        moved = _hand_over(uow, user_id, hand_over_to) if hand_over_to is not None else 0
        file, notice = uow.table("attachment"), uow.table("notification")
        uow.update_where(
            "attachment", {"checked_out_by": None, "checked_out_at": None}, file.c.checked_out_by == user_id
        )
        uow.delete_where("notification", notice.c.user_id == user_id)
    return moved


def _hand_over(uow: UnitOfWork, user_id: int, to: int) -> int:
    user = uow.table("user")
    works = uow.connection.execute(sa.select(user.c.active).where(user.c.id == to)).scalar()
    if not works or to == user_id:
        raise UserError(N_("Choose somebody who works here to take over the records."))
    moved = 0
    for name in _owned_types(uow.schema):
        moved += uow.update_where(name, {"owner_id": to}, _handed_over(uow.table(name), name, user_id))
    return moved


def handover_counts(connection: sa.Connection, schema: Schema, user_id: int) -> dict[str, int]:
    """How many records of each type :func:`deactivate_user` hands over, in the order of :data:`HANDED_OVER`."""
    counts = {}
    for name in _owned_types(schema):
        table = schema.table(name)
        statement = sa.select(sa.func.count()).select_from(table).where(_handed_over(table, name, user_id))
        counts[name] = int(connection.execute(statement).scalar_one())
    return counts


def _owned_types(schema: Schema) -> tuple[str, ...]:
    """The record types whose records have an owner: those of the program, whatever else has a list, and shared views."""
    more = [one.name for one in schema.entities.values() if one.listed and one.has("owner_id")]
    return tuple(dict.fromkeys((*HANDED_OVER, *more, "saved_view")))


def _handed_over(table: sa.Table, name: str, user_id: int) -> sa.ColumnElement[bool]:
    where = table.c.owner_id == user_id
    if name == "saved_view":
        return where & (table.c.scope != "private")
    if name not in _OPEN:
        return where
    open_now = table.c.status.in_(_OPEN[name])
    return where & (sa.or_(open_now, table.c.rrule.isnot(None)) if "rrule" in table.c else open_now)


def reactivate_user(uow: UnitOfWork, user_id: int) -> None:
    """Let a user sign in again."""
    service.update_record(uow, "user", user_id, {"active": True})


def create_team(uow: UnitOfWork, name: str, *, description: str = "") -> int:
    """Add a team. Returns its id."""
    return service.create_record(uow, "team", {"name": name, "description": description or None})


def update_team(uow: UnitOfWork, team_id: int, **values: Any) -> None:
    """Change a team's ``name`` or ``description``."""
    service.update_record(uow, "team", team_id, values)


def delete_team(uow: UnitOfWork, team_id: int) -> None:
    """Delete a team; its users stay, without a team."""
    service.delete_records(uow, "team", [team_id])


def set_members(uow: UnitOfWork, team_id: int, user_ids: list[int]) -> None:
    """Make these users, and no others, the members of a team."""
    table = uow.table("user")
    others = (table.c.team_id == team_id) & table.c.id.not_in(user_ids)
    uow.update_where("user", {"team_id": None}, others)
    if user_ids:
        new = table.c.id.in_(user_ids) & table.c.team_id.is_distinct_from(team_id)
        uow.update_where("user", {"team_id": team_id}, new)


def _refuse_last_leader(uow: UnitOfWork, user_id: int) -> None:
    table = uow.table("user")
    row = uow.connection.execute(sa.select(table.c.role, table.c.active).where(table.c.id == user_id)).first()
    if row is None:
        raise RecordGone("user", user_id)
    others = uow.connection.execute(
        sa.select(sa.func.count()).where(table.c.active, table.c.role.in_(LEADING), table.c.id != user_id)
    ).scalar_one()
    if row.active and row.role in LEADING and not others:
        raise UserError(NO_LEADER)
