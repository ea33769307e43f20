"""The files of a record: dropped here, opened, saved, replaced, and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, ngettext, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import files_service
from crm_desktop.records.files_service import FileRow
from crm_desktop.records.queries import Record
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.room import no_least_height
from ui.theme.icons import icon
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast
from ui.widgets.two_line import Line, TwoLineList

_ICONS = {
    "application/pdf": "ph.file-pdf", "text/csv": "ph.file-text", "application/zip": "ph.archive",
    "text/plain": "ph.file-text",
}  # fmt: skip
_STEMS = (("image/", "ph.image"), ("audio/", "ph.speaker-high"), ("video/", "ph.film-strip"))
_WORDS = (("word", "ph.file-text"), ("sheet", "ph.table"), ("excel", "ph.table"), ("presentation", "ph.presentation"))


def file_icon(media_type: str) -> str:
    """The icon of a kind of file."""
    if media_type in _ICONS:
        return _ICONS[media_type]
    for start, name in _STEMS:
        if media_type.startswith(start):
            return name
    return next((name for word, name in _WORDS if word in media_type), "ph.file")


_PROGRAMS = frozenset(
    ".exe .bat .cmd .com .scr .pif .msi .js .jse .vbs .vbe .wsf .ps1 .sh .jar .desktop .app .command .lnk .hta".split()
)


def _is_program(name: str) -> bool:
    return Path(name).suffix.lower() in _PROGRAMS


def open_attachment(owner: QWidget, office: Office, attachment_id: int, revision: int | None = None) -> None:
    """Open a file with the program that the system has for it; a program is only run after asking."""

    def write(connection: Any) -> Path:
        name, content = files_service.attachment_content(connection, attachment_id, revision)
        path = scratch_folder() / Path(name).name
        path.write_bytes(content)
        return path

    def show(path: Path) -> None:
        if not _is_program(path.name) or dialogs.confirm(
            owner, _("{name} is a program").format(name=path.name),
            _("Opening it runs it on this computer. Do so only if you know where it comes from."),
            yes=_("Run it"), danger=True,
        ):  # fmt: skip
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    office.read(owner, write, show)


class FilesTab(QWidget):
    """The list of files. ``counted`` sends how many there are."""

    counted = Signal(int)

    def __init__(self, office: Office, spec: Entity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._spec = office, spec
        self._record: Record | None = None
        self._rows: dict[int, FileRow] = {}
        self.list = TwoLineList()
        self.list.delegate.padding = 24
        self.list.opened.connect(self.open)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.list.button_clicked.connect(self._on_button)
        self.add = Button(icon="ph.plus", kind="accent", small=True)
        self.add.clicked.connect(self.choose)
        self.hint = Label("", "secondary", "text-muted")
        self.state = StateStack(self.list, EmptyState("ph.paperclip", hue=2))
        self.state.retry.connect(self.reload)
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.action.connect(self.choose)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.add)
        row.addWidget(self.hint, 1)
        margins(head, 16, 8, 24, 4)
        self._head = head
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.state, 1)
        no_least_height(self.state, 48)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.list.setAccessibleName(_("Files"))
        self.add.setText(_("Attach files…"))
        self.hint.setText(_("or drop them anywhere on this card"))
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("No files yet"))
            empty.text.setText(
                _("Drop files and e-mails on this card, or choose them. The same name again becomes a new revision.")
            )
            empty.set_button(_("Attach files…"), "ph.plus")
            empty.set_second_button("")
        self.reload()

    def changeEvent(self, event: Any) -> None:
        if event.type() == event.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def set_record(self, record: Record) -> None:
        """Show a record's files. Their changes it hears of itself."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        if other:
            self.reload()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("attachment"):
            self.reload()

    def reload(self) -> None:
        """Read the list again."""
        record = self._record
        if record is not None:
            self._office.read(
                self, lambda connection: files_service.attachments_of(connection, record.id), self._show,
                self.state.show_error, supersede="files",
            )  # fmt: skip

    def _show(self, rows: list[FileRow]) -> None:
        self._rows = {row.id: row for row in rows}
        lines = [self._line(row) for row in rows]
        if lines != self.list.lines():
            self.list.set_lines(lines)
        self.counted.emit(len(rows))
        self._head.setVisible(bool(rows))
        if rows:
            self.state.show_content()
        else:
            self.state.show_empty()

    def _line(self, row: FileRow) -> Line:
        parts = [formats.format_size(row.size), formats.format_relative(row.created_at)]
        if row.revision > 1:
            parts.append(_("revision {n}").format(n=row.revision))
        return Line(row.id, row.name, " · ".join(parts), icon=file_icon(row.media_type), button="ph.dots-three")

    # -- adding ------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Choose files and attach them."""
        self.attach(dialogs.choose_files(self, _("Attach files")))

    def take_urls(self, urls: Sequence[QUrl]) -> None:
        """Attach files that were dropped."""
        self.attach([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def attach(self, paths: Sequence[Path]) -> None:
        """Attach files in one change set; as a job with progress."""
        record, office = self._record, self._office
        if record is None or not paths:
            return
        count = len(paths)

        def job(progress: Progress) -> int:
            with office.unit_of_work(N_("Attach files to {title}"), params={"title": record.title}) as uow:
                for number, path in enumerate(paths):
                    progress.update(number, count, path.name)
                    files_service.attach_file(uow, record.entity, record.id, path)
            return count

        def done(number: int) -> None:
            text = ngettext("{n} file attached", "{n} files attached", number).format(n=number)
            show_toast(self, text)
            self.reload()

        tasks.run_job(_("Attaching files to {title}").format(title=record.title), job, done, owner=self)

    # -- one file ----------------------------------------------------------------------------------------------

    def open(self, attachment_id: int, revision: int | None = None) -> None:
        """Open a file with the program that the system has for it."""

        open_attachment(self, self._office, attachment_id, revision)

    def save_as(self, attachment_id: int, revision: int | None = None) -> None:
        """Save a file in a folder."""
        row = self._rows.get(attachment_id)
        path = dialogs.choose_save(self, _("Save the file"), row.name if row else "")
        if path is None:
            return

        def write(connection: Any) -> Path:
            _name, content = files_service.attachment_content(connection, attachment_id, revision)
            path.write_bytes(content)
            return path

        def saved(made: Path) -> None:
            show_toast(self, _("Saved as {file}").format(file=made.name))

        self._office.read(self, write, saved)

    def delete(self, attachment_id: int) -> None:
        """Take a file off the record; undo brings it back."""
        row = self._rows.get(attachment_id)
        name = row.name if row else ""

        def deleted(_result: None) -> None:
            show_toast(self, _("{name} deleted").format(name=name))

        self._office.write(
            self, N_("Delete file {name}"), lambda uow: files_service.delete_attachment(uow, attachment_id), deleted,
            params={"name": name},
        )  # fmt: skip

    def menu_of(self, attachment_id: int) -> QMenu:
        """What can be done with a file."""
        row = self._rows[attachment_id]
        menu = QMenu(self)
        menu.addAction(icon("ph.arrow-square-out"), pgettext("action", "Open")).triggered.connect(
            lambda: self.open(attachment_id)
        )
        menu.addAction(icon("ph.download-simple"), _("Save as…")).triggered.connect(lambda: self.save_as(attachment_id))
        if row.revision > 1:
            older = menu.addMenu(icon("ph.clock-counter-clockwise"), _("Older revisions"))
            for number in range(row.revision - 1, 0, -1):
                text = _("Save revision {n} as…").format(n=number)
                older.addAction(text).triggered.connect(
                    lambda _on=False, number=number: self.save_as(attachment_id, number)
                )
        menu.addSeparator()
        menu.addAction(icon("ph.trash", "danger"), _("Delete")).triggered.connect(lambda: self.delete(attachment_id))
        return menu

    def _on_menu(self, where: QPoint) -> None:
        index = self.list.indexAt(where)
        key = self.list.lines()[index.row()].key if index.isValid() else None
        if key is not None:
            self.menu_of(key).exec(self.list.viewport().mapToGlobal(where))

    def _on_button(self, key: int) -> None:
        self.list.set_current_key(key)
        rect = self.list.visualRect(self.list.currentIndex())
        self.menu_of(key).exec(self.list.viewport().mapToGlobal(rect.bottomRight() - QPoint(40, 0)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.list.current_key()
        if event.key() == Qt.Key.Key_Delete and key is not None:
            self.delete(key)
        else:
            super().keyPressEvent(event)
