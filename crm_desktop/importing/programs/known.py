"""Every program that is known, and which one a table comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from crm_desktop.importing import lexicon
from crm_desktop.importing.known_headers import Known
from crm_desktop.importing.programs import (
    address_books,
    bitrix24,
    brazil,
    desktop,
    hubspot,
    open_source,
    pipedrive,
    salesforce,
    small_offices,
    zoho,
)  # fmt: skip
from crm_desktop.importing.programs.shape import EXTERNAL_ID, NOT_NEEDED, Program, Table

PROGRAMS: tuple[Program, ...] = (
    *address_books.PROGRAMS, *hubspot.PROGRAMS, *salesforce.PROGRAMS, *pipedrive.PROGRAMS, *zoho.PROGRAMS,
    *open_source.PROGRAMS, *bitrix24.PROGRAMS, *desktop.PROGRAMS, *small_offices.PROGRAMS, *brazil.PROGRAMS,
)  # fmt: skip
_COVERED = 0.3
"""The share of a file's columns that must be known in the table of a program."""

Words = tuple[str, ...]


@dataclass(frozen=True)
class Recognised:
    """Where a table comes from: the program, the record type of its rows, and what its columns are.

    Attributes:
        columns: what a header says, by its folded words, for each record type that the rows tell about.
        found: how many columns of the table the program is known for.
    """

    key: str
    name: str
    entity: str
    columns: dict[str, dict[Words, Known]]
    found: int

    def known(self, entity: str, header: str) -> Known | None:
        """What a column of the program is for a record type; None where it is no usual one."""
        return self.columns.get(entity, {}).get(_words(header))


def recognise(headers: Sequence[str]) -> Recognised | None:
    """The program that a table with these headers comes from; None where no program is known by enough of them."""
    words = {_words(header) for header in headers if header.strip()}
    if len(words) < 2:
        return None
    best: tuple[float, Recognised] | None = None
    for program in PROGRAMS:
        for table in program.tables:
            columns, signs = _parsed(id(table), table)
            if len(signs & words) < table.least:
                continue
            found = len(columns[table.entity].keys() & words)
            if found < _COVERED * len(words):
                continue
            score = found + 0.5 * len(signs & words)
            if best is None or score > best[0]:
                best = score, Recognised(program.key, program.name, table.entity, columns, found)
    return best[1] if best else None


@lru_cache(maxsize=512)
def _words(header: str) -> Words:
    return tuple(lexicon.header_words(header))


_tables: dict[int, tuple[dict[str, dict[Words, Known]], frozenset[Words]]] = {}


def _parsed(key: int, table: Table) -> tuple[dict[str, dict[Words, Known]], frozenset[Words]]:
    found = _tables.get(key)
    if found is None:
        every = {table.entity: table.columns, **(table.also or {})}
        columns = {entity: _columns(lines) for entity, lines in every.items()}
        signs = frozenset(_words(one) for one in (table.signs or " | ".join(table.columns.values())).split(" | "))
        found = _tables[key] = columns, signs
    return found


def _columns(lines: object) -> dict[Words, Known]:
    assert isinstance(lines, dict)
    found: dict[Words, Known] = {}
    for key, headers in lines.items():
        known = _known(key)
        for header in headers.split(" | "):
            found.setdefault(_words(header), known)
    return found


def _known(key: str) -> Known:
    if key == NOT_NEEDED:
        return Known(nothing=True)
    target, _colon, label = key.partition(":")
    target, _plus, transform = target.partition("+")
    return Known(EXTERNAL_ID if target == EXTERNAL_ID else target, transform, label)
