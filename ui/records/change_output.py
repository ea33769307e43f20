"""The list of changes on paper and in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import change_search
from crm_desktop.records.change_search import Asked, Change, Place
from crm_desktop.reporting.document import Column, Document, Organisation, Row, Table
from ui.framework import dialogs
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.output import write_file
from ui.records.print_window import show_print
from ui.widgets.toast import show_toast

_PART, _MOST_PRINTED = 1000, 5000
State = Callable[[Change], str]
"""Whether a change stands, in words."""


def change_document(
    office: Office, connection: Any, asked: Asked, state: State, progress: Progress, *, most: int = 0
) -> Document:
    """The changes that are asked for as a document; ``most`` of them where it is given."""
    rows: list[Row] = []
    place: Place | None = None
    while not most or len(rows) < most:
        found = change_search.find_changes(office.database, connection, asked, limit=_PART, after=place)
        rows += [Row((one.set.at, one.set.user_name, one.set.title, one.rows, state(one))) for one in found.changes]
        progress.update(len(rows))
        place = found.place
        if place is None:
            break
    columns = (
        Column("at", _("When"), "datetime", weight=0), Column("who", _("Who"), weight=1), Column("what", _("What"), weight=3),
        Column("rows", _("Rows"), "integer", weight=0), Column("state", _("State"), weight=1),
    )  # fmt: skip
    table = Table(columns, tuple(rows[:most] if most else rows), name=_("Changes"), empty=_("Nothing to show"))
    return Document(
        _("Changes"), (table,), as_of=clock.now(), author=office.actor.name, organisation=Organisation(office.name)
    )


def print_changes(owner: QWidget, office: Office, asked: Asked, state: State) -> None:
    """Lay the list out on pages, the newest 5,000 at most, and open it where it can be printed."""
    title = _("Changes")
    write_file(
        owner, office, _("Preparing {title} for print").format(title=title),
        lambda connection, progress: change_document(office, connection, asked, state, progress, most=_MOST_PRINTED),
        scratch_folder() / "changes.pdf", lambda path: show_print(owner, title, path),
    )  # fmt: skip


def export_changes(owner: QWidget, office: Office, asked: Asked, state: State) -> None:
    """Write the whole list into a workbook or a CSV file that the person names."""
    filters = ";;".join((_("Excel workbook") + " (*.xlsx)", _("CSV file") + " (*.csv)"))
    path = dialogs.choose_save(owner, _("Export the changes"), Path.home() / f"{_('Changes')}.xlsx", filters)
    if path is None:
        return
    if path.suffix.lower() not in (".xlsx", ".csv"):
        path = path.with_suffix(".xlsx")

    def done(made: Path) -> None:
        show_toast(owner, _("Written: {name}").format(name=made.name))

    write_file(
        owner, office, _("Exporting the changes"),
        lambda connection, progress: change_document(office, connection, asked, state, progress), path, done,
    )  # fmt: skip
