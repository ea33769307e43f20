"""The command palette: records, pages, commands, reports and what was opened lately, at a keystroke."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from crm_desktop.core.i18n import _, translate
from crm_desktop.core.text import fold, words
from crm_desktop.records import finder
from ui.framework.commands import Command
from ui.framework.office import Office
from ui.framework.settings import remember_value, remembered_value
from ui.widgets.popup import SearchPopup
from ui.widgets.results import Result

_RECENT = 8


class Palette(QObject):
    """Opens over the window; answers while typing.

    Args:
        office: where records are looked up.
        window: the main window: navigator, pages, parent.
        commands: gives the commands of the page and the window as they are now.
    """

    def __init__(self, office: Office, window: Any, commands: Callable[[], list[Command]]) -> None:
        super().__init__(window)
        self._office = office
        self._window = window
        self._commands = commands
        self._popup: SearchPopup | None = None

    def open_over(self, window: Any) -> None:
        """Show it, empty."""
        groups = [("all", _("Everything")), ("contact", _("Contacts")), ("company", _("Companies")),
                  ("deal", _("Deals")), ("case", _("Cases")), ("commands", _("Commands"))]  # fmt: skip
        popup = SearchPopup(_("Search names, phones, commands…"), groups, parent=self._window)
        popup.query_changed.connect(self._on_query)
        popup.chosen.connect(lambda result: self._go(result, False))
        popup.chosen_new_window.connect(lambda result: self._go(result, True))
        popup.closed.connect(popup.deleteLater)
        self._popup = popup
        popup.open_over(window)

    def _on_query(self, text: str, group: str) -> None:
        popup = self._popup
        if popup is None:
            return
        commands = self._command_results(text) if group in ("all", "commands") else []
        if not words(text) or group == "commands":
            popup.set_results([*(self._recent_results() if group != "commands" else []), *commands])
            return
        entities = () if group == "all" else (group,)
        database = self._office.database
        self._office.read(
            self._window,
            lambda connection: finder.find(database, connection, text, entities=entities, limit=30),
            lambda hits: self._show(text, hits, commands),
            supersede="palette",
        )

    def _show(self, text: str, hits: list[finder.Found], commands: list[Result]) -> None:
        if self._popup is None or not self._popup.isVisible():
            return
        schema = self._office.database.schema
        results: list[Result] = []
        entity = ""
        for hit in hits:
            spec = schema.entity(hit.entity)
            if hit.entity != entity:
                entity = hit.entity
                results.append(Result("", translate(spec.plural), group=True))
            person = hit.entity == "contact"
            results.append(
                Result(("record", hit.entity, hit.id, hit.title), hit.title, hit.subtitle,
                       icon="" if person else spec.icon, avatar=hit.title if person else "")
            )  # fmt: skip
        if not hits and not commands:
            results.append(Result(("nothing",), _("Nothing found for “{text}”").format(text=text), enabled=False))
        self._popup.set_results([*results, *commands])

    def _command_results(self, text: str) -> list[Result]:
        asked = [fold(word) for word in text.split()]
        found: list[Result] = []
        for page in self._window.palette_pages():
            name = translate(page.text)
            if all(word in fold(name) for word in asked):
                found.append(
                    Result(
                        ("page", page.name), _("Go to {page}").format(page=name), icon=page.icon, key_cap=page.shortcut
                    )
                )
        for one in self._commands():
            if one.visible and one.enabled and all(word in fold(one.text) for word in asked):
                found.append(Result(("command", one.id), one.text, icon=one.icon or "ph.command", key_cap=one.shortcut))
        most = found[: 6 if asked else 8]
        return [Result("", _("Commands"), group=True), *most] if most else []

    def _recent_results(self) -> list[Result]:
        kept = remembered_value(f"recent.{self._office.database.name}", [])
        schema = self._office.database.schema
        found = [
            Result(("record", entity, identity, title), title, icon=schema.entity(entity).icon)
            for entity, identity, title in kept
            if entity in schema.entities
        ]
        return [Result("", _("Opened lately"), group=True), *found] if found else []

    def _go(self, result: Result, new_window: bool) -> None:
        kind = result.key[0]
        if kind == "page":
            self._window.open_page(result.key[1])
        elif kind == "command":
            for one in self._commands():
                if one.id == result.key[1]:
                    one.run()
                    return
        elif kind == "record":
            _kind, entity, identity, title = result.key
            key = f"recent.{self._office.database.name}"
            kept = [row for row in remembered_value(key, []) if row[1] != identity]
            remember_value(key, [[entity, identity, title], *kept][:_RECENT])
            self._window.open_record(entity, identity, new_window=new_window)
