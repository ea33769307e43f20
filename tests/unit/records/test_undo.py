"""Undo: whatever was done is taken back, and what stands in the way is said."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import event

from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import (
    attach_service,
    changes,
    deleted,
    files_service,
    history,
    merging,
    service,
    unmerging,
)
from crm_desktop.records.undo_plan import TAKEN, UndoPlan, plan_undo
from crm_desktop.security import roles

ANA = Actor(None, "Ana")


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def make(database: Database, name: str, **values: object) -> int:
    with write(database, "Create", actor=ANA) as uow:
        return service.create_record(uow, "contact", {"name": name, **values})


def last(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


def rows(database: Database, statement: str) -> list[object]:
    with database.read() as connection:
        return list(connection.exec_driver_sql(statement).scalars())


def _plan(database: Database, change_set: int) -> UndoPlan:
    with database.read() as connection:
        return plan_undo(database, connection, change_set)


def test_edit_and_children_go_back(database: Database) -> None:
    record = make(database, "Marina Queirós", mobile="+5541955500142", city="Curitiba")
    before = dump(database)
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "Sócia", "mobile": "+5541955500999", "city": None})
    edit = last(database)
    assert dump(database) != before
    history.undo(database, edit, ANA)
    assert dump(database) == before


def test_a_record_of_which_every_field_was_edited_again_is_not_counted_as_possible(database: Database) -> None:
    ids = [make(database, f"Person {number}", city="Lapa") for number in range(4)]
    with write(database, "Move all", actor=ANA) as uow:
        for one in ids:
            service.update_record(uow, "contact", one, {"job_title": "Cook"})
    moved = last(database)
    with write(database, "Later", actor=ANA) as uow:
        service.update_record(uow, "contact", ids[0], {"job_title": "Baker"})
    plan = _plan(database, moved)
    assert (plan.blocked_count, plan.possible_count) == (1, 3)


def test_an_undo_tells_what_it_left_also_when_it_is_done_again(database: Database) -> None:
    ids = [make(database, f"Person {number}") for number in range(3)]
    with write(database, "Hire", actor=ANA) as uow:
        for one in ids:
            service.update_record(uow, "contact", one, {"job_title": "Cook"})
    hired = last(database)
    with write(database, "Later", actor=ANA) as uow:
        service.update_record(uow, "contact", ids[0], {"job_title": "Baker"})

    def stayed() -> int:
        with database.read() as connection:
            return changes.change_details(database, connection, hired).change.stayed

    for turn in range(2):
        history.undo(database, hired if not turn else last(database), ANA)
        assert stayed() == 1
        assert rows(database, "SELECT job_title FROM contact ORDER BY id") == ["Baker", None, None]
        history.undo(database, last(database), ANA)  # redo
        assert stayed() == 0
        assert rows(database, "SELECT job_title FROM contact ORDER BY id") == ["Baker", "Cook", "Cook"]
    history.undo(database, last(database), ANA, choice="all")
    assert stayed() == 1, "what the first undo left is no part of the redo"


def test_redo_brings_the_edit_back(database: Database) -> None:
    record = make(database, "Ícaro")
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "Cook"})
    edit, after = last(database), dump(database)
    history.undo(database, edit, ANA)
    undo = last(database)
    history.undo(database, undo, ANA)
    assert dump(database) == after
    with database.read() as connection:
        assert history.recent(connection, limit=1)[0].title == "Redo: Edit"
        assert history.change_set_details(connection, edit).undone_by is None


def back(database: Database, *, again: bool = False) -> str:
    """Press Ctrl+Z, or Ctrl+Shift+Z; what the history calls it, "" where there is nothing."""
    ask = history.last_redoable if again else history.last_undoable
    with database.read() as connection:
        row = ask(connection, user_id=None)
    if row is None:
        return ""
    history.undo(database, row.id, ANA)
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].title


def test_plain_undos_go_on_to_the_older_edit(database: Database) -> None:
    record = make(database, "Ícaro")
    states = [dump(database)]
    for title in ("Cook", "Baker"):
        with write(database, title, actor=ANA) as uow:
            service.update_record(uow, "contact", record, {"job_title": title})
        states.append(dump(database))
    for _turn in range(2):
        for title, state in (("Undo: Baker", states[1]), ("Undo: Cook", states[0])):
            assert back(database) == title and dump(database) == state
        for title, state in (("Redo: Cook", states[1]), ("Redo: Baker", states[2])):
            assert back(database, again=True) == title and dump(database) == state
        assert back(database, again=True) == ""


def test_taking_a_merge_apart_is_undone_before_what_came_earlier(database: Database) -> None:
    ana, twin = make(database, "Ana"), make(database, "Anna", job_title="Cook")
    with write(database, "Note", actor=ANA) as uow:
        attach_service.add_note(uow, "contact", twin, "Calls back")
    before = dump(database)
    merging.merge(database, ANA, "contact", ana, [twin])
    merge = last(database)
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", ana, {"department": "Kitchen"})
    merged = dump(database)
    unmerging.unmerge(database, ANA, merge)
    apart = dump(database)
    assert back(database, again=True) == "", "a new deed leaves nothing to do again"
    for _turn in range(3):
        assert back(database) == "Undo: Took Ana apart again" and dump(database) == merged
        assert back(database, again=True) == "Redo: Took Ana apart again" and dump(database) == apart
    assert back(database) == "Undo: Took Ana apart again"
    assert back(database) == "Undo: Edit"
    assert back(database).startswith("Undo: Merged") and dump(database) == before
    assert back(database, again=True).startswith("Redo: Merged")
    assert back(database, again=True) == "Redo: Edit" and dump(database) == merged
    assert back(database, again=True) == "Redo: Took Ana apart again" and dump(database) == apart
    assert back(database, again=True) == ""


def test_a_deleted_record_comes_back_with_everything(database: Database) -> None:
    record = make(database, "Otávio Lins", email="otavio@example.com", city="Ponta Grossa")
    with write(database, "Hang things on it", actor=ANA) as uow:
        attach_service.add_note(uow, "contact", record, "Calls back on Monday")
        attach_service.tag_records(uow, "contact", [record], "padarias")
        files_service.attach_bytes(uow, "contact", record, "planta.pdf", b"%PDF-1.4 x")
    before = dump(database)
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", [record])
    assert "Otávio" not in dump(database)
    with database.read() as connection:
        assert [one.title for one in deleted.list_deleted(database, connection)] == ["Otávio Lins"]
    history.undo(database, last(database), ANA)
    assert dump(database) == before
    with database.read() as connection:
        assert deleted.list_deleted(database, connection) == []
        attachment = files_service.attachments_of(connection, record)[0]
        assert files_service.attachment_content(connection, attachment.id) == ("planta.pdf", b"%PDF-1.4 x")


def test_a_later_edit_of_another_field_stays(database: Database) -> None:
    record = make(database, "Sílvia", job_title="Buyer", department="A")
    with write(database, "First", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "Owner", "department": "B"})
    first = last(database)
    with write(database, "Second", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"department": "C"})
    plan = history.undo(database, first, ANA)
    assert plan.blocked_count == 1 and plan.blocked[0].columns == ("department",)
    with database.read() as connection:
        row = connection.exec_driver_sql(f"SELECT job_title, department FROM contact WHERE id = {record}").one()
    assert tuple(row) == ("Buyer", "C")


def test_undo_whole_or_not_at_all(database: Database) -> None:
    record = make(database, "Beatriz")
    created = last(database)
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "x"})
    with pytest.raises(UserError, match="changed later"):
        history.undo(database, created, ANA, choice="refuse")
    with pytest.raises(UserError, match="Nothing of"):
        history.undo(database, created, ANA)
    history.undo(database, created, ANA, choice="all")
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM contact").scalar_one() == 0


def test_few_records_with_many_parts_are_taken_back_whole(database: Database) -> None:
    """The parts are so many that they are undone in bulk, the records themselves row by row."""
    before = dump(database)
    with write(database, "Import", actor=ANA, kind="import", bulk=True) as uow:
        rows = [(10_000 + n, f"Name {n}", f"name {n}", "lead", uow.now) for n in range(1300)]
        uow.insert_many("contact", ["id", "name", "sort_name", "lifecycle", "created_at"], rows)
        points = [(50_000 + n, 10_000 + n // 2, "email", f"n{n}@example.com") for n in range(2600)]
        uow.insert_many("contact_point", ["id", "owner_id", "kind", "value"], points)
    plan = history.undo(database, last(database), ANA)
    assert plan.blocked_count == 0
    assert dump(database) == before


@pytest.mark.parametrize("also_edits", [False, True])
def test_a_record_that_stays_keeps_its_parts(database: Database, *, also_edits: bool) -> None:
    """Whether the tables of the change are undone whole or, as edits are among them, row by row."""
    parts = {"email": "kept@example.com", "mobile": "+5541955500142", "city": "Curitiba"}
    older = make(database, "Older", email="older@example.com", city="Lisboa")
    with write(database, "Several", actor=ANA) as uow:
        stays = service.create_record(uow, "contact", {"name": "Stays", **parts})
        service.create_record(uow, "contact", {"name": "Goes", "email": "goes@example.com", "city": "Madrid"})
        if also_edits:
            service.update_record(uow, "contact", older, {"email": "newer@example.com", "city": "Porto"})
    several = last(database)
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", stays, {"job_title": "Owner"})
    before = dump(database)
    history.undo(database, several, ANA)
    assert rows(database, "SELECT name FROM contact ORDER BY name") == ["Older", "Stays"]
    assert rows(database, f"SELECT value FROM contact_point WHERE owner_id = {stays} ORDER BY kind") == [
        "kept@example.com",
        "+5541955500142",
    ]
    assert rows(database, f"SELECT city FROM address WHERE owner_id = {stays}") == ["Curitiba"]
    assert rows(database, f"SELECT value FROM contact_point WHERE owner_id = {older}") == ["older@example.com"]
    assert rows(database, f"SELECT city FROM address WHERE owner_id = {older}") == ["Lisboa"]
    history.undo(database, last(database), ANA)
    assert dump(database) == before


def test_undoing_twice_is_refused(database: Database) -> None:
    make(database, "Renan")
    created = last(database)
    history.undo(database, created, ANA)
    with pytest.raises(UserError, match="undone already"):
        history.undo(database, created, ANA)


def test_a_bulk_insert_is_taken_back_but_for_what_was_edited(database: Database) -> None:
    before = dump(database)
    with write(database, "Import", actor=ANA, kind="import", bulk=True) as uow:
        first = 10_000
        now = uow.now
        rows = [(first + n, f"Name {n}", f"name {n}", "lead", now) for n in range(3000)]
        uow.insert_many("contact", ["id", "name", "sort_name", "lifecycle", "created_at"], rows)
        points = [(50_000 + n, first + n, "email", f"n{n}@example.com") for n in range(3000)]
        uow.insert_many("contact_point", ["id", "owner_id", "kind", "value"], points)
    imported = last(database)
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", first + 7, {"job_title": "kept"})
    plan = history.undo(database, imported, ANA)
    assert plan.blocked_count == 1
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT id FROM contact").scalars().all() == [first + 7]
        assert connection.exec_driver_sql("SELECT count(*) FROM contact_point").scalar_one() == 1
    history.undo(database, last(database), ANA)
    history.undo(database, imported, ANA, choice="all")
    assert dump(database) == before


@pytest.mark.parametrize("seed", range(4))
def test_random_operations_undone_in_reverse_leave_the_same_dump(database: Database, seed: int) -> None:
    dice = random.Random(seed)
    alive = [make(database, f"Person {n}", city="Curitiba") for n in range(4)]
    before = dump(database)
    done = []
    for step in range(25):
        kind = dice.choice(["create", "edit", "edit", "delete", "note", "tag", "points"])
        with write(database, f"Step {step}", actor=ANA) as uow:
            if kind == "create" or not alive:
                alive.append(
                    service.create_record(uow, "contact", {"name": f"New {step}", "email": f"a{step}@example.com"})
                )
            elif kind == "delete":
                service.delete_records(uow, "contact", [alive.pop(dice.randrange(len(alive)))])
            else:
                chosen = dice.choice(alive)
                if kind == "edit":
                    service.update_record(uow, "contact", chosen, {"job_title": f"Job {step}", "city": f"City {step}"})
                elif kind == "note":
                    attach_service.add_note(uow, "contact", chosen, f"Note {step}")
                elif kind == "tag":
                    attach_service.tag_records(uow, "contact", [chosen], f"tag {dice.randrange(3)}")
                else:
                    service.replace_children(
                        uow, "contact", chosen, "points", [{"kind": "phone", "value": f"+55419555{step:05d}"}]
                    )
        newest = last(database)
        if not done or newest != done[-1]:
            done.append(newest)
    for change_set in reversed(done):
        history.undo(database, change_set, ANA, choice="refuse")
    assert dump(database) == before


def test_deleted_records_come_back_together_except_one_whose_number_was_given_anew(database: Database) -> None:
    with write(database, "Create", actor=ANA) as uow:
        cases = [service.create_record(uow, "case", {"subject": f"Leak {i}"}) for i in range(12)]
        for case in cases[:2]:
            attach_service.add_note(uow, "case", case, "Calls back")
            attach_service.tag_records(uow, "case", [case], "urgent")
    number = rows(database, f"SELECT number FROM case_file WHERE id = {cases[0]}")[0]
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "case", cases)
    deletion = last(database)
    with write(database, "Taken", actor=ANA) as uow:
        taken = service.create_record(uow, "case", {"subject": "Another"})
        uow.update("case", taken, {"number": number})
    history.undo(database, deletion, ANA)
    assert set(rows(database, "SELECT id FROM case_file")) == {*cases[1:], taken}
    assert rows(database, "SELECT record_id FROM record_tag") == [cases[1]]


def test_bringing_many_records_back_takes_few_statements(database: Database) -> None:
    with write(database, "Create", actor=ANA) as uow:
        ids = [service.create_record(uow, "contact", {"name": f"Ana {i}", "email": f"a{i}@x.test"}) for i in range(200)]
    before = dump(database)
    with write(database, "Delete", actor=ANA) as uow:
        service.delete_records(uow, "contact", ids)
    deletion = last(database)
    ran: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: ran.append(given[2]))
    history.undo(database, deletion, ANA)
    assert dump(database) == before
    assert len(ran) < 100


def test_an_undo_that_would_change_nothing_is_refused_and_leaves_the_change_undoable(database: Database) -> None:
    record = make(database, "Ícaro", job_title="one")
    with write(database, "First", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "two"})
    first = last(database)
    with write(database, "Back by hand", actor=ANA) as uow:
        service.update_record(uow, "contact", record, {"job_title": "one"})
    second = last(database)
    with pytest.raises(UserError, match="put everything back already"):
        history.undo(database, first, ANA, choice="all")
    history.undo(database, second, ANA)
    history.undo(database, first, ANA)
    assert rows(database, "SELECT job_title FROM contact") == ["one"]


def test_what_cannot_come_back_since_another_has_its_place_is_told_before(database: Database) -> None:
    def change_right(title: str, scope: str = "") -> int:
        with write(database, title, actor=ANA) as uow:
            if scope:
                roles.set_right(uow, "sales", "deal", "delete", scope)
            else:
                roles.reset_rights(uow, "sales")
            return uow.change_set_id

    change_right("First", "team")
    first_reset = change_right("Reset")
    change_right("Second", "none")
    second_reset = change_right("Reset again")
    history.undo(database, first_reset, ANA)
    plan = _plan(database, second_reset)
    assert [one.reason for one in plan.blocked] == [TAKEN] and plan.possible_count == 0
    with pytest.raises(UserError, match="changed later"):
        history.undo(database, second_reset, ANA, choice="refuse")
    assert rows(database, "SELECT scope FROM role_right") == ["team"]
