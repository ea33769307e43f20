"""The look follows the mode and the text size; the words follow the language, both while the window stands."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from ui.framework.page import Page
from ui.framework.retranslate import on_language_change, switch_language
from ui.theme.icons import icon, icon_pixmap
from ui.theme.theme import apply_theme, px, theme
from ui.theme.tokens import DARK, FONTS, LIGHT, NAMES


def _luminance(color: QColor) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in color.getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: QColor, other: QColor) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_text_can_be_read_on_every_fill(tokens) -> None:
    pairs = [("text", plane) for plane in ("surface", "raised", "sunken", "hover", "accent_soft")]
    pairs += [("text_muted", plane) for plane in ("surface", "raised", "sunken", "hover")]
    pairs += [(meaning, f"{meaning}_soft") for meaning in ("success", "warning", "danger")]
    pairs += [(f"hue_{n}_ink", f"hue_{n}") for n in range(1, 9)]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_strong"), ("accent", "surface"), ("text", "mark")]
    for ink, fill in pairs:
        assert _contrast(tokens.color(ink), tokens.color(fill)) >= 4.5, (ink, fill)


def test_every_token_is_a_colour_in_both_modes() -> None:
    for name in NAMES:
        assert LIGHT.color(name).isValid() and DARK.color(name).isValid(), name


def test_the_mode_changes_palette_icons_and_tells_it(qapp: QApplication, qtbot) -> None:
    light_icon = icon_pixmap("ph.users", "text", 16).toImage()
    with qtbot.waitSignal(theme().theme_changed):
        apply_theme(qapp, "dark")
    assert qapp.palette().color(QPalette.ColorRole.Base) == DARK.color("surface")
    assert icon_pixmap("ph.users", "text", 16).toImage() != light_icon
    same = icon("ph.users")
    assert same is icon("ph.users")
    dark_picture = same.pixmap(16, 16).toImage()
    apply_theme(qapp, "light")
    assert same.pixmap(16, 16).toImage() != dark_picture


def test_the_mode_follows_the_system(qapp: QApplication) -> None:
    apply_theme(qapp, "system")
    hints = qapp.styleHints()
    hints.setColorScheme(Qt.ColorScheme.Dark)
    qapp.processEvents()
    followed = theme().dark
    hints.unsetColorScheme()
    if hints.colorScheme() == Qt.ColorScheme.Unknown and not followed:
        pytest.skip("this platform has no colour scheme")
    assert followed


def test_text_and_measures_grow_together(qapp: QApplication) -> None:
    before = theme().font("body").pointSizeF()
    row = px(32)
    apply_theme(qapp, "light", 2.0)
    assert theme().font("body").pointSizeF() == pytest.approx(2 * before)
    assert px(32) == 2 * row
    assert qapp.font().pointSizeF() == pytest.approx(2 * before)


def test_every_role_has_tabular_numbers() -> None:
    for role in FONTS:
        assert theme().font(role).featureTags(), role


class _Hello(Page):
    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self.label = QLabel(self)
        self.written = 0
        self.retranslate()

    def retranslate(self) -> None:
        self.written += 1


def test_pages_write_their_words_again(qapp: QApplication, qtbot) -> None:
    page = _Hello()
    qtbot.addWidget(page)
    heard: list[int] = []
    on_language_change(page.label, lambda: heard.append(1))
    page.show()
    written = page.written
    switch_language(qapp, "pt_BR")
    assert page.written > written
    assert heard
    switch_language(qapp, "en")
