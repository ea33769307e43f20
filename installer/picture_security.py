"""People and rights for the guide: who works here, what a role may do, who sees a record, and a hand-over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.filters import where
from crm_desktop.records import queries as records
from crm_desktop.security import queries, roles, service
from ui.framework import tasks
from ui.security.handover import HandOverDialog
from ui.security.person_dialog import PersonDialog
from ui.security.who_sees import WhoSeesDialog

Grab = Callable[..., None]


def _settle() -> None:
    for _time in range(6):
        tasks.wait_idle(20)


def _tab(window: Any) -> Any:
    window.open_page("settings", tab="people")
    _settle()
    return window.current_page.stack.currentWidget()


def people_and_rights(window: Any, grab: Grab) -> None:
    """Every section of the page, and its dialogs."""
    office = window.office
    with office.unit_of_work("Rights of {role}", params={"role": "Sales"}) as uow:
        roles.set_right(uow, "sales", "deal", "read", "all")
        roles.set_right(uow, "sales", "case", "create", "none")
        roles.set_right(uow, "sales", "", "import", "all")
    tab = _tab(window)
    grab("people")
    for section, name in (("teams", "teams"), ("roles", "roles-matrix"), ("effective", "what-may-who-do")):
        tab.show_section(section)
        _settle()
        if section == "effective":
            people = {one.role: one.id for one in tab.section("effective")._found.people}
            tab.explain(people["sales"])
        grab(name)
    _dialogs(tab, office, grab)
    tab.show_section("people")


def _dialogs(tab: Any, office: Any, grab: Grab) -> None:
    database = office.database
    with database.read() as connection:
        people = queries.active_users(connection)
        known, teams = roles.roles(connection), queries.teams(connection)
        leaver = next(one for one in people if one.role == "sales")
        counts = service.handover_counts(connection, database.schema, leaver.id)
        owned = where("owner_id", "eq", leaver.id)
        deal = records.find_ids(database, connection, "deal", filter=owned, limit=1)[0]
        record = records.get_record(database, connection, "deal", deal)
    others = [one for one in people if one.id != leaver.id]
    _show(HandOverDialog(tab, office, leaver, counts, others), "hand-over", grab)
    _show(PersonDialog(tab, office, known, teams, leaver), "person", grab)
    _show(WhoSeesDialog(tab, office, record), "who-can-see", grab)


def _show(dialog: Any, name: str, grab: Grab) -> None:
    dialog.show()
    _settle()
    grab(name, dialog)
    dialog.close()
