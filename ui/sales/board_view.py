"""The board with its chips, its states, and the card of the deal that was opened beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _
from crm_desktop.records import custom
from crm_desktop.records import queries as records
from crm_desktop.sales import queries
from crm_desktop.sales.queries import CARDS, BoardData, Card, Pipeline
from ui.framework import settings
from ui.framework.may import can, may, may_with, why_not_with
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.card import RecordCard
from ui.records.kit import CardKit
from ui.records.shown import list_fields
from ui.sales.board import Board
from ui.sales.board_filters import BoardFilters
from ui.sales.card_menu import card_menu, print_deals
from ui.sales.deal_actions import DealActions
from ui.sales.drop_strip import ELSEWHERE, LOST, POSTPONE, WON
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Hairline, Plane
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.toast import show_toast

_RELOAD_MS = 30
_ROOM_FOR_CARD = 860
_SHOWN = ("deal", "activity", "company", "contact", "user", "stage", "pipeline")


@dataclass(frozen=True)
class _Read:
    data: BoardData
    people: Sequence[tuple[int, str]]
    fields: Sequence[Field]


class BoardView(QWidget):
    """A pipeline's board. ``data_changed`` is sent when figures are read; ``current_changed`` with the current card."""

    data_changed = Signal()
    current_changed = Signal()

    def __init__(self, office: Office, navigator: Navigator, kit: CardKit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office, self.navigator = office, navigator
        self.data: BoardData | None = None
        self.pipeline: Pipeline | None = None
        self.others: Sequence[Pipeline] = ()
        self._kit = kit
        self._pending = 0
        self._stale = False
        self._bare = False
        self._wanted: int | None = None
        self.deal_actions = DealActions(office, navigator, self, self._on_writing, self._on_written)
        self.filters = BoardFilters(office)
        self.board = Board(office)
        self.empty = EmptyState("ph.columns", hue=4)
        self.state = StateStack(self.board, self.empty, loading="cards")
        self.card: RecordCard | None = None
        self._lay_out()
        self._connect()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_RELOAD_MS)
        self._soon.timeout.connect(self.reload)
        self.retranslate()

    def _lay_out(self) -> None:
        left = Plane("surface")
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.filters)
        box.addWidget(self.state, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(left)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _connect(self) -> None:
        self.filters.changed.connect(self.reload)
        self.filters.print_requested.connect(self.print_board)
        self.filters.menu_requested.connect(self._open_menu)
        self.state.retry.connect(self.reload)
        self.empty.action.connect(self._empty_action)
        self.empty.second_action.connect(self._show_bare)
        self.board.opened.connect(self.open_deal)
        self.board.current_changed.connect(self._on_current)
        self.board.move_requested.connect(self.move_to)
        self.board.outcome_requested.connect(self.close_deal)
        self.board.create_requested.connect(self._quick_add)
        self.board.more_wanted.connect(self._read_more)
        self.board.menu_requested.connect(self._card_menu)
        self.board.drag_over.connect(self._settle)
        self.office.records_changed.connect(self._on_records_changed)
        self.office.access_changed.connect(self._on_access_changed)

    def retranslate(self) -> None:
        """Write the words again."""
        self.filters.retranslate()
        self.board.retranslate()
        self._say_empty()
        if self.data is not None:
            self._show(self.data)

    def _on_access_changed(self) -> None:
        """Make the columns anew: other cards may be seen, moved and added."""
        self.board.forget_columns()
        self._say_empty()
        self.reload()

    def _say_empty(self) -> None:
        if self.filters.in_force:
            self.empty.set_texts(_("No deal matches"), _("No open deal of this pipeline passes these filters."))
            self.empty.set_button(_("Show all"), "ph.funnel")
            self.empty.set_second_button("")
        elif self.office.database.read_only:
            self.empty.set_texts(_("No open deals"), _("This pipeline has no open deals here."))
            self.empty.set_button("")
            self.empty.set_second_button(_("Show the empty board"))
        else:
            text = _("Every sale on its way has a card here. Drag it from stage to stage until it is won.")
            self.empty.set_texts(_("No open deals yet"), text)
            self.empty.set_button(_("New deal") if may(self.office, "deal", "create") else "", "ph.plus")
            self.empty.set_second_button(_("Show the empty board"))

    # -- reading -------------------------------------------------------------------------------------------------

    def set_pipeline(self, pipeline: Pipeline, others: Sequence[Pipeline]) -> None:
        """Show another pipeline; ``others`` are those a deal can go to."""
        changed = self.pipeline is None or pipeline.id != self.pipeline.id
        self.pipeline, self.others = pipeline, others
        self.board.strip.set_elsewhere(bool(others))
        if changed:
            self._bare = False
        self.reload()

    def reload(self) -> None:
        """Read the board again; not while a card hangs on the pointer or a change is on its way."""
        pipeline = self.pipeline
        if pipeline is None:
            return
        if self._pending or self.board.dragged is not None:
            self._stale = True
            return
        self._stale = False
        self.state.show_loading()
        database, user_id = self.office.database, self.office.user_id
        tree, cards = self.filters.filter(), max(CARDS, self.board.shown_count())

        def read(connection: Any) -> _Read:
            data = queries.board(database, connection, pipeline.id, tree, user_id, cards=cards)
            ids = list(records.find_ids(database, connection, "user", sort=[("name", False)], limit=200))
            names = records.titles(database.schema, connection, "user", ids)
            fields = list_fields(database.schema.entity("deal"), custom.fields_of(database, "deal", connection))
            return _Read(data, [(one, names[one]) for one in ids if one in names], fields)

        self.office.read(self, read, self._on_read, self.state.show_error, supersede="board")

    def show_next(self, deal_id: int) -> None:
        """Make a deal current as soon as it is read."""
        self._wanted = deal_id
        self._soon.start()

    def _on_read(self, found: _Read) -> None:
        if self._pending or self.board.dragged is not None:
            self._stale = True
            return
        self.filters.set_fields(found.fields)
        self.filters.set_people(found.people)
        self._show(found.data)

    def _show(self, data: BoardData) -> None:
        self.data = data
        self.filters.set_counts(data.stalled, data.without_next)
        self.board.set_data(data)
        if data.count or self._bare or any(column.adding for column in self.board.columns):
            self.state.show_content()
        else:
            self._say_empty()
            self.state.show_empty()
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self.board.choose_deal(wanted, focus=not any(column.adding for column in self.board.columns))
        self.data_changed.emit()

    def _read_more(self, stage_id: int, offset: int) -> None:
        database, user_id, tree = self.office.database, self.office.user_id, self.filters.filter()

        def show(cards: list[Card]) -> None:
            column = self.board.column_of(stage_id)
            if column is not None and len(column.view.cards.cards) == offset:
                column.view.cards.append(cards)

        self.office.read(
            self,
            lambda connection: queries.more_cards(database, connection, stage_id, tree, user_id, offset=offset),
            show, supersede=f"more-{stage_id}",
        )  # fmt: skip

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if any(event.touches(name) for name in _SHOWN):
            self._soon.start()

    def _on_writing(self) -> None:
        self._pending += 1

    def _on_written(self) -> None:
        self._pending -= 1
        self._stale = True
        self._settle()

    def _settle(self) -> None:
        if self._stale and not self._pending and self.board.dragged is None:
            self._soon.start()

    def _empty_action(self) -> None:
        if self.filters.in_force:
            self.filters.clear()
        else:
            self.create_deal()

    def _show_bare(self) -> None:
        self._bare = True
        self.state.show_content()

    # -- the deal beside the board -------------------------------------------------------------------------------

    def open_deal(self, deal_id: int) -> None:
        """Show the card of a deal beside the board; in a window of its own where there is too little room."""
        if self.width() < px(_ROOM_FOR_CARD):
            self.navigator.open_record("deal", deal_id, new_window=True)
            return
        card = self.card or self._make_card()
        card.set_record(deal_id)
        self._side.show()

    def _make_card(self) -> RecordCard:
        card = self.card = RecordCard(self.office, self.navigator, "deal", self._kit)
        card.step_requested.connect(self._step)
        card.gone.connect(self.close_card)
        self._side = Plane("surface")
        head = SectionHeader(_("Deal"), icon="ph.columns")
        close = IconButton("ph.x", _("Close (Esc)"), kind="ghost")
        close.clicked.connect(self.close_card)
        head.add(close)
        box = QVBoxLayout(self._side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(card, 1)
        self._side.setMinimumWidth(px(380))
        self.splitter.addWidget(self._side)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([self.width() - px(440), px(440)])
        settings.remember_splitter(self.splitter, "pipeline.card")
        shortcut = QShortcut(QKeySequence("Escape"), self, self.close_card)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return card

    def close_card(self) -> None:
        """Put the card away and go back to the board."""
        if self.card is not None:
            self._side.hide()
            self.board.focus_first()

    @property
    def card_shown(self) -> bool:
        """Whether a deal is open beside the board."""
        return self.card is not None and not self._side.isHidden()

    def _on_current(self) -> None:
        current = self.board.current_card()
        if current is not None and self.card is not None and self.card_shown:
            self.card.set_record(current.id)
        self.current_changed.emit()

    def _step(self, step: int) -> None:
        column = self.board.current_column()
        if column is not None:
            column.view.choose_row(column.view.currentIndex().row() + step)

    # -- what is done to deals -----------------------------------------------------------------------------------

    def may_move(self, card: Card) -> bool:
        """Whether the deal of a card may be changed."""
        return may_with(self.office, "deal", "edit", card.owner_id, card.made_by)

    def allows(self, card: Card) -> bool:
        """As :meth:`may_move`; where it may not, a toast says why."""
        if self.may_move(card):
            return True
        show_toast(self, why_not_with(self.office, "deal", "edit", card.owner_id, card.made_by), kind="danger")
        return False

    def move_to(self, card: Card, stage_id: int, before: int | None) -> None:
        """Put a card in a stage, in front of another deal or at the end."""
        column = self.board.column_of(stage_id)
        if column is None or not self.allows(card):
            return
        self.board.show_moved(card, stage_id, before)
        if card.stage_id == stage_id:
            self.deal_actions.reorder(card.id, card.name, column.stage, before)
        else:
            self.deal_actions.move(card.id, card.name, column.stage, before, seen=card.stage_id)

    def move_beside(self, step: int) -> None:
        """Move the current card to the top of the stage before or after its own."""
        card, column = self.board.current_card(), self.board.stage_beside(step)
        if card is None or column is None or not self.allows(card):
            return
        first = column.view.cards.cards[0].id if column.view.cards.cards else None
        self.board.show_moved(card, column.stage.id, first)
        self.deal_actions.move(card.id, card.name, column.stage, top=True, seen=card.stage_id)

    def move_on_top(self, card: Card, stage_id: int) -> None:
        """Put a card on top of a stage."""
        column = self.board.column_of(stage_id)
        if column is not None:
            cards = column.view.cards.cards
            self.move_to(card, stage_id, cards[0].id if cards else None)

    def move_along(self, step: int) -> None:
        """Move the current card up or down in its column."""
        card, column = self.board.current_card(), self.board.current_column()
        if card is None or column is None:
            return
        cards = column.view.cards.cards
        place = next(n for n, one in enumerate(cards) if one.id == card.id)
        if not 0 <= place + step < len(cards):
            return
        ahead = place + step if step < 0 else place + step + 1
        self.move_to(card, card.stage_id, cards[ahead].id if ahead < len(cards) else None)

    def close_deal(self, card: Card, outcome: str) -> None:
        """Win, lose, postpone a deal, or give it to another pipeline."""
        if not self.allows(card):
            return
        if outcome == WON:
            self.board.show_gone(card.id)
            self.deal_actions.win(card.id, card.name)
        elif outcome == LOST:
            self.deal_actions.lose(card.id, card.name)
        elif outcome == POSTPONE:
            self.deal_actions.postpone(card.id, card.name)
        elif outcome == ELSEWHERE:
            column = self.board.column_of(card.stage_id)
            self.deal_actions.change_pipeline(card.id, card.name, self.others, column.stage if column else None)

    def close_current(self, outcome: str) -> None:
        """As :meth:`close_deal`, for the current card."""
        card = self.board.current_card()
        if card is not None:
            self.close_deal(card, outcome)

    def add_here(self) -> None:
        """Open the small form in the column in use."""
        column = self.board.current_column()
        if column is not None:
            self._bare = True
            self.state.show_content()
            column.open_form()

    def create_deal(self) -> None:
        """Open the whole form of a new deal of this pipeline."""
        create = getattr(self.navigator, "create_record", None)
        if create is not None and self.pipeline is not None:
            create("deal", {"pipeline_id": (self.pipeline.id, self.pipeline.name)})

    def _quick_add(self, stage_id: int, name: str, company_id: Any, company: str, amount: Any) -> None:
        column = self.board.column_of(stage_id)

        def done(deal_id: int) -> None:
            self._wanted = deal_id
            if column is not None and column.form is not None:
                column.form.start()
            self._soon.start()

        def failed(error: Exception) -> None:
            if column is not None and column.form is not None and isinstance(error, UserError):
                column.form.say(str(error))
            else:
                self.state.show_error(error)

        self.deal_actions.quick_add(stage_id, name, company_id, company, amount, done, failed)

    # -- menus and print -----------------------------------------------------------------------------------------

    def _card_menu(self, card: Card, where_: QPoint) -> None:
        card_menu(self, card).exec(where_)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        action = menu.addAction(icon("ph.gear"), _("Pipelines and stages…"))
        action.setEnabled(can(self.office, "settings"))
        action.triggered.connect(lambda _checked=False: self.navigator.open_page("settings", tab="pipelines"))
        anchor = self.filters.more
        menu.exec(anchor.mapToGlobal(QPoint(0, anchor.height() + px(4))))

    def print_board(self) -> None:
        """Print the deals stage by stage: the report of the pipeline, or a list where that cannot filter so."""
        pipeline = self.pipeline
        if pipeline is None:
            return
        values = self.filters.report_values()
        if values is not None:
            self.navigator.open_page("reports", report="pipeline", values={"pipeline": pipeline.id, **values})
        else:
            print_deals(self, self.office, pipeline, self.filters.filter(), self.filters.words())
