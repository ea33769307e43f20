"""What a window offers for the office as a whole: a day in the past, everything in one file, a server and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_desktop.core.i18n import N_
from ui.backup.keeper import BackupKeeper
from ui.backup.opened import OnServer, Opened
from ui.framework.commands import command
from ui.framework.may import can
from ui.framework.office import Office
from ui.records.export_run import may_export_everything

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget as _Base
else:
    _Base = object


class OfficeCommands(_Base):
    """The commands; the window brings ``office`` and ``backup_keeper``."""

    office: Office
    backup_keeper: BackupKeeper

    @command("backup.now", text=N_("Back up now"), shortcut="Ctrl+B", icon="ph.shield-check", group="office",
             visible_when=lambda window: can(window.office, "backup") and not window.office.database.read_only)  # fmt: skip
    def back_up_now(self) -> None:
        """Make a backup at the places of the plan, and prove it, whatever page is shown."""
        self.backup_keeper.back_up_now()

    @command("app.open_copy", text=N_("Open a copy to work in…"), icon="ph.copy", group="office",
             visible_when=lambda window: window.office.database.original is not None)  # fmt: skip
    def open_copy(self) -> None:
        """Write an office whose file cannot be written to another place, and open it there."""
        from ui.shell.reading import open_copy  # lazy: hardly ever

        open_copy(self)

    @command("app.as_of", text=N_("As of a past day…"), shortcut="Ctrl+Shift+Y", icon="ph.clock-counter-clockwise",
             group="office")  # fmt: skip
    def as_of(self) -> None:
        """Show this page, and every other, as the office was on a day in the past."""
        from ui.shell.past import ask_for_day  # lazy: only when asked for

        ask_for_day(self)

    @command("app.export_everything", text=N_("Export everything…"), icon="ph.export", group="office",
             visible_when=lambda window: may_export_everything(window.office))  # fmt: skip
    def export_everything(self) -> None:
        """Write every record of the office into one file."""
        from ui.records.export_office import export_everything  # lazy: heavy

        export_everything(self, self.office)

    @command(
        "app.share_office", text=N_("Share with the office…"), icon="ph.share-network", group="office",
        visible_when=lambda window: window.office.database.sqlite and not window.office.database.read_only
        and window.office.database.access.everything,
    )  # fmt: skip
    def share_office(self) -> None:
        """Move the office to a server, where colleagues join it."""
        from ui.shell.server.entry import share  # lazy: the assistant, and the driver of servers

        share(self, self.office)

    @command(
        "app.office_to_file", text=N_("Bring the office into a file…"), icon="ph.download-simple", group="office",
        visible_when=lambda window: not window.office.database.sqlite and window.office.database.access.can("backup"),
    )  # fmt: skip
    def office_to_file(self) -> None:
        """Copy the office of the server into a file of this computer."""
        from ui.shell.server.entry import bring_back  # lazy: as above

        bring_back(self, self.office)

    def restore_to_server(self, opened: Opened) -> OnServer | None:
        """Make an office on a server of a backup; None where it was not made."""
        from ui.shell.server.entry import restore_there  # lazy: as above

        return restore_there(self, self.office, opened)
