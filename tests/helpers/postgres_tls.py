"""Servers as they are met outside: one that encrypts, one with other rules, and ports where something else answers."""

from __future__ import annotations

import select
import socket
import socketserver
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.helpers.certificates import Made
from tests.helpers.postgres import PostgresServer

_PATIENCE = 300
_BLOCK = 65_536


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port of this computer where ``answer`` deals with whoever connects."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                answer(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no error of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def show(context: ssl.SSLContext, made: Made) -> None:
    """Encrypt new connections with this certificate."""
    with tempfile.TemporaryDirectory() as folder:
        context.load_cert_chain(*made.write(Path(folder)))


@contextmanager
def encrypted(server: PostgresServer, made: Made, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A port where the test server encrypts with a certificate; the server of the wheel itself cannot.

    ``context`` is one of the test, which may :func:`show` another certificate later.
    """
    context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    show(context, made)

    def answer(client: socket.socket) -> None:
        with socket.create_connection((server.host, server.port)) as behind:
            first = client.recv(8)
            if first[4:] != b"\x04\xd2\x16\x2f":  # no SSLRequest: as it comes
                behind.sendall(first)
                _relay(client, behind)
                return
            client.sendall(b"S")
            with context.wrap_socket(client, server_side=True) as inside:
                _relay(inside, behind)

    with listening(answer) as port:
        yield port


def _relay(client: socket.socket, behind: socket.socket) -> None:
    """Carry bytes both ways until one side has enough."""
    while True:
        waiting = [client] if isinstance(client, ssl.SSLSocket) and client.pending() else []
        for one in waiting or select.select([client, behind], [], [])[0]:
            block = one.recv(_BLOCK)
            if not block:
                return
            (behind if one is client else client).sendall(block)


@contextmanager
def hba_line(server: PostgresServer, line: str) -> Iterator[None]:
    """Put a line before all others of the server's pg_hba.conf."""
    if server.bin_folder is None or not server.socket_folder:
        pytest.skip("this server's rules are not ours to change")
    path = Path(server.socket_folder) / "pg_hba.conf"
    before = path.read_text()

    def apply(text: str) -> None:
        loaded = server.execute("SELECT pg_conf_load_time()")
        path.write_text(text)
        server.execute("SELECT pg_reload_conf()")
        for _round in range(_PATIENCE):
            if server.execute("SELECT pg_conf_load_time(), pg_sleep(0.01)")[0][0] != loaded[0][0]:
                return
        raise AssertionError("the server did not read its rules again")

    apply(f"{line}\n{before}")
    try:
        yield
    finally:
        apply(before)
