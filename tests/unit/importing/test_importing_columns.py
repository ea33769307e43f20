"""What columns are taken for, by their values."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core.taxids import is_cpf
from crm_desktop.importing.column_types import guess_column, guess_columns
from crm_desktop.importing.table import ColumnGuess, ErrorCell
from crm_desktop.importing.values import parse_date, parse_money, parse_number, parse_time, vote_order


def guess(values: list[Any], header: str = "") -> ColumnGuess:
    return guess_column(0, header or "Column 1", values, header)


CPFS = ["111.444.777-35", "529.982.247-25", "123.456.789-09", "168.995.350-09", "935.411.347-80", "000.000.001-91"]
CNPJS = ["11.222.333/0001-81", "33.000.167/0001-01", "00.000.000/0001-91", "60.746.948/0001-12"]
NOTED = ["95550-0163 Rosa", "41 95550-0177", "(041)955500190", "9555-0121", "3555-1188 recado com Zé"]
SPANISH = ["+34 612 345 678", "+34 911 234 567", "+34 655 123 456", "+34 934 123 456", "+34 600 111 222"]
LONG = ["Visitar de manhã, porque à tarde a loja fecha e ninguém atende no portão da rua de trás." * 2] * 3 + ["outra"]
VALUES: list[tuple[str, list[Any], str, str]] = [
    ("email", ["a@x.com", "b.c@y.com.br", "d@z.org", ""], "", ""),
    ("url", ["www.x.com", "http://y.com.br/a", "z.org"], "", ""),
    ("tax_id", CPFS, "cpf", ""),
    ("tax_id", CNPJS, "cnpj", ""),
    ("tax_id", [int(c.replace(".", "").replace("/", "").replace("-", "")) for c in CNPJS], "cnpj", ""),
    ("tax_id", ["12345678Z", "B58378431", "X1234567L", "00000000T"], "nif.es", "NIF"),
    ("phone", ["(41) 3555-0118", "(41) 99555-0142", "(11) 3555-0190", "(21) 3555-0177", "(41) 3222-1000"], "BR", ""),
    ("phone", SPANISH, "ES", ""),
    ("phone", ["312-553-5600", "773-907-4000", "312-747-4300", "(773) 481-8014", "773-602-5000"], "US", ""),
    ("phone", [5541955500142, 5541955500143, 5541955500144], "", "Celular"),
    ("phone", NOTED, "", "TEL_2"),
    ("postcode", ["80010-000", "01310-100", "05049-000"], "br", ""),
    ("postcode", [80010000, 1310100, 5049000], "br", "CEP"),
    ("postcode", ["4510", "28001", "08036", "41001"], "", "Código postal"),
    ("date", ["23/04/2019", "01/12/2020", "15/07/2018"], "", ""),
    ("date", ["20190423", "20201201", "20180715", "20170101", "20160202"], "yyyymmdd", ""),
    ("date", ["3 de maio de 2021", "15 de março de 2020", "1 de abril de 2019"], "names", ""),
    ("date", ["09-Mar-11", "22-May-11", "01-Dec-10"], "names", ""),
    ("date", [date(2019, 4, 23), date(2020, 1, 2), None], "", ""),
    ("date", [43578, 43600, 44000, 41000], "excel", "Data de cadastro"),
    ("date", ["23/06/2015", "42172", "09/06/2015", "04/06/2015", "42177", "01/12/2020"], "", ""),
    ("datetime", ["16 Apr, 2021 00:02:00", "18 Mar, 2021 10:02:00", "14 Feb, 2021 23:12:00"], "names", ""),
    ("datetime", [datetime(2019, 4, 23, 10), datetime(2020, 1, 2, 11, 30)], "", ""),
    ("time", ["09:05", "10:30", "23:59"], "", ""),
    ("money", ["R$ 1.234,56", "R$ 12,00", "R$ 0,99"], "", ""),
    ("money", ["$342.09K", "$1,117.10K", "$48.22K"], "", ""),
    ("money", ["1.234,56", "12,00", "0,99"], "", "Saldo"),
    ("decimal", ["1.234,56", "12,00", "0,99"], "", ""),
    ("percent", ["12,5 %", "3%", "100 %"], "", ""),
    ("integer", ["32.0", "11.0", "19.0", "7.0"], "float", ""),
    ("bool", ["Sim", "Não", "sim", "S"], "", ""),
    ("bool", [True, False, True], "", ""),
    ("bool", [0, 1, 1, 0, 1], "", "Ativo"),
    ("person", ["Ana Souza", "José da Silva", "Maria Lima", "João Prado"], "full", ""),
    ("person", ["SOUZA, ANA", "SILVA, JOSE", "LIMA, MARIA", "PRADO, JOAO"], "last_first", ""),
    ("person", ["Ana", "José", "Maria", "João", "Pedro"], "first", "Nome"),
    ("company", ["Trigo Lilás Ltda", "Padaria Sol S.A.", "Clima Tupiara EIRELI", "Bar do Zé ME"], "", ""),
    ("street", ["R. do Ipê, 210", "Av. Brasil, 1000", "Rua das Flores 12", "Travessa Sul 3"], "", ""),
    ("state", ["PR", "SP", "RJ", "SC", "MG"], "br", ""),
    ("country", ["Brasil", "Espanha", "Portugal", "Chile"], "", ""),
    ("choice", ["P1", "P2", "R1", "P1"] * 10, "", ""),
    ("constant", ["0"] * 10, "", "STATUS_OLD"),
    ("id", [f"A{i:05}" for i in range(40)], "", ""),
    ("long_text", LONG, "", ""),
    ("empty", [None, None, ""], "", "Fax"),
    ("text", ["alpha 1", "beta", "Gamma rays, etc."], "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "values", "detail", "header"), VALUES)
def test_kinds(kind: str, values: list[Any], detail: str, header: str) -> None:
    found = guess(values, header)
    assert found.kind == kind, (found.kind, found.why, found.alternatives)
    if detail:
        assert found.detail == detail
    assert 0 <= found.confidence <= 1


def test_the_order_of_a_date_is_that_of_the_column() -> None:
    assert guess(["01/02/2020", "03/04/2020", "25/12/2020"]).date_order == "dmy"
    assert guess(["01/02/2020", "03/04/2020", "12/25/2020"]).date_order == "mdy"
    assert guess(["2020-02-01", "2020-04-03"]).date_order == "ymd"


def test_dates_that_can_be_read_both_ways_follow_the_other_columns() -> None:
    rows = [["01/02/2020", "12/25/2020"], ["03/04/2020", "01/02/2021"], ["05/06/2020", "02/28/2021"]]
    first, second = guess_columns(["Start", "End"], rows)
    assert (first.date_order, second.date_order) == ("mdy", "mdy")
    assert "both ways" in first.why


def test_dates_that_nothing_settles_follow_the_language() -> None:
    (found,) = guess_columns(["Data"], [["01/02/2020"], ["03/04/2020"]])
    assert found.date_order == "dmy"
    assert "please check" in found.why


def test_decimal_marks() -> None:
    assert guess(["1.234,56", "2,00"]).decimal == ","
    assert guess(["1,234.56", "2.00"]).decimal == "."


def test_check_digits_are_told_in_percent() -> None:
    wrong = [cpf if i % 25 else cpf[:-1] + str((int(cpf[-1]) + 1) % 10) for i, cpf in enumerate(CPFS * 10)]
    found = guess(wrong, "CPF")
    assert found.kind == "tax_id"
    assert "have right check digits (CPF)" in found.why


def test_lost_zeros_are_told() -> None:
    found = guess([191, 33000167000101, 11222333000181, 60746948000112], "CNPJ")
    assert found.detail == "cnpj"
    assert "1 have lost zeros" in found.why


def test_two_digit_years_are_told() -> None:
    found = guess(["23/04/81", "01/12/75", "15/07/90"], "NASC")
    assert found.two_digit_years
    assert "century" in found.why


def test_errors_are_told_and_not_counted_as_values() -> None:
    found = guess([ErrorCell("#N/A"), 1, 2, 3, 4.5])
    assert found.kind == "decimal"
    assert "1 cells are spreadsheet errors" in found.why


def test_samples_are_five_different_values() -> None:
    assert len(guess(["a", "a", "b", "c", "d", "e", "f"]).samples) == 5


def test_phones_without_area_code_take_the_country_of_the_file() -> None:
    rows = [[cnpj, "3462-4649"] for cnpj in CNPJS] * 3
    found = guess_columns(["CNPJ", "Telefone"], rows)
    assert (found[1].kind, found[1].detail) == ("phone", "BR")


@given(
    st.dates(date(1920, 1, 1), date(2099, 12, 31)),
    st.sampled_from(["%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"]),
)
def test_dates_come_back(day: date, pattern: str) -> None:
    assert parse_date(day.strftime(pattern), "dmy") == day


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_numbers_come_back(number: Decimal) -> None:
    assert parse_number(f"{number:,.2f}", ".") == number
    swapped = f"{number:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    assert parse_number(swapped, ",") == number


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("R$ 1.234,56", "1234.56", "BRL"),
        ("€ 12,50", "12.50", "EUR"),
        ("-R$ 3,00", "-3.00", "BRL"),
        ("(12,00)", "-12.00", ""),
        ("5 mil", "5000", ""),
    ],
)
def test_money(text: str, amount: str, currency: str) -> None:
    assert parse_money(text, ",") == (Decimal(amount), currency)


def test_times_and_votes() -> None:
    assert str(parse_time("9:05 PM")) == "21:05:00"
    assert str(parse_time("14h30")) == "14:30:00"
    assert parse_time("25:00") is None
    assert vote_order(["25/12/2020", "01/02/2020"]).order == "dmy"
    assert all(is_cpf(cpf.replace(".", "").replace("-", "")) for cpf in CPFS)
