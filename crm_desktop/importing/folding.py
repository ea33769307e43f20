"""Rows that speak of the same record again: what they add is filled in, what they contradict is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.core.text import fold
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.plan import ImportPlan
from crm_desktop.importing.table import Evidence
from crm_desktop.importing.targets import EXTERNAL_ID, LINKS, TAGS

_TELLING = frozenset({Kind.TEXT, Kind.EMAIL, Kind.PHONE, Kind.URL, Kind.TAX_ID})
_DIFFERS = N_("An earlier row says something else about the same record; that stays")
_SAYS = N_("An earlier row says “{text}” about the same record; that stays")


class Again:
    """The rows of a batch that speak of records which earlier rows of the part spoke of.

    Attributes:
        leaders: position of each such row to the one that it is folded into; its own where that was in an earlier batch.
        later: position to id, for rows that complete a record of an earlier batch.
    """

    def __init__(self) -> None:
        self.leaders: dict[int, int] = {}
        self.later: dict[int, int] = {}
        self._by_id: dict[int, int] = {}

    def leader_of(self, identity: int) -> int | None:
        """The position of the first row of the batch that speaks of a record of an earlier batch."""
        return self._by_id.get(identity)

    def complete(self, position: int, identity: int) -> None:
        """The row completes a record of an earlier batch."""
        self.leaders[position] = position
        self.later[position] = identity
        self._by_id[identity] = position


class Folder:
    """Folds the rows of a part in which records repeat: the company that many people of a list work for.

    Args:
        fields: where columns may go, by name.
        remarks: whether the record has a long text that takes what does not fit.
    """

    def __init__(self, plan: ImportPlan, fields: Mapping[str, Field], title: str, *, remarks: bool) -> None:
        self._fields = fields
        self._title = title
        self._remarks = remarks
        self._headers = {c.target: c for c in reversed(plan.columns) if c.target}
        self._telling = [c.column for c in plan.columns if c.target and self._tells(c.target)]
        self._told: set[tuple[int, str, str]] = set()

    def _tells(self, target: str) -> bool:
        one = self._fields.get(target)
        return one is not None and target != TAGS and not target.startswith(LINKS) and (
            target in (self._title, EXTERNAL_ID) or one.kind in _TELLING and not one.child.startswith("addresses."))  # fmt: skip

    def says_something(self, cells: Sequence[Any]) -> bool:
        """Whether a row says anything by which a record could be known."""
        return any(at < len(cells) and cells[at] not in (None, "") for at in self._telling)

    def fold(self, batch: Batch, first: int, other: int) -> None:
        """Fill what a row leaves open from another row about the same record."""
        owner = batch.numbers[first]
        for name, values in batch.values.items():
            value = values[other]
            if value is None or value == []:
                continue
            if values[first] is None or values[first] == []:
                values[first] = value
            elif not _same(values[first], value):
                self._tell(batch, first, other, owner, name, values[first])
        for column in batch.points:
            value = column.values[other]
            if value is None:
                continue
            if column.values[first] is None:
                column.values[first] = value
                if column.labels is not None:
                    column.labels[first] = column.labels[other]
            elif not _same(column.values[first], value):
                self._tell(batch, first, other, owner, column.field.name, column.values[first])
        for slot, parts in batch.addresses.items():
            mine = {part: values[first] for part, values in parts.items()}
            self._fold_address(batch, first, other, owner, slot, mine)
        self._fold_rest(batch, first, other)

    def _fold_address(
        self, batch: Batch, first: int, other: int, owner: int, slot: str, mine: Mapping[str, Any]
    ) -> None:
        """An address is taken as a whole or completed where nothing in it differs; two are never mixed."""
        parts = batch.addresses[slot]
        differing = [
            part for part, values in parts.items()
            if values[other] is not None and mine.get(part) is not None and not _same(mine[part], values[other])
        ]  # fmt: skip
        for part in differing:
            self._tell(batch, first, other, owner, part + ("@other" if slot else ""), mine[part])
        for part, values in parts.items():
            if not differing and mine.get(part) is None and values[other] is not None:
                values[first] = values[other]

    def _fold_rest(self, batch: Batch, first: int, other: int) -> None:
        if batch.tags is not None:
            batch.tags[first] = list(dict.fromkeys([*batch.tags[first], *batch.tags[other]]))
        if batch.external is not None and batch.external[first] is None:
            batch.external[first] = batch.external[other]
        if other in batch.more_points:
            batch.more_points[first] += batch.more_points.pop(other)
        self._move_remarks(batch, first, other)

    @staticmethod
    def _move_remarks(batch: Batch, first: int, other: int) -> None:
        if other in batch.remarks:
            known = batch.remarks[first]
            known += [line for line in batch.remarks.pop(other) if line not in known]

    def fill_only(
        self, batch: Batch, positions: Mapping[int, int], current: Mapping[int, Mapping[str, Any]],
        points: Mapping[int, list[dict[str, Any]]], addresses: Mapping[int, list[dict[str, Any]]],
    ) -> None:  # fmt: skip
        """Take out of rows what the record that they speak of has already; what differs is told.

        Args:
            positions: position in the batch to record id.
            current: stored values of the records, by id; points and addresses likewise.
        """
        for position, identity in positions.items():
            stored = current.get(identity, {})
            own = stored.get("custom") or {}
            for name, values in batch.values.items():
                there = own.get(name.removeprefix("custom.")) if name.startswith("custom.") else stored.get(name)
                if values[position] is None or there in (None, "", []):
                    continue
                if not _same(there, values[position]):
                    self._tell(batch, position, position, identity, name, there)
                values[position] = None
            self._fill_points(batch, position, identity, points.get(identity, []))
            for slot, parts in batch.addresses.items():
                place = 1 if slot else 0
                mine = addresses.get(identity, [])
                if len(mine) > place:
                    self._fill_address(batch, position, identity, slot, parts, mine[place])

    def _fill_points(self, batch: Batch, position: int, identity: int, mine: Sequence[Mapping[str, Any]]) -> None:
        for column in batch.points:
            value = column.values[position]
            there = [point["value"] for point in mine if point["kind"] == column.kind]
            if value is None or not there:
                continue
            if not any(_same(known, value) for known in there):
                self._tell(batch, position, position, identity, column.field.name, there[0])
            column.values[position] = None

    def _fill_address(
        self, batch: Batch, position: int, identity: int, slot: str, parts: dict[str, list[Any]], mine: Mapping[str, Any]
    ) -> None:  # fmt: skip
        differing = [
            part for part, values in parts.items()
            if values[position] is not None and mine[part] is not None and not _same(mine[part], values[position])
        ]  # fmt: skip
        for part in differing:
            self._tell(batch, position, position, identity, part + ("@other" if slot else ""), mine[part])
        for part, values in parts.items():
            if differing or mine[part] is not None:
                values[position] = None

    def _tell(self, batch: Batch, first: int, other: int, owner: int, name: str, kept: Any) -> None:
        """Note a cell that says something else; the same text about the same record is told once."""
        column = self._headers.get(name)
        if column is None:  # put together from other cells
            return
        cells = batch.cells[other]
        raw = cells[column.column] if column.column < len(cells) else None
        text = "" if raw is None else str(raw).strip()
        mark = (owner, name, fold(text))
        if not text or mark in self._told:
            return
        self._told.add(mark)
        batch.problems.append(
            (other, column.header, raw, self._why(batch, first, other, name, column.column, kept), False)
        )
        line = f"{column.header}: {text}"
        if self._remarks and line not in batch.remarks[first]:
            batch.remarks[first].append(line)

    def _why(self, batch: Batch, first: int, other: int, name: str, column: int, kept: Any) -> Evidence:
        """What stays, as the earlier row wrote it where that is known."""
        cells = batch.cells[first]
        text = cells[column] if first != other and column < len(cells) else None
        if text in (None, "") and self._fields[name].kind not in LINK_KINDS:
            text = kept
        if text in (None, ""):
            return Evidence(_DIFFERS)
        return Evidence(_SAYS, {"text": str(text)[:80]})


def _same(one: Any, other: Any) -> bool:
    """Whether two values say the same, capitals and accents apart."""
    return one == other or isinstance(one, str) and isinstance(other, str) and fold(one) == fold(other)
