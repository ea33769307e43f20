"""Settings of the office that two people change at once: different things go together, the same thing is asked about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import SettingChanged
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.unit_of_work import UnitOfWork

_LOOKED_AT = 200
Join = Callable[[Any, Any, Any], Any]
"""(base, mine, theirs) to what all of it comes to; raises LookupError where both changed the same part."""


@dataclass(frozen=True)
class LastChange:
    """Who changed something last; empty where nobody knows."""

    who: str = ""
    user_id: int | None = None
    at: datetime | None = None


def merged(
    uow: UnitOfWork, table: str, stored: Mapping[str, Any], values: Mapping[str, Any], seen: Mapping[str, Any] | None,
    joins: Mapping[str, Join] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What is to be written of ``values``: what the person changed since ``seen``.

    Args:
        table: where it stands.
        stored: the row as it is now; without an id where there is none.
        seen: what the person saw when beginning, by name; what it does not name is written without asking.
        joins: how values made of parts go together.

    Raises:
        SettingChanged: somebody else changed the same thing to something else meanwhile; oneself is not asked about.
    """
    result: dict[str, Any] = {}
    disputed: dict[str, tuple[Any, Any, Any]] = {}
    for name, mine in values.items():
        if seen is None or name not in seen:
            result[name] = mine
            continue
        was, theirs = seen[name], stored.get(name)
        if _same(mine, was):
            continue
        if _same(theirs, was) or _same(theirs, mine):
            result[name] = mine
            continue
        try:
            result[name] = (joins or {})[name](was, mine, theirs)
        except LookupError:
            disputed[name] = (was, mine, theirs)
    last = LastChange()
    for name in list(disputed):
        found = last_change(uow, table, stored.get("id"), (name,))
        if found.user_id is not None and found.user_id == uow.actor.user_id:
            result[name] = disputed.pop(name)[1]  # one's own change, which was not shown yet
        elif found.at is not None:
            last = found
    if disputed:
        raise SettingChanged(disputed, who=last.who, at=last.at)
    return result


def last_change(uow: UnitOfWork, table: str, row_id: int | None, names: Collection[str]) -> LastChange:
    """Who gave one of these columns of a row its value, and when, as the history tells."""
    statement = (
        sa.select(change.c.op, change.c.data, change_set.c.user_name, change_set.c.user_id, change_set.c.at)
        .join(change_set, change.c.change_set_id == change_set.c.id)
        .where(change.c.record_id == row_id, change.c.table_name == table)
        .order_by(change.c.id.desc())
        .limit(_LOOKED_AT)
    )
    for op, data, name, user_id, at in uow.connection.execute(statement):
        if op != "U" or set(data or ()) & set(names):
            return LastChange(name or "", user_id, at)
    return LastChange()


def join_choices(
    base: Sequence[Mapping[str, Any]] | None, mine: Sequence[Mapping[str, Any]] | None,
    theirs: Sequence[Mapping[str, Any]] | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The choices of a field after both changed them: added, removed and changed ones of both, in one order.

    Raises:
        LookupError: both changed the same choice, one changed what the other took away, or both brought them into
            another order.
    """
    sides = [{one["key"]: dict(one) for one in side or ()} for side in (base, mine, theirs)]
    was, own, other = sides
    kept: dict[str, dict[str, Any]] = {}
    for key in {**other, **own, **was}:
        before, here, there = was.get(key), own.get(key), other.get(key)
        if here != before and there not in (before, here):
            raise LookupError(key)
        found = here if here != before else there
        if found is not None:
            kept[key] = found
    common = [key for key in was if key in own and key in other]
    orders = [[key for key in side if key in common] for side in (own, other)]
    if orders[0] != common and orders[1] not in (common, orders[0]):
        raise LookupError("order")
    leading, following = (other, own) if orders[0] == common else (own, other)
    return [kept[key] for key in dict.fromkeys([*leading, *following]) if key in kept]


def _same(one: Any, other: Any) -> bool:
    return one == other or (one in (None, "", []) and other in (None, "", []))
