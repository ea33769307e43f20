"""Saves that did not reach the office server: kept with their words, and saved when it is back if the person agrees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QObject, Signal

from crm_desktop.core.errors import CertificateRefused, SaveUnknown, SignInRefused, Unreachable


def is_away(error: BaseException) -> bool:
    """Whether an error says that the server cannot be worked with at the moment, and nothing else is wrong."""
    return isinstance(error, Unreachable | SignInRefused | CertificateRefused)


@dataclass
class PendingSave:
    """A save that waits.

    Attributes:
        owner: what it was saved from; where that is closed, its draft is all that is kept.
        words: what the history would say: "Edit Ana".
        again: saves it again, with what is written by then.
        doubt: set while it is not known whether it is saved.
        settled: told what became of a doubt.
    """

    owner: QObject
    words: str
    again: Callable[[], None]
    doubt: SaveUnknown | None = None
    settled: Callable[[bool], object] | None = None


class PendingSaves(QObject):
    """What waits for the server. ``agreed``: whether it is saved by itself as soon as that is back."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[PendingSave] = []
        self.agreed = False

    def all(self) -> list[PendingSave]:
        """The saves that wait, oldest first; those whose window is gone are forgotten."""
        self._waiting = [one for one in self._waiting if shiboken6.isValid(one.owner)]
        return list(self._waiting)

    def keep(self, save: PendingSave) -> None:
        """Let a save wait; an older one of the same owner and words gives way."""
        self._waiting = [one for one in self.all() if one.owner is not save.owner or one.words != save.words]
        self._waiting.append(save)
        self.changed.emit()

    def done(self, owner: QObject, words: str) -> None:
        """This was saved after all, by another try."""
        if any(one.owner is owner and one.words == words for one in self._waiting):
            self._waiting = [one for one in self.all() if one.owner is not owner or one.words != words]
            self.changed.emit()

    def drop(self, owner: QObject) -> None:
        """The saves of an owner are not wanted any more, or were done another way."""
        left = [one for one in self.all() if one.owner is not owner]
        if len(left) != len(self._waiting):
            self._waiting = left
            self.changed.emit()

    def take(self, save: PendingSave) -> None:
        """This one waits no longer."""
        self._waiting = [one for one in self.all() if one is not save]
        self.changed.emit()

    def forget(self) -> None:
        """Nothing waits any more; what stands in open forms stays there."""
        self._waiting.clear()
        self.agreed = False
        self.changed.emit()

    def agree(self, on: bool) -> None:
        """Save what waits as soon as the server is back, or wait to be asked."""
        self.agreed = on
        self.changed.emit()

    def save_now(self) -> None:
        """Save what waits, in the order in which it was begun; what is in doubt is asked about elsewhere."""
        ready = [one for one in self.all() if one.doubt is None]
        self._waiting = [one for one in self._waiting if one.doubt is not None]
        self.agreed = False
        self.changed.emit()
        for one in ready:
            one.again()
