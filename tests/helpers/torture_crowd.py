"""Several people save at the same time while the program, or the server, is killed: what they were told is true."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from crm_desktop import app, features
from crm_desktop.core.errors import SaveUnknown, Unreachable, UserError
from crm_desktop.db.base import Base
from crm_desktop.db.carry import carry_out
from crm_desktop.db.database import Database
from crm_desktop.db.outcome import was_saved
from crm_desktop.db.unit_of_work import Actor, UnitOfWork
from crm_desktop.records import attach_service, service
from crm_desktop.records.files_service import attach_bytes
from tests.helpers.torture_moment import Watch
from tests.helpers.torture_work import Journal

PEOPLE, SAVES = 3, 4
_PREFIX = "Crowd"
_PATIENCE_S = 40.0
_KEPT = {"case_file": 1, "note": 2, "record_tag": 1, "attachment": 1, "contact_point": 2}
"""Rows that every contact of theirs has, table by table, or it is half done."""


def crowd(target: str, journal: Journal, watch: Watch, mark: str) -> None:
    """A round: each of some people, with connections of their own, saves some contacts with all that belongs to them.

    Raises:
        UserError: the server was killed meanwhile.
    """
    telling = threading.Lock()

    def tell(what: str, name: str) -> None:
        with telling:
            journal.tell(what, name)

    def work(person: int) -> None:
        database = Database(target, features.schema())
        try:
            app.enter(database)
            for number in range(SAVES):
                if watch.seen()[1]:
                    raise UserError("the server was killed")
                name = f"{_PREFIX} {mark} {person} {number}"
                tell("wanted", name)
                tell("saved" if _save(database, name, person) else "refused", name)
        finally:
            database.close()

    with ThreadPoolExecutor(PEOPLE) as pool:
        for done in [pool.submit(work, person) for person in range(PEOPLE)]:
            done.result()


def _save(database: Database, name: str, person: int) -> bool:
    """Save as a window does: repeated where nothing was written, looked up where that is not known."""

    def work(uow: UnitOfWork) -> None:
        contact = service.create_record(
            uow, "contact", {"name": name, "mobile": "41 95550-0142", "email": "n@x.example", "city": "Lapa"}
        )
        service.create_record(uow, "case", {"subject": "Torneira", "contact_id": contact})
        for text in ("Ligou", "Voltou"):
            attach_service.add_note(uow, "contact", contact, text)
        attach_service.tag_records(uow, "contact", [contact], "crowd")
        attach_bytes(uow, "contact", contact, "parts.bin", name.encode() * 9000)

    try:
        carry_out(database, "Save", work, actor=Actor(None, f"P{person}"))
        return True
    except SaveUnknown as doubt:
        return _look_up(database, doubt)
    except Unreachable:
        return False


def _look_up(database: Database, doubt: SaveUnknown) -> bool:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return was_saved(database, doubt)
        except Unreachable:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def examine_crowd(database: Database, said: list[tuple[str, str]], counts: Counter[str]) -> None:
    """What was said to be saved is there whole, what was said not to be is not, and nothing is there in part.

    Raises:
        AssertionError: something is not as it was said.
    """
    contact = Base.metadata.tables["contact"]
    names = [value for what, value in said if what == "wanted"]
    with database.read_all() as connection:
        there = {
            row.name: row.id
            for row in connection.execute(sa.select(contact.c.id, contact.c.name).where(contact.c.name.in_(names)))
        }
        for name, identity in there.items():
            assert _belongings(connection, identity) == _KEPT, f"{name} is there in part"
    saved = {value for what, value in said if what == "saved"}
    refused = {value for what, value in said if what == "refused"}
    assert saved <= set(there), f"acknowledged and gone: {sorted(saved - set(there))}"
    assert not refused & set(there), f"said not to be saved, and there: {sorted(refused & set(there))}"
    counts["acknowledged"] += len(saved)
    counts["refused"] += len(refused)
    counts["whole"] += len(set(there) - saved)


def _belongings(connection: sa.Connection, identity: int) -> dict[str, int]:
    found = {}
    for name in _KEPT:
        table = Base.metadata.tables[name]
        if name == "case_file":
            where = table.c.contact_id == identity
        elif name == "contact_point":
            where = table.c.owner_id == identity
        else:
            where = (table.c.entity == "contact") & (table.c.record_id == identity)
        found[name] = connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
    return found
