"""A backup opened read-only in the normal window."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.db.unit_of_work import Actor, write
from ui import features
from ui.framework.office import Office
from ui.main_window import MainWindow

_open: list[MainWindow] = []


def show_backup(database: Any, scratch: Path, info: BackupInfo) -> MainWindow:
    """Show a read-only database in a window of its own; the scratch folder goes when it is closed."""
    when = formats.format_datetime(info.created)
    office = Office(database, Actor(None, ""), write, name=_("Backup of {when}").format(when=when))
    window = MainWindow(office, features.PAGES, features.RECORDS)

    def closed() -> None:
        if window in _open:
            _open.remove(window)
        window.status_keeper.stop()
        office.close()
        shutil.rmtree(scratch, ignore_errors=True)

    window.closed.connect(closed)
    _open.append(window)
    window.show()
    window.open_page("contacts")
    return window
