"""What people do with deals, pipelines, the calendar and cases."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta
from decimal import Decimal
from types import SimpleNamespace

import sqlalchemy as sa

from crm_desktop.calendar import service as calendar
from crm_desktop.calendar.service import Scope
from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import service as records
from crm_desktop.sales import service as sales
from tests.helpers.action_world import AT, World, action

# sales


@action("create a deal")
def _create_deal(w: World, uow: UnitOfWork) -> None:
    sales.quick_add_deal(uow, w.word(), company=w.word(), amount=Decimal(w.dice.randint(100, 900)))


@action("drag a deal to another stage")
def _move_deal(w: World, uow: UnitOfWork) -> None:
    deal = w.one(uow, "deal", "status = 'open'")
    stage = w.some(uow, "stage", f"pipeline_id = {deal['pipeline_id']}")
    sales.move_deal(uow, deal["id"], stage, position=w.dice.randrange(3))


@action("win a deal")
def _win(w: World, uow: UnitOfWork) -> None:
    sales.win_deal(uow, w.some(uow, "deal", "status = 'open'"), closed_on=date(2026, 3, 12))


@action("lose a deal")
def _lose(w: World, uow: UnitOfWork) -> None:
    sales.lose_deal(uow, w.some(uow, "deal", "status = 'open'"), "price", w.word())


@action("reopen a deal")
def _reopen(w: World, uow: UnitOfWork) -> None:
    sales.reopen_deal(uow, w.some(uow, "deal", "status <> 'open'"))


@action("postpone a deal")
def _postpone(w: World, uow: UnitOfWork) -> None:
    sales.postpone_deal(
        uow, w.some(uow, "deal", "status = 'open'"), clock.today() + timedelta(days=w.dice.randint(1, 28))
    )


@action("edit a deal")
def _edit_deal(w: World, uow: UnitOfWork) -> None:
    values = {"name": w.word(), "amount": Decimal(w.number), "contact_id": w.some(uow, "contact")}
    records.update_record(uow, "deal", w.some(uow, "deal"), values)


@action("create a pipeline")
def _pipeline(w: World, uow: UnitOfWork) -> None:
    sales.create_pipeline(uow, w.word())


@action("rename a pipeline")
def _rename_pipeline(w: World, uow: UnitOfWork) -> None:
    sales.rename_pipeline(uow, w.some(uow, "pipeline"), w.word())


@action("reorder pipelines")
def _order_pipelines(w: World, uow: UnitOfWork) -> None:
    sales.reorder_pipelines(uow, w.several(uow, "pipeline", 2))


@action("archive a pipeline")
def _archive(w: World, uow: UnitOfWork) -> None:
    sales.archive_pipeline(uow, w.some(uow, "pipeline"))


@action("delete a pipeline")
def _delete_pipeline(w: World, uow: UnitOfWork) -> None:
    sales.delete_pipeline(uow, w.some(uow, "pipeline", "id NOT IN (SELECT pipeline_id FROM deal)"))


@action("use a pipeline again")
def _use_again(w: World, uow: UnitOfWork) -> None:
    sales.archive_pipeline(uow, w.some(uow, "pipeline", "NOT active"), active=True)


@action("add a stage")
def _stage(w: World, uow: UnitOfWork) -> None:
    sales.add_stage(uow, w.some(uow, "pipeline"), w.word(), probability=40, rotting_days=9)


@action("change a stage")
def _change_stage(w: World, uow: UnitOfWork) -> None:
    sales.update_stage(uow, w.some(uow, "stage"), name=w.word(), rotting_days=w.dice.randint(1, 30))


@action("move a stage")
def _move_stage(w: World, uow: UnitOfWork) -> None:
    sales.move_stage(uow, w.some(uow, "stage"), w.dice.choice([-1, 1]))


@action("order the stages")
def _order_stages(w: World, uow: UnitOfWork) -> None:
    pipeline = w.some(uow, "pipeline")
    table = Base.metadata.tables["stage"]
    ids = sorted(uow.connection.execute(sa.select(table.c.id).where(table.c.pipeline_id == pipeline)).scalars())
    w.dice.shuffle(ids)
    sales.reorder_stages(uow, ids)


@action("delete a stage and move its deals")
def _delete_stage(w: World, uow: UnitOfWork) -> None:
    stage = w.one(uow, "stage", "outcome = 'open'")
    other = w.some(uow, "stage", f"pipeline_id = {stage['pipeline_id']} AND outcome = 'open' AND id <> {stage['id']}")
    sales.delete_stage(uow, stage["id"], move_to=other)


# calendar


@action("plan an appointment")
def _plan(w: World, uow: UnitOfWork) -> None:
    start = AT + timedelta(days=w.dice.randrange(20))
    values = {"kind": "meeting", "subject": w.word(), "starts": start, "ends": start + timedelta(hours=1)}
    calendar.plan_activity(uow, values, links=[("contact", w.some(uow, "contact"))])


@action("plan a series")
def _series(w: World, uow: UnitOfWork) -> None:
    values = {"kind": "meeting", "subject": w.word(), "starts": AT, "rrule": "FREQ=DAILY;COUNT=12"}
    calendar.plan_activity(uow, values, links=[("company", w.some(uow, "company"))])


@action("plan a task")
def _task(w: World, uow: UnitOfWork) -> None:
    calendar.plan_activity(uow, {"kind": "task", "subject": w.word()}, links=[("contact", w.some(uow, "contact"))])


@action("drag an appointment")
def _drag(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "starts IS NOT NULL AND rrule IS NULL AND series_id IS NULL")
    start = row["starts"] + timedelta(hours=w.dice.randint(1, 9))
    calendar.move_activity(uow, row["id"], start, start + timedelta(minutes=30))


@action("drag one of a series")
def _drag_one(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    when = row["starts"] + timedelta(days=1)
    calendar.move_activity(uow, row["id"], when + timedelta(hours=2), when + timedelta(hours=3), recurrence_id=when,
                           scope=Scope.THIS)  # fmt: skip


@action("drag the rest of a series")
def _drag_rest(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    when = row["starts"] + timedelta(days=1)
    calendar.move_activity(uow, row["id"], when + timedelta(hours=2), when + timedelta(hours=3), recurrence_id=when,
                           scope=Scope.FOLLOWING)  # fmt: skip


@action("note a call down")
def _call(w: World, uow: UnitOfWork) -> None:
    call = SimpleNamespace(direction="out", outcome="reached", seconds=90, text=f"{w.word()}\n{w.word()}",
                           next_step=w.word(), next_day=AT.date(), next_time=time(9, 30))  # fmt: skip
    calendar.log_call(uow, [("contact", w.some(uow, "contact")), ("deal", w.some(uow, "deal"))], call)


@action("edit an appointment")
def _edit_activity(w: World, uow: UnitOfWork) -> None:
    links = [("contact", w.some(uow, "contact")), ("company", w.some(uow, "company"))]
    values = {"subject": w.word(), "description": w.word()}
    calendar.edit_activity(uow, w.some(uow, "activity", "rrule IS NULL"), values, links=links)


def _edit_series(w: World, uow: UnitOfWork, values: dict[str, object], scope: Scope) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    when = row["starts"] + timedelta(days=2)
    links = [("contact", w.some(uow, "contact"))] if w.dice.random() < 0.5 else None
    calendar.edit_activity(uow, row["id"], values, recurrence_id=when, scope=scope, links=links)


@action("edit one of a series")
def _edit_one(w: World, uow: UnitOfWork) -> None:
    _edit_series(w, uow, {"subject": w.word()}, Scope.THIS)


@action("edit the rest of a series")
def _edit_rest(w: World, uow: UnitOfWork) -> None:
    _edit_series(w, uow, {"subject": w.word(), "rrule": "FREQ=DAILY;COUNT=4"}, Scope.FOLLOWING)


@action("edit a whole series")
def _edit_all(w: World, uow: UnitOfWork) -> None:
    _edit_series(w, uow, {"subject": w.word(), "rrule": "FREQ=WEEKLY;COUNT=6"}, Scope.ALL)


@action("let a series repeat no longer")
def _end_repeating(w: World, uow: UnitOfWork) -> None:
    _edit_series(w, uow, {"rrule": None}, Scope.ALL)


@action("give a task an hour")
def _schedule_task(w: World, uow: UnitOfWork) -> None:
    start = (AT + timedelta(days=w.dice.randrange(20))).replace(tzinfo=UTC)
    calendar.schedule_task(uow, w.some(uow, "activity", "kind = 'task'"), start, start + timedelta(hours=1))


@action("say what an appointment belongs to")
def _links(w: World, uow: UnitOfWork) -> None:
    links = [("deal", w.some(uow, "deal")), ("company", w.some(uow, "company"))]
    calendar.set_links(uow, w.some(uow, "activity"), links)


@action("complete an activity")
def _complete(w: World, uow: UnitOfWork) -> None:
    calendar.complete_activity(
        uow,
        w.some(uow, "activity", "rrule IS NULL", "status = 'planned'"),
        outcome=w.dice.choice(["reached", "no_answer"]),
    )


@action("complete one of a series")
def _complete_one(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    when = row["starts"] + timedelta(days=3)
    calendar.complete_activity(uow, row["id"], recurrence_id=when, outcome="reached")


@action("take a tick back")
def _not_done(w: World, uow: UnitOfWork) -> None:
    calendar.complete_activity(uow, w.some(uow, "activity", "rrule IS NULL", "status = 'done'"), done=False)


@action("delete the rest of a series")
def _delete_rest(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    when = row["starts"] + timedelta(days=w.dice.randrange(4))
    calendar.delete_activity(uow, row["id"], recurrence_id=when, scope=Scope.FOLLOWING)


@action("leave one of a series out")
def _leave_out(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "activity", "rrule IS NOT NULL")
    calendar.delete_activity(uow, row["id"], recurrence_id=row["starts"] + timedelta(days=1), scope=Scope.THIS)


@action("delete an activity")
def _delete_activity(w: World, uow: UnitOfWork) -> None:
    calendar.delete_activity(uow, w.some(uow, "activity"))


# cases


@action("open a case")
def _case(w: World, uow: UnitOfWork) -> None:
    cases.create_case(uow, {"subject": w.word(), "contact_id": w.some(uow, "contact")}, message=w.word())


@action("edit a case")
def _edit_case(w: World, uow: UnitOfWork) -> None:
    values = {"subject": w.word(), "company_id": w.some(uow, "company"), "priority": w.dice.choice(["low", "high"])}
    records.update_record(uow, "case", w.some(uow, "case"), values)


@action("write in a case")
def _message(w: World, uow: UnitOfWork) -> None:
    cases.add_message(uow, w.some(uow, "case"), w.dice.choice(["in", "out", "note"]), w.word())


@action("edit a message of a case")
def _edit_message(w: World, uow: UnitOfWork) -> None:
    cases.update_message(uow, w.some(uow, "case_message", "kind = 'note'"), w.word())


@action("delete a message of a case")
def _delete_message(w: World, uow: UnitOfWork) -> None:
    cases.delete_message(uow, w.some(uow, "case_message", "kind = 'note'"))


@action("change the status of a case")
def _status(w: World, uow: UnitOfWork) -> None:
    cases.change_status(uow, w.some(uow, "case"), w.dice.choice(["open", "solved"]), solution="Done")


@action("give a case to somebody")
def _assign(w: World, uow: UnitOfWork) -> None:
    cases.assign_case(uow, w.some(uow, "case"), w.some(uow, "user_account"))
