"""What one field is: its words, its values, when it is shown and needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Choice, Field, Kind
from crm_desktop.core.filters import to_json
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import field_service
from ui.framework.office import Office
from ui.records.editors import make_editor, start_value
from ui.records.room import clear_layout
from ui.records.shown import label_of
from ui.settings.fields.choices_editor import ChoicesEditorList
from ui.settings.fields.condition_box import ConditionBox
from ui.settings.fields.formula_editor import FormulaEditor
from ui.settings.fields.kinds import FORMULA, KINDS, ROLL_UP, icon_of, sort_of, words_of
from ui.settings.fields.roll_up_editor import RollUpEditor
from ui.settings.fields.written import WrittenField
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.frames import scrolled
from ui.widgets.labels import ElidedLabel, Hairline, IconLabel, Label, Plane
from ui.widgets.themed import fixed_height, margins

_CHOOSING = (Kind.CHOICE.value, Kind.CHOICES.value)


class PropertiesPanel(QWidget):
    """The properties of the chosen field, of a declared one only those that the office may change.

    ``saved`` sends the values of the definition; ``added`` those of a new field; ``removed`` asks to delete or hide.
    """

    saved = Signal(object)
    added = Signal(object)
    removed = Signal()
    hidden_changed = Signal(bool)
    kind_requested = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office = office
        self.field: Field | None = None
        self.is_new = False
        self._start: dict[str, Any] = {}
        self._shown: dict[str, Any] = {}
        self.seen: dict[str, Any] = {}
        self._fields: Sequence[Field] = ()
        self.entity = ""
        self._default: Any = None
        self._make()
        self._lay_out()
        self.written = WrittenField(self)
        self._box.insertWidget(0, self.written.banner)
        for keys in ("Ctrl+S", "Ctrl+Return"):
            QShortcut(QKeySequence(keys), self, self.save, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    # -- widgets -----------------------------------------------------------------------------------------------

    def _make(self) -> None:
        office = self.office
        self.icon = IconLabel("ph.text-t", "text-muted", 18)
        self.title = ElidedLabel("", "section")
        self.kind_words = Label("", "secondary", "text-muted", wrap=True)
        self.label = _line(_("Name of the field"))
        self.kind = ChoiceEditor([(key, _(text), icon) for key, text, icon in KINDS], name=_("Kind"), empty=None)
        self.kind.setMaxVisibleItems(24)
        self.kind.edited.connect(self._follow_kind)
        entities = office.database.schema.entities.values()
        self.target = ChoiceEditor(
            [(one.name, translate(one.plural), one.icon) for one in entities if one.listed],
            name=_("Links to"),
            empty=None,
        )
        self.change_kind = Button(_("Change the kind…"), small=True, kind="accent")
        self.change_kind.clicked.connect(self.kind_requested)
        self.help = _line(_("Help under the field"))
        self.required = QCheckBox(_("Must be filled in"))
        self.in_list = QCheckBox(_("Offered as a column of lists"))
        self.sensitive = QCheckBox(_("Sensitive"))
        self.sensitive.setToolTip(_("Seen and written only by roles that may see sensitive fields, like tax numbers"))
        self.choices = ChoicesEditorList()
        self.choices.edited.connect(self._follow_choices)
        self.visible_when = ConditionBox(office, _("Shown only if"))
        self.required_when = ConditionBox(office, _("Needed only if"))
        self.aliases = _line(_("Names in imported files, separated by commas"))
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        self.save_button = Button(_("Save"), kind="primary", key="Ctrl+S")
        self.save_button.clicked.connect(self.save)
        self.discard_button = Button(_("Discard"))
        self.discard_button.clicked.connect(self.discard)
        self.remove_button = Button(_("Delete"), kind="danger-ghost", icon="ph.trash")
        self.remove_button.clicked.connect(self.removed)
        self.hide_button = Button(_("Hide"), kind="ghost", icon="ph.eye-slash")
        self.hide_button.clicked.connect(lambda: self.hidden_changed.emit(not (self.field and self.field.hidden)))

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.icon)
        row.addWidget(self.title, 1)
        row.addWidget(self.hide_button)
        row.addWidget(self.remove_button)
        margins(head, 16, 0, 8, 0, 8)
        fixed_height(head, 44)
        inner = Plane("surface")
        self._box = QVBoxLayout(inner)
        self._blocks: dict[str, QWidget] = {}
        self._default_box = QVBoxLayout()
        default_holder = QWidget()
        default_holder.setLayout(self._default_box)
        self._default_box.setContentsMargins(0, 0, 0, 0)
        for key, title, widget in (
            ("note", "", self.kind_words), ("label", _("Name"), self.label), ("kind", _("Kind"), self.kind),
            ("target", _("Links to"), self.target), ("choices", _("Choices"), self.choices),
            ("computed", "", self._computed()), ("required", "", self.required),
            ("default", _("A new record starts with"), default_holder),
            ("visible_when", _("Shown only if"), self.visible_when),
            ("required_when", _("Needed only if"), self.required_when), ("help", _("Help under the field"), self.help),
            ("aliases", _("Names in imported files"), self.aliases), ("in_list", "", self.in_list), ("sensitive", "", self.sensitive),
            ("change_kind", "", self.change_kind), ("problem", "", self.problem),
        ):  # fmt: skip
            self._blocks[key] = self._block(title, widget)
            self._box.addWidget(self._blocks[key])
        self._box.addStretch(1)
        margins(inner, 16, 8, 16, 16, 12)
        self.area = scrolled(inner, clear=False)
        foot = Plane("sunken")
        buttons = QHBoxLayout(foot)
        buttons.addStretch(1)
        buttons.addWidget(self.discard_button)
        buttons.addWidget(self.save_button)
        margins(foot, 12, 0, 12, 0, 8)
        fixed_height(foot, 48)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for widget in (head, Hairline()):
            whole.addWidget(widget)
        whole.addWidget(self.area, 1)
        whole.addWidget(Hairline())
        whole.addWidget(foot)

    def _computed(self) -> QWidget:
        """The editors of formulas and roll-ups, one of them shown."""
        holder = QWidget()
        box = QVBoxLayout(holder)
        self.formula = FormulaEditor(self.office)
        self.roll_up = RollUpEditor(self.office)
        box.addWidget(self.formula)
        box.addWidget(self.roll_up)
        margins(holder, 0, 0, 0, 0, 0)
        return holder

    def _block(self, title: str, widget: QWidget) -> QWidget:
        holder = QWidget()
        box = QVBoxLayout(holder)
        if title:
            label = Label(title, "secondary", "text-muted")
            label.setBuddy(widget)
            box.addWidget(label)
        box.addWidget(widget)
        margins(holder, 0, 0, 0, 0, 4)
        return holder

    # -- showing -----------------------------------------------------------------------------------------------

    def show_field(
        self, entity: str, field: Field, fields: Sequence[Field], definition: Mapping[str, Any] | None = None,
        rule: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        """Show a field. ``definition`` is its stored row where the office made it, ``rule`` else."""
        self._begin(entity, field, fields, new=False)
        self.seen = dict(definition or rule or {})
        stored = definition or {"label": label_of(field), **(rule or {})}
        self.put_states(stored, sort_of(field))
        self._shown = self._start = self.values_or_none() or {}
        self.written.begin()

    def show_new(self, entity: str, fields: Sequence[Field]) -> None:
        """Show an empty new field."""
        self._begin(entity, None, fields, new=True)
        self.kind.set_value(Kind.TEXT.value)
        self.put_states({"label": "", "in_list": True}, Kind.TEXT.value)
        self.written.begin()
        self.label.setFocus()

    def _begin(self, entity: str, field: Field | None, fields: Sequence[Field], *, new: bool) -> None:
        self.entity, self.field, self._fields, self.is_new = entity, field, fields, new
        others = [one for one in fields if field is None or one.name != field.name]
        self.visible_when.set_fields(others)
        self.required_when.set_fields(others)
        self.say("")

    def put_states(self, stored: Mapping[str, Any], sort: str) -> None:
        """Show a definition as it is stored; ``sort`` is its kind."""
        self.label.setText(str(stored.get("label") or ""))
        self.kind.set_value(sort)
        self.target.set_value(stored.get("target") or "company")
        self.help.setText(str(stored.get("help") or ""))
        self.required.setChecked(bool(stored.get("required")))
        self.in_list.setChecked(bool(stored.get("in_list", True)))
        self.sensitive.setChecked(bool(stored.get("sensitive")))
        self.choices.set_value(stored.get("options"))
        self.aliases.setText(", ".join(stored.get("aliases") or ()))
        self.visible_when.set_value(stored.get("visible_when"))
        self.required_when.set_value(stored.get("required_when"))
        self._fill_computed(stored, sort)
        self._follow_kind()

    def _fill_computed(self, stored: Mapping[str, Any], sort: str) -> None:
        self.formula.set_entity(self.entity, self.field.name if self.field is not None else "", self._fields)
        self.formula.set_value(str(stored.get("formula") or ""), str(stored.get("kind") or ""))
        self.roll_up.set_entity(self.entity)
        self.roll_up.set_value(stored.get("roll_up"))

    def _follow_kind(self) -> None:
        sort, own = str(self.kind.value()), self.is_new or bool(self.field and self.field.custom)
        computed = sort in (FORMULA, ROLL_UP)
        shown = {
            "note": not self.is_new, "label": own, "kind": self.is_new, "target": self.is_new and sort == Kind.LINK.value,
            "choices": own and sort in _CHOOSING, "computed": own and computed, "required": own and not computed,
            "default": own and not computed and sort not in (Kind.LINK.value, Kind.USER.value),
            "visible_when": not self._always_needed(), "required_when": not computed and not self._always_needed(), "help": own,
            "aliases": own and not computed, "in_list": own, "sensitive": own, "change_kind": not self.is_new and own and not computed,
            "problem": True,
        }  # fmt: skip
        for key, on in shown.items():
            self._blocks[key].setVisible(on)
        self.formula.setVisible(sort == FORMULA)
        self.roll_up.setVisible(sort == ROLL_UP)
        self.icon.set_icon(icon_of(sort))
        self.title.setText(_("New field") if self.is_new else label_of(self.field) if self.field else "")
        self.save_button.setText(_("Add field") if self.is_new else _("Save"))
        self.kind_words.setText(self._note(sort, own))
        may_hide = self.field is not None and not self.field.required
        self.hide_button.setVisible(may_hide)
        self.hide_button.setText(_("Show") if self.field is not None and self.field.hidden else _("Hide"))
        self.remove_button.setVisible(own and not self.is_new)
        self._make_default(sort, shown["default"])

    def _always_needed(self) -> bool:
        return self.field is not None and self.field.required and not self.field.custom

    def _note(self, sort: str, own: bool) -> str:
        if self.field is not None and self.field.target and self.field.kind in (Kind.LINK,):
            spec = self.office.database.schema.entity(self.field.target)
            return _("{kind}: {records}").format(kind=words_of(sort), records=translate(spec.plural))
        if own:
            return words_of(sort)
        if self._always_needed():
            return _("{kind}. This field must always be filled in, so it cannot be hidden.").format(kind=words_of(sort))
        return _("{kind}. This field came with the program: you can hide it, move it and set when it is shown.").format(
            kind=words_of(sort)
        )

    def _make_default(self, sort: str, on: bool) -> None:
        clear_layout(self._default_box)
        self._default = None
        if not on:
            return
        kind = Kind(sort)
        options = tuple(Choice(one["key"], one["label"], one["hue"]) for one in self.choices.value())
        one = Field("default", _("A new record starts with"), kind, custom=True, choices=options)
        self._default = make_editor(self.office, one, inline=True)
        if self.field is not None and self.field.custom and self.field.kind is kind:
            self._default.set_value(start_value(one, self.field.default))
        self._default_box.addWidget(self._default)
        self._default.show()

    def _follow_choices(self) -> None:
        """Offer the choices as they are written where a new record's value is chosen."""
        if isinstance(self._default, ChoiceEditor):
            kept = self._default.value()
            options = [(one["key"], one["label"]) for one in self.choices.value()]
            self._default.set_value(None)
            self._default.set_options(options)
            self._default.set_value(kept if kept in {key for key, _label in options} else None)

    # -- saving ------------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """The definition as written.

        Raises:
            FieldError: something in it cannot be taken.
        """
        rules = {"visible_when": self.visible_when.value(), "required_when": self.required_when.value()}
        if self.field is not None and not self.field.custom:
            return rules
        sort = str(self.kind.value())
        if not self.label.text().strip():
            raise FieldError("label", _("Give the field a name."))
        values = {
            "label": self.label.text().strip(), "help": self.help.text().strip() or None,
            "required": self.required.isChecked(), "in_list": self.in_list.isChecked(),
            "sensitive": self.sensitive.isChecked(),
            "aliases": [part.strip() for part in self.aliases.text().split(",") if part.strip()] or None, **rules,
        }  # fmt: skip
        if sort in _CHOOSING:
            values["options"] = self.choices.value()
            if not values["options"]:
                raise FieldError("options", _("Give at least one choice."))
        if sort in (FORMULA, ROLL_UP):
            values |= self.computed_values(sort) | {"required": False, "required_when": None}
        elif self._default is not None:
            values["default_value"] = field_service.default_json(Kind(sort), self._default.value())
        return values

    def computed_values(self, sort: str) -> dict[str, Any]:
        """The formula or roll-up as written.

        Raises:
            FieldError: it cannot be worked out.
        """
        if sort == ROLL_UP:
            return {"roll_up": self.roll_up.value()}
        return {"formula": self.formula.value(), "kind": self.formula.kind()}

    def values_or_none(self) -> dict[str, Any] | None:
        """The definition as written; None where something in it cannot be taken."""
        try:
            return self.values()
        except FieldError:
            return None

    def put_back(self, values: Mapping[str, Any]) -> None:
        """Show what was written again, not saved yet."""
        self.put_states({**self.seen, **values}, str(self.kind.value()))

    def is_changed(self) -> bool:
        """Whether something was written that is not saved."""
        if self.is_new:
            return bool(self.label.text().strip())
        return self.field is not None and self.values_or_none() != self._start

    def save(self) -> bool:
        """Send the values, or say what is wrong. Returns whether they were sent."""
        try:
            values = self.values()
        except FieldError as error:
            self.say(str(error))
            (self.label if error.field == "label" else self.choices.add_button).setFocus()
            return False
        self.say("")
        if self.is_new:
            sort = str(self.kind.value())
            kind = values.pop("kind", None) or (Kind.NUMBER.value if sort in (FORMULA, ROLL_UP) else sort)
            target = self.target.value() if sort == Kind.LINK.value else ""
            self.added.emit({**values, "kind": Kind(kind), "target": values.pop("target", None) or target})
        else:
            self._start = values
            self.written.forget()
            shown = self._shown if self.field is not None and self.field.custom else {}
            self.saved.emit(
                {name: value for name, value in values.items() if name not in shown or value != shown[name]}
            )
        return True

    def discard(self) -> None:
        """Throw away what was written."""
        self.written.forget()
        self._start = {}
        self.discarded()

    def discarded(self) -> None:
        """Show the stored field again; set by the page."""

    def say(self, text: str) -> None:
        """Show what is wrong."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text:
            self.area.ensureWidgetVisible(self.problem)


def rule_json(field: Field) -> dict[str, Any]:
    """The conditions of a declared field as they are stored."""
    return {
        "visible_when": to_json(field.visible_when) if field.visible_when is not None else None,
        "required_when": to_json(field.required_when) if field.required_when is not None else None,
    }


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    return line
