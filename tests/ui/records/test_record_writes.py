"""Writing through lists, cards and forms: in place, many at once, with undo, and what happens when it cannot be taken."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QFont, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from crm_desktop.core.fields import Choice, Kind
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import attach_service, custom, service
from tests.helpers.forms import check, form_of
from ui.framework import dialogs
from ui.records.bulk_bar import BulkBar
from ui.records.editors import LinkChoice
from ui.records.kit import BulkCommand
from ui.records.windows import RecordWindow
from ui.widgets.toast import Toast


def toast_of(desk) -> Toast:
    found = [one for one in desk.window.findChildren(Toast) if not one.isHidden()]
    assert found, "no toast is shown"
    return found[-1]


# -- in the list ---------------------------------------------------------------------------------------------------


def test_a_cell_is_edited_in_place_and_undone_with_ctrl_z(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    page.table.show_record(marina)
    index = page.model.index(1, page.model.column_of("city"))
    page.table.setCurrentIndex(index)
    QTest.keyClick(page.table, Qt.Key.Key_F2)
    editor = page.table.findChild(QLineEdit)
    editor.setText("Lapa")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.settle()
    assert desk.record(marina).values["city"] == "Lapa"
    assert page.model.row_values(1).values["city"] == "Lapa"
    assert toast_of(desk).text.text() == "City saved"
    page.table.setFocus()
    QTest.keyClick(desk.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert desk.record(marina).values["city"] == "Curitiba"
    assert page.model.row_values(1).values["city"] == "Curitiba"


def test_a_cell_that_cannot_be_taken_stays_open_and_says_why(desk) -> None:
    page = desk.open()
    page.set_columns(["name", "email"])
    desk.settle()
    page.table.setCurrentIndex(page.model.index(1, 2))
    page.table.edit_current()
    editor = page.table.findChild(QLineEdit)
    editor.setText("marina@")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible() and editor.toolTip()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    desk.settle()
    assert desk.record(desk.find("Marina Queirós")).values["email"] == "marina@trigolilas.example"


def test_space_checks_and_ctrl_a_checks_all(desk) -> None:
    page = desk.open()
    page.table.setFocus()
    page.table.set_current_row(0)
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    desk.settle()
    assert page.bulk.count.text() == "1 selected" and page.bar.currentWidget() is page.bulk
    QTest.keyClick(page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert len(page.model.checked) == 5 and page.side.currentWidget() is page.bulk_form
    assert page.bulk_form.title.text() == "5 contacts"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    desk.settle()
    assert page.bar.currentWidget() is page.filters and page.side.currentWidget() is page.card


def test_many_are_edited_at_once_in_one_change_that_undo_takes_back(desk) -> None:
    page = desk.open()
    check(page, 0, 1, 2)
    desk.settle()
    form = page.bulk_form
    assert form.rows["city"].editor.placeholderText() == "2 different values"
    form.rows["department"].editor.setText("Purchasing")
    form.rows["department"].editor.edited.emit()
    assert form.rows["department"].mark.text() == "in all 3"
    form.save()
    desk.settle()
    names = ("Ícaro Bandeira", "Marina Queirós", "Otávio Lins")
    assert [desk.record(desk.find(name)).values["department"] for name in names] == ["Purchasing"] * 3
    assert desk.record(desk.find("Zélia Duarte")).values["department"] is None
    toast_of(desk).button.click()
    desk.settle()
    assert [desk.record(desk.find(name)).values["department"] for name in names] == [None] * 3


def test_who_only_looks_at_many_has_written_nothing_and_no_remark_is_lost(desk) -> None:
    """The form that is shown for the first time gets its font and its choices late; that is no edit of anybody."""
    names = ("Ícaro Bandeira", "Marina Queirós")
    for number, name in enumerate(names):
        desk.as_caio(
            lambda uow, name=name, number=number: service.update_record(
                uow, "contact", desk.find(name), {"notes": f"Rings twice {number}"}
            )
        )
    page = desk.open()
    check(page, 0, 1, 2)
    desk.settle()
    form = page.bulk_form
    remarks = form.rows["notes"].editor
    remarks.setFont(QFont(remarks.font().family(), remarks.font().pointSize() + 3))
    desk.settle()
    assert [name for name, row in form.rows.items() if row.touched] == []
    assert not form.save_button.isEnabled() and not form.rows["notes"].mark.isVisible()
    form.rows["department"].editor.setText("Purchasing")
    form.rows["department"].editor.edited.emit()
    form.save()
    desk.settle()
    assert [desk.record(desk.find(name)).values["notes"] for name in names] == ["Rings twice 0", "Rings twice 1"]


def test_the_choice_of_a_person_says_how_many_there_are_though_its_list_comes_late(desk) -> None:
    editor = LinkChoice(desk.office, "user")
    editor.setItemText(0, "2 different values")
    desk.settle()
    assert editor.count() > 1 and editor.currentText() == "2 different values" and editor.value() is None


def test_the_words_of_the_bar_for_many_are_whole_or_not_there(qtbot) -> None:
    commands = [BulkCommand(str(n), "Merge…", "ph.git-merge", lambda *_given: None) for n in range(3)]
    holder = QWidget()
    qtbot.addWidget(holder)
    bar = BulkBar(commands, holder)
    bar.set_count(2)
    holder.show()
    words = set()
    for width in range(420, 900, 10):
        bar.resize(width, 44)
        qtbot.wait(1)
        words.add(bar.edit.text())
        for one in (bar.count, bar.edit, bar.assign, bar.tag, bar.delete):
            assert one.width() >= one.sizeHint().width(), (width, one.text())
    assert words == {"", "Edit field"}


def test_a_bulk_value_that_cannot_be_taken_says_so_at_its_field(desk) -> None:
    page = desk.open()
    check(page, 0, 1)
    desk.settle()
    row = page.bulk_form.rows["birthday"]
    row.editor.setText("soonish")
    row.editor.edited.emit()
    page.bulk_form.save()
    assert not row.problem.isHidden() and row.problem.text()


def test_more_than_a_few_are_changed_as_a_job(desk) -> None:
    with write(desk.database, "More", bulk=True) as uow:
        for number in range(250):
            service.create_record(uow, "contact", {"name": f"Person {number:03}"})
    page = desk.open()
    page.model.check_all()
    desk.settle()
    page.bulk_form.rows["department"].editor.setText("Mail")
    page.bulk_form.rows["department"].editor.edited.emit()
    page.bulk_form.save()
    desk.settle()
    assert desk.record(desk.find("Person 249")).values["department"] == "Mail"
    assert toast_of(desk).text.text() == "Saved in 255 contacts"


def test_tags_and_owners_are_given_to_many(desk) -> None:
    page = desk.open()
    check(page, 2, 3)
    ids = page.chosen_ids()
    page.tag(False)
    desk.settle()
    tag = next(child for child in page.children() if type(child).__name__ == "TagPopup")
    tag.editor.add("padarias")
    desk.settle()
    assert [name for _id, name, _hue in desk.record(ids[0]).tags] == ["padarias"]
    page.assign()
    desk.settle()
    chooser = next(child for child in page.children() if type(child).__name__ == "UserPopup")
    chooser.editor.set_value(desk.caio, "Caio Bittar")
    chooser.editor.committed.emit()
    desk.settle()
    assert desk.record(ids[1]).values["owner_id"].id == desk.caio


def test_deleting_many_asks_first_and_undo_brings_them_back(desk) -> None:
    page = desk.open()
    check(page, 0, 1)
    desk.settle()
    dialogs.answers.give("no")
    page.delete_chosen()
    desk.settle()
    assert page.model.rowCount() == 5
    dialogs.answers.give("yes")
    page.delete_chosen()
    desk.settle()
    assert desk.names(page) == ["Otávio Lins", "Sílvia Amarante", "Zélia Duarte"]
    assert page.bar.currentWidget() is page.filters
    desk.window.undo()
    desk.settle()
    assert page.model.rowCount() == 5
    assert desk.record(desk.find("Marina Queirós")).values["email"] == "marina@trigolilas.example"


# -- the card ------------------------------------------------------------------------------------------------------


def test_a_fact_is_edited_on_the_card(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    page.activated(record_id=marina)
    desk.settle()
    page.card.facts.begin_edit("mobile")
    editor = page.card.facts.editor("mobile")
    editor.setText("+55 41 95550 0199")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.settle()
    assert desk.record(marina).values["mobile"] == "+5541955500199"


def test_a_fact_that_cannot_be_taken_says_why_below_it(desk) -> None:
    page = desk.open()
    page.activated(record_id=desk.find("Marina Queirós"))
    desk.settle()
    page.card.show_tab("details")
    grid = page.card.details.grid_of("name")
    grid.begin_edit("name")
    editor = grid.editor("name")
    editor.setText("")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    desk.settle()
    assert "“Name” is needed." in grid._cells["name"]._error.text()
    assert desk.record(desk.find("Marina Queirós")).title == "Marina Queirós"


def test_a_note_is_written_pinned_and_survives_unsaved(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    page.activated(record_id=marina)
    desk.settle()
    composer = page.card.timeline.composer
    composer.text.setPlainText("Decides with her partner")
    page.activated(record_id=desk.find("Otávio Lins"))
    desk.settle()
    assert composer.text.toPlainText() == ""
    page.activated(record_id=marina)
    desk.settle()
    assert composer.text.toPlainText() == "Decides with her partner"
    QTest.keyClick(composer.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert composer.text.toPlainText() == ""
    entry = next(one for one in page.card.timeline._entries if one.note_id)
    assert entry.body == "Decides with her partner" and entry.author == "Helena Prates"
    page.card.timeline._pin(entry)
    desk.settle()
    assert page.card.timeline._pin_box.count() == 1
    page.card.timeline.edit_note(next(one for one in page.card.timeline._entries if one.note_id))
    box = page.card.timeline.box
    assert box.isVisible() and box.text.toPlainText() == "Decides with her partner"
    box.text.setPlainText("Decides with Rosa")
    QTest.keyClick(box.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert box.isHidden()
    with desk.database.read() as connection:
        assert [note["body"] for note in attach_service.notes_of(connection, marina)] == ["Decides with Rosa"]


def test_a_value_in_the_history_can_be_brought_back(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    with desk.office.unit_of_work("Edit") as uow:
        service.update_record(uow, "contact", marina, {"job_title": "Partner"})
    with desk.office.unit_of_work("Edit") as uow:
        service.update_record(uow, "contact", marina, {"job_title": "Cook"})
    page.activated(record_id=marina)
    desk.settle()
    entry = next(one for one in page.card.timeline._entries if one.restores and one.restores[0].old == "Partner")
    texts = [action.text() for action in page.card.timeline.menu_of(entry).actions()]
    assert texts == ["Set Job title back to “Partner”"]
    page.card.timeline.restore(entry.restores[0])
    desk.settle()
    assert desk.record(marina).values["job_title"] == "Partner"


def test_files_are_dropped_on_the_card_and_the_same_name_is_a_revision(desk, tmp_path: Path) -> None:
    page = desk.open()
    page.activated(record_id=desk.find("Marina Queirós"))
    desk.settle()
    path = tmp_path / "plan.txt"
    for text in ("3.2 × 4.0", "3.2 × 4.5"):
        path.write_text(text, encoding="utf-8")
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        page.card.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, buttons, keys))
        desk.settle()
    line = page.card.files.list.lines()[0]
    assert line.title == "plan.txt" and "revision 2" in line.subtitle
    out = tmp_path / "out.txt"
    dialogs.answers.give(str(out))
    page.card.files.save_as(line.key, 1)
    desk.settle()
    assert out.read_text(encoding="utf-8") == "3.2 × 4.0"
    page.card.files.delete(line.key)
    desk.settle()
    assert page.card.files.state.state() == "empty"
    desk.window.undo()
    desk.settle()
    assert [one.title for one in page.card.files.list.lines()] == ["plan.txt"]


def test_tags_of_one_record_are_edited_on_the_card(desk) -> None:
    page = desk.open()
    marina = desk.find("Marina Queirós")
    page.activated(record_id=marina)
    desk.settle()
    page.card.header.tags_changed.emit(["padarias"], ["cliente"])
    desk.settle()
    assert [name for _id, name, _hue in desk.record(marina).tags] == ["padarias"]


def test_related_records_are_listed_and_made_from_the_card(desk) -> None:
    company = desk.find("Panificadora Trigo Lilás", "company")
    page = desk.open("companies", record_id=company)
    key = next(key for key in page.card.views if key.startswith("related-contact"))
    people = page.card.views[key]
    page.card.show_tab(key)
    desk.settle()
    assert [line.title for line in people.list.lines()] == ["Marina Queirós"]
    people._create()
    desk.settle()
    form = form_of(desk)
    assert form.form.rows["company_id"].editor.title() == "Panificadora Trigo Lilás"
    form.form.rows["name"].editor.setText("Rosa Queirós")
    form.save()
    desk.settle()
    assert desk.record(desk.find("Rosa Queirós")).values["company_id"].id == company


def test_enter_opens_the_record_in_a_window_once(desk) -> None:
    page = desk.open()
    page.table.set_current_row(1)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    desk.settle()
    windows = desk.window.findChildren(RecordWindow)
    assert [one.windowTitle() for one in windows] == ["Marina Queirós"]
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [desk.find("Marina Queirós")]))
    assert not desk.window.findChildren(RecordWindow)


def test_the_keys_for_undo_redo_and_backups_work_in_the_window_of_a_record(desk, monkeypatch) -> None:
    made: list[str] = []
    for name in ("undo", "redo", "back_up_now"):
        monkeypatch.setattr(desk.window, name, lambda name=name: made.append(name))
    page = desk.open()
    page.table.set_current_row(1)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    desk.settle()
    (record,) = desk.window.findChildren(RecordWindow)
    record.activateWindow()
    assert QTest.qWaitForWindowActive(record)
    for keys in ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+B"):
        QTest.keySequence(record, QKeySequence(keys))
    assert made == ["undo", "redo", "back_up_now"]


def test_fields_of_the_office_are_columns_facts_and_form_rows(desk) -> None:
    with write(desk.database, "Fields") as uow:
        custom.create_custom_field(
            uow,
            "contact",
            "Oven",
            Kind.CHOICE,
            choices=[{"key": "gas", "label": "Gas"}, {"key": "wood", "label": "Wood"}],
        )
    page = desk.open()
    page.set_columns(["name", "custom.oven"])
    marina = desk.find("Marina Queirós")
    page.activated(record_id=marina)
    desk.settle()
    page.card.show_tab("details")
    grid = page.card.details.grid_of("custom.oven")
    assert grid is not None
    grid.edit_committed.emit("custom.oven", "wood")
    desk.settle()
    assert desk.record(marina).values["custom.oven"] == "wood"
    assert page.model.index(1, 2).data() == "Wood"
    assert page.model.fields[1].choices == (Choice("gas", "Gas"), Choice("wood", "Wood"))


def test_ctrl_z_undoes_the_change_of_many_while_the_cursor_still_stands_in_the_field(desk) -> None:
    page = desk.open()
    check(page, 0, 1, 2)
    desk.settle()
    form = page.bulk_form
    editor = form.rows["department"].editor
    line = editor if isinstance(editor, QLineEdit) else editor.findChild(QLineEdit)
    desk.window.activateWindow()
    assert QTest.qWaitForWindowActive(desk.window)
    line.setFocus()
    QTest.keyClicks(line, "Sales")
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert line.text() == "", "typing is taken back first"
    QTest.keyClicks(line, "Sales")
    form.save()
    desk.settle()
    marina = desk.find("Marina Queirós")
    assert desk.record(marina).values["department"] == "Sales" and desk.window.focusWidget() is line
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert not desk.record(marina).values["department"]
    QTest.keyClick(line, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    desk.settle()
    assert desk.record(marina).values["department"] == "Sales"
