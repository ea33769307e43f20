"""What can be done with a list: commands, edits of one or many, printing and exporting."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import EditConflict
from crm_desktop.core.fields import LINK_KINDS, Field
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.records.cards import WITH_CARDS
from ui.framework import dialogs, settings
from ui.framework.commands import command, command_menu
from ui.framework.may import may, why_not
from ui.framework.office import Office
from ui.framework.page import Page
from ui.records.bulk_bar import BulkBar, TagPopup, UserPopup
from ui.records.bulk_form import BulkForm
from ui.records.card import RecordCard
from ui.records.conflict import solve_conflict
from ui.records.drafts import draft_key, forget_draft, keep_draft
from ui.records.filter_bar import FilterBar
from ui.records.filter_popup import FieldPopup, popup_point
from ui.records.kit import SHORTCUTS, ListKit
from ui.records.list_groups import GroupedModel
from ui.records.list_view import RecordTable
from ui.records.saving import (
    delete_many,
    plural_text,
    save_fields,
    save_many,
    save_solved,
    sentence_for,
    show_saved,
    tag_many,
)
from ui.records.shown import TAGS, editable, form_fields, label_of, plain
from ui.records.totals_foot import TotalsFoot
from ui.records.view_tabs import ViewTabs
from ui.theme.icons import icon
from ui.widgets.search_box import SearchBox
from ui.widgets.toast import show_toast

_MANY_CARDS = 200
MENU = (
    "list.copy", "list.paste", "list.print_cards", "list.print_compact", "list.print_labels",
    "list.export", "list.columns", "list.sort", "list.group", "list.open_groups",
    "list.close_groups", "list.totals", "list.compact", "list.reload", "list.save_view", "list.save_view_as",
    "list.discard_view",
)  # fmt: skip
"""The commands that the dots at the head of a list offer."""


class ListCommands(Page):
    """The actions of a list page; :class:`ui.records.list_page.ListPage` builds what they work on."""

    office: Office
    kit: ListKit
    spec: Entity
    model: GroupedModel
    table: RecordTable
    views: ViewTabs
    filters: FilterBar
    search: SearchBox
    bulk: BulkBar
    bulk_form: BulkForm
    card: RecordCard
    _fields: list[Field]
    foot: TotalsFoot
    totals: dict[str, str]

    def save_cell(self, record_id: int, name: str, value: Any) -> None:
        row = self.model.row_values(self.model.row_of(record_id))
        field = next(one for one in self.model.fields if one.name == name)
        if row is None:
            return
        old = plain(field, row.values.get(name))
        if value == old:
            return
        title = str(row.values.get(self.spec.title_field) or "")
        if field.kind not in LINK_KINDS:
            self.model.put_value(record_id, name, value)

        draft = draft_key(self.office, "fact", self.kit.entity, record_id, name)
        if isinstance(value, str):
            keep_draft(draft, value, title)

        def done() -> None:
            forget_draft(draft)
            show_saved(self, self.navigator, _("{label} saved").format(label=label_of(field)))

        def wait() -> None:
            """What was typed waits in its cell."""
            if isinstance(value, str):
                cell = self.model.index(self.model.row_of(record_id), self.model.column_of(name))
                self.table.keep_draft(cell, value)

        def failed(error: Exception) -> None:
            self.model.put_value(record_id, name, row.values.get(name))
            if isinstance(error, EditConflict):
                solve_conflict(
                    self,
                    self.office,
                    error,
                    title,
                    {name: value},
                    row.values,
                    lambda chosen, notes: save_solved(
                        self,
                        self.office,
                        self.kit.entity,
                        record_id,
                        chosen,
                        notes,
                        label=label_of(field),
                        title=title,
                        done=done,
                    ),
                    wait,
                )
                return
            sentence = sentence_for(error, name)
            wait()
            if sentence:
                show_toast(self, sentence, kind="danger", seconds=10)
            else:
                dialogs.show_error(self, error)

        save_fields(
            self,
            self.office,
            self.kit.entity,
            record_id,
            {name: value},
            {name: old},
            label=label_of(field),
            title=title,
            done=done,
            failed=failed,
        )

    def chosen_ids(self) -> list[int]:
        """The checked records; the current one where none is checked."""
        if self.model.checked:
            return self.model.checked_ids()
        current = self.model.id_at(self.table.current_row())
        return [current] if current is not None else []

    def choose_bulk_field(self) -> None:
        fields = [one for one in form_fields(self._fields) if one.name in self.bulk_form.rows]
        if len(self.model.checked) == 1:
            self.card.edit()
            return
        popup = FieldPopup(fields, _("Which field?"), self)
        popup.chosen.connect(lambda field: self.bulk_form.focus_field(field.name))
        popup.open_at(popup_point(self.bulk.edit))

    def assign(self) -> None:
        ids = self.chosen_ids()
        popup = UserPopup(self.office, _("Owner"), self)
        popup.chosen.connect(
            lambda user, _name: save_many(self, self.office, self.navigator, self.kit.entity, ids, {"owner_id": user})
        )
        popup.show_at(popup_point(self.bulk.assign))
        popup.editor.setFocus()

    def tag(self, remove: bool) -> None:
        ids = self.chosen_ids()
        popup = TagPopup(self.office, remove=remove, parent=self)
        popup.chosen.connect(
            lambda name: tag_many(self, self.office, self.navigator, self.kit.entity, ids, name, remove=remove)
        )
        popup.show_at(popup_point(self.bulk.tag))
        popup.editor.setFocus()

    # -- commands ----------------------------------------------------------------------------------------------

    @command("list.find", text=N_("Find in this list"), shortcut="Ctrl+F", icon="ph.magnifying-glass", group="list")
    def find_in_list(self) -> None:
        """Put the cursor into the search line of the list."""
        self.search.setFocus()
        self.search.selectAll()

    @command("list.copy", text=N_("Copy the rows"), shortcut="Ctrl+Alt+C", icon="ph.copy", group="clipboard")
    def copy_rows(self) -> None:
        """Put the checked rows, or the current one, on the clipboard with the headers of their columns."""
        from ui.records.list_paste import copy_list  # lazy: heavy

        content = self.content()
        ids = self.chosen_ids()
        if ids:
            copy_list(self, self.office, self.kit.entity, replace(content, ids=ids, grouping=None, totals={}))

    @command("list.paste", text=N_("Paste values from a spreadsheet…"), shortcut="Ctrl+Shift+V",
             icon="ph.clipboard-text", group="clipboard", visible_when="may_change")  # fmt: skip
    def paste_rows(self) -> None:
        """Put the clipboard's cells into the current column and those after it, after a look at what would change."""
        from ui.records.list_paste import cells_of, paste_cells  # lazy: heavy

        header, current = self.table.header, self.table.currentIndex()
        text = QGuiApplication.clipboard().text()
        visual = max(header.visualIndex(current.column()), 1) if current.isValid() else 1
        after = [self.model.field_at(header.logicalIndex(at)) for at in range(visual, header.count())]
        fields = [one for one in after if one is not None]
        if not text or not fields:
            show_toast(self, _("There is nothing to paste."))
            return
        if not editable(fields[0]):
            words = _("“{label}” cannot be edited. Go to another column with the arrow keys first.")
            show_toast(self, words.format(label=label_of(fields[0])), kind="danger")
            return
        fields = list(takewhile(editable, fields))
        start = max(current.row(), 0)
        below = [one for one in self.model.ids[start : start + 100_000] if one > 0]
        width, cells = cells_of(text, fields, self.model.checked_ids() if self.model.checked else (), below)
        paste_cells(self, self.office, self.navigator, self.spec, fields[:width], cells)

    @command("list.print", text=N_("Print the list"), shortcut="Ctrl+P", icon="ph.printer", group="list")
    def print_list(self) -> None:
        """Print what is shown, or what is checked."""
        from ui.records.output import print_list  # lazy: heavy

        print_list(self, self.office, self.kit.entity, self.content())

    @command("list.print_cards", text=N_("Print cards, one on a page…"), icon="ph.identification-card", group="list")
    def print_cards(self) -> None:
        """Print the checked records, or all of the list, each on a page of its own."""
        self._print_cards(compact=False)

    @command("list.print_compact", text=N_("Print cards, several on a page…"), icon="ph.cards", group="list")
    def print_compact_cards(self) -> None:
        """Print the checked records, or all of the list, as small cards."""
        self._print_cards(compact=True)

    def _print_cards(self, *, compact: bool) -> None:
        from ui.records.output import print_cards  # lazy: heavy

        content = self.content()
        if content.size > _MANY_CARDS and not dialogs.confirm(
            self,
            _("Print {what} as cards?").format(what=plural_text(self.spec, content.size)),
            _("Check the records that you want, to print only these."),
            yes=_("Print"),
        ):
            return
        facts = self.kit.card.facts or self.spec.list_columns
        known = {one.name: one for one in self._fields if one is not TAGS}
        fields = [known[name] for name in dict.fromkeys((*facts, *self.spec.list_columns)) if name in known]
        fields = [one for one in fields if one.name != self.spec.title_field] if compact else form_fields(self._fields)
        print_cards(self, self.office, self.kit.entity, content, fields, compact=compact)

    @command("list.print_labels", text=N_("Print labels…"), shortcut="Ctrl+Alt+L", icon="ph.sticker",
             visible_when="has_cards", group="list")  # fmt: skip
    def print_labels(self) -> None:
        """Print address labels of the checked records, or of all of the list."""
        from ui.records.label_dialog import print_labels  # lazy: heavy
        from ui.records.output import ids_of  # lazy: heavy

        content = self.content()
        self.office.read(
            self,
            lambda connection: ids_of(self.office, connection, self.kit.entity, content),
            lambda ids: print_labels(self, self.office, self.kit.entity, list(ids)),
        )

    def print_menu(self) -> QMenu:
        """What can be printed of the checked records."""
        return command_menu(self, self, ["list.print", "list.print_cards", "list.print_compact", "list.print_labels"])

    @command("list.export", text=N_("Export…"), shortcut="Ctrl+Shift+X", icon="ph.export", group="list",
             visible_when="may_export")  # fmt: skip
    def export_list(self) -> None:
        """Write the list, the checked records or all of them into a file."""
        from ui.records.export_dialog import ask_export  # lazy: heavy

        selected = self.content() if self.model.checked else None
        ask_export(self, self.office, self.kit.entity, self.content(checked=False), selected)

    def may_export(self) -> bool:
        """Whether any of these records may leave the office."""
        return may(self.office, self.kit.entity, "export")

    def may_change(self) -> bool:
        """Whether any of these records may be changed."""
        return may(self.office, self.kit.entity, "edit")

    def may_delete(self) -> bool:
        """Whether any of these records may be deleted."""
        return may(self.office, self.kit.entity, "delete")

    def has_cards(self) -> bool:
        """Whether the list is about people or companies."""
        return self.kit.entity in WITH_CARDS

    @command("list.columns", text=N_("Columns…"), icon="ph.sliders-horizontal", group="look")
    def columns_command(self) -> None:
        """Choose the columns."""
        self.choose_columns()

    def choose_columns(self) -> None:
        """Open the choice of columns."""
        raise NotImplementedError

    def open_row(self, index: QModelIndex) -> None:
        """Open the record of a row in a window of its own."""
        record_id = self.model.id_at(index.row())
        if record_id is not None:
            self.navigator.open_record(self.kit.entity, record_id, new_window=True)

    @command("list.compact", text=N_("Narrow or wide rows"), icon="ph.rows", group="look")
    def toggle_compact(self) -> None:
        """Show more or fewer rows."""
        settings.COMPACT_ROWS.set(not settings.COMPACT_ROWS.get())
        self.table.set_row_height(26 if settings.COMPACT_ROWS.get() else 32)

    @command("list.reload", text=N_("Read again"), shortcut="F5", icon="ph.arrows-clockwise", group="look")
    def reload(self) -> None:
        """Read the list again."""
        self.model.reload()

    @command("list.edit", text=N_("Edit all fields…"), shortcut="Ctrl+E", icon="ph.pencil-simple", group="record",
             visible_when="may_change")  # fmt: skip
    def edit_record(self) -> None:
        """Open the form of the current record."""
        self.card.edit()

    @command("list.note", text=N_("Write a note"), shortcut=SHORTCUTS["note"], icon="ph.note-pencil", group="record")
    def write_note(self) -> None:
        """Write a note on the current record."""
        self.card.write_note()

    @command("list.log_call", text=N_("Log a call"), shortcut=SHORTCUTS["call"], icon="ph.phone-call", group="record",
             visible_when="can_log_call")  # fmt: skip
    def log_call(self) -> None:
        """Note a call with the current record down."""
        self.card.log_call()

    @command("list.plan", text=N_("Plan the next step"), shortcut=SHORTCUTS["activity"], icon="ph.calendar-plus",
             group="record", visible_when="can_plan")  # fmt: skip
    def plan_next_step(self) -> None:
        """Plan what is to be done next with the current record."""
        self.card.make("activity")

    @command("list.open_case", text=N_("Open a case"), shortcut=SHORTCUTS["case"], icon="ph.lifebuoy", group="record",
             visible_when="can_open_case")  # fmt: skip
    def open_case(self) -> None:
        """Open a case of the current record."""
        self.card.make("case")

    @command("list.create_deal", text=N_("Create a deal"), shortcut=SHORTCUTS["deal"], icon="ph.columns",
             group="record", visible_when="can_create_deal")  # fmt: skip
    def create_deal(self) -> None:
        """Make a deal of the current record."""
        self.card.make("deal")

    @command("list.bring_back", text=N_("Bring this record back…"), shortcut="Ctrl+Shift+B",
             icon="ph.clock-counter-clockwise", group="record", visible_when="can_bring_back")  # fmt: skip
    def bring_back(self) -> None:
        """Bring the current record of a backup back into the office."""
        browsed, record = self.office.browsed, self.card.record
        if browsed is not None and browsed.bring is not None and record is not None:
            browsed.bring(self.spec.name, record.id)

    def can_bring_back(self) -> bool:
        """Whether this is a backup that is looked at."""
        return self.office.browsed is not None and self.office.browsed.bring is not None

    @command("list.who_sees", text=N_("Who can see this?"), icon="ph.eye", group="record",
             visible_when="can_tell_sight")  # fmt: skip
    def show_sight(self) -> None:
        """Say who can see the current record, and why."""
        self.card.rights.show_sight()

    def can_tell_sight(self) -> bool:
        """Whether there is a record, and a list of those who see it."""
        return self.office.who_sees is not None and "card" in vars(self) and self.card.record is not None

    def can_log_call(self) -> bool:
        """Whether calls with these records are noted down."""
        return self.kit.card.log_call is not None and may(self.office, "activity", "create")

    def _makes(self, entity: str) -> bool:
        return any(one.entity == entity for one in self.kit.card.actions) and may(self.office, entity, "create")

    def can_plan(self) -> bool:
        """Whether these records have a next step."""
        return self._makes("activity")

    def can_open_case(self) -> bool:
        """Whether these records have cases."""
        return self._makes("case")

    def can_create_deal(self) -> bool:
        """Whether these records have deals."""
        return self._makes("deal")

    def show_note(self, note_id: int) -> None:
        """Go to a note of the record that is shown, or is about to be."""
        self.card.show_note(note_id)

    @command("list.delete", text=N_("Delete…"), icon="ph.trash", group="delete", danger=True,
             visible_when="may_delete")  # fmt: skip
    def delete_chosen(self) -> None:
        """Delete the checked records, or the current one."""
        ids = self.chosen_ids()
        if not ids or not self._allowed("delete", len(ids)):
            return
        what = plural_text(self.spec, len(ids))
        sure = len(ids) == 1 or dialogs.confirm(
            self,
            _("Delete {what}?").format(what=what),
            _("Undo and “Recently deleted” bring them back."),
            yes=_("Delete {what}").format(what=what),
            danger=True,
        )
        if sure:
            delete_many(self, self.office, self.navigator, self.kit.entity, ids)

    def _allowed(self, action: str, count: int = 1) -> bool:
        """Whether the checked records, or the current one, may be treated so; where not, a toast says why."""
        why = why_not(self.office, self.kit.entity, action)
        if not why and count > 1:
            why = why_not(self.office, self.kit.entity, "bulk")
        shown = self.card.record if count == 1 and "card" in vars(self) else None
        if not why and shown is not None and shown.id in self.chosen_ids():
            why = why_not(self.office, self.kit.entity, action, shown)
        if why:
            show_toast(self, why, kind="danger")
        return not why

    def create_new(self) -> None:
        """Open the form of a new record of this page."""
        self.navigator.create_record(self.kit.entity, dict(self.kit.values))

    def content(self, *, checked: bool = True) -> Any:
        """The list as it is shown; only what is checked, where anything is and ``checked`` says so."""
        from ui.records.list_document import ListContent  # lazy: heavy

        title = translate(self.kit.title or self.spec.plural)
        view = self.views.current()
        parts = [view.name if view.id else "", self.filters.words()]
        if self.search.text().strip():
            parts.append(_("Text: {text}").format(text=self.search.text().strip()))
        grouping = self.model.grouping
        some = checked and bool(self.model.checked)
        ids = self.model.checked_ids() if some else () if grouping else self.model.ids
        parts.append(self.grouping_words())
        if some:
            parts.append(ngettext("{n} selected", "{n} selected", len(ids)).format(n=len(ids)))
        by_name = {one.name: one for one in self.model.fields}
        fields = tuple(by_name[name] for name, _width in self.table.columns() if name in by_name)
        by = next((one for one in self._fields if grouping is not None and one.name == grouping.field), None)
        query = self.model.query
        return ListContent(
            title, " · ".join(part for part in parts if part), fields, ids, grouping, by, query.whole,
            tuple(query.sort), {} if self.foot.isHidden() else dict(self.totals), self.model.record_count,
        )  # fmt: skip

    def grouping_words(self) -> str:
        """By what the list is grouped; "" where it is not."""
        raise NotImplementedError

    def menu(self) -> QMenu:
        """What the dots at the head of the list offer."""
        menu = command_menu(self, self, MENU)
        menu.addSeparator()
        menu.addMenu(self.views.menu_of(self.views.current()))
        return menu

    def _edit_cell(self, index: QModelIndex) -> None:
        self.table.setCurrentIndex(index)
        self.table.edit_current()

    def row_menu(self, index: QModelIndex, spot: QPoint) -> None:
        """Open what can be done with a row, at a point of the screen."""
        menu = QMenu(self)
        menu.addAction(icon("ph.arrow-square-out"), _("Open in a window")).triggered.connect(
            lambda: self.open_row(index)
        )
        field = self.model.field_at(index.column())
        value = index.data(Qt.ItemDataRole.EditRole)
        if field is not None and field is not TAGS and self.model.may_edit(index.row()):
            menu.addAction(icon("ph.pencil-simple"), _("Edit {label}").format(label=label_of(field))).triggered.connect(
                lambda: self._edit_cell(index)
            )
            if value is not None and isinstance(plain(field, value), str | int) and not isinstance(value, bool):
                menu.addAction(
                    icon("ph.funnel"), _("Only with this {label}").format(label=label_of(field))
                ).triggered.connect(lambda: self.filters.add_condition(where(field.name, "eq", plain(field, value))))
        menu.addSeparator()
        for action in self.card.buttons.menu().actions():
            menu.addAction(action)
        menu.exec(spot)
