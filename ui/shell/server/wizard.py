"""The assistant: steps above, a page, and the buttons that go back, on, and away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from crm_desktop.db.database import is_server
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.office_server import Login, Person
from ui.framework import dialogs
from ui.shell.server.address_page import AddressPage
from ui.shell.server.admin_page import AdminPage
from ui.shell.server.office_page import OfficePage
from ui.shell.server.parts import JOIN, MOVE, FromBackup, Plan, WizardPage
from ui.shell.server.people_page import PeoplePage
from ui.shell.server.run_page import RunPage
from ui.shell.server.sign_in_page import SignInPage
from ui.shell.server.summary_page import SummaryPage
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import Plane
from ui.widgets.steps import StepBar
from ui.widgets.themed import fixed_height, margins

_PAGES = {"address": AddressPage, "sign_in": SignInPage, "admin": AdminPage, "office": OfficePage, "people": PeoplePage,
          "run": RunPage, "summary": SummaryPage}  # fmt: skip


class ServerWizard(QDialog):
    """Joins, creates or moves an office; ``target`` is the address to open once it was accepted.

    Args:
        mode: "join", "create" or "move".
        known: the address of the server joined last; its parts are filled in.
        office: the open office of this computer, which can be moved.
        backup: a backup of which the office is made; there is nothing else to be done then.
    """

    def __init__(
        self, parent: QWidget | None, mode: str = JOIN, *, known: str = "", office: Any = None,
        backup: FromBackup | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("server-assistant")
        self.plan = Plan(mode if office is not None or mode != MOVE else JOIN)
        if is_server(known):
            self.plan.address = ServerAddress.from_url(known)
        if office is not None:
            self.plan.source, self.plan.user_id = office.database, office.user_id
            self.plan.office = office.name
        if backup is not None:
            self.plan.mode, self.plan.backup = MOVE, backup
            self.plan.source, self.plan.user_id = backup.database, backup.user_id
            self.plan.address = replace(self.plan.address, database="")  # never the one that is open
        self.steps = StepBar()
        self.stack = QStackedWidget()
        self.back = Button(_("Back"), icon="ph.arrow-left")
        self.away = Button(_("Cancel"), key="Esc")
        self.next = Button(_("Continue"), kind="primary")
        self.next.setDefault(False)
        self._place = 0
        self._names: list[str] = []
        self._pages: dict[str, WizardPage] = {}
        self._areas: dict[str, QWidget] = {}
        self._leaving = False
        self._lay_out()
        self.back.clicked.connect(self.go_back)
        self.away.clicked.connect(self.reject)
        self.next.clicked.connect(lambda: self.page.go_on())
        self.steps.step_chosen.connect(self._jump)
        self._use_mode(self.plan.mode)
        dialogs.resize_within(self, 880, 680)

    def _lay_out(self) -> None:
        foot = Plane("sunken")
        row = QHBoxLayout(foot)
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.away)
        row.addWidget(self.next)
        margins(foot, 24, 0, 24, 0, 8)
        fixed_height(foot, 64)
        body = Plane("raised")
        inside = QVBoxLayout(body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.stack)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.steps)
        whole.addWidget(body, 1)
        whole.addWidget(foot)

    @property
    def page(self) -> WizardPage:
        """The page that is shown."""
        return self._pages[self._names[self._place]]

    @property
    def target(self) -> str:
        """The address to open, with its password; empty until it is known."""
        return self.plan.target

    def _use_mode(self, mode: str) -> None:
        """Join, create or move: the pages after the first one follow from it."""
        self.plan.mode = mode
        restoring = self.plan.backup is not None
        titles = {
            JOIN: _("Join an office"),
            MOVE: _("Restore a backup to a server") if restoring else _("Move the office to a server"),
        }  # fmt: skip
        self.setWindowTitle(titles.get(mode, _("Create an office on a server")))
        self._names = {
            JOIN: ["address", "sign_in"], MOVE: ["address", "admin", "people", "run", "summary"],
        }.get(mode, ["address", "admin", "office", "run", "summary"])  # fmt: skip
        words = {
            "address": _("Server"), "sign_in": _("Sign in"), "admin": _("Administrator"), "office": _("Office and owner"),
            "people": _("People"),
            "run": (_("Restore") if restoring else _("Move")) if mode == MOVE else _("Create"), "summary": _("Done"),
        }  # fmt: skip
        self.steps.set_steps([words[name] for name in self._names])
        self._show(min(self._place, 1) if self._pages else 0)

    def _show(self, place: int) -> None:
        self._place = place
        name = self._names[place]
        if name in ("run", "summary"):  # what they show is of this run
            self._forget(name)
        if name not in self._pages:
            page = self._pages[name] = _PAGES[name](self.plan)
            area = self._areas[name] = page if page.scrolls else scrolled(page)
            self.stack.addWidget(area)
            page.done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
            page.changed.connect(self._dress)
            page.mode_wanted.connect(self._on_mode)
            if isinstance(page, RunPage):
                page.stopped.connect(self._on_stopped)
        self.stack.setCurrentWidget(self._areas[name])
        self.steps.set_current(place)
        self.page.enter()
        self._dress()

    def _forget(self, name: str) -> None:
        if self._pages.pop(name, None) is not None:
            area = self._areas.pop(name)
            self.stack.removeWidget(area)
            area.deleteLater()

    def _dress(self) -> None:
        name = self._names[self._place]
        self.next.setText(self.page.action())
        self.next.updateGeometry()
        self.next.setEnabled(not self.page.busy)
        self.next.setVisible(name != "run" or not self.page.busy)
        self.back.setVisible(self._place > 0 and name != "summary")
        self.back.setEnabled(self.page.may_leave())
        done = name == "summary"
        self.away.setText(_("Stop") if name == "run" and self.page.busy else _("Stay here") if done else _("Cancel"))
        self.away.setVisible(not done or self.plan.backup is not None)
        self.away.updateGeometry()

    def _on_mode(self, mode: str) -> None:
        if mode != self.plan.mode:
            for name in ("admin", "people", "office"):
                self._forget(name)
        self._use_mode(mode)

    def _on_done(self) -> None:
        if self._place + 1 < len(self._names):
            self._show(self._place + 1)
        else:
            self.accept()

    def _on_stopped(self) -> None:
        if self._leaving:
            super().reject()
        else:
            self.go_back()

    def go_back(self) -> None:
        """Show the page before."""
        if self._place and self.page.may_leave() and self._names[self._place] != "summary":
            self._show(self._place - 1)

    def _jump(self, place: int) -> None:
        if self.page.may_leave() and self._names[self._place] != "summary":
            self._show(place)

    def reject(self) -> None:
        """Escape, Cancel, Stop: running work is stopped and taken back; a finished office stays finished.

        One that was made of a backup is not opened: whoever leaves stays in the office that is open.
        """
        page = self.page
        if isinstance(page, RunPage) and page.busy:
            page.stop()
            return
        if isinstance(page, SummaryPage):
            if self.plan.backup is None:
                self.accept()
                return
            page.keep_password()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """The window's own cross: as Cancel, and away as soon as everything is taken back."""
        page = self.page
        if isinstance(page, RunPage) and page.busy:
            self._leaving = True
            page.stop()
            event.ignore()
            return
        super().closeEvent(event)

    def forget_secrets(self) -> None:
        """Let go of the passwords that were typed."""
        self.plan.admin, self.plan.login = Login("", ""), Login("", "")
        self.plan.owner, self.plan.movers, self.plan.target = Person("", "", ""), [], ""
