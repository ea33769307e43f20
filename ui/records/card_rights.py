"""What one may do with the record on a card: locked facts, refused actions, and who else can see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_desktop.records.queries import Record
from ui.framework.may import may, why_not
from ui.records.details import DetailsTab
from ui.records.files import FilesTab
from ui.records.kit import Related
from ui.records.lock_line import LockLine
from ui.widgets.toast import show_toast

if TYPE_CHECKING:
    from ui.records.card import RecordCard


class CardRights:
    """Asks for one card. ``line`` says why its record may only be read; ``locked`` whether that is so."""

    def __init__(self, card: RecordCard) -> None:
        self._card = card
        self.locked = False
        self.line = LockLine(askable=card.office.who_sees is not None)

    def lock(self, record: Record) -> None:
        """Let a record only be read where it may not be changed, and say why."""
        card = self._card
        why = why_not(card.office, card.spec.name, "edit", record)
        self.locked = bool(why)
        self.line.explain(card.office, card.spec.name, record, why)
        card.facts.locked = self.locked
        card.header.set_locked(self.locked)
        for view in card.views.made():
            self.lock_tab(view)
        card.timeline.composer.setVisible(card.office.browsed is None)

    def lock_tab(self, view: object) -> None:
        """Let what stands under a tab only be read where the record may only be read."""
        if isinstance(view, DetailsTab):
            view.locked = self.locked
        elif isinstance(view, FilesTab):
            view.set_locked(self.locked)

    def lists(self, related: Related) -> bool:
        """Whether one may see any of the records that a tab lists."""
        return may(self._card.office, related.entity, "read")

    def makes(self, entity: str) -> bool:
        """Whether the card has a button for a new record of a type, and one may make it."""
        card = self._card
        return any(one.entity == entity for one in card.kit.actions) and may(card.office, entity, "create")

    def offers(self, what: str) -> bool:
        """Whether the card can do something: "call", "note", or make an "activity", a "case", a "deal"."""
        if what == "call":
            return self._card.kit.log_call is not None and may(self._card.office, "activity", "create")
        return (what == "note" and self._card.office.browsed is None) or self.makes(what)

    def refuses(self, action: str) -> bool:
        """Whether one may not do something with the record; then a toast says why."""
        card = self._card
        why = why_not(card.office, card.spec.name, action, card.record)
        if why:
            show_toast(card, why, kind="danger")
        return bool(why)

    def show_sight(self) -> None:
        """Say who can see, change and delete the record, and why."""
        card = self._card
        if card.record is not None and card.office.who_sees is not None:
            card.office.who_sees(card, card.office, card.record)
