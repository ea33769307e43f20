"""What is counted or added up over the records that link here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Field
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import custom
from crm_desktop.records.roll_ups import LINKS, WHATS, links_to, usable
from ui.framework.office import Office
from ui.records.shown import label_of
from ui.settings.fields.condition_box import ConditionBox
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins


class RollUpEditor(QWidget):
    """Linked records, what is worked out, of which field, and which of them count."""

    edited = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._fields: dict[str, list[Field]] = {}
        self.source = ChoiceEditor(name=_("Records that link here"), empty=None)
        self.what = ChoiceEditor(
            [(key, translate(text)) for key, text in WHATS.items()], name=_("What is worked out"), empty=None
        )
        self.of = ChoiceEditor(name=_("Of the field"), empty=None)
        self.of_label = Label(_("Of the field"), "secondary", "text-muted")
        self.filter = ConditionBox(office, _("Only those where"))
        box = QVBoxLayout(self)
        for text, widget in (
            (_("Records that link here"), self.source), (_("What is worked out"), self.what), (None, self.of),
            (_("Only those where"), self.filter),
        ):  # fmt: skip
            box.addWidget(Label(text, "secondary", "text-muted") if text else self.of_label)
            box.addWidget(widget)
        margins(self, 0, 0, 0, 0, 4)
        self.source.edited.connect(self._follow)
        self.what.edited.connect(self._follow)

    def set_entity(self, entity: str) -> None:
        """The record type whose field this is."""
        database = self._office.database
        entities = database.schema.entities
        self._fields = {name: list(custom.fields_of(database, name)) for name in entities}
        options = []
        for name, link in links_to(entities, self._fields, entity):
            plural = translate(entities[name].plural)
            field = next((one for one in self._fields[name] if one.name == link), None)
            icon = entities[name].icon
            text = plural if link == LINKS or field is None else _("{records} ({field})").format(
                records=plural, field=label_of(field)
            )  # fmt: skip
            options.append((f"{name}|{link}", text, icon))
        self.source.set_options(options)
        self._follow()

    def set_value(self, stored: Any) -> None:
        """Show a roll-up as it is stored."""
        data = stored or {}
        if data:
            self.source.set_value(f"{data.get('entity')}|{data.get('link')}")
        self.what.set_value(data.get("what") or "count")
        self._follow()
        if data.get("field"):
            self.of.set_value(data["field"])
        self.filter.set_value(data.get("filter"))

    def value(self) -> dict[str, Any]:
        """The roll-up as it is stored.

        Raises:
            FieldError: something is missing.
        """
        entity, _bar, link = str(self.source.value() or "").partition("|")
        if not entity:
            raise FieldError("roll_up", N_("Nothing links to these records."))
        what = str(self.what.value())
        field = None if what == "count" else self.of.value()
        if what != "count" and not field:
            raise FieldError("roll_up", N_("Say what is worked out, and of which field."))
        return {"entity": entity, "link": link, "what": what, "field": field, "filter": self.filter.value()}

    def _follow(self) -> None:
        entity, what = str(self.source.value() or "").partition("|")[0], str(self.what.value() or "count")
        fields = self._fields.get(entity, [])
        chosen = self.of.value()
        options = [(one.name, label_of(one)) for one in fields if not one.hidden and usable(what, one)]
        self.of.clear()
        self.of.set_options(options)
        if chosen in {one[0] for one in options}:
            self.of.set_value(chosen)
        self.of.setVisible(what != "count")
        self.of_label.setVisible(what != "count")
        self.filter.set_fields([one for one in fields if one.roll_up is None])
        self.edited.emit()
