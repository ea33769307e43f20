"""The assistant of the office server, with real lines, buttons, keys and a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from crm_desktop import app
from crm_desktop.core import clock, paths
from crm_desktop.db import handshake
from crm_desktop.db.database import Database
from crm_desktop.db.server_address import PINNED, VERIFY, ServerAddress
from crm_desktop.db.unit_of_work import write
from crm_desktop.moving import people_of
from crm_desktop.records.moved import OfficeMoved, moved_note
from crm_desktop.security.connecting import diagnose
from tests.helpers.certificates import make_certificate
from tests.helpers.postgres import PostgresServer
from tests.helpers.postgres_tls import encrypted
from tests.helpers.windows import settle
from ui.app import make_application
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records import drafts
from ui.records.print_window import PrintWindow
from ui.shell.server import entry
from ui.shell.server.parts import CREATE, JOIN, MOVE, Line
from ui.shell.server.wizard import ServerWizard

SECRET = "correct horse"
DATABASE = "office_wizard"


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The test server; what is made on it goes again."""
    before = postgres_server.roles()
    yield postgres_server
    postgres_server.drop_database(DATABASE)
    postgres_server.drop_roles(postgres_server.roles() - before)


@pytest.fixture
def opened_wizards(qapp: QApplication) -> Iterator[list[ServerWizard]]:
    make_application()
    dialogs.answers.reset(strict=True)
    made: list[ServerWizard] = []
    yield made
    settle()
    for one in (one for one in made if shiboken6.isValid(one)):  # its window may have taken it along
        one.close()
        one.deleteLater()
    settle()
    dialogs.answers.reset()


@pytest.fixture
def wizard(opened_wizards: list[ServerWizard]) -> ServerWizard:
    """The assistant, as the first page opens it."""
    return shown(opened_wizards, ServerWizard(None, JOIN))


def shown(made: list[ServerWizard], wizard: ServerWizard) -> ServerWizard:
    made.append(wizard)
    wizard.show()
    settle()
    return wizard


def type_in(line: Line, text: str) -> None:
    line.line.selectAll()
    QTest.keyClicks(line.line, text) if text else QTest.keyClick(line.line, Qt.Key.Key_Delete)


def press(wizard: ServerWizard) -> None:
    QTest.mouseClick(wizard.next, Qt.MouseButton.LeftButton)
    settle()


def go_to_server(wizard: ServerWizard, server: PostgresServer, database: str = DATABASE) -> None:
    page = wizard.page
    type_in(page.host, server.host)
    type_in(page.port, str(server.port))
    type_in(page.database, database)
    press(wizard)


def place(wizard: ServerWizard) -> str:
    return wizard._names[wizard._place]


def test_what_is_wrong_on_the_way_is_said_beside_its_cross(
    wizard: ServerWizard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handshake, "TIMEOUT_S", 1.0)
    press(wizard)
    page = wizard.page
    assert page.host.note.isVisible() and QApplication.focusWidget() in (page.host.line, None)
    type_in(page.host, "127.0.0.1")
    type_in(page.port, "1")
    QTest.keyClick(page.port.line, Qt.Key.Key_Return)
    settle()
    assert place(wizard) == "address" and page.trouble.isVisible()
    assert "no server listens on port 1" in page.trouble.text.text()
    said = page.checks.shown()
    assert said["name"].endswith("in order") and "failed" in said["reach"] and "not tried" in said["speaks"]
    type_in(page.port, "99999")
    press(wizard)
    assert "usually 5432" in page.port.note.text()


def test_a_certificate_is_shown_remembered_and_its_change_is_told(wizard: ServerWizard, server: PostgresServer) -> None:
    first, second = make_certificate("localhost"), make_certificate("localhost")
    page = wizard.page
    page.tls.set_value(PINNED)
    with encrypted(server, first) as port:
        type_in(page.host, "localhost")
        type_in(page.port, str(port))
        press(wizard)
        assert "never seen before" in page.trouble.text.text()
        QTest.mouseClick(page.trouble._extra[0], Qt.MouseButton.LeftButton)
        settle()
        assert place(wizard) == "sign_in"
    QTest.mouseClick(wizard.back, Qt.MouseButton.LeftButton)
    settle()
    with encrypted(server, second) as port:
        entry_address = ServerAddress("localhost", port, "crm", tls=PINNED, fingerprint=wizard.plan.address.fingerprint)
        found = diagnose(entry_address, None)
        assert found.problem in ("tls_first", "tls_changed")  # another port is another server
    page.tls.set_value(VERIFY)
    page._show_tls()
    press(wizard)
    assert page.trouble.isVisible() and not page.file.note.isVisible()  # a file is not needed


def test_signing_in_to_an_office_that_is_there(wizard: ServerWizard, server: PostgresServer, postgres_url: str) -> None:
    app.open_office(postgres_url).database.close()
    go_to_server(wizard, server, postgres_url.rpartition("/")[2])
    assert place(wizard) == "sign_in"
    page = wizard.page
    type_in(page.user, server.user)
    type_in(page.password, "wrong")
    press(wizard)
    assert "refused the name" in page.trouble.text.text() and wizard.target == ""
    type_in(page.password, server.password)
    QTest.keyClick(page.password.line, Qt.Key.Key_Return)
    settle()
    assert wizard.result() == ServerWizard.DialogCode.Accepted and not wizard.isVisible()
    assert ServerAddress.from_url(wizard.target).database == postgres_url.rpartition("/")[2]
    written = "".join(p.read_text(errors="replace") for p in Path(paths.data_folder()).rglob("*") if p.is_file())
    assert server.password not in written


def fill_owner(wizard: ServerWizard) -> None:
    page = wizard.page
    type_in(page.office, "Casa Prates")
    type_in(page.name, "Ana Prates")
    assert page.login.text() == "ana.prates"  # proposed from the name
    type_in(page.password, SECRET)
    type_in(page.again, SECRET + "!")
    press(wizard)
    assert "differ" in page.again.note.text()
    type_in(page.again, SECRET)


def test_a_database_that_is_missing_is_created_with_its_owner(
    wizard: ServerWizard, server: PostgresServer, schema: object
) -> None:
    go_to_server(wizard, server)
    type_in(wizard.page.user, server.user)
    type_in(wizard.page.password, server.password)
    press(wizard)
    assert "no database called office_wizard" in wizard.page.trouble.text.text()
    QTest.mouseClick(wizard.page.trouble._extra[0], Qt.MouseButton.LeftButton)  # create it there
    settle()
    assert (place(wizard), wizard.plan.mode) == ("admin", CREATE)
    type_in(wizard.page.password, "wrong")
    press(wizard)
    assert wizard.page.trouble.isVisible()
    type_in(wizard.page.password, server.password)
    press(wizard)
    assert place(wizard) == "office"
    fill_owner(wizard)
    press(wizard)
    assert place(wizard) == "summary" and not wizard.back.isVisible()
    QTest.mouseClick(wizard.page.copy, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert DATABASE in copied and "ana.prates" in copied and SECRET not in copied
    QTest.mouseClick(wizard.page.print, Qt.MouseButton.LeftButton)
    settle()
    printed = next(one for one in QApplication.topLevelWidgets() if isinstance(one, PrintWindow))
    assert printed.path.read_bytes().startswith(b"%PDF") and printed.windowTitle() == "How to join the office"
    printed.close()
    press(wizard)
    assert wizard.result() == ServerWizard.DialogCode.Accepted
    opened = app.open_office(wizard.target)
    assert (opened.office, opened.actor.name) == ("Casa Prates", "Ana Prates")
    opened.database.close()
    wizard.forget_secrets()
    assert SECRET not in repr(wizard.plan) and server.password not in repr(wizard.plan)


def test_stopping_takes_everything_back_and_going_on_works(wizard: ServerWizard, server: PostgresServer) -> None:
    before = server.roles()
    wizard.page.mode_wanted.emit(CREATE)
    go_to_server(wizard, server)
    type_in(wizard.page.password, server.password)
    press(wizard)
    fill_owner(wizard)
    QTest.mouseClick(wizard.next, Qt.MouseButton.LeftButton)
    QApplication.processEvents()  # the page of the work is shown, and the work begun
    assert place(wizard) == "run" and not wizard.back.isEnabled()
    QTest.keyClick(wizard, Qt.Key.Key_Escape)
    settle()
    assert place(wizard) == "office" and wizard.isVisible()
    assert server.roles() == before
    assert server.execute(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") == []
    press(wizard)
    assert place(wizard) == "summary"


def test_the_office_of_this_computer_moves_with_its_people(
    window: MainWindow, server: PostgresServer, opened_wizards: list[ServerWizard], schema: object
) -> None:
    office, emitted = window.office, []
    window.office_switch.connect(emitted.append)
    mine = drafts.draft_key(office, "note", 7)
    drafts.keep_draft(mine, {"text": "half a sentence"})
    people = people_of(office.database)

    def work(dialog: ServerWizard) -> bool:
        shown(opened_wizards, dialog)
        go_to_server(dialog, server)
        type_in(dialog.page.password, server.password)
        press(dialog)
        page = dialog.page
        assert place(dialog) == "people" and len(page.rows) == len(people)
        assert page.rows[0][0].user_id == office.user_id
        press(dialog)
        assert "at least" in page.rows[0][2].note.text()  # one's own password is not a temporary one
        type_in(page.rows[0][2], SECRET)
        press(dialog)
        assert "differ" in page.again.note.text()
        type_in(page.again, SECRET)
        type_in(page.rows[1][1], server.user)
        press(dialog)
        assert "already" in page.rows[1][1].note.text()
        type_in(page.rows[1][1], "bento.salerno")
        press(dialog)
        assert place(dialog) == "summary"
        listed = dialog.page.people()
        assert len(listed) == len(people) - 1 and all(len(row[2]) == 19 for row in listed)
        address = ServerAddress(server.host, server.port, DATABASE, listed[0][1])
        assert diagnose(address, listed[0][2]).ok
        QTest.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
        settle()
        return dialog.result() == ServerWizard.DialogCode.Accepted

    dialogs.answers.give(work)
    next(one for one in window._palette_commands() if one.id == "app.share_office").run()
    assert len(emitted) == 1 and f"/{DATABASE}" in emitted[0]
    there = Database(emitted[0], office.database.schema)
    assert drafts.load_draft(mine) is None
    assert drafts.load_draft(mine.replace(office.database.place, there.place)) == {"text": "half a sentence"}
    there.close()
    with office.database.read() as connection:
        note = moved_note(connection, "office.crm")
    assert note is not None and note.to.endswith(DATABASE)


def test_a_moved_file_offers_the_server_or_a_copy(qapp: QApplication, sqlite_url: str, schema: object) -> None:
    make_application()
    dialogs.answers.reset(strict=True)
    asked: list[str] = []

    class Doors:
        def open(self, target: str, **_more: object) -> None:
            asked.append(target)

    app.open_office(sqlite_url).database.close()
    error = OfficeMoved("office.crm", "postgresql://ana@server/crm", clock.now())
    error.path = sqlite_url
    dialogs.answers.give("server")
    entry.offer_moved(None, Doors(), error)
    copy = Path(sqlite_url).with_name("copy.crm")
    dialogs.answers.give("copy", copy)
    entry.offer_moved(None, Doors(), error)
    assert tasks.wait_idle(20)
    settle()
    assert asked == ["postgresql://ana@server/crm", str(copy)] and copy.exists()
    dialogs.answers.reset()


def test_the_office_of_a_server_comes_back_into_a_file(qapp: QApplication, postgres_url: str, tmp_path: Path) -> None:
    make_application()
    dialogs.answers.reset(strict=True)
    opened = app.open_office(postgres_url)
    office = Office(opened.database, opened.actor, write, name="Casa")
    dialogs.answers.give(tmp_path / "home.crm", "ok")
    parent = QLineEdit()
    entry.bring_back(parent, office)
    settle()
    assert "home.crm" in dialogs.answers.asked[-1].title
    back = app.open_office(tmp_path / "home.crm")
    assert isinstance(back.database, Database) and back.actor.name == opened.actor.name
    back.database.close()
    office.close()
    parent.deleteLater()
    dialogs.answers.reset()


def test_modes_and_steps_follow_the_choice(
    wizard: ServerWizard, window: MainWindow, opened_wizards: list[ServerWizard]
) -> None:
    assert wizard._names == ["address", "sign_in"]
    assert wizard.page.mode.findChildren(QLineEdit) == []
    moving = shown(opened_wizards, ServerWizard(window, MOVE, office=window.office))
    assert "people" in moving._names and moving.page.mode.value() == MOVE
    assert ServerWizard(None, MOVE).plan.mode == JOIN  # nothing is open that could be moved
