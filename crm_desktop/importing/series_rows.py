"""Recurring appointments of calendar files: left-out days, and occurrences that were moved and are rows of their own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import UnitOfWork
from crm_desktop.importing.batch import Batch
from crm_desktop.importing.ics_reader import parse_stamp
from crm_desktop.importing.lookup import select_in

EXCEPTIONS, OCCURRENCE, SERIES, UID = "exdates", "recurrence_id", "series_id", "uid"


def series_fields(entity: Entity) -> tuple[Field, ...]:
    """The import targets of a record type that may repeat; none for others."""
    if EXCEPTIONS not in entity.stored or not entity.has(OCCURRENCE):
        return ()
    left_out = Field(EXCEPTIONS, N_("Left-out days"), Kind.JSON, aliases=("exdate", "exdates"))
    return (left_out, entity.field(OCCURRENCE).but(importable=True, aliases=("recurrence-id", "recurrence id")))


def parse_exceptions(raw: Any) -> list[str] | None:
    """EXDATE values of RFC 5545 as ISO days and times; None where there are none."""
    found = [parse_stamp(part) for part in re.split(r"[,;\s]+", str(raw)) if part]
    return [one.isoformat() for one in found if one is not None] or None


def place_occurrences(batch: Batch, column: int) -> None:
    """Give moved occurrences the wall time that they had in the zone of their row, whatever zone the file wrote."""
    moments = batch.values.get(OCCURRENCE)
    if moments is None:
        return
    zones = batch.values.get("zone") or [None] * batch.size
    whole_days = batch.values.get("all_day") or [False] * batch.size
    for position, cells in enumerate(batch.cells):
        raw = cells[column] if column < len(cells) else None
        if isinstance(raw, datetime) and raw.tzinfo is not None:
            if whole_days[position]:
                moments[position] = datetime.combine(raw.date(), time())
            elif zones[position]:
                moments[position] = _in_zone(raw, zones[position])
        elif isinstance(raw, date) and not isinstance(raw, datetime):
            moments[position] = datetime.combine(raw, time())


def _in_zone(moment: datetime, zone: str) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    except (ZoneInfoNotFoundError, ValueError):
        return moment.astimezone().replace(tzinfo=None)


def occurrence_key(uid: str, moment: Any) -> str:
    """What tells an occurrence from its series, which has the same calendar id."""
    return f"{uid}\n{moment.isoformat() if isinstance(moment, datetime) else moment or ''}"


def link_to_series(uow: UnitOfWork, entity: Entity, batch: Batch, created: Mapping[int, int]) -> None:
    """Hang new occurrences on the series with the same calendar id."""
    moments, uids = batch.values.get(OCCURRENCE), batch.values.get(UID)
    if moments is None or uids is None:
        return
    moved = {identity: uids[position] for position, identity in created.items() if moments[position] and uids[position]}
    if not moved:
        return
    where = f't."{OCCURRENCE}" IS NULL'
    series = {
        uid: i for i, uid in select_in(uow.connection, entity.table, ("t.id", "t.uid"), UID, set(moved.values()), where)
    }
    rows = [(series[uid], identity) for identity, uid in moved.items() if uid in series]
    if rows:
        uow.update_many(entity.name, (SERIES,), rows)
