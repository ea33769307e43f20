"""A job in the middle of a page: what it does, a bar, how far it is, how long it still takes, and the way to stop it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_duration
from crm_desktop.core.i18n import _
from crm_desktop.core.jobs import ProgressState
from ui.framework.tasks import JobHandle
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.progress import Bar
from ui.widgets.states import BigIcon
from ui.widgets.themed import on_theme


def message_of(state: ProgressState) -> str:
    """What a job says of itself."""
    return state.message or ""


class RunView(QWidget):
    """Work under way.

    Args:
        figures: how far it is, in words; what the job says of itself where nothing else is given.
    """

    cancelled = Signal()

    def __init__(
        self, icon: str, hue: int = 1, figures: Callable[[ProgressState], str] = message_of,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.job: JobHandle | None = None
        self._said = figures
        self.heading = Label("", "title")
        self.note = Label("", "body", "text-muted", wrap=True)
        self.bar = Bar(width=440)
        self.figures = Label("", "body")
        self.left = Label("", "body", "text-muted")
        self.stop = Button(icon="ph.x")
        self.stop.clicked.connect(self._stop)
        for label in (self.heading, self.note):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        box = QVBoxLayout(self)
        middle = Qt.AlignmentFlag.AlignHCenter
        box.addStretch(1)
        box.addWidget(BigIcon(icon, hue), 0, middle)
        box.addSpacing(px(24))
        box.addWidget(self.heading, 0, middle)
        box.addSpacing(px(8))
        box.addWidget(self.note, 0, middle)
        box.addSpacing(px(24))
        self._track = QWidget()
        track = QVBoxLayout(self._track)
        track.setContentsMargins(0, 0, 0, 0)
        track.addWidget(self.bar)
        line = QHBoxLayout()
        line.addWidget(self.figures)
        line.addStretch(1)
        line.addWidget(self.left)
        track.addLayout(line)
        box.addWidget(self._track, 0, middle)
        box.addSpacing(px(16))
        box.addWidget(self.stop, 0, middle)
        box.addStretch(2)
        box.setSpacing(0)
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self._track.setFixedWidth(px(440))
        self.note.setFixedWidth(px(440))

    def set_words(self, heading: str, note: str, stop: str) -> None:
        """Say what runs, and what stopping it does."""
        self.heading.setText(heading)
        self.note.setText(note)
        self.stop.setText(stop)
        self.bar.setAccessibleName(heading)

    def follow(self, job: JobHandle, note: str = "") -> None:
        """Show a job; with a note it is called by its own title, and the way to stop it has the focus."""
        self.job = job
        if note:
            self.set_words(job.title, note, _("Stop"))
            self.stop.setFocus()
        self.stop.setEnabled(True)
        self.left.setText("")
        job.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self.job
        if job is None or not job.active:
            return
        state = job.progress
        self.bar.set_fraction(job.fraction if state.done else None)
        self.figures.setText(self._said(state))
        remaining = state.remaining
        if self.stop.isEnabled():
            left = remaining is not None and remaining >= 1
            self.left.setText(_("{time} left").format(time=format_duration(remaining)) if left else "")

    def _stop(self) -> None:
        if self.job is not None:
            self.stop.setEnabled(False)
            self.left.setText(_("Stopping…"))
            self.job.cancel()
            self.cancelled.emit()
