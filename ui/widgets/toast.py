"""A toast: a short word about what just happened, with the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.theme.paint import frame_round, paint_shadow
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import margins

_SHADOW = 12
_ICONS = {
    "success": "ph.check-circle",
    "warning": "ph.warning",
    "danger": "ph.warning-circle",
    "accent": "ph.info",
}


class _Foot(QObject):
    """Marks a line at the foot of a page, and tells the toasts when it comes, goes or moves."""

    _MOVES = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.Move, QEvent.Type.Resize)

    def __init__(self, line: QWidget) -> None:
        super().__init__(line)
        self.line = line
        line.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in self._MOVES and watched is self.line:
            for toast in _toasts(self.line.window()):
                toast.place()
        return False


def keep_readable(line: QWidget) -> None:
    """Let toasts stand above a line at the foot of a page: what it counts is looked at just after something was done."""
    _Foot(line)


def _toasts(window: QWidget) -> list[Toast]:
    return window.findChildren(Toast, "toast", Qt.FindChildOption.FindDirectChildrenOnly)


class Toast(QWidget):
    """A toast over the bottom of a window, above the foot of its page; it goes by itself unless the pointer is on it."""

    def __init__(
        self,
        window: QWidget,
        text: str,
        *,
        action: str = "",
        on_action: Callable[[], None] | None = None,
        more: tuple[str, Callable[[], None]] | None = None,
        kind: str = "success",
        seconds: float = 6,
    ) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("toast")
        self.setAccessibleName(text)
        self._on_action = on_action
        row = QHBoxLayout(self)
        row.addWidget(IconLabel(_ICONS[kind], kind, 16))
        self.text = Label(text)
        row.addWidget(self.text, 1)
        self.button: Button | None = None
        if action:
            self.button = Button(action, kind="accent", small=True)
            self.button.clicked.connect(self._act)
            row.addWidget(self.button)
        self.more: Button | None = None
        if more is not None:
            self.more = Button(more[0], kind="accent", small=True)
            self.more.clicked.connect(self.dismiss)
            self.more.clicked.connect(more[1])
            row.addWidget(self.more)
        close = IconButton("ph.x", _("Close"), kind="ghost")
        close.clicked.connect(self.dismiss)
        row.addWidget(close)
        margins(self, 12 + _SHADOW, 4 + _SHADOW, 4 + _SHADOW, 4 + _SHADOW, 8)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(int(seconds * 1000))
        self._timer.timeout.connect(self.dismiss)
        self._timer.start()
        window.installEventFilter(self)
        self.place()
        self.show()
        self.raise_()

    def place(self) -> None:
        """Stand where nothing is hidden that should be read."""
        window = self._window
        most = window.width() - px(32)
        if not self.text.wordWrap():
            self.adjustSize()
        if self.text.wordWrap() or self.width() > most:
            self.text.setWordWrap(True)
            self.setFixedWidth(most)
            self.resize(most, self.heightForWidth(most))
        left = (window.width() - self.width()) // 2
        top = window.height() - self.height() - px(28 + 4)
        for foot in window.findChildren(_Foot):
            line = QRect(foot.line.mapTo(window, QPoint(0, 0)), foot.line.size())
            above = line.top() - self.height() - px(4)
            if foot.line.isVisible() and above >= 0 and line.intersects(QRect(QPoint(left, top), self.size())):
                top = above
        self.move(left, top)

    def _act(self) -> None:
        self.dismiss()
        if self._on_action:
            self._on_action()

    def dismiss(self) -> None:
        """Take it away."""
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)
        paint_shadow(painter, box, px(8), _SHADOW)
        frame_round(painter, box, px(8), "border-strong", "raised")


def show_toast(
    widget: QWidget,
    text: str,
    action: str = "",
    on_action: Callable[[], None] | None = None,
    *,
    more: tuple[str, Callable[[], None]] | None = None,
    kind: str = "success",
    seconds: float = 6,
) -> Toast:
    """Show a toast over the window of ``widget``; an older one goes.

    ``action`` is the text of its button ("Undo"), ``more`` a second one with what it does; ``kind`` "success", "accent", "warning" or "danger".
    """
    window = widget.window()
    for old in _toasts(window):
        old.dismiss()
    return Toast(window, text, action=action, on_action=on_action, more=more, kind=kind, seconds=seconds)
