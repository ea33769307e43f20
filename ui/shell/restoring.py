"""The window between two states of an office: while a restored file takes the place of the present one."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from ui.theme.theme import px
from ui.widgets.states import EmptyState


class RestoringWindow(QWidget):
    """Says what happens; it is shown for a moment only."""

    def __init__(self, replacement: Any) -> None:
        super().__init__()
        when = formats.format_datetime(replacement.made, "medium")
        title = _("Restoring the office of {when}").format(when=when)
        state = EmptyState(
            "ph.clock-counter-clockwise", title, _("It opens again in a moment. The copy made before is kept.")
        )
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(state)
        self.setWindowTitle(f"{title} – CRM Desktop")
        self.resize(px(900), px(600))
