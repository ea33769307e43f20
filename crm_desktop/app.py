"""The composition root without a window: open a database, bring it up to date, say who works with it."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.core import paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.events import AccessChanged, RecordsChanged
from crm_desktop.core.i18n import N_
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database, is_server
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security.access import access_of

_RIGHTS = ("user", "team", "role", "role_right")
"""What a person's access follows from."""


@dataclass(frozen=True)
class Opened:
    """An open database, who works with it, and the office's name."""

    database: Database
    actor: Actor
    office: str


def open_database(target: str | Path | None = None, *, create: bool = True) -> Database:
    """Open a database and bring it to this program's schema; an older one is backed up first.

    Args:
        target: a file or a ``postgresql://`` URL; the user's own database where None.
        create: make a SQLite file that does not exist.

    Raises:
        UserError: it does not exist, is newer, foreign, damaged, locked, or does not answer.
    """
    chosen = target if target is not None else paths.default_database()
    if not is_server(chosen):
        path = Path(chosen)
        if path.is_dir():
            raise UserError(N_("{name} is a folder. Choose a database file."), name=str(path))
        if not create and not path.exists():
            raise UserError(N_("There is no database {name}. Check the path."), name=str(path))
        if create:
            _make_folder(path)
    database = Database(chosen, features.schema())
    try:
        migrate.migrate(database, before=lambda: _copy_before(database))
    except BaseException:
        database.close()
        raise
    return database


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The folder {folder} cannot be made: {reason}"),
            folder=str(path.parent),
            reason=error.strerror or str(error),
        ) from error


def _copy_before(database: Database) -> None:
    from crm_desktop.backup.service import make_backup  # lazy: only before a migration

    folder = database.path.parent / "backups" if database.path is not None else paths.backups_folder()
    make_backup(database, folder, prove=False)


def sign_in(database: Database, *, origin: str = "") -> Actor:
    """Who works with this database on this computer: the user with this login, made if there is none.

    In an office database the login is the one the server knows; in a file it is the computer's.
    """
    users = Base.metadata.tables["user_account"]
    login = _login(database)
    with database.read() as connection:
        found = connection.execute(sa.select(users.c.id, users.c.name).where(users.c.login == login)).first()
        if found is None and database.sqlite:
            # a file has its one user; a restored or copied one keeps the user it came with
            found = connection.execute(
                sa.select(users.c.id, users.c.name).where(users.c.active).order_by(users.c.role != "owner", users.c.id)
            ).first()
    if found is not None:
        follow_access(database, found.id)
        return Actor(found.id, found.name, origin)
    if database.read_only:
        return Actor(None, "", origin)
    with write(database, N_("First user"), kind="system") as uow:
        name = login.replace(".", " ").replace("_", " ").title()
        identity = uow.insert("user", {"name": name, "login": login, "role": "owner", "active": True})
    follow_access(database, identity)
    return Actor(identity, name, origin)


def follow_access(database: Database, user_id: int) -> None:
    """Let the database know what who signed in may do, now and whenever users, teams or rights change."""

    def read(event: RecordsChanged | None = None) -> None:
        if event is None or event.everything or any(event.touches(name) for name in _RIGHTS):
            before = database.access
            with database.read() as connection:
                database.access = access_of(connection, database.schema, user_id)
            if event is not None and database.access != before:
                database.events.publish(AccessChanged())

    read()
    database.events.subscribe(RecordsChanged, read)


def _login(database: Database) -> str:
    if not database.sqlite:
        with database.read() as connection:
            return str(connection.exec_driver_sql("SELECT session_user").scalar_one())
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "user"


def office_setting(database: Database, key: str, default: Any = None) -> Any:
    """A setting of the whole office, e.g. "name", "address", "currency", "country"."""
    table = Base.metadata.tables["office_setting"]
    with database.read() as connection:
        row = connection.execute(sa.select(table.c.value).where(table.c.key == key)).first()
    return default if row is None else row.value


def ensure_basics(database: Database, actor: Actor) -> None:
    """Put in place what every office needs before its first deal: a pipeline with stages."""
    if database.read_only:
        return
    pipeline = Base.metadata.tables["pipeline"]
    with database.read() as connection:
        there = connection.execute(sa.select(pipeline.c.id).limit(1)).first() is not None
    if not there:
        with write(database, N_("First pipeline"), actor=actor, kind="system") as uow:
            ensure_default_pipeline(uow)


def open_office(target: str | Path | None = None, *, create: bool = True, origin: str = "") -> Opened:
    """Open a database and sign in, with what every office needs (a pipeline) in place."""
    database = open_database(target, create=create)
    try:
        if any(paths.journals_folder().iterdir()):
            from crm_desktop.importing.outcomes import sweep  # lazy: only after a crash during an import

            sweep()
        actor = sign_in(database, origin=origin)
        ensure_basics(database, actor)
        return Opened(database, actor, str(office_setting(database, "name", "") or ""))
    except BaseException:
        database.close()
        raise
