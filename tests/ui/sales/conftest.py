"""An office with a pipeline, three people and a few deals, on a fixed day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop.calendar import service as calendar
from crm_desktop.core import clock, formats
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history
from crm_desktop.records import queries as reading
from crm_desktop.records import service as records
from crm_desktop.sales import service as sales
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle
from ui import features
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.sales.column import Column
from ui.sales.pipeline_page import PipelinePage
from ui.theme.theme import apply_theme
from ui.widgets.toast import Toast

ZONE = ZoneInfo("America/Sao_Paulo")


class Window:
    """The window around the page: remembers where it was sent, and undoes the last change as the real one does."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.opened: list[tuple[str, int, bool]] = []
        self.pages: list[tuple[str, dict[str, Any]]] = []
        self.created: list[tuple[str, dict[str, Any]]] = []
        self.shown = ""

    def open_page(self, name: str, **params: Any) -> None:
        self.pages.append((name, params))

    def open_record(self, entity: str, record_id: int, *, new_window: bool = False) -> None:
        self.opened.append((entity, record_id, new_window))

    def create_record(self, entity: str, values: dict[str, Any] | None = None) -> None:
        self.created.append((entity, dict(values or {})))

    def back(self) -> None:
        """Not needed here."""

    def set_shown(self, text: str) -> None:
        self.shown = text

    def undo(self) -> None:
        with self.office.database.read() as connection:
            row = history.last_undoable(connection, user_id=self.office.user_id)
        assert row is not None
        history.undo(self.office.database, row.id, self.office.actor)


@pytest.fixture(autouse=True)
def thursday(qapp: QApplication) -> Iterator[None]:
    """It is Thursday, 12 March 2026, 10:42 in São Paulo, and the office counts in reais."""
    apply_theme(qapp, "light")
    clock.set_clock(lambda: datetime(2026, 3, 12, 10, 42, tzinfo=ZONE).astimezone(UTC))
    formats.set_default_currency("BRL")
    dialogs.answers.reset(strict=True)
    yield
    clock.set_clock(None)
    formats.set_default_currency("")
    dialogs.answers.reset()


def fill(database: Database) -> dict[str, int]:
    """Records by name: Helena and Caio, two companies, the stages, six deals; the first one of a column is on top."""
    made: dict[str, int] = {}
    with write(database, "People") as uow:
        for name in ("Helena Prates", "Caio Bittar"):
            made[name] = records.create_record(uow, "user", {"name": name, "login": name.split()[0].lower()})
        pipeline = made["pipeline"] = sales.create_pipeline(uow, "Equipment")
        other = made["other pipeline"] = sales.create_pipeline(uow, "Contracts")
        for company in ("Hotel Pedra do Lume", "Mercado Bom Cesto"):
            made[company] = records.create_record(uow, "company", {"name": company})
    with database.read() as connection:
        table = database.schema.table("stage")
        for row in connection.execute(table.select()):
            prefix = "" if row.pipeline_id == pipeline else "other " if row.pipeline_id == other else "? "
            made[prefix + row.name] = row.id
    rows = [
        ("Cold room", "Qualification", 64000, "Helena Prates", date(2026, 4, 30), "Hotel Pedra do Lume"),
        ("Freezers", "Qualification", 13600, "Caio Bittar", date(2026, 3, 2), None),
        ("Chillers", "Needs analysis", 148000, "Helena Prates", date(2026, 5, 29), "Hotel Pedra do Lume"),
        ("Tunnel", "Needs analysis", 97000, "Caio Bittar", None, "Mercado Bom Cesto"),
        ("Splits", "Proposal", 54300, "Helena Prates", date(2026, 4, 10), "Mercado Bom Cesto"),
        ("Central air", "Negotiation", 132500, "Helena Prates", date(2026, 4, 17), "Mercado Bom Cesto"),
    ]
    for name, stage, amount, owner, close, company in reversed(rows):
        with write(database, "Deals") as uow:
            made[name] = records.create_record(uow, "deal", {
                "name": name, "stage_id": made[stage], "amount": amount, "owner_id": made[owner],
                "expected_close": close, "company_id": made[company] if company else None,
            })  # fmt: skip
    with write(database, "History") as uow:
        long_ago = datetime(2026, 2, 1, 12, tzinfo=UTC)
        uow.update("deal", made["Tunnel"], {"stage_since": long_ago, "created_at": long_ago})
        call = {"kind": "call", "subject": "Call the architect", "due": date(2026, 3, 12), "due_time": "16:00"}
        calendar.plan_activity(uow, call, links=[("deal", made["Cold room"])])
    return made


@pytest.fixture
def office_of_deals(filled_office: OpenFilled) -> tuple[Database, dict[str, int]]:
    """The open office, and its records by name."""
    return filled_office(fill)


@pytest.fixture
def sqlite_database(office_of_deals: tuple[Database, dict[str, int]]) -> Database:
    """The office's database."""
    return office_of_deals[0]


@pytest.fixture
def ids(office_of_deals: tuple[Database, dict[str, int]]) -> dict[str, int]:
    """Its records by name."""
    return office_of_deals[1]


@pytest.fixture
def office(sqlite_database: Database, ids: dict[str, int]) -> Iterator[Office]:
    """The office as Helena sees it."""
    office = Office(sqlite_database, Actor(ids["Helena Prates"], "Helena Prates", "test"), write)
    yield office
    tasks.shutdown()


@pytest.fixture
def window(office: Office) -> Window:
    """What is around the page."""
    return Window(office)


@pytest.fixture
def page(qtbot: QtBot, office: Office, window: Window) -> PipelinePage:
    """The page, opened and read."""
    page = next(spec for spec in features.PAGES if spec.name == "pipeline").make(office, window)
    assert isinstance(page, PipelinePage)
    qtbot.addWidget(page)
    page.resize(1232, 800)
    page.show()
    page.activated()
    assert tasks.wait_idle(5)
    qtbot.waitUntil(lambda: page.board.state.state() == "full", timeout=5000)
    return page


class Desk:
    """Somebody who works with the page: looks at the board, presses keys, waits."""

    def __init__(self, page: PipelinePage, office: Office, qtbot: QtBot) -> None:
        self.page, self.office, self.qtbot = page, office, qtbot

    def values(self, deal_id: int) -> dict[str, Any]:
        """A deal as the database has it."""
        with self.office.database.read() as connection:
            return dict(reading.get_record(self.office.database, connection, "deal", deal_id).values)

    def stage_of(self, deal_id: int) -> str:
        return str(self.values(deal_id)["stage_id"])

    def column(self, name: str) -> Column:
        return next(one for one in self.page.board.board.columns if one.stage.name == name)

    def names(self, stage: str) -> list[str]:
        """The cards of a column from top to bottom."""
        return [card.name for card in self.column(stage).view.cards.cards]

    def current(self) -> str:
        card = self.page.board.board.current_card()
        assert card is not None
        return card.name

    settle = staticmethod(settle)

    def choose(self, deal_id: int) -> None:
        """Make a card current and give its column the keys."""
        assert self.page.board.board.choose_deal(deal_id, focus=True)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, modifier)

    def toast(self) -> Toast:
        return self.page.window().findChildren(Toast, "toast", Qt.FindChildOption.FindDirectChildrenOnly)[-1]


@pytest.fixture
def desk(page: PipelinePage, office: Office, qtbot: QtBot) -> Desk:
    """Somebody at the page."""
    return Desk(page, office, qtbot)
