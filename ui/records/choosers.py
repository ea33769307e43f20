"""Popups of a list: which columns it shows, and by what it is sorted."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from ui.records.shown import label_of
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton, SegmentedControl
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.popup import PopupFrame
from ui.widgets.search_box import SearchBox
from ui.widgets.themed import margins

_NAME = Qt.ItemDataRole.UserRole


class ColumnsPopup(PopupFrame):
    """Every field with a box; those shown come first and can be dragged into another order.

    ``changed`` sends the names in their order; ``reset_requested`` asks for the columns as they were at first.
    """

    changed = Signal(list)
    reset_requested = Signal()

    def __init__(self, fields: Sequence[Field], shown: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        by_name = {one.name: one for one in fields}
        order = [by_name[name] for name in shown if name in by_name]
        order += sorted((one for one in fields if one.name not in shown), key=lambda one: fold(label_of(one)))
        self.search = SearchBox(_("Find a column"), small=True, delay=0)
        self.search.searched.connect(self._filter)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Columns"))
        self.list.installEventFilter(self)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setFixedSize(px(280), px(340))
        self.list.setUniformItemSizes(True)
        for one in order:
            item = QListWidgetItem(label_of(one))
            item.setData(_NAME, one.name)
            item.setSizeHint(QSize(px(240), px(28)))
            item.setCheckState(Qt.CheckState.Checked if one.name in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.itemChanged.connect(lambda _item: self._tell())
        self.list.model().rowsMoved.connect(lambda *_args: self._tell())
        reset = Button(_("As at first"), kind="ghost", small=True)
        reset.clicked.connect(self._reset)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(Label(_("Columns"), "section"))
        box.addWidget(self.search)
        box.addWidget(self.list)
        row = QHBoxLayout()
        row.addWidget(Label(_("Drag, or Alt+Up and Alt+Down"), "secondary", "text-muted"), 1)
        row.addWidget(reset)
        box.addLayout(row)
        margins(inner, 12, 12, 12, 8, 8)
        self.body.addWidget(inner)

    def move_column(self, step: int) -> None:
        """Put the current column one place further."""
        row = self.list.currentRow()
        if row >= 0 and 0 <= row + step < self.list.count():
            item = self.list.takeItem(row)
            self.list.insertItem(row + step, item)
            self.list.setCurrentRow(row + step)
            self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.list and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self.move_column(step)
                return True
        return super().eventFilter(watched, event)

    def names(self) -> list[str]:
        """The names that are on, in their order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [str(item.data(_NAME)) for item in items if item.checkState() == Qt.CheckState.Checked]

    def set_on(self, name: str, on: bool) -> None:
        """Show or hide a column, as if the user had."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_NAME) == name:
                self.list.item(row).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def _filter(self, text: str) -> None:
        for row in range(self.list.count()):
            self.list.item(row).setHidden(fold(text) not in fold(self.list.item(row).text()))

    def _tell(self) -> None:
        if self.names():
            self.changed.emit(self.names())

    def _reset(self) -> None:
        self.close()
        self.reset_requested.emit()


class _SortRow(QWidget):
    changed = Signal()
    removed = Signal()
    moved = Signal(int)

    def __init__(self, options: Sequence[tuple[str, str]], name: str, descending: bool) -> None:
        super().__init__()
        self.number = Label("", "secondary", "text-muted")
        self.number.setFixedWidth(px(14))
        self.field = ChoiceEditor(options, name=_("Sort by"), empty=None)
        self.field.set_value(name)
        self.order = SegmentedControl(
            [("up", _("Up"), "ph.arrow-up"), ("down", _("Down"), "ph.arrow-down")], small=False
        )
        self.order.set_value("down" if descending else "up")
        self.up = IconButton("ph.caret-up", _("Weightier (Alt+Up)"), kind="ghost")
        self.down = IconButton("ph.caret-down", _("Less weighty (Alt+Down)"), kind="ghost")
        self.up.clicked.connect(lambda: self.moved.emit(-1))
        self.down.clicked.connect(lambda: self.moved.emit(1))
        self.remove = IconButton("ph.x", _("Remove (Alt+Delete)"), kind="ghost")
        self.remove.clicked.connect(self.removed)
        self.order.setAccessibleName(_("Direction"))
        self.field.edited.connect(self.changed)
        self.order.changed.connect(lambda _key: self.changed.emit())
        row = QHBoxLayout(self)
        row.addWidget(self.number)
        row.addWidget(self.field, 1)
        row.addWidget(self.order)
        row.addWidget(self.up)
        row.addWidget(self.down)
        row.addWidget(self.remove)
        margins(self, 0, 0, 0, 0, 4)
        for widget in (self.field, *self.order.findChildren(QWidget), self.up, self.down, self.remove):
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Alt with Up, Down or Delete, before the choice of fields takes them for itself."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if not event.modifiers() & Qt.KeyboardModifier.AltModifier or not (step or event.key() == Qt.Key.Key_Delete):
            return super().eventFilter(watched, event)
        if step:
            self.moved.emit(step)
        else:
            self.removed.emit()
        return True

    def value(self) -> tuple[str, bool]:
        """(field, descending)."""
        return str(self.field.value()), self.order.value() == "down"


class SortPopup(PopupFrame):
    """The sorts of a list, the weightiest first. ``changed`` sends (field, descending) pairs."""

    changed = Signal(list)

    def __init__(
        self, fields: Sequence[Field], sorts: Sequence[tuple[str, bool]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._options = sorted(((one.name, label_of(one)) for one in fields), key=lambda pair: fold(pair[1]))
        self._rows: list[_SortRow] = []
        inner = QWidget()
        self._box = QVBoxLayout(inner)
        self._box.addWidget(Label(_("Sort by"), "section"))
        self._add = Button(_("Then by…"), icon="ph.plus", kind="accent", small=True)
        self._add.clicked.connect(self._add_one)
        self._box.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeading)
        margins(inner, 12, 12, 12, 12, 8)
        inner.setMinimumWidth(px(460))
        self.body.addWidget(inner)
        for name, descending in sorts:
            self._put(name, descending)

    def focus_first(self) -> None:
        """Put the focus on the weightiest sort."""
        (self._rows[0].field if self._rows else self._add).setFocus()

    def _add_one(self) -> None:
        """A further sort, by a field that is not sorted by yet."""
        used = {name for name, _down in self.sorts()}
        free = next((name for name, _label in self._options if name not in used), self._options[0][0])
        self._put(free, False, tell=True)
        self._rows[-1].field.setFocus()

    def _put(self, name: str, descending: bool, *, tell: bool = False) -> None:
        row = _SortRow(self._options, name, descending)
        row.changed.connect(self._tell)
        row.removed.connect(lambda: self._remove(row))
        row.moved.connect(lambda step: self._move(row, step))
        self._rows.append(row)
        self._box.insertWidget(self._box.count() - 1, row)
        self._number()
        self.adjustSize()
        if tell:
            self._tell()

    def _number(self) -> None:
        self._add.setText(_("Then by…") if self._rows else _("Sort by…"))
        for number, row in enumerate(self._rows):
            row.number.setText(str(number + 1) if len(self._rows) > 1 else "")
            row.up.setEnabled(number > 0)
            row.down.setEnabled(number + 1 < len(self._rows))

    def _move(self, row: _SortRow, step: int) -> None:
        at = self._rows.index(row)
        if not 0 <= at + step < len(self._rows):
            return
        focused = self.focusWidget()
        self._rows.insert(at + step, self._rows.pop(at))
        self._box.removeWidget(row)
        self._box.insertWidget(at + step + 1, row)
        before: QWidget = self._rows[0].field
        for one in self._rows:  # Tab goes in the order that is seen
            for widget in (one.field, one.order, one.up, one.down, one.remove):
                QWidget.setTabOrder(before, widget)
                before = widget
        QWidget.setTabOrder(before, self._add)
        self._number()
        if focused is not None:
            focused.setFocus() if focused.isEnabled() else row.field.setFocus()
        self._tell()

    def _remove(self, row: _SortRow) -> None:
        self._rows.remove(row)
        self._box.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._number()
        (self._rows[0].field if self._rows else self._add).setFocus()
        self.adjustSize()
        self._tell()

    def sorts(self) -> list[tuple[str, bool]]:
        """(field, descending), each field once."""
        return list(dict(row.value() for row in self._rows).items())

    def _tell(self) -> None:
        self.changed.emit(self.sorts())
