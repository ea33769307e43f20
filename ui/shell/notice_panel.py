"""The list that drops from the bell: what is new for me, to be opened, marked as read, and kept quiet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.records.notice_list import Notice
from ui.framework.settings import DO_NOT_DISTURB
from ui.records.notice_words import notice_line
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import IconButton, Switch
from ui.widgets.headers import SectionHeader
from ui.widgets.labels import Hairline, Label
from ui.widgets.popup import PopupFrame
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.two_line import TwoLineList

_WIDTH, _HEIGHT, _ROW = 480, 520, 52
_SHADOW = 12


class NoticePanel(PopupFrame):
    """Notices, newest first. Enter opens one, Space marks it, Ctrl+Enter marks all, Escape closes.

    Signals: ``opened`` a notice; ``marked`` notices and whether they are read now; ``all_read``; ``settings_requested``.
    """

    opened = Signal(object)
    marked = Signal(list, bool)
    all_read = Signal()
    settings_requested = Signal()

    def __init__(self, schema: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._schema = schema
        self.notices: list[Notice] = []
        self.head = SectionHeader(_("New for you"), icon="ph.bell")
        self.head.link.activated.connect(self.all_read)
        self.list = TwoLineList(_("Notices"), height=_ROW, open_on_click=True)
        self.list.opened.connect(self._open)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.list.installEventFilter(self)
        self.empty = EmptyState("ph.bell", hue=4)
        self.empty.set_texts(
            _("Nothing new"), _("You are told here when you get a record, are named, or somebody answers you.")
        )
        self.empty.set_button("")
        self.empty.set_second_button("")
        self.state = StateStack(self.list, self.empty)
        self.quiet = Switch(_("Do not disturb"))
        self.quiet.setToolTip(_("Nothing pops up over other programs; the notices still come here"))
        self.quiet.toggled.connect(DO_NOT_DISTURB.set)
        self.gear = IconButton("ph.gear", _("Choose what you are told"), kind="ghost")
        self.gear.clicked.connect(self.settings_requested)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.addWidget(self.quiet)
        row.addWidget(Label(_("Do not disturb"), "secondary", "text-muted"))
        row.addStretch(1)
        row.addWidget(self.gear)
        margins(foot, 16, 6, 8, 6, 8)
        for widget in (self.head, Hairline(), self.state, Hairline(), foot):
            self.body.addWidget(widget, 1 if widget is self.state else 0)
        self.setAccessibleName(_("Notices"))

    def set_notices(self, notices: Sequence[Notice]) -> None:
        """Show these; the line that was current stays so, and the list does not jump."""
        self.notices = list(notices)
        lines = [notice_line(self._schema, one) for one in notices]
        if lines != self.list.lines():
            self.list.set_lines(lines)
        unread = sum(not one.read for one in notices)
        self.head.set_badge(str(unread) if unread else "", "accent")
        self.head.set_link(_("Mark all as read") if unread else "")
        if lines:
            self.state.show_content()
        else:
            self.state.show_empty()

    def open_under(self, anchor: QWidget) -> None:
        """Drop from a control, with the keyboard on the first line."""
        self.quiet.setChecked(DO_NOT_DISTURB.get())
        width = px(_WIDTH) + 2 * _SHADOW
        height = min(px(_HEIGHT), max(anchor.window().height() - px(96), px(240))) + 2 * _SHADOW
        self.setFixedSize(width, height)
        corner = anchor.mapToGlobal(QPoint(anchor.width() - px(_WIDTH), anchor.height() + px(6)))
        if self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            corner = anchor.mapToGlobal(QPoint(0, anchor.height() + px(6)))
        self.show_at(corner)
        if self.notices and self.list.current_key() is None:
            self.list.set_current_key(self.notices[0].key)
        self.list.setFocus()

    def current(self) -> Notice | None:
        """The notice that the keyboard is on."""
        key = self.list.current_key()
        return next((one for one in self.notices if one.key == key), None)

    def _open(self, key: Any) -> None:
        found = next((one for one in self.notices if one.key == key), None)
        if found is not None:
            self.close()
            self.opened.emit(found)

    def menu(self, one: Notice) -> QMenu:
        """What can be done with a notice."""
        menu = QMenu(self)
        menu.addAction(icon("ph.arrow-right"), _("Open")).triggered.connect(lambda _on=False: self._open(one.key))
        words = _("Mark as unread") if one.read else _("Mark as read")
        menu.addAction(icon("ph.check"), words).triggered.connect(
            lambda _on=False: self.marked.emit([one], not one.read)
        )
        return menu

    def _on_menu(self, where: QPoint) -> None:
        one = self.current()
        if one is not None:
            self.menu(one).exec(self.list.viewport().mapToGlobal(where))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._key(event):
            return True
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        one = self.current()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and control:
            self.all_read.emit()
        elif event.key() == Qt.Key.Key_Space and one is not None:
            self.marked.emit([one], not one.read)
        elif event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            return False
        return True
