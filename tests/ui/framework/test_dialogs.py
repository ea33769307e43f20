"""The one seam for dialogs: answered beforehand, and real when shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from ui.framework import dialogs


def test_answers_are_used_in_order(qtbot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialogs.answers.give("yes", None, "/tmp/a.csv", "note", None)
    assert dialogs.confirm(parent, "Delete?", "3 contacts go.", yes="Delete")
    assert not dialogs.confirm(parent, "Delete?", "3 contacts go.")
    assert dialogs.choose_file(parent, "Open") == Path("/tmp/a.csv")
    assert dialogs.ask_text(parent, "Rename", "Name") == "note"
    assert dialogs.choose_save(parent, "Save", "x.pdf") is None
    assert [asked.kind for asked in dialogs.answers.asked] == ["ask", "ask", "file", "text", "save"]


def test_an_unexpected_dialog_fails_a_test() -> None:
    with pytest.raises(AssertionError, match="unexpected"):
        dialogs.show_message(None, "Hello", "there")


def test_a_test_can_work_a_dialog(qtbot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.setWindowTitle("Options")
    dialogs.answers.give(lambda shown: shown.windowTitle() == "Options")
    assert dialogs.run_dialog(dialog)


def _press(text: str) -> None:
    """Press a button of the dialog that is open."""

    def press() -> None:
        window = QApplication.activeModalWidget()
        button = next(b for b in window.findChildren(QPushButton) if b.text() == text)
        button.click()

    QTimer.singleShot(50, press)


def test_a_real_question_returns_the_key_of_the_button(qtbot) -> None:
    dialogs.answers.reset()
    parent = QWidget()
    qtbot.addWidget(parent)
    _press("Not now")
    choices = [dialogs.Choice("later", "Not now"), dialogs.Choice("go", "Import", "primary")]
    assert dialogs.ask(parent, "Import?", "2,430 rows.", choices) == "later"


def test_escape_answers_nothing(qtbot) -> None:
    dialogs.answers.reset()
    parent = QWidget()
    qtbot.addWidget(parent)
    QTimer.singleShot(50, lambda: qtbot.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape))
    assert not dialogs.confirm(parent, "Delete?", "3 contacts go.")


@pytest.mark.logs_errors("bug")
def test_the_report_of_a_bug_can_be_copied(qtbot) -> None:
    dialogs.answers.reset()
    parent = QWidget()
    qtbot.addWidget(parent)

    def copy_and_close() -> None:
        _press("Close")
        window = QApplication.activeModalWidget()
        next(b for b in window.findChildren(QPushButton) if b.text() == "Copy the report").click()

    QTimer.singleShot(50, copy_and_close)
    dialogs.show_error(parent, ValueError("broken thing"))
    assert "broken thing" in QGuiApplication.clipboard().text()


def test_an_error_of_the_user_shows_its_sentence(qtbot) -> None:
    dialogs.answers.give(None)
    dialogs.show_error(None, UserError(N_("“{name}” is open elsewhere. Close it."), name="a.crm"))
    assert dialogs.answers.asked[0].text == "“a.crm” is open elsewhere. Close it."
