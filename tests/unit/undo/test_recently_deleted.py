"""Recently deleted: what is listed, what comes back, what goes for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import NOBODY, Actor, UnitOfWork, write
from crm_desktop.records import attach_service, changes, deleted, files_service, history, merging, service, unmerging
from crm_desktop.records.deleted import Asked
from crm_desktop.records.office_service import save_settings
from crm_desktop.records.retention import DELETED_DAYS, WEEKLY
from tests.helpers.every_action import dump
from tests.helpers.locked import LockedOffice

ALL = Asked()
ANA, BIA = Actor(None, "Ana"), Actor(None, "Bia")


def make(database: Database, name: str, entity: str = "contact", **values: object) -> int:
    with write(database, "Create", actor=ANA) as uow:
        return service.create_record(uow, entity, {"name": name, **values})


def remove(database: Database, *ids: int, entity: str = "contact", actor: Actor = ANA) -> None:
    with write(database, "Delete", actor=actor) as uow:
        service.delete_records(uow, entity, ids)


def listed(database: Database, asked: Asked = ALL, **paging: int) -> list[deleted.Deleted]:
    with database.read() as connection:
        found = deleted.list_deleted(database, connection, asked, **paging)
        if not paging:
            assert deleted.count_deleted(database, connection, asked) == len(found)
    return found


def titles(database: Database, asked: Asked = ALL, **paging: int) -> list[str]:
    return [one.title for one in listed(database, asked, **paging)]


def last(database: Database) -> int:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0].id


def test_what_lost_its_link_is_counted_and_linked_again(database: Database) -> None:
    firm = make(database, "Padaria", "company")
    people = [make(database, name, company_id=firm) for name in ("Ana", "Bia")]
    make(database, "Caio")
    remove(database, firm, entity="company")
    (gone,) = listed(database)
    assert gone.unlinked == {"contact": 2} and gone.together == 1
    deleted.restore_deleted(database, ANA, [gone])
    contact = Base.metadata.tables["contact"]
    with database.read() as connection:
        linked = connection.execute(sa.select(contact.c.id).where(contact.c.company_id == firm)).scalars()
        assert sorted(linked) == sorted(people)


def test_search_filter_sort_and_pages(database: Database) -> None:
    ids = [make(database, name) for name in ("Bruno Alves", "Ána Alves", "Carla")]
    firm = make(database, "Padaria", "company")
    remove(database, *ids[:2])
    remove(database, ids[2], actor=BIA)
    remove(database, firm, entity="company", actor=BIA)
    assert titles(database) == ["Padaria", "Carla", "Ána Alves", "Bruno Alves"]
    assert titles(database, Asked(down=False)) == ["Bruno Alves", "Ána Alves", "Carla", "Padaria"]
    assert titles(database, Asked(entity="company")) == ["Padaria"]
    assert titles(database, Asked(who="Bia", entity="contact")) == ["Carla"]
    assert titles(database, Asked(text="alves ana")) == ["Ána Alves"]
    assert titles(database, Asked(sort="type", down=False)) == ["Padaria", "Carla", "Ána Alves", "Bruno Alves"]
    assert titles(database, Asked(sort="who", down=False), limit=2, offset=1) == ["Bruno Alves", "Padaria"]
    assert [one.together for one in listed(database)] == [1, 1, 2, 2]
    with database.read() as connection:
        assert sorted(deleted.count_by_person(database, connection)) == ["Ana", "Bia"]


def test_records_come_back_one_by_one_with_all_that_hung_on_them(database: Database) -> None:
    firm = make(database, "Padaria", "company")
    first = make(database, "Otávio Lins", email="otavio@example.com", city="Ponta Grossa", company_id=firm)
    second = make(database, "Rita")
    with write(database, "Hang", actor=ANA) as uow:
        attach_service.add_note(uow, "contact", first, "Calls back on Monday")
        attach_service.tag_records(uow, "contact", [first, second], "padarias")
        files_service.attach_bytes(uow, "contact", first, "planta.pdf", b"%PDF-1.4 x")
    before = dump(database)
    remove(database, first, second)
    remove(database, firm, entity="company")
    gone = {one.title: one for one in listed(database)}
    assert gone["Otávio Lins"].hanging["note"] == 1 and gone["Otávio Lins"].hanging["attachment"] == 1
    with database.read() as connection:
        seen = changes.tell_rows(database, connection, deleted.peek_rows(connection, gone["Otávio Lins"]))
    assert [one.old for one in seen[0].fields if one.name == "name"] == ["Otávio Lins"]
    assert {"note", "contact_point", "address"} <= {one.table for one in seen}
    assert "Padaria" in str(seen[0].fields)
    assert deleted.restore_deleted(database, ANA, [gone["Otávio Lins"]]) == 1
    assert titles(database) == ["Padaria", "Rita"]
    assert deleted.restore_deleted(database, ANA, listed(database)) == 2
    with database.read() as connection:  # the company was still away when its contact came back
        company = connection.exec_driver_sql(f"SELECT company_id FROM contact WHERE id = {first}").scalar()
    assert company in (None, firm)
    assert [one for one in dump(database) if "Otávio" not in one] == [one for one in before if "Otávio" not in one]


def test_a_restored_record_that_is_undone_is_listed_again(database: Database) -> None:
    record = make(database, "Sílvia")
    remove(database, record)
    deletion = last(database)
    deleted.restore_deleted(database, ANA, listed(database))
    assert titles(database) == []
    history.undo(database, last(database), ANA)
    assert titles(database) == ["Sílvia"]
    deleted.restore_deleted(database, ANA, listed(database))
    assert titles(database) == []
    remove(database, record)
    history.undo(database, last(database), ANA)
    history.undo(database, last(database), ANA)
    assert titles(database) == ["Sílvia"]
    assert deletion != last(database)


def test_taking_a_creation_back_is_no_deletion(database: Database) -> None:
    make(database, "Nobody wanted her away")
    history.undo(database, last(database), ANA)
    assert titles(database) == []


def test_what_was_deleted_outside_the_program_comes_back(database: Database) -> None:
    record = make(database, "Ícaro", email="icaro@example.com")
    before = dump(database)
    with database.begin() as connection:
        connection.execute(sa.text("DELETE FROM contact WHERE id = :id"), {"id": record})
    one = listed(database)[0]
    assert one.change_set_id is None and one.at is not None
    deleted.restore_deleted(database, ANA, [one])
    assert dump(database) == before


def test_what_another_program_deleted_long_before_does_not_come_back_with_a_record(database: Database) -> None:
    record = make(database, "Ícaro", email="icaro@example.com")
    with database.begin() as connection:
        connection.execute(sa.text("DELETE FROM contact_point"))
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE change SET at = '2020-01-01T00:00:00.000Z' WHERE change_set_id IS NULL"))
    before = dump(database)
    with database.begin() as connection:
        connection.execute(sa.text("DELETE FROM contact WHERE id = :id"), {"id": record})
    deleted.restore_deleted(database, ANA, listed(database))
    assert dump(database) == before


def test_days_left_follow_the_setting(database: Database) -> None:
    record = make(database, "Rita")
    remove(database, record)
    assert listed(database)[0].days_left is None  # nothing goes by itself until the office wants it so
    with write(database, "By itself", actor=ANA) as uow:
        save_settings(uow, {WEEKLY: True})
    assert listed(database)[0].days_left == 90
    with write(database, "Keep longer", actor=ANA) as uow:
        save_settings(uow, {DELETED_DAYS: 30})
    assert listed(database)[0].days_left == 30
    with write(database, "For ever", actor=ANA) as uow:
        save_settings(uow, {DELETED_DAYS: 0})
    assert listed(database)[0].days_left is None


def test_deleting_for_good_leaves_one_line_and_nothing_else(database: Database) -> None:
    record = make(database, "Secret Name", email="secret@example.com")
    with write(database, "Note", actor=ANA) as uow:
        attach_service.add_note(uow, "contact", record, "Secret words")
    other = make(database, "Somebody")
    with write(database, "Files", actor=ANA) as uow:
        files_service.attach_bytes(uow, "contact", record, "secret.txt", b"Secret content")
        files_service.attach_bytes(uow, "contact", record, "both.txt", b"Content of both")
        files_service.attach_bytes(uow, "contact", other, "both.txt", b"Content of both")
    remove(database, record)
    assert deleted.delete_for_good(database, ANA, listed(database)) == 1
    assert listed(database) == []
    with database.read() as connection:
        told = str(connection.exec_driver_sql("SELECT data FROM change").all())
        newest = history.recent(connection, limit=1)[0]
        contents = connection.execute(sa.select(Base.metadata.tables["blob"].c.size)).scalars().all()
    assert "Secret" not in told and "secret@" not in told
    assert contents == [len(b"Content of both")], "a content that others have stays"
    assert newest.title == "Deleted for good: one record" and newest.user_name == "Ana"
    with pytest.raises(UserError, match="nothing of it is kept"):
        history.undo(database, newest.id, ANA)


def test_a_locked_server_lists_restores_and_purges(locked_office: LockedOffice) -> None:
    with locked_office.writing("owner") as uow:
        mine = service.create_record(uow, "contact", {"name": "Of sales", "owner_id": locked_office.people["sales"]})
        other = service.create_record(
            uow, "contact", {"name": "Of the owner", "owner_id": locked_office.people["owner"]}
        )
    with locked_office.writing("owner") as uow:
        service.delete_records(uow, "contact", [mine, other])
    owner, sales = locked_office.open("owner"), locked_office.open("sales")
    assert set(titles(owner)) == {"Of sales", "Of the owner"}
    seen = titles(sales)
    assert "Of sales" in seen
    one = next(one for one in listed(sales) if one.title == "Of sales")
    assert deleted.restore_deleted(sales, locked_office.actor("sales"), [one]) == 1
    with pytest.raises(UserError):
        deleted.delete_for_good(sales, locked_office.actor("sales"), listed(sales))
    assert deleted.delete_for_good(owner, locked_office.actor("owner"), listed(owner)) == 1
    assert titles(owner) == []


def test_titles_and_types_are_sorted_as_people_sort(database: Database) -> None:
    remove(database, *(make(database, name) for name in ("Zélia", "Érica", "Eva", "álvaro", "Bruno")))
    assert titles(database, Asked(sort="title", down=False)) == ["álvaro", "Bruno", "Érica", "Eva", "Zélia"]
    assert titles(database, Asked(sort="title"))[:2] == ["Zélia", "Eva"]


def test_what_was_merged_is_found_and_says_where_it_is_now(database: Database) -> None:
    stays, goes = make(database, "Otávio Lins"), make(database, "Otavio Lins (old)", mobile="41 95550-0142")
    merging.merge(database, BIA, "contact", stays, [goes])
    assert titles(database) == []
    [one] = listed(database, Asked(how=deleted.MERGED, text="otavio"))
    assert (one.record_id, one.how, one.merged_into, one.who) == (goes, deleted.MERGED, "Otávio Lins", "Bia")
    assert one.goes_at is None and [row.how for row in listed(database, Asked(how=deleted.EVERY_WAY))] == [one.how]
    with pytest.raises(UserError, match="Take the merge apart"):
        deleted.restore_deleted(database, ANA, [one])
    with pytest.raises(UserError, match="Take the merge apart"):
        deleted.delete_for_good(database, ANA, [one])
    assert one.merge_set is not None
    unmerging.unmerge(database, ANA, one.merge_set)
    assert listed(database, Asked(how=deleted.EVERY_WAY)) == []
    history.undo(database, last(database), ANA)  # merged again
    [again] = listed(database, Asked(how=deleted.MERGED))
    assert again.merge_set == one.merge_set
    remove(database, stays)
    assert titles(database) == ["Otávio Lins"]


def test_a_creation_that_was_undone_is_found_and_comes_back_with_its_phones(database: Database) -> None:
    before = dump(database)
    made = make(database, "Rita", email="rita@example.com", city="Lapa")
    whole = dump(database)
    history.undo(database, last(database), BIA)
    assert dump(database) == before and titles(database) == []
    [one] = listed(database, Asked(how=deleted.UNDONE))
    assert (one.record_id, one.how, one.who) == (made, deleted.UNDONE, "Bia") and one.hanging["contact_point"] == 1
    assert deleted.restore_deleted(database, ANA, [one]) == 1
    assert dump(database) == whole and listed(database, Asked(how=deleted.EVERY_WAY)) == []
    remove(database, made)
    assert titles(database) == ["Rita"] and titles(database, Asked(how=deleted.UNDONE)) == []


def test_two_people_undo_the_same_change_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes second is told so, and does not take the mark of the first one away."""
    with write(database, "Create") as uow:
        record = service.create_record(uow, "contact", {"name": "Ana"})
    with write(database, "Edit") as uow:
        service.update_record(uow, "contact", record, {"name": "Bea"})
        edited = uow.change_set_id
    begin = history.write

    @contextmanager
    def slowly(*given: Any, **named: Any) -> Iterator[UnitOfWork]:
        monkeypatch.setattr(history, "write", begin)
        history.undo(database, edited, NOBODY)
        with begin(*given, **named) as uow:
            yield uow

    monkeypatch.setattr(history, "write", slowly)
    with pytest.raises(UserError, match="has been undone already"):
        history.undo(database, edited, NOBODY)
    with database.read() as connection:
        first = history.recent(connection, limit=1)[0]
        assert history.change_set_details(connection, edited).undone_by == first.id and first.kind == "undo"
