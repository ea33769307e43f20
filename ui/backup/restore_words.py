"""The words of restoring: how a record stands, what cannot come back, what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from crm_desktop.backup.bring_back import Brought
from crm_desktop.backup.bring_plan import Lost
from crm_desktop.backup.compare import CHANGED, CREATED, DELETED, Difference
from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, pgettext, translate

_MOST = 3


def op_word(op: str) -> str:
    """What became of a record since the backup."""
    if op == DELETED:
        return _("deleted")
    return pgettext("record", "new") if op == CREATED else _("changed")


def state_words(difference: Difference) -> str:
    """What became of a record since the backup, by whom and when."""
    if difference.erased:
        return _("This person was erased for good since. Nothing of them is brought back.")
    texts = {
        DELETED: _("It is in the backup and was deleted since."),
        CREATED: _("It is new since the backup."),
    }  # fmt: skip
    text = texts.get(difference.op) or _("It was changed since the backup.")
    who = ", ".join(name for name in difference.who if name)
    if difference.at is not None:
        when = formats.format_relative(difference.at, with_time=True)
        text += " " + (
            _("By {who}; last {when}.").format(who=who, when=when) if who else _("Last: {when}.").format(when=when)
        )
    return text


def lost_words(office: Any, lost: Sequence[Lost]) -> str:
    """What cannot come back, each reason once with how often."""
    if not lost:
        return ""
    counts = Counter(one.reason for one in lost)
    parts = [f"{formats.format_integer(number)} × {translate(reason)}" for reason, number in counts.most_common(_MOST)]
    return _("Not everything can come back: {what}.").format(what="; ".join(parts))


def checks_words(problems: Sequence[str]) -> str:
    """What the quick checks said of what was restored."""
    if not problems:
        return _("All checks found it in order.")
    return _("The checks found: {problems}").format(problems=" ".join(problems))


def _record_words(done: Brought) -> str:
    back, changed, new = (done.records.get(op, 0) for op in (DELETED, CHANGED, CREATED))
    parts = [
        (back, ngettext("{n} record is there again", "{n} records are there again", back)),
        (changed, ngettext("{n} record is as it was", "{n} records are as they were", changed)),
        (new, ngettext("{n} new record was taken out", "{n} new records were taken out", new)),
        (done.kept, ngettext("{n} row stays as it is", "{n} rows stay as they are", done.kept)),
    ]
    return ", ".join(text.format(n=formats.format_integer(number)) for number, text in parts if number)


def brought_words(done: Brought) -> str:
    """What was done, in one line: counted in records, as the button counted, where they are known."""
    if done.records and done.change_set is not None:
        return _record_words(done)
    parts = []
    if done.returned:
        text = ngettext("{n} row is there again", "{n} rows are there again", done.returned)
        parts.append(text.format(n=formats.format_integer(done.returned)))
    if done.reverted:
        text = ngettext("{n} row has its values again", "{n} rows have their values again", done.reverted)
        parts.append(text.format(n=formats.format_integer(done.reverted)))
    if done.removed:
        text = ngettext("{n} row was taken away", "{n} rows were taken away", done.removed)
        parts.append(text.format(n=formats.format_integer(done.removed)))
    if done.kept:
        text = ngettext("{n} row stays as it is", "{n} rows stay as they are", done.kept)
        parts.append(text.format(n=formats.format_integer(done.kept)))
    return ", ".join(parts) if parts else _("Everything was as in the backup already.")
