"""The agenda of a day: appointments, the line of now, and the free hours between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from crm_desktop.calendar.activity import KINDS
from crm_desktop.calendar.queries import Event
from crm_desktop.core.formats import format_time
from crm_desktop.core.i18n import _, translate
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
KIND_ICONS = {
    "task": "ph.check-square",
    "call": "ph.phone",
    "meeting": "ph.users",
    "visit": "ph.map-pin",
    "email": "ph.envelope-simple",
}
_HUES = {kind.key: kind.hue for kind in KINDS}
_LABELS = {kind.key: kind.label for kind in KINDS}
_HEIGHTS = {"event": 56, "now": 24, "free": 44, "all_day": 40}
_SHORTEST = timedelta(hours=1)
DAY_STARTS, DAY_ENDS = time(8), time(18)
"""Free hours are told between these."""


@dataclass(frozen=True)
class AgendaLine:
    """One line: an appointment ("event", "all_day"), the line of "now", or a "free" gap."""

    kind: str
    start: datetime
    end: datetime
    event: Event | None = None
    past: bool = False
    owner: str = ""


def agenda_lines(
    events: Sequence[Event], now: datetime, day: date, zone: ZoneInfo, names: Mapping[int, str] | None = None
) -> list[AgendaLine]:
    """The lines of a day: whole days first, then by time; free gaps only where they are still ahead.

    Args:
        names: the people whose avatars are shown, by id; the hours of several people have no common gaps.
    """
    people = names or {}
    whole = [
        AgendaLine("all_day", one.start, one.end, one, owner=people.get(one.owner_id or 0, ""))
        for one in events if one.all_day
    ]  # fmt: skip
    timed = [one for one in events if not one.all_day]
    lines: list[AgendaLine] = []
    reached = max(now, datetime.combine(day, DAY_STARTS, zone))
    for one in timed:
        if not people and one.start - reached >= _SHORTEST and one.start.date() == day:
            lines.append(AgendaLine("free", reached, one.start))
        past, owner = one.end <= now or one.done, people.get(one.owner_id or 0, "")
        lines.append(AgendaLine("event", one.start, one.end, one, past, owner))
        reached = max(reached, one.end)
    evening = datetime.combine(day, DAY_ENDS, zone)
    if timed and not people and evening - reached >= _SHORTEST:
        lines.append(AgendaLine("free", reached, evening))
    if not timed or now.date() != day:
        return [*whole, *lines]
    place = next((i for i, line in enumerate(lines) if line.start >= now), len(lines))
    return [*whole, *lines[:place], AgendaLine("now", now, now), *lines[place:]]


class AgendaModel(QAbstractListModel):
    """The lines of the day."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[AgendaLine] = []

    def set_lines(self, lines: Sequence[AgendaLine]) -> None:
        """Show these lines."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(line)
        if role == Qt.ItemDataRole.ToolTipRole and line.kind != "now":
            return spoken(line)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if index.isValid() and self.lines[index.row()].kind == "now":
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def about(event: Event) -> str:
    """What stands under an appointment: whom it is with, else where."""
    parts = [link.title for link in event.links[:2]] or ([event.place] if event.place else [])
    if len(parts) == 1 and event.place and event.place not in parts:
        parts.append(event.place)
    return " · ".join(parts)


def spoken(line: AgendaLine) -> str:
    """A line in words."""
    if line.kind == "now":
        return _("now, {time}").format(time=format_time(line.start))
    if line.kind == "free":
        return free_text(line)
    event = line.event
    assert event is not None
    when = _("all day") if event.all_day else f"{format_time(line.start)} – {format_time(line.end)}"
    kind = translate(_LABELS[event.kind]) if event.kind in _LABELS else ""
    done = _("done") if event.done else ""
    parts = [event.subject or _("Without a subject"), when, kind, about(event), line.owner, done]
    return ", ".join(part for part in parts if part)


def free_text(line: AgendaLine) -> str:
    """The words of a gap."""
    return _("Free from {start} to {end}").format(start=format_time(line.start), end=format_time(line.end))


class AgendaDelegate(QStyledItemDelegate):
    """Paints the lines of the day."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        line: AgendaLine = index.data(Qt.ItemDataRole.UserRole)
        return QSize(px(160), px(_HEIGHTS[line.kind]))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: AgendaLine = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        painter.save()
        painter.setLayoutDirection(option.direction)
        if line.kind == "now":
            self._paint_now(painter, rect, line)
        elif line.kind == "free":
            self._paint_free(painter, rect, line, bool(option.state & QStyle.StateFlag.State_MouseOver))
        else:
            focused = option.state & QStyle.StateFlag.State_HasFocus
            if option.state & QStyle.StateFlag.State_MouseOver:
                fill_round(painter, rect.adjusted(px(8), 0, -px(8), 0), px(6), "hover")
            if focused:
                frame_round(painter, rect.adjusted(px(8), 0, -px(8), 0), px(6), "focus")
            self._paint_event(painter, rect, line)
        painter.restore()

    @staticmethod
    def _time_width() -> int:
        """The width of every time, and of the present one, which is bold."""
        longest = format_time(time(22, 38))
        return max(px(40), text_width(longest, "secondary") + 1, text_width(longest, "secondary-strong") + 1)

    def _paint_now(self, painter: QPainter, rect: QRect, line: AgendaLine) -> None:
        direction, wide = painter.layoutDirection(), self._time_width()
        label = QRect(rect.left() + px(16), rect.top(), wide, rect.height())
        trailing = Qt.AlignmentFlag.AlignTrailing
        spot = mirrored(label, rect, direction)
        draw_text(painter, spot, format_time(line.start), "secondary-strong", "danger", trailing, elide=False)
        left = label.right() + px(12)
        track = QRect(left, rect.center().y(), rect.right() - px(16) - left, 1)
        painter.fillRect(mirrored(track, rect, direction), theme().color("danger"))
        dot = QRect(left - px(3), rect.center().y() - px(3), px(7), px(7))
        fill_round(painter, mirrored(dot, rect, direction), dot.width() / 2, "danger")

    def _paint_free(self, painter: QPainter, rect: QRect, line: AgendaLine, over: bool) -> None:
        direction = painter.layoutDirection()
        left = px(16) + self._time_width() + px(12)
        box = QRect(rect.left() + left, rect.top() + px(6), rect.width() - left - px(16), rect.height() - px(12))
        shown = mirrored(box, rect, direction)
        frame_round(painter, shown, px(6), "border-strong", "hover" if over else None, dashed=True)
        side = px(14)
        mark = QRect(box.left() + px(12), box.center().y() - side // 2, side, side)
        icon = "ph.plus" if over else "ph.coffee"
        paint_icon(painter, QRectF(mirrored(mark, rect, direction)), icon, "text-muted")
        words = QRect(mark.right() + px(9), box.top(), box.right() - mark.right() - px(17), box.height())
        draw_text(painter, mirrored(words, rect, direction), free_text(line), "secondary", "text-muted")

    def _paint_event(self, painter: QPainter, rect: QRect, line: AgendaLine) -> None:
        event, direction, wide = line.event, painter.layoutDirection(), self._time_width()
        assert event is not None
        hue = f"hue-{_HUES.get(event.kind, 8)}-ink"
        column = QRect(rect.left() + px(16), rect.center().y() - px(18), wide, px(18))
        trailing = Qt.AlignmentFlag.AlignTrailing
        muted = "text-muted" if line.past else "text"
        if line.kind == "event":
            first = mirrored(column, rect, direction)
            draw_text(painter, first, format_time(line.start), "secondary", muted, trailing, elide=False)
            second = mirrored(column.translated(0, px(18)), rect, direction)
            draw_text(painter, second, format_time(line.end), "secondary", "text-muted", trailing, elide=False)
        else:
            middle = mirrored(QRect(column.left(), rect.top(), wide, rect.height()), rect, direction)
            draw_text(painter, middle, _("day"), "secondary", "text-muted", trailing)
        edge = QRect(column.right() + px(12), rect.center().y() - px(18), px(3), px(36))
        if line.kind == "all_day":
            edge = QRect(edge.left(), rect.center().y() - px(12), px(3), px(24))
        fill_round(painter, mirrored(edge, rect, direction), px(2), hue)
        side = px(16)
        mark = QRect(rect.right() - px(16) - side, rect.center().y() - side // 2, side, side)
        icon = "ph.check-circle" if event.done else KIND_ICONS.get(event.kind, "ph.calendar-blank")
        paint_icon(painter, QRectF(mirrored(mark, rect, direction)), icon, hue)
        left, right = edge.right() + px(12), mark.left() - px(8)
        if line.owner:
            face = QRect(right - px(20), rect.center().y() - px(10), px(20), px(20))
            paint_avatar(painter, QRectF(mirrored(face, rect, direction)), line.owner)
            right = face.left() - px(8)
        self._paint_words(painter, rect, QRect(left, 0, right - left, 0), line, muted)

    @staticmethod
    def _paint_words(painter: QPainter, rect: QRect, room: QRect, line: AgendaLine, color: str) -> None:
        event, direction = line.event, painter.layoutDirection()
        assert event is not None
        under = about(event) if line.kind == "event" else ""
        top = rect.center().y() - (px(18) if under else px(10))
        first = QRect(room.left(), top, room.width() - (px(20) if event.recurring else 0), px(20))
        role = "body" if line.past else "name"
        title = event.subject or _("Without a subject")
        used = draw_text(painter, mirrored(first, rect, direction), title, role, color)
        if event.recurring:
            mark = QRect(first.left() + used + px(6), top + px(3), px(14), px(14))
            paint_icon(painter, QRectF(mirrored(mark, rect, direction)), "ph.repeat", "text-muted")
        second = QRect(room.left(), top + px(20), room.width(), px(16))
        draw_text(painter, mirrored(second, rect, direction), under, "secondary", "text-muted")


class AgendaList(QListView):
    """The lines of the day. ``opened`` sends an Event, ``free_chosen`` the start and the end of a gap."""

    opened = Signal(object)
    free_chosen = Signal(object, object)
    toggled = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.agenda = AgendaModel(self)
        self.setModel(self.agenda)
        self.setItemDelegate(AgendaDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        on_theme(self, self.doItemsLayout)

    def set_lines(self, lines: Sequence[AgendaLine]) -> None:
        """Show these lines; what was current stays so."""
        row = self.currentIndex().row()
        event = self.agenda.lines[row].event if 0 <= row < len(self.agenda.lines) else None
        if event is not None:
            same = (
                number for number, one in enumerate(lines) if one.event and one.event.activity_id == event.activity_id
            )
            row = next(same, row)
        self.agenda.set_lines(lines)
        if 0 <= row < len(lines):
            self.setCurrentIndex(self.agenda.index(row))

    def content_height(self) -> int:
        """The height that shows the whole day."""
        return sum(px(_HEIGHTS[line.kind]) for line in self.agenda.lines)

    def activate_row(self, row: int) -> None:
        """Open an appointment, or plan something in a gap."""
        if not 0 <= row < len(self.agenda.lines):
            return
        line = self.agenda.lines[row]
        if line.event is not None:
            self.opened.emit(line.event)
        elif line.kind == "free":
            self.free_chosen.emit(line.start, line.end)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.activate_row(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.currentIndex().row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activate_row(row)
        elif event.key() == Qt.Key.Key_Space and 0 <= row < len(self.agenda.lines) and self.agenda.lines[row].event:
            self.toggled.emit(self.agenda.lines[row].event)
        else:
            super().keyPressEvent(event)
