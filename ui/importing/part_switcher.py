"""The tabs of the parts of an import: which one the steps work on, and what is still open in each."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _
from ui.importing import draft as drafts
from ui.importing.draft import Draft
from ui.importing.session import ImportSession
from ui.widgets.tabs import Tab, TabBar


class PartSwitcher(QWidget):
    """A tab for each part; with ``grouped``, parts of the same layout share one, since they are decided together.

    A tab has the number of columns that have no field yet, or else of those that would like a look.
    """

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.grouped = False
        self._shown: list[tuple[str, str]] = []
        self.tabs = TabBar(padding=16)
        self.tabs.changed.connect(lambda key: session.choose_part(int(key)))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.tabs)
        self.hide()
        session.parts_changed.connect(self.refresh)
        session.plan_changed.connect(self.refresh)
        session.checked.connect(self.refresh)

    def show_for(self, *, grouped: bool) -> None:
        """Show the parts as a step needs them."""
        self.grouped = grouped
        self.refresh()

    def places(self) -> list[int]:
        """The parts that have a tab."""
        every = self.session.drafts
        if not self.grouped:
            return list(range(len(every)))
        return [place for place, one in enumerate(every) if self.session.alike(one)[0] is one]

    def refresh(self) -> None:
        """Show the parts as they are now."""
        every, current = self.session.drafts, self.session.draft
        if current is None or not all(one.ready for one in every):
            return
        places = self.places()
        schema = self.session.schema
        tabs = [
            Tab(str(place), self.session.part_title(every[place], with_alike=self.grouped),
                schema.entity(every[place].plan.entity).icon)  # type: ignore[union-attr]
            for place in places
        ]  # fmt: skip
        shown = [(one.key, one.text) for one in tabs]
        if shown != self._shown:
            self._shown = shown
            self.tabs.set_tabs(tabs)
        for place in places:
            count, kind, words = open_columns(every[place]) if self.grouped else (0, "neutral", "")
            self.tabs.set_badge(str(place), format_integer(count) if count else "", kind)
            self.tabs.setTabToolTip(places.index(place), words)
        model = self.session.alike(current)[0] if self.grouped else current
        self.tabs.set_current(str(every.index(model)))
        self.tabs.setAccessibleName(_("Parts of the import"))


def open_columns(draft: Draft) -> tuple[int, str, str]:
    """(how many columns ask for something, the kind of the badge, what they ask for) in a part."""
    states = [draft.state(column) for column in range(len(draft.columns()))]
    if drafts.UNDECIDED in states:
        return states.count(drafts.UNDECIDED), "danger", _("Columns without a field")
    if drafts.CHECK in states:
        return states.count(drafts.CHECK), "warning", _("Columns that would like a look")
    return 0, "neutral", ""
