"""A column of the board: its header with the sums, the cards, and the form for a new one at its foot."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.sales.queries import BoardColumn, Card
from ui.framework.may import may, may_with
from ui.framework.office import Office
from ui.sales.column_header import ColumnHeader
from ui.sales.column_view import MIME, ColumnView
from ui.sales.quick_add import QuickAdd
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.themed import margins, on_theme

WIDTH = 208
"""The least width of a column in pixels at 100 %; with more room they share it."""
_EDGE = 40
_SCROLL_MS = 16


class Column(QWidget):
    """A stage with its cards.

    ``dropped`` sends the deal and the one it goes in front of (None: at the end). ``dragged_over`` says where the
    pointer is on the screen while something is dragged, so that the board can scroll.
    """

    dropped = Signal(object, object)
    dragged_over = Signal(QPoint)
    create_requested = Signal(str, object, str, object)
    add_opened = Signal()

    def __init__(self, office: Office, column: BoardColumn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self.stage = column.stage
        self.currency = column.currency
        self.target = False
        self.dragged: Card | None = None
        self._pointer = QPoint()
        self.setAcceptDrops(True)
        self.header = ColumnHeader()
        self.view = ColumnView()
        self.add = Button(icon="ph.plus", kind="muted")
        self.add.clicked.connect(self.open_form)
        self.view.moves, self.view.standing = office.browsed is None, office.standing
        self.view.movable = lambda card: may_with(office, "deal", "edit", card.owner_id, card.made_by)
        self.form: QuickAdd | None = None
        self._foot = QWidget()
        self._foot_box = QHBoxLayout(self._foot)
        self._foot_box.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeading)
        margins(self._foot, 8, 4, 8, 8)
        if not may(office, "deal", "create"):
            self._foot.hide()
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.view, 1)
        box.addWidget(self._foot)
        box.addStretch(0)
        self._auto = QTimer(self)
        self._auto.setInterval(_SCROLL_MS)
        self._auto.timeout.connect(self._scroll)
        on_theme(self, lambda: self.setMinimumWidth(px(WIDTH)))
        self.show_column(column)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.add.setText(_("Deal"))
        self.add.setToolTip(_("New deal in {stage} (N)").format(stage=self.stage.name))
        self.add.setAccessibleName(_("New deal in {stage}").format(stage=self.stage.name))

    def show_column(self, column: BoardColumn) -> None:
        """Show figures and cards."""
        self.stage, self.currency = column.stage, column.currency
        self.header.show_column(column)
        self.view.setAccessibleName(self.header.words())
        self.view.cards.set_cards(column.cards, column.count)

    # -- the form at the foot ------------------------------------------------------------------------------------

    def open_form(self) -> None:
        """Open the form for a new deal."""
        if not may(self._office, "deal", "create"):
            return
        if self.form is None:
            self.form = QuickAdd(self._office, self.currency)
            self.form.create_requested.connect(self.create_requested)
            self.form.closed.connect(self.close_form)
            self._foot_box.addWidget(self.form, 1)
        self.add.hide()
        self.form.show()
        self.form.resume(self.stage.id)
        self.add_opened.emit()

    def close_form(self) -> None:
        """Put the button back."""
        if self.form is None:
            return
        self.form.hide()
        self.add.show()
        if self.view.currentIndex().isValid():
            self.view.setFocus()
        else:
            self.add.setFocus()

    @property
    def adding(self) -> bool:
        """Whether the form is open."""
        return self.form is not None and not self.form.isHidden()

    # -- dropping ------------------------------------------------------------------------------------------------

    def set_target(self, on: bool) -> None:
        """Show that a card would land here."""
        if on != self.target:
            self.target = on
            self.header.set_plus(self.dragged if on else None)
            self.update()
        if not on:
            self.view.cards.set_slot(None)
            self._auto.stop()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME) and self.dragged is not None:
            event.acceptProposedAction()
            self.set_target(True)
            self._follow(event.position().toPoint())

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()
        self._follow(event.position().toPoint())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        card = self.dragged
        if card is None:
            return
        place = self._place(event.position().toPoint())
        cards = self.view.cards.cards
        before = cards[place].id if place < len(cards) else None
        stays = self._stays(place)
        self.set_target(False)
        event.acceptProposedAction()
        if not stays:
            self.dropped.emit(card.id, before)

    def _place(self, spot: QPoint) -> int:
        return self.view.place_at(self.view.viewport().mapFrom(self, spot).y())

    def _stays(self, place: int) -> bool:
        """Whether a drop there would leave the card where it is."""
        if self.dragged is None:
            return True
        own = next((n for n, one in enumerate(self.view.cards.cards) if one.id == self.dragged.id), None)
        return own is not None and place in (own, own + 1)

    def _follow(self, spot: QPoint) -> None:
        self._pointer = spot
        place = self._place(spot)
        self.view.cards.set_slot(None if self._stays(place) else place)
        near_end = self._scroll_step() != 0
        if near_end and not self._auto.isActive():
            self._auto.start()
        elif not near_end:
            self._auto.stop()
        self.dragged_over.emit(self.mapToGlobal(spot))

    def _scroll_step(self) -> int:
        y = self.view.viewport().mapFrom(self, self._pointer).y()
        height, edge = self.view.viewport().height(), px(_EDGE)
        if 0 <= y < edge:
            return -px(8)
        return px(8) if height - edge < y <= height else 0

    def _scroll(self) -> None:
        bar = self.view.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + self._scroll_step())
        if bar.value() == before:
            self._auto.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.target:
            frame_round(painter, self.rect(), px(6), "accent", "accent-soft")
        else:
            fill_round(painter, self.rect(), px(6), "sunken")
