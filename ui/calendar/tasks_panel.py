"""The tasks that are due, to be ticked off or dragged to an hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core import clock
from crm_desktop.core.formats import format_date, format_time
from crm_desktop.core.i18n import _, ngettext
from ui.calendar.grid import task_mime
from ui.framework.retranslate import on_language_change
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.style import draw_check
from ui.theme.theme import px, theme
from ui.widgets.buttons import IconButton
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Label
from ui.widgets.places import kept_place
from ui.widgets.themed import margins, on_theme

_Index = QModelIndex | QPersistentModelIndex
_ROW = 48
DONE = Qt.ItemDataRole.CheckStateRole


@dataclass(frozen=True, slots=True)
class TaskItem:
    """One task beside the calendar."""

    key: int | str
    title: str
    subtitle: str = ""
    due: date | None = None
    due_time: time | None = None
    done: bool = False

    @property
    def overdue(self) -> bool:
        """Whether its day, or its hour of today, is past."""
        if self.due is None or self.done:
            return False
        now = clock.now().astimezone(clock.local_zone())
        past_hour = self.due_time is not None and self.due_time < now.time()
        return self.due < now.date() or (self.due == now.date() and past_hour)

    def due_text(self) -> str:
        """When it is due, in short: "3 days", "yesterday", "14:00"."""
        if self.due is None:
            return ""
        late = (clock.today() - self.due).days
        if late == 1:
            return _("yesterday")
        if late > 1:
            return ngettext("{n} day", "{n} days", late).format(n=late)
        if late == 0:
            return format_time(self.due_time) if self.due_time else _("today")
        return _("tomorrow") if late == -1 else format_date(self.due, "weekday")


class TaskModel(QAbstractListModel):
    """Tasks, in the order given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tasks: list[TaskItem] = []

    def set_tasks(self, tasks: Sequence[TaskItem]) -> None:
        """Show these tasks."""
        self.beginResetModel()
        self.tasks = list(tasks)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.tasks)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        task = self.tasks[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return task
        if role == Qt.ItemDataRole.DisplayRole:
            return task.title
        if role == DONE:
            return Qt.CheckState.Checked if task.done else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            due = format_date(task.due, "full") if task.due else ""
            parts = [task.title, task.subtitle, due, _("overdue") if task.overdue else ""]
            return ("\n" if role == Qt.ItemDataRole.ToolTipRole else "; ").join(part for part in parts if part)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsUserCheckable

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        task = self.tasks[indexes[0].row()]
        return task_mime(task.key, task.title)


class _TaskDelegate(QStyledItemDelegate):
    """Paints a task: box, title, whose it is, and when it is due."""

    toggled = Signal(object, bool)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(px(200), px(_ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        task: TaskItem = index.data(Qt.ItemDataRole.UserRole)
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setLayoutDirection(option.direction)
        if selected or over:
            fill_round(painter, rect.adjusted(px(8), 0, -px(8), 0), px(6), "accent-soft" if selected else "hover")
        state = Qt.CheckState.Checked if task.done else Qt.CheckState.Unchecked
        draw_check(theme(), painter, self._box(rect, option.direction), state)
        due_width = self._paint_due(painter, rect, task)
        left = rect.left() + px(40)
        room = rect.right() - px(16) - due_width - px(8) - left
        font = theme().font("body")
        font.setStrikeOut(task.done)
        first = QRect(left, rect.center().y() - px(18), room, px(20))
        if not task.subtitle:
            first.moveTop(rect.center().y() - px(9))
        draw_text(painter, mirrored(first, rect, option.direction), task.title, font)
        second = QRect(left, first.bottom(), room, px(16))
        draw_text(painter, mirrored(second, rect, option.direction), task.subtitle, "secondary", "text-muted")
        painter.restore()

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        pressed = isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonRelease
        if pressed and isinstance(event, QMouseEvent):
            box = self._box(option.rect, option.direction).adjusted(-px(6), -px(6), px(6), px(6))
            if box.contains(event.position().toPoint()):
                task: TaskItem = index.data(Qt.ItemDataRole.UserRole)
                self.toggled.emit(task.key, not task.done)
                return True
        return False

    def _box(self, rect: QRect, direction: Qt.LayoutDirection) -> QRect:
        return mirrored(QRect(rect.left() + px(16), rect.center().y() - px(7), px(16), px(16)), rect, direction)

    def _paint_due(self, painter: QPainter, rect: QRect, task: TaskItem) -> int:
        text = task.due_text()
        if not text:
            return 0
        ink, icon = ("danger", "ph.warning") if task.overdue else ("text-muted", "ph.clock")
        width = text_width(text, "secondary") + 1
        area = QRect(rect.right() - px(16) - width, rect.top(), width, rect.height())
        draw_text(painter, mirrored(area, rect, painter.layoutDirection()), text, "secondary", ink)
        mark = QRect(area.left() - px(18), rect.center().y() - px(7), px(14), px(14))
        paint_icon(painter, QRectF(mirrored(mark, rect, painter.layoutDirection())), icon, ink)
        return width + px(18)


class _TaskList(QListView):
    opened = Signal(object)
    planned = Signal(object)
    toggled = Signal(object, bool)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        task: TaskItem | None = self.currentIndex().data(Qt.ItemDataRole.UserRole)
        if task is not None and event.key() == Qt.Key.Key_Space:
            self.toggled.emit(task.key, not task.done)
        elif task is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            (self.planned if control else self.opened).emit(task.key)
        else:
            super().keyPressEvent(event)


class TasksPanel(QWidget):
    """Tasks due, overdue ones first. A box or Space ticks one off; dragged to an hour it becomes an appointment.

    ``planned`` asks for an hour at the calendar's cursor.
    """

    opened = Signal(object)
    planned = Signal(object)
    toggled = Signal(object, bool)
    create_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = SectionHeader()
        self.add_button = IconButton("ph.plus", "", kind="ghost")
        self.add_button.clicked.connect(self.create_requested)
        self.header.add(self.add_button)
        self._hint = Label("", "secondary", "text-muted")
        self._nothing = Label("", "secondary", "text-muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.tasks = TaskModel(self)
        self.list = _TaskList()
        self._set_up_list()
        hint, empty = QWidget(), QWidget()
        QVBoxLayout(hint).addWidget(self._hint)
        QVBoxLayout(empty).addWidget(self._nothing)
        margins(hint, 16, 0, 16, 4, 0)
        margins(empty, 16, 8, 16, 8, 0)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.list)
        self._stack.addWidget(empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(hint)
        box.addLayout(self._stack, 1)
        on_theme(self, self.list.doItemsLayout)
        on_language_change(self, self.retranslate)
        self.set_tasks(())

    def set_tasks(self, tasks: Sequence[TaskItem]) -> None:
        """Show these tasks, in this order."""
        row = self.list.currentIndex().row()
        key = self.tasks.tasks[row].key if 0 <= row < len(self.tasks.tasks) else None
        with kept_place(self.list, lambda number: self.tasks.tasks[number].key):
            self.tasks.set_tasks(tasks)
            same = next((number for number, one in enumerate(tasks) if one.key == key), row)
            if 0 <= same < len(tasks):
                self.list.setCurrentIndex(self.tasks.index(same))
        self._stack.setCurrentIndex(0 if tasks else 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.header.set_title(_("Tasks"))
        late = sum(task.overdue for task in self.tasks.tasks)
        self.header.set_badge(_("{n} overdue").format(n=late) if late else "", "danger")
        self.add_button.set_label(_("New task"))
        self._hint.setText(_("Drag to a time"))
        self._hint.setToolTip(_("Or Ctrl+Enter: plan the task at the cursor of the calendar"))
        self._hint.setVisible(bool(self.tasks.tasks))
        self._nothing.setText(_("No task is due. Enjoy the quiet, or plan the next one."))
        self.list.setAccessibleName(_("Tasks"))

    def _set_up_list(self) -> None:
        delegate = _TaskDelegate(self)
        self.list.setModel(self.tasks)
        self.list.setItemDelegate(delegate)
        self.list.setFrameShape(QListView.Shape.NoFrame)
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        delegate.toggled.connect(self.toggled)
        self.list.toggled.connect(self.toggled)
        self.list.opened.connect(self.opened)
        self.list.planned.connect(self.planned)
        self.list.doubleClicked.connect(lambda index: self.opened.emit(index.data(Qt.ItemDataRole.UserRole).key))
