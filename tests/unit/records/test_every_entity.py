"""What every record type can do, on both engines: one class over all of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop import features
from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import EditConflict, ValidationFailed
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import where
from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.records import history, queries, service

ANA = Actor(None, "Ana")
LISTED = [spec for spec in features.ENTITIES if spec.listed]
SAMPLES: dict[Kind, Any] = {
    Kind.TEXT: "Açaí 7", Kind.LONG_TEXT: "Line one\nline two", Kind.INTEGER: 41, Kind.NUMBER: Decimal("12.5"),
    Kind.MONEY: Decimal("1234.5600"), Kind.PERCENT: Decimal("37.5"), Kind.DATE: date(2024, 2, 29),
    Kind.DATETIME: datetime(2024, 2, 29, 12, 30, tzinfo=UTC), Kind.LOCAL_DATETIME: datetime(2024, 2, 29, 9, 30),
    Kind.BOOL: True, Kind.PHONE: "+5541955500142", Kind.EMAIL: "ana@example.com", Kind.URL: "https://example.com",
    Kind.TAX_ID: "11222333000181", Kind.COUNTRY: "BR", Kind.CURRENCY: "BRL", Kind.TIMEZONE: "America/Sao_Paulo",
}  # fmt: skip


def sample(field: Field) -> Any:
    """A value that the field takes."""
    if field.kind is Kind.CHOICE:
        return field.choices[0].key
    return SAMPLES.get(field.kind)


def editable(spec: Entity) -> list[Field]:
    """The fields that a form offers and that need no other record."""
    return [
        f for f in spec.fields
        if f.in_form and not f.system and not f.computed and f.kind not in (Kind.LINK, Kind.USER, Kind.JSON)
    ]  # fmt: skip


def make(uow: UnitOfWork, spec: Entity, **values: Any) -> int:
    """The smallest valid record."""
    needed = {f.name: sample(f) for f in spec.fields if f.required and f.kind not in (Kind.LINK, Kind.USER)}
    needed = {name: value for name, value in needed.items() if name not in ("status", "lifecycle")}
    return service.create_record(uow, spec.name, {spec.title_field: "Açaí 7", **needed, **values})


@pytest.fixture(autouse=True)
def in_brazil() -> Iterator[None]:
    """Tax numbers and phones are Brazilian here."""
    formats.set_default_country("BR")
    yield
    formats.set_default_country("")


@pytest.mark.parametrize("spec", LISTED, ids=lambda spec: spec.name)
class TestEveryRecordType:
    """Create, read, find, change, filter, conflict, history, delete, undo."""

    def test_every_field_keeps_its_value(self, database: Database, spec: Entity) -> None:
        with write(database, "Create", actor=ANA) as uow:
            record = make(uow, spec)
        for field in editable(spec):
            value = sample(field)
            if value is None or field.name in (
                "status",
                "probability",
                "rrule",
                "ends",
                "starts",
                "all_day",
                "zone",
                "closed_on",
            ):
                continue
            with write(database, "Edit", actor=ANA) as uow:
                service.update_record(uow, spec.name, record, {field.name: value})
            with database.read() as connection:
                stored = queries.get_record(database, connection, spec.name, record).values[field.name]
            assert stored == value, field.name

    def test_it_is_found_listed_and_filtered(self, database: Database, spec: Entity) -> None:
        with write(database, "Create", actor=ANA) as uow:
            record = make(uow, spec)
            other = make(uow, spec, **{spec.title_field: "Zebra"})
        with database.read() as connection:
            assert record in {hit.id for hit in search.find(connection, database.schema, "acai")}
            ids = list(queries.find_ids(database, connection, spec.name, sort=[(spec.title_field, False)]))
            assert ids == [record, other]
            only = where(spec.title_field, "contains", "AÇAI")
            assert list(queries.find_ids(database, connection, spec.name, filter=only)) == [record]
            rows = queries.fetch_rows(database, connection, spec.name, ids, list(spec.list_columns))
            assert [row.id for row in rows] == ids
            assert set(rows[0].values) == set(spec.list_columns)

    def test_every_list_column_sorts_both_ways(self, database: Database, spec: Entity) -> None:
        with write(database, "Create", actor=ANA) as uow:
            records = {make(uow, spec), make(uow, spec, **{spec.title_field: "Zebra"})}
        with database.read() as connection:
            for field in spec.fields:
                if not field.in_list:
                    continue
                for descending in (False, True):
                    found = queries.find_ids(database, connection, spec.name, sort=[(field.name, descending)])
                    assert set(found) == records, field.name

    def test_edits_of_different_fields_merge_and_of_the_same_collide(self, database: Database, spec: Entity) -> None:
        texts = [f.name for f in editable(spec) if f.kind in (Kind.TEXT, Kind.LONG_TEXT) and not f.child]
        first, second = texts[-1], texts[-2]
        with write(database, "Create", actor=ANA) as uow:
            record = make(uow, spec)
        with database.read() as connection:
            base = dict(queries.get_record(database, connection, spec.name, record).values)
        with write(database, "Theirs", actor=ANA) as uow:
            service.update_record(uow, spec.name, record, {first: "theirs"}, base=base)
        with write(database, "Mine", actor=ANA) as uow:
            service.update_record(uow, spec.name, record, {second: "mine"}, base=base)
        with pytest.raises(EditConflict) as caught, write(database, "Mine again", actor=ANA) as uow:
            service.update_record(uow, spec.name, record, {first: "mine"}, base=base)
        assert caught.value.fields[first] == (base[first], "mine", "theirs")
        with database.read() as connection:
            values = queries.get_record(database, connection, spec.name, record).values
        assert (values[first], values[second]) == ("theirs", "mine")

    def test_history_names_the_change_and_undo_takes_it_back(self, database: Database, spec: Entity) -> None:
        with write(database, "Create", actor=ANA) as uow:
            record = make(uow, spec)
        with database.read() as connection:
            before = logical_dump(connection, database.schema)
        with write(database, "Edit", actor=ANA) as uow:
            service.update_record(uow, spec.name, record, {spec.title_field: "Other"})
        with database.read() as connection:
            entry = history.record_history(database, connection, spec.name, record)[0]
        change = next(one for one in entry.fields if one.name == spec.title_field)
        assert (entry.title, entry.user_name, change.old, change.new) == ("Edit", "Ana", "Açaí 7", "Other")
        history.undo(database, entry.change_set_id or 0, ANA)
        with database.read() as connection:
            assert logical_dump(connection, database.schema) == before

    def test_a_missing_title_is_refused_in_words(self, database: Database, spec: Entity) -> None:
        if spec.name == "contact":
            pytest.skip("a contact takes its name from its e-mail, phone or company")
        with pytest.raises(ValidationFailed) as caught, write(database, "Create", actor=ANA) as uow:
            service.create_record(uow, spec.name, {})
        assert spec.title_field in {error.field for error in caught.value.errors}
        with database.read() as connection:
            assert queries.count(database, connection, spec.name) == 0
