"""The base of every table, and the columns that carry their field."""

from __future__ import annotations

from typing import Any, ClassVar

import sqlalchemy as sa

from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.types import Instant, JsonType, column_type

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

BOOKKEEPING = frozenset({"version", "updated_at", "updated_by", "last_activity_at", "activity_at", "read_at"})
"""Columns that every write moves, that follow from other rows, or say who has looked: left out of the history and of the logical dump."""


_PARTIAL: list[tuple[sa.Index, Any]] = []


def partial_index(name: str, column: Any, where: Any, *more: Any) -> sa.Index:
    """An index over the rows that a condition chooses, on both engines; ``more`` are its further columns."""
    index = sa.Index(name, column, *more, sqlite_where=where)
    _PARTIAL.append((index, where))
    return index


def tell_postgres() -> None:
    """Give PostgreSQL the conditions of partial indexes; naming it where they are declared would load its dialect."""
    for index, where in _PARTIAL:
        index.dialect_options["postgresql"]["where"] = where


class Base:
    """All tables: a class with columns is a table, read and written with Core.

    SQLAlchemy's own declarative base would make a mapper for each, which costs a fifth of a start and is never used.
    """

    metadata: ClassVar[sa.MetaData] = sa.MetaData(naming_convention=NAMING)
    __tablename__: ClassVar[str]
    __table__: ClassVar[sa.Table]
    __table_args__: ClassVar[Any] = ()

    def __init_subclass__(cls, **options: Any) -> None:
        """Make the table: its own columns, those of all rows, and the indexes that columns asked for."""
        super().__init_subclass__(**options)
        columns = []
        for name, column in cls.__dict__.items():
            if isinstance(column, sa.Column):
                column.name = column.key = name
                columns.append(column)
        columns += getattr(cls, "shared_columns", list)()
        given = cls.__table_args__ if isinstance(cls.__table_args__, tuple) else (cls.__table_args__,)
        parts = [part for part in given if not isinstance(part, dict)]
        keywords = next((part for part in given if isinstance(part, dict)), {})
        cls.__table__ = table = sa.Table(cls.__tablename__, Base.metadata, *columns, *parts, **keywords)
        for column in table.columns:
            if column.info.get("index"):
                name = f"ix_{table.name}_{column.name}"
                # without their empty values: most are empty in most rows
                _ = partial_index(name, column, column.isnot(None)) if column.nullable else sa.Index(name, column)


class Row:
    """A row with an id that is unique in the whole database, and a version."""

    @staticmethod
    def shared_columns() -> list[sa.Column[Any]]:
        """The columns that every such table has after its own."""
        number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        return [
            sa.Column("id", number, primary_key=True, autoincrement=False),
            sa.Column("version", sa.Integer, server_default="1", nullable=False),
        ]


_CREATED_AT = Field(
    "created_at", N_("Created"), Kind.DATETIME, system=True, in_form=False, importable=True, width=120,
    aliases=(
        "created time", "created on", "created at", "created date", "date created", "creation date", "create date",
        "date submitted", "submitted on", "date opened", "opened at", "date entered", "criado em", "data de criacao",
        "data de cadastro", "cadastro", "data de abertura", "aberto em", "fecha de alta", "fecha de creacion",
        "fecha de apertura", "creado", "creado el",
    ),
)  # fmt: skip
_CREATED_BY = Field(
    "created_by", N_("Created by"), Kind.USER, system=True, in_form=False, importable=False, target="user"
)
_UPDATED_AT = Field("updated_at", N_("Changed"), Kind.DATETIME, system=True, in_form=False, importable=False, width=120)
_UPDATED_BY = Field(
    "updated_by", N_("Changed by"), Kind.USER, system=True, in_form=False, importable=False, target="user"
)


class Record(Row):
    """A row of a record type: who made and changed it, and the values of custom fields."""

    @staticmethod
    def shared_columns() -> list[sa.Column[Any]]:
        """The columns that every such table has after its own."""
        return [
            *Row.shared_columns(),
            sa.Column("created_at", Instant, nullable=False, info={"field": _CREATED_AT}),
            sa.Column("created_by", sa.BigInteger, info={"field": _CREATED_BY}),
            sa.Column("updated_at", Instant, info={"field": _UPDATED_AT}),
            sa.Column("updated_by", sa.BigInteger, info={"field": _UPDATED_BY}),
            sa.Column("custom", JsonType),
        ]


def _column(
    kind: Kind, label: str, *, foreign_key: str = "", on_delete: str = "SET NULL", index: bool = False,
    nullable: bool | None = None, binary_order: bool = False, **attributes: Any,
) -> sa.Column[Any]:  # fmt: skip
    """A column with its field. The field's name is filled in when the class is mapped."""
    field = Field("", label, kind, **attributes)
    keys: list[Any] = []
    if foreign_key:
        keys.append(sa.ForeignKey(f"{foreign_key}.id", ondelete=on_delete, deferrable=True, initially="IMMEDIATE"))
    server_default = None
    if kind is Kind.BOOL:
        server_default = sa.true() if field.default else sa.false()
        nullable = False
    type_ = column_type(kind)
    if binary_order:  # sorts alike on both engines, and the index serves the sort
        type_ = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    return sa.Column(
        type_, *keys, nullable=not field.required if nullable is None else nullable,
        server_default=server_default, info={"field": field, "index": index},
    )  # fmt: skip


def text(label: str, **options: Any) -> sa.Column[Any]:
    """One line of text."""
    return _column(Kind.TEXT, label, **options)


def long_text(label: str, **options: Any) -> sa.Column[Any]:
    """Several lines of text."""
    return _column(Kind.LONG_TEXT, label, **options)


def integer(label: str, **options: Any) -> sa.Column[Any]:
    """A whole number."""
    return _column(Kind.INTEGER, label, **options)


def number(label: str, **options: Any) -> sa.Column[Any]:
    """A number with four places."""
    return _column(Kind.NUMBER, label, **options)


def money(label: str, **options: Any) -> sa.Column[Any]:
    """An amount; its currency is the record's ``currency``."""
    return _column(Kind.MONEY, label, **options)


def percent(label: str, **options: Any) -> sa.Column[Any]:
    """0 to 100, four places."""
    return _column(Kind.PERCENT, label, **options)


def day(label: str, **options: Any) -> sa.Column[Any]:
    """A date."""
    return _column(Kind.DATE, label, **options)


def instant(label: str, **options: Any) -> sa.Column[Any]:
    """An instant in UTC."""
    return _column(Kind.DATETIME, label, **options)


def wall_time(label: str, **options: Any) -> sa.Column[Any]:
    """A local wall time."""
    return _column(Kind.LOCAL_DATETIME, label, **options)


def flag(label: str, **options: Any) -> sa.Column[Any]:
    """Yes or no."""
    return _column(Kind.BOOL, label, **options)


def choice(label: str, choices: tuple[Choice, ...], **options: Any) -> sa.Column[Any]:
    """One of a few values."""
    return _column(Kind.CHOICE, label, choices=choices, **options)


def link(label: str, target: str, *, on_delete: str = "SET NULL", index: bool = True, **options: Any) -> sa.Column[Any]:
    """A link to a record of another type; ``target`` is the entity, which is also its table's name."""
    return _column(Kind.LINK, label, foreign_key=options.pop("table", target), on_delete=on_delete, index=index,
                   target=target, **options)  # fmt: skip


def user(label: str, **options: Any) -> sa.Column[Any]:
    """A link to a user."""
    options.setdefault("index", True)
    return _column(Kind.USER, label, foreign_key="user_account", target="user", **options)


def of_kind(kind: Kind, label: str, **options: Any) -> sa.Column[Any]:
    """A column of a text-like kind: phone, e-mail, URL, tax number, country, currency, time zone."""
    return _column(kind, label, **options)


def fields_of(model: type[Base]) -> tuple[Field, ...]:
    """The fields declared on a model's columns, in order."""
    result = []
    for column in model.__table__.columns:
        field = column.info.get("field")
        if field is not None:
            result.append(field.but(name=column.name))
    return tuple(result)


def entity(model: type[Base], *, name: str = "", children: tuple[Child, ...] = (), extra_fields: tuple[Field, ...] = (),
           **attributes: Any) -> Entity:  # fmt: skip
    """The record type of a model: its fields from the columns, the rest as given (see :class:`Entity`)."""
    table = Base.metadata.tables[model.__tablename__]
    return Entity(
        name=name or table.name, table=table.name, fields=fields_of(model) + extra_fields, children=children,
        stored=tuple(column.name for column in table.columns), **attributes,
    )  # fmt: skip
