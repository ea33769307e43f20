"""The restore assistant: which backup, what, the choice with its differences, the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from crm_desktop.backup import restoring
from crm_desktop.backup.compare import Difference
from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from ui.backup.opened import Opened
from ui.backup.restore_changes import ChangesStep
from ui.backup.restore_pick import PickStep
from ui.backup.restore_record import RecordStep
from ui.backup.restore_result import ResultStep
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreFooter, RestoreStep
from ui.backup.restore_what import BROWSE, CHANGES, RECORD, WHOLE, WhatStep
from ui.backup.restore_whole import WholeStep
from ui.framework import tasks
from ui.framework.commands import command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.scratch import scratch_folder
from ui.widgets.headers import PageHeader
from ui.widgets.steps import StepBar


class RestorePage(Page):
    """Steps below a bar, a footer below the steps.

    ``activated(path=...)`` begins with a backup; ``activated(opened=Opened, entity=..., record_id=...)`` with a record
    of one that is open already, as from the window that browses it.
    """

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.session = RestoreSession(office, self)
        self.header = PageHeader()
        self.bar = StepBar()
        self.bar.step_chosen.connect(self._on_step)
        self.pick = PickStep(self.session)
        self.what = WhatStep(self.session)
        self.record = RecordStep(self.session)
        self.changes = ChangesStep(self.session)
        self.whole = WholeStep(self.session)
        self.result = ResultStep(self.session, self._undo, navigator.open_record)
        self.steps: tuple[RestoreStep, ...] = (
            self.pick, self.what, self.record, self.changes, self.whole, self.result,
        )  # fmt: skip
        self.stack = QStackedWidget()
        self.footer = RestoreFooter()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.header, self.bar):
            box.addWidget(widget)
        for step in self.steps:
            self.stack.addWidget(step)
            step.changed.connect(self._refresh)
        box.addWidget(self.stack, 1)
        box.addWidget(self.footer)
        self.pick.done.connect(lambda: self.go(self._asked() or self.what))
        self.pick.changes_wanted.connect(lambda: navigator.open_page("changes"))
        self.what.done.connect(self._on_what)
        self.record.done.connect(lambda: self._bring(self.record.rows(), self.record.difference))
        self.changes.done.connect(self._bring_changes)
        self.whole.done.connect(self._on_whole)
        self.result.again.connect(lambda: self.go(self.what if self.session.opened else self.pick))
        self.result.failed.connect(lambda: self.go(self._chosen()))
        self.footer.cancel.clicked.connect(self.leave)
        self.footer.back.clicked.connect(self.go_back)
        self.footer.go_on.clicked.connect(self.go_on)
        self._record: tuple[str, int] | None = None
        self.destroyed.connect(self.session.close)
        self.retranslate()
        self.go(self.pick)

    @property
    def current(self) -> RestoreStep:
        """The step that is shown."""
        found = self.stack.currentWidget()
        assert isinstance(found, RestoreStep)
        return found

    def activated(self, **params: Any) -> None:
        """Begin with what is known already."""
        opened: Opened | None = params.get("opened")
        self._record, self.pick.restored = None, bool(params.get("restored"))
        if params.get("entity") and params.get("record_id"):
            self._record = (str(params["entity"]), int(params["record_id"]))
        if opened is not None:
            self.session.use(opened)
            self.go(self._asked() or self.what)
        elif params.get("path"):
            self.go(self.pick)
            self.pick.choose(str(params["path"]))
        elif self.session.opened is None:
            self.go(self.pick)

    def _asked(self) -> RestoreStep | None:
        """The step of the record that this was opened for."""
        if self._record is None:
            return None
        self.session.mode = RECORD
        self.record.want(*self._record)
        self._record = None
        return self.record

    def go(self, step: RestoreStep) -> None:
        """Show a step."""
        self.stack.setCurrentWidget(step)
        step.entered()
        self._refresh()

    def _chosen(self) -> RestoreStep:
        return {RECORD: self.record, CHANGES: self.changes, WHOLE: self.whole}.get(self.session.mode, self.what)

    def _on_what(self) -> None:
        if self.session.mode == BROWSE:
            self._browse()
        else:
            self.go(self._chosen())

    def _browse(self) -> None:
        opened = self.session.opened
        if opened is None:
            return
        scratch, schema = scratch_folder(), self.office.database.schema

        def run(progress: Any) -> Any:
            return restoring.open_backup(opened.path, scratch, schema, password=opened.password, progress=progress)

        def done(database: Any) -> None:
            name = _("Backup of {when}").format(when=formats.format_datetime(opened.made, "medium"))
            self.navigator.show_read_only(database, name, scratch, made=opened.made, path=opened.path)  # type: ignore[attr-defined]

        tasks.run_job(_("Opening the backup"), run, done, owner=self)

    def _bring(self, rows: Any, one: Difference | None, records: Mapping[str, int] | None = None) -> None:
        self.stack.setCurrentWidget(self.result)
        self.result.bring(rows, one, records if records is not None else {one.op: 1} if one is not None else {})
        self._refresh()

    def _bring_changes(self) -> None:
        chosen = self.changes.chosen()
        self._bring(self.changes.rows(), chosen[0] if len(chosen) == 1 else None, Counter(one.op for one in chosen))
        self.session.comparison = None  # what was found is no longer how it stands

    def _on_whole(self) -> None:
        self.stack.setCurrentWidget(self.result)
        if self.whole.brought is not None:
            self.session.comparison = None
            self.result.tell_whole(self.whole.brought)
        elif self.whole.target is not None and self.whole.restored is not None:
            self.result.tell_file(self.whole.target, self.whole.restored)
        elif self.whole.on_server is not None:
            self.result.tell_server(self.whole.on_server)
        self._refresh()

    def _undo(self, change_set: int, title: str) -> None:
        self.navigator.undo_keeper.undo_change_set(change_set, title)  # type: ignore[attr-defined]

    def go_on(self) -> None:
        """Press the main button."""
        if self.current.go_text() and self.current.may_go():
            self.current.go()

    @command("restore.go_on", text=N_("Go on"), shortcut="Ctrl+Return", icon="ph.arrow-right")
    def go_on_by_key(self) -> None:
        """Press the main button by the keyboard."""
        self.go_on()

    @command("restore.back", text=N_("One step back"), shortcut="Alt+Left", icon="ph.arrow-left")
    def go_back(self) -> None:
        """Go one step back."""
        if not self.current.may_go_back():
            return
        self.go(self.pick if self.current is self.what else self.what)

    def forget_backup(self, database: Any) -> None:
        """The window that browses a backup is closed, and the backup goes with it."""
        opened = self.session.opened
        if opened is not None and opened.database is database:
            self.session.close()
            self.session.comparison = None
            self.go(self.pick)

    def leave(self) -> None:
        """Leave the assistant and let go of the backup."""
        self.session.close()
        self.session.comparison = None
        self.go(self.pick)
        self.navigator.open_page("backup")

    def _on_step(self, index: int) -> None:
        if index == 0:
            self.go(self.pick)
        elif index == 1 and self.session.opened is not None:
            self.go(self.what)

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Restore from a backup"))
        self.footer.cancel.setText(_("Leave"))
        self.footer.back.setText(_("Back"))
        self.bar.set_steps([_("Backup"), _("What"), _("Choose"), _("Result")])
        self.current.retranslate()
        self._refresh()

    def _refresh(self) -> None:
        current = self.current
        place = {self.pick: 0, self.what: 1, self.result: 3}.get(current, 2)
        self.bar.set_current(place)
        opened = self.session.opened
        when = formats.format_datetime(opened.made, "medium") if opened is not None and place else ""
        self.header.set_count(_("Backup of {when}").format(when=when) if when else "")
        self.footer.text.setText(current.sentence())
        self.footer.back.setVisible(current.may_go_back())
        text = current.go_text()
        self.footer.go_on.setVisible(bool(text))
        self.footer.go_on.setText(text)
        self.footer.go_on.setEnabled(current.may_go())
        self.refresh_commands()
