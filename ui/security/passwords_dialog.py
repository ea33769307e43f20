"""Passwords of a file that several people share: whether it asks, and who has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.security import passwords, queries
from crm_desktop.security.queries import UserRow
from crm_desktop.security.strength import refuse_bad, suggest
from ui.framework import dialogs
from ui.framework.office import Office
from ui.security.password_line import PasswordLine, StrengthBar
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button, Switch
from ui.widgets.frames import scrolled
from ui.widgets.labels import ElidedLabel, Hairline, Label
from ui.widgets.themed import margins

_TITLE = N_("Passwords of this file")
FINAL = N_("Undo does not bring an old password back.")
"""Said before a password goes: nothing keeps it."""


class PasswordsDialog(QDialog):
    """For owners and administrators: switch the question on and off, give passwords and take them away."""

    def __init__(self, office: Office, parent: QWidget) -> None:
        super().__init__(parent)
        self.office = office
        self.people: list[UserRow] = []
        self.having: dict[int, bool] = {}
        self.setWindowTitle(_("Passwords of this file"))
        self.asks = Switch(_("Ask who works here when the program starts"))
        self.asks.clicked.connect(self._switch)
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(Label(_("Ask who works here when the program starts"), "section"), 1)
        head.addWidget(self.asks)
        text = _(
            "Everybody signs in with a password and does what their role allows; the history knows who did what. "
            "The file itself is not encrypted: whoever can copy it can read it. So protect the computer too."
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(px(4))
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(self._rows)
        inside.addStretch(1)
        area = scrolled(holder, sideways=True)
        close = Button(_("Close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(Label(text, "body", "text-muted", wrap=True))
        whole.addWidget(Hairline())
        whole.addWidget(area, 1)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        dialogs.resize_within(self, 600, 520)
        self._read()

    def _read(self) -> None:
        def read(connection: Any) -> tuple[list[UserRow], dict[int, bool]]:
            return queries.active_users(connection), passwords.states(self.office.database)

        self.office.read(self, read, lambda found: self._fill(*found))

    def _fill(self, people: list[UserRow], having: dict[int, bool]) -> None:
        self.people, self.having = people, having
        self.asks.setChecked(any(one.id in having for one in people))
        while self._rows.count():
            taken = self._rows.takeAt(0)
            old = taken.widget() if taken is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for one in people:
            self._rows.addWidget(self._row(one))

    def _row(self, person: UserRow) -> QWidget:
        has, on = person.id in self.having, self.asks.isChecked()
        state = _("has no password: cannot sign in") if on else _("has no password")
        if has:
            state = _("chooses a new one at the next sign-in") if self.having[person.id] else _("has a password")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(person.name, "name"))
        words.addWidget(Label(state, "secondary", "warning" if on and not has else "text-muted"))
        give = Button(_("New password…") if has else _("Give a password…"), small=True)
        give.setAccessibleName(f"{give.text()} {person.name}")
        give.clicked.connect(lambda: self.give(person))
        give.setEnabled(on)
        if not on:
            give.setToolTip(_("Ask who works here when the program starts"))
        row = QWidget()
        box = QHBoxLayout(row)
        box.setContentsMargins(0, px(4), px(8), px(4))
        box.setSpacing(px(12))
        box.addWidget(Avatar(person.name, 32, hue=person.hue))
        box.addLayout(words, 1)
        if has and person.id != self.office.user_id:
            take = Button(_("Take away"), kind="danger-ghost", small=True)
            take.setAccessibleName(f"{take.text()} {person.name}")
            take.clicked.connect(lambda: self._take(person))
            box.addWidget(take)
        box.addWidget(give)
        return row

    def _switch(self, on: bool) -> None:
        me = next((one for one in self.people if one.id == self.office.user_id), None)
        self.asks.setChecked(not on)  # until it is done
        if on and me is not None:
            self.give(me)
        elif not on and dialogs.confirm(
            self, _("Ask nobody any more?"),
            _("All passwords of this file are taken away. Whoever starts the program then works as its owner.")
            + " " + _(FINAL),
            yes=_("Take all passwords away"), danger=True,
        ):  # fmt: skip
            self._write(passwords.switch_off)

    def give(self, person: UserRow) -> None:
        """Ask for a password for somebody, and give it to them."""
        own = person.id == self.office.user_id
        dialog = GiveDialog(self, person, own=own, replaces=person.id in self.having)
        if dialogs.run_dialog(dialog):
            new, must = dialog.line.text(), dialog.must.isChecked() and not own
            self._write(lambda uow: passwords.give_password(uow, person.id, new, must_change=must))

    def _take(self, person: UserRow) -> None:
        text = _("{name} cannot sign in to this file until somebody gives them a new password.")
        text = f"{text.format(name=person.name)} {_(FINAL)}"
        if dialogs.confirm(self, _("Take the password away?"), text, yes=_("Take away"), danger=True):
            self._write(lambda uow: passwords.take_password(uow, person.id))

    def _write(self, work: Callable[[Any], Any]) -> None:
        self.office.write(self, _TITLE, work, lambda _done: self._read(), self._refused, kind="system")

    def _refused(self, error: Exception) -> None:
        dialogs.show_error(self, error)
        self._read()


class GiveDialog(QDialog):
    """A password for one person, maybe in place of another; on a ``server`` nobody is made to choose another."""

    def __init__(
        self, parent: QWidget, person: UserRow, *, own: bool, server: bool = False, replaces: bool = True
    ) -> None:
        super().__init__(parent)
        self.own = own
        self._about = (person.name, person.login, person.email)
        self.setWindowTitle(_("Your password") if own else _("Password of {name}").format(name=person.name))
        self.setFixedWidth(px(440))
        text = _("Tell it to {name}, who can choose another one under My account.").format(name=person.name)
        if own:
            text = _("Yours comes first: somebody must be able to give the others theirs. Keep it well.")
        elif not server:
            text = _("Tell it to {name}; at the next sign-in a password of their own is asked.").format(
                name=person.name
            )
        if replaces:
            text = f"{text} {_(FINAL)}"
        self.line = PasswordLine(_("New password"))
        self.again = PasswordLine(_("The new password once more"))
        self.again.setVisible(own)
        self.strength = StrengthBar()
        self.line.edited.connect(self._judge)
        self.must = QCheckBox(_("They choose a new one at the next sign-in"))
        self.must.setChecked(True)
        self.must.setVisible(not own and not server)
        make = Button(_("Suggest one"), icon="ph.dice-five", small=True)
        make.clicked.connect(self._suggest)
        make.setVisible(not own)
        self.ok = Button(_("Use this password"), kind="primary")
        self.ok.clicked.connect(self.submit)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.line.entered.connect(self.again.line.setFocus if own else self.submit)
        self.again.entered.connect(self.submit)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(make)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.ok)
        whole = QVBoxLayout(self)
        whole.addWidget(Label(text, "body", "text-muted", wrap=True))
        for part in (self.line, self.strength, self.again, self.must):
            whole.addWidget(part)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.line.setFocus()

    def _judge(self) -> None:
        self.strength.hint.show()
        self.strength.set_password(self.line.text(), self._about)

    def _suggest(self) -> None:
        self.line.line.setText(suggest())
        self.line.eye.setChecked(True)
        self._judge()

    def _refuse(self, line: PasswordLine, problem: str) -> None:
        line.set_problem(problem)
        line.line.setFocus()
        self.adjustSize()

    def submit(self) -> None:
        """Accept it where it is fit."""
        try:
            refuse_bad(self.line.text(), self._about)
        except UserError as error:
            self.strength.hint.hide()  # it would say the same once more
            self._refuse(self.line, str(error))
            return
        if not self.again.isHidden() and self.again.text() != self.line.text():
            self._refuse(self.again, _("The two are not the same."))
            return
        self.accept()
