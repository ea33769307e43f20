"""Labels: what stands on them, and that they lie on the sheet to the tenth of a millimetre."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium_c
import pytest

from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.jobs import Cancelled, Progress
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from crm_desktop.records.labels import TEMPLATES, read_labels
from crm_desktop.reporting.label_sheets import PAPERS, SHEETS, own_sheet, sheet_of
from crm_desktop.reporting.labels import padding_of, write_labels

MM = 72 / 25.4


def boxes(page: pypdfium2.PdfPage) -> list[tuple[float, float, float, float]]:
    """(left, top, width, height) of the outlines on a page, in millimetres from its upper left corner."""
    _width, height = page.get_size()
    found = []
    for one in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = one.get_bounds()
        found.append((left / MM, (height - top) / MM, (right - left) / MM, (top - bottom) / MM))
    return found


def texts(page: pypdfium2.PdfPage) -> list[tuple[str, float, float]]:
    """(text, left, top) of the lines on a page, in millimetres."""
    _width, height = page.get_size()
    found = []
    reader = page.get_textpage()
    for number in range(reader.count_rects()):
        left, bottom, right, top = reader.get_rect(number)
        found.append((reader.get_text_bounded(left, bottom, right, top).strip(), left / MM, (height - top) / MM))
    return found


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.key)
def test_every_outline_lies_where_the_sheet_has_its_label(sheet, tmp_path: Path) -> None:
    path = tmp_path / "trial.pdf"
    assert write_labels([], sheet, path, outline=True) == 1
    page = pypdfium2.PdfDocument(path)[0]
    width, height = PAPERS[sheet.paper]
    assert page.get_size() == pytest.approx((width * MM, height * MM), abs=0.01)
    found = boxes(page)
    assert len(found) == sheet.count
    middles = sorted((round(top + high / 2, 2), round(left + wide / 2, 2)) for left, top, wide, high in found)
    places = [sheet.place(number) for number in range(sheet.count)]
    wanted = sorted((y + sheet.height / 2, x + sheet.width / 2) for _page, x, y in places)
    for middle, right in zip(middles, wanted, strict=True):
        assert middle == pytest.approx(right, abs=0.05)
    line = 0.4 / MM
    for left, top, wide, high in found:
        assert wide == pytest.approx(sheet.width + line, abs=0.2) and high == pytest.approx(
            sheet.height + line, abs=0.2
        )
        assert left >= -0.2 and left + wide <= width + 0.5 and top >= -0.2 and top + high <= height + 0.5


def test_the_first_label_may_be_any_and_the_next_sheet_begins_at_its_first(tmp_path: Path) -> None:
    sheet = sheet_of("L7160")
    assert sheet is not None
    path = tmp_path / "labels.pdf"
    labels = [[f"Person {number}", "Street 1", "80000 Town"] for number in range(21)]
    assert write_labels(labels, sheet, path, start=20) == 2
    document = pypdfium2.PdfDocument(path)
    first = [one for one in texts(document[0]) if one[0].startswith("Person")]
    second = [one for one in texts(document[1]) if one[0].startswith("Person")]
    assert [text for text, _x, _y in first] == ["Person 0", "Person 1"] and len(second) == 19
    _page, left, top = sheet.place(19)
    assert first[0][1] == pytest.approx(left + padding_of(sheet), abs=0.5)
    assert top < first[0][2] < top + sheet.height
    _page, left, top = sheet.place(0)
    assert second[0][1] == pytest.approx(left + padding_of(sheet), abs=0.5) and top < second[0][2] < top + sheet.height


def test_long_lines_shrink_wrap_and_never_leave_their_label(tmp_path: Path) -> None:
    sheet = sheet_of("L7651")
    assert sheet is not None
    path = tmp_path / "long.pdf"
    lines = ["Maria Antonieta dos Santos Albuquerque e Vasconcelos de Bragança"] * 6
    write_labels([lines], sheet, path)
    page = pypdfium2.PdfDocument(path)[0]
    _page, left, top = sheet.place(0)
    found = texts(page)
    assert found and found[-1][0].endswith("…")
    assert all(left <= x and top <= y <= top + sheet.height for _text, x, y in found)


def test_measures_of_ones_own_are_checked() -> None:
    good = own_sheet("A4", 3, 7, 63.5, 38.1, 6.5, 15.1, 66, 38.1)
    assert good.count == 21
    with pytest.raises(FieldError) as found:
        own_sheet("A4", 3, 7, 63.5, 38.1, 16.5, 15.1, 66, 38.1)
    assert found.value.field == "left" and "2.0 mm" in str(found.value)
    with pytest.raises(FieldError) as found:
        own_sheet("A4", 3, 7, 63.5, 38.1, 6.5, 15.1, 60, 38.1)
    assert found.value.field == "pitch_x"


def test_a_cancelled_job_leaves_no_file(tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(Cancelled):
        write_labels([["A"]] * 60, SHEETS[0], tmp_path / "labels.pdf", progress=progress)
    assert list(tmp_path.iterdir()) == []


def fill(database: Database) -> list[int]:
    """People with several, one and no addresses, and one with the company's only."""
    with write(database, "Fill") as uow:
        company = service.create_record(uow, "company", {"name": "Trigo Lilás"}, children={"addresses": [
            {"label": "work", "street": "R. do Ipê, 210", "city": "Curitiba", "region": "PR", "postcode": "80010000",
             "country": "BR", "is_primary": True}]})  # fmt: skip
        return [
            service.create_record(uow, "contact", {"name": "Marina", "company_id": company}, children={"addresses": [
                {"label": "home", "street": "Av. Água Verde, 3", "city": "Curitiba", "region": "PR",
                 "postcode": "80620200", "country": "BR", "is_primary": True},
                {"label": "billing", "street": "Caixa 9", "city": "Lapa", "region": "PR", "postcode": "83750000",
                 "country": "BR"}]}),
            service.create_record(uow, "contact", {"name": "Ícaro", "company_id": company}),
            service.create_record(uow, "contact", {"name": "Zélia"}),
        ]  # fmt: skip


def test_the_address_that_was_asked_for_or_else_the_main_one(database: Database) -> None:
    ids = fill(database)
    template = TEMPLATES["contact"]
    with database.read() as connection:
        main = read_labels(database, connection, "contact", ids, template)
        assert main.lines[0][:3] == ["Marina", "Trigo Lilás", "Av. Água Verde, 3"]
        assert "80620-200 Curitiba - PR" in main.lines[0]
        assert main.lines[1][2] == "R. do Ipê, 210", "whoever has none gets the company's"
        assert list(main.skipped) == [ids[2]]
        billing = read_labels(database, connection, "contact", ids, template, which="billing", or_main=False)
        assert [lines[2] for lines in billing.lines] == ["Caixa 9"] and len(billing.skipped) == 2
        company = read_labels(database, connection, "contact", ids, template, which="company")
        assert [lines[2] for lines in company.lines] == ["R. do Ipê, 210", "R. do Ipê, 210"]
        sorted_ = read_labels(database, connection, "contact", ids, template, by_postcode=True)
        assert [lines[0] for lines in sorted_.lines] == ["Ícaro", "Marina"]
        names = read_labels(database, connection, "contact", ids, "{name}\n{nickname}")
        assert [list(lines) for lines in names.lines] == [["Marina"], ["Ícaro"], ["Zélia"]] and not names.skipped
        with pytest.raises(UserError, match="nothing_such"):
            read_labels(database, connection, "contact", ids, "{nothing_such}")
