"""How clean the data is: counted in the background, kept once a day, and read with its trend."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.ids import generator
from crm_desktop.core.jobs import Progress
from crm_desktop.core.taxids import check_tax_id
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.insight.quality_fields import CHECKED, TAX_MEASURE
from crm_desktop.insight.quality_measures import BASES, ENTITIES, FLAWED, Measure, measures
from crm_desktop.records import queries
from crm_desktop.records.whole_sight import refuse_part

TOTAL, FLAWS, DUPLICATES = "total", "flawed", "duplicates"
TREND_DAYS = 92
MONTH_DAYS = 28
_POINTS = 14
_CHUNK = 5_000
_STEP = N_("Checking the data…")


@dataclass(frozen=True)
class Figure:
    """A measure with its number.

    Attributes:
        count: how many records the last check found, None where it did not count them yet.
        total: of how many.
        series: the counts of the last three months, oldest first.
        previous: the count about a month ago, on ``previous_on``; None where nothing was counted then.
    """

    measure: Measure
    count: int | None
    total: int
    series: tuple[int, ...]
    previous: int | None
    previous_on: date | None


@dataclass(frozen=True)
class Quality:
    """What the Data quality page shows.

    Attributes:
        checked_at: when the data was last looked at, None before the first time.
        health: contacts and companies without a flaw, in percent, and how it was; see ``quality_measures.HEALTH``.
        duplicates: groups of likely duplicates that the last search found, None where nobody searched.
        totals: the records by type.
    """

    checked_at: datetime | None
    day: date | None
    figures: tuple[Figure, ...]
    totals: Mapping[str, int]
    health: int | None
    health_series: tuple[int, ...]
    health_before: int | None
    duplicates: int | None
    duplicates_series: tuple[int, ...]

    def of(self, entity: str) -> list[Figure]:
        """The figures of one record type."""
        return [figure for figure in self.figures if figure.measure.entity == entity]


def measure_now(database: Database, progress: Progress | None = None) -> dict[str, dict[str, int]]:
    """Count everything, and keep the numbers as those of today.

    Returns:
        The counts by record type and measure.

    Raises:
        Cancelled: nothing is kept then.
        UserError: the server shows this person only a part of the records.
    """
    refuse_part(database, CHECKED)
    progress = progress or Progress()
    with database.read_all() as connection:
        known = measures(connection)
        customers = [queries.count(database, connection, entity) for entity in CHECKED]
    steps = sum(customers) // _CHUNK + len(known) + 2 * len(ENTITIES)
    progress.update(0, steps, _(_STEP))
    _check_tax_numbers(database, progress)
    result: dict[str, dict[str, int]] = {}
    for entity in ENTITIES:
        counts = result[entity] = {}
        for measure in [one for one in known if one.entity == entity]:
            with database.read_all() as connection:
                counts[measure.key] = queries.count(database, connection, entity, filter=measure.filter)
            progress.advance()
        with database.read_all() as connection:
            counts[TOTAL] = queries.count(database, connection, entity, filter=BASES[entity])
            progress.advance()
            if entity in CHECKED:
                counts[FLAWS] = queries.count(database, connection, entity, filter=FLAWED)
                counts[DUPLICATES] = duplicate_groups(connection, entity)
        progress.advance()
    _keep(database, result)
    return result


def is_due(database: Database, connection: sa.Connection) -> bool:
    """Whether nothing was counted today yet."""
    sample = Base.metadata.tables["quality_sample"]
    newest = connection.execute(sa.select(sa.func.max(sample.c.day))).scalar()
    return newest is None or newest < clock.today()


def read_quality(database: Database, connection: sa.Connection) -> Quality:
    """The numbers of the last check and how they got there; quick at any size, since only samples are read."""
    sample = Base.metadata.tables["quality_sample"]
    since = clock.today() - timedelta(days=TREND_DAYS)
    newest = connection.execute(sa.select(sa.func.max(sample.c.day))).scalar()
    rows = connection.execute(
        sa.select(sample.c.entity, sample.c.day, sample.c.measures, sample.c.checked_at)
        .where(sample.c.day >= min(since, newest or since)).order_by(sample.c.day)
    ).all()  # fmt: skip
    by_entity = {name: [(row.day, row.measures) for row in rows if row.entity == name] for name in ENTITIES}
    figures = tuple(_figure(measure, by_entity[measure.entity]) for measure in measures(connection))
    totals = {name: int(days[-1][1].get(TOTAL, 0)) if days else 0 for name, days in by_entity.items()}
    whole = _together(by_entity["contact"], by_entity["company"])
    health = [(day, _health(counts)) for day, counts in whole]
    doubles = [(day, counts[DUPLICATES]) for day, counts in whole if DUPLICATES in counts]
    searched = connection.execute(sa.select(sa.func.max(Base.metadata.tables["duplicate_pair"].c.found_at))).scalar()
    before = _about_a_month_ago([(day, value) for day, value in health if value is not None])
    checked = max((row.checked_at for row in rows if row.checked_at), default=None)
    if checked is not None and searched is not None and searched > checked and newest is not None:
        # a search after the check found what the sample cannot know
        doubles = [(day, value) for day, value in doubles if day != newest]
        doubles.append((newest, sum(duplicate_groups(connection, entity) for entity in CHECKED)))
    return Quality(
        checked, newest, figures, totals,
        health[-1][1] if health else None, _thinned([value for _day, value in health if value is not None]),
        before[1] if before else None, doubles[-1][1] if doubles and (searched or doubles[-1][1]) else None,
        _thinned([value for _day, value in doubles]),
    )  # fmt: skip


_Days = Sequence[tuple[date, Mapping[str, Any]]]


def _figure(measure: Measure, days: _Days) -> Figure:
    counts = [(day, int(values[measure.key])) for day, values in days if measure.key in values]
    total = int(days[-1][1].get(TOTAL, 0)) if days else 0
    before = _about_a_month_ago(counts)
    return Figure(
        measure, counts[-1][1] if counts else None, total, _thinned([count for _day, count in counts]),
        before[1] if before else None, before[0] if before else None,
    )  # fmt: skip


def _about_a_month_ago(counts: Sequence[tuple[date, int]]) -> tuple[date, int] | None:
    """The newest count that is at least four weeks older than the last one."""
    if not counts:
        return None
    limit = counts[-1][0] - timedelta(days=MONTH_DAYS)
    return next(((day, count) for day, count in reversed(counts) if day <= limit), None)


def _thinned(values: Sequence[int]) -> tuple[int, ...]:
    """At most so many points as a small line can show, the last one always."""
    if len(values) <= _POINTS:
        return tuple(values)
    step = (len(values) - 1) / (_POINTS - 1)
    return tuple(values[round(number * step)] for number in range(_POINTS))


def _together(first: _Days, second: _Days) -> list[tuple[date, dict[str, int]]]:
    """The samples of two record types added up, by day."""
    result: dict[date, dict[str, int]] = {}
    for day, counts in (*first, *second):
        whole = result.setdefault(day, {})
        for key in (TOTAL, FLAWS, DUPLICATES):
            if key in counts:
                whole[key] = whole.get(key, 0) + int(counts[key])
    return sorted(result.items())


def _health(counts: Mapping[str, int]) -> int | None:
    total = counts.get(TOTAL, 0)
    # never rounded up to 100 while something is wrong
    return 100 * (total - counts.get(FLAWS, 0)) // total if total else None


def _keep(database: Database, result: Mapping[str, Mapping[str, int]]) -> None:
    sample = Base.metadata.tables["quality_sample"]
    now, today = clock.now(), clock.today()
    rows = [
        {"id": generator.next(), "entity": entity, "day": today, "measures": dict(counts), "checked_at": now}
        for entity, counts in result.items()
    ]
    # two computers may finish in the same moment: both counted the same, and one is enough
    with contextlib.suppress(IntegrityError), database.begin() as connection:
        connection.execute(sample.delete().where(sample.c.day == today))
        connection.execute(sample.insert(), rows)


def _check_tax_numbers(database: Database, progress: Progress) -> None:
    """Flag the tax numbers whose check digits are wrong; the rules of the countries are no SQL."""
    flag = Base.metadata.tables["quality_flag"]
    found: list[dict[str, Any]] = []
    for entity in CHECKED:
        with database.read_all() as connection:
            for record_id, number, country in _tax_numbers(connection, entity, progress):
                if not _is_valid(number, country):
                    found.append({"entity": entity, "record_id": record_id, "measure": TAX_MEASURE, "value": number})
    with database.begin() as connection:
        connection.execute(flag.delete().where(flag.c.measure == TAX_MEASURE))
        for start in range(0, len(found), _CHUNK):
            connection.execute(flag.insert(), found[start : start + _CHUNK])


def _tax_numbers(connection: sa.Connection, entity: str, progress: Progress) -> Iterator[tuple[int, str, str]]:
    table, address = Base.metadata.tables[entity], Base.metadata.tables["address"]
    country = (
        sa.select(address.c.country).where(address.c.owner_id == table.c.id)
        .order_by(address.c.is_primary.desc(), address.c.id).limit(1).correlate(table).scalar_subquery()
    )  # fmt: skip
    home, last = formats.default_country(), 0
    while True:
        statement = sa.select(table.c.id, table.c.tax_id, country).where(table.c.id > last, table.c.tax_id.isnot(None))
        rows = connection.execute(statement.order_by(table.c.id).limit(_CHUNK)).all()
        progress.advance()
        for record_id, number, code in rows:
            yield record_id, number, code or home
        if len(rows) < _CHUNK:
            return
        last = rows[-1][0]


def _is_valid(number: str, country: str) -> bool:
    try:
        check_tax_id(number, country)
    except FieldError:
        return False
    return True


def duplicate_groups(connection: sa.Connection, entity: str) -> int:
    """How many groups the pairs form that the last search found and nobody said to be no duplicates."""
    pair, apart = Base.metadata.tables["duplicate_pair"], Base.metadata.tables["not_duplicate"]
    told = sa.exists().where(apart.c.first_id == pair.c.first_id, apart.c.second_id == pair.c.second_id)
    rows = connection.execute(
        sa.select(pair.c.first_id, pair.c.second_id).where(pair.c.entity == entity, pair.c.score >= 0, ~told)
    )
    leader: dict[int, int] = {}

    def find(one: int) -> int:
        while leader.setdefault(one, one) != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for first, second in rows:
        leader[find(first)] = find(second)
    return sum(1 for one in leader if find(one) == one)
