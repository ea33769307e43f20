"""One backup of an office from beginning to end: taken upon oneself, made, proven, copied on, rotated, noted for all."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from crm_desktop.backup import passwords, place_notes, runs
from crm_desktop.backup.catalogue import SUFFIX, BackupInfo
from crm_desktop.backup.disk import disk_errors
from crm_desktop.backup.making import Unproven, make_backup
from crm_desktop.backup.place_notes import FolderGone
from crm_desktop.backup.places import PlaceState, copy_on, fallback, late_for, look_all, rotate
from crm_desktop.backup.schedule import Plan, last_due
from crm_desktop.core.errors import NoRoom, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.records.whole_sight import sees_whole

GRACE = timedelta(minutes=10)
"""So long a computer that does not see every place leaves a backup to one that does."""

_log = logging.getLogger(__name__)


class NeedsPassword(UserError):
    """This computer does not know the password of the plan's backups."""


@dataclass
class Outcome:
    """What became of a backup.

    Attributes:
        info: the backup at its first place.
        copies: the backups at further places.
        away: places of the plan that are not there; their copies follow when they come back.
        problems: what went wrong with a copy, one sentence each; the backup itself is made and proven.
    """

    info: BackupInfo
    copies: list[BackupInfo] = field(default_factory=list)
    away: list[PlaceState] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def may_take_part(database: Database) -> bool:
    """Whether this person's program makes backups of the plan: who has not the power, or sees a part, never does."""
    listed = [one.name for one in database.schema.entities.values() if one.listed]
    return not database.read_only and database.access.can("backup") and sees_whole(database, listed)


def due_now(database: Database, plan: Plan) -> datetime | None:
    """The moment whose backup this computer should make now; None where there is nothing to do for it."""
    if not plan.enabled or not may_take_part(database):
        return None
    with database.read() as connection:
        now = runs.now_of(connection)
        due = last_due(plan, now)
        if due is None or not runs.wanted(connection, due):
            return None
        told = runs.of_moment(connection, due)
    if plan.encrypted and not passwords.known(database):
        return None  # the page of backups asks for it
    states = look_all(plan)
    blind = any(not one.ready for one in states)
    if blind and told is not None and told.nowhere and not any(one.ready for one in (*states, fallback())):
        return None  # it is caught up once there is a place for it
    return None if blind and now - due < GRACE else due


def run_backup(
    database: Database, plan: Plan, *, kind: str = "hand", due_at: datetime | None = None, user_name: str = "",
    password: str | None = None, progress: Progress | None = None, folders: Sequence[Path] = (),
) -> Outcome | None:  # fmt: skip
    """Make a backup where the plan wants it, prove it, copy it to the other places, remove what is superfluous.

    Args:
        kind: "daily", "hand", "migration", "import" or "restore".
        due_at: the moment of the plan that it is for.
        password: instead of the plan's.
        folders: instead of the plan's places.

    Returns:
        None where another computer makes this one.

    Raises:
        NeedsPassword: the plan wants one that this computer does not know.
        FolderGone: a folder that had backups is not there, and no other one can be written to.
        UserError: it was not made; the sentence is kept with the office's list of backups.
        Cancelled: nothing stays behind.
    """
    progress = progress or Progress()
    if password is None and plan.encrypted:
        password = passwords.known(database) or None
        if password is None:
            raise NeedsPassword(N_("This computer does not know the password of the backups. Give it once."))
    identity = _noted(database, kind, user_name, due_at)
    if identity is None and due_at is not None:
        return None
    try:
        with _heartbeat(database, identity):
            outcome = _make(database, plan, kind, password, progress, folders)
            _keep(database, identity, outcome)
    except Cancelled:
        if identity is not None:
            runs.drop(database, identity)
        raise
    except Exception as error:
        if identity is not None:
            with contextlib.suppress(UserError):
                problem = str(error) if isinstance(error, UserError) else type(error).__name__
                runs.fail(database, identity, problem, nowhere=isinstance(error, FolderGone))
        raise
    return outcome


def _noted(database: Database, kind: str, user_name: str, due_at: datetime | None) -> int | None:
    """The row of this backup; none where the database cannot have one: who is signed in may not, or it is an older one."""
    if database.read_only or (database.locked and not database.access.can("backup")):
        return None
    return runs.claim(database, kind, user_name, due_at)


def _make(
    database: Database, plan: Plan, kind: str, password: str | None, progress: Progress, folders: Sequence[Path]
) -> Outcome:
    for one in folders:
        with disk_errors(one):
            place_notes.refuse_gone(one)
    states = [PlaceState(str(one), one, "ready") for one in folders] or look_all(plan)
    ready = [one for one in states if one.ready]
    first = ready[0] if ready else fallback()
    if first.gone:
        place_notes.refuse_gone(states[0].folder if states[0].gone else first.folder)
    problems: list[str] = []
    info = _made_at_first(database, ready or [first], kind, password, progress, problems)
    outcome = Outcome(info, away=[one for one in states if not one.ready], problems=problems)
    for place in ready[len(problems) + 1 :]:
        _copy(outcome, info, place, progress)
    if kind != "hand":
        with database.read() as connection:
            known = runs.recent(connection)
        with contextlib.suppress(UserError):
            removed = rotate(database, [place.folder for place in (first, *ready[1:])], known, made=info.path)
            left = {path.name for place in states if place.ready for path in place.folder.glob(f"*{SUFFIX}")}
            runs.forget(database, [name for name in (Path(one).name for one in removed) if name not in left])
    return outcome


def _made_at_first(
    database: Database, ready: Sequence[PlaceState], kind: str, password: str | None, progress: Progress,
    problems: list[str],
) -> BackupInfo:  # fmt: skip
    """Make it at the first place whose disk takes it: one that is full, or fails, does not leave the office without any.

    Args:
        problems: gets what was wrong with the places before it.
    """
    for number, place in enumerate(ready, 1):
        try:
            return make_backup(
                database, place.folder, password=password, progress=progress, automatic=kind != "hand", kind=kind
            )
        except UserError as error:
            of_disk = isinstance(error, NoRoom | Unproven) or isinstance(error.__cause__, OSError)
            if number == len(ready) or not of_disk:
                raise
            problems.append(str(error))
            _log.info("A backup was not made at its first place: %s", error)
    raise AssertionError("no place")


def _copy(outcome: Outcome, info: BackupInfo, place: PlaceState, progress: Progress) -> None:
    try:
        outcome.copies.append(copy_on(info, place, progress))
    except UserError as error:
        outcome.problems.append(str(error))
        _log.info("A backup was not copied: %s", error)


def _keep(database: Database, identity: int | None, outcome: Outcome) -> None:
    if identity is None:
        return
    report = outcome.info.report | {
        "copies": [one.path for one in outcome.copies], "away": [one.name for one in outcome.away],
        "problems": outcome.problems,
    }  # fmt: skip
    runs.finish(database, identity, outcome.info, report)


def bring_late(database: Database, plan: Plan, progress: Progress) -> list[BackupInfo]:
    """Copy what a place missed while it was away. Returns the copies."""
    copied = []
    for place in look_all(plan):
        if place.ready:
            copied += [copy_on(one, place, progress) for one in late_for(database, place, plan)]
    return copied


def is_late(database: Database, plan: Plan) -> bool:
    """Whether some place that is there misses backups of this computer, by the plan or by hand."""
    return any(place.ready and late_for(database, place, plan) for place in look_all(plan))


def make_due(database: Database, plan: Plan, user_name: str, progress: Progress) -> Outcome | None:
    """Make the backup that is due, where one is and no other computer does."""
    due = due_now(database, plan)
    if due is None:
        return None
    return run_backup(database, plan, kind="daily", due_at=due, user_name=user_name, progress=progress)


def note_copy(database: Database, info: BackupInfo, user_name: str = "") -> None:
    """Put the copy from before an upgrade on the office's list, and let older ones go; never in the way of the upgrade."""
    if database.locked and not database.access.can("backup"):
        return
    try:
        runs.add(database, info, user_name)
        removed = rotate(database, [Path(info.path).parent], [], made=info.path)
        runs.forget(database, [Path(one).name for one in removed])
    except (UserError, DBAPIError) as error:
        _log.info("The copy before an upgrade is not on the list: %s", error)


@contextlib.contextmanager
def _heartbeat(database: Database, identity: int | None) -> Iterator[None]:
    """Say every now and then that this computer is still at it."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(runs.RENEW_S):
            with contextlib.suppress(UserError):
                runs.renew(database, identity or 0)

    thread = threading.Thread(target=beat, name="backup", daemon=True)
    if identity is not None:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        if identity is not None:
            thread.join()
