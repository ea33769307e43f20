"""Badges, tags and key caps: small words in a coloured box."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, text_width
from ui.theme.theme import px
from ui.widgets.avatar import hue_of
from ui.widgets.themed import on_theme

BADGE_KINDS = {
    "neutral": ("hover", "text-muted"),
    "accent": ("accent-soft", "accent"),
    "success": ("success-soft", "success"),
    "warning": ("warning-soft", "warning"),
    "danger": ("danger-soft", "danger"),
    "solid": ("accent", "on-accent"),
}


def badge_size(text: str, icon: str = "") -> QSize:
    """The size of a badge."""
    width = px(12) + text_width(text, "badge") + (px(12) + (px(3) if text else 0) if icon else 0)
    return QSize(max(px(20), width), px(18))


def paint_badge(painter: QPainter, rect: QRectF, text: str, kind: str = "neutral", icon: str = "") -> None:
    """Draw a badge into ``rect``; ``kind`` is a key of BADGE_KINDS."""
    fill, ink = BADGE_KINDS[kind]
    fill_round(painter, rect, rect.height() / 2, fill)
    if not icon:
        draw_text(painter, rect, text, "badge", ink, Qt.AlignmentFlag.AlignHCenter, elide=False)
        return
    side = px(12)
    left = rect.left() + px(6)
    paint_icon(painter, QRectF(left, rect.center().y() - side / 2, side, side), icon, ink)
    room = rect.adjusted(px(6) + side + px(3), 0, -px(6), 0)
    draw_text(painter, room, text, "badge", ink, Qt.AlignmentFlag.AlignHCenter, elide=False)


def tag_size(text: str, icon: str = "ph.tag") -> QSize:
    """The size of a tag."""
    return QSize(px(16) + text_width(text, "secondary") + (px(16) if icon else 0), px(20))


def paint_tag(painter: QPainter, rect: QRectF, text: str, hue: int | str = 0, icon: str = "ph.tag") -> None:
    """Draw a tag; ``hue`` is 1 to 8, 0 for the hue of its name, or a meaning ("warning", "success", ...)."""
    if isinstance(hue, str):
        fill, ink = BADGE_KINDS[hue]
    else:
        number = hue or hue_of(text)
        fill, ink = f"hue-{number}", f"hue-{number}-ink"
    fill_round(painter, rect, px(4), fill)
    inner = rect.adjusted(px(8), 0, -px(7), 0)
    if icon:
        side = px(12)
        paint_icon(painter, QRectF(inner.left(), rect.center().y() - side / 2, side, side), icon, ink)
        inner.adjust(px(16), 0, 0, 0)
    draw_text(painter, inner, text, "secondary", ink)


def key_size(text: str) -> QSize:
    """The size of a key cap."""
    return QSize(px(12) + text_width(text, "key"), px(20))


def paint_key(painter: QPainter, rect: QRectF, text: str, color: str = "", fill: str | None = "sunken") -> None:
    """Draw a key cap; with ``color`` its line and text take that token, as on a coloured button."""
    frame_round(painter, rect, px(4), color or "border", fill)
    draw_text(painter, rect, text, "key", color or "text-muted", Qt.AlignmentFlag.AlignHCenter, elide=False)


class _Small(QWidget):
    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def text(self) -> str:
        """The text shown."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()


class Badge(_Small):
    """A count or a state: "neutral", "accent", "success", "warning", "danger" or "solid", with an icon if given."""

    def __init__(self, text: str = "", kind: str = "neutral", icon: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._kind = kind
        self._icon = icon

    def set_kind(self, kind: str, icon: str | None = None) -> None:
        """Use another meaning, and another icon if given."""
        self._kind = kind
        self._icon = self._icon if icon is None else icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return badge_size(self._text, self._icon)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_badge(QPainter(self), QRectF(self.rect()), self._text, self._kind, self._icon)


class Tag(_Small):
    """A tag on the hue of its name, or on the hue or meaning given."""

    def __init__(self, text: str = "", hue: int | str = 0, icon: str = "ph.tag", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._hue = hue
        self._icon = icon

    def sizeHint(self) -> QSize:
        return tag_size(self._text, self._icon)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_tag(QPainter(self), QRectF(self.rect()), self._text, self._hue, self._icon)


class KeyCap(_Small):
    """A key, as in "Ctrl K"."""

    def sizeHint(self) -> QSize:
        return key_size(self._text)

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_key(QPainter(self), QRectF(self.rect()), self._text)


def key_text(shortcut: str) -> str:
    """A shortcut as key caps write it: "Ctrl+Shift+W" gives "Ctrl Shift W"."""
    return shortcut.replace("Return", "Enter").replace("+", " ") if shortcut != "+" else shortcut
