"""The history of the sample office: its years are told month by month, then week by week and day by day."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.i18n import N_
from crm_desktop.core.ids import generator
from crm_desktop.db import triggers
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change, change_set, count_touched
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import to_json
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.demo.scene import COLUMNS, Scene
from crm_desktop.demo.words import load

TITLE = N_("Make the sample office")
LAST_DAYS = 9
"""So many days are told one by one; before them come weeks, and before those months."""
_WEEKS = 8
_OWN_DAYS = 35
"""Since so many days what was done with a deal is told as a change of its own."""
HAPPENING = frozenset({"deal", "activity", "activity_link", "case", "case_message", "note"})
"""What happens with customers: of it a large office has no more than a small one."""
_OWNERS: dict[str, tuple[str, ...]] = {
    "affiliation": ("contact_id", "company_id"), "relationship": ("from_id", "to_id"), "contact_point": ("owner_id",),
    "address": ("owner_id",), "consent": ("owner_id",), "record_tag": ("record_id",), "note": ("record_id",),
    "activity_link": ("activity_id", "record_id"), "deal": ("contact_id", "company_id"),
    "case": ("contact_id", "company_id"), "case_message": ("case_id",),
}  # fmt: skip
"""The columns with the records that must have been there first."""
_UNDATED = ("affiliation", "relationship")
"""Their rows carry the day on which the office was made."""
_REMEMBERED = ("company", "contact", "activity", "case")

Step = tuple[datetime, dict[str, Any]]
"""When a row was edited, and what its columns had before."""


@dataclass(eq=False)
class _Set:
    at: datetime
    title: str = TITLE
    params: dict[str, str] | None = None
    user_id: int | None = None
    user_name: str | None = None
    new: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """The ids of new rows, by table."""
    edits: list[tuple[str, int, dict[str, Any]]] = field(default_factory=list)
    """(table, id, {column: [before, after]}) of each."""

    def touched(self) -> dict[str, int]:
        """How many changes there are, by table."""
        counted = Counter({table: len(ids) for table, ids in self.new.items() if ids})
        counted.update(edit[0] for edit in self.edits)
        return dict(counted)


class Past:
    """Gathers what happened when, and writes it into the history, oldest first.

    Args:
        tables: the history of these tables is written here, and not by triggers; what is in others came in the beginning.
    """

    def __init__(self, scene: Scene, schema: Schema, tables: frozenset[str]) -> None:
        self.scene, self.tables = scene, tables
        self._tables = {name: Base.metadata.tables[schema.entities[name].table if name in schema.entities else name]
                        for name in tables}  # fmt: skip
        self.ends = _ends(scene)
        self._sets = [_Set(end) for end in self.ends]
        self._own: list[_Set] = []
        self._own_since = scene.at(scene.today - timedelta(days=_OWN_DAYS), "00:00")
        self._since: dict[int, int] = {}
        """Id to the number of the set in which the record comes."""
        self.still: set[int] = set()
        """Deals with which nothing happened until these days."""
        self._first = self._own_ends = self._first_ends = 0
        """The first change set, its last change, and the last of those written with it."""
        pipelines = load("office")["pipelines"]
        self._stage_names = {
            stage: told[0]
            for stages, pipeline in zip(scene.stages, pipelines, strict=True)
            for (stage, _outcome), told in zip(stages, pipeline["stages"], strict=True)
        }

    # ---------------------------------------------------------------- gathering

    def add(self, name: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Remember when rows came and what was done with them since; those they belong to come first."""
        if name not in self.tables:
            return
        columns, table = COLUMNS[name], self._tables[name]
        created = columns.index("created_at") if "created_at" in columns and name not in _UNDATED else None
        owners = [columns.index(one) for one in _OWNERS.get(name, ())]
        steps = {"deal": self._deal, "activity": _activity, "case": _case}.get(name)
        since, ends, last = self._since, self.ends, len(self.ends) - 1
        new, remembered = [one.new[table.name] for one in self._sets], name in _REMEMBERED
        for row in rows:
            place = min(bisect_left(ends, row[created]), last) if created is not None else 0
            for one in owners:
                place = max(place, since.get(row[one], 0))
            if remembered:
                since[row[0]] = place
            new[place].append(row[0])
            if steps is not None and place < last:
                values = dict(zip(columns, row, strict=True))
                self._edits(table, values, place, steps(values))

    def _edits(self, table: sa.Table, values: dict[str, Any], place: int, steps: list[Step]) -> None:
        """Remember the edits that came after the row; what they had before follows from the next one, or is as it is."""
        after, told = dict(values), []
        for moment, before in reversed(steps):
            if moment <= self.ends[place]:
                break
            kinds = {name: table.c[name].type for name, value in before.items() if after[name] != value}
            data = {name: [to_json(kind, before[name]), to_json(kind, after[name])] for name, kind in kinds.items()}
            if data:
                told.append((moment, data, {name: after[name] for name in data}))
            after |= before
        for moment, data, now in reversed(told):
            one = self._sets[min(bisect_left(self.ends, moment), len(self.ends) - 1)]
            if table.name == "deal" and moment >= self._own_since:
                one = self._by_owner(values, moment, now.get("stage_id"))
            one.edits.append((table.name, values["id"], data))

    def _by_owner(self, deal: dict[str, Any], moment: datetime, stage: int | None) -> _Set:
        """A change set of whoever has a deal."""
        owner = deal["owner_id"]
        title, params = N_("Edit {title}"), {"title": deal["name"]}
        if stage is not None:
            title, params = N_("Move “{deal}” to {stage}"), {"deal": deal["name"], "stage": self._stage_names[stage]}
        self._own.append(_Set(moment, title, params, owner, self.scene.names[owner]))
        return self._own[-1]

    def _deal(self, deal: dict[str, Any]) -> list[Step]:
        """A deal goes from stage to stage, and is put off or another amount on its way."""
        scene, created, since = self.scene, deal["created_at"], deal["stage_since"]
        if deal["id"] in self.still or since <= created:
            return []
        number, closed = int(deal["number"][-4:]), deal["status"] != "open"
        stages = [stage for stage, outcome in scene.stages[scene.pipelines.index(deal["pipeline_id"])]
                  if outcome == "open"]  # fmt: skip
        moves = min(3, len(stages) - 1) if closed else stages.index(deal["stage_id"])
        times = [created]
        for move in range(1, moves + 1):
            moment = created + (since - created) * (move / (moves + closed))
            moment = self._at_work(moment, number + move, times[-1], since)
            times.append(moment if closed or move < moves else since)
        steps: list[Step] = [
            (times[move], {"stage_id": stages[move - 1], "stage_since": times[move - 1]})
            for move in range(1, moves + 1)
        ]
        if closed:
            steps.append((since, {
                "stage_id": stages[moves], "stage_since": times[moves], "status": "open", "closed_on": None,
                "lost_reason": None, "competitor": None,
            }))  # fmt: skip
            if number % 3 == 0:
                moment = since - min(timedelta(days=3), (since - created) / 5)
                steps.append((moment, {"expected_close": deal["expected_close"] - timedelta(days=6 + number % 15)}))
        elif number % 3 == 0:
            day = scene.today - timedelta(days=5 + number % 4)
            steps.append((scene.at(day, "15:20"), {"expected_close": day}))
        elif number % 3 == 1:
            moment = self._at_work(created + (scene.now - created) * 0.6, number, created, scene.now)
            steps.append((moment, {"amount": Decimal(round(deal["amount"] * Decimal("0.0092")) * 100)}))
        return sorted(steps, key=lambda one: one[0])

    def _at_work(self, moment: datetime, number: int, after: datetime, before: datetime) -> datetime:
        """About the same time, on a day and at an hour at which people work."""
        day = moment.astimezone(self.scene.zone).date()
        day -= timedelta(days=max(0, day.weekday() - 4))
        found = self.scene.at(day, f"{9 + number % 8:02d}:{number * 7 % 60:02d}")
        return found if after < found < before else moment.replace(microsecond=0)

    # ---------------------------------------------------------------- writing

    @contextmanager
    def instead_of_triggers(self, uow: UnitOfWork) -> Iterator[None]:
        """Inside the block the rows of its tables are inserted without history."""
        connection, sqlite = uow.connection, uow.database.sqlite
        for table in self._tables.values():
            name = f'"history_{table.name}_insert"'
            connection.exec_driver_sql(f"DROP TRIGGER {name}" + ("" if sqlite else f' ON "{table.name}"'))
        yield
        for table in self._tables.values():
            for statement in triggers.sqlite_triggers(table) if sqlite else triggers.postgres_triggers(table):
                if f'TRIGGER "history_{table.name}_insert"' in statement:
                    connection.exec_driver_sql(statement)

    def write(self, connection: sa.Connection, until: datetime) -> None:
        """Write what was before a moment and is not written yet, each as a change set."""
        ended = []
        for one in self._take(until):
            identity, before = generator.next(), _newest(connection)
            _insert(connection, identity, one)
            ended.append({
                "id": identity, "title": one.title, "params": one.params, "kind": "edit" if one.user_id else "system",
                "user_id": one.user_id, "user_name": one.user_name, "at": one.at, "first_change": before + 1,
                "last_change": _newest(connection), "touched": one.touched(),
            })  # fmt: skip
        if ended:
            connection.execute(change_set.insert(), ended)

    def write_rest(self, uow: UnitOfWork) -> None:
        """Write what is not written yet as a part of a unit of work, and what follows from all after the first one."""
        for one in self._take(None):
            _insert(uow.connection, uow.change_set_id, one)
        own, uow.mine = uow.mine, change.c.id > self._first_ends
        uow.done = frozenset((table.name, "I") for table in self._tables.values())
        with uow.unasked():
            for finish in uow.schema.finishers:
                finish(uow)
        uow.mine = own

    def begin(self, uow: UnitOfWork, until: datetime) -> None:
        """Write what was before a moment at the end of the first unit of work, which sees to what follows from it."""
        connection = uow.connection
        first = sa.select(change_set.c.first_change).where(change_set.c.id == uow.change_set_id)
        before = int(connection.execute(first).scalar_one()) - 1
        self._first, self._own_ends = uow.change_set_id, _newest(connection)
        self.write(connection, until)
        self._first_ends = _newest(connection)
        uow.mine = change.c.id > before

    def tell_first(self, connection: sa.Connection) -> None:
        """Let the first change set tell of its own changes, and not of those that were written with it."""
        own = (change.c.change_set_id == self._first) & (change.c.id <= self._own_ends)
        values = {"last_change": self._own_ends, "touched": count_touched(connection, own)}
        connection.execute(change_set.update().where(change_set.c.id == self._first).values(values))

    def _take(self, until: datetime | None) -> list[_Set]:
        every = sorted((*self._sets, *self._own), key=lambda one: one.at)
        chosen = [one for one in every if until is None or one.at < until]
        self._sets = [one for one in self._sets if one not in chosen]
        self._own = [one for one in self._own if one not in chosen]
        return [one for one in chosen if any(one.new.values()) or one.edits]


def _newest(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM change").scalar_one())


def _insert(connection: sa.Connection, identity: int, one: _Set) -> None:
    """Write the changes of a change set as the triggers would have done."""
    sqlite = connection.dialect.name == "sqlite"
    for name, ids in one.new.items():
        if not ids:
            continue
        parent = Schema.parent_column(Base.metadata.tables[name])
        parent_sql = f't."{parent}"' if parent else "NULL"
        given = "json_each(?) j" if sqlite else "unnest(%s::bigint[]) WITH ORDINALITY AS j(value, key)"
        connection.exec_driver_sql(
            "INSERT INTO change(change_set_id, table_name, record_id, parent_id, op) "
            f"SELECT {identity}, '{name}', t.id, {parent_sql}, 'I' FROM {given} "
            f'JOIN "{name}" t ON t.id = j.value ORDER BY j.key',
            (json.dumps(ids) if sqlite else ids,),
        )
    if one.edits:
        rows = [{"change_set_id": identity, "table_name": table, "record_id": record, "op": "U", "data": data}
                for table, record, data in one.edits]  # fmt: skip
        connection.execute(change.insert(), rows)


def _activity(activity: dict[str, Any]) -> list[Step]:
    if activity["status"] != "done":
        return []
    return [(activity["done_at"], {"status": "planned", "done_at": None, "outcome": None, "duration": None})]


def _case(case: dict[str, Any]) -> list[Step]:
    steps: list[Step] = []
    if case["responded_at"] is not None:
        steps.append((case["responded_at"], {"responded_at": None, "status": "new"}))
    if case["waiting_since"] is not None:
        steps.append((case["waiting_since"], {"waiting_since": None, "status": "open"}))
    if case["solved_at"] is not None:
        steps.append((case["solved_at"], {"solved_at": None, "solution": None, "closed_at": None, "status": "open"}))
    return steps


def _ends(scene: Scene) -> list[datetime]:
    """When the months, weeks and days end, oldest first; the last of them is now."""
    weeks = scene.today - timedelta(days=LAST_DAYS + 7 * _WEEKS)
    days: list[date] = []
    first = scene.start.astimezone(scene.zone).date().replace(day=1)
    while True:
        first = (first + timedelta(days=31)).replace(day=1)
        if first - timedelta(days=1) >= weeks:
            break
        days.append(first - timedelta(days=1))
    ends = [scene.at(day, "20:00") for day in days]
    ends += [scene.at(weeks + timedelta(days=7 * week), "08:00") for week in range(_WEEKS + 1)]
    ends += [scene.at(scene.today - timedelta(days=day), "20:00") for day in range(LAST_DAYS, 0, -1)]
    return [end for end in ends if end < scene.now] + [scene.now]
