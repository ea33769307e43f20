"""One case: what is shown, what is written, and what each button does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest

from crm_desktop.cases import service as cases
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import history, service
from ui.cases.dialogs import NewCaseDialog, TextDialog
from ui.cases.thread import HappeningLine
from ui.framework import dialogs
from ui.records.drafts import draft_key, load_draft
from ui.records.room import keep_now


def said(page: Any) -> list[tuple[str, str]]:
    return [(card.entry.kind, card.entry.body) for card in page.card.thread_view.messages()]


def happened(page: Any) -> str:
    lines = page.card.thread_view.findChildren(HappeningLine)
    return " | ".join(label.accessibleName() for line in lines for label in line.children() if hasattr(label, "text"))


def customer(desk: Any) -> tuple[int, int]:
    with write(desk.office.database, "Customer") as uow:
        company = service.create_record(uow, "company", {"name": "Trigo Lilás"})
        contact = service.create_record(
            uow, "contact",
            {"name": "Marina Queirós", "company_id": company, "mobile": "+5541955500142", "email": "m@trigo.example"},
        )  # fmt: skip
    return contact, company


def test_the_customer_stands_beside_the_conversation(desk: Any) -> None:
    contact, company = customer(desk)
    older = desk.case("Older", hours=30, contact_id=contact)
    newer = desk.case("No cooling", contact_id=contact, message="It stopped cooling.", priority="urgent")
    page = desk.open(record_id=newer)
    panel = page.card.panel
    assert page.card.data.customer.name == "Marina Queirós"
    assert page.card.data.customer.company == "Trigo Lilás"
    assert any("95550-0142" in text for text in panel.reached_by())
    assert [line.key for line in panel.others.lines()] == [older]
    assert said(page) == [("in", "It stopped cooling.")]
    panel.link_requested.emit("company", company)
    assert desk.window.opened == [("company", company)]


def test_a_reply_that_was_begun_just_before_the_window_closes_is_kept(desk: Any) -> None:
    case_id = desk.case("Question", message="How?")
    page = desk.open(record_id=case_id)
    page.card.reply.text.setPlainText("Like th")
    keep_now(page.window())  # as the window does when it closes
    assert load_draft(draft_key(desk.office, "reply", "case", case_id)) is not None


def test_a_reply_stops_the_first_clock_and_waits(desk: Any) -> None:
    case_id = desk.case("Question", message="How?")
    page = desk.open()
    reply = page.card.reply
    assert reply.send.main.text() == "Record reply and wait"
    reply.text.setPlainText("Like this.")
    QTest.keyClick(reply.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    desk.settle()
    assert said(page) == [("in", "How?"), ("out", "Like this.")]
    assert desk.row(case_id)["status"] == "waiting"
    assert desk.row(case_id)["responded_at"] is not None
    assert reply.body() == ""
    assert "First response: 0:00 met" in page.card.clocks.accessibleName().replace("0:01", "0:00")


def test_a_reply_may_leave_the_case_as_it_is(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()
    page.card.reply.set_then("")
    assert page.card.reply.send.main.text() == "Record reply"
    page.card.reply.text.setPlainText("Working on it.")
    page.card.reply.send.main.click()
    desk.settle()
    assert desk.row(case_id)["status"] == "open"


def test_a_note_is_internal_and_changes_nothing(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()
    page.note()
    assert page.card.reply.send.main.text() == "Save note"
    page.card.reply.text.setPlainText("Same batch as last week, @Davi.")
    page.card.reply.send.main.click()
    desk.settle()
    assert said(page) == [("internal", "Same batch as last week, @Davi.")]
    assert desk.row(case_id)["status"] == "new"
    assert desk.row(case_id)["responded_at"] is None


def test_what_the_customer_says_reopens_a_solved_case(desk: Any) -> None:
    case_id = desk.case("Question")
    with write(desk.office.database, "Solve") as uow:
        cases.change_status(uow, case_id, "solved", solution="Fuse replaced")
    page = desk.open(scope="all", state="closed")
    assert page.card.solution.text.text() == "Fuse replaced"
    assert not page.card.header.solve.isVisible()
    page.customer_message()
    assert page.card.reply.send.main.text() == "Record and reopen"
    page.card.reply.text.setPlainText("It broke again.")
    page.card.reply.send.main.click()
    desk.settle()
    assert desk.row(case_id)["status"] == "open"
    assert desk.row(case_id)["reopened"] == 1


def test_only_allowed_statuses_are_offered(desk: Any) -> None:
    desk.case("Question")
    page = desk.open()
    words = [action.text() for action in page.card.header.status.menu().actions()]
    assert words == ["In progress", "Waiting for the customer", "Solved…", "Closed"]
    page.card.header.status.menu().actions()[1].trigger()
    desk.settle()
    assert page.card.status == "waiting"
    assert "paused" in page.card.clocks.accessibleName()
    words = [action.text() for action in page.card.header.status.menu().actions()]
    assert words == ["In progress", "Solved…", "Closed"]


def test_solving_asks_how(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()

    def answer(dialog: TextDialog) -> bool:
        dialog.editor.set_value("New relay")
        return True

    dialogs.answers.give(answer)
    page.solve()
    desk.settle()
    row = desk.row(case_id)
    assert (row["status"], row["solution"]) == ("solved", "New relay")
    assert row["solved_at"] is not None
    assert desk.subjects() == []
    assert page.card.header.reopen.isVisible()
    page.solve()  # the same key opens it again
    desk.settle()
    assert desk.row(case_id)["status"] == "open"


def test_a_last_reply_and_the_solution_are_one_change(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()
    page.card.reply.set_then("solved")
    page.card.reply.text.setPlainText("The relay is changed.")
    dialogs.answers.give(True)
    page.card.reply.send.main.click()
    desk.settle()
    assert desk.row(case_id)["status"] == "solved"
    assert desk.row(case_id)["solution"] == "The relay is changed."
    with desk.office.database.read() as connection:
        last = history.last_undoable(connection, user_id=desk.office.user_id)
    assert last is not None
    history.undo(desk.office.database, last.id, desk.office.actor)
    desk.settle()
    assert desk.row(case_id)["status"] == "new"
    assert said(page) == []


def test_escape_in_the_question_changes_nothing(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()
    dialogs.answers.give(False)
    page.solve()
    desk.settle()
    assert desk.row(case_id)["status"] == "new"


def test_priority_owner_and_subject_are_edited_in_the_head(desk: Any) -> None:
    case_id = desk.case("Question")
    before = desk.row(case_id)["resolve_due"]
    page = desk.open(scope="all")
    menu = page.card.header.priority.menu()
    next(action for action in menu.actions() if action.text() == "Urgent").trigger()
    desk.settle()
    assert desk.row(case_id)["priority"] == "urgent"
    assert desk.row(case_id)["resolve_due"] < before
    menu = page.card.header.owner_menu()
    next(action for action in menu.actions() if action.text() == "Davi Moreno").trigger()
    desk.settle()
    assert str(desk.row(case_id)["owner_id"]) == "Davi Moreno"
    page.take()
    desk.settle()
    assert str(desk.row(case_id)["owner_id"]) == "Helena Prates"
    page.card.header.subject.edit()
    page.card.header.subject.line.setText("A better question")
    QTest.keyClick(page.card.header.subject.line, Qt.Key.Key_Return)
    desk.settle()
    assert desk.row(case_id)["subject"] == "A better question"
    assert "priority: Urgent" in happened(page)
    assert "given to Davi Moreno" in happened(page)


def test_the_number_is_copied(desk: Any) -> None:
    case_id = desk.case("Question")
    page = desk.open()
    page.card.header.copy.click()
    assert QGuiApplication.clipboard().text() == desk.row(case_id)["number"] == "2026-000001"


def test_what_is_written_stays_with_its_case(desk: Any) -> None:
    first = desk.case("First", priority="urgent")
    second = desk.case("Second", priority="low")
    page = desk.open()
    page.card.reply.text.setPlainText("Half a sentence")
    page.queue.list.select(second)
    desk.settle()
    assert page.card.reply.body() == ""
    page.queue.list.select(first)
    desk.settle()
    assert page.card.reply.body() == "Half a sentence"
    page.card.reply.set_mode("internal")
    assert page.card.reply.body() == ""
    page.card.reply.set_mode("out")
    assert page.card.reply.body() == "Half a sentence"


def test_dropped_files_are_attached(desk: Any, tmp_path: Path) -> None:
    desk.case("Question")
    page = desk.open()
    file = tmp_path / "panel.txt"
    file.write_text("E4")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    drop = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.card.dropEvent(drop)
    desk.settle()
    assert [line.title for line in page.card.panel.files.lines()] == ["panel.txt"]
    menu = page.card.panel.file_menu.menu_of(page.card.panel.files.lines()[0].key)
    assert {"Open for editing", "Revisions…"} <= {action.text() for action in menu.actions()}


def test_messages_are_corrected_and_deleted(desk: Any) -> None:
    desk.case("Question", message="Helo")
    page = desk.open()

    def answer(dialog: TextDialog) -> bool:
        dialog.editor.set_value("Hello")
        return True

    dialogs.answers.give(answer)
    page.card.thread_view.messages()[0].edit_requested.emit(page.card.thread_view.messages()[0].entry)
    desk.settle()
    assert said(page) == [("in", "Hello")]
    QTest.keyClick(page.card.thread_view.messages()[0], Qt.Key.Key_Delete)
    desk.settle()
    assert said(page) == []


def test_a_deleted_case_leaves_the_page(desk: Any) -> None:
    desk.case("First", priority="urgent")
    desk.case("Second", priority="low")
    page = desk.open()
    page.delete()
    desk.settle()
    assert desk.subjects() == ["Second"]
    assert page.card.data.record.title == "Second"


def test_a_visit_is_planned_with_the_case_and_its_customer(desk: Any) -> None:
    contact, _company = customer(desk)
    case_id = desk.case("Question", contact_id=contact)
    page = desk.open()
    page.card.panel.schedule.click()
    entity, values = desk.window.made[0]
    assert entity == "activity"
    assert values["links"] == [("case", case_id, "Question"), ("contact", contact, "Marina Queirós")]


def test_a_new_case_begins_with_what_the_customer_said(desk: Any) -> None:
    contact, company = customer(desk)
    made: list[int] = []
    dialog = NewCaseDialog(desk.office, desk.window, None, {"contact_id": (contact, "Marina Queirós")}, made.append)
    dialog.show()  # it deletes itself once it has saved
    dialog.save()
    desk.settle()
    assert made == []  # it needs a subject
    assert dialog.form.rows["subject"].problem.text()
    dialog.form.rows["subject"].editor.setText("No cooling")
    dialog.message.set_value("It stopped this morning.")
    dialog.save()
    desk.settle()
    row = desk.row(made[0])
    assert row["company_id"].id == company
    assert str(row["owner_id"]) == "Helena Prates"
    page = desk.open(record_id=made[0])
    assert said(page) == [("in", "It stopped this morning.")]


def test_the_form_of_a_new_case_keeps_a_draft(desk: Any) -> None:
    dialog = NewCaseDialog(desk.office, desk.window, None, {}, lambda _made: None)
    desk.qtbot.addWidget(dialog)
    dialog.show()
    dialog.message.set_value("Half a story")
    dialogs.answers.give("keep")
    dialog.close()
    again = NewCaseDialog(desk.office, desk.window, None, {}, lambda _made: None)
    desk.qtbot.addWidget(again)
    assert again.message.value() == "Half a story"
    dialogs.answers.give("drop")
    again.close()


def test_the_history_of_a_case_is_a_tab_and_gives_a_value_back(desk: Any) -> None:
    case_id = desk.case("Question", message="How?")
    with write(desk.office.database, "Edit case") as uow:
        service.update_record(uow, "case", case_id, {"subject": "Another question"})
    page = desk.open(record_id=case_id)
    card = page.card
    assert card.thread_view.isVisible()
    card.tabs.setFocus()
    QTest.keyClick(card.tabs, Qt.Key.Key_Right)
    desk.settle()
    tab = card.history
    assert tab is not None and tab.isVisible() and not card.thread_view.isVisible()
    cells = [[tab.model.data(tab.model.index(row, column)) for column in (2, 3)] for row in range(tab.model.rowCount())]
    tab.table.set_current_row(cells.index(["Question", "Another question"]))
    QTest.keyClick(tab.table, Qt.Key.Key_Return)
    desk.settle()
    assert card.header.subject.label.text() == "Question"
    assert tab.model.data(tab.model.index(0, 3)) == "Question"
    QTest.keyClick(card.tabs, Qt.Key.Key_Left)
    assert card.thread_view.isVisible()
