"""One person beside the table: who they are, and what can be done."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import _
from crm_desktop.core.phones import format_phone
from crm_desktop.security.queries import UserRow
from ui.framework.may import restrict
from ui.records.room import clear_layout
from ui.security.words import role_badge
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button
from ui.widgets.frames import scrolled
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.themed import fixed_size, margins


class PersonPanel(QWidget):
    """Avatar, name, facts and buttons."""

    edit_asked = Signal()
    rights_asked = Signal()
    password_asked = Signal()
    disable_asked = Signal()
    reactivate_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.avatar = Avatar("", 48)
        fixed_size(self.avatar, 48, 48)
        self.name = Label("", "section", wrap=True)
        self.job = ElidedLabel("", "secondary", "text-muted")
        self.role = Badge("")
        self._facts = QGridLayout()
        self.edit = Button(_("Edit…"), icon="ph.pencil-simple", small=True)
        self.rights = Button(_("What may this person do?"), icon="ph.list-bullets", small=True)
        self.password = Button(_("Reset the password…"), icon="ph.key", small=True)
        self.disable = Button(_("Disable…"), icon="ph.prohibit", kind="danger", small=True)
        self.reactivate = Button(_("Let work here again"), icon="ph.arrow-counter-clockwise", small=True)
        self.buttons = (self.edit, self.rights, self.password, self.disable, self.reactivate)
        for button, asked in (
            (self.edit, self.edit_asked), (self.rights, self.rights_asked), (self.password, self.password_asked),
            (self.disable, self.disable_asked), (self.reactivate, self.reactivate_asked),
        ):  # fmt: skip
            button.clicked.connect(asked)
        head = QHBoxLayout()
        head.setSpacing(px(12))
        head.addWidget(self.avatar, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(px(2))
        column.addWidget(self.name)
        column.addWidget(self.job)
        column.addWidget(self.role, 0, Qt.AlignmentFlag.AlignLeading)
        head.addLayout(column, 1)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addLayout(head)
        box.addSpacing(px(4))
        box.addLayout(self._facts)
        box.addSpacing(px(8))
        for button in (self.edit, self.rights, self.password, self.reactivate, self.disable):
            box.addWidget(button)
        box.addStretch(1)
        margins(inner, 16, 16, 16, 16, 8)
        area = scrolled(inner)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def show_person(
        self, person: UserRow, role: str, seen: datetime | None, *, me: bool, fixed: str, password: bool
    ) -> None:
        """Show somebody; ``fixed`` says why they cannot be disabled, ``password`` whether theirs can be reset."""
        self.avatar.set_person(person.name)
        self.name.setText(_("{name} (you)").format(name=person.name) if me else person.name)
        self.job.setText(person.job_title)
        self.job.setVisible(bool(person.job_title))
        self.role.setText(role if person.active else _("disabled"))
        self.role.set_kind(
            role_badge(person.role) if person.active else "neutral", "" if person.active else "ph.prohibit"
        )
        clear_layout(self._facts)
        facts = [
            (_("Login"), person.login), (_("Team"), person.team or _("no team")), (_("E-mail"), person.email),
            (_("Phone"), format_phone(person.phone) if person.phone else ""),
            (_("Last seen"), formats.format_relative(seen, with_time=True) if seen is not None else _("not yet")),
        ]  # fmt: skip
        if not person.active:
            facts.insert(0, (_("Role"), role))
        shown = [(label, text) for label, text in facts if text]
        for row, (label, text) in enumerate(shown):
            self._facts.addWidget(Label(label, "secondary", "text-muted"), row, 0)
            value = ElidedLabel(text)
            value.setAccessibleName(f"{label}: {text}")
            self._facts.addWidget(value, row, 1)
        self._facts.setColumnStretch(1, 1)
        self._facts.setHorizontalSpacing(px(12))
        self._facts.setVerticalSpacing(px(4))
        self.password.setVisible(password)
        self.disable.setVisible(person.active)
        self.reactivate.setVisible(not person.active)
        why = fixed or (_("You cannot disable yourself. Somebody else who leads the office can.") if me else "")
        restrict(self.disable, "")
        if why:
            self.disable.setToolTip(why)
        self.disable.setEnabled(not why)
