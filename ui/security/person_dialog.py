"""The form of a person who works here: name, login, role, team; and a first password where the office asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFormLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError, ValidationFailed
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import N_, _
from crm_desktop.security import service
from crm_desktop.security.queries import TeamRow, UserRow
from crm_desktop.security.roles import RoleRow
from ui.framework import dialogs
from ui.framework.office import Office
from ui.records.drafts import draft_key
from ui.records.kept_form import KeptForm
from ui.security.words import role_help, role_title
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import PhoneEditor, ValueEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import dialog_foot, lay_out_dialog
from ui.widgets.labels import Label, Plane
from ui.widgets.themed import margins

_SHORTCUTS = ("Ctrl+S", "Ctrl+Return", "Ctrl+Enter")


class PersonDialog(QDialog):
    """Add somebody, or change who they are and what they may do. ``made`` is the id after it was saved.

    Args:
        person: who; None for a new one.
        role_fixed: why the role cannot be changed, as for the last owner; "" where it can.
    """

    def __init__(
        self, parent: QWidget, office: Office, roles: Sequence[RoleRow], teams: Sequence[TeamRow],
        person: UserRow | None = None, *, role_fixed: str = "",
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.office, self.person, self.made = office, person, person.id if person else 0
        self._roles = {one.key: one for one in roles}
        self.setWindowTitle(person.name if person else _("New colleague"))
        self.name = ValueEditor(Kind.TEXT, name=_("Name"))
        self.login = ValueEditor(Kind.TEXT, name=_("Login"))
        self.email = ValueEditor(Kind.EMAIL, name=_("E-mail"))
        self.phone = PhoneEditor(name=_("Phone"))
        self.job = ValueEditor(Kind.TEXT, name=_("Job title"))
        self.role = ChoiceEditor([(one.key, role_title(one)) for one in roles], name=_("Role"), empty=None)
        self.team = ChoiceEditor([(one.id, one.name) for one in teams], name=_("Team"), empty=_("no team"))
        self.role_words = Label("", "secondary", "text-muted", wrap=True)
        self.problem = Label("", "body", "danger", wrap=True)
        self.problem.hide()
        self.save = Button(_("Save") if person else _("Add"), kind="primary", key="Ctrl+S")
        self._lay_out()
        self._fill(role_fixed)
        self.name.textEdited.connect(self._suggest)
        self.role.edited.connect(self._explain)
        self.save.clicked.connect(self._save)
        for keys in _SHORTCUTS:
            QShortcut(QKeySequence(keys), self, self._save)
        self.name.setFocus()
        parts = {
            "name": self.name, "login": self.login, "role": self.role, "team": self.team, "job": self.job,
            "email": self.email, "phone": self.phone,
        }  # fmt: skip
        key = draft_key(office, "setting", "person", person.id if person else "new")
        self.kept = KeptForm(
            self, key, {name: one for name, one in parts.items() if one.isEnabled()},
            title=person.name if person else "", after=None if role_fixed else self._explain,
        )  # fmt: skip
        self.kept.show_in(self._inner)

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        if not self.kept.is_changed() or self.kept.may_close(self):
            super().reject()

    def accept(self) -> None:
        """It is saved."""
        self.kept.done()
        super().accept()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setHorizontalSpacing(px(16))
        form.setVerticalSpacing(px(8))
        for text, editor in (
            (_("Name"), self.name), (_("Login"), self.login), (_("Role"), self.role), ("", self.role_words),
            (_("Team"), self.team), (_("Job title"), self.job), (_("E-mail"), self.email), (_("Phone"), self.phone),
        ):  # fmt: skip
            form.addRow(Label(text, "body", "text-muted"), editor)
        self.role_words.setMinimumHeight(px(34))
        inner = Plane("surface")
        self._inner = box = QVBoxLayout(inner)
        box.addWidget(self.problem)
        box.addLayout(form)
        margins(inner, 24, 16, 24, 16, 12)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        lay_out_dialog(self, inner, dialog_foot(cancel, self.save), width=480)

    def _fill(self, role_fixed: str) -> None:
        person = self.person
        if person is not None:
            for editor, value in (
                (self.name, person.name), (self.login, person.login), (self.email, person.email),
                (self.phone, person.phone), (self.job, person.job_title),
            ):  # fmt: skip
                editor.set_value(value or None)
            self.team.set_value(person.team_id)
        self.role.set_value(person.role if person else "sales")
        if role_fixed:
            self.role.setEnabled(False)
            self.role.setToolTip(role_fixed)
            self.role_words.setText(role_fixed)
        else:
            self._explain()
        self.login.setPlaceholderText(_("made from the name"))

    def _explain(self) -> None:
        role = self._roles.get(str(self.role.value()))
        self.role_words.setText(role_help(role) if role is not None else "")

    def _suggest(self, text: str) -> None:
        if self.person is None:
            known = service.free_login(text, set()) if text.strip() else ""
            self.login.setPlaceholderText(known or _("made from the name"))

    def values(self) -> dict[str, Any]:
        """What was written; raises FieldError where it means nothing."""
        return {
            "name": str(self.name.value() or "").strip(), "role": self.role.value(), "team_id": self.team.value(),
            "job_title": self.job.value(), "email": self.email.value(), "phone": self.phone.value(),
        }  # fmt: skip

    def _save(self) -> None:
        try:
            values = self.values()
        except FieldError as error:
            self._refused(error)
            return
        if not values["name"]:
            self._refused(FieldError("name", N_("Write the name.")))
            return
        login, person = str(self.login.value() or "").strip(), self.person
        self.save.setEnabled(False)
        if person is None:
            self.office.write(
                self, N_("New colleague {name}"), lambda uow: service.create_user(uow, login=login, **values),
                self._saved, self._refused, params={"name": values["name"]},
            )  # fmt: skip
            return
        changed = {name: value for name, value in values.items() if value != (getattr(person, name) or None)}
        if login and login != person.login:
            changed["login"] = login.lower()
        if not changed:
            self.accept()
            return
        self.office.write(
            self, N_("Edit {name}"), lambda uow: service.update_user(uow, person.id, **changed),
            lambda _done: self._saved(person.id), self._refused, params={"name": person.name},
        )  # fmt: skip

    def _saved(self, made: int) -> None:
        self.made = made
        self.accept()

    def _refused(self, error: Exception) -> None:
        """Say what is wrong at the field; what was written stays."""
        self.save.setEnabled(True)
        errors = (
            error.errors if isinstance(error, ValidationFailed) else [error] if isinstance(error, FieldError) else []
        )
        if not errors:
            dialogs.show_error(self, error)
            return
        self.problem.setText(" ".join(str(one) for one in errors))
        self.problem.show()
        fields = {"name": self.name, "login": self.login, "email": self.email, "phone": self.phone}
        first = fields.get(errors[0].field)
        if first is not None:
            first.set_problem(str(errors[0]))
            first.setFocus()
