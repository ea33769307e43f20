"""Forms that two people arranged at once: what each of them moved, renamed, hid or made conditional goes together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

Disputed = dict[str, tuple[Any, Any, Any]]
Token = tuple[str, str]
"""("section", key) or ("field", name): a line of a form."""


@dataclass(frozen=True)
class LayoutSection:
    """One section: its key, the title that the office gave it ("" is its own), the names of its fields in order."""

    key: str
    label: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """A whole form. ``rules`` are conditions of declared fields: {name: {"visible_when", "required_when"}} as JSON."""

    sections: tuple[LayoutSection, ...] = ()
    hidden: tuple[str, ...] = ()
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def join(base: Layout, mine: Layout, theirs: Layout, decided: Mapping[str, bool]) -> tuple[Layout, Disputed]:
    """What was arranged from ``base`` to ``mine``, done to ``theirs``.

    Args:
        decided: whether ours counts where both arranged the same, by the name under which it was disputed.

    Returns:
        The form, and what both arranged in different ways: (base, mine, theirs) by name, which is "place:<field>"
        (section, the field before it), "section:<key>" (the section before it), "title:<key>", "hidden:<field>" or
        "rule:<field>".
    """
    disputed: Disputed = {}

    def settle(name: str, was: Any, own: Any, other: Any) -> Any:
        if own in (was, other):
            return other
        if other == was or decided.get(name):
            return own
        if name not in decided:
            disputed[name] = (was, own, other)
        return other

    lines = _join_lines(base, mine, theirs, settle)
    titles = [{one.key: one.label for one in side.sections} for side in (base, mine, theirs)]
    keys = dict.fromkeys(key for side in titles for key in side)
    labels = {key: settle(f"title:{key}", *(side.get(key, "") for side in titles)) for key in keys}
    names = dict.fromkeys([*theirs.hidden, *mine.hidden, *base.hidden])
    hidden = tuple(
        one for one in names if settle(f"hidden:{one}", one in base.hidden, one in mine.hidden, one in theirs.hidden)
    )
    rules = {}
    for one in dict.fromkeys([*theirs.rules, *mine.rules, *base.rules]):
        kept = settle(f"rule:{one}", *(dict(side.rules.get(one) or {}) for side in (base, mine, theirs)))
        if kept:
            rules[one] = kept
    return Layout(_sections(lines, labels), hidden, rules), disputed


def _lines(layout: Layout) -> list[Token]:
    return [
        line for one in layout.sections for line in (("section", one.key), *(("field", name) for name in one.fields))
    ]


def _places(lines: list[Token]) -> dict[Token, tuple[str, str]]:
    """Where each line stands: the section of a field and the field before it, the section before a section."""
    found: dict[Token, tuple[str, str]] = {}
    section = before = ""
    for kind, key in lines:
        found[kind, key] = (section, before) if kind == "field" else (section, "")
        section, before = (key, "") if kind == "section" else (section, key)
    return found


def _moved(before: list[Token], after: list[Token]) -> set[Token]:
    """The lines that stand elsewhere, came or went."""
    stayed: set[Token] = set()
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        stayed |= set(before[block.a : block.a + block.size])
    return {*before, *after} - stayed


def _join_lines(base: Layout, mine: Layout, theirs: Layout, settle: Any) -> list[Token]:
    was, own, other = _lines(base), _lines(mine), _lines(theirs)
    places = [_places(side) for side in (was, own, other)]
    ours, colleagues = _moved(was, own), _moved(was, other)
    result = list(other)
    for number, line in enumerate(own):
        if line not in ours:
            continue
        sides = [side.get(line) for side in places]
        name = f"place:{line[1]}" if line[0] == "field" else f"section:{line[1]}"
        if line in colleagues and settle(name, *sides) != sides[1]:
            continue
        if line in result:
            result.remove(line)
        above = next((one for one in reversed(own[:number]) if one in result), None)
        result.insert(result.index(above) + 1 if above is not None else 0, line)
    gone = {line for line in was if line not in own and line[0] == "section"}
    return [line for line in result if line not in gone]


def _sections(lines: list[Token], labels: Mapping[str, str]) -> tuple[LayoutSection, ...]:
    found: list[tuple[str, list[str]]] = []
    for kind, key in lines:
        if kind == "section":
            found.append((key, []))
        elif found:
            found[-1][1].append(key)
    return tuple(LayoutSection(key, labels.get(key, ""), tuple(names)) for key, names in found)
