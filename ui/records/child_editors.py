"""Editors of rows that hang on a record: phones, e-mails and profiles, addresses, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.entities import Child
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import _
from crm_desktop.core.phones import phone_doubt
from crm_desktop.core.reach import parse_profile
from ui.framework.office import Office
from ui.records.editors import make_editor
from ui.records.identifier_row import IdentifierRow
from ui.records.room import space_grid
from ui.records.shown import choice_text, label_of
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.editor_base import PhoneEditor, ValueEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Hairline, Label
from ui.widgets.themed import margins

_POINT_KINDS = {"phone": Kind.PHONE, "email": Kind.EMAIL, "web": Kind.URL}
_ADDRESS_LINES = (("street", "street2"), ("district", "city"), ("region", "postcode", "country"))


class ChildRow(QWidget):
    """One row of a list of child rows."""

    edited = Signal()
    removed = Signal()

    def values(self) -> dict[str, Any]:
        """What the row holds; raises FieldError where something cannot be taken."""
        raise NotImplementedError

    def is_empty(self) -> bool:
        """Whether nothing was written into it."""
        raise NotImplementedError

    def problem(self) -> str:
        """Why the row cannot be taken; "" where it can."""
        try:
            self.values()
        except FieldError as error:
            return str(error)
        return ""


class PointRow(ChildRow):
    """A phone, e-mail or web address: type, label, value, primary."""

    def __init__(self, fields: Mapping[str, Field], row: Mapping[str, Any]) -> None:
        super().__init__()
        self._row = dict(row)
        kinds, labels = fields["kind"], fields["label"]
        self.kind = ChoiceEditor(
            [(c.key, choice_text(kinds, c)) for c in kinds.choices], name=label_of(kinds), empty=None
        )
        self.label = ChoiceEditor([(c.key, choice_text(labels, c)) for c in labels.choices], name=label_of(labels))
        self.primary = QRadioButton()
        self.primary.setToolTip(_("Use this one first"))
        self.primary.setAccessibleName(_("Use this one first"))
        self.primary.setAutoExclusive(False)
        self.remove = IconButton("ph.trash", _("Remove"), kind="ghost")
        self.remove.clicked.connect(self.removed)
        self.problem_label = Label("", "secondary", "danger", wrap=True)
        self.problem_label.hide()
        self.doubt_label = Label("", "secondary", "warning", wrap=True)
        self.doubt_label.hide()
        self._line = QHBoxLayout()
        for widget in (self.primary, self.kind, self.label, self.remove):
            self._line.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.addLayout(self._line)
        outer.addWidget(self.problem_label)
        outer.addWidget(self.doubt_label)
        margins(self, 0, 0, 0, 0, 4)
        self._line.setSpacing(px(8))
        self.kind.set_value(row.get("kind") or "phone")
        self.label.set_value(row.get("label"))
        self.primary.setChecked(bool(row.get("is_primary")))
        self.value: ValueEditor
        self._put_value(row.get("value"))
        self.kind.edited.connect(self._on_kind)
        self.label.edited.connect(self.edited)
        self.primary.clicked.connect(self.edited)

    def _put_value(self, value: Any) -> None:
        point = str(self.kind.value())
        kind = _POINT_KINDS.get(point, Kind.TEXT)
        if kind is Kind.PHONE:
            editor: ValueEditor = PhoneEditor()
        elif kind is Kind.TEXT:
            editor = ValueEditor(kind, parse=lambda text: parse_profile(point, text))
        else:
            editor = ValueEditor(kind)
        editor.setAccessibleName(self.kind.currentText())
        hints = {
            "messenger": _("telegram: ana, or a number for WhatsApp"),
            "social": _("instagram: ana, or an address"),
        }
        editor.setPlaceholderText(hints.get(point, self.kind.currentText()))
        editor.set_value(value)
        editor.editingFinished.connect(self._doubt)
        editor.edited.connect(self._on_value)
        if hasattr(self, "value"):
            self._line.removeWidget(self.value)
            self.value.hide()
            self.value.deleteLater()
        self._line.insertWidget(3, editor, 1)
        self.value = editor
        self._doubt()

    def _doubt(self) -> None:
        """Say what is odd about a phone that is kept as it was typed."""
        text = ""
        if self.kind.value() == "phone" and not self.problem():
            text = phone_doubt(self.value.value(), formats.default_country())
        self.doubt_label.setText(text)
        self.doubt_label.setVisible(bool(text))

    def _on_kind(self) -> None:
        text = self.value.text()
        self._put_value(None)
        self.value.setText(text)
        self._doubt()
        self.edited.emit()

    def _on_value(self) -> None:
        self.problem_label.hide()
        self.doubt_label.hide()
        self.edited.emit()

    def values(self) -> dict[str, Any]:
        """The row's columns."""
        kept = {"id": self._row["id"]} if self._row.get("id") else {}
        return kept | {
            "kind": self.kind.value(), "label": self.label.value(), "value": self.value.value(),
            "is_primary": self.primary.isChecked(),
        }  # fmt: skip

    def is_empty(self) -> bool:
        """Whether no value was written."""
        return not self.value.text().strip()

    def say(self, text: str) -> None:
        """Show a sentence under the row."""
        self.value.set_problem(text)
        self.problem_label.setText(text)
        self.problem_label.setVisible(bool(text))


class AddressRow(ChildRow):
    """A postal address: label, lines, primary."""

    def __init__(self, office: Office, fields: Mapping[str, Field], row: Mapping[str, Any]) -> None:
        super().__init__()
        self._row = dict(row)
        labels = fields["label"]
        self.label = ChoiceEditor([(c.key, choice_text(labels, c)) for c in labels.choices], name=label_of(labels))
        self.label.set_value(row.get("label"))
        self.label.edited.connect(self.edited)
        self.primary = QRadioButton(_("Main address"))
        self.primary.setAutoExclusive(False)
        self.primary.setChecked(bool(row.get("is_primary")))
        self.primary.clicked.connect(self.edited)
        remove = IconButton("ph.trash", _("Remove"), kind="ghost")
        remove.clicked.connect(self.removed)
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(self.label)
        head.addWidget(self.primary)
        head.addStretch(1)
        head.addWidget(remove)
        self._editors: dict[str, Any] = {}
        grid = QGridLayout()
        space_grid(self, grid, 8, 8)
        for number, names in enumerate(_ADDRESS_LINES):
            share = 6 // len(names)
            for place, name in enumerate(names):
                editor = make_editor(office, fields[name])
                editor.setPlaceholderText(label_of(fields[name]))
                editor.set_value(row.get(name))
                editor.edited.connect(self.edited)
                self._editors[name] = editor
                grid.addWidget(editor, number, place * share, 1, share)
        self.problem_label = Label("", "secondary", "danger", wrap=True)
        self.problem_label.hide()
        outer = QVBoxLayout(self)
        outer.addLayout(head)
        outer.addLayout(grid)
        outer.addWidget(self.problem_label)
        outer.addWidget(Hairline())
        margins(self, 0, 0, 0, 0, 8)

    def values(self) -> dict[str, Any]:
        """The row's columns."""
        kept = {"id": self._row["id"]} if self._row.get("id") else {}
        values = {name: editor.value() for name, editor in self._editors.items()}
        return kept | values | {"label": self.label.value(), "is_primary": self.primary.isChecked()}

    def is_empty(self) -> bool:
        """Whether no line was written."""
        return not any(editor.text().strip() for editor in self._editors.values())

    def say(self, text: str) -> None:
        """Show a sentence under the address."""
        self.problem_label.setText(text)
        self.problem_label.setVisible(bool(text))


class ChildRows(QWidget):
    """A list of child rows with the button that adds one. ``touched`` is true once the user changed anything."""

    edited = Signal()

    def __init__(self, office: Office, child: Child, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office = office
        self._fields = {one.name: one for one in child.fields}
        self._child = child
        self._rows: list[Any] = []
        self.touched = False
        self._box = QVBoxLayout()
        self._box.setSpacing(px(8))
        outer = QVBoxLayout(self)
        outer.addLayout(self._box)
        self._buttons = QHBoxLayout()
        outer.addLayout(self._buttons)
        for text, values in self._additions():
            button = Button(text, icon="ph.plus", kind="accent", small=True)
            button.clicked.connect(lambda _on=False, values=values: self._add_by_hand(values))
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        margins(self, 0, 0, 0, 0, 8)

    def _additions(self) -> list[tuple[str, dict[str, Any]]]:
        if self._child.table == "address":
            return [(_("Address"), {"label": "work"})]
        if self._child.table == "identifier":
            return [(_("Document number"), {})]
        return [
            (_("Phone"), {"kind": "phone", "label": "mobile"}),
            (_("E-mail"), {"kind": "email", "label": "work"}),
            (_("Website"), {"kind": "web"}),
            (_("Messenger"), {"kind": "messenger"}),
            (_("Social profile"), {"kind": "social"}),
        ]

    def _make(self, row: Mapping[str, Any]) -> Any:
        if self._child.table == "address":
            return AddressRow(self._office, self._fields, row)
        if self._child.table == "identifier":
            return IdentifierRow(self._fields, row)
        return PointRow(self._fields, row)

    def _put(self, row: Mapping[str, Any]) -> Any:
        made = self._make(row)
        made.edited.connect(lambda: self._on_edited(made))
        made.removed.connect(lambda: self._remove(made))
        self._rows.append(made)
        self._box.addWidget(made)
        return made

    def _add_by_hand(self, values: Mapping[str, Any]) -> None:
        made = self._put({**values, "is_primary": not self._primary_of(values.get("kind"))})
        editors = list(made._editors.values()) if isinstance(made, AddressRow) else [made.value]
        editors[0].setFocus()
        self.touched = True
        self.edited.emit()

    def _primary_of(self, kind: Any) -> list[Any]:
        return [row for row in self._same_kind(kind) if row.primary.isChecked()]

    def _same_kind(self, kind: Any) -> list[Any]:
        return [row for row in self._rows if self._kind_of(row) == kind and not isinstance(row, IdentifierRow)]

    @staticmethod
    def _kind_of(row: Any) -> Any:
        return row.kind.value() if isinstance(row, PointRow) else None

    def _on_edited(self, changed: Any) -> None:
        """One primary of each kind: choosing one takes it from the others."""
        self.touched = True
        if not isinstance(changed, IdentifierRow) and changed.primary.isChecked():
            for row in self._same_kind(self._kind_of(changed)):
                if row is not changed:
                    row.primary.setChecked(False)
        self._settle()
        self.edited.emit()

    def _settle(self) -> None:
        """Where no row of a kind is the primary one, the first is."""
        for kind in {self._kind_of(row) for row in self._rows}:
            same = self._same_kind(kind)
            if same and not any(row.primary.isChecked() for row in same):
                same[0].primary.setChecked(True)

    def _remove(self, row: Any) -> None:
        self._rows.remove(row)
        self._box.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.touched = True
        self._settle()
        self.edited.emit()

    def set_rows(self, rows: Sequence[Mapping[str, Any]], *, touched: bool = False) -> None:
        """Show these rows, and an empty one of each usual kind where there is none."""
        for row in list(self._rows):
            self._box.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = []
        for values in rows:
            self._put(values)
        if not rows:
            for values in self._usual():
                self._put(values)
        self.touched = touched

    def _usual(self) -> list[dict[str, Any]]:
        if self._child.table == "address":
            return [{"label": "work", "is_primary": True}]
        if self._child.table == "identifier":
            return []
        return [
            {"kind": "phone", "label": "mobile", "is_primary": True},
            {"kind": "email", "label": "work", "is_primary": True},
        ]

    def rows(self) -> list[dict[str, Any]]:
        """The rows that hold something."""
        return [row.values() for row in self._rows if not row.is_empty()]

    def draft_rows(self) -> list[dict[str, Any]]:
        """The rows as they stand, also where something in them cannot be taken yet."""
        return [row.values() for row in self._rows if not row.is_empty() and not row.problem()]

    def valid(self) -> bool:
        """Whether every row can be taken; the sentence stands at the first that cannot."""
        for row in self._rows:
            problem = "" if row.is_empty() else row.problem()
            row.say(problem)
            if problem:
                return False
        return True

    def values_of_kind(self, kind: str) -> list[str]:
        """The values of one kind of contact point, for the search for duplicates."""
        return [
            str(row.value.value()) for row in self._rows
            if isinstance(row, PointRow) and row.kind.value() == kind and not row.is_empty() and not row.problem()
        ]  # fmt: skip


def child_editor(office: Office, child: Child) -> ChildRows:
    """The editor of a child table's rows."""
    return ChildRows(office, child)
