"""What a list exports is what it shows: order, columns, groups, totals, typed values; people also as address cards."""

from __future__ import annotations

import csv
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from crm_desktop.core.filters import where
from crm_desktop.core.jobs import Progress
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from crm_desktop.records.grouping import Grouping
from crm_desktop.reporting.values import table_lines
from ui.framework import dialogs
from ui.records.list_document import list_document


def choose(page, kind: str, path: Path, *, everything: bool = False, what: str = "") -> None:
    """Open the dialog, choose, and export."""

    def answer(dialog) -> bool:
        dialog.format.set_value(kind)
        (dialog.everything if everything else dialog.as_shown).setChecked(True)
        if what:
            {"selected": dialog.selected, "listed": dialog.listed, "all": dialog.all}[what].setChecked(True)
        dialog.path.setText(str(path))
        dialog.path.textEdited.emit(str(path))
        return True

    dialogs.answers.give(answer)
    page.export_list()


def export(desk, page, kind: str, path: Path) -> Path:
    """Export what is shown, as a person does who chooses a file."""
    choose(page, kind, path)
    desk.settle()
    assert path.exists() and not list(path.parent.glob("*.part"))
    return path


def test_a_workbook_holds_the_shown_columns_order_and_groups_with_typed_values(desk, tmp_path) -> None:
    desk.as_caio(
        lambda uow: service.update_record(uow, "contact", desk.find("Otávio Lins"), {"birthday": "1980-02-03"})
    )
    page = desk.open()
    page.filters.add_condition(where("lifecycle", "ne", "qualified"))
    page.set_columns(["name", "birthday", "city"])
    page._query([("name", True)])
    page.set_grouping(Grouping("city"))
    desk.settle()
    page.close_groups()
    book = openpyxl.load_workbook(export(desk, page, "xlsx", tmp_path / "contacts.xlsx"))
    sheet = book["Contacts"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["City", "Name", "Birthday", "City"]
    assert [row[:2] for row in rows[1:5]] == [
        ["Curitiba", "Marina Queirós"], ["Curitiba", "Ícaro Bandeira"], ["Ponta Grossa", "Otávio Lins"],
        ["Not filled in", "Zélia Duarte"],
    ]  # fmt: skip
    assert rows[3][2] == datetime(1980, 2, 3), "a date is a date"
    about = [
        str(cell.value)
        for name in book.sheetnames
        if name != "Contacts"
        for row in book[name].iter_rows()
        for cell in row
    ]
    assert any("Lifecycle" in text and "By City" in text for text in about), "the filter is told"


def test_a_csv_keeps_the_order_and_only_what_is_checked(desk, tmp_path) -> None:
    page = desk.open()
    page.set_columns(["email", "name"])
    page._query([("name", True)])
    desk.settle()
    page.model.checked = {desk.find("Marina Queirós"), desk.find("Sílvia Amarante")}
    path = export(desk, page, "csv", tmp_path / "some.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["E-mail", "Name"], ["silvia@cajueiros.example", "Sílvia Amarante"],
                    ["marina@trigolilas.example", "Marina Queirós"]]  # fmt: skip


@pytest.mark.parametrize("kind", ["vcf", "vcf3"])
def test_address_cards_of_a_grouped_list_are_of_all_its_people(desk, tmp_path, kind: str) -> None:
    page = desk.open("leads")
    page.set_grouping(Grouping("city"))
    desk.settle()
    page.close_groups()
    text = export(desk, page, kind, tmp_path / "leads.vcf").read_text(encoding="utf-8")
    assert text.count("BEGIN:VCARD") == 3 and "FN:Otávio Lins" in text
    assert ("VERSION:3.0" if kind == "vcf3" else "VERSION:4.0") in text


def test_only_people_and_companies_offer_address_cards(desk) -> None:
    assert desk.open("companies").has_cards()
    page = desk.open("products") if any(one.name == "products" for one in desk.window.palette_pages()) else None
    if page is not None and hasattr(page, "has_cards"):
        assert not page.has_cards()


def test_the_print_has_groups_with_subtotals_and_totals_by_currency(desk) -> None:
    with write(desk.database, "Deals") as uow:
        who = desk.find("Otávio Lins")
        for name, amount, currency, chance in (("A", 100, "BRL", 10), ("B", 50, "BRL", 90), ("C", 7, "USD", 50)):
            service.create_record(uow, "deal", {
                "name": name, "amount": Decimal(amount), "currency": currency, "contact_id": who, "probability": chance,
            })  # fmt: skip
    desk.window.open_page("pipeline")
    desk.settle()
    desk.window.current_page.show_list()
    desk.settle()
    page = desk.window.current_page.list
    page.set_columns(["name", "amount", "probability"])
    page.show_totals(True, {"amount": "sum", "probability": "average"})
    page.set_grouping(Grouping("currency"))
    desk.settle()
    with desk.database.read() as connection:
        made = list_document(desk.office, connection, "deal", page.content(), Progress())
    lines = list(table_lines(made.tables[0]))
    groups = [line for line in lines if line.role == "group"]
    assert "BRL" in groups[0].texts[0] and "150" in groups[0].texts[1]
    total = lines[-1]
    assert total.role == "total" and "150" in total.texts[1] and "7" in total.texts[1]
    assert total.texts[2].startswith("Average: ")


def test_everything_about_all_of_them_goes_out_although_the_list_shows_few(desk, tmp_path) -> None:
    page = desk.open()
    page.filters.add_condition(where("city", "eq", "Colombo"))
    page.set_columns(["name"])
    desk.settle()
    path = tmp_path / "all.csv"
    choose(page, "csv", path, everything=True, what="all")
    desk.settle()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5 and {"Record ID", "Phone 1", "City", "Company (Record ID)", "Created"} <= rows[0].keys()
    assert {row["City"] for row in rows} >= {"Curitiba", "Colombo"}
    dialogs.answers.give(lambda dialog: dialog.format.value() == "csv" and dialog.all.isChecked() and False)
    page.export_list()  # the last choice is remembered; Escape exports nothing
