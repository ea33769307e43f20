"""The page of a pipeline: the board, the list and the forecast of its deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.filters import EVERYTHING, Filter, all_of, conditions, from_json, to_json, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.sales import queries
from crm_desktop.sales.amounts import Amount
from crm_desktop.sales.queries import OPEN, Pipeline
from ui.framework import settings
from ui.framework.commands import command
from ui.framework.may import can
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.records.kit import CardKit
from ui.records.list_page import ListPage
from ui.sales.board_view import BoardView
from ui.sales.deal_kit import deals_list
from ui.sales.drop_strip import LOST, POSTPONE, WON
from ui.sales.forecast_view import ForecastView
from ui.sales.totals import Totals, joined
from ui.sales.words import deals, open_deals
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import on_theme

BOARD, LIST, FORECAST = "board", "list", "forecast"
_ROOMY = 920


class PipelinePage(Page):
    """Deals on their way. ``kit`` is the card of a deal."""

    def __init__(self, office: Office, navigator: Navigator, kit: CardKit, parent: QWidget | None = None) -> None:
        super().__init__(navigator, parent)
        self.office = office
        self.setObjectName("pipeline")
        self._kit = kit
        self._pipelines: Sequence[Pipeline] = ()
        self._chosen: int | None = settings.remembered_value("pipeline.chosen")
        self._handed: Filter | None = None
        self._wanted: Filter | None = None
        self._whole = False
        self._wanted_deal: int | None = None
        self.mode = self._usual_mode()
        self.board = BoardView(office, navigator, kit)
        self.list: ListPage | None = None
        self.forecast: ForecastView | None = None
        self._lay_out()
        self._connect()
        self.retranslate()
        self.read_pipelines()

    def _lay_out(self) -> None:
        self.header = PageHeader()
        self.chooser = Button(trailing="ph.caret-down")
        self.segments = SegmentedControl()
        self.totals = Totals()
        self.header.add_start(self.chooser)
        self.header.add_start(self.segments)
        self.header.add(self.totals)
        self.views = QStackedWidget()
        self.views.addWidget(self.board)
        self._print_by_key(self.board)
        none = EmptyState("ph.columns", hue=4)
        none.action.connect(lambda: self.navigator.open_page("settings", tab="pipelines"))
        self.none = none
        self.state = StateStack(self.views, none, loading="cards")
        ground = Plane("surface")
        box = QVBoxLayout(ground)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(self.state, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ground)
        on_theme(self, lambda: self.setMinimumSize(px(480), px(360)))

    def _print_by_key(self, view: QWidget) -> None:
        """Ctrl+P in a view; not in the list, which takes that key itself."""
        shortcut = QShortcut(QKeySequence("Ctrl+P"), view, self.print_shown)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _connect(self) -> None:
        self.chooser.clicked.connect(self._choose_pipeline)
        self.segments.changed.connect(self.set_mode)
        self.board.data_changed.connect(self._show_totals)
        self.board.current_changed.connect(self.refresh_commands)
        self.state.retry.connect(self.read_pipelines)
        self.office.records_changed.connect(self._on_records_changed)

    def retranslate(self) -> None:
        """Write every text of the page in the language in use."""
        self.header.set_title(_("Pipeline"))
        self._name_segments()
        text = _("A pipeline has the stages that a sale goes through, from first talk to won.")
        self.none.set_texts(_("No pipeline yet"), text)
        self.none.set_button(_("Add a pipeline") if can(self.office, "settings") else "", "ph.plus")
        self._name_chooser()
        self.board.retranslate()
        self._show_totals()

    def _name_segments(self) -> None:
        """Words only where there is too little room for icons as well."""
        roomy = self.width() >= px(_ROOMY)
        words = (_("Board"), _("List"), _("Forecast"))
        pictures = ("ph.columns", "ph.list-bullets", "ph.chart-line-up")
        keys = (BOARD, LIST, FORECAST)
        self.segments.set_options(
            [(key, word, picture if roomy else "") for key, word, picture in zip(keys, words, pictures, strict=True)]
        )
        self.segments.set_value(self.mode)
        self.segments.setAccessibleName(_("View"))

    def activated(self, **params: Any) -> None:
        """Opened, maybe for one deal (``record_id``), a ``pipeline``, a ``mode``, or the list with a ``filter``."""
        if params.get("pipeline"):
            self.set_pipeline(int(params["pipeline"]))
        if params.get("record_id") or params.get("filter") is not None:
            self._want(from_json(params["filter"]) if params.get("filter") is not None else None)
            self._wanted_deal = params.get("record_id")
            self._go(LIST)
        elif params.get("mode") in (BOARD, LIST, FORECAST):
            self._go(params["mode"])
        elif not params:
            self._go(self._usual_mode())
        self._say_shown()
        self._take_focus()

    def _want(self, tree: Filter | None) -> None:
        """Remember the filter that the list is to be opened with, and which pipelines it is about."""
        self._wanted = tree
        if tree is None:
            return
        named = {int(one.value) for one in conditions(tree) if one.field == "pipeline_id" and one.op == "eq"}
        known = {one.id for one in self._pipelines} or named
        self._whole = len(named) != 1 or not named <= known
        if not self._whole:
            (self._chosen,) = named

    @staticmethod
    def _usual_mode() -> str:
        kept = str(settings.remembered_value("pipeline.mode", BOARD))
        return kept if kept in (BOARD, LIST, FORECAST) else BOARD

    def _take_focus(self) -> None:
        if self.mode == BOARD:
            self.board.board.focus_first()
        elif self.mode == LIST and self.list is not None:
            self.list.table.setFocus()

    def show_new(self, deal_id: int) -> None:
        """Show a deal that was just made: on the board where that is open, else beside the list."""
        if self.mode == BOARD:
            self.board.show_next(deal_id)
        else:
            self.activated(record_id=deal_id)

    # -- pipelines -----------------------------------------------------------------------------------------------

    def read_pipelines(self) -> None:
        """Look which pipelines there are."""
        self.office.read(self, queries.pipelines, self._on_pipelines, self.state.show_error, supersede="pipelines")

    def _on_pipelines(self, pipelines: list[Pipeline]) -> None:
        self._pipelines = [one for one in pipelines if any(stage.outcome == "open" for stage in one.stages)]
        if not self._pipelines:
            self.state.show_empty()
            return
        self.state.show_content()
        known = {one.id for one in self._pipelines}
        self._use(self._chosen if self._chosen in known else self._pipelines[0].id)

    def set_pipeline(self, pipeline_id: int) -> None:
        """Show another pipeline."""
        self._whole = False
        settings.remember_value("pipeline.chosen", pipeline_id)
        self._chosen = pipeline_id
        if self._pipelines:
            self._use(pipeline_id)

    def _use(self, pipeline_id: int | None) -> None:
        chosen = next((one for one in self._pipelines if one.id == pipeline_id), self._pipelines[0])
        self._chosen = chosen.id
        self._name_chooser()
        self.board.set_pipeline(chosen, [one for one in self._pipelines if one.id != chosen.id])
        self._show_mode()

    @property
    def pipeline(self) -> Pipeline | None:
        """The pipeline that is shown."""
        return next((one for one in self._pipelines if one.id == self._chosen), None)

    def _name_chooser(self) -> None:
        pipeline = self.pipeline
        most = 28 if self.width() >= px(_ROOMY) else 18
        name = pipeline.name if pipeline else ""
        if self._whole and self.mode == LIST:
            name = _("All pipelines")
        self.chooser.setText(_short(name, most))
        self.chooser.setToolTip(name)
        self.chooser.setAccessibleName(_("Pipeline: {name}").format(name=name))
        self.chooser.setVisible(pipeline is not None)
        self.chooser.updateGeometry()

    def pipeline_menu(self) -> QMenu:
        """The pipelines to choose from."""
        menu = QMenu(self)
        whole = self._whole and self.mode == LIST
        if self.mode == LIST:
            action = menu.addAction(_("All pipelines"))
            action.setCheckable(True)
            action.setChecked(whole)
            action.triggered.connect(lambda _checked=False: self._show_whole())
        for one in self._pipelines:
            action = menu.addAction(one.name)
            action.setCheckable(True)
            action.setChecked(one.id == self._chosen and not whole)
            action.triggered.connect(lambda _checked=False, one=one: self.set_pipeline(one.id))
        menu.addSeparator()
        action = menu.addAction(icon("ph.gear"), _("Pipelines and stages…"))
        action.setEnabled(can(self.office, "settings"))
        action.triggered.connect(lambda _checked=False: self.navigator.open_page("settings", tab="pipelines"))
        return menu

    def _show_whole(self) -> None:
        """Show the deals of every pipeline in the list."""
        self._whole = True
        self._show_mode()

    def _choose_pipeline(self) -> None:
        self.pipeline_menu().exec(self.chooser.mapToGlobal(QPoint(0, self.chooser.height() + px(4))))

    def _on_records_changed(self, event: Any) -> None:
        if event.touches("pipeline") or event.touches("stage"):
            self.read_pipelines()

    # -- board, list, forecast -----------------------------------------------------------------------------------

    def set_mode(self, mode: str) -> None:
        """Show "board", "list" or "forecast", also the next time."""
        settings.remember_value("pipeline.mode", mode)
        self._go(mode)

    def _go(self, mode: str) -> None:
        self.mode = mode
        self.segments.set_value(mode)
        self._show_mode()
        self.refresh_commands()
        self._take_focus()

    def _show_mode(self) -> None:
        pipeline = self.pipeline
        if pipeline is None:
            return
        if self.mode == LIST:
            wanted, self._wanted = self._wanted, None
            self._show_list(pipeline, wanted)
            deal_id, self._wanted_deal = self._wanted_deal, None
            if deal_id is not None and self.list is not None:
                self.list.activated(record_id=deal_id)
        elif self.mode == FORECAST:
            if self.forecast is None:
                self.forecast = ForecastView(self.office)
                self.forecast.filter_chosen.connect(lambda tree: self.activated(filter=to_json(tree)))
                self.views.addWidget(self.forecast)
                self._print_by_key(self.forecast)
            self.forecast.set_pipeline(pipeline, self.board.filters.filter(), self.board.filters.words())
            self.views.setCurrentWidget(self.forecast)
        else:
            if self.board.pipeline is None or self.board.pipeline.id != pipeline.id:
                self.board.set_pipeline(pipeline, [one for one in self._pipelines if one.id != pipeline.id])
            self.views.setCurrentWidget(self.board)
        self._name_chooser()
        self._show_totals()

    def _show_list(self, pipeline: Pipeline, wanted: Filter | None = None) -> None:
        """Show the list of a pipeline, with a filter or with that of the board where it has one."""
        base = EVERYTHING if self._whole else where("pipeline_id", "eq", pipeline.id)
        shown = self.board.filters.filter()
        if wanted is None and shown not in (EVERYTHING, self._handed):
            wanted = all_of(OPEN, shown)
        self._handed = shown
        page = self.list
        if page is None:
            page = self.list = self._make_list(base, "all" if wanted is not None else "")
        elif page.kit.base != base:
            page.kit = replace(page.kit, base=base)
            page.search_now()
        self.views.setCurrentWidget(page)
        if wanted is not None:
            page.activated(filter=to_json(wanted))

    def _make_list(self, base: Filter, view: str) -> ListPage:
        """The list, opened at a view; at the one of the last time, or the open deals, where none is named."""
        if view or settings.remembered_value("list.deals.view") is None:
            settings.remember_value("list.deals.view", view or "open")
        page = ListPage(self.office, self.navigator, replace(deals_list(self._kit), base=base))
        self.views.addWidget(page)
        page.header.hide()
        page.model.counted.connect(lambda _shown, _total: self._read_list_totals())
        for widget in (page.search, page.print_button, page.more):
            self.header.add(widget)
        return page

    def _show_totals(self) -> None:
        data = self.board.data
        if self.mode == LIST:
            self._read_list_totals()
        elif data is not None:
            self.totals.show_amounts(open_deals(data.count), data.amounts, data.currency)
        self._fit()
        self._say_shown()

    def _read_list_totals(self) -> None:
        """What the deals of the list are worth, closed ones included where it shows them."""
        page, pipeline = self.list, self.pipeline
        if page is None or pipeline is None or self.mode != LIST:
            return
        database, user_id, tree = self.office.database, self.office.user_id, page.model.query.filter
        whole = self._whole

        def read(connection: Any) -> tuple[Amount, ...]:
            shown = [one.id for one in queries.pipelines(connection, archived=True)] if whole else [pipeline.id]
            return joined([
                amount
                for one in shown
                for part in queries.pipeline_totals(database, connection, one, tree, user_id)
                for amount in part.amounts
            ])  # fmt: skip

        def show(amounts: tuple[Amount, ...]) -> None:
            if self.mode == LIST:
                self.totals.show_amounts(deals(sum(one.count for one in amounts)), amounts, pipeline.currency)
                self._fit()

        self.office.read(self, read, show, supersede="totals")

    def _say_shown(self) -> None:
        tell = getattr(self.navigator, "set_shown", None)
        if tell is not None and self.isVisible() and self.mode != LIST and self.board.data is not None:
            tell(deals(self.board.data.count))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._name_segments()
        self._name_chooser()
        self._fit()

    def _fit(self) -> None:
        self.header.title.setVisible(self.mode != LIST or self.width() >= px(_ROOMY))
        of_list = self.mode == LIST and self.list is not None
        if self.list is not None:
            for widget in (self.list.search, self.list.print_button, self.list.more):
                widget.setVisible(of_list)
        others: list[QWidget] = [self.chooser, self.segments]
        if not self.header.title.isHidden():
            others.append(self.header.title)
        if of_list and self.list is not None:
            others += [self.list.search, self.list.print_button, self.list.more]
        taken = sum(one.sizeHint().width() for one in others) + px(48 + 8 * len(others) + 16)
        self.totals.fit(self.width() - taken)

    # -- commands ------------------------------------------------------------------------------------------------

    def _on_board(self) -> bool:
        return self.mode == BOARD and self.board.board.current_card() is not None

    def _shows_board(self) -> bool:
        return self.mode == BOARD and bool(self.board.board.columns)

    @command("pipeline.quick_add", text=N_("New deal in this stage"), shortcut="N", icon="ph.plus", group="new",
             enabled_when="_shows_board")  # fmt: skip
    def quick_add(self) -> None:
        """Open the small form at the foot of the column."""
        self.board.add_here()

    @command("pipeline.move_back", text=N_("Move to the stage before"), shortcut="Alt+Left", icon="ph.arrow-left",
             group="move", enabled_when="_on_board")  # fmt: skip
    def move_back(self) -> None:
        """One stage back."""
        self.board.move_beside(-1)

    @command("pipeline.move_on", text=N_("Move to the next stage"), shortcut="Alt+Right", icon="ph.arrow-right",
             group="move", enabled_when="_on_board")  # fmt: skip
    def move_on(self) -> None:
        """One stage on."""
        self.board.move_beside(1)

    @command("pipeline.move_up", text=N_("Move the card up"), shortcut="Alt+Up", icon="ph.arrow-up", group="move",
             enabled_when="_on_board")  # fmt: skip
    def move_up(self) -> None:
        """Before the card above."""
        self.board.move_along(-1)

    @command("pipeline.move_down", text=N_("Move the card down"), shortcut="Alt+Down", icon="ph.arrow-down",
             group="move", enabled_when="_on_board")  # fmt: skip
    def move_down(self) -> None:
        """After the card below."""
        self.board.move_along(1)

    @command("pipeline.win", text=N_("Mark as won"), shortcut="W", icon="ph.trophy", group="close",
             enabled_when="_on_board")  # fmt: skip
    def win(self) -> None:
        """Win the current deal."""
        self.board.close_current(WON)

    @command("pipeline.lose", text=N_("Mark as lost…"), shortcut="L", icon="ph.x-circle", group="close",
             enabled_when="_on_board")  # fmt: skip
    def lose(self) -> None:
        """Lose the current deal, and say why."""
        self.board.close_current(LOST)

    @command("pipeline.postpone", text=N_("Postpone…"), icon="ph.hourglass", group="close", enabled_when="_on_board")
    def postpone(self) -> None:
        """Let the current deal rest."""
        self.board.close_current(POSTPONE)

    def _prints(self) -> bool:
        return self.mode != LIST and self.pipeline is not None

    @command("pipeline.print", text=N_("Print the pipeline"), icon="ph.printer", group="view", enabled_when="_prints")
    def print_shown(self) -> None:
        """Print the board or the forecast as a report; the list has its own print."""
        if self.mode == FORECAST:
            self.navigator.open_page("reports", report="forecast", values={"pipeline": self._chosen})
        elif self.mode == BOARD:
            self.board.print_board()

    @command("pipeline.show_board", text=N_("Show the board"), shortcut="Ctrl+Alt+1", group="view")
    def show_board(self) -> None:
        """The board."""
        self.set_mode(BOARD)

    @command("pipeline.show_list", text=N_("Show the list"), shortcut="Ctrl+Alt+2", group="view")
    def show_list(self) -> None:
        """The list."""
        self.set_mode(LIST)

    @command("pipeline.show_forecast", text=N_("Show the forecast"), shortcut="Ctrl+Alt+3", group="view")
    def show_forecast(self) -> None:
        """The forecast."""
        self.set_mode(FORECAST)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"
