"""The first step of restoring: which backup, and its password."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.backup import opening, overview, passwords
from crm_desktop.backup.catalogue import SUFFIX, BackupInfo
from crm_desktop.backup.faults import PASSWORD, BackupFault
from crm_desktop.backup.listing import newest_before
from crm_desktop.backup.way_back import WayBack, way_back
from crm_desktop.core import clock, formats, paths
from crm_desktop.core.i18n import _
from ui.backup import words
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.backup.restore_words import checks_words
from ui.framework import dialogs, tasks
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import problem_of
from ui.widgets.editor_dates import DateTimeEditor
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, Label
from ui.widgets.run_view import RunView
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins


class PickStep(RestoreStep):
    """The backups there are, another file, the newest from before a moment, and the password of the chosen one."""

    changes_wanted = Signal()

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._wanted = ""
        self._why: dict[str, str] = {}
        """By path, why each backup was made."""
        self.restored = False
        """Whether the office was restored a moment ago, and this says how to go back."""
        self.intro = Label("", "body", "text-muted", wrap=True)
        self.other = Button(icon="ph.folder-open")
        self.other.clicked.connect(self.choose_file)
        self.fault = Banner("", kind="danger", icon="ph.warning-circle")
        self.fault.hide()
        self.back = Banner("", kind="accent", icon="ph.clock-counter-clockwise")
        self.go_back = Button(kind="secondary", small=True)
        self.go_back.clicked.connect(self.choose_way_back)
        self.back.add(self.go_back)
        self.back.hide()
        self._way: WayBack | None = None
        self.when_label = Label("", "body")
        self.when = DateTimeEditor()
        self.when.setMinimumWidth(self.when.whole_width())
        self.when.set_value(clock.now().replace(minute=0, second=0, microsecond=0))
        self.when.committed.connect(self.choose_before)
        self.find_backup = Button(icon="ph.magnifying-glass")
        self.find_backup.clicked.connect(self.choose_before)
        self.told = Banner("", kind="accent", icon="ph.clock-counter-clockwise")
        self.to_changes = Button(kind="secondary", small=True)
        self.to_changes.clicked.connect(self.changes_wanted)
        self.told.add(self.to_changes)
        self.told.hide()
        self.password_label = Label("", "body")
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaximumWidth(px(280))
        self.password.textChanged.connect(lambda _text: self.changed.emit())
        self.password.returnPressed.connect(self.go)
        self.model = ListTableModel([], key=lambda one: one.path)
        self.table = DataTable()
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.row_activated.connect(lambda _index: self.go())
        self.empty = EmptyState("ph.shield-check", hue=3)
        self.empty.action.connect(self.choose_file)
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        self.work = RunView("ph.archive")
        self.stack = QStackedWidget()
        self.stack.addWidget(self._choosing())
        self.stack.addWidget(self.work)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.stack)

    def _choosing(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.intro, 1)
        row.addWidget(self.other)
        margins(head, 24, 12, 24, 12, 16)
        box.addWidget(head)
        warning = QWidget()
        line = QVBoxLayout(warning)
        moment = QHBoxLayout()
        moment.setSpacing(px(8))
        for widget in (self.when_label, self.when, self.find_backup):
            moment.addWidget(widget)
        moment.addStretch(1)
        line.addLayout(moment)
        line.addWidget(self.told)
        line.addWidget(self.back)
        line.addWidget(self.fault)
        margins(warning, 24, 0, 24, 8, 8)
        box.addWidget(warning)
        box.addWidget(Hairline())
        box.addWidget(self.states, 1)
        self.protected = QWidget()
        row = QHBoxLayout(self.protected)
        row.addWidget(self.password_label)
        row.addWidget(self.password, 1)
        row.addStretch(1)
        margins(self.protected, 24, 8, 24, 8, 8)
        box.addWidget(self.protected)
        return page

    def entered(self) -> None:
        self.retranslate()
        self.stack.setCurrentIndex(0)
        self.fault.hide()
        self.reload()
        self.session.office.read(self, way_back, self._tell_way_back, lambda _error: None, supersede="way-back")

    def _tell_way_back(self, way: WayBack | None) -> None:
        self._way = way
        self.back.setVisible(way is not None and (way.exists or bool(way.aside or way.upgraded or way.problems)))
        if way is None:
            return
        text = _("On {at} this office was restored from the backup of {made}.")
        if way.back:
            text = _("On {at} you went back to before a restore: to the office of {made}.")
        told = [
            text.format(at=formats.format_datetime(way.at, "medium"), made=formats.format_datetime(way.made, "medium"))
        ]
        if way.upgraded:
            told.append(_("It was of an older version and was brought to this one."))
        if way.checked:
            told.append(checks_words(way.problems))
        if way.aside:
            told.append(_("The damaged file of before is kept as {name}.").format(name=Path(way.aside).name))
        self.back.text.setText(" ".join(told))
        self.go_back.setVisible(way.exists)
        self.go_back.setText(_("Go to what was restored") if way.back else _("Go back to before the restore"))

    def choose_way_back(self) -> None:
        """Put back what was there before the restore; a proven copy of today's is made first, as always."""
        way = self._way
        if way is None or not dialogs.confirm(
            self, _("Go to what was restored?") if way.back else _("Go back to before the restore?"),
            _("A proven copy of today's office is made first. Then the office closes for a moment and opens as it was."),
            yes=_("Go to what was restored") if way.back else _("Go back"),
        ):  # fmt: skip
            return
        self._open_way_back(passwords.known(self.session.office.database) or None)

    def _open_way_back(self, password: str | None) -> None:
        """Open the copy of before; its password is asked for where this computer does not know it."""
        way = self._way
        assert way is not None

        def opened() -> None:
            job = self.session.prepare_file(self._ready, self._show_fault)
            job.finished.connect(lambda: self._back_to_list() if job.state == "cancelled" else None)
            self.work.follow(job, _("A proven copy of today's office is made."))

        def failed(error: Exception) -> None:
            if isinstance(error, BackupFault) and error.kind == PASSWORD:
                self._back_to_list()
                text = _("The copy of before is protected. Its password:")
                given = dialogs.ask_text(self, _("Password"), text, password=True)
                if given:
                    self._open_way_back(given)
                return
            self._show_fault(error)

        job = self.session.open(way.copy, way.made, password, opened, failed)
        job.finished.connect(lambda: self._back_to_list() if job.state == "cancelled" else None)
        self.work.follow(job, _("It is unpacked beside the office, and every byte is checked."))
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _ready(self, replacement: Any) -> None:
        window: Any = self.window()
        window.office_replace.emit(replacement)

    def retranslate(self) -> None:
        self.intro.setText(_("Choose what to bring something back from. Looking changes nothing."))
        self.other.setText(_("Another file…"))
        self.when_label.setText(_("As it was before"))
        self.when.setAccessibleName(_("As it was before"))
        self.find_backup.setText(_("Find the backup"))
        self.to_changes.setText(_("Open Changes"))
        self.password_label.setText(_("Password of this backup"))
        self.password.setAccessibleName(_("Password of this backup"))
        self.table.setAccessibleName(_("Backups"))
        self.empty.set_texts(
            _("No backup of this office is known here"),
            _("If one lies on a stick, a share or another computer, choose the file."),
        )
        self.empty.set_button(_("Choose a file…"), "ph.folder-open")
        self.model.set_columns([
            Column("created", _("Made"), lambda b: formats.format_relative(b.created, with_time=True), 190, font="name",
                   tooltip=lambda b: formats.format_datetime(b.created), sort=lambda b: b.created),
            Column("proven", _("Proven"), _proven_text, 170,
                   icon=lambda b: ("ph.shield-check", "success") if b.proven else ("ph.question", "text-muted"),
                   color=lambda b: "success" if b.proven else "text-muted"),
            Column("why", _("Why"), self._why_text, 170, color="text-muted", tooltip=self._why_text),
            Column("size", _("Size"), lambda b: formats.format_size(b.size), 90, align="end", sort=lambda b: b.size),
            Column("protected", _("Password"), lambda b: _("yes") if b.encrypted else "", 90, color="text-muted"),
            Column("path", _("File"), lambda b: b.path, 300, color="text-muted", tooltip=lambda b: b.path),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=5)

    def _why_text(self, info: BackupInfo) -> str:
        return self._why.get(info.path, "–")

    def reload(self) -> None:
        """Look which backups there are."""
        self.states.show_loading()
        database = self.session.office.database

        def look() -> list[tuple[BackupInfo, str]]:
            rows = overview.read_overview(database).rows
            return [
                (replace(one.info, proven=one.proven), words.kind_text(one))
                for one in rows
                if one.here and one.state in ("proven", "made")
            ]

        tasks.run_read(self, look, self._show, self.states.show_error, supersede="restore-backups")

    def _show(self, found: list[tuple[BackupInfo, str]]) -> None:
        self._why = {one.path: why for one, why in found}
        rows = [one for one, _why in found]
        told = not self.fault.isHidden()  # of a file that was asked for before the list was there
        known = {one.path for one in rows}
        rows = [one for one in self.model.rows() if one.path not in known and one.path == self._wanted] + rows
        self.model.set_rows(rows)
        if not rows:
            self.states.show_empty()
            self.empty.setFocus()
        else:
            self.states.show_content()
            self.table.set_current_row(max(0, self.model.find(self._wanted)))
            self.table.setFocus()
        self._on_current()
        self.fault.setVisible(told)

    def choose(self, path: str) -> None:
        """Make a file the chosen one, whether it is in the list or not."""
        self._wanted = path
        place = self.model.find(path)
        if place >= 0:
            self.table.set_current_row(place)
            return
        schema = self.session.office.database.schema
        tasks.run_read(
            self, lambda: opening.info_of(Path(path), schema), self._add, self._show_fault, supersede="restore-file"
        )

    def _add(self, info: BackupInfo) -> None:
        self.fault.hide()
        if self.model.find(info.path) < 0:
            self.model.set_rows([info, *self.model.rows()])
        self.states.show_content()
        self.table.set_current_row(max(0, self.model.find(info.path)))
        self._on_current()

    def choose_before(self) -> None:
        """Choose the newest backup from before the moment, and say what it does not have."""
        problem = problem_of(self.when)
        moment: datetime | None = None if problem else self.when.value()
        self.when.set_problem(problem)
        if moment is None:
            self.when.setFocus()
            return
        found, when = newest_before(self.model.rows(), moment), formats.format_datetime(moment, "medium")
        self.session.before = moment if found is not None else None
        if found is None:
            text = _(
                "No backup from before {when} is known here. The history has it: undo what came after on the page Changes."
            )
            self.told.text.setText(text.format(when=when))
        else:
            self.table.set_current_row(self.model.find(found.path))
            text = _(
                "The newest backup from before {when} is of {made}. “What changed since” will show what came after {when}; "
                "what was changed between the two, the history alone has: the page Changes takes it back."
            )
            self.told.text.setText(text.format(when=when, made=formats.format_datetime(found.created, "medium")))
        self.told.show()
        self.changed.emit()

    def choose_file(self) -> None:
        """Let the user choose a file."""
        filters = _("Backups and whole archives") + f" (*{SUFFIX} *.zip);;" + _("All files") + " (*)"
        path = dialogs.choose_file(self, _("Choose a backup"), filters, str(paths.backups_folder()))
        if path is not None:
            self.choose(str(path))

    @property
    def current(self) -> BackupInfo | None:
        """The chosen backup."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _on_current(self) -> None:
        info = self.current
        self.fault.hide()
        self.protected.setVisible(info is not None and info.encrypted)
        self.password.clear()
        self.changed.emit()

    def go_text(self) -> str:
        return "" if self.stack.currentIndex() else _("Open this backup")

    def may_go(self) -> bool:
        info = self.current
        return info is not None and (not info.encrypted or bool(self.password.text()))

    def may_go_back(self) -> bool:
        return False

    def sentence(self) -> str:
        info = self.current
        if info is not None and info.encrypted and not self.password.text():
            return _("Give its password. A lost one cannot be got back by anybody.")
        return _("The restore is done.") if self.restored else _("Nothing has been changed.")

    def go(self) -> None:
        info = self.current
        if info is None or not self.may_go():
            return
        self.fault.hide()
        self._wanted = info.path
        if self.session.before is not None and info.created > self.session.before:
            self.session.before = None  # another one was chosen, which is younger
        job = self.session.open(info.path, info.created, self.password.text() or None, self._opened, self._show_fault)
        job.finished.connect(lambda: self._back_to_list() if job.state == "cancelled" else None)
        self.work.follow(job, _("It is unpacked beside the office, and every byte is checked."))
        self.stack.setCurrentWidget(self.work)
        self.changed.emit()

    def _opened(self) -> None:
        self.password.clear()
        self.done.emit()

    def _back_to_list(self) -> None:
        self.stack.setCurrentIndex(0)
        self.changed.emit()

    def _show_fault(self, error: Exception) -> None:
        self._back_to_list()
        if not isinstance(error, BackupFault):
            dialogs.show_error(self, error)
            return
        self.fault.text.setText(str(error))
        self.fault.setAccessibleName(str(error))
        self.fault.show()
        if error.kind == PASSWORD:
            self.password.setFocus()
            self.password.selectAll()


def _proven_text(info: BackupInfo) -> str:
    return formats.format_relative(info.proven, with_time=True) if info.proven else _("not proven yet")
