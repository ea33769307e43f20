"""What is dropped on a card or a list: files from the desktop, and e-mails and attachments from mail programs."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QWidget

from crm_desktop.core.i18n import _
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.drop_kinds import DropTarget
from ui.records.files_attach import Done, accepted, attach_paths

_DESCRIPTOR = 'application/x-qt-windows-mime;value="FileGroupDescriptorW"'
_CONTENTS = 'application/x-qt-windows-mime;value="FileContents";index={index}'
_ENTRY, _NAME_AT = 592, 72
_MOST_VIRTUAL = 50
_PROMISES = ("application/x-moz-file-promise", "text/x-moz-message", "text/x-moz-url", "application/x-moz-nativeimage")


def can_take(data: QMimeData) -> bool:
    """Whether something dragged may be files; decided by the formats alone, without reading anything."""
    if data.hasUrls() or data.hasFormat("message/rfc822") or data.hasFormat(_DESCRIPTOR):
        return True
    return any(data.hasFormat(name) for name in _PROMISES)


def take_drop(
    owner: QWidget, office: Office, navigator: Navigator, data: QMimeData, target: DropTarget, done: Done = None
) -> None:  # fmt: skip
    """Take what was dropped: e-mails, cards and appointments by those who know them, everything else as a file."""
    paths = paths_of(data)
    if not paths:
        dialogs.show_message(
            owner, _("The file itself did not come along"),
            _("The other program only gave a reference. Save the e-mail or file to a folder, and drop it from there."),
        )  # fmt: skip
        return
    take_paths(owner, office, navigator, paths, target, done)


def take_paths(
    owner: QWidget, office: Office, navigator: Navigator, paths: Sequence[Path], target: DropTarget, done: Done = None
) -> None:  # fmt: skip
    """The same for files whose paths are known."""
    rest = list(paths)
    for handler in office.drop_handlers:
        if target.record_id is None and not handler.lists:
            continue
        own = [path for path in rest if path.suffix.lower() in handler.endings and path.is_file()]
        if own:
            rest = [path for path in rest if path not in own]
            handler.take(owner, office, navigator, own, target, done)
    if not rest:
        return
    if target.record_id is not None:
        attach_paths(owner, office, target.entity, target.record_id, rest, done)
    elif accepted(owner, rest):
        dialogs.show_message(
            owner, _("To which record?"), _("Drop files on a row of the list, or on the card beside it.")
        )


def paths_of(data: QMimeData) -> list[Path]:
    """The files that something dragged stands for; those that only a mail program has are written to scratch files."""
    local = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if local:
        return local
    if data.hasFormat(_DESCRIPTOR):
        return _virtual_files(data)
    if data.hasFormat("message/rfc822"):
        content = bytes(data.data("message/rfc822").data())
        return [_written("message.eml", content)] if content else []
    return []


def _virtual_files(data: QMimeData) -> list[Path]:
    """The files of Windows' FILEGROUPDESCRIPTORW, as mail programs offer attachments.

    Classic Outlook gives a whole message as a structured storage, which Qt does not hand on: such a file is empty here
    and left out. Attachments, and the messages of other programs, come as streams.
    """
    raw = bytes(data.data(_DESCRIPTOR).data())
    count = struct.unpack_from("<I", raw)[0] if len(raw) >= 4 else 0
    paths = []
    for index in range(min(count, _MOST_VIRTUAL)):
        start = 4 + index * _ENTRY + _NAME_AT
        name = raw[start : start + 520].decode("utf-16-le", "replace").split("\x00", 1)[0]
        content = bytes(data.data(_CONTENTS.format(index=index)).data())
        if name and content:
            paths.append(_written(name, content))
    return paths


def _written(name: str, content: bytes) -> Path:
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    path = scratch_folder("drop") / ("".join("_" if sign in ':*?"<>|' else sign for sign in bare).strip(" .") or "file")
    path.write_bytes(content)
    return path
