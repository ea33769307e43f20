"""What is written in a timeline: notes, comments, calls; and what can be done with an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from crm_desktop.core.errors import EditConflict
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import attach_service, service
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.call_panel import CallPanel
from ui.records.composer import CommentBox, Composer
from ui.records.drafts import draft_key, forget_draft
from ui.records.kit import CallNotes, CardKit
from ui.records.saving import show_saved
from ui.records.timeline_data import Entry, Restore
from ui.records.timeline_list import Place, TimelineList
from ui.theme.icons import icon


class TimelineWriting(QWidget):
    """The writes of a timeline; :class:`ui.records.timeline.TimelineTab` builds what they work on."""

    _office: Office
    _navigator: Navigator
    _kit: CardKit
    _record: Record | None
    _writing: tuple[Entry, bool] | None
    _head: QVBoxLayout
    composer: Composer
    box: CommentBox
    call_panel: CallPanel | None
    pins: QWidget
    list: TimelineList

    def reload(self) -> None:
        """Read from the newest on."""
        raise NotImplementedError

    def _listed(self) -> Sequence[Entry]:
        raise NotImplementedError

    def _write(self, text: str) -> None:
        record = self._record
        if record is None:
            return
        place = self.composer.place
        self._office.write(
            self, N_("Write a note on {title}"),
            lambda uow: attach_service.add_note(uow, record.entity, record.id, text),
            lambda _made: self._written(place, text), params={"title": record.title},
        )  # fmt: skip

    def _written(self, place: str, text: str) -> None:
        self.composer.clear(place, text)
        self.reload()

    def comment(self, entry: Entry) -> None:
        """Write a comment on an entry, below it."""
        if entry.about is not None and self._record is not None:
            self._open_box(entry, False, draft_key(self._office, "comment", entry.thread, *self._about()), "")

    def edit_note(self, entry: Entry) -> None:
        """Edit a note or a comment where it stands."""
        if entry.note_id:
            self._open_box(entry, True, draft_key(self._office, "edit", entry.note_id, *self._about()), entry.text)

    def _about(self) -> tuple[str, int]:
        """The record that is shown: where a draft can be found again."""
        assert self._record is not None
        return self._record.entity, self._record.id

    def _open_box(self, entry: Entry, edits: bool, key: str, text: str) -> None:
        self._leave_box()
        self._writing = (entry, edits)
        if edits:
            self.box.name(_("Edit the note"), _("Save"))
        else:
            self.box.name(_("Write a comment, @ names a colleague"), _("Comment"))
        self.box.set_place(key, text, self._record.title if self._record is not None else "")
        self.list.set_entries(self._listed())
        self.list.open_box(self.box, Place(entry.thread, entry.key if edits else None))
        self.box.text.setFocus()

    def _leave_box(self) -> None:
        if self._writing is not None:
            self.box.keep()
            self._writing = None
            self.list.close_box()
            self.list.set_entries(self._listed())

    def _write_in_place(self, text: str, over: str | None = None) -> None:
        record, writing = self._record, self._writing
        if record is None or writing is None:
            return
        entry, edits = writing
        seen = entry.text if over is None else over
        if edits:
            title = N_("Edit a note on {title}")
            work: Any = lambda uow: attach_service.update_note(uow, entry.note_id, body=text, seen=seen)  # noqa: E731
        elif entry.about is not None:
            title, (entity, about) = N_("Comment on {title}"), entry.about
            work = lambda uow: attach_service.add_note(uow, entity, about, text, reply_to=entry.thread)  # noqa: E731

        def failed(error: Exception) -> None:
            if isinstance(error, EditConflict):
                self._ask_about_note(error, text)
            else:
                dialogs.show_error(self, error)

        self._office.write(
            self, title, work, lambda _made: self._written_in_place(writing), failed, params={"title": record.title}
        )

    def _ask_about_note(self, error: EditConflict, mine: str) -> None:
        """Somebody else changed the same note: show theirs, and keep one of the two, or both."""
        theirs = str(error.fields["body"][2])
        answer = dialogs.ask(
            self, _("Somebody else changed this note"),
            _("Theirs:\n{theirs}\n\nYours:\n{mine}").format(theirs=theirs, mine=mine),
            [Choice("stay", _("Go on writing")), Choice("theirs", _("Keep theirs")), Choice("mine", _("Keep mine")),
             Choice("both", _("Keep both"), "primary")],
        )  # fmt: skip
        if answer == "both":
            self._write_in_place(f"{theirs}\n\n{mine}", theirs)
        elif answer == "mine":
            self._write_in_place(mine, theirs)
        elif answer == "theirs":
            self.box.clear()
            self._leave_box()
            self.reload()

    def _written_in_place(self, writing: tuple[Entry, bool]) -> None:
        if self._writing == writing:
            self.box.clear()
            self._leave_box()
        show_saved(self, self._navigator, _("Note saved") if writing[1] else _("Comment saved"))
        self.reload()

    def _attach(self) -> None:
        card = self.parentWidget()
        while card is not None and not hasattr(card, "attach"):
            card = card.parentWidget()
        if card is not None:
            card.attach()

    # -- a call ------------------------------------------------------------------------------------------------

    def log_call(self) -> None:
        """Open the panel in which a call is noted down."""
        if self._kit.log_call is None or self._record is None:
            return
        if self.call_panel is None:
            self.call_panel = CallPanel(self._office, self)
            self.call_panel.saved.connect(self._save_call)
            self.call_panel.left.connect(self._close_call)
            self._head.insertWidget(self._head.indexOf(self.composer), self.call_panel)
        self.call_panel.set_place(draft_key(self._office, "call", *self._about()), self._record.title)
        self.composer.hide()
        self.pins.hide()
        self.call_panel.show()
        self.call_panel.start()

    def _close_call(self) -> None:
        if self.call_panel is not None and not self.call_panel.isHidden():
            inside = self.call_panel.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
            self.call_panel.hide()
            self.composer.show()
            self.pins.show()
            if inside:
                self.list.setFocus()

    def _save_call(self, call: CallNotes) -> None:
        record, save = self._record, self._kit.log_call
        if record is None or save is None or self.call_panel is None:
            return
        place = self.call_panel.place
        self._office.write(
            self, N_("Log a call with {title}"), lambda uow: save(uow, record, call),
            lambda _made: self._call_saved(place), params={"title": record.title},
        )  # fmt: skip

    def _call_saved(self, place: str) -> None:
        if self.call_panel is not None and self.call_panel.place == place:
            self.call_panel.clear()
            self._close_call()
        forget_draft(place)
        show_saved(self, self._navigator, _("Call logged"))
        self.reload()

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
        if entry.about is not None:
            action = menu.addAction(icon("ph.chat-text"), _("Comment"))
            action.setShortcut("R")
            action.triggered.connect(lambda: self.comment(entry))
        if entry.note_id:
            if not entry.parent:
                pin = _("Unpin") if entry.pinned else _("Pin above the timeline")
                menu.addAction(icon("ph.push-pin"), pin).triggered.connect(lambda: self._pin(entry))
            edit = menu.addAction(
                icon("ph.pencil-simple"), _("Edit the comment") if entry.parent else _("Edit the note")
            )
            edit.setShortcut("F2")
            edit.triggered.connect(lambda: self.edit_note(entry))
            text = _("Delete the comment") if entry.parent else _("Delete the note")
            menu.addAction(icon("ph.trash", "danger"), text).triggered.connect(lambda: self._delete(entry))
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
        title = N_("Unpin a note of {title}") if entry.pinned else N_("Pin a note of {title}")
        self._office.write(
            self, title, lambda uow: attach_service.update_note(uow, entry.note_id, pinned=not entry.pinned),
            lambda _done: self.reload(), params={"title": self._record.title if self._record is not None else "–"},
        )  # fmt: skip

    def _delete(self, entry: Entry) -> None:
        def done(_result: Any) -> None:
            show_saved(self, self._navigator, _("Comment deleted") if entry.parent else _("Note deleted"))
            self.reload()

        title = N_("Delete a comment on {title}") if entry.parent else N_("Delete a note on {title}")
        name = self._record.title if self._record is not None else "–"
        self._office.write(
            self, title, lambda uow: attach_service.delete_note(uow, entry.note_id), done, params={"title": name}
        )
