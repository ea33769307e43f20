"""Back to before an upgrade on a server: the older program puts the copy of before in the place of the upgraded database.

The copy is restored beside it first. Only then the upgraded database gets another name, which takes a moment and can be
taken back, and the restored one its own. Nothing is deleted: who wants to can look things up in the upgraded one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from crm_desktop.backup.container import try_password
from crm_desktop.backup.restoring import restore_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.core.secrets import keep_secret
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.office_server import MAINTENANCE, Login, create_database, drop_database
from crm_desktop.security.connecting import open_connection
from crm_desktop.security.postgres.lock import install_lock
from crm_desktop.security.postgres.names import Names
from crm_desktop.upgrading import Upgrade, known_password

_ROLE = "-c role="
"""The option of libpq that makes a connection act as another role from its beginning."""


@dataclass(frozen=True)
class PutBack:
    """An office of a server that is as before its upgrade, and the name of the database that keeps the upgraded one."""

    address: ServerAddress
    kept: str


def put_back(
    address: ServerAddress, admin: Login, upgrade: Upgrade, schema: Schema, progress: Progress | None = None, *,
    password: str | None = None,
) -> PutBack:  # fmt: skip
    """Put the copy from before an upgrade in the place of an office's database, under its name, and lock it as it was.

    Args:
        address: of the office.
        admin: an administrator of the server; used now and kept nowhere.
        upgrade: the copy, of the tables that this program knows (``upgrading.copy_for``).
        password: of the copy; else the one that this computer knows.

    Raises:
        UserError: the login may not do this, somebody has the office open, the copy is damaged or its password
            wrong. Nothing was changed.
        Cancelled: the same.
    """
    progress = progress or Progress()
    keep_secret(admin.password)
    password = password or known_password(upgrade)
    try_password(Path(upgrade.copy), password)
    work = _Work(replace(address, user=admin.user), admin)
    with closing(work.server()) as server:
        work.refuse_powerless(server)
        work.refuse_used(server)
        locked, owner = work.how_it_is()
        spare, kept = (_free(server, address.database, end) for end in ("_going_back", _aside()))
        with _made(server, spare, owner if not locked else ""):
            acting = "" if locked else owner
            restore_backup(upgrade.copy, work.url(spare, acting), schema, password=password, progress=progress)
            progress.check()
            progress.update(message=translate(N_("Exchanging the databases")))
            work.refuse_used(server)
            with server.transaction():
                _rename(server, address.database, kept)
                _rename(server, spare, address.database)
    if locked:
        work.hand_over_lock(kept, schema)
    return PutBack(address, kept)


@dataclass(frozen=True)
class _Work:
    """The server as its administrator sees it."""

    address: ServerAddress
    admin: Login

    def server(self, database: str = MAINTENANCE) -> psycopg.Connection[Any]:
        return open_connection(replace(self.address, database=database), self.admin.password)

    def url(self, database: str, acting: str = "") -> str:
        options = {name: str(value) for name, value in self.address.security().items()}
        if acting:
            options["options"] = _ROLE + acting.replace("\\", "\\\\").replace(" ", "\\ ")
        return replace(self.address, database=database).url(self.admin.password, **options)

    def refuse_powerless(self, server: psycopg.Connection[Any]) -> None:
        row = server.execute(
            "SELECT rolsuper OR (rolcreaterole AND rolcreatedb AND EXISTS (SELECT FROM pg_database WHERE datname = %s "
            "AND pg_has_role(current_user, datdba, 'MEMBER'))) FROM pg_roles WHERE rolname = current_user",
            [self.address.database],
        ).fetchone()
        if row is None or not row[0]:
            raise UserError(
                N_("{user} may not create databases and logins on this server. Use an administrator's login, usually “postgres”."),
                user=self.admin.user,
            )  # fmt: skip

    def refuse_used(self, server: psycopg.Connection[Any]) -> None:
        """Refuse while somebody has the office open: a database that is used cannot get another name."""
        rows = server.execute(
            "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'",
            [self.address.database],
        ).fetchall()
        if rows:
            raise UserError(
                N_("The office is open still: {people}. Close the program on every computer, and try again. Nothing was changed."),
                people=", ".join(sorted(str(name) for (name,) in rows)),
            )  # fmt: skip

    def how_it_is(self) -> tuple[bool, str]:
        """Whether the upgraded office enforces rights, and who owns its tables."""
        with closing(self.server(self.address.database)) as inside:
            locked = _value(inside, "SELECT to_regnamespace('crm_lock') IS NOT NULL")
            owner = _value(
                inside,
                "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass('public.alembic_version')",
            )
        return bool(locked), str(owner or self.address.user)

    def hand_over_lock(self, kept: str, schema: Schema) -> None:
        """The roles of the office are those of the restored database now; nobody else gets into the upgraded one.

        Raises:
            UserError: the lock cannot be put on; the restored database is in place, and closed for everybody else.
        """
        with closing(self.server(kept)) as inside, inside.transaction():
            comment = _value(inside, "SELECT obj_description('crm_lock'::regnamespace, 'pg_namespace')")
            prefix = str(comment or "").partition(": ")[2]
            names = Names(prefix) if prefix else Names.for_database(self.address.database)
            owner, people = sql.Identifier(names.owner), sql.Identifier(names.people)
            me = sql.Identifier(self.admin.user)
            inside.execute(sql.SQL("REASSIGN OWNED BY {} TO {}").format(owner, me))
            inside.execute(sql.SQL("DROP OWNED BY {}").format(owner))
            inside.execute(
                sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC, {}").format(sql.Identifier(kept), people)
            )
        database = Database(self.url(self.address.database), schema)
        try:
            with database.begin() as connection:
                install_lock(connection, schema)
        except UserError as error:
            raise UserError(
                N_("The office is as before the upgrade, but its rights are not in force yet: {why} Until an administrator runs “crm-desktop rights lock”, nobody else gets in."),
                why=str(error),
            ) from error  # fmt: skip
        finally:
            database.close()


@contextmanager
def _made(server: psycopg.Connection[Any], name: str, owner: str) -> Iterator[None]:
    """A new database that is dropped again unless the block comes to its end, where it has another name."""
    create_database(server, sql.Identifier(name))
    try:
        if owner:
            server.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(*map(sql.Identifier, (name, owner))))
        yield
    except BaseException:
        with suppress(psycopg.Error):
            drop_database(server, sql.Identifier(name))
        raise


def _rename(server: psycopg.Connection[Any], name: str, to: str) -> None:
    server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))


def _aside() -> str:
    return f"_upgraded_{clock.today():%Y_%m_%d}"


def _free(server: psycopg.Connection[Any], name: str, end: str) -> str:
    """A name with this end that no database has; the server cuts off what is longer than 63 bytes."""
    rows: Sequence[Any] = server.execute("SELECT datname FROM pg_database").fetchall()
    taken = {str(one) for (one,) in rows}
    stem = name.encode()[: 60 - len(end)].decode(errors="ignore") + end
    wanted, number = stem, 2
    while wanted in taken:
        wanted, number = f"{stem}_{number}", number + 1
    return wanted


def _value(connection: psycopg.Connection[Any], statement: Any) -> Any:
    row = connection.execute(statement).fetchone()
    return row[0] if row is not None else None
