"""The form of one activity: an appointment with its hours and repetition, or a task with its day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.calendar.activity import KINDS
from crm_desktop.calendar.queries import LinkedRecord, Member, parse_time
from crm_desktop.core import clock
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import N_, _, ngettext, translate
from ui.calendar.looks import kind_icon
from ui.calendar.recurrence_editor import RecurrenceEditor
from ui.calendar.when_editor import WhenEditor, column_of, line_of
from ui.records.kept_form import KeptForm, Part
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.chips import Chip
from ui.widgets.editor_base import LongTextEditor, TextEditor
from ui.widgets.editor_choice import BoolEditor, ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor, TimeEditor
from ui.widgets.flow import FlowLayout
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, Label
from ui.widgets.themed import margins, on_theme

_REMINDERS = (0, 10, 30, 60, 24 * 60)


@dataclass(frozen=True)
class ActivityDraft:
    """What the form starts with. ``values`` are stored values; the times are those of the occurrence that is edited."""

    values: Mapping[str, Any]
    links: Sequence[LinkedRecord] = ()
    members: Sequence[Member] = ()
    activity_id: int | None = None
    recurrence_id: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


class ActivityEditor(QDialog):
    """The form. After it was accepted ``changed_values`` and ``chosen_links`` say what to write.

    Args:
        find: ``find(text)`` gives (id, title, subtitle) of records to link; it runs in the background.
        entity_of: the record type of an id that ``find`` gave.
    """

    delete_requested = Signal()
    links_edited = Signal()

    def __init__(
        self, draft: ActivityDraft, find: Callable[[str], Sequence[Any]], entity_of: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.draft = draft
        self._entity_of = entity_of
        self._links: list[LinkedRecord] = list(draft.links)
        self.kept: KeptForm | None = None
        self._grid = QGridLayout()
        self._make_editors(find)
        self._lay_out()
        self._fill(draft.values)
        self._show_links()
        self._on_kind()
        self.setWindowTitle(_("Edit activity") if draft.activity_id else _("New activity"))
        for keys in ("Ctrl+Return", "Ctrl+Enter", "Ctrl+S"):
            QShortcut(QKeySequence(keys), self, self.save)
        self.subject.setFocus()
        self.subject.selectAll() if draft.activity_id else self.subject.end(False)

    # -- what comes out --------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """Every value of the form.

        Raises:
            UserError: something typed has no meaning; the editor is marked too.
        """
        task = self._is_task()
        made: dict[str, Any] = {
            "subject": self._required_subject(),
            "kind": self.kind.value(),
            "owner_id": self.owner.value(),
            "place": self.place.value(),
            "description": self.description.value(),
            "reminder_minutes": self.reminder.value(),
        }
        if self.draft.activity_id:
            made["status"] = "done" if self.done_box.value() else self._open_status()
        if task:
            made["due"] = self.due.value()
            hour = self.due_time.value()
            made["due_time"] = hour.strftime("%H:%M") if hour else None
            return made
        starts, ends = self.when.times()
        made |= {"starts": starts, "ends": ends, "all_day": self.when.all_day.value(), "rrule": self.repeats.rule()}
        made["zone"] = self.draft.values.get("zone") or clock.local_zone_name()
        return made

    def changed_values(self) -> dict[str, Any]:
        """The values that differ from what the form started with; all of them for a new activity."""
        made = self.values()
        if self.draft.activity_id is None:
            return {name: value for name, value in made.items() if value is not None}
        before = self.draft.values
        changed = {name: value for name, value in made.items() if (before.get(name) or None) != (value or None)}
        if "starts" in changed or "ends" in changed:
            changed |= {name: made[name] for name in ("starts", "ends")}
        return changed

    def chosen_links(self) -> list[tuple[str, int]]:
        """What the activity belongs to."""
        return [(link.entity, link.id) for link in self._links]

    def links_changed(self) -> bool:
        """Whether the links are others than at the start."""
        return self._links != list(self.draft.links)

    def save(self) -> None:
        """Close the form if everything in it can be written."""
        try:
            self.values()
        except UserError as error:
            self._say(error)
            return
        self.accept()

    def show_error(self, error: UserError) -> None:
        """Say at its field what the database refused."""
        self._say(error)

    # -- what is not saved -----------------------------------------------------------------------------------

    def keep_draft(self, key: str, given: Mapping[str, Any]) -> None:
        """Keep what is written under a name, and show what is kept there already.

        Args:
            given: values that a new activity was opened with; a kept draft leaves those as they are.
        """
        new = self.draft.activity_id is None
        extra = {"@given": {"links": [[one.entity, one.id, one.title] for one in self.draft.links]}}
        self.kept = KeptForm(
            self, key, self._parts(), title=str(self.draft.values.get("subject") or ""),
            along=("kind", "when", "due", "due_time", "links") if new else (),
            given=("when", "due", "due_time") if given.keys() & {"starts", "due"} else (),
            extra=extra if new and self.draft.links else None, after=self._on_kind,
        )  # fmt: skip
        self.kept.show_in(self._body)

    def _parts(self) -> dict[str, Any]:
        when = self.when
        times = (when.first_day, when.first_time, when.last_day, when.last_time, when.all_day)
        repeats = self.repeats
        rule = Part(self._rule, lambda text: repeats.set_rule(text, self._first_day()), [repeats.changed])
        return {
            "subject": self.subject, "kind": self.kind, "when": Part(when.state, when.put, [e.edited for e in times]),
            "due": self.due, "due_time": self.due_time, "repeats": rule, "owner": self.owner, "place": self.place,
            "reminder": self.reminder, "description": self.description, "done": self.done_box,
            "links": Part(self._link_state, self._put_links, [self.links_edited]),
        }  # fmt: skip

    def _first_day(self) -> date:
        try:
            return self.when.first_day.value() or clock.today()
        except FieldError:
            return clock.today()

    def _rule(self) -> str | None:
        try:
            return self.repeats.rule()
        except UserError:
            return None

    def _link_state(self) -> list[list[Any]]:
        return [[one.entity, one.id, one.title] for one in self._links]

    def _put_links(self, links: Sequence[Sequence[Any]]) -> None:
        self._links = [LinkedRecord(*one) for one in links]
        self._show_links()

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        if self.kept is None or not self.kept.is_changed() or self.kept.may_close(self):
            super().reject()

    # -- building --------------------------------------------------------------------------------------------

    def _make_editors(self, find: Callable[[str], Sequence[Any]]) -> None:
        self.subject = TextEditor(name=_("Subject"))
        self.subject.setPlaceholderText(_("What is it about?"))
        self.kind = SegmentedControl([(one.key, translate(one.label), kind_icon(one.key)) for one in KINDS])
        self.kind.changed.connect(lambda _key: self._on_kind())
        self.repeats: RecurrenceEditor = RecurrenceEditor()
        self.when = WhenEditor()
        self.when.start_changed.connect(self.repeats.set_start)
        self.due, self.due_time = DateEditor(name=_("Due")), TimeEditor(name=_("Time"))
        self.owner = ChoiceEditor(
            [(member.id, member.name) for member in self.draft.members], empty=_("Nobody"), name=_("Owner")
        )
        self.place = TextEditor(name=_("Place"))
        self.link_picker = RecordPicker(find, name=_("Belongs to"), placeholder=_("Contact, company, deal or case"))
        self.link_picker.committed.connect(self._on_link_chosen)
        self.reminder = ChoiceEditor(
            [(minutes, _reminder_text(minutes)) for minutes in _REMINDERS], empty=_("No reminder"), name=_("Reminder")
        )
        self.description = LongTextEditor(name=_("Description"))
        self.done_box = BoolEditor(_("Done"))
        self.problem = Label("", "body", "danger", wrap=True)
        self.problem.hide()
        self.zone_note = Label("", "secondary", "text-muted", wrap=True)

    def _lay_out(self) -> None:
        self._chips_box = QWidget()
        self._chips = FlowLayout(self._chips_box)
        self._grid.setColumnStretch(1, 1)
        self._rows: dict[str, tuple[QWidget, QWidget]] = {}
        self._row("subject", _("Subject"), self.subject)
        self._row("kind", _("Type"), line_of(self.kind))
        self._row("when", _("When"), self.when)
        self._row("zone", "", self.zone_note)
        self._row("due", _("Due"), line_of(self.due, self.due_time))
        self._row("repeats", _("Repeats"), self.repeats)
        self._row("links", _("Belongs to"), column_of(self._chips_box, self.link_picker))
        self._row("owner", _("Owner"), self.owner)
        self._row("place", _("Place"), self.place)
        self._row("reminder", _("Reminder"), self.reminder)
        self._row("description", _("Description"), self.description)
        self._row("done", "", self.done_box)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
        body = QWidget()
        self._body = QVBoxLayout(body)
        self._body.addLayout(self._grid, 1)
        margins(body, 24, 20, 24, 16, 12)
        scroll = scrolled(body, focus=True, clear=False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(scroll, 1)
        box.addWidget(Hairline())
        box.addWidget(self._buttons())
        on_theme(self, self._size)

    def _buttons(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        self.delete_button = Button(_("Delete"), icon="ph.trash", kind="danger")
        self.delete_button.setVisible(self.draft.activity_id is not None)
        self.delete_button.clicked.connect(self.delete_requested)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        self.save_button = Button(_("Save"), kind="primary", key="Ctrl+Return")
        self.save_button.clicked.connect(self.save)
        row.addWidget(self.delete_button)
        row.addWidget(self.problem, 1)
        row.addStretch(0)
        row.addWidget(cancel)
        row.addWidget(self.save_button)
        margins(foot, 24, 12, 24, 12, 8)
        return foot

    def _row(self, name: str, label: str, editor: QWidget) -> None:
        line = self._grid.rowCount()
        caption = Label(label, "body", "text-muted")
        caption.setBuddy(editor)
        caption.setMinimumHeight(px(32))
        self._grid.addWidget(caption, line, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(editor, line, 1)
        self._rows[name] = (caption, editor)

    def _size(self) -> None:
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(8))
        self.setMinimumWidth(px(560))
        self.resize(px(640), px(660))

    # -- filling ---------------------------------------------------------------------------------------------

    def _fill(self, values: Mapping[str, Any]) -> None:
        self.subject.set_value(values.get("subject"))
        self.kind.set_value(values.get("kind") or "meeting")
        self.when.set_times(values.get("starts"), values.get("ends"), all_day=bool(values.get("all_day")))
        self.repeats.set_rule(values.get("rrule"), self.when.first_day.value())
        self.due.set_value(values.get("due"))
        self.due_time.set_value(parse_time(values.get("due_time")))
        self.owner.set_value(values.get("owner_id"))
        self.place.set_value(values.get("place"))
        minutes = values.get("reminder_minutes")
        if minutes is not None and minutes not in _REMINDERS:
            self.reminder.set_options([(one, _reminder_text(one)) for one in sorted({*_REMINDERS, minutes})])
        self.reminder.set_value(minutes)
        self.description.set_value(values.get("description"))
        self.done_box.set_value(values.get("status") == "done")
        zone = values.get("zone")
        other = bool(zone) and zone != clock.local_zone_name()
        self.zone_note.setText(_("These are times in {zone}.").format(zone=zone) if other else "")

    def _is_task(self) -> bool:
        return self.kind.value() == "task" and self.draft.values.get("starts") is None

    def _on_kind(self) -> None:
        task = self._is_task()
        self._show_row("when", not task)
        self._show_row("due", task)
        self._show_row("zone", not task and bool(self.zone_note.text()))
        self._show_row("done", self.draft.activity_id is not None)
        self._show_row("repeats", not task and self.draft.values.get("series_id") is None)

    def _show_row(self, name: str, on: bool) -> None:
        for widget in self._rows[name]:
            widget.setVisible(on)

    def _show_links(self) -> None:
        self._chips.clear()
        for link in self._links:
            chip = Chip(link.title, removable=True)
            chip.removed.connect(lambda gone=link: self._remove_link(gone))
            self._chips.insert_widget(self._chips.count(), chip)
        self._chips_box.setVisible(bool(self._links))

    def _remove_link(self, link: LinkedRecord) -> None:
        self._links.remove(link)
        self._show_links()
        self.links_edited.emit()

    def _on_link_chosen(self) -> None:
        try:
            identity = self.link_picker.value()
        except FieldError:
            return
        if identity is None or identity in {link.id for link in self._links}:
            return
        self._links.append(LinkedRecord(self._entity_of(identity), identity, self.link_picker.title()))
        self.link_picker.set_value(None)
        self._show_links()
        self.links_edited.emit()

    # -- reading ---------------------------------------------------------------------------------------------

    def _required_subject(self) -> str:
        text = (self.subject.text() or "").strip()
        if not text:
            raise FieldError("subject", N_("Say in a few words what it is about."))
        return text

    def _open_status(self) -> str:
        before = self.draft.values.get("status") or "planned"
        return "planned" if before == "done" else str(before)

    def _say(self, error: UserError) -> None:
        self.problem.setText(str(error))
        self.problem.show()
        editors = {
            "subject": self.subject, "starts": self.when.first_day, "ends": self.when.last_day, "due": self.due,
        }  # fmt: skip
        name = error.field if isinstance(error, FieldError) else ""
        if name in editors:
            editors[name].set_problem(str(error))
            editors[name].setFocus()


def _reminder_text(minutes: int) -> str:
    if minutes == 0:
        return _("At the start")
    if minutes % (24 * 60) == 0:
        days = minutes // (24 * 60)
        return ngettext("{n} day before", "{n} days before", days).format(n=days)
    if minutes % 60 == 0:
        return ngettext("{n} hour before", "{n} hours before", minutes // 60).format(n=minutes // 60)
    return ngettext("{n} minute before", "{n} minutes before", minutes).format(n=minutes)
