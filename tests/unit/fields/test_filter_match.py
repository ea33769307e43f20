"""Conditions tried in memory let through what the same filter finds in the database, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Kind
from crm_desktop.core.filter_match import matches
from crm_desktop.core.filters import Condition, Filter, Group, operators_for, where
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, queries, service
from tests.helpers.thorough import times

ANA = Actor(None, "Ana")
CHOICES = [{"key": key, "label": key, "hue": 1} for key in ("a", "b", "a_b")]
POOL: dict[Kind, list[Any]] = {
    Kind.TEXT: ["Açaí", "acai 7", "x_y", "100%", "z"], Kind.LONG_TEXT: ["One\ntwo"], Kind.INTEGER: [-3, 0, 41],
    Kind.NUMBER: [Decimal("-1.5"), Decimal("12.5")], Kind.MONEY: [Decimal(0), Decimal("1234.56")],
    Kind.PERCENT: [Decimal("37.5")], Kind.DATE: [date(2024, 2, 29), date(2025, 1, 1)],
    Kind.DATETIME: [datetime(2024, 2, 29, 23, 30, tzinfo=UTC), datetime(2025, 1, 1, 2, tzinfo=UTC)],
    Kind.BOOL: [True, False], Kind.CHOICE: ["a", "b", "a_b"], Kind.CHOICES: [["a"], ["a_b"], ["a", "b"]],
    Kind.EMAIL: ["ana@example.com"], Kind.PHONE: ["+5541955500142"],
}  # fmt: skip
DECLARED = {"job_title": ["Açougueiro", "cook"], "birthday": [date(2000, 2, 29)], "email": ["ana@example.com", "b@x.org"],
            "city": ["Curitiba", "São Paulo"]}  # fmt: skip


@pytest.fixture
def office(database: Database) -> Iterator[tuple[Database, dict[str, Any], list[tuple[int, dict[str, Any]]]]]:
    """Own fields of many kinds, and records with every value of the pools and with none."""
    with write(database, "Make", actor=ANA) as uow:
        for kind in POOL:
            choices = CHOICES if kind in (Kind.CHOICE, Kind.CHOICES) else None
            custom.create_custom_field(uow, "contact", kind.value, kind, choices=choices)
        pools = {f"custom.{kind.value}": values for kind, values in POOL.items()} | DECLARED
        service.create_record(uow, "contact", {"name": "None"})
        for number in range(5):
            values = {
                name: pool[number % len(pool)] for name, pool in pools.items() if number < len(pool) or number % 2
            }
            service.create_record(uow, "contact", {"name": str(number)} | values)
    fields = {one.name: one for one in custom.fields_of(database, "contact")}
    with database.read() as connection:
        ids = list(queries.find_ids(database, connection, "contact"))
        rows = [(one, dict(queries.get_record(database, connection, "contact", one).values)) for one in ids]
    yield database, fields, rows


@pytest.fixture
def filters(office: Any) -> st.SearchStrategy[Filter]:
    """Made once for all examples: a strategy made anew for each may look like another one."""
    return _filters(office[1])


def _filters(fields: dict[str, Any]) -> st.SearchStrategy[Filter]:
    pools = {f"custom.{kind.value}": values for kind, values in POOL.items()} | DECLARED

    def one(name: str, op: str, number: int, other: int) -> Condition:
        plain = [_plain(value) for value in pools[name]]
        first, second = plain[number % len(plain)], plain[other % len(plain)]
        if op in ("empty", "filled"):
            return where(name, op)
        if op in ("period", "anniversary"):
            return where(
                name,
                op,
                [("2024-01-01", "2024-12-31"), ("2023-02-20", "2023-03-01"), ("2024-12-20", "2025-01-03")][other % 3],
            )
        if op in ("older_days", "next_days"):
            return where(name, op, other * 200)
        if op in ("in", "not_in"):
            return where(name, op, [first, second])
        if op == "between":
            return where(
                name, op, sorted([first, second], key=lambda each: (float(each) if _number(each) else 0, str(each)))
            )
        if (
            op in ("contains", "starts", "not_contains")
            and isinstance(first, str)
            and fields[name].kind is not Kind.CHOICES
        ):
            return where(name, op, first[: 1 + other])
        return where(name, op, first)

    asked = [(name, op) for name in sorted(pools) for op in sorted(operators_for(fields[name]))]
    condition = st.builds(
        lambda pair, number, other: one(*pair, number, other),
        st.sampled_from(asked),
        st.integers(0, 5),
        st.integers(0, 5),
    )

    def group(inner: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
        return st.builds(Group, st.sampled_from(["and", "or"]), st.lists(inner, max_size=3).map(tuple))

    return condition | group(condition) | group(condition | group(condition))


def _number(value: Any) -> bool:
    return isinstance(value, int) or isinstance(value, str) and value.replace(".", "").lstrip("-").isdigit()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return value[0]
    if isinstance(value, date | datetime):
        return value.isoformat()[:10]
    return str(value) if isinstance(value, Decimal) else value


@settings(max_examples=times(60, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_same_records(office: Any, filters: st.SearchStrategy[Filter], data: st.DataObject) -> None:
    database, fields, rows = office
    tree = data.draw(filters)
    with database.read() as connection:
        found = set(queries.find_ids(database, connection, "contact", filter=tree))
    assert {record for record, values in rows if matches(tree, values, fields)} == found, tree


def test_what_a_form_cannot_know_is_refused(office: Any) -> None:
    _database, fields, rows = office
    for condition in (where("@tag", "has_tag", "vip"), where("@text", "search", "x"), where("custom.gone", "filled")):
        with pytest.raises(UserError):
            matches(condition, rows[0][1], fields)
