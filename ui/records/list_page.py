"""The page of a record type: views, filters, the list, and the chosen record beside it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Field
from crm_desktop.core.filters import EVERYTHING, all_of, from_json, where
from crm_desktop.core.formats import format_integer
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.records import custom
from ui.framework import settings
from ui.framework.may import can, may, why_not
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.bulk_bar import BulkBar
from ui.records.bulk_form import BulkForm
from ui.records.card import RecordCard
from ui.records.filter_bar import FilterBar
from ui.records.filter_popup import popup_point
from ui.records.kit import ListKit
from ui.records.list_drops import ListDrops
from ui.records.list_groups import GroupedModel
from ui.records.list_layout import ListLayout
from ui.records.list_reader import Query
from ui.records.list_view import RecordTable
from ui.records.room import keep_later, later, no_least_height
from ui.records.saving import plural_text
from ui.records.shown import list_fields
from ui.records.totals_foot import TotalsFoot
from ui.records.view_tabs import ViewTabs
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Plane
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.toast import show_toast


class ListPage(ListLayout):
    """Records of one type in a list, with everything that is done to lists."""

    def __init__(self, office: Office, navigator: Navigator, kit: ListKit, parent: QWidget | None = None) -> None:
        super().__init__(navigator, parent)
        self.office, self.kit = office, kit
        self.spec = office.database.schema.entity(kit.entity)
        self.setObjectName(f"list-{kit.page}")
        self._wanted: int | None = None
        self._fields: list[Field] = []
        self.model = GroupedModel(office, kit.entity, parent=self)
        self.table = RecordTable(self.model, translate(self.spec.plural), compact=settings.COMPACT_ROWS.get())
        ListDrops(self.table, office, navigator)
        self.views = ViewTabs(office, navigator, kit)
        self.filters = FilterBar(office)
        self.bulk = BulkBar(kit.commands)
        self.foot = TotalsFoot(self.table.header)
        self._lay_out()
        self._connect()
        self._begin_layout()
        self._checks_timer = later(self, 0, self._show_checks)
        self._look_timer = later(self, 40, self._show_current)
        self._remember_timer = keep_later(self, 500, self._remember_columns)
        self.read_fields()
        self.retranslate()
        self.apply_view(self.views.current(), first=True)

    def _lay_out(self) -> None:
        self.header = PageHeader(left=16, right=12)
        self.search = SearchBox(key="/", small=True)
        self.print_button = Button(icon="ph.printer", small=True)
        self.more = IconButton("ph.dots-three", "")
        for control in (self.search, self.print_button, self.more):
            self.header.add(control)
        self.header.installEventFilter(self)
        self.bar = QStackedWidget()
        self.bar.addWidget(self.filters)
        self.bar.addWidget(self.bulk)
        self.bar.setFixedHeight(px(44))
        icon_name, title, text = self.kit.empty
        steps = [(name, translate(head), translate(words)) for name, head, words in self.kit.steps]
        self.empty = EmptyState(
            icon_name or self.spec.icon, translate(title), translate(text), steps=steps, hue=self.spec.hue
        )
        self.state = StateStack(self.table, self.empty)
        no_least_height(self.state, 160)
        left = Plane("surface")
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for widget in (self.header, self.views, self.bar):
            box.addWidget(widget)
        box.addWidget(self.state, 1)
        box.addWidget(self.foot)
        left.setMinimumWidth(px(360))
        self.side = QStackedWidget()
        self.side.addWidget(Plane("surface"))
        self.side.setMinimumWidth(px(340))
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.side)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 55)
        self.splitter.setStretchFactor(1, 45)
        self.splitter.setSizes([676, 556])
        settings.remember_splitter(self.splitter, f"list.{self.kit.page}")
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def _connect(self) -> None:
        self.views.view_chosen.connect(self.apply_view)
        self.views.save_requested.connect(self._save_view_as)
        self.filters.changed.connect(self.search_now)
        self.filters.save_requested.connect(self._save_view)
        self.filters.columns_requested.connect(self.choose_columns)
        self.filters.sort_requested.connect(self.choose_sort)
        self.search.searched.connect(lambda _text: self.search_now())
        self.search.down_pressed.connect(self.table.setFocus)
        self.print_button.clicked.connect(self.print_list)
        self.more.clicked.connect(lambda: self.menu().exec(popup_point(self.more)))
        self.model.loaded.connect(self._on_loaded)
        self.model.changed.connect(self._show_state)
        self.model.counted.connect(self._on_counted)
        self.model.failed.connect(self._on_failed)
        self.model.checks_changed.connect(lambda: self._checks_timer.start())
        self.model.sort_changed.connect(self._mark_view)
        self.model.edit_requested.connect(self.save_cell)
        self.table.current_record_changed.connect(lambda _id: self._look_timer.start())
        self.table.row_activated.connect(self.open_row)
        self.table.row_menu_requested.connect(self.row_menu)
        self.table.columns_requested.connect(lambda _where: self.choose_columns())
        self.table.columns_moved.connect(self._columns_moved)
        self.table.copy_requested.connect(self.copy_rows)
        self.table.paste_requested.connect(self.paste_rows)
        self.table.delete_requested.connect(self.delete_chosen)
        self.table.edit_refused.connect(self._say_locked)
        self.table.search_requested.connect(self.find_in_list)
        self.bulk.clear_requested.connect(lambda: self.model.check_all(False))
        self.bulk.edit_requested.connect(self.choose_bulk_field)
        self.bulk.assign_requested.connect(self.assign)
        self.bulk.tag_requested.connect(self.tag)
        self.bulk.export_requested.connect(self.export_list)
        self.bulk.print_requested.connect(lambda: self.print_menu().exec(popup_point(self.bulk.print)))
        self.bulk.delete_requested.connect(self.delete_chosen)
        self.bulk.command_requested.connect(lambda one: one.run(self, self.office, self.navigator, self.chosen_ids()))
        self.state.retry.connect(self.model.reload)
        self.empty.action.connect(self._empty_action)
        self.empty.second_action.connect(lambda: self.navigator.open_page("import"))
        self.office.records_changed.connect(self._on_records_changed)
        self.office.access_changed.connect(self._on_access_changed)
        self._restrict()

    def _restrict(self) -> None:
        """Disable what one may not do with many records, and say why."""
        self.bulk.restrict(self.office, self.kit.entity)
        if "bulk_form" in vars(self):
            self.bulk_form.restrict()

    def _on_access_changed(self) -> None:
        self._restrict()
        self._say_empty()
        self.refresh_commands()
        self.model.reload()

    def _say_locked(self, row: int) -> None:
        """Somebody went to a cell that they may not change."""
        show_toast(self, why_not(self.office, self.kit.entity, "edit", self.model.row_values(row)), kind="accent")

    def _fit_header(self) -> None:
        """Only the icon of the printer where the title would be cut."""
        wide = self.header.width() > px(560)
        self.search.setMaximumWidth(px(168 if wide else 132))
        self.print_button.setText(_("Print") if wide else "")
        self.print_button.setAccessibleName(_("Print the list"))
        self.print_button.setToolTip(_("Print the list"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.header and event.type() == QEvent.Type.Resize:
            self._fit_header()
        return super().eventFilter(watched, event)

    # -- words -------------------------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Write every text in the language in use."""
        self.header.set_title(translate(self.kit.title or self.spec.plural))
        self.search.set_placeholder(_("Find in this list"))
        self._fit_header()
        self.more.set_label(_("More"))
        self.views.retranslate()
        self.filters.retranslate()
        self.bulk.retranslate()
        if "bulk_form" in vars(self):
            self.bulk_form.retranslate()
        self.table.setAccessibleName(translate(self.kit.title or self.spec.plural))
        self.table.header.setAccessibleName(_("Column headers"))
        self._say_empty()
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(len(self.model.fields), 0))
        self._on_counted(self.model.record_count if self.model.complete else -1, self.model.total)
        self.table.viewport().update()

    def _say_empty(self) -> None:
        filtered = self.model.query.filter != EVERYTHING
        _icon, title, text = self.kit.empty
        if filtered:
            self.empty.title.setText(_("Nothing matches"))
            self.empty.text.setText(_("No record has all of these. Take a filter away, or look at all of them."))
            self.empty.set_button(_("Show all"), "ph.funnel")
            self.empty.set_second_button("")
        else:
            self.empty.title.setText(translate(title) or translate(self.spec.plural))
            self.empty.text.setText(translate(text))
            makes = may(self.office, self.kit.entity, "create")
            self.empty.set_button(translate(self.spec.new_label) if makes else "", "ph.plus")
            imports = self.spec.importable and makes and can(self.office, "import")
            self.empty.set_second_button(_("Import a file…") if imports else "", "ph.upload-simple")

    def _empty_action(self) -> None:
        if self.model.query.filter != EVERYTHING:
            self.search.clear()
            self.filters.set_filter(EVERYTHING)
            self.search_now()
        else:
            self.create_new()

    def _on_counted(self, shown: int, total: int) -> None:
        if shown < 0:
            self.header.set_count(_("counting…"))
        elif self.model.query.filter == EVERYTHING:
            self.header.set_count(format_integer(shown))
        elif total >= 0:
            text = _("{shown} of {total}")
            self.header.set_count(text.format(shown=format_integer(shown), total=format_integer(total)))
        self._say_shown()

    def _say_shown(self) -> None:
        tell = self.navigator.set_shown
        if not self.isVisible():
            return
        if not self.model.complete:
            tell(_("loading…"))
            return
        parts = [plural_text(self.spec, self.model.record_count)]
        if self.model.checked:
            parts.append(
                ngettext("{n} selected", "{n} selected", len(self.model.checked)).format(
                    n=format_integer(len(self.model.checked))
                )
            )
        tell(" · ".join(parts))

    # -- what is shown -----------------------------------------------------------------------------------------

    def read_fields(self) -> None:
        """Look which fields there are; the office may have added some."""
        self._fields = list_fields(self.spec, custom.fields_of(self.office.database, self.kit.entity))
        self.filters.set_fields(self._fields)
        self.model.all_fields = self._fields

    def search_now(self) -> None:
        """Read the list again with the filters and the text in force."""
        self._query(self.model.query.sort)

    def _query(self, sort: list[tuple[str, bool]]) -> None:
        text = self.search.text().strip()
        tree = self.filters.filter()
        if text:
            tree = all_of(tree, where("@text", "search", text))
        self.state.show_loading()
        self.model.set_query(Query(self.kit.base, tree, sort))
        self.table.header.set_sorts(self.model.sorts())
        self._say_empty()
        self._mark_view()

    def _on_loaded(self) -> None:
        if not self.model.rowCount():
            self._look_timer.start()
        self._find_wanted()

    def _show_state(self) -> None:
        """Full or empty, also after a change elsewhere; an office without any record has no use for the side."""
        if self.model.rowCount():
            self.state.show_content()
            self.side.show()
            if self._wanted is not None and self.model.complete:
                self._find_wanted()
        elif self.model.complete:
            self._say_empty()
            self.state.show_empty()
            self.table.forget_current()
            self.side.setVisible(self.model.query.filter != EVERYTHING)
            if "card" in vars(self):
                self.card.set_record(None)

    def _find_wanted(self) -> None:
        wanted = self._wanted
        if wanted is not None and self.table.show_record(wanted):
            self._wanted = None
            self.table.scrollTo(self.table.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)
            self._show_current()
        elif wanted is not None and self.model.complete:
            self._wanted = None
            self.card.set_record(wanted)
        elif wanted is None and self.table.current_row() < 0 and self.model.rowCount():
            self.table.set_current_row(1 if self.model.group_at(0) is not None and self.model.id_at(1) else 0)

    def _on_failed(self, error: Exception) -> None:
        self.state.show_error(error)
        self.header.set_count("")
        self.navigator.set_shown("")

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("custom_field") or event.touches("form_layout"):
            self.read_fields()
            self.show_columns(*self._columns_of(self.views.current()))

    def activated(self, **params: Any) -> None:
        """Opened, maybe for one record (``record_id``) or with a filter as JSON (``filter``)."""
        if params.get("filter") is not None:
            self.filters.set_filter(from_json(params["filter"]))
            self.search_now()
        record_id = params.get("record_id")
        if record_id is not None:
            self._wanted = int(record_id)
            self.model.check_all(False)
            if self.model.rowCount():
                self._find_wanted()
        self._say_shown()
        self.setFocusProxy(self.table)

    # -- the record beside -------------------------------------------------------------------------------------

    def show_file(self, attachment_id: int) -> None:
        """Show a file of the record that was asked for."""
        self.card.show_file(attachment_id)

    @cached_property
    def card(self) -> RecordCard:  # type: ignore[override]
        """The record beside the list; made once the first rows are there, which come first."""
        card = RecordCard(self.office, self.navigator, self.kit.entity, self.kit.card)
        card.step_requested.connect(self._step)
        card.gone.connect(self._on_gone)
        self.side.addWidget(card)
        if len(self.model.checked) <= 1:
            self.side.setCurrentWidget(card)
        return card

    @cached_property
    def bulk_form(self) -> BulkForm:  # type: ignore[override]
        """The form beside the list where several records are checked."""
        form = BulkForm(self.office, self.navigator, self.kit.entity)
        form.retranslate()
        self.side.addWidget(form)
        return form

    def _show_current(self) -> None:
        card, record_id = self.card, self.table.current_id()
        if record_id is not None and self._wanted is None:
            card.set_record(record_id)

    def _on_gone(self) -> None:
        row = self.table.current_row()
        row = row if row >= 0 else self.table.gap_row
        self.table.forget_current()
        if self.model.rowCount():
            self.table.set_current_row(min(max(row, 0), self.model.rowCount() - 1))
            current = self.model.id_at(self.table.current_row())
            self.card.set_record(current)

    def _step(self, step: int) -> None:
        row = self.table.current_row() + step
        while 0 <= row < self.model.rowCount() and self.model.id_at(row) is None:
            row += step  # the row of a group is no record
        self.table.set_current_row(row)

    def _show_checks(self) -> None:
        count = len(self.model.checked)
        self.bar.setCurrentWidget(self.bulk if count else self.filters)
        self.side.setCurrentWidget(self.bulk_form if count > 1 else self.card)
        if count:
            self.bulk.set_count(count)
        if count > 1:
            self.bulk_form.set_ids(self.model.checked_ids())
        self.table.header.viewport().update()
        self._say_shown()
        self.refresh_commands()
