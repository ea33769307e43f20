"""What is exported comes in again unchanged: into the same office nothing moves, into an empty one the records are the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core import formats, i18n
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.exporting.export import export_records, kinds_of
from crm_desktop.exporting.office_export import export_office
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.parts import guess_parts
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import, run_imports
from crm_desktop.records import custom, queries, service
from tests.helpers.odd_office import ENTITIES
from tests.helpers.rows import rows_of
from tests.helpers.thorough import THOROUGH

ACTOR = Actor(None, "Test")


@pytest.fixture(params=["en", "pt_BR"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """The language, with its region's marks and dates."""
    before = i18n.language()
    i18n.set_language(request.param)
    formats.set_region("pt_BR" if request.param == "pt_BR" else "en_US")
    yield request.param
    formats.set_region("")
    i18n.set_language(before)


def counts(result: ImportResult) -> tuple[int, int, int, int, int]:
    """(created, updated, duplicates, rejected, cells that did not fit)."""
    return result.created, result.updated, result.duplicates, result.rejected_count, len(result.cell_problems)


def why(result: ImportResult) -> list[Any]:
    """What to look at where a number is not nought."""
    told = [(one.title, [(c.field, c.old, c.new) for c in one.changes]) for one in result.samples[:5]]
    return [*told, *((p.column, p.value, str(p.reason)) for p in result.cell_problems[:5]),
            *((p.column, str(p.reason)) for p in result.rejected[:5])]  # fmt: skip


def state(database: Database) -> str:
    """Everything of the office but the imports themselves."""
    with database.read() as connection:
        return digest(connection, database.schema)


def test_every_record_type_and_format_comes_back_unchanged(odd_office: Database, language: str, tmp_path: Path) -> None:
    before = state(odd_office)
    for number, entity in enumerate(ENTITIES):
        kinds = kinds_of(odd_office, entity)
        # the formats are written and read by the same code on both engines and in every language
        for kind in kinds if THOROUGH or odd_office.sqlite and language == "en" else [kinds[number % len(kinds)]]:
            path = tmp_path / f"{entity}.{kind.rstrip('3')}"
            made = export_records(odd_office, entity, path, kind)
            plan = guess_plan(odd_office, path).plan
            assert plan.entity == entity, "the file itself says what it holds"
            result = run_import(odd_office, path, plan, ACTOR, dry_run=True)
            assert (
                result.rows_read == made.records == len(rows_of(odd_office, odd_office.schema.entity(entity).table))
            ), (entity, kind)
            assert counts(result) == (0, 0, 0, 0, 0), (entity, kind, why(result))
    assert state(odd_office) == before


def fields_of(database: Database, entity: str, leave_out: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The records of a type with all that hangs on them, links by title, without ids and times of writing."""
    gone = {"id", "version", "created_by", "updated_at", "updated_by", "last_activity_at", "position"} | leave_out
    found = []
    with database.read() as connection:
        gone |= {one.name for one in custom.fields_of(database, entity, connection) if one.computed}
        for identity in queries.find_ids(database, connection, entity):
            record = queries.get_record(database, connection, entity, identity)
            values = {
                name: plain(value) for name, value in record.values.items() if name not in gone and value is not None
            }
            children = {
                name: sorted(str({key: plain(value) for key, value in row.items()
                                  if value not in (None, "", False) and not key.endswith("id") and key not in (
                                      "version", "created_at", "updated_at", "created_by", "updated_by", "activity_at")})
                             for row in rows)
                for name, rows in record.children.items()
            }  # fmt: skip
            found.append({**values, **children, "tags": sorted(name for _id, name, _hue in record.tags)})
    return sorted(found, key=repr)


def differences(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[Any]:
    """What differs between two lists of records."""
    assert len(mine) == len(theirs)
    return [
        {name: (one.get(name), other.get(name)) for name in {**one, **other} if one.get(name) != other.get(name)}
        for one, other in zip(mine, theirs, strict=True) if one != other
    ][:4]  # fmt: skip


def plain(value: Any) -> Any:
    """A value that compares between two offices."""
    if isinstance(value, queries.Link):
        return value.title
    if isinstance(value, datetime):
        return value.replace(microsecond=0)  # a workbook holds no parts of seconds
    return value.normalize() if isinstance(value, Decimal) else value


def prepare(source: Database, target: Database) -> None:
    """The same users, teams and own fields in another office: an import makes none of them."""
    with write(target, "Office", actor=ACTOR) as uow:
        for row in rows_of(source, "user_account"):
            names = ("name", "login", "email", "role", "active")
            service.create_record(uow, "user", {name: row[name] for name in names if row.get(name) is not None})
        for row in rows_of(source, "team"):
            service.create_record(uow, "team", {"name": row["name"]})
        for row in rows_of(source, "custom_field"):
            own = {name: value for name, value in row.items() if name not in ("id", "version", "custom")}
            uow.insert("custom_field", {name: value for name, value in own.items() if value is not None})
        custom.forget(uow)


WHOLE = [("sqlite", "xlsx"), ("sqlite", "csv"), ("sqlite", "json"), ("postgresql", "xlsx")]


@pytest.mark.parametrize(
    ("filled_database", "kind"),
    [*WHOLE, *(("postgresql", kind) for kind in ("csv", "json") if THOROUGH)],
    indirect=["filled_database"],
)
def test_the_whole_office_comes_into_an_empty_one(
    odd_office: Database, other_database: Database, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / ("office.xlsx" if kind == "xlsx" else "office.zip")
    made = export_office(odd_office, path, kind)
    assert set(made.tables) == {*ENTITIES, "note"} and made.too_long == 0
    prepare(odd_office, other_database)
    parts = guess_parts(other_database, path).parts()
    assert [one.plan.entity for one in parts] == list(ENTITIES), "notes stay out"
    done = run_imports(other_database, parts, ACTOR)
    for part in done.parts:
        assert (part.created, part.updated, part.rejected_count) == (part.rows_read, 0, 0), (
            part.plan.entity,
            why(part),
        )
    # who wrote a message of a case is a user of the other office
    for entity in ENTITIES:
        # a company that another one names as its parent is made before its own row is met
        leave_out = frozenset({"stage_since"} | ({"created_at"} if entity == "company" else set()))
        mine, theirs = fields_of(odd_office, entity, leave_out), fields_of(other_database, entity, leave_out)
        assert differences(mine, theirs) == [], entity
    again = run_imports(other_database, parts, ACTOR, dry_run=True)
    assert [counts(one)[:4] for one in again.parts] == [(0, 0, 0, 0)] * len(parts), (
        "the ids of the first office are kept"
    )


def test_a_corrected_file_changes_what_was_corrected(odd_office: Database, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    export_records(odd_office, "contact", path)
    text = path.read_text(encoding="utf-8-sig")
    assert text.count("Ana Ñandú") >= 2 and "+55 41 95550-0101" in text
    path.write_text(text.replace("+55 41 95550-0101", "+55 41 95550-0999"), encoding="utf-8-sig")
    result = run_import(odd_office, path, guess_plan(odd_office, path).plan, ACTOR)
    assert counts(result) == (0, 1, 0, 0, 0), why(result)
    numbers = {row["value"]: row["label"] for row in rows_of(odd_office, "contact_point") if row["kind"] == "phone"}
    assert numbers.get("+5541955500999") == "work" and "+5541955500101" not in numbers
