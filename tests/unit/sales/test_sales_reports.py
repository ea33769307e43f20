"""Reports of sales against sums that the test adds up itself."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import reports
from crm_desktop.core import clock
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries as records
from crm_desktop.records import service
from crm_desktop.reporting import output
from crm_desktop.reporting.document import Document, KeyFigures, ListLink, Organisation, Table
from crm_desktop.reporting.registry import ReportContext, find_report, run_report
from crm_desktop.sales.service import create_pipeline, ensure_default_pipeline
from crm_desktop.sales.stages import read_plan

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
TODAY = date(2026, 3, 12)


class Helena:
    id = 1
    name = "Helena Prates"


Run = Callable[..., Document]


@pytest.fixture
def run(database: Database) -> Run:
    """Runs a report by name with some values."""
    clock.set_clock(lambda: NOW)

    def go(name: str, **values: Any) -> Document:
        with database.read() as connection:
            context = ReportContext(connection, Helena(), Organisation("Clima"), TODAY, database)
            return run_report(find_report(reports.REPORTS, name), context, values)

    return go


@pytest.fixture
def deals(database: Database) -> list[dict[str, Any]]:
    """Eighty deals of two people in every stage, with dates around today; their source rows."""
    clock.set_clock(lambda: NOW)
    chance = random.Random(7)
    with write(database, N_("Set up")) as uow:
        ensure_default_pipeline(uow)
        create_pipeline(uow, "Contracts")
        people = [service.create_record(uow, "user", {"name": name, "login": name}) for name in ("Caio", "Rosa")]
        stages = list(read_plan(uow.connection).stages.values())
        made = []
        for n in range(80):
            stage = chance.choice(stages)
            day = TODAY + timedelta(days=chance.randrange(-200, 260))
            values: dict[str, Any] = {
                "name": f"Deal {n}", "stage_id": stage.id, "owner_id": chance.choice([*people, None]),
                "amount": Decimal(chance.randrange(1, 9_999_999)) / 100, "source": chance.choice(["event", None]),
                "probability": chance.choice([None, None, Decimal(33), Decimal("12.5")]),
            }  # fmt: skip
            values["expected_close" if stage.outcome == "open" else "closed_on"] = chance.choice([day, day, day, None])
            if stage.outcome != "open" and values.get("closed_on") is None:
                values["closed_on"] = TODAY
            service.create_record(uow, "deal", values)
            effective = values["probability"] if values["probability"] is not None else stage.probability
            made.append(values | {"stage": stage, "share": effective / 100})
    return made


def main_table(document: Document, index: int = 0) -> Table:
    return document.tables[index]


def figures(document: Document) -> dict[str, Any]:
    block = next(block for block in document.blocks if isinstance(block, KeyFigures))
    return {figure.label: figure.value for figure in block.figures}


def near(one: Any, other: Decimal) -> bool:
    return abs(one - other) < Decimal("0.001")


def test_the_forecast_equals_its_source_rows(run: Run, deals: list[dict[str, Any]]) -> None:
    document = run("forecast", months=6)
    opened: dict[date | None, Decimal] = defaultdict(Decimal)
    weighted: dict[date | None, Decimal] = defaultdict(Decimal)
    won: dict[date | None, Decimal] = defaultdict(Decimal)
    for deal in deals:
        if deal["stage"].outcome == "open":
            day = deal["expected_close"]
            if day is not None and day >= date(2026, 9, 1):
                continue
            month = None if day is None else max(day.replace(day=1), date(2026, 3, 1))
            opened[month] += deal["amount"]
            weighted[month] += deal["amount"] * deal["share"]
        elif deal["stage"].outcome == "won" and date(2026, 3, 1) <= deal["closed_on"] < date(2026, 9, 1):
            won[deal["closed_on"].replace(day=1)] += deal["amount"]
    months = [*(date(2026, n, 1) for n in range(3, 9)), None]
    rows = main_table(document).rows
    assert [row.values[0] for row in rows] == [
        "March 2026", "April 2026", "May 2026", "June 2026", "July 2026", "August 2026", "Without a day",
    ]  # fmt: skip
    for month, row in zip(months, rows, strict=True):
        assert row.values[2] == opened[month]
        assert near(row.values[3], weighted[month])
        assert row.values[4] == won[month]
    assert figures(document)["Open"] == sum(opened.values())
    assert near(figures(document)["Weighted"], sum(weighted.values(), Decimal(0)))


def test_numbers_lead_to_their_records(database: Database, run: Run, deals: list[dict[str, Any]]) -> None:
    for name, column in (("forecast", 1), ("sales", 1), ("pipeline", 1)):
        document = run(name, **({"deals": False} if name == "pipeline" else {}))
        for row in main_table(document).rows:
            assert isinstance(row.link, ListLink)
            with database.read() as connection:
                count = records.count(database, connection, "deal", filter=row.link.filter)  # type: ignore[arg-type]
            assert count == row.values[column], (name, row.values)


def test_the_pipeline_by_stage(run: Run, deals: list[dict[str, Any]]) -> None:
    document = run("pipeline")
    first = next(iter(deal["stage"].pipeline_id for deal in deals if deal["stage"].name == "Qualification"))
    pipeline = min(deal["stage"].pipeline_id for deal in deals)
    mine = [deal for deal in deals if deal["stage"].pipeline_id == pipeline and deal["stage"].outcome == "open"]
    assert first
    table = main_table(document)
    total = sum(deal["amount"] for deal in mine)
    weighted = sum(deal["amount"] * deal["share"] for deal in mine)
    assert (figures(document)["Open"], figures(document)["Deals"]) == (total, len(mine))
    assert table.totals["amount"] == total
    assert near(table.totals["weighted"], Decimal(weighted))
    for group in table.groups:
        rows = [deal for deal in mine if deal["stage"].name == group.label]
        assert group.subtotals["amount"] == sum(deal["amount"] for deal in rows)
        assert [row.values[4] for row in group.rows] == sorted((d["amount"] for d in rows), reverse=True)
    assert document.subtitle.startswith("Pipeline: Sales · Closes: All time · Owner: all")
    narrow = run("pipeline", closes="this_month", deals=False)
    inside = [d for d in mine if d["expected_close"] and d["expected_close"].replace(day=1) == date(2026, 3, 1)]
    assert figures(narrow)["Open"] == sum(deal["amount"] for deal in inside)


@pytest.mark.parametrize("by", ["owner", "company", "product", "source"])
def test_sales_of_a_period(run: Run, deals: list[dict[str, Any]], by: str) -> None:
    document = run("sales", period="2025-01-01..2026-12-31", by=by, step="quarter")
    inside = [deal for deal in deals if deal["stage"].outcome == "won" and deal["closed_on"] >= date(2025, 1, 1)]
    lost = [deal for deal in deals if deal["stage"].outcome == "lost" and deal["closed_on"] >= date(2025, 1, 1)]
    assert (figures(document)["Won"], figures(document)["Deals won"]) == (
        sum(deal["amount"] for deal in inside), len(inside),
    )  # fmt: skip
    table, steps = main_table(document), main_table(document, 1)
    assert sum(row.values[2] for row in table.rows) == figures(document)["Won"]  # type: ignore[misc]
    assert sum(row.values[5] for row in table.rows) == len(lost)  # type: ignore[misc]
    assert sum(row.values[2] for row in steps.rows) == figures(document)["Won"]  # type: ignore[misc]
    assert steps.rows[0].values[0] == "Q1 2025"
    if by == "owner":
        assert {row.values[0] for row in table.rows} == {"Caio", "Rosa", "Nobody"}


def test_one_person_only(run: Run, database: Database, deals: list[dict[str, Any]]) -> None:
    owner = next(deal["owner_id"] for deal in deals if deal["owner_id"])
    document = run("forecast", owner=owner)
    assert "Owner: Caio" in document.subtitle or "Owner: Rosa" in document.subtitle
    mine = [d for d in deals if d["owner_id"] == owner and d["stage"].outcome == "open"
            and (d["expected_close"] is None or d["expected_close"] < date(2026, 9, 1))]  # fmt: skip
    assert figures(document)["Open"] == sum(deal["amount"] for deal in mine)


def test_other_currencies_are_named_and_not_added(database: Database, run: Run) -> None:
    with write(database, N_("Set up")) as uow:
        service.create_record(uow, "deal", {"name": "A", "amount": 10})
        service.create_record(uow, "deal", {"name": "B", "amount": 500, "currency": "EUR"})
    document = run("pipeline")
    assert figures(document)["Open"] == 10
    said = " ".join(str(getattr(block, "text", "")) for block in document.blocks)
    assert "€500" in said


def test_every_report_prints_on_an_empty_and_on_a_full_database(
    database: Database, run: Run, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    for round_ in range(2):
        for spec in reports.REPORTS:
            if any(parameter.required and parameter.kind == "record" for parameter in spec.parameters):
                continue
            if spec.name == "backup-certificate":  # of an office with a proven backup
                continue
            document = run(spec.name)
            path = tmp_path / f"{spec.name}{round_}.pdf"
            output.write_document(document, path)
            assert path.stat().st_size > 1000
        request.getfixturevalue("deals")
