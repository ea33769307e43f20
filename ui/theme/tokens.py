"""Design tokens: one name, one light and one dark value. Nothing else in the program names a colour."""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor


@dataclass(frozen=True)
class Tokens:
    """Every colour of one mode, as "#rrggbb" or "#aarrggbb"."""

    surface: str
    raised: str
    sunken: str
    hover: str
    scrim: str
    text: str
    text_muted: str
    text_disabled: str
    border: str
    border_strong: str
    focus: str
    accent: str
    accent_strong: str
    accent_soft: str
    on_accent: str
    success: str
    success_soft: str
    warning: str
    warning_soft: str
    danger: str
    danger_soft: str
    mark: str
    chart_1: str
    chart_2: str
    chart_3: str
    chart_4: str
    hue_1: str
    hue_1_ink: str
    hue_2: str
    hue_2_ink: str
    hue_3: str
    hue_3_ink: str
    hue_4: str
    hue_4_ink: str
    hue_5: str
    hue_5_ink: str
    hue_6: str
    hue_6_ink: str
    hue_7: str
    hue_7_ink: str
    hue_8: str
    hue_8_ink: str
    shadow_pop: str
    shadow_card: str

    def color(self, name: str) -> QColor:
        """The colour of a token; ``name`` is written "text-muted" or "text_muted"."""
        return QColor(getattr(self, name.replace("-", "_")))


LIGHT = Tokens(
    surface="#ffffff",
    raised="#ffffff",
    sunken="#f4f5f8",
    hover="#ebedf2",
    scrim="#6b161a26",
    text="#191c25",
    text_muted="#586071",
    text_disabled="#989fad",
    border="#e3e6ec",
    border_strong="#c3c9d5",
    focus="#3b57d6",
    accent="#3b57d6",
    accent_strong="#2d45b5",
    accent_soft="#eaeefd",
    on_accent="#ffffff",
    success="#19703f",
    success_soft="#e5f4ea",
    warning="#8a5200",
    warning_soft="#fcf1dc",
    danger="#b92b21",
    danger_soft="#fcebe9",
    mark="#ffedb0",
    chart_1="#2d45b5",
    chart_2="#7f94ec",
    chart_3="#c6d0f8",
    chart_4="#8b93a4",
    hue_1="#dfe7fd",
    hue_1_ink="#2b45ac",
    hue_2="#d5efee",
    hue_2_ink="#0d5f63",
    hue_3="#dcf0df",
    hue_3_ink="#22662f",
    hue_4="#f8ebc9",
    hue_4_ink="#765000",
    hue_5="#fbe3d3",
    hue_5_ink="#94400f",
    hue_6="#fbe0e6",
    hue_6_ink="#9c2148",
    hue_7="#ece2fa",
    hue_7_ink="#6433a8",
    hue_8="#e4e8ee",
    hue_8_ink="#434c5e",
    shadow_pop="#24161a26",
    shadow_card="#0f161a26",
)

DARK = Tokens(
    surface="#1a1c22",
    raised="#23262e",
    sunken="#131519",
    hover="#2a2e38",
    scrim="#94000000",
    text="#e8eaf0",
    text_muted="#a3aaba",
    text_disabled="#666d7c",
    border="#2d313b",
    border_strong="#474e5d",
    focus="#92a6ff",
    accent="#92a6ff",
    accent_strong="#aebcff",
    accent_soft="#262d4b",
    on_accent="#10142a",
    success="#66c990",
    success_soft="#17301f",
    warning="#e3b05a",
    warning_soft="#362a13",
    danger="#f2918a",
    danger_soft="#3f201e",
    mark="#564612",
    chart_1="#92a6ff",
    chart_2="#5d74d8",
    chart_3="#36437e",
    chart_4="#7c8496",
    hue_1="#263158",
    hue_1_ink="#a9bbff",
    hue_2="#153a3b",
    hue_2_ink="#7fd0d0",
    hue_3="#1d3923",
    hue_3_ink="#8fd29b",
    hue_4="#3d3113",
    hue_4_ink="#e6c067",
    hue_5="#442a1a",
    hue_5_ink="#f0ab80",
    hue_6="#45222d",
    hue_6_ink="#f39fb5",
    hue_7="#362752",
    hue_7_ink="#c9a9f7",
    hue_8="#2d323c",
    hue_8_ink="#b9c1d0",
    shadow_pop="#80000000",
    shadow_card="#00000000",
)

PAPER = "#ffffff"
"""A printed page; it stays white in the dark."""

NAMES = tuple(field.name for field in fields(Tokens))
HUES = 8

# Measures in logical pixels at a text scale of 100 %; ask theme.px(...) for the scaled value.
S1, S2, S3, S4, S6, S8 = 4, 8, 12, 16, 24, 32
RADIUS, RADIUS_SMALL, RADIUS_DIALOG = 6, 4, 8
ROW, ROW_COMPACT, ROW_EDITOR, ROW_TWO_LINE, HEADER = 32, 26, 36, 52, 32
CONTROL, CONTROL_SMALL, CHIP, TAG, BADGE = 32, 28, 24, 20, 18
RAIL, RAIL_ICONS, TOP_BAR, VIEW_BAR, STATUS_BAR = 208, 56, 48, 56, 28
PANEL_HEADER, TAB_BAR, FILTER_BAR = 44, 40, 44
ICON, ICON_LARGE, ICON_SMALL, ICON_TINY = 16, 18, 14, 12
AVATAR_ROW, AVATAR_THREAD, AVATAR_CARD = 20, 28, 48

# Type roles: pixels, weight.
FONTS: dict[str, tuple[int, int]] = {
    "hero": (28, 600),
    "figure": (24, 600),
    "figure-strip": (20, 600),
    "title": (20, 600),
    "door": (18, 600),
    "search": (16, 400),
    "section": (14, 600),
    "lead": (14, 400),
    "body": (13, 400),
    "name": (13, 500),
    "strong": (13, 600),
    "secondary": (12, 400),
    "secondary-name": (12, 500),
    "secondary-strong": (12, 600),
    "badge": (11, 600),
    "key": (11, 400),
}
