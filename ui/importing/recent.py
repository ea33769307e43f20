"""What was imported before: undo it, save the rejected rows, open the file again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import history, queries
from ui.framework.navigation import Navigator
from ui.importing.session import ImportSession
from ui.importing.step import start_aligned
from ui.importing.undoing import undo_import
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import on_theme

_NAMES = ("file_name", "entity", "rows", "created", "updated", "rejected", "change_set_id", "plan", "rejects")
_MOST = 50


@dataclass(frozen=True)
class PastImport:
    """An import as the list shows it; ``values`` is what was kept of it, empty where it was undone."""

    change_set: int
    title: str
    at: datetime
    user: str
    undone: bool
    values: Mapping[str, Any]


class RecentImports(QWidget):
    """The last imports of the office, newest first; the buttons act on the current one."""

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.navigator = navigator
        self.head = SectionHeader(padding=0)
        self.undo = Button(icon="ph.arrow-counter-clockwise", small=True)
        self.undo.clicked.connect(self._undo)
        self.head.add(self.undo)
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.note.setAlignment(start_aligned())
        self.model = ListTableModel([], key=lambda row: row.change_set)
        self.table = DataTable("", row_height=32)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._refresh_buttons())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self.note)
        box.addWidget(self.table, 1)
        on_theme(self, lambda: self.table.setMinimumHeight(px(32 * 5)))
        session.office.records_changed.connect(lambda _event: self.refresh() if self.isVisible() else None)
        self.retranslate()

    def refresh(self) -> None:
        """Look again."""
        database = self.session.office.database

        def work(connection: Any) -> list[PastImport]:
            sets = history.recent(connection, kinds=("import",), limit=_MOST)
            ids = queries.find_ids(database, connection, "import_batch", sort=[("id", True)], limit=_MOST)
            kept = queries.fetch_rows(database, connection, "import_batch", list(ids), _NAMES)
            by_set = {row.values["change_set_id"]: row.values for row in kept}
            return [
                PastImport(one.id, one.title, one.at, one.user_name, one.undone_by is not None, by_set.get(one.id, {}))
                for one in sets
            ]

        self.session.office.read(self, work, self._show, supersede="recent")

    def _show(self, rows: list[PastImport]) -> None:
        self.model.set_rows(rows)
        self.table.setVisible(bool(rows))
        self.note.setVisible(not rows)
        if rows and self.table.current_row() < 0:
            self.table.set_current_row(0)
        self._refresh_buttons()

    def current(self) -> PastImport | None:
        """The import that the buttons act on."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _refresh_buttons(self) -> None:
        row = self.current()
        self.undo.setVisible(bool(self.model.rowCount()))
        self.undo.setEnabled(row is not None and not row.undone)

    def _undo(self) -> None:
        row = self.current()
        if row is not None:
            undo_import(self, self.session.office, row.change_set, file_of(row), lambda _done: self.refresh())

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.head.set_title(_("Recent imports"))
        self.undo.setText(_("Undo this import"))
        self.note.setText(_("What you import is listed here, and can be undone from here."))
        self.table.setAccessibleName(_("Recent imports"))
        self.model.set_columns(self._columns())
        self.table.set_column_widths([240, 110, 150, 130, 80, 80, 90, 90, 120], stretch=0)

    def _columns(self) -> list[Column]:
        schema = self.session.schema

        def plural(row: PastImport) -> str:
            name = row.values.get("entity")
            return translate(schema.entity(name).plural) if name in schema.entities else "–"

        def number(name: str) -> Callable[[PastImport], str]:
            return lambda row: format_integer(row.values.get(name) or 0) if row.values else "–"

        def state(row: PastImport) -> tuple[str, str, str]:
            if row.undone:
                return _("Undone"), "neutral", "ph.arrow-counter-clockwise"
            return _("Imported"), "success", "ph.check"

        return [
            Column("file", _("File"), file_of, font="name"),
            Column("entity", _("Records"), plural, color="text-muted"),
            Column("at", _("When"), lambda row: format_relative(row.at, with_time=True), color="text-muted"),
            Column("user", _("By"), lambda row: row.user, color="text-muted"),
            Column("rows", _("Rows"), number("rows"), align="end"),
            Column("created", _("New"), number("created"), align="end"),
            Column("updated", _("Changed"), number("updated"), align="end"),
            Column("rejected", _("Rejected"), number("rejected"), align="end",
                   color=lambda row: "danger" if row.values.get("rejected") else "text-muted"),
            Column("state", _("State"), lambda row: "", badge=state),
        ]  # fmt: skip


def file_of(row: PastImport) -> str:
    """The name of the file that was imported, or what the history calls it."""
    return str(row.values.get("file_name") or row.title)
