"""Changes in a timeline: what was edited in the record and its contact points, and where its deals and cases went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from crm_desktop.contacts.scope import Scope, scope_of, scope_values
from crm_desktop.contacts.timeline import Batch, Found, Wanted, newest_of_many
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change, change_set
from crm_desktop.records import custom
from crm_desktop.records.history import came_back, field_changes
from crm_desktop.records.merge_kept import kept_values
from crm_desktop.records.queries import Link, get_record, titles
from crm_desktop.records.titles import title_text

QUIET = frozenset({"note", "attachment", "attachment_revision", "activity_link", "case_message", "record_tag"})
"""Tables whose rows are entries of their own, or are told elsewhere."""

TOLD = {"deal": ("stage_id", "status", "amount", "owner_id"), "case_file": ("status", "priority", "owner_id")}
"""What is told of the deals and cases of a customer. Of a deal's own timeline everything is told."""


_ROWS = 4
"""Rows of the history read per wanted entry: a change set has several."""

_ROUNDS = 4
"""How often more is read where the rows of a few large change sets fill all that was asked for."""


@dataclass(frozen=True)
class Edit:
    """One field of one record before and after; links are :class:`Link`. ``field`` is None for unknown columns."""

    entity: str
    record_id: int
    name: str
    label: str
    field: Field | None
    old: Any
    new: Any


def changes(database: Database, connection: sa.Connection, wanted: Wanted, *, until: datetime | None = None) -> Batch:
    """One entry per change set that touched the records, newest first; as far back as ``until`` at least."""
    most, labels = wanted.limit * _ROWS, _Labels(database, connection)
    mark = wanted.before["change"][1] if "change" in wanted.before else None
    found: list[Found] = []
    more = True
    for _round in range(_ROUNDS):
        ways = _ways(database, connection, wanted, mark, most)
        rows = _rows(connection, sorted(ways, reverse=True)[:most])
        more = len(ways) >= most
        sets: dict[Any, list[Mapping[str, Any]]] = {}
        for row in rows:
            sets.setdefault(row["change_set_id"] or ("outside", row["id"]), []).append(row)
        # the last set may go on far beyond what was read, as an import does: the next page begins before it
        mark = min(rows[-1]["id"], rows[-1]["first_change"] or rows[-1]["id"]) if more else None
        for number, members in enumerate(sets.values(), 1):
            lowest = mark if number == len(sets) and mark is not None else min(row["id"] for row in members)
            entry = _entry(database, labels, ways, members, lowest)
            if entry is not None and (not wanted.text or _holds(entry, wanted.text)):
                found.append(entry)
        far = until is not None and bool(found) and found[-1].at < until
        if not more or far or len(found) > wanted.limit:
            break
    chosen = found[: wanted.limit]
    _resolve(database, connection, chosen)
    _tell_merged(database, connection, wanted, chosen, labels)
    return Batch(tuple(chosen), len(found) > wanted.limit or (more and bool(chosen)))


def _ways(database: Database, connection: sa.Connection, wanted: Wanted, mark: int | None, most: int) -> dict[int, str]:
    """The ids of the newest changes, each with how it belongs to the records: "own", "related" or "hanging"."""
    statement = _statement(database.sqlite, wanted.entity, wanted.roll_up, mark is not None, most)
    values = scope_values(wanted.record_id) | ({"mark": mark} if mark is not None else {})
    ranks = {"hanging": 0, "related": 1, "own": 2}
    result: dict[int, str] = {}
    for way, identity in connection.execute(statement, values):
        if ranks[way] >= ranks[result.get(identity, "hanging")]:
            result[identity] = way
    return result


@lru_cache(maxsize=16)
def _statement(sqlite: bool, entity: str, roll_up: bool, marked: bool, most: int) -> sa.CompoundSelect[Any]:
    """(how it belongs, id) of the newest changes of each way."""
    scope = scope_of(entity, roll_up)

    def told(rows: sa.FromClause) -> sa.ColumnElement[bool]:
        older = rows.c.id < sa.bindparam("mark", type_=sa.BigInteger) if marked else sa.true()
        return rows.c.table_name.not_in(QUIET) & older

    def moved(rows: sa.FromClause) -> sa.ColumnElement[bool]:
        return told(rows) & (rows.c.op == "U")

    def newest(of: sa.CTE, key: str, condition: Any = told) -> sa.Subquery:
        return newest_of_many(sqlite, change, of, key, ("id",), ("id",), most, condition).subquery()

    others = _from_others(scope)
    parts = (
        ("hanging", newest(scope.base, "parent_id")), ("hanging", newest(others, "record_id")),
        ("related", newest(scope.deals, "record_id", moved)), ("related", newest(scope.cases, "record_id", moved)),
        ("own", newest(scope.base, "record_id")),
    )  # fmt: skip
    return sa.union_all(*(sa.select(sa.literal(way), part.c.id) for way, part in parts))


def _rows(connection: sa.Connection, chosen: Sequence[int]) -> list[Mapping[str, Any]]:
    query = (
        sa.select(change, change_set.c.title, change_set.c.params, change_set.c.kind, change_set.c.user_id,
                  change_set.c.user_name.label("set_user"), change_set.c.at.label("set_at"),
                  change_set.c.first_change)
        .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
        .where(change.c.id.in_(chosen)).order_by(change.c.id.desc())
    )  # fmt: skip
    return [dict(row) for row in connection.execute(query).mappings()]


def _from_others(scope: Scope) -> sa.CTE:
    """The relationships and affiliations that hang on somebody else and lead to the records."""
    tables, base = Base.metadata.tables, sa.select(scope.base.c.id)
    tie, place = tables["relationship"], tables["affiliation"]
    return sa.union_all(
        sa.select(tie.c.id).where(tie.c.to_id.in_(base)), sa.select(place.c.id).where(place.c.company_id.in_(base))
    ).cte("others")


class _Labels:
    """The fields of each record type, read once."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self.database, self.connection = database, connection
        self._known: dict[str, dict[str, Field]] = {}

    def of(self, entity: str) -> dict[str, Field]:
        """The fields of a record type by name."""
        if entity not in self._known:
            fields = custom.fields_of(self.database, entity, self.connection)
            self._known[entity] = {one.name: one for one in fields}
        return self._known[entity]


def _entry(
    database: Database, labels: _Labels, ways: Mapping[int, str], members: Sequence[Mapping[str, Any]], lowest: int
) -> Found | None:
    """The entry of the rows of one change set; None where nothing in it is worth telling."""
    first = members[0]
    edits: list[Edit] = []
    created, back, hanging = False, False, False
    record_id = first["record_id"]
    for row in members:
        entity = database.schema.by_table.get(row["table_name"])
        own = ways[row["id"]] == "own"
        if entity is None or ways[row["id"]] == "hanging":
            hanging, record_id = True, row["parent_id"]
            continue
        record_id = row["record_id"]
        if row["op"] == "I":
            created, back = True, came_back(row["kind"] or "", row["record_id"], row["change_set_id"])
        known = labels.of(entity.name)
        told = None if own else TOLD.get(row["table_name"], ())
        for one in field_changes(database.schema, row["table_name"], row["op"], row["data"],
                                 {name: field.label for name, field in known.items()}):  # fmt: skip
            field = known.get(one.name)
            hidden = field is not None and field.system and one.name != "status"
            if not hidden and (told is None or one.name in told):
                edits.append(Edit(entity.name, row["record_id"], one.name, one.label, field, one.old, one.new))
    if not (edits or created or hanging):
        return None
    at = first["set_at"] or first["at"]
    data = {
        "title": title_text(first["title"], first["params"]) if first["title"] else "", "created": created,
        "came_back": back, "edits": edits, "merged": [], "change_set_id": first["change_set_id"], "set_kind": first["kind"] or "outside",
        "author_id": first["user_id"], "author": first["set_user"] or first["user_name"] or "",
    }  # fmt: skip
    return Found(at, lowest, record_id, data)


def _tell_merged(
    database: Database, connection: sa.Connection, wanted: Wanted, entries: Sequence[Found], labels: _Labels
) -> None:
    """To the entries of merges into the record itself, what the merged records said and it does not say."""
    merges = {entry.row["change_set_id"]: entry for entry in entries if entry.row["set_kind"] == "merge"}
    if not merges:
        return
    record = get_record(database, connection, wanted.entity, wanted.record_id)
    fields = tuple(labels.of(wanted.entity).values())
    for one in record.merged:
        if one.change_set_id in merges:
            kept = kept_values(database, connection, record, one, fields)
            merges[one.change_set_id].row["merged"].append((one.title, kept))


def _holds(entry: Found, text: str) -> bool:
    words = [entry.row["title"], *(f"{one.label} {one.old} {one.new}" for one in entry.row["edits"])]
    return fold(text) in fold(" ".join(words))


def _resolve(database: Database, connection: sa.Connection, entries: Sequence[Found]) -> None:
    """Turn the ids of links into links with titles."""
    wanted: dict[str, set[int]] = {}
    for entry in entries:
        for one in entry.row["edits"]:
            if one.field is not None and one.field.kind in LINK_KINDS:
                wanted.setdefault(one.field.target, set()).update(v for v in (one.old, one.new) if v is not None)
    known = {target: titles(database.schema, connection, target, ids) for target, ids in wanted.items()}

    def linked(target: str, value: Any) -> Any:
        return Link(value, known[target].get(value, "")) if value is not None else None

    for entry in entries:
        edits = entry.row["edits"]
        for i, one in enumerate(edits):
            if one.field is not None and one.field.kind in LINK_KINDS:
                target = one.field.target
                edits[i] = Edit(one.entity, one.record_id, one.name, one.label, one.field,
                                linked(target, one.old), linked(target, one.new))  # fmt: skip
