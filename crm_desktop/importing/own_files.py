"""Files that this program wrote: their columns are known by name in every language, so nothing about them is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, language
from crm_desktop.db.schema import Schema
from crm_desktop.importing.known_headers import TYPE
from crm_desktop.importing.mapping import ColumnMapping
from crm_desktop.importing.table import ColumnGuess, Evidence, ReadOptions
from crm_desktop.importing.targets import EXTERNAL_ID, LINKS, OTHER, TAGS
from crm_desktop.records.sheet_columns import (
    ADDRESS,
    CHILD,
    EXPLANATION,
    EXTERNAL,
    ID,
    LINK_ID,
    LINKED,
    NOTE_LABELS,
    POINT,
    SheetColumn,
    columns_by_header,
    header_key,
    is_table_of,
)
from crm_desktop.records.sheet_columns import TAGS as TAGS_SOURCE

SLOT, RECORD = "slot", "record"
"""How cells are used: the contact point with the number ``label`` of its kind; a linked record by our own id."""
CHILDREN, SERIES_ID, ADDRESS_TYPE = "children.", "series@id", "address_type"
_POINTS = {"phone": "phone", "email": "email", "web": "website", "messenger": "messenger", "social": "social"}
_ENOUGH = 8
"""A table whose columns are all known, and at least so many, is ours even without a column of ids."""
_KEPT = N_("The program keeps this itself")
_OURS = N_("An export of this program calls this column so")
_FOLLOWS = frozenset(
    {"updated_at", "updated_by", "created_by", "version", "sort_name", "last_activity_at", "starts_at", "ends_at"}
)


def own_columns(
    schema: Schema, spec: Entity, fields: Sequence[Field], columns: Sequence[ColumnGuess]
) -> dict[int, SheetColumn] | None:
    """Which of our columns the columns of a table are, by position; None where the table is not one of our exports."""
    names = [header_key(column.original) for column in columns]
    if not any(names):
        return None
    best: dict[int, SheetColumn] = {}
    known = columns_by_header(schema, spec, fields)
    for code in sorted(known, key=lambda one: one != language()):
        found = {position: known[code][name] for position, name in enumerate(names) if name in known[code]}
        if len(found) > len(best):
            best = found
    marked = any(one.source == ID for one in best.values()) and len(best) >= max(2, 0.6 * len(names))
    whole = len(best) == len(names) >= _ENOUGH
    return best if marked or whole else None


def own_score(schema: Schema, spec: Entity, fields: Sequence[Field], columns: Sequence[ColumnGuess]) -> float:
    """How surely a table is an export of this record type: 0 where it is none, up to 5 where every column is known."""
    found = own_columns(schema, spec, fields, columns)
    return 0.0 if found is None else 2.0 + 3.0 * len(found) / len(columns)


def own_notice(columns: Sequence[ColumnGuess]) -> Evidence | None:
    """Why a table of our own files holds no records that come in; None where it does, or is not ours."""
    names = [header_key(column.original) for column in columns]
    if is_table_of(EXPLANATION, names):
        return Evidence(N_("It explains the columns of the sample file"))
    if is_table_of(NOTE_LABELS, names):
        return Evidence(N_("It is the list of notes, which stay where they are"))
    return None


def own_targets(schema: Schema, spec: Entity, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Where columns of our own files may go, besides the targets of any file."""
    found = [one.but(importable=True) for one in fields if _restorable(one, spec)]
    points = next((child for child in spec.children if child.name == "points"), None)
    if points is not None:
        found += [Field(part, N_("Messenger") if part == "messenger" else N_("Social profile"), Kind.TEXT, child=f"points.{part}")
                  for part in ("messenger", "social")]  # fmt: skip
    addresses = next((child for child in spec.children if child.name == "addresses"), None)
    if addresses is not None:
        label = next(one for one in addresses.fields if one.name == "label")
        kind = Field(ADDRESS_TYPE, N_("Address type"), Kind.CHOICE, child="addresses.label", choices=label.choices)
        parts = [one for one in fields if one.child.startswith("addresses.")]
        found += [kind, kind.but(name=ADDRESS_TYPE + OTHER, child=kind.child + ".other")]
        for number in range(3, 21):
            found += [one.but(name=f"{one.name}@{number}", child=f"{one.child}.{number}") for one in (*parts, kind)]
    found += [
        Field(CHILDREN + child.name, child.label, Kind.LONG_TEXT)
        for child in spec.children if child.name not in ("points", "addresses", "links")
    ]  # fmt: skip
    if spec.has("series_id"):
        found.append(Field(SERIES_ID, spec.field("series_id").label, Kind.TEXT))
    return tuple(found)


def _restorable(one: Field, spec: Entity) -> bool:
    return (
        not one.importable and not one.computed and not one.child and not one.hidden and one.name in spec.stored
        and one.name not in _FOLLOWS and one.name not in ("series_id", "recurrence_id")
    )  # fmt: skip


def own_mapping(
    found: Mapping[int, SheetColumn], guessed: Sequence[ColumnMapping], targets: Sequence[Field]
) -> list[ColumnMapping]:
    """The mapping of one of our own files; columns that somebody added keep what was guessed for them.

    Args:
        found: what :func:`own_columns` found.
        guessed: the mapping that was guessed.
        targets: where columns may go, those of :func:`own_targets` among them.
    """
    names = {one.name for one in targets}
    places = {one.key: position for position, one in found.items()}
    made = list(guessed)
    for position, column in found.items():
        target, transform, label = _place(column)
        pair = places.get(f"{column.key}.type", -1) if column.source == POINT and column.value else -1
        if target is not None and target not in names:
            target = None
        why = Evidence(_OURS if target or transform == TYPE else _KEPT)
        made[position] = replace(
            guessed[position], target=target, confidence=1.0, reason=why, transform=transform, label=label, pair=pair,
            alternatives=(),
        )  # fmt: skip
    taken = {made[position].target for position in found}
    for position, one in enumerate(made):
        if position not in found and (one.target in taken or one.transform):
            made[position] = replace(one, target=None, transform="", label="", pair=-1, confidence=0.0)
    return made


def _place(column: SheetColumn) -> tuple[str | None, str, str]:
    """(target, transform, label) of one of our columns."""
    name = column.field.name if column.field is not None else column.key
    if column.source == ID:
        return EXTERNAL_ID, "", ""
    if column.source == TAGS_SOURCE:
        return TAGS, "", ""
    if column.source == EXTERNAL:
        return None, "", ""
    if column.source == CHILD:
        return CHILDREN + column.part, "", ""
    if column.source == POINT:
        return (_POINTS[column.part], SLOT, str(column.number)) if column.value else (None, TYPE, "")
    if column.source == ADDRESS:
        stem = ADDRESS_TYPE if column.part == "label" else name
        return stem + ("" if column.number == 1 else OTHER if column.number == 2 else f"@{column.number}"), "", ""
    if column.source == LINKED:
        return LINKS + column.part, "" if column.value else RECORD, str(column.number)
    if name == "series_id":
        return (SERIES_ID if column.source == LINK_ID else None), "", ""
    return name, RECORD if column.source == LINK_ID else "", ""


def own_options(options: ReadOptions) -> ReadOptions:
    """How one of our own files is read: a header, and data from the next row to the last."""
    header = options.header_row if options.header_row is not None and options.header_row >= 0 else 0
    return options.with_(header_row=header, header_rows=1, first_data_row=header + 1, footer_rows=0, skip_rows=())


def slot_rank(slot: str) -> int:
    """The place of an address among those of a record: "" is the first, "other" the second, "3" the third."""
    return 0 if not slot else int(slot) - 1 if slot.isdecimal() else 1


def is_link(field: Field) -> bool:
    """Whether a target is a link to other records."""
    return field.kind in LINK_KINDS
