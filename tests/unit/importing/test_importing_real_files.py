"""Files that nobody on the project wrote: nothing fails, and what was guessed is right."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import FileGuess
from tests.helpers.thorough import small, some

FOLDERS = (
    "spreadsheets",
    "contacts",
    "companies",
    "crm_exports",
    "csv_dialects",
    "vcards",
    "calendar",
    "pipeline",
    "tickets",
    "transactions",
)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "nsign": "#"}
QUOTES = {"doublequote": '"', "singlequote": "'"}

# file: sheet, header row, rows of data, columns
TABLES: dict[str, tuple[str, int | None, int, int]] = {
    "spreadsheets/open/biff5_cp1252_preamble.xls": ("worksheet1", 2, 14, 4),
    "spreadsheets/open/blank_rows_before_header.xls": ("two_blank_rows", 2, 2, 2),
    "spreadsheets/open/mac1904_simple.xls": ("simple.csv", 0, 6, 3),
    "spreadsheets/open/mac1904_simple.xlsx": ("simple.csv", 0, 6, 3),
    "spreadsheets/open/blank_line.ods": ("Sheet1", 0, 3, 3),
    "spreadsheets/open/odoo_crm_lead.xls": ("Template", 0, 8, 16),
    "spreadsheets/open/odoo_res_partner.xlsx": ("Contacts", 0, 3, 15),
    "spreadsheets/open/odoo_test_import.ods": ("Sheet1", 0, 3, 3),
    "spreadsheets/open/odoo_test_import.xls": ("Sheet1", 0, 3, 3),
    "spreadsheets/open/odoo_test_import.xlsx": ("Sheet1", 0, 3, 3),
    "spreadsheets/open/people_preamble_footer_merged.xls": ("arts", 4, 10, 6),
    "spreadsheets/open/people_preamble_footer_merged.xlsx": ("arts", 4, 10, 6),
    "spreadsheets/open/style_only_phantom_columns.xls": ("Data", 0, 3, 4),
    "spreadsheets/open/unnamed_and_duplicate_columns.xls": ("Sheet1", 0, 2, 4),
    "contacts/open/ar_clientes_semicolon_latin1_PSEUDONYMISED.csv": ("", 0, 96, 4),
    "contacts/open/br_ans_operadoras_original.csv": ("", 0, 1106, 20),
    "contacts/open/br_ans_operadoras_pandas_floats_noheader.csv": ("", None, 1106, 20),
    "contacts/open/google_new_2024_header_short.csv": ("", 0, 0, 34),
    "contacts/open/google_old_gmail.csv": ("", 0, 1, 81),
    "contacts/open/single_column_emails.csv": ("", 0, 4, 1),
    "companies/open/br_fortaleza_orgaos.csv": ("", None, 1678, 8),
    "companies/open/es_councils_hash_delimited.csv": ("", None, 8113, 7),
    "companies/open/no_schools_semicolon.csv": ("", None, 3573, 7),
    "companies/open/us_chicago_tech_locator.csv": ("", 0, 414, 34),
    "transactions/open/cdnow_sample.txt": ("", None, 6919, 5),
    "transactions/open/uk_newcastle_invoices_june2015.csv": ("", 2, 6677, 10),
    "crm_exports/open/zoho_Contacts.csv": ("", 0, 1265, 9),
    "pipeline/open/maven_sales_pipeline.csv": ("", 0, 8800, 10),
    "calendar/open/phpicalendar_21exdates.ics": ("", 0, 20, 12),
    "vcards/open/android_2.1_qp.vcf": ("", 0, 6, 0),
}

# file: column to its kind and detail
KINDS: dict[str, dict[str, tuple[str, str]]] = {
    "contacts/open/br_ans_operadoras_original.csv": {
        "CNPJ": ("tax_id", "cnpj"),
        "Razao_Social": ("company", ""),
        "Logradouro": ("street", ""),
        "Cidade": ("city", ""),
        "UF": ("state", "br"),
        "CEP": ("postcode", "br"),
        "Endereco_eletronico": ("email", ""),
        "Representante": ("person", "full"),
        "Data_Registro_ANS": ("date", ""),
    },
    "contacts/open/br_ans_operadoras_pandas_floats_noheader.csv": {
        "Column 2": ("tax_id", "cnpj"),
        "Column 3": ("company", ""),
        "Column 13": ("integer", "float"),
        "Column 17": ("person", "full"),
    },
    "contacts/open/chinook_customers.csv": {
        "FirstName": ("person", "first"),
        "Country": ("country", ""),
        "Phone": ("phone", ""),
        "Email": ("email", ""),
        "PostalCode": ("postcode", ""),
    },
    "crm_exports/open/zoho_Campaigns.csv": {"Expected Revenue": ("money", ""), "Start Date": ("date", "")},
    "crm_exports/open/zoho_Contacts.csv": {"Created Time": ("datetime", "names"), "Mobile": ("phone", "US")},
    "transactions/open/uk_moj_march2011.csv": {},
}


def opened(root: Path, name: str) -> FileGuess:
    path = root / name
    if not path.exists():
        pytest.skip(f"{name} is not here")
    return inspect(path)


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_read_to_its_end(real_data: Path, folder: str) -> None:
    for path in some(small(sorted((real_data / folder / "open").iterdir())), 3):
        if path.suffix == ".json":
            continue
        try:
            guess = inspect(path)
        except UserError as error:
            assert path.name == "nearly_empty_libreoffice.xlsx", error
            continue
        rows = list(read(path, guess.options()))
        assert len(rows) == guess.best.rows, path.name
        assert all(len(values) >= len(guess.best.columns) for _n, values in rows), path.name
        assert len(set(guess.best.headers)) == len(guess.best.headers)
        assert [n for n, _v in rows] == sorted({n for n, _v in rows})


@pytest.mark.parametrize("name", TABLES)
def test_sheet_header_rows_and_columns(real_data: Path, name: str) -> None:
    sheet, header, rows, columns = TABLES[name]
    best = opened(real_data, name).best
    assert best.header_row == header
    assert best.rows == rows
    if sheet:
        assert best.name == sheet
    if columns and not name.endswith(".ics"):
        assert len(best.columns) == columns


@pytest.mark.parametrize("name", KINDS)
def test_kinds_of_columns(real_data: Path, name: str) -> None:
    found = {column.header: column for column in opened(real_data, name).best.columns}
    for header, (kind, detail) in KINDS[name].items():
        assert found[header].kind == kind, (header, found[header].kind, found[header].why)
        assert not detail or found[header].detail == detail, header


def test_encodings(real_data: Path) -> None:
    assert opened(real_data, "contacts/open/ar_clientes_semicolon_latin1_PSEUDONYMISED.csv").encoding == "cp1252"
    assert opened(real_data, "contacts/open/uk_hefce_senior_latin1.csv").encoding == "cp1252"
    assert opened(real_data, "csv_dialects/open/gh_load_fund_structure_data.csv").encoding == "cp1251"
    assert opened(real_data, "csv_dialects/open/mt_utf16le.csv").encoding == "utf-16"


def test_delimiters_and_quotes_of_the_annotated_files(real_data: Path) -> None:
    folder = real_data / "csv_dialects" / "open"
    with (folder / "_TRUTH_dialects.txt").open(encoding="utf-8") as file:
        truth = {row["file"]: row for row in csv.DictReader(file, delimiter="|") if (folder / row["file"]).exists()}
    misses = []
    tried = [path.name for path in some(small(folder / name for name in truth), 2)]
    for name in tried:
        row = truth[name]
        guess = inspect(folder / name)
        wanted = DELIMITERS[row["delimiter"]]
        # in a file of one column no delimiter is used, whatever the annotation says
        single = len(guess.best.columns) == 1 and not guess.delimiter
        if guess.delimiter != wanted and not (single and _is_single(folder / name, wanted)):
            misses.append(f"{name}: {guess.delimiter!r}, not {wanted!r}")
        elif guess.delimiter and guess.quote != QUOTES[row["quotechar"]]:
            misses.append(f"{name}: quote {guess.quote!r}")
    print(f"{len(tried) - len(misses)} of {len(tried)} right; misses: {misses}")
    assert len(misses) <= 0.05 * len(tried), misses


def _is_single(path: Path, delimiter: str) -> bool:
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return all(len(row) <= 1 for row in csv.reader(file, delimiter=delimiter))


def test_1904_dates_are_right(real_data: Path) -> None:
    for suffix in ("xls", "xlsx"):
        path = real_data / "spreadsheets" / "open" / f"mac1904_simple.{suffix}"
        assert next(iter(read(path)))[1] == [date(2011, 1, 1), 1, "Galway"]


def test_the_same_table_in_three_formats(real_data: Path) -> None:
    folder = real_data / "spreadsheets" / "open"
    tables = [list(read(folder / f"odoo_test_import.{suffix}")) for suffix in ("xls", "xlsx", "ods")]
    assert tables[0] == tables[1] == [(2, ["foo", 1, 2]), (3, ["bar", 3, 4]), (4, ["qux", 5, 6])]
    assert [values[1:] for _n, values in tables[2]] == [[1, 2], [3, 4], [5, 6]]
