"""Where headers are found, how columns are named, and what is no header."""

from __future__ import annotations

from typing import Any

import pytest

from crm_desktop.core import i18n
from crm_desktop.importing.headers import find_header, join_lines, unique_headers
from crm_desktop.importing.lexicon import hints


def find(rows: list[list[Any]]) -> tuple[int | None, int, int]:
    guess = find_header(list(enumerate(rows, 1)), rows)
    return guess.row, guess.rows, guess.first_data_row


DATA = [[f"Cliente {i}", f"c{i}@x.com", f"{i:02}/03/2019", i * 10] for i in range(1, 9)]


@pytest.mark.parametrize(
    "header",
    [
        ["Nome", "E-mail", "Data", "Valor"],
        ["CAMPO_A", "CAMPO_B", "CAMPO_C", "CAMPO_D"],
        ["Kunde", "Netzpost", "Tag", "Summe"],
        ["a", "b", "c", "d"],
    ],
)
def test_a_header_in_any_language(header: list[str]) -> None:
    assert find([header, *DATA]) == (0, 1, 1)


def test_no_header() -> None:
    assert find(DATA) == (None, 0, 0)
    towns = [
        ["Paraná", "Curitiba", "Centro"],
        ["Paraná", "Londrina", "Centro"],
        ["Paraná", "Maringá", "Zona 7"],
        ["Bahia", "Ilhéus", "Centro"],
    ]
    assert find(towns) == (None, 0, 0)


def test_titles_above_the_header() -> None:
    titles: list[list[Any]] = [["Relatório de clientes"], [], ["Filial", "Centro"]]
    assert find([*titles, ["Nome", "E-mail", "Data", "Valor"], *DATA]) == (3, 1, 4)


def test_a_header_that_is_there_twice() -> None:
    header = ["Nome", "E-mail", "Data", "Valor"]
    assert find([header, header, *DATA]) == (0, 1, 2)


def test_two_line_headers() -> None:
    groups = [None, "Casa", None, "Trabalho", None]
    names = ["Nome", "Telefone", "Cidade", "Telefone", "Cidade"]
    rows = [["Ana", "3555-0118", "Rio", "3555-0119", "Natal"], ["Bia", "3555-0120", "Belém", "3555-0121", "Rio"]] * 3
    assert find([groups, names, *rows]) == (0, 2, 2)
    assert join_lines([groups, names], 5) == [
        "Nome",
        "Casa Telefone",
        "Casa Cidade",
        "Trabalho Telefone",
        "Trabalho Cidade",
    ]


def test_a_line_of_units_belongs_to_the_header() -> None:
    rows = [["Broca", i, i * 1.5] for i in range(6)]
    assert find([["Produto", "Peso", "Preço"], [None, "(kg)", "(R$)"], *rows]) == (0, 2, 2)


def test_names_are_all_different() -> None:
    assert unique_headers(["Website", "", "WEBSITE", "Website (2)", "", "x"]) == [
        "Website", "Column 2", "WEBSITE (3)", "Website (2)", "Column 5", "x",
    ]  # fmt: skip


def test_blank_names_follow_the_language() -> None:
    i18n.set_language("en")
    assert unique_headers([" Nome\n completo ", "﻿"], [0, 6]) == ["Nome completo", "Column 7"]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Telefone Comercial", "phone"),
        ("Company Phone", "phone"),
        ("E-mail Address", "email"),
        ("emailAddress", "email"),
        ("Phone 1 - Type", "choice"),
        ("Tipo de cliente", "choice"),
        ("Razão Social", "company"),
        ("Nome da empresa", "company"),
        ("Contact Name", "person"),
        ("DT_NASC", "date"),
        ("Data de Nascimento", "date"),
        ("CONTACTID", "id"),
        ("ZIP Code", "postcode"),
        ("Business City", "city"),
        ("CGC", "tax_id"),
        ("Código postal", "postcode"),
        ("Endereço", "street"),
        ("Is Active", "bool"),
    ],
)
def test_what_headers_suggest(header: str, kind: str) -> None:
    assert hints(header)[0] == kind
