"""The backups of an office as its database knows them: which computer makes one just now, what the last ones proved."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.core import clock
from crm_desktop.core.ids import generator
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.types import Instant, JsonType


class BackupRun(Base):
    """One backup, from the moment that a computer took it upon itself; not part of what is backed up.

    ``due_at`` is the moment for which the plan wanted it, and unique: of several computers one makes it. ``seen_at``
    is renewed while it runs, so that another computer takes over where one went away. ``report`` is what its proof
    compared (see ``backup.proving``), for the certificate.
    """

    __tablename__ = "backup_run"
    __table_args__ = (
        sa.Index("ix_backup_run_started_at", "started_at"),
        sa.UniqueConstraint("due_at"),
        {"info": {"history": False, "local": True, "rights": "backup"}},
    )

    id = sa.Column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False)
    kind = sa.Column(sa.Text, nullable=False)
    """"daily", "hand", "migration", "import" or "restore": why it was made."""
    state = sa.Column(sa.Text, nullable=False)
    """"running", "proven", "made" (not proven) or "failed"."""
    due_at = sa.Column(Instant)
    started_at = sa.Column(Instant, nullable=False)
    seen_at = sa.Column(Instant, nullable=False)
    finished_at = sa.Column(Instant)
    proven_at = sa.Column(Instant)
    computer = sa.Column(sa.Text, nullable=False)
    user_name = sa.Column(sa.Text)
    path = sa.Column(sa.Text)
    size = sa.Column(sa.BigInteger)
    encrypted = sa.Column(sa.Boolean, nullable=False, server_default=sa.false())
    records = sa.Column(sa.BigInteger)
    problem = sa.Column(sa.Text)
    report = sa.Column(JsonType)


CLOCKS = timedelta(days=1)
"""So far the clocks of an office may be apart; what lies further ahead was dated by one that was wrong."""
ALIVE = timedelta(minutes=5)
"""A run that was not renewed for so long is of a computer that went away."""
AGAIN = timedelta(minutes=30)
"""What failed is tried again after so long."""
RENEW_S = 30
_KEPT = 1000
"""So many rows are kept: a number, because a clock that was set wrong must not make all of them old."""


@dataclass(frozen=True)
class Run:
    """One row of the table; see there."""

    id: int
    kind: str
    state: str
    due_at: datetime | None
    started_at: datetime
    seen_at: datetime
    finished_at: datetime | None
    proven_at: datetime | None
    computer: str
    user_name: str | None
    path: str | None
    size: int | None
    encrypted: bool
    records: int | None
    problem: str | None
    report: dict[str, Any] | None

    @property
    def file(self) -> str:
        """The name of its file, on whatever system it was made."""
        return (self.path or "").replace("\\", "/").rpartition("/")[2]

    @property
    def seconds(self) -> float | None:
        """How long it took, the proof included."""
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None

    @property
    def nowhere(self) -> bool:
        """Whether it failed because none of the folders for it was there; it is made good for as soon as one is."""
        return self.state == "failed" and bool((self.report or {}).get("nowhere"))

    def gone(self, now: datetime) -> bool:
        """Whether it still counts as running, though its computer has not been heard of; also after the clock was set."""
        return self.state == "running" and abs(now - self.seen_at) > ALIVE


def computer_name() -> str:
    """What this computer is called in the list of backups."""
    return platform.node() or "?"


def now_of(connection: sa.Connection) -> datetime:
    """The clock of the database: the computers of an office need not agree, and that of a server decides."""
    if connection.dialect.name == "sqlite":
        return clock.now()
    found: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return found


def _table() -> sa.Table:
    return Base.metadata.tables["backup_run"]


def recent(connection: sa.Connection, limit: int = 500) -> list[Run]:
    """The runs that are known, the newest first."""
    table = _table()
    rows = connection.execute(sa.select(table).order_by(table.c.started_at.desc()).limit(limit))
    return [Run(**row._mapping) for row in rows]


def last_proven(connection: sa.Connection) -> Run | None:
    """The backup that was proven last, whoever's computer made it."""
    return next(iter(proven(connection, 1)), None)


def proven(connection: sa.Connection, limit: int) -> list[Run]:
    """The backups that were proven last, the newest proof first; after them those of days to come, which a wrong clock
    dated: they do not hide how old the others are."""
    table = _table()
    statement = sa.select(table).where(table.c.proven_at.is_not(None), table.c.state == "proven")
    to_come = sa.case((table.c.proven_at > now_of(connection) + CLOCKS, 1), else_=0)
    rows = connection.execute(statement.order_by(to_come, table.c.proven_at.desc()).limit(limit))
    return [Run(**row._mapping) for row in rows]


def wanted(connection: sa.Connection, due_at: datetime) -> bool:
    """Whether the backup of a moment is still to be made by somebody: each moment is made good for once.

    Moments, not intervals: a clock that is set forward does not lead to one after the other. One that is set back by more
    than :data:`CLOCKS` goes through moments again that had their backups, and each of them has another one.
    """
    found = of_moment(connection, due_at)
    now = now_of(connection)
    return found is None or _free(found, now) or _overtaken(connection, found, now)


def of_moment(connection: sa.Connection, due_at: datetime) -> Run | None:
    """The row of the backup that the plan wanted for a moment; None where nobody began it."""
    table = _table()
    row = connection.execute(sa.select(table).where(table.c.due_at == due_at)).first()
    return Run(**row._mapping) if row is not None else None


def _free(run: Run, now: datetime) -> bool:
    if run.state == "failed":
        return run.nowhere or abs(now - run.seen_at) > AGAIN
    return run.gone(now)


def _overtaken(connection: sa.Connection, run: Run, now: datetime) -> bool:
    """Whether a backup was made before others that are of days to come by the clock of now: it was set back since."""
    if run.state == "running":
        return False
    table = _table()
    later = sa.select(sa.literal(1)).where(table.c.id > run.id, table.c.started_at > now + CLOCKS)
    return connection.execute(later.limit(1)).first() is not None


def _next_id(connection: sa.Connection) -> int:
    """An id above all others, whatever clock the last ones were made by: their order is that of the backups."""
    table = _table()
    last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
    return max(generator.next(), (last or 0) + 1)


def claim(database: Database, kind: str, user_name: str, due_at: datetime | None = None) -> int | None:
    """Take a backup upon oneself. Returns the id of its row; None where another computer has it or did it.

    Args:
        due_at: the moment for which the plan wants it; None for any other.
    """
    table, computer = _table(), computer_name()
    try:
        with database.begin() as connection:
            now = now_of(connection)
            row = {
                "kind": kind, "state": "running", "due_at": due_at, "started_at": now, "seen_at": now,
                "computer": computer, "user_name": user_name,
            }  # fmt: skip
            found = of_moment(connection, due_at) if due_at is not None else None
            if found is not None and not _free(found, now) and _overtaken(connection, found, now):
                given_up = table.update().where(table.c.id == found.id, table.c.due_at == due_at)
                if not connection.execute(given_up.values(due_at=None)).rowcount:
                    return None
                found = None
            if found is None:
                identity = _next_id(connection)
                connection.execute(table.insert().values(id=identity, **row))
                _let_old_go(connection)
                return identity
            if not _free(found, now):
                return None
            mine = table.update().where(table.c.id == found.id, table.c.seen_at == found.seen_at)
            taken = connection.execute(mine.values(problem=None, finished_at=None, **row)).rowcount
            return found.id if taken else None
    except sa.exc.IntegrityError:
        return None  # another computer was quicker


def _let_old_go(connection: sa.Connection) -> None:
    table = _table()
    last = connection.execute(sa.select(table.c.id).order_by(table.c.id.desc()).offset(_KEPT).limit(1)).scalar()
    if last is not None:
        connection.execute(table.delete().where(table.c.id <= last))


def renew(database: Database, identity: int) -> None:
    """Say that a backup is still being made."""
    with database.begin() as connection:
        table = _table()
        connection.execute(table.update().where(table.c.id == identity).values(seen_at=now_of(connection)))


def finish(database: Database, identity: int, info: BackupInfo, report: Mapping[str, Any]) -> None:
    """Keep what became of a backup that was made."""
    _settle(
        database, identity, state="proven" if info.proven else "made", path=info.path, size=info.size, problem=None,
        encrypted=info.encrypted, records=info.records, report=dict(report), proven=bool(info.proven),
    )  # fmt: skip


def fail(database: Database, identity: int, problem: str, *, nowhere: bool = False) -> None:
    """Keep why a backup was not made; ``nowhere``: because none of the folders for it was there."""
    report = {"nowhere": True} if nowhere else None
    _settle(database, identity, state="failed", problem=problem, report=report, proven=False)


def drop(database: Database, identity: int) -> None:
    """Forget a backup that somebody cancelled; one of the plan is offered again later."""
    table = _table()
    with database.begin() as connection:
        one = table.c.id == identity
        connection.execute(table.delete().where(one, table.c.due_at.is_(None)))
        now = now_of(connection)
        connection.execute(table.update().where(one).values(state="failed", seen_at=now, finished_at=now))


def forget(database: Database, names: Sequence[str]) -> None:
    """Take backups off the list whose files were removed everywhere."""
    if database.read_only or not names or (database.locked and not database.access.can("backup")):
        return
    table = _table()
    with database.begin() as connection:
        gone = [one.id for one in recent(connection) if one.file in names]
        connection.execute(table.delete().where(table.c.id.in_(gone)))


def proven_again(database: Database, identity: int, report: Mapping[str, Any]) -> None:
    """A later trial restore worked as well."""
    table = _table()
    with database.begin() as connection:
        values = {"state": "proven", "proven_at": now_of(connection), "report": dict(report), "problem": None}
        connection.execute(table.update().where(table.c.id == identity).values(values))


def add(database: Database, info: BackupInfo, user_name: str) -> None:
    """Note a backup that was made without a row, as before a migration that brought the table."""
    identity = claim(database, info.why, user_name)
    if identity is not None:
        finish(database, identity, info, info.report)
        ended = info.created + timedelta(seconds=info.seconds)
        values = {"started_at": info.created, "finished_at": ended, "proven_at": info.proven}
        table = _table()
        with database.begin() as connection:
            connection.execute(table.update().where(table.c.id == identity).values(values))


def forget_unfinished(restored: Database) -> None:
    """Take what was being made off the list of a restored office: the backup that it comes from, above all."""
    table = _table()
    with restored.begin() as connection:
        connection.execute(table.delete().where(table.c.state == "running"))


def carry_over(database: Database, restored: Database) -> None:
    """Give a restored office the list of the one whose place it takes: the files that it tells of are still there."""
    table = _table()
    with database.read_all() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(table).where(table.c.state != "running"))]
    with restored.begin() as connection:
        connection.execute(table.delete())
        if rows:
            connection.execute(table.insert(), rows)


def _settle(database: Database, identity: int, *, proven: bool, **values: Any) -> None:
    table = _table()
    with database.begin() as connection:
        now = now_of(connection)
        values |= {"seen_at": now, "finished_at": now}
        if proven:
            values["proven_at"] = now
        connection.execute(table.update().where(table.c.id == identity).values(values))
