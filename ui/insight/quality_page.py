"""The Data quality page: what is missing, doubtful or without an owner; each number opens its records."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from crm_desktop.core import formats
from crm_desktop.core.filters import to_json
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.insight import quality
from crm_desktop.insight.quality import Quality
from crm_desktop.insight.quality_measures import ENTITIES, HEALTH
from crm_desktop.insight.quality_report import TITLES
from ui.framework import tasks
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.insight.measure_card import CardGrid
from ui.insight.quality_words import card_text, top_figures
from ui.widgets.buttons import Button
from ui.widgets.figures import FigureStrip
from ui.widgets.frames import scrolled
from ui.widgets.headers import PageHeader, SectionHeader
from ui.widgets.labels import Label, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


class QualityPage(Page):
    """Numbers of the last check, their trend, and a new check once a day or when asked for."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.setObjectName("quality-page")
        self.found: Quality | None = None
        self._job: tasks.JobHandle | None = None
        self.header = PageHeader()
        self.print_button = Button.for_command(find_command(self, "quality.print"))
        self.check_button = Button.for_command(find_command(self, "quality.check"), kind="primary")
        self.header.add(Button.for_command(find_command(self, "quality.erasures")))
        self.header.add(self.print_button)
        self.header.add(self.check_button)
        self.strip = FigureStrip()
        self.explained = Label("", "secondary", "text-muted", wrap=True)
        self.grids = {name: CardGrid() for name in ENTITIES}
        self.heads = {name: SectionHeader(padding=24) for name in ENTITIES}
        self._lay_out()
        self.strip.activated.connect(self.open_total)
        for grid in self.grids.values():
            grid.opened.connect(self.open_measure)
        self.state.retry.connect(self.reload)
        self.empty.action.connect(self.check_now)
        self.retranslate()

    def _lay_out(self) -> None:
        inner = Plane("surface")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 24)
        column.setSpacing(0)
        top = Plane("surface")
        box = QVBoxLayout(top)
        box.addWidget(self.strip)
        box.addWidget(self.explained)
        margins(top, 24, 0, 24, 4, 8)
        column.addWidget(top)
        for name in ENTITIES:
            column.addWidget(self.heads[name])
            column.addWidget(self.grids[name])
        column.addStretch(1)
        area = scrolled(inner, clear=False)
        self.area = area
        self.empty = EmptyState("ph.heartbeat", hue=3)
        self.state = StateStack(area, self.empty, loading="cards")
        ground = Plane("surface")
        whole = QVBoxLayout(ground)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self.state, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ground)

    def retranslate(self) -> None:
        """Write every text in the language in use."""
        self.header.set_title(_("Data quality"))
        self.explained.setText(_("Data health: {sentence}").format(sentence=translate(HEALTH)))
        for name, head in self.heads.items():
            head.set_title(translate(TITLES[name]))
            self.grids[name].setAccessibleName(translate(TITLES[name]))
        self._say_empty()
        if self.found is not None:
            self._show(self.found)

    def _say_empty(self) -> None:
        if self.checking:
            self.empty.set_texts(_("Checking the data…"), _("The numbers come in a moment; you can go on working."))
            self.empty.set_button("")
            return
        self.empty.set_texts(
            _("Not checked yet"),
            _("See at a glance what is missing, doubtful or without an owner, and open exactly those records."),
        )
        self.empty.set_button(_("Check now"), "ph.heartbeat")

    # -- reading -----------------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        """Read the numbers; look at the data where that was not done today."""
        self.reload()

    def reload(self) -> None:
        """Read again what the last check found."""
        database = self.office.database
        if self.found is None:
            self.state.show_loading()

        def read(connection: Any) -> tuple[Quality, bool]:
            return quality.read_quality(database, connection), quality.is_due(database, connection)

        self.office.read(self, read, self._on_read, self.state.show_error, supersede="quality")

    def _on_read(self, read: tuple[Quality, bool]) -> None:
        found, due = read
        if due and not self.checking and not self.office.database.read_only:
            self._start()
        self._show(found)
        cards = self.grids[ENTITIES[0]].cards
        self.setFocusProxy(cards[0] if cards else self.empty.button)

    def _show(self, found: Quality) -> None:
        self.found = found
        if found.checked_at is None:
            self._say_empty()
            self.header.set_count("")
            self.state.show_empty()
            return
        when = formats.format_relative(found.checked_at, with_time=True)
        self.header.set_count(_("Checking…") if self.checking else _("Checked {when}").format(when=when))
        self.strip.set_figures(top_figures(found))
        for name, grid in self.grids.items():
            grid.set_cards([card_text(one) for one in found.of(name)])
            self.heads[name].set_badge(formats.format_integer(found.totals[name]))
        self.state.show_content()
        self.refresh_commands()
        self.navigator.set_shown(_("Checked {when}").format(when=when))

    # -- checking ----------------------------------------------------------------------------------------------

    @property
    def checking(self) -> bool:
        """Whether a check is running."""
        return self._job is not None and self._job.active

    @property
    def can_check(self) -> bool:
        """Whether a check can be started."""
        return not self.checking and not self.office.database.read_only

    def _start(self) -> None:
        database = self.office.database
        self._job = tasks.run_job(
            _("Checking the data"), lambda progress: quality.measure_now(database, progress),
            lambda _result: self._on_checked(), self._on_failed, owner=self,
        )  # fmt: skip
        self._job.finished.connect(self._on_ended)
        self._say_empty()
        self.refresh_commands()

    def _on_checked(self) -> None:
        self.reload()

    def _on_failed(self, error: Exception) -> None:
        if self.found is None or self.found.checked_at is None:
            self.state.show_error(error)
        else:
            show_toast(self, str(error), kind="danger")

    def _on_ended(self) -> None:
        """Done, failed or cancelled: the button can be pressed again, and the words are right."""
        self.refresh_commands()
        self._say_empty()
        if self.found is not None and self.found.checked_at is not None:
            self._show(self.found)

    # -- going on ----------------------------------------------------------------------------------------------

    def open_measure(self, key: str) -> None:
        """Show the records behind a number."""
        figures = self.found.figures if self.found else ()
        for figure in figures:
            measure = figure.measure
            if f"{measure.entity}.{measure.key}" == key:
                self.navigator.open_page(measure.page, filter=to_json(measure.filter))

    def open_total(self, name: str) -> None:
        """Show all contacts, all companies, or the likely duplicates."""
        if name == "duplicates":
            self.navigator.open_page(name)
        else:
            self.navigator.open_page(name, filter=[])

    @command("quality.check", text=N_("Check now"), shortcut="F5", icon="ph.arrows-clockwise", enabled_when="can_check",
             group="do")  # fmt: skip
    def check_now(self) -> None:
        """Look at all records again, in the background."""
        if self.can_check:
            self._start()
            if self.found is not None:
                self._show(self.found)

    @command("quality.erasures", text=N_("Erasures"), icon="ph.eraser", group="go")
    def show_erasures(self) -> None:
        """List who was erased when and at whose request, for the auditor."""
        self.navigator.open_page("reports", report="erasures")

    @property
    def can_print(self) -> bool:
        """Whether there are numbers."""
        return self.found is not None and self.found.checked_at is not None

    @command("quality.print", text=N_("Print"), shortcut="Ctrl+P", icon="ph.printer", enabled_when="can_print",
             group="do")  # fmt: skip
    def print_page(self) -> None:
        """Show the numbers on paper, as a report that can be printed or kept."""
        self.navigator.open_page("reports", report="data-quality")
