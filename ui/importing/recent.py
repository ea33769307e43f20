"""What was imported before: undo it, save the rejected rows, open the file again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing import past
from crm_desktop.importing.past import PastImport
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.importing.drop_zone import choose_import_file
from ui.importing.runs import list_page, remembered_path, show_past
from ui.importing.saving import save_kept_rejects
from ui.importing.session import ImportSession
from ui.importing.step import start_aligned
from ui.importing.undoing import undo_import
from ui.importing.words import file_filters
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import on_theme

_MOST = 50
_MOST_ROWS = 10


class RecentImports(QWidget):
    """The last imports of the office, newest first; the buttons act on the current one.

    ``again_requested`` sends a file and the plan to import it by.
    """

    again_requested = Signal(object, object)

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.navigator = navigator
        self.head = SectionHeader(padding=0)
        self.undo = Button(icon="ph.arrow-counter-clockwise", small=True)
        self.undo.clicked.connect(self._undo)
        self.rejects = Button(icon="ph.download-simple", small=True)
        self.rejects.clicked.connect(self._save_rejects)
        self.again = Button(icon="ph.repeat", small=True)
        self.again.clicked.connect(self._again)
        self.records = IconButton("ph.list-bullets", "")
        self.records.clicked.connect(self._open_records)
        for button in (self.records, self.again, self.rejects, self.undo):
            self.head.add(button)
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.note.setAlignment(start_aligned())
        self.model = ListTableModel([], key=lambda row: row.key)
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
        on_theme(self, self._measure)
        session.office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _measure(self) -> None:
        rows = min(_MOST_ROWS, max(1, self.model.rowCount()))
        self.table.setFixedHeight(px(32) * (rows + 1) + px(14))

    def _on_records_changed(self, _event: object) -> None:
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Look again."""

        def work(connection: Any) -> list[PastImport]:
            return past.past_imports(connection, _MOST)

        self.session.office.read(self, work, self._show, supersede="recent")

    def _show(self, rows: list[PastImport]) -> None:
        before = self.current()
        self.model.set_rows(rows)
        self._measure()
        self.table.setVisible(bool(rows))
        self.note.setVisible(not rows)
        self.table.set_current_row(max(0, self.model.find(before.key) if before is not None else 0))
        self._refresh_buttons()

    def current(self) -> PastImport | None:
        """The import that the buttons act on."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _refresh_buttons(self) -> None:
        row = self.current()
        self.undo.setVisible(bool(self.model.rowCount()))
        self.undo.setEnabled(row is not None and not row.undone)
        self.again.setVisible(row is not None and bool(row.values))
        self.rejects.setVisible(row is not None and bool(row.number("rejected")))
        listed = row is not None and bool(list_page(self.navigator, row.entity))
        self.records.setVisible(listed and row is not None and not row.undone and bool(_written(row)))

    def _undo(self) -> None:
        row = self.current()
        if row is not None:
            undo_import(self, self.session.office, row.change_set, row.file, lambda _done: self.refresh())

    def _open_records(self) -> None:
        row = self.current()
        if row is not None:
            show_past(self.navigator, row)

    def _save_rejects(self) -> None:
        row = self.current()
        if row is None:
            return
        known = row

        def work(connection: Any) -> tuple[Any, list[dict[str, Any]]]:
            return past.plan_of(connection, known), past.rejects_of(connection, known)

        def found(kept: tuple[Any, list[dict[str, Any]]]) -> None:
            save_kept_rejects(self, *kept, Path(known.file).stem, lambda: self._source_of(known))

        self.session.office.read(self, work, found)

    def _source_of(self, row: PastImport) -> Path | None:
        """The imported file, where its rows are to be read again; asked for where it is not known."""
        known = remembered_path(row.change_set)
        if known is not None:
            return known
        title = _("Where is {name}? The rejected rows are read from it again.").format(name=row.file)
        return dialogs.choose_file(self, title, file_filters())

    def _again(self) -> None:
        row = self.current()
        path = choose_import_file(self) if row is not None else None
        if row is None or path is None:
            return
        known = row
        self.session.office.read(
            self, lambda connection: past.plan_of(connection, known),
            lambda plan: self.again_requested.emit(path, plan),
        )  # fmt: skip

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.head.set_title(_("Recent imports"))
        self.undo.setText(_("Undo this import"))
        self.rejects.setText(_("Save rejected rows…"))
        self.records.set_label(_("Show the records"))
        self.again.setText(_("Import a file like this…"))
        self.note.setText(_("What you import is listed here, and can be undone from here."))
        self.table.setAccessibleName(_("Recent imports"))
        self.model.set_columns(self._columns())
        self.table.set_column_widths([232, 92, 124, 112, 64, 60, 80, 92, 92, 80, 104, 108], stretch=11)

    def _columns(self) -> list[Column]:
        schema = self.session.schema

        def plural(row: PastImport) -> str:
            return translate(schema.entity(row.entity).plural) if row.entity in schema.entities else "–"

        def name(row: PastImport) -> str:
            part = str(row.values.get("part") or "")
            part = "" if part == Path(row.file).stem else part
            return _("{file}, {part}").format(file=row.file, part=part) if part else row.file

        def number(what: str) -> Callable[[PastImport], str]:
            return lambda row: format_integer(row.number(what)) if row.values else "–"

        def rate(row: PastImport) -> str:
            return _("{n} rows/s").format(n=format_integer(round(row.rate))) if row.rate >= 1 else "–"

        def state(row: PastImport) -> tuple[str, str, str]:
            if row.undone:
                return _("Undone"), "neutral", "ph.arrow-counter-clockwise"
            return _("Imported"), "success", "ph.check"

        return [
            Column("file", _("File"), name, font="name"),
            Column("entity", _("Records"), plural, color="text-muted"),
            Column("at", _("When"), lambda row: format_relative(row.at, with_time=True), color="text-muted"),
            Column("user", _("By"), lambda row: row.user, color="text-muted"),
            Column("rows", _("Rows"), number("rows"), align="end"),
            Column("created", _("New"), number("created"), align="end"),
            Column("updated", _("Changed"), number("updated"), align="end"),
            Column("unchanged", _("Unchanged"), number("unchanged"), align="end"),
            Column("duplicates", _("Duplicates"), number("duplicates"), align="end"),
            Column("rejected", _("Rejected"), number("rejected"), align="end",
                   color=lambda row: "danger" if row.number("rejected") else "text-muted"),
            Column("rate", _("Speed"), rate, align="end", color="text-muted"),
            Column("state", _("State"), lambda row: "", badge=state),
        ]  # fmt: skip


def _written(row: PastImport) -> int:
    return row.number("created") + row.number("updated")
