"""Reads of cases: the queue, a case's clocks and conversation, counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from crm_desktop.cases.case import OPEN_STATUSES
from crm_desktop.cases.clocks import Clock, clocks_of, next_clock, sort_key
from crm_desktop.cases.deadlines import DEFAULTS, Target, read_targets
from crm_desktop.core import clock as time_now
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.core.periods import Span
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.records.filter_sql import compile_filter
from crm_desktop.records.history import record_history
from crm_desktop.records.queries import context_for, titles

Scope = Literal["all", "mine", "unassigned"]
QueueState = Literal["", "at_risk", "overdue", "waiting"]
MOST_EVENTS = 500
_SHOWN = ("status", "owner_id", "priority")


@dataclass(frozen=True)
class QueueRow:
    """A case in the queue with the clock that comes next."""

    id: int
    number: str
    subject: str
    status: str
    priority: str
    channel: str
    company_id: int | None
    company: str
    contact_id: int | None
    contact: str
    owner_id: int | None
    owner: str
    created_at: datetime
    clock: Clock


@dataclass(frozen=True)
class CaseCounts:
    """The open cases in numbers; ``at_risk`` holds the overdue ones too."""

    open: int
    mine: int
    unassigned: int
    at_risk: int
    overdue: int
    my_risk: int


@dataclass(frozen=True)
class Entry:
    """One thing in the conversation of a case.

    Attributes:
        kind: "in", "out", "internal" (messages), "opened", "status", "owner", "priority" (changes), "activity".
        id: of the message, the activity, or the change.
        body: the words; of an activity its subject.
        old, new: of a change: keys of the choice, or names of the owners.
    """

    kind: str
    id: int
    at: datetime
    author: str
    author_id: int | None = None
    body: str = ""
    channel: str = ""
    old: str = ""
    new: str = ""


def queue(
    database: Database, connection: sa.Connection, *, scope: Scope = "all", state: QueueState = "",
    filter: Filter = EVERYTHING, user_id: int | None = None, limit: int = 500,
) -> list[QueueRow]:  # fmt: skip
    """The open cases, next deadline first, paused ones after them.

    Args:
        scope: "mine" are those of ``user_id``, "unassigned" those of nobody.
        state: only those at risk or overdue ("at_risk"), overdue, or waiting for the customer.
    """
    case = Base.metadata.tables["case_file"]
    condition = compile_filter(filter, context_for(database, "case", connection, user_id)) & _of(case, scope, user_id)
    chosen = []
    for row, following in _running(connection, condition):
        wanted = {
            "": True, "at_risk": following.urgent, "overdue": following.state == "overdue",
            "waiting": row["status"] == "waiting",
        }  # fmt: skip
        if wanted[state]:
            chosen.append((row, following))
    return _dressed(database, connection, _by_deadline(chosen)[:limit])


def at_risk(
    database: Database, connection: sa.Connection, *, owner_id: int | None = None, limit: int
) -> tuple[list[QueueRow], int]:
    """The first of the open cases that are at risk or overdue, and how many there are; one person's or everybody's."""
    case = Base.metadata.tables["case_file"]
    whose = sa.true() if owner_id is None else case.c.owner_id == owner_id
    chosen = _by_deadline([pair for pair in _running(connection, whose) if pair[1].urgent])
    return _dressed(database, connection, chosen[:limit]), len(chosen)


def counts(connection: sa.Connection, user_id: int | None) -> CaseCounts:
    """How many cases are open, mine, nobody's, at risk, overdue."""
    case = Base.metadata.tables["case_file"]
    rows = _running(connection, case.c.id.isnot(None))
    mine = [pair for pair in rows if user_id is not None and pair[0]["owner_id"] == user_id]
    return CaseCounts(
        open=len(rows), mine=len(mine),
        unassigned=sum(1 for row, _clock in rows if row["owner_id"] is None),
        at_risk=sum(1 for _row, following in rows if following.urgent),
        overdue=sum(1 for _row, following in rows if following.state == "overdue"),
        my_risk=sum(1 for _row, following in mine if following.urgent),
    )  # fmt: skip


def most_urgent(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> tuple[int, int | None, Clock | None]:
    """Of the open cases that a condition chooses: how many, which has the next deadline, and its clock."""
    rows = _running(connection, condition)
    if not rows:
        return 0, None, None
    row, clock = _by_deadline(rows)[0]
    return len(rows), int(row["id"]), clock


def case_clocks(connection: sa.Connection, case_id: int) -> tuple[Clock, Clock, Clock]:
    """The clocks of one case: first response, next response, solution.

    Raises:
        RecordGone: it was deleted.
    """
    case = Base.metadata.tables["case_file"]
    row = connection.execute(sa.select(case).where(case.c.id == case_id)).mappings().first()
    if row is None:
        raise RecordGone("case", case_id)
    last = _last_messages(connection, Base.metadata.tables["case_message"].c.case_id == case_id).get(case_id, {})
    target = read_targets(connection).get(row["priority"], DEFAULTS["normal"])
    return clocks_of(dict(row), target, time_now.now(), last.get("in"), last.get("out"))


def conversation(database: Database, connection: sa.Connection, case_id: int) -> list[Entry]:
    """Everything said and done in a case, oldest first: messages, changes of status, owner and priority, activities."""
    entries = _messages(connection, case_id) + _activities(database, connection, case_id)
    entries += _changes(database, connection, case_id)
    return sorted(entries, key=lambda entry: (entry.at, entry.kind != "opened", entry.id))


def cases_of(
    connection: sa.Connection, *, contact_id: int | None = None, company_id: int | None = None,
    without: int | None = None, limit: int = 20,
) -> list[Mapping[str, Any]]:  # fmt: skip
    """The cases of a customer, newest first: id, number, subject, status, created_at, solved_at."""
    case = Base.metadata.tables["case_file"]
    whose = [case.c.contact_id == contact_id] if contact_id is not None else []
    whose += [case.c.company_id == company_id] if company_id is not None else []
    if not whose:
        return []
    columns = (case.c.id, case.c.number, case.c.subject, case.c.status, case.c.created_at, case.c.solved_at)
    statement = sa.select(*columns).where(sa.or_(*whose)).order_by(case.c.created_at.desc()).limit(limit)
    if without is not None:
        statement = statement.where(case.c.id != without)
    return [dict(row) for row in connection.execute(statement).mappings()]


def first_responses(
    connection: sa.Connection, spans: Sequence[Span], *, owner_id: int | None = None
) -> list[tuple[int, int]]:
    """(in time, all that are decided) of the first responses to cases opened in each span of local days."""
    case = Base.metadata.tables["case_file"]
    now = time_now.now()
    met = case.c.responded_at <= case.c.respond_due
    decided = case.c.responded_at.isnot(None) | (case.c.respond_due < now)
    columns: list[sa.ColumnElement[Any]] = []
    for start, end in spans:
        inside = (case.c.created_at >= _start(start)) & (case.c.created_at < _start(end + timedelta(days=1)))
        columns.append(sa.func.count(sa.case((inside & met, 1))))
        columns.append(sa.func.count(sa.case((inside & decided, 1))))
    statement = sa.select(*columns).where(case.c.respond_due.isnot(None))
    if spans:
        statement = statement.where(case.c.created_at >= _start(min(start for start, _end in spans)))
    if owner_id is not None:
        statement = statement.where(case.c.owner_id == owner_id)
    row = connection.execute(statement).one()
    return [(row[i * 2], row[i * 2 + 1]) for i in range(len(spans))]


def _start(day: Any) -> datetime:
    return datetime.combine(day, time(), time_now.local_zone())


def _of(case: sa.Table, scope: Scope, user_id: int | None) -> sa.ColumnElement[bool]:
    if scope == "mine":
        return case.c.owner_id == (user_id if user_id is not None else -1)
    return case.c.owner_id.is_(None) if scope == "unassigned" else sa.true()


def _by_deadline(pairs: list[tuple[Mapping[str, Any], Clock]]) -> list[tuple[Mapping[str, Any], Clock]]:
    return sorted(pairs, key=lambda pair: (*sort_key(pair[1]), pair[0]["id"]))


def _running(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> list[tuple[Mapping[str, Any], Clock]]:
    """The open cases that a condition chooses, each with the clock that comes next."""
    case, message = Base.metadata.tables["case_file"], Base.metadata.tables["case_message"]
    chosen = case.c.status.in_(OPEN_STATUSES) & condition
    columns = [column for column in case.c if column.name not in ("description", "solution", "custom")]
    rows = [dict(row) for row in connection.execute(sa.select(*columns).where(chosen)).mappings()]
    if not rows:
        return []
    last = _last_messages(connection, message.c.case_id.in_(sa.select(case.c.id).where(chosen)))
    targets: dict[str, Target] = read_targets(connection)
    now = time_now.now()
    result: list[tuple[Mapping[str, Any], Clock]] = []
    for row in rows:
        said = last.get(row["id"], {})
        target = targets.get(row["priority"], DEFAULTS["normal"])
        result.append((row, next_clock(clocks_of(row, target, now, said.get("in"), said.get("out")))))
    return result


def _last_messages(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> dict[int, dict[str, datetime]]:
    """Case id to when its last message of each kind was said."""
    message = Base.metadata.tables["case_message"]
    rows = connection.execute(
        sa.select(message.c.case_id, message.c.kind, sa.func.max(message.c.at))
        .where(condition).group_by(message.c.case_id, message.c.kind)
    )  # fmt: skip
    result: dict[int, dict[str, datetime]] = {}
    for case_id, kind, at in rows:
        result.setdefault(case_id, {})[kind] = at
    return result


def _dressed(
    database: Database, connection: sa.Connection, chosen: Sequence[tuple[Mapping[str, Any], Clock]]
) -> list[QueueRow]:
    schema, rows = database.schema, [row for row, _clock in chosen]
    companies = titles(schema, connection, "company", {row["company_id"] for row in rows})
    contacts = titles(schema, connection, "contact", {row["contact_id"] for row in rows})
    owners = titles(schema, connection, "user", {row["owner_id"] for row in rows})
    return [
        QueueRow(
            row["id"], row["number"] or "", row["subject"], row["status"], row["priority"], row["channel"],
            row["company_id"], companies.get(row["company_id"], ""), row["contact_id"],
            contacts.get(row["contact_id"], ""), row["owner_id"], owners.get(row["owner_id"], ""), row["created_at"],
            following,
        )
        for row, following in chosen
    ]  # fmt: skip


def _messages(connection: sa.Connection, case_id: int) -> list[Entry]:
    message = Base.metadata.tables["case_message"]
    rows = connection.execute(sa.select(message).where(message.c.case_id == case_id))
    return [
        Entry(row.kind, row.id, row.at, row.author or "", row.author_id, row.body, row.channel or "") for row in rows
    ]


def _activities(database: Database, connection: sa.Connection, case_id: int) -> list[Entry]:
    link, activity = Base.metadata.tables["activity_link"], Base.metadata.tables["activity"]
    rows = connection.execute(
        sa.select(activity)
        .join(link, link.c.activity_id == activity.c.id)
        .where(link.c.record_id == case_id, activity.c.status == "done")
    ).all()
    owners = titles(database.schema, connection, "user", {row.owner_id for row in rows})
    return [
        Entry("activity", row.id, row.done_at or row.created_at, owners.get(row.owner_id, ""), row.owner_id,
              row.subject, row.kind)
        for row in rows
    ]  # fmt: skip


def _changes(database: Database, connection: sa.Connection, case_id: int) -> list[Entry]:
    entries = []
    history = record_history(database, connection, "case", case_id, limit=MOST_EVENTS)
    owners = titles(database.schema, connection, "user", {
        value for entry in history for one in entry.fields if one.name == "owner_id" for value in (one.old, one.new)
    })  # fmt: skip
    for entry in history:
        if entry.table != "case_file" or entry.at is None:
            continue
        if entry.op == "I":
            entries.append(Entry("opened", entry.id, entry.at, entry.user_name, entry.user_id))
        for one in entry.fields:
            if one.name in _SHOWN:
                owner = one.name == "owner_id"
                old, new = (owners.get(v, "") if owner else str(v or "") for v in (one.old, one.new))
                kind = "owner" if owner else one.name
                entries.append(Entry(kind, entry.id, entry.at, entry.user_name, entry.user_id, old=old, new=new))
    return entries
