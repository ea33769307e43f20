"""Signing in to an office that is there: name and password, tried live; what is missing can be made from here."""

from __future__ import annotations

from dataclasses import replace

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop import features
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.secrets import keep_secret
from crm_desktop.security import keyring_store
from crm_desktop.security.connecting import STEPS, WAY, Diagnosis, Step, diagnose
from ui.framework import dialogs, tasks
from ui.shell.server.parts import CREATE, CheckList, Line, Plan, Trouble, WizardPage, needed
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import Panel, SectionHeader
from ui.widgets.labels import Label
from ui.widgets.themed import margins


class SignInPage(WizardPage):
    """Name and password of an office; ``plan.target`` is its address when it is done."""

    _stepped = Signal(object)

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
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
        self.checks = CheckList(STEPS[len(WAY) :])
        self.trouble = Trouble()
        left = QWidget()
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(px(12))
        for widget in (self.user, self.password, self.keep, self.no_keyring):
            form.addWidget(widget)
        form.addStretch(1)
        panel = Panel(SectionHeader(_("The office")))
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
        self.trouble.say("")
        self.checks.reset()
        self.set_busy(True)

        def work() -> Diagnosis:
            return diagnose(address, password, features.schema(), self._tell)

        tasks.run_read(self, work, self._tried, self._broken, supersede="sign-in")

    def _tell(self, step: Step) -> None:
        if shiboken6.isValid(self):
            self._stepped.emit(step)

    def _broken(self, error: Exception) -> None:
        self.set_busy(False)
        dialogs.show_error(self, error)

    def _tried(self, found: Diagnosis) -> None:
        self.set_busy(False)
        for step in found.steps:
            self.checks.show_step(step)
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
