"""Attaching files to a record: what may come in is asked about first, then one job brings it in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.records import files_service, queries
from crm_desktop.records.files_service import FileRow
from ui.framework import dialogs, tasks
from ui.framework.dialogs import Choice
from ui.framework.office import Office
from ui.records.file_words import editing_words, is_program
from ui.widgets.toast import show_toast


@dataclass(frozen=True)
class Brought:
    """A file that was attached: its id and name; ``revision`` is 0 where the record had this very content already."""

    attachment_id: int
    name: str
    revision: int


Done = Callable[[list[Brought]], object] | None


def accepted(owner: QWidget, paths: Sequence[Path]) -> list[Path]:
    """The paths that may be attached: folders are refused in words, programs are asked about."""
    folders = [path.name for path in paths if path.is_dir()]
    if folders:
        dialogs.show_message(
            owner, _("Folders cannot be attached"),
            _("{names}: attach the files in it, or a .zip of the folder.").format(names=", ".join(folders[:5])),
        )  # fmt: skip
    files = [path for path in paths if not path.is_dir()]
    programs = [path.name for path in files if is_program(path.name)]
    if programs and not dialogs.confirm(
        owner, _("Attach a program?"),
        ngettext(
            "{names} is a program. Opening it later runs it on that computer.",
            "{names} are programs. Opening them later runs them on that computer.", len(programs),
        ).format(names=", ".join(programs[:5])),
        yes=_("Attach"), danger=True,
    ):  # fmt: skip
        files = [path for path in files if not is_program(path.name)]
    return files


def attach_paths(
    owner: QWidget, office: Office, entity: str, record_id: int, paths: Sequence[Path], done: Done = None
) -> None:  # fmt: skip
    """Attach files in one change set, as a job with progress. A file that somebody else edits is asked about.

    Args:
        done: gets what came; a toast tells it in any case.
    """
    files = accepted(owner, paths)
    if not files:
        return
    names = [path.name for path in files]

    def look(connection: Any) -> tuple[str, list[FileRow]]:
        titles = queries.titles(office.database.schema, connection, entity, {record_id})
        return titles.get(record_id, ""), files_service.same_names(connection, record_id, names)

    def ask(found: tuple[str, list[FileRow]]) -> None:
        title, same = found
        renamed = _renamed(owner, office, files, same)
        chosen = [path for path in files if renamed.get(path) != ""]
        if chosen:
            _start(owner, office, (entity, record_id, title), chosen, renamed, done)

    office.read(owner, look, ask)


def _renamed(
    owner: QWidget, office: Office, files: Sequence[Path], same: Sequence[FileRow]
) -> Mapping[Path, str]:  # fmt: skip
    """New names for files that somebody else edits here; an empty one leaves the file out."""
    renamed = {}
    for row in same:
        if row.editing_since is None or row.editor_id == office.user_id:
            continue
        answer = dialogs.ask(
            owner, editing_words(row, office.user_id),
            _("“{name}” is here already. A new revision now would come between.").format(name=row.name),
            [Choice("no", _("Leave it out")), Choice("both", _("Keep both")),
             Choice("replace", _("New revision anyway"), "danger")],
        )  # fmt: skip
        for path in files:
            if path.name == row.name and answer != "replace":
                renamed[path] = f"{path.stem} (2){path.suffix}" if answer == "both" else ""
    return renamed


def _start(
    owner: QWidget, office: Office, record: tuple[str, int, str], files: Sequence[Path], renamed: Mapping[Path, str],
    done: Done,
) -> None:  # fmt: skip
    entity, record_id, title = record

    def job(progress: Progress) -> list[Brought]:
        measured = files_service.measure_files(files, progress)
        with office.unit_of_work(N_("Attach files to {title}"), params={"title": title}) as uow:
            before = {row.id: row.revision for row in files_service.attachments_of(uow.connection, record_id)}
            ids = []
            for found in measured:
                progress.update(message=found.path.name)
                name = renamed.get(found.path, "")
                ids.append(files_service.attach_measured(
                    uow, entity, record_id, found, name=name, progress=progress
                ))  # fmt: skip
            rows = {row.id: row for row in files_service.attachments_of(uow.connection, record_id)}
            return [
                Brought(one, rows[one].name, 0 if before.get(one) == rows[one].revision else rows[one].revision)
                for one in dict.fromkeys(ids)
            ]

    def tell(brought: list[Brought]) -> None:
        show_toast(owner, _told(brought))
        if done is not None:
            done(brought)

    tasks.run_job(_("Attaching files to {title}").format(title=title), job, tell, owner=owner)


def _told(brought: Sequence[Brought]) -> str:
    new = sum(1 for one in brought if one.revision)
    same = [one.name for one in brought if not one.revision]
    parts = []
    if new:
        parts.append(ngettext("{n} file attached", "{n} files attached", new).format(n=new))
    if same:
        words = ngettext("{names} is here already, unchanged", "{names} are here already, unchanged", len(same))
        parts.append(words.format(names=", ".join(same[:3])))
    return " · ".join(parts)
