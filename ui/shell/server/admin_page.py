"""The login of the server's administrator: asked for once, used to make the database, and kept nowhere."""

from __future__ import annotations

from crm_desktop.core.i18n import _
from crm_desktop.office_server import Administration, Login, examine
from crm_desktop.security.connecting import STEPS, WAY
from ui.shell.server.parts import Line, Plan, needed
from ui.shell.server.try_page import TryPage
from ui.widgets.headers import Banner


class AdminPage(TryPage):
    """An administrator's name and password; looks whether the office can be created, and changes nothing yet."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, STEPS[len(WAY) : -1])
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
        lines = (self.user, self.password)
        self.lay_out(_("The server"), (*lines, self.note), lines)

    def action(self) -> str:
        return _("Looking…") if self.busy else _("Continue")

    def enter(self) -> None:
        self.password.line.setFocus()

    def go_on(self) -> None:
        """Sign in as the administrator and look."""
        if self.busy or not needed(self.user, self.password):
            return
        admin, address = Login(self.user.text(), self.password.raw()), self.plan.address

        def look() -> tuple[Login, Administration]:
            return admin, examine(address, admin, self.tell)

        self.attempt(look, self._tried)

    def _tried(self, found: tuple[Login, Administration]) -> None:
        admin, looked = found
        self.show_steps(looked.diagnosis)
        if looked.problem:
            self.trouble.say(looked.problem, looked.diagnosis.details)
            return
        self.plan.admin, self.plan.administration = admin, looked
        self.done.emit()
