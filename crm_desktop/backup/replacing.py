"""A backup in the place of the present file, with a way back.

Everything that takes time is done beside, while the office is open: the backup is unpacked, checked and brought to this
program's schema, and a proven copy of the present file is made. Then the office is closed, and the one file takes the
place of the other in one step of the file system: whatever happens, one of them is there whole. The way back is the
same again, with the copy.

An office on a server stays where it is: see :func:`restore_in_place`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup import faults, passwords, running
from crm_desktop.backup.bring_back import Brought, bring_back, may_bring_back, rows_of
from crm_desktop.backup.compare import compare
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.container import Header
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.making import Unproven, make_backup
from crm_desktop.backup.opening import unpack
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.snapshot import settle
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import instant_text, parse_instant
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records.moved import last_change
from crm_desktop.records.office_service import save_settings

RESTORED = "restored"
"""The setting of the office that says which backup it was restored from, and where the way back is."""
_FRESH = timedelta(seconds=90)
_WAIT_S = 3


@dataclass(frozen=True)
class Replacement:
    """A file that is ready to take the place of the present one.

    Attributes:
        target: the present file; ``partial`` the one that comes.
        made: when the backup was made.
        copy: the proven copy of the present file; "" where that is too damaged for one.
        seen: the newest change that the copy has.
        aside: where the present file itself goes, where there is no copy of it; it is renamed, never deleted.
    """

    target: Path
    partial: Path
    made: datetime
    copy: str
    seen: int
    aside: Path | None = None


@dataclass(frozen=True)
class WayBack:
    """What an office says of the restore it comes from.

    Attributes:
        made: when the backup was made; ``at`` when it was restored, ``by`` whom.
        copy: the backup of what was there before; "" where that was too damaged for one.
        aside: the damaged file itself, where it was kept instead.
        upgraded: whether the backup was of an older version, brought to the present one while it was restored.
        problems: what the checks of the restored office found then; empty where all was well.
    """

    made: datetime
    at: datetime
    by: str
    copy: str
    aside: str = ""
    upgraded: bool = False
    problems: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether the copy is where it was written."""
        return bool(self.copy) and Path(self.copy).is_file()


class PresentDamaged(UserError):
    """The present file is too damaged for a proven copy; it can be kept aside, and the backup take its place."""


Examine = Callable[[Database, Progress], Sequence[str]]
"""The quick checks of a database: what they found, one sentence each."""


def others_here(database: Database, origin: str = "") -> list[str]:
    """Who has the office open just now in other windows, as far as the office knows it."""
    table, user = Base.metadata.tables["presence"], Base.metadata.tables["user_account"]
    with database.read_all() as connection:
        rows = connection.execute(
            sa.select(user.c.name).join(table, table.c.user_id == user.c.id)
            .where(table.c.seen_at.between(clock.now() - _FRESH, clock.now() + _FRESH), table.c.origin != origin).distinct().order_by(user.c.name)
        )  # fmt: skip
        return [name for (name,) in rows]


def way_back(connection: sa.Connection) -> WayBack | None:
    """Where the way back is, where this office was restored from a backup."""
    table = Base.metadata.tables["office_setting"]
    value: Any = connection.execute(sa.select(table.c.value).where(table.c.key == RESTORED)).scalar()
    if not isinstance(value, dict) or not (value.get("copy") or value.get("aside")):
        return None
    with suppress(KeyError, ValueError, TypeError):
        made, at = parse_instant(value["made"]), parse_instant(value["at"])
        return WayBack(
            made, at, str(value.get("by") or ""), str(value.get("copy") or ""), str(value.get("aside") or ""),
            bool(value.get("upgraded")), tuple(str(one) for one in value.get("problems") or ()),
        )  # fmt: skip
    return None


def erased_since(backup: Database, database: Database) -> int:
    """How many people were erased for good since a backup was made, whom a whole restore would bring back."""
    table = Base.metadata.tables["erasure"]
    with backup.read_all() as then, database.read_all() as now:
        known = set(then.execute(sa.select(table.c.id)).scalars())
        return len(set(now.execute(sa.select(table.c.id)).scalars()) - known)


def prepare(
    database: Database, backup: Path | str, actor: Actor, *, password: str | None = None, origin: str = "",
    aside: bool = False, examine: Examine | None = None, progress: Progress | None = None,
) -> Replacement:  # fmt: skip
    """Get a backup ready to take the place of the open file, and keep a proven copy of that. Changes nothing yet.

    The copy has the password of the office's plan where that wants one, as far as this computer knows it.

    Args:
        aside: keep the present file itself, renamed, instead of a copy: it is too damaged for one.
        examine: checks a backup of an older version after it was brought to the present one.

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
    with disk_errors(path.parent):
        try:
            progress.update(message=translate(N_("Proving the backup by a trial restore")))
            found = verify_backup(backup, database.schema, password=password, progress=progress)
            if not found.proven:
                raise faults.damaged(Path(backup))
            progress.update(message=translate(N_("Unpacking the backup")))
            header = unpack(Path(backup), partial, database.schema, password, progress)
            made = parse_instant(header.created)
            note = {"made": header.created, "by": actor.name} | _examined(partial, database, header, examine, progress)
            kept = _free_name(path, made) if aside else None
            seen, copy = (0, "") if kept else _copy_of(database, path, password, progress)
            _note_way_back(partial, database, note | {"copy": copy, "aside": str(kept or "")}, actor)
            settle(partial)
            _flush(partial)
            progress.check()
        except BaseException:
            drop(partial)
            raise
    return Replacement(path, partial, made, copy, seen, kept)


def _examined(
    partial: Path, database: Database, header: Header, examine: Examine | None, progress: Progress
) -> dict[str, Any]:
    """What the checks find in a backup that was brought to this version; nothing of one that was of it."""
    if header.revision == migrate.head(database.schema):
        return {}
    restored = Database(partial, database.schema)
    try:
        progress.update(0, 0, translate(N_("Checking what was brought to this version")))
        return {"upgraded": True, "problems": list(examine(restored, progress)) if examine is not None else []}
    finally:
        restored.close()


def _copy_of(database: Database, path: Path, password: str | None, progress: Progress) -> tuple[int, str]:
    """The newest change and a proven copy of the present file.

    Raises:
        PresentDamaged: it cannot be proven.
    """
    progress.update(0, 0, translate(N_("Keeping a proven copy of the present office")))
    try:
        with database.read_all() as connection:
            seen = last_change(connection)
        own = (passwords.known(database) or password) if running.plan_of(database).encrypted else None
        made = make_backup(database, path.parent / "backups", password=own, progress=progress, kind="restore")
        return seen, made.path
    except (UserError, sqlite3.DatabaseError, sa.exc.DatabaseError) as error:
        if not _is_damage(error):
            raise
        raise PresentDamaged(
            N_("Today's file is damaged, so that no copy of it can be proven: {problem}"), problem=str(error)
        ) from error


def _is_damage(error: BaseException) -> bool:
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


def _note_way_back(partial: Path, database: Database, note: dict[str, Any], actor: Actor) -> None:
    restored = Database(partial, database.schema)
    try:
        value = note | {"at": instant_text(clock.now())}
        with write(restored, N_("Restored from a backup"), actor=Actor(None, actor.name), kind="system") as uow:
            save_settings(uow, {RESTORED: value})
    finally:
        restored.close()


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
        _refuse_in_use_keeping_logs(replacement)
        with disk_errors(target.parent):
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


def _keep_aside(target: Path, aside: Path) -> None:
    """Give the damaged file a second name; where the disk knows no second names, a copy of its bytes."""
    try:
        os.link(target, aside)
    except OSError:
        shutil.copyfile(target, aside)
        _flush(aside)


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
    """Refuse a file that anybody has open: leaving the write-ahead log takes that nobody else has."""
    target = replacement.target
    try:
        with closing(sqlite3.connect(target, timeout=_WAIT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            seen = connection.execute("SELECT coalesce(max(id), 0) FROM change").fetchone()[0]
    except sqlite3.OperationalError:
        mode, seen = "", replacement.seen
    except sqlite3.DatabaseError:
        mode, seen = "delete", replacement.seen  # it is broken: that may be why somebody restores
    if mode != "delete":
        raise UserError(
            N_("{name} is open in another window or on another computer. Close it there, then restore again. Nothing was changed."),
            name=target.name,
        )  # fmt: skip
    if seen != replacement.seen and replacement.aside is None:
        raise UserError(
            N_(
                "The office was changed while the restore was prepared. Nothing was replaced; restore again, so that the copy has it all."
            )
        )


def _flush(path: Path) -> None:
    """Wait until the disk has it. A folder cannot be flushed everywhere."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def restore_in_place(
    backup: Database,
    database: Database,
    actor: Actor,
    made: datetime,
    *,
    folder: Path | str | None = None,
    progress: Progress | None = None,
) -> Brought:
    """Give every record and setting of an office the state it has in a backup, without replacing the database.

    It is one change set: Undo is the way back. Colleagues stay connected and see it at once; the history goes on; who
    works here, with which login and which rights, stays as it is, so that a locked server keeps its lock.

    Args:
        folder: where a proven backup of the present state is made first; none is where None.

    Raises:
        NotAllowed, UserError: see ``bring_back.may_bring_back``; or it is a backup of another office.
        Cancelled: the user stopped it; nothing was changed.
    """
    may_bring_back(database)
    progress = progress or Progress()
    with backup.read_all() as then, database.read_all() as now:
        found = compare(Pair(backup, then, database, now), progress)
    if not found.same_office:
        raise another_office()
    if folder is not None:
        progress.update(0, 0, translate(N_("Keeping a proven copy of the present office")))
        own = passwords.known(database) or None if running.plan_of(database).encrypted else None
        make_backup(database, folder, password=own, progress=progress, kind="restore")
    rows: Sequence[Any] = rows_of(found.differences, created=True)
    return bring_back(backup, database, actor, rows, made, progress=progress)


def another_office() -> UserError:
    """The sentence for a backup that has nothing in common with the open office."""
    return UserError(
        N_("This is a backup of another office. Browse it, or restore it to a new file; nothing of it belongs here.")
    )
