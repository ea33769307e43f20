"""Column types that hold the same value on both engines, and one canonical JSON spelling of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from crm_desktop.core.fields import Kind
from crm_desktop.core.money import from_units, to_units


def instant_text(value: datetime) -> str:
    """An instant as "2026-03-12T09:48:00.000Z", which sorts as text."""
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_instant(text: str) -> datetime:
    """The instant that ``instant_text`` wrote."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _timestamp(timezone: bool, precision: int) -> TypeEngine[Any]:
    from sqlalchemy.dialects import postgresql  # lazy: heavy, and a start on a file can do without

    return postgresql.TIMESTAMP(timezone=timezone, precision=precision)


class Instant(TypeDecorator[datetime]):
    """An instant to the millisecond: ISO text in SQLite, ``timestamptz`` in PostgreSQL; aware UTC in Python."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        return dialect.type_descriptor(_timestamp(True, 3) if dialect.name == "postgresql" else sa.String())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Python to database."""
        if value is None or dialect.name == "postgresql":
            return value
        return value if isinstance(value, str) else instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Database to Python."""
        if value is None:
            return None
        return parse_instant(value) if isinstance(value, str) else value.astimezone(UTC)


class WallTime(TypeDecorator[datetime]):
    """Local wall time to the second: ISO text in SQLite, ``timestamp`` in PostgreSQL; naive in Python."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        return dialect.type_descriptor(_timestamp(False, 0) if dialect.name == "postgresql" else sa.String())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Python to database."""
        if value is None or dialect.name == "postgresql" or isinstance(value, str):
            return value
        return value.strftime("%Y-%m-%dT%H:%M:%S")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Database to Python."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Units(TypeDecorator[Decimal]):
    """An exact number with four places: a 64-bit integer of ten-thousandths; Decimal in Python."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        """Python to database."""
        return None if value is None else to_units(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Database to Python."""
        return None if value is None else from_units(int(value))


class JsonType(TypeDecorator[Any]):
    """JSON text in SQLite, ``jsonb`` in PostgreSQL."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The engine's own type."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(sa.JSON())
        from sqlalchemy.dialects import postgresql  # lazy: heavy, and a start on a file can do without

        return dialect.type_descriptor(postgresql.JSONB())

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """The type of what a member is looked up by or compared with: that of plain JSON."""
        return self.impl_instance.coerce_compared_value(op, value)


def column_type(kind: Kind) -> TypeEngine[Any]:
    """The column type that stores a field of this kind."""
    if kind in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT):
        return Units()
    if kind in (Kind.LINK, Kind.USER):
        return sa.BigInteger()
    if kind is Kind.INTEGER:
        return sa.BigInteger()
    if kind is Kind.BOOL:
        return sa.Boolean()
    if kind is Kind.DATE:
        return sa.Date()
    if kind is Kind.DATETIME:
        return Instant()
    if kind is Kind.LOCAL_DATETIME:
        return WallTime()
    if kind in (Kind.JSON, Kind.CHOICES):
        return JsonType()
    return sa.Text()


def raw_encoder(type_: TypeEngine[Any], dialect: str) -> Callable[[Any], Any] | None:
    """What turns a Python value into the one the driver stores, for bulk inserts that go past SQLAlchemy.

    None where the value goes through as it is. The returned functions expect no None.
    """
    if isinstance(type_, Units):
        return to_units
    if isinstance(type_, JsonType):
        return lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if dialect == "postgresql":
        return None
    if isinstance(type_, Instant):
        return instant_text
    if isinstance(type_, WallTime):
        return lambda value: value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(type_, sa.Date):
        return date.isoformat
    return None


def to_json(type_: TypeEngine[Any], value: Any) -> Any:
    """The canonical JSON value of a column's Python value, as the history triggers write it."""
    if value is None:
        return None
    if isinstance(type_, Units):
        return to_units(value)
    if isinstance(type_, Instant):
        return instant_text(value)
    if isinstance(type_, WallTime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(type_, sa.Date):
        return value.isoformat()
    if isinstance(type_, sa.Boolean):
        return int(value)
    return value


def plain_json(value: Any) -> Any:
    """What JSON does not know, for files that people and programs read: exact numbers, instants in UTC, days.

    A number that JSON's own numbers would round is a text. Everything else is given back as it is.
    """
    if isinstance(value, Decimal):
        number = int(value) if value == value.to_integral_value() else float(value)
        return number if Decimal(str(number)) == value else str(value)
    if isinstance(value, datetime):
        return instant_text(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def from_json(type_: TypeEngine[Any], value: Any) -> Any:
    """The Python value of a canonical JSON value."""
    if value is None:
        return None
    if isinstance(type_, Units):
        return from_units(int(value))
    if isinstance(type_, Instant):
        return parse_instant(value)
    if isinstance(type_, WallTime):
        return datetime.fromisoformat(value)
    if isinstance(type_, sa.Date):
        return date.fromisoformat(value)
    if isinstance(type_, sa.Boolean):
        return bool(value)
    return value


def json_encoders(columns: Sequence[sa.Column[Any]]) -> dict[str, Callable[[Any], Any]]:
    """By column, what :func:`to_json` does to its values; columns whose values stay as they are have none."""
    kinds = (Units, Instant, WallTime, sa.Date, sa.Boolean)
    return {one.name: partial(to_json, one.type) for one in columns if isinstance(one.type, kinds)}


def json_decoders(columns: Iterable[sa.Column[Any]]) -> dict[str, Callable[[Any], Any]]:
    """By column, what :func:`from_json` does to its values; columns whose values stay as they are have none."""
    kinds = (Units, Instant, WallTime, sa.Date, sa.Boolean)
    return {one.name: partial(from_json, one.type) for one in columns if isinstance(one.type, kinds)}


def postgres_json(type_: TypeEngine[Any], column: str) -> str:
    """SQL that spells a PostgreSQL column in canonical JSON."""
    if isinstance(type_, Instant):
        return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    if isinstance(type_, WallTime):
        return f"to_char({column}, 'YYYY-MM-DD\"T\"HH24:MI:SS')"
    if isinstance(type_, sa.Date):
        return f"to_char({column}, 'YYYY-MM-DD')"
    if isinstance(type_, sa.Boolean):
        return f"({column})::int"
    return column
