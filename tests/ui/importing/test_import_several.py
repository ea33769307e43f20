"""Several tables of a workbook, and several record types in one row, through all steps of the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

MakeFile = Callable[[str, str], Path]
PEOPLE = """First Name,Last Name,E-mail,Company name,Company phone,Company website
Ana,Souza,ana@sol.example,Padaria Sol,41 3333-0001,https://sol.example
Caio,Dias,caio@sol.example,Padaria Sol,41 3333-0001,https://sol.example
Rui,Lima,rui@lima.example,Oficina Lima,41 3333-0002,https://lima.example
"""


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """Instructions, people, companies, deals, and two months of leads in the same layout."""
    path = tmp_path / "escritorio.xlsx"
    sheets = {
        "Instruções": [("Leia isto antes de preencher a planilha, por favor.",), ("Uma linha por cliente, sem pular linhas.",)],
        "Contatos": [("Nome", "E-mail", "Empresa"), ("Ana Souza", "ana@sol.example", "Padaria Sol"),
                     ("Rui Lima", "rui@lima.example", "Oficina Lima")],
        "Empresas": [("Empresa", "Site", "Cidade"), ("Padaria Sol", "https://sol.example", "Curitiba"),
                     ("Oficina Lima", "https://lima.example", "Londrina")],
        "Negócios": [("Negócio", "Valor", "Contato", "Empresa"), ("Forno novo", 12000, "Ana Souza", "Padaria Sol")],
        "Janeiro": [("Nome do lead", "E-mail", "Fone"), ("Bia Reis", "bia@jan.example", "41 95550-0101"),
                    ("Davi Nunes", "davi@jan.example", "41 95550-0102")],
        "Fevereiro": [("Nome do lead", "E-mail", "Fone"), ("Eva Melo", "eva@fev.example", "41 95550-0103")],
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


def _lines(desk) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {line.box.text(): line for line in desk.page.types.tables.lines}


def test_a_workbook_comes_in_whole(desk, workbook: Path) -> None:  # type: ignore[no-untyped-def]
    desk.open(workbook)
    desk.go_to("types")
    lines = _lines(desk)
    assert [name for name, line in lines.items() if line.box.isChecked()] == [
        "Contatos", "Empresas", "Negócios", "Janeiro", "Fevereiro",
    ]  # fmt: skip
    assert "explains" in lines["Instruções"].note.text()
    assert "Janeiro" in lines["Fevereiro"].note.text(), "the same columns as another sheet"
    assert lines["Negócios"].type.value() == "deal"
    desk.go_to("columns")
    assert desk.page.parts.isVisible()
    titles = [desk.page.parts.tabs.tabText(i) for i in range(desk.page.parts.tabs.count())]
    assert titles == ["Contatos", "Empresas", "Negócios", "Janeiro and 1 more"]
    desk.go_to("rehearsal")
    results = desk.page.session.rehearsal
    assert {one.plan.source.sheet: one.created for one in results.parts} == {
        "Contatos": 2, "Empresas": 2, "Negócios": 1, "Janeiro": 2, "Fevereiro": 1,
    }  # fmt: skip
    assert results.balanced and desk.count("contact") == 0
    desk.go_to("result")
    assert (desk.count("contact"), desk.count("company"), desk.count("deal")) == (5, 2, 1)
    assert desk.records("deal", "name", "contact_id", "company_id")[0][1].title == "Ana Souza"
    desk.page.result.undo.click()
    desk.settle()
    assert (desk.count("contact"), desk.count("company"), desk.count("deal")) == (0, 0, 0)


def test_tables_are_chosen_by_keyboard(desk, workbook: Path) -> None:  # type: ignore[no-untyped-def]
    desk.open(workbook)
    desk.go_to("types")
    lines = _lines(desk)
    lines["Empresas"].box.setFocus()
    QTest.keyClick(lines["Empresas"].box, Qt.Key.Key_Down)
    assert lines["Negócios"].box.hasFocus()
    QTest.keyClick(lines["Negócios"].box, Qt.Key.Key_Space)
    desk.settle()
    assert not lines["Negócios"].box.isChecked()
    assert [one.plan.source.sheet for one in desk.page.session.drafts] == [
        "Contatos",
        "Empresas",
        "Janeiro",
        "Fevereiro",
    ]
    for name in ("Contatos", "Empresas", "Janeiro", "Fevereiro"):
        lines[name].box.click()
        desk.settle()
    assert lines["Fevereiro"].box.isChecked(), "the last one stays"
    assert len(desk.page.session.drafts) == 1
    desk.go_to("columns")
    assert not desk.page.parts.isVisible()


def test_a_decision_is_for_all_sheets_of_a_layout(desk, workbook: Path) -> None:  # type: ignore[no-untyped-def]
    desk.open(workbook)
    desk.go_to("columns")
    session = desk.page.session
    session.choose_part(3)
    desk.settle()
    assert session.draft.plan.source.sheet == "Janeiro"
    session.set_target(2, "mobile")
    desk.settle()
    assert [one.plan.columns[2].target for one in session.drafts if one.plan.source.sheet in ("Janeiro", "Fevereiro")] == [
        "mobile", "mobile",
    ]  # fmt: skip


def test_what_a_part_lacks_is_asked_for(desk, workbook: Path) -> None:  # type: ignore[no-untyped-def]
    desk.open(workbook)
    desk.go_to("columns")
    session = desk.page.session
    session.choose_part(1)
    session.leave_out(range(3))
    session.choose_part(0)
    desk.settle()
    assert "Empresas" in desk.page.footer.text.text()
    desk.page.footer.link.activated.emit()
    desk.settle()
    assert session.draft.plan.source.sheet == "Empresas"
    assert desk.page.current.key == "columns"


def test_people_and_companies_of_the_same_rows(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("people.csv", PEOPLE))
    desk.go_to("types")
    box = desk.page.types.further.boxes["company"]
    assert box.isVisible() and box.isChecked()
    desk.go_to("columns")
    tabs = desk.page.parts.tabs
    assert [tabs.tabText(i) for i in range(tabs.count())] == ["Contacts", "Companies"]
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(1).center())
    desk.settle()
    assert desk.page.session.draft.plan.entity == "company"
    model = desk.page.columns.model
    assert [model.field_text(model.column_at(row)) for row in range(3)] == ["Name", "Phone", "Website"]
    assert model.field_text(model.column_at(3)) == "Contacts", "the others are with the people"
    desk.go_to("result")
    assert (desk.count("contact"), desk.count("company")) == (3, 2)
    assert {row[1].title for row in desk.records("contact", "name", "company_id")} == {"Padaria Sol", "Oficina Lima"}


def test_without_the_companies_their_columns_go_to_the_people(desk, text_file: MakeFile) -> None:  # type: ignore[no-untyped-def]
    desk.open(text_file("people.csv", PEOPLE))
    desk.go_to("types")
    desk.page.types.further.boxes["company"].click()
    desk.settle()
    session = desk.page.session
    assert [one.plan.entity for one in session.drafts] == ["contact"]
    assert {"phone", "website"} <= session.draft.plan.targets, "nothing is left out silently"
    assert not desk.page.types.further.boxes["company"].isChecked()
    desk.page.types.further.boxes["company"].click()
    desk.settle()
    assert [one.plan.entity for one in session.drafts] == ["contact", "company"]
