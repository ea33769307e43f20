"""The day on paper: figures, agenda, tasks, deals and cases that need somebody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.calendar.queries import Event, Task
from crm_desktop.cases.words import clock_name, clock_text
from crm_desktop.core import clock
from crm_desktop.core.formats import format_date, format_time
from crm_desktop.core.i18n import _, translate
from crm_desktop.insight.queries import KeyFigure, TodayData
from crm_desktop.reporting.document import (
    Column,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Organisation,
    Row,
    Spacer,
    Table,
    Text,
)
from ui.framework.office import Office
from ui.framework.scratch import scratch_folder
from ui.records.output import write_file
from ui.records.print_window import show_print

_TO_TICK = "☐"


def day_document(office: Office, data: TodayData, *, team: bool) -> Document:
    """The document of a day."""
    blocks: list[Any] = [KeyFigures(tuple(_figure(one) for one in data.figures))]
    blocks += _part(_("Agenda"), (_("Time"), _("What"), _("With whom")), [_event(one) for one in data.agenda])
    blocks += _part(_("Overdue"), (_("Due"), _("What"), _("With whom")), [_task(one) for one in data.overdue])
    blocks += _part(_("Due today"), (_("Time"), _("What"), _("With whom")), [_task(one) for one in data.due_today])
    stalled = [
        (_("{n} days").format(n=card.stalled_days or 0), card.name, card.company or card.contact)
        for card in data.stalled
    ]
    blocks += _part(_("Deals going cold"), (_("Stalled"), _("Deal"), _("Customer")), stalled)
    risky = [
        (
            f"{clock_text(row.clock)} ({clock_name(row.clock.kind)})", f"{row.number} {row.subject}",
            row.company or row.contact,
        )
        for row in data.at_risk
    ]  # fmt: skip
    blocks += _part(_("Cases at risk"), (_("Left"), _("Case"), _("Customer")), risky)
    if data.birthdays:
        blocks += [Heading(_("Birthdays"), 2), Text(", ".join(one.name for one in data.birthdays))]
    whose = _("The team") if team else office.actor.name
    return Document(
        format_date(data.day, "full"), tuple(blocks), subtitle=whose, as_of=clock.now(), author=office.actor.name,
        organisation=Organisation(office.name), landscape=False,
    )  # fmt: skip


def print_day(owner: QWidget, office: Office, data: TodayData, *, team: bool) -> None:
    """Lay the day out on pages and open it where it can be looked at and printed."""
    path = scratch_folder() / f"{data.day.isoformat()}.pdf"
    document = day_document(office, data, team=team)
    title = _("Preparing {title} for print").format(title=format_date(data.day, "long"))

    def done(made: Path) -> None:
        show_print(owner, document.title, made)

    write_file(owner, office, title, lambda _connection, _progress: document, path, done)


def _figure(one: KeyFigure) -> Figure:
    return Figure(translate(one.label), one.value, one.kind, currency=one.currency, cents=False)


def _event(event: Event) -> tuple[str, str, str]:
    when = _("all day") if event.all_day else f"{format_time(event.start)} – {format_time(event.end)}"
    who = ", ".join(link.title for link in event.links) or event.place
    return when, event.subject, who


def _task(task: Task) -> tuple[str, str, str]:
    day = format_date(task.due, "day_month") if task.due and task.due < clock.today() else ""
    when = day or format_time(task.due_time)
    return f"{_TO_TICK} {when}".strip(), task.subject, ", ".join(link.title for link in task.links)


def _part(title: str, labels: Sequence[str], rows: Sequence[tuple[str, str, str]]) -> list[Any]:
    if not rows:
        return []
    columns = (
        Column("when", labels[0], weight=1), Column("what", labels[1], weight=3), Column("who", labels[2], weight=2),
    )  # fmt: skip
    return [Spacer(8), Heading(title, 2), Table(columns, tuple(Row(row) for row in rows), name=title)]
