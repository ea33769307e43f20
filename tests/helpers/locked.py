"""An office whose rights the server itself enforces, with a person of every role."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security import service
from crm_desktop.security.access import access_of
from crm_desktop.security.postgres.lock import install_lock
from crm_desktop.security.postgres.passwords import set_password
from tests.helpers.postgres import PostgresServer

ROLES = ("owner", "admin", "manager", "sales", "mate", "stranger", "service", "marketing", "readonly")
"""Keys of the people. "mate" and "stranger" are of the role "sales": one of the same team as "sales", one of no team."""
TEAM = ("sales", "mate", "service")
PASSWORD = "Ginger-Biscuit-42"


@dataclass
class LockedOffice:
    """A locked database.

    Attributes:
        root: it, opened by the server's superuser, whom no right holds back.
        people: key to the user's id.
        logins: key to the login.
    """

    server: PostgresServer
    name: str
    root: Database
    people: dict[str, int] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    opened: list[Database] = field(default_factory=list)
    connections: list[psycopg.Connection[Any]] = field(default_factory=list)
    _asking: dict[str, psycopg.Connection[Any]] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """The record types."""
        return self.root.schema

    def url(self, key: str) -> str:
        """The address with login and password of a person."""
        return self.server.url(self.name, self.logins[key], PASSWORD)

    def connect(self, key: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """A plain connection of a person, past the program; closed at the end of the test."""
        connection = psycopg.connect(self.url(key), autocommit=autocommit)
        self.connections.append(connection)
        return connection

    def asked(self, key: str, statement: str, *parameters: Any) -> list[Any]:
        """What a statement gives a person, on one plain connection of theirs: rows, or [how many it touched]."""
        found = self._asking.get(key)
        if found is None or found.closed:
            found = self._asking[key] = self.connect(key)
        cursor = found.execute(statement, parameters or None)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else [cursor.rowcount]

    def refused(self, key: str, statement: str, *parameters: Any) -> None:
        """A statement of a person that the server refuses, for want of a right and nothing else."""
        try:
            found = self.asked(key, statement, *parameters)
        except psycopg.Error as error:
            state = error.sqlstate or ""
            assert state == "42501" or state.startswith("CRM"), f"{key}: {statement}: {error!r}"
            return
        raise AssertionError(f"{key} may: {statement}: {found}")

    def open(self, key: str) -> Database:
        """The database as a person has it open, signed in; closed at the end of the test."""
        database = Database(self.url(key), self.schema)
        self.opened.append(database)
        with database.read() as connection:
            access = access_of(connection, self.schema, self.people[key])
        database.access = access
        return database

    def actor(self, key: str) -> Actor:
        """Who writes, for ``write(..., actor=)``."""
        return Actor(self.people[key], key.title())

    @contextmanager
    def writing(self, key: str, title: str = "Test") -> Iterator[UnitOfWork]:
        """A unit of work of a person."""
        with write(self.open(key), title, actor=self.actor(key)) as uow:
            yield uow

    def ask(self, statement: str, *parameters: Any) -> Any:
        """One value, asked by the superuser."""
        with psycopg.connect(self.server.url(self.name), autocommit=True) as connection:
            found = connection.execute(statement, parameters).fetchone()
        return None if found is None else found[0]


@contextmanager
def locked(server: PostgresServer, url: str, schema: Schema) -> Iterator[LockedOffice]:
    """Lock a fresh database and give it people; logins are of this test alone, since they belong to the server."""
    root = Database(url, schema)
    office = LockedOffice(server, url.rpartition("/")[2], root)
    mark = uuid.uuid4().hex[:6]
    try:
        with write(root, "People") as uow:
            ensure_default_pipeline(uow)
            team = service.create_team(uow, "South")
            for key in ROLES:
                role = "sales" if key in ("mate", "stranger") else key
                values = {"team_id": team} if key in TEAM else {}
                office.logins[key] = f"{key}.{mark}"
                office.people[key] = service.create_user(uow, key.title(), login=f"{key}.{mark}", role=role, **values)
        with root.begin() as connection:
            install_lock(connection, schema)
            for login in office.logins.values():
                set_password(connection, login, PASSWORD)
        yield office
    finally:
        for one in office.connections:
            one.close()
        for opened in (*office.opened, root):
            opened.close()


def table(name: str) -> sa.Table:
    """A table of the program."""
    return Base.metadata.tables[name]
