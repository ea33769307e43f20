"""Many people at work on the same records: what each does, and whether afterwards nothing of it is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.filters import where
from crm_desktop.db.carry import carry_out
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, UnitOfWork
from crm_desktop.records import attach_service, finder, queries, service
from crm_desktop.sales.service import move_deal

FIELDS = ("job_title", "department", "notes")
"""What people change on the contacts."""
_SHARES = (("edit", 35), ("note", 10), ("move", 10), ("search", 25), ("list", 20))


@dataclass
class Saved:
    """A save that the server confirmed to a client.

    Attributes:
        field: "" for what is no single field.
        seen: the value that the client had before it on the screen, by which it decided.
    """

    client: str
    change_set: int
    entity: str
    record: int
    field: str = ""
    value: Any = None
    seen: Any = None


@dataclass
class Account:
    """What one client did: confirmed saves, seconds of each kind of action, and what was shown to it as an error."""

    saved: list[Saved] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    conflicts: int = 0
    errors: list[str] = field(default_factory=list)

    def add(self, other: Account) -> None:
        """Take the account of another client into this one."""
        self.saved += other.saved
        self.conflicts += other.conflicts
        self.errors += other.errors
        for name, taken in other.seconds.items():
            self.seconds.setdefault(name, []).extend(taken)

    def as_json(self) -> dict[str, Any]:
        """For a pipe between processes."""
        return asdict(self)

    @classmethod
    def from_json(cls, given: dict[str, Any]) -> Account:
        """Back from it."""
        return cls(**given | {"saved": [Saved(**one) for one in given["saved"]]})


@dataclass(frozen=True)
class Stage:
    """What everybody works on."""

    contacts: Sequence[int]
    deals: Sequence[int]
    stages: Sequence[int]
    words: Sequence[str]


class Client:
    """One person at a window of their own: own connections, own pauses."""

    def __init__(self, name: str, target: str, schema: Schema | None, stage: Stage, pause: tuple[float, float]) -> None:
        self.name = name
        self.account = Account()
        self._database = Database(target, schema or features.schema())
        self._stage = stage
        self._random = Random(name)
        self._pause = pause
        self._actor = Actor(None, name, name)

    def work(self, until: float) -> None:
        """Act and pause, act and pause, until the clock of ``time.time`` says so."""
        time.sleep(self._random.uniform(0, self._pause[1]))
        try:
            while time.time() < until:
                kinds = [name for name, _share in _SHARES]
                self._act(self._random.choices(kinds, [share for _name, share in _SHARES])[0])
                time.sleep(self._random.uniform(*self._pause))
        finally:
            self._database.close()

    def _act(self, kind: str) -> None:
        try:
            getattr(self, f"_{kind}")()
        except Exception as error:
            self.account.errors.append(f"{self.name}, {kind}: {type(error).__name__}: {error}")

    def _timed(self, kind: str, begin: float) -> None:
        self.account.seconds.setdefault(kind, []).append(time.perf_counter() - begin)

    def _read(self, record: int, name: str) -> Any:
        with self._database.read() as connection:
            rows = queries.fetch_rows(self._database, connection, "contact", [record], [name])
        return rows[0].values[name]

    def _edit(self) -> None:
        """Open a card, write into a field, save. Where somebody was faster, look, and choose mine or theirs."""
        record, name = self._random.choice(self._stage.contacts), self._random.choice(FIELDS)
        value = f"{self.name} {time.time_ns()}"
        seen = self._read(record, name)
        time.sleep(self._random.uniform(0, self._pause[0]))
        while True:
            found: list[int] = []

            def work(uow: UnitOfWork, seen: Any = seen, found: list[int] = found) -> bool:
                found.append(uow.change_set_id)
                return service.update_record(uow, "contact", record, {name: value}, base={name: seen})

            begin = time.perf_counter()
            try:
                carry_out(self._database, "Edit", work, actor=self._actor)
            except EditConflict as conflict:
                self._timed("conflict", begin)
                self.account.conflicts += 1
                seen = conflict.fields[name][2]
                if self._random.random() < 0.5:
                    return  # theirs is kept
                continue
            self._timed("save", begin)
            self.account.saved.append(Saved(self.name, found[-1], "contact", record, name, value, seen))
            return

    def _save(self, kind: str, entity: str, record: int, do: Any) -> None:
        found: list[int] = []

        def work(uow: UnitOfWork) -> bool:
            found.append(uow.change_set_id)
            return do(uow) is not False

        begin = time.perf_counter()
        different = carry_out(self._database, kind, work, actor=self._actor)
        self._timed("save", begin)
        if different:
            self.account.saved.append(Saved(self.name, found[-1], entity, record))

    def _note(self) -> None:
        record = self._random.choice(self._stage.contacts)
        body = f"{self.name} called at {time.time_ns()}"
        self._save("Note", "note", record, lambda uow: attach_service.add_note(uow, "contact", record, body))

    def _move(self) -> None:
        """Drag a deal on the board."""
        deal, stage = self._random.choice(self._stage.deals), self._random.choice(self._stage.stages)
        with self._database.read() as connection:
            rows = queries.fetch_rows(self._database, connection, "deal", [deal], ["stage_id"])
        at = getattr(rows[0].values["stage_id"], "id", None)

        def move(uow: UnitOfWork) -> bool:
            table = uow.table("deal")
            wanted = sa.select(table.c.stage_id).where(table.c.id == deal).with_for_update()
            there = uow.connection.execute(wanted).scalar() == stage  # somebody else had the same thought
            move_deal(uow, deal, stage)
            return not there

        if at != stage:
            self._save("Move", "deal", deal, move)

    def _search(self) -> None:
        word = self._random.choice(self._stage.words)
        begin = time.perf_counter()
        with self._database.read() as connection:
            finder.find(self._database, connection, word[: self._random.randint(2, 6)], limit=30)
        self._timed("search", begin)

    def _list(self) -> None:
        city = self._random.choice(("Curitiba", "Colombo", "Londrina", "Pinhais"))
        begin = time.perf_counter()
        with self._database.read() as connection:
            ids = queries.find_ids(
                self._database,
                connection,
                "contact",
                filter=where("city", "eq", city),
                sort=[("name", False)],
                limit=60,
            )
            queries.fetch_rows(self._database, connection, "contact", list(ids), ["name", "company_id", "city"])
        self._timed("list", begin)


def run_clients(
    names: Iterable[str], target: str, stage: Stage, pause: tuple[float, float], until: float,
    schema: Schema | None = None,
) -> Account:  # fmt: skip
    """Let clients work in threads of this process; returns what they did together."""
    clients = [Client(name, target, schema, stage, pause) for name in names]
    threads = [threading.Thread(target=one.work, args=(until,)) for one in clients]
    for one in threads:
        one.start()
    whole = Account()
    for thread, client in zip(threads, clients, strict=True):
        thread.join()
        whole.add(client.account)
    return whole


def faults_of(database: Database, account: Account) -> list[str]:
    """What is missing from the history, or was overwritten by somebody who had not seen it; empty where all is well."""
    faults = list(account.errors)
    with database.read() as connection:
        authors = {
            row.id: row.user_name for row in connection.execute(sa.select(change_set.c.id, change_set.c.user_name))
        }
        rows = connection.execute(
            sa.select(change.c.change_set_id, change.c.table_name, change.c.record_id, change.c.op, change.c.data)
            .order_by(change.c.id)
        ).all()  # fmt: skip
        by_set: dict[int, list[Any]] = {}
        chains: dict[tuple[int, str], list[tuple[Any, Any]]] = {}
        for row in rows:
            by_set.setdefault(row.change_set_id, []).append(row)
            if row.table_name == "contact" and row.op == "U":
                for name in FIELDS:
                    if name in (row.data or {}):
                        chains.setdefault((row.record_id, name), []).append(tuple(row.data[name]))
        for one in account.saved:
            faults += _faults_of_save(one, authors.get(one.change_set), by_set.get(one.change_set, []))
        records = sorted({record for record, _name in chains})
        now = {row.id: row.values for row in queries.fetch_rows(database, connection, "contact", records, list(FIELDS))}
    for (record, name), chain in chains.items():
        for (_old, new), (old, _new) in pairwise(chain):
            if new != old:
                faults.append(f"{name} of {record}: {new!r} was followed by a change of {old!r}")
        if now[record][name] != chain[-1][1]:
            faults.append(f"{name} of {record} is {now[record][name]!r} and not {chain[-1][1]!r}")
    return faults


def _faults_of_save(one: Saved, author: str | None, rows: Sequence[Any]) -> list[str]:
    what = f"{one.client}: {one.entity} {one.record} {one.field}"
    if author != one.client:
        return [f"{what}: the history knows it as one of {author}"]
    if not one.field:
        return [] if rows else [f"{what}: not in the history"]
    mine = [row.data[one.field] for row in rows if row.record_id == one.record and one.field in (row.data or {})]
    if not mine:
        return [f"{what}: not in the history"]
    old, new = mine[0]
    if new != one.value:
        return [f"{what}: {new!r} was stored, not {one.value!r}"]
    if (old or None) != (one.seen or None):
        return [f"{what}: overwrote {old!r}, which it had not seen (it saw {one.seen!r})"]
    return []
