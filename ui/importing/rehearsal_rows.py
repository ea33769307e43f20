"""The kinds of rows that a rehearsal shows, and how they are read from its journal page by page."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import ngettext
from crm_desktop.importing import outcomes
from crm_desktop.importing.known_headers import TYPE
from crm_desktop.importing.outcomes import Ask, Journal
from crm_desktop.importing.outcomes_select import select, select_problems
from crm_desktop.importing.outcomes_shown import Diff, RowTeller, ShownRow, problem_row
from crm_desktop.importing.plan import ImportPlan
from ui.importing.draft import Draft

CREATED, UPDATED, UNCHANGED, DUPLICATES, REJECTED, PROBLEMS = (
    "created", "updated", "unchanged", "duplicates", "rejected", "problems",
)  # fmt: skip
OUTCOMES: dict[str, tuple[str, ...]] = {
    CREATED: (outcomes.CREATED,),
    UPDATED: (outcomes.UPDATED, outcomes.RESTORED),
    UNCHANGED: (outcomes.UNCHANGED,),
    DUPLICATES: (outcomes.DUPLICATE,),
    REJECTED: (outcomes.REJECTED,),
}
PAGE = 200
_MOST_COLUMNS = 12

__all__ = ["Diff", "ShownRow"]


@dataclass(frozen=True)
class Wanted:
    """Which rows a person wants to see."""

    part: int
    kind: str
    text: str = ""
    field: str = ""
    clears: bool = False
    restored: bool = False
    sort: str = ""
    descending: bool = False

    @property
    def narrowed(self) -> bool:
        """Whether some rows of the kind are left out."""
        return bool(self.text or self.field or self.clears or self.restored)


@dataclass
class Found:
    """The rows that fit: their places in the journal, the first page of them, and how to read another page."""

    wanted: Wanted
    ids: array[int]
    first: list[ShownRow]
    load: Callable[[Any, int, int], list[ShownRow]]
    fields: list[tuple[str, str, int]]
    sums: tuple[int, int]


def find_rows(database: Any, connection: Any, journal: Journal, plan: ImportPlan, wanted: Wanted) -> Found:
    """Look the rows up that fit, in the background."""
    teller = RowTeller(database, connection, plan)
    if wanted.kind == PROBLEMS:
        ids = select_problems(journal, wanted.part, wanted.text)

        def load(connection: Any, start: int, stop: int) -> list[ShownRow]:
            return [problem_row(one) for one in journal.problems_at(ids[start:stop])]
    else:
        kinds = (outcomes.RESTORED,) if wanted.restored else OUTCOMES[wanted.kind]
        updated = wanted.kind == UPDATED
        ask = Ask(
            wanted.part, kinds, wanted.text, wanted.field if updated else "", wanted.clears and updated, wanted.sort,
            wanted.descending,
        )  # fmt: skip
        ids = select(journal, ask)

        def load(connection: Any, start: int, stop: int) -> list[ShownRow]:
            return teller.tell(connection, journal, journal.lines(ids[start:stop]))

    fields = [(name, teller.label(name), number) for name, number in journal.fields(wanted.part)]
    return Found(wanted, ids, load(connection, 0, PAGE), load, fields, journal.sums(wanted.part))


def shown_fields(
    draft: Draft, list_columns: Sequence[str], title: str, changing: Sequence[str] = (), *, only: bool = False
) -> list[Field]:
    """The fields that the table has columns for: those of the record type's list first, its title left out.

    Args:
        changing: fields that change somewhere: they have a column in any case.
        only: whether the others have none.
    """
    assert draft.plan is not None
    used = {one.target for one in draft.plan.columns if one.target and one.transform != TYPE}
    ordered = [name for name in list_columns if name in used or name in changing]
    ordered += [one.target for one in draft.plan.columns if one.target and one.target not in ordered]
    ordered += [name for name in changing if name not in ordered]
    parts = ("prefix", "first_name", "last_name", "suffix")
    names = [name for name in dict.fromkeys(ordered) if name != title and (name not in parts or name in changing)]
    if only:
        names = [name for name in names if name in changing]
    if len(names) > _MOST_COLUMNS:
        first = [name for name in names if name in changing][:_MOST_COLUMNS]
        names = [name for name in names if name in first or len(first) < _MOST_COLUMNS][:_MOST_COLUMNS]
    found = [draft.field_named(name) for name in names]
    return [one for one in found if one is not None]


def fields_text(count: int) -> str:
    """ "3 fields"."""
    return ngettext("{n} field", "{n} fields", count).format(n=count)
