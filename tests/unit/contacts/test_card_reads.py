"""What the head of a card says, and comments, mentions, pins and counts beside its timeline."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_desktop.cases import service as cases
from crm_desktop.contacts.queries import timeline
from crm_desktop.contacts.timeline_more import beside, comments_on, names_in
from crm_desktop.core import clock
from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.card import card_figures
from crm_desktop.records import attach_service, history, mentions, service

NOW = datetime(2026, 3, 12, 13, 0, tzinfo=UTC)


@pytest.fixture
def ids(database: Database) -> dict[str, int]:
    """A company with a branch, two people, deals in two currencies, a case and something planned."""
    clock.set_clock(lambda: NOW)
    made: dict[str, int] = {}
    with write(database, N_("Set up")) as uow:
        made["renata"] = service.create_record(uow, "user", {"name": "Renata Alves", "login": "renata"})
        made["helena"] = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena"})
        company = made["company"] = service.create_record(uow, "company", {"name": "Trigo Lilás"})
        branch = made["branch"] = service.create_record(uow, "company", {"name": "Trigo Sul", "parent_id": company})
        marina = made["marina"] = service.create_record(uow, "contact", {"name": "Marina", "company_id": company})
        sul = made["sul"] = service.create_record(uow, "contact", {"name": "Bento", "company_id": branch})
        made["deal"] = service.create_record(
            uow, "deal", {"name": "Cold room", "contact_id": marina, "amount": Decimal(48600), "currency": "BRL"}
        )
        service.create_record(
            uow, "deal", {"name": "Spares", "company_id": company, "amount": Decimal(900), "currency": "USD"}
        )
        service.create_record(
            uow, "deal", {"name": "Oven", "contact_id": sul, "amount": Decimal(7000), "currency": "BRL"}
        )
        made["case"] = cases.create_case(uow, {"subject": "Counter", "contact_id": marina, "priority": "high"})
        made["call"] = service.create_record(
            uow, "activity", {"subject": "Call back", "due": NOW.date() - timedelta(days=1)},
            children={"links": [{"entity": "deal", "record_id": made["deal"]}]},
        )  # fmt: skip
    return made


def figures(database: Database, entity: str, record_id: int, **options: Any) -> Any:
    with database.read() as connection:
        return card_figures(connection, entity, record_id, **options)


def test_a_company_counts_its_people_and_branches_where_asked(database: Database, ids: dict[str, int]) -> None:
    alone = figures(database, "company", ids["company"])
    assert {(one.currency, one.count, one.total) for one in alone.open_deals} == {
        ("BRL", 1, Decimal(48600)), ("USD", 1, Decimal(900)),
    }  # fmt: skip
    assert (alone.open_cases, alone.case_id) == (1, ids["case"])
    assert alone.next is not None and alone.next.overdue and alone.next.subject == "Call back"
    group = figures(database, "company", ids["company"], branches=True)
    assert {(one.currency, one.total) for one in group.open_deals} == {("BRL", Decimal(55600)), ("USD", Decimal(900))}


def test_a_persons_figures_are_its_own(database: Database, ids: dict[str, int]) -> None:
    own = figures(database, "contact", ids["marina"])
    assert [(one.currency, one.total) for one in own.open_deals] == [("BRL", Decimal(48600))]
    assert (own.open_deal_id, own.last_contact, own.won) == (ids["deal"], None, ())
    with write(database, N_("Done"), actor=Actor(ids["helena"], "Helena")) as uow:
        service.update_record(uow, "activity", ids["call"], {"status": "done"})
    after = figures(database, "contact", ids["marina"])
    assert (after.next, after.last_contact) == (None, NOW)


def test_other_companies_of_a_person_are_rolled_up_while_active(database: Database, ids: dict[str, int]) -> None:
    with write(database, N_("Story")) as uow:
        other = service.create_record(uow, "company", {"name": "Confeitaria"})
        place = uow.insert("affiliation", {"contact_id": ids["marina"], "company_id": other})
        attach_service.add_note(uow, "company", other, "Delivers on Mondays")

    def notes(entity: str, record_id: int) -> list[str]:
        with database.read() as connection:
            page = timeline(database, connection, entity, record_id, kinds=["note"], roll_up=True)
        return [one.body for one in page.items]

    assert notes("contact", ids["marina"]) == ["Delivers on Mondays"]
    with write(database, N_("Story")) as uow:
        attach_service.add_note(uow, "contact", ids["marina"], "Vegetarian")
    assert "Vegetarian" in notes("company", other)
    with write(database, N_("Left")) as uow:
        uow.update("affiliation", place, {"until": NOW.date() - timedelta(days=30)})
    assert notes("company", other) == ["Delivers on Mondays"]


def test_comments_hang_on_what_they_comment(database: Database, ids: dict[str, int]) -> None:
    helena = Actor(ids["helena"], "Helena Prates")
    with write(database, N_("Note"), actor=helena) as uow:
        note = attach_service.add_note(uow, "contact", ids["marina"], "Wants it in May")
        said = attach_service.add_note(uow, "contact", ids["marina"], "April, she says", reply_to=note)
        called = attach_service.add_note(uow, "activity", ids["call"], "Nobody answered", reply_to=ids["call"])
    with database.read() as connection:
        page = timeline(database, connection, "contact", ids["marina"], roll_up=True)
        found = comments_on(database, connection, [one.id for one in page.items], ids["marina"])
    assert said not in [one.id for one in page.items], "a comment is no entry of its own"
    assert {key: [one.body for one in some] for key, some in found.items()} == {
        note: ["April, she says"], ids["call"]: ["Nobody answered"],
    }  # fmt: skip
    with write(database, N_("Delete")) as uow:
        attach_service.delete_note(uow, note)
        service.delete_records(uow, "activity", [ids["call"]])
        changed = uow.change_set_id
    with database.read() as connection:
        assert not comments_on(database, connection, [note, ids["call"]], ids["marina"])
    history.undo(database, changed, helena)
    with database.read() as connection:
        back = comments_on(database, connection, [note, ids["call"]], ids["marina"])
    assert sorted(one.id for some in back.values() for one in some) == sorted([said, called])


def test_a_mention_is_told_once_and_follows_a_new_name(database: Database, ids: dict[str, int]) -> None:
    helena = Actor(ids["helena"], "Helena Prates")
    text = f"Can you look, {mentions.mention('Renata Alves', ids['renata'])}?"
    with write(database, N_("Note"), actor=helena) as uow:
        note = attach_service.add_note(uow, "company", ids["company"], text)
        attach_service.add_note(uow, "company", ids["company"], mentions.mention("Helena", ids["helena"]))
    with database.read() as connection:
        [one] = mentions.unread_mentions(database, connection, ids["renata"])
        assert (one.title, one.author, one.body) == ("Trigo Lilás", "Helena Prates", "Can you look, @Renata Alves?")
        assert mentions.count_unread(connection, ids["helena"]) == 0, "nobody tells himself"
    with write(database, N_("Rename")) as uow:
        service.update_record(uow, "user", ids["renata"], {"name": "Renata Lima"})
        attach_service.update_note(uow, note, body=text + " Today.")
    with database.read() as connection:
        page = timeline(database, connection, "company", ids["company"], kinds=["note"])
        item = next(one for one in page.items if one.id == note)
        shown, spans = mentions.readable(item.body, names_in(database, connection, page.items))
    assert shown == "Can you look, @Renata Lima? Today."
    assert [shown[at : at + size] for at, size, _user in spans] == ["@Renata Lima"]
    assert mentions.read_mentions(database, ids["renata"], [note]) == 1
    with write(database, N_("Edit"), actor=helena) as uow:
        attach_service.update_note(uow, note, body=text + " Tomorrow.")
    with database.read() as connection:
        assert mentions.count_unread(connection, ids["renata"]) == 0, "an edit does not tell it again"
    with write(database, N_("Edit"), actor=helena) as uow:
        attach_service.update_note(uow, note, body="Solved")
    with database.read() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM mention WHERE note_id = {note}").scalar() == 0


def test_a_mention_on_an_activity_leads_to_the_customer(database: Database, ids: dict[str, int]) -> None:
    with write(database, N_("Comment"), actor=Actor(ids["helena"], "Helena")) as uow:
        text = mentions.mention("Renata", ids["renata"])
        attach_service.add_note(uow, "activity", ids["call"], text, reply_to=ids["call"])
    with database.read() as connection:
        [one] = mentions.unread_mentions(database, connection, ids["renata"])
    assert (one.entity, one.record_id, one.title) == ("deal", ids["deal"], "Cold room")


def test_an_empty_comment_is_refused(database: Database, ids: dict[str, int]) -> None:
    with pytest.raises(UserError), write(database, N_("Note")) as uow:
        attach_service.add_note(uow, "contact", ids["marina"], "  ", reply_to=ids["call"])


def test_pins_of_people_and_counts_stand_beside(database: Database, ids: dict[str, int]) -> None:
    with write(database, N_("Note")) as uow:
        attach_service.add_note(uow, "contact", ids["marina"], "Not before nine", pinned=True)
        attach_service.add_note(uow, "company", ids["company"], "Pays late")
    with database.read() as connection:
        whole = beside(database, connection, "company", ids["company"], True)
        alone = beside(database, connection, "company", ids["company"], False)
    assert [(one.body, one.related[0].title) for one in whole.pins] == [("Not before nine", "Marina")]
    assert (whole.counts["note"], whole.counts["activity"], whole.counts["deal"], whole.counts["case"]) == (2, 1, 3, 1)
    assert (alone.pins, alone.counts["note"]) == ((), 1)


def test_a_large_import_does_not_hide_what_is_older(database: Database, ids: dict[str, int]) -> None:
    clock.set_clock(lambda: NOW - timedelta(days=2))
    with write(database, N_("Note")) as uow:
        service.update_record(uow, "company", ids["company"], {"industry": "food"})
    clock.set_clock(lambda: NOW)
    with write(database, N_("Import"), kind="import", bulk=True) as uow:
        for number in range(300):
            service.create_record(uow, "contact", {"name": f"Person {number}", "company_id": ids["company"]})
    with database.read() as connection:
        page = timeline(database, connection, "company", ids["company"], kinds=["change"], roll_up=True)
    assert [one.title for one in page.items].count("Import") == 1
    assert any(edit.name == "industry" for one in page.items for edit in one.data["edits"])
