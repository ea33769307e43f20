"""Offices that older programs really wrote open in this one, with all that those programs said of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from crm_desktop import app, features, upgrading
from crm_desktop.backup import runs
from crm_desktop.backup.container import extract
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.restoring import restore_backup
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate, triggers
from crm_desktop.db.database import Database, is_server
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.doctor import check
from crm_desktop.records import history, queries
from crm_desktop.security import passwords
from crm_desktop.security.postgres.state import lock_state
from tests.helpers import earlier_releases, old_offices, older_program
from tests.helpers.older_program import DELETED, IMPORTED, LOSER, NEW_NAME, OLD_NAME, PASSWORD, PEOPLE
from tests.helpers.postgres import PostgresServer

OWNER, SELLER = PEOPLE[0][1], PEOPLE[1][1]
TOLD = ("counts", "names", "contact", "first", "stages", "sums", "search", "history", "files", "users", "rights")
"""What the older program told and this one has to tell the same; releases before 0007 knew no rights."""


@pytest.fixture(params=old_offices.REVISIONS)
def revision(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def facts_of(target: str, revision: str) -> dict[str, Any]:
    return earlier_releases.facts(revision, "server" if is_server(target) else "file")


def opened(target: str) -> tuple[Database, Actor]:
    """As the window opens it: who has a password signs in with it."""
    database = app.open_database(target, create=False)
    if passwords.asks(database):
        return database, app.sign_in(database, login=OWNER, password=PASSWORD)
    return database, Actor(None, "Ana")


def whole(database: Database) -> None:
    wrong = [finding.detail for finding in check(database, full=True) if not finding.ok]
    assert not wrong, wrong


def names(database: Database) -> set[str]:
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        return set(queries.titles(database.schema, connection, "contact", ids).values())


def assert_same(then: Any, now: Any, where: str = "") -> None:
    """All that was told then is told now; a newer program may tell more of a record."""
    if isinstance(then, Mapping):
        for key, value in then.items():
            assert key in now, f"{where}/{key} was {value!r}"
            assert_same(value, now[key], f"{where}/{key}")
    elif isinstance(then, list) and any(isinstance(one, Mapping) for one in then):
        assert len(then) == len(now), where
        for number, (one, other) in enumerate(zip(then, now, strict=True)):
            assert_same(one, other, f"{where}/{number}")
    else:
        assert then == now, where


def test_there_is_an_office_of_every_release() -> None:
    """Who adds a migration keeps an office of the revision before; the README of the folder says how."""
    known = sorted(migrate._chain(features.schema().migration_folders)[1])
    assert earlier_releases.revisions() == known[:-1]


def test_it_opens_with_all_that_the_older_program_told(empty_database_url: str, revision: str, tmp_path: Path) -> None:
    earlier_releases.put(empty_database_url, revision)
    then = facts_of(empty_database_url, revision)
    database, actor = opened(empty_database_url)
    assert migrate.state(database) == "current"
    with database.read_all() as connection:
        assert triggers.expected(database.schema) <= set(triggers.installed(connection))
        [copy] = runs.recent(connection)
    assert copy.kind == "migration" and copy.proven_at
    tells_the_same(database, then)
    whole(database)
    undone(database, actor, then["done"])
    whole(database)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None and upgrade.before == revision
    if is_server(empty_database_url):  # a file goes back, see below
        copy_has_all(upgrade.copy, tmp_path, then)


def copy_has_all(copy: str, folder: Path, then: Mapping[str, Any]) -> None:
    extract(Path(copy), folder / "copy.crm", None, Progress())
    before = app.open_database(folder / "copy.crm")
    tells_the_same(before, then)
    before.close()


def tells_the_same(database: Database, then: Mapping[str, Any]) -> None:
    now = older_program.tell(database, then["done"])
    assert set(then["changes"]) <= set(now["changes"])
    for key in [one for one in TOLD if one in then]:
        assert_same(then[key], now[key], key)


def undone(database: Database, actor: Actor, done: Mapping[str, Any]) -> None:
    """What people did with the older program can be taken back."""
    assert names(database) >= {NEW_NAME, IMPORTED} and not names(database) & {OLD_NAME, DELETED}
    if "merge" in done:
        history.undo(database, done["merge"], actor)
        assert LOSER in names(database)
    for one in ("import", "deletion", "edit"):
        history.undo(database, done[one], actor)
    assert names(database) >= {OLD_NAME, DELETED, LOSER} and not names(database) & {NEW_NAME, IMPORTED}


def fail(*_arguments: object) -> None:
    raise RuntimeError("the power of the office went out")


def test_a_migration_that_fails_leaves_what_the_older_program_wrote(
    empty_database_url: str, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails when all steps are done but the last."""
    earlier_releases.put(empty_database_url, revision)
    before = old_offices.raw_state(empty_database_url)
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "install", fail)
        with pytest.raises(RuntimeError, match="power"):
            app.open_database(empty_database_url)
    if is_server(empty_database_url):
        assert old_offices.raw_state(empty_database_url) == before
    else:
        assert Path(empty_database_url).read_bytes() == earlier_releases.unpack(revision, "file")


def without_marks(content: bytes) -> bytes:
    """A file without what SQLite marks in its first page for itself: whether it has a log, and the number of its schema."""
    return content[:18] + content[20:40] + content[44:]


def test_going_back_gives_the_file_of_the_older_program_to_the_byte(empty_sqlite_url: str, revision: str) -> None:
    earlier_releases.put(empty_sqlite_url, revision)
    path = Path(empty_sqlite_url)
    database, actor = opened(empty_sqlite_url)
    upgrade = upgrading.last_upgrade(database)
    history.undo(database, facts_of(empty_sqlite_url, revision)["done"]["edit"], actor)
    database.close()
    assert upgrade is not None and upgrade.before == revision
    upgrading.go_back(path, upgrade)
    assert without_marks(path.read_bytes()) == without_marks(earlier_releases.unpack(revision, "file"))


def test_who_had_a_password_signs_in_with_it_and_nobody_else_does(empty_sqlite_url: str) -> None:
    earlier_releases.put(empty_sqlite_url, "0007")
    database = app.open_database(empty_sqlite_url)
    assert {one.login for one in passwords.people(database)} == {OWNER, SELLER}
    with pytest.raises(passwords.WrongPassword):
        app.sign_in(database, login=OWNER, password="Azulejo-18-moinho")
    assert app.sign_in(database, login=SELLER, password=PASSWORD).name == PEOPLE[1][0]
    assert not database.access.everything
    database.close()


def rights_of(server: PostgresServer, name: str) -> list[tuple[object, ...]]:
    """Who may do what, as the server has it."""
    policies = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
    tables = "SELECT relname, relowner::regrole::text, relacl::text, relrowsecurity, '', '' FROM pg_class ORDER BY 1"
    return [*server.execute(policies, name), *server.execute(tables, name)]


def test_a_locked_office_of_a_server_stays_locked_for_the_same_people(
    empty_postgres_url: str, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if int(str(postgres_server.execute("SHOW server_version_num")[0][0])) < 160000:
        pytest.skip("the roles were written by PostgreSQL 16")
    made = earlier_releases.put_locked(postgres_server, empty_postgres_url, "0007")
    name = empty_postgres_url.rpartition("/")[2]
    try:
        then = earlier_releases.facts("0007", "locked")
        with pytest.raises(UserError):  # who sells does not upgrade the office of all
            app.open_database(postgres_server.url(name, SELLER, PASSWORD))
        before = rights_of(postgres_server, name), old_offices.raw_state(empty_postgres_url)
        with monkeypatch.context() as patch:
            patch.setattr(migrate, "install", fail)
            with pytest.raises(RuntimeError, match="power"):
                app.open_database(postgres_server.url(name, OWNER, PASSWORD))
        assert (rights_of(postgres_server, name), old_offices.raw_state(empty_postgres_url)) == before
        owner = app.open_office(postgres_server.url(name, OWNER, PASSWORD))
        tells_the_same(owner.database, then)
        whole(owner.database)
        with owner.database.read() as connection:
            assert lock_state(connection, owner.database.schema).state == "locked"
        undone(owner.database, owner.actor, then["done"])
        whole(owner.database)
        upgrade = upgrading.last_upgrade(owner.database)
        assert upgrade is not None and upgrade.before == "0007"
        owner.database.close()
        copy_has_all(upgrade.copy, tmp_path, then)
        seller = app.open_office(postgres_server.url(name, SELLER, PASSWORD))
        assert seller.actor.name == PEOPLE[1][0] and not seller.database.access.everything
        with seller.database.read() as connection:
            seen = queries.count(seller.database, connection, "deal")
        assert OLD_NAME in names(seller.database) and seen < then["counts"]["deal"], "deals of the own team only"
        seller.database.close()
        with pytest.raises(UserError):
            app.open_database(postgres_server.url(name, SELLER, "Azulejo-18-moinho"))
    finally:
        postgres_server.drop_database(name)
        postgres_server.drop_roles(made)
        postgres_server.create_database(name)


@pytest.mark.parametrize("made_by", earlier_releases.backups())
def test_a_backup_that_an_older_program_made_is_restored(empty_database_url: str, made_by: str) -> None:
    backup, schema = earlier_releases.backup_of(made_by), features.schema()
    assert verify_backup(backup, schema, password=PASSWORD).proven
    with pytest.raises(UserError, match="wrong"):
        restore_backup(backup, empty_database_url, schema, password="Azulejo-18-moinho")
    restore_backup(backup, empty_database_url, schema, password=PASSWORD)
    database, actor = opened(empty_database_url)
    then = earlier_releases.facts(made_by, "file")
    tells_the_same(database, then)
    whole(database)
    undone(database, actor, then["done"])
    database.close()
