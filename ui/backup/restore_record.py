"""Bringing back one record: found in the backup, beside today's, line by line."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from crm_desktop.backup.compare import CREATED, Difference
from crm_desktop.backup.look import Found, Part, chosen_rows
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from ui.backup.restore_diff import DiffTable
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.backup.restore_words import lost_words, state_words
from ui.theme.theme import px
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

_TYPING_MS = 250


class RecordView(QWidget):
    """One record of the backup beside today's: what it is, the lines with boxes, and what cannot come back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label("", "section")
        self.state = Label("", "body", "text-muted", wrap=True)
        self.diff = DiffTable()
        self.lost = Banner("", kind="warning", icon="ph.link-break")
        self.lost.hide()
        head = QWidget()
        column = QVBoxLayout(head)
        column.addWidget(self.title)
        column.addWidget(self.state)
        margins(head, 16, 12, 16, 12, 4)
        foot = QWidget()
        line = QVBoxLayout(foot)
        line.addWidget(self.lost)
        margins(foot, 12, 8, 12, 8, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.diff, 1)
        box.addWidget(foot)

    def tell(self, title: str, state: str) -> None:
        """Say which record it is and how it stands."""
        self.title.setText(title)
        self.state.setText(state)

    def tell_lost(self, text: str) -> None:
        """Say what cannot come back; an empty text says nothing."""
        self.lost.text.setText(text)
        self.lost.setAccessibleName(text)
        self.lost.setVisible(bool(text))


class RecordStep(RestoreStep):
    """Search, results, and the chosen record."""

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.difference: Difference | None = None
        self.parts: list[Part] = []
        self._wanted: tuple[str, int] | None = None
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self.search = SearchBox()
        self.search.textChanged.connect(lambda _text: self._typing.start())
        self._typing.timeout.connect(self.look_for)
        self.model = ListTableModel([], key=lambda one: (one.entity, one.record_id))
        self.results = DataTable()
        self.results.own_column_menu = False
        self.results.setModel(self.model)
        self.results.current_row_changed.connect(lambda _row: self._on_current())
        self.empty = EmptyState("ph.magnifying-glass")
        self.states = StateStack(self.results, self.empty)
        self.view = RecordView()
        self.view.diff.checks_changed.connect(self._on_checks)
        self.nothing = EmptyState("ph.user-focus")
        self.record = StateStack(self.view, self.nothing)
        left = QWidget()
        column = QVBoxLayout(left)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.search)
        margins(head, 24, 12, 16, 12, 8)
        column.addWidget(head)
        column.addWidget(Hairline())
        column.addWidget(self.states, 1)
        margins(left, 0, 0, 0, 0, 0)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.addWidget(left)
        self.split.addWidget(self.record)
        self.split.setSizes([px(400), px(640)])
        self.split.setChildrenCollapsible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.split)

    def entered(self) -> None:
        self.retranslate()
        if self._wanted is not None:
            entity, identity = self._wanted
            self.read(entity, identity)
            return
        self.search.setFocus()
        self.look_for()

    def retranslate(self) -> None:
        self.search.set_placeholder(_("Name, e-mail, phone, number…"))
        self.search.setAccessibleName(_("Find in the backup"))
        self.results.setAccessibleName(_("Records of the backup"))
        schema = self.session.office.database.schema
        self.model.set_columns([
            Column("title", _("Record"), lambda one: one.title or "–", 210, font="name",
                   icon=lambda one: (schema.entity(one.entity).icon, "text-muted")),
            Column("state", _("Today"), lambda one: _("gone") if one.gone else _("there"), 120,
                   color=lambda one: "danger" if one.gone else "text-muted"),
        ])  # fmt: skip
        self.results.set_column_widths([190, 120], stretch=0)
        self.nothing.set_texts(
            _("Choose a record"), _("Its state in the backup is put beside today's, with everything that hangs on it.")
        )
        self.view.diff.retranslate()

    def want(self, entity: str, record_id: int) -> None:
        """Show this record as soon as the step is entered."""
        self._wanted = (entity, record_id)

    def look_for(self) -> None:
        """Look for what is typed."""
        text = self.search.text().strip()
        if not text:
            self.model.set_rows([])
            self.empty.set_texts(_("Find it in the backup"), _("Deleted records are found here, too."))
            self.states.show_empty()
            self.record.show_empty()
            self.changed.emit()
            return
        self.session.find(self, text, self._show)

    def _show(self, found: list[Found]) -> None:
        self.model.set_rows(found)
        if found:
            self.states.show_content()
            self.results.set_current_row(0)
        else:
            self.empty.set_texts(_("Nothing found in the backup"), _("Try fewer letters, or an older backup."))
            self.states.show_empty()
            self.record.show_empty()
        self._on_current()

    def _on_current(self) -> None:
        row = self.results.current_row()
        if 0 <= row < self.model.rowCount():
            one: Any = self.model.row(row)
            self.read(one.entity, one.record_id)

    def read(self, entity: str, record_id: int) -> None:
        """Put a record beside today's."""
        self.session.read_record(self, entity, record_id, lambda both: self._beside(entity, record_id, *both))

    def _beside(self, entity: str, record_id: int, difference: Difference | None, parts: list[Part]) -> None:
        self._wanted = None
        self.difference, self.parts = difference, parts
        if difference is None:
            self.nothing.set_texts(
                _("It is as it was"), _("Today it is the same as in the backup; nothing to bring back.")
            )
            self.record.show_empty()
        else:
            label = translate(self.session.office.database.schema.entity(entity).label)
            self.view.tell(f"{difference.title or '–'} · {label}", state_words(difference))
            self.view.diff.set_parts(parts)
            self.record.show_content()
            self._on_checks()
        self.changed.emit()

    def _on_checks(self) -> None:
        rows = self.rows()
        self.view.tell_lost("")
        if rows:
            self.session.foresee(
                self, rows, lambda plan: self.view.tell_lost(lost_words(self.session.office, plan.lost))
            )
        self.changed.emit()

    def rows(self) -> list[Any]:
        """What is to come back."""
        if self.difference is None or self.difference.erased or self.difference.op == CREATED:
            return []
        schema = self.session.office.database.schema
        return list(chosen_rows(schema, self.difference, self.parts, self.view.diff.unchecked()))

    def may_go(self) -> bool:
        return bool(self.rows())

    def go_text(self) -> str:
        return _("Bring back")

    def sentence(self) -> str:
        count = len(self.view.diff.model.checked) if self.difference is not None else 0
        if not count:
            return _("Nothing has been changed.")
        lines = ngettext("{n} line comes back", "{n} lines come back", count).format(n=formats.format_integer(count))
        return lines + ". " + _("It can be undone with Ctrl+Z.")
