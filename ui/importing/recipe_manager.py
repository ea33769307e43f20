"""All recipes of the office: what each does, and using, renaming, copying, sending, fetching and deleting them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import N_, _
from crm_desktop.importing import recipe_files, recipes
from crm_desktop.importing.recipes import Recipe
from crm_desktop.records import history
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.importing.recipe_words import fields_for, records_of, told
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, Label, Plane
from ui.widgets.states import EmptyState
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast


def forget_recipes(owner: QWidget, office: Office, recipe: Recipe, done: Callable[[], None]) -> None:
    """Delete a recipe, with a toast that brings it back."""

    def work(uow: Any) -> int:
        recipes.forget(uow, [recipe.id])
        return int(uow.change_set_id)

    def deleted(change_set: int) -> None:
        text = _("Recipe “{name}” deleted. Files like {file} are guessed anew.")
        text = text.format(name=recipe.name, file=recipe.file_name or _("this one"))
        show_toast(owner, text, _("Undo"), lambda: undo(change_set))
        done()

    def undo(change_set: int) -> None:
        tasks.run_write(
            owner, lambda: history.undo(office.database, change_set, office.actor), lambda _plan: done()
        )  # fmt: skip

    office.write(owner, N_("Delete recipe {name}"), work, deleted, params={"name": recipe.name})


class RecipeManager(QDialog):
    """Left the recipes, right what the current one does. ``chosen`` is the one to use, where it was accepted."""

    def __init__(self, parent: QWidget, office: Office, read: Callable[[], list[Recipe]], use: str) -> None:
        super().__init__(parent)
        self._office, self._read = office, read
        self._fields: dict[int, dict[str, Any]] = {}
        self._wanted = 0
        self.chosen: Recipe | None = None
        self.setWindowTitle(_("Recipes"))
        self._make_table()
        self._make_buttons(use)
        self._lay_out()
        dialogs.resize_within(self, 1000, 600)
        self.refresh()

    def _make_table(self) -> None:
        schema = self._office.database.schema
        self.model = ListTableModel(
            [
                Column("name", _("Recipe"), lambda one: one.name, font="name", tooltip=lambda one: one.name),
                Column("entity", _("Records"), lambda one: records_of(one, schema), color="text-muted"),
                Column("file", _("Made for"), lambda one: one.file_name, color="text-muted"),
                Column("used", _("Times used"), lambda one: format_integer(one.used), align="end"),
                Column("used_at", _("Last used"), lambda one: format_relative(one.used_at) if one.used_at else "–",
                       color="text-muted"),
                Column("by", _("Saved by"), lambda one: one.saved_by or "–", color="text-muted"),
            ], key=lambda one: one.id,
        )  # fmt: skip
        self.table = DataTable(_("Recipes"))
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.set_column_widths([0, 84, 124, 92, 96, 96], stretch=0)
        self.table.current_row_changed.connect(lambda _row: self._show_current())
        self.table.row_activated.connect(lambda _index: self._use())

    def _make_buttons(self, use: str) -> None:
        self.use = Button(use, icon="ph.magic-wand", kind="primary")
        self.rename = Button(_("Rename…"), icon="ph.pencil-simple")
        self.copy = Button(_("Duplicate"), icon="ph.copy")
        self.export = Button(_("Export…"), icon="ph.upload-simple")
        self.fetch = Button(_("Import…"), icon="ph.download-simple")
        self.delete = Button(_("Delete"), icon="ph.trash", kind="danger-ghost")
        self.done_button = Button(_("Close"))
        for button, tip in (
            (self.rename, "F2"), (self.copy, "Ctrl+D"), (self.delete, _("Delete key")), (self.use, _("Enter key")),
        ):  # fmt: skip
            button.setToolTip(tip)
        for button, action in (
            (self.use, self._use), (self.rename, self._rename), (self.copy, self._duplicate),
            (self.export, self._export), (self.fetch, self._import), (self.delete, self._delete),
            (self.done_button, self.reject),
        ):  # fmt: skip
            button.clicked.connect(action)

    def _lay_out(self) -> None:
        self.about = QWidget()
        self._lines = QVBoxLayout(self.about)
        margins(self.about, 16, 12, 16, 16, 2)
        scroll = scrolled(self.about)
        scroll.setAccessibleName(_("What the recipe does"))
        right = Plane("surface")
        inside = QVBoxLayout(right)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(scroll)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.table)
        split.addWidget(right)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 1)
        right.setMinimumWidth(px(240))
        split.setSizes([px(700), px(300)])
        self.empty = EmptyState(
            "ph.magic-wand", _("No recipes yet"),
            _("Prepare an import, then choose “Save recipe”: files with the same columns are known from then on."),
            button=_("Import a recipe…"), button_icon="ph.download-simple",
        )  # fmt: skip
        self.empty.action.connect(self._import)
        self.stack = QStackedWidget()
        self.stack.addWidget(split)
        self.stack.addWidget(self.empty)
        bar = QWidget()
        row = QHBoxLayout(bar)
        for button in (self.delete, self.rename, self.copy, self.export, self.fetch):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.done_button)
        row.addWidget(self.use)
        margins(bar, 12, 12, 16, 12, 8)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.stack, 1)
        box.addWidget(Hairline())
        box.addWidget(bar)

    # -- what is shown -----------------------------------------------------------------------------------------

    def refresh(self, wanted: int = 0) -> None:
        """Look again, and make a recipe current."""
        self._wanted = wanted
        database = self._office.database

        def work() -> tuple[list[Recipe], dict[int, dict[str, Any]]]:
            found = self._read()
            return found, {one.id: fields_for(database, one) for one in found}

        tasks.run_write(self, work, self._show)

    def _show(self, found: tuple[list[Recipe], dict[int, dict[str, Any]]]) -> None:
        rows, self._fields = found
        before = self._wanted or (one.id if (one := self.current()) is not None else 0)
        self.model.set_rows(rows)
        self.stack.setCurrentIndex(0 if rows else 1)
        self.table.set_current_row(max(0, self.model.find(before)) if rows else -1)
        for button in (self.use, self.rename, self.copy, self.export, self.delete):
            button.setEnabled(bool(rows))
        self._show_current()

    def current(self) -> Recipe | None:
        """The recipe that the buttons act on."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _show_current(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        one = self.current()
        if one is None:
            return
        self._lines.addWidget(Label(one.name, "section", wrap=True))
        for heading, text in told(one, self._fields.get(one.id, {}), self._office.database.schema):
            if text:
                self._lines.addSpacing(px(10))
                self._lines.addWidget(Label(heading, "secondary", "text-muted"))
                self._lines.addWidget(Label(text, wrap=True))
            else:
                self._lines.addSpacing(px(14))
                self._lines.addWidget(Label(heading, "strong", wrap=True))
        self._lines.addStretch(1)

    # -- what is done ------------------------------------------------------------------------------------------

    def _use(self) -> None:
        self.chosen = self.current()
        if self.chosen is not None:
            self.accept()

    def _rename(self) -> None:
        one = self.current()
        name = dialogs.ask_text(self, _("Rename recipe"), _("Name:"), one.name) if one is not None else None
        if one is None or name is None or name.strip() == one.name:
            return
        self._office.write(
            self, N_("Rename recipe {name}"), lambda uow: recipes.rename(uow, one.id, name),
            lambda _done: self.refresh(one.id), params={"name": one.name},
        )  # fmt: skip

    def _duplicate(self) -> None:
        one = self.current()
        if one is None:
            return
        name = recipes.free_name([self.model.row(i).name for i in range(self.model.rowCount())], one.name)
        self._office.write(
            self, N_("Copy recipe {name}"), lambda uow: recipes.duplicate(uow, one.id, name), self.refresh,
            params={"name": one.name},
        )  # fmt: skip

    def _export(self) -> None:
        one = self.current()
        if one is None:
            return
        path = dialogs.choose_save(self, _("Export recipe"), f"{one.name}{recipe_files.ENDING}", _filters())
        if path is None:
            return
        target = path if path.suffix else path.with_suffix(recipe_files.ENDING)
        told_text = _("Recipe “{name}” is in {file}.").format(name=one.name, file=target.name)
        tasks.run_read(
            self, lambda: recipe_files.export_recipe(one, target), lambda _done: show_toast(self, told_text)
        )  # fmt: skip

    def _import(self) -> None:
        path = dialogs.choose_file(self, _("Import recipe"), _filters())
        if path is None:
            return
        office, source = self._office, Path(path)

        def done(recipe: Recipe) -> None:
            show_toast(self, _("Recipe “{name}” is here now.").format(name=recipe.name))
            self.refresh(recipe.id)

        tasks.run_write(self, lambda: recipe_files.import_recipe(office.database, source, office.actor), done)

    def _delete(self) -> None:
        one = self.current()
        if one is not None:
            forget_recipes(self, self._office, one, self.refresh)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() == Qt.Key.Key_F2:
            self._rename()
        elif event.key() == Qt.Key.Key_Delete:
            self._delete()
        elif event.key() == Qt.Key.Key_D and control:
            self._duplicate()
        else:
            super().keyPressEvent(event)


def _filters() -> str:
    return _("Recipes") + f" (*{recipe_files.ENDING} *.json)"
