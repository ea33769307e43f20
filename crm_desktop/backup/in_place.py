"""A whole office on a server as it was in a backup: every row that differs, in one change that Undo takes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_desktop.backup import running, schedule
from crm_desktop.backup.bring_back import Brought, bring_back, may_bring_back, rows_of
from crm_desktop.backup.compare import compare
from crm_desktop.backup.compare_rows import Pair
from crm_desktop.backup.protection import password_of_copy
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor


def restore_in_place(
    backup: Database,
    database: Database,
    actor: Actor,
    made: datetime,
    *,
    folder: Path | str | None = None,
    copy_password: str | None = None,
    progress: Progress | None = None,
) -> Brought:
    """Give every record and setting of an office the state it has in a backup, without replacing the database.

    It is one change set: Undo is the way back. Colleagues stay connected and see it at once; the history goes on; who
    works here, with which login and which rights, stays as it is, so that a locked server keeps its lock.

    Args:
        folder: where a proven backup of the present state is made first; none is where None.
        copy_password: protects that backup, where the plan wants it and this computer does not know the password.

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
        own = password_of_copy(database, copy_password)
        plan = replace(schedule.plan_of(database), encrypted=False)  # the password is the one that was given, or none
        running.run_backup(
            database, plan, kind="restore", user_name=actor.name, password=own, progress=progress, folders=[Path(folder)]
        )  # fmt: skip
    rows: Sequence[Any] = rows_of(found.differences, created=True)
    done = bring_back(backup, database, actor, rows, made, progress=progress)
    return replace(done, records=Counter(one.op for one in found.differences if not one.erased))


def another_office() -> UserError:
    """The sentence for a backup that has nothing in common with the open office."""
    return UserError(
        N_("This is a backup of another office. Browse it, or restore it to a new file; nothing of it belongs here.")
    )
