"""Keeping passwords out of what is written down: logs, reports, messages, settings.

A password that somebody gave is told to :func:`keep_secret`; from then on :func:`hide` takes it out of any text, together
with what looks like the password of an address or of a connection string.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Sequence
from urllib.parse import quote, unquote

from crm_desktop.core.i18n import N_

EXPOSED = N_(
    "Others on this computer can read a password that stands in a command. "
    "Leave it out of the address: it is asked for, or comes from the keyring or from ~/.pgpass."
)
"""What is said to who wrote a password into a command (a source text)."""

STARS = "***"
_SHORTEST = 4
"""A shorter secret would take parts of other words out of a text; no password is that short."""

_ADDRESS = re.compile(
    r"(?P<before>\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*:)(?P<secret>[^\s'\"]*)(?P<after>@)", re.IGNORECASE
)
_PAIR = re.compile(
    r"(?P<before>\b(?:password|passwd|pgpassword)\s*=\s*)(?P<secret>'[^']*'|\"[^\"]*\"|[^\s,;&)]+)", re.I
)
_PROOF = re.compile(r"(?P<kind>SCRAM-SHA-256\$|\$argon2(?:id|i|d)\$)[^\s'\"]+")
"""What a server or a file keeps in place of a password: who has it can try passwords at leisure."""

_known: set[str] = set()
_lock = threading.Lock()


def keep_secret(secret: str | None) -> None:
    """Let :func:`hide` take this password out of every text, as it is and as it stands in an address."""
    if secret and len(secret) >= _SHORTEST:
        with _lock:
            _known.update((secret, quote(secret, safe="")))


def hide(text: str) -> str:
    """The text without passwords: the known ones, those of addresses and connection strings, and what is kept of one."""
    if "://" in text:
        text = _ADDRESS.sub(rf"\g<before>{STARS}\g<after>", text)
    if "=" in text:
        text = _PAIR.sub(rf"\g<before>{STARS}", text)
    if "$" in text:
        text = _PROOF.sub(rf"\g<kind>{STARS}", text)
    with _lock:
        known = sorted(_known, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, STARS)
    return text


def clean_arguments(arguments: Sequence[str]) -> bool:
    """Whether an address among a command's arguments holds a password; it is then taken out of ``sys.argv``.

    The process list keeps it all the same, on every system: who wrote it has to be told.
    """
    found = [match for one in arguments for match in _ADDRESS.finditer(one)]
    for match in found:
        keep_secret(unquote(match["secret"]))
    sys.argv[:] = [_ADDRESS.sub(rf"\g<before>{STARS}\g<after>", one) for one in sys.argv]
    return bool(found)


class DiscreetFormatter(logging.Formatter):
    """A formatter of log lines that takes passwords out, of the message and of the trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        return hide(super().format(record))
