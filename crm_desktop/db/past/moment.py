"""Which changes are later than a moment, and where they begin in the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_desktop.db.journal import change_set
from crm_desktop.db.types import instant_text

_SKEW = timedelta(minutes=10)
"""By how much the clocks of two computers may differ: changes made outside the program are looked for from so long before."""


@dataclass(frozen=True)
class Cut:
    """The line between what an as-of reading sees and what it does not.

    Whole change sets are on one side: that of the instant they carry. A change made outside the program carries its own.

    Attributes:
        moment: the instant; what carries it is still seen.
        low: no later change has a smaller id.
        sqlite: the engine.
        history: where statements written by hand read the history.
    """

    moment: datetime
    low: int
    sqlite: bool
    history: str

    @property
    def place(self) -> str:
        """The schema of the tables as they are now."""
        return place(self.sqlite)

    @property
    def instant(self) -> str:
        """The moment as SQL."""
        text = f"'{instant_text(self.moment)}'"
        return text if self.sqlite else f"CAST({text} AS timestamptz)"

    @property
    def changes(self) -> str:
        """The tables of the history, ``c`` and ``s``, for the FROM of a statement."""
        return f"{self.history} c LEFT JOIN {self.place}.change_set s ON s.id = c.change_set_id"

    @property
    def later(self) -> str:
        """The condition of later changes over ``changes``."""
        return f"(c.id >= {self.low} AND coalesce(s.at, c.at) > {self.instant})"


def place(sqlite: bool) -> str:
    """The schema of the tables as they are now."""
    return "main" if sqlite else "public"


def first_later(connection: sa.Connection, moment: datetime) -> int:
    """A change id that no later change is below, near to the first of them. Read on a connection of the present."""
    later = sa.select(sa.func.min(sa.func.coalesce(change_set.c.first_change, 0))).where(change_set.c.at > moment)
    before = (
        sa.select(sa.func.coalesce(change_set.c.first_change, 0))
        .where(change_set.c.at <= moment - _SKEW)
        .order_by(change_set.c.at.desc())
        .limit(1)
    )
    own, outside = connection.execute(later).scalar(), connection.execute(before).scalar()
    return min(int(one) for one in (own if own is not None else outside, outside or 0) if one is not None)


def history_begins(connection: sa.Connection) -> datetime | None:
    """When the oldest change set was made that the office still keeps; None where it keeps none."""
    found: datetime | None = connection.execute(sa.select(sa.func.min(change_set.c.at))).scalar()
    return found
