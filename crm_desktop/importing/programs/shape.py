"""The shape of the tables in this folder: a program, the lists it exports, and what their columns are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ID = "@id"
"""The column with the program's own id of the record."""
NOT_NEEDED = "-"
"""Columns that say nothing an office needs."""


@dataclass(frozen=True)
class Table:
    """One list that a program exports.

    Attributes:
        entity: the record type that a row is.
        columns: headers by what they are, several divided by " | ". The key is the name of a field; a transform may
            follow after "+" and the label of a phone or address after ":" ("phone+extra:other"); ``ID`` and ``NOT_NEEDED`` stand for what no field
            holds. Capitals, marks and signs between words do not count.
        signs: the headers that hardly any other program uses, divided by " | "; all of them where empty.
        least: how many of the signs must be there.
        also: what the same rows say about a second record type: {record type: columns}.
    """

    entity: str
    columns: Mapping[str, str]
    signs: str = ""
    least: int = 3
    also: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True)
class Program:
    """A program and the lists it exports; ``key`` names it in the ids that an import keeps."""

    key: str
    name: str
    tables: tuple[Table, ...]
