"""What happened with a customer, the newest first, by year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby

from crm_desktop.archive import html, said
from crm_desktop.archive.around import Happened
from crm_desktop.core import clock
from crm_desktop.core.fields import DATE_KINDS, Kind
from crm_desktop.core.i18n import translate
from crm_desktop.records import mentions
from crm_desktop.records.queries import Link

KIND = "kind"
"""The field that says what sort of thing an entry is; it stands in place of the name of its record type."""


def timeline(entries: Sequence[Happened]) -> str:
    """All entries, with a heading for each year where they are of several."""
    years = [(year, list(some)) for year, some in groupby(entries, lambda one: _year(one.at))]
    parts = []
    for year, some in years:
        if len(years) > 1 and year:
            parts.append(f"<h3>{year}</h3>\n")
        parts += map(_entry, some)
    return "".join(parts)


def _year(at: datetime | date | None) -> str:
    if isinstance(at, datetime) and at.tzinfo is not None:
        at = at.astimezone(clock.local_zone())
    return str(at.year) if at is not None else ""


def _entry(entry: Happened) -> str:
    kind, told = translate(entry.kind), []
    for one, value, _words in entry.shown:
        words = value.title if isinstance(value, Link) else said.value(one, value)
        if one.name == KIND and one.kind is Kind.CHOICE:
            kind = words
        elif not (one.kind in DATE_KINDS and said.day(value) == said.day(entry.at)):
            told.append(f"{said.label_of(one)}: {words}")
    first = [html.text(kind)]
    if entry.by:
        first.append(html.own(entry.by))
    if entry.about:
        first.append(html.own(entry.about))
    parts = [
        f'<article>\n{said.time(entry.at) or "<span></span>"}\n<div><div class="quiet">{" · ".join(first)}</div>\n'
    ]
    if entry.title:
        parts.append(f'<p dir="auto"><strong>{html.text(entry.title)}</strong></p>\n')
    if told:
        parts.append(f'<p class="quiet" dir="auto">{html.text(" · ".join(told))}</p>\n')
    if entry.body:
        parts.append(f'<p class="text" dir="auto">{html.text(mentions.plain(entry.body))}</p>\n')
    return "".join(parts) + "</div></article>\n"
