"""An office in a real main window, with people and companies that are there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, window_over
from ui.framework.office import Office
from ui.main_window import MainWindow


def _points(phone: str, email: str = "") -> dict[str, Any]:
    rows: list[dict[str, Any]] = [{"kind": "phone", "label": "mobile", "value": phone, "is_primary": True}]
    return {"points": rows + ([{"kind": "email", "value": email, "is_primary": True}] if email else [])}


def fill(database: Database) -> dict[str, int]:
    """Marina and Otávio are there twice, a third pair only looks alike, the rest once."""
    made: dict[str, int] = {}
    with write(database, "Set up") as uow:
        for key, name, phone, email in (
            ("marina", "Marina Queirós", "+5541955500142", "marina@ipe.com.br"),
            ("marina2", "Marina Queiroz", "+5541955500142", "marina@ipe.com.br"),
            ("otavio", "Otávio Lins", "+5541955500199", "otavio@lume.com.br"),
            ("otavio2", "Otavio Lins", "+5541955500199", "otavio@lume.com.br"),
            ("zulmira", "Zulmira Quaresma", "+5541955500111", ""),
            ("zulmira2", "Zulmira Quaresma", "+5541955500777", ""),
        ):
            made[key] = service.create_record(uow, "contact", {"name": name}, children=_points(phone, email))
        for number, name in enumerate(("Ana Prado", "Caio Beltrão", "Dulce Farias", "Elias Monteiro", "Flora Gusmão")):
            service.create_record(uow, "contact", {"name": name}, children=_points(f"+554195550{number}300"))
    return made


@pytest.fixture
def office_of_twins(filled_office: OpenFilled) -> tuple[Database, dict[str, int]]:
    """The open office, and its people by key."""
    return filled_office(fill)


@pytest.fixture
def twice(office_of_twins: tuple[Database, dict[str, int]]) -> dict[str, int]:
    """The people that are there twice, by key."""
    return office_of_twins[1]


@pytest.fixture
def window(qapp: QApplication, office_of_twins: tuple[Database, dict[str, int]]) -> Iterator[MainWindow]:
    """The main window over it."""
    with window_over(Office(office_of_twins[0], Actor(None, "Helena"), write)) as shown:
        settle()
        yield shown
