"""What a rehearsal found, as rows to show: cells before and after, kept by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formats import format_value
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.known_headers import TYPE
from crm_desktop.importing.result import ImportResult, RowPreview
from ui.importing.checks import check_column, shown_cell
from ui.importing.draft import Draft
from ui.importing.words import field_label

CREATED, UPDATED, UNCHANGED, DUPLICATES, REJECTED, PROBLEMS = (
    "created", "updated", "unchanged", "duplicates", "rejected", "problems",
)  # fmt: skip
_MOST_COLUMNS = 12


@dataclass(frozen=True)
class Diff:
    """A value of a record before and after; equal where it stays. ``given`` is what the file says."""

    field: str
    label: str
    old: str
    new: str
    given: str = ""

    @property
    def changed(self) -> bool:
        """Whether it becomes another."""
        return self.old != self.new


@dataclass(frozen=True)
class ShownRow:
    """A row of the table: its number in the file, its title and its values by field; or a reason."""

    row: int
    title: str
    record_id: int | None = None
    diffs: Mapping[str, Diff] = field(default_factory=dict)
    column: str = ""
    value: str = ""
    reason: str = ""

    @property
    def changes(self) -> int:
        """How many values change."""
        return sum(1 for one in self.diffs.values() if one.changed)

    @property
    def clears(self) -> bool:
        """Whether a value is emptied."""
        return any(one.changed and not one.new for one in self.diffs.values())


def shown_fields(draft: Draft, list_columns: Sequence[str], title: str) -> list[Field]:
    """The fields that the table has columns for: those of the record type's list first, its title left out."""
    assert draft.plan is not None
    used = {one.target for one in draft.plan.columns if one.target and one.transform != TYPE}
    ordered = [name for name in list_columns if name in used]
    ordered += [one.target for one in draft.plan.columns if one.target and one.target not in ordered]
    parts = ("prefix", "first_name", "last_name", "suffix")
    found = [draft.field_named(name) for name in dict.fromkeys(ordered) if name != title and name not in parts]
    return [one for one in found if one is not None][:_MOST_COLUMNS]


def preview_rows(
    draft: Draft, action: str, cells: Mapping[int, Sequence[Any]], titles: Mapping[int, str]
) -> list[ShownRow]:
    """The samples of created or changed records.

    Args:
        cells: the raw cells by row number.
        titles: of linked records by id.
    """
    assert draft.rehearsal is not None
    wanted = "create" if action == CREATED else "update"
    samples = [one for one in draft.rehearsal.samples if one.action == wanted]
    return [_preview_row(draft, one, cells.get(one.row, ()), titles, fresh=wanted == "create") for one in samples]


def _preview_row(
    draft: Draft, sample: RowPreview, cells: Sequence[Any], titles: Mapping[int, str], *, fresh: bool
) -> ShownRow:
    given = _given(draft, sample.row, cells)
    diffs: dict[str, Diff] = {}
    told = {change.field for change in sample.changes}
    if fresh:
        for name, (label, raw, after) in given.items():
            one = draft.field_named(name)
            lost = one is not None and one.kind in LINK_KINDS and not one.child and name not in told
            if lost:
                diffs[name] = Diff(name, label, "", "", raw)
            elif after:
                diffs[name] = Diff(name, label, "", after, raw)
    for change in sample.changes:
        if fresh and (change.field in diffs or draft.field_named(change.field) is None):
            continue
        one = draft.field_named(change.field)
        raw = given[change.field][1] if change.field in given else ""
        old, new = _value(one, change.old, titles, ""), _value(one, change.new, titles, raw)
        if old != new:
            diffs[change.field] = Diff(change.field, field_label(one) if one else change.field, old, new, raw)
    for name, (label, raw, after) in given.items():
        if name not in diffs and not fresh:
            diffs[name] = Diff(name, label, after, after, raw)
    return ShownRow(sample.row, sample.title or _stand_in(diffs), sample.record_id, diffs)


def _stand_in(diffs: Mapping[str, Diff]) -> str:
    names = [diffs[name].new for name in ("first_name", "last_name") if name in diffs]
    return " ".join(names) or next((one.new for one in diffs.values() if one.new), "")


def _given(draft: Draft, row: int, cells: Sequence[Any]) -> dict[str, tuple[str, str, str]]:
    """By field: its label, what the file says, and what that becomes."""
    assert draft.plan is not None
    found: dict[str, tuple[str, str, str]] = {}
    for position, planned in enumerate(draft.plan.columns):
        target = draft.field_named(planned.target) if planned.target else None
        if target is None or position >= len(cells) or cells[position] in (None, ""):
            continue
        check = check_column(planned, target, [(row, cells[position])], draft.plan.country)
        raw = shown_cell(cells[position])
        after = check.samples[0].after if check.samples else ""
        if target.name in found:
            label, before, joined = found[target.name]
            found[target.name] = (label, f"{before} {raw}".strip(), f"{joined} {after}".strip())
        else:
            found[target.name] = (field_label(target), raw, after)
    return found


def _value(one: Field | None, value: Any, titles: Mapping[int, str], raw: str) -> str:
    if value is None or value == "":
        return ""
    if one is None:
        return str(value)
    if one.kind in LINK_KINDS:
        return titles.get(value, raw) if isinstance(value, int) else str(value)
    if one.kind is Kind.CHOICES and isinstance(value, str):
        return value
    return format_value(one, value)


def linked_ids(draft: Draft, result: ImportResult) -> dict[str, set[int]]:
    """The ids of linked records that the samples speak of, by record type."""
    found: dict[str, set[int]] = {}
    for sample in result.samples:
        for change in sample.changes:
            one = draft.field_named(change.field)
            if one is not None and one.kind in LINK_KINDS:
                ids = {value for value in (change.old, change.new) if isinstance(value, int)}
                found.setdefault(one.target, set()).update(ids)
    return found


def reject_rows(result: ImportResult) -> list[ShownRow]:
    """The rows that are not imported, with why."""
    return [
        ShownRow(one.row, "", column=one.column, value=one.value, reason=str(one.reason)) for one in result.rejected
    ]


def problem_rows(result: ImportResult) -> list[ShownRow]:
    """The cells that do not fit, with why."""
    return [
        ShownRow(one.row, "", column=one.column, value=one.value, reason=str(one.reason))
        for one in result.cell_problems
    ]


def duplicate_rows(draft: Draft, titles: Mapping[int, str]) -> list[ShownRow]:
    """The rows whose record is there already."""
    assert draft.rehearsal is not None
    found = []
    for one in draft.rehearsal.duplicate_rows:
        target = draft.field_named(one.field)
        if one.same_as_row is not None:
            reason = _("The same as row {n} of the file").format(n=one.same_as_row)
        else:
            title = titles.get(one.record_id or 0, "")
            reason = _("In the database as {title}").format(title=title) if title else _("In the database already")
        label = field_label(target) if target else translate(one.field)
        found.append(ShownRow(one.row, "", one.record_id, column=label, value=one.value, reason=reason))
    return found


def changed_fields(rows: Iterable[ShownRow]) -> list[tuple[str, str, int]]:
    """(field, label, rows) of the fields that change, the frequent ones first."""
    counts: dict[str, tuple[str, int]] = {}
    for row in rows:
        for one in row.diffs.values():
            if one.changed:
                counts[one.field] = (one.label, counts.get(one.field, ("", 0))[1] + 1)
    return sorted(((name, label, number) for name, (label, number) in counts.items()), key=lambda item: -item[2])


def fields_text(count: int) -> str:
    """ "3 fields"."""
    return ngettext("{n} field", "{n} fields", count).format(n=count)
