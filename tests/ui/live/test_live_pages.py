"""Boards, calendar, cases, Today and settings take what a colleague changes, and keep the hands of who works in them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from crm_desktop.calendar import service as calendar
from crm_desktop.cases import service as cases
from crm_desktop.core import clock
from crm_desktop.records import service


def deals(desk: Any, count: int = 14) -> list[int]:
    """Deals in the first stage of the pipeline."""

    def make(uow: Any) -> list[int]:
        stage = uow.table("stage")
        first = uow.connection.execute(stage.select().order_by(stage.c.position).limit(1)).first().id
        return [
            service.create_record(uow, "deal", {"name": f"Deal {n:02}", "stage_id": first, "amount": 100 + n})
            for n in range(count)
        ]

    return list(desk.as_caio(make))


def test_a_board_takes_moves_and_keeps_card_scroll_and_the_small_form(desk: Any) -> None:
    ids = deals(desk)
    page = desk.open("pipeline", mode="board")
    board = page.board.board
    desk.wait(lambda: board.columns and len(board.columns[0].view.cards.cards) == 14)
    chosen = board.columns[0].view.cards.cards[9].id
    board.choose_deal(chosen)
    view = board.columns[0].view
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    page.board.add_here()
    form = board.columns[0].form
    form.name.setText("Half a na")
    place = view.verticalScrollBar().value()
    other = next(one for one in ids if one != chosen)
    second = board.columns[1].stage.id
    desk.update("deal", other, stage_id=second)
    desk.wait(lambda: [card.id for card in board.columns[1].view.cards.cards] == [other], "the card never moves")
    assert board.current_card().id == chosen and form.name.text() == "Half a na" and form.isVisible()
    assert abs(view.verticalScrollBar().value() - place) <= view.verticalScrollBar().singleStep() * 4


def test_a_board_waits_while_a_card_hangs_on_the_pointer(desk: Any) -> None:
    ids = deals(desk, 4)
    board = desk.open("pipeline", mode="board").board.board
    desk.wait(lambda: board.columns and len(board.columns[0].view.cards.cards) == 4)
    board.begin_drag(board.columns[0].view.cards.cards[0])
    desk.update("deal", ids[3], name="Renamed")
    desk.settle()
    assert "Renamed" not in [card.name for card in board.columns[0].view.cards.cards]
    board.end_drag()
    desk.wait(lambda: "Renamed" in [card.name for card in board.columns[0].view.cards.cards])


def appointments(desk: Any) -> list[int]:
    """Two appointments of today."""
    today = clock.now().astimezone(clock.local_zone()).date()

    def make(uow: Any) -> list[int]:
        return [
            calendar.plan_activity(uow, {
                "kind": "meeting", "subject": f"Visit {hour}", "starts": datetime.combine(today, time(hour)),
                "ends": datetime.combine(today, time(hour + 1)), "owner_id": desk.helena,
            })
            for hour in (9, 14)
        ]  # fmt: skip

    return list(desk.as_caio(make))


def titles(items: Any) -> list[str]:
    return sorted(item.title for item in items)


def test_the_week_takes_a_new_title_and_keeps_choice_scroll_and_drag(desk: Any) -> None:
    first, second = appointments(desk)
    page = desk.open("calendar", mode="week")
    grid, bar = page.week.grid, page.week.scroller.verticalScrollBar()
    desk.wait(lambda: len(grid.items) == 2)
    grid.select((first, None))
    bar.setValue(90)
    placed = next(one for one in grid.places() if one.item.key[0] == first)
    spot = placed.rect.center()
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=spot)
    QTest.mouseMove(grid, spot + QPoint(0, 40))
    desk.update("activity", second, subject="Moved visit")
    desk.wait(lambda: titles(grid.items) == ["Moved visit", "Visit 9"])
    assert grid.selected_key == (first, None) and grid._drag is not None
    assert bar.value() == 90
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert grid._drag is None


def test_month_and_agenda_take_changes(desk: Any) -> None:
    first, second = appointments(desk)
    page = desk.open("calendar", mode="month")
    desk.wait(lambda: len(page.month.items) == 2)
    chosen = page.month.chosen
    desk.update("activity", second, subject="Later visit")
    desk.wait(lambda: titles(page.month.items) == ["Later visit", "Visit 9"])
    assert page.month.chosen == chosen
    page.set_mode("agenda")
    desk.settle()
    page.agenda.select((first, None))
    desk.update("activity", second, subject="Last visit")
    desk.wait(lambda: "Last visit" in [line.item.title for line in page.agenda.list.items.lines if line.item])
    assert page.agenda.list.current_key() == (first, None)


def case(desk: Any, subject: str) -> int:
    return int(desk.as_caio(lambda uow: cases.create_case(uow, {"subject": subject, "owner_id": desk.helena})))


def test_a_case_takes_messages_and_keeps_the_reply_and_the_place(desk: Any) -> None:
    identity = case(desk, "Leak")
    for number in range(25):
        text = f"Message {number}\n" * 4
        desk.as_caio(lambda uow, text=text: cases.add_message(uow, identity, "internal", text))
    page = desk.open("cases", record_id=identity)
    card, bar = page.card, page.card.thread_view.verticalScrollBar()
    desk.wait(lambda: card.data is not None and len(card.thread_view.messages()) == 25)
    desk.settle()
    card.reply.text.setFocus()
    QTest.keyClicks(card.reply.text, "Dear cust")
    bar.setValue(bar.maximum() // 3)
    place, third = bar.value(), card.thread_view.messages()[2]
    desk.as_caio(lambda uow: cases.add_message(uow, identity, "in", "It leaks again"))
    desk.wait(lambda: [one.entry.body for one in card.thread_view.messages()][-1:] == ["It leaks again"])
    desk.settle()
    assert card.reply.text.toPlainText() == "Dear cust" and bar.value() == place
    assert card.thread_view.messages()[2] is third  # what was there is not made anew: marked text stays marked


def test_a_case_that_leaves_the_queue_stays_open_while_somebody_answers_it(desk: Any) -> None:
    first, second = case(desk, "First"), case(desk, "Second")
    page = desk.open("cases", scope="mine")
    desk.wait(lambda: len(page.queue.list.queue.items) == 2)
    page.show_case(first)
    desk.wait(lambda: page.card.data is not None and page.card.case_id == first)
    QTest.keyClicks(page.card.reply.text, "Dear cust")
    desk.update("case", first, owner_id=desk.caio)
    desk.wait(lambda: [one.id for one in page.queue.list.queue.items] == [second])
    desk.settle()
    assert page.card.case_id == first and page.card.reply.text.toPlainText() == "Dear cust"


def test_today_takes_a_task_and_keeps_what_is_typed(desk: Any) -> None:
    today = desk.open("today")
    today.board.due.quick.open()
    typed = next(one for one in today.board.due.quick.findChildren(QLineEdit) if one.isVisible())
    typed.setText("Call the arch")
    due = clock.today()
    desk.as_caio(
        lambda uow: calendar.plan_activity(
            uow, {"kind": "task", "subject": "Send the offer", "due": due, "owner_id": desk.helena}
        )
    )
    desk.wait(lambda: "Send the offer" in [one.title for one in today.board.due.list.lines()])
    assert typed.isVisible() and typed.text() == "Call the arch"


def test_settings_take_fields_and_stages_made_elsewhere(desk: Any) -> None:
    page = desk.open("settings", tab="pipelines")
    desk.settle()
    tab = page.stack.currentWidget()

    def rename(uow: Any) -> None:
        stage = uow.table("stage")
        first = uow.connection.execute(stage.select().order_by(stage.c.position).limit(1)).first().id
        service.update_record(uow, "stage", first, {"name": "Brand new stage"})

    desk.as_caio(rename)
    desk.wait(lambda: _says(tab, "Brand new stage"), "the stage keeps its old name")


def _says(widget: Any, text: str) -> bool:
    for child in widget.findChildren(object):
        for name in ("text", "toPlainText"):
            read = getattr(child, name, None)
            try:
                if callable(read) and text in str(read()):
                    return True
            except TypeError:
                continue
        model = getattr(child, "model", None)
        if callable(model) and model() is not None and hasattr(model(), "rowCount"):
            for row in range(model().rowCount()):
                for column in range(max(1, model().columnCount())):
                    if text in str(model().index(row, column).data() or ""):
                        return True
    return False


def test_a_window_of_its_own_follows_too(desk: Any) -> None:
    desk.open("contacts")
    desk.window.open_record("contact", desk.people[4], new_window=True)
    desk.settle()
    window = desk.window.findChild(object, f"record-contact-{desk.people[4]}")
    QTest.keyClicks(window.card.timeline.composer.text, "in its window")
    desk.update("contact", desk.people[4], job_title="Baker")
    desk.wait(lambda: window.card.record.values["job_title"] == "Baker")
    desk.as_caio(lambda uow: service.delete_records(uow, "contact", [desk.people[4]]))
    desk.wait(lambda: window.card.lost.isVisible())
    assert window.isVisible() and window.card.timeline.composer.text.toPlainText() == "in its window"
    window.close()
