"""What hangs on imported records besides contact points: tags, pictures, ids of other programs, the records an activity belongs to."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from crm_desktop.core.ids import generator
from crm_desktop.core.text import fold
from crm_desktop.db.base import Base
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.external_ids import ExternalIds
from crm_desktop.importing.lookup import select_in
from crm_desktop.importing.outcomes import CellChange
from crm_desktop.importing.own_rows import OwnRows
from crm_desktop.importing.pictures import store_pictures
from crm_desktop.importing.targets import LINKS, TAGS
from crm_desktop.records.attach_service import ensure_tag

Told = dict[int, list[CellChange]]


class Attachments:
    """Writes tags, links and external ids of the records of one import."""

    def __init__(self, uow: UnitOfWork, entity: str, external: ExternalIds, own: OwnRows) -> None:
        self._uow = uow
        self._own = own
        self._entity = entity
        self._external = external
        self._tags: dict[str, int] = {}

    def attach(self, batch: Batch, records: Mapping[int, int], *, fresh: bool) -> Told:
        """Write what is not there yet.

        Args:
            records: position in the batch to record id.
            fresh: whether the records are new, so that nothing hangs on them.

        Returns:
            What was added, by position.
        """
        told: Told = {}
        if records and batch.tags is not None:
            self._tag(batch, records, fresh, told)
        if records and batch.links:
            self._link(batch, records, fresh, told)
        if records and batch.photos is not None:
            store_pictures(self._uow, self._entity, batch.photos, records, told)
        if records and batch.external is not None:
            for position, added in self._external.store(self._entity, batch, records, fresh=fresh).items():
                told.setdefault(position, []).extend(added)
        if records and (batch.children or batch.series is not None):
            for position, added in self._own.attach(batch, records, fresh=fresh).items():
                told.setdefault(position, []).extend(added)
        return told

    def _tag(self, batch: Batch, records: Mapping[int, int], fresh: bool, told: Told) -> None:
        assert batch.tags is not None
        has: set[tuple[int, int]] = set()
        if not fresh:
            rows = select_in(
                self._uow.connection, "record_tag", ("t.record_id", "t.tag_id"), "record_id", list(records.values())
            )
            has = {(record, tag) for record, tag in rows}
        added = []
        for position, identity in records.items():
            for name in batch.tags[position]:
                tag = self._tag_id(name)
                if (identity, tag) not in has:
                    has.add((identity, tag))
                    added.append((tag, self._entity, identity))
                    told.setdefault(position, []).append(CellChange(TAGS, None, name))
        if added:
            ids = generator.take(len(added))
            rows_of = ([i, *row] for i, row in zip(ids, added, strict=True))
            self._uow.insert_many("record_tag", ["id", "tag_id", "entity", "record_id"], rows_of)

    def _tag_id(self, name: str) -> int:
        key = fold(name)
        if key not in self._tags:
            self._tags[key] = ensure_tag(self._uow, name)
        return self._tags[key]

    def _link(self, batch: Batch, records: Mapping[int, int], fresh: bool, told: Told) -> None:
        has: set[tuple[int, int]] = set()
        if not fresh:
            table = Base.metadata.tables["activity_link"]
            ids = list(records.values())
            for start in range(0, len(ids), 5_000):
                statement = sa.select(table.c.activity_id, table.c.record_id).where(
                    table.c.activity_id.in_(ids[start : start + 5_000])
                )
                has.update((activity, record) for activity, record in self._uow.connection.execute(statement))
        added = []
        for entity, linked in batch.links:
            for position, identity in records.items():
                record = linked[position]
                if record is not None and (identity, record) not in has:
                    has.add((identity, record))
                    added.append((identity, entity, record))
                    told.setdefault(position, []).append(CellChange(LINKS + entity, None, record))
        if added:
            new = generator.take(len(added))
            rows = ([i, *row] for i, row in zip(new, added, strict=True))
            self._uow.insert_many("activity_link", ["id", "activity_id", "entity", "record_id"], rows)
