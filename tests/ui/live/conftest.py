"""Two people at one office: Helena's window, and Caio, who works at another computer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app, features
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from crm_desktop.sales.service import ensure_default_pipeline
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, wait_for, window_over
from ui import features as pages
from ui.framework.office import Office
from ui.framework.page import Page
from ui.main_window import MainWindow

FIRST = ("Ana", "Bruno", "Célia", "Davi", "Elisa", "Fábio", "Gilda", "Hugo", "Iara", "João", "Kátia", "Lia")
LAST = ("Amaral", "Brito", "Couto", "Dias", "Esteves")
CITIES = ("Curitiba", "Colombo", "Lapa")


@dataclass
class Desk:
    """Helena's main window, and the means to work as Caio on a database object of his own."""

    url: str
    database: Database
    helena: int
    caio: int
    office: Office
    window: MainWindow
    people: list[int]
    others: list[Database] = field(default_factory=list)

    def open(self, page: str, **params: Any) -> Any:
        """Open a page, wait until it is read, and until what others do is heard."""
        self.window.open_page(page, **params)
        self.settle()
        wait_for(lambda: self.window.status_keeper.listening, "the window never listens")
        found = self.window.current_page
        assert isinstance(found, Page)
        return found

    def settle(self) -> None:
        """Let everything that was begun come to its end, and hear of it."""
        for _round in range(3):
            settle()
            QTest.qWait(40)
        settle()

    def elsewhere(self) -> Database:
        """The database as another computer has it open."""
        if not self.others:
            self.others.append(Database(self.url, features.schema()))
        return self.others[0]

    def as_caio(self, work: Callable[[Any], Any], title: str = "Elsewhere") -> Any:
        """Write at the other computer."""
        with write(self.elsewhere(), title, actor=Actor(self.caio, "Caio Bittar", "there")) as uow:
            return work(uow)

    def update(self, entity: str, record_id: int, **values: Any) -> None:
        """Change a record at the other computer."""
        self.as_caio(lambda uow: service.update_record(uow, entity, record_id, values))

    def second_window(self) -> MainWindow:
        """Caio's own window, at his own computer."""
        office = Office(self.elsewhere(), Actor(self.caio, "Caio Bittar", "there"), write, name="Clima Tupiara")
        window = MainWindow(office, pages.PAGES, pages.RECORDS)
        window.resize(1280, 800)
        return window

    def find(self, name: str, entity: str = "contact") -> int:
        """The id of a record by its title."""
        with self.database.read() as connection:
            ids = list(queries.find_ids(self.database, connection, entity))
            titles = queries.titles(self.database.schema, connection, entity, ids)
        return next(identity for identity, title in titles.items() if title == name)

    wait = staticmethod(wait_for)


def fill(database: Database) -> dict[str, Any]:
    """Helena, Caio and sixty people."""
    with write(database, "Set up") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "role": "admin"})
        caio = service.create_record(uow, "user", {"name": "Caio Bittar", "login": "caio", "role": "owner"})
        ensure_default_pipeline(uow)
        people = [
            service.create_record(uow, "contact", {"name": f"{first} {last}", "city": CITIES[(i + j) % 3], "owner_id": helena})
            for i, first in enumerate(FIRST) for j, last in enumerate(LAST)
        ]  # fmt: skip
    return {"helena": helena, "caio": caio, "people": people}


@pytest.fixture
def desk(filled_database: OpenFilled, qapp: QApplication) -> Iterator[Desk]:
    """An office with sixty people, on both engines."""
    database, ids = filled_database(fill)
    app.follow_access(database, ids["helena"])
    office = Office(database, Actor(ids["helena"], "Helena Prates", "here"), write, name="Clima Tupiara")
    with window_over(office) as window:
        made = Desk(database.target, database, ids["helena"], ids["caio"], office, window, ids["people"])
        yield made
    for opened in made.others:
        opened.close()
