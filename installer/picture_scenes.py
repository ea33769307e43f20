"""What the guide shows besides whole pages: tabs of a card, a grouped list, the search for duplicates, a merge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_desktop.core.filters import where
from crm_desktop.dedupe.scan import scan
from crm_desktop.records import queries
from crm_desktop.records.grouping import Grouping
from crm_desktop.security import queries as queries_of_users
from crm_desktop.security.passwords import Person
from installer.picture_backups import backups
from installer.picture_history import changes, recently_deleted
from installer.picture_importing import export_dialog, import_steps
from installer.picture_past import as_it_was
from installer.picture_restore import restoring
from installer.picture_security import people_and_rights
from installer.picture_server import server_assistant
from installer.picture_together import conflict, connection_lost, notices, present
from ui.backup.history_tab import HistoryTab
from ui.framework import dialogs, tasks
from ui.records.merge_dialog import open_merge
from ui.security.sign_in import Question, SignIn

Grab = Callable[..., None]
"""(name, widget): keeps a picture of the window, or of a widget."""
Scene = Callable[[Any, Grab], None]


def _find(window: Any, entity: str, name: str) -> list[int]:
    database = window.office.database
    with database.read() as connection:
        return list(queries.find_ids(database, connection, entity, filter=where("name", "contains", name), limit=5))


def _settle() -> None:
    for _ in range(5):
        tasks.wait_idle(20)


def _card(tab: str, entity: str, name: str) -> Scene:
    def show(window: Any, grab: Grab) -> None:
        window.open_record(entity, _find(window, entity, name)[0])
        _settle()
        page = window.current_page
        page.card.show_tab(tab)
        grab(_name(tab))

    return show


def _name(tab: str) -> str:
    return {"timeline": "customer-card"}.get(tab, tab)


def _grouped(window: Any, grab: Grab) -> None:
    window.open_page("contacts")
    page = window.current_page
    _settle()
    page.set_grouping(Grouping("lifecycle"))
    _settle()
    page.card.show_tab("timeline")
    page.table.scrollToTop()
    grab("lists")
    page.set_grouping(None)


def _fields(window: Any, grab: Grab) -> None:
    window.open_page("settings", tab="fields")
    grab("fields-and-forms")


def _duplicates(window: Any, grab: Grab) -> None:
    for entity in ("contact", "company"):
        scan(window.office.database, entity)
    window.open_page("duplicates")
    grab("duplicates")


def _merge(window: Any, grab: Grab) -> None:
    def look(dialog: Any) -> bool:
        dialog.show()
        grab("merging", dialog)
        dialog.close()
        return False

    window.open_page("contacts")
    _settle()
    dialogs.answers.give(look)
    open_merge(window.current_page, window.office, window, "contact", _find(window, "contact", "Marina Queir"))
    _settle()


def _sign_in(window: Any, grab: Grab) -> None:
    """The faces of the sample office, and the first of them chosen."""
    with window.office.database.read() as connection:
        shown = queries_of_users.active_users(connection)[:4]
    people = tuple(Person(one.id, one.name, one.login, one.role, one.hue) for one in shown)
    asking = SignIn(Question(window.office.name, people, people[0].id), lambda _answer: None)
    asking.resize(1040, 640)
    asking.show()
    grab("sign-in", asking)
    asking.deleteLater()


def _history_kept(window: Any, grab: Grab) -> None:
    """How long the history is kept, with what would go by another choice."""
    window.open_page("settings", tab="history")
    _settle()
    tab = window.current_page.stack.currentWidget().findChild(HistoryTab)
    tab.days.set_value(30)
    tab.years.set_value(1)
    tab.show_preview()
    _settle()
    grab("history-kept")
    tab.reload()
    _settle()


SCENES: dict[str, Scene] = {
    "backups": backups,
    "changes": changes,
    "recently-deleted": recently_deleted,
    "customer-card": _card("timeline", "contact", "Marina Queir"),
    "relations": _card("relations", "contact", "Marina Queir"),
    "consent": _card("consent", "contact", "Marina Queir"),
    "files": _card("files", "contact", "Marina Queir"),
    "lists": _grouped,
    "fields-and-forms": _fields,
    "duplicates": _duplicates,
    "merging": _merge,
    "sign-in": _sign_in,
    "import-steps": import_steps,
    "export": export_dialog,
    "people-and-rights": people_and_rights,
    "restore": restoring,
    "server-assistant": server_assistant,
    "history-kept": _history_kept,
    "notices": notices,
    "presence": present,
    "conflict": conflict,
    "connection-lost": connection_lost,
    "as-of": as_it_was,
}
"""By the name of their picture."""
