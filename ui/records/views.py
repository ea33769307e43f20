"""Saved views: a list's filter, columns and order under a name, for one person or for everyone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.filters import EVERYTHING, Filter, all_of, any_of, from_json, to_json, where
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import queries, service
from ui.framework import dialogs
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import TextEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins

ALL = "all"


@dataclass(frozen=True)
class View:
    """A tab of a list. ``id`` is 0 for those that the program brings along."""

    key: str
    name: str
    filter: Filter = EVERYTHING
    sort: tuple[tuple[str, bool], ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    id: int = 0
    everyone: bool = False
    mine: bool = True


def read_views(database: Any, connection: Any, page: str, user_id: int | None) -> list[View]:
    """The views of a page that a user may use: everyone's and their own, in their order."""
    own = where("owner_id", "eq", "@me") if user_id is not None else where("owner_id", "empty")
    tree = all_of(where("entity", "eq", page), any_of(where("scope", "eq", "everyone"), own))
    ids = queries.find_ids(
        database, connection, "saved_view", filter=tree, sort=[("position", False), ("name", False)], user_id=user_id
    )
    names = ["name", "scope", "owner_id", "filter", "columns", "sort"]
    rows = queries.fetch_rows(database, connection, "saved_view", ids, names)
    return [_view(row.id, row.values, user_id) for row in rows]


def _view(view_id: int, values: Any, user_id: int | None) -> View:
    owner = values.get("owner_id")
    return View(
        f"view-{view_id}", str(values["name"]), from_json(values.get("filter")),
        tuple((str(name), bool(desc)) for name, desc in values.get("sort") or ()),
        tuple((str(name), int(width)) for name, width in values.get("columns") or ()),
        view_id, values.get("scope") == "everyone", owner is None or getattr(owner, "id", owner) == user_id,
    )  # fmt: skip


def view_values(
    page: str, name: str, everyone: bool, tree: Filter, sort: Sequence[tuple[str, bool]],
    columns: Sequence[Sequence[Any]], user_id: int | None,
) -> dict[str, Any]:  # fmt: skip
    """The values of a saved view's record."""
    return {
        "entity": page, "name": name, "scope": "everyone" if everyone else "private", "owner_id": user_id,
        "filter": to_json(tree), "sort": [list(one) for one in sort], "columns": [list(one) for one in columns],
    }  # fmt: skip


class ViewDialog(QDialog):
    """The name of a view, and whether everyone sees it."""

    def __init__(self, parent: QWidget, title: str, name: str = "", everyone: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.name = TextEditor(name=_("Name"))
        self.name.set_value(name or None)
        self.everyone = QCheckBox(_("Show it to everyone in the office"))
        self.everyone.setChecked(everyone)
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
        box.addWidget(self.everyone)
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

    def answer(self) -> tuple[str, bool]:
        """(name, for everyone)."""
        return self.name.text().strip(), self.everyone.isChecked()


def ask_view(parent: QWidget, title: str, name: str = "", everyone: bool = False) -> tuple[str, bool] | None:
    """Ask for the name of a view; None for Escape."""
    dialog = ViewDialog(parent, title, name, everyone)
    accepted = dialogs.run_dialog(dialog)
    answer = dialog.answer()
    dialog.deleteLater()
    return answer if accepted and answer[0] else None


def create_view(owner: QWidget, office: Office, values: dict[str, Any], done: Any) -> None:
    """Save a new view."""
    office.write(
        owner, N_("Save view {name}"), lambda uow: service.create_record(uow, "saved_view", values), done,
        params={"name": values["name"]},
    )  # fmt: skip


def update_view(owner: QWidget, office: Office, view: View, values: dict[str, Any], done: Any) -> None:
    """Change a view."""
    office.write(
        owner, N_("Save view {name}"), lambda uow: service.update_record(uow, "saved_view", view.id, values), done,
        params={"name": values.get("name", view.name)},
    )  # fmt: skip


def delete_view(owner: QWidget, office: Office, view: View, done: Any) -> None:
    """Delete a view; undo brings it back."""
    office.write(
        owner, N_("Delete view {name}"), lambda uow: service.delete_records(uow, "saved_view", [view.id]), done,
        params={"name": view.name},
    )  # fmt: skip
