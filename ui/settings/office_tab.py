"""What the office says of itself on paper, and what it counts in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_, _
from crm_desktop.records import office_service
from ui.framework import dialogs
from ui.framework.office import Office
from ui.framework.pending import is_away
from ui.records.drafts import draft_key
from ui.records.kept_form import KeptForm
from ui.records.settled import settle_setting
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
        self._seen: dict[str, Any] = {}
        self._shown = self._values()
        self.kept: KeptForm | None = None
        self._whole = whole
        office.records_changed.connect(self._on_changed)
        self.reload()

    def reload(self) -> None:
        """Read what the office says of itself."""
        self.office.read(self, office_service.read_settings, self._fill, supersede="office data")

    def _on_changed(self, event: Any) -> None:
        if event.touches("office_setting") and self._values() == self._shown:
            self.reload()

    def _export(self) -> None:
        from ui.records.export_office import export_everything  # lazy: heavy

        export_everything(self, self.office)

    def _fill(self, kept: dict[str, Any]) -> None:
        self.name.setText(str(kept.get("name") or ""))
        self.address.setText(str(kept.get("address") or ""))
        self.country.set_value(kept.get("country") or formats.default_country())
        self.currency.set_value(kept.get("currency") or formats.default_currency())
        self._shown = self._values()
        self._seen = {name: kept.get(name) for name in self._shown}
        if self.kept is not None:
            self.kept.begin_anew()
            return
        parts = {"name": self.name, "address": self.address, "country": self.country, "currency": self.currency}
        self.kept = KeptForm(self, draft_key(self.office, "setting", "office", "tab"), parts)
        self.kept.show_in(self._whole)

    def _values(self) -> dict[str, Any]:
        return {
            "name": self.name.text().strip() or None, "address": self.address.text().strip() or None,
            "country": self.country.value(), "currency": self.currency.value(),
        }  # fmt: skip

    def _save(self) -> None:
        self._write(self._values(), self._seen)

    def _write(self, values: dict[str, Any], seen: Mapping[str, Any]) -> None:
        def done(_result: Any) -> None:
            if self.kept is not None:
                self.kept.settle()
            show_toast(self, _("Saved"))
            self.reload()

        def failed(error: Exception) -> None:
            if isinstance(error, SettingChanged):
                settle_setting(
                    self, self.office, error, _("setting"), self.office.name, self._words,
                    lambda chosen: self._write({**values, **chosen}, {**seen, **error.theirs}),
                )  # fmt: skip
            elif not is_away(error):
                dialogs.show_error(self, error)

        self.office.write(
            self, N_("Change office settings"), lambda uow: office_service.save_settings(uow, values, seen=seen),
            done, failed,
        )  # fmt: skip

    def _words(self, name: str, value: Any) -> tuple[str, str]:
        editor = {"name": self.name, "address": self.address, "country": self.country, "currency": self.currency}[name]
        text = formats.country_name(value) if name == "country" and value else str(value or "")
        return editor.accessibleName(), text
