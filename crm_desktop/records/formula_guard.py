"""Texts that a spreadsheet would run as a formula, kept harmless in text tables (OWASP, "CSV injection")."""

from __future__ import annotations

import re

_HARMLESS = re.compile(r"[+-][\d\s().,/-]*")
"""A phone or a plain number may start with a sign."""
_STARTS = frozenset("=+-@\t\r")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """The text with an apostrophe before it where it starts like a formula, or like a text that was guarded already."""
    first = text[:1]
    if first in _STARTS and not _HARMLESS.fullmatch(text) or first == "'" and _GUARDED.match(text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The reverse of :func:`guarded`."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text
