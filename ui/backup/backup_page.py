"""The page of backups: now and every day, each proven by a trial restore; browse, restore, delete."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTime
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QTimeEdit, QVBoxLayout, QWidget

from crm_desktop.backup import listing, making, proving, schedule
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import formats, paths
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from ui.backup import plan
from ui.backup.restore_commands import RestoreCommands
from ui.framework import dialogs, tasks
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button, Switch
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


class BackupPage(RestoreCommands):
    """Backups of the open database."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.model = ListTableModel([])
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self.refresh_commands())
        self.table.row_activated.connect(lambda _index: self.browse())
        self.header = PageHeader()
        for name, kind in (("backup.browse", "secondary"), ("backup.restore", "secondary"), ("backup.now", "primary")):
            self.header.add(Button.for_command(find_command(self, name), kind=kind))
        self.empty = EmptyState("ph.shield-check", hue=3)
        self.empty.action.connect(self.back_up_now)
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.header)
        whole.addWidget(self._plan_bar())
        whole.addWidget(Hairline())
        whole.addWidget(self.states, 1)
        self.retranslate()

    def _plan_bar(self) -> QWidget:
        kept = plan.read(self.office.database)
        self.daily = Switch()
        self.daily.setChecked(kept.enabled)
        self.at = QTimeEdit(QTime(kept.at.hour, kept.at.minute))
        self.to = Label()
        self.folder = QLineEdit(kept.folder or str(paths.backups_folder()))
        self.choose = Button(icon="ph.folder-open", small=True)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaximumWidth(px(200))
        bar = QWidget()
        row = QHBoxLayout(bar)
        for widget in (self.daily, self.at, self.to):
            row.addWidget(widget)
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose)
        row.addWidget(self.password)
        margins(bar, 24, 4, 24, 12, 8)
        self.daily.toggled.connect(lambda _on: self._keep_plan())
        self.at.editingFinished.connect(self._keep_plan)
        self.folder.editingFinished.connect(self._keep_plan)
        self.choose.clicked.connect(self._choose_folder)
        return bar

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Backups"))
        self.daily.setText(_("Every day at"))
        self.daily.setAccessibleName(_("Every day at"))
        self.at.setAccessibleName(_("Time of the daily backup"))
        self.to.setText(_("to"))
        self.folder.setAccessibleName(_("Folder of the backups"))
        self.choose.setText(_("Choose…"))
        self.password.setPlaceholderText(_("Password (optional)"))
        self.password.setAccessibleName(_("Password for the next backup"))
        self.password.setToolTip(_("Encrypts the next backup. A lost password cannot be got back by anybody."))
        self.table.setAccessibleName(_("Backups"))
        self.empty.set_texts(
            _("No backup yet"),
            _(
                "A backup is one file with everything: records, files, history, settings. Each is proven by a trial restore."
            ),
        )
        self.empty.set_button(_("Back up now"), "ph.shield-check")
        self.model.set_columns([
            Column("created", _("Made"), lambda b: formats.format_relative(b.created, with_time=True), 180, font="name",
                   tooltip=lambda b: formats.format_datetime(b.created), sort=lambda b: b.created),
            Column("proven", _("Proven"), _proven_text, 220,
                   icon=lambda b: ("ph.shield-check", "success") if b.proven else ("ph.question", "text-muted"),
                   color=lambda b: "success" if b.proven else "text-muted"),
            Column("records", _("Records"), lambda b: formats.format_integer(b.records) if b.records else "", 110, align="end"),
            Column("size", _("Size"), lambda b: formats.format_size(b.size), 100, align="end", sort=lambda b: b.size),
            Column("protected", _("Password"), lambda b: _("yes") if b.encrypted else "", 100, color="text-muted"),
            Column("path", _("File"), lambda b: b.path, 460, color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=5)

    def activated(self, **params: Any) -> None:
        """Read the list."""
        self.reload()

    def reload(self) -> None:
        """Look what lies in the folder."""
        self.states.show_loading()
        folder = self.folder.text()
        tasks.run_read(
            self, lambda: listing.list_backups(self.office.database, folder), self._show, self.states.show_error,
            supersede="backups",
        )  # fmt: skip

    def _show(self, rows: list[BackupInfo]) -> None:
        self.model.set_rows(rows)
        if rows:
            self.states.show_content()
        else:
            self.states.show_empty()
        self.refresh_commands()

    def _keep_plan(self) -> None:
        at = self.at.time()
        kept = schedule.Plan(self.daily.isChecked(), self.folder.text().strip(), time(at.hour(), at.minute()))
        plan.keep(self.office.database, kept)

    def _choose_folder(self) -> None:
        folder = dialogs.choose_folder(self, _("Folder of the backups"), self.folder.text())
        if folder is not None:
            self.folder.setText(str(folder))
            self._keep_plan()
            self.reload()

    @property
    def current(self) -> BackupInfo | None:
        """The backup of the current row."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    @command("backup.now", text=N_("Back up now"), shortcut="Ctrl+B", icon="ph.shield-check")
    def back_up_now(self) -> None:
        """Make a backup and prove it."""
        folder, password = self.folder.text().strip() or str(paths.backups_folder()), self.password.text() or None
        self.password.clear()
        database = self.office.database

        def run(progress: Progress) -> BackupInfo:
            return making.make_backup(database, folder, password=password, progress=progress)

        tasks.run_job(_("Backup"), run, self._made, owner=self)

    def _made(self, info: BackupInfo) -> None:
        show_toast(self, _("Backed up and proven: {name}").format(name=Path(info.path).name))
        self.reload()
        keeper = getattr(self.window(), "status_keeper", None)
        if keeper is not None:
            keeper.refresh_backup()

    @command("backup.verify", text=N_("Prove again"), icon="ph.shield-check", enabled_when="has_current")
    def verify(self) -> None:
        """Restore the current backup into a scratch file and check it."""
        self.with_password(self._verify)

    def _verify(self, info: BackupInfo, password: str | None) -> None:
        schema = self.office.database.schema

        def run(progress: Progress) -> proving.Verification:
            return proving.verify_backup(info.path, schema, password=password, progress=progress)

        def done(found: proving.Verification) -> None:
            if found.proven:
                rows = formats.format_integer(found.rows)
                show_toast(self, _("Proven: {rows} rows restored and compared").format(rows=rows))
            else:
                dialogs.show_message(self, _("Not proven"), "\n".join(found.problems))

        tasks.run_job(_("Proving the backup"), run, done, owner=self)

    @command("backup.delete", text=N_("Delete this backup"), icon="ph.trash", enabled_when="has_current", danger=True)
    def delete(self) -> None:
        """Delete the current backup's file, after asking."""
        info = self.current
        if info is not None and dialogs.confirm(
            self, _("Delete this backup?"), _("The file is removed for good."), yes=_("Delete"), danger=True
        ):
            listing.delete_backup(info.path)
            self.reload()


def _proven_text(info: BackupInfo) -> str:
    if info.proven is None:
        return _("not proven on this computer")
    return formats.format_relative(info.proven, with_time=True)
