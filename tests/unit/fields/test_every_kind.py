"""Every kind of own field in every place, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core import formats
from crm_desktop.core.errors import EditConflict, ValidationFailed
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.filters import from_json, operators_for, to_json, where
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import bulk_edit, custom, history, queries, service, tokens

ANA = Actor(None, "Ana")
CHOICES = [{"key": "a_b", "label": "Açaí", "hue": 2}, {"key": "axb", "label": "Baru", "hue": 3}]
INSTANT = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
# kind: (low, high, how the low one is typed into a file, an operator and value that only the low one passes)
SAMPLES: dict[Kind, tuple[Any, Any, str, tuple[str, Any]]] = {
    Kind.TEXT: ("Açaí 7", "zeta", "Açaí 7", ("contains", "acai")),
    Kind.LONG_TEXT: ("One\ntwo", "zeta", "One two", ("starts", "ONE")),
    Kind.INTEGER: (41, 3_000_000_000, "41", ("lt", 42)),
    Kind.NUMBER: (Decimal("12.5"), Decimal("900000.1234"), "12.5", ("le", "12.5")),
    Kind.MONEY: (Decimal("1234.56"), Decimal("987654321.99"), "1234.56", ("between", ["1000", "2000"])),
    Kind.PERCENT: (Decimal("37.5"), Decimal(80), "37.5%", ("eq", "37.5")),
    Kind.DATE: (date(2024, 2, 29), date(2025, 1, 1), "2024-02-29", ("lt", "2024-03-01")),
    Kind.DATETIME: (INSTANT, datetime(2025, 1, 1, tzinfo=UTC), "2024-02-29T12:30:00Z", ("eq", "2024-02-29")),
    Kind.BOOL: (False, True, "no", ("eq", False)),
    Kind.CHOICE: ("a_b", "axb", "Açaí", ("eq", "a_b")),
    Kind.CHOICES: (["a_b"], ["axb"], "Açaí", ("contains", "a_b")),
    Kind.PHONE: ("+5541955500142", "+5541955500143", "+55 41 95550-0142", ("eq", "+5541955500142")),
    Kind.EMAIL: ("ana@example.com", "zeta@example.com", "ana@example.com", ("contains", "ana@")),
    Kind.URL: ("https://example.com", "https://zeta.example", "https://example.com", ("not_contains", "zeta")),
    Kind.TAX_ID: ("11222333000181", "34238864000168", "11.222.333/0001-81", ("eq", "11222333000181")),
    Kind.COUNTRY: ("BR", "PT", "BR", ("eq", "BR")),
    Kind.CURRENCY: ("BRL", "EUR", "BRL", ("eq", "BRL")),
    Kind.TIMEZONE: ("America/Sao_Paulo", "Europe/Lisbon", "America/Sao_Paulo", ("eq", "America/Sao_Paulo")),
    Kind.LINK: ("Alfa Ltda", "Zeta Ltda", "Alfa Ltda", ("filled", None)),
    Kind.USER: ("ana", "zoe", "ana", ("filled", None)),
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_brazil() -> Iterator[None]:
    formats.set_default_country("BR")
    yield
    formats.set_default_country("")


def test_every_kind_is_tried() -> None:
    assert set(SAMPLES) == set(custom.ALLOWED)


class Office:
    """An office with one own field of a kind and two contacts that have it, one that has not."""

    def __init__(self, database: Database, kind: Kind) -> None:
        self.database, self.kind = database, kind
        low, high, self.typed, self.test = SAMPLES[kind]
        with write(database, "Make", actor=ANA) as uow:
            if kind is Kind.LINK:
                low, high = (service.create_record(uow, "company", {"name": name}) for name in (low, high))
                self.test = ("eq", low)
            if kind is Kind.USER:
                low, high = (service.create_record(uow, "user", {"name": name, "login": name}) for name in (low, high))
                self.test = ("in", [low])
            custom.create_custom_field(
                uow, "contact", "Rank É", kind, choices=CHOICES if kind in (Kind.CHOICE, Kind.CHOICES) else None,
                target="company" if kind is Kind.LINK else "", aliases=("posto",),
            )  # fmt: skip
        self.low, self.high = low, high
        with write(database, "Fill", actor=ANA) as uow:
            self.second = service.create_record(uow, "contact", {"name": "Bia", self.name: high})
            self.first = service.create_record(uow, "contact", {"name": "Ana", self.name: low})
            self.third = service.create_record(uow, "contact", {"name": "Caio"})

    name = "custom.rank_e"

    @property
    def field(self) -> Field:
        return custom.field_named(self.database, "contact", self.name)

    def find(self, **options: Any) -> list[int]:
        with self.database.read() as connection:
            return list(queries.find_ids(self.database, connection, "contact", **options))

    def value(self, record: int) -> Any:
        with self.database.read() as connection:
            values = queries.get_record(self.database, connection, "contact", record).values
        return getattr(values[self.name], "id", values[self.name])

    def set(self, record: int, value: Any, **options: Any) -> None:
        with write(self.database, "Edit", actor=ANA) as uow:
            service.update_record(uow, "contact", record, {self.name: value}, **options)


@pytest.fixture(params=list(SAMPLES), ids=lambda kind: kind.value)
def office(request: pytest.FixtureRequest, database: Database) -> Office:
    return Office(database, request.param)


def test_an_own_field_works_everywhere(office: Office, tmp_path: Path) -> None:
    _card_and_list(office)
    _sorts(office)
    _filters(office)
    _edits(office)
    _history_and_undo(office)
    _texts(office)
    _imports(office, tmp_path)


def _card_and_list(office: Office) -> None:
    assert [office.value(one) for one in (office.first, office.second, office.third)] == [office.low, office.high, None]
    with office.database.read() as connection:
        rows = queries.fetch_rows(office.database, connection, "contact", [office.second, office.first], [office.name])
    assert [getattr(row.values[office.name], "id", row.values[office.name]) for row in rows] == [
        office.high,
        office.low,
    ]


def _sorts(office: Office) -> None:
    up, down = [office.first, office.second, office.third], [office.second, office.first, office.third]
    assert office.find(sort=[(office.name, False)]) == up
    assert office.find(sort=[(office.name, True)]) == down
    assert office.find(sort=[(office.name, False)], limit=1) == up[:1]


def _filters(office: Office) -> None:
    op, value = office.test
    low = where(office.name, op, value)
    expected = [office.first] if op not in ("filled", "not_contains") else [office.first, office.third]
    assert sorted(office.find(filter=low)) == sorted(expected)
    assert from_json(to_json(low)) == low
    offered = operators_for(office.field)
    assert op in offered
    if "empty" in offered:
        assert office.find(filter=where(office.name, "empty")) == [office.third]
        assert sorted(office.find(filter=where(office.name, "filled"))) == sorted([office.first, office.second])
    negative = {"eq": "ne", "in": "not_in", "contains": "not_contains"}.get(op)
    if negative in offered:
        assert sorted(office.find(filter=where(office.name, str(negative), value))) == sorted(
            [office.second, office.third]
        )


def _edits(office: Office) -> None:
    with pytest.raises(EditConflict):
        office.set(office.first, None, base={office.name: office.high})
    office.set(office.first, office.low)
    with write(office.database, "Bulk", actor=ANA) as uow:
        assert bulk_edit.update_records(uow, "contact", [office.first, office.third], {office.name: office.high}) == 2
    assert office.value(office.third) == office.high
    with office.database.read() as connection:
        last = history.recent(connection, limit=1)[0]
    history.undo(office.database, last.id, ANA)
    assert [office.value(office.first), office.value(office.third)] == [office.low, None]
    if office.kind in (Kind.INTEGER, Kind.MONEY, Kind.DATE, Kind.CHOICE, Kind.LINK, Kind.EMAIL):
        with pytest.raises(ValidationFailed) as refused:
            office.set(office.first, "no such value")
        assert [error.field for error in refused.value.errors] == [office.name]


def _history_and_undo(office: Office) -> None:
    with office.database.read() as connection:
        before = logical_dump(connection, office.database.schema)
    office.set(office.first, None)
    assert office.value(office.first) is None
    fields = custom.fields_of(office.database, "contact")
    with office.database.read() as connection:
        entry = history.record_history(office.database, connection, "contact", office.first, fields=fields)[0]
        last = history.recent(connection, limit=1)[0]
    change = entry.fields[0]
    assert (change.label, queries.custom_python(office.field, change.old), change.new) == ("Rank É", office.low, None)
    history.undo(office.database, last.id, ANA)
    with office.database.read() as connection:
        assert logical_dump(connection, office.database.schema) == before


def _texts(office: Office) -> None:
    with office.database.read() as connection:
        made = tokens.fill("[{custom.rank_e}]", office.database, connection, "contact", [office.first, office.third])
    assert made[0] not in ("[]", "[None]") and made[1] == "[]"
    if office.kind in (Kind.CHOICE, Kind.CHOICES):
        assert made[0] == "[Açaí]"
    if office.kind is Kind.LINK:
        assert made[0] == "[Alfa Ltda]"


def _imports(office: Office, folder: Path) -> None:
    source = folder / "people.csv"
    source.write_text(f"Nome;Posto\nDora Dias;{office.typed}\nEva Melo;\n", encoding="utf-8")
    plan = guess_plan(office.database, source, "contact").plan
    assert plan.columns[1].target == office.name
    result = run_import(office.database, source, plan, ANA)
    assert result.created == 2, result
    dora, eva = (office.find(filter=where("name", "eq", name))[0] for name in ("Dora Dias", "Eva Melo"))
    expected = "One two" if office.kind is Kind.LONG_TEXT else office.low
    assert (office.value(dora), office.value(eva)) == (expected, None)


def test_a_link_to_a_deleted_record_is_empty_and_comes_back(database: Database) -> None:
    office = Office(database, Kind.LINK)
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "company", [office.low])
    assert office.value(office.first) is None
    assert office.find(sort=[(office.name, False)])[0] == office.second
    with database.read() as connection:
        last = history.recent(connection, limit=1)[0]
    history.undo(database, last.id, ANA)
    assert office.value(office.first) == office.low


def test_choices_are_declared_as_they_were_made(database: Database) -> None:
    office = Office(database, Kind.CHOICES)
    assert office.field.choices == (Choice("a_b", "Açaí", 2), Choice("axb", "Baru", 3))
