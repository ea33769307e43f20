"""Who may see a part sees that part of the past, in a file, on a server, and on a server that is locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.filters import where
from crm_desktop.db.database import Database
from crm_desktop.db.past.database import AsOf, open_as_of
from crm_desktop.db.search import find
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, history, queries, service
from crm_desktop.sales.service import ensure_default_pipeline, quick_add_deal
from crm_desktop.security import service as security
from crm_desktop.security.access import access_of
from tests.helpers.locked import LockedOffice
from tests.helpers.past import after


@contextmanager
def looking_back(database: Database, moment: object) -> Iterator[AsOf]:
    past = open_as_of(database, moment)  # type: ignore[arg-type]
    try:
        yield past
    finally:
        past.close()


def deals(database: Database) -> dict[str, int]:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "deal")
        rows = queries.fetch_rows(database, connection, "deal", ids, ["name"])
    return {str(row.values["name"]): row.id for row in rows}


def scene(database: Database, mine: int, hers: int) -> tuple[object, dict[str, int]]:
    """Deals of two people; then each is renamed, some handed over, one deleted. Gives the moment before that."""
    made = {}
    with write(database, "Deals") as uow:
        ensure_default_pipeline(uow)
        for name, owner in (
            ("mine", mine),
            ("hers", hers),
            ("given", mine),
            ("got", hers),
            ("gone", mine),
            ("lost", hers),
        ):
            made[name] = quick_add_deal(uow, f"Oven {name}", amount="10")
            service.update_record(uow, "deal", made[name], {"owner_id": owner})
            attach_service.add_note(uow, "deal", made[name], f"Words about {name}")
    moment = after()
    with write(database, "Later") as uow:
        for name, deal in made.items():
            service.update_record(uow, "deal", deal, {"name": f"Stove {name}"})
        service.update_record(uow, "deal", made["given"], {"owner_id": hers})
        service.update_record(uow, "deal", made["got"], {"owner_id": mine})
        service.delete_records(uow, "deal", [made["gone"], made["lost"]])
    after()
    return moment, made


def check(past: Database, made: dict[str, int], mine: int, seen: set[str]) -> None:
    """Only these deals are seen, with what hangs on them, by whatever way one looks."""
    assert deals(past) == {f"Oven {name}": made[name] for name in seen}
    with past.read() as connection:
        hits = {hit.id for hit in find(connection, past.schema, "oven")}
        assert hits == {made[name] for name in seen}
        assert not find(connection, past.schema, "stove")
        chosen = queries.find_ids(past, connection, "deal", filter=where("@text", "search", "oven"), user_id=mine)
        assert set(chosen) == hits
        for name, deal in made.items():
            notes = [one["body"] for one in attach_service.notes_of(connection, deal)]
            assert notes == ([f"Words about {name}"] if name in seen else [])
            told = history.record_history(past, connection, "deal", deal)
            assert not any("Stove" in str(entry.fields) for entry in told)


def test_a_restricted_person_looks_back(database: Database) -> None:
    with write(database, "People") as uow:
        uow.insert("role", {"key": "narrow", "name": "Narrow"})
        uow.insert("role_right", {"role": "narrow", "entity": "deal", "action": "read", "scope": "own"})
        mine, hers = (security.create_user(uow, name, role="narrow") for name in ("Ana", "Bea"))
    moment, made = scene(database, mine, hers)
    with looking_back(database, moment) as past:
        check(past, made, mine, set(made))
    with database.read() as connection:
        database.access = access_of(connection, database.schema, mine)
    with looking_back(database, moment) as past:
        check(past, made, mine, {"mine", "gone"})


def test_a_locked_server_shows_the_past_of_what_one_may_see(locked_office: LockedOffice) -> None:
    office = locked_office
    mine, hers = office.people["sales"], office.people["stranger"]
    with write(office.root, "Rights") as uow:
        uow.insert("role_right", {"role": "sales", "entity": "deal", "action": "read", "scope": "own"})
    moment, made = scene(office.root, mine, hers)
    with looking_back(office.open("owner"), moment) as past:
        check(past, made, mine, set(made))
        past.access = replace(past.access, everything=False)  # as in a window where nothing can be changed
        check(past, made, mine, set(made))
    with looking_back(office.open("sales"), moment) as past:
        check(past, made, mine, {"mine"})  # what is deleted there is told to who leads the office only


def test_sensitive_fields_stay_hidden(database: Database) -> None:
    formats.set_default_country("BR")
    with write(database, "People") as uow:
        saul = security.create_user(uow, "Saul", role="sales")
        one = service.create_record(uow, "contact", {"name": "Ana Souza", "tax_id": "529.982.247-25"})
    moment = after()
    with write(database, "Later", actor=Actor(None, "x")) as uow:
        service.update_record(uow, "contact", one, {"tax_id": None, "name": "Ana Lima"})
    with looking_back(database, moment) as past, past.read() as connection:
        assert queries.get_record(past, connection, "contact", one).values["tax_id"]
        assert [hit.id for hit in find(connection, past.schema, "52998224725")] == [one]
    with database.read() as connection:
        database.access = access_of(connection, database.schema, saul)
    with looking_back(database, moment) as past, past.read() as connection:
        found = queries.get_record(past, connection, "contact", one)
        assert found.title == "Ana Souza" and not found.values.get("tax_id")
        assert find(connection, past.schema, "52998224725") == []
        assert [hit.id for hit in find(connection, past.schema, "souza")] == [one]


def test_nothing_can_be_written_and_no_other_time_is_told(database: Database) -> None:
    with pytest.raises(UserError, match="still to come"):
        open_as_of(database, clock.end_of_day(clock.today()))
    with pytest.raises(UserError, match="history of this office begins"):
        open_as_of(database, clock.now())
    with write(database, "One") as uow:
        service.create_record(uow, "contact", {"name": "Ana"})
    moment = after()
    with looking_back(database, moment) as past:
        with pytest.raises(UserError, match="reading only"), write(past, "No") as uow:
            service.create_record(uow, "contact", {"name": "Bea"})
        with past.read() as connection:
            assert clock.now() == moment
            assert queries.count(past, connection, "contact") == 1
        assert clock.now() > moment
        assert past.as_of == moment and database.as_of is None
    with pytest.raises(UserError, match="history of this office begins"):
        open_as_of(database, moment.replace(year=2001))
