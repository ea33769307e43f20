"""An office in a real main window, with people and companies that are there twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service
from tests.helpers.windows import settle
from ui import features
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.theme.theme import apply_theme


def _points(phone: str, email: str = "") -> dict[str, Any]:
    rows: list[dict[str, Any]] = [{"kind": "phone", "label": "mobile", "value": phone, "is_primary": True}]
    return {"points": rows + ([{"kind": "email", "value": email, "is_primary": True}] if email else [])}


@pytest.fixture
def twice(sqlite_database: Database) -> dict[str, int]:
    """Marina and Otávio are there twice, a third pair only looks alike, the rest once."""
    made: dict[str, int] = {}
    with write(sqlite_database, "Set up") as uow:
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
def window(qapp: QApplication, sqlite_database: Database, twice: dict[str, int]) -> Iterator[MainWindow]:
    """The main window over it."""
    apply_theme(qapp, "light", 1.0)
    dialogs.answers.reset(strict=True)
    office = Office(sqlite_database, Actor(None, "Helena"), write)
    shown = MainWindow(office, features.PAGES, features.RECORDS)
    shown.resize(1280, 800)
    shown.show()
    settle()
    yield shown
    settle()
    shown.status_keeper.stop()
    shown.close()
    shown.deleteLater()
    tasks.shutdown()
    dialogs.answers.reset()
