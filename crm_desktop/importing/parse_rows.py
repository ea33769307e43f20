"""From the cells of a batch to the values of fields, by the columns of a plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.names import full_name, split_name
from crm_desktop.core.values import Parser, cell_text
from crm_desktop.importing.batch import Batch, PointColumn
from crm_desktop.importing.cell_parts import SPLIT, split_address, split_phoned, split_place, split_taxed
from crm_desktop.importing.external_ids import clean_id
from crm_desktop.importing.known_headers import (
    DATE_PARTS,
    DAY,
    EMAIL,
    EXTRA,
    JOIN,
    LABELLED,
    LAST_FIRST,
    MONTH,
    NUMBER,
    TIME,
    TYPED,
    YEAR,
    point_label,
)  # fmt: skip
from crm_desktop.importing.links import Links
from crm_desktop.importing.own_files import CHILDREN, RECORD, SERIES_ID, SLOT
from crm_desktop.importing.own_rows import OwnRows, as_stored, has_guards, is_ours, own_tags, without_guards
from crm_desktop.importing.parse_cells import (
    Errors,
    column_parser,
    is_plain_text,
    join_cells,
    join_date_parts,
    join_times,
    parse_column,
    parse_emails,
    parse_phones,
    without_error_cells,
)  # fmt: skip
from crm_desktop.importing.pictures import parse_pictures
from crm_desktop.importing.plan import ColumnPlan, ImportPlan
from crm_desktop.importing.table import ICS, VCARD
from crm_desktop.importing.targets import EXTERNAL_ID, LINKS, PHOTO, TAGS, remarks_field

Step = Callable[[Batch, "list[list[Any]]"], None]
_TAGS = re.compile(r"\s*(?::::|[;,|\n])\s*")
_NO_TAGS = frozenset({"* mycontacts", "* my contacts", "mycontacts", "* starred"})


class RowParser:
    """Parses batch after batch by one plan.

    Args:
        fields: where columns may go, by name (``targets_of``).
        links: finds the ids of linked records.
        title: the field that names a record.
        own: what only our own files say.
    """

    def __init__(self, plan: ImportPlan, fields: dict[str, Field], links: Links, title: str, own: OwnRows) -> None:
        self._plan = plan
        self._own = own
        self._guards = has_guards(plan)
        self._trusted = is_ours(plan) and EXTERNAL_ID in plan.targets
        self._fields = fields
        self._links = links
        self._title = title
        self._workbook = plan.source.kind not in (VCARD, ICS)
        self._phones: dict[str, Parser] = {}
        self._width = len(plan.columns)
        self._noting = plan.keep_bad_cells and remarks_field(tuple(fields.values())) is not None
        self._steps = self._plan_steps()

    def parse(self, batch: Batch) -> None:
        """Fill in everything that the columns say."""
        width = self._width
        rows = batch.cells
        if any(len(row) < width for row in rows):
            rows = [row if len(row) >= width else [*row, *[None] * (width - len(row))] for row in rows]
        columns = [list(column) for column in zip(*rows, strict=False)]
        for step in self._steps:
            step(batch, columns)

    def _plan_steps(self) -> list[Step]:
        groups: dict[str, list[ColumnPlan]] = {}
        for column in self._plan.columns:
            if column.target and column.target in self._fields:
                groups.setdefault(column.target, []).append(column)
        ranked = sorted(groups, key=lambda name: self._rank(name, groups))
        return [step for name in ranked for step in self._steps_for(self._fields[name], groups[name])]

    def _rank(self, name: str, groups: dict[str, list[ColumnPlan]]) -> int:
        """Countries first, since phones need them; what a link's search is bounded by before the link."""
        field = self._fields[name]
        if field.kind is Kind.COUNTRY:
            return 0
        if field.kind in LINK_KINDS:
            return 2 if self._links.scope_of(field) is None else 3
        return 1

    def _steps_for(self, field: Field, columns: list[ColumnPlan]) -> list[Step]:
        if field.name == TAGS:
            return [self._tags_step(columns)]
        if field.name == PHOTO:
            return [self._photo_step(columns)]
        if field.name == EXTERNAL_ID:
            return [self._external_step(columns[0])]
        if field.name == SERIES_ID:
            return [self._series_step(columns[0])]
        if field.name.startswith(CHILDREN):
            return [self._children_step(field, columns[0])]
        if field.name.startswith(LINKS):  # of our own files there may be several, told apart by their number
            numbers = dict.fromkeys(c.label for c in columns)
            return [self._link_step(field, [c for c in columns if c.label == number]) for number in numbers]
        if field.kind in LINK_KINDS:
            return [self._link_step(field, columns)]
        if field.child.startswith("points."):
            parts = [c for c in columns if c.transform == JOIN]
            single = [c for c in columns if c.transform != JOIN]
            return [self._point_step(field, c, parts if c is single[0] else []) for c in single]
        if any(c.transform == SPLIT for c in columns):
            return [self._split_step(field, columns[0])]
        if field.child.startswith("addresses."):
            return [self._address_step(field, columns)]
        return [self._value_step(field, columns)]

    def _raw(self, batch: Batch, columns: list[list[Any]], plan: ColumnPlan) -> list[Any]:
        cells = columns[plan.column] if plan.column < len(columns) else [None] * batch.size
        if self._workbook:
            cells, errors = without_error_cells(cells)
            self._note(batch, plan, errors)
        return without_guards(cells) if self._guards else cells

    def _note(self, batch: Batch, plan: ColumnPlan, errors: Errors) -> None:
        for position, cell, why in errors:
            batch.problems.append((position, plan.header, cell, why, False))
            if plan.target:
                batch.bad_targets[position].add(plan.target)

    def _value_step(self, field: Field, columns: list[ColumnPlan]) -> Step:
        parse = column_parser(field, columns[0], self._plan.country)
        if field.kind is Kind.TAX_ID and self._trusted:
            parse = as_stored
        last_first = any(c.transform == LAST_FIRST for c in columns)
        text = is_plain_text(field, columns[0])

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            raw = self._combined(batch, cells, field, columns)
            values, errors = parse_column(raw, parse, text=text)
            self._note(batch, columns[0], errors)
            if last_first:
                values = self._turned(batch, values)
            batch.values[field.name] = values

        return step

    def _split_step(self, field: Field, column: ColumnPlan) -> Step:
        """A column whose cells hold several things; cells that cannot be taken apart stay whole."""
        parse = column_parser(field, ColumnPlan(column.column, column.header), self._plan.country)
        part = field.child.split(".")[1] if field.child else ""

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            values, errors = parse_column(self._raw(batch, cells, column), parse)
            self._note(batch, column, errors)
            if part:
                split = split_place if part == "city" else split_address
                taken = [split(text) or {part: text} if text else {} for text in values]
                for name in dict.fromkeys(name for parts in taken for name in parts):
                    batch.addresses.setdefault("", {})[name] = [parts.get(name) for parts in taken]
                return
            batch.values[field.name] = values
            if "first_name" in self._fields:
                self._split_people(batch, column, values)
            elif "tax_id" in self._fields:
                numbers = batch.values.setdefault("tax_id", [None] * batch.size)
                for position, text in enumerate(values):
                    both = split_taxed(text, self._plan.country) if text else None
                    if both:
                        values[position], numbers[position] = both

        return step

    def _split_people(self, batch: Batch, column: ColumnPlan, values: list[Any]) -> None:
        """Names that have phones and words behind them."""
        for position, text in enumerate(values):
            found = split_phoned(text, self._plan.country) if text else None
            if found is None or found[2] and not self._noting:
                continue
            values[position], phones, words = found
            batch.more_points[position] += [("phone", None, number) for number in phones]
            if words:
                batch.remarks[position].append(f"{column.header}: {words}")

    def _combined(self, batch: Batch, cells: list[list[Any]], field: Field, columns: list[ColumnPlan]) -> list[Any]:
        if len(columns) == 1 and columns[0].transform != LABELLED:
            return self._raw(batch, cells, columns[0])
        if any(c.transform in DATE_PARTS for c in columns):
            parts = {c.transform: self._raw(batch, cells, c) for c in columns}
            nothing = [None] * batch.size
            return join_date_parts(*(parts.get(part, nothing) for part in (YEAR, MONTH, DAY)))
        times = [c for c in columns if c.transform == TIME]
        if times:
            days = next(c for c in columns if c.transform != TIME)
            return join_times(self._raw(batch, cells, days), self._raw(batch, cells, times[0]))
        raw = []
        for column in columns:
            texts = self._raw(batch, cells, column)
            if column.transform == LABELLED:
                texts = [None if t in (None, "") else f"{column.header}: {cell_text(t)}" for t in texts]
            raw.append(texts)
        separator = (
            "\n" if field.kind is Kind.LONG_TEXT else ", " if field.child.startswith("addresses.street") else " "
        )
        return join_cells(raw, separator)

    def _turned(self, batch: Batch, values: list[Any]) -> list[Any]:
        """Names written surname first, as they are said; their parts go to the fields for them."""
        first: list[Any] = (
            batch.values.setdefault("first_name", [None] * batch.size) if "first_name" in self._fields else []
        )
        last: list[Any] = (
            batch.values.setdefault("last_name", [None] * batch.size) if "last_name" in self._fields else []
        )
        turned = []
        for position, value in enumerate(values):
            if value is None or "," not in value:
                turned.append(value)
                continue
            parts = split_name(value, "last_first")
            turned.append(full_name(parts.first, parts.last, parts.prefix, parts.suffix) or value)
            if first and last:
                first[position], last[position] = parts.first or None, parts.last or None
        return turned

    def _address_step(self, field: Field, columns: list[ColumnPlan]) -> Step:
        parse = column_parser(field, columns[0], self._plan.country)
        slot = field.name.partition("@")[2]
        part = field.child.split(".")[1]
        label = columns[0].label
        text = is_plain_text(field, columns[0])

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            values, errors = parse_column(self._combined(batch, cells, field, columns), parse, text=text)
            self._note(batch, columns[0], errors)
            batch.addresses.setdefault(slot, {})[part] = values
            if label:
                batch.address_labels.setdefault(slot, label)

        return step

    def _point_step(self, field: Field, column: ColumnPlan, joined: list[ColumnPlan]) -> Step:
        parts = field.child.split(".")
        kind, label = parts[1], parts[2] if len(parts) > 2 and parts[2] != "2" else None
        if column.transform == EXTRA and column.label:
            label = column.label
        slot = int(column.label) if column.transform == SLOT else 0
        parse = column_parser(field, column, self._plan.country)

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            raw = self._raw(batch, cells, column)
            if joined:
                before = [self._raw(batch, cells, c) for c in joined]
                raw = [
                    own if own in (None, "") else both
                    for own, both in zip(raw, join_cells([*before, raw], " "), strict=True)
                ]
            labels = None
            if column.transform in (TYPED, SLOT) and 0 <= column.pair < len(cells):
                label_of = self._own.point_label if slot else point_label
                labels = [None if t in (None, "") else label_of(str(t)) for t in cells[column.pair]]
            elif slot:
                labels = [None] * batch.size
            more: dict[int, list[str]] = {}
            beside: dict[int, str] | None = {} if self._noting else None
            if field.kind is Kind.PHONE:
                values, more, errors = parse_phones(
                    raw, self._countries(batch), self._phone_parser, self._plan.country, beside
                )
            elif field.kind is Kind.EMAIL:
                values, more, errors = parse_emails(raw, parse, beside)
            else:
                values, errors = parse_column(raw, parse)
            self._note(batch, column, errors)
            batch.points.append(
                PointColumn(field, kind, label, values, labels, column.transform in (EXTRA, TYPED), slot)
            )
            for position, words in (beside or {}).items():
                batch.remarks[position].append(f"{column.header}: {words}")
            for position, others in more.items():
                batch.more_points[position] += [(kind, label, other) for other in others]

        return step

    def _phone_parser(self, country: str) -> Parser:
        parser = self._phones.get(country)
        if parser is None:
            phone = Field("phone", "", Kind.PHONE)
            parser = self._phones[country] = column_parser(phone, ColumnPlan(0, ""), country)
        return parser

    @staticmethod
    def _countries(batch: Batch) -> Sequence[str | None] | None:
        found: list[str | None] | None = batch.addresses.get("", {}).get("country") or batch.values.get("country")
        return found

    @staticmethod
    def _tags_step_values(cell: Any) -> list[str]:
        names = [name.strip() for name in _TAGS.split(cell_text(cell))]
        return [name.lstrip("* ") for name in dict.fromkeys(names) if name and name.lower() not in _NO_TAGS]

    def _tags_step(self, columns: list[ColumnPlan]) -> Step:
        ours = is_ours(self._plan)

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            tags: list[list[str]] = [[] for _ in range(batch.size)]
            for column in columns:
                for position, cell in enumerate(self._raw(batch, cells, column)):
                    if cell not in (None, ""):
                        tags[position] += own_tags(cell) if ours else self._tags_step_values(cell)
            batch.tags = tags

        return step

    def _photo_step(self, columns: list[ColumnPlan]) -> Step:
        def step(batch: Batch, cells: list[list[Any]]) -> None:
            photos: list[bytes | None] = [None] * batch.size
            for column in columns:
                found, errors = parse_pictures(self._raw(batch, cells, column))
                self._note(batch, column, errors)
                photos = [own or new for own, new in zip(photos, found, strict=True)]
            batch.photos = photos

        return step

    def _external_step(self, column: ColumnPlan) -> Step:
        def step(batch: Batch, cells: list[list[Any]]) -> None:
            batch.external = [clean_id(cell) for cell in self._raw(batch, cells, column)]

        return step

    def _series_step(self, column: ColumnPlan) -> Step:
        def step(batch: Batch, cells: list[list[Any]]) -> None:
            batch.series = [clean_id(cell) for cell in self._raw(batch, cells, column)]

        return step

    def _children_step(self, field: Field, column: ColumnPlan) -> Step:
        def step(batch: Batch, cells: list[list[Any]]) -> None:
            self._own.parse_children(batch, field.name, column.header, self._raw(batch, cells, column))

        return step

    def _link_step(self, field: Field, columns: list[ColumnPlan]) -> Step:
        ours = [c for c in columns if c.transform == RECORD]
        columns = [c for c in columns if c.transform != RECORD] or ours
        parsers = {c.column: column_parser(field, c, self._plan.country) for c in columns}

        def step(batch: Batch, cells: list[list[Any]]) -> None:
            known: dict[str, list[Any]] = {}
            for column in columns:
                values, errors = parse_column(
                    self._raw(batch, cells, column), parsers[column.column], text=is_plain_text(field, column)
                )
                self._note(batch, column, errors)
                known[column.transform if column.transform in (NUMBER, EMAIL) else ""] = values
            for column in ours:
                titles = list(known.get("", ())) or [None] * batch.size
                for position, found in enumerate(self._own.records(field.target, self._raw(batch, cells, column))):
                    titles[position] = titles[position] if found is None else found
                known[""] = titles
            ids = self._links.resolve(field, batch, columns, known)
            if field.name.startswith(LINKS):
                batch.links.append((field.target, ids))
            else:
                batch.values[field.name] = ids

        return step
