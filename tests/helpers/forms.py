"""What tests of lists and forms do again and again."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from ui.records.record_dialog import RecordDialog


def form_of(desk: Any) -> RecordDialog:
    """The form that was opened last."""
    found = [one for one in desk.window.findChildren(RecordDialog) if one.isVisible()]
    assert found, "no form is open"
    return found[-1]


def check(page: Any, *rows: int) -> None:
    """Tick rows of a list."""
    for row in rows:
        page.model.setData(page.model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
