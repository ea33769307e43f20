"""The theme in use: colours, fonts and scaled measures, applied to the application and switched live."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

from ui.theme.halo import FocusHalo
from ui.theme.sheet import style_sheet
from ui.theme.style import OfficeStyle, has_sheet
from ui.theme.tokens import DARK, FONTS, LIGHT, Tokens

MODES = ("system", "light", "dark")
_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}
_LETTER_SPACING = {"title": -0.2, "figure": -0.48, "figure-strip": -0.4, "hero": -0.42}


class Theme(QObject):
    """The look in use. ``theme_changed`` is sent after colours, fonts or the text scale changed."""

    theme_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens: Tokens = LIGHT
        self.sheet = ""
        """What menus and the lists of combo boxes are drawn by."""
        self.mode = "light"
        self.scale = 1.0
        self._system_factor = 1.0
        self._fonts: dict[str, tuple[QFont, QFontMetrics]] = {}
        self._colors: dict[str, QColor] = {}
        self._family = ""
        self._ready = False
        self._halo: FocusHalo | None = None

    @property
    def dark(self) -> bool:
        """Whether the dark tokens are in use."""
        return self.tokens is DARK

    def color(self, name: str) -> QColor:
        """The colour of a token, e.g. ``color("text-muted")``."""
        return QColor(self.drawn_color(name))

    def drawn_color(self, name: str) -> QColor:
        """The shared colour of a token, for painting; not to be changed."""
        color = self._colors.get(name)
        if color is None:
            color = self._colors[name] = self.tokens.color(name)
        return color

    def px(self, pixels: float) -> int:
        """A measure at the text scale in use, in logical pixels, never less than 1 for what is not 0."""
        return max(1, round(pixels * self.factor)) if pixels else 0

    @property
    def factor(self) -> float:
        """Text scale in use, with the system's own enlargement in it: 1.0 is 13 px text."""
        return self.scale * self._system_factor

    def font(self, role: str = "body") -> QFont:
        """The font of a type role ("title", "section", "body", "secondary", ...), numbers tabular."""
        return QFont(self.drawn_font(role)[0])

    def drawn_font(self, role: str) -> tuple[QFont, QFontMetrics]:
        """The shared font of a role and its metrics, for painting; not to be changed."""
        drawn = self._fonts.get(role)
        if drawn is None:
            font = self._make_font(role)
            drawn = self._fonts[role] = (font, QFontMetrics(font))
        return drawn

    def font_px(self, pixels: float, weight: int = 400) -> QFont:
        """A font of any size, in logical pixels at 100 %; for what scales with a drawing, as initials."""
        font = self.font("body")
        font.setPointSizeF(self._points(pixels))
        font.setWeight(QFont.Weight(weight))
        return font

    def apply(self, app: QApplication, mode: str, scale: float | None = None, family: str = "") -> None:
        """Use ``mode`` ("system", "light" or "dark"), the text ``scale`` and a font ``family`` from now on."""
        if mode not in MODES:
            raise ValueError(mode)
        if not self._ready:
            self._ready = True
            self._read_system_font(app)
            app.setStyle(OfficeStyle(self))
            self._halo = FocusHalo(app)
            QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _scheme: self._follow_system(app))
        self.mode = mode
        self._family = family or self._family
        # The frames of windows and native dialogs follow too, where the system lets them.
        QGuiApplication.styleHints().setColorScheme(_SCHEMES[mode])
        if scale is not None:
            self.scale = min(max(scale, 0.75), 2.5)
        self._dress(app)

    def _follow_system(self, app: QApplication) -> None:
        if self.mode == "system":
            self._dress(app)

    def _dress(self, app: QApplication) -> None:
        dark = self.mode == "dark" or (self.mode == "system" and system_is_dark())
        self.tokens = DARK if dark else LIGHT
        self._fonts.clear()
        self._colors.clear()
        self.sheet = style_sheet(self)
        app.setFont(self.font("body"))
        colors = palette(self.tokens)
        app.setPalette(colors)
        QToolTip.setPalette(colors)
        for kind, own in _own_palettes(self.tokens).items():
            app.setPalette(own, kind)  # type: ignore[arg-type]
        for widget in app.allWidgets():
            if has_sheet(widget):
                widget.setStyleSheet(self.sheet)
            else:  # its measures may be others now
                app.sendEvent(widget, QEvent(QEvent.Type.StyleChange))
        self.theme_changed.emit()

    def _read_system_font(self, app: QApplication) -> None:
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        families = QFontDatabase.families()
        self._family = system.family() if system.family() in families else app.font().family()
        pixels = system.pointSizeF() * _dpi() / 72 if system.pointSizeF() > 0 else float(system.pixelSize())
        # Systems differ between 12 and 15 px by default; more than that is somebody who needs larger text.
        self._system_factor = pixels / 13 if pixels > 15.5 else 1.0

    def _points(self, pixels: float) -> float:
        return pixels * self.factor * 72 / _dpi()

    def _make_font(self, role: str) -> QFont:
        pixels, weight = FONTS[role]
        font = QFont(self._family or QGuiApplication.font().family())
        font.setPointSizeF(self._points(pixels))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        if role in _LETTER_SPACING:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _LETTER_SPACING[role] * self.factor)
        return font


_theme = Theme()


def theme() -> Theme:
    """The theme in use."""
    return _theme


def px(pixels: float) -> int:
    """A measure of the design at the text scale in use, in logical pixels."""
    return _theme.px(pixels)


def apply_theme(app: QApplication, mode: str = "system", scale: float | None = None, family: str = "") -> None:
    """Dress the application.

    Args:
        mode: "system", "light" or "dark".
        scale: the text scale, 1.0 to 2.0; None keeps the one in use.
        family: another font than the system's, for pictures that look the same on every computer.
    """
    _theme.apply(app, mode, scale, family)


def system_is_dark() -> bool:
    """Whether the system asks for dark colours."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def palette(tokens: Tokens) -> QPalette:
    """The palette of a set of tokens."""
    role = QPalette.ColorRole
    made = QPalette()
    for key, name in {
        role.Window: "sunken",
        role.WindowText: "text",
        role.Base: "surface",
        role.AlternateBase: "sunken",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "on_accent",
        role.PlaceholderText: "text_muted",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Highlight: "accent",
        role.HighlightedText: "on_accent",
        role.Accent: "accent",
        role.Link: "accent",
        role.LinkVisited: "accent_strong",
        role.Light: "raised",
        role.Midlight: "border",
        role.Mid: "border_strong",
        role.Dark: "border_strong",
        role.Shadow: "border_strong",
    }.items():
        made.setColor(key, tokens.color(name))
    for key in (role.WindowText, role.Text, role.ButtonText, role.PlaceholderText):
        made.setColor(QPalette.ColorGroup.Disabled, key, tokens.color("text_disabled"))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, tokens.color("hover"))
    made.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, tokens.color("text_disabled"))
    return made


def _own_palettes(tokens: Tokens) -> dict[str, QPalette]:
    """The palettes of kinds of widgets that do not get theirs from the application or from what they are in."""
    view, dialog, editor = palette(tokens), palette(tokens), palette(tokens)
    view.setColor(QPalette.ColorRole.Highlight, tokens.color("accent_soft"))
    view.setColor(QPalette.ColorRole.HighlightedText, tokens.color("text"))
    dialog.setColor(QPalette.ColorRole.Window, tokens.color("raised"))
    editors = dict.fromkeys(("QLineEdit", "QTextEdit", "QPlainTextEdit"), editor)
    return {"QAbstractItemView": view, "QDialog": dialog, **editors}


def _dpi() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.logicalDotsPerInch() if screen else 96.0
