"""How much is tried: the usual run takes a part of what is many and slow, ``CRM_THOROUGH=1`` all of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("CRM_THOROUGH") == "1"


def some(things: Sequence[T], every: int, first: int = 0) -> list[T]:
    """All of them, or of many every so many-th from the ``first`` on, always the same ones."""
    return list(things) if THOROUGH else list(things[first::every])


def small(paths: Iterable[Path], most: int = 150_000) -> list[Path]:
    """All of the files, or those up to a size in bytes."""
    return [path for path in paths if THOROUGH or path.stat().st_size <= most]


def times(usual: int, thorough: int) -> int:
    """How often something random is tried."""
    return thorough if THOROUGH else usual
