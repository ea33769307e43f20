"""A condition as chips: which records a rule of a field is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import EVERYTHING, Condition, Filter, Group, from_json, to_json
from crm_desktop.core.i18n import _
from ui.framework.office import Office
from ui.records.filter_popup import ConditionPopup, FieldPopup, popup_point
from ui.records.filter_words import condition_words, linked_values, read_titles
from ui.records.room import Wrapping
from ui.records.shown import TAGS
from ui.widgets.buttons import SegmentedControl
from ui.widgets.chips import AddChip, Chip
from ui.widgets.themed import margins


class ConditionBox(QWidget):
    """Conditions of which all or any must hold. ``edited`` is sent after every change."""

    edited = Signal()

    def __init__(self, office: Office, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._fields: list[Field] = []
        self._parts: list[Condition] = []
        self._titles: dict[tuple[str, int], str] = {}
        self.join = SegmentedControl([("and", _("All of these")), ("or", _("Any of these"))], small=True)
        self.join.changed.connect(lambda _key: self.edited.emit())
        self.add = AddChip(_("Condition"))
        self.add.setAccessibleName(_("{rule}: add a condition").format(rule=name))
        self.add.clicked.connect(self._choose)
        self.chips = Wrapping(6)
        box = QVBoxLayout(self)
        box.addWidget(self.chips)
        box.addWidget(self.join)
        margins(self, 0, 0, 0, 0, 6)
        self.chips.flow.addWidget(self.add)
        self._show()

    def set_fields(self, fields: Sequence[Field]) -> None:
        """The fields that conditions can be about."""
        self._fields = [one for one in fields if one is not TAGS and one.kind is not Kind.JSON and not one.hidden]

    def set_value(self, stored: Any) -> None:
        """Show a condition as it is stored."""
        tree: Filter = from_json(stored)
        self._parts = []
        if isinstance(tree, Condition):
            self._parts = [tree]
        elif tree != EVERYTHING:
            self._parts = [one for one in tree.parts if isinstance(one, Condition)]
            self.join.set_value(tree.join)
        self._look_up()

    def value(self) -> Any:
        """The condition as it is stored; None for none."""
        if not self._parts:
            return None
        return to_json(self._parts[0] if len(self._parts) == 1 else Group(self.join.value(), tuple(self._parts)))

    def _look_up(self) -> None:
        wanted = [
            one for one in linked_values(Group("and", tuple(self._parts)), self._fields) if one not in self._titles
        ]
        self._show()
        if wanted:
            schema = self._office.database.schema
            self._office.read(
                self, lambda connection: read_titles(schema, connection, wanted), self._on_titles, supersede="titles"
            )

    def _on_titles(self, found: dict[tuple[str, int], str]) -> None:
        self._titles.update(found)
        self._show()

    def _show(self) -> None:
        for chip in self.chips.findChildren(Chip):
            if chip is not self.add:
                chip.hide()
                chip.setParent(None)
                chip.deleteLater()
        flow = self.chips.flow
        while flow.count():
            flow.takeAt(0)
        for number, part in enumerate(self._parts):
            text = condition_words(part, self._fields, self._titles)
            chip = Chip(text if len(text) < 44 else text[:42] + "…", removable=True, parent=self.chips)
            chip.setAccessibleName(text)
            chip.clicked.connect(lambda _on=False, number=number, chip=chip: self._edit(number, chip))
            chip.removed.connect(lambda number=number: self._remove(number))
            flow.addWidget(chip)
            chip.show()
        flow.addWidget(self.add)
        self.join.setVisible(len(self._parts) > 1)
        self.chips.fit()

    def _told(self) -> None:
        self._look_up()
        self.edited.emit()

    def _remove(self, number: int) -> None:
        del self._parts[number]
        self._told()
        self.add.setFocus()

    def _choose(self) -> None:
        popup = FieldPopup(self._fields, _("Depends on…"), self)
        popup.chosen.connect(lambda field: self._open(field, None, self.add))
        popup.open_at(popup_point(self.add))

    def _edit(self, number: int, chip: Chip) -> None:
        field = next((one for one in self._fields if one.name == self._parts[number].field), None)
        if field is not None:
            self._open(field, number, chip)

    def _open(self, field: Field, number: int | None, anchor: QWidget) -> None:
        given = self._parts[number] if number is not None else None
        title = ""
        if given is not None and str(given.value).isdigit():
            title = self._titles.get((field.target, int(given.value)), "")
        popup = ConditionPopup(self._office, field, given, title, self)
        popup.applied.connect(lambda made: self.put(made, number))
        popup.open_at(popup_point(anchor))

    def put(self, condition: Condition, number: int | None = None) -> None:
        """Add a condition, or put it in the place of another."""
        if number is None:
            self._parts.append(condition)
        else:
            self._parts[number] = condition
        self._told()
