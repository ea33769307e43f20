"""Saved views as the window has them: what a list shows under a name, for one person, a team or everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.filters import EVERYTHING, Filter, from_json, to_json
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import views as saved_views
from crm_desktop.records.grouping import Grouping
from crm_desktop.records.office import SCOPES
from ui.framework import dialogs
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.editor_base import TextEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins

ALL = "all"
SCOPE_ICONS = {"team": "ph.users-three", "everyone": "ph.users"}


@dataclass(frozen=True)
class View:
    """A tab of a list. ``id`` is 0 for those that the program brings along.

    ``totals`` is what the foot says under each column, by field name; ``foot`` whether it is there at all.
    """

    key: str
    name: str
    filter: Filter = EVERYTHING
    sort: tuple[tuple[str, bool], ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    grouping: Grouping | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    foot: bool = False
    id: int = 0
    scope: str = "private"
    mine: bool = True
    changeable: bool = False
    default: bool = False
    owner: str = ""


@dataclass(frozen=True)
class KnownViews:
    """The saved views that a user sees, and whether there is a team to share with."""

    views: list[View]
    team: bool = False


def read_views(database: Any, connection: Any, page: str, user_id: int | None) -> KnownViews:
    """The views of a page that a user may use, in their order."""
    rows = saved_views.read_views(database, connection, page, user_id)
    found = [_view(row.id, row.values, user_id, saved_views.may_change(database, row.values, user_id)) for row in rows]
    return KnownViews(found, saved_views.team_of(connection, user_id) is not None)


def _view(view_id: int, values: Mapping[str, Any], user_id: int | None, changeable: bool) -> View:
    owner = values.get("owner_id")
    mine = owner is None or getattr(owner, "id", owner) == user_id
    layout = values.get("layout") or {}
    group = layout.get("group")
    return View(
        f"view-{view_id}", str(values["name"]), from_json(values.get("filter")),
        tuple((str(name), bool(desc)) for name, desc in values.get("sort") or ()),
        tuple((str(name), int(width)) for name, width in values.get("columns") or ()),
        Grouping(str(group[0]), str(group[1]), bool(group[2])) if group else None,
        dict(layout.get("totals") or {}), bool(layout.get("foot")), view_id, str(values.get("scope") or "private"),
        mine, changeable, (user_id or 0) in (layout.get(saved_views.DEFAULT_FOR) or ()), str(owner or ""),
    )  # fmt: skip


def view_values(
    page: str, tree: Filter, sort: Sequence[tuple[str, bool]], columns: Sequence[Sequence[Any]],
    grouping: Grouping | None = None, totals: Mapping[str, str] | None = None, foot: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """What a saved view's record keeps of what is shown."""
    group = [grouping.field, grouping.step, grouping.descending] if grouping else None
    return {
        "entity": page, "filter": to_json(tree), "sort": [list(one) for one in sort],
        "columns": [list(one) for one in columns],
        "layout": {"group": group, "totals": dict(totals or {}), "foot": foot},
    }  # fmt: skip


class ViewDialog(QDialog):
    """The name of a view, and who sees it."""

    def __init__(
        self, parent: QWidget, title: str, name: str = "", scope: str = "private", *, team: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.name = TextEditor(name=_("Name"))
        self.name.set_value(name or None)
        icons = {"private": "ph.lock", **SCOPE_ICONS}
        self.scope = SegmentedControl(
            [(one.key, translate(one.label), icons[one.key]) for one in SCOPES if one.key != "team" or team]
        )
        self.scope.setAccessibleName(_("Who sees it"))
        self.scope.set_value(scope)
        self.problem = Label("", "secondary", "danger")
        self.problem.hide()
        cancel, save = Button(_("Cancel")), Button(_("Save"), kind="primary")
        cancel.clicked.connect(self.reject)
        save.clicked.connect(self.accept)
        box = QVBoxLayout(self)
        box.addWidget(Label(title, "section"))
        box.addWidget(Label(_("Name"), "secondary", "text-muted"))
        box.addWidget(self.name)
        box.addWidget(self.problem)
        box.addSpacing(px(4))
        box.addWidget(Label(_("Who sees it"), "secondary", "text-muted"))
        box.addWidget(self.scope)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(save)
        box.addSpacing(px(8))
        box.addLayout(row)
        margins(self, 24, 24, 24, 16, 8)
        self.setMinimumWidth(px(400))
        self.name.committed.connect(self.accept)
        self.name.setFocus()

    def accept(self) -> None:
        """Close with a name."""
        if not self.name.text().strip():
            self.problem.setText(_("Give the view a name."))
            self.problem.show()
            self.name.setFocus()
            return
        super().accept()

    def answer(self) -> tuple[str, str]:
        """(name, scope)."""
        return self.name.text().strip(), self.scope.value() or "private"


def ask_view(
    parent: QWidget, title: str, name: str = "", scope: str = "private", *, team: bool = False
) -> tuple[str, str] | None:
    """Ask for the name of a view and who sees it; None for Escape."""
    dialog = ViewDialog(parent, title, name, scope, team=team)
    accepted = dialogs.run_dialog(dialog)
    answer = dialog.answer()
    dialog.deleteLater()
    return answer if accepted and answer[0] else None


def create_view(owner: QWidget, office: Office, values: dict[str, Any], done: Any) -> None:
    """Save a new view; ``done`` gets its id."""
    office.write(
        owner, N_("Save view {name}"), lambda uow: saved_views.create_view(uow, values), done,
        params={"name": values["name"]},
    )  # fmt: skip


def update_view(owner: QWidget, office: Office, view: View, values: dict[str, Any], done: Any) -> None:
    """Change a view."""
    office.write(
        owner, N_("Save view {name}"), lambda uow: saved_views.update_view(uow, view.id, values), done,
        params={"name": values.get("name", view.name)},
    )  # fmt: skip


def delete_view(owner: QWidget, office: Office, view: View, done: Any) -> None:
    """Delete a view; undo brings it back."""
    office.write(
        owner, N_("Delete view {name}"), lambda uow: saved_views.delete_view(uow, view.id), done,
        params={"name": view.name},
    )  # fmt: skip


def duplicate_view(owner: QWidget, office: Office, view: View, name: str, done: Any) -> None:
    """Make a private copy of a view; ``done`` gets its id."""
    office.write(
        owner, N_("Copy view {name}"), lambda uow: saved_views.duplicate_view(uow, view.id, name), done,
        params={"name": view.name},
    )  # fmt: skip


def move_view(owner: QWidget, office: Office, order: Sequence[int], view: View, done: Any) -> None:
    """Put a view where it stands in ``order``."""
    office.write(
        owner, N_("Move view {name}"), lambda uow: saved_views.move_view(uow, order, view.id), done,
        params={"name": view.name},
    )  # fmt: skip


def set_default(owner: QWidget, office: Office, page: str, view: View | None, done: Any) -> None:
    """Let the page open with a view; with the one used last where None."""
    view_id = view.id if view is not None else None
    name = view.name if view is not None else ""
    title = N_("Open with view {name}") if view is not None else N_("Open with the view used last")
    office.write(
        owner, title, lambda uow: saved_views.set_default(uow, page, view_id), done,
        params={"name": name} if name else {},
    )  # fmt: skip
