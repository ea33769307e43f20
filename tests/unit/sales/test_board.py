"""The board: sums, cards, and deals that stand still."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.core import clock
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries as records
from crm_desktop.records import service
from crm_desktop.sales import queries as sales
from crm_desktop.sales.queries import BoardData, Card
from crm_desktop.sales.service import create_pipeline, ensure_default_pipeline, postpone_deal, win_deal
from crm_desktop.sales.stages import read_plan

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
DAY = timedelta(days=1)


def set_day(days: float) -> None:
    moment = NOW + days * DAY
    clock.set_clock(lambda: moment)


@pytest.fixture
def pipeline(database: Database) -> int:
    set_day(0)
    with write(database, N_("Set up")) as uow:
        return ensure_default_pipeline(uow)


def make(database: Database, stage: str = "Qualification", **values: Any) -> int:
    with write(database, N_("New deal")) as uow:
        stage_id = next(s.id for s in read_plan(uow.connection).stages.values() if s.name == stage)
        return service.create_record(uow, "deal", {"name": "Cold room", "stage_id": stage_id, **values})


def log(database: Database, deal_id: int, **values: Any) -> int:
    with write(database, N_("Activity")) as uow:
        links = [{"entity": "deal", "record_id": deal_id}]
        return service.create_record(uow, "activity", {"subject": "Call", **values}, children={"links": links})


def read(database: Database, pipeline: int, **options: Any) -> BoardData:
    with database.read() as connection:
        return sales.board(database, connection, pipeline, **options)


def card(database: Database, deal_id: int) -> Card:
    with database.read() as connection:
        return sales.cards_of(database, connection, [deal_id])[0]


def test_columns_add_up(database: Database, pipeline: int) -> None:
    with write(database, N_("New company")) as uow:
        company = service.create_record(uow, "company", {"name": "Laticínios Cedrinho"})
    make(database, amount="64000", company_id=company, expected_close="2026-04-30")
    make(database, amount="38900.50", probability=20)
    make(database, "Proposal", amount="1000")
    make(database, "Proposal")
    won = make(database, "Closing", amount="999")
    with write(database, N_("Win deal")) as uow:
        win_deal(uow, won)
    data = read(database, pipeline)
    assert [column.stage.name for column in data.columns][:3] == ["Qualification", "Needs analysis", "Proposal"]
    first = data.columns[0]
    assert (first.count, first.total, first.weighted) == (2, Decimal("102900.50"), Decimal("14180.10"))
    assert (data.count, data.total, data.weighted) == (4, Decimal("103900.50"), Decimal("14680.10"))
    top = first.cards[1]
    assert (top.company, top.amount, top.expected_close) == ("Laticínios Cedrinho", Decimal(64000), date(2026, 4, 30))
    assert top.probability == 10
    assert not top.close_overdue


def test_a_filter_narrows_cards_and_sums(database: Database, pipeline: int) -> None:
    make(database, amount=10, name="Freezer")
    make(database, amount=20, name="Chiller")
    data = read(database, pipeline, filter=where("name", "contains", "freez"))
    assert (data.count, data.total, [one.name for one in data.columns[0].cards]) == (1, Decimal(10), ["Freezer"])


def test_currencies_are_never_added_up(database: Database, pipeline: int) -> None:
    make(database, amount=10)
    make(database, amount=500, currency="EUR")
    make(database, amount=20)
    data = read(database, pipeline)
    assert [(a.currency, a.count, a.total) for a in data.amounts] == [("USD", 2, Decimal(30)), ("EUR", 1, Decimal(500))]
    assert data.columns[0].total == 30


def test_long_columns_come_in_parts(database: Database, pipeline: int) -> None:
    for n in range(7):
        set_day(n / 1000)
        make(database, name=f"Deal {n}")
    data = read(database, pipeline, cards=3)
    assert [one.name for one in data.columns[0].cards] == ["Deal 6", "Deal 5", "Deal 4"]
    assert data.columns[0].count == 7
    with database.read() as connection:
        more = sales.more_cards(database, connection, data.columns[0].stage.id, offset=3, limit=3)
    assert [one.name for one in more] == ["Deal 3", "Deal 2", "Deal 1"]


def test_a_deal_is_stalled_when_nothing_happens_for_longer_than_its_stage_allows(
    database: Database, pipeline: int
) -> None:
    deal_id = make(database)  # Qualification allows 14 days
    set_day(14.9)
    assert (card(database, deal_id).stalled_days, card(database, deal_id).limit_days) == (None, 14)
    set_day(15)
    assert card(database, deal_id).stalled_days == 15
    assert read(database, pipeline).stalled == 1
    with database.read() as connection:
        assert list(records.find_ids(database, connection, "deal", filter=sales.STALLED)) == [deal_id]
    log(database, deal_id, kind="call", status="done")
    assert card(database, deal_id).stalled_days is None
    set_day(40)
    assert card(database, deal_id).stalled_days == 25
    assert read(database, pipeline).stalled == 1


def test_something_planned_soon_keeps_a_deal_warm(database: Database, pipeline: int) -> None:
    deal_id = make(database)
    set_day(20)
    visit = log(database, deal_id, kind="visit", starts="2026-04-10 10:00")  # in 9 days
    assert card(database, deal_id).stalled_days is None
    with write(database, N_("Edit activity")) as uow:
        service.update_record(uow, "activity", visit, {"starts": "2026-04-20 10:00"})  # in 19 days, more than 14
    assert card(database, deal_id).stalled_days == 20
    with write(database, N_("Postpone deal")) as uow:
        postpone_deal(uow, deal_id, date(2026, 7, 1))
    assert card(database, deal_id).stalled_days is None
    set_day(200)
    assert card(database, deal_id).stalled_days == 200


def test_the_next_activity_is_on_the_card(database: Database, pipeline: int) -> None:
    deal_id = make(database)
    assert read(database, pipeline).without_next == 1
    log(database, deal_id, kind="meeting", starts="2026-03-16 09:30")
    log(database, deal_id, kind="task", due="2026-03-13")
    log(database, deal_id, kind="call", starts="2026-03-12 16:00")
    log(database, deal_id, kind="call", status="done", due="2026-03-01")
    following = card(database, deal_id).next
    assert following is not None
    assert (following.kind, following.on, following.at, following.overdue) == (
        "call", date(2026, 3, 12), time(16), False,
    )  # fmt: skip
    set_day(2)
    later = card(database, deal_id).next
    assert later is not None
    assert later.overdue
    data = read(database, pipeline)
    assert (data.without_next, data.columns[0].cards[0].next) == (0, later)


def test_closing_days_and_weights_are_fields_of_a_list(database: Database, pipeline: int) -> None:
    deal_id = make(database, "Negotiation", amount="0.0003", expected_close="2026-03-11")
    big = make(database, "Needs analysis", amount="12345678901.2345")
    with database.read() as connection:
        rows = records.fetch_rows(database, connection, "deal", [deal_id, big], ["weighted_amount"])
        total = records.totals(database, connection, "deal", ["weighted_amount", "amount"])
    assert [row.values["weighted_amount"] for row in rows] == [Decimal("0.0002"), Decimal("3086419725.3086")]
    assert total["weighted_amount"] == Decimal("3086419725.3088")
    assert card(database, deal_id).close_overdue


def test_the_forecast_is_the_sum_of_its_deals(database: Database, pipeline: int) -> None:
    with write(database, N_("Set up")) as uow:
        other = create_pipeline(uow, "Contracts")
    rows = [
        ("Qualification", "1000.01", "2026-01-15", 33), ("Proposal", "500", "2026-03-31", None),
        ("Closing", "77.7777", "2026-04-01", None), ("Closing", "10", "2026-08-31", 1), ("Proposal", "3", None, 50),
        ("Proposal", "9999", "2026-09-01", None),
    ]  # fmt: skip
    for stage, amount, day, chance in rows:
        make(database, stage, amount=amount, expected_close=day, probability=chance)
    won = make(database, "Closing", amount="250")
    with write(database, N_("Win deal")) as uow:
        win_deal(uow, won)
    make(database, amount=7, expected_close="2026-03-20", pipeline_id=other)
    with database.read() as connection:
        months = sales.forecast(database, connection, pipeline_id=pipeline)
        everywhere = sales.forecast(database, connection)
        found = {
            month.start: sorted(
                str(row.values["amount"].normalize())
                for row in records.fetch_rows(
                    database, connection, "deal",
                    records.find_ids(
                        database, connection, "deal",
                        filter=sales.forecast_filter(month.start, pipeline_id=pipeline),
                    ),
                    ["amount"],
                )
            )
            for month in months
        }  # fmt: skip
    default = {"Qualification": 10, "Proposal": 50, "Closing": 90}
    expected: dict[date | None, tuple[int, Decimal, Decimal]] = {}
    for stage, amount, day, chance in rows[:-1]:
        start = None if day is None else max(date.fromisoformat(day).replace(day=1), date(2026, 3, 1))
        count, total, weighted = expected.get(start, (0, Decimal(0), Decimal(0)))
        share = Decimal(default[stage] if chance is None else chance) / 100
        expected[start] = (count + 1, total + Decimal(amount), weighted + Decimal(amount) * share)
    assert [month.start for month in months] == [*(date(2026, n, 1) for n in range(3, 9)), None]
    for month in months:
        count, total, weighted = expected.get(month.start, (0, Decimal(0), Decimal(0)))
        assert (month.open.count, month.open.total) == (count, total)
        assert abs(month.open.weighted - weighted) < Decimal("0.0001")
        assert len(found[month.start]) == count
    assert found[date(2026, 3, 1)] == ["1000.01", "5E+2"]
    assert [month.won.total for month in months][:2] == [Decimal(250), Decimal(0)]
    assert everywhere[0].open.count == 3


def test_every_deal_is_measured_by_the_limit_of_its_own_stage(database: Database, pipeline: int) -> None:
    patient = make(database)  # Qualification: 14 days
    hurried = make(database, "Closing")  # 7 days
    set_day(16)
    for deal_id in (patient, hurried):
        log(database, deal_id, kind="visit", starts="2026-04-07 10:00")  # in 10 days
    assert card(database, patient).stalled_days is None
    assert card(database, hurried).stalled_days == 16
    assert read(database, pipeline).stalled == 1
    with database.read() as connection:
        assert [one.stalled_days for one in sales.cards_of(database, connection, [patient, hurried])] == [None, 16]
