"""What the builders of reports share: the frame of a document, usual parameters, spans of days as conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.periods import Span
from crm_desktop.db.base import Base
from crm_desktop.reporting.document import Block, Document
from crm_desktop.reporting.registry import Option, Parameter, ReportContext, ReportSpec, filter_line

SALES, SERVICE, CUSTOMERS, PEOPLE = N_("Sales"), N_("Service"), N_("Customers"), N_("Team")
"""The categories of reports."""

OWNER = Parameter("owner", N_("Owner"), "user")
NOBODY = N_("Nobody")
NONE = N_("Not given")


def make_document(
    spec: ReportSpec, context: ReportContext, values: Mapping[str, Any], blocks: Sequence[Block], *,
    names: Mapping[str, str] | None = None, title: str = "", landscape: bool | None = None,
) -> Document:  # fmt: skip
    """A report's document: its title, what was chosen in words, the time of the data and who asked.

    Args:
        names: words for the values of record and user parameters; users are looked up where they are missing.
        title: instead of the report's own.
    """
    words = dict(names or {})
    for parameter in spec.parameters:
        chosen = values.get(parameter.name)
        if parameter.kind == "user" and chosen is not None and parameter.name not in words:
            words[parameter.name] = user_names(context.connection).get(chosen, "–")
    return Document(
        title or _(spec.title), tuple(blocks), filter_line(spec, values, context, **words), clock.now(),
        context.user.name, context.organisation, landscape, spec.name,
    )  # fmt: skip


def user_names(connection: sa.Connection) -> dict[int, str]:
    """The names of all users by id."""
    user = Base.metadata.tables["user_account"]
    return {identity: name for identity, name in connection.execute(sa.select(user.c.id, user.c.name))}


def in_days(column: sa.ColumnElement[Any], span: Span) -> sa.ColumnElement[bool]:
    """The condition that a date lies in a span; of an endless span also empty ones."""
    parts = [column >= span[0]] if span[0] > date.min else []
    parts += [column <= span[1]] if span[1] < date.max else []
    return sa.and_(sa.true(), *parts)


def in_instants(column: sa.ColumnElement[Any], span: Span) -> sa.ColumnElement[bool]:
    """The condition that an instant lies in a span of local days."""
    parts = [column >= day_start(span[0])] if span[0] > date.min else []
    parts += [column < day_start(span[1] + timedelta(days=1))] if span[1] < date.max else []
    return sa.and_(sa.true(), *parts)


def day_start(day: date) -> datetime:
    """The first instant of a local day."""
    return datetime.combine(day, time(), clock.local_zone())


def owned_by(column: sa.ColumnElement[Any], owner_id: int | None) -> sa.ColumnElement[bool]:
    """The condition that somebody owns a record; everything where ``owner_id`` is None."""
    return sa.true() if owner_id is None else column == owner_id


def options(table: str, order: Sequence[str] = ("name",)) -> Any:
    """The choices of a parameter that takes a row of a table by its name."""

    def read(context: ReportContext) -> list[Option]:
        source = Base.metadata.tables[table]
        statement = sa.select(source.c.id, source.c.name).order_by(*(source.c[name] for name in order), source.c.id)
        return [Option(identity, name) for identity, name in context.connection.execute(statement)]

    return read
