"""Notices in words, as lines of a list: who did what, with which record, when."""

from __future__ import annotations

from typing import Any

from crm_desktop.core import clock
from crm_desktop.core.formats import format_datetime, format_integer, format_relative, format_time
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records.notice_list import Notice
from ui.records.saving import plural_text
from ui.widgets.two_line import Line

ICONS = {
    "given": "ph.user-plus", "taken": "ph.arrow-right", "mention": "ph.at", "message": "ph.chat-text",
    "note": "ph.note-pencil", "reopened": "ph.arrow-counter-clockwise",
    "history": "ph.clock-counter-clockwise", "vanished": "ph.warning",
}  # fmt: skip


def notice_text(schema: Any, one: Notice) -> str:
    """A notice in one sentence: "Bea gave you 40 contacts"."""
    who = one.by or _("Somebody")
    if one.kind == "history":
        return ngettext(
            "{n} old entry of the history was let go", "{n} old entries of the history were let go", one.count
        ).format(n=format_integer(one.count))
    if one.kind == "vanished":
        what = plural_text(schema.entity(one.entity), one.count)
        if one.change_set_id is None:
            return _("{what} were deleted outside the program, {share} % of all").format(what=what, share=one.title)
        return _("{who} took {what} away at once, {share} % of all").format(who=who, what=what, share=one.title)
    if one.count > 1:
        what = plural_text(schema.entity(one.entity), one.count)
        texts = {
            "given": _("{who} gave you {what}"),
            "taken": _("{who} gave {what} of yours to {about}"),
            "message": _("{who} wrote in {what} of yours"),
            "note": _("{who} wrote notes on {what} of yours"),
            "reopened": _("{who} reopened {what} of yours"),
        }
    else:
        what = one.title or _("a record")
        texts = {
            "given": _("{who} gave you {what}"),
            "taken": _("{who} gave {what} to {about}"),
            "mention": _("{who} named you on {what}"),
            "message": _("{who} wrote in {what}"),
            "note": _("{who} wrote a note on {what}"),
            "reopened": _("{who} reopened {what}"),
        }
    return texts[one.kind].format(who=who, what=what, about=one.about or _("somebody else"))


def notice_line(schema: Any, one: Notice) -> Line:
    """A notice as a line; unread ones are strong and have a mark."""
    local = one.at.astimezone(clock.local_zone())
    when = format_time(one.at) if local.date() == clock.today() else format_relative(local.date())
    text = notice_text(schema, one)
    kind = schema.entities[one.entity].label if one.entity in schema.entities else ""
    under = " ".join(one.body.split()) or (translate(kind) if kind and one.count == 1 else "")
    return Line(
        one.key, text, under, avatar=one.by or "?", title_font="body" if one.read else "strong",
        title_color="text-muted" if one.read else "text",
        badge=(when, "neutral" if one.read else "accent", ICONS[one.kind]),
        tooltip=f"{text}\n{format_datetime(one.at, 'full')}" + (f"\n{one.body}" if one.body else ""),
    )  # fmt: skip
