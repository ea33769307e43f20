"""Records of names and values, some of them nested or repeated, laid out as a table with the same columns for every record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from crm_desktop.importing import cells

Path = tuple[str | int, ...]
"""Where a value stands: ("address", "city") or ("phones", 2, "number"); numbers count from 1."""

_DEPTH = 6
_NUMBERED = 12
_MOST: Final = 2000
MORE: Final = "(more)"
"""The column that takes what has no column of its own, where records have very many names."""
_POINTS = frozenset({cells.EMAIL, cells.PHONE, cells.URL})


@dataclass
class Layout:
    """The columns of a set of records, learnt by showing it every record once.

    A list of plain values is one cell, joined; where its values are e-mails, phones or addresses of pages, or where a
    record of it is a list of records, it has numbered columns. What goes beyond them stands in one more cell as text.
    """

    _ranks: dict[Path, dict[str | int, int]] = field(default_factory=dict)
    _used: dict[Path, int] = field(default_factory=dict)
    _lists: dict[Path, list[int]] = field(default_factory=dict)
    _paths: tuple[Path, ...] = ()

    def learn(self, record: Mapping[str, Any]) -> None:
        """Take notice of a record."""
        for path, value in _leaves(record, (), 0):
            if isinstance(value, list):
                counts = self._lists.setdefault(path, [0, 0, 0])
                for one in value:
                    counts[0] += 1
                    counts[1] += isinstance(one, str) and cells.classify_text(one) in _POINTS
                counts[2] = max(counts[2], len(value))
            self._note(path, value)

    def _note(self, path: Path, value: Any) -> None:
        if value is None or value == "" or value == []:
            count = 0
        else:
            count = 1
        for at in range(len(path)):
            known = self._ranks.setdefault(path[:at], {})
            known.setdefault(path[at], len(known))
        self._used[path] = self._used.get(path, 0) + count

    def finish(self) -> tuple[str, ...]:
        """The names of the columns; :meth:`row` follows them from now on."""
        paths: list[Path] = []
        for path in sorted(self._used, key=self._order):
            if path in self._lists and self._numbered(path):
                paths += [(*path, number) for number in range(1, min(_NUMBERED, self._lists[path][2]) + 1)]
                if self._lists[path][2] > _NUMBERED:
                    paths.append((*path, MORE))
            else:
                paths.append(path)
        if len(paths) > _MOST:
            paths = [*paths[: _MOST - 1], (MORE,)]
        self._paths = tuple(paths)
        return tuple(header(path) for path in paths)

    def _order(self, path: Path) -> tuple[int, ...]:
        return tuple(
            part if isinstance(part, int) else self._ranks[path[:at]][part] for at, part in enumerate(path)
        )  # fmt: skip

    def _numbered(self, path: Path) -> bool:
        total, points, longest = self._lists[path]
        return longest > 1 and points > 0.6 * total

    def row(self, record: Mapping[str, Any]) -> list[Any]:
        """The cells of a record."""
        found: dict[Path, Any] = {}
        for path, value in _leaves(record, (), 0):
            if path in self._lists and self._numbered(path):
                self._spread(path, value if isinstance(value, list) else [value], found)
            else:
                found[path] = joined(value) if isinstance(value, list) else value
        row = [found.pop(path, None) for path in self._paths]
        left = [f"{header(path)}: {value}" for path, value in found.items() if value not in (None, "")]
        if left and self._paths and self._paths[-1] == (MORE,):
            row[-1] = "\n".join(left)
        return row

    def _spread(self, path: Path, values: list[Any], found: dict[Path, Any]) -> None:
        for number, value in enumerate(values[:_NUMBERED], 1):
            found[(*path, number)] = value
        if len(values) > _NUMBERED:
            found[(*path, MORE)] = joined(values[_NUMBERED:])


def header(path: Path) -> str:
    """The name of a column: "address.city", "emails 2", "phones 2 number"."""
    text = ""
    after_number = False
    for part in path:
        number = isinstance(part, int) or part == MORE
        text += f"{' ' if number or after_number else '.' if text else ''}{part}"
        after_number = number
    return text


def joined(values: Iterable[Any]) -> str | None:
    """Several plain values as one text; what holds the separator itself is parted by semicolons or lines."""
    texts = [plain_text(value) for value in values if value not in (None, "")]
    mark = ", "
    if any("," in text for text in texts):
        mark = "; " if not any(";" in text for text in texts) else "\n"
    return mark.join(texts) or None


def plain_text(value: Any) -> str:
    """A value as text; what is nested as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _leaves(value: Mapping[str, Any], path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    """The values of a record with their places; a list of plain values is one."""
    for key, one in value.items():
        here = (*path, key.strip() or "?")
        if isinstance(one, dict):
            if not one or depth >= _DEPTH:
                yield here, plain_text(one) if one else None
            else:
                yield from _leaves(one, here, depth + 1)
        elif isinstance(one, list):
            yield from _list_leaves(one, here, depth)
        else:
            yield here, one


def _list_leaves(values: list[Any], path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if not any(isinstance(one, dict) for one in values):
        yield path, [plain_text(one) if isinstance(one, list | dict) else one for one in values]
        return
    for number, one in enumerate(values[:_NUMBERED], 1):
        if isinstance(one, dict) and one and depth < _DEPTH:
            yield from _leaves(one, (*path, number), depth + 1)
        elif one not in (None, {}):
            yield (*path, number), plain_text(one)
    if len(values) > _NUMBERED:
        yield (*path, MORE), "\n".join(plain_text(one) for one in values[_NUMBERED:])
