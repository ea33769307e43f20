"""The sample office in a real main window, and the program before its first window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from tests.helpers.offices import Offices, sample_office
from tests.helpers.windows import settle, window_on_file
from ui.app import Application, make_application
from ui.framework import dialogs
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


@pytest.fixture
def application(qapp: object) -> Iterator[Application]:
    """The program before its first window."""
    dialogs.answers.reset(strict=True)
    made = Application(make_application())
    yield made
    settle()
    if made.window is not None:
        if isinstance(made.window, MainWindow):
            office = made.window.office
            made.window.status_keeper.stop()
            made.window.close()
            settle()
            office.close()
        made.window.close()
        made.window.deleteLater()
    dialogs.answers.reset()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
