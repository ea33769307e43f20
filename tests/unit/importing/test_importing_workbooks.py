"""Workbooks and tables in disguise: sheets, dates, errors, merged cells, passwords, HTML and XML spreadsheets."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from crm_desktop.core.errors import UserError
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import HTML, XLS, XLSX, XML_SHEET, ErrorCell, ReadOptions
from tests.helpers.importing_files import biff8, compound_file

Make = Callable[..., Path]
CLIENTS: list[list[object]] = [
    ["Nome", "Telefone", "CEP", "Nascimento", "Saldo"],
    ["Ana Souza", 5541955500142, 80010000, datetime(1981, 4, 23), 12.5],
    ["Bia Lima", 5541955500143, 80010010, datetime(1990, 12, 1), 30],
    ["Caio Prado", 5541955500144, 80010020, datetime(1975, 7, 9), 7.25],
]


@pytest.mark.parametrize("epoch", [False, True], ids=["1900", "1904"])
def test_numbers_and_dates_come_as_they_are_meant(workbook: Make, epoch: bool) -> None:
    rows = list(read(workbook({"Plan1": CLIENTS}, date_1904=epoch)))
    assert rows[0] == (2, ["Ana Souza", 5541955500142, 80010000, date(1981, 4, 23), 12.5])
    assert [type(value) for value in rows[0][1]] == [str, int, int, date, float]


def test_the_sheet_with_the_data_is_chosen(workbook: Make) -> None:
    help_text = [
        ["Como preencher esta planilha"],
        ["Preencha uma linha por cliente, sem deixar linhas em branco no meio."],
        ["Não altere os títulos."],
    ]
    path = workbook({"Instruções": help_text, "Vazia": [], "Clientes": CLIENTS})
    guess = inspect(path)
    assert guess.best.name == "Clientes"
    assert [sheet.name for sheet in guess.sheets] == ["Instruções", "Clientes"]
    assert next(read(path, ReadOptions(sheet="Instruções")))[1] == ["Como preencher esta planilha"]


def test_titles_above_and_totals_below_are_left_out(workbook: Make) -> None:
    rows = [
        ["Clientes da filial Centro"],
        ["emitido em 12/03/2019"],
        [],
        *CLIENTS,
        [],
        ["Total", None, None, None, 49.75],
        ["Fonte: sistema antigo"],
    ]
    guess = inspect(workbook({"Plan1": rows}))
    assert guess.best.header_row == 3
    assert guess.best.rows == 3
    assert guess.best.footer_rows == 2
    assert guess.best.preamble[0] == "Clientes da filial Centro"
    assert [n for n, _v in read(guess.path, guess.options())] == [5, 6, 7]


def test_the_footer_can_be_kept(workbook: Make) -> None:
    path = workbook({"Plan1": [*CLIENTS, ["Total", None, None, None, 49.75]]})
    options = inspect(path).options()
    assert options.footer_rows == 1
    assert len(list(read(path, options.with_(footer_rows=0)))) == 4


def test_a_person_known_only_by_name_is_no_footer(workbook: Make) -> None:
    path = workbook({"Plan1": [*CLIENTS, ["Duda Reis"]]})
    assert [v[0] for _n, v in read(path)][-1] == "Duda Reis"


def test_empty_columns_between_and_beside_are_dropped(workbook: Make) -> None:
    path = workbook(
        {"P": [[None, "Nome", None, "Cidade", None], [None, "Ana", None, "Rio"], [None, "Bia", None, "Natal"]]}
    )
    guess = inspect(path)
    assert guess.best.headers == ("Nome", "Cidade")
    assert [v for _n, v in read(path)] == [["Ana", "Rio"], ["Bia", "Natal"]]


def test_merged_cells_go_down_but_not_across(tmp_path: Path) -> None:
    path = tmp_path / "m.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Plan1")
    sheet.write_row(0, 0, ["Empresa", "Contato", "E-mail"])
    sheet.merge_range(1, 0, 2, 0, "Trigo Lilás Ltda")
    sheet.write_row(1, 1, ["Ana", "ana@x.com"])
    sheet.write_row(2, 1, ["Bia", "bia@x.com"])
    sheet.merge_range(3, 0, 3, 1, "sem contato")
    sheet.write(3, 2, "c@x.com")
    book.close()
    assert [v for _n, v in read(path)] == [
        ["Trigo Lilás Ltda", "Ana", "ana@x.com"],
        ["Trigo Lilás Ltda", "Bia", "bia@x.com"],
        ["sem contato", None, "c@x.com"],
    ]


def test_errors_come_as_errors(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Plan1")
    sheet.write_row(0, 0, ["Nome", "Valor", "Hora"])
    sheet.write(1, 0, "Ana")
    sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    sheet.write(1, 2, 0.5, book.add_format({"num_format": "hh:mm"}))
    sheet.write_row(2, 0, ["Bia", 3])
    book.close()
    assert [v for _n, v in read(path)] == [["Ana", ErrorCell("#DIV/0!"), time(12, 0)], ["Bia", 3, None]]


def test_errors_of_an_old_workbook(write: Make) -> None:
    cells = [(0, 0, "Nome"), (0, 1, "Valor"), (1, 0, "José"), (1, 1, 12.5), (2, 0, "Ana"), (2, 1, b"\x2a")]
    path = write("antigo.xls", compound_file({"Workbook": biff8(cells)}))
    assert inspect(path).kind == XLS
    assert [v for _n, v in read(path)] == [["José", 12.5], ["Ana", ErrorCell("#N/A")]]


def test_errors_of_an_opendocument_sheet(tmp_path: Path) -> None:
    head = '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet><table:table table:name="Plan1">'  # fmt: skip  # noqa: E501
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    kind = 'office:value-type="float" office:value="0" calcext:value-type="error"'
    bad = f"<table:table-cell {kind}><text:p>#REF!</text:p></table:table-cell>"
    rows = "".join(
        f"<table:table-row>{cells}</table:table-row>"
        for cells in (
            text.format("Nome") + text.format("Valor"),
            text.format("Ana") + bad,
            text.format("Bia") + text.format("x"),
        )
    )
    path = tmp_path / "e.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "content.xml", f"{head}{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
        )
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    assert next(read(path))[1] == ["Ana", ErrorCell("#REF!")]


def test_passwords_are_named(write: Make) -> None:
    file_pass = struct.pack("<HHHHH", 0x2F, 6, 0, 1, 2)
    old = write("a.xls", compound_file({"Workbook": biff8([(0, 0, "Nome")], file_pass)}))
    new = write("a.xlsx", compound_file({"EncryptionInfo": b"x", "EncryptedPackage": b"y" * 5000}))
    for path in (old, new):
        with pytest.raises(UserError, match="password"):
            inspect(path)


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.97])
def test_a_truncated_workbook_says_so(workbook: Make, kept: float) -> None:
    path = workbook({"Plan1": CLIENTS})
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(UserError, match="damaged"):
        inspect(path)


def test_a_workbook_without_data(workbook: Make) -> None:
    with pytest.raises(UserError, match="empty"):
        inspect(workbook({"Plan1": [], "Plan2": [[None]]}))


def test_the_name_of_a_file_does_not_decide(workbook: Make, write: Make) -> None:
    assert inspect(workbook({"Plan1": CLIENTS}, name="dados.csv")).kind == XLSX
    assert inspect(write("dados.xls", "Nome;Cidade\nAna;Rio\nBia;Natal\n")).delimiter == ";"


def test_an_html_table_named_xls(write: Make) -> None:
    html = (
        "<html><head><meta charset=windows-1252><style>td{a:b}</style></head><body>"
        "<table><tr><td>menu</td></tr></table><table border=1>"
        "<tr><th>Nome<th>Cidade<th>Obs</tr><tr><td>João &amp; Cia<td rowspan=2>São Paulo<td>um<br>dois"
        "<tr><td>Ana</td><td>&nbsp;</td></tr></table></body></html>"
    )
    path = write("clientes.xls", html, "cp1252")
    guess = inspect(path)
    assert guess.kind == HTML
    assert guess.best.headers == ("Nome", "Cidade", "Obs")
    assert [v for _n, v in read(path)] == [["João & Cia", "São Paulo", "um\ndois"], ["Ana", "São Paulo", None]]


def test_an_excel_2003_xml_file(write: Make) -> None:
    def row(*cells: tuple[str, str], place: str = "") -> str:
        inner = "".join(f'<Cell><Data ss:Type="{kind}">{text}</Data></Cell>' for kind, text in cells[:2])
        inner += f'<Cell ss:Index="4"><Data ss:Type="{cells[2][0]}">{cells[2][1]}</Data></Cell>'
        return f"<Row {place}>{inner}</Row>"

    body = row(("String", "Nome"), ("String", "Desde"), ("String", "Total"))
    body += row(("String", "Ana"), ("DateTime", "2019-04-23T00:00:00.000"), ("Number", "12"), place='ss:Index="3"')
    body += row(("String", "Bia"), ("DateTime", "2020-01-02T10:30:00.000"), ("Error", "#N/A"))
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    xml = f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="Clientes"><Table>'
    xml += f"{body}</Table></Worksheet></Workbook>"
    path = write("export.xls", xml)
    assert inspect(path).kind == XML_SHEET
    assert list(read(path)) == [
        (3, ["Ana", date(2019, 4, 23), 12]),
        (4, ["Bia", datetime(2020, 1, 2, 10, 30), ErrorCell("#N/A")]),
    ]


def test_a_text_document_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "carta.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(UserError, match="text document"):
        inspect(path)


def _tables(path: Path) -> dict[str, list[list[object]]]:
    guess = inspect(path)
    return {one.name: [values for _n, values in read(path, guess.options(one.name))] for one in guess.sheets}


def test_tables_under_each_other_are_tables_of_their_own(workbook: Callable[..., Path]) -> None:
    path = workbook(
        {
            "Plan1": [
                ["Clientes"],
                ["Nome", "E-mail", "Saldo"],
                ["Ana", "ana@x.example", 10],
                ["Bia", "bia@x.example", 20],
                ["Caio", "caio@x.example", 30],
                [],
                [],
                ["Produto", "Código", "Preço"],
                ["Farinha", "F-1", 4.5],
                ["Fermento", "F-2", 3],
            ]
        }
    )
    assert _tables(path) == {
        "Plan1": [["Ana", "ana@x.example", 10], ["Bia", "bia@x.example", 20], ["Caio", "caio@x.example", 30]],
        "Plan1 #2": [["Farinha", "F-1", 4.5], ["Fermento", "F-2", 3]],
    }
    guess = inspect(path)
    assert guess.best.name == "Plan1"
    assert "holds 2 tables" in "; ".join(map(str, guess.evidence))
    assert "A8:C10" in "; ".join(map(str, guess.at("Plan1 #2").best.evidence))


def test_tables_side_by_side(workbook: Callable[..., Path]) -> None:
    left = [["Nome", "Fone"], ["Ana", "41 95550-0142"], ["Bia", "41 95550-0118"], ["Caio", "41 95550-0119"]]
    right = [["Empresa", "Cidade", "CEP"], ["Ipê Ltda", "Curitiba", "80010-000"], ["Lilás SA", "Lapa", "83750-000"]]
    rows = [[*a, None, *(right[i] if i < len(right) else [])] for i, a in enumerate(left)]
    rows += [["Davi", "41 95550-0120"], ["Eva", "41 95550-0121"]]
    found = _tables(workbook({"Plan1": rows}))
    assert [len(one) for one in found.values()] == [5, 2]
    assert found["Plan1 #2"][1] == ["Lilás SA", "Lapa", "83750-000"]


@pytest.mark.parametrize(
    "rows",
    [
        # blank rows inside a table, with a group title, and its header again
        [["Nome", "E-mail", "Saldo"], ["Ana", "a@x.example", 1], ["Bia", "b@x.example", 2], [], ["Região Sul"],
         ["Caio", "c@x.example", 3], [], ["Nome", "E-mail", "Saldo"], ["Davi", "d@x.example", 4]],
        # title lines and totals
        [["Empresa", "Ipê Ltda"], ["Período", "01/2024"], [], ["Nome", "E-mail", "Saldo"], ["Ana", "a@x.example", 1],
         ["Bia", "b@x.example", 2], ["Caio", "c@x.example", 3], [], ["Total", None, 6]],
        # a spare column in the middle
        [["Nome", "E-mail", None, "Saldo", "UF"], ["Ana", "a@x.example", None, 1, "PR"],
         ["Bia", "b@x.example", None, 2, "SC"], ["Caio", "c@x.example", None, 3, "RS"]],
    ],
)  # fmt: skip
def test_one_table_stays_one(workbook: Callable[..., Path], rows: list[list[object]]) -> None:
    assert list(_tables(workbook({"Plan1": rows}))) == ["Plan1"]


def test_codes_are_read_as_they_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "codes.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("P")
        sheet.write_row(6, 2, ["Nome", "CPF", "CEP", "Valor", "Id"])
        cpf = book.add_format({"num_format": '000"."000"."000-00'})
        cep = book.add_format({"num_format": "00000-000"})
        money = book.add_format({"num_format": "#,##0.00"})
        for row in range(7, 12):
            sheet.write(row, 2, f"Ana {row}")
            sheet.write(row, 3, 191, cpf)
            sheet.write(row, 4, 1310200, cep)
            sheet.write(row, 5, 1234, money)
            sheet.write(row, 6, 1234567890123456)
    assert next(iter(read(path))) == (8, ["Ana 7", "000.000.001-91", "01310-200", 1234, 1234567890123456])


def test_a_formula_that_nobody_calculated_is_told(tmp_path: Path) -> None:
    path = tmp_path / "formula.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [["Nome", "Total"], ["Ana", "=1+1"], ["Bia", "=2&3"]]:
        sheet.append(row)
    book.save(path)
    assert [values for _n, values in read(path)] == [["Ana", ErrorCell("=1+1")], ["Bia", ErrorCell("=2&3")]]
