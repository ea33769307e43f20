"""The login of the server's administrator: asked for once, used to make the database, and kept nowhere."""

from __future__ import annotations

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.office_server import Administration, Login, examine
from crm_desktop.security.connecting import STEPS, WAY, Step
from ui.framework import dialogs, tasks
from ui.shell.server.parts import CheckList, Line, Plan, Trouble, WizardPage, needed
from ui.theme.theme import px
from ui.widgets.headers import Banner, Panel, SectionHeader
from ui.widgets.themed import margins


class AdminPage(WizardPage):
    """An administrator's name and password; looks whether the office can be created, and changes nothing yet."""

    _stepped = Signal(object)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heading(
            _("An administrator of the server, once"),
            _("To make the database and the logins of people, the program needs a login of the server that may do so. Nothing is changed yet."),
        )  # fmt: skip
        self.user = Line(_("Administrator's name"), text=plan.admin.user or "postgres")
        self.password = Line(_("Password"), secret=True)
        self.note = Banner(
            _("This login is used now and forgotten when this window is closed. It is in no file and no keyring."),
            kind="accent", icon="ph.shield-check",
        )  # fmt: skip
        self.checks = CheckList(STEPS[len(WAY) : -1])
        self.trouble = Trouble()
        left = QWidget()
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(px(12))
        for widget in (self.user, self.password, self.note):
            form.addWidget(widget)
        form.addStretch(1)
        panel = Panel(SectionHeader(_("The server")))
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.addWidget(self.checks)
        margins(holder, 16, 12, 16, 12)
        panel.body.addWidget(holder)
        columns = QHBoxLayout()
        columns.setSpacing(px(24))
        columns.addWidget(left, 3)
        columns.addWidget(panel, 2)
        self._box.addLayout(columns, 1)
        self._box.addWidget(self.trouble)
        self._stepped.connect(self.checks.show_step)
        for line in (self.user, self.password):
            line.entered.connect(self.go_on)

    def action(self) -> str:
        return _("Looking…") if self.busy else _("Continue")

    def enter(self) -> None:
        self.password.line.setFocus()

    def go_on(self) -> None:
        """Sign in as the administrator and look."""
        if self.busy or not needed(self.user, self.password):
            return
        admin, address = Login(self.user.text(), self.password.raw()), self.plan.address
        self.trouble.say("")
        self.checks.reset()
        self.set_busy(True)

        def look() -> tuple[Login, Administration]:
            return admin, examine(address, admin, self._tell)

        tasks.run_read(self, look, self._tried, self._broken, supersede="admin")

    def _tell(self, step: Step) -> None:
        if shiboken6.isValid(self):
            self._stepped.emit(step)

    def _broken(self, error: Exception) -> None:
        self.set_busy(False)
        dialogs.show_error(self, error)

    def _tried(self, found: tuple[Login, Administration]) -> None:
        self.set_busy(False)
        admin, looked = found
        for step in looked.diagnosis.steps:
            self.checks.show_step(step)
        if looked.problem:
            self.trouble.say(looked.problem, looked.diagnosis.details)
            return
        self.plan.admin, self.plan.administration = admin, looked
        self.done.emit()
