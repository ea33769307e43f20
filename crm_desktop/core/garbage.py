"""Python's collector of cycles, held off while thousands of rows are made: it would look through all of them again and again."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def held_off() -> Iterator[Callable[[], None]]:
    """No automatic collections inside the block, on any thread. Where they are off anyhow, somebody else sees to it.

    Yields:
        A function to call between two portions of work: it collects what the last one left.
    """
    if not gc.isenabled():
        yield lambda: None
        return
    gc.disable()
    try:
        yield _collect_young
    finally:
        gc.enable()


def _collect_young() -> None:
    gc.collect(0)
