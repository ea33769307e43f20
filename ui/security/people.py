"""The people of the office: who they are, what they may do, when they were last here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.access import LEADING
from crm_desktop.core.i18n import N_, _, ngettext
from crm_desktop.security import queries, roles, service
from crm_desktop.security.queries import TeamRow, UserRow
from crm_desktop.security.roles import RoleRow
from ui.framework import dialogs
from ui.framework.office import Office
from ui.security.handover import HandOverDialog
from ui.security.passwords_dialog import PasswordsDialog
from ui.security.person_dialog import PersonDialog
from ui.security.person_panel import PersonPanel
from ui.security.reset_password import asks_passwords, password_given, reset_password
from ui.security.words import role_badge, role_title
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.headers import Panel
from ui.widgets.labels import Hairline, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins, on_theme
from ui.widgets.toast import show_toast

_FILTER_FROM = 9
_NARROW = 900


@dataclass(frozen=True)
class _Read:
    people: list[UserRow] = field(default_factory=list)
    roles: list[RoleRow] = field(default_factory=list)
    teams: list[TeamRow] = field(default_factory=list)
    seen: Mapping[int, datetime] = field(default_factory=dict)
    asks: bool = False
    """Whether people sign in with a password that the office gives them."""


class PeopleSection(QWidget):
    """A table of people, and beside it the one that is chosen. ``explained`` asks what somebody may do."""

    explained = Signal(object)

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self._found = _Read()
        self._wanted: int | None = office.user_id
        self.add = Button(_("Add a colleague"), icon="ph.user-plus", kind="primary", small=True)
        self.add.clicked.connect(self.add_person)
        self.passwords = Button(_("Passwords…"), icon="ph.key", small=True)
        self.passwords.setToolTip(_("Whether this file asks who works with it, and who has a password"))
        self.passwords.clicked.connect(self.open_passwords)
        if not (office.database.sqlite and office.access.everything):
            self.passwords.hide()
        self.count = Label("", "body", "text-muted")
        self.search = SearchBox(_("Find a person"), small=True, delay=0)
        self.search.searched.connect(lambda _text: self._fill())
        self.model = ListTableModel(self._columns(), key=lambda one: one.id)
        self.table = DataTable(_("People"), row_height=36)
        self.table.setModel(self.model)
        self.table.current_row_changed.connect(lambda _row: self._show_person())
        self.table.row_activated.connect(lambda _index: self.edit_person())
        self.panel = PersonPanel()
        self.panel.edit_asked.connect(self.edit_person)
        self.panel.rights_asked.connect(lambda: self.explained.emit(self._id()))
        self.panel.disable_asked.connect(self.disable_person)
        self.panel.reactivate_asked.connect(self.reactivate_person)
        self.panel.password_asked.connect(self.reset_password)
        self._lay_out()
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.add)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.search)
        row.addWidget(self.passwords)
        margins(head, 8, 8, 8, 8, 12)
        self.empty = EmptyState(
            "ph.users-three", _("So far, only you work here"),
            _("Add the people who work with you: each signs in under their own name, sees what they should, and the"
              " history says who did what."),
            button=_("Add a colleague"), button_icon="ph.user-plus", second=_("Change my details"), hue=3,
        )  # fmt: skip
        self.empty.second.set_icon("ph.pencil-simple")
        self.empty.action.connect(self.add_person)
        self.empty.second_action.connect(self.edit_me)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(Hairline())
        column.addWidget(self.table, 1)
        left = Panel()
        self.state = StateStack(body, self.empty)
        self.state.retry.connect(self.reload)
        left.body.addWidget(self.state)
        self.side = Panel()
        self.side.body.addWidget(self.panel)
        on_theme(self, self._fit_side)
        whole = QHBoxLayout(self)
        whole.addWidget(left, 1)
        whole.addWidget(self.side)
        margins(self, 0, 0, 0, 0, 12)

    def _fit_side(self) -> None:
        """As wide as its longest button in the language in use."""
        needed = max(one.sizeHint().width() for one in self.panel.buttons if not one.isHidden())
        self.side.setFixedWidth(max(px(232 if self.width() < px(_NARROW) else 272), needed + px(34)))

    def _columns(self) -> list[Column]:
        def seen(one: UserRow) -> str:
            at = self._found.seen.get(one.id)
            return formats.format_relative(at) if at is not None else "–"

        def seen_exactly(one: UserRow) -> str:
            at = self._found.seen.get(one.id)
            return formats.format_datetime(at) if at is not None else _("has changed nothing yet")

        return [
            Column("name", _("Name"), lambda one: one.name, 200, font=lambda one: "name" if one.active else "body",
                   color=lambda one: "text" if one.active else "text-muted", avatar=lambda one: one.name,
                   tooltip=lambda one: one.email),
            Column("role", _("Role"), lambda _one: "", 130, sort=lambda one: self.role_word(one.role),
                   badge=lambda one: (self.role_word(one.role), role_badge(one.role), "") if one.active
                   else (_("disabled"), "neutral", "ph.prohibit")),
            Column("team", _("Team"), lambda one: one.team, 110, color="text-muted"),
            Column("login", _("Login"), lambda one: one.login, 130, color="text-muted"),
            Column("seen", _("Last seen"), seen, 110, color="text-muted", tooltip=seen_exactly,
                   sort=lambda one: str(self._found.seen.get(one.id) or "")),
        ]  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < px(_NARROW)
        self.table.setColumnHidden(3, narrow)
        self._fit_side()
        widths = [180, 120, 100, 0, 120] if narrow else [200, 130, 110, 130, 136]
        self.table.set_column_widths(widths, stretch=0)

    def role_word(self, key: str) -> str:
        """The name of a role."""
        return next((role_title(one) for one in self._found.roles if one.key == key), key)

    # -- reading -------------------------------------------------------------------------------------------------

    def _on_changed(self, event: Any) -> None:
        if any(event.touches(name) for name in ("user", "team", "role")):
            self.reload()

    def reload(self) -> None:
        """Read who works here."""
        self.state.show_loading()

        def read(connection: Any) -> _Read:
            return _Read(
                queries.users(connection), roles.roles(connection), queries.teams(connection),
                queries.last_active(connection), asks_passwords(self.office),
            )  # fmt: skip

        self.office.read(self, read, self._show, self.state.show_error, supersede="people")

    def _show(self, found: _Read) -> None:
        self._found = found
        alone = len(found.people) == 1
        self.side.setVisible(not alone)
        if alone:
            self.state.show_empty()
            return
        active = sum(one.active for one in found.people)
        words = [ngettext("{n} person", "{n} people", active).format(n=active)]
        if active < len(found.people):
            gone = len(found.people) - active
            words.append(ngettext("{n} disabled", "{n} disabled", gone).format(n=formats.format_integer(gone)))
        self.count.setText(" · ".join(words))
        self.search.setVisible(len(found.people) >= _FILTER_FROM)
        self._fill()
        self.state.show_content()

    def _fill(self) -> None:
        wanted = self._wanted if self._wanted is not None else self._id()
        text = self.search.text().strip().casefold()
        shown = [
            one for one in self._found.people
            if text in f"{one.name} {one.login} {one.team} {self.role_word(one.role)}".casefold()
        ]  # fmt: skip
        self.model.set_rows(shown)
        row = self.model.find(wanted)
        self.table.set_current_row(max(row, 0)) if shown else None
        self._wanted = None
        self._show_person()

    def person(self) -> UserRow | None:
        """Who is chosen."""
        row = self.table.current_row()
        return self.model.row(row) if 0 <= row < self.model.rowCount() else None

    def _id(self) -> int | None:
        person = self.person()
        return person.id if person is not None else None

    def _show_person(self) -> None:
        person = self.person()
        self.panel.setVisible(person is not None)
        if person is not None:
            self.panel.show_person(
                person, self.role_word(person.role), self._found.seen.get(person.id),
                me=person.id == self.office.user_id, fixed=self._fixed(person),
                password=self._found.asks and person.active and person.id != self.office.user_id,
            )  # fmt: skip

    def _fixed(self, person: UserRow) -> str:
        """Why somebody can neither be disabled nor lose their role; "" where they can."""
        others = [one for one in self._found.people if one.active and one.role in LEADING and one.id != person.id]
        if person.role in LEADING and person.active and not others:
            return _("Somebody must stay owner or administrator. Give another person that role first.")
        return ""

    # -- writing -------------------------------------------------------------------------------------------------

    def _dialog(self, person: UserRow | None) -> PersonDialog:
        fixed = self._fixed(person) if person is not None else ""
        return PersonDialog(self, self.office, self._found.roles, self._found.teams, person, role_fixed=fixed)

    def add_person(self) -> None:
        """Add somebody; where people sign in with a password, give them their first one."""
        dialog = self._dialog(None)
        if not dialogs.run_dialog(dialog):
            return
        self._wanted = dialog.made
        name = str(dialog.name.value() or "")
        if self._found.asks:
            self.office.read(self, queries.users, lambda people: self._first_password(people, dialog.made))
        else:
            self._tell(_("{name} works here now").format(name=name))
        self.reload()

    def _first_password(self, people: list[UserRow], user_id: int) -> None:
        person = next((one for one in people if one.id == user_id), None)
        if person is not None:
            tell = partial(self._tell, password_given(person), undo=False)
            reset_password(self, self.office, person, tell, first=True)

    def edit_person(self) -> None:
        """Change who is chosen."""
        person = self.person()
        if person is not None and dialogs.run_dialog(self._dialog(person)):
            self._tell(_("{name} saved").format(name=person.name))

    def edit_me(self) -> None:
        """Change the details of who is signed in."""
        me = next((one for one in self._found.people if one.id == self.office.user_id), None)
        if me is not None and dialogs.run_dialog(self._dialog(me)):
            self._tell(_("{name} saved").format(name=me.name))

    def reset_password(self) -> None:
        """Give who is chosen another password."""
        person = self.person()
        if person is not None:
            reset_password(self, self.office, person, lambda: self._tell(password_given(person), undo=False))

    def open_passwords(self) -> None:
        """Say whether this file asks who works with it, and who has a password."""
        dialogs.run_dialog(PasswordsDialog(self.office, self.window()))
        self.reload()
        recheck = getattr(self.window(), "recheck_lock", None)  # the window can be locked where there are passwords
        if recheck is not None:
            recheck()

    def disable_person(self) -> None:
        """Count what somebody has, and ask who gets it."""
        person = self.person()
        if person is None or not person.active or self._fixed(person):
            return
        schema = self.office.database.schema
        self.office.read(
            self, lambda connection: service.handover_counts(connection, schema, person.id),
            lambda counts: self._ask_hand_over(person, counts), supersede="hand-over",
        )  # fmt: skip

    def _ask_hand_over(self, person: UserRow, counts: dict[str, int]) -> None:
        others = [one for one in self._found.people if one.active and one.id != person.id]
        dialog = HandOverDialog(self, self.office, person, counts, others)
        if not dialogs.run_dialog(dialog):
            return
        receiver = dialog.receiver()
        name = next((one.name for one in others if one.id == receiver), "")

        def done(moved: int) -> None:
            text = _("{name} is disabled").format(name=person.name)
            if moved:
                gave = ngettext("{n} record handed to {other}", "{n} records handed to {other}", moved)
                text = f"{text} · {gave.format(n=formats.format_integer(moved), other=name)}"
            self._tell(text)

        self.office.write(
            self, N_("Disable {name}"), lambda uow: service.deactivate_user(uow, person.id, hand_over_to=receiver),
            done, params={"name": person.name},
        )  # fmt: skip

    def reactivate_person(self) -> None:
        """Let somebody who was disabled sign in again."""
        person = self.person()
        if person is not None and not person.active:
            self.office.write(
                self, N_("Let {name} work here again"), lambda uow: service.reactivate_user(uow, person.id),
                lambda _done: self._tell(_("{name} works here again").format(name=person.name)),
                params={"name": person.name},
            )  # fmt: skip

    def _tell(self, text: str, *, undo: bool = True) -> None:
        back = getattr(self.window(), "undo", None) if undo else None
        show_toast(self, text, _("Undo") if back else "", back, seconds=8)
