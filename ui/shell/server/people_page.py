"""Who works in the office that moves: the login and the first password of each on the server."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _, translate
from crm_desktop.moving import Mover, people_of
from crm_desktop.office_server import check_password, refuse_taken, temporary_password
from crm_desktop.security.defaults import ROLES
from ui.framework import tasks
from ui.shell.server.parts import Line, Plan, Trouble, WizardPage
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins

_ROLES = {one.key: one.label for one in ROLES}


class PeoplePage(WizardPage):
    """A line for everybody: name, login, password. Who gets none typed here gets a temporary one to be handed out."""

    scrolls = True

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.heading(
            _("People become logins of the server"),
            _("Choose your own password. For the others type one too, or leave it empty: a temporary one is made to hand out.")
            if plan.backup is None else
            _("These work in the office of the backup. The first one needs a password. For the others type one too, or leave it empty: a temporary one is made to hand out."),
        )  # fmt: skip
        self.rows: list[tuple[Mover, Line, Line]] = []
        self.again: Line | None = None
        self._inner = QWidget()
        self._grid = QGridLayout()
        column = QVBoxLayout(self._inner)
        column.addLayout(self._grid)
        column.addStretch(1)
        margins(self._inner, 0, 4, 12, 4)
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        self._grid.setColumnStretch(1, 2)
        self._grid.setColumnStretch(2, 2)
        self._grid.setColumnStretch(3, 2)
        self.state = StateStack(scrolled(self._inner), EmptyState("ph.users-three"), loading="rows")
        self.trouble = Trouble()
        self._box.addWidget(self.state, 1)
        self._box.addWidget(self.trouble)

    def action(self) -> str:
        return _("Move the office") if self.plan.backup is None else _("Restore to the server")

    def enter(self) -> None:
        if self.rows:
            self.rows[0][2].line.setFocus()
            return
        source, looked = self.plan.source, self.plan.administration
        self.state.show_loading()
        tasks.run_read(
            self, lambda: people_of(source, looked.roles if looked else frozenset()), self._show, self.state.show_error
        )

    def _show(self, people: list[Mover]) -> None:
        ordered = sorted(people, key=lambda one: (one.user_id != self.plan.user_id, one.role != "owner", one.name))
        for place, one in enumerate(ordered):
            login = Line(_("Login"), text=one.login)
            own = place == 0
            mine = own and (self.plan.backup is None or one.user_id == self.plan.user_id)
            password = Line(
                _("Your password") if mine else _("Password"), secret=own, hint="" if own else _("a temporary one")
            )
            login.line.setAccessibleName(_("Login of {name}").format(name=one.name))
            password.line.setAccessibleName(_("Password of {name}").format(name=one.name))
            if one.taken:
                login.say(
                    _("The one of the file is taken on this server.") if self.plan.backup is None
                    else _("The one of the backup is taken on this server.")
                )  # fmt: skip
            words = QVBoxLayout()
            words.setSpacing(0)
            words.addSpacing(px(20))
            words.addWidget(Label(one.name, "name"))
            role = translate(_ROLES.get(one.role, one.role))
            words.addWidget(Label(_("{role} (you)").format(role=role) if mine else role, "secondary", "text-muted"))
            words.addStretch(1)
            face = QVBoxLayout()
            face.addSpacing(px(20))
            face.addWidget(Avatar(one.name, 32))
            face.addStretch(1)
            self._grid.addLayout(face, place, 0)
            self._grid.addLayout(words, place, 1)
            self._grid.addWidget(login, place, 2)
            if own:  # nobody else can give the owner another one
                self.again = Line(_("The password again"), secret=True)
                self.again.entered.connect(self.go_on)
                twice = QVBoxLayout()
                twice.setSpacing(px(8))
                twice.addWidget(password)
                twice.addWidget(self.again)
                self._grid.addLayout(twice, place, 3)
            else:
                self._grid.addWidget(password, place, 3)
            password.entered.connect(self.go_on)
            self.rows.append((one, login, password))
        self.state.show_content()
        if self.rows:
            self.rows[0][2].line.setFocus()

    def go_on(self) -> None:
        """Check every line."""
        looked = self.plan.administration
        movers: list[Mover] = []
        temporary: set[int] = set()
        seen: set[str] = set()
        for place, (one, login, password) in enumerate(self.rows):
            typed = password.raw()
            try:
                refuse_taken([login.text()], (looked.roles if looked else frozenset()) | seen)
            except UserError as error:
                login.say(str(error))
                login.line.setFocus()
                return
            if not typed and place:
                typed = temporary_password()
                temporary.add(one.user_id)
            try:
                check_password(typed)
            except UserError as error:
                password.say(str(error))
                password.line.setFocus()
                return
            if not place and self.again is not None and self.again.raw() != typed:
                self.again.say(_("The two passwords differ."))
                self.again.line.setFocus()
                return
            seen.add(login.text())
            movers.append(replace(one, login=login.text(), password=typed))
        if not movers:
            return
        self.plan.movers, self.plan.temporary = movers, temporary
        self.done.emit()
