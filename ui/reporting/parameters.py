"""The form of a report's parameters."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSpinBox, QVBoxLayout, QWidget

from crm_desktop.core import periods
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import finder
from crm_desktop.reporting.registry import Option, Parameter, ReportSpec
from ui.framework.office import Office
from ui.theme.theme import px
from ui.widgets.editor_choice import ChoiceEditor, RecordPicker
from ui.widgets.editor_dates import DateEditor
from ui.widgets.labels import Label

_CUSTOM = "__custom__"


class PeriodEditor(QWidget):
    """A period by name, or two dates."""

    edited = Signal()

    def __init__(self, name: str, value: Any) -> None:
        super().__init__()
        options = [(key, translate(text)) for key, text in periods.PERIODS.items()]
        self.choice = ChoiceEditor([*options, (_CUSTOM, _("From … to …"))], name=name, empty=None)
        self.first = DateEditor(name=_("From"))
        self.last = DateEditor(name=_("To"))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(4))
        box.addWidget(self.choice)
        box.addWidget(self.first)
        box.addWidget(self.last)
        known = isinstance(value, str) and value in periods.PERIODS
        self.choice.set_value(value if known else _CUSTOM)
        if not known and value is not None:
            low, high = periods.resolve(value)
            self.first.set_value(low)
            self.last.set_value(high)
        self._follow()
        self.choice.committed.connect(self._on_choice)
        self.first.committed.connect(self.edited)
        self.last.committed.connect(self.edited)

    def _follow(self) -> None:
        own = self.choice.value() == _CUSTOM
        self.first.setVisible(own)
        self.last.setVisible(own)

    def _on_choice(self) -> None:
        self._follow()
        self.edited.emit()

    def value(self) -> Any:
        """The period as ``periods.resolve`` takes it."""
        if self.choice.value() != _CUSTOM:
            return self.choice.value()
        low, high = self.first.value(), self.last.value()
        return [low.isoformat() if low else None, high.isoformat() if high else None]


class ParameterForm(QWidget):
    """An editor for each parameter; ``changed`` is sent after each change."""

    changed = Signal()

    def __init__(
        self, office: Office, spec: ReportSpec, options: dict[str, tuple[Option, ...]], values: dict[str, Any]
    ) -> None:
        super().__init__()
        self._office = office
        self._read: dict[str, Any] = {}
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(px(4))
        for parameter in spec.parameters:
            self._add(parameter, options.get(parameter.name, ()), values.get(parameter.name))
        self._box.addStretch(1)

    def _add(self, parameter: Parameter, options: tuple[Option, ...], value: Any) -> None:
        label = translate(parameter.label)
        if parameter.kind == "bool":
            check = QCheckBox(label)
            check.setChecked(bool(value))
            check.toggled.connect(lambda _on: self.changed.emit())
            self._place(None, check, lambda: check.isChecked(), parameter.name)
            return
        if parameter.kind == "period":
            period = PeriodEditor(label, value)
            period.edited.connect(self.changed)
            self._place(label, period, period.value, parameter.name)
        elif parameter.kind == "date":
            day = DateEditor(name=label)
            day.set_value(value)
            day.committed.connect(self.changed)
            self._place(label, day, day.value, parameter.name)
        elif parameter.kind == "integer":
            number = QSpinBox()
            number.setAccessibleName(label)
            number.setRange(parameter.minimum or 0, parameter.maximum or 9999)
            number.setValue(int(value or 0))
            number.editingFinished.connect(self.changed)
            self._place(label, number, number.value, parameter.name)
        elif parameter.kind == "record" and not options:
            self._add_record(parameter, label, value)
        else:
            empty = None if parameter.required else _("All")
            choice = ChoiceEditor([(o.key, o.label) for o in options], name=label, empty=empty)
            choice.set_value(value)
            choice.committed.connect(self.changed)
            self._place(label, choice, choice.value, parameter.name)

    def _add_record(self, parameter: Parameter, label: str, value: Any) -> None:
        database = self._office.database
        entities = (parameter.entity,) if parameter.entity else ("contact", "company")

        def search(text: str) -> list[tuple[int, str, str]]:
            with database.read() as connection:
                found = finder.find(database, connection, text, entities=entities, limit=8)
            return [(hit.id, hit.title, hit.subtitle) for hit in found]

        picker = RecordPicker(search, name=label)
        if value is not None:
            picker.set_value(value)
        picker.committed.connect(self.changed)
        self._place(label, picker, picker.value, parameter.name)

    def _place(self, label: str | None, widget: QWidget, read: Any, name: str) -> None:
        if label:
            self._box.addWidget(Label(label, "secondary", "text-muted"))
        self._box.addWidget(widget)
        self._box.addSpacing(px(8))
        self._read[name] = read

    def values(self) -> dict[str, Any]:
        """The values of the form by parameter name."""
        return {name: read() for name, read in self._read.items()}
