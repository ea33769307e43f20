"""Headers of pages and sections, and the panel."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.paint import frame_round
from ui.theme.theme import px, theme
from ui.widgets.badges import Badge
from ui.widgets.labels import ElidedLabel, Hairline, IconLabel, Label, Link
from ui.widgets.themed import fixed_height, margins


class PageHeader(QWidget):
    """The bar over a page, 56 high: title, count in muted text, room for controls at the end.

    Add controls with ``add(widget)`` (end) or ``add_start(widget)`` (behind the title).
    """

    def __init__(
        self, title: str = "", count: str = "", *, left: int = 24, right: int = 24, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = ElidedLabel(title, "title")
        self.count = Label(count, "body", "text-muted")
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.count)
        self._start = 2
        self._layout.addStretch(1)
        margins(self, left, 0, right, 0, 8)
        fixed_height(self, 56)
        self.count.setContentsMargins(0, px(4), 0, 0)
        self.count.setVisible(bool(count))
        self.setAccessibleName(title)

    def set_title(self, title: str) -> None:
        """Use another title."""
        self.title.setText(title)
        self.setAccessibleName(title)

    def set_count(self, text: str) -> None:
        """Show a muted text behind the title, e.g. "214 of 1,248"."""
        self.count.setText(text)
        self.count.setVisible(bool(text))

    def add(self, widget: QWidget) -> None:
        """Put a control at the end."""
        self._layout.addWidget(widget)

    def add_start(self, widget: QWidget) -> None:
        """Put a control behind the title and the count."""
        self._layout.insertWidget(self._start, widget)
        self._start += 1


class SectionHeader(QWidget):
    """The header of a panel or section, 44 high: icon, title 14 semibold, badge, link or controls at the end."""

    def __init__(
        self,
        title: str = "",
        *,
        icon: str = "",
        badge: str = "",
        badge_kind: str = "neutral",
        link: str = "",
        padding: int = 16,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._layout = QHBoxLayout(self)
        self.icon = IconLabel(icon, "text", 18) if icon else None
        if self.icon:
            self._layout.addWidget(self.icon)
        self.title = ElidedLabel(title, "section")
        self._layout.addWidget(self.title)
        self.badge = Badge(badge, badge_kind)
        self.badge.setVisible(bool(badge))
        self._layout.addWidget(self.badge)
        self._layout.addStretch(1)
        self.link = Link(link)
        self.link.setVisible(bool(link))
        self._layout.addWidget(self.link)
        margins(self, padding, 0, padding, 0, 8)
        fixed_height(self, 44)

    def set_title(self, title: str) -> None:
        """Use another title."""
        self.title.setText(title)

    def set_badge(self, text: str, kind: str = "neutral") -> None:
        """Show a count; an empty text hides it."""
        self.badge.set_kind(kind)
        self.badge.setText(text)
        self.badge.setVisible(bool(text))

    def set_link(self, text: str) -> None:
        """Show a link at the end; its signal is ``link.activated``."""
        self.link.setText(text)
        self.link.setVisible(bool(text))

    def add(self, widget: QWidget) -> None:
        """Put a control at the end."""
        self._layout.addWidget(widget)


class Panel(QWidget):
    """A framed panel with a section header, a hairline and a body (``body`` is its layout)."""

    def __init__(self, header: SectionHeader | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.header = header
        if header is not None:
            outer.addWidget(header)
            outer.addWidget(Hairline())
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer.addLayout(self.body, 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "border", "raised")


class Banner(QWidget):
    """A line on a soft colour: "accent", "success", "warning" or "danger"; icon, bold start, text, controls.

    Args:
        folds_at: where it is narrower than this, in pixels at 100 %, the controls stand under the text.
    """

    def __init__(
        self,
        text: str = "",
        *,
        strong: str = "",
        kind: str = "accent",
        icon: str = "",
        folds_at: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._kind, self._folds_at = kind, folds_at
        self._whole = QHBoxLayout(self)
        self._layout = QHBoxLayout()
        self._layout.setSpacing(px(8))
        self._controls = QHBoxLayout()
        self._controls.setSpacing(px(8))
        self._whole.addLayout(self._layout, 1)
        self._whole.addLayout(self._controls)
        if icon:
            self._layout.addWidget(IconLabel(icon, kind, 16))
        self.strong = Label(strong, "strong")
        self.strong.setVisible(bool(strong))
        self._layout.addWidget(self.strong)
        self.text = Label(text, wrap=True)
        wide = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        wide.setHeightForWidth(True)
        self.text.setSizePolicy(wide)
        self._layout.addWidget(self.text, 1)
        margins(self, 12, 4, 4, 4, 8)
        self.setMinimumHeight(px(40))

    def add(self, widget: QWidget) -> None:
        """Put a control at the end."""
        self._controls.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the controls under a text that they would leave too little room."""
        super().resizeEvent(event)
        under = self.width() < px(self._folds_at)
        way = QBoxLayout.Direction.TopToBottom if under else QBoxLayout.Direction.LeftToRight
        if way != self._whole.direction():
            self._whole.setDirection(way)
            side = Qt.AlignmentFlag.AlignRight if under else Qt.AlignmentFlag(0)
            self._whole.setAlignment(self._controls, side)
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(f"{self._kind}-soft"))
        painter.drawRoundedRect(QRectF(self.contentsRect()), px(6), px(6))
