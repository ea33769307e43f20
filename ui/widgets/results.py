"""Lists of hits: groups, icon or avatar, marked text, something at the end. For the palette and for pickers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from crm_desktop.core.text import fold
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.badges import badge_size, key_size, paint_badge, paint_key
from ui.widgets.roles import Role
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex


@dataclass
class Result:
    """A hit, or with ``group`` the heading of those that follow."""

    key: Any
    title: str
    subtitle: str = ""
    icon: str = ""
    avatar: str = ""
    trailing: str = ""
    trailing_font: str = "body"
    badge: tuple[str, str, str] | None = None
    key_cap: str = ""
    group: bool = False
    enabled: bool = True
    data: Any = field(default=None, compare=False)


def find_marks(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the folded ``words`` stand in ``text``, as (start, length), accents ignored."""
    letters = [fold(letter) for letter in text]
    folded = "".join(letters)
    if len(folded) != len(text):
        return []
    marks = []
    for word in words:
        start = folded.find(word) if word else -1
        if start >= 0:
            marks.append((start, len(word)))
    return marks


class ResultModel(QAbstractListModel):
    """The hits of a ResultList."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: list[Result] = []
        self.words: list[str] = []

    def set_results(self, results: Sequence[Result], words: Sequence[str]) -> None:
        """Show other hits."""
        self.beginResetModel()
        self.results = list(results)
        self.words = list(words)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.results)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or self.results[index.row()].group or not self.results[index.row()].enabled:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        result = self.results[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return result.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{result.title}, {result.subtitle}" if result.subtitle else result.title
        if role == Role.KEY:
            return result.key
        return None


class _ResultDelegate(QStyledItemDelegate):
    def __init__(self, view: ResultList) -> None:
        super().__init__(view)
        self._list = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(120), px(28) if self._list.result(index.row()).group else px(self._list.row_height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        result = self._list.result(index.row())
        rect, direction = QRect(option.rect), self._list.layoutDirection()
        painter.save()
        if result.group:
            row = rect.adjusted(px(16), px(8), -px(16), -px(4))
            draw_text(painter, row, result.title, "secondary-strong", "text-muted")
            painter.restore()
            return
        box = rect.adjusted(px(8), 0, -px(8), 0)
        if index.row() == self._list.currentIndex().row():
            fill_round(painter, box, px(6), "accent-soft")
        inner = box.adjusted(px(8), 0, -px(8), 0)
        left = self._leading(painter, inner, result)
        right = self._trailing(painter, inner, result)
        room = right - left
        ink = "text" if result.enabled else "text-disabled"
        width = min(text_width(result.title) + 1, px(420), room)
        spot = mirrored(QRect(left, inner.top(), width, inner.height()), inner, direction)
        draw_marked(painter, spot, result.title, "body", ink, self._list.words)
        rest = room - width - px(12)
        if result.subtitle and rest > px(24):
            spot = mirrored(QRect(left + width + px(12), inner.top(), rest, inner.height()), inner, direction)
            draw_marked(painter, spot, result.subtitle, "secondary", "text-muted", self._list.words)
        painter.restore()

    def _leading(self, painter: QPainter, inner: QRect, result: Result) -> int:
        if not result.icon and not result.avatar and not self._list.indent:
            return inner.left()
        side = px(24)
        box = QRect(inner.left(), inner.center().y() - side // 2 + 1, side, side)
        box = mirrored(box, inner, self._list.layoutDirection())
        if result.avatar:
            paint_avatar(painter, QRectF(box), result.avatar)
        elif result.icon:
            inset = px(4)
            paint_icon(painter, QRectF(box.adjusted(inset, inset, -inset, -inset)), result.icon, "text-muted")
        return inner.left() + side + px(12)

    def _trailing(self, painter: QPainter, inner: QRect, result: Result) -> int:
        """Draw what stands at the end; returns where the text has to stop."""
        direction, right = self._list.layoutDirection(), inner.right() + 1
        if result.key_cap:
            size = key_size(result.key_cap)
            box = QRect(right - size.width(), inner.center().y() - size.height() // 2 + 1, size.width(), size.height())
            paint_key(painter, QRectF(mirrored(box, inner, direction)), result.key_cap)
            right = box.left() - px(12)
        if result.badge:
            size = badge_size(result.badge[0], result.badge[2])
            box = QRect(right - size.width(), inner.center().y() - size.height() // 2 + 1, size.width(), size.height())
            paint_badge(painter, QRectF(mirrored(box, inner, direction)), *result.badge)
            right = box.left() - px(12)
        if result.trailing:
            width = text_width(result.trailing, result.trailing_font) + 1
            box = QRect(right - width, inner.top(), width, inner.height())
            color = "text" if result.trailing_font == "strong" else "text-muted"
            spot = mirrored(box, inner, direction)
            draw_text(painter, spot, result.trailing, result.trailing_font, color, elide=False)
            right = box.left() - px(12)
        return right


def draw_marked(
    painter: QPainter, rect: QRect, text: str, role: str, color: str, words: Sequence[str], mark: str = "mark"
) -> None:
    """Draw one elided line of text with the hits of ``words`` on the colour of marks."""
    marks = find_marks(text, words)
    if not marks:
        draw_text(painter, rect, text, role, color)
        return
    font = theme().font(role)
    painter.setFont(font)
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    layout = QTextLayout(shown, font)
    ranges = []
    for start, length in marks:
        if start < len(shown):
            span = QTextLayout.FormatRange()
            span.start, span.length = start, min(length, len(shown) - start)
            look = QTextCharFormat()
            look.setBackground(theme().color(mark))
            span.format = look
            ranges.append(span)
    layout.setFormats(ranges)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(rect.width() + 1)
    layout.endLayout()
    painter.setPen(QColor(theme().color(color)))
    top = rect.top() + (rect.height() - line.height()) / 2
    left = rect.left()
    if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:
        left = rect.right() - round(line.naturalTextWidth())
    layout.draw(painter, QRectF(left, top, rect.width(), line.height()).topLeft())


class ResultList(QListView):
    """A list of hits. ``chosen`` sends the Result on Enter or click; arrows skip the headings."""

    chosen = Signal(object)

    def __init__(self, name: str = "", *, row_height: int = 40, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.row_height = row_height
        self.indent = False
        self._results = ResultModel(self)
        self.setModel(self._results)
        self.setItemDelegate(_ResultDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        on_theme(self, self.doItemsLayout)

    @property
    def words(self) -> list[str]:
        """The folded words that are marked."""
        return self._results.words

    def result(self, row: int) -> Result:
        """The hit of a row."""
        return self._results.results[row]

    def results(self) -> list[Result]:
        """All hits and headings."""
        return list(self._results.results)

    def set_results(self, results: Sequence[Result], words: Sequence[str] = ()) -> None:
        """Show other hits with these folded words marked; the first one becomes current."""
        self.indent = any(item.icon or item.avatar for item in results)
        self._results.set_results(results, words)
        self.move_current(0, from_row=-1)

    def move_current(self, step: int, from_row: int | None = None) -> None:
        """Go ``step`` hits on, past headings; 0 from -1 is the first hit."""
        row = self.currentIndex().row() if from_row is None else from_row
        step = step or 1
        count = len(self._results.results)
        row += step
        while 0 <= row < count:
            if self._results.flags(self._results.index(row)) & Qt.ItemFlag.ItemIsSelectable:
                self.setCurrentIndex(self._results.index(row))
                return
            row += step

    def content_height(self, most: int = 12) -> int:
        """The height of the rows, at most ``most`` of them, in logical pixels."""
        heights = [px(28) if item.group else px(self.row_height) for item in self._results.results]
        return sum(heights[:most])

    def choose_current(self) -> bool:
        """Choose the current hit; False where there is none."""
        row = self.currentIndex().row()
        if row < 0:
            return False
        self.chosen.emit(self.result(row))
        return True

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and self._results.flags(index) & Qt.ItemFlag.ItemIsSelectable:
            self.setCurrentIndex(index)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            if self._results.flags(index) & Qt.ItemFlag.ItemIsSelectable:
                self.chosen.emit(self.result(index.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        step = steps.get(Qt.Key(event.key()), 0)
        if step:
            self.move_current(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.choose_current()
        else:
            super().keyPressEvent(event)
