"""What is expected to close month by month, beside what was won."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.filters import EVERYTHING, Filter, all_of
from crm_desktop.core.i18n import _
from crm_desktop.sales import queries
from crm_desktop.sales.queries import ForecastMonth, Pipeline, forecast_filter
from ui.framework.office import Office
from ui.sales.words import all_amounts, deals, money
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored
from ui.theme.theme import px, theme
from ui.widgets.frames import scrolled
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import fixed_height, margins

_MONTHS = 6
_RELOAD_MS = 60


class _MonthRow(QWidget):
    """A month: its name, bars for won, weighted and open, and the figures. Enter or a click opens its deals."""

    chosen = Signal(object)

    def __init__(self, month: ForecastMonth, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.month = month
        self._most = most
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fixed_height(self, 76)
        self.setAccessibleName(self.words())
        if month.others:
            self.setToolTip(_("Also {amounts}").format(amounts=all_amounts(month.others)))

    def title(self) -> str:
        """The month in words."""
        start = self.month.start
        if start is None:
            return _("Without a day")
        text = formats.format_date(start, "month")
        return text[:1].upper() + text[1:]

    def words(self) -> str:
        """The row as a screen reader reads it."""
        expected, won = self.month.open, self.month.won
        return _("{month}: {deals}, {total}, weighted {weighted}, won {won}").format(
            month=self.title(), deals=deals(expected.count), total=money(expected.total, expected.currency),
            weighted=money(expected.weighted, expected.currency), won=money(won.total, won.currency),
        )  # fmt: skip

    def sizeHint(self) -> QSize:
        return QSize(px(600), px(76))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        direction = self.layoutDirection()
        painter.setLayoutDirection(direction)
        area = self.rect().adjusted(0, 0, 0, -1)
        if self.underMouse():
            fill_round(painter, area, px(6), "hover")
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("border"))
        inner = self.rect().adjusted(px(12), px(10), -px(12), -px(10))
        name = QRect(inner.left(), inner.top(), px(168), px(20))
        draw_text(painter, mirrored(name, inner, direction), self.title(), "strong")
        under = QRect(inner.left(), inner.top() + px(24), px(168), px(16))
        draw_text(painter, mirrored(under, inner, direction), deals(self.month.open.count), "secondary", "text-muted")
        figures = QRect(inner.right() + 1 - px(188), inner.top(), px(188), inner.height())
        self._paint_figures(painter, figures, inner)
        bars = QRect(inner.left() + px(176), inner.top(), max(px(40), inner.width() - px(176 + 200)), inner.height())
        self._paint_bars(painter, bars, inner)
        if self.hasFocus():
            frame_round(painter, area, px(6), "focus")

    def _paint_figures(self, painter: QPainter, box: QRect, inner: QRect) -> None:
        expected, won = self.month.open, self.month.won
        lines = [
            (_("Open"), money(expected.total, expected.currency), "strong", "text"),
            (_("Weighted"), money(expected.weighted, expected.currency), "secondary-strong", "accent"),
            (_("Won"), money(won.total, won.currency), "secondary", "success"),
        ]
        step, direction = px(19), self.layoutDirection()
        worth = (expected.total, expected.weighted, won.total)
        for number, (word, figure, role, ink) in enumerate(lines):
            if not worth[number]:
                figure, role, ink = "–", "secondary", "text-muted"
            line = QRect(box.left(), box.top() + number * step, box.width(), step)
            shown = mirrored(line, inner, direction)
            draw_text(painter, shown, word, "secondary", "text-muted")
            draw_text(painter, shown, figure, role, ink, Qt.AlignmentFlag.AlignTrailing)

    def _paint_bars(self, painter: QPainter, box: QRect, inner: QRect) -> None:
        expected, won = self.month.open, self.month.won
        rows = [(float(expected.total), "chart-3"), (float(expected.weighted), "accent"), (float(won.total), "success")]
        height, step = px(8), px(19)
        for number, (value, ink) in enumerate(rows):
            top = box.top() + number * step + (step - height) // 2
            track = QRect(box.left(), top, box.width(), height)
            width = round(box.width() * value / self._most) if self._most else 0
            if width:
                bar = QRect(track.left(), top, max(width, height), height)
                fill_round(painter, QRectF(mirrored(bar, inner, self.layoutDirection())), height / 2, ink)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.month.start)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.month.start)
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)


class ForecastView(QWidget):
    """The months of a pipeline; ``filter_chosen`` sends the filter of the deals of one."""

    filter_chosen = Signal(object)

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._pipeline: Pipeline | None = None
        self._filter: Filter = EVERYTHING
        self._words = ""
        self._months: Sequence[ForecastMonth] = ()
        self.rows: list[_MonthRow] = []
        self.note = Label("", "secondary", "text-muted", wrap=True)
        inner = QWidget()
        self._box = QVBoxLayout(inner)
        self._box.addWidget(self.note)
        self._box.addStretch(1)
        margins(inner, 24, 4, 24, 24, 0)
        area = scrolled(inner)
        self.empty = EmptyState("ph.chart-line-up", hue=4)
        self.state = StateStack(area, self.empty)
        self.state.retry.connect(self.reload)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.state)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_RELOAD_MS)
        self._soon.timeout.connect(self.reload)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self._say()
        self.empty.set_texts(
            _("Nothing to expect yet"), _("Open deals with an expected close appear here, month by month.")
        )
        self.empty.set_button("")
        self.empty.set_second_button("")
        self._show(self._months)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def set_pipeline(self, pipeline: Pipeline, tree: Filter = EVERYTHING, words: str = "") -> None:
        """Show the deals of a pipeline that a filter lets through; ``words`` say which."""
        self._pipeline, self._filter, self._words = pipeline, tree, words
        self._say()
        self.reload()

    def _say(self) -> None:
        parts = [
            _("Open deals by their expected close; those whose day has passed count for this month."),
            _("A click shows the deals."),
            _("Filter: {filter}").format(filter=self._words) if self._words else "",
        ]
        self.note.setText(" ".join(part for part in parts if part))

    def reload(self) -> None:
        """Read the months again."""
        pipeline = self._pipeline
        if pipeline is None:
            return
        self.state.show_loading()
        database, user_id, tree = self._office.database, self._office.user_id, self._filter
        self._office.read(
            self,
            lambda connection: queries.forecast(
                database, connection, months=_MONTHS, pipeline_id=pipeline.id, filter=tree, user_id=user_id
            ),
            self._on_read, self.state.show_error, supersede="forecast",
        )  # fmt: skip

    def _on_read(self, months: list[ForecastMonth]) -> None:
        self._months = months
        self._show(months)
        if any(one.open.count or one.won.count or one.others for one in months):
            self.state.show_content()
        else:
            self.state.show_empty()

    def _show(self, months: Sequence[ForecastMonth]) -> None:
        for row in self.rows:
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        most = max((float(max(one.open.total, one.won.total)) for one in months), default=0.0)
        self.rows = [_MonthRow(one, most) for one in months]
        for number, row in enumerate(self.rows):
            row.chosen.connect(self._choose)
            self._box.insertWidget(1 + number, row)

    def _choose(self, month: date | None) -> None:
        self.filter_chosen.emit(all_of(forecast_filter(month), self._filter))

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if self.isVisible() and event.touches("deal"):
            self._soon.start()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._pipeline is not None:
            self._soon.start()
