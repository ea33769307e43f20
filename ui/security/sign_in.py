"""The window that asks who works here: faces and a password for a file, name and password for a server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, NewerOffice, Unreachable, UserError
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.secrets import hide
from crm_desktop.security import keyring_store
from crm_desktop.security.passwords import MustChange, Person, TryLater, WrongPassword
from ui.framework import dialogs, tasks
from ui.security.password_line import PasswordLine, StrengthBar
from ui.security.people_tiles import PeopleTiles
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import IconLabel, Label
from ui.widgets.rail import Logo
from ui.widgets.themed import margins, on_theme


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        office: its name.
        people: who can sign in to a file; a server asks for the name.
        user_id: whom to ask first: who was here last.
        login: the name on the server, as it was typed last.
        server: its name, where it is one.
        locked: the office is open behind this window.
        works, works_login: who works in it then.
        problem: what is wrong already.
        offline: the server does not answer.
        free: no password is asked any more.
    """

    office: str
    people: tuple[Person, ...] = ()
    user_id: int | None = None
    login: str = ""
    server: str = ""
    locked: bool = False
    works: int | None = None
    works_login: str = ""
    problem: str = ""
    offline: bool = False
    free: bool = False


@dataclass(frozen=True)
class Answer:
    """What somebody typed: who they are, the password, the new one where it must be changed, whether to keep it."""

    user_id: int | None
    login: str
    password: str
    new_password: str | None = None
    remember: bool = False

    def __repr__(self) -> str:
        """Without the passwords: it may stand in a trace."""
        return f"Answer({self.user_id!r}, {self.login!r})"


Attempt = Callable[[Answer], Any]
"""Tries to sign in, away from the window's thread; raises what keeps somebody out."""


class SignIn(QWidget):
    """The sign-in window. ``signed_in`` brings what the attempt returned; ``left`` is sent when it is closed without."""

    signed_in = Signal(object)
    left = Signal()
    another_office = Signal()
    newer = Signal(object)
    """Who signed in is right, but the office is of a newer program: the error."""

    def __init__(self, question: Question, attempt: Attempt, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sign-in")
        self.setWindowTitle("CRM Desktop")
        self.question = question
        self._attempt = attempt
        self._busy = False
        self._done = False
        self._step = "password"
        self._wait = QTimer(self)
        self._wait.setInterval(1000)
        self._wait.timeout.connect(self._count_down)
        self._seconds = 0
        self._make_parts()
        self._lay_out()
        self._choose(next((one for one in question.people if one.id == question.user_id), None))
        if question.problem:
            self._tell(question.problem, "warning" if question.offline else "danger")
        self._show_state()
        self.resize(1040, 720)

    # -- making ------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        asked = self.question
        self.heading = Label("", "hero", wrap=True)
        self.about = Label("", "lead", "text-muted", wrap=True)
        self.tiles = PeopleTiles(asked.people) if asked.people else None
        if self.tiles is not None:
            self.tiles.chosen.connect(self._on_chosen)
        self.name_label = Label(_("User name"), "secondary", "text-muted")
        self.name = QLineEdit(asked.login)
        self.name.setAccessibleName(_("User name"))
        on_theme(self.name, lambda: self.name.setFixedHeight(px(36)))
        self.password = PasswordLine(_("Password"))
        self.new = PasswordLine(_("New password"))
        self.again = PasswordLine(_("The new password once more"))
        self.strength = StrengthBar()
        self.new.edited.connect(self._judge)
        self.remember = QCheckBox(_("Remember the password on this computer"))
        self.no_keyring = Label(translate(keyring_store.NO_KEYRING), "secondary", "text-muted", wrap=True)
        self.message = _Message()
        self.go = Button(_("Sign in"), kind="primary", trailing="ph.arrow-right")
        self.go.height_px = 36
        self.go.clicked.connect(self.submit)
        self.back = Button(_("Back"), kind="ghost", icon="ph.arrow-left")
        self.back.clicked.connect(self._go_back)
        self.forgot = Button(_("Forgot the password?"), kind="ghost")
        self.forgot.clicked.connect(self._explain_forgotten)
        self.other = Button(_("Open another office…"), kind="ghost", icon="ph.swap")
        self.other.clicked.connect(self.another_office)
        self.name.returnPressed.connect(self.password.line.setFocus)
        self.password.entered.connect(self.submit)
        self.new.entered.connect(self.again.line.setFocus)
        self.again.entered.connect(self.submit)

    def _lay_out(self) -> None:
        self._card = _Card()
        self._name_box = QWidget()
        named = QVBoxLayout(self._name_box)
        named.setContentsMargins(0, 0, 0, 0)
        named.setSpacing(px(4))
        named.addWidget(self.name_label)
        named.addWidget(self.name)
        for part in (
            self.message, self._name_box, self.password, self.new, self.strength, self.again,
            self.remember, self.no_keyring, self.go,
        ):  # fmt: skip
            self._card.box.addWidget(part)
        below = QHBoxLayout()
        below.addWidget(self.back)
        below.addStretch(1)
        below.addWidget(self.forgot)
        self._card.box.addLayout(below)
        middle = QWidget()
        inside = QVBoxLayout(middle)
        inside.setContentsMargins(px(24), px(8), px(24), px(8))
        inside.setSpacing(px(8))
        inside.addStretch(2)
        for label in (self.heading, self.about):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            inside.addWidget(label)
        inside.addSpacing(px(12))
        if self.tiles is not None:
            inside.addWidget(self.tiles, 0, Qt.AlignmentFlag.AlignHCenter)
            inside.addSpacing(px(4))
        row = QHBoxLayout()  # not an alignment: the height would then be that of lines as wide as the window
        row.addStretch(1)
        row.addWidget(self._card)
        row.addStretch(1)
        inside.addLayout(row)
        inside.addStretch(3)
        self._area = area = scrolled(middle, sideways=True)
        whole = QVBoxLayout(self)
        margins(self, 24, 12, 24, 12, 0)
        whole.addLayout(self._top())
        whole.addWidget(area, 1)
        whole.addLayout(self._foot())

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(Logo())
        row.addWidget(Label(self.question.office, "section"))
        row.addStretch(1)
        if not self.question.locked:
            row.addWidget(self.other)
        return row

    def _foot(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addWidget(IconLabel("ph.shield-check", "text-muted", 14))
        if self.question.people:
            text = _("The password keeps colleagues apart. It does not encrypt the file: keep this computer safe too.")
        else:
            text = _("The password goes to the server as a proof only, and into no file of this computer.")
        row.addWidget(Label(text, "secondary", "text-muted", wrap=True), 1)
        return row

    # -- what is shown -----------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        """Show what belongs to the step: password, new password, or a server that does not answer."""
        asked, step = self.question, self._step
        self.heading.setText(self._title())
        self.about.setText(self._subtitle())
        self.about.setVisible(bool(self.about.text()))
        server, typing = not asked.people, step == "password"
        if self.tiles is not None:
            self.tiles.setVisible(typing and not asked.free)
        self._name_box.setVisible(server and typing)
        self.password.setVisible(typing and not asked.free)
        for line in (self.new, self.strength, self.again):
            line.setVisible(step == "new")
        keyring = server and typing and not asked.locked
        known = keyring and keyring_store.available()
        self.remember.setVisible(known)
        self.no_keyring.setVisible(keyring and not known)
        self.back.setVisible(step == "new")
        self.forgot.setVisible(typing and not asked.free)
        self._say_what_goes()
        for one in (self.tiles, self.name, self.new, self.again, self.remember, self.other):
            if one is not None:
                one.setEnabled(not self._busy)
        self.password.setEnabled(not self._busy and (self.tiles is None or self.person() is not None))
        self.go.setEnabled(not self._busy and not self._seconds)

    def _title(self) -> str:
        if self._step == "new":
            return _("Choose your password")
        if self.question.locked:
            return _("Locked")
        return _("Who is working?") if self.question.people else _("Sign in")

    def _subtitle(self) -> str:
        asked = self.question
        if self._step == "new":
            return _("The one you have was given to you by somebody else. From now on only you know it.")
        if asked.locked:
            return _("Everything is still open behind this page, also what you have not saved yet.")
        return asked.server if not asked.people else _("Choose your name and type your password.")

    def _say_what_goes(self) -> None:
        person = self.person()
        label = _("Password of {name}").format(name=person.name) if person is not None else _("Password")
        self.password.set_label(label)
        words = {"new": _("Use this password")}.get(self._step, _("Unlock") if self._unlocks() else _("Sign in"))
        if self.question.offline and self._step == "password":
            words = _("Try again")
        if self._busy:
            words = _("One moment…")
        elif self._seconds:
            words = ngettext("Wait {n} second", "Wait {n} seconds", self._seconds).format(n=self._seconds)
        self.go.setText(words)

    def _unlocks(self) -> bool:
        """Whether who is chosen is the one behind the lock."""
        person = self.person()
        if not self.question.locked:
            return False
        return (
            self.name.text().strip() == self.question.works_login
            if person is None
            else person.id == self.question.works
        )

    def person(self) -> Person | None:
        """Who is chosen among the faces."""
        return self.tiles.current() if self.tiles is not None else None

    def _choose(self, person: Person | None) -> None:
        if self.tiles is not None:
            if person is None and len(self.question.people) == 1:
                person = self.question.people[0]
            self.tiles.set_current(person.id if person is not None else None)
        self._give_focus()

    def ask_nothing(self) -> None:
        """No password is asked any more: whoever works behind the lock goes on with one click."""
        asked = self.question
        self.question = replace(asked, free=True, people=tuple(one for one in asked.people if one.id == asked.works))
        self._step = "password"
        self._stop_waiting()
        if self.tiles is not None:
            self.tiles.set_current(asked.works)
        self.password.set_problem("")
        self._tell(_("This office asks for no password any more."), "accent")
        self._show_state()
        self.go.setFocus()

    def _on_chosen(self, _person: Person) -> None:
        self._stop_waiting()
        self.password.clear()
        self._tell("")
        self._show_state()
        self.password.line.setFocus()
        self._area.ensureWidgetVisible(self.go)

    def _give_focus(self) -> None:
        if self.tiles is not None and self.person() is None:
            self.tiles.tiles[0].setFocus(Qt.FocusReason.TabFocusReason)
        elif self.tiles is None and not self.name.text():
            self.name.setFocus()
        else:
            self.password.line.setFocus()

    def _tell(self, text: str, kind: str = "danger") -> None:
        self.message.show_text(text, kind)

    # -- trying ------------------------------------------------------------------------------------------------

    def submit(self) -> None:
        """Try what is typed."""
        if self._busy or self._seconds:
            return
        person = self.person()
        if self.tiles is not None and person is None:
            self._tell(_("Choose who you are."))
            self._give_focus()
            return
        if self.tiles is None and not self.name.text().strip():
            self._tell(_("“{label}” is needed.").format(label=_("User name")))
            self.name.setFocus()
            return
        if not self.password.text() and not self.question.free and (self.question.locked or not self.question.offline):
            self.password.set_problem(_("Type the password."))
            self.password.line.setFocus()
            return
        if self._step == "new" and not self._new_is_fit():
            return
        answer = Answer(
            person.id if person is not None else None, self.name.text().strip(), self.password.text(),
            self.new.text() if self._step == "new" else None, self.remember.isChecked(),
        )  # fmt: skip
        self._tell("")
        self._set_busy(True)
        tasks.run_read(self, lambda: self._attempt(answer), self._on_signed_in, self._on_refused)

    def _new_is_fit(self) -> bool:
        if self.new.text() != self.again.text():
            self.again.set_problem(_("The two are not the same."))
            self.again.line.setFocus()
            return False
        return True

    def _judge(self) -> None:
        person = self.person()
        self.strength.set_password(self.new.text(), (person.name, person.login) if person is not None else ())

    def _on_signed_in(self, result: Any) -> None:
        self._set_busy(False)
        self._done = True
        for line in (self.password, self.new, self.again):
            line.clear()
        self.signed_in.emit(result)

    def _on_refused(self, error: Exception) -> None:
        self._set_busy(False)
        if isinstance(error, MustChange):
            self._step = "new"
            self._show_state()
            self.new.line.setFocus()
            return
        if self._step == "new" and isinstance(error, UserError):
            self.new.set_problem(str(error))
            self.new.line.setFocus()
            return
        if isinstance(error, TryLater):
            self._begin_waiting(error.seconds)
        away = isinstance(error, Unreachable)
        if away != self.question.offline:
            self.question = replace(self.question, offline=away)
            self._show_state()
        if isinstance(error, FieldError | TryLater | WrongPassword):
            self.password.set_problem(str(error))
        elif isinstance(error, UserError):
            self._tell(hide(str(error)), "warning" if away else "danger")
            if isinstance(error, NewerOffice):
                self.newer.emit(error)
        else:
            dialogs.show_error(self, error)
        self.password.line.selectAll()
        self.password.line.setFocus()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._show_state()

    def _begin_waiting(self, seconds: int) -> None:
        self._seconds = seconds
        self._wait.start()
        self._show_state()

    def _stop_waiting(self) -> None:
        self._seconds = 0
        self._wait.stop()

    def _count_down(self) -> None:
        self._seconds = max(0, self._seconds - 1)
        if not self._seconds:
            self._stop_waiting()
            self.password.set_problem("")
        self._show_state()

    def _go_back(self) -> None:
        self._step = "password"
        for line in (self.password, self.new, self.again):
            line.clear()
        self._show_state()
        self.password.line.setFocus()

    def _explain_forgotten(self) -> None:
        if self.question.people:
            text = _(
                "An owner or administrator gives you a new one: My account, Passwords of this file. "
                "If nobody can sign in any more, whoever keeps this computer can set one without the old: "
                "crm-desktop user password NAME --database FILE"
            )
        else:
            text = _("An administrator of the office gives you a new one, under People and rights.")
        dialogs.show_message(self, _("Forgot the password?"), text)

    # -- window ------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._step == "new":
            self._go_back()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self.tiles is not None:
            self.tiles.set_room(self.width() - px(112))
        super().resizeEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._done:
            self.left.emit()
            if self.question.locked:
                event.ignore()
                return
        super().closeEvent(event)


class _Card(QWidget):
    """The white card with the fields."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QVBoxLayout(self)
        margins(self, 24, 20, 24, 16, 10)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, lambda: self.setFixedWidth(px(408)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().adjusted(1, 1, -1, -3)
        fill_round(painter, box.adjusted(0, 1, 0, 2), px(8), "shadow-card")
        frame_round(painter, box, px(8), "border", "raised")


class _Message(QWidget):
    """What is wrong, in a soft box over the fields."""

    def __init__(self) -> None:
        super().__init__()
        self._kind = "danger"
        self._icon = IconLabel("ph.warning-circle", "danger", 16, 20)
        self.label = Label("", "body", "danger", wrap=True)
        row = QHBoxLayout(self)
        margins(self, 12, 8, 12, 8, 8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.label, 1)
        self.hide()

    def show_text(self, text: str, kind: str) -> None:
        self._kind = kind
        self.label.setText(text)
        self.label.set_color(kind)
        self._icon.set_icon({"warning": "ph.wifi-slash", "accent": "ph.info"}.get(kind, "ph.warning-circle"), kind)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        fill_round(QPainter(self), self.rect(), px(6), f"{self._kind}-soft")
