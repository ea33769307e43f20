"""The last step of restoring: what was done, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.backup.bring_back import Brought
from crm_desktop.backup.compare import Difference
from crm_desktop.core.i18n import _
from crm_desktop.records import history
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep, WorkView
from ui.backup.restore_words import brought_words, lost_words
from ui.framework import dialogs
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.labels import Label
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins, on_theme


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
        self.target: Path | None = None
        self._undo, self._show_record = undo, show
        self._one: Difference | None = None
        self._taken_back = False
        self.icon = BigIcon("ph.check-circle", 3)
        self.heading = Label("", "title")
        self.text = Label("", "body", "text-muted", wrap=True)
        self.lost = Banner("", kind="warning", icon="ph.link-break")
        self.open_record = Button(kind="secondary", icon="ph.arrow-square-out")
        self.open_record.clicked.connect(self._open)
        self.undo_button = Button(kind="secondary", icon="ph.arrow-counter-clockwise")
        self.undo_button.clicked.connect(self._take_back)
        self.more = Button(kind="secondary", icon="ph.clock-counter-clockwise")
        self.more.clicked.connect(self.again)
        session.office.records_changed.connect(lambda _event: self._look_again())
        self.work = WorkView()
        self.stack = QStackedWidget()
        self.stack.addWidget(self._told())
        self.stack.addWidget(self.work)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)

    def _told(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        head = QHBoxLayout()
        head.setSpacing(px(16))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self.heading)
        words.addWidget(self.text)
        head.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        column.addLayout(head)
        column.addWidget(self.lost)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.open_record, self.undo_button, self.more):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addStretch(1)
        margins(inside, 24, 32, 24, 24, 24)
        on_theme(inside, lambda: inside.setMaximumWidth(px(900)))
        return inside

    def bring(self, rows: Sequence[Any], one: Difference | None) -> None:
        """Bring rows back; ``one`` is the record that it is about, where it is one."""
        self._one, self.target = one, None
        job = self.session.bring(rows, one.title if one is not None else "", self.tell, self._failed)
        job.finished.connect(lambda: self.failed.emit() if job.state == "cancelled" else None)
        self.work.follow(job, _("It becomes one change. Stopping keeps nothing of it."))
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.failed.emit()
        dialogs.show_error(self, error)

    def tell(self, brought: Brought) -> None:
        """Say what was brought back."""
        self.brought, self.target, self._taken_back = brought, None, False
        self.stack.setCurrentIndex(0)
        self.retranslate()
        self.changed.emit()
        (self.undo_button if brought.change_set else self.more).setFocus()

    def tell_file(self, target: Path) -> None:
        """Say where the new file is."""
        self.brought, self._one, self.target = None, None, target
        self.stack.setCurrentIndex(0)
        self.retranslate()
        self.changed.emit()
        self.open_record.setFocus()

    def retranslate(self) -> None:
        done = self.brought
        self.more.setText(_("Bring back something else"))
        self.undo_button.setText(_("Undo this"))
        self.lost.hide()
        if self.target is not None:
            self.heading.setText(_("Restored as {name}").format(name=self.target.name))
            self.text.setText(str(self.target))
            self.open_record.setText(_("Open it"))
            self.open_record.show()
            self.undo_button.hide()
            return
        if done is None:
            return
        heading = self._heading()
        self.heading.setText(_("Undone: {title}").format(title=heading) if self._taken_back else heading)
        self.text.setText("" if self._taken_back else brought_words(done))
        text = "" if self._taken_back else lost_words(self.session.office, done.lost)
        self.lost.text.setText(text)
        self.lost.setVisible(bool(text))
        self.open_record.setText(_("Show it"))
        self.open_record.setVisible(self._one is not None and not self._taken_back)
        self.undo_button.setVisible(done.change_set is not None and not self._taken_back)

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
            self._taken_back = row.undone_by is not None
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
            window.office_switch.emit(str(self.target))
        elif self._one is not None:
            self._show_record(self._one.entity, self._one.record_id)

    def _take_back(self) -> None:
        if self.brought is not None and self.brought.change_set is not None:
            self._undo(self.brought.change_set, self._heading())

    def sentence(self) -> str:
        if self.stack.currentIndex():
            return _("Until it is done, nothing of it is to be seen.")
        if self.brought is not None and self.brought.change_set is not None and not self._taken_back:
            return _("It can be undone here, on the page of changes, or with Ctrl+Z.")
        return ""

    def may_go_back(self) -> bool:
        return False
