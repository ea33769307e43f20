"""The server shows another certificate while somebody works: it is looked at, and somebody decides."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.db.server_address import PINNED, VERIFY, ServerAddress, pin
from crm_desktop.security.connecting import Diagnosis, diagnose
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.shell.server.parts import Trouble
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_WIDTH = 840
"""A whole fingerprint stands on one line, to be compared with the other one."""


class CertificateDialog(QDialog):
    """What is wrong with the certificate, and what can be done. Nothing but the handshake goes to the server."""

    def __init__(self, office: Office, parent: QWidget) -> None:
        super().__init__(parent)
        self._office = office
        self._address = ServerAddress.from_url(office.database.target)
        self.setWindowTitle(_("The server's certificate"))
        self.setFixedWidth(px(_WIDTH))
        text = _("{host}, port {port}. Nothing is closed; what you type is kept.")
        self.note = Label("", "body", "text-muted", wrap=True)
        self.trouble = Trouble()
        self.accept_new = Button(_("Accept the new certificate…"), kind="danger")
        self.choose_file = Button(_("Choose a certificate file…"), icon="ph.folder-open")
        self.again = Button(_("Look again"))
        self.cancel = Button(_("Cancel"))
        self._found: Diagnosis | None = None
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addWidget(self.choose_file)
        foot.addStretch(1)
        for button in (self.cancel, self.again, self.accept_new):
            foot.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addWidget(
            Label(text.format(host=self._address.host, port=self._address.port), "body", "text-muted", wrap=True)
        )
        whole.addWidget(self.note)
        whole.addWidget(self.trouble)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.accept_new.clicked.connect(self._accept)
        self.choose_file.clicked.connect(self._choose_file)
        self.again.clicked.connect(lambda: self.look(self._address))
        self.cancel.clicked.connect(self.reject)
        self.look(self._address)

    def look(self, address: ServerAddress) -> None:
        """Look at the certificate that the server shows now."""
        self._say_busy(True)
        tasks.run_read(self, lambda: diagnose(address, None), self._show, self._broken, supersede="certificate")

    def _say_busy(self, busy: bool) -> None:
        self.note.setText(_("Looking at the server's certificate…"))
        self.note.setVisible(busy)
        self.again.setEnabled(not busy)
        self.choose_file.setEnabled(not busy)
        self.accept_new.setVisible(False)

    def _broken(self, error: Exception) -> None:
        self._say_busy(False)
        dialogs.show_error(self, error)

    def _show(self, found: Diagnosis) -> None:
        self._say_busy(False)
        self._found = found
        if found.ok:
            found.address.keep()
            pulse = self._office.database.pulse
            if pulse is not None:
                pulse.begin_again()
            self.accept()
            return
        self.trouble.diagnose(found)
        self.accept_new.setVisible(found.certificate is not None and found.problem in ("tls_changed", "tls_first"))
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def _accept(self) -> None:
        found = self._found
        if found is None or found.certificate is None or found.address.tls != PINNED:
            return
        if dialogs.confirm(
            self, _("Accept the new certificate?"),
            _("Only if the administrator says that it was renewed, and tells you the same fingerprint."),
            yes=_("Accept"), danger=True,
        ):  # fmt: skip
            self._address = pin(found.address, found.certificate.pem, found.certificate.fingerprint)
            self.look(self._address)

    def _choose_file(self) -> None:
        """Check the server by a file of the administrator from now on; kept only where it holds."""
        path = dialogs.choose_file(self, _("Certificate file"), _("Certificates") + " (*.crt *.pem *.cer)")
        if path is not None:
            self.look(replace(self._address, tls=VERIFY, ca_file=str(path), fingerprint=""))


def choose_server(office: Office, window: QWidget) -> None:
    """Let somebody decide about the certificate that the server of an office shows now."""
    dialogs.run_dialog(CertificateDialog(office, window))
