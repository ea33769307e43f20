"""What keeps a test from depending on the computer: no network, no error that goes unnoticed."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from typing import Any


class UnexpectedNetwork(RuntimeError):
    """A test tried to leave this computer."""


def forbid_network() -> None:
    """From now on a connection or a name look-up beyond this computer raises :class:`UnexpectedNetwork`.

    An audit hook would be called at every ``id()`` too, of which every SQL statement makes hundreds.
    """
    if socket.getaddrinfo is not _look_up:
        socket.getaddrinfo = _look_up
        socket.socket.connect = _connect  # type: ignore[method-assign]
        socket.socket.connect_ex = _connect_ex  # type: ignore[method-assign]


_real_look_up, _real_connect, _real_connect_ex = socket.getaddrinfo, socket.socket.connect, socket.socket.connect_ex


def _look_up(host: Any, *arguments: Any, **options: Any) -> Any:
    if _can_be_a_name(host):
        _refuse(host)
    return _real_look_up(host, *arguments, **options)


def _connect(self: socket.socket, address: Any) -> None:
    _refuse(address[0] if isinstance(address, tuple) else "")
    _real_connect(self, address)


def _connect_ex(self: socket.socket, address: Any) -> int:
    _refuse(address[0] if isinstance(address, tuple) else "")
    return _real_connect_ex(self, address)


def _can_be_a_name(host: Any) -> bool:
    """Whether a look-up would get as far as the network; what cannot be a name is refused by Python itself."""
    if isinstance(host, str):
        try:
            host.encode("idna")
        except UnicodeError:
            return False
    return True


def _refuse(host: Any) -> None:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not _is_local(str(host or "")):
        raise UnexpectedNetwork(f"a test tried to reach {host!r}; tests use no network")


def _is_local(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


class ErrorRecorder(logging.Handler):
    """Collects log records of level ERROR and above."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record."""
        self.records.append(record)

    def unexpected(self, patterns: list[str]) -> list[str]:
        """The messages that none of the regular expressions finds."""
        formatter = logging.Formatter("%(name)s: %(message)s")
        messages = [formatter.format(record) for record in self.records]
        return [message for message in messages if not any(re.search(pattern, message) for pattern in patterns)]
