"""Recipes: plans that are remembered. The button that chooses one, the question for a name, the list of all."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_integer, format_relative
from crm_desktop.core.i18n import _, translate
from crm_desktop.importing import recipes
from crm_desktop.importing.recipes import Recipe
from ui.framework import dialogs, tasks
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


def save_recipe(owner: QWidget, session: ImportSession) -> Recipe | None:
    """Ask for a name and remember the plan."""
    draft = session.draft
    if draft is None or not draft.ready:
        return None
    suggestion = draft.recipe.name if draft.recipe is not None else draft.path.stem
    name = dialogs.ask_text(
        owner, _("Save recipe"), _("Files with these columns will be imported so. Name:"), suggestion
    )
    if name is None or not name.strip():
        return None
    saved = session.save_recipe(name.strip())
    show_toast(
        owner, _("Recipe “{name}” saved. Files with these columns are known from now on.").format(name=name.strip())
    )
    return saved


class RecipeButton(Button):
    """Which recipe is in use; its menu chooses another, none, or forgets one."""

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
        tasks.run_read(self, recipes.every, self._show, supersede="recipes")

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
            action.setChecked(current is not None and current.fingerprint == one.fingerprint)
            action.triggered.connect(lambda _on=False, one=one: self.session.use_recipe(one))
        if found:
            menu.addSeparator()
        save = menu.addAction(icon("ph.floppy-disk"), _("Save recipe…"))
        save.triggered.connect(lambda _on=False: save_recipe(self, self.session))
        return menu


class RecipeList(QWidget):
    """Every recipe on this computer; hidden while there is none."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.head = SectionHeader(padding=0)
        self.forget = Button(icon="ph.trash", small=True)
        self.forget.clicked.connect(self._forget)
        self.head.add(self.forget)
        self.model = ListTableModel([], key=lambda one: one.fingerprint)
        self.table = DataTable("")
        self.table.own_column_menu = False
        self.table.setModel(self.model)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self.head)
        box.addWidget(self.table)
        self.hide()
        on_theme(self, self._measure)

    def _measure(self) -> None:
        rows = min(_MOST_ROWS, max(1, self.model.rowCount()))
        self.table.setFixedHeight(px(32) * (rows + 1) + 2)

    def refresh(self) -> None:
        """Look again."""
        tasks.run_read(self, recipes.every, self._show, supersede="recipes")

    def _show(self, found: list[Recipe]) -> None:
        self.model.set_rows(found)
        self.table.set_current_row(0)
        self._measure()
        self.setVisible(bool(found))

    def _forget(self) -> None:
        row = self.table.current_row()
        if not 0 <= row < self.model.rowCount():
            return
        one: Recipe = self.model.row(row)
        title, text = _("Forget this recipe?"), _("Files like {name} are guessed anew then.").format(name=one.file_name)
        if dialogs.confirm(self, title, text, yes=_("Forget “{name}”").format(name=one.name), danger=True):
            tasks.run_write(self, lambda: recipes.forget(one.fingerprint), lambda _done: self.refresh())

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        schema = self.session.schema
        self.head.set_title(_("Recipes"))
        self.forget.setText(_("Forget this recipe"))
        self.table.setAccessibleName(_("Recipes"))

        def plural(one: Recipe) -> str:
            known = one.plan.entity in schema.entities
            return translate(schema.entity(one.plan.entity).plural) if known else one.plan.entity

        self.model.set_columns(
            [
                Column("name", _("Recipe"), lambda one: one.name, font="name"),
                Column("entity", _("Records"), plural, color="text-muted"),
                Column("file", _("Made for"), lambda one: one.file_name, color="text-muted"),
                Column("saved", _("Saved"), lambda one: format_relative(one.saved_at), color="text-muted"),
                Column("used", _("Times used"), lambda one: format_integer(one.used), align="end"),
            ]
        )
        self.table.set_column_widths([0, 140, 240, 150, 110], stretch=0)
