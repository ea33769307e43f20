"""Exports of other programs, as they are: every row is accounted for, and the same file again changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.run import run_import
from crm_desktop.records import history
from tests.helpers.thorough import small, some

DATA = os.environ.get("CRM_REAL_DATA", "")
pytestmark = pytest.mark.skipif(not DATA, reason="needs CRM_REAL_DATA")
ACTOR = Actor(None, "Test")


def files(*folders: str) -> list[str]:
    found = [path for folder in folders for path in sorted((Path(DATA) / folder / "open").glob("*")) if path.is_file()]
    return [
        str(path.relative_to(DATA))
        for path in small(found)
        if ".truth" not in path.name and path.suffix not in (".json", ".md")
    ]


FOLDERS = ("contacts", "companies", "crm_exports", "pipeline", "tickets", "vcards", "calendar", "dedupe")
ALL_FOLDERS = (*FOLDERS, "spreadsheets", "transactions")


@pytest.mark.parametrize("name", some(files(*FOLDERS), 3) if DATA else [])
def test_real_files_arrive_whole_and_only_once(sqlite_database: Database, name: str) -> None:
    path = Path(DATA) / name
    try:
        guess = guess_plan(sqlite_database, path)
        first = run_import(sqlite_database, path, guess.plan, ACTOR)
    except UserError as error:
        pytest.skip(str(error))
    assert first.balanced
    again = run_import(sqlite_database, path, guess.plan, ACTOR)
    assert (again.created, again.updated) == (0, 0)
    assert again.unchanged == first.created + first.updated
    assert again.duplicates + again.rejected_count == first.duplicates + first.rejected_count
    # a namesake further down the file was not there yet when a row that says little was taken for the first one
    assert 0 <= again.rejected_count - first.rejected_count <= 0.001 * again.rows_read
    rehearsed = run_import(sqlite_database, path, guess.plan, ACTOR, dry_run=True)
    assert (rehearsed.created, rehearsed.updated, rehearsed.unchanged) == (0, 0, again.unchanged)


@pytest.mark.parametrize("name", some(files(*ALL_FOLDERS), 3, 1) if DATA else [])
def test_real_files_leave_without_a_trace(sqlite_database: Database, name: str) -> None:
    """One undo, and every row of the office is what it was before the import."""
    path = Path(DATA) / name
    try:
        guess = guess_plan(sqlite_database, path)
        before = dump(sqlite_database)
        result = run_import(sqlite_database, path, guess.plan, ACTOR)
    except UserError as error:
        pytest.skip(str(error))
    assert result.balanced
    if result.change_set is None or not result.created + result.updated:
        return
    history.undo(sqlite_database, result.change_set, ACTOR)
    assert dump(sqlite_database) == before


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)
