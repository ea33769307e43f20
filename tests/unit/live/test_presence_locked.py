"""Presence on a server that enforces rights: everybody may say what they have open, and nothing goes wrong with it."""

from __future__ import annotations

from typing import Any

from crm_desktop.records import presence


def test_a_restricted_person_is_seen_and_sees(locked_office: Any) -> None:
    office = locked_office
    sales, reader = office.open("sales"), office.open("readonly")
    wanted = {("contact", 7): True}
    assert presence.announce(sales, office.people["sales"], "a", wanted, {})
    assert presence.announce(reader, office.people["readonly"], "b", {("contact", 7): False}, {})
    with reader.read() as connection:
        [one] = presence.others(reader, connection, office.people["readonly"], [7])
    assert one.user_id == office.people["sales"] and one.editing
    presence.announce(sales, office.people["sales"], "a", {}, wanted)
    with reader.read() as connection:
        assert not presence.others(reader, connection, office.people["readonly"], [7])
    presence.leave(reader, "b", {("contact", 7): False})
