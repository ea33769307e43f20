"""A backup in the place of the present file, with a way back.

Everything that takes time is done beside, while the office is open: the backup is unpacked, checked and brought to this
program's schema, and a proven copy of the present file is made. Then the office is closed, and the one file takes the
place of the other in one step of the file system: whatever happens, one of them is there whole. The way back is the
same again, with the copy.

An office on a server stays where it is: see ``in_place``.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup import faults, runs
from crm_desktop.backup.bring_back import may_bring_back
from crm_desktop.backup.container import Header
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.making import Unproven, make_backup
from crm_desktop.backup.opening import unpack
from crm_desktop.backup.protection import password_of_copy
from crm_desktop.backup.proving import prove_file
from crm_desktop.backup.restoring import Examine
from crm_desktop.backup.snapshot import settle
from crm_desktop.backup.way_back import note_way_back, way_back
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.alone import InUse, alone
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import parse_instant
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records.moved import last_change

_FRESH = timedelta(seconds=90)


@dataclass(frozen=True)
class Replacement:
    """A file that is ready to take the place of the present one.

    Attributes:
        target: the present file; ``partial`` the one that comes.
        made: when the backup was made.
        copy: the proven copy of the present file; "" where that is too damaged for one.
        seen: the newest change that the copy has.
        backup: the path of the backup that comes.
        aside: where the present file itself goes, where there is no copy of it; it is renamed, never deleted.
    """

    target: Path
    partial: Path
    made: datetime
    copy: str
    seen: int
    backup: str = ""
    aside: Path | None = None


class PresentDamaged(UserError):
    """The present file is too damaged for a proven copy; it can be kept aside, and the backup take its place."""


def others_here(database: Database, origin: str = "") -> list[str]:
    """Who has the office open just now in other windows, as far as the office knows it."""
    table, user = Base.metadata.tables["presence"], Base.metadata.tables["user_account"]
    with database.read_all() as connection:
        rows = connection.execute(
            sa.select(user.c.name).join(table, table.c.user_id == user.c.id)
            .where(table.c.seen_at.between(clock.now() - _FRESH, clock.now() + _FRESH), table.c.origin != origin).distinct().order_by(user.c.name)
        )  # fmt: skip
        return [name for (name,) in rows]


def erased_since(backup: Database, database: Database) -> int:
    """How many people were erased for good since a backup was made, whom a whole restore would bring back."""
    table = Base.metadata.tables["erasure"]
    with backup.read_all() as then, database.read_all() as now:
        known = set(then.execute(sa.select(table.c.id)).scalars())
        return len(set(now.execute(sa.select(table.c.id)).scalars()) - known)


def prepare(
    database: Database, backup: Path | str, actor: Actor, *, password: str | None = None, origin: str = "",
    aside: bool = False, examine: Examine | None = None, copy_password: str | None = None,
    progress: Progress | None = None,
) -> Replacement:  # fmt: skip
    """Get a backup ready to take the place of the open file, and keep a proven copy of that. Changes nothing yet.

    Args:
        aside: keep the present file itself, renamed, instead of a copy: it is too damaged for one.
        examine: looks at what comes, after it was brought to this program's schema.
        copy_password: protects the copy, where the plan wants that and this computer does not know the password; see
            ``protection.password_of_copy``.

    Raises:
        PresentDamaged: the present file is too damaged for a proven copy; nothing was changed.
        NotAllowed: it takes the power "backup".
        BackupFault: the backup cannot be used.
        UserError: others have the file open, or there is no space.
        Cancelled: the user stopped it; nothing stays behind but the copy, where it was made already.
    """
    progress, path = progress or Progress(), database.path
    may_bring_back(database)
    if path is None:
        raise UserError(N_("An office on a server is restored in its place; see the guide."))
    if not aside:
        refuse_others(database, origin)
    partial = path.with_name(path.name + ".restoring")

    def prove(plain: Path, header: Header) -> None:
        progress.update(message=translate(N_("Proving the backup by a trial restore")))
        if prove_file(plain, header, database.schema, progress):
            raise faults.damaged(Path(backup))

    with disk_errors(path.parent):
        try:
            progress.update(message=translate(N_("Unpacking the backup")))
            header = unpack(Path(backup), partial, database.schema, password, progress, prove)
            made = parse_instant(header.created)
            note = {"made": header.created, "by": actor.name, "back": _is_way_back(database, backup)}
            note |= _examined(partial, database, header, examine, progress)
            kept = _free_name(path, made) if aside else None
            own = copy_password or password
            seen, copy = (0, "") if kept else _copy_of(database, path, actor, own, progress)
            restored = Database(partial, database.schema)
            try:
                note_way_back(restored, note | {"copy": copy, "aside": str(kept or "")}, actor)
                with suppress(UserError, sqlite3.DatabaseError, sa.exc.DatabaseError):  # a damaged one has no list
                    runs.carry_over(database, restored)
            finally:
                restored.close()
            settle(partial)
            _flush(partial)
            progress.check()
        except BaseException:
            drop(partial)
            raise
    return Replacement(path, partial, made, copy, seen, str(backup), kept)


def _examined(
    partial: Path, database: Database, header: Header, examine: Examine | None, progress: Progress
) -> dict[str, Any]:
    """What the checks find in a backup that was brought to this version, as the note of the way back says it."""
    told: dict[str, Any] = {"upgraded": True} if header.revision != migrate.head(database.schema) else {}
    if examine is None:
        return told
    restored = Database(partial, database.schema)
    try:
        progress.update(0, 0, translate(N_("Checking what comes back")))
        return told | {"checked": True, "problems": list(examine(restored, progress))}
    finally:
        restored.close()


def _copy_of(database: Database, path: Path, actor: Actor, password: str | None, progress: Progress) -> tuple[int, str]:
    """The newest change and a proven copy of the present file.

    Raises:
        PresentDamaged: it cannot be proven.
    """
    progress.update(0, 0, translate(N_("Keeping a proven copy of the present office")))
    try:
        with database.read_all() as connection:
            seen = last_change(connection)
        own = password_of_copy(database, password)
        made = make_backup(
            database, path.parent / "backups", password=own, progress=progress, kind="restore", anew=True
        )
        with suppress(UserError, sa.exc.DatabaseError):
            runs.add(database, made, actor.name)
        return seen, made.path
    except (UserError, sqlite3.DatabaseError, sa.exc.DatabaseError) as error:
        if not is_damage(error):
            raise
        raise PresentDamaged(
            N_("Today's file is damaged, so that no copy of it can be proven: {problem}"), problem=str(error)
        ) from error


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file itself cannot be read, and not that its disk is full or somebody else has it."""
    cause = error.__cause__ if isinstance(error, UserError) else error
    told = cause.orig if isinstance(cause, sa.exc.DBAPIError) else cause
    other = (sqlite3.OperationalError, sqlite3.IntegrityError)
    return isinstance(error, Unproven) or (isinstance(told, sqlite3.DatabaseError) and not isinstance(told, other))


def _free_name(path: Path, made: datetime) -> Path:
    """A name beside a file that nothing has."""
    day, number = clock.now().strftime("%Y%m%d-%H%M%S"), 1
    while (found := path.with_name(f"{path.stem}.damaged-{day}-{number}{path.suffix}")).exists():
        number += 1
    return found


def refuse_others(database: Database, origin: str = "") -> None:
    """Refuse while others are known to have the file open.

    Raises:
        UserError: it names them.
    """
    others = others_here(database, origin)
    if others:
        raise UserError(
            N_("The office is open in other windows: {names}. Close them, then restore again. Nothing was changed."),
            names=", ".join(others),
        )


def drop(partial: Path) -> None:
    """Remove what was prepared."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)


def carry_out(replacement: Replacement) -> None:
    """Put the prepared file in the place of the present one. The office must be closed here.

    Raises:
        UserError: somebody else has the file open, or it was changed since the copy was made; the file is as before.
    """
    target = replacement.target
    try:
        with disk_errors(target.parent):
            _refuse_in_use_keeping_logs(replacement)
            moved = _move_logs(target, replacement.aside)
            try:
                if replacement.aside is not None:
                    _keep_aside(target, replacement.aside)
                os.replace(replacement.partial, target)
            except BaseException:
                for old, new in moved:
                    os.replace(new, old)
                raise
            _flush(target.parent)
    except BaseException:
        drop(replacement.partial)
        raise


def _is_way_back(database: Database, backup: Path | str) -> bool:
    """Whether a backup is the copy that the present office keeps of what was there before its own restore."""
    with suppress(UserError, sqlite3.DatabaseError, sa.exc.DatabaseError), database.read_all() as connection:
        way = way_back(connection)
        return way is not None and way.exists and Path(way.copy).resolve() == Path(backup).resolve()
    return False


def _keep_aside(target: Path, aside: Path) -> None:
    """Copy the damaged file; where its bytes cannot be read or there is no room for them, it gets a second name.

    A copy first: whoever is stopped before the exchange would leave one file with two names, each with a log of its own.
    """
    try:
        shutil.copyfile(target, aside)
        _flush(aside)
    except OSError:
        aside.unlink(missing_ok=True)
        os.link(target, aside)


_LOGS = ("-wal", "-journal", "-shm")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _refuse_in_use_keeping_logs(replacement: Replacement) -> None:
    """Refuse a file in use; what SQLite clears away while it looks at a damaged one is kept beside it."""
    target, kept = replacement.target, list[Path]()
    try:
        if replacement.aside is not None:
            for suffix in _LOGS:
                if _beside(target, suffix).exists():
                    kept.append(_beside(replacement.aside, suffix))
                    shutil.copyfile(_beside(target, suffix), kept[-1])
        _refuse_in_use(replacement)
    except BaseException:
        for one in kept:
            one.unlink(missing_ok=True)
        raise


def _move_logs(target: Path, aside: Path | None) -> list[tuple[Path, Path]]:
    """Take the log of a damaged file away, which SQLite would play into the one that comes; it stays beside."""
    moved = []
    for suffix in _LOGS:
        old, new = _beside(target, suffix), _beside(aside or _beside(target, ".damaged"), suffix)
        if old.exists():
            os.replace(old, new)
            moved.append((old, new))
    return moved


def _refuse_in_use(replacement: Replacement) -> None:
    """Refuse a file that anybody has open, and one that was changed since its copy was made."""
    try:
        with alone(replacement.target) as connection:
            seen = replacement.seen if replacement.aside else _newest_change(connection)
    except InUse as error:
        raise UserError(
            N_("{name} is open in another window or on another computer. Close it there, then restore again. Nothing was changed."),
            name=replacement.target.name,
        ) from error  # fmt: skip
    except sqlite3.DatabaseError as error:
        if replacement.aside is None and isinstance(error, sqlite3.OperationalError):
            raise  # a disk that fails, or may not be written
        seen = replacement.seen  # it is broken: that may be why somebody restores
    if seen != replacement.seen and replacement.aside is None:
        raise UserError(
            N_(
                "The office was changed while the restore was prepared. Nothing was replaced; restore again, so that the copy has it all."
            )
        )


def _newest_change(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0])


def _flush(path: Path) -> None:
    """Wait until the disk has it. A folder cannot be flushed everywhere."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
