"""The restore assistant: a record, an afternoon and the whole office come back from a backup, and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.backup import catalogue, replacing, running, way_back
from crm_desktop.backup.catalogue import BackupInfo
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.schedule import Plan, save_plan
from crm_desktop.core import clock, formats
from crm_desktop.core.errors import UserError
from crm_desktop.db.database import Database
from crm_desktop.db.dump import logical_dump
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, history
from crm_desktop.records import service as records
from tests.helpers.offices import Offices
from tests.helpers.windows import settle, wait_for, window_on_file
from ui.app import Application, make_application
from ui.backup import plan
from ui.backup.restore_page import RestorePage
from ui.backup.restore_what import CHANGES, RECORD, WHOLE
from ui.framework import dialogs
from ui.main_window import MainWindow
from ui.widgets.toast import Toast

RUI = Actor(None, "Rui")


def fill(database: Database) -> int:
    """A person of whom there is something to lose."""
    with write(database, "First") as uow:
        company = records.create_record(uow, "company", {"name": "Moinho Azul"})
        person = records.create_record(
            uow, "contact", {"name": "Íris Prado", "company_id": company, "email": "i@x.example"}
        )
        attach_service.add_note(uow, "contact", person, "Calls on Mondays")
        records.create_record(uow, "contact", {"name": "Otávio Reis", "job_title": "Miller"})
    return person


@pytest.fixture
def office_file(offices: Offices, tmp_path: Path) -> Path:
    path = tmp_path / "office.crm"
    offices.copy_to(path, fill)
    database = app.open_database(path)
    plan.keep(database, Plan(enabled=False))
    database.close()
    return path


@pytest.fixture
def window(qapp: object, office_file: Path) -> Iterator[MainWindow]:
    with window_on_file(office_file, "Moinho") as shown:
        yield shown


def back_up(window: MainWindow, password: str | None = None) -> BackupInfo:
    database = window.office.database
    assert database.path is not None
    return make_backup(database, database.path.parent / "kept", password=password, prove=False)


def delete_everybody(database: Database) -> None:
    with database.read() as connection:
        ids = list(connection.exec_driver_sql("SELECT id FROM contact").scalars())
    with write(database, "Delete", actor=RUI) as uow:
        records.delete_records(uow, "contact", ids)


def whole(database: Database) -> str:
    with database.read() as connection:
        lines = logical_dump(connection, database.schema).splitlines()
    return "\n".join(line for line in lines if '"office_setting"' not in line)


def opened_page(window: MainWindow, info: BackupInfo, mode: str, password: str = "") -> RestorePage:
    """The assistant, at the step of a way."""
    window.open_page("backup")
    settle()
    window.open_page("restore", path=info.path)
    settle()
    page = window.current_page
    assert isinstance(page, RestorePage)
    assert page.pick.current is not None and page.pick.current.path == info.path
    if password:
        QTest.keyClicks(page.pick.password, password)
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.current is page.what, "the backup was not opened")
    QTest.mouseClick(page.what.cards[mode], Qt.MouseButton.LeftButton)
    settle()
    return page


def test_a_deleted_person_is_found_and_brought_back(window: MainWindow) -> None:
    database, before = window.office.database, whole(window.office.database)
    info = back_up(window)
    delete_everybody(database)
    gone = whole(database)
    page = opened_page(window, info, RECORD)
    QTest.keyClicks(page.record.search, "iris")
    wait_for(lambda: page.record.model.rowCount() == 1)
    settle()
    assert "deleted since" in page.record.view.state.text() and "Rui" in page.record.view.state.text()
    assert any("Calls on Mondays" in one.then for one in page.record.view.diff.model.rows())
    assert page.footer.go_on.isEnabled() and page.footer.go_on.text() == "Bring back"
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait_for(lambda: page.result.brought is not None)
    settle()
    assert "Íris Prado" in page.result.heading.text() and page.current is page.result
    assert "Otávio" not in whole(database) and "Íris" in whole(database)
    QTest.mouseClick(page.result.undo_button, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.result.heading.text().startswith("Undone"))
    assert whole(database) == gone and before != gone
    undone = f"Undone: Brought back “Íris Prado” from the backup of {formats.format_datetime(info.created, 'medium')}"
    assert page.result.heading.text() == undone, "what was undone is called as in the history"
    assert undone in [one.text.text() for one in window.findChildren(Toast)]


def test_an_afternoon_is_chosen_and_undone_by_key(window: MainWindow) -> None:
    database, before = window.office.database, whole(window.office.database)
    info = back_up(window)
    delete_everybody(database)
    page = opened_page(window, info, CHANGES)
    wait_for(lambda: page.changes.model.rowCount() == 2)
    settle()
    assert page.footer.go_on.text() == "Bring back 2 records"
    assert [page.changes.person.itemText(one) for one in range(page.changes.person.count())] == ["Everybody", "Rui"]
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.result.brought is not None)
    settle()
    assert whole(database) == before
    assert page.result.heading.text() == "Brought back" and page.result.undo_button.isVisible()
    told = page.result.panel.text.text()
    assert told == "2 records are there again", "counted as the button counted"
    window.activateWindow()
    assert QTest.qWaitForWindowActive(window)
    focused = QApplication.focusWidget()
    assert focused is page.result.more, "Enter must not undo what was just done"
    window.undo()
    settle()
    assert "Íris" not in whole(database)
    # the page says how it stands now: an undo that is done is not offered once more
    when = formats.format_datetime(info.created, "medium")
    wait_for(lambda: page.result.heading.text() == f"Undone: Brought back from the backup of {when}")
    assert not page.result.undo_button.isVisible() and page.result.more.isVisible()
    assert "Ctrl+Z" not in page.footer.text.text()
    window.undo_keeper.redo()
    wait_for(lambda: page.result.heading.text() == "Brought back")
    assert page.result.undo_button.isVisible() and whole(database) == before


def test_nothing_new_is_deleted_unless_somebody_says_so(window: MainWindow) -> None:
    database = window.office.database
    info = back_up(window)
    with write(database, "New", actor=RUI) as uow:
        records.create_record(uow, "contact", {"name": "Nuno"})
    page = opened_page(window, info, CHANGES)
    wait_for(lambda: page.changes.model.rowCount() == 1)
    settle()
    assert not page.footer.go_on.isEnabled()
    page.changes.table.setFocus()
    QTest.keyClick(page.changes.table, Qt.Key.Key_Space)
    settle()
    assert page.footer.go_on.isEnabled() and "would be deleted" in page.footer.text.text()
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.result.brought is not None)
    assert "Nuno" not in whole(database)


def test_a_wrong_password_and_a_damaged_file_are_named(window: MainWindow, tmp_path: Path) -> None:
    info = back_up(window, "right")
    window.open_page("restore", path=info.path)
    settle()
    page = window.current_page
    assert isinstance(page, RestorePage)
    assert not page.footer.go_on.isEnabled(), "it asks for the password first"
    QTest.keyClicks(page.pick.password, "wrong")
    QTest.keyClick(page.pick.password, Qt.Key.Key_Return)
    wait_for(lambda: page.pick.fault.isVisible())
    assert "wrong" in page.pick.fault.text.text() and page.pick.password.hasFocus()
    QTest.keyClicks(page.pick.password, "right")
    QTest.keyClick(page.pick.password, Qt.Key.Key_Return)
    wait_for(lambda: page.current is page.what)
    page.go_back()
    broken = tmp_path / "photo.crmbackup"
    broken.write_bytes(b"\xff\xd8\xff" * 50)
    dialogs.answers.give(str(broken))
    QTest.mouseClick(page.pick.other, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.pick.fault.isVisible())
    assert "is not a backup" in page.pick.fault.text.text()


def test_a_backup_is_looked_at_and_a_record_of_it_brought_back(window: MainWindow) -> None:
    database = window.office.database
    info = back_up(window)
    delete_everybody(database)
    window.open_page("backup")
    settle()
    page: Any = window.current_page
    page.table.set_current_row(0)
    page.browse()
    settle()
    other = next(
        one
        for one in QApplication.topLevelWidgets()
        if isinstance(one, MainWindow) and one is not window and one.isVisible()
    )
    assert other.browsed_line is not None and other.browsed_line.isVisible()
    assert "read only" in other.browsed_line.accessibleName()
    assert other.office.actor.name == window.office.actor.name, "who looks is on what is printed"
    before = (database.path.stat().st_size, Path(info.path).stat().st_mtime_ns) if database.path else ()
    for name in (
        "today",
        "companies",
        "pipeline",
        "calendar",
        "cases",
        "products",
        "reports",
        "changes",
        "settings",
        "contacts",
    ):
        other.open_page(name)
        settle()
        assert other.page_name == name and other.browsed_line.isVisible()
    assert not other.rights.allows("import") and not other.rights.allows("backup")
    assert before == (database.path.stat().st_size, Path(info.path).stat().st_mtime_ns) if database.path else True
    page = other.current_page
    page.table.set_current_row(0)
    settle()
    other.activateWindow()
    QTest.qWaitForWindowActive(other)
    QTest.keyClick(
        other.focusWidget() or page,
        Qt.Key.Key_B,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    settle()
    assistant = window.current_page
    assert isinstance(assistant, RestorePage) and assistant.current is assistant.record
    wait_for(lambda: assistant.footer.go_on.isEnabled())
    QTest.mouseClick(assistant.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: assistant.result.brought is not None)
    assert "Íris" in whole(database) or "Otávio" in whole(database)
    other.close()
    settle()
    assert assistant.session.opened is None


@pytest.mark.usefixtures("qapp")
def test_the_list_says_why_each_backup_was_made_and_by_whom(window: MainWindow) -> None:
    database = window.office.database
    for kind in ("daily", "hand", "import"):
        running.run_backup(database, Plan(), kind=kind, user_name="Ana")
    foreign = back_up(window)
    catalogue.forget(foreign.path)
    window.open_page("restore", path=foreign.path)
    page: Any = window.current_page
    wait_for(lambda: page.pick.model.rowCount() == 4)
    settle()
    column = next(n for n, one in enumerate(page.pick.model.columns) if one.key == "why")
    said = {str(page.pick.model.index(row, column).data()) for row in range(4)}
    assert said == {"By the plan", "By hand (Ana)", "Before an import (Ana)", "–"}


def test_a_whole_restore_that_is_refused_leads_back_to_the_assistant(
    office_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialogs.answers.reset(strict=True)
    application = Application(make_application())
    application.open(str(office_file))
    settle()
    window = application.window
    assert isinstance(window, MainWindow)
    before, info = whole(window.office.database), back_up(window)
    page = opened_page(window, info, WHOLE)

    def refuse(_replacement: replacing.Replacement) -> None:
        raise UserError("The office was changed while the restore was prepared.")

    monkeypatch.setattr(replacing, "carry_out", refuse)
    dialogs.answers.give("yes")
    dialogs.answers.give(True)  # the sentence why not
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: isinstance(application.window, MainWindow) and application.window is not window, timeout=60)
    settle()
    window = application.window
    assert isinstance(window, MainWindow) and whole(window.office.database) == before
    page = window.current_page  # type: ignore[assignment]
    assert isinstance(page, RestorePage), "one stays where one was"
    assert any("is taken out of the office" in asked.text for asked in dialogs.answers.asked)
    wait_for(lambda: page.pick.current is not None and page.pick.current.path == info.path)
    office = window.office
    window.status_keeper.stop()
    window.close()
    settle()
    office.close()
    dialogs.answers.reset()


def test_the_whole_office_is_replaced_and_one_click_goes_back(office_file: Path) -> None:
    dialogs.answers.reset(strict=True)
    application = Application(make_application())
    application.open(str(office_file))
    settle()
    window = application.window
    assert isinstance(window, MainWindow)
    before = whole(window.office.database)
    info = back_up(window)
    delete_everybody(window.office.database)
    gone = whole(window.office.database)
    page = opened_page(window, info, WHOLE)
    dialogs.answers.give("yes")
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: isinstance(application.window, MainWindow) and application.window is not window, timeout=60)
    settle()
    window = application.window
    assert isinstance(window, MainWindow) and whole(window.office.database) == before
    with window.office.database.read() as connection:
        assert history.recent(connection)[0].title == "Restored from a backup"
    page = window.current_page  # type: ignore[assignment]
    assert isinstance(page, RestorePage)
    wait_for(lambda: page.pick.back.isVisible())
    assert page.footer.text.text() == "The restore is done."
    assert "All checks found it in order." in page.pick.back.text.text()
    dialogs.answers.give("yes")
    QTest.mouseClick(page.pick.go_back, Qt.MouseButton.LeftButton)
    wait_for(lambda: isinstance(application.window, MainWindow) and application.window is not window, timeout=60)
    settle()
    window = application.window
    assert isinstance(window, MainWindow) and whole(window.office.database) == gone
    page = window.current_page  # type: ignore[assignment]
    assert isinstance(page, RestorePage)
    wait_for(lambda: page.pick.back.isVisible())
    assert "you went back to before a restore" in page.pick.back.text.text()
    assert page.pick.go_back.text() == "Go to what was restored"
    office = window.office
    window.status_keeper.stop()
    window.close()
    settle()
    office.close()
    dialogs.answers.reset()


def test_a_damaged_file_is_kept_aside_after_asking(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    info = back_up(window)
    asked: list[bool] = []

    def prepared(_database: Any, _backup: str, _actor: Any, **given: Any) -> str:
        asked.append(given["aside"])
        if not given["aside"]:
            raise replacing.PresentDamaged(
                "Today's file is damaged, so that no copy of it can be proven: {problem}", problem="x"
            )
        return "ready"

    monkeypatch.setattr(replacing, "prepare", prepared)
    came: list[object] = []
    window.office_replace.connect(came.append)
    page = opened_page(window, info, WHOLE)
    dialogs.answers.give("yes")
    dialogs.answers.give("yes")
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: came == ["ready"])
    assert asked == [False, True]


def test_the_copy_gets_a_password_where_this_computer_does_not_know_it(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for, twice; who leaves it empty is told what that means before anything happens."""
    info = back_up(window)
    with write(window.office.database, "Plan") as uow:
        save_plan(uow, Plan(enabled=False, encrypted=True))
    given: list[object] = []
    monkeypatch.setattr(replacing, "prepare", lambda *_all, **how: given.append(how["copy_password"]) or "ready")
    came: list[object] = []
    window.office_replace.connect(came.append)
    page = opened_page(window, info, WHOLE)
    asked = page.whole.copy_password
    wait_for(lambda: asked.isVisible())
    QTest.keyClicks(asked.first, "correct horse")
    QTest.keyClicks(asked.again, "correct")
    assert not page.footer.go_on.isEnabled() and "differ" in page.footer.text.text()
    QTest.keyClicks(asked.again, " horse")
    assert page.footer.go_on.isEnabled()
    dialogs.answers.give("yes")
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: given == ["correct horse"] and bool(came))
    page.go(page.what)
    QTest.mouseClick(page.what.cards[WHOLE], Qt.MouseButton.LeftButton)
    wait_for(lambda: asked.isVisible() and not asked.text())
    dialogs.answers.give("no")
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    settle()
    assert "will have no password" in dialogs.answers.asked[-1].text and given == ["correct horse"]


def test_what_was_restored_from_an_older_version_is_told_with_what_the_checks_found(window: MainWindow) -> None:
    window.open_page("restore")
    settle()
    page = window.current_page
    assert isinstance(page, RestorePage)
    way = way_back.WayBack(clock.now(), clock.now(), "Eva", "", "/x/office.damaged.crm", True, True, ())
    page.pick._tell_way_back(way)
    text = page.pick.back.text.text()
    assert page.pick.back.isVisible() and "All checks found it in order" in text and "office.damaged.crm" in text
    assert not page.pick.go_back.isVisible()
    page.pick._tell_way_back(replace(way, problems=("3 deals are amiss.",)))
    assert "3 deals are amiss." in page.pick.back.text.text()


def test_a_moment_instead_of_a_backup(window: MainWindow) -> None:
    database = window.office.database
    assert database.path is not None
    make_backup(database, database.path.parent / "backups")
    window.open_page("restore")
    settle()
    page = window.current_page
    assert isinstance(page, RestorePage)
    wait_for(lambda: page.pick.model.rowCount() == 1)
    made = page.pick.model.row(0).created.astimezone(clock.local_zone())
    page.pick.when.set_value(made.replace(year=made.year - 1, day=1))
    QTest.mouseClick(page.pick.find_backup, Qt.MouseButton.LeftButton)
    assert page.session.before is None and "No backup from before" in page.pick.told.text.text()
    page.pick.when.set_value(made.replace(year=made.year + 1, day=1))
    QTest.mouseClick(page.pick.find_backup, Qt.MouseButton.LeftButton)
    assert page.pick.current is not None and "newest backup from before" in page.pick.told.text.text()
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.current is page.what)
    QTest.mouseClick(page.what.cards[CHANGES], Qt.MouseButton.LeftButton)
    wait_for(lambda: page.changes.found is not None)
    assert page.changes.since.value().year == made.year + 1
    page.go(page.pick)
    QTest.mouseClick(page.pick.to_changes, Qt.MouseButton.LeftButton)
    settle()
    assert window.current_page is not page


def test_in_its_place_the_copy_goes_to_a_folder_that_is_there(window: MainWindow, tmp_path: Path) -> None:
    """The first place of the plan may be a stick of another computer."""
    database, info = window.office.database, back_up(window)
    stick, here = tmp_path / "stick of another", tmp_path / "here"
    here.mkdir()
    with write(database, "Plan") as uow:
        save_plan(uow, Plan(places=(str(stick), str(here))))
    delete_everybody(database)
    page = opened_page(window, info, WHOLE)
    done: list[Any] = []
    page.session.restore_in_place(done.append, done.append)
    wait_for(lambda: bool(done), timeout=60)
    assert done[0].returned, done[0]
    assert not stick.exists() and list(here.glob("*.crmbackup"))
