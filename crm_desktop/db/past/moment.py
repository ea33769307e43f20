"""Which changes are later than a moment, and where they begin in the history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.journal import DELETIONS_BEGIN, EDITS_BEGIN, change_set
from crm_desktop.db.sight import is_locked
from crm_desktop.db.types import instant_text, parse_instant

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
    def later(self) -> str:
        """The condition of later changes over the history ``c``."""
        sets = f"SELECT id FROM {self.place}.change_set WHERE at > {self.instant}"
        outside = f"c.change_set_id IS NULL AND c.at > {self.instant}"
        return f"(c.id >= {self.low} AND (c.change_set_id IN ({sets}) OR ({outside})))"


@dataclass(frozen=True)
class Seen:
    """What a transaction sees of the history.

    Attributes:
        token: the same where nothing was written in between.
        floor: no change that is still to come has an id up to this one; 0 where that cannot be told just now, because
            somebody is writing.
    """

    token: str
    floor: int


def seen_now(connection: sa.Connection, cut: Cut) -> Seen:
    """What the transaction of a connection sees of the history."""
    run = connection.exec_driver_sql
    if cut.sqlite:
        newest = int(run("SELECT coalesce(max(id), 0) FROM main.change").scalar_one())
        return Seen(str(newest), newest)
    highest = "crm_newest_change()" if is_locked(connection) else "(SELECT coalesce(max(id), 0) FROM public.change)"
    token, still, newest = run(
        f"SELECT s::text, pg_snapshot_xmin(s) = pg_snapshot_xmax(s), {highest} FROM pg_current_snapshot() s"
    ).one()
    return Seen(token, int(newest) if still else 0)


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
    """From when on the history tells everything: after what was let go of it; None where there is none."""
    oldest: datetime | None = connection.execute(sa.select(sa.func.min(change_set.c.at))).scalar()
    setting = Base.metadata.tables["office_setting"]
    kept = sa.select(setting.c.value).where(setting.c.key.in_((EDITS_BEGIN, DELETIONS_BEGIN)))
    let_go = [parse_instant(one) for one in connection.execute(kept).scalars() if isinstance(one, str)]
    return max(let_go, default=oldest)
