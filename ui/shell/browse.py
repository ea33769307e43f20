"""A read-only database in a window of its own: a backup, from which records can be brought back, or the office as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.access import Access, only_looking
from crm_desktop.core.i18n import _
from crm_desktop.db.unit_of_work import Actor, write
from ui.backup.opened import Opened
from ui.framework import tasks
from ui.framework.may import can
from ui.framework.office import Browsed, Office
from ui.shell.reading import reading_line
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.themed import margins

_open: list[Any] = []


def looking(access: Access, schema: Any) -> Access:
    """What one may do in a backup: see and write out what one may see in the office, and change nothing."""
    return only_looking(access, schema.entities)


def show_read_only(
    window: Any, database: Any, name: str, scratch: Path, *, made: datetime | None = None, path: str = ""
) -> Any:
    """Open another window like ``window`` on a read-only database.

    Args:
        name: what its title calls it.
        scratch: the folder that goes when the window is closed.
        made: when the backup was made, and ``path`` where it is: its records can be brought back then.
    """
    when = formats.format_datetime(made) if made is not None else ""
    text = _("Backup of {when}, read only").format(when=when) if when else name
    bring = None
    if made is not None and can(window.office, "backup"):
        bring = _bringer(window, Opened(database, made, path))

    def gone() -> None:
        _let_go(window, database)

    def closed() -> None:
        shutil.rmtree(scratch, ignore_errors=True)

    other = look_at(window, database, name, Browsed(text, bring), gone=gone, closed=closed)
    other.open_page("contacts")
    return other


def look_at(
    window: Any, database: Any, name: str, browsed: Browsed, *, actor: Actor | None = None,
    gone: Callable[[], None] = lambda: None, closed: Callable[[], None] = lambda: None,
) -> Any:  # fmt: skip
    """Open another window like ``window`` on a database that is only read; it has no page yet.

    Args:
        name: what its title calls it.
        actor: who looks, where the database knows them ("my deals").
        gone: called when the window was closed and nothing reads any more, before the database is closed.
        closed: called after that.
    """
    database.access = looking(window.office.access, database.schema)
    office = Office(database, actor or Actor(None, window.office.actor.name), write, name=name)
    office.browsed = browsed
    other = window.another(office)

    def end() -> None:
        if other in _open:
            _open.remove(other)
        other.status_keeper.stop()
        other.deleteLater()
        database.end_reading()
        tasks.wait_idle(5)  # what still reads must not find the copy gone
        gone()
        office.close()
        closed()

    other.closed.connect(end)
    _open.append(other)
    other.show()
    return other


def close_all() -> None:
    """Close what is looked at: the office that it belongs to is left, and who comes next may not see as much."""
    for one in list(_open):
        one.close()


def _bringer(window: Any, opened: Opened) -> Any:
    """Brings a record of a backup back in the window that it was opened from."""

    def bring(entity: str, record_id: int) -> None:
        if shiboken6.isValid(window):
            window.open_page("restore", opened=opened, entity=entity, record_id=record_id)
            window.raise_()
            window.activateWindow()

    return bring


def _let_go(window: Any, database: Any) -> None:
    """The assistant of the other window may still work with the backup that goes now."""
    if shiboken6.isValid(window):
        window.forget_backup(database)


def browsed_line(window: Any) -> QWidget | None:
    """The line over every page of a backup that is looked at; None for an office in which somebody works."""
    browsed = window.office.browsed
    if browsed is None:
        return None
    original = window.office.database.original
    if original is not None and browsed.another is None:
        return reading_line(window, original)
    line = QWidget()
    banner = Banner(strong=browsed.text, kind="warning", icon="ph.clock-counter-clockwise")
    if browsed.another is not None:
        another = Button(_("Another day…"), kind="secondary", small=True)
        another.clicked.connect(browsed.another)
        banner.add(another)
    close = Button(_("Back to today") if browsed.another else _("Close this backup"), kind="secondary", small=True)
    close.clicked.connect(window.close)
    banner.add(close)
    box = QHBoxLayout(line)
    box.addWidget(banner)
    margins(line, 12, 6, 12, 6)
    line.setAccessibleName(browsed.text)
    return line
