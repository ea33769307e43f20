"""What matters now about a customer, in words: next step, open deals and cases, last contact, life-time value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_desktop.contacts.planned import NextActivity
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, ngettext, pgettext
from ui.records.kit import Matter, Matters, NextStep

SILENT = timedelta(days=60)
"""After so long without contact the card warns."""


def step_of(found: NextActivity | None) -> NextStep | None:
    """The next activity as a card shows it."""
    if found is None:
        return None
    when = formats.format_relative(found.on)
    if found.at is not None:
        when = f"{when}, {formats.format_time(found.at)}"
    return NextStep(found.id, found.subject, when, found.overdue)


def matters_of(entity: str, figures: Callable[..., Any]) -> Callable[[Any, Any, int, bool], Matters]:
    """What reads the strip of the cards of a record type; ``figures`` as ``insight.card.card_figures``."""

    def read(_database: Any, connection: Any, record_id: int, rolled_up: bool) -> Matters:
        found = figures(connection, entity, record_id, branches=rolled_up)
        return Matters(step_of(found.next), (_deals(found), _cases(found), _contact(found.last_contact), _won(found)))

    return read


def money(amounts: Sequence[Any]) -> str:
    """Sums of several currencies side by side, never added up: two of them, and how many more."""
    texts = [formats.format_money(one.total, one.currency, cents=False) for one in amounts if one.total]
    if len(texts) > 2:
        return _("{amounts} and {n} more").format(amounts=" + ".join(texts[:2]), n=len(texts) - 2)
    return " + ".join(texts)


def _deals(found: Any) -> Matter:
    count = sum(one.count for one in found.open_deals)
    lines = [
        _("{deals}: {total}, weighted {weighted}").format(
            deals=ngettext("{n} deal", "{n} deals", one.count).format(n=formats.format_integer(one.count)),
            total=formats.format_money(one.total, one.currency),
            weighted=formats.format_money(one.weighted, one.currency),
        )
        for one in found.open_deals
    ]
    # Translators: "figures" are the short labels of four figures side by side; each has room for 14 letters.
    label = pgettext("figures", "Open deals")
    if not count:
        return Matter("deals", label, "–", tooltip=_("No deal is open."), tab="deal")
    weighted = [one for one in found.open_deals if one.total]
    note = ""
    if len(weighted) == 1:
        text = formats.format_money(weighted[0].weighted, weighted[0].currency, cents=False)
        note = _("weighted {amount}").format(amount=text)
    record = ("deal", found.open_deal_id) if found.open_deal_id is not None else None
    return Matter(
        "deals",
        f"{label} ({formats.format_integer(count)})",
        money(found.open_deals) or "–",
        note,
        tooltip="\n".join(lines),
        tab="deal",
        record=record,
    )


def _cases(found: Any) -> Matter:
    if not found.open_cases:
        return Matter("cases", pgettext("figures", "Open cases"), "–", tooltip=_("No case is open."), tab="case")
    record = ("case", found.case_id) if found.case_id is not None else None
    value = formats.format_integer(found.open_cases)
    if found.deadline:
        value = f"{value} · {found.deadline}"
    return Matter(
        "cases",
        pgettext("figures", "Open cases"),
        value,
        kind=found.urgency,
        tooltip=found.deadline_note,
        tab="case",
        record=record,
    )


def _contact(last: datetime | None) -> Matter:
    if last is None:
        return Matter(
            "contact", pgettext("figures", "Last contact"), "–", tooltip=_("Nobody was in touch yet."), tab="activity"
        )
    silent = clock.now() - last > SILENT
    tooltip = formats.format_datetime(last)
    if silent:
        days = (clock.now() - last).days
        tooltip = ngettext(
            "{when}: {n} day without contact", "{when}: {n} days without contact", days
        ).format(when=tooltip, n=formats.format_integer(days))  # fmt: skip
    return Matter(
        "contact", pgettext("figures", "Last contact"), formats.format_relative(last), kind="warning" if silent else "",
        tooltip=tooltip, tab="activity",
    )  # fmt: skip


def _won(found: Any) -> Matter:
    lines = [
        ngettext("{total} in {n} won deal", "{total} in {n} won deals", one.count).format(
            total=formats.format_money(one.total, one.currency), n=formats.format_integer(one.count)
        )
        for one in found.won
    ]
    tooltip = "\n".join(lines) or _("Nothing bought yet.")
    return Matter("won", pgettext("figures", "Bought so far"), money(found.won) or "–", tooltip=tooltip, tab="deal")
