"""Ways into an office: what is remembered, what is shown meanwhile, what is said when it does not work."""

from __future__ import annotations

from pathlib import Path

import keyring.backend
import pytest
from sqlalchemy.engine import make_url

from crm_desktop import app
from crm_desktop.backup.schedule import Plan
from crm_desktop.core import formats
from crm_desktop.records import office_service
from crm_desktop.records.moved import last_change, mark_moved
from crm_desktop.security import keyring_store
from tests.helpers.windows import settle
from ui.app import Application, make_application
from ui.backup import plan
from ui.framework import dialogs, settings, tasks
from ui.main_window import MainWindow
from ui.shell.first_start import FirstStart
from ui.shell.server.address_page import AddressPage
from ui.shell.server.wizard import ServerWizard
from ui.widgets.progress import JobRow


class Keyring(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


def without_backups(target: str) -> None:
    database = app.open_database(target)
    plan.keep(database, Plan(enabled=False))
    database.close()


def wait(application: Application) -> None:
    assert tasks.wait_idle(30)
    settle()


def test_the_first_page_shows_what_it_does_and_keeps_the_other_doors_shut(
    application: Application, tmp_path: Path
) -> None:
    without_backups(str(tmp_path / "own.crm"))
    application.start(None, demo=False)
    page = application.window
    assert isinstance(page, FirstStart)
    application.open(str(tmp_path / "own.crm"))
    assert [row.isVisible() for row in page.findChildren(JobRow)] == [True]
    assert not page.own.isEnabled() and not page.sample.isEnabled()
    wait(application)
    assert isinstance(application.window, MainWindow)
    assert settings.LAST_DATABASE.get() == str(tmp_path / "own.crm")


def test_a_sample_office_that_is_restored_is_not_the_one_of_next_time(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file goes when the program ends."""
    monkeypatch.setattr("crm_desktop.demo.make.make_demo", lambda *_given, **_more: None)  # an empty one does
    without_backups(str(tmp_path / "own.crm"))
    application.start(str(tmp_path / "own.crm"), demo=False)
    settings.LAST_DATABASE.set(str(tmp_path / "own.crm"))
    application.open_demo()
    wait(application)
    sample = application.window
    assert isinstance(sample, MainWindow)
    application._restored(str(sample.office.database.path))
    wait(application)
    assert application.window is not sample and isinstance(application.window, MainWindow)
    assert settings.LAST_DATABASE.get() == str(tmp_path / "own.crm")


def test_opening_can_be_cancelled(application: Application, tmp_path: Path) -> None:
    application.start(None, demo=False)
    application.open(str(tmp_path / "own.crm"))
    tasks.jobs().active()[0].cancel()
    wait(application)
    page = application.window
    assert isinstance(page, FirstStart) and page.own.isEnabled() and not page.findChildren(JobRow)


def test_the_doors_open_again_after_a_failure(application: Application, tmp_path: Path) -> None:
    (tmp_path / "bad.crm").write_bytes(b"nothing of the kind" * 500)
    application.start(None, demo=False)
    dialogs.answers.give(None)
    application.open(str(tmp_path / "bad.crm"))
    wait(application)
    page = application.window
    assert isinstance(page, FirstStart) and page.own.isEnabled()
    assert "damaged" in dialogs.answers.asked[-1].text
    assert settings.LAST_DATABASE.get() == ""


def test_the_next_office_does_not_keep_the_currency_of_the_last(application: Application, tmp_path: Path) -> None:
    for name, currency in (("one.crm", "EUR"), ("two.crm", "")):
        without_backups(str(tmp_path / name))
        if currency:
            database = app.open_database(str(tmp_path / name))
            with app.write(database, "Office") as uow:
                office_service.save_settings(uow, {"currency": currency})
            database.close()
    application.start(str(tmp_path / "one.crm"), demo=False)
    assert formats.default_currency() == "EUR"
    application.open(str(tmp_path / "two.crm"))
    wait(application)
    assert formats.default_currency() == "USD"


def test_a_server_is_joined_once_and_its_password_is_in_no_file(
    application: Application, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = Keyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr(keyring, "get_password", ring.get_password)
    monkeypatch.setattr(keyring, "set_password", ring.set_password)
    without_backups(postgres_url)
    url = make_url(postgres_url)
    if not url.password:
        pytest.skip("this server asks for no password")
    keyring_store.save(postgres_url, url.password)
    application.start(None, demo=False)
    application.open(postgres_url)
    wait(application)
    assert isinstance(application.window, MainWindow)
    kept = settings.LAST_DATABASE.get()
    assert url.password not in kept and "***" not in kept
    assert url.password not in "".join(
        path.read_text(errors="replace") for path in Path(app.paths.data_folder()).rglob("*") if path.is_file()
    )
    opened = make_url(keyring_store.with_known_password(kept))
    assert (opened.password, opened.host, opened.database) == (url.password, url.host, url.database)


def test_the_assistant_knows_the_server_joined_last(qapp: object) -> None:
    make_application()
    dialog = ServerWizard(None, known="postgresql://ana@192.168.0.7:5433/vendas")
    page = dialog.page
    assert isinstance(page, AddressPage)
    shown = [line.text() for line in (page.host, page.port, page.database)]
    assert shown == ["192.168.0.7", "5433", "vendas"] and dialog.plan.address.user == "ana"
    dialog.deleteLater()


def test_a_moved_file_offers_the_server_instead_of_opening(application: Application, tmp_path: Path) -> None:
    path = tmp_path / "own.crm"
    database = app.open_office(path).database
    with database.read() as connection:
        seen = last_change(connection)
    mark_moved(database, "postgresql://ana@192.168.0.7/crm", seen)
    database.close()
    dialogs.answers.give("no", "copy", tmp_path / "copy.crm")
    application.start(str(path), demo=False)
    assert "lives on a server now" in dialogs.answers.asked[-1].title
    assert "192.168.0.7" in dialogs.answers.asked[-1].text and isinstance(application.window, FirstStart)
    application.open(str(path))
    wait(application)
    wait(application)
    assert isinstance(application.window, MainWindow)
    assert settings.LAST_DATABASE.get() == str(tmp_path / "copy.crm")
