"""Opens the record that a file belongs to, at the file."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.errors import RecordGone
from crm_desktop.records import files_service
from ui.framework.navigation import Navigator
from ui.framework.office import Office


def show_file_of(office: Office, navigator: Navigator, attachment_id: int) -> None:
    """Open a file's record at the file; where the page has no list of files, only the record."""

    def read(connection: Any) -> tuple[str, int]:
        found = files_service.record_of(connection, attachment_id)
        if found is None:
            raise RecordGone("attachment", attachment_id)
        return found

    def show(found: tuple[str, int]) -> None:
        navigator.open_record(*found)
        page: Any = getattr(navigator, "current_page", None)
        if page is not None and hasattr(page, "show_file"):
            page.show_file(attachment_id)

    assert isinstance(navigator, QWidget)
    office.read(navigator, read, show)
