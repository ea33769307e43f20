"""Lists and records on paper and in spreadsheets: exactly what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import _, ngettext, pgettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import attach_service, custom, queries
from crm_desktop.records.queries import Record, RecordRow
from crm_desktop.reporting.document import (
    Column,
    Document,
    Heading,
    Organisation,
    RecordLink,
    Row,
    Spacer,
    Table,
    Text,
    Value,
    ValueKind,
)  # fmt: skip
from crm_desktop.reporting.output import write_document
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.form import section_title
from ui.records.print_window import show_print
from ui.records.saving import plural_text
from ui.records.shown import TAGS, at_end, currency_of, editable, label_of, text_of
from ui.widgets.toast import show_toast

KINDS = ("xlsx", "csv", "pdf")
_PART = 500
_KINDS: dict[Kind, ValueKind] = {
    Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.MONEY: "money", Kind.PERCENT: "percent", Kind.DATE: "date",
    Kind.DATETIME: "datetime", Kind.LOCAL_DATETIME: "datetime", Kind.BOOL: "bool",
}  # fmt: skip


@dataclass(frozen=True)
class ListContent:
    """A list as it is shown: its title, the filter in words, the columns, and the ids in their order."""

    title: str
    subtitle: str
    fields: tuple[Field, ...]
    ids: Sequence[int]


def value_of(field: Field, value: Any) -> Value:
    """A raw value for a document; links and choices in words."""
    if value is None:
        return None
    if field.kind in (Kind.CHOICE, Kind.CHOICES, Kind.PHONE, Kind.TAX_ID, Kind.COUNTRY, *LINK_KINDS):
        return text_of(field, value)
    return value if field.kind in _KINDS else str(value)


def _columns(spec: Entity, fields: Sequence[Field]) -> tuple[Column, ...]:
    columns = [
        Column(
            one.name, label_of(one), _KINDS.get(one.kind, "text"), align="right" if at_end(one) else None,
            weight=2.0 if one.name == spec.title_field else (0.0 if at_end(one) else 1.0),
            currency_key="currency" if one.kind is Kind.MONEY and spec.has("currency") else "",
            total="sum" if one.kind is Kind.MONEY and not spec.has("currency") else "none",
        )
        for one in fields
    ]  # fmt: skip
    if spec.has("currency") and not any(one.name == "currency" for one in fields):
        columns.append(Column("currency", "", hidden=True))
    return tuple(columns)


def list_document(office: Office, connection: Any, entity: str, content: ListContent, progress: Progress) -> Document:
    """The document of a list."""
    spec = office.database.schema.entity(entity)
    columns = _columns(spec, content.fields)
    names = [column.key for column in columns if column.key != TAGS.name]
    by_name = {one.name: one for one in content.fields}
    rows: list[Row] = []
    for start in range(0, len(content.ids), _PART):
        progress.update(start, len(content.ids))
        part = list(content.ids[start : start + _PART])
        tags = queries.tags_of_many(connection, part) if TAGS.name in by_name else {}
        for row in queries.fetch_rows(office.database, connection, entity, part, names):
            rows.append(Row(_cells(row, columns, by_name, tags.get(row.id, [])), RecordLink(entity, row.id)))
    progress.update(len(content.ids), len(content.ids))
    table = Table(columns, tuple(rows), name=content.title, empty=_("Nothing to show"))
    return Document(
        content.title, (table,), subtitle=content.subtitle, as_of=clock.now(), author=office.actor.name,
        organisation=Organisation(office.name),
    )  # fmt: skip


def _cells(
    row: RecordRow, columns: Sequence[Column], fields: dict[str, Field], tags: list[tuple[str, int]]
) -> tuple[Value, ...]:
    values: list[Value] = []
    for column in columns:
        if column.key == TAGS.name:
            values.append(", ".join(name for name, _hue in tags))
        elif column.key in fields:
            values.append(value_of(fields[column.key], row.values.get(column.key)))
        else:
            values.append(currency_of(row.values) or "")
    return tuple(values)


def record_document(office: Office, connection: Any, record: Record, fields: Sequence[Field]) -> Document:
    """The document of one record: its filled fields by section, then its notes."""
    spec = office.database.schema.entity(record.entity)
    known = {one.key: one.label for one in custom.sections_of(office.database, record.entity, connection)}
    blocks: list[Any] = []
    for key in dict.fromkeys([*known, *(one.section for one in fields)]):
        own = [one for one in fields if one.section == key and (editable(one) or one.computed)]
        lines = [(label_of(one), text_of(one, record.values.get(one.name), currency_of(record.values))) for one in own]
        lines = [(label, text) for label, text in lines if text]
        if lines:
            blocks.append(Heading(section_title(known, key), 2))
            table = Table(
                (Column("field", _("Field"), weight=1), Column("value", _("Value"), weight=3)),
                tuple(Row(line) for line in lines), name=section_title(known, key),
            )  # fmt: skip
            blocks += [table, Spacer(6)]
    notes = attach_service.notes_of(connection, record.id)
    if notes:
        blocks.append(Heading(_("Notes"), 2))
        for note in notes:
            blocks += [
                Text(formats.format_datetime(note["created_at"]), muted=True),  # type: ignore[arg-type]
                Text(str(note["body"])),
                Spacer(4),
            ]
    tags = ", ".join(name for _id, name, _hue in record.tags)
    return Document(
        record.title, tuple(blocks), subtitle=" · ".join(part for part in (translate(spec.label), tags) if part),
        as_of=clock.now(), author=office.actor.name, organisation=Organisation(office.name), landscape=False,
    )  # fmt: skip


Build = Callable[[Any, Progress], Document]


def write_file(
    owner: QWidget, office: Office, title: str, build: Build, path: Path, done: Callable[[Path], object]
) -> None:
    """Build a document and write it as a job."""

    def job(progress: Progress) -> Path:
        with office.database.read() as connection:
            document = build(connection, progress)
        return write_document(document, path, progress=progress)

    tasks.run_job(title, job, done, owner=owner)


def export_list(owner: QWidget, office: Office, entity: str, content: ListContent, kind: str) -> None:
    """Ask for a file and write the list into it."""
    names = {"xlsx": _("Excel workbook"), "csv": _("CSV text"), "pdf": _("PDF document")}
    path = dialogs.choose_save(owner, _("Export"), f"{content.title}.{kind}", f"{names[kind]} (*.{kind})")
    if path is None:
        return
    if path.suffix.lower() != f".{kind}":
        path = path.with_name(f"{path.name}.{kind}")
    spec = office.database.schema.entity(entity)
    what = plural_text(spec, len(content.ids))

    def done(made: Path) -> None:
        text = ngettext("{what} exported to {file}", "{what} exported to {file}", len(content.ids))
        show_toast(
            owner, text.format(what=what, file=made.name), pgettext("action", "Open"),
            lambda: open_file(made),
        )  # fmt: skip

    write_file(
        owner, office, _("Exporting {what}").format(what=what),
        lambda connection, progress: list_document(office, connection, entity, content, progress), path, done,
    )  # fmt: skip


def print_list(owner: QWidget, office: Office, entity: str, content: ListContent) -> None:
    """Lay the list out on pages and open it where it can be looked at and printed."""
    _print(
        owner, office, content.title,
        lambda connection, progress: list_document(office, connection, entity, content, progress),
    )  # fmt: skip


def print_record(owner: QWidget, office: Office, record: Record, fields: Sequence[Field]) -> None:
    """Lay a record out on pages and open it where it can be looked at and printed."""
    _print(
        owner, office, record.title, lambda connection, _progress: record_document(office, connection, record, fields)
    )


def open_file(path: Path) -> None:
    """Open a file with the program that the system has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _print(owner: QWidget, office: Office, title: str, build: Build) -> None:
    name = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in title).strip() or "crm"
    path = scratch_folder() / f"{name}.pdf"

    def done(made: Path) -> None:
        show_print(owner, title, made)

    write_file(owner, office, _("Preparing {title} for print").format(title=title), build, path, done)
