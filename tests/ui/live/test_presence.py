"""Who else has a record open: initials in the head of the card, and a hint before two people type in the same one."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.db.unit_of_work import write
from crm_desktop.records import presence, service
from ui.records import presence as shown


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody passes by in a test."""
    monkeypatch.setattr(shown, "_SETTLE_MS", 20)


def names(card: Any) -> list[str]:
    return [one.name for one in card.header.present.people]


def test_two_people_see_each_other_and_who_types(desk: Any) -> None:
    mine = desk.open("contacts", record_id=desk.people[0])
    other = desk.second_window()
    other.show()
    other.open_page("contacts", record_id=desk.people[0])
    desk.settle()
    theirs = other.current_page
    desk.wait(lambda: names(mine.card) == ["Caio Bittar"], "Helena does not see Caio")
    desk.wait(lambda: names(theirs.card) == ["Helena Prates"], "Caio does not see Helena")
    assert mine.card.header.present.toolTip() == "Caio Bittar has this open too"
    assert mine.card.presence.line.isHidden()
    other.activateWindow()
    theirs.card.timeline.composer.text.setFocus()
    desk.wait(lambda: mine.card.presence.line.isVisible(), "nobody says that he types")
    assert mine.card.presence.line.strong.text() == "Caio Bittar is editing this"
    other.setFocus()
    desk.wait(lambda: mine.card.presence.line.isHidden())
    theirs.table.set_current_row(30)
    desk.wait(lambda: not names(mine.card), "he went to another record")
    other.close()


def test_who_closes_the_window_is_gone(desk: Any) -> None:
    mine = desk.open("contacts", record_id=desk.people[5])
    other = desk.second_window()
    other.show()
    other.open_page("contacts", record_id=desk.people[5])
    desk.wait(lambda: names(mine.card) == ["Caio Bittar"])
    other.close()
    desk.wait(lambda: not names(mine.card))


def test_nothing_of_it_is_in_the_history(desk: Any) -> None:
    with desk.database.read() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()
    assert presence.announce(desk.elsewhere(), desk.caio, "there", {("contact", desk.people[0]): True}, {})
    with desk.database.read() as connection:
        [one] = presence.others(desk.database, connection, desk.helena, [desk.people[0]])
        assert (one.name, one.editing) == ("Caio Bittar", True)
        assert not presence.others(desk.database, connection, desk.caio, [desk.people[0]])
        assert connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one() == before
    presence.leave(desk.elsewhere(), "there", {("contact", desk.people[0]): True})
    with desk.database.read() as connection:
        assert not presence.others(desk.database, connection, desk.helena, [desk.people[0]])


def test_a_window_that_died_is_forgotten_after_a_minute(desk: Any) -> None:
    presence.announce(desk.elsewhere(), desk.caio, "there", {("contact", desk.people[0]): False}, {})
    with desk.elsewhere().begin() as connection:
        old = "'2020-01-01T00:00:00.000Z'" if desk.database.sqlite else "now() - interval '61 seconds'"
        connection.exec_driver_sql(f"UPDATE presence SET seen_at = {old}")
    with desk.database.read() as connection:
        assert not presence.others(desk.database, connection, desk.helena, [desk.people[0]])


def test_who_works_alone_writes_nothing(sqlite_database: Any) -> None:
    with write(sqlite_database, "One") as uow:
        only = service.create_record(uow, "user", {"name": "Only", "login": "only"})
    assert not presence.announce(sqlite_database, only, "here", {("contact", 1): False}, {})
