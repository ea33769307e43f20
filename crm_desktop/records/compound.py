r"""Several values or rows in one cell of a table, written so that they can be taken apart again.

A list is "red; blue"; child rows are lines of "Type: Passport; Number: AB 123". A semicolon or line break inside a value
has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crm_desktop.core.entities import Child
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import all_translations

_HIDDEN = frozenset({"id", "owner_id", "search_digits"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def join_list(values: Iterable[str]) -> str | None:
    """Several texts as one; None where there is none."""
    return "; ".join(escape(one) for one in values) or None


def split_list(text: str) -> list[str]:
    """The texts that :func:`join_list` put together."""
    return [part for part in (_plain(one) for one in _pieces(text, ";")) if part]


def write_rows(child: Child, rows: Iterable[Mapping[str, Any]], say: Callable[[Field, Any], str]) -> str | None:
    """Child rows as lines of "Label: value"; None where there is none."""
    lines = []
    for row in rows:
        parts = [
            f"{translate(one.label)}: {escape(say(one, row[one.name]))}" for one in shown_fields(child)
            if row.get(one.name) not in (None, "", False)
        ]  # fmt: skip
        lines.append("; ".join(parts))
    return "\n".join(lines) or None


def read_rows(child: Child, text: str) -> list[dict[str, str]]:
    """The texts by field name of the rows that :func:`write_rows` wrote, in whatever language; unknown labels are left out."""
    names = {
        fold(label): one.name
        for one in reversed(shown_fields(child))
        for label in (one.name, *all_translations(one.label))
    }
    found = []
    for line in _pieces(text, "\n"):
        row = {}
        for piece in _pieces(line, ";"):
            label, colon, value = piece.partition(":")
            name = names.get(fold(label.strip()))
            if colon and name:
                row[name] = _plain(value)
        if row:
            found.append(row)
    return found


def shown_fields(child: Child) -> Sequence[Field]:
    """The fields of a child row that a cell says."""
    return [
        one
        for one in child.fields
        if one.name not in _HIDDEN and not one.name.endswith("_id") or one.name == "author_id"
    ]


def escape(text: str) -> str:
    """A text as a part of a cell."""
    return text.replace("\\", "\\\\").replace(";", "\\;").replace("\r\n", "\n").replace("\n", "\\n")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text.strip())


def _pieces(text: str, mark: str) -> list[str]:
    """The text between marks that have no backslash before them."""
    pieces, current, at = [], [], 0
    while at < len(text):
        if text[at] == "\\" and at + 1 < len(text):
            current.append(text[at : at + 2])
            at += 2
            continue
        if text[at] == mark:
            pieces.append("".join(current))
            current = []
        else:
            current.append(text[at])
        at += 1
    return [piece for piece in [*pieces, "".join(current)] if piece.strip()]
