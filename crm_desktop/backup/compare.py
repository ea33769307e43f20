"""What changed since a backup was made, record by record: compared row by row, since the history may not have it all.

What signs people in and what they may do is left out: a backup never brings back an old password or an old right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from crm_desktop.backup.blame import Author, Touch, authors_of, touches_since
from crm_desktop.backup.compare_rows import Pair, RowChange, different_rows
from crm_desktop.backup.owners import Owners, RecordKey
from crm_desktop.backup.seeing import without_hidden
from crm_desktop.backup.way_back import RESTORED
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.base import Base
from crm_desktop.db.protection import protection_of
from crm_desktop.db.schema import Schema
from crm_desktop.records import queries

_LEFT_OUT = frozenset({"users", "secret", "erase", "personal"})
"""Rules of tables that no backup brings back: who works here with which rights, who was erased, what was told to whom."""

CREATED, CHANGED, DELETED = "created", "changed", "deleted"
OPS = (DELETED, CHANGED, CREATED)
_OP = {"I": CREATED, "U": CHANGED, "D": DELETED}


@dataclass(frozen=True)
class Difference:
    """One record that is not as it was in the backup.

    Attributes:
        op: "created", "changed" or "deleted" since the backup.
        title: what it was called then; what it is called now where it is new.
        rows: its own row and those that hang on it, as far as they differ.
        who, at: who changed it since, and when for the last time; empty where the history does not know.
        erased: the person was erased for good since; nothing of it may come back.
    """

    entity: str
    record_id: int
    op: str
    title: str
    rows: tuple[RowChange, ...]
    who: tuple[str, ...] = ()
    at: datetime | None = None
    erased: bool = False

    @property
    def key(self) -> RecordKey:
        """Record type and id."""
        return self.entity, self.record_id


@dataclass(frozen=True)
class Comparison:
    """Everything that is not as it was.

    Attributes:
        same_office: whether both are states of one office; nothing else is told where they are not.
        authors: the change sets since the backup, by id.
        touches: (table, row) to the changes since the backup, as the history knows them.
    """

    differences: tuple[Difference, ...]
    same_office: bool = True
    authors: Mapping[int, Author] = field(default_factory=dict)
    touches: Mapping[tuple[str, int], Sequence[Touch]] = field(default_factory=dict)

    @property
    def people(self) -> list[str]:
        """Everybody who changed something since, by name."""
        return sorted({name for one in self.differences for name in one.who if name})


def compared_tables(schema: Schema) -> list[sa.Table]:
    """The tables that are compared, parents before children."""
    return [table for table in schema.tracked_tables if protection_of(schema, table).rule not in _LEFT_OUT]


def is_same_office(pair: Pair) -> bool:
    """Whether two databases are states of one office: ids are unique, so one change or user in common tells it."""
    for name in ("change_set", "user_account", "pipeline", "contact", "company", "office_setting"):
        table = Base.metadata.tables[name]
        ids = pair.reading_then.execute(sa.select(table.c.id).order_by(table.c.id).limit(200)).scalars().all()
        if ids and pair.reading_now.execute(sa.select(table.c.id).where(table.c.id.in_(ids)).limit(1)).first():
            return True
    return False


def compare(pair: Pair, progress: Progress | None = None) -> Comparison:
    """Compare the present database with a backup of it.

    Raises:
        Cancelled: the user stopped it.
    """
    progress = progress or Progress()
    if not is_same_office(pair):
        return Comparison((), same_office=False)
    progress.update(message=translate(N_("Comparing the backup with the present")))
    rows = without_hidden(pair, list(different_rows(pair, compared_tables(pair.now.schema), progress)))
    rows = _without_own_note(pair, rows)
    return told(pair, rows, progress)


def _without_own_note(pair: Pair, rows: Sequence[RowChange]) -> list[RowChange]:
    """Rows without what an office notes about the restore it comes from: that is no part of its state."""
    table = Base.metadata.tables["office_setting"]
    asked = sa.select(table.c.id).where(table.c.key == RESTORED)
    own = {identity for one in (pair.reading_then, pair.reading_now) for identity in one.execute(asked).scalars()}
    return [one for one in rows if one.table != table.name or one.row_id not in own]


def told(pair: Pair, rows: Sequence[RowChange], progress: Progress) -> Comparison:
    """Rows that differ, gathered by the record that they belong to, with who changed them since."""
    progress.update(message=translate(N_("Reading who changed it")))
    touches = touches_since(pair, {(one.table, one.row_id) for one in rows}, progress)
    authors = authors_of(pair.reading_now, {touch.set_id for many in touches.values() for touch in many})
    owners = Owners(pair).of(rows, progress)
    by_record: dict[RecordKey, list[RowChange]] = defaultdict(list)
    for row, key in zip(rows, owners, strict=True):
        if key[0] in pair.now.schema.entities:  # else it hung on something that is in neither of them
            by_record[key].append(row)
    found = [_difference(pair.now.schema, key, mine, touches, authors) for key, mine in by_record.items()]
    progress.check()
    found = _titled(pair, _with_erasures(pair, found))
    found.sort(key=lambda one: (one.at is None, one.at), reverse=True)
    return Comparison(tuple(found), authors=authors, touches=touches)


def _difference(
    schema: Schema, key: RecordKey, rows: list[RowChange], touches: Mapping[tuple[str, int], Sequence[Touch]],
    authors: Mapping[int, Author],
) -> Difference:  # fmt: skip
    table = schema.entity(key[0]).table
    own = next((one for one in rows if one.table == table and one.row_id == key[1]), None)
    rows.sort(key=lambda one: (one.table != table, one.table, one.row_id))
    who, at = _by_whom(rows, touches, authors)
    return Difference(*key, _OP[own.op] if own else CHANGED, "", tuple(rows), who, at)


def _by_whom(
    rows: Iterable[RowChange], touches: Mapping[tuple[str, int], Sequence[Touch]], authors: Mapping[int, Author]
) -> tuple[tuple[str, ...], datetime | None]:
    known = {touch.set_id for one in rows for touch in touches.get((one.table, one.row_id), ())}
    sets = sorted((authors[one] for one in known if one in authors), key=lambda one: one.at, reverse=True)
    return tuple(dict.fromkeys(one.name for one in sets)), sets[0].at if sets else None


def _with_erasures(pair: Pair, found: list[Difference]) -> list[Difference]:
    table = Base.metadata.tables["erasure"]
    erased = set(pair.reading_now.execute(sa.select(table.c.record_id)).scalars())
    return [replace(one, erased=True) if one.record_id in erased else one for one in found] if erased else found


def _titled(pair: Pair, found: Sequence[Difference]) -> list[Difference]:
    wanted: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for one in found:
        wanted[one.entity, one.op == CREATED].append(one.record_id)
    titles: dict[int, str] = {}
    for (entity, new), ids in wanted.items():
        titles |= queries.titles(pair.now.schema, pair.reading_now if new else pair.reading_then, entity, ids)
    return [replace(one, title=" ".join(titles.get(one.record_id, "").split())[:120]) for one in found]


@dataclass(frozen=True)
class Choice:
    """Which of the differences are meant. Empty means all; several of them hold together.

    Attributes:
        people: names of those who changed it.
        start, end: when it was changed.
        entities: record types.
        ops: "created", "changed", "deleted".
    """

    people: frozenset[str] = frozenset()
    start: datetime | None = None
    end: datetime | None = None
    entities: frozenset[str] = frozenset()
    ops: frozenset[str] = frozenset()


def choose(comparison: Comparison, choice: Choice) -> list[Difference]:
    """The differences that somebody means, each narrowed to the fields and rows that are meant.

    Where a record was changed by two people, only what the chosen one touched stays. What the history does not know
    is left out where people or a time are chosen.
    """
    found = []
    by_history = bool(choice.people or choice.start or choice.end)
    meant = {identity for identity, one in comparison.authors.items() if _meant(one, choice)} if by_history else set()
    for one in comparison.differences:
        if choice.entities and one.entity not in choice.entities:
            continue
        if choice.ops and one.op not in choice.ops:
            continue
        if by_history:
            rows = tuple(
                kept for row in one.rows
                if (kept := _narrowed(row, comparison.touches.get((row.table, row.row_id), ()), meant)) is not None
            )  # fmt: skip
            if not rows:
                continue
            who, at = _by_whom(rows, comparison.touches, {i: comparison.authors[i] for i in meant})
            one = replace(one, rows=rows, who=who, at=at)
        found.append(one)
    return found


def _meant(author: Author, choice: Choice) -> bool:
    if choice.people and author.name not in choice.people:
        return False
    return (choice.start is None or author.at >= choice.start) and (choice.end is None or author.at <= choice.end)


def _narrowed(row: RowChange, touches: Sequence[Touch], meant: Collection[int]) -> RowChange | None:
    mine = [touch for touch in touches if touch.set_id in meant]
    if not mine:
        return None
    if row.op != "U":
        return row
    touched = {name for touch in mine for name in touch.columns}
    columns = tuple(name for name in row.columns if name in touched)
    return row._replace(columns=columns) if columns else None


def counted(differences: Iterable[Difference]) -> dict[tuple[str, str], int]:
    """(record type, op) to how many records."""
    result: dict[tuple[str, str], int] = defaultdict(int)
    for one in differences:
        result[one.entity, one.op] += 1
    return dict(result)
