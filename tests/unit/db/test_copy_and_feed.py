"""Copies between engines are whole, and what others change is told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Kind
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db import migrate, search
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.feed import ChangeFeed
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import custom, files_service, history, service

ANA = Actor(None, "Ana")


def fill(database: Database) -> int:
    with write(database, "Fields", actor=ANA) as uow:
        custom.create_custom_field(uow, "contact", "Tamanho da loja", Kind.NUMBER)
    with write(database, "Records", actor=ANA) as uow:
        company = service.create_record(
            uow, "company", {"name": "Cervejaria Lobo Manso", "revenue": Decimal("1234.5678")}
        )
        person = service.create_record(uow, "contact", {
            "name": "Ícaro Bandeira", "company_id": company, "birthday": "1980-02-29", "mobile": "+5541955500142",
            "custom.tamanho_da_loja": "12,5", "do_not_contact": True,
        })  # fmt: skip
        files_service.attach_bytes(uow, "contact", person, "a.bin", bytes(range(256)))
    with write(database, "Edit", actor=ANA) as uow:
        service.update_record(uow, "contact", person, {"job_title": "Mestre"})
    return person


def whole(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema, history=True)


def test_there_and_back_again(
    tmp_path: Path, database: Database, empty_sqlite_url: str, postgres_database: Database
) -> None:
    person = fill(database)
    first = Database(empty_sqlite_url, database.schema)
    copy_database(database, first)
    assert whole(first) == whole(database)
    if database.sqlite:
        copy_database(first, postgres_database)
        assert whole(postgres_database) == whole(database)
    back = Database(tmp_path / "back.crm", database.schema)
    copy_database(postgres_database if database.sqlite else first, back)
    assert whole(back) == whole(database)
    with back.read() as connection:
        assert search.find(connection, back.schema, "icaro lobo")[0].id == person
        newest = history.recent(connection, limit=1)[0].id
    # the copy is alive: its history can be undone
    history.undo(back, newest, ANA)
    with back.read() as connection:
        assert connection.exec_driver_sql("SELECT job_title FROM contact").scalar_one() is None
    first.close()
    back.close()


def test_a_filled_target_is_refused(database: Database, tmp_path: Path) -> None:
    fill(database)
    target = Database(tmp_path / "target.crm", database.schema)
    migrate.migrate(target)
    fill(target)
    before = whole(target)
    with pytest.raises(UserError, match="holds data already"):
        copy_database(database, target)
    assert whole(target) == before
    target.close()


def test_a_cancelled_copy_leaves_nothing(database: Database, tmp_path: Path) -> None:
    fill(database)
    target = Database(tmp_path / "target.crm", database.schema)
    progress = Progress()

    def stop(state: object) -> None:
        progress.cancel()

    progress._listener = stop
    with pytest.raises(Cancelled):
        copy_database(database, target, progress)
    with target.read() as connection:
        assert logical_dump(connection, target.schema) == ""
    target.close()


def test_the_feed_tells_what_another_connection_changed(database: Database, database_url: str) -> None:
    feed = ChangeFeed(database)
    assert feed.poll() == []
    other = Database(database_url, features.schema())
    with write(other, "Elsewhere", actor=ANA) as uow:
        person = service.create_record(uow, "contact", {"name": "Nilton"})
    events = feed.poll(timeout=0 if database.sqlite else 3)
    assert any(person in event.created.get("contact", ()) for event in events)
    assert feed.poll() == []
    with other.begin() as connection:
        connection.exec_driver_sql(f"UPDATE contact SET job_title = 'x' WHERE id = {person}")
    assert feed.poll(timeout=0 if database.sqlite else 3)
    feed.close()
    other.close()


def test_what_was_changed_before_anybody_listened_is_told_once(database: Database, database_url: str) -> None:
    begun = clock.now()
    other = Database(database_url, features.schema())
    with write(other, "Elsewhere", actor=ANA) as uow:
        person = service.create_record(uow, "contact", {"name": "Nilton"})
    with write(database, "Here", actor=ANA) as uow:
        own = service.create_record(uow, "contact", {"name": "Ana"})
    feed = ChangeFeed(database)
    heard = feed.missed(begun)
    told = {one for event in heard.records for one in event.created.get("contact", ())}
    assert person in told and own not in told
    assert feed.poll() == []
    assert not feed.missed(begun + timedelta(minutes=10))
    feed.close()
    other.close()


def test_changes_outside_the_program_are_in_the_history(database: Database) -> None:
    person = fill(database)
    with database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE contact SET job_title = 'Hacked' WHERE id = {person}")
    with database.read() as connection:
        entry = history.record_history(database, connection, "contact", person)[0]
    assert entry.title == "Changed outside the program" and entry.at is not None
    assert (entry.fields[0].old, entry.fields[0].new) == ("Mestre", "Hacked")


def test_nothing_changed_means_nothing_in_the_history(database: Database) -> None:
    person = fill(database)
    with database.read() as connection:
        before = history.recent(connection)
    with write(database, "Save without change", actor=ANA) as uow:
        assert not service.update_record(uow, "contact", person, {"job_title": "Mestre"})
    with database.read() as connection:
        assert history.recent(connection) == before


def test_fields_are_read_again_after_more_than_can_be_told(
    database: Database, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordsChanged, "LIMIT", 3)
    other = Database(database.target, schema)
    feed = ChangeFeed(other)
    try:
        assert not custom.custom_fields(other, "contact")
        with write(database, "Much at once") as uow:
            custom.create_custom_field(uow, "contact", "Size", Kind.TEXT)
            for number in range(9):
                service.create_record(uow, "contact", {"name": f"Ana {number}"})
        assert any(event.everything for event in feed.poll(timeout=2.0))
        assert [one.label for one in custom.custom_fields(other, "contact")] == ["Size"]
    finally:
        feed.close()
        other.close()


def test_a_reading_that_began_before_does_not_keep_old_fields(database: Database) -> None:
    with database.read() as connection:
        connection.execute(sa.text("SELECT count(*) FROM custom_field")).all()
        with write(database, "Field") as uow:
            custom.create_custom_field(uow, "contact", "Size", Kind.TEXT)
        custom.fields_of(database, "contact", connection)
    assert [one.label for one in custom.custom_fields(database, "contact")] == ["Size"]
