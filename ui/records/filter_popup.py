"""Popups of lists: choose a field, then how it is to be compared, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core import periods
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import DATE_KINDS, Field, Kind
from crm_desktop.core.filters import OPERATORS, Condition, operators_for
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.text import fold, words
from crm_desktop.records import attach_service, queries
from ui.framework.office import Office
from ui.records.editors import YesNoEditor, make_editor, make_picker
from ui.records.room import clear_layout
from ui.records.shown import TAGS, choice_text, label_of
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import ValueEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.editor_dates import DateEditor
from ui.widgets.editor_tags import TagsEditor
from ui.widgets.labels import Hairline, Label
from ui.widgets.popup import PopupFrame
from ui.widgets.results import Result, ResultList
from ui.widgets.themed import margins

KIND_ICONS = {
    Kind.DATE: "ph.calendar-blank", Kind.DATETIME: "ph.calendar-blank", Kind.LOCAL_DATETIME: "ph.calendar-blank",
    Kind.MONEY: "ph.currency-circle-dollar", Kind.INTEGER: "ph.hash", Kind.NUMBER: "ph.hash",
    Kind.PERCENT: "ph.percent",
    Kind.CHOICE: "ph.list-bullets", Kind.CHOICES: "ph.list-bullets", Kind.BOOL: "ph.check-square", Kind.LINK: "ph.link",
    Kind.USER: "ph.user", Kind.PHONE: "ph.phone", Kind.EMAIL: "ph.envelope-simple", Kind.URL: "ph.globe",
}  # fmt: skip
_TAG_OPS = ("has_tag", "no_tag")


class FieldPopup(PopupFrame):
    """A list of fields with a line to find one; ``chosen`` sends the field."""

    chosen = Signal(object)

    def __init__(self, fields: Sequence[Field], placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fields = list(fields)
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(lambda _text: self._show())
        self.list = ResultList(placeholder, row_height=32)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.chosen.connect(self._choose)
        head = QWidget()
        box = QVBoxLayout(head)
        box.addWidget(self.line)
        margins(head, 8, 8, 8, 8)
        self.body.addWidget(head)
        self.body.addWidget(Hairline())
        self.body.addWidget(self.list)
        self.list.setFixedSize(px(280), px(32) * 10)
        self._show()

    def open_at(self, where: QPoint) -> None:
        """Open with its corner at a point of the screen."""
        self.show_at(where)
        self.line.setFocus()

    def _show(self) -> None:
        typed = fold(self.line.text())
        found = [one for one in self._fields if typed in fold(label_of(one))]
        self.list.set_results(
            [Result(one.name, label_of(one), icon=field_icon(one), data=one) for one in found], words(typed)
        )

    def _choose(self, result: Result) -> None:
        self.close()
        self.chosen.emit(result.data)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
            if step:
                self.list.move_current(step)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list.choose_current()
                return True
        return super().eventFilter(watched, event)


def field_icon(field: Field) -> str:
    """The icon of a field's kind."""
    return "ph.tag" if field is TAGS else KIND_ICONS.get(field.kind, "ph.text-t")


class CheckList(QWidget):
    """Several of a few values, each a check box."""

    committed = Signal()

    def __init__(self, options: Sequence[tuple[Any, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._boxes: dict[Any, QCheckBox] = {}
        box = QVBoxLayout(self)
        for key, text in options:
            check = QCheckBox(text)
            self._boxes[key] = check
            box.addWidget(check)
        margins(self, 0, 0, 0, 0, 8)

    def value(self) -> list[Any]:
        """The keys that are on."""
        return [key for key, box in self._boxes.items() if box.isChecked()]

    def set_value(self, keys: Any) -> None:
        """Check these keys."""
        wanted = keys if isinstance(keys, list) else [keys]
        for key, box in self._boxes.items():
            box.setChecked(key in wanted)


class ConditionPopup(PopupFrame):
    """How a field is compared, and with what; ``applied`` sends the Condition."""

    applied = Signal(object)

    def __init__(
        self, office: Office, field: Field, condition: Condition | None = None, title: str = "",
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._office = office
        self._field = field
        self._given = condition
        self._given_title = title
        self._editors: list[Any] = []
        self._users: list[tuple[Any, str]] = []
        self.operator = ChoiceEditor(
            [(op, translate(OPERATORS[op])) for op in operators_of(field)], name=_("Comparison"), empty=None
        )
        self._values = QVBoxLayout()
        self._values.setSpacing(px(8))
        self._problem = Label("", "secondary", "danger", wrap=True)
        self._problem.hide()
        self.apply = Button(_("Apply"), kind="primary")
        self.apply.clicked.connect(self._apply)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(Label(label_of(field), "section"))
        box.addWidget(self.operator)
        box.addLayout(self._values)
        box.addWidget(self._problem)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.apply)
        box.addLayout(row)
        margins(inner, 16, 12, 16, 12, 8)
        inner.setMinimumWidth(px(300))
        self.body.addWidget(inner)
        if condition is not None:
            self.operator.set_value(condition.op)
        self.operator.edited.connect(self._rebuild)
        if field.kind is Kind.USER:
            self._users = [("@me", _("Me")), *_user_options(office)]
        self._rebuild()

    def open_at(self, where: QPoint) -> None:
        """Open with its corner at a point of the screen."""
        self.show_at(where)
        if self._editors:
            self._editors[0].setFocus()
        else:
            self.operator.setFocus()

    def _rebuild(self) -> None:
        clear_layout(self._values)
        self._editors = self._make_editors(self.operator.value())
        given = self._given
        if given is not None and given.op == self.operator.value():
            self._fill(given.value)
        for editor in self._editors:
            self._values.addWidget(editor)
            editor.committed.connect(self._committed)
            editor.show()
        self._problem.hide()
        self.adjustSize()

    def _committed(self) -> None:
        sender_is_last = len(self._editors) == 1 or self._editors[-1].hasFocus()
        if sender_is_last and self.isVisible():
            self._apply()

    def _fill(self, value: Any) -> None:
        if len(self._editors) == 2 and isinstance(value, list):
            for editor, part in zip(self._editors, value, strict=False):
                editor.set_value(_from_json(self._field, part))
        elif self._editors:
            editor = self._editors[0]
            if self._field.kind is Kind.LINK:
                editor.set_value((value, self._given_title))
            elif isinstance(editor, CheckList):
                editor.set_value(value)
            else:
                editor.set_value(value if self._field is TAGS else _from_json(self._field, value))

    def _make_editors(self, op: str) -> list[Any]:
        field, office = self._field, self._office
        if op in ("empty", "filled"):
            return []
        if field is TAGS:
            return [TagsEditor(lambda text: known_tags(office, text), name=_("Tags"), known_only=True)]
        if op in ("period", "anniversary"):
            options = [(key, translate(text)) for key, text in periods.PERIODS.items()]
            return [ChoiceEditor(options, name=_("Period"), empty=None)]
        if op in ("older_days", "next_days"):
            return [ValueEditor(Kind.INTEGER, name=_("Days"))]
        count = 2 if op == "between" else 1
        if field.kind in DATE_KINDS:
            return [DateEditor(name=label_of(field)) for _number in range(count)]
        if field.kind is Kind.USER:
            return [CheckList(self._users) if op in ("in", "not_in") else ChoiceEditor(self._users, empty=None)]
        if field.kind is Kind.LINK:
            return [make_picker(office, field.target, name=label_of(field))]
        if field.kind is Kind.CHOICE and op in ("in", "not_in"):
            return [CheckList([(one.key, choice_text(field, one)) for one in field.choices])]
        if field.kind in (Kind.CHOICE, Kind.CHOICES):
            options = [(one.key, choice_text(field, one)) for one in field.choices]
            return [ChoiceEditor(options, name=label_of(field), empty=None)]
        if field.kind is Kind.BOOL:
            return [YesNoEditor(name=label_of(field), empty=None)]
        if op in ("contains", "not_contains", "starts"):
            return [ValueEditor(Kind.TEXT, name=label_of(field))]
        return [make_editor(office, field) for _number in range(count)]

    def _apply(self) -> None:
        try:
            values = [editor.value() for editor in self._editors]
        except FieldError as error:
            self._say(str(error))
            return
        if any(value in (None, "", []) for value in values):
            self._say(_("Say what to compare with."))
            return
        op = self.operator.value()
        value: Any = None
        if values:
            value = [_to_json(one) for one in values] if len(values) == 2 else _to_json(values[0])
        self.close()
        self.applied.emit(Condition("@tag" if self._field is TAGS else self._field.name, op, value))

    def _say(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.show()
        self.adjustSize()


def operators_of(field: Field) -> tuple[str, ...]:
    """The comparisons offered for a field."""
    if field is TAGS:
        return _TAG_OPS
    offered = operators_for(field)
    return tuple(op for op in offered if op not in ("in", "not_in")) if field.kind is Kind.LINK else offered


def known_tags(office: Office, text: str) -> list[str]:
    """The tags that have a text in them; runs in the background."""
    with office.database.read() as connection:
        return [name for _id, name, _hue in attach_service.all_tags(connection) if fold(text) in fold(name)][:12]


def _user_options(office: Office) -> list[tuple[Any, str]]:
    """Everybody who works with the program; a few names, read at once."""
    with office.database.read() as connection:
        ids = queries.find_ids(office.database, connection, "user", limit=200)
        names = queries.titles(office.database.schema, connection, "user", list(ids))
    return [(one, names.get(one, "")) for one in ids]


def _to_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()[:10]
    return value


def _from_json(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.kind in DATE_KINDS and isinstance(value, str) and value[:4].isdigit():
        return date.fromisoformat(value[:10])
    if field.kind in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT):
        return Decimal(str(value))
    return value


def popup_point(widget: QWidget) -> QPoint:
    """Where a popup opens under a widget."""
    return widget.mapToGlobal(QPoint(0, widget.height() + px(4)))
