"""What an import did: its numbers, and row by row what the outcome journal knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from crm_desktop.core.errors import FieldError
from crm_desktop.importing import outcomes
from crm_desktop.importing.outcomes import Ask, CellChange, Journal, Line, all_lines
from crm_desktop.importing.outcomes_select import select
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import Evidence

KEPT = 10_000
"""So many rejected rows, cell problems and duplicates are listed at once; the journal has the others."""
SAMPLES = 200
"""So many created and so many updated rows are a sample."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not imported: its number in the file, the column at fault ("" for the whole row), and why."""

    row: int
    column: str
    value: str
    reason: Evidence


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A cell that does not fit its field; the row was imported, and the text is kept in the record's remarks."""

    row: int
    column: str
    value: str
    reason: Evidence


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A row that was left out because its record is there already: the field that told, and the record or the row."""

    row: int
    field: str
    value: str
    record_id: int | None = None
    same_as_row: int | None = None
    why: Evidence | None = None
    """Why the row was left out, where neither is there: its record was deleted."""


@dataclass(frozen=True, slots=True)
class RowPreview:
    """What a row did: "create" or "update", the record's title, and its values before and after."""

    row: int
    action: str
    title: str
    record_id: int
    changes: tuple[CellChange, ...] = ()


@dataclass
class ImportResult:
    """The numbers of an import. ``created + updated + unchanged + duplicates + folded + rejected == rows_read``,
    always. ``folded`` counts rows of a part with repeats that speak of a record which an earlier row spoke of (300 rows name
    120 companies): what they add was filled in. ``passed_over`` counts rows that say nothing about its record type; they
    are not among ``rows_read``.

    ``created``, ``updated`` and ``restored`` are counted in the database's own history and compared with the journal.
    ``restored`` are those of the updated records that had been deleted and came back. ``parents`` counts the records
    that were made because rows link to them, by record type. ``change_set`` is what undo takes back; None after a
    rehearsal. ``journal`` tells what became of each row, of which ``place`` is the part.
    """

    path: str
    plan: ImportPlan
    rows_read: int = 0
    created: int = 0
    updated: int = 0
    restored: int = 0
    unchanged: int = 0
    duplicates: int = 0
    rejected_count: int = 0
    folded: int = 0
    passed_over: int = 0
    problem_count: int = 0
    parents: dict[str, int] = field(default_factory=dict)
    change_set: int | None = None
    batch_id: int | None = None
    seconds: float = 0.0
    rehearsal: bool = False
    digest: str = ""
    """What the file held; see ``run.digest_of``."""
    journal: Journal | None = None
    place: int = 0

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows_read / self.seconds if self.seconds > 0 else 0.0

    @property
    def balanced(self) -> bool:
        """Whether every row that was read is accounted for."""
        told = self.created + self.updated + self.unchanged + self.duplicates + self.folded + self.rejected_count
        return told == self.rows_read

    @property
    def written(self) -> int:
        """How many rows make or change a record."""
        return self.created + self.updated

    def lines(self, *outcomes: str, limit: int = KEPT) -> list[Line]:
        """The first lines of the journal with one of these outcomes, in the order of the file."""
        if self.journal is None:
            return []
        return self.journal.lines(select(self.journal, Ask(self.place, outcomes), limit=limit))

    @property
    def rejected(self) -> list[Reject]:
        """The first rows that were not imported, and why."""
        return list(islice(self.every_rejected(), KEPT))

    def every_rejected(self) -> Iterator[Reject]:
        """All rows that were not imported, and why, however many."""
        if self.journal is not None:
            for page in all_lines(self.journal, select(self.journal, Ask(self.place, (outcomes.REJECTED,)))):
                for one in page:
                    yield Reject(one.row, one.header, one.value, one.reason or Evidence(""))

    @property
    def duplicate_rows(self) -> list[Duplicate]:
        """The first rows that were left out, and what they are the same as."""
        return [
            Duplicate(one.row, one.rule, one.value, one.record_id, one.same_as, one.reason)
            for one in self.lines(outcomes.DUPLICATE)
        ]

    @property
    def cell_problems(self) -> list[CellProblem]:
        """The first cells that do not fit."""
        found = self.journal.problems(self.place, limit=KEPT) if self.journal is not None else []
        return [CellProblem(one.row, one.header, one.value, one.reason) for one in found]

    @property
    def samples(self) -> list[RowPreview]:
        """The first created and the first updated rows, with their values."""
        journal = self.journal
        if journal is None:
            return []
        made = self.lines(outcomes.CREATED, limit=SAMPLES)
        changed = self.lines(outcomes.UPDATED, outcomes.RESTORED, limit=SAMPLES)
        told = journal.changes([one.id for one in changed])
        for one in made:
            told[one.id] = tuple(CellChange(name, None, value) for name, value in journal.made_of(one.id).items())
        return [
            RowPreview(one.row, "create" if one.outcome == outcomes.CREATED else "update", one.title,
                       one.record_id or 0, told.get(one.id, ()))
            for one in sorted(made + changed, key=lambda one: one.id)
        ]  # fmt: skip


@dataclass
class ImportResults:
    """What an import of several parts did: the results of its parts in the order they were given."""

    parts: list[ImportResult]
    change_set: int | None = None
    seconds: float = 0.0
    journal: Journal | None = None
    contents: dict[str, str] = field(default_factory=dict)
    """The hash of the contents of each file, by its path."""

    def total(self, name: str) -> int:
        """The sum of a number over the parts: "created", "rows_read", "rejected_count" ..."""
        return sum(int(getattr(part, name)) for part in self.parts)

    @property
    def balanced(self) -> bool:
        """Whether every row that was read is accounted for, part by part."""
        return all(part.balanced for part in self.parts)

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.total("rows_read") / self.seconds if self.seconds > 0 else 0.0


def shown(value: Any) -> str:
    """A cell as text, cut where it is very long."""
    text = "" if value is None else str(value)
    if not text.isascii():  # half a character of a broken file can be neither shown nor kept
        text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= 500 else text[:499] + "…"


def because(error: FieldError) -> Evidence:
    """The sentence of a field's error, as evidence."""
    return Evidence(error.message, error.params)
