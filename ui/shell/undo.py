"""Undo and redo of data: the button in the top bar, Ctrl+Z, the toast after a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.ids import generator
from crm_desktop.records import history
from crm_desktop.records.undo_plan import plan_undo
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.office import Office
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
        title = "" if row is None else row.batch.title if row.batch else row.title
        self._top.set_undo(_("Undo: {title}").format(title=title) if row else "")

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
            lambda row: self._undo_row(row) if row else None,
        )

    def _undo_row(self, row: history.ChangeSetRow) -> None:
        if row.batch is None:
            self.undo_change_set(row.id, row.title)
            return
        office, title = self._office, row.batch.title

        def run(progress: Any) -> Any:
            return history.undo_batch(office.database, row, office.actor, progress=progress)

        tasks.run_job(
            _("Undoing: {title}").format(title=title), run,
            lambda plans: self._undone(title, sum(one.blocked_count for one in plans)), owner=self._window,
        )  # fmt: skip

    def _undone(self, title: str, left: int) -> None:
        text = _("Undone: {title}").format(title=title)
        if left:
            text += ". " + ngettext("{n} record stays as it is.", "{n} records stay as they are.", left).format(n=left)
        show_toast(self._window, text, _("Redo"), self.redo)

    def undo_change_set(self, change_set_id: int, title: str) -> None:
        """Undo any change set; where later edits stand in the way, ask what to do."""
        database = self._office.database

        def plan() -> Any:
            with database.read() as connection:
                return plan_undo(database, connection, change_set_id)

        def failed(error: Exception) -> None:
            again = lambda: self.undo_change_set(change_set_id, title)  # noqa: E731
            dialogs.offer_again(self._window, _("Undo: {title}").format(title=title), again, error)

        tasks.run_write(self._window, plan, lambda found: self._carry_out(change_set_id, title, found, failed), failed)

    def _carry_out(self, change_set_id: int, title: str, plan: Any, failed: Callable[[Exception], None]) -> None:
        choice = "safe"
        if plan.blocked_count:
            answer = self._ask(title, plan)
            if answer is None:
                return
            choice = answer
        office = self._office
        total = plan.possible_count + plan.blocked_count

        def run(progress: Any) -> Any:
            return history.undo(office.database, change_set_id, office.actor, choice=choice, progress=progress)

        def done(carried: Any) -> None:
            self._undone(title, carried.blocked_count if choice == "safe" else 0)

        if total > 500:
            tasks.run_job(_("Undoing: {title}").format(title=title), run, done, failed, owner=self._window)
        else:
            tasks.run_write(self._window, lambda: run(None), done, failed)

    def _ask(self, title: str, plan: Any) -> str | None:
        text = ngettext(
            "{n} record of “{title}” was changed later, or something hangs on it now.",
            "{n} records of “{title}” were changed later, or something hangs on them now.",
            plan.blocked_count,
        ).format(n=plan.blocked_count, title=title)
        choices = [Choice("cancel", _("Cancel"))]
        if any(one.forcible for one in plan.blocked) or any(plan.bulk_blocked.values()):
            choices.append(Choice("all", _("Undo all, later edits too"), "danger"))
        if plan.possible_count:
            choices.append(Choice("safe", _("Undo the rest"), "primary"))
        answer = dialogs.ask(self._window, _("Some of it was changed later"), text, choices)
        return answer if answer in ("safe", "all") else None

    @staticmethod
    def _undo_typing() -> bool:
        focus = QApplication.focusWidget()
        if isinstance(focus, QLineEdit) and focus.isUndoAvailable():
            focus.undo()
            return True
        if isinstance(focus, QPlainTextEdit | QTextEdit) and focus.document().isUndoAvailable():
            focus.undo()
            return True
        return False
