"""What the outcome journal keeps of new records: their values by field, and the records that they point to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.targets import LINKS, TAGS

_NOT_SHOWN = frozenset({"id", "created_at", "created_by", "custom"})


def made_values(batch: Batch, new: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """By field, the values of the records that a batch makes; one for each row of the batch.

    Args:
        new: the positions of the rows that are new.
        rows: their values as they were written.
    """
    names = dict.fromkeys(
        name for row in rows for name in row if name not in _NOT_SHOWN and not name.startswith("sort_")
    )
    found: dict[str, list[Any]] = {}
    for name in names:
        found[name] = _spread([row.get(name) for row in rows], new, batch.size)
    own = dict.fromkeys(key for row in rows if row.get("custom") for key in row["custom"])
    for key in own:
        found[f"custom.{key}"] = _spread([(row.get("custom") or {}).get(key) for row in rows], new, batch.size)
    for column in batch.points:
        found[column.field.name] = _joined(found.get(column.field.name), column.values)
    for slot, parts in batch.addresses.items():
        for part, values in parts.items():
            found[part + ("@other" if slot else "")] = list(values)
    if batch.tags is not None:
        found[TAGS] = [", ".join(names) for names in batch.tags]
    return found


def _spread(values: list[Any], positions: Sequence[int], size: int) -> list[Any]:
    """Values of some positions as a column of the whole batch."""
    if len(values) == size:
        return values
    column: list[Any] = [None] * size
    for position, value in zip(positions, values, strict=True):
        column[position] = value
    return column


def _joined(before: list[Any] | None, values: Sequence[Any]) -> list[Any]:
    if before is None:
        return list(values)
    return [f"{a}, {b}" if a and b and a != b else a or b for a, b in zip(before, values, strict=True)]


def links_of(batch: Batch, fields: Mapping[str, Field], is_new: Callable[[int], bool]) -> list[str] | None:
    """For each row the records that it points to, as far as they were here before; None where no column links.

    It is what tells a row of a rehearsal from the same row when a linked record came or went since.
    """
    columns = [
        values for name, values in batch.values.items()
        if (one := fields.get(name)) is not None and one.kind in LINK_KINDS and not one.child
    ] + [values for _entity, values in batch.links]  # fmt: skip
    if not columns:
        return None

    def told(value: Any) -> str:
        return "" if value is None else "new" if type(value) is int and is_new(value) else str(value)

    return [",".join(map(told, row)) for row in zip(*columns, strict=True)]


def is_link(name: str) -> bool:
    """Whether a changed field is one of the records that an activity belongs to."""
    return name.startswith(LINKS)
