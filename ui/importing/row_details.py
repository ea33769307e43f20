"""Below the rehearsal's table: the current row field by field, and what else the import would do."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing.result import ImportResult
from ui.importing.rehearsal_rows import CREATED, UPDATED, Diff, ShownRow
from ui.importing.rehearsal_table import paint_diff
from ui.importing.session import ImportSession
from ui.theme.paint import draw_text, mirrored
from ui.theme.theme import px
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, IconLabel, Label, Link, Plane
from ui.widgets.themed import margins, on_theme

_LINE = 28


class _Grid(QWidget):
    """Field, value today, value in the file, value after; changed fields first."""

    def __init__(self) -> None:
        super().__init__()
        self._diffs: list[Diff] = []
        self._fresh = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_diffs(self, diffs: list[Diff], *, fresh: bool = False) -> None:
        """Show these; a ``fresh`` record has nothing in the database."""
        self._fresh = fresh
        self._diffs = sorted(diffs, key=lambda one: not one.changed)
        told = "; ".join(f"{one.label}: {one.old or '–'} → {one.new or '–'}" for one in self._diffs if one.changed)
        self.setAccessibleName(told)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(360), px(_LINE) * (len(self._diffs) + 1) if self._diffs else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(240), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._diffs:
            return
        painter = QPainter(self)
        first = min(px(144), self.width() // 4)
        columns = (
            [_("In the file"), _("Will be")]
            if self._fresh
            else [_("In the database today"), _("In the file"), _("Will be")]
        )
        rest = (self.width() - first) // len(columns)
        draw_text(painter, self._cell(0, first, 0), _("Field"), "secondary", "text-muted")
        for place, title in enumerate(columns):
            draw_text(painter, self._cell(first + place * rest, rest, 0), title, "secondary", "text-muted")
        for number, one in enumerate(self._diffs, 1):
            cells = [self._cell(first + place * rest, rest, number) for place in range(len(columns))]
            self._paint_diff(painter, self._cell(0, first, number), cells, one)

    def _paint_diff(self, painter: QPainter, name: QRect, cells: list[QRect], one: Diff) -> None:
        draw_text(painter, name, one.label, "body", "text-muted")
        if not self._fresh:
            draw_text(painter, cells[0], one.old or _("empty"), "body", "text" if one.old else "text-muted")
        draw_text(painter, cells[-2], one.given or "–", "body", "text" if one.given else "text-muted")
        if one.changed and one.new:
            paint_diff(painter, cells[-1], "", one.new, self.layoutDirection(), strong=True)
        elif one.changed:
            draw_text(painter, cells[-1], _("empty"), "strong", "danger")
        else:
            draw_text(painter, cells[-1], one.new, "strong")

    def _cell(self, left: int, width: int, line: int) -> QRect:
        rect = QRect(left, line * px(_LINE), width - px(8), px(_LINE))
        return mirrored(rect, self.rect(), self.layoutDirection())


class RowDetails(Plane):
    """The current row on the left, what else happens on the right. ``record_requested`` asks to open the record."""

    record_requested = Signal()

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__("sunken", parent)
        self.session = session
        self.title = Label("", "section")
        self.key = Label("", "secondary", "text-muted")
        self.open = Link("", "secondary-name")
        self.open.activated.connect(self.record_requested)
        self.text = Label("", "body", "text-muted", wrap=True)
        self.grid = _Grid()
        left = QWidget()
        column = QVBoxLayout(left)
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.title)
        line.addStretch(1)
        line.addWidget(self.key)
        line.addWidget(self.open)
        column.addLayout(line)
        column.addWidget(self.text)
        column.addWidget(self.grid)
        column.addStretch(1)
        margins(left, 24, 12, 24, 12, 4)
        right = QWidget()
        self.more_title = Label("", "section")
        self.more = QVBoxLayout()
        self.more.setSpacing(px(4))
        other = QVBoxLayout(right)
        other.addWidget(self.more_title)
        other.addLayout(self.more)
        other.addStretch(1)
        margins(right, 24, 12, 24, 12, 8)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(scrolled(left), 135)
        row.addWidget(Hairline(vertical=True))
        row.addWidget(scrolled(right), 100)
        on_theme(self, lambda: self.setMinimumHeight(px(96)))

    def sizeHint(self) -> QSize:
        return QSize(px(800), px(168))

    def show_row(self, row: ShownRow | None, kind: str) -> None:
        """Show a row of the table."""
        self.open.setText(_("Open the record"))
        self.open.setVisible(row is not None and row.record_id is not None)
        self.key.setVisible(row is not None and kind == UPDATED)
        self.key.setText(self._keys(row))
        if row is None:
            self.title.setText("")
            self.text.setText("")
            self.grid.set_diffs([])
            return
        number = format_integer(row.row)
        named = _("Row {n}: {title}").format(n=number, title=row.title) if row.title else _("Row {n}").format(n=number)
        self.title.setText(named)
        records = kind in (CREATED, UPDATED)
        self.text.setVisible(not records)
        about = row.column and (f"{row.column}: {row.value}" if row.value else row.column)
        self.text.setText("" if records else f"{about}\n{row.reason}" if about else row.reason)
        self.grid.set_diffs(list(row.diffs.values()) if records else [], fresh=kind == CREATED)

    def _keys(self, row: ShownRow | None) -> str:
        """By what the record of a row was found."""
        if row is None:
            return ""
        return _("recognised by {field}").format(field=row.rule) if row.rule else _("compared as a whole")

    def set_result(self, result: ImportResult) -> None:
        """Say what else the import would do."""
        while (item := self.more.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.more_title.setText(_("What else happens"))
        for icon, token, text, number in self._effects(result):
            self.more.addWidget(_Effect(icon, token, text, number))

    def _effects(self, result: ImportResult) -> list[tuple[str, str, str, int]]:
        found: list[tuple[str, str, str, int]] = []
        schema = self.session.schema
        for name, number in result.parents.items():
            if number:
                spec = schema.entity(name)
                text = _("{records} that rows link to are added").format(records=translate(spec.plural))
                found.append((spec.icon, "text-muted", text, number))
        if result.restored:
            text = _("Records come back from “Recently deleted” and are brought up to date")
            found.append(("ph.arrow-counter-clockwise", "accent", text, result.restored))
        if result.problem_count:
            kept = result.plan.keep_bad_cells
            text = _("Cells that do not fit go to the remarks") if kept else _("Cells that do not fit are left out")
            found.append(("ph.warning", "warning", text, result.problem_count))
        if result.rejected_count:
            found.append(("ph.x-circle", "danger", _("Rows are handed back as a spreadsheet"), result.rejected_count))
        if result.duplicates:
            found.append(("ph.intersect", "warning", _("Rows are left out as duplicates"), result.duplicates))
        guess = self.session.draft.guess if self.session.draft else None
        for warning in guess.warnings if guess else ():
            if "column" not in warning.params and "header" not in warning.params:
                found.append(("ph.info", "text-muted", str(warning), 0))
        if not found:
            found.append(("ph.check-circle", "success", _("Nothing else. No message is sent to anybody."), 0))
        return found


class _Effect(QWidget):
    """Icon, sentence, number."""

    def __init__(self, icon: str, token: str, text: str, number: int) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        row.addWidget(IconLabel(icon, token, 16, 20), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(text, wrap=True), 1)
        if number:
            row.addWidget(Label(format_integer(number), "strong"), 0, Qt.AlignmentFlag.AlignTop)
