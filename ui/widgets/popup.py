"""Popups: the search popup of the command palette, and the list that drops from an editor."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from crm_desktop.core.i18n import _, pgettext
from crm_desktop.core.text import words
from ui.theme.paint import clip_round, frame_round, paint_shadow
from ui.theme.theme import px, theme
from ui.widgets.badges import KeyCap
from ui.widgets.chips import Chip
from ui.widgets.labels import Hairline, IconLabel, Label
from ui.widgets.results import Result, ResultList
from ui.widgets.themed import margins, on_theme

_SHADOW = 12


class PopupFrame(QFrame):
    """A frameless popup with the shadow of popups; put the content into ``body``."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(_SHADOW + 1, _SHADOW + 1, _SHADOW + 1, _SHADOW + 1)
        outer.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        outer.addLayout(self.body)

    def frame_rect(self) -> QRect:
        """The visible frame, without the shadow."""
        return self.rect().adjusted(_SHADOW, _SHADOW, -_SHADOW, -_SHADOW)

    def show_at(self, where: QPoint) -> None:
        """Open with the visible frame's corner at a point of the screen, kept on the screen."""
        self.adjustSize()
        screen = self.screen().availableGeometry()
        spot = where - QPoint(_SHADOW, _SHADOW)
        spot.setX(max(screen.left(), min(spot.x(), screen.right() - self.width() + _SHADOW)))
        spot.setY(max(screen.top(), min(spot.y(), screen.bottom() - self.height() + _SHADOW)))
        self.move(spot)
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = self.frame_rect()
        paint_shadow(painter, frame, px(8), _SHADOW)
        frame_round(painter, frame, px(8), "border-strong", "raised")

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()


class SearchPopup(PopupFrame):
    """A line to type in and the hits below, as the command palette: 640 wide.

    ``query_changed`` sends (text, group key) 60 ms after the last key; answer with :meth:`set_results`.
    ``chosen`` sends the Result, ``chosen_new_window`` on Ctrl+Enter. Tab goes through the groups.
    """

    query_changed = Signal(str, str)
    chosen = Signal(object)
    chosen_new_window = Signal(object)

    def __init__(
        self,
        placeholder: str = "",
        groups: Sequence[tuple[str, str]] = (),
        *,
        width: int = 640,
        rows: int = 13,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._width = width
        self._rows = rows
        self._group = groups[0][0] if groups else ""
        self.line = QLineEdit()
        self.line.setFrame(False)
        on_theme(self.line, self._dress_line)
        self.line.setFont(theme().font("search"))
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self.line.installEventFilter(self)
        self.note = Label("", "secondary", "text-muted")
        head = QWidget()
        top = QHBoxLayout(head)
        top.addWidget(IconLabel("ph.magnifying-glass", "text-muted", 18))
        top.addWidget(self.line, 1)
        top.addWidget(self.note)
        margins(head, 16, 0, 16, 0, 12)
        head.setFixedHeight(px(52))
        self.body.addWidget(head)
        self.body.addWidget(Hairline())
        self._chips: dict[str, Chip] = {}
        if groups:
            self.body.addWidget(self._make_groups(groups))
        self.list = ResultList(placeholder)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.chosen.connect(self._choose)
        self.body.addWidget(self.list)
        self.body.addSpacing(px(8))
        self.body.addWidget(Hairline())
        self.body.addWidget(self._make_foot())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(60)
        self._timer.timeout.connect(self._ask)
        self.line.textChanged.connect(lambda _text: self._timer.start())

    def _dress_line(self) -> None:
        """The line has no ground of its own: it is written on the popup."""
        dress = self.line.palette()
        dress.setColor(QPalette.ColorRole.Base, theme().color("raised"))
        self.line.setPalette(dress)

    def _make_groups(self, groups: Sequence[tuple[str, str]]) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        for key, text in groups:
            chip = Chip(text, checkable=True)
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            chip.setAutoExclusive(True)
            chip.setChecked(key == self._group)
            chip.clicked.connect(lambda _on=False, key=key: self.set_group(key))
            self._chips[key] = chip
            row.addWidget(chip)
        row.addStretch(1)
        row.addWidget(Label(_("Tab changes the group"), "secondary", "text-muted"))
        margins(bar, 16, 8, 16, 4, 4)
        return bar

    def _make_foot(self) -> QWidget:
        foot = _Foot()
        row = QHBoxLayout(foot)
        hints = [
            (("↑", "↓"), _("choose")),
            (("Enter",), pgettext("key", "open")),
            (("Ctrl Enter",), _("in a new window")),
        ]
        for caps, text in hints:
            for cap in caps:
                row.addWidget(KeyCap(cap))
            row.addWidget(Label(text, "secondary", "text-muted"))
            row.addSpacing(px(12))
        row.addStretch(1)
        row.addWidget(KeyCap("Esc"))
        row.addWidget(Label(_("close"), "secondary", "text-muted"))
        margins(foot, 16, 0, 16, 0, 4)
        foot.setFixedHeight(px(36))
        return foot

    def set_group(self, key: str) -> None:
        """Show only the hits of a group."""
        self._group = key
        self._chips[key].setChecked(True)
        self._ask()

    def set_counts(self, counts: dict[str, int]) -> None:
        """Write the number of hits on the groups."""
        for key, chip in self._chips.items():
            chip.set_count(str(counts[key]) if counts.get(key) else "")

    def set_results(self, results: Sequence[Result], note: str = "") -> None:
        """Show the hits of what is typed; the words typed are marked."""
        self.list.set_results(results, words(self.line.text()))
        self.note.setText(note)

    def open_over(self, window: QWidget, text: str = "") -> None:
        """Open 88 px below the top of a window, in its middle."""
        self.line.setFont(theme().font("search"))
        self.setFixedWidth(px(self._width) + 2 * _SHADOW)
        self.list.setFixedHeight(min(px(40) * self._rows, max(px(160), window.height() - px(280))))
        self.line.setText(text)
        self.line.selectAll()
        corner = window.mapToGlobal(QPoint((window.width() - px(self._width)) // 2, px(88)))
        self.show_at(corner)
        self.line.setFocus()
        self._ask()

    def _ask(self) -> None:
        self._timer.stop()
        self.query_changed.emit(self.line.text(), self._group)

    def _choose(self, result: Result) -> None:
        self.hide()
        self.chosen.emit(result)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress:
            return self._key(event)  # type: ignore[arg-type]
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(key), 0)
        if step:
            self.list.move_current(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and self._chips:
            keys = list(self._chips)
            forward = 1 if key == Qt.Key.Key_Tab else -1
            self.set_group(keys[(keys.index(self._group) + forward) % len(keys)])
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _enter(self, new_window: bool) -> None:
        if self._timer.isActive():
            self._ask()
        row = self.list.currentIndex().row()
        if row < 0:
            return
        result = self.list.result(row)
        self.hide()
        (self.chosen_new_window if new_window else self.chosen).emit(result)


class _Foot(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = self.rect().toRectF()
        clip_round(painter, area.adjusted(0, -px(16), 0, 0), px(7))
        painter.fillRect(self.rect(), theme().color("sunken"))


class DropList(PopupFrame):
    """A list that drops from an editor, which keeps the focus; ``chosen`` sends the Result."""

    chosen = Signal(object)

    def __init__(self, editor: QWidget, name: str = "", *, row_height: int = 32) -> None:
        super().__init__(editor)
        self.setWindowFlag(Qt.WindowType.Popup, False)
        self.setWindowFlags(Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._editor = editor
        self.list = ResultList(name, row_height=row_height)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.chosen.connect(self._choose)
        self.body.setContentsMargins(0, px(4), 0, px(4))
        self.body.addWidget(self.list)

    def show_results(self, results: Sequence[Result], typed: str = "", most: int = 8) -> None:
        """Open below the editor with these hits; closes where there is none."""
        if not results:
            self.hide()
            return
        self.list.set_results(results, words(typed))
        self.list.setFixedHeight(self.list.content_height(most))
        self.setFixedWidth(max(self._editor.width(), px(240)) + 2 * _SHADOW)
        self.show_at(self._editor.mapToGlobal(QPoint(0, self._editor.height() + px(2))))

    def key(self, event: QKeyEvent) -> bool:
        """Handle a key of the editor; True where it was for the list."""
        if not self.isVisible():
            return False
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.list.move_current(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            return self.list.choose_current()
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _choose(self, result: Result) -> None:
        self.hide()
        self.chosen.emit(result)
