"""A database that lacks tables or columns of its revision is refused in one sentence, and told by the doctor."""

from __future__ import annotations

import pytest

from crm_desktop import app, doctor, features
from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from tests.helpers import earlier_releases, old_offices

LOST = "ALTER TABLE custom_field RENAME COLUMN sensitive TO odd"


def run(target: str, *statements: str) -> None:
    database = Database(target, features.schema())
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    database.close()


def test_what_is_missing_is_said_and_nothing_is_changed(database_url: str) -> None:
    run(database_url, LOST, "DROP TABLE backup_run")
    before = old_offices.raw_state(database_url)
    with pytest.raises(UserError, match=r"Parts of .* are missing: backup_run, custom_field\.sensitive\.") as found:
        app.open_database(database_url)
    assert "nothing was changed" in str(found.value) and old_offices.raw_state(database_url) == before


def test_the_doctor_tells_it_of_an_open_office(database_url: str) -> None:
    database = app.open_database(database_url)
    [before] = [one for one in doctor.check(database) if one.check == "schema"]
    assert before.ok
    run(database_url, LOST)
    [after] = [one for one in doctor.check(database) if one.check == "schema"]
    assert not after.ok and "custom_field.sensitive is missing" in after.detail
    database.close()


def test_an_upgrade_that_would_end_without_a_part_leaves_the_old_office(empty_sqlite_url: str) -> None:
    """As an unfinished program left it, which had the revision but not yet all of its tables."""
    earlier_releases.put(empty_sqlite_url, "0005")
    run(empty_sqlite_url, "DROP TABLE quality_flag")
    before = old_offices.raw_state(empty_sqlite_url)
    with pytest.raises(UserError, match=r"Parts of .* are missing: quality_flag"):
        app.open_database(empty_sqlite_url)
    assert old_offices.raw_state(empty_sqlite_url) == before


def test_a_schema_of_the_own_name_does_not_hide_the_office(postgres_url: str) -> None:
    """PostgreSQL looks for tables there first."""
    run(postgres_url, "CREATE SCHEMA AUTHORIZATION CURRENT_USER")
    app.open_database(postgres_url).close()
