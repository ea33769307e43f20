"""The day in the theme: Thursday, 12 March 2026, 10:42, with a small office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop.calendar import service as calendar
from crm_desktop.cases import service as cases
from crm_desktop.core import clock, formats
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from crm_desktop.sales.service import ensure_default_pipeline
from tests.helpers.windows import settle
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.theme.theme import apply_theme
from ui.today.today_page import TodayPage

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 3, 12, 10, 42, tzinfo=ZONE)


@dataclass
class Window:
    """The window around the page: remembers where it was sent, what it was asked to make, and the badges."""

    pages: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    opened: list[tuple[str, int]] = field(default_factory=list)
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    badges: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    def open_page(self, name: str, **params: Any) -> None:
        self.pages.append((name, params))

    def open_record(self, entity: str, record_id: int, *, new_window: bool = False) -> None:
        self.opened.append((entity, record_id))

    def create_record(self, entity: str, values: dict[str, Any] | None = None) -> None:
        self.made.append((entity, dict(values or {})))

    def back(self) -> None:
        """Not needed here."""

    def set_shown(self, text: str) -> None:
        self.shown = text

    def set_badge(self, page: str, text: str, kind: str = "neutral", icon_name: str = "") -> None:
        self.badges[page] = text


class Day:
    """The page on a real database, with the means to fill a day and to wait."""

    def __init__(self, office: Office, qtbot: QtBot, people: dict[str, int]) -> None:
        self.office, self.qtbot, self.people = office, qtbot, people
        self.window = Window()
        self.forms: list[int] = []
        self.page: TodayPage

    def open(self, width: int = 1232, **params: Any) -> TodayPage:
        def open_form(_office: Office, _parent: Any, activity_id: int, _recurrence: Any) -> None:
            self.forms.append(activity_id)

        self.page = TodayPage(self.office, self.window, open_form)
        self.qtbot.addWidget(self.page)
        self.page.resize(width, 820)
        self.page.show()
        self.page.activated(**params)
        self.settle()
        return self.page

    settle = staticmethod(settle)

    def task(self, subject: str, days: int, *, owner: str = "Helena Prates", at: str = "") -> int:
        values = {"kind": "task", "subject": subject, "due": NOW.date() + timedelta(days=days)}
        return self._plan({**values, "due_time": at or None}, owner)

    def event(self, subject: str, start: str, end: str, *, owner: str = "Helena Prates", **values: Any) -> int:
        day = NOW.date()
        first, last = (datetime.combine(day, time.fromisoformat(one)) for one in (start, end))
        return self._plan({"kind": "meeting", "subject": subject, "starts": first, "ends": last, **values}, owner)

    def _plan(self, values: dict[str, Any], owner: str) -> int:
        with write(self.office.database, "Plan", actor=self.office.actor) as uow:
            return calendar.plan_activity(uow, {**values, "owner_id": self.people[owner]})

    def case(self, subject: str, hours: float, **values: Any) -> int:
        clock.set_clock(lambda: NOW.astimezone(UTC) - timedelta(hours=hours))
        with write(self.office.database, "Case", actor=self.office.actor) as uow:
            made = cases.create_case(uow, {"subject": subject, **values})
        clock.set_clock(lambda: NOW.astimezone(UTC))
        return made

    def deal(self, name: str, amount: str, *, days: int = 0) -> int:
        """A deal that came to its stage so many days ago."""
        clock.set_clock(lambda: NOW.astimezone(UTC) - timedelta(days=days))
        with write(self.office.database, "Deal", actor=self.office.actor) as uow:
            ensure_default_pipeline(uow)
            made = service.create_record(uow, "deal", {
                "name": name, "amount": Decimal(amount), "currency": "BRL", "owner_id": self.office.user_id,
                "expected_close": NOW.date() + timedelta(days=20),
            })  # fmt: skip
        clock.set_clock(lambda: NOW.astimezone(UTC))
        return made

    def row(self, activity_id: int) -> dict[str, Any]:
        with self.office.database.read() as connection:
            return dict(queries.get_record(self.office.database, connection, "activity", activity_id).values)


@pytest.fixture(autouse=True)
def thursday(qapp: QApplication) -> Iterator[None]:
    """It is Thursday, 12 March 2026, 10:42 in São Paulo."""
    apply_theme(qapp, "light")
    clock.set_clock(lambda: NOW.astimezone(UTC))
    formats.set_default_currency("BRL")
    yield
    formats.set_default_currency("")
    clock.set_clock(None)


@pytest.fixture
def day(sqlite_database: Database, qtbot: QtBot) -> Iterator[Day]:
    """Helena's day; Davi works here too."""
    with write(sqlite_database, "People") as uow:
        people = {
            name: service.create_record(uow, "user", {"name": name, "login": name.split()[0].lower(), "active": True})
            for name in ("Helena Prates", "Davi Moreno")
        }
    office = Office(sqlite_database, Actor(people["Helena Prates"], "Helena Prates", "test"), write)
    dialogs.answers.reset(strict=True)
    yield Day(office, qtbot, people)
    tasks.shutdown()
    dialogs.answers.reset()
