"""Consents: the latest counts, any channel stands for all, nothing is lost, lists can ask who may be written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.contacts import consents
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, RecordGone
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import files_service, history, queries, service

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)


@pytest.fixture
def people(database: Database) -> list[int]:
    clock.set_clock(lambda: NOW)
    with write(database, N_("New")) as uow:
        return [service.create_record(uow, "contact", {"name": name}) for name in ("Ana", "Bia", "Caio", "Davi")]


def say(
    database: Database, person: int, state: str, channel: str = "email", purpose: str = "marketing", **more: Any
) -> int:
    with write(database, N_("Consent"), actor=Actor(None, "Helena", "test")) as uow:
        return consents.record_consent(uow, person, purpose, channel, state, **more)


def may(database: Database, people: list[int], purpose: str = "marketing", channel: str = "email") -> set[int]:
    with database.read() as connection:
        return consents.may_contact(connection, people, purpose, channel)


def test_only_who_said_yes_may_be_contacted_and_a_list_finds_them(database: Database, people: list[int]) -> None:
    ana, bia, caio, davi = people
    say(database, ana, "given")
    say(database, bia, "refused")
    say(database, caio, "given", "any")
    say(database, davi, "given", "phone")
    assert may(database, people) == {ana, caio}
    assert may(database, people, channel="phone") == {caio, davi}
    assert may(database, people, "newsletter") == set()
    with database.read() as connection:
        for value, wanted in ((True, {ana, caio}), (False, {bia, davi})):
            found = queries.find_ids(database, connection, "contact", filter=where("may_email", "eq", value))
            assert set(found) == wanted
        rows = queries.fetch_rows(database, connection, "contact", people, ["may_email", "consents_count"])
        assert [(row.values["may_email"], row.values["consents_count"]) for row in rows] == [
            (True, 1), (False, 1), (True, 1), (False, 1),
        ]  # fmt: skip


def test_the_latest_counts_whether_it_names_the_channel_or_all(database: Database, people: list[int]) -> None:
    ana, bia, *_others = people
    say(database, ana, "given", at=NOW - timedelta(days=9))
    say(database, ana, "withdrawn", "any", at=NOW - timedelta(days=5))
    assert may(database, people) == set()
    say(database, ana, "given", at=NOW - timedelta(days=1))
    assert may(database, people) == {ana}
    say(database, bia, "refused", at=NOW)
    say(database, bia, "given", at=NOW - timedelta(days=30))  # written down later, said earlier
    assert may(database, people) == {ana}


def test_who_is_not_to_be_contacted_is_not(database: Database, people: list[int]) -> None:
    say(database, people[0], "given")
    with write(database, N_("Stop")) as uow:
        service.update_record(uow, "contact", people[0], {"do_not_contact": True})
    assert may(database, people) == set()


def test_everything_said_stays_with_text_and_proof(database: Database, people: list[int]) -> None:
    ana = people[0]
    with write(database, N_("File")) as uow:
        file = files_service.attach_bytes(uow, "contact", ana, "form.pdf", b"signed")
    say(database, ana, "given", source="Fair", wording="I agree …", proof="Binder 3", attachment_id=file)
    say(database, ana, "withdrawn", source="Phone")
    with database.read() as connection:
        rows = consents.consents_of(connection, ana)
        current = consents.current_consents(connection, ana)
        assert consents.last_wording(connection, "marketing", "letter") == "I agree …"
    assert [(row.state, row.source, row.current, row.by) for row in rows] == [
        ("withdrawn", "Phone", True, "Helena"), ("given", "Fair", False, "Helena"),
    ]  # fmt: skip
    assert (rows[1].wording, rows[1].proof, rows[1].attachment_name) == ("I agree …", "Binder 3", "form.pdf")
    assert current["marketing", "email"].state == "withdrawn"


def test_undo_takes_an_entry_back(database: Database, people: list[int]) -> None:
    say(database, people[0], "given")
    with database.read() as connection:
        last = history.last_undoable(connection, user_id=None)
    assert last is not None
    history.undo(database, last.id, Actor())
    assert may(database, people) == set()


def test_what_cannot_be_is_refused(database: Database, people: list[int]) -> None:
    with pytest.raises(FieldError, match="Nothing was given"):
        say(database, people[0], "withdrawn")
    with pytest.raises(FieldError, match="still to come"):
        say(database, people[0], "given", at=NOW + timedelta(days=1))
    with pytest.raises(FieldError, match="none of those"):
        say(database, people[0], "given", "pigeon")
    with pytest.raises(RecordGone):
        say(database, 1, "given")
