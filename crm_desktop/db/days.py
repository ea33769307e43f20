"""Whole days between two moments or two dates, in SQL that both engines understand."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class elapsed_days(FunctionElement[int]):
    """``elapsed_days(later, earlier)``: whole days of 24 hours from one instant to another."""

    type = sa.Integer()
    name = "elapsed_days"
    inherit_cache = True


class days_apart(FunctionElement[int]):
    """``days_apart(later, earlier)``: days from one date to another."""

    type = sa.Integer()
    name = "days_apart"
    inherit_cache = True


@compiles(elapsed_days, "sqlite")
def _elapsed_sqlite(element: elapsed_days, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    # a thousandth of a second more, against the last binary digit of julianday()
    return f"CAST(floor(julianday({later}) - julianday({earlier}) + 0.00000001) AS INTEGER)"


@compiles(elapsed_days, "postgresql")
def _elapsed_postgres(element: elapsed_days, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"floor(extract(epoch FROM ({later} - {earlier})) / 86400)::integer"


@compiles(days_apart, "sqlite")
def _apart_sqlite(element: days_apart, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"CAST(julianday({later}) - julianday({earlier}) AS INTEGER)"


@compiles(days_apart, "postgresql")
def _apart_postgres(element: days_apart, compiler: Any, **options: Any) -> str:
    later, earlier = (compiler.process(one, **options) for one in element.clauses)
    return f"({later} - {earlier})"
