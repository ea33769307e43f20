"""Comments, mentions, calls and the figures on the cards of people and companies, at the keyboard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from crm_desktop.core import clock
from crm_desktop.records import attach_service, mentions, queries, service
from ui.records.windows import RecordWindow

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def talk(desk: Any) -> Any:
    """Marina with a deal, a late call and a note of Caio's."""
    marina = desk.find("Marina Queirós")
    with desk.office.unit_of_work("Story") as uow:
        deal = service.create_record(
            uow, "deal", {"name": "Cold room", "contact_id": marina, "amount": Decimal(48600), "currency": "BRL"}
        )
        service.create_record(
            uow, "deal", {"name": "Spares", "contact_id": marina, "amount": Decimal(900), "currency": "USD"}
        )
        links = {"links": [{"entity": "deal", "record_id": deal}]}
        service.create_record(
            uow, "activity", {"subject": "Call back", "due": clock.today() - timedelta(days=3)}, children=links
        )
    desk.as_caio(lambda uow: attach_service.add_note(uow, "contact", marina, "Wants it in May"))
    desk.marina = marina
    desk.page = desk.open("contacts", record_id=marina)
    return desk


def entry(talk: Any, words: str) -> Any:
    return next(one for one in talk.page.card.timeline.list.entries() if words in one.body)


def go_to(talk: Any, words: str) -> Any:
    timeline = talk.page.card.timeline
    assert timeline.list.light(entry(talk, words).key)
    timeline.list.setFocus()
    return timeline


def notes(talk: Any) -> list[tuple[str, int | None]]:
    with talk.database.read() as connection:
        return [(str(one["body"]), one["reply_to"]) for one in attach_service.notes_of(connection, talk.marina)]


def test_the_strip_says_what_matters_and_leads_there(talk: Any) -> None:
    card = talk.page.card
    deals, cases, contact = (card.matters.button(key).matter for key in ("deals", "cases", "contact"))
    assert deals.label == "Open deals (2)" and "48,600" in deals.value and "900" in deals.value, (
        "side by side, not added"
    )
    assert "weighted" in deals.tooltip
    assert (cases.value, contact.value) == ("–", "–")
    assert card.next_step.line.strong.text() == "Late:", "of its deal, and late"
    card.matters.button("deals").click()
    assert card.pages.currentWidget() is card.views["related-deal-0"]


def test_a_comment_is_written_edited_deleted_and_undone_at_the_keyboard(talk: Any) -> None:
    timeline = go_to(talk, "Wants it in May")
    note = entry(talk, "Wants it in May")
    QTest.keyClick(timeline.list, Qt.Key.Key_R)
    assert timeline.box.isVisible() and timeline.box.text.hasFocus()
    QTest.keyClicks(timeline.box.text, "April, she says")
    QTest.keyClick(timeline.box.text, Qt.Key.Key_Return, CONTROL)
    talk.settle()
    assert timeline.box.isHidden() and ("April, she says", note.note_id) in notes(talk)
    shown = timeline.list.entries()
    place = [one.body for one in shown].index("Wants it in May")
    assert (shown[place + 1].body, shown[place + 1].parent) == ("April, she says", note.note_id), "below its note"
    go_to(talk, "April, she says")
    QTest.keyClick(timeline.list, Qt.Key.Key_F2)
    assert timeline.box.text.toPlainText() == "April, she says"
    timeline.box.text.setPlainText("May after all")
    QTest.keyClick(timeline.box.text, Qt.Key.Key_Return, CONTROL)
    talk.settle()
    go_to(talk, "May after all")
    QTest.keyClick(timeline.list, Qt.Key.Key_Delete)
    talk.settle()
    assert [body for body, _parent in notes(talk)] == ["Wants it in May"]
    talk.window.undo()
    talk.settle()
    assert entry(talk, "May after all").parent == note.note_id


def test_an_unsent_comment_survives_leaving_it(talk: Any) -> None:
    timeline = go_to(talk, "Wants it in May")
    QTest.keyClick(timeline.list, Qt.Key.Key_R)
    QTest.keyClicks(timeline.box.text, "Half a thought")
    QTest.keyClick(timeline.box.text, Qt.Key.Key_Escape)
    assert timeline.box.isHidden() and timeline.list.hasFocus()
    talk.page.activated(record_id=talk.find("Otávio Lins"))
    talk.settle()
    talk.page.activated(record_id=talk.marina)
    talk.settle()
    go_to(talk, "Wants it in May")
    QTest.keyClick(timeline.list, Qt.Key.Key_R)
    assert timeline.box.text.toPlainText() == "Half a thought"


def test_typing_at_names_a_colleague_and_tells_him(talk: Any) -> None:
    composer = talk.page.card.timeline.composer
    composer.text.setFocus()
    talk.settle()
    QTest.keyClicks(composer.text, "Please call, @ca")
    talk.settle()
    drop = composer.text.drop
    assert drop.isVisible() and [one.title for one in drop.list.model().results] == ["Caio Bittar"]
    QTest.keyClick(composer.text, Qt.Key.Key_Return)
    QTest.keyClicks(composer.text, "today")
    assert composer.text.toPlainText() == "Please call, @Caio Bittar today"
    QTest.keyClick(composer.text, Qt.Key.Key_Return, CONTROL)
    talk.settle()
    assert (f"Please call, @[Caio Bittar]({talk.caio}) today", None) in notes(talk)
    made = entry(talk, "Please call")
    assert made.body == "Please call, @Caio Bittar today"
    assert [made.body[at : at + size] for at, size in made.spans] == ["@Caio Bittar"], "a chip in the text"
    with talk.database.read() as connection:
        [told] = mentions.unread_mentions(talk.database, connection, talk.caio)
    assert (told.entity, told.record_id, told.author) == ("contact", talk.marina, "Helena Prates")


def test_a_mention_in_a_draft_keeps_who_is_meant(talk: Any) -> None:
    composer = talk.page.card.timeline.composer
    composer.text.setFocus()
    talk.settle()
    QTest.keyClicks(composer.text, "@cai")
    talk.settle()
    QTest.keyClick(composer.text, Qt.Key.Key_Tab)
    written = composer.text.marked_text()
    assert written == f"@[Caio Bittar]({talk.caio})"
    talk.page.activated(record_id=talk.find("Otávio Lins"))
    talk.settle()
    assert composer.text.toPlainText() == ""
    talk.page.activated(record_id=talk.marina)
    talk.settle()
    assert composer.text.marked_text() == written


def test_a_mention_of_mine_is_counted_leads_to_the_note_and_is_read(talk: Any) -> None:
    text = f"Look at this, {mentions.mention('Helena Prates', talk.helena)}"
    note = talk.as_caio(lambda uow: attach_service.add_note(uow, "contact", talk.marina, text))
    talk.window.open_page("today")
    talk.settle()
    today = talk.window.current_page
    line, other = today.board.mentions.list.lines()
    assert other.title == "Caio Bittar wrote a note on Marina Queirós"
    assert line.title == "Caio Bittar · Marina Queirós" and "named you on Marina Queirós" in line.tooltip
    assert line.subtitle == "Look at this, @Helena Prates"
    badge = talk.window.rail._buttons["today"]._badge
    assert badge[0] == "3", "one late task, one mention and another note on her customer"
    today.open_mention(note)
    talk.settle()
    assert talk.window.current_page is talk.page
    assert talk.page.card.timeline.list.current_entry().note_id == note
    with talk.database.read() as connection:
        assert mentions.count_unread(connection, talk.helena) == 0
    talk.window.open_page("today")
    talk.settle()
    assert [one.title for one in today.board.mentions.list.lines()] == [other.title]


def test_a_call_is_noted_down_with_its_next_step_in_one_change_set(talk: Any) -> None:
    page = talk.page
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_L, CONTROL | SHIFT)
    panel = page.card.timeline.call_panel
    assert panel is not None and panel.isVisible() and panel.text.hasFocus()
    assert page.card.timeline.composer.isHidden()
    QTest.keyClicks(panel.text, "Agrees to the price")
    panel.outcome.set_value("interested")
    panel.minutes.setText("1:05")
    QTest.keyClicks(panel.step, "Send the contract")
    assert panel.day.isVisible() and panel.day.value() == clock.today() + timedelta(days=1)
    panel.text.setFocus()
    QTest.keyClick(panel.text, Qt.Key.Key_Return, CONTROL)
    talk.settle()
    assert panel.isHidden() and page.card.timeline.composer.isVisible()
    with talk.database.read() as connection:
        ids = queries.find_ids(talk.database, connection, "activity")
        names = ("subject", "kind", "status", "outcome", "duration", "direction", "due")
        rows = {row.values["subject"]: row.values for row in
                queries.fetch_rows(talk.database, connection, "activity", ids, names)}  # fmt: skip
    call, step = rows["Agrees to the price"], rows["Send the contract"]
    assert (call["kind"], call["status"], call["outcome"], call["duration"]) == ("call", "done", "interested", 3900)
    assert step["due"] == clock.today() + timedelta(days=1)
    assert page.card.matters.button("contact").matter.value != "–", "it counts as contact"
    talk.window.undo()
    talk.settle()
    with talk.database.read() as connection:
        assert len(queries.find_ids(talk.database, connection, "activity")) == 1, "both go with one undo"


def test_a_call_that_was_not_saved_comes_back(talk: Any) -> None:
    page = talk.page
    page.card.log_call()
    panel = page.card.timeline.call_panel
    QTest.keyClicks(panel.text, "He said that")
    QTest.keyClick(panel.text, Qt.Key.Key_Escape)
    assert panel.isHidden()
    page.card.log_call()
    assert panel.text.toPlainText() == "He said that"


@pytest.mark.parametrize(("key", "entity"), [("S", "activity"), ("O", "case"), ("D", "deal")])
def test_one_key_makes_what_belongs_to_the_record(talk: Any, monkeypatch: Any, key: str, entity: str) -> None:
    made: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(talk.window, "create_record", lambda name, values=None: made.append((name, values or {})))
    talk.page.table.setFocus()
    QTest.keyClick(talk.page.table, getattr(Qt.Key, f"Key_{key}"), CONTROL | SHIFT)
    assert [name for name, _values in made] == [entity]
    assert str(talk.marina) in str(made[0][1])
    window = RecordWindow(talk.office, talk.window, "contact", talk.marina, talk.page.kit.card)
    window.show()
    talk.settle()
    window.activateWindow()
    QTest.keyClick(window.card.timeline.list, getattr(Qt.Key, f"Key_{key}"), CONTROL | SHIFT)
    assert [name for name, _values in made] == [entity, entity], "in the record's window too"
    window.close()


def test_the_card_of_a_small_window_keeps_room_for_the_timeline(talk: Any) -> None:
    talk.window.resize(1024, 700)
    talk.settle()
    assert talk.page.card.timeline.list.height() >= 130
    assert list(talk.page.card.facts._cells) == ["mobile", "email"], "one row of facts"
    talk.window.resize(1440, 1000)
    talk.settle()
    assert len(talk.page.card.facts._cells) == 6


def test_pinned_notes_of_people_stand_above_the_companys_timeline(talk: Any) -> None:
    with talk.office.unit_of_work("Pin") as uow:
        attach_service.add_note(uow, "contact", talk.marina, "Not before nine", pinned=True)
    page = talk.open("companies", record_id=talk.find("Panificadora Trigo Lilás", "company"))
    talk.settle()
    pins = page.card.timeline._beside.pins
    assert [(one.body, one.source) for one in pins] == [("Not before nine", "Marina Queirós")]
    page.card.timeline.company.setChecked(False)
    talk.settle()
    assert page.card.timeline._beside.pins == ()


def test_kinds_without_a_chip_are_in_the_menu_with_their_numbers(talk: Any) -> None:
    timeline = talk.page.card.timeline
    texts = [action.text() for action in timeline.kinds_menu().actions()]
    assert texts == ["Meetings and visits", "Tasks", "Deals (2)", "Cases", "Files"]
    timeline._choose("task")
    talk.settle()
    assert [one.kind for one in timeline._entries] == ["activity"] and timeline.more_chip.text() == "Tasks"
    timeline._choose("email")
    talk.settle()
    assert timeline._entries == [] and timeline.state.state() == "empty"
