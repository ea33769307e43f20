"""What every deal obeys, whoever writes it: it stands in a stage of a pipeline, and its status follows the stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.records.service import RuleContext
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.sales.stages import Plan, StageInfo, read_plan

_GAP = 1024


def complete_deal(context: RuleContext, values: dict[str, Any], current: Mapping[str, Any] | None) -> None:
    """Place a deal and fill in what follows from its place: status, dates, currency, position."""
    probability = values.get("probability")
    if probability is not None and not 0 <= probability <= 100:
        raise FieldError("probability", N_("The probability must be between 0 and 100."))
    if current is None:
        stage = _stage_of_new(_plan(context), values)
        _complete_new(context, values, stage)
    else:
        stage_or_none = _stage_of_changed(context, values, current)
        if stage_or_none is None:
            _check_close(values, current, str(current["status"]))
            return
        stage = stage_or_none
    moved = current is None or stage.id != current["stage_id"]
    values |= {"pipeline_id": stage.pipeline_id, "stage_id": stage.id, "status": stage.outcome}
    if moved:
        values["stage_since"] = values.get("created_at") or context.uow.now
        values.setdefault("position", top_position(context))
    _check_close(values, current, stage.outcome)


def top_position(context: RuleContext) -> int:
    """A position above every card that is already on a board; later ones of the same unit of work stand higher."""
    last = context.cache.get("position", -int(context.uow.now.timestamp() * 1000))
    context.cache["position"] = last - _GAP
    return int(last)


def _plan(context: RuleContext) -> Plan:
    plan = context.cache.get("plan")
    if plan is None:
        plan = read_plan(context.uow.connection)
        if not plan.stages:
            ensure_default_pipeline(context.uow)
            plan = read_plan(context.uow.connection)
        context.cache["plan"] = plan
    assert isinstance(plan, Plan)
    return plan


def _stage_of_new(plan: Plan, values: Mapping[str, Any]) -> StageInfo:
    status, pipeline_id = values.get("status") or "open", values.get("pipeline_id")
    if values.get("stage_id") is None:
        return plan.first(pipeline_id or next(iter(plan.pipelines)), status)
    stage = plan.stage(values["stage_id"])
    if pipeline_id and pipeline_id != stage.pipeline_id:
        stage = plan.like(pipeline_id, stage)
    if stage.outcome == "open" and status != "open":
        return plan.first(stage.pipeline_id, status)
    return stage


def _stage_of_changed(context: RuleContext, values: Mapping[str, Any], current: Mapping[str, Any]) -> StageInfo | None:
    """Where a changed deal stands now; None where neither pipeline, stage nor status changed."""
    if not {"pipeline_id", "stage_id", "status"} & values.keys():
        return None
    plan = _plan(context)
    if values.get("stage_id") is not None:
        stage = plan.stage(values["stage_id"])
    else:
        stage = plan.stage(current["stage_id"])
        if values.get("pipeline_id") is not None:
            stage = plan.like(values["pipeline_id"], stage)
    status = values.get("status")
    if status and status != stage.outcome and (stage.outcome == "open" or "stage_id" not in values):
        return plan.first(stage.pipeline_id, status)
    return stage


def _complete_new(context: RuleContext, values: dict[str, Any], stage: StageInfo) -> None:
    today = clock.today()
    expected = values.get("expected_close")
    if stage.outcome != "open" and not values.get("closed_on") and expected and expected < today:
        values["closed_on"] = expected  # a deal of the past is brought in: it was not closed today
    if not values.get("opened_on"):
        values["opened_on"] = min(values.get("closed_on") or today, today)
    if stage.outcome == "open" and values.get("closed_on") and not values.get("expected_close"):
        values["expected_close"] = values["closed_on"]
    if not values.get("currency"):
        values["currency"] = (
            _plan(context).pipelines.get(stage.pipeline_id)
            or _company_currency(context, values.get("company_id"))
            or formats.default_currency()
        )
    if not values.get("company_id") and values.get("contact_id"):
        values["company_id"] = _company_of(context, values["contact_id"])


def _check_close(values: dict[str, Any], current: Mapping[str, Any] | None, outcome: str) -> None:
    """Closed deals have a day of closing, open ones none."""
    before = current or {}
    if outcome == "open":
        if values.get("closed_on", before.get("closed_on")) is not None:
            values["closed_on"] = None
        if current is not None and current["status"] != "open":
            values["lost_reason"] = None
        return
    if outcome == "won" and values.get("lost_reason", before.get("lost_reason")) is not None:
        values["lost_reason"] = None
    still = before.get("closed_on") if before.get("status") == outcome else None
    if values.get("closed_on", still) is None:
        values["closed_on"] = clock.today()


def _company_of(context: RuleContext, contact_id: int) -> int | None:
    contact = Base.metadata.tables["contact"]
    statement = sa.select(contact.c.company_id).where(contact.c.id == contact_id)
    found: int | None = context.uow.connection.execute(statement).scalar()
    return found


def _company_currency(context: RuleContext, company_id: int | None) -> str | None:
    if company_id is None:
        return None
    known: dict[int, str | None] = context.cache.setdefault("company_currency", {})
    if company_id not in known:
        company = Base.metadata.tables["company"]
        statement = sa.select(company.c.currency).where(company.c.id == company_id)
        known[company_id] = context.uow.connection.execute(statement).scalar()
    return known[company_id]
