"""A chart on screen, from the same layout as the printed one."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from crm_desktop.reporting.chart_shapes import Bar, ChartLayout, ChartStyle, Label, Line, Region
from crm_desktop.reporting.charts import layout_chart
from crm_desktop.reporting.document import Chart
from ui.theme.theme import px, theme
from ui.widgets.themed import on_theme

_STYLE = 1.5  # points of print to pixels of the window: 8 pt become 12 px
_FILLS = {
    "solid": "chart-1",
    "hatch": "chart-3",
    "light": "chart-2",
    "cross": "chart-4",
    "outline": "chart-3",
    "back": "chart-3",
}
_SERIES = ("chart-1", "chart-2", "chart-4", "chart-3")


class ChartView(QWidget):
    """Bars and lines; hovering tells the numbers, a click opens what is behind them."""

    link_opened = Signal(object)

    def __init__(self, chart: Chart, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = chart
        self._layout: ChartLayout | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self._relayout)

    def _font(self, size: float, bold: bool) -> QFont:
        font = theme().font("body")
        font.setPixelSize(max(1, round(size)))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _measure(self, text: str, size: float, bold: bool) -> float:
        return QFontMetricsF(self._font(size, bold)).horizontalAdvance(text)

    def _relayout(self) -> None:
        style = ChartStyle().scaled(_STYLE * px(100) / 100)
        self._layout = layout_chart(self._chart, max(200, self.width() - 2), self._measure, style)
        self.setFixedHeight(int(self._layout.height) + px(8))
        self.update()

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.size().width() != event.oldSize().width():
            self._relayout()
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(px(480), int(self._layout.height) + px(8) if self._layout else px(160))

    def paintEvent(self, event: QPaintEvent) -> None:
        layout = self._layout
        if layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for rule in layout.rules:
            painter.setPen(theme().color("border-strong" if rule.role == "axis" else "border"))
            painter.drawLine(QLineF(rule.x1, rule.y1, rule.x2, rule.y2))
        for bar in layout.bars:
            self._paint_bar(painter, bar)
        for line in layout.lines:
            self._paint_line(painter, line)
        for clear in (True, False):  # the ground of a label must not cover the label beside it
            for label in layout.labels:
                self._paint_label(painter, label, clear)

    def _paint_bar(self, painter: QPainter, bar: Bar) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        color = theme().color(_FILLS.get(bar.fill, "chart-1"))
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(bar.x, bar.y, bar.width, bar.height), 2, 2)

    def _paint_line(self, painter: QPainter, line: Line) -> None:
        color: QColor = theme().color(_SERIES[line.series % len(_SERIES)])
        pen = QPen(color, 2)
        if line.dash:
            pen.setDashPattern([max(1.0, part) for part in line.dash])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = [QPointF(x, y) for x, y in line.points]
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for point in points:
            painter.drawEllipse(point, 3, 3)

    def _paint_label(self, painter: QPainter, label: Label, clear: bool) -> None:
        font = self._font(label.size, label.bold)
        painter.setFont(font)
        width = QFontMetricsF(font).horizontalAdvance(label.text)
        x = label.x - {"left": 0.0, "center": width / 2, "right": width}.get(label.align, 0.0)
        if clear:
            if not label.clear:
                return
            metrics = QFontMetricsF(font)
            painter.fillRect(
                QRectF(x - 2, label.y - metrics.ascent(), width + 4, metrics.height()), theme().color("surface")
            )
            return
        painter.setPen(theme().color("text-muted" if label.muted else "text"))
        painter.drawText(QPointF(x, label.y), label.text)

    def _region(self, where: QPointF) -> Region | None:
        if self._layout is None:
            return None
        for region in self._layout.regions:
            if QRectF(region.x, region.y, region.width, region.height).contains(where):
                return region
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        region = self._region(event.position())
        QToolTip.showText(event.globalPosition().toPoint(), region.text if region else "", self)
        self.setCursor(Qt.CursorShape.PointingHandCursor if region and region.link else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        region = self._region(event.position())
        if region is not None and region.link is not None:
            self.link_opened.emit(region.link)
