"""What makes a list or a card of one record type special. Features fill it in; the generic code reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.records.queries import Link, Record
from ui.records.timeline_data import BesideSource, TimelineSource, read_plain_timeline

Told = Callable[[Any, Any, Sequence[int], int], Mapping[int, tuple[str, bool]]]
"""(database, connection, ids shown, record id) to the words under a title and whether the row is muted, by id."""
FindIds = Callable[[Any, Any, int], Sequence[int]]
"""(database, connection, record id) to the ids of related records."""


@dataclass(frozen=True)
class NextStep:
    """What is to be done next with a record: the activity, its words, when it is due (already in words), if late."""

    activity_id: int
    text: str
    when: str
    late: bool = False


@dataclass(frozen=True)
class Related:
    """A tab of a card that lists other records.

    Attributes:
        entity: the record type listed.
        label: the tab's word, a source text (``N_``).
        link: the field of that type which points to the card's record; or
        find: the ids, where no single field tells.
        columns: the fields shown behind the title.
        values: what a new one starts with: (record id, title) to values by field name.
        badge: the kind of the tab's badge.
        carry: links of the card's record that a new one gets too.
        told: what stands under the titles instead of the columns that hold text.
        wider: the words of a switch, a source text; while it is on, ``find_wider`` tells the ids.
    """

    entity: str
    label: str
    link: str = ""
    find: FindIds | None = None
    columns: tuple[str, ...] = ()
    values: Callable[[int, str], dict[str, Any]] | None = None
    badge: str = "neutral"
    carry: tuple[str, ...] = ()
    told: Told | None = None
    wider: str = ""
    find_wider: FindIds | None = None


@dataclass(frozen=True)
class QuickAction:
    """A button of the card that opens the form of another record: "Schedule", "New deal".

    ``carry`` names links of the card's record that the new one gets too. ``shortcut`` is shown; the lists' commands and
    the record's window install it (see ``SHORTCUTS``).
    """

    entity: str
    label: str
    icon: str
    values: Callable[[int, str], dict[str, Any]]
    carry: tuple[str, ...] = ()

    @property
    def shortcut(self) -> str:
        """The key that does it while the card or its list has the focus."""
        return SHORTCUTS.get(self.entity, "")


SHORTCUTS = {
    "call": "Ctrl+Shift+L", "note": "Ctrl+Shift+N", "activity": "Ctrl+Shift+S", "case": "Ctrl+Shift+O",
    "deal": "Ctrl+Shift+D",
}  # fmt: skip
"""What a card does at one key: log a call, write a note, plan the next step, open a case, make a deal."""


@dataclass(frozen=True)
class Matter:
    """One figure of the strip that says what matters now; a click on it leads to what is behind it.

    Attributes:
        label, value, note: in words; the note is shown where there is room.
        kind: "danger" or "warning" where somebody should look.
        tooltip: everything exactly.
        tab: a part of the card's tab that it leads to, by the record type listed there; or
        record: (record type, id) that it opens.
    """

    key: str
    label: str
    value: str
    note: str = ""
    kind: str = ""
    tooltip: str = ""
    tab: str = ""
    record: tuple[str, int] | None = None


@dataclass(frozen=True)
class Matters:
    """What matters now: the next step and the figures beside it."""

    step: NextStep | None
    figures: tuple[Matter, ...]


@dataclass(frozen=True)
class CallNotes:
    """A call as it was noted down.

    Attributes:
        seconds: how long it took; None where nobody says.
        next_step: what is to be done next, "" for nothing; on ``next_day``, at ``next_time`` where one is given.
    """

    direction: str
    outcome: str | None
    seconds: int | None
    text: str
    next_step: str = ""
    next_day: date | None = None
    next_time: time | None = None


@dataclass(frozen=True)
class CardTab:
    """A tab of a card that a feature builds itself.

    ``make``: (office, navigator, entity name) to a widget with ``set_record(record)``; a signal ``counted(int)`` of it,
    where there is one, becomes the tab's badge. The record is handed over when the tab is shown first.
    ``count``: (connection, entity name, record id) to the number on the badge before that.
    """

    key: str
    label: str
    make: Callable[[Any, Any, str], Any]
    count: Callable[[Any, str, int], int] | None = None


@dataclass(frozen=True)
class CardCommand:
    """An entry of the card's menu: "Merge with…", "Everything we hold…".

    ``run``: (owner widget, office, navigator, record). ``when`` says for which records it is offered. ``needs`` is the
    right to the record that it takes, ``power`` a right to the office.
    """

    key: str
    label: str
    icon: str
    run: Callable[[Any, Any, Any, Record], None]
    shortcut: str = ""
    danger: bool = False
    when: Callable[[Record], bool] | None = None
    needs: str = ""
    power: str = ""


@dataclass(frozen=True)
class BulkCommand:
    """What can be done with the checked records of a list: "Merge…". ``run``: (owner widget, office, navigator, ids).

    It is offered from ``least`` to ``most`` checked records (0: any number), to those who have the right ``needs``.
    """

    key: str
    label: str
    icon: str
    run: Callable[[Any, Any, Any, Sequence[int]], None]
    least: int = 1
    most: int = 0
    needs: str = ""


def first_values(spec: QuickAction | Related, record: Record) -> dict[str, Any]:
    """What a record made from a card starts with."""
    if spec.values is None:
        return {}
    carried = {name: record.values.get(name) for name in spec.carry}
    links = {name: (link.id, link.title) for name, link in carried.items() if isinstance(link, Link)}
    return {**links, **spec.values(record.id, record.title)}


@dataclass(frozen=True)
class CardKit:
    """A card of one record type.

    Attributes:
        facts: the fields of the grid under the header; the first list columns where empty.
        subtitle: fields joined under the title; a link among them can be followed.
        related: the tabs with other records.
        actions: buttons that make other records.
        timeline: reads the timeline; notes and changes where a feature gives none.
        roll_up: the words of the switch that shows also what belongs to the company, or to its people; a source text.
        roll_up_field: the switch is there only where this field is filled.
        next_step: (database, connection, record id) to what is to be done next.
        matters: (database, connection, record id, rolled up) to what matters now, the next step included; takes the
            place of ``next_step``.
        beside: reads pinned notes and the numbers on the chips.
        log_call: (unit of work, record, call): notes a call down, with the next step.
        complete: (unit of work, activity id): ticks the next step off.
        tabs: further tabs that a feature builds, before the files.
        commands: further entries of the card's menu.
        warning: what stands in red beside the name of a record ("Do not contact"), in the language in use; "" for nothing.
        extra: (office, navigator) to a widget with ``set_record(record)`` over the facts, as the stages of a deal.
    """

    facts: tuple[str, ...] = ()
    subtitle: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    actions: tuple[QuickAction, ...] = ()
    timeline: TimelineSource = read_plain_timeline
    roll_up: str = ""
    roll_up_field: str = ""
    next_step: Callable[[Any, Any, int], NextStep | None] | None = None
    matters: Callable[[Any, Any, int, bool], Matters] | None = None
    beside: BesideSource | None = None
    log_call: Callable[[Any, Record, CallNotes], Any] | None = None
    complete: Callable[[Any, int], Any] | None = None
    tabs: tuple[CardTab, ...] = ()
    commands: tuple[CardCommand, ...] = ()
    warning: Callable[[Record], str] | None = None
    extra: Callable[[Any, Any], Any] | None = None


@dataclass(frozen=True)
class ListKit:
    """A page that lists records of one type.

    Attributes:
        page: the page's name, under which its columns are remembered.
        entity: the record type.
        title: the page's title, a source text; the plural of the record type where empty.
        base: what the page is about; not shown as a chip.
        columns: the columns that nobody has changed yet; those of the record type where empty.
        widths: their widths in pixels at 100 %; those of the fields where empty.
        sort: the order that nobody has changed yet; that of the record type where empty.
        values: what a record made on this page starts with.
        views: ready-made tabs after "All": (key, source text, filter).
        empty: (icon, title, text) while there is none at all; source texts.
        steps: up to three (icon, title, text) below it; source texts.
        card: the card beside the list.
        commands: further things to do with the checked records.
    """

    page: str
    entity: str
    title: str = ""
    base: Filter = EVERYTHING
    columns: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    views: tuple[tuple[str, str, Filter], ...] = ()
    empty: tuple[str, str, str] = ("", "", "")
    steps: tuple[tuple[str, str, str], ...] = ()
    card: CardKit = CardKit()
    commands: tuple[BulkCommand, ...] = ()
