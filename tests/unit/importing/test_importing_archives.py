"""Archives: the tables of their members side by side, and what cannot be read named."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.importing import archives
from crm_desktop.importing.readers import inspect, read
from crm_desktop.importing.table import CSV, VCARD, XLSX, ReadOptions

Write = Callable[..., Path]
PEOPLE = "Nome;E-mail\nAna Souza;ana@x.example\nJoão Prado;joao@x.example\n"


def zipped(files: dict[str, bytes | str]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return content.getvalue()


def card(name: str) -> str:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:41 95550-0142\r\nEND:VCARD\r\n"


def test_tables_of_all_members_stand_side_by_side(write: Write, workbook: Callable[..., Path]) -> None:
    book = workbook({"Plan1": [["Nome", "Fone"], ["Bia", "41 95550-0142"]], "Notas": [["Data"], ["x"]]})
    path = write(
        "tudo.zip",
        zipped(
            {
                "2024/pessoas.csv": PEOPLE.encode("cp1252"),
                "livro.xlsx": book.read_bytes(),
                "leia.pdf": b"%PDF-1.4 ...",
                "__MACOSX/._pessoas.csv": b"\0\5\x16\7",
            }
        ),
    )
    guess = inspect(path)
    assert guess.archive == "zip"
    assert {one.name for one in guess.sheets} == {"2024/pessoas.csv", "livro.xlsx › Plan1", "livro.xlsx › Notas"}
    options = guess.options("2024/pessoas.csv")
    assert (options.kind, options.member, options.delimiter, options.part) == (
        CSV, "2024/pessoas.csv", ";", "2024/pessoas.csv"
    )  # fmt: skip
    assert [values for _n, values in read(path, options)][1] == ["João Prado", "joao@x.example"]
    options = guess.options("livro.xlsx › Plan1")
    assert (options.kind, options.sheet, options.part) == (XLSX, "Plan1", "livro.xlsx › Plan1")
    assert [values for _n, values in read(path, options)] == [["Bia", "41 95550-0142"]]
    assert ["leia.pdf" in str(one) for one in guess.left_out] == [True]
    assert "leia.pdf" in "; ".join(map(str, guess.evidence))
    # what was guessed survives as plain data
    assert ReadOptions.from_dict(options.as_dict()) == options


def test_a_member_that_was_chosen_is_the_best_one(write: Write) -> None:
    path = write("a.zip", zipped({"pessoas.csv": PEOPLE, "cidades.csv": "Cidade|UF\nCuritiba|PR\nLapa|PR\n"}))
    assert inspect(path, ReadOptions(member="cidades.csv")).best.headers == ("Cidade", "UF")
    assert inspect(path, ReadOptions(sheet="pessoas.csv")).best.headers == ("Nome", "E-mail")
    guess = inspect(path, ReadOptions(member="pessoas.csv", header_row=None, first_data_row=0))
    assert guess.best.rows == 3
    assert guess.at("cidades.csv").delimiter == "|"


@pytest.mark.parametrize(("pack", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")])
def test_one_packed_file(write: Write, pack: Callable[[bytes], bytes], ending: str) -> None:
    path = write(f"pessoas.csv.{ending}", pack(PEOPLE.encode()))
    guess = inspect(path)
    assert (guess.archive, guess.best.name, guess.kind) == (ending, "pessoas.csv", CSV)
    assert len(list(read(path, guess.options()))) == 2


def test_single_cards_are_one_table(write: Write) -> None:
    path = write("cartoes.zip", zipped({f"pasta/{n}.vcf": card(f"Pessoa {n}") for n in range(5)}))
    guess = inspect(path)
    assert [one.name for one in guess.sheets] == ["*.vcf"]
    assert (guess.kind, guess.best.rows) == (VCARD, 5)
    assert [values[0] for _n, values in read(path, guess.options())] == [f"Pessoa {n}" for n in range(5)]


def test_names_of_old_programs(write: Write) -> None:
    content = zipped({"relacao.csv": PEOPLE}).replace(b"relacao.csv", "relaçao.csv".encode("cp850"))
    assert inspect(write("a.zip", content)).best.name == "relaçao.csv"


def test_a_password_is_said(write: Write) -> None:
    content = bytearray(zipped({"a.csv": PEOPLE}))
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(mark) + place] |= 1
    with pytest.raises(UserError, match="password"):
        inspect(write("a.zip", bytes(content)))


def test_a_bomb_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("bomb.zip", zipped({"a.csv": b"0" * 80_000_000}))
    with pytest.raises(UserError, match="too large"):
        inspect(path)
    monkeypatch.setattr(archives, "MEMBER_MOST", 10_000)
    path = write("b.csv.gz", gzip.compress(b"a;b\n" * 90_000))
    with pytest.raises(UserError, match="too large"):
        inspect(path)


def test_nothing_that_can_be_read(write: Write) -> None:
    with pytest.raises(UserError, match="no table in the archive") as error:
        inspect(write("a.zip", zipped({"a.png": b"\x89PNG....", "b.pdf": b"%PDF"})))
    assert "a.png" in str(error.value)
    with pytest.raises(UserError, match="” is empty"):
        inspect(write("b.zip", zipped({})))


def test_a_cut_archive(write: Write) -> None:
    with pytest.raises(UserError):
        inspect(write("a.zip", zipped({"a.csv": PEOPLE * 50})[:120]))
    with pytest.raises(UserError):
        inspect(write("a.csv.gz", gzip.compress(PEOPLE.encode() * 50)[:60]))
