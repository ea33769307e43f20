"""The page of changes: who did what and when, what it touched, and undo of any of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import change_search
from crm_desktop.records.change_search import Asked, Change, Found, Place
from ui.framework import settings
from ui.framework.commands import command, find_command
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.framework.page import Page
from ui.history.change_detail import ChangeDetail, least_width
from ui.history.choice_chip import ChoiceChip
from ui.history.search_foot import SearchFoot
from ui.history.words import ICONS, KINDS, PERIODS, period, state_words
from ui.records import change_output
from ui.records.room import later
from ui.records.shown import brief_moment
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.flow import FlowLayout
from ui.widgets.headers import PageHeader
from ui.widgets.labels import Hairline, Plane
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel

_PAGE = 200
_SHORT, _NARROW = 620, 480
"""Below these widths moments and names are written shorter, and how many rows it were is in the detail only."""
_MINE = "\x00mine"


class ChangesPage(Page):
    """Change sets, newest first; the current one told in full beside them; Undo of all of it or of chosen rows."""

    def __init__(self, office: Office, navigator: Navigator) -> None:
        super().__init__(navigator)
        self.office = office
        self._place: Place | None = None
        self._goal = 0
        self._searching = self._short = False
        self._wanted: int | None = None
        self._rows: list[Change] = []
        self._names: list[str] = []
        self.model = ListTableModel([], key=lambda one: one.set.id)
        self.table = DataTable()
        self.detail = ChangeDetail(office)
        self.header = PageHeader(left=16, right=12)
        self.search = SearchBox(key="/", small=True)
        self.more_button = Button(icon="ph.dots-three", kind="ghost", small=True)
        self.more_button.clicked.connect(self._open_more)
        self.who, self.entity, self.kind, self.period = (ChoiceChip() for _one in range(4))
        for chip in (self.who, self.entity, self.kind, self.period):
            chip.chosen.connect(lambda _key: self.reload())
        self.search.searched.connect(lambda _text: self.reload())
        self.search.down_pressed.connect(self.table.setFocus)
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._on_current())
        self.table.row_menu_requested.connect(self._open_menu)
        self.table.reached_end.connect(self._more)
        self.empty = EmptyState("ph.clock-counter-clockwise", hue=8)
        self.empty.action.connect(self.clear_filters)
        self.states = StateStack(self.table, self.empty)
        self.states.retry.connect(self.reload)
        self.foot = SearchFoot()
        self.foot.stop.connect(self.stop_searching)
        self.foot.go_on.connect(self.search_older)
        self.table.row_activated.connect(lambda _index: self.detail.table.setFocus())
        self.detail.undo_all.connect(self.undo_current)
        self.detail.undo_chosen.connect(self.undo_chosen)
        self.detail.open_record.connect(lambda entity, identity: navigator.open_record(entity, identity))
        self._fit_later = later(self, 0, self._fit)
        self._lay_out()
        self.setFocusProxy(self.states)
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        for control in (self.search, self.more_button):
            self.header.add(control)
        filters = QWidget()
        row = FlowLayout(filters)
        for chip in (self.who, self.entity, self.kind, self.period):
            row.addWidget(chip)
        row.setContentsMargins(px(16), px(2), px(16), px(10))
        left = Plane("surface")
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.header)
        box.addWidget(filters)
        box.addWidget(Hairline())
        box.addWidget(self.states, 1)
        box.addWidget(self.foot)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.detail)
        self.splitter.setChildrenCollapsible(False)
        left.setMinimumWidth(px(380))
        self.detail.setMinimumWidth(least_width())
        self.splitter.setSizes([px(560), px(560)])
        settings.remember_splitter(self.splitter, "changes")
        self.splitter.splitterMoved.connect(lambda _at, _index: self._fit_later.start())
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.splitter)

    def retranslate(self) -> None:
        """Write the words."""
        self.header.set_title(_("Changes"))
        self.search.set_placeholder(_("Find a change"))
        self.table.setAccessibleName(_("Changes"))
        self.table.header.setAccessibleName(_("Column headers"))
        self.more_button.setAccessibleName(_("More"))
        self.more_button.setToolTip(_("Print and export"))
        self._set_choices()
        self.model.set_columns([
            Column("at", _("When"), self._when, 156,
                   tooltip=lambda one: formats.format_datetime(one.set.at), color="text-muted"),
            Column("who", _("Who"), lambda one: one.set.user_name or "–", 118, avatar=lambda one: one.set.user_name),
            Column("title", _("What"), _told, 260, font=lambda one: "" if one.set.undone_by else "name",
                   color=lambda one: "text-muted" if one.set.undone_by else "text",
                   icon=lambda one: (ICONS.get(one.set.kind, "ph.pencil-simple"), "text-muted"),
                   tooltip=_told),
            Column("rows", _("Rows"), lambda one: formats.format_integer(one.rows) if one.rows else "", 62, align="end",
                   color="text-muted"),
        ])  # fmt: skip
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=2)
        self.detail.retranslate()
        self._say_empty()

    def _set_choices(self) -> None:
        schema = self.office.database.schema
        everybody = self.office.access.can("history")
        people = [("", _("Everybody")), (_MINE, _("Mine"))] + [(one, one) for one in self._names]
        self.who.set_choices(_("Who"), people)
        self.who.setVisible(everybody)
        types = [(one.name, translate(one.plural)) for one in schema.entities.values() if one.listed]
        self.entity.set_choices(_("Record type"), [("", _("Every type")), *types])
        self.kind.set_choices(_("Kind"), [("", _("Every kind")), *((key, _(text)) for key, text in KINDS)])
        self.period.set_choices(_("Period"), [("", _("Always")), *((key, _(text)) for key, text in PERIODS)])

    def _say_empty(self) -> None:
        if self.filtered:
            self.empty.set_texts(_("Nothing was changed like this"), _("Other filters may find it."))
            self.empty.set_button(_("Show all changes"), "ph.x")
        else:
            self.empty.set_texts(
                _("Nothing was changed yet"), _("Every edit, import and deletion stands here, and can be undone.")
            )
            self.empty.set_button("", "")

    @property
    def filtered(self) -> bool:
        """Whether not everything is asked for."""
        chips = (self.who, self.entity, self.kind, self.period)
        return bool(self.search.text().strip()) or any(chip.value for chip in chips)

    def asked(self) -> Asked:
        """What the filters ask for."""
        since, until = period(self.period.value)
        mine = self.who.value == _MINE or not self.office.access.can("history")
        return Asked(
            user_name=self.who.value if self.who.value and not mine else None, user_id=self.office.user_id,
            only_mine=mine, entity=self.entity.value, kind=self.kind.value, since=since, until=until,
            text=self.search.text(),
        )  # fmt: skip

    def activated(self, **params: Any) -> None:
        """Read the newest changes; ``change`` is the id of one to show."""
        self._wanted = int(params["change"]) if params.get("change") else None
        if self._wanted is not None:
            self.clear_filters()
        else:
            self.reload()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._set_choices()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_later.start()

    def _fit(self) -> None:
        """Where there is little room, what was done keeps its own."""
        width = self.table.width()
        self._short = width < px(_SHORT)
        self.table.setColumnHidden(3, width < px(_NARROW))
        for column, (wide, small) in enumerate(((156, 98), (118, 112))):
            self.table.setColumnWidth(column, px(small if self._short else wide))
        self.table.viewport().update()

    def _when(self, one: Change) -> str:
        return brief_moment(one.set.at) if self._short else formats.format_relative(one.set.at, with_time=True)

    def clear_filters(self) -> None:
        """Ask for everything again."""
        for chip in (self.who, self.entity, self.kind, self.period):
            chip.set_value("")
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.reload()

    def _on_records_changed(self, _event: object) -> None:
        if self.isVisible():
            self._refresh()

    def reload(self) -> None:
        """Search anew from the newest."""
        if not self._rows:
            self.states.show_loading()
        self._say_empty()
        self._goal = _PAGE
        self._search(None)

    def _refresh(self) -> None:
        """Something changed: the newest, and what is shown as it is now. A search that is far back goes on from there."""
        if not self._rows or (self._place is None and not self._searching and len(self._rows) < _PAGE):
            self.reload()
            return
        database, asked, known = self.office.database, self.asked(), [one.set.id for one in self._rows]

        def work(connection: Any) -> tuple[Found, dict[int, Change]]:
            newest = change_search.find_changes(database, connection, asked, limit=_PAGE)
            return newest, change_search.read_again(connection, known)

        def done(got: tuple[Found, dict[int, Change]]) -> None:
            newest, again = got
            mine = [one.set.id for one in self._rows]
            if asked != self.asked() or (len(newest.changes) == _PAGE and newest.changes[-1].set.id not in mine):
                self.reload()  # so much is new that there is a gap between
                return
            fresh = {one.set.id for one in newest.changes}
            self._rows = [*newest.changes, *(again.get(one, row) for one, row in zip(mine, self._rows, strict=True)
                                             if one not in fresh and (one in again or one not in known))]  # fmt: skip
            self._fill()

        self.office.read(self, work, done, supersede="changes-again")

    def _search(self, after: Place | None) -> None:
        """A step of the search: the reading takes a moment, then what it found is shown, and the next step follows."""
        database, asked = self.office.database, self.asked()
        names = after is None and self.office.access.can("history")
        wanted = max(1, self._goal - (len(self._rows) if after else 0))
        self._searching = True

        def work(connection: Any) -> tuple[Found, list[str]]:
            found = change_search.find_changes(database, connection, asked, limit=wanted, after=after)
            return found, change_search.who_changed(connection) if names else self._names

        self.office.read(self, work, lambda got: self._show(*got, after), self._fail, supersede="changes")

    def _show(self, found: Found, names: list[str], after: Place | None) -> None:
        if after is not None and not self._searching:
            return  # it was stopped meanwhile
        rows = list(found.changes)
        known = {one.set.id for one in self._rows} if after else set()
        self._rows = [*self._rows, *(one for one in rows if one.set.id not in known)] if after else rows
        self._place = found.place
        if names != self._names:
            self._names = names
            self._set_choices()
        self._searching = self._searching and found.place is not None and len(self._rows) < self._goal
        self._fill()
        if self._searching:
            self._search(found.place)

    def _fail(self, error: Exception) -> None:
        self._searching = False
        self.foot.hide()
        self.states.show_error(error)

    def _fill(self) -> None:
        """Show what was found so far; the current change and the place in the list stay."""
        current = self.current
        place = self.table.verticalScrollBar().value()
        self.model.set_rows(self._rows)
        at = self.model.find(current.set.id) if current is not None else -1
        if self._wanted is not None and (sought := self.model.find(self._wanted)) >= 0:
            at, self._wanted = sought, None
        if self._rows:
            self.states.show_content()
            self.table.set_current_row(max(at, 0))
            self.table.verticalScrollBar().setValue(place if at >= 0 else 0)
        elif self._place is not None:
            self.states.show_content()  # the line below tells that it goes on
        else:
            self.states.show_empty()
        self._tell_search()
        self._on_current()

    def _tell_search(self) -> None:
        if self._searching:
            self.foot.show_searching(self._place.at if self._place else None)
        elif self._place is not None and len(self._rows) < self._goal:
            self.foot.show_stopped(self._place.at)
        else:
            self.foot.hide()

    def stop_searching(self) -> None:
        """Rest with what was found; it can be gone on with."""
        self._searching = False
        self._tell_search()

    def search_older(self) -> None:
        """Go on where the search rests."""
        if self._place is not None and not self._searching:
            self._search(self._place)
            self._tell_search()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._searching and not event.spontaneous():
            self.stop_searching()  # nobody looks

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape stops a search that goes far back."""
        if event.key() == Qt.Key.Key_Escape and self._searching:
            self.stop_searching()
            return
        super().keyPressEvent(event)

    def _more(self) -> None:
        if self._rows and self._place is not None and not self._searching and len(self._rows) >= self._goal:
            self._goal = len(self._rows) + _PAGE
            self.search_older()

    @property
    def current(self) -> Change | None:
        """The change of the current row."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _on_current(self) -> None:
        self.refresh_commands()
        current = self.current
        if current is None:
            self.detail.clear()
        else:
            self.detail.show_change(current.set.id)

    def can_undo(self) -> bool:
        """Whether the current change stands, and can be undone."""
        current = self.current
        return current is not None and current.set.can_be_undone

    def can_undo_chosen(self) -> bool:
        """Whether rows of it are checked, too."""
        return self.can_undo() and bool(self.detail.chosen())

    @command("changes.undo", text=N_("Undo this change"), shortcut="Ctrl+Shift+U", icon="ph.arrow-counter-clockwise",
             enabled_when="can_undo")  # fmt: skip
    def undo_current(self) -> None:
        """Undo the current change set."""
        current, keeper = self.current, self.navigator.undo_keeper  # type: ignore[attr-defined]
        if current is not None and self.can_undo():
            if current.set.takes_back:
                keeper.redo_change_set(current.set)
            else:
                keeper.undo_change_set(current.set.id, current.set.title)

    @command("changes.undo_chosen", text=N_("Undo the chosen rows"), icon="ph.arrow-counter-clockwise",
             enabled_when="can_undo_chosen")  # fmt: skip
    def undo_chosen(self) -> None:
        """Undo only the rows that are checked, with what hangs on them."""
        current, rows = self.current, self.detail.chosen()
        if current is not None and rows:
            self.navigator.undo_keeper.undo_change_set(current.set.id, current.set.title, rows)  # type: ignore[attr-defined]

    @command("changes.print", text=N_("Print the list"), shortcut="Ctrl+P", icon="ph.printer")
    def print_list(self) -> None:
        """Print the changes that the filters ask for."""
        change_output.print_changes(self, self.office, self.asked(), state_words)

    @command("changes.export", text=N_("Export the list…"), icon="ph.export")
    def export_list(self) -> None:
        """Write the changes that the filters ask for into a file."""
        change_output.export_changes(self, self.office, self.asked(), state_words)

    def _open_menu(self, _index: Any, where: Any) -> None:
        menu = QMenu(self)
        menu.addAction(find_command(self, "changes.undo").action())
        menu.exec(where)

    def _open_more(self) -> None:
        menu = QMenu(self)
        for name in ("changes.print", "changes.export"):
            menu.addAction(find_command(self, name).action())
        menu.exec(self.more_button.mapToGlobal(self.more_button.rect().bottomLeft()))


def _told(one: Change) -> str:
    """What was done, and who took it back."""
    state = state_words(one)
    return f"{one.set.title} · {state}" if state else one.set.title
