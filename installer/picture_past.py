"""Pictures of the office as it was: the day is chosen, the board of that day, and the report of what was promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from PySide6.QtWidgets import QApplication

from crm_desktop.core import clock
from crm_desktop.core.filters import where
from crm_desktop.db.journal import change_set
from crm_desktop.db.unit_of_work import write
from crm_desktop.records import queries, service
from ui.framework import tasks
from ui.shell import past


def _settle() -> None:
    for _ in range(6):
        tasks.wait_idle(30)
        QApplication.processEvents()


def _tell_story(window: Any) -> None:
    """The sample office began a hundred days ago; since then some deals were won, lost and put off."""
    database = window.office.database
    began = clock.now() - timedelta(days=100)
    with database.begin() as connection:
        connection.execute(sa.update(change_set).values(at=began))
    with database.read() as connection:
        stages = {
            str(name): one
            for one, name in connection.execute(sa.text("SELECT id, outcome FROM stage ORDER BY position DESC"))
        }
        deals = queries.find_ids(database, connection, "deal", filter=where("status", "eq", "open"), limit=40)
    today = clock.today()
    with write(database, "Edit", actor=window.office.actor) as uow:
        for number, one in enumerate(deals[:18]):
            service.update_record(uow, "deal", one, {"expected_close": today - timedelta(days=70 - number * 3)})
    with database.begin() as connection:
        connection.execute(sa.update(change_set).where(change_set.c.at > began).values(at=began + timedelta(hours=1)))
    with write(database, "Edit", actor=window.office.actor) as uow:
        for number, one in enumerate(deals[:18]):
            if number % 3 == 0:
                service.update_record(
                    uow, "deal", one, {"stage_id": stages["won"], "closed_on": today - timedelta(days=60 - number * 2)}
                )
            elif number % 3 == 1:
                service.update_record(uow, "deal", one, {"expected_close": today + timedelta(days=20 + number)})
            elif number % 2:
                service.update_record(uow, "deal", one, {"stage_id": stages["lost"], "lost_reason": "price"})
            else:
                service.update_record(uow, "deal", one, {"amount": Decimal(4_900)})


def as_it_was(window: Any, grab: Callable[..., None]) -> None:
    """Choose a day, look at the board and a list of it, and read what became of the promises."""
    _tell_story(window)
    dialog = past.DayDialog(window, clock.now() - timedelta(days=100))
    dialog.show()
    _settle()
    grab("as-of-day", dialog)
    dialog.close()
    window.open_page("pipeline")
    _settle()
    past.show_day(window, clock.today() - timedelta(days=90))
    _settle()
    other: Any = next(
        one for one in QApplication.topLevelWidgets()
        if type(one) is type(window) and one is not window and one.isVisible()
    )  # fmt: skip
    other.resize(window.size())
    grab("as-of", other)
    for page in ("contacts", "today", "calendar"):
        other.open_page(page)
        _settle()
        grab(f"as-of-{page}", other)
    other.close()
    window.open_page("reports", report="slip")
    _settle()
    grab("promised-and-kept")
