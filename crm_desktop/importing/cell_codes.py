"""Cells and values as JSON text that comes back with the same types: dates, decimals, spreadsheet errors."""

from __future__ import annotations

import json
from collections.abc import Callable
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
