"""What the sub-commands share: options, opening the database, output as text or JSON, progress, Ctrl+C."""

from __future__ import annotations

import json
import signal
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from crm_desktop import app, cli_sign_in, features
from crm_desktop.core import formats, paths
from crm_desktop.core.errors import ReadOnlyFile, UserError
from crm_desktop.core.i18n import N_, _, ngettext, set_language, translate
from crm_desktop.core.jobs import Progress, ProgressState
from crm_desktop.db.database import Database, is_server
from crm_desktop.db.types import plain_json
from crm_desktop.db.unit_of_work import Actor
from crm_desktop.records.office_service import read_settings

ORIGIN = cli_sign_in.ORIGIN


class Option(click.Option):
    """An option whose help is a source text, translated when it is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The line of this option in the help."""
        source, self.help = self.help, translate(self.help or "")
        try:
            return super().get_help_record(ctx)
        finally:
            self.help = source


class Command(click.Command):
    """A sub-command whose help is a source text, translated when it is shown."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """The line of this command in the list of commands."""
        return translate(self.help or "")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the text below the usage line."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(translate(self.help or ""))


class Group(Command, click.Group):
    """Sub-commands under one name, whose help is a source text, too."""


class OneOf(click.Choice[str]):
    """One of some words, or nothing: an option that was not given is an empty text, which is not offered as a word."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself; click refuses what is not one."""
        return "" if value == "" else super().convert(value, param, ctx)


def option(*names: str, help: str = "", **attributes: Any) -> Callable[[Any], Any]:
    """An option; ``help`` is a source text."""
    return click.option(*names, cls=Option, help=help, **attributes)


def _use_language(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
    set_language(value)


def command(
    name: str, help: str, *, database: bool = True, sign_in: bool | None = None
) -> Callable[[Callable[..., Any]], Command]:  # fmt: skip
    """A sub-command with the options that all have: --database (where it works on one), --json, --language.

    Args:
        sign_in: it has the options of signing in, which :func:`opened` reads; by default where it works on a database.
    """

    def made(function: Callable[..., Any]) -> Command:
        result: Any = option(
            "--language", default="", is_eager=True, expose_value=False, callback=_use_language,
            help=N_("en, pt_BR or es; the system's language otherwise."),
        )(function)  # fmt: skip
        result = option("--json", "as_json", is_flag=True, help=N_("Print JSON instead of text."))(result)
        if database:
            result = option(
                "--database", "target", default=None,
                help=N_("A database file or a postgresql:// address; your own database otherwise."),
            )(result)  # fmt: skip
        if database if sign_in is None else sign_in:
            result = _with_sign_in(result)
        made_command: Command = click.command(name, cls=Command, help=help)(result)
        return made_command

    return made


def _with_sign_in(function: Any) -> Any:
    """The options of who runs a command. Where --password-file is that of a backup, the other name remains."""
    taken = {name for one in getattr(function, "__click_params__", ()) for name in one.opts}
    file_names = [name for name in ("--sign-in-file", "--password-file") if name not in taken]
    for names, kept, help_text, attributes in (
        (file_names, cli_sign_in.FILE, N_("A file that only you can read; its first line is your password."), {}),
        (["--password-stdin"], cli_sign_in.STDIN, N_("Read your password from standard input."), {"is_flag": True}),
        (["--user"], cli_sign_in.USER, N_("Who you are, where the database asks; CRM_USER otherwise."), {}),
    ):
        function = option(
            *names, kept.replace(".", "_"), default=None, expose_value=False, callback=cli_sign_in.keep_option(kept),
            help=help_text, **attributes,
        )(function)  # fmt: skip
    return function


@contextmanager
def opened(target: str | None, *, create: bool = False) -> Iterator[Database]:
    """The database that a command works on, signed in to, with the office's country and currency in use.

    Args:
        target: as given with --database; the user's own where None.
        create: make a file that does not exist.
    """
    database = _open(cli_sign_in.full_address(target), create)
    try:
        cli_sign_in.admit(database)
        if database.original is not None:
            actor_of(database)  # from here on it is only read
        with database.read() as connection:
            settings = read_settings(connection)
        formats.set_default_country(str(settings.get("country") or ""))
        formats.set_default_currency(str(settings.get("currency") or ""))
        yield database
    finally:
        database.close()
        formats.set_default_country("")
        formats.set_default_currency("")


def _open(target: str | Path | None, create: bool) -> Database:
    """A file that cannot be written is read all the same; a command that writes then says why it cannot."""
    try:
        return app.open_database(target, create=create)
    except ReadOnlyFile as error:
        from crm_desktop.reading import open_for_reading  # lazy: hardly ever

        path = Path(target if target is not None else paths.default_database())
        database = open_for_reading(path, reason=error.reason)
        click.echo(str(error), err=True)
        return database


def actor_of(database: Database) -> Actor:
    """Who runs the command."""
    return app.sign_in(database, origin=ORIGIN)


def password_from(path: str | None) -> str | None:
    """The first line of a password file; None where none is given.

    Raises:
        UserError: the file cannot be read or is empty.
    """
    if path is None:
        return None
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(N_("The password file {name} cannot be read."), name=path, details=str(error)) from error
    password = text.splitlines()[0] if text.strip() else ""
    if not password:
        raise UserError(N_("The password file {name} is empty. Write the password in its first line."), name=path)
    return password


def must_exist(file: str) -> None:
    """Refuse a file that is not there.

    Raises:
        UserError: it is not.
    """
    if not Path(file).is_file():
        raise UserError(N_("There is no file {name}. Check the path."), name=file)


@contextmanager
def working() -> Iterator[Progress]:
    """A progress that is shown on a terminal. The first Ctrl+C stops the work cleanly, the second at once."""
    shown = sys.stderr is not None and sys.stderr.isatty()
    progress = Progress(_show if shown else None, interval=0.2)

    def stop(_signal: int, _frame: object) -> None:
        if progress.cancelled:
            raise KeyboardInterrupt
        progress.cancel()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield progress
        progress.check()
    finally:
        signal.signal(signal.SIGINT, before)
        if shown:
            sys.stderr.write("\r\x1b[K")


def _show(state: ProgressState) -> None:
    parts = [state.message] if state.message else []
    if state.total:
        parts.append(formats.format_percent(100 * min(state.done, state.total) / state.total, 0))
        if state.remaining is not None and state.seconds > 2:
            parts.append(_("{time} left").format(time=formats.format_duration(state.remaining)))
    sys.stderr.write("\r\x1b[K" + " · ".join(parts)[:100])
    sys.stderr.flush()


def say(text: str = "") -> None:
    """Print a line for a person."""
    click.echo(text)


def say_rows(counts: Mapping[str, int], goal: str, as_json: bool, problems: Sequence[str] | None = None) -> None:
    """Say how many rows are in a database now, and what the checks found in it; None where nothing was checked."""
    total, name = sum(counts.values()), Database(goal, features.schema()).name if is_server(goal) else goal
    if as_json:
        say_json({"to": name, "rows": total, "tables": counts} | ({} if problems is None else {"problems": problems}))
        return
    text = ngettext("{n} row is in {name} now.", "{n} rows are in {name} now.", total)
    say(text.format(n=formats.format_integer(total), name=name))
    if problems is not None and not problems:
        say(_("All checks found it in order."))
    for problem in problems or ():
        click.echo(problem, err=True)


def say_json(value: Any) -> None:
    """Print JSON for a program."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """A value as JSON can say it: exact numbers, ISO dates, links as {"id", "title"}."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if hasattr(value, "id") and hasattr(value, "title"):
        return {"id": value.id, "title": value.title}
    return plain_json(value)


def table_lines(headers: Sequence[str], rows: Sequence[Sequence[str]], *, widest: int = 44) -> list[str]:
    """A table as lines of text: columns aligned, long cells cut with "…"."""
    cells = [[_cut(cell, widest) for cell in row] for row in rows]
    widths = [max(_width(row[i]) for row in [list(headers), *cells]) for i in range(len(headers))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()

    return [line(headers), line(["─" * width for width in widths]), *(line(row) for row in cells)]


def _cut(text: str, widest: int) -> str:
    one_line = " ".join(str(text).split())
    return one_line if len(one_line) <= widest else one_line[: widest - 1] + "…"


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
