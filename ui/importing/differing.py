"""What is asked where writing would do something else than the rehearsal said: somebody worked meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.importing.rehearsed import Difference, RehearsalDiffers
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

AGAIN, ANYWAY = "again", "anyway"


class DifferingRows(QDialog):
    """The rows that would now do something else. ``answer`` is AGAIN, ANYWAY or "" to leave it."""

    def __init__(self, parent: QWidget, error: RehearsalDiffers) -> None:
        super().__init__(parent)
        self.answer = ""
        title = _("Something changed since the rehearsal")
        self.setWindowTitle(title)
        text = ngettext(
            "{n} row would now do something else than the rehearsal said. Nothing has been written.",
            "{n} rows would now do something else than the rehearsal said. Nothing has been written.",
            error.count,
        ).format(n=format_integer(error.count))
        self.model = ListTableModel(
            [
                Column("row", _("Row"), lambda one: format_integer(one.line.row), align="end", color="text-muted"),
                Column("title", _("Record"), _title, font="name"),
                Column("why", _("What is different"), _why),
            ],
            error.differences,
        )
        self.table = DataTable(title)
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.set_column_widths([72, 200, 0], stretch=2)
        more = error.count - len(error.differences)
        note = ngettext("{n} more", "{n} more", more).format(n=format_integer(more)) if more > 0 else ""
        self.anyway = Button(_("Write anyway"), kind="danger")
        self.again = Button(_("Rehearse again"), icon="ph.arrow-clockwise", kind="primary")
        self.leave = Button(_("Cancel"))
        self.anyway.clicked.connect(lambda: self._choose(ANYWAY))
        self.again.clicked.connect(lambda: self._choose(AGAIN))
        self.leave.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(Label(note, "secondary", "text-muted"))
        foot.addStretch(1)
        for button in (self.leave, self.anyway, self.again):
            foot.addWidget(button)
        box = QVBoxLayout(self)
        box.addWidget(Label(title, "section"))
        box.addWidget(Label(text, "body", wrap=True))
        box.addWidget(self.table, 1)
        box.addLayout(foot)
        margins(self, 16, 16, 16, 16, 12)
        self.again.setFocus(Qt.FocusReason.OtherFocusReason)
        dialogs.resize_within(self, 760, 440)

    def _choose(self, answer: str) -> None:
        self.answer = answer
        self.accept()


def _title(one: Difference) -> str:
    return one.line.title or (one.before.title if one.before is not None else "")


def _why(one: Difference) -> str:
    text = str(one)
    start = _("row {row}: {title}").format(row=one.line.row, title=_title(one))
    rest = text.removeprefix(start).strip()
    return rest[:1].upper() + rest[1:] if rest else _("Its values are others now")


def ask_differing(owner: QWidget, error: RehearsalDiffers) -> str:
    """AGAIN, ANYWAY, or "" to leave it."""
    if error.file:
        choices = [Choice("", _("Cancel")), Choice(AGAIN, _("Rehearse again"), "primary")]
        return dialogs.ask(owner, _("The file was changed"), str(error), choices) or ""
    dialog = DifferingRows(owner, error)
    dialogs.run_dialog(dialog)
    return dialog.answer
