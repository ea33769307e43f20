"""The moment of a kill: chosen among everything that a program does in a round of its work, and where it hit.

A child counts what it does: statements, transactions, files that it makes, renames and removes. A first round that
nobody disturbs says how many these are, which are commits, and how long they take; a kill is then either before one of
them, shortly after one (in the middle of a statement or a commit), or at any time of the round. What the child was
doing stands in memory that the parent shares, so a kill that came too early or too late is told from one in the middle.
What it does for whoever examines it is neither counted nor killed in.
"""

from __future__ import annotations

import mmap
import os
import random
import signal
import struct
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

EARLY, WORK, TRANSACTION, COMMIT, BETWEEN = range(5)
LANDED = {WORK: "at work", TRANSACTION: "in a transaction", COMMIT: "in a commit"}
MISSED = {EARLY: "too early", BETWEEN: "between rounds"}
_FORMAT = "BBIIdI"
_COMMITS = 500
"""Of so many commits of a round it is told where they are."""
_FILES = frozenset({"os.rename", "os.remove", "os.link", "os.truncate", "os.mkdir", "os.rmdir", "sqlite3.connect"})


@dataclass(frozen=True)
class Measure:
    """What a round that nobody disturbs does, and how long it takes."""

    events: int
    seconds: float
    commits: tuple[int, ...] = ()


@dataclass(frozen=True)
class Moment:
    """When to kill: ``delay`` seconds after event ``event`` of round ``round``; event 0 is its beginning."""

    round: int
    event: int
    delay: float


def choose(chance: random.Random, measure: Measure, rounds: int) -> Moment:
    """A moment in one of the first rounds."""
    number = chance.randint(1, rounds)
    if measure.events < 10:  # one long statement
        return Moment(number, 0, chance.random() * measure.seconds)
    if measure.commits and chance.random() < 0.2:  # from before it is written to where it is acknowledged
        return Moment(number, chance.choice(measure.commits), 10 ** chance.uniform(-5, -2.3))
    event = chance.randint(1, measure.events)
    if chance.random() < 0.2:  # what was prepared for long takes its place at the end
        event = max(1, measure.events - chance.randrange(15))
    kind = chance.random()
    if kind < 0.4:
        return Moment(number, event, 0.0)
    if kind < 0.75:  # within what comes next, from a hundredth of a millisecond on
        return Moment(number, event, 10 ** chance.uniform(-5, -1.7))
    return Moment(number, 0, chance.random() * measure.seconds)


class Watch:
    """What a child does, told to its parent in shared memory; made before the fork.

    Attributes:
        itself: whether the child kills itself at its moment; otherwise the parent kills the server then.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, struct.calcsize(_FORMAT) + 4 * _COMMITS)
        self.moment: Moment | None = None
        self.itself = True
        self._state, self._due, self._events, self._rounds, self._seconds = EARLY, 0, 0, 0, 0.0
        self._writing: dict[int, int] = {}
        self._begun, self._aside, self._left, self._commits = 0.0, 0.0, 0.0, 0

    # -- the parent --------------------------------------------------------------------------------------------

    def seen(self) -> tuple[int, bool, int, int, float]:
        """(state, whether the moment has come, events, rounds that are over, seconds of the last)."""
        state, due, events, rounds, seconds, _commits = struct.unpack_from(_FORMAT, self._shared)
        return state, bool(due), events, rounds, seconds

    def measured(self) -> Measure:
        """What the rounds so far were."""
        *_, events, _rounds, seconds, commits = struct.unpack_from(_FORMAT, self._shared)
        where = struct.unpack_from(f"{commits}I", self._shared, struct.calcsize(_FORMAT))
        return Measure(events, seconds, where)

    def close(self) -> None:
        """Let the memory go."""
        self._shared.close()

    # -- the child ---------------------------------------------------------------------------------------------

    def attend(self) -> None:
        """Count from now on what this process does."""
        sa.event.listen(sa.engine.Engine, "before_cursor_execute", self._on_statement)
        sa.event.listen(sa.engine.Engine, "begin", self._on_begin)
        sa.event.listen(sa.engine.Engine, "commit", self._on_commit)
        sa.event.listen(sa.pool.Pool, "reset", self._on_end)
        sys.addaudithook(self._on_audit)

    def begin_round(self) -> None:
        """Another round begins."""
        self._state, self._events, self._begun, self._aside = WORK, 0, time.monotonic(), 0.0
        if self.moment is not None and self.moment.event == 0 and self.moment.round == self._rounds + 1:
            self._strike(self.moment.delay)
        self._tell()

    def end_round(self) -> None:
        """A round is over."""
        self._writing.clear()
        self._state, self._seconds = BETWEEN, time.monotonic() - self._begun - self._aside
        self._rounds += 1
        self._tell()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What the child does in this block is not its work: a moment that falls into it comes after it."""
        self._left = time.monotonic()
        try:
            yield
        finally:
            self._aside += time.monotonic() - self._left
            self._left = 0.0

    def happen(self) -> None:
        """Something happens; perhaps the last thing of all."""
        if self._state in (EARLY, BETWEEN) or self._left:
            return
        self._events += 1
        self._tell()
        moment = self.moment
        number = self._rounds + 1
        if moment is None or not moment.event or number < moment.round:
            return
        if self._events >= moment.event or number > moment.round:  # a first round does some things once only
            self.moment = None
            self._strike(moment.delay)

    def _strike(self, delay: float) -> None:
        if self.itself and not delay:
            _die()
        threading.Thread(target=self._strike_later, args=(delay,), daemon=True).start()

    def _strike_later(self, delay: float) -> None:
        end = time.monotonic() + delay - self._aside
        while self._left or time.monotonic() < end + self._aside:
            time.sleep(0.0005 if self._left else max(0.0, end + self._aside - time.monotonic()))
        if self.itself:
            _die()
        self._due = 1
        self._tell()

    def _tell(self) -> None:
        struct.pack_into(
            _FORMAT, self._shared, 0,
            self._state, self._due, self._events, self._rounds, self._seconds, self._commits,
        )  # fmt: skip

    def _on_statement(self, *_what: object) -> None:
        self.happen()

    def _on_begin(self, connection: sa.Connection) -> None:
        if connection.get_execution_options().get("crm_write") and self._state not in (EARLY, BETWEEN):
            self._go_to(id(connection.connection.dbapi_connection), TRANSACTION)
            self.happen()

    def _on_commit(self, connection: sa.Connection) -> None:
        writing = id(connection.connection.dbapi_connection)
        if writing in self._writing:
            self.happen()
            self._go_to(writing, COMMIT)
            self.happen()
            if self._commits < _COMMITS:
                struct.pack_into("I", self._shared, struct.calcsize(_FORMAT) + 4 * self._commits, self._events)
                self._commits += 1
                self._tell()

    def _on_end(self, raw: Any, _record: object, _state: object) -> None:
        if id(raw) in self._writing:
            self._go_to(id(raw), WORK)
            self.happen()

    def _go_to(self, writing: int, state: int) -> None:
        """One of the connections that write is further; several people may be at it."""
        self._writing.pop(writing, None)
        if state != WORK:
            self._writing[writing] = state
        self._state = max(list(self._writing.values()), default=WORK)

    def _on_audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _FILES or (
            name == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        ):
            self.happen()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Deaf(Watch):
    """Work that nobody watches."""

    def attend(self) -> None:
        """Hear nothing."""
