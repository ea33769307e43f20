"""The copy of a server's database is compared with the server itself: every kind of value, and nothing else passes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.backup import alike_server
from crm_desktop.backup.snapshot import settle
from crm_desktop.db.base import Base
from crm_desktop.db.copy import copy_database
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service as records
from crm_desktop.records.office_service import save_settings


@pytest.fixture
def copied(postgres_database: Database, tmp_path: Path) -> Path:
    """A copy of an office with odd values."""
    with write(postgres_database, "Odd values") as uow:
        person = records.create_record(uow, "contact", {"name": "Íris 'x' \\ \x1f ☂", "birthday": date(1899, 2, 28)})
        records.create_record(uow, "product", {"name": "Tea\nand more", "price": Decimal("-0.0001"), "active": False})
        records.create_record(uow, "activity", {"subject": "?", "kind": "task", "due": date(2030, 1, 1)})
        records.update_record(uow, "contact", person, {"notes": "a\tb", "do_not_contact": True})
        save_settings(uow, {"name": "Ação “7”", "history.years": 3, "case_deadlines": {"low": {"respond": 1.50}}})
        records.delete_records(uow, "contact", [records.create_record(uow, "contact", {"name": "Gone"})])
    plain = tmp_path / "copy.crm"
    copy = Database(plain, postgres_database.schema)
    copy_database(postgres_database, copy)
    copy.close()
    settle(plain)
    return plain


def differing(database: Database, copy: Path) -> list[str]:
    tables = [*database.schema.data_tables, *(Base.metadata.tables[name] for name in ("change_set", "change"))]
    with database.read_all() as connection:
        return alike_server.differing(connection, copy, tables, lambda: None)


def test_a_copy_is_alike(postgres_database: Database, copied: Path) -> None:
    assert differing(postgres_database, copied) == []


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("contact", "name = name || ' '"), ("contact", "birthday = '1899-03-01'"), ("contact", "do_not_contact = 0"),
        ("contact", "nickname = ''"), ("contact", "created_at = replace(created_at, 'Z', '+')"),
        ("contact", "updated_by = 7"), ("product", "price = 1"), ("product", "price = NULL"),
        ("office_setting", "value = '{\"low\": {\"respond\": 1.51}}'"), ("office_setting", "value = NULL"),
        ("change", "data = '{}'"), ("change_set", "title = upper(title)"),
    ],
)  # fmt: skip
def test_a_single_other_value_is_found(postgres_database: Database, copied: Path, table: str, changed: str) -> None:
    with closing(sqlite3.connect(copied)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        before = raw.execute(f'SELECT * FROM "{table}"').fetchall()
        raw.execute(f'UPDATE "{table}" SET {changed}')
        assert raw.execute(f'SELECT * FROM "{table}"').fetchall() != before
        raw.commit()
    assert differing(postgres_database, copied) == [table]


@pytest.mark.parametrize("more", [True, False])
def test_a_row_too_many_or_too_few_is_found(postgres_database: Database, copied: Path, more: bool) -> None:
    if more:
        with write(postgres_database, "More") as uow:
            records.create_record(uow, "tag", {"name": "New", "key": "new", "hue": 1})
        assert {"tag", "change", "change_set"} == set(differing(postgres_database, copied))
    else:
        with postgres_database.begin() as connection:
            connection.execute(sa.text("SET session_replication_role = replica"))
            connection.execute(Base.metadata.tables["product"].delete())
        assert differing(postgres_database, copied) == ["product"]
