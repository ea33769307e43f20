"""Phones, profiles, addresses and documents: any number of them in the form and on the card, each a click away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest

from crm_desktop.core import clock, formats
from crm_desktop.records import custom, service
from crm_desktop.reporting.document import Table
from ui.records.output import record_document
from ui.records.record_dialog import RecordDialog

POINTS = (
    {"kind": "phone", "label": "mobile", "value": "+5541991234567", "is_primary": True},
    {"kind": "phone", "label": "work", "value": "+554133330142;ext=12"},
    {"kind": "email", "label": "work", "value": "marina@trigolilas.example"},
    {"kind": "messenger", "value": "https://t.me/marinaq"},
    {"kind": "social", "value": "https://www.linkedin.com/in/marina-q"},
)
HOME = {"label": "home", "street": "Rua Augusta 12", "city": "Lisboa", "postcode": "1100048", "country": "PT"}


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses handed to the system."""
    urls: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: urls.append(url.toString()) or True)
    return urls


@pytest.fixture
def card(desk: Any) -> Any:
    """Marina's card with everything there is to reach her."""
    formats.set_default_country("BR")
    marina = desk.find("Marina Queirós")
    with desk.office.unit_of_work("Reach") as uow:
        documents = [{"kind": "cpf", "value": "111.444.777-35"}, {"kind": "passport", "value": "FX12", "country": "BR"}]
        children = {"points": POINTS, "addresses": [HOME], "identifiers": documents}
        service.update_record(uow, "contact", marina, {"birthday": "1962-04-23"}, children=children)
    shown = desk.open("contacts", record_id=marina).card
    shown.show_tab("details")
    desk.settle()
    return shown


def cell(card: Any, label: str) -> Any:
    return next(one for one in card.details.reach.grid._cells.values() if one.fact.label.startswith(label))


def test_everything_is_shown_and_not_only_the_first(card) -> None:
    shown = {one.fact.label: one.fact.text for one in card.details.reach.grid._cells.values()}
    assert shown == {
        "Mobile ★": "(41) 99123-4567", "Phone, work": "(41) 3333-0142 ext. 12",
        "E-mail, work": "marina@trigolilas.example", "Telegram": "marinaq", "LinkedIn": "marina-q",
        "Address, home": "Rua Augusta 12, 1100-048 Lisboa, PORTUGAL", "CPF": "111.444.777-35", "Passport, Brazil": "FX12",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("label", "url"),
    [
        ("Mobile", "tel:+5541991234567"),
        ("Phone, work", "tel:+554133330142;ext=12"),
        ("E-mail", "mailto:marina@trigolilas.example"),
        ("Telegram", "https://t.me/marinaq"),
        ("LinkedIn", "https://www.linkedin.com/in/marina-q"),
        ("Address", "https://www.openstreetmap.org/search?query=Rua Augusta 12, 1100-048 Lisboa, PORTUGAL"),
    ],
)
def test_enter_hands_it_to_the_system(card, opened: list[str], label: str, url: str) -> None:
    QTest.keyClick(cell(card, label)._value, Qt.Key.Key_Return)
    assert [one.replace("%20", " ").replace("%2C", ",") for one in opened] == [url]


def test_whatsapp_stands_beside_the_mobile(card, opened: list[str]) -> None:
    for value in (cell(card, "Mobile")._value, card.facts._cells["mobile"]._value):
        value.grab()
        QTest.mouseClick(value, Qt.MouseButton.LeftButton, pos=value._icon_box.center())
        QTest.keyClick(value, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert opened == ["https://wa.me/5541991234567"] * 4
    assert not cell(card, "Phone, work").fact.icon_tip


def test_values_are_copied_by_key_and_menu(card) -> None:
    QTest.keyClick(cell(card, "Address")._value, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Rua Augusta 12\n1100-048 Lisboa\nPORTUGAL"
    menu = cell(card, "CPF")._value.menu()
    next(one for one in menu.actions() if one.text() == "Copy").trigger()
    assert QGuiApplication.clipboard().text() == "111.444.777-35"


def test_a_value_is_edited_where_it_stands(desk, card) -> None:
    one = cell(card, "CPF")
    one.begin()
    one.editor.setText("111.444.777-34")
    one.commit()
    assert "one of its digits is wrong" in one._error.text()
    one.editor.setText("529.982.247-25")
    one.commit()
    desk.settle()
    assert cell(card, "CPF").fact.text == "529.982.247-25"
    phone = cell(card, "Mobile")
    phone.begin()
    phone.editor.setText("")
    phone.commit()
    desk.settle()
    rows = desk.record(desk.find("Marina Queirós")).children["points"]
    assert [(row["label"], row["is_primary"]) for row in rows if row["kind"] == "phone"] == [("work", True)]


def test_the_age_stands_beside_the_birthday(card) -> None:
    assert card.facts._cells["birthday"].fact.text.startswith("4/23/1962 (")


def form_of(desk: Any, card: Any) -> Any:
    card.edit()
    desk.settle()
    return desk.window.findChildren(RecordDialog)[-1]


def test_the_form_takes_profiles_and_documents_and_keeps_one_first(desk, card) -> None:
    dialog = form_of(desk, card)
    points, documents = (dialog.form.children_editors[name] for name in ("points", "identifiers"))
    points._remove(points._rows[0])
    assert points._rows[0].primary.isChecked(), "the next phone is used first"
    points._add_by_hand({"kind": "social"})
    row = points._rows[-1]
    row.value.setText("ana")
    row.value.edited.emit()
    assert not points.valid() and "Which network" in row.problem_label.text()
    row.value.setText("instagram: @ana")
    points._add_by_hand({"kind": "phone"})
    points._rows[-1].value.setText("3333-0142")
    points._rows[-1].value.editingFinished.emit()
    assert "area code" in points._rows[-1].doubt_label.text()
    documents._add_by_hand({})
    wrong = documents._rows[-1]
    assert wrong.kind.value() == "cpf" and wrong.country.isHidden()
    wrong.value.setText("111.444.777-34")
    wrong.value.editingFinished.emit()
    assert "one of its digits is wrong" in wrong.problem_label.text() and not wrong.unchecked.isHidden()
    dialog.save()
    assert dialog.isVisible() and not dialog._saving
    wrong.unchecked.click()
    assert wrong.problem_label.isHidden()
    dialog.save()
    desk.settle()
    children = desk.record(desk.find("Marina Queirós")).children
    assert "https://www.instagram.com/ana" in [one["value"] for one in children["points"]]
    assert [(one["value"], one["unchecked"]) for one in children["identifiers"]][-1] == ("111.444.777-34", True)
    assert cell(card, "CPF").fact.text == "111.444.777-35"


def test_a_record_without_any_offers_to_add_one(desk) -> None:
    shown = desk.open("contacts", record_id=desk.find("Zélia Duarte")).card
    shown.show_tab("details")
    desk.settle()
    assert not shown.details.reach.none.isHidden() and shown.details.reach.grid.isHidden()
    shown.details.reach.edit.click()
    desk.settle()
    form = desk.window.findChildren(RecordDialog)[-1]
    assert form.isVisible()
    form.close()


def test_the_printed_record_has_everything(desk, card) -> None:
    record = desk.record(desk.find("Marina Queirós"))
    with desk.database.read() as connection:
        fields = custom.fields_of(desk.database, "contact", connection)
        document = record_document(desk.office, connection, record, fields)
    rows = [row.values for block in document.blocks if isinstance(block, Table) for row in block.rows]
    assert ("Phone, work", "(41) 3333-0142 ext. 12") in rows
    assert ("Address, home", "Rua Augusta 12, 1100-048 Lisboa, PORTUGAL") in rows
    assert ("CPF", "111.444.777-35") in rows
    assert not [row for row in rows if row[0] == "City"], "the lines of the address say it"


def test_birthdays_are_views_of_the_contacts(desk, card) -> None:
    clock.set_clock(lambda: datetime(2026, 4, 17, 15, tzinfo=UTC))
    page = desk.open("contacts")
    for words in ("Birthdays this month", "Next birthdays"):
        page.views.choose(next(one.key for one in page.views.views() if one.name == words))
        desk.settle()
        assert desk.names(page) == ["Marina Queirós"]
