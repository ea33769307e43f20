"""Whose events are shown, and what the colours mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ui.calendar.paint import paint_mark
from ui.theme.paint import draw_text, fill_round, mirrored, text_width
from ui.theme.style import draw_check
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.themed import margins, on_theme


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose events can be shown."""

    key: int
    name: str
    hue: int
    shown: bool = True


class PersonBox(QCheckBox):
    """A check box with an avatar and a name."""

    def __init__(self, person: Person, parent: QWidget | None = None) -> None:
        super().__init__(person.name, parent)
        self.person = person
        self.setChecked(person.shown)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(px(56) + text_width(self.text(), "body"), px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(100), px(28))

    def hitButton(self, position: object) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        direction = self.layoutDirection()
        painter.setLayoutDirection(direction)
        middle = self.rect().center().y()
        if self.hasFocus():
            fill_round(painter, self.rect().adjusted(-px(4), 0, 0, 0), px(6), "accent-soft")
        box = mirrored(QRect(0, middle - px(7), px(16), px(16)), self.rect(), direction)
        draw_check(theme(), painter, box, self.checkState())
        avatar = mirrored(QRect(px(24), middle - px(9), px(20), px(20)), self.rect(), direction)
        paint_avatar(painter, QRectF(avatar), self.person.name, hue=self.person.hue)
        name = mirrored(self.rect().adjusted(px(52), 0, 0, 0), self.rect(), direction)
        draw_text(painter, name, self.person.name)


class LegendMark(QWidget):
    """The icon and the colour of a type, and its name."""

    def __init__(self, name: str, hue: int, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._hue, self._icon = name, hue, icon
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(px(30) + text_width(self._name, "body"), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setLayoutDirection(self.layoutDirection())
        square = mirrored(QRect(0, px(2), px(20), px(20)), self.rect(), self.layoutDirection())
        paint_mark(painter, square, self._hue, self._icon, 14)
        text = mirrored(self.rect().adjusted(px(28), 0, 0, 0), self.rect(), self.layoutDirection())
        draw_text(painter, text, self._name)


class _Boxes(QScrollArea):
    """Check boxes under each other, as high as they are; where there is less room they are scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        inner = QWidget()
        self.box = QVBoxLayout(inner)
        self.box.setContentsMargins(0, 0, 0, 0)
        self.box.setSpacing(0)
        self.setWidget(inner)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        on_theme(self, self.updateGeometry)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # boxes came or went
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return self.box.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(px(100), min(self.box.sizeHint().height(), px(28) * 5 // 2))


class PeoplePanel(QWidget):
    """Check boxes of people above the legend of the types."""

    people_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[PersonBox] = []
        self._people = _Boxes()
        self._legend = QGridLayout()
        self._legend.setSpacing(0)
        box = QVBoxLayout(self)
        box.addWidget(self._people)
        box.addLayout(self._legend)
        margins(self, 16, 8, 16, 12, 4)

    def set_people(self, people: Sequence[Person]) -> None:
        """Offer these people. One alone needs no choice and gets no box."""
        for old in self.boxes:
            self._people.box.removeWidget(old)
            old.deleteLater()
        self.boxes = [PersonBox(person) for person in people] if len(people) > 1 else []
        for one in self.boxes:
            one.toggled.connect(lambda _on: self.people_changed.emit(self.shown_people()))
            self._people.box.addWidget(one)
        self._people.setVisible(bool(self.boxes))

    def shown_people(self) -> set[int]:
        """The keys of those who are ticked."""
        return {box.person.key for box in self.boxes if box.isChecked()}

    def set_legend(self, kinds: Sequence[tuple[str, int, str]]) -> None:
        """Explain the types: name, hue and icon each."""
        while (item := self._legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for index, (name, hue, icon) in enumerate(kinds):
            self._legend.addWidget(LegendMark(name, hue, icon), index // 2, index % 2)
        self._legend.setAlignment(Qt.AlignmentFlag.AlignTop)
