"""The table of columns: name, sample, field, why, errors. The field looks like a combo box and opens on one click."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, translate
from ui.importing import draft as drafts
from ui.importing.checks import shown_cell
from ui.importing.draft import Draft
from ui.importing.field_popup import LEAVE_OUT, FindPopup, field_results
from ui.importing.parts import draw_count
from ui.importing.reasons import full_reason, why
from ui.importing.session import ImportSession
from ui.importing.words import mapped_label, title_icon
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.roles import Role
from ui.widgets.table import DataTable
from ui.widgets.table_cell import CellDelegate, Index

NAME, SAMPLE, ARROW, FIELD, WHY, ERRORS = range(6)
_WIDTHS = (132, 124, 32, 220, 0, 104)
_SMALL = (112, 0, 0, 184, 0, 88)
_MARKS = {
    drafts.RECOGNISED: ("ph.check-circle", "success"),
    drafts.CHECK: ("ph.warning", "warning"),
    drafts.UNDECIDED: ("ph.question", "warning"),
    drafts.OUT: ("ph.minus-circle", "text-muted"),
}
_Data = Qt.ItemDataRole


class ColumnsModel(QAbstractTableModel):
    """The columns of the file that pass the chip and the search."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._shown: list[int] = []

    @property
    def draft(self) -> Draft:
        """The import that is being prepared."""
        draft = self.session.draft
        assert draft is not None
        return draft

    def show_columns(self, columns: Sequence[int]) -> None:
        """Show these columns of the file."""
        if list(columns) != self._shown:
            self.beginResetModel()
            self._shown = list(columns)
            self.endResetModel()
        elif self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, ERRORS))

    def column_at(self, row: int) -> int:
        """The column of the file in a row, or -1."""
        return self._shown[row] if 0 <= row < len(self._shown) else -1

    def row_of(self, column: int) -> int:
        """The row of a column of the file, or -1."""
        return self._shown.index(column) if column in self._shown else -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else 6

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Data.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == _Data.DisplayRole:
            return (_("Column"), _("First sample"), "", _("Goes to the field"), _("Why we think so"), _("Errors"))[
                section
            ]
        if role == _Data.TextAlignmentRole and section == ERRORS:
            return int(Qt.AlignmentFlag.AlignRight)
        return None

    def data(self, index: Index, role: int = _Data.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self._shown[index.row()]
        if role == _Data.ToolTipRole and index.column() == WHY:
            return full_reason(self.draft, column)
        if role in (_Data.DisplayRole, _Data.AccessibleTextRole, _Data.ToolTipRole):
            return self._text(column, index.column())
        if role == Role.KEY:
            return column
        if role == Role.FONT:
            return {NAME: "name", WHY: "secondary"}.get(index.column())
        if role == Role.COLOR and index.column() == SAMPLE:
            return "text-muted"
        if role == Role.ICON:
            if index.column() == WHY:
                return _MARKS[self.draft.state(column)]
            return ("ph.arrow-right", "text-muted") if index.column() == ARROW else None
        return None

    def _text(self, column: int, part: int) -> str:
        draft = self.draft
        if part == NAME:
            return draft.planned(column).header
        if part == SAMPLE:
            return shown_cell(next((v for v in draft.columns()[column].samples if v not in (None, "")), None))
        if part == FIELD:
            return self.field_text(column)
        if part == WHY:
            return why(draft, column)
        if part == ERRORS:
            return self.errors_text(column)
        return ""

    def field_text(self, column: int) -> str:
        """The field of a column in words."""
        draft = self.draft
        target = draft.target(column)
        if target is None and column in draft.elsewhere:
            return translate(draft.elsewhere[column])
        if target is None:
            return _("Choose a field…") if draft.state(column) == drafts.UNDECIDED else _("Do not import")
        return mapped_label(target, draft.planned(column).transform, self.session.schema)

    def errors_text(self, column: int) -> str:
        """How many of the cells do not fit, "–" where nothing is tried."""
        check = self.draft.checks.get(column)
        if check is None or self.draft.target(column) is None:
            return "–"
        return _("{bad} of {all}").format(bad=format_integer(check.bad), all=format_integer(check.filled))


class _Shared(CellDelegate):
    """A delegate of one column that knows what the table knows about the rows."""

    def paint_background(self, painter: QPainter, rect: QRect, index: Index, current: bool, selected: bool) -> None:
        shared: CellDelegate = self._view.cells  # type: ignore[attr-defined]
        self.hovered_row = shared.hovered_row
        super().paint_background(painter, rect, index, current, selected)


class _FieldDelegate(_Shared):
    """The look of a combo box."""

    def paint_content(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index, current: bool
    ) -> None:
        model = index.model()
        assert isinstance(model, ColumnsModel)
        column = int(index.data(Role.KEY))
        draft, direction = model.draft, option.direction
        state, target = draft.state(column), draft.target(column)
        box = inner.adjusted(0, px(4), 0, -px(3))
        line = "warning" if state == drafts.UNDECIDED else "focus" if current else "border-strong"
        frame_round(painter, box, px(6), line, "surface")
        out = "ph.arrow-elbow-up-right" if column in draft.elsewhere else "ph.prohibit"
        icon, ink = (out, "text-muted") if target is None else ("", "text-muted")
        if state == drafts.UNDECIDED:
            icon, ink = "ph.question", "warning"
        if target is not None and draft.plan is not None:
            schema = model.session.schema
            icon = title_icon(target, schema.entity(draft.plan.entity), schema)
        side, middle = px(14), box.top() + box.height() // 2
        mark = QRect(box.left() + px(9), middle - side // 2, side, side)
        paint_icon(painter, QRectF(mirrored(mark, box, direction)), icon, ink)
        caret = QRect(box.right() + 1 - px(9) - side, middle - side // 2, side, side)
        paint_icon(painter, QRectF(mirrored(caret, box, direction)), "ph.caret-down", "text-muted")
        left = px(9) + side + px(8)
        text = QRect(box.left() + left, box.top(), box.width() - left - side - px(14), box.height())
        self._paint_words(painter, text, box, index, target is not None, state, direction)

    @staticmethod
    def _paint_words(
        painter: QPainter, text: QRect, box: QRect, index: Index, mapped: bool, state: str, direction: Any
    ) -> None:
        words = str(index.data())
        if not mapped:
            color = "text" if state == drafts.UNDECIDED else "text-muted"
            draw_text(painter, mirrored(text, box, direction), words, "body", color)
            return
        before, colon, name = words.rpartition(": ")
        before += colon
        used = min(text_width(before, "body"), text.width())
        draw_text(painter, mirrored(text, box, direction), before, "body", "text-muted")
        rest = text.adjusted(used, 0, 0, 0)
        draw_text(painter, mirrored(rest, box, direction), name)


class _ErrorsDelegate(_Shared):
    """The number of errors in red before the number of cells."""

    def paint_content(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index, current: bool
    ) -> None:
        text = str(index.data())
        model = index.model()
        assert isinstance(model, ColumnsModel)
        check = model.draft.checks.get(int(index.data(Role.KEY)))
        number = format_integer(check.bad) if check is not None else ""
        strong, rest = (number, text[len(number) :]) if number and text.startswith(number) else ("", text)
        bad = check is not None and check.bad > 0
        draw_count(painter, inner, strong, rest, "danger" if bad else "text-muted", option.direction)


class ColumnsTable(DataTable):
    """The columns; a click on a field, Enter, F2 or Alt+Down opens the list of fields."""

    field_chosen = Signal(int, object)

    def __init__(self, model: ColumnsModel, parent: QWidget | None = None) -> None:
        super().__init__(_("Columns of the file"), row_height=36, parent=parent)
        self.own_column_menu = False
        self._columns = model
        self._popup: FindPopup | None = None
        self.setModel(model)
        self.header.setSectionsClickable(False)
        self.header.setSectionsMovable(False)
        self._field, self._errors = _FieldDelegate(self), _ErrorsDelegate(self)
        self._errors.last_column = ERRORS
        self.setItemDelegateForColumn(FIELD, self._field)
        self.setItemDelegateForColumn(ERRORS, self._errors)
        self.set_column_widths(list(_WIDTHS), stretch=WHY)
        self.clicked.connect(self._on_clicked)
        self.row_activated.connect(lambda index: self.choose_field(index.row()))

    def fit(self, width: int) -> None:
        """Leave out the sample where there is little room; it is in the details too."""
        narrow, small = width < px(800), width < px(620)
        self.setColumnHidden(SAMPLE, narrow)
        self.setColumnHidden(ARROW, narrow)
        self.set_column_widths(list(_SMALL if small else _WIDTHS))

    def _on_clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.column() == FIELD:
            self.choose_field(index.row())

    def choose_field(self, row: int) -> FindPopup | None:
        """Open the list of fields for a row."""
        column = self._columns.column_at(row)
        if column < 0:
            return None
        self.set_current_row(row)
        draft = self._columns.draft
        popup = FindPopup(_("Find a field"), field_results(draft, column, self._columns.session.schema), parent=self)
        popup.chosen.connect(lambda name: self.field_chosen.emit(column, None if name == LEAVE_OUT else name))
        rect = self.visualRect(self._columns.index(row, FIELD))
        target = draft.planned(column).target
        popup.open_below(self.viewport(), QPoint(rect.left() - px(5), rect.bottom()), target or LEAVE_OUT)
        self._popup = popup
        return popup

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt_down = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Space) or alt_down:
            self.choose_field(self.current_row())
        elif event.key() == Qt.Key.Key_Delete and self.current_row() >= 0:
            self.field_chosen.emit(self._columns.column_at(self.current_row()), None)
        else:
            super().keyPressEvent(event)
