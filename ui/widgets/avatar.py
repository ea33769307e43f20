"""Avatars: initials on a hue hashed from the name, or a photo."""

from __future__ import annotations

import zlib

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from crm_desktop.core.text import fold, initials
from ui.theme.paint import clip_round, draw_text, fill_round
from ui.theme.theme import px, theme
from ui.theme.tokens import HUES
from ui.widgets.themed import on_theme

_own_hues: dict[str, int] = {}


def set_own_hues(hues: dict[str, int]) -> bool:
    """The colours that colleagues have, by name. Returns whether they are others than before."""
    folded = {fold(name): hue for name, hue in hues.items()}
    changed = folded != _own_hues
    _own_hues.clear()
    _own_hues.update(folded)
    return changed


def hue_of(name: str) -> int:
    """The hue of a name, 1 to 8: the one that a colleague chose, else the same on every computer."""
    folded = fold(name)
    return _own_hues.get(folded) or zlib.crc32(folded.encode("utf-8")) % HUES + 1


def paint_avatar(painter: QPainter, rect: QRectF, name: str, photo: QImage | None = None, hue: int = 0) -> None:
    """Draw an avatar into the square ``rect``."""
    if photo is not None and not photo.isNull():
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        clip_round(painter, rect, rect.width() / 2)
        side = min(photo.width(), photo.height())
        source = QRectF((photo.width() - side) / 2, (photo.height() - side) / 2, side, side)
        painter.drawImage(rect, photo, source)
        painter.restore()
        return
    hue = hue or hue_of(name)
    fill_round(painter, rect, rect.width() / 2, f"hue-{hue}")
    size = rect.width() * (0.45 if rect.width() < px(24) else 0.395)
    font = theme().font_px(size / theme().factor, 600)
    draw_text(painter, rect, initials(name), font, f"hue-{hue}-ink", Qt.AlignmentFlag.AlignHCenter, elide=False)


class Avatar(QWidget):
    """An avatar of a size in pixels at 100 %: 20 in rows, 28 in threads, 48 on cards."""

    def __init__(
        self, name: str = "", size: int = 28, photo: QImage | None = None, parent: QWidget | None = None, *,
        hue: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._name = name
        self._size = size
        self._photo = photo
        self._hue = hue
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        on_theme(self, self.updateGeometry)

    def set_person(self, name: str, photo: QImage | None = None, hue: int = 0) -> None:
        """Show another person; in the colour of the name where none is given."""
        self._name = name
        self._hue = hue
        self._photo = photo
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(self._size), px(self._size))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_avatar(painter, QRectF(self.rect()), self._name, self._photo, self._hue)
