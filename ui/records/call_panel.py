"""The panel in which a call is noted down: direction, outcome, how long, what was said, and the next step."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _
from ui.framework.office import Office
from ui.records.drafts import forget_draft, keep_draft, load_draft
from ui.records.kit import CallNotes
from ui.records.mention_text import NoteText
from ui.records.room import keep_later, soon
from ui.records.shown import choice_text, label_of
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.badges import KeyCap
from ui.widgets.buttons import Button, IconButton, SegmentedControl
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.editor_dates import DateEditor, TimeEditor
from ui.widgets.labels import IconLabel, Label
from ui.widgets.themed import margins, on_theme

_DURATION = re.compile(r"(?:(\d{1,2})\s*[:h]\s*)?(\d{1,4})")


class CallPanel(QWidget):
    """Ctrl+Enter saves: ``saved`` sends the CallNotes; Escape leaves, what was written stays as a draft."""

    saved = Signal(object)
    left = Signal()

    def __init__(self, office: Office, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = self._title = ""
        self._spec = office.database.schema.entity("activity")
        self.title = Label("", "section")
        self.direction = SegmentedControl()
        self.outcome = ChoiceEditor()
        self.minutes = QLineEdit()
        self.text = NoteText(most=5)
        self.step = QLineEdit()
        self.day = DateEditor()
        self.at = TimeEditor()
        self.save_button = Button(kind="primary", small=True)
        self.close_button = IconButton("ph.x", "", kind="ghost")
        self._lay_out()
        self._timer = keep_later(self, 250, self.keep)
        self.text.textChanged.connect(lambda: soon(self._timer))
        for line in (self.step, self.minutes):
            line.textChanged.connect(lambda _text: soon(self._timer))
        self.step.textChanged.connect(self._show_day)
        self.text.submitted.connect(self.save)
        self.text.cancelled.connect(self.left)
        self.save_button.clicked.connect(self.save)
        self.close_button.clicked.connect(self.left)
        self.retranslate()
        self._show_day()
        self.hide()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(IconLabel("ph.phone", "accent", 16))
        head.addWidget(self.title, 1)
        head.addWidget(KeyCap("Ctrl Enter"))
        head.addWidget(self.save_button)
        head.addWidget(self.close_button)
        first = QHBoxLayout()
        first.addWidget(self.direction)
        first.addWidget(self.outcome, 1)
        first.addWidget(self.minutes)
        said = _Framed()
        inner = QHBoxLayout(said)
        inner.addWidget(self.text)
        margins(said, 8, 4, 8, 4)
        second = QHBoxLayout()
        second.addWidget(IconLabel("ph.flag-banner", "text-muted", 16))
        second.addWidget(self.step, 1)
        second.addWidget(self.day)
        second.addWidget(self.at)
        whole = QVBoxLayout(self)
        for line in (head, first):
            whole.addLayout(line)
        whole.addWidget(said)
        whole.addLayout(second)
        margins(self, 12, 8, 12, 10, 8)

        def measure() -> None:
            for line in (head, first, second):
                line.setSpacing(px(8))
            self.minutes.setFixedWidth(px(72))
            for editor in (self.minutes, self.outcome, self.step, self.day, self.at):
                editor.setFixedHeight(px(28))
            self.day.setFixedWidth(px(116))
            self.at.setFixedWidth(px(64))

        on_theme(self, measure)

    def retranslate(self) -> None:
        """Write the words again."""
        spec = self._spec
        direction, outcome = spec.field("direction"), spec.field("outcome")
        self.direction.set_options([(one.key, choice_text(direction, one)) for one in direction.choices])
        self.direction.setAccessibleName(label_of(direction))
        self.outcome.set_options([(one.key, choice_text(outcome, one)) for one in outcome.choices])
        self.outcome.setItemText(0, _("Outcome"))
        self.outcome.setAccessibleName(label_of(outcome))
        self.minutes.setPlaceholderText(_("minutes"))
        self.minutes.setAccessibleName(_("How long, in minutes"))
        self.minutes.setToolTip(_("Minutes, or hours and minutes as in 1:20"))
        self.text.setPlaceholderText(_("What was said?"))
        self.text.setAccessibleName(_("What was said?"))
        self.step.setPlaceholderText(_("Next step, if there is one"))
        self.step.setAccessibleName(_("Next step"))
        self.day.setAccessibleName(_("Day of the next step"))
        self.at.setAccessibleName(_("Hour of the next step"))
        self.at.setPlaceholderText(_("hour"))
        self.save_button.setText(_("Save"))
        self.save_button.setAccessibleName(_("Save the call"))
        self.close_button.set_label(_("Leave"))

    def changeEvent(self, event: Any) -> None:
        if event.type() == event.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    # -- one call ----------------------------------------------------------------------------------------------

    def set_place(self, key: str, title: str) -> None:
        """Note a call with another record down: what was not saved comes back."""
        self.title.setText(_("Call with {title}").format(title=title))
        self._title = title
        if key == self._key:
            return
        self.keep()
        self._key = ""
        kept = load_draft(key)
        kept = kept if isinstance(kept, dict) else {}
        self.direction.set_value(str(kept.get("direction") or "out"))
        self.outcome.set_value(kept.get("outcome"))
        self.minutes.setText(str(kept.get("minutes") or ""))
        self.text.setPlainText(str(kept.get("text") or ""))
        self.step.setText(str(kept.get("step") or ""))
        self.day.set_value(clock.today() + timedelta(days=1))
        self.at.set_value(None)
        self._key = key

    def start(self) -> None:
        """Write what was said."""
        self.text.setFocus()

    @property
    def place(self) -> str:
        """The name of the draft that is written."""
        return self._key

    def clear(self) -> None:
        """It was saved."""
        key, self._key = self._key, ""
        forget_draft(key)

    def keep(self) -> None:
        """Keep what is written as a draft."""
        if not self._key:
            return
        kept = {
            "direction": self.direction.value(), "outcome": self.outcome.value(), "minutes": self.minutes.text(),
            "text": self.text.toPlainText().strip(), "step": self.step.text().strip(),
        }  # fmt: skip
        written = kept["text"] or kept["step"] or kept["minutes"]
        keep_draft(self._key, kept if written else None, self._title)

    def hideEvent(self, event: Any) -> None:
        self.keep()
        super().hideEvent(event)

    def _show_day(self) -> None:
        asked = bool(self.step.text().strip())
        self.day.setVisible(asked)
        self.at.setVisible(asked)

    def seconds(self) -> int | None:
        """How long the call took; None where nobody says, or what is written is no length."""
        found = _DURATION.fullmatch(self.minutes.text().strip())
        if found is None:
            return None
        return (int(found[1] or 0) * 60 + int(found[2])) * 60

    def save(self) -> None:
        """Send what is written; a length that cannot be read is marked, and nothing is lost."""
        if self.minutes.text().strip() and self.seconds() is None:
            self.minutes.setFocus()
            self.minutes.selectAll()
            return
        self.keep()
        day, at = self.day.value(), self.at.value()
        self.saved.emit(CallNotes(
            str(self.direction.value() or "out"), self.outcome.value(), self.seconds(),
            self.text.toPlainText().strip(), self.step.text().strip(), day, at,
        ))  # fmt: skip

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.save()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "accent", "raised")


class _Framed(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "border-strong", "surface")
