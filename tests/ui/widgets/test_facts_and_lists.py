"""Facts edited in place, two-line lists, results, tabs, chips, states and the rail."""

from __future__ import annotations

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from tests.ui.widgets import gallery
from ui.widgets.avatar import hue_of
from ui.widgets.buttons import Button, SegmentedControl, Switch
from ui.widgets.chips import Chip
from ui.widgets.editor_base import MoneyEditor, TextEditor
from ui.widgets.facts import Fact, FactsGrid
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import Label
from ui.widgets.rail import Rail
from ui.widgets.results import Result, ResultList, find_marks
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.steps import StepBar
from ui.widgets.tabs import Tab, TabBar
from ui.widgets.toast import Toast, keep_readable, show_toast
from ui.widgets.two_line import Line, LineModel, TwoLineList


def make_editor(key: str, parent: QWidget) -> QWidget:
    return MoneyEditor(name=key, parent=parent) if key == "amount" else TextEditor(name=key, parent=parent)


@pytest.fixture
def grid(qtbot) -> FactsGrid:
    made = FactsGrid(make_editor)
    qtbot.addWidget(made)
    made.set_facts(
        [
            Fact("name", "Name", "Marina", "Marina"),
            Fact("amount", "Amount", "R$ 10,00", Decimal(10)),
            Fact("company", "Company", "Trigo Lilás", 7, link=True),
            Fact("id", "Number", "42", 42, editable=False),
        ]
    )
    made.resize(600, 200)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    return made


def test_a_value_is_edited_in_place(grid: FactsGrid, qtbot) -> None:
    saved: list[tuple[str, object]] = []
    grid.edit_committed.connect(lambda key, value: saved.append((key, value)))
    grid.begin_edit("name")
    editor = grid.editor("name")
    qtbot.keyClicks(editor, "Marina Queiroz")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert saved == [("name", "Marina Queiroz")]
    assert grid.editor("name") is None


def test_escape_leaves_it_as_it_was(grid: FactsGrid, qtbot) -> None:
    saved = []
    grid.edit_committed.connect(lambda *change: saved.append(change))
    grid.begin_edit("name")
    qtbot.keyClicks(grid.editor("name"), "x")
    qtbot.keyClick(grid.editor("name"), Qt.Key.Key_Escape)
    assert saved == [] and grid.editor("name") is None


def test_what_cannot_be_taken_says_why_and_stays(grid: FactsGrid, qtbot) -> None:
    saved = []
    grid.edit_committed.connect(lambda *change: saved.append(change))
    grid.begin_edit("amount")
    qtbot.keyClicks(grid.editor("amount"), "ten")
    qtbot.keyClick(grid.editor("amount"), Qt.Key.Key_Return)
    assert saved == []
    assert grid.editor("amount").text() == "ten"
    assert any("ten" in label.text() for label in grid.findChildren(QLabel) if label.isVisible())


def test_leaving_an_editor_keeps_what_was_typed(grid: FactsGrid, qtbot) -> None:
    saved = []
    grid.edit_committed.connect(lambda *change: saved.append(change))
    grid.begin_edit("name")
    qtbot.waitUntil(lambda: grid.editor("name").hasFocus())
    qtbot.keyClicks(grid.editor("name"), "Ana")
    grid.editor("name").clearFocus()
    assert saved == [("name", "Ana")]


def test_what_the_server_refuses_opens_again_with_the_reason(grid: FactsGrid) -> None:
    grid.set_error("name", "Somebody else has that name.", "Ana")
    assert grid.editor("name").text() == "Ana"
    assert any(label.text() == "Somebody else has that name." for label in grid.findChildren(QLabel))


def test_a_link_opens_and_what_is_fixed_does_not_edit(grid: FactsGrid) -> None:
    grid.begin_edit("id")
    assert grid.editor("id") is None


def test_facts_use_fewer_columns_in_a_narrow_window(grid: FactsGrid, qtbot) -> None:
    grid.resize(320, 400)
    assert grid.layout().itemAtPosition(1, 0) is not None
    assert grid.layout().itemAtPosition(0, 2) is None


def test_the_lines_keep_the_rules_of_qt() -> None:
    model = LineModel([Line(1, "a"), Line(2, "b")])
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_lines([Line(3, "c")])
    assert tester.model() is model


def test_a_two_line_list_opens_and_ticks_by_key_and_mouse(qtbot) -> None:
    tasks = TwoLineList("Tasks")
    qtbot.addWidget(tasks)
    tasks.set_lines([Line("a", "Call", "Lobo", False, button="ph.phone"), Line("b", "Write", "Cajueiros", True)])
    tasks.resize(360, 200)
    tasks.show()
    ticked, opened, pressed = [], [], []
    tasks.toggled.connect(lambda key, on: ticked.append((key, on)))
    tasks.opened.connect(opened.append)
    tasks.button_clicked.connect(pressed.append)
    tasks.set_current_key("b")
    qtbot.keyClick(tasks, Qt.Key.Key_Space)
    qtbot.keyClick(tasks, Qt.Key.Key_Return)
    row = tasks.visualRect(tasks.model().index(0, 0))
    for rect in (tasks.delegate.check_rect(row), tasks.delegate.button_rect(row)):
        qtbot.mouseClick(tasks.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, rect.center())
    assert ticked == [("b", False), ("a", True)]
    assert opened == ["b"] and pressed == ["a"]


def test_results_skip_headings_and_mark_hits(qtbot) -> None:
    hits = ResultList("Hits")
    qtbot.addWidget(hits)
    hits.set_results(
        [
            Result(None, "Records", group=True),
            Result(1, "Trigo"),
            Result(None, "Commands", group=True),
            Result(2, "New"),
        ]
    )
    chosen = []
    hits.chosen.connect(lambda result: chosen.append(result.key))
    assert hits.result(hits.currentIndex().row()).key == 1
    qtbot.keyClick(hits, Qt.Key.Key_Down)
    qtbot.keyClick(hits, Qt.Key.Key_Return)
    assert chosen == [2]
    assert find_marks("Padaria São João", ["sao", "jo"]) == [(8, 3), (12, 2)]


def test_the_palette_goes_by_keys_alone(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1200, 800)
    window.show()
    popup = gallery.palette()
    qtbot.addWidget(popup)
    asked, chosen, elsewhere = [], [], []
    popup.query_changed.connect(lambda text, group: asked.append((text, group)))
    popup.chosen.connect(lambda result: chosen.append(result.key))
    popup.chosen_new_window.connect(lambda result: elsewhere.append(result.key))
    popup.open_over(window, "trig")
    qtbot.keyClick(popup.line, Qt.Key.Key_Tab)
    assert asked[-1] == ("trig", "records")
    qtbot.keyClick(popup.line, Qt.Key.Key_Down)
    qtbot.keyClick(popup.line, Qt.Key.Key_Return)
    assert chosen == [2] and not popup.isVisible()
    popup.open_over(window)
    qtbot.keyClick(popup.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert elsewhere == [2]


def test_tabs_have_keys(qtbot) -> None:
    bar = TabBar([Tab("a", "Alpha"), Tab("b", "Beta", badge="3")], addable="New view")
    qtbot.addWidget(bar)
    bar.resize(400, 40)
    bar.show()
    heard, added = [], []
    bar.changed.connect(heard.append)
    bar.add_requested.connect(lambda: added.append(1))
    bar.set_current("b")
    assert heard == [] and bar.current_key() == "b"
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, bar.tabRect(0).center())
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, bar.tabRect(2).center())
    assert heard == ["a"] and added == [1] and bar.current_key() == "a"
    bar.set_tabs([Tab("c", "C"), Tab("a", "A")])
    assert bar.current_key() == "a"
    bar.set_badge("a", "12")


def test_a_filter_chip_is_taken_off_by_cross_and_key(qtbot) -> None:
    chip = Chip("Tag: client", removable=True)
    qtbot.addWidget(chip)
    chip.resize(chip.sizeHint())
    chip.show()
    removed, clicked = [], []
    chip.removed.connect(lambda: removed.append(1))
    chip.clicked.connect(lambda: clicked.append(1))
    inside = QPoint(chip.width() - 10, 12)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, inside)
    qtbot.keyClick(chip, Qt.Key.Key_Delete)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(12, 12))
    assert (len(removed), len(clicked)) == (2, 1)


def test_segments_and_switch(qtbot) -> None:
    control = SegmentedControl([("d", "Day"), ("w", "Week")])
    qtbot.addWidget(control)
    heard = []
    control.changed.connect(heard.append)
    control.set_value("w")
    control.set_options([("d", "Dia"), ("w", "Semana")])
    assert control.value() == "w" and heard == []
    switch = Switch("With the company")
    qtbot.addWidget(switch)
    switch.show()
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert switch.isChecked()


def test_the_states_of_a_view(qtbot) -> None:
    stack = StateStack(QLabel("full"), EmptyState(title="Nothing yet", button="Add"))
    qtbot.addWidget(stack)
    stack.resize(600, 500)
    stack.show()
    stack.show_loading()
    assert stack.state() == "loading"
    blank = stack.grab().toImage()
    assert blank.pixelColor(30, 16) == blank.pixelColor(5, 5)
    qtbot.wait(220)
    assert stack.grab().toImage() != blank
    stack.show_empty()
    assert stack.state() == "empty"
    retried = []
    stack.retry.connect(lambda: retried.append(1))
    stack.show_error(UserError(N_("The server does not answer.")))
    assert stack.error.text.text() == "The server does not answer."
    stack.error.button.click()
    assert retried == [1]
    stack.show_content()
    stack.show_loading()
    assert stack.state() == "full"


def test_the_rail_collapses_and_says_what_waits(qtbot) -> None:
    rail = Rail(gallery.RAIL, "Clima Tupiara")
    qtbot.addWidget(rail)
    rail.set_badge("cases", "3", "danger")
    gone: list[str] = []
    rail.activated.connect(gone.append)
    assert rail.width() == 208
    rail.set_collapsed(True)
    assert rail.width() == 56
    button = rail._buttons["cases"]
    assert button.accessibleName() == "Chamados, 3" and button.toolTip() == "Chamados, 3"
    button.click()
    assert gone == ["cases"] and rail.current() == "cases"
    rail.set_current("today")
    assert rail.current() == "today"
    rail.set_current("")
    assert rail.current() == ""


def test_steps_go_back_but_not_ahead(qtbot) -> None:
    bar = StepBar(["File", "Types", "Columns", "Write"], 2)
    qtbot.addWidget(bar)
    bar.resize(900, 48)
    chosen = []
    bar.step_chosen.connect(chosen.append)
    places = [rect for rect, _worded in bar._places()]
    for place in places:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place.center())
    assert chosen == [0, 1]
    assert bar.accessibleName() == "Step 3 of 4: Columns"


def test_a_toast_offers_the_way_back_and_replaces_the_one_before(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    window.show()
    undone = []
    show_toast(window, "Deleted")
    toast = show_toast(window, "3 contacts deleted", "Undo", lambda: undone.append(1))
    assert [t for t in window.findChildren(Toast) if not t.isHidden()] == [toast]
    assert toast.geometry().bottom() < 600 - 28
    toast.button.click()
    assert undone == [1]


def test_a_toast_stands_above_the_foot_of_a_page_and_follows_it(qtbot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(800, 600)
    foot = QWidget(window)
    foot.setGeometry(200, 530, 600, 40)
    keep_readable(foot)
    window.show()
    toast = show_toast(window, "3 contacts deleted", "Undo", lambda: None)
    assert toast.geometry().bottom() < 530
    foot.setGeometry(200, 500, 600, 40)
    assert toast.geometry().bottom() < 500
    foot.hide()
    assert 540 < toast.geometry().bottom() < 600 - 28
    foot.show()
    assert toast.geometry().bottom() < 500
    foot.setGeometry(0, 500, 60, 40)  # beside it
    assert toast.geometry().bottom() > 540


def test_figures_open_what_they_count(qtbot) -> None:
    strip = FigureStrip([Figure("Open", "12", key="open"), Figure("Won", "3")])
    qtbot.addWidget(strip)
    strip.resize(500, strip.sizeHint().height())
    opened = []
    strip.activated.connect(opened.append)
    for x in (100, 400):
        qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(x, 20))
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert opened == ["open", "open"]


def test_a_flow_breaks_and_mirrors(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    flow = FlowLayout(box, 8)
    buttons = [Button(f"Button {number}") for number in range(6)]
    for button in buttons:
        flow.addWidget(button)
    box.resize(320, 300)
    box.show()
    assert buttons[-1].y() > buttons[0].y()
    assert flow.heightForWidth(320) > flow.heightForWidth(2000)
    box.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    flow.setGeometry(box.rect())
    assert buttons[0].geometry().right() == box.rect().right()


def test_a_wrapped_label_is_as_high_as_its_lines(qtbot) -> None:
    label = Label("one two three four five six seven eight nine ten", wrap=True)
    qtbot.addWidget(label)
    assert label.heightForWidth(90) == 20 * (label.heightForWidth(90) // 20) > 20
    assert label.heightForWidth(2000) == 20


def test_the_hue_of_a_name_is_the_same_everywhere() -> None:
    assert hue_of("Marina Queirós") == hue_of("MARINA QUEIROS") == 4


def test_facts_shown_again_change_in_place(grid: FactsGrid) -> None:
    name, amount = grid._cells["name"], grid._cells["amount"]
    amount._value.setFocus()
    grid.set_facts(
        [
            Fact("name", "Name", "Marina", "Marina"),
            Fact("amount", "Sum", "R$ 12,00", Decimal(12)),
            Fact("company", "Company", "", None, link=False),
        ]
    )
    assert grid._cells["name"] is name and grid._cells["amount"] is amount
    assert list(grid._cells) == ["name", "amount", "company"]
    assert amount._value.accessibleName() == "Sum: R$ 12,00" and amount._label.text() == "Sum"
    assert amount._value.hasFocus()
    assert grid._cells["company"]._value.cursor().shape() == Qt.CursorShape.IBeamCursor
    grid.begin_edit("amount")
    assert grid.editor("amount").value() == Decimal(12)


def test_an_open_editor_keeps_what_is_typed_when_facts_are_shown_again(grid: FactsGrid, qtbot) -> None:
    grid.begin_edit("name")
    qtbot.keyClicks(grid.editor("name"), "Rita")
    cell = grid._cells["name"]
    grid.set_facts([Fact("name", "Name", "Somebody else", "Somebody else")])
    assert grid.editor("name").text() == "Rita"
    grid.leave_editors()
    assert "name" not in grid._cells
    grid.set_facts([Fact("name", "Name", "Rui", "Rui")])
    assert grid._cells["name"] is not cell and grid.editor("name") is None
