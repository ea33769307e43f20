"""Making the history smaller, safely: first a proven backup that holds all of it, then the letting go, told to every owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from crm_desktop.backup.catalogue import known_backups
from crm_desktop.backup.running import run_backup
from crm_desktop.backup.schedule import Plan, plan_of
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import forget
from crm_desktop.db.database import Database
from crm_desktop.db.turns import only_one
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records import compaction, notices, retention
from crm_desktop.records.retention import Account, Policy

RECENT = timedelta(hours=24)
"""The weekly run takes a proven backup of the last day for good; one made by hand makes its own."""


def tidy(
    database: Database, policy: Policy, actor: Actor, *, plan: Plan | None = None, folder: Path | str = "",
    password: str | None = None, progress: Progress | None = None, expected: int = 0,
) -> Account:  # fmt: skip
    """Back up, prove the backup, and let go of what a policy no longer keeps.

    Args:
        expected: how many entries go, as far as a preview told; for the progress.
        plan: whose places the backup goes to, protected as it says; the office's where None. It is kept like one that
            somebody made by hand: the plan never removes it.
        folder: goes there instead.
        password: encrypts the backup, instead of the plan's.

    Returns:
        What went.

    Raises:
        NotAllowed: who asks is neither owner nor administrator.
        UserError: on a locked server, who asks is no owner; or the backup could not be made or proven. Nothing went.
        Cancelled: what went until then stays gone, and is told.
    """
    progress = progress or Progress()
    _refuse(database)
    with _turn(database):
        path = _backed_up(database, actor, plan, folder, password, progress)
        return _let_go(database, policy, actor, path, progress, expected)


def tidy_if_due(
    database: Database, actor: Actor, *, plan: Plan | None = None, progress: Progress | None = None
) -> Account | None:
    """What the program does by itself once a week, where the office wants it. Returns None where nothing was to do."""
    progress = progress or Progress()
    if database.read_only or not database.access.everything:
        return None
    with database.read() as connection:
        if not retention.is_due(connection):
            return None
        policy = retention.read_policy(connection)
        found = compaction.preview(database, connection, policy, progress)
        if found.nothing:
            return None
    _refuse(database)
    with _turn(database):
        with database.read() as connection:
            if not retention.is_due(connection):  # another computer was quicker
                return None
        path = _proven_lately(database) or _backed_up(database, actor, plan, "", None, progress)
        return _let_go(database, policy, actor, path, progress, found.record_changes + found.edits)


def give_space_back(database: Database) -> None:
    """Make the file of an office as small as what it holds; on a server, clean up at once.

    Raises:
        NotAllowed: who asks is neither owner nor administrator.
        UserError: another program is using the file, the disk has not enough room, or on a locked server who asks is no
            owner. Nothing was changed.
    """
    retention.require_leader(database)
    forget.give_back(database)


def _refuse(database: Database) -> None:
    """Refuse before a backup is made for nothing."""
    retention.require_leader(database)
    with database.read() as connection, forget.as_owner(connection):
        pass


def _let_go(
    database: Database, policy: Policy, actor: Actor, backup: str, progress: Progress, expected: int
) -> Account:
    progress.update(0, expected, translate(N_("Making the history smaller…")))
    try:
        return compaction.compact(database, policy, actor, progress=progress, backup=backup, expected=expected)
    finally:
        with database.read() as connection:
            last = retention.accounts(connection, 1)
        if last and last[0].backup == backup and last[0].changes + last[0].records:
            notices.tell_owners(database, actor, last[0].change_set, last[0].changes)


def _backed_up(
    database: Database, actor: Actor, plan: Plan | None, folder: Path | str, password: str | None, progress: Progress
) -> str:
    """Make a backup and prove it. Returns where it is."""
    outcome = run_backup(
        database, plan or plan_of(database), user_name=actor.name, password=password, progress=progress,
        folders=[Path(folder)] if folder else (),
    )  # fmt: skip
    if outcome is None or outcome.info.proven is None:
        raise UserError(N_("The backup before it could not be proven, so nothing was let go."))
    return outcome.info.path


def _proven_lately(database: Database) -> str | None:
    """The newest backup of the last day that was proven and is still there; none of days to come, which a wrong clock
    dated and which may be as old as they like."""
    now = clock.now()
    found = [
        one for one in known_backups(database) if one.proven and one.exists and now - RECENT <= one.created <= now
    ]  # fmt: skip
    return max(found, key=lambda one: one.created).path if found else None


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """Only one computer of an office lets go at a time.

    Raises:
        UserError: another one is doing so.
    """
    with only_one(database, "history") as mine:
        if not mine:
            raise UserError(N_("Another computer is making the history smaller just now. Nothing was done here."))
        yield
