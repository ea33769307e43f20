"""The panels of the Today page in one, two or three columns, as the window has room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.today.agenda_list import AgendaLine, AgendaList
from ui.today.panels import ListPanel, NothingHere, TaskPanel
from ui.widgets.buttons import Button
from ui.widgets.headers import Panel, SectionHeader
from ui.widgets.themed import margins, on_theme

_WIDE, _MEDIUM = 1040, 680


class TodayBoard(QWidget):
    """Agenda, notes that name me, overdue, due today, stalled deals, cases at risk, birthdays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.agenda_panel = Panel(SectionHeader(icon="ph.calendar-blank"))
        self.agenda = AgendaList()
        self._nothing = NothingHere("ph.coffee")
        self.plan_button = Button(icon="ph.plus", small=True)
        self._fill_agenda_panel()
        self.overdue = TaskPanel("ph.warning-circle", most=6)
        self.due = TaskPanel("ph.check-square", addable=True, most=10)
        self.stalled = ListPanel("ph.snowflake", height=56, most=5)
        self.cases = ListPanel("ph.timer", height=56, most=5)
        self.birthdays = ListPanel("ph.cake", most=4)
        self.birthdays.hide()
        self.mentions = ListPanel("ph.bell", most=5)
        self.mentions.hide()
        self._row = QHBoxLayout(self)
        margins(self, 24, 0, 24, 24, 16)
        self._columns: list[QWidget] = []
        self._used = 0
        # most windows have room for all columns, and moving panels that are dressed already is a hundred times slower
        self.resize(px(_WIDE), self.height())
        on_theme(self, self._arrange_again)

    def _fill_agenda_panel(self) -> None:
        self._empty = QWidget()
        box = QVBoxLayout(self._empty)
        box.addWidget(self._nothing)
        row = QHBoxLayout()
        row.addSpacing(px(44))
        row.addWidget(self.plan_button)
        row.addStretch(1)
        box.addLayout(row)
        box.addStretch(1)
        box.setContentsMargins(0, 0, 0, px(12))
        self._stack = QStackedWidget()
        self._stack.addWidget(self.agenda)
        self._stack.addWidget(self._empty)
        holder = QWidget()
        QVBoxLayout(holder).addWidget(self._stack)
        margins(holder, 0, 8, 0, 8, 0)
        self.agenda_panel.body.addWidget(holder, 1)

    @property
    def agenda_link(self) -> Any:
        """The link in the agenda's header."""
        assert self.agenda_panel.header is not None
        return self.agenda_panel.header.link

    def retranslate(self) -> None:
        """Write the words again."""
        head = self.agenda_panel.header
        assert head is not None
        head.set_title(_("Agenda"))
        head.set_link(_("Open the calendar"))
        self.agenda.setAccessibleName(_("Agenda"))
        self._nothing.text.setText(_("Nothing is planned today."))
        self.plan_button.setText(_("Plan something"))
        self.overdue.set_texts(_("Overdue"), _("Nothing is late."))
        self.due.set_texts(_("Due today"), _("Nothing more is due today."))
        self.stalled.set_texts(_("Deals going cold"), _("No deal stands still."))
        self.stalled.head.set_link(_("See in the pipeline"))
        self.cases.set_texts(_("Cases at risk"), _("Every case has time left."))
        self.cases.head.set_link(_("See the queue"))
        self.birthdays.set_texts(_("Birthdays"), "")
        self.mentions.set_texts(_("New for you"), "")
        self.overdue.retranslate()
        self.due.retranslate()

    def set_agenda(self, lines: Sequence[AgendaLine]) -> None:
        """Show the day."""
        self.agenda.set_lines(lines)
        self._stack.setCurrentIndex(0 if lines else 1)
        self.agenda.setMinimumHeight(self.agenda.content_height() if lines else 0)

    # -- columns -----------------------------------------------------------------------------------------------

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange_again(self) -> None:
        self._used = 0
        self._arrange()

    def _arrange(self) -> None:
        count = 3 if self.width() >= px(_WIDE) else 2 if self.width() >= px(_MEDIUM) else 1
        if count == self._used:
            return
        self._used = count
        plans: dict[int, list[tuple[int, list[QWidget]]]] = {
            3: [(384, [self.agenda_panel]), (352, [self.mentions, self.overdue, self.due]),
                (416, [self.stalled, self.cases, self.birthdays])],
            2: [(1, [self.agenda_panel, self.stalled]), (1, [self.mentions, self.overdue, self.due, self.cases, self.birthdays])],
            1: [(1, [self.mentions, self.overdue, self.due, self.agenda_panel, self.cases, self.stalled, self.birthdays])],
        }  # fmt: skip
        for old in self._columns:
            self._row.removeWidget(old)
        made = []
        for stretch, panels in plans[count]:
            column = QWidget()
            column.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            box = QVBoxLayout(column)
            box.setContentsMargins(0, 0, 0, 0)
            box.setSpacing(px(16))
            for panel in panels:
                box.addWidget(panel, 1 if panel is panels[0] and len(panels) == 1 else 0)
            box.addStretch(0 if len(panels) == 1 else 1)
            self._row.addWidget(column, stretch)
            made.append(column)
        for old in self._columns:
            old.deleteLater()
        self._columns = made
