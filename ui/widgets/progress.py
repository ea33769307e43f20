"""Progress: the thin bar, the pill of the top bar, and the panel of running jobs."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_duration
from crm_desktop.core.i18n import _
from ui.framework.tasks import JobHandle, jobs
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.popup import PopupFrame
from ui.widgets.themed import KeyboardRing, margins, on_theme


class Bar(QWidget):
    """A bar 4 high. ``fraction`` None means that nobody knows; a part of it then wanders."""

    def __init__(self, color: str = "accent", width: int = 64, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        self._width = width
        self._fraction: float | None = 0.0
        self._phase = 0
        self._timer = QTimer(self)
        self._timer.setInterval(60)
        self._timer.timeout.connect(self._wander)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_fraction(self, fraction: float | None, color: str | None = None) -> None:
        """Show how much is done, 0 to 1, or None."""
        self._fraction = fraction
        self._color = color or self._color
        if fraction is None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.set_fraction(self._fraction)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _wander(self) -> None:
        self._phase = (self._phase + 4) % 140
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(self._width), px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_bar(painter, self.rect(), self._fraction, self._color, self._phase, self.layoutDirection())


def paint_bar(
    painter: QPainter,
    rect: QRect,
    fraction: float | None,
    color: str = "accent",
    phase: int = 0,
    direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight,
) -> None:
    """Draw a bar into ``rect``."""
    radius = rect.height() / 2
    fill_round(painter, rect, radius, "hover")
    if fraction is None:
        start = max(0, round(rect.width() * (phase - 40) / 100))
        end = min(rect.width(), round(rect.width() * phase / 100))
        done = QRect(rect.left() + start, rect.top(), end - start, rect.height())
    else:
        width = round(rect.width() * min(max(fraction, 0.0), 1.0))
        done = QRect(rect.left(), rect.top(), width, rect.height())
    if done.width() > 0:
        fill_round(painter, mirrored(done, rect, direction), radius, color)


class ProgressPill(KeyboardRing, QAbstractButton):
    """What runs, in the top bar: icon, text, bar, percent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction: float | None = None
        self._phase = 0
        self._timer = QTimer(self)
        self._timer.setInterval(80)
        self._timer.timeout.connect(self._tick)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_state(self, text: str, fraction: float | None) -> None:
        """Show what runs and how much of it is done (None: unknown)."""
        if text != self.text():
            self.setText(text)
            self.updateGeometry()
        self._fraction = fraction
        self.setAccessibleName(f"{text} {self._percent()}".strip())
        if fraction is None and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.set_state(self.text(), self._fraction)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _percent(self) -> str:
        return "" if self._fraction is None else f"{int(self._fraction * 100)} %"

    def _tick(self) -> None:
        self._phase = (self._phase + 4) % 140
        self.update()

    def sizeHint(self) -> QSize:
        room = min(text_width(self.text(), "secondary") + 1, px(240))
        return QSize(px(8 + 16 + 8 + 8 + 64 + 8 + 8) + room + text_width("100 %", "secondary"), px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        direction, whole = self.layoutDirection(), self.rect()
        if self.underMouse():
            fill_round(painter, whole, px(6), "hover")
        if self.shows_ring():
            frame_round(painter, whole, px(6), "focus")
        x, side = px(8), px(16)
        box = mirrored(QRect(x, (self.height() - side) // 2, side, side), whole, direction)
        paint_icon(painter, QRectF(box), "ph.arrows-clockwise", "text-muted")
        x += side + px(8)
        percent = text_width("100 %", "secondary")
        width = whole.width() - x - px(8 + 64 + 8 + 8) - percent
        spot = mirrored(QRect(x, 0, width, self.height()), whole, direction)
        draw_text(painter, spot, self.text(), "secondary", "text-muted")
        x += width + px(8)
        bar = mirrored(QRect(x, (self.height() - px(4)) // 2, px(64), px(4)), whole, direction)
        paint_bar(painter, bar, self._fraction, "accent", self._phase, direction)
        x += px(64 + 8)
        spot = mirrored(QRect(x, 0, percent, self.height()), whole, direction)
        draw_text(painter, spot, self._percent(), "secondary", "text-muted", elide=False)


class JobsPill(ProgressPill):
    """The pill that follows the running jobs; it hides while there is none and opens the list of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        listed = jobs()
        listed.job_added.connect(self._on_job)
        listed.job_changed.connect(self._on_job)
        listed.job_finished.connect(self._on_job)
        self.clicked.connect(self._open)
        self._on_job(None)

    def _on_job(self, _job: JobHandle | None) -> None:
        active = jobs().active()
        self.setVisible(bool(active))
        if active:
            newest = active[-1]
            more = len(active) - 1
            text = newest.title if not more else _("{title} and {n} more").format(title=newest.title, n=more)
            self.set_state(text, newest.fraction)

    def _open(self) -> None:
        popup = JobsPopup(self)
        corner = self.mapToGlobal(QPoint(0, self.height() + px(4)))
        popup.show_at(corner)


class JobsPopup(PopupFrame):
    """The running jobs with their progress; each can be cancelled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for job in jobs().active():
            self.body.addWidget(JobRow(job))
        jobs().job_finished.connect(self._on_finished)

    def _on_finished(self, _job: JobHandle) -> None:
        if not jobs().active():
            self.close()


class JobRow(QWidget):
    """A job: title, bar, what it says and how long it still takes, and the way to cancel it."""

    cancelled = Signal()

    def __init__(self, job: JobHandle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        outer = QHBoxLayout(self)
        column = QVBoxLayout()
        column.setSpacing(px(4))
        column.addWidget(ElidedLabel(job.title, "name"))
        self._bar = Bar(width=240)
        column.addWidget(self._bar)
        self._note = Label("", "secondary", "text-muted")
        column.addWidget(self._note)
        outer.addLayout(column, 1)
        self._cancel = IconButton("ph.x", _("Cancel"), kind="ghost")
        self._cancel.clicked.connect(self._on_cancel)
        outer.addWidget(self._cancel)
        margins(self, 16, 12, 8, 12, 12)
        job.changed.connect(self._show)
        self._show()

    def _on_cancel(self) -> None:
        self._job.cancel()
        self._cancel.setEnabled(False)
        self._note.setText(_("Stopping…"))
        self.cancelled.emit()

    def _show(self) -> None:
        job = self._job
        self._bar.set_fraction(job.fraction if job.active else 1.0)
        parts = [job.progress.message]
        remaining = job.progress.remaining
        if remaining is not None and remaining >= 1 and job.active:
            parts.append(_("{time} left").format(time=format_duration(remaining)))
        if not job.token.cancelled:
            self._note.setText(" · ".join(part for part in parts if part))
