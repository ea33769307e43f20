"""What is said of the history: how large it is, what would go, what went."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records.compaction import Preview
from crm_desktop.records.history_size import HistorySize
from crm_desktop.records.retention import EVERYTHING, Account
from ui.widgets.figures import Figure

DAYS = (30, 60, 90, 180, 365, 730)
YEARS = (1, 2, 3, 5, 7, 10)


def day_of(moment: datetime | None) -> str:
    """The day of a moment, in the zone of this computer."""
    return formats.format_date(moment.astimezone(clock.local_zone()).date()) if moment is not None else "–"


def day_options(now: int | None) -> list[tuple[int, str]]:
    """For how many days deleted records can be restored; 0: for ever. What is set now is among them."""
    every = sorted({*DAYS, *([now] if now else [])})
    return [*((n, ngettext("{n} day", "{n} days", n).format(n=n)) for n in every), (0, _("For ever"))]


def year_options(now: int | None) -> list[tuple[int, str]]:
    """After how many years edits are let go; 0: never."""
    every = sorted({*YEARS, *([now] if now else [])})
    return [(0, _("For ever")), *((n, ngettext("{n} year", "{n} years", n).format(n=n)) for n in every)]


def figures(size: HistorySize) -> list[Figure]:
    """The history in numbers."""
    about = "" if size.free is None else _("estimated")
    return [
        Figure(_("Entries"), formats.format_integer(size.changes)),
        Figure(_("Size"), formats.format_size(size.size),
               _("of {size}").format(size=formats.format_size(size.whole)), tooltip=about),
        Figure(_("Since"), day_of(size.since) if size.since else "–"),
        Figure(_("Growth per month"), "+" + formats.format_integer(size.monthly),
               "+" + formats.format_size(size.monthly_size), tooltip=_("The average of the last twelve months")),
    ]  # fmt: skip


def would_go(schema: Any, found: Preview) -> list[str]:
    """What would go now, a sentence each."""
    lines = []
    if found.records:
        parts = [
            f"{formats.format_integer(count)} {translate(schema.entity(name).plural if count > 1 else schema.entity(name).label)}"
            for name, count in found.records.most_common()
        ]
        lines.append(_("Deleted records that can then no longer be restored: {records}. They were deleted between {first} and {last}.").format(
            records=", ".join(parts), first=day_of(found.deleted_first), last=day_of(found.deleted_last)
        ))  # fmt: skip
    if found.files:
        lines.append(ngettext("{n} file that only they had ({size}).", "{n} files that only they had ({size}).", found.files).format(
            n=formats.format_integer(found.files), size=formats.format_size(found.file_size)
        ))  # fmt: skip
    if found.edits:
        words = (
            _("{n} entries of before {date}: who changed what, when and how.") if found.policy.then == EVERYTHING
            else _("The values in {n} entries of before {date}; who changed which record and when stays.")
        )  # fmt: skip
        lines.append(words.format(n=formats.format_integer(found.edits), date=day_of(found.edits_before)))
    if found.sets and found.edits:
        lines.append(ngettext(
            "{n} change of before {date} can then no longer be undone. Merges can always be taken apart.",
            "{n} changes of before {date} can then no longer be undone. Merges can always be taken apart.", found.sets,
        ).format(n=formats.format_integer(found.sets), date=day_of(found.edits_before)))  # fmt: skip
    if found.begins is not None:
        lines.append(
            _("The office can then be seen as of {date} and later days only.").format(date=day_of(found.begins))
        )
    if lines:
        lines.append(_("The history becomes smaller by about {size}.").format(size=formats.format_size(found.size)))
    return lines


def went(one: Account) -> str:
    """What one run let go, in a line."""
    parts = []
    if one.records:
        parts.append(ngettext("{n} deleted record", "{n} deleted records", one.records).format(
            n=formats.format_integer(one.records)
        ))  # fmt: skip
    parts.append(ngettext("{n} entry", "{n} entries", one.changes).format(n=formats.format_integer(one.changes)))
    if one.files:
        parts.append(ngettext("{n} file ({size})", "{n} files ({size})", one.files).format(
            n=formats.format_integer(one.files), size=formats.format_size(one.size)
        ))  # fmt: skip
    return ", ".join(parts)
