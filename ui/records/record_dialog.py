"""The window of a form: a new record, or all fields of one that is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import EditConflict, SaveUnknown, UserError, ValidationFailed
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import attach_service, custom, queries, service
from crm_desktop.records.queries import Record
from ui.framework import dialogs, settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key, forget_draft, given_json, given_parts, keep_draft, load_draft
from ui.records.duplicates import DuplicateBanner
from ui.records.form import RecordForm
from ui.records.kept_form import may_close, restored_banner, write_on
from ui.records.room import keep_later, soon
from ui.records.saving import show_saved
from ui.records.shown import plain
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import dialog_foot, lay_out_dialog, scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import ElidedLabel, IconLabel, Label, Plane
from ui.widgets.themed import fixed_height, margins

_DRAFT_MS = 300


class RecordDialog(QDialog):
    """A form in a window. Ctrl+S and Ctrl+Enter save; what was written and not saved is kept as a draft.

    Args:
        record: the record to edit; None makes a new one.
        values: what a new one starts with.
        on_saved: gets the id.
    """

    def __init__(
        self, office: Office, navigator: Navigator, entity: str, parent: QWidget | None = None, *,
        record: Record | None = None, values: Mapping[str, Any] | None = None,
        on_saved: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName(f"form-{entity}")
        self.office, self.navigator, self.entity = office, navigator, entity
        self.spec = office.database.schema.entity(entity)
        self.record = record
        self._given = dict(values or {})
        self._on_saved = on_saved
        self._saving = False
        self._closing = False
        self._key = draft_key(office, "form", entity, record.id if record else "new", *given_parts(self._given))
        fields = custom.fields_of(office.database, entity)
        self._defaults = {one.name: one.default for one in fields if one.default is not None and not one.computed}
        self.form = RecordForm(office, entity, fields, navigator=navigator)
        self.duplicates = DuplicateBanner(office, navigator, entity, self.form) if record is None else None
        self._lay_out()
        self._fill()
        self._draft_timer = keep_later(self, _DRAFT_MS, self._keep)
        self.form.edited.connect(self._on_edited)
        self.form.submitted.connect(lambda: self.focusNextChild())
        for keys in ("Ctrl+S", "Ctrl+Return", "Ctrl+Enter"):
            QShortcut(QKeySequence(keys), self, self.save)
        if not settings.restore_geometry(self, f"form.{entity}"):
            self.resize(px(720), min(px(760), self.screen().availableGeometry().height() - px(80)))
        self.form.focus_first()

    def _lay_out(self) -> None:
        title = self.record.title if self.record else translate(self.spec.new_label)
        self.setWindowTitle(title)
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(IconLabel(self.spec.icon, "text-muted", 18))
        row.addWidget(ElidedLabel(title, "title"), 1)
        margins(head, 24, 0, 24, 0, 8)
        fixed_height(head, 56)
        self.notice = Banner(kind="danger", icon="ph.warning-circle")
        self.notice.hide()
        self.restored = restored_banner(self._start_again)
        self.restored.hide()
        inner = Plane("surface")
        column = QVBoxLayout(inner)
        for banner in (self.notice, self.restored, self.duplicates):
            if banner is not None:
                column.addWidget(banner)
        column.addWidget(self.form)
        margins(inner, 24, 8, 24, 24, 12)
        area = scrolled(inner, clear=False)
        self.save_button = Button(_("Save"), kind="primary", key="Ctrl+S")
        self.save_button.clicked.connect(self.save)
        self.cancel_button = Button(_("Cancel"))
        self.cancel_button.clicked.connect(self.close)
        needed = Label(_("* needed"), "secondary", "text-muted")
        lay_out_dialog(self, area, dialog_foot(self.cancel_button, self.save_button, left=(needed,)), head=head)

    def _fill(self) -> None:
        if self.record is not None:
            self.form.set_values(self.record.values, self.record.children)
        else:
            start = dict(self._defaults)
            if self.spec.has("owner_id") and self.office.user_id is not None:
                start["owner_id"] = (self.office.user_id, self.office.actor.name)
            self.form.set_values(start | self._given)
        kept = load_draft(self._key)
        if isinstance(kept, dict) and kept:
            self.form.take_draft(kept)
            self.restored.show()
            write_on(self)

    def _start_again(self) -> None:
        forget_draft(self._key)
        self.restored.hide()
        self.form.set_values(
            self.record.values if self.record else self._given, self.record.children if self.record else None
        )
        self.form.focus_first()

    def _on_edited(self) -> None:
        self.notice.hide()
        soon(self._draft_timer)

    def _keep(self) -> None:
        if not self._closing:
            typed = self.form.draft()
            given = {"@given": given_json(self._given)} if typed and self._given else {}
            keep_draft(self._key, typed | given, self.record.title if self.record else "")

    # -- saving ------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save and close, or say at the fields what is wrong."""
        if self._saving:
            return
        values = self.form.collect()
        if values is None:
            return
        self._saving = True
        self.save_button.setEnabled(False)
        if self.duplicates is not None:
            self.duplicates.before_save(lambda: self._create(values), self._release)
        elif self.record is None:
            self._create(values)
        else:
            self._update(self.record, values)

    def _create(self, values: dict[str, Any]) -> None:
        children = {name: editor.rows() for name, editor in self.form.children_editors.items()}
        # what was emptied by hand is said too, so that it does not start with its usual value again
        chosen = {name: value for name, value in values.items() if value is not None or name in self._defaults}
        hidden = {name: value for name, value in self._given.items() if name not in self.form.rows}
        title = str(values.get(self.spec.title_field) or translate(self.spec.label))
        self.office.write(
            self, N_("Create {title}"),
            lambda uow: service.create_record(uow, self.entity, {**hidden, **chosen}, children=children),
            lambda made: self._saved(made, _("{title} created").format(title=title)), self._refused,
            params={"title": title}, again=self.save,
        )  # fmt: skip

    def _update(self, record: Record, values: dict[str, Any]) -> None:
        changed = self.form.changed_values(values)
        children = self.form.changed_children()
        base = {name: plain(self.form.rows[name].field, record.values.get(name)) for name in changed}
        self.office.write(
            self, N_("Edit {title}"),
            lambda uow: service.update_record(uow, self.entity, record.id, changed, base=base, children=children),
            lambda _changed: self._saved(record.id, _("{title} saved").format(title=record.title)), self._refused,
            params={"title": record.title}, again=self.save,
        )  # fmt: skip

    def _saved(self, record_id: int, text: str) -> None:
        self._closing = True
        forget_draft(self._key)
        owner = self.parentWidget() or self
        self.close()
        show_saved(owner, self.navigator, text)
        if self._on_saved is not None:
            self._on_saved(record_id)

    def _release(self) -> None:
        self._saving = False
        self.save_button.setEnabled(True)
        self.form.setEnabled(True)

    def _refused(self, error: Exception) -> None:
        self._release()
        self._keep()
        if isinstance(error, SaveUnknown):  # nothing more is written here until it is known what became of it
            self._saving = True
            self.save_button.setEnabled(False)
            self.form.setEnabled(False)
            self._say(str(error))
        elif isinstance(error, ValidationFailed):
            homeless = self.form.show_errors(error.errors)
            self._say(" ".join(homeless))
        elif isinstance(error, EditConflict) and self.record is not None:
            self._solve(error, self.record)
        elif isinstance(error, UserError):
            self._say(str(error))
        else:
            dialogs.show_error(self, error)

    def _say(self, text: str) -> None:
        self.notice.text.setText(text)
        self.notice.setVisible(bool(text))

    def _solve(self, error: EditConflict, record: Record) -> None:
        values = self.form.collect() or {}
        changed = self.form.changed_values(values)

        def retry(chosen: Mapping[str, Any], notes: str) -> None:
            self._saving = True
            merged = {**changed, **chosen}
            children = self.form.changed_children()

            def work(uow: Any) -> bool:
                if notes:
                    attach_service.add_note(uow, self.entity, record.id, notes)
                return service.update_record(uow, self.entity, record.id, merged, children=children)

            self.office.write(
                self, N_("Edit {title}"), work,
                lambda _changed: self._saved(record.id, _("{title} saved").format(title=record.title)), self._refused,
                params={"title": record.title},
            )  # fmt: skip

        solve_conflict(self, self.office, error, record.title, changed, record.values, retry)

    # -- closing -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        if not self._closing and self.form.is_changed() and not self._may_close():
            return
        self._closing = True
        self.office.pending.drop(self)
        self._draft_timer.stop()
        settings.remember_geometry(self, f"form.{self.entity}")
        super().reject()

    def _may_close(self) -> bool:
        return may_close(self, self._keep, lambda: forget_draft(self._key))


def open_new(
    office: Office, navigator: Navigator, parent: QWidget | None, entity: str, values: Mapping[str, Any] | None = None,
    on_saved: Callable[[int], None] | None = None,
) -> RecordDialog:  # fmt: skip
    """Open the form of a new record; the record is shown once it is saved, unless ``on_saved`` does something else."""
    done = on_saved or (lambda made: navigator.open_record(entity, made))
    dialog = RecordDialog(office, navigator, entity, parent, values=values, on_saved=done)
    dialog.show()
    return dialog


def open_edit(office: Office, navigator: Navigator, parent: QWidget, entity: str, record_id: int) -> None:
    """Open the form with all fields of a record."""

    def show(record: Record) -> None:
        RecordDialog(office, navigator, entity, parent, record=record).show()

    office.read(parent, lambda connection: queries.get_record(office.database, connection, entity, record_id), show)
