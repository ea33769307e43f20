"""The sub-commands for imports: ``import``, also without anybody watching, and ``recipe``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from crm_desktop import app
from crm_desktop.cli_base import OneOf, actor_of, command, opened, option, say, say_json, table_lines, working
from crm_desktop.cli_import_words import Log, lines, log_lines, outcome_json, sentence, without_backup
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.turns import only_one
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing import recipe_files, recipes, scheduled
from crm_desktop.importing.plan import MODES
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.scheduled import Orders, Outcome
from crm_desktop.records.whole_sight import sees_whole

IMPORTABLE = ("contact", "company", "deal", "case", "activity", "product")
ALL_IN, NOTHING_KEPT, SOME_REJECTED, TOO_MANY, BUSY = 0, 1, 3, 4, 5
"""The exit codes; 2 is wrong usage. Of several files the gravest counts, in the order 1, 4, 3, 0."""
_GRAVEST = (NOTHING_KEPT, TOO_MANY, SOME_REJECTED, ALL_IN)
FRESH = timedelta(hours=1)
"""A backup that was proven so lately serves for the next import, too."""
_log = logging.getLogger(__name__)


def _most(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        if value:
            scheduled.allowed(value, 100)
    except ValueError:
        raise click.BadParameter(_("Write a number of rows or a percentage, like 5 or 2%.")) from None
    return value


@command(
    "import",
    N_(
        "Import files: spreadsheets, CSV, vCard, LDIF, JSON, dBase, calendars, or a zip of them. FILE may be a folder or a "
        "pattern. Each file is one change, which undo takes back."
    ),
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@option("--recipe", default="", metavar="NAME|FILE", help=N_("A recipe of the office, or a .crmrecipe file."))
@option(
    "--as",
    "entity",
    default="",
    type=OneOf([*IMPORTABLE]),
    metavar="TYPE",
    help=N_(
        "What the rows are: contact, company, deal, case, activity, product. Without it a recipe that knows the file is followed, or it is guessed."
    ),
)
@option(
    "--sheet",
    default="",
    help=N_("The sheet of a workbook or the file in an archive; the best one otherwise."),
)
@option("--all", "every", is_flag=True, help=N_("All sheets of a workbook and files in an archive that hold records."))
@option(
    "--mode",
    default="",
    type=OneOf([*MODES]),
    metavar="MODE",
    help=N_("both: add and update; skip: add only, leave known ones; create: add every row; update: add none."),
)
@option("--keys", default="", metavar="A,B", help=N_("The fields that tell whether a record is here, best first."))
@option("--dry-run", is_flag=True, help=N_("Do everything and take it back, to see the numbers."))
@option(
    "--max-rejected",
    "most",
    default="",
    metavar="N|N%",
    callback=_most,
    help=N_("Keep nothing of a file where more rows than this are rejected."),
)
@option(
    "--rejects", default=None, type=click.Path(), help=N_("Write rejected rows to this workbook, or into this folder.")
)
@option("--log", "log_file", default=None, type=click.Path(dir_okay=False), help=N_("Add what happened to this file."))
@option(
    "--moved-to",
    "folder",
    default=None,
    type=click.Path(file_okay=False),
    help=N_("Afterwards put files into “done” and “failed” below this folder."),
)
@option("--again", is_flag=True, help=N_("Import files that were imported already."))
def import_files(
    target: str | None, as_json: bool, files: Sequence[str], recipe: str, entity: str, sheet: str, every: bool, mode: str,
    keys: str, dry_run: bool, most: str, rejects: str | None, log_file: str | None, folder: str | None, again: bool,
) -> int:  # fmt: skip
    """Import files. Returns the exit code."""
    log = Log(Path(log_file) if log_file else None)
    single = len(files) == 1 and scheduled.is_single(files[0])
    try:
        paths = [path for one in files for path in scheduled.files_in(one)]
        with opened(target, create=True) as database, working() as progress:
            actor = actor_of(database)
            app.ensure_basics(database, actor)
            orders = Orders(
                entity, sheet, _recipe(database, recipe, actor), mode, tuple(one.strip() for one in keys.split(",") if one.strip()),
                dry_run, most, again, every,
            )  # fmt: skip
            with only_one(database, "import") as mine:
                if not mine:
                    return _busy(log, as_json)
                run = _Run(
                    database, actor, orders, log, Path(rejects) if rejects else None, Path(folder) if folder else None
                )
                outcomes = run.all(paths, progress, say=None if as_json else say, single=single)
    except UserError as error:
        log.write([_("Nothing was imported: {reason}").format(reason=sentence(error))])
        raise
    codes = [code_of(one) for one in outcomes]
    worst = next((code for code in _GRAVEST if code in codes), ALL_IN)
    if as_json:
        told = [outcome_json(one, code) for one, code in zip(outcomes, codes, strict=True)]
        say_json(told[0] if single else {"exit_code": worst, "files": told})
    if not outcomes:
        log.write([_("There was no file to import.")])
        if not as_json:
            say(_("There was no file to import."))
    return worst


def code_of(outcome: Outcome) -> int:
    """The exit code for one file."""
    if outcome.state == scheduled.BROKEN:
        return NOTHING_KEPT
    if outcome.state == scheduled.OVER:
        return TOO_MANY
    return SOME_REJECTED if outcome.rejected else ALL_IN


def _busy(log: Log, as_json: bool) -> int:
    text = _("Another import into this database is running. Nothing was done; the next run takes the files.")
    log.write([text])
    if as_json:
        say_json({"exit_code": BUSY, "error": text, "files": []})
    click.echo(text, err=True)
    return BUSY


class _Run:
    """One run over all files, one after the other."""

    def __init__(
        self, database: Database, actor: Actor, orders: Orders, log: Log, rejects: Path | None, folder: Path | None
    ) -> None:
        self.database, self.actor, self.orders = database, actor, orders
        self.log, self.rejects, self.folder = log, rejects, folder

    def all(self, paths: Sequence[Path], progress: Progress, *, say: Any, single: bool) -> list[Outcome]:
        """Import the files; each is told as soon as it is done."""
        waiting = scheduled.still_written(paths)
        outcomes = []
        for path in paths:
            if path in waiting:
                outcome = Outcome(path, scheduled.LEFT)
            else:
                outcome = scheduled.import_one(
                    self.database, self.actor, path, self.orders, progress, before=lambda: self._back_up(progress)
                )
                self._afterwards(outcome, several=len(paths) > 1)
            outcomes.append(outcome)
            self.log.write(list(log_lines(outcome, self.database.schema)))
            if say is not None:
                for line in lines(outcome, self.database.schema, named=not single):
                    say(line)
            if outcome.not_backed_up is not None:
                click.echo(without_backup(outcome.not_backed_up), err=True)
            if outcome.error is not None and outcome.state != scheduled.LEFT:
                click.echo(sentence(outcome.error), err=True)
        return outcomes

    def _back_up(self, progress: Progress) -> None:
        """A proven backup before a large file, where this person's program sees all and none was made within the hour."""
        from crm_desktop.backup import overview, running, schedule  # lazy: compression and encryption

        database = self.database
        listed = [one.name for one in database.schema.entities.values() if one.listed]
        if not sees_whole(database, listed):
            return
        with database.read_all() as connection:
            last = overview.last_proven(connection)
        if last is not None and timedelta() <= clock.now() - last.started_at < FRESH:
            return
        running.run_backup(
            database, schedule.plan_of(database), kind="import", user_name=self.actor.name, progress=progress
        )

    def _afterwards(self, outcome: Outcome, *, several: bool) -> None:
        """Write the rejected rows, count the recipe, put the file away; what goes wrong there is told, not raised."""
        if isinstance(outcome.error, Exception) and not isinstance(outcome.error, UserError):
            _log.warning("import failed", exc_info=outcome.error)
        try:
            if self.rejects is not None and outcome.rejected:
                scheduled.save_rejects(outcome, self.rejects, several=several)
            if self.orders.dry_run or outcome.state == scheduled.LEFT:
                return
            if outcome.state == scheduled.IMPORTED:
                scheduled.count_use(self.database, self.actor, outcome)
            if self.folder is not None:
                scheduled.move(outcome, self.folder)
        except (UserError, OSError) as error:
            outcome.error = outcome.error or error


def _recipe(database: Database, name: str, actor: Actor) -> Recipe | None:
    """The recipe with a name, or in a file."""
    if not name:
        return None
    recipe_files.take_over(database, actor)
    path = Path(name)
    if path.is_file():
        return recipe_files.as_recipe(recipe_files.read_recipe(database, path))
    return recipes.by_name(database, name)


@command("recipe", N_("The recipes of the office: list, export NAME FILE, import FILE, delete NAME."))
@click.argument("action", type=click.Choice(["list", "export", "import", "delete"]))
@click.argument("name", required=False)
@click.argument("file", required=False, type=click.Path(dir_okay=False))
def recipe(target: str | None, as_json: bool, action: str, name: str | None, file: str | None) -> None:
    """List, export, import and delete recipes."""
    if name is None and action != "list" or action == "export" and file is None:
        forms = {
            "export": "recipe export NAME FILE.crmrecipe", "import": "recipe import FILE.crmrecipe",
            "delete": "recipe delete NAME",
        }  # fmt: skip
        raise click.UsageError(_("It is written {form}.").format(form=forms[action]))
    with opened(target) as database:
        actor = actor_of(database)
        recipe_files.take_over(database, actor)
        if action == "list":
            _list(database, as_json)
            return
        if action == "import":
            one = recipe_files.import_recipe(database, Path(str(name)), actor)
            text = _("Recipe “{name}” is here now.")
        else:
            one = recipes.by_name(database, str(name))
            text = _("Recipe “{name}” deleted.")
        if action == "export":
            recipe_files.export_recipe(one, Path(str(file)))
            text = _("Recipe “{name}” is in {file}.")
        elif action == "delete":
            with write(database, N_("Delete recipe {name}"), actor=actor, params={"name": one.name}) as uow:
                recipes.forget(uow, [one.id])
        if as_json:
            say_json({"id": one.id, "name": one.name, "file": file or name if action != "delete" else ""})
        else:
            say(text.format(name=one.name, file=file))


def _list(database: Database, as_json: bool) -> None:
    found = recipes.every(database)
    if as_json:
        say_json([
            {"id": one.id, "name": one.name, "records": list(one.entities), "file": one.file_name, "used": one.used,
             "used_at": one.used_at, "saved_at": one.saved_at, "saved_by": one.saved_by}
            for one in found
        ])  # fmt: skip
        return
    if found:
        headers = [_("Recipe"), _("Records"), _("Made for"), _("Times used"), _("Last used"), _("Saved by")]
        rows = [
            [one.name, ", ".join(translate(database.schema.entity(name).plural) if name in database.schema.entities else name for name in one.entities),
             one.file_name, formats.format_integer(one.used),
             formats.format_datetime(one.used_at) if one.used_at else "–", one.saved_by or "–"]
            for one in found
        ]  # fmt: skip
        for line in table_lines(headers, rows):
            say(line)
    say(ngettext("{n} recipe", "{n} recipes", len(found)).format(n=len(found)))
