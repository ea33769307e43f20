"""The bar of filters over a list: a chip for each condition, and the buttons of the view."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QWidget

from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import EVERYTHING, Condition, Filter, Group, all_of
from crm_desktop.core.i18n import N_, _
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.filter_dialog import FilterDialog, can_edit
from ui.records.filter_popup import ConditionPopup, FieldPopup, popup_point
from ui.records.filter_words import condition_words, filter_words, linked_values, read_titles, tree_words
from ui.records.shown import TAGS
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.chips import AddChip, Chip
from ui.widgets.labels import IconLabel
from ui.widgets.themed import fixed_height, margins

ALTERNATIVES = Field("@any", N_("Any of several conditions…"), Kind.TEXT)
"""The entry in the choice of fields that opens the window of alternatives."""


class _Strip(QScrollArea):
    """Chips in one line; the wheel moves them where there is too little room."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.inner = QWidget()
        self.row = QHBoxLayout(self.inner)
        margins(self.inner, 0, 0, 0, 0, 8)
        self.setWidget(self.inner)
        self.viewport().setAutoFillBackground(False)
        self.inner.setAutoFillBackground(False)
        fixed_height(self, 32)

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y() // 2 - event.angleDelta().x() // 2)


class FilterBar(QWidget):
    """The conditions in force. ``changed`` is sent when the user changed them."""

    changed = Signal()
    save_requested = Signal()
    columns_requested = Signal()
    sort_requested = Signal()
    group_requested = Signal()
    discard_requested = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._fields: list[Field] = []
        self._parts: list[Filter] = []
        self._titles: dict[tuple[str, int], str] = {}
        self._strip = _Strip()
        self.add = AddChip()
        self.add.clicked.connect(self._choose_field)
        self.save = Button(icon="ph.floppy-disk", kind="ghost", small=True)
        self.discard = IconButton("ph.arrow-counter-clockwise", "", kind="ghost")
        self.group = IconButton("ph.stack", "", kind="ghost")
        self.columns = IconButton("ph.sliders-horizontal", "", kind="ghost")
        self.sort = IconButton("ph.sort-ascending", "", kind="ghost")
        self.save.clicked.connect(self.save_requested)
        self.discard.clicked.connect(self.discard_requested)
        self.group.clicked.connect(self.group_requested)
        self.columns.clicked.connect(self.columns_requested)
        self.sort.clicked.connect(self.sort_requested)
        row = QHBoxLayout(self)
        row.addWidget(IconLabel("ph.funnel-simple", "text-muted", 16))
        row.addWidget(self._strip, 1)
        row.addWidget(self.save)
        row.addWidget(self.discard)
        row.addWidget(self.group)
        row.addWidget(self.columns)
        row.addWidget(self.sort)
        margins(self, 16, 0, 12, 0, 8)
        fixed_height(self, 44)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.add.setText(_("Filter"))
        self.add.setAccessibleName(_("Add a filter"))
        self.save.setAccessibleName(_("Save view"))
        self.save.setToolTip(_("Save view"))
        self.discard.set_label(_("Discard the changes to the view"))
        self.group.set_label(_("Group by"))
        self.columns.set_label(_("Columns"))
        self.sort.set_label(_("Sort by"))
        self._fit()
        self._show()

    def set_fields(self, fields: list[Field]) -> None:
        """The fields that can be filtered by."""
        self._fields = fields
        self._show()

    def set_filter(self, tree: Filter) -> None:
        """Show a filter; ``changed`` is not sent."""
        if tree == EVERYTHING:
            self._parts = []
        elif isinstance(tree, Group) and tree.join == "and":
            self._parts = list(tree.parts)
        else:
            self._parts = [tree]
        self._look_up()

    def filter(self) -> Filter:
        """The filter in force."""
        return all_of(*self._parts)

    def words(self) -> str:
        """The filter in words."""
        return filter_words(self.filter(), self._fields, self._titles)

    def add_condition(self, condition: Condition) -> None:
        """Add a condition, as if the user had."""
        self._parts.append(condition)
        self._told()

    def set_changed(self, on: bool) -> None:
        """Offer to save the view, or not where nothing differs from it."""
        self.save.setVisible(on)
        self.discard.setVisible(on)
        self._fit()

    def _fit(self) -> None:
        """The word of the button only where there is room for it beside the filters."""
        self.save.setText(_("Save view") if self.width() > px(560) else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _told(self) -> None:
        self._look_up()
        self.changed.emit()

    def _look_up(self) -> None:
        """Show the chips; the titles of linked records come a moment later."""
        wanted = [one for one in linked_values(self.filter(), self._fields) if one not in self._titles]
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
        row = self._strip.row
        while row.count():
            item = row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self.add:
                widget.hide()
                widget.deleteLater()
        for number, part in enumerate(self._parts):
            chip = Chip(self._chip_text(part), removable=True)
            chip.setAccessibleName(chip.text())
            chip.clicked.connect(lambda _on=False, number=number, chip=chip: self._edit(number, chip))
            chip.removed.connect(lambda number=number: self._remove(number))
            row.addWidget(chip)
        row.addWidget(self.add)
        row.addStretch(1)
        before: QWidget = self  # Tab goes in the order that is seen; new chips stand at its end otherwise
        items = [row.itemAt(at) for at in range(row.count())]
        chips = [one for item in items if item is not None and (one := item.widget()) is not None]
        for after in (*chips, self.save, self.discard, self.group, self.columns, self.sort):
            QWidget.setTabOrder(before, after)
            before = after
        self._strip.inner.setMinimumWidth(
            sum(
                chip.sizeHint().width() + px(8)
                for chip in self._strip.inner.findChildren(Chip)
                if chip.isVisibleTo(self)
            )
        )

    def _chip_text(self, part: Filter) -> str:
        if isinstance(part, Condition):
            return condition_words(part, self._fields, self._titles)
        return tree_words(part, self._fields, self._titles)

    def _remove(self, number: int) -> None:
        del self._parts[number]
        self._told()
        self.add.setFocus()

    def _choose_field(self) -> None:
        fields = [ALTERNATIVES, TAGS, *(one for one in self._fields if one is not TAGS)]
        popup = FieldPopup(fields, _("Filter by…"), self)
        popup.chosen.connect(
            lambda field: self._build(None) if field is ALTERNATIVES else self._open(field, None, self.add)
        )
        popup.open_at(popup_point(self.add))

    def _edit(self, number: int, chip: Chip) -> None:
        part = self._parts[number]
        if not isinstance(part, Condition):
            if can_edit(part):
                self._build(number)
            return
        field = TAGS if part.field == "@tag" else next((one for one in self._fields if one.name == part.field), None)
        if field is not None:
            self._open(field, number, chip)

    def _build(self, number: int | None) -> None:
        """Open the window of alternatives."""
        given = self._parts[number] if number is not None else None
        dialog = FilterDialog(self, self._office, self._fields, given, self._titles)
        accepted, tree = dialogs.run_dialog(dialog), dialog.filter()
        dialog.deleteLater()
        if not accepted:
            return
        if number is not None:
            self._parts[number : number + 1] = [tree] if tree is not None else []
        elif tree is not None:
            self._parts.append(tree)
        self._told()

    def _open(self, field: Field, number: int | None, anchor: QWidget) -> None:
        given = self._parts[number] if number is not None else None
        condition = given if isinstance(given, Condition) else None
        title = ""
        if condition is not None and str(condition.value).isdigit():
            title = self._titles.get((field.target, int(condition.value)), "")
        popup = ConditionPopup(self._office, field, condition, title, self)
        popup.applied.connect(lambda made: self._put(number, made))
        popup.open_at(popup_point(anchor))

    def _put(self, number: int | None, condition: Condition) -> None:
        if number is None:
            self._parts.append(condition)
        else:
            self._parts[number] = condition
        self._told()
