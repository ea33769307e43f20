"""JSON as tables: lists of objects at the top or inside an envelope, JSON Lines, and maps of objects. Read as a stream."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from crm_desktop.core.errors import UserError
from crm_desktop.core.i18n import N_
from crm_desktop.importing.encodings import LENIENT, guess_encoding
from crm_desktop.importing.flatten import Layout
from crm_desktop.importing.named_table import NamedTable
from crm_desktop.importing.own_json import open_own
from crm_desktop.importing.table import Evidence, Row

_BROKEN = N_(
    "“{name}” is not valid JSON: after {n} records something is missing or does not belong there. "
    "Export it again from the other program."
)
_CHUNK = 1 << 20
_IN_MEMORY = 24 << 20
_LARGEST = 256 << 20
"""An envelope up to this many letters is looked at as a whole; no single value may be larger than the second."""
_ENVELOPES = frozenset(
    "data records record items results result rows value values list entries objects response responses content contents "
    "hits features contacts people persons companies accounts organizations deals leads opportunities tickets cases "
    "activities tasks events products customers users members clientes contatos contactos empresas produtos productos "
    "registros dados datos pessoas personas negocios chamados tarefas d".split()
)
_DEPTH = 4
_MOST_TABLES = 60

Place = tuple[str, ...]


def open_json(path: Path, encoding: str = "") -> list[NamedTable]:
    """The tables of a file.

    Raises:
        UserError: it is not valid JSON.
    """
    own = open_own(path)
    if own is not None:
        return [own]
    with path.open("rb") as file:
        used = encoding or guess_encoding(file.read(1_000_000)).encoding
    found: dict[Place, tuple[Layout, list[int]]] = {}
    outside: dict[Place, Counter[str]] = {}
    envelope = _envelope(path, used)
    for place, record in _records(path, used, envelope):
        if isinstance(record, _Outside):
            outside.setdefault((), Counter())[place[-1]] += 1
            continue
        if place not in found:
            if len(found) >= _MOST_TABLES:
                continue
            found[place] = (Layout(), [0])
        layout, count = found[place]
        layout.learn(record)
        count[0] += 1
    several = len(found) > 1
    told = sorted(outside.get((), ()))
    return [
        _table(path, used, envelope, place, layout, count[0], several, told) for place, (layout, count) in found.items()
    ]


def _table(
    path: Path,
    encoding: str,
    envelope: bool,
    place: Place,
    layout: Layout,
    count: int,
    several: bool,
    outside: list[str],
) -> NamedTable:
    headers = layout.finish()

    def rows() -> Iterator[Row]:
        number = 0
        for where, record in _records(path, encoding, envelope):
            if where == place and not isinstance(record, _Outside):
                number += 1
                yield number, [_cell(value) for value in layout.row(record)]

    evidence = [Evidence(N_("{n} records that name their values"), {"n": count})]
    if outside:
        names = ", ".join(outside[:6])
        evidence.append(Evidence(N_("Beside the records the file has {names}, which are not read"), {"names": names}))
    return NamedTable(
        ".".join(place) if several else "", headers, rows, encoding=encoding, evidence=lambda: evidence
    )  # fmt: skip


def _cell(value: Any) -> Any:
    return (value.replace("\0", "").strip() or None) if isinstance(value, str) else value


class _Outside:
    """Stands for what an envelope says besides its records."""


_OUTSIDE = _Outside()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a name that is there twice keeps both values."""
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    made = {}
    for key, value in pairs:
        if key in made and made[key] != value:
            before = made[key]
            made[key] = [*(before if isinstance(before, list) else [before]), value]
        else:
            made[key] = value
    return made


def _number(text: str) -> float | str:
    """A fraction; one with more digits than a float holds stays text."""
    return float(text) if len(text) < 17 else text


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_float=_number, parse_constant=lambda _text: None, strict=False
)  # fmt: skip
_SPACE = re.compile(r"[\s﻿\0]*")


class _Window:
    """The part of a text that is being looked at; it moves on through the file."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.text = ""
        self.at = 0
        self.ended = False

    def more(self) -> bool:
        """Read on; False at the end of the file."""
        size = max(_CHUNK, len(self.text) - self.at)
        chunk = self._file.read(size) if size <= _LARGEST else ""
        self.text = self.text[self.at :] + chunk
        self.at = 0
        self.ended = not chunk
        return bool(chunk)

    def peek(self) -> str:
        """The next letter that is no blank; "" at the end."""
        while True:
            found = _SPACE.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """The next value as a whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except ValueError:
                if not self.more():
                    raise
                continue
            start = self.at
            if end < len(self.text) or self.text[end - 1] in '}]"':
                self.at = end
                return value
            if not self.more():  # a number at the end of what was read may go on
                self.at = end - start
                return value


def _open(path: Path, encoding: str) -> IO[str]:
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else LENIENT
    try:
        return path.open(encoding=encoding, errors=errors)
    except LookupError as error:
        raise UserError(N_("The encoding “{encoding}” is not known. Choose another one."), encoding=encoding) from error


def _envelope(path: Path, encoding: str) -> bool:
    """Whether the file is one large object around its records, too large to be looked at as a whole."""
    if path.stat().st_size <= _IN_MEMORY:
        return False
    with _open(path, encoding) as file:
        window = _Window(file)
        if window.peek() != "{":
            return False
        while len(window.text) < _IN_MEMORY and window.more():
            try:
                _DECODER.raw_decode(window.text, window.at)
            except ValueError:
                continue
            return False
    return True


def _records(path: Path, encoding: str, envelope: bool) -> Iterator[tuple[Place, Any]]:
    """All records with the place of their table; what stands outside of them as :class:`_Outside`."""
    count = 0
    with _open(path, encoding) as file:
        window = _Window(file)
        try:
            for place, record in _walk(window, ()) if envelope else _top(window):
                count += 1
                yield place, record
        except (ValueError, RecursionError) as error:
            raise UserError(_BROKEN, name=path.name, n=count, details=str(error)) from error


def _top(window: _Window) -> Iterator[tuple[Place, Any]]:
    """The records of a list, of JSON Lines, or of one object with everything in it."""
    first = window.peek()
    if first == "[":
        yield from _as_records(_items(window))
        return
    if not first:
        return
    value = window.value()
    if window.peek() not in ("", ",") and isinstance(value, dict) or window.peek() == ",":
        yield from _as_records(_lines(value, window))
        return
    if isinstance(value, dict):
        yield from _split(value, ())
    elif value is not None:
        yield (), {"value": value}


def _lines(first: Any, window: _Window) -> Iterator[Any]:
    """Values one after the other: JSON Lines, also with commas between the lines."""
    yield first
    while mark := window.peek():
        if mark == ",":
            window.at += 1
            continue
        yield window.value()


def _items(window: _Window) -> Iterator[Any]:
    """The values of a list, one by one."""
    window.at += 1
    while True:
        mark = window.peek()
        if mark == "]":
            window.at += 1
            return
        if mark == ",":
            window.at += 1
            continue
        if not mark:
            raise ValueError("the list does not end")
        yield window.value()


def _as_records(values: Iterable[Any]) -> Iterator[tuple[Place, Any]]:
    """Objects as they are; lists by the names in the first one, or by number; plain values in one column."""
    names: list[str] | None = None
    for number, value in enumerate(values):
        if isinstance(value, dict):
            yield (), value
        elif isinstance(value, list):
            if number == 0 and value and all(isinstance(one, str) and one.strip() for one in value):
                names = value
                continue
            known = names or []
            yield (), {
                (known[i] if i < len(known) else f"Column {i + 1}"): one for i, one in enumerate(value)
            }  # fmt: skip
        elif value is not None:
            yield (), {"value": value}


def _split(value: dict[str, Any], place: Place) -> Iterator[tuple[Place, Any]]:
    """The tables of an object that is in memory; an object without tables is one record."""
    tables = {key: one for key, one in value.items() if _is_table(key, one, value)}
    inner = {
        key: one
        for key, one in value.items()
        if key not in tables and isinstance(one, dict) and len(place) < _DEPTH and _holds_tables(one)
    }
    if not tables and not inner:
        if _is_map(value):
            for key, one in value.items():
                yield place, {"key": key, **one} if "key" not in one else one
        elif value:
            yield place, value
        return
    for key, one in value.items():
        if key in tables:
            for item in one:
                yield (*place, key), item if isinstance(item, dict) else {"value": item}
        elif key in inner:
            yield from _split(one, (*place, key))
        elif one not in (None, "", [], {}):
            yield (*place, key), _OUTSIDE


def _is_table(key: str, value: Any, around: dict[str, Any]) -> bool:
    """Whether a list is a table of its own, and not the phones of one record."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        return False
    if key.lower() in _ENVELOPES:
        return True
    plain = sum(isinstance(one, str | int | float) for one in around.values())
    return len(value) > 12 or plain < 3 and sum(map(len, value)) >= 3 * len(value)


def _holds_tables(value: dict[str, Any]) -> bool:
    return any(_is_table(key, one, value) for key, one in value.items()) or any(
        isinstance(one, dict) and any(_is_table(key, two, one) for key, two in one.items()) for one in value.values()
    )


def _is_map(value: dict[str, Any]) -> bool:
    """Whether an object is a table whose records stand under their ids."""
    if len(value) < 2 or not all(isinstance(one, dict) and one for one in value.values()):
        return False
    names = Counter(name for one in value.values() for name in one)
    return max(names.values()) >= 0.8 * len(value) and not set(value) <= {
        "name",
        "address",
        "phone",
        "contact",
        "company",
    }


def _walk(window: _Window, place: Place) -> Iterator[tuple[Place, Any]]:
    """The tables of an object that is too large for the memory: every list of objects that objects lead to."""
    window.peek()
    window.at += 1
    while True:
        mark = window.peek()
        if mark == "}":
            window.at += 1
            return
        if mark == ",":
            window.at += 1
            continue
        if not mark:
            raise ValueError("the object does not end")
        key = str(window.value())
        if window.peek() != ":":
            raise ValueError("a name without a value")
        window.at += 1
        here = (*place, key)
        mark = window.peek()
        if mark == "[":
            for item in _items(window):
                yield here, item if isinstance(item, dict) else {"value": item}
        elif mark == "{" and len(place) < _DEPTH:
            yield from _walk(window, here)
        elif window.value() not in (None, ""):
            yield here, _OUTSIDE
