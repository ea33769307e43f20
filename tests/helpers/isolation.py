"""What keeps a test from depending on the computer: no network, no error that goes unnoticed."""

from __future__ import annotations

import ipaddress
import logging
import re
import sys
from typing import Any

_installed = False


class UnexpectedNetwork(RuntimeError):
    """A test tried to leave this computer."""


def forbid_network() -> None:
    """From now on a connection or a name look-up beyond this computer raises :class:`UnexpectedNetwork`."""
    global _installed
    if not _installed:
        _installed = True
        sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = arguments[0] or ""
    else:
        return
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if not _is_local(str(host)):
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
