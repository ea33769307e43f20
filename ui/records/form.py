"""The form of a record, made from its fields: sections, an editor for each field, sentences at what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.entities import Child, Entity
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import custom, form_rules, service
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.child_editors import ChildRows, child_editor
from ui.records.editors import LinkChoice, make_editor, start_value
from ui.records.quick_create import quick_create
from ui.records.room import space_grid
from ui.records.shown import form_fields, label_of, plain
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.themed import margins

CUSTOM = N_("Own fields")
_WIDE = frozenset({Kind.LONG_TEXT, Kind.CHOICES})
_WORTH_FOLDING = 3
_CHILD_SECTIONS = {"points": "reach", "addresses": "address", "identifiers": "more"}


class FormRow(QWidget):
    """Label over editor, and the sentence below when the value cannot be taken."""

    def __init__(self, field: Field, editor: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.editor = editor
        text = label_of(field)
        self.label = Label("", "secondary", "text-muted")
        self.mark_needed(field.required and field.visible_when is None and field.kind is not Kind.BOOL)
        self.label.setBuddy(editor)
        editor.setAccessibleName(text)
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        box = QVBoxLayout(self)
        box.addWidget(self.label)
        box.addWidget(editor)
        if field.help:
            box.addWidget(
                Label(field.help if field.custom else translate(field.help), "secondary", "text-muted", wrap=True)
            )
        box.addWidget(self.problem)
        box.addStretch(1)
        margins(self, 0, 0, 0, 0, 4)
        editor.edited.connect(lambda: self.say(""))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def mark_needed(self, on: bool) -> None:
        """Show whether the field must be filled in."""
        text = label_of(self.field)
        self.label.setText(f"{text} *" if on else text)

    def say(self, text: str) -> None:
        """Show a sentence under the editor; an empty one takes it away."""
        self.editor.set_problem(text)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


class Fold(QWidget):
    """Fields that are seldom filled in, behind a button."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = Button(title, icon="ph.caret-right", kind="accent", small=True)
        self.button.clicked.connect(self._toggle)
        self.inner = QWidget()
        self.box = QVBoxLayout(self.inner)
        margins(self.inner, 0, 0, 0, 0, 12)
        outer = QVBoxLayout(self)
        outer.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeading)
        outer.addWidget(self.inner)
        margins(self, 0, 0, 0, 0, 8)
        self.inner.hide()

    def _toggle(self) -> None:
        self._show(self.inner.isHidden())

    def open(self) -> None:
        """Show the fields."""
        self._show(True)

    def _show(self, on: bool) -> None:
        self.inner.setVisible(on)
        self.button.set_icon("ph.caret-down" if on else "ph.caret-right")


@dataclass(frozen=True)
class FormBlock:
    """A heading or a fold that is shown while any of its fields is."""

    widget: QWidget
    names: Sequence[str]


class RecordForm(QWidget):
    """Editors for the fields of a record type.

    ``edited`` is sent after every change, ``submitted`` on Enter in a line or Ctrl+Enter in a text.

    Args:
        names: only these fields, in this order, without sections; all that can be filled in where empty.
        children: whether phones, e-mails and addresses are edited as lists of rows.
    """

    edited = Signal()
    submitted = Signal()

    def __init__(
        self, office: Office, entity: str, fields: Sequence[Field], *, navigator: Navigator | None = None,
        names: Sequence[str] = (), children: bool = True, columns: int = 2, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.office = office
        self.spec: Entity = office.database.schema.entity(entity)
        self._navigator = navigator
        self._columns = columns
        self._start: dict[str, Any] = {}
        self.rows: dict[str, FormRow] = {}
        self.children_editors: dict[str, ChildRows] = {}
        self._folds: list[tuple[Fold, list[str]]] = []
        self._fields = {one.name: one for one in fields}
        self._given: Mapping[str, Any] = {}
        self._blocks: list[FormBlock] = []
        self._grids: list[tuple[QGridLayout, list[str]]] = []
        watched = form_rules.watched(fields) | {one.name for one in fields if one.required_when is not None}
        self._watched = form_rules.with_inputs(watched, self._fields)
        self._box = QVBoxLayout(self)
        margins(self, 0, 0, 0, 0, 16)
        chosen = form_fields(fields)
        if names:
            by_name = {one.name: one for one in chosen}
            chosen = [by_name[name] for name in names if name in by_name]
        if children and not names:
            chosen = self._without_children(chosen)
        self._build(chosen, sections=not names, children=children and not names)
        self._box.addStretch(1)
        if self._watched:
            self.edited.connect(self.follow_conditions)

    def _without_children(self, fields: list[Field]) -> list[Field]:
        known = {child.name for child in self.spec.children if child.name in _CHILD_SECTIONS}
        return [one for one in fields if not one.child or one.child.split(".")[0] not in known]

    def _build(self, fields: list[Field], *, sections: bool, children: bool) -> None:
        if not sections:
            self._add_grid(fields, self._box)
            return
        known = {one.key: one.label for one in custom.sections_of(self.office.database, self.spec.name)}
        order = [*known, *dict.fromkeys(one.section for one in fields if one.section not in known)]
        for key in order:
            own = [one for one in fields if one.section == key]
            child = next((c for c in self.spec.children if children and _CHILD_SECTIONS.get(c.name) == key), None)
            if own or child is not None:
                self._add_section(section_title(known, key), own, child, first=key == order[0])

    def _add_section(self, title: str, fields: list[Field], child: Child | None, *, first: bool) -> None:
        seldom = [one for one in fields if not (one.required or one.in_list or one.custom)]
        usual = [one for one in fields if one not in seldom]
        if len(seldom) < _WORTH_FOLDING:
            usual, seldom = fields, []
        own = child is not None and not usual and child.name == "identifiers"
        named = translate(child.label) if own and child is not None else title
        heading = Label(named, "section") if not first and (usual or child is not None) else None
        if heading is not None:
            self._box.addWidget(heading)
            if child is None and not seldom:
                self._blocks.append(FormBlock(heading, [one.name for one in usual]))
        if usual:
            self._add_grid(usual, self._box)
        if child is not None:
            editor = child_editor(self.office, child)
            editor.edited.connect(self.edited)
            self.children_editors[child.name] = editor
            self._box.addWidget(editor)
        if seldom:
            fold = Fold(_("More fields") if usual else title)
            self._add_grid(seldom, fold.box)
            self._folds.append((fold, [one.name for one in seldom]))
            self._blocks.append(FormBlock(fold, [one.name for one in seldom]))
            self._box.addWidget(fold)

    def _add_grid(self, fields: list[Field], box: QVBoxLayout) -> None:
        grid = QGridLayout()
        space_grid(self, grid, 16, 12)
        for column in range(self._columns):
            grid.setColumnStretch(column, 1)
        for field in fields:
            made = FormRow(field, make_editor(self.office, field, create=self._can_create(field)))
            self._connect(made)
            self.rows[field.name] = made
        self._place(grid, [self.rows[field.name] for field in fields])
        if self._watched:
            self._grids.append((grid, [field.name for field in fields]))
        box.addLayout(grid)

    def _place(self, grid: QGridLayout, rows: Sequence[FormRow]) -> None:
        row = column = 0
        for made in rows:
            span = self._columns if made.field.kind in _WIDE else 1
            if column + span > self._columns:
                row, column = row + 1, 0
            grid.addWidget(made, row, column, 1, span, Qt.AlignmentFlag.AlignTop)
            column += span

    def follow_conditions(self) -> None:
        """Show the fields that the values as typed ask for, and mark the ones that are needed; nothing is emptied."""
        if not self._watched:
            return
        values = self._as_typed()
        shown: dict[str, bool] = {}
        for name, row in self.rows.items():
            shown[name] = form_rules.is_visible(row.field, values, self._fields, self.office.user_id)
            row.mark_needed(form_rules.is_needed(row.field, values, self._fields, self.office.user_id))
        for grid, names in self._grids:
            kept = [self.rows[name] for name in names if shown[name]]
            if kept == [self.rows[name] for name in names if not self.rows[name].isHidden()]:
                continue
            for name in names:
                grid.removeWidget(self.rows[name])
                self.rows[name].setVisible(shown[name])
            self._place(grid, kept)
        for block in self._blocks:
            block.widget.setVisible(any(shown[name] for name in block.names))

    def _as_typed(self) -> dict[str, Any]:
        """The values of the record as they stand in the form; what is in no editor as it was."""
        values = dict(self._given)
        for name, row in self.rows.items():
            if name in self._watched:
                values[name] = self._peek(row)
        for one in self._fields.values():
            place = one.child.split(".")[0]
            if place in self.children_editors and one.name in self._watched:
                values[one.name] = service.given_child(one, {place: self.children_editors[place].rows()})
        return form_rules.with_formulas(values, self._watched, self._fields)

    def _unfold(self, names: Collection[str]) -> None:
        """Open the folds that hold one of these fields."""
        for fold, held in self._folds:
            if any(name in names for name in held):
                fold.open()

    def _can_create(self, field: Field) -> bool:
        if (
            field.kind is not Kind.LINK
            or self._navigator is None
            or field.target not in self.office.database.schema.entities
        ):
            return False
        return field.target in ("company", "contact", "product")

    def _connect(self, row: FormRow) -> None:
        row.editor.edited.connect(self.edited)
        if row.field.kind not in (Kind.CHOICE, Kind.BOOL, *LINK_KINDS, Kind.CHOICES):
            row.editor.committed.connect(self.submitted)
        if self._can_create(row.field):
            row.editor.create_requested.connect(lambda text, row=row: self._create_linked(row, text))

    def _create_linked(self, row: FormRow, text: str) -> None:
        quick_create(self, self.office, row.field.target, text, lambda made: self._take_linked(row, made, text))

    def _take_linked(self, row: FormRow, record_id: int, title: str) -> None:
        row.editor.set_value(record_id, title)
        row.say("")
        self.edited.emit()

    # -- values ------------------------------------------------------------------------------------------------

    def set_values(
        self, values: Mapping[str, Any], children: Mapping[str, Sequence[Mapping[str, Any]]] | None = None
    ) -> None:
        """Show the values of a record (links as ``Link`` or (id, title)); the base of :meth:`is_changed`."""
        for name, row in self.rows.items():
            value = values.get(name)
            row.editor.set_value(value if isinstance(value, tuple) else start_value(row.field, value))
            if value is None and row.field.required and isinstance(row.editor, LinkChoice):
                row.editor.first = True
            row.say("")
            self._start[name] = self._peek(row)
        self._unfold([name for name, value in self._start.items() if value not in (None, False)])
        for name, editor in self.children_editors.items():
            editor.set_rows((children or {}).get(name, ()))
        self._given = {name: plain(one, values.get(name)) for name, one in self._fields.items()}
        self.follow_conditions()

    @staticmethod
    def _peek(row: FormRow) -> Any:
        try:
            return row.editor.value()
        except FieldError:
            return None

    def collect(self) -> dict[str, Any] | None:
        """The values of all fields, or None where one of them cannot be taken; the sentence then stands at it."""
        values: dict[str, Any] = {}
        errors: list[FieldError] = []
        for name, row in self.rows.items():
            try:
                values[name] = row.editor.value()
            except FieldError as error:
                errors.append(FieldError(name, "{sentence}", sentence=str(error)))
        if errors or not all(editor.valid() for editor in self.children_editors.values()):
            self.show_errors(errors)
            return None
        return values

    def changed_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Those of ``values`` that are not what the form started with."""
        return {name: value for name, value in values.items() if value != self._start.get(name)}

    def start_values(self) -> dict[str, Any]:
        """What the form started with: the base of a save."""
        return dict(self._start)

    def changed_children(self) -> dict[str, list[dict[str, Any]]]:
        """The child rows of those lists that were touched."""
        return {name: editor.rows() for name, editor in self.children_editors.items() if editor.touched}

    def is_changed(self) -> bool:
        """Whether anything was written that is not saved."""
        if any(editor.touched for editor in self.children_editors.values()):
            return True
        for name, row in self.rows.items():
            try:
                if row.editor.value() != self._start.get(name):
                    return True
            except FieldError:
                return True
        return False

    def show_errors(self, errors: Sequence[FieldError]) -> list[str]:
        """Put each sentence at its field and go to the first; returns the sentences that have no field here."""
        homeless = []
        first: FormRow | None = None
        for error in errors:
            row = self.rows.get(error.field)
            if row is None:
                homeless.append(str(error))
                continue
            row.say(str(error))
            self._unfold([error.field])
            first = first or row
        if first is not None:
            first.editor.setFocus()
        return homeless

    def focus_first(self) -> None:
        """Put the cursor into the first empty needed field, else into the first."""
        rows = list(self.rows.values())
        needed = [row for row in rows if row.field.required and self._peek(row) is None]
        for row in [*needed, *rows][:1]:
            row.editor.setFocus()

    # -- drafts ------------------------------------------------------------------------------------------------

    def draft(self) -> dict[str, Any]:
        """What was typed and is not saved, as JSON."""
        kept: dict[str, Any] = {}
        for name, row in self.rows.items():
            text = row.editor.text() if hasattr(row.editor, "text") and row.field.kind not in LINK_KINDS else None
            if text is not None and row.field.kind is not Kind.BOOL:
                start = self._start.get(name)
                if text.strip() and self._peek(row) != start:
                    kept[name] = text
                continue
            value = self._peek(row)
            if value != self._start.get(name):
                kept[name] = [value, row.editor.title()] if row.field.kind in LINK_KINDS else _json(value)
        rows = {name: editor.draft_rows() for name, editor in self.children_editors.items() if editor.touched}
        if any(rows.values()):
            kept["@children"] = rows
        return kept

    def take_draft(self, kept: Mapping[str, Any]) -> None:
        """Put a draft back."""
        self._unfold(list(kept))
        for name, value in kept.items():
            row = self.rows.get(name)
            if row is None:
                continue
            if row.field.kind in LINK_KINDS and isinstance(value, list):
                row.editor.set_value(value[0], value[1])
            elif isinstance(value, str) and hasattr(row.editor, "setText"):
                row.editor.setText(value)
            else:
                row.editor.set_value(value)
        for name, rows in dict(kept.get("@children") or {}).items():
            if name in self.children_editors:
                self.children_editors[name].set_rows(rows, touched=True)
        self.follow_conditions()


def section_title(known: Mapping[str, str], key: str) -> str:
    """The title of a section; the office's own sections are shown as they were written."""
    if key in known:
        return translate(known[key])
    return translate(CUSTOM) if key in ("custom", "") else key


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
