"""Two people change the settings of the office: different things go together, the same thing is not overwritten silently."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from crm_desktop.core.errors import RecordGone, SettingChanged
from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.dedupe import settings as dedupe
from crm_desktop.dedupe.rules import Comparison
from crm_desktop.records import custom, field_service, layout, office_service, queries, service
from crm_desktop.records.layout import Layout, LayoutSection, Seen
from crm_desktop.sales import queries as sales_queries
from crm_desktop.sales import service as sales
from crm_desktop.security import roles

GOLD, TIN = {"key": "gold", "label": "Gold", "hue": 4}, {"key": "tin", "label": "Tin", "hue": 8}
IRON = {"key": "iron", "label": "Iron", "hue": 2}


@pytest.fixture
def people(database: Database) -> tuple[Actor, Actor]:
    """Ana and Caio, who change the same office."""
    with write(database, "x") as uow:
        ids = [service.create_record(uow, "user", {"name": name, "login": name.lower()}) for name in ("Ana", "Caio")]
    return Actor(ids[0], "Ana"), Actor(ids[1], "Caio")


def act(database: Database, actor: Actor, work: Callable[[Any], Any]) -> Any:
    with write(database, "x", actor=actor) as uow:
        return work(uow)


def refused(database: Database, actor: Actor, work: Callable[[Any], Any]) -> SettingChanged:
    with pytest.raises(SettingChanged) as caught, write(database, "x", actor=actor) as uow:
        work(uow)
    return caught.value


def test_the_definition_of_a_field(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    act(database, ana, lambda u: custom.create_custom_field(u, "contact", "Level", Kind.CHOICE, choices=[GOLD, TIN]))
    holder = act(database, ana, lambda u: service.create_record(u, "contact", {"name": "X", "custom.level": "tin"}))

    def change(actor: Actor, values: dict[str, Any]) -> None:
        act(
            database,
            actor,
            lambda u: field_service.update_custom_field(u, "contact", "custom.level", values, seen=seen),
        )

    with database.read() as connection:
        seen = field_service.definition(connection, "contact", "custom.level")
    change(caio, {"options": [GOLD, IRON, TIN], "help": "Which metal"})
    change(ana, {"options": [{**GOLD, "label": "Golden"}, TIN], "label": "Metal", "help": None})
    with database.read() as connection:
        now = field_service.definition(connection, "contact", "custom.level")
        assert queries.get_record(database, connection, "contact", holder).values["custom.level"] == "tin"
    assert now["label"] == "Metal" and now["help"] == "Which metal"
    assert now["options"] == [{**GOLD, "label": "Golden"}, IRON, TIN]
    error = refused(
        database, caio,
        lambda u: field_service.update_custom_field(u, "contact", "custom.level", {"label": "Class"}, seen=seen),
    )  # fmt: skip
    assert error.fields == {"label": ("Level", "Class", "Metal")} and error.who == "Ana" and error.at is not None
    error = refused(
        database, caio,
        lambda u: field_service.update_custom_field(
            u, "contact", "custom.level", {"options": [{**GOLD, "label": "Au"}, TIN]}, seen=seen
        ),
    )  # fmt: skip
    assert list(error.fields) == ["options"]


def form(*sections: tuple[str, str], hidden: tuple[str, ...] = ()) -> Layout:
    return Layout(tuple(LayoutSection(key, "", tuple(names.split())) for key, names in sections), hidden)


BASE = form(("main", "name job_title birthday"), ("reach", "website"), ("more", "language salutation"))


def test_a_form_arranged_by_two(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    seen = Seen(None, BASE)
    theirs = form(("main", "name birthday"), ("reach", "website job_title"), ("more", "language salutation"))
    act(database, caio, lambda u: layout.save_layout(u, "contact", theirs, seen=seen))
    mine = form(
        ("more", "salutation language"), ("main", "name job_title birthday"), ("reach", "website"), hidden=("birthday",)
    )
    act(database, ana, lambda u: layout.save_layout(u, "contact", mine, seen=seen))
    with database.read() as connection:
        now = layout.read_layout(connection, "contact")
    assert now == form(("more", "salutation language"), ("main", "name birthday"), ("reach", "website job_title"), hidden=("birthday",))  # fmt: skip


def test_a_field_put_elsewhere_by_two_is_asked_about(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    seen = Seen(None, BASE)
    theirs = form(("main", "name birthday"), ("reach", "website job_title"), ("more", "language salutation"))
    act(database, caio, lambda u: layout.save_layout(u, "contact", theirs, seen=seen))
    mine = form(("main", "name birthday"), ("reach", "website"), ("more", "job_title language salutation"))
    error = refused(database, ana, lambda u: layout.save_layout(u, "contact", mine, seen=seen))
    assert error.fields == {"place:job_title": (("main", "name"), ("more", ""), ("reach", "website"))}
    assert error.who == "Caio"
    for counts, wanted in ((False, theirs), (True, mine)):
        decided = replace(seen, mine={"place:job_title": counts})
        act(database, ana, partial(layout.save_layout, entity="contact", layout=mine, seen=decided))
        with database.read() as connection:
            assert layout.read_layout(connection, "contact") == wanted
    act(database, caio, lambda u: layout.reset_layout(u, "contact"))
    error = refused(database, ana, lambda u: layout.save_layout(u, "contact", theirs, seen=Seen(mine, mine)))
    assert list(error.fields) == ["form"]


def test_stages_of_a_pipeline(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    act(database, ana, sales.ensure_default_pipeline)
    with database.read() as connection:
        seen = sales_queries.pipelines(connection)[0]
    first, second, third = seen.stages[:3]
    known = {"name": first.name, "probability": first.probability}
    act(database, caio, lambda u: sales.update_stage(u, first.id, name="Theirs", seen=known))
    act(database, ana, lambda u: sales.update_stage(u, first.id, probability=15, seen=known))
    error = refused(database, ana, lambda u: sales.update_stage(u, first.id, name="Mine", seen=known))
    assert error.fields == {"name": (first.name, "Mine", "Theirs")} and error.who == "Caio"
    act(database, caio, lambda u: sales.move_stage(u, third.id, -1))
    act(database, ana, lambda u: sales.move_stage(u, first.id, 1))
    with database.read() as connection:
        now = sales_queries.pipelines(connection)[0]
    assert [one.id for one in now.stages[:3]] == [third.id, first.id, second.id]
    assert (now.stages[1].name, int(now.stages[1].probability)) == ("Theirs", 15)
    act(database, caio, lambda u: sales.rename_pipeline(u, seen.id, "Retail", seen=seen.name))
    assert refused(database, ana, lambda u: sales.rename_pipeline(u, seen.id, "Shop", seen=seen.name)).who == "Caio"
    act(database, caio, lambda u: sales.delete_stage(u, second.id))
    with pytest.raises(RecordGone):
        act(database, ana, lambda u: sales.update_stage(u, second.id, name="Late", seen={"name": second.name}))


def test_rights_of_a_role(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    act(database, caio, lambda u: roles.set_right(u, "sales", "deal", "delete", "all", seen="own"))
    error = refused(database, ana, lambda u: roles.set_right(u, "sales", "deal", "delete", "none", seen="own"))
    assert error.fields == {"scope": ("own", "none", "all")} and error.who == "Caio"
    act(
        database, ana, lambda u: roles.set_right(u, "sales", "deal", "delete", "all", seen="own")
    )  # both wanted the same
    act(database, ana, lambda u: roles.set_right(u, "sales", "case", "delete", "none", seen="own"))
    key = act(database, ana, lambda u: roles.create_role(u, "Trainee", copy_of="sales"))
    act(database, caio, lambda u: roles.update_role(u, key, name="Junior", seen="Trainee"))
    assert refused(database, ana, lambda u: roles.update_role(u, key, name="Pupil", seen="Trainee")).who == "Caio"


def test_rules_for_duplicates(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    with database.read() as connection:
        seen = dedupe.rule_for(connection, "contact", "scan")
    theirs = replace(seen, comparisons=(*seen.comparisons, Comparison("website", "exact")))
    act(database, caio, lambda u: dedupe.save_rule(u, theirs, seen=seen))
    act(database, ana, lambda u: dedupe.save_rule(u, replace(seen, look_from=61), seen=seen))
    with database.read() as connection:
        now = dedupe.rule_for(connection, "contact", "scan")
    assert now.look_from == 61 and now.comparisons == theirs.comparisons
    error = refused(database, caio, lambda u: dedupe.save_rule(u, replace(theirs, look_from=65), seen=theirs))
    assert error.fields == {"look_from": (seen.look_from, 65, 61)} and error.who == "Ana"


def test_what_the_office_says_of_itself(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    seen: dict[str, Any] = {"name": None, "address": None, "currency": "EUR"}
    act(database, caio, lambda u: office_service.save_settings(u, {**seen, "name": "Mar & Sol"}, seen=seen))
    act(database, ana, lambda u: office_service.save_settings(u, {**seen, "address": "Rua 1"}, seen=seen))
    with database.read() as connection:
        assert office_service.read_settings(connection) == {"name": "Mar & Sol", "address": "Rua 1"}
    error = refused(database, ana, lambda u: office_service.save_settings(u, {**seen, "name": "Sol"}, seen=seen))
    assert error.fields == {"name": (None, "Sol", "Mar & Sol")} and error.who == "Caio"


def test_the_first_row_of_a_setting_made_by_two_at_once(database: Database, people: tuple[Actor, Actor]) -> None:
    ana, caio = people
    begun, told = threading.Event(), []

    def second() -> None:
        begun.wait(10)
        told.append(
            refused(database, caio, lambda u: office_service.save_settings(u, {"name": "Sol"}, seen={"name": None}))
        )

    thread = threading.Thread(target=second)
    thread.start()
    with write(database, "x", actor=ana) as uow:
        office_service.save_settings(uow, {"name": "Mar"}, seen={"name": None})
        begun.set()
        thread.join(0.2)  # the second one waits: it must not have written, nor failed
        assert thread.is_alive()
    thread.join(20)
    assert told[0].fields == {"name": (None, "Sol", "Mar")} and told[0].who == "Ana"
