"""Reads of users and teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.db.base import Base


@dataclass(frozen=True)
class UserRow:
    """A user as lists and pickers show them."""

    id: int
    name: str
    login: str
    email: str
    role: str
    job_title: str
    team_id: int | None
    team: str
    active: bool
    hue: int
    phone: str = ""


@dataclass(frozen=True)
class TeamRow:
    """A team with the number of its active members."""

    id: int
    name: str
    description: str
    members: int


def users(connection: sa.Connection, *, active_only: bool = False) -> list[UserRow]:
    """The users by name, active ones first."""
    user, team = Base.metadata.tables["user_account"], Base.metadata.tables["team"]
    statement = sa.select(user, team.c.name.label("team")).outerjoin(team, team.c.id == user.c.team_id)
    if active_only:
        statement = statement.where(user.c.active)
    rows = connection.execute(statement.order_by(user.c.active.desc(), sa.func.crm_fold(user.c.name), user.c.id))
    return [
        UserRow(
            row.id, row.name, row.login, row.email or "", row.role, row.job_title or "", row.team_id, row.team or "",
            row.active, row.hue or row.id % 8 + 1, row.phone or "",
        )
        for row in rows
    ]  # fmt: skip


def hues(connection: sa.Connection) -> dict[str, int]:
    """The colour of everybody who works here, by name."""
    user = Base.metadata.tables["user_account"]
    rows = connection.execute(sa.select(user.c.id, user.c.name, user.c.hue).where(user.c.active))
    return {row.name: row.hue or row.id % 8 + 1 for row in rows}


def active_users(connection: sa.Connection) -> list[UserRow]:
    """The users who can sign in, by name."""
    return users(connection, active_only=True)


def teams(connection: sa.Connection) -> list[TeamRow]:
    """The teams by name."""
    user, team = Base.metadata.tables["user_account"], Base.metadata.tables["team"]
    members = (
        sa.select(sa.func.count()).where(user.c.team_id == team.c.id, user.c.active).scalar_subquery().label("members")
    )
    rows = connection.execute(sa.select(team.c.id, team.c.name, team.c.description, members).order_by(team.c.name))
    return [TeamRow(row.id, row.name, row.description or "", row.members) for row in rows]


def last_active(connection: sa.Connection, *, among: int = 20_000) -> dict[int, datetime]:
    """User id to the moment of the last thing they changed or had open, as far as the newest change sets tell."""
    sets, presence = Base.metadata.tables["change_set"], Base.metadata.tables["presence"]
    newest = sa.select(sets.c.user_id, sets.c.at).order_by(sets.c.id.desc()).limit(among).subquery()
    changed = (
        sa.select(newest.c.user_id, sa.func.max(newest.c.at)).where(newest.c.user_id.is_not(None))
        .group_by(newest.c.user_id)
    )  # fmt: skip
    found: dict[int, datetime] = {user_id: at for user_id, at in connection.execute(changed)}
    seen = sa.select(presence.c.user_id, sa.func.max(presence.c.seen_at)).group_by(presence.c.user_id)
    for user_id, at in connection.execute(seen):
        if user_id not in found or at > found[user_id]:
            found[user_id] = at
    return found
