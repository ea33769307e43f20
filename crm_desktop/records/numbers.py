"""Numbers that people see, drawn without gaps in the transaction that uses them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from crm_desktop.core.ids import generator
from crm_desktop.db.unit_of_work import UnitOfWork

_KEPT = "numbers"


def draw_number(uow: UnitOfWork, series: str) -> int:
    """The next number of a series ("case-2026"), from 1.

    The series stays locked until the transaction ends, so two computers never draw the same number, and a number
    that was rolled back is drawn again. The first draw of a unit of work asks the database, the others count on.
    """
    last = _last(uow)
    if series not in last:
        last[series] = _lock(uow, series)
    last[series] += 1
    return last[series]


def reserve_number(uow: UnitOfWork, series: str, number: int) -> None:
    """Say that a number of a series is in use (it came from a file), so that it is never drawn."""
    last = _last(uow)
    if series not in last:
        last[series] = _lock(uow, series)
    last[series] = max(last[series], number)


def _last(uow: UnitOfWork) -> dict[str, int]:
    """The last numbers drawn in this unit of work; they are written at its end."""
    if _KEPT not in uow.kept:
        uow.kept[_KEPT] = {}
        uow.before_end(lambda: _store(uow))
    kept: dict[str, int] = uow.kept[_KEPT]
    return kept


def _lock(uow: UnitOfWork, series: str) -> int:
    """The last number of a series, whose row nobody else can take before this transaction ends."""
    if uow.database.locked:
        return int(uow.connection.execute(sa.select(sa.func.crm_take_series(series, generator.next()))).scalar_one())
    table = uow.table("number_series")
    insert: Any = sqlite.insert
    if not uow.database.sqlite:
        from sqlalchemy.dialects import postgresql  # lazy: heavy

        insert = postgresql.insert
    statement = insert(table).values(id=generator.next(), series=series, last=0)
    locked = statement.on_conflict_do_update(index_elements=["series"], set_={"last": table.c.last})
    return int(uow.connection.execute(locked.returning(table.c.last)).scalar_one())


def _store(uow: UnitOfWork) -> None:
    table = uow.table("number_series")
    for series, number in _last(uow).items():
        if uow.database.locked:
            uow.connection.execute(sa.select(sa.func.crm_keep_series(series, number)))
            continue
        uow.connection.execute(sa.update(table).where(table.c.series == series).values(last=number))
