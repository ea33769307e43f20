"""Settings, "People and rights": people, teams, roles, and what somebody may do. Others see their own rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _
from ui.framework.may import can
from ui.framework.office import Office
from ui.security.effective import EffectiveSection
from ui.security.people import PeopleSection
from ui.security.roles_section import RolesSection
from ui.security.teams import TeamsSection
from ui.widgets.buttons import SegmentedControl
from ui.widgets.themed import margins

PEOPLE, TEAMS, ROLES, EFFECTIVE = "people", "teams", "roles", "effective"


class PeopleTab(QWidget):
    """Four sections, each made when it is first opened; one alone for who may not manage people."""

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self.manages = can(office, "users")
        self.sections = SegmentedControl(
            [
                (PEOPLE, _("People"), "ph.users"), (TEAMS, _("Teams"), "ph.users-three"),
                (ROLES, _("Roles"), "ph.identification-badge"), (EFFECTIVE, _("Who may do what?"), "ph.list-bullets"),
            ]
        )  # fmt: skip
        self.sections.setAccessibleName(_("People and rights"))
        self.sections.changed.connect(self.show_section)
        self.stack = QStackedWidget()
        self._made: dict[str, QWidget] = {}
        head = QHBoxLayout()
        head.addWidget(self.sections)
        head.addStretch(1)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(self.stack, 1)
        margins(self, 24, 16, 24, 20, 12)
        office.access_changed.connect(self._on_access_changed)
        self._begin()

    def _begin(self) -> None:
        self.sections.setVisible(self.manages)
        self.show_section(PEOPLE if self.manages else EFFECTIVE)

    def _on_access_changed(self) -> None:
        """Who may not manage people any more sees only their own rights."""
        if can(self.office, "users") != self.manages:
            self.manages = not self.manages
            for widget in self._made.values():
                self.stack.removeWidget(widget)
                widget.deleteLater()
            self._made.clear()
            self._begin()

    def section(self, key: str) -> Any:
        """A section, made where it is not there yet."""
        if key not in self._made:
            makers: dict[str, Callable[[], QWidget]] = {
                PEOPLE: self._make_people, TEAMS: lambda: TeamsSection(self.office),
                ROLES: lambda: RolesSection(self.office),
                EFFECTIVE: lambda: EffectiveSection(self.office, only_me=not self.manages),
            }  # fmt: skip
            self._made[key] = makers[key]()
            self.stack.addWidget(self._made[key])
        return self._made[key]

    def _make_people(self) -> QWidget:
        section = PeopleSection(self.office)
        section.explained.connect(self.explain)
        return section

    def show_section(self, key: str) -> None:
        """Show "people", "teams", "roles" or "effective"."""
        self.sections.set_value(key)
        self.stack.setCurrentWidget(self.section(key))

    def explain(self, user_id: int) -> None:
        """Show what somebody may do."""
        self.section(EFFECTIVE).show_person(user_id)
        self.show_section(EFFECTIVE)
