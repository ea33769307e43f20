"""Signing in to an office that is there: name and password, tried live; what is missing can be made from here."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox

from crm_desktop import features
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.secrets import keep_secret
from crm_desktop.security import keyring_store
from crm_desktop.security.connecting import STEPS, WAY, Diagnosis, diagnose
from ui.shell.server.parts import CREATE, Line, Plan, needed
from ui.shell.server.try_page import TryPage
from ui.widgets.buttons import Button
from ui.widgets.labels import Label


class SignInPage(TryPage):
    """Name and password of an office; ``plan.target`` is its address when it is done."""

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan, STEPS[len(WAY) :])
        self.heading(
            _("Who are you?"),
            _("The name and the password that the office's administrator gave you."),
        )
        self.user = Line(_("Your name on the server"), hint="ana.prates", text=plan.address.user)
        self.password = Line(_("Password"), secret=True)
        self.keep = QCheckBox(_("Keep the password in this computer's keyring"))
        self._kept = keyring_store.available()
        self.keep.setChecked(self._kept)
        self.keep.setVisible(self._kept)
        self.no_keyring = Label(translate(keyring_store.NO_KEYRING), "secondary", "text-muted", wrap=True)
        self.no_keyring.setVisible(not self._kept)
        lines = (self.user, self.password)
        self.lay_out(_("The office"), (*lines, self.keep, self.no_keyring), lines)

    def action(self) -> str:
        return _("Signing in…") if self.busy else _("Sign in")

    def enter(self) -> None:
        if self.user.text() and not self.password.raw():
            self.password.line.setText(keyring_store.read(replace(self.plan.address, user=self.user.text()).url()))
        (self.password if self.user.text() else self.user).line.setFocus()

    def go_on(self) -> None:
        """Try the sign-in."""
        if self.busy or not needed(self.user, self.password):
            return
        address, password = replace(self.plan.address, user=self.user.text()), self.password.raw()
        keep_secret(password)

        def work() -> Diagnosis:
            return diagnose(address, password, features.schema(), self.tell)

        self.attempt(work, self._tried)

    def _tried(self, found: Diagnosis) -> None:
        self.show_steps(found)
        if not found.ok:
            self.trouble.diagnose(found, [self._create_button()] if found.problem == "no_database" else [])
            return
        if found.found is not None and found.found.state == "empty":
            self.trouble.say(found.step("office").text, "", [self._create_button()])
            return
        found.address.keep()
        self.plan.address = found.address
        password = self.password.raw()
        self.plan.target = found.address.url(password)
        if self.keep.isChecked() and self._kept:
            keyring_store.save(found.address.url(), password)
        self.done.emit()

    def _create_button(self) -> Button:
        button = Button(_("Create the office there…"), small=True)
        button.clicked.connect(lambda: self.mode_wanted.emit(CREATE))
        return button
