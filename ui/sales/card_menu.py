"""What can be done with a card by its menu, and the deals of a board on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.core.filters import Filter, all_of, where
from crm_desktop.core.i18n import _, pgettext
from crm_desktop.records import queries as records
from crm_desktop.sales.queries import OPEN, Card, Pipeline
from ui.framework.office import Office
from ui.sales.drop_strip import ELSEWHERE, LOST, POSTPONE, WON
from ui.theme.icons import icon

if TYPE_CHECKING:
    from ui.sales.board_view import BoardView

_PRINTED = ("stage_id", "name", "company_id", "amount", "weighted_amount", "expected_close", "owner_id")


def card_menu(view: BoardView, card: Card) -> QMenu:
    """The menu of a card."""
    menu = QMenu(view)

    def add(picture: str, text: str, act: Callable[[], Any], keys: str = "") -> None:
        action = menu.addAction(icon(picture), text)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutVisibleInContextMenu(True)
            # shown only: the key itself belongs to the page's command
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda _checked=False: act())

    def in_window() -> None:
        view.navigator.open_record("deal", card.id, new_window=True)

    add("ph.arrow-right", pgettext("action", "Open"), lambda: view.open_deal(card.id))
    add("ph.arrow-square-out", _("Open in a window"), in_window)
    if not view.may_move(card):
        return menu
    menu.addSeparator()
    stages = menu.addMenu(icon("ph.columns"), _("Move to"))
    for column in view.board.columns:
        action = stages.addAction(column.stage.name)
        action.setEnabled(column.stage.id != card.stage_id)
        action.triggered.connect(lambda _checked=False, stage=column.stage: view.move_on_top(card, stage.id))
    menu.addSeparator()
    add("ph.trophy", _("Mark as won"), lambda: view.close_deal(card, WON), "W")
    add("ph.x-circle", _("Mark as lost…"), lambda: view.close_deal(card, LOST), "L")
    add("ph.hourglass", _("Postpone…"), lambda: view.close_deal(card, POSTPONE))
    if view.others:
        add("ph.columns", _("Other pipeline…"), lambda: view.close_deal(card, ELSEWHERE))
    return menu


def print_deals(owner: QWidget, office: Office, pipeline: Pipeline, tree: Filter, words: str) -> None:
    """Print the open deals of a pipeline that a filter lets through, stage by stage."""
    from ui.records.list_document import ListContent  # lazy: heavy
    from ui.records.output import print_list  # lazy: heavy

    database, user_id = office.database, office.user_id
    whole = all_of(where("pipeline_id", "eq", pipeline.id), OPEN, tree)

    def read(connection: Any) -> list[int]:
        by_day = [("expected_close", False)]
        ids = list(records.find_ids(database, connection, "deal", filter=whole, sort=by_day, user_id=user_id))
        order = {one.id: place for place, one in enumerate(pipeline.stages)}
        rows = records.fetch_rows(database, connection, "deal", ids, ["stage_id"])
        stages = {row.id: order.get(getattr(row.values["stage_id"], "id", 0), 0) for row in rows}
        return sorted(ids, key=lambda one: stages.get(one, 0))

    def show(ids: list[int]) -> None:
        spec = database.schema.entity("deal")
        fields = tuple(spec.field(name) for name in _PRINTED)
        print_list(owner, office, "deal", ListContent(pipeline.name, words, fields, ids))

    office.read(owner, read, show)
