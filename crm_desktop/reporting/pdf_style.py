"""The look of the paper: embedded fonts, one ink colour and greys, sizes, and how text is measured and wrapped."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from crm_desktop.core import paths

REGULAR, BOLD, ITALIC, BOLD_ITALIC = "NotoSans", "NotoSans-Bold", "NotoSans-Italic", "NotoSans-BoldItalic"
_FILES = {
    REGULAR: "NotoSans-Regular.ttf",
    BOLD: "NotoSans-Bold.ttf",
    ITALIC: "NotoSans-Italic.ttf",
    BOLD_ITALIC: "NotoSans-BoldItalic.ttf",
}

TEXT: Color = HexColor("#16181f")
MUTED: Color = HexColor("#4a4f5c")
RULE: Color = HexColor("#c6cad3")
HAIRLINE: Color = HexColor("#e1e4ea")
GROUP: Color = HexColor("#eef0f4")
INK: Color = HexColor("#23306f")
INK_SOFT: Color = HexColor("#9aa6d6")
INK_PALE: Color = HexColor("#d5daee")

MARGIN = 12.7 * mm
TITLE_SIZE, SECTION_SIZE, FIGURE_SIZE, NAME_SIZE, BODY_SIZE = 16.5, 10.0, 11.5, 10.5, 8.0
HEAVY, THIN = 1.1, 0.6

# Characters that the fonts lack and that office texts do contain, in words of their own kind.
_SUBSTITUTES = {
    "\u2212": "-",
    "→": "->",
    "←": "<-",
    "⇒": "=>",
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
    "✓": "[x]",
    "✔": "[x]",
    "●": "•",
    "■": "•",
    "▪": "•",
    "☐": "[ ]",
    "☑": "[x]",
    "\t": "    ",
}


def register_fonts() -> None:
    """Make the fonts known to ReportLab; it embeds the characters that are used."""
    rl_config.useA85 = 0  # streams as bytes, not as text a quarter longer
    known = pdfmetrics.getRegisteredFontNames()
    for name, file in _FILES.items():
        if name not in known:
            pdfmetrics.registerFont(TTFont(name, str(paths.resources() / "fonts" / file)))


def printable(text: str) -> str:
    """The text in characters that the fonts have: composed accents, no control or format characters."""
    if text.isascii() and text.isprintable():
        return text
    return _clean(text)


def one_line(text: str) -> str:
    """The printable text without line breaks and repeated spaces."""
    return " ".join(printable(text).split())


@lru_cache(maxsize=4096)
def _clean(text: str) -> str:
    glyphs = pdfmetrics.getFont(REGULAR).face.charToGlyph
    result = []
    for char in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")):
        if char == "\n" or (ord(char) in glyphs and unicodedata.category(char) not in ("Cc", "Cf")):
            result.append(char)
        elif char in _SUBSTITUTES:
            result.append(_SUBSTITUTES[char])
        elif unicodedata.category(char) not in ("Cc", "Cf", "Mn", "So", "Sk"):
            result.append("?")  # a letter of a script without a font here: seen, not silently gone
    return "".join(result)


class _Widths(dict[str, float]):
    """Widths of the characters of a font in thousandths of its size, filled as they are met."""

    def __init__(self, font: str) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, char: str) -> float:
        self[char] = width = float(pdfmetrics.stringWidth(char, self._font, 1000))
        return width


_WIDTHS = {name: _Widths(name) for name in _FILES}


def text_width(text: str, font: str, size: float) -> float:
    """The width of a text in points."""
    return sum(map(_WIDTHS[font].__getitem__, text)) * size / 1000


def measure(text: str, size: float, bold: bool) -> float:
    """The width of a text, as charts ask for it."""
    return text_width(text, BOLD if bold else REGULAR, size)


def longest_word(text: str, font: str, size: float) -> float:
    """The width of the widest word: what cannot be broken at a space."""
    return max((text_width(word, font, size) for word in text.split()), default=0.0)


def wrap_text(text: str, width: float, font: str, size: float) -> list[str]:
    """The lines of a text in ``width`` points, broken at spaces, and inside a word only when it is too long."""
    if "\n" not in text and text_width(text, font, size) <= width:
        return [text]
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current = ""
        for word in paragraph.split(" "):
            longer = f"{current} {word}" if current else word
            if text_width(longer, font, size) <= width:
                current = longer
                continue
            if current:
                lines.append(current)
            *full, current = break_word(word, width, font, size)
            lines += full
        lines.append(current)
    return lines or [""]


def break_word(word: str, width: float, font: str, size: float) -> list[str]:
    """A word in pieces that fit; at least one character each."""
    pieces, start, used = [], 0, 0.0
    for i, char in enumerate(word):
        wide = text_width(char, font, size)
        if i > start and used + wide > width:
            pieces.append(word[start:i])
            start, used = i, 0.0
        used += wide
    return [*pieces, word[start:]]
