"""An office of a server that was upgraded: the older program puts the copy from before back, under the name people know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from crm_desktop import app, upgrading
from crm_desktop.backup import passwords
from crm_desktop.backup.container import read_header
from crm_desktop.backup.making import make_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import NewerOffice, UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.office_server import Login
from crm_desktop.records import history, queries, service
from crm_desktop.server_way_back import put_back
from crm_desktop.upgrading import Upgrade
from tests.helpers.keyring import Ring
from tests.helpers.locked import LockedOffice
from tests.helpers.postgres import PASSWORD, PostgresServer

ADMIN = Login("postgres", PASSWORD)
ANA = Actor(None, "Ana")
SECRET = "Azulejo-17-moinho"


@pytest.fixture
def tidy(postgres_server: PostgresServer, postgres_url: str) -> Iterator[str]:
    """The URL of an office; whatever stands beside it on the server afterwards goes."""
    name = postgres_url.rpartition("/")[2]
    yield postgres_url
    for one in beside(postgres_server, name):
        postgres_server.drop_database(one)


def beside(server: PostgresServer, name: str) -> list[str]:
    rows = server.execute(sql.SQL("SELECT datname FROM pg_database WHERE datname LIKE {}").format(f"{name}\\_%"))
    return sorted(str(one) for (one,) in rows)


def upgraded(database: Database, folder: Path, server: PostgresServer, password: str | None = None) -> Upgrade:
    """Make a copy of an office, and do what a newer program would have done to it; it is closed then."""
    made = make_backup(database, folder, password=password, kind="migration", anew=True)
    before = migrate.head(database.schema)
    upgrade = Upgrade(database.place, made.path, before, "9999", clock.now(), "9.0")
    upgrading.keep(upgrade)
    name = ServerAddress.from_url(database.target).database
    with write(database, "After", actor=ANA) as uow:
        service.create_record(uow, "contact", {"name": "After The Upgrade"})
    database.close()
    server.execute("UPDATE alembic_version SET version_num = '9999'", name)
    return upgrade


def state(database: Database) -> str:
    with database.read() as connection:
        return digest(connection, database.schema)


def names(database: Database) -> list[str]:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        return sorted(queries.titles(database.schema, connection, "contact", ids).values())


def test_an_office_with_rights_is_put_back_with_its_people(
    locked_office: LockedOffice, postgres_server: PostgresServer, tidy: str, tmp_path: Path
) -> None:
    office = locked_office
    with write(office.root, "Before", actor=office.actor("owner")) as uow:
        service.create_record(uow, "contact", {"name": "Before The Upgrade"})
    before = state(office.root)
    upgrade = upgraded(office.root, tmp_path, postgres_server)
    with pytest.raises(NewerOffice):
        app.open_office(office.url("owner"))
    address = ServerAddress.from_url(office.url("owner"))
    assert upgrading.copy_for(address.key, office.schema) == upgrade
    back = put_back(address, ADMIN, upgrade, office.schema)
    for key in ("owner", "sales"):  # with the passwords they had
        database = app.open_office(office.url(key)).database
        assert database.locked
        if key == "owner":
            assert state(database) == before
        database.close()
    assert beside(postgres_server, office.name) == [back.kept]
    assert ("After The Upgrade",) in postgres_server.execute("SELECT name FROM contact", back.kept)
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(postgres_server.url(back.kept, office.logins["sales"], "Ginger-Biscuit-42"))


def test_an_office_of_one_login_stays_that_logins(
    tidy: str, postgres_server: PostgresServer, schema: Schema, tmp_path: Path
) -> None:
    name = tidy.rpartition("/")[2]
    login = f"clerk {name[-6:]}"
    postgres_server.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'Ginger-Biscuit-42'").format(sql.Identifier(login)))
    try:
        for (one,) in postgres_server.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name):
            change = sql.SQL("ALTER TABLE {} OWNER TO {}").format(sql.Identifier(str(one)), sql.Identifier(login))
            postgres_server.execute(change, name)
        upgrade = upgraded(Database(tidy, schema), tmp_path, postgres_server)
        address = ServerAddress.from_url(tidy)
        put_back(address, ADMIN, upgrade, schema)
        database = app.open_database(postgres_server.url(name, login, "Ginger-Biscuit-42"))
        assert "After The Upgrade" not in names(database)
        with write(database, "Edit", actor=ANA) as uow:
            service.create_record(uow, "contact", {"name": "Later"})
        with database.read() as connection:
            last = history.recent(connection, limit=1)[0]
        history.undo(database, last.id, ANA)  # its triggers are there: what is written has a history
        assert "Later" not in names(database)
        database.close()
    finally:
        for one in [name, *beside(postgres_server, name)]:
            postgres_server.execute(sql.SQL("REASSIGN OWNED BY {} TO postgres").format(sql.Identifier(login)), one)
            postgres_server.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(login)), one)
        postgres_server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(login)))


def test_nothing_is_changed_while_somebody_has_it_open_or_where_it_does_not_work(
    tidy: str, postgres_server: PostgresServer, schema: Schema, tmp_path: Path
) -> None:
    name = tidy.rpartition("/")[2]
    upgrade = upgraded(Database(tidy, schema), tmp_path, postgres_server)
    address = ServerAddress.from_url(tidy)

    def unchanged() -> bool:
        found = postgres_server.execute("SELECT version_num FROM alembic_version", name)
        return found == [("9999",)] and beside(postgres_server, name) == []

    with psycopg.connect(tidy), pytest.raises(UserError, match="open still: postgres"):
        put_back(address, ADMIN, upgrade, schema)
    assert unchanged()
    postgres_server.execute("CREATE ROLE nobody_much LOGIN PASSWORD 'x'")
    try:
        with pytest.raises(UserError, match="may not create databases"):
            put_back(address, Login("nobody_much", "x"), upgrade, schema)
    finally:
        postgres_server.execute("DROP ROLE nobody_much")
    assert unchanged()
    stopped = Progress()
    stopped.cancel()
    with pytest.raises(Cancelled):
        put_back(address, ADMIN, upgrade, schema, stopped)
    assert unchanged()
    copy = Path(upgrade.copy)
    copy.write_bytes(copy.read_bytes()[:-2000])
    with pytest.raises(UserError):
        put_back(address, ADMIN, upgrade, schema)
    assert unchanged()


def test_a_protected_copy_is_put_back_with_the_password_that_this_computer_keeps(
    tidy: str, postgres_server: PostgresServer, schema: Schema, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Ring().use(monkeypatch)
    office = Database(tidy, schema)
    before = state(office)
    passwords.keep(office, SECRET)
    monkeypatch.setattr(passwords, "_told", {})  # the older program is another run: it has the keyring only
    upgrade = upgraded(office, tmp_path, postgres_server, SECRET)
    assert read_header(Path(upgrade.copy)).encrypted and not upgrading.needs_password(upgrade)
    back = put_back(ServerAddress.from_url(tidy), ADMIN, upgrade, schema)
    restored = app.open_database(tidy)
    assert state(restored) == before
    restored.close()
    assert beside(postgres_server, tidy.rpartition("/")[2]) == [back.kept]


def test_a_protected_copy_takes_the_right_password_and_without_it_nothing_is_changed(
    tidy: str, postgres_server: PostgresServer, schema: Schema, tmp_path: Path
) -> None:
    office, name = Database(tidy, schema), tidy.rpartition("/")[2]
    before = state(office)
    upgrade = upgraded(office, tmp_path, postgres_server, SECRET)
    address = ServerAddress.from_url(tidy)
    assert upgrading.needs_password(upgrade)
    with pytest.raises(UserError, match="is protected"):
        put_back(address, ADMIN, upgrade, schema)
    with pytest.raises(UserError, match=r"password of .* is wrong"):
        put_back(address, ADMIN, upgrade, schema, password="Another-17-word")
    assert postgres_server.execute("SELECT version_num FROM alembic_version", name) == [("9999",)]
    assert beside(postgres_server, name) == []
    put_back(address, ADMIN, upgrade, schema, password=SECRET)
    restored = app.open_database(tidy)
    assert state(restored) == before
    restored.close()
