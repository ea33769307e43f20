"""Meeting an office that a newer program upgraded on its server: the copy from before is put back from the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop import upgrading
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import clock
from crm_desktop.db import migrate
from crm_desktop.db.database import Database, without_password
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import queries, service
from crm_desktop.upgrading import Upgrade
from tests.helpers.postgres import PASSWORD, PostgresServer
from tests.helpers.windows import settle
from ui.app import Application
from ui.backup import plan
from ui.framework import dialogs, tasks
from ui.main_window import MainWindow
from ui.security.sign_in import SignIn
from ui.shell.first_start import FirstStart
from ui.shell.server.going_back import GoingBack


def upgraded(
    url: str, database: Database, folder: Path, server: PostgresServer, *, known: bool, secret: str | None = None
) -> None:
    plan.keep(database, Plan(enabled=False))
    with write(database, "Before", actor=Actor(None, "Ana")) as uow:
        service.create_record(uow, "contact", {"name": "Before The Upgrade"})
    copy = make_backup(database, folder, password=secret, kind="migration", anew=True).path
    if known:
        before = migrate.head(database.schema)
        upgrading.keep(Upgrade(database.place, copy, before, "9999", clock.now(), "9.0"))
    with write(database, "After", actor=Actor(None, "Ana")) as uow:
        service.create_record(uow, "contact", {"name": "After The Upgrade"})
    database.close()
    server.execute("UPDATE alembic_version SET version_num = '9999'", url.rpartition("/")[2])


def wait() -> None:
    assert tasks.wait_idle(60)
    settle()


def sign_in(application: Application) -> None:
    window = application.window
    assert isinstance(window, SignIn)
    QTest.keyClicks(window.password.line, PASSWORD)
    QTest.keyClick(window.password.line, Qt.Key.Key_Return)
    wait()
    wait()


def test_the_copy_is_put_back_and_opened(
    application: Application,
    postgres_database: Database,
    postgres_url: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    upgraded(postgres_url, postgres_database, tmp_path, postgres_server, known=True)
    asked: list[str] = []

    def work(dialog: GoingBack) -> bool:
        QTest.keyClick(dialog.password.line, Qt.Key.Key_Return)
        assert not dialog.result() and "needed" in dialog.password.note.text()
        QTest.keyClicks(dialog.password.line, PASSWORD)
        QTest.keyClick(dialog.password.line, Qt.Key.Key_Return)
        asked.append(dialog.admin.user)
        assert dialog.copy_line is None, "a copy without a password asks for none"
        return bool(dialog.result())

    dialogs.answers.give(work)
    dialogs.answers.give(True)
    application.start(without_password(postgres_url), demo=False)
    wait()
    sign_in(application)  # meets the upgraded office
    sign_in(application)  # and the one that was put back
    said = " ".join(str(one.text) for one in dialogs.answers.asked)
    assert asked == ["postgres"] and "_upgraded_" in said
    window = application.window
    assert isinstance(window, MainWindow)
    database = window.office.database
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact")
        titles = queries.titles(database.schema, connection, "contact", ids).values()
    assert list(titles) == ["Before The Upgrade"]
    kept = next(word.rstrip(".") for word in said.split() if "_upgraded_" in word)
    postgres_server.drop_database(kept)


def test_where_this_computer_has_no_copy_it_says_to_install_the_newer_program(
    application: Application,
    postgres_database: Database,
    postgres_url: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    upgraded(postgres_url, postgres_database, tmp_path, postgres_server, known=False)
    dialogs.answers.give(True)
    application.start(postgres_url, demo=False)
    wait()
    assert "newer version" in str(dialogs.answers.asked[-1].text)
    assert isinstance(application.window, FirstStart)


def test_the_password_of_a_protected_copy_is_asked_for(
    application: Application,
    postgres_database: Database,
    postgres_url: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> None:
    secret = "Azulejo-17-moinho"
    upgraded(postgres_url, postgres_database, tmp_path, postgres_server, known=True, secret=secret)
    name = postgres_url.rpartition("/")[2]

    def work(dialog: GoingBack) -> bool:
        line = dialog.copy_line
        assert line is not None
        QTest.keyClicks(dialog.password.line, PASSWORD)
        QTest.keyClick(dialog.password.line, Qt.Key.Key_Return)
        assert not dialog.result() and "needed" in line.note.text()
        for typed in ("Another-17-word", secret):
            line.line.clear()
            QTest.keyClicks(line.line, typed)
            QTest.keyClick(line.line, Qt.Key.Key_Return)
            wait()
            if typed != secret:
                assert not dialog.result() and "does not open the copy" in line.note.text()
                assert postgres_server.execute("SELECT version_num FROM alembic_version", name) == [("9999",)]
        return bool(dialog.result())

    dialogs.answers.give(work)
    dialogs.answers.give(True)
    application.start(without_password(postgres_url), demo=False)
    wait()
    sign_in(application)
    sign_in(application)
    said = " ".join(str(one.text) for one in dialogs.answers.asked)
    assert isinstance(application.window, MainWindow) and "_upgraded_" in said
    postgres_server.drop_database(next(word.rstrip(".") for word in said.split() if "_upgraded_" in word))
