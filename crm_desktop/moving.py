"""Moving an office from a file to a server and back, and a backup to a server: copied, compared on both sides, and only
then changed over."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import sqlalchemy as sa

from crm_desktop.backup.restoring import Examine, restore_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.scratch import unfinished
from crm_desktop.db.base import Base
from crm_desktop.db.copy import copy_database, unreadable
from crm_desktop.db.database import Database
from crm_desktop.db.dump import table_digests
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.unit_of_work import write
from crm_desktop.office_server import Login, Making, Person, check_password, new_database
from crm_desktop.records import blobs
from crm_desktop.records.moved import forget_move, last_change, mark_moved
from crm_desktop.reporting import registry
from crm_desktop.reporting.document import Organisation
from crm_desktop.reports import REPORTS
from crm_desktop.security.service import free_login

COMPARED = ("pipeline", "sales", "customers")
"""The reports that must say the same on both sides."""


@dataclass(frozen=True)
class Mover:
    """Somebody who works in the office that is moved: who, and with which login and password on the server."""

    user_id: int
    name: str
    role: str
    login: str
    password: str = field(default="", repr=False)
    taken: bool = False
    """The login of the file is known to the server already, so that another one is proposed."""


@dataclass(frozen=True)
class Verified:
    """What was compared and found equal."""

    tables: int
    rows: int
    files: int
    reports: int


@dataclass(frozen=True)
class Moved:
    """An office that was moved: where it is now, and what proves that it is whole (None where it was made there).

    ``problems`` is what the quick checks found in a backup before; None where nobody looked.
    """

    target: str
    verified: Verified | None
    address: ServerAddress | None = None
    problems: tuple[str, ...] | None = None


def people_of(source: Database, roles: frozenset[str] = frozenset()) -> list[Mover]:
    """Everybody who works in an office, with the login each will have on a server.

    Args:
        roles: the names that the server knows already.
    """
    users = Base.metadata.tables["user_account"]
    with source.read_all() as connection:  # all of them go along, whoever asks
        rows = connection.execute(sa.select(users).where(users.c.active).order_by(users.c.id)).all()
    found, taken = [], set(roles)
    for row in rows:
        login = row.login if row.login not in taken and _fits(row.login) else free_login(row.name, taken)
        taken.add(login)
        found.append(Mover(row.id, row.name, row.role, login, taken=login != row.login))
    return found


def _fits(login: str) -> bool:
    if login.startswith(("pg_", "current_")) or login in ("public", "none", "session_user"):
        return False
    return login == login.lower() and len(login.encode()) <= 63 and not any(c.isspace() or c in "\"'" for c in login)


def move_office(
    source: Database, address: ServerAddress, admin: Login, people: Sequence[Mover], progress: Progress | None = None
) -> Moved:
    """Move an office to a server, with its history, files and people.

    The source is read as it is at one moment. Everything is copied and compared before anybody can sign in on the
    server; the source is marked as moved as the very last thing, and not at all where it was changed meanwhile.

    Args:
        people: everybody who works in the office; the first one is who moves it, and their sign-in is tried.

    Raises:
        UserError: it cannot be moved; the source is as before, and nothing of it is on the server.
        Cancelled: the same.
    """
    progress = progress or Progress()
    if not source.access.everything:
        raise UserError(N_("Only an owner or administrator of the office can move it."))
    for one in people:
        check_password(one.password)
    logins = [Person(one.name, one.login, one.password) for one in people]
    with new_database(address, admin, source.schema, logins, progress) as made:
        with source.read() as reading:
            seen = last_change(reading)
            progress.update(0, 0, _("Copying the office"))
            copy_database(source, made.database, progress, reading=reading)
            verified = verify(source, reading, made.database, progress)
        _settle_people(made, people)
        made.finish(logins, progress)
        mine = replace(address, user=people[0].login)
        mine.keep()
        mark_moved(source, mine.url(), seen)
    return Moved(mine.url(), verified, mine)


def restore_to_server(
    backup: Path | str, address: ServerAddress, admin: Login, people: Sequence[Mover], schema: Schema, *,
    password: str | None = None, examine: Examine | None = None, progress: Progress | None = None,
) -> Moved:  # fmt: skip
    """Make an office on a server of a backup, with its history, files and people. No other office is touched.

    It is unpacked and checked in a scratch folder, which is gone at the end, and moved from there.

    Args:
        people: everybody who works in the office of the backup; the sign-in of the first one is tried.
        password: of the backup.
        examine: the quick checks that look at what was unpacked.

    Raises:
        UserError: the backup is not usable, or the office cannot be made; nothing of it is on the server.
        Cancelled: the same.
    """
    with tempfile.TemporaryDirectory(prefix="crm-to-server-", ignore_cleanup_errors=True) as scratch:
        plain = Path(scratch) / "office.crm"
        restored = restore_backup(backup, plain, schema, password=password, examine=examine, progress=progress)
        source = Database(plain, schema)
        try:
            forget_move(source)  # a backup of a file that had moved away
            moved = move_office(source, address, admin, people, progress)
        finally:
            source.close()
    return replace(moved, problems=restored.problems)


def _settle_people(made: Making, people: Sequence[Mover]) -> None:
    """Give people the logins of the server; passwords of the file mean nothing there."""
    users, secret = Base.metadata.tables["user_account"], Base.metadata.tables["user_secret"]
    names = {one.user_id: one.login for one in people}
    with made.database.begin() as connection:
        connection.execute(secret.delete())
        rows = connection.execute(sa.select(users.c.id, users.c.name, users.c.login)).all()
    roles = made.roles()
    taken = {*names.values(), *roles}
    with write(made.database, N_("Logins of the office server"), kind="system") as uow:
        for row in rows:
            login = names.get(row.id) or (row.login if row.login not in taken else free_login(row.name, taken))
            taken.add(login)
            if login != row.login:
                uow.update("user", row.id, {"login": login})
    with made.database.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def move_to_file(database: Database, path: Path, progress: Progress | None = None) -> Moved:
    """Bring the office of a server into a file of this computer; the server stays as it is.

    Raises:
        UserError: the file is there already, who asks does not see everything, or the copy is not equal.
        Cancelled: no file stays behind.
    """
    progress = progress or Progress()
    if not (database.access.everything or _sees_all(database)):
        raise UserError(N_("Only who may make backups and sees every record can bring the office into a file."))
    partial = path.with_name(path.name + ".partial")
    if path.exists() or partial.exists():
        raise UserError(
            N_("{name} is there already. Choose another name, so that nothing is overwritten."), name=path.name
        )
    beside = [partial.with_name(partial.name + suffix) for suffix in ("", "-wal", "-shm")]
    target = Database(partial, database.schema)
    try:
        with unfinished(*beside):
            try:
                with database.read() as reading:
                    progress.update(0, 0, _("Copying the office"))
                    copy_database(database, target, progress, reading=reading)
                    verified = verify(database, reading, target, progress)
            finally:
                target.close()
            progress.check()
            partial.replace(path)
    finally:
        for one in beside:
            with suppress(OSError):
                one.unlink(missing_ok=True)
    return Moved(str(path), verified)


def _sees_all(database: Database) -> bool:
    listed = [entity.name for entity in database.schema.entities.values() if entity.listed]
    whole = all(database.access.scope(name, right) == "all" for name in listed for right in ("read", "sensitive"))
    return whole and database.access.can("backup") and database.access.can("history")


def verify(source: Database, reading: sa.Connection, target: Database, progress: Progress) -> Verified:
    """Compare two databases: rows and checksum of every table, every file by its hash, three reports.

    Raises:
        UserError: something is not equal.
    """
    progress.update(message=_("Comparing every table"))
    with target.read() as written:
        skipped = unreadable(source, reading)
        ours = table_digests(reading, source.schema, without=skipped)
        theirs = table_digests(written, target.schema, without=skipped)
        progress.check()
        for name, pair in ours.items():
            if theirs.get(name) != pair:
                raise _unequal(_("table {name}").format(name=name))
        progress.update(message=_("Comparing every file"))
        files = _compare_files(written, progress)
        progress.update(message=_("Comparing reports"))
        for name in COMPARED:
            progress.check()
            if _report(name, source, reading) != _report(name, target, written):
                raise _unequal(_("report {name}").format(name=name))
    return Verified(len(ours), sum(count for count, _digest in ours.values()), files, len(COMPARED))


def _unequal(what: str) -> UserError:
    return UserError(
        N_("The copy is not equal to the original ({what}). Nothing was changed over; please report this."), what=what
    )


def _compare_files(written: sa.Connection, progress: Progress) -> int:
    """How many stored files there are; each has the bytes of its hash."""
    blob = Base.metadata.tables["blob"]
    rows = written.execute(sa.select(blob.c.sha256, blob.c.size)).all()
    for digest, size in rows:
        progress.check()
        if not blobs.is_whole(written, digest, size):
            raise _unequal(_("a stored file"))
    return len(rows)


def _report(name: str, database: Database, connection: sa.Connection) -> str:
    spec = registry.find_report(REPORTS, name)
    user = SimpleNamespace(id=0, name="")
    context = registry.ReportContext(connection, user, Organisation(""), clock.today(), database)
    return repr(registry.run_report(spec, context, registry.parse_settings(spec, [], context)).blocks)
