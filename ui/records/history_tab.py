"""A record's own history: each field before and after, values brought back, and the record as it was then."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import QPoint
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import record_past, service
from crm_desktop.records.changes import RowChange, Told
from crm_desktop.records.queries import Link, Record
from crm_desktop.records.record_past import PastRow
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import solve_conflict
from ui.records.kit import CardTab
from ui.records.operations import operation_icon, operation_words
from ui.records.saving import show_saved
from ui.records.shown import brief_moment, text_of
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_PAGE = 200
_WHO, _ROOM_FOR_WHO = 4, 460


class Line(NamedTuple):
    """A line: a row of the history and one of its fields; None for the row as a whole."""

    past: PastRow
    told: Told | None


class HistoryTab(QWidget):
    """The history of the record of a card, as a table."""

    def __init__(self, office: Office, navigator: Navigator, entity: str) -> None:
        super().__init__()
        self._office, self._navigator, self._entity = office, navigator, entity
        self._record: Record | None = None
        self._rows: list[PastRow] = []
        self._complete = True
        self.back_button = Button(icon="ph.arrow-u-up-left", small=True)
        self.then_button = Button(icon="ph.clock-counter-clockwise", small=True)
        self.change_button = Button(icon="ph.arrow-square-out", kind="ghost", small=True)
        self.back_button.clicked.connect(self.bring_back)
        self.then_button.clicked.connect(self.show_then)
        self.change_button.clicked.connect(self.show_change)
        self.model = ListTableModel([], key=lambda line: (line.past.row.id, line.told.name if line.told else ""))
        self.table = DataTable(row_height=26)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.row_activated.connect(lambda _index: self.bring_back())
        self.table.row_menu_requested.connect(self._open_menu)
        self.table.reached_end.connect(self._more)
        self.states = StateStack(self.table, EmptyState("ph.clock-counter-clockwise", hue=8))
        self.states.retry.connect(self.reload)
        bar = QWidget()
        line = FlowLayout(bar)
        for button in (self.back_button, self.then_button, self.change_button):
            line.addWidget(button)
        line.setContentsMargins(px(16), px(8), px(12), px(8))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(Hairline())
        box.addWidget(self.states, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words."""
        self.table.setAccessibleName(_("History"))
        self.table.header.setAccessibleName(_("Column headers"))
        self.back_button.setText(_("Bring back this value"))
        self.back_button.setToolTip(_("Give the field the value that it had before this change (Enter)"))
        self.then_button.setText(_("As it was then"))
        self.then_button.setToolTip(_("Show the whole record as it was after this change"))
        self.change_button.setText(_("The whole change"))
        self.change_button.setToolTip(_("Show everything that was changed together with it"))
        self.model.set_columns([
            Column("at", _("When"), lambda line: brief_moment(line.past.at), 100,
                   color="text-muted", tooltip=_when),
            Column("field", _("Field"), _field, 130, font="name", icon=lambda line: operation_icon(line.past.row),
                   tooltip=lambda line: line.past.title),
            Column("old", _("Before"), lambda line: _said(line.told, "old"), 120, color="text-muted",
                   tooltip=lambda line: _said(line.told, "old")),
            Column("new", _("After"), lambda line: _said(line.told, "new"), 120, tooltip=lambda line: _said(line.told, "new")),
            Column("who", _("Who"), lambda line: line.past.who or "–", 100, color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([100, 120, 0, 0, 84])
        for told in (2, 3):  # before and after share what is left, also beside a list
            self.table.set_column_widths([], stretch=told)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the values go before the names of who wrote them."""
        super().resizeEvent(event)
        self.table.setColumnHidden(_WHO, self.width() < px(_ROOM_FOR_WHO))

    def set_record(self, record: Record) -> None:
        """Show the history of this record."""
        self._record = record
        self.reload()

    def reload(self) -> None:
        """Read again from the newest."""
        self._read(None)

    def _read(self, before: int | None) -> None:
        record, database = self._record, self._office.database
        if record is None:
            return

        def work(connection: Any) -> list[PastRow]:
            return record_past.record_rows(database, connection, record.entity, record.id, limit=_PAGE, before=before)

        self._office.read(self, work, lambda rows: self._show(record.id, rows, before), self.states.show_error,
                          supersede="record-history")  # fmt: skip

    def _show(self, identity: int, rows: list[PastRow], before: int | None) -> None:
        if self._record is None or identity != self._record.id:
            return
        self._complete = len(rows) < _PAGE
        self._rows = rows if before is None else [*self._rows, *rows]
        place, current = self.table.verticalScrollBar().value(), self.table.current_row()
        self.model.set_rows([Line(one, told) for one in self._rows for told in (one.row.fields or (None,))])
        if self._rows:
            self.states.show_content()
            self.table.set_current_row(min(max(current, 0), self.model.rowCount() - 1))
            self.table.verticalScrollBar().setValue(place)
        else:
            self.states.show_empty()
        self._on_current()

    def _more(self) -> None:
        if self._rows and not self._complete:
            self._complete = True
            self._read(self._rows[-1].row.id)

    @property
    def current(self) -> Line | None:
        """The current line."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def can_bring_back(self) -> bool:
        """Whether the current line is a field of the record itself whose value can be set."""
        line, record = self.current, self._record
        if line is None or record is None or line.told is None or line.past.row.op != "U" or line.past.row.part:
            return False
        field = line.told.field
        return (
            field is not None
            and not field.system
            and field.name in record.values
            and not self._office.database.read_only
        )

    def _on_current(self) -> None:
        line = self.current
        self.back_button.setEnabled(self.can_bring_back())
        self.then_button.setEnabled(line is not None)
        self.change_button.setEnabled(line is not None and line.past.change_set_id is not None)

    def bring_back(self) -> None:
        """Give the field the value back that it had before the change; a colleague's edit meanwhile is asked about."""
        line, record = self.current, self._record
        if line is None or record is None or line.told is None or not self.can_bring_back():
            return
        told = line.told
        wanted = {told.name: _plain(told.old)}
        shown = {told.name: _plain(record.values[told.name])}
        self._set(record, _field(line), wanted, shown)

    def _set(self, record: Record, label: str, wanted: dict[str, Any], shown: dict[str, Any]) -> None:
        def failed(error: Exception) -> None:
            if isinstance(error, EditConflict):
                solve_conflict(
                    self, self._office, error, record.title, wanted, shown,
                    lambda values, _title: self._set(record, label, dict(values), {}),
                )  # fmt: skip
            else:
                dialogs.show_error(self, error)

        self._office.write(
            self, N_("Restore {label}: {title}"),
            lambda uow: service.update_record(uow, record.entity, record.id, wanted, base=shown),
            lambda _done: show_saved(self, self._navigator, _("{label} restored").format(label=label)), failed,
            params={"label": label, "title": record.title},
        )  # fmt: skip

    def show_then(self) -> None:
        """Show the record as it was after the current change."""
        line, record, database = self.current, self._record, self._office.database
        if line is None or record is None:
            return

        def work(connection: Any) -> list[RowChange]:
            return record_past.record_after(database, connection, record.entity, record.id, line.past.row.id)

        def show(rows: list[RowChange]) -> None:
            dialogs.run_dialog(ThenDialog(self, record.title, line.past, rows))

        self._office.read(self, work, show, supersede="record-then")

    def show_change(self) -> None:
        """Show the change set on the page of changes."""
        line = self.current
        if line is not None and line.past.change_set_id is not None:
            self._navigator.open_page("changes", change=line.past.change_set_id)

    def _open_menu(self, _index: Any, where: QPoint) -> None:
        menu = QMenu(self)
        for button, name, act in (
            (self.back_button, "ph.arrow-u-up-left", self.bring_back),
            (self.then_button, "ph.clock-counter-clockwise", self.show_then),
            (self.change_button, "ph.arrow-square-out", self.show_change),
        ):
            action = menu.addAction(icon(name), button.text())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(act)
        menu.exec(where)


class ThenDialog(QDialog):
    """A record as it was, to look at."""

    def __init__(self, parent: QWidget, title: str, past: PastRow, rows: list[RowChange]) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.lines = [
            (translate(row.part) if row.part else "", _label(told), _said(told, "old"))
            for row in rows for told in row.fields if _said(told, "old")
        ]  # fmt: skip
        when = formats.format_datetime(past.at) if past.at else "–"
        told = _("As it was on {when}, after “{change}”").format(when=when, change=past.title)
        model = ListTableModel([
            Column("label", _("Field"), lambda one: one[1], color="text-muted"),
            Column("text", _("Value"), lambda one: one[2], tooltip=lambda one: one[2]),
            Column("part", _("Part"), lambda one: one[0], color="text-muted"),
        ], self.lines)  # fmt: skip
        self.table = DataTable(title, row_height=26)
        self.table.own_column_menu = False
        self.table.setModel(model)
        self.table.set_column_widths([170, 0, 150], stretch=1)
        close = Button(_("Close"), kind="primary")
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        box = QVBoxLayout(self)
        box.addWidget(Label(title, "section", wrap=True))
        box.addWidget(Label(told, "secondary", "text-muted", wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        margins(self, 16, 16, 16, 16, 10)
        dialogs.resize_within(self, 640, 520)


def _plain(value: Any) -> Any:
    return value.id if isinstance(value, Link) else value


def _label(told: Told) -> str:
    return told.label if told.field is not None and told.field.custom else translate(told.label)


def _when(line: Line) -> str:
    """The exact time, and who."""
    at = formats.format_datetime(line.past.at) if line.past.at else ""
    return "\n".join(one for one in (at, line.past.who) if one)


def _field(line: Line) -> str:
    part = translate(line.past.row.part) if line.past.row.part else ""
    if line.told is None:
        words = operation_words(line.past.row)
        return f"{part}: {words}" if part else words
    return f"{part} · {_label(line.told)}" if part else _label(line.told)


def _said(told: Told | None, which: str) -> str:
    value = getattr(told, which) if told is not None else None
    if told is None or value is None:
        return ""
    return " ".join(text_of(told.field, value).split()) if told.field is not None else str(value)


HISTORY = CardTab("history", N_("History"), HistoryTab)
"""The tab, for every card."""
