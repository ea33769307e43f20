"""A month, painted: bars of several days first, then the times, then how many more there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from crm_desktop.calendar.occurrences import to_utc
from crm_desktop.core import clock
from crm_desktop.core.formats import first_weekday, format_date, month_name, weekday_names
from crm_desktop.core.i18n import _, ngettext
from ui.calendar.items import WEEKEND, CalendarItem, at, clock_text, on_day, shifted, spoken
from ui.calendar.layout import Columns, columns, month_grid, pack_bars
from ui.calendar.paint import REPEAT_ICON, paint_bar, paint_mark, title_font
from ui.framework.retranslate import on_language_change
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

_HEADER = 28
_NUMBER = 24
_STEP = 24
_ENTRY = 22
_PAD = 4
_NEW_HOUR = 9


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a day: a bar, a time or, where ``item`` is None, how many more there are."""

    item: CalendarItem | None
    rect: QRect
    day: date
    bar: bool = False
    begins: bool = True
    ends: bool = True
    more: int = 0


class MonthView(QWidget):
    """The weeks of a month. One day is chosen; a panel beside it reads that day in full."""

    create_requested = Signal(object, object, bool)
    moved = Signal(object, object, object)
    opened = Signal(object)
    day_chosen = Signal(object)
    day_entered = Signal(object)
    menu_requested = Signal(object, object)

    def __init__(self, zone: ZoneInfo | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.zone = zone or clock.local_zone()
        self.chosen = clock.now().astimezone(self.zone).date()
        self.items: list[CalendarItem] = []
        self.typed_text = ""
        self.weeks: list[date] = []
        self._entries: list[Entry] | None = None
        self._pressed: tuple[CalendarItem, date, QPoint] | None = None
        self._target: date | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_month(self.chosen)
        on_theme(self, self._on_look_changed)
        on_language_change(self, self._on_look_changed)

    def set_month(self, day: date) -> None:
        """Show the month of a day."""
        self.month = day.replace(day=1)
        self.weeks = month_grid(self.month, first_weekday())
        self.setAccessibleName(_("Calendar, {days}").format(days=format_date(self.month, "month")))
        self._forget_entries()

    def choose(self, day: date) -> None:
        """Choose a day, which may turn the page."""
        self.chosen = day
        if (day.year, day.month) != (self.month.year, self.month.month):
            self.set_month(day)
        self._tell()

    def set_items(self, items: Sequence[CalendarItem]) -> None:
        """Show these events."""
        self.items = list(items)
        self._forget_entries()
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(px(700), px(_HEADER) + 6 * px(96))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(320), px(_HEADER) + len(self.weeks) * px(56))

    def cells(self) -> Columns:
        """The columns of the weekdays."""
        days = [self.weeks[0] + timedelta(days=index) for index in range(7)]
        right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        return columns(days, 0, self.width(), mirrored=right_to_left)

    def cell_rect(self, day: date) -> QRect:
        """The cell of a day that is shown."""
        ahead = (day - self.weeks[0]).days
        left, width = self.cells().span(ahead % 7)
        top, bottom = self._row_edges(ahead // 7)
        return QRect(left, top, width, bottom - top)

    def day_at(self, point: QPoint) -> date:
        """The day under a point, or the nearest one."""
        week = len(self.weeks) - 1
        for index in range(len(self.weeks)):
            if point.y() < self._row_edges(index)[1]:
                week = index
                break
        return self.weeks[week] + timedelta(days=self.cells().index_at(point.x()))

    def entries(self) -> list[Entry]:
        """Everything that is drawn in the cells, with its rectangle."""
        if self._entries is None:
            self._entries = [entry for index in range(len(self.weeks)) for entry in self._lay_out_week(index)]
        return self._entries

    def entry_at(self, point: QPoint) -> Entry | None:
        """The line under a point."""
        return next((entry for entry in self.entries() if entry.rect.contains(point)), None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._forget_entries()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.LayoutDirectionChange:
            self._forget_entries()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        painter.fillRect(self.rect(), theme().color("surface"))
        self._paint_header(painter)
        for index in range(len(self.weeks)):
            for column in range(7):
                self._paint_cell(painter, self.weeks[index] + timedelta(days=column))
        for entry in self.entries():
            self._paint_entry(painter, entry)
        chosen = self._target or self.chosen
        if self.weeks[0] <= chosen < self.weeks[-1] + timedelta(days=7):
            color = "accent" if self.hasFocus() or self._target else "border-strong"
            today = chosen == clock.now().astimezone(self.zone).date()
            frame_round(painter, self.cell_rect(chosen), 1, "accent" if today else color, width=2)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        day = self.day_at(point)
        self.chosen = day
        entry = self.entry_at(point)
        if entry is not None and entry.item is not None and entry.item.editable:
            self._pressed = (entry.item, day, point)
        self._tell()
        self.day_chosen.emit(day)
        if entry is not None and entry.more:
            self.day_entered.emit(day)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        point = event.position().toPoint()
        if self._target or (point - self._pressed[2]).manhattanLength() >= QApplication.startDragDistance():
            self._target = self.day_at(point)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, self._pressed = self._pressed, None
        target, self._target = self._target, None
        self.unsetCursor()
        self.update()
        if pressed is None or target is None or target == pressed[1]:
            return
        self._move(pressed[0], (target - pressed[1]).days)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        entry = self.entry_at(event.position().toPoint())
        if entry is not None and entry.item is not None:
            self.opened.emit(entry.item.key)
        elif entry is None:
            self._create()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        entry = self.entry_at(event.pos())
        if entry is not None and entry.item is not None:
            self.menu_requested.emit(entry.item.key, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        step = steps.get(Qt.Key(event.key()))
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        if step is not None and plain:
            if abs(step) == 1 and self.cells().mirrored:
                step = -step
            self.choose(self.chosen + timedelta(days=step))
            self.day_chosen.emit(self.chosen)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.day_entered.emit(self.chosen)
        elif event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self._pressed = self._target = None
            self.update()
        elif plain and event.text().strip() and event.text().isprintable():
            self._create("" if event.text().lower() == "n" else event.text())
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            entry = self.entry_at(event.pos())
            shown = spoken(entry.item).replace("; ", "\n") if entry is not None and entry.item else ""
            QToolTip.showText(event.globalPos(), shown, self, entry.rect if entry else QRect())
            return True
        return super().event(event)

    def _move(self, item: CalendarItem, days: int) -> None:
        wall = item.start.replace(tzinfo=None) + timedelta(days=days)
        zone = item.start.tzinfo or self.zone
        moved = shifted(item, to_utc(wall, zone).astimezone(zone))
        self.set_items([moved if one.key == item.key else one for one in self.items])
        self.moved.emit(moved.key, moved.start, moved.end)

    def _create(self, text: str = "") -> None:
        self.typed_text = text
        start = at(self.chosen, _NEW_HOUR * 60, self.zone)
        self.create_requested.emit(start, at(self.chosen, (_NEW_HOUR + 1) * 60, self.zone), False)

    def _row_edges(self, week: int) -> tuple[int, int]:
        top, room = px(_HEADER), self.height() - px(_HEADER)
        count = len(self.weeks)
        return top + room * week // count, top + room * (week + 1) // count

    def _lay_out_week(self, week: int) -> list[Entry]:
        first = self.weeks[week]
        top, bottom = self._row_edges(week)
        room = max(1, (bottom - top - px(_PAD + _NUMBER)) // px(_STEP))
        long = [item for item in self.items if item.is_bar]
        bars = pack_bars([(item.first_day, item.last_day) for item in long], first, 7)
        # A bar is drawn where it is not in the way of the line that counts what is left out.
        full = [len(on_day(self.items, first + timedelta(days=column))) > room for column in range(7)]
        entries, shown = [], [0] * 7
        pushed = [0] * 7
        for bar in bars:
            limit = room - 1 if any(full[bar.first : bar.last + 1]) else room
            if bar.row >= limit:
                continue
            left, width = self.cells().span(bar.first, bar.last)
            rect = QRect(left + px(_PAD), self._line(top, bar.row), width - px(2 * _PAD) - 1, px(_ENTRY))
            day = first + timedelta(days=bar.first)
            entries.append(Entry(long[bar.index], rect, day, True, bar.begins, bar.ends))
            for column in range(bar.first, bar.last + 1):
                shown[column] += 1
                pushed[column] = max(pushed[column], bar.row + 1)
        for column in range(7):
            entries += self._lay_out_day(
                first + timedelta(days=column), column, top, room, pushed[column], shown[column]
            )
        return entries

    def _lay_out_day(self, day: date, column: int, top: int, room: int, pushed: int, shown: int) -> list[Entry]:
        all_items = on_day(self.items, day)
        times = [item for item in all_items if not item.is_bar and item.first_day == day]
        left, width = self.cells().span(column)
        total = len([item for item in all_items if item.is_bar]) + len(times)
        fits = room - pushed if total - shown <= room - pushed else max(0, room - pushed - 1)
        entries = []
        for index, item in enumerate(times[:fits]):
            rect = QRect(left + px(_PAD), self._line(top, pushed + index), width - px(2 * _PAD), px(_ENTRY))
            entries.append(Entry(item, rect, day))
        hidden = total - shown - len(entries)
        if hidden > 0:
            row = min(pushed + len(entries), room - 1)
            rect = QRect(left + px(_PAD), self._line(top, row), width - px(2 * _PAD), px(_ENTRY))
            entries.append(Entry(None, rect, day, more=hidden))
        return entries

    def _line(self, top: int, row: int) -> int:
        return top + px(_PAD + _NUMBER) + row * px(_STEP)

    def _paint_header(self, painter: QPainter) -> None:
        painter.fillRect(QRect(0, 0, self.width(), 1), theme().color("border"))
        grid = self.cells()
        for index, day in enumerate(grid.days):
            left, width = grid.span(index)
            name = weekday_names()[day.weekday()].removesuffix("-feira")
            if text_width(name, "secondary") > width - px(12):
                name = weekday_names(short=True)[day.weekday()]
            rect = QRect(left + px(8), 0, width - px(10), px(_HEADER))
            draw_text(painter, rect, name, "secondary", "text-muted")

    def _paint_cell(self, painter: QPainter, day: date) -> None:
        rect = self.cell_rect(day)
        other = day.month != self.month.month
        if other or day.weekday() in WEEKEND:
            painter.fillRect(rect, theme().color("sunken"))
        border = theme().color("border")
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), border)
        edge = rect.left() if self.cells().mirrored else rect.right()
        painter.fillRect(QRect(edge, rect.top(), 1, rect.height()), border)
        text = str(day.day)
        if other and day.day == 1:
            text = _("{day} {month}").format(day=day.day, month=month_name(day.month, short=True))
        number = QRect(rect.left() + px(8), rect.top() + px(4), rect.width() - px(16), px(_NUMBER))
        if day == clock.now().astimezone(self.zone).date():
            wide = text_width(text, "secondary-strong") + px(14)
            pill = mirrored(QRect(rect.left() + px(7), number.top() + 1, wide, px(22)), rect, self.layoutDirection())
            fill_round(painter, QRectF(pill), px(11), "accent")
            draw_text(painter, pill, text, "secondary-strong", "on-accent", Qt.AlignmentFlag.AlignCenter, elide=False)
        else:
            role, ink = ("secondary", "text-muted") if other else ("secondary-strong", "text")
            draw_text(painter, number, text, role, ink)

    def _paint_entry(self, painter: QPainter, entry: Entry) -> None:
        item = entry.item
        if item is None:
            text = ngettext("{n} more", "{n} more", entry.more).format(n=entry.more)
            draw_text(painter, entry.rect.adjusted(px(4), 0, 0, 0), text, "secondary", "text-muted")
            return
        if self._target and self._pressed and item.key == self._pressed[0].key:
            painter.setOpacity(0.45)
        if entry.bar:
            paint_bar(painter, entry.rect, item, item.title, begins=entry.begins, ends=entry.ends)
        else:
            self._paint_time(painter, entry.rect, item)
        painter.setOpacity(1.0)

    def _paint_time(self, painter: QPainter, rect: QRect, item: CalendarItem) -> None:
        direction = self.layoutDirection()
        mark = mirrored(QRect(rect.left(), rect.top() + px(2), px(18), px(18)), rect, direction)
        paint_mark(painter, mark, item.color_index, "ph.check" if item.done else item.icon)
        rest = rect.adjusted(px(22), 0, 0, 0)
        if item.recurring and rect.width() > px(110):
            repeat = mirrored(QRect(rect.right() - px(14), rect.top() + px(4), px(14), px(14)), rect, direction)
            paint_icon(painter, QRectF(repeat), REPEAT_ICON, "text-muted")
            rest = rest.adjusted(0, 0, -px(18), 0)
        when = clock_text(item.start)
        if rect.width() > px(96):
            wide = text_width(when, "secondary")
            draw_text(painter, mirrored(QRect(rest.left(), rest.top(), wide + 1, rest.height()), rect, direction), when,
                      "secondary", "text-muted")  # fmt: skip
            rest = rest.adjusted(wide + px(5), 0, 0, 0)
        ink = "text-muted" if item.done else "text"
        draw_text(painter, mirrored(rest, rect, direction), item.title, title_font(item, "secondary"), ink)

    def _forget_entries(self) -> None:
        self._entries = None
        self.update()

    def _on_look_changed(self) -> None:
        self.set_month(self.month)
        self.updateGeometry()

    def _tell(self) -> None:
        """Say the chosen day, for people who listen to the screen."""
        items = on_day(self.items, self.chosen)
        count = ngettext("{n} event", "{n} events", len(items)).format(n=len(items))
        parts = [format_date(self.chosen, "full"), count, *(item.title for item in items)]
        self.setAccessibleDescription("; ".join(parts))
        self.update()


def month_window(weeks: Sequence[date], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants around the weeks that a month shows."""
    return at(weeks[0], 0, zone), at(weeks[-1] + timedelta(days=7), 0, zone)
