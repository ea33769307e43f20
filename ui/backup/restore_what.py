"""The second step of restoring: what is to come back."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from ui.backup.restore_session import RestoreSession
from ui.backup.restore_step import RestoreStep
from ui.theme.theme import px
from ui.widgets.card_button import ActionCard
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

RECORD, CHANGES, WHOLE, BROWSE = "record", "changes", "whole", "browse"


class WhatStep(RestoreStep):
    """Four ways, each one button."""

    def __init__(self, session: RestoreSession, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.heading = Label("", "title")
        self.text = Label("", "body", "text-muted", wrap=True)
        self.cards: dict[str, ActionCard] = {}
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.addWidget(self.heading)
        column.addWidget(self.text)
        self._grid = QGridLayout()
        self._grid.setSpacing(px(12))
        column.addLayout(self._grid)
        column.addStretch(1)
        margins(inside, 24, 24, 24, 24, 12)
        on_theme(inside, lambda: inside.setMaximumWidth(px(960)))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(inside)

    def entered(self) -> None:
        self.retranslate()
        self.cards[self.session.mode if self.session.mode in self.cards else RECORD].setFocus()

    def retranslate(self) -> None:
        opened = self.session.opened
        when = formats.format_datetime(opened.made, "medium") if opened is not None else ""
        self.heading.setText(_("Backup of {when}").format(when=when))
        self.text.setText(_("It is whole and open for reading. What do you want back?"))
        words = {
            RECORD: ("ph.user-focus", _("One record"),
                     _("Find a contact, a deal or a company, see it beside today's, bring it back whole or in parts")),
            CHANGES: ("ph.clock-counter-clockwise", _("What changed since"),
                      _("See what was changed or deleted since, by whom, and bring back what you choose")),
            WHOLE: ("ph.archive", _("The whole office"),
                    _("As it was then: in the place of today's, with a way back, as a new file, or on an office server")),
            BROWSE: ("ph.eye", _("Only look around"), _("Open it read-only in a window of its own")),
        }  # fmt: skip
        for card in self.cards.values():
            self._grid.removeWidget(card)
            card.deleteLater()
        self.cards = {}
        for number, (key, (icon, title, text)) in enumerate(words.items()):
            card = self.cards[key] = ActionCard(icon, title, text)
            card.setMinimumHeight(px(72))
            card.clicked.connect(lambda _checked=False, chosen=key: self.choose(chosen))
            self._grid.addWidget(card, number, 0)

    def choose(self, mode: str) -> None:
        """Go one of the ways."""
        self.session.mode = mode
        self.done.emit()
