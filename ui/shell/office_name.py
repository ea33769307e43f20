"""The window's frame follows what the office says of itself: its name, and the country and currency it counts in."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from crm_desktop.core import formats
from crm_desktop.records import office_service
from ui.framework.office import Office


class OfficeNameKeeper(QObject):
    """Keeps the name in the frame in step with the settings, whoever changed them, also where the change was undone.

    Args:
        window: the main window: ``rail`` and ``setWindowTitle``.
    """

    def __init__(self, office: Office, window: Any) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        office.records_changed.connect(self._on_changed)

    def _on_changed(self, event: Any) -> None:
        if event.touches("office_setting"):
            self._office.read(self._window, office_service.read_settings, self._show, supersede="office name")

    def _show(self, kept: dict[str, Any]) -> None:
        formats.set_default_currency(str(kept.get("currency") or ""))
        formats.set_default_country(str(kept.get("country") or ""))
        if kept.get("name") and kept["name"] != self._office.name:
            self._office.name = str(kept["name"])
            self._window.rail.header.set_name(self._office.name)
            self._window.retranslate()
