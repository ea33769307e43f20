"""The sub-commands that bring data in and out: import, report, demo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from crm_desktop import app
from crm_desktop.cli_base import actor_of, command, opened, option, say, say_json, working
from crm_desktop.core import formats, paths
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.db.database import Database, is_server

IMPORTABLE = ("contact", "company", "deal", "case", "activity", "product")
_SHOWN = 20


@command(
    "import",
    N_(
        "Import a spreadsheet, CSV, vCard, LDIF, JSON, dBase or calendar file, or a zip of them. All of it is one change, which undo takes back."
    ),
)
@click.argument("file", type=click.Path())
@option("--as", "entity", default=None, type=click.Choice(IMPORTABLE), help=N_("What the rows are; guessed otherwise."))
@option("--sheet", default="", help=N_("The sheet of a workbook or the file in an archive; the best one otherwise."))
@option("--recipe", default=None, help=N_("A mapping kept from an earlier import: its name or its file."))
@option("--dry-run", is_flag=True, help=N_("Do everything and take it back, to see the numbers."))
def import_file(
    target: str | None, as_json: bool, file: str, entity: str | None, sheet: str, recipe: str | None, dry_run: bool
) -> None:
    """Import a file."""
    from crm_desktop.importing.run import run_import  # lazy: the readers

    path = Path(file)
    if not path.exists():
        raise UserError(N_("There is no file {name}. Check the path."), name=file)
    with opened(target, create=True) as database, working() as progress:
        app.ensure_basics(database, actor_of(database))
        plan = _plan(database, path, entity, sheet, recipe)
        result = run_import(database, path, plan, actor_of(database), progress=progress, dry_run=dry_run)
    if as_json:
        say_json(_import_json(result))
        return
    for line in _import_lines(result):
        say(line)


def _plan(database: Database, path: Path, entity: str | None, sheet: str, recipe: str | None) -> Any:
    """The plan of a recipe, or the best guess."""
    from crm_desktop.importing.guess import guess_plan  # lazy: the readers
    from crm_desktop.importing.plan import ImportPlan  # lazy: the readers
    from crm_desktop.importing.table import ReadOptions  # lazy: the readers

    if recipe is None:
        return guess_plan(database, path, entity, options=ReadOptions(sheet=sheet)).plan
    where = Path(recipe) if Path(recipe).is_file() else paths.recipes_folder() / f"{recipe}.json"
    try:
        kept = json.loads(where.read_text(encoding="utf-8"))
        plan = ImportPlan.from_dict(kept.get("plan", kept))
    except FileNotFoundError:
        raise UserError(N_("There is no recipe {name}."), name=recipe) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(N_("{name} is not a recipe of an import."), name=recipe, details=str(error)) from error
    return plan.with_(source=plan.source.with_(sheet=sheet)) if sheet else plan


def _import_json(result: Any) -> dict[str, Any]:
    rejected = [
        {"row": one.row, "column": one.column, "value": one.value, "reason": str(one.reason)} for one in result.rejected
    ]
    for row in result.more_rejected:
        rejected.append({"row": row, "column": "", "value": "", "reason": _("Rejected like the rows above.")})
    problems = [
        {"row": one.row, "column": one.column, "value": one.value, "reason": str(one.reason)}
        for one in result.cell_problems
    ]
    return {
        "created": result.created, "updated": result.updated, "unchanged": result.unchanged,
        "duplicates": result.duplicates, "rejected": rejected, "change_set": result.change_set,
        "seconds": round(result.seconds, 3), "rows": result.rows_read, "cell_problems": problems,
        "parents": result.parents, "dry_run": result.rehearsal,
    }  # fmt: skip


def _import_lines(result: Any) -> list[str]:
    number = formats.format_integer
    counts = _(
        "{created} created, {updated} updated, {unchanged} unchanged, {duplicates} duplicates, {rejected} rejected"
    )
    lines = [counts.format(
        created=number(result.created), updated=number(result.updated), unchanged=number(result.unchanged),
        duplicates=number(result.duplicates), rejected=number(result.rejected_count),
    )]  # fmt: skip
    for one in result.rejected[:_SHOWN]:
        where = _("Row {row}, {column}") if one.column else _("Row {row}")
        lines.append(f"  {where.format(row=one.row, column=one.column)}: {one.reason}")
    more = result.rejected_count - _SHOWN
    if more > 0:
        lines.append("  " + ngettext("and {n} more row", "and {n} more rows", more).format(n=number(more)))
    if result.rehearsal:
        lines.append(_("This was a rehearsal: nothing was kept."))
    elif result.change_set:
        lines.append(_("To take it back: undo {change}").format(change=result.change_set))
    return lines


@command("report", N_("Write a report to a PDF, XLSX or CSV file, or list the reports."))
@click.argument("name", required=False)
@option("--list", "listing", is_flag=True, help=N_("List the reports and their parameters."))
@option("--to", "file", default=None, type=click.Path(dir_okay=False), help=N_("The file; its ending says the kind."))
@option("--set", "settings", multiple=True, metavar="NAME=VALUE", help=N_("A parameter; may be repeated."))
def report(
    target: str | None, as_json: bool, name: str | None, listing: bool, file: str | None, settings: Sequence[str]
) -> None:
    """Write a report."""
    from crm_desktop import cli_reports  # lazy: reports import charts and paper

    if listing or name is None:
        cli_reports.list_reports(as_json)
        return
    if file is None:
        raise click.UsageError(_("Say where to with --to FILE.pdf, .xlsx or .csv."))
    with opened(target) as database, working() as progress:
        written = cli_reports.write_report(database, actor_of(database), name, file, settings, progress)
    if as_json:
        say_json({"file": str(written), "size": written.stat().st_size})
    else:
        say(_("Written: {file}").format(file=written))


@command("demo", N_("Make a sample office to look around in."), database=False)
@option("--to", "goal", required=True, help=N_("A new file or a postgresql:// address."))
@option("--contacts", default=1248, show_default=True, type=click.IntRange(1, 1_000_000), help=N_("How many people."))
def demo(as_json: bool, goal: str, contacts: int) -> None:
    """Make the sample office."""
    from crm_desktop.demo.make import make_demo  # lazy: word lists

    new = not is_server(goal) and not Path(goal).exists()
    database = app.open_database(goal)
    try:
        with working() as progress:
            counts = make_demo(database, contacts, progress=progress)
    except BaseException:
        database.close()
        if new:
            Path(goal).unlink(missing_ok=True)
        raise
    labels = {name: database.schema.entity(name).plural for name in counts}
    database.close()
    if as_json:
        say_json(counts)
    else:
        say(", ".join(f"{_(labels[name])} {formats.format_integer(count)}" for name, count in counts.items()))
