"""What was typed on this computer and never saved: where it belongs, when it was written, and the way back to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListWidget, QListWidgetItem, QPlainTextEdit, QVBoxLayout, QWidget

from crm_desktop.core.formats import format_relative
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import queries
from ui.framework import dialogs
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drafts import Draft, draft_text, drafts_of, forget_draft, given_values
from ui.records.shown import label_of
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.labels import Label
from ui.widgets.states import EmptyState
from ui.widgets.themed import margins

_KINDS = {
    "form": N_("Form"),
    "note": N_("Note"),
    "comment": N_("Comment"),
    "edit": N_("Changed note"),
    "call": N_("Call"),
    "reply": N_("Answer in a case"),
    "fact": N_("Field"),
    "event": N_("Event"),
    "consent": N_("Consent"),
    "relation": N_("Relationship"),
    "bulk": N_("Many at once"),
    "setting": N_("Settings"),
    "lost": N_("Why it was lost"),
    "later": N_("Postponed"),
    "quick": N_("New deal"),
    "solution": N_("How it was solved"),
    "correction": N_("Corrected message"),
}
_TABS = {"fields": "fields", "pipelines": "pipelines", "office": "office", "person": "people", "team": "people"}
_PAGES = {"contact": "contacts", "company": "companies", "deal": "pipeline", "product": "products", "case": "cases"}  # fmt: skip
NEW = "new"


def place_of(draft: Draft) -> tuple[str, int | None]:
    """The record type and the record that a draft belongs to; None for one that does not exist yet."""
    parts = draft.parts
    if parts[0] in ("setting", "bulk"):
        return (parts[1] if parts[0] == "bulk" else ""), None
    if parts[0] in ("comment", "edit"):
        parts = parts[1:]
    entity, identity = (parts[1], parts[2]) if len(parts) > 2 else ("", "")
    return entity, int(identity) if identity.isdecimal() else None


class UnsavedDialog(QDialog):
    """The drafts of whoever is signed in, newest first. Enter opens one where it belongs, Delete throws it away."""

    def __init__(self, office: Office, navigator: Navigator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.office, self.navigator = office, navigator
        self._titles: Mapping[int, str] = {}
        self.setWindowTitle(_("Unsaved text"))
        self.hint = Label(
            _("This was typed on this computer and never saved. Only you see it."), "body", "text-muted", wrap=True
        )
        self.list = QListWidget()
        self.list.setAccessibleName(_("Unsaved text"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(_("What was typed"))
        self.empty = EmptyState(
            "ph.check-circle", _("Everything is saved"), _("What you type and do not save yet is listed here.")
        )
        self.empty.set_button("")
        self.open_button = Button(_("Go on writing"), kind="primary")
        self.copy_button = Button(_("Copy the text"), icon="ph.copy")
        self.drop_button = Button(_("Throw away"), icon="ph.trash")
        self.close_button = Button(_("Close"))
        self.open_button.clicked.connect(self.open_draft)
        self.copy_button.clicked.connect(self.copy_draft)
        self.drop_button.clicked.connect(self.drop_draft)
        self.close_button.clicked.connect(self.reject)
        self.list.currentRowChanged.connect(lambda _row: self._show_text())
        self.list.itemActivated.connect(lambda _item: self.open_draft())
        self._lay_out()
        self.resize(px(720), px(460))
        self.reload()
        self._read_titles()

    def _lay_out(self) -> None:
        middle = QHBoxLayout()
        middle.setSpacing(px(12))
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(self.list, 2)
        middle.addWidget(self.text, 3)
        self._middle = QWidget()
        self._middle.setLayout(middle)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for button in (self.drop_button, self.copy_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.close_button, self.open_button):
            buttons.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addWidget(self.hint)
        whole.addWidget(self._middle, 1)
        whole.addWidget(self.empty, 1)
        whole.addLayout(buttons)
        margins(self, 24, 20, 24, 16, 12)

    def _read_titles(self) -> None:
        """Name the records as they are called now."""
        schema = self.office.database.schema
        wanted: dict[str, list[int]] = {}
        for draft in drafts_of(self.office):
            entity, identity = place_of(draft)
            if identity is not None and entity in schema.entities:
                wanted.setdefault(entity, []).append(identity)

        def read(connection: object) -> dict[int, str]:
            found: dict[int, str] = {}
            for entity, ids in wanted.items():
                found |= queries.titles(schema, connection, entity, ids)  # type: ignore[arg-type]
            return found

        def show(found: dict[int, str]) -> None:
            self._titles = found
            self.reload()

        if wanted:
            self.office.read(self, read, show, lambda _error: None)

    def reload(self) -> None:
        """List the drafts that there are."""
        row = max(0, self.list.currentRow())
        self.list.clear()
        for draft in drafts_of(self.office):
            item = QListWidgetItem(self._words(draft))
            item.setData(Qt.ItemDataRole.UserRole, draft)
            item.setSizeHint(QSize(0, px(48)))
            self.list.addItem(item)
        some = self.list.count() > 0
        for widget in (self._middle, self.hint, self.open_button, self.copy_button, self.drop_button):
            widget.setVisible(some)
        self.empty.setVisible(not some)
        self.list.setCurrentRow(min(row, self.list.count() - 1))
        self._show_text()

    def _words(self, draft: Draft) -> str:
        schema = self.office.database.schema
        entity, identity = place_of(draft)
        spec = schema.entities.get(entity)
        kind = translate(_KINDS.get(draft.parts[0], _KINDS["form"]))
        if draft.parts[0] == "fact" and spec is not None and spec.has(draft.parts[3]):
            kind = label_of(spec.field(draft.parts[3]))
        title = self._titles.get(identity or 0) or draft.title
        if draft.parts[0] == "bulk" and spec is not None:
            title = translate(spec.plural)
        elif not title and spec is not None:
            title = translate(spec.new_label if identity is None else spec.label)
        when = format_relative(datetime.fromisoformat(draft.at)) if draft.at else ""
        return f"{title}\n{kind} · {when}"

    def current(self) -> Draft | None:
        """The draft that is chosen."""
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found if isinstance(found, Draft) else None

    def _show_text(self) -> None:
        draft = self.current()
        self.text.setPlainText(draft_text(draft) if draft is not None else "")

    def open_draft(self) -> None:
        """Go where the text belongs; it stands there as it was typed."""
        draft = self.current()
        if draft is None:
            return
        entity, identity = place_of(draft)
        self.accept()
        if draft.parts[0] == "setting":
            self.navigator.open_page("settings", tab=_TABS.get(draft.parts[1], "office"))
            return
        if draft.parts[0] in ("bulk", "quick"):
            self.navigator.open_page(_PAGES.get(entity, "contacts"))
            return
        if identity is None:
            self.navigator.create_record(entity, given_values(draft))
            return
        self.navigator.open_record(entity, identity)
        if draft.parts[0] == "form":
            from ui.records.record_dialog import open_edit  # lazy: forms are opened seldom from here

            open_edit(self.office, self.navigator, self.parentWidget() or self, entity, identity)

    def copy_draft(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def drop_draft(self) -> None:
        """Forget the text, after asking."""
        draft = self.current()
        if draft is not None and dialogs.may_throw_away(self, draft_text(draft)[:200]):
            forget_draft(draft.key)
            self.reload()
