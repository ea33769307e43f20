"""A whole backup becomes an office on a server: through the restore assistant and that of servers, with real parts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.backup.making import make_backup
from crm_desktop.backup.restoring import browse_backup
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.dump import digest
from crm_desktop.db.schema import Schema
from crm_desktop.db.server_address import ServerAddress
from crm_desktop.db.unit_of_work import write
from crm_desktop.moving import Mover, move_office, people_of
from crm_desktop.office_server import Login
from crm_desktop.records import service as records
from crm_desktop.records.moved import moved_note
from crm_desktop.security import service as security
from tests.helpers.offices import Offices
from tests.helpers.postgres import PostgresServer
from tests.helpers.windows import settle, wait_for, window_on_file
from ui.backup import plan
from ui.backup.restore_page import RestorePage
from ui.backup.restore_what import WHOLE
from ui.framework import dialogs, tasks
from ui.main_window import MainWindow
from ui.records import drafts
from ui.shell.server.parts import Line
from ui.shell.server.people_page import PeoplePage
from ui.shell.server.wizard import ServerWizard

SECRET = "correct horse"
THERE, TODAY = "office_restored", "office_of_today"


def fill(database: Database) -> None:
    """Two people and somebody whom they know."""
    with write(database, "First") as uow:
        security.create_user(uow, "Ana Prates", login="ana.prates", role="owner")
        security.create_user(uow, "Bento Salerno", login="bento.salerno", role="sales")
        records.create_record(uow, "contact", {"name": "Íris Prado", "email": "i@x.example"})


@pytest.fixture
def office_file(offices: Offices, tmp_path: Path) -> Path:
    path = tmp_path / "office.crm"
    offices.copy_to(path, fill)
    return path


@pytest.fixture
def window(qapp: object, office_file: Path) -> Iterator[MainWindow]:
    with window_on_file(office_file, "Moinho") as shown:
        yield shown


@pytest.fixture
def server(postgres_server: PostgresServer) -> Iterator[PostgresServer]:
    """The test server; what is made on it goes again."""
    before = postgres_server.roles()
    yield postgres_server
    for name in (THERE, TODAY):
        postgres_server.drop_database(name)
    postgres_server.drop_roles(postgres_server.roles() - before)


def content(database: Database) -> str:
    with database.read_all() as connection:
        return digest(connection, database.schema, history=True)


def made_there(server: PostgresServer) -> bool:
    return bool(server.execute(f"SELECT 1 FROM pg_database WHERE datname = '{THERE}'"))


def unpacked() -> list[Path]:
    """The folders in which a backup waits to be copied to a server."""
    return list(Path(tempfile.gettempdir()).rglob("crm-to-server-*"))


def add_somebody(database: Database, name: str) -> None:
    with write(database, "Later") as uow:
        records.create_record(uow, "contact", {"name": name})


def at_the_way(window: MainWindow, backup: str, password: str = "") -> RestorePage:
    """The assistant at its third step, with the way to a server chosen."""
    window.open_page("restore", path=backup)
    settle()
    page = window.current_page
    assert isinstance(page, RestorePage)
    QTest.keyClicks(page.pick.password, password)
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    wait_for(lambda: page.current is page.what, "the backup was not opened")
    QTest.mouseClick(page.what.cards[WHOLE], Qt.MouseButton.LeftButton)
    settle()
    page.whole.server.setFocus()
    QTest.keyClick(page.whole.server, Qt.Key.Key_Space)
    settle()
    assert page.footer.go_on.text() == "Restore to a server…" and page.footer.go_on.isEnabled()
    return page


def restore(page: RestorePage, work: Callable[[ServerWizard], None]) -> ServerWizard:
    """Press the button, and let ``work`` go through the assistant of servers as somebody would."""
    shown: list[ServerWizard] = []

    def run(dialog: ServerWizard) -> bool:
        shown.append(dialog)
        dialog.show()
        settle()
        work(dialog)
        settle()
        assert not dialog.isVisible()
        return dialog.result() == ServerWizard.DialogCode.Accepted

    dialogs.answers.give(run)
    QTest.mouseClick(page.footer.go_on, Qt.MouseButton.LeftButton)
    return shown[0]


def wait_until(reached: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait on a thread that is not the window's."""
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.01)


def press(dialog: ServerWizard) -> None:
    QTest.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
    settle()


def type_in(line: Line, text: str) -> None:
    line.line.selectAll()
    QTest.keyClicks(line.line, text)


def to_the_people(dialog: ServerWizard, server: PostgresServer, database: str = THERE) -> PeoplePage:
    address = dialog.page
    type_in(address.host, server.host)
    type_in(address.port, str(server.port))
    type_in(address.database, database)
    press(dialog)
    type_in(dialog.page.password, server.password)
    press(dialog)
    page = dialog.page
    assert isinstance(page, PeoplePage)
    return page


def choose_password(page: PeoplePage) -> None:
    assert page.again is not None
    type_in(page.rows[0][2], SECRET)
    type_in(page.again, SECRET)


def test_the_office_of_a_backup_is_on_the_server_and_todays_is_as_it_was(
    window: MainWindow, server: PostgresServer, schema: Schema, tmp_path: Path
) -> None:
    database = window.office.database
    info = make_backup(database, tmp_path / "kept", prove=False)
    add_somebody(database, "Otávio Reis")
    today, own_plan = content(database), plan.own(database)
    draft = drafts.draft_key(window.office, "note", 7)
    drafts.keep_draft(draft, {"text": "half a sentence"})
    switched: list[str] = []
    window.office_switch.connect(switched.append)

    def work(dialog: ServerWizard) -> None:
        assert dialog.windowTitle() == "Restore a backup to a server" and not dialog.page.mode.isVisible()
        page = to_the_people(dialog, server)
        assert [one.name for one, _login, _password in page.rows] == ["Ana Prates", "Bento Salerno"]
        assert page.rows[0][2].line.accessibleName() == "Password of Ana Prates"
        assert page.rows[0][2].label.text() == "Your password" and dialog.next.text() == "Restore to the server"
        choose_password(page)
        press(dialog)
        assert dialog.next.text() == "Open it there" and dialog.away.isVisible()
        assert [name for name, _login, _password in dialog.page.people()] == ["Bento Salerno"]
        QTest.mouseClick(dialog.away, Qt.MouseButton.LeftButton)

    page = at_the_way(window, info.path)
    restore(page, work)
    settle()
    assert switched == [] and page.current is page.result, "one stays in today's office"
    assert page.result.heading.text() == "Restored to the office server"
    assert f"{THERE} on {server.host}" in page.result.panel.text.text()
    assert page.result.checks.isVisible() and "in order" in page.result.checks.text.text()
    assert page.footer.text.text() == "Today's office was not changed."

    there = Database(server.url(THERE), schema)
    with browse_backup(info.path, schema) as backup:
        assert content(there) == content(backup) != today
    there.close()
    with database.read() as connection:
        assert moved_note(connection, "office.crm") is None
    assert content(database) == today and plan.own(database) == own_plan
    assert drafts.load_draft(draft) == {"text": "half a sentence"}
    assert unpacked() == []

    QTest.mouseClick(page.result.open_record, Qt.MouseButton.LeftButton)
    assert len(switched) == 1 and SECRET not in switched[0]
    address = ServerAddress.from_url(switched[0])
    assert (address.database, address.user) == (THERE, "ana.prates")
    opened = app.open_office(address.url(SECRET))
    assert opened.database.access.role == "owner" and opened.database.locked
    opened.database.close()


def test_a_protected_backup_is_opened_on_the_server_by_somebody_whom_it_does_not_know(
    window: MainWindow, server: PostgresServer, tmp_path: Path, offices: Offices
) -> None:
    """The backup is that of another office; what was restored is opened at once."""
    other = Database(tmp_path / "other.crm", window.office.database.schema)
    offices.copy_to(tmp_path / "other.crm", fill)
    with write(other, "Other people") as uow:
        for one in people_of(other):
            uow.delete("user", [one.user_id])
        security.create_user(uow, "Clara Melo", login="clara.melo", role="owner")
    info = make_backup(other, tmp_path / "kept", password="locked", prove=False)
    other.close()
    today = content(window.office.database)
    switched: list[str] = []
    window.office_switch.connect(switched.append)

    def work(dialog: ServerWizard) -> None:
        page = to_the_people(dialog, server)
        assert page.rows[0][2].label.text() == "Password", "it is not that of who sits here"
        choose_password(page)
        press(dialog)
        press(dialog)

    page = at_the_way(window, info.path, "locked")
    restore(page, work)
    settle()
    assert len(switched) == 1
    opened = app.open_office(switched[0])
    assert opened.actor.name == "Clara Melo"
    opened.database.close()
    assert content(window.office.database) == today and unpacked() == []


@pytest.mark.parametrize("step", ["Unpacking", "Copying", "Locking"])
def test_stopping_leaves_nothing_of_it(
    window: MainWindow, server: PostgresServer, tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = make_backup(window.office.database, tmp_path / "kept", prove=False)
    today, roles = content(window.office.database), server.roles()
    reached: list[bool] = []
    update = Progress.update

    def held(self: Progress, *words: object, **more: object) -> None:
        """The work stands at its step until it is stopped there."""
        update(self, *words, **more)  # type: ignore[arg-type]
        if str(more.get("message") or (words[2] if len(words) > 2 else "")).startswith(step):
            reached.append(bool(unpacked()))
            wait_until(lambda: self.cancelled)

    monkeypatch.setattr(Progress, "update", held)

    def work(dialog: ServerWizard) -> None:
        people = to_the_people(dialog, server)
        choose_password(people)
        QTest.mouseClick(dialog.next, Qt.MouseButton.LeftButton)
        QApplication.processEvents()  # the page of the work is shown, and the work begun
        end = time.monotonic() + 30
        while not reached and time.monotonic() < end:
            tasks.wait_idle(0.05)
        QApplication.processEvents()
        assert dialog.away.text() == "Stop" and not dialog.back.isEnabled()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        settle()
        assert dialog.page is people and dialog.isVisible()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    page = at_the_way(window, info.path)
    restore(page, work)
    settle()
    assert reached == [True] and unpacked() == []
    assert not made_there(server) and server.roles() == roles
    assert content(window.office.database) == today
    assert page.current is page.whole and page.whole.server.isChecked() and page.footer.go_on.isEnabled()
    assert page.footer.text.text() == "Nothing has been changed."


def test_an_office_that_lives_on_the_same_server_stays_there(
    qapp: QApplication, office_file: Path, server: PostgresServer, schema: Schema, tmp_path: Path
) -> None:
    source = app.open_office(office_file).database
    people = [Mover(one.user_id, one.name, one.role, one.login, SECRET) for one in people_of(source)]
    admin = Login(server.user, server.password)
    moved = move_office(source, ServerAddress(server.host, server.port, TODAY), admin, people)
    source.close()
    assert moved.address is not None
    with window_on_file(moved.address.url(SECRET)) as window:
        info = make_backup(window.office.database, tmp_path / "kept", prove=False)
        add_somebody(window.office.database, "Otávio Reis")
        today = content(window.office.database)

        def work(dialog: ServerWizard) -> None:
            assert dialog.page.host.text() == server.host and dialog.page.database.text() == ""
            type_in(dialog.page.database, TODAY)
            press(dialog)
            type_in(dialog.page.password, server.password)
            press(dialog)
            assert "holds data" in dialog.page.trouble.text.text(), "today's office is not written over"
            QTest.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
            page = to_the_people(dialog, server)
            ana, bento = page.rows
            assert "of the backup is taken" in ana[1].note.text() and ana[1].text() != "ana.prates"
            choose_password(page)
            type_in(bento[1], "bento.salerno")
            press(dialog)
            assert "already" in bento[1].note.text() and dialog.page is page
            type_in(bento[1], "bento.then")
            press(dialog)
            QTest.mouseClick(dialog.away, Qt.MouseButton.LeftButton)

        page = at_the_way(window, info.path)
        page.whole._tell([], 2, "")
        assert page.whole.erased.isVisible(), "who was erased since is in the other office again"
        page.whole.over.setChecked(True)
        assert not page.whole.erased.isVisible()
        page.whole.server.setChecked(True)
        restore(page, work)
        settle()
        assert page.current is page.result and content(window.office.database) == today
        with window.office.database.read() as connection:
            assert moved_note(connection, TODAY) is None
    there = Database(server.url(THERE), schema)
    with there.read_all() as connection:
        assert list(connection.exec_driver_sql("SELECT name FROM contact").scalars()) == ["Íris Prado"]
    assert "bento.then" in [one.login for one in people_of(there)]
    there.close()
    again = app.open_office(moved.address.url(SECRET))  # the logins of today's office are as they were
    assert again.actor.name == "Ana Prates"
    again.database.close()
