"""Recipes: plans that are remembered. The button that chooses one, the question for a name, the list of all."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _
from crm_desktop.importing import recipe_files, recipes
from crm_desktop.importing.recipes import Recipe
from ui.framework import dialogs, tasks
from ui.framework.office import Office
from ui.importing import recipe_use
from ui.importing.drop_zone import choose_import_file
from ui.importing.recipe_manager import RecipeManager, forget_recipes
from ui.importing.recipe_words import records_of
from ui.importing.session import ImportSession
from ui.theme.icons import icon
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import SectionHeader
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import on_theme
from ui.widgets.toast import show_toast

_MOST_ROWS = 5


def save_recipe(owner: QWidget, session: ImportSession) -> None:
    """Ask for a name and remember what is done with the file."""
    drafts = [one for one in session.drafts if one.ready]
    if not drafts:
        return
    suggestion = recipe_use.name_for(drafts, drafts[0].path)
    name = dialogs.ask_text(
        owner, _("Save recipe"), _("Files with these columns will be imported so. Name:"), suggestion
    )
    if name is None or not name.strip():
        return

    def saved(recipe: Recipe) -> None:
        text = _("Recipe “{name}” saved. Files with these columns are known from now on, to the whole office.")
        show_toast(owner, text.format(name=recipe.name))
        session.plan_changed.emit()

    recipe_use.save(owner, session.office, drafts, name.strip(), saved)


def read_recipes(office: Office) -> list[Recipe]:
    """All recipes, those of this computer brought into the office first. In the background only."""
    recipe_files.take_over(office.database, office.actor)
    return recipes.every(office.database)


class RecipeButton(Button):
    """Which recipe is in use; its menu chooses another, none, or opens the list of all."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(icon="ph.magic-wand", trailing="ph.caret-down", parent=parent)
        self.session = session
        self.clicked.connect(self._open)

    def refresh(self) -> None:
        """Name the recipe in use."""
        draft = self.session.draft
        name = draft.recipe.name if draft is not None and draft.recipe is not None else _("none")
        self.setText(_("Recipe: {name}").format(name=name))
        self.updateGeometry()

    def _open(self) -> None:
        tasks.run_read(self, lambda: recipes.every(self.session.office.database), self._show, supersede="recipes")

    def _show(self, found: list[Recipe]) -> None:
        self.menu_of(found).exec(self.mapToGlobal(QPoint(0, self.height() + px(4))))

    def menu_of(self, found: list[Recipe]) -> QMenu:
        """The menu for these recipes."""
        draft = self.session.draft
        current = draft.recipe if draft is not None else None
        menu = QMenu(self)
        none = menu.addAction(_("None: guess anew"))
        none.setCheckable(True)
        none.setChecked(current is None)
        none.triggered.connect(lambda _on=False: self.session.use_recipe(None))
        menu.addSeparator()
        for one in found:
            action = menu.addAction(one.name)
            action.setCheckable(True)
            action.setChecked(current is not None and current.id == one.id)
            action.triggered.connect(lambda _on=False, one=one: self.session.use_recipe(one))
        if found:
            menu.addSeparator()
        save = menu.addAction(icon("ph.floppy-disk"), _("Save recipe…"))
        save.triggered.connect(lambda _on=False: save_recipe(self, self.session))
        manage = menu.addAction(icon("ph.list-bullets"), _("All recipes…"))
        manage.triggered.connect(lambda _on=False: self.manage())
        return menu

    def manage(self) -> None:
        """Open the list of all recipes; the one that is used there is followed for this file."""
        chosen = manage_recipes(self, self.session.office, _("Use for this file"))
        if chosen is not None:
            self.session.use_recipe(chosen)


def manage_recipes(owner: QWidget, office: Office, use: str) -> Recipe | None:
    """Show all recipes; returns the one that a person wants to use."""
    manager = RecipeManager(owner, office, lambda: read_recipes(office), use)
    return manager.chosen if dialogs.run_dialog(manager) else None


class RecipeList(QWidget):
    """Every recipe of the office; hidden while there is none. ``use_requested`` sends a file and a recipe."""

    use_requested = Signal(object, object)

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.head = SectionHeader(padding=0)
        self.use = Button(icon="ph.magic-wand", small=True)
        self.use.clicked.connect(self._use)
        self.manage = Button(icon="ph.list-bullets", small=True)
        self.manage.clicked.connect(self._manage)
        self.forget = Button(icon="ph.trash", small=True)
        self.forget.clicked.connect(self._forget)
        for button in (self.use, self.manage, self.forget):
            self.head.add(button)
        self.model = ListTableModel([], key=lambda one: one.id)
        self.table = DataTable("")
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        self.table.row_activated.connect(lambda _index: self._use())
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self.table)
        self.hide()
        on_theme(self, self._measure)
        session.office.records_changed.connect(self._on_changed)

    def _on_changed(self, event: Any) -> None:
        parent = self.parentWidget()
        if event.touches("import_recipe") and parent is not None and parent.isVisible():
            self.refresh()

    def _measure(self) -> None:
        rows = min(_MOST_ROWS, max(1, self.model.rowCount()))
        self.table.setFixedHeight(px(32) * (rows + 1) + 2)

    def refresh(self) -> None:
        """Look again."""
        office = self.session.office
        tasks.run_write(self, lambda: recipe_files.take_over(office.database, office.actor), lambda _n: self._read())

    def _read(self) -> None:
        database = self.session.office.database
        tasks.run_read(self, lambda: recipes.every(database), self._show, supersede="recipes")

    def _show(self, found: list[Recipe]) -> None:
        before = self.current()
        self.model.set_rows(found)
        self.table.set_current_row(max(0, self.model.find(before.id) if before is not None else 0))
        self._measure()
        self.setVisible(bool(found))

    def current(self) -> Recipe | None:
        """The recipe that the buttons act on."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _use(self) -> None:
        one = self.current()
        path = choose_import_file(self) if one is not None else None
        if path is not None:
            self.use_requested.emit(path, one)

    def _manage(self) -> None:
        chosen = manage_recipes(self, self.session.office, _("Use for a file…"))
        path = choose_import_file(self) if chosen is not None else None
        if path is not None:
            self.use_requested.emit(path, chosen)

    def _forget(self) -> None:
        one = self.current()
        if one is not None:
            forget_recipes(self, self.session.office, one, self.refresh)

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        schema = self.session.schema
        self.head.set_title(_("Recipes"))
        self.use.setText(_("Use for a file…"))
        self.manage.setText(_("All recipes…"))
        self.forget.setText(_("Delete"))
        self.table.setAccessibleName(_("Recipes"))
        self.model.set_columns(
            [
                Column("name", _("Recipe"), lambda one: one.name, font="name"),
                Column("entity", _("Records"), lambda one: records_of(one, schema), color="text-muted"),
                Column("file", _("Made for"), lambda one: one.file_name, color="text-muted"),
                Column("used_at", _("Last used"), last_used, color="text-muted"),
                Column("used", _("Times used"), lambda one: format_integer(one.used), align="end"),
            ]
        )
        self.table.set_column_widths([0, 140, 240, 150, 110], stretch=0)


def last_used(one: Recipe) -> str:
    """When a recipe was used last."""
    return format_relative(one.used_at) if one.used_at is not None else "–"
