"""Undo of any change set: what later edits stand in the way is asked before, not found out after."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import history
from crm_desktop.records.undo_words import Obstacle, obstacles
from ui.framework import dialogs, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_AT_ONCE = 500
"""With more rows than this, the undo is a job with progress."""
Rows = Collection[tuple[str, int]]


def undo_change_set(
    owner: QWidget, office: Office, change_set_id: int, title: str, on_done: Callable[[Any, int], object], *,
    only: Rows | None = None, on_left: Callable[[], object] = lambda: None, navigator: Navigator | None = None,
    job: str = "", heading: str = "",
) -> None:  # fmt: skip
    """Undo a change set, or some of its rows; asks where records were changed since.

    Args:
        on_done: called with the plan that was carried out, and how many rows stay as they are.
        only: just these (table, row) of it.
        on_left: called where the person leaves it as it is, or where it cannot be undone.
        navigator: lets the person open what stands in the way.
        job: what the progress is called.
        heading: what stands over the message where it does not work.
    """
    database = office.database

    def plan() -> tuple[Any, list[Obstacle]]:
        with database.read() as connection:
            found = history.plan(database, connection, change_set_id, only)
            return found, obstacles(database, connection, found) if found.blocked_count else []

    def planned(found: tuple[Any, list[Obstacle]]) -> None:
        choice: str | None = "safe"
        if found[0].blocked_count and not found[0].first_apart:
            choice = _ask(owner, title, *found, navigator=navigator)
        if choice is None:
            on_left()
        else:
            carry_out(choice, found[0].possible_count + found[0].blocked_count)

    def carry_out(choice: str, rows: int) -> None:
        def run(progress: Progress | None) -> Any:
            return history.undo(database, change_set_id, office.actor, choice=choice, progress=progress, only=only)

        def done(carried: Any) -> None:
            on_done(carried, carried.blocked_count if choice == "safe" else 0)

        if rows > _AT_ONCE:
            tasks.run_job(job or _("Undoing: {title}").format(title=title), run, done, failed, owner=owner)
        else:
            tasks.run_write(owner, lambda: run(None), done, failed)

    def failed(error: Exception) -> None:
        def again() -> None:
            undo_change_set(
                owner, office, change_set_id, title, on_done, only=only, on_left=on_left, navigator=navigator, job=job,
                heading=heading,
            )  # fmt: skip

        on_left()
        dialogs.offer_again(owner, heading or _("Undo: {title}").format(title=title), again, error)

    tasks.run_read(owner, plan, planned, failed)


def _ask(owner: QWidget, title: str, plan: Any, found: list[Obstacle], navigator: Navigator | None) -> str | None:
    """ "safe", "all", or None to leave it."""
    dialog = UndoObstacles(owner, title, plan, found, can_open=navigator is not None)
    dialogs.run_dialog(dialog)
    if dialog.answer == "open" and navigator is not None and dialog.opened is not None:
        navigator.open_record(dialog.opened.entity, dialog.opened.record_id)
    return dialog.answer if dialog.answer in ("safe", "all") else None


class UndoObstacles(QDialog):
    """Which records and fields were changed since, by whom, and what can be done.

    ``answer`` is "safe", "all", "open" (the record ``opened``) or "".
    """

    def __init__(
        self, parent: QWidget, title: str, plan: Any, found: list[Obstacle], *, can_open: bool = False
    ) -> None:
        super().__init__(parent)
        self.answer = ""
        self.opened: Obstacle | None = None
        heading = _("Some of it was changed since")
        self.setWindowTitle(heading)
        text = ngettext(
            "{n} record of “{name}” was changed since, or something hangs on it now.",
            "{n} records of “{name}” were changed since, or something hangs on them now.",
            plan.blocked_count,
        ).format(n=format_integer(plan.blocked_count), name=title)
        rest = ngettext(
            "{n} other change can be taken back as it was.",
            "{n} other changes can be taken back as they were.",
            plan.possible_count,
        ).format(n=format_integer(plan.possible_count))
        self.table = self._table(heading, found)
        more = plan.blocked_count - len({(one.entity, one.record_id) for one in found})
        note = ngettext("{n} more", "{n} more", more).format(n=format_integer(more)) if more > 0 else ""
        self.open_button = Button(_("Open the record"), icon="ph.arrow-square-out", kind="ghost")
        self.leave = Button(_("Cancel"))
        self.all = Button(_("Undo all, later edits too"), kind="danger")
        self.safe = Button(_("Undo the rest"), kind="primary")
        self.open_button.clicked.connect(self._open)
        self.leave.clicked.connect(self.reject)
        self.all.clicked.connect(lambda: self._choose("all"))
        self.safe.clicked.connect(lambda: self._choose("safe"))
        forcible = any(one.forcible for one in plan.blocked) or any(plan.bulk_blocked.values())
        self.all.setVisible(forcible)
        self.all.setToolTip(_("Every line with “goes back, too” loses what was entered since"))
        self.safe.setVisible(bool(plan.possible_count))
        self.open_button.setVisible(can_open)
        self._can_open = can_open
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self.open_button)
        foot.addWidget(Label(note, "secondary", "text-muted"))
        foot.addStretch(1)
        for button in (self.leave, self.all, self.safe):
            foot.addWidget(button)
        box = QVBoxLayout(self)
        box.addWidget(Label(heading, "section"))
        box.addWidget(Label(f"{text} {rest}" if plan.possible_count else text, "body", wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        margins(self, 16, 16, 16, 16, 12)
        dialogs.resize_within(self, 940, 460)
        self._on_current()
        (self.safe if plan.possible_count else self.leave).setFocus(Qt.FocusReason.OtherFocusReason)

    def _table(self, heading: str, found: list[Obstacle]) -> DataTable:
        self.model = ListTableModel(
            [
                Column("title", _("Record"), lambda one: one.title or "–", font="name"),
                Column("fields", _("Fields"), lambda one: ", ".join(one.fields) or _("all of it"), color="text-muted"),
                Column("reason", _("Why it stays"), _why, tooltip=_why),
                Column("all", _("If all is undone"), lambda one: _("goes back, too") if one.forcible else _("stays"),
                       color=lambda one: "danger" if one.forcible else "text-muted"),
            ],
            found,
        )  # fmt: skip
        table = DataTable(heading)
        table.own_column_menu = False
        table.setModel(self.model)
        table.set_column_widths([180, 130, 0, 150], stretch=2)
        table.current_row_changed.connect(lambda _row: self._on_current())
        table.row_activated.connect(lambda _index: self._open())
        table.set_current_row(0)
        return table

    def _on_current(self) -> None:
        current = self._current()
        if hasattr(self, "open_button"):
            self.open_button.setEnabled(current is not None and bool(current.entity) and bool(current.title))

    def _current(self) -> Obstacle | None:
        row = self.table.current_row() if hasattr(self, "table") else -1
        return self.model.row(row) if row >= 0 else None

    def _open(self) -> None:
        self.opened = self._current()
        if self._can_open and self.opened is not None and self.opened.entity and self.opened.title:
            self._choose("open")

    def _choose(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def _why(one: Obstacle) -> str:
    if one.at is None:
        return one.reason
    told = {"reason": one.reason, "who": one.who, "when": format_relative(one.at, with_time=True)}
    return _("{reason}: {who}, {when}").format(**told) if one.who else _("{reason}: {when}").format(**told)
