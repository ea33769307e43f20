"""The list of a timeline: entries of any height under day headings, painted by a delegate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)  # fmt: skip
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from crm_desktop.core import clock, formats
from ui.records.timeline_data import Entry
from ui.records.timeline_paint import DOT, GAP, SIDE, TimelineDelegate
from ui.theme.paint import mirrored
from ui.theme.theme import px
from ui.widgets.places import kept_place
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Heading:
    """A day over its entries."""

    text: str


class Writing:
    """The place where a comment is written, or the text of a note edited: as high as its box."""

    text = ""

    def __init__(self, box: QWidget) -> None:
        self.box = box

    def height(self) -> int:
        """The height of the place."""
        return self.box.sizeHint().height() + px(8)


Item = Entry | Heading | Writing


@dataclass(frozen=True)
class Place:
    """Where a box stands: below the thread of an entry, or instead of the entry itself."""

    thread: int
    instead: tuple[str, int] | None = None


def with_headings(entries: Sequence[Entry], writing: Writing | None = None, place: Place | None = None) -> list[Item]:
    """Entries under their days, and the place where something is written."""
    items: list[Item] = []
    last = None
    for number, one in enumerate(entries):
        day = one.at.astimezone(clock.local_zone()).date() if one.at.tzinfo else one.at.date()
        if day != last and not one.parent:
            items.append(Heading(_day_words(day)))
            last = day
        replaced = place is not None and place.instead == one.key
        if writing is not None and replaced:
            items.append(writing)
            continue
        items.append(one)
        ends = number + 1 == len(entries) or not entries[number + 1].parent
        if writing is not None and place is not None and place.instead is None and ends and one.thread == place.thread:
            items.append(writing)
    return items


def _day_words(day: Any) -> str:
    distance = (clock.today() - day).days
    if -1 <= distance <= 1:
        text = formats.format_relative(day)
        return text[:1].upper() + text[1:]
    return formats.format_date(day, "long")


class TimelineModel(QAbstractListModel):
    """The items of a timeline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items: list[Item] = []

    def set_items(self, items: Sequence[Item]) -> None:
        """Show other items."""
        self.beginResetModel()
        self.items = list(items)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.items)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and not isinstance(self.items[index.row()], Entry):
            return Qt.ItemFlag.ItemIsEnabled
        return super().flags(index)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        item = self.items[index.row()]
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return (
                formats.format_datetime(item.at)
                if role == Qt.ItemDataRole.ToolTipRole and isinstance(item, Entry)
                else None
            )
        if not isinstance(item, Entry):
            return item.text
        line = " ".join(text for text, _role in item.runs)
        return f"{line}: {item.body}" if item.body else line


class TimelineList(QListView):
    """The list. A click on a link sends ``link_activated``; a right click, or the menu key, ``menu_requested``."""

    reached_end = Signal()
    link_activated = Signal(str, object)
    menu_requested = Signal(object, QPoint)
    comment_requested = Signal(object)
    delete_requested = Signal(object)
    edit_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = -1
        self.lit = -1
        self._entries: list[Entry] = []
        self._writing: Writing | None = None
        self._place: Place | None = None
        self.icons: dict[str, str] = {"deal": "ph.columns", "case": "ph.lifebuoy", "company": "ph.buildings"}
        self.timeline = TimelineModel(self)
        self.painter = TimelineDelegate(self)
        self.setModel(self.timeline)
        self.setItemDelegate(self.painter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        on_theme(self, self._relayout)

    def entity_icon(self, entity: str) -> str:
        """The icon of a record type."""
        return self.icons.get(entity, "ph.arrow-square-out")

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries; the place and the current entry stay."""
        self._entries = list(entries)
        self._show()

    def _show(self) -> None:
        items = with_headings(self._entries, self._writing, self._place)
        if items == self.timeline.items:
            return
        current = self.current_entry()
        lit = self.timeline.items[self.lit] if 0 <= self.lit < len(self.timeline.items) else None
        with kept_place(self, self._key_at):
            self.painter.forget()
            self.timeline.set_items(items)
            if current is not None and (row := self._row_of(current.key)) >= 0:
                self.selectionModel().setCurrentIndex(
                    self.timeline.index(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
        self.lit = self._row_of(lit.key) if isinstance(lit, Entry) else -1
        self._put_box()

    def entries(self) -> list[Entry]:
        """The entries shown."""
        return [item for item in self.timeline.items if isinstance(item, Entry)]

    def current_entry(self) -> Entry | None:
        """The entry that the keyboard is on."""
        row = self.currentIndex().row()
        item = self.timeline.items[row] if 0 <= row < len(self.timeline.items) else None
        return item if isinstance(item, Entry) else None

    def _key_at(self, row: int) -> tuple[str, int] | None:
        item = self.timeline.items[row]
        return item.key if isinstance(item, Entry) else None

    def _row_of(self, key: tuple[str, int]) -> int:
        items = self.timeline.items
        return next((row for row, one in enumerate(items) if isinstance(one, Entry) and one.key == key), -1)

    def light(self, key: tuple[str, int]) -> bool:
        """Go to an entry and mark it; False where it is not shown."""
        row = self._row_of(key)
        if row < 0:
            return False
        index = self.timeline.index(row)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self.lit = row
        self.viewport().update()
        return True

    # -- the box in which something is written ------------------------------------------------------------------

    def open_box(self, box: QWidget, place: Place) -> None:
        """Show a box at its place among the entries."""
        self._writing, self._place = Writing(box), place
        box.setParent(self.viewport())
        self._show()
        row = self.timeline.items.index(self._writing) if self._writing in self.timeline.items else -1
        if row >= 0:
            self.scrollTo(self.timeline.index(row))
        self._put_box()

    def close_box(self) -> None:
        """Take the box away; the keyboard goes back to the list."""
        if self._writing is None:
            return
        inside = self._writing.box.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self._writing.box.hide()
        self._writing = self._place = None
        self._show()
        if inside or not self.window().focusWidget():
            self.setFocus()

    def fit_box(self) -> None:
        """The box has another height."""
        if self._writing is not None:
            self.doItemsLayout()
            self._put_box()

    def _put_box(self) -> None:
        if self._writing is None:
            return
        box = self._writing.box
        if self._writing not in self.timeline.items:
            box.hide()
            return
        rect = self.visualRect(self.timeline.index(self.timeline.items.index(self._writing)))
        start = px(SIDE + DOT + GAP)
        room = rect.adjusted(start, px(2), -px(SIDE), -px(6))
        box.setGeometry(mirrored(room, rect, self.layoutDirection()))
        box.show()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._put_box()

    def _relayout(self) -> None:
        self.painter.forget()
        self.doItemsLayout()

    def resizeEvent(self, event: Any) -> None:
        self.painter.forget()
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def _on_scrolled(self, value: int) -> None:
        self._put_box()
        if value >= self.verticalScrollBar().maximum() - px(300):
            self.reached_end.emit()

    def _entry_at(self, spot: QPoint) -> tuple[Entry | None, QModelIndex]:
        index = self.indexAt(spot)
        item = self.timeline.items[index.row()] if index.isValid() else None
        return (item if isinstance(item, Entry) else None), index

    def _on_menu(self, spot: QPoint) -> None:
        entry, _index = self._entry_at(spot)
        if entry is not None:
            self.menu_requested.emit(entry, self.viewport().mapToGlobal(spot))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        entry, index = self._entry_at(event.position().toPoint())
        row = index.row() if entry is not None else -1
        if self.lit >= 0 and row == self.lit:
            self.lit = -1
        if row != self.hovered:
            self.hovered = row
            self.viewport().update()
        over = entry is not None and self.painter.link_rect(self.visualRect(index), entry).contains(
            event.position().toPoint()
        )
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.hovered = -1
        self.viewport().update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        spot = event.position().toPoint()
        entry, index = self._entry_at(spot)
        if entry is not None and entry.link is not None and event.button() == Qt.MouseButton.LeftButton:
            if self.painter.link_rect(self.visualRect(index), entry).contains(spot):
                self.link_activated.emit(entry.link[0], entry.link[1])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        entry, _index = self._entry_at(event.position().toPoint())
        if entry is None or not self._open(entry):
            super().mouseDoubleClickEvent(event)

    def _open(self, entry: Entry) -> bool:
        target = entry.target or entry.link
        if target is not None:
            self.link_activated.emit(target[0], target[1])
        return target is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item, key = self.current_entry(), event.key()
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if item is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not self._open(item):
                self._open_menu(item)
        elif item is not None and plain and key == Qt.Key.Key_R and item.about is not None:
            self.comment_requested.emit(item)
        elif item is not None and plain and key == Qt.Key.Key_F2 and item.note_id:
            self.edit_requested.emit(item)
        elif item is not None and plain and key == Qt.Key.Key_Delete and item.note_id:
            self.delete_requested.emit(item)
        elif item is not None and key == Qt.Key.Key_Menu:
            self._open_menu(item)
        else:
            super().keyPressEvent(event)

    def _open_menu(self, item: Entry) -> None:
        self.menu_requested.emit(item, self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).center()))

    def keyboardSearch(self, search: str) -> None:
        """Letters are commands here, not the beginning of an entry."""
