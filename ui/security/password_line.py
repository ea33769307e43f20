"""A line for a password: with an eye that shows it, a word about Caps Lock, and the problem beneath."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.security.strength import SHORTEST, strength
from ui.theme.paint import fill_round
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.editor_base import mark_problem
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import fixed_height, on_theme


class PasswordLine(QWidget):
    """A label, the line with its eye, and below it what there is to say: a problem, else Caps Lock.

    Signals: ``edited`` after every key, ``entered`` on Enter.
    """

    edited = Signal()
    entered = Signal()

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = Label(label, "secondary", "text-muted")
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoAutoUppercase | Qt.InputMethodHint.ImhNoPredictiveText
        )  # fmt: skip
        self.line.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        on_theme(self.line, lambda: self.line.setFixedHeight(px(36)))
        self.label.setBuddy(self.line)
        self.eye = IconButton("ph.eye", _("Show the password"), kind="ghost", small=False)
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._show)
        self._sign = IconLabel("ph.warning", "danger", 14, 20)
        self.note = Label("", "secondary", "danger", wrap=True)
        self.note.setObjectName("note")
        self._caps = False
        self._problem = ""
        row = QHBoxLayout()
        row.setSpacing(px(4))
        row.addWidget(self.line, 1)
        row.addWidget(self.eye)
        below = QHBoxLayout()
        below.setSpacing(px(6))
        below.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        below.addWidget(self.note, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(4))
        whole.addWidget(self.label)
        whole.addLayout(row)
        whole.addLayout(below)
        self.line.textEdited.connect(self._on_edited)
        self.line.returnPressed.connect(self.entered)
        self.line.installEventFilter(self)
        self.setFocusProxy(self.line)
        self.set_label(label)
        self._say()

    def set_label(self, text: str) -> None:
        """Use another label, which is the accessible name of the line too."""
        self.label.setText(text)
        self.line.setAccessibleName(text)

    def text(self) -> str:
        """What is typed."""
        return self.line.text()

    def clear(self) -> None:
        """Forget what is typed, and hide what comes next."""
        self.line.clear()
        self.eye.setChecked(False)
        self.set_problem("")

    def set_problem(self, text: str) -> None:
        """Say what is wrong with it, beside it; an empty text takes it off."""
        self._problem = text
        mark_problem(self.line, text)
        self._say()

    def problem(self) -> str:
        """What is said to be wrong."""
        return self._problem

    def _on_edited(self) -> None:
        if self._problem:
            self.set_problem("")
        self.edited.emit()

    def _show(self, on: bool) -> None:
        self.line.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.eye.set_icon("ph.eye-slash" if on else "ph.eye")
        self.eye.set_label(_("Hide the password") if on else _("Show the password"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice Caps Lock by what a letter becomes with and without Shift; no toolkit tells its state everywhere."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_CapsLock and self._caps:
                self._set_caps(False)
            elif len(event.text()) == 1 and event.text().lower() != event.text().upper():
                shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self._set_caps(event.text().isupper() != shift)
        return super().eventFilter(watched, event)

    def _set_caps(self, on: bool) -> None:
        self._caps = on
        self._say()

    def _say(self) -> None:
        text = self._problem or (_("Caps Lock is on.") if self._caps else "")
        color = "danger" if self._problem else "warning"
        self.note.setText(text)
        self.note.set_color(color)
        self._sign.set_icon("ph.warning-circle" if self._problem else "ph.arrow-fat-line-up", color)
        for one in (self.note, self._sign):
            one.setVisible(bool(text))


class StrengthBar(QWidget):
    """Three short bars and a sentence: how easily a new password would be guessed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = _Bars()
        self.hint = Label("", "secondary", "text-muted", wrap=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(4))
        whole.addWidget(self._bars)
        whole.addWidget(self.hint)
        self.set_password("")

    def set_password(self, text: str, about: tuple[str, ...] = ()) -> None:
        """Judge what is typed; ``about`` is what belongs to the person."""
        found = strength(text, about)
        level = found.level if text else 0
        self._bars.set_level(level)
        hint = translate(found.hint) if text else translate(_EMPTY)
        self.hint.setText(hint.format(n=SHORTEST))
        self._bars.setAccessibleName(self.hint.text())


_EMPTY = N_("At least {n} characters. Three or four words that have nothing to do with each other are easy to keep.")
_COLORS = ("border", "danger", "warning", "success")


class _Bars(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._level = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fixed_height(self, 4)

    def set_level(self, level: int) -> None:
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        gap = px(4)
        width = (self.width() - 2 * gap) / 3
        for place in range(3):
            at = place if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else 2 - place
            box = self.rect()
            box.setLeft(round(at * (width + gap)))
            box.setWidth(round(width))
            fill_round(painter, box, px(2), _COLORS[self._level] if place < self._level else "border")
