"""What follows from other rows and could have been left behind: number series, primary rows, last contact, lost parents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from crm_desktop.core.i18n import N_, _
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.insight.last_contact import wrong_last_contact

DIFFERENT = N_("{name}: {n} different")
_CASE_NUMBER = re.compile(r"(\d{4})-(\d+)")
GROUPED = {"contact_point": ("owner_id", "kind"), "address": ("owner_id",)}
"""Tables whose rows have one primary one among those with the same values of these columns."""
DATED = ("deal", "contact", "company")
"""What has a last contact, in the order in which it follows from one another."""


@dataclass(frozen=True)
class Loose:
    """A column whose ids must be those of rows of ``parents``; ``where`` chooses the rows that are meant."""

    table: str
    column: str
    parents: tuple[str, ...]
    where: str = ""
    nullable: bool = False

    @property
    def lost(self) -> str:
        """The SQL condition, over the table as ``c``, of rows that point nowhere."""
        missing = " AND ".join(
            f'NOT EXISTS (SELECT 1 FROM "{parent}" p WHERE p.id = c."{self.column}")' for parent in self.parents
        )
        return f'c."{self.column}" IS NOT NULL AND {missing}{self.where}'


def places(schema: Schema) -> Iterator[Loose]:
    """Every column that points to other rows, whether the database enforces it (a key) or only we do (an id alone)."""
    for table in schema.data_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield Loose(table.name, column.name, (key.column.table.name,), nullable=bool(column.nullable))
    loose: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for entity, owned in schema.owned.items():
        for place in owned:
            loose.setdefault(place, []).append((entity, schema.entities[entity].table))
    for (name, column_name), parents in loose.items():
        if "entity" in Base.metadata.tables[name].columns:
            for entity, parent in parents:
                yield Loose(name, column_name, (parent,), f" AND c.entity = '{entity}'")
        else:
            yield Loose(name, column_name, tuple(dict.fromkeys(parent for _entity, parent in parents)))


def short_series(connection: sa.Connection) -> dict[str, int]:
    """Number series that would give a number again, with the highest that is in use."""
    case, series = Base.metadata.tables["case_file"], Base.metadata.tables["number_series"]
    highest: dict[str, int] = {}
    for number in connection.execute(sa.select(case.c.number).execution_options(yield_per=10_000)).scalars():
        found = _CASE_NUMBER.fullmatch(number or "")
        if found:
            name = f"case-{found[1]}"
            highest[name] = max(highest.get(name, 0), int(found[2]))
    known: dict[str, int] = {name: last for name, last in connection.execute(sa.select(series.c.series, series.c.last))}
    return {name: number for name, number in highest.items() if known.get(name, 0) < number}


def lagging_history(connection: sa.Connection) -> int | None:
    """The highest number of the history, where a server would give it again; None where all is well, or nobody may ask.

    A server's counter falls behind its table where a copy was made or restored without it, or a crash came at the wrong
    moment; then every save is refused.
    """
    if connection.dialect.name == "sqlite":
        return None  # a file looks at its rows
    sequence, may = connection.exec_driver_sql(
        "SELECT s, has_sequence_privilege(s, 'SELECT') FROM (SELECT pg_get_serial_sequence('change', 'id') AS s) AS found"
    ).one()
    if not may:
        return None
    last = connection.exec_driver_sql(
        f"SELECT last_value - CASE WHEN is_called THEN 0 ELSE 1 END FROM {sequence}"
    ).scalar()
    highest = connection.exec_driver_sql("SELECT max(id) FROM change").scalar()
    return int(highest) if highest is not None and last is not None and highest > last else None


def several_primary(connection: sa.Connection, name: str) -> list[tuple[object, ...]]:
    """The groups of a table's rows with more than one primary row."""
    table = Base.metadata.tables[name]
    columns = [table.c[column] for column in GROUPED[name]]
    primary = sa.func.sum(sa.case((table.c.is_primary, 1), else_=0))
    return [tuple(row) for row in connection.execute(sa.select(*columns).group_by(*columns).having(primary > 1))]


def derived_problems(connection: sa.Connection, sample: int | None) -> list[str]:
    """What does not follow from what it should, one sentence each.

    Args:
        sample: how many of the newest records are compared; None compares all.
    """
    problems = [
        _("{name}: the number {n} would be given again").format(name=name, n=number)
        for name, number in sorted(short_series(connection).items())
    ]
    lagging = lagging_history(connection)
    if lagging is not None:
        problems.insert(0, _("{name}: the number {n} would be given again").format(name="change", n=lagging))
    for name in GROUPED:
        groups = len(several_primary(connection, name))
        if groups:
            problems.append(_("{name}: {n} with several main rows").format(name=name, n=groups))
    for name in DATED:
        table = Base.metadata.tables[name]
        ids = list(connection.execute(sa.select(table.c.id).order_by(table.c.id.desc()).limit(sample)).scalars())
        wrong = len(wrong_last_contact(connection, name, ids))
        if wrong:
            problems.append(_(DIFFERENT).format(name=f"{name}.last_activity_at", n=wrong))
    return problems
