"""The sub-commands that look after a database: backup, verify, restore, copy, migrate, doctor, self-test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_desktop import app, features
from crm_desktop.cli_base import (
    actor_of,
    command,
    must_exist,
    opened,
    option,
    password_from,
    say,
    say_json,
    say_rows,
    working,
)  # fmt: skip
from crm_desktop.core import formats, paths
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.db import migrate
from crm_desktop.db.database import Database, is_server

if TYPE_CHECKING:
    from crm_desktop.core.jobs import Progress
    from crm_desktop.doctor import Finding

_PASSWORD = N_("A file whose first line is the password.")


@command("backup", N_("Back the database up, and prove the backup by a trial restore."))
@option("--to", "folders", multiple=True, type=click.Path(file_okay=False),
        help=N_("A folder, made if missing; more than one get copies. The office's plan says where without it."))  # fmt: skip
@option("--password-file", default=None, help=_PASSWORD)
@option("--scheduled", is_flag=True,
        help=N_("Only if the office's plan wants one now and no other computer makes it; for cron or the task planner."))  # fmt: skip
@option("--anew", is_flag=True,
        help=N_("Make folders again that had backups and are gone, those of --to or of the plan; refused without it."))  # fmt: skip
@option("--certificate", default=None, type=click.Path(dir_okay=False),
        help=N_("Write what the trial restore compared as a PDF."))  # fmt: skip
def backup(
    target: str | None, as_json: bool, folders: tuple[str, ...], password_file: str | None, scheduled: bool,
    certificate: str | None, anew: bool,
) -> None:  # fmt: skip
    """Make a backup."""
    from crm_desktop.cli_backup import make, make_scheduled, write_certificate  # lazy: compression and encryption

    password = password_from(password_file)
    with opened(target) as database, working() as progress:
        if scheduled:
            outcome = make_scheduled(database, password, progress)
        else:
            outcome = make(database, [Path(one).absolute() for one in folders], password, progress, anew=anew)
        if outcome is not None and certificate:
            write_certificate(database, Path(certificate))
    if outcome is None:
        say_json({"made": False}) if as_json else say(_("No backup is due, or another computer makes it."))
        return
    info = outcome.info
    if as_json:
        say_json({"file": info.path, "size": info.size, "encrypted": info.encrypted, "proven": info.proven,
                  "records": info.records, "seconds": round(info.seconds, 3),
                  "copies": [one.path for one in outcome.copies], "away": [one.name for one in outcome.away],
                  "problems": outcome.problems})  # fmt: skip
        return
    words = _("Backed up and proven by a trial restore: {file} ({size}, {time}).")
    say(words.format(
        file=info.path, size=formats.format_size(info.size), time=formats.format_duration(info.seconds)
    ))  # fmt: skip
    for one in outcome.copies:
        say(_("Copied: {file}").format(file=one.path))
    for place in outcome.away:
        say(_("{folder} is not there; the copy follows when it is.").format(folder=place.name))
    for problem in outcome.problems:
        click.echo(problem, err=True)


@command("backups", N_("List the backups of an office: made when, why, proven when, where."))
def backups(target: str | None, as_json: bool) -> None:
    """List the backups."""
    from crm_desktop.backup.overview import read_overview  # lazy: compression and encryption

    with opened(target) as database:
        found = read_overview(database)
    rows: list[dict[str, Any]] = [
        {"made": row.info.created, "why": row.info.why, "state": row.state, "proven": row.proven, "size": row.info.size,
         "file": row.info.path, "computer": row.run.computer if row.run else "",
         "problem": row.run.problem if row.run else None}
        for row in found.rows
    ]  # fmt: skip
    if as_json:
        say_json({"next": found.next_at, "backups": rows})
        return
    for row in rows:
        when = formats.format_datetime(row["made"])
        proven = (
            _("proven {when}").format(when=formats.format_datetime(row["proven"]))
            if row["proven"] and row["state"] != "lost"
            else row["state"]
        )
        say(f"{when}  {proven}  {row['why']}  {formats.format_size(row['size'])}  {row['file']}")
    if found.next_at is not None:
        say(_("Next: {when}.").format(when=formats.format_datetime(found.next_at)))


@command("verify", N_("Prove a backup file: restore it into a scratch file and check everything."), database=False)
@click.argument("file", type=click.Path(dir_okay=False))
@option("--password-file", default=None, help=_PASSWORD)
def verify(as_json: bool, file: str, password_file: str | None) -> int:
    """Verify a backup."""
    from crm_desktop.backup.opening import refuse_unfinished  # lazy: compression and encryption
    from crm_desktop.backup.proving import verify_backup  # lazy: as above

    must_exist(file)
    refuse_unfinished(Path(file))
    with working() as progress:
        found = verify_backup(file, features.schema(), password=password_from(password_file), progress=progress)
    if as_json:
        say_json({"file": found.path, "ok": found.proven, "database": found.database, "created": found.created,
                  "tables": found.tables, "rows": found.rows, "problems": found.problems})  # fmt: skip
        return 0 if found.proven else 1
    for problem in found.problems:
        click.echo(problem, err=True)
    if found.proven:
        words = _("Proven: {database} of {date}, {n} rows, restored and checked.")
        say(words.format(
            database=found.database, date=formats.format_datetime(found.created), n=formats.format_integer(found.rows)
        ))  # fmt: skip
    return 0 if found.proven else 1


@command(
    "copy", N_("Copy a whole database, with its history, to a new file or an empty PostgreSQL database."),
    database=False, sign_in=True,
)  # fmt: skip
@option("--from", "source", default=None, help=N_("The database to copy; your own where it is not given."))
@option("--to", "goal", required=True, help=N_("A new file or a postgresql:// address."))
def copy(as_json: bool, source: str | None, goal: str) -> None:
    """Copy a database."""
    from crm_desktop.db.copy import copy_database  # lazy: only to copy

    new = not is_server(goal) and not Path(goal).exists()
    with opened(source) as database, working() as progress:
        target = app.open_database(goal)
        try:
            counts = copy_database(database, target, progress)
        except BaseException:
            target.close()
            if new:
                Path(goal).unlink(missing_ok=True)
            raise
        target.close()
    say_rows(counts, goal, as_json)


@command("migrate", N_("Bring a database to this program's schema; an older one is backed up first."))
def migrate_database(target: str | None, as_json: bool) -> None:
    """Migrate."""
    before = _revision(target)
    with opened(target, create=True) as database:
        after = migrate.head(database.schema)
        name = database.name
    if as_json:
        say_json({"before": before, "after": after, "changed": before != after})
    elif before == after:
        say(_("{name} is up to date (schema {revision}).").format(name=name, revision=after))
    else:
        say(_("{name} was brought to schema {revision}.").format(name=name, revision=after))


def _revision(target: str | None) -> str | None:
    chosen = target if target is not None else paths.default_database()
    if not is_server(chosen) and not Path(chosen).is_file():
        return None
    database = Database(chosen, features.schema())
    try:
        with database.read() as connection:
            return migrate.revision(connection)
    finally:
        database.close()


@command("doctor", N_("Examine a database: integrity, history, triggers, search index, files."))
@option("--repair", "mend", is_flag=True, help=N_("Repair what can be repaired, after a copy; says each step before."))
@option("--fix", is_flag=True, help=N_("Reinstall the triggers and make the search index anew."))
@option("--full", is_flag=True, help=N_("Look at every row, not at a sample."))
@option("--clean-files", "clean", is_flag=True,
        help=N_("Let contents of deleted files go; undo cannot bring those files back any more."))  # fmt: skip
def doctor(target: str | None, as_json: bool, mend: bool, fix: bool, full: bool, clean: bool) -> int:
    """Examine a database."""
    from crm_desktop.doctor import check, clean_files, repair  # lazy: only here
    from crm_desktop.doctor_repair import advice, plan_repairs  # lazy: only here

    with opened(target) as database, working() as progress:
        if fix:
            repair(database)
        if clean:
            count, size = clean_files(database)
            if not as_json:
                words = ngettext(
                    "{n} unused content ({size}) was let go.", "{n} unused contents ({size}) were let go.", count
                )
                say(words.format(n=formats.format_integer(count), size=formats.format_size(size)))
        findings = check(database, full=full, progress=progress)
        if mend and plan_repairs(findings):
            _mend(database, findings, None if as_json else say, progress)
            findings = check(database, full=full, progress=progress)
    healthy = all(finding.ok for finding in findings)
    if as_json:
        say_json({"ok": healthy, "checks": [
            {"check": f.check, "ok": f.ok, "detail": f.detail, "data": f.data, "advice": advice(f)} for f in findings
        ]})  # fmt: skip
        return 0 if healthy else 1
    for finding in findings:
        say(("✓ " if finding.ok else "✗ ") + finding.detail)
        if not finding.ok:
            say("  " + (advice(finding) or _("“doctor --repair” can repair this.")))
    bad = sum(1 for finding in findings if not finding.ok)
    if bad:
        words = ngettext("{n} check found a problem.", "{n} checks found problems.", bad).format(n=bad)
        click.echo(words, err=True)
    return 0 if healthy else 1


def _mend(
    database: Database, findings: Sequence[Finding], tell: Callable[[str], None] | None, progress: Progress
) -> None:
    """Repair what can be, saying each step before."""
    from crm_desktop.doctor_repair import plan_repairs, repair  # lazy: only here

    repairs = plan_repairs(findings)
    if tell is not None:
        for one in repairs:
            tell("→ " + one.text)
    actor = actor_of(database)
    done = repair(database, [one.check for one in repairs], actor, progress=progress)
    if tell is not None:
        tell(_("A copy from before the repair: {file}").format(file=done.copy))
        if done.removed:
            tell(ngettext("{n} row that belonged to nothing was removed; the copy has it.",
                          "{n} rows that belonged to nothing were removed; the copy has them.", done.removed)
                 .format(n=formats.format_integer(done.removed)))  # fmt: skip
        if done.change_set is not None:
            tell(_("To take it back: undo {change_set}").format(change_set=done.change_set))


@command("self-test", N_("Try everything the program needs on this computer, with scratch files only."), database=False)
def self_test(as_json: bool) -> int:
    """Try the program out."""
    from crm_desktop.selftest import run  # lazy: only here

    results = run(None if as_json else say)
    if as_json:
        say_json([{"check": r.name, "ok": r.ok, "detail": r.detail, "seconds": round(r.seconds, 3)} for r in results])
    return 0 if all(result.ok for result in results) else 1
