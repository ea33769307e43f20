"""The command line: what administrators and scripts do without a window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, set_language, translate
from crm_desktop.core.jobs import Cancelled
from crm_desktop.core.secrets import EXPOSED, clean_arguments, hide
from crm_desktop.core.version import VERSION

COMMANDS = {
    "find": "cli_records:find",
    "list": "cli_records:list_records",
    "show": "cli_records:show",
    "history": "cli_records:show_history",
    "undo": "cli_records:undo",
    "import": "cli_import:import_files",
    "recipe": "cli_import:recipe",
    "export": "cli_export:export_file",
    "sample": "cli_export:sample",
    "report": "cli_data:report",
    "person-data": "cli_privacy:person_data",
    "demo": "cli_data:demo",
    "backup": "cli_care:backup",
    "backups": "cli_care:backups",
    "verify": "cli_care:verify",
    "restore": "cli_restore:restore",
    "bring-back": "cli_restore:bring_back",
    "archive": "cli_archive:archive",
    "copy": "cli_care:copy",
    "migrate": "cli_care:migrate_database",
    "doctor": "cli_care:doctor",
    "user": "cli_users:user",
    "server": "cli_server:server",
    "rights": "cli_rights:rights",
    "self-test": "cli_care:self_test",
}
"""Each sub-command and where it is; a module is imported when one of its commands is used."""


class Commands(click.Group):
    """The sub-commands, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A sub-command by name."""
        module, _colon, name = COMMANDS.get(cmd_name, "").partition(":")
        if not module:
            return None
        found: click.Command = getattr(import_module(f"crm_desktop.{module}"), name)
        return found

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the text below the usage line."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(translate(self.help or ""))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]},
             help=N_("A CRM for small offices. Without a sub-command the window opens."))  # fmt: skip
@click.version_option(VERSION, prog_name="CRM Desktop")
def commands() -> None:
    """The root of the sub-commands."""


def main(arguments: Sequence[str]) -> int:
    """Run a sub-command.

    Returns:
        0; 1 where the user can do something about it, said in one sentence on standard error; 2 for wrong usage.
    """
    set_language("")
    if clean_arguments(arguments):
        click.echo(_(EXPOSED), err=True)
    try:
        result = commands.main(args=list(arguments), prog_name="crm-desktop", standalone_mode=False)
    except UserError as error:
        click.echo(hide(str(error)), err=True)
        return 1
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except (Cancelled, click.Abort, KeyboardInterrupt):
        click.echo(_("Cancelled. Nothing was changed."), err=True)
        return 1
    except BrokenPipeError:  # "list contact | head"
        sys.stderr.close()
        return 0
    return result if isinstance(result, int) else 0
