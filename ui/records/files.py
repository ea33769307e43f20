"""The files of a record: dropped here, seen, opened, edited, replaced by new revisions, and taken off."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _
from crm_desktop.core.text import fold
from crm_desktop.records import files_service
from crm_desktop.records.files_service import FileRow
from crm_desktop.records.queries import Record
from ui.framework import dialogs, settings
from ui.framework.office import Office
from ui.records.file_words import editing_words, facts_of, file_icon
from ui.records.files_attach import Brought, attach_paths
from ui.records.files_edit import working_copies
from ui.records.files_menu import FileActions
from ui.records.files_note import ChangeNote
from ui.records.room import no_least_height
from ui.records.when_shown import ReadsWhenShown
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.two_line import Line, TwoLineList

if TYPE_CHECKING:
    from ui.records.files_preview import PreviewPane, PreviewWindow

_FILTER_FROM = 9
"""From so many files on there is a line to find one by its name."""
_BESIDE = 720
"""From this width on the preview is beside the list, else below it."""
_BELOW = 340
"""The least height of the tab with a preview below the list; Space shows a large one anyway."""


class FileList(TwoLineList):
    """The list; Space, F2 and Delete are told to the tab."""

    preview_requested = Signal()
    rename_requested = Signal(object)
    delete_requested = Signal(object)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = self.current_key()
        if key is not None and event.key() == Qt.Key.Key_Space:
            self.preview_requested.emit()
        elif key is not None and event.key() == Qt.Key.Key_F2:
            self.rename_requested.emit(key)
        elif key is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit(key)
        else:
            super().keyPressEvent(event)


class FilesTab(ReadsWhenShown):
    """The list of files with a preview. ``counted`` sends how many there are."""

    counted = Signal(int)

    def __init__(self, office: Office, spec: Entity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._spec = office, spec
        self._record: Record | None = None
        self._rows: dict[int, FileRow] = {}
        self._wanted: int | None = None
        self._locked = False
        self._window: PreviewWindow | None = None
        self._looked = False
        self.actions_of = FileActions(self, office)
        self.copies = working_copies(office)
        self.list = FileList(edge=True)
        self.list.delegate.padding = 24
        self.add = Button(icon="ph.plus", kind="accent", small=True)
        self.hint = Label("", "secondary", "text-muted")
        self.filter = SearchBox(small=True)
        self.look = IconButton("ph.eye", "", kind="ghost")
        self.look.setCheckable(True)
        self.note = ChangeNote()
        self.state = StateStack(self.list, EmptyState("ph.paperclip", hue=2))
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.add)
        row.addWidget(self.hint, 1)
        row.addWidget(self.filter)
        row.addWidget(self.look)
        margins(head, 16, 8, 24, 4, 8)
        self._head = head
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.state)
        self.splitter.setChildrenCollapsible(False)
        self._moved = False
        self.splitter.splitterMoved.connect(self._on_moved)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.note)
        box.addWidget(self.splitter, 1)
        no_least_height(self.state, 48)
        self.state.setMinimumWidth(px(240))
        no_least_height(self.splitter, 48)
        self.look.setChecked(bool(settings.remembered_value("files.preview", True)))

    def _connect(self) -> None:
        self.list.opened.connect(self.open)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._on_menu)
        self.list.button_clicked.connect(self._on_button)
        self.list.current_changed.connect(self._on_current)
        self.list.preview_requested.connect(self.preview_large)
        self.list.rename_requested.connect(self.rename)
        self.list.delete_requested.connect(self.delete)
        self.add.clicked.connect(self.choose)
        self.filter.searched.connect(lambda _text: self._fill())
        self.filter.down_pressed.connect(self.list.setFocus)
        self.look.toggled.connect(self._on_look)
        self.state.retry.connect(self.reload)
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.action.connect(self.choose)
        self._office.records_changed.connect(self._on_records_changed)
        self.copies.changed.connect(self._on_copy_changed)

    def retranslate(self) -> None:
        """Write the words again."""
        self.list.setAccessibleName(_("Files"))
        self.add.setText(_("Attach files…"))
        self.hint.setText(_("or drop them anywhere on this card"))
        self.filter.set_placeholder(_("Find a file"))
        self.look.set_label(_("Preview (Space for a large one)"))
        self.note.retranslate()
        if self._looked:
            self.preview.retranslate()
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("No files yet"))
            empty.text.setText(
                _("Drop files and e-mails on this card, or choose them. The same name again becomes a new revision.")
            )
            empty.set_button("" if self._locked else _("Attach files…"), "ph.plus")
            empty.set_second_button("")
        self.read_when_shown()

    def changeEvent(self, event: Any) -> None:
        if event.type() == event.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.width() >= px(_BESIDE)
        wanted = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self.splitter.orientation() != wanted:
            self.splitter.setOrientation(wanted)
            self._moved = False
        self._show_preview()

    def _on_moved(self, _position: int, _index: int) -> None:
        self._moved = True

    def _divide(self) -> None:
        """Give the preview its share, as long as nobody moved the divider."""
        beside = self.splitter.orientation() == Qt.Orientation.Horizontal
        whole = self.splitter.width() if beside else self.splitter.height()
        share = 0.5 if beside else 0.42
        if not self._moved and whole > 0:
            self.splitter.setSizes([round(whole * share), round(whole * (1 - share))])

    # -- the list ----------------------------------------------------------------------------------------------

    def set_record(self, record: Record) -> None:
        """Show a record's files. Their changes it hears of itself."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        if other:
            self.note.dismiss()
            self.filter.clear()
            if self._looked:
                self.preview.clear()
            self.state.forget()
            self.read_when_shown()

    def show_file(self, attachment_id: int) -> None:
        """Make a file the current one, as soon as it is in the list."""
        self._wanted = attachment_id
        self._find_wanted()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("attachment") or event.touches("user"):
            self.read_when_shown()

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
        self.counted.emit(len(rows))
        self._head.setVisible(bool(rows))
        many = len(rows) >= _FILTER_FROM
        self.filter.setVisible(many)
        self.hint.setVisible(not many)
        self._fill()
        for row in rows:
            self._offer_check_in(row.id)

    def _fill(self) -> None:
        asked = fold(self.filter.text()).split() if len(self._rows) >= _FILTER_FROM else []
        rows = [row for row in self._rows.values() if all(word in fold(row.name) for word in asked)]
        lines = [self._line(row) for row in rows]
        if lines != self.list.lines():
            self.list.set_lines(lines)
        if self._rows:
            self.state.show_content()
        else:
            self.state.show_empty()
        self._find_wanted()
        if self.list.current_key() is None and lines:
            self.list.set_current_key(lines[0].key)
        self._on_current(self.list.current_key())
        self._show_preview()

    def _find_wanted(self) -> None:
        if self._wanted in self._rows:
            wanted, self._wanted = self._wanted, None
            self.filter.clear()
            self.list.set_current_key(wanted)
            self.list.scrollTo(self.list.currentIndex())
            self.list.setFocus()

    def _line(self, row: FileRow) -> Line:
        marked = editing_words(row, self._office.user_id)
        subtitle = f"{marked} · {formats.format_size(row.size)}" if marked else facts_of(row)
        return Line(row.id, row.name, subtitle, icon=file_icon(row.media_type), button="ph.dots-three",
                    title_icon="ph.pencil-simple" if marked else "", tooltip=marked)  # fmt: skip

    def row(self, attachment_id: int) -> FileRow | None:
        """What is known of a file."""
        return self._rows.get(attachment_id)

    def _on_current(self, key: Any) -> None:
        row = self._rows.get(key)
        if row is None:
            if self._looked:
                self.preview.clear()
            return
        if self._looked and self.preview.isVisible():
            self.preview.show_file(row)
        if self._window is not None and self._window.isVisible():
            self._window.show_file(row)

    # -- preview -----------------------------------------------------------------------------------------------

    @cached_property
    def preview(self) -> PreviewPane:
        """The preview; made when the first file is looked at."""
        from ui.records.files_preview import PreviewPane  # lazy: pictures and PDF, with the first file

        pane = PreviewPane(self._office)
        pane.clear()
        self._looked = True
        self.splitter.addWidget(pane)
        self.splitter.setChildrenCollapsible(False)
        return pane

    def _on_look(self, on: bool) -> None:
        settings.remember_value("files.preview", on)
        self._show_preview()

    def _show_preview(self) -> None:
        beside = self.splitter.orientation() == Qt.Orientation.Horizontal
        room = beside or self.height() >= px(_BELOW)
        wanted = bool(self._rows) and self.look.isChecked() and room and self.isVisible()
        if not wanted and not self._looked:
            return
        if wanted != self.preview.isVisibleTo(self):
            self.preview.setVisible(wanted)
        if wanted:
            self._divide()
        row = self._rows.get(self.list.current_key())
        if wanted and row is not None:
            self.preview.show_file(row)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._show_preview()

    def preview_large(self) -> None:
        """Show the current file in a window; Space again closes it."""
        row = self._rows.get(self.list.current_key())
        if row is None:
            return
        if self._window is None:
            from ui.records.files_preview import PreviewWindow  # lazy: as the pane

            self._window = PreviewWindow(self._office, self)
            self._window.step_requested.connect(self._step)
        self._window.show_file(row)
        self._window.show()
        self._window.raise_()

    def _step(self, step: int) -> None:
        lines = self.list.lines()
        number = self.list.currentIndex().row() + step
        if 0 <= number < len(lines):
            self.list.set_current_key(lines[number].key)

    # -- adding ------------------------------------------------------------------------------------------------

    def set_locked(self, locked: bool) -> None:
        """Whether files may be looked at but neither attached nor changed."""
        self._locked = self.actions_of.locked = locked
        self.add.setVisible(not locked)
        self.hint.setVisible(not locked)
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.set_button("" if locked else _("Attach files…"), "ph.plus")
            self.state.empty.text.setVisible(not locked)

    def choose(self) -> None:
        """Choose files and attach them."""
        self.attach(dialogs.choose_files(self, _("Attach files")))

    def take_urls(self, urls: Sequence[QUrl]) -> None:
        """Attach files that were dropped."""
        self.attach([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])

    def attach(self, paths: Sequence[Path]) -> None:
        """Attach files in one change set; as a job with progress."""
        if self._record is not None and paths and not self._locked:
            attach_paths(self, self._office, self._record.entity, self._record.id, paths, self.on_brought)

    def on_brought(self, brought: Sequence[Brought]) -> None:
        """Show what came; of a new revision ask what changed in it, without standing in the way."""
        self.reload()
        if brought:
            self.show_file(brought[-1].attachment_id)
        newer = [one for one in brought if one.revision > 1]
        if len(newer) == 1:
            one = newer[0]
            self.note.ask(
                one.attachment_id, _("{name} is revision {n} now").format(name=one.name, n=one.revision),
                _("Keep this note"), lambda text: self.actions_of.comment(one.attachment_id, one.name, one.revision, text),
            )  # fmt: skip

    # -- working copies ----------------------------------------------------------------------------------------

    def _on_copy_changed(self, attachment_id: int) -> None:
        if attachment_id not in self._rows:
            return
        if self.copies.is_changed(attachment_id):
            self._offer_check_in(attachment_id)
        elif self.note.key == attachment_id:
            self.note.dismiss()

    def _offer_check_in(self, attachment_id: int) -> None:
        copy = self.copies.copy_of(attachment_id)
        if copy is None or self._locked or not self.copies.is_changed(attachment_id) or self.note.key is not None:
            return
        self.note.ask(
            attachment_id, _("You changed {name}. Bring it back as a new revision?").format(name=copy.name),
            _("Check in"), lambda text: self.copies.bring_back(self, attachment_id, text), empty_too=True,
        )  # fmt: skip

    # -- one file ----------------------------------------------------------------------------------------------

    def open(self, attachment_id: int, revision: int | None = None) -> None:
        """Open a file with the program that the system has for it."""
        self.actions_of.open(attachment_id, revision)

    def save_as(self, attachment_id: int, revision: int | None = None) -> None:
        """Save a file in a folder."""
        self._with(attachment_id, lambda row: self.actions_of.save(row, revision))

    def rename(self, attachment_id: int) -> None:
        """Give a file another name."""
        if not self._locked:
            self._with(attachment_id, self.actions_of.rename)

    def delete(self, attachment_id: int) -> None:
        """Take a file off the record; undo brings it back."""
        if not self._locked:
            self._with(attachment_id, self.actions_of.delete)

    def _with(self, attachment_id: int, work: Any) -> None:
        row = self._rows.get(attachment_id)
        if row is not None:
            work(row)

    def menu_of(self, attachment_id: int) -> QMenu:
        """What can be done with a file."""
        return self.actions_of.menu(self._rows[attachment_id], self.preview_large)

    def _on_menu(self, where: QPoint) -> None:
        index = self.list.indexAt(where)
        key = self.list.lines()[index.row()].key if index.isValid() else self.list.current_key()
        if key is not None:
            self.list.set_current_key(key)
            self.menu_of(key).exec(self.list.viewport().mapToGlobal(where))

    def _on_button(self, key: int) -> None:
        self.list.set_current_key(key)
        rect = self.list.visualRect(self.list.currentIndex())
        self.menu_of(key).exec(self.list.viewport().mapToGlobal(rect.bottomRight() - QPoint(40, 0)))
