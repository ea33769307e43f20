"""Saved views of lists: who sees which, who may change them, and every change of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.filters import Filter, all_of, any_of, where
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import queries, service
from crm_desktop.records.queries import RecordRow

_NAMES = ("name", "scope", "owner_id", "team_id", "position", "filter", "columns", "sort", "layout")
_STEP = 1024
DEFAULT_FOR = "default_for"
"""The member of a view's layout that lists the users whose lists open with it."""


def read_views(database: Database, connection: sa.Connection, page: str, user_id: int | None) -> list[RecordRow]:
    """The views of a page that a user sees: their own, their team's and everyone's, in their order."""
    own = where("owner_id", "eq", "@me") if user_id is not None else where("owner_id", "empty")
    seen: list[Filter] = [where("scope", "eq", "everyone"), own]
    team = team_of(connection, user_id)
    if team is not None:
        seen.append(all_of(where("scope", "eq", "team"), where("team_id", "eq", team)))
    ids = queries.find_ids(
        database, connection, "saved_view", filter=all_of(where("entity", "eq", page), any_of(*seen)),
        sort=[("position", False), ("name", False)], user_id=user_id,
    )  # fmt: skip
    return queries.fetch_rows(database, connection, "saved_view", ids, _NAMES)


def team_of(connection: sa.Connection, user_id: int | None) -> int | None:
    """The team of a user."""
    user = Base.metadata.tables["user_account"]
    found = connection.execute(sa.select(user.c.team_id).where(user.c.id == user_id)).scalar()
    return int(found) if found is not None else None


def create_view(uow: UnitOfWork, values: Mapping[str, Any]) -> int:
    """Save a new view of whoever writes, behind those that are there. Returns its id.

    Args:
        values: ``entity`` (the page), ``name``, ``scope``, ``filter``, ``columns``, ``sort``, ``layout``.

    Raises:
        UserError: it is for a team, and the writer is in none.
    """
    given = {**values, "owner_id": uow.actor.user_id, "position": _last(uow, str(values["entity"])) + _STEP}
    return service.create_record(uow, "saved_view", _with_team(uow, given))


def update_view(uow: UnitOfWork, view_id: int, values: Mapping[str, Any]) -> None:
    """Change a view.

    Raises:
        UserError: it belongs to somebody else and the writer may not change views that others share.
    """
    current = _changeable(uow, view_id)
    given = dict(values)
    if given.get("layout") is not None:  # whose default it is does not change with what it shows
        kept = (current["layout"] or {}).get(DEFAULT_FOR)
        given["layout"] = {**given["layout"], **({DEFAULT_FOR: kept} if kept else {})}
    service.update_record(uow, "saved_view", view_id, _with_team(uow, given, current))


def delete_view(uow: UnitOfWork, view_id: int) -> None:
    """Delete a view.

    Raises:
        UserError: it belongs to somebody else and the writer may not change views that others share.
    """
    _changeable(uow, view_id)
    service.delete_records(uow, "saved_view", [view_id])


def duplicate_view(uow: UnitOfWork, view_id: int, name: str) -> int:
    """A private copy of a view for whoever writes. Returns its id."""
    current = _row(uow, view_id)
    layout = {key: value for key, value in (current["layout"] or {}).items() if key != DEFAULT_FOR}
    values = {key: current[key] for key in ("entity", "filter", "columns", "sort")}
    return create_view(uow, {**values, "layout": layout or None, "name": name, "scope": "private"})


def move_view(uow: UnitOfWork, order: Sequence[int], view_id: int) -> None:
    """Put a view where it stands in ``order``, the ids of all views of its page as they are to stand.

    Only this view gets another position where there is room for it between its neighbours; else all that the writer
    may change are numbered anew.
    """
    _changeable(uow, view_id)
    table = uow.table("saved_view")
    found = uow.connection.execute(sa.select(table.c.id, table.c.position).where(table.c.id.in_(list(order))))
    places = {identity: position for identity, position in found}
    at = list(order).index(view_id)
    before = places[order[at - 1]] if at else 0
    after = places[order[at + 1]] if at + 1 < len(order) else (before or 0) + 2 * _STEP
    if before is not None and after is not None and after - before > 1:
        service.update_record(uow, "saved_view", view_id, {"position": (before + after) // 2})
        return
    for number, one in enumerate(order, 1):
        if may_change(uow.database, _row(uow, one), uow.actor.user_id) and places[one] != number * _STEP:
            service.update_record(uow, "saved_view", one, {"position": number * _STEP})


def set_default(uow: UnitOfWork, page: str, view_id: int | None) -> None:
    """Let a page open with a view for whoever writes; with none of the saved ones where None."""
    table, me = uow.table("saved_view"), uow.actor.user_id or 0
    rows = uow.connection.execute(sa.select(table.c.id, table.c.layout).where(table.c.entity == page)).all()
    for identity, layout in rows:
        users = list((layout or {}).get(DEFAULT_FOR) or ())
        wanted = [one for one in users if one != me] + ([me] if identity == view_id else [])
        if wanted != users:
            with uow.unasked():  # whose list opens with a view is theirs, whoever's view it is
                service.update_record(uow, "saved_view", identity, {"layout": {**(layout or {}), DEFAULT_FOR: wanted}})


def may_change(database: Database, values: Mapping[str, Any], user_id: int | None) -> bool:
    """Whether a user may change a view: it is theirs, or it is shared and they may change those of others."""
    owner = values["owner_id"]
    if getattr(owner, "id", owner) == user_id:
        return True
    return database.access.everything or (values["scope"] != "private" and database.access.can("views"))


def _row(uow: UnitOfWork, view_id: int) -> Mapping[str, Any]:
    table = uow.table("saved_view")
    found = uow.connection.execute(sa.select(table).where(table.c.id == view_id)).mappings().first()
    if found is None:
        raise RecordGone("saved_view", view_id)
    return dict(found)


def _changeable(uow: UnitOfWork, view_id: int) -> Mapping[str, Any]:
    current = _row(uow, view_id)
    if not may_change(uow.database, current, uow.actor.user_id):
        raise UserError(
            N_("The view “{name}” belongs to somebody else. Save it under another name to change it."),
            name=current["name"],
        )
    return current


def _with_team(
    uow: UnitOfWork, values: Mapping[str, Any], current: Mapping[str, Any] | None = None
) -> Mapping[str, Any]:
    scope = values.get("scope")
    if scope is None:
        return values
    if scope != "team":
        return {**values, "team_id": None}
    known = (current or {}).get("team_id")
    team = known if known is not None else team_of(uow.connection, uow.actor.user_id)
    if team is None:
        raise UserError(N_("You are in no team. Show the view to everyone, or only to yourself."))
    return {**values, "team_id": team}


def _last(uow: UnitOfWork, page: str) -> int:
    table = uow.table("saved_view")
    statement = sa.select(sa.func.max(table.c.position)).where(table.c.entity == page)
    return int(uow.connection.execute(statement).scalar() or 0)
