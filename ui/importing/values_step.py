"""The step that says what values mean where a field takes only certain ones."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QStyleOptionViewItem, QVBoxLayout, QWidget

from crm_desktop.core.fields import Kind
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.values import choice_key
from crm_desktop.importing.new_choices import NEW as NEW_CHOICE
from crm_desktop.importing.new_choices import may_add, new_name
from crm_desktop.records import queries
from ui.importing import value_map
from ui.importing.field_popup import FindPopup
from ui.importing.session import ImportSession
from ui.importing.step import Step
from ui.importing.value_map import LEFT_OUT, MAPPED, NEW, OWN, UNKNOWN, Options, ValueRow
from ui.importing.words import field_label
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, frame_round, mirrored
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.chips import Chip
from ui.widgets.results import Result
from ui.widgets.table import DataTable
from ui.widgets.table_cell import CellDelegate, Index
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import fixed_height, margins

_MEANS = 4
_LEAVE = "–leave"
_ADD_EACH = "–add"
_MARKS = {
    OWN: ("ph.check-circle", "success"),
    MAPPED: ("ph.check-circle", "success"),
    NEW: ("ph.plus-circle", "accent"),
    UNKNOWN: ("ph.question", "warning"),
    LEFT_OUT: ("ph.minus-circle", "text-muted"),
}


class ValuesStep(Step):
    """A table of values; the meaning looks like a combo box and opens on one click."""

    key = "values"
    per_part = True

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.options: Options = {}
        self._foreign = False
        self.only_open = Chip(icon="ph.question", icon_color="warning", checkable=True)
        self.every = Chip(checkable=True)
        self.only_open.clicked.connect(lambda: self._set_filter(True))
        self.every.clicked.connect(lambda: self._set_filter(False))
        self.same = Button(icon="ph.rows", kind="ghost", small=True)
        self.same.clicked.connect(self._choose_same)
        self.model = ListTableModel([], key=lambda row: (row.column, row.text))
        self.table = _ValuesTable(self)
        self.table.current_row_changed.connect(lambda _row: self._show_same())
        self.table.setModel(self.model)
        self._lay_out()
        session.plan_changed.connect(self._show)
        session.opened.connect(self._load)

    def _lay_out(self) -> None:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.addWidget(self.every)
        row.addWidget(self.only_open)
        row.addStretch(1)
        row.addWidget(self.same)
        margins(bar, 24, 0, 24, 0, 8)
        fixed_height(bar, 48)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(bar)
        box.addWidget(self.table, 1)

    # -- the step ----------------------------------------------------------------------------------------------

    def title(self) -> str:
        return _("Values")

    def applies(self) -> bool:
        ready = [one for one in self.session.drafts if one.ready]
        return any(row.state != OWN for one in ready for row in value_map.value_rows(one, self.options))

    def entered(self) -> None:
        self._show()
        self.table.set_current_row(0)
        self.table.setFocus()

    def sentence(self) -> str:
        number = sum(1 for one in self._rows() if one.state == UNKNOWN)
        if number:
            text = ngettext(
                "Nothing has been written. {n} value means nothing here; its cells go to the remarks.",
                "Nothing has been written. {n} values mean nothing here; their cells go to the remarks.",
                number,
            )
            return text.format(n=format_integer(number))
        return _("Nothing has been written. Every value means something.")

    def retranslate(self) -> None:
        self.every.setText(_("All"))
        self.only_open.setText(_("Without a meaning"))
        self.same.setText(_("The rest of this column means…"))
        self.table.setAccessibleName(_("Values and what they mean"))
        self.model.set_columns(self._columns())
        self.table.arrange()
        self._show()

    # -- showing -----------------------------------------------------------------------------------------------

    def _load(self) -> None:
        """Read the users and stages that values may mean."""
        database = self.session.office.database

        def work(connection: Any) -> Options:
            found = {}
            for name in ("user", "stage", "pipeline"):
                if name in database.schema.entities:
                    ids = queries.find_ids(database, connection, name, limit=500)
                    titles = queries.titles(database.schema, connection, name, list(ids))
                    found[name] = list(dict.fromkeys(titles[one] for one in ids if titles.get(one)))
            return found

        self.session.office.read(self, work, self._on_options, supersede="options")

    def _on_options(self, options: Options) -> None:
        self.options = options
        self._show()

    def _rows(self) -> list[ValueRow]:
        draft = self.draft
        return value_map.value_rows(draft, self.options) if draft is not None and draft.plan is not None else []

    def _set_filter(self, only_open: bool) -> None:
        self.only_open.setChecked(only_open)
        self._show()

    def _show(self) -> None:
        rows = self._rows()
        unknown = [one for one in rows if one.state == UNKNOWN]
        self.every.set_count(format_integer(len(rows)))
        self.only_open.set_count(format_integer(len(unknown)))
        self.every.setChecked(not self.only_open.isChecked())
        kept = unknown if self.only_open.isChecked() else rows
        current = self.table.current_row()
        self.model.set_rows(kept)
        self.table.set_current_row(min(max(current, 0), len(kept) - 1))
        self._show_same()
        self.changed.emit()

    def _show_same(self) -> None:
        value = self._current()
        self.same.setVisible(value is not None and len(self._unknown_of(value.column)) > 1)

    def _current(self) -> ValueRow | None:
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _unknown_of(self, column: int) -> list[ValueRow]:
        return [one for one in self._rows() if one.column == column and one.state == UNKNOWN]

    def _choose_same(self) -> None:
        """Give every value of the current column that means nothing the same meaning."""
        value = self._current()
        if value is None:
            return
        results = [one for one in self._results(value) if not new_name(one.data)]
        if may_add(value.target):
            results.insert(1, Result(_ADD_EACH, _("Add each as a choice of the field"), icon="ph.plus"))
        popup = FindPopup(_("Find a value"), results, parent=self.same)
        popup.chosen.connect(lambda meaning: self._set_same(value, "" if meaning == _LEAVE else str(meaning)))
        popup.open_below(self.same, QPoint(0, self.same.height() + px(4)), _LEAVE)

    def _set_same(self, value: ValueRow, meaning: str) -> None:
        draft = self.draft
        if draft is None:
            return
        values = dict(draft.planned(value.column).values)
        for one in self._unknown_of(value.column):
            values[choice_key(one.text)] = NEW_CHOICE + one.text if meaning == _ADD_EACH else meaning
        self.session.set_values(value.column, values)

    def _columns(self) -> list[Column]:
        def field(row: ValueRow) -> str:
            return f"{row.header} → {field_label(row.target)}"

        def mark(row: ValueRow) -> tuple[str, str]:
            return _MARKS[row.state]

        return [
            Column("column", _("Column and field"), field, 190, color="text-muted"),
            Column("value", _("Value in the file"), lambda row: row.text, 190, font="name"),
            Column(
                "rows",
                _("Rows"),
                lambda row: format_integer(row.count),
                72,
                "end",
                "text-muted",
                sort=lambda r: r.count,
            ),
            Column("arrow", "", lambda row: "", 32, icon=lambda row: ("ph.arrow-right", "text-muted")),
            Column("means", _("Means"), shown_meaning, 250),
            Column("why", _("Why we think so"), why_meaning, 240, icon=mark, font="secondary"),
        ]

    def choose(self, row: int) -> FindPopup | None:
        """Open the list of meanings for a row."""
        if not 0 <= row < self.model.rowCount():
            return None
        value: ValueRow = self.model.row(row)
        popup = FindPopup(_("Find a value"), self._results(value), parent=self.table)
        popup.chosen.connect(lambda meaning: self._set_meaning(value, "" if meaning == _LEAVE else str(meaning)))
        rect = self.table.visualRect(self.model.index(row, _MEANS))
        popup.open_below(self.table.viewport(), QPoint(rect.left() - px(5), rect.bottom()), value.meaning or _LEAVE)
        return popup

    def _results(self, value: ValueRow) -> list[Result]:
        found = [Result(_LEAVE, _("Leave these cells out"), icon="ph.prohibit")]
        target = value.target
        if target.kind is Kind.CHOICE:
            if may_add(target) and value.state != OWN:
                name = NEW_CHOICE + value.text
                found.append(
                    Result(name, _("Add “{text}” as a choice").format(text=value.text), icon="ph.plus", data=name)
                )
            for choice in target.choices:
                label = choice.label if target.custom else translate(choice.label)
                found.append(Result(choice.key, label, icon="ph.circle", data=choice.key))
            return found
        icon = "ph.user-circle" if target.kind is Kind.USER else "ph.columns"
        titles = list(self.options.get(value_map.target_name(target), ()))
        if value.state == NEW and value.text not in titles:
            found.append(Result(value.text, _("Add “{text}”").format(text=value.text), icon="ph.plus"))
        return [*found, *(Result(title, title, icon=icon) for title in titles)]

    def _set_meaning(self, value: ValueRow, meaning: str) -> None:
        draft = self.draft
        if draft is not None:
            planned = draft.planned(value.column)
            self.session.set_values(value.column, value_map.with_meaning(planned, value.text, meaning))


def shown_meaning(row: ValueRow) -> str:
    """What the combo box says."""
    if row.state == UNKNOWN:
        return _("Choose a value…")
    return _("Leave these cells out") if row.state == LEFT_OUT else value_map.meaning_text(row)


def why_meaning(row: ValueRow) -> str:
    """How it is known."""
    return {
        OWN: _("Known here"),
        MAPPED: _("Another word for it"),
        NEW: _("Will be added"),
        UNKNOWN: _("Not known here"),
        LEFT_OUT: _("Left out"),
    }[row.state]


class _MeaningDelegate(CellDelegate):
    """The look of a combo box."""

    def paint_background(self, painter: QPainter, rect: QRect, index: Index, current: bool, selected: bool) -> None:
        self.hovered_row = self._view.cells.hovered_row  # type: ignore[attr-defined]
        super().paint_background(painter, rect, index, current, selected)

    def paint_content(
        self, painter: QPainter, inner: QRect, option: QStyleOptionViewItem, index: Index, current: bool
    ) -> None:
        model = index.model()
        assert isinstance(model, ListTableModel)
        row: ValueRow = model.row(index.row())
        box = inner.adjusted(0, px(4), 0, -px(3))
        line = "warning" if row.state == UNKNOWN else "focus" if current else "border-strong"
        frame_round(painter, box, px(6), line, "surface")
        side, middle = px(14), box.top() + box.height() // 2
        caret = QRect(box.right() + 1 - px(9) - side, middle - side // 2, side, side)
        paint_icon(painter, QRectF(mirrored(caret, box, option.direction)), "ph.caret-down", "text-muted")
        text = box.adjusted(px(9), 0, -px(9) - side - px(6), 0)
        color = "text-muted" if row.state == LEFT_OUT else "text"
        draw_text(painter, mirrored(text, box, option.direction), str(index.data()), "body", color)


class _ValuesTable(DataTable):
    def __init__(self, step: ValuesStep) -> None:
        super().__init__("", row_height=36)
        self._step = step
        self.own_column_menu = False
        self.header.setSectionsMovable(False)
        self._meaning = _MeaningDelegate(self)
        self.setItemDelegateForColumn(_MEANS, self._meaning)
        self.clicked.connect(self._on_clicked)
        self.row_activated.connect(lambda index: step.choose(index.row()))

    def arrange(self) -> None:
        """Give the columns their widths."""
        self.set_column_widths([160, 160, 64, 32, 220, 0], stretch=5)

    def _on_clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.column() == _MEANS:
            self._step.choose(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt_down = event.key() == Qt.Key.Key_Down and event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Space) or alt_down:
            self._step.choose(self.current_row())
        else:
            super().keyPressEvent(event)
