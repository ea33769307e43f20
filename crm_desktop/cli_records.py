"""The sub-commands that look things up and take things back: find, list, show, history, undo."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import sqlalchemy as sa

from crm_desktop import cli_history
from crm_desktop.cli_base import (
    actor_of,
    command,
    opened,
    option,
    password_from,
    say,
    say_json,
    table_lines,
    working,
)
from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import from_json
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.phones import format_phone, is_e164
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change_set
from crm_desktop.db.schema import Schema
from crm_desktop.records import custom, finder, history, queries, undo_plan
from crm_desktop.records.queries import Link, RecordRow

_PAGE = 500


def entity_named(schema: Schema, name: str) -> str:
    """A record type by its name, as typed.

    Raises:
        UserError: there is none.
    """
    wanted = name.strip().lower().replace("-", "_")
    if wanted in schema.entities:
        return wanted
    known = ", ".join(sorted(schema.entities))
    raise UserError(N_("There is no record type “{name}”. Choose one of: {known}."), name=name, known=known)


def shown(field: Field, value: Any, values: Mapping[str, Any]) -> str:
    """A value as a person reads it; amounts in the record's own currency."""
    if isinstance(value, Link):
        return value.title
    currency = values.get("currency")
    return formats.format_value(field, value, currency=currency if isinstance(currency, str) and currency else None)


def label(field: Field) -> str:
    """The label of a field, in the language in use; the office's own as it was written."""
    return field.label if field.custom else _(field.label)


@command("find", N_("Find records by words of their text, numbers or phones; accents do not matter."))
@click.argument("text", nargs=-1, required=True)
@option("--type", "entity", default=None, help=N_("Only records of this type, e.g. contact."))
@option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help=N_("How many at most."))
def find(target: str | None, as_json: bool, text: Sequence[str], entity: str | None, limit: int) -> None:
    """Search."""
    with opened(target) as database, database.read() as connection:
        entities = (entity_named(database.schema, entity),) if entity else ()
        found = finder.find(database, connection, " ".join(text), entities=entities, limit=limit)
        schema = database.schema
    if as_json:
        say_json([{"type": f.entity, "id": f.id, "title": f.title, "subtitle": f.subtitle} for f in found])
    elif not found:
        say(_("Nothing was found."))
    else:
        rows = [[_(schema.entity(f.entity).label), f.title, f.subtitle, str(f.id)] for f in found]
        for line in table_lines([_("Type"), _("Name"), _("Details"), _("Number")], rows):
            say(line)


@command("list", N_("List the records of a type."))
@click.argument("entity", metavar="TYPE")
@option("--filter", "filter_", default="", help=N_('A filter as JSON, e.g. ["city", "eq", "Curitiba"].'))
@option("--columns", default="", help=N_("Fields to show, with commas between; the list's usual ones otherwise."))
@option("--sort", multiple=True, help=N_("A field to sort by; with a minus in front, from the end. May be repeated."))
@option("--limit", default=None, type=click.IntRange(1), help=N_("How many at most."))
@option("--csv", "as_csv", is_flag=True, help=N_("Print CSV."))
def list_records(
    target: str | None, as_json: bool, entity: str, filter_: str, columns: str, sort: Sequence[str], limit: int | None,
    as_csv: bool,
) -> None:  # fmt: skip
    """List records."""
    with opened(target) as database, database.read() as connection:
        name = entity_named(database.schema, entity)
        wanted = [one.strip() for one in columns.split(",") if one.strip()]
        fields = [
            custom.field_named(database, name, one, connection)
            for one in wanted or database.schema.entity(name).list_columns
        ]  # fmt: skip
        order = [_sort(database, name, one, connection) for one in sort]
        me = _me(database)
        ids = queries.find_ids(
            database, connection, name, filter=from_json(filter_ or None), sort=order, limit=limit, user_id=me
        )
        rows = _pages(database, connection, name, ids, fields)
        if as_json:
            say_json([{"id": row.id, **row.values} for row in rows])
        elif as_csv:
            _write_csv(fields, rows)
        else:
            cells = [[shown(field, row.values[field.name], row.values) for field in fields] for row in rows]
            for line in table_lines([label(field) for field in fields], cells):
                say(line)
            say(ngettext("{n} record", "{n} records", len(cells)).format(n=formats.format_integer(len(cells))))


def _sort(database: Database, entity: str, text: str, connection: sa.Connection) -> tuple[str, bool]:
    name = text.strip().lstrip("-+")
    if name != "id":
        custom.field_named(database, entity, name, connection)
    return name, text.strip().startswith("-")


def _me(database: Database) -> int | None:
    """Who "@me" is in a filter; looking things up makes no user."""
    users = Base.metadata.tables["user_account"]
    with database.read() as connection:
        there = connection.execute(sa.select(users.c.id).limit(1)).first()
    return actor_of(database).user_id if there else None


def _pages(
    database: Database, connection: sa.Connection, entity: str, ids: Sequence[int], fields: Sequence[Field]
) -> Iterator[RecordRow]:
    names = [field.name for field in fields]
    for start in range(0, len(ids), _PAGE):
        yield from queries.fetch_rows(database, connection, entity, ids[start : start + _PAGE], names)


def _write_csv(fields: Sequence[Field], rows: Iterator[RecordRow]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["id", *(field.name for field in fields)])
    for row in rows:
        writer.writerow([row.id, *(_raw(row.values[field.name]) for field in fields)])


def _raw(value: Any) -> Any:
    if isinstance(value, Link):
        return value.title
    return value.isoformat() if hasattr(value, "isoformat") else "" if value is None else value


@command("show", N_("Show one record with everything that belongs to it."))
@click.argument("entity", metavar="TYPE")
@click.argument("number", metavar="ID")
def show(target: str | None, as_json: bool, entity: str, number: str) -> None:
    """Show one record."""
    with opened(target) as database, database.read() as connection:
        name = entity_named(database.schema, entity)
        record = queries.get_record(database, connection, name, _record_id(database, connection, name, number))
        fields = custom.fields_of(database, name, connection)
        tags = [tag for _id, tag, _hue in record.tags]
        if as_json:
            say_json({"type": name, "id": record.id, "title": record.title, "version": record.version,
                      "values": record.values, "children": record.children, "tags": tags})  # fmt: skip
            return
        _print_record(database.schema.entity(name), record, fields, tags)


def _print_record(spec: Entity, record: queries.Record, fields: Sequence[Field], tags: Sequence[str]) -> None:
    say(f"{record.title}   {_(spec.label)} {record.id}")
    hidden = {field.sort_by for field in fields}
    own = [field for field in fields if not field.child and field.name not in hidden]
    filled = [(label(field), shown(field, record.values.get(field.name), record.values)) for field in own]
    filled += [(_("Tags"), ", ".join(tags))]
    for child in spec.children:
        filled += [(_(child.label), text) for text in _child_lines(child.fields, record.children[child.name])]
    width = max(len(title) for title, text in filled if text)
    for title, text in filled:
        if text:
            say(f"{title:<{width}}  " + text.replace("\n", "\n" + " " * (width + 2)))


def _child_lines(fields: Sequence[Field], rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    hidden = ("search_digits", "is_primary", "entity", "created_at", "updated_at", "created_by", "updated_by")
    for row in rows:
        parts = [formats.format_value(f, row.get(f.name)) for f in fields if f.name not in hidden]
        if row.get("kind") == "phone":
            parts = [format_phone(part, formats.default_country()) if is_e164(part) else part for part in parts]
        yield " · ".join(part for part in parts if part)


def _record_id(database: Database, connection: sa.Connection, entity: str, text: str) -> int:
    """The id that was typed, or that of the record with this number (a protocol, a customer number)."""
    table = database.schema.table(entity)
    if text.isdecimal() and connection.execute(sa.select(table.c.id).where(table.c.id == int(text))).first():
        return int(text)
    if "number" in table.columns:
        found = connection.execute(sa.select(table.c.id).where(table.c.number == text)).scalar()
        if found is not None:
            return int(found)
    raise UserError(
        N_("There is no record {number} of this type ({label})."), number=text,
        label=_(database.schema.entity(entity).label),
    )  # fmt: skip


@command("history", N_("Show what was changed lately, or what happened to one record; or look after the history."))
@click.argument("entity", metavar="[TYPE]", required=False)
@click.argument("number", metavar="[ID]", required=False)
@option("--limit", default=30, show_default=True, type=click.IntRange(1, 10_000), help=N_("How many at most."))
@option("--size", is_flag=True, help=N_("How large the history is, how long it is kept, and what went so far."))
@option("--would-go", is_flag=True, help=N_("What would go now by what the office has set; nothing is changed."))
@option("--compact", is_flag=True, help=N_("Back up, prove it, and let go of what the office no longer keeps."))
@option(
    "--to", "folder", default="", type=click.Path(file_okay=False), help=N_("With --compact: the folder of the backup.")
)
@option("--backup-password-file", "backup_file", default=None, help=N_("With --compact: encrypts the backup."))
@option("--give-back", is_flag=True, help=N_("Make the file as small as what it holds; nobody can save meanwhile."))
def show_history(
    target: str | None, as_json: bool, entity: str | None, number: str | None, limit: int, size: bool, would_go: bool,
    compact: bool, folder: str, backup_file: str | None, give_back: bool,
) -> None:  # fmt: skip
    """Show the history, or look after it."""
    if entity and not number:
        raise click.UsageError(_("Give the number of the record too."))
    if size or would_go or compact or give_back:
        with opened(target) as database:
            if would_go:
                cli_history.say_preview(database, as_json)
            if compact:
                cli_history.compact(database, folder, password_from(backup_file), as_json)
            if give_back:
                cli_history.give_back(database, as_json)
            if size:
                with database.read() as connection:
                    cli_history.say_size(connection, as_json)
        return
    with opened(target) as database, database.read() as connection:
        if entity is None or number is None:
            _recent(connection, as_json, limit)
            return
        name = entity_named(database.schema, entity)
        record_id = _past_id(database, connection, name, number)
        fields = custom.fields_of(database, name, connection)
        entries = history.record_history(database, connection, name, record_id, limit=limit, fields=fields)
        if not as_json:
            _print_history(entries, fields)
            return
    say_json([
        {"change_set": e.change_set_id, "title": e.title, "at": e.at, "user": e.user_name, "table": e.table,
         "record": e.record_id, "op": e.op,
         "fields": [{"name": f.name, "old": f.old, "new": f.new} for f in e.fields]}
        for e in entries
    ])  # fmt: skip


def _print_history(entries: Sequence[history.ChangeEntry], fields: Sequence[Field]) -> None:
    ops = {"I": _("added"), "U": _("changed"), "D": _("deleted")}
    known = {field.name: field for field in fields}
    for entry in entries:
        when, who = formats.format_datetime(entry.at), entry.user_name or "–"
        say(f"{when}  {who}  {entry.title} ({entry.table} {ops[entry.op]})")
        for one in entry.fields:
            field = known.get(one.name)
            old, new = (shown(field, v, {}) if field else str(v) for v in (one.old, one.new))
            say(f"    {_(one.label)}: {old or '–'} → {new or '–'}")


def _past_id(database: Database, connection: sa.Connection, entity: str, text: str) -> int:
    """An id as typed; the record may be gone."""
    return int(text) if text.isdecimal() and len(text) > 12 else _record_id(database, connection, entity, text)


def _recent(connection: sa.Connection, as_json: bool, limit: int) -> None:
    rows = history.recent(connection, limit=limit)
    if as_json:
        say_json([
            {"change_set": r.id, "title": r.title, "kind": r.kind, "at": r.at, "user": r.user_name, "undoes": r.undoes,
             "undone_by": r.undone_by}
            for r in rows
        ])  # fmt: skip
        return
    cells = [
        [str(r.id), formats.format_datetime(r.at), r.user_name or "–", r.title, _("undone") if r.undone_by else ""]
        for r in rows
    ]
    for line in table_lines([_("Change"), _("When"), _("Who"), _("What"), ""], cells, widest=60):
        say(line)


@command("undo", N_("Undo a change: an edit, an import, a deletion. An undo can be undone in turn."))
@click.argument("number", metavar="CHANGE", type=int)
@option("--all", "everything", is_flag=True, help=N_("Also take back what was edited later."))
@option("--dry-run", is_flag=True, help=N_("Only say what would be undone."))
def undo(target: str | None, as_json: bool, number: int, everything: bool, dry_run: bool) -> None:
    """Undo a change set."""
    with opened(target) as database:
        with database.read() as connection:
            title = history.change_set_details(connection, number).title
            if dry_run:
                plan = undo_plan.plan_undo(database, connection, number)
        if not dry_run:
            with working() as progress:
                choice = "all" if everything else "safe"
                plan = history.undo(database, number, actor_of(database), choice=choice, progress=progress)
        with database.read() as connection:
            by = connection.execute(sa.select(change_set.c.undone_by).where(change_set.c.id == number)).scalar()
    left = 0 if everything else plan.blocked_count
    if as_json:
        say_json({"undone": plan.possible_count, "left": left, "change_set": by})
        return
    words = _("Would undo “{title}”: {n} rows, {left} left.")
    if not dry_run:
        words = _("Undid “{title}”: {n} rows, {left} left.")
    say(words.format(title=title, n=formats.format_integer(plan.possible_count), left=formats.format_integer(left)))
