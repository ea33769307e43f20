"""Rows of an import as the rules for duplicates compare records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_desktop.importing.batch import Batch

_POINTS = {"phone": "phone", "email": "email", "web": "website"}


def similar_records(batch: Batch, positions: Sequence[int]) -> list[dict[str, Any]]:
    """The values of some rows by field name; phones and e-mails as lists, the first address as its columns."""
    points = batch.plain_points(positions)
    address = batch.addresses.get("", {})
    records = []
    for position, mine in zip(positions, points, strict=True):
        record = {
            name: values[position]
            for name, values in batch.values.items()
            if values[position] not in (None, "") and not isinstance(values[position], int)  # ids of links say nothing
        }
        for kind, label, value in mine:
            if kind in _POINTS and label != "fax":
                record.setdefault(_POINTS[kind], []).append(value)
        record.update({column: values[position] for column, values in address.items() if values[position]})
        records.append(record)
    return records
