"""Undoing an import: what later edits stand in the way is asked before, not found out after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import history, undo_plan
from crm_desktop.records.undo_words import Obstacle, obstacles
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


def undo_import(
    owner: QWidget, office: Office, change_set_id: int, title: str, on_done: Callable[[Any], None],
    on_left: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Take an import back, created and changed records alike; asks where records were changed since.

    ``on_left`` is called where the person leaves it as it is, or where it cannot be undone.
    """
    database = office.database

    def plan() -> tuple[Any, list[Obstacle]]:
        with database.read() as connection:
            found = undo_plan.plan_undo(database, connection, change_set_id)
            return found, obstacles(database, connection, found) if found.blocked_count else []

    def planned(found: tuple[Any, list[Obstacle]]) -> None:
        choice = _ask(owner, title, *found) if found[0].blocked_count else "safe"
        if choice is None:
            on_left()
        else:
            _carry_out(owner, office, change_set_id, title, choice, on_done, failed)

    def failed(error: Exception) -> None:
        on_left()
        dialogs.show_error(owner, error)

    tasks.run_read(owner, plan, planned, failed)


def _carry_out(
    owner: QWidget, office: Office, change_set_id: int, title: str, choice: str, on_done: Callable[[Any], None],
    on_error: Callable[[Exception], None],
) -> None:  # fmt: skip
    def run(progress: Progress) -> Any:
        return history.undo(office.database, change_set_id, office.actor, choice=choice, progress=progress)

    def done(carried: Any) -> None:
        left = carried.blocked_count if choice == "safe" else 0
        text = _("The import of {name} is undone.").format(name=title)
        if left:
            text += " " + ngettext("{n} record stays as it is.", "{n} records stay as they are.", left).format(n=left)
        show_toast(owner, text)
        on_done(carried)

    tasks.run_job(_("Undoing the import of {name}").format(name=title), run, done, on_error, owner=owner)


def _ask(owner: QWidget, title: str, plan: Any, found: list[Obstacle]) -> str | None:
    """ "safe", "all", or None to leave it."""
    dialog = UndoObstacles(owner, title, plan, found)
    dialogs.run_dialog(dialog)
    return dialog.answer if dialog.answer in ("safe", "all") else None


class UndoObstacles(QDialog):
    """Which records and fields were changed since, and what can be done. ``answer`` is "safe", "all" or ""."""

    def __init__(self, parent: QWidget, title: str, plan: Any, found: list[Obstacle]) -> None:
        super().__init__(parent)
        self.answer = ""
        heading = _("Some of it was changed since")
        self.setWindowTitle(heading)
        text = ngettext(
            "{n} record of {name} was changed since, or something hangs on it now.",
            "{n} records of {name} were changed since, or something hangs on them now.",
            plan.blocked_count,
        ).format(n=format_integer(plan.blocked_count), name=title)
        rest = ngettext(
            "{n} other change can be taken back as it was.",
            "{n} other changes can be taken back as they were.",
            plan.possible_count,
        ).format(n=format_integer(plan.possible_count))
        self.model = ListTableModel(
            [
                Column("title", _("Record"), lambda one: one.title or "–", font="name"),
                Column("fields", _("Fields"), lambda one: ", ".join(one.fields) or _("all of it"), color="text-muted"),
                Column("reason", _("Why it stays"), _why),
            ],
            found,
        )
        self.table = DataTable(heading)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.set_column_widths([200, 180, 0], stretch=2)
        more = plan.blocked_count - len(found)
        note = ngettext("{n} more", "{n} more", more).format(n=format_integer(more)) if more > 0 else ""
        self.leave = Button(_("Cancel"))
        self.all = Button(_("Undo all, later edits too"), kind="danger")
        self.safe = Button(_("Undo the rest"), kind="primary")
        self.leave.clicked.connect(self.reject)
        self.all.clicked.connect(lambda: self._choose("all"))
        self.safe.clicked.connect(lambda: self._choose("safe"))
        self.all.setVisible(any(one.forcible for one in plan.blocked) or any(plan.bulk_blocked.values()))
        self.safe.setVisible(bool(plan.possible_count))
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
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
        dialogs.resize_within(self, 760, 440)

    def _choose(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def _why(one: Obstacle) -> str:
    if one.at is None:
        return one.reason
    told = {"reason": one.reason, "who": one.who, "when": format_relative(one.at, with_time=True)}
    return _("{reason}: {who}, {when}").format(**told) if one.who else _("{reason}: {when}").format(**told)
