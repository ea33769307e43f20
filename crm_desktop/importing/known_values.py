"""Which values a column cannot hold, so that the database need not be asked about them.

Most rows of most imports are new. What is stored already goes into a table of marks once, what the import stores is
marked as it goes; a value without its marks is nowhere. One with marks may be there: the database is asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from crm_desktop.db.unit_of_work import UnitOfWork

_SLOTS = 1 << 24
_MASK = _SLOTS - 1
_MOST = 300_000
"""Of larger tables nothing is read beforehand: that would take longer than asking."""
_ENOUGH = 2_000


class KnownValues:
    """The values of one text column during one import; a watcher of its unit of work.

    Args:
        inserts: whether records that the unit of work inserts count.
    """

    def __init__(self, uow: UnitOfWork, table: str, column: str, *, inserts: bool = True) -> None:
        self.table, self.column, self.inserts = table, column, inserts
        self._uow = uow
        self._marks: bytearray | None = None
        self._asked = 0
        kind = uow.table(table).c[column].type
        self._usable = isinstance(kind, sa.Text) and uow.bulk
        """Other types are compared by the database in ways of their own."""

    def possible(self, values: set[Any]) -> set[Any]:
        """Those of some values that may be stored."""
        marks = self._marks
        if marks is None:
            if not self._usable or len(values) < _ENOUGH and not self._asked:
                return values
            marks = self._read()
            if marks is None:
                return values
        mask = _MASK
        return {one for one in values if marks[(code := hash(one)) & mask] and marks[(code >> 32) & mask]}

    def _read(self) -> bytearray | None:
        """Mark what is stored: at once in an empty table, at the second question in one of moderate size."""
        self._asked += 1
        table = self._uow.table(self.table)
        column = table.c[self.column]
        connection = self._uow.connection
        if connection.execute(sa.select(table.c.id).limit(1)).first() is not None:
            if self._asked == 1:
                return None
            some = sa.select(table.c.id).limit(_MOST + 1).subquery()
            if connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > _MOST:
                self._usable = False
                return None
        self._marks = bytearray(_SLOTS)
        for part in connection.execute(sa.select(column)).scalars().partitions(10_000):
            self._mark(part)
        self._uow.watched.append(self)
        return self._marks

    def _mark(self, values: Iterable[Any]) -> None:
        marks, mask = self._marks, _MASK
        if marks is not None:
            for one in values:
                if one is not None:
                    code = hash(one)
                    marks[code & mask] = marks[(code >> 32) & mask] = 1

    def add(self, values: Iterable[Any], inserted: bool) -> None:
        """These values are about to be stored."""
        if self.inserts or not inserted:
            self._mark(values)

    def lose(self) -> None:
        """Something is about to be stored that cannot be told: ask about everything from now on."""
        self._marks, self._usable = None, False
        self._uow.watched = [one for one in self._uow.watched if one is not self]
