"""Small files to import and the shortest way to import them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from crm_desktop.core import i18n
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import

ACTOR = Actor(None, "Test")
Rows = Sequence[Sequence[Any]]


@pytest.fixture
def table_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a table as a file: ``table_file(rows)`` with the header first; the name tells the format."""

    def write(rows: Rows, name: str = "table.csv") -> Path:
        path = tmp_path / name
        if path.suffix == ".xlsx":
            with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as book:
                sheet = book.add_worksheet()
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)
            return path
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path

    return write


@pytest.fixture
def import_table(database: Database, table_file: Callable[..., Path]) -> Callable[..., ImportResult]:
    """Import a table as a person would who accepts the proposed plan, with changes to it if given."""
    proposed: dict[tuple[Any, ...], ImportPlan] = {}

    def propose(path: Path, rows: Rows, entity: str | None) -> ImportPlan:
        """The proposed plan, made once for as long as the office stays as it is."""
        with database.read() as connection:
            last = connection.exec_driver_sql("SELECT max(id) FROM change_set").scalar()
        key = (path, repr(rows), entity, last, i18n.language())
        if key not in proposed:
            proposed[key] = guess_plan(database, path, entity, country="BR").plan
        return proposed[key]

    def run(
        rows: Rows, entity: str | None = None, name: str = "table.csv",
        change: Callable[[ImportPlan], ImportPlan] | None = None, **changes: Any,
    ) -> ImportResult:  # fmt: skip
        path = table_file(rows, name)
        options = {key: changes.pop(key) for key in ("dry_run", "progress") if key in changes}
        plan = propose(path, rows, entity).with_(**changes)
        result = run_import(database, path, change(plan) if change else plan, ACTOR, **options)
        assert result.balanced
        return result

    return run
