"""The header of tables: 32 high, muted, sort arrows, a check box, columns on request."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, mirrored, text_width
from ui.theme.style import draw_check
from ui.theme.theme import px, theme

Sort = tuple[int, Qt.SortOrder]


class TableHeader(QHeaderView):
    """A header whose clicks sort: ``sort_requested`` sends the list of (column, order); Shift adds a column.

    ``columns_requested`` is sent for a right click; ``check_all_toggled`` for the box over the check column.
    """

    sort_requested = Signal(list)
    columns_requested = Signal(QPoint)
    check_all_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.check_column: int | None = None
        self.last_column = -1
        self.sorts: list[Sort] = []
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(px(40))
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda pos: self.columns_requested.emit(self.mapToGlobal(pos)))
        self.sectionClicked.connect(self._on_clicked)
        self._shift = False

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), px(32))

    def set_sorts(self, sorts: list[Sort]) -> None:
        """Show these columns as sorted; nothing is sent."""
        self.sorts = list(sorts)
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mouseReleaseEvent(event)

    def _on_clicked(self, column: int) -> None:
        if column == self.check_column:
            self.check_all_toggled.emit()
            return
        current = dict(self.sorts)
        up = Qt.SortOrder.AscendingOrder
        order = Qt.SortOrder.DescendingOrder if current.get(column) == up else up
        if self._shift:
            current[column] = order
            self.sorts = list(current.items())
        else:
            self.sorts = [(column, order)]
        self.viewport().update()
        self.sort_requested.emit(list(self.sorts))

    def paintSection(self, painter: QPainter, rect: QRect, column: int) -> None:
        painter.save()
        line = theme().color("border")
        painter.fillRect(rect, theme().color("sunken"))
        painter.fillRect(rect.left(), rect.top(), rect.width(), 1, line)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        first = self.visualIndex(column) == 0
        end = px(12 if column == self.last_column else 8)
        inner = mirrored(rect.adjusted(px(16 if first else 8), 0, -end, 0), rect, self.layoutDirection())
        if column == self.check_column:
            self._paint_check(painter, inner)
        else:
            self._paint_title(painter, inner, column)
        painter.restore()

    def _paint_check(self, painter: QPainter, inner: QRect) -> None:
        value = self.model().headerData(self.check_column or 0, self.orientation(), Qt.ItemDataRole.CheckStateRole)
        state = Qt.CheckState.Unchecked if value is None else Qt.CheckState(value)
        side = px(16)
        box = QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side)
        draw_check(theme(), painter, mirrored(box, inner, self.layoutDirection()), state)

    def _paint_title(self, painter: QPainter, inner: QRect, column: int) -> None:
        model = self.model()
        text = str(model.headerData(column, self.orientation(), Qt.ItemDataRole.DisplayRole) or "")
        aligned = model.headerData(column, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        at_end = aligned is not None and bool(int(aligned) & int(Qt.AlignmentFlag.AlignRight))
        order = dict(self.sorts).get(column)
        color = "text-muted" if order is None else "text"
        place = (
            [one for one, _order in self.sorts].index(column) + 1 if order is not None and len(self.sorts) > 1 else 0
        )
        number = str(place) if place else ""
        digit = text_width(number, "secondary") + px(1) if number else 0
        gap = px(18) + digit if order is not None else 0
        width = min(text_width(text, "secondary-name") + 1, inner.width() - gap)
        total = width + gap
        left = inner.right() + 1 - total if at_end else inner.left()
        arrow_at, text_at = (left, left + gap) if at_end else (left + width + px(4), left)
        direction = self.layoutDirection()
        spot = mirrored(QRect(text_at, inner.top(), width, inner.height()), inner, direction)
        draw_text(painter, spot, text, "secondary-name", color)
        if order is not None:
            side = px(14)
            name = "ph.arrow-up" if order == Qt.SortOrder.AscendingOrder else "ph.arrow-down"
            box = mirrored(QRect(arrow_at, inner.center().y() - side // 2 + 1, side, side), inner, direction)
            paint_icon(painter, QRectF(box), name, color)
            after = arrow_at + side
            spot = mirrored(QRect(after, inner.top(), digit + px(2), inner.height()), inner, direction)
            draw_text(painter, spot, number, "secondary", "text-muted")

    def column_menu(self, parent: QWidget) -> QMenu:
        """A menu to show and hide columns."""
        menu = QMenu(parent)
        for visual in range(self.count()):
            column = self.logicalIndex(visual)
            title = self.model().headerData(column, self.orientation(), Qt.ItemDataRole.DisplayRole)
            if column == self.check_column or not title:
                continue
            action = QAction(str(title), menu)
            action.setCheckable(True)
            action.setChecked(not self.isSectionHidden(column))
            action.toggled.connect(lambda on, column=column: self.setSectionHidden(column, not on))
            menu.addAction(action)
        return menu
