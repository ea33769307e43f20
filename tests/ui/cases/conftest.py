"""Cases in the theme, on a fixed day, with a small office."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from tests.helpers.windows import settle
from ui.cases.cases_page import CasesPage
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.theme.theme import apply_theme

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 3, 12, 10, 42, tzinfo=ZONE).astimezone(UTC)


@dataclass
class Window:
    """The window around the page: remembers where it was sent, what it was asked to make, and the badges."""

    opened: list[tuple[str, int]] = field(default_factory=list)
    made: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    badges: dict[str, str] = field(default_factory=dict)
    shown: str = ""

    def open_page(self, name: str, **params: Any) -> None:
        """Not needed here."""

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


class Desk:
    """The page on a real database, with the means to write as others do and to wait."""

    def __init__(self, office: Office, qtbot: QtBot, people: dict[str, int]) -> None:
        self.office, self.qtbot, self.people = office, qtbot, people
        self.window = Window()
        self.page: CasesPage

    def open(self, **params: Any) -> CasesPage:
        self.page = CasesPage(self.office, self.window)
        self.qtbot.addWidget(self.page)
        self.page.resize(1232, 800)
        self.page.show()
        self.page.activated(**params)
        self.settle()
        return self.page

    settle = staticmethod(settle)

    def case(self, subject: str, *, hours: float = 0, owner: str | None = "Helena Prates", **values: Any) -> int:
        """A case opened so many hours ago."""
        message = values.pop("message", "")
        clock.set_clock(lambda: NOW - timedelta(hours=hours))
        with write(self.office.database, "Case", actor=self.office.actor) as uow:
            owner_id = self.people[owner] if owner else None
            made = cases.create_case(uow, {"subject": subject, "owner_id": owner_id, **values}, message=message)
        clock.set_clock(lambda: NOW)
        return made

    def subjects(self) -> list[str]:
        return [item.subject for item in self.page.queue.list.queue.items]

    def row(self, case_id: int) -> dict[str, Any]:
        with self.office.database.read() as connection:
            return dict(queries.get_record(self.office.database, connection, "case", case_id).values)


@pytest.fixture(autouse=True)
def thursday(qapp: QApplication) -> Iterator[None]:
    """It is Thursday, 12 March 2026, 10:42 in São Paulo."""
    apply_theme(qapp, "light")
    clock.set_clock(lambda: NOW)
    yield
    clock.set_clock(None)


@pytest.fixture
def desk(sqlite_database: Database, qtbot: QtBot) -> Iterator[Desk]:
    """Helena's desk; Davi works here too."""
    with write(sqlite_database, "People") as uow:
        people = {
            name: service.create_record(uow, "user", {"name": name, "login": name.split()[0].lower(), "active": True})
            for name in ("Helena Prates", "Davi Moreno")
        }
    office = Office(sqlite_database, Actor(people["Helena Prates"], "Helena Prates", "test"), write)
    dialogs.answers.reset(strict=True)
    yield Desk(office, qtbot, people)
    tasks.shutdown()
    dialogs.answers.reset()
