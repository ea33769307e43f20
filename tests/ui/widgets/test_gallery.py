"""Every widget drawn in both modes, at both text sizes, both directions; pictures are kept when CRM_PICTURES is set."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QScrollBar, QWidget

from crm_desktop.core import formats
from tests.ui.widgets import gallery, gallery_controls
from ui.theme.theme import apply_theme, theme

SCREENS = {
    "contacts": lambda: gallery.window(gallery.contacts()),
    "controls": gallery_controls.controls,
    "today": lambda: gallery.window(gallery.today_strip(), "today"),
    "empty": lambda: gallery.window(gallery.empty(), "campaigns"),
    "error": lambda: gallery.window(gallery.error(), "reports"),
    "doors": gallery.doors,
    "steps": gallery.steps,
    "palette": gallery.palette,
}
QT_PARTS = ("QToolButton", "TableHeader", "QHeaderView", "QLineEditIconButton", "QTableCornerButton")
"""What Qt makes inside its own widgets."""
LOOKS = [
    ("light", 1.0, "ltr"),
    ("dark", 1.0, "ltr"),
    ("light", 2.0, "ltr"),
    ("light", 1.0, "rtl"),
]


@pytest.fixture
def brazil() -> object:
    """Numbers and dates as in Brazil."""
    formats.set_region("pt_BR")
    yield
    formats.set_region("")


@pytest.fixture(params=LOOKS, ids=lambda look: "-".join(str(part) for part in look))
def look(request: pytest.FixtureRequest, qapp: QApplication, brazil: object) -> str:
    """One of the ways the program looks."""
    mode, scale, direction = request.param
    family = "Inter" if "Inter" in QFontDatabase.families() else ""
    apply_theme(qapp, mode, scale, family)
    right_to_left = direction == "rtl"
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight)
    return f"{mode}-{scale:.0f}x-{direction}"


def _grab(widget: QWidget, name: str) -> QImage:
    picture = widget.grab()
    folder = os.environ.get("CRM_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        picture.save(str(Path(folder) / f"{name}.png"))
    return picture.toImage()


@pytest.mark.parametrize("screen", SCREENS)
def test_it_draws_and_every_control_has_a_name(screen: str, look: str, qtbot) -> None:
    widget = SCREENS[screen]()
    qtbot.addWidget(widget)
    widget.show()
    QApplication.processEvents()
    image = _grab(widget, f"{screen}-{look}")
    assert image.width() >= 500
    colours = {image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)}
    assert len(colours) > 3
    assert _nameless(widget) == []


def _nameless(widget: QWidget) -> list[str]:
    kinds = QAbstractButton | QLineEdit | QAbstractItemView
    nameless = []
    for child in widget.findChildren(QWidget):
        if not isinstance(child, kinds) or not child.isVisibleTo(widget):
            continue
        if isinstance(child.parent(), QScrollBar) or child.objectName().startswith("qt_"):
            continue
        if type(child).__name__ in QT_PARTS:
            continue
        text = child.accessibleName() or (child.text() if isinstance(child, QAbstractButton) else "")
        if not text:
            nameless.append(f"{type(child).__name__} {child.objectName()}")
    return nameless


def test_text_is_never_clipped_in_buttons(look: str, qtbot) -> None:
    widget = gallery_controls.controls()
    qtbot.addWidget(widget)
    widget.show()
    for button in widget.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and type(button).__module__.startswith("ui."):
            assert button.width() >= button.sizeHint().width() - 1, button.text()
            assert button.height() >= button.sizeHint().height() - 1, button.text()


def test_a_change_of_the_theme_reaches_widgets_that_stand(qapp: QApplication, qtbot) -> None:
    widget = gallery_controls.controls()
    qtbot.addWidget(widget)
    widget.show()
    apply_theme(qapp, "light", 1.0)
    before = widget.grab().toImage()
    apply_theme(qapp, "dark", 1.0)
    QApplication.processEvents()
    after = widget.grab().toImage()
    corner = after.pixelColor(2, 2)
    assert corner == theme().color("surface")
    assert before.pixelColor(2, 2) != corner


def test_right_to_left_is_a_mirror(qapp: QApplication, qtbot) -> None:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    window = gallery.window(gallery.contacts())
    qtbot.addWidget(window)
    window.show()
    QApplication.processEvents()
    image = window.grab().toImage()
    # The rail stands at the right, its edge at its left.
    assert image.pixelColor(1439 - 207, 450) == theme().color("border")
    assert image.pixelColor(1439 - 100, 700) == theme().color("sunken")
