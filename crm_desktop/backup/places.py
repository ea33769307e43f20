"""The places of a plan as this computer sees them: what is there, what is away, and copying a backup from one to the next."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from crm_desktop.backup import place_notes
from crm_desktop.backup.catalogue import SUFFIX, BackupInfo, known_backups, remember
from crm_desktop.backup.disk import disk_errors, keep_on_disk, refuse_full, stem_of
from crm_desktop.backup.listing import delete_backup
from crm_desktop.backup.runs import CLOCKS, Run
from crm_desktop.backup.schedule import Plan, superfluous
from crm_desktop.core import clock, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database

_BLOCK = 1024 * 1024
_FOR_ALL = ("daily", "hand", "import")
"""Why backups are made that belong into every place of the plan."""
_LATE = 7
"""So many of the last backups are brought to a place that was away."""


@dataclass(frozen=True)
class PlaceState:
    """A place of a plan on this computer.

    Attributes:
        name: as the plan names it; empty for the folder that every computer has.
        state: "ready", "missing" (this computer never saw it: a stick or a share of another one), "gone" (it had backups
            of this computer, and is not there), "unmounted" (the same, of a disk in whose place there is an empty
            folder now) or "readonly".
        free: bytes; 0 where it is not there.
        since: since when it is known to be gone.
    """

    name: str
    folder: Path
    state: str
    free: int = 0
    since: datetime | None = None

    @property
    def ready(self) -> bool:
        """Whether a backup can be written there now."""
        return self.state == "ready"

    @property
    def gone(self) -> bool:
        """Whether it had backups and is not there: somebody has to do something about it."""
        return self.state in ("gone", "unmounted")


def folder_of(name: str) -> Path:
    """Where a place is on this computer."""
    return Path(name) if name else paths.backups_folder()


def look(name: str) -> PlaceState:
    """How a place is just now. Only the computer's own folder is made, and only where it never had a backup: an empty
    folder in place of a stick, or of one that was renamed, would be filled without anybody noticing."""
    folder = folder_of(name)
    try:
        if away := place_notes.gone_from(folder):
            since = place_notes.note_gone(folder)
            return PlaceState(name, folder, "gone" if away == "missing" else away, since=since)
        if not name:
            folder.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            return PlaceState(name, folder, "missing")
        free = shutil.disk_usage(folder).free
    except OSError:
        return PlaceState(name, folder, "missing")
    place_notes.note_there(folder)
    return PlaceState(name, folder, "ready" if os.access(folder, os.W_OK | os.X_OK) else "readonly", free)


def look_all(plan: Plan) -> list[PlaceState]:
    """The places of a plan, in its order."""
    return [look(name) for name in plan.all_places]


def fallback() -> PlaceState:
    """Where a backup goes while none of the plan's places is there."""
    return look("")


def first_ready(plan: Plan) -> Path:
    """The folder that a backup goes to now: the first place that is there, else the computer's own folder.

    Raises:
        FolderGone: none of them is there. Nothing was made.
    """
    ready = next((one for one in look_all(plan) if one.ready), None) or fallback()
    if ready.gone:
        place_notes.refuse_gone(ready.folder)
    return ready.folder


def lacking(database: Database, plan: Plan) -> list[tuple[PlaceState, int]]:
    """The places that are gone and miss backups, each with how many; 0 where no backup can be made at all."""
    states = look_all(plan)
    away = [one for one in states if one.gone]
    if not any(one.ready for one in states) and (last := fallback()).gone:
        return [(one, 0) for one in away or [last]]
    missed = [(one, len(late_for(database, one, plan))) for one in away]
    return [(one, count) for one, count in missed if count]


def gone_folders(states: Sequence[PlaceState], missed: Sequence[tuple[PlaceState, int]]) -> set[tuple[Path, str]]:
    """Which folders are gone and how, of :func:`look_all` and :func:`lacking`."""
    return {(one.folder, one.state) for one in (*states, *(place for place, _count in missed)) if one.gone}


def copy_on(info: BackupInfo, place: PlaceState, progress: Progress) -> BackupInfo:
    """Copy a backup to another place; what arrived is read again and compared.

    Raises:
        UserError: the place is full, may not be written, went away, or did not keep the bytes.
        Cancelled: nothing stays behind.
    """
    source, goal = Path(info.path), place.folder / Path(info.path).name
    partial = goal.with_suffix(".partial")
    with disk_errors(place.folder):
        refuse_full(place.folder, info.size + _BLOCK)
        try:
            sent = hashlib.sha256()
            progress.update(0, info.size, translate(N_("Copying to {folder}")).format(folder=str(place.folder)))
            with source.open("rb") as reading, partial.open("wb") as writing:
                while block := reading.read(_BLOCK):
                    sent.update(block)
                    writing.write(block)
                    progress.update(writing.tell())
                keep_on_disk(writing)
            with partial.open("rb") as written:
                if hashlib.file_digest(written, "sha256").digest() != sent.digest():
                    raise UserError(N_("{folder} did not keep what was written to it."), folder=str(place.folder))
            partial.replace(goal)
        finally:
            if place.folder.is_dir():
                partial.unlink(missing_ok=True)
    copied = replace(info, path=str(goal))
    remember(copied)
    place_notes.note_used(place.folder)
    return copied


def late_for(database: Database, place: PlaceState, plan: Plan) -> list[BackupInfo]:
    """The last backups of this computer that a place of the plan has not got, the oldest first; it was away when they
    were made. Those that somebody made elsewhere, or before a restore beside the file, are not for it."""
    known = [one for one in known_backups(database) if one.proven]
    if place.gone:  # what it had when it was last seen
        there = {Path(one.path).name for one in known if Path(one.path).parent == place.folder}
    else:
        there = {path.name for path in place.folder.glob(f"*{SUFFIX}")}
    folders = {folder_of(name) for name in ("", *plan.all_places)}
    ours = [one for one in known if one.why in _FOR_ALL and Path(one.path).parent in folders]
    tomorrow = clock.now() + CLOCKS  # what a wrong clock dated into days to come is not the newest
    newest = max(
        (one.created for one in ours if Path(one.path).name in there and one.created <= tomorrow), default=None
    )
    made = [one for one in ours if one.exists]
    late = {Path(one.path).name: one for one in made if newest is None or one.created > newest}
    missing = sorted((one for name, one in late.items() if name not in there), key=lambda one: one.created)
    return missing[-_LATE:]


def rotate(database: Database, folders: Sequence[Path], known: Sequence[Run], *, made: str) -> list[str]:
    """Remove what no day, week or month of a place needs any more. Returns the removed paths.

    What another computer made is known from the office's list of backups, by name and size.

    Args:
        made: the path of the backup that was just made, which stays.
    """
    infos = {one.path: one for one in known_backups(database) if one.exists}
    by_file = {run.file: run for run in known if run.state == "proven" and run.kind in ("daily", "migration", "import")}
    for folder in folders:
        for path in folder.glob(f"{stem_of(database)}-*{SUFFIX}"):
            run = by_file.get(path.name)
            if str(path) not in infos and run is not None and run.size == path.stat().st_size:
                infos[str(path)] = BackupInfo(
                    str(path), "", run.started_at, path.stat().st_size, run.encrypted, run.proven_at,
                    automatic=True, kind=run.kind,
                )  # fmt: skip
    removed = []
    inside = {str(folder) for folder in folders}
    here = [info for info in infos.values() if str(Path(info.path).parent) in inside]
    for one in superfluous(here, keep=Path(made).name):
        with disk_errors(Path(one.path).parent):
            delete_backup(one.path)
        removed.append(one.path)
    return removed
