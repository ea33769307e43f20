"""Which record a row is: every mode with every kind of key, on both engines; nothing is chosen silently."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm_desktop.db import search
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.plan import AS_NEW, BOTH, CREATE, LEAVE, MODES, RESTORE, SKIP, UPDATE, ImportPlan
from crm_desktop.importing.result import ImportResult
from crm_desktop.records import history, queries, service
from crm_desktop.records.record_ids import write_record_id
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
ACTOR = Actor(None, "Rita")
HEADER = ["Record ID", "Name", "Email", "Mobile", "CPF", "City", "Job title"]
TARGETS = ("external_id", "name", "email", "mobile", "tax_id", "city", "job_title")
ANA = {
    "name": "Ana Souza",
    "email": "ana@sol.example",
    "mobile": "+5541991112222",
    "tax_id": "52998224725",
    "city": "Recife",
}
BY = {
    "email": ("email",), "mobile": ("mobile",), "tax_id": ("tax_id",), "name": ("name",), "external_id": (), "own": (),
}  # fmt: skip


def numbers(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count


def mapped(plan: ImportPlan) -> ImportPlan:
    for place, target in enumerate(TARGETS):
        plan = plan.with_column(place, target=target, transform="", values={})
    return plan


def contact(database: Database, **values: Any) -> int:
    with write(database, "Ana", actor=ACTOR) as uow:
        made = service.create_record(uow, "contact", {**ANA, **values}, country="BR")
        uow.insert(
            "external_id", {"entity": "contact", "record_id": made, "source": "erp", "value": f"E{values['name'][0]}"}
        )
    return made


def row(kind: str, record_id: int) -> list[str]:
    """A row that has one key only, and a new job."""
    name = ANA["name"] if kind == "name" else "Somebody"
    cells = {"name": name, "job_title": "Chief"}
    if kind == "name":
        cells["city"] = ANA["city"]
    elif kind == "external_id":
        cells["external_id"] = "EA"
    elif kind == "own":
        cells["external_id"] = write_record_id(record_id)
    else:
        cells[kind] = ANA[kind]
    return [cells.get(name, "") for name in TARGETS]


def job(database: Database, record_id: int) -> Any:
    return {r["id"]: r["job_title"] for r in rows_of(database, "contact")}.get(record_id)


@pytest.mark.parametrize("kind", list(BY))
def test_a_record_is_found_by_each_kind_of_key(database: Database, import_table: Import, kind: str) -> None:
    ana = contact(database, name="Ana Souza")
    expected = {BOTH: (0, 1, 0, 0, 0), SKIP: (0, 0, 0, 1, 0), CREATE: (1, 0, 0, 0, 0), UPDATE: (0, 1, 0, 0, 0)}
    plan = {"keys": BY[kind], "apart": ("city",), "program": "erp", "change": mapped}
    for mode in MODES:
        result = import_table([HEADER, row(kind, ana)], "contact", mode=mode, dry_run=True, **plan)
        assert (mode, numbers(result)) == (mode, expected[mode])
        if mode == SKIP:
            told = result.duplicate_rows[0]
            field = "external_id" if kind == "own" else kind
            assert (told.row, told.field, told.record_id) == (2, field, ana)
            assert told.value == row(kind, ana)[TARGETS.index(field)]
    import_table([HEADER, row(kind, ana)], "contact", mode=SKIP, **plan)
    assert job(database, ana) is None
    import_table([HEADER, row(kind, ana)], "contact", mode=UPDATE, **plan)
    assert job(database, ana) == "Chief"


@pytest.mark.parametrize("kind", [kind for kind in BY if kind != "own"])
def test_a_row_of_the_same_file_is_found(database: Database, import_table: Import, kind: str) -> None:
    rows = [HEADER, row(kind, 0), [*row(kind, 0)[:-1], "Boss"]]
    expected = {BOTH: (1, 0, 0, 1, 0), SKIP: (1, 0, 0, 1, 0), CREATE: (2, 0, 0, 0, 0), UPDATE: (0, 0, 0, 0, 2)}
    for mode in MODES:
        result = import_table(
            rows, "contact", mode=mode, keys=BY[kind], program="erp", change=mapped, dry_run=True
        )  # fmt: skip
        assert (mode, numbers(result)) == (mode, expected[mode])
        if mode in (BOTH, SKIP):
            told = result.duplicate_rows[0]
            assert (told.row, told.same_as_row) == (3, 2)


@pytest.mark.parametrize("kind", list(BY))
def test_a_deleted_record_is_found(database: Database, import_table: Import, kind: str) -> None:
    ana = contact(database, name="Ana Souza")
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "contact", [ana])
    rows = [HEADER, row(kind, ana)]
    plan = {"keys": BY[kind], "apart": ("city",), "program": "erp", "change": mapped}
    for mode in MODES:
        for deleted in (RESTORE, AS_NEW, LEAVE):
            result = import_table(rows, "contact", mode=mode, deleted=deleted, dry_run=True, **plan)
            if mode == CREATE or deleted == AS_NEW:
                expected = (0, 0, 0, 0, 1) if mode == UPDATE else (1, 0, 0, 0, 0)
            else:
                expected = (0, 1, 0, 0, 0) if deleted == RESTORE else (0, 0, 0, 1, 0)
            assert (mode, deleted, numbers(result)) == (mode, deleted, expected)
            assert result.restored == expected[1]
    left = import_table(rows, "contact", deleted=LEAVE, **plan).duplicate_rows[0]
    assert str(left.why).startswith("“Ana Souza” was deleted on")
    assert str(left.why).endswith("by Rita.")
    assert rows_of(database, "contact") == []
    import_table(rows, "contact", **plan)
    assert job(database, ana) == "Chief"
    assert "EA" in [r["value"] for r in rows_of(database, "external_id") if r["record_id"] == ana]
    assert "ana@sol.example" in [r["value"] for r in rows_of(database, "contact_point") if r["owner_id"] == ana]


def test_a_restored_record_has_everything_back_and_undo_deletes_it_again(
    database: Database, import_table: Import
) -> None:
    ana = contact(database, name="Ana Souza")
    with write(database, "More", actor=ACTOR) as uow:
        deal = service.create_record(uow, "deal", {"name": "Roof", "contact_id": ana})
        task = service.create_record(uow, "activity", {"kind": "task", "subject": "Call"})
        uow.insert("activity_link", {"activity_id": task, "entity": "contact", "record_id": ana})
        other = service.create_record(uow, "contact", {"name": "Zoe Reis"})
        tag = uow.insert("tag", {"name": "VIP", "key": "vip"})
        uow.insert("record_tag", {"tag_id": tag, "entity": "contact", "record_id": ana})
        uow.insert("note", {"entity": "contact", "record_id": ana, "body": "Likes tea"})
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "contact", [ana, other])
    with database.read() as connection:
        gone = logical_dump(connection, database.schema)
    rows = [HEADER, row("email", ana)]
    rehearsal = import_table(rows, "contact", keys=("email",), change=mapped, dry_run=True)
    assert (numbers(rehearsal), rehearsal.restored) == ((0, 1, 0, 0, 0), 1)
    with database.read() as connection:
        assert logical_dump(connection, database.schema) == gone
    result = import_table(rows, "contact", keys=("email",), change=mapped)
    assert (numbers(result), result.restored) == ((0, 1, 0, 0, 0), 1)
    assert [r["id"] for r in rows_of(database, "contact")] == [ana]
    assert [r["contact_id"] for r in rows_of(database, "deal") if r["id"] == deal] == [ana]
    assert [(r["activity_id"], r["record_id"]) for r in rows_of(database, "activity_link")] == [(task, ana)]
    assert [r["body"] for r in rows_of(database, "note")] == ["Likes tea"]
    assert rows_of(database, "import_batch")[-1]["restored"] == 1
    with database.read() as connection:
        assert [name for _id, name, _hue in queries.tags_of(connection, ana)] == ["VIP"]
    assert result.change_set is not None
    history.undo(database, result.change_set, ACTOR)
    assert rows_of(database, "contact") == []
    assert rows_of(database, "activity_link") == []


def test_an_undone_import_is_no_trash(database: Database, import_table: Import) -> None:
    rows = [HEADER, row("email", 0)]
    first = import_table(rows, "contact", keys=("email",), change=mapped)
    assert first.change_set is not None
    history.undo(database, first.change_set, ACTOR)
    again = import_table(rows, "contact", keys=("email",), change=mapped)
    assert (numbers(again), again.restored) == ((1, 0, 0, 0, 0), 0)


def test_two_rows_of_one_deleted_record_restore_it_once(database: Database, import_table: Import) -> None:
    ana = contact(database, name="Ana Souza")
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "contact", [ana])
    by_mail, by_tax = row("email", ana), row("tax_id", ana)
    result = import_table([HEADER, by_mail, by_tax], "contact", keys=("email", "tax_id"), change=mapped)
    assert (numbers(result), result.restored) == ((0, 1, 0, 1, 0), 1)


@pytest.mark.parametrize(
    ("first", "second"),
    [("external_id", "email"), ("own", "email"), ("email", "tax_id"), ("tax_id", "email"), ("email", "mobile"),
     ("own", "tax_id"), ("external_id", "mobile")],
)  # fmt: skip
def test_keys_of_two_records_are_a_conflict(database: Database, import_table: Import, first: str, second: str) -> None:
    ana = contact(database, name="Ana Souza")
    bob = {"email": "bob@lua.example", "mobile": "+5541988887777", "tax_id": "11144477735"}
    with write(database, "Bob", actor=ACTOR) as uow:
        service.create_record(uow, "contact", {"name": "Bob Reis", second: bob[second]}, country="BR")
    cells = row(first, ana)
    cells[TARGETS.index(second)] = bob[second]
    before = {r["id"]: r for r in rows_of(database, "contact")}
    keys = tuple(key for key in (first, second) if BY.get(key))
    for mode in (BOTH, SKIP, UPDATE):
        result = import_table([HEADER, cells], "contact", mode=mode, keys=keys, program="erp", change=mapped)
        assert (mode, numbers(result)) == (mode, (0, 0, 0, 0, 1))
        why = str(result.rejected[0].reason)
        assert "Ana Souza" in why and "Bob Reis" in why and write_record_id(ana) in why
    assert {r["id"]: r for r in rows_of(database, "contact")} == before


def test_a_shared_phone_or_name_is_no_conflict(database: Database, import_table: Import) -> None:
    contact(database, name="Ana Souza")
    contact(database, name="Bob Reis", email="bob@sol.example", tax_id=None)
    cells = row("email", 0)
    cells[TARGETS.index("mobile")] = ANA["mobile"]
    cells[TARGETS.index("name")] = "Ana Souza"
    assert numbers(import_table([HEADER, cells], "contact", keys=("email", "mobile", "name"), change=mapped))[1] == 1


def test_of_two_records_with_one_email_the_one_with_the_name_is_meant(database: Database, import_table: Import) -> None:
    contact(database, name="Ana Souza", mobile=None, tax_id=None)
    bob = contact(database, name="Bob Souza", mobile=None, tax_id=None)
    cells = row("email", 0)
    cells[TARGETS.index("name")] = "Bob Souza"
    assert numbers(import_table([HEADER, cells], "contact", keys=("email", "name"), change=mapped)) == (0, 1, 0, 0, 0)
    assert job(database, bob) == "Chief"


def test_rows_without_any_key(database: Database, import_table: Import) -> None:
    contact(database, name="Ana Souza")
    rows = [HEADER, ["", "Ana Souza", "", "", "", "Natal", ""]]
    for mode in MODES:
        result = import_table(rows, "contact", mode=mode, keys=("email",), change=mapped, dry_run=True)
        assert (mode, numbers(result)) == (mode, (0, 0, 0, 0, 1) if mode == UPDATE else (1, 0, 0, 0, 0))


def test_a_key_that_several_records_share_is_never_decided_silently(database: Database, import_table: Import) -> None:
    """The row is of the record that is called as it is; where nothing tells, it is rejected with both named."""
    ana = contact(database, name="Ana Souza", email="casa@sol.example", mobile="", tax_id="")
    bob = contact(database, name="Bob Reis", email="casa@sol.example", mobile="", tax_id="")
    rows = [
        ["Name", "Email", "Job title"],
        ["Carla Dias", "casa@sol.example", "Chief"],
        ["Bob Reis", "casa@sol.example", "Cook"],
    ]
    for mode in (BOTH, UPDATE):
        rehearsal = import_table(rows, "contact", mode=mode, keys=("email",), dry_run=True)
        assert numbers(rehearsal) == (0, 1, 0, 0, 1)
    assert numbers(import_table(rows, "contact", mode=SKIP, keys=("email",), dry_run=True)) == (0, 0, 0, 2, 0)
    result = import_table(rows, "contact", keys=("email",))
    rejected = result.rejected[0]
    assert rejected.column == "Email"
    why = str(rejected.reason)
    assert "2 records" in why and write_record_id(ana) in why and write_record_id(bob) in why
    assert (job(database, ana), job(database, bob)) == (None, "Cook")


def test_records_of_one_name_are_told_apart_by_the_city_or_not_at_all(database: Database, import_table: Import) -> None:
    recife = contact(database, name="Ana Souza", mobile="", tax_id="", email="")
    santos = contact(database, name="Ana Souza", mobile="", tax_id="", email="", city="Santos")
    rows = [["Name", "City", "Job title"], ["Ana Souza", "Santos", "Chief"], ["Ana Souza", "", "Cook"]]
    result = import_table(rows, "contact", keys=("name",), apart=("city",))
    assert numbers(result) == (0, 1, 0, 0, 1)
    assert (job(database, recife), job(database, santos)) == (None, "Chief")


def test_a_record_that_came_back_for_a_row_that_is_refused_goes_again(database: Database, import_table: Import) -> None:
    """The file says that the company belongs to its own branch: it stays deleted, and everything is as it was."""
    with write(database, "Firms", actor=ACTOR) as uow:
        main = service.create_record(uow, "company", {"name": "Sol SA", "email": "a@sol.example"})
        branch = service.create_record(uow, "company", {"name": "Sol Filial", "parent_id": main})
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "company", [main])
    rows = [["Company", "Email", "Parent company"], ["Sol SA", "a@sol.example", "Sol Filial"]]
    rehearsal = import_table(rows, "company", keys=("email",), dry_run=True)
    result = import_table(rows, "company", keys=("email",))
    for one in (rehearsal, result):
        assert (numbers(one), one.restored) == ((0, 0, 0, 0, 1), 0)
    assert [r["id"] for r in rows_of(database, "company")] == [branch]
    with database.read() as connection:
        assert [hit.id for hit in search.find(connection, database.schema, "Sol")] == [branch]
    again = import_table([["Company", "Email"], ["Sol SA", "a@sol.example"]], "company", keys=("email",))
    assert (again.restored, [r["parent_id"] for r in rows_of(database, "company") if r["id"] == branch]) == (1, [main])
