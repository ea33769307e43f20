"""The whole office in one file: a sheet or a member for each record type, and the notes of all of them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.core.refusals import NOT_AT_ALL, NotAllowed
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.exporting.allowed import exportable
from crm_desktop.exporting.cells import Cells
from crm_desktop.exporting.export import CSV, JSON, XLSX, Exported, check_room, columns_for, fill, with_workbook
from crm_desktop.exporting.json_file import JsonRecords
from crm_desktop.exporting.source import Part, RecordSource
from crm_desktop.exporting.table_files import CsvOptions, CsvTable, TableFile
from crm_desktop.records import mentions, queries
from crm_desktop.records.record_ids import write_record_id
from crm_desktop.records.sheet_columns import ID, NOTE_LABELS, SheetColumn
from crm_desktop.reporting.files import whole_file

ORDER = ("company", "contact", "product", "deal", "case", "activity")
"""What others link to comes first; a record type of later comes after these."""
OFFICE_KINDS = (XLSX, CSV, JSON)
_NOTE_TITLE = N_("Notes")


def export_office(
    database: Database,
    to: Path | str,
    kind: str = "",
    *,
    csv: CsvOptions | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write every record of the office into one file: a workbook, or an archive of text tables or of JSON.

    Args:
        to: the file; replaced if it exists. Its ending is .xlsx for a workbook and .zip for the others.
        kind: "xlsx", "csv" or "json"; by the ending where empty (.zip holds text tables).
        progress: told the records done; cancelling it leaves no file.

    Raises:
        UserError: the kind does not fit, or the file cannot be written there.
        Cancelled: the person cancelled.
    """
    path, progress = Path(to), progress or Progress()
    if not any(database.access.may(name, "export") for name in record_types(database)):
        raise NotAllowed(NOT_AT_ALL["export"], action="export", records=_("records"))
    kind = kind or {".xlsx": XLSX, ".zip": CSV}.get(path.suffix.lower(), "")
    if kind not in OFFICE_KINDS or (kind == XLSX) != (path.suffix.lower() == ".xlsx"):
        raise UserError(
            N_("The whole office goes into a workbook (.xlsx) or an archive (.zip). Choose one of these endings.")
        )
    with database.read() as connection, whole_file(path) as part:
        ids, left_out = {}, 0
        for name in record_types(database):
            ids[name], left = exportable(
                database, connection, name, queries.find_ids(database, connection, name), some=True
            )
            left_out += left
        notes = int(
            connection.execute(sa.select(sa.func.count()).select_from(Base.metadata.tables["note"])).scalar_one()
        )
        check_room(path, sum(map(len, ids.values())) + notes)
        office = _Office(database, connection, ids, notes, progress, left_out)
        if kind == XLSX:
            count, too_long = with_workbook(part, office.into_workbook)
        else:
            count, too_long = office.into_archive(part, kind, csv or CsvOptions()), 0
    return Exported(path, count, too_long, left_out, office.tables)


def record_types(database: Database) -> tuple[str, ...]:
    """The record types that are exported, what others link to first."""
    listed = [name for name, spec in database.schema.entities.items() if spec.listed and spec.importable]
    return (*(name for name in ORDER if name in listed), *(name for name in listed if name not in ORDER))


class _Office:
    """One export of the whole office."""

    def __init__(
        self, database: Database, connection: sa.Connection, ids: dict[str, Any], notes: int, progress: Progress,
        left_out: int = 0,
    ) -> None:  # fmt: skip
        self.database, self.connection, self.progress = database, connection, progress
        self.ids, self.notes = ids, notes
        self.total = sum(map(len, ids.values())) + notes
        self.taken = set().union(*ids.values()) if left_out else None
        """Ids of the records in the file; None where no record was left out, nor what was said about it."""
        self.done = 0
        self.tables: dict[str, int] = {}

    def into_workbook(self, book: TableFile) -> int:
        """A sheet for each record type."""
        for name in self.ids:
            self._table(name, lambda _source, _columns: book)
        self._notes(book)
        return sum(self.tables.values())

    def into_archive(self, part: Path, kind: str, options: CsvOptions) -> int:
        """A member for each record type."""
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6, allowZip64=True) as archive:
            for name in self.ids:
                label = translate(self.database.schema.entity(name).plural)
                with _member(archive, f"{label}.{kind}", options.encoding if kind == CSV else "utf-8") as file:
                    if kind == CSV:
                        self._table(name, lambda _source, _columns, file=file: CsvTable(file, options))  # type: ignore[misc]
                    else:
                        self._json(name, file)
            ending = "csv" if kind == CSV else "json"
            with _member(
                archive, f"{translate(_NOTE_TITLE)}.{ending}", options.encoding if kind == CSV else "utf-8"
            ) as file:
                if kind == CSV:
                    self._notes(CsvTable(file, options))
                else:
                    self._json_notes(file)
        return sum(self.tables.values())

    def _source(self, name: str) -> RecordSource:
        own = RecordSource(self.database, self.connection, name, whole=False)
        return RecordSource(
            self.database, self.connection, name, [one.name for one in own.fields if one.custom and one.computed]
        )

    def _table(self, name: str, open_table: Callable[[RecordSource, Sequence[SheetColumn]], TableFile]) -> None:
        source, ids = self._source(name), self.ids[name]
        columns = columns_for(source, ids, None, True)
        table = open_table(source, columns)
        label = translate(source.spec.plural)
        self.tables[name] = fill(table, label, source, ids, columns, self.progress, self.done, self.total)
        self.done += len(ids)

    def _json(self, name: str, file: IO[str]) -> None:
        source, ids = self._source(name), self.ids[name]
        writer, count = JsonRecords(file, source, columns_for(source, ids, None, True)), 0
        for some in source.parts(ids, self.progress, self.done, self.total):
            writer.write(some)
            count += len(some.ids)
        writer.close()
        self.tables[name] = count
        self.done += len(ids)

    def _note_parts(self) -> Iterator[tuple[Part, dict[str, list[Any]]]]:
        """The notes with what they are about: parts with cells by column."""
        note = self.database.schema.entity("note")
        source = RecordSource(self.database, self.connection, "note", whole=False)
        table = self.database.schema.table(note)
        ids = [row.id for row in self.connection.execute(sa.select(table.c.id, table.c.record_id).order_by(table.c.id))
               if self.taken is None or row.record_id in self.taken]  # fmt: skip
        for part in source.parts(ids, self.progress, self.done, self.total):
            titles = {name: set[int]() for name in self.ids}
            for row in part.rows.values():
                titles.setdefault(row["entity"], set()).add(row["record_id"])
            known = {
                name: queries.titles(self.database.schema, self.connection, name, wanted)
                for name, wanted in titles.items() if name in self.database.schema.entities
            }  # fmt: skip
            rows = [part.rows[identity] for identity in part.ids]
            types = {name: translate(self.database.schema.entity(name).label) for name in known}
            yield (
                part,
                {
                    "about": [known.get(row["entity"], {}).get(row["record_id"]) for row in rows],
                    "about_id": [write_record_id(row["record_id"]) for row in rows],
                    "type": [types.get(row["entity"], row["entity"]) for row in rows],
                    "body": [mentions.plain(str(row["body"])) for row in rows],
                },
            )

    def _notes(self, table: TableFile) -> None:
        columns = _note_columns(self.database)
        table.begin(translate(_NOTE_TITLE), columns)
        plain = Cells([one for one in columns if one.key not in ("about", "about_id", "type", "body")])
        count = 0
        for part, own in self._note_parts():
            made = dict(zip((one.key for one in plain.columns), plain.of(part), strict=True)) | own
            table.write([made[one.key] for one in columns])
            count += len(part.ids)
        self.tables["note"] = count
        self.done += count

    def _json_notes(self, file: IO[str]) -> None:
        source = RecordSource(self.database, self.connection, "note", whole=False)
        writer, count = JsonRecords(file, source, _note_columns(self.database)), 0
        for part, _own in self._note_parts():
            for row in part.rows.values():
                row["record_id"] = write_record_id(row["record_id"])  # type: ignore[index]
            writer.write(part)
            count += len(part.ids)
        writer.close()
        self.tables["note"] = count
        self.done += count


def _note_columns(database: Database) -> tuple[SheetColumn, ...]:
    note = database.schema.entity("note")

    def of(name: str) -> SheetColumn:
        one: Field = note.field(name)
        return SheetColumn(name, one.label, one.kind, field=one)

    return (
        SheetColumn("@id", NOTE_LABELS[0], Kind.TEXT, ID), SheetColumn("type", NOTE_LABELS[1], Kind.TEXT),
        SheetColumn("about", NOTE_LABELS[2], Kind.TEXT), SheetColumn("about_id", NOTE_LABELS[3], Kind.TEXT),
        SheetColumn("body", NOTE_LABELS[4], Kind.LONG_TEXT), of("pinned"), of("created_at"), of("created_by"),
    )  # fmt: skip


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, encoding: str) -> Iterator[IO[str]]:
    """A text file inside an archive, written as a stream."""
    with archive.open(name.replace("/", "-"), "w", force_zip64=True) as raw, TextIOWrapper(
        raw, encoding=encoding, newline="", write_through=False
    ) as text:  # fmt: skip
        yield text
