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
from ui import features
from ui.framework import dialogs, tasks
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

    def settle(self) -> None:
        """Wait until nothing is read, written or running."""
        for _ in range(4):
            self.qtbot.wait(60)
            assert tasks.wait_idle(20)
        self.qtbot.waitUntil(lambda: not tasks.jobs().active())
        assert tasks.wait_idle()

    def record(self, name: str) -> Any:
        """One of the contacts as it is stored now."""
        with self.database.read() as connection:
            return queries.get_record(self.database, connection, "contact", self.ids[name])


@pytest.fixture
def desk(sqlite_database: Database, qtbot: QtBot) -> Iterator[Desk]:
    """Helena's office: three contacts, one of them without anything but a name."""
    formats.set_default_country("BR")
    with write(sqlite_database, "People") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "active": True})
        company = service.create_record(uow, "company", {"name": "Trigo Lilás", "owner_id": helena})
        rows = {
            "marina": {"name": "Marina Queirós", "email": "marina@t.example", "mobile": "+5541955500142",
                       "owner_id": helena, "company_id": company, "lifecycle": "customer"},
            "otavio": {"name": "Otávio Lins", "phone": "95550-0163", "owner_id": helena, "lifecycle": "customer"},
            "zelia": {"name": "Zélia Duarte", "lifecycle": "customer"},
        }  # fmt: skip
        ids = {key: service.create_record(uow, "contact", values) for key, values in rows.items()}
    ids["company"] = company
    office = Office(sqlite_database, Actor(helena, "Helena Prates", "test"), write)
    dialogs.answers.reset(strict=True)
    window = MainWindow(office, features.PAGES, features.RECORDS)
    window.resize(1280, 800)
    window.show()
    yield Desk(window, office, qtbot, ids)
    tasks.wait_idle()
    window.status_keeper.stop()
    window.close()
    window.deleteLater()
    tasks.shutdown()
    dialogs.answers.reset()
    formats.set_default_country("")
