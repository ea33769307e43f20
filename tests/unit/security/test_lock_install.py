"""The lock as a whole: what it makes, that it can be put on again, and that it holds."""

from __future__ import annotations

import psycopg
import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import service
from crm_desktop.security.postgres.lock import install_lock, put_back, take_off
from crm_desktop.security.postgres.passwords import set_password
from crm_desktop.security.postgres.state import LockState, lock_state
from tests.helpers.locked import LockedOffice
from tests.helpers.postgres import PostgresServer


def state(database: Database) -> LockState:
    with database.read() as connection:
        return lock_state(connection, database.schema)


def test_everybody_signs_in_and_the_lock_is_whole(locked_office: LockedOffice) -> None:
    for key, user_id in locked_office.people.items():
        assert locked_office.connect(key).execute("SELECT crm_me()").fetchone() == (user_id,)
    assert locked_office.open("sales").locked
    assert state(locked_office.open("readonly")) == LockState("locked")


def test_a_plain_database_is_plain(postgres_database: Database) -> None:
    assert state(postgres_database) == LockState("plain")


def test_what_was_opened_by_hand_is_named_and_closed_again(locked_office: LockedOffice) -> None:
    """``install_lock`` once more takes away what somebody granted, and puts back what somebody took out."""
    by_hand = (
        "GRANT SELECT ON contact TO PUBLIC",
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "ALTER TABLE deal DISABLE ROW LEVEL SECURITY",
        "DROP POLICY edit ON company",
        "CREATE POLICY mine ON company FOR ALL TO PUBLIC USING (true)",
        "ALTER TABLE change DISABLE TRIGGER lock_guard",
        "ALTER TABLE note OWNER TO CURRENT_USER",
    )
    with locked_office.root.begin() as connection:
        for one in by_hand:
            connection.exec_driver_sql(one)
    found = state(locked_office.root)
    assert found.state == "broken"
    text = " ".join(found.problems)
    for word in ("PUBLIC", "deal", "edit", "mine", "lock_guard", "note"):
        assert word in text
    with locked_office.root.begin() as connection:
        install_lock(connection, locked_office.schema)
    assert state(locked_office.root) == LockState("locked")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        locked_office.connect("sales").execute("CREATE TABLE public.mine (id int)")


def test_an_owner_brings_the_database_to_a_new_schema_and_nobody_else(locked_office: LockedOffice) -> None:
    """What a migration does: the lock is taken off, tables change, and it is put back, by a person of the office."""
    for key in ("admin", "manager", "sales"):
        database = locked_office.open(key)
        with pytest.raises(UserError), database.begin() as connection:
            take_off(connection, database.schema)
    database = locked_office.open("owner")
    with database.begin() as connection:
        take_off(connection, database.schema)
        connection.exec_driver_sql("ALTER TABLE contact ADD COLUMN shoe_size integer")
        connection.exec_driver_sql("CREATE TABLE shoe (id bigint PRIMARY KEY)")
        migrate.install(connection, database.schema)
        put_back(connection, database.schema)
    assert locked_office.ask("SELECT relowner::regrole::text FROM pg_class WHERE relname = 'shoe'").endswith("_owner")
    assert state(database) == LockState("locked")
    assert locked_office.connect("sales").execute("SELECT count(*) FROM contact").fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        locked_office.connect("sales").execute("SELECT * FROM shoe")


def test_logins_that_the_office_did_not_make_are_not_touched(locked_office: LockedOffice) -> None:
    """Not even by somebody who may manage users: the server's own logins stay what they are."""
    database = locked_office.open("admin")
    superuser = locked_office.server.user
    with pytest.raises(UserError, match=superuser), write(database, "Take over") as uow:
        service.create_user(uow, "Root", login=superuser, role="sales")
    for login in ("pg_monitor", "with space", "public", 'quo"te'):
        with pytest.raises(UserError), write(database, "Odd") as uow:
            service.create_user(uow, "Odd", login=login, role="sales")
    with pytest.raises(UserError, match=superuser), write(database, "Rename") as uow:
        service.update_user(uow, locked_office.people["sales"], login=superuser)
    assert locked_office.ask("SELECT rolsuper FROM pg_roles WHERE rolname = %s", superuser)


def test_an_administrator_of_the_server_who_is_no_superuser_locks_too(
    postgres_server: PostgresServer, empty_postgres_url: str, schema: Schema
) -> None:
    """As on rented servers: a login that may make databases and roles, and owns the database."""
    name = empty_postgres_url.rpartition("/")[2]
    login = f"dba_{name[-6:]}"
    postgres_server.execute(f"CREATE ROLE {login} LOGIN CREATEROLE CREATEDB PASSWORD 'x'")
    postgres_server.execute(f"ALTER DATABASE {name} OWNER TO {login}")
    database = Database(postgres_server.url(name, login, "x"), schema)
    migrate.migrate(database)
    with write(database, "First") as uow:
        service.create_user(uow, "Olga", login=f"olga_{name[-6:]}", role="owner")
        service.create_user(uow, "Saul", login=f"saul_{name[-6:]}", role="sales")
    for _time in range(2):
        with database.begin() as connection:
            install_lock(connection, schema)
            set_password(connection, f"olga_{name[-6:]}", "y")
            set_password(connection, f"saul_{name[-6:]}", "y")
    assert state(database) == LockState("locked")
    database.close()
    with psycopg.connect(postgres_server.url(name, f"saul_{name[-6:]}", "y"), autocommit=True) as saul:
        assert saul.execute("SELECT count(*) FROM contact").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            saul.execute("SELECT tax_id FROM contact")
    with psycopg.connect(postgres_server.url(name, f"olga_{name[-6:]}", "y"), autocommit=True) as olga:
        olga.execute("UPDATE user_account SET role = 'manager' WHERE name = 'Saul'")
        olga.execute(f'SET ROLE "{name}_owner"')


def test_a_login_that_cannot_be_one_is_named(postgres_database: Database) -> None:
    """Before anything is locked, in one sentence: a file's users may have any login."""
    with write(postgres_database, "Users") as uow:
        service.create_user(uow, "Olga", login="postgres", role="owner")
    with pytest.raises(UserError, match="postgres"), postgres_database.begin() as connection:
        install_lock(connection, postgres_database.schema)
    assert state(postgres_database) == LockState("plain")
