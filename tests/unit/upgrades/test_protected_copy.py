"""The copy from before an upgrade is protected as the office's backups are, and goes back with their password."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop import app, features, upgrading
from crm_desktop.backup import passwords, runs
from crm_desktop.backup.container import read_header
from crm_desktop.backup.proving import verify_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.backup.schedule import KEY, Plan, save_plan, to_json
from crm_desktop.core.errors import UserError
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.upgrading import Upgrade
from tests.helpers import old_offices
from tests.helpers.keyring import Ring
from tests.helpers.locked import LockedOffice

AT = datetime(2026, 1, 2, tzinfo=UTC)
SECRET = "Azulejo-17-moinho"


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    """The keyring of this computer; nothing was told to this run of the program."""
    made = Ring()
    made.use(monkeypatch)
    monkeypatch.setattr(passwords, "_told", {})
    return made


def old_office(target: str, revision: str, *, encrypted: bool) -> None:
    """An office of an older program with a plan of backups."""
    old_offices.build(target, revision)
    now = Base.metadata.tables["office_setting"].c
    then = sa.table(
        "office_setting", *(sa.column(one.name, one.type) for one in (now.id, now.key, now.value, now.created_at))
    )
    row = {"key": KEY, "value": to_json(Plan(True, encrypted=encrypted, zone="UTC")), "created_at": AT}
    database = Database(target, features.schema())
    with database.begin() as connection:
        connection.execute(sa.delete(then).where(then.c.key == KEY))
        free = (connection.execute(sa.select(sa.func.max(then.c.id))).scalar() or 0) + 1
        connection.execute(sa.insert(then), {"id": free, **row})
    database.close()


def keep_password(target: str) -> None:
    """This computer knows the password, as of an earlier run of the program."""
    database = Database(target, features.schema())
    passwords.keep(database, SECRET)
    database.close()
    passwords._told.clear()


def upgraded(target: str) -> Upgrade:
    """What is kept in mind once the office was opened by this program, and closed."""
    database = app.open_database(target)
    upgrade = upgrading.last_upgrade(database)
    database.close()
    assert upgrade is not None
    return upgrade


@pytest.mark.parametrize("revision", ["0001", old_offices.REVISIONS[-1]])
def test_the_copy_is_protected_where_the_plan_wants_it(empty_database_url: str, revision: str) -> None:
    old_office(empty_database_url, revision, encrypted=True)
    keep_password(empty_database_url)
    upgrade = upgraded(empty_database_url)
    copy, schema = Path(upgrade.copy), features.schema()
    assert upgrade.before == revision and read_header(copy).encrypted
    assert old_offices.NEW_NAME.encode() not in copy.read_bytes()
    assert verify_backup(copy, schema, password=SECRET).proven
    with browse_backup(copy, schema, password=SECRET) as then, then.read_all() as connection:
        names = set(connection.execute(sa.text("SELECT name FROM contact")).scalars())
    assert old_offices.NEW_NAME in names
    database = app.open_database(empty_database_url)
    with database.read_all() as connection:
        [listed] = runs.recent(connection)
    old_offices.examine(database)
    database.close()
    assert listed.file == copy.name and listed.proven_at, "it is on the list, and was proven"


def test_an_office_with_rights_is_copied_protected_before_anybody_signed_in(locked_office: LockedOffice) -> None:
    with write(locked_office.root, "Plan", actor=locked_office.actor("owner")) as uow:
        save_plan(uow, Plan(True, encrypted=True))
    keep_password(locked_office.url("owner"))
    database = Database(locked_office.url("owner"), features.schema())
    try:
        upgrade = upgrading.copy_before(database)
    finally:
        database.close()
    assert read_header(Path(upgrade.copy)).encrypted and not upgrading.needs_password(upgrade)


def test_a_plan_without_a_password_has_an_open_copy(empty_database_url: str) -> None:
    old_office(empty_database_url, "0006", encrypted=False)
    keep_password(empty_database_url)  # of an earlier plan
    upgrade = upgraded(empty_database_url)
    assert not read_header(Path(upgrade.copy)).encrypted and not upgrading.needs_password(upgrade)


def test_where_the_password_is_not_known_it_is_upgraded_and_the_log_says_it(
    empty_database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    old_office(empty_database_url, "0001", encrypted=True)
    with caplog.at_level(logging.WARNING):
        upgrade = upgraded(empty_database_url)
    assert not read_header(Path(upgrade.copy)).encrypted and not upgrading.needs_password(upgrade)
    assert [one.getMessage() for one in caplog.records if "not protected" in one.getMessage()]
    database = app.open_database(empty_database_url)
    old_offices.examine(database)
    database.close()


def test_a_file_goes_back_with_the_password_that_this_computer_keeps(empty_sqlite_url: str) -> None:
    old_office(empty_sqlite_url, "0001", encrypted=True)
    before = old_offices.raw_state(empty_sqlite_url)
    keep_password(empty_sqlite_url)
    upgrade = upgraded(empty_sqlite_url)
    assert not upgrading.needs_password(upgrade)
    done = upgrading.go_back(Path(empty_sqlite_url), upgrade)
    assert old_offices.raw_state(empty_sqlite_url) == before and done.kept.exists()


@pytest.mark.parametrize("known", ["none", "another one"])
def test_a_file_goes_back_with_a_given_password_and_without_it_stays(
    empty_sqlite_url: str, ring: Ring, known: str
) -> None:
    """The keyring was emptied, or the office has another password for its backups since."""
    path = Path(empty_sqlite_url)
    old_office(empty_sqlite_url, "0006", encrypted=True)
    before = old_offices.raw_state(empty_sqlite_url)
    keep_password(empty_sqlite_url)
    upgrade = upgraded(empty_sqlite_url)
    ring.kept.clear()
    if known == "another one":
        ring.set_password(passwords.SERVICE, upgrade.database, "Changed-18-since")
    assert upgrading.needs_password(upgrade)
    assert not upgrading.opens_with(upgrade, "") and not upgrading.opens_with(upgrade, "Another-17-word")
    assert upgrading.opens_with(upgrade, SECRET)
    now, files = path.read_bytes(), sorted(one.name for one in path.parent.iterdir())
    for given in (None, "Another-17-word"):
        with pytest.raises(UserError, match=r"is protected|password of .* is wrong"):
            upgrading.go_back(path, upgrade, password=given)
    assert path.read_bytes() == now and sorted(one.name for one in path.parent.iterdir()) == files
    upgrading.go_back(path, upgrade, password=SECRET)
    assert old_offices.raw_state(empty_sqlite_url) == before
