"""The reminders that wait, at the lower right of the main window: what, when, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.calendar.reminders import Reminder
from crm_desktop.core import clock
from crm_desktop.core.formats import format_relative
from crm_desktop.core.i18n import _, ngettext, pgettext
from ui.calendar.items import time_range
from ui.calendar.looks import kind_icon, kind_label
from ui.framework.retranslate import on_language_change
from ui.theme.paint import frame_round, paint_shadow
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import ElidedLabel, Hairline, IconLabel
from ui.widgets.themed import margins, on_theme

LATER = (5, 15, 60)
"""After how many minutes one can be reminded again."""

_WIDTH = 400
_HEIGHT = 400
_SHADOW = 12
_STATUS_BAR, _FOOT = 28, 64
_TOP_BAR = 64
_LONG_AGO = timedelta(hours=12)


def when_text(one: Reminder, now: datetime) -> str:
    """When it is, as seen from now: "in 15 minutes · 14:30 – 15:00", "started 5 minutes ago …", "tomorrow"."""
    local = now.astimezone(one.start.tzinfo)
    if one.all_day:
        last = (one.end - timedelta(minutes=1)).date()
        return format_relative(max(one.start.date(), min(local.date(), last)), now)
    away = one.start - now
    if abs(away) >= _LONG_AGO:
        return format_relative(one.start, now, with_time=True)
    return f"{_distance(one, away)} · {time_range(one.start, one.end)}"


def _distance(one: Reminder, away: timedelta) -> str:
    minutes = -(-away // timedelta(minutes=1))  # rounded up: at 30 seconds it is in a minute, not now
    if minutes == 0:
        return _("now")
    if minutes > 0:
        if minutes < 60:
            return ngettext("in {n} minute", "in {n} minutes", minutes).format(n=minutes)
        hours = round(minutes / 60)
        return ngettext("in {n} hour", "in {n} hours", hours).format(n=hours)
    minutes = -minutes
    hours = round(minutes / 60)
    if one.start == one.end:
        if minutes < 60:
            return ngettext("was due {n} minute ago", "was due {n} minutes ago", minutes).format(n=minutes)
        return ngettext("was due {n} hour ago", "was due {n} hours ago", hours).format(n=hours)
    if minutes < 60:
        return ngettext("started {n} minute ago", "started {n} minutes ago", minutes).format(n=minutes)
    return ngettext("started {n} hour ago", "started {n} hours ago", hours).format(n=hours)


def later_text(minutes: int) -> str:
    """The word of a choice of when to be reminded again."""
    if minutes % 60 == 0:
        return ngettext("In {n} hour", "In {n} hours", minutes // 60).format(n=minutes // 60)
    return ngettext("In {n} minute", "In {n} minutes", minutes).format(n=minutes)


class ReminderLine(QWidget):
    """One reminder."""

    opened = Signal()
    snoozed = Signal(int)
    dismissed = Signal()

    def __init__(self, reminder: Reminder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.reminder = reminder
        self.line_above = Hairline(parent=parent)
        self.icon = IconLabel(kind_icon(reminder.kind), "accent", 18, 20)
        self.title = ElidedLabel("", "name")
        self.when = ElidedLabel("", "secondary")
        self.place = ElidedLabel("", "secondary", "text-muted")
        self.open_button = Button(small=True)
        self.again_button = Button(small=True, trailing="ph.caret-down")
        self.dismiss_button = Button(small=True)
        self.open_button.clicked.connect(self.opened)
        self.again_button.clicked.connect(self._choose)
        self.dismiss_button.clicked.connect(self.dismissed)
        buttons = QHBoxLayout()
        for button in self.buttons():
            # a click must not take the keyboard from what somebody types
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        buttons.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(0)
        for label in (self.title, self.when, self.place):
            words.addWidget(label)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        margins(self, 16, 12, 16, 12, 12)
        self._buttons = buttons
        on_theme(self, self._space)
        self.show_reminder(reminder)

    def buttons(self) -> tuple[Button, Button, Button]:
        """Open, remind again, dismiss."""
        return self.open_button, self.again_button, self.dismiss_button

    def show_reminder(self, reminder: Reminder) -> None:
        """Write what it says now."""
        self.reminder = reminder
        title = reminder.subject or _("Without a subject")
        when = when_text(reminder, clock.now())
        self.icon.set_icon(kind_icon(reminder.kind))
        self.title.setText(title)
        self.when.setText(when)
        self.place.setText(reminder.place)
        self.place.setVisible(bool(reminder.place))
        parts = [kind_label(reminder.kind), title, when, reminder.place]
        self.setAccessibleName("; ".join(part for part in parts if part))
        words = (pgettext("action", "Open"), _("Remind again"), _("Dismiss"))
        for button, text in zip(self.buttons(), words, strict=True):
            button.setText(text)
            button.setAccessibleName(f"{text}: {title}, {when}")
            button.updateGeometry()

    def _space(self) -> None:
        self._buttons.setSpacing(px(8))
        self._buttons.setContentsMargins(0, px(8), 0, 0)

    def _choose(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for minutes in LATER:
            menu.addAction(later_text(minutes), partial(self.snoozed.emit, minutes))
        menu.popup(self.again_button.mapToGlobal(QPoint(0, self.again_button.height() + px(4))))


class ReminderPanel(QWidget):
    """Lies over the lower right of a window and never takes the keyboard by itself.

    It is a part of the window, not a window of its own: nothing can activate it, and Tab and Escape lead in and out.
    """

    opened = Signal(object)
    snoozed = Signal(object, int)
    dismissed = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("reminders")
        self._window = window
        self._lines: dict[str, ReminderLine] = {}
        self._before: QWidget | None = None
        self.header = SectionHeader(icon="ph.bell")
        self.all_button = Button(kind="ghost", small=True)
        self.all_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all_button.clicked.connect(self._dismiss_all)
        self.header.add(self.all_button)
        self._list = QWidget()
        self._rows = QVBoxLayout(self._list)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.area = scrolled(self._list)
        self.area.setAutoFillBackground(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(_SHADOW + 1, _SHADOW + 1, _SHADOW + 1, _SHADOW + 1)
        box.setSpacing(0)
        for widget in (self.header, Hairline(), self.area):
            box.addWidget(widget)
        self.hide()
        window.installEventFilter(self)
        on_theme(self, self._place)
        on_language_change(window, self.retranslate)
        self.retranslate()

    # -- what it shows ---------------------------------------------------------------------------------------

    def lines(self) -> list[ReminderLine]:
        """What is shown, from the top."""
        return list(self._lines.values())

    def retranslate(self) -> None:
        """Write the words again: the language changed, or a minute went by."""
        self.setAccessibleName(_("Reminders"))
        self.header.set_title(_("Reminders"))
        self.all_button.setText(_("Dismiss all"))
        self.all_button.setVisible(len(self._lines) > 1)
        for line in self._lines.values():
            line.show_reminder(line.reminder)

    def show_reminders(self, reminders: Sequence[Reminder]) -> None:
        """Show these, in this order; lines that stay keep their place under the keyboard."""
        lines = {one.key: self._lines.get(one.key) or self._line(one) for one in reminders}
        gone = [line for key, line in self._lines.items() if key not in lines]
        spot = self._focused_row()
        self._lines = lines
        while self._rows.count():
            self._rows.takeAt(0)
        for row, one in enumerate(reminders):
            line = lines[one.key]
            line.show_reminder(one)
            line.line_above.setVisible(row > 0)
            self._rows.addWidget(line.line_above)
            self._rows.addWidget(line)
        self._rows.addStretch(1)
        self.header.set_badge(str(len(reminders)) if len(reminders) > 1 else "", "accent")
        self.retranslate()
        self._order_tabs()
        if spot is not None:
            self._keep_focus(spot, gone)
        for line in gone:
            line.hide()
            line.line_above.deleteLater()
            line.deleteLater()
        self._place()
        if lines and not self.isVisible():
            self.show()
            self.raise_()
        elif not lines:
            self.hide()

    def enter(self) -> bool:
        """Give the keyboard to the first reminder; False where none is shown."""
        if not self._lines or not self.isVisible():
            return False
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused):
            self._before = focused
        self.lines()[0].open_button.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    # -- how it works ----------------------------------------------------------------------------------------

    def _line(self, one: Reminder) -> ReminderLine:
        line = ReminderLine(one, self._list)
        line.opened.connect(lambda: self.opened.emit(line.reminder))
        line.snoozed.connect(lambda minutes: self.snoozed.emit([line.reminder], minutes))
        line.dismissed.connect(lambda: self.dismissed.emit([line.reminder]))
        return line

    def _dismiss_all(self) -> None:
        self.dismissed.emit([line.reminder for line in self._lines.values()])

    def _focused_row(self) -> int | None:
        """The place in the list that has the keyboard; None where it is elsewhere."""
        focused = QApplication.focusWidget()
        if focused is None or not self.isAncestorOf(focused):
            return None
        return next((row for row, line in enumerate(self._lines.values()) if line.isAncestorOf(focused)), 0)

    def _keep_focus(self, row: int, gone: Sequence[ReminderLine]) -> None:
        """Leave the keyboard where it is, or at the line that moved up, or where it was before."""
        focused = QApplication.focusWidget()
        lost = any(focused is not None and line.isAncestorOf(focused) for line in gone) or focused is self.all_button
        if self._lines and lost:
            self.lines()[min(row, len(self._lines) - 1)].dismiss_button.setFocus(Qt.FocusReason.TabFocusReason)
        elif not self._lines:
            self._leave()

    def _leave(self) -> None:
        page = getattr(self._window, "current_page", None)
        before, self._before = self._before, None
        target = before if before is not None and before.isVisible() else page or self._window
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _order_tabs(self) -> None:
        last: QWidget = self.all_button
        for line in self._lines.values():
            for button in line.buttons():
                QWidget.setTabOrder(last, button)
                last = button

    def _place(self) -> None:
        window, edge = self._window, px(8) - _SHADOW
        width = min(px(_WIDTH), window.width() - px(16)) + 2 * _SHADOW
        most = min(px(_HEIGHT), window.height() - px(_STATUS_BAR + _FOOT + _TOP_BAR))
        self._list.adjustSize()
        wanted = self._list.sizeHint().height() + self.header.minimumHeight() + 1
        height = min(wanted, most) + 2 * _SHADOW + 2
        self.resize(width, height)
        left = edge if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else window.width() - width - edge
        # above the foot of a page, where an assistant has its main button
        self.move(left, window.height() - height - px(_STATUS_BAR + _FOOT) - edge)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        paint_shadow(painter, box, px(8), _SHADOW)
        frame_round(painter, box, px(8), "border-strong", "raised")
