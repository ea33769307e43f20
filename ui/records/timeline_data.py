"""Entries of a timeline, and the plain source of them: notes and the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from crm_desktop.core.i18n import _
from crm_desktop.records import attach_service, custom, history, mentions, queries
from crm_desktop.records.history import ChangeEntry, FieldChange
from ui.records.shown import label_of, text_of

Run = tuple[str, str]
"""(text, "strong" | "body" | "muted")"""


@dataclass(frozen=True)
class Restore:
    """A field of a change that can be given its old value back."""

    field: str
    label: str
    old: Any
    old_text: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Attributes:
        key: tells entries apart; also the place from which the next page is read.
        kind: "note", "activity", "deal", "case", "change", "file" ...: the chip it belongs to.
        runs: the first line, in parts.
        body: the text below, several lines.
        link: (record type, id, text) of what it belongs to, shown below.
        target: (record type, id, text) of what it is itself, opened by Enter and double click.
        note_id: of a note, which can be edited, pinned and deleted.
        restores: of a change, the values that can be brought back.
        source: from which other record it comes, where it was rolled up.
        spans: (start, length) of the colleagues named in ``body``.
        text: of a note its text as it is stored, for the editor.
        about: (record type, id) of what a comment on it hangs on; None where there is nothing to comment.
        parent: of a comment the id of what it comments on; else 0.
    """

    key: tuple[str, int]
    kind: str
    at: datetime
    icon: str
    hue: int
    runs: tuple[Run, ...]
    body: str = ""
    link: tuple[str, int, str] | None = None
    target: tuple[str, int, str] | None = None
    note_id: int = 0
    pinned: bool = False
    restores: tuple[Restore, ...] = ()
    author: str = ""
    source: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    text: str = ""
    about: tuple[str, int] | None = None
    parent: int = 0

    @property
    def thread(self) -> int:
        """The id of the entry at the head of its comments."""
        return self.parent or self.key[1]


@dataclass(frozen=True)
class Page:
    """A page of a timeline, newest first; ``more`` where older entries are left."""

    entries: tuple[Entry, ...]
    more: bool
    before: Any = None


@dataclass(frozen=True)
class Wanted:
    """What to read: of which record, older than what, of which kind ("" for all), with which text in it."""

    entity: str
    record_id: int
    before: Any = None
    kind: str = ""
    text: str = ""
    company: bool = False
    limit: int = 50


@dataclass(frozen=True)
class Beside:
    """What stands beside the entries: pinned notes, and the numbers on the chips by kind ("1,000+")."""

    pins: tuple[Entry, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)


BesideSource = Callable[[Any, Any, Wanted], Beside]
"""(database, connection, what) to what stands beside the timeline of that record."""

TimelineSource = Callable[[Any, Any, Wanted], Page]
"""(database, connection, what) to a page."""


def read_plain_timeline(database: Any, connection: Any, wanted: Wanted) -> Page:
    """Notes and changes of a record, for record types whose feature has no timeline of its own."""
    entries: list[Entry] = []
    if wanted.before is None and wanted.kind in ("", "note"):
        entries += note_entries(database, connection, wanted.record_id)
    more, last = False, None
    if wanted.kind in ("", "change"):
        changes = history.record_history(
            database, connection, wanted.entity, wanted.record_id, limit=wanted.limit, before=wanted.before,
            fields=custom.fields_of(database, wanted.entity, connection),
        )  # fmt: skip
        more, last = len(changes) == wanted.limit, changes[-1].id if changes else None
        entries += change_entries(database, connection, wanted.entity, changes)
    if wanted.text:
        entries = [one for one in entries if matches(one, wanted.text)]
    return Page(tuple(threads(entries)), more, last)


def matches(entry: Entry, text: str) -> bool:
    """Whether a text stands in an entry."""
    whole = " ".join([*(run for run, _role in entry.runs), entry.body]).casefold()
    return text.casefold() in whole


def note_entries(database: Any, connection: Any, record_id: int) -> list[Entry]:
    """The notes of a record, each followed by the comments on it."""
    notes = attach_service.notes_of(connection, record_id)
    named = mentions.users_in(str(note["body"]) for note in notes)
    people = _people(database, connection, [*(note["created_by"] for note in notes), *named])
    entries = []
    for note in notes:
        who = people.get(note["created_by"], "")  # type: ignore[call-overload]
        shown, spans = mentions.readable(str(note["body"]), people)
        entries.append(Entry(
            ("note", int(note["id"])), "note", note["created_at"], "ph.note-pencil", 4,  # type: ignore[arg-type, call-overload]
            ((who, "strong"), (_("wrote a note"), "body")) if who else ((_("Note"), "strong"),),
            shown, note_id=int(note["id"]), pinned=bool(note["pinned"]), author=who,  # type: ignore[call-overload]
            spans=tuple((start, length) for start, length, _user in spans), text=str(note["body"]),
            about=(str(note["entity"]), record_id), parent=int(note["reply_to"] or 0),  # type: ignore[call-overload]
        ))  # fmt: skip
    return entries


def threads(entries: Sequence[Entry]) -> list[Entry]:
    """Entries newest first, each followed by the comments on it, oldest first; a comment alone stands as an entry."""
    heads = [one for one in entries if not one.parent]
    there = {one.key[1] for one in heads}
    below: dict[int, list[Entry]] = {}
    for one in entries:
        if one.parent in there:
            below.setdefault(one.parent, []).append(one)
        elif one.parent:
            heads.append(replace(one, parent=0))
    heads.sort(key=lambda one: one.at, reverse=True)
    return [
        entry
        for head in heads
        for entry in (head, *sorted(below.get(head.key[1], ()), key=lambda one: (one.at, one.key)))
    ]


def _people(database: Any, connection: Any, ids: Sequence[Any]) -> dict[int, str]:
    return queries.titles(database.schema, connection, "user", {one for one in ids if one is not None})


_QUIET_TABLES = frozenset({"note", "attachment_revision", "activity_link"})


def change_entries(database: Any, connection: Any, entity: str, changes: Sequence[ChangeEntry]) -> list[Entry]:
    """Changes as entries: one per change set, so that a form saved at once reads as one thing."""
    spec = database.schema.entity(entity)
    fields = {one.name: one for one in custom.fields_of(database, entity, connection)}
    entries: dict[Any, list[ChangeEntry]] = {}
    for one in changes:
        if one.table not in _QUIET_TABLES:
            entries.setdefault(one.change_set_id or ("outside", one.id), []).append(one)
    result = []
    for group in entries.values():
        first = group[0]
        own = [one for one in group if one.table == spec.table]
        result.append(_change_entry(database, connection, fields, first, own))
    return result


def _change_entry(
    database: Any, connection: Any, fields: dict[str, Any], first: ChangeEntry, own: list[ChangeEntry]
) -> Entry:
    lines, restores = [], []
    for one in own:
        for change in one.fields:
            field = fields.get(change.name)
            if field is None or field.system:
                continue
            old, new = _words(database, connection, field, change)
            lines.append(f"{label_of(field)}: {old or '–'} → {new or '–'}")
            restores.append(Restore(change.name, label_of(field), change.old, old))
    icon, hue, title = "ph.git-diff", 8, first.title
    if any(one.op == "I" for one in own):
        back = history.came_back(first.kind, own[0].record_id, first.change_set_id)
        icon, hue, title = words_of_new(first.user_name, back)
    runs: tuple[Run, ...] = ((first.user_name, "strong"), (title, "body")) if first.user_name else ((title, "strong"),)
    return Entry(
        ("change", first.id), "change", first.at, icon, hue, runs, "\n".join(lines), restores=tuple(restores),  # type: ignore[arg-type]
        author=first.user_name,
    )  # fmt: skip


def words_of_new(who: str, came_back: bool) -> tuple[str, int, str]:
    """How a change is told that made the record: the icon, its hue, the words.

    Args:
        who: whose name stands before the words; "" where nobody's does.
        came_back: whether the record had been there before.
    """
    if came_back:
        return "ph.arrow-u-up-left", 3, _("restored this record") if who else _("Restored this record")
    return "ph.plus-circle", 3, _("created this record") if who else _("Created this record")


def _words(database: Any, connection: Any, field: Any, change: FieldChange) -> tuple[str, str]:
    rows: list[dict[str, Any]] = [{field.name: change.old}, {field.name: change.new}]
    queries.resolve_links(database.schema, connection, [field], rows)
    if field.custom:
        rows = [{field.name: queries.custom_python(field, row[field.name])} for row in rows]
    return text_of(field, rows[0][field.name]), text_of(field, rows[1][field.name])
