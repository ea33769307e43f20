"""Whose birthday it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from crm_desktop.db.base import Base


@dataclass(frozen=True)
class Birthday:
    """A contact with the day on which the birthday is kept, and the age reached then."""

    contact_id: int
    name: str
    company_id: int | None
    on: date
    age: int


def birthdays(
    connection: sa.Connection, first: date, *, days: int = 1, owner_id: int | None = None, limit: int = 200
) -> list[Birthday]:
    """The birthdays of some days from ``first`` on, by day. Of February 29 it is March 1 in other years."""
    contact = Base.metadata.tables["contact"]
    wanted = {first + timedelta(days=n) for n in range(days)}
    by_month_day = {(day.month, day.day): day for day in wanted}
    for day in wanted:
        if (day.month, day.day) == (3, 1) and (day - timedelta(days=1)).day == 28:
            by_month_day[2, 29] = day
    month, in_month = sa.extract("month", contact.c.birthday), sa.extract("day", contact.c.birthday)
    statement = sa.select(contact.c.id, contact.c.name, contact.c.company_id, contact.c.birthday).where(
        contact.c.birthday.isnot(None), sa.or_(*(sa.and_(month == m, in_month == d) for m, d in by_month_day))
    )
    if owner_id is not None:
        statement = statement.where(contact.c.owner_id == owner_id)
    found = [
        Birthday(row.id, row.name, row.company_id, by_month_day[row.birthday.month, row.birthday.day],
                 by_month_day[row.birthday.month, row.birthday.day].year - row.birthday.year)
        for row in connection.execute(statement.limit(5000))
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.on, one.name))[:limit]
