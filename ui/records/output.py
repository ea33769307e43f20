"""Lists and records on paper and in spreadsheets: exactly what is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import RecordGone
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.records import attach_service, custom, mentions, queries
from crm_desktop.records.queries import Record
from crm_desktop.reporting.document import (
    Column,
    Document,
    Heading,
    Organisation,
    PageBreak,
    Row,
    Spacer,
    Table,
    Text,
)  # fmt: skip
from crm_desktop.reporting.output import write_document
from ui.framework import tasks
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.form import section_title
from ui.records.list_document import ListContent, list_document
from ui.records.print_window import show_print
from ui.records.reach_words import SHOWN_CHILDREN, reach_lines
from ui.records.shown import currency_of, editable, label_of, text_of


def record_document(office: Office, connection: Any, record: Record, fields: Sequence[Field]) -> Document:
    """The document of one record: its filled fields by section, then its notes."""
    spec = office.database.schema.entity(record.entity)
    known = {one.key: one.label for one in custom.sections_of(office.database, record.entity, connection)}
    blocks: list[Any] = []
    for key in dict.fromkeys([*known, *(one.section for one in fields)]):
        own = [one for one in fields if one.section == key and (editable(one) or one.computed)]
        own = [one for one in own if one.child.partition(".")[0] not in SHOWN_CHILDREN]
        lines = [(label_of(one), text_of(one, record.values.get(one.name), currency_of(record.values))) for one in own]
        lines = [(label, text) for label, text in lines if text]
        if key == "reach":
            lines += reach_lines(spec, record.children)
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
                Text(mentions.plain(str(note["body"]))),
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


def ids_of(office: Office, connection: Any, entity: str, content: ListContent) -> Sequence[int]:
    """Every record that a list is about, those of closed groups included."""
    if len(content.ids) or content.grouping is None:
        return content.ids
    return queries.find_ids(
        office.database, connection, entity, filter=content.filter, sort=content.sort, user_id=office.user_id
    )


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


def print_cards(
    owner: QWidget, office: Office, entity: str, content: ListContent, fields: Sequence[Field], *, compact: bool
) -> None:
    """Lay the records of a list out as cards: one on a page, or several with what is filled of ``fields`` only."""

    def build(connection: Any, progress: Progress) -> Document:
        ids = ids_of(office, connection, entity, content)
        blocks: list[Any] = []
        for number, record_id in enumerate(ids):
            progress.update(number, len(ids))
            try:
                record = queries.get_record(office.database, connection, entity, record_id)
            except RecordGone:
                continue
            if compact:
                blocks += _compact_card(record, fields)
                continue
            made = record_document(office, connection, record, fields)
            quiet = [Text(made.subtitle, muted=True)] if made.subtitle else []
            blocks += [*([PageBreak()] if blocks else []), Heading(record.title), *quiet, *made.blocks]
        return Document(
            content.title, tuple(blocks), subtitle=content.subtitle, as_of=clock.now(), author=office.actor.name,
            organisation=Organisation(office.name), landscape=False,
        )  # fmt: skip

    _print(owner, office, _("{title}, cards").format(title=content.title), build)


def _compact_card(record: Record, fields: Sequence[Field]) -> list[Any]:
    """The filled fields of a record in two columns under its name, as one small table that stays together."""
    currency = currency_of(record.values)
    pairs = [(label_of(one), " ".join(text_of(one, record.values.get(one.name), currency).split())) for one in fields]
    texts = [f"{label}: {text}" for label, text in pairs if text]
    rows = [Row((first, second)) for first, second in zip_longest(texts[::2], texts[1::2], fillvalue="")]
    table = Table(
        (Column("first", record.title, weight=1), Column("second", "", weight=1)), tuple(rows), name=record.title
    )
    return [table, Spacer(10)]


def _print(owner: QWidget, office: Office, title: str, build: Build) -> None:
    name = "".join(letter if letter.isalnum() or letter in " -_" else "_" for letter in title).strip() or "crm"
    path = scratch_folder() / f"{name}.pdf"

    def done(made: Path) -> None:
        show_print(owner, title, made)

    write_file(owner, office, _("Preparing {title} for print").format(title=title), build, path, done)
