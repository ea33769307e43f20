"""Working the sign-in window as somebody at the keyboard does."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.helpers.windows import settle
from ui.app import Application
from ui.framework import tasks
from ui.main_window import MainWindow
from ui.security.sign_in import SignIn

OWNER, SELLER = "curved lantern 7 maple", "violet ferry under rain"


def wait(until: Callable[[], object] = lambda: True) -> None:
    for _round in range(200):
        assert tasks.wait_idle(30)
        settle()
        if until():
            return
        time.sleep(0.02)
    raise AssertionError("it did not come")


def sign_in_window(application: Application) -> SignIn:
    window = application.window
    assert isinstance(window, SignIn)
    return window


def main_window(application: Application) -> MainWindow:
    wait(lambda: isinstance(application.window, MainWindow))
    window = application.window
    assert isinstance(window, MainWindow)
    return window


def choose(asking: SignIn, name: str) -> None:
    assert asking.tiles is not None
    tile = next(one for one in asking.tiles.tiles if one.person.name == name)
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton)


def type_password(asking: SignIn, text: str) -> None:
    QTest.keyClicks(asking.password.line, text)
    QTest.keyClick(asking.password.line, Qt.Key.Key_Return)
    wait()


def enter(application: Application, office: Path, name: str = "Olga Rocha", password: str = OWNER) -> MainWindow:
    application.start(str(office), demo=False)
    asking = sign_in_window(application)
    choose(asking, name)
    type_password(asking, password)
    window = main_window(application)
    wait(lambda: window.lock_keeper is not None)
    return window
