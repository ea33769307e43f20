"""Roles of the office and their rights, secrets of sign-in, who looks at what, and what somebody should know."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.fields import Choice
from crm_desktop.core.i18n import N_
from crm_desktop.db import base
from crm_desktop.db.base import Base, Record, Row
from crm_desktop.db.types import Instant


class Role(Record, Base):
    """A role that the office made. The program's own roles (``defaults.ROLES``) have no row."""

    __tablename__ = "role"
    __table_args__ = (sa.UniqueConstraint("key"), {"info": {"entity": True, "rights": "users"}})

    key = base.text(N_("Key"), required=True, in_form=False)
    name = base.text(N_("Name"), required=True, in_list=True)
    description = base.text(N_("Description"))


_SCOPES = (
    Choice("none", N_("None"), 8), Choice("own", N_("Only the own ones"), 1),
    Choice("team", N_("Those of the own team, and those that nobody owns"), 2), Choice("all", N_("All of them"), 4),
)  # fmt: skip


class RoleRight(Row, Base):
    """A right of a role where it differs from ``defaults``: record type, action, scope; a power has no record type."""

    __tablename__ = "role_right"
    __table_args__ = (
        sa.UniqueConstraint("role", "entity", "action"),
        {"info": {"rights": "users", "plural": N_("Rights")}},
    )

    role = base.text(N_("Role"), required=True)
    entity = base.text(N_("Record type"), required=True)
    action = base.text(N_("Action"), required=True)
    scope = base.choice(N_("Scope"), _SCOPES, required=True)


class UserSecret(Row, Base):
    """The Argon2 hash of the password with which somebody signs in to a shared file. Never part of the history."""

    __tablename__ = "user_secret"
    __table_args__ = (sa.UniqueConstraint("user_id"), {"info": {"history": False, "rights": "secret"}})

    user_id = base.link(N_("User"), "user", table="user_account", on_delete="CASCADE", required=True, index=False)
    password_hash = sa.Column(sa.Text, nullable=False)
    must_change = base.flag(N_("Must choose a new password"))
    changed_at = sa.Column(Instant)
    failures = sa.Column(sa.Integer, nullable=False, server_default="0")
    failed_at = sa.Column(Instant)


class Notification(Row, Base):
    """Something that a colleague should know: a record was given to them, somebody answered their case.

    Where ``count`` is more than one, it stands for many records of a type and names none of them.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.Index("ix_notification_user_id", "user_id", "at"),
        sa.Index("ix_notification_record_id", "record_id"),
        {"info": {"history": False, "rights": "personal", "refers": "record_id"}},
    )

    user_id = base.link(N_("User"), "user", table="user_account", on_delete="CASCADE", required=True, index=False)
    kind = base.text(N_("Kind"), required=True)
    entity = base.text(N_("Record type"))
    record_id = sa.Column(sa.BigInteger)
    text = base.text(N_("Text"))
    count = sa.Column(sa.Integer, nullable=False, server_default="1")
    by_user_id = sa.Column(sa.BigInteger)
    about_user_id = sa.Column(sa.BigInteger)
    change_set_id = sa.Column(sa.BigInteger)
    at = sa.Column(Instant, nullable=False)
    read_at = base.instant(N_("Read"))


class Presence(Base):
    """Who has which record open just now, and whether they type in it. Rows older than a minute mean nothing."""

    __tablename__ = "presence"
    __table_args__ = (
        sa.Index("ix_presence_record_id", "record_id"),
        {"info": {"history": False, "local": True, "rights": "shared"}},
    )

    id = sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False)
    user_id = sa.Column(sa.BigInteger, nullable=False)
    origin = sa.Column(sa.Text, nullable=False)
    entity = sa.Column(sa.Text, nullable=False)
    record_id = sa.Column(sa.BigInteger, nullable=False)
    editing = sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    seen_at = sa.Column(Instant, nullable=False)


ROLE = base.entity(
    Role, label=N_("Role"), plural=N_("Roles"), new_label=N_("New role"), icon="ph.identification-badge",
    title_field="name", list_columns=("name", "description"), list_sort=("name", False), key_fields=("name",),
    searchable=False, importable=False, listed=False,
)  # fmt: skip
ENTITIES = (ROLE,)
