"""Whatever the bytes, reading a file ends: with rows or with a sentence for the user."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_desktop.core.errors import UserError
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.tidy import tidy
from tests.helpers.importing_files import biff8, compound_file
from tests.helpers.thorough import times

LOOSE = settings(
    max_examples=times(50, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SECONDS = 10.0

PLAIN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
TRICKY = st.text(st.sampled_from(list("\"';,\t|\r\n \\#=0123456789áÇab\0")), max_size=30)
LINES = st.text(st.sampled_from(list('BEGIN:VCARDEND;="\r\n \t,TELN.,=C3\\')), max_size=200)


def read_all(path: Path) -> None:
    started = time.monotonic()
    try:
        guess = inspect(path)
        for name in {sheet.name for sheet in guess.sheets}:
            for number, values in read(path, guess.options(name)):
                assert number >= 1
                assert isinstance(values, list)
    except UserError as error:
        assert str(error)
        assert "{" not in str(error).replace("{" + path.name, "")
    assert time.monotonic() - started < SECONDS


@LOOSE
@given(st.binary(max_size=3000))
@example(b"\xff\xfe\0")
@example(b"\xff\xfe\0\0\0")
@example(b"PK\x03\x04")
@example(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"Workbook".decode().encode("utf-16-le"))
@example(b'"\n' * 400)
@example(b"<table><td rowspan=99999 colspan=99999>x")
def test_random_bytes(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    read_all(path)


@LOOSE
@given(st.lists(st.lists(TRICKY, max_size=6), max_size=12), st.sampled_from([",", ";", "\t"]))
def test_text_full_of_delimiters(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text("\n".join(delimiter.join(row) for row in rows), encoding="utf-8", newline="")
    read_all(path)


@LOOSE
@given(LINES, st.sampled_from(["VCARD", "VCALENDAR", "VEVENT"]))
def test_broken_cards_and_calendars(tmp_path: Path, body: str, kind: str) -> None:
    path = tmp_path / "file.vcf"
    path.write_text(f"BEGIN:{kind}\nBEGIN:VEVENT\n{body}\nEND:{kind}\n", encoding="utf-8", newline="")
    read_all(path)


@LOOSE
@given(
    st.sampled_from(
        [
            "DTSTART",
            "DTEND",
            "DURATION",
            "RRULE",
            "EXDATE",
            "TRIGGER",
            "GEO",
            "BDAY",
            "ADR",
            "N",
            "TEL",
            "PHOTO;ENCODING=b",
        ]
    ),
    st.one_of(PLAIN, st.from_regex(r"[0-9PTWDHMSZ:;+-]{0,40}", fullmatch=True)),
)
def test_any_value_of_a_property(tmp_path: Path, name: str, value: str) -> None:
    for kind in ("VCARD", "VEVENT"):
        path = tmp_path / "file.ics"
        path.write_text(f"BEGIN:{kind}\nSUMMARY:x\nFN:x\n{name}:{value}\nEND:{kind}\n", encoding="utf-8", newline="")
        read_all(path)


@LOOSE
@given(
    st.lists(st.lists(PLAIN.map(str.strip), min_size=3, max_size=3), min_size=3, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_quoted_table_with_known_words_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str, end: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["Nome", "E-mail", "Cidade"])
    writer.writerows(rows)
    path = tmp_path / "file.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    guess = inspect(path)
    assert (guess.encoding, guess.delimiter) == ("utf-8", delimiter)
    options = guess.options().with_(header_row=0, header_rows=1, first_data_row=1, footer_rows=0, columns=(0, 1, 2))
    expected = [[tidy(cell) for cell in row] for row in rows]
    assert [values for _n, values in read(path, options)] == [row for row in expected if any(row)]


@pytest.fixture(scope="module")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    path = tmp_path_factory.mktemp("books") / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for number in range(30):
        sheet.write_row(number, 0, [f"Nome {number}", number, number / 7])
    book.close()
    old = biff8([(r, c, f"x{r}" if c else r * 1.5) for r in range(20) for c in range(3)])
    return {"xlsx": path.read_bytes(), "xls": compound_file({"Workbook": old})}


@LOOSE
@given(
    st.sampled_from(["xlsx", "xls"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=8),
    st.floats(0.2, 1),
)
def test_damaged_workbooks(
    tmp_path: Path, workbooks: dict[str, bytes], kind: str, changes: list[tuple[float, int]], kept: float
) -> None:
    data = bytearray(workbooks[kind])
    for place, value in changes:
        data[int(place * len(data))] = value
    path = tmp_path / f"file.{kind}"
    path.write_bytes(bytes(data[: int(len(data) * kept)]))
    read_all(path)
