"""How pages go to other pages. Each page gets a Navigator in its constructor."""

from __future__ import annotations

from typing import Any, Protocol


class Navigator(Protocol):
    """What a page may ask of the window around it."""

    def open_page(self, name: str, **params: Any) -> None:
        """Show the page ``name`` ("contacts", "pipeline", ...)."""

    def open_record(self, entity: str, record_id: int, *, new_window: bool = False) -> None:
        """Show a record of a type ("contact", "deal", ...)."""

    def create_record(self, entity: str, values: dict[str, Any] | None = None) -> None:
        """Open the form of a new record, with what is known already."""

    def set_shown(self, text: str) -> None:
        """Say in the status bar what the page shows ("214 contacts")."""

    def back(self) -> None:
        """Go to where the user was before."""
