"""What ``history`` does beside showing: how large the history is, what would go, letting it go, giving space back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_desktop.cli_base import actor_of, say, say_json, working
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.db.database import Database
from crm_desktop.records import compaction, history_size, retention
from crm_desktop.records.retention import Account, Policy


def say_size(connection: sa.Connection, as_json: bool) -> None:
    """How large the history is, and how long it is kept."""
    size, policy = history_size.measure_history(connection), retention.read_policy(connection)
    begins = retention.edits_begin(connection), retention.deletions_begin(connection)
    if as_json:
        say_json({
            "changes": size.changes, "change_sets": size.change_sets, "bytes": size.size, "since": size.since,
            "monthly_changes": size.monthly, "monthly_bytes": size.monthly_size, "database_bytes": size.whole,
            "free_bytes": size.free, "whole_since": begins[0], "deletions_since": begins[1],
            "policy": _policy(policy),
        })  # fmt: skip
        return
    say(_("{n} entries in {sets} changes, {size} of {whole}, since {date}; {monthly} more each month ({monthly_size}).").format(
        n=formats.format_integer(size.changes), sets=formats.format_integer(size.change_sets),
        size=formats.format_size(size.size), whole=formats.format_size(size.whole), date=_day(size.since),
        monthly=formats.format_integer(size.monthly), monthly_size=formats.format_size(size.monthly_size),
    ))  # fmt: skip
    if size.free is not None:
        say(_("{size} of the file are free and are filled again.").format(size=formats.format_size(size.free)))
    for line in _policy_words(policy):
        say(line)
    if begins[0] is not None:
        say(_("The values of edits are whole since {date}.").format(date=_day(begins[0])))
    for one in retention.accounts(connection):
        say(_("{date}: {what} let go").format(date=formats.format_datetime(one.at), what=_went(one)))


def say_preview(database: Database, as_json: bool) -> None:
    """What would go now by what the office has set."""
    with working() as progress, database.read() as connection:
        found = compaction.preview(database, connection, retention.read_policy(connection), progress)
    if as_json:
        say_json({
            "policy": _policy(found.policy), "records": dict(found.records), "record_changes": found.record_changes,
            "deleted_first": found.deleted_first, "deleted_last": found.deleted_last, "files": found.files,
            "file_bytes": found.file_size, "edits": found.edits, "edits_before": found.edits_before,
            "no_longer_undoable": found.sets, "bytes": found.size,
        })  # fmt: skip
        return
    for line in _policy_words(found.policy):
        say(line)
    if found.nothing:
        say(_("Nothing is old enough to go."))
        return
    for name, count in found.records.most_common():
        label = translate(database.schema.entity(name).plural)
        say(_("Deleted records: {n} ({records}), deleted between {first} and {last}").format(
            n=formats.format_integer(count), records=label, first=_day(found.deleted_first), last=_day(found.deleted_last)
        ))  # fmt: skip
    if found.files:
        say(_("Files that only they had: {n} ({size})").format(
            n=formats.format_integer(found.files), size=formats.format_size(found.file_size)
        ))  # fmt: skip
    if found.edits:
        say(_("Entries of before {date}: {n}; changes that can then no longer be undone: {sets}").format(
            date=_day(found.edits_before), n=formats.format_integer(found.edits), sets=formats.format_integer(found.sets)
        ))  # fmt: skip
    say(_("The history becomes smaller by about {size}.").format(size=formats.format_size(found.size)))


def compact(database: Database, folder: str, password: str | None, as_json: bool) -> None:
    """Back up, prove it, and let go of what the office no longer keeps.

    Raises:
        UserError: no folder was given, or there is nothing to let go.
    """
    from crm_desktop.backup.tidying import tidy  # lazy: compression and encryption

    if not folder:
        raise UserError(N_("Say with --to in which folder the backup is made that comes before it."))
    with working() as progress:
        with database.read() as connection:
            policy = retention.read_policy(connection)
            found = compaction.preview(database, connection, policy, progress)
            if found.nothing:
                raise UserError(N_("Nothing is old enough to go."))
        done = tidy(
            database, policy, actor_of(database), folder=folder, password=password, progress=progress,
            expected=found.record_changes + found.edits,
        )  # fmt: skip
    if as_json:
        say_json({"change_set": done.change_set, "changes": done.changes, "records": done.records, "files": done.files,
                  "file_bytes": done.size, "backup": done.backup})  # fmt: skip
        return
    say(_("Let go: {what}. The backup {file} still holds all of it.").format(what=_went(done), file=done.backup))


def give_back(database: Database, as_json: bool) -> None:
    """Make the file as small as what it holds."""
    from crm_desktop.backup.tidying import give_space_back  # lazy: compression and encryption

    with database.read() as connection:
        before = history_size.measure_history(connection).whole
    give_space_back(database)
    with database.read() as connection:
        after = history_size.measure_history(connection).whole
    if as_json:
        say_json({"before": before, "after": after})
        return
    say(_("{name}: {before} before, {after} now.").format(
        name=database.name, before=formats.format_size(before), after=formats.format_size(after)
    ))  # fmt: skip


def _policy(policy: Policy) -> dict[str, Any]:
    return {"deleted_days": policy.deleted_days, "years": policy.years, "then": policy.then, "weekly": policy.weekly}


def _policy_words(policy: Policy) -> list[str]:
    days, years = policy.deleted_days, policy.years
    lines = [
        _("Deleted records can be restored for ever.") if days is None
        else ngettext("Deleted records can be restored for {n} day.", "Deleted records can be restored for {n} days.", days).format(n=days)
    ]  # fmt: skip
    if years is None:
        lines.append(_("Every edit is kept for ever."))
    else:
        words = ngettext("Every edit is kept for {n} year.", "Every edit is kept for {n} years.", years).format(n=years)
        then = (
            _("After that it goes.") if policy.then == retention.EVERYTHING
            else _("After that, who changed what and when is kept, without the values.")
        )  # fmt: skip
        lines.append(f"{words} {then}")
    return [*lines, *filter(None, [retention.when_it_goes(policy)])]


def _went(one: Account) -> str:
    entries = ngettext("{n} entry", "{n} entries", one.changes).format(n=formats.format_integer(one.changes))
    records = ngettext("{n} deleted record", "{n} deleted records", one.records).format(
        n=formats.format_integer(one.records)
    )
    return f"{entries}, {records}"


def _day(moment: datetime | None) -> str:
    return formats.format_date(moment.astimezone(clock.local_zone()).date()) if moment is not None else "–"
