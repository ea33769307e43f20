"""Single records in a backup: found, and put beside the present ones with every difference in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup.bring_back import Cell
from crm_desktop.backup.compare import CHANGED, CREATED, DELETED, Comparison, Difference, compared_tables, told
from crm_desktop.backup.compare_rows import Pair, RowChange, differing
from crm_desktop.backup.seeing import side_by_side, without_hidden
from crm_desktop.core import formats
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.i18n import translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db import search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.records import custom, queries
from crm_desktop.records.references import plural_of

_PART = 500
_SHORT = 160


@dataclass(frozen=True)
class Found:
    """A record in the backup: ``gone`` where the present database does not have it any more."""

    entity: str
    record_id: int
    title: str
    gone: bool


@dataclass(frozen=True)
class FieldText:
    """One field then and now, in words; empty where it has no value."""

    column: str
    label: str
    then: str
    now: str


@dataclass(frozen=True)
class Part:
    """One row that differs, in words: the record's own, or one that hangs on it.

    Attributes:
        group: what such rows are called ("Notes"); the record type of the own row.
        title: what tells this one from its neighbours.
        fields: what differs, field by field; of a row that is gone or new, what it says.
    """

    table: str
    row_id: int
    op: str
    group: str
    title: str
    fields: tuple[FieldText, ...]


def find_records(
    backup: Database, database: Database, text: str, *, entities: Sequence[str] = (), limit: int = 60
) -> list[Found]:
    """Records of a backup by words of theirs, as far as one may see them; those that are gone since come first."""
    with side_by_side(backup, database) as pair, database.read_all() as whole:
        then, now = pair.reading_then, pair.reading_now
        hits = search.find(then, backup.schema, text, entities=entities, limit=limit)
        found = []
        for hit in hits:
            if hit.entity not in database.schema.entities:
                continue
            table = database.schema.table(hit.entity)
            asked = sa.select(sa.literal(1)).where(table.c.id == hit.id)
            if now.execute(asked).first() is not None:
                found.append(Found(hit.entity, hit.id, hit.title, gone=False))
            elif whole.execute(asked).first() is None:  # else it is there, and hidden from who asks
                found.append(Found(hit.entity, hit.id, hit.title, gone=True))
    return sorted(found, key=lambda one: not one.gone)


def compare_record(pair: Pair, entity: str, record_id: int) -> Difference | None:
    """What differs of one record and of all that hangs on it or joins it to others; None where nothing does."""
    schema, rows = pair.now.schema, []
    for table, condition in _family(pair, entity, record_id):
        columns = Schema.tracked_columns(table)
        statement = sa.select(table.c.id, *columns).where(condition)
        then = {row[0]: row for row in pair.reading_then.execute(statement)}
        now = {row[0]: row for row in pair.reading_now.execute(statement)}
        # a row that hangs on another record now is still there: it is moved, neither gone nor new
        then |= _others(pair.reading_then, table, columns, now.keys() - then.keys())
        now |= _others(pair.reading_now, table, columns, then.keys() - now.keys())
        rows += [RowChange(table.name, identity, "D") for identity in then.keys() - now.keys()]
        rows += [RowChange(table.name, identity, "I") for identity in now.keys() - then.keys()]
        for identity in then.keys() & now.keys():
            if changed := differing(columns, then[identity], now[identity]):
                rows.append(RowChange(table.name, identity, "U", changed))
    rows = without_hidden(pair, rows)
    if not rows:
        return None
    own = schema.entity(entity).table
    rows.sort(key=lambda one: (one.table != own, one.table, one.row_id))
    parts: Comparison = told(pair, rows, Progress())
    names = {name for one in parts.differences for name in one.who}
    times = [one.at for one in parts.differences if one.at is not None]
    op = {"I": CREATED, "D": DELETED}.get(
        next((r.op for r in rows if (r.table, r.row_id) == (own, record_id)), ""), CHANGED
    )
    titles = queries.titles(schema, pair.reading_now if op == CREATED else pair.reading_then, entity, [record_id])
    erased = any(one.erased for one in parts.differences)
    return Difference(
        entity, record_id, op, titles.get(record_id, ""), tuple(rows), tuple(sorted(names)), max(times, default=None), erased
    )  # fmt: skip


def _others(connection: sa.Connection, table: sa.Table, columns: Sequence[sa.Column[Any]], ids: Iterable[int]) -> Any:
    every: list[int] = sorted(ids)
    found: dict[int, Any] = {}
    for start in range(0, len(every), _PART):
        statement = sa.select(table.c.id, *columns).where(table.c.id.in_(every[start : start + _PART]))
        found |= {row[0]: row for row in connection.execute(statement)}
    return found


def _family(pair: Pair, entity: str, record_id: int) -> list[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """The tables with rows of a record, and the condition that chooses them in either database."""
    schema = pair.now.schema
    own = schema.table(entity)
    found: list[tuple[sa.Table, sa.ColumnElement[bool]]] = [(own, own.c.id == record_id)]
    above = {entity: sa.literal(record_id)}
    for table in compared_tables(schema):
        names, column = schema.parents.get(table.name, ((), ""))
        refers = table.info.get("refers")
        if entity in names:
            condition = table.c[column] == record_id
            found.append((table, condition | (table.c[refers] == record_id) if refers else condition))
        elif refers:
            found.append((table, table.c[refers] == record_id))
        elif len(names) == 1 and not schema.entity(names[0]).listed and names[0] not in above:
            parent = schema.table(names[0])
            hung = schema.parents.get(parent.name, ((), ""))
            if entity in hung[0]:
                ids = sa.select(parent.c.id).where(parent.c[hung[1]] == record_id)
                found.append((table, table.c[column].in_(ids)))
    return found


def describe(pair: Pair, difference: Difference, *, limit: int = 300) -> list[Part]:
    """What differs of a record, in the language in use; at most ``limit`` rows."""
    by_table: dict[str, list[RowChange]] = {}
    for row in difference.rows[:limit]:
        by_table.setdefault(row.table, []).append(row)
    words = _Words(pair)
    return [part for name, rows in by_table.items() for part in words.parts(name, rows)]


class _Words:
    """Writes rows as people read them."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._schema = pair.now.schema

    def parts(self, name: str, rows: Sequence[RowChange]) -> list[Part]:
        """Some rows of one table."""
        table = Base.metadata.tables[name]
        ids = [one.row_id for one in rows]
        then = _values(self._pair.reading_then, table, ids)
        now = _values(self._pair.reading_now, table, ids)
        spec = self._schema.by_table.get(name)
        group = translate(spec.label if spec is not None and spec.listed else plural_of(self._schema, name))
        fields = self._fields(table)
        texts_then = {i: self._texts(self._pair.reading_then, fields, row) for i, row in then.items()}
        texts_now = {i: self._texts(self._pair.reading_now, fields, row) for i, row in now.items()}
        found = []
        for row in rows:
            before, after = texts_then.get(row.row_id, {}), texts_now.get(row.row_id, {})
            shown = self._shown(row, fields, before, after)
            title = self._title(name, before or after, fields)
            found.append(Part(name, row.row_id, row.op, group, title, tuple(shown)))
        return found

    def _shown(
        self, row: RowChange, fields: Sequence[Field], before: Mapping[str, str], after: Mapping[str, str]
    ) -> list[FieldText]:
        result = []
        for one in fields:
            column = "custom" if one.custom else one.name
            if row.op == "U" and column not in row.columns and one.name not in row.columns:
                continue
            then, now = before.get(one.name, ""), after.get(one.name, "")
            if then == now or (row.op != "U" and one.system):
                continue
            label = one.label if one.custom else translate(one.label)
            result.append(FieldText(one.name, label, then, now))
        return result

    def _fields(self, table: sa.Table) -> list[Field]:
        """The fields of a table's columns, those of the office's own too."""
        spec = self._schema.by_table.get(table.name)
        known: dict[str, Field] = {}
        for column in table.columns:
            found = column.info.get("field")
            if found is not None and not column.name.startswith("sort_") and column.name != "updated_at":
                known[column.name] = found.but(name=column.name)
        if spec is not None:
            for one in custom.custom_fields(self._pair.then, spec.name, self._pair.reading_then):
                if not one.computed:
                    known[one.name] = one
        return list(known.values())

    def _texts(self, connection: sa.Connection, fields: Sequence[Field], row: Mapping[str, Any]) -> dict[str, str]:
        own = row.get("custom") or {}
        values: dict[str, Any] = {}
        for one in fields:
            if one.custom:
                values[one.name] = queries.custom_python(one, own.get(one.name.removeprefix("custom.")))
            else:
                values[one.name] = row.get(one.name)
        links = [one for one in fields if one.kind in LINK_KINDS and values.get(one.name) is not None]
        held = dict(values)
        if links:
            queries.resolve_links(self._schema, connection, links, [values])
        for one in links:
            if values[one.name] is None and held[one.name] is not None:
                values[one.name] = "…"  # it leads to what is not there
        currency = row.get("currency")
        return {
            one.name: " ".join(formats.format_value(one, values[one.name], currency=currency).split())[:_SHORT]
            for one in fields
        }

    def _title(self, name: str, texts: Mapping[str, str], fields: Sequence[Field]) -> str:
        """What a row is called: its title field, or its first texts."""
        spec = self._schema.by_table.get(name)
        if spec is not None and texts.get(spec.title_field):
            return texts[spec.title_field][:80]
        words = [texts[one.name] for one in fields if texts.get(one.name) and not one.system and one.name != "entity"]
        return " · ".join(words[:3])[:80]


def _values(connection: sa.Connection, table: sa.Table, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for start in range(0, len(ids), _PART):
        statement = sa.select(table).where(table.c.id.in_(list(ids[start : start + _PART])))
        found |= {row["id"]: dict(row) for row in connection.execute(statement).mappings()}
    return found


def chosen_rows(
    schema: Schema, difference: Difference, parts: Sequence[Part], left: Collection[Cell]
) -> list[RowChange]:
    """The rows and columns of a record that are meant, where somebody chose among what :func:`describe` told.

    Args:
        left: (table, row, column) that stay as they are; the column is empty where the whole row is meant.
    """
    told_columns: dict[tuple[str, int], set[str]] = {}
    for part in parts:
        told_columns.setdefault((part.table, part.row_id), set()).update(one.column for one in part.fields)
    result = []
    for row in difference.rows:
        key = (row.table, row.row_id)
        if row.op != "U":
            if (*key, "") not in left:
                result.append(row)
            continue
        shown = told_columns.get(key, set())
        stays = {column for table, identity, column in left if (table, identity) == key}
        follows = _followers(schema, row.table)
        columns = [name for name in row.columns if name in shown - stays]
        if "custom" in row.columns:
            columns += sorted(name for name in shown - stays if name.startswith("custom."))
        if columns or not shown:  # what no line tells goes along with what it follows from
            hidden = [name for name in row.columns if name not in shown and name != "custom"]
            columns += [name for name in hidden if follows.get(name) not in stays]
            result.append(row._replace(columns=tuple(columns)))
    return result


def _followers(schema: Schema, table: str) -> dict[str, str]:
    """Columns that follow from a field, as how a name is sorted from the name."""
    spec = schema.by_table.get(table)
    return {one.sort_by: one.name for one in spec.fields if one.sort_by} if spec is not None else {}
