"""The conversation of a case: what the customer said, what we said, notes among us, and what happened between."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QScrollArea, QVBoxLayout, QWidget

from crm_desktop.cases.queries import Entry
from crm_desktop.cases.words import channel_text, priority_text, status_text
from crm_desktop.core.formats import format_datetime, format_relative, format_size
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records.files_service import FileRow
from ui.cases.looks import ACTIVITY_ICONS, PRIORITY_ICONS, STATUS_ICONS, channel_icon
from ui.records.file_words import file_icon
from ui.theme.icons import icon
from ui.theme.paint import frame_round
from ui.theme.theme import px, theme
from ui.widgets.avatar import Avatar
from ui.widgets.badges import Badge
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import ElidedLabel, Hairline, IconLabel, Label, Link, Plane
from ui.widgets.themed import margins, on_theme

MESSAGES = ("in", "out", "internal")
_FRAMES = {
    "in": ("border", None, False), "out": ("border", "sunken", False), "internal": ("warning", "warning-soft", True),
}  # fmt: skip
OPENED_ICONS = ("ph.lifebuoy",)
_NEAR = timedelta(seconds=60)
_ADDRESS = re.compile(r"(https?://[^\s<>]+)")
_MENTION = re.compile(r"(?<![\w.])(@\w+)")
_FIRST = 60
"""How many entries are shown at first; older ones on demand."""


@dataclass(frozen=True)
class Happening:
    """One line between messages: icon, words, and what a click opens ("activity" or "file", id)."""

    icon: str
    text: str
    at: datetime
    author: str = ""
    opens: tuple[str, int] | None = None


class MessageText(QLabel):
    """The words of a message at the line height of the design: to be selected and copied, addresses to be followed."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plain = text
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setOpenExternalLinks(True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        on_theme(self, self._write)

    def _write(self) -> None:
        self.setFont(theme().font("body"))
        accent = theme().color("accent").name()
        text = html.escape(self.plain, quote=False)
        text = _ADDRESS.sub(rf'<a style="color:{accent}" href="\1">\1</a>', text)
        text = _MENTION.sub(rf'<span style="color:{accent}">\1</span>', text).replace("\n", "<br>")

        self.setText(f'<div style="line-height:{px(20)}px">{text}</div>')


class MessageCard(QWidget):
    """One message. Its menu copies, corrects and deletes it."""

    edit_requested = Signal(object)
    delete_requested = Signal(object)

    def __init__(self, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = entry
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        head = QHBoxLayout()
        head.setSpacing(px(6))
        author = entry.author or _("Customer")
        head.addWidget(ElidedLabel(author, "strong"))
        if entry.kind == "internal":
            head.addWidget(Badge(_("Internal note"), "warning", "ph.lock-simple"))
        elif entry.channel:
            head.addWidget(IconLabel(channel_icon(entry.channel, entry.kind), "text-muted", 14))
            head.addWidget(Label(channel_text(entry.channel), "secondary", "text-muted"))
        head.addStretch(1)
        when = Label(format_relative(entry.at, with_time=True), "secondary", "text-muted")
        when.setToolTip(format_datetime(entry.at, "full"))
        head.addWidget(when)
        self.menu_button = IconButton("ph.dots-three", _("More"), kind="ghost")
        self.menu_button.setFixedSize(px(24), px(20))
        self.menu_button.clicked.connect(lambda: self._open_menu(self.menu_button.mapToGlobal(QPoint(0, px(22)))))
        head.addWidget(self.menu_button)
        self.body = MessageText(entry.body)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.body)
        row = QHBoxLayout(self)
        row.addWidget(Avatar(author, 32), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        margins(self, 12, 8, 12, 10, 12)
        self.setAccessibleName(self.spoken)

    @property
    def spoken(self) -> str:
        """The message in one line, for screen readers."""
        kind = _("Internal note") if self.entry.kind == "internal" else channel_text(self.entry.channel)
        parts = [self.entry.author, kind, format_relative(self.entry.at, with_time=True), self.entry.body]
        return ", ".join(part for part in parts if part)

    def menu(self) -> QMenu:
        """What can be done with the message."""
        menu = QMenu(self)
        menu.addAction(icon("ph.copy"), _("Copy the text")).triggered.connect(
            lambda _on=False: QGuiApplication.clipboard().setText(self.entry.body)
        )
        menu.addAction(icon("ph.pencil-simple"), _("Correct…")).triggered.connect(
            lambda _on=False: self.edit_requested.emit(self.entry)
        )
        menu.addSeparator()
        menu.addAction(icon("ph.trash", "danger"), _("Delete")).triggered.connect(
            lambda _on=False: self.delete_requested.emit(self.entry)
        )
        return menu

    def _open_menu(self, where: QPoint) -> None:
        self.menu().exec(where)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self._open_menu(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_menu(self.menu_button.mapToGlobal(QPoint(0, px(22))))
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit(self.entry)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        line, fill, dashed = _FRAMES[self.entry.kind]
        painter = QPainter(self)
        frame_round(painter, self.rect(), px(6), "focus" if self.hasFocus() else line, fill, dashed=dashed)


class HappeningLine(QWidget):
    """What happened between two messages: a line with words in its middle."""

    opened = Signal(str, object)

    def __init__(self, found: Happening, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.addWidget(Hairline(), 1)
        row.addWidget(IconLabel(found.icon, "text-muted", 14))
        when = format_relative(found.at, with_time=True)
        if found.opens is not None:
            row.addWidget(Label(f"{when} ·", "secondary", "text-muted"))
            link = Link(found.text, "secondary")
            opens = found.opens
            link.activated.connect(lambda: self.opened.emit(*opens))
            row.addWidget(link)
            text = f"· {found.author}" if found.author else ""
        else:
            text = " · ".join(part for part in (when, found.text, found.author) if part)
        if text:
            label = ElidedLabel(text, "secondary", "text-muted")
            label.setAccessibleName(text)
            row.addWidget(label)
        row.addWidget(Hairline(), 1)
        self.setToolTip(format_datetime(found.at, "full"))
        margins(self, 0, 0, 0, 0, 8)


class Thread(QScrollArea):
    """The conversation, oldest first, scrolled to its end."""

    edit_requested = Signal(object)
    delete_requested = Signal(object)
    activity_opened = Signal(object)
    file_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inner = Plane("surface")
        self._box = QVBoxLayout(self._inner)
        margins(self._inner, 24, 12, 24, 12, 12)
        self.setWidget(self._inner)
        self._case: int | None = None
        self._shown: list[Entry | Happening] = []
        self._cards: list[MessageCard] = []
        self._limit = _FIRST
        self._follows = True
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(lambda _low, high: bar.setValue(high) if self._follows else None)
        bar.valueChanged.connect(self._on_scrolled)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.setAccessibleName(_("Conversation"))

    def set_entries(
        self, case_id: int, entries: Sequence[Entry], files: Sequence[FileRow], users: Mapping[int, str], *,
        again: bool = False,
    ) -> None:  # fmt: skip
        """Show the conversation of a case. ``again`` writes it once more even where nothing is new."""
        if case_id != self._case:
            self._limit = _FIRST
        lines = lines_of(entries, files, users)
        if case_id == self._case and lines == self._shown and not again:
            return
        before, old = self._shown, self._case
        self._follows = self._follows or case_id != old
        self._case, self._shown = case_id, lines
        place = self.verticalScrollBar().value()
        if case_id == old and not again and before and lines[: len(before)] == before and len(lines) <= self._limit:
            self._append(lines[len(before) :])
        else:
            self._fill()
        if not self._follows:
            self._box.activate()
            self.verticalScrollBar().setValue(place)
        self.to_end()

    def follow(self) -> None:
        """Show what is said next: one's own message was just written."""
        self._follows = True

    def _append(self, lines: Sequence[Entry | Happening]) -> None:
        """Put what is new at the end; what is there keeps its focus and its marked text."""
        for line in lines:
            self._box.insertWidget(self._box.count() - 1, self._widget_of(line))

    def to_end(self) -> None:
        """Show what was said last, unless somebody reads further up."""
        if self._follows:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _on_scrolled(self, value: int) -> None:
        self._follows = value >= self.verticalScrollBar().maximum() - px(24)

    def messages(self) -> list[MessageCard]:
        """The messages shown, oldest first."""
        return list(self._cards)

    def _fill(self) -> None:
        self._cards = []
        while self._box.count():
            item = self._box.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        hidden = len(self._shown) - self._limit
        if hidden > 0:
            text = ngettext("Show {n} earlier entry", "Show {n} earlier entries", hidden).format(n=hidden)
            button = Button(text, kind="accent", small=True)
            button.clicked.connect(self._show_all)
            self._box.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        for line in self._shown[-self._limit :]:
            self._box.addWidget(self._widget_of(line))
        self._box.addStretch(1)

    def _show_all(self) -> None:
        self._limit = len(self._shown)
        self._fill()

    def _widget_of(self, line: Entry | Happening) -> QWidget:
        if isinstance(line, Happening):
            between = HappeningLine(line)
            between.opened.connect(self._on_opened)
            return between
        card = MessageCard(line)
        card.edit_requested.connect(self.edit_requested)
        card.delete_requested.connect(self.delete_requested)
        self._cards.append(card)
        holder = QWidget()
        QHBoxLayout(holder).addWidget(card)
        indent = {"in": (0, 32), "out": (32, 0)}.get(line.kind, (0, 0))
        margins(holder, indent[0], 0, indent[1], 0, 0)
        return holder

    def _on_opened(self, what: str, identity: int) -> None:
        (self.activity_opened if what == "activity" else self.file_opened).emit(identity)


def lines_of(entries: Sequence[Entry], files: Sequence[FileRow], users: Mapping[int, str]) -> list[Entry | Happening]:
    """Messages as they are, and what happened between them in words; what one person did at once is one line."""
    lines: list[Entry | Happening] = []
    attached = [_file_line(one, users) for one in files]
    happened = [_happening(one) for one in entries if one.kind not in MESSAGES]
    said = [one for one in entries if one.kind in MESSAGES]
    every: list[Entry | Happening] = [*happened, *said, *attached]
    for line in sorted(every, key=_order):
        last = lines[-1] if lines else None
        if isinstance(line, Happening) and isinstance(last, Happening) and _together(last, line):
            lines[-1] = Happening(last.icon, f"{last.text} · {line.text}", last.at, last.author)
        else:
            lines.append(line)
    return lines


def _order(line: Entry | Happening) -> tuple[datetime, bool]:
    # what a message brought about stands behind it
    return line.at.replace(microsecond=0), isinstance(line, Happening) and line.icon not in OPENED_ICONS


def _together(first: Happening, second: Happening) -> bool:
    plain = first.opens is None and second.opens is None and first.icon not in OPENED_ICONS
    return plain and first.author == second.author and second.at - first.at < _NEAR


def _happening(entry: Entry) -> Happening:
    if entry.kind == "activity":
        sign = ACTIVITY_ICONS.get(entry.channel, "ph.calendar-check")
        return Happening(sign, entry.body, entry.at, entry.author, ("activity", entry.id))
    if entry.kind == "opened":
        return Happening("ph.lifebuoy", _("case opened"), entry.at, entry.author)
    if entry.kind == "status":
        text = _("status: {status}").format(status=status_text(entry.new))
        return Happening(STATUS_ICONS.get(entry.new, "ph.flag"), text, entry.at, entry.author)
    if entry.kind == "priority":
        text = _("priority: {priority}").format(priority=priority_text(entry.new))
        return Happening(PRIORITY_ICONS.get(entry.new, "ph.flag"), text, entry.at, entry.author)
    text = _("given to {name}").format(name=entry.new) if entry.new else _("given to nobody")
    return Happening("ph.user", text, entry.at, entry.author)


def _file_line(row: FileRow, users: Mapping[int, str]) -> Happening:
    text = f"{row.name} ({format_size(row.size)})"
    author = users.get(row.created_by or 0, "")
    return Happening(file_icon(row.media_type), text, row.created_at, author, ("file", row.id))
