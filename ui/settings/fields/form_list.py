"""The form as a list of sections and fields that are dragged, or moved with Alt and the arrows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QStyledItemDelegate, QStyleOptionViewItem

from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _
from ui.records.shown import label_of
from ui.settings.fields.draft import FormDraft, Row
from ui.settings.fields.kinds import icon_of, sort_of, words_of
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.roles import Role
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
_MIME = "application/x-crm-form-row"


class FormModel(QAbstractListModel):
    """The lines of a draft."""

    dropped = Signal(int, int)
    """(row, before which row); the number of rows is the end."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self.fields: dict[str, Field] = {}

    def show(self, draft: FormDraft) -> None:
        """Show a draft."""
        self.beginResetModel()
        self.rows, self.fields = draft.rows(), draft.by_name
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row)
        if role == Role.KEY:
            return row.key
        return None

    def text(self, row: Row) -> str:
        """The words of a line."""
        return label_of(self.fields[row.key]) if row.kind == "field" else row.text

    def _spoken(self, row: Row) -> str:
        if row.kind == "section":
            return _("Section {title}").format(title=row.text)
        if row.kind == "list":
            return row.text
        one = self.fields[row.key]
        parts = [label_of(one), words_of(sort_of(one))]
        parts += [_("required")] if one.required else []
        parts += [_("hidden")] if one.hidden else []
        return ", ".join(parts)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.rows[index.row()].kind == "list" else flags | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setData(_MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: Index) -> bool:
        if not data.hasFormat(_MIME):
            return False
        target = row if row >= 0 else parent.row() if parent.isValid() else len(self.rows)
        self.dropped.emit(int(bytes(data.data(_MIME).data()).decode()), target)
        return False  # the page moves the line itself


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: FormList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        section = self._view.form.rows[index.row()].kind == "section"
        return QSize(px(160), px(40) if section and index.row() else px(32))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row, rect = self._view.form.rows[index.row()], QRect(option.rect)
        current = index.row() == self._view.currentIndex().row()
        painter.save()
        if row.kind == "section" and index.row():
            rect.setTop(rect.bottom() - px(32) + 1)
        box = rect.adjusted(px(4), 1, -px(4), -1)
        if current:
            fill_round(painter, box, px(6), "accent-soft")
            if self._view.hasFocus():
                frame_round(painter, box, px(6), "focus")
        if row.kind == "section":
            self._section(painter, rect, row)
        else:
            self._field(painter, rect, row, current)
        painter.restore()

    def _section(self, painter: QPainter, rect: QRect, row: Row) -> None:
        draw_text(painter, rect.adjusted(px(12), 0, -px(12), 0), row.text, "section")

    def _field(self, painter: QPainter, rect: QRect, row: Row, current: bool) -> None:
        one = self._view.form.fields.get(row.key)
        inner, direction = rect.adjusted(px(12), 0, -px(12), 0), self._view.layoutDirection()
        ink = "text-muted" if one is None or one.hidden else "text"

        def icon(left: int, name: str) -> None:
            side = px(16)
            place = QRect(left, inner.center().y() - side // 2 + 1, side, side)
            paint_icon(painter, QRectF(mirrored(place, inner, direction)), name, "text-muted")

        if one is not None:
            icon(inner.left(), "ph.dots-six-vertical")
        icon(inner.left() + px(20), icon_of(sort_of(one)) if one is not None else "ph.rows")
        left, right = inner.left() + px(46), inner.right()
        note = _("hidden") if one is not None and one.hidden else _("own") if one is not None and one.custom else ""
        if note:
            width = text_width(note, "secondary") + 1
            place = mirrored(QRect(right - width, inner.top(), width, inner.height()), inner, direction)
            draw_text(painter, place, note, "secondary", "text-muted", elide=False)
            right -= width + px(8)
        text = self._view.form.text(row) + (" *" if one is not None and one.required else "")
        place = mirrored(QRect(left, inner.top(), right - left, inner.height()), inner, direction)
        draw_text(painter, place, text, "name" if current else "body", ink)


class FormList(QListView):
    """The arranged form. ``moved`` sends (row, step), ``dropped`` (row, before which row)."""

    moved = Signal(int, int)
    dropped = Signal(int, int)
    current_changed = Signal(object)
    opened = Signal(object)
    removed = Signal(object)

    def __init__(self, name: str, parent: Any = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.form = FormModel(self)
        self.form.dropped.connect(self.dropped)
        self.setModel(self.form)
        self.setItemDelegate(_Delegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.activated.connect(lambda _index: self.opened.emit(self.current_row()))
        on_theme(self, self.doItemsLayout)

    def show_draft(self, draft: FormDraft, current: tuple[str, str] | None = None) -> None:
        """Show a draft with a line (kind, key) current; the same one as before where None."""
        row = self.current_row()
        wanted = current or ((row.kind, row.key) if row is not None else None)
        self.blockSignals(True)
        self.form.show(draft)
        self.blockSignals(False)
        places = [n for n, one in enumerate(self.form.rows) if (one.kind, one.key) == wanted]
        places += [n for n, one in enumerate(self.form.rows) if one.kind == "field"]
        if places:
            self.setCurrentIndex(self.form.index(places[0]))
            self.scrollTo(self.form.index(places[0]))

    def current_row(self) -> Row | None:
        """The current line."""
        row = self.currentIndex().row()
        return self.form.rows[row] if 0 <= row < len(self.form.rows) else None

    def select(self, kind: str, key: str) -> None:
        """Go to a line."""
        for number, one in enumerate(self.form.rows):
            if (one.kind, one.key) == (kind, key):
                self.setCurrentIndex(self.form.index(number))

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()
        if not self.signalsBlocked():
            self.current_changed.emit(self.current_row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.moved.emit(self.currentIndex().row(), step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.opened.emit(self.current_row())
        elif event.key() == Qt.Key.Key_Delete:
            self.removed.emit(self.current_row())
        else:
            super().keyPressEvent(event)
