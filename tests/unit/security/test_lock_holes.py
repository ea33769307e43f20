"""Ways around the lock that somebody found once, tried again: a plain client, one login, and patience."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.secrets import DiscreetFormatter, hide
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import NOTICES, PRESENCE, ChangeFeed
from crm_desktop.db.predicates import Predicates
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from crm_desktop.records.merging import merge_records
from crm_desktop.security import passwords
from crm_desktop.security.postgres.lock import install_lock
from crm_desktop.security.postgres.passwords import set_password
from crm_desktop.security.postgres.state import lock_state
from tests.helpers.locked import LockedOffice, locked
from tests.helpers.postgres import PostgresServer


def lock_state_of(office: LockedOffice, schema: Schema) -> str:
    """Whether the lock is whole."""
    with office.root.read() as connection:
        return lock_state(connection, schema).state


DEAL = (
    "INSERT INTO deal (id, name, pipeline_id, stage_id, status, owner_id, created_by, created_at) "
    "SELECT %s, 'x', pipeline_id, id, 'open', %s, %s, now() FROM stage LIMIT 1"
)


@pytest.fixture
def contacts(locked_office: LockedOffice) -> list[int]:
    """Two contacts of the stranger with a tax number each, the first with an address for e-mails."""
    owner = locked_office.people["stranger"]
    with write(locked_office.root, "Records", actor=locked_office.actor("stranger")) as uow:
        made = [
            service.create_record(
                uow, "contact", {"first_name": "Ida", "last_name": name, "tax_id": tax, "owner_id": owner}
            )
            for name, tax in (("Blum", "536-90-4399"), ("Blume", "219-09-9999"))
        ]
        uow.insert("contact_point", {"owner_id": made[0], "kind": "email", "value": "ida@example.org"})
    return made


def test_a_record_cannot_borrow_the_number_of_another_to_reach_what_hangs_on_it(
    locked_office: LockedOffice, contacts: list[int]
) -> None:
    me, mail = locked_office.people["sales"], "UPDATE contact_point SET value = 'me@example.org' WHERE owner_id = %s"
    connection = locked_office.connect("sales", autocommit=False)
    assert connection.execute(mail, (contacts[0],)).rowcount == 0
    connection.execute("SET crm.bulk = '1'")  # no index of the search stands in the way then
    connection.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(DEAL, (contacts[0], me, me))
    connection.rollback()
    connection.execute(DEAL, (5, me, me))
    connection.commit()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("UPDATE deal SET id = %s WHERE id = 5", (contacts[0],))
    connection.rollback()
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"WITH made AS ({DEAL} RETURNING id) {mail}", (contacts[0], me, me, contacts[0]))
    connection.rollback()
    assert locked_office.ask("SELECT value FROM contact_point") == "ida@example.org"


def test_the_number_of_a_record_that_is_gone_does_not_open_its_history(locked_office: LockedOffice) -> None:
    people = locked_office.people
    ids = {}
    for key in ("stranger", "sales"):
        with write(locked_office.root, "Records", actor=locked_office.actor(key)) as uow:
            ids[key] = service.create_record(uow, "deal", {"name": f"Whale of {key}", "owner_id": people[key]})
        with write(locked_office.root, "Gone", actor=locked_office.actor("owner")) as uow:
            uow.delete("deal", [ids[key]])
    history = "SELECT count(*) FROM change_seen WHERE record_id = %s AND op = 'D'"
    connection = locked_office.connect("sales")
    connection.execute("SET crm.bulk = '1'")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(DEAL, (ids["stranger"], people["sales"], people["sales"]))
    assert connection.execute(history, (ids["stranger"],)).fetchone() == (0,)
    connection.execute(DEAL, (ids["sales"], people["sales"], people["sales"]))  # what was theirs may come back
    assert connection.execute(history, (ids["sales"],)).fetchone() == (1,)


def test_what_others_send_to_the_feed_does_not_stop_it(locked_office: LockedOffice) -> None:
    """Every login of the database may send a notification, whatever it says."""
    database = locked_office.open("sales")
    feed = ChangeFeed(database)
    try:
        feed.listen()
        for channel in ("crm_change", PRESENCE, NOTICES):
            for payload in (
                "garbage:contact",
                "",
                ":",
                "99999999999999999999999999:deal",
                "-1:deal",
                "9" * 400,
                ":nothing",
            ):
                locked_office.asked("stranger", "SELECT pg_notify(%s, %s)", channel, payload)
        assert any(feed.listen(5).records for _time in range(10)), "they come one by one, and some say nothing"
        with write(locked_office.root, "Records", actor=locked_office.actor("stranger")) as uow:
            made = service.create_record(uow, "contact", {"first_name": "Ida", "last_name": "Blum"})
        assert any(made in event.created.get("contact", ()) for _time in range(10) for event in feed.listen(5).records)
    finally:
        feed.close()


def test_what_was_merged_does_not_tell_sensitive_values(locked_office: LockedOffice, contacts: list[int]) -> None:
    with locked_office.writing("manager") as uow:
        merge_records(uow, "contact", contacts[0], [contacts[1]])
    told = locked_office.asked("sales", "SELECT loser_values FROM merge_log")
    assert told[0][0]["last_name"] == "Blume"
    assert not any("219099999" in str(row) or "tax_id" in str(row) for row in told)


def test_what_older_programs_kept_of_merged_records_is_taken_out(
    locked_office: LockedOffice, contacts: list[int], schema: Schema
) -> None:
    kept = {"last_name": "Blume", "tax_id": "219099999"}
    with write(locked_office.root, "Merge", actor=locked_office.actor("manager")) as uow:
        values = {"entity": "contact", "winner_id": contacts[0], "loser_id": 7, "loser_values": kept}
        uow.insert("merge_log", values)
    with locked_office.root.begin() as connection:
        install_lock(connection, schema)
    assert locked_office.asked("sales", "SELECT loser_values FROM merge_log") == [({"last_name": "Blume"},)]
    assert locked_office.ask("SELECT count(*) FROM change WHERE table_name = 'merge_log' AND op <> 'I'") == 0
    assert lock_state_of(locked_office, schema) == "locked"


def test_when_something_was_done_cannot_be_claimed(locked_office: LockedOffice) -> None:
    given = "INSERT INTO change_set (id, title, kind, at) VALUES (7, 'x', 'edit', '2001-01-01') RETURNING at"
    found: datetime = locked_office.asked("sales", given)[0][0]
    assert abs(found - clock.now()) < timedelta(hours=1)


def test_who_worked_in_a_dropped_office_of_the_same_name_is_not_let_into_the_new_one(
    postgres_server: PostgresServer, postgres_url: str, schema: Schema, prepare_database: Callable[[str], None]
) -> None:
    """Its roles are still on the server, and so are the logins that were in them."""
    with locked(postgres_server, postgres_url, schema) as office:
        former = office.url("manager")
    psycopg.connect(former).close()
    postgres_server.execute(f"DROP DATABASE {office.name} WITH (FORCE)")
    postgres_server.execute(f"CREATE DATABASE {office.name} TEMPLATE template0 ENCODING 'UTF8'")
    prepare_database(postgres_url)
    with locked(postgres_server, postgres_url, schema) as fresh:
        assert fresh.asked("manager", "SELECT 1") == [(1,)]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(former)
        assert fresh.ask("SELECT count(*) FROM pg_roles WHERE rolname = %s", office.logins["manager"]) == 0


def test_two_offices_never_share_their_roles(
    postgres_server: PostgresServer,
    locked_office: LockedOffice,
    schema: Schema,
    prepare_database: Callable[[str], None],
) -> None:
    """A database that takes the name that another had when it was locked gets no roles of that one's people."""
    first, moved = locked_office.name, f"{locked_office.name}_old"
    locked_office.root.close()
    for asking in (*locked_office.connections, *locked_office._asking.values()):
        asking.close()
    postgres_server.execute(f"ALTER DATABASE {first} RENAME TO {moved}")
    postgres_server.execute(f"CREATE DATABASE {first} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        url = postgres_server.url(first)
        prepare_database(url)
        second = Database(url, schema)
        with pytest.raises(UserError, match="_owner"), second.begin() as connection:
            install_lock(connection, schema)
        second.close()
    finally:
        postgres_server.execute(f"DROP DATABASE {first} WITH (FORCE)")
        postgres_server.execute(f"ALTER DATABASE {moved} RENAME TO {first}")


def test_rows_that_imports_of_others_rejected_are_for_who_sees_sensitive_fields(locked_office: LockedOffice) -> None:
    """They hold what stood in the file, whatever it was: on the server, in its history, and through the program."""
    given = {
        "file_name": "staff.csv",
        "entity": "contact",
        "state": "done",
        "rejects": [{"cells": ["Ida", "536-90-4399"]}],
    }
    with write(locked_office.root, "Import", actor=locked_office.actor("manager")) as uow:
        bad = uow.insert("import_batch", given | {"rejected": 1})
        good = uow.insert("import_batch", given | {"rejected": 0, "rejects": []})
        mine = uow.insert("import_batch", given | {"rejected": 1, "created_by": locked_office.people["marketing"]})
    found = locked_office.asked("marketing", "SELECT id FROM import_batch ORDER BY id")
    assert [row[0] for row in found] == sorted({good, mine})
    assert len(locked_office.asked("manager", "SELECT id FROM import_batch")) == 3
    table = Base.metadata.tables["import_batch"]
    for key, seen in (("marketing", {good, mine}), ("manager", {bad, good, mine}), ("sales", set())):
        access = locked_office.open(key).access
        condition = Predicates(locked_office.schema, access).readable("import_batch")
        with locked_office.root.read_all() as connection:
            assert set(connection.execute(sa.select(table.c.id).where(condition)).scalars()) == seen
    with write(locked_office.root, "Undo", actor=locked_office.actor("manager")) as uow:
        uow.delete("import_batch", [bad])
    history = "SELECT count(*) FROM change_seen WHERE table_name = 'import_batch' AND op = 'D'"
    assert locked_office.asked("marketing", history) == [(0,)]
    assert locked_office.asked("manager", history) == [(1,)]


def test_what_is_kept_of_a_password_stands_in_no_log(locked_office: LockedOffice) -> None:
    """A statement that fails is written down with what it was given."""
    try:
        with locked_office.open("sales").begin() as connection:
            set_password(connection, locked_office.logins["owner"], "Of-somebody-else-9")
        text = ""
    except UserError:
        text = DiscreetFormatter().format(
            logging.LogRecord("crm", logging.ERROR, "", 0, "Failed", (), sys.exc_info()),
        )
    assert "crm_set_verifier" in text and "SCRAM-SHA-256$***" in text
    assert "$4096:" not in text
    assert "Of-somebody" not in text
    assert hide(f"Kept {passwords.hash_password('Of-somebody-else-9')}.") == "Kept $argon2id$***"
