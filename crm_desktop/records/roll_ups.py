"""Roll-ups: counts, sums and the like over the records that link here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, NUMERIC_KINDS, Field, Kind
from crm_desktop.core.filters import EVERYTHING, Filter, from_json
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.schema import Schema
from crm_desktop.db.types import Units
from crm_desktop.records.expressions import Element, expression
from crm_desktop.records.filter_sql import FilterContext, compile_filter

WHATS = {
    "count": N_("How many"), "sum": N_("Sum"), "average": N_("Average"), "min": N_("Smallest"), "max": N_("Largest"),
    "latest": N_("Of the newest"),
}  # fmt: skip
LINKS = "@links"
"""Instead of a link: the records that an activity belongs to."""


@dataclass(frozen=True)
class RollUp:
    """What is worked out over linked records.

    Attributes:
        entity: the record type that links here.
        link: its field that does, or ``LINKS``.
        what: one of ``WHATS``.
        field: the field that is summed; None for a count.
        filter: which of them count.
        fields: every field of that record type, for the filter.
    """

    entity: Entity
    link: str
    what: str
    field: Field | None = None
    filter: Filter = EVERYTHING
    fields: Sequence[Field] = ()
    home: str = ""
    problem: str = ""

    def expression(self, schema: Schema, _entity: Entity, source: sa.FromClause) -> Element:
        """The SQL of the roll-up for a row of the table of those that are linked to."""
        table = schema.table(self.entity).alias()
        link = next((one for one in self.fields if one.name == self.link), None)
        statement = self._from(schema, table, link, source)
        # its filter asks for no words, so the engine does not matter
        context = FilterContext(schema, self.entity, self.fields, True, None, table)
        statement = statement.where(compile_filter(self.filter, context))
        if self.field is None:
            return statement.with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()
        value = _as_own(expression(schema, self.entity, self.field, table), self.field)
        if self.what == "latest":
            newest = statement.with_only_columns(value, maintain_column_froms=True)
            return newest.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1).scalar_subquery()
        column = value if self.field.kind not in NUMERIC_KINDS else sa.type_coerce(value, sa.BigInteger())
        if self.what == "average" and self.field.kind is Kind.INTEGER:
            column = column * 10000
        totals: dict[str, Callable[[Element], Element]] = {
            "sum": sa.func.sum, "min": sa.func.min, "max": sa.func.max, "average": _average,
        }  # fmt: skip
        total = totals[self.what](column)
        found = statement.with_only_columns(total, maintain_column_froms=True).scalar_subquery()
        return sa.type_coerce(found, Units()) if self.kind in _UNIT_KINDS else found

    @property
    def kind(self) -> Kind:
        """The kind of the result."""
        if self.field is None:
            return Kind.INTEGER
        if self.what == "average" and self.field.kind is Kind.INTEGER:
            return Kind.NUMBER
        return self.field.kind

    def _from(self, schema: Schema, table: Any, link: Field | None, source: sa.FromClause) -> sa.Select[Any]:
        statement = sa.select(table.c.id)
        if self.link == LINKS:
            joined = Base.metadata.tables["activity_link"].alias()
            condition = joined.c.record_id == source.c.id
            statement = statement.join(joined, joined.c.activity_id == table.c.id).where(condition)
        elif link is None:
            statement = statement.where(sa.false())
        else:
            statement = statement.where(expression(schema, self.entity, link, table) == source.c.id)
        return statement.correlate(source)


_UNIT_KINDS = (Kind.NUMBER, Kind.MONEY, Kind.PERCENT)


class _Average(FunctionElement[int]):
    type = sa.BigInteger()
    inherit_cache = True
    name = "average"


@compiles(_Average)
def _sqlite_average(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(ROUND(avg({compiler.process(element.clauses, **options)})) AS INTEGER)"


@compiles(_Average, "postgresql")
def _postgres_average(element: Any, compiler: Any, **options: Any) -> str:
    return f"CAST(round(avg({compiler.process(element.clauses, **options)})) AS bigint)"


def _average(column: Element) -> Element:
    return _Average(column)


class _DayText(FunctionElement[str]):
    type = sa.Text()
    inherit_cache = True
    name = "day_as_text"


@compiles(_DayText)
def _sqlite_day(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_DayText, "postgresql")
def _postgres_day(element: Any, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD')"


class _InstantText(_DayText):
    inherit_cache = True
    name = "instant_as_text"


@compiles(_InstantText, "postgresql")
def _postgres_instant(element: Any, compiler: Any, **options: Any) -> str:
    inner = compiler.process(element.clauses, **options)
    return f"to_char({inner} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"


class _WallText(_DayText):
    inherit_cache = True
    name = "wall_as_text"


@compiles(_WallText, "postgresql")
def _postgres_wall(element: Any, compiler: Any, **options: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **options)}, 'YYYY-MM-DD\"T\"HH24:MI:SS')"


def _as_own(value: Element, one: Field) -> Element:
    """A value as own fields have it: dates and moments as texts."""
    if one.custom:
        return value
    spelled = {Kind.DATE: _DayText, Kind.DATETIME: _InstantText, Kind.LOCAL_DATETIME: _WallText}.get(one.kind)
    return spelled(sa.type_coerce(value, sa.Text())) if spelled is not None else value


def links_to(
    entities: Mapping[str, Entity], fields: Mapping[str, Sequence[Field]], home: str
) -> list[tuple[str, str]]:  # fmt: skip
    """What can be rolled up into a record type: (record type, its field that links here)."""
    found = [
        (name, one.name) for name, own in fields.items() for one in own
        if one.kind in LINK_KINDS and one.target == home and not one.computed
        and (entities[name].listed or name == "activity") and not one.system
    ]  # fmt: skip
    if entities[home].listed and "activity" in entities and home != "activity":
        found.append(("activity", LINKS))
    return found


def usable(what: str, one: Field) -> bool:
    """Whether a field of the linked records can be rolled up this way."""
    if one.kind in (Kind.JSON, Kind.LONG_TEXT, Kind.CHOICES) or one.roll_up is not None:
        return False
    if what in ("sum", "average"):
        return one.kind in NUMERIC_KINDS
    if what in ("min", "max"):
        return one.kind in NUMERIC_KINDS or one.kind in (Kind.DATE, Kind.DATETIME, Kind.LOCAL_DATETIME)
    return what == "latest"


def read_roll_up(
    data: Mapping[str, Any], home: str, entities: Mapping[str, Entity], fields: Mapping[str, Sequence[Field]]
) -> RollUp:  # fmt: skip
    """The roll-up that stored data says: {"entity", "link", "what", "field", "filter"}.

    Raises:
        FieldError: something in it is not, or no longer, there.
    """
    entity, link, what = (str(data.get(name) or "") for name in ("entity", "link", "what"))
    if (entity, link) not in links_to(entities, fields, home):
        raise FieldError("roll_up", N_("Say which linked records are counted."))
    own = [one for one in fields[entity] if one.roll_up is None]
    found = next((one for one in own if one.name == data.get("field")), None)
    if what not in WHATS or what != "count" and (found is None or not usable(what, found)):
        raise FieldError("roll_up", N_("Say what is worked out, and of which field."))
    tree = from_json(data.get("filter"))
    return RollUp(entities[entity], link, what, None if what == "count" else found, tree, tuple(own), home)
