"""What is special about the list and the card of deals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.filters import all_of, where
from crm_desktop.core.i18n import N_
from crm_desktop.sales.queries import OPEN, STALLED, WITHOUT_NEXT
from ui.records.kit import CardKit, FindIds, ListKit, NextStep, QuickAction, Related
from ui.records.timeline_data import TimelineSource
from ui.sales.stage_bar import DealStages

COLUMNS = ("name", "company_id", "stage_id", "amount", "expected_close")
WIDTHS = (180, 150, 104, 96, 100)
FACTS = ("amount", "expected_close", "probability", "contact_id", "owner_id", "product_id")
_ACTIVITY_COLUMNS = ("kind", "status", "owner_id", "due", "starts")
_THIS_YEAR = where("closed_on", "period", "this_year")


def deal_card(
    timeline: TimelineSource, next_step: Callable[[Any, Any, int], NextStep | None],
    complete: Callable[[Any, int], Any], activities: FindIds,
) -> CardKit:  # fmt: skip
    """The card of a deal.

    Args:
        timeline, next_step, complete, activities: what the features of contacts and of the calendar know about it.
    """

    def activity_of(record_id: int, title: str) -> dict[str, Any]:
        return {"kind": "meeting", "links": [("deal", record_id, title)]}

    return CardKit(
        facts=FACTS,
        subtitle=("company_id",),
        related=(
            Related("activity", N_("Activities"), find=activities, columns=_ACTIVITY_COLUMNS, values=activity_of),
        ),
        actions=(QuickAction("activity", N_("Schedule"), "ph.calendar-plus", activity_of),),
        timeline=timeline, next_step=next_step, complete=complete, extra=DealStages,
    )  # fmt: skip


def deals_list(card: CardKit) -> ListKit:
    """The deals of a pipeline as a list; which pipeline is put in by the page."""
    return ListKit(
        "deals", "deal", title=N_("Pipeline"), columns=COLUMNS, widths=WIDTHS, sort=(("expected_close", False),),
        views=(
            ("open", N_("Open"), OPEN),
            ("mine", N_("Mine"), all_of(OPEN, where("owner_id", "eq", "@me"))),
            ("stalled", N_("Stalled"), STALLED),
            ("without", N_("Without next step"), all_of(OPEN, WITHOUT_NEXT)),
            ("won", N_("Won this year"), all_of(where("status", "eq", "won"), _THIS_YEAR)),
            ("lost", N_("Lost this year"), all_of(where("status", "eq", "lost"), _THIS_YEAR)),
        ),
        empty=(
            "ph.columns", N_("No deals yet"),
            N_("Every sale on its way, what it is worth and what is to be done next."),
        ),
        card=card,
    )  # fmt: skip
