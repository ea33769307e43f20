"""The roles: what each may do, the office's changes, and roles of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.access import ACTION_NAMES, POWER_NAMES
from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_, _, ngettext, translate
from crm_desktop.security import roles
from crm_desktop.security.access import scoped_types
from crm_desktop.security.roles import RoleRights, RoleRow
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.settled import Words, settle_setting
from ui.security.matrix import RightsMatrix
from ui.security.powers import PowersList
from ui.security.words import role_help, role_title, scope_name
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner, Panel
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast
from ui.widgets.two_line import Line, TwoLineList

_NARROW = 860


@dataclass(frozen=True)
class _Read:
    roles: list[RoleRow]
    rights: dict[str, RoleRights]


class RolesSection(QWidget):
    """Left the roles, right the rights of the chosen one. ``explained`` asks what a role means for one person."""

    explained = Signal(str)

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self._found: _Read | None = None
        self._key = "sales"
        schema = office.database.schema
        self.list = TwoLineList(_("Roles"), edge=True)
        self.list.delegate.padding = 12
        self.list.current_changed.connect(self.show_role)
        self.choice = ChoiceEditor(name=_("Role"), empty=None)
        self.choice.committed.connect(lambda: self.show_role(str(self.choice.value())))
        self.title = Label("", "title")
        self.help = Label("", "body", "text-muted", wrap=True)
        self.leads = Banner(
            _("Owners and administrators may do everything, always. This cannot be changed."), icon="ph.crown"
        )
        self.matrix = RightsMatrix([schema.entity(name) for name in scoped_types(schema)])
        self.matrix.chosen.connect(self.set_right)
        self.matrix.reset_asked.connect(self._reset_right)
        self.legend = Label("", "secondary", "text-muted", wrap=True)
        self.powers = PowersList()
        self.powers.chosen.connect(lambda power, on: self.set_right("", power, "all" if on else "none"))
        self.copy = Button(_("Copy as a new role…"), icon="ph.copy", small=True)
        self.copy.clicked.connect(self.copy_role)
        self.reset = Button(_("Reset to default"), icon="ph.arrow-counter-clockwise", small=True)
        self.reset.clicked.connect(self.reset_role)
        self.rename = Button(_("Rename…"), icon="ph.pencil-simple", small=True)
        self.rename.clicked.connect(lambda: self.rename_role())
        self.delete = Button(_("Delete…"), icon="ph.trash", kind="danger", small=True)
        self.delete.clicked.connect(self.delete_role)
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        self.left = Panel()
        self.left.body.addWidget(self.list)
        self.left.setFixedWidth(px(220))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for one in (self.copy, self.rename, self.reset, self.delete):
            buttons.addWidget(one)
        buttons.addStretch(1)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(self.choice)
        box.addWidget(self.title)
        box.addWidget(self.help)
        box.addLayout(buttons)
        box.addWidget(self.leads)
        box.addWidget(self.matrix)
        box.addWidget(self.legend)
        box.addSpacing(px(8))
        box.addWidget(Label(_("In the whole office"), "section"))
        box.addWidget(self.powers)
        box.addStretch(1)
        margins(inner, 16, 12, 16, 16, 8)
        area = scrolled(inner)
        right = Panel()
        self.state = StateStack(area, EmptyState("ph.identification-badge"))
        self.state.retry.connect(self.reload)
        right.body.addWidget(self.state)
        whole = QHBoxLayout(self)
        whole.addWidget(self.left)
        whole.addWidget(right, 1)
        margins(self, 0, 0, 0, 0, 12)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(_NARROW)
        self.left.setVisible(not narrow)
        self.choice.setVisible(narrow)
        self.title.setVisible(not narrow)

    # -- reading -------------------------------------------------------------------------------------------------

    def _on_changed(self, event: Any) -> None:
        if any(event.touches(name) for name in ("role", "role_right", "user")):
            self.reload()

    def reload(self) -> None:
        """Read the roles and all their rights."""
        self.state.show_loading()
        schema = self.office.database.schema

        def read(connection: Any) -> _Read:
            found = roles.roles(connection)
            return _Read(found, {one.key: roles.rights_of_role(connection, schema, one.key) for one in found})

        self.office.read(self, read, self._show, self.state.show_error, supersede="roles")

    def _show(self, found: _Read) -> None:
        self._found = found
        lines = [
            Line(
                one.key, role_title(one), _people(one.people), icon="ph.crown" if one.leads else "ph.identification-badge",
                badge=(_("changed"), "warning", "") if found.rights[one.key].any_changed else None,
            )
            for one in found.roles
        ]  # fmt: skip
        self.choice.set_options([(one.key, role_title(one)) for one in found.roles])
        if self._key not in found.rights:
            self._key = "sales"
        key = self._key
        self.list.set_lines(lines)
        self.list.set_current_key(key)
        self.show_role(key)
        self.state.show_content()

    @property
    def role(self) -> RoleRow | None:
        """The role that is shown."""
        found = self._found.roles if self._found is not None else []
        return next((one for one in found if one.key == self._key), None)

    def show_role(self, key: str) -> None:
        """Show the rights of another role."""
        self._key = key
        role, found = self.role, self._found
        if role is None or found is None:
            return
        rights = found.rights[key]
        if self.list.current_key() != key:
            self.list.set_current_key(key)
        self.choice.set_value(key)
        self.title.setText(role_title(role))
        self.help.setText(role_help(role))
        self.leads.setVisible(role.leads)
        for part in (self.matrix.model_, self.powers):
            part.show_rights(rights, everything=role.leads, editable=not role.leads)
        self.legend.setVisible(not role.leads)
        self.legend.setText(_legend(role, rights))
        self.reset.setVisible(not role.own and not role.leads)
        self.reset.setEnabled(rights.any_changed)
        self.copy.setVisible(not role.leads)
        self.rename.setVisible(role.own)
        self.delete.setVisible(role.own)

    # -- writing -------------------------------------------------------------------------------------------------

    def set_right(self, entity: str, action: str, scope: str, seen: str = "") -> None:
        """Change one right of the role that is shown; it counts at once, for everybody who has the role.

        ``seen`` is the scope that it was shown with; the one that is shown now where it is empty.
        """
        role = self.role
        if role is None or self._found is None:
            return
        key = role.key
        seen = seen or self._found.rights[key].scopes.get((entity, action), "none")

        def words(_name: str, value: Any) -> tuple[str, str]:
            what = translate(self.office.database.schema.entity(entity).plural) if entity else ""
            right = translate(ACTION_NAMES[action]) if entity else translate(POWER_NAMES[action])
            return f"{what}: {right}" if what else right, scope_name(value)

        def again(chosen: dict[str, Any], theirs: dict[str, Any]) -> None:
            if chosen["scope"] != theirs["scope"] and self._key == key:
                self.set_right(entity, action, chosen["scope"], theirs["scope"])

        def done(also: dict[str, str]) -> None:
            if also:
                names = ", ".join(f"{translate(ACTION_NAMES[one])}: {scope_name(to)}" for one, to in also.items())
                text = _("Nobody can do more with a record than they can see, so this changed too: {rights}")
                self._tell(text.format(rights=names))

        self._write(
            N_("Rights of {role}"), role, lambda uow: roles.set_right(uow, key, entity, action, scope, seen=seen), done,
            words, again,
        )  # fmt: skip

    def _reset_right(self, entity: str, action: str) -> None:
        if self._found is not None:
            self.set_right(entity, action, self._found.rights[self._key].defaults[entity, action])

    def reset_role(self) -> None:
        """Go back to the rights that the role came with; undo brings the office's back."""
        role = self.role
        if role is not None:
            key = role.key
            text = _("{role} has its default rights again").format(role=role_title(role))
            self._write(
                N_("Default rights of {role}"), role, lambda uow: roles.reset_rights(uow, key),
                lambda _done: self._tell(text),
            )  # fmt: skip

    def copy_role(self) -> None:
        """Make a role of the office with the rights of this one."""
        role = self.role
        if role is None:
            return
        name = dialogs.ask_text(
            self, _("New role"), _("Name of the role"), _("{role} (copy)").format(role=role_title(role))
        )
        if not name or not name.strip():
            return
        key = role.key

        def done(made: str) -> None:
            self._key = made
            self.reload()

        self.office.write(
            self, N_("New role {role}"), lambda uow: roles.create_role(uow, name, copy_of=key), done,
            params={"role": name.strip()},
        )  # fmt: skip

    def rename_role(self, written: str = "") -> None:
        """Give a role of the office another name; ``written`` is one that was written before."""
        role = self.role
        if role is None:
            return
        name = dialogs.ask_text(self, _("Rename the role"), _("Name of the role"), written or role.name)
        if name and name.strip() and name.strip() != role.name:
            self._rename(role, name, role.name)

    def _rename(self, role: RoleRow, name: str, seen: str) -> None:
        self._write(
            N_("Rename role {role}"), role, lambda uow: roles.update_role(uow, role.key, name=name, seen=seen), None,
            lambda _name, value: (_("Name of the role"), str(value)),
            lambda chosen, theirs: self._rename(role, chosen["name"], theirs["name"]), lambda: self.rename_role(name),
        )  # fmt: skip

    def delete_role(self) -> None:
        """Delete a role of the office that nobody has."""
        role = self.role
        if role is None:
            return
        if role.people:
            text = _("Give the people who have it another role first: {people}.")
            dialogs.show_message(self, _("This role is in use"), text.format(people=_people(role.people)))
            return
        self._write(
            N_("Delete role {role}"), role, lambda uow: roles.delete_role(uow, role.key),
            lambda _done: self._tell(_("Role {role} deleted").format(role=role.name)),
        )  # fmt: skip

    def _write(
        self, title: str, role: RoleRow, work: Callable[[Any], Any], done: Callable[[Any], object] | None = None,
        words: Words | None = None, again: Callable[[dict[str, Any], dict[str, Any]], object] | None = None,
        back: Callable[[], object] | None = None,
    ) -> None:  # fmt: skip
        def failed(error: Exception) -> None:
            if isinstance(error, SettingChanged) and words is not None and again is not None:
                settle_setting(
                    self, self.office, error, _("role"), role_title(role), words,
                    lambda chosen: again(chosen, error.theirs), back,
                )  # fmt: skip
            else:
                dialogs.show_error(self, error)
            self.reload()

        self.office.write(self, title, work, done, failed, params={"role": role_title(role)})

    def _tell(self, text: str) -> None:
        undo = getattr(self.window(), "undo", None)
        show_toast(self, text, _("Undo") if undo else "", undo, seconds=8)


def _people(count: int) -> str:
    return ngettext("{n} person", "{n} people", count).format(n=count) if count else _("nobody")


def _legend(role: RoleRow, rights: RoleRights) -> str:
    """Which keys do what; what the dot in a cell means."""
    keys = " · ".join(
        f"{scope_name(scope)[:1].upper()} {scope_name(scope).lower()}" for scope in ("all", "team", "own", "none")
    )
    text = _("Keys: arrows move, {letters}, Space the next one, Enter the choice.").format(letters=keys)
    if rights.any_changed and not role.own:
        text += " " + _("A dot marks what your office changed; Delete brings the default back.")
    return text
