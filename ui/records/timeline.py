"""The timeline of a record: notes, activities, deals, cases and changes, newest first; notes are written here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Entity
from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import attach_service, service
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.kit import CardKit
from ui.records.room import OneLine, Wrapping, clear_layout, later, no_least_height
from ui.records.saving import show_saved
from ui.records.timeline_data import Entry, Page, Restore, Wanted, read_plain_timeline
from ui.records.timeline_list import TimelineList
from ui.theme.icons import icon
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.badges import KeyCap
from ui.widgets.buttons import Button, IconButton, Switch
from ui.widgets.chips import Chip
from ui.widgets.labels import IconLabel, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins, on_theme

_KINDS = ("", "note", "activity", "deal", "case", "change")
_PLAIN = ("", "note", "change")


class NoteText(QPlainTextEdit):
    """A text of one line that grows with what is written."""

    submitted = Signal()
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.viewport().setAutoFillBackground(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.textChanged.connect(self._grow)
        on_theme(self, self._grow)

    def _grow(self) -> None:
        lines = min(max(1, self.document().blockCount(), round(self.document().size().height())), 8)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + px(4))
        more = self.document().blockCount() > lines
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if more else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._grow()

    def showEvent(self, event: Any) -> None:
        # the style gives every text the padding of a framed one; the frame here is the composer's
        self.document().setDocumentMargin(px(2))
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
            super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)


class Composer(QWidget):
    """Where a note is written. Ctrl+Enter sends it; what is not sent survives as a draft."""

    written = Signal(str)
    attach_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self.text = NoteText()
        self.attach = IconButton("ph.paperclip", "", kind="ghost")
        self.attach.clicked.connect(self.attach_requested)
        self.cap = KeyCap("Ctrl Enter")
        self.send = Button(kind="primary", small=True)
        self.send.hide()
        row = QHBoxLayout(self)
        row.addWidget(IconLabel("ph.note-pencil", "text-muted", 16))
        row.addWidget(self.text, 1)
        row.addWidget(self.attach)
        row.addWidget(self.cap)
        row.addWidget(self.send)
        margins(self, 8, 2, 4, 2, 8)
        self.setFocusProxy(self.text)
        self._timer = later(self, 400, self._keep)
        self.text.textChanged.connect(self._on_changed)
        self.text.submitted.connect(self._send)
        self.send.clicked.connect(self._send)
        self.setMinimumHeight(px(32))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.text.setPlaceholderText(_("Write a note"))
        self.text.setAccessibleName(_("Write a note"))
        self.attach.set_label(_("Attach files…"))
        self.send.setText(_("Save note"))

    def set_place(self, key: str) -> None:
        """Write for another record: its draft comes back."""
        if key == self._key:
            return
        self._keep()
        self._key = key
        self.text.blockSignals(True)
        self.text.setPlainText(str(load_draft(key) or ""))
        self.text.blockSignals(False)
        self.text._grow()
        self._show_button()

    def clear(self) -> None:
        """The note was saved."""
        self.text.clear()
        forget_draft(self._key)

    def _on_changed(self) -> None:
        self._timer.start()
        self._show_button()

    def _show_button(self) -> None:
        written = bool(self.text.toPlainText().strip())
        self.send.setVisible(written)
        self.cap.setVisible(not written)

    def _keep(self) -> None:
        if self._key:
            keep_draft(self._key, self.text.toPlainText().strip())

    def _send(self) -> None:
        text = self.text.toPlainText().strip()
        if text:
            self._keep()
            self.written.emit(text)

    def hideEvent(self, event: Any) -> None:
        self._keep()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        line = "focus" if self.text.hasFocus() else "border-strong"
        frame_round(QPainter(self), self.rect(), px(6), line, "surface")


class TimelineTab(QWidget):
    """Chips, composer, pinned notes, and the entries, read page by page."""

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
        self._pinned: list[Entry] | None = None
        self.search = SearchBox(small=True)
        self.search.searched.connect(lambda _text: self.reload())
        self.search.hide()
        self.find_button = IconButton("ph.magnifying-glass", "", kind="ghost")
        self.find_button.setCheckable(True)
        self.find_button.toggled.connect(self._toggle_search)
        self.company_label = Label("", "secondary", "text-muted")
        self.company = Switch()
        self.company.setChecked(True)
        self.company.toggled.connect(lambda _on: self.reload())
        self.composer = Composer()
        self.composer.written.connect(self._write)
        self.composer.attach_requested.connect(self._attach)
        self.pins = QWidget()
        self._pin_box = QVBoxLayout(self.pins)
        margins(self.pins, 0, 0, 0, 0, 4)
        self.list = TimelineList()
        self.list.reached_end.connect(self._more)
        self.list.link_activated.connect(lambda entity, record_id: navigator.open_record(entity, record_id))
        self.list.menu_requested.connect(self._open_menu)
        self.state = StateStack(self.list, EmptyState("ph.clock-counter-clockwise", hue=8), loading="lines")
        self.state.retry.connect(self.reload)
        self._lay_out()
        office.records_changed.connect(self._on_records_changed)
        self.retranslate()

    def _lay_out(self) -> None:
        chips = self._chip_box = Wrapping(4)
        row = chips.flow
        kinds = _PLAIN if self._kit.timeline is read_plain_timeline else _KINDS
        for kind in kinds:
            chip = Chip(checkable=True)
            chip.setAutoExclusive(True)
            chip.setChecked(kind == "")
            chip.clicked.connect(lambda _on=False, kind=kind: self._choose(kind))
            self._chips[kind] = chip
            row.addWidget(chip)
        row.addWidget(self.search)
        row.addWidget(self.find_button)
        whose = QWidget()
        pair = QHBoxLayout(whose)
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
        margins(head, 24, 0, 24, 0, 0)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.state, 1)
        no_least_height(self.state, 48)

    def retranslate(self) -> None:
        """Write the words again."""
        names = {
            "": _("All"), "note": _("Notes"), "activity": _("Activities"), "deal": _("Deals"), "case": _("Cases"),
            "change": _("Changes"),
        }  # fmt: skip
        for kind, chip in self._chips.items():
            chip.setText(names[kind])
        self._chip_box.fit()
        self.search.set_placeholder(_("Find in the timeline"))
        self.find_button.set_label(_("Find in the timeline"))
        self.company_label.setText(translate(self._kit.roll_up))
        self.company.setAccessibleName(translate(self._kit.roll_up))
        self.list.setAccessibleName(_("Timeline"))
        self.composer.retranslate()
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("Nothing here yet"))
            empty.text.setText(_("Notes, activities, deals, cases and every change will be listed here, newest first."))
            empty.set_button("")
            empty.set_second_button("")
        self._pinned = None
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
            self._chip_box.fit()
        self.composer.set_place(draft_key(self._office.name, "note", record.id))
        if other:
            self._entries = []
            self._show_pins()
            self.list.set_entries([])
        if other or self.isVisible():  # it reads again when it is shown
            self.reload()

    def _toggle_search(self, on: bool) -> None:
        self.search.setVisible(on)
        self._chip_box.fit()
        if on:
            self.search.setFocus()
        else:
            self.search.clear()

    def _choose(self, kind: str) -> None:
        self._kind = kind
        self.reload()

    # -- reading -----------------------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read from the newest on."""
        if self._record is None:
            return
        if not self._entries:
            self.state.show_loading()
        self._read(None, self._on_first)

    def _read(self, before: Any, done: Any) -> None:
        record = self._record
        if record is None:
            return
        company = bool(self._kit.roll_up) and self.company.isChecked()
        wanted = Wanted(self._spec.name, record.id, before, self._kind, self.search.text().strip(), company)
        database, source = self._office.database, self._kit.timeline
        self._loading = True
        self._office.read(
            self, lambda connection: source(database, connection, wanted), done, self._failed, supersede="timeline"
        )

    def _failed(self, error: Exception) -> None:
        self._loading = False
        self.state.show_error(error)

    def _on_first(self, page: Page) -> None:
        self._loading = False
        self._page = page
        self._entries = list(page.entries)
        self._show()

    def _more(self) -> None:
        if self._page.more and not self._loading:
            self._read(self._page.before, self._on_more)

    def _on_more(self, page: Page) -> None:
        self._loading = False
        self._page = page
        known = {one.key for one in self._entries}
        self._entries += [one for one in page.entries if one.key not in known]
        self._show()

    def _show(self) -> None:
        self._show_pins()
        entries = [one for one in self._entries if not (one.pinned and self._kind == "")]
        self.list.set_entries(entries)
        if entries:
            self.state.show_content()
        else:
            self.state.show_empty()

    def _show_pins(self) -> None:
        pinned = [one for one in self._entries if one.pinned and self._kind == ""]
        if pinned == self._pinned:
            return
        self._pinned = pinned
        clear_layout(self._pin_box)
        for one in pinned:
            banner = OneLine(one.body, kind="warning", icon="ph.push-pin")
            who = ", ".join(part for part in (one.author, formats.format_date(one.at, "day_month")) if part)
            banner.add(Label(who, "secondary", "text-muted"))
            more = IconButton("ph.dots-three", _("More"), kind="ghost")
            more.clicked.connect(
                lambda _on=False, one=one, more=more: self._open_menu(one, more.mapToGlobal(QPoint(0, more.height())))
            )
            banner.add(more)
            self._pin_box.addWidget(banner)
        self._pin_box.setContentsMargins(0, px(12) if pinned else 0, 0, 0)

    def _on_records_changed(self, event: RecordsChanged) -> None:
        record = self._record
        if record is None or not self.isVisible():
            return
        if event.touches_record(self._spec.name, record.id):
            return  # the card reads the record again, and then this too
        if any(event.touches(one) for one in ("note", "activity", "deal", "case", "attachment")):
            self.reload()

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._record is not None:
            self.reload()

    # -- writing -----------------------------------------------------------------------------------------------

    def _write(self, text: str) -> None:
        record = self._record
        if record is None:
            return
        self._office.write(
            self, N_("Write a note on {title}"),
            lambda uow: attach_service.add_note(uow, record.entity, record.id, text),
            lambda _made: self._written(), params={"title": record.title},
        )  # fmt: skip

    def _written(self) -> None:
        self.composer.clear()
        self.reload()

    def _attach(self) -> None:
        card = self.parentWidget()
        while card is not None and not hasattr(card, "attach"):
            card = card.parentWidget()
        if card is not None:
            card.attach()

    def _open_menu(self, entry: Entry, where: QPoint) -> None:
        menu = self.menu_of(entry)
        if not menu.isEmpty():
            menu.exec(where)

    def menu_of(self, entry: Entry) -> QMenu:
        """What can be done with an entry."""
        menu = QMenu(self)
        target = entry.target or entry.link
        if target is not None:
            entity, record_id, text = target
            menu.addAction(icon("ph.arrow-square-out"), _("Open {title}").format(title=text)).triggered.connect(
                lambda: self._navigator.open_record(entity, record_id)
            )
        if entry.note_id:
            pin = _("Unpin") if entry.pinned else _("Pin above the timeline")
            menu.addAction(icon("ph.push-pin"), pin).triggered.connect(lambda: self._pin(entry))
            menu.addAction(icon("ph.pencil-simple"), _("Edit the note…")).triggered.connect(lambda: self._edit(entry))
            menu.addAction(icon("ph.trash", "danger"), _("Delete the note")).triggered.connect(
                lambda: self._delete(entry)
            )
        for one in entry.restores:
            text = _("Set {label} back to “{value}”").format(label=one.label, value=one.old_text or _("empty"))
            menu.addAction(icon("ph.arrow-u-up-left"), text).triggered.connect(
                lambda _on=False, one=one: self.restore(one)
            )
        return menu

    def restore(self, one: Restore) -> None:
        """Give a field the value back that it had before a change."""
        record = self._record
        if record is None:
            return
        self._office.write(
            self, N_("Restore {label}: {title}"),
            lambda uow: service.update_record(uow, record.entity, record.id, {one.field: one.old}),
            lambda _done: show_saved(self, self._navigator, _("{label} restored").format(label=one.label)),
            params={"label": one.label, "title": record.title},
        )  # fmt: skip

    def _pin(self, entry: Entry) -> None:
        title = N_("Unpin a note") if entry.pinned else N_("Pin a note")
        self._office.write(
            self, title, lambda uow: attach_service.update_note(uow, entry.note_id, pinned=not entry.pinned),
            lambda _done: self.reload(),
        )  # fmt: skip

    def _edit(self, entry: Entry) -> None:
        text = dialogs.ask_text(self, _("Edit the note"), _("Note"), entry.body)
        if text is not None and text.strip() and text != entry.body:
            self._office.write(
                self, N_("Edit a note"), lambda uow: attach_service.update_note(uow, entry.note_id, body=text),
                lambda _done: self.reload(),
            )  # fmt: skip

    def _delete(self, entry: Entry) -> None:
        def done(_result: Any) -> None:
            show_saved(self, self._navigator, _("Note deleted"))
            self.reload()

        self._office.write(self, N_("Delete a note"), lambda uow: attach_service.delete_note(uow, entry.note_id), done)
