"""An office whose file cannot be written: one calm line over every page, and the ways on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Original
from crm_desktop.db.places import may_write, why_unwritable
from ui.framework import dialogs, tasks
from ui.framework.office import Browsed
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast

_WHY = {
    "protected": N_("It is write-protected. Shown as of {when}; nothing can be changed."),
    "full": N_("Its disk is full. Shown as of {when}; nothing can be changed until some space is free."),
    "upgrade": N_("Its disk has no room for the copy before an upgrade. Shown as of {when}; free some space to go on."),
}
"""Why, by ``ReadOnlyFile.reason``."""


def browsed_file(database: Any) -> Browsed | None:
    """What the office of a database is where its file can only be read; None for one in which somebody works."""
    original: Original | None = database.original
    return None if original is None else Browsed(_("{name} can only be read").format(name=original.path.name))


def reading_line(window: Any, original: Original) -> QWidget:
    """The line over every page: why, as of when, and what can be done."""
    line = QWidget()
    text = translate(_WHY[original.reason]).format(when=formats.format_datetime(original.at))
    banner = Banner(text, strong=window.office.browsed.text, kind="warning", icon="ph.lock-simple")
    for words, run in ((_("Open a copy…"), open_copy), (_("Try again"), try_again)):
        button = Button(words, kind="secondary", small=True)
        button.clicked.connect(lambda _checked=False, run=run: run(window))
        banner.add(button)
    box = QHBoxLayout(line)
    box.addWidget(banner)
    margins(line, 12, 6, 12, 6)
    line.setAccessibleName(f"{banner.strong.text()}. {banner.text.text()}")
    return line


def open_copy(window: Any) -> None:
    """Write the office to a place that is chosen, and open it there to work in."""
    from crm_desktop.reading import save_copy  # lazy: hardly ever

    database = window.office.database
    suggestion = Path.home() / database.original.path.name
    target = dialogs.choose_save(window, _("Open a copy"), suggestion, _("Offices (*.crm)"))
    if target is None:
        return
    if not target.suffix:
        target = target.with_suffix(".crm")

    def work(progress: Progress) -> None:
        save_copy(database, target, progress)

    tasks.run_job(_("Copying the office"), work, lambda _done: window.office_switch.emit(str(target)), owner=window)


def try_again(window: Any) -> None:
    """Open the file itself, where it can be written by now."""
    path = window.office.database.original.path

    def answer(free: bool) -> None:
        if free:
            window.office_switch.emit(str(path))
        else:
            show_toast(window, _("{name} still can only be read.").format(name=path.name), kind="warning")

    tasks.run_read(window, lambda: may_write(path) and not why_unwritable(path.parent), answer)
