"""The tab of the history: it shows numbers before anything goes, asks, backs up, and tells what went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.backup.schedule import Plan
from crm_desktop.core import clock
from crm_desktop.core.access import EVERYTHING
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import compaction, deleted, history, notice_list, retention, service
from crm_desktop.security.access import access_of
from crm_desktop.security.service import create_user
from tests.helpers.windows import settle
from ui.backup import plan
from ui.backup.history_keeper import HistoryKeeper
from ui.backup.history_tab import HistoryTab
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.records.notice_words import notice_text

NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def office(
    sqlite_database: Database, qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:  # fmt: skip
    """A person that was deleted a year ago, one whose name was changed before, and an owner."""
    monkeypatch.setattr(compaction, "_REST", 0.0)
    dialogs.answers.reset(strict=True)
    clock.set_clock(lambda: NOW - timedelta(days=400))
    with write(sqlite_database, "People") as uow:
        olga = create_user(uow, "Olga", role="owner")
        create_user(uow, "Saul", role="sales")
        gone = service.create_record(uow, "contact", {"name": "Gone Person", "email": "gone@example.com"})
        kept = service.create_record(uow, "contact", {"name": "Kept Person"})
    with write(sqlite_database, "Edit", actor=Actor(olga, "Olga")) as uow:
        service.update_record(uow, "contact", kept, {"job_title": "Baker"})
    with write(sqlite_database, "Delete", actor=Actor(olga, "Olga")) as uow:
        service.delete_records(uow, "contact", [gone])
    clock.set_clock(lambda: NOW)
    (tmp_path / "backups").mkdir()
    plan.keep(sqlite_database, Plan(enabled=False, places=(str(tmp_path / "backups"),)))
    made = Office(sqlite_database, Actor(olga, "Olga", "here"), write, name="Office")
    yield made
    settle()
    tasks.shutdown()
    made.close()
    clock.set_clock(None)
    dialogs.answers.reset()


@pytest.fixture
def tab(office: Office) -> HistoryTab:
    made = HistoryTab(office)
    made.resize(900, 900)
    made.show()
    settle()
    return made


def choose(tab: HistoryTab, **values: object) -> None:
    for name, value in values.items():
        editor = getattr(tab, name)
        editor.set_value(value)
        editor.committed.emit()


def test_it_says_whether_anything_goes_by_itself(tab: HistoryTab) -> None:
    assert tab.days.value() == 90 and tab.when.text().startswith("Nothing goes by itself")
    tab.weekly.setChecked(True)
    assert tab.when.text() == "What is older goes once a week, after a backup was made and proven."
    choose(tab, days=0)
    assert tab.when.isHidden()  # all of it is kept for ever


def test_what_would_go_is_shown_backed_up_and_told(tab: HistoryTab, office: Office, tmp_path: Path) -> None:
    assert tab.figures.isVisible() and not tab.go_button.isEnabled() and not tab.save.isEnabled()
    assert tab.back_button.isHidden()
    tab.show_button.setFocus()
    QTest.keyClick(tab.show_button, Qt.Key.Key_Space)
    settle()
    assert "1 Contact" in tab.told.text() and "5/27/2025" in tab.told.text()
    choose(tab, years=1)
    assert "Not looked at" in tab.told.text() and not tab.go_button.isEnabled()
    choose(tab, years=0)
    tab.show_preview()
    settle()
    dialogs.answers.give("no")
    tab.go_button.click()
    settle()
    assert "cannot be undone" in dialogs.answers.asked[-1].text and str(tmp_path) in dialogs.answers.asked[-1].text
    assert not list((tmp_path / "backups").iterdir())
    dialogs.answers.give("yes")
    QTest.mouseClick(tab.go_button, Qt.MouseButton.LeftButton)
    settle()
    backups = list((tmp_path / "backups").iterdir())
    assert len(backups) == 1 and backups[0].name in tab.so_far.text() and "1 deleted record" in tab.so_far.text()
    opened: list[object] = []
    tab.open_page = lambda name, **params: opened.append((name, params))  # type: ignore[attr-defined]
    QTest.mouseClick(tab.back_button, Qt.MouseButton.LeftButton)
    assert opened == [("restore", {"path": str(backups[0])})]
    with office.database.read() as connection:
        assert deleted.list_deleted(office.database, connection) == []
        told = notice_list.notices(office.database, connection, office.user_id)
    assert [one.kind for one in told] == ["history"]
    assert "of the history were let go" in notice_text(office.database.schema, told[0])
    tab.show_preview()
    settle()
    assert tab.told.text() == "Nothing is old enough to go."


def test_what_is_set_is_kept_and_can_be_undone(tab: HistoryTab, office: Office) -> None:
    assert not tab.then.isEnabled()
    choose(tab, days=0, years=3, then=retention.EVERYTHING)
    tab.weekly.click()
    assert tab.then.isEnabled()
    dialogs.answers.give("no", "yes")
    tab.save.click()
    settle()
    assert "once a week" in dialogs.answers.asked[-1].text and tab.save.isEnabled()
    with office.database.read() as connection:
        assert retention.read_policy(connection) == retention.Policy()
    tab.save.click()
    settle()
    with office.database.read() as connection:
        assert retention.read_policy(connection) == retention.Policy(None, 3, retention.EVERYTHING, True)
        last = history.recent(connection, limit=1)[0]
    assert not tab.save.isEnabled()
    history.undo(office.database, last.id, Actor(office.user_id, "Olga"))
    settle()
    assert tab.policy() == retention.Policy()


def test_before_old_history_goes_by_itself_its_numbers_are_shown_and_asked_about(tab: HistoryTab) -> None:
    tab.weekly.click()
    dialogs.answers.give("no")
    tab.save.click()
    settle()
    [asked] = dialogs.answers.asked
    assert "1 Contact" in asked.text and "comes back from a backup only" in asked.text
    assert tab.policy().weekly and tab.save.isEnabled()


def test_space_is_given_back_after_asking(tab: HistoryTab, office: Office) -> None:
    assert "written anew" in tab.space.text()
    dialogs.answers.give("yes")
    tab.space_button.click()
    settle()
    assert "nobody can save" in dialogs.answers.asked[-1].text and tasks.jobs().all()[-1].state == "done"


def test_who_does_not_lead_sees_it_and_changes_nothing(office: Office) -> None:
    with office.database.read() as connection:
        saul = connection.exec_driver_sql("SELECT id FROM user_account WHERE name = 'Saul'").scalar_one()
        office.database.access = access_of(connection, office.database.schema, saul)
    made = HistoryTab(office)
    made.show()
    settle()
    assert made.alone.isVisible()
    for widget in (made.days, made.years, made.then, made.weekly, made.save, made.show_button, made.go_button):
        assert not widget.isEnabled()
    office.database.access = EVERYTHING


def test_the_program_lets_go_by_itself_once_a_week(tab: HistoryTab, office: Office, tmp_path: Path) -> None:
    keeper = HistoryKeeper(office, tab)
    keeper.look()
    settle()
    assert not list((tmp_path / "backups").iterdir())  # the office did not ask for it
    with write(office.database, "Setting") as uow:
        retention.save_policy(uow, retention.Policy(90, weekly=True))
    keeper.look()
    settle()
    with office.database.read() as connection:
        assert [one.records for one in retention.accounts(connection)] == [1] and not retention.is_due(connection)
    assert len(list((tmp_path / "backups").iterdir())) == 1
    clock.set_clock(lambda: NOW + timedelta(days=8))
    keeper.look()
    settle()
    with office.database.read() as connection:
        assert len(retention.accounts(connection)) == 1  # nothing was left to let go


def test_what_was_changed_while_another_page_was_shown_is_seen_on_the_way_back(tab: HistoryTab, office: Office) -> None:
    for weekly in (True, False):
        tab.hide()
        office.write(
            tab, "Switch", lambda uow, weekly=weekly: retention.save_policy(uow, retention.Policy(90, weekly=weekly))
        )
        settle()
        tab.show()
        settle()
        assert tab.weekly.isChecked() == weekly
        assert tab.when.text().startswith("Nothing goes by itself") != weekly
