"""How much is tried: the usual run takes a part of what is many and slow, ``CRM_THOROUGH=1`` all of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

THOROUGH = os.environ.get("CRM_THOROUGH") == "1"


def some(things: Sequence[T], every: int) -> list[T]:
    """All of them, or of many every so many-th, always the same ones."""
    return list(things) if THOROUGH else list(things[::every])


def times(usual: int, thorough: int) -> int:
    """How often something random is tried."""
    return thorough if THOROUGH else usual
