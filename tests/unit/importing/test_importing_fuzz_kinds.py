"""Every kind of file, broken in every way, ends in rows or in a sentence; and of tables that are whole nothing gets lost."""

from __future__ import annotations

import base64
import bz2
import csv
import gzip
import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm_desktop.core.errors import UserError
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import ErrorCell
from crm_desktop.importing.tidy import tidy
from tests.helpers.importing_files import biff8, compound_file, dbf
from tests.helpers.thorough import times

FEW = settings(max_examples=times(10, 50), deadline=None, suppress_health_check=list(HealthCheck))
SECONDS = 10.0
ROWS = [["Nome", "E-mail", "Saldo"], *[[f"João {n}", f"joao{n}@x.example", str(n * 1.5)] for n in range(12)]]
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;;\r\nFN:Ana Souza\r\nTEL;TYPE=cell:41 95550-0142\r\nNOTE:a\\,b\r\n  c\r\nEND:VCARD\r\n"
EVENT = (
    "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETTO:-0300\r\n"
    "TZOFFSETFROM:-0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nSUMMARY:Visita\r\nDTSTART;TZID=X:20240310T090000\r\n"
    "DURATION:PT1H\r\nRRULE:FREQ=WEEKLY\r\nUID:1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LDIF = "version: 1\r\ndn: cn=Ana,dc=x\r\ncn:: QW5hIFPDoQ==\r\nmail: a@x.example\r\nmail: b@x.example\r\n\r\ndn: cn=B\r\ncn: Bia\r\n"
HTML = (
    "<html><table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in r) + "</tr>" for r in ROWS) + "</table></html>"
)
XML = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet ss:Name="A"><Table>'
    + "".join("<Row>" + "".join(f'<Cell><Data ss:Type="String">{c}</Data></Cell>' for c in r) + "</Row>" for r in ROWS)
    + "</Table></Worksheet></Workbook>"
)


def _csv(rows: list[list[str]], delimiter: str = ";") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def _xlsx(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_urls": False, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("P")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write(number, column, value)
    return out.getvalue()


def _ods(rows: list[list[str]]) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{_xml(c)}</text:p></table:table-cell>' for c in r
        )
        + "</table:table-row>"
        for r in rows
    )
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    body = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
    body += f'<table:table table:name="P">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", body)
    return out.getvalue()


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def _dbf(version: int = 3) -> bytes:
    fields = [("NOME", "C", 12, 0), ("NASC", "D", 8, 0), ("SALDO", "N", 10, 2), ("SIM", "L", 1, 0), ("OBS", "M", 10, 0)]
    return dbf(fields, [[b"Ana", b"19800101", b"12.50", b"T", b"1"]] * 6, version=version)


def _named(rows: list[list[str]]) -> list[dict[str, str]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


VALID: dict[str, Callable[[], bytes]] = {
    "a.csv": lambda: _csv(ROWS),
    "utf16.txt": lambda: _csv(ROWS, "\t").decode().encode("utf-16"),
    "fixed.txt": lambda: "\n".join("".join(c.ljust(22) for c in row) for row in ROWS).encode(),
    "a.xlsx": lambda: _xlsx(ROWS),
    "a.ods": lambda: _ods(ROWS),
    "a.xls": lambda: compound_file({"Workbook": biff8([(r, c, v) for r, row in enumerate(ROWS) for c, v in enumerate(row)])}),
    "html.xls": HTML.encode,
    "a.xml": XML.encode,
    "a.vcf": lambda: (CARD * 3).encode(),
    "a.ics": EVENT.encode,
    "a.ldif": LDIF.encode,
    "a.json": lambda: json.dumps({"data": _named(ROWS), "n": 1}).encode(),
    "a.jsonl": lambda: "\n".join(map(json.dumps, _named(ROWS))).encode(),
    "a.dbf": _dbf,
    "fox.dbf": lambda: _dbf(0x30),
    "a.zip": lambda: _zip({"x/a.csv": _csv(ROWS), "b.vcf": CARD.encode(), "c.vcf": CARD.encode(), "d.dbf": _dbf(0x83)}),
    "a.csv.gz": lambda: gzip.compress(_csv(ROWS)),
    "a.csv.bz2": lambda: bz2.compress(_csv(ROWS)),
}  # fmt: skip


def read_all(path: Path) -> Counter[str]:
    """Every cell of every table as text; a UserError ends it, nothing else does."""
    started = time.monotonic()
    found: Counter[str] = Counter()
    try:
        guess = inspect(path)
        for sheet in guess.sheets:
            found.update(sheet.headers)
            found.update(sheet.preamble)
            found.update(sheet.footer)
            for number, values in read(path, guess.options(sheet.name)):
                assert number >= 1
                found.update(str(value) for value in values if value is not None)
    except UserError as error:
        assert str(error)
    assert time.monotonic() - started < SECONDS
    return found


@pytest.mark.parametrize("name", VALID)
def test_a_whole_file_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(VALID[name]())
    assert sum(read_all(path).values()) >= 3


@pytest.mark.parametrize("name", VALID)
@FEW
@given(
    flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
    extra=st.binary(max_size=40),
    where=st.floats(0, 1),
    kept=st.one_of(st.just(1.0), st.floats(0.05, 1)),
)
@example(flips=[(0.25, 0)], extra=b"", where=0.0, kept=1.0)
@example(flips=[(0.5, 0)], extra=b"", where=0.0, kept=1.0)
@example(flips=[], extra=b"\0\0\0\0\0\0\0\xdf", where=0.154296875, kept=1.0)
def test_a_broken_file_ends_well(
    tmp_path: Path, name: str, flips: list[tuple[float, int]], extra: bytes, where: float, kept: float
) -> None:
    data = bytearray(VALID[name]())
    for place, value in flips:
        data[int(place * len(data))] = value
    at = int(where * len(data))
    data[at:at] = extra
    path = tmp_path / name
    path.write_bytes(bytes(data[: max(1, int(len(data) * kept))]))
    read_all(path)


# -- nothing is lost -------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=12).filter(
    lambda text: isinstance(tidy(text), str)
)
TABLE = st.lists(st.lists(TEXT, min_size=3, max_size=3), min_size=2, max_size=8)
HEAD = ["Nome", "E-mail", "Cidade"]


def missing(path: Path, rows: list[list[str]]) -> list[str]:
    """The cells that were written and cannot be found in any table of the file."""
    found = read_all(path)
    text = "\n".join(found)
    return [c for row in rows for c in row if str(tidy(c)) not in found and str(tidy(c)) not in text]


@FEW
@given(TABLE, st.sampled_from([",", ";", "\t", "|"]))
def test_csv_keeps_every_cell(tmp_path: Path, rows: list[list[str]], delimiter: str) -> None:
    path = tmp_path / "a.csv"
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEAD, *rows])
    path.write_bytes(out.getvalue().encode("utf-8-sig"))
    assert not missing(path, rows)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@FEW
@given(TABLE)
def test_workbooks_keep_every_cell(tmp_path: Path, kind: str, rows: list[list[str]]) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes((_xlsx if kind == "xlsx" else _ods)([HEAD, *rows]))
    assert not missing(path, rows)


JSON_VALUE = st.recursive(
    st.one_of(TEXT.filter(lambda text: not set(text) & set('"\\')), st.integers(-(10**17), 10**17), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abcde"), inner, max_size=4)),
    max_leaves=8,
)


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [] if value is None else [str(tidy(value)) if isinstance(value, str) else str(value)]


@FEW
@given(st.lists(st.dictionaries(st.sampled_from("uvwxyz"), JSON_VALUE, min_size=1, max_size=4), min_size=1, max_size=5))
def test_json_keeps_every_value(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(rows), encoding="utf-8")
    text = "\n".join(read_all(path)).lower()
    assert not [leaf for row in rows for leaf in leaves(row) if leaf.lower() not in text]


@FEW
@given(TABLE)
def test_ldif_keeps_every_value(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "a.ldif"
    lines = []
    for number, row in enumerate(rows):
        lines += [f"dn: cn={number}"]
        lines += [
            f"{n}:: {base64.b64encode(c.encode()).decode()}" for n, c in zip(("cn", "mail", "mail"), row, strict=True)
        ]
        lines += [""]
    path.write_text("\n".join(lines))
    assert not missing(path, rows)


@FEW
@given(
    st.lists(
        st.lists(st.text(st.sampled_from("abcáãçéõúABC 0123.,-/"), max_size=9), min_size=2, max_size=2), min_size=1
    )
)
def test_dbf_keeps_every_cell(tmp_path: Path, rows: list[list[str]]) -> None:
    path = tmp_path / "a.dbf"
    fields = [("NOME", "C", 9, 0), ("CIDADE", "C", 9, 0)]
    path.write_bytes(dbf(fields, [[c.encode("cp850") for c in row] for row in rows], mark=2))
    found = read_all(path)
    assert not [c for row in rows for c in row if c.strip() and c.strip() not in found]


@FEW
@given(st.lists(st.tuples(TEXT, TEXT, TEXT), min_size=1, max_size=5))
def test_cards_keep_every_value(tmp_path: Path, cards: list[tuple[str, str, str]]) -> None:
    path = tmp_path / "a.vcf"

    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")

    body = "".join(
        f"BEGIN:VCARD\nVERSION:3.0\nFN:{escaped(a)}\nTITLE:{escaped(b)}\nNOTE:{escaped(c)}\nX-OTHER:{escaped(a)}\nEND:VCARD\n"
        for a, b, c in cards
    )
    path.write_text(body, encoding="utf-8", newline="")
    assert not missing(path, [list(card) for card in cards])


def test_errors_are_told_apart_from_texts() -> None:
    assert isinstance(tidy("#REF!"), ErrorCell)
