"""What a column of the file is worked out of, with the ways to change it or to take it away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.importing import added_columns
from crm_desktop.importing.added_formulas import columns_in
from ui.framework import dialogs
from ui.importing.added_column import AddedColumnDialog, way_of
from ui.importing.draft import Draft
from ui.importing.session import ImportSession
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.toast import show_toast


def added_number(draft: Draft, column: int) -> int:
    """Which of the added columns a column is; -1 for one of the file."""
    first = len(draft.columns()) - len(draft.guess.file.best.added) if draft.guess is not None else 0
    return column - first if column >= first else -1


class AddedBox(QWidget):
    """How the current column is worked out; hidden for columns of the file. ``changed`` after another look was asked for."""

    changed = Signal(str)

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._column = -1
        self.way = Label("", "strong")
        self.formula = Label("", "secondary", "text-muted", wrap=True)
        self.edit = Button(icon="ph.pencil-simple", small=True)
        self.edit.clicked.connect(lambda: self.change_column())
        self.remove = Button(icon="ph.trash", small=True, kind="danger-ghost")
        self.remove.clicked.connect(lambda: self.remove_column())
        row = QHBoxLayout()
        row.setContentsMargins(0, px(4), 0, 0)
        row.addWidget(self.edit)
        row.addWidget(self.remove)
        row.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, px(12), 0, 0)
        box.setSpacing(px(2))
        box.addWidget(self.way)
        box.addWidget(self.formula)
        box.addLayout(row)
        self.hide()

    def show_column(self, draft: Draft, column: int) -> None:
        """Show how a column is worked out."""
        number = added_number(draft, column) if column >= 0 else -1
        self._column = column
        self.setVisible(number >= 0)
        if number < 0 or draft.guess is None:
            return
        sheet = draft.guess.file.best
        _name, formula = added_columns.shown(sheet)[number]
        way = way_of(formula, sheet.headers[:column])
        self.way.setText(_("Worked out: {way}").format(way=way.lower()))
        self.formula.setText(formula)
        self.edit.setText(_("Change…"))
        self.remove.setText(_("Remove"))

    # -- what is done ------------------------------------------------------------------------------------------

    def add_column(self) -> bool:
        """Ask for a new column and add it."""
        draft = self._session.draft
        if draft is None or draft.guess is None:
            return False
        sheet = draft.guess.file.best
        dialog = AddedColumnDialog(self, sheet.headers, draft.rows)
        if not dialogs.run_dialog(dialog):
            return False
        self._take((*added_columns.shown(sheet), dialog.added), dialog.added[0])
        return True

    def change_column(self) -> bool:
        """Ask how the current column is worked out instead."""
        draft = self._session.draft
        if draft is None or draft.guess is None or added_number(draft, self._column) < 0:
            return False
        sheet, number = draft.guess.file.best, added_number(draft, self._column)
        added = list(added_columns.shown(sheet))
        name, formula = added[number]
        dialog = AddedColumnDialog(self, sheet.headers[: self._column], draft.rows, name=name, formula=formula)
        if not dialogs.run_dialog(dialog):
            return False
        added[number] = dialog.added
        self._take(tuple(added), dialog.added[0])
        return True

    def remove_column(self) -> None:
        """Take the current column away; those that are worked out of it stand in the way."""
        draft = self._session.draft
        number = added_number(draft, self._column) if draft is not None else -1
        if draft is None or draft.guess is None or number < 0:
            return
        sheet = draft.guess.file.best
        added = added_columns.shown(sheet)
        name, _formula = added[number]
        rest = [one for one in sheet.headers if one != name]
        users = [other for other, formula in added if other != name and columns_in(formula, rest)]
        if users:
            text = _("“{name}” is worked out of it. Change or remove that column first.").format(name=users[0])
            show_toast(self, text, kind="warning")
            return
        self._take(added[:number] + added[number + 1 :], "")
        text = _("The column “{name}” is gone.").format(name=name)
        table = self._session.table

        def undo() -> None:
            if self._session.table is table:  # not where another file or table was opened meanwhile
                self._take(added, name)

        show_toast(self, text, _("Undo"), undo)

    def _take(self, added: tuple[tuple[str, str], ...], name: str) -> None:
        self._session.add_columns(added)
        self.changed.emit(name)
