"""Workbooks and CSV files read back by other programs hold the numbers of the document."""

from __future__ import annotations

import csv
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from crm_desktop.core import i18n
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.reporting.csv_writer import write_csv
from crm_desktop.reporting.document import (
    BarChart,
    Column,
    Document,
    Group,
    Heading,
    LineChart,
    Row,
    Series,
    StackedBar,
    Table,
    Text,
)
from crm_desktop.reporting.xlsx import write_xlsx

FORMULAS = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(A1)",
    "\t=1",
    '=HYPERLINK("http://x")',
    "http://plain.example",
)


def text_table(*texts: str) -> Document:
    """One column of texts."""
    return Document("x", (Table((Column("t", "Texto"),), tuple(Row((text,)) for text in texts)),))


def test_workbook_holds_the_numbers_of_the_document(pipeline: Document, tmp_path: Path) -> None:
    write_xlsx(pipeline, tmp_path / "f.xlsx")
    sheets = {name: CalamineWorkbook.from_path(tmp_path / "f.xlsx").get_sheet_by_name(name).to_python() for name in
              CalamineWorkbook.from_path(tmp_path / "f.xlsx").sheet_names}  # fmt: skip
    assert "Oportunidades" in sheets and len(sheets) == 2
    header, *rows, total = sheets["Oportunidades"]
    assert header[0] == "Etapa" and header[5] == "Valor (R$)" and header[-1] == "Situação"
    table = pipeline.tables[0]
    assert len(rows) == 18
    for written, row in zip(rows, table.all_rows, strict=True):
        name, company, owner, closes, amount, probability, weighted = row.values
        assert written[1:8] == [name, company, owner, closes, float(amount), probability / 100, float(weighted)]
        assert written[8] == row.mark
    assert total[0] == "Total geral" and total[5] == 934200 and total[7] == 403775
    (summary,) = [rows for name, rows in sheets.items() if name != "Oportunidades"]
    assert ["Aberto", 934200.0] in [row[:2] for row in summary]
    assert ["Diagnóstico", "4 oportunidades", 352700.0, 0.25, 88175.0] in [row[:5] for row in summary]


def test_workbook_is_ready_for_filtering(pipeline: Document, tmp_path: Path) -> None:
    write_xlsx(pipeline, tmp_path / "f.xlsx")
    book = openpyxl.load_workbook(tmp_path / "f.xlsx")
    sheet = book["Oportunidades"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:I19"
    assert sheet["E2"].number_format == "dd/mm/yyyy" and sheet["E2"].is_date
    assert sheet["F2"].number_format == "#,##0.00"
    assert sheet["G2"].number_format == "0%"
    assert sheet.column_dimensions["C"].width > 20
    summary = book.worksheets[0]
    assert summary["B7"].number_format == '"R$"\u00a0#,##0.00'
    assert book.properties.title == "Funil por etapa"
    book.close()


def test_currency_stands_where_the_region_puts_it(tmp_path: Path) -> None:
    i18n.set_language("es")
    columns = (Column("v", "Valor", "money", currency_key="c", total="sum"), Column("c", "Moneda"))
    rows = (Row((Decimal("10.5"), "EUR")), Row((Decimal("1000"), "JPY")))
    write_xlsx(Document("x", (Table(columns, rows),)), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    sheet = book.worksheets[0]
    assert sheet["A2"].number_format == '#,##0.00\u00a0"€"'
    assert "0.0" not in sheet["A3"].number_format
    assert sheet["A4"].value in (None, "Total")
    book.close()


def test_charts_are_native(tmp_path: Path) -> None:
    series = (Series("um", (1, 2)), Series("dois", (3, None)))
    blocks = (
        BarChart(("a", "b"), series, title="Barras"),
        StackedBar(("a", "b"), series, vertical=True),
        LineChart(("a", "b"), series),
        BarChart((), (Series("nada", ()),)),
        BarChart(("a",), ()),
    )
    write_xlsx(Document("x", blocks), tmp_path / "x.xlsx")
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        assert len(charts) == 3
        assert b"pattFill" in archive.read(charts[0])


def test_text_never_becomes_a_formula(tmp_path: Path) -> None:
    write_xlsx(text_table(*FORMULAS), tmp_path / "x.xlsx")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    cells = [cell for (cell,) in book.worksheets[0].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == list(FORMULAS)
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    book.close()


def test_odd_values_survive_a_workbook(tmp_path: Path) -> None:
    columns = (
        Column("i", "Id", "integer"),
        Column("d", "Dia", "date"),
        Column("w", "Quando", "datetime"),
        Column("b", "Sim", "bool"),
    )
    moment = datetime(2026, 3, 12, 1, 30, tzinfo=UTC)
    rows = (Row((2**62, date(1875, 5, 1), moment, True)), Row((-5, date(1900, 3, 1), None, None)))
    write_xlsx(
        Document("x", (Table(columns, rows, name="a/b: [c] " + "longo " * 9), Table(columns, rows))),
        tmp_path / "x.xlsx",
    )
    book = CalamineWorkbook.from_path(tmp_path / "x.xlsx")
    assert all(len(name) <= 31 for name in book.sheet_names)
    rows_read = book.get_sheet_by_index(0).to_python()
    assert rows_read[1][:3] == [str(2**62), "1875-05-01", datetime(2026, 3, 11, 22, 30)]
    assert rows_read[2][:2] == [-5, date(1900, 3, 1)]


def test_sheets_of_one_name_are_told_apart(tmp_path: Path) -> None:
    table = Table((Column("a", "A"),), (Row(("x",)),))
    write_xlsx(Document("x", (Heading("Igual"), table, Heading("igual"), table, Text("t"))), tmp_path / "x.xlsx")
    names = CalamineWorkbook.from_path(tmp_path / "x.xlsx").sheet_names
    assert [name for name in names if name.lower().startswith("igual")] == ["Igual", "igual 2"]


def read_csv(path: Path, delimiter: str) -> list[list[str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def test_csv_goes_round(pipeline: Document, tmp_path: Path) -> None:
    write_csv(pipeline, tmp_path / "f.csv")
    assert (tmp_path / "f.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    header, *rows = read_csv(tmp_path / "f.csv", ";")
    assert header == [
        "Etapa",
        "Oportunidade",
        "Empresa",
        "Responsável",
        "Fecha",
        "Valor (R$)",
        "Prob.",
        "Ponderado (R$)",
        "Situação",
    ]
    stages = [group.label for group in pipeline.tables[0].groups for _row in group.rows]
    for written, stage, row in zip(rows, stages, pipeline.tables[0].all_rows, strict=True):
        assert written[0] == stage and written[1:4] == list(row.values[:3])
        assert date.fromisoformat(written[4]) == row.values[3]
        assert Decimal(written[5].replace(",", ".")) == row.values[4]
        assert Decimal(written[6].rstrip("%")) == row.values[5]
        assert Decimal(written[7].replace(",", ".")) == row.values[6]


@pytest.mark.parametrize(
    ("language", "delimiter", "number"), [("pt_BR", ";", "1234,5"), ("es", ";", "1234,5"), ("en", ",", "1234.5")]
)
def test_csv_follows_the_region(language: str, delimiter: str, number: str, tmp_path: Path) -> None:
    i18n.set_language(language)
    columns = (Column("a", "A"), Column("n", "N", "number"), Column("m", "M", "money"))
    rows = (Row(("x;y,z", Decimal("1234.5000"), Decimal("-0.1250"))),)
    write_csv(Document("x", (Table(columns, rows),)), tmp_path / "x.csv")
    written = read_csv(tmp_path / "x.csv", delimiter)[1]
    assert written == ["x;y,z", number, "-0.125".replace(".", number[4])]


def test_csv_disarms_formulas_and_leaves_phones_alone(tmp_path: Path) -> None:
    write_csv(text_table(*FORMULAS, "+55 41 3555-0100", "-12,5", 'linha\noutra "aspas"'), tmp_path / "x.csv")
    written = [row[0] for row in read_csv(tmp_path / "x.csv", ";")[1:]]
    assert written[:6] == ["'" + text for text in FORMULAS[:6]]
    assert written[6:] == [FORMULAS[6], "+55 41 3555-0100", "-12,5", 'linha\noutra "aspas"']


def test_csv_writes_several_tables_one_after_another(tmp_path: Path) -> None:
    first = Table((Column("a", "A"),), (Row(("x",)),), name="Um")
    second = Table((Column("b", "B"),), groups=(Group("g", (Row(("y",)),)),), name="Dois", group_label="Grupo")
    write_csv(Document("x", (first, second)), tmp_path / "x.csv", delimiter=",")
    assert read_csv(tmp_path / "x.csv", ",") == [["Um"], ["A"], ["x"], [], ["Dois"], ["Grupo", "B"], ["g", "y"]]


@pytest.mark.parametrize("write", [write_xlsx, write_csv])
def test_cancelling_leaves_no_file(write: object, tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    rows = tuple(Row((n,)) for n in range(600))
    with pytest.raises(Cancelled):
        write(Document("x", (Table((Column("n", "N", "integer"),), rows),)), tmp_path / "x", progress=progress)  # type: ignore[operator]
    assert list(tmp_path.iterdir()) == []


def test_csv_of_a_document_without_a_table_says_why(tmp_path: Path) -> None:
    document = Document("x", (Heading("Customer"), Text("Choose a contact or a company.")))
    write_csv(document, tmp_path / "x.csv")
    assert read_csv(tmp_path / "x.csv", ",") == [["Choose a contact or a company."]]
