"""Every program that is known, and which one a table comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from crm_desktop.importing import lexicon
from crm_desktop.importing.known_headers import NOTHING, Known, known
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
from crm_desktop.importing.programs.shape import ID, NOT_NEEDED, Program
from crm_desktop.importing.targets import EXTERNAL_ID

PROGRAMS: tuple[Program, ...] = (
    *address_books.PROGRAMS, *hubspot.PROGRAMS, *salesforce.PROGRAMS, *pipedrive.PROGRAMS, *zoho.PROGRAMS,
    *open_source.PROGRAMS, *bitrix24.PROGRAMS, *desktop.PROGRAMS, *small_offices.PROGRAMS, *brazil.PROGRAMS,
)  # fmt: skip
_COVERED = 0.4
"""The share of a file's columns that must be known in the table of a program."""

Words = tuple[str, ...]
Sayings = tuple[tuple[Known, float], ...]
"""What a header may say, with how likely it is; two headers for one field are told apart by it."""
Columns = Mapping[str, Mapping[Words, Sayings]]
"""What headers say, by record type and folded words."""
_NEXT, _ELSE = 0.002, 0.03


@dataclass(frozen=True)
class Recognised:
    """Where a table comes from.

    Attributes:
        key: of the program, as kept beside the ids that it gave.
        name: of the program, as people know it.
        entity: the record type of the rows.
        columns: for each record type that the rows tell about, what the columns of the program are.
        found: how many columns of the table are among them.
    """

    key: str
    name: str
    entity: str
    columns: Columns
    found: int

    def known(self, entity: str, header: str) -> Sayings:
        """What a column of the program is for a record type, the likeliest first; () where it is no usual one."""
        return self.columns.get(entity, {}).get(_words(header), ())


@dataclass(frozen=True)
class _Parsed:
    program: Program
    entity: str
    least: int
    columns: Columns
    signs: frozenset[Words]


def recognise(headers: Sequence[str]) -> Recognised | None:
    """The program that a table with these headers comes from; None where too few of them are a program's own."""
    words = {_words(header) for header in headers if header.strip()}
    best, most = None, 0.0
    for table in _tables():
        signs = len(table.signs & words)
        if signs < table.least:
            continue
        found = len(table.columns[table.entity].keys() & words)
        score = found + 0.5 * signs
        usual = sum(1 for one in words if one in table.columns[table.entity] or known(one) is not None)
        if usual >= _COVERED * len(words) and score > most:
            most = score
            best = Recognised(table.program.key, table.program.name, table.entity, table.columns, found)
    return best


@lru_cache(maxsize=4096)
def _words(header: str) -> Words:
    return tuple(lexicon.header_words(header))


@cache
def _tables() -> tuple[_Parsed, ...]:
    found = []
    for program in PROGRAMS:
        for table in program.tables:
            every = {table.entity: table.columns, **(table.also or {})}
            columns = {entity: _columns(lines) for entity, lines in every.items()}
            signs = frozenset(_words(one) for one in table.signs.split(" | "))
            found.append(_Parsed(program, table.entity, table.least, columns, signs))
    return tuple(found)


def _columns(lines: Mapping[str, str]) -> dict[Words, Sayings]:
    found: dict[Words, Sayings] = {}
    for key, headers in lines.items():
        for rank, header in enumerate(headers.split(" | ")):
            words = _words(header)
            before = found.get(words, ())
            found[words] = (*before, (_known(key), 1.0 - _NEXT * min(rank, 9) - _ELSE * len(before)))
    return found


def _known(key: str) -> Known:
    if key == NOT_NEEDED:
        return NOTHING
    target, _colon, label = key.partition(":")
    target, _plus, transform = target.partition("+")
    return Known(EXTERNAL_ID if target == ID else target, transform, label)
