"""The rows of the lists on the Today page, and its key figures, from what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from crm_desktop.calendar.queries import Task
from crm_desktop.cases.clocks import Clock
from crm_desktop.cases.queries import QueueRow
from crm_desktop.cases.words import clock_name, clock_note, clock_text
from crm_desktop.contacts.next_birthdays import Birthday
from crm_desktop.core import clock
from crm_desktop.core.formats import format_integer, format_money, format_percent, format_relative, format_time
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.insight.queries import KeyFigure
from crm_desktop.records.mentions import UnreadMention
from crm_desktop.sales.queries import Card
from ui.widgets.figures import Figure
from ui.widgets.two_line import Line

RESPONSE_GOAL = Decimal(90)
"""From this share of first responses in time on, all is well."""


def task_line(task: Task, now: datetime, names: Mapping[int, str] | None = None) -> Line:
    """A task with its box, and when it was or is due; ``names`` by id say whose it is."""
    owner = (names or {}).get(task.owner_id or 0, "")
    about = " · ".join(link.title for link in task.links[:2])
    subject = task.subject or _("Without a subject")
    font = "name" if task.priority == "high" else "body"
    return Line(task.id, subject, about, checked=False, badge=_due(task, now), title_font=font, tooltip=owner)


def _due(task: Task, now: datetime) -> tuple[str, str, str]:
    late = (now.date() - task.due).days if task.due else 0
    if late == 1:
        return _("yesterday"), "danger", "ph.warning"
    if late > 1:
        return ngettext("{n} day", "{n} days", late).format(n=late), "danger", "ph.warning"
    if task.due_time is None:
        return _("today"), "neutral", "ph.calendar-blank"
    past = task.due_time < now.time()
    return format_time(task.due_time), "warning" if past else "neutral", "ph.clock"


def birthday_line(one: Birthday) -> Line:
    """A contact whose birthday it is."""
    text = ngettext("turns {n} today", "turns {n} today", one.age).format(n=one.age)
    return Line(one.contact_id, one.name, text, avatar=one.name, badge=(_("birthday"), "accent", "ph.cake"))


def mention_line(one: UnreadMention) -> Line:
    """A note that names me: by whom, where, what it says, when."""
    text = " · ".join(part for part in (one.author, one.title) if part)
    local = one.at.astimezone(clock.local_zone())
    when = format_time(one.at) if local.date() == clock.today() else format_relative(local.date())
    about = _("{who} named you on {title}, {when}").format(
        who=one.author or _("Somebody"), title=one.title or _("a record"), when=format_relative(one.at, with_time=True)
    )
    return Line(
        one.note_id, text or _("a record"), " ".join(one.body.split()), avatar=one.author or one.title,
        badge=(when, "accent", "ph.at"), tooltip=f"{about}\n{one.body}",
    )  # fmt: skip


def stalled_line(card: Card) -> Line:
    """A deal that stands still, with the button that plans its next step."""
    days = card.stalled_days or 0
    text = ngettext("stalled for {n} day · limit {limit}", "stalled for {n} days · limit {limit}", days)
    amount = format_money(card.amount, card.currency, cents=False)
    return Line(
        card.id, card.name, card.company or card.contact, trailing=(amount, "text", "") if amount else None,
        trailing_sub=(text.format(n=days, limit=card.limit_days or 0), "warning", "ph.snowflake"),
        button="ph.calendar-plus", tooltip=_("The button plans the next step."),
    )  # fmt: skip


def case_line(row: QueueRow) -> Line:
    """A case at risk with the clock that comes next."""
    clock, color = row.clock, _clock_color(row.clock)
    icon = "ph.warning" if clock.state == "overdue" else "ph.timer"
    who = " · ".join(part for part in (row.number, row.company or row.contact) if part)
    return Line(
        row.id, row.subject, who, trailing=(clock_text(clock), color, icon),
        trailing_sub=(clock_name(clock.kind).lower(), "text-muted", ""), bar=(min(clock.share, 1.0), color),
        tooltip=f"{clock_name(clock.kind)}: {clock_note(clock)}",
    )  # fmt: skip


def _clock_color(clock: Clock) -> str:
    return "danger" if clock.state == "overdue" else "warning"


def figures(found: Sequence[KeyFigure]) -> list[Figure]:
    """The key figures as the strip shows them; each leads to its records."""
    return [_figure(one) for one in found]


def _figure(one: KeyFigure) -> Figure:
    note, icon, color = _note(one)
    values = [float(value) for value in one.series if value is not None]
    return Figure(
        translate(one.label), _value(one), note, icon, color, line=tuple(values) if any(values) else (), key=one.name,
        tooltip=_("{series}. A click shows the records.").format(series=translate(one.series_label)),
    )  # fmt: skip


def _value(one: KeyFigure) -> str:
    if one.value is None:
        return "–"
    if one.kind == "percent":
        return format_percent(one.value, 0)
    return format_money(one.value, one.currency, cents=False)


def _note(one: KeyFigure) -> tuple[str, str, str]:
    if one.name == "first_response":
        return _response_note(one)
    if one.name == "won":
        return _won_note(one)
    deals = ngettext("{n} deal", "{n} deals", one.count).format(n=format_integer(one.count))
    if one.name == "pipeline" and one.second:
        text = ngettext("{deals}, {n} stalled", "{deals}, {n} stalled", one.second)
        return text.format(deals=deals, n=format_integer(one.second)), "ph.columns", "text-muted"
    return deals, "ph.columns" if one.name == "pipeline" else "ph.trend-up", "text-muted"


def _won_note(one: KeyFigure) -> tuple[str, str, str]:
    before, now = one.previous or Decimal(0), one.value or Decimal(0)
    if before <= 0:
        return ngettext("{n} deal", "{n} deals", one.count).format(n=one.count), "ph.trophy", "text-muted"
    share = format_percent(now * 100 / before, 0)
    icon, color = ("ph.trend-up", "success") if now >= before else ("ph.target", "accent")
    return _("{share} of last month").format(share=share), icon, color


def _response_note(one: KeyFigure) -> tuple[str, str, str]:
    if one.value is None:
        return _("No case this month yet"), "ph.lifebuoy", "text-muted"
    cases = ngettext("{n} case", "{n} cases", one.count).format(n=format_integer(one.count))
    if one.previous is not None:
        text = _("{cases}, last month {share}")
        cases = text.format(cases=cases, share=format_percent(one.previous, 0))
    good = one.value >= RESPONSE_GOAL
    return cases, "ph.check-circle" if good else "ph.warning", "success" if good else "warning"
