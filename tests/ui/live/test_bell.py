"""The bell: what a colleague does is counted at once, listed, opened, marked, kept quiet, and said by the system."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from crm_desktop.core import clock
from crm_desktop.records import attach_service, bulk_edit, service
from crm_desktop.records.mentions import mention
from ui.framework import settings
from ui.records.notice_words import notice_text
from ui.shell import notices
from ui.shell.notice_settings import NoticesTab, is_quiet
from ui.shell.tray import Tray


def give(desk: Any, name: str = "Nilo Prado") -> int:
    return int(desk.as_caio(lambda uow: service.create_record(uow, "contact", {"name": name, "owner_id": desk.helena})))


def ready(desk: Any) -> Any:
    """Contacts are open, and the bell has read what there was before."""
    page = desk.open("contacts")
    desk.wait(lambda: desk.window.notice_keeper._known is not None)
    return page


def test_a_given_record_is_counted_listed_and_opened(desk: Any) -> None:
    page, bell = ready(desk), desk.window.top.bell
    assert bell.count == 0
    made = give(desk)
    desk.wait(lambda: bell.count == 1)
    assert "1 new" in bell.accessibleName()
    QTest.keyClick(desk.window, Qt.Key.Key_F7)
    panel = desk.window.notice_keeper.panel
    assert panel is not None and panel.isVisible()
    [line] = panel.list.lines()
    assert line.title == "Caio Bittar gave you Nilo Prado" and panel.list.hasFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    desk.settle()
    assert not panel.isVisible() and page.card.record_id == made
    desk.wait(lambda: bell.count == 0)


def test_space_marks_and_ctrl_enter_marks_all(desk: Any) -> None:
    ready(desk)
    bell = desk.window.top.bell
    give(desk, "First One")
    give(desk, "Second One")
    desk.wait(lambda: bell.count == 2)
    desk.window.show_notices()
    panel = desk.window.notice_keeper.panel
    QTest.keyClick(panel.list, Qt.Key.Key_Space)
    desk.wait(lambda: bell.count == 1)
    QTest.keyClick(panel.list, Qt.Key.Key_Space)
    desk.wait(lambda: bell.count == 2)
    QTest.keyClick(panel.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.wait(lambda: bell.count == 0)
    assert [one.read for one in panel.notices] == [True, True]
    QTest.keyClick(panel.list, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_many_at_once_lead_to_the_list_of_mine(desk: Any) -> None:
    page = ready(desk)
    for_caio = desk.people[:12]
    desk.as_caio(lambda uow: bulk_edit.update_records(uow, "contact", for_caio, {"owner_id": None}))
    desk.as_caio(lambda uow: bulk_edit.update_records(uow, "contact", for_caio, {"owner_id": desk.helena}))
    desk.wait(lambda: desk.window.top.bell.count == 2)  # taken from her, and given back
    given = next(one for one in desk.window.notice_keeper.notices if one.kind == "given")
    assert (given.count, given.by) == (12, "Caio Bittar")
    desk.window.notice_keeper.open(given)
    desk.settle()
    assert page.model.query.filter != page.kit.base and page.model.record_count == 60


def test_what_another_tool_deletes_is_told_to_who_leads_and_leads_to_recently_deleted(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "_CALM_MS", 50)
    ready(desk)
    ids = ", ".join(str(one) for one in desk.people[:30])
    with desk.elsewhere().engine.begin() as connection:  # past the program
        connection.exec_driver_sql(f"DELETE FROM contact WHERE id IN ({ids})")
    desk.wait(lambda: desk.window.top.bell.count == 1)
    [one] = desk.window.notice_keeper.notices
    words = notice_text(desk.database.schema, one)
    assert words == "30 contacts were deleted outside the program, 50 % of all"
    desk.window.notice_keeper.open(one)
    desk.settle()
    page = desk.window.current_page
    desk.wait(lambda: len(page.model.rows()) == 30)


def test_a_mention_is_in_the_same_list_and_leads_to_the_note(desk: Any) -> None:
    page = ready(desk)
    text = f"Please call {mention('Helena Prates', desk.helena)}"
    desk.as_caio(lambda uow: attach_service.add_note(uow, "contact", desk.people[3], text))
    desk.wait(lambda: desk.window.top.bell.count == 1)
    [one] = desk.window.notice_keeper.notices
    assert one.kind == "mention" and "Please call" in one.body
    desk.window.notice_keeper.open(one)
    desk.settle()
    assert page.card.record_id == desk.people[3]
    desk.wait(lambda: desk.window.top.bell.count == 0)


def test_what_is_switched_off_is_not_told(desk: Any) -> None:
    ready(desk)
    tab = NoticesTab(desk.office)
    give(desk)
    desk.wait(lambda: desk.window.top.bell.count == 1)
    tab.kinds["given"].setChecked(False)
    desk.wait(lambda: desk.window.top.bell.count == 0)
    tab.kinds["given"].setChecked(True)
    desk.wait(lambda: desk.window.top.bell.count == 1)


def test_today_shows_what_is_new(desk: Any) -> None:
    today = desk.open("today")
    give(desk)
    desk.wait(lambda: [one.title for one in today.board.mentions.list.lines()] == ["Caio Bittar gave you Nilo Prado"])
    today.read_all_mentions()
    desk.wait(today.board.mentions.isHidden)


def test_own_work_and_other_peoples_is_not_told(desk: Any) -> None:
    ready(desk)
    desk.office.write(
        desk.window, "Mine", lambda uow: service.create_record(uow, "contact", {"name": "Own", "owner_id": desk.helena})
    )
    desk.as_caio(lambda uow: service.create_record(uow, "contact", {"name": "His", "owner_id": desk.caio}))
    desk.settle()
    assert desk.window.top.bell.count == 0


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A system with a tray, and what it was asked to show while another program is in front."""
    shown: list[str] = []
    monkeypatch.setattr(Tray, "available", staticmethod(lambda: True))
    monkeypatch.setattr(Tray, "_show_message", staticmethod(lambda _icon, _title, text: shown.append(text)))
    monkeypatch.setattr(QApplication, "activeWindow", staticmethod(lambda: None))
    return shown


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", "raise()", "propagateSizeHints")
def test_the_system_says_it_while_another_program_is_in_front(desk: Any, told: list[str]) -> None:
    page = ready(desk)
    made = give(desk)
    desk.wait(lambda: told == ["Caio Bittar gave you Nilo Prado"])
    desk.window.notice_keeper.tray.follow()
    desk.settle()
    assert page.card.record_id == made
    icon = desk.window.notice_keeper.tray._icon
    assert isinstance(icon, QSystemTrayIcon) and icon.isVisible()
    desk.window.close()
    assert not icon.isVisible()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", "raise()", "propagateSizeHints")
def test_nothing_pops_up_when_it_is_not_to(desk: Any, told: list[str]) -> None:
    ready(desk)
    settings.DO_NOT_DISTURB.set(True)
    give(desk)
    desk.wait(lambda: desk.window.top.bell.count == 1)
    settings.DO_NOT_DISTURB.set(False)
    clock.set_clock(lambda: datetime(2026, 3, 12, 23, 30, tzinfo=clock.local_zone()).astimezone(UTC))
    settings.QUIET_FROM.set("22:00")
    give(desk, "At Night")
    desk.wait(lambda: desk.window.top.bell.count == 2)
    assert told == []


def test_quiet_hours_may_go_past_midnight(qapp: object) -> None:
    settings.QUIET_FROM.set("22:00")
    settings.QUIET_UNTIL.set("07:00")
    assert is_quiet(time(23)) and is_quiet(time(3)) and not is_quiet(time(7)) and not is_quiet(time(12))
    settings.QUIET_FROM.set("12:00")
    settings.QUIET_UNTIL.set("13:00")
    assert is_quiet(time(12, 30)) and not is_quiet(time(13))
    settings.QUIET_FROM.set("")
    assert not is_quiet(time(12, 30))


def test_without_a_tray_nothing_breaks(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QApplication, "activeWindow", staticmethod(lambda: None))
    monkeypatch.setattr(Tray, "available", staticmethod(lambda: False))
    ready(desk)
    give(desk)
    desk.wait(lambda: desk.window.top.bell.count == 1)
    assert desk.window.notice_keeper.tray._icon is None
