"""The report of records by any field, on both engines, on paper and as a spreadsheet."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import reports
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, queries, service
from crm_desktop.reporting import output
from crm_desktop.reporting.document import BarChart, Document, Organisation, Table
from crm_desktop.reporting.registry import ReportContext, find_report, options_of, run_report

LEVELS = [{"key": "gold", "label": "Gold", "hue": 4}, {"key": "tin", "label": "Tin", "hue": 8}]


class Helena:
    id = 1
    name = "Helena"


@pytest.fixture
def office(database: Database) -> Database:
    with write(database, "Make", actor=Actor(None, "Ana")) as uow:
        custom.create_custom_field(uow, "contact", "Level", Kind.CHOICE, choices=LEVELS)
        custom.create_custom_field(uow, "contact", "Tags of ours", Kind.CHOICES, choices=LEVELS)
        custom.create_custom_field(uow, "contact", "Points", Kind.NUMBER)
        custom.create_custom_field(uow, "contact", "Double", Kind.NUMBER, formula="[Points] * 2")
        company = service.create_record(uow, "company", {"name": "Silva"})
        for name, level, points in (("A", "tin", "2.5"), ("B", "gold", "10"), ("C", "gold", None), ("D", None, "1")):
            service.create_record(uow, "contact", {
                "name": name, "custom.level": level, "custom.points": points, "custom.tags_of_ours": [level, "gold"] if level else None,
                "company_id": company if level == "gold" else None, "birthday": "1990-05-01" if points else None, "city": "Lapa" if points else None,
            })  # fmt: skip
    return database


def run(database: Database, **values: Any) -> Document:
    with database.read() as connection:
        context = ReportContext(connection, Helena(), Organisation("Clima"), clock.today(), database)
        return run_report(find_report(reports.REPORTS, "by-field"), context, values)


def rows(document: Document) -> list[tuple[Any, ...]]:
    table = next(one for one in document.blocks if isinstance(one, Table))
    return [row.values for row in table.rows]  # type: ignore[union-attr]


def test_counts_sums_and_averages(office: Database, tmp_path: Path) -> None:
    made = run(office, by="contact.custom.level", sum="contact.custom.points")
    assert made.title == "Contacts by Level"
    assert rows(made) == [
        ("Gold", 2, Decimal(50), Decimal(10), Decimal(10)), ("Tin", 1, Decimal(25), Decimal("2.5"), Decimal("2.5")),
        ("Not given", 1, Decimal(25), Decimal(1), Decimal(1)),
    ]  # fmt: skip
    assert next(one for one in made.blocks if isinstance(one, BarChart)).categories == ("Gold", "Tin", "Not given")
    for name in ("report.pdf", "report.xlsx", "report.csv"):
        assert output.write_document(made, tmp_path / name).stat().st_size > 100


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("custom.tags_of_ours", {"Gold": 3, "Tin": 1, "Not given": 1}), ("birthday", {"May 1990": 3, "Not given": 1}),
        ("company_id", {"Silva": 2, "Not given": 2}), ("city", {"Lapa": 3, "Not given": 1}),
        ("custom.double", {"2": 1, "5": 1, "20": 1, "Not given": 1}),
    ],
)  # fmt: skip
def test_every_sort_of_field(office: Database, by: str, expected: dict[str, int]) -> None:
    made = run(office, by=f"contact.{by}", sum="contact.custom.double")
    assert {row[0]: row[1] for row in rows(made)} == expected
    table = next(one for one in made.blocks if isinstance(one, Table))
    with office.read() as connection:
        for row in table.rows:
            found = queries.count(office, connection, "contact", filter=row.link.filter)  # type: ignore[union-attr]
            assert found == row.values[1], row  # type: ignore[union-attr]


def test_every_field_offered_can_be_used(office: Database) -> None:
    with office.read() as connection:
        context = ReportContext(connection, Helena(), Organisation("Clima"), clock.today(), office)
        parameter = find_report(reports.REPORTS, "by-field").parameters[0]
        keys = [one.key for one in options_of(parameter, context)]
    assert "contact.custom.level" in keys and len(keys) > 60
    for key in keys:
        assert run(office, by=key).blocks


def test_numbers_of_another_record_type_are_refused(office: Database) -> None:
    with pytest.raises(FieldError):
        run(office, by="contact.city", sum="deal.amount")
