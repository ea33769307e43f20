"""What a run of the import hands back to the window, and where imported files were."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_desktop.importing import readers
from crm_desktop.importing.result import ImportResult, ImportResults
from crm_desktop.records import queries
from ui.framework import settings
from ui.importing.draft import Draft
from ui.importing.rehearsal_rows import linked_ids

_PATHS = "import.paths"
_MOST_PATHS = 50


@dataclass(frozen=True)
class Rehearsed:
    """A rehearsal of all parts, with the cells and titles that each part shows."""

    results: ImportResults
    cells: list[dict[int, list[Any]]]
    titles: list[dict[int, str]]


def remember_path(change_set: int | None, path: Path) -> None:
    """Keep on this computer where an imported file was, for its rejected rows."""
    paths = dict(settings.remembered_value(_PATHS, {}))
    paths[str(change_set)] = str(path)
    settings.remember_value(_PATHS, dict(list(paths.items())[-_MOST_PATHS:]))


def remembered_path(change_set: int) -> Path | None:
    """Where an imported file was, if it still is there."""
    kept = settings.remembered_value(_PATHS, {}).get(str(change_set))
    return Path(kept) if kept and Path(kept).is_file() else None


def cells_of(draft: Draft, result: ImportResult) -> dict[int, list[Any]]:
    """The raw cells of the rows that the rehearsal shows one by one."""
    wanted = {one.row for one in result.samples}
    found = {number: cells for number, cells in draft.rows if number in wanted}
    wanted -= found.keys()
    last = max(wanted, default=0)
    if wanted:
        for number, cells in readers.read(draft.path, result.plan.source):
            if number in wanted:
                found[number] = cells
            if number >= last:
                break
    return found


def titles_of(database: Any, draft: Draft, result: ImportResult) -> dict[int, str]:
    """The titles of records that the rehearsal speaks of; those it made for the time being are not there."""
    found: dict[int, str] = {}
    wanted = linked_ids(draft, result)
    own = {one.record_id for one in result.duplicate_rows if one.record_id is not None}
    wanted.setdefault(result.plan.entity, set()).update(own)
    with database.read() as connection:
        for entity, ids in wanted.items():
            if entity in database.schema.entities:
                found.update(queries.titles(database.schema, connection, entity, ids))
    return found
