"""When something takes place: days and hours, or whole days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _
from ui.theme.theme import px
from ui.widgets.editor_choice import BoolEditor
from ui.widgets.editor_dates import DateEditor, TimeEditor
from ui.widgets.labels import Label
from ui.widgets.themed import on_theme

_HOUR = timedelta(hours=1)


class WhenEditor(QWidget):
    """First and last day with their hours. Moving the start moves the end along, so that the length stays."""

    start_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first_day, self.last_day = DateEditor(name=_("First day")), DateEditor(name=_("Last day"))
        self.first_time, self.last_time = TimeEditor(name=_("Starts")), TimeEditor(name=_("Ends"))
        self.all_day = BoolEditor(_("All day"))
        self._length = _HOUR
        self._begun = next_hour()
        self.all_day.edited.connect(self._on_all_day)
        for editor in (self.first_day, self.first_time):
            editor.edited.connect(self._on_start)
        for editor in (self.last_day, self.last_time):
            editor.edited.connect(self._on_end)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(line_of(self.first_day, self.first_time, self.all_day))
        box.addWidget(line_of(self.last_day, self.last_time, Label(_("End"), "secondary", "text-muted")))
        on_theme(self, self._size)

    def set_times(self, starts: datetime | None, ends: datetime | None, *, all_day: bool) -> None:
        """Show wall times; the end of whole days is the day after the last one. None is the next full hour."""
        begin = starts or next_hour()
        end = ends if ends is not None and ends >= begin else begin + _HOUR
        self.all_day.set_value(all_day)
        hours = (next_hour(), next_hour() + _HOUR) if all_day else (begin, end)
        last = (end - timedelta(days=1)).date() if all_day and end > begin else end.date()
        self.first_day.set_value(begin.date())
        self.last_day.set_value(max(last, begin.date()))
        self.first_time.set_value(hours[0].time())
        self.last_time.set_value(hours[1].time())
        self._begun = datetime.combine(begin.date(), hours[0].time())
        self._length = max(datetime.combine(max(last, begin.date()), hours[1].time()) - self._begun, timedelta(0))
        self._on_all_day()

    def times(self) -> tuple[datetime, datetime]:
        """Start and end as wall times; of whole days the midnights around them.

        Raises:
            FieldError: there is no start, or the end is before it.
        """
        first, last = self.first_day.value(), self.last_day.value()
        if first is None:
            raise FieldError("starts", N_("Give the day on which it starts."))
        last = last or first
        if self.all_day.value():
            starts, ends = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
            if last < first:
                raise FieldError("ends", N_("It ends before it starts. Choose a later end."))
            return starts, ends
        starts = datetime.combine(first, self.first_time.value() or time())
        ends = datetime.combine(last, self.last_time.value() or (starts + _HOUR).time())
        if ends < starts:
            raise FieldError("ends", N_("It ends before it starts. Choose a later end."))
        return starts, ends

    def state(self) -> dict[str, Any]:
        """What stands here, as JSON: the times, or the letters where they mean none."""
        whole = bool(self.all_day.value())
        try:
            starts, ends = self.times()
        except FieldError:
            return {"typed": [one.text() for one in self._lines()], "all_day": whole}
        return {"starts": starts.isoformat(), "ends": ends.isoformat(), "all_day": whole}

    def put(self, state: Mapping[str, Any]) -> None:
        """Show what :meth:`state` gave."""
        whole = bool(state.get("all_day"))
        if "typed" not in state:
            starts, ends = (datetime.fromisoformat(str(state[name])) for name in ("starts", "ends"))
            self.set_times(starts, ends, all_day=whole)
            return
        self.all_day.set_value(whole)
        for line, text in zip(self._lines(), state["typed"], strict=True):
            line.setText(str(text))
        self._on_all_day()

    def _lines(self) -> tuple[DateEditor, TimeEditor, DateEditor, TimeEditor]:
        return self.first_day, self.first_time, self.last_day, self.last_time

    def _on_start(self) -> None:
        start = _moment(self.first_day, self.first_time)
        if start is None:
            return
        self._begun = start
        end = start + self._length
        self.last_day.set_value(end.date())
        self.last_time.set_value(end.time())
        self.start_changed.emit(start.date())

    def _on_end(self) -> None:
        end = _moment(self.last_day, self.last_time)
        if end is not None and end >= self._begun:
            self._length = end - self._begun

    def _on_all_day(self) -> None:
        whole = self.all_day.value()
        self.first_time.setVisible(not whole)
        self.last_time.setVisible(not whole)

    def _size(self) -> None:
        self.layout().setSpacing(px(8))  # type: ignore[union-attr]
        for day in (self.first_day, self.last_day):
            day.setFixedWidth(px(150))
        for hour in (self.first_time, self.last_time):
            hour.setFixedWidth(px(96))


def next_hour() -> datetime:
    """The next full hour on the local clock, as wall time."""
    now = clock.now().astimezone(clock.local_zone()).replace(tzinfo=None)
    return now.replace(minute=0, second=0, microsecond=0) + _HOUR


def line_of(*widgets: QWidget) -> QWidget:
    """Widgets side by side, from the reading start."""
    row = QWidget()
    box = QHBoxLayout(row)
    box.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        box.addWidget(widget)
    box.addStretch(1)
    on_theme(row, lambda: box.setSpacing(px(8)))
    return row


def column_of(*widgets: QWidget) -> QWidget:
    """Widgets under each other."""
    column = QWidget()
    box = QVBoxLayout(column)
    box.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        box.addWidget(widget)
    on_theme(column, lambda: box.setSpacing(px(6)))
    return column


def _moment(day: DateEditor, hour: TimeEditor) -> datetime | None:
    try:
        chosen, at = day.value(), hour.value()
    except FieldError:
        return None
    return None if chosen is None else datetime.combine(chosen, at or time())
