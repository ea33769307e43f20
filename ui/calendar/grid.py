"""The hours of some days with the mouse and the keys: draw, move, stretch, open, drop a task."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.core.i18n import _
from ui.calendar.canvas import Placed
from ui.calendar.grid_keys import NEW_LENGTH, SLOT, KeyedGrid
from ui.calendar.items import DAY_MINUTES, SNAP, CalendarItem, minutes, shifted, span_on, spoken
from ui.theme.theme import px

TASK_MIME = "application/x-crm-calendar-task"
_HANDLE = 6


@dataclass(slots=True)
class _Drag:
    """What the mouse is doing: "create", "move" or "resize", and where it took hold."""

    mode: str
    origin: QPoint
    column: int
    anchor: int
    item: CalendarItem | None = None
    earliest: int = 0
    going: bool = False
    first: int = 0
    last: int = 0


class TimeGrid(KeyedGrid):
    """Hours that can be worked in, with everything of :class:`KeyedGrid`."""

    task_dropped = Signal(object, object, object)
    menu_requested = Signal(object, object)

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(zone, parent)
        self._drag: _Drag | None = None
        self.setMouseTracking(True)
        self.setAcceptDrops(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = event.position().toPoint()
        column = self.grid_columns().index_at(point.x())
        placed = self.placed_at(point)
        if placed is None:
            first = self.minute_at(point.y() - self.y_of(SNAP) // 2)
            self.cursor_day, self.cursor_minute = column, min(first // SLOT * SLOT, DAY_MINUTES - SLOT)
            self.select(None)
            self._drag = _Drag("create", point, column, first, first=first, last=first + SLOT)
            return
        self.cursor_day = placed.column
        self.select(placed.item.key)
        if placed.item.editable:
            mode = "resize" if self._on_handle(placed, point) else "move"
            begin = minutes(placed.item.start) - (self.days[placed.column] - placed.item.first_day).days * DAY_MINUTES
            grabbed = self.minute_at(point.y(), 1) - begin
            self._drag = _Drag(
                mode, point, placed.column, grabbed, placed.item, earliest=-DAY_MINUTES if begin < 0 else 0
            )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        if self._drag is None:
            self._show_cursor_shape(point)
            return
        far = (point - self._drag.origin).manhattanLength() >= QApplication.startDragDistance()
        if not self._drag.going and not far:
            return
        self._drag.going = True
        if self.scroller is not None:
            self.scroller.ensureVisible(point.x(), point.y(), 0, px(32))
        self._follow(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        self.set_preview(None)
        if drag is None or not drag.going:
            return
        start, end = self.moment(drag.column, drag.first), self.moment(drag.column, drag.last)
        if drag.mode == "create":
            self._create(start, end)
        elif drag.item is not None and drag.mode == "resize":
            self._change(replace(drag.item, end=max(end, drag.item.start)), resize=True)
        elif drag.item is not None:
            self._change(shifted(drag.item, start), resize=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        placed = self.placed_at(event.position().toPoint())
        if placed is not None:
            self.opened.emit(placed.item.key)
        else:
            self._create_at_cursor()

    def _follow(self, point: QPoint) -> None:
        drag = self._drag
        assert drag is not None
        if drag.mode == "create":
            now = self.minute_at(point.y())
            drag.first, drag.last = min(drag.anchor, now), max(drag.anchor + SNAP, now)
            item = CalendarItem("", _("New event"), "", self.moment(drag.column, drag.first), self._end_of(drag))
            self.set_preview((item, self.days[drag.column], drag.first, drag.last))
            return
        assert drag.item is not None
        if drag.mode == "resize":
            begin = (span_on(drag.item, self.days[drag.column]) or (0, 0))[0]
            drag.first, drag.last = begin, max(self.minute_at(point.y()), begin + SNAP)
            item = replace(drag.item, end=self._end_of(drag))
            self.set_preview((item, self.days[drag.column], drag.first, drag.last), drag.item.key)
            return
        drag.column = self.grid_columns().index_at(point.x())
        begin = self.minute_at(point.y(), 1) - drag.anchor
        drag.first = max(drag.earliest, min(DAY_MINUTES - SNAP, round(begin / SNAP) * SNAP))
        item = shifted(drag.item, self.moment(drag.column, drag.first))
        shown = span_on(item, self.days[drag.column]) or (drag.first, drag.first + SNAP)
        self.set_preview((item, self.days[drag.column], *shown), drag.item.key)

    def _end_of(self, drag: _Drag) -> datetime:
        return self.moment(drag.column, drag.last)

    def _on_handle(self, placed: Placed, point: QPoint) -> bool:
        if placed.item.last_day != self.days[placed.column]:
            return False
        return placed.rect.height() > px(14) and point.y() >= placed.rect.bottom() - px(_HANDLE)

    def _show_cursor_shape(self, point: QPoint) -> None:
        placed = self.placed_at(point)
        if placed is not None and placed.item.editable and self._on_handle(placed, point):
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        else:
            self.unsetCursor()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() is QContextMenuEvent.Reason.Mouse
        placed = self.placed_at(event.pos()) if by_mouse else None
        if placed is not None:
            self.select(placed.item.key)
        if self.selected_key is not None and (placed is not None or not by_mouse):
            rect = next(one.rect for one in self.places() if one.item.key == self.selected_key)
            where = event.globalPos() if by_mouse else self.mapToGlobal(rect.center())
            self.menu_requested.emit(self.selected_key, where)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._drag is not None:
            self._drag = None
            self.set_preview(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            placed = self.placed_at(event.pos())
            if placed is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), spoken(placed.item).replace("; ", "\n"), self, placed.rect)
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(TASK_MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        _key, title = read_task(event.mimeData())
        column, first, last = self._drop_slot(event.position().toPoint())
        item = CalendarItem(
            "", title, "", self.moment(column, first), self.moment(column, last), icon="ph.check-square"
        )
        self.set_preview((item, self.days[column], first, last))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.set_preview(None)

    def dropEvent(self, event: QDropEvent) -> None:
        key, _title = read_task(event.mimeData())
        column, first, last = self._drop_slot(event.position().toPoint())
        self.set_preview(None)
        event.acceptProposedAction()
        self.task_dropped.emit(key, self.moment(column, first), self.moment(column, last))

    def _drop_slot(self, point: QPoint) -> tuple[int, int, int]:
        first = min(self.minute_at(point.y() - self.y_of(SNAP)), DAY_MINUTES - NEW_LENGTH)
        return self.grid_columns().index_at(point.x()), first, first + NEW_LENGTH


def task_mime(key: int | str, title: str) -> QMimeData:
    """A task on its way to an hour."""
    data = QMimeData()
    data.setData(TASK_MIME, json.dumps([key, title]).encode())
    data.setText(title)
    return data


def read_task(data: QMimeData) -> tuple[int | str, str]:
    """The key and the title of a task that is being dragged."""
    key, title = json.loads(bytes(data.data(TASK_MIME).data()).decode())
    return key, title


def day_range(day: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The aware midnights around the days from ``day`` to ``last``."""
    start = to_utc(datetime.combine(day, time()), zone).astimezone(zone)
    return start, to_utc(datetime.combine(last + timedelta(days=1), time()), zone).astimezone(zone)
