"""Restoring on the command line: to a new file or server, over the present file; and records brought back into the office."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crm_desktop import features
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
    table_lines,
    working,
)  # fmt: skip
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database, is_server
from crm_desktop.db.unit_of_work import Actor

_RECORD = re.compile(r"([a-z_]+):(\d+)")
_PASSWORD = N_("A file whose first line is the password of the backup.")
_KEEP = N_("With --over: where the present file is too damaged for a copy, keep it as it is under another name.")
_BROKEN = N_("{problem} With --keep-damaged it is kept as it is under another name, and the backup takes its place.")
_AGO = re.compile(r"(\d+)([hd])")


@command("restore", N_("Restore a backup to a new file or an empty PostgreSQL database."), database=False, sign_in=True)
@click.argument("file", type=click.Path(dir_okay=False))
@option("--to", "goal", required=True, help=N_("A new file or a postgresql:// address."))
@option("--over", is_flag=True,
        help=N_("In the place of the file that is there; a proven copy of it is kept, and is the way back."))  # fmt: skip
@option("--keep-damaged", "aside", is_flag=True, help=_KEEP)
@option("--password-file", default=None, help=_PASSWORD)
@option("--copy-password-file", "copy_file", default=None,
        help=N_("With --over: a file whose first line is the password of the copy, where this computer does not know it."))  # fmt: skip
def restore(
    as_json: bool, file: str, goal: str, over: bool, aside: bool, password_file: str | None, copy_file: str | None
) -> int:  # fmt: skip
    """Restore a backup."""
    must_exist(file)
    password = password_from(password_file)
    if over:
        return _restore_over(as_json, file, goal, password, aside=aside, copy_password=password_from(copy_file))
    if aside or copy_file:
        raise UserError(N_("--keep-damaged and --copy-password-file go with --over."))
    return _restore_new(as_json, file, goal, password)


def _restore_new(as_json: bool, file: str, goal: str, password: str | None) -> int:
    """Restore a backup to a new file or an empty server, and look at what came; 1 where the checks found something."""
    from crm_desktop import doctor  # lazy: only to look after a database
    from crm_desktop.backup.restoring import restore_backup  # lazy: compression and encryption

    with working() as progress:
        restored = restore_backup(
            file, goal, features.schema(), password=password, examine=doctor.problems, progress=progress
        )
    say_rows(restored.counts, goal, as_json, restored.problems or ())
    return 1 if restored.problems else 0


def _restore_over(
    as_json: bool, file: str, goal: str, password: str | None, *, aside: bool, copy_password: str | None
) -> int:  # fmt: skip
    """Restore a backup in the place of a file; 1 where the checks found something in it.

    Args:
        aside: keep the file itself under another name where it is too damaged for a copy, or does not even open.
    """
    from crm_desktop import doctor  # lazy: only to look after a database
    from crm_desktop.backup import protection, replacing  # lazy: compression and encryption

    if is_server(goal):
        raise UserError(N_("An office on a server is restored in its place: bring-back FILE --everything --do."))
    must_exist(goal)
    with _opened_or_broken(goal, aside) as (database, actor), working() as progress:
        if (
            not aside
            and not (password or copy_password)
            and protection.protection_of_copy(database) == protection.UNKNOWN
        ):
            click.echo(_("The copy of the present file gets no password: this computer does not know that of its backups. "
                         "--copy-password-file gives it one."), err=True)  # fmt: skip
        found: list[str] = []

        def examine(restored: Database, told: Progress) -> list[str]:
            found.extend(doctor.problems(restored, told))
            return found

        try:
            ready = replacing.prepare(
                database, file, actor, password=password, aside=aside, examine=examine, copy_password=copy_password,
                progress=progress,
            )  # fmt: skip
        except replacing.PresentDamaged as error:
            raise UserError(_BROKEN, problem=str(error)) from error
    replacing.carry_out(ready)
    before = ready.copy or str(ready.aside)
    if as_json:
        say_json(
            {"to": goal, "made": ready.made, "copy": ready.copy, "aside": str(ready.aside or ""), "problems": found}
        )
        return 1 if found else 0
    words = _("{name} is as it was on {date}. What was there before: {copy}")
    say(words.format(name=goal, date=formats.format_datetime(ready.made), copy=before))
    for problem in found:
        click.echo(problem, err=True)
    if not found:
        say(_("All checks found it in order."))
    return 1 if found else 0


@contextmanager
def _opened_or_broken(goal: str, aside: bool) -> Iterator[tuple[Database, Actor]]:
    """A file that is to be replaced, signed in to; one too damaged to open only where it is to be kept aside."""
    from crm_desktop.backup import replacing  # lazy: compression and encryption

    with ExitStack() as stack:
        try:
            database = stack.enter_context(opened(goal))
            actor = actor_of(database)
        except UserError as error:
            if Path(goal).stat().st_size and not replacing.is_damage(error):
                raise
            if not aside:
                raise UserError(_BROKEN, problem=str(error)) from error
            database, actor = Database(goal, features.schema()), Actor(None, "")
            stack.callback(database.close)
        yield database, actor


@command("bring-back", N_("Show what changed since a backup, and bring back what you choose, as one change that can be undone."))  # fmt: skip
@click.argument("file", type=click.Path(dir_okay=False))
@option("--record", "record", default="", help=N_("One record only: its type and id, as contact:812."))
@option("--by", "people", multiple=True, help=N_("What this person changed; may be given several times."))
@option("--type", "types", multiple=True, help=N_("Records of this type; may be given several times."))
@option("--since", default="", help=N_("Changed since: 2026-03-31, 2026-03-31T14:00, 4h or 2d ago."))
@option("--until", default="", help=N_("Changed until; as --since."))
@option("--deleted", "ops", flag_value="deleted", default=None, help=N_("Only what was deleted."))
@option("--changed", "ops", flag_value="changed", help=N_("Only what was changed."))
@option("--new", "ops", flag_value="created", help=N_("Only what is new; with --do it is deleted."))
@option(
    "--everything",
    is_flag=True,
    help=N_("The whole office as it was then, what is new deleted; people and rights stay."),
)
@option("--do", "carry_out", is_flag=True, help=N_("Bring it back; without it nothing is written."))
@option("--password-file", default=None, help=_PASSWORD)
def bring_back(
    target: str | None, as_json: bool, file: str, record: str, people: tuple[str, ...], types: tuple[str, ...],
    since: str, until: str, ops: str | None, everything: bool, carry_out: bool, password_file: str | None,
) -> None:  # fmt: skip
    """Bring records back."""
    from crm_desktop.backup.compare import Choice  # lazy: compression and encryption
    from crm_desktop.backup.opening import info_of  # lazy: as above
    from crm_desktop.backup.restoring import browse_backup  # lazy: as above

    choice = Choice(
        frozenset(people), _moment(since), _moment(until), frozenset(types), frozenset((ops,) if ops else ())
    )
    password = password_from(password_file)
    with opened(target) as database, working() as progress:
        unknown = sorted(set(types) - set(database.schema.entities))
        if unknown:
            raise UserError(N_("There is no record type “{name}”."), name=unknown[0])
        info = info_of(Path(file), database.schema)
        with browse_backup(file, database.schema, password=password) as backup:
            found = _found(backup, database, record, choice, progress)
            done = None
            if carry_out:
                created = everything or ops == "created"
                done = _carry_out(backup, database, found, created, info.created, record, progress)
    _tell(found, done, as_json)


def _found(backup: Any, database: Any, record: str, choice: Any, progress: Progress) -> list[Any]:
    from crm_desktop.backup import compare, in_place, look  # lazy: compression and encryption
    from crm_desktop.backup.bring_back import may_bring_back  # lazy: as above
    from crm_desktop.backup.seeing import side_by_side  # lazy: as above

    may_bring_back(database)
    with side_by_side(backup, database) as pair:
        if not compare.is_same_office(pair):
            raise in_place.another_office()
        if record:
            match = _RECORD.fullmatch(record)
            if match is None or match[1] not in database.schema.entities:
                raise UserError(N_("“{text}” names no record. Write its type and id, as contact:812."), text=record)
            one = look.compare_record(pair, match[1], int(match[2]))
            return [] if one is None else [one]
        return compare.choose(compare.compare(pair, progress), choice)


def _carry_out(
    backup: Any, database: Any, found: list[Any], created: bool, made: datetime, record: str, progress: Progress
) -> Any:
    from crm_desktop.backup import bring_back as bringing  # lazy: compression and encryption

    rows = bringing.rows_of(found, created=created)
    title = found[0].title if record and found else ""
    return bringing.bring_back(backup, database, actor_of(database), rows, made, progress=progress, title=title)


def _moment(text: str) -> datetime | None:
    """A moment as people write it."""
    if not text:
        return None
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None:
            return clock.now() - timedelta(**{"hours" if ago[2] == "h" else "days": int(ago[1])})
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UserError(
            N_("“{text}” is no time. Write 2026-03-31, 2026-03-31T14:00, or 4h for four hours ago."), text=text
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=clock.local_zone())


def _tell(found: list[Any], done: Any, as_json: bool) -> None:
    if as_json:
        rows = [
            {"type": one.entity, "id": one.record_id, "title": one.title, "was": one.op, "by": one.who, "at": one.at,
             "erased": one.erased} for one in found
        ]  # fmt: skip
        result: dict[str, Any] = {"records": rows}
        if done is not None:
            result["done"] = {"change": done.change_set, "returned": done.returned, "reverted": done.reverted,
                              "removed": done.removed, "lost": len(done.lost), "kept": done.kept}  # fmt: skip
        say_json(result)
        return
    words = {"deleted": _("deleted"), "changed": _("changed"), "created": _("new")}
    cells = [
        [f"{one.entity}:{one.record_id}", one.title, words[one.op], ", ".join(one.who),
         formats.format_datetime(one.at) if one.at else ""] for one in found
    ]  # fmt: skip
    for line in table_lines([_("Record"), _("Title"), _("Since"), _("By"), _("When")], cells) if cells else ():
        say(line)
    say(ngettext("{n} record differs.", "{n} records differ.", len(found)).format(n=formats.format_integer(len(found))))
    if done is None:
        say(_("Nothing was written; --do brings it back."))
        return
    text = _(
        "Brought back: {returned} rows are there again, {reverted} have their values again, {removed} were taken away."
    )
    say(text.format(returned=done.returned, reverted=done.reverted, removed=done.removed))
    for reason in sorted({one.reason for one in done.lost}):
        number = sum(1 for one in done.lost if one.reason == reason)
        say(f"{number} × {translate(reason)}")
    if done.change_set:
        say(_("To take it back: undo {change}").format(change=done.change_set))
