"""A list as a document: the columns, order, groups and totals that are shown, with raw values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.core import clock
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import grouping as groups_of
from crm_desktop.records import queries
from crm_desktop.records.aggregates import TOTALS, column_totals
from crm_desktop.records.grouping import Grouping
from crm_desktop.records.queries import RecordRow
from crm_desktop.reporting.document import (
    Column,
    Document,
    Group,
    Organisation,
    RecordLink,
    Row,
    Table,
    TotalKind,
    Value,
    ValueKind,
)
from ui.framework.office import Office
from ui.records.group_words import group_title, measure_text
from ui.records.shown import TAGS, at_end, currency_of, label_of, text_of

_PART = 500
_KINDS: dict[Kind, ValueKind] = {
    Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.MONEY: "money", Kind.PERCENT: "percent", Kind.DATE: "date",
    Kind.DATETIME: "datetime", Kind.LOCAL_DATETIME: "datetime", Kind.BOOL: "bool",
}  # fmt: skip


@dataclass(frozen=True)
class ListContent:
    """A list as it is shown: its title, the filter in words, the columns, and the ids in their order.

    Attributes:
        grouping: by what it is grouped; then ``ids`` are the checked records, or empty for all that ``filter`` lets
            through, and the order within a group is ``sort``.
        totals: what the foot says under the columns, by field name; empty where there is no foot.
        count: how many records it has.
    """

    title: str
    subtitle: str
    fields: tuple[Field, ...]
    ids: Sequence[int]
    grouping: Grouping | None = None
    group_field: Field | None = None
    filter: Filter = EVERYTHING
    sort: tuple[tuple[str, bool], ...] = ()
    totals: Mapping[str, str] = field(default_factory=dict)
    count: int = 0

    @property
    def size(self) -> int:
        """How many records it is about."""
        return len(self.ids) or self.count


def value_of(field: Field, value: Any) -> Value:
    """A raw value for a document; links and choices in words."""
    if value is None:
        return None
    if field.kind in (Kind.CHOICE, Kind.CHOICES, Kind.PHONE, Kind.TAX_ID, Kind.COUNTRY, *LINK_KINDS):
        return text_of(field, value)
    return value if field.kind in _KINDS else str(value)


def _columns(spec: Entity, content: ListContent) -> tuple[Column, ...]:
    columns = [
        Column(
            one.name, label_of(one), _KINDS.get(one.kind, "text"), align="right" if at_end(one) else None,
            weight=2.0 if one.name == spec.title_field else (0.0 if at_end(one) else 1.0),
            currency_key="currency" if one.kind is Kind.MONEY and spec.has("currency") else "",
            total=_total(content, one, spec),
        )
        for one in content.fields
    ]  # fmt: skip
    if spec.has("currency") and not any(one.name == "currency" for one in content.fields):
        columns.append(Column("currency", "", hidden=True))
    return tuple(columns)


def _total(content: ListContent, one: Field, spec: Entity) -> TotalKind:
    """What the document adds up by itself: the foot's sums and counts; without a foot, amounts."""
    chosen = content.totals.get(one.name)
    if chosen in ("sum", "count"):
        return "sum" if chosen == "sum" else "count"
    money = one.kind is Kind.MONEY and not spec.has("currency")
    return "sum" if money and not content.totals else "none"


def list_document(office: Office, connection: Any, entity: str, content: ListContent, progress: Progress) -> Document:
    """The document of a list."""
    spec = office.database.schema.entity(entity)
    columns = _columns(spec, content)
    build = _Rows(office, connection, entity, content, columns, progress)
    if content.grouping is not None:
        groups = _groups(office, connection, entity, content, build)
        by = content.group_field
        table = Table(
            columns, groups=groups, name=content.title, empty=_("Nothing to show"),
            group_label=label_of(by) if by is not None else "", totals=_totals(office, connection, entity, content),
        )  # fmt: skip
    else:
        table = Table(
            columns, build.rows(content.ids), name=content.title, empty=_("Nothing to show"),
            totals=_totals(office, connection, entity, content),
        )  # fmt: skip
    progress.update(content.size, content.size)
    return Document(
        content.title, (table,), subtitle=content.subtitle, as_of=clock.now(), author=office.actor.name,
        organisation=Organisation(office.name),
    )  # fmt: skip


def _groups(office: Office, connection: Any, entity: str, content: ListContent, build: _Rows) -> tuple[Group, ...]:
    database, grouping, user = office.database, content.grouping, office.user_id
    assert grouping is not None
    options: dict[str, Any] = {"filter": content.filter, "user_id": user}
    found = groups_of.read_groups(database, connection, entity, grouping, **options)
    members = groups_of.group_ids(database, connection, entity, grouping, found, sort=content.sort, **options)
    chosen = set(content.ids)
    groups = []
    for one in found:
        ids = [identity for identity in members[one.key] if not chosen or identity in chosen]
        if ids:
            title = group_title(content.group_field, one) if content.group_field is not None else one.title
            note = ngettext("{n} record", "{n} records", len(ids)).format(n=format_integer(len(ids)))
            groups.append(Group(title, build.rows(ids), note=note))
    return tuple(groups)


def _totals(office: Office, connection: Any, entity: str, content: ListContent) -> dict[str, Value]:
    """What the foot says besides sums and counts, and sums in several currencies: in words."""
    names = [name for name, what in content.totals.items() if any(one.name == name for one in content.fields)]
    if not names or not content.size:
        return {}
    found = column_totals(
        office.database, connection, entity, names, filter=content.filter, user_id=office.user_id,
        ids=content.ids if len(content.ids) else None,
    )  # fmt: skip
    result: dict[str, Value] = {}
    for one in content.fields:
        measures, what = found.get(one.name), content.totals.get(one.name, "")
        if measures is None or not what:
            continue
        values = measures.values(what)
        if what in ("sum", "count") and len(values) < 2:
            continue
        words = measure_text(one, measures, what, most=9)
        result[one.name] = words if what == "sum" else f"{translate(TOTALS[what])}: {words}"
    return result


class _Rows:
    """Reads records as rows of a document, and tells how far it is."""

    def __init__(
        self, office: Office, connection: Any, entity: str, content: ListContent, columns: tuple[Column, ...],
        progress: Progress,
    ) -> None:  # fmt: skip
        self._database, self._connection, self._entity = office.database, connection, entity
        self._columns, self._progress = columns, progress
        self._fields = {one.name: one for one in content.fields}
        self._done, self._size = 0, content.size

    def rows(self, ids: Sequence[int]) -> tuple[Row, ...]:
        """The rows of some records."""
        names = [column.key for column in self._columns if column.key != TAGS.name]
        made: list[Row] = []
        for start in range(0, len(ids), _PART):
            self._progress.update(self._done + start, max(self._size, self._done + start))
            part = list(ids[start : start + _PART])
            tags = queries.tags_of_many(self._connection, part) if TAGS.name in self._fields else {}
            for row in queries.fetch_rows(self._database, self._connection, self._entity, part, names):
                made.append(Row(self._cells(row, tags.get(row.id, [])), RecordLink(self._entity, row.id)))
        self._done += len(ids)
        return tuple(made)

    def _cells(self, row: RecordRow, tags: list[tuple[str, int]]) -> tuple[Value, ...]:
        values: list[Value] = []
        for column in self._columns:
            if column.key == TAGS.name:
                values.append(", ".join(name for name, _hue in tags))
            elif column.key in self._fields:
                values.append(value_of(self._fields[column.key], row.values.get(column.key)))
            else:
                values.append(currency_of(row.values) or "")
        return tuple(values)
