"""The first page: what is to be done, where the server is, how the way to it is protected; tried live."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, translate
from crm_desktop.db.server_address import DEFAULT_PORT, OFF, PINNED, TLS_MODES, VERIFY, ServerAddress, pin
from crm_desktop.security.connecting import WAY, Diagnosis, diagnose
from ui.framework import dialogs
from ui.shell.server.parts import (
    CREATE,
    JOIN,
    MOVE,
    TLS_NOTES,
    TLS_WORDS,
    Line,
    Plan,
    needed,
)  # fmt: skip
from ui.shell.server.try_page import TryPage
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label


class AddressPage(TryPage):
    """Server, port, database and encryption; "Continue" tries the way and shows every step."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, WAY)
        words = _("Your administrator knows these. Every step of the way is tried, and what is wrong is said.")
        if plan.backup is not None:
            what = (
                _("There the backup of {when} becomes an office of its own. Today's office stays as it is.")
                if plan.backup.beside
                else _("There the backup of {when} becomes an office of its own.")
            )
            words = f"{what.format(when=formats.format_datetime(plan.backup.made, 'medium'))} {words}"
        self.heading(_("Where is the office's server?"), words)
        options = [(JOIN, _("Join an office"), "ph.sign-in"), (CREATE, _("Create an office"), "ph.plus")]
        if plan.source is not None:
            options.append((MOVE, _("Move this office there"), "ph.truck"))
        self.mode = SegmentedControl(options)
        self.mode.setAccessibleName(_("What is to be done"))
        self.mode.set_value(plan.mode)
        self.mode.changed.connect(self.mode_wanted)
        self.mode.setHidden(plan.backup is not None)
        self._box.addWidget(self.mode)
        known = plan.address
        self.host = Line(_("Server"), hint="192.168.0.10", text=known.host)
        self.port = Line(_("Port"), text=str(known.port or DEFAULT_PORT))
        self.database = Line(_("Database"), hint="crm", text=known.database)
        self.tls = ChoiceEditor(
            [(key, translate(TLS_WORDS[key])) for key in TLS_MODES], name=_("Connection"), empty=None
        )
        self.tls.set_value(known.tls)
        self.tls_note = Label("", "secondary", "text-muted", wrap=True)
        self.file = Line(_("Certificate file"), hint=_("empty: authorities known to this computer"), text=known.ca_file)
        self.browse = Button(_("Choose…"), icon="ph.folder-open")
        self._lay_out()
        self.tls.edited.connect(self._show_tls)
        self.browse.clicked.connect(self._choose_file)
        self._show_tls()

    def _lay_out(self) -> None:
        place = QHBoxLayout()
        place.setSpacing(px(8))
        place.addWidget(self.host, 3)
        place.addWidget(self.port, 1)
        choice = QVBoxLayout()
        choice.setSpacing(px(4))
        choice.addWidget(Label(_("Connection"), "secondary", "text-muted"))
        choice.addWidget(self.tls)
        choice.addWidget(self.tls_note)
        self._file_row = QWidget()
        file = QHBoxLayout(self._file_row)
        file.setContentsMargins(0, 0, 0, 0)
        file.setSpacing(px(8))
        file.addWidget(self.file, 1)
        button = QVBoxLayout()
        button.addSpacing(px(20))
        button.addWidget(self.browse)
        file.addLayout(button)
        self.lay_out(
            _("The way to the server"), (place, self.database, choice, self._file_row),
            (self.host, self.port, self.database, self.file),
        )  # fmt: skip

    def action(self) -> str:
        return _("Trying…") if self.busy else _("Try and continue")

    def enter(self) -> None:
        self.mode.set_value(self.plan.mode)
        (self.host if not self.host.text() else self.database).line.setFocus()

    def _show_tls(self) -> None:
        chosen = self.tls.value()
        away = not self._address().local
        self.tls_note.setText(translate(TLS_NOTES[chosen]))
        self.tls_note.set_color("warning" if chosen == OFF and away else "text-muted")
        self._file_row.setVisible(chosen == VERIFY)

    def _choose_file(self) -> None:
        path = dialogs.choose_file(self, _("Certificate file"), _("Certificates") + " (*.crt *.pem *.cer)")
        if path is not None:
            self.file.line.setText(str(path))

    def _address(self) -> ServerAddress:
        port = self.port.text()
        tried = ServerAddress(
            self.host.text(), int(port) if port.isdigit() else 0, self.database.text(), self.plan.address.user,
            self.tls.value(), self.file.text() if self.tls.value() == VERIFY else "",
        )  # fmt: skip
        kept = ServerAddress.from_url(tried.url()) if tried.host and tried.port else tried
        return replace(tried, fingerprint=kept.fingerprint if tried.tls == PINNED else "")

    def go_on(self) -> None:
        """Try the way to the server."""
        if self.busy or not needed(self.host, self.port, self.database):
            return
        address = self._address()
        if not 0 < address.port < 65536:
            self.port.say(_("A port is a number, usually 5432."))
            return
        self.attempt(lambda: diagnose(address, None, listener=self.tell), self._tried)

    def _tried(self, found: Diagnosis) -> None:
        self.show_steps(found)
        if found.ok:
            self.plan.address = found.address
            self.done.emit()
            return
        buttons = []
        if found.problem in ("tls_first", "tls_changed"):
            accept = Button(_("It is the same: accept"), kind="primary", small=True)
            if found.problem == "tls_changed":
                accept = Button(_("Accept the new certificate…"), kind="danger", small=True)
            accept.clicked.connect(lambda: self._accept(found))
            buttons.append(accept)
        if found.problem == "tls_not_pinnable":
            check = Button(_("Check it by its authority"), kind="primary", small=True)
            check.clicked.connect(self._check_by_authority)
            buttons.append(check)
        self.trouble.diagnose(found, buttons)

    def _check_by_authority(self) -> None:
        """Ask the authorities that this computer trusts, from now on."""
        self.tls.set_value(VERIFY)
        self.file.line.clear()
        self._show_tls()
        self.go_on()

    def _accept(self, found: Diagnosis) -> None:
        if found.certificate is None:
            return
        if found.problem == "tls_changed" and not dialogs.confirm(
            self, _("Accept the new certificate?"),
            _("Only if the administrator says that it was renewed, and tells you the same fingerprint."),
            yes=_("Accept"), danger=True,
        ):  # fmt: skip
            return
        pin(found.address, found.certificate.pem, found.certificate.fingerprint)
        self.go_on()
