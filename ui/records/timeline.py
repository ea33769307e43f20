"""The timeline of a record: notes, activities, deals, cases and changes, newest first; notes are written here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.queries import Record
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.call_panel import CallPanel
from ui.records.composer import CommentBox, Composer
from ui.records.drafts import draft_key
from ui.records.kit import CardKit
from ui.records.mention_text import Colleagues
from ui.records.room import OneLine, Wrapping, clear_layout, no_least_height
from ui.records.timeline_data import Beside, Entry, Page, Wanted, read_plain_timeline
from ui.records.timeline_list import TimelineList
from ui.records.timeline_writing import TimelineWriting
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import IconButton, Switch
from ui.widgets.chips import Chip
from ui.widgets.labels import IconLabel, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins, on_theme
from ui.widgets.toast import show_toast

_MOST_PINS = 3
_TWO_LINES = 60
_PLAIN = ("", "note", "change")
_CHIPS = ("", "note", "call", "email", "change")
_MORE = ("meeting", "task", "deal", "case", "file")
_ICONS = {
    "meeting": "ph.users", "task": "ph.check-square", "deal": "ph.columns", "case": "ph.lifebuoy", "file": "ph.paperclip",
}  # fmt: skip
_TOUCHING = ("note", "activity", "deal", "case", "attachment", "mention")
_FARTHEST = 40
"""Pages that are read to find a note that somebody was led to."""


def kind_names() -> dict[str, str]:
    """The words of the chips."""
    return {
        "": _("All"), "note": _("Notes"), "call": _("Calls"), "email": _("E-mails"), "change": _("Changes"),
        "meeting": _("Meetings and visits"), "task": _("Tasks"), "deal": _("Deals"), "case": _("Cases"),
        "file": _("Files"),
    }  # fmt: skip


class TimelineTab(TimelineWriting):
    """Chips, composer, pinned notes, and the entries with their comments, read page by page.

    ``rolled_up`` says that people, branches or companies are to be counted with the record, or not.
    """

    rolled_up = Signal(bool)

    def __init__(
        self, office: Office, navigator: Navigator, spec: Entity, kit: CardKit, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._spec, self._kit = office, navigator, spec, kit
        self._record: Record | None = None
        self._entries: list[Entry] = []
        self._page = Page((), False)
        self._loading = False
        self._kind = ""
        self._chips: dict[str, Chip] = {}
        self._beside = Beside()
        self._pins_shown: object = None
        self._counts_shown: dict[str, str] = {}
        self._sought: tuple[int, int] | None = None
        self._writing: tuple[Entry, bool] | None = None
        self.search = SearchBox(small=True, delay=100)
        self.search.searched.connect(lambda _text: self.reload())
        self.search.hide()
        self.find_button = IconButton("ph.magnifying-glass", "", kind="ghost")
        self.find_button.setCheckable(True)
        self.find_button.toggled.connect(self._toggle_search)
        self.company_label = Label("", "secondary", "text-muted")
        self.company_icon = IconLabel("ph.users-three", "text-muted", 16)
        self.company_icon.hide()
        self.company = Switch()
        self.company.setChecked(True)
        self.company.toggled.connect(self._on_rolled_up)
        self.more_chip = Chip(checkable=True, menu=True)
        self.more_chip.clicked.connect(self._open_kinds)
        colleagues = Colleagues(office, self)
        self.composer = Composer(colleagues)
        self.composer.written.connect(self._write)
        self.composer.attach_requested.connect(self._attach)
        self.box = CommentBox(colleagues, self)
        self.box.written.connect(self._write_in_place)
        self.box.left.connect(self._leave_box)
        self.call_panel: CallPanel | None = None
        self.pins = QWidget()
        self._pin_box = QVBoxLayout(self.pins)
        margins(self.pins, 0, 0, 0, 0, 4)
        self.list = TimelineList()
        self.list.reached_end.connect(self._more)
        self.list.link_activated.connect(lambda entity, record_id: navigator.open_record(entity, record_id))
        self.list.menu_requested.connect(self._open_menu)
        self.list.comment_requested.connect(self.comment)
        self.list.edit_requested.connect(self.edit_note)
        self.list.delete_requested.connect(self._delete)
        self.box.resized.connect(self.list.fit_box)
        self.state = StateStack(self.list, EmptyState("ph.clock-counter-clockwise", hue=8), loading="lines")
        self.state.retry.connect(self.reload)
        self._lay_out()
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        chips = self._chip_box = Wrapping(4)
        row = chips.flow
        plain = self._kit.timeline is read_plain_timeline
        kinds = _PLAIN if plain else _CHIPS
        for kind in kinds:
            chip = Chip(checkable=True)
            chip.setAutoExclusive(True)
            chip.setChecked(kind == "")
            chip.clicked.connect(lambda _on=False, kind=kind: self._choose(kind))
            self._chips[kind] = chip
            row.addWidget(chip)
        row.addWidget(self.more_chip)
        self.more_chip.setVisible(not plain)
        row.addWidget(self.search)
        row.addWidget(self.find_button)
        whose = QWidget()
        pair = QHBoxLayout(whose)
        pair.addWidget(self.company_icon)
        pair.addWidget(self.company_label)
        pair.addWidget(self.company)
        margins(whose, 4, 0, 0, 0, 8)
        self._whose = whose
        row.addWidget(whose)
        on_theme(chips, lambda: row.setContentsMargins(0, px(12), 0, px(8)))
        head = QWidget()
        column = QVBoxLayout(head)
        column.addWidget(chips)
        column.addWidget(self.composer)
        column.addWidget(self.pins)
        self._head = column
        margins(head, 24, 0, 24, 0, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.state, 1)
        no_least_height(self.state, 48)

    def retranslate(self) -> None:
        """Write the words again."""
        names = kind_names()
        for kind, chip in self._chips.items():
            chip.setText(names[kind])
        self._name_more()
        self._fit_chips()
        self.search.set_placeholder(_("Find in the timeline"))
        self.find_button.set_label(_("Find in the timeline"))
        self.company_label.setText(translate(self._kit.roll_up))
        self.company.setAccessibleName(translate(self._kit.roll_up))
        for one in (self.company, self.company_icon):
            one.setToolTip(translate(self._kit.roll_up))
        self.list.setAccessibleName(_("Timeline"))
        self.composer.retranslate()
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("Nothing here yet"))
            empty.text.setText(_("Notes, activities, deals, cases and every change will be listed here, newest first."))
            empty.set_button("")
            empty.set_second_button("")
        self._pins_shown = None
        if self._entries:
            self._show()

    def changeEvent(self, event: Any) -> None:
        if event.type() == event.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def set_record(self, record: Record) -> None:
        """Show a record's timeline."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        field = self._kit.roll_up_field
        offered = bool(self._kit.roll_up) and (not field or record.values.get(field) is not None)
        if offered == self._whose.isHidden():
            self._whose.setVisible(offered)
            self._fit_chips()
        if other:
            self._leave_box()
            self._close_call()
            self._entries = []
            self._beside = Beside()
            self._sought = None
            self._show_beside()
            self.list.set_entries([])
        self.composer.set_place(draft_key(self._office, "note", record.entity, record.id), title=record.title)
        if self.isVisible():  # else it reads when it is shown
            self.reload(as_far=not other)

    def _fit_chips(self) -> None:
        """One line of chips where a picture instead of the words of the switch makes it fit; else all in two."""
        for words in (True, False):
            self.company_label.setVisible(words)
            self.company_icon.setVisible(not words)
            self._chip_box.fit()
            if self._whose.isHidden() or self._chip_box.height() < px(_TWO_LINES):
                return
        self.company_label.show()
        self.company_icon.hide()
        self._chip_box.fit()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit_chips()

    def _toggle_search(self, on: bool) -> None:
        self.search.setVisible(on)
        self._fit_chips()
        if on:
            self.search.setFocus()
        else:
            self.search.clear()

    def _choose(self, kind: str) -> None:
        self._kind = kind
        for each, chip in self._chips.items():
            chip.setAutoExclusive(False)
            chip.setChecked(each == kind)
            chip.setAutoExclusive(True)
        self._name_more()
        self.reload()

    def _name_more(self) -> None:
        chosen = self._kind in _MORE
        names = kind_names()
        self.more_chip.setText(names[self._kind] if chosen else _("More"))
        self.more_chip.setChecked(chosen)
        self.more_chip.setAccessibleName(_("More kinds of entries"))
        self._fit_chips()

    def kinds_menu(self) -> QMenu:
        """The kinds of entries that have no chip of their own."""
        menu, names = QMenu(self), kind_names()
        for kind in _MORE:
            count = self._beside.counts.get(kind, "")
            text = _("{kind} ({count})").format(kind=names[kind], count=count) if count else names[kind]
            action = menu.addAction(icon(_ICONS[kind]), text)
            action.triggered.connect(lambda _on=False, kind=kind: self._choose(kind))
        return menu

    def _open_kinds(self) -> None:
        self.more_chip.setChecked(self._kind in _MORE)
        self.kinds_menu().exec(self.more_chip.mapToGlobal(QPoint(0, self.more_chip.height())))

    def _on_rolled_up(self) -> None:
        self.rolled_up.emit(self.company.isChecked())
        self.reload()

    # -- reading -----------------------------------------------------------------------------------------------

    def reload(self, *, as_far: bool = False) -> None:
        """Read from the newest on; ``as_far`` as was read before, so that nobody loses the place further down."""
        if self._record is None:
            return
        if not self._entries:
            self.state.show_loading()
        self._read(None, self._on_first, len(self._entries) if as_far else 0)

    def _read(self, before: Any, done: Any, least: int = 0) -> None:
        wanted = self._wanted(before)
        if wanted is None:
            return
        wanted = replace(wanted, limit=max(wanted.limit, least))
        database, source = self._office.database, self._kit.timeline
        self._loading = True
        self._office.read(
            self, lambda connection: source(database, connection, wanted), done, self._failed, supersede="timeline"
        )

    def _wanted(self, before: Any = None) -> Wanted | None:
        record = self._record
        if record is None:
            return None
        return Wanted(
            self._spec.name, record.id, before, self._kind, self.search.text().strip(), self.rolls_up
        )  # fmt: skip

    @property
    def rolls_up(self) -> bool:
        """Whether what belongs to the company, or to its people, is shown too."""
        return bool(self._kit.roll_up) and self.company.isChecked()

    def _read_beside(self) -> None:
        """Pins and counts, after the entries, which come first."""
        source, wanted, database = self._kit.beside, self._wanted(), self._office.database
        if source is None or wanted is None:
            return
        self._office.read(
            self, lambda connection: source(database, connection, wanted), self._on_beside, supersede="beside"
        )

    def _on_beside(self, beside: Beside) -> None:
        self._beside = beside
        self._show_beside()

    def _failed(self, error: Exception) -> None:
        self._loading = False
        self.state.show_error(error)

    def _on_first(self, page: Page) -> None:
        self._loading = False
        self._page = page
        self._entries = list(page.entries)
        if self._kit.beside is None:
            self._beside = Beside(tuple(one for one in page.entries if one.pinned))
        self._show()
        self._read_beside()
        self._seek()

    def _more(self) -> None:
        if self._page.more and not self._loading:
            self._read(self._page.before, self._on_more)

    def _on_more(self, page: Page) -> None:
        self._loading = False
        self._page = page
        known = {one.key for one in self._entries}
        self._entries += [one for one in page.entries if one.key not in known]
        self._show()
        self._seek()

    def _show(self) -> None:
        self._show_beside()
        entries = self._listed()
        self.list.set_entries(entries)
        if entries:
            self.state.show_content()
        else:
            self.state.show_empty()

    def _listed(self) -> list[Entry]:
        """The entries of the list: what is pinned stands above it, unless somebody talks about it."""
        if self._kind or self.search.text().strip():
            return self._entries
        talked = {one.parent for one in self._entries if one.parent}
        if self._writing is not None:
            talked.add(self._writing[0].thread)
        if self._sought is not None:
            talked.add(self._sought[0])
        shown = {one.key for one in self._beside.pins}
        return [one for one in self._entries if not one.pinned or one.key not in shown or one.key[1] in talked]

    def _show_beside(self) -> None:
        pinned = [one for one in self._beside.pins if self._kind == ""]
        if self._beside.counts != self._counts_shown:
            self._counts_shown = dict(self._beside.counts)
            for kind, chip in self._chips.items():
                chip.set_count(self._beside.counts.get(kind, ""))
            self._fit_chips()
        wanted = tuple(pinned)
        if wanted == self._pins_shown:
            return
        self._pins_shown = wanted
        clear_layout(self._pin_box)
        for one in pinned[:_MOST_PINS]:
            banner = OneLine(" ".join(one.body.split()), kind="warning", icon="ph.push-pin")
            parts = (one.source, one.author, formats.format_date(one.at, "day_month"))
            banner.add(Label(", ".join(part for part in parts if part), "secondary", "text-muted"))
            more = IconButton("ph.dots-three", _("More"), kind="ghost")
            more.clicked.connect(
                lambda _on=False, one=one, more=more: self._open_menu(one, more.mapToGlobal(QPoint(0, more.height())))
            )
            banner.add(more)
            self._pin_box.addWidget(banner)
        self._pin_box.setContentsMargins(0, px(8) if pinned else 0, 0, 0)
        if self._entries:
            self.list.set_entries(self._listed())

    # -- being led to a note -----------------------------------------------------------------------------------

    def show_note(self, note_id: int) -> None:
        """Go to a note or a comment; it is read from older pages where needed, and its mention is read then."""
        self._sought = (note_id, _FARTHEST)
        if self._kind or self.search.text():
            self.search.blockSignals(True)
            self.search.clear()
            self.search.blockSignals(False)
            self._choose("")
        elif self._entries:
            self._seek()

    def _seek(self) -> None:
        if self._sought is None:
            return
        note_id, left = self._sought
        found = next((one for one in self._entries if one.note_id == note_id), None)
        if found is not None:
            self.list.set_entries(self._listed())
            self.list.light(found.key)
            self.list.setFocus()
            self._sought = None
        elif self._page.more and left > 0:
            self._sought = (note_id, left - 1)
            self._more()
        else:
            self._sought = None
            show_toast(self, _("The note is not here any more."), kind="warning")

    def _on_records_changed(self, event: RecordsChanged) -> None:
        record = self._record
        if record is None or not self.isVisible():
            return
        if event.touches_record(self._spec.name, record.id):
            return  # the card reads the record again, and then this too
        if any(event.touches(one) for one in _TOUCHING):
            self.reload(as_far=True)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._record is not None:
            self.reload(as_far=True)
