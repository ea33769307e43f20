"""Where a moment falls beside what others write: outside the program, in the middle of a change set, by older versions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change
from crm_desktop.db.past.database import AsOf, open_as_of
from crm_desktop.db.unit_of_work import NOBODY, write
from crm_desktop.features import schema  # noqa: F401  all tables are known then
from crm_desktop.records import history, queries, service
from tests.helpers.past import after

CONTACT = Base.metadata.tables["contact"]


@contextmanager
def looking_back(database: Database, moment: Any) -> Iterator[AsOf]:
    past = open_as_of(database, moment)
    try:
        yield past
    finally:
        past.close()


def people(database: Database, column: str = "language") -> dict[str, Any]:
    """What each contact has in a column, by name, in the order of the list."""
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        rows = connection.execute(sa.select(CONTACT.c.id, CONTACT.c.name, CONTACT.c[column])).all()
    found = {row.id: (row.name, row[2]) for row in rows}
    return dict(found[one] for one in ids)


def make(database: Database, *names: str, **values: Any) -> list[int]:
    with write(database, "Contacts") as uow:
        return [service.create_record(uow, "contact", {"name": name, **values}) for name in names]


def outside(database: Database, *statements: sa.Executable) -> None:
    """Somebody writes with another program: such changes have no change set, and carry the time of the engine."""
    while datetime.now(UTC) <= clock.now():
        pass  # the engine has a clock of its own: at most two milliseconds until it is past the moment
    with database.begin() as connection:
        for one in statements:
            connection.execute(one)


def test_what_another_program_wrote_carries_its_own_time(database: Database) -> None:
    _ana, bea, cid = make(database, "Ana", "Bea", "Cid", language="pt")
    first = after()
    outside(database, sa.update(CONTACT).where(CONTACT.c.id == bea).values(language="es"))
    second = after()
    outside(
        database,
        sa.update(CONTACT).where(CONTACT.c.id == bea).values(language="en"),
        sa.delete(CONTACT).where(CONTACT.c.id == cid),
    )
    with write(database, "Later") as uow:
        service.update_record(uow, "contact", bea, {"language": "fr"})
    now = people(database)
    third = after()
    for moment, seen in (
        (first, {"Ana": "pt", "Bea": "pt", "Cid": "pt"}),
        (second, {"Ana": "pt", "Bea": "es", "Cid": "pt"}),
        (third, now),
    ):
        with looking_back(database, moment) as past:
            assert people(past) == seen
            outside(database, sa.update(CONTACT).where(CONTACT.c.language == "pt").values(language="de"))
            assert people(past) == seen, "after somebody wrote past the program"
            outside(database, sa.update(CONTACT).where(CONTACT.c.language == "de").values(language="pt"))


def test_a_change_set_is_seen_whole_or_not_at_all(database: Database) -> None:
    (ana,) = make(database, "Ana", language="pt")
    before = after()
    with write(database, "Long", bulk=True) as uow:
        service.update_record(uow, "contact", ana, {"language": "es"})
        middle = after()
        with looking_back(database, middle) as past:
            assert people(past) == {"Ana": "pt"}, "nobody knows yet that it will be done"
        service.create_record(uow, "contact", {"name": "Bea", "language": "es"})
    with looking_back(database, middle) as past:
        assert people(past) == {"Ana": "es", "Bea": "es"}
    with looking_back(database, before) as past:
        assert people(past) == {"Ana": "pt"}


def test_a_set_that_ends_while_one_looks_back_takes_its_place(database: Database) -> None:
    (ana,) = make(database, "Ana", language="pt")
    after()
    with write(database, "Long") as uow:
        service.update_record(uow, "contact", ana, {"language": "es"})
        middle = after()
        past = open_as_of(database, middle)
        assert people(past) == {"Ana": "pt"}
    try:
        assert people(past) == {"Ana": "es"}, "it carries the time at which it began"
        with write(database, "Later") as uow:
            service.update_record(uow, "contact", ana, {"language": "fr"})
        assert people(past) == {"Ana": "es"}
    finally:
        past.close()


def test_what_an_older_version_deleted_has_the_usual_values(database: Database) -> None:
    """A row that was deleted before a column came tells nothing of it."""
    (ana,) = make(database, "Ana", language="pt", do_not_contact=True)
    moment = after()
    with write(database, "Gone") as uow:
        service.delete_records(uow, "contact", [ana])
    bare = "json_remove(data, '$.do_not_contact', '$.language')"
    if not database.sqlite:
        bare = "data - 'do_not_contact' - 'language'"
    outside(database, sa.update(change).where(change.c.record_id == ana, change.c.op == "D").values(data=sa.text(bare)))
    with looking_back(database, moment) as past:
        assert people(past) == {"Ana": None}
        assert people(past, "do_not_contact") == {"Ana": False}
        with past.read() as connection:
            assert queries.get_record(past, connection, "contact", ana).title == "Ana"


def test_rows_that_were_edited_often_restored_and_edited_again(database: Database) -> None:
    """The first later change of each column counts, whatever came after it."""
    ana, bea, cid = make(database, "Ana", "Bea", "Cid", language="pt", job_title="Baker")
    moment = after()
    for number in range(3):
        with write(database, "Edit") as uow:
            service.update_record(uow, "contact", ana, {"language": f"l{number}"[:2]})
            service.update_record(uow, "contact", ana, {"job_title": f"Boss {number}"})
    with write(database, "Once") as uow:
        service.update_record(uow, "contact", bea, {"job_title": None})
        service.delete_records(uow, "contact", [bea])
    kept = {"name": "Cid", "sort_name": "cid", "lifecycle": "lead", "language": "xx", "job_title": "Cook"}
    with write(database, "Back") as uow:
        service.delete_records(uow, "contact", [cid])
        uow.insert("contact", {"id": cid, **kept})
    with write(database, "Edited after it came back") as uow:
        service.update_record(uow, "contact", cid, {"language": "yy"})
    with looking_back(database, moment) as past:
        assert people(past) == dict.fromkeys(("Ana", "Bea", "Cid"), "pt")
        assert people(past, "job_title") == dict.fromkeys(("Ana", "Bea", "Cid"), "Baker")


def test_what_was_taken_back_by_parts_is_not_told_as_undone_before_it_was(database: Database) -> None:
    """Undoing one row of a change leaves the change as it is; undoing the rest later marks both, and redo unmarks them."""
    ana, bea = make(database, "Ana", "Bea")
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", [ana, bea])
    deletion = undone_by(database)[0][0]
    moments: list[tuple[Any, list[tuple[int, int | None]]]] = []

    def note() -> None:
        moments.append((after(), undone_by(database)))

    history.undo(database, deletion, NOBODY, only=[("contact", ana)])
    note()
    history.undo(database, deletion, NOBODY)
    note()
    undo = undone_by(database)[0][0]
    history.undo(database, undo, NOBODY)
    note()
    redo = undone_by(database)[0][0]
    history.undo(database, redo, NOBODY)
    assert dict(moments[0][1])[deletion] is None and dict(moments[1][1])[deletion] == undo
    for moment, then in moments:
        with looking_back(database, moment) as past:
            assert undone_by(past) == then


def undone_by(database: Database) -> list[tuple[int, int | None]]:
    """Every change and what undid it, the newest first."""
    with database.read() as connection:
        return [(one.id, one.undone_by) for one in history.recent(connection)]
