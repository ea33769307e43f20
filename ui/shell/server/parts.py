"""What the pages of the assistant are made of: lines with labels, live ticks, the plan that they fill together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.server_address import OFF, PINNED, PREFER, VERIFY, ServerAddress
from crm_desktop.moving import Moved, Mover
from crm_desktop.office_server import Administration, Login, Person
from crm_desktop.security.connecting import TITLES, Diagnosis, Step
from ui.theme.paint import fill_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import mark_problem
from ui.widgets.labels import IconLabel, Label
from ui.widgets.progress import Bar
from ui.widgets.themed import margins, on_theme

JOIN, CREATE, MOVE = "join", "create", "move"
TLS_WORDS = {
    VERIFY: N_("Always encrypted, and the server's certificate is checked"),
    PINNED: N_("Encrypted, certificate remembered from the first connection"),
    PREFER: N_("Encrypted if possible"),
    OFF: N_("Not encrypted"),
}
TLS_NOTES = {
    VERIFY: N_(
        "The safest. Without a file, the authorities that this computer trusts are asked; for a certificate of the "
        "office's own, the administrator gives you a small file (.crt or .pem)."
    ),
    PINNED: N_(
        "Safe, if the fingerprint is compared once. A change of the certificate is told before anything is sent."
    ),
    PREFER: N_("Nobody checks whether it is the right server. For a network that you trust."),
    OFF: N_("Whoever is on the same network can read along. Only for a server on this very computer."),
}
_ICONS = {
    "waiting": ("ph.circle", "text-disabled"), "running": ("ph.spinner", "accent"),
    "ok": ("ph.check-circle", "success"), "warning": ("ph.warning", "warning"), "failed": ("ph.x-circle", "danger"),
}  # fmt: skip
_STATES = {
    "waiting": N_("not tried yet"), "running": N_("being tried"), "ok": N_("in order"), "warning": N_("with a warning"),
    "failed": N_("failed"),
}  # fmt: skip


@dataclass(frozen=True)
class FromBackup:
    """A backup of which an office is made on a server; the office that is open stays where and as it is.

    Attributes:
        database: the backup, open to read; the people who go along are read from it.
        made: when it was made.
        user_id: who restores it, where the backup knows them.
        restore: (address, administrator, people, progress) to what was made; it does the whole work.
        beside: whether an office is open, which stays as it is.
    """

    database: Any
    made: datetime
    user_id: int | None
    restore: Callable[[ServerAddress, Login, Sequence[Mover], Progress], Moved]
    beside: bool = True


@dataclass
class Plan:
    """What the pages fill together. Passwords are here and nowhere else; they go when the assistant is closed."""

    mode: str = JOIN
    address: ServerAddress = field(default_factory=ServerAddress)
    source: Any = None
    backup: FromBackup | None = None
    user_id: int | None = None
    login: Login = field(default_factory=lambda: Login("", ""))
    admin: Login = field(default_factory=lambda: Login("", ""))
    administration: Administration | None = None
    office: str = ""
    owner: Person = field(default_factory=lambda: Person("", "", ""))
    movers: list[Mover] = field(default_factory=list)
    temporary: set[int] = field(default_factory=set)
    moved: Moved | None = None
    target: str = ""


class WizardPage(QWidget):
    """A page. ``done`` is sent when its work succeeded and the next one may be shown; ``changed`` when its button may do something else."""

    done = Signal()
    changed = Signal()
    mode_wanted = Signal(str)
    scrolls = False
    """Whether a part of the page scrolls by itself; the others do as a whole where text is large."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.busy = False
        self._box = QVBoxLayout(self)
        margins(self, 24, 20, 24, 16, 12)

    def action(self) -> str:
        """What the main button says."""
        return _("Continue")

    def enter(self) -> None:
        """The page is about to be shown."""

    def go_on(self) -> None:
        """The main button was pressed."""
        self.done.emit()

    def may_leave(self) -> bool:
        """Whether the assistant may be closed, or another page be shown."""
        return True

    def set_busy(self, busy: bool) -> None:
        """Something is being tried."""
        self.busy = busy
        self.changed.emit()

    def heading(self, title: str, text: str) -> None:
        """What the page is for."""
        self._box.addWidget(Label(title, "title", wrap=True))
        self._box.addWidget(Label(text, "body", "text-muted", wrap=True))


class Line(QWidget):
    """A label, a line under it, and below what is wrong with it."""

    entered = Signal()

    def __init__(self, label: str, *, hint: str = "", secret: bool = False, text: str = "") -> None:
        super().__init__()
        self.label = Label(label, "secondary", "text-muted")
        self.line = QLineEdit(text)
        self.line.setAccessibleName(label)
        self.line.setPlaceholderText(hint)
        self.label.setBuddy(self.line)
        on_theme(self.line, lambda: self.line.setMinimumHeight(px(32)))
        self.note = Label("", "secondary", "danger", wrap=True)
        self.note.hide()
        if secret:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
            self.line.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(4))
        for widget in (self.label, self.line, self.note):
            box.addWidget(widget)
        box.addStretch(1)
        self.line.textEdited.connect(lambda _text: self.say(""))
        self.line.returnPressed.connect(self.entered)
        self.setFocusProxy(self.line)

    def text(self) -> str:
        """What is typed, without the spaces around it."""
        return self.line.text().strip()

    def raw(self) -> str:
        """What is typed: a password may end with a space."""
        return self.line.text()

    def say(self, problem: str) -> bool:
        """Say what is wrong; an empty text takes it off. Returns whether there is something."""
        mark_problem(self.line, problem)
        self.note.setText(problem)
        self.note.setVisible(bool(problem))
        return bool(problem)


def needed(*lines: Line) -> bool:
    """Whether all lines have something; the first that has not says so and gets the keyboard."""
    empty = [line for line in lines if not line.raw().strip()]
    for line in empty:
        line.say(_("“{label}” is needed.").format(label=line.line.accessibleName()))
    if empty:
        empty[0].line.setFocus()
    return not empty


class CheckList(QWidget):
    """The steps of a trial, each with its tick or cross as soon as it is known."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self._rows: dict[str, tuple[IconLabel, Label, Label]] = {}
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(8))
        for key in keys:
            sign, title = IconLabel("ph.circle", "text-disabled", 18, 20), Label(translate(TITLES[key]), "name")
            text = Label("", "secondary", "text-muted", wrap=True)
            row, column = QHBoxLayout(), QVBoxLayout()
            row.setSpacing(px(8))
            column.setSpacing(0)
            column.addWidget(title)
            column.addWidget(text)
            row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
            row.addLayout(column, 1)
            box.addLayout(row)
            self._rows[key] = (sign, title, text)
        box.addStretch(1)
        self.reset()

    def reset(self) -> None:
        """Nothing was tried yet."""
        for key in self._rows:
            self.show_step(Step(key))

    def show_step(self, step: Step) -> None:
        """Show how a step is."""
        if step.key not in self._rows:
            return
        sign, title, text = self._rows[step.key]
        sign.set_icon(*_ICONS[step.state])
        title.set_color("text-muted" if step.state == "waiting" else "text")
        # what failed is said once, where there is room for it
        text.setText("" if step.state == "failed" else step.text)
        text.set_color("warning" if step.state == "warning" else "text-muted")
        text.setVisible(bool(text.text()))
        name = f"{step.title}: {translate(_STATES[step.state])}"
        title.setAccessibleName(f"{name}. {step.text}" if step.text else name)

    def shown(self) -> dict[str, str]:
        """What a screen reader would say of every step, by key."""
        return {key: title.accessibleName() for key, (_sign, title, _text) in self._rows.items()}


class Trouble(QFrame):
    """What is wrong, what to do, and buttons that do it; details for an administrator on demand."""

    def __init__(self) -> None:
        super().__init__()
        self.text = Label("", "body", "danger", wrap=True)
        self.details = Label("", "secondary", "text-muted", wrap=True, selectable=True)
        self.more = Button(_("What the server said"), kind="ghost", small=True, icon="ph.caret-down")
        self._buttons = QHBoxLayout()
        self._extra: list[Button] = []
        row, box = QHBoxLayout(), QVBoxLayout(self)
        row.setSpacing(px(8))
        row.addWidget(IconLabel("ph.warning-circle", "danger", 18, 20), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        box.addLayout(row)
        box.addWidget(self.details)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self.more)
        box.addLayout(self._buttons)
        margins(self, 12, 10, 12, 8, 6)
        self.more.clicked.connect(lambda: self.details.setVisible(self.details.isHidden()))
        self.setObjectName("trouble")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill_round(QPainter(self), self.rect(), px(6), "danger-soft")

    def say(self, text: str, details: str = "", buttons: Sequence[Button] = ()) -> None:
        """Say what is wrong; an empty text hides it."""
        for one in self._extra:
            self._buttons.removeWidget(one)
            one.deleteLater()
        self._extra = list(buttons)
        for one in buttons:
            self._buttons.insertWidget(self._buttons.count(), one)
        self.text.setText(text)
        self.setAccessibleName(text)
        self.details.setText(details)
        self.details.hide()
        self.more.setVisible(bool(details))
        self.setVisible(bool(text))

    def diagnose(self, found: Diagnosis, buttons: Sequence[Button] = ()) -> None:
        """Say what a diagnosis found wrong."""
        self.say(found.text, found.details, buttons)


class Running(QWidget):
    """A bar with what is being done."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = Bar(width=320)
        self.note = Label("", "body", "text-muted", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(8))
        box.addWidget(self.note)
        box.addWidget(self.bar)
