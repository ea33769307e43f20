"""The facts of a record: label over value in a grid; a click turns a value into its editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QMenu, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import _
from ui.theme.icons import icon, paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.avatar import paint_avatar
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.themed import margins, on_theme


@dataclass(frozen=True)
class Fact:
    """A fact: its key, label and text as shown. ``value`` is what its editor starts with.

    ``link`` paints it in accent and a click sends ``link_activated``; the pencil, F2 or Enter still edit it.
    ``icon`` stands behind the text (token ``icon_color``), ``avatar`` is a name for initials before it.
    With ``icon_tip`` the icon is a button of its own (Ctrl+Enter on the value) and this is what it does;
    ``copied`` is what Ctrl+C takes where that is not the text.
    """

    key: str
    label: str
    text: str
    value: Any = None
    editable: bool = True
    link: bool = False
    strong: bool = False
    icon: str = ""
    icon_color: str = "text-muted"
    icon_tip: str = ""
    copied: str = ""
    avatar: str = ""
    tooltip: str = ""
    color: str = ""
    span: int = 1


class _Value(QWidget):
    """The value of a fact while it is read."""

    clicked = Signal()
    icon_clicked = Signal()
    edit_requested = Signal()

    def __init__(self, fact: Fact, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_fact(fact)

    def set_fact(self, fact: Fact) -> None:
        """Show another value."""
        self.fact = fact
        self._icon_box = QRect()
        reached = fact.editable or fact.link or fact.icon_tip or fact.copied
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if reached else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{fact.label}: {fact.text}")
        self.setAccessibleDescription(_("Ctrl+Enter: {what}").format(what=fact.icon_tip) if fact.icon_tip else "")
        if fact.link:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif fact.editable:
            self.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self.unsetCursor()
        self.setToolTip(fact.tooltip or (_("Click to edit") if fact.editable and not fact.link else ""))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(32) + text_width(self.fact.text), px(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(64), px(22))

    def _pencil(self) -> QRect:
        side = px(20)
        box = QRect(self.width() - side, (self.height() - side) // 2, side, side)
        return mirrored(box, self.rect(), self.layoutDirection())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fact, whole, direction = self.fact, self.rect(), self.layoutDirection()
        over = self.underMouse() and fact.editable
        if over:
            fill_round(painter, whole.adjusted(-px(4), 0, 0, 0), px(4), "hover")
        left = 0
        if fact.avatar:
            side = px(20)
            box = mirrored(QRect(0, (self.height() - side) // 2, side, side), whole, direction)
            paint_avatar(painter, QRectF(box), fact.avatar)
            left = side + px(6)
        room = self.width() - left - (px(20) if fact.icon else 0) - (px(22) if over else 0)
        role = "strong" if fact.strong else "body"
        color = fact.color or ("accent" if fact.link and fact.text else ("text" if fact.text else "text-disabled"))
        text = fact.text or "–"
        used = min(text_width(text, role) + 1, room)
        draw_text(painter, mirrored(QRect(left, 0, room, self.height()), whole, direction), text, role, color)
        if fact.icon:
            side = px(14)
            box = QRect(left + used + px(6), (self.height() - side) // 2, side, side)
            self._icon_box = mirrored(box, whole, direction)
            paint_icon(painter, QRectF(self._icon_box), fact.icon, fact.icon_color)
        if over:
            pencil = self._pencil()
            inset = px(3)
            spot = QRectF(pencil.adjusted(inset, inset, -inset, -inset))
            paint_icon(painter, spot, "ph.pencil-simple", "text-muted")
        if self.hasFocus():
            frame_round(painter, whole, px(4), "focus")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        spot = event.position().toPoint()
        if event.button() != Qt.MouseButton.LeftButton or not self.rect().contains(spot):
            return
        if self.fact.icon_tip and self._icon_box.adjusted(-px(4), -px(4), px(4), px(4)).contains(spot):
            self.icon_clicked.emit()
        elif self.fact.link and not (self.fact.editable and self._pencil().contains(spot)):
            self.clicked.emit()
        elif self.fact.editable:
            self.edit_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if key == Qt.Key.Key_F2 and self.fact.editable:
            self.edit_requested.emit()
        elif event.matches(QKeySequence.StandardKey.Copy) and self.fact.text:
            self.copy()
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.fact.icon_tip:
            self.icon_clicked.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.fact.link:
                self.clicked.emit()
            elif self.fact.editable:
                self.edit_requested.emit()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the value on the clipboard."""
        QGuiApplication.clipboard().setText(self.fact.copied or self.fact.text)

    def menu(self) -> QMenu:
        """What can be done with the value."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.fact.text:
            copy = menu.addAction(icon("ph.copy"), _("Copy"))
            copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
            copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            copy.triggered.connect(self.copy)
        if self.fact.icon_tip:
            menu.addAction(icon(self.fact.icon), self.fact.icon_tip).triggered.connect(lambda: self.icon_clicked.emit())
        if self.fact.editable:
            edit = menu.addAction(icon("ph.pencil-simple"), _("Edit"))
            edit.triggered.connect(lambda: self.edit_requested.emit())
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        if menu.actions():
            menu.popup(event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.fact.icon_tip:
            if self._icon_box.adjusted(-px(4), -px(4), px(4), px(4)).contains(event.pos()):
                QToolTip.showText(event.globalPos(), self.fact.icon_tip, self)
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()
        super().focusInEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.update()


class _Cell(QWidget):
    """Label, value or editor, and the sentence below when what was typed cannot be taken."""

    def __init__(self, grid: FactsGrid, fact: Fact) -> None:
        super().__init__(grid)
        self.grid = grid
        self.fact = fact
        self.newer: Fact | None = None
        self.editor: Any = None
        self._label: Label | ElidedLabel = Label(fact.label, "secondary", "text-muted")
        if grid.label_width:
            self._label = ElidedLabel(fact.label, "secondary", "text-muted")
        self._value = _Value(fact)
        self._words = _("Click to edit")
        self._error = Label("", "secondary", "danger", wrap=True)
        self._error.hide()
        self._box = box = QVBoxLayout()
        if grid.label_width:
            row = QHBoxLayout(self)
            row.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(box, 1)
            on_theme(self._label, lambda: self._label.setFixedSize(px(grid.label_width), px(22)))
        else:
            self.setLayout(box)
            box.addWidget(self._label)
        self._place = box.count()
        box.addWidget(self._value)
        box.addWidget(self._error)
        box.addStretch(1)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        margins(self, 0, 0, 0, 0, 8 if grid.label_width else 0)
        self._value.clicked.connect(lambda: grid.link_activated.emit(fact.key))
        self._value.icon_clicked.connect(lambda: grid.icon_activated.emit(fact.key))
        self._value.edit_requested.connect(self.begin)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_fact(self, fact: Fact) -> None:
        """Show another fact with the same key."""
        self._error.hide()
        if fact == self.fact and self._words == _("Click to edit"):
            return
        self._words = _("Click to edit")
        if fact.label != self.fact.label:
            self._label.setText(fact.label)
        self.fact = fact
        self._value.set_fact(fact)

    def begin(self, *, focus: bool = True) -> None:
        """Show the editor."""
        if self.editor is not None or not self.fact.editable or self.grid.make_editor is None:
            return
        editor = self.grid.make_editor(self.fact.key, self)
        if editor is None:
            return
        self.editor = editor
        editor.setAccessibleName(self.fact.label)
        editor.set_value(self.fact.value)
        self._box.insertWidget(self._place, editor)
        self._value.hide()
        editor.committed.connect(self.commit)
        editor.cancelled.connect(self.cancel)
        (editor.focusProxy() or editor).installEventFilter(self)
        editor.show()
        if not focus:
            return
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        if hasattr(editor, "selectAll"):
            editor.selectAll()

    def commit(self) -> None:
        """Take what is typed, or say why not."""
        if self.editor is None:
            return
        try:
            value = self.editor.value()
        except FieldError as error:
            self.show_error(str(error))
            return
        changed = value != self.fact.value
        self.end()
        if changed:
            self.grid.edit_committed.emit(self.fact.key, value)

    def cancel(self) -> None:
        """Go back to the value as it was."""
        self.end()

    def end(self) -> None:
        """Take the editor away."""
        editor, self.editor = self.editor, None
        if editor is None:
            return
        editor.hide()
        self._box.removeWidget(editor)
        editor.deleteLater()
        newer, self.newer = self.newer, None
        if newer is not None:  # it changed elsewhere while it was edited here
            self.set_fact(newer)
        self._error.hide()
        self._value.show()
        self._value.setFocus()

    def show_error(self, text: str) -> None:
        """Show a sentence under the value."""
        if self.editor is not None:
            self.editor.set_problem(text)
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Leaving the editor keeps what was typed; only Escape throws it away.
        if event.type() == QEvent.Type.FocusOut and self.editor is not None:
            if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):  # type: ignore[attr-defined]
                self.commit()
        return False


class FactsGrid(QWidget):
    """Facts in columns. A click, F2 or Enter on a value edits it; Enter or leaving commits, Escape goes back.

    ``edit_committed`` sends (key, new value): save it and call :meth:`set_facts` again, or :meth:`set_error`.

    Args:
        make_editor: ``make_editor(key, parent)`` gives an editor (see ``editor_base.FieldEditor``), or None.
        columns: how many side by side; fewer where the width does not suffice.
        stretch: the shares of the columns.
        label_width: where it is given, labels of this width stand beside the values instead of over them.
    """

    edit_committed = Signal(str, object)
    link_activated = Signal(str)
    icon_activated = Signal(str)

    def __init__(
        self,
        make_editor: Callable[[str, QWidget], Any] | None = None,
        *,
        columns: int = 3,
        stretch: Sequence[int] = (100, 135, 100),
        padding: tuple[int, int, int, int] = (24, 12, 24, 12),
        label_width: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.make_editor = make_editor
        self.label_width = label_width
        self._columns = columns
        self._stretch = tuple(stretch)
        self._cells: dict[str, _Cell] = {}
        self._used = 0
        self._grid = QGridLayout(self)
        margins(self, *padding)
        on_theme(self, self._space)

    def _space(self) -> None:
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(4 if self.label_width else 12))

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Show these facts. An editor that is open stays open with what is typed in it."""
        old, self._cells = self._cells, {}
        before = [(key, cell.fact.span) for key, cell in old.items()]
        for fact in facts:
            cell = old.pop(fact.key, None)
            if cell is None:
                cell = _Cell(self, fact)
            elif cell.editor is None:
                cell.set_fact(fact)
            else:
                cell.newer = fact
            self._cells[fact.key] = cell
        for cell in old.values():
            self._remove(cell)
        if before != [(key, cell.fact.span) for key, cell in self._cells.items()]:
            self._used = 0
            self._arrange()

    def leave_editors(self) -> None:
        """Take the cells away that are being edited; who writes in one leaves it by that."""
        for key in [key for key, cell in self._cells.items() if cell.editor is not None]:
            self._remove(self._cells.pop(key))

    def _remove(self, cell: _Cell) -> None:
        self._grid.removeWidget(cell)
        cell.hide()
        cell.deleteLater()

    def _arrange(self) -> None:
        columns = max(1, min(self._columns, self.width() // px(150) or 1)) if self.width() > px(100) else self._columns
        if columns == self._used:
            return
        self._used = columns
        for cell in self._cells.values():
            self._grid.removeWidget(cell)
        row = column = 0
        for cell in self._cells.values():
            span = min(cell.fact.span, columns)
            if column + span > columns:
                row, column = row + 1, 0
            self._grid.addWidget(cell, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
            cell.show()
            column += span
        for index in range(self._columns):
            share = self._stretch[index % len(self._stretch)] if columns == self._columns else 100
            self._grid.setColumnStretch(index, share if index < columns else 0)
            self._grid.setColumnMinimumWidth(index, 0)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._arrange()

    def begin_edit(self, key: str) -> None:
        """Open the editor of a fact."""
        self._cells[key].begin()

    def begin_quietly(self, key: str, text: str) -> Any:
        """Open the editor of a fact without going there, with a sentence below it; returns the editor, if there is one."""
        cell = self._cells[key]
        cell.begin(focus=False)
        if cell.editor is not None:
            cell.show_error(text)
            cell.editor.set_problem("")
        return cell.editor

    def end_edit(self, key: str) -> None:
        """Take the editor of a fact away, if it is open."""
        if key in self._cells:
            self._cells[key].end()

    def editor(self, key: str) -> Any:
        """The open editor of a fact, or None."""
        return self._cells[key].editor

    def set_error(self, key: str, text: str, value: Any = None) -> None:
        """Open the editor of a fact with what was refused, and say why below it."""
        cell = self._cells[key]
        cell.begin()
        if cell.editor is not None and value is not None:
            cell.editor.set_value(value)
        cell.show_error(text)
