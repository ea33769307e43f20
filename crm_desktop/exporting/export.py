"""Exports: any list of any record type as a workbook, text table, JSON, address cards or a calendar."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import EVERYTHING, Filter
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.exporting.allowed import exportable
from crm_desktop.exporting.calendar_file import write_calendar
from crm_desktop.exporting.cells import Cells
from crm_desktop.exporting.json_file import JsonRecords
from crm_desktop.exporting.source import RecordSource
from crm_desktop.exporting.table_files import CsvOptions, CsvTable, TableFile, Workbook
from crm_desktop.records import queries
from crm_desktop.records.cards import WITH_CARDS
from crm_desktop.records.sheet_columns import SheetColumn, plain_columns, whole_columns
from crm_desktop.reporting.cards import export_vcards
from crm_desktop.reporting.files import whole_file

XLSX, CSV, JSON, VCARD, VCARD3, CALENDAR = "xlsx", "csv", "json", "vcf", "vcf3", "ics"
KINDS = {
    XLSX: N_("Excel workbook"), CSV: N_("CSV text"), JSON: N_("JSON, for other programs"), VCARD: N_("vCard 4.0 address cards"),
    VCARD3: N_("vCard 3.0 address cards"), CALENDAR: N_("iCalendar appointments"),
}  # fmt: skip
"""Kinds of files and what they are called."""
_BYTES_A_RECORD = 400
_ENOUGH = 20 * 1024 * 1024


@dataclass(frozen=True)
class Exported:
    """What an export wrote: the file, how many records, and cells that were too long for a workbook and stayed empty."""

    path: Path
    records: int
    too_long: int = 0
    left_out: int = 0
    """Records that were asked for and that whoever is signed in may not export."""
    tables: dict[str, int] = field(default_factory=dict)


def kinds_of(database: Database, entity: str) -> tuple[str, ...]:
    """The kinds of files that records of a type can go into."""
    spec = database.schema.entity(entity)
    more = (VCARD, VCARD3) if entity in WITH_CARDS else (CALENDAR,) if spec.has("rrule") else ()
    return (XLSX, CSV, JSON, *more)


def kind_of(path: Path) -> str:
    """The kind of file that an ending asks for.

    Raises:
        UserError: it asks for none.
    """
    ending = path.suffix.lower().lstrip(".")
    if ending not in KINDS:
        raise UserError(
            N_("“{name}” has no ending of a kind of file that can be written. Choose one of {kinds}."), name=path.name,
            kinds=", ".join(one for one in KINDS if one != VCARD3),
        )  # fmt: skip
    return ending


def export_records(
    database: Database, entity: str, to: Path | str, kind: str = "", *, ids: Sequence[int] | None = None,
    filter: Filter = EVERYTHING, sort: Sequence[tuple[str, bool]] = (), user_id: int | None = None,
    fields: Sequence[Field] | None = None, record_ids: bool = True, csv: CsvOptions | None = None,
    progress: Progress | None = None,
) -> Exported:  # fmt: skip
    """Write records into a file, which appears whole or not at all.

    Args:
        to: the file; replaced if it exists.
        kind: one of ``KINDS``; by the file's ending where empty.
        ids: the records in their order; those that ``filter`` lets through where None.
        user_id: who asks, for "me" in the filter.
        fields: the columns as shown; everything about the records where None.
        record_ids: whether columns as shown have the record's id, by which an import finds it again.
        csv: how a text table is written.
        progress: told the records done; cancelling it leaves no file.

    Raises:
        NotAllowed: none of the records may be exported by whoever is signed in.
        UserError: the kind does not fit, or the file cannot be written there.
        Cancelled: the person cancelled.
    """
    path, progress = Path(to), progress or Progress()
    kind = kind or kind_of(path)
    if kind not in kinds_of(database, entity):
        label = translate(database.schema.entity(entity).plural)
        raise UserError(N_("{label} cannot be written as {kind}."), label=label, kind=translate(KINDS.get(kind, kind)))
    with database.read() as connection:
        if ids is None:
            ids = queries.find_ids(database, connection, entity, filter=filter, sort=list(sort), user_id=user_id)
        ids, left_out = exportable(database, connection, entity, ids)
        check_room(path, len(ids))
        if kind in (VCARD, VCARD3):
            version = "3.0" if kind == VCARD3 else "4.0"
            count = export_vcards(database, connection, entity, ids, path, version=version, progress=progress)  # type: ignore[arg-type]
            return Exported(path, count, left_out=left_out)
        names = [one.name for one in fields] if fields is not None else _whole_names(database, connection, entity)
        source = RecordSource(database, connection, entity, names, whole=fields is None)
        if kind == CALENDAR:
            with whole_file(path) as part:
                count = write_calendar(RecordSource(database, connection, entity), ids, part, progress)
                return Exported(path, count, left_out=left_out)
        columns = columns_for(source, ids, fields, record_ids)
        shown = None if fields is None else [one.name for one in fields]
        with whole_file(path) as part:
            count, too_long = write_table(source, ids, part, kind, columns, shown, csv, progress)
    return Exported(path, count, too_long, left_out)


def _whole_names(database: Database, connection: sa.Connection, entity: str) -> list[str]:
    """The computed fields of the office, which an export of everything shows too."""
    source = RecordSource(database, connection, entity, whole=False)
    return [one.name for one in source.fields if one.custom and one.computed]


def columns_for(
    source: RecordSource, ids: Sequence[int], fields: Sequence[Field] | None, record_ids: bool
) -> tuple[SheetColumn, ...]:
    """The columns of a table of records: as shown, or everything where ``fields`` is None."""
    if fields is not None:
        return plain_columns(source.spec, fields, ids=record_ids)
    return whole_columns(source.database.schema, source.spec, source.fields, source.sizes(ids))


def write_table(
    source: RecordSource, ids: Sequence[int], part: Path, kind: str, columns: Sequence[SheetColumn],
    shown: Sequence[str] | None, csv: CsvOptions | None, progress: Progress,
) -> tuple[int, int]:  # fmt: skip
    """Write one table as a file of its own. Returns how many records, and how many cells were too long."""
    name = translate(source.spec.plural)
    if kind == JSON:
        with part.open("w", encoding="utf-8", newline="\n") as file:
            writer = JsonRecords(file, source, columns, shown)
            count = 0
            for some in source.parts(ids, progress):
                writer.write(some)
                count += len(some.ids)
            writer.close()
        return count, 0
    if kind == CSV:
        options = csv or CsvOptions()
        with part.open("w", encoding=options.encoding, newline="") as file:
            return fill(CsvTable(file, options), name, source, ids, columns, progress), 0
    return with_workbook(part, lambda book: fill(book, name, source, ids, columns, progress))


def with_workbook(part: Path, work: Callable[[Workbook], int]) -> tuple[int, int]:
    """Make a workbook and let ``work`` fill it; nothing of it stays after an error. Returns the count and what was too long."""
    book = Workbook(str(part))
    try:
        count = work(book)
    except BaseException:
        with suppress(Exception):
            book.abandon()
        raise
    book.close()
    return count, book.too_long


def fill(
    table: TableFile, name: str, source: RecordSource, ids: Sequence[int], columns: Sequence[SheetColumn],
    progress: Progress, done: int = 0, total: int = 0,
) -> int:  # fmt: skip
    """Write the records into a table. Returns how many."""
    cells = Cells(columns, source.spec.children)
    table.begin(name, columns)
    count = 0
    for part in source.parts(ids, progress, done, total):
        table.write(cells.of(part))
        count += len(part.ids)
    return count


def check_room(path: Path, records: int) -> None:
    """Refuse to begin where the disk is surely too full for so many records.

    Raises:
        UserError: it is.
    """
    needed = records * _BYTES_A_RECORD
    if needed < _ENOUGH:
        return
    try:
        free = shutil.disk_usage(path.parent if str(path.parent) else Path()).free
    except OSError:
        return  # the writer says what is wrong with the folder
    if free < needed:
        raise UserError(N_("The disk is full. Make room, or choose another folder."))
