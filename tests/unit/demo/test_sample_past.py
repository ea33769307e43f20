"""The sample office as it was: whoever looks at a day gone by finds what was there then, and nothing of later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop import doctor, reports
from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.past.database import AsOf, open_as_of
from crm_desktop.demo import make
from crm_desktop.demo.make import make_demo
from crm_desktop.insight.card import card_figures
from crm_desktop.records import history
from crm_desktop.reporting.document import KeyFigures, Organisation
from crm_desktop.reporting.registry import ReportContext, find_report, run_report
from crm_desktop.sales.queries import board, pipelines

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
DAY = date(2026, 2, 20)


@pytest.fixture(autouse=True)
def thursday(same_computer: None) -> None:
    """Every test makes its office on that Thursday."""
    clock.set_clock(lambda: NOW)


@pytest.fixture
def sample(database: Database) -> Database:
    make_demo(database, 150)
    return database


@pytest.fixture
def then(sample: Database) -> Iterator[AsOf]:
    opened = open_as_of(sample, clock.end_of_day(DAY))
    yield opened
    opened.close()


def open_deals(database: Database) -> dict[int, int]:
    """The open deals on all boards, with their stages."""
    found: dict[int, int] = {}
    with database.read() as connection:
        for pipeline in pipelines(connection):
            data = board(database, connection, pipeline.id)
            found |= {card.id: column.stage.id for column in data.columns for card in column.cards}
    return found


def test_the_board_of_last_month_has_the_deals_of_that_time(sample: Database, then: AsOf) -> None:
    now, past = open_deals(sample), open_deals(then)
    assert len(past) >= 8
    assert past.keys() - now.keys(), "some were won or lost since"
    assert now.keys() - past.keys(), "some came since"
    assert [one for one in past.keys() & now.keys() if past[one] != now[one]], "some went on"


def test_no_card_of_last_month_shows_a_later_contact(sample: Database, then: AsOf) -> None:
    contacted = 0
    for entity in ("contact", "company"):
        with then.read() as connection:
            ids = connection.execute(sa.select(Base.metadata.tables[entity].c.id)).scalars().all()
            shown = [card_figures(connection, entity, one).last_contact for one in ids]
        contacted += len([one for one in shown if one is not None])
        assert [one for one in shown if one is not None and one > then.moment] == []
    assert contacted > 20
    with then.read() as connection:
        activity, note = Base.metadata.tables["activity"], Base.metadata.tables["note"]
        assert connection.execute(sa.select(sa.func.max(note.c.created_at))).scalar_one() <= then.moment
        assert connection.execute(sa.select(sa.func.max(activity.c.done_at))).scalar_one() <= then.moment


def test_the_slip_report_tells_what_was_promised_and_what_came_of_it(sample: Database) -> None:
    class Helena:
        id = 1
        name = "Helena Prates"

    with sample.read() as connection:
        context = ReportContext(connection, Helena(), Organisation("Clima"), NOW.date(), sample)
        document = run_report(find_report(reports.REPORTS, "slip"), context, {"then": DAY, "until": NOW.date()})
    block = next(block for block in document.blocks if isinstance(block, KeyFigures))
    figures: dict[str, Any] = {figure.label: figure.value for figure in block.figures}
    assert figures["Promised"] > figures["Won by the day"] > 0


def test_the_history_goes_by_in_the_order_of_time_and_agrees_with_the_records(sample: Database) -> None:
    with sample.read() as connection:
        every = history.recent(connection, limit=1000)
    assert [one.at for one in every] == sorted((one.at for one in every), reverse=True)
    assert len({one.at.date() for one in every}) > 40
    assert [finding for finding in doctor.check(sample, full=True) if not finding.ok] == []


def test_of_a_large_office_what_happens_with_the_customers_is_told_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(make, "_MANY", 100)
    make_demo(database, 150)
    now = open_deals(database)
    opened = open_as_of(database, clock.end_of_day(DAY))
    past = open_deals(opened)
    opened.close()
    assert past.keys() - now.keys() and now.keys() - past.keys()
    assert [finding for finding in doctor.check(database, full=True) if not finding.ok] == []
