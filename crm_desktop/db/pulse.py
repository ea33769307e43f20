"""Whether the office server answers: asked every few seconds, and asked again with growing pauses while it does not."""

from __future__ import annotations

import logging
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_desktop.core import clock
from crm_desktop.core.errors import CertificateRefused, SignInRefused, Unreachable, UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.trouble import explain_postgres
from crm_desktop.db.wire import Wires

if TYPE_CHECKING:
    from psycopg import pq

log = logging.getLogger(__name__)

EVERY_S = 4.0
"""How often a server that answers is asked."""
SILENCE_S = 10.0
"""Who has not answered for so long is taken for gone, and every connection that still waits is cut."""
WOKEN_S = 4.0
"""The same after the computer slept: nobody should wait long for what is most likely dead."""
PAUSES_S = (1.0, 2.0, 5.0, 10.0, 30.0)
"""How long to wait before each new try; the last pause stays."""
_TICK_S = 0.5
_JUMP_S = 3.0
"""A clock that jumps so far ahead while we waited means that the computer slept."""


@dataclass(frozen=True)
class Condition:
    """How the way to the server is.

    Attributes:
        state: "connected", "lost", "refused" (sign in again) or "certificate" (somebody has to decide).
        since: from when on it has been so.
        error: what the last try said; None while connected.
        next_try: the clock of ``time.monotonic`` at which it is tried again; None where nobody tries by itself.
    """

    state: str = "connected"
    since: datetime | None = None
    error: UserError | None = None
    next_try: float | None = None

    @property
    def connected(self) -> bool:
        """Whether the server answers."""
        return self.state == "connected"


class Pulse:
    """Asks the server on a connection of its own, from a thread of its own.

    ``listeners`` are called on that thread with every new :class:`Condition`.
    """

    def __init__(self, name: str, wires: Wires, pooled: sa.Engine) -> None:
        self._name = name
        self._wires = wires
        self._pooled = pooled
        self._engine = wires.engine("crm-desktop pulse", poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT")
        self._connection: sa.Connection | None = None
        self._condition = Condition(since=clock.now())
        self._nudge = threading.Event()
        self._stopped = False
        self._tries = 0
        self._route = ""
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)
        self.listeners: list[Callable[[Condition], None]] = []

    @property
    def condition(self) -> Condition:
        """How it is now."""
        return self._condition

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def stop(self) -> None:
        """Stop asking; returns once the thread has ended."""
        self._stopped = True
        self._nudge.set()
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(SILENCE_S)

    def look_now(self) -> None:
        """Ask at once: something did not work, somebody asked for it, or the network changed."""
        self._nudge.set()

    def begin_again(self) -> None:
        """Try at once, and with the shortest pauses: the password or the way to the server was changed."""
        self._tries = 0
        self.look_now()

    def refuse(self) -> None:
        """Raise what the last try said, where nobody answers at the moment.

        Raises:
            Unreachable: the server is away; nobody waits for it, since the pulse does.
        """
        now = self._condition
        if now.connected or threading.current_thread() is self._thread:
            return
        if now.error is None or isinstance(now.error, Unreachable):
            raise _away(self._name, now.error)
        raise type(now.error)(now.error.message, details=now.error.details, **now.error.params)

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopped:
            woken = self._wait(self._pause())
            if self._stopped:
                break
            error = self._ask(WOKEN_S if woken else SILENCE_S)
            if self._stopped:
                break
            self._tell(error)
        self._close()
        self._engine.dispose()

    def _pause(self) -> float:
        if self._condition.connected:
            return EVERY_S
        return max(0.0, (self._condition.next_try or time.monotonic() + PAUSES_S[-1]) - time.monotonic())

    def _wait(self, seconds: float) -> bool:
        """Wait, but no longer than until somebody asks, the computer wakes or its network changes. True after sleep."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            wall, ticks = time.time(), time.monotonic()
            if self._nudge.wait(min(_TICK_S, left)):
                break
            slept = time.time() - wall - (time.monotonic() - ticks)
            if slept > _JUMP_S or time.monotonic() - ticks > _JUMP_S + _TICK_S:
                self._tries = 0
                return True
            if not self._condition.connected and self._route_changed():
                self._tries = 0
                break
        self._nudge.clear()
        return False

    def _route_changed(self) -> bool:
        """Whether packets to the server would leave this computer another way than when it was lost."""
        route = _route_to(self._address)
        changed, self._route = route != self._route, route
        return changed and bool(route)

    _address: tuple[str, int] | None = None

    def _ask(self, patience: float) -> UserError | None:
        """Ask the server for a word; what went wrong, or None."""
        import psycopg  # lazy: a file does without

        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                self._address = _address_of(_driver(self._connection))
            if _answers(_driver(self._connection), patience):
                return None
            self._close()
            return Unreachable(_SILENT, name=self._name, details="no answer")
        except (DBAPIError, psycopg.Error, OSError) as error:
            fresh = self._connection is None
            self._close()
            if not fresh:  # the connection died; whether the server did is what a new one tells
                return self._ask(patience)
            return self._explained(error)

    def _explained(self, error: Exception) -> UserError:
        found = explain_postgres(error, self._name)
        if type(found) is Unreachable and (code := self._wires.refusal()):
            found = explain_postgres(error, self._name, code)
        return found or Unreachable(_SILENT, name=self._name, details=str(error))

    def _tell(self, error: UserError | None) -> None:
        before = self._condition
        if error is None:
            self._tries = 0
            if not before.connected:
                log.info("The server of %s answers again", self._name)
                self._set(Condition(since=clock.now()))
            return
        pause = PAUSES_S[min(self._tries, len(PAUSES_S) - 1)]
        self._tries += 1
        state, next_try = "lost", time.monotonic() + pause
        if isinstance(error, SignInRefused):
            state = "refused"
        elif isinstance(error, CertificateRefused):
            state = "certificate"
        if before.connected:
            log.warning("The server of %s does not answer: %s", self._name, error.details)
            self._route = _route_to(self._address)
            self._wires.cut()
            self._pooled.dispose()
        waits = None if state in ("refused", "certificate") else next_try
        self._set(Condition(state, before.since if before.state == state else clock.now(), error, waits))

    def _set(self, condition: Condition) -> None:
        self._condition = condition
        for listener in list(self.listeners):
            try:
                listener(condition)
            except Exception:
                log.exception("A listener of the connection failed")

    def _close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.invalidate()
                self._connection.close()
            except Exception as error:
                log.info("Closing a dead connection: %s", error)
            self._connection = None


_SILENT = N_("The office database {name} does not answer. Your text is kept here; try again when it is back.")


def _away(name: str, error: UserError | None) -> Unreachable:
    if error is None:
        return Unreachable(_SILENT, name=name)
    return Unreachable(error.message, details=error.details, **error.params)


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _answers(raw: Any, patience: float) -> bool:
    """Whether a server answers the smallest question in time. The wait is ours: no thread hangs in the driver."""
    import psycopg  # lazy: a file does without
    from psycopg import pq

    line: pq.abc.PGconn = raw.pgconn
    line.send_query(b"SELECT current_schema() IS NOT NULL")  # no login that was disabled sees one
    end = time.monotonic() + patience
    with selectors.DefaultSelector() as watch:
        watch.register(line.socket, selectors.EVENT_READ)
        while line.flush() or line.is_busy():
            left = end - time.monotonic()
            if left <= 0:
                return False
            if watch.select(left):
                line.consume_input()
    good, let_in = True, True
    while (result := line.get_result()) is not None:
        good = good and result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.SINGLE_TUPLE)
        let_in = let_in and not (good and result.get_value(0, 0) == b"f")
    if not good:
        raise psycopg.OperationalError(line.get_error_message())
    if not let_in:
        raise psycopg.errors.InvalidAuthorizationSpecification("the login has lost its rights")
    return True


def _address_of(raw: Any) -> tuple[str, int] | None:
    """Where a connection goes to; None for a socket of this computer."""
    info = raw.info
    return (info.hostaddr, int(info.port)) if info.hostaddr else None


def _route_to(address: tuple[str, int] | None) -> str:
    """The address of this computer that packets to a server would leave from; "" where no network leads there.

    Connecting a datagram socket sends nothing.
    """
    if address is None:
        return ""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError:
        return ""
