"""Ids that other programs gave to records: a later export of the same program finds them by these, and links resolve by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crm_desktop.core.ids import generator
from crm_desktop.core.values import cell_text
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.lexicon import header_words
from crm_desktop.importing.lookup import select_in
from crm_desktop.importing.outcomes import CellChange
from crm_desktop.importing.table import ErrorCell
from crm_desktop.importing.targets import EXTERNAL_ID
from crm_desktop.records.record_ids import PROGRAM, read_record_id

_NO_IDS = frozenset({"", "0", "-", "n/a", "null", "none", "nan"})
_ID_WORDS = frozenset({"id", "ids", "guid", "uuid"})
_LONGEST = 500


def clean_id(cell: Any) -> str | None:
    """A cell as an id: the text as it is, whole numbers without ".0"; None where it is none."""
    if cell is None or isinstance(cell, bytes | bool | ErrorCell):
        return None
    text = " ".join(cell_text(cell).split())
    return None if text.lower() in _NO_IDS else text[:_LONGEST]


def names_id(header: str) -> bool:
    """Whether a header speaks of ids ("AccountId", "ID da empresa"), and not of numbers or codes that people know."""
    words = header_words(header)
    joined = words[-1] if words else ""
    return bool(_ID_WORDS & set(words)) or len(joined) > 4 and joined.endswith("id")


class ExternalIds:
    """Reads and writes the ids of one program during one import.

    Args:
        program: the other program; "" where it is not known, which looks among the ids of all of them.
    """

    def __init__(self, uow: UnitOfWork, program: str) -> None:
        self._uow = uow
        self.program = program

    def find(self, entity: str, values: Collection[str]) -> tuple[dict[str, list[int]], set[int]]:
        """Which records have one of these ids: our own as we write them into files, or those of the other program.

        Returns:
            Record ids by value, the surest first; and those found by the id of a program that may be another one.
        """
        exact = self.own(entity, values)
        other: dict[str, list[int]] = {}
        if not values:
            return exact, set()
        columns = ("t.record_id", "t.value", "t.source")
        where = f"t.entity = '{entity}'"
        for identity, value, source in select_in(self._uow.connection, "external_id", columns, "value", values, where):
            if source and source == self.program_of(value):
                exact.setdefault(value, []).append(identity)
            elif not source or not self.program:
                other.setdefault(value, []).append(identity)
        loose: set[int] = set()
        for value, ids in other.items():
            ids.sort()
            known = exact.setdefault(value, [])
            more = [identity for identity in dict.fromkeys(ids) if identity not in known]
            loose.update(more)
            known.extend(more)
        return exact, loose

    def own(self, entity: str, values: Collection[str]) -> dict[str, list[int]]:
        """The values that are ids of our own records of a type."""
        asked = {value: identity for value in values if (identity := read_record_id(value)) is not None}
        if not asked:
            return {}
        table = self._uow.schema.entity(entity).table
        there = {i for (i,) in select_in(self._uow.connection, table, ("t.id",), "id", set(asked.values()))}
        return {value: [identity] for value, identity in asked.items() if identity in there}

    def program_of(self, value: str) -> str:
        """The program that gave an id: ours where it is written as we write them."""
        return PROGRAM if read_record_id(value) is not None else self.program

    def same_program(self, value: str, source: str) -> bool:
        """Whether an id with this source may be one that the import speaks of."""
        wanted = self.program_of(value)
        return source == wanted or not source or not wanted

    def of(self, ids: Collection[int]) -> dict[int, set[str]]:
        """The ids that records have in this program, and our own as we write them."""
        found: dict[int, set[str]] = {}
        rows = select_in(
            self._uow.connection, "external_id", ("t.record_id", "t.value", "t.source"), "record_id", list(ids)
        )
        for identity, value, source in rows:
            if source in (self.program, PROGRAM):
                found.setdefault(identity, set()).add(value)
        return found

    def store(
        self, entity: str, batch: Batch, records: Mapping[int, int], *, fresh: bool
    ) -> dict[int, list[CellChange]]:  # fmt: skip
        """Write down the ids of rows that they do not have yet; position to what was added.

        Args:
            records: position in the batch to record id.
            fresh: whether the records are new, so that they have none.
        """
        told: dict[int, list[CellChange]] = {}
        given = batch.external
        if given is None:
            return told
        wanted = {at: identity for at, identity in records.items() if given[at]}
        wanted = {at: i for at, i in wanted.items() if read_record_id(given[at]) != i}  # our own needs no second place
        has = {} if fresh else self.of(list(wanted.values()))
        added = []
        for position, identity in wanted.items():
            value = given[position]
            if value not in has.get(identity, ()):
                added.append((entity, identity, self.program_of(str(value)), value))
                told[position] = [CellChange(EXTERNAL_ID, None, value)]
        self.add(added)
        return told

    def add(self, rows: Sequence[tuple[str, int, str, str | None]]) -> None:
        """Insert (record type, record id, program, id)."""
        if rows:
            ids = generator.take(len(rows))
            values = ([i, *row] for i, row in zip(ids, rows, strict=True))
            self._uow.insert_many("external_id", ["id", "entity", "record_id", "source", "value"], values)
