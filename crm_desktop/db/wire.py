"""The connections to a server: made so that a dead network is noticed within seconds, and cut all at once where it is."""

from __future__ import annotations

import socket
import threading
import weakref
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL

from crm_desktop.db.handshake import NotPostgres, ask_why
from crm_desktop.db.server_address import ServerAddress, connect_args

_KEPT_ALIVE = {"keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 3, "keepalives_count": 3,
               "tcp_user_timeout": 12_000}  # fmt: skip
"""The operating system gives a silent line up after some 12 s, not after hours."""
_SERVER_SIDE = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
"""The server lets go of a computer that sleeps, and of the records that it had locked, after some 25 s."""


class Wires:
    """Every connection of this program to one server.

    Attributes:
        password: what new connections use where it is not None; the one of the address otherwise.
    """

    def __init__(self, target: str, url: URL) -> None:
        self._target = target
        self._url = url
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        self.password: str | None = None

    def engine(self, name: str, **options: Any) -> sa.Engine:
        """An engine whose connections :meth:`cut` knows. ``name`` is what the server's administrator sees."""
        server_side = " ".join(filter(None, (str(self._url.query.get("options", "")), _SERVER_SIDE)))
        engine = sa.create_engine(self._url, **options)

        @event.listens_for(engine, "do_connect")
        def _complete(_dialect: object, _record: object, _args: object, parameters: dict[str, Any]) -> None:
            # asked each time: what was decided about passwords and certificates meanwhile holds at once
            parameters.update(_KEPT_ALIVE | connect_args(self._target, name) | {"options": server_side})
            if self.password is not None:
                parameters["password"] = self.password

        @event.listens_for(engine, "connect")
        def _remember(connection: Any, _record: object) -> None:
            with self._lock:
                self._open.add(connection)

        return engine

    def refusal(self) -> str:
        """The SQLSTATE of why the server lets nobody in, whatever language it speaks; "" where it does or is not there."""
        address = ServerAddress.from_url(self._target)
        password = self.password if self.password is not None else self._url.password
        try:
            found = ask_why(address, str(password or ""))
        except (OSError, NotPostgres):
            return ""
        return found.code if found is not None else ""

    def cut(self) -> int:
        """End every open connection from here, so that whoever waits for an answer stops waiting. Returns how many."""
        with self._lock:
            known = [one for one in self._open if not one.closed]
        count = 0
        for one in known:
            try:
                with socket.fromfd(one.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:
                    line.shutdown(socket.SHUT_RDWR)
                count += 1
            except Exception:  # it was closed meanwhile
                continue
        return count
