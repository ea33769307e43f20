"""The four states of every view: loading, empty, error, full."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from functools import cached_property

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.errors import CertificateRefused, SignInRefused, UserError
from crm_desktop.core.i18n import _
from ui.framework.dialogs import bug_report
from ui.framework.pending import is_away
from ui.theme.icons import paint_icon
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import fixed_size, on_theme

LOADING_DELAY = 150


class LoadingState(QWidget):
    """Grey bars in the shape of rows, shown 150 ms after :meth:`start`, never before.

    ``kind`` is "rows" (a table), "lines" (a timeline) or "cards" (a grid).
    """

    def __init__(self, kind: str = "rows", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._visible = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOADING_DELAY)
        self._timer.timeout.connect(self._show)
        self.setAccessibleName(_("Loading…"))

    def start(self) -> None:
        """Begin to wait."""
        self._visible = False
        self._timer.start()

    def stop(self) -> None:
        """The content is there."""
        self._timer.stop()
        self._visible = False

    def _show(self) -> None:
        self._visible = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        if not self._visible:
            return
        if self._kind == "lines":
            self._paint_lines(painter)
        elif self._kind == "cards":
            self._paint_cards(painter)
        else:
            self._paint_rows(painter)

    def _bar(self, painter: QPainter, x: float, y: float, width: float, height: int = 10) -> None:
        left = self.width() - x - width if self.layoutDirection() == Qt.LayoutDirection.RightToLeft else x
        fill_round(painter, QRectF(left, y, width, px(height)), px(4), "hover")

    def _paint_rows(self, painter: QPainter) -> None:
        row, columns = px(32), max(2, self.width() // px(180))
        width = (self.width() - px(32)) / columns
        for number in range(self.height() // row + 1):
            top = number * row
            painter.fillRect(0, top + row - 1, self.width(), 1, theme().color("border"))
            for column in range(columns):
                share = 0.4 + ((number * 7 + column * 13) % 11) / 24
                self._bar(painter, px(16) + column * width, top + px(11), (width - px(16)) * share)

    def _paint_lines(self, painter: QPainter) -> None:
        for number in range(self.height() // px(72) + 1):
            top = px(16) + number * px(72)
            left = px(24)
            right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            dot = self.width() - left - px(28) if right_to_left else left
            fill_round(painter, QRectF(dot, top, px(28), px(28)), px(14), "hover")
            for line, share in enumerate((0.35, 0.75, 0.6)):
                share -= ((number * 5 + line * 3) % 7) / 40
                self._bar(painter, left + px(40), top + line * px(18), (self.width() - px(96)) * share)

    def _paint_cards(self, painter: QPainter) -> None:
        side, height, gap = px(240), px(112), px(16)
        for column in range(max(1, self.width() // (side + gap))):
            for line in range(self.height() // (height + gap) + 1):
                box = QRectF(gap + column * (side + gap), gap + line * (height + gap), side, height)
                frame_round(painter, box, px(6), "border")
                self._bar(painter, box.left() + px(12), box.top() + px(16), side * 0.6)
                self._bar(painter, box.left() + px(12), box.top() + px(38), side * 0.4)


class BigIcon(QWidget):
    """An icon on a soft square: 72 with radius 20 on states, 56 with radius 12 on doors."""

    def __init__(
        self, name: str, hue: int = 1, size: int = 72, radius: int = 20, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._hue = hue
        self._size = size
        self._radius = radius
        fixed_size(self, size, size)

    def set_icon(self, name: str, hue: int) -> None:
        """Show another icon on another hue."""
        self._name, self._hue = name, hue
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill_round(painter, self.rect(), px(self._radius), f"hue-{self._hue}")
        side = self._size / 2 if self._size >= 72 else self._size * 4 / 7
        spot = QRectF(self.rect()).center()
        side = px(side)
        rect = QRectF(spot.x() - side / 2, spot.y() - side / 2, side, side)
        paint_icon(painter, rect, self._name, f"hue-{self._hue}-ink")


class _Centered(QWidget):
    """What empty and error states share: icon, title, text, two buttons, in the middle."""

    action = Signal()
    second_action = Signal()
    _gives_way = True

    def __init__(self, icon: str, hue: int, title: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = BigIcon(icon, hue)
        self.title = Label(title, "title", wrap=True)
        self.title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text = Label(text, "body", "text-muted", wrap=True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.button = Button(kind="primary")
        self.second = Button()
        self.button.clicked.connect(self.action)
        self.second.clicked.connect(self.second_action)
        self.box = QVBoxLayout(self)
        self.box.addStretch(1)
        middle = Qt.AlignmentFlag.AlignHCenter
        self.box.addWidget(self.icon, 0, middle)
        self.box.addSpacing(px(24))
        self.box.addWidget(self.title, 0, middle)
        self.box.addSpacing(px(8))
        self.box.addWidget(self.text, 0, middle)
        self.box.addSpacing(px(24))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        buttons.addStretch(1)
        buttons.addWidget(self.button)
        buttons.addWidget(self.second)
        buttons.addStretch(1)
        self.box.addLayout(buttons)
        self.box.setSpacing(0)
        on_theme(self, self._measure)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the view is narrower than the words, they break sooner."""
        super().resizeEvent(event)
        self._measure()

    def _measure(self) -> None:
        self.setMinimumWidth(int(self._gives_way))  # the words break sooner, so that the middle stays the middle
        room = max(px(160), self.width() - px(48))
        self.title.setFixedWidth(min(px(560), room))
        self.text.setFixedWidth(min(px(440), room))
        self.box.setContentsMargins(px(24), px(24), px(24), px(64))

    def set_texts(self, title: str, text: str) -> None:
        """Use other words."""
        self.title.setText(title)
        self.text.setText(text)

    def set_button(self, text: str, icon: str = "") -> None:
        """The main button; an empty text hides it."""
        self.button.setText(text)
        self.button.set_icon(icon)
        self.button.setVisible(bool(text))

    def set_second_button(self, text: str, icon: str = "") -> None:
        """The other button; an empty text hides it."""
        self.second.setText(text)
        self.second.set_icon(icon)
        self.second.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("surface"))


class _Step(QWidget):
    def __init__(self, icon: str, title: str, text: str) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, px(12) + 1, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(IconLabel(icon, "accent", 18))
        layout.addSpacing(px(8))
        layout.addWidget(Label(title, "name", wrap=True))
        layout.addSpacing(px(2))
        layout.addWidget(Label(text, "secondary", "text-muted", wrap=True))
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        on_theme(self, lambda: self.setFixedWidth(px(224)))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(0, 0, self.width(), 1, theme().color("border"))


class EmptyState(_Centered):
    """What this view is for, the one button that fills it (``action``), and up to three steps (icon, title, text)."""

    def __init__(
        self,
        icon: str = "ph.tray",
        title: str = "",
        text: str = "",
        *,
        button: str = "",
        button_icon: str = "ph.plus",
        second: str = "",
        steps: Sequence[tuple[str, str, str]] = (),
        hue: int = 7,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(icon, hue, title, text, parent)
        self.set_button(button, button_icon)
        self.set_second_button(second)
        if steps:
            self._gives_way = False
            self._measure()
            self.box.addSpacing(px(48))
            row = QHBoxLayout()
            row.setSpacing(px(16))
            row.addStretch(1)
            for number, (step_icon, step_title, step_text) in enumerate(steps, 1):
                row.addWidget(_Step(step_icon, f"{number}. {step_title}", step_text), 0, Qt.AlignmentFlag.AlignTop)
            row.addStretch(1)
            self.box.addLayout(row)
        self.box.addStretch(1)


class ErrorState(_Centered):
    """What happened, what to do, one button (``action``: try again), and details on demand."""

    _has_details = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("ph.warning-circle", 5, "", "", parent)
        self.note = Label("", "secondary", "text-muted")
        self.note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.box.addSpacing(px(16))
        self.box.addWidget(self.note, 0, Qt.AlignmentFlag.AlignHCenter)
        self.box.addSpacing(px(40))
        self._more = Button(_("Details for support"), icon="ph.caret-right", kind="muted")
        self._copy = Button(_("Copy"), icon="ph.copy", kind="ghost", small=True)
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setAccessibleName(_("Details for support"))
        self._frame = _Frame()
        line = QHBoxLayout(self._frame)
        line.setContentsMargins(px(4), px(2), px(4), px(2))
        line.addWidget(self._more)
        line.addStretch(1)
        line.addWidget(self._copy)
        self.box.addWidget(self._frame, 0, Qt.AlignmentFlag.AlignHCenter)
        self.box.addWidget(self._details, 0, Qt.AlignmentFlag.AlignHCenter)
        self.box.addStretch(1)
        self._more.clicked.connect(self._toggle)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details.toPlainText()))
        self._details.hide()
        self._has_details = True
        self._measure()

    def _measure(self) -> None:
        super()._measure()
        if self._has_details:
            room = min(px(452), max(px(160), self.width() - px(48)))
            self._frame.setFixedWidth(room)
            self._details.setFixedSize(room, px(160))

    def _toggle(self) -> None:
        opened = self._details.isHidden()
        self._details.setVisible(opened)
        self._more.set_icon("ph.caret-down" if opened else "ph.caret-right")

    def set_error(
        self, title: str, text: str, *, details: str = "", button: str = "", icon: str = "ph.warning-circle"
    ) -> None:
        """Say what happened and what to do."""
        self.icon.set_icon(icon, 5)
        self.title.setText(title)
        self.text.setText(text)
        self._details.setPlainText(details)
        self._frame.setVisible(bool(details))
        self._details.hide()
        self.set_button(button or _("Try again"), "ph.arrows-clockwise")
        self.set_second_button("")

    def set_exception(self, error: BaseException) -> None:
        """Say it for an exception: the sentence of a UserError, or that it is a bug."""
        if isinstance(error, UserError) and is_away(error):
            text = _("What you wrote is kept on this computer. This page is read by itself as soon as it is back.")
            title = _("The office server does not answer")
            if isinstance(error, SignInRefused | CertificateRefused):
                kept = _(
                    "What you wrote is kept on this computer. This page is read by itself as soon as you are in again."
                )
                title, text = _("The office server does not let you in"), f"{error} {kept}"
                if isinstance(error, CertificateRefused):
                    title = _("It is not sure that this is your office server")
            self.set_error(title, text, details=f"{error}\n{error.details}".strip(), icon="ph.wifi-slash")
        elif isinstance(error, UserError):
            self.set_error(_("That did not work"), str(error), details=error.details)
        else:
            text = _("Nothing you saved is lost. You can go on working; the report below helps to fix it.")
            self.set_error(_("Something went wrong in the program"), text, details=bug_report(error))

    def set_note(self, text: str) -> None:
        """A small line under the buttons, e.g. when it tries again by itself."""
        self.note.setText(text)


class _Frame(QWidget):
    def sizeHint(self) -> QSize:
        return QSize(px(452), px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "border")


class StateStack(QStackedWidget):
    """A view that is loading, empty, in error or full. ``retry`` is sent by the button of the error.

    Who has the keyboard here has it in the content as soon as that is shown: a page makes it its focus proxy.

    Args:
        content: what is shown when full.
        empty: the empty state, made by the caller.
        loading: the kind of LoadingState.
    """

    retry = Signal()

    def __init__(
        self,
        content: QWidget,
        empty: QWidget | None = None,
        *,
        loading: str = "rows",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.content = content
        self.empty = empty or EmptyState()
        self.loading = LoadingState(loading)
        for widget in (self.content, self.loading, self.empty):
            self.addWidget(widget)

    @cached_property
    def error(self) -> ErrorState:
        """Made when something goes wrong: most views never need it."""
        made = ErrorState()
        made.action.connect(self.retry)
        self.addWidget(made)
        return made

    def show_loading(self) -> None:
        """Wait: what was shown stays for 150 ms, so that a fast answer never flickers."""
        if self.currentWidget() is self.content and self._filled:
            return
        self.loading.start()
        self._show(self.loading)

    def forget(self) -> None:
        """Wait for something else: what was shown belongs to another record and must not stay."""
        self._filled = False
        self.show_loading()

    def show_empty(self) -> None:
        """There is nothing to show."""
        self.loading.stop()
        self._show(self.empty)

    def show_content(self) -> None:
        """Show the content."""
        self.loading.stop()
        self._filled = True
        self._show(self.content)

    def show_error(self, error: BaseException) -> None:
        """Show what went wrong. Where the server is only away, what was shown stays; the window says as of when it is."""
        self.loading.stop()
        if is_away(error):
            _waiting.add(self)
            if self._filled:
                self._show(self.content)
                return
        self.error.set_exception(error)
        self._show(self.error)

    def _show(self, widget: QWidget) -> None:
        """Show one of them. What is hidden keeps no keyboard, and would give it to whatever comes next in the window."""
        if widget is not self.content and self.window().focusWidget() is self.content:
            self.setFocus()
        self.setCurrentWidget(widget)
        if widget is self.content and self.window().focusWidget() is self:
            self.content.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.currentWidget() is self.content:
            self.content.setFocus(event.reason())

    def state(self) -> str:
        """ "full", "loading", "empty" or "error"."""
        return ("full", "loading", "empty", "error")[self.currentIndex()]

    _filled = False


_waiting: weakref.WeakSet[StateStack] = weakref.WeakSet()
"""The views that could not be read while the server was away."""


def read_again() -> None:
    """Let every view that could not be read while the server was away read again: it is back."""
    waiting = [one for one in _waiting if shiboken6.isValid(one)]
    _waiting.clear()
    for one in waiting:
        one.retry.emit()
