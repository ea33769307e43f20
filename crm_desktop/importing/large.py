"""From when on an import is so large that a backup is made before it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from crm_desktop.importing import readers
from crm_desktop.importing.plan import BOTH, UPDATE, ImportPart

ROWS, UPDATED = 1_000, 100
"""From so many rows on, or above so many changed records, a backup is made first."""


def may_be_large(parts: Sequence[ImportPart]) -> bool:
    """Whether an import that nobody rehearsed may write so much; only as many rows are read as that takes.

    Every row may change a record where the mode lets it.
    """
    rows = updates = 0
    for part in parts:
        found = sum(1 for _row in islice(readers.read(part.path, part.plan.source), ROWS))
        rows += found
        updates += found if part.plan.mode in (BOTH, UPDATE) else 0
        if rows >= ROWS or updates > UPDATED:
            return True
    return False
