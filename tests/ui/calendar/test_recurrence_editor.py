"""The editor of repetitions: what is chosen is the rule, and the rule is said in words."""

from __future__ import annotations

from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from crm_desktop.core.errors import UserError
from ui.calendar.recurrence_editor import RecurrenceEditor

THURSDAY = date(2026, 3, 12)
LAST_TUESDAY = date(2026, 3, 31)


@pytest.fixture
def editor(qtbot: QtBot) -> RecurrenceEditor:
    editor = RecurrenceEditor()
    qtbot.addWidget(editor)
    editor.set_rule(None, THURSDAY)
    editor.show()
    return editor


def choose(editor: RecurrenceEditor, combo: str, value: str) -> None:
    box = getattr(editor, combo)
    box.set_value(value)
    box.edited.emit()


def test_nothing_repeats_at_first(editor: RecurrenceEditor) -> None:
    assert editor.rule() is None and not editor.words.isVisible()
    assert not editor.interval.isVisible()


def test_weekly_begins_with_the_day_of_the_event(editor: RecurrenceEditor) -> None:
    choose(editor, "frequency", "WEEKLY")
    assert editor.rule() == "FREQ=WEEKLY;BYDAY=TH"
    next(one for one in editor.days if one.weekday == 0).click()
    editor.interval.setValue(2)
    assert editor.words.text() == "Every 2 weeks on Monday and Thursday"
    for toggle in editor.days:
        if toggle.isChecked():
            toggle.click()
    assert editor.rule() is not None and "BYDAY=" in str(editor.rule())


def test_a_weekly_rule_follows_the_event_to_another_day(editor: RecurrenceEditor) -> None:
    choose(editor, "frequency", "WEEKLY")
    editor.set_start(date(2026, 3, 13))
    assert editor.rule() == "FREQ=WEEKLY;BYDAY=FR"


def test_monthly_offers_the_ways_to_count(editor: RecurrenceEditor) -> None:
    editor.set_rule(None, LAST_TUESDAY)
    choose(editor, "frequency", "MONTHLY")
    keys = [editor.pattern.itemData(row) for row in range(editor.pattern.count())]
    assert keys == ["day", "nth", "last", "last_day"]
    rules = []
    for key in keys:
        choose(editor, "pattern", key)
        rules.append(editor.rule())
    days = ["BYMONTHDAY=31", "BYDAY=5TU", "BYDAY=-1TU", "BYMONTHDAY=-1"]
    assert rules == [f"FREQ=MONTHLY;{part}" for part in days]
    editor.set_start(date(2026, 3, 10))
    assert [editor.pattern.itemData(row) for row in range(editor.pattern.count())] == ["day", "nth", "last_day"]


def test_the_end_is_a_day_or_a_number(editor: RecurrenceEditor) -> None:
    choose(editor, "frequency", "DAILY")
    choose(editor, "ending", "on")
    assert editor.until.isVisible() and editor.until.value() is not None
    editor.until.set_value(date(2026, 3, 20))
    assert editor.rule() == "FREQ=DAILY;UNTIL=20260320"
    editor.until.set_value(date(2026, 3, 1))
    with pytest.raises(UserError):
        editor.rule()
    choose(editor, "ending", "after")
    editor.count.setValue(4)
    assert editor.rule() == "FREQ=DAILY;COUNT=4" and editor.words.text() == "Every day, 4 times"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;INTERVAL=3;COUNT=7",
        "FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20260630",
        "FREQ=MONTHLY;BYDAY=2TH",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=12",
        "FREQ=YEARLY;BYMONTHDAY=12;BYMONTH=3",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=2TH",
    ],
)
def test_a_rule_is_shown_and_given_back(editor: RecurrenceEditor, rule: str) -> None:
    editor.set_rule(rule, THURSDAY)
    assert editor.rule() == rule
    editor.interval.valueChanged.emit(editor.interval.value())
    assert editor.rule() == rule


def test_a_rule_nobody_touched_stays_as_it_was_written(editor: RecurrenceEditor) -> None:
    editor.set_rule("FREQ=WEEKLY;INTERVAL=2;WKST=SU", THURSDAY)
    assert editor.rule() == "FREQ=WEEKLY;INTERVAL=2;WKST=SU"
    editor.interval.setValue(3)
    assert editor.rule() == "FREQ=WEEKLY;INTERVAL=3;BYDAY=TH;WKST=SU"


def test_a_rule_the_choices_cannot_say_is_kept(editor: RecurrenceEditor) -> None:
    rule = "FREQ=MONTHLY;BYSETPOS=-1;BYDAY=MO,TU,WE,TH,FR"
    editor.set_rule(rule, THURSDAY)
    assert editor.rule() == rule
    assert editor.words.text() == "Every month on the last working day"
    choose(editor, "frequency", "")
    assert editor.rule() is None
