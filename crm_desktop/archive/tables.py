"""The data of an office for other programs: record types, what the office configured, everything else, the history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.archive.texts import TextInto, line_of, page_of
from crm_desktop.archive.work import Work
from crm_desktop.core.i18n import N_, translate
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.schema import Schema
from crm_desktop.exporting.cells import Cells
from crm_desktop.exporting.export import columns_for
from crm_desktop.exporting.json_file import JsonRecords
from crm_desktop.exporting.office_export import record_types
from crm_desktop.exporting.source import RecordSource
from crm_desktop.exporting.table_files import CsvOptions, CsvTable
from crm_desktop.records import queries
from crm_desktop.records.references import plural_of

_SETTINGS = frozenset({"settings", "users", "views", "tags"})
"""Tables under these rights are what an office configures."""
_CONFIGURED = frozenset({"import_recipe", "number_series"})
_LABELS = {
    "number_series": N_("Number series"), "role_right": N_("Rights of roles"), "mention": N_("Mentions"),
    "notification": N_("Notices"), "quality_sample": N_("Measures of data quality"), "merge_log": N_("Merges"),
    "not_duplicate": N_("Known not to be duplicates"), "change": N_("Changes"), "change_set": N_("What was done"),
}  # fmt: skip
"""What the rows of tables are called that no other part of the program names."""
_INSIDE = frozenset({"record_tag", "external_id"})
"""Tables whose rows stand inside the records they belong to."""
_BATCH = 2_000


def is_secret(table: sa.Table) -> bool:
    """Whether a table has no place in what anybody can read: secrets of signing in, and the raw bytes of files."""
    return table.info.get("rights") in ("secret", "blob")


def configured_tables(schema: Schema) -> list[sa.Table]:
    """The tables of what an office configured."""
    return [
        table for table in schema.data_tables
        if not is_secret(table) and (table.info.get("rights") in _SETTINGS or table.name in _CONFIGURED)
    ]  # fmt: skip


def further_tables(schema: Schema, types: Iterable[str]) -> list[sa.Table]:
    """The tables of data that stand neither in the files of the record types nor among what was configured."""
    specs = [schema.entity(name) for name in types]
    inside = {spec.table for spec in specs} | {child.table for spec in specs for child in spec.children} | _INSIDE
    configured = configured_tables(schema)
    return [
        table for table in schema.data_tables
        if table.name not in inside and table not in configured and not is_secret(table)
    ]  # fmt: skip


def plain_tables(schema: Schema, types: Iterable[str]) -> list[tuple[sa.Table, str]]:
    """Every table that is written as it is stored, with its file in the archive."""
    return [
        *((table, f"configuration/{table.name}.json") for table in configured_tables(schema)),
        *((table, f"data/{table.name}.jsonl") for table in further_tables(schema, types)),
        (change_set, "history/change_sets.jsonl"), (change, "history/changes.jsonl"),
    ]  # fmt: skip


def label_of(schema: Schema, table: sa.Table) -> str:
    """What the rows of a table are called."""
    if table.name in _LABELS:
        return translate(_LABELS[table.name])
    spec = schema.by_table.get(table.name)
    return translate(spec.plural if spec is not None else plural_of(schema, table.name))


def write_configuration(work: Work) -> None:
    """A file for each table of what the office configured."""
    for table in configured_tables(work.schema):
        work.progress.check()
        rows = [_said(row) for row in _rows(work.connection, table)]
        said = {"table": table.name, "label": label_of(work.schema, table), "rows": rows}
        work.zip.add(f"configuration/{table.name}.json", page_of(said))


def write_records(work: Work) -> None:
    """Every record type as a text table and as JSON, in one reading."""
    for name in record_types(work.database):
        work.tell(translate(work.schema.entity(name).plural))
        _write_type(work, name)


def _write_type(work: Work, name: str) -> None:
    ids = queries.find_ids(work.database, work.connection, name, sort=[("created_at", False)])
    own = RecordSource(work.database, work.connection, name, whole=False)
    source = RecordSource(
        work.database, work.connection, name, [one.name for one in own.fields if one.custom and one.computed]
    )
    columns = columns_for(source, ids, None, True)
    cells, beside = Cells(columns, source.spec.children), work.scratch / "records.json"
    with (
        work.zip.member(f"data/{name}.csv") as member,
        beside.open("w", encoding="utf-8", errors="replace", newline="\n") as file,
    ):
        text = TextInto(member, mark=True)
        table = CsvTable(text, CsvOptions())  # type: ignore[arg-type]
        table.begin(name, columns)
        records = JsonRecords(file, source, columns)
        for part in source.parts(ids, work.progress, work.done, work.total):
            table.write(cells.of(part))
            records.write(part)
        records.close()
        text.flush()
    work.zip.add_file(f"data/{name}.json", beside)
    beside.unlink()
    work.records += len(ids)
    work.done += len(ids)


def write_further(work: Work) -> None:
    """Every other table, a row on a line: notes, relationships, merges and whatever else there is."""
    for table in further_tables(work.schema, record_types(work.database)):
        work.tell(label_of(work.schema, table))
        _write_lines(work, f"data/{table.name}.jsonl", (_said(row) for row in _rows(work.connection, table)))


def write_history(work: Work) -> None:
    """The history: what was done, and every row that was changed by it."""
    work.tell(translate("History"))
    sets = (_said(row) for row in _rows(work.connection, change_set))
    _write_lines(work, "history/change_sets.jsonl", sets)
    _write_lines(work, "history/changes.jsonl", (_said(row) for row in _rows(work.connection, change)))


def _write_lines(work: Work, name: str, rows: Iterator[Mapping[str, Any]]) -> None:
    with work.zip.member(name) as member:
        text = TextInto(member)
        for number, row in enumerate(rows):
            text.write(line_of(row))
            if number % _BATCH == _BATCH - 1:
                work.step(_BATCH)
        text.flush()


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[Mapping[str, Any]]:
    statement = sa.select(table).order_by(table.c.id).execution_options(yield_per=_BATCH)
    for row in connection.execute(statement).mappings():
        yield dict(row)


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row without what is empty."""
    return {name: value for name, value in row.items() if value is not None}
