"""Work under way: how far it is, how fast, how long it still takes, and the way to stop it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_duration, format_integer
from crm_desktop.core.i18n import _, ngettext
from ui.framework.tasks import JobHandle
from ui.importing.backing_up import ask_needed
from ui.importing.session import ImportSession
from ui.importing.step import Step
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.progress import Bar
from ui.widgets.states import BigIcon
from ui.widgets.themed import on_theme


class RunView(QWidget):
    """A job in the middle of the page: title, bar, rows done, rate, time left, a button to stop it."""

    cancelled = Signal()

    def __init__(self, icon: str, hue: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job: JobHandle | None = None
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

    def follow(self, job: JobHandle) -> None:
        """Show a job."""
        self.job = job
        self.stop.setEnabled(True)
        job.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self.job
        if job is None or not job.active:
            return
        state = job.progress
        self.bar.set_fraction(job.fraction if state.done else None)
        if state.message:
            self.figures.setText(state.message)
        elif state.total:
            text = _("{done} of {total} rows").format(
                done=format_integer(state.done), total=format_integer(state.total)
            )
            if state.rate >= 1:
                text += " · " + _("{rate} rows per second").format(rate=format_integer(round(state.rate)))
            self.figures.setText(text)
        else:
            self.figures.setText("")
        remaining = state.remaining
        left = remaining is not None and remaining >= 1
        self.left.setText(_("{time} left").format(time=format_duration(remaining)) if left else "")

    def _stop(self) -> None:
        if self.job is not None:
            self.stop.setEnabled(False)
            self.left.setText(_("Stopping…"))
            self.job.cancel()
            self.cancelled.emit()


class WriteStep(Step):
    """Importing for good."""

    key = "write"

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.anyway = False
        """Whether to write also what was not rehearsed so; for the next time only."""
        self.without = False
        """Whether to write although no backup could be made before; for the next time only."""
        self.view = RunView("ph.upload-simple", 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.view)

    def title(self) -> str:
        return _("Write")

    def entered(self) -> None:
        self.retranslate()
        anyway, self.anyway = self.anyway, False
        without, self.without = self.without, False
        back_up = not without and (not self.session.large or ask_needed(self, self.session.last_backup))
        self.view.follow(self.session.write(anyway=anyway, back_up=back_up))
        self.view.stop.setFocus()

    def sentence(self) -> str:
        return _("Until it is done, nothing of it is to be seen. Stopping keeps nothing.")

    def continue_text(self, following: str) -> str:
        return ""

    def may_go_back(self) -> bool:
        return False

    def retranslate(self) -> None:
        found = self.session.rehearsal
        rows = sum(rows_to_write(one) for one in found.parts) if found is not None else 0
        heading = ngettext("Writing {n} row", "Writing {n} rows", rows).format(n=format_integer(rows))
        note = _("All of it is written, or nothing. You can go on working elsewhere.")
        if self.session.large:
            note = _("The office is backed up first.") + " " + note
        self.view.set_words(heading, note, _("Stop"))


def rows_to_write(result: object) -> int:
    """How many rows a rehearsed import will create or change."""
    created, updated = getattr(result, "created", 0), getattr(result, "updated", 0)
    return int(created) + int(updated)
