"""Writes what rows say into records that are here: only what differs, never a blank over a value unless asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.errors import ValidationFailed
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.core.taxids import compact_tax_id
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.outcomes import CellChange
from crm_desktop.importing.own_files import ADDRESS_TYPE, slot_rank
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import OTHER
from crm_desktop.importing.write_rows import ADDRESS_PARTS, RecordWriter, custom_json
from crm_desktop.records.expressions import matches_point
from crm_desktop.records.queries import custom_python
from crm_desktop.records.service import point_values, run_rule, search_digits

_FORWARD_ONLY = frozenset({"lifecycle"})
"""Choices that an import moves in their order only, never back."""
_CHUNK = 5_000


@dataclass
class Updated:
    """What became of the matched rows of a batch, by position in it."""

    changed: dict[int, tuple[CellChange, ...]] = field(default_factory=dict)
    refused: dict[int, tuple[str, Evidence]] = field(default_factory=dict)


class RecordUpdater:
    """Updates records of one type in one import.

    Args:
        writer: inserts the contact points and addresses that a record does not have yet.
        fields: where columns may go, by name.
        remarks: the field that takes cells that do not fit.
    """

    def __init__(
        self, uow: UnitOfWork, writer: RecordWriter, plan: ImportPlan, fields: dict[str, Field], remarks: Field | None
    ) -> None:
        self._uow = uow
        self._writer = writer
        self._clears = {name: plan.clears(name) for name in {*plan.targets, *fields}}
        self._headers = {one.target: one.header for one in plan.columns if one.target}
        self._entity = writer.entity
        self._table = uow.schema.table(self._entity)
        self._fields = fields
        self._remarks = remarks
        self._rule = self._entity.name in uow.schema.rules
        self._orders = {
            one.name: {choice.key: rank for rank, choice in enumerate(one.choices)}
            for one in fields.values() if one.name in _FORWARD_ONLY
        }  # fmt: skip

    def update(self, batch: Batch, matched: Mapping[int, int], titled: bool) -> Updated:
        """Bring records up to date.

        Args:
            matched: position in the batch to record id.
            titled: whether the file itself gives titles; put-together ones are not compared.
        """
        result = Updated()
        ids = list(matched.values())
        current = self.current(ids)
        groups: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
        changes: dict[int, list[CellChange]] = defaultdict(list)
        for position, identity in matched.items():
            row = current.get(identity)
            if row is None:
                continue
            try:
                different = self._different(batch, position, row, titled)
                self._refuse_lacking(row, different)
            except ValidationFailed as failed:
                first = failed.errors[0]
                result.refused[position] = (first.field, Evidence(first.message, first.params))
                continue
            if different:
                groups[tuple(different)].append([*different.values(), identity])
                changes[position] += self._told(different, row)
        good = {position: identity for position, identity in matched.items() if position not in result.refused}
        children: set[int] = set()
        self._update_points(batch, good, changes, children)
        self._update_addresses(batch, good, changes, children)
        for names, rows in groups.items():
            self._uow.update_many(self._entity.name, names, rows)
        touched = {good[position] for position, told in changes.items() if told}
        touched -= {row[-1] for rows in groups.values() for row in rows}
        if touched:
            self._uow.update_many(self._entity.name, (), [(identity,) for identity in touched])
        result.changed = {position: tuple(told) for position, told in changes.items() if told}
        return result

    def _refuse_lacking(self, row: Mapping[str, Any], different: Mapping[str, Any]) -> None:
        if not different:
            return
        before, after = row["custom"] or {}, different.get("custom", row["custom"]) or {}
        own = {f"custom.{key}" for key in {**before, **after} if before.get(key) != after.get(key)}
        lacking = self._writer.lacking({**row, **different}, touched={*different, *own})
        if lacking is not None:
            raise ValidationFailed([lacking])

    def current(self, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """The stored values of records, by id."""
        found: dict[int, Mapping[str, Any]] = {}
        for start in range(0, len(ids), _CHUNK):
            part = ids[start : start + _CHUNK]
            for row in self._uow.connection.execute(
                sa.select(self._table).where(self._table.c.id.in_(part))
            ).mappings():
                found[row["id"]] = dict(row)
        return found

    def _different(self, batch: Batch, position: int, row: Mapping[str, Any], titled: bool) -> dict[str, Any]:
        different: dict[str, Any] = {}
        own: dict[str, Any] = {}
        bad = batch.bad_targets.get(position, ())
        for name, values in batch.values.items():
            one = self._fields.get(name)
            if one is None or one.system or name in bad or name == self._entity.title_field and not titled:
                continue  # what the program keeps itself is taken from a file for new records only
            value = values[position]
            if value is None and (not self._clears.get(name, False) or one.required or one.kind is Kind.BOOL):
                continue
            if one.custom:
                key = name.removeprefix("custom.")
                old = custom_python(one, (row["custom"] or {}).get(key)) if one.kind is Kind.DATETIME else None
                own[key] = custom_json(one, old if old is not None and self._same(one, old, value) else value)
            elif name in self._orders and self._goes_back(name, row[name], value):
                batch.problems.append(
                    (position, self._headers.get(name, name), value, _stays(one, row[name], value), False)
                )
            elif not self._same(one, row[name], value):
                different[name] = value
                if one.sort_by:
                    different[one.sort_by] = fold(str(value or ""))
        if own:
            before = row["custom"] or {}
            merged = {key: value for key, value in {**before, **own}.items() if value is not None}
            if merged != before:
                different["custom"] = merged or None
        self._add_remarks(batch, position, row, different)
        if different and self._rule:
            run_rule(self._writer.context, different, row)
        return {name: value for name, value in different.items() if row[name] != value}

    def _same(self, one: Field, old: Any, new: Any) -> bool:
        if old == new:
            return True
        if one.kind is Kind.DATETIME and old and new and not new.microsecond:
            return bool(old.replace(microsecond=0) == new)  # a file that tells seconds says nothing against their parts
        if one.kind is Kind.TAX_ID and old and new:
            return compact_tax_id(old) == compact_tax_id(new)
        # the same name in capitals is no news
        return one.name == self._entity.title_field and bool(old) and str(new).isupper() and fold(old) == fold(new)

    def _goes_back(self, name: str, old: Any, new: Any) -> bool:
        """Whether a value of a field that only goes forward would be an earlier one."""
        order = self._orders[name]
        return old is not None and new is not None and order.get(new, 0) < order.get(old, 0)

    def _add_remarks(self, batch: Batch, position: int, row: Mapping[str, Any], different: dict[str, Any]) -> None:
        if self._remarks is None or position not in batch.remarks:
            return
        name = self._remarks.name
        text = different.get(name, row[name]) or ""
        missing = [line for line in batch.remarks[position] if line not in text]
        if missing:
            different[name] = "\n".join([text, *missing] if text else missing)
        if name in different and different[name] == row[name]:
            del different[name]

    def _told(self, different: Mapping[str, Any], row: Mapping[str, Any]) -> list[CellChange]:
        told = []
        for name, value in different.items():
            if name == "custom":
                before, after = row["custom"] or {}, value or {}
                told += [
                    CellChange(f"custom.{key}", before.get(key), after.get(key))
                    for key in {**before, **after} if before.get(key) != after.get(key)
                ]  # fmt: skip
            elif name in self._fields or not name.startswith("sort_"):
                told.append(CellChange(name, row[name], value))
        return told

    def _update_points(
        self, batch: Batch, good: Mapping[int, int], changes: dict[int, list[CellChange]], children: set[int]
    ) -> None:
        if not batch.points:
            return
        stored = self.children("contact_point", list(good.values()))
        edits: list[tuple[Any, ...]] = []
        labelled: list[tuple[Any, ...]] = []
        added: list[tuple[int, str, str | None, str, str | None, bool]] = []
        for position, identity in good.items():
            mine = stored.get(identity, [])
            for column, kind, label, value in batch.points_of(position):
                same = next((
                    p for p in mine
                    if p["kind"] == kind and (p["value"] == value or kind == "email" and fold(p["value"]) == fold(value))
                ), None)  # fmt: skip
                if same is not None:
                    if column is not None and column.slot and label and same["id"] and same["label"] != label:
                        labelled.append((label, same["id"]))
                        changes[position].append(CellChange(column.field.name, same["label"], label))
                    continue
                slot = None
                if column is not None and column.slot:
                    places = [p for p in mine if p["kind"] == kind]
                    slot = places[column.slot - 1] if len(places) >= column.slot else None
                elif column is not None and not column.extra:
                    places = [p for p in mine if matches_point(column.field, p["kind"], p["label"])]
                    index = 1 if column.field.child.endswith(".2") else 0
                    slot = places[index] if len(places) > index else None
                name = column.field.name if column is not None else kind
                if slot is not None and slot["id"]:
                    new = point_values(kind, value)
                    edits.append((new["value"], new["search_digits"], slot["id"]))
                    changes[position].append(CellChange(name, slot["value"], value))
                    slot["value"] = value
                elif slot is None:
                    first = not any(p["kind"] == kind for p in mine)
                    added.append(
                        (identity, kind, label, value, search_digits(value) if kind == "phone" else None, first)
                    )
                    mine = [*mine, {"id": 0, "kind": kind, "label": label, "value": value}]
                    changes[position].append(CellChange(name, None, value))
        if edits:
            self._uow.update_many("contact_point", ("value", "search_digits"), edits)
        if labelled:
            self._uow.update_many("contact_point", ("label",), labelled)
        self._writer.add_points(added)
        self._clear_points(batch, good, stored, changes)

    def _clear_points(
        self, batch: Batch, good: Mapping[int, int], stored: Mapping[int, list[dict[str, Any]]],
        changes: dict[int, list[CellChange]],
    ) -> None:  # fmt: skip
        """Take contact points away whose cell is empty, where empty cells clear; the next of the kind becomes the first."""
        gone: set[int] = set()
        first: list[tuple[bool, int]] = []
        columns = [
            one for one in batch.points if not one.extra and not one.slot and self._clears.get(one.field.name, False)
        ]
        for position, identity in good.items() if columns else ():
            mine = stored.get(identity, [])
            written = {(kind, value) for _column, kind, _label, value in batch.points_of(position)}
            for column in columns:
                if column.values[position] is not None or column.field.name in batch.bad_targets.get(position, ()):
                    continue
                places = [p for p in mine if matches_point(column.field, p["kind"], p["label"])]
                index = 1 if column.field.child.endswith(".2") else 0
                slot = places[index] if len(places) > index else None
                if slot is None or (slot["kind"], slot["value"]) in written or slot["id"] in gone:
                    continue
                gone.add(slot["id"])
                changes[position].append(CellChange(column.field.name, slot["value"], None))
                others = [p for p in mine if p["kind"] == slot["kind"] and p["id"] not in gone]
                if others:
                    first.append((True, others[0]["id"]))
        if gone:
            self._uow.delete("contact_point", gone)
            left = [(yes, identity) for yes, identity in dict.fromkeys(first) if identity not in gone]
            self._uow.update_many("contact_point", ("is_primary",), left)

    def _update_addresses(
        self, batch: Batch, good: Mapping[int, int], changes: dict[int, list[CellChange]], children: set[int]
    ) -> None:
        if not batch.addresses:
            return
        stored = self.children("address", list(good.values()))
        edits: dict[tuple[str, ...], list[list[Any]]] = defaultdict(list)
        added: list[tuple[int, Mapping[str, Any], bool]] = []
        for position, identity in good.items():
            mine = stored.get(identity, [])
            for slot in sorted(batch.addresses, key=slot_rank):
                parts = batch.addresses[slot]
                wanted = {part: values[position] for part, values in parts.items()
                          if values[position] is not None or self._clears.get(part + (OTHER if slot else ""), False)}  # fmt: skip
                if not any(value for part, value in wanted.items() if part != "label"):
                    continue
                place = next((a for a in mine if all(a[part] == value for part, value in wanted.items())), None)
                if place is not None:
                    continue
                index, suffix = slot_rank(slot), f"@{slot}" if slot else ""
                if len(mine) > index:
                    old = mine[index]
                    new = {part: value for part, value in wanted.items() if old[part] != value}
                    edits[tuple(new)].append([*new.values(), old["id"]])
                    changes[position] += [
                        CellChange(_part_name(part) + suffix, old[part], value) for part, value in new.items()
                    ]
                else:
                    added.append((identity, {"label": batch.address_labels.get(slot), **wanted}, not mine))
                    changes[position] += [
                        CellChange(_part_name(part) + suffix, None, value) for part, value in wanted.items() if value
                    ]
        for names, rows in edits.items():
            self._uow.update_many("address", names, rows)
        self._writer.add_addresses(added)

    def children(self, name: str, owners: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
        """Child rows by owner, the primary one first."""
        table = Base.metadata.tables[name]
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        parts = (*ADDRESS_PARTS, "label") if name == "address" else ("kind", "label", "value")
        columns = [table.c[column] for column in ("id", "owner_id", *parts)]
        for start in range(0, len(owners), _CHUNK):
            statement = (
                sa.select(*columns).where(table.c.owner_id.in_(owners[start : start + _CHUNK]))
                .order_by(table.c.owner_id, table.c.is_primary.desc(), table.c.id)
            )  # fmt: skip
            for row in self._uow.connection.execute(statement).mappings():
                found[row["owner_id"]].append(dict(row))
        return found


def _part_name(part: str) -> str:
    """The field that stands for a part of an address."""
    return ADDRESS_TYPE if part == "label" else part


def _stays(one: Field, old: Any, new: Any) -> Evidence:
    """Why a field that only goes forward keeps its value."""
    label = [key if one.custom else translate(key) for key in (one.choice_label(old), one.choice_label(new))]
    return Evidence(
        N_("It stays “{old}”: an import never takes it back to “{new}”."), {"old": label[0], "new": label[1]}
    )
