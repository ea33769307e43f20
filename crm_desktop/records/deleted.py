"""Recently deleted: which records are gone, what went with them, and the way back for any of them.

Records also go because they were merged into others, or because their creation was undone. They are told apart, so that
whoever looks for what vanished finds it: what was merged comes back by taking the merge apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.ids import generator
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import without_power
from crm_desktop.core.text import fold
from crm_desktop.db import forget
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import DELETED, PART, change, change_set, changes_of_sets
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import blobs, queries
from crm_desktop.records.restoring import Restorer
from crm_desktop.records.retention import read_policy
from crm_desktop.records.whole_sight import refuse_part

RESTORE, PURGE = "restore", "purge"
"""Kinds of change sets."""
NOT_MEANT = ("undo", "redo", PART, "merge", "erase", "system")
"""Kinds of change sets that delete records without anybody wanting them away, or for good."""
DELETED_BY_HAND, MERGED, UNDONE, EVERY_WAY = "deleted", "merged", "undone", ""
"""How records went: somebody wanted them away, they are in another record now, or their creation was taken back."""
QUIET = frozenset({"record_tag", "mention", "notification", "merge_log", "attachment_revision"})
"""Tables whose rows go along without being counted as something that hung on the record."""
_PART, _MOST_FOUND = 500, 5000


@dataclass(frozen=True)
class Deleted:
    """A deleted record.

    Attributes:
        change_id: of the change that deleted it.
        hanging: table name to how many rows went with it.
        unlinked: table name to how many records lost their link to what that deletion took; a restore puts them back.
        together: how many records of the list went in the same deletion, this one among them.
        goes_at: when it goes for good by itself; None where the office lets nothing go by itself, where it is kept for
            ever, or as long as the one it was merged into.
        how: DELETED_BY_HAND, MERGED or UNDONE.
        merge_set: of what was merged, the change set to take apart; ``merged_into`` the title of what it is in now.
    """

    change_id: int
    entity: str
    record_id: int
    title: str
    change_set_id: int | None
    at: datetime | None
    who: str
    user_id: int | None = None
    hanging: Mapping[str, int] = field(default_factory=dict)
    unlinked: Mapping[str, int] = field(default_factory=dict)
    together: int = 1
    goes_at: datetime | None = None
    how: str = DELETED_BY_HAND
    merge_set: int | None = None
    merged_into: str = ""

    @property
    def days_left(self) -> int | None:
        """Days until it goes for good by itself, one that has begun counted whole; None where it stays."""
        return None if self.goes_at is None else max(0, ceil((self.goes_at - clock.now()) / timedelta(days=1)))


@dataclass(frozen=True)
class Asked:
    """Which deleted records are wanted, and in which order.

    Attributes:
        entity: a record type, "" for all.
        who: the name of who deleted them as the history has it, "" for everybody.
        text: words of their titles.
        change_set_id: only those of one deletion.
        sort: "at", "title", "type" or "who".
        how: DELETED_BY_HAND, MERGED, UNDONE or EVERY_WAY.
    """

    entity: str = ""
    who: str = ""
    text: str = ""
    change_set_id: int | None = None
    sort: str = "at"
    down: bool = True
    how: str = DELETED_BY_HAND


ALL = Asked()


def list_deleted(
    database: Database, connection: sa.Connection, asked: Asked = ALL, *, limit: int = 200, offset: int = 0
) -> list[Deleted]:
    """Deleted records that are not there again, as they were deleted last."""
    found = _found(database, asked)
    if found is None:
        return []
    found = _with_words(connection, found, asked.text)
    rows = found.subquery()
    way = _way(database, rows, asked.sort)
    order: list[Any] = [] if way is None else [way.desc() if asked.down else way.asc()]
    order.append(rows.c.id.asc() if way is None and not asked.down else rows.c.id.desc())
    statement = sa.select(rows).order_by(*order).limit(limit).offset(offset)
    listed = connection.execute(statement).all()
    days = read_policy(connection).days_until_gone
    hanging = _hanging(connection, [(row.record_id, row.change_set_id) for row in listed])
    sets = {row.change_set_id for row in listed if row.change_set_id}
    together = _together(database, connection, sets)
    unlinked = _unlinked(database, connection, sets)
    merges = _merges(database, connection, [row.record_id for row in listed if row.how == MERGED])
    return [
        Deleted(
            row.id, database.schema.by_table[row.table_name].name, row.record_id, row.title or "", row.change_set_id,
            row.at, row.who, row.user_id, hanging.get(row.record_id, {}), unlinked.get(row.change_set_id, {}),
            together.get(row.change_set_id, 1),
            row.at + timedelta(days=days) if row.at and days and row.how != MERGED else None, row.how,
            *merges.get(row.record_id, (row.change_set_id if row.how == MERGED else None, "")),
        )
        for row in listed
    ]  # fmt: skip


def _way(database: Database, rows: Any, sort: str) -> Any:
    """What the list is sorted by, as people sort: accents aside, and types by their names; None for the time."""
    if sort == "type":
        specs = [database.schema.entity(one) for one in listed_types(database)]
        named = sorted(specs, key=lambda spec: fold(translate(spec.label)))
        return sa.case(*((rows.c.table_name == spec.table, at) for at, spec in enumerate(named)), else_=len(named))
    return sa.func.crm_fold(sa.func.coalesce(rows.c[sort], "")) if sort in ("title", "who") else None


def _merges(database: Database, connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[int | None, str]]:
    """By record that was merged: the change set of the merge, and what the record is called that it is in now."""
    log = Base.metadata.tables["merge_log"]
    found: dict[int, Any] = {}
    for start in range(0, len(ids), _PART):
        chosen = sa.select(log).where(log.c.loser_id.in_(ids[start : start + _PART])).order_by(log.c.id)
        found |= {row.loser_id: row for row in connection.execute(chosen)}
    titles: dict[int, str] = {}
    for entity in {row.entity for row in found.values()}:
        winners = {row.winner_id for row in found.values() if row.entity == entity}
        titles |= queries.titles(database.schema, connection, entity, winners)
    return {one: (row.merge_set_id, titles.get(row.winner_id, "")) for one, row in found.items()}


def count_by_person(database: Database, connection: sa.Connection, asked: Asked = ALL) -> dict[str, int]:
    """The names of those who deleted what :func:`list_deleted` would list, each with how many records they did."""
    found = _found(database, asked)
    if found is None:
        return {}
    rows = _with_words(connection, found, asked.text).subquery()
    statement = sa.select(rows.c.who, sa.func.count()).group_by(rows.c.who)
    return {who: int(number) for who, number in connection.execute(statement)}


def count_deleted(database: Database, connection: sa.Connection, asked: Asked = ALL) -> int:
    """How many :func:`list_deleted` would list."""
    return sum(count_by_person(database, connection, asked).values())


def listed_types(database: Database) -> list[str]:
    """The record types whose deleted records are listed."""
    return [one.name for one in database.schema.entities.values() if one.listed]


def _found(database: Database, asked: Asked) -> sa.Select[Any] | None:
    """(id, table_name, record_id, title, change_set_id, at, who, user_id, how) of what is wanted."""
    schema = database.schema
    specs = [schema.entity(one) for one in listed_types(database) if asked.entity in ("", one)]
    if not specs:
        return None
    tables = [one.table for one in specs]
    newer, older, its = change.alias("newer"), change.alias("older"), change_set.alias("its")
    there = [
        (change.c.table_name == one.table)
        & ~sa.exists().where(Base.metadata.tables[one.table].c.id == change.c.record_id)
        for one in specs
    ]
    same = (change.c.record_id, change.c.table_name)
    last = ~sa.exists().where(
        newer.c.record_id == same[0],
        newer.c.table_name == same[1],
        newer.c.op == sa.literal_column("'D'"),
        newer.c.id > change.c.id,
    )
    kind, log = sa.func.coalesce(_of_set(change_set.c.kind), ""), Base.metadata.tables["merge_log"]
    before = sa.exists().where(
        older.c.record_id == same[0], older.c.table_name == same[1], older.c.op == sa.literal_column("'D'"), older.c.id < change.c.id,
        its.c.id == older.c.change_set_id, its.c.kind.not_in(NOT_MEANT),
    )  # fmt: skip
    taken, logged = kind.in_(("undo", "redo", PART)), sa.exists().where(log.c.loser_id == same[0])
    meant = kind.not_in(NOT_MEANT) | (taken & ~logged & before)
    merged = (kind == "merge") | (taken & logged)
    ways = {
        DELETED_BY_HAND: meant, MERGED: merged, UNDONE: taken & ~logged & ~before,
        EVERY_WAY: meant | merged | taken,
    }  # fmt: skip
    how = sa.case((merged, MERGED), (meant, DELETED_BY_HAND), else_=UNDONE)
    title = sa.case(
        *((change.c.table_name == one.table, change.c.data[one.title_field].as_string()) for one in specs), else_=""
    )
    who = sa.func.coalesce(_of_set(change_set.c.user_name), change.c.user_name, "")
    statement = (
        sa.select(
            change.c.id, change.c.table_name, change.c.record_id, title.label("title"), change.c.change_set_id,
            sa.func.coalesce(_of_set(change_set.c.at), change.c.at).label("at"), who.label("who"),
            _of_set(change_set.c.user_id).label("user_id"),
            (sa.literal(asked.how) if asked.how else how).label("how"),
        )
        .where(DELETED, change.c.table_name.in_(tables), sa.or_(*there), last)
        .where(ways[asked.how])
    )  # fmt: skip
    if asked.who:
        statement = statement.where(who == asked.who)
    if asked.change_set_id is not None:
        statement = statement.where(change.c.change_set_id == asked.change_set_id)
    return statement


def _of_set(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """What the change set of a deletion says, asked by itself: for a join a server reads every change set that there is."""
    return sa.select(column).where(change_set.c.id == change.c.change_set_id).scalar_subquery()


def _with_words(connection: sa.Connection, found: sa.Select[Any], text: str) -> sa.Select[Any]:
    """Only those whose title has the words, whatever their accents and case, which SQLite cannot compare by itself."""
    words = fold(text).split()
    if not words:
        return found
    rows = found.subquery()
    ids = []
    for row in connection.execute(sa.select(rows.c.id, rows.c.title).order_by(rows.c.id.desc())):
        title = fold(row.title or "")
        if all(word in title for word in words):
            ids.append(row.id)
            if len(ids) == _MOST_FOUND:
                break
    return found.where(change.c.id.in_(ids))


def _hanging(
    connection: sa.Connection, wanted: Sequence[tuple[int, int | None]]
) -> dict[int, dict[str, int]]:  # fmt: skip
    """By record, what went with it."""
    result: dict[int, dict[str, int]] = defaultdict(dict)
    sets = dict(wanted)
    ids = list(sets)
    for start in range(0, len(ids), _PART):
        statement = (
            sa.select(change.c.parent_id, change.c.change_set_id, change.c.table_name, sa.func.count())
            .where(change.c.parent_id.in_(ids[start : start + _PART]), change.c.op == "D", change.c.table_name.not_in(QUIET))
            .group_by(change.c.parent_id, change.c.change_set_id, change.c.table_name)
        )  # fmt: skip
        for parent, set_id, table, number in connection.execute(statement):
            if sets[parent] == set_id:
                result[parent][table] = number
    return result


def _together(database: Database, connection: sa.Connection, sets: Collection[int]) -> dict[int, int]:
    """By change set, how many records of the list it deleted."""
    return {one: sum(counts.values()) for one, counts in _counted(database, connection, sets, "D").items()}


def _unlinked(database: Database, connection: sa.Connection, sets: Collection[int]) -> dict[int, dict[str, int]]:
    """By change set of a deletion, how many other records it changed: they had a link to what it deleted."""
    return _counted(database, connection, sets, "U", change_set.c.kind.in_(("edit", "bulk")))


def _counted(
    database: Database, connection: sa.Connection, sets: Collection[int], op: str, *where: Any
) -> dict[int, dict[str, int]]:  # fmt: skip
    """By change set and table, how many records of listed types it deleted ("D") or changed ("U")."""
    tables = [database.schema.entity(one).table for one in listed_types(database)]
    result: dict[int, dict[str, int]] = defaultdict(dict)
    every = sorted(sets)
    for start in range(0, len(every), _PART):
        inside = changes_of_sets(connection, every[start : start + _PART], *where)
        if inside is None:
            continue
        number = sa.func.count(change.c.record_id.distinct())
        statement = sa.select(change.c.change_set_id, change.c.table_name, number).where(
            inside, change.c.op == op, change.c.table_name.in_(tables)
        )
        for one, table, count in connection.execute(statement.group_by(change.c.change_set_id, change.c.table_name)):
            result[one][table] = int(count)
    return result


def peek_rows(connection: sa.Connection, one: Deleted, *, limit: int = 500) -> Sequence[sa.RowMapping]:
    """The rows of the history that hold a deleted record and what hung on it, for ``changes.tell_rows``."""
    same = (
        change.c.change_set_id.is_(None) if one.change_set_id is None else change.c.change_set_id == one.change_set_id
    )
    hung = (change.c.parent_id == one.record_id) & same & (change.c.op == "D") & change.c.table_name.not_in(QUIET)
    own = connection.execute(sa.select(change).where(change.c.id == one.change_id)).mappings().all()
    parts = sa.select(change).where(hung).order_by(change.c.table_name, change.c.id).limit(limit)
    return [*own, *connection.execute(parts).mappings()]


def restore_deleted(
    database: Database, actor: Actor, chosen: Sequence[Deleted], *, progress: Progress | None = None
) -> int:
    """Bring deleted records back with their ids, what hung on them, their tags, files, and the links to them.

    Links to records that are still deleted come back with those. It is one change set, which can be undone. What was
    merged does not come back so: the merge is taken apart (``unmerging.unmerge``).

    Returns:
        How many are there again.

    Raises:
        UserError: none of them can come back.
        NotAllowed: whoever is signed in may not create such records.
    """
    progress = progress or Progress()
    _refuse_merged(chosen)
    title, params = N_("Restore {n} deleted records"), dict[str, Any](n=len(chosen))
    if len(chosen) == 1:
        title, params = N_("Restore {title}"), {"title": chosen[0].title or "–"}
    by_type: dict[str, dict[int, int | None]] = defaultdict(dict)
    for one in chosen:
        by_type[one.entity][one.record_id] = one.change_set_id
    back = 0
    rank = {table.name: at for at, table in enumerate(database.schema.data_tables)}
    with write(database, title, actor=actor, kind=RESTORE, bulk=len(chosen) > 2000, params=params) as uow:
        # companies before the people who link to them
        order = sorted(by_type, key=lambda name: rank[database.schema.entity(name).table])
        for number, name in enumerate(order):
            progress.update(number, len(order))
            spec = database.schema.entity(name)
            back += len(Restorer(uow, spec).restore(by_type[name]))
        if not back:
            raise UserError(
                N_(
                    "This cannot come back: a record with the same number or key was made since, or it is gone for good."
                )
            )
    return back


def delete_for_good(database: Database, actor: Actor, chosen: Sequence[Deleted]) -> int:
    """Take deleted records, all that the history knows of them and the files that only they had out of the database.

    It cannot be undone.

    The history keeps one line that says who did it, when, and how many it were.

    Returns:
        How many records are gone.

    Raises:
        NotAllowed: only owners and administrators may.
        UserError: one of them is there again.
    """
    if not database.access.everything:
        raise without_power("erase")
    _refuse_merged(chosen)
    refuse_part(database, {one.entity for one in chosen})
    with write(database, N_("Deleted for good"), actor=actor, kind=PURGE) as uow:
        connection = uow.connection
        for one in chosen:
            table = Base.metadata.tables[database.schema.entity(one.entity).table]
            if connection.execute(sa.select(table.c.id).where(table.c.id == one.record_id)).first():
                raise UserError(N_("“{title}” is there again."), title=one.title)
        ids = _only_gone(database.schema, connection, forget.history_ids(connection, [o.record_id for o in chosen]))
        with forget.as_owner(connection):
            contents = _contents_of(connection, ids)
            forget.clear_history(uow, ids)
            blobs.let_go(connection, contents)
        _note_down(connection, actor, len(chosen), uow.now)
    return len(chosen)


def _refuse_merged(chosen: Sequence[Deleted]) -> None:
    for one in chosen:
        if one.how == MERGED:
            raise UserError(
                N_("“{title}” was merged into another record. Take the merge apart to bring it back."), title=one.title
            )


def _contents_of(connection: sa.Connection, ids: set[int]) -> set[str]:
    """SHA-256 of the contents that files among deleted rows had."""
    found: set[str] = set()
    for part in forget.parts(sorted(ids)):
        gone = sa.select(change.c.data).where(
            change.c.record_id.in_(part), change.c.op == "D", change.c.table_name.in_(blobs.FILES)
        )
        found.update(str(data["sha256"]) for (data,) in connection.execute(gone) if data and data.get("sha256"))
    return found


def _only_gone(schema: Schema, connection: sa.Connection, ids: set[int]) -> set[int]:
    """Those of these ids that no row has any more: what moved to another record before it was deleted stays."""
    there: set[int] = set()
    for table in schema.tracked_tables:
        for part in forget.parts(sorted(ids)):
            there.update(connection.execute(sa.select(table.c.id).where(table.c.id.in_(part))).scalars())
    return ids - there


def _note_down(connection: sa.Connection, actor: Actor, count: int, at: datetime) -> None:
    """A change set without changes: it tells who took how many out for good."""
    title = N_("Deleted for good: one record") if count == 1 else N_("Deleted for good: {n} records")
    values: dict[str, Any] = {
        "id": generator.next(), "title": title, "params": {"n": count}, "kind": PURGE,
        "user_id": actor.user_id, "user_name": actor.name or None, "at": at,
    }  # fmt: skip
    connection.execute(change_set.insert().values(values))
