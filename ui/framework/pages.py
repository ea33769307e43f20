"""What the window needs to know of a page: its name, word, icon, place in the rail, and how to make it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ui.framework.may import can, may
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page


@dataclass(frozen=True)
class PageSpec:
    """A page of the main window.

    Attributes:
        name: its key; ``open_page(name)``.
        text: its word in the rail, a source text (``N_``).
        icon: a QtAwesome name.
        make: builds it when it is first opened: (office, navigator) to the page.
        place: "top" or "bottom" of the rail, or "" for a page that other pages open.
        under: the page whose item of the rail is lit while this one is shown, where it has none itself.
        entity: the record type that New creates while it is shown.
        shortcut: opens it.
        needs: what one must be allowed to see it: (record type, action), ("*", action) for any record type, or
            ("", power); nothing where empty.
    """

    name: str
    text: str
    icon: str
    make: Callable[[Office, Navigator], Page]
    place: str = "top"
    entity: str = ""
    shortcut: str = ""
    needs: tuple[str, str] | tuple[()] = ()
    under: str = ""

    def allowed(self, office: Office) -> bool:
        """Whether whoever is signed in may see it."""
        if not self.needs:
            return True
        entity, action = self.needs
        if not entity:
            return can(office, action)
        types = office.database.schema.entities.values()
        names = [one.name for one in types if one.listed] if entity == "*" else [entity]
        return any(may(office, name, action) for name in names)


@dataclass(frozen=True)
class RecordSpec:
    """How the records of a type are shown and made.

    Attributes:
        page: the page that lists them; it takes ``record_id`` in ``activated``.
        card: builds the whole card of one record, for a window of its own: (office, navigator, record id).
        create: opens the form of a new one: (office, navigator, parent widget, values known already).
        show: shows one where no page lists them, as a file on its record: (office, navigator, record id).
    """

    entity: str
    page: str
    card: Callable[[Office, Navigator, int], Any] | None = None
    create: Callable[[Office, Navigator, Any, dict[str, Any]], None] | None = None
    show: Callable[[Office, Navigator, int], Any] | None = None
