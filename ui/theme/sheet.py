"""The one style sheet: what Fusion and the palette cannot say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_SHEET = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border_strong}; padding: {p4}px {p8}px; }}
QMenu {{ background: {raised}; border: 1px solid {border}; padding: {p4}px; }}
QMenu::item {{ padding: {p6}px {p24}px {p6}px {p8}px; border-radius: {r4}px; }}
QMenu::item:selected {{ background: {accent_soft}; color: {text}; }}
QMenu::item:disabled {{ color: {text_disabled}; background: transparent; }}
QMenu::icon {{ padding-left: {p8}px; }}
QMenu::separator {{ height: 1px; background: {border}; margin: {p4}px {p8}px; }}
QMenuBar {{ background: {sunken}; }}
QMenuBar::item {{ padding: {p4}px {p8}px; border-radius: {r4}px; }}
QMenuBar::item:selected {{ background: {hover}; }}
QAbstractItemView {{ selection-background-color: {accent_soft}; selection-color: {text}; }}
QComboBox QAbstractItemView {{ background: {raised}; border: 1px solid {border_strong}; padding: {p4}px; outline: 0; }}
QComboBox QAbstractItemView::item {{ min-height: {p28}px; padding: 0 {p4}px; border-radius: {r4}px; }}
QDialog {{ background: {raised}; }}
QSplitter::handle {{ background: {border}; }}
QScrollArea {{ background: transparent; border: 0; }}
QHeaderView {{ background: {sunken}; border: 0; }}
QScrollBar:vertical {{ width: {p12}px; background: transparent; margin: 0; }}
QScrollBar:horizontal {{ height: {p12}px; background: transparent; margin: 0; }}
QScrollBar::handle {{ background: {border_strong}; border-radius: {r3}px; margin: {p3}px; }}
QScrollBar::handle:vertical {{ min-height: {p32}px; }}
QScrollBar::handle:horizontal {{ min-width: {p32}px; }}
QScrollBar::handle:hover {{ background: {text_disabled}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QProgressBar {{ background: {hover}; border: 0; border-radius: {r2}px; max-height: {p4}px; min-height: {p4}px; }}
QProgressBar::chunk {{ background: {accent}; border-radius: {r2}px; }}
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet for the tokens and the scale of ``theme``."""
    values = dict(vars(theme.tokens))
    values.update({f"p{n}": theme.px(n) for n in (3, 4, 6, 8, 12, 24, 28, 32)})
    values.update({f"r{n}": theme.px(n) for n in (2, 3, 4, 6)})
    return _SHEET.format(**values)
