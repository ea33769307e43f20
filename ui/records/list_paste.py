"""Rows of a list to the clipboard, and cells of a spreadsheet from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.fields import Field
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records.pasting import PastePlan, apply_paste, plan_paste, split_cells
from crm_desktop.reporting.csv_writer import csv_text
from crm_desktop.reporting.values import flat_table, header_text
from ui.framework import dialogs, tasks
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.list_document import ListContent, list_document
from ui.records.saving import AT_ONCE, plural_text, show_saved
from ui.records.shown import label_of
from ui.widgets.toast import show_toast

_SHOWN = 30
"""So many cells are shown in full before they are pasted."""


def copy_list(owner: QWidget, office: Office, entity: str, content: ListContent) -> None:
    """Put the columns of some records on the clipboard, as spreadsheets take them, with their headers."""
    comma = formats.shape().decimal

    def job(progress: Progress) -> str:
        with office.database.read() as connection:
            table = flat_table(list_document(office, connection, entity, content, progress).tables[0])
        shown = [number for number, column in enumerate(table.columns) if not column.hidden]
        lines = ["\t".join(_cell(header_text(table.columns[at])) for at in shown)]
        for row in table.rows:
            lines.append("\t".join(_cell(csv_text(row.values[at], table.columns[at].kind, comma)) for at in shown))
        return "\n".join(lines)

    def done(text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        words = ngettext("{n} row copied", "{n} rows copied", content.size)
        show_toast(owner, words.format(n=format_integer(content.size)))

    if content.size <= AT_ONCE:
        tasks.run_read(owner, lambda: job(Progress()), done)
    else:
        tasks.run_job(_("Copying rows"), job, done, owner=owner)


def _cell(text: str) -> str:
    """A cell's text; line breaks, tabs and quotes are quoted as spreadsheets do."""
    if any(char in text for char in '\t\n"'):
        return '"' + text.replace('"', '""') + '"'
    return text


def cells_of(text: str, fields: Sequence[Field], ids: Sequence[int], below: Sequence[int]) -> tuple[int, list[Any]]:
    """How many columns the clipboard has, and which text goes into which record.

    One value goes into every chosen record; a column goes down the chosen records, or from the current one on where
    none is chosen. A first line that only names the columns is left out.

    Args:
        ids: the chosen records; empty for none.
        below: the current record and those below it.
    """
    rows = split_cells(text)
    width = min(max(len(row) for row in rows), len(fields))
    if len(rows) > 1 and [cell.strip() for cell in rows[0][:width]] == [label_of(one) for one in fields[:width]]:
        rows = rows[1:]
    if len(rows) == 1 and ids:
        return width, [(one, rows[0][:width]) for one in ids]
    return width, [(one, row[:width]) for one, row in zip(ids or below, rows, strict=False)]


def paste_cells(
    owner: QWidget, office: Office, navigator: Navigator, spec: Entity, fields: Sequence[Field],
    cells: Sequence[tuple[int, Sequence[str]]], done: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Say what a paste would change, and do it as one change set where that is wanted."""
    database, user = office.database, office.user_id
    passed = False  # whether a plan was made before, which somebody else's changes overtook

    def planned(plan: PastePlan) -> None:
        if not plan.changes:
            reason = plan.refused[0][1] if plan.refused else _("The cells already hold these values.")
            show_toast(owner, reason, kind="danger" if plan.refused else "accent")
        elif _sure(owner, spec, plan, fields, again=passed):
            _apply(owner, office, navigator, spec, plan, done, refused)

    def refused(error: Exception) -> None:
        nonlocal passed
        if isinstance(error, EditConflict):
            passed = True
            compare()
        else:
            dialogs.show_error(owner, error)

    def compare() -> None:
        office.read(owner, lambda c: plan_paste(database, c, spec.name, fields, cells, user_id=user), planned)

    compare()


def _sure(owner: QWidget, spec: Entity, plan: PastePlan, fields: Sequence[Field], *, again: bool) -> bool:
    labels = {one.name: label_of(one) for one in fields}
    number = len(plan.changes)
    title = ngettext("Paste {n} value?", "Paste {n} values?", number).format(n=format_integer(number))
    text = _("{what} change, in: {fields}.").format(
        what=plural_text(spec, plan.records),
        fields=", ".join(labels[name] for name in dict.fromkeys(c.field for c in plan.changes)),
    )
    if again:
        text = _("Somebody else changed some of these cells meanwhile; nothing is pasted yet.") + "\n" + text
    if plan.refused:
        refused = ngettext(
            "{n} value does not fit and is left out.", "{n} values do not fit and are left out.", len(plan.refused)
        )
        text += "\n" + refused.format(n=format_integer(len(plan.refused)))
    lines = [_("{text}: {why}").format(text=text_, why=why) for text_, why in plan.refused[:_SHOWN]]
    lines += [f"{c.title} · {labels[c.field]}: {c.before or '–'} → {c.after or '–'}" for c in plan.changes[:_SHOWN]]
    if number > _SHOWN:
        lines.append(_("and {n} more").format(n=format_integer(number - _SHOWN)))
    buttons = [dialogs.Choice("paste", _("Paste"), "primary"), dialogs.Choice("cancel", _("Cancel"))]
    return dialogs.ask(owner, title, text, buttons, details="\n".join(lines)) == "paste"


def _apply(
    owner: QWidget, office: Office, navigator: Navigator, spec: Entity, plan: PastePlan, done: Callable[[], None],
    refused: Callable[[Exception], None],
) -> None:  # fmt: skip
    what = plural_text(spec, plan.records)

    def finished(_result: Any) -> None:
        show_saved(owner, navigator, _("Saved in {what}").format(what=what))
        done()

    title = N_("Paste into {what}")
    if plan.records <= AT_ONCE:
        office.write(
            owner, title, lambda uow: apply_paste(uow, spec.name, plan), finished, refused, params={"what": what},
            kind="bulk",
        )  # fmt: skip
        return

    def job(progress: Progress) -> None:
        with office.unit_of_work(title, params={"what": what}, kind="bulk") as uow:
            apply_paste(uow, spec.name, plan, progress)

    tasks.run_job(_("Pasting into {what}").format(what=what), job, finished, refused, owner=owner)
