"""The table of the design: no grid, rows of 32, hover, one current row with an accent edge, check boxes."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTableView, QWidget

from ui.theme.theme import px, theme
from ui.widgets.table_cell import CellDelegate
from ui.widgets.table_header import TableHeader
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
_ON, _OFF = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class DataTable(QTableView):
    """A read-first table over any model; what a cell shows comes from Qt's roles and ``ui.widgets.roles.Role``.

    Args:
        name: accessible name.
        row_height: 32, 26 (compact) or 36 (with editors), in pixels at 100 %.
        check_column: the column of check boxes, or None. The model answers CheckStateRole there in ``data``,
            ``setData``, ``headerData`` and ``setHeaderData`` (the box over the column checks all).

    A model with ``column_roles(column)`` (a frozenset of the roles it may answer there, or None) is painted faster.
    Clicking a header calls ``model.sort_by([(column, order), ...])`` where the model has it, else ``model.sort``.
    Enter and double click send ``row_activated``; Space, Ctrl+click and Shift+click check rows.
    """

    row_activated = Signal(QModelIndex)
    current_row_changed = Signal(int)
    row_menu_requested = Signal(QModelIndex, QPoint)
    columns_requested = Signal(QPoint)
    sort_requested = Signal(list)
    reached_end = Signal()

    def __init__(
        self,
        name: str = "",
        *,
        row_height: int = 32,
        check_column: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._row_height = row_height
        self._check_column = check_column
        self._anchor = -1
        self.own_column_menu = True
        self._header = TableHeader(self)
        self._header.check_column = check_column
        self.setHorizontalHeader(self._header)
        self._cells = CellDelegate(self)
        self._cells.check_column = check_column
        self.setItemDelegate(self._cells)
        self._configure()
        self._connect()
        on_theme(self, self._measure)

    @property
    def cells(self) -> CellDelegate:
        """The delegate of all columns that have none of their own."""
        return self._cells

    @property
    def header(self) -> TableHeader:
        """The header."""
        return self._header

    def _configure(self) -> None:
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(16)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _connect(self) -> None:
        self._header.sort_requested.connect(self._sort)
        self._header.columns_requested.connect(self._on_columns_requested)
        self._header.check_all_toggled.connect(self._toggle_all)
        self._header.sectionMoved.connect(lambda *_: self._find_first_column())
        self.customContextMenuRequested.connect(self._on_menu)
        self.doubleClicked.connect(self._on_double_click)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(px(self._row_height))
        self._header.setFixedHeight(px(32))
        self.viewport().update()

    def set_row_height(self, pixels: int) -> None:
        """Use rows of 32, 26 or 36 pixels at 100 %."""
        self._row_height = pixels
        self._measure()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        super().setModel(model)
        if model is not None and self._check_column is not None:
            self.setColumnWidth(self._check_column, px(40))
            self._header.setSectionResizeMode(self._check_column, TableHeader.ResizeMode.Fixed)
        self._find_first_column()

    def _find_first_column(self) -> None:
        shown = [self._header.logicalIndex(v) for v in range(self._header.count())]
        shown = [column for column in shown if not self.isColumnHidden(column)]
        self._cells.first_column = shown[0] if shown else 0
        self._cells.last_column = self._header.last_column = shown[-1] if shown else -1

    def setColumnHidden(self, column: int, hide: bool) -> None:
        super().setColumnHidden(column, hide)
        self._find_first_column()

    def set_column_widths(self, widths: list[int], stretch: int | None = None) -> None:
        """Give the columns widths in pixels at 100 % (0 keeps one as it is); ``stretch`` fills what is left."""
        for column, width in enumerate(widths):
            if width:
                self.setColumnWidth(column, px(width))
        if stretch is not None:
            self._header.setSectionResizeMode(stretch, TableHeader.ResizeMode.Stretch)

    def current_row(self) -> int:
        """The current row, or -1."""
        return self.currentIndex().row()

    def set_current_row(self, row: int) -> None:
        """Make a row current and bring it into view."""
        if self.model() is not None and 0 <= row < self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, self._cells.first_column))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        # The edge and the fill span the row, so all of both rows is drawn anew.
        self.viewport().update()
        if current.row() != previous.row():
            self.current_row_changed.emit(current.row())

    def _sort(self, sorts: list[tuple[int, Qt.SortOrder]]) -> None:
        model = self.model()
        if hasattr(model, "sort_by"):
            model.sort_by(sorts)
        elif model is not None:
            model.sort(*sorts[0])
        self.sort_requested.emit(sorts)

    def _on_columns_requested(self, where: QPoint) -> None:
        self.columns_requested.emit(where)
        if self.own_column_menu:
            self._header.column_menu(self).exec(where)
            self._find_first_column()

    def _on_menu(self, where: QPoint) -> None:
        index = self.indexAt(where)
        if index.isValid():
            self.set_current_row(index.row())
            self.row_menu_requested.emit(index, self.viewport().mapToGlobal(where))

    def _on_double_click(self, index: QModelIndex) -> None:
        if index.column() != self._check_column:
            self.row_activated.emit(index)

    def _on_scrolled(self, value: int) -> None:
        if value >= self.verticalScrollBar().maximum() - px(200):
            self.reached_end.emit()

    def _toggle_all(self) -> None:
        if self._check_column is None or self.model() is None:
            return
        across = Qt.Orientation.Horizontal
        old = self.model().headerData(self._check_column, across, Qt.ItemDataRole.CheckStateRole)
        new = _OFF if old is not None and Qt.CheckState(old) == _ON else _ON
        self.model().setHeaderData(self._check_column, across, new, Qt.ItemDataRole.CheckStateRole)
        self._header.viewport().update()
        self.viewport().update()

    def check_rows(self, first: int, last: int, on: bool = True) -> None:
        """Check the rows from ``first`` to ``last``."""
        if self._check_column is None or self.model() is None:
            return
        for row in range(min(first, last), max(first, last) + 1):
            index = self.model().index(row, self._check_column)
            self.model().setData(index, _ON if on else _OFF, Qt.ItemDataRole.CheckStateRole)
        self._after_check()

    def _after_check(self) -> None:
        self._header.viewport().update()
        self.viewport().update()

    def _toggle_row(self, row: int) -> None:
        if row >= 0 and self._check_column is not None and self.model() is not None:
            self._cells.begin_paint()
            index = self.model().index(row, self._check_column)
            self.check_rows(row, row, not self._cells.row_checked(index))
            self._anchor = row

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        keys = event.modifiers()
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and self._check_column is not None:
            if keys & Qt.KeyboardModifier.ControlModifier:
                self._toggle_row(index.row())
                return
            if keys & Qt.KeyboardModifier.ShiftModifier:
                start = self._anchor if self._anchor >= 0 else max(self.current_row(), 0)
                self.check_rows(start, index.row())
                return
            if index.column() == self._check_column:
                self._anchor = index.row()
                self._toggle_row(index.row())
                return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() == self._check_column:
            return
        super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        old = self._cells.hovered_row
        if row == old:
            return
        self._cells.hovered_row = row
        for changed in (old, row):
            if changed >= 0:
                top, height = self.rowViewportPosition(changed), self.rowHeight(changed)
                self.viewport().update(0, top, self.viewport().width(), height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.current_row()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self.row_activated.emit(self.currentIndex())
        elif key == Qt.Key.Key_Space and row >= 0 and self._check_column is not None:
            self._toggle_row(row)
        elif step and shift and row >= 0 and self._check_column is not None:
            self.check_rows(row, row + step if 0 <= row + step < self.model().rowCount() else row)
            self.set_current_row(row + step)
        elif event.matches(QKeySequence.StandardKey.SelectAll) and self._check_column is not None:
            self._toggle_all()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._cells.begin_paint()
        super().paintEvent(event)
        if self.hasFocus() and self.current_row() < 0:
            painter = QPainter(self.viewport())
            painter.setPen(theme().color("focus"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))
