"""The window looks after its file: a stick that is pulled out, a damaged page, the doctor, an upgrade and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app, features
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database
from crm_desktop.records import queries, service
from tests.helpers import old_offices
from tests.helpers.windows import settle
from ui.app import Application, make_application
from ui.framework import dialogs
from ui.framework.pending import is_away
from ui.main_window import MainWindow
from ui.shell.check_dialog import CheckDialog
from ui.shell.first_start import FirstStart
from ui.widgets.toast import Toast


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        settle()
        QTest.qWait(5)


def names(window: MainWindow) -> set[str]:
    with window.office.database.read() as connection:
        ids = queries.find_ids(window.office.database, connection, "contact")
        return {
            row.values["name"]
            for row in queries.fetch_rows(window.office.database, connection, "contact", ids, ["name"])
        }


def parts(path: Path) -> list[Path]:
    return [
        one for one in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")) if one.exists()
    ]


def save(window: MainWindow, name: str, done: list[object]) -> None:
    """Save a contact as a form does."""
    window.office.write(
        window, "Save", lambda uow: service.create_record(uow, "contact", {"name": name}), done.append,
        lambda error: done.append(error) if not is_away(error) else None,
    )  # fmt: skip


def test_a_stick_that_is_pulled_out_loses_nothing(window: MainWindow, office_file: Path, tmp_path: Path) -> None:
    done: list[object] = []
    save(window, "Antes", done)
    until(lambda: done)
    drawer = tmp_path / "drawer"
    drawer.mkdir()
    for one in parts(office_file):
        one.rename(drawer / one.name)
    done.clear()
    save(window, "Digitada Sem Disco", done)
    until(lambda: window.office.pending.all())
    until(lambda: "not there any more" in window.connection_line.strong.text())
    assert window.connection_line.isVisible() and "1 change is not saved yet" in window.connection_line.text.text()
    assert not done, "nobody was told that it was saved"
    assert not office_file.exists(), "no new empty office was made in its place"
    for one in parts(drawer / office_file.name):
        one.rename(office_file.parent / one.name)
    QTest.mouseClick(window.connection_line.first, Qt.MouseButton.LeftButton)
    until(lambda: done)
    until(lambda: not window.connection_line.isVisible())
    assert {"Antes", "Digitada Sem Disco"} <= names(window)
    assert not window.office.pending.all()


def test_another_file_in_its_place_is_not_written_to(window: MainWindow, office_file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.crm"
    app.open_database(other).close()
    size = other.stat().st_size
    for one in parts(office_file):
        one.rename(tmp_path / ("was-" + one.name))
    other.rename(office_file)
    done: list[object] = []
    save(window, "Wrong Place", done)
    until(lambda: "Another file" in window.connection_line.strong.text())
    assert window.connection_line.first.text() == "Open again"
    assert not done and office_file.stat().st_size == size
    window.office.pending.forget()


def test_a_damaged_page_is_found_in_the_background_and_the_backup_offered(
    window: MainWindow, office_file: Path
) -> None:
    window.care_keeper.check_pages()
    settle()
    with window.office.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(office_file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 3 * 4096] = b"\xa5" * 3 * 4096
    with office_file.open("r+b") as target:
        target.write(content)
    dialogs.answers.give("backup")
    window.care_keeper.check_pages()
    until(lambda: window.page_name == "backup")
    asked = dialogs.answers.asked[-1]
    assert "damaged" in asked.title and "last proven backup" in asked.text


def test_the_doctor_in_the_window_finds_says_and_repairs(window: MainWindow) -> None:
    database = window.office.database
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_text WHERE entity = 'contact'")
        connection.exec_driver_sql("UPDATE number_series SET last = 0")
    dialog = CheckDialog(window.office, window)
    dialog.show()
    until(lambda: dialog.findings)
    assert "not as they should be" in dialog.head.text()
    assert dialog.repair_button.isVisible() and len(dialog._boxes) == 2
    dialogs.answers.give("yes", "ok")
    QTest.mouseClick(dialog.repair_button, Qt.MouseButton.LeftButton)
    asked = next(one for one in dialogs.answers.asked if "Repair this" in one.title)
    assert "Make the search index anew" in asked.text and "copy" in asked.text
    until(lambda: dialog.head.text() == "Everything is as it should be")
    assert not dialog.repair_button.isVisible()
    assert list((Path(str(database.path)).parent / "backups").glob("*.crmbackup"))
    dialog.close()


def test_a_check_can_be_stopped(window: MainWindow) -> None:
    dialog = CheckDialog(window.office, window)
    dialog.show()
    until(lambda: dialog._job is not None)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: dialog._job is not None and not dialog._job.active)
    assert not dialog.isVisible()


@pytest.fixture
def application(qapp: QApplication) -> Application:
    make_application()
    dialogs.answers.reset(strict=True)
    return Application(qapp)


def test_after_an_upgrade_one_click_goes_back(application: Application, tmp_path: Path) -> None:
    path = tmp_path / "old.crm"
    old_offices.build(str(path), "0006")
    before = old_offices.raw_state(str(path))
    application.start(str(path), demo=False)
    window = application.window
    assert isinstance(window, MainWindow)
    until(lambda: window.care_keeper.upgrade)
    toast = window.findChild(Toast)
    assert toast is not None and "upgraded" in toast.text.text() and toast.button is not None
    dialogs.answers.give("yes", "ok")
    window.care_keeper.go_back()
    until(lambda: any("as it was before the upgrade" in one.text for one in dialogs.answers.asked))
    assert isinstance(application.window, FirstStart)
    assert old_offices.raw_state(str(path)) == before
    assert len(list(tmp_path.glob("old *.crm"))) == 1, "the upgraded file is kept"
    application._on_quit()
    dialogs.answers.reset()


def test_a_protected_copy_goes_back_with_its_password(application: Application, tmp_path: Path) -> None:
    """The password is asked for while the office is open; it closes once the right one is given."""
    path = tmp_path / "old.crm"
    old_offices.build(str(path), "0006")
    before, secret = old_offices.raw_state(str(path)), "Azulejo-17-moinho"
    raw = Database(path, features.schema())
    copy = make_backup(raw, tmp_path / "backups", password=secret, kind="migration", anew=True).path
    raw.close()
    application.start(str(path), demo=False)
    window = application.window
    assert isinstance(window, MainWindow)
    until(lambda: window.care_keeper.upgrade)
    made = window.care_keeper.upgrade
    assert made is not None
    window.care_keeper.upgrade = replace(made, copy=copy)
    dialogs.answers.give("yes", "Another-17-word", None)
    window.care_keeper.go_back()
    until(lambda: not dialogs.answers.queue)
    settle()
    first, again = [one for one in dialogs.answers.asked if one.kind == "text"]
    assert "is protected" in first.text and "does not open" in again.text and "Nothing was changed" in again.text
    assert application.window is window and window.isVisible() and not list(tmp_path.glob("old *.crm"))
    dialogs.answers.give("yes", secret, "ok")
    window.care_keeper.go_back()
    until(lambda: any("as it was before the upgrade" in one.text for one in dialogs.answers.asked))
    assert isinstance(application.window, FirstStart)
    assert old_offices.raw_state(str(path)) == before and len(list(tmp_path.glob("old *.crm"))) == 1
    application._on_quit()
    dialogs.answers.reset()
