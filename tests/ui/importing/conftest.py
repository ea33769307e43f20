"""A real window on a real office, with the import page open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop import app as core_app
from crm_desktop.core import formats
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries
from tests.helpers.windows import settle, window_over
from ui.framework.office import Office
from ui.importing.page import ImportPage
from ui.main_window import MainWindow


class Desk:
    """The window, its import page, and what a test asks of the database."""

    def __init__(self, window: MainWindow, office: Office, qtbot: QtBot) -> None:
        self.window = window
        self.office = office
        self.qtbot = qtbot

    @property
    def page(self) -> ImportPage:
        """The import page."""
        page = self.window.current_page
        assert isinstance(page, ImportPage)
        return page

    settle = staticmethod(settle)

    def open(self, path: Path | str) -> None:
        """Start with a file."""
        self.window.open_page("import", path=path)
        self.settle()

    def go_on(self) -> None:
        """Press the main button."""
        self.page.footer.go_on.click()
        self.settle()

    def go_to(self, key: str) -> None:
        """Press the main button until a step is reached."""
        for _times in range(8):
            if self.page.current.key == key:
                return
            self.go_on()
        raise AssertionError(f"stuck at {self.page.current.key}: {self.page.footer.text.text()}")

    def count(self, entity: str, filter: Filter = EVERYTHING) -> int:
        """How many records of a type there are."""
        with self.office.database.read() as connection:
            return queries.count(self.office.database, connection, entity, filter=filter)

    def records(self, entity: str, *names: str) -> list[tuple[Any, ...]]:
        """The values of some fields of every record, by id."""
        database = self.office.database
        with database.read() as connection:
            ids = queries.find_ids(database, connection, entity, sort=[("id", False)])
            rows = queries.fetch_rows(database, connection, entity, list(ids), names)
        return [tuple(row.values[name] for name in names) for row in rows]


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, sqlite_url: str) -> Iterator[Desk]:
    """A window of 1280 × 800 that shows the import page."""
    opened = core_app.open_office(sqlite_url)
    formats.set_default_country("BR")
    with window_over(Office(opened.database, opened.actor, write, name="Office")) as window:
        window.open_page("import")
        settle()
        yield Desk(window, window.office, qtbot)
    formats.set_default_country("")


@pytest.fixture
def text_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """A function that writes a text file and returns its path."""

    def make(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


PEOPLE = """Name;Company;E-mail;Mobile;City;Birthday;Status
Marina Queirós;Trigo Lilás;marina@trigo.example;(41) 95550-0142;Curitiba;23/04/1981;customer
Otávio Lins;Pedra do Lume;otavio@lume.example;(42) 95550-0106;Ponta Grossa;02/11/1975;lead
Sílvia Amarante;Três Cajueiros;silvia@cajueiros.example;(41) 95550-0170;Colombo;15/08/1990;customer
Joaquim Távora;Prumo Alto;joaquim@prumo.example;(41) 95550-0133;Curitiba;31/12/1969;VIP gold
"""


@pytest.fixture
def people(text_file: Callable[[str, str], Path]) -> Path:
    """Four people with companies; one has a status that means nothing here."""
    return text_file("clientes.csv", PEOPLE)
