"""What can be done with one file: the entries of its menu and what they start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.core.i18n import N_, _, pgettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import blobs, files_service
from crm_desktop.records.files_service import FileRow
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.records.files_edit import show_copy, working_copies
from ui.records.files_open import open_attachment, save_attachment
from ui.theme.icons import icon
from ui.widgets.toast import show_toast
from ui.widgets.two_line import TwoLineList

if TYPE_CHECKING:
    from ui.records.files_preview import PreviewWindow


class FileActions:
    """Does what the menu of a file offers; ``owner`` is what dialogs and toasts belong to."""

    def __init__(self, owner: QWidget, office: Office) -> None:
        self._owner, self._office = owner, office
        self._copies = working_copies(office)
        self.locked = False
        """Whether the files may be looked at only."""

    def menu(self, row: FileRow, preview: Callable[[], object]) -> QMenu:
        """The menu of a file."""
        menu = QMenu(self._owner)
        self._add(menu, "ph.arrow-square-out", pgettext("action", "Open"), lambda: self.open(row.id))
        self._add(menu, "ph.eye", _("Preview") + "\tSpace", preview)
        self._add(menu, "ph.download-simple", _("Save as…"), lambda: self.save(row))
        menu.addSeparator()
        if not self.locked:
            self._add_editing(menu, row)
            menu.addSeparator()
        self._add(menu, "ph.clock-counter-clockwise", _("Revisions…"), lambda: self.revisions(row))
        if self.locked:
            return menu
        self._add(menu, "ph.upload-simple", _("New revision from a file…"), lambda: self.replace(row))
        self._add(menu, "ph.pencil-line", _("Rename…") + "\tF2", lambda: self.rename(row))
        menu.addSeparator()
        self._add(menu, "ph.trash", _("Delete") + "\tDel", lambda: self.delete(row), "danger")
        return menu

    def _add(
        self, menu: QMenu, name: str, text: str, work: Callable[[], object], color: str = "text"
    ) -> None:  # fmt: skip
        menu.addAction(icon(name, color), text).triggered.connect(lambda _on=False: work())

    def _add_editing(self, menu: QMenu, row: FileRow) -> None:
        copy = self._copies.copy_of(row.id)
        if copy is not None:
            self._add(menu, "ph.pencil-simple", _("Go on editing"), lambda: show_copy(copy.path))
            if self._copies.is_changed(row.id):
                self._add(menu, "ph.check", _("Check in"), lambda: self._copies.bring_back(self._owner, row.id))
        else:
            self._add(menu, "ph.pencil-simple", _("Open for editing"), lambda: self._copies.open(self._owner, row))
        mine = row.editing_since is not None and row.editor_id == self._office.user_id
        if mine or copy is not None:
            self._add(menu, "ph.x", _("End editing"), lambda: self._copies.give_up(self._owner, row))
        elif row.editing_since is not None:
            self._add(menu, "ph.x", _("Take the mark off"), lambda: self.unmark(row))
        else:
            self._add(menu, "ph.lock-simple", _("Mark as being edited"), lambda: self.mark(row))

    def open(self, attachment_id: int, revision: int | None = None) -> None:
        """Open a file to read it."""
        open_attachment(self._owner, self._office, attachment_id, revision)

    def save(self, row: FileRow, revision: int | None = None) -> None:
        """Save a file in a folder."""
        save_attachment(self._owner, self._office, row, revision)

    def revisions(self, row: FileRow) -> None:
        """Show the revisions of a file."""
        from ui.records.files_revisions import RevisionsDialog  # lazy: pictures and PDF

        dialogs.run_dialog(RevisionsDialog(self._office, row, self._owner))

    def comment(self, attachment_id: int, name: str, revision: int, text: str) -> None:
        """Say what changed in a revision."""
        self._office.write(
            self._owner, N_("Comment on file {name}"),
            lambda uow: files_service.comment_revision(uow, attachment_id, revision, text), params={"name": name},
        )  # fmt: skip

    def mark(self, row: FileRow) -> None:
        """Mark a file as being edited, without taking a copy."""
        self._office.write(
            self._owner, N_("Mark {name} as being edited"), lambda uow: files_service.check_out(uow, row.id),
            params={"name": row.name},
        )  # fmt: skip

    def unmark(self, row: FileRow) -> None:
        """Take off the mark of somebody else, who may have forgotten it."""
        if dialogs.confirm(
            self._owner, _("Take the mark of {name} off?").format(name=row.editor or _("somebody")),
            _("It only says that the file is being edited. A copy on the other computer stays as it is."),
            yes=_("Take the mark off"),
        ):  # fmt: skip
            self._office.write(
                self._owner, N_("End editing of {name}"), lambda uow: files_service.undo_check_out(uow, row.id),
                params={"name": row.name},
            )  # fmt: skip

    def rename(self, row: FileRow) -> None:
        """Ask for another name."""
        name = dialogs.ask_text(self._owner, _("Rename the file"), _("Name"), row.name)
        if name is not None and name.strip() != row.name:
            self._office.write(
                self._owner, N_("Rename file {name}"), lambda uow: files_service.rename_file(uow, row.id, name),
                params={"name": row.name},
            )  # fmt: skip

    def replace(self, row: FileRow) -> None:
        """Make the content of another file on this computer the newest revision."""
        path = dialogs.choose_file(self._owner, _("New revision of {name}").format(name=row.name))
        if path is None:
            return
        office, owner = self._office, self._owner

        def job(progress: Progress) -> int:
            found = files_service.measure_files([path], progress)[0]
            with office.unit_of_work(N_("New revision of {name}"), params={"name": row.name}) as uow:
                digest = blobs.store_file(uow, found, progress.advance)
                return files_service.add_revision(uow, row.id, digest, found.size)

        def done(number: int) -> None:
            show_toast(owner, _("{name} is revision {n} now").format(name=row.name, n=number))

        tasks.run_job(_("New revision of {name}").format(name=row.name), job, done, owner=owner)

    def delete(self, row: FileRow) -> None:
        """Take a file off the record; undo brings it back."""

        def deleted(_result: None) -> None:
            show_toast(self._owner, _("{name} deleted").format(name=row.name))

        self._office.write(
            self._owner, N_("Delete file {name}"), lambda uow: files_service.delete_attachment(uow, row.id), deleted,
            params={"name": row.name},
        )  # fmt: skip


class FileListMenu(QObject):
    """Gives a list whose keys are ids of files their menu: by the button of a row, a right click, or the menu key."""

    def __init__(self, view: TwoLineList, office: Office, rows: Callable[[], Sequence[FileRow]]) -> None:
        super().__init__(view)
        self._view, self._office, self._rows = view, office, rows
        self._actions = FileActions(view, office)
        self._window: PreviewWindow | None = None
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._on_menu)
        view.button_clicked.connect(self._on_button)

    def menu_of(self, attachment_id: int) -> QMenu | None:
        """The menu of a file of the list."""
        row = next((one for one in self._rows() if one.id == attachment_id), None)
        return self._actions.menu(row, lambda: self._preview(row)) if row is not None else None

    def _preview(self, row: FileRow) -> None:
        if self._window is None:
            from ui.records.files_preview import PreviewWindow  # lazy: pictures and PDF

            self._window = PreviewWindow(self._office, self._view)
        self._window.show_file(row)
        self._window.show()
        self._window.raise_()

    def _on_button(self, key: int) -> None:
        self._view.set_current_key(key)
        rect = self._view.visualRect(self._view.currentIndex())
        self._open(key, rect.bottomRight() - QPoint(40, 0))

    def _on_menu(self, where: QPoint) -> None:
        index = self._view.indexAt(where)
        key = self._view.lines()[index.row()].key if index.isValid() else self._view.current_key()
        if key is not None:
            self._open(key, where)

    def _open(self, key: int, where: QPoint) -> None:
        menu = self.menu_of(key)
        if menu is not None:
            menu.exec(self._view.viewport().mapToGlobal(where))
