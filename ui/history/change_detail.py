"""One change told in full: what it touched, row by row and field by field, before and after."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records import changes
from crm_desktop.records.changes import Details, RowChange, Told
from ui.framework.office import Office
from ui.history.choice_chip import ChoiceChip
from ui.history.words import counted_words, row_words, state_words, value_words
from ui.records.operations import operation_icon, operation_words
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import Hairline, Label, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_PAGE, _NARROW = 300, 460


class Line(NamedTuple):
    """A line of the table: a row of the change, and one of its fields; None for the row as a whole."""

    row: RowChange
    told: Told | None


class ChangeDetail(Plane):
    """Head, what it touched, and its rows. Rows can be checked, undone alone, and followed to their record."""

    undo_chosen = Signal()
    undo_all = Signal()
    open_record = Signal(str, object)

    def __init__(self, office: Office) -> None:
        super().__init__("surface")
        self._office = office
        self._details: Details | None = None
        self._rows: list[RowChange] = []
        self._complete = True
        self._wanted = 0
        self.title = Label("", "section", wrap=True)
        self.who = Label("", "secondary", "text-muted", wrap=True)
        self.counts = Label("", "body", wrap=True)
        self.table_chip = ChoiceChip()
        self.table_chip.chosen.connect(lambda _key: self._read())
        self.undo_button = Button(kind="primary", icon="ph.arrow-counter-clockwise", small=True)
        self.undo_button.clicked.connect(self.undo_all)
        self.chosen_button = Button(icon="ph.arrow-counter-clockwise", small=True)
        self.chosen_button.clicked.connect(self.undo_chosen)
        self.open_button = Button(icon="ph.arrow-square-out", kind="ghost", small=True)
        self.open_button.clicked.connect(self._open)
        self.model = ListTableModel([], key=lambda line: line.row.key, checks=True)
        self.model.checks_changed.connect(self._on_checks)
        self.table = DataTable(check_column=0, row_height=26)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.row_activated.connect(lambda _index: self._open())
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.reached_end.connect(self._more)
        self.empty = EmptyState("ph.clock-counter-clockwise", hue=8)
        self.states = StateStack(self._content(), self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.states)

    def _content(self) -> QWidget:
        content = QWidget()
        head = QWidget()
        lines = QVBoxLayout(head)
        for widget in (self.title, self.who, self.counts):
            lines.addWidget(widget)
        margins(head, 16, 14, 16, 8, 4)
        bar = QWidget()
        row = FlowLayout(bar)
        for control in (self.undo_button, self.chosen_button, self.table_chip, self.open_button):
            row.addWidget(control)
        row.setContentsMargins(px(16), 0, px(16), px(10))
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(bar)
        box.addWidget(Hairline())
        box.addWidget(self.table, 1)
        return content

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(_NARROW)
        for column, (wide, small) in enumerate(((140, 112), (100, 66), (96, 80)), 1):
            self.table.setColumnWidth(column, px(small if narrow else wide))

    def retranslate(self) -> None:
        """Write the words."""
        self.table.setAccessibleName(_("Rows of the change"))
        self.table.header.setAccessibleName(_("Column headers"))
        self.undo_button.setText(_("Undo this change"))
        self.open_button.setText(_("Open the record"))
        self.open_button.setToolTip(_("Open the record (Enter)"))
        self.empty.set_texts(_("No change chosen"), _("Choose one on the left to see what it did."))
        self.model.set_columns([
            Column("record", _("Record"), lambda line: row_words(line.row), 140, font="name",
                   icon=lambda line: operation_icon(line.row), tooltip=lambda line: row_words(line.row)),
            Column("field", _("Field"), _field_words, 100, color="text-muted", tooltip=_field_words),
            Column("old", _("Before"), lambda line: value_words(line.told, line.told.old) if line.told else "", 120,
                   color="text-muted", tooltip=lambda line: value_words(line.told, line.told.old) if line.told else ""),
            Column("new", _("After"), lambda line: value_words(line.told, line.told.new) if line.told else "", 120,
                   tooltip=lambda line: value_words(line.told, line.told.new) if line.told else ""),
        ])  # fmt: skip
        self.table.set_column_widths([0, 140, 100, 96, 80], stretch=4)
        if self._details is not None:
            self._tell()
        self._on_checks()

    def clear(self) -> None:
        """Nothing is chosen."""
        self._details, self._wanted = None, 0
        self.states.show_empty()

    def show_change(self, change_set_id: int) -> None:
        """Tell a change set."""
        if change_set_id != self._wanted:
            self._rows = []
            self.model.checked = set()
            self.table_chip.set_value("")
        self._wanted = change_set_id
        database = self._office.database

        def work(connection: Any) -> Details:
            return changes.change_details(database, connection, change_set_id)

        self._office.read(self, work, self._show, self.states.show_error, supersede="change-details")

    def _show(self, details: Details) -> None:
        self._details = details
        self._tell()
        self.states.show_content()
        self._read()

    def _tell(self) -> None:
        details = self._details
        assert details is not None
        one = details.change
        self.title.setText(one.set.title)
        when = formats.format_datetime(one.set.at)
        who = one.set.user_name or _("somebody without a name")
        told = [f"{who}, {when}"]
        if state_words(one):
            at = f", {formats.format_datetime(one.undone_at)}" if one.undone_at else ""
            told.append(state_words(one) + at)
        self.who.setText(" · ".join(told))
        parts = [f"{translate(t.label)}: {counted_words(t)}" for t in details.tables]
        self.counts.setText(" · ".join(parts))
        self.counts.setVisible(bool(parts))
        choices = [("", _("Everything")), *((t.table, translate(t.label)) for t in details.tables)]
        self.table_chip.set_choices(_("Show"), choices)
        self.table_chip.setVisible(len(details.tables) > 1)
        self._on_checks()

    def _read(self, after: int = 0) -> None:
        database, identity, table = self._office.database, self._wanted, self.table_chip.value

        def work(connection: Any) -> list[RowChange]:
            return changes.change_rows(database, connection, identity, table=table, after=after, limit=_PAGE)

        self._office.read(self, work, lambda rows: self._add(identity, rows, after), supersede="change-rows")

    def _add(self, identity: int, rows: list[RowChange], after: int) -> None:
        if identity != self._wanted:
            return
        self._complete = len(rows) < _PAGE
        self._rows = [*self._rows, *rows] if after else rows
        bar, lines = self.table.verticalScrollBar(), [line for one in self._rows for line in lines_of(one)]
        place = bar.value() if after else 0
        self.model.set_rows(lines)
        bar.setValue(place)
        self._on_current()
        self._on_checks()

    def _more(self) -> None:
        if self._rows and not self._complete:
            self._complete = True
            self._read(self._rows[-1].id)

    def chosen(self) -> list[tuple[str, int]]:
        """The (table, row) that are checked."""
        return [one for one in self.model.checked if isinstance(one, tuple)]

    def can_undo(self) -> bool:
        """Whether the change that is told stands, and can be undone."""
        one = self._details.change.set if self._details is not None else None
        return one is not None and one.can_be_undone

    def _on_checks(self) -> None:
        count = len(self.chosen())
        self.undo_button.setEnabled(self.can_undo())
        self.chosen_button.setEnabled(bool(count) and self.can_undo())
        text = ngettext("Undo {n} chosen row", "Undo {n} chosen rows", count).format(n=formats.format_integer(count))
        self.chosen_button.setText(text if count else _("Undo chosen rows"))

    def current(self) -> RowChange | None:
        """The row of the current line."""
        row = self.table.current_row()
        return self.model.row(row).row if 0 <= row < self.model.rowCount() else None

    def _on_current(self) -> None:
        current = self.current()
        self.open_button.setEnabled(current is not None and current.there and bool(current.entity))

    def _open(self) -> None:
        current = self.current()
        if current is not None and current.there and current.entity:
            self.open_record.emit(current.entity, current.owner_id)


def _field_words(line: Line) -> str:
    if line.told is None:
        return operation_words(line.row)
    return line.told.label if line.told.field is not None and line.told.field.custom else translate(line.told.label)


def lines_of(one: RowChange) -> list[Line]:
    """A row as lines, one for each of its fields."""
    return [Line(one, told) for told in one.fields] or [Line(one, None)]


def least_width() -> int:
    """What it needs to be read."""
    return px(360)
