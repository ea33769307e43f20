"""The sub-commands that bring data out: report, demo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from crm_desktop import app
from crm_desktop.cli_base import actor_of, command, opened, option, say, say_json, working
from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from crm_desktop.db.database import is_server


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
    database = None
    try:
        database = app.open_database(goal)
        with working() as progress:
            counts = make_demo(database, contacts, progress=progress)
    except BaseException:
        if database is not None:
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
