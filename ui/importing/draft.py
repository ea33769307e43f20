"""The import that is being prepared: what was guessed, what a person decided, and what is still missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_desktop.core.fields import Field, Kind
from crm_desktop.importing.guess import PlanGuess
from crm_desktop.importing.known_headers import EXTRA, JOIN, LABELLED
from crm_desktop.importing.mapping import ColumnMapping
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.recipes import Recipe
from crm_desktop.importing.result import ImportResult
from crm_desktop.importing.table import ColumnGuess, ReadOptions, Row
from ui.importing.checks import ColumnCheck

SURE = 0.7
"""A guess below this asks for a look."""
MAYBE = 0.4
"""A column without a field whose best candidate scores this much asks for a decision."""

RECOGNISED, CHECK, UNDECIDED, OUT = "recognised", "check", "undecided", "out"


@dataclass(frozen=True)
class Decision:
    """What a person decided about a column; kept by its name while the file is read in other ways."""

    target: str | None
    transform: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    from_recipe: bool = False


@dataclass(eq=False)
class Draft:
    """Everything about one part of the import: one table of the file and one record type of its rows.

    ``table`` is the position of the table among those of the session; ``further`` says that its rows are above all
    something else, and ``elsewhere`` which columns belong to another part, by their places, with what its records are
    called (to be translated).
    ``decided`` and ``settings`` are what the person changed, by record type, so that going back, another encoding or
    another record type loses nothing. ``checks`` tell about the plan ``checked``; ``counts`` are the values of columns,
    counted when first asked for. ``touched`` says that the person decided something here, ``asked`` which columns a recipe does not know.
    """

    path: Path
    table: int = 0
    further: bool = False
    elsewhere: dict[int, str] = field(default_factory=dict)
    given: ReadOptions = field(default_factory=ReadOptions)
    entity: str = ""
    guess: PlanGuess | None = None
    plan: ImportPlan | None = None
    rows: list[Row] = field(default_factory=list)
    checks: dict[int, ColumnCheck] = field(default_factory=dict)
    checked: ImportPlan | None = None
    counts: dict[int, Counter[str]] = field(default_factory=dict)
    decided: dict[str, dict[str, Decision]] = field(default_factory=dict)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    rehearsal: ImportResult | None = None
    rehearsed_at: datetime | None = None
    result: ImportResult | None = None
    recipe: Recipe | None = None
    touched: bool = False
    asked: set[str] = field(default_factory=set)

    @property
    def ready(self) -> bool:
        """Whether there is a plan to look at."""
        return self.guess is not None and self.plan is not None

    @property
    def record_type(self) -> str:
        """The record type of the part; "" while nothing was looked at."""
        if self.plan is not None:
            return self.plan.entity
        return self.guess.plan.entity if self.guess is not None else ""

    @property
    def rehearsed(self) -> bool:
        """Whether the rehearsal tells about the plan as it is now."""
        return self.rehearsal is not None and self.rehearsal.plan == self.plan

    def columns(self) -> Sequence[ColumnGuess]:
        """The columns of the table."""
        return self.guess.file.best.columns if self.guess else ()

    def mapped(self, column: int) -> ColumnMapping:
        """What was guessed about a column, by its place."""
        assert self.guess is not None
        return self.guess.mapping[column]

    def planned(self, column: int) -> ColumnPlan:
        """What is planned for a column, by its place."""
        assert self.plan is not None
        return self.plan.columns[column]

    def target(self, column: int) -> Field | None:
        """The field that a column goes to."""
        name = self.planned(column).target
        return self.field_named(name) if name else None

    def field_named(self, name: str) -> Field | None:
        """A field that columns may go to."""
        assert self.guess is not None
        return next((one for one in self.guess.targets if one.name == name), None)

    def decision(self, column: int) -> Decision | None:
        """What a person decided about a column."""
        assert self.plan is not None
        return self.decided.get(self.plan.entity, {}).get(self.planned(column).header)

    def state(self, column: int) -> str:
        """RECOGNISED, CHECK (a look would be good), UNDECIDED (choose a field or leave it out) or OUT."""
        planned, mapped, guess = self.planned(column), self.mapped(column), self.columns()[column]
        decided = self.decision(column) is not None
        if not decided and planned.header in self.asked:
            return CHECK if planned.target else UNDECIDED
        if planned.target is None:
            best = mapped.alternatives[0][1] if mapped.alternatives else 0.0
            empty = guess.kind in ("empty", "constant", "image") or not guess.filled
            if decided or empty or best < MAYBE or planned.transform:
                return OUT
            return UNDECIDED
        check = self.checks.get(column)
        troubled = check is not None and check.bad > 0.2 * max(1, check.filled)
        if troubled or (not decided and mapped.confidence < SURE):
            return CHECK
        return RECOGNISED

    def undecided(self) -> list[int]:
        """The columns that ask for a decision."""
        return [i for i in range(len(self.columns())) if self.state(i) == UNDECIDED] if self.ready else []

    def remember(self, column: int, decision: Decision) -> None:
        """Keep what was decided about a column."""
        assert self.plan is not None
        self.touched = True
        self.decided.setdefault(self.plan.entity, {})[self.planned(column).header] = decision

    def forget_decisions(self) -> None:
        """Guess anew: nothing is decided, no recipe is followed, no column is added."""
        self.decided, self.settings, self.entity, self.touched, self.recipe = {}, {}, "", False, None
        self.asked, self.given = set(), self.given.with_(added=())

    def remember_setting(self, **changes: Any) -> None:
        """Keep what was decided about the plan as a whole."""
        assert self.plan is not None
        self.touched = True
        self.settings.setdefault(self.plan.entity, {}).update(changes)


_FOLLOWED = (
    "mode", "keys", "apart", "whole", "country", "defaults", "overwrite_blanks", "create_parents", "similar",
    "keep_bad_cells", "deleted", "program",
)  # fmt: skip


def follow(draft: Draft, plan: ImportPlan, ask: Sequence[str] = ()) -> None:
    """Decide everything as in the plan of another import, by the names of the columns.

    Args:
        ask: headers of columns that it does not know; a person is asked about them.
    """
    draft.entity = plan.entity
    draft.decided[plan.entity] = {
        one.header: Decision(one.target, one.transform, dict(one.values), _reading_of(one), from_recipe=True)
        for one in plan.columns
        if one.header and one.header not in ask
    }
    draft.asked = set(ask)
    draft.settings[plan.entity] = {name: getattr(plan, name) for name in _FOLLOWED}


def _reading_of(planned: ColumnPlan) -> dict[str, Any]:
    """How the cells of a column are read, as far as it was decided."""
    said = {"date_order": planned.date_order, "decimal": planned.decimal, "label": planned.label or None,
            "pair": planned.pair if planned.pair >= 0 else None, "blanks": planned.blanks}  # fmt: skip
    return {name: value for name, value in said.items() if value is not None}


def with_target(plan: ImportPlan, column: int, target: Field | None) -> ImportPlan:
    """The plan with a column sent to another field.

    Where another column goes there already, both stay if the field can take both: further phones and e-mails, joined
    texts, lines of remarks. Else the field goes to the column chosen last.
    """
    position = plan.columns[column].column
    if target is None:
        return plan.with_column(position, target=None, transform="", values={})
    others = [one for one in plan.columns if one.target == target.name and one.column != position]
    transform = ""
    if others:
        transform = _beside(target)
        if not transform:
            for one in others:
                plan = plan.with_column(one.column, target=None, transform="", values={})
    return plan.with_column(position, target=target.name, transform=transform, values={})


def _beside(target: Field) -> str:
    """How a field takes one more column; "" where it cannot."""
    if target.child.startswith("points."):
        return EXTRA
    if target.kind is Kind.LONG_TEXT:
        return LABELLED
    if target.kind is Kind.TEXT or target.name == "tags":
        return JOIN
    return ""


def apply_decisions(draft: Draft, plan: ImportPlan, targets: Sequence[Field]) -> ImportPlan:
    """A fresh plan with what the person decided before, as far as it still fits."""
    known = {one.name for one in targets}
    decided = draft.decided.get(plan.entity, {})
    columns = []
    for one in plan.columns:
        choice = decided.get(one.header)
        if choice is not None and (choice.target is None or choice.target in known):
            one = replace(
                one, target=choice.target, transform=choice.transform, values=dict(choice.values) or one.values
            )
        columns.append(one)
    return replace(plan, columns=tuple(columns))


def with_options(draft: Draft, plan: ImportPlan) -> ImportPlan:
    """The plan with what the person said about the reading of columns."""
    decided = draft.decided.get(plan.entity, {})
    for one in plan.columns:
        choice = decided.get(one.header)
        if choice is not None and choice.target == one.target:
            changes = {**choice.options, **({"values": dict(choice.values)} if choice.values else {})}
            if changes:
                plan = plan.with_column(one.column, **changes)
    return plan
