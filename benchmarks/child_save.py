"""Measured process: one field after another saved on the card beside the list."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.child_window import Stage, rows_shown
from benchmarks.processes import arguments, tell
from crm_desktop.db.unit_of_work import UnitOfWork, write
from ui.records.list_page import ListPage
from ui.records.saving import save_fields

_SAVES = 30
_taken: list[float] = []


@contextmanager
def _timed_write(*given: Any, **options: Any) -> Iterator[UnitOfWork]:
    begin = time.perf_counter()
    with write(*given, **options) as uow:
        yield uow
    _taken.append((time.perf_counter() - begin) * 1000)


def _save(stage: Stage, page: ListPage, row: int) -> float:
    """Milliseconds of the longest gap of the event loop, from the save until all that follows from it is shown."""
    page.table.set_current_row(row)
    wanted = page.model.id_at(row)
    stage.until(lambda: page.card.record is not None and page.card.record.id == wanted)
    stage.rest()
    record = page.card.record
    assert record is not None
    title, done = f"Title {row} {time.time_ns()}", []
    stage.heart.reset()
    save_fields(
        page, stage.office, "contact", record.id, {"job_title": title}, {"job_title": record.values["job_title"]},
        label="Job title", title=record.title, done=lambda: done.append(True), failed=_fail,
    )  # fmt: skip
    stage.until(lambda: bool(done) and page.card.record is not None and page.card.record.values["job_title"] == title)
    end = time.monotonic() + 0.3  # the list looks again a little later
    stage.until(lambda: time.monotonic() > end)
    stage.rest()
    return stage.heart.longest * 1000


def _fail(error: Exception) -> None:
    raise error


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Measure it."""
    stage = Stage(given["database"], _timed_write)
    window = stage.window()
    window.open_page("contacts")
    page = window.current_page
    assert isinstance(page, ListPage)
    stage.until(lambda: rows_shown(page) and page.model.complete)
    stage.rest()
    idle = []
    for _ in range(5):
        stage.heart.reset()
        end = time.monotonic() + 0.5
        stage.until(lambda end=end: time.monotonic() > end)
        idle.append(stage.heart.longest * 1000)
    _save(stage, page, 0)
    _taken.clear()
    gaps = [_save(stage, page, row) for row in range(1, given.get("saves", _SAVES) + 1)]
    return {"saves": _taken, "gaps": gaps, "idle": idle}


if __name__ == "__main__":
    tell(main(arguments()))
