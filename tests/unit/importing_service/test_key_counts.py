"""What the keys would find, told before the rehearsal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.key_counts import count_keys
from crm_desktop.importing.plan import AS_NEW, SKIP
from crm_desktop.records import service

ACTOR = Actor(None, "Rita")


def test_rows_are_counted_by_the_key_that_finds_them(database: Database, table_file: Callable[..., Path]) -> None:
    with write(database, "People", actor=ACTOR) as uow:
        for name, mail, mobile in (
            ("Ana Souza", "ana@sol.test", ""),
            ("Bob Reis", "", "+5541991112222"),
            ("Cai", "c@x.test", ""),
        ):
            made = service.create_record(uow, "contact", {"name": name, "email": mail, "mobile": mobile})
    with write(database, "Delete", actor=ACTOR) as uow:
        service.delete_records(uow, "contact", [made])
    path = table_file([
        ["Name", "Email", "Mobile"],
        ["Ana S.", "ana@sol.test", ""], ["Bob R.", "", "41 99111-2222"], ["Cai", "c@x.test", ""], ["Dora", "d@x.test", ""],
        ["Dora", "d@x.test", ""], ["Eva", "", ""], ["Ana Souza", "ana@sol.test", "41 99111-2222"],
    ])  # fmt: skip
    plan = guess_plan(database, path, "contact", country="BR").plan.with_(keys=("email", "mobile"))
    with database.read() as connection:
        found = count_keys(database, connection, path, plan)
        as_new = count_keys(database, connection, path, plan.with_(deleted=AS_NEW))
    assert (found.rows, found.whole) == (7, True)
    assert (found.here, found.deleted, found.again) == ({"email": 1, "mobile": 1}, 1, 1)
    assert (found.conflicts, found.new) == (1, 2)
    assert found.empty == {"email": 2, "mobile": 5}
    assert found.repeated == {"email": (("ana@sol.test", 2), ("d@x.test", 2)), "mobile": (("+5541991112222", 2),)}
    assert (as_new.deleted, as_new.new) == (0, 3)


def test_rows_of_a_key_that_several_records_share_are_in_conflict(
    database: Database, table_file: Callable[..., Path]
) -> None:
    with write(database, "People", actor=ACTOR) as uow:
        for name in ("Ana Souza", "Bob Reis"):
            service.create_record(uow, "contact", {"name": name, "email": "casa@sol.test"})
    path = table_file([["Name", "Email"], ["Carla Dias", "casa@sol.test"], ["Bob Reis", "casa@sol.test"]])
    plan = guess_plan(database, path, "contact", country="BR").plan.with_(keys=("email",))
    with database.read() as connection:
        found = count_keys(database, connection, path, plan)
        left_alone = count_keys(database, connection, path, plan.with_(mode=SKIP))
    assert (found.here, found.conflicts) == ({"email": 1}, 1)
    assert (left_alone.here, left_alone.conflicts) == ({"email": 2}, 0)
