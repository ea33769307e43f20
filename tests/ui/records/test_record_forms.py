"""Forms: new records, what is missing, drafts, duplicates, two people at once, and what goes on paper."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.records import attach_service, custom, queries, service
from tests.helpers.forms import check, form_of
from ui.framework import dialogs
from ui.records.conflict import ConflictDialog
from ui.records.output import record_document
from ui.records.record_dialog import open_edit
from ui.widgets.labels import ElidedLabel

# -- the form ------------------------------------------------------------------------------------------------------


def test_a_contact_is_made_with_phones_and_addresses(desk) -> None:
    page = desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    form.form.rows["name"].editor.setText("Aline Catanduva")
    points, addresses = form.form.children_editors["points"], form.form.children_editors["addresses"]
    points._rows[0].value.setText("41 95550-0177")
    points._rows[1].value.setText("aline@mare.example")
    addresses._rows[0]._editors["city"].setText("Guaratuba")
    form.save()
    desk.settle()
    made = desk.record(desk.find("Aline Catanduva"))
    assert made.values["email"] == "aline@mare.example" and made.values["city"] == "Guaratuba"
    assert made.values["first_name"] == "Aline" and made.values["owner_id"].id == desk.helena
    assert page.card.record is not None and page.card.record.title == "Aline Catanduva"


def test_what_is_missing_or_wrong_is_said_at_the_field(desk) -> None:
    desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    points = form.form.children_editors["points"]
    points._rows[1].value.setText("aline@")
    form.save()
    desk.settle()
    assert not points._rows[1].problem_label.isHidden()
    points._rows[1].value.setText("")
    form.save()
    desk.settle()
    assert form.isVisible()
    assert form.form.rows["name"].problem.text() == "“Name” is needed."
    dialogs.answers.give("drop")
    form.close()


def test_likely_duplicates_are_named_while_typing(desk) -> None:
    desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    editor = form.form.children_editors["points"]._rows[1].value
    editor.setText("MARINA@trigolilas.example")
    editor.edited.emit()
    QTest.qWait(500)
    desk.settle()
    assert [one.title for one in form.duplicates.candidates] == ["Marina Queirós"]
    assert not form.duplicates.isHidden()
    texts = [label.text() for label in form.duplicates.findChildren(ElidedLabel)]
    assert any("same e-mail" in text for text in texts)
    dialogs.answers.give("drop")
    form.close()


def test_saving_what_is_here_already_asks_once(desk) -> None:
    desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    form.form.rows["name"].editor.setText("Marina Queiros")
    editor = form.form.children_editors["points"]._rows[1].value
    editor.setText("marina@trigolilas.example")
    before = _contacts(desk)
    dialogs.answers.give("cancel")
    QTest.keyClick(form, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    asked = dialogs.answers.asked[-1]
    assert asked.title == "Marina Queirós is here already" and "same e-mail" in asked.text
    assert form.isVisible() and form.save_button.isEnabled() and _contacts(desk) == before
    dialogs.answers.give("save")
    form.save()
    desk.settle()
    assert _contacts(desk) == before + 1


def _contacts(desk) -> int:
    with desk.office.database.read() as connection:
        return queries.count(desk.office.database, connection, "contact")


def test_escape_asks_and_a_draft_comes_back(desk) -> None:
    desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    form.form.rows["name"].editor.setText("Half a name")
    dialogs.answers.give("stay")
    QTest.keyClick(form.form.rows["name"].editor, Qt.Key.Key_Escape)
    assert form.isVisible() and not dialogs.answers.queue, "it was asked, from within a field too"
    dialogs.answers.give("keep")
    QTest.keyClick(form.form.rows["company_id"].editor, Qt.Key.Key_Escape)
    desk.settle()
    desk.window.create_record("contact")
    desk.settle()
    again = form_of(desk)
    assert again.form.rows["name"].editor.text() == "Half a name" and not again.restored.isHidden()
    again._start_again()
    assert again.form.rows["name"].editor.text() == ""
    again.close()


def test_a_linked_record_is_made_from_the_form(desk) -> None:
    desk.open()
    desk.window.create_new()
    desk.settle()
    form = form_of(desk)
    form.form.rows["company_id"].editor.create_requested.emit("Escola Passo Miúdo")
    desk.settle()
    assert form.form.rows["company_id"].editor.value() == desk.find("Escola Passo Miúdo", "company")
    dialogs.answers.give("drop")
    form.close()


# -- two people ----------------------------------------------------------------------------------------------------


def test_different_fields_of_two_people_join_by_themselves(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    open_edit(desk.office, desk.window, page.card, "contact", marina)
    desk.settle()
    form = form_of(desk)
    form.form.rows["department"].editor.setText("Purchasing")
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"job_title": "Partner"}))
    form.save()
    desk.settle()
    values = desk.record(marina).values
    assert (values["department"], values["job_title"]) == ("Purchasing", "Partner")


def test_the_same_field_of_two_people_is_asked_about(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    open_edit(desk.office, desk.window, page.card, "contact", marina)
    desk.settle()
    form = form_of(desk)
    form.form.rows["job_title"].editor.setText("Partner and purchasing")
    form.form.rows["department"].editor.setText("Purchasing")
    theirs = {"job_title": "Director", "birthday": date(1962, 4, 23)}
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, theirs))
    seen: list[ConflictDialog] = []

    def take_theirs(dialog: ConflictDialog) -> bool:
        seen.append(dialog)
        assert [one.field.name for one in dialog.disputed] == ["job_title"]
        dialog.take(1)
        return True

    dialogs.answers.give(take_theirs)
    form.save()
    desk.settle()
    assert seen
    values = desk.record(marina).values
    assert (values["job_title"], values["department"], values["birthday"]) == (
        "Director",
        "Purchasing",
        date(1962, 4, 23),
    )
    with desk.database.read() as connection:
        notes = [note["body"] for note in attach_service.notes_of(connection, marina)]
    assert notes == ["Job title: Partner and purchasing"]


def test_a_fact_that_somebody_else_changed_is_asked_about(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    page.activated(record_id=marina)
    desk.settle()
    page.card.show_tab("details")
    grid = page.card.details.grid_of("job_title")
    grid.begin_edit("job_title")
    grid.editor("job_title").setText("Partner")
    desk.as_caio(lambda uow: service.update_record(uow, "contact", marina, {"job_title": "Director"}))
    dialogs.answers.give(True)
    grid._cells["job_title"].commit()
    desk.settle()
    assert desk.record(marina).values["job_title"] == "Partner"


# -- paper ---------------------------------------------------------------------------------------------------------


def test_what_is_shown_is_exported(desk, tmp_path: Path) -> None:
    page = desk.open()
    page.set_columns(["name", "city"])
    check(page, 1, 3)
    desk.settle()
    for kind in ("csv", "xlsx", "pdf"):
        target = tmp_path / f"people.{kind}"

        def answer(dialog, kind=kind, target=target) -> bool:
            dialog.format.set_value(kind)
            dialog.as_shown.setChecked(True)
            dialog.path.setText(str(target))
            return True

        dialogs.answers.give(answer)
        page.export_list()
        desk.settle()
        assert target.stat().st_size > 50
    text = (tmp_path / "people.csv").read_text(encoding="utf-8-sig")
    assert [line.split(text[4])[0] for line in text.splitlines()[-2:]] == ["Marina Queirós", "Sílvia Amarante"]


def test_the_document_of_a_record_holds_its_facts_and_notes(desk) -> None:
    marina = desk.find("Marina Queirós")
    with desk.office.unit_of_work("Note") as uow:
        attach_service.add_note(uow, "contact", marina, "Decides with Rosa")
    with desk.database.read() as connection:
        record = queries.get_record(desk.database, connection, "contact", marina)
        fields = custom.fields_of(desk.database, "contact", connection)
        document = record_document(desk.office, connection, record, fields)
    cells = [str(value) for table in document.tables for row in table.all_rows for value in row.values]
    assert "marina@trigolilas.example" in cells and "Curitiba" in cells
    assert any(getattr(block, "text", "") == "Decides with Rosa" for block in document.blocks)
