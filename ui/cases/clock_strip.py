"""The three clocks of a case side by side."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from crm_desktop.cases.clocks import RISK, Clock
from crm_desktop.cases.words import clock_name, clock_note, clock_text, span_text
from crm_desktop.core.formats import format_datetime
from crm_desktop.core.i18n import _
from ui.cases.looks import CLOCK_COLORS, CLOCK_ICONS
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

_HEIGHT = 78


class ClockStrip(QWidget):
    """First response, next response, solution: what is left, until when, and a bar with a notch where risk begins."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clocks: tuple[Clock, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_clocks(self, clocks: Sequence[Clock]) -> None:
        """Show these clocks."""
        self._clocks = tuple(clocks)
        self.setAccessibleName("; ".join(_spoken(clock) for clock in self._clocks))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(480), px(_HEIGHT))

    def _cell(self, index: int) -> QRect:
        """The inside of a cell: padding 24 at the ends, 12 at the lines between."""
        left, right = px(24), self.width() - px(24)
        count = max(1, len(self._clocks))
        start, end = left + (right - left) * index // count, left + (right - left) * (index + 1) // count
        return QRect(start, 0, end - start, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        line = theme().color("border")
        painter.fillRect(0, 0, self.width(), 1, line)
        painter.fillRect(0, self.height() - 1, self.width(), 1, line)
        for index, clock in enumerate(self._clocks):
            cell = self._cell(index)
            if index:
                edge = mirrored(QRect(cell.left(), 0, 1, self.height()), self.rect(), self.layoutDirection())
                painter.fillRect(edge, line)
            start, end = px(12) if index else 0, px(12) if index < len(self._clocks) - 1 else 0
            self._paint_clock(painter, cell.adjusted(start, 0, -end, 0), clock)

    def _paint_clock(self, painter: QPainter, cell: QRect, clock: Clock) -> None:
        whole, direction = self.rect(), self.layoutDirection()
        color = CLOCK_COLORS[clock.state]
        head = QRect(cell.left(), px(10), cell.width(), px(16))
        mark = QRect(head.left(), head.top(), px(16), px(16))
        paint_icon(painter, QRectF(mirrored(mark, whole, direction)), CLOCK_ICONS[clock.state], color)
        name, goal = clock_name(clock.kind), _goal(clock)
        room = head.width() - px(22)
        goal_width = text_width(goal, "secondary") + 1
        if text_width(name, "secondary") + px(8) + goal_width > room:
            goal, goal_width = "", 0
        label = QRect(mark.right() + px(7), head.top(), room - goal_width, head.height())
        draw_text(painter, mirrored(label, whole, direction), name, "secondary", "text-muted")
        spot = QRect(head.right() + 1 - goal_width, head.top(), goal_width, head.height())
        draw_text(painter, mirrored(spot, whole, direction), goal, "secondary", "text-muted")
        figure = clock_text(clock)
        quiet = clock.state in ("none", "paused")
        role = "section" if clock.state == "paused" else "figure-strip"
        width = text_width(figure, role) + 2
        value = QRect(cell.left(), px(27), min(width, cell.width()), px(28))
        draw_text(painter, mirrored(value, whole, direction), figure, role, "text-muted" if quiet else color)
        note = QRect(value.right() + px(8), px(30), cell.right() - value.right() - px(8), px(24))
        if note.width() > px(24):
            draw_text(painter, mirrored(note, whole, direction), clock_note(clock), "secondary", "text-muted")
        self._paint_bar(painter, QRect(cell.left(), px(61), cell.width(), px(4)), clock)

    def _paint_bar(self, painter: QPainter, track: QRect, clock: Clock) -> None:
        whole, direction = self.rect(), self.layoutDirection()
        fill_round(painter, mirrored(track, whole, direction), px(2), "hover")
        if clock.state == "none":
            return
        done = QRect(track.left(), track.top(), round(track.width() * min(max(clock.share, 0.0), 1.0)), track.height())
        color = {"running": "accent", "paused": "border-strong"}.get(clock.state, CLOCK_COLORS[clock.state])
        fill_round(painter, mirrored(done, whole, direction), px(2), color)
        notch = QRect(track.left() + round(track.width() * RISK), track.top(), px(2), track.height())
        painter.fillRect(mirrored(notch, whole, direction), theme().color("surface"))

    def event(self, event: object) -> bool:
        if isinstance(event, QHelpEvent):
            x = event.pos().x() if self.layoutDirection().name == "LeftToRight" else self.width() - event.pos().x()
            for index, clock in enumerate(self._clocks):
                if self._cell(index).left() <= x <= self._cell(index).right():
                    QToolTip.showText(event.globalPos(), _tooltip(clock), self)
                    return True
        return super().event(event)  # type: ignore[arg-type]


def _goal(clock: Clock) -> str:
    return _("target {time}").format(time=span_text(clock.target)) if clock.target else ""


def _spoken(clock: Clock) -> str:
    return f"{clock_name(clock.kind)}: {clock_text(clock)} {clock_note(clock)}".strip()


def _tooltip(clock: Clock) -> str:
    lines = [_spoken(clock)]
    if clock.due is not None:
        lines.append(_("Deadline: {when}").format(when=format_datetime(clock.due)))
    if clock.state == "paused":
        lines.append(_("The clock stands still while the customer is waited for."))
    return "\n".join(lines)
