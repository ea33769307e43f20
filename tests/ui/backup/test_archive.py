"""The whole archive from the window: asked for, written, refused, and brought back by the restore assistant."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.archive.making import make_archive
from crm_desktop.core.access import Access
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import files_service
from crm_desktop.records import service as records
from tests.helpers.offices import Offices
from tests.helpers.windows import settle, window_on_file
from ui.backup.archive_dialog import ArchiveDialog
from ui.backup.backup_page import BackupPage
from ui.framework import dialogs
from ui.framework.commands import find_command
from ui.main_window import MainWindow
from ui.widgets.toast import Toast


def fill(database: Database) -> None:
    with write(database, "Person") as uow:
        person = records.create_record(uow, "contact", {"name": "Íris"})
        files_service.attach_bytes(uow, "contact", person, "planta.pdf", b"content")


@pytest.fixture
def window(qapp: object, offices: Offices, tmp_path: Path) -> Iterator[MainWindow]:
    offices.copy_to(tmp_path / "office.crm", fill)
    with window_on_file(tmp_path / "office.crm", "Moinho Azul") as shown:
        yield shown


def page_of(window: MainWindow) -> BackupPage:
    window.open_page("backup")
    settle()
    page = window.current_page
    assert isinstance(page, BackupPage)
    return page


def test_an_archive_is_asked_for_written_and_told(window: MainWindow, tmp_path: Path) -> None:
    page, asked = page_of(window), []

    def fill(dialog: ArchiveDialog) -> bool:
        settle()
        asked.append((dialog.pages_hint.text(), dialog.files_hint.text(), dialog.size_label.text()))
        assert dialog.path.text().endswith(".zip") and dialog.pages.isChecked() and dialog.files.isChecked()
        dialog.path.setText(str(tmp_path / "missing" / "all.zip"))
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        assert dialog.problem.isVisibleTo(dialog) and not dialog.result()
        dialog.path.setText(str(tmp_path / "all"))
        QTest.keyClick(dialog.files, Qt.Key.Key_Space)
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        settle()
        return bool(dialog.result())

    dialogs.answers.give(fill)
    find_command(page, "backup.archive").run()
    settle()
    assert (
        asked[0][0].startswith("1 page,")
        and asked[0][1].startswith("1 file, 7\u00a0B")
        and asked[0][2].startswith("About ")
    )
    names = zipfile.ZipFile(tmp_path / "all.zip").namelist()
    assert [name for name in names if name.startswith("customers/Íris-")] and not [
        n for n in names if n.startswith("files/")
    ]
    toast = window.findChild(Toast, "toast")
    assert toast is not None and toast.text.text().startswith("all.zip written and proven by a trial restore")
    assert toast.button is not None and toast.button.text() == "Open folder"


def test_without_room_the_question_stays_and_another_folder_is_offered(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, full, other = page_of(window), tmp_path / "full", tmp_path / "other"
    for one in (full, other):
        one.mkdir()
    real = shutil.disk_usage

    def usage(path: Path) -> Any:
        return SimpleNamespace(total=1, used=1, free=0) if Path(path) == full else real(path)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    shown: list[str] = []

    def fill(dialog: ArchiveDialog) -> bool:
        settle()
        dialog.path.setText(str(full / "all.zip"))
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        settle()
        assert not dialog.result() and dialog.write_button.isEnabled()
        shown.append(dialog.problem.text())
        dialogs.answers.give(other / "all.zip")
        QTest.mouseClick(dialog.other, Qt.MouseButton.LeftButton)
        assert dialog.problem.isHidden() and dialog.target == other / "all.zip"
        QTest.mouseClick(dialog.write_button, Qt.MouseButton.LeftButton)
        settle()
        return bool(dialog.result())

    dialogs.answers.give(fill)
    find_command(page, "backup.archive").run()
    settle()
    assert len(shown) == 1 and "not enough free space" in shown[0] and str(full) in shown[0]
    assert (other / "all.zip").exists() and not list(full.iterdir())


def test_who_sees_a_part_gets_one_sentence(window: MainWindow, tmp_path: Path) -> None:
    page = page_of(window)
    window.office.database.access = Access(1, "custom", scopes={("", "backup"): "all", ("contact", "read"): "own"})
    dialogs.answers.give(None)
    page.write_archive()
    assert "you see only a part" in dialogs.answers.asked[-1].text
    assert not list(tmp_path.glob("*.zip"))


def test_the_assistant_brings_an_office_back_from_a_zip(window: MainWindow, tmp_path: Path) -> None:
    made = make_archive(window.office.database, tmp_path / "all.zip")
    window.open_page("restore", path=str(made.path))
    settle()
    page = window.current_page
    assert page.pick.current is not None and page.pick.current.path == str(made.path)
    page.go_on()
    settle()
    assert page.current is page.what and page.session.opened is not None
    page.go(page.whole)
    settle()
    page.whole.new.setChecked(True)
    dialogs.answers.give(tmp_path / "again.crm")
    page.go_on()
    settle()
    again = Database(tmp_path / "again.crm", window.office.database.schema)
    with again.read() as connection:
        assert connection.exec_driver_sql("SELECT name FROM contact").scalars().all() == ["Íris"]
    again.close()


def test_a_damaged_zip_is_named_in_the_assistant(window: MainWindow, tmp_path: Path) -> None:
    made = make_archive(window.office.database, tmp_path / "all.zip")
    cut = tmp_path / "cut.zip"
    cut.write_bytes(made.path.read_bytes()[: made.size // 2])
    window.open_page("restore", path=str(cut))
    settle()
    page = window.current_page
    assert "cut.zip is damaged" in page.pick.fault.text.text() and page.pick.fault.isVisible()
    assert QApplication.focusWidget() is not None
