"""The last step of restoring: what was done, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.backup.bring_back import Brought
from crm_desktop.backup.compare import Difference
from crm_desktop.backup.restoring import Restored
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records import history
from ui.backup.opened import OnServer
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.backup.restore_words import brought_words, checks_words, lost_words
from ui.framework import dialogs
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.result_panel import DONE, TAKEN_BACK, ResultPanel
from ui.widgets.run_view import RunView


class ResultStep(RestoreStep):
    """Does it, then says what was done. ``again`` begins anew with the same backup, ``failed`` goes back."""

    again = Signal()
    failed = Signal()

    def __init__(
        self, session: RestoreSession, undo: Callable[[int, str], None], show: Callable[[str, int], None],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(session, parent)
        self.brought: Brought | None = None
        self.target: Path | OnServer | None = None
        self._taken_back = ""
        self._restored: Restored | None = None
        self._undo, self._show_record = undo, show
        self._one: Difference | None = None
        self.notice = Banner("", kind="warning", icon="ph.warning")
        self.checks = Banner("", kind="success", icon="ph.shield-check")
        self.open_record = Button(kind="secondary", icon="ph.arrow-square-out")
        self.open_record.clicked.connect(self._open)
        self.undo_button = Button(kind="secondary", icon="ph.arrow-counter-clockwise")
        self.undo_button.clicked.connect(self._take_back)
        self.more = Button(kind="secondary", icon="ph.clock-counter-clockwise")
        self.more.clicked.connect(self.again)
        session.office.records_changed.connect(lambda _event: self._look_again())
        self.panel = ResultPanel(
            (self.checks, self.notice), (self.open_record, self.undo_button, self.more), widest=900
        )
        self.heading = self.panel.heading
        self.work = RunView("ph.clock-counter-clockwise")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.panel)
        self.stack.addWidget(self.work)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)

    def bring(self, rows: Sequence[Any], one: Difference | None, records: Mapping[str, int]) -> None:
        """Bring rows back; ``one`` is the record that it is about, where it is one, ``records`` as in ``Brought``."""
        self._one, self.target = one, None

        def done(brought: Brought) -> None:
            self.tell(replace(brought, records=records))

        job = self.session.bring(rows, one.title if one is not None else "", done, self._failed)
        job.finished.connect(lambda: self.failed.emit() if job.state == "cancelled" else None)
        self.work.follow(job, _("It becomes one change. Stopping keeps nothing of it."))
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.failed.emit()
        dialogs.show_error(self, error)

    def tell(self, brought: Brought) -> None:
        """Say what was brought back."""
        self.brought, self.target, self._taken_back = brought, None, ""
        # never on what undoes it: a careless Enter would
        self._told(self.open_record if self._one is not None and brought.change_set else self.more)

    def tell_whole(self, brought: Brought) -> None:
        """Say what was brought back of everything."""
        self._one = None
        self.tell(brought)

    def tell_file(self, target: Path, restored: Restored) -> None:
        """Say where the new file is, and what the checks found in it."""
        self.brought, self._one, self.target, self._restored = None, None, target, restored
        self._told(self.open_record)

    def tell_server(self, there: OnServer) -> None:
        """Say where on a server the office is, and what the checks found in it."""
        self.brought, self._one, self.target, self._restored = None, None, there, None
        self._told(self.open_record)

    def _told(self, focus: Button) -> None:
        self.stack.setCurrentIndex(0)
        self.retranslate()
        self.changed.emit()
        focus.setFocus()

    def retranslate(self) -> None:
        self.more.setText(_("Bring back something else"))
        self.undo_button.setText(_("Undo this"))
        self.notice.hide()
        self.checks.hide()
        if isinstance(self.target, OnServer):
            self._say_server(self.target)
        elif self.target is not None and self._restored is not None:
            self._say_file(self.target, self._restored)
        elif self.brought is not None:
            self._say_brought(self.brought)

    def _say_file(self, target: Path, restored: Restored) -> None:
        total = sum(restored.counts.values())
        rows = ngettext("{n} row, written to {path}", "{n} rows, written to {path}", total)
        self.panel.tell(
            _("Restored as {name}").format(name=target.name), rows.format(n=formats.format_integer(total), path=target)
        )
        self._say_restored(restored.problems, _("Open it"))

    def _say_server(self, there: OnServer) -> None:
        words = ngettext(
            "{n} row is the same as in the backup. The office is in the database {database} on {server}.",
            "{n} rows are the same as in the backup. The office is in the database {database} on {server}.", there.rows,
        )  # fmt: skip
        self.panel.tell(
            _("Restored to the office server"),
            words.format(n=formats.format_integer(there.rows), database=there.database, server=there.host),
        )
        self._say_restored(there.problems, _("Open it there"))

    def _say_restored(self, problems: Sequence[str] | None, opening: str) -> None:
        if problems is not None:
            shown = self.notice if problems else self.checks
            shown.text.setText(checks_words(problems))
            shown.setAccessibleName(shown.text.text())
            shown.show()
        self.open_record.setText(opening)
        self.open_record.show()
        self.undo_button.hide()

    def _say_brought(self, done: Brought) -> None:
        stands = not self._taken_back
        if stands:
            self.panel.tell(self._heading(), brought_words(done), DONE)
        else:
            text = _("Everything is as it was before you brought it back.")
            self.panel.tell(_("Undone: {title}").format(title=self._taken_back), text, TAKEN_BACK)
        text = lost_words(self.session.office, done.lost) if stands else ""
        self.notice.text.setText(text)
        self.notice.setAccessibleName(text)
        self.notice.setVisible(bool(text))
        self.open_record.setText(_("Show it"))
        self.open_record.setVisible(self._one is not None and stands)
        self.undo_button.setVisible(done.change_set is not None and stands)

    def _heading(self) -> str:
        if self.brought is None or self.brought.change_set is None:
            return _("Nothing had to be changed")
        return _("“{title}” is as it was").format(title=self._one.title) if self._one is not None else _("Brought back")

    def _look_again(self) -> None:
        """Whether what was brought back still stands: it can be undone and redone from anywhere."""
        change_set = self.brought.change_set if self.brought is not None else None
        if change_set is None or not self.isVisible():
            return

        def found(row: history.ChangeSetRow) -> None:
            if self.brought is None or self.brought.change_set != change_set:
                return
            had_focus = self.undo_button.hasFocus()
            self._taken_back = row.title if row.undone_by is not None else ""
            self.retranslate()
            self.changed.emit()
            if had_focus and self._taken_back:
                self.more.setFocus()

        self.session.office.read(
            self, lambda connection: history.change_set_details(connection, change_set), found, supersede="stands"
        )

    def _open(self) -> None:
        if self.target is not None:
            window: Any = self.window()
            target = self.target.target if isinstance(self.target, OnServer) else str(self.target)
            window.office_switch.emit(target)
        elif self._one is not None:
            self._show_record(self._one.entity, self._one.record_id)

    def _take_back(self) -> None:
        change_set = self.brought.change_set if self.brought is not None else None
        if change_set is not None:
            self.session.office.read(
                self, lambda connection: history.change_set_details(connection, change_set),
                lambda row: self._undo(row.id, row.title), supersede="take-back",
            )  # fmt: skip

    def sentence(self) -> str:
        if self.stack.currentIndex():
            return _("Until it is done, nothing of it is to be seen.")
        if self.target is not None:
            return _("Today's office was not changed.")
        if self.brought is not None and self.brought.change_set is not None and not self._taken_back:
            return _("It can be undone here, on the page of changes, or with Ctrl+Z.")
        return ""

    def may_go_back(self) -> bool:
        return False
