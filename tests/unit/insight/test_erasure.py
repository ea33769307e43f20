"""Erasing a person: nothing of them is left in any table, in the history or in the files; what others need stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
import sqlalchemy as sa

from crm_desktop import doctor
from crm_desktop.calendar import service as calendar
from crm_desktop.cases import service as cases
from crm_desktop.contacts.consents import record_consent
from crm_desktop.core.errors import FieldError, RecordGone, UserError
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_
from crm_desktop.db import search, triggers
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.journal import change_set
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.insight.erasure import TITLE, Choices, erase_person, erasures, plan_erasure
from crm_desktop.records import files_service, history, queries, service
from crm_desktop.sales.service import ensure_default_pipeline
from crm_desktop.security.access import access_of

NAME, OTHER = "Marisônia Quintanilha", "Bento Carvalhosa"
SECRETS = (
    "Marisônia",
    "marisonia",
    "Quintanilha",
    "quintanilha",
    "41955500142",
    "Zweitname",
    "loser-data",
    "52998224725",
)


@dataclass
class Scene:
    """The ids of what was made, and every change set that touched the person."""

    person: int
    other: int
    company: int
    deal: int
    case: int
    own_case: int
    alone: int
    together: int
    sets: list[int]


@pytest.fixture
def scene(database: Database) -> Iterator[Scene]:
    helena = Actor(None, "Helena", "test")
    with write(database, N_("Office"), actor=helena) as uow:
        ensure_default_pipeline(uow)
        company = service.create_record(uow, "company", {"name": "Trigo"})
        other = service.create_record(uow, "contact", {"name": OTHER, "email": "bento@t.example"})
    with write(database, N_("New contact {name}"), actor=helena, params={"name": NAME}) as uow:
        person = service.create_record(uow, "contact", {
            "name": "Zweitname", "email": "marisonia@quintanilha.example", "mobile": "+5541955500142", "company_id": company,
            "country": "BR", "city": "Lapa", "notes": "Knows Bento",
        })  # fmt: skip
    with write(database, N_("Edit"), actor=helena) as uow:
        service.update_record(uow, "contact", person, {"name": NAME})
        record_consent(uow, person, "marketing", "any", "given", wording=f"I, {NAME}, agree")
        note = uow.insert("note", {"entity": "contact", "record_id": person, "body": f"{NAME} likes rye"})
        files_service.attach_bytes(uow, "contact", person, "quintanilha.txt", b"Quintanilha only")
        files_service.attach_bytes(uow, "contact", person, "price.txt", b"shared content")
        files_service.attach_bytes(uow, "contact", other, "price.txt", b"shared content")
    with write(database, N_("Delete note"), actor=helena) as uow:
        uow.delete("note", [note])
        uow.insert("merge_log", {"entity": "contact", "winner_id": person, "loser_id": 4711, "loser_title": "Zweitname Q",
                                 "loser_values": {"name": "loser-data"}})  # fmt: skip
    with write(database, N_("Trade"), actor=helena) as uow:
        values = {"name": f"Oven for {NAME}", "contact_id": person, "company_id": company, "amount": Decimal(900)}
        deal = service.create_record(uow, "deal", {**values, "currency": "BRL"})
        case = cases.create_case(uow, {"subject": f"{NAME} is cold", "contact_id": person, "company_id": company})
        own_case = cases.create_case(uow, {"subject": "Own", "contact_id": person})
        plain = {"kind": "call", "subject": f"Call {NAME}"}
        alone = calendar.plan_activity(uow, {**plain, "description": "quintanilha"}, links=[("contact", person)])
        together = calendar.plan_activity(uow, plain, links=[("contact", person), ("contact", other)])
        uow.insert(
            "import_batch",
            {"file_name": "fair.csv", "entity": "contact", "state": "done", "rejects": [[3, NAME, "41955500142"]]},
        )
        uow.insert(
            "saved_view",
            {"entity": "contact", "scope": "private", "name": f"Like {NAME}", "filter": ["name", "eq", NAME]},
        )
    with write(database, N_("Rename deal"), actor=helena) as uow:
        service.update_record(uow, "deal", deal, {"name": f"Big oven for {NAME.upper()}", "contact_id": other})
    with write(database, N_("Back"), actor=helena) as uow:
        service.update_record(uow, "deal", deal, {"contact_id": person})
    with database.begin() as connection:
        pair = Base.metadata.tables["duplicate_pair"]
        connection.execute(pair.insert().values(
            entity="contact", first_id=min(person, other), second_id=max(person, other), score=80,
            reasons={"name": NAME},
        ))  # fmt: skip
    with database.read() as connection:
        sets = list(connection.execute(sa.select(change_set.c.id).order_by(change_set.c.id)).scalars())
    yield Scene(person, other, company, deal, case, own_case, alone, together, sets)


def erase(database: Database, scene: Scene, **choices: bool) -> None:
    erase_person(database, "contact", scene.person, reason="Their wish", asked_by="The person", actor=Actor(),
                 choices=Choices(**choices))  # fmt: skip


def everything(database: Database) -> str:
    """Every value of every table as one text, the history and the search index included."""
    parts = []
    with database.read() as connection:
        for table in Base.metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                parts.append(" ".join(repr(value) for value in row))
    return "\n".join(parts)


def test_nothing_is_left_in_any_table(database: Database, scene: Scene) -> None:
    before = everything(database)
    assert all(secret in before for secret in SECRETS[:7])
    erase(database, scene, cases=True)
    after = everything(database)
    assert [secret for secret in SECRETS if secret in after] == []
    with database.read() as connection:
        assert search.find(connection, database.schema, "Marisonia") == []
        with pytest.raises(RecordGone):
            queries.get_record(database, connection, "contact", scene.person)


def test_nothing_is_left_in_the_bytes_of_the_files(database: Database, scene: Scene) -> None:
    if not database.sqlite or database.path is None:
        pytest.skip("the files of a server are not ours")
    erase(database, scene)
    for path in database.path.parent.glob(database.path.name + "*"):
        content = path.read_bytes().lower()
        found = [s for s in SECRETS if s.lower().encode() in content or s.encode() in content]
        assert found == [], f"{found} in {path.name}"


def test_what_others_need_stays_without_the_person(database: Database, scene: Scene) -> None:
    erase(database, scene)
    with database.read() as connection:
        deal = queries.get_record(database, connection, "deal", scene.deal).values
        case = queries.get_record(database, connection, "case", scene.case).values
        call = queries.get_record(database, connection, "activity", scene.together).values
        assert queries.get_record(database, connection, "case", scene.own_case).values["contact_id"] is None
        with pytest.raises(RecordGone):
            queries.get_record(database, connection, "activity", scene.alone)
        other = files_service.attachments_of(connection, scene.other)
        assert files_service.attachment_content(connection, other[0].id)[1] == b"shared content"
    assert (deal["amount"], deal["contact_id"], deal["name"]) == (Decimal(900), None, "Big oven for …")
    assert (case["contact_id"], case["subject"], str(case["company_id"])) == (None, "… is cold", "Trigo")
    with database.read() as connection:
        view = connection.execute(sa.select(Base.metadata.tables["saved_view"].c.filter)).scalar()
    assert call["subject"] == "Call …"
    assert view == ["name", "eq", "…"]


def test_deals_and_cases_go_where_that_was_chosen(database: Database, scene: Scene) -> None:
    erase(database, scene, deals=True, cases=True)
    with database.read() as connection:
        for entity, identity in (("deal", scene.deal), ("case", scene.case), ("case", scene.own_case)):
            with pytest.raises(RecordGone):
                queries.get_record(database, connection, entity, identity)


def test_a_mark_stays(database: Database, scene: Scene) -> None:
    erase(database, scene)
    with database.read() as connection:
        (mark,) = erasures(connection)
        last = history.recent(connection, limit=1)[0]
    assert (mark.record_id, mark.reason, mark.asked_by) == (scene.person, "Their wish", "The person")
    assert mark.counts["contact"] == 1 and mark.counts["consent"] == 1 and mark.counts["change"] > 10
    assert (last.title, last.kind) == (TITLE, "erase")


def test_the_examination_is_content(database: Database, scene: Scene) -> None:
    erase(database, scene)
    assert [one.detail for one in doctor.check(database, full=True) if not one.ok] == []
    with database.read() as connection:
        assert triggers.expected(database.schema) <= set(triggers.installed(connection))
    with write(database, N_("Later")) as uow:  # the history is written again
        service.update_record(uow, "contact", scene.other, {"name": "Bento C."})
    with database.read() as connection:
        assert history.record_history(database, connection, "contact", scene.other)[0].fields[0].new == "Bento C."


def test_undo_of_what_came_before_brings_nobody_back_and_does_not_crash(database: Database, scene: Scene) -> None:
    erase(database, scene)
    for set_id in reversed(scene.sets):
        try:
            history.undo(database, set_id, Actor(), choice="all")
        except UserError:
            continue
    text = everything(database)
    assert [secret for secret in SECRETS if secret in text] == []
    with database.read() as connection:
        newest = next(row for row in history.recent(connection) if row.kind == "erase")
        assert connection.execute(
            sa.select(Base.metadata.tables["contact"].c.id).where(Base.metadata.tables["contact"].c.id == scene.person)
        ).first() is None  # fmt: skip
    with pytest.raises(UserError, match="cannot be undone"):
        history.undo(database, newest.id, Actor())


def test_the_plan_says_what_goes_and_what_stays(database: Database, scene: Scene) -> None:
    with database.read() as connection:
        plan = plan_erasure(database, connection, "contact", scene.person)
    assert {(one.entity, one.id) for one in plan.stays} == {
        ("deal", scene.deal), ("case", scene.case), ("case", scene.own_case), ("activity", scene.together),
    }  # fmt: skip
    assert plan.counts["contact_point"] == 2 and plan.counts["attachment"] == 2 and plan.counts["activity"] == 1
    assert plan.files[0] == 1 and plan.changes > 10


def test_it_needs_a_reason_and_the_right_to(database: Database, scene: Scene) -> None:
    with pytest.raises(FieldError, match="Say why"):
        erase_person(database, "contact", scene.person, reason=" ", asked_by="x", actor=Actor())
    with pytest.raises(UserError, match="Only people"):
        erase_person(database, "company", scene.company, reason="x", asked_by="x", actor=Actor())
    with write(database, N_("User")) as uow:
        seller = service.create_record(uow, "user", {"name": "Caio", "login": "caio", "active": True, "role": "sales"})
    with database.read() as connection:
        database.access = access_of(connection, database.schema, seller)
    with pytest.raises(UserError, match="Only the owner"):
        erase_person(database, "contact", scene.person, reason="x", asked_by="x", actor=Actor(seller, "Caio", ""))
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", scene.person).title == NAME


def test_windows_are_told(database: Database, scene: Scene) -> None:
    seen: list[RecordsChanged] = []
    database.events.subscribe(RecordsChanged, seen.append)
    erase(database, scene)
    assert seen[-1].everything


def test_a_failure_leaves_everything_as_it_was(
    database: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(database)

    def fail(*_args: object) -> None:
        raise OSError("power")

    monkeypatch.setattr("crm_desktop.db.forget.clear_history", fail)
    with pytest.raises(OSError, match="power"):
        erase(database, scene)
    assert everything(database) == before
    with database.read() as connection:
        assert triggers.expected(database.schema) <= set(triggers.installed(connection))


def test_the_file_is_wiped_while_somebody_reads(
    database: Database, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_desktop.db.engines.BUSY_S", 0.2)
    database.engine.dispose()
    with database.read() as connection:
        connection.execute(sa.select(sa.func.count()).select_from(Base.metadata.tables["company"])).scalar()
        if database.sqlite:
            erase(database, scene)
    if not database.sqlite:
        erase(database, scene)
    with database.read() as connection:
        assert len(erasures(connection)) == 1


def test_former_names_and_addresses_go_from_what_others_keep(database: Database, scene: Scene) -> None:
    with write(database, N_("Rename")) as uow:
        service.update_record(uow, "contact", scene.person, {"name": "Gudrun Ostermayer", "email": "g@osterm.example"})
        service.update_record(uow, "deal", scene.deal, {"name": "Deal of Gudrun Ostermayer"})
        service.update_record(uow, "activity", scene.together, {"subject": "With Gudrun Ostermayer, g@osterm.example"})
    with write(database, N_("Rename")) as uow:
        service.update_record(uow, "contact", scene.person, {"name": "Gudrun Feldkamp", "email": "g@feldk.example"})
    erase(database, scene)
    left = everything(database)
    for secret in ("Ostermayer", "osterm.example", "Feldkamp", "feldk.example", *SECRETS):
        assert secret not in left
