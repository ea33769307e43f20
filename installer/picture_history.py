"""Pictures of what was done and can be taken back: changes, what stands in the way of an undo, recently deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.i18n import N_
from crm_desktop.db.unit_of_work import Actor, write
from crm_desktop.records import attach_service, bulk_edit, history, queries, service
from crm_desktop.records.undo_words import obstacles
from ui.framework import tasks
from ui.records.saving import plural_text
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
    spec = database.schema.entity("contact")
    with database.read() as connection:
        names = queries.titles(database.schema, connection, "contact", contacts)
        names |= queries.titles(database.schema, connection, "company", companies)

    def edit(identity: int, values: dict[str, str], who: Actor) -> int:
        with write(database, N_("Edit {title}"), actor=who, params={"title": names[identity]}) as uow:
            service.update_record(uow, "contact", identity, values)
            return uow.change_set_id

    many = {"what": plural_text(spec, 12)}
    with write(database, N_("Edit {what}"), actor=second, kind="bulk", params=many) as uow:
        bulk_edit.update_records(uow, "contact", contacts[20:32], {"job_title": "Buyer", "source": "event"})
        chosen = uow.change_set_id
    edit(contacts[21], {"job_title": "Owner"}, first)
    edit(contacts[24], {"job_title": "Head of purchasing"}, first)
    noted, gone = companies[3], companies[5]
    with write(database, N_("Write a note on {title}"), actor=second, params={"title": names[noted]}) as uow:
        attach_service.add_note(uow, "company", noted, "Asks for the price list of May.")
    with write(database, N_("Delete {what}"), actor=first, params={"what": names[gone]}) as uow:
        service.delete_records(uow, "company", [gone])
    with write(database, N_("Delete {what}"), actor=second, kind="bulk", params={"what": plural_text(spec, 4)}) as uow:
        service.delete_records(uow, "contact", contacts[40:44])
    mistaken = edit(contacts[2], {"job_title": "Baker"}, second)
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
