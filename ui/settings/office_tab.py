"""What the office says of itself on paper, and what it counts in."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import office_service
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.toast import show_toast

_CURRENCIES = ("BRL", "EUR", "USD", "ARS", "CLP", "COP", "MXN", "PEN", "UYU", "GBP", "CHF")
_COUNTRIES = ("BR", "PT", "ES", "US", "AR", "CL", "CO", "MX", "PE", "UY", "GB")


class OfficeTab(QWidget):
    """Name, address line, country, currency; saved together, undoable."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name of the office"))
        self.address = QLineEdit()
        self.address.setAccessibleName(_("Address line on printed pages"))
        countries = [(code, formats.country_name(code)) for code in _COUNTRIES]
        self.country = ChoiceEditor(countries, name=_("Country"), empty=None)
        self.currency = ChoiceEditor([(code, code) for code in _CURRENCIES], name=_("Currency"), empty=None)
        for line in (self.name, self.address):
            line.setMinimumWidth(px(420))
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(12))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(Label(_("Name of the office")), self.name)
        form.addRow(Label(_("Address line on printed pages")), self.address)
        form.addRow(Label(_("Country")), self.country)
        form.addRow(Label(_("Currency")), self.currency)
        self.save = Button(_("Save"), kind="primary")
        self.save.clicked.connect(self._save)
        self.export = Button(_("Export everything…"), icon="ph.export")
        self.export.clicked.connect(self._export)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(16))
        whole.addLayout(form)
        whole.addWidget(self.save, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addSpacing(px(16))
        whole.addWidget(Label(_("Data of the office"), "section"))
        whole.addWidget(self.export, 0, Qt.AlignmentFlag.AlignLeft)
        whole.addStretch(1)
        office.read(self, office_service.read_settings, self._fill)

    def _export(self) -> None:
        from ui.records.export_office import export_everything  # lazy: heavy

        export_everything(self, self.office)

    def _fill(self, kept: dict[str, Any]) -> None:
        self.name.setText(str(kept.get("name") or ""))
        self.address.setText(str(kept.get("address") or ""))
        self.country.set_value(kept.get("country") or formats.default_country())
        self.currency.set_value(kept.get("currency") or formats.default_currency())

    def _save(self) -> None:
        values = {
            "name": self.name.text().strip() or None, "address": self.address.text().strip() or None,
            "country": self.country.value(), "currency": self.currency.value(),
        }  # fmt: skip

        def done(_result: Any) -> None:
            formats.set_default_country(str(values["country"] or ""))
            formats.set_default_currency(str(values["currency"] or ""))
            if values["name"]:
                self.office.name = str(values["name"])
                self.window().rail.header.set_name(self.office.name)  # type: ignore[attr-defined]
            show_toast(self, _("Saved"))

        self.office.write(
            self, N_("Change office settings"), lambda uow: office_service.save_settings(uow, values), done
        )
