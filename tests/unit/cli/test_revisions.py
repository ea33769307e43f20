"""The revisions read from the migration files are those that Alembic knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crm_desktop.db import migrate
from crm_desktop.db.database import Database
from crm_desktop.db.schema import MIGRATIONS, Schema


def test_the_newest_revision_is_the_one_of_alembic(schema: Schema) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.parent))
    scripts = ScriptDirectory.from_config(config)
    assert migrate.head(schema) == scripts.get_current_head()
    assert migrate._chain(schema.migration_folders)[1] == {script.revision for script in scripts.walk_revisions()}


def test_the_revision_of_a_database_is_the_one_of_alembic(database: Database) -> None:
    with database.read() as connection:
        assert migrate.revision(connection) == MigrationContext.configure(connection).get_current_revision()


def test_an_empty_a_foreign_and_a_newer_database_are_told_apart(empty_database_url: str, schema: Schema) -> None:
    database = Database(empty_database_url, schema)
    assert migrate.state(database) == "empty"
    with database.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE something (id integer)"))
    assert migrate.state(database) == "foreign"
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE something"))
    migrate.migrate(database)
    assert migrate.state(database) == "current"
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert migrate.state(database) == "newer"
    database.close()
