"""The small form at the foot of a column: name, company, amount."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import _
from ui.framework.office import Office
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.editors import make_picker
from ui.records.kept_form import read_part, write_part
from ui.records.room import keep_later, soon
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import MoneyEditor, TextEditor
from ui.widgets.labels import Label
from ui.widgets.themed import fixed_height, margins, on_theme


class QuickAdd(QWidget):
    """A new deal from a few words. Enter goes on and creates at the end, Ctrl+Enter creates at once, Esc closes.

    ``create_requested`` sends name, company id (or None), company name (for a new one), amount (or None).
    """

    create_requested = Signal(str, object, str, object)
    closed = Signal()

    def __init__(self, office: Office, currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("quick-add")
        self._new_company = ""
        self.name = TextEditor(name=_("Name of the deal"), placeholder=_("Name of the deal"))
        self.company = make_picker(office, "company", name=_("Company"), create=True)
        self.company.setPlaceholderText(_("Company"))
        self.amount = MoneyEditor(name=_("Amount"), currency=currency)
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        self.escape = Button(_("Esc"), kind="ghost", small=True)
        self.escape.setAccessibleName(_("Close without creating"))
        self.create_button = Button(_("Create"), kind="primary", small=True)
        last = QHBoxLayout()
        last.setSpacing(px(4))
        last.addWidget(self.amount, 1)
        last.addWidget(self.escape)
        last.addWidget(self.create_button)
        box = QVBoxLayout(self)
        box.addWidget(self.name)
        box.addWidget(self.company)
        box.addLayout(last)
        box.addWidget(self.problem)
        margins(self, 9, 9, 9, 9, 8)
        for editor in (self.name, self.company, self.amount):
            editor.setMinimumHeight(0)
            fixed_height(editor, 28)
            editor.cancelled.connect(self.closed)
            editor.edited.connect(self._on_edited)
            editor.installEventFilter(self)
        self._office, self._key = office, ""
        self._timer = keep_later(self, 250, self._keep)
        for editor in (self.name, self.company, self.amount):
            editor.textChanged.connect(lambda _text: soon(self._timer))
        self.name.committed.connect(self.company.setFocus)
        self.company.committed.connect(self.amount.setFocus)
        self.company.create_requested.connect(self._create_company)
        self.company.editingFinished.connect(self._take_typed)
        self.amount.committed.connect(self.submit)
        self.create_button.clicked.connect(self.submit)
        self.escape.clicked.connect(self.closed)
        on_theme(self, self.updateGeometry)

    def resume(self, stage_id: int) -> None:
        """Begin with what was written for this stage and not saved, or with empty fields."""
        self._timer.stop()
        self._key = draft_key(self._office, "quick", "deal", "new", stage_id)
        kept = load_draft(self._key)
        self.start()
        for name, state in (kept if isinstance(kept, dict) else {}).items():
            write_part(getattr(self, name), state)
        if isinstance(kept, dict) and kept:
            keep_draft(self._key, kept)
            self._take_typed()

    def _keep(self) -> None:
        states = {name: read_part(getattr(self, name)) for name in ("name", "company", "amount")}
        if self._key:
            keep_draft(self._key, states if self.filled else None, self.name.text().strip())

    def forget(self) -> None:
        """What was written is saved, or thrown away."""
        self._timer.stop()
        forget_draft(self._key)

    def start(self) -> None:
        """Begin with empty fields; what was written before is saved or thrown away."""
        self.forget()
        self.name.set_value(None)
        self.company.set_value(None)
        self.amount.set_value(None)
        self._new_company = ""
        self.say("")
        self._timer.stop()
        self.name.setFocus()

    @property
    def filled(self) -> bool:
        """Whether something is written in it."""
        return any(editor.text().strip() for editor in (self.name, self.company, self.amount))

    def submit(self) -> None:
        """Create the deal, or say what is missing."""
        name = self.name.text().strip()
        if not name:
            self.say(_("Give the deal a name."))
            self.name.setFocus()
            return
        company_id, new_company = None, self.company.text().strip()
        if new_company != self._new_company or not new_company:
            new_company = ""
            try:
                company_id = self.company.value()
            except FieldError:
                new_company = self.company.text().strip()
        try:
            amount = self.amount.value()
        except FieldError as error:
            self.say(str(error))
            self.amount.setFocus()
            return
        self.create_requested.emit(name, company_id, new_company, amount)

    def say(self, text: str) -> None:
        """Say what is wrong; an empty text takes it away."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.updateGeometry()

    def _on_edited(self) -> None:
        if not self.problem.isHidden():
            self.say("")

    def _create_company(self, text: str) -> None:
        self._new_company = text.strip()
        self.company.set_value(0, self._new_company)
        self.amount.setFocus()

    def _take_typed(self) -> None:
        """What is typed and not chosen is taken by name: a company that is there, else a new one."""
        text = self.company.text().strip()
        if text and text != self.company.title():
            self._new_company = text
            self.company.set_value(0, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                self.submit()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "accent", "raised")
