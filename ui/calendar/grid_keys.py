"""The hours of some days with the keys: choose, move, stretch, open and begin events."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from crm_desktop.calendar.occurrences import to_utc, to_wall
from crm_desktop.core.i18n import _
from ui.calendar.canvas import GridCanvas
from ui.calendar.items import DAY_MINUTES, SNAP, CalendarItem, in_order, minutes, shifted, span_on, spoken
from ui.theme.theme import px

NEW_LENGTH = 60
SLOT = 30
_PAUSE_MS = 500
_MARGIN = 72

_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class KeyedGrid(GridCanvas):
    """Hours with a cursor. Times in the signals are aware, in the zone of the view."""

    create_requested = Signal(object, object, bool)
    moved = Signal(object, object, object)
    resized = Signal(object, object, object)
    opened = Signal(object)
    delete_requested = Signal(object)
    selection_changed = Signal(object)
    left = Signal(int)
    """The cursor went past the first (-1) or the last (1) day."""

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(zone, parent)
        self.scroller: QScrollArea | None = None
        self.typed_text = ""
        self._nudged: tuple[Hashable, bool] | None = None
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._send_nudge)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def selected_item(self) -> CalendarItem | None:
        """The chosen event."""
        return next((item for item in self.items if item.key == self.selected_key), None)

    def select(self, key: Hashable | None) -> None:
        """Choose an event, or none."""
        self._send_nudge()
        item = next((one for one in self.items if one.key == key), None)
        self.selected_key = item.key if item else None
        if item is not None:
            shown = [index for index, day in enumerate(self.days) if span_on(item, day)]
            if shown and self.cursor_day not in shown:
                self.cursor_day = shown[0]
            self.cursor_minute = (span_on(item, self.days[self.cursor_day]) or (minutes(item.start), 0))[0]
        self._tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, held = event.key(), event.modifiers()
        alt = bool(held & Qt.KeyboardModifier.AltModifier)
        step = _STEPS.get(Qt.Key(key))
        if step is not None:
            across, down = step
            if self.grid_columns().mirrored:
                across = -across
            if not alt:
                self._go(across, down)
            elif held & Qt.KeyboardModifier.ShiftModifier:
                self._nudge(0, down * SNAP, resize=True)
            else:
                self._nudge(across, down * SNAP, resize=False)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_or_create()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.selected_key is not None:
            self._send_nudge()
            self.delete_requested.emit(self.selected_key)
        elif _is_typing(event):
            self._create_at_cursor("" if event.text().lower() == "n" else event.text())
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Alt:
            self._send_nudge()
        super().keyReleaseEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._tell()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._send_nudge()
        self.update()
        super().focusOutEvent(event)

    def _go(self, across: int, down: int) -> None:
        self._send_nudge()
        if across:
            column = self.cursor_day + across
            if not 0 <= column < len(self.days):
                self.left.emit(across)
                return
            self.cursor_day = column
            self._choose(self._covering(self.cursor_minute))
        else:
            self._go_down() if down > 0 else self._go_up()
        if self.scroller is not None:
            left, width = self.grid_columns().span(self.cursor_day)
            self.scroller.ensureVisible(left + width // 2, self.y_of(self.cursor_minute + SLOT // 2), 0, px(_MARGIN))
        self._tell()

    def _day_items(self) -> list[CalendarItem]:
        day = self.days[self.cursor_day]
        return in_order(item for item in self.items if span_on(item, day))

    def _first_minute(self, item: CalendarItem) -> int:
        return (span_on(item, self.days[self.cursor_day]) or (0, 0))[0]

    def _covering(self, minute: int) -> CalendarItem | None:
        day = self.days[self.cursor_day]
        for item in self._day_items():
            first, last = span_on(item, day) or (0, 0)
            if first < minute + SLOT and minute < last:
                return item
        return None

    def _go_down(self) -> None:
        items, chosen = self._day_items(), self.selected_item
        index = items.index(chosen) if chosen in items else -1
        slot = self.cursor_minute // SLOT * SLOT + SLOT
        if chosen is not None and index >= 0:
            ends = (span_on(chosen, self.days[self.cursor_day]) or (0, 0))[1]
            slot = max(slot, -(-ends // SLOT) * SLOT)
        here = self.cursor_minute
        following = items[index + 1 :] if index >= 0 else [one for one in items if self._first_minute(one) > here]
        if following and self._first_minute(following[0]) < slot + SLOT:
            self._choose(following[0])
        else:
            self.cursor_minute = min(slot, DAY_MINUTES - SLOT)
            self._choose(None)

    def _go_up(self) -> None:
        items, chosen, day = self._day_items(), self.selected_item, self.days[self.cursor_day]
        here = self.cursor_minute
        before = items[: items.index(chosen)] if chosen in items else [i for i in items if self._first_minute(i) < here]
        slot = max(0, (here - 1) // SLOT * SLOT)
        covering = next((item for item in reversed(before) if (span_on(item, day) or (0, 0))[1] > slot), None)
        if covering is None:
            self.cursor_minute = slot
        self._choose(covering)

    def _choose(self, item: CalendarItem | None) -> None:
        self.selected_key = item.key if item else None
        if item is not None:
            self.cursor_minute = self._first_minute(item)

    def _nudge(self, days: int, by: int, *, resize: bool) -> None:
        """Move or stretch the chosen event a step; it is sent on when the hand rests."""
        item = self.selected_item
        if item is None or not item.editable:
            return
        if self._nudged is not None and self._nudged[1] != resize:
            self._send_nudge()
        wall = to_wall(item.end if resize else item.start, self.zone) + timedelta(days=days, minutes=by)
        moment = to_utc(wall, self.zone).astimezone(self.zone)
        if resize:
            changed = replace(item, end=max(moment, self._after(item.start, SNAP)))
        else:
            changed = shifted(item, moment)
        if not resize and changed.first_day not in self.days:
            return
        self._nudged = (item.key, resize)
        self._put(changed)
        self._pause.start()
        if not resize:
            self.cursor_day = self.days.index(changed.first_day)
            self.cursor_minute = minutes(changed.start)
        self._tell()

    def _after(self, moment: datetime, by: int) -> datetime:
        return to_utc(to_wall(moment, self.zone) + timedelta(minutes=by), self.zone).astimezone(self.zone)

    def _send_nudge(self) -> None:
        self._pause.stop()
        nudged, self._nudged = self._nudged, None
        if nudged is None:
            return
        item = next((one for one in self.items if one.key == nudged[0]), None)
        if item is not None:
            (self.resized if nudged[1] else self.moved).emit(item.key, item.start, item.end)

    def _change(self, item: CalendarItem, *, resize: bool) -> None:
        self._put(item)
        self._tell()
        (self.resized if resize else self.moved).emit(item.key, item.start, item.end)

    def _put(self, item: CalendarItem) -> None:
        """Show an event at its new place at once, before the record is read again."""
        self.items = [item if one.key == item.key else one for one in self.items]
        self._forget_places()

    def _open_or_create(self) -> None:
        self._send_nudge()
        if self.selected_key is not None:
            self.opened.emit(self.selected_key)
        else:
            self._create_at_cursor()

    def _create_at_cursor(self, text: str = "") -> None:
        start = self.moment(self.cursor_day, self.cursor_minute)
        self._create(start, self.moment(self.cursor_day, self.cursor_minute + NEW_LENGTH), text)

    def _create(self, start: datetime, end: datetime, text: str = "") -> None:
        self.typed_text = text
        self.create_requested.emit(start, end, False)

    def _tell(self) -> None:
        """Say where the cursor is, for people who listen to the screen."""
        item = self.selected_item
        self.setAccessibleDescription(spoken(item) if item else self._spoken_slot())
        self.update()
        self.selection_changed.emit(self.selected_key)

    def _spoken_slot(self) -> str:
        start = self.moment(self.cursor_day, self.cursor_minute)
        free = CalendarItem("", _("Free"), "", start, self.moment(self.cursor_day, self.cursor_minute + SLOT))
        return spoken(free)


def _is_typing(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return held == Qt.KeyboardModifier.NoModifier and event.text().isprintable() and bool(event.text().strip())
