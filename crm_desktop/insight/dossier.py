"""Everything we hold about a person, as a document for paper and as JSON, with the files where they are wanted."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import LINK_KINDS, LISTS_ONLY, Field, Kind
from crm_desktop.core.i18n import N_, _, language, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.core.scratch import unfinished
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change, change_set
from crm_desktop.db.types import from_json, instant_text
from crm_desktop.insight.belongings import Belongings, Rows, collect, names_of
from crm_desktop.records import blobs, custom, queries
from crm_desktop.records.history import OUTSIDE, FieldChange, field_changes
from crm_desktop.records.references import plural_of
from crm_desktop.records.titles import title_text
from crm_desktop.reporting.document import Block, Column, Document, Heading, Organisation, Row, Table, Text
from crm_desktop.reporting.output import write_document

FORMAT, VERSION = "crm-desktop/person", 1
KINDS = ("pdf", "json", "zip")
_QUIET = frozenset({"id", "version", "custom", "search_digits", "sort_name", "updated_by", "activity_at", "created_by"})
_STEPS = 4
_LINE = 150
"""So many letters fit into about two lines of a table."""


@dataclass(frozen=True)
class Entry:
    """One row in words: when it was made, and "label: value" of everything in it."""

    table: str
    id: int
    at: datetime | None
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HistoryEntry:
    """One change of the person's data in words; ``fields`` are (label, old, new)."""

    id: int
    at: datetime | None
    by: str
    title: str
    table: str
    record_id: int
    op: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Dossier:
    """Everything about a person: raw for JSON, in words for paper."""

    title: str
    fields: tuple[tuple[Field, Any, str], ...]
    own: Mapping[str, tuple[Entry, ...]]
    around: Mapping[str, tuple[Entry, ...]]
    history: tuple[HistoryEntry, ...]
    origin: Mapping[str, Any]
    raw: Belongings


def read_dossier(
    database: Database, connection: sa.Connection, entity: str, record_id: int, progress: Progress | None = None
) -> Dossier:  # fmt: skip
    """Gather everything about a person.

    Raises:
        RecordGone: there is no such record.
    """
    progress = progress or Progress()
    progress.update(0, _STEPS, _("Gathering…"))
    found = collect(database, connection, entity, record_id)
    progress.update(1, _STEPS)
    record = queries.get_record(database, connection, entity, record_id)
    fields = tuple(
        (one, record.values.get(one.name), _text(one, record.values.get(one.name)))
        for one in custom.fields_of(database, entity, connection)
        if one.kind is not Kind.JSON
        and one.section != LISTS_ONLY
        and one.name not in _QUIET
        and record.values.get(one.name) not in (None, "")
    )
    words = _Words(database, connection, found)
    progress.update(2, _STEPS)
    own = {name: tuple(words.entries(name, rows)) for name, rows in sorted(found.own.items())}
    around = {name: tuple(words.entries(name, rows)) for name, rows in sorted(found.around.items())}
    progress.update(3, _STEPS)
    history = tuple(_history(database, connection, found, words))
    progress.update(4, _STEPS)
    return Dossier(found.title, fields, own, around, history, _origin(connection, found, words), found)


class _Words:
    """Rows in words: labels of fields, choices, and the titles of what they link to."""

    def __init__(self, database: Database, connection: sa.Connection, found: Belongings) -> None:
        self.database, self.connection = database, connection
        self.me = found.ids
        me: Rows = {database.schema.table(found.entity).name: {found.record_id: found.row}}
        self.names: dict[tuple[str, int], str] = {}
        for rows in (found.own, found.around, me):
            self.names |= names_of(database, connection, rows)

    def user(self, identity: Any) -> str:
        """A user's name."""
        return self.names.get(("user", int(identity)), "") if identity is not None else ""

    def entries(self, name: str, rows: Mapping[int, Mapping[str, Any]]) -> Iterator[Entry]:
        """The rows of a table."""
        table = Base.metadata.tables[name]
        for identity, row in rows.items():
            at = row.get("at") or row.get("created_at")
            yield Entry(name, identity, at, tuple(self._parts(table, row)))

    def _parts(self, table: sa.Table, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for column in table.columns:
            value = row[column.name]
            if value in (None, "", False) or column.name in _QUIET:
                continue
            field: Field | None = column.info.get("field")
            target = self._target(column, field, row)
            if (target and value in self.me) or (column.name.endswith("entity") and field is not None):
                continue  # that it is theirs is what the page is about
            label = translate(field.label) if field else column.name
            if field is None and target in self.database.schema.entities:
                label = translate(self.database.schema.entity(target).label)
            yield label, self.value(column, field, value, row)
        yield from self._custom(table, row)

    def _custom(self, table: sa.Table, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        spec = self.database.schema.by_table.get(table.name)
        if spec is None or not row.get("custom"):
            return
        known = {one.name: one for one in custom.fields_of(self.database, spec.name, self.connection) if one.custom}
        for key, value in row["custom"].items():
            one = known.get(f"custom.{key}")
            python = queries.custom_python(one, value) if one else value
            yield (one.label if one else key), (_text(one, python) if one else json.dumps(value, ensure_ascii=False))

    def changed(self, table_name: str, name: str, value: Any) -> str:
        """A value of the history as people read it; a link that is gone since stays a number."""
        table = Base.metadata.tables.get(table_name)
        column = table.columns.get(name) if table is not None else None
        field: Field | None = column.info.get("field") if column is not None else None
        if value is None or column is None or field is None or field.kind is Kind.JSON:
            return _plain(value)
        return self.value(column, field, value, {})

    @staticmethod
    def _target(column: sa.Column[Any], field: Field | None, row: Mapping[str, Any]) -> str:
        """The record type that a column points to, "" for none."""
        if field is not None and field.kind in LINK_KINDS:
            return field.target
        if column.name in ("from_id", "to_id"):
            return str(row.get(column.name.replace("_id", "_entity")) or "")
        loose = column.name in ("record_id", "owner_id", "winner_id", "loser_id", "first_id", "second_id")
        return str(row.get("entity") or "contact") if loose and field is None else ""

    def value(self, column: sa.Column[Any], field: Field | None, value: Any, row: Mapping[str, Any]) -> str:
        """One value as people read it."""
        entity = self._target(column, field, row)
        if entity:
            return self.names.get((entity, int(value)), str(value))
        if isinstance(value, dict | list):
            return json.dumps(value, ensure_ascii=False, default=str)
        if field is None:
            return formats.format_datetime(value) if isinstance(value, datetime) else str(value)
        return formats.format_value(field.but(kind=Kind.TEXT) if field.kind is Kind.JSON else field, value)


def _text(field: Field, value: Any) -> str:
    if value is None:
        return ""
    return str(value) if field.kind in LINK_KINDS else formats.format_value(field, value)


def _history(database: Database, connection: sa.Connection, found: Belongings, words: _Words) -> Iterator[HistoryEntry]:
    """Every change of the person's data, of rows that were deleted since too, the oldest first."""
    labels = {one.name: one.label for one in custom.fields_of(database, found.entity, connection)}
    ids = sorted(found.all_ids())
    seen: dict[int, Any] = {}
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = connection.execute(
            sa.select(change, change_set.c.title, change_set.c.params, change_set.c.user_name.label("who"),
                      change_set.c.at.label("when"))
            .outerjoin(change_set, change_set.c.id == change.c.change_set_id)
            .where(change.c.record_id.in_(part) | change.c.parent_id.in_(part))
        ).mappings()  # fmt: skip
        seen.update({row["id"]: row for row in rows})
    for identity in sorted(seen):
        row = seen[identity]
        told = field_changes(database.schema, row["table_name"], row["op"], row["data"], labels)
        if row["op"] == "D":
            told = _deleted(row["table_name"], row["data"] or {})
        title = title_text(row["title"], row["params"]) if row["title"] else translate(OUTSIDE)
        name = row["table_name"]
        fields = tuple(
            (_(one.label), words.changed(name, one.name, one.old), words.changed(name, one.name, one.new))
            for one in told
        )
        yield HistoryEntry(
            identity, row["when"] or row["at"], row["who"] or row["user_name"] or "", title, name, row["record_id"],
            row["op"], fields,
        )  # fmt: skip


def _deleted(name: str, data: Mapping[str, Any]) -> list[FieldChange]:
    """What a deleted row held."""
    table = Base.metadata.tables.get(name)
    if table is None:
        return [FieldChange(key, key, value, None) for key, value in data.items() if value is not None]
    result = []
    for key, value in data.items():
        column = table.columns.get(key)
        if value is None or column is None or key in _QUIET:
            continue
        field: Field | None = column.info.get("field")
        result.append(FieldChange(key, field.label if field else key, from_json(column.type, value), None))
    return result


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return formats.format_datetime(value)
    if isinstance(value, date):
        return formats.format_date(value)
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _origin(connection: sa.Connection, found: Belongings, words: _Words) -> dict[str, Any]:
    """Where the record came from: when, by whom, in which change set, and from which imported file."""
    batch = Base.metadata.tables["import_batch"]
    first = connection.execute(
        sa.select(change_set.c.id, change_set.c.title, change_set.c.params, change_set.c.user_name, change_set.c.at)
        .join(change, change.c.change_set_id == change_set.c.id)
        .where(change.c.record_id == found.record_id, change.c.op == "I").order_by(change.c.id).limit(1)
    ).first()  # fmt: skip
    origin: dict[str, Any] = {
        "created_at": found.row.get("created_at"), "created_by": words.user(found.row.get("created_by")),
        "source": found.row.get("source"),
    }  # fmt: skip
    if first is not None:
        origin["how"] = title_text(first.title, first.params)
        origin["by"] = first.user_name or ""
        file = connection.execute(sa.select(batch.c.file_name).where(batch.c.change_set_id == first.id)).scalar()
        if file:
            origin["import_file"] = file
    return origin


# -- paper -----------------------------------------------------------------------------------------------------


def dossier_document(database: Database, dossier: Dossier, *, author: str, organisation: Organisation) -> Document:
    """The document: what is stored, section by section, and how it came to be so."""
    blocks: list[Block] = [
        Text(_("This is everything that {office} holds about {name}.").format(
            office=organisation.name, name=dossier.title), muted=True),
        Heading(_("Where it came from")), _origin_table(dossier),
        Heading(_("Data")), _fields_table(dossier),
    ]  # fmt: skip
    for name, entries in dossier.own.items():
        blocks += _section(database, name, entries)
    if dossier.around:
        blocks.append(Heading(_("Records that name them")))
        for name, entries in dossier.around.items():
            blocks += _section(database, name, entries)
    blocks += [Heading(_("Every change of their data")), _history_table(database, dossier)]
    title = _("Everything about {name}").format(name=dossier.title)
    return Document(title, tuple(blocks), as_of=clock.now(), author=author, organisation=organisation, landscape=False)


def _two(first: str, second: str, rows: list[tuple[str, str]], name: str) -> Table:
    columns = (Column("what", first, weight=1), Column("value", second, weight=3))
    return Table(columns, tuple(Row(row) for row in rows), name=name)


def _origin_table(dossier: Dossier) -> Table:
    origin = dossier.origin
    source = next((text for field, _v, text in dossier.fields if field.name == "source"), "")
    rows = [
        (_("Created"), formats.format_datetime(origin["created_at"]) if origin.get("created_at") else ""),
        (_("Created by"), origin.get("created_by") or origin.get("by") or ""), (_("Source"), source),
        (_("By what"), origin.get("how", "")), (_("Imported from"), origin.get("import_file", "")),
    ]  # fmt: skip
    return _two(_("What"), _("Value"), [row for row in rows if row[1]], _("Where it came from"))


def _fields_table(dossier: Dossier) -> Table:
    rows = [
        (field.label if field.custom else translate(field.label), text)
        for field, _value, text in dossier.fields
        if text
    ]
    return _two(_("Field"), _("Value"), rows, _("Data"))


def _section(database: Database, name: str, entries: tuple[Entry, ...]) -> list[Block]:
    title = table_title(database, name)
    content, dated = Column("what", _("Content"), weight=5), any(one.at for one in entries)
    columns = (Column("at", _("Date"), "datetime"), content) if dated else (content,)
    rows = tuple(Row((one.at, _told(one)) if dated else (_told(one),)) for one in entries)
    count = formats.format_integer(len(entries))
    return [Heading(f"{title} ({count})", 2), Table(columns, rows, name=title)]


def _told(one: Entry) -> str:
    """The parts of an entry: in one line where they are short."""
    parts = [f"{label}: {value}" for label, value in one.parts]
    return (" · " if sum(map(len, parts)) < _LINE else "\n").join(parts)


def table_title(database: Database, name: str) -> str:
    """What the rows of a table are called."""
    title = translate(plural_of(database.schema, name))
    return title if title != name else name.replace("_", " ").capitalize()


def _history_table(database: Database, dossier: Dossier) -> Table:
    columns = (
        Column("at", _("Time"), "datetime"), Column("who", _("Who"), weight=1.2), Column("what", _("What"), weight=5),
    )  # fmt: skip
    rows = []
    for one in dossier.history:
        told = [f"{one.title} ({table_title(database, one.table)})"]
        told += [f"{label}: {old} → {new}" for label, old, new in one.fields]
        rows.append(Row((one.at, one.by, "\n".join(told))))
    return Table(columns, tuple(rows), name=_("Changes"))


# -- files -----------------------------------------------------------------------------------------------------


def dossier_json(database: Database, dossier: Dossier, *, author: str, office: str) -> dict[str, Any]:
    """The JSON data; docs/user-guide/privacy.md describes it. Instants are ISO 8601 in UTC, amounts texts."""
    return {
        "format": FORMAT, "version": VERSION, "made_at": instant_text(clock.now()), "made_by": author, "office": office,
        "language": language(),
        "person": {
            "id": dossier.raw.record_id, "type": dossier.raw.entity, "title": dossier.title,
            "merged_ids": sorted(dossier.raw.ids - {dossier.raw.record_id}),
            "fields": [
                {"name": field.name, "label": field.label if field.custom else translate(field.label),
                 "value": plain(value), "text": text}
                for field, value, text in dossier.fields
            ],
        },
        "origin": plain(dossier.origin),
        "own": _raw(database, dossier.raw.own, dossier.own),
        "around": _raw(database, dossier.raw.around, dossier.around),
        "history": [
            {"id": one.id, "at": plain(one.at), "by": one.by, "title": one.title, "table": one.table,
             "record_id": one.record_id, "operation": one.op,
             "changes": [{"label": label, "old": old, "new": new} for label, old, new in one.fields]}
            for one in dossier.history
        ],
    }  # fmt: skip


def _raw(database: Database, rows: Rows, words: Mapping[str, tuple[Entry, ...]]) -> dict[str, Any]:
    return {
        name: {
            "label": table_title(database, name),
            "rows": [
                {**plain(rows[name][one.id]), "words": [{"label": label, "text": text} for label, text in one.parts]}
                for one in entries
            ],
        }
        for name, entries in words.items()
    }  # fmt: skip


def plain(value: Any) -> Any:
    """A value as JSON can say it: ISO dates and instants, exact amounts as texts, links as {"id", "title"}."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, queries.Link):
        return {"id": value.id, "title": value.title}
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return instant_text(value) if value.tzinfo else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


def write_dossier(
    database: Database, entity: str, record_id: int, path: Path, *, author: str = "", office: str = "",
    address: str = "", progress: Progress | None = None,
) -> Path:  # fmt: skip
    """Write everything about a person: ".pdf", ".json", or ".zip" with both and the files themselves.

    Raises:
        RecordGone: there is no such record.
        UserError: the ending is none of these, or the file cannot be written there.
    """
    progress = progress or Progress()
    kind = path.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise UserError(N_("“{kind}” is not a kind that this can be written as. Choose one of {kinds}."),
                        kind=kind, kinds=", ".join(KINDS))  # fmt: skip
    name = office or database.name
    with database.read() as connection:
        dossier = read_dossier(database, connection, entity, record_id, progress)
        document = dossier_document(database, dossier, author=author, organisation=Organisation(name, address))
        data = dossier_json(database, dossier, author=author, office=name)
        if kind == "pdf":
            return write_document(document, path, "pdf", progress=progress)
        text = json.dumps(data, ensure_ascii=False, indent=2)
        part = path.with_name(path.name + ".part")
        try:
            with unfinished(part):
                if kind == "json":
                    part.write_text(text, encoding="utf-8")
                else:
                    _write_zip(connection, dossier, document, text, part, progress)
                part.replace(path)
        except OSError as error:
            raise UserError(N_("{name} cannot be written: {reason}"), name=path.name,
                            reason=error.strerror or str(error)) from error  # fmt: skip
        finally:
            part.unlink(missing_ok=True)
    return path


def _write_zip(
    connection: sa.Connection, dossier: Dossier, document: Document, text: str, part: Path, progress: Progress
) -> None:
    paper = part.with_suffix(".pdf.part")
    try:
        write_document(document, paper, "pdf", progress=progress)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(paper, "person.pdf")
            archive.writestr("person.json", text)
            for name, digest in _files(dossier):
                progress.update(message=name)
                with archive.open(f"files/{name}", "w", force_zip64=True) as target:
                    for piece in blobs.read_parts(connection, digest):
                        target.write(piece)
    finally:
        paper.unlink(missing_ok=True)


def _files(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """(name in the archive, hash) of every revision of every file; no two have the same name."""
    files = {**dossier.raw.own.get("attachment", {}), **dossier.raw.around.get("attachment", {})}
    revisions = {
        **dossier.raw.own.get("attachment_revision", {}), **dossier.raw.around.get("attachment_revision", {}),
    }  # fmt: skip
    for row in revisions.values():
        name = Path(str(files.get(row["attachment_id"], {}).get("name") or "file")).name
        yield f"{row['attachment_id']}/{row['revision']}-{name}", str(row["sha256"])
