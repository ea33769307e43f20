"""The plan of an import: everything that was decided, as plain data that can be kept and used again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from crm_desktop.importing.table import ReadOptions

CREATE, UPDATE, BOTH, SKIP = "create", "update", "both", "skip"
MODES = (BOTH, SKIP, CREATE, UPDATE)
"""both: add new records and update those that are here; skip: add new ones and leave the others alone;
create: add every row without looking for its record; update: change what is here and add nothing."""
RESTORE, AS_NEW, LEAVE = "restore", "new", "leave"
DELETED = (RESTORE, AS_NEW, LEAVE)
"""What happens with a row whose record was deleted lately: brought back and updated, added as new, or left out."""


@dataclass(frozen=True)
class ColumnPlan:
    """What happens with one column; see ``ColumnMapping`` for ``transform``, ``label`` and ``pair``.

    Attributes:
        date_order: "dmy", "mdy" or "ymd"; None follows the region.
        decimal: "," or "."; None decides cell by cell.
        serial: "1900" where numbers are days of a spreadsheet's calendar.
        values: what a cell stands for, by its text as choices are compared: the key of a choice, the id of a user or
            record, another text; "" leaves the cell out.
        blanks: whether an empty cell clears the value of a record that is here; None follows the plan.
    """

    column: int
    header: str
    target: str | None = None
    transform: str = ""
    label: str = ""
    pair: int = -1
    date_order: str | None = None
    decimal: str | None = None
    serial: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    blanks: bool | None = None


@dataclass(frozen=True)
class ImportPlan:
    """Everything that was decided about an import. Plain values only: it goes into JSON and comes back the same.

    Attributes:
        entity: the record type.
        source: how the file is read.
        columns: one for each column of the table, in their order.
        mode: see ``MODES``.
        keys: fields that tell whether a record is already here, best first; a row is looked up by the first one that it
            has and that finds something, and a better one that differs speaks against it.
        apart: fields that tell two records of the same title apart where both have them and they differ.
        whole: fields that count together for rows without any key (tasks have no number of their own): a row is a record
            that is here when all of them are the same, and rows with the same cells throughout are one.
        country: alpha-2 of phones and tax numbers without one; "" is the office's.
        defaults: values for new records where the file has none, as typed; "{Header}" stands for a cell of the row.
        overwrite_blanks: whether an empty cell clears the value of a record that is here.
        create_parents: whether companies, contacts and products that rows link to are made where they are missing.
        similar: whether a row without a match by its keys is also compared by the office's strict rule for duplicates.
        keep_bad_cells: whether the text of cells that do not fit goes into the record's remarks.
        deleted: what happens with rows of records that were deleted lately; see ``DELETED``.
        program: the other program that gave the ids in a column of external ids; "" is any.
        optional: whether rows that say nothing about a record of this type are passed over without being counted: the
            company part of a list of people.
        repeats: whether several rows may speak of the same record, as people of a list do of their company: such rows are
            one record, whose blanks are filled in, and no duplicates.
        told_by: the header of the column that tells which rows are records of this type ("Is a company", "PF/PJ"); "" where
            all are.
        kinds: what that column says, as texts are compared, in the rows that are meant; with ``other_kinds`` in those that
            are not.
        rows: how many rows to expect, for the progress; 0 is unknown.
    """

    entity: str
    source: ReadOptions
    columns: tuple[ColumnPlan, ...]
    mode: str = BOTH
    keys: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    country: str = ""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    overwrite_blanks: bool = False
    create_parents: bool = True
    similar: bool = False
    keep_bad_cells: bool = True
    deleted: str = RESTORE
    program: str = ""
    optional: bool = False
    repeats: bool = False
    told_by: str = ""
    kinds: tuple[str, ...] = ()
    other_kinds: bool = False
    rows: int = 0

    @property
    def sheet(self) -> str:
        """The sheet that is read."""
        return self.source.sheet

    @property
    def targets(self) -> set[str]:
        """The fields that some column goes to."""
        return {one.target for one in self.columns if one.target}

    def with_(self, **changes: Any) -> ImportPlan:
        """A copy with changes."""
        return replace(self, **changes)

    def clears(self, target: str) -> bool:
        """Whether an empty cell clears a field of a record that is here."""
        said = [one.blanks for one in self.columns if one.target == target and one.blanks is not None]
        return said[0] if said else self.overwrite_blanks

    def without_clearing(self) -> ImportPlan:
        """A copy in which no empty cell clears anything."""
        return replace(self, overwrite_blanks=False, columns=tuple(replace(one, blanks=None) for one in self.columns))

    def with_column(self, column: int, **changes: Any) -> ImportPlan:
        """A copy with changes to one column, by its position."""
        columns = tuple(replace(one, **changes) if one.column == column else one for one in self.columns)
        return replace(self, columns=columns)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        plain = asdict(self)
        plain["source"] = self.source.as_dict()
        return plain

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> ImportPlan:
        """The reverse of :meth:`as_dict`; unknown keys are ignored."""
        known = {one.name for one in fields(ImportPlan)}
        kept = {key: value for key, value in values.items() if key in known}
        column_names = {one.name for one in fields(ColumnPlan)}
        kept["source"] = ReadOptions.from_dict(kept["source"])
        kept["columns"] = tuple(
            ColumnPlan(**{key: value for key, value in one.items() if key in column_names}) for one in kept["columns"]
        )
        for name in ("keys", "apart", "whole", "kinds"):
            kept[name] = tuple(kept.get(name, ()))
        return ImportPlan(**kept)


@dataclass(frozen=True)
class ImportPart:
    """One table of a file and what to do with it. The same table may be in several parts, with other record types."""

    path: Path
    plan: ImportPlan
