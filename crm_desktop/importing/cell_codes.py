"""Cells and values as JSON text that comes back with the same types: dates, decimals, spreadsheet errors."""

from __future__ import annotations

import json
import marshal
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from crm_desktop.importing.table import ErrorCell

_MARK = "\x01"
_READERS: dict[str, Callable[[str], Any]] = {
    "datetime": datetime.fromisoformat, "date": date.fromisoformat, "time": time.fromisoformat, "decimal": Decimal,
    "error": ErrorCell, "bytes": lambda _text: b"", "text": str,
}  # fmt: skip


def _coded(value: Any) -> dict[str, list[str]]:
    if isinstance(value, datetime | date | time):
        kind = "datetime" if isinstance(value, datetime) else "date" if isinstance(value, date) else "time"
        return {_MARK: [kind, value.isoformat()]}
    if isinstance(value, Decimal):
        return {_MARK: ["decimal", str(value)]}
    if isinstance(value, ErrorCell):
        return {_MARK: ["error", value.text]}
    if isinstance(value, bytes):  # a picture in a cell: that it was one is all that is told
        return {_MARK: ["bytes", ""]}
    return {_MARK: ["text", str(value)]}


_encode = json.JSONEncoder(separators=(",", ":"), default=_coded).encode


def _decoded(found: dict[str, Any]) -> Any:
    coded = found.get(_MARK)
    return _READERS[coded[0]](coded[1]) if coded is not None and len(found) == 1 else found


def dumps(value: Any) -> str:
    """A value, a row of cells or many of them as text."""
    return _encode(value)


def loads(text: str) -> Any:
    """The reverse of :func:`dumps`."""
    return json.loads(text, object_hook=_decoded)


_PLAIN = frozenset({str, int, float, bool, type(None)})
_DATED: dict[type, str] = {date: "date", datetime: "datetime", time: "time", Decimal: "decimal"}


def pack(columns: Iterable[Sequence[Any]]) -> bytes:
    """Columns of values as bytes, many at once and fast; see :func:`unpack`."""
    return marshal.dumps([_packed(column) for column in columns], 2)


def _packed(column: Sequence[Any]) -> tuple[str, Any]:
    kinds = set(map(type, column))
    if kinds <= _PLAIN:
        first = column[0] if column else None
        if len(kinds) == 1 and column.count(first) == len(column):
            return "same", (first, len(column))
        return "", list(column)
    kinds.discard(type(None))
    kind = _DATED.get(next(iter(kinds))) if len(kinds) == 1 else None
    if kind == "decimal":
        return kind, [None if value is None else str(value) for value in column]
    if kind is not None:
        return kind, [None if value is None else value.isoformat() for value in column]
    return "json", dumps(list(column))


def unpack(packed: bytes) -> list[list[Any]]:
    """The reverse of :func:`pack`; only for what this program has just written itself."""
    return [_unpacked(kind, values) for kind, values in marshal.loads(packed)]


def _unpacked(kind: str, values: Any) -> list[Any]:
    if kind == "":
        return list(values)
    if kind == "same":
        return [values[0]] * values[1]
    if kind == "json":
        return list(loads(values))
    read = _READERS[kind]
    return [None if value is None else read(value) for value in values]
