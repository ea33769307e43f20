"""What is typed and not saved comes back: after a crash, in every editor, and for nobody else."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.core import paths
from crm_desktop.db.unit_of_work import Actor, write
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records import drafts
from ui.records.drafts import draft_key, drafts_of, keep_draft, load_draft
from ui.records.record_dialog import RecordDialog
from ui.records.unsaved import UnsavedDialog

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = textwrap.dedent(
    """
    import sys, time
    sys.path.insert(0, sys.argv[1])
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication
    from crm_desktop import app
    from crm_desktop.db.unit_of_work import write
    from ui import features
    from ui.app import make_application
    from ui.framework.office import Office
    from ui.main_window import MainWindow
    from ui.records.record_dialog import RecordDialog

    make_application()
    opened = app.open_office(sys.argv[2])
    office = features.prepare(Office(opened.database, opened.actor, write, name="Office"))
    window = MainWindow(office, features.PAGES, features.RECORDS)
    window.show()
    window.open_page("contacts", record_id=int(sys.argv[3]))
    page = window.current_page
    while page.card.record is None:
        QTest.qWait(10)
    page.card.facts.begin_edit("city")
    QTest.keyClicks(page.card.facts.editor("city"), "Sao Jose dos Pi")
    composer = page.card.timeline.composer
    QTest.keyClicks(composer.text, "She said that we sho")
    page.card.edit()
    while not (forms := [one for one in QApplication.topLevelWidgets() if isinstance(one, RecordDialog)]):
        QTest.qWait(10)
    QTest.keyClicks(forms[0].form.rows["department"].editor, "Purch")
    QTest.qWait(600)
    print("typed", flush=True)
    while True:
        QTest.qWait(50)
    """
)


def _until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        QTest.qWait(10)


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_killed_program_gives_everything_typed_back(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    path = str(desk.database.path)
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(ROOT), path, str(marina)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "typed\n"
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    drafts._kept = None  # as a program that starts anew
    page = desk.open(record_id=marina)
    _until(lambda: page.card.facts.editor("city") is not None)
    assert page.card.facts.editor("city").text() == "Sao Jose dos Pi"
    assert page.card.timeline.composer.text.toPlainText() == "She said that we sho"
    page.card.edit()
    desk.settle()
    form = next(one for one in QApplication.topLevelWidgets() if isinstance(one, RecordDialog))
    assert form.restored.isVisible()
    assert form.form.rows["department"].editor.text() == "Purch"
    form._closing = True
    form.close()


def test_text_is_kept_while_somebody_goes_on_typing(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    page = desk.open(record_id=marina)
    desk.settle()
    key = draft_key(desk.office, "note", "contact", marina)
    end = time.monotonic() + 5
    while load_draft(key) is None:  # never a pause as long as the timer
        assert time.monotonic() < end, "nothing was kept while typing"
        QTest.keyClicks(page.card.timeline.composer.text, "a")
        QTest.qWait(5)


def test_a_refused_field_comes_back_after_a_restart_and_escape_lets_it_go(desk: Any) -> None:
    marina, icaro = desk.find("Marina Queirós"), desk.find("Ícaro Bandeira")
    page = desk.open(record_id=marina)
    desk.settle()
    page.card.facts.begin_edit("city")
    QTest.keyClicks(page.card.facts.editor("city"), "Londrina")
    key = draft_key(desk.office, "fact", "contact", marina, "city")
    _until(lambda: load_draft(key) == "Londrina")
    QTest.keyClick(page.card.facts.editor("city"), Qt.Key.Key_Escape)
    assert load_draft(key) is None
    keep_draft(key, "Maringa")
    page.card.set_record(icaro)
    desk.settle()
    page.card.set_record(marina)
    desk.settle()
    editor = page.card.facts.editor("city")
    assert editor.text() == "Maringa"
    assert not editor.hasFocus()  # who walks through the list goes on walking
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.settle()
    assert desk.record(marina).values["city"] == "Maringa"
    assert load_draft(key) is None


def test_a_colleague_on_the_same_computer_sees_nothing_of_it(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    keep_draft(draft_key(desk.office, "note", "contact", marina), "between us", "Marina")
    caio = Office(desk.database, Actor(desk.caio, "Caio"), write, name=desk.office.name)
    assert [one.value for one in drafts_of(desk.office)] == ["between us"]
    assert drafts_of(caio) == []
    assert load_draft(draft_key(caio, "note", "contact", marina)) is None


@pytest.mark.skipif(os.name == "nt", reason="permissions are those of the folder there")
def test_drafts_are_readable_by_their_owner_only(desk: Any) -> None:
    keep_draft(draft_key(desk.office, "note", "contact", 1), "between us")
    folder = paths.data_folder() / "drafts"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert [stat.S_IMODE(one.stat().st_mode) for one in files] == [0o600]
    assert "between" not in files[0].name


def test_a_list_of_what_is_not_saved_leads_back_to_it(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    keep_draft(draft_key(desk.office, "note", "contact", marina), "half a sentence", "Marina")
    keep_draft(draft_key(desk.office, "form", "company", "new"), {"name": "Moinho"})
    desk.open()

    def work(dialog: UnsavedDialog) -> bool:
        desk.settle()
        shown = [dialog.list.item(row).text() for row in range(dialog.list.count())]
        assert shown[0].startswith("New company\nForm")
        assert shown[1].startswith("Marina Queirós\nNote")
        dialog.list.setCurrentRow(0)
        dialogs.answers.give("drop")
        dialog.drop_draft()
        assert dialog.list.count() == 1
        dialog.copy_draft()
        assert QApplication.clipboard().text() == "half a sentence"
        dialog.open_draft()
        return True

    dialogs.answers.give(work)
    desk.window.show_unsaved()
    page = desk.window.current_page
    _until(lambda: page.card.record is not None and page.card.record.id == marina)
    assert page.card.timeline.composer.text.toPlainText() == "half a sentence"
