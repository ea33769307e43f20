"""A read-only database in a window of its own: a backup that is looked at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from crm_desktop.db.unit_of_work import Actor, write
from ui.framework import tasks
from ui.framework.office import Office

_open: list[QObject] = []


def show_read_only(window: Any, database: Any, name: str, scratch: Path) -> Any:
    """Open another window like ``window`` on a read-only database.

    Args:
        name: what its title calls it.
        scratch: the folder that goes when the window is closed.
    """
    office = Office(database, Actor(None, ""), write, name=name)
    other = window.another(office)

    def closed() -> None:
        if other in _open:
            _open.remove(other)
        other.status_keeper.stop()
        other.deleteLater()
        tasks.wait_idle(5)  # what still reads must not find the copy gone
        office.close()
        shutil.rmtree(scratch, ignore_errors=True)

    other.closed.connect(closed)
    _open.append(other)
    other.show()
    other.open_page("contacts")
    return other
