"""The board: a column for each open stage, side by side, and what moves between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.sales.queries import BoardData, Card
from ui.framework.office import Office
from ui.sales.column import Column
from ui.sales.drop_strip import DropStrip
from ui.theme.theme import px
from ui.widgets.themed import margins

_EDGE = 48
_SCROLL_MS = 16


class Board(QWidget):
    """The columns and the strip below them.

    Signals: ``opened`` a deal; ``move_requested`` a card, the stage, the deal it goes in front of (None: at the end);
    ``outcome_requested`` a card and a key of the strip; ``create_requested`` stage and what the form says;
    ``more_wanted`` a stage and how many cards are there; ``current_changed``; ``menu_requested`` a card and where.
    """

    opened = Signal(object)
    move_requested = Signal(object, object, object)
    outcome_requested = Signal(object, str)
    create_requested = Signal(object, str, object, str, object)
    more_wanted = Signal(object, int)
    current_changed = Signal()
    menu_requested = Signal(object, QPoint)
    drag_over = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self.columns: list[Column] = []
        self._active: Column | None = None
        self._landing: Callable[[], None] | None = None
        self.dragged: Card | None = None
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.viewport().setAutoFillBackground(False)
        self._inner = QWidget()
        self._row = QHBoxLayout(self._inner)
        margins(self._inner, 24, 0, 24, 12, 12)
        self.area.setWidget(self._inner)
        self._inner.setAutoFillBackground(False)
        self.strip = DropStrip()
        self.strip.dropped.connect(self._on_zone)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.area, 1)
        box.addWidget(self.strip)
        self._auto = QTimer(self)
        self._auto.setInterval(_SCROLL_MS)
        self._auto.timeout.connect(self._scroll)

    def retranslate(self) -> None:
        """Write the words again."""
        self.strip.retranslate()
        for column in self.columns:
            column.retranslate()
            column.header.update()
            column.view.viewport().update()

    # -- data ----------------------------------------------------------------------------------------------------

    def set_data(self, data: BoardData) -> None:
        """Show a board. Where the stages are the same, cards and selection stay in their place."""
        current = self.current_card()
        focused = self.has_focus()
        if [column.stage.id for column in self.columns] != [one.stage.id for one in data.columns]:
            self._rebuild(data)
        else:
            for column, shown in zip(self.columns, data.columns, strict=True):
                column.show_column(shown)
        if current is not None:
            now = self.current_card()
            if now is None or now.id != current.id:
                self.choose_deal(current.id, focus=focused)
        self.current_changed.emit()

    def forget_columns(self) -> None:
        """Take the columns away; the next data makes new ones."""
        self._active = None
        for column in self.columns:
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        self.columns = []

    def _rebuild(self, data: BoardData) -> None:
        self.forget_columns()
        self.columns = [self._make_column(Column(self._office, one)) for one in data.columns]
        for column in self.columns:
            self._row.addWidget(column, 1)

    def _make_column(self, column: Column) -> Column:
        view = column.view
        view.opened.connect(self.opened)
        view.stepped.connect(lambda step: self._step(column, step))
        view.chosen.connect(lambda: self._on_chosen(column))
        view.menu_requested.connect(self.menu_requested)
        view.drag_started.connect(self.begin_drag)
        view.drag_ended.connect(self.end_drag)
        view.cards.more_wanted.connect(lambda: self.more_wanted.emit(column.stage.id, len(view.cards.cards)))
        column.dropped.connect(lambda _deal_id, before: self._on_dropped(column, before))
        column.dragged_over.connect(self._on_dragged_over)
        column.create_requested.connect(
            lambda name, company_id, company, amount: self.create_requested.emit(
                column.stage.id, name, company_id, company, amount
            )
        )
        column.add_opened.connect(lambda: self.area.ensureWidgetVisible(column, px(24), 0))
        return column

    def column_of(self, stage_id: int) -> Column | None:
        """The column of a stage."""
        return next((column for column in self.columns if column.stage.id == stage_id), None)

    def where_is(self, deal_id: int) -> tuple[Column, int] | None:
        """The column and the row of a deal."""
        for column in self.columns:
            row = column.view.cards.row_of(deal_id)
            if row >= 0:
                return column, row
        return None

    def shown_count(self) -> int:
        """How many cards the longest column has loaded."""
        return max((len(column.view.cards.cards) for column in self.columns), default=0)

    # -- the current card ----------------------------------------------------------------------------------------

    def current_card(self) -> Card | None:
        """The current card of the board."""
        return self._active.view.current_card() if self._active is not None else None

    def current_column(self) -> Column | None:
        """The column of the current card, or the one in use."""
        return self._active or (self.columns[0] if self.columns else None)

    def has_focus(self) -> bool:
        """Whether the keys go to a column."""
        return any(column.view.hasFocus() for column in self.columns)

    def choose_deal(self, deal_id: int, *, focus: bool = False) -> bool:
        """Make a deal current; False where it is not on the board."""
        found = self.where_is(deal_id)
        if found is None:
            return False
        column, row = found
        column.view.choose_row(row)
        self.area.ensureWidgetVisible(column, px(24), 0)
        if focus:
            column.view.setFocus()
        return True

    def focus_first(self) -> None:
        """Give the keys to the current column, or to the first one with cards."""
        column = self._active or next((one for one in self.columns if one.view.cards.cards), None)
        if column is not None:
            column.view.setFocus()

    def _on_chosen(self, column: Column) -> None:
        self._active = column
        for other in self.columns:
            if other is not column and other.view.currentIndex().isValid():
                other.view.forget_current()
        self.current_changed.emit()

    def _step(self, column: Column, step: int) -> None:
        """Go to the next column that has cards."""
        place, row = self.columns.index(column) + step, column.view.currentIndex().row()
        while 0 <= place < len(self.columns):
            beside = self.columns[place]
            if beside.view.choose_row(row):
                beside.view.setFocus()
                self.area.ensureWidgetVisible(beside, px(24), 0)
                return
            place += step

    # -- moving --------------------------------------------------------------------------------------------------

    def stage_beside(self, step: int) -> Column | None:
        """The column next to that of the current card."""
        if self._active is None:
            return None
        place = self.columns.index(self._active) + step
        return self.columns[place] if 0 <= place < len(self.columns) else None

    def show_moved(self, card: Card, stage_id: int, before: int | None) -> None:
        """Move a card at once; the database says the same a moment later."""
        source, target = self.where_is(card.id), self.column_of(stage_id)
        if source is None or target is None:
            return
        focused = self.has_focus()
        moved = replace(card, stage_id=stage_id)
        source[0].view.cards.take(card.id)
        row = target.view.cards.row_of(before) if before is not None else -1
        target.view.cards.put(moved, row if row >= 0 else len(target.view.cards.cards))
        if source[0] is not target:
            source[0].view.cards.total -= 1
            target.view.cards.total += 1
        self.choose_deal(card.id, focus=focused)

    def show_gone(self, deal_id: int) -> None:
        """Take a card off the board at once."""
        found = self.where_is(deal_id)
        if found is not None:
            found[0].view.cards.take(deal_id)
            found[0].view.cards.total -= 1

    # -- dragging ------------------------------------------------------------------------------------------------

    def begin_drag(self, card: Card) -> None:
        """A card hangs on the pointer."""
        self.dragged = card
        self._landing = None
        for column in self.columns:
            column.dragged = card
            column.view.cards.set_ghost(card.id)
        self.strip.show()

    def end_drag(self) -> None:
        """The card was dropped, or the drag was given up."""
        self.dragged = None
        self._auto.stop()
        self.strip.hide()
        for column in self.columns:
            column.dragged = None
            column.set_target(False)
            column.view.cards.set_ghost(None)
        landing, self._landing = self._landing, None
        if landing is not None:
            # the window system is done with the drag only after this event
            QTimer.singleShot(0, self, landing)
        self.drag_over.emit()

    def _on_dropped(self, column: Column, before: int | None) -> None:
        card = self.dragged
        if card is not None:
            self._landing = lambda: self.move_requested.emit(card, column.stage.id, before)

    def _on_zone(self, key: str) -> None:
        card = self.dragged
        if card is not None:
            self._landing = lambda: self.outcome_requested.emit(card, key)

    def _on_dragged_over(self, spot: QPoint) -> None:
        self._pointer = spot
        if self._scroll_step() and not self._auto.isActive():
            self._auto.start()
        elif not self._scroll_step():
            self._auto.stop()

    _pointer = QPoint()

    def _scroll_step(self) -> int:
        x = self.area.viewport().mapFromGlobal(self._pointer).x()
        if x < px(_EDGE):
            return -px(10)
        return px(10) if x > self.area.viewport().width() - px(_EDGE) else 0

    def _scroll(self) -> None:
        bar = self.area.horizontalScrollBar()
        bar.setValue(bar.value() + self._scroll_step())
