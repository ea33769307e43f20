"""The office as it was: which day, and a window that shows every list, card, board and report of that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.db.past.database import open_as_of
from crm_desktop.db.past.moment import history_begins
from ui.framework import dialogs, tasks
from ui.framework.office import Browsed
from ui.shell.browse import look_at
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_dates import DateEditor
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import Label
from ui.widgets.month import shift_month
from ui.widgets.themed import margins


def near_days(today: date, first: date | None) -> Iterator[tuple[str, date]]:
    """The days that people mean most: (what they are called, the day), none before the history begins."""
    month = today.replace(day=1) - timedelta(days=1)
    quarter = shift_month(today.replace(day=1), -((today.month - 1) % 3)) - timedelta(days=1)
    for text, day in (
        (_("Yesterday"), today - timedelta(days=1)),
        (_("A week ago"), today - timedelta(days=7)),
        (_("End of {month}").format(month=formats.month_name(month.month)), month),
        (_("End of the last quarter"), quarter),
        (_("End of {year}").format(year=today.year - 1), date(today.year - 1, 12, 31)),
    ):
        if first is None or day >= first:
            yield text, day


class DayDialog(QDialog):
    """Which day; :meth:`day` gives it once the dialog was accepted."""

    def __init__(self, parent: QWidget, begins: datetime | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("As of a past day"))
        self.first = begins.astimezone(clock.local_zone()).date() if begins is not None else None
        self.editor = DateEditor(name=_("Day"))
        self.editor.set_value(clock.today() - timedelta(days=1))
        self.editor.edited.connect(self._check)
        self.editor.committed.connect(self.accept)
        self.editor.cancelled.connect(self.reject)
        self.note = Label("", "secondary", "text-muted", wrap=True)
        box = QVBoxLayout(self)
        margins(self, 24, 20, 24, 20, 12)
        box.addWidget(Label(_("Show the office as it was at the end of this day"), "section", wrap=True))
        box.addWidget(self.editor)
        self.near = near = QWidget()
        flow = FlowLayout(near)
        flow.setContentsMargins(0, 0, 0, 0)
        for text, day in near_days(clock.today(), self.first):
            button = Button(text, kind="secondary", small=True)
            button.setToolTip(formats.format_date(day))
            button.clicked.connect(lambda _checked=False, chosen=day: self._take(chosen))
            flow.addWidget(button)
        box.addWidget(near)
        box.addWidget(self.note)
        feet = QHBoxLayout()
        feet.addStretch(1)
        cancel = Button(_("Cancel"), kind="secondary")
        cancel.clicked.connect(self.reject)
        self.show_button = Button(_("Show"), kind="primary")
        self.show_button.setDefault(True)
        self.show_button.clicked.connect(self.accept)
        feet.addWidget(cancel)
        feet.addWidget(self.show_button)
        box.addLayout(feet)
        self.setMinimumWidth(px(440))
        self._check()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the near days and the note need: a dialog does not ask for the height at its width."""
        super().resizeEvent(event)
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(layout.totalHeightForWidth(self.width()))

    def day(self) -> date | None:
        """The day, or None while there is none to be shown."""
        try:
            found = self.editor.value()
        except FieldError:
            return None
        if not isinstance(found, date) or found >= clock.today() or (self.first is not None and found < self.first):
            return None
        return found

    def _take(self, day: date) -> None:
        self.editor.set_value(day)
        self._check()
        self.accept()

    def _check(self) -> None:
        self.show_button.setEnabled(self.day() is not None)
        words = _("Nothing can be changed there. Choose a day before today.")
        if self.first is not None:
            first = formats.format_date(self.first, "full")
            words = _("Nothing can be changed there. The history of this office begins on {day}.").format(day=first)
        self.note.setText(words)

    def accept(self) -> None:
        """Close where there is a day to show."""
        if self.day() is not None:
            super().accept()


def ask_for_day(window: Any) -> None:
    """Ask for a day and show the page of ``window`` as it was then; from a window of the past, another day."""
    present = getattr(window.office.database, "present", window.office.database)

    def begins() -> datetime | None:
        with present.read_all() as connection:
            return history_begins(connection)

    def ask(first: datetime | None) -> None:
        dialog = DayDialog(window, first)
        if dialogs.run_dialog(dialog):
            day = dialog.day()
            if day is not None:
                show_day(window, day)

    tasks.run_read(window, begins, ask)


def show_day(window: Any, day: date) -> None:
    """Open a window that shows what ``window`` shows, as it was at the end of a day."""
    present = getattr(window.office.database, "present", window.office.database)
    words = formats.format_date(day, "full")

    def run(progress: Progress) -> Any:
        return open_as_of(present, clock.end_of_day(day), progress)

    def done(past: Any) -> None:
        opened: list[Any] = []
        text = _("As it was on {day}, read only").format(day=formats.format_date(day, "medium"))
        browsed = Browsed(text, another=lambda: ask_for_day(opened[0]))
        other = look_at(
            window, past, _("As of {day}").format(day=formats.format_date(day)), browsed, actor=window.office.actor
        )
        opened.append(other)
        name, params = window.shown
        there = other.rights.nearest(name)
        other.open_page(there, **(params if there == name else {}))
        # so that the first search and other sorts need not wait; what fails here is told to who asks for it
        tasks.run_read(other, past.complete, None, lambda _error: None)
        if getattr(window.office.database, "as_of", None) is not None:
            window.close()  # another day takes the place of the one before

    tasks.run_job(_("Working out how the office was on {day}").format(day=words), run, done, owner=window)
