"""From the card's menu: everything that is held about a person, and erasing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core.errors import RecordGone
from crm_desktop.db.unit_of_work import write
from crm_desktop.insight.erasure import erasures
from crm_desktop.records import service
from crm_desktop.sales.service import ensure_default_pipeline
from tests.ui.insight.conftest import Desk
from ui.framework import dialogs
from ui.framework.settings import remember_value, remembered_value
from ui.insight.erase_dialog import EraseDialog
from ui.records.drafts import draft_key, keep_draft, load_draft


def choose(desk: Desk, key: str) -> None:
    """Choose an entry of the menu of Marina's card."""
    page = desk.open("contacts", record_id=desk.ids["marina"])
    buttons = page.card.buttons
    command = next(one for one in page.card.kit.commands if one.key == key)
    labels = [action.text() for action in buttons.menu().actions()]
    assert command.label in labels
    buttons.command_requested.emit(command)
    desk.settle()


def test_everything_is_written_as_json_and_pdf(desk: Desk, tmp_path: Path) -> None:
    for kind in ("json", "pdf"):
        dialogs.answers.give(kind, tmp_path / f"marina.{kind}")
        choose(desk, "person_data")
    data = json.loads((tmp_path / "marina.json").read_text(encoding="utf-8"))
    assert data["person"]["title"] == "Marina Queirós" and data["made_by"] == "Helena Prates"
    assert (tmp_path / "marina.pdf").read_bytes().startswith(b"%PDF")


def test_erasing_asks_for_reason_and_name_and_clears_everything(desk: Desk) -> None:
    marina = desk.ids["marina"]
    with write(desk.database, "Deal") as uow:
        service.update_record(uow, "user", desk.office.user_id, {"role": "owner"})
        ensure_default_pipeline(uow)
        deal = service.create_record(uow, "deal", {"name": "Oven for Marina Queirós", "contact_id": marina})
    key = draft_key(desk.office, "note", "contact", marina)
    keep_draft(key, "half a sentence")
    remember_value(f"recent.{desk.database.name}", [["contact", marina, "Marina Queirós"], ["deal", deal, "Oven"]])
    seen: dict[str, Any] = {}

    def work(dialog: EraseDialog) -> bool:
        desk.settle()
        seen["stays"], seen["goes"] = dialog.stays.text(), dialog.goes.text()
        seen["backups"] = dialog.backups.text.text()
        assert not dialog.erase_button.isEnabled()
        QTest.keyClicks(dialog.reason, "Her wish")
        QTest.keyClicks(dialog.asked_by, "Herself")
        assert not dialog.erase_button.isEnabled()
        dialog.name.setText("marina queiros")
        assert dialog.erase_button.isEnabled()
        QTest.keyClick(dialog.name, Qt.Key.Key_Return)
        assert not dialog.result()
        QTest.mouseClick(dialog.erase_button, Qt.MouseButton.LeftButton)
        return bool(dialog.result())

    dialogs.answers.give(work)
    choose(desk, "erase")
    desk.settle()
    assert "Oven for Marina Queirós" in seen["stays"] and "Phones and e-mails: 2" in seen["goes"]
    assert "still hold the person" in seen["backups"]
    with desk.database.read() as connection:
        (mark,) = erasures(connection)
    assert (mark.reason, mark.asked_by, mark.by) == ("Her wish", "Herself", "Helena Prates")
    try:
        desk.record("marina")
        raise AssertionError("still there")
    except RecordGone:
        pass
    assert load_draft(key) is None
    assert remembered_value(f"recent.{desk.database.name}", []) == [["deal", deal, "Oven"]]
    desk.window.undo_keeper.refresh()
    desk.settle()
    assert "Erased" not in str(desk.window.undo_keeper._next)
    reports = desk.open("reports", report="erasures")
    assert [row.values[3] for row in reports.document.tables[0].all_rows] == ["Her wish"]


def test_a_cancelled_dialog_erases_nobody(desk: Desk) -> None:
    dialogs.answers.give(lambda _dialog: False)
    choose(desk, "erase")
    assert desk.record("marina").title == "Marina Queirós"
