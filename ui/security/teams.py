"""The teams: a name, and a tick for each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.security import queries, roles, service
from crm_desktop.security.queries import TeamRow, UserRow
from crm_desktop.security.roles import RoleRow
from ui.framework import dialogs
from ui.framework.office import Office
from ui.security.words import role_title
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.headers import Panel
from ui.widgets.labels import Hairline, Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.toast import show_toast
from ui.widgets.two_line import Line, TwoLineList


@dataclass(frozen=True)
class _Read:
    teams: list[TeamRow] = field(default_factory=list)
    people: list[UserRow] = field(default_factory=list)
    roles: list[RoleRow] = field(default_factory=list)


class TeamsSection(QWidget):
    """Left the teams, right the name of the chosen one and everybody with a tick."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self._found = _Read()
        self._id: int | None = None
        self.list = TwoLineList(_("Teams"), edge=True)
        self.list.delegate.padding = 12
        self.list.current_changed.connect(self.show_team)
        self.new = Button(_("New team…"), icon="ph.plus", kind="primary", small=True)
        self.new.clicked.connect(self.add_team)
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name of the team"))
        self.name.editingFinished.connect(self._rename)
        self.delete = IconButton("ph.trash", _("Delete the team"), kind="danger-ghost")
        self.delete.clicked.connect(self.delete_team)
        self.hint = Label("", "secondary", "text-muted", wrap=True)
        self.members = TwoLineList(_("Members"))
        self.members.delegate.padding = 16
        self.members.toggled.connect(self.tick)
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        left = Panel()
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.new)
        row.addStretch(1)
        margins(head, 8, 8, 8, 8, 8)
        left.body.addWidget(head)
        left.body.addWidget(Hairline())
        left.body.addWidget(self.list, 1)
        left.setFixedWidth(px(240))
        right = Panel()
        line = QWidget()
        row = QHBoxLayout(line)
        row.addWidget(self.name, 1)
        row.addWidget(self.delete)
        margins(line, 16, 12, 12, 4, 8)
        self.hint.setContentsMargins(px(16), 0, px(16), px(8))
        right.body.addWidget(line)
        right.body.addWidget(self.hint)
        right.body.addWidget(Hairline())
        right.body.addWidget(self.members, 1)
        both = QWidget()
        row = QHBoxLayout(both)
        row.addWidget(left)
        row.addWidget(right, 1)
        margins(both, 0, 0, 0, 0, 12)
        self.empty = EmptyState(
            "ph.users-three", _("No teams yet"),
            _("People of a team share work: a right “Team” reaches the records of everybody in it. A small office needs none."),
            button=_("New team…"), hue=2,
        )  # fmt: skip
        self.empty.action.connect(self.add_team)
        self.state = StateStack(both, self.empty)
        self.state.retry.connect(self.reload)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.state)

    # -- reading -------------------------------------------------------------------------------------------------

    def _on_changed(self, event: Any) -> None:
        if event.touches("team") or event.touches("user"):
            self.reload()

    def reload(self) -> None:
        """Read the teams and everybody."""
        self.state.show_loading()

        def read(connection: Any) -> _Read:
            return _Read(queries.teams(connection), queries.active_users(connection), roles.roles(connection))

        self.office.read(self, read, self._show, self.state.show_error, supersede="teams")

    def _show(self, found: _Read) -> None:
        self._found = found
        if not found.teams:
            self.state.show_empty()
            return
        if self._id not in {one.id for one in found.teams}:
            self._id = found.teams[0].id
        wanted = self._id
        self.list.set_lines(
            [Line(one.id, one.name, _members(one.members), icon="ph.users-three") for one in found.teams]
        )
        self.list.set_current_key(wanted)
        self.show_team(wanted)
        self.state.show_content()

    def team(self) -> TeamRow | None:
        """The team that is shown."""
        return next((one for one in self._found.teams if one.id == self._id), None)

    def show_team(self, team_id: int) -> None:
        """Show another team."""
        self._id = team_id
        team = self.team()
        if team is None:
            return
        if not self.name.hasFocus() or not self.name.isModified():
            self.name.setText(team.name)
        self.hint.setText(_("Who has a tick belongs to this team. Everybody belongs to one team at most."))
        titles = {one.key: role_title(one) for one in self._found.roles}
        lines = []
        for one in sorted(self._found.people, key=lambda one: (one.team_id != team_id, one.name.casefold())):
            other = one.team if one.team_id not in (None, team_id) else ""
            subtitle = " · ".join(filter(None, (titles.get(one.role, one.role), one.job_title)))
            badge = (other, "neutral", "ph.users-three") if other else None
            lines.append(
                Line(one.id, one.name, subtitle, checked=one.team_id == team_id, avatar=one.name, badge=badge)
            )  # fmt: skip
        self.members.set_lines(lines)

    # -- writing -------------------------------------------------------------------------------------------------

    def add_team(self) -> None:
        """Ask for a name and add a team."""
        name = dialogs.ask_text(self, _("New team"), _("Name of the team"))
        if not name or not name.strip():
            return

        def done(made: int) -> None:
            self._id = made
            self.reload()

        self.office.write(
            self, N_("New team {name}"), lambda uow: service.create_team(uow, name.strip()), done,
            params={"name": name.strip()},
        )  # fmt: skip

    def _rename(self) -> None:
        team, name = self.team(), self.name.text().strip()
        self.name.setModified(False)
        if team is None or not name or name == team.name:
            if team is not None:
                self.name.setText(team.name)
            return
        self.office.write(
            self, N_("Rename team {name}"), lambda uow: service.update_team(uow, team.id, name=name),
            params={"name": team.name},
        )  # fmt: skip

    def tick(self, user_id: int, on: bool) -> None:
        """Make somebody a member, or no longer."""
        team = self.team()
        if team is None:
            return
        members = {one.id for one in self._found.people if one.team_id == team.id}
        members = members | {user_id} if on else members - {user_id}
        self.office.write(
            self, N_("Members of team {name}"), lambda uow: service.set_members(uow, team.id, sorted(members)),
            params={"name": team.name},
        )  # fmt: skip

    def delete_team(self) -> None:
        """Delete the team; its people stay, without a team."""
        team = self.team()
        if team is None:
            return
        text = _("Its people stay, without a team. What they may do with records of “Team” shrinks to their own.")
        if team.members and not dialogs.confirm(
            self, _("Delete team {name}?").format(name=team.name), text, yes=_("Delete"), danger=True
        ):
            return

        def done(_result: object) -> None:
            undo = getattr(self.window(), "undo", None)
            show_toast(self, _("Team {name} deleted").format(name=team.name), _("Undo") if undo else "", undo)

        self.office.write(
            self, N_("Delete team {name}"), lambda uow: service.delete_team(uow, team.id), done,
            params={"name": team.name},
        )  # fmt: skip


def _members(count: int) -> str:
    return ngettext("{n} person", "{n} people", count).format(n=count) if count else _("nobody yet")
