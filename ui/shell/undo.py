"""Undo and redo of data: the button in the top bar, Ctrl+Z, the toast after a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.ids import generator
from crm_desktop.records import history
from ui.framework import tasks
from ui.framework.office import Office
from ui.records.undoing import Rows, undo_change_set
from ui.widgets.shell import TopBar
from ui.widgets.toast import show_toast


class UndoKeeper(QObject):
    """Keeps the name of what Undo would take back, and takes it back.

    Only what was done since this window opened is offered; the page of changes undoes anything older.
    """

    def __init__(self, office: Office, top: TopBar, window: QWidget) -> None:
        super().__init__(window)
        self._office = office
        self._top = top
        self._window = window
        self._since = generator.next()
        self._next: history.ChangeSetRow | None = None
        top.undo.clicked.connect(self.undo)
        office.records_changed.connect(self._on_records_changed)
        qapp = QApplication.instance()
        if isinstance(qapp, QApplication):
            qapp.focusChanged.connect(self._on_focus_changed)

    def _on_records_changed(self, _event: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Look again what is the last change."""
        user = self._office.user_id
        self._office.read(
            self._window,
            lambda connection: history.last_undoable(connection, user_id=user, since=self._since),
            self._show,
            supersede="undo",
        )

    def _show(self, row: history.ChangeSetRow | None) -> None:
        self._next = row
        self._top.set_undo(_("Undo: {title}").format(title=_named(row)) if row else "")

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None:
            before.removeEventFilter(self)
        if now is not None and _text_of(now) is not None:
            now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Ctrl+Z in a text that nobody has written in take back the last change.

        Qt's text fields keep the key for themselves even when they have nothing to take back. A key that is held down
        is left to them: whoever empties a text with it does not mean the changes before it.
        """
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent) or event.isAutoRepeat():
            return False
        if not event.matches(QKeySequence.StandardKey.Undo) and not event.matches(QKeySequence.StandardKey.Redo):
            return False
        if _was_written_in(_text_of(watched)):
            return False
        event.ignore()
        return True

    def undo(self) -> None:
        """Take back the last change; inside a text that is being written, take back the typing."""
        if self._undo_typing():
            return
        if self._next is not None:
            self._undo_row(self._next)

    def redo(self) -> None:
        """Bring back what was undone last."""
        user = self._office.user_id
        self._office.read(
            self._window,
            lambda connection: history.last_redoable(connection, user_id=user, since=self._since),
            lambda row: self._redo_row(row) if row else None,
        )

    def _redo_row(self, row: history.ChangeSetRow) -> None:
        if row.batch is not None:
            self._take_batch(row, _("Redoing: {title}").format(title=row.batch.title), self._redone)
        else:
            self.redo_change_set(row)

    def _undo_row(self, row: history.ChangeSetRow) -> None:
        if row.batch is not None:
            self._take_batch(row, _("Undoing: {title}").format(title=row.batch.title), self._undone)
        else:
            self.undo_change_set(row.id, _named(row))

    def _take_batch(self, row: history.ChangeSetRow, job: str, tell: Callable[[str, int], None]) -> None:
        office, title = self._office, _named(row)

        def run(progress: Any) -> Any:
            return history.undo_batch(office.database, row, office.actor, progress=progress)

        tasks.run_job(job, run, lambda plans: tell(title, sum(one.blocked_count for one in plans)), owner=self._window)

    def _undone(self, title: str, left: int) -> None:
        show_toast(self._window, _("Undone: {title}").format(title=title) + _left(left), _("Redo"), self.redo)

    def _redone(self, title: str, left: int) -> None:
        show_toast(self._window, _("Redone: {title}").format(title=title) + _left(left), _("Undo"), self.undo)

    def redo_change_set(self, row: history.ChangeSetRow) -> None:
        """Do again what a change set took back; where later edits stand in the way, ask what to do."""
        undo_change_set(
            self._window, self._office, row.id, row.title, lambda _plan, left: self._redone(row.of, left),
            navigator=self._window, job=_("Redoing: {title}").format(title=row.of),  # type: ignore[arg-type]
            heading=_("Redo: {title}").format(title=row.of),
        )  # fmt: skip

    def undo_change_set(self, change_set_id: int, title: str, only: Rows | None = None) -> None:
        """Undo any change set, or some of its rows; where later edits stand in the way, ask what to do."""
        undo_change_set(
            self._window, self._office, change_set_id, title, lambda _plan, left: self._undone(title, left),
            only=only, navigator=self._window,  # type: ignore[arg-type]
        )  # fmt: skip

    @staticmethod
    def _undo_typing() -> bool:
        text = _text_of(QApplication.focusWidget())
        held = text if text is None or isinstance(text, QLineEdit) else text.document()
        if text is None or held is None or not held.isUndoAvailable():
            return False
        text.undo()
        return True


_Text = QLineEdit | QPlainTextEdit | QTextEdit


def _text_of(widget: QObject | None) -> _Text | None:
    """The text that is written in where ``widget`` has the keyboard."""
    if isinstance(widget, QAbstractSpinBox | QComboBox):
        return widget.findChild(QLineEdit)
    return widget if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit) else None


def _was_written_in(text: _Text | None) -> bool:
    held = text if text is None or isinstance(text, QLineEdit) else text.document()
    return held is not None and (held.isUndoAvailable() or held.isRedoAvailable())


def _named(row: history.ChangeSetRow) -> str:
    """What a change is called behind "Undo:"; what was redone has the name that it had at first."""
    if row.batch is not None:
        return row.batch.title
    return row.of if row.kind in ("undo", "redo") and row.of else row.title


def _left(count: int) -> str:
    """What is said of records that later edits kept as they are."""
    if not count:
        return ""
    return ". " + ngettext("{n} record stays as it is.", "{n} records stay as they are.", count).format(n=count)
