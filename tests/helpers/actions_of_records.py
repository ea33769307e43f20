"""What people do with records and what hangs on them."""

from __future__ import annotations

from decimal import Decimal

from crm_desktop.contacts import consents, relations_service
from crm_desktop.contacts import service as contacts
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import attach_service, bulk_edit, custom, external_ids, pasting, service
from tests.helpers.action_world import World, action

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


@action("edit a product")
def _edit_product(w: World, uow: UnitOfWork) -> None:
    service.update_record(uow, "product", w.some(uow, "product"), {"name": w.word(), "price": Decimal(w.number)})


@action("create a contact with all it has")
def _create_whole(w: World, uow: UnitOfWork) -> None:
    rows = [{"kind": "email", "value": f"w{w.number}@example.com"}, {"kind": "phone", "value": "+554195550199"}]
    places = [{"kind": "work", "street": w.word(), "city": "Lapa"}]
    values = {"name": w.word(), "company_id": w.some(uow, "company")}
    service.create_record(uow, "contact", values, children={"points": rows, "addresses": places})


@action("bulk edit contacts")
def _bulk_edit(w: World, uow: UnitOfWork) -> None:
    bulk_edit.update_records(uow, "contact", w.several(uow, "contact", 3), {"job_title": w.word(), "city": "Lapa"})


@action("bulk edit deals")
def _bulk_deals(w: World, uow: UnitOfWork) -> None:
    values = {"contact_id": w.some(uow, "contact"), "probability": w.dice.randrange(100)}
    bulk_edit.update_records(uow, "deal", w.several(uow, "deal", 2), values)


@action("edit many and others one by one")
def _mixed(w: World, uow: UnitOfWork) -> None:
    """A new value for several, and one of them by hand, and back again: several steps of one row in one change."""
    ids = w.several(uow, "contact", 2)
    bulk_edit.update_records(uow, "contact", ids, {"department": w.word()})
    service.update_record(uow, "contact", ids[0], {"department": w.word(), "job_title": w.word()})
    attach_service.tag_records(uow, "contact", ids, f"tag {w.dice.randrange(4)}")
    attach_service.untag_records(uow, ids[:1], f"tag {w.dice.randrange(4)}")


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


@action("change a workplace")
def _change_place(w: World, uow: UnitOfWork) -> None:
    relations_service.update_affiliation(uow, w.some(uow, "affiliation"), {"role": w.word(), "note": w.word()})


@action("end a workplace")
def _end_place(w: World, uow: UnitOfWork) -> None:
    relations_service.end_affiliation(uow, w.some(uow, "affiliation", "until IS NULL"))


@action("change the main workplace")
def _change_main(w: World, uow: UnitOfWork) -> None:
    values = {"role": w.word(), "note": w.word()}
    relations_service.update_main(uow, w.some(uow, "contact", "company_id IS NOT NULL"), values)


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


@action("write a note that names a colleague")
def _mention(w: World, uow: UnitOfWork) -> None:
    row = w.one(uow, "user_account")
    attach_service.add_note(uow, "company", w.some(uow, "company"), f"Ask @[{row['name']}]({row['id']})", pinned=True)


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


@action("remove an id of another program")
def _external(w: World, uow: UnitOfWork) -> None:
    external_ids.delete_external_id(uow, w.some(uow, "external_id"))


@action("keep an id of another program")
def _keep_external(w: World, uow: UnitOfWork) -> None:
    values = {"entity": "contact", "record_id": w.some(uow, "contact"), "source": "other", "value": w.word()}
    uow.insert("external_id", values)
