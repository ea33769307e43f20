"""What the page of backups does with the chosen one: look around in it, restore it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.backup import restoring
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from ui.framework import dialogs, tasks
from ui.framework.commands import command
from ui.framework.office import Office
from ui.framework.page import Page
from ui.framework.scratch import scratch_folder


class RestoreCommands(Page):
    """The commands of a page that shows backups; it says which one is ``current``."""

    office: Office

    @property
    def current(self) -> BackupInfo | None:
        """The chosen backup."""
        raise NotImplementedError

    def has_current(self) -> bool:
        """Whether a backup is chosen."""
        return self.current is not None

    @command("backup.browse", text=N_("Browse"), icon="ph.eye", enabled_when="has_current")
    def browse(self) -> None:
        """Open the current backup read-only in a window of its own."""
        self.with_password(self._browse)

    def _browse(self, info: BackupInfo, password: str | None) -> None:
        scratch = scratch_folder()
        schema = self.office.database.schema

        def run(_progress: Progress) -> Any:
            return restoring.open_backup(info.path, scratch, schema, password=password)

        def done(database: Any) -> None:
            name = _("Backup of {when}").format(when=formats.format_datetime(info.created, "medium"))
            self.navigator.show_read_only(database, name, scratch, made=info.created, path=info.path)  # type: ignore[attr-defined]

        tasks.run_job(_("Opening the backup"), run, done, owner=self)

    @command("backup.restore", text=N_("Restore…"), icon="ph.clock-counter-clockwise")
    def restore(self) -> None:
        """Open the restore assistant, with the current backup where one is chosen."""
        info = self.current
        self.navigator.open_page("restore", **({"path": info.path} if info is not None else {}))

    def with_password(self, action: Callable[[BackupInfo, str | None], None]) -> None:
        """Do something with the current backup, after its password was asked for where it has one."""
        info = self.current
        if info is None:
            return
        password = None
        if info.encrypted:
            password = dialogs.ask_text(
                self, _("Password"), _("This backup is protected. Its password:"), password=True
            )
            if password is None:
                return
        action(info, password)
