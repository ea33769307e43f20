"""Working copies: files opened for editing, watched, and brought back as new revisions."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core import paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.jobs import Progress
from crm_desktop.records import blobs, files_service
from crm_desktop.records.files_service import FileRow
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.office import Office
from ui.records.file_words import editing_words
from ui.widgets.toast import show_toast

_SETTLED = 700
"""Milliseconds after the last sign of life until a copy is looked at: programs write in several steps."""
_TRIES = 5


@dataclass(frozen=True)
class WorkingCopy:
    """A copy on this computer: of which file, where, and what it was when it was taken."""

    attachment_id: int
    name: str
    revision: int
    sha256: str

    @property
    def folder(self) -> Path:
        """The folder that only this copy is in."""
        return _root() / str(self.attachment_id)

    @property
    def path(self) -> Path:
        """The copy."""
        return self.folder / self.name


def _root() -> Path:
    return paths.data_folder() / "editing"


def working_copies(office: Office) -> WorkingCopies:
    """The working copies of an office."""
    found = office.findChild(WorkingCopies)
    return found if found is not None else WorkingCopies(office)


class WorkingCopies(QObject):
    """Knows and watches the copies. ``changed`` sends the id of a file whose copy is different now, or is gone."""

    changed = Signal(object)

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._office = office
        self._copies: dict[int, WorkingCopy] = {}
        self._different: dict[int, str] = {}
        self._tries: dict[int, int] = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._on_sign)
        self._watcher.directoryChanged.connect(self._on_sign)
        self._timer = QTimer(self, singleShot=True, interval=_SETTLED)
        self._timer.timeout.connect(self._look_at_all)
        self._pick_up()

    # -- what there is -----------------------------------------------------------------------------------------

    def copy_of(self, attachment_id: int) -> WorkingCopy | None:
        """The working copy of a file on this computer."""
        return self._copies.get(attachment_id)

    def is_changed(self, attachment_id: int) -> bool:
        """Whether the copy is not what it was taken from."""
        return attachment_id in self._different

    def _pick_up(self) -> None:
        """Find the copies of the last time; those that are not marked any more and did not change are let go."""
        found = []
        for noted in sorted(_root().glob("*.json")) if _root().is_dir() else ():
            try:
                copy = WorkingCopy(**json.loads(noted.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue
            if copy.path.is_file():
                found.append(copy)
        if found:
            me = self._office.user_id
            tasks.run_read(self, lambda: self._read_state(found, me), self._picked_up)

    def _read_state(self, found: list[WorkingCopy], me: int | None) -> list[tuple[WorkingCopy, bool]]:
        with self._office.database.read() as connection:
            return _state(connection, found, me)

    def _picked_up(self, found: list[tuple[WorkingCopy, bool]]) -> None:
        for copy, wanted in found:
            if wanted:
                self._watch(copy)
            else:
                self._remove(copy)
        self._look_at_all()

    def _watch(self, copy: WorkingCopy) -> None:
        self._copies[copy.attachment_id] = copy
        self._watcher.addPaths([str(copy.folder), str(copy.path)])

    # -- taking a copy -----------------------------------------------------------------------------------------

    def open(self, owner: QWidget, row: FileRow, done: Callable[[], object] | None = None) -> None:
        """Mark a file as being edited and open a copy of it; another's mark is taken over only after asking."""
        copy = self._copies.get(row.id)
        if copy is not None and copy.path.is_file():
            show_copy(copy.path)
            return
        if row.editing_since is not None and row.editor_id != self._office.user_id and not self._may_take(owner, row):
            return
        office, target = self._office, _root() / str(row.id)

        def job(progress: Progress) -> WorkingCopy:
            target.mkdir(parents=True, exist_ok=True)
            with office.database.read() as connection:
                now = files_service.get_file(connection, row.id)
                copy = WorkingCopy(row.id, Path(now.name).name, now.revision, now.sha256)
                progress.update(0, now.size)
                files_service.save_content(connection, row.id, copy.path, progress=progress)
            _note(copy)
            with office.unit_of_work(N_("Mark {name} as being edited"), params={"name": row.name}) as uow:
                files_service.check_out(uow, row.id)
            return copy

        def opened(copy: WorkingCopy) -> None:
            self._watch(copy)
            show_copy(copy.path)
            if done is not None:
                done()

        tasks.run_job(_("Opening {name}").format(name=row.name), job, opened, owner=owner)

    def _may_take(self, owner: QWidget, row: FileRow) -> bool:
        text = _("Two people who edit the same file make two revisions, and one misses the changes of the other.")
        choices = [Choice("no", _("Cancel")), Choice("yes", _("Edit it anyway"), "danger")]
        return dialogs.ask(owner, editing_words(row, self._office.user_id), text, choices) == "yes"

    # -- watching ----------------------------------------------------------------------------------------------

    def _on_sign(self, _path: str) -> None:
        self._timer.start()

    def _look_at_all(self) -> None:
        for copy in list(self._copies.values()):
            if copy.path.is_file() and str(copy.path) not in self._watcher.files():
                self._watcher.addPath(str(copy.path))  # a program that saves puts a new file in its place
            self._look_at(copy)

    def _look_at(self, copy: WorkingCopy) -> None:
        tasks.run_read(self, lambda: _digest(copy.path), lambda digest: self._looked(copy, digest))

    def _looked(self, copy: WorkingCopy, digest: str | None) -> None:
        identity = copy.attachment_id
        if self._copies.get(identity) is not copy:
            return
        if digest is None:  # being written, or locked by the program that has it open
            self._tries[identity] = self._tries.get(identity, 0) + 1
            if self._tries[identity] < _TRIES:
                self._timer.start()
            return
        self._tries.pop(identity, None)
        before = self._different.get(identity)
        if digest == copy.sha256:
            self._different.pop(identity, None)
        else:
            self._different[identity] = digest
        if self._different.get(identity) != before:
            self.changed.emit(identity)

    # -- bringing it back --------------------------------------------------------------------------------------

    def bring_back(
        self, owner: QWidget, attachment_id: int, comment: str = "", done: Callable[[int], object] | None = None
    ) -> None:  # fmt: skip
        """Make the copy a new revision, and take the mark off. Who brought another one meanwhile is told of."""
        copy = self._copies.get(attachment_id)
        if copy is None:
            return

        def ask(row: FileRow) -> None:
            if row.sha256 == copy.sha256 or dialogs.confirm(
                owner, _("There is a newer revision of {name}").format(name=row.name),
                _("{who} brought revision {n} since you opened yours. Yours does not have those changes.").format(
                    who=row.changed_by or _("Somebody"), n=row.revision
                ),
                yes=_("Check mine in anyway"), danger=True,
            ):  # fmt: skip
                self._check_in(owner, copy, comment, done)

        self._office.read(owner, lambda connection: files_service.get_file(connection, attachment_id), ask)

    def _check_in(
        self, owner: QWidget, copy: WorkingCopy, comment: str, done: Callable[[int], object] | None
    ) -> None:  # fmt: skip
        office = self._office

        def job(progress: Progress) -> tuple[int, str]:
            found = files_service.measure_files([copy.path], progress)[0]
            with office.unit_of_work(N_("New revision of {name}"), params={"name": copy.name}) as uow:
                number = files_service.check_in(uow, copy.attachment_id, found, comment=comment)
            _note(replace(copy, revision=number, sha256=found.sha256))
            return number, found.sha256

        def checked_in(result: tuple[int, str]) -> None:
            number, digest = result
            # the program may have it open still: what is saved again is offered again
            self._copies[copy.attachment_id] = replace(copy, revision=number, sha256=digest)
            self._different.pop(copy.attachment_id, None)
            show_toast(owner, _("{name} is revision {n} now").format(name=copy.name, n=number))
            self.changed.emit(copy.attachment_id)
            if done is not None:
                done(number)

        tasks.run_job(_("Checking in {name}").format(name=copy.name), job, checked_in, owner=owner)

    def give_up(self, owner: QWidget, row: FileRow) -> None:
        """Take the mark off and let the copy go; changes in it are asked about."""
        copy = self._copies.get(row.id)
        if copy is not None and self.is_changed(row.id) and not dialogs.confirm(
            owner, _("Throw your changes away?"),
            _("Your copy of {name} has changes that are not checked in.").format(name=row.name),
            yes=_("Throw away"), danger=True,
        ):  # fmt: skip
            return

        def done(_result: None) -> None:
            if copy is not None:
                self._remove(copy)
                self.changed.emit(row.id)

        self._office.write(
            owner, N_("End editing of {name}"), lambda uow: files_service.undo_check_out(uow, row.id), done,
            params={"name": row.name},
        )  # fmt: skip

    def _remove(self, copy: WorkingCopy) -> None:
        self._watcher.removePaths([str(copy.path), str(copy.folder)])
        self._copies.pop(copy.attachment_id, None)
        self._different.pop(copy.attachment_id, None)
        shutil.rmtree(copy.folder, ignore_errors=True)  # a program may still have it open: it goes the next time
        copy.folder.with_suffix(".json").unlink(missing_ok=True)


def show_copy(path: Path) -> None:
    """Open a file with the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _note(copy: WorkingCopy) -> None:
    copy.folder.with_suffix(".json").write_text(json.dumps(asdict(copy)), encoding="utf-8")


def _digest(path: Path) -> str | None:
    try:
        return blobs.measure(path).sha256
    except UserError:
        return None


def _state(connection: Any, copies: list[WorkingCopy], me: int | None) -> list[tuple[WorkingCopy, bool]]:
    """The copies of files of this office, and whether they are still wanted: marked by me, or changed."""
    result = []
    for copy in copies:
        try:
            row = files_service.get_file(connection, copy.attachment_id)
        except UserError:
            continue  # of another office, or deleted: kept where it is
        mine = row.editing_since is not None and row.editor_id == me
        result.append((copy, mine or _digest(copy.path) != copy.sha256))
    return result
