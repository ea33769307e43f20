"""The table of rights: record types down, actions across, in each cell how far the right reaches.

Arrow keys move, the first letter of a scope sets it, Space takes the next one, Enter opens the choice, Delete goes back
to the default.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from crm_desktop.core.access import ACTION_NAMES, ACTIONS, SCOPES, UNSCOPED
from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import _, translate
from crm_desktop.security.roles import RoleRights
from ui.security.words import ACTION_HELP, SCOPE_HELP, SCOPE_ICONS, scope_keys, scope_name
from ui.theme.icons import icon, paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

Index = QModelIndex | QPersistentModelIndex
_Data = Qt.ItemDataRole
_ROW = 36
_SCOPE, _CHANGED = _Data.UserRole + 1, _Data.UserRole + 2
_LOOKS = {
    "all": ("accent-soft", "accent"), "team": ("hue-2", "hue-2-ink"), "own": ("hue-4", "hue-4-ink"),
    "none": (None, "text-muted"),
}  # fmt: skip


def cell_words(action: str, scope: str) -> str:
    """What stands in a cell."""
    if action in UNSCOPED:
        return _("Yes") if scope != "none" else scope_name("none")
    return scope_name(scope)


class MatrixModel(QAbstractTableModel):
    """The rights of one role; column 0 names the record type."""

    def __init__(self, entities: Sequence[Entity], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entities = list(entities)
        self.rights = RoleRights("", {}, {})
        self.everything = False
        self.editable = False

    def show_rights(self, rights: RoleRights, *, everything: bool, editable: bool) -> None:
        """Show a role; ``everything`` where it leads the office."""
        self.rights, self.everything, self.editable = rights, everything, editable
        if self.entities:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.entities) - 1, len(ACTIONS)))

    def key(self, index: Index) -> tuple[str, str]:
        """(record type, action) of a cell."""
        return self.entities[index.row()].name, ACTIONS[index.column() - 1]

    def scope(self, index: Index) -> str:
        """How far the right of a cell reaches."""
        return "all" if self.everything else self.rights.scopes.get(self.key(index), "none")

    def changed(self, index: Index) -> bool:
        """Whether the office changed it."""
        return not self.everything and self.rights.changed(*self.key(index))

    def words(self, index: Index) -> str:
        """A cell as a sentence, for who hears it."""
        entity, action = self.key(index)
        text = _("{records}, {action}: {scope}").format(
            records=translate(self.entities[index.row()].plural), action=translate(ACTION_NAMES[action]),
            scope=cell_words(action, self.scope(index)),
        )  # fmt: skip
        if not self.changed(index):
            return text
        was = cell_words(action, self.rights.defaults[entity, action])
        return _("{right} (changed by the office; it was: {was})").format(right=text, was=was)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.entities)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(ACTIONS) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Data.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        action = ACTIONS[section - 1] if section else ""
        if role in (_Data.DisplayRole, _Data.AccessibleTextRole):
            return translate(ACTION_NAMES[action]) if action else _("Record type")
        if role == _Data.ToolTipRole and action:
            return translate(ACTION_HELP[action])
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.column():
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = _Data.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if not index.column():
            return translate(self.entities[index.row()].plural) if role == _Data.DisplayRole else None
        if role == _Data.DisplayRole:
            return cell_words(self.key(index)[1], self.scope(index))
        if role == _Data.AccessibleTextRole:
            return self.words(index)
        if role == _Data.ToolTipRole:
            help_text = translate(SCOPE_HELP[self.scope(index)])
            return f"{self.words(index)}\n{help_text}" if self.key(index)[1] not in UNSCOPED else self.words(index)
        return {_SCOPE: self.scope(index), _CHANGED: self.changed(index)}.get(role)


class _Cells(QStyledItemDelegate):
    def __init__(self, view: RightsMatrix) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, view = option.rect, self._view
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("border"))
        if not index.column():
            self._paint_name(painter, rect, index)
            return
        scope = index.data(_SCOPE)
        box = rect.adjusted(px(3), px(5), -px(3), -px(5))
        fill, ink = _LOOKS[scope]
        if fill:
            fill_round(painter, box, px(4), fill)
        elif view.model_.editable and index == view.hovered:
            fill_round(painter, box, px(4), "hover")
        text, role = str(index.data()), "secondary-name" if scope != "none" else "secondary"
        side = px(14)
        room = box.width() - px(8)
        wide = text_width(text, role) + side + px(4) <= room
        used = text_width(text, role) + (side + px(4) if wide else 0)
        left = box.left() + max(px(4), (box.width() - used) // 2)
        direction = view.layoutDirection()
        if wide:
            spot = mirrored(QRect(left, box.center().y() - side // 2 + 1, side, side), box, direction)
            paint_icon(painter, QRectF(spot), SCOPE_ICONS[scope], ink)
            left += side + px(4)
        words = mirrored(QRect(left, box.top(), box.right() - left - px(2), box.height()), box, direction)
        draw_text(painter, words, text, role, ink)
        if index.data(_CHANGED):
            dot = QRect(box.right() - px(5), box.top() - px(1), px(7), px(7))
            fill_round(painter, mirrored(dot, box, direction), px(3.5), "warning")
        if index == view.currentIndex() and view.hasFocus():
            frame_round(painter, box, px(4), "focus", width=2)

    def _paint_name(self, painter: QPainter, rect: QRect, index: Index) -> None:
        side, direction = px(16), self._view.layoutDirection()
        box = mirrored(QRect(rect.left() + px(12), rect.center().y() - side // 2, side, side), rect, direction)
        paint_icon(painter, QRectF(box), self._view.model_.entities[index.row()].icon, "text-muted")
        room = mirrored(rect.adjusted(px(36), 0, -px(4), 0), rect, direction)
        draw_text(painter, room, str(index.data()), "name")

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(px(60), px(_ROW))


class _Heads(QHeaderView):
    """The names of the actions, on two lines where they are long."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setHighlightSections(False)
        self.setSectionsClickable(False)
        self.setAccessibleName(_("Actions"))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        painter.save()
        painter.fillRect(rect, theme().color("sunken"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, theme().color("border"))
        painter.setFont(theme().font("secondary-strong"))
        painter.setPen(theme().color("text-muted"))
        first = logicalIndex == 0
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        flags |= Qt.AlignmentFlag.AlignLeading if first else Qt.AlignmentFlag.AlignHCenter
        inner = rect.adjusted(px(12) if first else px(2), 0, -px(2), 0)
        painter.drawText(inner, flags, str(self.model().headerData(logicalIndex, self.orientation()) or ""))
        painter.restore()

    def sizeHint(self) -> QSize:
        return QSize(px(60), px(40))


class RightsMatrix(QTableView):
    """The table. ``chosen`` sends (record type, action, scope); ``reset`` (record type, action) of a changed cell."""

    chosen = Signal(str, str, str)
    reset_asked = Signal(str, str)

    def __init__(self, entities: Sequence[Entity], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = QModelIndex()
        self.model_ = MatrixModel(entities, self)
        self.setHorizontalHeader(_Heads(self))
        self.setModel(self.model_)
        self.setItemDelegate(_Cells(self))
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.setCornerButtonEnabled(False)
        self.setAccessibleName(_("Rights by record type and action"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        on_theme(self, self._measure)
        if entities:
            self.setCurrentIndex(self.model_.index(0, 1))

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(px(_ROW))
        self.setFixedHeight(px(40) + px(_ROW) * self.model_.rowCount() + 1)
        self._share()

    def _share(self) -> None:
        width = self.viewport().width()
        first = max(px(112), min(px(176), width // 5))
        each = max(px(48), (width - first) // len(ACTIONS))
        self.setColumnWidth(0, max(width - each * len(ACTIONS), px(96)))
        for column in range(1, len(ACTIONS) + 1):
            self.setColumnWidth(column, each)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    # -- choosing ------------------------------------------------------------------------------------------------

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and not current.column():
            beside = self.model_.index(current.row(), 1)
            self.selectionModel().setCurrentIndex(beside, QItemSelectionModel.SelectionFlag.NoUpdate)
        self.viewport().update()

    def set_scope(self, index: Index, scope: str) -> None:
        """Ask for another scope of a cell."""
        if not self.model_.editable or not index.isValid() or not index.column():
            return
        entity, action = self.model_.key(index)
        if action in UNSCOPED and scope != "none":
            scope = "all"
        if scope != self.model_.scope(index):
            self.chosen.emit(entity, action, scope)

    def next_scope(self, index: Index) -> None:
        """Ask for the next wider scope; after "all" comes "none"."""
        if index.isValid() and index.column():
            action = self.model_.key(index)[1]
            ring = ("none", "all") if action in UNSCOPED else SCOPES
            self.set_scope(index, ring[(ring.index(self.model_.scope(index)) + 1) % len(ring)])

    def menu(self, index: Index) -> QMenu:
        """The scopes of a cell to choose from."""
        menu = QMenu(self)
        entity, action = self.model_.key(index)
        for scope in ("all", "none") if action in UNSCOPED else tuple(reversed(SCOPES)):
            text = cell_words(action, scope)
            if action not in UNSCOPED and scope != "none":
                text = f"{text} – {translate(SCOPE_HELP[scope])}"
            entry = menu.addAction(icon(SCOPE_ICONS[scope]), text)
            entry.setCheckable(True)
            entry.setChecked(scope == self.model_.scope(index))
            entry.triggered.connect(lambda _on=False, scope=scope: self.set_scope(index, scope))
        if self.model_.changed(index):
            menu.addSeparator()
            default = cell_words(action, self.model_.rights.defaults[entity, action])
            back = menu.addAction(icon("ph.arrow-counter-clockwise"), _("Default: {scope}").format(scope=default))
            back.triggered.connect(lambda _on=False: self._reset(index))
        return menu

    def _reset(self, index: Index) -> None:
        if self.model_.editable and index.isValid() and index.column() and self.model_.changed(index):
            self.reset_asked.emit(*self.model_.key(index))

    def _open(self, index: Index) -> None:
        if self.model_.editable and index.isValid() and index.column():
            spot = self.visualRect(index).bottomLeft()
            self.menu(index).exec(self.viewport().mapToGlobal(spot))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        letter = scope_keys().get(event.text().upper())
        held = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if letter is not None and not held:
            self.set_scope(index, letter)
        elif key == Qt.Key.Key_Space:
            self.next_scope(index)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(index)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._reset(index)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._open(self.indexAt(event.position().toPoint()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index != self.hovered:
            self.hovered = index
            self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: Any) -> None:
        self.hovered = QModelIndex()
        self.viewport().update()
        super().leaveEvent(event)
