"""My account: one's own name and face, password, and when the window locks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QFormLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, UserError, ValidationFailed
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.security import accounts, keyring_store
from crm_desktop.security.accounts import Account
from ui.framework import dialogs, settings, tasks
from ui.framework.office import Office
from ui.security.lock import LockKeeper
from ui.security.password_line import PasswordLine, StrengthBar
from ui.security.passwords_dialog import FINAL, PasswordsDialog
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px
from ui.theme.tokens import HUES
from ui.widgets.avatar import paint_avatar
from ui.widgets.buttons import Button
from ui.widgets.editor_base import ValueEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Hairline, Label
from ui.widgets.themed import KeyboardRing, margins, on_theme
from ui.widgets.toast import show_toast


class AccountDialog(QDialog):
    """Everything that is one's own, saved together; the password by itself."""

    def __init__(self, office: Office, parent: QWidget, lock: LockKeeper | None) -> None:
        super().__init__(parent)
        self.office = office
        self._lock = lock
        self.account: Account | None = None
        self.setWindowTitle(_("My account"))
        self.setMinimumWidth(px(520))
        self.face = _Face()
        self.name = ValueEditor(Kind.TEXT, name=_("Name"))
        self.email = ValueEditor(Kind.EMAIL, name=_("E-mail"))
        self.phone = ValueEditor(Kind.PHONE, name=_("Phone"))
        self.hues = HuePicker()
        self.hues.chosen.connect(lambda hue: self.face.set_person(self.name.text(), hue))
        self.name.textChanged.connect(lambda text: self.face.set_person(text, self.hues.value()))
        self.minutes = ChoiceEditor(_minutes(), name=_("Lock by itself"), empty=None)
        self.minutes.set_value(settings.LOCK_MINUTES.get())
        self.note = Label("", "secondary", "text-muted", wrap=True)
        self.password = Button(_("Change the password…"), icon="ph.key")
        self.password.clicked.connect(self._change_password)
        self.forget = Button(_("Forget the password on this computer"), icon="ph.eraser")
        self.forget.clicked.connect(self._forget)
        self.everybody = Button(_("Passwords of this file…"), icon="ph.users")
        self.everybody.clicked.connect(self._open_passwords)
        self.save = Button(_("Save"), kind="primary")
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self._lay_out(cancel)
        self.setEnabled(False)
        database = office.database
        tasks.run_read(self, lambda: accounts.account_of(database, office.user_id), self._fill)

    def _lay_out(self, cancel: Button) -> None:
        head = QHBoxLayout()
        head.setSpacing(px(16))
        head.addWidget(self.face)
        self._who = Label("", "title")
        self._login = Label("", "body", "text-muted")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._who)
        words.addWidget(self._login)
        words.addStretch(1)
        head.addLayout(words, 1)
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(10))
        fields: tuple[tuple[str, QWidget], ...] = (
            (_("Name"), self.name), (_("E-mail"), self.email), (_("Phone"), self.phone), (_("Colour"), self.hues),
            (_("Lock by itself"), self.minutes),
        )  # fmt: skip
        for label, editor in fields:
            form.addRow(Label(label, "body", "text-muted"), editor)
        keys = QHBoxLayout()
        keys.setSpacing(px(8))
        for button in (self.password, self.everybody, self.forget):
            keys.addWidget(button)
        keys.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(Hairline())
        whole.addLayout(form)
        whole.addWidget(self.note)
        whole.addLayout(keys)
        whole.addWidget(Hairline())
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 14)

    def _fill(self, account: Account) -> None:
        self.account = account
        self.setEnabled(True)
        self._who.setText(account.name)
        self._login.setText(f"{account.login} · {account.role_name or translate(account.role)}")
        self.name.set_value(account.name)
        self.email.set_value(account.email or None)
        self.phone.set_value(account.phone or None)
        self.hues.set_value(account.hue)
        self.face.set_person(account.name, account.hue)
        for editor in (self.name, self.email, self.phone, self.hues):
            editor.setEnabled(account.may_edit)
        self.minutes.setEnabled(self._lock is not None)
        self.password.setVisible(account.has_password)
        self.everybody.setVisible(account.may_give_passwords)
        self.forget.setVisible(account.kept)
        self.note.setText(self._remark(account))
        self.note.setVisible(bool(self.note.text()))
        (self.name if account.may_edit else self.save).setFocus()

    def _remark(self, account: Account) -> str:
        if not account.may_edit:
            return _("An administrator changes your name, e-mail and phone.")
        if account.server and not account.kept and not keyring_store.available():
            return translate(keyring_store.NO_KEYRING)
        if account.may_give_passwords and not account.has_password:
            return _("Nobody is asked who works here. Give passwords to the people who share this computer.")
        return ""

    def _save(self) -> None:
        account = self.account
        if account is None:
            return
        settings.LOCK_MINUTES.set(int(self.minutes.value() or 0))
        if self._lock is not None:
            self._lock.follow_setting()
        try:
            changed = replace(
                account, name=str(self.name.value() or ""), email=self.email.value() or "",
                phone=self.phone.value() or "", hue=self.hues.value(),
            )  # fmt: skip
        except FieldError as error:
            dialogs.show_error(self, error)
            return
        if changed == account or not account.may_edit:
            self.accept()
            return
        self.save.setEnabled(False)
        self.office.write(
            self, N_("Change my account"), lambda uow: accounts.update_own(uow, changed), lambda _done: self.accept(),
            self._refused,
        )  # fmt: skip

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if isinstance(error, ValidationFailed):
            error = error.errors[0]
        dialogs.show_error(self, error)

    def _change_password(self) -> None:
        if self.account is not None and dialogs.run_dialog(PasswordDialog(self.office, self, self.account)):
            show_toast(self, _("The password is changed."))

    def _open_passwords(self) -> None:
        dialogs.run_dialog(PasswordsDialog(self.office, self))
        tasks.run_read(
            self, lambda: accounts.account_of(self.office.database, self.office.user_id), self._fill
        )  # fmt: skip

    def _forget(self) -> None:
        target = self.office.database.target
        tasks.run_read(self, lambda: keyring_store.forget(target), self._forgotten)

    def _forgotten(self, gone: bool) -> None:
        self.forget.setVisible(not gone)
        if gone:
            self.note.setText(_("This computer knows your password no more. It is asked next time."))
            self.note.show()


class PasswordDialog(QDialog):
    """The old password, and the new one twice."""

    def __init__(self, office: Office, parent: QWidget, account: Account) -> None:
        super().__init__(parent)
        self._office, self._account = office, account
        self.setWindowTitle(_("Change the password"))
        self.setFixedWidth(px(420))
        self.old = PasswordLine(_("Password of now"))
        self.new = PasswordLine(_("New password"))
        self.again = PasswordLine(_("The new password once more"))
        self.strength = StrengthBar()
        self.new.edited.connect(
            lambda: self.strength.set_password(self.new.text(), (account.name, account.login, account.email))
        )
        self.change = Button(_("Change the password"), kind="primary")
        self.change.clicked.connect(self.submit)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.old.entered.connect(self.new.line.setFocus)
        self.new.entered.connect(self.again.line.setFocus)
        self.again.entered.connect(self.submit)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.change)
        whole = QVBoxLayout(self)
        for part in (
            self.old,
            self.new,
            self.strength,
            self.again,
            Label(_(FINAL), "secondary", "text-muted", wrap=True),
        ):
            whole.addWidget(part)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.old.setFocus()

    def submit(self) -> None:
        """Change it."""
        for line in (self.old, self.new, self.again):
            line.set_problem("")
        if not self.old.text():
            self._wrong(self.old, _("Type the password."))
            return
        if self.new.text() != self.again.text():
            self._wrong(self.again, _("The two are not the same."))
            return
        self.change.setEnabled(False)
        database, actor, old, new = self._office.database, self._office.actor, self.old.text(), self.new.text()
        tasks.run_write(
            self,
            lambda: accounts.choose_password(database, actor, old, new),
            lambda _done: self.accept(),
            self._refused,
        )

    def _wrong(self, line: PasswordLine, text: str) -> None:
        line.set_problem(text)
        line.line.selectAll()
        line.line.setFocus()

    def _refused(self, error: Exception) -> None:
        self.change.setEnabled(True)
        if isinstance(error, accounts.OldPasswordWrong):
            self._wrong(self.old, str(error))
        elif isinstance(error, UserError):
            self._wrong(self.new, str(error))
        else:
            dialogs.show_error(self, error)


class HuePicker(QWidget):
    """Eight colours; arrow keys move. ``chosen`` brings the number."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(4))
        self._dots = [_Dot(hue) for hue in range(1, HUES + 1)]
        for dot in self._dots:
            dot.clicked.connect(lambda _on=False, hue=dot.hue: self.chosen.emit(hue))
            row.addWidget(dot)
        row.addStretch(1)

    def value(self) -> int:
        """The colour chosen."""
        return next((dot.hue for dot in self._dots if dot.isChecked()), 1)

    def set_value(self, hue: int) -> None:
        """Choose a colour; ``chosen`` is not sent."""
        self._dots[(hue - 1) % HUES].setChecked(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        dot = self._dots[(self.value() - 1 + step) % HUES]
        dot.setFocus(Qt.FocusReason.TabFocusReason)
        dot.click()


class _Dot(KeyboardRing, QAbstractButton):
    def __init__(self, hue: int) -> None:
        super().__init__()
        self.hue = hue
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(_("Colour {n}").format(n=hue))
        self.setToolTip(self.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(px(32), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inset = px(4)
        box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        if self.isChecked() or self.shows_ring():
            frame_round(painter, self.rect().adjusted(1, 1, -1, -1), px(15), "accent" if self.isChecked() else "focus")
        fill_round(painter, box, box.width() / 2, f"hue-{self.hue}")
        if self.isChecked():
            dot = px(4)
            fill_round(
                painter,
                QRectF(box.center().x() - dot, box.center().y() - dot, 2 * dot, 2 * dot),
                dot,
                f"hue-{self.hue}-ink",
            )


class _Face(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._name, self._hue = "", 1
        on_theme(self, lambda: self.setFixedSize(px(56), px(56)))

    def set_person(self, name: str, hue: int) -> None:
        self._name, self._hue = name, hue
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_avatar(QPainter(self), QRectF(self.rect()), self._name, hue=self._hue)


def _minutes() -> list[tuple[int, str]]:
    words = [(0, _("Never"))]
    for n in settings.LOCK_MINUTES.choices:
        if n:
            words.append((n, ngettext("After {n} minute", "After {n} minutes", n).format(n=n)))
    return words


def open_account(office: Office, parent: Any, lock: LockKeeper | None) -> None:
    """Show one's own account."""
    dialogs.run_dialog(AccountDialog(office, parent, lock))
    parent.recheck_lock()
