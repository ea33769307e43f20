"""The page of changes: who did what and when, what it touched, and undo of any of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.records import history
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.chips import Chip
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_PAGE = 200
_ICONS = {
    "edit": "ph.pencil-simple", "import": "ph.upload-simple", "bulk": "ph.stack", "merge": "ph.git-merge",
    "undo": "ph.arrow-counter-clockwise", "redo": "ph.arrow-clockwise", "system": "ph.gear",
}  # fmt: skip
_KINDS = (("", N_("Everything")), ("mine", N_("Mine")), ("import", N_("Imports")), ("undo", N_("Undone")))


class ChangesPage(Page):
    """A table of change sets, newest first; the current one told in full below; Undo."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self._kind = ""
        self._complete = False
        self._rows: list[history.ChangeSetRow] = []
        self.chips = {key: Chip(checkable=True) for key, _text in _KINDS}
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.setContentsMargins(px(24), px(4), px(24), px(12))
        for key, chip in self.chips.items():
            chip.clicked.connect(lambda _checked=False, chosen=key: self._choose(chosen))
            row.addWidget(chip)
        row.addStretch(1)
        self.model = ListTableModel([])
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.row_activated.connect(lambda _index: self.undo_current())
        self.table.reached_end.connect(self._more)
        self.header = PageHeader()
        self.undo_button = Button.for_command(find_command(self, "changes.undo"))
        self.header.add(self.undo_button)
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.empty = EmptyState("ph.clock-counter-clockwise")
        self.states = StateStack(self._content(), self.empty)
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addLayout(row)
        whole.addWidget(Hairline())
        whole.addWidget(self.states, 1)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _content(self) -> QWidget:
        content = QWidget()
        box = QVBoxLayout(content)
        box.setSpacing(0)
        box.addWidget(self.table, 1)
        box.addWidget(Hairline())
        foot = QWidget()
        line = QHBoxLayout(foot)
        line.addWidget(self.note, 1)
        margins(foot, 24, 10, 24, 10, 8)
        box.addWidget(foot)
        margins(content, 0, 0, 0, 0, 0)
        return content

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Changes"))
        self.table.setAccessibleName(_("Changes"))
        for key, text in _KINDS:
            self.chips[key].setText(_(text))
        self.empty.set_texts(
            _("Nothing was changed yet"), _("Every edit, import and deletion stands here, and can be undone.")
        )
        self.model.set_columns([
            Column("at", _("When"), lambda r: formats.format_relative(r.at, with_time=True), 150,
                   tooltip=lambda r: formats.format_datetime(r.at), sort=lambda r: r.at),
            Column("who", _("Who"), lambda r: r.user_name or "–", 170, avatar=lambda r: r.user_name),
            Column("title", _("What"), lambda r: r.title, 520, font=lambda r: "" if r.undone_by else "name",
                   color=lambda r: "text-muted" if r.undone_by else "text",
                   icon=lambda r: (_ICONS.get(r.kind, "ph.pencil-simple"), "text-muted")),
            Column("state", _("State"), lambda r: _("undone") if r.undone_by else "", 120, color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=2)
        self._mark_chips()

    def activated(self, **params: Any) -> None:
        """Read the newest changes."""
        self.reload()

    def _on_records_changed(self, _event: object) -> None:
        if self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Read again from the newest."""
        self.states.show_loading()
        self._read(None)

    def _read(self, before: int | None) -> None:
        kinds = {"import": ("import",), "undo": ("undo", "redo")}.get(self._kind, ())
        user = self.office.user_id if self._kind == "mine" else None

        def work(connection: Any) -> list[history.ChangeSetRow]:
            return history.recent(connection, limit=_PAGE, before=before, user_id=user, kinds=kinds)

        self.office.read(self, work, lambda rows: self._show(rows, before), self.states.show_error, supersede="changes")

    def _show(self, rows: list[history.ChangeSetRow], before: int | None) -> None:
        self._complete = len(rows) < _PAGE
        self._rows = rows if before is None else [*self._rows, *rows]
        self.model.set_rows(self._rows)
        if self._rows:
            self.states.show_content()
        else:
            self.states.show_empty()
        self._on_current()

    def _more(self) -> None:
        if self._rows and not self._complete:
            self._complete = True  # until the answer says otherwise
            self._read(self._rows[-1].id)

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self._mark_chips()
        self.reload()

    def _mark_chips(self) -> None:
        for key, chip in self.chips.items():
            chip.setChecked(key == self._kind)

    @property
    def current(self) -> history.ChangeSetRow | None:
        """The change set of the current row."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def _on_current(self) -> None:
        self.refresh_commands()
        current = self.current
        if current is None:
            self.note.setText("")
            return
        self.office.read(
            self, lambda connection: history.change_set_details(connection, current.id), self._tell, supersede="details"
        )

    def _tell(self, details: history.ChangeSetRow) -> None:
        added, changed, removed = (details.counts.get(op, 0) for op in "IUD")
        parts = []
        if added:
            parts.append(ngettext("{n} row added", "{n} rows added", added).format(n=formats.format_integer(added)))
        if changed:
            parts.append(
                ngettext("{n} row changed", "{n} rows changed", changed).format(n=formats.format_integer(changed))
            )
        if removed:
            parts.append(
                ngettext("{n} row removed", "{n} rows removed", removed).format(n=formats.format_integer(removed))
            )
        self.note.setText(" · ".join(parts))

    def can_undo(self) -> bool:
        """Whether the current change set is not undone yet."""
        current = self.current
        return current is not None and current.undone_by is None

    @command("changes.undo", text=N_("Undo this change"), icon="ph.arrow-counter-clockwise", enabled_when="can_undo")
    def undo_current(self) -> None:
        """Undo the current change set."""
        current = self.current
        if current is not None and current.undone_by is None:
            self.navigator.undo_keeper.undo_change_set(current.id, current.title)  # type: ignore[attr-defined]
