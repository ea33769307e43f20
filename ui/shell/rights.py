"""The window's frame follows the rights of whoever is signed in: pages in the rail, what New makes, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject

from crm_desktop.core.i18n import _
from ui.framework.commands import refresh_commands
from ui.framework.may import may, restrict, why_not
from ui.framework.office import Office
from ui.framework.pages import PageSpec, RecordSpec
from ui.shell.colours import ColourKeeper
from ui.widgets.toast import show_toast


class RightsKeeper(QObject):
    """Keeps the frame of a window in step with the rights, now and whenever they change.

    Args:
        window: the main window: ``rail``, ``top``, ``current_page``, ``open_page`` and ``name_new()``.
    """

    def __init__(
        self, office: Office, window: Any, pages: Mapping[str, PageSpec], records: Mapping[str, RecordSpec]
    ) -> None:
        super().__init__(window)
        self._office, self._window = office, window
        self._pages, self._records = pages, records
        self.colours = ColourKeeper(office, window)
        office.access_changed.connect(self._on_access_changed)
        self._offer_pages()

    def _offer_pages(self) -> None:
        self._window.rail.set_offered([spec.name for spec in self._pages.values() if spec.allowed(self._office)])

    def _on_access_changed(self) -> None:
        """Offer other pages, and leave the one that is shown where it is no longer to be seen."""
        self._offer_pages()
        name = self._window.page_name
        if name and not self._pages[name].allowed(self._office):
            self._window.open_page(self.nearest(name))
        self._window.name_new()
        self._window.status_keeper.refresh_backup()
        refresh_commands(self._window)
        page = self._window.current_page
        if page is not None:
            page.refresh_commands()

    def allows(self, name: str) -> bool:
        """Whether a page may be opened; where not, a toast says why."""
        spec = self._pages[name]
        if spec.allowed(self._office):
            return True
        entity, action = spec.needs or ("", "settings")
        self._tell(why_not(self._office, "contact" if entity == "*" else entity, action))
        return False

    def nearest(self, name: str) -> str:
        """A page, or the first of those that may be opened where it may not."""
        if self._pages[name].allowed(self._office):
            return name
        return next(spec.name for spec in self._pages.values() if spec.allowed(self._office))

    def allows_new(self, entity: str) -> bool:
        """Whether a record of a type may be added; where not, a toast says why."""
        why = why_not(self._office, entity, "create") if self._has_rights(entity) else ""
        if why:
            self._tell(why)
        return not why

    def _tell(self, why: str) -> None:
        show_toast(self._window, why, kind="danger")

    def _has_rights(self, entity: str) -> bool:
        spec = self._office.database.schema.entities.get(entity)
        return spec is not None and spec.listed

    def makeable(self) -> list[str]:
        """The record types that one may add, in the order of the menu."""
        return [
            one
            for one, spec in self._records.items()
            if spec.create is not None and (not self._has_rights(one) or may(self._office, one, "create"))
        ]

    def new_entity(self, wanted: str) -> str:
        """What New makes where the page is about ``wanted``: that, or the first thing that one may add."""
        makeable = self.makeable()
        return wanted if wanted in makeable or not makeable else makeable[0]

    def restrict_new(self) -> None:
        """Disable New where nothing may be added."""
        why = "" if self.makeable() else _("Your role may look, but not add anything.")
        for button in (self._window.top.new.main, self._window.top.new.more):
            restrict(button, why)
