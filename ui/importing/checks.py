"""How the values of a column fit a field, tried out on the first rows while the mapping is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formats import format_value
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import Parser
from crm_desktop.importing import outcomes_shown
from crm_desktop.importing.cell_parts import SPLIT, told_apart
from crm_desktop.importing.known_headers import DATE_PARTS, JOIN, LABELLED, LAST_FIRST, TIME, TYPE
from crm_desktop.importing.parse_cells import (
    Errors,
    column_parser,
    parse_column,
    parse_emails,
    parse_phones,
    without_error_cells,
)  # fmt: skip
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.table import ErrorCell, Row

GOOD, ADJUSTED, BAD = "good", "adjusted", "bad"
CHECKED_ROWS = 5000
SAMPLES = 5
_NOT_ALONE = frozenset({*DATE_PARTS, JOIN, LABELLED, LAST_FIRST, TIME, TYPE})
"""Transforms whose cells say something only together with others."""
_LOOKED_UP = N_("found by name")


@dataclass(frozen=True)
class SampleCell:
    """A cell before and after: what it becomes, a note, and GOOD, ADJUSTED or BAD."""

    row: int
    before: str
    after: str
    note: str = ""
    state: str = GOOD


@dataclass(frozen=True)
class ColumnCheck:
    """How a column fits its field over the rows that were looked at."""

    filled: int = 0
    good: int = 0
    adjusted: int = 0
    bad: int = 0
    distinct: int = 0
    samples: tuple[SampleCell, ...] = ()
    bad_cells: tuple[SampleCell, ...] = ()


def check_columns(
    plan: ImportPlan, targets: Sequence[Field | None], rows: Sequence[Row], before: ImportPlan | None,
    kept: Mapping[int, ColumnCheck],
) -> dict[int, ColumnCheck]:  # fmt: skip
    """Try all columns of a plan out; ``kept`` is what was found out about the plan ``before``, where it still holds."""
    found = {}
    for position, (planned, target) in enumerate(zip(plan.columns, targets, strict=True)):
        same = before is not None and before.country == plan.country and before.columns[position] == planned
        if same and position in kept:
            found[position] = kept[position]
            continue
        cells = ((number, cells[position] if position < len(cells) else None) for number, cells in rows)
        found[position] = check_column(planned, target, cells, plan.country)
    return found


def check_column(
    plan: ColumnPlan, target: Field | None, cells: Iterable[tuple[int, Any]], country: str = ""
) -> ColumnCheck:
    """Try the cells of a column, given with their row numbers."""
    judge = _judge(plan, target, country)
    counts = {GOOD: 0, ADJUSTED: 0, BAD: 0}
    seen: dict[str, SampleCell] = {}
    bad: list[SampleCell] = []
    known: dict[Any, SampleCell] = {}
    for row, cell in cells:
        if cell is None or cell == "":
            continue
        key = (type(cell), str(cell) if isinstance(cell, ErrorCell) else cell)
        sample = known.get(key)
        if sample is None:
            sample = judge(row, cell)
            if len(known) < 20_000:
                known[key] = sample
        counts[sample.state] += 1
        if sample.state == BAD and len(bad) < 200:
            bad.append(SampleCell(row, sample.before, sample.after, sample.note, BAD))
        if len(seen) < 400 and sample.before not in seen:
            seen[sample.before] = sample
    filled = sum(counts.values())
    return ColumnCheck(
        filled,
        counts[GOOD],
        counts[ADJUSTED],
        counts[BAD],
        len(known),
        tuple(_telling(list(seen.values()))),
        tuple(bad),
    )


def _telling(samples: Sequence[SampleCell]) -> list[SampleCell]:
    """Five samples, the odd ones among them."""
    good = [one for one in samples if one.state == GOOD]
    adjusted = [one for one in samples if one.state == ADJUSTED]
    bad = [one for one in samples if one.state == BAD]
    odd = [*adjusted[: 3 - min(1, len(bad))], *bad[:2]][:3]
    if len(good) < SAMPLES - len(odd):
        odd = [*adjusted, *bad][: SAMPLES - len(good)]
    return [*good[: SAMPLES - len(odd)], *odd]


def _judge(plan: ColumnPlan, target: Field | None, country: str) -> Callable[[int, Any], SampleCell]:
    if target is None:
        return lambda row, cell: SampleCell(row, shown_cell(cell), "")
    if target.kind in LINK_KINDS or target.name == "tags" or plan.transform in _NOT_ALONE:
        return lambda row, cell: _named(row, cell, plan, target)
    if plan.transform == SPLIT:
        return lambda row, cell: _taken_apart(row, cell, target, country)
    parse = column_parser(target, plan, country)

    def judge(row: int, cell: Any) -> SampleCell:
        before = shown_cell(cell)
        beside: dict[int, str] = {}
        values, more, errors = _parsed(cell, target, parse, country, beside)
        if errors:
            return SampleCell(row, before, "", str(errors[0][2]), BAD)
        value = values[0]
        if value is None:
            return SampleCell(row, before, "", _("left out") if plan.values else _("counts as empty"), ADJUSTED)
        after = format_value(target, value)
        note = ""
        odd = target.kind is Kind.PHONE and not str(value).startswith("+")
        if odd:
            note = _("no number of this country; kept as written")
        if more:
            others = more[0]
            note = ngettext("and {n} more: {values}", "and {n} more: {values}", len(others)).format(
                n=len(others), values=", ".join(others)
            )
        if beside:
            kept = _("in the remarks: {words}").format(words=beside[0])
            note = f"{note}; {kept}" if note else kept
        fits = not more and not odd and not beside
        return SampleCell(row, before, after, note, GOOD if fits and _same(before, after, target.kind) else ADJUSTED)

    return judge


def _taken_apart(row: int, cell: Any, target: Field, country: str) -> SampleCell:
    before = shown_cell(cell)
    parts = told_apart(target.name, " ".join(before.split()), country)
    if not parts:
        return SampleCell(row, before, before, _("stays whole"))
    return SampleCell(row, before, " · ".join(parts), _("taken apart"), ADJUSTED)


def _parsed(
    cell: Any, target: Field, parse: Parser, country: str, beside: dict[int, str]
) -> tuple[list[Any], dict[int, list[str]], Errors]:
    """The value of one cell as the import will read it, with further phones or e-mails of the same cell."""
    cells, errors = without_error_cells([cell])
    if errors:
        return [None], {}, errors
    if target.kind is Kind.PHONE:
        return parse_phones(cells, None, lambda _country: parse, country, beside)
    if target.kind is Kind.EMAIL:
        return parse_emails(cells, parse, beside)
    values, errors = parse_column(cells, parse)
    return values, {}, errors


def shown_cell(cell: Any) -> str:
    """A raw cell as text, on one line."""
    return outcomes_shown.shown_cell(cell)


def _named(row: int, cell: Any, plan: ColumnPlan, target: Field) -> SampleCell:
    before = shown_cell(cell)
    note = translate(_LOOKED_UP) if target.kind in LINK_KINDS and not plan.transform else ""
    return SampleCell(row, before, before, note)


def _same(before: str, after: str, kind: Kind) -> bool:
    """Whether nothing but the spelling changed."""
    if kind is Kind.PHONE:
        digits, new = _digits(before), _digits(after)
        return bool(digits) and new.endswith(digits.lstrip("0")) and not any(c.isalpha() for c in before)
    if kind in (Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.URL):
        return fold(before).strip() in fold(after) or fold(after) in fold(before)
    if kind is Kind.TAX_ID:
        return _digits(before) == _digits(after)
    return True


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
