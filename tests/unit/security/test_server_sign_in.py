"""Signing in to servers: who somebody is, what is said to who is not, and one's own password."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import keyring
import pytest

from crm_desktop import app
from crm_desktop.core.errors import Unreachable, UserError
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import accounts, keyring_store, server_passwords, service
from crm_desktop.security.passwords import WrongPassword
from tests.helpers.keyring import Ring
from tests.helpers.locked import PASSWORD, LockedOffice
from tests.helpers.postgres import PostgresServer

NEW = "harbour of seven bells"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    made.use(monkeypatch)
    return made


@pytest.fixture
def opened() -> Iterator[list[Database]]:
    """Databases that are closed at the end."""
    made: list[Database] = []
    yield made
    for one in made:
        one.close()


def enter(opened: list[Database], url: str) -> app.Opened:
    found = app.open_office(url)
    opened.append(found.database)
    return found


def test_on_a_locked_server_one_is_who_the_login_says(locked_office: LockedOffice, opened: list[Database]) -> None:
    found = enter(opened, locked_office.url("sales"))
    assert found.actor.user_id == locked_office.people["sales"] and found.database.locked
    assert found.database.access.role == "sales" and not found.database.access.everything


def test_a_login_that_is_nobody_gets_a_sentence_and_no_user_is_made(
    locked_office: LockedOffice, postgres_server: PostgresServer, opened: list[Database]
) -> None:
    login = f"stray_{uuid.uuid4().hex[:8]}"
    postgres_server.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}'")
    with pytest.raises(UserError) as caught:
        enter(opened, postgres_server.url(locked_office.name, login, PASSWORD))
    assert "administrator" in str(caught.value) and PASSWORD not in str(caught.value)
    with locked_office.root.read() as connection:
        assert login not in connection.exec_driver_sql("SELECT login FROM user_account").scalars().all()


def test_who_was_disabled_is_told_so_and_not_that_the_password_is_wrong(locked_office: LockedOffice) -> None:
    url = locked_office.url("mate")
    server_passwords.knock(url)
    with write(locked_office.root, "Leave") as uow:
        service.deactivate_user(uow, locked_office.people["mate"])
    with pytest.raises(UserError) as caught:
        server_passwords.knock(url)
    assert not isinstance(caught.value, WrongPassword | Unreachable) and "does not let" in str(caught.value)


def test_a_wrong_password_and_a_server_that_is_away_are_told_apart(locked_office: LockedOffice) -> None:
    with pytest.raises(WrongPassword):
        server_passwords.knock(keyring_store.with_password(locked_office.url("sales"), "not this one"))
    with pytest.raises(Unreachable):
        server_passwords.knock("postgresql://ana:secret99@127.0.0.1:1/crm")


def test_choosing_ones_own_password(locked_office: LockedOffice, opened: list[Database], ring: Ring) -> None:
    found = enter(opened, locked_office.url("sales"))
    keyring_store.save(found.database.target, PASSWORD)
    with pytest.raises(accounts.OldPasswordWrong):
        accounts.choose_password(found.database, found.actor, "not this one", NEW)
    with pytest.raises(UserError, match="at least 8"):
        accounts.choose_password(found.database, found.actor, PASSWORD, "short")
    accounts.choose_password(found.database, found.actor, PASSWORD, NEW)
    assert keyring_store.read(found.database.target) == NEW
    found.database.engine.dispose()
    with found.database.read() as connection:  # a new connection, with the new password
        assert connection.exec_driver_sql("SELECT session_user").scalar() == locked_office.logins["sales"]
    assert server_passwords.matches(found.database, NEW) and not server_passwords.matches(found.database, PASSWORD)
    kept = locked_office.server.execute("SELECT string_agg(rolpassword, ' ') FROM pg_authid")
    assert NEW not in str(kept) and "SCRAM-SHA-256$" in str(kept)


def test_an_administrator_gives_a_password_and_a_salesperson_does_not(
    locked_office: LockedOffice, opened: list[Database]
) -> None:
    admin, sales = enter(opened, locked_office.url("admin")), enter(opened, locked_office.url("sales"))
    stranger = locked_office.people["stranger"]
    with write(admin.database, "Password", actor=admin.actor) as uow:
        accounts.give_password(uow, stranger, NEW)
    server_passwords.knock(keyring_store.with_password(locked_office.url("stranger"), NEW))
    with pytest.raises(UserError), write(sales.database, "Password", actor=sales.actor) as uow:
        accounts.give_password(uow, stranger, "some other words 9")


def test_on_a_plain_server_the_own_login_gets_a_new_password(
    postgres_server: PostgresServer, postgres_url: str, opened: list[Database]
) -> None:
    login = f"plain_{uuid.uuid4().hex[:8]}"
    postgres_server.execute(f"CREATE ROLE {login} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    name = postgres_url.rpartition("/")[2]
    found = enter(opened, postgres_server.url(name, login, PASSWORD))
    assert not found.database.locked
    accounts.choose_password(found.database, found.actor, PASSWORD, NEW)
    server_passwords.knock(postgres_server.url(name, login, NEW))
    with pytest.raises(WrongPassword):
        server_passwords.knock(postgres_server.url(name, login, PASSWORD))
    assert server_passwords.password_of(found.database)
    found.database.close()
    postgres_server.execute(f"REASSIGN OWNED BY {login} TO postgres", name)
    postgres_server.execute(f"DROP OWNED BY {login}", name)


def test_the_keyring_tells_servers_and_people_apart(ring: Ring) -> None:
    keyring_store.save("postgresql://ana@one/crm", "first secret")
    keyring_store.save("postgresql://ana@one:5433/crm", "second secret")
    keyring_store.save("postgresql://bea@one/crm", "third secret")
    assert keyring_store.read("postgresql://ana@one:5432/crm") == "first secret"
    assert sorted(name for _service, name in ring.kept) == ["ana@one/crm", "ana@one:5433/crm", "bea@one/crm"]
    assert keyring_store.forget("postgresql://ana@one/crm") and keyring_store.read("postgresql://ana@one/crm") == ""


def test_a_keyring_that_breaks_is_none(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    def broken(*_given: object) -> None:
        raise RuntimeError("first secret in a message of the keyring")

    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, broken)
    monkeypatch.setattr(keyring, "get_keyring", Ring)
    assert not keyring_store.save("postgresql://ana@one/crm", "first secret")
    assert keyring_store.read("postgresql://ana@one/crm") == "" and not keyring_store.forget("postgresql://ana@one/crm")
    assert "first secret" not in caplog.text
