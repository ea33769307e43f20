"""Data quality: every number is that of its list, the trend is kept, invalid values are found on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crm_desktop.contacts.consents import record_consent
from crm_desktop.core import clock, formats
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.insight import quality
from crm_desktop.insight.quality_measures import measures
from crm_desktop.records import queries, service
from crm_desktop.sales.service import ensure_default_pipeline

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)


@pytest.fixture
def office(database: Database) -> dict[str, int]:
    """Seven contacts, two companies and two deals with known flaws."""
    formats.set_default_country("BR")
    ids: dict[str, int] = {}
    clock.set_clock(lambda: NOW - timedelta(days=500))
    with write(database, N_("Old")) as uow:
        here = service.create_record(uow, "user", {"name": "Helena", "login": "helena", "active": True})
        gone = service.create_record(uow, "user", {"name": "Davi", "login": "davi", "active": False})
        ids["old"] = service.create_record(uow, "contact", {"name": "Old", "owner_id": here, "email": "old@t.example"})
    clock.set_clock(lambda: NOW)
    with write(database, N_("New")) as uow:
        company = ids["company"] = service.create_record(uow, "company", {"name": "Trigo", "owner_id": here})
        ids["empty company"] = service.create_record(uow, "company", {"name": "Vazia", "owner_id": gone})
        rows = {
            "good": {"email": "a@b.example", "mobile": "+5541955500142", "owner_id": here, "company_id": company,
                     "postcode": "80250-104", "country": "BR", "tax_id": "52998224725"},
            "name only": {},
            "phone only": {"mobile": "+5541955500143", "owner_id": gone},
            "bad phone": {"phone": "95550-0163", "owner_id": here, "email": "x@y.example"},
            "bad postcode": {"email": "p@y.example", "owner_id": here, "postcode": "8025", "country": "BR"},
        }  # fmt: skip
        for name, values in rows.items():
            ids[name] = service.create_record(uow, "contact", {"name": name, **values})
        ids["bad tax"] = service.create_record(
            uow, "contact", {"name": "bad tax", "owner_id": here, "email": "t@t.example"}
        )
        uow.update("contact", ids["bad tax"], {"tax_id": "52998224724"})
        uow.insert("contact_point", {"owner_id": ids["bad tax"], "kind": "email", "value": "no mail at all"})
        record_consent(uow, ids["good"], "marketing", "email", "given")
        ensure_default_pipeline(uow)
        ids["deal"] = service.create_record(uow, "deal", {"name": "Deal", "company_id": company, "owner_id": here})
    return ids


def names(database: Database, key: str, entity: str = "contact") -> set[str]:
    """The titles of the records that a measure's filter gives."""
    with database.read() as connection:
        measure = next(one for one in measures(connection) if (one.key, one.entity) == (key, entity))
        ids = queries.find_ids(database, connection, entity, filter=measure.filter)
        return set(queries.titles(database.schema, connection, entity, list(ids)).values())


def test_each_measure_finds_its_records(database: Database, office: dict[str, int]) -> None:
    quality.measure_now(database)
    assert names(database, "unreachable") == {"name only"}
    assert names(database, "no_email") == {"name only", "phone only"}
    assert names(database, "no_phone") == {"Old", "name only", "bad postcode", "bad tax"}
    assert names(database, "bad_phone") == {"bad phone"}
    assert names(database, "bad_email") == {"bad tax"}
    assert names(database, "bad_tax") == {"bad tax"}
    assert names(database, "bad_postcode") == {"bad postcode"}
    assert names(database, "name_only") == {"name only"}
    assert names(database, "no_owner") == {"name only"}
    assert names(database, "gone_owner") == {"phone only"}
    assert names(database, "silent") == {"Old"}
    assert names(database, "no_consent") == {"Old", "name only", "phone only", "bad phone", "bad postcode", "bad tax"}
    assert names(database, "no_company") == {"Old", "name only", "phone only", "bad phone", "bad postcode", "bad tax"}
    assert names(database, "no_people", "company") == {"Vazia"}
    assert names(database, "gone_owner", "company") == {"Vazia"}
    assert names(database, "no_next_step", "deal") == {"Deal"}


def test_the_numbers_are_those_of_the_lists(database: Database, office: dict[str, int]) -> None:
    quality.measure_now(database)
    with database.read() as connection:
        found = quality.read_quality(database, connection)
        for figure in found.figures:
            count = queries.count(database, connection, figure.measure.entity, filter=figure.measure.filter)
            assert (figure.measure.key, figure.count) == (figure.measure.key, count)
    # of 7 contacts and 2 companies, the contacts good, Old and phone only are without a flaw
    assert (found.totals["contact"], found.totals["company"], found.health) == (7, 2, 33)
    assert found.checked_at == NOW


def test_a_corrected_tax_number_leaves_the_list_at_once(database: Database, office: dict[str, int]) -> None:
    quality.measure_now(database)
    with write(database, N_("Correct")) as uow:
        service.update_record(uow, "contact", office["bad tax"], {"tax_id": "52998224725"})
    assert names(database, "bad_tax") == set()


def test_one_sample_a_day_and_the_change_of_a_month(database: Database, office: dict[str, int]) -> None:
    for days, emails in ((40, 0), (31, 0), (3, 1), (0, 1)):
        clock.set_clock(lambda days=days: NOW - timedelta(days=days))
        with database.read() as connection:
            assert quality.is_due(database, connection)
        quality.measure_now(database)
        quality.measure_now(database)
        with database.read() as connection:
            assert not quality.is_due(database, connection)
        if not emails and days == 31:
            with write(database, N_("Mail")) as uow:
                service.update_record(uow, "contact", office["name only"], {"email": "n@t.example"})
    with database.read() as connection:
        found = quality.read_quality(database, connection)
    figure = next(one for one in found.of("contact") if one.measure.key == "no_email")
    assert figure.series == (2, 2, 1, 1)
    assert (figure.previous, figure.previous_on) == (2, (NOW - timedelta(days=31)).date())


def test_before_the_first_check_nothing_is_claimed(database: Database) -> None:
    with database.read() as connection:
        found = quality.read_quality(database, connection)
    assert (found.checked_at, found.health, found.duplicates) == (None, None, None)
    assert {figure.count for figure in found.figures} == {None}


def test_a_cancelled_check_keeps_nothing(database: Database, office: dict[str, int]) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        quality.measure_now(database, progress)
    with database.read() as connection:
        assert quality.is_due(database, connection)


def test_groups_of_duplicates(database: Database, office: dict[str, int]) -> None:
    ids = sorted(office[name] for name in ("good", "name only", "phone only", "bad phone", "Old".lower()))
    pair = database.schema.table("contact").metadata.tables["duplicate_pair"]
    with database.begin() as connection:
        for first, second in ((0, 1), (1, 2), (3, 4)):
            connection.execute(pair.insert().values(
                entity="contact", first_id=ids[first], second_id=ids[second], score=90, found_at=NOW
            ))  # fmt: skip
        assert quality.duplicate_groups(connection, "contact") == 2
    with write(database, N_("Apart")) as uow:
        uow.insert("not_duplicate", {"entity": "contact", "first_id": ids[3], "second_id": ids[4]})
    quality.measure_now(database)
    with database.read() as connection:
        assert quality.read_quality(database, connection).duplicates == 1


def test_a_search_after_the_check_counts_at_once(database: Database, office: dict[str, int]) -> None:
    quality.measure_now(database)
    with database.read() as connection:
        checked = quality.read_quality(database, connection).checked_at
    assert checked is not None
    pair = database.schema.table("contact").metadata.tables["duplicate_pair"]
    first, second = sorted((office["good"], office["name only"]))
    with database.begin() as connection:
        connection.execute(pair.insert().values(
            entity="contact", first_id=first, second_id=second, score=90, found_at=checked + timedelta(minutes=1)
        ))  # fmt: skip
    with database.read() as connection:
        assert quality.read_quality(database, connection).duplicates == 1
