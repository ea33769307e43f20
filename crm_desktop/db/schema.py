"""The schema: every table and record type that a program knows, and how tables belong together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.core.entities import Entity
from crm_desktop.db.base import BOOKKEEPING, Base

MIGRATIONS = Path(__file__).resolve().parent / "migrations" / "versions"


class Schema:
    """The record types of a program and the tables they live in.

    Args:
        entities: every record type; their models must have been imported.
        migrations: further folders with migrations, after the program's own.
    """

    def __init__(self, entities: Iterable[Entity], migrations: tuple[Path, ...] = ()) -> None:
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
    def parent_column(table: sa.Table) -> str:
        """The column that points to the record a child row belongs to, or an empty string."""
        return str(table.info.get("parent", ""))

    @cached_property
    def parents(self) -> dict[str, tuple[str, str]]:
        """Child table name to (entity name, parent column). Where the entity is said by a column, it is ""."""
        result = {}
        for entity in self.entities.values():
            for child in entity.children:
                result[child.table] = (entity.name, child.parent_column)
        for table in self.data_tables:
            if table.name not in result and self.parent_column(table):
                result[table.name] = ("", self.parent_column(table))
        return result
