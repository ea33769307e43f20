"""What was promised and what became of it, against deals whose story the test writes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop import reports
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork, write
from crm_desktop.records import service
from crm_desktop.reporting.document import Document, KeyFigures, Organisation, Text
from crm_desktop.reporting.registry import ReportContext, find_report, run_report
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.sales.stages import read_plan

START, THEN = date(2026, 1, 5), date(2026, 1, 31)


class Helena:
    id = 1
    name = "Helena Prates"


class Office:
    """An office whose clock the test moves."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.deals: dict[str, int] = {}
        self.on(START)
        with write(database, N_("Set up")) as uow:
            ensure_default_pipeline(uow)
            stages = list(read_plan(uow.connection).stages.values())
        self.stage = {name: next(one for one in stages if one.outcome == name).id for name in ("open", "won", "lost")}

    def on(self, day: date) -> None:
        moment = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
        clock.set_clock(lambda: moment)
        self.today = day

    def write(self, work: Callable[[UnitOfWork], Any]) -> Any:
        with write(self.database, N_("Edit")) as uow:
            return work(uow)

    def promise(self, name: str, amount: int, closes: date | None) -> None:
        values = {"name": name, "amount": Decimal(amount), "expected_close": closes, "stage_id": self.stage["open"]}
        self.deals[name] = self.write(lambda uow: service.create_record(uow, "deal", values))

    def edit(self, which: str, /, **values: Any) -> None:
        self.write(lambda uow: service.update_record(uow, "deal", self.deals[which], values))

    def run(self, **values: Any) -> Document:
        with self.database.read() as connection:
            context = ReportContext(connection, Helena(), Organisation("Clima"), self.today, self.database)
            return run_report(find_report(reports.REPORTS, "slip"), context, values)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    yield Office(database)


def tell_story(office: Office) -> None:
    """Six deals were promised until the end of March; one was not dated, one came later and was won besides."""
    office.promise("Kept", 1_000, date(2026, 2, 20))
    office.promise("Late", 2_000, date(2026, 2, 10))
    office.promise("Put off", 4_000, date(2026, 3, 1))
    office.promise("Lost", 8_000, date(2026, 3, 5))
    office.promise("Gone", 16_000, date(2026, 3, 9))
    office.promise("Far", 32_000, date(2026, 9, 1))
    office.on(date(2026, 2, 18))
    office.edit("Kept", stage_id=office.stage["won"], amount=Decimal(900))
    office.promise("Besides", 500, date(2026, 2, 25))
    office.on(date(2026, 2, 25))
    office.edit("Late", stage_id=office.stage["won"])
    office.edit("Besides", stage_id=office.stage["won"])
    office.edit("Put off", expected_close=date(2026, 5, 1), amount=Decimal(3_000))
    office.edit("Lost", stage_id=office.stage["lost"])
    office.on(date(2026, 3, 31))
    office.write(lambda uow: service.delete_records(uow, "deal", [office.deals["Gone"]]))


def outcomes(document: Document) -> dict[str, list[str]]:
    return {group.label: [str(row.values[0]) for row in group.rows] for group in document.tables[0].groups}


def figures(document: Document) -> dict[str, Any]:
    block = next(block for block in document.blocks if isinstance(block, KeyFigures))
    return {figure.label: figure.value for figure in block.figures}


def test_what_became_of_every_promise(office: Office) -> None:
    tell_story(office)
    document = office.run(then=THEN, until=date(2026, 3, 31))
    assert outcomes(document) == {
        "Won by the day": ["Kept"], "Won later": ["Late"], "Still open": ["Put off"], "Lost": ["Lost"], "Deleted since": ["Gone"],
    }  # fmt: skip
    shown = figures(document)
    assert shown["Promised"] == Decimal(31_000), "with the amounts of that time"
    assert shown["Won by the day"] == Decimal(1_000)
    assert shown["Kept"] == Decimal("3.2")
    assert shown["Won besides"] == Decimal(500)
    rows = {str(row.values[0]): row.values for group in document.tables[0].groups for row in group.rows}
    assert rows["Late"][7] == 15
    assert rows["Put off"][6:9] == (date(2026, 5, 1), 61, Decimal(3_000))
    assert rows["Gone"][6:9] == (None, None, None)


def test_it_says_the_same_whenever_it_is_printed(office: Office) -> None:
    tell_story(office)
    before = office.run(then=THEN, until=date(2026, 3, 20)).blocks
    assert outcomes(office.run(then=THEN, until=date(2026, 3, 20)))["Still open"] == ["Gone", "Put off"], "of that day"
    office.on(date(2026, 6, 1))
    office.edit("Put off", stage_id=office.stage["won"], amount=Decimal(1))
    office.edit("Kept", name="Another name")
    assert office.run(then=THEN, until=date(2026, 3, 20)).blocks[:2] == before[:2]


def test_days_that_make_no_sense_are_refused(office: Office) -> None:
    tell_story(office)
    for values in (
        {"then": THEN, "until": office.today + timedelta(days=1)}, {"then": office.today, "until": office.today},
    ):  # fmt: skip
        with pytest.raises(UserError):
            office.run(**values)


def test_a_day_before_the_history_says_when_it_begins(office: Office) -> None:
    tell_story(office)
    document = office.run(then=START - timedelta(days=30), until=office.today)
    assert [str(block.text) for block in document.blocks if isinstance(block, Text)] == [
        "The history of this office begins on 1/5/2026. Promises of earlier days are not known."
    ]
