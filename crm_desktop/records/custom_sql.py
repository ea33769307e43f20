"""SQL of the values in the ``custom`` column, spelled for each engine so that an index on it would serve."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm_desktop.core.fields import Field, Kind
from crm_desktop.db.types import Units

PREFIX = "custom."
_UNITS = (Kind.MONEY, Kind.NUMBER, Kind.PERCENT)
_WHOLE = (Kind.INTEGER, Kind.LINK, Kind.USER)


class MemberText(FunctionElement[str]):
    """A member of a JSON column as text; lists as their JSON."""

    type = sa.Text()
    inherit_cache = True


class MemberNumber(FunctionElement[int]):
    """A member of a JSON column as a 64-bit integer; empty where it is no number."""

    type = sa.BigInteger()
    inherit_cache = True


class MemberBool(FunctionElement[bool]):
    """A member of a JSON column as yes or no."""

    type = sa.Boolean()
    inherit_cache = True


def _parts(element: FunctionElement[Any], compiler: Any, **options: Any) -> tuple[str, str]:
    column, key = element.clauses
    return compiler.process(column, **options), key.name[1:-1]


@compiles(MemberText)
@compiles(MemberBool)
def _sqlite_member(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    column, key = _parts(element, compiler, **options)
    return f"json_extract({column}, '$.\"{key}\"')"


@compiles(MemberNumber)
def _sqlite_number(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    column, key = _parts(element, compiler, **options)
    return f"CAST(json_extract({column}, '$.\"{key}\"') AS INTEGER)"


@compiles(MemberText, "postgresql")
def _postgres_text(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    column, key = _parts(element, compiler, **options)
    return f"({column} ->> '{key}')"


@compiles(MemberNumber, "postgresql")
def _postgres_number(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    column, key = _parts(element, compiler, **options)
    member = f"({column} -> '{key}')"
    return f"(CASE WHEN jsonb_typeof({member}) = 'number' THEN CAST({member} AS numeric)::bigint END)"


@compiles(MemberBool, "postgresql")
def _postgres_bool(element: FunctionElement[Any], compiler: Any, **options: Any) -> str:
    column, key = _parts(element, compiler, **options)
    return (
        f"(({column} ->> '{key}') IN ('1', 'true') OR CASE WHEN {column} ->> '{key}' IS NULL THEN NULL ELSE FALSE END)"
    )


def custom_value(column: sa.ColumnElement[Any], field: Field) -> sa.ColumnElement[Any]:
    """The value of a stored custom field, typed so that it sorts and compares."""
    key: sa.ColumnClause[Any] = sa.literal_column(
        "'" + field.name.removeprefix(PREFIX).replace("'", "").replace('"', "") + "'"
    )
    if field.kind in _UNITS:
        return sa.type_coerce(MemberNumber(column, key), Units())
    if field.kind in _WHOLE:
        return MemberNumber(column, key)
    if field.kind is Kind.BOOL:
        return MemberBool(column, key)
    return MemberText(column, key)
