"""Lines of an outcome journal in words: what changes from what into what, what a row is the same as, why one is rejected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formats import format_integer, format_value
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.values import cell_text
from crm_desktop.db.database import Database
from crm_desktop.importing.known_headers import DATE_PARTS, JOIN, LABELLED, LAST_FIRST, TIME, TYPE
from crm_desktop.importing.outcomes import CREATED, DUPLICATE, REJECTED, UNCHANGED, CellChange, Journal, Line, Problem
from crm_desktop.importing.parse_cells import column_parser
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.table import ErrorCell
from crm_desktop.importing.targets import EXTERNAL_ID, LINKS, OTHER, TAGS, targets_of
from crm_desktop.records import custom, queries

_NOT_ALONE = frozenset({*DATE_PARTS, JOIN, LABELLED, LAST_FIRST, TIME, TYPE})
"""Columns that say something only together with others: they are shown as they are written."""


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
    """A row of the file in words: its number, the record's title and values by field; or what it is, and why.

    ``rule`` names the field that told which record it is. ``record_id`` is a record that is here already.
    """

    row: int
    title: str
    record_id: int | None = None
    diffs: Mapping[str, Diff] = field(default_factory=dict)
    column: str = ""
    value: str = ""
    reason: str = ""
    rule: str = ""
    outcome: str = ""
    line: int = 0

    @property
    def changes(self) -> int:
        """How many values change."""
        return sum(1 for one in self.diffs.values() if one.changed)

    @property
    def clears(self) -> bool:
        """Whether a value is emptied."""
        return any(one.changed and not one.new for one in self.diffs.values())


def field_label(one: Field) -> str:
    """What a field is called in the language in use."""
    label = one.label if one.custom else translate(one.label)
    if one.name.endswith(OTHER):
        return _("{field} (other address)").format(field=label)
    if one.name.startswith(LINKS):
        return _("Related {record}").format(record=label.lower())
    return label


class RowTeller:
    """Puts the lines of one part into words.

    Attributes:
        fields: every field that may change, by name.
    """

    def __init__(self, database: Database, connection: sa.Connection, plan: ImportPlan) -> None:
        self._database = database
        self._plan = plan
        self._entity = database.schema.entity(plan.entity)
        own = custom.fields_of(database, plan.entity, connection)
        self.fields = {one.name: one for one in (*own, *targets_of(database.schema, self._entity, own))}
        self._readers: dict[int, Callable[[Any], str]] = {}

    def label(self, name: str) -> str:
        """What a field is called; contact points beyond the first of a cell are told by their kind."""
        one = self.fields.get(name)
        if one is not None:
            return field_label(one)
        return {"email": _("E-mail"), "phone": _("Phone"), "url": _("Website")}.get(name, name)

    def tell(self, connection: sa.Connection, journal: Journal, lines: Sequence[Line]) -> list[ShownRow]:
        """Lines in words; records and links are named as the database has them."""
        changes = journal.changes([one.id for one in lines if one.changes])
        made = {one.id: journal.made_of(one.id) for one in lines if one.outcome == CREATED}
        titles = self._titles(connection, journal, lines, changes, made)
        return [self._row(journal, one, changes.get(one.id, ()), made.get(one.id, {}), titles) for one in lines]

    def _titles(
        self, connection: sa.Connection, journal: Journal, lines: Sequence[Line],
        changes: Mapping[int, Sequence[CellChange]], made: Mapping[int, Mapping[str, Any]],
    ) -> dict[int, str]:  # fmt: skip
        wanted: dict[str, set[int]] = {}
        for line in lines:
            known = journal.known(line.outcome, line.record_id)
            if known is not None:
                wanted.setdefault(self._entity.name, set()).add(known)
            values = [(one.field, value) for one in changes.get(line.id, ()) for value in (one.old, one.new)]
            for name, value in [*values, *made.get(line.id, {}).items()]:
                one = self.fields.get(name)
                if one is not None and one.kind in LINK_KINDS and type(value) is int:
                    wanted.setdefault(one.target, set()).add(value)
        found: dict[int, str] = {}
        for name, ids in wanted.items():
            if name in self._database.schema.entities:
                found.update(queries.titles(self._database.schema, connection, name, ids))
        return found

    def _row(
        self, journal: Journal, line: Line, changes: Sequence[CellChange], made: Mapping[str, Any],
        titles: Mapping[int, str],
    ) -> ShownRow:  # fmt: skip
        known = journal.known(line.outcome, line.record_id)
        title = line.title or titles.get(known or 0, "")
        rule = self.label(line.rule) if line.rule else ""
        base = ShownRow(line.row, title, known, rule=rule, outcome=line.outcome, line=line.id)
        if line.outcome == REJECTED:
            reason = str(line.reason) if line.reason is not None else ""
            return replace(base, column=line.header, value=line.value, reason=reason)
        if line.outcome in (DUPLICATE, UNCHANGED):
            value = line.value or (self._key_cell(journal, line) if line.rule else "")
            return replace(base, column=rule, value=value, reason=self._same_as(line, known, titles))
        given = self._given(line, journal.cells_of(line.id) or ())
        if line.outcome == CREATED:
            diffs = self._made(made, given, titles)
        else:
            diffs = self._changed(changes, given, titles)
        return replace(base, title=title or _stand_in(diffs), diffs=diffs)

    def _same_as(self, line: Line, known: int | None, titles: Mapping[int, str]) -> str:
        if line.same_as is not None:
            return _("The same as row {n} of the file").format(n=format_integer(line.same_as))
        if line.reason is not None:
            return str(line.reason)
        title = titles.get(known or 0, "")
        return _("In the database as {title}").format(title=title) if title else _("In the database already")

    def _key_cell(self, journal: Journal, line: Line) -> str:
        """The cell by which a row was recognised."""
        cells = journal.cells_of(line.id) or ()
        for planned in self._plan.columns:
            if planned.target == line.rule and planned.column < len(cells) and cells[planned.column] not in (None, ""):
                return shown_cell(cells[planned.column])
        return ""

    def _made(
        self, made: Mapping[str, Any], given: Mapping[str, tuple[str, str]], titles: Mapping[int, str]
    ) -> dict[str, Diff]:
        diffs: dict[str, Diff] = {}
        names = [name for name in given if name in self.fields]
        names += [name for name in made if name not in given and name in self.fields]
        for name in names:
            one = self.fields[name]
            raw, after = given.get(name, ("", ""))
            if name in made:
                new = self._text(one, made[name], titles, raw)
            elif one.kind in LINK_KINDS and not one.child:
                new = ""  # nothing is called so
            else:
                new = after if one.child or name == EXTERNAL_ID else ""
            if raw or new:
                diffs[name] = Diff(name, field_label(one), "", new, raw)
        return diffs

    def _changed(
        self, changes: Sequence[CellChange], given: Mapping[str, tuple[str, str]], titles: Mapping[int, str]
    ) -> dict[str, Diff]:
        diffs: dict[str, Diff] = {}
        for change in changes:
            one = self.fields.get(change.field)
            raw = given.get(change.field, ("", ""))[0]
            old, new = self._text(one, change.old, titles, ""), self._text(one, change.new, titles, raw)
            before = diffs.get(change.field)
            if before is not None:  # several phones, several tags
                old, new = _and(before.old, old), _and(before.new, new)
            diffs[change.field] = Diff(change.field, self.label(change.field), old, new, raw)
        for name, (raw, after) in given.items():
            if name not in diffs:
                diffs[name] = Diff(name, self.label(name), after, after, raw)
        return diffs

    def _text(self, one: Field | None, value: Any, titles: Mapping[int, str], raw: str) -> str:
        if value is None or value == "":
            return ""
        if one is None or one.name in (TAGS, EXTERNAL_ID) or one.child and not isinstance(value, str):
            return titles.get(value, raw or str(value)) if type(value) is int else str(value)
        if one.kind in LINK_KINDS:
            return titles.get(value, raw) if type(value) is int else str(value)
        if one.kind is Kind.CHOICES and isinstance(value, str):
            return value
        try:
            return format_value(one, value)
        except (TypeError, ValueError, AttributeError):  # a value that the record type's rule wrote in its own way
            return str(value)

    def _given(self, line: Line, cells: Sequence[Any]) -> dict[str, tuple[str, str]]:
        """By field: what the file says, and what that becomes."""
        found: dict[str, tuple[str, str]] = {}
        for planned in self._plan.columns:
            one = self.fields.get(planned.target) if planned.target else None
            place = planned.column
            if one is None or place >= len(cells) or cells[place] in (None, ""):
                continue
            raw = shown_cell(cells[place])
            after = self._reader(planned, one)(cells[place])
            if one.name in found:
                before, joined = found[one.name]
                raw, after = f"{before} {raw}".strip(), f"{joined} {after}".strip()
            found[one.name] = (raw, after)
        return found

    def _reader(self, planned: ColumnPlan, one: Field) -> Callable[[Any], str]:
        """What the cells of a column become, as text."""
        known = self._readers.get(planned.column)
        if known is None:
            known = self._readers[planned.column] = self._make_reader(planned, one)
        return known

    def _make_reader(self, planned: ColumnPlan, one: Field) -> Callable[[Any], str]:
        if one.kind in LINK_KINDS or one.name in (TAGS, EXTERNAL_ID) or planned.transform in _NOT_ALONE:
            return shown_cell
        parse = column_parser(one, planned, self._plan.country)

        def read(cell: Any) -> str:
            try:
                return self._text(one, parse(cell), {}, "")
            except (UserError, ValueError, TypeError):
                return shown_cell(cell)

        return read


def problem_row(one: Problem) -> ShownRow:
    """A cell that does not fit, in words."""
    return ShownRow(one.row, "", column=one.header, value=one.value, reason=str(one.reason), line=one.line)


def shown_cell(cell: Any) -> str:
    """A raw cell as text, on one line."""
    if cell is None:
        return ""
    if isinstance(cell, bytes):
        return _("picture")
    text = cell.text if isinstance(cell, ErrorCell) else cell_text(cell)
    return text.replace("\n", " ⏎ ") if "\n" in text else text


def _and(before: str, more: str) -> str:
    return f"{before}, {more}" if before and more else before or more


def _stand_in(diffs: Mapping[str, Diff]) -> str:
    names = [diffs[name].new for name in ("first_name", "last_name") if name in diffs]
    return " ".join(names) or next((one.new for one in diffs.values() if one.new), "")
