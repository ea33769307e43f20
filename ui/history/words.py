"""Words of the pages about changes: kinds, what happened to a row, a value before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.records.change_search import Change
from crm_desktop.records.changes import RowChange, TableCount, Told
from ui.records.shown import text_of

KINDS = (
    ("edit", N_("Edits and deletions")), ("bulk", N_("Many at once")), ("import", N_("Imports")), ("merge", N_("Merges")),
    ("restore", N_("Restored")), ("undo", N_("Undone and redone")), ("final", N_("For good")), ("system", N_("By the program")),
)  # fmt: skip
ICONS = {
    "edit": "ph.pencil-simple", "import": "ph.upload-simple", "bulk": "ph.stack", "merge": "ph.git-merge",
    "undo": "ph.arrow-counter-clockwise", "redo": "ph.arrow-clockwise", "system": "ph.gear", "part": "ph.arrow-counter-clockwise",
    "restore": "ph.arrow-u-up-left", "erase": "ph.eraser", "purge": "ph.eraser",
}  # fmt: skip
FINAL = frozenset({"erase", "purge"})
PERIODS = (
    ("today", N_("Today")), ("yesterday", N_("Yesterday")), ("week", N_("Last 7 days")), ("month", N_("Last 30 days")),
)  # fmt: skip


def period(key: str) -> tuple[datetime | None, datetime | None]:
    """Since when and until when a period goes, in UTC; ``custom:2026-03-01:2026-03-31`` is one of one's own."""
    today = clock.today()
    if key.startswith("custom:"):
        first, last = (date.fromisoformat(one) if one else None for one in key.split(":")[1:])
        return (_midnight(first) if first else None), (_midnight(last + timedelta(days=1)) if last else None)
    days = {"today": 0, "yesterday": 1, "week": 6, "month": 29}.get(key)
    if days is None:
        return None, None
    return _midnight(today - timedelta(days=days)), _midnight(today) if key == "yesterday" else None


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day).astimezone(UTC)


def state_words(one: Change) -> str:
    """Whether a change stands, and who took it back."""
    if one.set.kind in FINAL:
        return _("cannot be undone")
    if one.set.compacted_at is not None:
        return _("can no longer be undone")
    if not one.set.undone_by:
        return ""
    undone = _("undone by {who}").format(who=one.undone_by_name) if one.undone_by_name else _("undone")
    if not one.stayed:
        return undone
    stayed = ngettext("{n} record stayed as it was", "{n} records stayed as they were", one.stayed)
    return f"{undone}, {stayed.format(n=formats.format_integer(one.stayed))}"


def row_words(one: RowChange) -> str:
    """What a row is: the record, and what of it."""
    title = one.title or "–"
    return f"{title} · {translate(one.part)}" if one.part else title


def value_words(one: Told, value: Any) -> str:
    """A value as people read it, on one line."""
    if value is None or value == "":
        return ""
    if one.field is not None:
        return " ".join(text_of(one.field, value).split())
    return str(value)


def counted_words(one: TableCount) -> str:
    """How many rows of a table were added, changed, removed and restored."""
    counts = (
        (one.added, ngettext("{n} added", "{n} added", one.added)),
        (one.restored, ngettext("{n} restored", "{n} restored", one.restored)),
        (one.changed, ngettext("{n} changed", "{n} changed", one.changed)),
        (one.removed, ngettext("{n} removed", "{n} removed", one.removed)),
    )
    return ", ".join(text.format(n=formats.format_integer(count)) for count, text in counts if count)
