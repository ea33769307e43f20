"""Locking, switching users, passwords of a file and one's own account, in the real window."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPlainTextEdit, QWidget

from crm_desktop import app as core_app
from crm_desktop import features
from crm_desktop.backup.schedule import Plan
from crm_desktop.core.access import Access
from crm_desktop.core.errors import OfficeClosed, Unreachable
from crm_desktop.core.i18n import translate
from crm_desktop.db.database import Database, server_url
from crm_desktop.db.unit_of_work import write
from crm_desktop.security import passwords, service
from tests.helpers.locked import LockedOffice
from tests.helpers.sign_in import OWNER, SELLER, choose, enter, main_window, type_password, wait
from tests.helpers.windows import settle
from ui.app import Application
from ui.backup import plan
from ui.framework import dialogs, settings
from ui.framework.office import Browsed
from ui.security.account_dialog import AccountDialog, PasswordDialog
from ui.security.lock import Curtain, LockKeeper
from ui.security.passwords_dialog import FINAL, GiveDialog, PasswordsDialog
from ui.security.sign_in import Answer, SignIn
from ui.shell import browse
from ui.shell.entering import Gate
from ui.shell.tray import Tray


def bea_comes(asking: SignIn) -> None:
    choose(asking, "Bea Luz")
    type_password(asking, SELLER)
    for line in (asking.new.line, asking.again.line):
        QTest.keyClicks(line, "harbour of seven bells")
    QTest.keyClick(asking.again.line, Qt.Key.Key_Return)


def test_a_lock_hides_everything_and_gives_unsaved_text_back(application: Application, office: Path) -> None:
    window = enter(application, office)
    note = QPlainTextEdit(window)
    note.show()
    note.setFocus()
    QTest.keyClicks(note, "Half a sente")
    dialog = QDialog(window)
    dialog.setWindowTitle("Marina Queirós")
    dialog.show()
    window.lock_now()
    keeper = window.lock_keeper
    assert keeper is not None and keeper.asking is not None
    settle()
    covered = {one.parentWidget() for one in keeper._curtains}
    assert {window, dialog} <= covered and all(one.isVisible() for one in keeper._curtains)
    assert dialog.windowTitle() == "CRM Desktop"
    late = QDialog(window)
    late.show()  # a message of a job that has just ended
    assert any(one.parentWidget() is late for one in keeper._curtains)
    type_password(keeper.asking, "not this one")
    assert keeper.locked and keeper.asking.password.problem()
    keeper.asking.password.line.clear()
    type_password(keeper.asking, OWNER)
    assert not keeper.locked and not any(one.isVisible() for one in covered if one.objectName() == "curtain")
    assert note.toPlainText() == "Half a sente" and dialog.windowTitle() == "Marina Queirós"
    assert application.window is window


def test_somebody_else_takes_over_with_their_own_rights(application: Application, office: Path) -> None:
    window = enter(application, office)
    window.switch_user()
    keeper = window.lock_keeper
    assert keeper is not None and keeper.asking is not None
    assert keeper.asking.person() is None
    bea_comes(keeper.asking)
    wait(lambda: application.window is not window)
    other = main_window(application)
    assert other.office.actor.name == "Bea Luz" and not other.office.database.access.everything


def test_a_backup_that_was_looked_at_is_not_left_to_who_takes_over(
    application: Application, office: Path, tmp_path: Path
) -> None:
    """It shows what the one before might see."""
    window = enter(application, office)
    with closing(sqlite3.connect(office)) as source, closing(sqlite3.connect(tmp_path / "backup.crm")) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    backup = Database(tmp_path / "backup.crm", features.schema(), read_only=True)
    seen = browse.look_at(window, backup, "Backup", Browsed("Backup of yesterday"))
    seen.open_page("contacts")
    settle()
    window.lock_now()
    assert window.lock_keeper is not None and window.lock_keeper.asking is not None
    bea_comes(window.lock_keeper.asking)
    wait(lambda: application.window is not window)
    shown = [one.windowTitle() for one in QApplication.topLevelWidgets() if one.isVisible()]
    assert shown == [main_window(application).windowTitle()]
    with pytest.raises(OfficeClosed), backup.read():
        pass


def test_the_window_locks_by_itself(application: Application, office: Path) -> None:
    window = enter(application, office)
    keeper = window.lock_keeper
    assert keeper is not None
    settings.LOCK_MINUTES.set(2)
    keeper.follow_setting()
    keeper._look()
    assert not keeper.locked
    keeper._last = tuple(moment - 121 for moment in keeper._last)
    QTest.keyClick(window, Qt.Key.Key_Shift)
    keeper._look()
    assert not keeper.locked  # somebody is there
    keeper._last = tuple(moment - 121 for moment in keeper._last)
    keeper._look()
    assert keeper.locked


def test_a_clock_that_is_set_back_does_not_keep_it_from_locking(
    application: Application, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = enter(application, office)
    keeper = window.lock_keeper
    assert keeper is not None
    settings.LOCK_MINUTES.set(2)
    keeper.follow_setting()
    now, steady = time.time(), time.monotonic()
    monkeypatch.setattr(time, "time", lambda: now - 86_400)
    monkeypatch.setattr(time, "monotonic", lambda: steady + 121)
    keeper._look()
    monkeypatch.undo()
    assert keeper.locked


def test_closing_a_locked_window_asks_and_stays_locked(application: Application, office: Path) -> None:
    window = enter(application, office)
    window.lock_now()
    keeper = window.lock_keeper
    assert keeper is not None and keeper.asking is not None
    dialogs.answers.give("no")
    keeper.asking.close()
    assert keeper.locked and keeper.asking.isVisible()


def warned(dialog: GiveDialog) -> bool:
    """Whether it says that the old password is gone then."""
    return any(translate(FINAL) in label.text() for label in dialog.findChildren(QLabel))


def test_without_passwords_there_is_no_lock_and_they_are_given_in_my_account(
    application: Application, sqlite_url: str
) -> None:
    database = core_app.open_database(sqlite_url)
    plan.keep(database, Plan(enabled=False))
    with write(database, "People") as uow:
        service.create_user(uow, "Olga Rocha", login="olga", role="owner")
        service.create_user(uow, "Bea Luz", login="bea")
    database.close()
    application.start(sqlite_url, demo=False)
    window = main_window(application)
    wait()
    assert window.lock_keeper is None and window.has_account

    def give_own(dialog: Any) -> bool:
        assert isinstance(dialog, GiveDialog) and not dialog.must.isVisibleTo(dialog) and not warned(dialog)
        QTest.keyClicks(dialog.line.line, OWNER)
        QTest.keyClicks(dialog.again.line, OWNER)
        dialog.submit()
        return bool(dialog.result())

    def give_other(dialog: Any) -> bool:
        assert isinstance(dialog, GiveDialog) and dialog.must.isChecked()
        dialog._suggest()
        dialog.submit()
        return bool(dialog.result())

    shown = PasswordsDialog(window.office, window)
    wait(lambda: len(shown.people) == 2)
    dialogs.answers.give(give_own)
    QTest.mouseClick(shown.asks, Qt.MouseButton.LeftButton)
    wait(lambda: shown.asks.isChecked())
    bea = next(one for one in shown.people if one.name == "Bea Luz")
    dialogs.answers.give(give_other)
    shown.give(bea)
    wait(lambda: shown.having.get(bea.id) is True)
    dialogs.answers.give(lambda dialog: not warned(dialog))
    shown.give(bea)  # in place of the one she has: it says that the old one is gone then, and is left
    dialogs.answers.give("no")
    shown._take(bea)
    assert not dialogs.answers.queue and translate(FINAL) in dialogs.answers.asked[-1].text
    window.recheck_lock()
    wait(lambda: window.lock_keeper is not None)
    dialogs.answers.give("yes")
    QTest.mouseClick(shown.asks, Qt.MouseButton.LeftButton)
    wait(lambda: not shown.having)
    assert not passwords.asks(window.office.database)
    assert translate(FINAL) in dialogs.answers.asked[-1].text
    shown.deleteLater()


def test_my_account_changes_my_name_and_my_password(application: Application, office: Path) -> None:
    window = enter(application, office)
    account = AccountDialog(window.office, window, window.lock_keeper)
    wait(lambda: account.account is not None)
    account.name.setText("Olga M. Rocha")
    account.hues.set_value(5)
    account.minutes.set_value(10)
    QTest.mouseClick(account.save, Qt.MouseButton.LeftButton)
    wait(lambda: account.result() == QDialog.DialogCode.Accepted)
    window.recheck_lock()
    wait(lambda: window.top.user.text() == "Olga M. Rocha")
    assert settings.LOCK_MINUTES.get() == 10
    assert account.account is not None
    change = PasswordDialog(window.office, window, account.account)
    QTest.keyClicks(change.old.line, "not this one")
    for line in (change.new.line, change.again.line):
        QTest.keyClicks(line, "some other words 9")
    QTest.keyClick(change.again.line, Qt.Key.Key_Return)
    wait(lambda: change.old.problem())
    change.old.line.clear()
    QTest.keyClicks(change.old.line, OWNER)
    QTest.keyClick(change.again.line, Qt.Key.Key_Return)
    wait(lambda: change.result() == QDialog.DialogCode.Accepted)
    assert passwords.check(window.office.database, "some other words 9", login="olga")
    for one in (account, change):
        one.deleteLater()


def test_a_salesperson_changes_only_what_is_their_own(application: Application, office: Path) -> None:
    database = core_app.open_database(office)
    with write(database, "Password") as uow:
        database.access = Access(everything=True)
        passwords.give_password(uow, passwords.people(database)[0].id, SELLER, must_change=False)
    database.close()
    window = enter(application, office, "Bea Luz", SELLER)
    account = AccountDialog(window.office, window, window.lock_keeper)
    wait(lambda: account.account is not None)
    assert not account.everybody.isVisibleTo(account) and account.password.isVisibleTo(account)
    account.phone.setText("41 95550-0142")
    QTest.mouseClick(account.save, Qt.MouseButton.LeftButton)
    wait(lambda: account.result() == QDialog.DialogCode.Accepted)
    account.deleteLater()


def test_a_server_s_lock_opens_while_the_server_is_away_and_wrong_tries_wait(
    postgres_url: str, application: Application
) -> None:
    database = core_app.open_database(postgres_url)
    secret = server_url(postgres_url).password
    if not secret:
        pytest.skip("this server asks for no password")
    actor = core_app.sign_in(database)
    gate = Gate(core_app.Opened(database, actor, "Office"), "Office", lambda _opened, _target: None)
    assert gate.prepare() and gate.login == "postgres" and not gate.people()
    database.close()
    database.target = "postgresql://postgres@127.0.0.1:1/gone"
    gate.let_back(Answer(None, gate.login, str(secret)))
    for _try in range(3):
        with pytest.raises(Unreachable):  # it may have been changed on the server
            gate.let_back(Answer(None, gate.login, "not this one"))
    with pytest.raises(passwords.TryLater):
        gate.let_back(Answer(None, gate.login, str(secret)))


def test_nothing_but_a_password_lets_anybody_past_the_lock_of_a_server(
    locked_office: LockedOffice, application: Application
) -> None:
    """Not the one that the window signed in with, also after the line was cut, when the question may be sent as it is."""
    database = locked_office.open("admin")
    shown: list[object] = []
    opened = core_app.Opened(database, locked_office.actor("admin"), "Office")
    gate = Gate(opened, "Office", lambda other, _target: shown.append(other))
    assert gate.prepare()
    for login in (gate.login, locked_office.logins["sales"], "nobody"):
        with pytest.raises(passwords.WrongPassword):
            gate.let_in(Answer(None, login, ""))
    with pytest.raises(passwords.WrongPassword):
        gate.let_back(Answer(None, gate.login, ""))
    keeper = LockKeeper(QWidget(), gate)
    keeper.lock(switch=True)
    asking = keeper.asking
    assert asking is not None
    asking.question = replace(asking.question, offline=True)
    asking.name.setText("nobody")
    asking.submit()
    assert keeper.locked and asking.password.problem() and not asking._busy
    keeper._lift()


@pytest.mark.qt_log_ignore("systemTrayWindowChanged", "raise()", "propagateSizeHints")
def test_a_locked_window_tells_nothing_in_the_tray_and_takes_no_files(
    application: Application, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = enter(application, office)
    told: list[str] = []
    tray = Tray(window)
    monkeypatch.setattr(Tray, "available", staticmethod(lambda: True))
    monkeypatch.setattr(Tray, "_show_message", staticmethod(lambda _icon, title, _text: told.append(title)))
    monkeypatch.setattr("ui.shell.tray.may_pop_up", lambda: True)
    monkeypatch.setattr(QApplication, "activeWindow", staticmethod(lambda: None))
    opened: list[int] = []
    assert tray.tell("Case 7", "Leak", lambda: opened.append(1)) and told == ["Case 7"]
    window.lock_now()
    settle()
    assert not tray.tell("Case 8", "Fire", lambda: None) and told == ["Case 7"]
    tray.follow()
    assert not opened
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(office))])
    middle = window.rect().center()
    curtain = window.childAt(middle)
    assert isinstance(curtain, Curtain) and curtain.acceptDrops()
    event = QDragEnterEvent(
        middle, Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QCoreApplication.sendEvent(curtain, event)
    assert not event.isAccepted()
    tray.hide()


def test_a_lock_opens_with_one_click_once_all_passwords_are_taken_away(application: Application, office: Path) -> None:
    window = enter(application, office)
    window.lock_now()
    keeper = window.lock_keeper
    assert keeper is not None and keeper.asking is not None
    asking = keeper.asking
    elsewhere = core_app.open_database(str(office))
    core_app.sign_in(elsewhere, login="olga", password=OWNER)
    with write(elsewhere, "Off") as uow:
        assert passwords.switch_off(uow)
    elsewhere.close()
    assert keeper._locked_timer.isActive()
    keeper._look_while_locked()
    wait(lambda: asking.question.free)
    window.recheck_lock()  # whoever hears of it first: the lock is not left without its keeper
    wait()
    assert window.lock_keeper is keeper
    assert not asking.password.isVisible() and asking.message.isVisible()
    assert asking.go.hasFocus()
    QTest.keyClick(asking.go, Qt.Key.Key_Space)
    wait(lambda: not keeper.locked)
    assert window.isVisible() and window.office.actor.name == "Olga Rocha"
    wait(lambda: window.lock_keeper is None)
