"""How an event repeats: every so many days, weeks, months or years, on which days, until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QToolButton, QVBoxLayout, QWidget

from crm_desktop.calendar.occurrences import completed
from crm_desktop.calendar.recurrence import (
    MAX_COUNT,
    MAX_INTERVAL,
    DayOfWeek,
    Frequency,
    Rule,
    build_rule,
    is_last_of_month,
    nth_of_month,
    parse_rule,
    until_wall,
)
from crm_desktop.calendar.recurrence_words import describe_rule, nth_weekday
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.formats import first_weekday, month_name, weekday_names
from crm_desktop.core.i18n import _, ngettext
from ui.theme.paint import draw_text, fill_round, frame_round
from ui.theme.theme import px
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.editor_dates import DateEditor
from ui.widgets.labels import Label
from ui.widgets.themed import on_theme

_NEVER, _ON, _AFTER = "never", "on", "after"
_BY_DAY, _BY_NTH, _BY_LAST, _LAST_DAY = "day", "nth", "last", "last_day"
_USUAL_COUNT = 10


class DayToggle(QToolButton):
    """One weekday of a weekly rule, a round button with its first letter."""

    def __init__(self, weekday: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.weekday = weekday
        self.setCheckable(True)
        name = weekday_names()[weekday]
        self.setText(weekday_names(short=True)[weekday][:1].upper())
        self.setAccessibleName(name)
        self.setToolTip(name)
        on_theme(self, lambda: self.setFixedSize(px(28), px(28)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.rect()
        if self.isChecked():
            fill_round(painter, rect, px(14), "accent")
        else:
            frame_round(painter, rect, px(14), "border-strong", "raised")
        if self.hasFocus():
            frame_round(painter, rect.adjusted(2, 2, -2, -2), px(12), "on-accent" if self.isChecked() else "focus")
        ink = "on-accent" if self.isChecked() else "text"
        draw_text(painter, rect, self.text(), "secondary-strong", ink, Qt.AlignmentFlag.AlignCenter, elide=False)


class RecurrenceEditor(QWidget):
    """Choices that make a rule, and the rule in words below them. ``changed`` follows every change by the user."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start = clock.today()
        self._kept: Rule | None = None
        self._given: str | None = None
        self._touched = False
        self._week_start = first_weekday()
        self.frequency = ChoiceEditor(empty=None, name=_("Repeats"))
        self.interval = _spin(MAX_INTERVAL, _("Repeat every"))
        self._unit = Label("")
        self.days = [DayToggle((first_weekday() + n) % 7) for n in range(7)]
        self.pattern = ChoiceEditor(empty=None, name=_("On"))
        self.ending = ChoiceEditor(empty=None, name=_("Ends"))
        self.until = DateEditor(name=_("Last day"))
        self.count = _spin(MAX_COUNT, _("Number of times"))
        self.count.setValue(_USUAL_COUNT)
        self.words = Label("", "secondary", "text-muted", wrap=True)
        self._lay_out()
        self.frequency.set_options(_frequencies())
        for combo, length in ((self.frequency, 16), (self.pattern, 28), (self.ending, 14)):
            combo.setMinimumContentsLength(length)
        self.ending.set_options([(_NEVER, _("Never ends")), (_ON, _("Ends on a day")), (_AFTER, _("Ends after"))])
        self.frequency.set_value("")
        self.ending.set_value(_NEVER)
        for editor in (self.frequency, self.pattern, self.ending, self.until):
            editor.edited.connect(self._on_edited)
        for spin in (self.interval, self.count):
            spin.valueChanged.connect(self._on_edited)
        for toggle in self.days:
            toggle.clicked.connect(self._on_edited)
        self._refresh()

    def set_rule(self, text: str | None, start: date) -> None:
        """Show a rule and the first day it is for. One that these choices cannot say is kept and shown in words."""
        self._start, self._kept = start, None
        self._given, self._touched = text or None, False
        rule = parse_rule(text) if text else None
        self._week_start = rule.week_start if rule is not None else first_weekday()
        blocked = self.blockSignals(True)
        self.frequency.setCurrentIndex(0)
        if rule is None:
            self.frequency.set_options(_frequencies())
            self.frequency.set_value("")
        elif not _plain(completed(rule, start)):
            self._kept = rule
            self.frequency.set_options([*_frequencies(), ("kept", _("As it is"))])
            self.frequency.set_value("kept")
        else:
            self.frequency.set_options(_frequencies())
            self._show(completed(rule, start))
        self.blockSignals(blocked)
        self._refresh()

    def set_start(self, start: date) -> None:
        """Follow the first day of the event: a weekly rule on just that day moves along."""
        old, self._start = self._start, start
        self._touched = self._touched or old != start
        chosen = [toggle.weekday for toggle in self.days if toggle.isChecked()]
        if chosen in ([], [old.weekday()]):
            for toggle in self.days:
                toggle.setChecked(toggle.weekday == start.weekday())
        self._refresh()

    def rule(self) -> str | None:
        """The rule as RRULE text, or None for an event that takes place once.

        Raises:
            UserError: the choices contradict each other, or the last day is no date.
        """
        if not self._touched:
            return self._given
        made = self._made()
        return str(made) if made is not None else None

    def _made(self) -> Rule | None:
        chosen = self.frequency.value()
        if not chosen:
            return None
        if chosen == "kept":
            return self._kept
        pattern = self.pattern.value()
        until = self.until.value() if self.ending.value() == _ON else None
        return build_rule(
            Frequency(chosen),
            self._start,
            interval=self.interval.value(),
            weekdays=[toggle.weekday for toggle in self.days if toggle.isChecked()],
            nth={_BY_NTH: nth_of_month(self._start), _BY_LAST: -1}.get(pattern, 0),
            last_day=pattern == _LAST_DAY,
            until=until,
            count=self.count.value() if self.ending.value() == _AFTER else None,
            week_start=self._week_start,
        )

    def _show(self, rule: Rule) -> None:
        self.frequency.set_value(rule.freq.value)
        self.interval.setValue(rule.interval)
        if rule.freq is Frequency.WEEKLY:
            for toggle in self.days:
                toggle.setChecked(DayOfWeek(toggle.weekday) in rule.days)
        self.pattern.clear()
        self.pattern.set_options(self._patterns())
        nth = rule.days[0].nth if rule.days and rule.freq in (Frequency.MONTHLY, Frequency.YEARLY) else 0
        if rule.month_days == (-1,):
            self.pattern.set_value(_LAST_DAY)
        else:
            self.pattern.set_value(_BY_LAST if nth < 0 else _BY_NTH if nth else _BY_DAY)
        if rule.until is not None:
            self.ending.set_value(_ON)
            self.until.set_value(until_wall(rule.until, clock.local_zone()).date())
        elif rule.count is not None:
            self.ending.set_value(_AFTER)
            self.count.setValue(rule.count)
        else:
            self.ending.set_value(_NEVER)

    def _patterns(self) -> list[tuple[str, str]]:
        start = self._start
        nth = nth_weekday(DayOfWeek(start.weekday(), nth_of_month(start)))
        last = nth_weekday(DayOfWeek(start.weekday(), -1))
        if self.frequency.value() == Frequency.YEARLY.value:
            month = month_name(start.month)
            by_day = _("on {date}").format(date=_("{month} {day}").format(month=month, day=start.day))
            options = [(_BY_DAY, by_day), (_BY_NTH, _("on {day} in {month}").format(day=nth, month=month))]
            if is_last_of_month(start):
                options.append((_BY_LAST, _("on {day} in {month}").format(day=last, month=month)))
            return options
        options = [(_BY_DAY, _("on day {day}").format(day=start.day)), (_BY_NTH, _("on {day}").format(day=nth))]
        if is_last_of_month(start):
            options.append((_BY_LAST, _("on {day}").format(day=last)))
        if (start + timedelta(days=1)).day == 1 or self.pattern.value() == _LAST_DAY:
            options.append((_LAST_DAY, _("on the last day of the month")))
        return options

    def _on_edited(self, *_values: object) -> None:
        if self.signalsBlocked():
            return
        self._touched = True
        if self.ending.value() == _ON and not self.until.text():
            self.until.set_value(self._start + timedelta(days=90))
        if self.frequency.value() == Frequency.WEEKLY.value and not any(one.isChecked() for one in self.days):
            next(one for one in self.days if one.weekday == self._start.weekday()).setChecked(True)
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        """Show what belongs to the chosen frequency, and say the rule in words."""
        chosen = self.frequency.value()
        plain = bool(chosen) and chosen != "kept"
        self._detail.setVisible(plain)
        self._end_row.setVisible(plain)
        self._days_row.setVisible(chosen == Frequency.WEEKLY.value)
        self._unit.setText(_unit(chosen, self.interval.value()))
        by_month = chosen in (Frequency.MONTHLY.value, Frequency.YEARLY.value)
        self.pattern.setVisible(by_month)
        if by_month:
            kept = self.pattern.value()
            options = self._patterns()
            self.pattern.clear()
            self.pattern.set_options(options)
            self.pattern.set_value(kept if kept in {key for key, _text in options} else _BY_DAY)
        self.until.setVisible(self.ending.value() == _ON)
        self.count.setVisible(self.ending.value() == _AFTER)
        self._times.setVisible(self.ending.value() == _AFTER)
        self._times.setText(ngettext("time", "times", self.count.value()))
        try:
            made = self._made()
            self.words.set_color("text-muted")
            self.words.setText(describe_rule(made, self._start) if made else "")
        except UserError as error:
            self.words.set_color("danger")
            self.words.setText(str(error))
        self.words.setVisible(bool(self.words.text()))

    def _lay_out(self) -> None:
        self._times = Label("")
        first, self._detail = _row([self.frequency]), _row([Label(_("every")), self.interval, self._unit, self.pattern])
        self._days_row = _row(list(self.days), gap=4)
        self._end_row = _row([self.ending, self.until, self.count, self._times])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        for row in (first, self._detail, self._days_row, self._end_row, self.words):
            box.addWidget(row)
        on_theme(self, lambda: box.setSpacing(px(8)))


def _plain(rule: Rule) -> bool:
    """Whether the editor's choices can say a rule."""
    if rule.positions or rule.weeks or rule.year_days or rule.hours or rule.minutes or rule.seconds:
        return False
    if rule.freq is Frequency.DAILY:
        return not (rule.days or rule.month_days or rule.months)
    if rule.freq is Frequency.WEEKLY:
        return not rule.months
    one_month = len(rule.months) == (1 if rule.freq is Frequency.YEARLY else 0)
    if rule.days:
        return one_month and not rule.month_days and len(rule.days) == 1 and rule.days[0].nth in (-1, 1, 2, 3, 4, 5)
    days = rule.month_days
    return one_month and len(days) == 1 and (days[0] > 0 or (days[0] == -1 and rule.freq is Frequency.MONTHLY))


def _frequencies() -> list[tuple[str, str]]:
    return [
        ("", _("Does not repeat")),
        (Frequency.DAILY.value, _("Repeats daily")),
        (Frequency.WEEKLY.value, _("Repeats weekly")),
        (Frequency.MONTHLY.value, _("Repeats monthly")),
        (Frequency.YEARLY.value, _("Repeats yearly")),
    ]


def _unit(frequency: str, n: int) -> str:
    return {
        Frequency.DAILY.value: ngettext("day", "days", n),
        Frequency.WEEKLY.value: ngettext("week", "weeks", n),
        Frequency.MONTHLY.value: ngettext("month", "months", n),
        Frequency.YEARLY.value: ngettext("year", "years", n),
    }.get(frequency, "")


def _spin(most: int, name: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(1, most)
    spin.setAccessibleName(name)

    def dress() -> None:
        spin.setMinimumHeight(px(32))
        spin.setFixedWidth(px(72))

    on_theme(spin, dress)
    return spin


def _row(widgets: Sequence[QWidget], gap: int = 8) -> QWidget:
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        box.addWidget(widget)
    box.addStretch(1)
    on_theme(row, lambda: box.setSpacing(px(gap)))
    return row
