"""Cards and columns of the board in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.sales.amounts import Amount
from crm_desktop.sales.queries import Card

_KIND_ICONS = {
    "task": "ph.check-square",
    "call": "ph.phone",
    "meeting": "ph.users",
    "visit": "ph.map-pin",
    "email": "ph.envelope-simple",
}


@dataclass(frozen=True)
class Foot:
    """The last line of a card: icon, text, the colour of both, and whether it is set in medium weight."""

    icon: str
    text: str
    ink: str
    medium: bool = False


def foot_of(card: Card) -> Foot:
    """What a card warns of, else what is to be done next."""
    if card.stalled_days is not None:
        days = card.stalled_days
        text = ngettext("stalled for {n} day", "stalled for {n} days", days).format(n=days)
        return Foot("ph.snowflake", text, "warning", True)
    if card.next is None:
        return Foot("ph.circle-dashed", _("No next step"), "text-muted")
    if card.next.overdue:
        return Foot("ph.warning", late_words(card.next.on), "danger", True)
    picture = _KIND_ICONS.get(card.next.kind, "ph.calendar-blank")
    return Foot(picture, when_words(card.next.on, card.next.at), "text-muted")


def late_words(day: date) -> str:
    """ "2 days overdue"; "overdue today" for an hour of today that has passed."""
    days = (clock.today() - day).days
    return ngettext("{n} day overdue", "{n} days overdue", days).format(n=days) if days else _("overdue today")


def when_words(day: date, hour: time | None = None) -> str:
    """A day near today in few letters: "today, 16:00", "Fri", "30/04"."""
    distance = (day - clock.today()).days
    if distance in (-1, 0, 1):
        text = (_("yesterday"), _("today"), _("tomorrow"))[distance + 1]
    elif 1 < distance < 7:
        text = formats.weekday_names(short=True)[day.weekday()]
    else:
        text = close_words(day)
    return text if hour is None else f"{text}, {formats.format_time(datetime.combine(day, hour))}"


def close_words(day: date | None) -> str:
    """A day without its year where it is near, else the month and year are what matters."""
    if day is None:
        return ""
    months = abs((day.year - clock.today().year) * 12 + day.month - clock.today().month)
    return formats.format_date(day, "day_month" if months < 9 else "short")


def money(amount: Decimal | None, currency: str | None = None) -> str:
    """An amount as the board shows it: no cents."""
    return formats.format_money(amount, currency, cents=False)


def all_amounts(amounts: Sequence[Amount]) -> str:
    """The sums in every currency."""
    return " + ".join(money(one.total, one.currency) for one in amounts)


def open_deals(count: int) -> str:
    """ "18 open"."""
    return ngettext("{n} open", "{n} open", count).format(n=formats.format_integer(count))


def deals(count: int) -> str:
    """ "18 deals"."""
    return ngettext("{n} deal", "{n} deals", count).format(n=formats.format_integer(count))


def spoken(card: Card) -> str:
    """A card as a screen reader reads it."""
    parts = [card.name, card.company or card.contact, money(card.amount, card.currency)]
    if card.expected_close is not None:
        parts.append(_("closes {date}").format(date=formats.format_date(card.expected_close)))
    parts.append(foot_of(card).text)
    if card.owner:
        parts.append(card.owner)
    return ", ".join(part for part in parts if part)


def tip(card: Card) -> str:
    """What a card has no room for."""
    lines = [card.name]
    who = ", ".join(part for part in (card.company, card.contact) if part)
    if who:
        lines.append(who)
    if card.owner:
        lines.append(_("Owner: {name}").format(name=card.owner))
    if card.expected_close is not None:
        lines.append(_("Expected close: {date}").format(date=formats.format_date(card.expected_close)))
    lines.append(_("Probability: {percent}").format(percent=formats.format_percent(card.probability)))
    if card.next is not None:
        when = when_words(card.next.on, card.next.at)
        lines.append(_("Next: {subject}, {when}").format(subject=card.next.subject, when=when))
    if card.stalled_days is not None and card.limit_days:
        lines.append(
            ngettext(
                "Nothing happened for {n} days; this stage allows {limit} day.",
                "Nothing happened for {n} days; this stage allows {limit} days.",
                card.limit_days,
            ).format(n=card.stalled_days, limit=card.limit_days)
        )
    return "\n".join(lines)
