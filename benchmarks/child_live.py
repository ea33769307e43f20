"""Measured process: records are changed through another connection while a window shows them."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.child_window import Stage, rows_shown
from benchmarks.processes import arguments, tell
from crm_desktop import features
from crm_desktop.db.database import Database
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import service
from ui.records.list_page import ListPage

_CHANGES = 30


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Measure it."""
    stage = Stage(given["database"], write)
    window = stage.window()
    window.open_page("contacts")
    page = window.current_page
    assert isinstance(page, ListPage)
    stage.until(lambda: rows_shown(page) and page.model.complete and window.status_keeper.listening)
    other = Database(given["database"], features.schema())
    heard_at: list[float] = []
    stage.office.records_changed.connect(lambda _event: heard_at.append(time.perf_counter()))
    seen, heard = [], []
    for number in range(_CHANGES):
        page.table.set_current_row(number % 10)
        wanted = page.model.id_at(number % 10)
        assert wanted is not None
        stage.until(lambda wanted=wanted: page.card.record is not None and page.card.record.id == wanted)
        stage.rest()
        title = f"Title {number} {time.time_ns()}"
        with write(other, "Elsewhere") as uow:
            service.update_record(uow, "contact", wanted, {"job_title": title})
        heard_at.clear()
        begin = time.perf_counter()
        stage.until(lambda title=title: page.card.record is not None and page.card.record.values["job_title"] == title)
        seen.append((time.perf_counter() - begin) * 1000)
        heard.append((heard_at[0] - begin) * 1000 if heard_at else 0.0)
    other.close()
    window.close()
    return {"seen": seen, "heard": heard}


if __name__ == "__main__":
    tell(main(arguments()))
