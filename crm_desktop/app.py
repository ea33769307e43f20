"""The composition root without a window: open a database, bring it up to date, say who works with it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.core import paths, scratch
from crm_desktop.core.access import Access, only_looking
from crm_desktop.core.errors import FileRefused, NoRoom, ReadOnlyFile, Unreachable, UserError
from crm_desktop.core.events import AccessChanged, RecordsChanged
from crm_desktop.core.i18n import N_
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.before_opening import refuse_odd_file
from crm_desktop.db.database import Database, is_server
from crm_desktop.db.places import may_write, refuse_network_share, why_unwritable
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records.moved import moved_note
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security import passwords
from crm_desktop.security.access import access_of

NOTHING = Access()
"""May do nothing: nobody signed in."""

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

    Nobody is signed in to it: in a file that asks for a password nothing can be read before :func:`sign_in`.

    Args:
        target: a file or a ``postgresql://`` URL; the user's own database where None.
        create: make a SQLite file that does not exist.

    Raises:
        OfficeMoved: the office of this file lives on a server now.
        ReadOnlyFile: the file or its folder cannot be written; ``reading.open_for_reading`` opens it to read.
        UserError: it does not exist, is newer, foreign, damaged, locked, or does not answer.
    """
    chosen = target if target is not None else paths.default_database()
    if not is_server(chosen):
        path = Path(chosen)
        if path.is_dir():
            raise UserError(N_("{name} is a folder. Choose a database file."), name=str(path))
        if not create and not path.exists():
            raise UserError(N_("There is no database {name}. Check the path."), name=str(path))
        refuse_odd_file(path)
        _refuse_unwritable(path)
        if create:
            _make_folder(path)
    database = Database(chosen, features.schema())
    try:
        if database.sqlite and not database.read_only:
            _refuse_moved(database)
        _bring_up_to_date(database)
        if passwords.asks(database):
            database.access = NOTHING  # until somebody signs in
    except UserError as error:
        database.close()
        if not database.sqlite:
            _say_why(database.target, error)
        _refuse_without_room(Path(chosen), error)
        raise
    except BaseException:
        database.close()
        raise
    return database


def prepare_copy(database: Database) -> None:
    """Bring a copy that is only read to this program's schema, with nobody signed in to it.

    Raises:
        OfficeMoved, UserError: as of :func:`open_database`.
    """
    _refuse_moved(database)
    migrate.migrate(database)
    if passwords.asks(database):
        database.access = NOTHING


def _refuse_unwritable(path: Path) -> None:
    if path.exists() and not may_write(path):
        refuse_network_share(path)
        raise _write_protected(path)


def _refuse_without_room(path: Path, error: UserError) -> None:
    """Say it plainly where a file cannot be opened because nothing can be written beside it."""
    if isinstance(error, NoRoom):
        raise ReadOnlyFile(
            N_("Before {name} is brought to this version, a copy of it is made. {problem} Free some space and open it again."),
            name=path.name, problem=str(error), reason="upgrade",
        ) from error  # fmt: skip
    why = why_unwritable(path.parent) if isinstance(error, FileRefused) else ""
    if why == "full":
        raise ReadOnlyFile(
            N_("The disk of {name} is full, so it can only be read. Free some space and open it again. Nothing was changed."),
            name=path.name, reason="full", details=error.details,
        ) from error  # fmt: skip
    if why:
        raise _write_protected(path) from error


def _write_protected(path: Path) -> ReadOnlyFile:
    return ReadOnlyFile(
        N_("{name} can only be read, because the file or its folder is write-protected. Open a copy to change something."),
        name=path.name,
    )  # fmt: skip


def _say_why(target: str, error: UserError) -> None:
    """Raise what is known better about a server that does not let somebody in, where it is not the password."""
    from crm_desktop.security import server_passwords  # lazy: a file needs no driver of servers

    with suppress(passwords.WrongPassword):
        server_passwords.knock_after(target, error)


def _refuse_moved(database: Database) -> None:
    with database.read() as connection:
        moved = moved_note(connection, database.name)
    if moved is not None:
        moved.path = str(database.original.path if database.original is not None else database.path)
        raise moved


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            N_("The folder {folder} cannot be made: {reason}"),
            folder=str(path.parent),
            reason=error.strerror or str(error),
        ) from error


def _bring_up_to_date(database: Database) -> None:
    """Migrate; an older database is copied first, and that it was upgraded is kept in mind."""
    made: list[Any] = []

    def copy() -> None:
        from crm_desktop import upgrading  # lazy: only before a migration

        made.append(upgrading.copy_before(database))
        upgrading.keep(made[0])  # now: who is killed right after the migration must find the way back

    done = migrate.migrate(database, before=copy)
    if made:
        from crm_desktop.backup.running import note_copy  # lazy: as above
        from crm_desktop.upgrading import drop  # lazy: as above

        if done:
            note_copy(database, made[0].made)
        else:
            drop(made[0])  # another computer did it


def sign_in(
    database: Database, *, origin: str = "", user_id: int | None = None, login: str = "", password: str | None = None,
    new_password: str | None = None,
) -> Actor:  # fmt: skip
    """Who works with this database from now on; what they may do is in ``database.access``.

    A file that asks who works with it wants a user and a password; without one it answers with who signed in before.
    Any other file has its one user: the one with the computer's login, made if there is none. On a server it is the
    one whose login the server knows; it was the server that asked for the password.

    Args:
        origin: tells one window's changes from the others'.
        user_id: who, for a file that asks; or
        login: the login or the name of the user.
        new_password: the one to have from now on, where the old one was given by somebody else.

    Raises:
        SignInNeeded: the file asks, and nobody signed in.
        WrongPassword, TryLater: see ``passwords.check``.
        MustChange: a new password is needed.
        UserError: the server's login is no user of the office, or one that does not work here any more.
    """
    actor = _signed_in_as(database, origin, user_id, login, password, new_password)
    if database.original is not None:
        database.read_only = True
    return actor


def _signed_in_as(
    database: Database, origin: str, user_id: int | None, login: str, password: str | None, new_password: str | None
) -> Actor:
    if passwords.asks(database):
        if password is None:
            return _who_signed_in(database, origin)
        person = passwords.check(database, password, user_id=user_id, login=login)
        if person.must_change:
            if new_password is None:
                raise passwords.MustChange
            with write(database, N_("Choose a password"), kind="system") as uow:
                passwords.choose_password(uow, person.id, password, new_password)
        follow_access(database, person.id)
        return Actor(person.id, person.name, origin)
    return _sign_in_by_login(database, origin)


def _who_signed_in(database: Database, origin: str) -> Actor:
    user_id = _signed_in.get(database)
    found = _user(database, lambda users: (users.c.id == user_id) & users.c.active) if user_id is not None else None
    if found is None:
        raise passwords.SignInNeeded(database.name)
    return Actor(found.id, found.name, origin)


def _sign_in_by_login(database: Database, origin: str) -> Actor:
    login = _login(database)
    found = _user(database, lambda users: users.c.login == login)
    if database.sqlite and (found is None or not found.active):
        # a file has its one user; a restored or copied one keeps the user it came with
        found = _user(database, lambda users: users.c.active)
    if found is not None:
        if not found.active:
            raise UserError(
                N_("{name} does not work in this office any more. Ask an administrator."), name=found.name
            )  # fmt: skip
        follow_access(database, found.id)
        return Actor(found.id, found.name, origin)
    if database.locked:
        raise UserError(N_("“{login}” is no user of this office. Ask an administrator to add you."), login=login)
    if database.read_only:
        return Actor(None, "", origin)
    with write(database, N_("First user"), kind="system") as uow:
        name = login.replace(".", " ").replace("_", " ").title()
        identity = uow.insert("user", {"name": name, "login": login, "role": "owner", "active": True})
    follow_access(database, identity)
    return Actor(identity, name, origin)


def _user(database: Database, where: Callable[[sa.Table], sa.ColumnElement[bool]]) -> Any:
    """The first user whom a condition chooses, owners first."""
    users = Base.metadata.tables["user_account"]
    statement = sa.select(users.c.id, users.c.name, users.c.active).where(where(users))
    with database.read_all() as connection:
        return connection.execute(statement.order_by(users.c.role != "owner", users.c.id).limit(1)).first()


_signed_in: WeakKeyDictionary[Database, int] = WeakKeyDictionary()
_followed: WeakKeyDictionary[Database, Callable[[], None]] = WeakKeyDictionary()
"""Who signed in to each open database, and how to stop following what they may do."""


def follow_access(database: Database, user_id: int) -> None:
    """Let the database know what who signed in may do, now and whenever users, teams or rights change."""
    missed = False

    def read(event: RecordsChanged | None = None) -> None:
        nonlocal missed
        if event is None or missed or event.everything or any(event.touches(name) for name in _RIGHTS):
            before = database.access
            try:
                with database.read_all() as connection:
                    found = access_of(connection, database.schema, user_id)
            except Unreachable:
                if event is None:
                    raise
                # Nothing can be read or saved meanwhile; the connection line says so. The next change reads it.
                missed = True
                return
            missed = False
            database.access = only_looking(found, database.schema.entities) if database.original is not None else found
            if event is not None and database.access != before:
                database.events.publish(AccessChanged())

    stop = _followed.pop(database, None)
    if stop is not None:
        stop()
    _signed_in[database] = user_id
    read()
    _followed[database] = database.events.subscribe(RecordsChanged, read)


def _login(database: Database) -> str:
    if not database.sqlite:
        with database.read_all() as connection:
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


def open_office(
    target: str | Path | None = None, *, create: bool = True, origin: str = "", **who: Any
) -> Opened:  # fmt: skip
    """Open a database and sign in, with what every office needs (a pipeline) in place. ``who`` as for :func:`sign_in`."""
    database = open_database(target, create=create)
    try:
        return enter(database, origin=origin, **who)
    except BaseException:
        database.close()
        raise


def enter(database: Database, *, origin: str = "", **who: Any) -> Opened:
    """Sign in to an open database; arguments and errors as of :func:`sign_in`."""
    if any(paths.journals_folder().iterdir()):
        from crm_desktop.importing.outcomes import sweep  # lazy: only after a crash during an import

        sweep()
    scratch.sweep()
    actor = sign_in(database, origin=origin, **who)
    ensure_basics(database, actor)
    return Opened(database, actor, str(office_setting(database, "name", "") or ""))
