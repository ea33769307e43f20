"""An office with two contacts in a real main window, whose features know files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import files_service, service
from crm_desktop.records.files_service import FileRow
from crm_desktop.sales.service import ensure_default_pipeline
from ui import features
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records.files import FilesTab
from ui.records.list_page import ListPage
from ui.theme.theme import apply_theme


def mime_of(*paths: Path) -> QMimeData:
    """What a file manager gives."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop_on(widget: QWidget, data: QMimeData, at: tuple[float, float] = (20, 20)) -> bool:
    """Drag over a widget and drop. Whether it took it."""
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(*at).toPoint(), copy, data, left, none)
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPointF(*at), copy, data, left, none))
    return True


@dataclass
class Desk:
    """A main window over an office, and what a test needs to work it."""

    window: MainWindow
    office: Office
    helena: int
    caio: int
    lucia: int
    otto: int

    @property
    def database(self) -> Database:
        """The open database."""
        return self.office.database  # type: ignore[no-any-return]

    def settle(self, rounds: int = 4) -> None:
        """Let everything that was begun come to its end."""
        for _round in range(rounds):
            for _try in range(60):
                if tasks.wait_idle(1):
                    break
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QTest.qWait(30)

    def open(self, record_id: int | None = None) -> ListPage:
        """The contacts, with one of them beside the list."""
        self.window.open_page("contacts", record_id=record_id or self.lucia)
        self.settle()
        found = self.window.current_page
        assert isinstance(found, ListPage)
        return found

    def files(self, record_id: int | None = None) -> FilesTab:
        """The Files tab of a contact's card."""
        page = self.open(record_id)
        page.card.show_tab("files")
        self.settle(2)
        return page.card.files

    def rows(self, record_id: int | None = None) -> Sequence[FileRow]:
        """The files of a contact as they are stored."""
        with self.database.read() as connection:
            return files_service.attachments_of(connection, record_id or self.lucia)

    def content(self, attachment_id: int, revision: int | None = None) -> bytes:
        """The stored bytes of a file."""
        with self.database.read() as connection:
            return files_service.attachment_content(connection, attachment_id, revision)[1]

    def as_caio(self, work: Callable[[Any], Any]) -> Any:
        """Write as somebody on another computer."""
        with write(self.database, "Elsewhere", actor=Actor(self.caio, "Caio Bittar", "other")) as uow:
            result = work(uow)
        self.settle()
        return result


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that other programs were asked to open."""
    found: list[Path] = []
    for name in ("ui.records.files_open", "ui.records.files_edit"):
        monkeypatch.setattr(f"{name}.QDesktopServices.openUrl", lambda url: found.append(Path(url.toLocalFile())))
    return found


@pytest.fixture
def desk(sqlite_database: Database, qapp: QApplication) -> Iterator[Desk]:
    """The window of Helena's office."""
    apply_theme(qapp, "light")
    dialogs.answers.reset(strict=True)
    database = sqlite_database
    with write(database, "Set up") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "role": "admin"})
        caio = service.create_record(uow, "user", {"name": "Caio Bittar", "login": "caio"})
        ensure_default_pipeline(uow)
        lucia = service.create_record(uow, "contact", {"name": "Lúcia Prado", "email": "lucia@prado.example"})
        otto = service.create_record(uow, "contact", {"name": "Otto Lins", "email": "otto@lins.example"})
    office = features.prepare(Office(database, Actor(helena, "Helena Prates", "here"), write, name="Clima Tupiara"))
    window = MainWindow(office, features.PAGES, features.RECORDS)
    window.resize(1440, 900)
    window.show()
    yield Desk(window, office, helena, caio, lucia, otto)
    tasks.wait_idle(20)
    window.status_keeper.stop()
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    tasks.shutdown()
    dialogs.answers.reset()
