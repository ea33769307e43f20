"""The people who can sign in, as tiles with their faces."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, translate
from crm_desktop.core.text import fold
from crm_desktop.security.defaults import ROLES
from crm_desktop.security.passwords import Person
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored
from ui.theme.theme import px
from ui.widgets.avatar import paint_avatar
from ui.widgets.frames import scrolled
from ui.widgets.search_box import SearchBox
from ui.widgets.themed import KeyboardRing, on_theme

_ACROSS, _MANY = 4, 8
"""Tiles beside each other, and how many people are shown without a line to find somebody with."""
_WIDTH, _HEIGHT = 152, 128


_STEPS = {
    Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: _ACROSS, Qt.Key.Key_Up: -_ACROSS,
    Qt.Key.Key_Return: 0, Qt.Key.Key_Enter: 0,
}  # fmt: skip
"""How many tiles a key goes on; 0 chooses."""


def role_name(person: Person) -> str:
    """The name of a person's role in the language in use."""
    return person.role_name or next((translate(one.label) for one in ROLES if one.key == person.role), person.role)


class PersonTile(KeyboardRing, QAbstractButton):
    """One person: face, name, role. The one chosen has the accent border and a tick.

    ``stepped`` brings by how many tiles a key wants to go on; 0 to choose this one.
    """

    stepped = Signal(int)

    def __init__(self, person: Person, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.person = person
        self._role = role
        self.setText(person.name)
        self.setAccessibleName(f"{person.name}, {role}")
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(person.name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, lambda: self.setFixedSize(px(_WIDTH), px(_HEIGHT)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move in the grid and Enter chooses: that is the grid's to do; the rest is a button's."""
        if event.key() in _STEPS:
            self.stepped.emit(_STEPS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        on, box = self.isChecked(), self.rect().adjusted(3, 3, -3, -3)
        if on or self.shows_ring():
            fill_round(painter, self.rect(), px(8) + 3, "accent-soft")
        line = "accent" if on else ("focus" if self.shows_ring() else "border")
        frame_round(painter, box, px(8), line, "hover" if self.underMouse() and not on else "raised")
        side = px(48)
        face = QRectF((self.width() - side) / 2, px(18), side, side)
        paint_avatar(painter, face, self.person.name, hue=self.person.hue)
        inner = box.adjusted(px(8), 0, -px(8), 0)
        center = Qt.AlignmentFlag.AlignHCenter
        name = QRect(inner.left(), px(74), inner.width(), px(20))
        draw_text(painter, name, self.text(), "strong" if on else "name", "text", center)
        below = QRect(inner.left(), px(94), inner.width(), px(16))
        draw_text(painter, below, self._role, "secondary", "text-muted", center)
        if on:
            tick = QRect(box.right() - px(24), box.top() + px(8), px(16), px(16))
            paint_icon(painter, QRectF(mirrored(tick, box, self.layoutDirection())), "ph.check-circle", "accent")


class PeopleTiles(QWidget):
    """Everybody who can sign in. Arrow keys move; with many people a line finds them by name. ``chosen``: the person."""

    chosen = Signal(object)

    def __init__(self, people: Sequence[Person], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = [PersonTile(one, role_name(one)) for one in people]
        self.finder = SearchBox(_("Find a name"))
        self.finder.setVisible(len(people) > _MANY)
        self.finder.textChanged.connect(self._lay_out)
        self._holder = QWidget()
        self._grid = QGridLayout(self._holder)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(px(8))
        self._grid.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._area = scrolled(self._holder)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(px(12))
        whole.addWidget(self.finder, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addWidget(self._area)
        for tile in self.tiles:
            tile.clicked.connect(lambda _on=False, one=tile: self.chosen.emit(one.person))
            tile.stepped.connect(lambda step, one=tile: self._step(one, step))
        self._across = _ACROSS
        self._lay_out()
        on_theme(self, self._measure)

    def current(self) -> Person | None:
        """Who is chosen."""
        return next((one.person for one in self.tiles if one.isChecked()), None)

    def set_current(self, user_id: int | None) -> None:
        """Choose somebody; ``chosen`` is not sent."""
        for tile in self.tiles:
            tile.setAutoExclusive(False)
            tile.setChecked(tile.person.id == user_id)
            tile.setAutoExclusive(True)
            if tile.isChecked():
                self._area.ensureWidgetVisible(tile)

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), self.maximumHeight())

    def set_room(self, width: int) -> None:
        """Put fewer tiles beside each other where there is not so much room."""
        across = max(1, min(_ACROSS, (width - px(16)) // px(_WIDTH + 8)))
        if across != self._across:
            self._across = across
            self._lay_out()
            self._measure()

    def _measure(self) -> None:
        across = min(self._across, max(1, len(self.tiles)))
        rows = min(2, -(-len(self.tiles) // across))
        more = px(44) if not self.finder.isHidden() else 0
        self.setFixedWidth(across * px(_WIDTH) + (across - 1) * px(8) + px(16))
        self.setFixedHeight(rows * px(_HEIGHT) + (rows - 1) * px(8) + more)

    def _lay_out(self, _text: str = "") -> None:
        asked = fold(self.finder.text()).strip()
        while self._grid.count():
            self._grid.takeAt(0)
        place = 0
        for tile in self.tiles:
            fits = asked in fold(tile.person.name)
            tile.setVisible(fits)
            if fits:
                self._grid.addWidget(tile, place // self._across, place % self._across)
                place += 1

    def _step(self, tile: PersonTile, step: int) -> None:
        if not step:
            tile.click()
            return
        if abs(step) == 1 and self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            step = -step
        if abs(step) == _ACROSS:
            step = self._across if step > 0 else -self._across
        shown = [one for one in self.tiles if not one.isHidden()]
        at = shown.index(tile) + step
        if 0 <= at < len(shown):
            shown[at].setFocus(Qt.FocusReason.TabFocusReason)
            self._area.ensureWidgetVisible(shown[at])
