"""The chips over the board: when deals close, whose they are, which stand still, which have no next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from crm_desktop.core import clock, periods
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import EVERYTHING, Condition, Filter, all_of, where
from crm_desktop.core.i18n import _
from crm_desktop.records import queries
from crm_desktop.sales.queries import STALLED, WITHOUT_NEXT
from ui.framework.office import Office
from ui.records.filter_popup import ConditionPopup, FieldPopup
from ui.records.filter_words import condition_words, linked_values
from ui.records.shown import TAGS
from ui.theme.theme import px
from ui.widgets.badges import KeyCap
from ui.widgets.buttons import IconButton
from ui.widgets.chips import AddChip, Chip
from ui.widgets.flow import FlowLayout
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import margins, on_theme

_PERIODS = ("this_week", "this_month", "next_month", "this_quarter", "next_quarter", "this_year")
_OVERDUE = "overdue"
_HINT_ROOM = 1000


class _MenuChip(Chip):
    """A chip with a menu: grey while it lets everything through, a removable filter in force otherwise."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", menu=True, parent=parent)
        self.value: Any = None

    def put(self, value: Any, text: str) -> None:
        """Show a value; None lets everything through."""
        self.value = value
        self.removable = value is not None
        self.menu_caret = value is None
        self.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(_("Click to change, Delete to remove") if self.removable else "")
        self.updateGeometry()
        self.update()


class BoardFilters(QWidget):
    """The chips; ``changed`` is sent when the user changed the filter."""

    changed = Signal()
    menu_requested = Signal()
    print_requested = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._fields: Sequence[Field] = ()
        self._people: Sequence[tuple[int, str]] = ()
        self._own: list[Condition] = []
        self._titles: dict[tuple[str, int], str] = {}
        self._own_chips: list[Chip] = []
        self.closes = _MenuChip()
        self.owner = _MenuChip()
        self.stalled = Chip(icon="ph.snowflake", checkable=True)
        self.without = Chip(icon="ph.circle-dashed", checkable=True)
        self.add = AddChip()
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, gap=8)
        self._flow.setContentsMargins(0, px(2), 0, px(2))
        for chip in (self.closes, self.owner, self.stalled, self.without, self.add):
            self._flow.addWidget(chip)
        self._hint = QWidget()
        hint = QHBoxLayout(self._hint)
        self._caps = [KeyCap("Alt ←"), KeyCap("Alt →")]
        self._hint_text = Label("", "secondary", "text-muted")
        for widget in (*self._caps, self._hint_text):
            hint.addWidget(widget)
        margins(self._hint, 0, 4, 0, 4, 4)
        self.print = IconButton("ph.printer", "", kind="ghost")
        self.more = IconButton("ph.sliders-horizontal", "", kind="ghost")
        row = QHBoxLayout(self)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(IconLabel("ph.funnel-simple", "text-muted", 16, 28), 0, top)
        row.addWidget(self._chips, 1)
        for end in (self._hint, self.print, self.more):
            row.addWidget(end, 0, top)
        margins(self, 24, 2, 20, 10, 8)
        on_theme(self, self.updateGeometry)
        self.closes.clicked.connect(self._choose_period)
        self.closes.removed.connect(lambda: self._put_period(None))
        self.owner.clicked.connect(self._choose_owner)
        self.owner.removed.connect(lambda: self._put_owner(None))
        self.stalled.clicked.connect(lambda _on=False: self.changed.emit())
        self.without.clicked.connect(lambda _on=False: self.changed.emit())
        self.add.clicked.connect(self._choose_field)
        self.print.clicked.connect(self.print_requested)
        self.more.clicked.connect(self.menu_requested)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.closes.put(self.closes.value, self._period_words(self.closes.value))
        self.owner.put(self.owner.value, self._owner_words(self.owner.value))
        self.stalled.setText(_("Stalled"))
        self.stalled.setToolTip(_("Only deals in which nothing happened for longer than their stage allows"))
        self.without.setText(_("Without next step"))
        self.without.setToolTip(_("Only deals for which nothing is planned"))
        self.add.setText(_("Filter"))
        self.add.setAccessibleName(_("Add a filter"))
        self._hint_text.setText(_("moves the card"))
        self.print.set_label(_("Print the board"))
        self.more.set_label(_("More"))
        self._show_own()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._hint.setVisible(self.width() >= px(_HINT_ROOM) and self._office.browsed is None)

    # -- what is chosen ------------------------------------------------------------------------------------------

    def set_fields(self, fields: Sequence[Field]) -> None:
        """The fields that can be filtered by."""
        self._fields = fields

    def set_people(self, people: Sequence[tuple[int, str]]) -> None:
        """Who can own deals: (id, name)."""
        self._people = people
        self.owner.put(self.owner.value, self._owner_words(self.owner.value))

    def set_counts(self, stalled: int, without: int) -> None:
        """How many deals stand still, and how many have no next step."""
        self.stalled.set_count(str(stalled))
        self.without.set_count(str(without))
        self.stalled.setAccessibleName(f"{self.stalled.text()}: {stalled}")
        self.without.setAccessibleName(f"{self.without.text()}: {without}")
        self.stalled.setEnabled(bool(stalled) or self.stalled.isChecked())
        self.without.setEnabled(bool(without) or self.without.isChecked())

    def filter(self) -> Filter:
        """The filter in force."""
        parts: list[Filter] = []
        if self.closes.value == _OVERDUE:
            parts.append(where("expected_close", "older_days", 0))
        elif self.closes.value:
            parts.append(where("expected_close", "period", self.closes.value))
        if self.owner.value is not None:
            parts.append(where("owner_id", "eq", self.owner.value))
        if self.stalled.isChecked():
            parts.append(STALLED)
        if self.without.isChecked():
            parts.append(WITHOUT_NEXT)
        return all_of(*parts, *self._own)

    def words(self) -> str:
        """The filter in words, for the line under a printed board."""
        chips = [self.closes, self.owner, *self._own_chips]
        words = [chip.text() for chip in chips if chip.removable]
        words += [chip.text() for chip in (self.stalled, self.without) if chip.isChecked()]
        return " · ".join(words)

    def report_values(self) -> dict[str, Any] | None:
        """What the report of the pipeline is to be set to; None where it cannot filter so."""
        if self.stalled.isChecked() or self.without.isChecked() or self._own:
            return None
        closes = self.closes.value or "all"
        if closes == _OVERDUE:
            closes = f"..{clock.today() - timedelta(days=1)}"
        return {"closes": closes, "owner": self._office.user_id if self.owner.value == "@me" else self.owner.value}

    @property
    def in_force(self) -> bool:
        """Whether anything is filtered away."""
        return self.filter() != EVERYTHING

    def clear(self) -> None:
        """Let everything through again."""
        self.closes.put(None, self._period_words(None))
        self.owner.put(None, self._owner_words(None))
        self.stalled.setChecked(False)
        self.without.setChecked(False)
        self._own.clear()
        self._show_own()
        self.changed.emit()

    # -- period and owner ----------------------------------------------------------------------------------------

    @staticmethod
    def _period_words(value: str | None) -> str:
        if value is None:
            return _("Closes: any time")
        if value == _OVERDUE:
            return _("Closing day has passed")
        return _("Closes: {period}").format(period=periods.label(value).lower())

    def _owner_words(self, value: Any) -> str:
        if value is None:
            return _("Owner: all")
        name = _("me") if value == "@me" else next((name for one, name in self._people if one == value), "…")
        return _("Owner: {name}").format(name=name)

    def period_menu(self) -> QMenu:
        """The periods to choose from."""
        menu = QMenu(self)
        for key in (None, _OVERDUE, *_PERIODS):
            text = _("Any time") if key is None else _("Day has passed") if key == _OVERDUE else periods.label(key)
            _add(menu, text, self.closes.value == key, lambda key=key: self._put_period(key))  # type: ignore[misc]
            if key == _OVERDUE:
                menu.addSeparator()
        return menu

    def owner_menu(self) -> QMenu:
        """The people to choose from."""
        menu = QMenu(self)
        _add(menu, _("All"), self.owner.value is None, lambda: self._put_owner(None))
        if self._office.user_id is not None:
            _add(menu, _("Me"), self.owner.value == "@me", lambda: self._put_owner("@me"))
        menu.addSeparator()
        for one, name in self._people:
            _add(menu, name, self.owner.value == one, lambda one=one: self._put_owner(one))  # type: ignore[misc]
        return menu

    def _choose_period(self) -> None:
        self.period_menu().exec(_below(self.closes))

    def _choose_owner(self) -> None:
        self.owner_menu().exec(_below(self.owner))

    def _put_period(self, value: str | None) -> None:
        self.closes.put(value, self._period_words(value))
        self.changed.emit()

    def _put_owner(self, value: Any) -> None:
        self.owner.put(value, self._owner_words(value))
        self.changed.emit()

    # -- other conditions ----------------------------------------------------------------------------------------

    def add_condition(self, condition: Condition) -> None:
        """Filter by one more condition, as if the user had chosen it."""
        self._own.append(condition)
        self._look_up()
        self.changed.emit()

    def _choose_field(self) -> None:
        popup = FieldPopup([TAGS, *(one for one in self._fields if one is not TAGS)], _("Filter by…"), self)
        popup.chosen.connect(lambda field: self._open(field, None, self.add))
        popup.open_at(_below(self.add))

    def _open(self, field: Field, number: int | None, anchor: QWidget) -> None:
        given = self._own[number] if number is not None else None
        title = ""
        if given is not None and str(given.value).isdigit():
            title = self._titles.get((field.target, int(given.value)), "")
        popup = ConditionPopup(self._office, field, given, title, self)
        popup.applied.connect(lambda made: self._put(number, made))
        popup.open_at(_below(anchor))

    def _put(self, number: int | None, condition: Condition) -> None:
        if number is None:
            self._own.append(condition)
        else:
            self._own[number] = condition
        self._look_up()
        self.changed.emit()

    def _remove(self, number: int) -> None:
        del self._own[number]
        self._show_own()
        self.add.setFocus()
        self.changed.emit()

    def _edit(self, number: int, chip: Chip) -> None:
        name = self._own[number].field
        field = TAGS if name == "@tag" else next((one for one in self._fields if one.name == name), None)
        if field is not None:
            self._open(field, number, chip)

    def _look_up(self) -> None:
        self._show_own()
        wanted = [one for one in linked_values(all_of(*self._own), self._fields) if one not in self._titles]
        if wanted:
            self._office.read(self, lambda connection: self._read(connection, wanted), self._on_titles)

    def _read(self, connection: Any, wanted: list[tuple[str, int]]) -> dict[tuple[str, int], str]:
        schema = self._office.database.schema
        found: dict[tuple[str, int], str] = {}
        for entity in {one for one, _id in wanted}:
            ids = {identity for one, identity in wanted if one == entity}
            names = queries.titles(schema, connection, entity, ids)
            found.update({(entity, identity): names.get(identity, "?") for identity in ids})
        return found

    def _on_titles(self, found: dict[tuple[str, int], str]) -> None:
        self._titles.update(found)
        self._show_own()

    def _show_own(self) -> None:
        for chip in self._own_chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._own_chips = []
        for number, condition in enumerate(self._own):
            chip = Chip(condition_words(condition, self._fields, self._titles), removable=True, parent=self._chips)
            chip.setAccessibleName(chip.text())
            chip.clicked.connect(lambda _on=False, number=number, chip=chip: self._edit(number, chip))
            chip.removed.connect(lambda number=number: self._remove(number))
            self._flow.insert_widget(self._flow.count() - 1, chip)
            chip.show()
            self._own_chips.append(chip)
        self.updateGeometry()


def _add(menu: QMenu, text: str, on: bool, act: Callable[[], None]) -> None:
    action = menu.addAction(text)
    action.setCheckable(True)
    action.setChecked(on)
    action.triggered.connect(lambda _checked=False: act())


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height() + px(4)))
