"""A new office on the server: what it is called, and who its owner is."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from crm_desktop.office_server import Person, check_password, refuse_taken
from crm_desktop.security.service import free_login
from ui.shell.server.parts import Line, Plan, WizardPage, needed
from ui.theme.theme import px
from ui.widgets.labels import Label


class OfficePage(WizardPage):
    """Name of the office; name, login and password of its first owner."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heading(
            _("The office and its owner"),
            _("The owner may do everything, and adds the colleagues afterwards under Settings."),
        )
        self.office = Line(_("Name of the office"), hint=_("Prates & Filhos"), text=plan.office)
        self.name = Line(_("Your name"), hint="Ana Prates", text=plan.owner.name)
        self.login = Line(_("Login"), hint="ana.prates", text=plan.owner.login)
        self.password = Line(_("Password"), secret=True)
        self.again = Line(_("The password again"), secret=True)
        self._own_login = bool(plan.owner.login)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(12))
        grid.addWidget(self.office, 0, 0, 1, 2)
        grid.addWidget(self.name, 1, 0)
        grid.addWidget(self.login, 1, 1)
        grid.addWidget(self.password, 2, 0)
        grid.addWidget(self.again, 2, 1)
        holder = QWidget()
        holder.setMaximumWidth(px(640))
        holder.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        self._box.addWidget(holder)
        note = _(
            "The login is what is typed when signing in. The server keeps the password as a proof only, never as a text."
        )
        self._box.addWidget(Label(note, "secondary", "text-muted", wrap=True))
        self._box.addStretch(1)
        self.name.line.textEdited.connect(self._propose)
        self.login.line.textEdited.connect(self._own)
        for line in (self.office, self.name, self.login, self.password, self.again):
            line.entered.connect(self.go_on)

    def action(self) -> str:
        return _("Create the office")

    def enter(self) -> None:
        (self.name if self.office.text() else self.office).line.setFocus()

    def _own(self, text: str) -> None:
        self._own_login = bool(text)

    def _propose(self, name: str) -> None:
        looked = self.plan.administration
        if not self._own_login:
            self.login.line.setText(free_login(name, set(looked.roles if looked else ())) if fold(name) else "")

    def go_on(self) -> None:
        """Check what is typed."""
        if not needed(self.office, self.name, self.login, self.password, self.again):
            return
        looked = self.plan.administration
        try:
            refuse_taken([self.login.text()], looked.roles if looked else frozenset())
        except UserError as error:
            self.login.say(str(error))
            self.login.line.setFocus()
            return
        try:
            check_password(self.password.raw())
        except UserError as error:
            self.password.say(str(error))
            self.password.line.setFocus()
            return
        if self.again.raw() != self.password.raw():
            self.again.say(_("The two passwords differ."))
            self.again.line.setFocus()
            return
        self.plan.office = self.office.text()
        self.plan.owner = Person(self.name.text(), self.login.text(), self.password.raw())
        self.done.emit()
