"""Ways into an office: joining its server, restoring a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from PySide6.QtWidgets import QApplication, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop import app as core_app
from crm_desktop import features
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import is_server, server_url
from crm_desktop.security import keyring_store
from ui.framework import dialogs, settings, tasks
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins


def application() -> QApplication:
    """The Qt application."""
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found


class JoinDialog(QDialog):
    """Server, database, user and password; tried before it closes.

    Args:
        known: the URL of the server joined last; its parts are filled in.
    """

    def __init__(self, parent: QWidget | None, known: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Join the office database"))
        self.setMinimumWidth(px(480))
        self.url = ""
        form = QFormLayout()
        form.setVerticalSpacing(px(8))
        self.host = self._line(_("Server"), "192.168.0.10")
        self.port = self._line(_("Port"), "")
        self.port.setText("5432")
        self.database = self._line(_("Database"), "crm")
        self.user = self._line(_("User name"), "")
        self.password = self._line(_("Password"), "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        for label, line in (
            (_("Server"), self.host), (_("Port"), self.port), (_("Database"), self.database),
            (_("User name"), self.user), (_("Password"), self.password),
        ):  # fmt: skip
            form.addRow(Label(label), line)
        self.note = Label("", "secondary", "danger", wrap=True)
        self.join = Button(_("Join"), kind="primary")
        self.join.setDefault(True)
        self.join.clicked.connect(self._try)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.join)
        whole = QVBoxLayout(self)
        text = _("Your administrator knows these. The password is kept in this computer's keyring, in no file.")
        if not keyring_store.available():
            text = _("Your administrator knows these.") + " " + translate(keyring_store.NO_KEYRING)
        whole.addWidget(Label(text, "body", "text-muted", wrap=True))
        whole.addLayout(form)
        whole.addWidget(self.note)
        whole.addLayout(foot)
        margins(self, 24, 24, 24, 20, 12)
        self.user.editingFinished.connect(self._fill_password)
        if is_server(known):
            self._fill(known)

    def _fill(self, known: str) -> None:
        url = server_url(known)
        for line, text in (
            (self.host, url.host), (self.port, str(url.port or 5432)), (self.database, url.database),
            (self.user, url.username),
        ):  # fmt: skip
            line.setText(text or "")
        self._fill_password()
        self.password.setFocus()

    @staticmethod
    def _line(name: str, hint: str) -> QLineEdit:
        line = QLineEdit()
        line.setAccessibleName(name)
        line.setPlaceholderText(hint)
        return line

    def _fill_password(self) -> None:
        if not self.password.text():
            self.password.setText(keyring_store.read(self._address()))

    def _address(self) -> str:
        """The URL without a password, as the fields have it now."""
        user, host = quote(self.user.text().strip(), safe=""), self.host.text().strip()
        port = self.port.text().strip() or "5432"
        return f"postgresql://{user}@{host}:{port if port.isdigit() else 5432}/{self.database.text().strip()}"

    def _try(self) -> None:
        missing = [line for line in (self.host, self.database, self.user) if not line.text().strip()]
        if missing:
            self.note.setText(_("“{label}” is needed.").format(label=missing[0].accessibleName()))
            missing[0].setFocus()
            return
        self.join.setEnabled(False)
        self.note.set_color("text-muted")
        self.note.setText(_("Trying…"))
        url = self._address()
        if self.password.text():
            url = keyring_store.with_password(url, self.password.text())

        def attempt() -> str:
            core_app.open_database(url).close()
            return url

        tasks.run_read(self, attempt, self._joined, self._refused)

    def _joined(self, url: str) -> None:
        self.url = url
        if self.password.text():
            keyring_store.save(url, self.password.text())
        self.accept()

    def _refused(self, error: Exception) -> None:
        self.join.setEnabled(True)
        self.note.set_color("danger")
        self.note.setText(
            str(error) if isinstance(error, UserError) else _("This did not work: {error}").format(error=error)
        )


def join_office(parent: QWidget, doors: Any) -> None:
    """Ask for the server, try it, and open it."""
    dialog = JoinDialog(parent, settings.LAST_DATABASE.get())
    if dialogs.run_dialog(dialog) and dialog.url:
        doors.open(dialog.url)


def restore_backup(parent: QWidget, doors: Any) -> None:
    """Choose a backup and a new file, restore, and open it."""
    from crm_desktop.backup import container, service  # lazy: heavy, and only for a restore

    path = dialogs.choose_file(parent, _("Restore a backup"), _("Backups") + " (*.crmbackup)")
    if path is None:
        return
    try:
        header = container.read_header(path)
    except UserError as error:
        dialogs.show_error(parent, error)
        return
    password = ""
    if header.encrypted:
        given = dialogs.ask_text(parent, _("Password"), _("This backup is protected. Its password:"), password=True)
        if given is None:
            return
        password = given
    target = dialogs.choose_save(parent, _("Restore as"), Path.home() / (Path(header.database).stem + "-restored.crm"))
    if target is None:
        return

    def run(progress: Progress) -> str:
        service.restore_backup(path, target, features.schema(), password=password or None, progress=progress)
        return str(target)

    tasks.run_job(_("Restoring the backup"), run, lambda done: doors.open(done), owner=parent)
