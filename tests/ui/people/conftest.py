"""The office as its owner, as somebody from sales and as a reader see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from crm_desktop.db.database import Database
from tests.helpers.rights_desk import RightsDesk, open_desk
from ui.framework import dialogs


@pytest.fixture
def owner_desk(sqlite_database: Database, qapp: QApplication) -> Iterator[RightsDesk]:
    """Olga's window."""
    yield from _desk(sqlite_database, "Olga")


@pytest.fixture
def sales_desk(sqlite_database: Database, qapp: QApplication) -> Iterator[RightsDesk]:
    """Ana's window: she sees all customers, changes her own and her team's, and sees deals of her team."""
    yield from _desk(sqlite_database, "Ana")


@pytest.fixture
def reader_desk(sqlite_database: Database, qapp: QApplication) -> Iterator[RightsDesk]:
    """Rita's window: she looks and changes nothing."""
    yield from _desk(sqlite_database, "Rita")


def _desk(database: Database, name: str) -> Iterator[RightsDesk]:
    dialogs.answers.reset(strict=True)
    desk = open_desk(database, name)
    yield desk
    desk.close()
    dialogs.answers.reset()
