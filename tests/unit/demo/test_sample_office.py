"""The sample office: believable, whole, right by every rule, and the same whenever it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import phonenumbers
import pytest
import sqlalchemy as sa

from crm_desktop import features
from crm_desktop.core import clock, filters
from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress, ProgressState
from crm_desktop.core.taxids import check_tax_id
from crm_desktop.core.text import fold
from crm_desktop.db import dump, search
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.migrate import migrate
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import write
from crm_desktop.demo import make
from crm_desktop.demo.make import make_demo
from crm_desktop.records import history, queries, service

NOW = datetime(2026, 3, 12, 13, 42, tzinfo=UTC)
"""Thursday, 10:42 in the zone of the tests."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The sample office as people see it first, on a Thursday morning."""
    clock.set_clock(lambda: NOW)
    database = Database(tmp_path_factory.mktemp("sample") / "sample.crm", features.schema())
    migrate(database)
    make_demo(database)
    clock.set_clock(None)
    yield database
    database.close()


@pytest.fixture(autouse=True)
def thursday(same_computer: None) -> None:
    """Every test looks at it on that Thursday."""
    clock.set_clock(lambda: NOW)


def rows(database: Database, name: str, *where: Any) -> list[dict[str, Any]]:
    table = Base.metadata.tables[name]
    with database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).where(*where).order_by(table.c.id)).mappings()]


def table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def test_it_holds_what_the_first_page_promises(sample: Database) -> None:
    deals = rows(sample, "deal", table("deal").c.status == "open")
    assert len(rows(sample, "contact")) == 1248
    assert len(deals) == 18
    assert sum(deal["amount"] for deal in deals) == Decimal(934_200)
    assert len(rows(sample, "user_account")) == 6
    assert len(rows(sample, "team")) == 2
    assert 300 < len(rows(sample, "company")) < 500
    assert len(rows(sample, "case_file", table("case_file").c.status.in_(("new", "open", "waiting")))) == 16


def test_three_years_of_deals_were_won_and_lost_with_reasons(sample: Database) -> None:
    deals = rows(sample, "deal", table("deal").c.status != "open")
    won = [deal for deal in deals if deal["status"] == "won"]
    lost = [deal for deal in deals if deal["status"] == "lost"]
    assert len(won) > 100 and len(lost) > 80
    assert all(deal["lost_reason"] for deal in lost) and not any(deal["lost_reason"] for deal in won)
    assert {deal["closed_on"].year for deal in deals} >= {2023, 2024, 2025, 2026}
    assert all(deal["opened_on"] <= deal["closed_on"] <= NOW.date() for deal in deals)
    this_month = [deal for deal in won if deal["closed_on"] >= NOW.date().replace(day=1)]
    assert sum(deal["amount"] for deal in this_month) == Decimal(186_400)


def test_some_deals_are_stalled_and_some_have_no_next_step(sample: Database) -> None:
    stages = {stage["id"]: stage for stage in rows(sample, "stage")}
    deals = rows(sample, "deal", table("deal").c.status == "open")
    old = [d for d in deals if (NOW - d["stage_since"]).days > stages[d["stage_id"]]["rotting_days"]]
    assert len(old) == 3
    assert sum(1 for deal in deals if not deal["next_step"]) >= 4


def test_today_is_full_and_something_is_late(sample: Database) -> None:
    today = NOW.date()
    activities = rows(sample, "activity")
    day = [a for a in activities if a["starts"] and a["starts"].date() == today]
    assert len(day) >= 8
    assert any(a["status"] == "done" for a in day) and any(a["status"] == "planned" for a in day)
    late = [a for a in activities if a["status"] == "planned" and a["due"] and a["due"] < today]
    assert len(late) >= 4
    assert sum(1 for a in activities if a["due"] == today and a["status"] == "planned") >= 6
    assert next(a for a in activities if a["rrule"])["subject"] == "Reunião da equipe"
    assert not [a for a in activities if a["status"] == "done" and a["done_at"] > NOW]


def test_cases_have_protocol_numbers_in_order_and_some_are_at_risk(sample: Database) -> None:
    cases = rows(sample, "case_file")
    for year in {2024, 2025}:
        numbers = [int(c["number"][5:]) for c in cases if c["number"].startswith(f"{year}-")]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
    opened = [case for case in cases if case["status"] in ("new", "open")]
    assert any(case["resolve_due"] < NOW for case in opened)
    assert sum(1 for case in opened if NOW < case["resolve_due"] < NOW + timedelta(hours=2)) >= 2
    assert len(rows(sample, "case_message")) > 2 * len(cases)
    with write(sample, "x", rehearse=True) as uow:
        created = service.create_record(uow, "case", {"subject": "Novo"})
        case = table("case_file")
        number = uow.connection.execute(sa.select(case.c.number).where(case.c.id == created))
        last = max(int(c["number"][5:]) for c in cases if c["number"].startswith("2026-"))
        assert number.scalar_one() == f"2026-{last + 1:06d}"


def test_phones_tax_numbers_and_addresses_are_of_the_right_shape(sample: Database) -> None:
    phones = [p for p in rows(sample, "contact_point") if p["kind"] == "phone"]
    assert len(phones) > 1400
    for phone in phones:
        assert phonenumbers.is_valid_number(phonenumbers.parse(phone["value"])), phone
        assert phone["search_digits"] == service.search_digits(phone["value"])
    countries = {a["owner_id"]: a["country"] for a in rows(sample, "address")}
    assert set(countries.values()) == {"BR", "ES", "PT", "US"}
    companies = [company for company in rows(sample, "company") if company["tax_id"]]
    for company in companies:
        assert check_tax_id(company["tax_id"], countries[company["id"]])[0] == company["tax_id"]
    assert {a["postcode"][:2] for a in rows(sample, "address") if a["city"] == "Curitiba"} == {"80"}


def test_no_address_of_a_real_person_can_be_written_to(sample: Database) -> None:
    points = rows(sample, "contact_point")
    assert all(p["value"].endswith(".example") for p in points if p["kind"] in ("email", "web"))
    emails = [p["value"] for p in points if p["kind"] == "email"]
    assert all(email.isascii() and " " not in email for email in emails)


def test_sort_keys_are_the_folded_names(sample: Database) -> None:
    for name in ("contact", "company"):
        assert [row["id"] for row in rows(sample, name) if row["sort_name"] != fold(row["name"])] == []


def test_every_rule_agrees_with_every_row(sample: Database) -> None:
    """The rows were written past the rules; the rules would have changed nothing."""
    skipped = {"id", "version", "updated_at", "updated_by", "last_activity_at", "position", "stage_since"}
    with write(sample, "x", rehearse=True) as uow:
        for entity in ("contact", "deal", "activity", "case"):
            spec = sample.schema.entity(entity)
            context = service.RuleContext(uow, spec)
            for row in rows(sample, spec.table)[::7]:
                given = {key: value for key, value in row.items() if value is not None and key not in skipped}
                kept = dict(given)
                service.run_rule(context, given, None)
                ours = {key: row.get(key) for key in given if key not in skipped and given[key] != row.get(key)}
                if row.get("status") == "waiting":
                    ours.pop("waiting_since", None)
                assert ours == {}, (entity, kept)


def test_every_record_type_is_there(sample: Database) -> None:
    for name in (
        "contact", "company", "deal", "activity", "case_file", "product", "pipeline", "stage", "tag", "record_tag",
        "note", "attachment", "blob", "saved_view", "custom_field", "office_setting", "consent", "address",
    ):  # fmt: skip
        assert rows(sample, name), name
    me = rows(sample, "user_account")[0]["id"]
    with sample.read() as connection:
        for view in rows(sample, "saved_view"):
            tree = filters.from_json(view["filter"])
            entity = {"contacts": "contact", "leads": "contact", "companies": "company", "deals": "deal"}[
                view["entity"]
            ]
            found = queries.count(sample, connection, entity, filter=tree, user_id=me)
            assert found or view["name"] == "Contratos ouro", view["name"]


def test_search_finds_people_without_accents(sample: Database) -> None:
    with sample.read() as connection:
        titles = [hit.title for hit in search.find(connection, sample.schema, "queiros", entities=("contact",))]
        assert "Marina Queirós" in titles
        titles = [hit.title for hit in search.find(connection, sample.schema, "95550-0142")]
        assert {"Marina Queirós", "Marina Queiroz"} <= set(titles)


def test_the_history_tells_of_the_last_days(sample: Database) -> None:
    open_ones = rows(sample, "deal", table("deal").c.status == "open")
    deal = next(one for one in open_ones if one["name"] == "Câmara fria 12 m³")
    with sample.read() as connection:
        entries = history.record_history(sample, connection, "deal", deal["id"])
    entries = [entry for entry in entries if entry.table == "deal"]
    assert [entry.op for entry in entries] == ["U", "I"]
    assert entries[0].user_name == "Caio Bittar" and entries[0].at is not None and entries[0].at < NOW
    assert {change.name for change in entries[0].fields} == {"stage_id", "stage_since"}


def test_the_same_day_gives_the_same_office(tmp_path: Path, sample: Database) -> None:
    other = Database(tmp_path / "other.crm", features.schema())
    migrate(other)
    make_demo(other)
    with sample.read() as first, other.read() as second:
        one, two = same_rows(first, other.schema), same_rows(second, other.schema)
    other.close()
    assert one == two


def same_rows(connection: sa.Connection, schema: Schema) -> dict[str, Any]:
    """Table name to what it holds, without the ids that the clock of the computer gives."""
    numbered = ("custom_field", "attachment", "attachment_revision", "blob", "number_series")
    digests = dump.table_digests(connection, schema)
    found: dict[str, Any] = {name: digests[name] for name in digests if name not in (*numbered, "change", "change_set")}
    for name, columns in (("change", "op table_name data user_name at"), ("change_set", "title kind user_name at")):
        journal = Base.metadata.tables[name]
        where = journal.c.table_name.not_in(numbered) if name == "change" else sa.true()
        statement = sa.select(*(journal.c[column] for column in columns.split())).where(where).order_by(journal.c.id)
        found[name] = [tuple(row) for row in connection.execute(statement)]
    return found


def test_both_engines_hold_the_same_office(database: Database) -> None:
    counts = make_demo(database, 60)
    assert counts["contact"] == 60
    with database.read() as connection:
        found = search.find(connection, database.schema, "lilas", entities=("company",))
        assert "Panificadora Trigo Lilás" in [hit.title for hit in found]
        recent = history.recent(connection, limit=1000)
    assert recent[-1].kind == "system"


def test_a_large_office_is_indexed_and_searched_too(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "_MANY", 300)
    make_demo(database, 400)
    with database.read() as connection:
        names = {index["name"] for name in make._FILLED for index in sa.inspect(connection).get_indexes(name)}
        assert names >= {str(index.name) for name in make._FILLED for index in table(name).indexes}
        assert search.find(connection, database.schema, "marina queiros")
    with write(database, "Edit") as uow:
        service.create_record(uow, "contact", {"name": "Zuleica Nova"})
    with database.read() as connection:
        assert [hit.title for hit in search.find(connection, database.schema, "zuleica")] == ["Zuleica Nova"]


def test_a_filled_database_is_refused(sample: Database) -> None:
    with pytest.raises(UserError, match="holds records already"):
        make_demo(sample)


def test_cancelled_it_leaves_nothing(sqlite_database: Database) -> None:
    progress = Progress()

    def stop(state: ProgressState) -> None:
        progress.cancel()

    progress._listener = stop
    with pytest.raises(Cancelled):
        make_demo(sqlite_database, 9000, progress=progress)
    assert rows(sqlite_database, "contact") == []
