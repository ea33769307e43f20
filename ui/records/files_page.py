"""All files of the office: found by name, looked at, brought to their record, and checked."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout

from crm_desktop.core import formats
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import files_check, files_service
from crm_desktop.records.files_check import Checked
from crm_desktop.records.files_service import OfficeFile, OfficeFiles
from ui.framework import dialogs, settings, tasks
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.records.file_words import editing_words, file_icon
from ui.records.files_menu import FileActions
from ui.records.files_preview import PreviewPane, PreviewWindow
from ui.records.files_show import show_file_of
from ui.records.room import later
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Plane
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel

_SHOWN = 500
_NAME_WIDTH = 200
_LEAVE = ("size", "at", "by", "revision")
"""The columns that go where there is no room, the last first."""


class FilesPage(Page):
    """The newest files, or those whose name has the words; the chosen one is seen beside the list."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self.actions_of = FileActions(self, office)
        self._window: PreviewWindow | None = None
        self.model = ListTableModel([], key=lambda row: row.file.id)
        self.table = DataTable()
        self.table.setModel(self.model)
        self.header = PageHeader(left=16, right=12)
        self.search = SearchBox(key="/", small=True)
        self.check_button = Button.for_command(find_command(self, "files.check"), small=True)
        self.open_button = Button.for_command(find_command(self, "files.record"), small=True)
        self.preview = PreviewPane(office)
        self.preview.clear()
        self.empty = EmptyState("ph.paperclip", hue=2)
        self.states = StateStack(self.table, self.empty)
        self._columns: list[Column] = []
        self._fit_later = later(self, 0, self._fit)
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        for control in (self.search, self.open_button, self.check_button):
            self.header.add(control)
        left = Plane("surface")
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(Hairline())
        box.addWidget(self.states, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.preview)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.splitterMoved.connect(lambda _at, _index: self._fit_later.start())
        left.setMinimumWidth(px(360))
        self.splitter.setStretchFactor(0, 60)
        self.splitter.setStretchFactor(1, 40)
        self.splitter.setSizes([740, 492])
        self.preview.setMinimumWidth(px(240))
        settings.remember_splitter(self.splitter, "files")
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _connect(self) -> None:
        self.search.searched.connect(lambda _text: self.reload())
        self.search.down_pressed.connect(self.table.setFocus)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.row_activated.connect(lambda _index: self.open_record())
        self.table.row_menu_requested.connect(self._show_menu)
        self.states.retry.connect(self.reload)
        self.office.records_changed.connect(self._on_records_changed)

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Files"))
        self.search.set_placeholder(_("Find a file"))
        self.table.setAccessibleName(_("Files"))
        self._say_empty()
        schema = self.office.database.schema
        me = self.office.user_id

        def belongs(row: OfficeFile) -> tuple[str, str]:
            known = row.entity in schema.entities
            return (schema.entity(row.entity).icon if known else "ph.question", "text-muted")

        self._columns = [
            Column("name", _("Name"), lambda r: r.file.name, 280, font="name",
                   icon=lambda r: (file_icon(r.file.media_type), "text-muted"),
                   tooltip=lambda r: editing_words(r.file, me)),
            Column("record", _("Belongs to"), lambda r: r.record or "–", 190, icon=belongs),
            Column("size", _("Size"), lambda r: formats.format_size(r.file.size), 80, align="end",
                   sort=lambda r: r.file.size),
            Column("at", _("Changed"), lambda r: formats.format_relative(r.file.changed_at), 116,
                   sort=lambda r: r.file.changed_at, color="text-muted"),
            Column("by", _("By"), lambda r: r.file.changed_by or "–", 110, color="text-muted"),
            Column("revision", _("Revision"), lambda r: str(r.file.revision), 72, align="end",
                   sort=lambda r: r.file.revision, color="text-muted"),
        ]  # fmt: skip
        self._fit()

    def _fit(self) -> None:
        """Show the columns that there is room for; the name keeps its own."""
        room = px(_NAME_WIDTH)
        fitting = []
        for column in sorted(self._columns, key=lambda one: _LEAVE.index(one.key) if one.key in _LEAVE else -1):
            room += px(column.width) if column.key != "name" else 0
            if room <= max(self.table.width(), px(360)) or column.key in ("name", "record"):
                fitting.append(column.key)
        columns = [column for column in self._columns if column.key in fitting]
        if [one.title for one in columns] != [one.title for one in self.model.columns]:
            current = self.table.current_row()
            self.model.set_columns(columns)
            self.table.set_column_widths([column.width for column in columns], stretch=0)
            self.table.set_current_row(current)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_later.start()

    def _say_empty(self) -> None:
        if self.search.text().strip():
            self.empty.set_texts(_("Nothing matches"), _("No file has these words in its name."))
        else:
            self.empty.set_texts(
                _("No files yet"), _("Drop files and e-mails on the card of a contact, a company, a deal or a case.")
            )

    # -- the list ----------------------------------------------------------------------------------------------

    def activated(self, **params: Any) -> None:
        """Read the files."""
        self.reload()
        self.setFocusProxy(self.search)

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("attachment") and self.isVisible():
            self.reload()

    def reload(self) -> None:
        """Read again."""
        database, text = self.office.database, self.search.text()
        self.states.show_loading()
        self.office.read(
            self, lambda connection: files_service.find_files(database, connection, text, limit=_SHOWN), self._show,
            self.states.show_error, supersede="files",
        )  # fmt: skip

    def _show(self, found: OfficeFiles) -> None:
        current = self.current
        self.model.set_rows(found.files)
        count = formats.format_integer(found.count)
        if len(found.files) < found.count:
            count = _("{shown} of {total}").format(shown=formats.format_integer(len(found.files)), total=count)
        self.header.set_count(f"{count} · {formats.format_size(found.size)}" if found.count else "")
        if found.files:
            self.states.show_content()
            wanted = current.file.id if current is not None else None
            ids = [self.model.row(number).file.id for number in range(len(found.files))]
            self.table.set_current_row(ids.index(wanted) if wanted in ids else 0)
        else:
            self._say_empty()
            self.states.show_empty()
        self._on_current()

    @property
    def current(self) -> OfficeFile | None:
        """The current file."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def _on_current(self) -> None:
        current = self.current
        if current is None:
            self.preview.clear()
        else:
            self.preview.show_file(current.file)
            if self._window is not None and self._window.isVisible():
                self._window.show_file(current.file)
        self.refresh_commands()

    def has_current(self) -> bool:
        """Whether a file is chosen."""
        return self.current is not None

    def _show_menu(self, _index: Any, where: QPoint) -> None:
        current = self.current
        if current is not None:
            self.menu_of(current).exec(where)

    def menu_of(self, current: OfficeFile) -> QMenu:
        """What can be done with a file."""
        menu = self.actions_of.menu(current.file, self.preview_large)
        first = menu.actions()[0]
        own = menu.addAction(icon("ph.arrow-square-in"), _("Show it on its record"))
        own.triggered.connect(lambda _on=False: self.open_record())
        menu.insertAction(first, own)
        return menu

    def preview_large(self) -> None:
        """Show the current file in a window of its own."""
        current = self.current
        if current is not None:
            self._window = self._window or PreviewWindow(self.office, self)
            self._window.show_file(current.file)
            self._window.show()

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Space and self.table.hasFocus():
            self.preview_large()
        elif event.text() == "/":
            self.search.setFocus()
        else:
            super().keyPressEvent(event)

    # -- commands ----------------------------------------------------------------------------------------------

    @command("files.record", text=N_("Show it on its record"), icon="ph.arrow-square-in", enabled_when="has_current")
    def open_record(self) -> None:
        """Open the record at the current file."""
        current = self.current
        if current is not None:
            show_file_of(self.office, self.navigator, current.file.id)

    @command("files.check", text=N_("Check all files"), icon="ph.shield-check")
    def check(self) -> None:
        """Compare every stored file with its hash, as a job that can be stopped."""
        database = self.office.database

        def job(progress: Progress) -> Checked:
            with database.read() as connection:
                return files_check.check_files(database, connection, progress)

        tasks.run_job(_("Checking the files"), job, self._tell, owner=self)

    def _tell(self, found: Checked) -> None:
        size = formats.format_size(found.size)
        counted = ngettext(
            "{n} stored content ({size}) was read.", "{n} stored contents ({size}) were read.", found.count
        )
        lines = [counted.format(n=formats.format_integer(found.count), size=size)]
        if found.unused:
            words = ngettext(
                "{n} of them ({size}) is of deleted files; undo may need it.",
                "{n} of them ({size}) are of deleted files; undo may need them.", found.unused,
            )  # fmt: skip
            lines.append(words.format(n=found.unused, size=formats.format_size(found.unused_size)))
        if not found.damaged:
            dialogs.show_message(self, _("Every file is whole"), "\n".join(lines))
            return
        for one in found.damaged[:12]:
            lines.append(_damage_words(one))
        if len(found.damaged) > 12:
            lines.append("…")
        lines.append(_("A backup from before the damage still has them; other records are not touched."))
        title = ngettext("{n} file is damaged or missing", "{n} files are damaged or missing", len(found.damaged))
        dialogs.show_message(self, title.format(n=len(found.damaged)), "\n".join(lines))


def _damage_words(one: files_check.Damage) -> str:
    words = (
        N_("• {name} of {record}, revision {n}: missing")
        if one.missing
        else N_("• {name} of {record}, revision {n}: damaged")
    )
    return translate(words).format(name=one.name, record=one.record or "–", n=one.revision)
