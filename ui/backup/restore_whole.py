"""Restoring the whole office: in the place of today's with a way back, as a new file, or to an office server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QButtonGroup, QRadioButton, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.backup import protection, replacing
from crm_desktop.backup.bring_back import Brought
from crm_desktop.backup.restoring import Restored
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext
from ui.backup.copy_password import CopyPassword
from ui.backup.opened import OnServer
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.framework import dialogs, tasks
from ui.theme.theme import px
from ui.widgets.headers import Banner
from ui.widgets.labels import Label
from ui.widgets.run_view import RunView
from ui.widgets.themed import margins, on_theme


class WholeStep(RestoreStep):
    """What it means, the three ways, and the work."""

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._unprotected = False
        self._looked = False
        """Whether it is known what stands in the way, and how the copy is protected."""
        self.brought: Brought | None = None
        self.restored: Restored | None = None
        self.target: Path | None = None
        self.on_server: OnServer | None = None
        self._erased = False
        self.copy_password = CopyPassword()
        self.copy_password.hide()
        self.copy_password.changed.connect(self.changed)
        self.heading = Label("", "title")
        self.over, self.new, self.server = QRadioButton(), QRadioButton(), QRadioButton()
        group = QButtonGroup(self)
        for way in (self.over, self.new, self.server):
            group.addButton(way)
        self.over.setChecked(True)
        group.buttonToggled.connect(lambda _way, _on: self._show_ways())
        self.over_text, self.new_text, self.server_text = (
            Label("", "body", "text-muted", wrap=True) for _way in range(3)
        )
        self.erased = Banner("", kind="warning", icon="ph.eraser")
        self.erased.hide()
        self.others = Banner("", kind="warning", icon="ph.users")
        self.others.hide()
        inside = QWidget()
        column = QVBoxLayout(inside)
        indented = (self.over_text, self.copy_password, self.new_text, self.server_text)
        for widget in (
            self.heading, self.over, self.over_text, self.copy_password, self.new, self.new_text, self.server,
            self.server_text, self.others, self.erased,
        ):  # fmt: skip
            below = QVBoxLayout()
            below.setContentsMargins(px(24) if widget in indented else 0, 0, 0, 0)
            below.addWidget(widget)
            column.addLayout(below)
        column.addStretch(1)
        margins(inside, 24, 24, 24, 24, 8)
        on_theme(inside, lambda: inside.setMaximumWidth(px(820)))
        self.work = RunView("ph.archive")
        self.stack = QStackedWidget()
        self.stack.addWidget(inside)
        self.stack.addWidget(self.work)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)

    @property
    def in_place(self) -> bool:
        """Whether the office is on a server, which is restored in its place."""
        return not self.session.office.database.sqlite

    def entered(self) -> None:
        self.brought, self.restored, self.target, self.on_server = None, None, None, None
        self._unprotected = self._looked = self._erased = False
        self.copy_password.clear()
        self.copy_password.hide()
        self.stack.setCurrentIndex(0)
        self.retranslate()
        self.over.setFocus()
        database, origin, opened = self.session.office.database, self.session.office.origin, self.session.opened
        assert opened is not None
        backup = opened.database
        tasks.run_read(
            self,
            lambda: (
                replacing.others_here(database, origin), replacing.erased_since(backup, database),
                protection.protection_of_copy(database),
            ),
            lambda found: self._tell(*found), lambda _error: self._on_way(), supersede="restore-others",
        )  # fmt: skip

    def _on_way(self) -> None:
        self._looked = True
        self._show_ways()

    def _show_ways(self) -> None:
        """Show what goes with the way that is chosen."""
        self.copy_password.setVisible(self._unprotected and self.over.isChecked())
        # whom the office itself erased, a restore in its place on a server leaves out
        self.erased.setVisible(self._erased and not (self.in_place and self.over.isChecked()))
        self.changed.emit()

    def tell_protection(self, protected: str) -> None:
        """Ask for a password of the copy where this computer does not know it; see ``protection``."""
        # where the backup has a password, the copy gets that one
        known = self.session.opened is not None and self.session.opened.password
        self._unprotected = protected == protection.UNKNOWN and not known
        self.copy_password.tell(_(
            "Backups of this office are protected, and this computer does not know their password. Give one for the copy, or "
            "leave it empty: then the copy can be read by whoever can read the folder."
        ))  # fmt: skip
        self._on_way()

    def _tell(self, names: list[str], erased: int, protected: str) -> None:
        self._erased = bool(erased)
        self.tell_protection(protected)
        self.others.setVisible(bool(names) and not self.in_place)
        text = _("Open in other windows just now: {names}. Ask them to close it first.")
        self.others.text.setText(text.format(names=", ".join(names)))
        text = ngettext(
            "{n} person was erased for good since. A whole restore brings them back: erase them again afterwards.",
            "{n} people were erased for good since. A whole restore brings them back: erase them again afterwards.",
            erased,
        )  # fmt: skip
        self.erased.text.setText(text.format(n=formats.format_integer(erased)))

    def retranslate(self) -> None:
        opened = self.session.opened
        when = formats.format_datetime(opened.made, "medium") if opened is not None else ""
        self.heading.setText(_("The whole office of {when}").format(when=when))
        self.over.setText(_("In the place of today's office"))
        if self.in_place:
            self.over_text.setText(_(
                "Every record and setting becomes as it was then, in one change that Ctrl+Z takes back. Colleagues may go "
                "on working and see it at once. People, logins and rights stay as they are today. A proven backup is made first."
            ))  # fmt: skip
        else:
            self.over_text.setText(_(
                "A proven copy of today's office is made first. Then the office closes for a moment and opens again as it "
                "was then. One click goes back to before."
            ))  # fmt: skip
        self.new.setText(_("As a new file beside it"))
        self.new_text.setText(
            _("Today's office stays as it is. The new file can be opened beside it, and thrown away.")
        )
        self.server.setText(_("To an office server"))
        self.server_text.setText(_(
            "It becomes an office of its own in a new database of a PostgreSQL server, with its people, rights and history. "
            "Every row is compared. Today's office stays as it is."
        ))  # fmt: skip

    def may_go(self) -> bool:
        if self.stack.currentIndex():
            return False
        return not self.over.isChecked() or (self._looked and not self.copy_password.problem())

    def go_text(self) -> str:
        if self.stack.currentIndex():
            return ""
        if self.server.isChecked():
            return _("Restore to a server…")
        return _("Restore over today's") if self.over.isChecked() else _("Restore to a new file…")

    def sentence(self) -> str:
        if self.stack.currentIndex():
            return _("Until it is done nothing is replaced. Stopping keeps everything as it is.")
        return (self.copy_password.problem() if self.over.isChecked() else "") or _("Nothing has been changed.")

    def go(self) -> None:
        if not self.over.isChecked():
            self._to_new_file() if self.new.isChecked() else self._to_server()
            return
        yes = _("Restore") if self.in_place else _("Copy, then restore")
        question = self._question()
        password = self.copy_password.text()
        if self._unprotected and not password:
            question += "\n\n" + _("The copy of today's office will have no password.")
        if not dialogs.confirm(self, _("Restore over today's office?"), question, yes=yes, danger=True):
            return
        if self.in_place:
            note = _("Every row is compared; what differs becomes as it was then, in one change.")
            self._follow(self.session.restore_in_place(self._done, self.failed, copy_password=password), note)
        else:
            note = _("The backup is proven and unpacked beside, and a proven copy of today's office is made.")
            self._follow(self.session.prepare_file(self._ready, self.failed, copy_password=password), note)

    def _question(self) -> str:
        """What becomes of what was entered after the backup."""
        opened = self.session.opened
        assert opened is not None
        when = formats.format_datetime(opened.made, "medium")
        if self.in_place:
            text = _(
                "Everything that was entered or changed after {when} is taken out of the office. A proven backup of today is "
                "made first, and Ctrl+Z brings all of it back."
            )
        else:
            text = _(
                "Everything that was entered or changed after {when} is taken out of the office. A copy of today's office is "
                "kept first: “Go back to before the restore” brings all of it back."
            )
        return text.format(when=when)

    def _to_new_file(self) -> None:
        opened = self.session.opened
        assert opened is not None
        suggestion = Path.home() / (Path(opened.path).stem + "-restored.crm")
        target = dialogs.choose_save(self, _("Restore as"), suggestion, _("Databases") + " (*.crm)")
        if target is None:
            return
        self.target = target
        self._follow(
            self.session.restore_new(target, self.written, self.failed),
            _("It is written beside, and has its name once it is whole and was checked."),
        )

    def _to_server(self) -> None:
        window: Any = self.window()
        self.on_server = window.restore_to_server(self.session.opened)
        if self.on_server is not None:
            self.done.emit()

    def _follow(self, job: tasks.JobHandle, note: str) -> None:
        job.finished.connect(lambda: self._back() if job.state in ("cancelled", "failed") else None)
        self.work.follow(job, note)
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _back(self) -> None:
        self.stack.setCurrentIndex(0)
        self.changed.emit()

    def failed(self, error: Exception) -> None:
        """It was not restored: say why; nothing was changed."""
        self._back()
        if isinstance(error, replacing.PresentDamaged):
            self._keep_aside(error)
        else:
            dialogs.show_error(self, error)

    def _keep_aside(self, error: replacing.PresentDamaged) -> None:
        """Offer to keep a damaged file beside, where no copy of it can be proven."""
        text = _(
            "{problem} It can be kept as it is, under another name in the same folder, while the backup takes its place."
        )
        if dialogs.confirm(
            self, _("Keep the damaged file aside?"), text.format(problem=error), yes=_("Keep it aside and restore"), danger=True
        ):  # fmt: skip
            note = _("The backup is proven and unpacked beside. Today's file is renamed, not deleted.")
            self._follow(self.session.prepare_file(self._ready, self.failed, aside=True), note)

    def written(self, restored: Restored) -> None:
        """The new file is there."""
        self.restored = restored
        self.done.emit()

    def _done(self, brought: Brought) -> None:
        self.brought = brought
        self.done.emit()

    def _ready(self, replacement: Any) -> None:
        self._back()  # it may be refused: work is under way that is to go on
        window: Any = self.window()
        window.office_replace.emit(replacement)
