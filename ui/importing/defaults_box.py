"""Values for new records that the file does not have: the owner, the source, tags."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import LINK_KINDS, Field, Kind
from crm_desktop.core.i18n import _
from crm_desktop.importing.targets import LINKS, OTHER, TAGS
from crm_desktop.records import queries
from ui.importing.draft import Draft
from ui.importing.field_popup import FindPopup
from ui.importing.session import ImportSession
from ui.importing.words import field_label, title_icon
from ui.records.editors import make_editor
from ui.theme.theme import px
from ui.widgets.buttons import IconButton
from ui.widgets.chips import AddChip
from ui.widgets.editor_base import TextEditor
from ui.widgets.labels import Label
from ui.widgets.results import Result

_SIMPLE = frozenset(Kind) - {Kind.JSON, Kind.LONG_TEXT, Kind.CHOICES}


class DefaultsBox(QWidget):
    """A line for each value, and a chip that adds one."""

    def __init__(self, session: ImportSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.heading = Label("", "section")
        self.text = Label("", "secondary", "text-muted", wrap=True)
        self.editors: dict[str, Any] = {}
        self._grid_holder = QWidget()
        self._grid = QGridLayout(self._grid_holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(6))
        self._grid.setColumnStretch(1, 1)
        self.add = AddChip()
        self.add.clicked.connect(self._choose)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(px(6))
        box.addWidget(self.heading)
        box.addWidget(self.text)
        box.addWidget(self._grid_holder)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        box.addLayout(line)

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        self.heading.setText(_("Values for new records"))
        self.text.setText(_("For what the file does not say. In texts, {Column} stands for the cell of that column."))
        self.add.setText(_("Add a value"))

    def show_plan(self, draft: Draft) -> None:
        """Show the values of the plan."""
        assert draft.plan is not None
        wanted = [name for name in draft.plan.defaults if draft.field_named(name) is not None]
        if wanted != list(self.editors):
            self._build(draft, wanted)

    def _build(self, draft: Draft, names: list[str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.editors = {}
        for line, name in enumerate(names):
            one = draft.field_named(name)
            if one is None or draft.plan is None:
                continue
            editor = self._editor(one, draft.plan.defaults[name])
            editor.committed.connect(lambda name=name: self._take(name))
            if hasattr(editor, "editingFinished"):
                editor.editingFinished.connect(lambda name=name: self._take(name))
            remove = IconButton("ph.x", _("Remove {field}").format(field=field_label(one)), kind="ghost")
            remove.clicked.connect(lambda _on=False, name=name: self._remove(name))
            self._grid.addWidget(Label(field_label(one)), line, 0)
            self._grid.addWidget(editor, line, 1)
            self._grid.addWidget(remove, line, 2)
            self.editors[name] = editor
        self._grid_holder.setVisible(bool(self.editors))

    def _editor(self, one: Field, value: Any) -> Any:
        template = isinstance(value, str) and "{" in value
        if one.name == TAGS or template or one.name == self._title_field():
            editor = TextEditor(name=field_label(one), parent=self)
            editor.set_value(value or None)
            return editor
        editor = make_editor(self.session.office, one, self)
        if one.kind in LINK_KINDS:
            self._show_link(editor, one, value)
        elif value not in (None, ""):
            editor.set_value(_typed(one, value))
        return editor

    def _show_link(self, editor: Any, one: Field, value: Any) -> None:
        if not value:
            return
        database, target = self.session.office.database, one.target or "user"

        def shown(titles: dict[int, str]) -> None:
            editor.set_value((int(value), titles.get(int(value), str(value))))

        self.session.office.read(
            editor, lambda connection: queries.titles(database.schema, connection, target, [int(value)]), shown
        )

    def _title_field(self) -> str:
        draft = self.session.draft
        return str(self.session.schema.entity(draft.plan.entity).title_field) if draft and draft.plan else ""

    def _take(self, name: str) -> None:
        draft, editor = self.session.draft, self.editors.get(name)
        if draft is None or draft.plan is None or editor is None:
            return
        try:
            value = _plain(editor.value())
        except FieldError as error:
            editor.set_problem(str(error))
            return
        if draft.plan.defaults.get(name) != value:
            self.session.change(defaults={**draft.plan.defaults, name: value})

    def _remove(self, name: str) -> None:
        draft = self.session.draft
        if draft is not None and draft.plan is not None:
            self.session.change(defaults={key: value for key, value in draft.plan.defaults.items() if key != name})

    def _choose(self) -> None:
        draft = self.session.draft
        if draft is None or draft.plan is None or draft.guess is None:
            return
        entity = self.session.schema.entity(draft.plan.entity)
        results = [
            Result(one.name, field_label(one), icon=title_icon(one, entity, self.session.schema), data=one.name)
            for one in draft.guess.targets
            if one.kind in _SIMPLE and one.name not in draft.plan.defaults and _may_default(one)
        ]
        popup = FindPopup(_("Find a field"), results, parent=self)
        popup.chosen.connect(self._add_field)
        popup.open_below(self.add, QPoint(0, self.add.height() + px(4)))

    def _add_field(self, name: str) -> None:
        draft = self.session.draft
        if draft is not None and draft.plan is not None:
            self.session.change(defaults={**draft.plan.defaults, name: ""})
            if name in self.editors:
                self.editors[name].setFocus()


def _may_default(one: Field) -> bool:
    """Whether one value can hold for every new record."""
    unique = one.child.startswith("points.") or one.unique or one.name.startswith(LINKS) or one.name.endswith(OTHER)
    return not unique and not one.custom


def _plain(value: Any) -> Any:
    """A value as plans keep it: plain, for JSON."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else "" if value is None else value


def _typed(one: Field, value: Any) -> Any:
    """A kept value as the field's editor takes it."""
    if one.kind is Kind.DATE and isinstance(value, str):
        return date.fromisoformat(value)
    if one.kind in (Kind.DATETIME, Kind.LOCAL_DATETIME) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if one.kind in (Kind.MONEY, Kind.NUMBER, Kind.PERCENT) and isinstance(value, str):
        return Decimal(value)
    return value
