"""From lists and cards to the worklist of duplicates: only the groups that hold the chosen records."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.kit import BulkCommand, CardCommand

MOST = 500


def find_duplicates(entity: str) -> BulkCommand:
    """Show the likely duplicates of the checked records of a list."""

    def run(_owner: QWidget, _office: Office, navigator: Navigator, ids: Sequence[int]) -> None:
        navigator.open_page("duplicates", entity=entity, ids=tuple(ids))

    return BulkCommand("find_duplicates", N_("Likely duplicates"), "ph.intersect", run, most=MOST, needs="edit")


def _of_card(_owner: QWidget, _office: Office, navigator: Navigator, record: Record) -> None:
    navigator.open_page("duplicates", entity=record.entity, ids=(record.id,))


FIND_DUPLICATES = CardCommand("find_duplicates", N_("Likely duplicates"), "ph.intersect", _of_card, needs="edit")
"""Show the likely duplicates of one record."""
