"""What was written in the moment before the window closes is there again."""

from __future__ import annotations

from typing import Any

from PySide6.QtTest import QTest

from tests.helpers.windows import settle, wait_for
from ui.main_window import MainWindow
from ui.records import drafts
from ui.records.drafts import draft_key, load_draft


def test_what_was_typed_just_before_the_window_closes_is_kept(window: MainWindow) -> None:
    with window.office.database.read() as connection:
        record = int(connection.exec_driver_sql("SELECT min(id) FROM contact").scalar_one())
    window.open_page("contacts", record_id=record)
    settle()
    page: Any = window.current_page
    wait_for(lambda: page.card.record is not None)
    page.card.facts.begin_edit("email")
    editor = page.card.facts.editor("email")
    editor.clear()
    QTest.keyClicks(editor, "marina@examp")
    assert window.close()
    drafts._kept = None  # as a program that starts anew
    assert load_draft(draft_key(window.office, "fact", "contact", record, "email")) == "marina@examp"
