"""The schema: every table and record type that a program knows, and how tables belong together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.core.office_settings import NamedSetting
from crm_desktop.db import journal
from crm_desktop.db.base import BOOKKEEPING, Base

Rule = Callable[[Any, dict[str, Any], "Mapping[str, Any] | None"], None]
"""(context, values about to be written, current row or None): changes ``values`` in place, may raise FieldError."""
Expression = Callable[[sa.Table], sa.ColumnElement[Any]]
Holders = Callable[[sa.Table], sa.Select[Any]]
"""The ids (as ``id``) of the records that may have a value of a computed field; the others have none."""
Finisher = Callable[[Any], Mapping[str, set[int]]]
"""(unit of work) before its end: brings what follows from other rows up to date; returns the touched ids by entity.

It is called where the history has something of the unit of work, and writes only columns that the history leaves out.
"""
Past = Callable[[Any], None]
"""(:class:`db.past.kept.Keeper`): keeps what columns that finishers fill had at a moment."""
Merger = Callable[[Any, int, "list[dict[str, Any]]"], None]
"""(unit of work, id of the record that stays, the rows of all merged records as they were, the winner's first): what a
record type adds to a merge, once everything was moved."""


@dataclass(frozen=True)
class Proof:
    """A report whose numbers the trial restore of a backup compares; ``title`` is a source text.

    ``read`` is given a connection and the moment of the backup in the local zone of who made it, and returns labels with
    their numbers, always in the same order.
    """

    name: str
    title: str
    read: Callable[[Any, datetime], Sequence[tuple[str, Any]]]


Lock = Callable[[Any, "Schema"], None]
"""(connection, schema): takes the rights of the server off a database, and puts them back; nothing where it has none."""

JOURNAL = (journal.change_set, journal.change)
"""The tables of the history, in the order of a copy."""

MIGRATIONS = Path(__file__).resolve().parent / "migrations" / "versions"


class Schema:
    """The record types of a program and the tables they live in.

    Args:
        entities: every record type; their models must have been imported.
        migrations: further folders with migrations, after the program's own.
        rules: entity name to what completes and checks the values of a record before it is written, whoever
            writes it (see ``records.service``).
        expressions: (entity, computed field) to the function that gives its SQL expression over the table.
        holders: (entity, computed field) to what tells the few records that may have a value, so that a sort looks
            at those only (see :data:`Holders`).
        finishers: what every unit of work does before it ends (see :data:`Finisher`).
        pasts: what an as-of reading does for the columns that finishers keep (see :data:`Past`).
        mergers: entity name to what it adds to a merge of its records (see :data:`Merger`).
        lock: what a migration does with the lock of a server database, before and after it (see :data:`Lock`).
        server_functions: SQL of functions that a server carries out with the rights of its owner, for finishers: what
            follows from other rows follows from those, too, that the person who writes does not see.
        proofs: the reports that the trial restore of a backup compares.
        settings: every setting of the office, by name.
    """

    def __init__(
        self, entities: Iterable[Entity], migrations: tuple[Path, ...] = (), *,
        rules: Mapping[str, Rule] | None = None, expressions: Mapping[tuple[str, str], Expression] | None = None,
        holders: Mapping[tuple[str, str], Holders] | None = None, finishers: tuple[Finisher, ...] = (),
        mergers: Mapping[str, Merger] | None = None, lock: tuple[Lock, Lock] | None = None,
        server_functions: tuple[str, ...] = (), proofs: tuple[Proof, ...] = (), pasts: tuple[Past, ...] = (),
        settings: tuple[NamedSetting, ...] = (),
    ) -> None:  # fmt: skip
        self.rules = dict(rules or {})
        self.expressions = dict(expressions or {})
        self.holders = dict(holders or {})
        self.finishers = finishers
        self.pasts = pasts
        self.server_functions = server_functions
        self.mergers = dict(mergers or {})
        self.proofs = proofs
        self.settings = settings
        self.lock = lock
        self.entities = {entity.name: entity for entity in entities}
        self.migration_folders = (MIGRATIONS, *migrations)
        self.by_table = {entity.table: entity for entity in self.entities.values()}

    def entity(self, name: str) -> Entity:
        """The record type with this name; KeyError where there is none."""
        return self.entities[name]

    def table(self, entity: str | Entity) -> sa.Table:
        """The table of a record type."""
        return Base.metadata.tables[(entity if isinstance(entity, Entity) else self.entities[entity]).table]

    @cached_property
    def data_tables(self) -> list[sa.Table]:
        """Every table with data of the office, parents before children; without history and derived tables."""
        known = {entity.table for entity in self.entities.values()}
        return [
            table
            for table in Base.metadata.sorted_tables
            if not table.info.get("local") and not table.info.get("journal")
            and (not table.info.get("entity") or table.name in known)
        ]  # fmt: skip

    @cached_property
    def tracked_tables(self) -> list[sa.Table]:
        """The tables whose rows are kept in the history."""
        return [table for table in self.data_tables if table.info.get("history", True)]

    @staticmethod
    def tracked_columns(table: sa.Table) -> list[sa.Column[object]]:
        """The columns that the history keeps, ``id`` apart."""
        return [c for c in table.columns if c.name not in BOOKKEEPING and c.name != "id"]

    @staticmethod
    def tells_everything(table_name: str) -> bool:
        """Whether a new row of a table means that anything may have changed."""
        table = Base.metadata.tables.get(table_name)
        return table is not None and bool(table.info.get("everything"))

    @staticmethod
    def parent_column(table: sa.Table) -> str:
        """The column that points to the record a child row belongs to, or an empty string."""
        return str(table.info.get("parent", ""))

    @cached_property
    def parents(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Child table name to (names of the entities its rows may belong to, parent column)."""
        result: dict[str, tuple[tuple[str, ...], str]] = {}
        for entity in self.entities.values():
            for child in entity.children:
                names = result.get(child.table, ((), ""))[0]
                result[child.table] = ((*names, entity.name), child.parent_column)
        everybody = tuple(entity.name for entity in self.entities.values() if entity.listed)
        for table in self.data_tables:
            column = self.parent_column(table)
            if table.name not in result and column:
                targets = {key.column.table.name for key in table.columns[column].foreign_keys}
                own = tuple(self.by_table[name].name for name in sorted(targets) if name in self.by_table)
                result[table.name] = (own or everybody, column)
        return result

    @cached_property
    def owned(self) -> dict[str, list[tuple[str, str]]]:
        """Entity name to the (table, column) whose rows go with a deleted record and have no foreign key."""
        result: dict[str, list[tuple[str, str]]] = {name: [] for name in self.entities}
        for table in self.data_tables:
            parent = self.parent_column(table)
            if not parent or table.columns[parent].foreign_keys:
                continue
            for name in self.parents[table.name][0]:
                result[name].append((table.name, parent))
        for table in self.data_tables:
            column = table.info.get("refers")
            if column:
                for name in (entity.name for entity in self.entities.values() if entity.listed):
                    result[name].append((table.name, str(column)))
        return result
