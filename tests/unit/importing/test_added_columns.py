"""Columns that are worked out of the others: what the functions do, how rows get longer, and what is said when they are wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.core import formats, formula_texts
from crm_desktop.core.errors import UserError
from crm_desktop.importing import added_choices, added_columns, readers
from crm_desktop.importing.added_choices import AddedChoice
from crm_desktop.importing.added_formulas import AddedColumnError, by_header, by_place, columns_in, compile_formula
from crm_desktop.importing.table import ErrorCell, ReadOptions
from tests.helpers.sources import ROOT

HEADERS = ["Nome", "Sobrenome", "Valor", "Data", "Fone [casa]"]


def worked(formula: str, *cells: Any) -> Any:
    """The cell that a formula gives for a row."""
    return compile_formula("Novo", formula, HEADERS)(cells)


@pytest.mark.parametrize(
    ("formula", "cells", "expected"),
    [
        ('[Nome] & " " & [Sobrenome]', ("Ana", "Souza"), "Ana Souza"),
        ('join(" ", [Nome], [Sobrenome])', ("Ana", None), "Ana"),
        ('join(", ", [nome], [SOBRENOME])', (" Ana ", "Souza"), "Ana, Souza"),
        ('join(" ", [Nome], [Sobrenome])', (None, "  "), None),
        ('part([Nome], ";", 2)', ("a; b ;c",), "b"), ('part([Nome], ";", -1)', ("a;b;c",), "c"),
        ('part([Nome], ";", 9)', ("a;b",), None), ("first_word([Nome])", ("Ana Maria Reis",), "Ana"),
        ("last_word([Nome])", ("Ana Maria Reis",), "Reis"), ("other_words([Nome])", ("Ana Maria Reis",), "Maria Reis"),
        ('before([Nome], "@")', ("ana@sol.example",), "ana"), ('after([Nome], "@")', ("ana@sol.example",), "sol.example"),
        ("upper([Nome])", ("ação",), "AÇÃO"), ("lower([Nome])", ("AÇÃO",), "ação"),
        ("proper([Nome])", ("JOÃO DA SILVA",), "João da Silva"), ("proper([Nome])", ("mARIA rEIS",), "Maria Reis"),
        ("trim([Nome])", ("  a   b ",), "a b"), ('replace([Nome], "S/A", "SA")', ("Sol S/A",), "Sol SA"),
        ("left([Nome], 2)", ("Ana",), "An"), ("right([Nome], 2)", ("Ana",), "na"), ("mid([Nome], 2, 1)", ("Ana",), "n"),
        ("digits([Nome])", ("(41) 95550-0142",), "41955500142"), ("pad([Nome], 8)", ("1310100",), "01310100"),
        ('if(blank([Nome]), [Sobrenome], [Nome])', (None, "Souza"), "Souza"),
        ('if(contains([Nome], "ltda"), "company", "person")', ("Sol LTDA",), "company"),
        ('if([Valor] > 100, "large", "small")', (None, None, "1.250,00"), "large"),
        ('if([Valor] > 100, "large", "small")', (None, None, 12.5), "small"),
        ("[Valor] * 2", (None, None, "10,25"), 20.5), ("[Valor] * 2", (None, None, 3), 6), ("[Valor] * 2", (None, None, None), None),
        ('number([Valor], ".") / 4', (None, None, "1.5"), 0.375), ("[Valor] * 2", (None, None, "n/a?"), "n/a?"),
        ("date([Data])", (None, None, None, "31/12/2025"), date(2025, 12, 31)),
        ('date([Data], "mdy")', (None, None, None, "12/31/2025"), date(2025, 12, 31)),
        ("date([Data]) + 30", (None, None, None, date(2026, 1, 1)), date(2026, 1, 31)),
        ("date([Data])", (None, None, None, "soon"), "soon"), ('"São Paulo"', (), "São Paulo"), ("42", (), 42),
        ("digits([Fone (casa)])", (None, None, None, None, "55-1"), "551"), ("[#2]", ("a", "b"), "b"),
        ('coalesce([Nome], [Sobrenome], "?")', ("", None), "?"), ("[Valor] & \"!\"", (None, None, 60610.0), "60610!"),
        ("[Nome]", (ErrorCell("#N/A"),), ErrorCell("#N/A")), ('starts([Nome], "AN")', ("Ána",), True),
    ],
)  # fmt: skip
def test_what_formulas_give(formula: str, cells: Sequence[Any], expected: Any) -> None:
    formats.set_region("pt_BR")
    assert worked(formula, *cells) == expected


@pytest.mark.parametrize(
    ("formula", "position", "reason"),
    [
        ("[Idade]", 1, "There is no field “Idade”."), ("upper([Nome]", 13, "is missing here"), ("", 1, "Write a formula"),
        ('[Nome] & shout("a")', 10, "There is no function “shout”"), ("part([Nome])", 1, "It is written part("),
        ('number([Valor], "x")', 17, "for numbers"), ("[Nome] + [Sobrenome]", 8, "Join texts with &"),
    ],
)  # fmt: skip
def test_errors_name_the_column_and_the_place(formula: str, position: int, reason: str) -> None:
    with pytest.raises(AddedColumnError) as caught:
        worked(formula, "x")
    assert "“Novo”" in str(caught.value) and f"Character {position} " in str(caught.value)
    assert reason in str(caught.value)


def test_formulas_are_kept_by_place_and_read_by_header() -> None:
    formula = 'join(" ", [nome], [Fone (casa)])'
    kept = by_place(formula, HEADERS)
    assert kept == 'join(" ", [#1], [#5])'
    assert by_header(kept, ["First", *HEADERS[1:]]) == 'join(" ", [First], [Fone (casa)])'
    assert columns_in("[Nome] & [Idade] & [#9]", HEADERS) == ["Idade", "#9"]


def test_a_name_that_is_taken_is_refused() -> None:
    for name in ("Nome", " nome ", ""):
        with pytest.raises(UserError):
            added_columns.check_column(name, "[Nome]", HEADERS)


def table(tmp_path: Path, name: str, rows: Sequence[Sequence[Any]]) -> Path:
    path = tmp_path / name
    if path.suffix == ".xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("Dados")
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    else:
        path.write_text("\n".join(";".join(map(str, row)) for row in rows), encoding="utf-8")
    return path


PEOPLE = [
    ["Nome", "Sobrenome", "Nascimento", "Total"], ["ANA", "DE SOUZA", "01/02/1990", 10], ["BIA", "", "", 20],
    ["Rui", "Paz", "03/04/1985", ""],
]  # fmt: skip


@pytest.mark.parametrize("name", ["people.csv", "people.xlsx"])
def test_an_added_column_is_a_column_like_any_other(tmp_path: Path, name: str) -> None:
    path = table(tmp_path, name, PEOPLE)
    added = (("Nome completo", 'proper(join(" ", [Nome], [Sobrenome]))'), ("Dobro", "[Total] * 2"),
             ("Cartão", '[Nome completo] & "!"'))  # fmt: skip
    file = readers.inspect(path, ReadOptions(added=added))
    assert file.best.headers == ("Nome", "Sobrenome", "Nascimento", "Total", "Nome completo", "Dobro", "Cartão")
    full, double = file.best.columns[4], file.best.columns[5]
    assert (full.index, full.filled, full.kind) == (4, 3, "person")
    assert (double.kind, double.filled) == ("integer", 2)
    rows = list(readers.read(path, file.options()))
    assert [cells[4:] for _number, cells in rows] == [
        ["Ana de Souza", 20, "Ana de Souza!"], ["Bia", 40, "Bia!"], ["Rui Paz", None, "Rui Paz!"]]  # fmt: skip
    assert added_columns.shown(file.best)[0][1] == 'proper(join(" ", [Nome], [Sobrenome]))'
    again = readers.inspect(path, file.options())
    assert again.best.headers == file.best.headers


def test_a_formula_that_does_not_fit_is_left_out_and_told(tmp_path: Path) -> None:
    file = readers.inspect(table(tmp_path, "a.csv", PEOPLE), ReadOptions(added=(("Idade", "[Anos] * 1"),)))
    assert file.best.added == () and len(file.best.columns) == 4
    assert any("“Idade”" in str(one) and "Anos" in str(one) for one in file.evidence)


def test_cells_beyond_the_last_column_stay_behind(tmp_path: Path) -> None:
    options = ReadOptions(columns=(0, 1), added=(("C", "[#1] & [#2]"),))
    rows = added_columns.append(iter([(2, ["a"]), (3, ["b", "c", "beyond"])]), options)
    assert list(rows) == [(2, ["a", None, "a"]), (3, ["b", "c", "bc", "beyond"])]


# -- the functions, each beside plain Python -------------------------------------------------------------------------

WORDS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)


@given(WORDS, st.sampled_from([";", ",", " - ", "@"]), st.integers(-6, 6))
def test_parts_are_those_of_split(text: str, separator: str, number: int) -> None:
    parts = text.split(separator) if separator.strip() else text.split()
    wanted = ""
    if number and abs(number) <= len(parts):
        wanted = (parts[number - 1] if number > 0 else parts[number]).strip()
    assert formula_texts.part(text, separator, Decimal(number)) == wanted


@given(st.lists(st.one_of(st.none(), WORDS), max_size=6), st.sampled_from([" ", ", ", "", "\n"]))
def test_join_leaves_the_blank_ones_out(texts: list[str | None], separator: str) -> None:
    assert formula_texts.join(separator, *texts) == separator.join(one for one in texts if one)


@given(WORDS)
def test_words_make_the_text_again(text: str) -> None:
    words = text.split()
    assert formula_texts.first_word(text) == (words[0] if words else "")
    assert formula_texts.last_word(text) == (words[-1] if words else "")
    joined = formula_texts.join(" ", formula_texts.first_word(text), formula_texts.other_words(text))
    assert joined == formula_texts.trim(text) == " ".join(words)


@given(WORDS, st.integers(-3, 40), st.integers(-3, 40))
def test_pieces_are_slices(text: str, start: int, count: int) -> None:
    assert formula_texts.right(text, Decimal(count)) == (text[max(0, len(text) - count) :] if count > 0 else "")
    at = max(start, 1) - 1
    assert formula_texts.mid(text, Decimal(start), Decimal(count)) == text[at : at + max(0, count)]
    assert formula_texts.pad(text, Decimal(count)) == "0" * (count - len(text)) + text


@given(WORDS, WORDS, WORDS)
def test_before_after_and_replace_are_those_of_python(text: str, old: str, new: str) -> None:
    assert formula_texts.replace(text, old, new) == (text.replace(old, new) if old else text)
    if old in text and old:
        assert formula_texts.before(text, old) == text[: text.index(old)].strip()
        assert formula_texts.after(text, old) == text[text.index(old) + len(old) :].strip()
    assert formula_texts.digits(text) == "".join(one for one in text if one.isdigit())


@given(st.lists(st.one_of(st.none(), WORDS, st.integers(), st.floats(allow_nan=False, allow_infinity=False)), min_size=5, max_size=5))  # fmt: skip
def test_no_row_stops_an_import(cells: list[Any]) -> None:
    """Whatever stands in the cells, a formula that is right gives a cell."""
    for formula in (
        'part([Nome], [Sobrenome], 1) & digits([Data])', "[Valor] * [Data] / 3", "date([Data]) + 1", "proper([Nome])",
        'if([Valor] > 3, pad([Nome], 4, [Data]), mid([Nome], 2, 3))', "max(number([Valor]), 1)",
    ):  # fmt: skip
        worked(formula, *cells)


# -- the ready-made choices ------------------------------------------------------------------------------------------

TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8)
COLUMN = st.sampled_from(HEADERS)
CHOICES = st.one_of(
    st.builds(AddedChoice, st.just("join"), st.lists(COLUMN, min_size=1, max_size=4).map(tuple), TEXTS),
    st.builds(AddedChoice, st.just("split"), COLUMN.map(lambda one: (one,)), TEXTS.filter(lambda one: bool(one.strip())) | st.just(" "),
              st.sampled_from(added_choices.PIECES)),
    st.builds(AddedChoice, st.just("case"), COLUMN.map(lambda one: (one,)), case=st.sampled_from(added_choices.CASES)),
    st.builds(AddedChoice, st.just("constant"), text=TEXTS),
    st.builds(AddedChoice, st.just("replace"), COLUMN.map(lambda one: (one,)), text=TEXTS, new=TEXTS),
    st.builds(AddedChoice, st.just("digits"), COLUMN.map(lambda one: (one,))),
)  # fmt: skip


@given(CHOICES)
def test_what_was_chosen_is_found_in_its_formula_again(choice: AddedChoice) -> None:
    formula = added_choices.formula_of(choice)
    compile_formula("Novo", formula, HEADERS)
    assert added_choices.choice_of(formula, HEADERS) == choice


def test_a_formula_of_ones_own_is_an_expression() -> None:
    for formula in ('[Nome] & "!"', "upper(trim([Nome]))", "broken(", 'part([Nome], ";", 7)', "1"):
        assert added_choices.choice_of(formula, HEADERS) == AddedChoice("expression", formula=formula)


def test_the_examples_of_the_guide_work() -> None:
    guide = (ROOT / "docs" / "user-guide" / "import.md").read_text(encoding="utf-8")
    formulas = guide.split("## Columns that you work out")[1].split("```")[1].strip().splitlines()
    headers = [
        "First name",
        "Surname",
        "Trade name",
        "Company",
        "Name",
        "Postcode",
        "Price",
        "Quantity",
        "E-mail",
        "Year",
        "Month",
    ]
    row = ["Ana", "Reis", "", "Sol", "Sol Ltd", "80.010-000", "2,50", "4", "ana@sol.example", "2026", "3"]
    given = [compile_formula("x", one, headers)(row) for one in formulas]
    assert given == ["Ana Reis", "Sol", "company", "80010000", 10, "ana", date(2026, 3, 1)]
