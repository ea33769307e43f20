"""The settings of the window, and helpers that remember sizes, dividers and columns."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QByteArray, QSize
from PySide6.QtWidgets import QHeaderView, QSplitter, QWidget

from crm_desktop.core.i18n import N_
from crm_desktop.core.settings import Setting

THEME = Setting(
    "appearance.theme",
    "system",
    N_("Light, dark, or as the system."),
    choices=("system", "light", "dark"),
)
TEXT_SCALE: Setting[float] = Setting("appearance.text_scale", 1.0, N_("Size of the text: 1 is normal, 2 is double."))
LANGUAGE = Setting("appearance.language", "", N_("Language of the program; empty: as the system."))
COMPACT_ROWS = Setting("appearance.compact_rows", False, N_("Show more rows in lists."))
REMINDERS = Setting("calendar.reminders", True, N_("Remind of appointments and tasks."))
LEFT_OUT: Setting[list[Any]] = Setting("notices.left_out", [], N_("Kinds of notices that are not told."))
POPUPS = Setting("notices.popups", True, N_("Show notices and reminders while another program is in front."))
DO_NOT_DISTURB = Setting("notices.do_not_disturb", False, N_("Let nothing pop up for now."))
QUIET_FROM = Setting("notices.quiet_from", "", N_("From this hour on nothing pops up; empty: at any hour."))
QUIET_UNTIL = Setting("notices.quiet_until", "07:00", N_("Until this hour nothing pops up."))
RAIL_COLLAPSED = Setting("window.rail_collapsed", False, N_("Show the navigation as icons only."))
LAST_DATABASE = Setting("office.last", "", N_("The database that was open last; a server's without its password."))
LAST_PERSON: Setting[dict[str, Any]] = Setting(
    "security.last_person", {}, N_("Who signed in last to each file on this computer; never a password.")
)
LOCK_MINUTES = Setting(
    "security.lock_minutes", 0, N_("Lock the window after so many minutes without a key or the mouse; 0: never."),
    choices=(0, 2, 5, 10, 15, 30, 60),
)  # fmt: skip
LAYOUTS: Setting[dict[str, Any]] = Setting("window.layouts", {}, N_("Sizes of windows, dividers and columns."))


def left_out() -> frozenset[str]:
    """The kinds that are not told."""
    return frozenset(str(one) for one in LEFT_OUT.get())


def remember_geometry(window: QWidget, name: str) -> None:
    """Keep the size and place of a window under ``name``."""
    _keep(f"geometry.{name}", _text(window.saveGeometry()))


_LEAST = 1024
"""The narrowest screen that windows are made for; one that says it is narrower is none (tests, remote sessions)."""
_TITLE_BAR = 40
"""What the system puts over a window, which is known only once it is shown."""


def first_size(window: QWidget) -> None:
    """Give a window the size of its first time: a large one, within the screen."""
    room = window.screen().availableGeometry().size() - QSize(0, _TITLE_BAR)
    wanted = QSize(1440, 900)
    window.resize(wanted.boundedTo(room) if room.width() >= _LEAST else wanted)


def restore_geometry(window: QWidget, name: str) -> bool:
    """Give a window the size and place kept under ``name``; False where there is none."""
    kept = LAYOUTS.get().get(f"geometry.{name}")
    return isinstance(kept, str) and window.restoreGeometry(_bytes(kept))


def remember_splitter(splitter: QSplitter, name: str) -> None:
    """Restore the divider kept under ``name`` and keep every later move of it."""
    kept = LAYOUTS.get().get(f"splitter.{name}")
    if isinstance(kept, list) and len(kept) == splitter.count():
        splitter.setSizes([int(size) for size in kept])
    splitter.splitterMoved.connect(lambda _pos, _index: _keep(f"splitter.{name}", splitter.sizes()))


def remember_columns(header: QHeaderView, name: str) -> None:
    """Restore order, widths, hidden columns and sorting kept under ``name`` and keep later changes."""
    kept = LAYOUTS.get().get(f"columns.{name}")
    if isinstance(kept, dict) and kept.get("count") == header.count():
        header.restoreState(_bytes(str(kept["state"])))

    def keep(*_args: object) -> None:
        _keep(f"columns.{name}", {"count": header.count(), "state": _text(header.saveState())})

    header.sectionMoved.connect(keep)
    header.sectionResized.connect(keep)
    header.sortIndicatorChanged.connect(keep)


def remember_value(name: str, value: Any) -> None:
    """Keep any small JSON value of a page's layout under ``name``."""
    _keep(f"value.{name}", value)


def remembered_value(name: str, default: Any = None) -> Any:
    """The value kept under ``name``."""
    return LAYOUTS.get().get(f"value.{name}", default)


def _keep(key: str, value: Any) -> None:
    layouts = dict(LAYOUTS.get())
    if layouts.get(key) != value:
        layouts[key] = value
        LAYOUTS.set(layouts)


def _text(data: QByteArray) -> str:
    return bytes(data.toBase64().data()).decode("ascii")


def _bytes(text: str) -> QByteArray:
    return QByteArray.fromBase64(text.encode("ascii"))
