"""The foot of a list: what each column adds up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from crm_desktop.core.fields import NUMERIC_KINDS, Field
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.aggregates import TOTALS, Measures, totals_for
from ui.records.group_words import measure_text
from ui.records.shown import at_end, label_of
from ui.theme.paint import draw_text, frame_round, text_width
from ui.theme.theme import px, theme
from ui.widgets.table_header import TableHeader
from ui.widgets.themed import KeyboardRing, fixed_height
from ui.widgets.toast import keep_readable


class _Cell(KeyboardRing, QAbstractButton):
    """One column's total; a click opens the choice of what it says."""

    def __init__(self, field: Field, parent: TotalsFoot) -> None:
        super().__init__(parent)
        self.field, self.what, self.value = field, "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(lambda: parent.choose(self))

    def show_total(self, what: str, value: str) -> None:
        self.what, self.value = what, value
        label = label_of(self.field)
        if what:
            name = _("{total} of {label}: {value}").format(total=translate(TOTALS[what]), label=label, value=value)
        else:
            name = _("No total of {label}").format(label=label)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(80), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() or self.hasFocus():
            painter.fillRect(self.rect().adjusted(0, 1, 0, 0), theme().color("hover"))
        inner = self.rect().adjusted(px(8), 0, -px(12 if self.property("last") else 8), 0)
        end = at_end(self.field)
        align = Qt.AlignmentFlag.AlignTrailing if end else Qt.AlignmentFlag.AlignLeading
        if self.what:
            word = translate(TOTALS[self.what])
            room = inner.width() - text_width(self.value, "strong") - px(6)
            if self.what != "sum" and room >= text_width(word, "secondary"):
                text_at = QRect(inner)
                used = draw_text(painter, text_at, self.value, "strong", "text", align)
                rest = inner.adjusted(0, 0, -used - px(6), 0) if end else inner.adjusted(used + px(6), 0, 0, 0)
                draw_text(painter, rest, word, "secondary", "text-muted", align)
            else:
                draw_text(painter, inner, self.value, "strong", "text", align)
        elif self.underMouse() or self.hasFocus():
            draw_text(painter, inner, _("Total…"), "secondary", "text-muted", align)
        if self.shows_ring():
            frame_round(painter, self.rect().adjusted(1, 2, -2, -2), px(4), "focus")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        foot = self.parent()
        assert isinstance(foot, TotalsFoot)
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if step:
            foot.go(self, step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            foot.choose(self)
        else:
            super().keyPressEvent(event)


class TotalsFoot(QWidget):
    """A cell under each column of a table. ``changed`` sends (field name, one of TOTALS or "").

    Tab comes to one cell; Left and Right go from cell to cell, Enter opens the choice.
    """

    changed = Signal(str, str)

    def __init__(self, header: TableHeader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header = header
        self._cells: list[_Cell] = []
        self._columns: Callable[[str], int] = lambda _name: -1
        self._note = ""
        fixed_height(self, 32)
        keep_readable(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for signal in (header.sectionResized, header.sectionMoved, header.geometriesChanged):
            signal.connect(lambda *_args: self.arrange())

    def set_columns(self, fields: Sequence[Field], column_of: Callable[[str], int]) -> None:
        """The columns over it; ``column_of`` gives a field's column in the table."""
        self._columns = column_of
        for cell in self._cells:
            cell.hide()
            cell.deleteLater()
        self._cells = [_Cell(one, self) for one in fields if totals_for(one)]
        for number, cell in enumerate(self._cells):
            cell.setFocusPolicy(Qt.FocusPolicy.ClickFocus if number else Qt.FocusPolicy.StrongFocus)
            cell.show_total("", "")
            cell.show()
        self.arrange()

    def show_totals(self, chosen: Mapping[str, str], found: Mapping[str, Measures] | None, note: str = "") -> None:
        """Show what was found; dots while it is being counted (None). ``note`` says of which records."""
        self._note = note
        for cell in self._cells:
            what = chosen.get(cell.field.name, "")
            measures = (found or {}).get(cell.field.name)
            text = "…" if found is None else measure_text(cell.field, measures, what, most=3) or "–"
            cell.show_total(what, text if what else "")
        self.setAccessibleName(_("Totals") + (f": {note}" if note else ""))
        self.update()

    def cell(self, name: str) -> QAbstractButton | None:
        """The cell of a field."""
        return next((cell for cell in self._cells if cell.field.name == name), None)

    def arrange(self) -> None:
        """Put each cell under its column."""
        last = self._header.logicalIndex(self._header.count() - 1)
        for cell in self._cells:
            column = self._columns(cell.field.name)
            if column < 0:
                cell.hide()
                continue
            left = self._header.sectionViewportPosition(column)
            cell.setProperty("last", column == last)
            cell.setGeometry(left, 0, self._header.sectionSize(column), self.height())
            cell.setVisible(True)
        self.update()

    def go(self, cell: _Cell, step: int) -> None:
        """Put the focus on the next cell, in the order of the columns."""
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            step = -step
        order = sorted(self._cells, key=lambda one: self._header.visualIndex(self._columns(one.field.name)))
        at = order.index(cell) + step
        if 0 <= at < len(order):
            order[at].setFocus(Qt.FocusReason.TabFocusReason)

    def menu_of(self, cell: _Cell) -> QMenu:
        """What a cell may say."""
        menu = QMenu(self)
        group = QActionGroup(menu)
        for what in ("", *totals_for(cell.field)):
            action = QAction(translate(TOTALS[what]) if what else _("No total"), group)
            action.setCheckable(True)
            action.setChecked(cell.what == what)
            action.triggered.connect(lambda _on=False, what=what: self.changed.emit(cell.field.name, what))
            menu.addAction(action)
        return menu

    def choose(self, cell: _Cell) -> None:
        """Open the choice of what a cell says."""
        menu = self.menu_of(cell)
        size = menu.sizeHint()
        left = cell.width() - size.width() if at_end(cell.field) else 0
        menu.exec(cell.mapToGlobal(QPoint(left, -size.height())))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))
        filled = [cell for cell in self._cells if cell.what and cell.isVisible()]
        if self._note:
            # free room before the first cell that says something
            edge = min((cell.x() for cell in filled), default=self.width())
            box = QRect(px(16), 0, max(0, edge - px(24)), self.height())
            draw_text(painter, box, self._note, "secondary", "text-muted")


def first_totals(fields: Sequence[Field]) -> dict[str, str]:
    """What the foot says where nobody chose anything: the sums of amounts and numbers."""
    sums = [one for one in fields if one.kind in NUMERIC_KINDS and one.kind.value != "percent"]
    return {one.name: "sum" for one in sums}
