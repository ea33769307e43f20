"""An office with two contacts in a real main window, whose features know files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import files_service, service
from crm_desktop.records.files_service import FileRow
from crm_desktop.sales.service import ensure_default_pipeline
from tests.helpers.offices import OpenFilled
from tests.helpers.windows import settle, window_over
from ui import features
from ui.framework.office import Office
from ui.main_window import MainWindow
from ui.records.files import FilesTab
from ui.records.list_page import ListPage


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

    settle = staticmethod(settle)

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
        self.settle()
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


def fill(database: Database) -> dict[str, int]:
    """Helena and Caio, and two people."""
    with write(database, "Set up") as uow:
        helena = service.create_record(uow, "user", {"name": "Helena Prates", "login": "helena", "role": "admin"})
        caio = service.create_record(uow, "user", {"name": "Caio Bittar", "login": "caio"})
        ensure_default_pipeline(uow)
        lucia = service.create_record(uow, "contact", {"name": "Lúcia Prado", "email": "lucia@prado.example"})
        otto = service.create_record(uow, "contact", {"name": "Otto Lins", "email": "otto@lins.example"})
    return {"helena": helena, "caio": caio, "lucia": lucia, "otto": otto}


@pytest.fixture
def desk(filled_office: OpenFilled, qapp: QApplication) -> Iterator[Desk]:
    """The window of Helena's office."""
    database, ids = filled_office(fill)
    actor = Actor(ids["helena"], "Helena Prates", "here")
    office = features.prepare(Office(database, actor, write, name="Clima Tupiara"))
    with window_over(office, 1440, 900) as window:
        yield Desk(window, office, **ids)
