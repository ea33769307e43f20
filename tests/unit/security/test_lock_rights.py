"""Rights are rows: whoever writes them, the server follows in the same transaction, for those who are connected too."""

from __future__ import annotations

import threading

import psycopg
import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import attach_service, views
from crm_desktop.records import service as records
from crm_desktop.security import service
from crm_desktop.security.postgres.passwords import set_password
from tests.helpers.locked import PASSWORD, LockedOffice


def deals(office: LockedOffice, *keys: str) -> dict[str, int]:
    """A deal of each of these people."""
    with write(office.root, "Deals") as uow:
        return {k: records.create_record(uow, "deal", {"name": f"Of {k}", "owner_id": office.people[k]}) for k in keys}


def give(office: LockedOffice, key: str, role: str, entity: str, action: str, scope: str) -> None:
    """A right, written by a person in plain SQL."""
    office.asked(
        key,
        "INSERT INTO role_right (id, role, entity, action, scope) VALUES ((random() * 1e15)::bigint, %s, %s, %s, %s) "
        "ON CONFLICT (role, entity, action) DO UPDATE SET scope = excluded.scope",
        role, entity, action, scope,
    )  # fmt: skip


def test_scopes_of_reading_follow_at_once(locked_office: LockedOffice) -> None:
    """Also for a statement that a session has prepared already, whose plan knows the rights of a minute ago."""
    office = locked_office
    deals(office, "sales", "mate", "stranger")
    connection = office.connect("sales")

    def seen() -> int:
        found = connection.execute("SELECT count(*) FROM deal", prepare=True).fetchone()
        return int(found[0]) if found else -1

    assert seen() == 2
    for scope, count in (("own", 1), ("all", 3), ("none", 0), ("team", 2)):
        give(office, "admin", "sales", "deal", "read", scope)
        assert seen() == count, scope
    office.asked("admin", "DELETE FROM role_right")
    assert seen() == 2


def test_scopes_of_writing_and_sensitive_columns_follow(locked_office: LockedOffice) -> None:
    office = locked_office
    found = deals(office, "sales", "mate")
    change = "UPDATE deal SET name = 'x' WHERE id = %s"
    assert office.asked("sales", change, found["mate"]) == [0]
    give(office, "admin", "sales", "deal", "edit", "team")
    assert office.asked("sales", change, found["mate"]) == [1]
    give(office, "admin", "sales", "deal", "edit", "none")
    assert office.asked("sales", change, found["sales"]) == [0]
    office.refused("sales", "SELECT tax_id FROM contact")
    give(office, "admin", "sales", "contact", "sensitive", "all")
    assert office.asked("sales", "SELECT tax_id FROM contact") == []
    office.asked("admin", "DELETE FROM role_right")
    office.refused("sales", "SELECT tax_id FROM contact")


def test_who_left_is_blind_at_once(locked_office: LockedOffice) -> None:
    """In a session that is open and with a prepared statement; and a new one does not come in."""
    office = locked_office
    deals(office, "sales")
    connection = office.connect("sales")
    for _time in range(6):
        connection.execute("SELECT name FROM deal", prepare=True)
    with write(office.open("admin"), "Leaves", actor=office.actor("admin")) as uow:
        service.update_user(uow, office.people["sales"], active=False)
    for statement in (
        "SELECT name FROM deal",
        "SELECT name FROM contact",
        "SELECT data FROM change_seen",
        "SELECT * FROM crm_search('''x''', 5)",
    ):
        with pytest.raises(
            (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction)
        ):
            connection.execute(statement, prepare=True)
    with pytest.raises(psycopg.OperationalError):
        office.connect("sales")
    with write(office.open("admin"), "Is back", actor=office.actor("admin")) as uow:
        service.reactivate_user(uow, office.people["sales"])
    assert office.connect("sales").execute("SELECT count(*) FROM deal").fetchone() == (1,)


def test_another_role_another_team(locked_office: LockedOffice) -> None:
    office = locked_office
    deals(office, "sales", "stranger")
    with write(office.open("admin"), "Promote", actor=office.actor("admin")) as uow:
        service.update_user(uow, office.people["stranger"], role="readonly")
        service.update_user(uow, office.people["sales"], team_id=None)
        service.update_user(uow, office.people["mate"], role="manager")
    assert office.asked("stranger", "SELECT count(*) FROM deal") == [(2,)]
    assert office.asked("stranger", "UPDATE deal SET name = 'x'") == [0]
    assert office.asked("service", "SELECT count(*) FROM deal") == [(0,)]
    assert office.asked("mate", "UPDATE deal SET name = 'x'") == [2]


def test_a_role_of_the_offices_own(locked_office: LockedOffice) -> None:
    """It starts with no right at all; with its row goes its role of the server."""
    office = locked_office
    deals(office, "sales")
    prefix = office.name.encode()[:40].decode()
    with write(office.open("admin"), "Intern", actor=office.actor("admin")) as uow:
        role = records.create_record(uow, "role", {"key": "intern", "name": "Intern"})
        service.update_user(uow, office.people["stranger"], role="intern")
    assert office.asked("stranger", "SELECT count(*) FROM deal") == [(0,)]
    give(office, "admin", "intern", "deal", "read", "all")
    assert office.asked("stranger", "SELECT count(*) FROM deal") == [(1,)]
    assert office.ask("SELECT count(*) FROM pg_roles WHERE rolname = %s", f"{prefix}_intern") == 1
    with write(office.open("admin"), "No interns", actor=office.actor("admin")) as uow:
        service.update_user(uow, office.people["stranger"], role="sales")
        uow.delete("role", [role])
    assert office.ask("SELECT count(*) FROM pg_roles WHERE rolname = %s", f"{prefix}_intern") == 0
    assert office.asked("stranger", "SELECT count(*) FROM deal") == [(0,)]


def test_a_new_person_signs_in_once_they_have_a_password(locked_office: LockedOffice) -> None:
    office = locked_office
    login = "new." + office.logins["sales"][-6:]
    database = office.open("admin")
    with write(database, "New", actor=office.actor("admin")) as uow:
        user_id = service.create_user(uow, "New Colleague", login=login, role="sales")
        set_password(uow.connection, login, "First-Password-1")
    with psycopg.connect(office.server.url(office.name, login, "First-Password-1")) as connection:
        assert connection.execute("SELECT crm_me()").fetchone() == (user_id,)
    with pytest.raises(UserError), write(database, "Again", actor=office.actor("admin")) as uow:
        uow.insert("user", {"name": "Double", "login": office.server.user, "role": "sales"})


def test_a_changed_right_and_a_reading_colleague_do_not_wait_for_each_other_in_a_ring(
    locked_office: LockedOffice,
) -> None:
    """The tables of a right are closed for a moment all at once: never one of them held while another is waited for."""
    office = locked_office
    reader = office.connect("sales", autocommit=False)
    reader.execute("SELECT count(*) FROM deal")
    worker = threading.Thread(target=give, args=(office, "admin", "manager", "deal", "read", "own"))
    worker.start()
    for table in ("note", "attachment", "record_tag", "contact", "deal"):
        reader.execute(f"SELECT count(*) FROM {table}")
    assert worker.is_alive()
    reader.rollback()
    worker.join(20)
    assert not worker.is_alive()
    assert office.ask("SELECT scope FROM role_right WHERE role = 'manager'") == "own"


def test_passwords(locked_office: LockedOffice) -> None:
    """One's own by everybody, those of others by who manages them; the server sees verifiers and no password."""
    office = locked_office
    database = office.open("sales")
    with database.begin() as connection:
        set_password(connection, office.logins["sales"], "New-Secret-77")
    psycopg.connect(office.server.url(office.name, office.logins["sales"], "New-Secret-77")).close()
    with pytest.raises(psycopg.OperationalError):
        office.connect("sales")
    for key in ("mate", "admin", "owner"):
        with pytest.raises(UserError), database.begin() as connection:
            set_password(connection, office.logins[key], "x")
    with office.open("admin").begin() as connection:
        set_password(connection, office.logins["sales"], PASSWORD)
    office.connect("sales")
    with pytest.raises(UserError), office.open("admin").begin() as connection:
        set_password(connection, office.logins["owner"], "x")
    with office.open("owner").begin() as connection:
        set_password(connection, office.logins["admin"], PASSWORD)
    office.refused("sales", "SELECT crm_set_verifier(session_user::text, 'a plain password')")
    office.refused("sales", "SELECT crm_set_verifier(session_user::text, '')")
    assert (
        office.ask(
            "SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256$%%' AND rolname = %s",
            office.logins["sales"],
        )
        == 1
    )


def test_the_statement_of_a_password_does_not_hold_it(locked_office: LockedOffice) -> None:
    """What a server may log, or show to an administrator who looks at what runs just now."""
    heard: list[tuple[str, object]] = []
    database = locked_office.open("sales")

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def listen(_connection: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        heard.append((statement, parameters))

    with database.begin() as connection:
        set_password(connection, locked_office.logins["sales"], "Do-Not-Tell-9")
    assert heard and not any("Do-Not-Tell-9" in str(one) for one in heard)


def test_a_record_is_handed_to_whom_one_does_not_see(locked_office: LockedOffice) -> None:
    """Plainly where the new owner's records are seen, else by the server's function."""
    office = locked_office
    found = deals(office, "sales", "mate")
    give = "UPDATE deal SET owner_id = %s WHERE id = %s"
    assert office.asked("sales", give, office.people["mate"], found["sales"]) == [1]
    assert office.asked("mate", give, office.people["sales"], found["sales"]) == [1]
    office.refused("sales", give, office.people["stranger"], found["sales"])
    hand = "SELECT crm_hand_over('deal', %s, %s)"
    assert office.asked("sales", hand, [found["mate"], found["sales"]], office.people["stranger"]) == [(1,)]
    assert office.asked("stranger", "SELECT id FROM deal") == [(found["sales"],)]
    assert office.asked("sales", "SELECT id FROM deal") == [(found["mate"],)]


def test_the_program_hands_over_to_anybody_too(locked_office: LockedOffice) -> None:
    """With other fields in the same step; what was given away is out of sight then, and its history says who gave it."""
    office = locked_office
    found = deals(office, "sales", "mate")
    with office.writing("sales") as uow:
        records.update_record(
            uow, "deal", found["sales"], {"owner_id": office.people["stranger"], "next_step": "Call them"}
        )
    assert office.asked("sales", "SELECT id FROM deal") == [(found["mate"],)]
    assert office.asked("stranger", "SELECT next_step FROM deal") == [("Call them",)]
    with pytest.raises((UserError, RecordGone)), office.writing("sales") as uow:
        records.update_record(uow, "deal", found["mate"], {"owner_id": office.people["stranger"]})
    names = "SELECT array_agg(DISTINCT user_name) FROM change WHERE op = 'U' AND record_id = %s"
    assert office.ask(names, found["sales"]) == [office.logins["sales"]]


def test_a_shared_view_opens_for_each_and_stays_as_it_is(locked_office: LockedOffice) -> None:
    """Whose list opens with a view is theirs, whoever's view it is; nothing else of it is."""
    office = locked_office
    with office.writing("mate") as uow:
        view = views.create_view(uow, {"entity": "deal", "name": "All", "scope": "everyone", "layout": {"rows": 2}})
        private = views.create_view(uow, {"entity": "deal", "name": "Mine", "scope": "private"})
    with office.writing("readonly") as uow:
        views.set_default(uow, "deal", view)
    assert (
        office.ask("SELECT layout->>'default_for' FROM saved_view WHERE id = %s", view)
        == f"[{office.people['readonly']}]"
    )
    for change in (
        "name = 'x'",
        "scope = 'private'",
        "owner_id = crm_me()",
        "layout = NULL",
        "layout = '{\"default_for\": [1]}'",
    ):
        office.refused("readonly", f"UPDATE saved_view SET {change} WHERE id = %s", view)
    assert office.asked("readonly", "UPDATE saved_view SET name = 'x' WHERE id = %s", private) == [0]
    assert office.asked("readonly", "DELETE FROM saved_view") == [0]


def test_answers_go_with_the_note_they_are_about(locked_office: LockedOffice) -> None:
    office = locked_office
    found = deals(office, "sales")
    with office.writing("sales") as uow:
        note = attach_service.add_note(uow, "deal", found["sales"], "Who calls?")
    with office.writing("mate") as uow:
        attach_service.add_note(uow, "deal", found["sales"], "I do", reply_to=note)
    with office.writing("sales") as uow:
        attach_service.delete_note(uow, note)
    assert office.ask("SELECT count(*) FROM note") == 0
