"""What rows that hang on a record obey: one primary of each kind, and numbers of documents that are right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, ValidationFailed
from crm_desktop.core.identifiers import check_identifier
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork

_GROUPED = {"contact_point": "kind", "address": ""}
"""The tables whose rows have a primary one, and the column within whose values there is one."""


def with_one_primary(table: str, rows: Sequence[Mapping[str, Any]], stored: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """The rows with exactly one primary of each kind: the first that is said to be, else the first of all.

    Args:
        stored: rows of the database by id, for what a row does not say.
    """
    result = [dict(row) for row in rows]
    if table not in _GROUPED:
        return result
    column = _GROUPED[table]
    groups: dict[Any, list[dict[str, Any]]] = {}
    for row in result:
        before = stored.get(row.get("id"), {})
        row.setdefault("is_primary", bool(before.get("is_primary")))
        groups.setdefault(row.get(column, before.get(column)) if column else None, []).append(row)
    for group in groups.values():
        chosen = next((row for row in group if row["is_primary"]), group[0])
        for row in group:
            row["is_primary"] = row is chosen
    return result


def settle_primary(uow: UnitOfWork, table: str, owner_id: int, kind: str = "") -> None:
    """Make the oldest row of a kind the primary one where none is, and keep one of several."""
    rows = Base.metadata.tables[table]
    mine = rows.c.owner_id == owner_id
    if kind:
        mine = mine & (rows.c[_GROUPED[table]] == kind)
    found = uow.connection.execute(sa.select(rows.c.id, rows.c.is_primary).where(mine).order_by(rows.c.id)).all()
    if not found:
        return
    chosen = next((row.id for row in found if row.is_primary), found[0].id)
    for row in found:
        if bool(row.is_primary) != (row.id == chosen):
            uow.update(table, row.id, {"is_primary": row.id == chosen})


def checked_identifier(values: Mapping[str, Any], before: Any) -> dict[str, Any]:
    """The values of a document's number: compact, with its country; as written where it is said to be unchecked.

    Raises:
        ValidationFailed: the number is wrong.
    """
    whole = {**before, **values}
    changed = any(values.get(name, before.get(name)) != before.get(name) for name in ("kind", "value", "country"))
    if whole.get("unchecked"):
        return {**values, "value": " ".join(str(whole.get("value") or "").split())}
    if before and not changed and not before.get("unchecked"):
        return dict(values)
    try:
        compact, country = check_identifier(str(whole.get("kind") or "other"), whole.get("value"), whole.get("country"))
    except FieldError as error:
        raise ValidationFailed([FieldError("identifiers", "{sentence}", sentence=str(error))]) from error
    return {**values, "value": compact, "country": country or None}
