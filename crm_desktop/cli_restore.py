"""The sub-command that brings records back from a backup into the office they come from: by record, person, time or whole."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from crm_desktop.cli_base import actor_of, command, opened, option, password_from, say, say_json, table_lines, working
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.jobs import Progress

_RECORD = re.compile(r"([a-z_]+):(\d+)")
_PASSWORD = N_("A file whose first line is the password of the backup.")
_AGO = re.compile(r"(\d+)([hd])")


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
    from crm_desktop.backup import compare, look, replacing  # lazy: compression and encryption
    from crm_desktop.backup.bring_back import may_bring_back  # lazy: as above
    from crm_desktop.backup.seeing import side_by_side  # lazy: as above

    may_bring_back(database)
    with side_by_side(backup, database) as pair:
        if not compare.is_same_office(pair):
            raise replacing.another_office()
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
    if ago is not None:
        return clock.now() - timedelta(**{"hours" if ago[2] == "h" else "days": int(ago[1])})
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
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
