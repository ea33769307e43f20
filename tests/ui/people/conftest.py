"""The office as its owner, as somebody from sales and as a reader see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.helpers.offices import OpenFilled
from tests.helpers.rights_desk import RightsDesk, open_desk


@pytest.fixture
def owner_desk(filled_office: OpenFilled, qapp: QApplication) -> Iterator[RightsDesk]:
    """Olga's window."""
    with open_desk(filled_office, "Olga") as desk:
        yield desk


@pytest.fixture
def sales_desk(filled_office: OpenFilled, qapp: QApplication) -> Iterator[RightsDesk]:
    """Ana's window: she sees all customers, changes her own and her team's, and sees deals of her team."""
    with open_desk(filled_office, "Ana") as desk:
        yield desk


@pytest.fixture
def reader_desk(filled_office: OpenFilled, qapp: QApplication) -> Iterator[RightsDesk]:
    """Rita's window: she looks and changes nothing."""
    with open_desk(filled_office, "Rita") as desk:
        yield desk
