"""Reading what rules compare from the database: in bulk for the search, by id for single records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.dedupe.rules import Comparison, Rule
from crm_desktop.records import custom
from crm_desktop.records.expressions import expression, matches_point

CHUNK = 4_000
ADDRESS_PARTS = ("street", "street2", "city", "region", "postcode")
NAME_PARTS = ("first_name", "last_name", "suffix")
PEOPLE = "people"
"""Not a field: the names of the people of a company."""

_NOT_LINES = ("fax",)
Record = dict[str, Any]


class Source:
    """The records of a type as the comparisons of a rule want them: fields by name, lists where there are several."""

    def __init__(self, database: Database, connection: sa.Connection, rule: Rule) -> None:
        self._connection = connection
        self._schema: Schema = database.schema
        self._entity = database.schema.entity(rule.entity)
        self._table = self._schema.table(self._entity)
        fields = {field.name: field for field in custom.fields_of(database, rule.entity, connection)}
        names = _wanted(rule.comparisons)
        self._plain = [fields[name] for name in names if name in fields and not fields[name].child]
        self._children = [fields[name] for name in names if name in fields and fields[name].child]
        self._place = any(one.how == "address" for one in rule.comparisons)
        self._people = PEOPLE in names and rule.entity == "company" and "contact" in self._schema.entities

    def count(self) -> int:
        """How many records there are."""
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(self._table)).scalar_one())

    def sample(self, starts: int, part: int) -> list[Record]:
        """Some records from all over the table: ``part`` after each of ``starts`` places between its first and last id."""
        first, last = self._connection.execute(
            sa.select(sa.func.min(self._table.c.id), sa.func.max(self._table.c.id))
        ).one()
        if first is None:
            return []
        ids: dict[int, None] = {}
        for place in range(starts):
            start = first + (last - first) * place // starts
            asked = sa.select(self._table.c.id).where(self._table.c.id >= start).order_by(self._table.c.id).limit(part)
            ids |= dict.fromkeys(self._connection.execute(asked).scalars())
        return list(self.records(list(ids)).values())

    def chunks(self) -> Iterator[tuple[list[int], list[Record]]]:
        """Every record, some thousands at a time, in the order of ids."""
        last = -1
        while True:
            statement = sa.select(self._table.c.id).where(self._table.c.id > last).order_by(self._table.c.id)
            ids = list(self._connection.execute(statement.limit(CHUNK)).scalars())
            if not ids:
                return
            yield ids, self._read(ids, (ids[0], ids[-1]))
            last = ids[-1]

    def records(self, ids: Sequence[int]) -> dict[int, Record]:
        """Some records by id; ids that are gone are left out."""
        wanted = sorted(set(ids))
        found: dict[int, Record] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            found |= dict(zip(part, self._read(part, None), strict=True))
        return {identity: record for identity, record in found.items() if record}

    def _read(self, ids: Sequence[int], span: tuple[int, int] | None) -> list[Record]:
        """The records of some ids. ``span``: they are all there are between the first and the last of them."""
        found: dict[int, Record] = {identity: {} for identity in ids}

        def of(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
            return column.between(*span) if span else column.in_(ids)

        self._read_plain(found, of)
        points = [field for field in self._children if field.child.startswith("points.")]
        if points:
            self._read_points(found, of, points)
        if self._place or any(field.child.startswith("addresses.") for field in self._children):
            self._read_addresses(found, of)
        if self._people:
            self._read_people(found, of)
        return [found[identity] for identity in ids]

    def _read_plain(self, found: dict[int, Record], of: Any) -> None:
        columns: list[sa.ColumnElement[Any]] = []
        source: sa.FromClause = self._table
        for field in self._plain:
            if field.kind in LINK_KINDS and field.target and not field.custom:
                target = self._schema.entity(field.target)
                other = self._schema.table(target).alias()
                source = source.outerjoin(other, self._table.c[field.name] == other.c.id)
                columns.append(other.c[target.title_field])
            else:
                columns.append(expression(self._schema, self._entity, field))
        names = [field.name for field in self._plain]
        rows = self._connection.execute(
            sa.select(self._table.c.id, *columns).select_from(source).where(of(self._table.c.id))
        )
        for row in rows:
            record = found.get(row[0])
            if record is not None:
                record["id"] = row[0]
                for name, value in zip(names, row[1:], strict=True):
                    if value is not None:
                        record[name] = value

    def _read_points(self, found: dict[int, Record], of: Any, fields: Sequence[Field]) -> None:
        point = Base.metadata.tables["contact_point"]
        kinds = {field.child.split(".")[1] for field in fields}
        statement = sa.select(point.c.owner_id, point.c.kind, point.c.label, point.c.value)
        rows = self._connection.execute(statement.where(of(point.c.owner_id), point.c.kind.in_(kinds)))
        for owner, kind, label, value in rows:
            record = found.get(owner)
            if record is None or label in _NOT_LINES:
                continue
            for field in fields:
                whole = field.name in ("phone", "email", "website") and field.child.split(".")[1] == kind
                if whole or matches_point(field, kind, label):
                    record.setdefault(field.name, []).append(value)

    def _read_addresses(self, found: dict[int, Record], of: Any) -> None:
        address = Base.metadata.tables["address"]
        parts = dict.fromkeys(ADDRESS_PARTS) | {
            field.child.split(".")[1]: None for field in self._children if field.child.startswith("addresses.")
        }
        columns = [address.c[name] for name in parts]
        statement = sa.select(address.c.owner_id, *columns).where(of(address.c.owner_id))
        rows = self._connection.execute(
            statement.order_by(address.c.owner_id, address.c.is_primary.desc(), address.c.id)
        )
        last = None
        for row in rows:
            record = found.get(row[0])
            if record is None or row[0] == last:
                continue
            last = row[0]
            record.update({name: value for name, value in zip(parts, row[1:], strict=True) if value})

    def _read_people(self, found: dict[int, Record], of: Any) -> None:
        contact = Base.metadata.tables["contact"]
        rows = self._connection.execute(sa.select(contact.c.company_id, contact.c.name).where(of(contact.c.company_id)))
        for owner, name in rows:
            if owner in found and name:
                found[owner].setdefault(PEOPLE, []).append(name)


def _wanted(comparisons: Sequence[Comparison]) -> dict[str, None]:
    names: dict[str, None] = {}
    for one in comparisons:
        names[one.field] = None
        if one.how == "person":
            names |= dict.fromkeys(NAME_PARTS)
    return names


def from_form(values: Mapping[str, Any], children: Mapping[str, Sequence[Mapping[str, Any]]]) -> Record:
    """A record as somebody is typing it, as a rule compares it.

    Args:
        values: by field name; names of child fields ("email", "city") may stand among them.
        children: child rows by child name.
    """
    record: Record = {name: value for name, value in values.items() if value not in (None, "")}
    for row in children.get("points", ()):
        name = {"phone": "phone", "email": "email", "web": "website"}.get(str(row.get("kind")))
        if name and row.get("value") and row.get("label") not in _NOT_LINES:
            known = record.get(name, [])
            record[name] = [*(known if isinstance(known, list) else [known]), row["value"]]
    for row in list(children.get("addresses", ()))[:1]:
        record.update({name: row[name] for name in ADDRESS_PARTS if row.get(name)})
    for name in ("mobile", "phone2"):
        if record.get(name):
            known = record.get("phone", [])
            record["phone"] = [*(known if isinstance(known, list) else [known]), record[name]]
    return record


def fields_to_compare(database: Database, entity: str) -> list[Field]:
    """The fields of a record type that a rule may compare, the address as one."""
    result = []
    for field in custom.fields_of(database, entity):
        if field.system or field.computed or field.kind in (Kind.JSON, Kind.USER, Kind.BOOL):
            continue
        result.append(field)
    return result
