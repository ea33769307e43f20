"""A table whose columns the format itself names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crm_desktop.importing.table import Evidence, Row


def _nothing() -> Sequence[Evidence]:
    return ()


@dataclass
class NamedTable:
    """A table of a file.

    Attributes:
        name: what it is called in the file; "" where there is only one.
        headers: the names of its columns, as the file writes them.
        rows: streams the records, numbered from 1, each with a cell for every header.
        kinds: position of a column to (kind, detail), where the format leaves no doubt.
        encoding: of its texts.
        evidence: asked after the rows were read.
        keep_empty: whether columns without a value are columns all the same.
    """

    name: str
    headers: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    kinds: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    encoding: str = ""
    evidence: Callable[[], Sequence[Evidence]] = _nothing
    keep_empty: bool = False
