"""The cards of one column, with the slot that shows where a dragged card will land."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from crm_desktop.sales.queries import Card
from ui.records.list_diff import plan_change
from ui.sales.words import spoken, tip

CARD = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class ColumnModel(QAbstractListModel):
    """Cards from top to bottom. ``more_wanted`` asks for the next ones when the view is scrolled to the end."""

    more_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cards: list[Card] = []
        self._slot: int | None = None
        self._asked = False
        self.total = 0
        self.ghost: int | None = None

    # -- what views ask ------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._cards) + (self._slot is not None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        card = self.card_at(index.row()) if index.isValid() else None
        if card is None:
            return None
        if role == CARD:
            return card
        if role == Qt.ItemDataRole.DisplayRole:
            return card.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return spoken(card)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(card)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or index.row() == self._slot:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled

    def canFetchMore(self, parent: Index = QModelIndex()) -> bool:
        return not parent.isValid() and not self._asked and self._slot is None and 0 < len(self._cards) < self.total

    def fetchMore(self, parent: Index = QModelIndex()) -> None:
        self._asked = True
        self.more_wanted.emit()

    # -- cards ---------------------------------------------------------------------------------------------------

    @property
    def cards(self) -> Sequence[Card]:
        """The cards that are here."""
        return self._cards

    @property
    def slot(self) -> int | None:
        """The row of the slot, or None."""
        return self._slot

    def card_at(self, row: int) -> Card | None:
        """The card of a row; None for the slot and outside."""
        if self._slot is not None:
            if row == self._slot:
                return None
            row -= row > self._slot
        return self._cards[row] if 0 <= row < len(self._cards) else None

    def row_of(self, deal_id: int) -> int:
        """The row of a deal, or -1."""
        for place, card in enumerate(self._cards):
            if card.id == deal_id:
                return place + (self._slot is not None and place >= self._slot)
        return -1

    def set_cards(self, cards: Sequence[Card], total: int) -> None:
        """Show these cards; rows that stay keep their selection and place."""
        self.set_slot(None)
        self._asked = False
        self.total = total
        old, new = array("q", (one.id for one in self._cards)), array("q", (one.id for one in cards))
        plan = plan_change(old, new)
        if plan is None:
            self.beginResetModel()
            self._cards = list(cards)
            self.endResetModel()
            return
        for row in plan.removed:
            self.take(self._cards[row].id)
        by_id = {card.id: card for card in cards}
        if plan.kept is not None:
            self._reorder([by_id[identity] for identity in plan.kept])
        for row in plan.inserted:
            self.put(cards[row], row)
        changed = [row for row, card in enumerate(cards) if self._cards[row] != card]
        self._cards = list(cards)
        for row in changed:
            self.dataChanged.emit(self.index(row), self.index(row))

    def _reorder(self, cards: list[Card]) -> None:
        self.layoutAboutToBeChanged.emit()
        rows = {card.id: row for row, card in enumerate(cards)}
        before = self.persistentIndexList()
        after = [self.index(rows[self._cards[one.row()].id]) for one in before]
        self._cards = cards
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def append(self, cards: Sequence[Card]) -> None:
        """Add the next cards at the end."""
        self._asked = False
        known = {card.id for card in self._cards}
        fresh = [card for card in cards if card.id not in known]
        if not fresh:
            self.total = len(self._cards)
            return
        self.set_slot(None)
        self.beginInsertRows(QModelIndex(), len(self._cards), len(self._cards) + len(fresh) - 1)
        self._cards += fresh
        self.endInsertRows()

    def take(self, deal_id: int) -> Card | None:
        """Take a card out."""
        self.set_slot(None)
        row = self.row_of(deal_id)
        if row < 0:
            return None
        self.beginRemoveRows(QModelIndex(), row, row)
        card = self._cards.pop(row)
        self.endRemoveRows()
        return card

    def put(self, card: Card, row: int) -> None:
        """Put a card before the one in ``row``."""
        self.set_slot(None)
        row = max(0, min(row, len(self._cards)))
        self.beginInsertRows(QModelIndex(), row, row)
        self._cards.insert(row, card)
        self.endInsertRows()

    # -- a drag --------------------------------------------------------------------------------------------------

    def set_slot(self, place: int | None) -> None:
        """Show the slot before the card at ``place`` (counted without the slot), or none."""
        if place == self._slot:
            return
        if self._slot is not None:
            self.beginRemoveRows(QModelIndex(), self._slot, self._slot)
            self._slot = None
            self.endRemoveRows()
        if place is not None:
            self.beginInsertRows(QModelIndex(), place, place)
            self._slot = place
            self.endInsertRows()

    def set_ghost(self, deal_id: int | None) -> None:
        """Show a card as the one that is being dragged away."""
        touched = [one for one in (self.ghost, deal_id) if one is not None]
        self.ghost = deal_id
        for one in touched:
            row = self.row_of(one)
            if row >= 0:
                self.dataChanged.emit(self.index(row), self.index(row))
