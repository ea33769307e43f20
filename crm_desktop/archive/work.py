"""What the steps of writing an archive share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from crm_desktop.archive.zip_stream import ZipStream
from crm_desktop.core.jobs import Progress
from crm_desktop.db.database import Database
from crm_desktop.db.schema import Schema


def customer_types(schema: Schema) -> tuple[str, ...]:
    """The record types of people and organisations: those with phones and addresses. They have pages."""
    return tuple(
        name for name, spec in schema.entities.items()
        if spec.listed and any(child.name == "points" for child in spec.children)
    )  # fmt: skip


@dataclass
class Work:
    """One archive that is being written.

    Attributes:
        database: the snapshot: one moment of the office, in a scratch file.
        done, total: units of progress; a unit is a record, a row, or what takes about as long.
        lost: paths of files whose content is missing in the office, or damaged there; ``gone`` those that are not written.
    """

    database: Database
    connection: sa.Connection
    zip: ZipStream
    scratch: Path
    progress: Progress
    total: int = 0
    done: int = 0
    records: int = 0
    files: int = 0
    pages: int = 0
    lost: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    @property
    def schema(self) -> Schema:
        """The record types."""
        return self.database.schema

    @cached_property
    def customers(self) -> tuple[str, ...]:
        """See :func:`customer_types`."""
        return customer_types(self.schema)

    def tell(self, message: str) -> None:
        """Say what is written now."""
        self.progress.update(self.done, self.total, message)

    def step(self, units: int = 1) -> None:
        """Some more is done; stops where the user asked to."""
        self.done += units
        self.progress.update(min(self.done, self.total), self.total)
