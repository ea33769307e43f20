"""Groups and totals of lists are what plain Python counts, on both engines."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import EVERYTHING, Filter, where
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, grouping, queries, service
from crm_desktop.records.aggregates import column_totals
from crm_desktop.records.grouping import Grouping


def fill(database: Database, many: int = 80) -> None:
    """Deals and contacts with ties, empty values, several spellings and two currencies."""
    dice = random.Random(3)
    with write(database, "Fill") as uow:
        companies = [service.create_record(uow, "company", {"name": name}) for name in ("Aurora", "Barco", "Zenit")]
        for n in range(many):
            contact = service.create_record(uow, "contact", {
                "name": f"Person {n}", "company_id": dice.choice([None, *companies]),
                "city": dice.choice([None, "Curitiba", "curitiba", "São Paulo", "Sao Paulo ", "Braga"]),
                "lifecycle": dice.choice(["lead", "customer", "qualified"]),
                "birthday": dice.choice([None, "1980-02-03", "1980-03-31", "1980-04-01", "1990-12-31"]),
                "do_not_contact": dice.random() < 0.3,
            })  # fmt: skip
            if dice.random() < 0.2:
                uow.insert("address", {
                    "owner_id": contact, "city": dice.choice([None, "Aveiro"]), "is_primary": dice.random() < 0.5
                })  # fmt: skip
            service.create_record(uow, "deal", {
                "name": f"Deal {n}", "amount": dice.choice([None, Decimal(10), Decimal("2.5"), Decimal("-4")]),
                "currency": dice.choice(["BRL", "USD"]), "probability": dice.choice([None, 10, 90]),
                "expected_close": dice.choice([None, "2026-01-31", "2026-02-01", "2027-01-01"]),
            })  # fmt: skip
    table = Base.metadata.tables["contact"]
    moments = [datetime(2026, 1, 1, 2, 30, tzinfo=UTC), datetime(2026, 1, 1, 3, 0, tzinfo=UTC), None,
               datetime(2025, 7, 1, 2, 59, 59, tzinfo=UTC)]  # fmt: skip
    with database.begin() as connection:
        for number, identity in enumerate(connection.execute(sa.select(table.c.id)).scalars().all()):
            moment = moments[number % len(moments)]
            connection.execute(table.update().where(table.c.id == identity).values(last_activity_at=moment))


def told(groups: list[grouping.Group]) -> dict[Any, int]:
    """Counts by key."""
    return {group.key: group.count for group in groups}


@pytest.mark.parametrize("one_filter", [EVERYTHING, where("lifecycle", "ne", "qualified")], ids=["all", "some"])
@pytest.mark.parametrize("name", ["lifecycle", "company_id", "city", "do_not_contact", "birthday"])
def test_groups_count_what_python_counts_and_give_the_right_ids(
    database: Database, name: str, one_filter: Filter
) -> None:
    fill(database)
    step = "quarter" if name == "birthday" else ""
    by = Grouping(name, step)
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", filter=one_filter, sort=[("name", True)])
        expected: dict[Any, list[int]] = defaultdict(list)
        for row in queries.fetch_rows(database, connection, "contact", ids, [name]):
            value = row.values[name]
            if name == "city" and value is not None:
                value = fold(value).strip()
            elif name == "company_id" and value is not None:
                value = value.id
            elif name == "birthday" and value is not None:
                value = f"{value.year}-Q{(value.month + 2) // 3}"
            expected[value].append(row.id)
        groups = grouping.read_groups(database, connection, "contact", by, filter=one_filter)
        assert told(groups) == {key: len(members) for key, members in expected.items()}
        assert None not in [group.key for group in groups[:-1]], "those without a value come last"
        sort = [("name", True)]
        every = grouping.group_ids(database, connection, "contact", by, groups, filter=one_filter, sort=sort)
        assert {key: list(members) for key, members in every.items()} == dict(expected)
        for group in groups:
            alone = grouping.group_ids(database, connection, "contact", by, [group], filter=one_filter, sort=sort)
            assert list(alone[group.key]) == expected[group.key]


def test_the_usual_spelling_and_the_records_title_are_shown(database: Database) -> None:
    fill(database)
    with database.read() as connection:
        companies = grouping.read_groups(database, connection, "contact", Grouping("company_id"), filter=EVERYTHING)
        assert [group.title for group in companies] == ["Aurora", "Barco", "Zenit", ""]
        turned = Grouping("company_id", descending=True)
        back = grouping.read_groups(database, connection, "contact", turned, filter=EVERYTHING)
        assert [group.title for group in back] == ["Zenit", "Barco", "Aurora", ""]


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Europe/Lisbon", "UTC"])
def test_moments_are_grouped_by_the_local_month(database: Database, zone: str, monkeypatch: Any) -> None:
    fill(database, 8)
    monkeypatch.setenv("TZ", zone)
    with database.read() as connection:
        by = Grouping("last_activity_at", "month")
        found = told(grouping.read_groups(database, connection, "contact", by, filter=EVERYTHING))
    local = {
        "America/Sao_Paulo": {"2025-12": 2, "2026-01": 2, "2025-06": 2, None: 2},
        "Europe/Lisbon": {"2026-01": 4, "2025-07": 2, None: 2},
        "UTC": {"2026-01": 4, "2025-07": 2, None: 2},
    }
    assert found == local[zone]


def test_amounts_are_added_up_by_currency(database: Database) -> None:
    fill(database)
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "deal")
        rows = queries.fetch_rows(database, connection, "deal", ids, ["amount", "currency", "probability"])
        sums: Counter[str] = Counter()
        for row in rows:
            sums[row.values["currency"]] += row.values["amount"] or 0  # type: ignore[assignment]
        names = ["amount", "probability", "expected_close", "name"]
        found = column_totals(database, connection, "deal", names)
        assert dict(found["amount"].values("sum")) == dict(sums)
        assert {value for _currency, value in found["amount"].values("least")} == {Decimal(-4)}
        filled = [row.values["probability"] for row in rows if row.values["probability"] is not None]
        [(currency, average)] = found["probability"].values("average")
        assert currency == "" and round(average, 3) == round(Decimal(sum(filled)) / len(filled), 3)
        assert found["name"].values("count") == [("", 80)]
        assert str(found["expected_close"].values("most")[0][1]) == "2027-01-01"
        few = column_totals(database, connection, "deal", ["amount"], ids=list(ids[:7]))
        first = [row.values["amount"] for row in rows[:7] if row.values["amount"] is not None]
        assert sum(value for _c, value in few["amount"].values("sum")) == sum(first)
        groups = grouping.read_groups(
            database, connection, "deal", Grouping("currency"), filter=EVERYTHING, measures=["amount"]
        )
        assert {group.title: group.measures["amount"].values("sum")[0][1] for group in groups} == dict(sums)


def test_too_many_groups_are_refused(database: Database, monkeypatch: Any) -> None:
    fill(database)
    monkeypatch.setattr(grouping, "MOST", 2)
    with database.read() as connection, pytest.raises(UserError):
        grouping.read_groups(database, connection, "contact", Grouping("company_id"), filter=EVERYTHING)


def test_the_days_of_a_period_are_told() -> None:
    assert [str(day) for day in grouping.period_of("2026-Q4")] == ["2026-10-01", "2026-12-31"]
    assert [str(day) for day in grouping.period_of("2024-02")] == ["2024-02-01", "2024-02-29"]
    assert [str(day) for day in grouping.period_of("2024")] == ["2024-01-01", "2024-12-31"]


def test_moments_of_own_fields_stand_on_their_local_day(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    with write(database, "Fill") as uow:
        custom.create_custom_field(uow, "contact", "Visit", Kind.DATETIME)
        late, morning = datetime(2026, 2, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, 12, tzinfo=UTC)
        ids = [
            service.create_record(uow, "contact", {"name": "Ana", "custom.visit": moment})
            for moment in (late, morning, None)
        ]
    asked = Grouping("custom.visit", step="day")
    with database.read() as connection:
        found = grouping.read_groups(database, connection, "contact", asked, filter=EVERYTHING)
        assert [(one.key, one.count) for one in found] == [("2026-01-31", 1), ("2026-02-01", 1), (None, 1)]
        for group, identity in zip(found, ids, strict=True):
            held = grouping.group_ids(database, connection, "contact", asked, [group], filter=EVERYTHING, sort=[])
            assert list(held[group.key]) == [identity]
