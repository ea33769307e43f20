"""What somebody with a plain client claims: to be the maker, to have a file, to have drawn a number. All is refused or put right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.refusals import NotAllowed
from crm_desktop.db.turns import only_one
from crm_desktop.db.unit_of_work import write
from crm_desktop.importing import scheduled
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import attach_service, files_service, history, service
from crm_desktop.security import service as people_service
from crm_desktop.security.roles import create_role, set_right
from tests.helpers.locked import LockedOffice

SCRAM = "SCRAM-SHA-256$4096:YWJj$YWJj:YWJj"
SECRET = b"The price list of the stranger"
DIGEST = hashlib.sha256(SECRET).hexdigest()


@pytest.fixture
def deals(locked_office: LockedOffice) -> dict[str, int]:
    """A deal each of "sales" and "stranger"; the stranger's has a file."""
    office = locked_office
    with write(office.root, "Records", actor=office.actor("stranger")) as uow:
        made = {
            key: service.create_record(uow, "deal", {"name": f"Whale of {key}", "owner_id": office.people[key]})
            for key in ("sales", "stranger")
        }
        files_service.attach_bytes(uow, "deal", made["stranger"], "prices.txt", SECRET)
    return made


def series_of(office: LockedOffice) -> tuple[int, int, int]:
    """A weekly appointment of "sales" with an occurrence of its own each of "sales" and "stranger"."""
    start = datetime(2026, 3, 2, 9)
    with write(office.root, "Series", actor=office.actor("sales")) as uow:
        given = {"kind": "meeting", "zone": "Europe/Lisbon", "starts": start, "ends": start + timedelta(hours=1)}
        series = service.create_record(
            uow, "activity", given | {"subject": "Weekly", "rrule": "FREQ=WEEKLY", "owner_id": office.people["sales"]}
        )
        own = [
            uow.insert("activity", given | {"subject": f"Moved by {key}", "series_id": series, "status": "planned",
                "all_day": False, "recurrence_id": start + timedelta(days=days), "owner_id": office.people[key]})
            for key, days in (("sales", 7), ("stranger", 14))
        ]  # fmt: skip
    return series, own[0], own[1]


def test_a_series_takes_no_appointment_of_a_colleague_along(locked_office: LockedOffice) -> None:
    office = locked_office
    series, mine, theirs = series_of(office)
    assert office.asked("sales", "DELETE FROM activity WHERE id = %s", series) == [1]
    assert office.ask("SELECT count(*) FROM activity WHERE id = %s AND series_id IS NULL", theirs) == 1
    assert office.ask("SELECT count(*) FROM activity WHERE id = %s", mine) == 1


def test_undoing_the_deletion_of_a_series_gives_colleagues_their_links_back(locked_office: LockedOffice) -> None:
    office = locked_office
    series, mine, theirs = series_of(office)
    with office.writing("sales") as uow:
        service.delete_records(uow, "activity", [series])
    left = "SELECT array_agg(id ORDER BY id) FROM activity"
    assert office.ask(left) == [theirs]
    database = office.open("sales")
    history.undo(database, uow.change_set_id, actor=office.actor("sales"))
    assert office.ask(left) == sorted([series, mine, theirs])
    assert office.ask("SELECT count(*) FROM activity WHERE series_id = %s", series) == 2


def store(
    connection: psycopg.Connection[object], digest: str, content: bytes, parts: list[bytes] | None = None
) -> None:
    size = len(content) + sum(len(one) for one in parts or [])
    connection.execute("INSERT INTO blob (id, sha256, size, content) VALUES (77, %s, %s, %s)", (digest, size, content))
    for number, part in enumerate(parts or []):
        connection.execute(
            "INSERT INTO blob_part (id, blob_id, number, content) VALUES (%s, 77, %s, %s)", (number, number, part)
        )


@pytest.mark.parametrize("at_once", [False, True])
def test_a_content_is_what_its_hash_says(locked_office: LockedOffice, at_once: bool) -> None:
    connection = locked_office.connect("sales", autocommit=False)
    wanted = hashlib.sha256(b"good bytes").hexdigest()
    for content, parts in ((b"evil", None), (b"", [b"evil", b"bytes"]), (b"", [b"bytes", b"good "])):
        with pytest.raises(psycopg.Error) as caught:
            store(connection, wanted, content, parts)
            connection.commit()
        assert caught.value.sqlstate == "CRM11", caught.value
        connection.rollback()
    if at_once:  # checked while it is whole, and gone on with
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(psycopg.Error) as caught:
            store(connection, wanted, b"good bytes", [b"and more"])
            connection.commit()
        assert caught.value.sqlstate == "CRM11", caught.value
        connection.rollback()
    store(connection, wanted, b"", [b"good ", b"bytes"])
    connection.commit()
    assert locked_office.ask("SELECT count(*) FROM blob WHERE sha256 = %s", wanted) == 1


ATTACH = (
    "INSERT INTO attachment (id, entity, record_id, name, sha256, revision, created_at) "
    "VALUES (5, 'deal', %s, 'x.txt', %s, 1, now())"
)


def test_a_hash_alone_opens_no_file(locked_office: LockedOffice, deals: dict[str, int]) -> None:
    office = locked_office
    office.refused("sales", ATTACH, deals["sales"], DIGEST)
    office.asked("sales", ATTACH, deals["sales"], None)
    office.refused("sales", "UPDATE attachment SET sha256 = %s WHERE id = 5", DIGEST)
    office.refused(
        "sales",
        "INSERT INTO attachment_revision (id, attachment_id, revision, sha256, created_at) VALUES (6, 5, 1, %s, now())",
        DIGEST,
    )
    connection = office.connect("sales", autocommit=False)
    salt = connection.execute("SELECT crm_blob_salt(%s)", (DIGEST,)).fetchone()
    assert salt is not None
    for guess in (DIGEST, hashlib.sha256(salt[0]).hexdigest(), ""):
        assert connection.execute("SELECT crm_prove_blob(%s, %s)", (DIGEST, guess)).fetchone() == (False,)
    proof = hashlib.sha256(salt[0] + SECRET).hexdigest()
    connection.commit()
    assert connection.execute("SELECT crm_prove_blob(%s, %s)", (DIGEST, proof)).fetchone() == (False,)  # too late
    connection.rollback()
    assert office.asked("sales", "SELECT count(*) FROM blob") == [(0,)]


def test_who_has_the_same_file_attaches_it_and_undoes_that(
    locked_office: LockedOffice, deals: dict[str, int], tmp_path: Path
) -> None:
    office, path = locked_office, tmp_path / "mine.txt"
    path.write_bytes(SECRET)
    with office.writing("sales") as uow:
        found = files_service.attach_file(uow, "deal", deals["sales"], path)
        files_service.attach_bytes(uow, "deal", deals["sales"], "again.txt", SECRET)
    assert office.asked("sales", "SELECT count(*) FROM blob") == [(1,)]
    assert office.ask("SELECT count(*) FROM blob") == 1
    database = office.open("sales")
    with office.writing("sales") as uow:
        service.delete_records(uow, "deal", [deals["sales"]])
    history.undo(database, uow.change_set_id, actor=office.actor("sales"))
    with database.read() as connection:
        assert files_service.attachment_content(connection, found) == ("mine.txt", SECRET)


def test_nobody_writes_under_the_name_of_a_colleague(locked_office: LockedOffice, deals: dict[str, int]) -> None:
    office = locked_office
    me, other = office.people["sales"], office.people["stranger"]
    note = "INSERT INTO note (id, entity, record_id, body, pinned, created_at, created_by, updated_by) VALUES (5, 'deal', %s, 'I quit', false, '2001-01-01', %s, %s)"
    office.asked("sales", note, deals["sales"], other, other)
    said = "SELECT (created_by, updated_by, created_at > now() - interval '1 hour')::text FROM note WHERE id = 5"
    assert office.ask(said) == f"({me},{me},t)"
    office.asked(
        "sales",
        "UPDATE note SET created_by = %s, updated_by = %s, updated_at = '2001-01-01' WHERE id = 5",
        other,
        other,
    )
    assert office.ask(said) == f"({me},{me},t)"
    office.asked("sales", "UPDATE deal SET name = 'New', updated_by = %s WHERE id = %s", other, deals["sales"])
    assert office.ask("SELECT updated_by FROM deal WHERE id = %s", deals["sales"]) == me
    assert office.ask("SELECT updated_at > now() - interval '1 hour' FROM deal WHERE id = %s", deals["sales"])
    tag = "INSERT INTO tag (id, name, key, created_at, created_by) VALUES (6, 'x', 'x', %s, %s)"
    office.asked("sales", tag, "2001-01-01", other)
    assert office.ask("SELECT created_at > '2002-01-01' AND created_by = %s FROM tag WHERE id = 6", me)


def test_who_imports_carries_dates_over_and_undo_keeps_who_made_a_record(
    locked_office: LockedOffice, deals: dict[str, int]
) -> None:
    office, day = locked_office, datetime(2019, 5, 4, tzinfo=UTC)
    contact = "INSERT INTO contact (id, name, lifecycle, language, created_at, created_by) VALUES (%s, 'Ida', 'lead', 'en', %s, %s)"
    office.asked("marketing", contact, 5, day, office.people["owner"])
    assert office.ask("SELECT created_at FROM contact WHERE id = 5") == day
    assert office.ask("SELECT created_by FROM contact WHERE id = 5") == office.people["marketing"]
    office.asked("marketing", contact, 6, clock.now() + timedelta(days=9), None)
    assert office.ask("SELECT created_at < now() + interval '1 hour' FROM contact WHERE id = 6")
    with write(office.root, "Old", actor=office.actor("stranger")) as uow:
        uow.update("deal", deals["sales"], {"created_at": day})
        note = attach_service.add_note(uow, "deal", deals["sales"], "Of the stranger")
    with office.writing("sales") as uow:
        service.delete_records(uow, "deal", [deals["sales"]])
    history.undo(office.open("sales"), uow.change_set_id, actor=office.actor("sales"))
    assert office.ask("SELECT created_by FROM note WHERE id = %s", note) == office.people["stranger"]
    assert office.ask("SELECT created_at FROM deal WHERE id = %s", deals["sales"]) == day


VIEW = "INSERT INTO saved_view (id, entity, name, scope, owner_id, layout, created_at) VALUES (%s, 'deal', 'x', 'everyone', %s, %s, now())"


@pytest.mark.parametrize("key", ["sales", "manager"])
def test_a_view_is_not_given_to_the_boss(locked_office: LockedOffice, key: str) -> None:
    office = locked_office
    me, boss = office.people[key], office.people["owner"]
    office.asked(key, VIEW, 5, me, f'{{"default_for": [{me}]}}')
    office.refused(key, VIEW, 6, boss, "{}")
    office.refused(key, VIEW, 6, me, f'{{"default_for": [{boss}]}}')
    office.refused(key, "UPDATE saved_view SET owner_id = %s WHERE id = 5", boss)
    office.refused(key, "UPDATE saved_view SET layout = %s WHERE id = 5", f'{{"default_for": [{me}, {boss}]}}')
    assert office.asked(key, "UPDATE saved_view SET name = 'y' WHERE id = 5") == [1]


@pytest.fixture
def staff(locked_office: LockedOffice) -> Iterator[LockedOffice]:
    """The mate manages people and has the rights of sales, the stranger those of sales and no more."""
    with write(locked_office.root, "Staff", actor=locked_office.actor("owner")) as uow:
        role = create_role(uow, "Staff", copy_of="sales")
        set_right(uow, role, "", "users", "all")
        uow.update("user", locked_office.people["mate"], {"role": role})
        low = create_role(uow, "Low", copy_of="sales")
        uow.update("user", locked_office.people["stranger"], {"role": low})
    yield locked_office


def test_who_manages_people_does_not_climb(staff: LockedOffice) -> None:
    me = staff.people["mate"]
    staff.refused("mate", "UPDATE user_account SET team_id = NULL WHERE id = %s", me)
    staff.refused("mate", "UPDATE user_account SET role = 'manager' WHERE id = %s", staff.people["stranger"])
    staff.refused("mate", "UPDATE user_account SET login = 'x.y' WHERE id = %s", staff.people["manager"])
    user = "INSERT INTO user_account (id, name, login, role, active, created_at) VALUES (9, 'x', 'x.y.z', 'manager', true, now())"
    staff.refused("mate", user)
    right = "INSERT INTO role_right (id, role, entity, action, scope) VALUES (9, 'low', 'contact', 'sensitive', %s)"
    staff.refused("mate", right, "all")
    assert staff.asked("mate", right, "none") == [1]
    for key in ("manager", "readonly", "owner", "admin"):
        staff.refused("mate", "SELECT crm_set_verifier(%s, %s)", staff.logins[key], SCRAM)
    staff.asked("mate", "SELECT crm_set_verifier(%s, %s)", staff.logins["stranger"], SCRAM)
    assert staff.asked("mate", "UPDATE user_account SET team_id = NULL WHERE id = %s", staff.people["stranger"]) == [1]


def test_who_manages_people_does_not_climb_in_the_program(staff: LockedOffice) -> None:
    database = staff.open("mate")
    for values in ({"team_id": None}, {"role": "low"}):
        with pytest.raises((NotAllowed, UserError)), write(database, "Me", actor=staff.actor("mate")) as uow:
            people_service.update_user(uow, staff.people["mate"], **values)


def test_numbers_are_drawn_and_not_written(locked_office: LockedOffice) -> None:
    office = locked_office
    office.refused("sales", "INSERT INTO number_series (id, series, last) VALUES (1, 'case-2026', 9223372036854775806)")
    for year in ("2026", "2027"):
        with office.writing("sales") as uow:
            service.create_record(uow, "case", {"subject": f"Leak {year}"})
    number = "SELECT number FROM case_file ORDER BY id DESC LIMIT 1"
    last = int(office.ask(number).partition("-")[2])
    assert last == 2
    series = f"case-{office.ask(number).partition('-')[0]}"
    assert office.asked("sales", "UPDATE number_series SET last = 9223372036854775806") == [0]
    assert office.asked("sales", "DELETE FROM number_series") == [0]
    office.refused("sales", "SELECT crm_keep_series(%s, 9223372036854775806)", series)
    office.refused("marketing", "SELECT crm_keep_series(%s, 9223372036854775806)", series)
    office.refused("sales", "SELECT crm_take_series('x', 1)")
    office.asked("sales", "SELECT crm_keep_series(%s, 1)", series)
    assert office.ask("SELECT last FROM number_series") == 2


def test_the_locks_of_the_program_are_taken_by_its_functions(locked_office: LockedOffice) -> None:
    office = locked_office
    for statement in (
        "SELECT pg_advisory_lock(7230411906)", "SELECT pg_advisory_xact_lock(1)", "SELECT pg_try_advisory_lock(1)",
        "SELECT pg_advisory_lock(1, 2)", "SELECT pg_advisory_lock_shared(1)", "SELECT pg_advisory_unlock_all()",
    ):  # fmt: skip
        office.refused("sales", statement)
    assert office.asked("sales", "SELECT crm_take_turn('import')") == [(False,)]
    with only_one(office.open("marketing"), "import") as mine:
        assert mine
        with only_one(office.open("manager"), "import") as other:
            assert not other
    with only_one(office.open("manager"), "import") as mine:
        assert mine


def test_who_is_where_is_told_to_who_sees_the_record(locked_office: LockedOffice, deals: dict[str, int]) -> None:
    office = locked_office
    row = (
        "INSERT INTO presence (id, user_id, origin, entity, record_id, seen_at) VALUES (%s, %s, 'w', 'deal', %s, now())"
    )
    office.asked("stranger", row, 1, office.people["stranger"], deals["stranger"])
    office.asked("sales", row, 2, office.people["sales"], deals["sales"])
    assert office.asked("sales", "SELECT id FROM presence") == [(2,)]
    assert office.asked("manager", "SELECT count(*) FROM presence") == [(2,)]
    assert office.asked("manager", "DELETE FROM presence") == [0]
    office.ask("UPDATE presence SET seen_at = now() - interval '2 hours' RETURNING 1")
    assert office.asked("manager", "DELETE FROM presence") == [2]


def test_a_file_is_not_imported_twice_for_not_seeing_the_first_time(
    locked_office: LockedOffice, tmp_path: Path
) -> None:
    office, path = locked_office, tmp_path / "a.csv"
    path.write_text("Name\nIda\n")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    given = {"file_name": "a.csv", "entity": "contact", "state": "done", "rejected": 1, "digest": digest}
    with write(office.root, "Import", actor=office.actor("manager")) as uow:
        uow.insert("import_batch", given)
    assert office.asked("marketing", "SELECT count(*) FROM import_batch") == [(0,)]
    assert office.asked("marketing", "SELECT crm_imported(%s)", digest) == [(["contact"],)]
    assert office.asked("sales", "SELECT crm_imported(%s)", digest) == [([],)]

    class Part:
        class plan:
            entity = "contact"

    assert scheduled._known(office.open("marketing"), path, [Part])  # type: ignore[list-item]


def test_what_one_made_oneself_one_takes_back(locked_office: LockedOffice) -> None:
    """Sales may make cases and delete none."""
    office = locked_office
    database = office.open("sales")
    with office.writing("sales") as uow:
        first, second = (service.create_record(uow, "case", {"subject": one}) for one in ("Leak", "Fire"))
    assert office.asked("sales", "DELETE FROM case_file WHERE id = %s", first) == [0]
    with write(office.root, "Look", actor=office.actor("service")) as other:
        service.update_record(other, "case", second, {"subject": "Fire!"})
    history.undo(database, uow.change_set_id, actor=office.actor("sales"))
    assert office.ask("SELECT array_agg(id) FROM case_file") == [second]
    forged = "INSERT INTO change_set (id, title, kind, at, undoes) VALUES (7, 'x', 'undo', now(), %s)"
    connection = office.connect("sales", autocommit=False)
    connection.execute(forged, (uow.change_set_id,))
    connection.execute("SELECT set_config('crm.change_set', '7', true)")
    assert connection.execute("DELETE FROM case_file WHERE id = %s", (second,)).rowcount == 0
    connection.rollback()


def test_an_import_tells_what_only_colleagues_see(locked_office: LockedOffice, tmp_path: Path) -> None:
    office, path = locked_office, tmp_path / "people.csv"
    with write(office.root, "Records", actor=office.actor("stranger")) as uow:
        set_right(uow, "marketing", "contact", "read", "own")
        given = {
            "first_name": "Ida",
            "last_name": "Blum",
            "owner_id": office.people["stranger"],
            "email": "Ida@Example.org",
        }
        service.create_record(uow, "contact", given)
        set_right(uow, "marketing", "case", "create", "all")
        case = service.create_record(uow, "case", {"subject": "Leak", "owner_id": office.people["stranger"]})
    path.write_text("Name;E-mail\nIda Blum;ida@example.org\nRui Prado;rui@example.org\n", encoding="utf-8")
    database = office.open("marketing")
    done = run_import(database, path, guess_plan(database, path).plan, office.actor("marketing"))
    assert (done.created, done.rejected_count) == (1, 1)
    number = office.ask("SELECT number FROM case_file WHERE id = %s", case)
    assert office.asked("marketing", "SELECT crm_taken('case', 'number', %s)", [number, "x"]) == [([number],)]
    assert office.asked("marketing", "SELECT crm_taken('case', 'subject', %s)", ["Leak"]) == [([],)]
    assert office.asked("marketing", "SELECT crm_unseen_emails(%s)", ["ida@example.org"]) == [(["ida@example.org"],)]
    assert office.asked("manager", "SELECT crm_unseen_emails(%s)", ["ida@example.org"]) == [([],)]
