"""Values of a spreadsheet put into fields of many records: what each would become, then all of it in one change set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import FieldError, ValidationFailed
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.filters import where
from crm_desktop.core.formats import format_value
from crm_desktop.core.i18n import N_
from crm_desktop.core.jobs import Progress
from crm_desktop.core.values import parse_value
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.records import queries, service
from crm_desktop.records.form_rules import missing


@dataclass(frozen=True)
class CellChange:
    """One cell: the record and its title, the field, and its text before and after."""

    record_id: int
    title: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class PastePlan:
    """What a paste would do. ``values`` by record; ``refused`` says why a text cannot be the value of its field."""

    values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    changes: Sequence[CellChange] = ()
    refused: Sequence[tuple[str, str]] = ()
    """(text, why), each text once for each field."""
    base: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """What stood in the cells when they were compared, links as ids."""

    @property
    def records(self) -> int:
        """How many records change."""
        return len(self.values)


def split_cells(text: str) -> list[list[str]]:
    """The rows and cells of a text as spreadsheets put it on the clipboard: tabs between cells, quoted line breaks."""
    rows: list[list[str]] = [[]]
    cell, quoted, at = "", False, 0
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    while at < len(text):
        char = text[at]
        if quoted:
            if char == '"' and text[at + 1 : at + 2] == '"':
                cell, at = cell + '"', at + 1
            elif char == '"':
                quoted = False
            else:
                cell += char
        elif char == '"' and not cell:
            quoted = True
        elif char in "\t\n":
            rows[-1].append(cell)
            cell = ""
            if char == "\n":
                rows.append([])
        else:
            cell += char
        at += 1
    rows[-1].append(cell)
    return rows


def plan_paste(
    database: Database, connection: sa.Connection, entity: str, fields: Sequence[Field],
    cells: Sequence[tuple[int, Sequence[str]]], *, user_id: int | None = None, country: str | None = None,
) -> PastePlan:  # fmt: skip
    """What pasting would do.

    Args:
        fields: the columns that are pasted into.
        cells: (record, a text for each field); an empty text empties the field.
        country: for phones and tax numbers without a country.
    """
    spec = database.schema.entity(entity)
    names = [spec.title_field, "currency", *(one.name for one in fields)]
    rows = {
        row.id: row.values for row in queries.fetch_rows(database, connection, entity, [i for i, _ in cells], names)
    }
    links: dict[tuple[str, str], int | None] = {}
    values: dict[int, dict[str, Any]] = {}
    base: dict[int, dict[str, Any]] = {}
    changes: list[CellChange] = []
    refused: dict[tuple[str, str], str] = {}
    for record_id, texts in cells:
        current = rows.get(record_id)
        if current is None:
            continue
        for one, text in zip(fields, texts, strict=False):
            try:
                value = _value(database, connection, one, text.strip(), links, user_id, country)
            except FieldError as error:
                refused[one.name, text] = str(error)
                continue
            before = current.get(one.name)
            stored = getattr(before, "id", before) if one.kind in LINK_KINDS else before
            if value == stored:
                continue
            base.setdefault(record_id, {})[one.name] = stored
            values.setdefault(record_id, {})[one.name] = value
            title = str(current.get(spec.title_field) or "")
            old = str(before or "") if one.kind in LINK_KINDS else format_value(one, before)
            new = text.strip() if one.kind in LINK_KINDS else format_value(one, value)
            changes.append(CellChange(record_id, title, one.name, old, new))
    return PastePlan(values, changes, [(text, why) for (_name, text), why in refused.items()], base)


def _value(
    database: Database, connection: sa.Connection, one: Field, text: str, links: dict[tuple[str, str], int | None],
    user_id: int | None, country: str | None,
) -> Any:  # fmt: skip
    if not text:
        if one.required and one.kind is not Kind.BOOL:
            raise missing(one)
        return None
    if one.kind not in LINK_KINDS:
        return parse_value(one, text, country=country)
    if (one.target, text) not in links:
        title = database.schema.entity(one.target).title_field
        found = queries.find_ids(
            database, connection, one.target, filter=where(title, "eq", text), user_id=user_id, limit=2
        )
        links[one.target, text] = int(found[0]) if len(found) == 1 else None
    identity = links[one.target, text]
    if identity is None:
        raise FieldError(one.name, N_("There is not exactly one record with the name “{text}”."), text=text)
    return identity


def apply_paste(uow: UnitOfWork, entity: str, plan: PastePlan, progress: Progress | None = None) -> int:
    """Write what a plan says. Returns how many records changed.

    Raises:
        EditConflict: somebody else changed one of the cells since the plan was made; nothing is kept.
        ValidationFailed: a rule of the record type refuses a value; nothing is kept.
    """
    uow.ask_bulk(entity, list(plan.values))
    changed = 0
    for number, (record_id, values) in enumerate(plan.values.items()):
        if progress and number % 50 == 0:
            progress.update(number, len(plan.values))
        try:
            changed += service.update_record(uow, entity, record_id, values, base=plan.base.get(record_id, {}))
        except ValidationFailed as error:
            title = next((one.title for one in plan.changes if one.record_id == record_id), "")
            raise ValidationFailed([FieldError("", N_("{title}: {why}"), title=title, why=str(error))]) from error
    return changed
