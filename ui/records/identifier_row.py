"""The editor of one document's number: its type, its country where that matters, the number, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import _
from crm_desktop.core.identifiers import check_identifier, countries_of, format_identifier, is_checked
from ui.records.shown import choice_text, label_of
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.editor_base import ValueEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme

_FIRST_KINDS = {"BR": "cpf", "PT": "nif", "ES": "nif", "MX": "rfc", "AR": "cuit", "CL": "rut", "UY": "rut", "US": "ein",
                "CO": "nit", "PE": "ruc", "EC": "ruc", "PY": "ruc", "GT": "nit"}  # fmt: skip


def first_kind() -> str:
    """The type that a new number most likely has where the office is."""
    return _FIRST_KINDS.get(formats.default_country(), "vat")


class IdentifierRow(QWidget):
    """A document's number. A wrong one is refused with a sentence, unless it is ticked to be kept as it is written."""

    edited = Signal()
    removed = Signal()

    def __init__(self, fields: Mapping[str, Field], row: Mapping[str, Any]) -> None:
        super().__init__()
        self._row = dict(row)
        kinds = fields["kind"]
        self.kind = ChoiceEditor(
            [(c.key, choice_text(kinds, c)) for c in kinds.choices], name=label_of(kinds), empty=None
        )
        self.country = ValueEditor(
            Kind.COUNTRY, name=label_of(fields["country"]), placeholder=label_of(fields["country"])
        )
        on_theme(self.country, lambda: self.country.setFixedWidth(px(120)))
        self.value = ValueEditor(Kind.TEXT, name=label_of(fields["value"]), parse=self._parse, show=self._show)
        self.value.setPlaceholderText(label_of(fields["value"]))
        self.remove = IconButton("ph.trash", _("Remove"), kind="ghost")
        self.remove.clicked.connect(self.removed)
        self.problem_label = Label("", "secondary", "danger", wrap=True)
        self.problem_label.hide()
        self.unchecked = QCheckBox(label_of(fields["unchecked"]))
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.kind)
        line.addWidget(self.country)
        line.addWidget(self.value, 1)
        line.addWidget(self.remove)
        outer = QVBoxLayout(self)
        outer.addLayout(line)
        outer.addWidget(self.problem_label)
        outer.addWidget(self.unchecked)
        margins(self, 0, 0, 0, 0, 4)
        self.kind.set_value(row.get("kind") or first_kind())
        self.country.set_value(row.get("country"))
        self.unchecked.setChecked(bool(row.get("unchecked")))
        self.unchecked.setVisible(bool(row.get("unchecked")))
        self._offer_country()
        self.value.set_value(row.get("value"))
        self.kind.edited.connect(self._on_kind)
        self.country.edited.connect(self.edited)
        self.value.edited.connect(self._on_value)
        self.value.editingFinished.connect(self._judge)
        self.unchecked.clicked.connect(self._on_unchecked)

    def _country(self) -> str | None:
        known = countries_of(str(self.kind.value()))
        if len(known) == 1:
            return known[0]
        try:
            chosen = self.country.value()
        except FieldError:
            chosen = None
        return chosen or (formats.default_country() if formats.default_country() in known else None)

    def _parse(self, text: str) -> str:
        kind = str(self.kind.value())
        if self.unchecked.isChecked():
            return " ".join(text.split())
        return check_identifier(kind, text, self._country())[0]

    def _show(self, value: str) -> str:
        if self.unchecked.isChecked():
            return value
        kind = str(self.kind.value())
        try:
            return format_identifier(kind, *check_identifier(kind, value, self._country()))
        except FieldError:
            return value

    def _offer_country(self) -> None:
        """The country is asked for only where the type has several, or any."""
        self.country.setVisible(len(countries_of(str(self.kind.value()))) != 1)

    def _on_kind(self) -> None:
        self._offer_country()
        text = self.value.text()
        self.value.set_value(None)
        self.value.setText(text)
        self._judge()
        self.edited.emit()

    def _on_value(self) -> None:
        self.problem_label.hide()
        self.edited.emit()

    def _on_unchecked(self) -> None:
        text = self.value.text()
        self.value.set_value(None)
        self.value.setText(text)
        self._judge()
        self.edited.emit()

    def _judge(self) -> None:
        self.say("" if self.is_empty() else self.problem())

    def values(self) -> dict[str, Any]:
        """The row's columns; raises FieldError where the number is wrong."""
        kept = {"id": self._row["id"]} if self._row.get("id") else {}
        value = self.value.value()
        kind, country = str(self.kind.value()), self._country()
        if not self.unchecked.isChecked() and value is not None:
            value, found = check_identifier(kind, value, country)
            country = found or country
        return kept | {"kind": kind, "value": value, "country": country, "unchecked": self.unchecked.isChecked()}

    def problem(self) -> str:
        """Why the row cannot be taken; "" where it can."""
        try:
            self.values()
        except FieldError as error:
            return str(error)
        return ""

    def is_empty(self) -> bool:
        """Whether no number was written."""
        return not self.value.text().strip()

    def say(self, text: str) -> None:
        """Show a sentence under the row, and the way to keep the number nevertheless."""
        self.value.set_problem(text)
        self.problem_label.setText(text)
        self.problem_label.setVisible(bool(text))
        offered = bool(text) and is_checked(str(self.kind.value()))
        self.unchecked.setVisible(offered or self.unchecked.isChecked())
