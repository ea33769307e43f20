"""Reads of how people and companies belong together: everybody around a record, and the people of a company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.relation_words import FAMILY, relation_word
from crm_desktop.core import clock
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base

DEEPEST = 12
"""Levels of branches that are followed; it also ends a circle that an import or another program left behind."""
MOST_BRANCHES = 300
MOST_PEOPLE = 500
_PART = 500


@dataclass(frozen=True)
class Place:
    """A company of a person, or a person of a company.

    Attributes:
        affiliation_id: 0 for the main company where no period is written down.
        entity, record_id, title: the other one.
        main: it is the person's main company.
        current: it has not ended.
    """

    affiliation_id: int
    entity: str
    record_id: int
    title: str
    role: str
    since: date | None
    until: date | None
    note: str
    main: bool
    current: bool


@dataclass(frozen=True)
class Tie:
    """A relationship as seen from one side. ``word`` (source text) stands beside the other one: "Accountant"."""

    relationship_id: int
    entity: str
    record_id: int
    title: str
    kind: str
    backward: bool
    since: date | None
    note: str

    @property
    def word(self) -> str:
        """What the other one is, as a source text."""
        return relation_word(self.kind, self.backward)

    @property
    def family(self) -> bool:
        """Whether it is private: family and friends."""
        return self.kind in FAMILY


@dataclass(frozen=True)
class Branch:
    """A company below another one: how deep, its people and its open deals."""

    company_id: int
    name: str
    parent_id: int
    depth: int
    city: str
    people: int
    open_deals: int


@dataclass(frozen=True)
class Surroundings:
    """Everybody around a record.

    Attributes:
        places: a person's companies: the main one, further ones, former ones; a company's affiliated people.
        colleagues: how many others have the same main company; of a company, how many people have it as main one.
        ties: relationships, both ways.
        parents: the companies above, the nearest first.
        branches: the companies below, in the order of a tree.
    """

    places: tuple[Place, ...] = ()
    colleagues: int = 0
    ties: tuple[Tie, ...] = ()
    parents: tuple[tuple[int, str], ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def count(self) -> int:
        """How many are around: for the badge of a tab."""
        return len(self.places) + len(self.ties) + len(self.parents[:1]) + len(self.branches)


@dataclass(frozen=True)
class Person:
    """Somebody of a company. ``branch`` is the name of the branch, empty for the company itself."""

    contact_id: int
    name: str
    role: str
    affiliation_id: int
    current: bool
    main: bool
    since: date | None = None
    until: date | None = None
    branch: str = ""
    note: str = ""


def around(connection: sa.Connection, entity: str, record_id: int) -> Surroundings:
    """Everybody around a contact or a company; empty where the record is gone."""
    ties = tuple(ties_of(connection, record_id))
    if entity == "contact":
        contact = _tables()[0]
        main = connection.execute(sa.select(contact.c.company_id).where(contact.c.id == record_id)).scalar()
        return Surroundings(
            tuple(places_of_person(connection, record_id)),
            max(_people_count(connection, [main]).get(main, 0) - 1, 0) if main else 0, ties,
        )  # fmt: skip
    return Surroundings(
        tuple(places_of_company(connection, record_id)), _people_count(connection, [record_id]).get(record_id, 0), ties,
        tuple(ancestors_of(connection, record_id)), tuple(branches_of(connection, record_id)),
    )  # fmt: skip


def count_around(connection: sa.Connection, entity: str, record_id: int) -> int:
    """How many are around a record, as :attr:`Surroundings.count` says, without reading who they are."""
    table = Base.metadata.tables["relationship"]
    ends = sa.or_(table.c.from_id == record_id, table.c.to_id == record_id)
    ties = int(connection.execute(sa.select(sa.func.count()).select_from(table).where(ends)).scalar_one())
    if entity == "contact":
        return ties + len(places_of_person(connection, record_id))
    parents = len(ancestors_of(connection, record_id)[:1])
    return ties + len(places_of_company(connection, record_id)) + parents + len(branch_ids(connection, record_id))


def places_of_person(connection: sa.Connection, contact_id: int) -> list[Place]:
    """The companies of a person: the main one first, then the current ones, then the former ones, newest first."""
    contact, company, affiliation = _tables()
    statement = sa.select(contact.c.company_id, contact.c.job_title, company.c.name)
    joined = statement.outerjoin(company, company.c.id == contact.c.company_id)
    row = connection.execute(joined.where(contact.c.id == contact_id)).first()
    if row is None:
        return []
    listed = sa.select(affiliation, company.c.name).join(company, company.c.id == affiliation.c.company_id)
    places, held = [], None
    for found in connection.execute(listed.where(affiliation.c.contact_id == contact_id)).mappings():
        place = _place("company", found, "company_id")
        if place.current and place.record_id == row.company_id and held is None:
            held = place
        else:
            places.append(place)
    places.sort(key=_order)
    if row.company_id is None:
        return places
    main = Place(
        held.affiliation_id if held else 0, "company", row.company_id, row.name or "", row.job_title or "",
        held.since if held else None, None, held.note if held else "", True, True,
    )  # fmt: skip
    return [main, *places]


def places_of_company(connection: sa.Connection, company_id: int) -> list[Place]:
    """The people who work or worked for a company besides those who have it as their main one."""
    contact, _company, affiliation = _tables()
    statement = sa.select(affiliation, contact.c.name, contact.c.company_id.label("main_id"))
    joined = statement.join(contact, contact.c.id == affiliation.c.contact_id)
    found = connection.execute(joined.where(affiliation.c.company_id == company_id)).mappings()
    places = [
        place
        for row in found
        for place in (_place("contact", row, "contact_id"),)
        if not (place.current and row["main_id"] == company_id)
    ]
    return sorted(places, key=_order)


def _place(entity: str, row: Any, column: str) -> Place:
    current = row["until"] is None or row["until"] >= clock.today()
    return Place(
        row["id"], entity, row[column], row["name"] or "", row["role"] or "", row["since"], row["until"],
        row["note"] or "", False, current,
    )  # fmt: skip


def _order(place: Place) -> tuple[bool, int, str]:
    day = place.since if place.current else place.until
    return not place.current, -(day or date.min).toordinal(), fold(place.title)


def ties_of(connection: sa.Connection, record_id: int) -> list[Tie]:
    """The relationships of a record, both ways, family first."""
    table = Base.metadata.tables["relationship"]
    ends = sa.union_all(
        sa.select(table, sa.false().label("backward")).where(table.c.from_id == record_id),
        sa.select(table, sa.true().label("backward")).where(table.c.to_id == record_id),
    )
    rows = connection.execute(ends).mappings().all()
    names = _names(connection, {_other(row) for row in rows})
    ties = [
        Tie(row["id"], *_other(row), names[_other(row)], row["kind"], bool(row["backward"]), row["since"], row["note"] or "")
        for row in rows
        if _other(row) in names
    ]  # fmt: skip
    return sorted(ties, key=lambda one: (not one.family, fold(one.title), one.relationship_id))


def _other(row: Any) -> tuple[str, int]:
    side = "from" if row["backward"] else "to"
    return row[f"{side}_entity"], row[f"{side}_id"]


def _names(connection: sa.Connection, pairs: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    result: dict[tuple[str, int], str] = {}
    chosen = list(pairs)
    for entity in ("contact", "company"):
        table = Base.metadata.tables[entity]
        ids = [identity for name, identity in chosen if name == entity]
        for start in range(0, len(ids), _PART):
            statement = sa.select(table.c.id, table.c.name).where(table.c.id.in_(ids[start : start + _PART]))
            result |= {(entity, identity): name or "" for identity, name in connection.execute(statement)}
    return result


def ancestors_of(connection: sa.Connection, company_id: int) -> list[tuple[int, str]]:
    """(id, name) of the companies above one, the nearest first; each once, whatever the links say."""
    company = Base.metadata.tables["company"]
    start = sa.select(company.c.parent_id.label("id"), sa.literal(1).label("depth")).where(company.c.id == company_id)
    above = start.cte("above", recursive=True)
    further = sa.select(company.c.parent_id, above.c.depth + 1).join(above, company.c.id == above.c.id)
    above = above.union_all(further.where(above.c.depth < DEEPEST, company.c.parent_id.isnot(None)))
    statement = sa.select(company.c.id, company.c.name, above.c.depth).join(above, company.c.id == above.c.id)
    result: dict[int, str] = {}
    for identity, name, _depth in connection.execute(statement.order_by(above.c.depth)):
        if identity != company_id:
            result.setdefault(identity, name or "")
    return list(result.items())


def branch_ids(connection: sa.Connection, company_id: int, limit: int = MOST_BRANCHES) -> dict[int, tuple[int, int]]:
    """Ids of the companies below one to (parent, depth from 1), the nearest first; each once, itself never."""
    company = Base.metadata.tables["company"]
    start = sa.select(company.c.id, company.c.parent_id, sa.literal(1).label("depth"))
    below = start.where(company.c.parent_id == company_id).cte("below", recursive=True)
    further = sa.select(company.c.id, company.c.parent_id, below.c.depth + 1).join(
        below, company.c.parent_id == below.c.id
    )
    below = below.union_all(further.where(below.c.depth < DEEPEST, company.c.id != company_id))
    result: dict[int, tuple[int, int]] = {}
    statement = sa.select(below.c.id, below.c.parent_id, below.c.depth).order_by(below.c.depth, below.c.id)
    for identity, parent, depth in connection.execute(statement.limit(limit * 2)):
        if identity != company_id and len(result) < limit:
            result.setdefault(identity, (parent, depth))
    return result


def branches_of(connection: sa.Connection, company_id: int) -> list[Branch]:
    """The companies below one in the order of a tree: each is followed by its own branches, by name."""
    found = branch_ids(connection, company_id)
    if not found:
        return []
    tables = Base.metadata.tables
    company, deal, address = tables["company"], tables["deal"], tables["address"]
    ids = list(found)
    names: dict[int, str] = {}
    cities: dict[int, str] = {}
    deals: dict[int, int] = {}
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        names |= {
            i: n for i, n in connection.execute(sa.select(company.c.id, company.c.name).where(company.c.id.in_(part)))
        }
        towns = sa.select(address.c.owner_id, address.c.city).where(
            address.c.owner_id.in_(part), address.c.city.isnot(None)
        )
        for identity, city in connection.execute(towns.order_by(address.c.is_primary.desc(), address.c.id)):
            cities.setdefault(identity, city)
        counted = sa.select(deal.c.company_id, sa.func.count()).where(
            deal.c.company_id.in_(part), deal.c.status == "open"
        )
        deals |= {i: n for i, n in connection.execute(counted.group_by(deal.c.company_id))}
    people = _people_count(connection, ids)
    below: dict[int, list[int]] = {}
    for identity, (parent, _depth) in found.items():
        below.setdefault(parent, []).append(identity)
    result: list[Branch] = []

    def grow(parent: int) -> None:
        for identity in sorted(below.get(parent, ()), key=lambda one: fold(names.get(one) or "")):
            result.append(Branch(
                identity, names.get(identity) or "", parent, found[identity][1], cities.get(identity, ""),
                people.get(identity, 0), deals.get(identity, 0),
            ))  # fmt: skip
            grow(identity)

    grow(company_id)
    return result


def _people_count(connection: sa.Connection, company_ids: Sequence[int]) -> dict[int, int]:
    contact = Base.metadata.tables["contact"]
    result: dict[int, int] = {}
    for start in range(0, len(company_ids), _PART):
        part = list(company_ids[start : start + _PART])
        statement = sa.select(contact.c.company_id, sa.func.count()).where(contact.c.company_id.in_(part))
        result |= {i: n for i, n in connection.execute(statement.group_by(contact.c.company_id))}
    return result


def people_of(
    connection: sa.Connection, company_id: int, *, branches: bool = False, limit: int = MOST_PEOPLE
) -> list[Person]:
    """The people of a company: those who have it as their main one, those affiliated, and former ones at the end.

    Args:
        branches: also those of the companies below it.
    """
    contact, _company, affiliation = _tables()
    ids = [company_id, *(branch_ids(connection, company_id) if branches else ())]
    titles = _names(connection, [("company", one) for one in ids])
    people: list[Person] = []
    main: set[tuple[int, int]] = set()
    for start in range(0, len(ids), _PART):
        part = ids[start : start + _PART]
        own = sa.select(contact.c.id, contact.c.name, contact.c.job_title, contact.c.company_id)
        listed = own.where(contact.c.company_id.in_(part)).order_by(contact.c.sort_name, contact.c.id).limit(limit)
        for row in connection.execute(listed):
            main.add((row.id, row.company_id))
            branch = "" if row.company_id == company_id else titles.get(("company", row.company_id), "")
            people.append(Person(row.id, row.name or "", row.job_title or "", 0, True, True, branch=branch))
        joined = sa.select(affiliation, contact.c.name).join(contact, contact.c.id == affiliation.c.contact_id)
        for found in connection.execute(joined.where(affiliation.c.company_id.in_(part)).limit(limit)).mappings():
            place = _place("contact", found, "contact_id")
            if place.current and (place.record_id, found["company_id"]) in main:
                continue
            branch = "" if found["company_id"] == company_id else titles.get(("company", found["company_id"]), "")
            people.append(Person(
                place.record_id, place.title, place.role, place.affiliation_id, place.current, False, place.since,
                place.until, branch, place.note,
            ))  # fmt: skip
    people.sort(key=lambda one: (not one.current, bool(one.branch), fold(one.branch), fold(one.name)))
    return people[:limit]


def _tables() -> tuple[sa.Table, sa.Table, sa.Table]:
    tables = Base.metadata.tables
    return tables["contact"], tables["company"], tables["affiliation"]
