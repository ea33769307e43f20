"""Where a message of a case is written: our reply, what the customer said, or a note among us."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.cases.case import CHANNELS, TRANSITIONS
from crm_desktop.core.i18n import _, translate
from ui.cases.looks import STATUS_ICONS, channel_icon
from ui.records.drafts import forget_draft, keep_draft, load_draft
from ui.records.room import keep_later
from ui.theme.icons import icon
from ui.theme.paint import frame_round
from ui.theme.theme import px
from ui.widgets.buttons import IconButton, SplitButton
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Hairline, IconLabel, Label
from ui.widgets.tabs import Tab, TabBar
from ui.widgets.themed import margins, on_theme

OUT, IN, INTERNAL = "out", "in", "internal"
SOLVE = "solved"
_DRAFT_MS = 250
_KEY = "Ctrl+Return"


@dataclass(frozen=True)
class Written:
    """A message to record: its kind, text and channel, and the status that the case gets with it ("" as it is)."""

    kind: str
    body: str
    channel: str
    then: str


class ReplyText(QPlainTextEdit):
    """The text; it grows with what is written. Ctrl+Enter records it."""

    submitted = Signal()
    left = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.viewport().setAutoFillBackground(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(2)
        self.textChanged.connect(self.grow)
        on_theme(self, self.grow)

    def grow(self) -> None:
        """Take as many lines as are written: three to ten."""
        lines = min(max(3, round(self.document().size().height())), 10)
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + px(8))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.grow()

    def focusInEvent(self, event: object) -> None:
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.focus_changed.emit()

    def focusOutEvent(self, event: object) -> None:
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.focus_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ReplyBox(QWidget):
    """Tabs, text, channel, and the button that says what happens next. ``written`` sends a Written."""

    written = Signal(object)
    attach_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = ""
        self._status = "open"
        self._then: dict[str, str] = {OUT: "waiting", IN: "", INTERNAL: ""}
        self._texts: dict[str, str] = {}
        self._mode = OUT
        self.tabs = TabBar(padding=4, gap=0)
        self.tabs.changed.connect(self.set_mode)
        self.draft_icon = IconLabel("ph.floppy-disk", "text-muted", 14)
        self.draft_label = Label("", "secondary", "text-muted")
        self.text = ReplyText()
        self.attach = IconButton("ph.paperclip", "", kind="ghost")
        self.attach.clicked.connect(self.attach_requested)
        self.channel = ChoiceEditor([], name="", empty=None)
        self.send = SplitButton(key=_KEY)
        self.send.clicked.connect(self._send)
        self._menu = QMenu(self)
        self.send.set_menu(self._menu)
        self._lay_out()
        self._timer = keep_later(self, _DRAFT_MS, self.keep)
        self.text.textChanged.connect(self._on_changed)
        self.text.submitted.connect(self._send)
        self.text.focus_changed.connect(self.update)
        self.setFocusProxy(self.text)
        self.retranslate()

    def _lay_out(self) -> None:
        head = QWidget()
        top = QHBoxLayout(head)
        top.addWidget(self.tabs, 1)
        top.addWidget(self.draft_icon)
        top.addWidget(self.draft_label)
        margins(head, 0, 0, 12, 0, 4)
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.addWidget(self.attach)
        row.addWidget(self.channel)
        row.addStretch(1)
        row.addWidget(self.send)
        margins(foot, 8, 4, 8, 8, 8)
        middle = QWidget()
        QVBoxLayout(middle).addWidget(self.text)
        margins(middle, 10, 8, 10, 4, 0)
        box = QVBoxLayout(self)
        for widget in (head, Hairline(), middle, foot):
            box.addWidget(widget)
        margins(self, 1, 1, 1, 1, 0)
        on_theme(self, lambda: self.channel.setMaximumWidth(px(132)))

    def retranslate(self) -> None:
        """Write the words again."""
        tabs = [Tab(OUT, _("Our reply"), "ph.arrow-bend-up-left"), Tab(IN, _("From the customer"), "ph.chat-text"),
                Tab(INTERNAL, _("Internal note"), "ph.lock-simple")]  # fmt: skip
        self.tabs.set_tabs(tabs)
        self.tabs.setAccessibleName(_("What to write"))
        self.attach.set_label(_("Attach files…"))
        chosen = self.channel.value() or "phone"
        self.channel.set_options([(one.key, translate(one.label)) for one in CHANNELS])
        self.channel.set_value(chosen)
        self.channel.setAccessibleName(_("Channel"))
        self.channel.setToolTip(_("How it was said"))
        self._show_mode()

    # -- which case --------------------------------------------------------------------------------------------

    def set_case(self, key: str, status: str, channel: str) -> None:
        """Write for a case: its drafts come back; ``key`` names them."""
        new = key != self._key
        self._status = status
        if new:
            self.keep()
            self._key = key
            kept = load_draft(key)
            self._texts = {k: str(v) for k, v in kept.items()} if isinstance(kept, dict) else {}
            self._then[OUT] = "waiting"
            self._put(self._texts.get(self._mode, ""))
            self.channel.set_value(channel or "phone")
            self._show_draft(bool(self._texts))
        self._show_mode()

    @property
    def writing(self) -> bool:
        """Whether something is written here that was not recorded yet."""
        return bool(self.text.toPlainText().strip() or any(text.strip() for text in self._texts.values()))

    def mode(self) -> str:
        """What is being written: "out", "in" or "internal"."""
        return self._mode

    def set_mode(self, mode: str) -> None:
        """Write a reply, what the customer said, or a note; what is written in the others stays."""
        if mode != self._mode:
            self._texts[self._mode] = self.text.toPlainText()
            self._mode = mode
            self._put(self._texts.get(mode, ""))
        self.tabs.set_current(mode)
        self._show_mode()
        self.text.setFocus()

    def clear(self, kind: str) -> None:
        """The message of a kind was recorded."""
        self._texts.pop(kind, None)
        if kind == self._mode:
            self._put("")
        self.keep()
        self._show_draft(False)

    def body(self) -> str:
        """What is written."""
        return self.text.toPlainText()

    def keep(self) -> None:
        """Keep what is written as drafts."""
        self._timer.stop()
        if not self._key:
            return
        texts = {**self._texts, self._mode: self.text.toPlainText()}
        left = {mode: text for mode, text in texts.items() if text.strip()}
        if left:
            keep_draft(self._key, left)
        else:
            forget_draft(self._key)
        self._show_draft(bool(left.get(self._mode)))

    def _put(self, text: str) -> None:
        self.text.blockSignals(True)
        self.text.setPlainText(text)
        self.text.blockSignals(False)
        self.text.grow()

    def _on_changed(self) -> None:
        self._show_draft(False)
        if not self._timer.isActive():
            self._timer.start()

    def _show_draft(self, kept: bool) -> None:
        self.draft_label.setText(_("draft kept") if kept else "")
        self.draft_icon.setVisible(kept and self.width() > px(520))
        self.draft_label.setVisible(kept and self.width() > px(520))

    # -- what happens next -------------------------------------------------------------------------------------

    def choices(self) -> list[str]:
        """The statuses that the case may get with the message; "" leaves it as it is."""
        if self._mode == IN:
            return [""]
        allowed = TRANSITIONS.get(self._status, ())
        found = [""]
        if self._mode == OUT and "waiting" in allowed:
            found.insert(0, "waiting")
        if self._status == "waiting":
            found.append("open")
        if SOLVE in allowed:
            found.append(SOLVE)
        return found

    def then(self) -> str:
        """The status that the case gets with the message that is being written."""
        chosen = self._then[self._mode]
        found = self.choices()
        return chosen if chosen in found else found[0]

    def set_then(self, status: str) -> None:
        """Choose what happens next."""
        self._then[self._mode] = status
        self._show_mode()

    def action_text(self, then: str) -> str:
        """What the main button says."""
        if self._mode == INTERNAL:
            words = {"": _("Save note"), "open": _("Save note, case in progress"), SOLVE: _("Save note and solve…")}
            return words[then]
        if self._mode == IN:
            reopens = self._status in ("waiting", "solved", "closed")
            return _("Record and reopen") if reopens and self._status != "waiting" else _("Record message")
        return {
            "": _("Record reply"), "waiting": _("Record reply and wait"), "open": _("Record reply, case in progress"),
            SOLVE: _("Record reply and solve…"),
        }[then]  # fmt: skip

    def _short_text(self, then: str) -> str:
        """The same where there is little room."""
        short = {"": _("Record"), "waiting": _("Record and wait"), SOLVE: _("Record and solve…")}
        return short.get(then, _("Record")) if self._mode == OUT else self.action_text(then)

    def _show_mode(self) -> None:
        hints = {
            OUT: _("What we told the customer. It is recorded here; sending it is up to your phone or e-mail program."),
            IN: _("What the customer said or wrote"),
            INTERNAL: _("A note that only we see"),
        }
        self.text.setPlaceholderText(hints[self._mode])
        self.text.setAccessibleName(hints[self._mode])
        self.channel.setVisible(self._mode != INTERNAL)
        then = self.then()
        self._fit()
        self.send.main.setToolTip(self._consequence(then))
        self._menu.clear()
        for one in self.choices():
            sign = STATUS_ICONS.get(one, channel_icon(""))
            action = self._menu.addAction(icon(sign), self.action_text(one))
            action.setToolTip(self._consequence(one))
            action.triggered.connect(lambda _on=False, one=one: self.set_then(one))
        several = len(self.choices()) > 1
        self.send.more.setVisible(several)
        self.send.main.joined = "left" if several else ""
        self.update()

    def _consequence(self, then: str) -> str:
        if then == "waiting":
            return _("The clocks stand still until the customer answers.")
        if then == SOLVE:
            return _("Asks how it was solved and marks the case as solved.")
        if self._mode == IN and self._status in ("waiting", "solved", "closed"):
            return _("The case goes back in progress.")
        return _("Status stays as it is.") if self._status != "new" or self._mode == INTERNAL else ""

    def _send(self) -> None:
        if not self.body().strip():
            self.text.setFocus()
            return
        channel = "" if self._mode == INTERNAL else str(self.channel.value() or "")
        self.written.emit(Written(self._mode, self.body().strip(), channel, self.then()))

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._fit()

    def _fit(self) -> None:
        """Leave out the key, and then words, where the button would not fit."""
        then = self.then()
        self.send.main.key = _KEY if self.width() > px(560) else ""
        roomy = self.width() > px(500)
        self.send.setText(self.action_text(then) if roomy else self._short_text(then))
        self.send.main.setAccessibleName(self.action_text(then))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inside = QApplication.focusWidget()
        focused = inside is not None and self.isAncestorOf(inside)
        fill = "warning-soft" if self._mode == INTERNAL else "raised"
        frame_round(painter, self.rect(), px(6), "focus" if focused else "border-strong", fill)


def drop_draft(key: str, kind: str) -> None:
    """Forget what was kept of one kind of message."""
    kept = load_draft(key)
    if isinstance(kept, dict):
        keep_draft(key, {mode: text for mode, text in kept.items() if mode != kind})
