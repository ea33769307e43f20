"""An office of five years: the daily work with five million changes in its history, beside the same office with a short one."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg import sql

from benchmarks import history_rows, processes
from benchmarks.data import Store
from benchmarks.measure import Result, lap
from crm_desktop import features
from crm_desktop.contacts import queries as contact_queries
from crm_desktop.core.filters import where
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.feed import ChangeFeed
from crm_desktop.db.types import parse_instant
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import (
    bulk_edit,
    change_search,
    compaction,
    deleted,
    history,
    notice_list,
    queries,
    retention,
    service,
    undo_plan,
)
from crm_desktop.records.change_search import Asked

TIMES, NOISE_MS = 1.3, 1.5
RUNS, STARTS = 25, 5
ANSWER_MS = 500
"""A search through all of the history shows something after so long at the latest."""
_MARK = "an old bulk edit"
_IMPORTS, _DELETED = "Changes, imports", "recently deleted, first page"
_MORE = (_IMPORTS, _DELETED)
"""What the long history has more of, so that both do not read the same: 20,000 deleted records beside 400, a full page of imports."""
LET_GO = 200_000
"""So many entries are let go of."""
_PAGE = 60
"""More than a page of the history of a record holds."""

Work = Callable[[], Any]


def measure(store: Store, contacts: int, server: str) -> Iterator[Result]:
    """Measure on both engines, each work in turn on the long and on the short history."""
    for name, pair in (("SQLite", _files(store, contacts)), ("PostgreSQL", _on_server(store, contacts, server))):
        short, long = (Database(target, features.schema()) for target in pair)
        try:
            yield from _compared(name, short, long)
            yield from _answers(name, long)
            yield from _let_go(name, long)
        finally:
            short.close()
            long.close()
        if name == "SQLite":
            yield _starts(pair[0], pair[1], store.folder)


def _compared(engine: str, short: Database, long: Database) -> Iterator[Result]:
    pairs = zip(_works(short), _works(long), strict=True)
    rows = _count(long), _count(short)
    for (what, of_short), (_same, of_long) in pairs:
        taken: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(RUNS + 2):
            for is_long, work in ((False, of_short), (True, of_long)):
                begin = time.perf_counter()
                work()
                if turn > 1:  # the first compile statements and read into memory
                    taken[is_long].append((time.perf_counter() - begin) * 1000)
        slow, base = statistics.median(taken[True]), statistics.median(taken[False])
        most = ANSWER_MS if what in _MORE else base * TIMES + NOISE_MS
        yield Result(
            f"history-{engine.lower()}", f"{what}, {rows[0]:,} changes in the history, {engine}", slow, "ms",
            most, base, f"the same with {rows[1]:,} changes",
        )  # fmt: skip


def _answers(engine: str, database: Database) -> Iterator[Result]:
    """How soon the page of changes shows something, whatever is asked, and how long it looks through everything."""
    with database.read() as connection:
        rare = connection.execute(sa.text("SELECT id FROM user_account ORDER BY id DESC")).scalars().first()
        oldest = connection.execute(sa.text("SELECT at FROM change_set ORDER BY id LIMIT 1 OFFSET 50000")).scalar_one()
    day = parse_instant(oldest) if isinstance(oldest, str) else oldest
    asked = {
        "all": Asked(), "of somebody who left": Asked(user_id=rare, only_mine=True),
        "of nobody": Asked(user_name="Nobody"), "companies, which are hardly touched": Asked(entity="company"),
        "a text that nothing has": Asked(text="zzqx"), "imports": Asked(kind="import"),
        "an old month": Asked(since=day, until=day + timedelta(days=30)),
        "companies of one month": Asked(entity="company", since=day, until=day + timedelta(days=30)),
        "a text in what one person did": Asked(user_id=rare, only_mine=True, text="zzqx"),
    }  # fmt: skip
    for what, one in asked.items():
        with database.read() as connection:
            begin = time.perf_counter()
            found = change_search.find_changes(database, connection, one, limit=200)
            first, count, longest = time.perf_counter() - begin, len(found.changes), 0.0
            while found.place is not None and count < 200:
                step = time.perf_counter()
                found = change_search.find_changes(database, connection, one, limit=200 - count, after=found.place)
                count, longest = count + len(found.changes), max(longest, time.perf_counter() - step)
            whole = time.perf_counter() - begin
        yield Result(
            f"history-{engine.lower()}", f"Changes, {what}: first answer, {engine}", first * 1000, "ms", ANSWER_MS,
            whole * 1000, "until the page is full or all was looked at", details={"found": count, "longest step ms": longest * 1000},
        )  # fmt: skip
    with database.read() as connection:
        begin = time.perf_counter()
        people = change_search.who_changed(connection)
        taken = (time.perf_counter() - begin) * 1000
    yield Result(
        f"history-{engine.lower()}", f"who changed something, {len(people)} people, {engine}", taken, "ms", ANSWER_MS, taken, "itself"
    )  # fmt: skip


class _Until(Progress):
    """Stops a job when it has done so much."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most, self._at = most, time.perf_counter()
        self.longest = 0.0

    def update(self, done: int | None = None, total: int | None = None, message: str | None = None) -> None:
        now = time.perf_counter()
        self.longest, self._at = max(self.longest, now - self._at), now
        if (done or 0) >= self._most:
            self.cancel()
        super().update(done, total, message)


def _let_go(engine: str, database: Database) -> Iterator[Result]:
    """How long it takes to say what would go of a long history, and to let some of it go; each can be stopped."""
    policy = retention.Policy(deleted_days=90, years=2)
    until = _Until(2**62)
    with database.read() as connection, lap() as looked:
        found = compaction.preview(database, connection, policy, until)
    entries = found.record_changes + found.edits
    yield Result(
        f"history-{engine.lower()}", f"what would go, {entries:,} entries, {engine}", looked.wall * 1000, "ms", 60_000, looked.cpu * 1000,
        "processor time of the program", details={"longest step ms": until.longest * 1000},
    )  # fmt: skip
    until = _Until(LET_GO)
    with suppress(Cancelled), lap() as went:  # with the rests in which colleagues save
        compaction.compact(database, policy, Actor(None, "Benchmark"), progress=until)
    with database.read() as connection:
        told = retention.accounts(connection, 1)[0]
    yield Result(
        f"history-{engine.lower()}", f"{told.changes:,} entries let go of, then stopped, {engine}", went.wall * 1000, "ms", 120_000,
        went.cpu * 1000, "processor time of the program", details={"longest step ms": until.longest * 1000, "records": told.records},
    )  # fmt: skip


def _works(database: Database) -> Iterator[tuple[str, Work]]:
    """What people do all day, by name."""
    with database.read() as connection:
        contact = Base.metadata.tables["contact"]
        chosen = (
            connection.execute(sa.select(contact.c.id).order_by(contact.c.id).offset(history_rows.UNTOUCHED + 7))
            .scalars()
            .first()
        )
        users = connection.execute(sa.text("SELECT id FROM user_account ORDER BY id")).scalars().all()
        change_set = Base.metadata.tables["change_set"]
        old = connection.execute(sa.select(change_set.c.id).where(change_set.c.title == _MARK)).scalar_one()
    assert chosen is not None
    actor = Actor(users[0], "User")
    counter = iter(range(10**9))

    def read(work: Callable[[sa.Connection], Any]) -> Work:
        def run() -> None:
            with database.read() as connection:
                work(connection)

        return run

    def first_page(connection: sa.Connection) -> None:
        ids = queries.find_ids(database, connection, "contact", sort=[("name", False)], limit=100)
        queries.fetch_rows(database, connection, "contact", ids, ["name", "job_title", "company_id", "email", "city"])

    def filtered(connection: sa.Connection) -> None:
        queries.find_ids(
            database,
            connection,
            "contact",
            filter=where("lifecycle", "eq", "customer"),
            sort=[("created_at", True)],
            limit=100,
        )

    def deleted_page(connection: sa.Connection) -> None:
        deleted.list_deleted(database, connection, limit=300)
        deleted.count_by_person(database, connection)

    def save() -> None:
        with write(database, "Edit contact", actor=actor) as uow:
            service.update_record(uow, "contact", chosen, {"job_title": f"Title {next(counter)}"})

    def undo_and_redo() -> None:
        plan = history.undo(database, old_now[0], actor)
        assert plan.nets
        with database.read() as connection:
            last = history.last_redoable(connection, user_id=actor.user_id)
        assert last is not None
        history.undo(database, last.id, actor)

    old_now = [old]
    feed = ChangeFeed(database)

    def poll() -> None:
        feed.poll(0)

    yield "first page of a list", read(first_page)
    yield "first page of a filtered list", read(filtered)
    yield "a field saved", save
    yield "search", read(lambda c: search.find(c, database.schema, "maria silva", limit=20))
    yield "history of a record", read(lambda c: history.record_history(database, c, "contact", chosen))
    yield "timeline of a record", read(lambda c: contact_queries.timeline(database, c, "contact", chosen))
    yield "Changes, first page", read(lambda c: change_search.list_changes(database, c, limit=200))
    yield (
        "Changes, mine",
        read(lambda c: change_search.list_changes(database, c, Asked(user_id=users[-1], only_mine=True), limit=200)),
    )
    yield _IMPORTS, read(lambda c: change_search.list_changes(database, c, Asked(kind="import"), limit=200))
    yield "Changes, undone", read(lambda c: change_search.list_changes(database, c, Asked(kind="undo"), limit=200))
    yield _DELETED, read(deleted_page)
    yield "what Ctrl+Z would undo", read(lambda c: history.last_undoable(c, user_id=users[-1]))
    yield "plan of undoing a bulk edit of 500 from long ago", read(lambda c: undo_plan.plan_undo(database, c, old))
    yield "that bulk edit undone and redone", undo_and_redo
    yield "notices", read(lambda c: notice_list.notices(database, c, users[0]))
    yield "a look at what others changed", poll
    feed.close()


def _count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM change")).scalar_one())


def _starts(short: Path | str, long: Path | str, cache: Path) -> Result:
    taken: dict[str, list[float]] = {str(short): [], str(long): []}
    for turn in range(STARTS + 1):
        for target in taken:
            one = processes.run("child_start", {"database": target}, cache)
            if turn:
                taken[target].append(one["wall"] * 1000)
    base, slow = (statistics.median(found) for found in taken.values())
    return Result(
        "history-start", "start to usable window, the long history", slow, "ms", base * TIMES + 100, base,
        "the same with the short one",
    )  # fmt: skip


# -- the databases -----------------------------------------------------------------------------------------------


def _prepared(target: Path | str, long: bool, say: Callable[[str], None]) -> None:
    """One old bulk edit, and after it the long history."""
    database = Database(target, features.schema())
    try:
        contact = Base.metadata.tables["contact"]
        with database.read() as connection:
            ids = connection.execute(sa.select(contact.c.id).order_by(contact.c.id).limit(500)).scalars().all()
            user = connection.execute(sa.text("SELECT id FROM user_account ORDER BY id")).scalars().first()
        with write(database, _MARK, actor=Actor(user, "User"), kind="bulk") as uow:
            bulk_edit.update_records(uow, "contact", ids, {"job_title": "Everybody", "department": "Fair"})
        rows = history_rows.ROWS if long else history_rows.EPOCH  # a page is full on both
        say(f"writing {rows:,} changes")
        history_rows.lengthen(database, say, rows)
        with database.read() as connection:
            known = sa.select(contact.c.id).order_by(contact.c.id).offset(history_rows.UNTOUCHED + 7)
            looked_at = connection.execute(known).scalars().first()
        assert looked_at is not None
        for number in range(_PAGE):  # whose history is looked at has a full page of it, however long the rest is
            with write(database, "Edit contact", actor=Actor(user, "User")) as uow:
                service.update_record(uow, "contact", looked_at, {"department": f"Department {number}"})
    finally:
        database.close()


def _files(store: Store, contacts: int) -> tuple[Path, Path]:
    source = store.sqlite(contacts)
    made = []
    for long in (False, True):
        kept = store.folder / f"history-{'long' if long else 'short'}-{contacts}-{store.mark}.crm"
        if not kept.exists():
            partial = kept.with_suffix(".partial")
            for leftover in store.folder.glob(partial.name + "*"):
                leftover.unlink()
            shutil.copyfile(source, partial)
            _prepared(partial, long, store.say)
            partial.rename(kept)
        target = store.folder / f"history-{'long' if long else 'short'}.crm"  # measured on a copy: it is written to
        for leftover in store.folder.glob(target.name + "*"):
            leftover.unlink()
        shutil.copyfile(kept, target)
        made.append(target)
    return made[0], made[1]


def _on_server(store: Store, contacts: int, server: str) -> tuple[str, str]:
    source = store.postgres(contacts, server)
    base, _slash, origin = source.rpartition("/")
    made = []
    for long in (False, True):
        name = f"crm_bench_history_{'long' if long else 'short'}_{store.mark}"
        with psycopg.connect(f"{base}/postgres", autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(origin))
            )
        _prepared(f"{base}/{name}", long, store.say)
        with psycopg.connect(f"{base}/{name}", autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        made.append(f"{base}/{name}")
    return made[0], made[1]
