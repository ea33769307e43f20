"""Text, rules and grounds of long tables, written as page operators at once: many times faster than single calls."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import Color
from reportlab.pdfbase import pdfmetrics

_ESCAPED = [chr(n) if 32 <= n < 127 and chr(n) not in "()\\" else f"\\{n:03o}" for n in range(256)]


class Ops:
    """Collects what one flowable draws; :meth:`flush` puts grounds and rules first, then all texts."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._shapes: list[str] = []
        self._texts: list[str] = []
        self._text_state: tuple[str, float, Color] | None = None
        self._subset = -1

    def ground(self, x: float, y: float, width: float, height: float, colour: Color) -> None:
        """Fill a rectangle."""
        self._shapes.append(f"{_rgb(colour)} rg {x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def rule(self, x1: float, x2: float, y: float, colour: Color, thickness: float) -> None:
        """Draw a horizontal line."""
        self._shapes.append(f"{_rgb(colour)} RG {thickness:.2f} w {x1:.2f} {y:.2f} m {x2:.2f} {y:.2f} l S")

    def text(self, x: float, y: float, text: str, font: str, size: float, colour: Color) -> None:
        """Write a text from the left end of its baseline."""
        code = self._texts
        state = (font, size, colour)
        if state != self._text_state:
            code.append(f"{_rgb(colour)} rg")
            self._text_state, self._subset = state, -1
        code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
        document, face = self._canvas._doc, pdfmetrics.getFont(font)
        for subset, characters in face.splitString(text, document):
            if subset != self._subset:
                code.append(f"{face.getSubsetInternalName(subset, document)} {size:.2f} Tf")
                self._subset = subset
            code.append(f"({''.join(map(_ESCAPED.__getitem__, characters))}) Tj")

    def flush(self) -> None:
        """Hand everything to the page; the canvas keeps its own colours and font."""
        parts = ["q", *self._shapes]
        if self._texts:
            parts += ["BT", *self._texts, "ET"]
        self._canvas.addLiteral("\n".join([*parts, "Q"]))


def _rgb(colour: Color) -> str:
    return f"{colour.red:.3f} {colour.green:.3f} {colour.blue:.3f}"
