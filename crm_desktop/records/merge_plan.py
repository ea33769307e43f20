"""What merging records would bring together: the fields in which they differ, and what hangs on each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.addresses import format_address
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import RecordGone, UserError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records import custom, queries
from crm_desktop.records.references import QUIET, Reference, count_references, plural_of, references_to

ADDRESS = "addresses"
"""The name of the row that stands for the whole first address; its values are ids of ``address``."""
_ADDRESS_PARTS = ("street", "street2", "district", "city", "region", "postcode", "country")


@dataclass(frozen=True)
class MergeRecord:
    """One of the records that are to become one."""

    id: int
    title: str
    created_at: datetime | None
    updated_at: datetime | None
    filled: int
    """How many of its fields have a value."""
    children: int
    """How many rows hang on it or point to it."""

    @property
    def touched_at(self) -> datetime | None:
        """When it was last changed, else made."""
        return self.updated_at or self.created_at


@dataclass(frozen=True)
class MergeField:
    """A field and what each record says: ``values`` by record id (links as ``Link``), ``texts`` for whole addresses.

    ``differs``: not all say the same; ``conflict``: two say something, and not the same. ``fixed``: what it will be is
    not asked, because it never goes back (see ``Field.forward``). ``best``: the id whose value is taken where nobody
    chooses, for each record that may stay.
    """

    field: Field
    values: Mapping[int, Any]
    differs: bool
    conflict: bool
    texts: Mapping[int, str] = made(default_factory=dict)
    best: Mapping[int, int | None] = made(default_factory=dict)

    @property
    def name(self) -> str:
        """The field's name."""
        return self.field.name

    @property
    def fixed(self) -> bool:
        """Whether it is decided without asking."""
        return self.field.forward


@dataclass(frozen=True)
class ChildCount:
    """Rows of one kind: what they are called (a source text) and how many each record has."""

    table: str
    label: str
    counts: Mapping[int, int]

    @property
    def total(self) -> int:
        """How many of all records together."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class MergePlan:
    """What a merge would bring together. ``fields`` are all that can be asked about, in the order of the form."""

    entity: str
    records: Sequence[MergeRecord]
    fields: Sequence[MergeField]
    children: Sequence[ChildCount]
    parts: Sequence[MergeField] = ()
    """Fields that are parts of another one and go with it (see ``Field.part_of``)."""
    silent: Sequence[MergeField] = ()
    """Fields that the office hid: nobody is asked, but what only a record that goes says of them is kept."""
    newest: Sequence[int] = ()
    """The ids, last changed first."""
    winner_id: int = 0
    """The record that is proposed to stay: the one that says most; of equals the one changed last."""

    @property
    def differing(self) -> list[MergeField]:
        """Only the fields that are not the same everywhere."""
        return [one for one in self.fields if one.differs]


def plan_merge(database: Database, connection: sa.Connection, entity: str, ids: Sequence[int]) -> MergePlan:
    """What merging these records would bring together. Reads only.

    Raises:
        UserError: less than two records, or records of this type cannot be merged.
        RecordGone: one of them was deleted.
    """
    spec = mergeable(database, entity)
    chosen = list(dict.fromkeys(ids))
    if len(chosen) < 2:
        raise UserError(N_("Choose at least two records to merge."))
    table = database.schema.table(spec)
    fields = [one for one in custom.fields_of(database, entity, connection) if asked(one) or hidden(one)]
    names = [one.name for one in fields] + ["status"]
    rows = {row.id: row for row in queries.fetch_rows(database, connection, entity, chosen, names)}
    stamps = {
        row.id: row
        for row in connection.execute(
            sa.select(table.c.id, table.c.created_at, table.c.updated_at, table.c[spec.title_field].label("title"))
            .where(table.c.id.in_(chosen))
        )
    }  # fmt: skip
    for identity in chosen:
        if identity not in rows:
            raise RecordGone(entity, identity)
    newest = sorted(chosen, key=lambda i: (stamps[i].updated_at or stamps[i].created_at, i), reverse=True)
    children = count_children(database, connection, references_to(database, connection, entity), chosen)
    alike = _alike(spec, rows, newest)
    shown = [_merge_field(one, {i: rows[i].values.get(one.name) for i in chosen}, newest, alike) for one in fields]
    parts = [one for one in shown if one.field.part_of]
    silent = [one for one in shown if one.field.hidden and not one.field.part_of]
    shown = [one for one in shown if not one.field.hidden and not one.field.part_of]
    shown = _with_addresses(connection, spec, shown, chosen, newest)
    totals = {i: sum(one.counts.get(i, 0) for one in children) for i in chosen}
    records = [
        MergeRecord(i, str(stamps[i].title or ""), stamps[i].created_at, stamps[i].updated_at,
                    sum(1 for one in shown if not blank(one.values.get(i))), totals[i])
        for i in chosen
    ]  # fmt: skip
    rank = {identity: number for number, identity in enumerate(newest)}
    winner = max(records, key=lambda one: (one.filled + min(one.children, 1000) / 10, -rank[one.id]))
    return MergePlan(entity, records, shown, children, parts, silent, newest, winner.id)


def mergeable(database: Database, entity: str) -> Entity:
    """The record type, if its records can be merged.

    Raises:
        UserError: they cannot.
    """
    spec = database.schema.entity(entity)
    if not spec.listed:
        raise UserError(N_("Records of this type cannot be merged."))
    return spec


def asked(one: Field) -> bool:
    """Whether people decide about a field: what forms show, but for addresses, which are decided whole."""
    part = one.child.startswith("addresses.") or one.child.endswith(".2")
    return one.in_form and not one.computed and not one.system and not part


def hidden(one: Field) -> bool:
    """Whether a field has values that no form shows since the office hid it."""
    return one.hidden and not one.child and not one.computed and not one.system


def blank(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value == "" or value == [] or (isinstance(value, str) and not value.strip())


def plain(value: Any) -> Any:
    """A value as it is stored: links as ids."""
    return getattr(value, "id", value)


def _alike(spec: Entity, rows: Mapping[int, queries.RecordRow], newest: Sequence[int]) -> dict[int, list[int]]:
    """For each record those that may fill its blanks: an open deal takes no closing day from a lost one."""
    if not spec.has("status"):
        return {winner: list(newest) for winner in newest}
    states = {i: rows[i].values.get("status") for i in newest}
    return {winner: [i for i in newest if states[i] == states[winner]] for winner in newest}


def _merge_field(
    one: Field, values: Mapping[int, Any], newest: Sequence[int], alike: Mapping[int, Sequence[int]]
) -> MergeField:
    if one.kind in LINK_KINDS:  # a link to one of the records themselves says nothing once they are one
        values = {i: None if plain(value) in values else value for i, value in values.items()}
    said = [comparable(value) for value in values.values() if not blank(value)]
    different = [one for number, one in enumerate(said) if one not in said[:number]]
    if one.kind is Kind.BOOL:
        different = [one for one in different if one]
        said = [value for value in said if value]
    differs = bool(different) and (len(different) > 1 or len(said) < len(values))
    best = {winner: source_of(one, values, winner, newest if one.forward else alike[winner]) for winner in values}
    return MergeField(one, values, differs, len(different) > 1, best=best)


def comparable(value: Any) -> Any:
    """A value for telling whether two say the same: blanks around and letter case do not count."""
    value = plain(value)
    return " ".join(value.split()) if isinstance(value, str) else value


def source_of(one: Field, values: Mapping[int, Any], winner: int, newest: Sequence[int]) -> int | None:
    """The record whose value of a field is taken where nobody chooses: the winner's, else the newest that has one."""
    if one.forward:
        order = [choice.key for choice in one.choices]
        rank = {i: (order.index(v) if v in order else -1) if order else int(bool(v)) for i, v in values.items()}
        furthest = max(rank.values())
        return winner if rank[winner] == furthest else next(i for i in newest if rank[i] == furthest)
    if not blank(values[winner]):
        return winner
    return next((i for i in newest if i in values and not blank(values[i])), None)


def count_children(
    database: Database, connection: sa.Connection, references: Sequence[Reference], ids: Sequence[int]
) -> list[ChildCount]:
    """What hangs on records or points to them, by kind, as people would count it; most first."""
    found = count_references(connection, references, ids)
    by_table: dict[str, dict[int, int]] = {}
    for key, counts in found.items():
        table = key.split(".")[0]
        if table in QUIET:
            continue
        into = by_table.setdefault(table, {})
        for identity, number in counts.items():
            into[identity] = into.get(identity, 0) + number
    result = [ChildCount(name, plural_of(database.schema, name), counts) for name, counts in by_table.items()]
    return sorted(result, key=lambda one: (-one.total, one.label))


def _with_addresses(
    connection: sa.Connection, spec: Entity, fields: list[MergeField], ids: Sequence[int], newest: Sequence[int]
) -> list[MergeField]:
    """The fields with one for the whole first address, where the record type has addresses."""
    child = next((one for one in spec.children if one.table == "address"), None)
    if child is None:
        return fields
    address = Base.metadata.tables["address"]
    statement = sa.select(address).where(address.c.owner_id.in_(list(ids)))
    values: dict[int, Any] = dict.fromkeys(ids)
    texts: dict[int, str] = {}
    for row in connection.execute(statement.order_by(address.c.is_primary.desc(), address.c.id)).mappings():
        owner = row["owner_id"]
        if values[owner] is None:
            values[owner] = row["id"]
            texts[owner] = "\n".join(format_address(**{part: row[part] for part in _ADDRESS_PARTS}))
    whole = Field(ADDRESS, N_("Address"), Kind.LONG_TEXT, section="address")
    said = {texts[i].casefold() for i in texts}
    differs = bool(said) and (len(said) > 1 or len(texts) < len(ids))
    best = {winner: source_of(whole, values, winner, newest) for winner in values}
    joined = MergeField(whole, values, differs, len(said) > 1, texts, best)
    sections = [one.field.section for one in fields]
    at = len(sections) - sections[::-1].index("reach") if "reach" in sections else len(sections)
    return [*fields[:at], joined, *fields[at:]]
