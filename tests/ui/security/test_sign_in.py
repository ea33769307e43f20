"""Signing in, locking and switching in the real window, with real keys."""

from __future__ import annotations

import logging
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from crm_desktop import app as core_app
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import clock, paths
from crm_desktop.core.secrets import DiscreetFormatter
from crm_desktop.db.database import Database, without_password
from crm_desktop.security import keyring_store
from tests.helpers.keyring import Ring
from tests.helpers.sign_in import OWNER, SELLER, choose, main_window, sign_in_window, type_password, wait
from ui import app as ui_app
from ui.app import Application
from ui.backup import plan
from ui.framework import dialogs, settings
from ui.main_window import MainWindow
from ui.security.sign_in import Answer, SignIn
from ui.security.sign_in_again import SignInAgain
from ui.shell.first_start import FirstStart


def test_faces_password_and_the_one_of_last_time(application: Application, office: Path) -> None:
    application.start(str(office), demo=False)
    asking = sign_in_window(application)
    assert asking.tiles is not None
    assert [one.person.name for one in asking.tiles.tiles] == ["Bea Luz", "Olga Rocha"]  # Nilo has no password
    assert not asking.password.isEnabled()
    choose(asking, "Olga Rocha")
    assert asking.password.line.accessibleName() == "Password of Olga Rocha"
    type_password(asking, OWNER)
    window = main_window(application)
    assert window.office.actor.name == "Olga Rocha" and window.office.database.access.role == "owner"
    assert settings.LAST_DATABASE.get() == str(office)
    application.start(str(office), demo=False)
    again = sign_in_window(application).person()
    assert again is not None and again.name == "Olga Rocha"


def test_a_wrong_password_is_said_beside_the_line_and_costs_time(application: Application, office: Path) -> None:
    hand = [datetime.fromisoformat("2026-03-02T12:00:00+00:00")]
    clock.set_clock(lambda: hand[0])
    application.start(str(office), demo=False)
    asking = sign_in_window(application)
    choose(asking, "Olga Rocha")
    type_password(asking, "not this one")
    assert asking.password.problem() == "The name or the password is not right."
    assert asking.password.line.selectedText() and asking.go.isEnabled()
    for _try in range(3):
        asking.password.line.clear()
        type_password(asking, "not this one")
    assert not asking.go.isEnabled() and "Wait" in asking.go.text()
    assert "Too many wrong tries" in asking.password.problem()
    hand[0] += timedelta(seconds=5)
    for _second in range(5):
        asking._count_down()
    assert asking.go.isEnabled() and asking.password.problem() == ""
    asking.password.line.clear()
    type_password(asking, OWNER)
    assert main_window(application).office.actor.name == "Olga Rocha"


def test_a_given_password_is_replaced_before_anything_is_shown(application: Application, office: Path) -> None:
    application.start(str(office), demo=False)
    asking = sign_in_window(application)
    choose(asking, "Bea Luz")
    type_password(asking, SELLER)
    assert asking.new.isVisibleTo(asking) and not asking.password.isVisibleTo(asking)
    QTest.keyClicks(asking.new.line, "Bea Luz")
    assert "name" in asking.strength.hint.text() or "characters" in asking.strength.hint.text()
    QTest.keyClicks(asking.again.line, "something else")
    QTest.keyClick(asking.again.line, Qt.Key.Key_Return)
    assert asking.again.problem() == "The two are not the same."
    for line in (asking.new.line, asking.again.line):
        line.clear()
        QTest.keyClicks(line, "harbour of seven bells")
    assert asking.strength.hint.text() == "Strong."
    QTest.keyClick(asking.again.line, Qt.Key.Key_Return)
    window = main_window(application)
    assert window.office.database.access.role == "sales"


def test_eye_caps_lock_and_keyboard(application: Application, office: Path) -> None:
    application.start(str(office), demo=False)
    asking = sign_in_window(application)
    assert asking.tiles is not None
    first, second = asking.tiles.tiles
    first.setFocus()
    QTest.keyClick(first, Qt.Key.Key_Right)
    assert asking.tiles.focusWidget() is second
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert asking.person() == second.person
    line = asking.password.line
    QTest.keyClick(line, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier)
    assert not asking.password.note.isVisibleTo(asking)
    QTest.sendKeyEvent(QTest.KeyAction.Click, line, Qt.Key.Key_A, "A", Qt.KeyboardModifier.NoModifier)
    assert asking.password.note.text() == "Caps Lock is on."
    QTest.sendKeyEvent(QTest.KeyAction.Click, line, Qt.Key.Key_A, "A", Qt.KeyboardModifier.ShiftModifier)
    assert not asking.password.note.isVisibleTo(asking)
    assert line.displayText() == "●●●" or line.text() not in line.displayText()
    QTest.mouseClick(asking.password.eye, Qt.MouseButton.LeftButton)
    assert line.displayText() == "aAA" and asking.password.eye.accessibleName() == "Hide the password"


def test_closing_the_sign_in_lets_the_file_go_and_another_office_can_be_opened(
    application: Application, office: Path
) -> None:
    application.start(str(office), demo=False)
    QTest.mouseClick(sign_in_window(application).other, Qt.MouseButton.LeftButton)
    wait()
    assert isinstance(application.window, FirstStart) and application._asking is None


def everything_written(*more: str) -> str:
    """All that the program wrote into its folder: settings, log, drafts, reports."""
    texts = [one.read_bytes().decode("utf-8", "replace") for one in paths.data_folder().rglob("*") if one.is_file()]
    return "\n".join([*texts, *more])


@pytest.mark.logs_errors("bug|background work failed")
def test_no_password_is_in_anything_written(
    application: Application, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ui_app._log_to_file()
    handler = logging.getLogger().handlers[-1]
    assert isinstance(handler.formatter, DiscreetFormatter)
    wrong = "a wrong guess of hers"
    try:
        application.start(str(office), demo=False)
        asking = sign_in_window(application)
        choose(asking, "Olga Rocha")
        type_password(asking, wrong)
        asking.password.line.clear()
        dialogs.answers.give(None)
        asking._attempt, kept = _broken, asking._attempt
        type_password(asking, OWNER)
        report = dialogs.bug_report(dialogs.answers.asked[-1].extra)
        asking._attempt = kept
        asking.password.line.clear()
        type_password(asking, OWNER)
        main_window(application)
        logging.getLogger("test").warning("password=%s in postgresql://ana:%s@server/crm", OWNER, OWNER)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    captured = capsys.readouterr()
    written = everything_written(report, captured.out, captured.err)
    assert "Traceback" in written and "bug" in written  # the log was written at all
    assert OWNER not in written and wrong not in written


def _broken(answer: Answer) -> object:
    """A bug that has the password in its message."""
    raise RuntimeError(f"no luck with {answer.password} of {answer!r}")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    made.use(monkeypatch)
    return made


def test_a_server_asks_once_and_the_keyring_answers_the_next_time(
    application: Application, postgres_url: str, ring: Ring
) -> None:
    without_backups(postgres_url)
    url, secret = address_and_secret(postgres_url)
    application.start(url, demo=False)
    wait(lambda: isinstance(application.window, SignIn))
    asking = sign_in_window(application)
    assert asking.tiles is None and asking.name.text() == "postgres"
    assert asking.remember.isVisibleTo(asking) and not asking.message.isVisibleTo(asking)
    type_password(asking, "not this one")
    assert asking.password.problem() == "The name or the password is not right."
    asking.password.line.clear()
    asking.remember.setChecked(True)
    type_password(asking, secret)
    main_window(application)
    assert list(ring.kept.values()) == [secret]
    assert secret not in everything_written(" ".join(sys.argv)) and "***" not in settings.LAST_DATABASE.get()
    application.open(url)
    wait(lambda: isinstance(application.window, MainWindow))
    assert keyring_store.forget(url) and not ring.kept
    assert not keyring_store.forget(url)


def test_a_server_that_is_away_can_be_tried_again(application: Application, ring: Ring) -> None:
    application.start("postgresql://ana@127.0.0.1:1/crm", demo=False)
    wait(lambda: isinstance(application.window, SignIn))
    asking = sign_in_window(application)
    assert asking.go.text() == "Try again" and asking.message.isVisibleTo(asking)
    QTest.mouseClick(asking.go, Qt.MouseButton.LeftButton)
    wait()
    assert asking.message.isVisibleTo(asking) and asking.go.isEnabled()


def test_without_a_keyring_that_is_said(application: Application, postgres_url: str) -> None:
    url, _secret = address_and_secret(postgres_url)
    assert not keyring_store.available()
    application.start(url, demo=False)
    wait(lambda: isinstance(application.window, SignIn))
    asking = sign_in_window(application)
    assert not asking.remember.isVisibleTo(asking) and asking.no_keyring.isVisibleTo(asking)
    assert asking.no_keyring.text() == "This computer has no keyring, so the password is asked each time."


def address_and_secret(url: str) -> tuple[str, str]:
    """A server's address without its password, and the password."""
    bare = without_password(url)
    password = url.split("://")[1].split("@")[0].partition(":")[2]
    if not password:
        pytest.skip("this server asks for no password")
    return bare, password


def test_a_database_object_does_not_show_its_password(postgres_url: str, schema: Any) -> None:
    _bare, secret = address_and_secret(postgres_url)
    database = Database(postgres_url, schema)
    seen = " ".join([repr(database), str(database), repr(database.engine), str(database.engine.url), database.name])
    database.close()
    assert secret not in seen


def test_a_password_changed_elsewhere_is_asked_again_and_the_work_goes_on(
    application: Application, postgres_server: Any, postgres_url: str, ring: Ring
) -> None:
    login, name = f"again_{uuid.uuid4().hex[:8]}", postgres_url.rpartition("/")[2]
    postgres_server.execute(f"CREATE ROLE {login} LOGIN SUPERUSER PASSWORD '{OWNER}'")
    url = postgres_server.url(name, login, OWNER)
    without_backups(url)
    application.open(url)
    window = main_window(application)
    postgres_server.execute(f"ALTER ROLE {login} PASSWORD '{SELLER}'")
    window.office.database.engine.dispose()
    asking = SignInAgain(window.office, window)
    QTest.keyClicks(asking.password.line, OWNER)
    QTest.keyClick(asking.password.line, Qt.Key.Key_Return)
    wait(lambda: asking.password.problem() == "The name or the password is not right.")
    asking.password.line.clear()
    asking.remember.setChecked(True)
    QTest.keyClicks(asking.password.line, SELLER)
    QTest.keyClick(asking.password.line, Qt.Key.Key_Return)
    wait(lambda: asking.result() == QDialog.DialogCode.Accepted)
    with window.office.database.read() as connection:
        assert connection.exec_driver_sql("SELECT session_user").scalar() == login
    assert SELLER in ring.kept.values() and application.window is window
    asking.deleteLater()


def without_backups(url: str) -> None:
    """Let a server's office make no backup of its own while a test looks at it."""
    database = core_app.open_database(url)
    plan.keep(database, Plan(enabled=False))
    database.close()
