"""The command line: what administrators and scripts do without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import set_language


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crm-desktop")
@click.option("--language", default="", help="en, pt_BR or es; the system's otherwise.")
def commands(language: str) -> None:
    """A CRM for small offices. Without a sub-command the window opens."""
    set_language(language)


@commands.command()
@click.option("--to", "target", required=True, help="A new file or a postgresql:// address.")
@click.option("--contacts", default=1248, show_default=True, help="How many people.")
def demo(target: str, contacts: int) -> None:
    """Make a sample office to look around in."""
    from crm_desktop import app  # lazy: the database
    from crm_desktop.demo.make import make_demo  # lazy: the database

    database = app.open_database(target if "://" in target else Path(target))
    counts = make_demo(database, contacts)
    database.close()
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items()))


def main(arguments: Sequence[str]) -> int:
    """Run a sub-command. Returns the exit code: 0, 1 where the user can do something about it, 2 for wrong usage."""
    try:
        commands.main(args=list(arguments), prog_name="crm-desktop", standalone_mode=False)
    except UserError as error:
        click.echo(str(error), err=True)
        return 1
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Cancelled.", err=True)
        return 1
    return 0
