"""The numbers of the Data quality page in words."""

from __future__ import annotations

from datetime import date

from crm_desktop.core import formats
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.insight.quality import Figure, Quality
from crm_desktop.insight.quality_measures import HEALTH
from ui.insight.measure_card import CardText
from ui.widgets import figures


def card_text(figure: Figure) -> CardText:
    """A figure as its card says it."""
    measure, count = figure.measure, figure.count
    note, icon, color = _note(figure)
    return CardText(
        f"{measure.entity}.{measure.key}", translate(measure.label), measure.icon,
        formats.format_integer(count) if count is not None else "–", share_text(count, figure.total), note, icon, color,
        not count, figure.series, translate(measure.help),
    )  # fmt: skip


def share_text(count: int | None, total: int) -> str:
    """The share of all records: "12 %", "under 1 %"; nothing where there are none."""
    if not count or not total:
        return ""
    share = 100 * count / total
    if share < 1:
        return _("under {share}").format(share=formats.format_percent(1, 0))
    return formats.format_percent(100 if count == total else min(99, round(share)), 0)


def _note(figure: Figure) -> tuple[str, str, str]:
    """(text, icon, colour) of how a number changed within a month: fewer is better here."""
    if figure.count is None:
        return _("Not counted yet"), "", "text-muted"
    if figure.previous is None or figure.previous_on is None:
        return ("", "", "text-muted") if figure.count else (_("Nothing to do"), "ph.check", "success")
    change, day = figure.count - figure.previous, short_day(figure.previous_on)
    number = formats.format_integer(abs(change))
    if change > 0:
        return _("{n} more than on {day}").format(n=number, day=day), "ph.trend-up", "danger"
    if change < 0:
        return _("{n} fewer than on {day}").format(n=number, day=day), "ph.trend-down", "success"
    if not figure.count:
        return _("Nothing to do"), "ph.check", "success"
    return _("As on {day}").format(day=day), "", "text-muted"


def short_day(day: date) -> str:
    """A day without its year."""
    return formats.format_date(day, "day_month")


def top_figures(found: Quality) -> list[figures.Figure]:
    """The strip above the cards."""
    health = "–" if found.health is None else formats.format_percent(found.health, 0)
    note, icon, color = _("Reachable, owned, nothing invalid"), "", "text-muted"
    if found.health is not None and found.health_before is not None and found.health != found.health_before:
        up = found.health > found.health_before
        before = formats.format_percent(found.health_before, 0)
        note = _("was {share} a month ago").format(share=before)
        icon, color = ("ph.trend-up", "success") if up else ("ph.trend-down", "danger")
    groups = found.duplicates
    doubles = "–" if groups is None else formats.format_integer(groups)
    looked = _("Not searched yet") if groups is None else ngettext("group to look at", "groups to look at", groups)
    return [
        figures.Figure(
            _("Data health"), health, note, icon, color, line=tuple(float(one) for one in found.health_series),
            tooltip=translate(HEALTH),
        ),
        figures.Figure(_("Contacts"), formats.format_integer(found.totals["contact"]), key="contacts"),
        figures.Figure(_("Companies"), formats.format_integer(found.totals["company"]), key="companies"),
        figures.Figure(
            _("Likely duplicates"), doubles, looked, line=tuple(float(one) for one in found.duplicates_series),
            key="duplicates",
        ),
    ]  # fmt: skip
