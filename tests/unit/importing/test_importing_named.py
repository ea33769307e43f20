"""JSON, LDIF and DBF: formats that name every value themselves."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.importing import json_reader
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import DBF, JSON, LDIF, ErrorCell, ReadOptions
from tests.helpers.importing_files import dbf

Write = Callable[..., Path]
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))


def records(path: Path, sheet: str | None = None) -> list[dict[str, Any]]:
    guess = inspect(path)
    headers = guess.best.headers if sheet is None else guess.at(sheet).best.headers
    return [
        {h: v for h, v in zip(headers, values, strict=True) if v is not None}
        for _n, values in read(path, guess.options(sheet))
    ]


# -- JSON ------------------------------------------------------------------------------------------------------------

ANA: dict[str, Any] = {
    "name": "Ana Souza",
    "address": {"street": "R. do Ipê, 210", "city": "Curitiba"},
    "emails": ["ana@x.example", "souza@y.example"],
    "tags": ["cliente", "atacado"],
    "phones": [{"type": "work", "number": "41 95550-0142"}, {"type": "home", "number": "41 95550-0118"}],
    "active": True,
    "id": 12345678901234567890,
}


def test_nested_objects_and_lists_become_columns(write: Write) -> None:
    path = write("a.json", json.dumps([ANA, {"name": "Bia", "emails": ["bia@x.example"], "vip": None}]))
    guess = inspect(path)
    assert guess.kind == JSON
    assert guess.best.headers[:4] == ("name", "address.street", "address.city", "emails 1")
    first, second = records(path)
    assert first == {
        "name": "Ana Souza",
        "address.street": "R. do Ipê, 210",
        "address.city": "Curitiba",
        "emails 1": "ana@x.example",
        "emails 2": "souza@y.example",
        "tags": "cliente, atacado",
        "phones 1 type": "work",
        "phones 1 number": "41 95550-0142",
        "phones 2 type": "home",
        "phones 2 number": "41 95550-0118",
        "active": True,
        "id": 12345678901234567890,
    }
    assert second == {"name": "Bia", "emails 1": "bia@x.example"}


@pytest.mark.parametrize("key", ["records", "data", "contatos"])
def test_envelopes(write: Write, key: str) -> None:
    path = write("a.json", json.dumps({"total": 2, "next": "p2", key: [{"nome": "Ana"}, {"nome": "Bia"}]}))
    assert [one["nome"] for one in records(path)] == ["Ana", "Bia"]
    assert "total" in "; ".join(map(str, inspect(path).evidence))


def test_several_tables_in_one_file(write: Write) -> None:
    people = [{"name": "Ana", "email": "ana@x.example"}] * 3
    path = write("a.json", json.dumps({"response": {"contacts": people, "companies": [{"name": "Ipê"}]}}))
    assert [one.name for one in inspect(path).sheets] == ["response.contacts", "response.companies"]
    assert records(path, "response.companies") == [{"name": "Ipê"}]


@pytest.mark.parametrize(
    "text",
    [
        '{"nome": "Ana", "fone": 1}\n{"nome": "Bia", "cidade": "Lapa"}\n',
        '\ufeff{"nome":"Ana","fone":1}\r\n\r\n{"nome":"Bia","cidade":"Lapa"}',
        '{"nome":"Ana","fone":1},\n{"nome":"Bia","cidade":"Lapa"},\n',
        '[["nome","fone","cidade"],["Ana",1,null],["Bia",null,"Lapa"]]',
        '{"x1":{"nome":"Ana","fone":1},"x2":{"nome":"Bia","cidade":"Lapa"}}',
    ],
)
def test_shapes_of_the_same_table(write: Write, text: str) -> None:
    found = [{k: v for k, v in one.items() if k != "key"} for one in records(write("a.json", text))]
    assert found == [{"nome": "Ana", "fone": 1}, {"nome": "Bia", "cidade": "Lapa"}]


def test_one_record_alone_keeps_its_phones(write: Write) -> None:
    (one,) = records(write("a.json", json.dumps(ANA)))
    assert (one["name"], one["phones 2 number"]) == ("Ana Souza", "41 95550-0118")


def test_a_name_that_is_there_twice_loses_nothing(write: Write) -> None:
    (one,) = records(write("a.json", '[{"mail":"a@x.example","mail":"b@x.example"}]'))
    assert sorted(one.values()) == ["a@x.example", "b@x.example"]


def test_json_that_was_cut(write: Write) -> None:
    text = json.dumps([ANA] * 50)
    with pytest.raises(UserError, match="after 49 records"):
        inspect(write("a.json", text[:-20]))


def test_a_large_envelope_is_read_as_a_stream(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [{"name": f"Pessoa {n}", "n": n} for n in range(2000)]
    path = write("a.json", json.dumps({"meta": {"made": "today"}, "data": people, "end": 1}))
    monkeypatch.setattr(json_reader, "_IN_MEMORY", 1000)
    monkeypatch.setattr(json_reader, "_CHUNK", 777)
    assert [one["n"] for one in records(path)] == list(range(2000))


# -- LDIF ------------------------------------------------------------------------------------------------------------


def test_entries_of_a_directory(write: Write) -> None:
    photo = base64.b64encode(JPEG).decode()
    path = write(
        "a.ldif",
        "version: 1\n# made by hand\n#  and folded\n  comment\ndn: cn=Ana,dc=x\nobjectClass: person\nobjectClass: top\n"
        "cn:: " + base64.b64encode("Ana Souzá".encode()).decode() + "\n"
        "mail: ana@x.example\nMAIL: souza@x.example\ndescription: uma nota que\n  vai longe\n"
        f"jpegPhoto:: {photo[:60]}\n {photo[60:]}\n\n\ndn: cn=Bia,dc=x\nobjectClass: person\ncn: Bia\nmail: bia@x.example\n",
    )
    guess = inspect(path)
    assert (guess.kind, guess.best.rows) == (LDIF, 2)
    first, second = records(path)
    assert first == {
        "dn": "cn=Ana,dc=x",
        "objectClass": "person, top",
        "cn": "Ana Souzá",
        "mail 1": "ana@x.example",
        "mail 2": "souza@x.example",
        "description": "uma nota que vai longe",
        "jpegPhoto": JPEG,
    }
    assert second["mail 1"] == "bia@x.example"
    assert {column.header: column.kind for column in guess.best.columns}["jpegPhoto"] == "image"


def test_changes_to_a_directory_are_refused(write: Write) -> None:
    with pytest.raises(UserError, match="changes to a directory"):
        inspect(write("a.ldif", "dn: cn=Ana\nchangetype: modify\nreplace: mail\nmail: x@x.example\n-\n"))
    assert len(records(write("b.ldif", "dn: cn=Ana\nchangetype: add\ncn: Ana\n"))) == 1


# -- DBF -------------------------------------------------------------------------------------------------------------

PEOPLE = [("NOME", "C", 20, 0), ("NASC", "D", 8, 0), ("SALDO", "N", 12, 2), ("ATIVO", "L", 1, 0), ("CPF", "C", 11, 0)]
ROWS = [
    [b"Jo\xc6o da Concei\x87\xc6o", b"19810423", b"1234.50", b"T", b"01234567890"],
    [b"Apagado", b"", b"", b"", b""],
    [b"Jos\x82 Ant\x93nio", b"", b"***********", b"?", b"00000000191"],
]


def test_an_old_table_that_names_no_code_page(write: Write) -> None:
    path = write("CLIENTES.DBF", dbf(PEOPLE, ROWS, deleted=[1]))
    guess = inspect(path)
    assert (guess.kind, guess.encoding, guess.best.rows) == (DBF, "cp850", 2)
    assert "marked as deleted, and not read: 1" in "; ".join(map(str, guess.evidence))
    first, second = records(path)
    assert first == {
        "NOME": "João da Conceição",
        "NASC": date(1981, 4, 23),
        "SALDO": 1234.5,
        "ATIVO": True,
        "CPF": "01234567890",
    }
    assert (second["NOME"], second["CPF"]) == ("José Antônio", "00000000191")
    assert isinstance(second["SALDO"], ErrorCell)
    assert [number for number, _v in read(path)] == [1, 3]


@pytest.mark.parametrize(
    ("mark", "written", "encoding"), [(0x57, "cp1252", "cp1252"), (0x02, "cp850", "cp850"), (0x02, "cp1252", "cp1252")]
)
def test_the_mark_of_the_code_page_is_trusted_as_far_as_it_is_true(
    write: Write, mark: int, written: str, encoding: str
) -> None:
    names = ["João Conceição", "Maria Assunção", "José Antônio", "Luís Gonçalves", "Inês Magalhães", "Avó Emília"]
    path = write("a.dbf", dbf([("NOME", "C", 20, 0)], [[name.encode(written)] for name in names], mark=mark))
    assert inspect(path).encoding == encoding
    assert [values[0] for _n, values in read(path)] == names


def test_long_texts_beside_a_table(write: Write) -> None:
    table = dbf([("NOME", "C", 5, 0), ("OBS", "M", 10, 0)], [[b"Ana", b"         1"], [b"Bia", b""]], version=0x83)
    path = write("a.dbf", table)
    assert "OBS" in "; ".join(map(str, inspect(path).evidence))
    write("A.DBT", b"\2\0\0\0".ljust(512, b"\0") + b"uma nota\r\nlonga".ljust(300, b"x") + b"\x1a\x1a")
    found = records(write("b.dbf", table))
    assert "OBS" not in found[0]
    (path.parent / "A.DBT").rename(path.parent / "B.DBT")
    assert records(write("b.dbf", table + b"\0"))[0]["OBS"].startswith("uma nota\nlongaxxx")


def test_visual_foxpro(write: Write) -> None:
    moment = struct.pack("<ii", 2_460_385, 9 * 3_600_000)
    fields = [("N", "I", 4, 0), ("PAGO", "Y", 8, 0), ("EM", "T", 8, 0), ("OBS", "M", 4, 0), ("MEDIA", "B", 8, 2)]
    rows = [[struct.pack("<i", 7), struct.pack("<q", 12_345_000), moment, struct.pack("<I", 8), struct.pack("<d", 1.5)]]
    path = write("a.dbf", dbf(fields, rows, version=0x30, mark=3))
    memo = struct.pack(">IHH", 9, 0, 64).ljust(512, b"\0") + struct.pack(">II", 1, 9) + "olá mundo".encode("cp1252")
    write("a.fpt", memo)
    assert records(path) == [{"N": 7, "PAGO": 1234.5, "EM": datetime(2024, 3, 15, 9), "OBS": "olá mundo", "MEDIA": 1.5}]


def test_a_table_that_ends_early(write: Write) -> None:
    content = dbf(PEOPLE, ROWS * 10)
    path = write("a.dbf", content[: len(content) - 200])
    guess = inspect(path)
    assert "ends early" in "; ".join(map(str, guess.evidence))
    assert guess.best.rows == len(list(read(path, guess.options())))


def test_an_encoding_that_a_person_chose(write: Write) -> None:
    path = write("a.dbf", dbf(PEOPLE, ROWS))
    assert inspect(path, ReadOptions(encoding="cp437")).encoding == "cp437"
