"""Duplicates of a whole database, of a record that is typed, and the pairs that are not the same; on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from crm_desktop.core.errors import FieldError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.dedupe import settings, worklist
from crm_desktop.dedupe.lookup import candidates, strict
from crm_desktop.dedupe.rules import SCAN, TYPING, Comparison, Rule, default_rule
from crm_desktop.dedupe.scan import scan
from crm_desktop.records import history, service


def _phone(number: str) -> dict[str, object]:
    return {"kind": "phone", "label": "mobile", "value": number, "is_primary": True}


def _email(address: str) -> dict[str, object]:
    return {"kind": "email", "value": address, "is_primary": True}


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """Two who are one, a relative of theirs, and others."""
    made = {}
    with write(database, "Set up") as uow:
        for key, name, points in (
            ("marina", "Marina Queirós", [_phone("+5541955500142"), _email("marina@ipe.com.br")]),
            ("copy", "Marina Queiroz", [_phone("41 95550-0142")]),
            ("brother", "Otávio Queirós", [_phone("+5541955500142")]),
            ("other", "Diego Faria", [_email("diego@faria.com.br")]),
        ):
            made[key] = service.create_record(uow, "contact", {"name": name}, children={"points": points})
        for number in range(60):
            service.create_record(uow, "contact", {"name": f"Pessoa{number} Sobrenome{number * 7}"})
    return made


def _found(database: Database) -> list[worklist.Group]:
    with database.read() as connection:
        return worklist.groups(database, connection, "contact")


def test_a_search_finds_the_copy_and_not_the_brother(database: Database, people: dict[str, int]) -> None:
    done = scan(database, "contact")
    assert done.records == 64
    groups = _found(database)
    assert [set(one.members) for one in groups] == [{people["marina"], people["copy"]}]
    assert {(field, how) for field, how, _ratio in groups[0].pairs[0].reasons} == {
        ("phone", "same"),
        ("name", "similar"),
    }
    with database.read() as connection:
        last = worklist.last_scan(connection, "contact")
        assert last is not None and last.records == 64
        assert worklist.last_scan(connection, "company") is None


def test_not_a_duplicate_is_remembered_and_can_be_undone(database: Database, people: dict[str, int]) -> None:
    scan(database, "contact")
    with write(database, "Apart") as uow:
        assert worklist.keep_apart(uow, "contact", [people["copy"], people["marina"]]) == 1
        assert worklist.keep_apart(uow, "contact", [people["copy"], people["marina"]]) == 0
    assert _found(database) == []
    assert scan(database, "contact").pairs == 0
    with database.read() as connection:
        kept = worklist.not_duplicates(database, connection, "contact")
    assert {kept[0].first_title, kept[0].second_title} == {"Marina Queirós", "Marina Queiroz"}
    with write(database, "Take back") as uow:
        assert worklist.forget_apart(uow, [kept[0].id]) == 1
    assert scan(database, "contact").pairs == 1


def test_a_cancelled_search_leaves_the_old_result(database: Database, people: dict[str, int]) -> None:
    scan(database, "contact")
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", [people["other"]])
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        scan(database, "contact", progress)
    assert len(_found(database)) == 1


def test_pairs_of_records_that_are_gone_are_not_shown(database: Database, people: dict[str, int]) -> None:
    scan(database, "contact")
    with write(database, "Delete") as uow:
        service.delete_records(uow, "contact", [people["copy"]])
    assert _found(database) == []


def test_candidates_while_typing(database: Database, people: dict[str, int]) -> None:
    with database.read() as connection:
        found = candidates(
            database, connection, "contact", {"name": "marina queiros"}, {"points": [_phone("(41) 95550-0142")]}
        )
        assert found[0].id in (people["marina"], people["copy"])
        assert {one.id for one in found[:2]} == {people["marina"], people["copy"]}
        assert found[0].score >= 90
        assert found[0].title.startswith("Marina")
        again = candidates(
            database, connection, "contact", {"name": "Marina Queirós"}, {"points": [_phone("+5541955500142")]}, people["marina"]
        )  # fmt: skip
        assert people["marina"] not in {one.id for one in again}
        assert candidates(database, connection, "contact", {"name": "Zoraide Inexistente"}) == []
        assert candidates(database, connection, "contact", {}) == []


def test_phones_and_mails_are_found_as_they_are_typed(database: Database, people: dict[str, int]) -> None:
    with database.read() as connection:
        for points in ([_phone("(41) 95550-0142")], [_email("MARINA@ipe.com.br ")]):
            found = candidates(database, connection, "contact", {"name": "Zoraide"}, {"points": points})
            assert people["marina"] in {one.id for one in found}


def test_a_mistyped_name_is_found_beside_it(database: Database, people: dict[str, int]) -> None:
    with database.read() as connection:
        found = candidates(
            database, connection, "contact", {"name": "Diego Fria"}, {"points": [_email("diego@faria.com.br")]}
        )
    assert found[0].id == people["other"] and found[0].score >= 90


def test_imports_take_only_what_is_sure(database: Database, people: dict[str, int]) -> None:
    with database.read() as connection:
        sure = strict(
            database, connection, "contact", {"name": "Diego Faria"}, {"points": [_email("diego@faria.com.br")]}
        )
        assert sure is not None and sure.id == people["other"]
        assert strict(database, connection, "contact", {"name": "Diego Faria"}) is None


def test_rules_of_the_office(database: Database, people: dict[str, int]) -> None:
    mine = Rule("contact", SCAN, (Comparison("email", "email"),), look_from=50, same_from=80)
    with write(database, "Rule") as uow:
        settings.save_rule(uow, mine)
        settings.save_rule(uow, mine)
    with database.read() as connection:
        kept = settings.rule_for(connection, "contact", SCAN)
        assert kept == Rule("contact", SCAN, mine.comparisons, 50, 80, True, kept.name)
        assert settings.rule_for(connection, "contact", TYPING) == default_rule("contact", TYPING)
        assert connection.execute(sa.text("SELECT count(*) FROM duplicate_rule")).scalar_one() == 1
    assert scan(database, "contact").pairs == 0
    with write(database, "Reset") as uow:
        settings.reset_rule(uow, "contact", SCAN)
    assert scan(database, "contact").pairs == 1


def test_a_rule_that_cannot_work_is_refused() -> None:
    with pytest.raises(FieldError):
        settings.check_rule(Rule("contact", SCAN, ()))
    with pytest.raises(FieldError):
        settings.check_rule(Rule("contact", SCAN, (Comparison("name", "person"),), look_from=95, same_from=90))


def test_the_search_can_compare_any_field(database: Database) -> None:
    with write(database, "Set up") as uow:
        for name in ("Ana Prado", "Bia Prado", "Caio Lima"):
            job = "Taxidermista" if "Prado" in name else "Vendas"
            service.create_record(uow, "contact", {"name": name, "job_title": job})
    rule = Rule("contact", SCAN, (Comparison("job_title", "exact"), Comparison("last_name", "sound")), look_from=40)
    assert scan(database, "contact", rule=rule).pairs == 1


def test_when_a_search_is_due() -> None:
    now = datetime(2026, 5, 4, 9, tzinfo=UTC)
    assert settings.due("weekly", None, now)
    assert settings.due("weekly", now - timedelta(days=30), now)
    assert not settings.due("weekly", now - timedelta(days=2), now)
    assert not settings.due("never", None, now)


def test_undo_of_not_a_duplicate(database: Database, people: dict[str, int]) -> None:
    scan(database, "contact")
    with write(database, "Apart") as uow:
        worklist.keep_apart(uow, "contact", [people["copy"], people["marina"]])
        change_set = uow.change_set_id
    history.undo(database, change_set, Actor())
    assert len(_found(database)) == 1
