"""Where files are dropped, and which feature takes which of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from ui.framework.navigation import Navigator
from ui.framework.office import Office


@dataclass(frozen=True)
class DropTarget:
    """Where something was dropped: on a record of a type, or (``record_id`` None) on the list of them."""

    entity: str
    record_id: int | None = None


@dataclass(frozen=True)
class DropHandler:
    """A feature that knows what to do with some kinds of files.

    Attributes:
        endings: of the names of its files, ".eml".
        take: (owner, office, navigator, paths, target, done); ``done`` gets the files that came to the record.
        lists: whether it can do with a list, too, where no record was met.
    """

    endings: tuple[str, ...]
    take: Callable[[QWidget, Office, Navigator, Sequence[Path], DropTarget, Any], object]
    lists: bool = False
