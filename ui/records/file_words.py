"""Icons and sentences about files."""

from __future__ import annotations

from pathlib import Path

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.records.files_service import FileRow

_ICONS = {
    "application/pdf": "ph.file-pdf", "text/csv": "ph.file-text", "application/zip": "ph.archive",
    "text/plain": "ph.file-text", "message/rfc822": "ph.envelope-simple",
    "application/vnd.ms-outlook": "ph.envelope-simple", "text/vcard": "ph.user", "text/calendar": "ph.calendar-blank",
}  # fmt: skip
_STEMS = (("image/", "ph.image"), ("audio/", "ph.speaker-high"), ("video/", "ph.film-strip"), ("text/", "ph.file-text"))
_WORDS = (("word", "ph.file-text"), ("sheet", "ph.table"), ("excel", "ph.table"), ("presentation", "ph.presentation"))
_PROGRAMS = frozenset(
    ".exe .bat .cmd .com .scr .pif .msi .js .jse .vbs .vbe .wsf .ps1 .sh .jar .desktop .app .command .lnk .hta".split()
)


def file_icon(media_type: str) -> str:
    """The icon of a kind of file."""
    if media_type in _ICONS:
        return _ICONS[media_type]
    for start, name in _STEMS:
        if media_type.startswith(start):
            return name
    return next((name for word, name in _WORDS if word in media_type), "ph.file")


def is_program(name: str) -> bool:
    """Whether opening a file of this name would run it."""
    return Path(name).suffix.lower() in _PROGRAMS


def facts_of(row: FileRow) -> str:
    """Size, when and by whom it was changed, the revision, why."""
    parts = [formats.format_size(row.size), formats.format_relative(row.changed_at)]
    if row.changed_by:
        parts.append(row.changed_by)
    if row.revision > 1:
        parts.append(_("revision {n}").format(n=row.revision))
    if row.comment:
        parts.append(f"“{row.comment}”")
    return " · ".join(parts)


def editing_words(row: FileRow, me: int | None) -> str:
    """Who marked a file as being edited; empty where nobody did."""
    if row.editing_since is None:
        return ""
    since = formats.format_relative(row.editing_since, with_time=True)
    if row.editor_id is not None and row.editor_id == me:
        return _("Being edited by you since {time}").format(time=since)
    return _("Being edited by {name} since {time}").format(name=row.editor or _("somebody"), time=since)
