"""A tab of a card that lists other records: deals of a contact, people of a company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.events import RecordsChanged
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.filters import where
from crm_desktop.core.i18n import _, translate
from crm_desktop.records import custom, queries
from crm_desktop.records.queries import Record, RecordRow
from ui.framework.may import may
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.cells import WITH_AVATAR
from ui.records.kit import Related, first_values
from ui.records.room import no_least_height
from ui.records.shown import at_end, cell_text, choice_of, choice_text, currency_of, linked_entities
from ui.records.when_shown import ReadsWhenShown
from ui.widgets.buttons import Button, Switch
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState, StateStack
from ui.widgets.themed import margins
from ui.widgets.two_line import Line, TwoLineList

Told = Mapping[int, tuple[str, bool]]
_MOST = 200
_TONES = {3: "success", 4: "warning", 5: "warning", 6: "danger", 1: "accent", 7: "accent"}


def count_related(spec: Related, database: Any, connection: Any, record_id: int) -> int:
    """How many records a tab lists: for its badge, before anybody has seen it."""
    if spec.find is not None:
        return len(spec.find(database, connection, record_id))
    return queries.count(database, connection, spec.entity, filter=where(spec.link, "eq", record_id))


class RelatedTab(ReadsWhenShown):
    """The related records in two lines each, and the button that makes one. ``counted`` sends how many."""

    counted = Signal(int)

    def __init__(self, office: Office, navigator: Navigator, spec: Related, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec = spec
        self._office, self._navigator = office, navigator
        self._what = office.database.schema.entity(spec.entity)
        self._record: Record | None = None
        columns = self._columns()
        self._linked = linked_entities(one for one in self._what.fields if one.name in columns)
        self.list = TwoLineList(translate(spec.label))
        self.list.delegate.padding = 24
        self.list.opened.connect(lambda key: navigator.open_record(spec.entity, key))
        self.new = Button(icon="ph.plus", kind="accent", small=True)
        self.new.clicked.connect(self._create)
        self.state = StateStack(self.list, EmptyState(self._what.icon, hue=self._what.hue))
        self.state.retry.connect(self.reload)
        if isinstance(self.state.empty, EmptyState):
            self.state.empty.action.connect(self._create)
        self.wider = Switch()
        self.wider_label = Label("", "secondary", "text-muted")
        self.wider_label.setBuddy(self.wider)
        for one in (self.wider, self.wider_label):
            one.setVisible(spec.find_wider is not None)
        self.wider.toggled.connect(lambda _on: self.reload())
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(self.new)
        row.addStretch(1)
        row.addWidget(self.wider_label)
        row.addWidget(self.wider)
        margins(head, 16, 8, 24, 4)
        self._head = head
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(self.state, 1)
        no_least_height(self.state, 48)
        office.records_changed.connect(self._on_records_changed)
        office.access_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        new = translate(self._what.new_label)
        self.new.setText(new)
        self.wider_label.setText(translate(self.spec.wider) if self.spec.wider else "")
        self.wider.setAccessibleName(self.wider_label.text())
        self._head.setVisible(self._makes)
        empty = self.state.empty
        if isinstance(empty, EmptyState):
            empty.title.setText(_("None yet"))
            empty.text.setText("")
            empty.set_button(new if self._makes else "", "ph.plus")
            empty.set_second_button("")
        self.read_when_shown()

    def changeEvent(self, event: Any) -> None:
        if event.type() == event.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def set_record(self, record: Record) -> None:
        """Show what belongs to a record. Changes of its own records it hears of itself."""
        other = self._record is None or self._record.id != record.id
        self._record = record
        if other:
            self.state.forget()
        if other or self.spec.find is not None:  # what is found in another way may depend on anything
            self.read_when_shown()

    def _on_records_changed(self, event: RecordsChanged) -> None:
        if any(event.touches(one) for one in (self.spec.entity, *self._linked)):
            self.read_when_shown()

    def reload(self) -> None:
        """Read the list again."""
        record = self._record
        if record is None:
            return
        database, spec = self._office.database, self.spec

        find = spec.find_wider if spec.find_wider is not None and self.wider.isChecked() else spec.find

        def read(connection: Any) -> tuple[list[RecordRow], dict[str, Field], int, Told]:
            if find is not None:
                ids = list(find(database, connection, record.id))
            else:
                ids = list(queries.find_ids(
                    database, connection, spec.entity, filter=where(spec.link, "eq", record.id), limit=_MOST
                ))  # fmt: skip
            fields = {one.name: one for one in custom.fields_of(database, spec.entity, connection)}
            names = [self._what.title_field, *self._columns(), *(["currency"] if "currency" in fields else [])]
            told = spec.told(database, connection, ids[:_MOST], record.id) if spec.told is not None else {}
            return queries.fetch_rows(database, connection, spec.entity, ids[:_MOST], names), fields, len(ids), told

        self._office.read(self, read, self._show, self.state.show_error, supersede="related")

    def _columns(self) -> tuple[str, ...]:
        return self.spec.columns or tuple(n for n in self._what.list_columns if n != self._what.title_field)[:3]

    def _show(self, found: tuple[list[RecordRow], dict[str, Field], int, Told]) -> None:
        rows, fields, count, told = found
        lines = [self._line(row, fields, *told.get(row.id, ("", False))) for row in rows]
        if lines != self.list.lines():
            self.list.set_lines(lines)
        self.counted.emit(count)
        if rows:
            self.state.show_content()
        else:
            self.state.show_empty()
        self.new.setVisible(self._makes)
        self._head.setVisible(bool(rows) and self._makes or self.wider.isChecked())

    @property
    def _makes(self) -> bool:
        """Whether a new one may be made here."""
        return self.spec.values is not None and may(self._office, self.spec.entity, "create")

    def _line(self, row: RecordRow, fields: dict[str, Field], told: str = "", muted: bool = False) -> Line:
        title = str(row.values.get(self._what.title_field) or "")
        words, trailing, badge = [], None, None
        for name in self._columns():
            field, value = fields.get(name), row.values.get(name)
            if field is None or value is None:
                continue
            if field.kind is Kind.MONEY and trailing is None:
                trailing = (cell_text(field, value, currency_of(row.values)), "text", "")
            elif field.kind is Kind.CHOICE and badge is None:
                choice = choice_of(field, value)
                badge = (choice_text(field, choice), _TONES.get(choice.hue, "neutral"), "") if choice else None
            elif at_end(field) and trailing is None:
                trailing = (cell_text(field, value), "text-muted", "")
            else:
                words.append(cell_text(field, value))
        person = self._what.name in WITH_AVATAR
        return Line(
            row.id, title, told or " · ".join(words), avatar=title if person else "", icon="" if person else self._what.icon,
            badge=badge, trailing=trailing, title_color="text-muted" if muted else "text",
        )  # fmt: skip

    def _create(self) -> None:
        if self._record is not None and self.spec.values is not None:
            self._navigator.create_record(self.spec.entity, first_values(self.spec, self._record))
