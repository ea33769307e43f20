"""Companies of a person, relationships between any two, branches; undone as one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.contacts import queries, rules
from crm_desktop.contacts import relations_queries as reads
from crm_desktop.contacts import relations_service as relations
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, RecordGone, UserError, ValidationFailed
from crm_desktop.core.i18n import N_
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import NOBODY, write
from crm_desktop.records import bulk_edit, history, service


def make(database: Database, entity: str, name: str, **values: Any) -> int:
    with write(database, N_("New")) as uow:
        return service.create_record(uow, entity, {"name": name, **values})


def around(database: Database, entity: str, record_id: int) -> reads.Surroundings:
    with database.read() as connection:
        found = reads.around(connection, entity, record_id)
        assert reads.count_around(connection, entity, record_id) == found.count  # the badge says what the tab shows
        return found


def shown(places: tuple[reads.Place, ...]) -> list[tuple[str, str, bool, bool]]:
    return [(place.title, place.role, place.main, place.current) for place in places]


def undo_last(database: Database) -> None:
    table = Base.metadata.tables["change_set"]
    with database.read() as connection:
        last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar_one()
    history.undo(database, last, NOBODY)


def test_a_person_in_several_companies_with_role_and_period(database: Database) -> None:
    bakery, mill, school = (make(database, "company", name) for name in ("Bakery", "Mill", "School"))
    marina = make(database, "contact", "Marina", company_id=bakery, job_title="Buyer")
    make(database, "contact", "Rosa", company_id=bakery)
    with write(database, N_("Companies")) as uow:
        relations.add_affiliation(uow, marina, mill, role=" Partner ", since=date(2020, 1, 2), note="10 %")
        relations.add_affiliation(uow, marina, school, role="Teacher", since=date(2010, 1, 1), until=date(2015, 5, 1))
    found = around(database, "contact", marina)
    assert shown(found.places) == [
        ("Bakery", "Buyer", True, True), ("Mill", "Partner", False, True), ("School", "Teacher", False, False),
    ]  # fmt: skip
    assert (found.colleagues, found.count) == (1, 3)
    assert shown(around(database, "company", mill).places) == [("Marina", "Partner", False, True)]


def test_another_company_becomes_the_main_one(database: Database) -> None:
    bakery, mill = make(database, "company", "Bakery"), make(database, "company", "Mill")
    marina = make(database, "contact", "Marina", company_id=bakery, job_title="Buyer")
    with write(database, N_("Companies")) as uow:
        first = relations.add_affiliation(uow, marina, mill, role="Partner", since=date(2020, 1, 2))
    with write(database, N_("Main company")) as uow:
        relations.make_main(uow, first)
    places = around(database, "contact", marina).places
    assert shown(places) == [("Mill", "Partner", True, True), ("Bakery", "Buyer", False, True)]
    assert places[0].since == date(2020, 1, 2)
    with write(database, N_("Main company")) as uow:
        relations.make_main(uow, places[1].affiliation_id, leaves=True)
    places = around(database, "contact", marina).places
    assert shown(places) == [("Bakery", "Buyer", True, True), ("Mill", "Partner", False, True)]
    assert (places[1].since, places[1].until) == (date(2020, 1, 2), clock.today())
    undo_last(database)
    assert shown(around(database, "contact", marina).places)[0] == ("Mill", "Partner", True, True)


def test_who_moves_in_the_form_leaves_the_old_company_today(database: Database) -> None:
    bakery, mill = make(database, "company", "Bakery"), make(database, "company", "Mill")
    marina = make(database, "contact", "Marina", company_id=bakery)
    with write(database, N_("Companies")) as uow:
        relations.add_affiliation(uow, marina, bakery, role="Buyer", since=date(2020, 1, 2))
    assert around(database, "contact", marina).places[0].since == date(2020, 1, 2)
    with write(database, N_("Edit")) as uow:
        service.update_record(uow, "contact", marina, {"company_id": mill})
    places = around(database, "contact", marina).places
    assert shown(places) == [("Mill", "", True, True), ("Bakery", "Buyer", False, True)]
    assert places[1].until == clock.today()


def test_relations_stand_in_the_history_of_both_sides(database: Database) -> None:
    bakery, rui = make(database, "company", "Bakery"), make(database, "contact", "Rui")
    with write(database, N_("Add {word}: {name}"), params={"word": "Accountant", "name": "Rui"}) as uow:
        relations.add_relationship(uow, ("company", bakery), ("contact", rui), "accountant")
    for entity, record_id in (("company", bakery), ("contact", rui)):
        with database.read() as connection:
            items = queries.timeline(database, connection, entity, record_id, kinds=("change",)).items
        assert items[0].title == "Add Accountant: Rui"


def test_what_has_ended_does_not_become_the_main_one(database: Database) -> None:
    mill, marina = make(database, "company", "Mill"), make(database, "contact", "Marina")
    with write(database, N_("Companies")) as uow:
        old = relations.add_affiliation(uow, marina, mill)
        relations.end_affiliation(uow, old, clock.today() - timedelta(days=1))
        with pytest.raises(UserError, match="has ended"):
            relations.make_main(uow, old)
    assert shown(around(database, "contact", marina).places) == [("Mill", "", False, False)]


def test_doubles_and_turned_periods_are_refused(database: Database) -> None:
    mill, marina = make(database, "company", "Mill"), make(database, "contact", "Marina")
    with write(database, N_("Companies")) as uow:
        first = relations.add_affiliation(uow, marina, mill, role="Partner", until=date(2019, 1, 1))
        with pytest.raises(FieldError, match="already"):
            relations.add_affiliation(uow, marina, mill, role="partner", since=date(2018, 1, 1))
        again = relations.add_affiliation(uow, marina, mill, role="Partner", since=date(2019, 2, 1))
        with pytest.raises(FieldError, match="before the first"):
            relations.update_affiliation(uow, again, {"until": date(2018, 1, 1)})
        assert relations.update_affiliation(uow, again, {"role": "Owner"})
        assert not relations.update_affiliation(uow, again, {"role": "Owner"})
        assert relations.remove_affiliations(uow, [first]) == 1
        with pytest.raises(RecordGone):
            relations.add_affiliation(uow, marina, 12345)
        with pytest.raises(RecordGone):
            relations.update_affiliation(uow, first, {"role": ""})


def test_relationships_read_right_from_both_sides(database: Database) -> None:
    bakery, rui, ana = (
        make(database, "company", "Bakery"),
        make(database, "contact", "Rui"),
        make(database, "contact", "Ana"),
    )
    with write(database, N_("Relationships")) as uow:
        relations.add_relationship(uow, ("company", bakery), ("contact", rui), "accountant", note="since ever")
        tie = relations.add_relationship(uow, ("contact", rui), ("contact", ana), "spouse", since=date(2001, 2, 3))
        relations.add_relationship(uow, ("contact", ana), ("contact", rui), "parent")
    assert [(one.title, one.word, one.note) for one in around(database, "company", bakery).ties] == [
        ("Rui", "Accountant", "since ever")
    ]
    of_rui = {(one.title, one.word) for one in around(database, "contact", rui).ties}
    assert of_rui == {("Bakery", "Accountant of"), ("Ana", "Spouse or partner"), ("Ana", "Son or daughter")}
    with write(database, N_("Turn")) as uow:
        assert relations.update_relationship(uow, tie, {"kind": "referred_by"}, turn=True)
    assert ("Rui", "Referred by") in {(one.title, one.word) for one in around(database, "contact", ana).ties}
    undo_last(database)
    assert ("Rui", "Spouse or partner") in {(one.title, one.word) for one in around(database, "contact", ana).ties}


@pytest.mark.parametrize(
    ("first", "second", "kind", "message"),
    [
        ("ana", "ana", "friend", "themselves"),
        ("rui", "ana", "friend", "already"),  # the same from the other side
        ("ana", "rui", "accountant", "already"),
        ("rui", "ana", "parent", "other way round"),
        ("ana", "bakery", "spouse", "Only two people"),
        ("ana", "rui", "enemy", "Only two people"),
    ],
)
def test_nonsense_and_doubles_are_refused(database: Database, first: str, second: str, kind: str, message: str) -> None:
    who = {name: ("contact", make(database, "contact", name)) for name in ("ana", "rui")}
    who["bakery"] = ("company", make(database, "company", "bakery"))
    with write(database, N_("Relationships")) as uow:
        for given in ("friend", "accountant", "parent"):
            relations.add_relationship(uow, who["ana"], who["rui"], given)
        relations.add_relationship(uow, who["rui"], who["ana"], "accountant")  # they may keep each other's books
        with pytest.raises(FieldError, match=message):
            relations.add_relationship(uow, who[first], who[second], kind)


@pytest.mark.parametrize("gone", ["bakery", "marina", "rui"])
def test_what_hangs_on_a_deleted_one_goes_and_comes_back(database: Database, gone: str) -> None:
    ids = {"bakery": make(database, "company", "bakery"), "marina": make(database, "contact", "marina"),
           "rui": make(database, "contact", "rui")}  # fmt: skip
    with write(database, N_("Relations")) as uow:
        relations.add_affiliation(uow, ids["marina"], ids["bakery"], role="Partner")
        relations.add_relationship(uow, ("contact", ids["marina"]), ("contact", ids["rui"]), "spouse")
    before = [around(database, "contact", ids[name]) for name in ("marina", "rui")]
    with write(database, N_("Delete")) as uow:
        service.delete_records(uow, "company" if gone == "bakery" else "contact", [ids[gone]])
    with database.read() as connection:
        left = {name: connection.execute(sa.select(sa.func.count()).select_from(Base.metadata.tables[name])).scalar()
                for name in ("affiliation", "relationship")}  # fmt: skip
    assert left == {"affiliation": int(gone == "rui"), "relationship": int(gone == "bakery")}
    undo_last(database)
    assert [around(database, "contact", ids[name]) for name in ("marina", "rui")] == before


def tree(database: Database) -> dict[str, int]:
    ids = {"Group": make(database, "company", "Group")}
    for name, parent in (("North", "Group"), ("South", "Group"), ("North East", "North"), ("Corner", "North East")):
        ids[name] = make(database, "company", name, parent_id=ids[parent], city="Curitiba")
    return ids


def test_branches_are_a_tree_with_people_and_open_deals(database: Database) -> None:
    ids = tree(database)
    make(database, "contact", "Nina", company_id=ids["North East"])
    make(database, "deal", "Ovens", company_id=ids["South"])
    found = around(database, "company", ids["Group"])
    assert [(one.name, one.depth, one.people, one.open_deals) for one in found.branches] == [
        ("North", 1, 0, 0), ("North East", 2, 1, 0), ("Corner", 3, 0, 0), ("South", 1, 0, 1),
    ]  # fmt: skip
    assert found.branches[0].city == "Curitiba"
    assert [name for _id, name in around(database, "company", ids["Corner"]).parents] == [
        "North East",
        "North",
        "Group",
    ]


def test_no_company_is_above_itself(database: Database) -> None:
    ids = tree(database)
    for below in ("Group", "North", "Corner"):
        with write(database, N_("Edit")) as uow, pytest.raises(ValidationFailed, match="one of its branches"):
            service.update_record(uow, "company", ids["Group"], {"parent_id": ids[below]})
    with write(database, N_("Edit")) as uow:
        service.update_record(uow, "company", ids["North"], {"parent_id": ids["South"]})
        service.update_record(uow, "company", ids["North"], {"city": "Colombo"})
    # a circle that came by another way is shown once and ends
    with write(database, N_("Repair")) as uow:
        uow.update("company", ids["Group"], {"parent_id": ids["Corner"]})
    found = around(database, "company", ids["North"])
    assert {one.name for one in found.branches} == {"North East", "Corner", "Group", "South"}
    assert [name for _id, name in found.parents] == ["South", "Group", "Corner", "North East"]


def test_people_of_a_company_with_those_affiliated_and_of_branches(database: Database) -> None:
    ids = tree(database)
    make(database, "contact", "Zoe", company_id=ids["North"], job_title="Chief")
    ana, old = make(database, "contact", "Ana", company_id=ids["South"]), make(database, "contact", "Old")
    make(database, "contact", "Nina", company_id=ids["North East"])
    with write(database, N_("Companies")) as uow:
        relations.add_affiliation(uow, ana, ids["North"], role="Adviser")
        relations.add_affiliation(uow, old, ids["North"], role="Cook", until=date(2020, 1, 1))
    with database.read() as connection:
        people = reads.people_of(connection, ids["North"])
        more = reads.people_of(connection, ids["North"], branches=True)
    assert [(one.name, one.role, one.current, one.main) for one in people] == [
        ("Ana", "Adviser", True, False), ("Zoe", "Chief", True, True), ("Old", "Cook", False, False),
    ]  # fmt: skip
    assert [(one.name, one.branch) for one in more] == [("Ana", ""), ("Zoe", ""), ("Nina", "North East"), ("Old", "")]


def test_many_who_move_at_once_leave_the_old_company_where_its_period_is_known(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "_FEW", 3)
    old, new = make(database, "company", "Old"), make(database, "company", "New")
    people = [make(database, "contact", f"Ana {number}", company_id=old) for number in range(12)]
    held = Base.metadata.tables["affiliation"]
    with write(database, N_("Periods")) as uow:
        for number in (1, 6, 11):
            uow.insert("affiliation", {"contact_id": people[number], "company_id": old, "role": "Cook"})
        uow.insert("affiliation", {"contact_id": people[7], "company_id": new, "role": "Cook"})
    with write(database, N_("Move")) as uow:
        assert bulk_edit.update_records(uow, "contact", people, {"company_id": new}) == 12
    with database.read() as connection:
        ended = sa.select(held.c.contact_id).where(held.c.until == clock.today(), held.c.company_id == old)
        assert sorted(connection.execute(ended).scalars()) == [people[1], people[6], people[11]]
        still = connection.execute(sa.select(held.c.contact_id).where(held.c.until.is_(None))).scalars().all()
    assert still == [people[7]]
