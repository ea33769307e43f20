"""The words of which formulas are made, and the error that says where one is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_


class FormulaError(UserError):
    """What is wrong with a formula, and where: ``position`` counts characters from the start, ``length`` may be 0."""

    def __init__(self, position: int, message: str, *, length: int = 0, **params: Any) -> None:
        super().__init__(message, **params)
        self.position = position
        self.length = length


_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|"(?P<text>(?:[^"\\]|\\.)*)"|'(?P<text2>(?:[^'\\]|\\.)*)'|\[(?P<field>[^\[\]]*)\]"""
    r"""|(?P<name>[^\W\d][\w.]*)|(?P<sign><=|>=|<>|!=|==|[-+*/%&=<>(),;]))""",
    re.UNICODE,
)


@dataclass(frozen=True)
class Word:
    """A word of a formula: its kind, its text, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """A formula as words.

    Raises:
        FormulaError: where something is no word.
    """
    found, at = [], 0
    while at < len(text):
        if text[at:].isspace():
            break
        match = _TOKEN.match(text, at)
        if match is None:
            while text[at].isspace():
                at += 1
            unclosed = {'"': N_("The text has no closing quote."), "'": N_("The text has no closing quote."),
                        "[": N_("The name of the field has no closing bracket.")}  # fmt: skip
            raise FormulaError(
                at, unclosed.get(text[at], N_("“{text}” is not understood here.")), text=text[at], length=1
            )
        kind = str(match.lastgroup)
        start = match.end() - len(match.group(0).lstrip())
        found.append(Word("text" if kind == "text2" else kind, match.group(kind), start, match.end()))
        at = match.end()
    return found
