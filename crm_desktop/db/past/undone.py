"""Which change sets were undone at a moment, where something was undone or done again since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.journal import PART, change_set
from crm_desktop.db.past.moment import Cut


def undone_then(connection: sa.Connection, cut: Cut) -> dict[int, int | None]:
    """Change set id to what had undone it at the moment, for those that a later undo or redo touched."""
    columns = [
        sa.column(one.name, one.type) for one in change_set.columns if one.name in ("id", "undoes", "kind", "at")
    ]
    sets, moment = sa.table("change_set", *columns, schema=cut.place), cut.moment
    rows = connection.execute(sa.select(sets).where(sets.c.undoes.isnot(None))).all()
    chains = _Chains(rows)
    touched: set[int] = set()
    for row in sorted(rows, key=lambda one: (one.at, one.id)):
        if row.at <= moment:
            chains.mark(row)
        elif row.kind != PART:
            touched |= chains.reach(row)
    return {one: chains.marks.get(one) for one in touched}


class _Chains:
    """Undos and redos in their order, and the marks that they left.

    An undo marks what it undoes, with what was taken back of it by parts before, and, where that was an undo or redo
    itself, the change set at the root of the chain; a redo takes the mark of the root away. What was taken back by parts
    comes again with the rest.
    """

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = {row.id: row for row in rows}
        self.marks: dict[int, int | None] = {}
        self._parts: dict[int, list[int]] = {}
        for row in self._rows.values():
            if row.kind == PART:
                self._parts.setdefault(row.undoes, []).append(row.id)

    def mark(self, row: Any) -> None:
        """Leave the marks of an undo or redo."""
        if row.kind == PART:
            return
        for part in self._parts.get(row.undoes, ()):
            if part < row.id and self.marks.get(part) is None:
                self.marks[part] = row.id
        for part in self._again(row):
            if self.marks.get(part) == row.undoes:
                self.marks[part] = None
        self.marks[row.undoes] = row.id
        root = self._root(row.undoes)
        if root != row.undoes:
            self.marks[root] = row.id if row.kind == "undo" else None

    def reach(self, row: Any) -> set[int]:
        """Everything that an undo or redo may mark, or take a mark from."""
        return {row.undoes, self._root(row.undoes), *self._parts.get(row.undoes, ()), *self._again(row)}

    def _again(self, row: Any) -> list[int]:
        """The parts that what this one undoes took back with the rest."""
        undone = self._rows.get(row.undoes)
        return [] if undone is None else self._parts.get(undone.undoes, [])

    def _root(self, identity: int) -> int:
        """The change set at the beginning of a chain of undo and redo; a part begins one."""
        while (row := self._rows.get(identity)) is not None and row.kind != PART:
            identity = row.undoes
        return identity
