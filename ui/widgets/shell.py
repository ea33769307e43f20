"""The pieces of the main window's frame: top bar and status bar. The rail is in ``ui.widgets.rail``."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from crm_desktop.core.i18n import _, ngettext
from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, fill_round, frame_round, mirrored, text_width
from ui.theme.theme import px, theme
from ui.widgets.avatar import paint_avatar
from ui.widgets.buttons import Button, SplitButton
from ui.widgets.labels import Label
from ui.widgets.progress import JobsPill
from ui.widgets.search_box import SearchBox
from ui.widgets.themed import KeyboardRing, fixed_height, margins, on_theme

_UNDO, _UNDO_LEAST = 48, 12
"""The most and the fewest letters that are shown of what Undo takes back; with less room only its icon is."""


class SearchButton(KeyboardRing, QAbstractButton):
    """Looks like a search line and opens the command palette."""

    def __init__(self, text: str = "", key: str = "Ctrl+K", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = SearchBox(text, key=key, parent=self)
        self._box.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._box.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._box.setReadOnly(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_placeholder(text)

    def set_placeholder(self, text: str) -> None:
        """Use another placeholder."""
        self._box.set_placeholder(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(px(432), px(32))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(160), px(32))

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._box.setFixedWidth(self.width())
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.shows_ring():
            frame_round(QPainter(self), self.rect().adjusted(-1, -1, 1, 1), px(7), "focus", width=2)


class UserButton(KeyboardRing, QAbstractButton):
    """Who I am: initials of 28; a click opens the caller's menu."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._hue = 0
        self.set_name(name)

    def set_name(self, name: str, hue: int = 0) -> None:
        """Show another person; in the colour of the name where none is given."""
        self._hue = hue
        self.setText(name)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(32), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        inset = px(2)
        face = QRectF(self.rect().adjusted(inset, inset, -inset, -inset))
        paint_avatar(painter, face, self.text(), hue=self._hue)
        if self.shows_ring():
            frame_round(painter, self.rect(), px(16), "focus")


class BellButton(KeyboardRing, QAbstractButton):
    """A bell with the number of what is new; a click opens the caller's list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.retranslate()

    def set_count(self, count: int) -> None:
        """Show how many are new."""
        self._count = count
        self.retranslate()
        self.update()

    @property
    def count(self) -> int:
        """How many are new."""
        return self._count

    def retranslate(self) -> None:
        """Write the words again."""
        text = _("Notices: nothing new (F7)")
        if self._count:
            text = ngettext("Notices: {n} new (F7)", "Notices: {n} new (F7)", self._count).format(n=self._count)
        self.setAccessibleName(text)
        self.setToolTip(text)

    def sizeHint(self) -> QSize:
        return QSize(px(36), px(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.underMouse() or self.isDown():
            fill_round(painter, self.rect(), px(6), "hover")
        side = px(18)
        centre = QRect((self.width() - side) // 2, (self.height() - side) // 2 + 1, side, side)
        paint_icon(painter, QRectF(centre), "ph.bell", "text" if self._count else "text-muted")
        if self._count:
            text = str(self._count) if self._count < 100 else "99+"
            width = max(px(16), text_width(text, "badge") + px(8))
            spot = QRect(self.width() - width, 0, width, px(16))
            spot = mirrored(spot, self.rect(), self.layoutDirection())
            fill_round(painter, spot.adjusted(-1, -1, 1, 1), px(9), "sunken")
            fill_round(painter, spot, px(8), "accent")
            draw_text(painter, spot, text, "badge", "on-accent", Qt.AlignmentFlag.AlignHCenter, elide=False)
        if self.shows_ring():
            frame_round(painter, self.rect(), px(6), "focus")


class TopBar(QWidget):
    """The bar over everything, 48 high: search, running jobs, undo, new, who I am."""

    search_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = SearchButton(_("Search names, phones, commands…"))
        self.search.clicked.connect(self.search_requested)
        self.jobs = JobsPill()
        self.undo = Button(icon="ph.arrow-counter-clockwise", kind="ghost")
        self._undo_text = ""
        self.undo.hide()
        self.new = SplitButton(icon="ph.plus", key="Ctrl+N")
        self.jobs.installEventFilter(self)
        self.new.installEventFilter(self)
        self.bell = BellButton()
        self.user = UserButton()
        row = QHBoxLayout(self)
        row.addWidget(self.search, 100)
        row.addStretch(1)
        row.addWidget(self.jobs)
        row.addWidget(self.undo)
        row.addWidget(self.new)
        row.addWidget(self.bell)
        row.addWidget(self.user)
        margins(self, 16, 0, 14, 1, 8)
        fixed_height(self, 48)
        on_theme(self, lambda: self.search.setMaximumWidth(px(432)))

    def minimumSizeHint(self) -> QSize:
        """What runs and what could be undone must never widen the window: the words give way instead."""
        return QSize(px(480), px(48))

    def set_undo(self, text: str) -> None:
        """Say what Undo would take back ("Undo: edit phone"); an empty text hides the button."""
        self._undo_text = text
        self.undo.setToolTip(text)
        self.undo.setAccessibleName(text)
        self.undo.setVisible(bool(text))
        self._shorten_undo()

    def _shorten_undo(self) -> None:
        """Where there is little room, the name of what Undo takes back gives way first; the window never grows for it."""
        others = [one for one in (self.search, self.jobs, self.new, self.bell, self.user) if not one.isHidden()]
        room = self.width() - px(16 + 14 + 4) - px(8) * (len(others) + 2)
        room -= sum(one.minimumSizeHint().width() if one is self.search else one.sizeHint().width() for one in others)
        text = self._undo_text if len(self._undo_text) <= _UNDO else self._undo_text[: _UNDO - 1] + "…"
        self.undo.setText(text)
        while text and self.undo.sizeHint().width() > room:
            text = text[: max(0, len(text) - 3)].rstrip() + "…" if len(text) > _UNDO_LEAST else ""
            self.undo.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Jobs that begin and end, and longer words on the button of new records, change the room that is left."""
        if event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.Resize):
            self._shorten_undo()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._shorten_undo()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme().color("border"))


class StatusItem(KeyboardRing, QAbstractButton):
    """An icon and a word in the status bar, in the colour of its meaning."""

    def __init__(
        self, icon: str = "", text: str = "", color: str = "text-muted", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._color = color
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def set_state(self, icon: str, text: str, color: str = "text-muted") -> None:
        """Show another state."""
        self._icon, self._color = icon, color
        self.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(text_width(self.text(), "secondary") + 1 + px(8) + (px(20) if self._icon else 0), px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        whole, direction = self.rect(), self.layoutDirection()
        if self.underMouse():
            fill_round(painter, whole, px(4), "hover")
        left = px(4)
        if self._icon:
            side = px(14)
            box = mirrored(QRect(left, (self.height() - side) // 2, side, side), whole, direction)
            paint_icon(painter, QRectF(box), self._icon, self._color)
            left += side + px(6)
        word = mirrored(QRect(left, 0, self.width() - left, self.height()), whole, direction)
        draw_text(painter, word, self.text(), "secondary", self._color)
        if self.shows_ring():
            frame_round(painter, whole, px(4), "focus")


class StatusBar(QWidget):
    """The bar at the bottom, 28 high: database, connection, last proven backup; what is shown at the end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.database = StatusItem()
        self.connection = StatusItem()
        self.backup = StatusItem()
        self.shown = Label("", "secondary", "text-muted")
        row = QHBoxLayout(self)
        for item in (self.database, self.connection, self.backup):
            item.hide()
            row.addWidget(item)
        row.addStretch(1)
        row.addWidget(self.shown)
        margins(self, 12, 2, 16, 0, 8)
        fixed_height(self, 28)

    def set_shown(self, text: str) -> None:
        """Say what is shown, e.g. "214 contacts"."""
        self.shown.setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("sunken"))
        painter.fillRect(0, 0, self.width(), 1, theme().color("border"))
