"""Merging: one record holds everything, nothing is lost, and one undo takes it apart."""

from __future__ import annotations

import sqlalchemy as sa

from crm_desktop.core.fields import Kind
from crm_desktop.core.filters import where
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import (
    attach_service,
    custom,
    field_service,
    files_service,
    finder,
    history,
    merging,
    queries,
    service,
    unmerging,
)

ANA = Actor(None, "Ana")


def dump(database: Database) -> str:
    with database.read() as connection:
        return logical_dump(connection, database.schema)


def make(database: Database, entity: str, name: str, **values: object) -> int:
    with write(database, "Create", actor=ANA) as uow:
        return service.create_record(uow, entity, {"name": name, **values})


def rows(database: Database, table: str, *columns: str, **where_: object) -> list[tuple[object, ...]]:
    source = Base.metadata.tables[table]
    statement = sa.select(*(source.c[one] for one in columns)).order_by(source.c.id)
    for name, value in where_.items():
        statement = statement.where(source.c[name] == value)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(statement)]


def last(database: Database) -> history.ChangeSetRow:
    with database.read() as connection:
        return history.recent(connection, limit=1)[0]


def test_two_people_with_everything_become_one_and_two_again(database: Database) -> None:
    acme = make(database, "company", "Acme")
    other = make(database, "company", "Outra")
    ana = make(database, "contact", "Ana Souza", email="ana@example.com", mobile="+5541955500142", company_id=acme)
    twin = make(
        database, "contact", "Ana M. Souza", email="ANA@example.com", phone="+554132220000", company_id=other,
        job_title="Sócia", lifecycle="customer", do_not_contact=True, city="Curitiba", street="Rua XV, 10",
    )  # fmt: skip
    with write(database, "Hang", actor=ANA) as uow:
        for one in (ana, twin):
            attach_service.add_note(uow, "contact", one, f"Note of {one}")
            attach_service.tag_records(uow, "contact", [one], "padarias")
            uow.insert("consent", {"owner_id": one, "purpose": "marketing", "channel": "email", "state": "given"})
        files_service.attach_bytes(uow, "contact", twin, "planta.pdf", b"%PDF")
        call = service.create_record(uow, "activity", {"subject": "Call", "kind": "call"})
        for one in (ana, twin):
            uow.insert("activity_link", {"activity_id": call, "entity": "contact", "record_id": one})
        uow.insert(
            "relationship",
            {"from_entity": "contact", "from_id": ana, "to_entity": "contact", "to_id": twin, "kind": "spouse"},
        )
        service.create_record(uow, "case", {"subject": "Forno", "contact_id": twin})
    before = dump(database)

    result = merging.merge(database, ANA, "contact", ana, [twin])

    assert last(database).title == "Merged 2 contacts into Ana Souza"
    assert last(database).kind == "merge"
    assert rows(database, "contact", "id") == [(ana,)]
    assert [value for (value,) in rows(database, "contact_point", "value", owner_id=ana)] == [
        "ana@example.com", "+5541955500142", "+554132220000",
    ]  # fmt: skip
    assert rows(database, "contact", "job_title", "lifecycle", "do_not_contact", "company_id") == [
        ("Sócia", "customer", True, acme)
    ]
    assert rows(database, "affiliation", "company_id", "role", contact_id=ana) == [(other, "Sócia")]
    assert len(rows(database, "note", "id", record_id=ana)) == 2
    assert len(rows(database, "consent", "id", owner_id=ana)) == 2
    assert len(rows(database, "record_tag", "id", record_id=ana)) == 1
    assert len(rows(database, "activity_link", "id", record_id=ana)) == 1
    assert rows(database, "relationship", "id") == []
    assert rows(database, "case_file", "contact_id") == [(ana,)]
    assert result.before["note.record_id"] == 2 and result.after["note.record_id"] == 2
    assert result.dropped["record_tag.record_id"] == 1
    assert result.kept_values[twin]["name"] == "Ana M. Souza"
    ((values, title),) = rows(database, "merge_log", "loser_values", "loser_title", winner_id=ana)
    assert values["name"] == title == "Ana M. Souza"
    assert "Rua XV, 10" in values["addresses"]

    history.undo(database, last(database).id, ANA)
    assert dump(database) == before


def test_values_are_taken_as_chosen(database: Database) -> None:
    ana = make(
        database, "contact", "Ana Souza", email="a@example.com", department="Compras", language="pt", city="Lapa"
    )
    twin = make(database, "contact", "Ana Maria Souza", email="b@example.com", department="Vendas", city="Curitiba")
    with database.read() as connection:
        plan = merging.plan_merge(database, connection, "contact", [ana, twin])
    names = {one.name for one in plan.differing}
    assert {"name", "email", "department", "language", "addresses"} <= names
    assert not {"lifecycle", "source", "first_name"} & names
    address = next(one for one in plan.fields if one.name == "addresses").values[twin]
    chosen = {"name": "Ana Maria Souza", "email": "b@example.com", "department": "Vendas", "addresses": address}
    merging.merge(database, ANA, "contact", ana, [twin], chosen)
    with database.read() as connection:
        record = queries.get_record(database, connection, "contact", ana)
    assert [record.values[name] for name in ("name", "first_name", "email", "email2", "department", "city", "language")] == [
        "Ana Maria Souza", "Ana Maria", "b@example.com", "a@example.com", "Vendas", "Curitiba", "pt",
    ]  # fmt: skip
    assert [row["is_primary"] for row in record.children["points"]].count(True) == 1
    assert [row["is_primary"] for row in record.children["addresses"]].count(True) == 1


def test_companies_that_stand_above_each_other(database: Database) -> None:
    top = make(database, "company", "Top")
    winner = make(database, "company", "Acme", parent_id=top)
    middle = make(database, "company", "Middle")
    loser = make(database, "company", "Acme SA", parent_id=winner)
    child = make(database, "company", "Child", parent_id=loser)
    with write(database, "Turn", actor=ANA) as uow:
        service.update_record(uow, "company", loser, {"parent_id": None})
        service.update_record(uow, "company", middle, {"parent_id": loser})
        service.update_record(uow, "company", winner, {"parent_id": middle})
    before = dump(database)
    merging.merge(database, ANA, "company", winner, [loser])
    assert dict(rows(database, "company", "id", "parent_id")) == {
        top: None, winner: None, middle: winner, child: winner,
    }  # fmt: skip
    history.undo(database, last(database).id, ANA)
    assert dump(database) == before


def test_custom_links_and_pairs_that_are_no_duplicates_follow(database: Database) -> None:
    with write(database, "Fields", actor=ANA) as uow:
        custom.create_custom_field(uow, "deal", "Broker", Kind.LINK, target="contact")
        custom.create_custom_field(uow, "contact", "Size", Kind.NUMBER)
    stranger = make(database, "contact", "Zé")
    ana = make(database, "contact", "Ana")
    twin = make(database, "contact", "Ana", **{"custom.size": "38"})
    with write(database, "Deal", actor=ANA) as uow:
        pipeline = uow.insert("pipeline", {"name": "Sales"})
        stage = uow.insert(
            "stage", {"name": "New", "pipeline_id": pipeline, "position": 1, "probability": 10, "outcome": "open"}
        )
        service.create_record(
            uow, "deal", {"name": "Forno", "pipeline_id": pipeline, "stage_id": stage, "custom.broker": twin}
        )
        uow.insert("not_duplicate", {"entity": "contact", "first_id": stranger, "second_id": twin})
        uow.insert("not_duplicate", {"entity": "contact", "first_id": ana, "second_id": twin})
    before = dump(database)
    merging.merge(database, ANA, "contact", ana, [twin])
    with database.read() as connection:
        assert len(queries.find_ids(database, connection, "deal", filter=where("custom.broker", "eq", ana))) == 1
        record = queries.get_record(database, connection, "contact", ana)
    assert record.values["custom.size"] == 38
    assert rows(database, "not_duplicate", "first_id", "second_id") == [(stranger, ana)]
    history.undo(database, last(database).id, ANA)
    assert dump(database) == before


def test_merged_again_the_first_merge_stays_readable(database: Database) -> None:
    one, two, three = (make(database, "contact", name) for name in ("Ana", "Ana S.", "Ana Souza"))
    merging.merge(database, ANA, "contact", two, [one])
    merging.merge(database, ANA, "contact", three, [two])
    assert [title for (title,) in rows(database, "merge_log", "loser_title", winner_id=three)] == ["Ana", "Ana S."]


def test_search_follows_what_comes_and_goes(database: Database) -> None:
    ana = make(database, "contact", "Ana Souza", email="ana@example.com")
    twin = make(database, "contact", "Outra", email="zz@example.com", mobile="+5541955500142")

    def found(text: str) -> set[int]:
        with database.read() as connection:
            return {one.id for one in finder.find(database, connection, text)}

    merging.merge(database, ANA, "contact", ana, [twin])
    assert found("zz@example.com") == {ana} and found("955500142") == {ana} and found("Outra") == set()
    history.undo(database, last(database).id, ANA)
    assert found("zz@example.com") == {twin} and found("955500142") == {twin} and found("Outra") == {twin}
    history.undo(database, last(database).id, ANA)
    assert found("zz@example.com") == {ana} and found("Outra") == set()


def test_the_parts_of_a_name_go_with_the_name(database: Database) -> None:
    ana = make(database, "contact", "Ana")
    twin = make(database, "contact", "Dra. Anna Lima")
    merging.merge(database, ANA, "contact", ana, [twin])
    assert rows(database, "contact", "name", "prefix", "last_name") == [("Ana", None, None)]
    history.undo(database, last(database).id, ANA)
    merging.merge(database, ANA, "contact", ana, [twin], {"name": "Dra. Anna Lima"})
    assert rows(database, "contact", "name", "last_name") == [("Dra. Anna Lima", "Lima")]


def test_what_was_added_since_is_handed_over_once(database: Database) -> None:
    ana = make(database, "contact", "Ana")
    twin = make(database, "contact", "Anna")
    with write(database, "Tag", actor=ANA) as uow:
        attach_service.tag_records(uow, "contact", [twin], "padarias")
    merging.merge(database, ANA, "contact", ana, [twin])
    merge = last(database).id
    with write(database, "Later", actor=ANA) as uow:
        attach_service.untag_records(uow, [ana], "padarias")
        attach_service.tag_records(uow, "contact", [ana], "padarias")
        attach_service.tag_records(uow, "contact", [ana], "clientes")
        attach_service.add_note(uow, "contact", ana, "Later")
    give = {"record_tag.record_id": twin, "note.record_id": twin}
    unmerging.unmerge(database, ANA, merge, give=give)
    assert len(rows(database, "record_tag", "id", record_id=twin)) == 2
    assert rows(database, "note", "body", record_id=twin) == [("Later",)]
    assert rows(database, "record_tag", "id", record_id=ana) == []


def test_what_a_hidden_field_says_is_not_lost(database: Database) -> None:
    with write(database, "Fields", actor=ANA) as uow:
        custom.create_custom_field(uow, "contact", "Old code", Kind.TEXT)
        custom.create_custom_field(uow, "contact", "Rank", Kind.INTEGER)
    ana = make(database, "contact", "Ana", **{"custom.rank": 3})
    twin = make(database, "contact", "Anna", **{"custom.old_code": "A-17", "custom.rank": 5})
    with write(database, "Hide", actor=ANA) as uow:
        field_service.update_custom_field(uow, "contact", "custom.old_code", {"hidden": True})
        field_service.update_custom_field(uow, "contact", "custom.rank", {"hidden": True})
    before = dump(database)
    result = merging.merge(database, ANA, "contact", ana, [twin])
    assert rows(database, "contact", "custom") == [({"rank": 3, "old_code": "A-17"},)]
    assert result.kept_values[twin]["custom.rank"] == 5
    history.undo(database, last(database).id, ANA)
    assert dump(database) == before


def test_a_stored_value_that_would_be_refused_today_is_no_reason_to_refuse_a_merge(database: Database) -> None:
    """A tax number of another country than the office's goes along as it is."""
    winner = make(database, "contact", "Iara")
    with write(database, "From abroad", actor=ANA) as uow:
        loser = service.create_record(uow, "contact", {"name": "Iara P.", "tax_id": "529.982.247-25"}, country="BR")
    assert rows(database, "contact", "tax_id", id=loser) == [("52998224725",)]
    merging.merge(database, ANA, "contact", winner, [loser])
    assert rows(database, "contact", "tax_id", id=winner) == [("52998224725",)]
    history.undo(database, last(database).id, ANA)
    assert rows(database, "contact", "tax_id", id=winner) == [(None,)]
