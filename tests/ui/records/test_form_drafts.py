"""Every form gives back what was typed in it when the program ended without saving."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from crm_desktop.records import service
from crm_desktop.sales import queries as sales
from ui.calendar.activity_dialogs import create_activity, open_activity
from ui.framework import dialogs
from ui.records import drafts
from ui.records.bulk_form import BulkForm
from ui.records.drafts import drafts_of, load_draft
from ui.records.unsaved import UnsavedDialog
from ui.sales.deal_actions import DealActions
from ui.sales.pipelines_tab import PipelinesTab
from ui.sales.quick_add import QuickAdd
from ui.security.person_dialog import PersonDialog
from ui.settings.fields.tab import FieldsTab
from ui.settings.office_tab import OfficeTab


def _until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        QTest.qWait(10)


def _end(desk: Any, before: int = 0) -> None:
    """As a program that was killed and starts anew, once the draft was written."""
    _until(lambda: len(drafts_of(desk.office)) > before)
    drafts._kept = None


def _typing(editor: Callable[[Any], QWidget], text: str, desk: Any) -> Callable[[Any], bool]:
    """Answer a dialog: type, and end there."""

    def work(dialog: Any) -> bool:
        before = len(drafts_of(desk.office))
        QTest.keyClicks(editor(dialog), text)
        _end(desk, before)
        return False

    return work


def _seeing(read: Callable[[Any], Any], seen: list[Any]) -> Callable[[Any], bool]:
    """Answer a dialog: look, and close it without saving."""

    def work(dialog: Any) -> bool:
        seen.append(read(dialog))
        return False

    return work


def test_an_event_comes_back_with_its_words_and_what_it_belongs_to(desk: Any) -> None:
    dialogs.answers.give(_typing(lambda one: one.description, "Bring the two offers", desk))
    create_activity(desk.office, desk.window, {})
    desk.settle()
    seen: list[Any] = []
    dialogs.answers.give(_seeing(lambda one: (one.description.toPlainText(), one.kept.banner is not None), seen))
    create_activity(desk.office, desk.window, {})
    desk.settle()

    def goes_on(dialog: Any) -> bool:
        dialog.subject.setText("Vis")
        dialog.kept.keep()
        return False

    dialogs.answers.give(goes_on)
    create_activity(desk.office, desk.window, {})
    desk.settle()

    def not_replaced(dialog: Any) -> bool:
        dialog.show()
        QTest.qWait(1)
        assert dialog.subject.text() == "Vis" and not dialog.subject.hasSelectedText()
        dialog.subject.clear()
        dialog.kept.keep()
        dialog.hide()
        return False

    dialogs.answers.give(not_replaced)
    create_activity(desk.office, desk.window, {})
    desk.settle()
    assert seen == [("Bring the two offers", True)]

    def save(dialog: Any) -> bool:
        QTest.keyClicks(dialog.subject, "Visit")
        dialog.save()
        return True

    dialogs.answers.give(save)
    create_activity(desk.office, desk.window, {})
    desk.settle()
    assert drafts_of(desk.office) == []
    made = desk.find("Visit", "activity")
    assert desk.record(made, "activity").values["description"] == "Bring the two offers"

    dialogs.answers.give(_typing(lambda one: one.place, "Room 2", desk))
    open_activity(desk.office, desk.window, made)
    desk.settle()
    dialogs.answers.give(_seeing(lambda one: one.place.text(), seen))
    open_activity(desk.office, desk.window, made)
    desk.settle()
    assert seen[-1] == "Room 2"


def test_escape_from_an_event_asks_and_a_draft_thrown_away_is_gone(desk: Any) -> None:
    def work(dialog: Any) -> bool:
        QTest.keyClicks(dialog.subject, "Half a tho")
        dialogs.answers.give("stay")
        dialog.reject()
        assert dialog.subject.text() == "Half a tho"
        dialogs.answers.give("drop")
        dialog.reject()
        return False

    dialogs.answers.give(work)
    create_activity(desk.office, desk.window, {})
    desk.settle()
    assert drafts_of(desk.office) == []


def test_the_form_of_a_new_deal_is_found_again_with_the_customer_it_was_opened_for(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    desk.window.create_record("deal", {"contact_id": (marina, "Marina Queirós")})
    desk.settle()
    form = desk.window.findChild(QWidget, "form-deal")
    QTest.keyClicks(form.form.rows["name"].editor, "Air for the bakery")
    _end(desk)
    form._closing = True
    form.close()
    desk.settle()

    def work(dialog: UnsavedDialog) -> bool:
        dialog.open_draft()
        return True

    dialogs.answers.give(work)
    desk.window.show_unsaved()
    desk.settle()
    form = desk.window.findChild(QWidget, "form-deal")
    assert form.form.rows["name"].editor.text() == "Air for the bakery"
    assert form.form.rows["contact_id"].editor.value() == marina
    form._closing = True
    form.close()


def test_the_questions_about_a_deal_and_the_quick_form_of_a_column(desk: Any) -> None:
    with desk.database.read() as connection:
        stage = sales.pipelines(connection)[0].stages[0]
    deal = desk.as_caio(lambda uow: service.create_record(uow, "deal", {"name": "Air", "stage_id": stage.id}))
    actions = DealActions(desk.office, desk.window, desk.window)
    seen: list[Any] = []
    dialogs.answers.give(_typing(lambda one: one.rival, "Frio Bom", desk))
    actions.lose(deal, "Air")
    dialogs.answers.give(_seeing(lambda one: one.rival.text(), seen))
    actions.lose(deal, "Air")
    dialogs.answers.give(_typing(lambda one: one.note, "Ask for the floor plan", desk))
    actions.postpone(deal, "Air")
    dialogs.answers.give(_seeing(lambda one: one.note.text(), seen))
    actions.postpone(deal, "Air")
    assert seen == ["Frio Bom", "Ask for the floor plan"]

    for text in ("Kitchen of the school", ""):
        form = QuickAdd(desk.office, "BRL")
        form.show()
        form.resume(stage.id)
        assert form.name.text() == ("" if text else "Kitchen of the school")
        QTest.keyClicks(form.name, text)
        _until(lambda: len(drafts_of(desk.office)) == 3)
        drafts._kept = None
        form.hide()
        form.deleteLater()


def test_relations_and_consent(desk: Any) -> None:
    marina = desk.find("Marina Queirós")
    page = desk.open(record_id=marina)
    for key, open_it, editor, text in (
        ("relations", lambda tab: tab.new_place(), "role", "Adviser"),
        ("relations", lambda tab: tab.new_tie(), "note", "Met at the fair"),
        ("consent", lambda tab: tab.record_consent(), "proof", "Binder 3, page 12"),
    ):
        page.card.show_tab(key)
        desk.settle()
        tab = page.card.views[key]
        dialogs.answers.give(_typing(lambda one, editor=editor: one.editors[editor], text, desk))
        open_it(tab)
        seen: list[Any] = []
        dialogs.answers.give(_seeing(lambda one, editor=editor: one.editors[editor].text(), seen))
        open_it(tab)
        assert seen == [text]


def test_what_was_written_for_many_stands_there_again(desk: Any) -> None:
    ids = [desk.find("Marina Queirós"), desk.find("Ícaro Bandeira")]
    for text in ("Buyer", ""):
        form = BulkForm(desk.office, desk.window, "contact")
        form.show()
        form.set_ids(ids)
        desk.settle()
        _until(lambda form=form, text=text: form.restored.isVisible() == (not text))
        assert form.rows["job_title"].editor.text() == ("" if text else "Buyer")
        QTest.keyClicks(form.rows["job_title"].editor, text)
        _until(lambda: "Buyer" in repr(drafts_of(desk.office)))
        _end(desk)
        if not text:
            form.save()
            desk.settle()
            _until(lambda: [desk.record(one).values["job_title"] for one in ids] == ["Buyer", "Buyer"])
            assert drafts_of(desk.office) == []
        form.hide()
        form.deleteLater()


def test_the_settings_of_the_office(desk: Any) -> None:
    def office(tab: Any) -> Any:
        return tab.address

    def stage(tab: Any) -> Any:
        return tab._lines()[1]

    for make, line in ((OfficeTab, office), (PipelinesTab, stage)):
        for text in (" at the back", ""):
            tab = make(desk.office)
            tab.show()
            desk.settle()
            if not text:
                assert line(tab).text().endswith(" at the back")
            else:
                count = len(drafts_of(desk.office))
                QTest.keyClicks(line(tab), text)
                _until(lambda count=count: len(drafts_of(desk.office)) == count + 1)
                drafts._kept = None
            tab.hide()
            tab.deleteLater()


def test_a_field_that_was_being_described(desk: Any) -> None:
    for text in ("Size of the kitchen", ""):
        tab = FieldsTab(desk.office)
        tab.show()
        desk.settle()
        tab.new_field()
        assert tab.panel.written.banner.isVisible() == (not text)
        assert tab.panel.label.text() == ("" if text else "Size of the kitchen")
        QTest.keyClicks(tab.panel.label, text)
        _end(desk)
        if not text:
            tab.panel.save()
            desk.settle()
            assert drafts_of(desk.office) == []
        tab.hide()
        tab.deleteLater()


def test_a_colleague_who_was_being_added(desk: Any) -> None:
    for text in ("Lia Torres", ""):
        dialog = PersonDialog(desk.window, desk.office, [], [])
        dialog.show()
        assert dialog.name.text() == ("" if text else "Lia Torres")
        QTest.keyClicks(dialog.name, text)
        _end(desk)
        dialog.hide()
        dialog.deleteLater()
    assert load_draft(drafts_of(desk.office)[0].key)["name"] == "Lia Torres"
