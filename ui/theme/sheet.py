"""The style sheet of menus and of the lists of combo boxes, which Fusion draws otherwise.

It is put on these alone: under a sheet of the whole application Qt would dress every widget again, with all that is
in it, whenever it gets another parent, and building a page would take twice as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_SHEET = """
QMenu {{ background: {raised}; border: 1px solid {border}; padding: {p4}px; }}
QMenu::item {{ padding: {p6}px {p24}px {p6}px {p8}px; border-radius: {r4}px; }}
QMenu::item:selected {{ background: {accent_soft}; color: {text}; }}
QMenu::item:disabled {{ color: {text_disabled}; background: transparent; }}
QMenu::icon {{ padding-left: {p8}px; }}
QMenu::separator {{ height: 1px; background: {border}; margin: {p4}px {p8}px; }}
QComboBoxListView {{ background: {raised}; border: 1px solid {border_strong}; padding: {p4}px; outline: 0;
    selection-background-color: {accent_soft}; selection-color: {text}; }}
QComboBoxListView::item {{ min-height: {p28}px; padding: 0 {p4}px; border-radius: {r4}px; }}
"""


def style_sheet(theme: Theme) -> str:
    """The style sheet for the tokens and the scale of ``theme``."""
    values = dict(vars(theme.tokens))
    values.update({f"p{n}": theme.px(n) for n in (4, 6, 8, 24, 28)}, r4=theme.px(4))
    return _SHEET.format(**values)
