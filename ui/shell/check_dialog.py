"""Check the database: what the doctor finds, in plain words, and what it can repair."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.doctor import Finding, check
from crm_desktop.doctor_repair import Repair, Repaired, advice, plan_repairs, repair
from ui.framework import dialogs, tasks
from ui.framework.may import can
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import IconLabel, Label
from ui.widgets.progress import Bar
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


def repaired_words(done: Repaired) -> list[str]:
    """What a repair changed for people, one sentence each."""
    told = []
    if done.removed:
        told.append(
            ngettext("{n} row that belonged to nothing was removed; the copy has it.",
                     "{n} rows that belonged to nothing were removed; the copy has them.", done.removed)
            .format(n=formats.format_integer(done.removed))
        )  # fmt: skip
    if done.change_set is not None:
        told.append(_("What else changed in records can be undone on the page Changes."))
    return told


class CheckDialog(QDialog):
    """Looks at once; what can be repaired has a box to tick, and the repair is said before it is done."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self.findings: Sequence[Finding] = ()
        self._job: tasks.JobHandle | None = None
        self._boxes: list[tuple[QCheckBox, Repair]] = []
        self.setWindowTitle(_("Check the database"))
        self.head = Label("", "strong")
        self.hint = Label("", "body", "text-muted", wrap=True)
        self.bar = Bar(width=240)
        self.every = QCheckBox(_("Look at every row, not at a sample (takes longer)"))
        self.list = QWidget()
        self._rows = QVBoxLayout(self.list)
        self._rows.setSpacing(px(12))
        self._rows.setContentsMargins(0, 0, px(8), 0)
        self.area = scrolled(self.list, sideways=True, focus=True)
        self.area.setAccessibleName(_("What was found"))
        self.again = Button(_("Check again"), icon="ph.arrow-clockwise")
        self.copy_button = Button(_("Copy the findings"), icon="ph.copy")
        self.stop_button = Button(_("Stop"))
        self.repair_button = Button(_("Repair…"), icon="ph.wrench", kind="primary")
        self.close_button = Button(_("Close"))
        self.again.clicked.connect(self.look)
        self.copy_button.clicked.connect(self.copy_findings)
        self.stop_button.clicked.connect(self.stop)
        self.repair_button.clicked.connect(self.mend)
        self.close_button.clicked.connect(self.reject)
        self._lay_out()
        dialogs.resize_within(self, px(720), px(560))
        QTimer.singleShot(0, self, self.look)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.again, self.copy_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.stop_button, self.close_button, self.repair_button):
            buttons.addWidget(button)
        whole = QVBoxLayout(self)
        for widget in (self.head, self.hint, self.bar):
            whole.addWidget(widget)
        whole.addWidget(self.area, 1)
        whole.addWidget(self.every)
        whole.addLayout(buttons)
        margins(self, 24, 20, 24, 16, 12)

    # -- looking -----------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Check everything again."""
        full, database = self.every.isChecked(), self.office.database

        def work(progress: Progress) -> list[Finding]:
            return check(database, full=full, progress=progress)

        self._begin(_("Checking the database"), _("Nothing is changed. You can go on working."))
        self._follow(tasks.run_job(_("Checking the database"), work, self._show, self._failed, owner=self))

    def _begin(self, head: str, hint: str) -> None:
        self.head.setText(head)
        self.hint.setText(hint)
        self._clear()
        self.bar.set_fraction(None)
        self._set_running(True)

    def _follow(self, job: tasks.JobHandle) -> None:
        self._job = job
        job.changed.connect(self._progressed)
        job.finished.connect(self._ended)

    def _progressed(self) -> None:
        if self._job is not None and self._job.active:
            self.bar.set_fraction(self._job.fraction)
            if self._job.progress.message:
                self.hint.setText(self._job.progress.message)

    def _ended(self) -> None:
        if self._job is not None and self._job.state == "cancelled":
            self._set_running(False)
            self.head.setText(_("Stopped"))
            self.hint.setText(_("Not everything was looked at."))

    def _failed(self, error: Exception) -> None:
        self._set_running(False)
        self.head.setText(_("The check could not be finished"))
        self.hint.setText(str(error))
        dialogs.show_error(self, error)

    def _set_running(self, running: bool) -> None:
        self.bar.setVisible(running)
        self.stop_button.setVisible(running)
        for widget in (self.again, self.every, self.copy_button):
            widget.setEnabled(not running)
        self.repair_button.setVisible(not running and bool(self._boxes) and can(self.office, "backup"))
        if not running:
            self.close_button.setFocus()

    def _show(self, findings: Sequence[Finding]) -> None:
        """Say what was found: what is wrong first, with what to do; what is right after it."""
        self.findings = findings
        self._clear()
        bad = [finding for finding in findings if not finding.ok]
        repairs = {one.check: one for one in plan_repairs(findings)}
        for finding in [*bad, *(finding for finding in findings if finding.ok)]:
            self._add(finding, repairs.get(finding.check))
        self._rows.addStretch(1)
        if bad:
            words = ngettext("{n} thing is not as it should be", "{n} things are not as they should be", len(bad))
            self.head.setText(words.format(n=len(bad)))
            self.hint.setText(
                _("Before anything is repaired, a copy of the database is made. Below stands what will be done.")
                if repairs else _("None of it can be repaired here; below each stands what to do.")
            )  # fmt: skip
        else:
            self.head.setText(_("Everything is as it should be"))
            self.hint.setText(self.office.name)
        self._set_running(False)

    def _clear(self) -> None:
        self._boxes = []
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, finding: Finding, one: Repair | None) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(px(8))
        sign = IconLabel("ph.check-circle", "success", 18) if finding.ok else IconLabel("ph.warning", "warning", 18)
        side = QVBoxLayout()
        side.addWidget(sign)
        side.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(px(4))
        words.addWidget(Label(finding.detail, "body", "text-muted" if finding.ok else "text", wrap=True))
        if one is not None:
            box = QCheckBox(_("Repair"))
            box.setChecked(True)
            box.setAccessibleName(_("Repair: {what}").format(what=one.text))
            box.toggled.connect(lambda _on: self._count_boxes())
            self._boxes.append((box, one))
            words.addWidget(Label(one.text, "secondary", "text-muted", wrap=True))
            words.addWidget(box)
        elif not finding.ok:
            words.addWidget(Label(advice(finding), "secondary", "text-muted", wrap=True))
        line.addLayout(side)
        line.addLayout(words, 1)
        self._rows.addWidget(row)

    def _count_boxes(self) -> None:
        self.repair_button.setEnabled(any(box.isChecked() for box, _one in self._boxes))

    def copy_findings(self) -> None:
        """Put what was found on the clipboard, to send it to somebody."""
        lines = [("✓ " if one.ok else "✗ ") + one.detail for one in self.findings]
        QGuiApplication.clipboard().setText("\n".join(lines))
        show_toast(self, _("Copied"))

    # -- repairing ---------------------------------------------------------------------------------------------

    def mend(self) -> None:
        """Repair what is ticked, once it was said what that is."""
        chosen = [one for box, one in self._boxes if box.isChecked()]
        steps = "\n".join(f"• {one.text}" for one in chosen)
        text = _("A copy of the database is made first.") + "\n\n" + steps
        if not chosen or not dialogs.confirm(self, _("Repair this?"), text, yes=_("Repair")):
            return
        database, actor = self.office.database, self.office.actor

        def work(progress: Progress) -> Repaired:
            return repair(database, [one.check for one in chosen], actor, progress=progress)

        self._begin(_("Repairing the database"), "")
        self._follow(tasks.run_job(_("Repairing the database"), work, self._mended, self._failed, owner=self))

    def _mended(self, done: Repaired) -> None:
        told = [_("A copy from before the repair is kept:\n{file}").format(file=done.copy), *repaired_words(done)]
        dialogs.show_message(self, _("Repaired"), "\n\n".join(told))
        self.look()

    def stop(self) -> None:
        """Stop looking."""
        if self._job is not None:
            self._job.cancel()

    def reject(self) -> None:
        """Close; a check that runs is stopped."""
        self.stop()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)
