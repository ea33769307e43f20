"""Locking the window: everything stays open behind a curtain until the same person is back, or another takes over."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.security.passwords import Person
from ui.framework import dialogs, settings, tasks
from ui.security.sign_in import Answer, Question, SignIn
from ui.theme.icons import paint_icon
from ui.theme.paint import fill_round
from ui.theme.theme import px, theme

_LOOK_MS = 5_000
_ACTIVE = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel, QEvent.Type.TouchBegin}
)  # fmt: skip


class Sentry(Protocol):
    """Who knows whether somebody may come back, or come in. Handed in by the composition root."""

    office: str
    login: str
    server: str
    name: str
    hue: int
    user_id: int | None

    def people(self) -> Sequence[Person]:
        """Who can sign in to the file; nobody for a server."""

    def still_asks(self) -> bool:
        """Whether a password is asked at all; an owner may have taken all away meanwhile. Away from the window."""

    def let_back(self, answer: Answer) -> None:
        """Whether this is who works here; away from the window's thread."""

    def let_in(self, answer: Answer) -> Any:
        """Open the office for somebody else; away from the window's thread."""

    def hand_over(self, opened: Any) -> None:
        """Show the office that was opened for somebody else in place of the window."""


class Curtain(QWidget):
    """Hides a whole window, whatever is put into it meanwhile."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._over = window
        self._title = window.windowTitle()
        window.setWindowTitle("CRM Desktop")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setAcceptDrops(True)  # and takes none: they would go to what is behind it
        self.setAccessibleName(_("Locked"))
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()

    def lift(self) -> None:
        """Let the window be seen again."""
        self._over.removeEventFilter(self)
        self._over.setWindowTitle(self._title)
        self.hide()
        self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay over everything, and as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._over.rect())
        elif event.type() in (QEvent.Type.ChildAdded, QEvent.Type.LayoutRequest):
            QTimer.singleShot(0, self, self.raise_)
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        side = px(56)
        box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        fill_round(painter, box, px(12), "hue-8")
        inset = px(16)
        paint_icon(painter, box.adjusted(inset, inset, -inset, -inset), "ph.lock", "hue-8-ink")


class LockKeeper(QObject):
    """Locks a main window by command or after some idle minutes, and asks who is there."""

    def __init__(self, window: QWidget, sentry: Sentry) -> None:
        super().__init__(window)
        self._window = window
        self.sentry = sentry
        self.asking: SignIn | None = None
        self._curtains: list[Curtain] = []
        self._focus: QWidget | None = None
        self._switching = False
        self._last = (time.time(), time.monotonic())
        self._watching = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._locked_timer = QTimer(self)
        self._locked_timer.setInterval(_LOOK_MS)
        self._locked_timer.timeout.connect(self._look_while_locked)
        self.follow_setting()

    @property
    def locked(self) -> bool:
        """Whether the window is behind the curtain."""
        return self.asking is not None

    def follow_setting(self) -> None:
        """Watch for idle minutes where the person wants that."""
        wanted = settings.LOCK_MINUTES.get() > 0
        self._last = (time.time(), time.monotonic())
        self._watch_keys(wanted or self.locked)
        self._timer.start() if wanted else self._timer.stop()

    def _watch_keys(self, on: bool) -> None:
        if on != self._watching:
            self._watching = on
            app = QApplication.instance()
            assert app is not None
            app.installEventFilter(self) if on else app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that somebody works; and while locked, windows that open."""
        kind = event.type()
        if kind in _ACTIVE:
            self._last = (time.time(), time.monotonic())
        elif self.asking is not None and kind == QEvent.Type.Show and isinstance(watched, QWidget):
            self._cover(watched)
        return False

    def retire(self) -> bool:
        """No password is asked any more: go, or where the window is locked, open it with one click first. Whether it went."""
        if self.asking is not None:
            self.asking.ask_nothing()
            return False
        self.deleteLater()
        return True

    def _look_while_locked(self) -> None:
        """An owner may take all passwords away while this window is locked: then nothing is asked any more."""
        asking = self.asking
        if asking is not None and not asking.question.free:
            tasks.run_read(
                asking, self.sentry.still_asks, lambda asks: None if asks else asking.ask_nothing(), lambda _error: None,
                supersede="asks",
            )  # fmt: skip

    def _look(self) -> None:
        if not self.locked and self._idle() >= settings.LOCK_MINUTES.get() * 60:
            self.lock()

    def _idle(self) -> float:
        """Seconds since somebody worked. The clock knows of the time that the computer slept, and the other one of its
        being set back."""
        wall, steady = self._last
        return max(time.time() - wall, time.monotonic() - steady)

    # -- locking -----------------------------------------------------------------------------------------------

    def lock(self, *, switch: bool = False) -> None:
        """Draw the curtain and ask who is there; ``switch``: somebody else is about to come."""
        if self.asking is not None:
            return
        while (popup := QApplication.activePopupWidget()) is not None and popup.close():
            pass
        self._focus = QApplication.focusWidget()
        self._switching = switch
        sentry = self.sentry
        question = Question(
            sentry.office, tuple(sentry.people()), None if switch else sentry.user_id, "" if switch else sentry.login,
            sentry.server, locked=True, works=sentry.user_id, works_login=sentry.login,
        )  # fmt: skip
        self.asking = SignIn(question, self._attempt)
        self.asking.signed_in.connect(self._on_signed_in)
        self.asking.left.connect(self._on_left)
        self.asking.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.asking.resize(self._window.size())
        self.asking.move(self._window.pos())
        self._watch_keys(True)
        self._locked_timer.start()
        for one in QApplication.topLevelWidgets():
            if one.isVisible():
                self._cover(one)
        self.asking.show()
        self.asking.activateWindow()

    def _cover(self, widget: QWidget) -> None:
        kind = widget.windowType()
        hidden = (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
        if not widget.isWindow() or widget is self.asking or kind in hidden or _belongs(widget, self.asking):
            return
        if not any(one.parentWidget() is widget for one in self._curtains if shiboken6.isValid(one)):
            self._curtains.append(Curtain(widget))

    def _attempt(self, answer: Answer) -> Any:
        sentry = self.sentry
        same = answer.user_id == sentry.user_id if answer.user_id is not None else answer.login == sentry.login
        if same:
            sentry.let_back(answer)
            return None
        return sentry.let_in(answer)

    def _on_signed_in(self, opened: Any) -> None:
        free = self.asking is not None and self.asking.question.free
        self._lift()
        if free and opened is None:
            getattr(self._window, "recheck_lock", lambda: None)()
        if opened is not None:
            self.sentry.hand_over(opened)

    def _lift(self) -> None:
        asking, self.asking = self.asking, None
        self._locked_timer.stop()
        for curtain in self._curtains:
            if shiboken6.isValid(curtain):
                curtain.lift()
        self._curtains = []
        if asking is not None:
            asking.hide()
            asking.deleteLater()
        self.follow_setting()
        focus, self._focus = self._focus, None
        if focus is not None and shiboken6.isValid(focus):
            focus.window().activateWindow()
            focus.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_left(self) -> None:
        """The locked window was closed: that closes the program, not the lock."""
        sure = dialogs.confirm(
            self.asking, _("Close the program?"), _("What was typed and not saved is kept on this computer, for the one who typed it."),
            yes=_("Close the program"), danger=True,
        )  # fmt: skip
        if sure:
            QTimer.singleShot(0, self, self._close_everything)

    def _close_everything(self) -> None:
        asking, self.asking = self.asking, None
        self._watch_keys(False)
        self._window.close()
        if asking is not None:
            asking.hide()
            asking.deleteLater()


def _belongs(widget: QWidget, asking: QWidget | None) -> bool:
    """Whether a window is a question about the sign-in itself."""
    parent: QWidget | None = widget
    while parent is not None:
        if parent is asking:
            return True
        parent = parent.parentWidget()
    return False
