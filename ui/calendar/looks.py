"""How the types of activities look: icon and hue; and records of the calendar as the views draw them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from crm_desktop.calendar.activity import KINDS
from crm_desktop.calendar.queries import Event, Member, Task
from crm_desktop.core.i18n import _, translate
from ui.calendar.items import CalendarItem
from ui.calendar.people_panel import Person
from ui.calendar.tasks_panel import TaskItem
from ui.widgets.avatar import hue_of

Key = tuple[int, datetime | None]
"""Which event: the id of its activity and, in a series, the wall time the rule gave it."""

KIND_ICONS = {
    "task": "ph.check-square",
    "call": "ph.phone",
    "meeting": "ph.users",
    "visit": "ph.map-pin",
    "email": "ph.envelope-simple",
}
_HUES = {kind.key: kind.hue for kind in KINDS}
_LABELS = {kind.key: kind.label for kind in KINDS}


def kind_label(kind: str) -> str:
    """The name of a type of activity."""
    return translate(_LABELS[kind]) if kind in _LABELS else kind


def kind_icon(kind: str) -> str:
    """The icon of a type of activity."""
    return KIND_ICONS.get(kind, "ph.calendar-blank")


def legend() -> list[tuple[str, int, str]]:
    """Name, hue and icon of every type that appears among the hours."""
    return [(kind_label(kind), _HUES[kind], kind_icon(kind)) for kind in ("visit", "call", "meeting", "task")]


def item_of(event: Event, members: Mapping[int, Member], *, people: bool) -> CalendarItem:
    """An event as the views draw it; with ``people`` its edge has the hue of its person."""
    member = members.get(event.owner_id or 0)
    about = ", ".join(link.title for link in event.links) or event.place
    return CalendarItem(
        key=(event.activity_id, event.recurrence_id),
        title=event.subject or _("Without a subject"),
        subtitle=about,
        start=event.start,
        end=event.end,
        all_day=event.all_day,
        kind=kind_label(event.kind),
        hue_person=member_hue(member) if people and member is not None else 0,
        done=event.done,
        recurring=event.recurring,
        color_index=_HUES.get(event.kind, 8),
        icon=kind_icon(event.kind),
    )


def task_of(task: Task) -> TaskItem:
    """A task as the panel draws it."""
    about = ", ".join(link.title for link in task.links)
    return TaskItem(task.id, task.subject or _("Without a subject"), about, task.due, task.due_time)


def member_hue(member: Member) -> int:
    """The hue of a person: the chosen one, or that of the name."""
    return member.hue or hue_of(member.name)


def people_of(members: Collection[Member], hidden: Collection[int]) -> list[Person]:
    """The people to tick."""
    return [Person(one.id, one.name, member_hue(one), one.id not in hidden) for one in members]


def as_key(value: Any) -> Key:
    """The key that the views hand back."""
    activity_id, recurrence_id = value
    return int(activity_id), recurrence_id
