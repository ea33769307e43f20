"""The page of backups: how things stand in words, the office's plan, the places, the certificate, what everybody sees."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.backup import catalogue, passwords, running, runs, schedule
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import keyrings
from crm_desktop.core.access import Access
from crm_desktop.core.errors import UserError
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import history
from tests.helpers.windows import settle, window_on_file
from ui.backup import plan
from ui.backup.backup_page import BackupPage
from ui.backup.state_head import PlaceLine
from ui.framework import dialogs
from ui.framework.commands import find_command
from ui.main_window import MainWindow
from ui.widgets.toast import Toast


@pytest.fixture
def window(qapp: object, sqlite_url: str) -> Iterator[MainWindow]:
    with window_on_file(sqlite_url, "Moinho Azul") as shown:
        yield shown


def page_of(window: MainWindow) -> BackupPage:
    window.open_page("backup")
    settle()
    page = window.current_page
    assert isinstance(page, BackupPage)
    return page


def until(condition: Callable[[], bool]) -> None:
    """One thing after the other in the background, until it is so."""
    for _round in range(30):
        settle()
        if condition():
            return


def press_ctrl_b(window: MainWindow) -> None:
    """A window that is not the active one gets no shortcuts."""
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    QTest.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)


def test_a_backup_is_said_in_words_and_has_a_certificate(window: MainWindow) -> None:
    page = page_of(window)
    assert page.head.state.text() == "Nothing could be brought back yet" and page.states.state() == "empty"
    page.back_up_now()
    settle()
    assert page.head.state.text().startswith("The office can be brought back: proven today")
    assert window.status.backup.text().startswith("Last proven restore: today")
    assert page.model.rowCount() == 1 and page.has_proof
    page.certificate()
    settle()
    report: Any = window.current_page
    assert report.spec.name == "backup-certificate" and report.document is not None
    texts = [table.name for table in report.document.tables]
    assert {"Contacts by source", "Open pipeline by stage", "Activities of the month", "Tables"} <= set(texts)


def test_the_backup_that_was_just_made_is_the_chosen_one(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    page = page_of(window)
    page.back_up_now()
    until(lambda: page.model.rowCount() == 1)
    assert page.row is not None
    older = page.row.info.path
    page.back_up_now()
    until(lambda: page.model.rowCount() == 2)
    assert page.row is not None and page.row.info.path != older
    assert page.current is not None and page.current.created == max(row.info.created for row in page.model.rows())
    asked: list[Any] = []
    monkeypatch.setattr(window, "open_page", lambda name, **params: asked.append(params["values"]))
    page.certificate()
    assert page.row.run is not None and asked == [{"backup": page.row.run.id}]
    page.table.set_current_row(1)
    page.reload()
    settle()
    assert page.row is not None and page.row.info.path == older, "what was chosen later stays chosen"


def test_ctrl_b_backs_up_from_any_page_and_says_so(window: MainWindow) -> None:
    assert find_command(window, "backup.now").shortcut == "Ctrl+B"
    window.open_page("contacts")
    settle()
    press_ctrl_b(window)
    assert window.backup_keeper.busy, "the key reached the window"
    window.backup_keeper.back_up_now()  # pressed once more meanwhile
    until(lambda: window.status.backup.text().startswith("Last proven restore: today"))
    assert not isinstance(window.current_page, BackupPage), "the work goes on where it was"
    assert len(catalogue.known_backups(window.office.database)) == 1
    assert window.status.backup.text().startswith("Last proven restore: today")
    assert any("Backed up and proven" in one.text.text() for one in window.findChildren(Toast))
    page = page_of(window)
    assert page.model.rowCount() == 1
    press_ctrl_b(window)
    until(lambda: page.model.rowCount() == 2)
    assert page.model.rowCount() == 2, "the page shows what was made"


def test_who_may_make_none_has_no_command_for_it(window: MainWindow) -> None:
    window.office.database.access = Access(user_id=1, role="readonly")
    assert not find_command(window, "backup.now").visible


def test_the_plan_is_changed_in_a_form_and_is_the_offices(window: MainWindow, tmp_path: Path) -> None:
    page, stick = page_of(window), tmp_path / "stick"
    stick.mkdir()

    def fill(dialog: Any) -> bool:
        dialog.on.setChecked(True)
        dialog.times[0].setTime(dialog.times[0].time().fromString("07:30", "HH:mm"))
        QTest.mouseClick(dialog.add_time, Qt.MouseButton.LeftButton)
        QTest.mouseClick(dialog.days[6], Qt.MouseButton.LeftButton)
        dialog.add_place(str(stick))
        return True

    dialogs.answers.give(fill)
    QTest.mouseClick(page.head.change, Qt.MouseButton.LeftButton)
    settle()
    found = schedule.plan_of(window.office.database)
    assert found.enabled and found.all_times == (time(7, 30), time(12)) and found.days == (0, 1, 2, 3, 4, 5)
    assert found.places == ("", str(stick)) and plan.own(window.office.database) is None
    assert str(stick) in page.head.plan.text() and len(page.head.places.children()) > 2
    with window.office.database.read() as connection:
        assert history.recent(connection)[0].title == "Plan of the backups"
    shutil.rmtree(stick)
    page.back_up_now()
    settle()
    assert "Not here just now" in " ".join(one.accessibleName() for one in page.head.places.findChildren(PlaceLine))


def test_a_plan_of_this_computer_becomes_the_offices_once(window: MainWindow, tmp_path: Path) -> None:
    database = window.office.database
    plan.keep(database, Plan(False, times=(time(9),), places=(str(tmp_path),)))
    window.backup_keeper.look()
    settle()
    found = schedule.plan_of(database)
    assert (found.enabled, found.all_times, found.places) == (False, (time(9),), (str(tmp_path),))
    assert plan.own(database) is None


def test_what_is_due_is_made_by_the_window(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    plan.keep(window.office.database, Plan(True, places=(str(tmp_path / "kept"),)))
    window.backup_keeper.look()
    settle()
    settle()
    assert [one.why for one in catalogue.known_backups(window.office.database)] == ["daily"]
    window.backup_keeper.look()
    settle()
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_password_that_this_computer_does_not_know_is_asked_on_the_page(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyrings, "read", lambda _service, _account: "")
    monkeypatch.setattr(keyrings, "save", lambda _service, _account, _secret: True)
    monkeypatch.setattr(passwords, "_told", {})
    page = page_of(window)

    def fill(dialog: Any) -> bool:
        dialog.encrypted.setChecked(True)
        dialog._accept()
        assert dialog.problem.text().startswith("Give a password")
        dialog.password.setText("Geheim 77")
        dialog._accept()
        assert "differ" in dialog.problem.text()
        dialog.again.setText("Geheim 77")
        return True

    dialogs.answers.give(fill)
    page.change_plan()
    settle()
    page.back_up_now()
    settle()
    assert [row.info.encrypted for row in page.model.rows()] == [True]
    passwords._told.clear()
    plan_now = schedule.plan_of(window.office.database)
    assert plan_now.encrypted and "Geheim" not in str(plan_now)


def test_who_may_make_none_sees_when_and_is_not_warned(window: MainWindow) -> None:
    database = window.office.database
    database.access = Access(user_id=1, role="readonly")
    window.status_keeper.refresh_backup()
    settle()
    assert not window.status.backup.isVisible()
    identity = runs.claim(database, "daily", "Eva")
    assert identity is not None
    info = catalogue.BackupInfo("/x/y.crmbackup", "", running.runs.clock.now(), 7, False, running.runs.clock.now())
    runs.finish(database, identity, info, {})
    window.status_keeper.refresh_backup()
    settle()
    assert window.status.backup.isVisible() and "Last proven restore" in window.status.backup.text()


def test_a_failure_is_one_sentence_on_the_page(window: MainWindow) -> None:
    database = window.office.database
    identity = runs.claim(database, "daily", "Eva")
    assert identity is not None
    runs.fail(database, identity, "The disk of E:\\ is full.")
    page = page_of(window)
    assert page.head.state.text() == "The last backup was not made"
    assert page.head.trouble.isVisible() and page.head.trouble.text.text() == "The disk of E:\\ is full."


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_nothing_is_cut_and_everything_has_a_name(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    page = page_of(window)
    page.back_up_now()
    settle()
    QApplication.processEvents()
    assert page.head.plan.height() >= page.head.plan.sizeHint().height() or page.head.plan.wordWrap()
    assert page.head.change.accessibleName() and page.table.accessibleName()
    assert page.head.change.geometry().right() <= page.head.width()


def with_a_stick(window: MainWindow, stick: Path, local: Path) -> None:
    """A plan with two folders, a backup in each, then the first one goes, and another backup is made."""
    for one in (stick, local):
        one.mkdir()
    database = window.office.database
    with write(database, plan.TITLE, actor=window.office.actor) as uow:
        schedule.save_plan(uow, Plan(False, places=(str(local), str(stick))))
    plan.forget(database)
    running.run_backup(database, schedule.plan_of(database))
    stick.rename(stick.with_name("away"))
    running.run_backup(database, schedule.plan_of(database))


def test_a_folder_that_is_gone_is_told_everywhere_and_made_good_for(window: MainWindow, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    with_a_stick(window, stick, tmp_path / "local")
    page = page_of(window)
    assert page.gone.isVisible() and page.gone.place is not None and not stick.exists()
    text = page.gone.line.text.text()
    assert text.startswith(f"{stick} is not there since today") and "1 backup waits for it" in text
    window.backup_keeper.look()
    until(lambda: "not there" in window.status.backup.text())
    assert window.status.backup.text().startswith("Backup folder not there since today")
    [toast] = window.findChildren(Toast)
    assert toast.text.text().startswith("Backup folder not there since today") and str(stick) in toast.text.text()
    QTest.mouseClick(page.gone.again, Qt.MouseButton.LeftButton)
    until(lambda: "still" in "".join(one.text.text() for one in window.findChildren(Toast)))
    assert page.gone.isVisible() and not stick.exists()
    (tmp_path / "away").rename(stick)
    QTest.mouseClick(page.gone.again, Qt.MouseButton.LeftButton)
    until(lambda: len(list(stick.iterdir())) == 2 and not page.gone.isVisible())
    assert len(list(stick.iterdir())) == 2 and not page.gone.isVisible()
    assert window.status.backup.text().startswith("Last proven restore")


def test_what_is_said_of_a_folder_that_is_gone_is_whole_in_a_narrow_window(window: MainWindow, tmp_path: Path) -> None:
    with_a_stick(window, tmp_path / "stick", tmp_path / "local")
    page = page_of(window)
    for width in (1024, 1440, 1024):
        window.resize(width, 700)
        settle()
        text, button = page.gone.line.text, page.gone.again
        assert text.height() >= text.heightForWidth(text.width()), width
        assert page.gone.line.rect().contains(text.geometry()), width
        assert (button.y() > text.geometry().bottom()) == (width == 1024), (
            "the buttons stand under it where it is narrow"
        )


def test_a_folder_that_came_back_is_seen_by_itself_and_when_the_page_is_shown(
    window: MainWindow, tmp_path: Path
) -> None:  # fmt: skip
    stick = tmp_path / "stick"
    with_a_stick(window, stick, tmp_path / "local")
    shutil.copytree(tmp_path / "local", tmp_path / "away", dirs_exist_ok=True)  # it misses nothing, once it is back
    page = page_of(window)
    assert page.gone.isVisible() and page.gone.place is not None and page.gone.place.folder == stick
    (tmp_path / "away").rename(stick)
    window.backup_keeper.look()
    until(lambda: not page.gone.isVisible())
    assert not page.gone.isVisible() and len(list(stick.iterdir())) == 2
    stick.rename(tmp_path / "away")
    window.backup_keeper.look()
    until(page.gone.isVisible)
    assert page.gone.isVisible(), "and that it went, too"
    window.open_page("contacts")
    settle()
    (tmp_path / "away").rename(stick)
    page_of(window)
    assert not page.gone.isVisible()


def test_a_folder_that_is_gone_is_made_anew_or_another_one_takes_its_place(
    window: MainWindow, tmp_path: Path
) -> None:  # fmt: skip
    stick, other = tmp_path / "stick", tmp_path / "other"
    with_a_stick(window, stick, tmp_path / "local")
    other.mkdir()
    page = page_of(window)
    QTest.mouseClick(page.gone.anew, Qt.MouseButton.LeftButton)
    until(lambda: stick.exists() and bool(list(stick.iterdir())) and not page.gone.isVisible())
    assert stick.exists() and list(stick.iterdir()) and not page.gone.isVisible()
    shutil.rmtree(stick)
    page.reload()
    settle()
    assert page.gone.isVisible()
    dialogs.answers.give(other)
    QTest.mouseClick(page.gone.other, Qt.MouseButton.LeftButton)
    until(lambda: bool(list(other.iterdir())) and not page.gone.isVisible())
    assert schedule.plan_of(window.office.database).places == (str(tmp_path / "local"), str(other))
    assert list(other.iterdir()) and not page.gone.isVisible() and not stick.exists()


def test_where_no_folder_is_left_nothing_is_said_to_be_safe(window: MainWindow, tmp_path: Path) -> None:
    page = page_of(window)
    page.back_up_now()
    settle()
    own = Path(catalogue.known_backups(window.office.database)[0].path).parent
    own.rename(tmp_path / "renamed")
    dialogs.answers.give(True)  # the sentence why
    page.back_up_now()
    until(lambda: page.gone.isVisible())
    assert not own.exists() and "No backup can be made." in page.gone.line.text.text()
    assert not page.head.trouble.isVisible(), "the same is not said twice"
    assert page.head.state.text() == "The last backup was not made"
    (tmp_path / "renamed").rename(own)
    QTest.mouseClick(page.gone.again, Qt.MouseButton.LeftButton)
    until(lambda: page.model.rowCount() == 2 and not page.gone.isVisible())
    assert len(list(own.iterdir())) == 2 and not page.gone.isVisible()
    assert page.head.state.text().startswith("The office can be brought back")


def test_a_backup_whose_file_was_removed_is_not_said_to_be_safe(window: MainWindow) -> None:
    page = page_of(window)
    page.back_up_now()
    until(lambda: page.model.rowCount() == 1)
    assert not page.head.lost.isVisible() and page.head.same_disk.isVisible(), "all on the disk of the office"
    made = catalogue.known_backups(window.office.database)[0]
    Path(made.path).unlink()
    page.reload()
    window.status_keeper.refresh_backup()
    settle()
    assert page.head.state.text() == "Nothing could be brought back yet"
    assert "was removed past the program" in page.head.lost.text.text() and page.head.lost.isVisible()
    assert [row.state for row in page.model.rows()] == ["lost"]
    assert window.status.backup.text() == "No backup yet"
    QTest.mouseClick(page.head.forget, Qt.MouseButton.LeftButton)
    until(lambda: page.model.rowCount() == 0)
    assert page.model.rowCount() == 0 and not page.head.lost.isVisible()


def test_what_the_program_removes_itself_is_no_loss(window: MainWindow, tmp_path: Path) -> None:
    page, stick = page_of(window), tmp_path / "stick"
    stick.mkdir()
    with write(window.office.database, plan.TITLE, actor=window.office.actor) as uow:
        schedule.save_plan(uow, Plan(False, places=(str(tmp_path / "stick"),)))
    page.back_up_now()
    until(lambda: page.model.rowCount() == 1)
    stick.rename(tmp_path / "away")  # not here is not lost
    page.reload()
    settle()
    assert [row.state for row in page.model.rows()] == ["proven"] and not page.head.lost.isVisible()
    assert page.head.state.text().startswith("No backup can be reached just now: the last one was proven today")
    (tmp_path / "away").rename(stick)
    page.reload()
    settle()
    assert page.head.state.text().startswith("The office can be brought back: proven today")
    page.table.set_current_row(0)
    dialogs.answers.give("yes")
    page.delete()
    until(lambda: page.model.rowCount() == 0)
    assert page.model.rowCount() == 0 and not page.head.lost.isVisible()


def test_what_can_be_done_with_one_backup_is_in_a_menu_of_its_row_and_behind_a_button(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, shown = page_of(window), []
    page.back_up_now()
    until(lambda: page.model.rowCount() == 1)
    actions = page.menu().actions()
    texts = [one.text() for one in actions]
    assert {"Prove again", "Open the folder", "Delete this backup"} <= set(texts)
    monkeypatch.setattr(page, "menu", lambda: SimpleNamespace(exec=shown.append))
    page.table.customContextMenuRequested.emit(page.table.visualRect(page.model.index(0, 0)).center())
    QTest.mouseClick(page.more, Qt.MouseButton.LeftButton)
    assert len(shown) == 2 and page.row is not None, "the row of the menu is the chosen one"
    assert all(one.isEnabled() for one in actions) and page.more.accessibleName()


def test_a_backup_made_beside_another_page_does_not_write_its_count_there(window: MainWindow) -> None:
    page = page_of(window)
    window.open_page("contacts")
    settle()
    window.set_shown("214 contacts")
    page.reload()
    settle()
    assert window.status.shown.text() == "214 contacts"
    window.open_page("backup")
    settle()
    assert "backup" in window.status.shown.text() or not page.model.rowCount()


def test_a_place_that_took_no_copy_is_said_on_the_page(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, stick = tmp_path / "here", tmp_path / "stick"
    here.mkdir()
    stick.mkdir()

    def full(*_given: object) -> None:
        raise UserError("The disk of the stick is full.")

    monkeypatch.setattr(running, "copy_on", full)
    running.run_backup(window.office.database, Plan(places=(str(here), str(stick))), kind="daily")
    page = page_of(window)
    assert page.head.state.text().startswith("The office can be brought back")
    assert page.head.trouble.isVisible() and page.head.trouble.text.text() == "The disk of the stick is full."
