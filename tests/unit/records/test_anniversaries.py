"""Birthdays are found by their day and month, whatever the year, also over New Year and for February 29."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_desktop.core import clock
from crm_desktop.core.filters import from_json, to_json, where
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service

BORN = {
    "Ana": date(1980, 12, 30), "Bia": date(1955, 1, 2), "Leap": date(1992, 2, 29), "Mar": date(2001, 3, 1),
    "May": date(1970, 5, 31), "Nobody": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("today", "period", "names"),
    [
        ((2026, 12, 28), "next_7_days", {"Ana", "Bia"}),
        ((2026, 12, 28), "this_month", {"Ana"}),
        ((2026, 2, 27), "next_7_days", {"Leap", "Mar"}),
        ((2028, 2, 28), "tomorrow", {"Leap"}),
        ((2027, 3, 1), "today", {"Leap", "Mar"}),
        ((2028, 3, 1), "today", {"Mar"}),
        ((2026, 5, 1), "this_month", {"May"}),
        ((2026, 5, 1), "this_year", {"Ana", "Bia", "Leap", "Mar", "May"}),
        ((2026, 5, 1), ["2026-12-30", "2027-01-02"], {"Ana", "Bia"}),
    ],
)
def test_the_day_counts_and_not_the_year(database: Database, today: Any, period: Any, names: set[str]) -> None:
    with write(database, N_("New")) as uow:
        for name, born in BORN.items():
            service.create_record(uow, "contact", {"name": name, "birthday": born})
    clock.set_clock(lambda: datetime(*today, 15, tzinfo=UTC))
    tree = from_json(to_json(where("birthday", "anniversary", period)))
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", filter=tree)
        found = queries.titles(database.schema, connection, "contact", list(ids))
    assert set(found.values()) == names
