"""Every kind of own field in forms, on cards, in many records at once, and in the popups of filters."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.core import formats
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import custom, queries, service
from tests.helpers.windows import settle
from ui.records.bulk_form import BulkForm
from ui.records.facts_edit import RecordFacts
from ui.records.filter_popup import ConditionPopup, operators_of
from ui.records.form import RecordForm
from ui.records.shown import list_fields, plain

CHOICES = [{"key": "a_b", "label": "Açaí", "hue": 2}, {"key": "axb", "label": "Baru", "hue": 3}]
VALUES: dict[Kind, Any] = {
    Kind.TEXT: "Açaí", Kind.LONG_TEXT: "One\ntwo", Kind.INTEGER: 41, Kind.NUMBER: Decimal("12.5"),
    Kind.MONEY: Decimal("1234.56"), Kind.PERCENT: Decimal("37.5"), Kind.DATE: date(2024, 2, 29),
    Kind.DATETIME: datetime(2024, 2, 29, 12, 30, tzinfo=UTC), Kind.BOOL: True, Kind.CHOICE: "a_b",
    Kind.CHOICES: ["a_b", "axb"], Kind.PHONE: "+5541955500142", Kind.EMAIL: "ana@example.com",
    Kind.URL: "https://example.com", Kind.TAX_ID: "11222333000181", Kind.COUNTRY: "BR", Kind.CURRENCY: "BRL",
    Kind.TIMEZONE: "America/Sao_Paulo", Kind.LINK: None, Kind.USER: None,
}  # fmt: skip


class Nowhere:
    """A window that remembers where it was sent."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, int]] = []

    def open_record(self, entity: str, record_id: int, **_more: Any) -> None:
        self.opened.append((entity, record_id))

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


@pytest.fixture(autouse=True)
def in_brazil() -> Iterator[None]:
    """Tax numbers and phones are Brazilian here."""
    formats.set_default_country("BR")
    yield
    formats.set_default_country("")


@pytest.fixture(params=list(VALUES), ids=lambda kind: kind.value)
def made(bench: Any, request: pytest.FixtureRequest) -> tuple[Any, Any, Any]:
    """(bench, field, value) with a person that has the value."""
    kind: Kind = request.param
    value = {Kind.LINK: bench.company, Kind.USER: bench.office.user_id}.get(kind, VALUES[kind])
    choices = CHOICES if kind in (Kind.CHOICE, Kind.CHOICES) else None
    with write(bench.database, "Make") as uow:
        custom.create_custom_field(
            uow, "contact", "Ours", kind, choices=choices, target="company" if kind is Kind.LINK else ""
        )
        service.update_record(uow, "contact", bench.person, {"custom.ours": value})
    return bench, bench.field("custom.ours"), value


def stored(bench: Any, record: int) -> Any:
    with bench.database.read() as connection:
        return queries.get_record(bench.database, connection, "contact", record)


def test_a_kind_in_the_window(made: Any) -> None:
    bench, field, value = made
    record = stored(bench, bench.person)
    form = RecordForm(bench.office, "contact", custom.fields_of(bench.database, "contact"))
    form.set_values(record.values, record.children)
    settle()
    assert (form.collect() or {})["custom.ours"] == value
    assert not form.is_changed()
    form.deleteLater()

    window = Nowhere()
    facts = RecordFacts(bench.office, window)
    facts.set_record(record, [field])
    editor = facts._editor("custom.ours", facts)
    assert editor is not None and editor.accessibleName()
    facts._save("custom.ours", None)
    settle()
    assert plain(field, stored(bench, bench.person).values["custom.ours"]) is None
    facts.deleteLater()
    if field.kind is Kind.LINK:
        facts._follow("custom.ours")
        assert window.opened == [("company", bench.company)]

    _many_at_once(bench, field, value)
    _filters(bench, field)
    _list(bench, field)


def _many_at_once(bench: Any, field: Any, value: Any) -> None:
    with write(bench.database, "Another") as uow:
        other = service.create_record(uow, "contact", {"name": "Bia", "custom.ours": value})
    bulk = BulkForm(bench.office, Nowhere(), "contact")
    bulk.set_ids([bench.person, other])
    settle()
    assert "custom.ours" in bulk.rows or field.kind in (Kind.TAX_ID, Kind.BOOL)
    bulk.deleteLater()


def _filters(bench: Any, field: Any) -> None:
    for op in operators_of(field):
        popup = ConditionPopup(bench.office, field, where(field.name, op, None))
        popup.operator.set_value(op)
        popup._rebuild()
        for editor in popup._editors:
            assert editor is not None
        popup.deleteLater()
    settle()


def _list(bench: Any, field: Any) -> None:
    assert field.name in {one.name for one in list_fields(bench.database.schema.entity("contact"), [field])}
