"""The work itself: progress, a way to stop it, and what is said where it did not come to its end."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal

from crm_desktop import features
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.core.secrets import hide
from crm_desktop.moving import Moved, move_office
from crm_desktop.office_server import create_office
from ui.framework import dialogs, tasks
from ui.shell.server.parts import MOVE, Plan, Running, Trouble, WizardPage


class RunPage(WizardPage):
    """Creates or moves the office as soon as it is shown. ``stopped`` is sent when it was cancelled."""

    stopped = Signal()

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        moving = plan.mode == MOVE
        if plan.backup is not None:
            self.heading(
                _("Restoring to the server"),
                _(
                    "Everything is unpacked, checked, copied and compared before anybody can sign in on the server. Stopped or "
                    "failed, nothing stays there. Today's office is not touched."
                )
                if plan.backup.beside
                else _(
                    "Everything is unpacked, checked, copied and compared before anybody can sign in on the server. Stopped or "
                    "failed, nothing stays there."
                ),
            )
        else:
            self.heading(
                _("Moving the office") if moving else _("Creating the office"),
                _("Everything is copied and compared before anybody can sign in on the server. Stopped or failed, nothing stays there, and this office is as before.")
                if moving else _("Stopped or failed, nothing of it stays on the server."),
            )  # fmt: skip
        self.running = Running()
        self.trouble = Trouble()
        self._box.addWidget(self.running)
        self._box.addWidget(self.trouble)
        self._box.addStretch(1)
        self.job: tasks.JobHandle | None = None

    def action(self) -> str:
        return _("Working…") if self.busy else _("Try again")

    def may_leave(self) -> bool:
        return not self.busy

    def enter(self) -> None:
        self.go_on()

    def stop(self) -> None:
        """Ask the work to stop; ``stopped`` follows when everything is taken back."""
        if self.job is not None and self.busy:
            self.running.note.setText(_("Stopping, and taking back what was made…"))
            self.job.cancel()

    def go_on(self) -> None:
        """Start, or start again."""
        if self.busy:
            return
        self.trouble.say("")
        self.running.show()
        self.running.bar.set_fraction(None)
        self.set_busy(True)
        self.job = tasks.run_job(self._title(), self._work(), self._finished, self._failed, owner=self)
        self.job.changed.connect(self._show)

    def _title(self) -> str:
        if self.plan.backup is not None:
            return _("Restoring the backup to the server")
        moving = self.plan.mode == MOVE
        return _("Moving the office to the server") if moving else _("Creating the office on the server")

    def _work(self) -> Any:
        plan, schema = self.plan, features.schema()
        backup = plan.backup
        if backup is not None:
            return lambda progress: backup.restore(plan.address, plan.admin, plan.movers, progress)
        if plan.mode == MOVE:
            return lambda progress: move_office(plan.source, plan.address, plan.admin, plan.movers, progress)

        def create(progress: Progress) -> Moved:
            mine = create_office(plan.address, plan.admin, plan.owner, plan.office, schema, progress)
            return Moved(mine.url(), None, mine)

        return create

    def _show(self) -> None:
        job = self.job
        if job is None:
            return
        if job.state == "cancelled":
            self.set_busy(False)
            self.running.hide()
            self.stopped.emit()
            return
        if job.active and not job.token.cancelled:
            self.running.bar.set_fraction(job.fraction)
            parts, left = [job.progress.message], job.progress.remaining
            if left is not None and left >= 1:
                parts.append(_("{time} left").format(time=formats.format_duration(left)))
            self.running.note.setText(" · ".join(part for part in parts if part))

    def _failed(self, error: Exception) -> None:
        self.set_busy(False)
        self.running.hide()
        if isinstance(error, UserError):
            self.trouble.say(str(error), hide(error.details))
        else:
            self.trouble.say(_("Something went wrong in the program. Nothing was left behind."), hide(str(error)))
            dialogs.show_error(self, error)

    def _finished(self, moved: Moved) -> None:
        self.set_busy(False)
        plan = self.plan
        plan.moved = moved
        if moved.address is not None:
            plan.address = moved.address
        password = plan.movers[0].password if plan.mode == MOVE else plan.owner.password
        plan.target = plan.address.url(password)
        self.done.emit()
