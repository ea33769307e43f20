"""A small office with known flaws in a real main window."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from crm_desktop.core import formats
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, window_over
from ui.framework.office import Office
from ui.main_window import MainWindow


@dataclass
class Desk:
    """The window, and what a test needs to work it."""

    window: MainWindow
    office: Office
    qtbot: QtBot
    ids: dict[str, int]

    @property
    def database(self) -> Database:
        """The open database."""
        return self.office.database  # type: ignore[no-any-return]

    def open(self, page: str, **params: Any) -> Any:
        """Open a page and wait for it."""
        self.window.open_page(page, **params)
        self.settle()
        return self.window.current_page

    settle = staticmethod(settle)

    def record(self, name: str) -> Any:
        """One of the contacts as it is stored now."""
        with self.database.read() as connection:
            return queries.get_record(self.database, connection, "contact", self.ids[name])


def fill(database: Database) -> dict[str, int]:
    """Helena, a company and three contacts, one of them without anything but a name."""
    formats.set_default_country("BR")
    with write(database, "People") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "active": True})
        company = service.create_record(uow, "company", {"name": "Trigo Lilás", "owner_id": helena})
        rows = {
            "marina": {"name": "Marina Queirós", "email": "marina@t.example", "mobile": "+5541955500142",
                       "owner_id": helena, "company_id": company, "lifecycle": "customer"},
            "otavio": {"name": "Otávio Lins", "phone": "95550-0163", "owner_id": helena, "lifecycle": "customer"},
            "zelia": {"name": "Zélia Duarte", "lifecycle": "customer"},
        }  # fmt: skip
        ids = {key: service.create_record(uow, "contact", values) for key, values in rows.items()}
    return {**ids, "company": company, "helena": helena}


@pytest.fixture
def desk(filled_office: OpenFilled, qtbot: QtBot) -> Iterator[Desk]:
    """Helena's office."""
    database, ids = filled_office(fill)
    formats.set_default_country("BR")
    office = Office(database, Actor(ids["helena"], "Helena Prates", "test"), write)
    with window_over(office) as window:
        yield Desk(window, office, qtbot, ids)
    formats.set_default_country("")
