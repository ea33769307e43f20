"""Icons: Phosphor by name, tinted from the tokens, cached, and drawn again when the theme changes."""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

from crm_desktop.core import paths
from ui.theme.theme import theme


class _TokenIcon(QIconEngine):
    """Draws one glyph in the colour that its token has when it is painted, so no icon is ever stale."""

    def __init__(self, name: str, color: str) -> None:
        super().__init__()
        self._name = name
        self._color = color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        color = "text-disabled" if mode == QIcon.Mode.Disabled else self._color
        paint_icon(painter, QRectF(rect), self._name, color)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _TokenIcon(self._name, self._color)


@lru_cache(maxsize=512)
def icon(name: str, color: str = "text", size: int = 16) -> QIcon:
    """The icon ``name`` ("ph.users") tinted with the token ``color``; follows the theme by itself.

    ``size`` is a hint in pixels at 100 %; widgets set the size they draw at.
    """
    return QIcon(_TokenIcon(name, color))


def icon_pixmap(name: str, color: str = "text", size: int = 16, ratio: float = 1.0) -> QPixmap:
    """The icon as a pixmap of ``size`` logical pixels (not scaled further) at a device pixel ``ratio``."""
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_icon(painter, QRectF(0, 0, size, size), name, color)
    painter.end()
    return made


def paint_icon(painter: QPainter, rect: QRectF, name: str, color: str | QColor = "text") -> None:
    """Draw the icon into ``rect``; ``color`` is a token's name or a colour."""
    character, family = _glyph(name)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    font = QFont(family)
    font.setPixelSize(max(1, round(min(rect.width(), rect.height()))))
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    painter.setFont(font)
    painter.setPen(color if isinstance(color, QColor) else theme().color(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, character)
    painter.restore()


def _glyph(name: str) -> tuple[str, str]:
    """The character of an icon and the family of its font."""
    family, codes = _icon_font()
    return chr(int(codes[name.partition(".")[2]], 16)), family


@lru_cache(maxsize=1)
def _icon_font() -> tuple[str, dict[str, str]]:
    """The family of the icon font, and the codes of its characters by name, in hexadecimal.

    The files are QtAwesome's. Importing it would load eleven more fonts and every class of Qt: half of a start.
    """
    bundle = getattr(sys, "_MEIPASS", None)
    package = find_spec("qtawesome") if bundle is None else None
    home = Path(package.origin).parent if package and package.origin else Path(bundle or "") / "qtawesome"
    codes: dict[str, str] = json.loads(next(home.glob("fonts/phosphor-charmap-*.json")).read_text(encoding="utf-8"))
    number = QFontDatabase.addApplicationFont(str(next(home.glob("fonts/phosphor-[0-9]*.ttf"))))
    family = QFontDatabase.applicationFontFamilies(number)[0]
    return family, codes


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """The program's own icon, for windows and the task bar."""
    return QIcon(str(paths.resources() / "icons" / "crm-desktop.png"))
