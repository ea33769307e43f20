"""The windows of cases: how it was solved, the words of a message, and a new case with what the customer said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.cases import service as cases
from crm_desktop.core.errors import UserError, ValidationFailed
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.records import custom
from ui.framework import dialogs, settings
from ui.framework.navigation import Navigator
from ui.framework.office import Office
from ui.records.drafts import draft_key, forget_draft, given_json, given_parts, keep_draft, load_draft
from ui.records.form import RecordForm
from ui.records.kept_form import KeptForm, may_close
from ui.records.room import keep_later, soon
from ui.records.saving import show_saved
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.editor_base import LongTextEditor
from ui.widgets.frames import dialog_foot, lay_out_dialog, scrolled
from ui.widgets.headers import Banner
from ui.widgets.labels import ElidedLabel, IconLabel, Label, Plane
from ui.widgets.themed import fixed_height, margins

_DRAFT_MS = 300
NEW_FIELDS = (
    "subject", "contact_id", "company_id", "priority", "channel", "category", "product_id", "owner_id", "team_id",
)  # fmt: skip
_SHORTCUTS = ("Ctrl+S", "Ctrl+Return", "Ctrl+Enter")


class TextDialog(QDialog):
    """A few lines of text with a title, a sentence and a button. ``text()`` is what was written."""

    def __init__(
        self, parent: QWidget, title: str, hint: str, text: str, *, icon: str, button: str, needed: bool = False
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._needed = needed
        self.editor = LongTextEditor(name=title, lines=6, most=12)
        self.editor.set_value(text)
        self.editor.edited.connect(self._enable)
        self.ok = Button(button, kind="primary", key="Ctrl+Return")
        self.ok.clicked.connect(self.accept)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.reject)
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(IconLabel(icon, "text-muted", 18))
        head.addWidget(ElidedLabel(title, "title"), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.ok)
        box = QVBoxLayout(self)
        box.addLayout(head)
        if hint:
            box.addWidget(Label(hint, "body", "text-muted", wrap=True))
        box.addWidget(self.editor)
        box.addLayout(buttons)
        margins(self, 24, 20, 24, 16, 12)
        self.setMinimumWidth(px(520))
        for keys in _SHORTCUTS:
            QShortcut(QKeySequence(keys), self, self.ok.click)
        self.kept: KeptForm | None = None
        self._box = box
        self._enable()
        self.editor.setFocus()

    def keep_draft(self, key: str, title: str) -> None:
        """Keep what is written under a name, and show what is kept there already; ``settled`` lets it go."""
        self.kept = KeptForm(self, key, {"text": self.editor}, title=title, after=self._enable)
        self.kept.show_in(self._box, 1)

    def settled(self) -> None:
        """What was written is saved."""
        if self.kept is not None:
            self.kept.done()
        self.deleteLater()

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        if self.kept is None or not self.kept.has_text() or self.kept.may_close(self):
            super().reject()

    def _enable(self) -> None:
        self.ok.setEnabled(not self._needed or bool(self.text()))

    def text(self) -> str:
        """What was written."""
        return str(self.editor.value() or "").strip()


def ask_solution(parent: QWidget, subject: str, key: str, text: str = "") -> TextDialog | None:
    """How a case was solved; None for Escape. What is written is a draft named ``key`` until it is ``settled``."""
    dialog = TextDialog(
        parent, _("How was it solved?"),
        _("{subject}. A sentence helps whoever has the same problem next; it may stay empty.").format(subject=subject),
        text, icon="ph.check-circle", button=_("Mark as solved"),
    )  # fmt: skip
    return _asked(dialog, key, subject)


def _asked(dialog: TextDialog, key: str, title: str) -> TextDialog | None:
    dialog.keep_draft(key, title)
    if dialogs.run_dialog(dialog):
        return dialog
    dialog.deleteLater()
    return None


def ask_message(parent: QWidget, subject: str, key: str, text: str) -> TextDialog | None:
    """The corrected words of a message; None for Escape. They are a draft named ``key`` until ``settled``."""
    title = _("Correct the message")
    dialog = TextDialog(parent, title, "", text, icon="ph.pencil-simple", button=_("Save"), needed=True)
    return _asked(dialog, key, subject)


class NewCaseDialog(QDialog):
    """The form of a new case, with what the customer said as its first message. What is not saved stays as a draft."""

    def __init__(
        self, office: Office, navigator: Navigator, parent: QWidget | None, values: Mapping[str, Any],
        on_saved: Callable[[int], None],
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("form-case")
        self.office, self.navigator = office, navigator
        self._given, self._on_saved = dict(values), on_saved
        self._key = draft_key(office, "form", "case", "new", *given_parts(self._given))
        self._saving = self._done = False
        spec = office.database.schema.entity("case")
        fields = custom.fields_of(office.database, "case")
        names = [*NEW_FIELDS, *(one.name for one in fields if one.custom and one.in_form)]
        self.form = RecordForm(office, "case", fields, navigator=navigator, names=names)
        self.said = SegmentedControl(
            [("in", _("The customer says"), "ph.chat-text"), ("internal", _("Internal note"), "ph.lock-simple")]
        )
        self.message = LongTextEditor(name=_("First message"), lines=5, most=10)
        self.message.setPlaceholderText(_("What happened, in the words of the customer"))
        self.notice = Banner(kind="danger", icon="ph.warning-circle")
        self.notice.hide()
        self.setWindowTitle(translate(spec.new_label))
        self._lay_out(spec.icon)
        self._fill()
        self.form.edited.connect(self.notice.hide)
        self._draft_timer = keep_later(self, _DRAFT_MS, self._keep)
        for editor in (self.form, self.message):
            editor.edited.connect(lambda: soon(self._draft_timer))
        self.form.submitted.connect(lambda: self.focusNextChild())
        for keys in _SHORTCUTS:
            QShortcut(QKeySequence(keys), self, self.save)
        if not settings.restore_geometry(self, "form.case"):
            self.resize(px(680), min(px(720), self.screen().availableGeometry().height() - px(80)))
        self.form.focus_first()

    def _lay_out(self, icon: str) -> None:
        head = QWidget()
        row = QHBoxLayout(head)
        row.addWidget(IconLabel(icon, "text-muted", 18))
        row.addWidget(ElidedLabel(self.windowTitle(), "title"), 1)
        margins(head, 24, 0, 24, 0, 8)
        fixed_height(head, 56)
        inner = Plane("surface")
        column = QVBoxLayout(inner)
        column.addWidget(self.notice)
        column.addWidget(self.form)
        column.addWidget(self.said, 0)
        column.addWidget(self.message)
        column.addStretch(1)
        margins(inner, 24, 8, 24, 24, 12)
        area = scrolled(inner, sideways=True, focus=True, clear=False)
        self.save_button = Button(_("Open the case"), kind="primary", key="Ctrl+S")
        self.save_button.clicked.connect(self.save)
        cancel = Button(_("Cancel"))
        cancel.clicked.connect(self.close)
        hint = _("* needed; the protocol number is given when it is saved")
        foot = dialog_foot(cancel, self.save_button, left=(Label(hint, "secondary", "text-muted"),))
        lay_out_dialog(self, area, foot, head=head)

    def _fill(self) -> None:
        spec = self.office.database.schema.entity("case")
        start: dict[str, Any] = {one.name: one.default for one in spec.fields if one.default is not None}
        if self.office.user_id is not None:
            start["owner_id"] = (self.office.user_id, self.office.actor.name)
        self.form.set_values(start | self._given)
        kept = load_draft(self._key)
        if isinstance(kept, dict) and kept:
            self.form.take_draft(kept.get("form") or {})
            self.message.set_value(str(kept.get("message") or ""))

    def _keep(self) -> None:
        if not self._done:
            kept = {"form": self.form.draft(), "message": str(self.message.value() or "")}
            given = {"@given": given_json(self._given)} if self._given else {}
            keep_draft(self._key, kept | given if any(kept.values()) else None)

    def save(self) -> None:
        """Open the case, or say at the fields what is wrong."""
        if self._saving:
            return
        values = self.form.collect()
        if values is None:
            return
        self._saving = True
        self.save_button.setEnabled(False)
        hidden = {name: value for name, value in self._given.items() if name not in self.form.rows}
        chosen = {name: value for name, value in values.items() if value is not None or name == "owner_id"}
        text, kind, title = str(self.message.value() or ""), self.said.value(), str(values.get("subject") or "")
        self.office.write(
            self, N_("Create {title}"),
            lambda uow: cases.create_case(uow, {**hidden, **chosen}, message=text, kind=kind),
            lambda made: self._saved(made, title), self._refused, params={"title": title},
        )  # fmt: skip

    def _saved(self, case_id: int, title: str) -> None:
        self._done = True
        forget_draft(self._key)
        owner = self.parentWidget() or self
        self.close()
        show_saved(owner, self.navigator, _("{title} created").format(title=title))
        self._on_saved(case_id)

    def _refused(self, error: Exception) -> None:
        self._saving = False
        self.save_button.setEnabled(True)
        if isinstance(error, ValidationFailed):
            text = " ".join(self.form.show_errors(error.errors))
            self.notice.text.setText(text)
            self.notice.setVisible(bool(text))
        elif isinstance(error, UserError):
            self.notice.text.setText(str(error))
            self.notice.show()
        else:
            dialogs.show_error(self, error)

    # -- closing -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: what is written and not saved is asked about first."""
        written = bool(str(self.message.value() or "").strip()) or self.form.is_changed()
        if not self._done and written and not self._may_close():
            return
        self._done = True
        settings.remember_geometry(self, "form.case")
        super().reject()
        self.deleteLater()

    def _may_close(self) -> bool:
        return may_close(self, self._keep, lambda: forget_draft(self._key))


def new_case(office: Office, navigator: Navigator, parent: QWidget | None, values: dict[str, Any]) -> NewCaseDialog:
    """Open the form of a new case; it is shown once it is saved."""
    dialog = NewCaseDialog(office, navigator, parent, values, lambda made: navigator.open_record("case", made))
    dialog.show()
    return dialog
