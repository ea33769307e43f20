"""Text tables: encoding, delimiter, quotes, line ends, and what goes wrong in real exports."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_desktop.core.errors import UserError
from crm_desktop.importing.encodings import guess_encoding
from crm_desktop.importing.readers import columns, inspect, read
from crm_desktop.importing.table import CSV, ReadOptions

Write = Callable[..., Path]

PEOPLE = [
    ["Nome", "E-mail", "Telefone", "Cidade", "Cadastro"],
    ["João Conceição", "joao@exemplo.com.br", "(41) 3555-0118", "São Paulo", "23/04/2019"],
    ["Ana Peña", "ana@exemplo.com.br", "(41) 99555-0142", "Florianópolis", "01/12/2020"],
    ["Márcia Araújo", "marcia@exemplo.com.br", "(11) 3555-0190", "Maringá", "15/07/2018"],
    ["Zé Núñez", "ze@exemplo.com.br", "(21) 3555-0177", "Niterói", "30/01/2021"],
]


def text_of(rows: list[list[str]], delimiter: str, quote: str = '"', end: str = "\n", always: bool = False) -> str:
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL
    csv.writer(out, delimiter=delimiter, quotechar=quote, lineterminator=end, quoting=quoting).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "mac_roman", "cp850"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "#", ":"])
def test_every_encoding_and_delimiter_gives_the_same_rows(write: Write, encoding: str, delimiter: str) -> None:
    path = write("people.csv", text_of(PEOPLE, delimiter), encoding)
    guess = inspect(path)
    assert guess.delimiter == delimiter
    assert guess.best.headers == tuple(PEOPLE[0])
    assert [values for _n, values in read(path)] == PEOPLE[1:]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ['"', "'"])
def test_line_ends_and_quotes(write: Write, end: str, quote: str) -> None:
    path = write("people.csv", text_of(PEOPLE, ",", quote, end, always=True))
    guess = inspect(path)
    assert (guess.quote, guess.newline) == (quote, end)
    assert [values for _n, values in read(path)] == PEOPLE[1:]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850", "utf-8"])
@pytest.mark.parametrize("text", ["São", "Peña", "CONCEIÇÃO", "Nº 12, 3º andar", "ação; coração; pão", "Málaga"])
def test_a_few_accents_are_enough(encoding: str, text: str) -> None:
    data = text.encode(encoding)
    assert data.decode(guess_encoding(data).encoding) == text


def test_wrong_bytes_in_utf8_are_kept_as_windows_letters(write: Write) -> None:
    body = text_of(PEOPLE * 4, ";").encode() + "Müller;x@y.com;1;Köln;01/01/2020\n".encode("cp1252")
    rows = list(read(write("mixed.csv", body)))
    assert rows[-1][1][0] == "Müller"
    assert rows[0][1][0] == "João Conceição"


def test_a_single_column_is_not_split(write: Write) -> None:
    path = write("emails.csv", "email\na.b@x.com\nc-d@y.org\ne_f@z.com.br\n")
    assert inspect(path).best.headers == ("email",)
    assert [values for _n, values in read(path)] == [["a.b@x.com"], ["c-d@y.org"], ["e_f@z.com.br"]]


def test_the_decimal_comma_does_not_split(write: Write) -> None:
    path = write("p.csv", "Produto;Preço\nBroca;1,50\nPrego;33,20\nMartelo;15,55\n")
    assert inspect(path).delimiter == ";"


def test_multi_line_cells_and_doubled_quotes(write: Write) -> None:
    rows = [["id", "note", "city"], ["1", 'said "yes"\nand left', "Rio"], ["2", "a,b", "Natal"]]
    path = write("n.csv", text_of(rows, ","))
    assert [values for _n, values in read(path)] == rows[1:]


def test_backslash_escapes(write: Write) -> None:
    path = write("e.csv", 'id,name,city\n1,"Bar \\"Zé\\"",Rio\n2,"Ana",Natal\n3,"Bia",Belém\n')
    assert next(iter(read(path)))[1] == ["1", 'Bar "Zé"', "Rio"]


def test_the_line_that_says_the_delimiter(write: Write) -> None:
    path = write("s.csv", "sep=;\nNome;Cidade\nAna;Rio\nBia;Natal\n")
    guess = inspect(path)
    assert (guess.delimiter, guess.best.headers) == (";", ("Nome", "Cidade"))
    assert [n for n, _v in read(path)] == [3, 4]


def test_aligned_columns_without_delimiter(write: Write) -> None:
    lines = [f" {i:05} {i % 7:04} 1997{i % 12 + 1:02}01 {i % 30:2} {i * 1.5:8.2f}" for i in range(1, 60)]
    path = write("fixed.txt", "\r\n".join(lines))
    rows = list(read(path))
    assert len(rows) == 59
    assert rows[11][1] == ["00012", "0005", "19970101", "12", "18.00"]


def test_fixed_width_with_blanks_inside_cells(write: Write) -> None:
    people = [
        ("Ana Maria Souza", "Rio de Janeiro", "123"),
        ("Zé", "Natal", "7"),
        ("Caio Prado Junior", "São Luís", "45"),
    ] * 3
    path = write("f.txt", "\n".join(f"{a:<20}{b:<18}{c:>6}" for a, b, c in [("Nome", "Cidade", "Valor"), *people]))
    guess = inspect(path)
    assert guess.best.headers == ("Nome", "Cidade", "Valor")
    assert next(iter(read(path)))[1] == ["Ana Maria Souza", "Rio de Janeiro", "123"]


def test_zero_bytes_are_dropped(write: Write) -> None:
    path = write("z.csv", b"Nome;Cidade\nAna\0;Rio\nBia;Na\0tal\n")
    assert [values for _n, values in read(path)] == [["Ana", "Rio"], ["Bia", "Natal"]]


def test_a_cell_of_two_megabytes(write: Write) -> None:
    huge = "x" * 2_000_000
    path = write("h.csv", f"id,text,city\n1,{huge},Rio\n2,b,Natal\n3,c,Belém\n")
    assert [len(values[1]) for _n, values in read(path)] == [2_000_000, 1, 1]


def test_six_hundred_columns(write: Write) -> None:
    head = [f"field{i}" for i in range(600)]
    path = write("w.csv", text_of([head, *[[str(i * j) for j in range(600)] for i in range(1, 9)]], ";"))
    guess = inspect(path)
    assert len(guess.best.columns) == 600
    assert len(next(iter(read(path)))[1]) == 600


def test_rows_that_are_short_or_too_long(write: Write) -> None:
    path = write("r.csv", "Nome,Cidade,UF\nAna,Rio,RJ\nBia\nCaio, Jr,Natal,RN\nDuda,Belém,PA\n")
    rows = [values for _n, values in read(path)]
    assert rows[1] == ["Bia", None, None]
    assert len(rows[2]) == 4, "a row with an unquoted comma is handed on whole, to be set aside with a reason"
    assert any("more cells" in str(e) for e in inspect(path).evidence)


def test_a_quote_that_is_never_closed_swallows_nothing(write: Write) -> None:
    lines = [f"{i};Cliente {i};Rio;(41) 3555-{i:04}" for i in range(1, 400)]
    lines[200] = '201;"Bar do Zé;Rio;(41) 3555-0201'
    path = write("q.csv", "id;Nome;Cidade;Telefone\n" + "\n".join(lines))
    rows = list(read(path))
    assert len(rows) == 399
    assert rows[201][1][1] == "Cliente 202"


def test_row_numbers_are_those_of_the_file(write: Write) -> None:
    path = write("b.csv", "Nome;Cidade\n\nAna;Rio\n;\n\nBia;Natal\n")
    assert [n for n, _v in read(path)] == [3, 6]


def test_a_header_on_every_page_is_no_data(write: Write) -> None:
    page = "Nome;Cidade;Saldo\nAna;Rio;1,50\nBia;Natal;2,50\nCaio;Belém;3,00\n"
    path = write("pages.csv", page * 4)
    assert len(list(read(path))) == inspect(path).best.rows == 12


def test_what_a_person_chooses_is_taken(write: Write) -> None:
    path = write("o.csv", "a;b,c\nd;e,f\ng;h,i\n")
    rows = list(read(path, ReadOptions(delimiter=",", header_row=None)))
    assert rows[0] == (1, ["a;b", "c"])
    chosen = inspect(path, ReadOptions(encoding="cp850", delimiter=";", header_row=0))
    assert chosen.best.headers == ("a", "b,c")
    assert list(read(path, chosen.options())) == [(2, ["d", "e,f"]), (3, ["g", "h,i"])]


def test_options_survive_a_recipe(write: Write) -> None:
    options = inspect(write("p.csv", text_of(PEOPLE, ";"), "cp1252")).options()
    assert ReadOptions.from_dict(options.as_dict()) == options
    assert options.complete and options.kind == CSV


def test_columns_is_the_short_way(write: Write) -> None:
    found = columns(write("p.csv", text_of(PEOPLE, ";")))
    assert [c.kind for c in found] == ["person", "email", "phone", "city", "date"]


def test_a_large_file_is_sampled(write: Write) -> None:
    line = "João;{};Rua das Flores, 12;(41) 3555-0118;23/04/2019\n".format("x" * 60)
    body = "Nome;Texto;Rua;Telefone;Data\n" + line * 300_000
    path = write("large.csv", body)
    guess = inspect(path)
    assert guess.best.estimated
    assert abs(guess.best.rows - 300_000) < 3_000
    assert sum(1 for _ in read(path, guess.options())) == 300_000


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", "empty"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "picture"),
        ("doc.csv", b"%PDF-1.7\n", "PDF"),
        ("data.csv", bytes(range(1, 32)) * 300, "does not hold text"),
        ("archive.csv", b"\x1f\x8b\x08" + b"x" * 300, "archive"),
        ("base.xls", b"SQLite format 3\0" + b"\0" * 100, "database"),
    ],
)
def test_what_is_no_table_says_so(write: Write, name: str, content: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        inspect(write(name, content))


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="folder"):
        inspect(tmp_path)
    with pytest.raises(UserError, match="not there any more"):
        inspect(tmp_path / "gone.csv")
    with pytest.raises(UserError, match="not there any more"):
        read(tmp_path / "gone.xlsx", ReadOptions(kind="xlsx", header_row=0, first_data_row=1, columns=(0,)))


def test_a_file_that_may_not_be_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("locked.csv", "a;b\n1;2\n")

    def refuse(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match="Close it in other programs"):
        inspect(path)


@pytest.mark.parametrize("place", [3, 20, 28, 29, 30])
def test_a_quote_that_is_never_closed_swallows_no_rows(write: Callable[..., Path], place: int) -> None:
    lines = ["Nome;E-mail;Cidade;Obs"] + [f"Pessoa {n};p{n}@x.example;Curitiba;não é nada" for n in range(30)]
    lines[7] = 'Ana;"a@x.example";"Cur;itiba";"uma\nnota"'
    lines[place] = lines[place].replace(";não", ';"não')
    path = write("a.csv", "\n".join(lines) + "\n")
    guess = inspect(path)
    rows = [values for _n, values in read(path, guess.options())]
    assert len(rows) == guess.best.rows == 30
    assert [row[0] for row in rows[-2:]] == ["Pessoa 28", "Pessoa 29"]
    if place < 30:
        assert "never closed" in "; ".join(map(str, guess.evidence))
