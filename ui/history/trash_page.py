"""The Trash: deleted records, restored with everything that hung on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from PySide6.QtWidgets import QVBoxLayout

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import history
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.widgets.buttons import Button
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel


class Deleted(NamedTuple):
    """A deleted record as the Trash lists it."""

    change_id: int
    entity: str
    record_id: int
    title: str
    change_set_id: int | None
    at: datetime | None
    who: str


class TrashPage(Page):
    """Deleted records, newest first; Restore undoes the deletion they went in."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.model = ListTableModel([])
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self.refresh_commands())
        self.table.row_activated.connect(lambda _index: self.restore())
        self.header = PageHeader()
        self.restore_button = Button.for_command(find_command(self, "trash.restore"), kind="primary")
        self.header.add(self.restore_button)
        self.empty = EmptyState("ph.trash")
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(Hairline())
        whole.addWidget(self.states, 1)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Trash"))
        self.table.setAccessibleName(_("Trash"))
        self.empty.set_texts(
            _("The Trash is empty"),
            _("What you delete comes here, with its notes, files and links, and can be restored whole."),
        )
        schema = self.office.database.schema
        self.model.set_columns([
            Column("title", _("Record"), lambda r: r.title or "–", 360, font="name",
                   icon=lambda r: (schema.entity(r.entity).icon, "text-muted")),
            Column("type", _("Type"), lambda r: translate(schema.entity(r.entity).label), 150, color="text-muted"),
            Column("at", _("Deleted"), lambda r: formats.format_relative(r.at, with_time=True) if r.at else "", 170),
            Column("who", _("By"), lambda r: r.who or "–", 200, color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=0)

    def activated(self, **params: Any) -> None:
        """Read what was deleted."""
        self.reload()

    def _on_records_changed(self, _event: object) -> None:
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Read again."""
        database = self.office.database
        self.states.show_loading()

        def work(connection: Any) -> list[Deleted]:
            return [Deleted(*row) for row in history.deleted_records(database, connection, limit=500)]

        self.office.read(self, work, self._show, self.states.show_error, supersede="trash")

    def _show(self, rows: list[Deleted]) -> None:
        self.model.set_rows(rows)
        self.header.set_count(formats.format_integer(len(rows)) if rows else "")
        if rows:
            self.states.show_content()
        else:
            self.states.show_empty()
        self.refresh_commands()

    @property
    def current(self) -> Deleted | None:
        """The current row."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def can_restore(self) -> bool:
        """Whether the current record was deleted by the program, so that its deletion can be undone."""
        current = self.current
        return current is not None and current.change_set_id is not None

    @command("trash.restore", text=N_("Restore"), shortcut="Ctrl+R", icon="ph.arrow-counter-clockwise",
             enabled_when="can_restore")  # fmt: skip
    def restore(self) -> None:
        """Bring back the current record, with those that were deleted together with it."""
        current = self.current
        if current is not None and current.change_set_id is not None:
            self.navigator.undo_keeper.undo_change_set(current.change_set_id, current.title)  # type: ignore[attr-defined]
