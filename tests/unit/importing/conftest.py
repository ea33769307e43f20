"""Files made on the spot for the import tests: text in any encoding, and workbooks."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

REAL_DATA = os.environ.get("CRM_REAL_DATA", "")


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file and give its path: ``write("a.csv", "a;b", "cp1252")`` or with bytes."""

    def put(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return put


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Make an xlsx from sheets given as lists of rows: ``workbook({"Plan1": [["a"], [1]]})``."""

    def make(sheets: dict[str, list[list[object]]], name: str = "book.xlsx", **options: object) -> Path:
        path = tmp_path / name
        book = xlsxwriter.Workbook(str(path), options)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if hasattr(value, "year"):
                        sheet.write_datetime(number, column, value, day)
                    elif value is not None:
                        sheet.write(number, column, value)
        book.close()
        return path

    return make


@pytest.fixture
def real_data() -> Path:
    """The folder of real files; the test is skipped without it."""
    if not REAL_DATA or not Path(REAL_DATA).is_dir():
        pytest.skip("CRM_REAL_DATA is not set")
    return Path(REAL_DATA)
