"""Facts of a record that are edited where they stand: values, editors, saving, and the sentences of refusal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.core import clock
from crm_desktop.core.errors import EditConflict, FieldError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.formats import format_datetime, format_relative
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.core.reach import call_url, whatsapp_url
from crm_desktop.records.queries import Record
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.editors import make_editor, start_value
from ui.records.saving import save_fields, save_solved, sentence_for, show_saved
from ui.records.shown import currency_of, editable, label_of, plain, text_of
from ui.records.typed import keep_typed, put_typed
from ui.widgets.facts import Fact, FactsGrid

BIRTHDAY = "birthday"
_OLDEST = 125


def link_of(field: Field, value: Any) -> str:
    """The address that a value opens: a web page, an e-mail, a phone; "" for none."""
    if not value:
        return ""
    if field.kind is Kind.EMAIL:
        return f"mailto:{value}"
    if field.kind is Kind.PHONE:
        return call_url(str(value))
    if field.kind is Kind.URL:
        return str(value) if "://" in str(value) else f"https://{value}"
    return ""


def _with_age(text: str, birthday: date) -> str:
    """A birthday with the age: "4/23/1962 (64 years)"; alone where it lies ahead."""
    today = clock.today()
    age = today.year - birthday.year - ((today.month, today.day) < (birthday.month, birthday.day))
    if not 0 <= age <= _OLDEST:
        return text
    return ngettext("{day} ({n} year)", "{day} ({n} years)", age).format(day=text, n=age)


class RecordFacts(FactsGrid):
    """A grid of some fields of one record. ``saved`` is sent after a field was saved."""

    saved = Signal()

    def __init__(
        self, office: Office, navigator: Navigator, *, columns: int = 3, stretch: Sequence[int] = (100, 135, 100),
        padding: tuple[int, int, int, int] = (24, 12, 24, 12), label_width: int = 0,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            self._editor, columns=columns, stretch=stretch, padding=padding, label_width=label_width, parent=parent
        )
        self._office, self._navigator = office, navigator
        self._record: Record | None = None
        self.locked = False
        """Whether the record may be read but not changed."""
        self._fields: dict[str, Field] = {}
        self._began: dict[str, Any] = {}
        self.edit_committed.connect(self._save)
        self.link_activated.connect(self._follow)
        self.icon_activated.connect(self._chat)

    def set_record(self, record: Record, fields: Sequence[Field]) -> None:
        """Show these fields of a record."""
        other = self._record is None or self._record.id != record.id
        if self._record is not None and other:
            self.leave_editors()
            self._began.clear()
        self._record = record
        self._fields = {one.name: one for one in fields}
        self.set_facts([self._fact(one, record) for one in fields])
        if other:
            self._restore(record)

    def _fact(self, field: Field, record: Record) -> Fact:
        value = record.values.get(field.name)
        text = text_of(field, value, currency_of(record.values))
        tooltip = ""
        if field.kind is Kind.DATETIME and value is not None:
            text, tooltip = format_relative(value), format_datetime(value)
        if field.name == BIRTHDAY and isinstance(value, date):
            text = _with_age(text, value)
        chat = whatsapp_url(value, field.child.rpartition(".")[2]) if field.kind is Kind.PHONE and value else ""
        entities = self._office.database.schema.entities
        paged = field.kind is Kind.LINK and field.target in entities and entities[field.target].listed
        followed = paged or field.kind in (Kind.EMAIL, Kind.URL)
        return Fact(
            field.name, label_of(field), text, start_value(field, value),
            editable=editable(field) and not self.locked,
            link=bool(text) and followed, strong=field.kind is Kind.MONEY,
            avatar=text if field.kind is Kind.USER else "", tooltip=tooltip,
            span=99 if field.kind is Kind.LONG_TEXT else 1,
            icon="ph.whatsapp-logo" if chat else "", icon_tip=_("Write on WhatsApp") if chat else "",
        )  # fmt: skip

    def _editor(self, key: str, parent: QWidget) -> Any:
        field, record = self._fields[key], self._record
        if record is None:
            return None
        self._began.setdefault(key, plain(field, record.values.get(key)))
        editor = make_editor(self._office, field, parent, currency=currency_of(record.values), inline=True)
        draft = self._draft(record, key)
        keep_typed(editor, draft, record.title)
        editor.cancelled.connect(lambda: forget_draft(draft))
        return editor

    def _draft(self, record: Record, key: str) -> str:
        return draft_key(self._office, "fact", record.entity, record.id, key)

    def _restore(self, record: Record) -> None:
        """Open the editors of what was typed here and never saved, without taking the keyboard there."""
        for key, field in self._fields.items():
            kept = load_draft(self._draft(record, key))
            if not isinstance(kept, str):
                continue
            if self.locked or kept == text_of(field, record.values.get(key), currency_of(record.values)):
                forget_draft(self._draft(record, key))
                continue
            editor = self.begin_quietly(key, _("This is what you had written and not saved. Escape takes it away."))
            if editor is not None:
                put_typed(editor, kept)

    def _follow(self, key: str) -> None:
        record, field = self._record, self._fields.get(key)
        if record is None or field is None:
            return
        value = record.values.get(key)
        if field.kind is Kind.LINK and value is not None:
            self._navigator.open_record(field.target, value.id)
        elif link_of(field, value):
            QDesktopServices.openUrl(QUrl(link_of(field, value)))

    def _chat(self, key: str) -> None:
        record, field = self._record, self._fields.get(key)
        if record is not None and field is not None:
            QDesktopServices.openUrl(QUrl(whatsapp_url(record.values.get(key), field.child.rpartition(".")[2])))

    def _save(self, key: str, value: Any) -> None:
        record, field = self._record, self._fields[key]
        if record is None:
            return
        base = {key: self._began.pop(key, plain(field, record.values.get(key)))}
        if field.kind in LINK_KINDS and value == base[key]:
            return
        if isinstance(value, str):
            keep_draft(self._draft(record, key), value, record.title)
        self._write(record, field, {key: value}, base)

    def _write(self, record: Record, field: Field, values: dict[str, Any], base: dict[str, Any]) -> None:
        label = label_of(field)

        def done() -> None:
            forget_draft(self._draft(record, field.name))
            if self._record is not None and self._record.id == record.id:
                self._close_saved(field.name, values)
            show_saved(self, self._navigator, _("{label} saved").format(label=label))
            self.saved.emit()

        save_fields(
            self, self._office, record.entity, record.id, values, base, label=label, title=record.title,
            done=done, failed=lambda error: self._refused(error, record, field, values),
        )  # fmt: skip

    def _close_saved(self, key: str, values: dict[str, Any]) -> None:
        """A save that was refused before went through: its editor closes, unless something else is written in it by now."""
        editor = self.editor(key) if key in self._fields else None
        if editor is None:
            return
        try:
            same = editor.value() == values.get(key)
        except FieldError:
            same = False
        if same:
            self.end_edit(key)

    def _refused(self, error: Exception, record: Record, field: Field, values: dict[str, Any]) -> None:
        if isinstance(error, EditConflict):
            solve_conflict(
                self, self._office, error, record.title, values, record.values,
                lambda chosen, notes: self._write_solved(record, field, dict(chosen), notes),
            )  # fmt: skip
            return
        sentence = sentence_for(error, field.name)
        if sentence and self._record is not None and self._record.id == record.id and field.name in self._fields:
            self.set_error(field.name, sentence, start_value(field, values.get(field.name)))
        else:
            dialogs.show_error(self, error)

    def _write_solved(self, record: Record, field: Field, values: dict[str, Any], notes: str) -> None:
        def done() -> None:
            forget_draft(self._draft(record, field.name))
            self.saved.emit()

        save_solved(
            self, self._office, record.entity, record.id, values, notes, label=label_of(field), title=record.title,
            done=done,
        )  # fmt: skip
