"""Settings, "Fields and forms": record types, the form of one as a list, the properties of the chosen field."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import custom, field_service, layout
from ui.framework import dialogs
from ui.framework.dialogs import Choice
from ui.framework.office import Office
from ui.records.form import RecordForm
from ui.records.room import keep_later
from ui.records.settled import settle_setting
from ui.records.shown import label_of
from ui.settings.fields.draft import FormDraft, Row
from ui.settings.fields.kinds import FORMULA, ROLL_UP, sort_of
from ui.settings.fields.properties import rule_json
from ui.settings.fields.settled import definition_words, write_layout
from ui.settings.fields.view import FieldsView
from ui.widgets.labels import Label, Plane
from ui.widgets.themed import margins

_SAVE_AFTER_MS = 500


class FieldsTab(FieldsView):
    """The fields and forms of every record type. What is arranged is saved by itself and can be undone."""

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.entity = "contact"
        self.draft: FormDraft | None = None
        self._definitions: dict[str, dict[str, Any]] = {}
        self._wanted: tuple[str, str] | None = None
        self._preview: QWidget | None = None
        self._seen = layout.Seen(None, layout.Layout())
        self._typing = False
        self._timer = keep_later(self, _SAVE_AFTER_MS, self._save_layout)
        self._connect()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _connect(self) -> None:
        self.types.chosen.connect(lambda result: self.show_entity(str(result.key)))
        self.types_choice.committed.connect(lambda: self.show_entity(str(self.types_choice.value())))
        self.list.moved.connect(self._move)
        self.list.dropped.connect(self._drop)
        self.list.current_changed.connect(self._show_current)
        self.list.opened.connect(self._open)
        self.list.removed.connect(self._remove)
        self.new_button.clicked.connect(self.new_field)
        self.section_button.clicked.connect(self.new_section)
        self.up.clicked.connect(lambda: self._move(self.list.currentIndex().row(), -1))
        self.down.clicked.connect(lambda: self._move(self.list.currentIndex().row(), 1))
        self.back.clicked.connect(self.reset)
        self.mode.changed.connect(self._show_mode)
        self.decide.clicked.connect(self._save_layout)
        self.give_up.clicked.connect(self._give_up)
        self.panel.saved.connect(self._save_field)
        self.panel.added.connect(self._add_field)
        self.panel.removed.connect(self._delete_field)
        self.panel.hidden_changed.connect(self._hide_field)
        self.panel.kind_requested.connect(self._change_kind)
        self.panel.discarded = lambda: self._show_current(self.list.current_row(), ask=False)  # type: ignore[method-assign]
        QShortcut(
            QKeySequence("Ctrl+Shift+N"), self, self.new_field, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        self.section_page.renamed.connect(self.rename_section)
        self.section_page.removed.connect(self.remove_section)

    # -- reading -----------------------------------------------------------------------------------------------

    def _on_changed(self, event: Any) -> None:
        mine = self._timer.isActive() or self.waiting
        if (event.touches("custom_field") or event.touches("form_layout")) and not mine:
            self.reload()

    def show_entity(self, entity: str) -> None:
        """Show another record type; what is written about a field is saved first."""
        if not self._may_leave():
            return
        self._flush()
        self.entity, self.draft = entity, None
        self.types_choice.set_value(entity)
        self.types.show_key(entity)
        self.reload()

    def reload(self) -> None:
        """Read the fields and the form."""
        database, entity = self.office.database, self.entity

        def work(connection: Any) -> Any:
            arranged = custom.arranged(database, entity, connection)
            definitions = {
                one.name: field_service.definition(connection, entity, one.name) for one in arranged.own
            }  # fmt: skip
            return entity, arranged, layout.read_layout(connection, entity), definitions

        self.office.read(self, work, self._show, supersede="fields")

    def _show(self, found: Any) -> None:
        entity, arranged, stored, definitions = found
        if entity != self.entity:
            return
        self._definitions = definitions
        if self._timer.isActive() or self.waiting:
            return  # something was arranged while it was read: it is saved first
        self.draft = FormDraft(self.office.database.schema.entity(entity), arranged.fields, arranged.sections, stored)
        self._seen = layout.Seen(stored, self.draft.layout())
        self.back.setEnabled(stored is not None)
        typing = self.panel.is_changed() and self.right.currentWidget() is self.panel
        self._typing = typing  # a colleague's change is no reason to save what is half written
        self.list.show_draft(self.draft, self._wanted)
        self._typing = False
        self._wanted = None
        if not typing:
            self._show_current(self.list.current_row(), ask=False)
        if self.mode.value() == "preview":
            self._show_mode("preview")

    def _show_mode(self, mode: str) -> None:
        if self._preview is not None:
            self.stack.removeWidget(self._preview)
            self._preview.deleteLater()
            self._preview = None
        if mode == "preview":
            self._flush()
            form = RecordForm(self.office, self.entity, custom.fields_of(self.office.database, self.entity))
            form.set_values({})
            area = QScrollArea()
            area.setWidgetResizable(True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            holder = Plane("surface")
            box = QVBoxLayout(holder)
            box.addWidget(Label(_("Try it: nothing is saved here."), "secondary", "text-muted"))
            box.addWidget(form)
            margins(holder, 16, 12, 16, 16, 12)
            area.setWidget(holder)
            self._preview = area
            self.stack.addWidget(area)
            self.stack.setCurrentWidget(area)
        else:
            self.stack.setCurrentWidget(self.list)
        self.right_panel.setVisible(mode != "preview")  # the form has the room that it has in its own window
        for button in (self.up, self.down):
            button.setEnabled(mode != "preview")

    def _field(self, name: str) -> Field | None:
        return self.draft.by_name.get(name) if self.draft is not None else None

    def _show_current(self, row: Row | None, ask: bool = True) -> None:
        if row is None or self.draft is None or self._typing:
            return
        if ask and not self._may_leave():
            return
        if row.kind == "section":
            self.section_page.show_section(self.draft, row.key)
            self.right.setCurrentWidget(self.section_page)
        elif row.kind == "field":
            one = self.draft.by_name[row.key]
            fields = list(self.draft.by_name.values())
            self.panel.show_field(self.entity, one, fields, self._definitions.get(row.key), rule_json(one))
            self.right.setCurrentWidget(self.panel)

    def _may_leave(self) -> bool:
        """Save what was written about a field; ask where it cannot be saved."""
        if self.right.currentWidget() is not self.panel or not self.panel.is_changed():
            return True
        if self.panel.values_or_none() is not None and not self.panel.is_new:
            return self.panel.save()
        dropped = dialogs.may_throw_away(self, _("What you wrote about this field is not saved."))
        if dropped:
            self.panel.written.forget()
            self.panel.is_new = False
            self.panel.field = None
        return dropped

    # -- arranging ---------------------------------------------------------------------------------------------

    def _move(self, number: int, step: int) -> None:
        if self.draft is None or not 0 <= number < len(self.list.form.rows):
            return
        row = self.list.form.rows[number]
        if row.kind == "list":
            return
        moved = (
            self.draft.move_section(row.key, step) if row.kind == "section" else self.draft.move_field(row.key, step)
        )
        if moved:
            self._arranged((row.kind, row.key))

    def _drop(self, number: int, before: int) -> None:
        rows = self.list.form.rows
        if self.draft is None or number == before:
            return
        target = rows[before] if before < len(rows) else None
        if self.draft.drop(rows[number], target):
            self._arranged((rows[number].kind, rows[number].key))

    def _arranged(self, current: tuple[str, str]) -> None:
        assert self.draft is not None
        self.list.show_draft(self.draft, current)
        self._timer.start()

    def _flush(self) -> None:
        if self._timer.isActive() or self.waiting:
            self._timer.stop()
            self._save_layout()

    def _save_layout(self) -> None:
        if self.draft is None:
            return
        made, seen = self.draft.layout(), self._seen
        self._seen = layout.Seen(made, made)
        self.waiting = False
        entity = self.entity
        write_layout(
            self, entity, made, seen, self._failed, lambda kept: self._wait(kept) if self.entity == entity else None
        )

    def _wait(self, seen: layout.Seen) -> None:
        """A colleague arranged the same and nobody decided yet: what was moved here stays, and is not saved."""
        self._seen = seen
        self.waiting = True

    @property
    def waiting(self) -> bool:
        """Whether what is arranged here waits for a decision."""
        return not self.undecided.isHidden()

    @waiting.setter
    def waiting(self, on: bool) -> None:
        self.undecided.setVisible(on)

    def _give_up(self) -> None:
        self.waiting = False
        self.reload()

    def _failed(self, error: Exception) -> None:
        dialogs.show_error(self, error)
        self.reload()

    def new_section(self) -> None:
        """Ask for a title and add a section."""
        title = dialogs.ask_text(self, _("New section"), _("Title of the section"))
        if title and title.strip() and self.draft is not None:
            self._arranged(("section", self.draft.add_section(title)))

    def rename_section(self, key: str, title: str) -> None:
        """Give a section another title."""
        if self.draft is not None:
            self.draft.rename_section(key, title)
            self._arranged(("section", key))

    def remove_section(self, key: str) -> None:
        """Take a section away; its fields go to the one before."""
        if self.draft is not None and self.draft.remove_section(key):
            self._arranged(("section", self.draft.sections[0].key))

    def reset(self) -> None:
        """Go back to the form that the program came with; undo brings this one back."""
        self._timer.stop()
        self.waiting = False
        entity = self.entity
        self.office.write(
            self, N_("Default form of {records}"), lambda uow: layout.reset_layout(uow, entity), None, self._failed,
            params={"records": translate(self.office.database.schema.entity(entity).plural)},
        )  # fmt: skip

    def _open(self, row: Row | None) -> None:
        if row is not None and row.kind == "section":
            self.section_page.title.setFocus()
            self.section_page.title.selectAll()
        elif row is not None and row.kind == "field":
            (self.panel.label if self.panel.label.isVisible() else self.panel.visible_when.add).setFocus()

    def _remove(self, row: Row | None) -> None:
        if row is not None and row.kind == "section":
            self.remove_section(row.key)
        elif row is not None and row.kind == "field" and self.panel.field is not None:
            if self.panel.field.custom:
                self._delete_field()
            elif self.panel.hide_button.isVisible():
                self._hide_field(not self.panel.field.hidden)

    # -- fields ------------------------------------------------------------------------------------------------

    def new_field(self) -> None:
        """Begin a new field, in the section that is current."""
        if self.draft is None or not self._may_leave():
            return
        self.mode.set_value("arrange")
        self._show_mode("arrange")
        self.panel.show_new(self.entity, list(self.draft.by_name.values()))
        self.right.setCurrentWidget(self.panel)
        self.panel.label.setFocus()

    def _add_field(self, values: dict[str, Any]) -> None:
        self._flush()
        entity, row, given = self.entity, self.list.current_row(), dict(values)
        draft = self.draft
        home = draft.sections[row.section].key if draft is not None and row is not None else ""
        more = {
            name: given.pop(name) for name in list(given) if name not in ("label", "kind", "target", "help", "required")
        }
        choices, aliases = more.pop("options", None), tuple(more.pop("aliases", None) or ())

        def work(uow: Any) -> str:
            identity = custom.create_custom_field(
                uow, entity, given["label"], given["kind"], choices=choices, target=given.get("target") or "",
                required=bool(given.get("required")), section=home, aliases=aliases, help=given.get("help") or "", **more,
            )  # fmt: skip
            own = custom.custom_fields(uow.database, entity, uow.connection)
            return next(
                one.name for one in own if field_service.definition(uow.connection, entity, one.name)["id"] == identity
            )

        def done(name: str) -> None:
            self.panel.written.forget()
            self.panel.is_new = False
            self._wanted = ("field", name)
            self.reload()
            self.list.setFocus()

        self.office.write(
            self, N_("New field “{label}”"), work, done, lambda error: self.panel.refused(error),
            params={"label": given["label"]},
        )  # fmt: skip

    def _save_field(self, values: dict[str, Any]) -> None:
        one = self.panel.field
        if one is None or self.draft is None:
            return
        if not one.custom:
            self.draft.set_rule(one.name, values)
            self._timer.start()
            return
        entity = self.entity
        if "options" in values:
            kept = {choice["key"] for choice in values["options"]}
            gone = [choice for choice in self.panel.seen["options"] or () if choice["key"] not in kept]
            if gone:
                self._ask_about_choices(one, gone, values)
                return
        self._write_field(entity, one, values, {}, self.panel.seen)

    def _ask_about_choices(self, one: Field, gone: list[dict[str, Any]], values: dict[str, Any]) -> None:
        """Say how many records have the choices that go, and what they get instead."""
        entity, table, seen = self.entity, self.office.database.schema.table(self.entity), self.panel.seen

        def show(counts: dict[str, int]) -> None:
            replace: dict[str, str | None] = {}
            for choice in gone:
                count = counts.get(choice["key"], 0)
                if not count:
                    continue
                instead = [Choice(f"to:{c['key']}", c["label"]) for c in values["options"][:3]]
                text = _("{count} records have “{choice}”. What should they get instead?").format(
                    count=count, choice=choice["label"]
                )
                buttons = [Choice("stay", _("Cancel")), *instead, Choice("empty", _("Nothing"), "danger")]
                answer = dialogs.ask(self, _("Remove a choice"), text, buttons)
                if answer in (None, "stay"):
                    self._show_current(self.list.current_row(), ask=False)
                    return
                replace[choice["key"]] = answer[3:] if answer.startswith("to:") else None
            self._write_field(entity, one, values, replace, seen)

        self.office.read(self, lambda connection: field_service.choice_counts(connection, table, one), show)

    def _write_field(
        self, entity: str, one: Field, values: dict[str, Any], replace: dict[str, str | None],
        seen: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        def work(uow: Any) -> bool:
            return field_service.update_custom_field(uow, entity, one.name, values, replace=replace, seen=seen)

        def failed(error: Exception) -> None:
            if not isinstance(error, SettingChanged) or seen is None:
                self.panel.refused(error)
                return
            settle_setting(
                self, self.office, error, _("field"), one.label, definition_words,
                lambda chosen: self._write_field(entity, one, values | chosen, replace, seen | error.theirs),
                lambda: self._back_to(one, values),
            )  # fmt: skip

        self.office.write(
            self, N_("Change the field “{label}”"), work, self._written, failed,
            params={"label": one.label},
        )  # fmt: skip

    def _written(self, changed: bool) -> None:
        if not changed:  # a colleague's was kept: nobody tells of a change
            self.reload()

    def _back_to(self, one: Field, values: dict[str, Any]) -> None:
        """Show what was written about a field again; nobody decided yet."""
        if self.panel.field is None or self.panel.field.name != one.name:
            self.list.select("field", one.name)
        if self.panel.field is not None and self.panel.field.name == one.name:
            self.panel.put_back(values)

    def _hide_field(self, on: bool) -> None:
        one = self.panel.field
        if one is None or self.draft is None:
            return
        if one.custom:
            self._write_field(self.entity, one, {"hidden": on}, {})
        else:
            self.draft.set_hidden(one.name, on)
            self._arranged(("field", one.name))
            self._show_current(self.list.current_row(), ask=False)

    def _delete_field(self) -> None:
        one, entity = self.panel.field, self.entity
        if one is None or not one.custom:
            return
        text = _("“{label}” goes from forms, lists and filters. Its values are kept, and Undo brings both back.")
        if not dialogs.confirm(
            self, _("Delete this field?"), text.format(label=label_of(one)), yes=_("Delete"), danger=True
        ):
            return
        self.panel.field = None
        self.office.write(
            self, N_("Delete the field “{label}”"),
            lambda uow: field_service.delete_custom_field(uow, entity, one.name), None, self._failed,
            params={"label": one.label},
        )  # fmt: skip

    def _change_kind(self) -> None:
        one = self.panel.field
        if one is not None and one.custom and sort_of(one) not in (FORMULA, ROLL_UP):
            self.panel.ask_kind(self.entity, one)
