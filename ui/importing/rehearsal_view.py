"""What a rehearsal found: the promise, five counts that filter, the rows behind each, and the current row in full."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.formats import format_integer, format_time
from crm_desktop.core.i18n import _, ngettext, translate
from crm_desktop.importing.result import ImportResult
from ui.framework import settings
from ui.framework.navigation import Navigator
from ui.importing.draft import Draft
from ui.importing.parts import StackBar
from ui.importing.rehearsal_rows import (
    CREATED,
    DUPLICATES,
    PROBLEMS,
    REJECTED,
    UNCHANGED,
    UPDATED,
    Found,
    Wanted,
    find_rows,
    shown_fields,
)
from ui.importing.rehearsal_table import RehearsalTable
from ui.importing.row_details import RowDetails
from ui.importing.session import ImportSession
from ui.importing.words import folded_text
from ui.theme.theme import px
from ui.widgets.card_button import CountCard
from ui.widgets.chips import Chip
from ui.widgets.frames import scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import Hairline, Label
from ui.widgets.search_box import SearchBox
from ui.widgets.states import EmptyState
from ui.widgets.themed import margins

_TOKENS = {CREATED: "success", UPDATED: "accent", UNCHANGED: "chart-4", DUPLICATES: "warning", REJECTED: "danger"}
_ICONS = {
    CREATED: "ph.plus-circle",
    UPDATED: "ph.pencil-simple",
    UNCHANGED: "ph.equals",
    DUPLICATES: "ph.intersect",
    REJECTED: "ph.x-circle",
}


class RehearsalView(QWidget):
    """The rows of the current part; ``changed`` is sent when others are shown."""

    changed = Signal()

    def __init__(self, session: ImportSession, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.navigator = navigator
        self.kind = CREATED
        self.only_field = ""
        self.only_changes = False
        """Whether only fields that change somewhere have a column."""
        self._sort = ("", False)
        self._found: Found | None = None
        self._make_head()
        self._make_body()
        head = QWidget()
        top = QVBoxLayout(head)
        top.addWidget(self.promise)
        top.addLayout(self._card_row())
        top.addWidget(self.bar)
        top.addLayout(self._filter_row())
        margins(head, 24, 8, 24, 8, 8)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(head)
        box.addWidget(Hairline())
        box.addWidget(self.splitter, 1)

    def _make_head(self) -> None:
        self.promise = Banner(kind="success", icon="ph.shield-check")
        self.when = Label("", "secondary", "text-muted")
        self.promise.add(self.when)
        margins(self.promise, 12, 4, 12, 4, 8)
        self.parts = Chip(icon="ph.stack", menu=True)
        self.parts.clicked.connect(self._choose_part)
        self.promise.add(self.parts)
        self.cards: dict[str, CountCard] = {}
        self._group = QButtonGroup(self)
        self.bar = StackBar()
        self.heading = Label("", "section")
        self.about = Label("", "body", "text-muted")
        self.search = SearchBox(small=True, delay=250)
        self.search.searched.connect(lambda _text: self.fill())
        self.search.down_pressed.connect(lambda: self.table.setFocus())
        self.clears = Chip(checkable=True)
        self.clears.clicked.connect(lambda _on=False: self.fill())
        self.restored = Chip(icon="ph.arrow-counter-clockwise", checkable=True)
        self.restored.clicked.connect(lambda _on=False: self.fill())
        self.by_field = Chip(menu=True)
        self.by_field.clicked.connect(self._choose_field)
        self.problems = Chip(icon="ph.warning", icon_color="warning", checkable=True)
        self.problems.clicked.connect(lambda on=False: self.show_kind(PROBLEMS if on else self.first_kind()))

    def _card_row(self) -> QHBoxLayout:
        cards = QHBoxLayout()
        cards.setSpacing(px(12))
        for kind, icon in _ICONS.items():
            color = "text-muted" if kind == UNCHANGED else _TOKENS[kind]
            card = CountCard("", "0", icon, color)
            card.clicked.connect(lambda _on=False, kind=kind: self.show_kind(kind))
            self.cards[kind] = card
            self._group.addButton(card)
            cards.addWidget(card)
        return cards

    def _filter_row(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(px(8))
        line.addWidget(self.heading)
        line.addWidget(self.about)
        line.addStretch(1)
        for widget in (self.clears, self.restored, self.by_field, self.problems, self.search):
            line.addWidget(widget)
        return line

    def _make_body(self) -> None:
        self.table = RehearsalTable(self.session.office)
        self.table.current_row_changed.connect(lambda _row: self._show_row())
        self.table.row_activated.connect(lambda _index: self._open_record())
        self.table.model_rows.page_read.connect(self._show_row)
        self.table.model_rows.sort_requested.connect(self._sort_by)
        self.nothing = EmptyState("ph.equals", hue=8)
        self.below = QStackedWidget()
        self.below.addWidget(self.table)
        self.empty = scrolled(self.nothing)
        self.below.addWidget(self.empty)
        self.row = RowDetails(self.session)
        self.row.record_requested.connect(self._open_record)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.below)
        self.splitter.addWidget(self.row)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([px(320), px(160)])
        settings.remember_splitter(self.splitter, "import.rehearsal")

    # -- the outcome -------------------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft | None:
        """The part that is shown, once it was rehearsed."""
        draft = self.session.draft
        return draft if draft is not None and draft.ready and draft.rehearsal is not None else None

    @property
    def result(self) -> ImportResult:
        """What the rehearsal found about the part."""
        draft = self.draft
        assert draft is not None and draft.rehearsal is not None
        return draft.rehearsal

    def count(self, kind: str) -> int:
        """How many rows, or cells, there are of a kind."""
        result = self.result
        numbers = {
            CREATED: result.created, UPDATED: result.updated, UNCHANGED: result.unchanged,
            DUPLICATES: result.duplicates, REJECTED: result.rejected_count, PROBLEMS: result.problem_count,
        }  # fmt: skip
        return numbers[kind]

    @property
    def shown(self) -> int:
        """How many rows the table has."""
        return len(self._found.ids) if self._found is not None else 0

    def first_kind(self) -> str:
        """What deserves the first look: changes, then what is new, then what is not taken."""
        for kind in (UPDATED, CREATED, REJECTED, DUPLICATES, UNCHANGED):
            if self.count(kind):
                return kind
        return CREATED

    def show_result(self, *, fresh: bool = False) -> None:
        """Show the numbers and rows of the current part; ``fresh`` forgets what was filtered."""
        if self.draft is None:
            return
        if fresh:
            self.only_field, self.only_changes, self._sort = "", False, ("", False)
            for chip in (self.clears, self.restored):
                chip.setChecked(False)
            self.search.blockSignals(True)
            self.search.clear()
            self.search.blockSignals(False)
            self.kind = self.first_kind()
        self._name_promise()
        for kind, card in self.cards.items():
            card.set_count(format_integer(self.count(kind)))
        told = ", ".join(f"{card.text()} {format_integer(self.count(kind))}" for kind, card in self.cards.items())
        self.bar.set_parts([(self.count(kind), _TOKENS[kind]) for kind in self.cards], told)
        self.row.set_result(self.result)
        self.show_kind(self.kind)

    def _name_promise(self) -> None:
        draft = self.draft
        assert draft is not None
        self.promise.strong.setText(_("Nothing has been written yet."))
        self.promise.strong.show()
        found = self.session.rehearsal
        several = found is not None and len(found.parts) > 1
        total = found.total("rows_read") if found is not None else self.result.rows_read
        rows = ngettext(
            "This is exactly what would happen to the {n} row.",
            "This is exactly what would happen to the {n} rows.",
            total,
        ).format(n=format_integer(total))
        if several and found is not None:
            sums = _("In all: {created} new, {updated} changed, {rejected} rejected.").format(
                created=format_integer(found.total("created")), updated=format_integer(found.total("updated")),
                rejected=format_integer(found.total("rejected_count")),
            )  # fmt: skip
            rows = f"{rows} {sums}"
        self.promise.text.setText(rows)
        self.when.setText(_("database of today, {time}").format(time=format_time(draft.rehearsed_at or clock.now())))
        self.parts.setVisible(several)
        if several:
            self.parts.setText(_("Part: {name}").format(name=self.session.part_title(draft)))

    def show_kind(self, kind: str) -> None:
        """Show the rows of one count."""
        if kind != self.kind:
            self._sort = ("", False)
            self.table.header.set_sorts([])
        self.kind = kind
        self._group.setExclusive(False)
        for name, card in self.cards.items():
            card.setChecked(name == kind)
        self._group.setExclusive(kind != PROBLEMS)
        self.problems.setChecked(kind == PROBLEMS)
        self.fill()

    # -- the rows ----------------------------------------------------------------------------------------------

    def fill(self) -> None:
        """Look the rows up that are wanted, and show them."""
        draft = self.draft
        if draft is None or draft.plan is None:
            return
        result, plan, database = self.result, draft.plan, self.session.office.database
        journal = result.journal
        if journal is None:
            return
        updated = self.kind == UPDATED
        wanted = Wanted(
            result.place, self.kind, self.search.text(), self.only_field if updated else "",
            self.clears.isChecked() and updated, self.restored.isChecked() and updated, *self._sort,
        )  # fmt: skip

        def done(found: Found) -> None:
            if self.draft is draft and draft.rehearsal is result:
                self._found = found
                self._show_found()

        self.session.office.read(
            self, lambda connection: find_rows(database, connection, journal, plan, wanted), done, supersede="rows"
        )

    def _show_found(self) -> None:
        found, draft = self._found, self.draft
        if found is None or draft is None or draft.plan is None:
            return
        self._name_chips(found)
        self._name_heading(found)
        spec = self.session.schema.entity(draft.plan.entity)
        changing = [name for name, _label, _number in found.fields] if self.kind == UPDATED else []
        only = self.only_changes and self.kind == UPDATED
        fields = shown_fields(draft, spec.list_columns, spec.title_field, changing, only=only)
        if len(found.ids):
            self.table.show_kind(translate(spec.label), fields, found)
            self.below.setCurrentWidget(self.table)
        else:
            self._say_nothing(found)
            self.below.setCurrentWidget(self.empty)
        self._show_row()
        self.changed.emit()

    def _name_heading(self, found: Found) -> None:
        number = len(found.ids)
        words = {
            CREATED: ngettext("{n} new", "{n} new", number),
            UPDATED: ngettext("{n} changed", "{n} changed", number),
            UNCHANGED: ngettext("{n} unchanged", "{n} unchanged", number),
            DUPLICATES: ngettext("{n} duplicate", "{n} duplicates", number),
            REJECTED: ngettext("{n} rejected", "{n} rejected", number),
            PROBLEMS: ngettext("{n} cell does not fit", "{n} cells do not fit", number),
        }
        self.heading.setText(words[self.kind].format(n=format_integer(number)))
        about = ""
        if found.wanted.narrowed:
            about = _("of {n}").format(n=format_integer(self.count(self.kind)))
        elif self.kind == UPDATED and number:
            cells = found.sums[0]
            about = ngettext("{n} cell changes", "{n} cells change", cells).format(n=format_integer(cells))
        elif self.kind == PROBLEMS:
            kept = self.result.plan.keep_bad_cells
            about = (
                _("the rows are imported, the texts go to the remarks")
                if kept
                else _("the rows are imported without them")
            )
        elif self.kind in (CREATED, UNCHANGED):
            about = folded_text(self.result.folded)
        self.about.setText(about)

    def _name_chips(self, found: Found) -> None:
        updated = self.kind == UPDATED and self.result.updated > 0
        self.clears.setText(_("Clear a value"))
        self.clears.set_count(format_integer(found.sums[1]))
        self.clears.setVisible(updated and found.sums[1] > 0)
        self.restored.setText(_("Back from “Recently deleted”"))
        self.restored.set_count(format_integer(self.result.restored))
        self.restored.setVisible(updated and self.result.restored > 0)
        labels = {name: label for name, label, _number in found.fields}
        self.by_field.setText(_("Field: {name}").format(name=labels.get(self.only_field) or _("all")))
        self.by_field.setVisible(updated and bool(labels))
        self.problems.setText(_("Cells that do not fit"))
        self.problems.set_count(format_integer(self.result.problem_count))
        self.problems.setVisible(self.result.problem_count > 0)

    def _say_nothing(self, found: Found) -> None:
        texts = {
            CREATED: (_("No row is new"), _("Every row that can be imported has its record already.")),
            UPDATED: (_("No record changes"), _("No row says something new about a record that is here already.")),
            UNCHANGED: (_("No row is unchanged"), _("Every row says something new, or is left out.")),
            DUPLICATES: (_("No duplicates"), _("No two rows are the same, and none is left out.")),
            REJECTED: (_("Nothing is rejected"), _("Every row can be imported.")),
            PROBLEMS: (_("Every cell fits"), ""),
        }
        title, text = texts[self.kind]
        if found.wanted.narrowed and self.count(self.kind):
            title, text = _("None of the rows"), _("Search for something else, or take a filter off.")
        self.nothing.title.setText(title)
        self.nothing.text.setText(text)
        self.nothing.set_button("")
        self.nothing.set_second_button("")

    def _sort_by(self, key: str, descending: bool) -> None:
        if key in ("row", "title", "changes"):
            self._sort = (key, descending)
            self.fill()
        else:
            self.table.header.set_sorts([])

    def _choose_field(self) -> None:
        found = self._found
        choices = [("", _("all"), 0), *(found.fields if found is not None else [])]
        self._menu(
            self.by_field,
            [(f"{label}  {format_integer(number)}" if number else label, name) for name, label, number in choices],
            self.only_field, self._set_field, (_("Columns that change only"), self.only_changes, self._set_columns),
        )  # fmt: skip

    def _set_columns(self, only: bool) -> None:
        self.only_changes = only
        self._show_found()

    def _set_field(self, name: Any) -> None:
        self.only_field = name
        self.fill()

    def _choose_part(self) -> None:
        choices = []
        for place, draft in enumerate(self.session.drafts):
            rows = draft.rehearsal.written if draft.rehearsal is not None else 0
            choices.append((f"{self.session.part_title(draft)}  {format_integer(rows)}", place))
        self._menu(self.parts, choices, self.session.current, self.session.choose_part)

    def _menu(
        self, under: QWidget, choices: list[tuple[str, Any]], chosen: Any, choose: Any,
        switch: tuple[str, bool, Any] | None = None,
    ) -> None:  # fmt: skip
        menu = QMenu(self)
        group = QActionGroup(menu)
        for text, value in choices:
            action = menu.addAction(text.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(value == chosen)
            action.triggered.connect(lambda _on=False, value=value: choose(value))
            group.addAction(action)
        if switch is not None:
            menu.addSeparator()
            action = menu.addAction(switch[0])
            action.setCheckable(True)
            action.setChecked(switch[1])
            action.triggered.connect(switch[2])
        menu.exec(under.mapToGlobal(QPoint(0, under.height() + px(4))))

    def _show_row(self) -> None:
        shown = self.table.current() if self.below.currentWidget() is self.table else None
        self.row.show_row(shown if shown is not None and shown.row else None, self.kind)

    def _open_record(self) -> None:
        draft, row = self.draft, self.table.current()
        if draft is not None and draft.plan is not None and row is not None and row.record_id is not None:
            self.navigator.open_record(draft.plan.entity, row.record_id, new_window=True)

    def retranslate(self) -> None:
        """Write the words in the language in use."""
        words = {
            CREATED: _("New"),
            UPDATED: _("Changed"),
            UNCHANGED: _("Unchanged"),
            DUPLICATES: _("Duplicates"),
            REJECTED: _("Rejected"),
        }
        for kind, card in self.cards.items():
            card.setText(words[kind])
        self.search.set_placeholder(_("Find in the rows"))
        self.table.setAccessibleName(_("Rows of the rehearsal"))
        if self.draft is not None and self.draft.rehearsed:
            self.show_result()
