"""The lines over the worklist: what was searched when and how often, and the bar for checked groups."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.dedupe import settings
from crm_desktop.dedupe.worklist import LastScan
from ui.framework.tasks import JobHandle
from ui.theme.theme import theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.progress import Bar
from ui.widgets.themed import fixed_height, margins


class SearchLine(QWidget):
    """When the last search was and how often it runs; while one runs, its progress and the way to stop it."""

    schedule_chosen = Signal(str)
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: JobHandle | None = None
        self._last: LastScan | None = None
        self.note = ElidedLabel("", "secondary", "text-muted")
        self.bar = Bar(width=160)
        self.stop = IconButton("ph.x", _("Cancel"), kind="ghost")
        self.stop.clicked.connect(self.cancel_requested)
        self.schedule = ChoiceEditor(empty=None)
        self.schedule.edited.connect(lambda: self.schedule_chosen.emit(self.schedule.value()))
        row = QHBoxLayout(self)
        for widget in (self.note, self.bar, self.stop, self.schedule):
            row.addWidget(widget)
        margins(self, 0, 0, 0, 0, 8)
        self.follow(None)

    def retranslate(self) -> None:
        """Write the words."""
        self.stop.set_label(_("Cancel"))
        self.schedule.setAccessibleName(_("How often duplicates are searched"))
        self.schedule.setToolTip(_("How often duplicates are searched"))
        self.schedule.set_options([(one.key, translate(one.label)) for one in settings.SCHEDULES])
        self._say()

    def set_last(self, last: LastScan | None, schedule: str) -> None:
        """Say when the last search was, and how often it runs."""
        self._last = last
        self.schedule.set_value(schedule)
        self._say()

    def follow(self, job: JobHandle | None) -> None:
        """Show the progress of a search; None when it has ended."""
        self._job = job
        self.bar.setVisible(job is not None)
        self.stop.setVisible(job is not None)
        if job is not None:
            job.changed.connect(self._say)
        self._say()

    def _say(self) -> None:
        if self._job is not None and self._job.active:
            fraction = self._job.fraction
            self.bar.set_fraction(fraction)
            percent = formats.format_percent(round(100 * fraction), 0) if fraction is not None else ""
            self.note.setText(_("Searching… {percent}").format(percent=percent))
            return
        if self._last is None:
            self.note.setText(_("Not searched yet"))
            return
        when = formats.format_relative(self._last.at, with_time=True)
        count = ngettext("{n} record", "{n} records", self._last.records).format(
            n=formats.format_integer(self._last.records)
        )
        self.note.setText(_("Searched {when}, {count}").format(when=when, count=count))


class BatchBar(QWidget):
    """What can be done with the checked groups."""

    check_requested = Signal()
    clear_requested = Signal()
    merge_requested = Signal()
    apart_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._on = False
        self._same = 0
        self.clear = IconButton("ph.x", "", kind="accent")
        self.count = Label("", "strong", "accent")
        self.check = Button(icon="ph.checks", kind="ghost", small=True)
        self.merge = Button(icon="ph.git-merge", kind="primary", small=True)
        self.apart = Button(icon="ph.arrows-out-line-horizontal", kind="ghost", small=True)
        self.clear.clicked.connect(self.clear_requested)
        self.check.clicked.connect(self.check_requested)
        self.merge.clicked.connect(self.merge_requested)
        self.apart.clicked.connect(self.apart_requested)
        row = QHBoxLayout(self)
        row.addWidget(self.clear)
        row.addWidget(self.count)
        row.addWidget(self.check)
        row.addStretch(1)
        row.addWidget(self.apart)
        row.addWidget(self.merge)
        margins(self, 16, 0, 24, 0, 8)
        fixed_height(self, 44)

    def retranslate(self) -> None:
        """Write the words."""
        self.clear.set_label(_("Uncheck all"))
        self.apart.setText(_("Not duplicates"))
        self.set_counts(0, self._same, 0)

    def set_counts(self, checked: int, same: int, shown: int) -> None:
        """Say how many groups are checked, and how many could be merged without a look."""
        self._on, self._same = checked > 0, same
        self.setVisible(shown > 0)
        self.clear.setVisible(self._on)
        self.count.setVisible(self._on)
        self.count.setText(ngettext("{n} group checked", "{n} groups checked", checked).format(n=checked))
        self.check.setText(ngettext("Check {n} group from 90", "Check {n} groups from 90", same).format(n=same))
        self.check.setVisible(same > 0 and checked < same)
        self.merge.setText(ngettext("Merge {n} group…", "Merge {n} groups…", checked).format(n=checked))
        self.merge.setVisible(self._on)
        self.apart.setVisible(self._on)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("accent-soft" if self._on else "surface"))
