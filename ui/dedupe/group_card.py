"""A card of the worklist: records that may be one, side by side, with what they share marked and the reasons as chips."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, ngettext
from ui.dedupe.found import Shown, common_parts
from ui.records.room import Wrapping, space_grid
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px
from ui.widgets.badges import Badge, Tag
from ui.widgets.buttons import Button
from ui.widgets.labels import ElidedLabel, Label, Link, theme_line
from ui.widgets.themed import margins


class MarkedText(QWidget):
    """One line of text with the parts marked that another text has too."""

    def __init__(self, text: str, other: str, role: str = "body", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._role = text, role
        self._parts = common_parts(text, other)
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        """The text."""
        return self._text

    def sizeHint(self) -> QSize:
        return QSize(text_width(self._text, self._role) + 1, theme_line(self._role) + px(4))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(48), theme_line(self._role) + px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for start, size in self._parts:
            left = text_width(self._text[:start], self._role)
            if left >= self.width():
                break
            width = min(text_width(self._text[: start + size], self._role), self.width()) - left
            box = mirrored(
                QRectF(left, px(2), width, self.height() - px(4)).toRect(), self.rect(), self.layoutDirection()
            )
            fill_round(painter, box, px(3), "mark")
        draw_text(painter, self.rect(), self._text or "–", self._role, "text" if self._text else "text-disabled")


class GroupCard(QWidget):
    """Records that may be one. M merges, N says they are different, S skips, Space checks; arrows go on."""

    merge_requested = Signal(object)
    apart_requested = Signal(object)
    skip_requested = Signal(object)
    open_requested = Signal(int)
    checked_changed = Signal()
    moved = Signal(object, int)

    def __init__(self, shown: Shown, same_from: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = shown
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        names = ", ".join(shown.titles)
        score = shown.group.score
        self.setAccessibleName(_("{score} of 100: {names}").format(score=score, names=names))
        self.setAccessibleDescription(", ".join(text for text, _for in shown.reasons))
        self.check = QCheckBox()
        self.check.setAccessibleName(_("Check {names}").format(names=names))
        self.check.toggled.connect(lambda _on: self.checked_changed.emit())
        badge = Badge(str(score), "success" if score >= same_from else "warning")
        badge.setToolTip(_("How likely it is the same, 0 to 100"))
        head = QHBoxLayout()
        head.addWidget(self.check)
        head.addWidget(badge)
        more = len(shown.group.members)
        word = _("The same") if score >= same_from else _("Worth a look")
        head.addWidget(Label(word, "strong"))
        if more > 2:
            head.addWidget(Label(ngettext("{n} record", "{n} records", more).format(n=more), "secondary", "text-muted"))
        head.addStretch(1)
        self.merge = Button(_("Merge…"), icon="ph.git-merge", small=True)
        self.apart = Button(_("Not a duplicate"), icon="ph.arrows-out-line-horizontal", kind="ghost", small=True)
        self.skip = Button(_("Skip"), kind="ghost", small=True)
        for button, signal, key in (
            (self.merge, self.merge_requested, "M"), (self.apart, self.apart_requested, "N"), (self.skip, self.skip_requested, "S"),
        ):  # fmt: skip
            button.clicked.connect(lambda _on=False, signal=signal: signal.emit(self))
            button.setToolTip(f"{button.text()} ({key})")
            head.addWidget(button)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(self._chips())
        whole.addLayout(self._grid())
        margins(self, 16, 12, 12, 12, 8)

    def _chips(self) -> QWidget:
        chips = Wrapping(6)
        for text, speaks_for in self.shown.reasons:
            icon = "ph.check" if speaks_for else "ph.x"
            chips.flow.addWidget(Tag(text, "success" if speaks_for else "neutral", icon))
        return chips

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        space_grid(self, grid, 16, 2)
        grid.setColumnMinimumWidth(0, px(96))
        for column, (identity, title) in enumerate(zip(self.shown.ids, self.shown.titles, strict=True), 1):
            link = Link(title)
            link.setAccessibleName(_("Open {title}").format(title=title))
            link.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            link.activated.connect(lambda identity=identity: self.open_requested.emit(identity))
            grid.addWidget(link, 0, column)
            grid.setColumnStretch(column, 1)
        for number, line in enumerate(self.shown.lines, 1):
            grid.addWidget(ElidedLabel(line.label, "secondary", "text-muted"), number, 0)
            for column, text in enumerate(line.texts, 1):
                other = line.texts[1] if column == 1 and len(line.texts) > 1 else line.texts[0]
                grid.addWidget(MarkedText(text, other), number, column)
        hidden = len(self.shown.group.members) - len(self.shown.ids)
        if hidden > 0:
            text = ngettext("and {n} more", "and {n} more", hidden).format(n=hidden)
            grid.addWidget(Label(text, "secondary", "text-muted"), len(self.shown.lines) + 1, 1)
        return grid

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_M, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.merge_requested.emit(self)
        elif key == Qt.Key.Key_N:
            self.apart_requested.emit(self)
        elif key == Qt.Key.Key_S:
            self.skip_requested.emit(self)
        elif key == Qt.Key.Key_Space:
            self.check.toggle()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(self, 1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        frame_round(QPainter(self), self.rect(), px(6), "focus" if self.hasFocus() else "border", "raised")
