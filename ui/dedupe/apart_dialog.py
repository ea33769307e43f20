"""The pairs that somebody said are not the same, with a way back."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _
from crm_desktop.dedupe import worklist
from crm_desktop.dedupe.worklist import Apart
from ui.framework import dialogs
from ui.framework.office import Office
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins


class ApartDialog(QDialog):
    """What is remembered as different, newest first. Delete takes back the current pair."""

    def __init__(self, office: Office, entity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._entity = office, entity
        self.changed = False
        self.setWindowTitle(_("Not duplicates"))
        dialogs.resize_within(self, 640, 480)
        text = _("These pairs are left out of every search, for the whole office. Take one back, and the next search may find it again.")  # fmt: skip
        self.model: ListTableModel = ListTableModel([])
        self.model.set_columns([
            Column("first", _("This one"), lambda one: one.first_title or "–", 260, font="name"),
            Column("second", _("is not"), lambda one: one.second_title or "–", 260),
        ])  # fmt: skip
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.setAccessibleName(_("Not duplicates"))
        self.table.set_column_widths([260, 260], stretch=1)
        self.table.current_row_changed.connect(lambda _row: self._refresh())
        self.empty = EmptyState(
            "ph.arrows-out-line-horizontal", _("Nothing here"), _("Pairs you mark as “Not a duplicate” are kept here.")
        )
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        top = QWidget()
        box = QVBoxLayout(top)
        box.addWidget(Label(text, "body", "text-muted", wrap=True))
        margins(top, 24, 16, 24, 12, 8)
        self.back = Button(_("Take back"), icon="ph.arrow-counter-clockwise", key="Del")
        self.back.clicked.connect(self.take_back)
        close = Button(_("Close"), kind="primary", key="Esc")
        close.clicked.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(top)
        whole.addWidget(self.states, 1)
        whole.addWidget(dialog_foot(self.back, close))
        QShortcut(QKeySequence("Delete"), self, self.take_back)
        self.reload()

    def reload(self) -> None:
        """Read again."""
        self.states.show_loading()
        database, entity = self._office.database, self._entity

        def read(connection: Any) -> list[Apart]:
            return worklist.not_duplicates(database, connection, entity)

        self._office.read(self, read, self._show, self.states.show_error, supersede="apart")

    def _show(self, rows: list[Apart]) -> None:
        self.model.set_rows(rows)
        if rows:
            self.states.show_content()
            self.table.selectRow(0)
        else:
            self.states.show_empty()
        self._refresh()

    def _current(self) -> Apart | None:
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def _refresh(self) -> None:
        self.back.setEnabled(self._current() is not None)

    def take_back(self) -> None:
        """Forget that the current pair is different."""
        current = self._current()
        if current is None:
            return
        self.changed = True
        self._office.write(
            self, N_("May be duplicates again: {first} and {second}"),
            lambda uow: worklist.forget_apart(uow, [current.id]), lambda _count: self.reload(),
            params={"first": current.first_title, "second": current.second_title},
        )  # fmt: skip
