"""Editors take what people type, in any sane spelling, and never lose it silently."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from ui.framework import tasks
from ui.widgets.editor_base import LongTextEditor, MoneyEditor, PhoneEditor, ValueEditor, problem_of
from ui.widgets.editor_choice import BoolEditor, ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor, DateTimeEditor, TimeEditor, parse_time
from ui.widgets.editor_tags import TagsEditor
from ui.widgets.month import MonthPicker, shift_month

ZONE = ZoneInfo("America/Sao_Paulo")


@pytest.fixture(autouse=True)
def brazil():
    """Thursday, 12 March 2026, 10:42, in Brazil."""
    formats.set_region("pt_BR")
    clock.set_clock(lambda: datetime(2026, 3, 12, 10, 42, tzinfo=ZONE).astimezone(UTC))
    yield
    formats.set_region("")
    clock.set_clock(None)


def type_in(qtbot, editor, text: str):
    qtbot.addWidget(editor)
    editor.show()
    editor.setFocus()
    editor.selectAll()
    for letter in text:
        # QTest types ASCII only.
        QApplication.sendEvent(editor, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, letter))
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    return editor


@pytest.mark.parametrize(
    ("typed", "value", "shown"),
    [
        ("1234,5", Decimal("1234.5"), "1.234,50"),
        ("R$ 1.234,56", Decimal("1234.56"), "1.234,56"),
        ("48.600", Decimal("48600"), "48.600,00"),
        ("-10", Decimal("-10"), "-10,00"),
    ],
)
def test_money(qtbot, typed: str, value: Decimal, shown: str) -> None:
    editor = type_in(qtbot, MoneyEditor(name="Amount"), typed)
    assert editor.value() == value
    assert editor.text() == shown


@pytest.mark.parametrize("typed", ["23/04/2026", "23-4-2026", "2026-04-23", "23.04.26", "23 abr 2026"])
def test_a_day(qtbot, typed: str) -> None:
    editor = type_in(qtbot, DateEditor(name="Day"), typed)
    assert editor.value() == date(2026, 4, 23)
    assert editor.text() == "23/04/2026"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("today", date(2026, 3, 12)),
        ("amanhã", date(2026, 3, 13)),
        ("ayer", date(2026, 3, 11)),
        ("+7", date(2026, 3, 19)),
    ],
)
def test_a_day_said_in_words(qtbot, typed: str, day: date) -> None:
    assert type_in(qtbot, DateEditor(name="Day"), typed).value() == day


def test_arrows_move_a_day_by_days_and_weeks(qtbot) -> None:
    editor = DateEditor(name="Day")
    qtbot.addWidget(editor)
    editor.set_value(date(2026, 2, 28))
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert editor.value() == date(2026, 3, 1)
    qtbot.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert editor.value() == date(2026, 2, 22)


def test_a_day_that_is_none_is_marked_and_kept(qtbot) -> None:
    editor = type_in(qtbot, DateEditor(name="Day"), "31/02")
    assert editor.text() == "31/02"
    assert editor.property("problem") is True
    assert "31/02" in problem_of(editor) and editor.toolTip() == problem_of(editor)
    with pytest.raises(FieldError):
        editor.value()
    editor.set_value(date(2026, 3, 1))
    assert not editor.property("problem")


def test_a_moment_is_kept_in_utc_and_shown_here(qtbot) -> None:
    editor = type_in(qtbot, DateTimeEditor(name="When"), "12/03/2026 14h30")
    assert editor.value() == datetime(2026, 3, 12, 17, 30, tzinfo=UTC)
    assert "14:30" in editor.text()
    local = type_in(qtbot, DateTimeEditor(name="When", local=True), "amanhã 9h")
    assert local.value() == datetime(2026, 3, 13, 9, 0)


@pytest.mark.parametrize(
    ("typed", "hour"),
    [("14:30", time(14, 30)), ("14h30", time(14, 30)), ("1430", time(14, 30)), ("9", time(9)), ("9h", time(9)),
     ("2 pm", time(14)), ("12am", time(0)), ("7.05", time(7, 5))],
)  # fmt: skip
def test_a_time(typed: str, hour: time) -> None:
    assert parse_time(typed) == hour


@pytest.mark.parametrize("typed", ["25:00", "12:75", "noon", "14:3x"])
def test_what_is_no_time(qtbot, typed: str) -> None:
    editor = type_in(qtbot, TimeEditor(name="Hour"), typed)
    assert editor.property("problem") is True


def test_a_phone_in_any_spelling(qtbot) -> None:
    editor = type_in(qtbot, PhoneEditor(name="Phone", country="BR"), "41 95550-0142")
    assert editor.value() == "+5541955500142"


def test_what_nobody_touched_comes_back_exactly(qtbot) -> None:
    editor = MoneyEditor(name="Amount")
    qtbot.addWidget(editor)
    editor.set_value(Decimal("10.1234"))
    assert editor.value() == Decimal("10.1234")
    moment = datetime(2026, 3, 12, 17, 30, 15, 123000, tzinfo=UTC)
    when = DateTimeEditor(name="When")
    qtbot.addWidget(when)
    when.set_value(moment)
    assert when.value() == moment


@pytest.mark.parametrize("region", ["en_US", "pt_BR", "es_ES"])
def test_a_moment_is_read_whole_in_its_width(qtbot, region: str) -> None:
    formats.set_region(region)
    when = DateTimeEditor(name="When")
    qtbot.addWidget(when)
    when.set_value(datetime(2026, 12, 23, 1, 38, tzinfo=UTC))
    when.resize(when.whole_width(), when.sizeHint().height())
    when.show()
    for at_end in (True, False):
        when.end(False) if at_end else when.home(False)
        qtbot.wait(10)
        first, last = when.cursorPositionAt(QPoint(8, 12)), when.cursorPositionAt(QPoint(when.width() - 32, 12))
        assert first <= 1 and last == len(when.text()), when.text()


def test_an_empty_line_is_none(qtbot) -> None:
    editor = ValueEditor(Kind.INTEGER, name="Number")
    qtbot.addWidget(editor)
    editor.set_value(5)
    editor.clear()
    assert editor.value() is None


def test_a_choice_and_one_that_is_unknown(qtbot) -> None:
    editor = ChoiceEditor([("a", "Alpha"), ("b", "Beta")], name="Kind")
    qtbot.addWidget(editor)
    assert editor.value() is None
    editor.set_value("b")
    assert (editor.value(), editor.currentText()) == ("b", "Beta")
    editor.set_value("gone")
    assert editor.value() == "gone"
    heard = []
    editor.committed.connect(lambda: heard.append(editor.value()))
    editor.show()
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert heard == ["b"]


def test_yes_or_no(qtbot) -> None:
    editor = BoolEditor("Wants mail")
    qtbot.addWidget(editor)
    editor.set_value(None)
    editor.show()
    qtbot.keyClick(editor, Qt.Key.Key_Space)
    assert editor.value() is True


def found(text: str) -> list[tuple[int, str, str]]:
    people = [(1, "Marina Queirós", "Trigo Lilás"), (2, "Mário Lobo", "Lobo Manso")]
    return [person for person in people if text.lower()[:2] in person[1].lower()]


def wait_for_list(qtbot, picker: RecordPicker) -> None:
    qtbot.waitUntil(lambda: picker._drop.isVisible(), timeout=3000)


def test_a_record_is_found_while_typing(qtbot) -> None:
    picker = RecordPicker(found, name="Contact", create="Create “{text}”")
    qtbot.addWidget(picker)
    with qtbot.waitExposed(picker):
        picker.show()
    picker.activateWindow()
    picker.setFocus()
    qtbot.waitUntil(picker.hasFocus)
    qtbot.keyClicks(picker, "ma")
    wait_for_list(qtbot, picker)
    with pytest.raises(FieldError):
        picker.value()
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert (picker.value(), picker.text()) == (1, "Marina Queirós")
    asked = []
    picker.create_requested.connect(asked.append)
    picker.selectAll()
    qtbot.keyClicks(picker, "Zed")
    wait_for_list(qtbot, picker)
    qtbot.keyClick(picker, Qt.Key.Key_Return)
    assert asked == ["Zed"]
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    assert picker.value() == 1
    picker.clear()
    assert picker.value() is None
    assert tasks.wait_idle(5)


def test_tags_are_added_and_taken_off(qtbot) -> None:
    editor = TagsEditor(lambda text: [tag for tag in ("cliente", "padaria") if text in tag], name="Tags")
    qtbot.addWidget(editor)
    editor.set_value(["vip"])
    with qtbot.waitExposed(editor):
        editor.show()
    editor.activateWindow()
    editor.line.setFocus()
    qtbot.waitUntil(editor.line.hasFocus)
    qtbot.keyClicks(editor.line, "novo,")
    assert editor.value() == ["vip", "novo"]
    qtbot.keyClicks(editor.line, "VIP;")
    assert editor.value() == ["vip", "novo"]
    qtbot.keyClicks(editor.line, "pad")
    qtbot.waitUntil(lambda: editor._drop.isVisible(), timeout=3000)
    qtbot.keyClick(editor.line, Qt.Key.Key_Return)
    assert editor.value() == ["vip", "novo", "padaria"]
    qtbot.keyClick(editor.line, Qt.Key.Key_Backspace)
    assert editor.value() == ["vip", "novo"]
    assert tasks.wait_idle(5)


def test_long_text_commits_with_control_enter(qtbot) -> None:
    editor = LongTextEditor(name="Note")
    qtbot.addWidget(editor)
    heard = []
    editor.committed.connect(lambda: heard.append(editor.value()))
    editor.show()
    qtbot.keyClicks(editor, "Hello")
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert heard == ["Hello"]


def test_a_month_is_walked_by_keys(qtbot) -> None:
    picker = MonthPicker(date(2026, 3, 31))
    qtbot.addWidget(picker)
    chosen, months = [], []
    picker.day_chosen.connect(chosen.append)
    picker.month_shown.connect(months.append)
    days = picker.focusProxy()
    qtbot.keyClick(days, Qt.Key.Key_Right)
    qtbot.keyClick(days, Qt.Key.Key_PageUp)
    qtbot.keyClick(days, Qt.Key.Key_Return)
    assert chosen == [date(2026, 3, 1)]
    assert months == [date(2026, 4, 1), date(2026, 3, 1)]
    assert shift_month(date(2026, 1, 31), 1) == date(2026, 2, 28)
