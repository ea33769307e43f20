"""Deals stand in a stage, and everything else follows from it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from crm_desktop.sales import service as sales
from crm_desktop.sales.stages import read_plan

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon() -> None:
    clock.set_clock(lambda: NOW)


def make(database: Database, **values: Any) -> int:
    with write(database, N_("New deal")) as uow:
        return service.create_record(uow, "deal", {"name": "Cold room", **values})


def read(database: Database, deal_id: int) -> dict[str, Any]:
    with database.read() as connection:
        values = dict(queries.get_record(database, connection, "deal", deal_id).values)
    return values | {"stage": str(values["stage_id"])}


def stage_id(database: Database, name: str) -> int:
    with database.read() as connection:
        return next(stage.id for stage in read_plan(connection).stages.values() if stage.name == name)


def test_the_first_deal_of_an_office_makes_the_usual_pipeline(database: Database) -> None:
    deal = read(database, make(database, amount="1500"))
    assert (deal["stage"], str(deal["pipeline_id"]), deal["status"]) == ("Qualification", "Sales", "open")
    assert deal["opened_on"] == date(2026, 3, 12)
    assert deal["currency"] == "USD"
    assert deal["stage_since"] == NOW
    with database.read() as connection:
        names = [stage.name for stage in read_plan(connection).stages.values()]
    assert names == ["Qualification", "Needs analysis", "Proposal", "Negotiation", "Closing", "Won", "Lost"]


def test_winning_losing_and_reopening(database: Database) -> None:
    deal_id = make(database)
    with write(database, N_("Move deal")) as uow:
        sales.move_deal(uow, deal_id, stage_id(database, "Proposal"))
    with write(database, N_("Lose deal")) as uow:
        sales.lose_deal(uow, deal_id, "price", "Polo Norte")
    lost = read(database, deal_id)
    assert (lost["stage"], lost["status"], lost["closed_on"]) == ("Lost", "lost", date(2026, 3, 12))
    assert (lost["lost_reason"], lost["competitor"]) == ("price", "Polo Norte")
    clock.set_clock(lambda: NOW + timedelta(days=3))
    with write(database, N_("Reopen deal")) as uow:
        sales.reopen_deal(uow, deal_id)
    again = read(database, deal_id)
    assert (again["stage"], again["status"]) == ("Proposal", "open")
    assert (again["closed_on"], again["lost_reason"]) == (None, None)
    assert again["stage_since"] == NOW + timedelta(days=3)
    with write(database, N_("Win deal")) as uow:
        sales.win_deal(uow, deal_id)
    assert (read(database, deal_id)["stage"], read(database, deal_id)["closed_on"]) == ("Won", date(2026, 3, 15))


def test_an_edited_status_moves_the_deal_and_a_moved_deal_changes_its_status(database: Database) -> None:
    deal_id = make(database)
    with write(database, N_("Edit deal")) as uow:
        service.update_record(uow, "deal", deal_id, {"status": "won"})
    assert read(database, deal_id)["stage"] == "Won"
    with write(database, N_("Edit deal")) as uow:
        service.update_record(uow, "deal", deal_id, {"stage_id": stage_id(database, "Closing")})
    assert (read(database, deal_id)["status"], read(database, deal_id)["closed_on"]) == ("open", None)


def test_a_deal_that_comes_closed_keeps_its_day(database: Database) -> None:
    deal = read(database, make(database, status="won", closed_on="2024-05-02"))
    assert (deal["stage"], deal["closed_on"], deal["opened_on"]) == ("Won", date(2024, 5, 2), date(2024, 5, 2))


def test_a_won_deal_without_a_day_closed_when_it_was_expected_to(database: Database) -> None:
    past = read(database, make(database, status="won", expected_close="2025-11-03"))
    assert (past["closed_on"], past["opened_on"]) == (date(2025, 11, 3), date(2025, 11, 3))
    coming = read(database, make(database, status="won", expected_close="2026-06-30"))
    assert coming["closed_on"] == date(2026, 3, 12)


def test_an_open_deal_with_a_closing_day_expects_it(database: Database) -> None:
    deal = read(database, make(database, closed_on="2026-06-30"))
    assert (deal["closed_on"], deal["expected_close"]) == (None, date(2026, 6, 30))
    assert deal["opened_on"] == date(2026, 3, 12)


def test_another_pipeline_keeps_the_stage_of_the_same_name(database: Database) -> None:
    deal_id = make(database)
    with write(database, N_("Move deal")) as uow:
        sales.move_deal(uow, deal_id, stage_id(database, "Negotiation"))
        other = sales.create_pipeline(uow, "Contracts", currency="EUR")
        service.update_record(uow, "deal", deal_id, {"pipeline_id": other})
    deal = read(database, deal_id)
    assert (str(deal["pipeline_id"]), deal["stage"]) == ("Contracts", "Negotiation")
    assert read(database, make(database, pipeline_id=other))["currency"] == "EUR"


def test_the_probability_has_limits(database: Database) -> None:
    with pytest.raises(ValidationFailed, match="between 0 and 100"):
        make(database, probability="120")


def test_the_company_comes_with_the_contact_and_brings_its_currency(database: Database) -> None:
    with write(database, N_("New contact")) as uow:
        company = service.create_record(uow, "company", {"name": "Hotel Pedra", "currency": "CHF"})
        contact = service.create_record(uow, "contact", {"name": "Otávio Lins", "company_id": company})
    deal = read(database, make(database, contact_id=contact))
    assert str(deal["company_id"]) == "Hotel Pedra"
    assert read(database, make(database, company_id=company))["currency"] == "CHF"


def column(database: Database, name: str) -> list[str]:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "deal", sort=[("position", False)])
        rows = queries.fetch_rows(database, connection, "deal", ids, ["name", "stage_id"])
    return [row.values["name"] for row in rows if str(row.values["stage_id"]) == name]


def test_cards_stay_where_they_are_put(database: Database) -> None:
    moments = iter(NOW + timedelta(seconds=n) for n in range(1000))
    clock.set_clock(lambda: next(moments))
    ids = {name: make(database, name=name) for name in "abcd"}
    assert column(database, "Qualification") == ["d", "c", "b", "a"]
    first = stage_id(database, "Qualification")
    with write(database, N_("Move deal")) as uow:
        sales.move_deal(uow, ids["a"], first, before=ids["c"])
    assert column(database, "Qualification") == ["d", "a", "c", "b"]
    with write(database, N_("Move deal")) as uow:
        sales.move_deal(uow, ids["d"], first, position=99)
    assert column(database, "Qualification") == ["a", "c", "b", "d"]
    for _round in range(15):  # until there is no room left between two cards
        for name in ("d", "b"):
            with write(database, N_("Move deal")) as uow:
                sales.move_deal(uow, ids[name], first, position=1)
    assert column(database, "Qualification") == ["a", "b", "d", "c"]
    proposal = stage_id(database, "Proposal")
    with write(database, N_("Move deal")) as uow:
        sales.move_deal(uow, ids["c"], proposal)
        sales.move_deal(uow, ids["a"], proposal, position=1)
    assert column(database, "Proposal") == ["c", "a"]


def test_adding_a_deal_in_a_few_words(database: Database) -> None:
    with write(database, N_("New user")) as uow:
        user = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena"})
    with write(database, N_("New deal"), actor=Actor(user, "Helena Prates")) as uow:
        known = service.create_record(uow, "company", {"name": "Clínica Vereda"})
        one = sales.quick_add_deal(uow, "Vaccines", company="clinica vereda", amount="22.900,00")
        two = sales.quick_add_deal(uow, "Ice", company="Sorveteria Polo")
    deal = read(database, one)
    assert (deal["company_id"].id, deal["amount"], str(deal["owner_id"])) == (known, Decimal(22900), "Helena Prates")
    assert str(read(database, two)["company_id"]) == "Sorveteria Polo"


def test_a_postponed_deal_gets_a_task_on_the_day(database: Database) -> None:
    deal_id = make(database)
    with write(database, N_("Postpone deal")) as uow:
        task = sales.postpone_deal(uow, deal_id, date(2026, 5, 4))
    with database.read() as connection:
        activity = queries.get_record(database, connection, "activity", task)
    assert (activity.title, activity.values["due"]) == ("Follow up: Cold room", date(2026, 5, 4))
    assert activity.children["links"][0]["record_id"] == deal_id
    assert read(database, deal_id)["expected_close"] == date(2026, 5, 4)
    with pytest.raises(FieldError, match="after today"), write(database, N_("Postpone deal")) as uow:
        sales.postpone_deal(uow, deal_id, date(2026, 3, 12))


def test_stages_can_be_added_reordered_and_removed(database: Database) -> None:
    deal_id = make(database)
    with database.read() as connection:
        plan = read_plan(connection)
    pipeline = next(iter(plan.pipelines))
    with write(database, N_("Edit pipeline")) as uow:
        demo = sales.add_stage(uow, pipeline, "Visit", probability=30, rotting_days=5)
    with database.read() as connection:
        names = [stage.name for stage in read_plan(connection).stages.values()]
    assert names[-3:] == ["Visit", "Won", "Lost"]
    with pytest.raises(UserError, match="still deals"), write(database, N_("Edit pipeline")) as uow:
        sales.delete_stage(uow, stage_id(database, "Qualification"))
    with write(database, N_("Edit pipeline")) as uow:
        sales.delete_stage(uow, stage_id(database, "Qualification"), move_to=demo)
    assert read(database, deal_id)["stage"] == "Visit"
    with pytest.raises(UserError, match="at least one stage"), write(database, N_("Edit pipeline")) as uow:
        sales.delete_stage(uow, stage_id(database, "Won"))
    with pytest.raises(UserError, match="must stay"), write(database, N_("Edit pipeline")) as uow:
        sales.archive_pipeline(uow, pipeline)
