"""Saved views: who sees them, who may change them, their order, and that all of it can be undone."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, service, views
from crm_desktop.security.access import access_of


@pytest.fixture
def people(database: Database) -> dict[str, Actor]:
    """An owner, and two teams."""
    with write(database, "Set up") as uow:
        north = service.create_record(uow, "team", {"name": "North"})
        south = service.create_record(uow, "team", {"name": "South"})
        found = {}
        for name, role, team in (("Helena", "owner", None), ("Caio", "sales", north), ("Rosa", "sales", north),
                                 ("Tito", "sales", south)):  # fmt: skip
            values = {"name": name, "login": name.lower(), "role": role, "team_id": team}
            found[name] = Actor(service.create_record(uow, "user", values), name, name)
    return found


def save(database: Database, actor: Actor, name: str, scope: str = "private") -> int:
    values = {"entity": "contacts", "name": name, "scope": scope, "filter": to_json(where("city", "eq", "Braga")),
              "layout": {"group": ["city", "", False]}}  # fmt: skip
    with write(database, "Save", actor=actor) as uow:
        return views.create_view(uow, values)


def seen(database: Database, actor: Actor) -> list[str]:
    with database.read() as connection:
        return [str(row.values["name"]) for row in views.read_views(database, connection, "contacts", actor.user_id)]


def test_a_view_is_seen_by_its_owner_the_team_or_everyone(database: Database, people: dict[str, Actor]) -> None:
    save(database, people["Caio"], "Mine")
    save(database, people["Caio"], "Ours", "team")
    save(database, people["Caio"], "All of us", "everyone")
    assert seen(database, people["Caio"]) == ["Mine", "Ours", "All of us"]
    assert seen(database, people["Rosa"]) == ["Ours", "All of us"]
    assert seen(database, people["Tito"]) == ["All of us"]
    with pytest.raises(UserError, match="no team"):
        save(database, people["Helena"], "Of a team", "team")


def sign_in(database: Database, actor: Actor) -> Actor:
    with database.read_all() as connection:
        database.access = access_of(connection, database.schema, actor.user_id or 0)
    return actor


def test_only_the_owner_and_the_administrators_change_a_shared_view(database: Database, people: Any) -> None:
    shared = save(database, people["Caio"], "All of us", "everyone")
    for forbidden in (
        lambda uow: views.update_view(uow, shared, {"name": "Taken"}),
        lambda uow: views.delete_view(uow, shared),
        lambda uow: views.move_view(uow, [shared], shared),
    ):
        with (
            pytest.raises(UserError, match="somebody else"),
            write(database, "Try", actor=sign_in(database, people["Rosa"])) as uow,
        ):
            forbidden(uow)
    with write(database, "Rename", actor=sign_in(database, people["Helena"])) as uow:
        views.update_view(uow, shared, {"name": "Of the office"})
    assert seen(database, people["Rosa"]) == ["Of the office"]


def test_views_are_copied_moved_made_the_default_and_all_is_undone(database: Database, people: Any) -> None:
    me = people["Caio"]
    first, second, third = (save(database, me, name) for name in ("A", "B", "C"))
    shared = save(database, people["Helena"], "S", "everyone")
    with write(database, "Move", actor=me) as uow:
        views.move_view(uow, [third, first, second, shared], third)
    assert seen(database, me) == ["C", "A", "B", "S"]
    with write(database, "Move", actor=me) as uow:
        views.move_view(uow, [third, second, first, shared], first)
        moved = uow.change_set_id
    assert seen(database, me) == ["C", "B", "A", "S"]
    history.undo(database, moved, actor=me)
    assert seen(database, me) == ["C", "A", "B", "S"]
    with write(database, "Copy", actor=me) as uow:
        copy = views.duplicate_view(uow, shared, "My S")
        views.set_default(uow, "contacts", copy)
    with write(database, "Other", actor=people["Rosa"]) as uow:
        views.set_default(uow, "contacts", shared)
    with write(database, "Change", actor=people["Helena"]) as uow:
        views.update_view(uow, shared, {"layout": {"group": ["company_id", "", False]}})
    with database.read() as connection:
        rows = {row.id: row.values for row in views.read_views(database, connection, "contacts", me.user_id)}
    assert rows[copy]["layout"]["default_for"] == [me.user_id] and rows[copy]["scope"] == "private"
    assert rows[shared]["layout"]["default_for"] == [people["Rosa"].user_id]
    assert rows[shared]["layout"]["group"][0] == "company_id"
    with write(database, "None", actor=me) as uow:
        views.set_default(uow, "contacts", None)
    with database.read() as connection:
        rows = {row.id: row.values for row in views.read_views(database, connection, "contacts", me.user_id)}
    assert not rows[copy]["layout"]["default_for"]
