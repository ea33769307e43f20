"""PDFs as a reader finds them: the words, the pages, the fonts, and nothing over the edge."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest
from PIL import Image

from crm_desktop.core.errors import UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.reporting.document import (
    BarChart,
    Column,
    Document,
    Figure,
    Group,
    Heading,
    KeyFigures,
    LineChart,
    Organisation,
    PageBreak,
    Row,
    Series,
    Spacer,
    StackedBar,
    Table,
    Text,
)
from crm_desktop.reporting.output import write_document
from crm_desktop.reporting.pdf import write_pdf

MARGIN = 36
LONG = "Cliente pediu orçamento para três câmaras frias com portas de correr, piso elevado e instalação à noite; "


@contextmanager
def opened(path: Path) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(path)
    try:
        yield document
    finally:
        document.close()


def page_texts(path: Path) -> list[str]:
    """The text of each page, line ends as plain newlines."""
    with opened(path) as document:
        texts = []
        for page in document:
            texts.append(page.get_textpage().get_text_range().replace("\r\n", "\n"))
        return texts


def text_boxes(path: Path) -> list[list[tuple[str, tuple[float, float, float, float]]]]:
    """For each page the texts as drawn, with left, bottom, right and top."""
    with opened(path) as document:
        pages = []
        for page in document:
            boxes, words = [], page.get_textpage()
            for thing in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=2):
                left, bottom, right, top = thing.get_bounds()
                if right - left > 0.5:
                    boxes.append((words.get_text_bounded(left, bottom, right, top), (left, bottom, right, top)))
            pages.append(boxes)
        return pages


def long_table() -> Table:
    """Rows with addresses that cannot be broken at a space, very long texts, line breaks and marks."""
    columns = (
        Column("s", "Assunto"),
        Column("t", "Texto"),
        Column("w", "Quando", "datetime"),
        Column("v", "Valor", "money", total="sum"),
    )
    address = "https://exemplo.com.br/um/endereco/comprido?" + "y" * 60
    moment = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)
    rows = [
        Row((f"Visita {n} {address}", LONG * (1 + n * 7 % 11) + "\nfim", moment, Decimal(n)), mark="urgente" * (n % 2))
        for n in range(12)
    ]
    return Table(columns, (*rows, Row(("Enorme", LONG * 80, None, Decimal(1)))))


def wide_table() -> Table:
    """Thirty columns: more than any paper takes at once."""
    columns = tuple(Column(f"k{i}", f"Coluna número {i}", "money" if i % 3 == 2 else "text") for i in range(30))
    rows = tuple(
        Row(tuple(Decimal(1000 * r + i) if i % 3 == 2 else f"valor {r}.{i}" for i in range(30))) for r in range(40)
    )
    return Table(columns, rows)


def grouped_table() -> Table:
    """Thirty groups of 3 to 19 rows."""
    columns = (Column("n", "Nome"), Column("c", "Cidade"), Column("v", "Valor", "money", total="sum"))
    groups = tuple(
        Group(f"Grupo {g}", tuple(Row((f"linha {g}.{i}", "Belém", Decimal(i))) for i in range(3 + g * 5 % 17)))
        for g in range(30)
    )
    return Table(columns, groups=groups)


def test_printed_pipeline_says_what_the_mock_up_says(pipeline: Document, tmp_path: Path) -> None:
    write_pdf(pipeline, tmp_path / "funil.pdf")
    (page,) = page_texts(tmp_path / "funil.pdf")
    for words in (
        "Clima Tupiara",
        "Rua das Paineiras, 88 · Curitiba, PR · (41) 3555-0100",
        "12/03/2026, 10:42",
        "R-07",
        "Funil por etapa",
        "1º semestre de 2026",
        "R$\u00a0934.200,00",
        "Ponderado (R$)",
        "352.700 · pond. 88.175",
        "100\u00a0mil",
        "parada 23 d",
        "Freezers verticais, 2 un.",
        "Câmara fria 20 m³",
        "146.300,00",
        "18 oportunidades",
        "403.775,00",
        "Uso interno",
    ):
        assert words.replace("\u00a0", " ") in page.replace("\u00a0", " ")
    assert "Helena Prates" in page.split("403.775,00")[-1]
    for deal in pipeline.tables[0].all_rows:
        assert deal.values[0] in page
        assert deal.values[1] in page


@pytest.mark.parametrize("character", list("ãéíõüñçÀÊÕÑßªº€°²³½×–—…“”‘’'«»·•¿¡ØøŁłŘřŠšŽžĞğİıŐőΩλЖж"))
def test_every_letter_of_an_office_prints(character: str, tmp_path: Path) -> None:
    write_pdf(Document("Letras", (Text(f"de {character} até"),)), tmp_path / "a.pdf")
    (page,) = page_texts(tmp_path / "a.pdf")
    assert f"de {character} até" in page


def test_decomposed_accents_and_missing_letters_are_still_readable(tmp_path: Path) -> None:
    write_pdf(Document("x", (Text("Sa\u0303o Paulo → ≥ 3, 王 😀 fim\u200b & <b>"),)), tmp_path / "a.pdf")
    (page,) = page_texts(tmp_path / "a.pdf")
    assert "São Paulo -> >= 3, ?" in page
    assert "fim & <b>" in page


def test_every_row_and_the_headings_are_on_the_pages(tmp_path: Path) -> None:
    people = Table(
        (Column("n", "Número", "integer"), Column("t", "Nome da pessoa")),
        tuple(Row((n, f"Pessoa {n:04}")) for n in range(500)),
    )
    write_pdf(Document("Pessoas", (Heading("Lista"), people), author="Ana"), tmp_path / "p.pdf")
    pages = page_texts(tmp_path / "p.pdf")
    assert len(pages) > 5
    assert all("Nome da pessoa" in page for page in pages)
    words = " ".join(pages)
    assert [n for n in range(500) if words.count(f"Pessoa {n:04}") != 1] == []


def test_pages_are_numbered_of_their_count(tmp_path: Path) -> None:
    blocks = (Text("um"), PageBreak(), Text("dois"), PageBreak(), Spacer(30), Text("três"))
    write_pdf(Document("Páginas", blocks), tmp_path / "p.pdf")
    pages = page_texts(tmp_path / "p.pdf")
    assert len(pages) == 3
    assert [re.findall(r"(\d+) (?:of|de) (\d+)", page) for page in pages] == [[("1", "3")], [("2", "3")], [("3", "3")]]


def test_fonts_are_embedded(pipeline: Document, tmp_path: Path) -> None:
    write_pdf(pipeline, tmp_path / "f.pdf")
    with opened(tmp_path / "f.pdf") as document:
        fonts = [
            pdfium_c.FPDFTextObj_GetFont(thing.raw)
            for thing in document[0].get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT])
        ]
        assert fonts
        assert all(pdfium_c.FPDFFont_GetIsEmbedded(font) == 1 for font in fonts)
    assert b"Helvetica" not in (tmp_path / "f.pdf").read_bytes()  # nor is one named that is not in the file
    assert (tmp_path / "f.pdf").stat().st_size < 150_000


CASES = {
    "long": Document("Textos " + LONG, (Heading("Visitas"), Text(LONG * 4), long_table()), subtitle=LONG * 3,
                     organisation=Organisation("Organização " + LONG, LONG * 4), footer=LONG, author=LONG,
                     as_of=datetime(2026, 3, 1, tzinfo=UTC)),
    "wide": Document("Larga", (Heading("Tudo"), wide_table())),
    "narrow": Document("Estreita", (wide_table(),), landscape=False),
    "odd": Document("Estranho\ncom quebra", (
        Table((Column("a", "A", align="center"), Column("b", "B"), Column("c", "C", align="center"))),
        Table((Column("a", "A", align="center"), Column("n", "N", "integer")), (Row(("x", 1), mark=LONG),)),
        Table((Column("n", "N", "integer", total="sum"), Column("a", "A", align="right")),
              groups=(Group(LONG, (Row((5, "b"), mark="m"),), LONG), Group("vazio", ()))),
        Table(tuple(Column(str(n), "y" * 200) for n in range(2)), (Row(("z" * 300, None), mark="m" * 90),)),
        Spacer(3000), PageBreak(), PageBreak(), KeyFigures(()), Heading("sozinho")),
        code=LONG, organisation=Organisation("x" * 300, "y" * 300)),
    "crowded charts": Document("Cheios", (
        BarChart(tuple(f"{LONG[:30]} {n}" for n in range(30)), tuple(Series(str(s), (s,) * 30) for s in range(90))),
        BarChart(("a",), (Series("x", (-5,)), Series("y", (-1,), short=LONG)), mode="overlay"),
        BarChart(("a",), (Series("x", (5,)), Series("y", (1,), short=LONG)), mode="overlay"),
        BarChart(("a", "b"), ()), LineChart(("a" * 200,), (Series(LONG * 2, (1,)),)),
        LineChart(tuple(LONG for _ in range(9)), tuple(Series(LONG, tuple(range(9))) for _ in range(9))))),
    "groups": Document("Grupos", (Heading("Todos"), grouped_table())),
    "figures": Document("Figuras", (
        KeyFigures(tuple(Figure(f"Indicador {LONG[: n * 9]}", Decimal(10) ** n, "money") for n in range(12))),)),
    "charts": Document("Gráficos", (
        BarChart(tuple(f"Produto {LONG[:n]}" for n in range(40)), (Series("Vendas", tuple(range(40))),), title="P"),
        BarChart(("A", "B"), (Series("2025", (12, -9)), Series("2026", (15, 4)), Series(LONG, (3, 5))), title="Anos"),
        StackedBar(("jan.", "fev."), (Series("Alta", (1, 2)), Series("Baixa", (3, 4))), vertical=True),
        LineChart(tuple(f"mês {n}" for n in range(36)), (Series("x", tuple(range(36))), Series("y", (None,) * 36))),
        BarChart((), (Series("nada", ()),), title="Vazio"))),
}  # fmt: skip


@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("case", list(CASES))
def test_nothing_leaves_the_margins_and_no_text_touches_another(case: str, paper: str, tmp_path: Path) -> None:
    write_pdf(CASES[case], tmp_path / "x.pdf", paper=paper)  # type: ignore[arg-type]
    with opened(tmp_path / "x.pdf") as document:
        for page in document:
            width, height = page.get_size()
            for thing in page.get_objects(max_depth=2):
                left, bottom, right, top = thing.get_bounds()
                assert left >= MARGIN - 3 and right <= width - MARGIN + 2
                assert bottom >= MARGIN - 3 and top <= height - MARGIN + 3
    for boxes in text_boxes(tmp_path / "x.pdf"):
        boxes.sort(key=lambda box: -box[1][3])
        for n, (words, one) in enumerate(boxes):
            for other_words, other in boxes[n + 1 : n + 60]:
                across = min(one[2], other[2]) - max(one[0], other[0])
                down = min(one[3], other[3]) - max(one[1], other[1])
                assert across < 0.8 or down < 1.2, f"{words!r} lies over {other_words!r}"


def test_a_wide_table_turns_the_page_and_keeps_every_value(tmp_path: Path) -> None:
    write_pdf(CASES["wide"], tmp_path / "w.pdf")
    with opened(tmp_path / "w.pdf") as document:
        width, height = document[0].get_size()
        assert width > height
    words = " ".join(page_texts(tmp_path / "w.pdf"))
    assert [
        f"valor {r}.{i}" for r in range(40) for i in range(30) if i % 3 != 2 and f"valor {r}.{i}" not in words
    ] == []


def test_landscape_can_be_asked_for_and_refused(tmp_path: Path) -> None:
    for landscape in (True, False):
        write_pdf(Document("x", (wide_table(),), landscape=landscape), tmp_path / "x.pdf")
        with opened(tmp_path / "x.pdf") as document:
            width, height = document[0].get_size()
            assert (width > height) is landscape


def test_a_group_line_is_never_last_and_is_repeated_where_its_rows_go_on(tmp_path: Path) -> None:
    write_pdf(CASES["groups"], tmp_path / "g.pdf")
    for number, page in enumerate(page_texts(tmp_path / "g.pdf")):
        lines = [line for line in page.splitlines() if line.startswith(("Grupo ", "linha ", "Total"))]
        assert lines[-1].startswith(("linha", "Total"))
        first = lines[0]
        assert first.startswith("Grupo ")
        if number:
            row = next(line for line in lines if line.startswith("linha"))
            assert row.split()[1].split(".")[0] == first.split()[1]
            assert ("(" in first) is not row.split()[1].endswith(".0")


def test_the_total_never_stands_alone_and_a_heading_stays_with_its_table(tmp_path: Path) -> None:
    columns = (Column("n", "Nome"), Column("v", "Valor", "money", total="sum"))
    for count in range(30, 60):
        rows = tuple(Row((f"linha {n}", Decimal(n))) for n in range(count))
        small = Table(columns, (Row(("última", Decimal(1))),))
        write_pdf(Document("T", (Table(columns, rows), Heading("Depois"), small)), tmp_path / "t.pdf")
        for page in page_texts(tmp_path / "t.pdf"):
            lines = page.splitlines()
            for n, line in enumerate(lines):
                if line.startswith("Total"):
                    assert lines[n - 1].startswith(("linha", "última"))
            if "Depois" in page:
                assert "última" in page


def test_outline_title_and_author(pipeline: Document, tmp_path: Path) -> None:
    write_pdf(pipeline, tmp_path / "f.pdf")
    with opened(tmp_path / "f.pdf") as document:
        entries = [(entry.get_title(), entry.level) for entry in document.get_toc()]
        assert entries == [("Funil por etapa", 0), ("Valor por etapa, em reais", 1), ("Oportunidades", 1)]
        assert document.get_metadata_value("Title") == "Funil por etapa"
        assert document.get_metadata_value("Author") == "Helena Prates"


def test_outline_leads_to_the_right_page(tmp_path: Path) -> None:
    blocks = (
        Heading("Um"),
        Text("a"),
        PageBreak(),
        Heading("Dois"),
        Text("b"),
        PageBreak(),
        Heading("Três"),
        Text("c"),
    )
    write_pdf(Document("x", blocks), tmp_path / "x.pdf")
    with opened(tmp_path / "x.pdf") as document:
        pages = {entry.get_title(): entry.get_dest().get_index() for entry in document.get_toc()}
    assert pages == {"x": 0, "Um": 0, "Dois": 1, "Três": 2}


def test_logo_is_printed_and_a_broken_one_does_not_stop_the_print(tmp_path: Path) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (400, 100), (200, 30, 30, 255)).save(picture, "PNG")
    for logo, expected in ((picture.getvalue(), 1), (b"not a picture", 0)):
        write_pdf(Document("x", (Text("a"),), organisation=Organisation("Casa", "Rua", logo)), tmp_path / "x.pdf")
        with opened(tmp_path / "x.pdf") as document:
            assert len(list(document[0].get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE]))) == expected
            assert "Casa" in document[0].get_textpage().get_text_range()


def test_series_differ_in_grey(tmp_path: Path) -> None:
    """The solid part of a bar is darker than the hatched part by far, without any colour."""
    chart = BarChart(("A",), (Series("Tudo", (100,)), Series("Parte", (50,))), mode="overlay")
    write_pdf(Document("x", (chart,)), tmp_path / "x.pdf")
    with opened(tmp_path / "x.pdf") as document:
        bitmap = document[0].render(scale=2)
        grey = bitmap.to_pil().convert("L")
    line = max(range(grey.height), key=lambda y: sum(grey.getpixel((x, y)) < 90 for x in range(0, grey.width, 4)))
    levels = [grey.getpixel((x, line)) for x in range(grey.width)]
    dark = [x for x, level in enumerate(levels) if level < 90]
    solid_end = dark[0]
    while levels[solid_end + 1] < 90:
        solid_end += 1
    after = levels[solid_end + 4 : solid_end + 4 + (solid_end - dark[0]) // 2]
    assert sum(after) / len(after) > 150


def test_an_empty_table_says_so(tmp_path: Path) -> None:
    table = Table((Column("a", "Nome"), Column("v", "Valor", "money", total="sum")), empty="Nada neste período.")
    write_pdf(Document("x", (Heading("h"), table)), tmp_path / "x.pdf")
    (page,) = page_texts(tmp_path / "x.pdf")
    assert "Nada neste período." in page
    assert "Total" not in page


def test_cancelling_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    target = tmp_path / "x.pdf"
    target.write_bytes(b"old")
    progress = Progress(interval=0)

    def stop(state: object) -> None:
        if progress.state.done > 1000:
            progress.cancel()

    progress._listener = stop
    rows = tuple(Row((n,)) for n in range(3000))
    with pytest.raises(Cancelled):
        write_pdf(Document("x", (Table((Column("n", "N", "integer"),), rows),)), target, progress=progress)
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["x.pdf"]


def test_progress_reaches_its_total(tmp_path: Path) -> None:
    progress = Progress()
    rows = tuple(Row((n,)) for n in range(3000))
    write_pdf(Document("x", (Table((Column("n", "N", "integer"),), rows),)), tmp_path / "x.pdf", progress=progress)
    assert progress.state.done == progress.state.total == 6000


def test_unwritable_places_are_said_in_a_sentence(tmp_path: Path) -> None:
    document = Document("x", (Text("a"),))
    with pytest.raises(UserError, match="gone"):
        write_pdf(document, tmp_path / "gone" / "x.pdf")
    (tmp_path / "folder.pdf").mkdir()
    with pytest.raises(UserError, match=r"folder\.pdf"):
        write_pdf(document, tmp_path / "folder.pdf")
    with pytest.raises(UserError, match="docx"):
        write_document(document, tmp_path / "x.docx")
