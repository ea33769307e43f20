"""How the values of a column fit a field: tried out on the first rows at once, then on the whole file."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formats import format_value
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.core.text import fold
from crm_desktop.core.values import Parser, cell_text
from crm_desktop.importing import outcomes_shown, readers
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
_BATCH = 1000
_SHOWN_BAD = 200
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
    """How a column fits its field over the rows that were looked at; ``whole`` where these are all of the file."""

    filled: int = 0
    good: int = 0
    adjusted: int = 0
    bad: int = 0
    distinct: int = 0
    samples: tuple[SampleCell, ...] = ()
    bad_cells: tuple[SampleCell, ...] = ()
    whole: bool = False


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
    tally = _Tally(plan, target, country)
    for row, cell in cells:
        tally.take(row, cell)
    return tally.check()


def check_whole_file(
    path: Path, plan: ImportPlan, targets: Sequence[Field | None], first: Mapping[int, ColumnCheck],
    stopped: Callable[[], bool],
) -> dict[int, ColumnCheck]:  # fmt: skip
    """Count over every row of the file; the samples are those of the ``first`` rows.

    Args:
        stopped: asked now and then; the answer yes ends the work with nothing.
    """
    columns = [
        _Column(position, planned, target, plan.country)
        for position, (planned, target) in enumerate(zip(plan.columns, targets, strict=True)) if target is not None
    ]  # fmt: skip
    rows = iter(readers.read(path, plan.source))
    while batch := list(islice(rows, _BATCH)):
        if stopped():
            return {}
        for column in columns:
            place = column.position
            cells = [cells[place] if place < len(cells) else None for _number, cells in batch]
            column.take([number for number, _cells in batch], cells)
        time.sleep(0.001)  # the window comes first
    return {**first, **{one.position: one.check(first.get(one.position, ColumnCheck())) for one in columns}}


class _Column:
    """Counts how the cells of one column fit, many at a time."""

    def __init__(self, position: int, plan: ColumnPlan, target: Field, country: str) -> None:
        self.position = position
        self._target, self._country = target, country
        self._judge = _judge(plan, target, country)
        alone = target.kind not in LINK_KINDS and target.name != "tags" and plan.transform not in _NOT_ALONE
        plain = target.kind in (Kind.TEXT, Kind.LONG_TEXT) and not target.max_length and not plan.values
        self._one_by_one = plan.transform == SPLIT
        self._parse = column_parser(target, plan, country) if alone and not plain and not self._one_by_one else None
        self._filled = self._adjusted = self._wrong = 0
        self._bad: list[SampleCell] = []

    def take(self, numbers: Sequence[int], cells: list[Any]) -> None:
        """Count the cells of some rows."""
        filled = len(cells) - cells.count(None) - cells.count("")
        self._filled += filled
        if not filled or self._parse is None and not self._one_by_one:
            return
        if self._parse is None:
            states = [self._judge(0, cell).state for cell in cells if cell not in (None, "")]
            self._adjusted += states.count(ADJUSTED)
            return
        beside: dict[int, str] = {}
        cells, noted = without_error_cells(cells)
        values, more, errors = _parsed(cells, self._target, self._parse, self._country, beside)
        errors = [*noted, *errors]
        self._wrong += len(errors)
        for position, cell, why in errors[: max(0, _SHOWN_BAD - len(self._bad))]:
            self._bad.append(SampleCell(numbers[position], shown_cell(cell), "", str(why), BAD))
        wrong = {position for position, _cell, _why in errors}
        changed = _CHANGED.get(self._target.kind)
        for position, (cell, value) in enumerate(zip(cells, values, strict=True)):
            if cell is None or cell == "" or position in wrong:
                continue
            if value is None or changed and (position in more or position in beside or changed(cell, value)):
                self._adjusted += 1

    def check(self, first: ColumnCheck) -> ColumnCheck:
        """What was counted, with the samples of the first rows."""
        good = self._filled - self._adjusted - self._wrong
        return replace(
            first, filled=self._filled, good=good, adjusted=self._adjusted, bad=self._wrong,
            bad_cells=tuple(self._bad), whole=True,
        )  # fmt: skip


def _phone_changed(cell: Any, value: str) -> bool:
    text = cell if isinstance(cell, str) else cell_text(cell)
    if value[0] != "+":
        return True
    digits = _digits(text)
    return not (digits and _digits(value).endswith(digits.lstrip("0"))) or any(c.isalpha() for c in text)


def _text_changed(cell: Any, value: str) -> bool:
    return cell != value and not _same(shown_cell(cell), value, Kind.TEXT)


def _number_changed(cell: Any, value: str) -> bool:
    return cell != value and _digits(shown_cell(cell)) != _digits(value)


_CHANGED: dict[Kind, Callable[[Any, Any], bool]] = {
    Kind.PHONE: _phone_changed, Kind.EMAIL: _text_changed, Kind.URL: _text_changed, Kind.TAX_ID: _number_changed,
}  # fmt: skip
"""Whether a value says more or less than its cell, for the kinds where it may."""


class _Tally:
    """Counts how the cells of one column fit."""

    def __init__(self, plan: ColumnPlan, target: Field | None, country: str) -> None:
        self._judge = _judge(plan, target, country)
        self._counts = {GOOD: 0, ADJUSTED: 0, BAD: 0}
        self._seen: dict[str, SampleCell] = {}
        self._bad: list[SampleCell] = []
        self._known: dict[Any, SampleCell] = {}

    def take(self, row: int, cell: Any) -> None:
        """Count a cell."""
        if cell is None or cell == "":
            return
        key = (type(cell), str(cell) if isinstance(cell, ErrorCell) else cell)
        sample = self._known.get(key)
        if sample is None:
            sample = self._judge(row, cell)
            if len(self._known) < 20_000:
                self._known[key] = sample
        self._counts[sample.state] += 1
        if sample.state == BAD and len(self._bad) < _SHOWN_BAD:
            self._bad.append(SampleCell(row, sample.before, sample.after, sample.note, BAD))
        if len(self._seen) < 400 and sample.before not in self._seen:
            self._seen[sample.before] = sample

    def check(self) -> ColumnCheck:
        """What was counted."""
        counts = self._counts
        return ColumnCheck(
            sum(counts.values()), counts[GOOD], counts[ADJUSTED], counts[BAD], len(self._known),
            tuple(_telling(list(self._seen.values()))), tuple(self._bad),
        )  # fmt: skip


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
        cells, errors = without_error_cells([cell])
        if not errors:
            values, more, errors = _parsed(cells, target, parse, country, beside)
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
    cells: list[Any], target: Field, parse: Parser, country: str, beside: dict[int, str]
) -> tuple[list[Any], dict[int, list[str]], Errors]:
    """The values of cells as the import will read them, with further phones or e-mails of the same cells."""
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
