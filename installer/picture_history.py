"""Pictures of what was done and can be taken back: changes, what stands in the way of an undo, recently deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, bulk_edit, history, queries, service
from crm_desktop.records.undo_words import obstacles
from ui.framework import tasks
from ui.records.undoing import UndoObstacles

Grab = Callable[..., None]


def _people(window: Any) -> list[Actor]:
    office = window.office
    with office.database.read() as connection:
        users = office.database.schema.table("user")
        rows = connection.execute(users.select().order_by(users.c.name)).all()
    return [Actor(row.id, row.name) for row in rows]


def _find(window: Any, entity: str, limit: int) -> list[int]:
    database = window.office.database
    with database.read() as connection:
        return list(queries.find_ids(database, connection, entity, sort=[("name", False)], limit=limit))


def _settle() -> None:
    for _ in range(5):
        tasks.wait_idle(20)


def _happen(window: Any) -> int:
    """An afternoon of an office; returns the change set that later edits stand in the way of."""
    database, people = window.office.database, _people(window)
    first, second = people[0], people[1 % len(people)]
    contacts, companies = _find(window, "contact", 60), _find(window, "company", 20)
    with write(database, N_("Edit {count} contacts"), actor=second, kind="bulk", params={"count": 12}) as uow:
        bulk_edit.update_records(uow, "contact", contacts[20:32], {"job_title": "Buyer", "source": "event"})
        chosen = uow.change_set_id
    with write(database, N_("Edit contact"), actor=first) as uow:
        service.update_record(uow, "contact", contacts[21], {"job_title": "Owner"})
    with write(database, N_("Edit contact"), actor=first) as uow:
        service.update_record(uow, "contact", contacts[24], {"job_title": "Head of purchasing"})
    with write(database, N_("Write a note"), actor=second) as uow:
        attach_service.add_note(uow, "company", companies[3], "Asks for the price list of May.")
    with write(database, N_("Delete company"), actor=first) as uow:
        service.delete_records(uow, "company", [companies[5]])
    with write(database, N_("Delete {count} contacts"), actor=second, kind="bulk", params={"count": 4}) as uow:
        service.delete_records(uow, "contact", contacts[40:44])
    with write(database, N_("Edit contact"), actor=second) as uow:
        service.update_record(uow, "contact", contacts[2], {"job_title": "Baker"})
        mistaken = uow.change_set_id
    history.undo(database, mistaken, second)
    return chosen


def changes(window: Any, grab: Grab) -> None:
    """The page of changes, and the question where later edits stand in the way."""
    chosen = _happen(window)
    window.open_page("changes")
    _settle()
    page = window.current_page
    page.table.set_current_row(page.model.find(chosen))
    grab("changes")
    office = window.office
    with office.database.read() as connection:
        plan = history.plan(office.database, connection, chosen)
        found = obstacles(office.database, connection, plan)
    dialog = UndoObstacles(window, page.current.set.title, plan, found, can_open=True)
    dialog.show()
    grab("undo-obstacles", dialog)
    dialog.close()


def recently_deleted(window: Any, grab: Grab) -> None:
    """What was deleted lately."""
    _happen(window)
    window.open_page("deleted")
    _settle()
    page = window.current_page
    page.table.check_rows(0, 1)
    grab("recently-deleted")
