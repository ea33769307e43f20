"""What the page of backups does about whole archives: ask, write one as a job, and show where it is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QResizeEvent

from crm_desktop.archive import making
from crm_desktop.archive.making import Archived
from crm_desktop.core import formats
from crm_desktop.core.errors import NoRoom, UserError
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from ui.backup.archive_dialog import ArchiveDialog
from ui.backup.restore_commands import RestoreCommands
from ui.framework import dialogs, tasks
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.records.export_run import open_path, remember_folder
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.toast import show_toast


class ArchiveCommands(RestoreCommands):
    """The command of a page that writes whole archives, and its button."""

    def __init__(self, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.archive_button = Button(icon="ph.archive")
        self.archive_button.clicked.connect(self.write_archive)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_archive_button()

    def fit_archive_button(self) -> None:
        """Write the words on the button where the page is wide enough for all of them."""
        words = _("Whole archive…")
        self.archive_button.setText(words if self.width() >= px(1000) else "")
        self.archive_button.setAccessibleName(words)
        self.archive_button.setToolTip(find_command(self, "backup.archive").action().toolTip())

    @command("backup.archive", text=N_("Whole archive…"), shortcut="Ctrl+Shift+K", icon="ph.archive")
    def write_archive(self) -> None:
        """Write everything of the office into one zip that opens without the program."""
        try:
            making.refuse_reader(self.office.database)
        except UserError as error:
            dialogs.show_error(self, error)
            return
        self._ask()

    def _ask(self, target: Path | None = None, problem: str = "") -> None:
        database = self.office.database
        dialog = ArchiveDialog(self, self.office, target=target, problem=problem)
        accepted = dialogs.run_dialog(dialog)
        target, pages, files = dialog.target, dialog.pages.isChecked(), dialog.files.isChecked()
        dialog.deleteLater()
        if not accepted:
            return
        remember_folder(target)

        def failed(error: Exception) -> None:
            if isinstance(error, NoRoom):  # it took more than was foreseen, or somebody else took the room
                self._ask(target, str(error))
            else:
                dialogs.show_error(self, error)

        def run(progress: Progress) -> Archived:
            return making.make_archive(database, target, with_pages=pages, with_files=files, progress=progress)

        tasks.run_job(_("Whole archive"), run, self._archived, failed, owner=self)

    def _archived(self, made: Archived) -> None:
        """Say what was written, with the way to it; what is not as it should be stays until it was read."""
        if made.problems or made.lost:
            told = list(made.problems)
            if made.lost:
                text = ngettext(
                    "The content of {n} file is missing or damaged in the office: {names}",
                    "The contents of {n} files are missing or damaged in the office: {names}", len(made.lost),
                )  # fmt: skip
                names = ", ".join(made.lost[:5])
                told.append(text.format(n=formats.format_integer(len(made.lost)), names=names))
            dialogs.show_message(self, _("The archive was written, but not all is well"), "\n".join(told))
        text = _("{file} written and proven by a trial restore ({size})")
        if made.problems:
            text = _("{file} written ({size})")
        show_toast(
            self, text.format(file=made.path.name, size=formats.format_size(made.size)), _("Open folder"),
            lambda: open_path(made.path.parent), kind="warning" if made.problems or made.lost else "success", seconds=15,
        )  # fmt: skip
