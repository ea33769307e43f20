"""When the office server does not answer: one calm line under the top bar, and everything goes on when it is back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from crm_desktop.core.errors import SaveUnknown, UserError
from crm_desktop.core.formats import format_time
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.db.pulse import Condition, Pulse
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.pending import PendingSave
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.labels import IconLabel, Label
from ui.widgets.shell import StatusBar
from ui.widgets.states import read_again
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast

_TICK_MS = 500
_TOAST_S = 4.0
"""No second word about what did not work within so many seconds: the line above says it already."""


class ConnectionLine(QWidget):
    """The line itself: what is the matter, what happens next, and up to two buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = Banner(kind="warning")
        self._sign = IconLabel("ph.wifi-slash", "warning", 16)
        layout = self.banner.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.insertWidget(0, self._sign)
        self._words = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._words.addWidget(self.banner.strong)
        self._words.addWidget(self.banner.text, 1)
        layout.insertLayout(1, self._words, 1)
        self.banner.strong.show()
        self.text: Label = self.banner.text
        self.strong: Label = self.banner.strong
        self.strong.setWordWrap(True)  # it never widens the window
        self.second = Button(kind="ghost", small=True)
        self.first = Button(kind="secondary", small=True)
        self.banner.add(self.second)
        self.banner.add(self.first)
        box = QHBoxLayout(self)
        box.addWidget(self.banner)
        margins(self, 12, 6, 12, 6)
        self.setAutoFillBackground(False)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Where there is too little room, what happens next stands below what is the matter."""
        labels, buttons = (self.strong, self.text), (self.second, self.first)
        needed = sum(one.fontMetrics().horizontalAdvance(one.text()) for one in labels)
        needed += sum(one.sizeHint().width() for one in buttons if not one.isHidden())
        narrow = needed + px(96) > self.width()
        self._words.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._words.setSpacing(0 if narrow else px(8))
        self.strong.setWordWrap(narrow)

    def say(self, strong: str, text: str, first: str, second: str = "") -> None:
        """Show other words; an empty button is not there."""
        for label, words in ((self.strong, strong), (self.text, text)):
            if label.text() != words:
                label.setText(words)
        for button, words in ((self.first, first), (self.second, second)):
            if button.text() != words:
                button.setText(words)
            button.setVisible(bool(words))
        self._arrange()
        self.setAccessibleName(f"{strong} {text}")


class ConnectionKeeper(QObject):
    """Shows how the way to the server is, tries again, and brings back what waited for it.

    Nothing is read or asked on the thread of the window: ``db.pulse`` does that on its own and tells.
    """

    told = Signal(object)
    came_back = Signal()

    def __init__(self, office: Office, line: ConnectionLine, bar: StatusBar, window: QWidget) -> None:
        super().__init__(window)
        self._office, self._line, self._bar, self._window = office, line, bar, window
        self._condition = Condition()
        self._toasted = 0.0
        self._doubts: list[SaveUnknown] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.show)
        line.first.clicked.connect(self._act)
        line.second.clicked.connect(self._act_second)
        office.pending.changed.connect(self.show)
        self._pulse: Pulse | None = None if office.database.read_only else office.database.watch()
        if self._pulse is not None:
            self.told.connect(self._on_told, Qt.ConnectionType.QueuedConnection)
            self._pulse.listeners.append(self._tell)
            dialogs.away_told.append(self._say_once)
            dialogs.away_again.append(self._keep_for_later)
            QGuiApplication.instance().applicationStateChanged.connect(self._on_application)  # type: ignore[union-attr]
        self.show()

    @property
    def connected(self) -> bool:
        """Whether the server answers."""
        return self._condition.connected

    def stop(self) -> None:
        """Listen no more; the office is about to be closed."""
        self._timer.stop()
        if self._pulse is not None:
            with contextlib.suppress(ValueError):
                self._pulse.listeners.remove(self._tell)
            with contextlib.suppress(ValueError):
                dialogs.away_told.remove(self._say_once)
            with contextlib.suppress(ValueError):
                dialogs.away_again.remove(self._keep_for_later)
            self._pulse = None

    # -- what the pulse says -----------------------------------------------------------------------------------

    def _tell(self, condition: Condition) -> None:
        if shiboken6.isValid(self):  # on the thread of the pulse
            self.told.emit(condition)

    def _on_told(self, condition: Condition) -> None:
        back = condition.connected and not self._condition.connected
        self._condition = condition
        if back:
            self._come_back()
        self.show()

    def _on_application(self, state: Qt.ApplicationState) -> None:
        """Somebody came back to the window: do not let them wait for the next try."""
        if state == Qt.ApplicationState.ApplicationActive and self._pulse is not None and not self.connected:
            self._pulse.begin_again()

    def _come_back(self) -> None:
        """Read again what could not be read, and save what was agreed on."""
        read_again()
        self._office.settle_doubts(self._window)
        self._settle_others()
        if self._office.pending.agreed:
            self._office.pending.save_now()
        elif not self._office.pending.all():
            show_toast(self._window, _("The office server is back."))
        self.came_back.emit()

    def _say_once(self, error: UserError) -> bool:
        """Say calmly that something did not work; the line tells the rest."""
        if isinstance(error, SaveUnknown) and self._window.isVisible():
            return self._keep_doubt(error)
        if self.connected or not self._window.isVisible():
            return False
        if time.monotonic() - self._toasted > _TOAST_S:
            self._toasted = time.monotonic()
            show_toast(self._window, _("That has to wait until the office server is back."), kind="warning")
        return True

    def _keep_for_later(self, owner: QWidget | None, words: str, again: Callable[[], object]) -> bool:
        """Offer what could not begin in the line of this window, and again when the server is back."""
        if self.connected or not self._window.isVisible() or (owner is not None and owner.window() is not self._window):
            return False
        self._office.pending.keep(PendingSave(owner or self._window, words, lambda: (again(), None)[1]))
        return True

    def _keep_doubt(self, doubt: SaveUnknown) -> bool:
        """Look up what became of something that no form waits for (undo, a long job) when the server is back."""
        if all(save.doubt is not doubt for save in self._office.pending.all()):
            self._doubts.append(doubt)
            show_toast(self._window, str(doubt), kind="warning")
            if self.connected:
                self._settle_others()
        return True

    def _settle_others(self) -> None:
        doubts, self._doubts = self._doubts, []
        database, was_saved = self._office.database, self._office.was_saved
        for doubt in doubts if was_saved is not None else ():

            def look_up(doubt: SaveUnknown = doubt) -> bool:
                assert was_saved is not None
                return was_saved(database, doubt)

            def failed(_error: Exception, doubt: SaveUnknown = doubt) -> None:
                self._doubts.append(doubt)  # away again: the next time

            tasks.run_read(self._window, look_up, self._tell_outcome, failed)

    def _tell_outcome(self, saved: bool) -> None:
        if saved:
            show_toast(self._window, _("What was being saved when the connection was lost is saved."))
        else:
            text = _(
                "What was being saved when the connection was lost is not saved. Nothing was changed; do it again."
            )
            show_toast(self._window, text, kind="warning", seconds=12)

    # -- what is shown -----------------------------------------------------------------------------------------

    def show(self) -> None:
        """Bring the line and the status bar up to date."""
        condition, waiting = self._condition, len(self._office.pending.all())
        if self._pulse is not None:
            self._show_status(waiting)
        if condition.connected:
            self._timer.stop()
            self._show_waiting(waiting)
            return
        if not self._timer.isActive():
            self._timer.start()
        parts = []
        if condition.since is not None:
            parts.append(_("What you see is as of {time}.").format(time=format_time(condition.since)))
        if not waiting:
            parts.append(_("What you type is kept."))
        if waiting:
            parts.append(self._count(waiting))
        if condition.state == "refused":
            self._say(str(condition.error), parts, _("Sign in again…"))
        elif condition.state == "certificate":
            certificate = self._office.choose_server is not None
            self._say(str(condition.error), parts, _("Look at the certificate…") if certificate else _("Try now"))
        else:
            parts.append(self._next_try())
            self._say(_("The office server does not answer."), parts, _("Try now"))

    def _say(self, strong: str, parts: list[str], first: str) -> None:
        second = ""
        if self._office.pending.all():
            agreed = self._office.pending.agreed
            second = _("Do not save by itself") if agreed else _("Save it when the server is back")
        self._line.say(strong, " ".join(parts), first, second)
        self._line.show()

    def _show_waiting(self, waiting: int) -> None:
        """The server answers; what is not saved yet is offered."""
        ready = [one for one in self._office.pending.all() if one.doubt is None]
        if not ready:
            self._line.setVisible(False)
            return
        names = ", ".join(f"“{one.words}”" for one in ready[:3])
        text = ngettext("{names} is not saved yet.", "{names} are not saved yet.", len(ready)).format(names=names)
        back = _("The office server is back.") if self._pulse is not None else _("The file could not be written.")
        self._line.say(back, text, _("Save now"), _("Leave it in its form"))
        self._line.show()

    def _count(self, waiting: int) -> str:
        if self._office.pending.agreed:
            text = ngettext(
                "{n} change is saved as soon as it is back.", "{n} changes are saved as soon as it is back.", waiting
            )
        else:
            text = ngettext("{n} change is not saved yet.", "{n} changes are not saved yet.", waiting)
        return text.format(n=waiting)

    def _next_try(self) -> str:
        left = (self._condition.next_try or 0.0) - time.monotonic()
        if left < 0.5:
            return _("Trying again…")
        return _("Trying again in {n} s.").format(n=max(1, round(left)))

    def _show_status(self, waiting: int) -> None:
        if self.connected:
            self._bar.connection.set_state("ph.check-circle", _("Connected"), "success")
            self._bar.connection.setToolTip("")
            return
        text = _("No connection")
        if waiting:
            text = ngettext("No connection, {n} not saved yet", "No connection, {n} not saved yet", waiting)
            text = text.format(n=waiting)
        self._bar.connection.set_state("ph.wifi-slash", text, "danger")
        self._bar.connection.setToolTip(str(self._condition.error or ""))

    # -- what is pressed ---------------------------------------------------------------------------------------

    def _act(self) -> None:
        """The main button: try now, sign in, look at the certificate, or save what waited."""
        state, office = self._condition.state, self._office
        if state == "connected":
            office.pending.save_now()
        elif state == "refused":
            (office.sign_in_again or self._ask_password)(self._window)
        elif state == "certificate" and office.choose_server is not None:
            office.choose_server(self._window)
        elif self._pulse is not None:
            self._pulse.begin_again()

    def _ask_password(self, window: QWidget) -> None:
        """Ask for the password again and try it at once; what is typed elsewhere stays as it is."""
        database = self._office.database
        label = _("Password for {name}").format(name=database.name)
        password = dialogs.ask_text(window, _("Sign in again"), label, password=True)
        if password:
            database.use_password(password)

    def _act_second(self) -> None:
        pending = self._office.pending
        if self.connected:
            pending.forget()
        else:
            pending.agree(not pending.agreed)
