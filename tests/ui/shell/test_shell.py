"""The window around the pages: navigation, palette, undo, changes, backups, reports, settings, first page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from crm_desktop import app, reports
from crm_desktop.backup import catalogue
from crm_desktop.core import formats
from crm_desktop.core.i18n import set_language
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import history, office_service, queries, service
from tests.helpers.windows import settle, wait_for
from ui import features
from ui.app import Application, make_application
from ui.framework import dialogs
from ui.history.changes_page import ChangesPage
from ui.main_window import MainWindow
from ui.reporting.reports_page import ReportsPage
from ui.shell.first_start import FirstStart
from ui.widgets.labels import Label
from ui.widgets.toast import Toast, show_toast


def some_contact(database: Database) -> tuple[int, str]:
    with database.read() as connection:
        identity = int(queries.find_ids(database, connection, "contact", limit=1)[0])
        return identity, queries.get_record(database, connection, "contact", identity).title


def test_every_page_opens_and_names_its_controls(window: MainWindow) -> None:
    nameless = []
    for spec in window.palette_pages():
        window.open_page(spec.name)
        settle()
        page = window.current_page
        assert page is not None and page.isVisible(), spec.name
        for kind in (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox):
            for widget in page.findChildren(kind):
                inside = isinstance(widget.parent(), QComboBox | QAbstractSpinBox)
                named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
                if widget.isVisible() and not inside and not named:
                    nameless.append((spec.name, type(widget).__name__, widget.objectName()))
    assert not nameless


@pytest.mark.parametrize("language", ["pt_BR", "es"])
def test_every_page_is_in_the_language_chosen(window: MainWindow, language: str) -> None:
    from ui.framework.retranslate import switch_language

    switch_language(make_application(), language)
    for spec in window.palette_pages() if language == "es" else []:  # test_every_dress opens them in Portuguese
        window.open_page(spec.name)
        settle()
    texts = {button.text() for button in window.rail.findChildren(QAbstractButton)}
    assert {"pt_BR": "Contatos", "es": "Contactos"}[language] in texts
    set_language("en")
    switch_language(make_application(), "en")


def test_the_palette_finds_a_person_and_a_command(window: MainWindow) -> None:
    _identity, title = some_contact(window.office.database)
    window.open_page("contacts")
    window.search()
    popup = window.palette_popup._popup
    assert popup is not None
    popup.line.setText(title)
    popup._ask()
    settle()
    found = [popup.list.result(row).title for row in range(popup.list.model().rowCount())]
    assert title in found
    popup.line.setText("back")
    popup._ask()
    settle()
    found = [popup.list.result(row).title for row in range(popup.list.model().rowCount())]
    assert "Go to Backups" in found
    popup.hide()


def test_ctrl_z_takes_back_an_edit_and_names_it(window: MainWindow) -> None:
    database = window.office.database
    identity, _title = some_contact(database)
    window.open_page("changes")
    settle()
    window.office.write(
        window, "Edit contact", lambda uow: service.update_record(uow, "contact", identity, {"job_title": "Pilot"})
    )
    settle()
    assert window.top.undo.text() == "Undo: Edit contact"
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.top.new.setFocus()
    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle()
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", identity).values["job_title"] != "Pilot"
    window.redo()
    settle()
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", identity).values["job_title"] == "Pilot"
    toasts = [one.text() for one in window.findChildren(Label) if one.text().startswith("Redone")]
    assert toasts == ["Redone: Edit contact"]
    assert window.top.undo.text() == "Undo: Edit contact"


@pytest.mark.parametrize("name", ["changes", "deleted"])
def test_the_keys_reach_the_list_as_soon_as_a_page_opens(window: MainWindow, name: str) -> None:
    database = window.office.database
    with database.read() as connection:
        ids = queries.find_ids(database, connection, "contact", limit=3)
    for identity in ids:
        with write(database, "Delete contact", actor=window.office.actor) as uow:
            service.delete_records(uow, "contact", [identity])
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    window.open_page(name)
    settle()
    page: Any = window.current_page
    assert window.focusWidget() is page.table
    before = page.table.current_row()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    assert page.table.current_row() == before + 1


def test_the_page_of_changes_undoes_an_older_one_and_asks_where_later_edits_stand(window: MainWindow) -> None:
    database = window.office.database
    identity, _title = some_contact(database)
    for text in ("First", "Second"):
        window.office.write(
            window, text, lambda uow, text=text: service.update_record(uow, "contact", identity, {"job_title": text})
        )
        settle()
    window.open_page("changes")
    settle()
    page = window.current_page
    assert isinstance(page, ChangesPage)
    titles = [row.set.title for row in page.model.rows()]
    page.table.set_current_row(titles.index("First"))
    settle()
    dialogs.answers.give(lambda dialog: dialog.all.click() or True)
    page.undo_current()
    settle()
    with database.read() as connection:
        assert queries.get_record(database, connection, "contact", identity).values["job_title"] not in (
            "First",
            "Second",
        )
        assert history.recent(connection, limit=1)[0].title == "Undo: First"
    settle()
    page.table.set_current_row([row.set.title for row in page.model.rows()].index("Undo: First"))
    settle()
    page.undo_current()
    settle()
    [told] = [one.text.text() for one in window.findChildren(Toast) if one.isVisible()]
    assert told == "Redone: First"


def test_a_backup_is_made_proven_browsed_and_restored(window: MainWindow, tmp_path: Path) -> None:
    features.prepare(window.office)  # with the quick checks of what is restored
    window.open_page("backup")
    settle()
    page: Any = window.current_page
    page.back_up_now()
    settle()
    assert catalogue.last_proven(window.office.database) is not None
    assert "Last proven restore" in window.status.backup.text()
    page.table.set_current_row(0)
    page.browse()
    settle()
    from ui.shell import browse

    other: Any = browse._open[-1]
    assert other.office.database.read_only and other.windowTitle().startswith("Backup of")
    other.close()
    settle()
    target = tmp_path / "restored.crm"
    page.restore()
    settle()
    assistant: Any = window.current_page
    assistant.go_on()
    settle()
    assistant.what.choose("whole")
    assistant.whole.new.setChecked(True)
    settle()
    dialogs.answers.give(target)
    assistant.go_on()
    settle()
    wait_for(lambda: assistant.result.target == target)
    assert "restored.crm" in assistant.result.heading.text()
    assert assistant.result.checks.text.text() == "All checks found it in order."
    assert assistant.footer.text.text() == "Today's office was not changed."
    restored = app.open_database(target)
    with restored.read() as connection:
        assert queries.count(restored, connection, "contact") == 60
    restored.close()


def test_a_report_is_shown_and_written_in_three_formats(window: MainWindow, tmp_path: Path) -> None:
    for spec in reports.REPORTS:
        window.open_page("reports", report=spec.name)
        settle()
        page = window.current_page
        assert isinstance(page, ReportsPage)
        if page.document is None:  # a card of one customer asks for the customer first
            assert page.states.state() == "error", spec.name
            continue
        assert page.pages.page_count() >= 1, spec.name
    window.open_page("reports", report="pipeline")
    settle()
    page = window.current_page
    assert isinstance(page, ReportsPage)
    for kind, action in (("pdf", page.save_pdf), ("xlsx", page.save_xlsx), ("csv", page.save_csv)):
        target = tmp_path / f"report.{kind}"
        dialogs.answers.give(target)
        action()
        settle()
        assert target.stat().st_size > 500


def test_settings_of_the_office_are_kept_and_undoable(window: MainWindow) -> None:
    window.open_page("settings", tab="office")
    settle()
    page: Any = window.current_page
    lines = {line.accessibleName(): line for line in page.findChildren(QLineEdit)}
    lines["Name of the office"].setText("Gelo Bom")
    next(b for b in page.findChildren(QAbstractButton) if b.text() == "Save").click()
    settle()
    with window.office.database.read() as connection:
        assert office_service.read_settings(connection)["name"] == "Gelo Bom"
    assert window.top.undo.text() == "Undo: Change office settings"


def test_a_new_field_is_added_in_the_settings(window: MainWindow) -> None:
    window.open_page("settings", tab="fields")
    settle()
    page: Any = window.current_page
    tab = next(w for w in page.findChildren(QWidget) if type(w).__name__ == "FieldsTab")

    tab.new_button.click()
    QTest.keyClicks(tab.panel.label, "Shoe size")
    tab.panel.kind.set_value("integer")
    tab.panel.save_button.click()
    for _again in range(20):  # the form is read again once the field is written
        settle()
        row = tab.list.current_row()
        if row is not None and row.key == "custom.shoe_size":
            break
    assert tab.panel.title.text() == "Shoe size" and not tab.panel.is_new


def test_the_first_page_opens_its_doors(qapp: object, tmp_path: Path) -> None:
    opened: list[tuple[str, str]] = []

    class Doors:
        def open(self, target: str, *, page: str = "", remember: bool = True, **params: Any) -> None:
            opened.append((Path(target).name, page))

        def open_demo(self) -> None:
            opened.append(("demo", ""))

    make_application()
    page = FirstStart(Doors())
    page.show()
    page.own.setFocus()
    QTest.keyClick(page.own, Qt.Key.Key_Return)
    page.sample.click()
    assert opened == [("office.crm", "import"), ("demo", "")]
    page.close()


def test_a_damaged_office_is_said_and_the_first_page_stays(qapp: object, tmp_path: Path) -> None:
    path = tmp_path / "bad.crm"
    path.write_bytes(b"nothing of the kind" * 500)
    qt = make_application()
    application = Application(qt)
    dialogs.answers.reset(strict=True)
    dialogs.answers.give(None)
    application.start(str(path), demo=False)
    settle()
    assert isinstance(application.window, FirstStart)
    assert "damaged" in dialogs.answers.asked[-1].text
    application.window.close()
    dialogs.answers.reset()
    QCoreApplication.processEvents()


def test_changes_made_elsewhere_arrive(window: MainWindow, office_file: Path) -> None:
    seen: list[Any] = []
    window.office.records_changed.connect(seen.append)
    window.open_page("changes")
    settle()
    wait_for(lambda: window.status_keeper.listening)
    identity, _title = some_contact(window.office.database)
    other = app.open_office(office_file)
    with app.write(other.database, "Elsewhere", actor=other.actor) as uow:
        service.update_record(uow, "contact", identity, {"job_title": "Changed elsewhere"})
    other.database.close()
    wait_for(lambda: any(event.touches_record("contact", identity) for event in seen))


def test_the_name_of_the_office_in_the_frame_goes_back_with_undo(window: MainWindow) -> None:
    before, database = window.office.name, window.office.database
    with database.read() as connection:
        seen = office_service.read_settings(connection)
    after = {"name": "Harbour Bakery", "currency": "PEN", "country": "PE"}
    window.office.write(window, "Settings", lambda uow: office_service.save_settings(uow, after))
    settle()
    assert window.rail.header._name.text() == "Harbour Bakery"
    assert window.windowTitle() == "Harbour Bakery – CRM Desktop"
    assert (formats.default_currency(), formats.default_country()) == ("PEN", "PE")
    window.undo()
    settle()
    assert window.rail.header._name.text() == before and window.windowTitle() == f"{before} – CRM Desktop"
    assert (formats.default_currency(), formats.default_country()) == (seen["currency"], seen["country"])


def test_a_long_message_with_a_button_uses_the_width_that_it_has(window: MainWindow) -> None:
    window.resize(1024, 700)
    settle()
    text = "Made and proven: office-2026-11-23-030841-44eb.crmbackup. Not there now: /media/helena/stick-of-the-office/backups; the copy is made later."
    shown = show_toast(window, text, "Go to the backups", lambda: None)
    settle()
    assert shown.button is not None and window.rect().contains(shown.geometry())
    assert shown.text.width() > shown.width() * 0.7
    assert shown.text.height() >= shown.text.heightForWidth(shown.text.width())
    assert shown.height() < 80, "two lines at most"
