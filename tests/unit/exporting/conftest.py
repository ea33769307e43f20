"""An office with everything that could get lost on the way out and in again, and an empty one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.demo.make import make_demo
from tests.helpers.odd_office import make_odd
from tests.helpers.offices import OpenFilled
from tests.helpers.thorough import times


@pytest.fixture
def other_database(tmp_path: Path, sqlite_template: Path, schema: Schema) -> Iterator[Database]:
    """Another office, empty, in a file of its own."""
    path = tmp_path / "other.crm"
    shutil.copy(sqlite_template, path)
    database = Database(str(path), schema)
    yield database
    database.close()


def fill(database: Database) -> None:
    make_demo(database, times(12, 30))
    make_odd(database)


@pytest.fixture
def odd_office(filled_database: OpenFilled) -> Database:
    """The sample office, and records with odd values in every field."""
    return filled_database(fill)[0]
