"""The sample office in a real main window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.backup.schedule import Plan
from crm_desktop.db.unit_of_work import write
from crm_desktop.demo.make import make_demo
from tests.helpers.windows import settle
from ui import features
from ui.app import make_application
from ui.backup import plan
from ui.framework import dialogs
from ui.framework.office import Office
from ui.main_window import MainWindow


@pytest.fixture
def office_file(tmp_path: Path) -> Path:
    """A small sample office."""
    path = tmp_path / "office.crm"
    database = app.open_database(path)
    make_demo(database, contacts=60)
    database.close()
    return path


@pytest.fixture
def window(qapp: object, office_file: Path) -> Iterator[MainWindow]:
    """The main window on the sample office."""
    make_application()
    dialogs.answers.reset(strict=True)
    opened = app.open_office(office_file)
    plan.keep(opened.database, Plan(enabled=False))  # no backup of its own while a test looks at the pages
    office = Office(opened.database, opened.actor, write, name=opened.office)
    shown = MainWindow(office, features.PAGES, features.RECORDS)
    shown.resize(1280, 800)
    shown.show()
    yield shown
    settle()
    others = [one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one is not shown]
    for one in [*others, shown]:  # a window on a backup would go on reading in the next test
        one.status_keeper.stop()
        one.close()
        one.deleteLater()
    settle()
    office.close()
    dialogs.answers.reset()
