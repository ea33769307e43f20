"""The strip of figures: in every language, nothing in it is cut off at the width it has in a small window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from crm_desktop.core.i18n import pgettext, set_language
from ui.records.kit import Matter
from ui.records.matters import MattersStrip
from ui.theme.theme import apply_theme, px

CARD = 467
"""The width of the strip in a window of 1280 × 800."""


@pytest.fixture
def application() -> Iterator[QApplication]:
    """The application in its theme; English again afterwards."""
    application = QApplication.instance() or QApplication([])
    apply_theme(application, "light")  # type: ignore[arg-type]
    yield application  # type: ignore[misc]
    set_language("en")


@pytest.mark.parametrize("language", ["en", "pt_BR", "es"])
def test_no_figure_is_cut_off(application: QApplication, language: str) -> None:
    set_language(language)
    strip = MattersStrip()
    strip.resize(px(CARD), 60)
    strip.set_matters(
        [
            Matter("deals", f"{pgettext('figures', 'Open deals')} (12)", "R$ 148.600"),
            Matter("cases", pgettext("figures", "Open cases"), "2 · 3h 20min", kind="warning"),
            Matter("contact", pgettext("figures", "Last contact"), "11/08/2026", kind="warning"),
            Matter("won", pgettext("figures", "Bought so far"), "R$ 1.148.600"),
        ]
    )
    strip.show()
    QTest.qWait(20)
    short = [(one.matter.label, one.needed_width(), one.width()) for one in strip.buttons]
    assert all(needed <= width for _label, needed, width in short), short
    strip.close()
