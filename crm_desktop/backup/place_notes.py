"""Which folders this computer has backed up to, so that one that is gone is missed and not made anew, empty, unnoticed."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_desktop.backup.catalogue import folders_known
from crm_desktop.core import clock, formats, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.types import instant_text, parse_instant

_Notes = dict[str, dict[str, Any]]


class FolderGone(UserError):
    """A folder that had backups is not there any more: a stick is not in, a share is away, or somebody renamed it."""


def gone_from(folder: Path) -> str:
    """How a folder that had backups is away: "missing", "unmounted" (the folder is there, but not the disk that was in
    its place), or "" where it is there or never had any."""
    if not was_used(folder):
        return ""
    if not folder.is_dir():
        return "missing"
    mount = _read().get(str(folder), {}).get("mount")
    return "" if mount is None or mount == _mount_of(folder) else "unmounted"


def was_used(folder: Path) -> bool:
    """Whether this computer has backed up there before."""
    return str(folder) in _read() or folder in folders_known()


def note_used(folder: Path) -> None:
    """Keep in mind that a backup was just written there, and on which disk."""
    _change(lambda notes: notes.update({str(folder): {"mount": _mount_of(folder)}}))


def note_gone(folder: Path) -> datetime:
    """Keep in mind that a folder is not there. Returns since when that is known."""
    since = _since(_read().get(str(folder), {}))
    if since is None:
        since = clock.now()
        _change(lambda notes: notes.setdefault(str(folder), {}).update(gone=instant_text(since)))
    return since


def note_there(folder: Path) -> None:
    """It is there (again)."""
    if "gone" in _read().get(str(folder), {}):
        _change(lambda notes: notes.get(str(folder), {}).pop("gone", None))


def forget_below(folder: Path) -> None:
    """Keep nothing in mind of the folders below one that is thrown away."""
    below = [name for name in _read() if folder in Path(name).parents]
    if below:
        _change(lambda notes: [notes.pop(name, None) for name in below])


def make_anew(folder: Path) -> None:
    """Make a folder that is gone, or take the one that is there now: somebody wants backups to go there as if it were new.

    Raises:
        OSError: it cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    note_used(folder)


def refuse_gone(folder: Path) -> None:
    """Make a folder that never had backups; refuse where it had some and is gone.

    Raises:
        FolderGone: it is. Nothing was made.
    """
    if gone_from(folder):
        raise FolderGone(
            N_("{folder} is not there since {when}. It had backups, so it is not made anew by itself; nothing was backed up there."),
            folder=str(folder), when=formats.format_relative(note_gone(folder), with_time=True),
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)


def _mount_of(folder: Path) -> str:
    """The top of the disk or share that holds a folder."""
    at = Path(os.path.realpath(folder))
    while at != at.parent and not at.is_mount():
        at = at.parent
    return str(at)


def _since(note: dict[str, Any]) -> datetime | None:
    with contextlib.suppress(ValueError, TypeError):
        return parse_instant(str(note["gone"])) if "gone" in note else None
    return None


def _file() -> Path:
    return paths.data_folder() / "backup_places.json"


def _read() -> _Notes:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {str(name): note for name, note in found.items() if isinstance(note, dict)} if isinstance(found, dict) else {}
    )


def _change(work: Callable[[_Notes], object]) -> None:
    """Change the notes; where this computer's folder takes nothing, nothing is kept in mind."""
    notes = _read()
    work(notes)
    temporary = _file().with_suffix(f".{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(notes, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(temporary, _file())
