"""Cells as offices write them: what becomes of them when the proposed plan is carried out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from crm_desktop.core.fields import Field, Kind
from crm_desktop.db.base import Base
from crm_desktop.db.database import Database
from crm_desktop.importing.cell_parts import split_address, split_phoned, split_place, split_taxed
from crm_desktop.importing.column_types import guess_columns
from crm_desktop.importing.parse_cells import column_parser
from crm_desktop.importing.plan import ColumnPlan
from crm_desktop.importing.result import ImportResult

Import = Callable[..., ImportResult]


def parsed(kind: Kind, header: str, *texts: Any, name: str = "x") -> list[Any]:
    """The texts of a column as the import reads them, by what it guesses about the column."""
    guess = guess_columns([header], [[text] for text in texts], [header])[0]
    serial = "1900" if guess.excel_serials else guess.detail if guess.detail.startswith("unix") else ""
    plan = ColumnPlan(0, header, "x", date_order=guess.date_order, decimal=guess.decimal, serial=serial)
    parse = column_parser(Field(name, "", kind), plan, "BR")
    return [parse(text) for text in texts]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("15 de março de 2021", "1º de abril de 2020", "3 de mayo de 2019"), (date(2021, 3, 15), date(2020, 4, 1), date(2019, 5, 3))),
        (("03-ene-20", "15-dic-19", "7 ago 2020"), (date(2020, 1, 3), date(2019, 12, 15), date(2020, 8, 7))),
        (("March 5th, 2021", "Mar 5, 2021 10:33 PM", "Fri, 5 Mar 2021 10:33:00 +0000"), (date(2021, 3, 5),) * 3),
        (("Fri Mar  5 10:33:00 2021", "2021-03-05T10:33:00.000+0000", "5/3/2021 às 10h30"), (date(2021, 3, 5),) * 3),
        (("mar/21", "dez-19", "abr/2020"), (date(2021, 3, 1), date(2019, 12, 1), date(2020, 4, 1))),
        (("20210305", "20201231"), (date(2021, 3, 5), date(2020, 12, 31))),
        (("44260", "44261.5"), (date(2021, 3, 5), date(2021, 3, 6))),
        (("12.03.2021", "1.4.21", "25-6-2020"), (date(2021, 3, 12), date(2021, 4, 1), date(2020, 6, 25))),
        (("3/15/2021", "4/1/2021"), (date(2021, 3, 15), date(2021, 4, 1))),
        (("15/3/2021", "4/1/2021"), (date(2021, 3, 15), date(2021, 1, 4))),
        (("1614940380", "1614940390"), (date(2021, 3, 5),) * 2),
        (("1614940380000", "1614940390000"), (date(2021, 3, 5),) * 2),
    ],
)  # fmt: skip
def test_dates_of_a_column_are_read_alike(texts: tuple[str, ...], wanted: tuple[date, ...]) -> None:
    assert tuple(parsed(Kind.DATE, "Data", *texts)) == wanted


def test_nobody_is_born_in_the_future() -> None:
    found = parsed(Kind.DATE, "Nascimento", "15/03/85", "01/02/30", "31/12/49", "13/04/05", name="birthday")
    assert [day.year for day in found] == [1985, 1930, 1949, 2005]


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        (("R$ 1.234,56", "R$1,5 mil", "(1.234,56)", "1.234,56-", "R$ -3,20"), ("1234.56", "1500", "-1234.56", "-1234.56", "-3.20")),
        (("1.234,56 €", "€ 12", "1 234,56 EUR", "EUR 3.000,00"), ("1234.56", "12", "1234.56", "3000")),
        (("$1,234.56", "US$ 12", "(5.00)", "12.5k"), ("1234.56", "12", "-5", "12500")),
        (("1'234.56", "12.50", "7'000.00"), ("1234.56", "12.5", "7000")),
    ],
)  # fmt: skip
def test_amounts_of_a_column_are_read_alike(texts: tuple[str, ...], wanted: tuple[str, ...]) -> None:
    assert parsed(Kind.MONEY, "Valor", *texts) == [Decimal(text) for text in wanted]


def test_yes_and_no_in_three_languages_and_signs() -> None:
    texts = ["sim", "não", "S", "N", "sí", "x", "✓", "verdadeiro", "FALSO", "1", "0"]
    assert guess_columns(["Ativo"], [[text] for text in texts])[0].kind == "bool"
    assert parsed(Kind.BOOL, "Ativo", *texts) == [True, False, True, False, True, True, True, True, False, True, False]


def test_a_city_with_its_state() -> None:
    assert split_place("Mogi-Guaçu/SP") == {"city": "Mogi-Guaçu", "region": "SP"}
    assert split_place("Rio de Janeiro-RJ") == {"city": "Rio de Janeiro", "region": "RJ"}
    assert split_place("Austin, TX") == {"city": "Austin", "region": "TX"}
    assert split_place("Ji-Paraná") is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Rua XV de Novembro, 123 - Centro, Curitiba - PR, 80010-000", ("Rua XV de Novembro, 123", "Centro", "Curitiba", "PR", "80010-000")),
        ("Rua X, 123, Sala 4 - Centro - Curitiba/PR - CEP 80010-000", ("Rua X, 123, Sala 4", "Centro", "Curitiba", "PR", "80010-000")),
        ("Calle Mayor 5, 28013 Madrid", ("Calle Mayor 5", None, "Madrid", None, "28013")),
        ("123 Main St, Suite 4, Boston, MA 02101", ("123 Main St, Suite 4", None, "Boston", "MA", "02101")),
    ],
)  # fmt: skip
def test_whole_addresses_are_split_where_their_end_leaves_no_doubt(text: str, wanted: tuple[str | None, ...]) -> None:
    parts = split_address(text) or {}
    assert tuple(parts.get(name) for name in ("street", "district", "city", "region", "postcode")) == wanted
    assert split_address("Rua Augusta 1000 ap 12") is None


def test_a_company_with_its_tax_number_and_a_name_with_a_phone() -> None:
    assert split_taxed("11.222.333/0001-81 - Padaria Sol Ltda", "BR") == ("Padaria Sol Ltda", "11222333000181")
    assert split_taxed("Padaria 24 horas", "BR") is None
    assert split_phoned("Sr. João (filho do Zé) 9988-7766", "BR") == ("Sr. João", ["9988-7766"], "filho do Zé")
    assert split_phoned("Agente 007", "BR") is None


def test_nothing_of_a_crowded_row_is_lost(database: Database, import_table: Import) -> None:
    rows = [
        ["Cliente", "Cidade/UF", "Telefone", "E-mail", "Obs"],
        [
            "Sr. João Lima (filho do Zé) 41 99988-7766",
            "Curitiba/PR",
            "41 3333-1111 (Rosa)",
            "joao@sol.example (casa)",
            "liga",
        ],
        ["Ana Souza", "Pinhais/PR", "41 99111-2222 / 3333-4444", "ana@sol.example; b@sol.example", ""],
        ["Maria de la Cruz", "Joinville/SC", "41 3333-1111 ramal 22", "Maria <maria@sol.example>", ""],
        ["Dra. Beatriz Reis", "Lapa - PR", "não tem", "", ""],
    ]
    result = import_table(rows, "contact")
    assert (result.created, result.rejected_count) == (4, 0)
    with database.read() as connection:
        table = database.schema.table("contact")
        people = {row.name: row for row in connection.execute(sa.select(table))}
        points = Base.metadata.tables["contact_point"]
        reach = connection.execute(sa.select(points.c.value).where(points.c.owner_id == people["Sr. João Lima"].id))
        found = {value for (value,) in reach}
        places = Base.metadata.tables["address"]
        towns = {tuple(row) for row in connection.execute(sa.select(places.c.city, places.c.region))}
    assert {"+5541999887766", "+554133331111", "joao@sol.example"} <= found
    assert people["Sr. João Lima"].notes.splitlines() == [
        "liga",
        "Cliente: filho do Zé",
        "Telefone: Rosa",
        "E-mail: casa",
    ]
    assert people["Maria de la Cruz"].last_name == "de la Cruz"
    assert people["Dra. Beatriz Reis"].notes == "Telefone: não tem"
    assert towns == {("Curitiba", "PR"), ("Pinhais", "PR"), ("Joinville", "SC"), ("Lapa", "PR")}
    again = import_table(rows, "contact")
    assert (again.created, again.updated) == (0, 0)


def test_percent_that_a_spreadsheet_keeps_as_a_fraction(database: Database, import_table: Import) -> None:
    import_table([["Oportunidade", "Probabilidade"], ["Forno", 0.25], ["Masseira", 0.5]], "deal", name="deals.xlsx")
    with database.read() as connection:
        table = database.schema.table("deal")
        found = {name: share for name, share in connection.execute(sa.select(table.c.name, table.c.probability))}
    assert found == {"Forno": Decimal(25), "Masseira": Decimal(50)}
