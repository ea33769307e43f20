"""What was imported before: undo it, save the rejected rows, open the file again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.result import ImportResult, Reject
from crm_desktop.importing.table import Evidence
from crm_desktop.records import history, queries
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.importing.drop_zone import choose_import_file
from ui.importing.runs import remembered_path
from ui.importing.saving import save_rejects
from ui.importing.session import ImportSession
from ui.importing.step import start_aligned
from ui.importing.undoing import undo_import
from ui.importing.words import file_filters
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import on_theme

_NAMES = ("file_name", "entity", "rows", "created", "updated", "rejected", "plan", "rejects")
_MOST = 50
_MOST_ROWS = 10


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
        for button in (self.again, self.rejects, self.undo):
            self.head.add(button)
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
        on_theme(self, self._measure)
        session.office.records_changed.connect(lambda _event: self.refresh() if self.isVisible() else None)
        self.retranslate()

    def _measure(self) -> None:
        rows = min(_MOST_ROWS, max(1, self.model.rowCount()))
        self.table.setFixedHeight(px(32) * (rows + 1) + px(14))

    def refresh(self) -> None:
        """Look again."""
        database = self.session.office.database

        def work(connection: Any) -> list[PastImport]:
            sets = history.recent(connection, kinds=("import",), limit=_MOST)
            ids = queries.find_ids(database, connection, "import_batch", sort=[("id", True)], limit=_MOST)
            kept = queries.fetch_rows(database, connection, "import_batch", list(ids), _NAMES)
            by_set = _by_change_set([one.id for one in sets], kept)
            return [
                PastImport(one.id, one.title, one.at, one.user_name, one.undone_by is not None, by_set.get(one.id, {}))
                for one in sets
            ]

        self.session.office.read(self, work, self._show, supersede="recent")

    def _show(self, rows: list[PastImport]) -> None:
        before = self.current()
        self.model.set_rows(rows)
        self._measure()
        self.table.setVisible(bool(rows))
        self.note.setVisible(not rows)
        self.table.set_current_row(max(0, self.model.find(before.change_set) if before is not None else 0))
        self._refresh_buttons()

    def current(self) -> PastImport | None:
        """The import that the buttons act on."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _refresh_buttons(self) -> None:
        row = self.current()
        self.undo.setVisible(bool(self.model.rowCount()))
        self.undo.setEnabled(row is not None and not row.undone)
        self.again.setVisible(row is not None and bool(row.values.get("plan")))
        self.rejects.setVisible(row is not None and bool(row.values.get("rejected")))

    def _undo(self) -> None:
        row = self.current()
        if row is not None:
            undo_import(self, self.session.office, row.change_set, file_of(row), lambda _done: self.refresh())

    def _save_rejects(self) -> None:
        row = self.current()
        path = self._source_of(row) if row is not None else None
        if row is None or path is None:
            return
        rejected = [
            Reject(one["row"], one["column"], one["value"], Evidence(one["reason"], one["params"]))
            for one in row.values["rejects"]
        ]
        result = ImportResult(str(path), ImportPlan.from_dict(row.values["plan"]), rejected=rejected)
        save_rejects(self, result, path.stem)

    def _source_of(self, row: PastImport) -> Path | None:
        """The imported file, from which the rows are read again; asked for where it is not known."""
        known = remembered_path(row.change_set)
        if known is not None:
            return known
        title = _("Where is {name}? The rejected rows are read from it again.").format(name=file_of(row))
        return dialogs.choose_file(self, title, file_filters())

    def _again(self) -> None:
        row = self.current()
        if row is not None:
            path = choose_import_file(self)
            if path is not None:
                self.again_requested.emit(path, ImportPlan.from_dict(row.values["plan"]))

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.head.set_title(_("Recent imports"))
        self.undo.setText(_("Undo this import"))
        self.rejects.setText(_("Save rejected rows…"))
        self.again.setText(_("Import a file like this…"))
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


def _by_change_set(sets: list[int], kept: list[queries.RecordRow]) -> dict[int, Mapping[str, Any]]:
    """What was kept of imports, by change set: ids are given out in time, and an import is logged as its last step."""
    ordered = sorted(sets)
    found: dict[int, Mapping[str, Any]] = {}
    for row in kept:
        place = bisect_right(ordered, row.id)
        if place:
            found[ordered[place - 1]] = row.values
    return found


def file_of(row: PastImport) -> str:
    """The name of the file that was imported, or what the history calls it."""
    return str(row.values.get("file_name") or row.title)
