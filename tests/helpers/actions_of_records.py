"""What people do with records and what hangs on them; imports and merges."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from crm_desktop.contacts import consents, relations_service
from crm_desktop.contacts import service as contacts
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import Actor, UnitOfWork, write
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
    files_service,
    merging,
    pasting,
    service,
)
from tests.helpers.action_world import WHOLE, Nothing, World, action

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
        {"kind": "email", "value": f"q{w.number}@example.com"},
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
