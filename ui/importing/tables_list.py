"""The tables of a file, a line each: whether it comes in, what its rows are, and what else they speak of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from ui.importing.session import ImportSession
from ui.importing.tables import Table
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

_NAMED_COLUMNS = 4


def rows_text(table: Table) -> str:
    """How many rows a table has."""
    rows = ngettext("{n} row", "{n} rows", table.sheet.rows).format(n=format_integer(table.sheet.rows))
    return _("about {rows}").format(rows=rows) if table.sheet.estimated else rows


class FurtherBox(QWidget):
    """The other record types that the rows of a table speak of, a check box each with the columns that say so."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._place = 0
        self.boxes: dict[str, QCheckBox] = {}
        self._reasons: dict[str, Label] = {}
        self.heading = Label("", "secondary", "text-muted")
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.heading)
        margins(self, 0, 0, 0, 0, 4)

    def show_table(self, place: int, table: Table) -> None:
        """Show what the rows of a table speak of."""
        self._place = place
        if list(self.boxes) != list(table.further):
            for widget in (*self.boxes.values(), *self._reasons.values()):
                self._column.removeWidget(widget)
                widget.deleteLater()
            self.boxes, self._reasons = {}, {}
            for name in table.further:
                box, reason = QCheckBox(), Label("", "secondary", "text-muted", wrap=True)
                box.clicked.connect(lambda on, name=name: self.session.choose_further(self._place, name, on))
                reason.setContentsMargins(px(24), 0, 0, 0)
                self.boxes[name], self._reasons[name] = box, reason
                self._column.addWidget(box)
                self._column.addWidget(reason)
        self.heading.setText(_("The same rows also hold:"))
        for name, box in self.boxes.items():
            box.setText(translate(self.session.schema.entity(name).plural))
            box.setChecked(name in table.also)
            box.setEnabled(table.chosen)
            why = self._why(table, name)
            self._reasons[name].setText(why)
            box.setAccessibleDescription(why)
        self.setVisible(bool(self.boxes))

    @staticmethod
    def _why(table: Table, name: str) -> str:
        guess = table.further[name].guess
        if guess is not None and guess.plan.told_by:
            return str(guess.evidence[0])
        headers = [one.header for one in guess.mapping if one.target] if guess is not None else []
        told = ", ".join(headers[:_NAMED_COLUMNS]) + (" …" if len(headers) > _NAMED_COLUMNS else "")
        text = ngettext("{n} column: {columns}", "{n} columns: {columns}", len(headers))
        return text.format(n=format_integer(len(headers)), columns=told)


class TableLine(QWidget):
    """One table: check box with its name, rows and reason, the record type, what else its rows hold."""

    def __init__(self, session: ImportSession, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.place = session, place
        self.box = QCheckBox()
        self.box.clicked.connect(lambda on: session.choose_table(place, on))
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.note.setContentsMargins(px(24), 0, 0, 0)
        self.note.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.type = ChoiceEditor(empty=None)
        self.type.edited.connect(lambda: session.choose_entity(str(self.type.value()), place))
        self.further = FurtherBox(session)
        on_theme(self, lambda: self.type.setFixedWidth(px(200)))
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(self.box)
        words.addWidget(self.note)
        words.addSpacing(px(4))
        indented = QHBoxLayout()
        indented.setContentsMargins(px(24), 0, 0, 0)
        indented.addWidget(self.further)
        words.addLayout(indented)
        row = QHBoxLayout(self)
        row.addLayout(words, 1)
        row.addWidget(self.type, 0, Qt.AlignmentFlag.AlignTop)
        margins(self, 16, 12, 16, 12, 16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(320), super().minimumSizeHint().height())

    def show_table(self, table: Table, options: Sequence[tuple[str, str, str]], evidence: str) -> None:
        """Show a table as it is now."""
        self.box.setText(table.name or table.main.path.name)
        self.box.setChecked(table.chosen)
        told = [rows_text(table)]
        if table.chosen:
            told += [evidence] if evidence else []
        else:
            told.append(str(table.reason) if table.reason is not None else _("left out by you"))
        self.note.setText(" · ".join(told))
        self.box.setAccessibleDescription(self.note.text())
        if self.type.count() != len(options):
            self.type.set_options(options)
        self.type.set_value(table.main.record_type)
        self.type.setEnabled(table.chosen)
        self.type.setAccessibleName(_("What is one row of {table}?").format(table=self.box.text()))
        self.further.show_table(self.place, table)
        if not table.chosen:
            self.further.hide()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on = self.box.isChecked()
        frame_round(painter, self.rect(), px(6), "border", "raised" if on else "surface")


class TablesList(QWidget):
    """All tables of the file. Up and down go from one to the next, Space takes one in or leaves it out."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.lines: list[TableLine] = []
        self._of: Any = None
        self._column = QVBoxLayout(self)
        margins(self, 0, 0, 0, 0, 8)

    def refresh(self) -> None:
        """Show the tables as they are now."""
        tables = self.session.tables
        if self._of is not tables or len(self.lines) != len(tables):
            self._of = tables
            for line in self.lines:
                self._column.removeWidget(line)
                line.deleteLater()
            self.lines = [TableLine(self.session, place) for place in range(len(tables))]
            for line in self.lines:
                self._column.addWidget(line)
                line.box.installEventFilter(self)
        schema = self.session.schema
        options = [(spec.name, translate(spec.plural), spec.icon) for spec in schema.entities.values()
                   if spec.importable and spec.listed]  # fmt: skip
        for line, table in zip(self.lines, tables, strict=True):
            line.show_table(table, options, self._evidence(table))

    def _evidence(self, table: Table) -> str:
        if table.like >= 0:
            return _("the same columns as {table}").format(table=self.session.tables[table.like].name)
        guess = table.main.guess
        if guess is None or table.main.plan is None:
            return ""
        filled = [i for i, one in enumerate(guess.file.best.columns) if one.filled]
        drafts = table.drafts()
        hits = sum(any(d.plan is not None and d.plan.columns[i].target for d in drafts) for i in filled)
        text = ngettext(
            "{hits} of {total} column has a field here", "{hits} of {total} columns have a field here", len(filled)
        )
        return text.format(hits=hits, total=len(filled))

    def focus_first(self) -> None:
        """Go to the first table that comes in."""
        for line in self.lines:
            if line.box.isChecked():
                line.box.setFocus()
                return

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            places = [place for place, line in enumerate(self.lines) if line.box is watched]
            if step and places and 0 <= places[0] + step < len(self.lines):
                self.lines[places[0] + step].box.setFocus(Qt.FocusReason.TabFocusReason)
                return True
        return super().eventFilter(watched, event)
