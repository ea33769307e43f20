"""The tabs of saved views over a list, and saving, renaming and deleting them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.filters import Filter
from crm_desktop.core.i18n import _, translate
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.kit import ListKit
from ui.records.saving import show_saved
from ui.records.views import ALL, View, ask_view, create_view, delete_view, read_views, update_view, view_values
from ui.theme.icons import icon
from ui.widgets.tabs import Tab, TabBar


class ViewTabs(QWidget):
    """The views of a list as tabs. ``view_chosen`` sends the View; ``save_requested`` asks for what is shown."""

    view_chosen = Signal(object)
    save_requested = Signal()

    def __init__(self, office: Office, navigator: Navigator, kit: ListKit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._kit = office, navigator, kit
        self._saved: list[View] = []
        self._wanted = str(settings.remembered_value(f"list.{kit.page}.view", ALL))
        self.bar = TabBar(padding=12, gap=0, addable=_("Save what is shown as a view"))
        self.bar.changed.connect(self._on_changed)
        self.bar.add_requested.connect(self.save_requested)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.bar.customContextMenuRequested.connect(self._on_menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.bar)
        office.records_changed.connect(self._on_records_changed)
        self._show()
        self.reload()

    def retranslate(self) -> None:
        """Write the words again."""
        self.bar.setAccessibleName(_("Views"))
        self._show()

    def _built_in(self) -> list[View]:
        views = [View(ALL, _("All"))]
        return views + [View(key, translate(text), tree) for key, text, tree in self._kit.views]

    def views(self) -> list[View]:
        """Every view in the order of the tabs."""
        return [*self._built_in(), *self._saved]

    def current(self) -> View:
        """The view of the current tab."""
        key = self.bar.current_key()
        views = self.views()
        return next((one for one in views if one.key == key), views[0])

    def _show(self) -> None:
        self.bar.set_tabs([Tab(one.key, one.name, icon="ph.users" if one.everyone else "") for one in self.views()])

    def reload(self) -> None:
        """Read the saved views again."""
        database, page, user = self._office.database, self._kit.page, self._office.user_id
        self._office.read(self, lambda c: read_views(database, c, page, user), self._on_read, supersede="views")

    def _on_read(self, views: list[View]) -> None:
        before = self.current()
        self._saved = views
        self._show()
        wanted, self._wanted = self._wanted, ""
        if wanted and wanted != before.key and any(one.key == wanted for one in self.views()):
            self.choose(wanted)
        elif self.current().key != before.key:
            self.view_chosen.emit(self.current())

    def choose(self, key: str) -> None:
        """Go to a view."""
        self.bar.set_current(key)
        self.view_chosen.emit(self.current())

    def _on_changed(self, _key: str) -> None:
        self.view_chosen.emit(self.current())

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("saved_view"):
            self.reload()

    # -- saving ------------------------------------------------------------------------------------------------

    def save(
        self, tree: Filter, sort: Sequence[tuple[str, bool]], columns: Sequence[Any], done: Callable[[], None]
    ) -> None:
        """Save what is shown into the current view; a new one where that is not one's own."""
        view = self.current()
        if not view.id or not view.mine:
            self.save_as(tree, sort, columns, done)
            return
        values = view_values(self._kit.page, view.name, view.everyone, tree, sort, columns, self._office.user_id)
        del values["owner_id"]

        def saved(_result: Any) -> None:
            show_saved(self, self._navigator, _("View “{name}” saved").format(name=view.name))
            self._after(view.key, done)

        update_view(self, self._office, view, values, saved)

    def save_as(
        self, tree: Filter, sort: Sequence[tuple[str, bool]], columns: Sequence[Any], done: Callable[[], None]
    ) -> None:
        """Save what is shown as a new view, under a name."""
        answer = ask_view(self, _("Save as a view"))
        if answer is None:
            return
        name, everyone = answer
        values = view_values(self._kit.page, name, everyone, tree, sort, columns, self._office.user_id)

        def saved(view_id: int) -> None:
            show_saved(self, self._navigator, _("View “{name}” saved").format(name=name))
            self._after(f"view-{view_id}", done)

        create_view(self, self._office, values, saved)

    def _after(self, key: str, done: Callable[[], None]) -> None:
        database, page, user = self._office.database, self._kit.page, self._office.user_id

        def show(views: list[View]) -> None:
            self._saved = views
            self._show()
            if any(one.key == key for one in self.views()):
                self.bar.set_current(key)
            settings.remember_value(f"list.{page}.view", key)
            done()

        self._office.read(self, lambda c: read_views(database, c, page, user), show, supersede="views")

    def menu_of(self, view: View) -> QMenu:
        """What can be done with a view."""
        menu = QMenu(self)
        menu.addAction(icon("ph.pencil-simple"), _("Rename…")).triggered.connect(lambda: self.rename(view))
        menu.addAction(icon("ph.trash", "danger"), _("Delete the view")).triggered.connect(lambda: self.delete(view))
        return menu

    def _on_menu(self, where: QPoint) -> None:
        index = self.bar.tabAt(where)
        views = self.views()
        if 0 <= index < len(views) and views[index].id and views[index].mine:
            self.menu_of(views[index]).exec(self.bar.mapToGlobal(where))

    def rename(self, view: View) -> None:
        """Give a view another name, or show it to others."""
        answer = ask_view(self, _("Rename the view"), view.name, view.everyone)
        if answer is not None:
            values = {"name": answer[0], "scope": "everyone" if answer[1] else "private"}
            update_view(self, self._office, view, values, lambda _done: self.reload())

    def delete(self, view: View) -> None:
        """Delete a view; a toast offers the way back."""

        def deleted(_result: Any) -> None:
            show_saved(self, self._navigator, _("View “{name}” deleted").format(name=view.name))

        delete_view(self, self._office, view, deleted)
