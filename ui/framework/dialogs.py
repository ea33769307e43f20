"""The one seam for dialogs: every question, message and file choice goes through here, so tests can answer."""

from __future__ import annotations

import logging
import platform
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, qVersion
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QLineEdit, QWidget

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import _
from crm_desktop.core.secrets import hide
from ui.framework.messagebox import MessageDialog
from ui.framework.pending import is_away
from ui.theme.theme import px

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """A button of a question: what :func:`ask` returns, its text, and "primary", "secondary" or "danger"."""

    key: str
    text: str
    kind: str = "secondary"


@dataclass
class Asked:
    """What a dialog showed, for tests."""

    kind: str
    title: str = ""
    text: str = ""
    extra: Any = None


@dataclass
class Answers:
    """Answers that tests give beforehand. When ``strict``, a dialog without an answer is an error."""

    queue: deque[Any] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    strict: bool = False

    def give(self, *values: Any) -> None:
        """Answer the next dialogs with these values, in order."""
        self.queue.extend(values)

    def reset(self, strict: bool = False) -> None:
        """Forget everything."""
        self.queue.clear()
        self.asked.clear()
        self.strict = strict


answers = Answers()

away_again: list[Callable[[QWidget | None, str, Callable[[], object]], bool]] = []
"""Who offers again what was begun while the server was away: (whose it is, its words, what begins it again)."""

away_told: list[Callable[[UserError], bool]] = []
"""Who tells in one place of the window that the server is away, so that not every error about it is a dialog."""


def ask(parent: QWidget | None, title: str, text: str, buttons: Sequence[Choice], *, details: str = "") -> str | None:
    """Ask a question; returns the key of the button, or None for Escape."""
    known, value = _answered(Asked("ask", title, text, [choice.key for choice in buttons]))
    if known:
        return None if value is None else str(value)
    dialog = MessageDialog(_window(parent), title, text, details=details)
    for choice in buttons:
        dialog.add_button(choice.key, choice.text, choice.kind)
    dialog.exec()
    return dialog.chosen


def confirm(
    parent: QWidget | None, title: str, text: str, *, yes: str = "", no: str = "", danger: bool = False
) -> bool:
    """Ask before doing something; ``yes`` names what happens ("Delete 3 contacts")."""
    choices = [
        Choice("no", no or _("Cancel")),
        Choice("yes", yes or _("Continue"), "danger" if danger else "primary"),
    ]
    answer = ask(parent, title, text, choices)
    return answer in ("yes", "True")


def may_throw_away(parent: QWidget | None, text: str = "") -> bool:
    """Ask before what was written is lost; ``text`` says what."""
    choices = [Choice("stay", _("Go on writing")), Choice("drop", _("Throw away"), "danger")]
    return ask(parent, _("Throw it away?"), text or _("This is not saved yet"), choices) == "drop"


def show_message(parent: QWidget | None, title: str, text: str) -> None:
    """Tell something that needs no decision."""
    ask(parent, title, text, [Choice("ok", _("OK"), "primary")])


def show_error(parent: QWidget | None, error: BaseException) -> None:
    """Tell about an error: a sentence for what the user can act on, a report to copy for a bug."""
    if isinstance(error, UserError) and is_away(error) and any(tell(error) for tell in list(away_told)):
        return
    if isinstance(error, UserError):
        asked = Asked("error", "", str(error), error)
        title, text, details = _("That did not work"), hide(str(error)), hide(error.details)
    else:
        _log.error("bug", exc_info=error)
        asked = Asked("bug", "", str(error), error)
        title = _("Something went wrong in the program")
        text = _("Nothing you saved is lost. You can go on working; the report below helps to fix it.")
        details = bug_report(error)
    known, _value = _answered(asked)
    if known:
        return
    dialog = MessageDialog(_window(parent), title, text, details=details, icon="ph.warning-circle", copyable=True)
    dialog.add_button("ok", _("Close"), "primary")
    dialog.exec()


def offer_again(owner: QWidget | None, words: str, again: Callable[[], object], error: BaseException) -> None:
    """Say why something did not begin; where the server is only away, it is offered again when it is back."""
    if isinstance(error, UserError) and is_away(error) and any(take(owner, words, again) for take in list(away_again)):
        for tell in list(away_told):
            if tell(error):
                return
        return
    show_error(owner, error)


def bug_report(error: BaseException) -> str:
    """What a bug report holds: versions and the trace, nothing about people and no password."""
    lines = [
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
        "".join(traceback.format_exception(error)),
    ]
    return hide("\n".join(lines))


def choose_file(parent: QWidget | None, title: str, filters: str = "", folder: str | Path = "") -> Path | None:
    """Let the user choose an existing file; None for Escape. ``filters`` as Qt writes them: "Text (*.txt)"."""
    known, value = _answered(Asked("file", title, filters))
    if known:
        return Path(value) if value else None
    name, _filter = QFileDialog.getOpenFileName(_window(parent), title, str(folder), filters)
    return Path(name) if name else None


def choose_files(parent: QWidget | None, title: str, filters: str = "", folder: str | Path = "") -> list[Path]:
    """Let the user choose any number of files."""
    known, value = _answered(Asked("files", title, filters))
    if known:
        return [Path(name) for name in value or []]
    names, _filter = QFileDialog.getOpenFileNames(_window(parent), title, str(folder), filters)
    return [Path(name) for name in names]


def choose_save(parent: QWidget | None, title: str, suggestion: str | Path, filters: str = "") -> Path | None:
    """Let the user name a file to write; None for Escape."""
    known, value = _answered(Asked("save", title, filters, str(suggestion)))
    if known:
        return Path(value) if value else None
    name, _filter = QFileDialog.getSaveFileName(_window(parent), title, str(suggestion), filters)
    return Path(name) if name else None


def choose_folder(parent: QWidget | None, title: str, folder: str | Path = "") -> Path | None:
    """Let the user choose a folder; None for Escape."""
    known, value = _answered(Asked("folder", title))
    if known:
        return Path(value) if value else None
    name = QFileDialog.getExistingDirectory(_window(parent), title, str(folder))
    return Path(name) if name else None


def ask_text(parent: QWidget | None, title: str, label: str, text: str = "", *, password: bool = False) -> str | None:
    """Ask for one line of text; None for Escape."""
    known, value = _answered(Asked("text", title, label, text))
    if known:
        return None if value is None else str(value)
    dialog = QInputDialog(_window(parent))
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(text)
    dialog.setOkButtonText(_("OK"))
    dialog.setCancelButtonText(_("Cancel"))
    dialog.resize(px(400), dialog.sizeHint().height())
    if password:
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
    return dialog.textValue() if dialog.exec() else None


def resize_within(dialog: QDialog, width: int, height: int) -> None:
    """Give a dialog its size in pixels at 100 %, but no more room than the window below it has."""
    wanted = QSize(px(width), px(height))
    parent = dialog.parentWidget()
    dialog.resize(wanted.boundedTo(parent.window().size() - QSize(px(48), px(48))) if parent is not None else wanted)


def run_dialog(dialog: QDialog) -> bool:
    """Show a dialog until it is closed; True where it was accepted.

    A test answers with True, False, or a function that gets the dialog, works it, and returns either.
    """
    known, value = _answered(Asked("dialog", dialog.windowTitle(), "", dialog))
    if known:
        return bool(value(dialog)) if callable(value) else bool(value)
    return bool(dialog.exec())


def _answered(asked: Asked) -> tuple[bool, Any]:
    answers.asked.append(asked)
    if len(answers.asked) > 200:
        del answers.asked[:100]
    if answers.queue:
        return True, answers.queue.popleft()
    if answers.strict:
        if isinstance(asked.extra, BaseException):
            raise AssertionError(f"unexpected error dialog: {asked.text}") from asked.extra
        raise AssertionError(f"unexpected dialog: {asked}")
    return False, None


def _window(parent: QWidget | None) -> QWidget | None:
    return parent.window() if parent is not None else QApplication.activeWindow()
