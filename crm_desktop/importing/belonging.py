"""What rows of an import belong to: the records that the same rows stand for in other parts."""

from __future__ import annotations

from collections.abc import Mapping

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.importing.batch import Batch


def link_to(entity: Entity, target: str) -> Field | None:
    """The field by which records of a type say which record of another type they belong to."""
    if target == entity.name:
        return None
    return next((one for one in entity.fields if one.kind is Kind.LINK and one.target == target), None)


def link_beside(batch: Batch, entity: Entity, beside: Mapping[str, Mapping[int, int]]) -> None:
    """Link rows to the records that the same rows stand for in parts carried out before.

    What a row calls its company may be the name of several: the row itself knows better.

    Args:
        beside: by record type, row number to record id.
    """
    for target, rows in beside.items():
        known = [rows.get(number) for number in batch.numbers]
        field = link_to(entity, target)
        if not any(known):
            continue
        if field is not None:
            values = batch.values.get(field.name) or [None] * batch.size
            batch.values[field.name] = [mine or value for mine, value in zip(known, values, strict=True)]
        elif any(child.name == "links" for child in entity.children):
            batch.links.append((target, known))
