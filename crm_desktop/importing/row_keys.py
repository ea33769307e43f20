"""The keys of an import: which fields tell records apart, and what a row has for each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import TEXT_KINDS, Field, Kind
from crm_desktop.core.text import fold, fold_all
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.series_rows import OCCURRENCE, UID, occurrence_key
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import EXTERNAL_ID

COLUMN, SORTED, LOADED, POINTS, ADDRESSES, EXTERNAL = "column", "sorted", "loaded", "points", "addresses", "external"
"""Where the values of a key are: a column, a folded sort column, a column that is read whole, child rows, other programs."""


@dataclass(frozen=True)
class Key:
    """One key field: its name, where its values are, and whether they are folded before they are compared."""

    name: str
    field: Field
    place: str
    column: str
    folds: bool

    def compared(self, value: Any) -> str:
        """A stored value as keys are compared."""
        return fold(str(value)) if self.folds else str(value)


@dataclass(frozen=True, slots=True)
class Match:
    """What a row is the same as: a record, or an earlier row of the file by its number; ``field`` told it.

    ``why`` says why the row is left out although neither is there: its record was deleted lately.
    """

    field: str
    record_id: int | None = None
    row: int | None = None
    why: Evidence | None = None


class Judge(Protocol):
    """What the matcher knows about keys, for those who look beyond the records that are here."""

    keys: list[Key]

    def fits(self, batch: Batch, position: int, rank: int, identity: int, about: dict[str, set[str]] | None) -> bool:
        """Whether a record that has the value of a key can be the record of a row; ``about`` is what it has."""

    def facts_of(self, ids: Collection[int]) -> Mapping[int, dict[str, set[str]]]:
        """What records have, by the names of the fields."""

    def header(self, name: str) -> str:
        """What the file calls a key."""


def key_of(entity: Entity, field: Field) -> Key:
    """A field of a record type as a key."""
    if field.name == EXTERNAL_ID:
        return Key(field.name, field, EXTERNAL, "value", False)
    folds = field.kind in TEXT_KINDS and field.kind not in (Kind.PHONE, Kind.TAX_ID)
    if field.child:
        parts = field.child.split(".")
        return Key(field.name, field, parts[0], parts[1], folds)
    if field.name == entity.title_field:
        if field.sort_by:
            return Key(field.name, field, SORTED, field.sort_by, True)
        return Key(field.name, field, LOADED, field.name, True)
    return Key(field.name, field, COLUMN, field.name, folds and field.kind is not Kind.TEXT)


def values_of(batch: Batch, key: Key, *, occurrences: bool) -> list[Any]:
    """The compared value of each row for a key; for contact points the first one.

    Args:
        occurrences: whether the file has moved occurrences of recurring appointments, which share a calendar id.
    """
    if key.place == POINTS:
        for column in batch.points:
            if column.field.name == key.name:
                return fold_all(column.values) if key.folds else list(column.values)
        return [None] * batch.size
    if key.place == EXTERNAL:
        return list(batch.external or [None] * batch.size)
    if key.place == ADDRESSES:
        values = batch.addresses.get("", {}).get(key.column)
    else:
        values = batch.values.get(key.name)
    if values is None:
        return [None] * batch.size
    if key.name == UID and occurrences:
        moments = batch.values.get(OCCURRENCE) or [None] * batch.size
        return [occurrence_key(v, at) if v else None for v, at in zip(values, moments, strict=True)]
    if key.folds:
        return fold_all([v or None for v in values])
    return [None if v is None or v == "" else v if type(v) is str else str(v) for v in values]


def of_row(batch: Batch, position: int, key: Key) -> set[str]:
    """Everything a row has for a key: contact points of a kind count whatever column they came from."""
    if key.place == POINTS:
        reach = [c.values[position] for c in batch.points if c.kind == key.column]
        if position in batch.more_points:
            reach += [value for kind, _label, value in batch.more_points[position] if kind == key.column]
        return {fold(v) if key.folds else v for v in reach if v is not None}
    if key.place == EXTERNAL:
        own = batch.external[position] if batch.external is not None else None
        return {own} if own else set()
    values = batch.addresses.get("", {}).get(key.column) if key.place == ADDRESSES else batch.values.get(key.name)
    value = values[position] if values is not None else None
    return set() if value is None or value == "" else {key.compared(value)}
