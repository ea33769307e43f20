"""A server lets us in no more while somebody works: the password of now is asked, and the work goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _
from crm_desktop.core.secrets import hide
from crm_desktop.security import keyring_store, server_passwords
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.security.password_line import PasswordLine
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


class SignInAgain(QDialog):
    """The password of who works here, tried before it closes."""

    def __init__(self, office: Office, parent: QWidget) -> None:
        super().__init__(parent)
        self._database = office.database
        self.setWindowTitle(_("Sign in again"))
        self.setFixedWidth(px(420))
        text = _(
            "The server of {name} wants your password again: it was changed, or it has expired. Nothing is closed."
        )
        self.password = PasswordLine(_("Password of {name}").format(name=office.actor.name))
        self.password.entered.connect(self.submit)
        self.remember = QCheckBox(_("Remember the password on this computer"))
        self.remember.setVisible(keyring_store.available())
        self.go = Button(_("Sign in"), kind="primary")
        self.go.clicked.connect(self.submit)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.go)
        whole = QVBoxLayout(self)
        whole.addWidget(Label(text.format(name=office.database.name), "body", "text-muted", wrap=True))
        whole.addWidget(self.password)
        whole.addWidget(self.remember)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.password.setFocus()
        self._known = False
        self._ask_keyring()

    def _ask_keyring(self) -> None:
        """Tick the box where this computer remembers a password: the old one is of no use there."""
        target = self._database.target

        def show(known: bool) -> None:
            self._known = known
            self.remember.setChecked(known or self.remember.isChecked())

        tasks.run_read(self, lambda: bool(keyring_store.read(target)), show, lambda _error: None)

    def submit(self) -> None:
        """Try it."""
        if not self.password.text():
            self.password.set_problem(_("Type the password."))
            return
        self.go.setEnabled(False)
        database, new, keep, known = self._database, self.password.text(), self.remember.isChecked(), self._known

        def work() -> bool:
            address = keyring_store.with_password(database.target, new)
            server_passwords.knock(address)
            database.use_password(new)
            if not keep and known:
                keyring_store.forget(address)
            return keyring_store.save(address, new) if keep else True

        tasks.run_read(self, work, self._signed_in, self._refused)

    def _signed_in(self, kept: bool) -> None:
        window = self.parentWidget()
        self.accept()
        if not kept and window is not None:
            text = _("The keyring of this computer did not take the password; it is asked again next time.")
            show_toast(window.window(), text, kind="warning")

    def _refused(self, error: Exception) -> None:
        self.go.setEnabled(True)
        if isinstance(error, UserError):
            self.password.set_problem(hide(str(error)))
            self.password.line.selectAll()
            self.password.line.setFocus()
        else:
            dialogs.show_error(self, error)


def sign_in_again(office: Office, window: QWidget) -> None:
    """Ask for the password of now."""
    dialogs.run_dialog(SignInAgain(office, window))
