"""Commands: declared once, seen in menus, run by shortcut, disabled when they do not apply."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from crm_desktop.core.i18n import N_
from ui.framework.commands import (
    command,
    command_menu,
    commands_of,
    declared_commands,
    fill_menu,
    find_command,
    install_commands,
    refresh_commands,
)


class Deals(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.chosen = False
        self.won = 0

    @command(
        "test.win", text=N_("Mark as won"), shortcut="Ctrl+Shift+W", icon="ph.trophy", enabled_when=lambda p: p.chosen
    )
    def win(self) -> None:
        self.won += 1

    @command("test.print", text=N_("Print"), group="paper")
    def print(self) -> None: ...

    @command("test.delete", text=N_("Delete"), group="end", danger=True, visible_when="may_delete")
    def delete(self) -> None: ...

    def may_delete(self) -> bool:
        return self.chosen


class SpecialDeals(Deals):
    @command("test.print", text=N_("Print specially"), group="paper")
    def print(self) -> None: ...


def test_commands_come_in_the_order_they_are_declared(qtbot) -> None:
    page = Deals()
    qtbot.addWidget(page)
    assert [item.id for item in commands_of(page)] == ["test.win", "test.print", "test.delete"]
    assert {"test.win", "test.print"} <= {spec.id for spec in declared_commands()}


def test_a_subclass_says_it_differently(qtbot) -> None:
    page = SpecialDeals()
    qtbot.addWidget(page)
    assert find_command(page, "test.print").text == "Print specially"
    assert len(commands_of(page)) == 3


def test_the_shortcut_runs_the_command_only_while_it_applies(qtbot) -> None:
    page = Deals()
    qtbot.addWidget(page)
    install_commands(page)
    with qtbot.waitExposed(page):
        page.show()
    page.setFocus()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page, Qt.Key.Key_W, keys)
    assert page.won == 0
    page.chosen = True
    refresh_commands(page)
    qtbot.keyClick(page, Qt.Key.Key_W, keys)
    assert page.won == 1


def test_a_menu_groups_and_leaves_out_what_is_not_to_be_seen(qtbot) -> None:
    page = Deals()
    qtbot.addWidget(page)
    menu = fill_menu(QMenu(page), commands_of(page))
    assert [action.text() for action in menu.actions()] == ["Mark as won", "", "Print"]
    assert not menu.actions()[0].isEnabled()
    assert menu.actions()[0].toolTip() == "Mark as won (Ctrl+Shift+W)"
    page.chosen = True
    chosen = command_menu(page, page, ["test.delete", "test.win"])
    assert [action.text() for action in chosen.actions()] == ["Delete", "", "Mark as won"]


def test_a_disabled_command_does_nothing_when_called(qtbot) -> None:
    page = Deals()
    qtbot.addWidget(page)
    find_command(page, "test.win").run()
    assert page.won == 0
