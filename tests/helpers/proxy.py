"""A way to a server that can be cut, blocked, slowed and refused, as real networks do."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pytest

from crm_desktop.db import pulse, server_address


@dataclass
class _Pair:
    client: socket.socket
    server: socket.socket
    saves: bool = False
    """Whether what is going on is a unit of work, and no mere note of who is where."""


class Proxy:
    """Passes TCP on to ``host:port``. A context manager; used by tests only.

    ``drop`` swallows everything silently, as a pulled cable; ``refuse`` closes new connections at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._pairs: list[_Pair] = []
        self._lock = threading.RLock()
        self._trigger = b""
        self._swallow_answer = self._refuse_then = False
        self.drop = False
        self.refuse = False
        self.delay = 0.0
        self.accepted = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def url(self, url: str) -> str:
        """The same database by way of this proxy."""
        parts = urlsplit(url)
        return urlunsplit(parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{self.port}"))

    def cut(self) -> None:
        """End every connection."""
        with self._lock:
            for pair in list(self._pairs):
                self._end(pair)

    def cut_after(self, words: bytes, *, arrives: bool, refuse: bool = False) -> None:
        """Cut the first unit of work that sends these bytes, before or after they arrive at the server.

        Args:
            refuse: from then on nobody gets through.
        """
        self._trigger, self._swallow_answer, self._refuse_then = words, arrives, refuse

    def _run(self) -> None:
        while not self._stopped:
            for key, _events in self._selector.select(0.05):
                if key.fileobj is self._listener:
                    self._accept()
                else:
                    self._pass_on(key.fileobj, key.data)  # type: ignore[arg-type]

    def _accept(self) -> None:
        client, _address = self._listener.accept()
        self.accepted += 1
        if self.refuse:
            client.close()
            return
        try:
            server = socket.create_connection(self._target)
        except OSError:
            client.close()
            return
        pair = _Pair(client, server)
        with self._lock:
            self._pairs.append(pair)
            self._selector.register(client, selectors.EVENT_READ, pair)
            self._selector.register(server, selectors.EVENT_READ, pair)

    def _pass_on(self, source: socket.socket, pair: _Pair) -> None:
        with self._lock:
            if pair not in self._pairs:
                return
            try:
                data = source.recv(65536)
            except OSError:
                data = b""
            if not data:
                self._end(pair)
                return
            if self.drop:
                return
            if self.delay:
                time.sleep(self.delay)
            pair.saves = pair.saves or b"crm.change_set" in data
            hit = source is pair.client and pair.saves and self._trigger and self._trigger in data
            pair.saves = pair.saves and b"COMMIT" not in data and b"ROLLBACK" not in data
            if hit:
                self._trigger = b""
                self.refuse = self.refuse or self._refuse_then
            if hit and not self._swallow_answer:
                self._end(pair)
                if self._refuse_then:
                    self.cut()
                return
            with contextlib.suppress(OSError):
                (pair.server if source is pair.client else pair.client).sendall(data)
            if hit:
                pair.server.settimeout(5)
                pair.server.recv(1)  # the server has done it; its answer never arrives
                self._end(pair)
            if hit and self._refuse_then:
                self.cut()

    def _end(self, pair: _Pair) -> None:
        if pair in self._pairs:
            self._pairs.remove(pair)
        for one in (pair.client, pair.server):
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(one)
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._thread.join(5)
        self.cut()
        self._listener.close()
        self._selector.close()


def make_impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pulse ask often and wait little, so that tests are fast; before the database is opened."""
    monkeypatch.setattr(pulse, "EVERY_S", 0.05)
    monkeypatch.setattr(pulse, "SILENCE_S", 1.0)
    monkeypatch.setattr(pulse, "PAUSES_S", (0.02, 0.05))
    monkeypatch.setattr(pulse, "_TICK_S", 0.02)
    monkeypatch.setattr(server_address, "_TIMEOUT_S", 2)
