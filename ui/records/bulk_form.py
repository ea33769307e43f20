"""Many records at once: what they have in common, and what to change in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.entities import Entity
from crm_desktop.core.errors import FieldError, ValidationFailed
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.formats import format_relative
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records import custom, queries
from crm_desktop.records.queries import RecordRow
from ui.framework import dialogs
from ui.framework.may import why_not
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.cells import WITH_AVATAR
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.editors import make_editor, start_value
from ui.records.kept_form import read_part, restored_banner, write_part
from ui.records.room import clear_layout, keep_later, no_least_height, soon
from ui.records.saving import plural_text, save_many
from ui.records.shown import currency_of, form_fields, label_of, plain, text_of
from ui.theme.theme import px
from ui.widgets.avatar import Avatar
from ui.widgets.buttons import Button
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.figures import Figure, FigureStrip
from ui.widgets.frames import scrolled
from ui.widgets.labels import Hairline, IconLabel, Label, Plane
from ui.widgets.states import BigIcon
from ui.widgets.themed import fixed_height, margins
from ui.widgets.toast import keep_readable

READ_AT_MOST = 500
"""With more records than this their values are not compared."""
_DRAFT_MS = 250
_FIRST = ("owner_id", "lifecycle", "status", "kind", "city", "company_id", "source")


class BulkRow(QWidget):
    """A label, an editor, and “in all 3” once something was written."""

    def __init__(self, office: Office, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.touched = False
        self.label = Label(label_of(field), "body", "text-muted", wrap=True)
        self.editor: Any = make_editor(office, field, inline=True, several=True)
        self.editor.setAccessibleName(label_of(field))
        self.mark = Label("", "secondary", "text-muted")
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        line = QHBoxLayout()
        line.setSpacing(px(8))
        self.label.setFixedWidth(px(112))
        line.addWidget(self.label)
        line.addWidget(self.editor, 1)
        line.addWidget(self.mark)
        box = QVBoxLayout(self)
        box.addLayout(line)
        box.addWidget(self.problem)
        margins(self, 0, 0, 0, 0, 4)
        self.mark.hide()

    def show_values(self, values: Sequence[Any]) -> None:
        """Show what the records have: the common value, or how many different ones."""
        self.editor.blockSignals(True)
        self._show(values)
        self.editor.blockSignals(False)

    def _show(self, values: Sequence[Any]) -> None:
        self.touched = False
        self.mark.hide()
        self.problem.hide()
        plains = {repr(plain(self.field, value)) for value in values}
        if len(plains) == 1:
            self.editor.set_value(start_value(self.field, values[0]))
            self._hint("")
            return
        self.editor.set_value(None)
        count = len(plains)
        self._hint(
            ngettext("{n} different value", "{n} different values", count).format(n=count)
            if count
            else _("not compared")
        )

    def _hint(self, text: str) -> None:
        if isinstance(self.editor, QLineEdit):
            self.editor.setPlaceholderText(text)
        elif isinstance(self.editor, ChoiceEditor) and self.editor.itemData(0) is None:
            self.editor.setItemText(0, text or "–")
        elif hasattr(self.editor, "setPlaceholderText"):
            self.editor.setPlaceholderText(text)

    def say(self, text: str) -> None:
        """Show a sentence under the editor."""
        self.editor.set_problem(text)
        self.problem.setText(text)
        self.problem.setVisible(bool(text))


class BulkForm(Plane):
    """The side of the list while several records are checked. ``saved`` is sent after they were changed."""

    saved = Signal()

    def __init__(self, office: Office, navigator: Navigator, entity: str, parent: QWidget | None = None) -> None:
        super().__init__("surface", parent)
        self.office, self.navigator = office, navigator
        self.spec: Entity = office.database.schema.entity(entity)
        self.ids: list[int] = []
        self._locked = False
        self.rows: dict[str, BulkRow] = {}
        self.title = Label("", "title")
        self.subtitle = Label("", "body", "text-muted", wrap=True)
        self._faces = QHBoxLayout()
        self._faces.setSpacing(0)
        self.common = Label("", "section")
        self.sums_title = Label("", "section")
        self.sums = FigureStrip(compact=True)
        self.hint = Label("", "secondary", "text-muted", wrap=True)
        self.discard = Button()
        self.save_button = Button(kind="primary", key="Ctrl+S")
        self._key = draft_key(office, "bulk", entity, "many")
        self.restored = restored_banner(self.start_again)
        self.restored.hide()
        self._draft_timer = keep_later(self, _DRAFT_MS, self._keep)
        self.discard.clicked.connect(self.start_again)
        self.save_button.clicked.connect(self.save)
        self._form = QVBoxLayout()
        self._form.setSpacing(px(8))
        self._lay_out()
        QShortcut(QKeySequence("Ctrl+S"), self, self.save, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.retranslate()

    def _lay_out(self) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addLayout(self._faces)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addWidget(self.subtitle)
        row.addLayout(column, 1)
        margins(head, 24, 16, 24, 16, 12)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(self.restored)
        box.addWidget(self.common)
        box.addLayout(self._form)
        box.addSpacing(px(16))
        box.addWidget(self.sums_title)
        box.addWidget(self.sums)
        box.addStretch(1)
        margins(inner, 24, 0, 24, 24, 8)
        area = scrolled(inner)
        no_least_height(area, 160)
        foot = QWidget()
        buttons = QHBoxLayout(foot)
        buttons.addWidget(IconLabel("ph.arrow-counter-clockwise", "text-muted", 14))
        buttons.addWidget(self.hint, 1)
        buttons.addWidget(self.discard)
        buttons.addWidget(self.save_button)
        margins(foot, 24, 0, 24, 0, 8)
        fixed_height(foot, 56)
        keep_readable(foot)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(area, 1)
        whole.addWidget(Hairline())
        whole.addWidget(foot)

    def retranslate(self) -> None:
        """Write the words again."""
        self.common.setText(_("Common fields"))
        self.discard.setText(_("Discard"))
        self._words()
        for row in self.rows.values():
            row.label.setText(label_of(row.field))

    def _words(self) -> None:
        what = plural_text(self.spec, len(self.ids))
        self.title.setText(what)
        self.sums_title.setText(_("All of them together"))
        self.hint.setText(_("Ctrl Z undoes it in all of them"))
        self.save_button.setText(_("Save in {what}").format(what=what))
        self.restrict()

    def restrict(self) -> None:
        """Let nobody write here who may not change many records at once, and say why."""
        entity = self.spec.name
        why = why_not(self.office, entity, "edit") or why_not(self.office, entity, "bulk")
        self._locked = bool(why)
        self.subtitle.setText(why or _("What you change here changes in all of them at once."))
        for row in self.rows.values():
            row.editor.setEnabled(not why)
        self._mark()

    # -- reading -----------------------------------------------------------------------------------------------

    def set_ids(self, ids: Sequence[int]) -> None:
        """Show these records; what was written and not saved stays while the choice of records changes."""
        self.ids = list(ids)
        self._words()
        if any(row.touched for row in self.rows.values()):
            self._mark()
            return
        self.reload()

    def reload(self) -> None:
        """Read the values again; what was written is thrown away."""
        ids, database, entity = list(self.ids), self.office.database, self.spec.name
        if not ids:
            return

        def read(connection: Any) -> tuple[Sequence[Field], list[RecordRow]]:
            fields = custom.fields_of(database, entity, connection)
            if len(ids) > READ_AT_MOST:
                return fields, []
            return fields, queries.fetch_rows(database, connection, entity, ids, [one.name for one in fields])

        self.office.read(self, read, self._show, supersede="bulk")

    def _show(self, found: tuple[Sequence[Field], list[RecordRow]]) -> None:
        fields, rows = found
        if not self.rows:
            self._build(fields)
            self.restrict()
        for name, row in self.rows.items():
            row.show_values([one.values.get(name) for one in rows])
        self._put_draft()
        self._show_faces(rows)
        self._show_sums(fields, rows)
        self._mark()

    def _build(self, fields: Sequence[Field]) -> None:
        skip = {self.spec.title_field, "prefix", "first_name", "last_name", "suffix", "nickname"}
        chosen = [
            one
            for one in form_fields(fields)
            if one.name not in skip and not one.unique and one.kind is not Kind.TAX_ID
        ]
        rank = {name: number for number, name in enumerate(_FIRST)}
        chosen.sort(key=lambda one: rank.get(one.name, 99))
        for one in chosen:
            if one.child and one.name not in ("city", "region", "country"):
                continue
            row = BulkRow(self.office, one)
            row.editor.edited.connect(lambda row=row: self._on_edited(row))
            self.rows[one.name] = row
            self._form.addWidget(row)

    def _put_draft(self) -> None:
        """What was written for many and never saved stands there again, whichever records are chosen now."""
        kept = load_draft(self._key)
        found = False
        for name, state in (kept if isinstance(kept, dict) else {}).items():
            if name in self.rows:
                row, found = self.rows[name], True
                row.editor.blockSignals(True)
                write_part(row.editor, state)
                row.editor.blockSignals(False)
                row.touched = True
        self.restored.setVisible(found)

    def _keep(self) -> None:
        keep_draft(self._key, {name: read_part(row.editor) for name, row in self.rows.items() if row.touched})

    def start_again(self) -> None:
        """Throw away what was written, and show what the records have."""
        self._draft_timer.stop()
        forget_draft(self._key)
        self.reload()

    def _on_edited(self, row: BulkRow) -> None:
        row.touched = True
        soon(self._draft_timer)
        row.say("")
        self._mark()

    def _mark(self) -> None:
        touched = False
        for row in self.rows.values():
            row.mark.setVisible(row.touched)
            row.mark.setText(_("in all {n}").format(n=len(self.ids)))
            touched = touched or row.touched
        self.save_button.setEnabled(touched and not self._locked)
        self.discard.setEnabled(touched)

    def _show_faces(self, rows: list[RecordRow]) -> None:
        clear_layout(self._faces)
        if self.spec.name not in WITH_AVATAR or not rows:
            self._faces.addWidget(BigIcon(self.spec.icon, self.spec.hue, 48, 12))
            return
        for row in rows[:3]:
            self._faces.addWidget(Avatar(str(row.values.get(self.spec.title_field) or "?"), 40))

    def _show_sums(self, fields: Sequence[Field], rows: list[RecordRow]) -> None:
        figures: list[Figure] = []
        for one in fields:
            filled: list[Any] = [row.values[one.name] for row in rows if row.values.get(one.name) is not None]
            if not filled or len(figures) == 3:
                continue
            if one.kind is Kind.MONEY and len({currency_of(row.values) for row in rows}) == 1:
                figures.append(Figure(label_of(one), text_of(one, sum(filled), currency_of(rows[0].values))))
            elif one.kind is Kind.NUMBER:
                figures.append(Figure(label_of(one), text_of(one, sum(filled))))
            elif one.name == "last_activity_at":
                figures.append(Figure(label_of(one), format_relative(max(filled))))
        self.sums_title.setVisible(bool(figures))
        self.sums.setVisible(bool(figures))
        self.sums.set_figures(figures)

    # -- saving ------------------------------------------------------------------------------------------------

    def focus_field(self, name: str) -> None:
        """Put the cursor into a field."""
        if name in self.rows:
            self.rows[name].editor.setFocus()

    def save(self) -> None:
        """Give every record what was written."""
        values: dict[str, Any] = {}
        for name, row in self.rows.items():
            if not row.touched:
                continue
            try:
                value = row.editor.value()
            except FieldError as error:
                row.say(str(error))
                row.editor.setFocus()
                return
            if value is not None or row.field.kind is not Kind.BOOL:
                values[name] = value
        if values and self.ids:
            self.save_button.setEnabled(False)
            save_many(self, self.office, self.navigator, self.spec.name, self.ids, values, self._done, self._refused)

    def _done(self) -> None:
        for row in self.rows.values():
            row.touched = False
        self.start_again()
        self.saved.emit()

    def _refused(self, error: Exception) -> None:
        self.save_button.setEnabled(True)
        if isinstance(error, ValidationFailed):
            homeless = []
            for one in error.errors:
                if one.field in self.rows:
                    self.rows[one.field].say(str(one))
                else:
                    homeless.append(str(one))
            if not homeless:
                return
        dialogs.show_error(self, error)
