"""A window over an office with an owner, a salesperson and a reader, opened as one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crm_desktop import app
from crm_desktop.core.events import RecordsChanged
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import service as records
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security import queries, service
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, window_over
from ui import features
from ui.framework.office import Office
from ui.main_window import MainWindow


@dataclass
class RightsDesk:
    """The window, who there is by name, and the records that the tests work on."""

    window: MainWindow
    office: Office
    people: dict[str, int]
    ids: dict[str, int]

    @property
    def database(self) -> Database:
        """The open database."""
        return self.office.database  # type: ignore[no-any-return]

    def open(self, page: str, **params: Any) -> Any:
        """Open a page and wait until it shows what it has."""
        self.window.open_page(page, **params)
        settle()
        return self.window.current_page

    def tab(self, section: str = "people") -> Any:
        """A section of Settings, People and rights."""
        page = self.open("settings", tab="people")
        tab = page.stack.currentWidget()
        tab.show_section(section)
        settle()
        return tab.section(section)

    def elsewhere(self, work: Callable[[Any], Any]) -> Any:
        """Write as Olga's program on another computer would, and let the window hear of it."""
        other = Database(str(self.database.path), self.database.schema)
        with write(other, "Elsewhere", actor=Actor(self.people["Olga"], "Olga", "other")) as uow:
            result = work(uow)
        other.close()
        self.database.events.publish(RecordsChanged(everything=True))
        settle()
        return result

    def user(self, name: str) -> queries.UserRow:
        """A person as they stand in the database."""
        with self.database.read() as connection:
            return next(one for one in queries.users(connection) if one.name == name)


def fill(database: Database) -> tuple[dict[str, int], dict[str, int]]:
    """People by name, and records by name: some of Ana's, some of Zoe's."""
    people: dict[str, int] = {}
    ids: dict[str, int] = {}
    with write(database, "Set up") as uow:
        team = service.create_team(uow, "Sul")
        for name, role in (("Olga", "owner"), ("Ana", "sales"), ("Zoe", "sales"), ("Rita", "readonly")):
            people[name] = service.create_user(uow, name, role=role, team_id=team if name == "Ana" else None)
        ensure_default_pipeline(uow)
        for name, owner in (("Marina", "Ana"), ("Otávio", "Zoe"), ("Sílvia", "Ana")):
            values = {"name": name, "owner_id": people[owner], "city": "Curitiba"}
            ids[name] = records.create_record(uow, "contact", values)
        for name, owner in (("Forno", "Ana"), ("Câmara fria", "Zoe")):
            ids[name] = records.create_record(uow, "deal", {"name": name, "owner_id": people[owner]})
        for name, owner in (("Vazamento", "Ana"), ("Ruído", "Zoe")):
            ids[name] = records.create_record(uow, "case", {"subject": name, "owner_id": people[owner]})
    return people, ids


@contextmanager
def open_desk(filled_office: OpenFilled, name: str) -> Iterator[RightsDesk]:
    """The window as one of the people sees it."""
    database, (people, ids) = filled_office(fill)
    app.follow_access(database, people[name])
    office = features.prepare(Office(database, Actor(people[name], name, "here"), write, name="Clima Tupiara"))
    with window_over(office) as window:
        yield RightsDesk(window, office, people, ids)
