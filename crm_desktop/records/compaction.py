"""Making the history smaller as the office has set: what would go, and letting it go step by step.

Deleted records whose time has passed go with all that is known of them. Old edits lose their values, or go. A change set
that is no longer whole is marked and cannot be undone; every other one can be undone as before. Nothing in the tables
of the office changes. Each step is short, so that colleagues save between two of them, and its numbers are in the same
transaction: what went is told even where the program was stopped in the middle.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import forget
from crm_desktop.db.database import Database, translated_errors
from crm_desktop.db.journal import DELETED, DELETIONS_BEGIN, EDITS_BEGIN, change, change_set
from crm_desktop.db.types import instant_text, parse_instant
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import blobs, retention
from crm_desktop.records.expired import Remains, expired_records, present, remains_of
from crm_desktop.records.history_size import average_bytes
from crm_desktop.records.office_service import save_settings
from crm_desktop.records.retention import EVERYTHING, TITLE, Policy

STEP = 4_000
"""Entries that go in one step."""
_STRETCH = 100_000
"""So many entries are counted at once."""
_REST = 0.5
"""After a step, others may write for this part of the time that it took."""
_PENDING = "pending"
"""In an account: contents of files that may have to go. It is there until they went, also where the program was killed."""


@dataclass
class Preview:
    """What would go now.

    Attributes:
        records: deleted records by record type; ``deleted_first`` and ``deleted_last`` when they were deleted.
        record_changes: entries of the history that go with them.
        files: contents that nobody has any more then; ``file_size`` their bytes.
        edits: old entries, or their values, that go; ``sets`` the change sets that can no longer be undone then.
        size: bytes that the history becomes smaller by, files included; estimated.
    """

    policy: Policy
    deleted_before: datetime | None = None
    edits_before: datetime | None = None
    records: Counter[str] = field(default_factory=Counter)
    deleted_first: datetime | None = None
    deleted_last: datetime | None = None
    record_changes: int = 0
    files: int = 0
    file_size: int = 0
    edits: int = 0
    sets: int = 0
    size: int = 0

    @property
    def begins(self) -> datetime | None:
        """As of which moment the office can be seen then, and after; None: as now."""
        moments = (self.deleted_last, self.edits_before if self.edits else None)
        return max((one for one in moments if one is not None), default=None)

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to let go."""
        return not self.records and not self.edits


@dataclass
class _Run:
    """One run: what it is allowed to let go, what it has let go, and the change set that tells it."""

    database: Database
    policy: Policy
    now: datetime
    account: int = 0
    cursor: list[Any] | None = None
    told: dict[str, Any] = field(default_factory=dict)
    last_deletion: datetime | None = None
    """When the last of the records was deleted that go now."""
    new_in_whole: set[int] = field(default_factory=set)
    """Rows whose beginning can still be undone: their edits stay, so that undo sees them."""

    def add(self, connection: sa.Connection, **numbers: int) -> None:
        for name, number in numbers.items():
            self.told[name] = self.told.get(name, 0) + number
        if self.cursor is not None:
            self.told |= {"cursor": self.cursor, "then": self.policy.then}
        forget.keep_account(connection, self.account, self.told)


def preview(database: Database, connection: sa.Connection, policy: Policy, progress: Progress | None = None) -> Preview:
    """What letting go by a policy would remove now. Reads only."""
    progress, now = progress or Progress(), clock.now()
    found = Preview(policy, policy.deleted_before(now), policy.edits_before(now))
    digests: set[str] = set()
    if found.deleted_before is not None:
        of_table = {spec.table: spec.name for spec in database.schema.entities.values()}
        for group in expired_records(connection, database.schema, found.deleted_before):
            remains = remains_of(connection, database.schema, group)
            found.records.update(of_table[one.table] for one in group)
            found.record_changes += len(remains.changes)
            digests |= remains.files
            times = [one.at for one in group if one.at is not None] + [
                one for one in (found.deleted_first, found.deleted_last) if one is not None
            ]
            found.deleted_first, found.deleted_last = min(times, default=None), max(times, default=None)
            progress.update(sum(found.records.values()), message=translate(N_("Counting deleted records…")))
    if found.edits_before is not None:
        found.edits, found.sets = _count_edits(connection, policy, found.edits_before, progress)
    found.files, found.file_size = blobs.sizes(connection, digests - blobs.used(connection, digests))
    each = average_bytes(connection) if found.record_changes or found.edits else 0.0
    share = 1.0 if policy.then == EVERYTHING else 0.5
    found.size = round((found.record_changes + found.edits * share) * each) + found.file_size
    return found


def _count_edits(
    connection: sa.Connection, policy: Policy, before: datetime, progress: Progress
) -> tuple[int, int]:  # fmt: skip
    """(entries, change sets that can still be undone) before a moment. Stretch by stretch, so that it can be stopped."""
    old = change_set.c.at < before, change_set.c.title != TITLE
    cursor = _cursor(connection, policy)
    fresh = (*old, change_set.c.at >= parse_instant(cursor[0])) if cursor else old
    stands = change_set.c.compacted_at.is_(None) & change_set.c.undone_by.is_(None)
    sets = sa.select(sa.func.count()).select_from(change_set).where(*old, stands)
    ends = sa.func.min(change_set.c.first_change), sa.func.max(change_set.c.last_change)
    first, last = connection.execute(sa.select(*ends).where(*fresh)).one()
    edits = sa.select(sa.func.count()).select_from(change).join(change_set, change_set.c.id == change.c.change_set_id)
    edits = edits.where(*fresh, change.c.op == "U")
    if policy.then != EVERYTHING:
        edits = edits.where(sa.cast(change.c.data, sa.Text) != "{}")
    found, start = 0, int(first or 0)
    while first is not None and start <= last:
        progress.update(start - first, last - first + 1, translate(N_("Counting old changes…")))
        part = edits.where(change.c.id.between(start, start + _STRETCH - 1))
        found += int(connection.execute(part).scalar_one())
        start += _STRETCH
    return found, int(connection.execute(sets).scalar_one())


def _cursor(connection: sa.Connection, policy: Policy) -> list[Any] | None:
    """How far earlier runs came: [moment, change set, change]; None where this policy goes further than they did."""
    for one in retention.accounts(connection, 1_000):
        params = one.params or {}
        if params.get("cursor") and (params.get("then") == EVERYTHING or policy.then != EVERYTHING):
            return list(params["cursor"])
    return None


def compact(
    database: Database, policy: Policy, actor: Actor, *, progress: Progress | None = None, backup: str = "",
    expected: int = 0,
) -> retention.Account:  # fmt: skip
    """Let go of what a policy no longer keeps. What cannot be undone any more is marked so.

    Args:
        expected: how many entries go, as far as a preview told; for the progress.
        backup: where the proven backup is that was made before, for the account.

    Raises:
        NotAllowed: who asks is neither owner nor administrator.
        UserError: on a locked server, only an owner may; or there is nothing to let go.
        Cancelled: what went until then stays gone, and is told.
    """
    retention.require_leader(database)
    progress = progress or Progress()
    progress.update(0, expected)
    with database.read() as connection, forget.as_owner(connection):  # refuses before anything begins
        run = _Run(database, policy, clock.now(), cursor=_cursor(connection, policy))
        run.last_deletion = _last_deletion(connection, database, policy.deleted_before(run.now))
    run.told = {"changes": 0, "records": 0, "sets": 0, "files": 0, "size": 0, "backup": backup}
    _begin(run, actor)
    files: set[str] = set()
    try:
        _let_records_go(run, progress, files)
        _let_edits_go(run, progress)
    finally:
        _let_files_go(run, files)
        database.forget()
    with database.read() as connection:
        return next(one for one in retention.accounts(connection, 1_000) if one.change_set == run.account)


def _last_deletion(connection: sa.Connection, database: Database, before: datetime | None) -> datetime | None:
    groups = expired_records(connection, database.schema, before) if before is not None else ()
    return max((one.at for group in groups for one in group if one.at is not None), default=None)


def _begin(run: _Run, actor: Actor) -> None:
    """Open the account, and say from when on the history is whole: before anything goes."""
    deleted, edits = run.policy.deleted_before(run.now), run.policy.edits_before(run.now)
    if deleted is None and edits is None:
        raise UserError(N_("The office keeps its whole history for ever: there is nothing to let go."))
    with write(run.database, TITLE, actor=actor, kind="system", params=run.told) as uow, uow.unasked():
        run.account = uow.change_set_id
        values: dict[str, Any] = {retention.LAST: {"at": instant_text(run.now), "run": run.account}}
        if edits is not None:
            older = sa.select(change_set.c.id).where(change_set.c.at < edits, change_set.c.title != TITLE).limit(1)
            edits = None if uow.connection.execute(older).first() is None else edits
        moments = {
            EDITS_BEGIN: (edits, retention.edits_begin(uow.connection)),
            DELETIONS_BEGIN: (run.last_deletion, retention.deletions_begin(uow.connection)),
        }
        for key, (moment, before) in moments.items():
            if moment is not None and (before is None or moment > before):
                values[key] = instant_text(moment)
        save_settings(uow, values)
    with _step(run, rest=False) as connection:
        forget.mark_compacted(connection, [run.account], run.now)


@contextmanager
def _step(run: _Run, *, rest: bool = True) -> Iterator[sa.Connection]:
    """One short transaction as whoever may delete from the history; then a rest for others."""
    database, begin = run.database, time.monotonic()
    with database.write_lock, translated_errors(database), database.begin() as connection, forget.as_owner(connection):
        yield connection
    if rest:
        time.sleep(min(1.0, (time.monotonic() - begin) * _REST))


# -- deleted records ---------------------------------------------------------------------------------------------


def _let_records_go(run: _Run, progress: Progress, files: set[str]) -> None:
    """Adds the contents of their files to ``files``, group by group: also where it is stopped in the middle."""
    before = run.policy.deleted_before(run.now)
    if before is None:
        return
    after = 0
    while True:
        progress.update(run.told["changes"], message=translate(N_("Letting go of deleted records…")))
        with _step(run) as connection:
            group = next(expired_records(connection, run.database.schema, before, after), None)
            if group is None:
                return
            remains = remains_of(connection, run.database.schema, group)
            gone = forget.delete_changes(connection, remains.changes)
            _settle(run, connection, remains)
            if remains.files:
                files |= remains.files
                run.told[_PENDING] = sorted(files)
            run.add(connection, changes=gone, records=len(group))
            after = max(one.change_id for one in group)


def _settle(run: _Run, connection: sa.Connection, remains: Remains) -> None:
    forget.mark_compacted(connection, remains.restoring - {run.account}, run.now)
    run.add(connection, sets=forget.delete_empty_sets(connection, remains.sets - _accounts(connection)))


def _accounts(connection: sa.Connection) -> set[int]:
    return {one.change_set for one in retention.accounts(connection, 1_000)}


# -- old edits ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Old:
    """An old change set, and what of it belongs to this step."""

    id: int
    at: datetime
    first: int
    last: int
    after: int = 0


def _let_edits_go(run: _Run, progress: Progress) -> None:
    before = run.policy.edits_before(run.now)
    if before is None:
        return
    with run.database.read() as connection, forget.as_owner(connection):
        run.new_in_whole = _new_in_whole(connection, before, run.cursor)
    while True:
        progress.update(run.told["changes"], message=translate(N_("Letting go of old changes…")))
        with _step(run) as connection:
            sets = _next_sets(connection, before, run.cursor)
            if not sets:
                break
            _let_sets_go(run, connection, sets)
    while True:
        progress.update(run.told["changes"])
        with _step(run) as connection:
            gone = _let_outside_go(run, connection, before)
            if not gone:
                return
            run.add(connection, changes=gone)


def _next_sets(connection: sa.Connection, before: datetime, cursor: Sequence[Any] | None) -> list[_Old]:
    """The next change sets that fit into a step; one that is larger comes alone, in parts."""
    columns = (change_set.c.id, change_set.c.at, change_set.c.first_change, change_set.c.last_change)
    statement = sa.select(*columns).where(
        change_set.c.at < before, change_set.c.title != TITLE, change_set.c.last_change.isnot(None)
    )
    if cursor:
        at = parse_instant(cursor[0])
        statement = statement.where(change_set.c.at >= at, sa.or_(change_set.c.at > at, change_set.c.id >= cursor[1]))
    found: list[_Old] = []
    total = 0
    for identity, at, first, last in connection.execute(
        statement.order_by(change_set.c.at, change_set.c.id).limit(STEP // 4)
    ).all():
        after = int(cursor[2]) if cursor and cursor[1] == identity else 0
        if after >= (last or 0):
            continue
        total += (last or 0) - max(first or 0, after)
        if found and total > STEP:
            break
        found.append(_Old(identity, at, first or 0, last or 0, after))
    return found


def _rows_of(connection: sa.Connection, sets: Sequence[_Old]) -> list[Any]:
    """The entries of a step, in order; of a single large change set the next ones only."""
    columns = (change.c.id, change.c.change_set_id, change.c.table_name, change.c.record_id, change.c.op)
    first, last = min(max(one.first, one.after + 1) for one in sets), max(one.last for one in sets)
    rows: list[Any] = []
    # ranges that lie apart, where clocks were set back or data came from elsewhere, are read one by one
    together = last - first < 4 * STEP or len(sets) == 1
    for portion in [sets] if together else [[one] for one in sets]:
        low, high = min(max(one.first, one.after + 1) for one in portion), max(one.last for one in portion)
        chosen = change.c.id.between(low, high) & change.c.change_set_id.in_([one.id for one in portion])
        rows += connection.execute(sa.select(*columns).where(chosen).order_by(change.c.id).limit(STEP + 1)).all()
    return rows[:STEP] if len(sets) == 1 else rows


def _let_sets_go(run: _Run, connection: sa.Connection, sets: Sequence[_Old]) -> None:
    rows = _rows_of(connection, sets)
    listed = {spec.table for spec in run.database.schema.entities.values() if spec.listed}
    whole = _restoring(connection, sets, listed)
    run.new_in_whole.update(row.record_id for row in rows if row.change_set_id in whole and row.op == "I")
    mine = [row for row in rows if row.change_set_id not in whole]
    forget.mark_compacted(connection, [one.id for one in sets if one.id not in whole], run.now)
    edits = [row.id for row in mine if row.op == "U"]
    deletions = {row.record_id: row for row in mine if row.op == "D"}
    if run.policy.then != EVERYTHING:
        gone = forget.empty_changes(connection, edits + [row.id for row in deletions.values()])
    else:
        gone = forget.delete_changes(connection, [
            row.id for row in mine if row.op == "U" and row.record_id not in run.new_in_whole
        ])  # fmt: skip
        gone += _let_parts_go(connection, deletions)
    cut = sets[-1]
    done = len(sets) > 1 or len(rows) < STEP
    # to the last digit: what others wrote may be finer than a millisecond, and a moment cut short would come again for ever
    run.cursor = [cut.at.isoformat(), cut.id, cut.last if done else rows[-1].id]
    empty = forget.delete_empty_sets(connection, [one.id for one in sets if one.id not in whole])
    run.add(connection, changes=gone, sets=empty)


def _restoring(connection: sa.Connection, sets: Sequence[_Old], listed: Collection[str]) -> set[int]:
    """Those of some change sets by which a deleted or merged record can still come back: they stay whole."""
    first, last = min(one.first for one in sets), max(one.last for one in sets)
    rows = connection.execute(
        sa.select(change.c.change_set_id, change.c.table_name, change.c.record_id).where(
            DELETED, change.c.id.between(first, last), change.c.change_set_id.in_([one.id for one in sets]),
            change.c.table_name.in_(listed),
        )
    ).all()  # fmt: skip
    there = present(connection, {row.record_id: row.table_name for row in rows})
    return {row.change_set_id for row in rows if row.record_id not in there}


def _let_parts_go(connection: sa.Connection, deletions: Mapping[int, Any]) -> int:
    """Everything of parts of records that were deleted long ago; of those that came back only the values."""
    there = present(connection, {one: row.table_name for one, row in deletions.items()})
    whole, emptied = set[int](), [row.id for one, row in deletions.items() if one in there]
    for part in forget.parts(sorted(set(deletions) - there)):
        rows = connection.execute(
            sa.select(change.c.id, change.c.record_id).where(change.c.record_id.in_(part))
        ).all()  # fmt: skip
        newest: dict[int, int] = {}
        for row in rows:
            newest[row.record_id] = max(newest.get(row.record_id, 0), row.id)
        for row in rows:
            if newest[row.record_id] == deletions[row.record_id].id:
                whole.add(row.id)
        emptied += [deletions[one].id for one, last in newest.items() if last != deletions[one].id]
    return forget.delete_changes(connection, whole) + forget.empty_changes(connection, emptied)


def _new_in_whole(connection: sa.Connection, before: datetime, cursor: Sequence[Any] | None) -> set[int]:
    """Rows that began in old change sets which earlier runs left whole."""
    if not cursor:
        return set()
    begun = (
        sa.select(change.c.record_id).join(change_set, change_set.c.id == change.c.change_set_id)
        .where(change_set.c.at < before, change_set.c.at <= parse_instant(cursor[0]), change_set.c.compacted_at.is_(None))
        .where(change_set.c.title != TITLE, change.c.op == "I", change.c.id >= change_set.c.first_change)
        .where(change.c.id <= change_set.c.last_change)
    )  # fmt: skip
    return set(connection.execute(begun).scalars())


def _let_outside_go(run: _Run, connection: sa.Connection, before: datetime) -> int:
    """What something outside the program wrote long ago: such changes stand in no change set."""
    old = change.c.change_set_id.is_(None) & (change.c.at < before) & (change.c.op == "U")
    if run.policy.then == EVERYTHING:
        ids = connection.execute(sa.select(change.c.id).where(old).limit(STEP)).scalars().all()
        return forget.delete_changes(connection, ids)
    told = sa.cast(change.c.data, sa.Text) != "{}"
    ids = connection.execute(sa.select(change.c.id).where(old, told).limit(STEP)).scalars().all()
    return forget.empty_changes(connection, ids)


# -- files -------------------------------------------------------------------------------------------------------


def _let_files_go(run: _Run, digests: set[str]) -> None:
    """Let contents go that only records had which can no longer be restored, those of earlier runs that were killed, too."""
    with _step(run, rest=False) as connection:
        unfinished = [
            one for one in retention.accounts(connection, 1_000) if one.params and one.params.get(_PENDING)
        ]  # fmt: skip
        every = digests.union(*(one.params[_PENDING] for one in unfinished if one.params))
        if not every:
            return
        count, size = blobs.let_go(connection, every)
        for one in unfinished:
            forget.keep_account(
                connection, one.change_set, {k: v for k, v in (one.params or {}).items() if k != _PENDING}
            )
        run.told.pop(_PENDING, None)
        run.add(connection, files=count, size=size)
