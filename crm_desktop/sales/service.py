"""Writes of sales: moving, winning and losing deals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.i18n import N_, _
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.journal import change
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import bulk_edit, service, settled
from crm_desktop.sales.stages import StageInfo, read_plan

STAGES = (
    (N_("Qualification"), 10, "open", 14),
    (N_("Needs analysis"), 25, "open", 15),
    (N_("Proposal"), 50, "open", 10),
    (N_("Negotiation"), 75, "open", 10),
    (N_("Closing"), 90, "open", 7),
    (N_("Won"), 100, "won", None),
    (N_("Lost"), 0, "lost", None),
)
"""The stages that a new pipeline starts with: name, probability, outcome, days until a deal counts as stalled."""

POSTPONED = "postponed"
"""Role of the link from a follow-up task to the deal that waits for it; such a deal is not stalled."""

_GAP = 1024


def ensure_default_pipeline(uow: UnitOfWork) -> int:
    """The id of the first pipeline, made with the usual stages if the office has none."""
    plan = read_plan(uow.connection)
    for pipeline_id in plan.pipelines:
        if any(stage.pipeline_id == pipeline_id for stage in plan.stages.values()):
            return pipeline_id
    return create_pipeline(uow, _("Sales"))


def create_pipeline(uow: UnitOfWork, name: str, *, currency: str | None = None) -> int:
    """Add a pipeline with the usual stages, after the others. Returns its id.

    Raises:
        ValidationFailed: the name is empty.
    """
    last = uow.connection.execute(sa.select(sa.func.max(uow.table("pipeline").c.position))).scalar()
    values = {"name": name, "currency": currency, "position": (last or 0) + 1, "active": True}
    pipeline_id = service.create_record(uow, "pipeline", values)
    for position, (title, probability, outcome, days) in enumerate(STAGES, 1):
        service.create_record(uow, "stage", {
            "pipeline_id": pipeline_id, "name": _(title), "position": position, "outcome": outcome,
            "probability": Decimal(probability), "rotting_days": days,
        })  # fmt: skip
    return pipeline_id


def rename_pipeline(uow: UnitOfWork, pipeline_id: int, name: str, *, seen: str | None = None) -> None:
    """Call a pipeline something else.

    Raises:
        SettingChanged: its name is no longer the one that was ``seen``.
    """
    known = None if seen is None else {"name": seen}
    service.update_record(uow, "pipeline", pipeline_id, _settled(uow, "pipeline", pipeline_id, {"name": name}, known))


def _settled(
    uow: UnitOfWork, entity: str, record_id: int, values: dict[str, Any], seen: Mapping[str, Any] | None
) -> dict[str, Any]:
    table = uow.table(entity)
    row = uow.connection.execute(sa.select(table).where(table.c.id == record_id).with_for_update()).mappings().first()
    if row is None:
        raise RecordGone(entity, record_id)
    return settled.merged(uow, entity, dict(row), values, seen)


def reorder_pipelines(uow: UnitOfWork, ids: list[int]) -> None:
    """Put the pipelines in this order; the first one takes deals that name none."""
    for position, pipeline_id in enumerate(ids, 1):
        service.update_record(uow, "pipeline", pipeline_id, {"position": position})


def archive_pipeline(uow: UnitOfWork, pipeline_id: int, *, active: bool = False) -> None:
    """Take a pipeline out of use, or back into it; its deals stay.

    Raises:
        UserError: it is the only one in use.
    """
    table = uow.table("pipeline")
    others = sa.select(sa.func.count()).where(table.c.active.is_(True), table.c.id != pipeline_id)
    if not active and not uow.connection.execute(others).scalar_one():
        raise UserError(N_("One pipeline must stay in use. Add another one first."))
    service.update_record(uow, "pipeline", pipeline_id, {"active": active})


def delete_pipeline(uow: UnitOfWork, pipeline_id: int) -> None:
    """Delete a pipeline that has no deals.

    Raises:
        UserError: it has deals, or it is the only one.
    """
    _refuse_deals(uow, uow.table("deal").c.pipeline_id == pipeline_id)
    if uow.connection.execute(sa.select(sa.func.count()).select_from(uow.table("pipeline"))).scalar_one() == 1:
        raise UserError(N_("One pipeline must stay. Add another one first."))
    uow.delete_where("stage", uow.table("stage").c.pipeline_id == pipeline_id)
    service.delete_records(uow, "pipeline", [pipeline_id])


def add_stage(
    uow: UnitOfWork, pipeline_id: int, name: str, *, probability: Decimal | int = 50, rotting_days: int | None = None,
    outcome: str = "open",
) -> int:  # fmt: skip
    """Add a stage to a pipeline, after the open ones (a won or lost one at the end). Returns its id."""
    stages = [stage for stage in read_plan(uow.connection).stages.values() if stage.pipeline_id == pipeline_id]
    stage_id = service.create_record(uow, "stage", {
        "pipeline_id": pipeline_id, "name": name, "position": len(stages) + 1, "probability": Decimal(probability),
        "rotting_days": rotting_days, "outcome": outcome,
    })  # fmt: skip
    before = [stage.id for stage in stages if outcome != "open" or stage.outcome == "open"]
    reorder_stages(uow, [*before, stage_id, *(stage.id for stage in stages if stage.id not in before)])
    return stage_id


def update_stage(uow: UnitOfWork, stage_id: int, *, seen: Mapping[str, Any] | None = None, **values: Any) -> None:
    """Change a stage's ``name``, ``probability`` or ``rotting_days``.

    Args:
        seen: what whoever changes them saw.

    Raises:
        SettingChanged: a colleague changed the same meanwhile.
        FieldError: the probability is not between 0 and 100, or the days are not positive.
    """
    probability, days = values.get("probability"), values.get("rotting_days")
    if probability is not None and not 0 <= Decimal(probability) <= 100:
        raise FieldError("probability", N_("The probability must be between 0 and 100."))
    if days is not None and days < 1:
        raise FieldError("rotting_days", N_("Give at least one day, or leave it empty."))
    service.update_record(uow, "stage", stage_id, _settled(uow, "stage", stage_id, values, seen))


def move_stage(uow: UnitOfWork, stage_id: int, step: int) -> None:
    """Move a stage one place up (-1) or down (1), from where it stands now: what colleagues moved stays so.

    Raises:
        RecordGone: a colleague deleted it.
    """
    table = uow.table("stage")
    pipeline = sa.select(table.c.pipeline_id).where(table.c.id == stage_id).scalar_subquery()
    order = sa.select(table.c.id).where(table.c.pipeline_id == pipeline).order_by(table.c.position, table.c.id)
    ids = list(uow.connection.execute(order.with_for_update()).scalars())
    if stage_id not in ids:
        raise RecordGone("stage", stage_id)
    place = ids.index(stage_id)
    if 0 <= place + step < len(ids):
        ids.insert(place + step, ids.pop(place))
        reorder_stages(uow, ids)


def reorder_stages(uow: UnitOfWork, ids: list[int]) -> None:
    """Put stages of a pipeline in this order."""
    for position, stage_id in enumerate(ids, 1):
        service.update_record(uow, "stage", stage_id, {"position": position})


def delete_stage(uow: UnitOfWork, stage_id: int, *, move_to: int | None = None) -> None:
    """Delete a stage; its deals go to ``move_to``.

    Raises:
        UserError: it has deals and ``move_to`` is not given, or it is the pipeline's last one with this outcome.
    """
    plan = read_plan(uow.connection)
    stage = plan.stage(stage_id)
    same = [s for s in plan.stages.values() if s.pipeline_id == stage.pipeline_id and s.outcome == stage.outcome]
    if len(same) == 1:
        raise UserError(N_("A pipeline needs at least one stage for open, one for won and one for lost deals."))
    deal = uow.table("deal")
    if move_to is None:
        _refuse_deals(uow, deal.c.stage_id == stage_id)
    else:
        ids = uow.connection.execute(sa.select(deal.c.id).where(deal.c.stage_id == stage_id)).scalars().all()
        uow.ask_power("settings")
        with uow.unasked():  # the deals of everybody
            bulk_edit.update_records(uow, "deal", list(ids), {"stage_id": move_to})
    service.delete_records(uow, "stage", [stage_id])


def move_deal(
    uow: UnitOfWork, deal_id: int, stage_id: int, *, position: int | None = None, before: int | None = None,
    seen: int | None = None,
) -> None:  # fmt: skip
    """Put a deal in a stage.

    Args:
        position: its place in the column, 0 at the top; on top where neither is given.
        before: the deal that it goes in front of, which also works in a filtered column.
        seen: the stage in which whoever moves it saw it; None does not ask.

    Raises:
        EditConflict: somebody else put it into another stage meanwhile.
    """
    values: dict[str, Any] = {"stage_id": stage_id}
    if before is not None or position is not None:
        values["position"] = _position(uow, deal_id, stage_id, position, before)
    base = {"stage_id": seen} if seen is not None else service.NO_BASE
    service.update_record(uow, "deal", deal_id, values, base=base)


def win_deal(uow: UnitOfWork, deal_id: int, *, closed_on: date | None = None) -> None:
    """Mark a deal as won, today or on another day."""
    _close_deal(uow, deal_id, "won", {"closed_on": closed_on or clock.today()})


def lose_deal(
    uow: UnitOfWork, deal_id: int, reason: str | None = None, competitor: str = "", *, closed_on: date | None = None
) -> None:
    """Mark a deal as lost.

    Args:
        reason: a key of ``LOST_REASONS``.
        competitor: to whom.
    """
    values: dict[str, Any] = {"lost_reason": reason, "closed_on": closed_on or clock.today()}
    if competitor.strip():
        values["competitor"] = competitor.strip()
    _close_deal(uow, deal_id, "lost", values)


def reopen_deal(uow: UnitOfWork, deal_id: int, *, stage_id: int | None = None) -> None:
    """Open a won or lost deal again, in the open stage it came from unless another is given."""
    if stage_id is None:
        stage_id = _last_open_stage(uow, deal_id).id
    service.update_record(uow, "deal", deal_id, {"stage_id": stage_id})


def postpone_deal(uow: UnitOfWork, deal_id: int, until: date, *, subject: str = "") -> int:
    """Let a deal rest until a day: a task reminds of it then, and it does not count as stalled before.

    Returns the task's id.

    Raises:
        FieldError: the day is not in the future.
    """
    if until <= clock.today():
        raise FieldError("until", N_("Choose a day after today."))
    deal = uow.table("deal")
    row = uow.connection.execute(
        sa.select(deal.c.name, deal.c.owner_id, deal.c.expected_close).where(deal.c.id == deal_id)
    ).first()
    if row is None:
        raise RecordGone("deal", deal_id)
    if row.expected_close is None or row.expected_close < until:
        service.update_record(uow, "deal", deal_id, {"expected_close": until})
    title = subject.strip() or _("Follow up: {deal}").format(deal=row.name)
    link = {"entity": "deal", "record_id": deal_id, "role": POSTPONED}
    values = {"subject": title, "kind": "task", "due": until, "owner_id": row.owner_id or uow.actor.user_id}
    return service.create_record(uow, "activity", values, children={"links": [link]})


def quick_add_deal(
    uow: UnitOfWork, name: str, *, stage_id: int | None = None, company_id: int | None = None, company: str = "",
    contact_id: int | None = None, amount: Decimal | str | None = None, expected_close: date | None = None,
) -> int:  # fmt: skip
    """Add a deal from a few words; who adds it owns it. Returns its id.

    Args:
        company: the company's name, for one that may not be known yet.
        amount: as typed or as a number.
    """
    if company_id is None and company.strip():
        company_id = _company_named(uow, company.strip())
    values = {
        "name": name, "stage_id": stage_id, "company_id": company_id, "contact_id": contact_id, "amount": amount,
        "expected_close": expected_close, "owner_id": uow.actor.user_id,
    }  # fmt: skip
    given = {key: value for key, value in values.items() if value is not None}
    return service.create_record(uow, "deal", given)


def _close_deal(uow: UnitOfWork, deal_id: int, status: str, values: dict[str, Any]) -> None:
    service.update_record(uow, "deal", deal_id, {"status": status, **values})


def _company_named(uow: UnitOfWork, name: str) -> int:
    table = uow.table("company")
    found = uow.connection.execute(
        sa.select(table.c.id).where(table.c.sort_name == fold(name)).order_by(table.c.id).limit(1)
    ).scalar()
    return int(found) if found is not None else service.create_record(uow, "company", {"name": name})


def _refuse_deals(uow: UnitOfWork, where: sa.ColumnElement[bool]) -> None:
    count = uow.connection.execute(sa.select(sa.func.count()).select_from(uow.table("deal")).where(where)).scalar_one()
    if count:
        raise UserError(N_("There are still deals in it ({n}). Move them to another stage first."), n=count)


def _last_open_stage(uow: UnitOfWork, deal_id: int) -> StageInfo:
    """The open stage that the history shows last for a deal, else the first one of its pipeline."""
    deal = Base.metadata.tables["deal"]
    pipeline_id = uow.connection.execute(sa.select(deal.c.pipeline_id).where(deal.c.id == deal_id)).scalar()
    if pipeline_id is None:
        raise RecordGone("deal", deal_id)
    plan = read_plan(uow.connection)
    rows = uow.connection.execute(
        sa.select(change.c.data)
        .where(change.c.record_id == deal_id, change.c.table_name == "deal", change.c.op == "U")
        .order_by(change.c.id.desc())
    ).scalars()
    for data in rows:
        old = (data or {}).get("stage_id")
        stage = plan.stages.get(old[0]) if old else None
        if stage is not None and stage.outcome == "open" and stage.pipeline_id == pipeline_id:
            return stage
    return plan.first(pipeline_id, "open")


def _position(uow: UnitOfWork, deal_id: int, stage_id: int, place: int | None, before: int | None) -> int:
    """The position value for a place in a column; where there is no room left, the column is spread out again."""
    column = _column(uow, stage_id, deal_id)
    index = next((i for i, (identity, _at) in enumerate(column) if identity == before), place or 0)
    index = max(0, min(index, len(column)))
    if not column:
        return 0
    if index == 0:
        return column[0][1] - _GAP
    if index == len(column):
        return column[-1][1] + _GAP
    above, below = column[index - 1][1], column[index][1]
    if below - above > 1:
        return (above + below) // 2
    start = column[0][1]
    with uow.unasked():  # the others keep their places, whoever owns them
        for i, (identity, at) in enumerate(column):
            if at != start + i * _GAP:
                service.update_record(uow, "deal", identity, {"position": start + i * _GAP})
    return start + index * _GAP - _GAP // 2


def _column(uow: UnitOfWork, stage_id: int, without: int) -> list[tuple[int, int]]:
    """(id, position) of the deals of a stage from top to bottom."""
    deal = uow.table("deal")
    at = sa.func.coalesce(deal.c.position, 0)
    rows = uow.connection.execute(
        sa.select(deal.c.id, at).where(deal.c.stage_id == stage_id, deal.c.id != without).order_by(at, deal.c.id.desc())
    )
    return [(identity, int(position)) for identity, position in rows]
