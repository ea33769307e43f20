"""A small office with some own fields, and what a test needs to change them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, history, queries, service
from tests.helpers.windows import settle
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.theme.theme import apply_theme

LEVELS = [{"key": "gold", "label": "Gold", "hue": 4}, {"key": "tin", "label": "Tin", "hue": 8}]


@dataclass
class Bench:
    """An office, and reads and writes in it."""

    office: Office
    company: int
    person: int

    @property
    def database(self) -> Database:
        """The open database."""
        return self.office.database  # type: ignore[no-any-return]

    def field(self, name: str, entity: str = "contact") -> Field:
        """A field as it is now."""
        return custom.field_named(self.database, entity, name)

    def fields(self, entity: str = "contact") -> list[str]:
        """The names of the fields in the order of the form."""
        return [one.name for one in custom.fields_of(self.database, entity)]

    def value(self, name: str, record: int = 0) -> Any:
        """A value of the person."""
        with self.database.read() as connection:
            return queries.get_record(self.database, connection, "contact", record or self.person).values.get(name)

    def undo(self) -> None:
        """Undo what was done last."""
        with self.database.read() as connection:
            last = history.recent(connection, limit=1)[0]
        history.undo(self.database, last.id, Actor(None, "Ana"))
        settle()


@pytest.fixture
def bench(sqlite_database: Database, qapp: QApplication) -> Iterator[Bench]:
    """Contacts with a level, a reason that is asked for tin only, and points."""
    apply_theme(qapp, "light")
    dialogs.answers.reset(strict=True)
    with write(sqlite_database, "Set up") as uow:
        ana = service.create_record(uow, "user", {"name": "Ana", "login": "ana"})
        custom.create_custom_field(uow, "contact", "Level", Kind.CHOICE, choices=LEVELS)
        custom.create_custom_field(
            uow, "contact", "Why", Kind.TEXT, visible_when=to_json(where("custom.level", "eq", "tin")),
            required_when=to_json(where("custom.level", "eq", "tin")),
        )  # fmt: skip
        custom.create_custom_field(uow, "contact", "Points", Kind.NUMBER)
        company = service.create_record(uow, "company", {"name": "Silva Ltda"})
        person = service.create_record(uow, "contact", {
            "name": "Rui Costa", "company_id": company, "custom.level": "gold", "custom.points": "12.5",
            "custom.why": "kept",
        })  # fmt: skip
    office = Office(sqlite_database, Actor(ana, "Ana", "here"), write, name="Office")
    yield Bench(office, company, person)
    tasks.wait_idle(20)
    settle()
    tasks.shutdown()
    office.close()
    dialogs.answers.reset()
