"""What the restore assistant hands on: a backup that is open, and where on a server one went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass
class Opened:
    """A backup that is unpacked and open: its database, when it was made, and the scratch folder it lies in.

    ``scratch`` is None where a window that browses it owns it.
    """

    database: Any
    made: datetime
    path: str
    password: str | None = None
    scratch: Path | None = None


@dataclass(frozen=True)
class OnServer:
    """Where on an office server a backup was restored to.

    Attributes:
        target: its address, without a password.
        rows: how many were compared, and are the same.
        problems: what the quick checks found in it; None where nobody looked.
    """

    target: str
    host: str
    database: str
    rows: int
    problems: tuple[str, ...] | None
