"""Guesses: which column is which field, and which record type a file holds."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core import i18n
from crm_desktop.core.fields import Kind
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.importing.column_types import guess_columns
from crm_desktop.importing.guess import PlanGuess, guess_plan
from crm_desktop.importing.mapping import ColumnMapping, guess_mapping
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.targets import targets_of
from crm_desktop.records import custom

DATA = os.environ.get("CRM_REAL_DATA", "")
TableFile = Callable[..., Path]


def mapped(schema: Schema, entity: str, headers: Sequence[str], *rows: Sequence[Any]) -> dict[str, ColumnMapping]:
    spec = schema.entity(entity)
    columns = guess_columns(headers, rows, headers)
    found = guess_mapping(columns, targets_of(schema, spec, spec.fields), title=spec.title_field)
    return {one.header: one for one in found}


def targets(schema: Schema, entity: str, headers: Sequence[str], *rows: Sequence[Any]) -> dict[str, str | None]:
    return {header: one.target for header, one in mapped(schema, entity, headers, *rows).items()}


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
def test_headers_are_known_in_every_language(schema: Schema, language: str) -> None:
    i18n.set_language(language)
    assert targets(schema, "contact", ["Nombre completo", "Correo electrónico", "Móvil", "Población", "Empresa"]) == {
        "Nombre completo": "name", "Correo electrónico": "email", "Móvil": "mobile", "Población": "city", "Empresa": "company_id"}  # fmt: skip
    assert targets(schema, "company", ["Razão Social", "Nome Fantasia", "CNPJ", "Município", "Funcionários"]) == {
        "Razão Social": "legal_name", "Nome Fantasia": "name", "CNPJ": "tax_id", "Município": "city", "Funcionários": "employees"}  # fmt: skip


def test_values_decide_where_names_say_nothing(schema: Schema) -> None:
    rows = [
        ("Ana Souza", "ana@sol.example", "(41) 99111-2222", "111.444.777-35", "Curitiba"),
        ("Bia Reis", "bia@sol.example", "(41) 99111-3333", "529.982.247-25", "Recife"),
        ("Carlos Lima", "carlos@sol.example", "(11) 98111-4444", "168.995.350-09", "São Paulo"),
        ("Davi Prado", "davi@sol.example", "(21) 98111-5555", "390.533.447-05", "Natal"),
    ]
    found = targets(schema, "contact", ["A", "B", "C", "D", "E"], *rows)
    assert (found["A"], found["B"], found["D"]) == ("name", "email", "tax_id")
    assert found["C"] in ("phone", "mobile")


def test_values_refuse_what_a_name_promises(schema: Schema) -> None:
    rows = [(f"p{n}@sol.example", f"Pessoa {n}") for n in range(8)]
    assert targets(schema, "contact", ["Telefone", "Nome"], *rows)["Telefone"] == "email"


def test_no_two_columns_share_a_field_unless_they_go_together(schema: Schema) -> None:
    headers = ["Nome", "Nome do cliente", "Telefone", "Telefone 2", "Telefone comercial", "E-mail", "E-mail 2", "E-mail 3",
               "Obs", "Observações"]  # fmt: skip
    found = mapped(schema, "contact", headers)
    plain = [one.target for one in found.values() if one.target and not one.transform]
    assert len(plain) == len(set(plain))
    assert found["E-mail 3"].transform == "extra"
    assert {found["Obs"].target, found["Observações"].target} == {"notes"}


def test_google_contacts_tell_the_type_of_phones_beside_them(schema: Schema) -> None:
    headers = ["Name", "Phone 1 - Type", "Phone 1 - Value", "Phone 2 - Type", "Phone 2 - Value", "Address 1 - Street",
               "Address 1 - City", "Address 2 - Street", "Address 2 - City", "Group Membership"]  # fmt: skip
    found = mapped(schema, "contact", headers)
    assert (found["Phone 2 - Value"].target, found["Phone 2 - Value"].transform, found["Phone 2 - Value"].pair) == (
        "phone",
        "typed",
        3,
    )
    assert found["Phone 1 - Type"].target is None
    assert (found["Address 1 - City"].target, found["Address 2 - City"].target) == ("city", "city@other")
    assert found["Group Membership"].target == "tags"


def test_brazilian_area_codes_and_house_numbers_are_joined(schema: Schema) -> None:
    headers = ["Razao_Social", "Logradouro", "Numero", "Complemento", "DDD", "Telefone"]
    row = ("Sol Ltda", "Rua Catão", "128", "Sala 126", "11", "34415852")
    found = mapped(schema, "company", headers, row, row, row, row)
    assert (found["Numero"].target, found["Numero"].transform) == ("street", "join")
    assert (found["DDD"].target, found["DDD"].transform, found["Telefone"].target) == ("phone", "join", "phone")


def test_every_guess_says_why_and_what_else_it_could_be(schema: Schema) -> None:
    rows = [(f"{n}", f"p{n}@sol.example", "x") for n in range(6)]
    for one in mapped(schema, "contact", ["Cliente nº", "Contact E-mail", "Foo"], *rows).values():
        assert str(one.reason)
        assert all(0 < score <= 1.05 for _name, score in one.alternatives)


def test_custom_fields_are_targets(sqlite_database: Database, table_file: TableFile) -> None:
    with write(sqlite_database, "Fields", actor=Actor(None, "Test")) as uow:
        custom.create_custom_field(uow, "contact", "Tamanho da loja", Kind.NUMBER)
    path = table_file([["Nome", "TAMANHO DA LOJA"], ["Ana Souza", "12,5"], ["Bia Reis", "7"]])
    guess = guess_plan(sqlite_database, path, "contact")
    assert [column.target for column in guess.plan.columns] == ["name", "custom.tamanho_da_loja"]


@pytest.mark.parametrize(
    ("name", "headers", "row", "entity"),
    [
        ("table.csv", ["First Name", "Last Name", "E-mail Address", "Mobile Phone"], ["Ana", "Souza", "ana@x.example", "41 99111-2222"], "contact"),
        ("Accounts.csv", ["ACCOUNTID", "Account Name", "Account Owner", "Industry"], ["1", "Sol Ltda", "Ana", "Retail"], "company"),
        ("pipeline.csv", ["opportunity_id", "account", "deal_stage", "close_value"], ["A1", "Sol Ltda", "Won", "12"], "deal"),
        ("Tasks.csv", ["Task Owner", "Subject", "Due Date", "Status"], ["Ana", "Call", "2024-05-01", "Completed"], "activity"),
        ("chamados.csv", ["Protocolo", "Assunto", "Cliente", "Prioridade"], ["7", "Forno parado", "Sol Ltda", "Alta"], "case"),
        ("precos.csv", ["Código", "Produto", "Preço", "Unidade"], ["7", "Forno", "1.200,00", "un"], "product"),
        ("x.csv", ["Primary Email"], ["ana@x.example"], "contact"),
    ],
)  # fmt: skip
def test_the_record_type_is_recognised(
    sqlite_database: Database, table_file: TableFile, name: str, headers: list[str], row: list[str], entity: str
) -> None:
    guess = guess_plan(sqlite_database, table_file([headers, row], name))
    assert guess.plan.entity == entity
    assert guess.entities[0][0] == entity


def test_keys_are_columns_that_tell_records_apart(sqlite_database: Database, table_file: TableFile) -> None:
    shared = table_file([["Nome", "E-mail", "Telefone"], *([f"Pessoa {n}", "info@sol.example", ""] for n in range(20))])
    assert guess_plan(sqlite_database, shared, "contact").plan.keys == ("name",)
    own = table_file([["Nome", "E-mail", "Telefone"], *([f"Pessoa {n}", f"p{n}@sol.example", ""] for n in range(20))])
    assert guess_plan(sqlite_database, own, "contact").plan.keys == ("email", "name")


def test_a_plan_survives_json(sqlite_database: Database, table_file: TableFile) -> None:
    plan = guess_plan(sqlite_database, table_file([["Nome", "Situação"], ["Ana Souza", "Ativo"]]), "contact").plan
    assert ImportPlan.from_dict(plan.as_dict()) == plan
    assert ImportPlan.from_dict({**json.loads(json.dumps(plan.as_dict())), "unknown": 1}) == plan


OUTLOOK = {
    "FirstName": "first_name", "LastName": "last_name", "MiddleName": "first_name", "Title": "prefix", "Suffix": "suffix",
    "Company": "company_id", "Department": "department", "JobTitle": "job_title", "BusinessCity": "city",
    "BusinessState": "region", "BusinessPostalCode": "postcode", "BusinessStreet": "street",
    "BusinessCountryOrRegion": "country", "BusinessFax": "fax", "BusinessPhone": "phone", "HomePhone": "phone2",
    "MobilePhone": "mobile", "EmailAddress": "email", "Email2Address": "email2", "Birthday": "birthday", "Gender": "gender",
    "Notes": "notes", "WebPage": "website", "Categories": "tags",
}  # fmt: skip


@pytest.mark.skipif(not DATA, reason="needs CRM_REAL_DATA")
@pytest.mark.parametrize("language", ["pt_BR", "es_ES"])
def test_outlook_headers_of_other_languages(schema: Schema, language: str) -> None:
    path = Path(DATA) / "contacts" / "open" / f"headers_outlook_{language}.truth.tsv"
    with path.open(encoding="utf-8") as file:
        truth = [row for row in csv.reader(file, delimiter="\t")][1:]
    headers = [header for header, _meaning in truth]
    found = targets(schema, "contact", headers)
    wrong = [
        (header, meaning, found[header]) for header, meaning in truth
        if meaning in OUTLOOK and (found[header] or "").partition("@")[0] != OUTLOOK[meaning]
    ]  # fmt: skip
    assert len(wrong) <= 2, wrong


@pytest.mark.skipif(not DATA, reason="needs CRM_REAL_DATA")
@pytest.mark.parametrize(
    ("path", "entity", "least"),
    [
        ("contacts/open/chinook_customers.csv", "contact", 12), ("crm_exports/open/zoho_Accounts.csv", "company", 6),
        ("crm_exports/open/zoho_Contacts.csv", "contact", 8), ("crm_exports/open/zoho_Calls.csv", "activity", 9),
        ("pipeline/open/maven_sales_pipeline.csv", "deal", 10), ("contacts/open/br_ans_operadoras_original.csv", "company", 15),
        ("contacts/open/thunderbird_plain.csv", "contact", 30), ("tickets/open/zoho_Cases.csv", "case", 5),
    ],
)  # fmt: skip
def test_real_files_are_recognised(sqlite_database: Database, path: str, entity: str, least: int) -> None:
    guess: PlanGuess = guess_plan(sqlite_database, Path(DATA) / path)
    assert guess.plan.entity == entity
    assert sum(1 for column in guess.plan.columns if column.target) >= least


def test_a_file_that_fits_nothing_is_said(sqlite_database: Database, table_file: Callable[..., Path]) -> None:
    invoices = table_file([
        ["Directorate", "Paid Date", "Internal Ref", "Cap/Rev", "Cost Centre", "Total"],
        ["Adult and Culture", "02/06/2015", "6598941", "Rev", "A100", "1204.50"],
        ["Highways", "12/06/2015", "6586731", "Cap", "A200", "88.10"],
    ], "spend.csv")  # fmt: skip
    people = table_file([["Name", "E-mail", "City"], ["Ana Lima", "ana@example.com", "Lisboa"]], "people.csv")
    told = [[str(one) for one in guess_plan(sqlite_database, path).warnings] for path in (invoices, people)]
    assert any("No kind of record fits" in one for one in told[0])
    assert not any("No kind of record fits" in one for one in told[1])
