"""Restoring a backup from the first page, where no office is open: to a file of this computer, or to a server."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from crm_desktop import app
from crm_desktop.backup.making import make_backup
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service as records
from crm_desktop.security import service as security
from tests.helpers.offices import Offices
from tests.helpers.postgres import PostgresServer
from tests.helpers.windows import settle, wait_for
from ui.app import make_application
from ui.framework import dialogs
from ui.shell.first_start import FirstStart
from ui.shell.server.wizard import ServerWizard
from ui.widgets.labels import Label

SECRET = "correct horse"
THERE = "office_from_first_page"


def fill(database: Database) -> None:
    with write(database, "First") as uow:
        security.create_user(uow, "Ana Prates", login="ana.prates", role="owner")
        records.create_record(uow, "contact", {"name": "Íris Prado", "email": "i@x.example"})


def content(database: Database) -> str:
    with database.read_all() as connection:
        return digest(connection, database.schema, history=True)


@pytest.fixture
def made(offices: Offices, schema: Schema, tmp_path: Path) -> tuple[str, str]:
    """A backup with a password, and what is in it."""
    offices.copy_to(tmp_path / "office.crm", fill)
    database = Database(tmp_path / "office.crm", schema)
    info = make_backup(database, tmp_path / "kept", password="locked", prove=False)
    whole = content(database)
    database.close()
    (tmp_path / "office.crm").unlink()
    return info.path, whole


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def page(qapp: object, opened: list[str]) -> Iterator[FirstStart]:
    class Doors:
        def open(self, target: str, **_more: Any) -> None:
            opened.append(target)

        def open_demo(self) -> None: ...

    make_application()
    dialogs.answers.reset(strict=True)
    shown = FirstStart(Doors())
    shown.show()
    yield shown
    shown.close()
    dialogs.answers.reset()


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    before = postgres_server.roles()
    yield postgres_server
    postgres_server.drop_database(THERE)
    postgres_server.drop_roles(postgres_server.roles() - before)


def press_restore(page: FirstStart) -> None:
    [button] = [one for one in page.findChildren(QPushButton) if one.text() == "Restore a backup…"]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def unpacked() -> list[Path]:
    return [
        *Path(tempfile.gettempdir()).rglob("crm-to-server-*"),
        *Path(tempfile.gettempdir()).glob("crm-desktop-*/backup-*"),
    ]


def test_a_backup_becomes_a_file_of_this_computer(
    page: FirstStart, made: tuple[str, str], opened: list[str], schema: Schema, tmp_path: Path
) -> None:
    path, whole = made
    target = tmp_path / "again.crm"
    dialogs.answers.give(Path(path), "file", "wrong", target, "locked")
    press_restore(page)
    wait_for(lambda: opened == [str(target)])
    database = Database(target, schema)
    assert content(database) == whole
    database.close()


def test_a_backup_becomes_an_office_on_a_server(
    page: FirstStart, made: tuple[str, str], opened: list[str], server: PostgresServer, schema: Schema
) -> None:
    path, _whole = made
    before = unpacked()

    def type_in(line: Any, text: str) -> None:
        line.line.selectAll()
        QTest.keyClicks(line.line, text)

    def press(dialog: ServerWizard) -> None:
        QTest.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
        settle()

    def work(dialog: ServerWizard) -> bool:
        dialog.show()
        settle()
        at: Any = dialog.page
        assert dialog.windowTitle() == "Restore a backup to a server" and not at.mode.isVisible()
        type_in(at.host, server.host)
        type_in(at.port, str(server.port))
        type_in(at.database, THERE)
        press(dialog)
        at = dialog.page
        type_in(at.password, server.password)
        press(dialog)
        at = dialog.page
        assert [one.name for one, _login, _password in at.rows] == ["Ana Prates"]
        type_in(at.rows[0][2], SECRET)
        type_in(at.again, SECRET)
        press(dialog)
        assert dialog.next.text() == "Open it there"
        assert not [one for one in dialog.findChildren(Label) if "Today's office" in one.text()], "there is none"
        press(dialog)
        return dialog.result() == ServerWizard.DialogCode.Accepted

    dialogs.answers.give(Path(path), "server", "wrong", "locked", work)
    press_restore(page)
    wait_for(lambda: bool(opened), timeout=60)
    office = app.open_office(opened[0])
    assert office.actor.name == "Ana Prates" and office.database.locked
    office.database.close()
    there = Database(server.url(THERE), schema)
    with there.read_all() as connection:
        assert connection.exec_driver_sql("SELECT name FROM contact").scalars().all() == ["Íris Prado"]
    there.close()
    settle()
    assert unpacked() == before, "nothing of the unpacked backup is left"


def test_who_does_not_say_where_stays_on_the_first_page(
    page: FirstStart, made: tuple[str, str], opened: list[str]
) -> None:
    dialogs.answers.give(Path(made[0]), None)
    press_restore(page)
    settle()
    assert opened == [] and page.isVisible()
