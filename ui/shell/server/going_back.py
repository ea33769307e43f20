"""An older program meets an office that was upgraded on its server: the copy from before is put back at one click."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop import features, upgrading
from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import Progress
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.office_server import Login
from crm_desktop.server_way_back import PutBack, put_back
from crm_desktop.upgrading import Upgrade
from ui.framework import dialogs, tasks
from ui.shell.server.parts import Line, needed
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import Banner
from ui.widgets.labels import Label
from ui.widgets.themed import margins


class GoingBack(QDialog):
    """What going back means, and the administrator's login that it takes; ``admin`` is what was typed.

    ``protected`` shows a line more, for the password of the copy that this computer does not know; ``copy_password`` is
    what was typed there, and opens the copy.
    """

    def __init__(
        self, parent: QWidget | None, address: ServerAddress, upgrade: Upgrade, *, protected: bool = False
    ) -> None:
        super().__init__(parent)
        self.admin, self.copy_password = Login("", ""), ""
        self._upgrade = upgrade
        self.setWindowTitle(_("Back to before the upgrade?"))
        self.setFixedWidth(px(520))
        text = _(
            "The office {name} was upgraded {when} by a newer version of this program. This version cannot open it, but it "
            "can put back the copy that was made just before."
        ).format(name=address.database, when=formats.format_datetime(upgrade.at))
        kept = _(
            "The upgraded database stays on the server under another name, with everything that was changed since. Close the "
            "program on every other computer first."
        )
        self.user = Line(_("Administrator of the server"), text="postgres")
        self.password = Line(_("Password"), secret=True)
        self.copy_line = Line(_("Password of the backups"), secret=True) if protected else None
        note = Banner(
            _("This login is used now and forgotten when this window is closed. It is in no file and no keyring."),
            kind="accent", icon="ph.shield-check",
        )  # fmt: skip
        self.cancel, self.go = Button(_("Cancel")), Button(_("Put the copy back"), kind="danger")
        self.cancel.clicked.connect(self.reject)
        self.go.clicked.connect(self.submit)
        self.password.entered.connect(self.submit)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.go)
        box = QVBoxLayout(self)
        for words in (text, kept):
            box.addWidget(Label(words, "body", wrap=True))
        for widget in (self.user, self.password):
            box.addWidget(widget)
        if self.copy_line is not None:
            self.copy_line.entered.connect(self.submit)
            why = _(
                "The copy is protected with the password that backups had then, and this computer does not know it."
            )
            box.addWidget(Label(why, "body", wrap=True))
            box.addWidget(self.copy_line)
        box.addWidget(note)
        box.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self.password.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its words are: what is said under a line must not push others out of sight."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        self.resize(self.width(), layout.totalHeightForWidth(self.width()))

    def submit(self) -> None:
        """Take what was typed."""
        line, upgrade = self.copy_line, self._upgrade
        lines = [self.user, self.password] + ([line] if line is not None else [])
        if not self.go.isEnabled():
            return
        if not needed(*lines):
            self._fit()
            return
        if line is None:
            self._take()
            return
        typed = line.raw()
        self.go.setEnabled(False)
        tasks.run_read(
            self, lambda: upgrading.opens_with(upgrade, typed),
            lambda opens: self._take(typed) if opens else self._refuse(line, _(
                "This password does not open the copy, or the file is damaged. Nothing was changed."
            )),
            lambda error: self._refuse(line, str(error)),
        )  # fmt: skip

    def _take(self, copy_password: str = "") -> None:
        self.admin, self.copy_password = Login(self.user.text(), self.password.raw()), copy_password
        self.accept()

    def _refuse(self, line: Line, problem: str) -> None:
        self.go.setEnabled(True)
        line.say(problem)
        line.setFocus()
        self._fit()


def offer_back(parent: QWidget, doors: Any, target: str) -> bool:
    """Offer to put the copy from before the upgrade back, and open the office then.

    Returns:
        Whether this computer has such a copy: else there is nothing to offer.
    """
    address, schema = ServerAddress.from_url(target), features.schema()
    upgrade = upgrading.copy_for(address.key, schema)
    if upgrade is None:
        return False

    def ask(protected: bool) -> None:
        dialog = GoingBack(parent, address, upgrade, protected=protected)
        if dialogs.run_dialog(dialog):
            _put_back(parent, doors, target, upgrade, dialog)

    # whether the known password opens the copy takes a moment: its key is derived, and the copy may lie on a share
    tasks.run_read(parent, lambda: upgrading.needs_password(upgrade), ask)
    return True


def _put_back(parent: QWidget, doors: Any, target: str, upgrade: Upgrade, asked: GoingBack) -> None:
    address, admin, password = ServerAddress.from_url(target), asked.admin, asked.copy_password or None

    def run(progress: Progress) -> PutBack:
        return put_back(address, admin, upgrade, features.schema(), progress, password=password)

    def done(back: PutBack) -> None:
        text = _("{name} is as it was before the upgrade. The upgraded database is kept on the server as {kept}.")
        dialogs.show_message(
            parent, _("Back to before the upgrade"), text.format(name=address.database, kept=back.kept)
        )
        doors.open(target)

    tasks.run_job(_("Going back"), run, done, owner=parent)
