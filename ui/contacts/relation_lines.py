"""Relations as rows of lists and as nodes of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from crm_desktop.contacts.relations_queries import Branch, Person, Place, Surroundings, Tie
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from ui.contacts.relation_graph import Node
from ui.theme.theme import px
from ui.widgets.roles import Role
from ui.widgets.two_line import Index, Line, TwoLineDelegate, TwoLineList

_MENU = "ph.dots-three"


@dataclass(frozen=True)
class Key:
    """What a row stands for: the other record, and what ties it."""

    entity: str
    record_id: int
    place: Place | None = None
    tie: Tie | None = None
    indent: int = 0


class _Indented(TwoLineDelegate):
    """Rows of a tree: each level a little further in."""

    def _leading(self, painter: QPainter, rect: QRect, index: Index, left: int) -> int:
        return super()._leading(
            painter, rect, index, left + px(20) * min(getattr(index.data(Role.KEY), "indent", 0), 6)
        )


def _identity(key: Any) -> Any:
    """What a row stands for, whatever a colleague changed in it."""
    if not isinstance(key, Key):
        return getattr(key, "id", key)
    place, tie = key.place, key.tie
    which = (tie.relationship_id if tie else 0, (place.main or place.affiliation_id) if place else 0)
    return key.entity, key.record_id, which


class RelationList(TwoLineList):
    """The rows of one group, as high as its rows."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self.identity = _identity
        self._painter = _Indented(self, 48)
        self._painter.padding = 24
        self.setItemDelegate(self._painter)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_lines(self, lines: Sequence[Line]) -> None:
        """Show these rows."""
        if list(lines) != self.lines():
            super().set_lines(lines)
        self.setFixedHeight(self.content_height())


def period(since: date | None, until: date | None) -> str:
    """ "since 03/2020", "2010 – 2015" in short."""
    if since and until:
        return _("{since} – {until}").format(since=formats.format_date(since), until=formats.format_date(until))
    if since:
        return _("since {day}").format(day=formats.format_date(since))
    return _("until {day}").format(day=formats.format_date(until)) if until else ""


def place_line(place: Place) -> Line:
    """A company of a person, or a person of a company; what has ended is muted."""
    words = [place.role, period(place.since, place.until), place.note]
    badge = (_("Main company"), "accent", "") if place.main else None if place.current else (_("Former"), "neutral", "")
    return _dressed(
        Key(place.entity, place.record_id, place=place), place.title, words, muted=not place.current, badge=badge
    )


def tie_line(tie: Tie) -> Line:
    """A relationship: who, and as what."""
    words = [translate(tie.word), period(tie.since, None), tie.note]
    return _dressed(Key(tie.entity, tie.record_id, tie=tie), tie.title, words)


def person_line(person: Person) -> Line:
    """Somebody of a company; only what stands in a list of its own can be edited."""
    place = None
    if person.affiliation_id:
        place = Place(
            person.affiliation_id, "contact", person.contact_id, person.name, person.role, person.since, person.until,
            person.note, False, person.current,
        )  # fmt: skip
    words = [person.role, period(person.since, person.until), person.note]
    badge = None if person.current else (_("Former"), "neutral", "")
    key = Key("contact", person.contact_id, place=place)
    return _dressed(key, person.name, words, muted=not person.current, badge=badge)


def person_words(people: Sequence[Person], ids: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """What the list of a company's people says of those who are there besides or were there once, and of branches."""
    shown = set(ids)
    told: dict[int, tuple[str, bool]] = {}
    for one in people:
        if one.contact_id not in shown or (one.main and not one.branch):
            continue
        former = "" if one.current else _("Former")
        words = [one.role, former, period(one.since, one.until), one.branch]
        told.setdefault(one.contact_id, (" · ".join(filter(None, words)), not one.current))
    return told


def parent_line(company_id: int, name: str) -> Line:
    """The company above."""
    return _dressed(Key("company", company_id), name, [_("Parent company")], menu=False)


def branch_line(branch: Branch) -> Line:
    """A branch, with its people and open deals."""
    words = [branch.city]
    if branch.people:
        words.append(ngettext("{n} person", "{n} people", branch.people).format(n=branch.people))
    if branch.open_deals:
        words.append(ngettext("{n} open deal", "{n} open deals", branch.open_deals).format(n=branch.open_deals))
    key = Key("company", branch.company_id, indent=branch.depth - 1)
    return _dressed(key, branch.name, words or [_("Branch")], menu=False)


def _dressed(
    key: Key, title: str, words: Sequence[str], *, muted: bool = False, badge: tuple[str, str, str] | None = None,
    menu: bool = True,
) -> Line:  # fmt: skip
    person = key.entity == "contact"
    return Line(
        key, title, " · ".join(word for word in words if word), avatar=title if person else "",
        icon="" if person else "ph.buildings", title_color="text-muted" if muted else "text", badge=badge,
        button=_MENU if menu and (key.place or key.tie) else "",
    )  # fmt: skip


def nodes(around: Surroundings, people: Sequence[Person] = ()) -> list[Node]:
    """Everybody around as nodes, the nearest first: relationships, current companies, the family of companies, people."""
    found = [Node(one.entity, one.record_id, one.title, translate(one.word), more=_more(one.since, None, one.note))
             for one in around.ties]  # fmt: skip
    places = [
        Node(one.entity, one.record_id, one.title, one.role or (_("Company") if one.entity == "company" else _("Person")),
             not one.current, _more(one.since, one.until, one.note))
        for one in around.places
    ]  # fmt: skip
    found += [one for one in places if not one.former]
    found += [Node("company", identity, name, _("Parent company")) for identity, name in around.parents[:1]]
    found += [
        Node("company", one.company_id, one.name, _("Branch"), more=one.city)
        for one in around.branches
        if one.depth == 1
    ]
    found += [Node("contact", one.contact_id, one.name, one.role or _("Person")) for one in people if one.main]
    found += [one for one in places if one.former]
    once: dict[tuple[str, int, str], Node] = {}
    for one in found:
        once.setdefault((one.entity, one.record_id, one.word), one)
    return list(once.values())


def _more(since: date | None, until: date | None, note: str) -> str:
    return " · ".join(filter(None, (period(since, until), note)))
