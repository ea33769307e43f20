"""All fields of a record in sections, each edited where it stands."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import LISTS_ONLY, Field, Kind
from crm_desktop.core.i18n import N_, translate
from crm_desktop.records import custom, form_rules
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.external_ids import ExternalIds
from ui.records.facts_edit import RecordFacts
from ui.records.form import section_title
from ui.records.merged_from import MergedFrom
from ui.records.reach import ReachPanel
from ui.records.reach_words import SHOWN_CHILDREN
from ui.records.shown import editable, plain
from ui.widgets.labels import Label
from ui.widgets.themed import margins

_KEPT = N_("Kept by the program")


class DetailsTab(QScrollArea):
    """The fields of a record by section."""

    saved = Signal()

    def __init__(self, office: Office, navigator: Navigator, spec: Entity, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._spec = office, navigator, spec
        self._grids: dict[str, RecordFacts] = {}
        self.locked = False
        """Whether the record may be read but not changed."""
        self._titles: dict[str, Label] = {}
        self.reach = ReachPanel(office, navigator, spec) if any(c.name == "points" for c in spec.children) else None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        self._box = QVBoxLayout(inner)
        margins(inner, 0, 8, 0, 16, 0)
        if self.reach is not None:
            self.reach.saved.connect(self.saved)
            self._box.addWidget(self.reach)
        self.merged = MergedFrom(office, navigator)
        self.external = ExternalIds(office)
        self.external.saved.connect(self.saved)
        self._box.addWidget(self.external)
        self._box.addWidget(self.merged)
        self._box.addStretch(1)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)

    def set_record(self, record: Record, fields: Sequence[Field]) -> None:
        """Show a record."""
        by_section: dict[str, list[Field]] = {}
        named = {one.name: one for one in fields}
        values = {one.name: plain(one, record.values.get(one.name)) for one in fields}
        for one in fields:
            if one.kind is Kind.JSON or one.hidden or not (one.in_form or one.system or one.computed):
                continue
            if not form_rules.is_visible(one, values, named, self._office.user_id):
                continue
            if one.section == LISTS_ONLY or one.name in {f.sort_by for f in self._spec.fields}:
                continue
            if self.reach is not None and one.child.partition(".")[0] in SHOWN_CHILDREN:
                continue
            key = one.section if editable(one) or one.custom else "@kept"
            by_section.setdefault(key, []).append(one)
        known = {one.key: one.label for one in custom.sections_of(self._office.database, self._spec.name)}
        order = [*(k for k in known if k in by_section), *(k for k in by_section if k not in known and k != "@kept")]
        for key in [*order, *(["@kept"] if "@kept" in by_section else [])]:
            grid = self._grids.get(key) or self._add(key)
            grid.show()
            self._titles[key].show()
            self._titles[key].setText(translate(_KEPT) if key == "@kept" else section_title(known, key))
            grid.locked = self.locked
            grid.set_record(record, by_section[key])
        self.external.locked = self.locked
        if self.reach is not None:
            self.reach.locked = self.locked
            self.reach.set_record(record, section_title(dict(self._spec.sections) | known, "reach"))
        for key in self._grids.keys() - by_section.keys():
            self._grids[key].hide()
            self._titles[key].hide()
        for key in order:
            self._box.removeWidget(self._titles[key])
            self._box.removeWidget(self._grids[key])
        first = 0 if self.reach is None else 1
        for place, key in enumerate(order):
            self._box.insertWidget(first + 2 * place, self._titles[key])
            self._box.insertWidget(first + 2 * place + 1, self._grids[key])
        self.external.set_record(record)
        self.merged.set_record(record, fields)

    def _add(self, key: str) -> RecordFacts:
        title = Label("", "section")
        title.setContentsMargins(24, 8, 24, 0)
        grid = RecordFacts(self._office, self._navigator, columns=2, stretch=(1, 1), padding=(24, 8, 24, 12))
        grid.saved.connect(self.saved)
        self._grids[key], self._titles[key] = grid, title
        below = 3  # the ids of other programs, what was merged, and the room under them
        self._box.insertWidget(self._box.count() - below, title)
        self._box.insertWidget(self._box.count() - below, grid)
        return grid

    def grid_of(self, name: str) -> RecordFacts | None:
        """The grid that shows a field."""
        return next((grid for grid in self._grids.values() if name in grid._cells), None)
