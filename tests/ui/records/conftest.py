"""An office with a few people in a real main window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, queries, service
from crm_desktop.sales.service import ensure_default_pipeline
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, window_over
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records.list_page import ListPage

PEOPLE = (
    (
        "Marina Queirós",
        "Panificadora Trigo Lilás",
        "Curitiba",
        "41 95550-0142",
        "marina@trigolilas.example",
        "customer",
    ),
    ("Ícaro Bandeira", "Cervejaria Lobo Manso", "Curitiba", "41 95550-0143", "icaro@lobomanso.example", "customer"),
    ("Otávio Lins", "Hotel Pedra do Lume", "Ponta Grossa", "42 95550-0144", "otavio@pedradolume.example", "lead"),
    ("Sílvia Amarante", "Mercado Três Cajueiros", "Colombo", "41 95550-0145", "silvia@cajueiros.example", "qualified"),
    ("Zélia Duarte", "", "", "", "", "lead"),
)


@dataclass
class Desk:
    """A main window over an office, and what a test needs to work it."""

    window: MainWindow
    office: Office
    helena: int
    caio: int

    @property
    def database(self) -> Database:
        """The open database."""
        return self.office.database  # type: ignore[no-any-return]

    def open(self, page: str = "contacts", **params: Any) -> ListPage:
        """Open a page and wait until it shows its records."""
        self.window.open_page(page, **params)
        self.settle()
        found = self.window.current_page
        assert isinstance(found, ListPage)
        return found

    settle = staticmethod(settle)

    def find(self, name: str, entity: str = "contact") -> int:
        """The id of a record by its title."""
        with self.database.read() as connection:
            ids = queries.find_ids(self.database, connection, entity)
            titles = queries.titles(self.database.schema, connection, entity, list(ids))
        return next(identity for identity, title in titles.items() if title == name)

    def record(self, record_id: int, entity: str = "contact") -> queries.Record:
        """A record as it stands in the database."""
        with self.database.read() as connection:
            return queries.get_record(self.database, connection, entity, record_id)

    def as_caio(self, work: Callable[[Any], Any]) -> Any:
        """Write as somebody on another computer."""
        with write(self.database, "Elsewhere", actor=Actor(self.caio, "Caio Bittar", "other")) as uow:
            result = work(uow)
        self.settle()
        return result

    def names(self, page: ListPage) -> list[str]:
        """The titles in the list, from top to bottom."""
        return [page.model.title_at(row) for row in range(page.model.rowCount())]


def fill(database: Database) -> dict[str, int]:
    """Helena and Caio, and five people in four companies."""
    with write(database, "Set up") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "role": "admin"})
        caio = service.create_record(uow, "user", {"name": "Caio Bittar", "login": "caio"})
        ensure_default_pipeline(uow)
        for name, company, city, mobile, email, lifecycle in PEOPLE:
            company_id = service.create_record(uow, "company", {"name": company}) if company else None
            values = {"name": name, "company_id": company_id, "city": city, "mobile": mobile, "email": email}
            made = service.create_record(
                uow, "contact", values | {"lifecycle": lifecycle, "owner_id": helena}, country="BR"
            )
            if lifecycle == "customer":
                attach_service.tag_records(uow, "contact", [made], "cliente")
    return {"helena": helena, "caio": caio}


@pytest.fixture
def desk(filled_office: OpenFilled, qapp: QApplication) -> Iterator[Desk]:
    """The window of Helena's office."""
    database, ids = filled_office(fill)
    office = Office(database, Actor(ids["helena"], "Helena Prates", "here"), write, name="Clima Tupiara")
    with window_over(office, 1440, 900) as window:
        yield Desk(window, office, ids["helena"], ids["caio"])
