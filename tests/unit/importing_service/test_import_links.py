"""Links of imported rows: companies, products, stages, people and owners by what a file calls them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.guess import guess_plan
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.run import run_import
from crm_desktop.records import service
from tests.helpers.rows import rows_of

Import = Callable[..., ImportResult]
ACTOR = Actor(None, "Test")


def numbers(result: ImportResult) -> tuple[int, int, int, int, int]:
    return result.created, result.updated, result.unchanged, result.duplicates, result.rejected_count


@pytest.fixture
def ana(database: Database) -> int:
    with write(database, "User", actor=ACTOR) as uow:
        values = {
            "name": "Ana Paula Souza",
            "login": "ana",
            "email": "ana@office.example",
            "role": "sales",
            "active": True,
        }
        return uow.insert("user", values)


def test_a_company_is_made_once_however_it_is_written(database: Database, import_table: Import) -> None:
    rows = [["Nome", "Empresa"], *([f"Pessoa {n}", "Café do Zé" if n % 2 else "CAFE DO ZE"] for n in range(12))]
    result = import_table(rows)
    assert result.parents == {"company": 1}
    assert len({row["company_id"] for row in rows_of(database, "contact")}) == 1
    assert len(rows_of(database, "company")) == 1


def test_companies_are_not_made_when_not_wanted(database: Database, import_table: Import) -> None:
    result = import_table([["Nome", "Empresa"], ["Ana Souza", "Café do Zé"]], create_parents=False)
    assert numbers(result) == (1, 0, 0, 0, 0)
    assert rows_of(database, "company") == []
    assert [(p.column, p.value) for p in result.cell_problems] == [("Empresa", "Café do Zé")]
    assert rows_of(database, "contact")[0]["notes"] == "Empresa: Café do Zé"


def test_ids_of_another_program_link_records(database: Database, import_table: Import) -> None:
    import_table(
        [["ACCOUNTID", "Account Name"], ["2", "Laura Ashley"], ["3", "Angel's"], ["10", "Café"]], name="Accounts.csv"
    )
    result = import_table([["CONTACTID", "Last Name", "Account Id", "Email"], ["7", "Tucker", "3", "t@x.example"],
                           ["8", "Aguilar", "99", "a@x.example"]], name="Contacts.csv")  # fmt: skip
    assert numbers(result) == (2, 0, 0, 0, 0)
    tucker, aguilar = rows_of(database, "contact")
    assert (tucker["number"], tucker["name"]) == ("7", "Tucker")
    names = {row["id"]: row["name"] for row in rows_of(database, "company")}
    assert names[tucker["company_id"]] == "Angel's"
    assert aguilar["company_id"] is None and len(names) == 3
    assert [(p.row, p.column, p.value) for p in result.cell_problems] == [(3, "Account Id", "99")]


def test_the_same_number_of_another_company_is_another_company(database: Database, import_table: Import) -> None:
    import_table([["ACCOUNTID", "Account Name"], ["2", "Laura Ashley"]], "company")
    result = import_table([["ACCOUNTID", "Account Name"], ["2", "Moinho Azul"]], "company")
    assert numbers(result) == (1, 0, 0, 0, 0)
    renamed = import_table([["ACCOUNTID", "Account Name"], ["2", "Moinho Azul Ltda"]], "company")
    assert numbers(renamed) == (0, 1, 0, 0, 0)
    assert [row["name"] for row in rows_of(database, "company")] == ["Laura Ashley", "Moinho Azul Ltda"]


def test_deals_find_or_make_stage_company_and_product(database: Database, import_table: Import) -> None:
    head = ["opportunity_id", "account", "product", "deal_stage", "engage_date", "close_value"]
    rows = [["A1", "Acme", "GTX Basic", "Won", "7/25/2024", "556"], ["A2", "Acme", "GTX Pro", "Engaging", "7/26/2024", ""],
            ["A3", "", "GTX Pro", "Prospecting", "", "12.50"], ["A4", "Zoom", "GTX Basic", "Lost", "7/13/2024", "0"]]  # fmt: skip
    result = import_table([head, *rows], name="sales_pipeline.csv")
    assert (numbers(result), result.plan.entity) == ((4, 0, 0, 0, 0), "deal")
    assert result.parents == {"company": 2, "product": 2, "stage": 2}
    stages = {row["id"]: row for row in rows_of(database, "stage")}
    deals = {row["number"]: row for row in rows_of(database, "deal")}
    assert [stages[deals[n]["stage_id"]]["name"] for n in ("A2", "A3")] == ["Engaging", "Prospecting"]
    assert [deals[n]["status"] for n in ("A1", "A2", "A3", "A4")] == ["won", "open", "open", "lost"]
    assert [deals[n]["name"] for n in ("A1", "A3")] == ["Acme – GTX Basic", "GTX Pro"]
    order = [row["outcome"] for row in sorted(stages.values(), key=lambda row: row["position"])]
    assert order == ["open"] * (len(order) - 2) + ["won", "lost"]
    assert len({row["position"] for row in stages.values()}) == len(stages)
    assert numbers(import_table([head, *rows], name="sales_pipeline.csv")) == (0, 0, 4, 0, 0)


def test_owners_are_found_by_name_login_or_a_slip_and_never_made(
    database: Database, import_table: Import, ana: int
) -> None:
    rows = [["Nome", "E-mail", "Vendedor"]]
    for number, owner in enumerate(
        ("Ana Paula Souza", "ana", "ANA@office.example", "Ana", "Ana Paula Sousa", "Zeca Tatu")
    ):
        rows.append([f"Pessoa {number}", f"p{number}@x.example", owner])
    result = import_table(rows)
    assert numbers(result) == (6, 0, 0, 0, 0)
    contacts = rows_of(database, "contact")
    assert [row["owner_id"] for row in contacts] == [ana] * 5 + [None]
    assert contacts[5]["notes"] == "Vendedor: Zeca Tatu"
    assert len(rows_of(database, "user_account")) == 1
    assert numbers(import_table(rows)) == (0, 0, 6, 0, 0)


def test_unknown_owners_are_told_before_the_import(
    database: Database, table_file: Callable[..., Path], ana: int
) -> None:
    path = table_file([["Nome", "Vendedor"], ["Bia Reis", "Ana Paula Souza"], ["Rui Paz", "Zeca Tatu"]])
    [warning] = [str(one) for one in guess_plan(database, path, "contact").warnings if "Vendedor" in str(one)]
    assert "Zeca Tatu" in warning and "Ana" not in warning


def test_a_person_may_say_what_a_text_means(database: Database, import_table: Import, ana: int) -> None:
    rows = [
        ["Nome", "Vendedor", "Situação"],
        ["Bia Reis", "Zeca Tatu", "Namorando"],
        ["Rui Paz", "Zeca Tatu", "Casado"],
    ]
    result = import_table(
        rows, "contact", change=lambda plan: plan.with_column(1, values={"zeca tatu": str(ana)}).with_column(
            2, target="lifecycle", values={"namorando": "qualified", "casado": ""}))  # fmt: skip
    bia, rui = rows_of(database, "contact")
    assert bia["owner_id"] == rui["owner_id"] == ana
    assert (bia["lifecycle"], rui["lifecycle"]) == ("qualified", "lead")
    assert not result.cell_problems


def test_companies_point_at_parents_further_down_the_file(database: Database, import_table: Import) -> None:
    head = ["account_id", "account", "subsidiary_of"]
    rows = [
        ["1", "Filial Norte", "Grupo Sol"],
        ["2", "Grupo Sol", ""],
        ["3", "Filial Sul", "grupo sol"],
        ["4", "Lua", "Estrela"],
    ]
    result = import_table([head, *rows], "company")
    assert numbers(result) == (4, 0, 0, 0, 0)
    assert result.parents == {"company": 1}
    companies = {row["name"]: row for row in rows_of(database, "company")}
    assert len(companies) == 5
    assert (
        companies["Filial Norte"]["parent_id"] == companies["Filial Sul"]["parent_id"] == companies["Grupo Sol"]["id"]
    )
    assert companies["Grupo Sol"]["number"] == "2"
    assert numbers(import_table([head, *rows], "company")) == (0, 0, 4, 0, 0)


def test_calls_hang_on_people_and_companies(database: Database, import_table: Import) -> None:
    with write(database, "Records", actor=ACTOR) as uow:
        company = service.create_record(uow, "company", {"name": "Acme", "number": "1458"})
        person = service.create_record(uow, "contact", {"name": "Bia Reis", "number": "2440"})
    head = ["TASKID", "Subject", "Call Start Time", "Call Duration (in seconds)", "Call Type", "CONTACTID", "ACCOUNTID"]
    rows = [["5", "Invoice", "2021-04-15 23:03:00", "420", "Outbound", "2440", "1458"],
            ["6", "Books", "2021-04-16 10:00:00", "300", "Inbound", "0", "1458"]]  # fmt: skip
    result = import_table([head, *rows], name="Calls.csv")
    assert (numbers(result), result.plan.entity) == ((2, 0, 0, 0, 0), "activity")
    first, second = rows_of(database, "activity")
    assert {row["kind"] for row in (first, second)} == {"call"}
    links = {(row["activity_id"], row["entity"], row["record_id"]) for row in rows_of(database, "activity_link")}
    assert links == {
        (first["id"], "contact", person),
        (first["id"], "company", company),
        (second["id"], "company", company),
    }
    assert numbers(import_table([head, *rows], name="Calls.csv")) == (0, 0, 2, 0, 0)
    assert len(rows_of(database, "activity_link")) == 3


def test_cases_find_their_customer_by_email(database: Database, import_table: Import) -> None:
    with write(database, "Records", actor=ACTOR) as uow:
        person = service.create_record(uow, "contact", {"name": "John A. Smith", "email": "John@tech.example"})
    rows = [["TicketID", "CustomerName", "Email", "Subject", "Priority", "Status"],
            ["T001", "John Smith", "john@tech.example", "Cannot log in", "Critical", "Escalated"],
            ["T002", "Rosa Lux", "rosa@tech.example", "Invoice", "Medium", "Resolved"]]  # fmt: skip
    result = import_table(rows)
    assert (numbers(result), result.plan.entity) == ((2, 0, 0, 0, 0), "case")
    first, second = rows_of(database, "case_file")
    assert (first["contact_id"], first["number"], first["priority"], first["status"]) == (
        person,
        "T001",
        "urgent",
        "open",
    )
    assert second["status"] == "solved"
    assert result.parents == {"contact": 1}
    assert [row["value"] for row in rows_of(database, "contact_point")] == ["John@tech.example", "rosa@tech.example"]


def test_rows_without_a_key_are_matched_as_a_whole(database: Database, import_table: Import) -> None:
    head = ["Subject", "Due Date", "Status"]
    rows = [["Call", "2024-05-01", "Not Started"], ["Call", "2024-05-02", "Completed"], ["Call", "2024-05-01", "Completed"],
            ["Call", "2024-05-01", "Not Started"], ["Call", "2024-05-03", ""], ["Mail", "", ""]]  # fmt: skip
    result = import_table([head, *rows], "activity")
    assert numbers(result) == (5, 0, 0, 1, 0)
    assert [(d.row, d.same_as_row) for d in result.duplicate_rows] == [(5, 2)]
    assert numbers(import_table([head, *rows], "activity")) == (0, 0, 5, 1, 0)


def test_imports_in_pieces_are_one_change_set_with_a_whole_history(
    database: Database, table_file: Callable[..., Path]
) -> None:
    count = 23_000
    rows = [
        ["Nome", "Empresa", "E-mail"],
        *([f"Pessoa {n}", f"Empresa {n % 50}", f"p{n}@x.example"] for n in range(count)),
    ]
    path = table_file(rows)
    result = run_import(database, path, guess_plan(database, path).plan, ACTOR)
    assert numbers(result) == (count, 0, 0, 0, 0) and result.parents == {"company": 50}
    change = Base.metadata.tables["change"]
    with database.read() as connection:
        counted = dict(connection.execute(
            sa.select(change.c.table_name, sa.func.count()).where(change.c.change_set_id == result.change_set).group_by(change.c.table_name)
        ).all())  # fmt: skip
        owners = connection.execute(
            sa.select(sa.func.count()).where(change.c.table_name == "contact_point", change.c.parent_id.isnot(None))
        ).scalar()
    assert counted == {"contact": count, "company": 50, "contact_point": count, "import_batch": 1}
    assert owners == count
    with write(database, "Edit", actor=ACTOR) as uow:
        service.update_record(uow, "contact", rows_of(database, "contact")[0]["id"], {"job_title": "Mestre"})
        service.create_record(uow, "contact", {"name": "Depois"})
    with database.read() as connection:
        later = connection.execute(
            sa.select(sa.func.count()).where(change.c.change_set_id > result.change_set)
        ).scalar()
    assert later == 2


def test_names_and_addresses_in_one_column_find_the_same_people(database: Database, import_table: Import) -> None:
    """A name among e-mails is a name: nobody is made a second time with a name for an address."""
    import_table([["Name", "Email"], ["Jon Doe", "jon@acme.example"], ["Jane Roe", "jane@globex.example"]])
    import_table(
        [["Deal name", "Contact", "Amount"], ["Roof", "Jon Doe", 12000], ["Wall", "jane@globex.example", 500]],
        name="Deals.csv",
        entity="deal",
    )
    people = {row["id"]: row["name"] for row in rows_of(database, "contact")}
    assert sorted(people.values()) == ["Jane Roe", "Jon Doe"]
    deals = {row["name"]: people[row["contact_id"]] for row in rows_of(database, "deal")}
    assert deals == {"Roof": "Jon Doe", "Wall": "Jane Roe"}
