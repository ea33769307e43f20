"""The list of cards of a column: keys, the drag that starts here, and the delegate that draws the cards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QFocusEvent, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from crm_desktop.sales.queries import Card
from ui.sales.card_paint import HEIGHT, drag_picture, paint_card, paint_slot
from ui.sales.column_model import CARD, ColumnModel
from ui.theme.theme import px
from ui.widgets.themed import on_theme

MIME = "application/x-crm-deal"
_GAP = 8
_SIDE = 8
Index = QModelIndex | QPersistentModelIndex


class _CardDelegate(QStyledItemDelegate):
    def __init__(self, view: ColumnView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(160), px(HEIGHT) + px(_GAP))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view = self._view
        rect = card_rect(option.rect)
        card = index.data(CARD)
        if card is None:
            paint_slot(painter, rect)
            return
        with view.standing():
            paint_card(
                painter, rect, card, view.layoutDirection(), current=index.row() == view.currentIndex().row(),
                focused=view.hasFocus(), hovered=index.row() == view.hovered_row, ghost=card.id == view.cards.ghost,
                locked=view.moves and not view.movable(card),
            )  # fmt: skip


def card_rect(row: QRect) -> QRect:
    """The card in its row."""
    return QRect(row.left() + px(_SIDE), row.top() + px(_GAP) // 2, row.width() - 2 * px(_SIDE), px(HEIGHT))


class ColumnView(QListView):
    """Cards under each other.

    ``opened`` sends a deal that was double-clicked or opened by Enter; ``stepped`` asks for the column beside
    (-1 before, 1 after); ``chosen`` says that a card became current; ``drag_started`` and ``drag_ended`` bracket a
    drag; ``menu_requested`` sends the deal and where. ``movable`` says which card may be moved, ``moves`` whether any
    can be at all, ``standing`` on which day the words of the cards are said.
    """

    opened = Signal(object)
    stepped = Signal(int)
    chosen = Signal()
    drag_started = Signal(object)
    drag_ended = Signal()
    menu_requested = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = ColumnModel(self)
        self.movable: Callable[[Card], bool] = lambda _card: True
        self.moves = True
        self.standing: Callable[[], AbstractContextManager[None]] = nullcontext
        self.hovered_row = -1
        self.setModel(self.cards)
        self.setItemDelegate(_CardDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Maximum)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        for changed in (self.cards.rowsInserted, self.cards.rowsRemoved, self.cards.modelReset):
            changed.connect(lambda *_args: self.updateGeometry())
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self.verticalScrollBar().setSingleStep(px(HEIGHT + _GAP) // 3)
        self.doItemsLayout()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(px(200), self.cards.rowCount() * px(HEIGHT + _GAP))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), min(1, self.cards.rowCount()) * px(HEIGHT + _GAP) // 2)

    # -- the current card ----------------------------------------------------------------------------------------

    def current_card(self) -> Card | None:
        """The current card."""
        return self.cards.card_at(self.currentIndex().row())

    def choose_row(self, row: int) -> bool:
        """Make the card in a row current, or the last one; False where there is none."""
        count = self.cards.rowCount()
        if not count:
            return False
        index = self.cards.index(max(0, min(row, count - 1)))
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def forget_current(self) -> None:
        """Have no current card: another column has it."""
        self.setCurrentIndex(QModelIndex())
        self.clearSelection()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if current.isValid():
            self.chosen.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.choose_row(0)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    # -- keys and mouse ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, row = event.key(), self.currentIndex().row()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and row >= 0:
            self._open(row)
        elif plain and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            ahead = (key == Qt.Key.Key_Right) == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
            self.stepped.emit(1 if ahead else -1)
        elif key == Qt.Key.Key_Menu and row >= 0:
            self._on_menu(self.visualRect(self.currentIndex()).center())
        else:
            super().keyPressEvent(event)

    def _open(self, row: int) -> None:
        card = self.cards.card_at(row)
        if card is not None:
            self.opened.emit(card.id)

    def _on_menu(self, spot: QPoint) -> None:
        card = self.cards.card_at(self.indexAt(spot).row())
        if card is not None:
            self.choose_row(self.cards.row_of(card.id))
            self.menu_requested.emit(card, self.viewport().mapToGlobal(spot))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def _hover(self, row: int) -> None:
        if row != self.hovered_row:
            self.hovered_row = row
            self.viewport().update()

    # -- dragging ------------------------------------------------------------------------------------------------

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        card = self.current_card()
        if card is None or not self.movable(card):
            return
        rect = card_rect(self.visualRect(self.currentIndex()))
        picture, corner = drag_picture(card, rect.width(), self.layoutDirection(), self.devicePixelRatioF())
        pointer = self.viewport().mapFromGlobal(self.cursor().pos()) - rect.topLeft()
        inside = QRect(QPoint(0, 0), rect.size()).contains(pointer)
        data = QMimeData()
        data.setData(MIME, QByteArray(str(card.id).encode()))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(picture)
        drag.setHotSpot(corner + (pointer if inside else QPoint(rect.width() // 2, rect.height() // 2)))
        self.drag_started.emit(card)
        try:
            drag.exec(Qt.DropAction.MoveAction)
        finally:
            self.drag_ended.emit()

    def place_at(self, y: int) -> int:
        """Before which card a drop at a height of the viewport goes, counted without the slot."""
        step = px(HEIGHT + _GAP)
        row = (y + self.verticalOffset() + step // 2) // step
        slot = self.cards.slot
        if slot is not None and row > slot:
            row -= 1
        return max(0, min(row, len(self.cards.cards)))
