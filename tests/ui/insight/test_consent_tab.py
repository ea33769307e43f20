"""The tab Consent on a real card: matrix, form, proof, undo, and the mark beside the name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.contacts import consents
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import files_service, service
from tests.ui.insight.conftest import Desk
from ui.contacts.consent_dialog import ConsentDialog
from ui.contacts.consent_tab import ConsentTab
from ui.framework import dialogs


@pytest.fixture
def tab(desk: Desk) -> ConsentTab:
    page = desk.open("contacts", record_id=desk.ids["marina"])
    page.card.show_tab("consent")
    desk.settle()
    found = page.card.views["consent"]
    assert isinstance(found, ConsentTab)
    return found


def test_a_consent_is_recorded_with_text_and_proof(desk: Desk, tab: ConsentTab, tmp_path: Path) -> None:
    proof = tmp_path / "form.pdf"
    proof.write_bytes(b"%PDF signed")

    def fill(dialog: ConsentDialog) -> bool:
        dialog.editors["source"].set_value("Fair of Curitiba")
        dialog.editors["wording"].set_value("I want the newsletter.")
        dialogs.answers.give(proof)
        QTest.mouseClick(dialog.editors["file"].browse, Qt.MouseButton.LeftButton)
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        desk.settle()
        return bool(dialog.result())

    dialogs.answers.give(fill)
    cell = tab.cells["newsletter", "email"]
    assert cell.accessibleName() == "Newsletter, E-mail: Never asked"
    QTest.keyClick(cell, Qt.Key.Key_Return)
    desk.settle()
    assert cell.text() == "Given"
    assert tab.cells["newsletter", "phone"].row is None
    (line,) = tab.list.lines()
    assert line.title == "Given: Newsletter, E-mail"
    assert "Fair of Curitiba" in line.subtitle and "form.pdf" in line.subtitle and "Helena Prates" in line.subtitle
    with desk.database.read() as connection:
        (file,) = files_service.attachments_of(connection, desk.ids["marina"])
        assert consents.consents_of(connection, desk.ids["marina"])[0].attachment_id == file.id
    desk.window.undo_keeper.undo()
    desk.settle()
    assert cell.row is None


def test_what_was_given_is_offered_for_withdrawal_with_the_last_text(desk: Desk, tab: ConsentTab) -> None:
    with write(desk.database, "Consent") as uow:
        consents.record_consent(uow, desk.ids["marina"], "marketing", "any", "given", wording="I agree to letters.")
    desk.settle()
    cell = tab.cells["marketing", "letter"]
    assert "said for any channel" in cell.accessibleName()
    seen: dict[str, Any] = {}

    def look(dialog: ConsentDialog) -> bool:
        desk.settle()
        seen.update(dialog.collect())
        QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        desk.settle()
        return True

    dialogs.answers.give(look)
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton)
    desk.settle()
    assert (seen["purpose"], seen["channel"], seen["state"]) == ("marketing", "letter", "withdrawn")
    assert seen["wording"] == "I agree to letters."
    assert (cell.text(), tab.cells["marketing", "email"].text()) == ("Withdrawn", "Given")
    assert [line.title for line in tab.list.lines()] == [
        "Withdrawn: Marketing, Letter",
        "Given: Marketing, Any channel",
    ]


def test_a_refusal_of_the_form_is_said_at_the_field(desk: Desk, tab: ConsentTab) -> None:
    said: list[str] = []

    def fill(dialog: ConsentDialog) -> bool:
        dialog.editors["state"].set_value("withdrawn")
        dialog.finish()
        desk.settle()
        said.append(dialog.problem.text())
        return False

    dialogs.answers.give(fill)
    tab.record_consent()
    assert "Nothing was given" in said[0]


def test_do_not_contact_stands_beside_the_name(desk: Desk, tab: ConsentTab) -> None:
    card = desk.window.current_page.card
    assert card.header.warning.isHidden()
    with write(desk.database, "Stop") as uow:
        service.update_record(uow, "contact", desk.ids["marina"], {"do_not_contact": True})
    desk.settle()
    assert not card.header.warning.isHidden()
    assert tab.never.isVisible()
