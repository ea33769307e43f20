"""The tabs of saved views over a list, and everything that is done with views."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.i18n import _, translate
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records import views as saved
from ui.records.kit import ListKit
from ui.records.saving import show_saved
from ui.records.views import ALL, SCOPE_ICONS, KnownViews, View, ask_view
from ui.theme.icons import icon
from ui.widgets.tabs import Tab, TabBar

MOST_BY_KEY = 9


class ViewTabs(QWidget):
    """The views of a list as tabs. ``view_chosen`` sends the View; ``save_requested`` asks for what is shown."""

    view_chosen = Signal(object)
    save_requested = Signal()

    def __init__(self, office: Office, navigator: Navigator, kit: ListKit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._navigator, self._kit = office, navigator, kit
        self._saved: list[View] = []
        self._team = self._changed = False
        self._wanted: str | None = str(settings.remembered_value(f"list.{kit.page}.view", ALL))
        self._first = True
        self.bar = TabBar(padding=12, gap=0, addable=_("Save what is shown as a view"))
        self.bar.changed.connect(self._on_changed)
        self.bar.add_requested.connect(self.save_requested)
        self.bar.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
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

    def set_changed(self, on: bool) -> None:
        """Mark the current view as changed and not saved, or as it was saved."""
        if on != self._changed:
            self._changed = on
            self._show()

    def _show(self) -> None:
        current = self.bar.current_key() or ALL
        tabs = []
        for one in self.views():
            changed = self._changed and one.key == current
            mark = "ph.star" if one.default else SCOPE_ICONS.get(one.scope, "")
            tabs.append(Tab(one.key, f"{one.name} •" if changed else one.name, icon=mark))
        self.bar.set_tabs(tabs)
        for number, one in enumerate(self.views()):
            self.bar.setTabToolTip(number, self._tip(one, number))

    def _tip(self, view: View, number: int) -> str:
        parts = [view.name]
        if number < MOST_BY_KEY:
            parts[0] += f" ({QKeySequence(f'Ctrl+{number + 1}').toString(QKeySequence.SequenceFormat.NativeText)})"
        if view.scope == "team":
            parts.append(_("For your team, by {owner}").format(owner=view.owner))
        elif view.scope == "everyone":
            parts.append(_("For everyone, by {owner}").format(owner=view.owner))
        if view.default:
            parts.append(_("The list opens with it"))
        if self._changed and view.key == self.bar.current_key():
            parts.append(_("Changed and not saved"))
        return "\n".join(parts)

    def reload(self) -> None:
        """Read the saved views again."""
        database, page, user = self._office.database, self._kit.page, self._office.user_id
        self._office.read(self, lambda c: saved.read_views(database, c, page, user), self._on_read, supersede="views")

    def _on_read(self, found: KnownViews) -> None:
        before = self.current()
        self._saved, self._team = found.views, found.team
        self._show()
        wanted, self._wanted = self._wanted, None
        if self._first:
            self._first = False
            wanted = next((one.key for one in self._saved if one.default), wanted)
        after = self.current()
        if wanted and wanted != before.key and any(one.key == wanted for one in self.views()):
            self.choose(wanted)
        elif after.key != before.key or (after != before and not self._changed):
            self.view_chosen.emit(after)

    def choose(self, key: str) -> None:
        """Go to a view."""
        self.bar.set_current(key)
        self._on_changed(key)

    def choose_number(self, number: int) -> None:
        """Go to the view with a place among the tabs, counted from 0."""
        views = self.views()
        if number < len(views):
            self.choose(views[number].key)

    def _on_changed(self, _key: str) -> None:
        if self._changed:
            self._changed = False
            self._show()
        self.view_chosen.emit(self.current())

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if event.touches("saved_view") or event.touches("user"):
            self.reload()

    # -- saving ------------------------------------------------------------------------------------------------

    def save(self, values: dict[str, Any], done: Callable[[], None]) -> None:
        """Save what is shown into the current view; a new one where that may not be changed."""
        view = self.current()
        if not view.id or not view.changeable:
            self.save_as(values, done)
            return

        def finished(_result: Any) -> None:
            show_saved(self, self._navigator, _("View “{name}” saved").format(name=view.name))
            self._after(view.key, done)

        saved.update_view(self, self._office, view, values, finished)

    def save_as(self, values: dict[str, Any], done: Callable[[], None]) -> None:
        """Save what is shown as a new view, under a name."""
        answer = ask_view(self, _("Save as a view"), team=self._team)
        if answer is None:
            return
        name, scope = answer

        def finished(view_id: int) -> None:
            show_saved(self, self._navigator, _("View “{name}” saved").format(name=name))
            self._after(f"view-{view_id}", done)

        saved.create_view(self, self._office, {**values, "name": name, "scope": scope}, finished)

    def _after(self, key: str, done: Callable[[], None]) -> None:
        database, page, user = self._office.database, self._kit.page, self._office.user_id

        def show(found: KnownViews) -> None:
            self._saved, self._team = found.views, found.team
            self._changed = False
            self._show()
            if any(one.key == key for one in self.views()):
                self.bar.set_current(key)
                self._show()
            settings.remember_value(f"list.{page}.view", key)
            done()

        self._office.read(self, lambda c: saved.read_views(database, c, page, user), show, supersede="views")

    # -- what can be done with a view ----------------------------------------------------------------------------

    def menu_of(self, view: View) -> QMenu:
        """What can be done with a view."""
        menu = QMenu(_("The view “{name}”").format(name=view.name), self)

        def add(name: str, text: str, work: Callable[[], None], on: bool = True) -> None:
            action = menu.addAction(icon(name, "danger" if name == "ph.trash" else "text"), text)
            action.setEnabled(on)
            action.triggered.connect(lambda _on=False: work())

        add("ph.pencil-simple", _("Rename or share…"), lambda: self.rename(view), view.changeable)
        add("ph.copy", _("Duplicate"), lambda: self.duplicate(view), bool(view.id))
        order = [one.id for one in self._saved]
        at = order.index(view.id) if view.id in order else -1
        add("ph.arrow-left", _("Move to the left"), lambda: self.move_view(view, -1), view.changeable and at > 0)
        last = at == len(order) - 1
        add("ph.arrow-right", _("Move to the right"), lambda: self.move_view(view, 1), view.changeable and not last)
        if view.default:
            add("ph.star", _("No longer open the list with it"), lambda: self.set_default(None))
        else:
            add("ph.star", _("Open the list with it"), lambda: self.set_default(view), bool(view.id))
        menu.addSeparator()
        add("ph.trash", _("Delete the view"), lambda: self.delete(view), view.changeable)
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        views = self.views()
        number = self.bar.currentIndex()
        spot = self.bar.tabRect(number).bottomLeft()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            spot = self.bar.mapFromGlobal(event.globalPos())
            number = self.bar.tabAt(spot)
        if 0 <= number < len(views):
            self.menu_of(views[number]).exec(self.bar.mapToGlobal(QPoint(spot)))

    def rename(self, view: View) -> None:
        """Give a view another name, or show it to others."""
        answer = ask_view(self, _("Rename or share the view"), view.name, view.scope, team=self._team)
        if answer is not None:
            values = {"name": answer[0], "scope": answer[1]}
            saved.update_view(self, self._office, view, values, lambda _done: self.reload())

    def duplicate(self, view: View) -> None:
        """Make a copy that is one's own, and go there."""
        name = _("{name} (copy)").format(name=view.name)

        def made(view_id: int) -> None:
            show_saved(self, self._navigator, _("View “{name}” saved").format(name=name))
            self._wanted = f"view-{view_id}"
            self.reload()

        saved.duplicate_view(self, self._office, view, name, made)

    def move_view(self, view: View, step: int) -> None:
        """Put a view one place further."""
        order = [one.id for one in self._saved]
        at = order.index(view.id)
        order.insert(max(0, at + step), order.pop(at))
        saved.move_view(self, self._office, order, view, lambda _done: self.reload())

    def set_default(self, view: View | None) -> None:
        """Let the list open with a view, or with the one used last."""

        def done(_result: Any) -> None:
            told = (
                _("The list opens with “{name}”").format(name=view.name) if view else _("The list opens as last time")
            )
            show_saved(self, self._navigator, told)
            self.reload()

        saved.set_default(self, self._office, self._kit.page, view, done)

    def delete(self, view: View) -> None:
        """Delete a view; a toast offers the way back."""

        def deleted(_result: Any) -> None:
            show_saved(self, self._navigator, _("View “{name}” deleted").format(name=view.name))

        saved.delete_view(self, self._office, view, deleted)
