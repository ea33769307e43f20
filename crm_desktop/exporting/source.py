"""Records on their way into a file: read in parts, with everything that hangs on them, so that memory stays small."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.id_sets import among
from crm_desktop.records import custom, queries
from crm_desktop.records.sheet_columns import POINT_KINDS, Sizes

PART = 1000
_MOST_TITLES = 200_000
_BY_QUERY = 5_000
_KEEPS = frozenset({"id", "owner_id", "version", "search_digits"})


@dataclass
class Part:
    """Some records with what hangs on them, by record id."""

    ids: list[int]
    rows: dict[int, Mapping[str, Any]]
    points: Mapping[int, list[Mapping[str, Any]]] = field(default_factory=dict)
    addresses: Mapping[int, list[Mapping[str, Any]]] = field(default_factory=dict)
    tags: Mapping[int, list[str]] = field(default_factory=dict)
    external: Mapping[int, list[tuple[str, str]]] = field(default_factory=dict)
    children: Mapping[str, Mapping[int, list[Mapping[str, Any]]]] = field(default_factory=dict)
    titles: Mapping[str, Mapping[int, str]] = field(default_factory=dict)


class RecordSource:
    """Reads records of one type, a thousand at a time.

    Args:
        connection: sees one state of the data from the first record to the last.
        names: the fields that are read besides the stored columns: computed ones, and those that stand for child rows.
        whole: whether what hangs on the records is read too.
    """

    def __init__(
        self, database: Database, connection: sa.Connection, entity: str, names: Sequence[str] = (), *,
        whole: bool = True,
    ) -> None:  # fmt: skip
        self.database, self.connection, self.whole = database, connection, whole
        self.spec: Entity = database.schema.entity(entity)
        self.fields = custom.fields_of(database, entity, connection)
        self.by_name = {one.name: one for one in self.fields}
        self._table = database.schema.table(self.spec)
        self._more = [name for name in names if name in self.by_name and not self._stored(self.by_name[name])]
        self._links = [one for one in self.fields if one.kind in LINK_KINDS and self._stored(one)]
        self._titles: dict[str, dict[int, str]] = defaultdict(dict)
        self._users: dict[int, str] | None = None

    def _stored(self, one: Field) -> bool:
        return not one.computed and not one.child and (one.custom or one.name in self.spec.stored)

    def parts(self, ids: Sequence[int], progress: Progress, done: int = 0, total: int = 0) -> Iterator[Part]:
        """The records in the order of ``ids``; what was deleted meanwhile is left out.

        Args:
            done, total: of a larger work that this is a part of.
        """
        total = total or len(ids)
        for start in range(0, len(ids), PART):
            progress.update(done + start, total)
            yield self._read(list(ids[start : start + PART]))
        progress.update(done + len(ids), total)

    def _read(self, ids: list[int]) -> Part:
        rows: dict[int, Mapping[str, Any]] = {}
        own = [one for one in self.fields if one.custom and not one.computed]
        for found in self.connection.execute(
            sa.select(self._table).where(among(self.connection, self._table.c.id, ids))
        ).mappings():
            row = dict(found)
            packed = row.pop("custom", None) or {}
            for one in own:
                row[one.name] = queries.custom_python(one, packed.get(one.name.removeprefix(custom.PREFIX)))
            rows[row["id"]] = row
        if self._more:
            for more in queries.fetch_rows(self.database, self.connection, self.spec.name, ids, self._more):
                if more.id in rows:
                    rows[more.id] = {**rows[more.id], **more.values}
        part = Part([identity for identity in ids if identity in rows], rows)
        self._add_tags(part)
        if self.whole:
            self._add_children(part)
            self._add_external(part)
        part.titles = self._titles_for(part)
        return part

    def _add_tags(self, part: Part) -> None:
        found = queries.tags_of_many(self.connection, part.ids) if self.spec.listed else {}
        part.tags = {identity: [name for name, _hue in tags] for identity, tags in found.items()}

    def _add_children(self, part: Part) -> None:
        children: dict[str, Mapping[int, list[Mapping[str, Any]]]] = {}
        for child in self.spec.children:
            table = Base.metadata.tables[child.table]
            found: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
            parent = table.c[child.parent_column]
            order = [table.c.is_primary.desc()] if "is_primary" in table.c else []
            statement = sa.select(table).where(among(self.connection, parent, part.ids)).order_by(*order, table.c.id)
            for row in self.connection.execute(statement).mappings():
                found[row[child.parent_column]].append(dict(row))
            children[child.name] = found
        part.points = children.pop("points", {})
        part.addresses = children.pop("addresses", {})
        part.children = children

    def _add_external(self, part: Part) -> None:
        table = Base.metadata.tables["external_id"]
        found: dict[int, list[tuple[str, str]]] = defaultdict(list)
        statement = sa.select(table.c.record_id, table.c.source, table.c.value).order_by(table.c.id)
        for identity, source, value in self.connection.execute(
            statement.where(among(self.connection, table.c.record_id, part.ids))
        ):
            found[identity].append((source, value))
        part.external = found

    def _titles_for(self, part: Part) -> Mapping[str, Mapping[int, str]]:
        """What linked records are called, by record type; kept from part to part."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for one in self._links:
            wanted[one.target] |= {row[one.name] for row in part.rows.values() if row.get(one.name) is not None}
        for links in part.children.get("links", {}).values():
            for link in links:
                wanted[link["entity"]].add(link["record_id"])
        for target, ids in wanted.items():
            if target == "user":
                self._titles["user"] = self._user_names()
            elif target in self.database.schema.entities:
                known = self._titles[target]
                if len(known) > _MOST_TITLES:
                    known.clear()
                missing = ids - known.keys()
                known |= queries.titles(self.database.schema, self.connection, target, missing)
        return self._titles

    def _user_names(self) -> dict[int, str]:
        """The names of users; the login where two have the same name."""
        if self._users is None:
            table = Base.metadata.tables["user_account"]
            rows = list(self.connection.execute(sa.select(table.c.id, table.c.name, table.c.login)))
            names = [name.casefold() for _id, name, _login in rows]
            self._users = {
                identity: login if login and names.count(name.casefold()) > 1 else name
                for identity, name, login in rows
            }
        return self._users

    def sizes(self, ids: Sequence[int]) -> Sizes:
        """How many columns it takes for what comes several times; exact for a few thousand records, enough for more."""
        names = {child.name for child in self.spec.children}
        points = self._most("contact_point", "owner_id", "kind", ids) if "points" in names else {}
        addresses = self._most("address", "owner_id", None, ids).get("", 0) if "addresses" in names else 0
        linked = self._most("activity_link", "activity_id", "entity", ids) if "links" in names else {}
        present = {
            child.name for child in self.spec.children
            if child.name not in ("points", "addresses", "links")
            and self._most(child.table, child.parent_column, None, ids)
        }  # fmt: skip
        external = Base.metadata.tables["external_id"]
        some = sa.select(sa.literal(1)).where(external.c.entity == self.spec.name).limit(1)
        return Sizes(
            {kind: count for kind, count in points.items() if kind in POINT_KINDS}, max(addresses, 1), linked,
            frozenset(present), self.spec.listed and self.connection.execute(some).first() is not None,
        )  # fmt: skip

    def _most(self, table_name: str, owner: str, by: str | None, ids: Sequence[int]) -> dict[str, int]:
        """The largest number of child rows that one record has, by a column of theirs."""
        table = Base.metadata.tables[table_name]
        groups = [table.c[owner], *([table.c[by]] if by else [])]
        counted = sa.select(*groups, sa.func.count().label("n")).group_by(*groups)
        found: dict[str, int] = {}
        if len(ids) > _BY_QUERY:
            own = self._table
            inner = counted.where(sa.exists().where(own.c.id == table.c[owner])).subquery()
            chosen = [inner.c[by]] if by else []
            statements = [sa.select(*chosen, sa.func.max(inner.c.n)).group_by(*chosen)]
        else:
            statements = []
            for start in range(0, len(ids), PART):
                inner = counted.where(table.c[owner].in_(list(ids[start : start + PART]))).subquery()
                chosen = [inner.c[by]] if by else []
                statements.append(sa.select(*chosen, sa.func.max(inner.c.n)).group_by(*chosen))
        for statement in statements:
            for row in self.connection.execute(statement):
                kind, count = (row[0], row[1]) if by else ("", row[0])
                found[kind] = max(found.get(kind, 0), int(count or 0))
        return {kind: count for kind, count in found.items() if count}
