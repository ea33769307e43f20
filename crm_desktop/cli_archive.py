"""The sub-commands of the whole archive: make one, check one, bring the office back from one."""

from __future__ import annotations

from pathlib import Path

import click

from crm_desktop import features
from crm_desktop.cli_base import Group, command, must_exist, opened, option, say, say_json, say_rows, working
from crm_desktop.core import formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext


@click.group(
    "archive", cls=Group,
    help=N_("The whole business in one zip that opens without this program: make, check, restore."),
)  # fmt: skip
def archive() -> None:
    """The root of the sub-commands."""


@command("make", N_("Write everything of the office into one zip, and prove it by a trial restore."))
@option(
    "--to", "file", required=True, type=click.Path(), help=N_("The zip, or a folder that gets one named by the day.")
)
@option("--no-pages", is_flag=True, help=N_("Leave out the page for each customer."))
@option("--no-files", is_flag=True, help=N_("Leave out the attached files under their names; office.crm has them."))
def make(target: str | None, as_json: bool, file: str, no_pages: bool, no_files: bool) -> int:
    """Make an archive."""
    from crm_desktop.archive.making import make_archive, suggest_name  # lazy: the writers

    with opened(target) as database, working() as progress:
        goal = Path(file)
        if goal.is_dir():
            goal /= suggest_name(database)
        made = make_archive(database, goal, with_pages=not no_pages, with_files=not no_files, progress=progress)
    if as_json:
        say_json({"file": str(made.path), "size": made.size, "members": made.members, "records": made.records,
                  "pages": made.pages, "files": made.files, "seconds": round(made.seconds, 3), "lost": made.lost,
                  "proven": not made.problems, "problems": made.problems})  # fmt: skip
        return 1 if made.problems else 0
    for name in made.lost:
        click.echo(_("The content of {name} is missing or damaged in the office.").format(name=name), err=True)
    for problem in made.problems:
        click.echo(problem, err=True)
    if not made.problems:
        words = _("Written, read again and proven by a trial restore: {file} ({size}, {time}).")
        say(words.format(
            file=made.path, size=formats.format_size(made.size), time=formats.format_duration(made.seconds)
        ))  # fmt: skip
    return 1 if made.problems else 0


@command(
    "check", N_("Compare every file of an archive with its manifest, and restore the office for trial."), database=False
)
@click.argument("file", type=click.Path(dir_okay=False))
def check(as_json: bool, file: str) -> int:
    """Check an archive."""
    from crm_desktop.backup.proving import verify_backup  # lazy: compression
    from crm_desktop.backup.whole_zip import check_archive  # lazy: only here

    path = _archive(file)
    with working() as progress:
        found = check_archive(path, progress)
        problems = found.problems
        if found.office_whole:
            problems += verify_backup(path, features.schema(), progress=progress).problems
    if as_json:
        say_json({"file": str(path), "ok": not problems, "created": found.header.created, "database": found.header.database,
                  "files": found.members, "damaged": found.damaged, "missing": found.missing, "added": found.added,
                  "problems": problems})  # fmt: skip
        return 1 if problems else 0
    for problem in problems:
        click.echo(problem, err=True)
    if found.added:
        words = _("Not from the program, and left alone: {names}.")
        say(words.format(names=", ".join(found.added[:5])))
    if not problems:
        text = ngettext(
            "{n} file is as it was written, and the office in it was restored for trial.",
            "{n} files are as they were written, and the office in it was restored for trial.", found.members,
        )  # fmt: skip
        say(text.format(n=formats.format_integer(found.members)))
    return 1 if problems else 0


@command(
    "restore",
    N_("Bring the office back from an archive: to a new file or an empty PostgreSQL database."),
    database=False,
)
@click.argument("file", type=click.Path(dir_okay=False))
@option("--to", "goal", required=True, help=N_("A new file or a postgresql:// address."))
def restore(as_json: bool, file: str, goal: str) -> int:
    """Restore an archive."""
    from crm_desktop import doctor  # lazy: only to look after a database
    from crm_desktop.backup.restoring import restore_backup  # lazy: compression
    from crm_desktop.backup.whole_zip import check_archive  # lazy: only here

    path = _archive(file)
    with working() as progress:
        found = check_archive(path, progress)
        restored = restore_backup(path, goal, features.schema(), examine=doctor.problems, progress=progress)
    say_rows(restored.counts, goal, as_json, [*found.problems, *(restored.problems or ())])
    return 1 if restored.problems else 0


def _archive(file: str) -> Path:
    """The path of an archive.

    Raises:
        UserError: there is no such file, or it is none.
    """
    from crm_desktop.backup.whole_zip import is_archive  # lazy: only here

    path = Path(file)
    must_exist(file)
    if not is_archive(path):
        raise UserError(N_("{name} is no whole archive of CRM Desktop."), name=path.name)
    return path


archive.add_command(make)
archive.add_command(check)
archive.add_command(restore)
