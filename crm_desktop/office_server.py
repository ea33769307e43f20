"""A new office on a PostgreSQL server: its database, the lock, the first people. Nothing stays of one that was not finished."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from crm_desktop import app
from crm_desktop.core import formats, regions
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records.office_service import COUNTRY, CURRENCY, NAME, save_settings
from crm_desktop.security.connecting import Diagnosis, OnStep, Problem, as_error, diagnose, open_connection
from crm_desktop.security.postgres.lock import install_lock
from crm_desktop.security.postgres.passwords import set_password

MAINTENANCE = "postgres"
"""The database that every server has; what concerns the whole server is done from it."""
SHORTEST = 8
"""A password of fewer letters is guessed too soon."""
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LOCALES: tuple[tuple[int, LiteralString], ...] = (
    (170_000, "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"),
    (150_000, "LOCALE_PROVIDER icu ICU_LOCALE 'und' LOCALE 'C'"),
    (140_000, "LOCALE 'C.UTF-8'"),
    (140_000, ""),
)
"""From which version, and how text is compared. First those that an update of the server's system never changes: an index
sorted by other rules than the server's would no longer find what is in it."""


@dataclass(frozen=True)
class Login:
    """A name of the server and its password."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Person:
    """Somebody who will sign in: name, login, and the password to begin with."""

    name: str
    login: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Administration:
    """What an administrator's login may do on a server, and what is there already.

    Attributes:
        exists: the database is there.
        empty: it is there and has no tables.
        roles: the names that can sign in or stand for rights on this server.
        locale: how new databases compare text.
    """

    diagnosis: Diagnosis
    may_create: bool = False
    exists: bool = False
    empty: bool = False
    roles: frozenset[str] = frozenset()

    @property
    def problem(self) -> str:
        """What keeps the office from being created, as a sentence; empty where nothing does."""
        database = self.diagnosis.address.database
        if not self.diagnosis.ok:
            return self.diagnosis.text
        if not self.may_create:
            words = _(
                "{user} may not create databases and logins on this server. Use an administrator's login, usually “postgres”."
            )
            return words.format(user=self.diagnosis.address.user)
        if self.exists and not self.empty:
            return _("There is a database {database} already, and it holds data. Choose another name.").format(
                database=database
            )
        return ""


def examine(address: ServerAddress, admin: Login, listener: OnStep | None = None) -> Administration:
    """Sign in as the server's administrator and see whether the office can be created. Changes nothing."""
    keep_secret(admin.password)
    asked = replace(address, user=admin.user)
    found = diagnose(replace(asked, database=MAINTENANCE), admin.password, listener=listener)
    found = replace(found, address=asked)
    if not found.ok:
        return Administration(found)
    with closing(open_connection(replace(asked, database=MAINTENANCE), admin.password)) as connection:
        row = connection.execute(
            "SELECT rolsuper OR (rolcreaterole AND (rolcreatedb OR EXISTS (SELECT FROM pg_database WHERE datname = %s "
            "AND pg_has_role(current_user, datdba, 'MEMBER')))) FROM pg_roles WHERE rolname = current_user",
            [address.database],
        ).fetchone()
        roles = frozenset(str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall())
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [address.database]).fetchone()
    empty = bool(exists) and _is_empty(asked, admin)
    return Administration(found, bool(row and row[0]), bool(exists), empty, roles)


def _is_empty(address: ServerAddress, admin: Login) -> bool:
    try:
        with closing(open_connection(address, admin.password)) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            ).fetchone()
            encoding = connection.info.parameter_status("server_encoding")
    except Problem:
        return False
    return row is not None and row[0] == 0 and encoding == "UTF8"


def create_office(
    address: ServerAddress, admin: Login, owner: Person, office: str, schema: Schema, progress: Progress | None = None
) -> ServerAddress:
    """Make the database of a new office, with its first owner and what every office needs.

    Args:
        address: the server, the name of the database, and how the connection is encrypted.
        admin: an administrator of the server; used now and kept nowhere.

    Returns:
        The address for the owner.

    Raises:
        UserError: it cannot be made; nothing of it is left.
        Cancelled: the same.
    """
    progress = progress or Progress()
    check_password(owner.password)
    with new_database(address, admin, schema, [owner], progress) as made:
        progress.update(3, message=_("Putting the basics in place"))
        with write(made.database, N_("First user"), kind="system") as uow:
            values = {"name": owner.name, "login": owner.login, "role": "owner", "active": True, "hue": 1}
            user_id = uow.insert("user", values)
            country = formats.region_country()  # written down: colleagues in other languages have the same money
            save_settings(uow, {NAME: office.strip() or None, COUNTRY: country, CURRENCY: regions.currency_of(country)})
        app.ensure_basics(made.database, Actor(user_id, owner.name))
        made.finish([owner], progress)
    mine = replace(address, user=owner.login)
    mine.keep()
    return mine


class Making:
    """A database that is being made, opened for the administrator; nobody else can sign in to it before the end."""

    def __init__(self, address: ServerAddress, admin: Login, schema: Schema) -> None:
        self.address = replace(address, user=admin.user)
        self._admin = admin
        self._schema = schema
        self._created = False
        self._before: _HandMade | None = None
        self._roles = self.roles()
        options = {name: str(value) for name, value in self.address.security().items()}
        self.database = Database(self.address.url(admin.password, **options), schema)

    def server(self, database: str = MAINTENANCE) -> psycopg.Connection[Any]:
        """A connection as the administrator."""
        return open_connection(replace(self.address, database=database), self._admin.password)

    def roles(self) -> frozenset[str]:
        """The names that the server knows."""
        with closing(self.server()) as connection:
            return frozenset(str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall())

    def prepare(self, exists: bool) -> None:
        """Make the database, or remember how the one was that somebody made by hand."""
        if exists:
            with closing(self.server(self.address.database)) as connection:
                self._before = _HandMade.of(connection)
            return
        with closing(self.server()) as connection:
            create_database(connection, sql.Identifier(self.address.database))
            self._created = True

    def finish(self, people: Sequence[Person], progress: Progress) -> None:
        """Lock the database, let these people in, and try the first one's sign-in."""
        progress.update(message=_("Locking the database and letting people in"))
        with self.database.begin() as connection:
            install_lock(connection, self._schema)
            for person in people:
                set_password(connection, person.login, person.password)
        progress.check()
        first = people[0]
        found = diagnose(replace(self.address, user=first.login), first.password, self._schema)
        if not found.ok:
            raise as_error(found)

    def take_back(self) -> None:
        """Leave nothing of it, also where the connection broke meanwhile."""
        self.database.close()
        with suppress(Problem, psycopg.Error):
            if self._before is not None:
                with closing(self.server(self.address.database)) as inside:
                    self._before.restore(inside, _made_roles(inside, self._roles))
            with closing(self.server()) as server:
                if self._created:
                    name = sql.Identifier(self.address.database)
                    drop_database(server, name)
                if self._created or self._before is not None:
                    _drop_roles(server, self._roles)


@dataclass(frozen=True)
class _HandMade:
    """How an empty database was before it was filled: whose it is, whose its schema, and the functions in it."""

    database: str
    owner: str
    schema_owner: str
    functions: list[int]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> _HandMade:
        """The database of a connection."""
        row = connection.execute(
            "SELECT current_database(), pg_get_userbyid(d.datdba), pg_get_userbyid(n.nspowner), "
            "ARRAY(SELECT oid::bigint FROM pg_proc WHERE pronamespace = n.oid) FROM pg_database d, pg_namespace n "
            "WHERE d.datname = current_database() AND n.nspname = 'public'"
        ).fetchone()
        assert row is not None
        return cls(*row)

    def restore(self, connection: psycopg.Connection[Any], roles: Sequence[sql.Identifier]) -> None:
        """Empty it again, and give everything back to whose it was."""
        database, owner = sql.Identifier(self.database), sql.Identifier(self.owner)
        with connection.transaction():
            connection.execute("DROP SCHEMA IF EXISTS crm_lock CASCADE")
            for kind, names in _THINGS.items():
                values = [self.functions] if "%s" in names else None
                for (one,) in connection.execute(names, values).fetchall():
                    connection.execute(sql.SQL("DROP {} IF EXISTS {} CASCADE").format(sql.SQL(kind), sql.SQL(one)))
            for role in roles:
                connection.execute(sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(role))
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, owner))
            schema_owner = sql.Identifier(self.schema_owner)
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(schema_owner))
            connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(schema_owner))
            connection.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO PUBLIC").format(database))
            connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
            for role in roles:
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(database, role))
        for role in roles:  # what they may by default; not everybody may say so for every role
            with suppress(psycopg.Error):
                connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(role))


_THINGS: dict[LiteralString, LiteralString] = {
    "VIEW": "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace",
    "TABLE": "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    "ROUTINE": "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
    "AND oid::bigint <> ALL (%s)",
}


def _made_roles(connection: psycopg.Connection[Any], before: frozenset[str]) -> list[sql.Identifier]:
    """The roles that the lock of an office made, known by their mark; never one that was there before."""
    rows = connection.execute(
        "SELECT rolname FROM pg_roles WHERE shobj_description(oid, 'pg_authid') LIKE 'CRM Desktop %: %' ORDER BY oid DESC"
    ).fetchall()
    return [sql.Identifier(name) for (name,) in rows if name not in before]


def _drop_roles(connection: psycopg.Connection[Any], before: frozenset[str]) -> None:
    """Drop them; those that others were granted by go after the others."""
    left = _made_roles(connection, before)
    for _round in range(3):
        for role in left:
            with suppress(psycopg.Error):
                connection.execute(sql.SQL("DROP ROLE {}").format(role))
        left = _made_roles(connection, before)


def create_database(connection: psycopg.Connection[Any], name: sql.Identifier) -> None:
    """An empty database for an office, that compares text as the server best can."""
    failure: psycopg.Error | None = None
    for since, locale in _LOCALES:
        if connection.info.server_version < since:
            continue
        words = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' {}")
        try:
            connection.execute(words.format(name, sql.SQL(locale)))
            return
        except (psycopg.errors.InsufficientPrivilege, psycopg.errors.DuplicateDatabase):
            raise
        except psycopg.DatabaseError as error:  # this server has no such locale
            failure = error
    assert failure is not None
    raise failure


def drop_database(connection: psycopg.Connection[Any], name: sql.Identifier) -> None:
    """Drop a database with whoever is in it.

    An administrator who is no superuser may not end what belongs to one, and the server's own vacuum does: then the
    server is asked without force, which ends its vacuum itself and waits five seconds for the others.

    Raises:
        psycopg.Error: it cannot be dropped.
    """
    try:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
    except psycopg.errors.InsufficientPrivilege:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))


@contextmanager
def new_database(
    address: ServerAddress, admin: Login, schema: Schema, people: Sequence[Person], progress: Progress
) -> Iterator[Making]:  # fmt: skip
    """An empty office database to fill; it is dropped again, with its logins, unless the block comes to its end.

    Raises:
        UserError: the administrator may not make it, it is there already, or a login is taken.
    """
    keep_secret(admin.password)
    for person in people:
        keep_secret(person.password)
    progress.update(0, 4, _("Looking at the server"))
    found = examine(address, admin)
    if found.problem:
        raise UserError(N_("{sentence}"), details=found.diagnosis.details, sentence=found.problem)
    refuse_taken([person.login for person in people], found.roles)
    made = Making(address, admin, schema)
    try:
        progress.update(1, message=_("Creating the database"))
        made.prepare(found.exists)
        progress.update(2, message=_("Making the tables"))
        migrate.migrate(made.database)
        yield made
    except BaseException as error:
        made.take_back()
        if isinstance(error, Problem):
            raise UserError(N_("{sentence}"), details=error.details, sentence=error.text) from None
        if isinstance(error, psycopg.Error):
            raise UserError(
                N_("The server did not let the office be created: {reason} Nothing was left behind."), reason=str(error)
            ) from error
        raise
    made.database.close()


def refuse_taken(names: Sequence[str], roles: frozenset[str]) -> None:
    """Refuse names that the server knows already: a login of somebody else would be taken over.

    Raises:
        UserError: one is taken, or cannot be a login.
    """
    for name in names:
        if name in roles:
            raise UserError(
                N_("The server knows the login “{login}” already, for something else. Choose another one."), login=name
            )
        if not name.strip() or len(name.encode()) > 63 or name.startswith("pg_"):
            raise UserError(
                N_("“{login}” cannot be a login on a server. Use a short name that does not begin with “pg_”."),
                login=name,
            )


def check_password(password: str) -> None:
    """Refuse a password that is too short.

    Raises:
        UserError: it is.
    """
    if len(password) < SHORTEST:
        raise UserError(N_("Choose a password of at least {n} characters."), n=SHORTEST)


def temporary_password() -> str:
    """A password to hand out on paper: groups of letters that are not taken for each other."""
    return "-".join("".join(secrets.choice(_LETTERS) for _place in range(4)) for _group in range(4))
