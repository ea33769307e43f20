"""Where imported files were, and the way to the records of an import."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from crm_desktop.core import clock, filters
from crm_desktop.importing.past import PastImport
from crm_desktop.importing.result import ImportResult
from ui.framework import settings
from ui.framework.navigation import Navigator

_PATHS = "import.paths"
_MOST_PATHS = 50


def remember_path(change_set: int | None, path: Path) -> None:
    """Keep on this computer where an imported file was, for its rejected rows."""
    paths = dict(settings.remembered_value(_PATHS, {}))
    paths[str(change_set)] = str(path)
    settings.remember_value(_PATHS, dict(list(paths.items())[-_MOST_PATHS:]))


def remembered_path(change_set: int) -> Path | None:
    """Where an imported file was, if it still is there."""
    kept = settings.remembered_value(_PATHS, {}).get(str(change_set))
    return Path(kept) if kept and Path(kept).is_file() else None


def open_imported(
    navigator: Navigator, page: str, change_set: int, batch: int | None, created: bool, at: datetime | None = None
) -> None:
    """Open a list, narrowed to what an import made; where it made nothing, to what changed on its day.

    Args:
        batch: the log of the part, which comes after its records.
        at: when it was; now where None.
    """
    if created and batch is not None:
        # ids are given out in time, and the log of the import comes last
        narrowed = filters.where("id", "between", [change_set, batch])
    else:
        day = at.astimezone().date() if at is not None else clock.today()
        narrowed = filters.where("updated_at", "eq", day.isoformat())
    navigator.open_page(page, filter=filters.to_json(narrowed))


def list_page(navigator: Any, entity: str) -> str:
    """The page that lists records of a type; "" where there is none."""
    pages = navigator.palette_pages() if hasattr(navigator, "palette_pages") else ()
    return next((page.name for page in pages if page.entity == entity), "")


def show_imported(navigator: Navigator, result: ImportResult) -> None:
    """Go to the list of the imported record type, narrowed to what the import made or changed."""
    page = list_page(navigator, result.plan.entity)
    if page and result.change_set is not None:
        open_imported(navigator, page, result.change_set, result.batch_id, bool(result.created))


def show_past(navigator: Navigator, row: PastImport) -> None:
    """Go to the list of the records that a past import made or changed."""
    page = list_page(navigator, row.entity)
    if page:
        open_imported(navigator, page, row.change_set, row.batch, bool(row.number("created")), row.at)
