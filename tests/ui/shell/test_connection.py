"""The office server goes away and comes back while somebody works: the window lives, says so, and nothing typed is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop import app
from crm_desktop.core.i18n import translate
from crm_desktop.db import outcome
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import history, queries, service
from crm_desktop.security import keyring_store
from tests.helpers.postgres import PostgresServer
from tests.helpers.proxy import Proxy, make_impatient
from tests.helpers.windows import settle
from ui import features
from ui.app import answer_server, make_application
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records.conflict import ConflictDialog
from ui.records.list_page import ListPage
from ui.records.record_dialog import RecordDialog
from ui.security.sign_in_again import SignInAgain
from ui.widgets.buttons import Button
from ui.widgets.states import ErrorState
from ui.widgets.toast import Toast


@dataclass
class Far:
    """A window whose server can be taken away, and a colleague beside it."""

    window: MainWindow
    office: Office
    proxy: Proxy
    near: Database
    ana: int
    gone: threading.Event = field(default_factory=threading.Event)

    def until_cut(self) -> None:
        """On another thread: wait until the server was taken away."""
        assert self.gone.wait(10)

    def take_away(self) -> None:
        """The server falls silent; returns once the window says so."""
        self.proxy.refuse = True
        self.proxy.cut()
        self.until(lambda: not self.window.connection_keeper.connected)

    def bring_back(self) -> None:
        """The server answers again; returns once the window knows."""
        self.proxy.refuse = False
        self.press(self.window.connection_line.first)
        self.until(lambda: self.window.connection_keeper.connected)

    @staticmethod
    def press(button: Button) -> None:
        """Press a button."""
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @staticmethod
    def until(condition: Callable[[], Any]) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < end, "it never came to be"
            QTest.qWait(10)

    def record(self) -> queries.Record:
        """Ana as she stands on the server."""
        with self.near.read() as connection:
            return queries.get_record(self.near, connection, "contact", self.ana)

    def edit(self, job_title: str) -> RecordDialog:
        """The form of Ana with another job title typed."""
        page = self.window.current_page
        assert isinstance(page, ListPage)
        page.card.edit()
        self.until(self._form)
        form = self._form()
        assert form is not None
        editor = form.form.rows["job_title"].editor
        editor.setFocus()
        QTest.keyClicks(editor.focusProxy() or editor, job_title)
        return form

    @staticmethod
    def _form() -> RecordDialog | None:
        found = [one for one in QApplication.topLevelWidgets() if isinstance(one, RecordDialog) and one.isVisible()]
        return found[0] if found else None


@pytest.fixture
def far(
    qapp: object, monkeypatch: pytest.MonkeyPatch, postgres_server: PostgresServer, postgres_url: str, schema: Schema
) -> Iterator[Far]:
    """The window on a server behind a proxy, with the contacts open."""
    make_impatient(monkeypatch)
    make_application()
    dialogs.answers.reset(strict=True)
    near = Database(postgres_url, schema)
    with write(near, "Start", actor=Actor(None, "Caio")) as uow:
        ana = service.create_record(uow, "contact", {"name": "Ana Lima", "city": "Curitiba"})
    with Proxy(postgres_server.host, postgres_server.port) as proxy:
        opened = app.open_office(proxy.url(postgres_url))
        office = features.prepare(Office(opened.database, opened.actor, write, name="Office"))
        window = MainWindow(office, features.PAGES, features.RECORDS)
        window.resize(1280, 800)
        window.show()
        window.open_page("contacts", record_id=ana)
        settle()
        found = Far(window, office, proxy, near, ana)
        page = window.current_page
        assert isinstance(page, ListPage)
        found.until(lambda: page.card.record is not None and window.status_keeper.listening)
        yield found
        proxy.refuse = proxy.drop = False
        for one in QApplication.topLevelWidgets():
            if isinstance(one, RecordDialog):
                one._closing = True
                one.close()
        settle()
        window.close()
        window.deleteLater()
        settle()
        office.close()
    near.close()
    dialogs.answers.reset()


def test_what_is_shown_stays_and_one_line_says_why(far: Far) -> None:
    page = far.window.current_page
    assert isinstance(page, ListPage)
    far.take_away()
    line = far.window.connection_line
    assert line.isVisible()
    assert "does not answer" in line.strong.text()
    assert "What you type is kept" in line.text.text()
    assert "No connection" in far.window.status.connection.text()
    page.model.reload()  # whatever reads now is told by the line, and by no dialog
    far.window.undo_keeper.refresh()
    settle()
    assert page.state.state() == "full"
    assert page.model.rowCount() == 1
    assert page.card.record is not None
    far.bring_back()
    settle()
    assert not line.isVisible()
    assert far.window.status.connection.text() == "Connected"


def test_what_others_did_meanwhile_is_shown_and_the_choice_stays(far: Far) -> None:
    page = far.window.current_page
    assert isinstance(page, ListPage)
    chosen = page.table.current_id()
    far.take_away()
    with write(far.near, "Elsewhere", actor=Actor(None, "Caio")) as uow:
        service.create_record(uow, "contact", {"name": "Bia Souza"})
        service.update_record(uow, "contact", far.ana, {"job_title": "Director"})
    far.bring_back()
    far.until(lambda: page.model.rowCount() == 2)
    far.until(lambda: page.card.record is not None and page.card.record.values["job_title"] == "Director")
    assert page.table.current_id() == chosen


def test_a_save_while_away_keeps_the_form_and_is_saved_when_agreed(far: Far) -> None:
    form = far.edit("Buyer")
    far.take_away()
    QTest.keyClick(form, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert form.isVisible()
    assert form.notice.isVisible()
    line = far.window.connection_line
    assert "1 change is not saved yet" in line.text.text()
    assert "1 not saved yet" in far.window.status.connection.text()
    assert line.second.text() == "Save it when the server is back"
    far.press(line.second)
    assert "saved as soon as it is back" in line.text.text()
    QTest.keyClicks(form.form.rows["job_title"].editor.focusProxy() or form.form.rows["job_title"].editor, " in chief")
    far.bring_back()
    far.until(lambda: far.record().values["job_title"] == "Buyer in chief")  # with what was written by then
    far.until(lambda: far._form() is None)
    assert not line.isVisible()


def test_without_agreement_it_is_offered_and_not_done(far: Far) -> None:
    form = far.edit("Buyer")
    far.take_away()
    form.save()
    settle()
    far.bring_back()
    settle()
    line = far.window.connection_line
    assert line.isVisible()
    assert "“Edit Ana Lima” is not saved yet" in line.text.text()
    assert far.record().values["job_title"] is None
    far.press(line.first)
    far.until(lambda: far.record().values["job_title"] == "Buyer")


def test_saving_when_it_is_back_asks_where_somebody_else_changed_the_same(far: Far) -> None:
    form = far.edit("Buyer")
    far.take_away()
    form.save()
    settle()
    far.press(far.window.connection_line.second)
    with write(far.near, "Elsewhere", actor=Actor(None, "Caio")) as uow:
        service.update_record(uow, "contact", far.ana, {"job_title": "Seller"})
    shown: list[str] = []

    def choose(dialog: ConflictDialog) -> bool:
        shown.extend(one.field.name for one in dialog.disputed)
        return True

    dialogs.answers.give(choose)
    far.bring_back()
    far.until(lambda: shown == ["job_title"])
    far.until(lambda: far.record().values["job_title"] == "Buyer")


@pytest.mark.parametrize("arrives", [True, False])
def test_a_lost_confirmation_is_told_truly(far: Far, arrives: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "_PATIENCE_S", 0.0)
    form = far.edit("Buyer")
    far.proxy.cut_after(b"COMMIT", arrives=arrives, refuse=True)
    form.save()
    far.until(lambda: not far.window.connection_keeper.connected)
    far.until(lambda: form.notice.isVisible())
    assert "looked up" in form.notice.text.text()
    assert not form.form.isEnabled()  # until it is known, nothing more is written into it
    far.bring_back()
    if arrives:
        far.until(lambda: far._form() is None)
        assert far.record().values["job_title"] == "Buyer"
        assert not far.office.pending.all()
    else:
        far.until(lambda: form.form.isEnabled())
        assert "lost before this was saved" in form.notice.text.text()
        far.press(far.window.connection_line.first)
        far.until(lambda: far.record().values["job_title"] == "Buyer")


def test_a_changed_password_asks_to_sign_in_again(far: Far, monkeypatch: pytest.MonkeyPatch) -> None:
    password = far.office.database.target.rpartition("@")[0].rpartition(":")[2]
    far.office.database.wires.password = "another one"
    far.proxy.cut()
    far.until(lambda: far.window.connection_line.first.text() == "Sign in again…")
    assert "refused the user name or the password" in far.window.connection_line.strong.text()
    dialogs.answers.give("wrong again", password)
    far.press(far.window.connection_line.first)
    settle()
    assert not far.window.connection_keeper.connected
    far.press(far.window.connection_line.first)
    far.until(lambda: far.window.connection_keeper.connected)


def test_a_changed_password_goes_into_the_keyring_where_the_old_one_was(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = far.office.database
    password = database.target.rpartition("@")[0].rpartition(":")[2]
    kept = {database.target: "the old one"}
    monkeypatch.setattr(keyring_store, "available", lambda: True)
    monkeypatch.setattr(keyring_store, "read", lambda _target: "the old one")
    monkeypatch.setattr(keyring_store, "save", lambda _target, new: bool(kept.update({database.target: new})) or True)
    answer_server(far.office)
    database.wires.password = "another one"
    far.proxy.cut()
    far.until(lambda: far.window.connection_line.first.text() == "Sign in again…")

    def answer(dialog: SignInAgain) -> bool:
        far.until(dialog.remember.isChecked)  # this computer remembers one
        QTest.keyClicks(dialog.password.line, "wrong")
        QTest.keyClick(dialog.password.line, Qt.Key.Key_Return)
        far.until(dialog.password.problem)
        dialog.password.line.clear()
        QTest.keyClicks(dialog.password.line, password)
        QTest.keyClick(dialog.password.line, Qt.Key.Key_Return)
        far.until(dialog.result)
        return True

    dialogs.answers.give(answer)
    far.press(far.window.connection_line.first)
    far.until(lambda: far.window.connection_keeper.connected)
    assert kept == {database.target: password}


@pytest.mark.parametrize("arrives", [True, False])
def test_an_undo_whose_confirmation_was_lost_is_told_truly(
    far: Far, arrives: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "_PATIENCE_S", 0.0)
    with write(far.near, "Move", actor=Actor(None, "Caio")) as uow:
        service.update_record(uow, "contact", far.ana, {"city": "Recife"})
    with far.near.read() as connection:
        last = history.recent(connection, limit=1)[0]
    settle()
    far.proxy.cut_after(b"COMMIT", arrives=arrives, refuse=True)
    far.window.undo_keeper.undo_change_set(last.id, "Move")
    far.until(lambda: not far.window.connection_keeper.connected)

    def said(words: str) -> bool:
        return any(words in one.text.text() for one in far.window.findChildren(Toast))

    far.until(lambda: said("looked up"))
    assert not said("Undone")
    far.bring_back()
    far.until(lambda: said("is saved." if arrives else "is not saved."))
    assert far.record().values["city"] == ("Curitiba" if arrives else "Recife")


def test_a_job_that_the_server_was_taken_from_claims_nothing(far: Far) -> None:
    claimed: list[Any] = []
    half = threading.Event()

    def work(_progress: object) -> None:
        with far.office.unit_of_work("Many") as uow:
            service.update_record(uow, "contact", far.ana, {"city": "Recife"})
            half.set()
            far.until_cut()
            service.update_record(uow, "contact", far.ana, {"job_title": "Buyer"})

    handle = tasks.run_job("Many", work, claimed.append, owner=far.window)
    far.until(half.is_set)
    far.take_away()
    far.gone.set()
    far.until(lambda: handle.state == "failed")
    far.until(lambda: far.window.findChildren(Toast))
    assert not claimed and "wait until" in far.window.findChildren(Toast)[0].text.text()
    assert far.record().values["city"] == "Curitiba"  # all of it or nothing


def test_a_click_somewhere_else_is_one_toast_and_no_dialog(far: Far) -> None:
    far.take_away()
    for _ in range(3):
        far.office.write(far.window, "Mark", lambda uow: None)
        far.window.undo_keeper.undo_change_set(1, "x")
    settle()
    assert len(far.window.findChildren(Toast)) == 1
    assert (
        translate("That has to wait until the office server is back.") in far.window.findChildren(Toast)[0].text.text()
    )


def test_an_undo_and_a_job_begun_while_away_are_offered_when_it_is_back(far: Far) -> None:
    with write(far.near, "Move", actor=Actor(None, "Caio")) as uow:
        service.update_record(uow, "contact", far.ana, {"city": "Recife"})
    with far.near.read() as connection:
        last = history.recent(connection, limit=1)[0]
    settle()
    far.take_away()
    far.window.undo_keeper.undo_change_set(last.id, "Move")
    ran: list[int] = []

    def count(_progress: object) -> None:
        with far.office.database.read():
            ran.append(1)

    tasks.run_job("Count", count, owner=far.window)
    far.until(lambda: len(far.office.pending.all()) == 2)
    assert "2 changes are not saved yet" in far.window.connection_line.text.text()
    assert "wait until" in far.window.findChildren(Toast)[0].text.text() and not ran
    far.bring_back()
    assert "“Undo: Move”" in far.window.connection_line.text.text()
    far.press(far.window.connection_line.first)
    far.until(lambda: ran and far.record().values["city"] == "Curitiba")


def test_a_login_that_was_disabled_reads_so_in_the_page(far: Far) -> None:
    far.office.database.wires.password = "another one"
    far.proxy.cut()
    far.until(lambda: far.window.connection_line.first.text() == "Sign in again…")
    far.window.open_page("changes")
    page = far.window.current_page
    assert page is not None
    far.until(lambda: any(one.isVisible() for one in page.findChildren(ErrorState)))
    shown = next(one for one in page.findChildren(ErrorState) if one.isVisible())
    assert shown.title.text() == "The office server does not let you in"
    assert "refused the user name or the password" in shown.text.text()
