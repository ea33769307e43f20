"""How a list is laid out: columns, several sorts, groups, totals, and the views that keep all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import EVERYTHING
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.records.aggregates import Measures, column_totals
from crm_desktop.records.grouping import Grouping
from ui.framework import settings
from ui.framework.commands import command, native_shortcut
from ui.records.choosers import ColumnsPopup, SortPopup
from ui.records.filter_popup import popup_point
from ui.records.group_popup import GroupPopup
from ui.records.list_commands import ListCommands
from ui.records.room import later
from ui.records.shown import TAGS, label_of
from ui.records.totals_foot import first_totals
from ui.records.view_tabs import MOST_BY_KEY
from ui.records.views import View, view_values
from ui.widgets.states import StateStack
from ui.widgets.toast import show_toast


class ListLayout(ListCommands):
    """The columns, sorts, groups, totals and views of a list page."""

    state: StateStack
    _remember_timer: Any

    def _begin_layout(self) -> None:
        """Connect what belongs together; the page calls it once its widgets are there."""
        self.totals = {}
        self.foot.hide()
        self.foot.changed.connect(self._choose_total)
        self._totals_timer = later(self, 60, self._read_totals)
        self.model.changed.connect(self._totals_timer.start)
        self.model.counted.connect(lambda _shown, _all: self._totals_timer.start())
        self.model.checks_changed.connect(self._totals_timer.start)
        self.model.grouping_failed.connect(self._on_grouping_failed)
        self.filters.group_requested.connect(self.choose_group)
        self.filters.discard_requested.connect(self.discard_view)
        for number in range(MOST_BY_KEY):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self, lambda number=number: self.views.choose_number(number))

    def more_shortcuts(self) -> list[tuple[str, str]]:
        """Keys of the page that are no commands, for the list of shortcuts: (keys, what they do)."""
        first, last = (native_shortcut(f"Ctrl+{number}") for number in (1, MOST_BY_KEY))
        return [(f"{first} … {last}", _("Views"))]

    # -- columns -----------------------------------------------------------------------------------------------

    def _columns_of(self, view: View | None) -> tuple[list[Field], dict[str, int]]:
        """The fields and widths that a view, this computer, or the record type asks for."""
        kept = settings.remembered_value(f"list.{self.kit.page}.columns")
        chosen: Sequence[Any] = (view.columns if view is not None else ()) or kept or self._first_columns()
        by_name = {one.name: one for one in self._fields}
        pairs = [(str(name), int(width)) for name, width in chosen if name in by_name]
        if not pairs:
            pairs = [(name, 0) for name in self.spec.list_columns if name in by_name]
        return [by_name[name] for name, _width in pairs], {name: width for name, width in pairs if width}

    def _first_columns(self) -> list[tuple[str, int]]:
        """The columns and widths that nobody has changed yet."""
        names = self.kit.columns or self.spec.list_columns
        return list(zip(names, self.kit.widths or (0,) * len(names), strict=True))

    def choose_columns(self) -> None:
        """Open the choice of columns."""
        popup = ColumnsPopup(self._fields, [one.name for one in self.model.fields], self)
        popup.changed.connect(self.set_columns)
        popup.reset_requested.connect(lambda: self.set_columns(list(self.kit.columns or self.spec.list_columns)))
        popup.show_at(popup_point(self.filters.columns))
        popup.search.setFocus()

    def set_columns(self, names: Sequence[str]) -> None:
        """Show these fields as columns."""
        widths = {name: width for name, width in self.table.columns()}
        by_name = {one.name: one for one in self._fields}
        self.show_columns([by_name[name] for name in names if name in by_name], widths)
        self._columns_moved()

    def show_columns(self, fields: Sequence[Field], widths: dict[str, int]) -> None:
        """Show columns, and a place under each for its total."""
        self.table.set_columns(fields, widths)
        self.foot.set_columns(fields, self.model.column_of)
        self._totals_timer.start()

    def _columns_moved(self) -> None:
        self._remember_timer.start()
        self._mark_view()

    def _remember_columns(self) -> None:
        if not self.views.current().columns:
            self.table.remember(self.kit.page)

    # -- sorts and groups --------------------------------------------------------------------------------------

    @command("list.sort", text=N_("Sort by…"), shortcut="Ctrl+Alt+S", icon="ph.sort-ascending", group="look")
    def choose_sort(self) -> None:
        """Open the choice of what to sort by."""
        fields = [one for one in self._fields if one is not TAGS]
        sorts = self.model.query.sort or ([self.spec.list_sort] if self.spec.list_sort[0] else [])
        popup = SortPopup(fields, sorts, self)
        popup.changed.connect(self._query)
        popup.show_at(popup_point(self.filters.sort))
        popup.focus_first()

    @command("list.group", text=N_("Group by…"), shortcut="Ctrl+Alt+G", icon="ph.stack", group="look")
    def choose_group(self) -> None:
        """Open the choice of what to group by."""
        popup = GroupPopup(self._fields, self.model.grouping, self)
        popup.changed.connect(self.set_grouping)
        popup.open_requested.connect(self.model.open_all)
        popup.show_at(popup_point(self.filters.group))
        popup.field.setFocus()

    def set_grouping(self, grouping: Grouping | None) -> None:
        """Group the list, or no longer."""
        self.model.all_fields = self._fields
        if grouping != self.model.grouping:
            self.state.show_loading()
            self.model.set_grouping(grouping)
            self._mark_view()

    def grouping_words(self) -> str:
        """By what the list is grouped, for the head of a print; "" where it is not."""
        grouping = self.model.grouping
        one = next((f for f in self._fields if grouping is not None and f.name == grouping.field), None)
        return _("By {label}").format(label=label_of(one)) if one is not None else ""

    def _on_grouping_failed(self, error: Exception) -> None:
        """The list without groups, and why: too many, or the field is gone."""
        self.set_grouping(None)
        text = str(error) if isinstance(error, UserError) else _("The list could not be grouped.")
        show_toast(self, text, kind="danger", seconds=10)

    @command("list.open_groups", text=N_("Open all groups"), shortcut="Alt+Shift+Right", icon="ph.caret-down",
             enabled_when="is_grouped", group="look")  # fmt: skip
    def open_groups(self) -> None:
        """Show the records of every group."""
        self.model.open_all(True)

    @command("list.close_groups", text=N_("Close all groups"), shortcut="Alt+Shift+Left", icon="ph.caret-right",
             enabled_when="is_grouped", group="look")  # fmt: skip
    def close_groups(self) -> None:
        """Show the groups only."""
        self.model.open_all(False)

    def is_grouped(self) -> bool:
        """Whether the list is in groups."""
        return self.model.grouping is not None

    # -- totals ------------------------------------------------------------------------------------------------

    @command("list.totals", text=N_("Totals under the list"), shortcut="Ctrl+Alt+T", icon="ph.calculator", group="look")
    def toggle_totals(self) -> None:
        """Show what the columns add up to, or no longer."""
        self.show_totals(self.foot.isHidden(), self.totals or first_totals(self.model.fields))
        self._mark_view()

    def show_totals(self, on: bool, totals: Mapping[str, str]) -> None:
        """Show the foot with these totals, or hide it."""
        self.totals = dict(totals)
        self.foot.setVisible(on)
        self._totals_timer.start()

    def _choose_total(self, name: str, what: str) -> None:
        self.totals = {**self.totals, name: what} if what else {k: v for k, v in self.totals.items() if k != name}
        self._totals_timer.start()
        self._mark_view()

    def _read_totals(self) -> None:
        """What the chosen columns add up to: of the checked records, or of the whole list; read in the background."""
        names = [one.name for one in self.model.fields if one.name in self.totals]
        if self.foot.isHidden():
            return
        checked = list(self.model.checked)
        count = len(checked) or self.model.record_count
        note = ngettext("{n} selected", "{n} selected", count) if checked else _("All {n}")
        note = note.format(n=format_integer(count))
        if not names:
            self.foot.show_totals({}, {}, "")
            return
        if checked and len(checked) == self.model.record_count:
            checked = []
        database, entity, query = self.office.database, self.kit.entity, self.model.query
        user, chosen = self.office.user_id, dict(self.totals)

        def work(connection: Any) -> dict[str, Measures]:
            return column_totals(
                database, connection, entity, names, filter=query.whole, user_id=user, ids=checked or None
            )

        self.office.read(self, work, lambda found: self.foot.show_totals(chosen, found, note), supersede="totals")

    # -- views -------------------------------------------------------------------------------------------------

    def apply_view(self, view: View, *, first: bool = False) -> None:
        """Show what a view asks for."""
        self.filters.set_filter(view.filter)
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.model.all_fields = self._fields
        self.model.use_grouping(view.grouping)
        self.show_columns(*self._columns_of(view))
        self.show_totals(view.foot, view.totals)
        self._query(list(view.sort or self.kit.sort))
        if not first:
            settings.remember_value(f"list.{self.kit.page}.view", view.key)

    def _query(self, sort: list[tuple[str, bool]]) -> None:
        raise NotImplementedError

    def _mark_view(self) -> None:
        """Say, and offer to save, where what is shown differs from the view."""
        view = self.views.current()
        sort = tuple(self.model.query.sort)
        same = self.filters.filter() == view.filter and sort == tuple(view.sort or self.kit.sort)
        same = same and self.model.grouping == view.grouping
        same = same and self.foot.isHidden() != view.foot and (not view.foot or self.totals == dict(view.totals))
        if same and view.columns:
            shown = [(name, width) for name, width in self.table.columns()]
            same = shown == [(name, width or dict(shown).get(name)) for name, width in view.columns]
        self.filters.set_changed(not same)
        self.views.set_changed(not same)
        self.refresh_commands()

    def view_changed(self) -> bool:
        """Whether what is shown differs from the view."""
        return not self.filters.discard.isHidden()

    def shown_values(self) -> dict[str, Any]:
        """What a view keeps of what is shown."""
        return view_values(
            self.kit.page, self.filters.filter(), self.model.query.sort, self.table.columns(), self.model.grouping,
            self.totals, not self.foot.isHidden(),
        )  # fmt: skip

    @command("list.save_view", text=N_("Save the view"), shortcut="Ctrl+Alt+V", icon="ph.floppy-disk",
             enabled_when="view_changed", group="view")  # fmt: skip
    def _save_view(self) -> None:
        """Save what is shown into the current view."""
        self.views.save(self.shown_values(), self._mark_view)

    @command("list.save_view_as", text=N_("Save as a view…"), shortcut="Ctrl+Alt+Shift+V", icon="ph.plus", group="view")
    def _save_view_as(self) -> None:
        """Save what is shown as a new view."""
        self.views.save_as(self.shown_values(), self._mark_view)

    @command("list.discard_view", text=N_("Discard the changes to the view"), icon="ph.arrow-counter-clockwise",
             enabled_when="view_changed", group="view")  # fmt: skip
    def discard_view(self) -> None:
        """Show the view as it was saved."""
        self.apply_view(self.views.current())

    def is_filtered(self) -> bool:
        """Whether the user narrowed the list."""
        return bool(self.model.query.filter != EVERYTHING)
