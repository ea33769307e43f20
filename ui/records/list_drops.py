"""Files dropped on a row of a list go to that row's record."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drop_kinds import DropTarget
from ui.records.drops import can_take, take_drop
from ui.records.list_view import RecordTable
from ui.theme.paint import frame_round
from ui.theme.theme import px


class _Frame(QWidget):
    """The frame over the row that would get the files."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect().adjusted(1, 1, -1, -2), px(4), "accent")


class ListDrops(QObject):
    """Takes the drops of a table's rows."""

    def __init__(self, table: RecordTable, office: Office, navigator: Navigator) -> None:
        super().__init__(table)
        self._table, self._office, self._navigator = table, office, navigator
        self._frame = _Frame(table.viewport())
        table.setAcceptDrops(True)
        table.viewport().setAcceptDrops(True)
        table.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.DragEnter, QEvent.Type.DragMove) and isinstance(
            event, QDragMoveEvent | QDragEnterEvent
        ):
            if not can_take(event.mimeData()):
                return False
            self._mark(self._row(event))
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            return True
        if kind == QEvent.Type.DragLeave:
            self._frame.hide()
        elif kind == QEvent.Type.Drop and isinstance(event, QDropEvent) and can_take(event.mimeData()):
            self._drop(event)
            return True
        return False

    def _row(self, event: QDropEvent) -> int:
        return self._table.rowAt(round(event.position().y()))

    def _mark(self, row: int) -> None:
        if row < 0 or self._table.records.id_at(row) is None:
            self._frame.hide()
            return
        height = self._table.rowHeight(row)
        self._frame.setGeometry(QRect(0, self._table.rowViewportPosition(row), self._table.viewport().width(), height))
        self._frame.show()
        self._frame.raise_()

    def _drop(self, event: QDropEvent) -> None:
        self._frame.hide()
        row = self._row(event)
        record_id = self._table.records.id_at(row) if row >= 0 else None
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        target = DropTarget(self._table.records.spec.name, record_id)
        take_drop(self._table.window(), self._office, self._navigator, event.mimeData(), target)
