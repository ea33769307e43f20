"""Shows who else has a record open, and says to the others what this window shows and where somebody types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject, QSize, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QTextEdit,
    QWidget,
)

from crm_desktop.core.events import PresenceChanged
from crm_desktop.core.i18n import _, ngettext
from crm_desktop.records import presence
from crm_desktop.records.presence import Present
from ui.framework import tasks
from ui.framework.office import Office
from ui.theme.paint import draw_text, fill_round, mirrored
from ui.theme.theme import px
from ui.widgets.avatar import paint_avatar
from ui.widgets.headers import Banner
from ui.widgets.search_box import SearchBox
from ui.widgets.themed import on_theme

_SETTLE_MS = 1200
"""Who only passes by a record on the way through a list does not say so."""
_READ_MS = 60
_MOST = 3
_SIDE = 24


class PresenceKeeper(QObject):
    """What one window shows, and who else shows the same; one for each :class:`Office`, see :func:`keeper_of`."""

    changed = Signal()

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self._office = office
        self._shown: dict[int, tuple[str, int, bool]] = {}
        self._told: dict[tuple[str, int], bool] = {}
        self._others: dict[int, list[Present]] = {}
        self._busy = self._stopped = False
        self._alone = False
        self._settle = self._timer(_SETTLE_MS, self._announce)
        self._soon = self._timer(_READ_MS, self._read)
        self._beat = QTimer(self)
        self._beat.setInterval(presence.BEAT_S * 1000)
        self._beat.timeout.connect(self._on_beat)
        self.active = office.user_id is not None and not office.database.read_only
        if self.active:
            self._beat.start()
            office.presence_changed.connect(self._on_presence_changed)

    def _timer(self, milliseconds: int, call: Any) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer

    def show(self, owner: QObject, entity: str, record_id: int | None, *, editing: bool = False) -> None:
        """A part of the window shows a record now, or none; and whether somebody types in it."""
        key = id(owner)
        if not self.active or self._stopped:
            return
        before = self._shown.get(key)
        if record_id is None:
            self._shown.pop(key, None)
        else:
            self._shown[key] = (entity, record_id, editing)
        after = self._shown.get(key)
        if before == after:
            return
        if before is None or after is None or before[1] != after[1]:
            self._soon.start()
            self._settle.start()
        elif after[2]:
            self._announce()  # who begins to type is told of at once
        else:
            self._settle.start()

    def others(self, record_id: int | None) -> list[Present]:
        """Who else has a record open, as far as it is known."""
        return self._others.get(record_id, []) if record_id is not None else []

    def _wanted(self) -> dict[tuple[str, int], bool]:
        wanted: dict[tuple[str, int], bool] = {}
        for entity, record_id, editing in self._shown.values():
            wanted[entity, record_id] = wanted.get((entity, record_id), False) or editing
        return wanted

    def _on_beat(self) -> None:
        self._alone = False
        if self._shown or self._told:
            self._announce()
            self._soon.start()

    def _announce(self) -> None:
        wanted, told = self._wanted(), dict(self._told)
        if self._stopped or self._alone or not (wanted or told):
            return
        if self._busy:
            self._settle.start()
            return
        self._busy = True
        database, user, origin = self._office.database, self._office.user_id, self._office.origin

        def done(somebody: bool) -> None:
            self._busy = False
            self._alone = not somebody
            self._told = wanted if somebody else {}
            if self._wanted() != wanted:
                self._settle.start()

        def failed(_error: Exception) -> None:
            self._busy = False  # the status bar tells that the server does not answer; the next beat tries again

        assert user is not None
        tasks.run_write(self, lambda: presence.announce(database, user, origin, wanted, told), done, failed)

    def _read(self) -> None:
        database, user = self._office.database, self._office.user_id
        ids = sorted({record_id for _entity, record_id, _editing in self._shown.values()})
        if self._stopped or user is None:
            return
        if not ids:
            self._take([])
            return

        def read() -> list[Present]:
            with database.read() as connection:
                return presence.others(database, connection, user, ids)

        tasks.run_read(self, read, self._take, lambda _error: None, supersede="others")

    def _take(self, found: Sequence[Present]) -> None:
        known: dict[int, list[Present]] = {}
        for one in found:
            known.setdefault(one.record_id, []).append(one)
        if known != self._others:
            self._others = known
            self.changed.emit()

    def _on_presence_changed(self, event: PresenceChanged) -> None:
        shown = {presence.mark_of(record_id) for _entity, record_id, _editing in self._shown.values()}
        if shown and (not event.records or event.records & shown) and not self._soon.isActive():
            self._soon.start()

    def stop(self) -> None:
        """The window is closed."""
        if self._stopped:
            return
        self._stopped = True
        for timer in (self._settle, self._soon, self._beat):
            timer.stop()
        database, origin, told = self._office.database, self._office.origin, dict(self._told)
        if told or self._busy:
            tasks.run_write(self, lambda: presence.leave(database, origin, told), None, lambda _error: None)


def keeper_of(office: Office) -> PresenceKeeper:
    """The keeper of a window's office, made with its first card."""
    found = office.findChild(PresenceKeeper)
    return found if found is not None else PresenceKeeper(office)


class PresenceStrip(QWidget):
    """The initials of those who have the same record open. ``people_changed``: others, so maybe another width."""

    people_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.people: list[Present] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)
        self.hide()

    def set_people(self, people: Sequence[Present]) -> None:
        """Show these."""
        self.people = list(people)
        words = presence_words(people)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.setVisible(bool(people))
        self.updateGeometry()
        self.update()
        self.people_changed.emit()

    def sizeHint(self) -> QSize:
        shown = min(len(self.people), _MOST) + (len(self.people) > _MOST)
        return QSize(px(_SIDE) + max(shown - 1, 0) * px(_SIDE - 6), px(_SIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side, step = px(_SIDE), px(_SIDE - 6)
        names = [one.name for one in self.people[:_MOST]]
        for number, name in enumerate(names):
            box = self.rect().adjusted(number * step, 0, 0, 0)
            box.setWidth(side)
            box = mirrored(box, self.rect(), self.layoutDirection())
            fill_round(painter, box, side // 2, "surface")
            paint_avatar(painter, box.adjusted(1, 1, -1, -1).toRectF(), name)
        if len(self.people) > _MOST:
            box = self.rect().adjusted(_MOST * step, 0, 0, 0)
            box.setWidth(side)
            box = mirrored(box, self.rect(), self.layoutDirection())
            fill_round(painter, box, side // 2, "hover")
            more = f"+{len(self.people) - _MOST}"
            draw_text(painter, box, more, "badge", "text-muted", elide=False)


def presence_words(people: Sequence[Present]) -> str:
    """Who else has it open, in words."""
    names = [one.name for one in people]
    if not names:
        return ""
    if len(names) == 1:
        return _("{name} has this open too").format(name=names[0])
    text = ngettext("{names} and {last} have this open too", "{names} and {last} have this open too", len(names))
    return text.format(names=", ".join(names[:-1]), last=names[-1])


def editing_words(people: Sequence[Present]) -> str:
    """Who types in it, in words; "" where nobody does."""
    names = [one.name for one in people if one.editing]
    if not names:
        return ""
    if len(names) == 1:
        return _("{name} is editing this").format(name=names[0])
    return _("{names} and {last} are editing this").format(names=", ".join(names[:-1]), last=names[-1])


class EditingLine(Banner):
    """The line that says who types in the record: a hint, and no lock."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(kind="accent", icon="ph.pencil-simple", parent=parent)
        self.setContentsMargins(0, px(8), 0, 0)  # off the picture above it
        self.setMinimumHeight(px(40))
        self.text.hide()
        self._layout.addStretch(1)
        self.hide()

    def say(self, words: str) -> None:
        """Show who types; nothing where nobody does."""
        self.strong.setText(words)
        self.strong.setVisible(bool(words))
        self.setToolTip(_("You can write too: changes of different fields go together."))
        self.setAccessibleName(words)
        self.setVisible(bool(words))


class CardPresence(QObject):
    """The presence of one card: what it shows, whether somebody types in it, and who else does.

    Args:
        strip: where the initials of the others are shown.
    """

    def __init__(self, office: Office, card: QWidget, strip: PresenceStrip) -> None:
        super().__init__(card)
        self._card, self._strip = card, strip
        self._keeper = keeper_of(office)
        self._entity, self._record_id = "", None
        self._editing = False
        self.line = EditingLine()
        if not self._keeper.active:
            return
        self._keeper.changed.connect(self._show_others)
        card.installEventFilter(self)
        card.destroyed.connect(lambda *_gone, key=self: self._forget())
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_focus)

    _record_id: int | None

    def set_record(self, entity: str, record_id: int | None) -> None:
        """The card shows this record now."""
        if (entity, record_id) != (self._entity, self._record_id):
            self._editing = False
        self._entity, self._record_id = entity, record_id
        self._tell()
        self._show_others()

    def _tell(self) -> None:
        shown = self._record_id if self._card.isVisible() else None
        self._keeper.show(self, self._entity, shown, editing=self._editing)

    def _forget(self) -> None:
        if shiboken6.isValid(self._keeper):
            self._keeper.show(self, self._entity, None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._card and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            QTimer.singleShot(0, self, self._tell)
        return False

    def _on_focus(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is None or not shiboken6.isValid(self._card):
            return  # another program is in front: who was typing still is
        editing = _is_editor(now) and self._belongs(now)
        if editing != self._editing:
            self._editing = editing
            self._tell()

    def _belongs(self, widget: QWidget | None) -> bool:
        """Whether a widget is part of the card, or of a window that was opened from it."""
        while widget is not None:
            if widget is self._card:
                return True
            widget = widget.parentWidget()
        return False

    def _show_others(self) -> None:
        people = self._keeper.others(self._record_id)
        self._strip.set_people(people)
        self.line.say(editing_words(people))


def _is_editor(widget: QWidget) -> bool:
    """Whether somebody types in it, or chooses a value; a search line is none."""
    if isinstance(widget, SearchBox) or not isinstance(
        widget, QLineEdit | QPlainTextEdit | QTextEdit | QAbstractSpinBox | QComboBox
    ):
        return False
    read_only = getattr(widget, "isReadOnly", None)
    return not (read_only is not None and read_only())
