"""Users and teams.

``User.role`` is the key of a role: one of ``defaults.ROLES``, or one that the office made.
"""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record


class Team(Record, Base):
    """A group of users who share work."""

    __tablename__ = "team"
    __table_args__ = {"info": {"entity": True, "rights": "users"}}

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True, aliases=("team", "equipe", "equipo"))
    description = base.long_text(N_("Description"))


class User(Record, Base):
    """A person who works with the program. ``login`` is the name of the database role in an office database."""

    __tablename__ = "user_account"
    __table_args__ = (sa.UniqueConstraint("login"), {"info": {"entity": True, "rights": "users"}})

    name = base.text(N_("Name"), required=True, searchable=True, in_list=True, aliases=("full name", "nome", "nombre"))
    login = base.text(N_("Login"), required=True, in_list=True, unique=True)
    email = base.of_kind(Kind.EMAIL, N_("E-mail"), in_list=True, searchable=True)
    phone = base.of_kind(Kind.PHONE, N_("Phone"), in_list=True)
    role = base.text(N_("Role"), required=True, in_list=True, default="sales")
    job_title = base.text(N_("Job title"))
    team_id = base.link(N_("Team"), "team", in_list=True)
    active = base.flag(N_("Active"), default=True, in_list=True)
    hue = base.integer(N_("Colour"), in_form=False)


TEAM = base.entity(
    Team, label=N_("Team"), plural=N_("Teams"), new_label=N_("New team"), icon="ph.users-three",
    title_field="name", list_columns=("name", "description"), list_sort=("name", False), key_fields=("name",),
    searchable=False, importable=False, listed=False,
)  # fmt: skip
USER = base.entity(
    User, name="user", label=N_("User"), plural=N_("Users"), new_label=N_("New user"), icon="ph.user-gear",
    title_field="name", subtitle_field="role", list_columns=("name", "login", "email", "role", "team_id", "active"),
    list_sort=("name", False), key_fields=("login", "email", "name"), searchable=False, importable=False, listed=False,
)  # fmt: skip
ENTITIES = (TEAM, USER)
