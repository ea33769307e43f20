"""Ids of records as files carry them: a text that no spreadsheet takes for a number and rounds."""

from __future__ import annotations

import re
from typing import Any

from crm_desktop.core.i18n import N_

RECORD_ID = N_("Record ID")
"""The header of the column with a record's own id; an import finds the record again by it."""
PROGRAM = "crm-desktop"
"""The program that such an id comes from, where another office imports it."""
_WRITTEN = re.compile(r"\s*(?:crm|crm-desktop)-(\d{1,19})\s*", re.IGNORECASE)


def write_record_id(identity: int) -> str:
    """The id as a file carries it: "CRM-7123456789012345678"."""
    return f"CRM-{identity}"


def read_record_id(cell: Any) -> int | None:
    """The id in a cell that :func:`write_record_id` wrote (or the UID of an exported card); None for anything else."""
    found = _WRITTEN.fullmatch(cell) if isinstance(cell, str) else None
    identity = int(found[1]) if found else 0
    return identity if 0 < identity < 1 << 63 else None
