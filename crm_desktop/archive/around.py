"""What belongs to some customers, read for all of them at once: records that link to them, what was done, notes, files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from crm_desktop.archive.files import StoredFile, files_of
from crm_desktop.archive.linked import further_of
from crm_desktop.archive.work import Work
from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import DATE_KINDS, LINK_KINDS, Field, Kind
from crm_desktop.db.base import Base
from crm_desktop.db.id_sets import among
from crm_desktop.records import custom, queries
from crm_desktop.records.queries import RecordRow

_PART = 500


@dataclass(frozen=True)
class Happened:
    """One entry of the timeline: what was done, a note, a message.

    Attributes:
        kind: the record type or child table, as a source text.
        about: the title of the record it stands at, where that is not the customer.
        shown: label and value of what else is known.
    """

    at: datetime | date | None
    kind: str
    title: str
    body: str
    by: str = ""
    about: str = ""
    shown: tuple[tuple[Field, Any, str | None], ...] = ()


@dataclass
class Around:
    """What belongs to one customer.

    Attributes:
        linked: record type to the records that link to it.
        joined: table to its rows, each with the other side as (record type, id, title) and whether that one points here.
    """

    linked: dict[str, list[RecordRow]] = field(default_factory=lambda: defaultdict(list))
    timeline: list[Happened] = field(default_factory=list)
    joined: dict[str, list[tuple[Mapping[str, Any], str, int, str, bool]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    files: list[tuple[StoredFile, str]] = field(default_factory=list)


class Surroundings:
    """Reads what belongs to customers of one type.

    Args:
        files: whether the files are in the archive.
    """

    def __init__(self, work: Work, entity: str, *, files: bool) -> None:
        self.work, self.entity, self._files = work, entity, files
        self.schema = work.schema
        self._known: dict[str, Sequence[Field]] = {}
        self.customers = work.customers

    # -- what there is, by the schema ------------------------------------------------------------------------------

    @cached_property
    def links(self) -> list[tuple[Entity, list[Field]]]:
        """The record types with fields that link to customers of this type."""
        found = []
        for spec in self.schema.entities.values():
            mine = [
                one for one in spec.fields
                if one.kind is Kind.LINK and one.target == self.entity and one.name in spec.stored
            ]  # fmt: skip
            if spec.listed and mine:
                found.append((spec, mine))
        return found

    @cached_property
    def doings(self) -> list[tuple[Entity, Child]]:
        """The record types that are joined to any number of records by a child table: what was done and planned."""
        return [
            (spec, child) for spec in self.schema.entities.values() if spec.listed for child in spec.children
            if Base.metadata.tables[child.table].info.get("refers")
        ]  # fmt: skip

    @cached_property
    def joints(self) -> list[tuple[sa.Table, list[tuple[str, str]]]]:
        """Tables that join two records, with (column, record type or "") of their two ends."""
        found = []
        known = {child.table for spec in self.schema.entities.values() for child in spec.children}
        for table in self.schema.data_tables:
            if table.name in known or table.name in self.schema.by_table or "plural" not in table.info:
                continue
            ends = []
            for column in table.columns:
                one: Field | None = column.info.get("field")
                if one is not None and one.kind is Kind.LINK and one.target in self.customers:
                    ends.append((column.name, one.target))
                elif column.name.endswith("_id") and column.name.replace("_id", "_entity") in table.c:
                    ends.append((column.name, ""))
            if len(ends) == 2 and any(target in ("", self.entity) for _name, target in ends):
                found.append((table, ends))
        return found

    def columns(self, spec: Entity) -> list[Field]:
        """The fields that a list of related records shows."""
        known = {one.name: one for one in self._fields(spec)}
        return [
            known[name] for name in spec.list_columns
            if name in known and (name in spec.stored or known[name].child)
        ]  # fmt: skip

    def shown(self, spec: Entity) -> list[Field]:
        """The same without what every record that links to one customer has in common."""
        return [one for one in self.columns(spec) if one.name != spec.title_field and one.target != self.entity]

    def further(self, spec: Entity) -> list[Field]:
        """What else is told of related records that have no page of their own."""
        if spec.name in self.customers:
            return []
        return further_of(self._fields(spec), spec, self.columns(spec), self.entity)

    def _fields(self, spec: Entity) -> Sequence[Field]:
        if spec.name not in self._known:
            self._known[spec.name] = custom.fields_of(self.work.database, spec.name, self.work.connection)
        return self._known[spec.name]

    # -- reading ---------------------------------------------------------------------------------------------------

    def read(self, ids: list[int]) -> dict[int, Around]:
        """What belongs to each of some customers."""
        found: dict[int, Around] = {identity: Around() for identity in ids}
        below: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for spec, fields in self.links:
            self._linked(spec, fields, ids, found, below)
        for spec, child in self.doings:
            self._done(spec, child, ids, found)
        for table, ends in self.joints:
            self._joined(table, ends, ids, found)
        self._notes(ids, found, below)
        self._messages(found, below)
        self._stored(ids, found, below)
        for one in found.values():
            one.timeline.sort(key=lambda entry: _sortable(entry.at), reverse=True)
        return found

    def _linked(
        self, spec: Entity, fields: list[Field], ids: list[int], found: dict[int, Around],
        below: dict[str, dict[int, set[int]]],
    ) -> None:  # fmt: skip
        table = self.schema.table(spec)
        owners: dict[int, set[int]] = defaultdict(set)
        for one in fields:
            column = table.c[one.name]
            for identity, owner in self._run(
                sa.select(table.c.id, column).where(among(self.work.connection, column, ids))
            ):
                owners[identity].add(owner)
        fields = [*self.columns(spec), *self.further(spec)]
        names = [spec.title_field, *(one.name for one in fields), "currency"]
        rows = queries.fetch_rows(self.work.database, self.work.connection, spec.name, sorted(owners), names)
        for row in rows:
            for owner in owners[row.id]:
                found[owner].linked[spec.name].append(row)
                if spec.name not in self.customers:
                    below[spec.name][row.id].add(owner)

    def _done(self, spec: Entity, child: Child, ids: list[int], found: dict[int, Around]) -> None:
        table = Base.metadata.tables[child.table]
        refers, parent = table.c[table.info["refers"]], table.c[child.parent_column]
        owners: dict[int, set[int]] = defaultdict(set)
        for identity, owner in self._run(sa.select(parent, refers).where(among(self.work.connection, refers, ids))):
            owners[identity].add(owner)
        long = [one for one in self._fields(spec) if one.kind is Kind.LONG_TEXT and one.name in spec.stored]
        shown = [one for one in self.columns(spec) if one.name != spec.title_field and not one.child]
        names = [spec.title_field, "created_at", *(one.name for one in (*long, *shown))]
        for row in queries.fetch_rows(self.work.database, self.work.connection, spec.name, sorted(owners), names):
            values = row.values
            times = [values[one.name] for one in reversed(shown) if one.kind in DATE_KINDS and values.get(one.name)]
            body = "\n\n".join(str(values[one.name]) for one in long if values.get(one.name))
            told = tuple(
                (one, values[one.name], None) for one in shown if values.get(one.name) not in (None, "")
            )  # fmt: skip
            entry = Happened(
                times[0] if times else values.get("created_at"), spec.label, str(values.get(spec.title_field) or ""),
                body, shown=told,
            )  # fmt: skip
            for owner in owners[row.id]:
                found[owner].timeline.append(entry)

    def _joined(
        self, table: sa.Table, ends: list[tuple[str, str]], ids: list[int], found: dict[int, Around]
    ) -> None:  # fmt: skip
        for (mine, target), (other, goal) in (ends, ends[::-1]):
            if target not in ("", self.entity):
                continue
            rows = list(
                self._run(sa.select(table).where(among(self.work.connection, table.c[mine], ids)).order_by(table.c.id))
            )
            by_type: dict[str, set[int]] = defaultdict(set)
            for row in rows:
                kind = goal or row._mapping[other.replace("_id", "_entity")]
                by_type[kind].add(row._mapping[other])
            titles = {
                kind: queries.titles(self.schema, self.work.connection, kind, wanted)
                for kind, wanted in by_type.items() if kind in self.schema.entities
            }  # fmt: skip
            for row in rows:
                values = row._mapping
                kind = goal or values[other.replace("_id", "_entity")]
                title = titles.get(kind, {}).get(values[other], "")
                points_here = mine == ends[1][0] and not goal
                found[values[mine]].joined[table.name].append((values, kind, values[other], title, points_here))

    def _notes(self, ids: list[int], found: dict[int, Around], below: dict[str, dict[int, set[int]]]) -> None:
        note = self.schema.entity("note")
        table, user = self.schema.table(note), Base.metadata.tables["user_account"]
        owners, about = self._owners(ids, below)
        statement = sa.select(table.c.record_id, table.c.body, table.c.created_at, user.c.name).outerjoin(
            user, user.c.id == table.c.created_by
        )
        for part in _parts(owners):
            for record_id, body, at, by in self._run(
                statement.where(among(self.work.connection, table.c.record_id, part))
            ):
                entry = Happened(at, note.label, "", str(body or ""), by or "", about.get(record_id, ""))
                for owner in owners[record_id]:
                    found[owner].timeline.append(entry)

    def _messages(self, found: dict[int, Around], below: dict[str, dict[int, set[int]]]) -> None:
        """The rows of child tables with a text and a time of the records below, as the messages of a case."""
        for name, owners in below.items():
            for child in self.schema.entity(name).children:
                table = Base.metadata.tables[child.table]
                if "body" not in table.c or "at" not in table.c:
                    continue
                parent = table.c[child.parent_column]
                about = queries.titles(self.schema, self.work.connection, name, set(owners))
                by = table.c.author if "author" in table.c else sa.literal("")
                for part in _parts(owners):
                    statement = sa.select(parent, table.c.at, table.c.body, by).where(
                        among(self.work.connection, parent, part)
                    )
                    for record_id, at, body, author in self._run(statement):
                        entry = Happened(at, child.label, "", str(body or ""), author or "", about.get(record_id, ""))
                        for owner in owners[record_id]:
                            found[owner].timeline.append(entry)

    def _stored(self, ids: list[int], found: dict[int, Around], below: dict[str, dict[int, set[int]]]) -> None:
        """The files: the customer's own, and those of the records below."""
        for identity, files in files_of(self.work, self.entity, ids).items():
            found[identity].files += [(one, "") for one in files]
        for name, owners in below.items():
            about = queries.titles(self.schema, self.work.connection, name, set(owners))
            for part in _parts(owners):
                for identity, files in files_of(self.work, name, part).items():
                    for owner in owners[identity]:
                        found[owner].files += [(one, about.get(identity, "")) for one in files]

    def _owners(
        self, ids: Iterable[int], below: dict[str, dict[int, set[int]]]
    ) -> tuple[dict[int, set[int]], dict[int, str]]:
        """Record id to the customers it is told at, and the titles of the records below."""
        owners = {identity: {identity} for identity in ids}
        about: dict[int, str] = {}
        for name, records in below.items():
            owners |= records
            about |= queries.titles(self.schema, self.work.connection, name, set(records))
        return owners, about

    def _run(self, statement: Any) -> Any:
        return self.work.connection.execute(statement)


def _parts(ids: Iterable[int]) -> Iterable[list[int]]:
    every = sorted(ids)
    return (every[start : start + _PART] for start in range(0, len(every), _PART))


def _sortable(at: datetime | date | None) -> str:
    """A moment or day so that later ones sort behind."""
    return at.isoformat() if at is not None else ""


def is_link(one: Field) -> bool:
    """Whether a field's value is another record."""
    return one.kind in LINK_KINDS
