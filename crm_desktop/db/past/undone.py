"""Which change sets were undone at a moment, where something was undone or done again since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.journal import change_set
from crm_desktop.db.past.moment import Cut


def undone_then(connection: sa.Connection, cut: Cut) -> dict[int, int | None]:
    """Change set id to what had undone it at the moment, for those that a later undo or redo touched.

    An undo marks what it undoes and, where that was an undo or redo itself, the change set at the root of the chain; a
    redo takes the mark of the root away.
    """
    columns = [
        sa.column(one.name, one.type) for one in change_set.columns if one.name in ("id", "undoes", "kind", "at")
    ]
    sets, moment = sa.table("change_set", *columns, schema=cut.place), cut.moment
    chains = {row.id: row for row in connection.execute(sa.select(sets).where(sets.c.undoes.isnot(None)))}
    later = [row for row in chains.values() if row.at > moment]
    touched = {row.undoes for row in later} | {_root(chains, row.id) for row in later}
    before: dict[int, int | None] = dict.fromkeys(touched)
    for row in sorted(chains.values(), key=lambda one: (one.at, one.id)):
        if row.at > moment:
            continue
        root = _root(chains, row.id)
        if row.undoes in before:
            before[row.undoes] = row.id
        if root in before and root != row.undoes:
            before[root] = row.id if row.kind == "undo" else None
    return before


def _root(chains: Mapping[int, Any], identity: int) -> int:
    while identity in chains:
        identity = chains[identity].undoes
    return identity
