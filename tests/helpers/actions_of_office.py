"""What people set for the whole office, and who works in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

import sqlalchemy as sa

from crm_desktop.backup import schedule
from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import to_json, where
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import Actor, UnitOfWork
from crm_desktop.dedupe import settings as dedupe_settings
from crm_desktop.dedupe import worklist
from crm_desktop.records import (
    bulk_edit,
    custom,
    field_service,
    kind_change,
    layout,
    retention,
    service,
    views,
)
from crm_desktop.records.layout import Layout, LayoutSection
from crm_desktop.records.office_service import save_settings
from crm_desktop.security import accounts, roles
from crm_desktop.security import service as people
from tests.helpers.action_world import Nothing, World, action

# the office


@action("set the office's name and currency")
def _office(w: World, uow: UnitOfWork) -> None:
    save_settings(uow, {"name": w.word(), "currency": w.dice.choice(["BRL", "EUR"])})


@action("how long the history is kept")
def _policy(w: World, uow: UnitOfWork) -> None:
    years = w.dice.choice([None, 5, 10])
    policy = retention.Policy(w.dice.randint(30, 200), years, retention.EVERYTHING if years else retention.VALUES, True)
    retention.save_policy(uow, policy)


@action("when backups are made")
def _backups(w: World, uow: UnitOfWork) -> None:
    schedule.save_plan(uow, schedule.Plan(True, times=(time(w.dice.randrange(24), 30),), zone="America/Sao_Paulo"))


@action("make a field")
def _field(w: World, uow: UnitOfWork) -> None:
    custom.create_custom_field(uow, "contact", w.word(), Kind.TEXT)


@action("make a field of choices")
def _choice_field(w: World, uow: UnitOfWork) -> None:
    choices = [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}, {"key": "c", "label": "C"}]
    custom.create_custom_field(uow, "contact", w.word(), Kind.CHOICE, choices=choices)


def _own(w: World, uow: UnitOfWork, kind: str) -> Any:
    return w.one(uow, "custom_field", f"kind = '{kind}' AND entity = 'contact'")


@action("make a field that is worked out")
def _formula(w: World, uow: UnitOfWork) -> None:
    text = w.dice.choice(["[Amount] * 2", "[Amount] + 1"])
    custom.create_custom_field(uow, "deal", w.word(), Kind.NUMBER, formula=text)


@action("make a field that depends on another")
def _condition(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "custom_field", "kind = 'choice'", "entity = 'contact'")
    shown = to_json(where(f"custom.{row['key']}", "filled"))
    custom.create_custom_field(uow, "contact", w.word(), Kind.TEXT, visible_when=shown, default_value="x")


@action("make a field that links to a record")
def _link_field(w: World, uow: UnitOfWork) -> None:
    custom.create_custom_field(uow, "contact", w.word(), Kind.LINK, target="company")


@action("fill in a link of the office")
def _fill_link(w: World, uow: UnitOfWork) -> None:
    row = _own(w, uow, "link")
    service.update_record(uow, "contact", w.some(uow, "contact"), {f"custom.{row['key']}": w.some(uow, "company")})


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


@action("move a view")
def _move_view(w: World, uow: UnitOfWork) -> None:
    ids = w.several(uow, "saved_view", 2, "entity = 'contacts'")
    views.move_view(uow, ids, ids[0])


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


@action("put a rule for duplicates back")
def _reset_rule(w: World, uow: UnitOfWork) -> None:
    dedupe_settings.reset_rule(uow, "contact", "scan")


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


@action("give a person another role")
def _role_of(w: World, uow: UnitOfWork) -> None:
    people.update_user(uow, w.some(uow, "user_account", "active"), role=w.dice.choice(["sales", "admin"]))


@action("change one's own account")
def _own_account(w: World, uow: UnitOfWork) -> None:
    me = uow.actor.user_id
    if me is None:  # whoever is asked for the first time has no account yet
        uow.actor = Actor(me := w.some(uow, "user_account", "active"), "")
    row = w.one(uow, "user_account", f"id = {me}")
    account = accounts.Account(
        me, w.word(), row["login"], f"o{w.number}@example.com", row["phone"] or "", 3, row["role"]
    )
    accounts.update_own(uow, account)


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


@action("rename a team")
def _rename_team(w: World, uow: UnitOfWork) -> None:
    people.update_team(uow, w.some(uow, "team"), name=w.word(), description=w.word())


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
