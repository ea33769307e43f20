"""Every kind of thing that people do in the program, each as one small function over a random office.

The test of undo does each of them once, takes it back and brings it again; the property test does many in a random order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.calendar import service as calendar
from crm_desktop.calendar.service import Scope
from crm_desktop.cases import service as cases
from crm_desktop.contacts import consents, relations_service
from crm_desktop.contacts import service as contacts
from crm_desktop.core import clock
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import lines
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
from crm_desktop.dedupe import settings as dedupe_settings
from crm_desktop.dedupe import worklist
from crm_desktop.importing import recipes
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.recipes import Seen
from crm_desktop.importing.run import run_import
from crm_desktop.records import (
    attach_service,
    blobs,
    bulk_edit,
    custom,
    external_ids,
    field_service,
    files_service,
    kind_change,
    layout,
    merging,
    pasting,
    service,
    views,
)
from crm_desktop.records.layout import Layout, LayoutSection
from crm_desktop.records.office_service import save_settings
from crm_desktop.sales import service as sales
from crm_desktop.security import roles
from crm_desktop.security import service as people

WORDS = ("Ana", "Bia", "Caio", "Davi", "Eva", "Padaria Sol", "Oficina", "Mercado", "Curitiba", "Lapa")
AT = datetime(2026, 3, 10, 9, 0)


class Nothing(Exception):
    """There is nothing that this action could be done to."""


@dataclass
class World:
    """An office and the dice that choose in it."""

    database: Database
    dice: random.Random
    folder: Path
    number: int = 0

    def word(self) -> str:
        """A name that no other has."""
        self.number += 1
        return f"{self.dice.choice(WORDS)} {self.number}"

    def some(self, uow: UnitOfWork, table: str, *conditions: str) -> int:
        """The id of a random row."""
        return self.several(uow, table, 1, *conditions)[0]

    def several(self, uow: UnitOfWork, table: str, count: int, *conditions: str) -> list[int]:
        """The ids of random rows."""
        known = Base.metadata.tables[uow.table(table).name]
        statement = sa.select(known.c.id).order_by(known.c.id)
        for one in conditions:
            statement = statement.where(sa.text(one))
        ids = list(uow.connection.execute(statement).scalars())
        if len(ids) < count:
            raise Nothing(table)
        return self.dice.sample(ids, count)

    def one(self, uow: UnitOfWork, table: str, *conditions: str) -> Any:
        """A random row."""
        known = uow.table(table)
        chosen = self.some(uow, table, *conditions)
        return uow.connection.execute(sa.select(known).where(known.c.id == chosen)).mappings().one()


Act = Callable[[World, UnitOfWork], Any]
ACTIONS: dict[str, Act] = {}
WHOLE: dict[str, Callable[[World, Actor], Any]] = {}
"""Those that open units of work of their own."""


def action(name: str) -> Callable[[Act], Act]:
    """Give an action the name under which a failing test tells of it."""

    def known(act: Act) -> Act:
        ACTIONS[name] = act
        return act

    return known


def dump(database: Database) -> list[str]:
    """The logical dump, without what colleagues are told: notices come and go with what they tell of."""
    with database.read() as connection:
        return [one for one in lines(connection, database.schema) if not one.startswith('["notification"')]


def differences(before: list[str], after: list[str]) -> str:
    """What one dump says and the other does not, for a failing test."""
    gone, come = set(before) - set(after), set(after) - set(before)
    told = [f"- {one[:600]}" for one in sorted(gone)[:8]] + [f"+ {one[:600]}" for one in sorted(come)[:8]]
    return "\n".join(told)


def furnish(world: World) -> None:
    """Fill an empty office with some of everything."""
    for name, times in _FURNITURE:
        for _ in range(times):
            do(world, name, Actor(None, "Ana"))


def do(world: World, name: str, actor: Actor) -> bool:
    """Carry an action out; False where there was nothing to do."""
    try:
        if name in WHOLE:
            WHOLE[name](world, actor)
        else:
            with write(world.database, name, actor=actor) as uow:
                ACTIONS[name](world, uow)
    except Nothing:
        return False
    return True


def every_name() -> Iterator[str]:
    """The names of all actions."""
    yield from ACTIONS
    yield from WHOLE


# records


@action("create a contact")
def _create_contact(w: World, uow: UnitOfWork) -> int:
    values = {
        "name": w.word(),
        "email": f"n{w.number}@example.com",
        "city": "Curitiba",
        "mobile": f"+55419555{w.number:05d}",
    }
    return service.create_record(uow, "contact", values)


@action("create a company")
def _create_company(w: World, uow: UnitOfWork) -> int:
    return service.create_record(uow, "company", {"name": w.word(), "city": "Lapa"})


@action("create a product")
def _create_product(w: World, uow: UnitOfWork) -> int:
    return service.create_record(uow, "product", {"name": w.word(), "price": Decimal(12)})


@action("edit a contact")
def _edit_contact(w: World, uow: UnitOfWork) -> None:
    values = {"job_title": w.word(), "city": w.word(), "email": f"x{w.number}@example.com"}
    service.update_record(uow, "contact", w.some(uow, "contact"), values)


@action("edit a company")
def _edit_company(w: World, uow: UnitOfWork) -> None:
    service.update_record(
        uow, "company", w.some(uow, "company"), {"name": w.word(), "website": f"https://x{w.number}.example"}
    )


@action("give a contact a company")
def _give_company(w: World, uow: UnitOfWork) -> None:
    service.update_record(uow, "contact", w.some(uow, "contact"), {"company_id": w.some(uow, "company")})


@action("change phones and addresses")
def _points(w: World, uow: UnitOfWork) -> None:
    rows = [
        {"kind": "phone", "value": f"+55419555{w.number:05d}"},
        {"kind": "email", "value": f"p{w.number}@example.com"},
    ]
    w.number += 1
    service.replace_children(uow, "contact", w.some(uow, "contact"), "points", rows)


@action("delete contacts")
def _delete_contacts(w: World, uow: UnitOfWork) -> None:
    service.delete_records(uow, "contact", w.several(uow, "contact", w.dice.randint(1, 2)))


@action("delete a company")
def _delete_company(w: World, uow: UnitOfWork) -> None:
    service.delete_records(uow, "company", [w.some(uow, "company")])


@action("delete a deal")
def _delete_deal(w: World, uow: UnitOfWork) -> None:
    service.delete_records(uow, "deal", [w.some(uow, "deal")])


@action("delete a case")
def _delete_case(w: World, uow: UnitOfWork) -> None:
    service.delete_records(uow, "case", [w.some(uow, "case")])


@action("delete a product")
def _delete_product(w: World, uow: UnitOfWork) -> None:
    service.delete_records(uow, "product", [w.some(uow, "product")])


@action("bulk edit contacts")
def _bulk_edit(w: World, uow: UnitOfWork) -> None:
    bulk_edit.update_records(uow, "contact", w.several(uow, "contact", 3), {"job_title": w.word(), "city": "Lapa"})


@action("paste into a list")
def _paste(w: World, uow: UnitOfWork) -> None:
    ids = w.several(uow, "contact", 2)
    fields = [
        one for one in custom.fields_of(w.database, "contact", uow.connection) if one.name in ("job_title", "email")
    ]
    cells = [(identity, [f"n{w.number}.{at}@example.com" if one.name == "email" else w.word() for one in fields])
             for at, identity in enumerate(ids)]  # fmt: skip
    pasting.apply_paste(uow, "contact", pasting.plan_paste(w.database, uow.connection, "contact", fields, cells))


@action("change the standing of contacts")
def _lifecycle(w: World, uow: UnitOfWork) -> None:
    contacts.advance_lifecycle(uow, w.several(uow, "contact", 2), w.dice.choice(["qualified", "customer"]))


@action("choose the first phone")
def _primary(w: World, uow: UnitOfWork) -> None:
    contacts.set_primary_point(uow, w.some(uow, "contact_point", "NOT is_primary"))


@action("move people to another company")
def _move_people(w: World, uow: UnitOfWork) -> None:
    contacts.move_people(uow, w.several(uow, "contact", 2), w.some(uow, "company"))


@action("relate two people")
def _relate(w: World, uow: UnitOfWork) -> None:
    first, second = w.several(uow, "contact", 2)
    relations_service.add_relationship(uow, ("contact", first), ("contact", second), "spouse")


@action("change a relationship")
def _change_relation(w: World, uow: UnitOfWork) -> None:
    relations_service.update_relationship(uow, w.some(uow, "relationship"), {"note": w.word()})


@action("remove a relationship")
def _unrelate(w: World, uow: UnitOfWork) -> None:
    relations_service.remove_relationships(uow, [w.some(uow, "relationship")])


@action("add a workplace")
def _affiliate(w: World, uow: UnitOfWork) -> None:
    relations_service.add_affiliation(uow, w.some(uow, "contact"), w.some(uow, "company"), role=w.word())


@action("make a workplace the main one")
def _main_place(w: World, uow: UnitOfWork) -> None:
    relations_service.make_main(uow, w.some(uow, "affiliation"))


@action("remove a workplace")
def _unaffiliate(w: World, uow: UnitOfWork) -> None:
    relations_service.remove_affiliations(uow, [w.some(uow, "affiliation")])


@action("record a consent")
def _consent(w: World, uow: UnitOfWork) -> None:
    state = w.dice.choice(["given", "refused"])
    consents.record_consent(uow, w.some(uow, "contact"), "marketing", "email", state, source="form", wording=w.word())


# what hangs on records


@action("write a note")
def _note(w: World, uow: UnitOfWork) -> None:
    attach_service.add_note(uow, "contact", w.some(uow, "contact"), w.word())


@action("answer a note")
def _reply(w: World, uow: UnitOfWork) -> None:
    note = w.one(uow, "note", "reply_to IS NULL")
    attach_service.add_note(uow, note["entity"], note["record_id"], w.word(), reply_to=note["id"])


@action("edit and pin a note")
def _edit_note(w: World, uow: UnitOfWork) -> None:
    attach_service.update_note(uow, w.some(uow, "note"), body=w.word(), pinned=True)


@action("delete a note")
def _delete_note(w: World, uow: UnitOfWork) -> None:
    attach_service.delete_note(uow, w.some(uow, "note"))


@action("tag records")
def _tag(w: World, uow: UnitOfWork) -> None:
    attach_service.tag_records(uow, "contact", w.several(uow, "contact", 2), f"tag {w.dice.randrange(4)}")


@action("take a tag off")
def _untag(w: World, uow: UnitOfWork) -> None:
    attach_service.untag_records(uow, w.several(uow, "contact", 3), f"tag {w.dice.randrange(4)}")


@action("attach a file")
def _attach(w: World, uow: UnitOfWork) -> None:
    files_service.attach_bytes(uow, "contact", w.some(uow, "contact"), f"{w.word()}.txt", w.word().encode())


@action("put a new revision of a file")
def _revise(w: World, uow: UnitOfWork) -> None:
    path = w.folder / "revision.txt"
    path.write_text(w.word(), encoding="utf-8")
    attachment = w.some(uow, "attachment")
    files_service.check_in(uow, attachment, blobs.measure(path), comment=w.word())


@action("go back to an older revision")
def _restore_revision(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "attachment_revision")
    files_service.restore_revision(uow, row["attachment_id"], row["revision"])


@action("rename a file")
def _rename_file(w: World, uow: UnitOfWork) -> None:
    files_service.rename_file(uow, w.some(uow, "attachment"), f"{w.word()}.txt")


@action("take a file out to work on it")
def _check_out(w: World, uow: UnitOfWork) -> None:
    files_service.check_out(uow, w.some(uow, "attachment", "checked_out_by IS NULL"))


@action("delete a file")
def _delete_file(w: World, uow: UnitOfWork) -> None:
    files_service.delete_attachment(uow, w.some(uow, "attachment"))


@action("remove an id of another program")
def _external(w: World, uow: UnitOfWork) -> None:
    external_ids.delete_external_id(uow, w.some(uow, "external_id"))


@action("keep an id of another program")
def _keep_external(w: World, uow: UnitOfWork) -> None:
    values = {"entity": "contact", "record_id": w.some(uow, "contact"), "source": "other", "value": w.word()}
    uow.insert("external_id", values)


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


@action("add a stage")
def _stage(w: World, uow: UnitOfWork) -> None:
    sales.add_stage(uow, w.some(uow, "pipeline"), w.word(), probability=40, rotting_days=9)


@action("change a stage")
def _change_stage(w: World, uow: UnitOfWork) -> None:
    sales.update_stage(uow, w.some(uow, "stage"), name=w.word(), rotting_days=w.dice.randint(1, 30))


@action("move a stage")
def _move_stage(w: World, uow: UnitOfWork) -> None:
    sales.move_stage(uow, w.some(uow, "stage"), w.dice.choice([-1, 1]))


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


@action("complete an activity")
def _complete(w: World, uow: UnitOfWork) -> None:
    calendar.complete_activity(
        uow,
        w.some(uow, "activity", "rrule IS NULL", "status = 'planned'"),
        outcome=w.dice.choice(["reached", "no_answer"]),
    )


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


# the office


@action("set the office's name and currency")
def _office(w: World, uow: UnitOfWork) -> None:
    save_settings(uow, {"name": w.word(), "currency": w.dice.choice(["BRL", "EUR"])})


@action("how long deleted records are kept")
def _deleted_days(w: World, uow: UnitOfWork) -> None:
    save_settings(uow, {"history.deleted_days": w.dice.randint(30, 200)})


@action("make a field")
def _field(w: World, uow: UnitOfWork) -> None:
    custom.create_custom_field(uow, "contact", w.word(), Kind.TEXT)


@action("make a field of choices")
def _choice_field(w: World, uow: UnitOfWork) -> None:
    choices = [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}, {"key": "c", "label": "C"}]
    custom.create_custom_field(uow, "contact", w.word(), Kind.CHOICE, choices=choices)


def _own(w: World, uow: UnitOfWork, kind: str) -> Any:
    return w.one(uow, "custom_field", f"kind = '{kind}' AND entity = 'contact'")


@action("fill in a field of the office")
def _fill_field(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "custom_field", "kind IN ('text', 'choice') AND entity = 'contact'")
    value = w.word() if row["kind"] == "text" else w.dice.choice([one["key"] for one in row["options"]])
    service.update_record(uow, "contact", w.some(uow, "contact"), {f"custom.{row['key']}": value})


@action("rename a field")
def _rename_field(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "custom_field", "entity = 'contact'")
    field_service.update_custom_field(uow, "contact", f"custom.{row['key']}", {"label": w.word(), "help": w.word()})


@action("take a choice of a field away")
def _replace_choice(w: World, uow: UnitOfWork) -> None:
    row = _own(w, uow, "choice")
    if len(row["options"]) < 2:
        raise Nothing
    options, last = row["options"][:-1], row["options"][-1]["key"]
    field_service.update_custom_field(
        uow, "contact", f"custom.{row['key']}", {"options": options}, replace={last: options[0]["key"]}
    )


@action("change the type of a field")
def _change_kind(w: World, uow: UnitOfWork) -> None:
    name = f"custom.{_own(w, uow, 'text')['key']}"
    plan = kind_change.plan_kind(w.database, uow.connection, "contact", name, Kind.CHOICE)
    if not plan.choices:
        raise Nothing
    kind_change.change_kind(uow, "contact", name, plan)


@action("order the fields")
def _order_fields(w: World, uow: UnitOfWork) -> None:
    table = Base.metadata.tables["custom_field"]
    keys = [
        f"custom.{one}"
        for one in uow.connection.execute(sa.select(table.c.key).where(table.c.entity == "contact")).scalars()
    ]
    if len(keys) < 2:
        raise Nothing
    w.dice.shuffle(keys)
    field_service.reorder_custom_fields(uow, "contact", keys)


@action("delete a field with its values")
def _delete_field(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "custom_field", "entity = 'contact'")
    field_service.delete_custom_field(uow, "contact", f"custom.{row['key']}")


@action("arrange a form")
def _layout(w: World, uow: UnitOfWork) -> None:
    sections = (LayoutSection("own", w.word(), ("job_title",)),)
    layout.save_layout(uow, "contact", Layout(sections, ("department",), {}))


@action("put a form back")
def _reset_layout(w: World, uow: UnitOfWork) -> None:
    layout.reset_layout(uow, "contact")


@action("save a view")
def _view(w: World, uow: UnitOfWork) -> None:
    values = {
        "entity": "contacts",
        "name": w.word(),
        "scope": "everyone",
        "filter": to_json(where("city", "eq", "Lapa")),
    }
    views.create_view(uow, values)


@action("change a view")
def _change_view(w: World, uow: UnitOfWork) -> None:
    views.update_view(uow, w.some(uow, "saved_view"), {"name": w.word()})


@action("duplicate a view")
def _copy_view(w: World, uow: UnitOfWork) -> None:
    views.duplicate_view(uow, w.some(uow, "saved_view"), w.word())


@action("let a list open with a view")
def _default_view(w: World, uow: UnitOfWork) -> None:
    views.set_default(uow, "contacts", w.some(uow, "saved_view"))


@action("delete a view")
def _delete_view(w: World, uow: UnitOfWork) -> None:
    views.delete_view(uow, w.some(uow, "saved_view"))


@action("say that two are not the same")
def _apart(w: World, uow: UnitOfWork) -> None:
    worklist.keep_apart(uow, "contact", w.several(uow, "contact", 2))


@action("forget that two are not the same")
def _forget_apart(w: World, uow: UnitOfWork) -> None:
    worklist.forget_apart(uow, [w.some(uow, "not_duplicate")])


@action("change the rules for duplicates")
def _rule(w: World, uow: UnitOfWork) -> None:
    rule = dedupe_settings.rule_for(uow.connection, "contact", "scan")
    dedupe_settings.save_rule(uow, replace(rule, look_from=w.dice.randint(50, 80)))


@action("how often duplicates are looked for")
def _schedule(w: World, uow: UnitOfWork) -> None:
    dedupe_settings.set_schedule(uow, w.dice.choice(["daily", "weekly", "never"]))


# people


@action("add a person")
def _person(w: World, uow: UnitOfWork) -> None:
    people.create_user(uow, w.word(), role="sales")


@action("rename a person")
def _rename_person(w: World, uow: UnitOfWork) -> None:
    people.update_user(uow, w.some(uow, "user_account"), name=w.word())


@action("a person leaves and hands over")
def _leave(w: World, uow: UnitOfWork) -> None:
    one, other = w.several(uow, "user_account", 2, "active")
    people.deactivate_user(uow, one, hand_over_to=other)


@action("a person comes back")
def _return(w: World, uow: UnitOfWork) -> None:
    people.reactivate_user(uow, w.some(uow, "user_account", "NOT active"))


@action("give a person records")
def _give(w: World, uow: UnitOfWork) -> None:
    bulk_edit.update_records(
        uow, "contact", w.several(uow, "contact", 2), {"owner_id": w.some(uow, "user_account", "active")}
    )


@action("make a team")
def _team(w: World, uow: UnitOfWork) -> None:
    people.create_team(uow, w.word())


@action("choose who is in a team")
def _members(w: World, uow: UnitOfWork) -> None:
    people.set_members(uow, w.some(uow, "team"), w.several(uow, "user_account", 2, "active"))


@action("delete a team")
def _delete_team(w: World, uow: UnitOfWork) -> None:
    people.delete_team(uow, w.some(uow, "team"))


@action("change a right")
def _right(w: World, uow: UnitOfWork) -> None:
    roles.set_right(uow, "sales", "deal", "delete", w.dice.choice(["own", "team", "none"]))


@action("put the rights of a role back")
def _reset_rights(w: World, uow: UnitOfWork) -> None:
    roles.reset_rights(uow, "sales")


@action("make a role")
def _role(w: World, uow: UnitOfWork) -> None:
    roles.create_role(uow, w.word(), copy_of="sales")


@action("rename a role")
def _rename_role(w: World, uow: UnitOfWork) -> None:
    roles.update_role(uow, w.one(uow, "role")["key"], name=w.word())


@action("delete a role")
def _delete_role(w: World, uow: UnitOfWork) -> None:
    roles.delete_role(uow, w.one(uow, "role")["key"])


# what opens its own unit of work


def _import(w: World, actor: Actor, rows: list[str], mode: str) -> None:
    path = w.folder / "people.csv"
    path.write_text("\n".join(["Name,E-mail,Company,Job title,City", *rows]), encoding="utf-8")
    plan = guess_plan(w.database, path, "contact", country="BR").plan.with_(mode=mode)
    run_import(w.database, path, plan, actor)


def _import_new(w: World, actor: Actor) -> None:
    rows = [f"{w.word()},i{w.number}@example.com,{w.word()},Boss,Lapa" for _ in range(4)]
    _import(w, actor, rows, "both")


def _import_known(w: World, actor: Actor) -> None:
    point, contact = Base.metadata.tables["contact_point"], Base.metadata.tables["contact"]
    with w.database.read() as connection:
        found = connection.execute(
            sa.select(contact.c.name, point.c.value).join(point, point.c.owner_id == contact.c.id)
            .where(point.c.kind == "email").order_by(point.c.id)
        ).all()  # fmt: skip
    if not found:
        raise Nothing
    chosen = w.dice.sample(found, min(3, len(found)))
    _import(w, actor, [f"{name},{email},{w.word()},{w.word()},Curitiba" for name, email in chosen], "both")


def _merge(w: World, actor: Actor) -> None:
    with write(w.database, "Look", rehearse=True) as uow:
        entity = w.dice.choice(["contact", "company"])
        ids = w.several(uow, entity, w.dice.randint(2, 3))
    merging.merge(w.database, actor, entity, ids[0], ids[1:])


def _save_recipe(w: World, actor: Actor) -> None:
    path = w.folder / "recipe.csv"
    path.write_text(f"Name,E-mail,Note {w.dice.randrange(3)}\nAna,a@example.com,x\n", encoding="utf-8")
    guess = guess_plan(w.database, path, "contact", country="BR")
    with write(w.database, "save a recipe", actor=actor) as uow:
        recipes.save(uow, [Seen(guess.file, guess.plan)], name=w.word())


def _rename_recipe(w: World, actor: Actor) -> None:
    with write(w.database, "rename a recipe", actor=actor) as uow:
        recipes.rename(uow, w.some(uow, "import_recipe"), w.word())


def _delete_recipe(w: World, actor: Actor) -> None:
    with write(w.database, "delete a recipe", actor=actor) as uow:
        recipes.forget(uow, [w.some(uow, "import_recipe")])


WHOLE |= {
    "import new people": _import_new, "import known people": _import_known, "merge records": _merge,
    "save a recipe": _save_recipe, "rename a recipe": _rename_recipe, "delete a recipe": _delete_recipe,
}  # fmt: skip

_FURNITURE = (
    ("create a pipeline", 2), ("create a contact", 8), ("create a company", 4), ("create a product", 2),
    ("give a contact a company", 3), ("add a stage", 1), ("create a deal", 5), ("win a deal", 1), ("write a note", 3),
    ("answer a note", 1), ("tag records", 3), ("attach a file", 3), ("put a new revision of a file", 2),
    ("relate two people", 2), ("add a workplace", 3), ("record a consent", 2), ("plan an appointment", 3),
    ("plan a series", 2), ("plan a task", 2), ("open a case", 3), ("write in a case", 6), ("make a field", 3),
    ("make a field of choices", 2), ("fill in a field of the office", 12), ("save a view", 3), ("say that two are not the same", 2),
    ("change the rules for duplicates", 1), ("add a person", 4), ("make a team", 2), ("choose who is in a team", 1),
    ("change a right", 1), ("make a role", 2), ("import new people", 1), ("save a recipe", 2), ("keep an id of another program", 2), ("arrange a form", 1),
    ("set the office's name and currency", 1),
)  # fmt: skip
