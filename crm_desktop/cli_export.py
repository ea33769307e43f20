"""The sub-commands that write files: exports of records, of the whole office, and sample files for imports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from crm_desktop.cli_base import OneOf, actor_of, command, opened, option, say, say_json, working
from crm_desktop.cli_records import entity_named
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import Filter, all_of, from_json
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.exporting.allowed import left_out_text
from crm_desktop.records import custom, views

_ENDINGS = {"csv": ".csv", "json": ".json", "xlsx": ".xlsx", "vcf": ".vcf", "vcf3": ".vcf", "ics": ".ics"}


@command(
    "export",
    N_("Write records to a workbook, CSV, JSON, vCard or calendar file; or everything of the office to one file."),
)
@option("--as", "entity", default=None, help=N_("The record type, e.g. contact."))
@option("--everything", is_flag=True, help=N_("Every record of the office: FILE.xlsx or FILE.zip."))
@option("--to", "file", required=True, type=click.Path(dir_okay=False), help=N_("The file; its ending says the kind."))
@option("--format", "kind", default="", type=OneOf([*_ENDINGS]),
        help=N_("The kind of file where the ending does not say it: json in a .zip, vcf3 for older address books."))  # fmt: skip
@option("--filter", "filter_", default="", help=N_('A filter as JSON, e.g. ["city", "eq", "Curitiba"].'))
@option(
    "--view", default="", help=N_("The name of a saved view: its filter, and its columns unless --fields is given.")
)
@option("--fields", default="", help=N_("“all”, or names of fields with commas between. All otherwise."))
@option("--delimiter", default="", help=N_("What stands between the cells of a CSV file; by the region otherwise."))
@option("--decimal", default="", type=OneOf([".", ","]), help=N_("The decimal mark in a CSV file."))
def export_file(
    target: str | None, as_json: bool, entity: str | None, everything: bool, file: str, kind: str, filter_: str, view: str,
    fields: str, delimiter: str, decimal: str,
) -> None:  # fmt: skip
    """Export records."""
    from crm_desktop.exporting.table_files import CsvOptions  # lazy: the workbook writer

    if everything == bool(entity):
        raise click.UsageError(_("Say what to export: --as TYPE or --everything."))
    csv = CsvOptions("\t" if delimiter == "\\t" else delimiter, decimal)
    with opened(target) as database, working() as progress:
        actor = actor_of(database)
        if everything:
            from crm_desktop.exporting.office_export import export_office  # lazy: the writers

            made = export_office(database, file, kind, csv=csv, progress=progress)
        else:
            made = _export(database, actor, str(entity), file, kind, filter_, view, fields, csv, progress)
    if as_json:
        say_json(
            {
                "file": str(made.path),
                "records": made.records,
                "too_long": made.too_long,
                "left_out": made.left_out,
                "tables": made.tables,
            }
        )
        return
    text = ngettext("{n} record written to {file}", "{n} records written to {file}", made.records)
    say(text.format(n=formats.format_integer(made.records), file=made.path))
    if made.too_long:
        say(too_long_text(made.too_long))
    if made.left_out:
        say(left_out_text(made.left_out))


def _export(
    database: Database, actor: Actor, entity: str, file: str, kind: str, filter_: str, view: str, fields: str, csv: Any,
    progress: Progress,
) -> Any:  # fmt: skip
    from crm_desktop.exporting.export import export_records  # lazy: the writers

    name = entity_named(database.schema, entity)
    wanted = from_json(filter_ or None)
    sort: Sequence[tuple[str, bool]] = ()
    with database.read() as connection:
        names = [] if fields == "all" else [one.strip() for one in fields.split(",") if one.strip()]
        if view:
            condition, columns, sort = _view(database, connection, name, view, actor)
            wanted = all_of(wanted, condition) if filter_ else condition
            names = names or ([] if fields == "all" else columns)
        chosen: list[Field] | None = [custom.field_named(database, name, one, connection) for one in names] or None
    return export_records(
        database, name, file, kind, filter=wanted, sort=sort, user_id=actor.user_id, fields=chosen, csv=csv,
        progress=progress,
    )  # fmt: skip


def _view(
    database: Database, connection: sa.Connection, entity: str, name: str, actor: Actor
) -> tuple[Filter, list[str], Sequence[tuple[str, bool]]]:
    """(filter, columns, sort) of a saved view by its name.

    Raises:
        UserError: there is no such view.
    """
    for row in views.read_views(database, connection, entity, actor.user_id):
        if str(row.values["name"]).casefold() != name.casefold():
            continue
        known = {one.name for one in custom.fields_of(database, entity, connection)}
        shown = [one[0] if isinstance(one, list | tuple) else str(one) for one in row.values["columns"] or ()]
        sort = [(str(one[0]), bool(one[1])) for one in row.values["sort"] or ()]
        return from_json(row.values["filter"] or None), [one for one in shown if one in known], sort
    raise UserError(N_("There is no saved view “{name}”."), name=name)


def too_long_text(count: int) -> str:
    """What to say of cells that a workbook cannot hold."""
    text = ngettext(
        "{n} text is longer than a cell of a workbook can be and was left out. CSV and JSON hold it.",
        "{n} texts are longer than a cell of a workbook can be and were left out. CSV and JSON hold them.", count,
    )  # fmt: skip
    return text.format(n=formats.format_integer(count))


@command("sample", N_("Write a sample file of a record type, to fill in and import."))
@option("--as", "entity", required=True, help=N_("The record type, e.g. contact."))
@option(
    "--to",
    "file",
    required=True,
    type=click.Path(dir_okay=False),
    help=N_("The file: .xlsx with explanations, or .csv."),
)
def sample(target: str | None, as_json: bool, entity: str, file: str) -> None:
    """Write a sample file."""
    from crm_desktop.exporting.sample import write_sample  # lazy: the workbook writer

    with opened(target) as database:
        written: Path = write_sample(database, entity_named(database.schema, entity), file)
    if as_json:
        say_json({"file": str(written)})
    else:
        say(_("Written: {file}").format(file=written))
