"""The models and the migrations say the same; databases that are not ours or newer are refused and untouched."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from crm_desktop import app, features
from crm_desktop.core.errors import UserError
from crm_desktop.db import migrate, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database


def test_models_equal_migrations(database: Database) -> None:
    known = {table.name for table in [*database.schema.data_tables]} | {
        "change",
        "change_set",
        "change_context",
        "search_text",
    }

    def include(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        if kind == "table":
            return name in known
        return name not in ("vector", "ix_search_text_vector")

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": include, "compare_type": True})
        found = compare_metadata(context, Base.metadata)
    assert found == []


def test_every_history_trigger_is_there(database: Database) -> None:
    with database.read() as connection:
        assert triggers.expected(database.schema) <= set(triggers.installed(connection))


def test_a_newer_database_is_refused(sqlite_url: str) -> None:
    with sqlite3.connect(sqlite_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '8888'")
    connection.close()
    before = Path(sqlite_url).read_bytes()
    with pytest.raises(UserError, match="newer version"):
        app.open_database(sqlite_url)
    assert Path(sqlite_url).read_bytes() == before


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (id INTEGER PRIMARY KEY)")
    connection.close()
    with pytest.raises(UserError, match="another program"):
        app.open_database(path)


def test_damaged_and_foreign_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "letter.crm"
    path.write_bytes(b"Dear customer, " * 1000)
    with pytest.raises(UserError, match="damaged or is not a database"):
        app.open_database(path)
    with pytest.raises(UserError, match="is a folder"):
        app.open_database(tmp_path)
    with pytest.raises(UserError, match="no database"):
        app.open_database(tmp_path / "missing.crm", create=False)


def test_migrating_twice_changes_nothing(database: Database) -> None:
    assert migrate.migrate(database) is False


def test_a_network_share_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path}/share nfs4 rw 0 0\n")
    monkeypatch.setenv("CRM_MOUNTS", str(mounts))
    (tmp_path / "share").mkdir()
    with pytest.raises(UserError, match="network share"):
        Database(tmp_path / "share" / "office.crm", features.schema())
