"""The sample office in a real main window, and the program before its first window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.offices import Offices, sample_office
from tests.helpers.windows import window_on_file
from ui.main_window import MainWindow


@pytest.fixture
def office_file(offices: Offices, tmp_path: Path) -> Path:
    """A small sample office."""
    path = tmp_path / "office.crm"
    offices.copy_to(path, sample_office(60))
    return path


@pytest.fixture
def window(qapp: object, office_file: Path) -> Iterator[MainWindow]:
    """The main window on the sample office."""
    with window_on_file(office_file) as shown:
        yield shown
