"""Pages on a sunken ground: a printed document or pictures, with zoom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.framework.tasks import run_read
from ui.theme.paint import paint_shadow
from ui.theme.theme import px, theme
from ui.theme.tokens import PAPER

_ZOOMS = (0.25, 0.33, 0.5, 0.67, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
_GAP = 24


class PageView(QAbstractScrollArea):
    """Pages under each other. Ctrl+wheel, Ctrl++ and Ctrl+- zoom; Ctrl+0 fits the width.

    ``page_changed`` sends the number of the page in the middle (from 0), ``zoom_changed`` the zoom.
    """

    page_changed = Signal(int)
    zoom_changed = Signal(float)

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sizes: list[QSizeF] = []
        self._images: dict[int, tuple[float, QImage]] = {}
        self._render: Callable[[int, float], QImage] | None = None
        self._asked: set[tuple[int, float]] = set()
        self._zoom = 0.0
        self._page = 0
        self._serial = 0
        self._sharpen = QTimer(self)
        self._sharpen.setSingleShot(True)
        self._sharpen.setInterval(80)
        self._sharpen.timeout.connect(self._ask_visible)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def set_images(self, images: Sequence[QImage]) -> None:
        """Show pictures as pages."""
        self._start([QSizeF(image.deviceIndependentSize()) for image in images], None)
        self._images = {number: (0.0, image) for number, image in enumerate(images)}

    def set_document(self, sizes: Sequence[QSizeF], render: Callable[[int, float], QImage]) -> None:
        """Show a document: the sizes of its pages in pixels at 100 %, and ``render(page, scale)`` for their pictures.

        ``render`` runs in the background; the picture has the page's size times ``scale`` (zoom × screen density).
        """
        self._start(list(sizes), render)
        self._sharpen.start()

    def _start(self, sizes: list[QSizeF], render: Callable[[int, float], QImage] | None) -> None:
        self._serial += 1
        self._sizes, self._render = sizes, render
        self._images.clear()
        self._asked.clear()
        self._measure()
        self.go_to_page(0)
        self.viewport().update()

    def page_count(self) -> int:
        """How many pages there are."""
        return len(self._sizes)

    def current_page(self) -> int:
        """The page in the middle, from 0."""
        return self._page

    def go_to_page(self, page: int) -> None:
        """Bring the top of a page into view."""
        if 0 <= page < len(self._sizes):
            self.verticalScrollBar().setValue(self._rect(page).top() - px(_GAP) + self.verticalScrollBar().value())
            self._set_page(page)

    def zoom(self) -> float:
        """The zoom in use."""
        if self._zoom:
            return self._zoom
        widest = max((size.width() for size in self._sizes), default=1.0)
        return max(0.1, (self.viewport().width() - 2 * px(_GAP)) / widest)

    def set_zoom(self, zoom: float) -> None:
        """Use a zoom; 0 fits the width."""
        self._zoom = min(max(zoom, 0.1), 6.0) if zoom else 0.0
        self._measure()
        self.viewport().update()
        self._sharpen.start()
        self.zoom_changed.emit(self.zoom())

    def zoom_in(self) -> None:
        """The next larger step."""
        self.set_zoom(next((step for step in _ZOOMS if step > self.zoom() * 1.01), _ZOOMS[-1]))

    def zoom_out(self) -> None:
        """The next smaller step."""
        self.set_zoom(next((step for step in reversed(_ZOOMS) if step < self.zoom() * 0.99), _ZOOMS[0]))

    def _measure(self) -> None:
        zoom, gap = self.zoom(), px(_GAP)
        height = sum(round(size.height() * zoom) + gap for size in self._sizes) + gap
        width = round(max((size.width() for size in self._sizes), default=0) * zoom) + 2 * gap
        self.verticalScrollBar().setPageStep(self.viewport().height())
        self.verticalScrollBar().setSingleStep(px(40))
        self.verticalScrollBar().setRange(0, max(0, height - self.viewport().height()))
        self.horizontalScrollBar().setPageStep(self.viewport().width())
        self.horizontalScrollBar().setRange(0, max(0, width - self.viewport().width()))

    def _rect(self, page: int) -> QRect:
        zoom, gap = self.zoom(), px(_GAP)
        top = gap + sum(round(size.height() * zoom) + gap for size in self._sizes[:page])
        width, height = round(self._sizes[page].width() * zoom), round(self._sizes[page].height() * zoom)
        left = max(gap, (self.viewport().width() - width) // 2)
        total = sum(round(size.height() * zoom) + gap for size in self._sizes) + gap
        top += max(0, (self.viewport().height() - total) // 2)
        return QRect(left, top, width, height).translated(
            -self.horizontalScrollBar().value(), -self.verticalScrollBar().value()
        )

    def _visible(self) -> list[int]:
        area = self.viewport().rect()
        return [page for page in range(len(self._sizes)) if self._rect(page).intersects(area)]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), theme().color("sunken"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for page in self._visible():
            rect = self._rect(page)
            paint_shadow(painter, rect, 2)
            painter.fillRect(rect, QColor(PAPER))
            if page in self._images:
                painter.drawImage(QRectF(rect), self._images[page][1])

    def _scale(self) -> float:
        return self.zoom() * self.devicePixelRatioF()

    def _ask_visible(self) -> None:
        render, scale, serial = self._render, self._scale(), self._serial
        if render is None:
            return
        for page in self._visible():
            if self._images.get(page, (0.0,))[0] != scale and (page, scale) not in self._asked:
                self._asked.add((page, scale))
                self._ask(render, page, scale, serial)

    def _ask(self, render: Callable[[int, float], QImage], page: int, scale: float, serial: int) -> None:
        def take(image: QImage) -> None:
            self._asked.discard((page, scale))
            if serial == self._serial:
                self._images[page] = (scale, image)
                self.viewport().update()

        run_read(self, lambda: render(page, scale), take)

    def _on_scrolled(self, _value: int) -> None:
        self.viewport().update()
        self._sharpen.start()
        middle = self.viewport().height() // 2
        for page in self._visible():
            if self._rect(page).bottom() >= middle:
                self._set_page(page)
                return

    def _set_page(self, page: int) -> None:
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._measure()
        self._sharpen.start()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_in() if event.angleDelta().y() > 0 else self.zoom_out()
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif control and event.key() == Qt.Key.Key_Minus:
            self.zoom_out()
        elif control and event.key() == Qt.Key.Key_0:
            self.set_zoom(0)
        elif event.key() in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            step = 1 if event.key() == Qt.Key.Key_PageDown else -1
            self.go_to_page(self._page + step)
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(px(440), px(600))
