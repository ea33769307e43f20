"""The timeline of contacts and companies in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.contacts import queries
from crm_desktop.contacts import timeline_more as more
from crm_desktop.contacts.queries import TimelineItem
from crm_desktop.contacts.timeline_changes import Edit
from crm_desktop.core import formats
from crm_desktop.core.fields import LINK_KINDS
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import mentions
from crm_desktop.records.queries import custom_python
from ui.records.shown import choice_of, choice_text, label_of, plain, text_of
from ui.records.timeline_data import Beside, Entry, Page, Restore, Run, Wanted, words_of_new

_KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": ((), ()), "note": (("note",), ()), "call": (("activity",), ("call",)), "email": (("activity",), ("email",)),
    "meeting": (("activity",), ("meeting", "visit")), "task": (("activity",), ("task",)),
    "activity": (("activity",), ()), "deal": (("deal",), ()), "case": (("case", "message"), ()),
    "file": (("attachment",), ()), "change": (("change",), ()),
}  # fmt: skip
"""What a chip shows: kinds of entries, and of activities."""

_ACTIVITY_LOOKS = {
    "task": ("ph.check-square", 8), "call": ("ph.phone-outgoing", 1), "meeting": ("ph.users", 2),
    "visit": ("ph.map-pin", 2), "email": ("ph.envelope-simple", 7),
}  # fmt: skip
_MOST_EDITS = 6


def read_timeline(database: Any, connection: Any, wanted: Wanted) -> Page:
    """A page of everything about a contact, a company, a deal or a case."""
    kinds, activities = _KINDS.get(wanted.kind, ((), ()))
    page = queries.timeline(
        database, connection, wanted.entity, wanted.record_id, kinds=kinds, activity_kinds=activities,
        text=wanted.text, roll_up=wanted.company, before=wanted.before, limit=wanted.limit,
    )  # fmt: skip
    heads = [item.id for item in page.items if item.kind != "change"]
    comments = more.comments_on(database, connection, heads, wanted.record_id)
    below = [item for some in comments.values() for item in some]
    names = more.names_in(database, connection, [*page.items, *below])
    there = set(heads)
    entries = []
    for item in page.items:
        if item.kind == "note" and item.data.get("reply_to") in there:
            continue  # it was found by its text, and stands below what it comments on
        entries.append(_entry(database.schema, item, names))
        if item.kind != "change":
            entries += [_comment(item.id, one, names) for one in comments.get(item.id, ())]
    return Page(tuple(entries), page.before is not None, page.before)


def read_beside(database: Any, connection: Any, wanted: Wanted) -> Beside:
    """The pinned notes of a customer and those rolled up with it, and how many entries there are of each kind."""
    found = more.beside(database, connection, wanted.entity, wanted.record_id, wanted.company)
    names = more.names_in(database, connection, found.pins)
    counts = found.counts
    cases = counts.get("case", 0)
    told = {"note": counts.get("note", 0), "deal": counts.get("deal", 0), "case": cases,
            "file": counts.get("attachment", 0)}  # fmt: skip
    return Beside(
        tuple(_entry(database.schema, item, names) for item in found.pins),
        {kind: _count(number) for kind, number in told.items() if number},
    )


def _count(number: int) -> str:
    if number >= more.MOST_COUNTED:
        return f"{formats.format_integer(more.MOST_COUNTED)}+"
    return formats.format_integer(number)


def _entry(schema: Any, item: TimelineItem, names: Mapping[int, str]) -> Entry:
    icon, hue, runs, body = _WORDS[item.kind](schema, item)
    link = next(((one.entity, one.id, one.title) for one in item.related if one.entity in ("deal", "case")), None)
    source = ", ".join(one.title for one in item.related if one.entity in ("company", "contact"))
    target = (item.kind, item.id, item.title) if item.kind in ("deal", "case", "activity") else link
    restores = tuple(_restores(item)) if item.kind == "change" else ()
    shown, spans = mentions.readable(body, names) if item.kind == "note" else (body, ())
    return Entry(
        (item.kind, item.id), item.kind, item.at, icon, hue, tuple(run for run in runs if run[0]), shown, link=link,
        target=target, note_id=item.id if item.kind == "note" else 0, pinned=bool(item.data.get("pinned")),
        restores=restores, author=item.author, source=source,
        spans=tuple((start, length) for start, length, _user in spans), text=item.body, about=_about(item),
    )  # fmt: skip


def _about(item: TimelineItem) -> tuple[str, int] | None:
    """What a comment on an entry hangs on."""
    if item.kind == "note":
        entity, record_id = item.data.get("entity"), item.data.get("record_id")
        return (str(entity), int(record_id)) if record_id is not None else None
    if item.kind == "message":
        case_id = item.data.get("case_id")
        return ("case", int(case_id)) if case_id is not None else None
    return (item.kind, item.id) if item.kind in ("activity", "deal", "case", "attachment") else None


def _comment(parent: int, item: TimelineItem, names: Mapping[int, str]) -> Entry:
    shown, spans = mentions.readable(item.body, names)
    return Entry(
        ("note", item.id), "note", item.at, "ph.chat-text", 4, ((item.author, "strong"),), shown, note_id=item.id,
        author=item.author, spans=tuple((start, length) for start, length, _user in spans), text=item.body,
        about=_about(item), parent=parent,
    )  # fmt: skip


Told = tuple[str, int, Sequence[Run], str]


def _note(_schema: Any, item: TimelineItem) -> Told:
    icon, text = (
        ("ph.chat-text", _("commented")) if item.data.get("reply_to") else ("ph.note-pencil", _("wrote a note"))
    )
    runs: list[Run] = [(item.author, "strong"), (text, "body")] if item.author else [(_("Note"), "strong")]
    return icon, 4, runs, item.body


def _activity(schema: Any, item: TimelineItem) -> Told:
    kind = str(item.data.get("kind") or "task")
    icon, hue = _ACTIVITY_LOOKS.get(kind, _ACTIVITY_LOOKS["task"])
    if kind == "call" and item.data.get("direction") == "in":
        icon = "ph.phone-incoming"
    spec = schema.entity("activity")
    parts = []
    if item.data.get("status") == "planned":
        parts.append(_("planned"))
    elif item.data.get("status") == "cancelled":
        parts.append(_("cancelled"))
    outcome = choice_of(spec.field("outcome"), item.data.get("outcome"))
    if outcome is not None:
        parts.append(choice_text(spec.field("outcome"), outcome))
    if item.data.get("duration"):
        parts.append(formats.format_duration(item.data["duration"]))
    tail = " · ".join(parts)
    word = choice_of(spec.field("kind"), kind)
    name = choice_text(spec.field("kind"), word) if word else ""
    runs: list[Run] = [(f"{name}:", "body"), (item.title, "strong"), (f"· {tail}" if tail else "", "muted")]
    who = [(item.author, "strong"), ("·", "muted")] if item.author else []
    return icon, hue, [*who, *runs], item.body


def _deal(_schema: Any, item: TimelineItem) -> Told:
    amount = formats.format_money(item.data.get("amount"), item.data.get("currency"))
    runs: list[Run] = [(_("New deal:"), "body"), (item.title, "strong"), (f"· {amount}" if amount else "", "muted")]
    return "ph.columns", 4, runs, ""


def _case(schema: Any, item: TimelineItem) -> Told:
    status = choice_of(schema.entity("case").field("status"), item.data.get("status"))
    state = choice_text(schema.entity("case").field("status"), status) if status else ""
    text = _("Case {number}:").format(number=item.data.get("number") or "")
    return "ph.lifebuoy", 5, [(text, "body"), (item.title, "strong"), (f"· {state}" if state else "", "muted")], ""


def _message(_schema: Any, item: TimelineItem) -> Told:
    kind = str(item.data.get("kind") or "")
    if kind == "note":
        runs: list[Run] = [(item.author, "strong"), (_("wrote an internal note"), "body")]
        return "ph.lock-simple", 4, runs, item.body
    if kind == "in":
        return "ph.envelope-simple", 7, [(_("Message from the customer"), "body")], item.body
    return "ph.paper-plane-tilt", 1, [(item.author, "strong"), (_("answered"), "body")], item.body


def _attachment(_schema: Any, item: TimelineItem) -> Told:
    size = formats.format_size(item.data.get("size"))
    runs: list[Run] = [
        (item.author, "strong"),
        (_("attached") if item.author else _("Attached"), "body"),
        (item.title, "strong"),
        (f"· {size}", "muted"),
    ]
    return "ph.paperclip", 2, runs, ""


def _change(_schema: Any, item: TimelineItem) -> Told:
    edits: Sequence[Edit] = [one for one in item.data.get("edits") or () if _told(one)]
    who: list[Run] = [(item.author, "strong")] if item.author else []
    if item.data.get("created"):
        icon, hue, text = words_of_new(item.author, bool(item.data.get("came_back")))
        return icon, hue, [*who, (text, "body")], ""
    merged = [
        _("{title} said {label}: {value}").format(title=title, label=label_of(field), value=text_of(field, value))
        for title, kept in item.data.get("merged") or () for field, value in kept
    ]  # fmt: skip
    if len(edits) == 1 and item.data.get("set_kind") != "merge":
        one = edits[0]
        old, new = _old_new(one)
        return (
            "ph.git-diff",
            8,
            [*who, (f"{_label(one)}:", "body"), (old or "–", "muted"), ("→", "body"), (new or "–", "strong")],
            "",
        )
    lines = [
        _("{label}: {old} → {new}").format(label=_label(one), old=o or "–", new=n or "–")
        for one in edits
        for o, n in [_old_new(one)]
    ]
    lines += merged
    left = len(lines) - _MOST_EDITS
    if left > 0:
        lines = [*lines[:_MOST_EDITS], _("and {n} more").format(n=left)]
    return "ph.git-diff", 8, [*who, (item.title or _("Changed outside the program"), "body")], "\n".join(lines)


def _told(one: Edit) -> bool:
    return one.field is None or not one.field.name.startswith("sort_")


def _label(one: Edit) -> str:
    return label_of(one.field) if one.field is not None else translate(one.label)


def _old_new(one: Edit) -> tuple[str, str]:
    if one.field is None:
        return str(one.old or ""), str(one.new or "")
    old, new = one.old, one.new
    if one.field.custom and one.field.kind not in LINK_KINDS:
        old, new = custom_python(one.field, old), custom_python(one.field, new)
    return text_of(one.field, old), text_of(one.field, new)


def _restores(item: TimelineItem) -> list[Restore]:
    """What of a change can be brought back: fields of the record itself."""
    edits: Sequence[Edit] = item.data.get("edits") or ()
    return [
        Restore(one.name, _label(one), plain(one.field, one.old), _old_new(one)[0]) for one in edits
        if one.field is not None and not one.field.system and one.entity in ("contact", "company")
    ]  # fmt: skip


_WORDS = {
    "note": _note, "activity": _activity, "deal": _deal, "case": _case, "message": _message, "attachment": _attachment,
    "change": _change,
}  # fmt: skip
