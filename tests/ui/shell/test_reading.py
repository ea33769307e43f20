"""An office whose file cannot be written opens to read, with one calm line and the ways on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app as core_app
from crm_desktop.core.errors import ReadOnlyFile
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from tests.helpers.windows import settle
from tests.helpers.write_protected import protect
from ui.app import Application, make_application
from ui.framework import dialogs, settings
from ui.main_window import MainWindow
from ui.shell.first_start import FirstStart
from ui.widgets.buttons import Button
from ui.widgets.toast import Toast


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        settle()
        QTest.qWait(5)


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    make_application()
    dialogs.answers.reset(strict=True)
    made = Application(qapp)
    yield made
    made._on_quit()
    dialogs.answers.reset()


@pytest.fixture
def office_file(sqlite_url: str) -> Path:
    database = core_app.open_database(sqlite_url)
    core_app.enter(database)
    with write(database, "Add") as uow:
        service.create_record(uow, "contact", {"name": "Íris Prates"})
    database.close()
    return Path(sqlite_url)


def shown(application: Application) -> MainWindow:
    until(lambda: isinstance(application.window, MainWindow))
    window = application.window
    assert isinstance(window, MainWindow)
    return window


def button(window: MainWindow, words: str) -> Button:
    assert window.browsed_line is not None
    return next(one for one in window.browsed_line.findChildren(Button) if one.text() == words)


def test_the_start_opens_it_to_read_with_one_line(
    application: Application, office_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = office_file.read_bytes()
    protect(monkeypatch, office_file.parent)
    application.start(str(office_file), demo=False)
    assert isinstance(application.window, FirstStart), "what takes a moment does not keep the window waiting"
    window = shown(application)
    assert dialogs.answers.asked == [], "nothing to click away"
    line = window.browsed_line
    assert line is not None and line.isVisibleTo(window)
    assert "office.crm can only be read" in line.accessibleName() and "write-protected" in line.accessibleName()
    window.open_page("contacts")
    assert not window.top.new.main.isEnabled()
    assert settings.LAST_DATABASE.get() == str(office_file), "not the copy in the scratch folder"
    assert office_file.read_bytes() == before


def test_try_again_opens_the_file_itself_once_it_can_be_written(
    application: Application, office_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        protect(patch, office_file)
        application.start(str(office_file), demo=False)
        window = shown(application)
        QTest.mouseClick(button(window, "Try again"), Qt.MouseButton.LeftButton)
        until(lambda: window.findChild(Toast) is not None)
        assert "still can only be read" in window.findChild(Toast).text.text()
    QTest.keyClick(button(window, "Try again"), Qt.Key.Key_Space)
    until(lambda: application.window is not window and isinstance(application.window, MainWindow))
    free = shown(application)
    assert free.browsed_line is None and free.top.new.main.isEnabled()
    assert free.office.database.path == office_file


def test_a_copy_is_opened_to_work_in(
    application: Application, office_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    protect(monkeypatch, office_file)
    application.start(str(office_file), demo=False)
    window = shown(application)
    dialogs.answers.give(str(tmp_path / "mine"))
    QTest.mouseClick(button(window, "Open a copy…"), Qt.MouseButton.LeftButton)
    until(lambda: application.window is not window and isinstance(application.window, MainWindow))
    mine = shown(application)
    assert mine.office.database.path == tmp_path / "mine.crm" and mine.browsed_line is None
    with write(mine.office.database, "Edit") as uow:
        assert service.create_record(uow, "contact", {"name": "New"})


def test_a_full_disk_is_told_in_the_line(
    application: Application, office_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_how: object) -> None:
        raise ReadOnlyFile("full", reason="full")

    monkeypatch.setattr(core_app, "open_database", full)
    application.open(str(office_file))
    window = shown(application)
    assert window.browsed_line is not None and "Its disk is full" in window.browsed_line.accessibleName()
    assert dialogs.answers.asked == []
