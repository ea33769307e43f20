"""The small forms of relations: a company of a person with role and period, and what somebody is to somebody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.contacts.relation_words import directed_kinds, relation_word
from crm_desktop.contacts.relations_queries import Place, Tie
from crm_desktop.core.errors import FieldError, UserError
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import finder
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.editors import make_picker
from ui.records.kept_form import KeptForm, Part, read_part, write_part
from ui.records.room import space_grid
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import TextEditor, ValueEditor
from ui.widgets.editor_choice import ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

_BACKWARD = "<"
Save = Callable[[QWidget, dict[str, Any], Callable[[], None], Callable[[Exception], None]], None]
"""(owner, values, done, failed): writes in the background."""


class RelationDialog(QDialog):
    """Rows of labels and editors; Enter saves, and stays open with a sentence where the save is refused."""

    def __init__(self, parent: QWidget | None, title: str, save: Save) -> None:
        super().__init__(parent)
        self._save, self._saving, self._written = save, False, False
        self.editors: dict[str, Any] = {}
        self.setWindowTitle(title)
        self._grid = QGridLayout()
        space_grid(self, self._grid, 16, 4)
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        self.save_button = Button(_("Save"), kind="primary")
        self.save_button.clicked.connect(self.finish)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setSpacing(px(8))
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.save_button)
        self.kept: KeptForm | None = None
        self._box = box = QVBoxLayout(self)
        box.addWidget(Label(title, "section", wrap=True))
        box.addLayout(self._grid)
        box.addWidget(self.problem)
        box.addSpacing(px(8))
        box.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        on_theme(self, lambda: self.setMinimumWidth(px(460)))

    def add(self, name: str, label: str, editor: Any, row: int, column: int = 0, span: int = 2) -> None:
        """Put an editor with its label over it."""
        editor.setAccessibleName(label)
        self.editors[name] = editor
        said = Label(label, "secondary", "text-muted")
        said.setContentsMargins(0, px(8) if row else 0, 0, 0)
        said.setBuddy(editor)
        self._grid.addWidget(said, row * 2, column, 1, span)
        self._grid.addWidget(editor, row * 2 + 1, column, 1, span)
        if hasattr(editor, "cancelled"):
            editor.cancelled.connect(self.reject)
        if isinstance(editor, ValueEditor):  # a choice and a record picked are also committed, a line only by Enter
            editor.committed.connect(self.finish)
        if hasattr(editor, "edited"):
            editor.edited.connect(self._on_edited)

    def keep_draft(self, key: str, title: str) -> None:
        """Keep what is written under a name, and show what is kept there already.

        Args:
            title: what people call the record it is about.
        """
        self.kept = KeptForm(self, key, self.parts(), title=title)
        self.kept.show_in(self._box, 1)
        self._written = self.kept.restored

    def parts(self) -> dict[str, Any]:
        """What is kept as a draft."""
        return dict(self.editors)

    def accept(self) -> None:
        """It is saved: nothing is left to be kept."""
        if self.kept is not None:
            self.kept.done()
        super().accept()

    def _may_close(self) -> bool:
        if self.kept is not None:
            return not self.kept.is_changed() or self.kept.may_close(self)
        return dialogs.may_throw_away(self)

    def _on_edited(self) -> None:
        self._written = True
        self.say("")

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        if not self._written or self._may_close():
            self._written = False  # closing the window asks no second time
            super().reject()

    def say(self, text: str) -> None:
        """Say what is wrong."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def collect(self) -> dict[str, Any]:
        """The values; raises FieldError with the editor's name."""
        values = {}
        for name, editor in self.editors.items():
            try:
                values[name] = editor.value()
            except FieldError as error:
                raise FieldError(name, "{sentence}", sentence=str(error)) from error
        return values

    def finish(self) -> None:
        """Save, and close once that is done."""
        if self._saving:
            return
        try:
            values = self.collect()
        except FieldError as error:
            self._refused(error)
            return
        self._saving = True
        self._save(self, values, self.accept, self._refused)

    def _refused(self, error: Exception) -> None:
        self._saving = False
        if not isinstance(error, UserError):
            dialogs.show_error(self, error)
            return
        self.say(str(error))
        editor = self.editors.get(getattr(error, "field", ""))
        if editor is not None:
            editor.set_problem(str(error))
            editor.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        else:
            super().keyPressEvent(event)


class PlaceDialog(RelationDialog):
    """A company of a person, or a person of a company: which, in what role, since and until when."""

    def __init__(
        self, office: Office, parent: QWidget, name: str, other: str, save: Save, place: Place | None = None
    ) -> None:
        if place is not None:
            title = _("{other} and {name}").format(other=place.title, name=name)
        elif other == "company":
            title = _("Another company of {name}").format(name=name)
        else:
            title = _("Another person of {name}").format(name=name)
        super().__init__(parent, title, save)
        if place is None:
            self.add("other", _("Company") if other == "company" else _("Person"), make_picker(office, other), 0)
        self.add("role", _("Role"), TextEditor(placeholder=_("Partner, buyer, adviser…")), 1)
        self.add("since", _("Since"), DateEditor(), 2, 0, 1)
        if place is None or not place.main:
            self.add("until", _("Until (empty: still there)"), DateEditor(), 2, 1, 1)
        self.add("note", _("Note"), TextEditor(), 3)
        if place is not None:
            for key in ("role", "since", "until", "note"):
                if key in self.editors:
                    self.editors[key].set_value(getattr(place, key) or None)
        next(iter(self.editors.values())).setFocus()

    def collect(self) -> dict[str, Any]:
        """The values; without a company or a person there is nothing to save."""
        values = super().collect()
        if "other" in values and values["other"] is None:
            raise FieldError("other", _("Type a few letters and choose from the list."))
        return values


class TieDialog(RelationDialog):
    """What somebody is to a record: who, which relationship, since when."""

    def __init__(
        self, office: Office, parent: QWidget, record: tuple[str, int, str], save: Save, tie: Tie | None = None
    ) -> None:
        entity, _record_id, name = record
        title = (
            _("{other} and {name}").format(other=tie.title, name=name)
            if tie
            else _("A relationship of {name}").format(name=name)
        )
        super().__init__(parent, title, save)
        self._office, self._entity = office, entity
        self._types: dict[int, str] = {tie.record_id: tie.entity} if tie else {}
        if tie is None:
            self.picker = RecordPicker(self._find, placeholder=_("Name of a person or a company"), avatars=True)
            self.add("other", _("Person or company"), self.picker, 0)
            self.picker.edited.connect(self._offer)
        self.kind = ChoiceEditor(empty=None)
        self.add("kind", _("What are they to {name}?").format(name=name), self.kind, 1)
        self.add("since", _("Since"), DateEditor(), 2)
        self.add("note", _("Note"), TextEditor(), 3)
        self._offer()
        if tie is not None:
            self.kind.set_value(_key(tie.kind, tie.backward))
            self.editors["since"].set_value(tie.since)
            self.editors["note"].set_value(tie.note or None)
        next(iter(self.editors.values())).setFocus()

    def parts(self) -> dict[str, Any]:
        """Whom it is about comes before what they can be."""
        if "other" not in self.editors:
            return super().parts()

        def read() -> Any:
            state = read_part(self.picker)
            return [*state, self._types.get(state[0], "contact")] if isinstance(state, list) else state

        def put(state: Any) -> None:
            if isinstance(state, list):
                self._types[state[0]] = state[2]
                state = state[:2]
            write_part(self.picker, state)
            self._offer()

        return {**super().parts(), "other": Part(read, put, [self.picker.edited, self.picker.textEdited])}

    def _find(self, text: str) -> list[tuple[int, str, str]]:
        """The best hits among people and companies; runs off the thread of the window."""
        database = self._office.database
        with database.read() as connection:
            found = finder.find(database, connection, text, entities=("contact", "company"), limit=10)
        self._types.update({one.id: one.entity for one in found})
        return [(one.id, one.title, one.subtitle) for one in found]

    def _offer(self) -> None:
        """The relationships that the two can have."""
        try:
            chosen = self.editors["other"].value() if "other" in self.editors else None
        except FieldError:
            chosen = None
        other = (
            self._types.get(chosen, "contact") if chosen is not None else next(iter(self._types.values()), "contact")
        )
        before = self.kind.value()
        options = [(_key(*pair), translate(relation_word(*pair))) for pair in directed_kinds(self._entity, other)]
        self.kind.clear()  # or what two companies cannot be would stay as a choice of its own
        self.kind.set_options(options)
        self.kind.set_value(before if before in dict(options) else options[0][0])

    def collect(self) -> dict[str, Any]:
        """The values: ``kind`` and ``backward`` apart, ``other`` as (record type, id)."""
        values = super().collect()
        kind = str(values["kind"])
        values |= {"kind": kind.removesuffix(_BACKWARD), "backward": kind.endswith(_BACKWARD)}
        if "other" in values:
            if values["other"] is None:
                raise FieldError("other", _("Type a few letters and choose from the list."))
            values["other"] = (self._types.get(values["other"], "contact"), values["other"])
        return values


def _key(kind: str, backward: bool) -> str:
    return kind + (_BACKWARD if backward else "")
