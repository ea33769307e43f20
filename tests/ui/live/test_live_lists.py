"""What a colleague changes appears in lists and cards, and nobody's place or typed text is lost; on both engines."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from crm_desktop.core.filters import where
from crm_desktop.records import attach_service, service, views
from crm_desktop.records.grouping import Grouping


def top_of(page: Any) -> int | None:
    """The record at the top of what is seen of a list."""
    return page.model.id_at(page.table.rowAt(1))


def row_of(page: Any, record_id: int) -> Any:
    return page.model.row_values(page.model.row_of(record_id))


def begin_in_the_middle(desk: Any) -> Any:
    """Helena is in the middle of the list, has ticked two, and types into a cell."""
    page = desk.open("contacts")
    page.table.set_current_row(30)
    page.table.verticalScrollBar().setValue(page.table.verticalHeader().defaultSectionSize() * 22)
    desk.settle()
    page.model.checked = {page.model.id_at(3), page.model.id_at(31)}
    index = page.model.index(30, page.model.column_of("city"))
    page.table.setCurrentIndex(index)
    page.table.cell_cursor = True
    page.table.edit_current()
    return page


def test_a_list_takes_changes_under_the_hands_of_who_works_in_it(desk: Any) -> None:
    page = begin_in_the_middle(desk)
    editor = next(one for one in page.table.viewport().findChildren(QLineEdit) if one.isVisible())
    editor.setText("Pont")
    current, top, checked = page.table.current_id(), top_of(page), set(page.model.checked)
    above, beside = page.model.id_at(2), page.model.id_at(28)
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [above]))
    desk.as_caio(lambda uow: service.create_record(uow, "contact", {"name": "Aaron First"}))
    desk.update("contact", beside, city="Morretes")
    desk.update("contact", current, city="Antonina")
    desk.wait(lambda: page.model.row_of(above) < 0 and row_of(page, beside).values["city"] == "Morretes")
    desk.wait(lambda: page.model.record_count == 60)
    desk.settle()
    assert page.table.current_id() == current and page.model.id_at(page.table.current_row()) == current
    assert top_of(page) == top and page.model.checked == checked
    assert editor.isVisible() and editor.text() == "Pont"


def test_more_changes_than_can_be_shown_one_by_one_keep_the_place_too(desk: Any) -> None:
    desk.as_caio(lambda uow: [service.create_record(uow, "contact", {"name": f"Zed {n:03}"}) for n in range(320)])
    page = begin_in_the_middle(desk)
    editor = next(one for one in page.table.viewport().findChildren(QLineEdit) if one.isVisible())
    editor.setText("Pont")
    current, top = page.table.current_id(), top_of(page)
    gone = [page.model.id_at(row) for row in range(60, 370)]
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", gone))
    desk.wait(lambda: page.model.record_count == 70)
    desk.settle()
    assert page.table.current_id() == current and top_of(page) == top
    assert editor.isVisible() and editor.text() == "Pont"


def test_groups_stay_open_and_closed(desk: Any) -> None:
    page = desk.open("contacts")
    page.model.set_grouping(Grouping("city"))
    desk.settle()
    page.model.set_open(page.model.groups[0], False)
    chosen = next(row for row in range(page.model.rowCount()) if page.model.id_at(row))
    page.table.set_current_row(chosen + 3)
    desk.settle()
    current = page.table.current_id()
    moved = page.model.id_at(page.model.rowCount() - 1)
    desk.update("contact", moved, city=page.model.groups[0].title)
    before = page.model.groups[0].count
    desk.wait(lambda: page.model.groups[0].count == before + 1, "the group never grows")
    assert [page.model.is_open(group) for group in page.model.groups] == [False, True, True]
    assert page.table.current_id() == current and page.model.id_at(page.table.current_row()) == current


def test_an_open_card_takes_facts_and_notes_and_keeps_what_is_typed(desk: Any) -> None:
    page = desk.open("contacts", record_id=desk.people[10])
    card = page.card
    card.timeline.composer.text.setFocus()
    QTest.keyClicks(card.timeline.composer.text, "half a thou")
    key = "city"
    if key in card.facts._cells:
        card.facts.begin_edit(key)
        card.facts.editor(key).setText("Pont")
    desk.update("contact", desk.people[10], job_title="Baker", city="Antonina")
    desk.as_caio(lambda uow: attach_service.add_note(uow, "contact", desk.people[10], "Called her today"))
    desk.wait(lambda: card.record is not None and card.record.values["job_title"] == "Baker")
    desk.wait(lambda: any(one.body == "Called her today" for one in card.timeline.list.entries()))
    assert card.timeline.composer.text.toPlainText() == "half a thou"
    if key in card.facts._cells:
        assert card.facts.editor(key).text() == "Pont"
        card.facts._cells[key].cancel()
        assert card.facts._cells[key].fact.text == "Antonina"


def test_a_timeline_that_was_scrolled_stays_where_it_is(desk: Any) -> None:
    person = desk.people[0]
    desk.as_caio(lambda uow: [attach_service.add_note(uow, "contact", person, f"Note {n}\n" * 3) for n in range(70)])
    card = desk.open("contacts", record_id=person).card
    bar = card.timeline.list.verticalScrollBar()

    def reads_on() -> bool:
        bar.setValue(bar.maximum())
        return len(card.timeline.list.entries()) > 50

    desk.wait(reads_on)
    desk.settle()
    loaded = len(card.timeline.list.entries())
    bar.setValue(bar.maximum() // 2)
    first = card.timeline.list.timeline.items[card.timeline.list.indexAt(card.timeline.list.rect().center()).row()]
    desk.as_caio(lambda uow: attach_service.add_note(uow, "contact", person, "The newest"))
    desk.wait(lambda: any(one.body == "The newest" for one in card.timeline.list.entries()))
    desk.settle()
    assert len(card.timeline.list.entries()) >= loaded
    same = card.timeline.list.timeline.items[card.timeline.list.indexAt(card.timeline.list.rect().center()).row()]
    assert same.key == first.key


def test_a_record_deleted_elsewhere_leaves_the_list_and_says_so_on_its_card(desk: Any) -> None:
    page = desk.open("contacts", record_id=desk.people[20])
    card = page.card
    QTest.keyClicks(card.timeline.composer.text, "not yet saved")
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [desk.people[20]]))
    desk.wait(lambda: card.lost.isVisible() and "Caio" in card.lost.strong.text(), "the card never says it")
    assert card.lost.strong.text() == "Caio Bittar deleted this."
    desk.wait(lambda: page.model.row_of(desk.people[20]) < 0)
    assert card.record_id == desk.people[20] and card.timeline.composer.text.toPlainText() == "not yet saved"
    assert not card.timeline.composer.send.isEnabled() and not card.buttons.isEnabled()
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    desk.settle()
    assert card.record_id not in (None, desk.people[20]) and card.lost.isHidden() and card.buttons.isEnabled()


def test_a_record_that_leaves_a_filtered_list_does_not_pull_the_card_away(desk: Any) -> None:
    page = desk.open("contacts")
    page.filters.add_condition(where("city", "eq", "Curitiba"))
    desk.settle()
    page.table.set_current_row(4)
    desk.settle()
    chosen = page.table.current_id()
    QTest.keyClicks(page.card.timeline.composer.text, "typing")
    desk.update("contact", chosen, city="Lapa")
    desk.wait(lambda: page.model.row_of(chosen) < 0)
    desk.settle()
    assert page.card.record_id == chosen and page.card.timeline.composer.text.toPlainText() == "typing"
    assert page.card.lost.isHidden() and page.table.current_row() < 0


def test_a_view_shared_elsewhere_appears_among_the_tabs(desk: Any) -> None:
    page = desk.open("contacts")
    page.table.set_current_row(12)
    desk.settle()
    current, before = page.table.current_id(), len(page.views.views())
    view = {"name": "Far away", "entity": page.kit.page, "scope": "everyone"}
    desk.as_caio(lambda uow: views.create_view(uow, view))
    desk.wait(lambda: len(page.views.views()) == before + 1)
    assert page.views.views()[-1].name == "Far away" and page.table.current_id() == current


def test_rights_that_change_elsewhere_are_followed(desk: Any) -> None:
    page = desk.open("contacts")
    assert desk.database.access.everything
    hers, his = desk.people[0], desk.people[1]
    desk.update("contact", his, owner_id=desk.caio)
    desk.as_caio(lambda uow: uow.update("user", desk.helena, {"role": "sales"}))
    desk.wait(lambda: not desk.database.access.everything, "the rights are not followed")

    def narrow(uow: Any) -> None:
        uow.insert("role_right", {"role": "sales", "entity": "contact", "action": "read", "scope": "own"})

    desk.as_caio(narrow)
    desk.wait(lambda: page.model.row_of(his) < 0, "what may not be seen is still there")
    assert page.model.row_of(hers) >= 0


def test_who_hands_a_record_on_is_named_on_the_card_that_was_open(desk: Any) -> None:
    page = desk.open("contacts", record_id=desk.people[8])
    desk.as_caio(lambda uow: uow.update("user", desk.helena, {"role": "sales"}))
    desk.as_caio(lambda uow: uow.insert(
        "role_right", {"role": "sales", "entity": "contact", "action": "read", "scope": "own"}
    ))  # fmt: skip
    desk.wait(lambda: desk.database.access.scope("contact", "read") == "own")
    desk.settle()
    QTest.keyClicks(page.card.timeline.composer.text, "mine")
    desk.update("contact", desk.people[8], owner_id=desk.caio)
    desk.wait(lambda: "owns this now" in page.card.lost.strong.text(), "the card does not say who has it")
    assert page.card.lost.strong.text() == "Caio Bittar owns this now; you can no longer see it."
    assert page.card.timeline.composer.text.toPlainText() == "mine"
    desk.wait(lambda: page.model.row_of(desk.people[8]) < 0)


def test_a_storm_elsewhere_is_told_in_few_steps(desk: Any) -> None:
    page = desk.open("contacts")
    page.table.set_current_row(20)
    desk.settle()
    current, told = page.table.current_id(), []
    desk.office.records_changed.connect(told.append)
    for number in range(60):
        desk.update("contact", desk.people[number % 5], city=f"Town {number}")
    desk.wait(lambda: row_of(page, desk.people[4]).values["city"] == "Town 59")
    assert len(told) < 40 and page.table.current_id() == current
    many = [f"Crowd {n:04}" for n in range(6000)]

    def crowd(uow: Any) -> None:
        columns = ("id", "name", "lifecycle", "created_at")
        ids = range(10**15, 10**15 + len(many))
        uow.insert_many("contact", columns, [(i, name, "lead", uow.now) for i, name in zip(ids, many, strict=True)])

    told.clear()
    desk.as_caio(crowd)
    desk.wait(lambda: page.model.record_count == 6060)
    assert sum(event.everything for event in told) <= 2 and page.table.current_id() == current
