"""What the restore assistant works on: the chosen backup, what was found in it, and the work in the background."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.backup import bring_back, in_place, look, places, replacing, restoring, schedule
from crm_desktop.backup.bring_plan import BringPlan
from crm_desktop.backup.compare import Comparison, Difference, compare
from crm_desktop.backup.compare_rows import Pair, RowChange
from crm_desktop.backup.look import Found, Part
from crm_desktop.backup.seeing import side_by_side
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from ui.backup.opened import Opened
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder


class RestoreSession(QObject):
    """One way through the assistant."""

    opened_changed = Signal()

    def __init__(self, office: Office, owner: QWidget) -> None:
        super().__init__(owner)
        self.office = office
        self.owner = owner
        self.opened: Opened | None = None
        self.comparison: Comparison | None = None
        self.mode = ""
        self.before: datetime | None = None
        """The moment before which everything was as somebody wants it, where they named one."""

    def open(
        self, path: str, made: datetime, password: str | None, on_done: Callable[[], object],
        on_error: Callable[[Exception], None],
    ) -> tasks.JobHandle:  # fmt: skip
        """Unpack a backup in the background."""
        scratch, schema = scratch_folder("backup"), self.office.database.schema

        def run(progress: Progress) -> Any:
            try:
                return restoring.open_backup(path, scratch, schema, password=password, progress=progress)
            except BaseException:
                shutil.rmtree(scratch, ignore_errors=True)
                raise

        def done(database: Any) -> None:
            self.use(Opened(database, made, path, password, scratch))
            on_done()

        return tasks.run_job(_("Opening the backup"), run, done, on_error, owner=self.owner)

    def use(self, opened: Opened) -> None:
        """Work on this backup from now on."""
        self.close()
        self.opened, self.comparison = opened, None
        self.opened_changed.emit()

    def close(self) -> None:
        """Let go of the backup."""
        opened, self.opened = self.opened, None
        if opened is not None and opened.scratch is not None:
            opened.database.close()
            shutil.rmtree(opened.scratch, ignore_errors=True)

    def _paired(self, work: Callable[[Pair], Any]) -> Any:
        assert self.opened is not None
        with side_by_side(self.opened.database, self.office.database) as pair:
            return work(pair)

    def compare(
        self, on_done: Callable[[Comparison], object], on_error: Callable[[Exception], None]
    ) -> tasks.JobHandle:  # fmt: skip
        """Compare everything in the background."""

        def done(found: Comparison) -> None:
            self.comparison = found
            on_done(found)

        def run(progress: Progress) -> Any:
            return self._paired(lambda pair: compare(pair, progress))

        return tasks.run_job(_("Comparing the backup with the present"), run, done, on_error, owner=self.owner)

    def find(self, owner: QWidget, text: str, on_done: Callable[[list[Found]], object]) -> None:
        """Look for records in the backup."""
        assert self.opened is not None
        backup, database = self.opened.database, self.office.database
        tasks.run_read(owner, lambda: look.find_records(backup, database, text), on_done, supersede="backup-find")

    def read_record(
        self, owner: QWidget, entity: str, record_id: int,
        on_done: Callable[[tuple[Difference | None, list[Part]]], object],
    ) -> None:  # fmt: skip
        """Put one record of the backup beside the present one."""

        def both(pair: Pair) -> tuple[Difference | None, list[Part]]:
            found = look.compare_record(pair, entity, record_id)
            return found, [] if found is None else look.describe(pair, found)

        tasks.run_read(owner, lambda: self._paired(both), on_done, supersede="backup-record")

    def describe(self, owner: QWidget, difference: Difference, on_done: Callable[[list[Part]], object]) -> None:
        """Write a difference in words."""
        tasks.run_read(
            owner, lambda: self._paired(lambda pair: look.describe(pair, difference)), on_done,
            supersede="backup-record",
        )  # fmt: skip

    def foresee(self, owner: QWidget, rows: Sequence[RowChange], on_done: Callable[[BringPlan], object]) -> None:
        """What bringing rows back would do now."""
        assert self.opened is not None
        backup, database = self.opened.database, self.office.database
        tasks.run_read(
            owner, lambda: bring_back.foresee(backup, database, rows), on_done, lambda _error: None,
            supersede="backup-plan",
        )  # fmt: skip

    def bring(
        self, rows: Sequence[RowChange], title: str, on_done: Callable[[bring_back.Brought], object],
        on_error: Callable[[Exception], None],
    ) -> tasks.JobHandle:  # fmt: skip
        """Bring rows back, in one change that can be undone."""
        opened, office = self.opened, self.office
        assert opened is not None

        def run(progress: Progress) -> Any:
            return bring_back.bring_back(
                opened.database, office.database, office.actor, rows, opened.made, progress=progress, title=title
            )

        return tasks.run_job(_("Bringing back"), run, on_done, on_error, owner=self.owner)

    def restore_in_place(
        self, on_done: Callable[[bring_back.Brought], object], on_error: Callable[[Exception], None], *,
        copy_password: str = "",
    ) -> tasks.JobHandle:  # fmt: skip
        """Give everything the state of the backup, in one change that can be undone.

        Args:
            copy_password: protects the copy of the present where this computer does not know the password.
        """
        opened, office = self.opened, self.office
        assert opened is not None

        def run(progress: Progress) -> Any:
            folder = places.first_ready(schedule.plan_of(office.database))  # a stick may be another computer's
            return in_place.restore_in_place(
                opened.database, office.database, office.actor, opened.made, folder=folder,
                copy_password=copy_password or opened.password, progress=progress,
            )  # fmt: skip

        return tasks.run_job(_("Restoring the backup"), run, on_done, on_error, owner=self.owner)

    def prepare_file(
        self, on_done: Callable[[replacing.Replacement], object], on_error: Callable[[Exception], None], *,
        aside: bool = False, copy_password: str = "",
    ) -> tasks.JobHandle:  # fmt: skip
        """Get the backup ready to take the place of the present file.

        Args:
            aside: keep the present file itself, renamed: it is too damaged for a copy.
            copy_password: protects the copy where this computer does not know the password of the plan.
        """
        opened, office = self.opened, self.office
        assert opened is not None

        def run(progress: Progress) -> Any:
            return replacing.prepare(
                office.database, opened.path, office.actor, password=opened.password, origin=office.origin,
                aside=aside, examine=office.examine, copy_password=copy_password or None, progress=progress,
            )  # fmt: skip

        return tasks.run_job(_("Preparing the restore"), run, on_done, on_error, owner=self.owner)

    def restore_new(
        self, target: Path, on_done: Callable[[restoring.Restored], object], on_error: Callable[[Exception], None]
    ) -> tasks.JobHandle:  # fmt: skip
        """Restore the backup to a new file, and look at it there."""
        opened, schema, examine = self.opened, self.office.database.schema, self.office.examine
        assert opened is not None

        def run(progress: Progress) -> Any:
            return restoring.restore_backup(
                opened.path, target, schema, password=opened.password, examine=examine, progress=progress
            )

        return tasks.run_job(_("Restoring the backup"), run, on_done, on_error, owner=self.owner)
