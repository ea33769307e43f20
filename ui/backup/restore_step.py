"""The base of the restore assistant's steps, its footer, and the view of work under way."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from ui.backup.restore_session import RestoreSession
from ui.framework.tasks import JobHandle
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, Label, Plane
from ui.widgets.progress import Bar
from ui.widgets.states import BigIcon
from ui.widgets.themed import fixed_height, margins, on_theme


class RestoreStep(Plane):
    """A step. ``changed`` tells the page to look again at its footer; ``done`` goes on by itself."""

    changed = Signal()
    done = Signal()

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.session = session

    def entered(self) -> None:
        """The step is shown."""

    def sentence(self) -> str:
        """What the footer says."""
        return _("Nothing has been changed.")

    def go_text(self) -> str:
        """The text of the main button; "" hides it."""
        return ""

    def may_go(self) -> bool:
        """Whether the main button works."""
        return True

    def go(self) -> None:
        """The main button was pressed."""
        self.done.emit()

    def may_go_back(self) -> bool:
        """Whether there is a way back from here."""
        return True

    def retranslate(self) -> None:
        """Write the words in the language in use."""


class RestoreFooter(QWidget):
    """Cancel, a sentence, back and on; 56 high."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cancel = Button(kind="muted")
        self.text = ElidedLabel("", "secondary", "text-muted")
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.back = Button(icon="ph.arrow-left")
        self.go_on = Button(kind="primary", trailing="ph.arrow-right")
        row = QHBoxLayout(self)
        row.addWidget(self.cancel)
        row.addSpacing(px(8))
        row.addWidget(self.text, 1)
        row.addWidget(self.back)
        row.addWidget(self.go_on)
        margins(self, 24, 0, 24, 0, 8)
        fixed_height(self, 56)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))


class WorkView(QWidget):
    """A job in the middle of the page: what it does, a bar, how far it is, and the way to stop it."""

    def __init__(self, icon: str = "ph.clock-counter-clockwise", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job: JobHandle | None = None
        self.heading = Label("", "title")
        self.note = Label("", "body", "text-muted", wrap=True)
        self.bar = Bar(width=440)
        self.figures = Label("", "secondary", "text-muted")
        self.stop = Button(icon="ph.x")
        self.stop.clicked.connect(self._stop)
        middle = Qt.AlignmentFlag.AlignHCenter
        box = QVBoxLayout(self)
        box.setSpacing(px(8))
        box.addStretch(1)
        box.addWidget(BigIcon(icon, 1), 0, middle)
        box.addSpacing(px(16))
        for widget in (self.heading, self.note, self.bar, self.figures):
            box.addWidget(widget, 0, middle)
        for label in (self.heading, self.note, self.figures):
            label.setAlignment(middle)
        box.addSpacing(px(8))
        box.addWidget(self.stop, 0, middle)
        box.addStretch(2)
        on_theme(self, self._measure)

    def _measure(self) -> None:
        self.note.setFixedWidth(px(440))
        self.bar.setFixedWidth(px(440))

    def follow(self, job: JobHandle, note: str) -> None:
        """Show a job."""
        self.job = job
        self.heading.setText(job.title)
        self.bar.setAccessibleName(job.title)
        self.note.setText(note)
        self.stop.setText(_("Stop"))
        self.stop.setEnabled(True)
        job.changed.connect(self._show)
        self._show()
        self.stop.setFocus()

    def _show(self) -> None:
        job = self.job
        if job is None or not job.active:
            return
        state = job.progress
        self.bar.set_fraction(job.fraction if state.done else None)
        parts = [state.message] if state.message else []
        if state.remaining is not None and state.remaining >= 1:
            parts.append(_("{time} left").format(time=formats.format_duration(state.remaining)))
        self.figures.setText(" · ".join(parts))

    def _stop(self) -> None:
        if self.job is not None:
            self.stop.setEnabled(False)
            self.figures.setText(_("Stopping…"))
            self.job.cancel()
