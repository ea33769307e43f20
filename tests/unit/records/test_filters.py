"""Filters give the same records as plain Python, on both engines."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

from crm_desktop.core import clock
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import Condition, Filter, Group, all_of, any_of, from_json, to_json, where
from crm_desktop.core.text import fold
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, custom, queries, service

NAMES = ["Ícaro", "icaro", "Müller & Filhos", "100% Gelado", "under_score", "O'Brien", "Zé", ""]
CITIES = ["Curitiba", "São José dos Pinhais", "Braga", None]


def fill(database: Database, dice: random.Random) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    with write(database, "Field", actor=Actor()) as uow:
        custom.create_custom_field(uow, "company", "Área", Kind.NUMBER)
    with write(database, "Fill", actor=Actor()) as uow:
        for n in range(40):
            values = {
                "name": f"{dice.choice(NAMES)} {n}".strip(), "notes": dice.choice([None, "Açaí", "nada"]),
                "employees": dice.choice([None, 1, 5, 30]), "revenue": dice.choice([None, Decimal("10.5"), Decimal(2000)]),
                "kind": dice.choice(["customer", "supplier", None]), "city": dice.choice(CITIES),
                "custom.area": dice.choice([None, Decimal("2.5"), Decimal(90)]),
            }  # fmt: skip
            record = service.create_record(uow, "company", values)
            if n % 3 == 0:
                attach_service.tag_records(uow, "company", [record], "Padarias")
            rows[record] = {**values, "tag": n % 3 == 0}
            rows[record]["kind"] = values["kind"] or "prospect"
    return rows


def holds(row: dict[str, Any], one: Filter) -> bool:
    """What a filter means, in plain Python."""
    if isinstance(one, Group):
        parts = [holds(row, part) for part in one.parts]
        return all(parts) if one.join == "and" else any(parts)
    if one.op in ("has_tag", "no_tag"):
        return row["tag"] == (one.op == "has_tag")
    value = row[one.field]
    if one.op in ("empty", "filled"):
        return (value in (None, "")) == (one.op == "empty")
    if isinstance(value, str) and one.op in ("eq", "ne", "contains", "not_contains", "starts"):
        have, want = fold(value), fold(str(one.value))
        found = {"eq": have == want, "ne": have == want, "contains": want in have, "not_contains": want in have,
                 "starts": have.startswith(want)}[one.op]  # fmt: skip
        return not found if one.op in ("ne", "not_contains") else found
    if value is None:
        return one.op in ("ne", "not_in", "not_contains")
    if one.op in ("in", "not_in"):
        return (value in one.value) == (one.op == "in")
    want = Decimal(str(one.value)) if not isinstance(one.value, list) else None
    have = Decimal(str(value))
    if one.op == "between":
        return Decimal(str(one.value[0])) <= have <= Decimal(str(one.value[1]))
    return {"eq": have == want, "ne": have != want, "lt": have < want, "le": have <= want, "gt": have > want,
            "ge": have >= want}[one.op]  # fmt: skip


def random_filter(dice: random.Random, depth: int = 0) -> Filter:
    if depth < 2 and dice.random() < 0.4:
        return Group(
            dice.choice(["and", "or"]), tuple(random_filter(dice, depth + 1) for _ in range(dice.randint(1, 3)))
        )
    field = dice.choice(["name", "notes", "employees", "revenue", "kind", "city", "custom.area", "@tag"])
    if field == "@tag":
        return Condition("@tag", dice.choice(["has_tag", "no_tag"]), "PADARIAS")
    if dice.random() < 0.2:
        return Condition(field, dice.choice(["empty", "filled"]))
    if field == "kind":
        op = dice.choice(["eq", "ne", "in", "not_in"])
        return Condition(field, op, ["customer"] if op in ("in", "not_in") else dice.choice(["customer", "supplier"]))
    if field in ("employees", "revenue", "custom.area"):
        op = dice.choice(["eq", "ne", "lt", "le", "gt", "ge", "between"])
        number = dice.choice([1, 5, 30, 2000])
        return Condition(field, op, [1, 50] if op == "between" else number)
    text = dice.choice(["ICARO", "ícaro", "muller", "100%", "r_s", "'", "acai", "curitiba", "são", "z"])
    return Condition(field, dice.choice(["eq", "ne", "contains", "not_contains", "starts"]), text)


def test_random_filters_mean_the_same_in_sql_and_in_python(database: Database) -> None:
    dice = random.Random(7)
    rows = fill(database, dice)
    with database.read() as connection:
        for _ in range(150):
            one = random_filter(dice)
            found = set(queries.find_ids(database, connection, "company", filter=from_json(to_json(one))))
            expected = {identity for identity, row in rows.items() if holds(row, one)}
            assert found == expected, to_json(one)


def test_dates_by_period_and_distance(database: Database) -> None:
    today = clock.today()
    days = [today - timedelta(days=400), today - timedelta(days=10), today, today + timedelta(days=5), None]
    with write(database, "Fill", actor=Actor()) as uow:
        ids = [
            service.create_record(uow, "deal", {"name": f"Deal {n}", "expected_close": day})
            for n, day in enumerate(days)
        ]
    cases = [
        (where("expected_close", "older_days", 30), {0}),
        (where("expected_close", "next_days", 7), {2, 3}),
        (where("expected_close", "period", "today"), {2}),
        (where("expected_close", "period", "all"), {0, 1, 2, 3}),
        (where("expected_close", "period", [(today - timedelta(days=11)).isoformat(), today.isoformat()]), {1, 2}),
        (where("expected_close", "empty"), {4}),
        (where("created_at", "period", "today"), {0, 1, 2, 3, 4}),
        (
            all_of(
                where("expected_close", "filled"), any_of(where("name", "eq", "deal 1"), where("name", "eq", "deal 3"))
            ),
            {1, 3},
        ),
    ]
    with database.read() as connection:
        for one, expected in cases:
            found = set(queries.find_ids(database, connection, "deal", filter=one))
            assert found == {ids[n] for n in expected}, to_json(one)


def test_a_user_is_meant_by_me(database: Database) -> None:
    with write(database, "Users", actor=Actor()) as uow:
        ana = uow.insert("user", {"name": "Ana", "login": "ana", "role": "sales", "active": True})
        mine = service.create_record(uow, "company", {"name": "Mine", "owner_id": ana})
        service.create_record(uow, "company", {"name": "Nobody's"})
    with database.read() as connection:
        one = where("owner_id", "eq", "@me")
        assert list(queries.find_ids(database, connection, "company", filter=one, user_id=ana)) == [mine]
        assert list(queries.find_ids(database, connection, "company", filter=one, user_id=None)) == []
