"""A column as the tests see it, and what a test says about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from crm_desktop.importing.table import Evidence


@dataclass
class Values:
    """A column as the tests see it: its texts with how often each occurs, the header's hints, and counts."""

    texts: dict[str, int]
    hints: tuple[str, ...] = ()
    native: dict[str, int] = field(default_factory=dict)
    filled: int = 0
    total: int = 0
    nulls: int = 0

    @property
    def weight(self) -> int:
        """How many cells the texts stand for."""
        return sum(self.texts.values()) or 1

    def share(self, test: Callable[[str], object], most: int = 200) -> float:
        """The share of cells whose text passes a test."""
        chosen = self.pick(most)
        total = sum(chosen.values())
        return sum(n for text, n in chosen.items() if test(text)) / total if total else 0.0

    def count(self, test: Callable[[str], object]) -> int:
        """How many cells pass a test."""
        return sum(n for text, n in self.texts.items() if test(text))

    def pick(self, most: int) -> Mapping[str, int]:
        """At most so many different texts, spread evenly."""
        if len(self.texts) <= most:
            return self.texts
        items = list(self.texts.items())
        step = len(items) / most
        return dict(items[int(i * step)] for i in range(most))


@dataclass
class Found:
    """What a test found: a kind with a score of 0..1 by the values alone."""

    kind: str
    score: float
    evidence: list[Evidence] = field(default_factory=list)
    detail: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def percent(share: float) -> int:
    """A share as whole percent; 100 only where it is all."""
    return 100 if share >= 1 else min(99, round(share * 100))


def text_of_value(value: Any) -> str:
    """A cell as the text that the tests look at: whole floats lose their ".0"."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def native_kind(value: Any) -> str:
    """The type that a spreadsheet gave a cell: "date", "datetime", "time", "bool", or "" for numbers and texts."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, date):
        return "date"
    return "time" if isinstance(value, time) else ""
