"""The office's own fields: at once in forms, lists, filters, imports, exports and the history."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.core.errors import UserError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.text import fold
from crm_desktop.records import custom
from ui.framework import dialogs
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.table import DataTable
from ui.widgets.table_model import Column, ListTableModel
from ui.widgets.themed import margins

KINDS = (
    (Kind.TEXT, N_("Text")), (Kind.LONG_TEXT, N_("Long text")), (Kind.INTEGER, N_("Whole number")),
    (Kind.NUMBER, N_("Number")), (Kind.MONEY, N_("Money")), (Kind.PERCENT, N_("Percent")), (Kind.DATE, N_("Date")),
    (Kind.BOOL, N_("Yes or no")), (Kind.CHOICE, N_("One of several")), (Kind.URL, N_("Web address")),
    (Kind.EMAIL, N_("E-mail")), (Kind.PHONE, N_("Phone")),
)  # fmt: skip
ENTITIES = ("contact", "company", "deal", "case", "activity", "product")


class FieldsTab(QWidget):
    """A table of the own fields of every record type, and a form for a new one."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.model = ListTableModel([
            Column("label", _("Field"), lambda r: r[1].label, 260, font="name"),
            Column("entity", _("Record type"), lambda r: translate(office.database.schema.entity(r[0]).label), 160),
            Column("kind", _("Kind"), lambda r: _kind_text(r[1]), 160),
            Column("required", _("Required"), lambda r: _("yes") if r[1].required else "", 100),
        ])  # fmt: skip
        self.table = DataTable(_("Own fields"))
        self.table.setModel(self.model)
        self.table.set_column_widths([column.width for column in self.model.columns], stretch=0)
        self.empty = EmptyState(
            "ph.text-aa", _("No own fields yet"),
            _("Add what your office needs to know. A new field is at once in forms, lists, filters and imports."),
            button=_("New field…"),
        )  # fmt: skip
        self.empty.action.connect(self.new_field)
        self.states = StateStack(self.table, self.empty)
        self.states.setMinimumHeight(px(420))
        add = Button(_("New field…"), icon="ph.plus")
        add.clicked.connect(self.new_field)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(12))
        whole.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addWidget(self.states, 1)
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _on_changed(self, event: Any) -> None:
        if event.touches("custom_field"):
            self.reload()

    def reload(self) -> None:
        """Read the fields."""
        database = self.office.database

        def work(connection: Any) -> list[tuple[str, Field]]:
            return [(name, one) for name in ENTITIES for one in custom.custom_fields(database, name, connection)]

        self.office.read(self, work, self._show, supersede="fields")

    def _show(self, rows: list[tuple[str, Field]]) -> None:
        self.model.set_rows(rows)
        if rows:
            self.states.show_content()
        else:
            self.states.show_empty()

    def new_field(self) -> None:
        """Ask for a new field and add it."""
        dialog = FieldDialog(self.office, self)
        if not dialogs.run_dialog(dialog):
            return
        values = dialog.values()
        self.office.write(self, N_("New field"), lambda uow: custom.create_custom_field(uow, **values))


def _kind_text(field: Field) -> str:
    return next((_(text) for kind, text in KINDS if kind is field.kind), field.kind.value)


class FieldDialog(QDialog):
    """Record type, label, kind, choices, required."""

    def __init__(self, office: Office, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("New field"))
        schema = office.database.schema
        self.entity = ChoiceEditor(
            [(name, translate(schema.entity(name).label)) for name in ENTITIES], name=_("Record type"), empty=None
        )
        self.entity.set_value("contact")
        self.label = QLineEdit()
        self.label.setAccessibleName(_("Name of the field"))
        self.label.setMinimumWidth(px(280))
        self.kind = ChoiceEditor([(kind.value, _(text)) for kind, text in KINDS], name=_("Kind"), empty=None)
        self.kind.set_value(Kind.TEXT.value)
        self.kind.committed.connect(self._follow_kind)
        self.choices = QPlainTextEdit()
        self.choices.setAccessibleName(_("Choices, one per line"))
        self.choices.setMaximumHeight(px(110))
        self.choices_label = Label(_("Choices, one per line"))
        self.required = QCheckBox(_("Required"))
        self.note = Label("", "secondary", "danger", wrap=True)
        form = QFormLayout()
        form.addRow(Label(_("Record type")), self.entity)
        form.addRow(Label(_("Name of the field")), self.label)
        form.addRow(Label(_("Kind")), self.kind)
        form.addRow(self.choices_label, self.choices)
        form.addRow(Label(""), self.required)
        save = Button(_("Add field"), kind="primary")
        save.setDefault(True)
        save.clicked.connect(self._check)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(save)
        whole = QVBoxLayout(self)
        whole.addLayout(form)
        whole.addWidget(self.note)
        whole.addLayout(foot)
        margins(self, 24, 20, 24, 16, 12)
        self._follow_kind()
        self.label.setFocus()

    def _follow_kind(self) -> None:
        chooses = self.kind.value() == Kind.CHOICE.value
        self.choices.setVisible(chooses)
        self.choices_label.setVisible(chooses)

    def _check(self) -> None:
        try:
            if not self.label.text().strip():
                raise UserError(N_("Give the field a name."))
            if self.kind.value() == Kind.CHOICE.value and not self._choices():
                raise UserError(N_("Give at least one choice."))
        except UserError as error:
            self.note.setText(str(error))
            return
        self.accept()

    def _choices(self) -> list[dict[str, Any]]:
        lines = [line.strip() for line in self.choices.toPlainText().splitlines() if line.strip()]
        return [{"key": fold(line).replace(" ", "_"), "label": line, "hue": 1 + n % 8} for n, line in enumerate(lines)]

    def values(self) -> dict[str, Any]:
        """The arguments of ``create_custom_field``."""
        kind = Kind(str(self.kind.value()))
        return {
            "entity": str(self.entity.value()), "label": self.label.text().strip(), "kind": kind,
            "choices": self._choices() if kind is Kind.CHOICE else None, "required": self.required.isChecked(),
        }  # fmt: skip
