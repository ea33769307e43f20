"""Numbers that people see, drawn without gaps in the transaction that uses them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from crm_desktop.core.ids import generator
from crm_desktop.db.unit_of_work import UnitOfWork


def draw_number(uow: UnitOfWork, series: str) -> int:
    """The next number of a series ("case-2026"), from 1.

    The series stays locked until the transaction ends, so two computers never draw the same number and a number
    that was rolled back is drawn again.
    """
    table = uow.table("number_series")
    statement = _upsert(uow, series, 1, table.c.last + 1).returning(table.c.last)
    return int(uow.connection.execute(statement).scalar_one())


def reserve_number(uow: UnitOfWork, series: str, number: int) -> None:
    """Say that a number of a series is in use (it came from a file), so that it is never drawn."""
    last = uow.table("number_series").c.last
    uow.connection.execute(_upsert(uow, series, number, sa.case((last < number, number), else_=last)))


def _upsert(uow: UnitOfWork, series: str, first: int, following: sa.ColumnElement[Any]) -> Any:
    table = uow.table("number_series")
    insert = sqlite.insert if uow.database.sqlite else postgresql.insert
    statement = insert(table).values(id=generator.next(), series=series, last=first)
    return statement.on_conflict_do_update(index_elements=["series"], set_={"last": following})
