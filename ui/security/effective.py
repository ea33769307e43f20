"""What one person may do: in sentences, as the same table, and why: a default of the role, or a change of the office."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.access import ACTION_NAMES, LEADING, POWER_NAMES, POWERS
from crm_desktop.core.entities import Entity
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.security import queries, roles
from crm_desktop.security.access import scoped_types
from crm_desktop.security.queries import UserRow
from crm_desktop.security.roles import RoleRights, RoleRow
from ui.framework.office import Office
from ui.records.room import clear_layout
from ui.security.matrix import RightsMatrix, cell_words
from ui.security.words import role_help, role_title
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.badges import Badge
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import scrolled
from ui.widgets.headers import Panel
from ui.widgets.labels import IconLabel, Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins


@dataclass(frozen=True)
class _Read:
    people: list[UserRow]
    roles: list[RoleRow]
    rights: dict[str, RoleRights]


def sees(scope: str, records: str) -> str:
    """How far somebody sees."""
    return {
        "all": _("sees all {records}"),
        "team": _("sees the team's {records}, and those that nobody owns"),
        "own": _("sees only own {records}"),
        "none": _("does not see {records}"),
    }[scope].format(records=records)


def does(action: str, scope: str) -> str:
    """What somebody does with records that they see; "" for nothing."""
    texts = {
        ("create", "all"): _("adds new ones"), ("create", "team"): _("adds new ones for the team"),
        ("create", "own"): _("adds new ones as own"),
        ("edit", "all"): _("changes all"), ("edit", "team"): _("changes the team's"), ("edit", "own"): _("changes own ones"),
        ("delete", "all"): _("deletes all"), ("delete", "team"): _("deletes the team's"),
        ("delete", "own"): _("deletes own ones"),
        ("export", "all"): _("exports all"), ("export", "team"): _("exports the team's"),
        ("export", "own"): _("exports own ones"),
        ("bulk", "all"): _("changes many at once"), ("bulk", "team"): _("changes many of the team's at once"),
        ("bulk", "own"): _("changes many own ones at once"),
        ("sensitive", "all"): _("sees the sensitive fields"),
    }  # fmt: skip
    return texts.get((action, scope), "")


def sentence(rights: RoleRights, spec: Entity) -> str:
    """What a role may do with the records of a type, as one sentence."""
    scope = rights.scopes.get((spec.name, "read"), "none")
    first = sees(scope, translate(spec.plural).lower())
    actions = ("create",) if scope == "none" else ("create", "edit", "delete", "export", "bulk", "sensitive")
    rest = [does(one, rights.scopes.get((spec.name, one), "none")) for one in actions]
    words = [first, *(one for one in rest if one)]
    text = ", ".join(words)
    if len(words) == 1 and scope != "none":
        text = _("{sees}, and changes nothing").format(sees=text)
    return f"{text[:1].upper()}{text[1:]}."


class EffectiveSection(QWidget):
    """One person's rights. ``only_me`` shows who is signed in and nobody else."""

    def __init__(self, office: Office, *, only_me: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office, self._only_me = office, only_me
        self._found: _Read | None = None
        self._id = office.user_id
        schema = office.database.schema
        self._specs = [schema.entity(name) for name in scoped_types(schema)]
        self.person = ChoiceEditor(name=_("Person"), empty=None)
        self.person.setMinimumContentsLength(24)
        self.person.committed.connect(lambda: self.show_person(self.person.value()))
        self.avatar = Avatar("", 48)
        self.name = Label("", "title")
        self.role = Badge("")
        self.why = Label("", "body", "text-muted", wrap=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(8))
        self.matrix = RightsMatrix(self._specs)
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        choose = QHBoxLayout()
        choose.setSpacing(px(8))
        self.question = Label(_("What may this person do?"), "section")
        choose.addWidget(self.question)
        choose.addWidget(self.person)
        choose.addStretch(1)
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(self.avatar)
        column = QVBoxLayout()
        column.setSpacing(px(2))
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.name)
        line.addWidget(self.role)
        line.addStretch(1)
        column.addLayout(line)
        column.addWidget(self.why)
        head.addLayout(column, 1)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addLayout(choose)
        box.addLayout(head)
        box.addLayout(self._lines)
        box.addSpacing(px(8))
        self.table_title = Label(_("The same as a table"), "section")
        box.addWidget(self.table_title)
        box.addWidget(self.matrix)
        box.addStretch(1)
        margins(inner, 16, 12, 16, 16, 12)
        area = scrolled(inner)
        panel = Panel()
        self.state = StateStack(area, EmptyState("ph.list-bullets"), loading="lines")
        self.state.retry.connect(self.reload)
        panel.body.addWidget(self.state)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(panel)
        self.question.setVisible(not self._only_me)
        self.person.setVisible(not self._only_me)

    def _on_changed(self, event: Any) -> None:
        if any(event.touches(name) for name in ("role", "role_right", "user", "team")):
            self.reload()

    def reload(self) -> None:
        """Read everybody and all rights."""
        self.state.show_loading()
        schema = self.office.database.schema

        def read(connection: Any) -> _Read:
            found = roles.roles(connection)
            return _Read(
                queries.users(connection), found,
                {one.key: roles.rights_of_role(connection, schema, one.key) for one in found},
            )  # fmt: skip

        self.office.read(self, read, self._show, self.state.show_error, supersede="effective")

    def _show(self, found: _Read) -> None:
        self._found = found
        self.person.set_options([(one.id, one.name) for one in found.people])
        wanted = self._id if any(one.id == self._id for one in found.people) else None
        if wanted is None and found.people and not self._only_me:
            wanted = found.people[0].id
        if wanted is None:
            self.state.show_empty()
            return
        self.show_person(wanted)
        self.state.show_content()

    def show_person(self, user_id: int | None) -> None:
        """Show what somebody may do."""
        self._id = user_id
        found = self._found
        person = next((one for one in found.people if one.id == user_id), None) if found is not None else None
        if found is None or person is None:
            return
        role = next((one for one in found.roles if one.key == person.role), RoleRow(person.role, person.role, own=True))
        rights = found.rights.get(person.role, RoleRights(person.role, {}, {}))
        everything = person.role in LEADING and person.active
        self.person.set_value(user_id)
        self.avatar.set_person(person.name)
        self.name.setText(person.name)
        self.role.setText(role_title(role))
        mates = [one.name for one in found.people if one.active and one.team_id and one.team_id == person.team_id]
        self.why.setText(self._why(person, role, rights, [one for one in mates if one != person.name]))
        clear_layout(self._lines)
        shown = person.active
        self.matrix.setVisible(shown)
        self.table_title.setVisible(shown)
        if not shown:
            return
        if everything:
            self._line("ph.crown", _("May see, add, change, delete and export everything, and manage the office."), [])
        else:
            for spec in self._specs:
                self._line(spec.icon, sentence(rights, spec), self._changes(rights, spec.name))
            had = [translate(POWER_NAMES[one]) for one in POWERS if rights.scopes.get(("", one)) == "all"]
            text = _("In the whole office: {powers}.").format(powers=", ".join(had)) if had else _(
                "In the whole office: nothing beyond the records above."
            )  # fmt: skip
            self._line("ph.buildings", text, self._changes(rights, ""))
        self.matrix.model_.show_rights(rights, everything=everything, editable=False)

    def _why(self, person: UserRow, role: RoleRow, rights: RoleRights, mates: list[str]) -> str:
        if not person.active:
            return _("{name} is disabled and may do nothing.").format(name=person.name)
        parts = [] if rights.any_changed else [role_help(role)]
        if not role.leads:
            count = sum(rights.changed(*key) for key in rights.defaults)
            if role.own:
                parts.append(_("This role was made by your office."))
            elif count:
                text = ngettext("Your office changed {n} right of it.", "Your office changed {n} rights of it.", count)
                parts.append(text.format(n=count))
            else:
                parts.append(_("All of it is the default of the role."))
            if person.team:
                with_whom = (
                    _("“Team” means {team}: {people}.") if mates else _("“Team” means {team}, with nobody else in it.")
                )
                parts.append(with_whom.format(team=person.team, people=", ".join(mates[:6])))
            else:
                parts.append(_("“Team” means only what nobody owns: there is no team."))
        return " ".join(parts)

    def _changes(self, rights: RoleRights, entity: str) -> list[str]:
        """What the office changed for a record type, in words."""
        names = POWER_NAMES if not entity else ACTION_NAMES
        return [
            _("{action} (was: {scope})").format(
                action=translate(names[action]), scope=cell_words(action if entity else "sensitive", default)
            )
            for (one, action), default in rights.defaults.items()
            if one == entity and rights.changed(one, action)
        ]

    def _line(self, icon: str, text: str, changes: list[str]) -> None:
        line = QWidget()
        row = QHBoxLayout(line)
        row.addWidget(IconLabel(icon, "text-muted", 16), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(Label(text, "body", wrap=True))
        if changes:
            words = _("Changed by your office: {changes}").format(changes=", ".join(changes))
            column.addWidget(Label(words, "secondary", "warning", wrap=True))
        row.addLayout(column, 1)
        margins(line, 0, 0, 0, 0, 12)
        self._lines.addWidget(line)
