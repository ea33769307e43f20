"""A database of each earlier release opens after its upgrade, with every row, its history and undo; or stays as it was."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop import app, features, upgrading
from crm_desktop.backup import runs
from crm_desktop.backup.container import extract
from crm_desktop.backup.proving import verify_backup
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Progress
from crm_desktop.db import migrate, triggers
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from crm_desktop.upgrading import Upgrade
from tests.helpers import old_offices


@pytest.mark.parametrize("revision", old_offices.REVISIONS)
def test_an_office_of_every_release_opens_with_all_it_had(empty_database_url: str, revision: str) -> None:
    old_offices.build(empty_database_url, revision)
    columns = old_offices.old_columns(empty_database_url)
    raw = Database(empty_database_url, features.schema())
    before = old_offices.rows_now(raw, columns)
    raw.close()
    assert all(before[name] for name in before), "every table of that time has rows"
    database = app.open_database(empty_database_url)
    try:
        assert migrate.state(database) == "current"
        assert old_offices.rows_now(database, columns) == before
        with database.read_all() as connection:
            assert triggers.expected(database.schema) <= set(triggers.installed(connection))
            [copy] = runs.recent(connection)
        assert copy.kind == "migration" and copy.proven_at and (copy.report or {})["tables"], "it has a certificate"
        old_offices.examine(database)
    finally:
        database.close()


def test_the_offices_are_those_of_every_release() -> None:
    """Who adds a migration after a release adds its revision in ``old_offices``."""
    known = sorted(migrate._chain(features.schema().migration_folders)[1])
    assert set(old_offices.REVISIONS) < set(known)
    assert known[-1] == migrate.head(features.schema())


@pytest.mark.parametrize("where", ["in the first step", "at the end"])
def test_a_migration_that_fails_leaves_everything_as_it_was(
    empty_database_url: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_offices.build(empty_database_url, "0004")
    before = old_offices.raw_state(empty_database_url)

    def fail(*_arguments: object) -> None:
        raise RuntimeError("the power of the office went out")

    with monkeypatch.context() as patch:
        if where == "at the end":
            patch.setattr(migrate, "install", fail)
        else:
            patch.setattr(triggers, "drop", fail)
        with pytest.raises(RuntimeError, match="power"):
            app.open_database(empty_database_url)
    assert old_offices.raw_state(empty_database_url) == before
    database = app.open_database(empty_database_url)
    old_offices.examine(database)
    database.close()


def test_killed_right_after_the_migration_the_way_back_is_still_known(
    empty_sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_offices.build(empty_sqlite_url, "0006")
    real = migrate.migrate

    def migrate_and_die(*arguments: object, **how: object) -> bool:
        real(*arguments, **how)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "migrate", migrate_and_die)
        with pytest.raises(KeyboardInterrupt):
            app.open_database(empty_sqlite_url)
    database = app.open_database(empty_sqlite_url)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None and upgrade.before == "0006" and upgrade.exists


def test_nothing_is_upgraded_where_the_way_back_cannot_be_kept_in_mind(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0006")
    before = old_offices.raw_state(empty_sqlite_url)
    blocked = upgrading._file().with_suffix(".tmp")
    blocked.mkdir()
    with pytest.raises(UserError, match=r"cannot be written|may not write"):
        app.open_database(empty_sqlite_url)
    assert old_offices.raw_state(empty_sqlite_url) == before
    blocked.rmdir()
    app.open_database(empty_sqlite_url).close()


def test_a_disk_that_is_full_during_the_upgrade_leaves_the_old_file(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0001")
    before = old_offices.raw_state(empty_sqlite_url)
    database = Database(empty_sqlite_url, features.schema())

    @sa.event.listens_for(database.engine, "begin")
    def fill(connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        assert raw is not None
        pages = raw.execute("PRAGMA page_count").fetchone()[0]
        raw.execute(f"PRAGMA max_page_count={pages + 2}")

    with pytest.raises(UserError, match="disk is full"):
        migrate.migrate(database)
    database.close()
    assert old_offices.raw_state(empty_sqlite_url) == before
    reopened = app.open_database(empty_sqlite_url)
    old_offices.examine(reopened)
    reopened.close()


def test_two_computers_that_upgrade_at_once_upgrade_once(empty_database_url: str) -> None:
    """The second one found an old database, waited for the first, and then has nothing to do."""
    old_offices.build(empty_database_url, "0006")
    first, second = (Database(empty_database_url, features.schema()) for _ in range(2))
    looked = []

    def meanwhile() -> None:
        looked.append(migrate.state(second))
        assert migrate.migrate(first) is True

    try:
        assert migrate.migrate(second, before=meanwhile) is False
        assert looked == ["older"]
        assert migrate.state(first) == migrate.state(second) == "current"
        old_offices.examine(first)
    finally:
        first.close()
        second.close()


def test_a_newer_database_is_refused_and_untouched(database_url: str) -> None:
    database = Database(database_url, features.schema())
    with database.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '8888'")
    database.close()
    before = old_offices.raw_state(database_url)
    with pytest.raises(UserError, match="newer version"):
        app.open_database(database_url)
    assert old_offices.raw_state(database_url) == before


def test_the_copy_from_before_is_what_the_older_program_left(empty_database_url: str, tmp_path: Path) -> None:
    """Proven, beside the file or in the folder of backups, of the older revision, with every row."""
    old_offices.build(empty_database_url, "0003")
    columns = old_offices.old_columns(empty_database_url)
    raw = Database(empty_database_url, features.schema())
    before = old_offices.rows_now(raw, columns)
    raw.close()
    database = app.open_database(empty_database_url)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None and (upgrade.before, upgrade.told) == ("0003", False)
    assert verify_backup(upgrade.copy, database.schema).proven
    plain = tmp_path / "plain.crm"
    extract(Path(upgrade.copy), plain, None, Progress())
    copy = Database(plain, features.schema())
    with copy.read_all() as connection:
        assert migrate.revision(connection) == "0003"
    assert old_offices.rows_now(copy, columns) == before
    copy.close()


def test_going_back_gives_the_old_file_and_keeps_the_upgraded_one(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0006")
    before = old_offices.raw_state(empty_sqlite_url)
    path = Path(empty_sqlite_url)
    database = app.open_database(path)
    upgrade = upgrading.last_upgrade(database)
    assert upgrade is not None
    with write(database, "After") as uow:
        service.create_record(uow, "contact", {"name": "Came Later"})
    with database.read() as connection:
        assert upgrading.changes_since(connection, upgrade) == 1
    upgrading.told(upgrade)
    assert upgrading.last_upgrade(database) == replace(upgrade, told=True)
    with pytest.raises(UserError, match="open in another window"):
        upgrading.go_back(path, upgrade)
    database.close()
    done = upgrading.go_back(path, upgrade)
    assert done.file == path and old_offices.raw_state(str(path)) == before
    assert [one.name for one in path.parent.glob("*.going-back")] == []
    kept = app.open_database(done.kept, create=False)
    with kept.read() as connection:
        assert "Came Later" in set(connection.execute(sa.text("SELECT name FROM contact")).scalars())
    assert upgrading.last_upgrade(kept) is None
    kept.close()
    again = app.open_database(path)  # whoever opens it with this program upgrades it again
    old_offices.examine(again)
    again.close()


@pytest.mark.parametrize("step", [1, 2])
def test_going_back_never_leaves_one_file_with_two_names(
    empty_sqlite_url: str, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs that open the same file under two names have two logs for it, and damage it."""
    old_offices.build(empty_sqlite_url, "0006")
    path = Path(empty_sqlite_url)
    database = app.open_database(path)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None
    steps: list[object] = []

    def fail(source: Path, goal: Path) -> None:
        steps.append(goal)
        if len(steps) == step:
            raise OSError(errno.EIO, "the power went out")
        real(source, goal)

    real = os.replace
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(UserError):
            upgrading.go_back(path, upgrade)
    assert all(one.stat().st_nlink == 1 for one in path.parent.glob("*.crm"))
    assert not list(path.parent.glob("*.going-back*"))
    again = app.open_database(path)
    assert migrate.state(again) == "current"
    again.close()


def test_a_copy_that_is_damaged_does_not_go_back(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0007")
    database = app.open_database(empty_sqlite_url)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None
    copy = Path(upgrade.copy)
    copy.write_bytes(copy.read_bytes()[:-2000])
    before = Path(empty_sqlite_url).read_bytes()
    with pytest.raises(UserError):
        upgrading.go_back(Path(empty_sqlite_url), upgrade)
    assert Path(empty_sqlite_url).read_bytes() == before


def test_where_no_copy_can_be_made_nothing_is_upgraded(empty_sqlite_url: str) -> None:
    old_offices.build(empty_sqlite_url, "0002")
    before = old_offices.raw_state(empty_sqlite_url)
    (Path(empty_sqlite_url).parent / "backups").write_text("a file where the folder should be")
    with pytest.raises(UserError):
        app.open_database(empty_sqlite_url)
    assert old_offices.raw_state(empty_sqlite_url) == before


def test_what_another_version_kept_in_mind_does_not_hide_the_way_back() -> None:
    """A newer program writes more of an upgrade, or something else: the others are still known."""
    here = Upgrade("/here.crm", "/copies/here.crmbak", "0007", "0008", clock.now(), "2.0")
    upgrading.keep(here)
    rows = json.loads(upgrading._file().read_text(encoding="utf-8"))
    upgrading._file().write_text(json.dumps([{"odd": 1}, "odd", *({**one, "more": 1} for one in rows)]))
    assert upgrading._read() == [here]
