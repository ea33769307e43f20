"""A document on screen: the same blocks and numbers as on paper."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.reporting import values
from crm_desktop.reporting.document import BarChart, Document, Heading, KeyFigures, LineChart, StackedBar, Table, Text
from ui.reporting.chart_view import ChartView
from ui.theme.theme import px
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.labels import Label
from ui.widgets.roles import Role
from ui.widgets.table import DataTable
from ui.widgets.themed import margins

Index = QModelIndex | QPersistentModelIndex
_SHOWN_ROWS = 14
_LONG = 20
"""Longer texts have a tooltip: a narrow column cuts them."""
_NARROW = 640
_MARGIN = 24


class TableBlockModel(QAbstractTableModel):
    """The lines of a document's table, groups and totals among them."""

    def __init__(self, table: Table) -> None:
        super().__init__()
        self._columns = [table.columns[i] for i in values.visible_columns(table)]
        self._headers = [values.header_text(column) for column in self._columns]
        self.lines = list(values.table_lines(table))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            text = line.texts[index.column()]
            return f"{text}   {line.mark}" if line.mark and index.column() == 0 else text
        if role == Qt.ItemDataRole.TextAlignmentRole and self._columns[index.column()].alignment == "right":
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and len(line.texts[index.column()]) > _LONG:
            return line.texts[index.column()]
        if role == Role.FONT and line.role != "row":
            return "strong"
        if role == Role.COLOR and line.note_at == index.column():
            return "text-muted"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self._headers[section]
            if role == Qt.ItemDataRole.TextAlignmentRole and self._columns[section].alignment == "right":
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def widest(self) -> int:
        """The column that takes the room that is left: the one that has most on paper."""
        weights = [column.weight for column in self._columns]
        return weights.index(max(weights))

    def widths(self) -> list[int]:
        """A width for each column by its longest text."""
        result = []
        for i, header in enumerate(self._headers):
            longest = max([len(header), *(len(line.texts[i]) for line in self.lines[:200])])
            most = 150 if self._columns[i].kind == "text" else 130
            result.append(min(most, max(60, longest * 7 + 26)))
        return result


class DocumentView(QScrollArea):
    """Blocks under each other. ``link_opened`` sends the link of a row, bar or figure."""

    link_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document: Document | None = None
        self._shown_breaks: list[list[int]] = []
        self._ruler = FigureStrip(compact=True, parent=self)
        self._ruler.hide()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_("Report"))

    def show_document(self, document: Document) -> None:
        """Show a document."""
        self._document = document
        self._shown_breaks = self._breaks()
        content = QWidget()
        content.setAutoFillBackground(True)
        content.setBackgroundRole(self.palette().ColorRole.Base)
        column = QVBoxLayout(content)
        margins(content, _MARGIN, 16, _MARGIN, 24, 12)
        heading = ""
        for block in document.blocks:
            widget = self._block(block, heading)
            heading = block.text if isinstance(block, Heading) else ""
            if widget is not None:
                column.addWidget(widget)
        column.addStretch(1)
        self.setWidget(content)

    def _block(self, block: object, heading: str) -> QWidget | None:
        if isinstance(block, KeyFigures):
            return self._figures(block)
        if isinstance(block, BarChart | LineChart | StackedBar):
            return self._chart(block)
        if isinstance(block, Table):
            return self._table(block, heading)
        if isinstance(block, Heading):
            return Label(block.text, "section", wrap=True)
        if isinstance(block, Text):
            return Label(block.text, "body", wrap=True, selectable=True)
        return None

    def _figures(self, block: KeyFigures) -> QWidget:
        """The figures in one strip, or in as many as the width asks for."""
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for figures in self._strips(block):
            box.addWidget(FigureStrip(figures, compact=True))
        return holder

    def _strips(self, block: KeyFigures) -> list[list[Figure]]:
        """The figures of each strip: with a narrow view three at most, and never more than have room."""
        figures = [
            Figure(figure.label, values.figure_text(figure), color="accent" if figure.emphasis else "text")
            for figure in block.figures
        ]
        room = self.viewport().width() - px(_MARGIN) * 2
        most = 3 if self.viewport().width() < px(_NARROW) else len(figures)
        strips: list[list[Figure]] = []
        for figure in figures:
            together = [*(strips[-1] if strips else ()), figure]
            self._ruler.set_figures(together)
            if strips and len(together) <= most and self._ruler.minimumSizeHint().width() <= room:
                strips[-1].append(figure)
            else:
                strips.append([figure])
        return strips

    def _breaks(self) -> list[list[int]]:
        """How many figures stand in each strip, as wide as the view is now."""
        blocks = self._document.blocks if self._document is not None else ()
        return [[len(strip) for strip in self._strips(one)] for one in blocks if isinstance(one, KeyFigures)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the figures out anew where they have more or less room than before."""
        super().resizeEvent(event)
        if self._document is not None and self._breaks() != self._shown_breaks:
            self.show_document(self._document)

    def _chart(self, chart: BarChart | LineChart | StackedBar) -> QWidget:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        if chart.title:
            box.addWidget(Label(chart.title, "section"))
        view = ChartView(chart, chart.title or _("Chart"))
        view.link_opened.connect(self.link_opened)
        box.addWidget(view)
        return holder

    def _table(self, table: Table, heading: str) -> QWidget:
        holder = QWidget()
        box = QVBoxLayout(holder)
        box.setContentsMargins(0, 0, 0, 0)
        if table.name and table.name != heading:
            box.addWidget(Label(table.name, "section"))
        model = TableBlockModel(table)
        if not model.lines:
            box.addWidget(Label(table.empty or _("No data for this choice."), "body", "text-muted"))
            return holder
        view = DataTable(table.name or _("Table"))
        view.setModel(model)
        model.setParent(view)
        view.set_column_widths(model.widths(), stretch=model.widest() if len(model.widths()) < 5 else None)
        view.setMinimumWidth(px(240))
        view.header.setSectionsClickable(False)
        view.row_activated.connect(lambda index: self._open(model, index))
        rows = min(len(model.lines), _SHOWN_ROWS)
        view.setFixedHeight(px(32) * (rows + 1) + px(4))
        box.addWidget(view)
        if any(line.link for line in model.lines):
            box.addWidget(Label(_("A double click on a row opens the records behind it."), "secondary", "text-muted"))
        return holder

    def _open(self, model: TableBlockModel, index: QModelIndex) -> None:
        link = model.lines[index.row()].link
        if link is not None:
            self.link_opened.emit(link)
