"""The clocks of a case: first response, next response, solution; how much is left and what is at risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from crm_desktop.cases.case import OPEN_STATUSES
from crm_desktop.cases.deadlines import Target, next_response_due

ClockKind = Literal["respond", "next_response", "resolve"]
State = Literal["met", "missed", "running", "risk", "overdue", "paused", "none"]
RISK = 0.8
"""From this share of its time on, a deadline is at risk."""

_ORDER: dict[str, int] = {"overdue": 0, "risk": 0, "running": 0, "paused": 1, "none": 2, "met": 3, "missed": 3}


@dataclass(frozen=True)
class Clock:
    """One clock.

    Attributes:
        due: the deadline; None where there is none (state "none").
        target: how long it may take.
        elapsed: how long it has run, or took.
        remaining: what is left; negative once it is overdue.
        share: the elapsed part of the target, more than 1 once it is overdue.
        state: "met" and "missed" are over; "running", "risk" and "overdue" count; "paused" waits for the customer.
        stopped_at: when it was met or missed.
    """

    kind: ClockKind
    state: State
    due: datetime | None = None
    target: timedelta | None = None
    elapsed: timedelta = timedelta()
    remaining: timedelta | None = None
    share: float = 0.0
    stopped_at: datetime | None = None

    @property
    def urgent(self) -> bool:
        """Whether it is at risk or overdue."""
        return self.state in ("risk", "overdue")


def clocks_of(
    case: Mapping[str, Any], target: Target, now: datetime, last_in: datetime | None, last_out: datetime | None
) -> tuple[Clock, Clock, Clock]:
    """The clocks of a first response, the next response and the solution, as of ``now``.

    Args:
        case: the case's columns.
        target: the hours of its priority.
        last_in, last_out: when the last message came from and went to the customer.
    """
    waiting = case["waiting_since"] if case["status"] == "waiting" else None
    closed = None if case["status"] in OPEN_STATUSES else case["solved_at"] or case["closed_at"] or now
    opened = case["created_at"]
    first = _clock("respond", case["respond_due"], target.respond, opened, now, waiting, case["responded_at"], closed)
    solution = _clock("resolve", case["resolve_due"], target.resolve, opened, now, waiting, closed, closed)
    asked = case["responded_at"] is not None and last_in is not None and (last_out is None or last_in > last_out)
    if not asked or closed is not None or last_in is None:
        following = Clock("next_response", "none")
    else:
        due = next_response_due(last_in, target)
        following = _clock("next_response", due, target.respond, last_in, now, waiting, None, None)
    return first, following, solution


def next_clock(clocks: tuple[Clock, ...]) -> Clock:
    """The clock that comes next: the earliest deadline that is still open, else a paused one, else none."""
    return min(clocks, key=sort_key)


def sort_key(clock: Clock) -> tuple[int, float]:
    """Orders by the next deadline; paused clocks after running ones, those without a deadline last."""
    return _ORDER[clock.state], clock.due.timestamp() if clock.due is not None else 0.0


def _clock(
    kind: ClockKind, due: datetime | None, hours: float | None, opened: datetime, now: datetime,
    waiting: datetime | None, stopped: datetime | None, closed: datetime | None,
) -> Clock:  # fmt: skip
    if due is None or (stopped is None and closed is not None):
        return Clock(kind, "none", stopped_at=stopped)
    # pauses move the deadline, and with it the start that counts
    start = due - timedelta(hours=hours) if hours else min(opened, due)
    target = due - start
    at = stopped or (min(waiting, now) if waiting is not None else now)
    elapsed, remaining = max(at - start, timedelta()), due - at
    share = elapsed / target if target else 1.0
    if stopped is not None:
        state: State = "met" if stopped <= due else "missed"
    elif waiting is not None:
        state = "paused"
    elif remaining < timedelta():
        state = "overdue"
    else:
        state = "risk" if share >= RISK else "running"
    return Clock(kind, state, due, target, elapsed, remaining, share, stopped)
