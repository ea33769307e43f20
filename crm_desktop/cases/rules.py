"""What every case obeys, whoever writes it: a protocol number, allowed changes of status, clocks that are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm_desktop.cases.case import OPEN_STATUSES, STATUSES, TRANSITIONS
from crm_desktop.cases.deadlines import Target, read_targets
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _
from crm_desktop.records.numbers import draw_number, reserve_number
from crm_desktop.records.service import RuleContext

_OURS = re.compile(r"(\d{4})-(\d{6,})")


def complete_case(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Number a new case and start its clocks; keep the clocks of a changed one."""
    if current is None:
        _complete_new(context, values)
        return
    now = context.uow.now
    if "status" in values:
        check_transition(str(current["status"]), values["status"])
        _keep_clocks(values, current, now)
    if "priority" in values:
        _follow_priority(context, values, current)


def check_transition(old: str, new: str) -> None:
    """Refuse a change of status that is not allowed.

    Raises:
        FieldError: it is not; the sentence names what is.
    """
    if new == old or new in TRANSITIONS.get(old, ()):
        return
    labels = {choice.key: _(choice.label) for choice in STATUSES}
    raise FieldError(
        "status", N_("A case that is “{now}” cannot become “{wanted}”. Choose one of: {allowed}."), value=new,
        now=labels.get(old, old), wanted=labels.get(new, new),
        allowed=", ".join(labels[key] for key in TRANSITIONS.get(old, ())),
    )  # fmt: skip


def protocol_year(context: RuleContext, values: Mapping[str, Any]) -> int:
    """The local year in which a case was opened."""
    return _opened(context, values).astimezone(clock.local_zone()).year


def _complete_new(context: RuleContext, values: dict[str, Any]) -> None:
    uow = context.uow
    given = str(values.get("number") or "").strip()
    if given:
        values["number"] = given
        ours = _OURS.fullmatch(given)
        if ours:
            reserve_number(uow, f"case-{ours[1]}", int(ours[2]))
    else:
        year = protocol_year(context, values)
        values["number"] = f"{year}-{draw_number(uow, f'case-{year}'):06d}"
    opened = _opened(context, values)
    status = values.get("status") or "new"
    if status in OPEN_STATUSES:
        respond, resolve = _targets(context)[values.get("priority") or "normal"].dues(opened)
        values["respond_due"] = values.get("respond_due") or respond
        values["resolve_due"] = values.get("resolve_due") or resolve
        values["solved_at"] = None
    else:
        values["solved_at"] = values.get("solved_at") or uow.now
    if status == "waiting":
        values["waiting_since"] = values.get("waiting_since") or uow.now
    if status == "closed":
        values["closed_at"] = values.get("closed_at") or values["solved_at"]


def _keep_clocks(values: dict[str, Any], current: Mapping[str, Any], now: datetime) -> None:
    """Deadlines stand still while the customer is waited for, and while a case is solved until it is reopened."""
    new, old = values["status"], current["status"]
    paused: datetime | None = current["waiting_since"] if old == "waiting" else None
    if old == "waiting":
        values["waiting_since"] = None
    if new == "waiting":
        values["waiting_since"] = now
    if new in ("solved", "closed") and current["solved_at"] is None:
        values["solved_at"] = values.get("solved_at") or now
    if new == "closed":
        values["closed_at"] = now
    if old in ("solved", "closed") and new in OPEN_STATUSES:
        paused = current["solved_at"]
        values |= {"solved_at": None, "closed_at": None, "reopened": (current["reopened"] or 0) + 1}
    if paused is not None:
        for name, met in (("respond_due", current["responded_at"]), ("resolve_due", None)):
            if met is None and name not in values and current[name] is not None:
                values[name] = current[name] + (now - paused)


def _follow_priority(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any]) -> None:
    """Another priority moves the deadlines by the difference of the targets, unless somebody set them by hand."""
    targets = _targets(context)
    before, after = targets[current["priority"]], targets[values["priority"]]
    for name, old, new in (
        ("respond_due", before.respond, after.respond),
        ("resolve_due", before.resolve, after.resolve),
    ):
        if name in values or (name == "respond_due" and current["responded_at"] is not None):
            continue
        base = Target(old, None).dues(current["created_at"])[0]
        wanted = Target(new, None).dues(current["created_at"])[0]
        if current[name] is None or base is None:
            values[name] = wanted if current[name] is None else current[name]
        elif current[name] >= base:  # pauses have moved it on
            values[name] = None if wanted is None else wanted + (current[name] - base)


def _opened(context: RuleContext, values: Mapping[str, Any]) -> datetime:
    opened = values.get("created_at")
    return opened if isinstance(opened, datetime) else context.uow.now


def _targets(context: RuleContext) -> dict[str, Target]:
    found: dict[str, Target] | None = context.cache.get("targets")
    if found is None:
        found = context.cache["targets"] = read_targets(context.uow.connection)
    return found
