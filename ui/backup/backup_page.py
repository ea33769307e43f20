"""The page of backups: how things stand, the plan, its places, and every backup with its proof."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QVBoxLayout

from crm_desktop.backup import listing, overview, passwords, places, proving, runs, schedule
from crm_desktop.backup.catalogue import BackupInfo, remember
from crm_desktop.backup.overview import Overview, Row
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from ui.backup import plan, words
from ui.backup.archive_commands import ArchiveCommands
from ui.backup.gone_places import GonePlaces
from ui.backup.keeper import BackupKeeper
from ui.backup.plan_dialog import PlanDialog
from ui.backup.state_head import StateHead
from ui.framework import dialogs, tasks
from ui.framework.commands import command, command_menu, find_command
from ui.framework.may import can, restrict, why_not
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.filter_popup import popup_point
from ui.widgets.buttons import Button, IconButton
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.toast import show_toast

_COLORS = {
    "proven": "success",
    "made": "text-muted",
    "running": "accent",
    "failed": "warning",
    "gone": "warning",
    "lost": "warning",
}
_ICONS = {
    "proven": "ph.shield-check", "made": "ph.question", "running": "ph.arrows-clockwise", "failed": "ph.warning",
    "gone": "ph.warning", "lost": "ph.trash",
}  # fmt: skip


_OF_ONE = (
    "backup.browse", "backup.restore", "backup.certificate", "backup.verify", "backup.folder", "backup.delete",
)  # fmt: skip


class BackupPage(ArchiveCommands):
    """Backups of the open database."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.setObjectName("backup-page")
        self.found: Overview | None = None
        self._fresh = ""
        self.model = ListTableModel([])
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self.refresh_commands())
        self.table.row_activated.connect(lambda _index: self.browse() if self.has_current() else None)
        self.header = PageHeader()
        self.header.add(self.archive_button)
        self.more = IconButton("ph.dots-three", "", small=False)
        self.more.clicked.connect(lambda: self.menu().exec(popup_point(self.more)))
        self.paper = Button.for_command(find_command(self, "backup.certificate"))
        self.header.add(self.paper)
        for name in ("backup.browse", "backup.restore"):
            self.header.add(Button.for_command(find_command(self, name)))
        self.header.add(self.more)
        self.header.add(Button.for_command(find_command(navigator, "backup.now"), kind="primary"))
        self._keeper: BackupKeeper = navigator.backup_keeper  # type: ignore[attr-defined]
        self._keeper.changed.connect(self.reload)
        self._keeper.made.connect(self._choose_next)
        self._keeper.looked.connect(self._compare)
        self.gone = GonePlaces(office, self._keeper)
        self.gone.changed.connect(self.reload)
        self.table.row_menu_requested.connect(lambda _index, where: self.menu().exec(where))
        self.head = StateHead(self.gone)
        self.head.change.clicked.connect(self.change_plan)
        self.head.give.clicked.connect(self.give_password)
        self.head.forget.clicked.connect(
            lambda: self._forget([row for row in self.model.rows() if row.state == "lost"])
        )
        self.empty = EmptyState("ph.shield-check", hue=3)
        self.empty.action.connect(self.back_up_now)
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for widget in (self.header, self.head, Hairline()):
            whole.addWidget(widget)
        whole.addWidget(self.states, 1)
        self.setFocusProxy(self.states)
        office.access_changed.connect(self._follow_rights)
        self.retranslate()
        self._follow_rights()

    def _follow_rights(self) -> None:
        restrict(self.head.change, why_not(self.office, "", "settings"))

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Backups"))
        self.more.set_label(_("More about the chosen backup"))
        self.fit_archive_button()
        self.head.retranslate()
        self.table.setAccessibleName(_("Backups"))
        self.empty.set_texts(
            _("No backup yet"),
            _(
                "A backup is one file with everything: records, files, history, settings. Each is proven by a trial restore."
            ),
        )
        self.empty.set_button(_("Back up now"), "ph.shield-check")
        self.model.set_columns([
            Column("created", _("Made"), words.made_text, 150, font="name", tooltip=words.tooltip,
                   sort=lambda row: row.info.created),
            Column("proven", _("Proven"), words.proof_text, 165,
                   icon=lambda row: (_ICONS[row.state], _COLORS[row.state]), color=lambda row: _COLORS[row.state],
                   tooltip=words.tooltip, sort=lambda row: row.proven or row.info.created),
            Column("kind", _("Why"), words.kind_text, 160, color="text-muted", tooltip=words.kind_text),
            Column("records", _("Records"), lambda row: formats.format_integer(row.info.records) if row.info.records else "",
                   80, align="end", sort=lambda row: row.info.records),
            Column("size", _("Size"), lambda row: formats.format_size(row.info.size) if row.info.size else "", 80,
                   align="end", sort=lambda row: row.info.size),
            Column("protected", _("Password"), lambda row: _("yes") if row.info.encrypted else "", 70, color="text-muted"),
            Column("where", _("Where"), words.where_text, 100, color="text-muted", tooltip=words.tooltip),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=6)
        if self.found is not None:
            self._show(self.found)

    # -- reading -----------------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        """Read the list."""
        self.reload()

    def reload(self) -> None:
        """Look at the plan, the places and the lists."""
        if self.found is None:
            self.states.show_loading()
        database = self.office.database

        def read() -> Overview:
            found = overview.read_overview(database)
            return replace(found, plan=plan.read(database))

        tasks.run_read(self, read, self._show, self.states.show_error, supersede="backups")

    def _compare(self, gone: set[tuple[Path, str]]) -> None:
        """Read again where other folders are gone than the page says."""
        if self.found is not None and gone != places.gone_folders(self.found.places, self.found.lacking):
            self.reload()

    def _choose_next(self, file: str) -> None:
        """The backup that was just made by hand is the chosen one as soon as the list has it."""
        self._fresh = file

    def _show(self, found: Overview) -> None:
        self.found = found
        current = self.row.info.path if self.row is not None else None
        self.head.show_overview(found)
        self.model.set_rows(found.rows)
        paths = [row.info.path for row in self.model.rows()]
        fresh = next((one for one in paths if self._fresh and Path(one).name == self._fresh), None)
        if fresh is not None:
            current, self._fresh = fresh, ""
        if current in paths:
            self.table.set_current_row(paths.index(current))
        if found.rows:
            self.states.show_content()
        else:
            self.states.show_empty()
        self.refresh_commands()
        if not self.isVisible():  # it reads on while another page is shown, which has its own words there
            return
        count = len(found.rows)
        self.navigator.set_shown(
            ngettext("{n} backup", "{n} backups", count).format(n=formats.format_integer(count)) if count else ""
        )

    @property
    def row(self) -> Row | None:
        """The current row."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    @property
    def current(self) -> BackupInfo | None:
        """The backup of the current row, where it can be opened from here."""
        row = self.row
        return row.info if row is not None and row.here else None

    @property
    def has_proof(self) -> bool:
        """Whether the current row, or the last proven one where there is none, has a certificate."""
        return self._certified() is not None

    def _certified(self) -> Row | None:
        row = self.row or (self.found.newest_proven if self.found is not None else None)
        return row if row is not None and row.run is not None and row.run.proven_at and row.run.report else None

    def refresh_commands(self) -> None:
        """Look again at what is possible, and say why there is no certificate."""
        super().refresh_commands()
        if not self.has_proof:
            self.paper.setToolTip(_("No backup is proven yet.") if self.row is None else words.no_certificate_text())

    def menu(self) -> QMenu:
        """What can be done with the chosen backup."""
        return command_menu(self, self, _OF_ONE)

    # -- the plan ----------------------------------------------------------------------------------------------

    def change_plan(self) -> None:
        """Change when and where to back up."""
        if self.found is None or not can(self.office, "settings"):
            return
        database = self.office.database
        dialog = PlanDialog(self.found.plan, knows_password=bool(passwords.known(database)), parent=self)
        if not dialogs.run_dialog(dialog):
            return
        chosen, password = dialog.chosen, dialog.new_password
        if password and not passwords.keep(database, password):
            show_toast(self, _("This computer has no keyring, so the password is asked after each start."))

        def done(_result: Any) -> None:
            plan.forget(database)
            self.reload()

        self.office.write(self, plan.TITLE, lambda uow: schedule.save_plan(uow, chosen), done)

    def give_password(self) -> None:
        """Tell this computer the password of the plan's backups."""
        if self._keeper.ask_password():
            self.reload()

    # -- doing -------------------------------------------------------------------------------------------------

    def back_up_now(self) -> None:
        """Make a backup at the places of the plan, and prove it."""
        self._keeper.back_up_now()

    def _after(self) -> None:
        self.reload()
        keeper = getattr(self.window(), "status_keeper", None)
        if keeper is not None:
            keeper.refresh_backup()

    @command("backup.verify", text=N_("Prove again"), icon="ph.shield-check", enabled_when="has_current")
    def verify(self) -> None:
        """Restore the current backup into a scratch file and check it."""
        row = self.row

        def with_known(info: BackupInfo, password: str | None) -> None:
            self._verify(info, password, row.run.id if row is not None and row.run is not None else None)

        self.with_password(with_known)

    def _verify(self, info: BackupInfo, password: str | None, run_id: int | None) -> None:
        database, name = self.office.database, self.office.actor.name

        def run(progress: Progress) -> proving.Verification:
            found = proving.verify_backup(info.path, database.schema, password=password, progress=progress)
            if found.proven:
                proven = replace(info, proven=clock.now(), report=found.report)
                remember(proven)
                if run_id is not None:
                    runs.proven_again(database, run_id, found.report)
                else:
                    runs.add(database, proven, name)
            return found

        def done(found: proving.Verification) -> None:
            if found.proven:
                rows = formats.format_integer(found.rows)
                show_toast(self, _("Proven: {rows} rows restored and compared").format(rows=rows))
            else:
                dialogs.show_message(self, _("Not proven"), "\n".join(found.problems))

        handle = tasks.run_job(_("Proving the backup"), run, done, owner=self)
        handle.finished.connect(self._after)

    @command("backup.certificate", text=N_("Certificate"), shortcut="Ctrl+P", icon="ph.printer",
             enabled_when="has_proof")  # fmt: skip
    def certificate(self) -> None:
        """Show on paper what the trial restore compared."""
        row = self._certified()
        if row is not None and row.run is not None:
            self.navigator.open_page("reports", report="backup-certificate", values={"backup": row.run.id})

    @command("backup.folder", text=N_("Open the folder"), icon="ph.folder-open", enabled_when="has_current")
    def open_folder(self) -> None:
        """Show the folder of the current backup."""
        if self.current is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(self.current.path).parent)))

    @property
    def may_delete(self) -> bool:
        """Whether the current row is of files that can be deleted, or of one that is gone already."""
        return self.row is not None and (self.row.here or self.row.state == "lost")

    @command("backup.delete", text=N_("Delete this backup"), icon="ph.trash", enabled_when="may_delete", danger=True)
    def delete(self) -> None:
        """Delete the current backup's files, after asking; take one off the list whose file is gone already."""
        row = self.row
        if row is not None and row.state == "lost":
            self._forget([row])
            return
        if row is None or not row.here or not dialogs.confirm(
            self, _("Delete this backup?"), _("The file is removed for good."), yes=_("Delete"), danger=True
        ):  # fmt: skip
            return
        database, name, folders = self.office.database, Path(row.info.path).name, row.places

        def work() -> None:
            for folder in folders:
                listing.delete_backup(str(Path(folder) / name))
            runs.forget(database, [name])

        tasks.run_read(self, work, lambda _result: self._after())

    def _forget(self, rows: list[Row]) -> None:
        """Take backups off the list whose files are gone."""
        database, names = self.office.database, [row.run.file for row in rows if row.run is not None]
        tasks.run_read(self, lambda: runs.forget(database, names), lambda _result: self._after())
