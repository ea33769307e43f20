"""The server's certificate changes while the window is open: the line says so, it is looked at, and somebody decides."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from crm_desktop import app
from crm_desktop.db import handshake
from crm_desktop.db.server_address import PINNED, VERIFY, ServerAddress, pin
from crm_desktop.db.unit_of_work import write
from tests.helpers.certificates import Made, make_certificate
from tests.helpers.postgres import PostgresServer
from tests.helpers.postgres_tls import encrypted, show
from tests.helpers.proxy import make_impatient
from tests.helpers.windows import settle, wait_for
from ui.app import answer_server, make_application
from ui.framework import dialogs
from ui.framework.office import Office
from ui.shell.connection import ConnectionKeeper, ConnectionLine
from ui.shell.server.certificate import CertificateDialog
from ui.widgets.shell import StatusBar


@dataclass
class Line:
    """The line of an office whose server shows a certificate that was remembered."""

    office: Office
    line: ConnectionLine
    keeper: ConnectionKeeper
    context: ssl.SSLContext

    def change(self, made: Made) -> None:
        """The server shows another certificate; returns once the line says so."""
        show(self.context, made)
        wires = self.office.database.wires
        assert wires is not None
        wires.cut()
        wait_for(lambda: self.line.first.text() == "Look at the certificate…")
        assert "not trusted" in self.line.strong.text()

    def press(self, answer: Any) -> None:
        """Press the button of the line and work what opens."""
        dialogs.answers.give(answer)
        QTest.mouseClick(self.line.first, Qt.MouseButton.LeftButton)
        settle()


def press(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.fixture
def line(
    qapp: object, monkeypatch: pytest.MonkeyPatch, postgres_server: PostgresServer, postgres_url: str
) -> Iterator[Line]:  # fmt: skip
    make_impatient(monkeypatch)
    make_application()
    dialogs.answers.reset(strict=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with encrypted(postgres_server, make_certificate("localhost"), context) as port:
        name, _, rest = postgres_url.partition("@")
        target = f"{name}@localhost:{port}/{rest.rpartition('/')[2]}"
        address = ServerAddress.from_url(target)
        seen = handshake.fetch_certificate(address)
        assert seen is not None
        pin(address, seen.pem, seen.fingerprint)
        opened = app.open_office(target)
        office = Office(opened.database, opened.actor, write)
        answer_server(office)
        window = QWidget()
        shown, bar = ConnectionLine(window), StatusBar(window)
        keeper = ConnectionKeeper(office, shown, bar, window)
        window.resize(900, 200)
        window.show()
        yield Line(office, shown, keeper, context)
        keeper.stop()
        settle()
        window.close()
        window.deleteLater()
        settle()
        office.close()
    dialogs.answers.reset()


def test_a_renewed_certificate_is_accepted_by_somebody(line: Line) -> None:
    before = ServerAddress.from_url(line.office.database.target).fingerprint
    line.change(make_certificate("localhost"))

    def look_only(dialog: CertificateDialog) -> bool:
        wait_for(lambda: "HAS CHANGED" in dialog.trouble.text.text())
        assert before in dialog.trouble.text.text()
        dialogs.answers.give(None)  # "Accept?", and Escape
        dialog.show()
        press(dialog.accept_new)
        settle()
        assert not dialog.result()
        return False

    line.press(look_only)
    assert not line.keeper.connected
    assert ServerAddress.from_url(line.office.database.target).fingerprint == before

    def accept(dialog: CertificateDialog) -> bool:
        wait_for(lambda: "HAS CHANGED" in dialog.trouble.text.text())
        dialogs.answers.give("yes")
        dialog.show()
        press(dialog.accept_new)
        wait_for(dialog.result)
        return True

    line.press(accept)
    wait_for(lambda: line.keeper.connected)
    with line.office.database.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert ServerAddress.from_url(line.office.database.target).fingerprint != before


def test_the_administrator_gives_a_file_instead(line: Line, tmp_path: Path) -> None:
    authority = make_certificate("Office authority", authority=True)
    line.change(make_certificate("localhost", issuer=authority))
    right, wrong = tmp_path / "right.crt", tmp_path / "wrong.crt"
    right.write_bytes(authority.certificate)
    wrong.write_bytes(make_certificate("localhost").certificate)

    def give_file(dialog: CertificateDialog) -> bool:
        wait_for(dialog.trouble.text.text)
        dialog.show()
        assert not dialog.accept_new.isVisible()  # it is not one to remember
        wait_for(dialog.choose_file.isEnabled)
        said = dialog.trouble.text.text()
        dialogs.answers.give(wrong)
        press(dialog.choose_file)
        wait_for(lambda: dialog.trouble.text.text() != said)
        assert ServerAddress.from_url(line.office.database.target).tls == PINNED
        dialogs.answers.give(right)
        press(dialog.choose_file)
        wait_for(dialog.result)
        return True

    line.press(give_file)
    wait_for(lambda: line.keeper.connected)
    assert ServerAddress.from_url(line.office.database.target).tls == VERIFY
