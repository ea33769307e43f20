"""The head of a record card: who it is, tags, what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from crm_desktop.core.entities import Entity
from crm_desktop.core.fields import Field, Kind
from crm_desktop.core.i18n import _, pgettext, translate
from crm_desktop.records.queries import Link as RecordLink
from crm_desktop.records.queries import Record
from ui.framework.commands import native_shortcut
from ui.framework.may import can, may
from ui.framework.office import Office
from ui.records.cells import WITH_AVATAR
from ui.records.filter_popup import known_tags, popup_point
from ui.records.kit import SHORTCUTS, CardKit, QuickAction
from ui.records.presence import PresenceStrip
from ui.records.room import clear_layout
from ui.records.shown import text_of
from ui.theme.icons import icon
from ui.theme.theme import px, theme
from ui.widgets.avatar import Avatar
from ui.widgets.badges import Badge, Tag
from ui.widgets.buttons import Button, IconButton
from ui.widgets.editor_tags import TagsEditor
from ui.widgets.labels import ElidedLabel, Label
from ui.widgets.popup import PopupFrame
from ui.widgets.states import BigIcon
from ui.widgets.themed import margins

_MOST_TAGS = 3
_MORE_TAGS = 22
"""The room of "+2" behind the title."""


class TagsPopup(PopupFrame):
    """The tags of a record in an editor; ``changed`` sends (added, removed) when it closes."""

    changed = Signal(list, list)

    def __init__(self, office: Office, tags: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = list(tags)
        self.editor = TagsEditor(lambda text: known_tags(office, text), name=_("Tags"))
        self.editor.set_value(tags)
        self.editor.setMinimumWidth(280)
        self.editor.committed.connect(self.close)
        self.editor.cancelled.connect(self.close)
        self.editor.edited.connect(self.adjustSize)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(Label(_("Tags"), "section"))
        box.addWidget(self.editor)
        box.addWidget(Label(_("Enter adds, Esc closes"), "secondary", "text-muted"))
        margins(inner, 12, 12, 12, 12, 8)
        self.body.addWidget(inner)
        self.closed.connect(self._tell)

    def _tell(self) -> None:
        now = self.editor.value()
        added = [tag for tag in now if tag not in self._before]
        removed = [tag for tag in self._before if tag not in now]
        if added or removed:
            self._before = now
            self.changed.emit(added, removed)


_ROOMY = 440
"""From so many pixels on there is room for the buttons that step through the list."""


class ElidedLink(ElidedLabel):
    """A link that ends in "…" where there is no room."""

    activated = Signal()

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, "name", "accent", parent=parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(text)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, theme().color("focus"))


class CardHeader(QWidget):
    """Avatar or icon, title, tags, subtitle, and the buttons to step and to open in a window."""

    step_requested = Signal(int)
    window_requested = Signal()
    link_requested = Signal(str, object)
    tags_changed = Signal(list, list)

    def __init__(
        self, office: Office, spec: Entity, kit: CardKit, *, alone: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._office, self._spec, self._kit = office, spec, kit
        self._tags: list[tuple[int, str, int]] = []
        self._tags_shown: tuple[int, tuple[tuple[int, str, int], ...], str] | None = None
        self._under_shown: list[tuple[str, str, int]] | None = None
        self._locked = False
        self._alone = alone
        self.avatar = Avatar("", 48) if spec.name in WITH_AVATAR else None
        picture = QStackedWidget()
        picture.addWidget(self.avatar or BigIcon(spec.icon, spec.hue, 48, 12))
        picture.setFixedSize(px(48), px(48))
        self.title = ElidedLabel("", "title")
        self.warning = Badge("", "danger", icon="ph.hand-palm")
        self.warning.hide()
        self._tag_box = QHBoxLayout()
        self._tag_box.setSpacing(4)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.title)
        first.addLayout(self._tag_box)
        first.addStretch(1)
        self._under = QHBoxLayout()
        self._under.setSpacing(4)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.warning)
        second.addLayout(self._under, 1)
        column.addLayout(second)
        self.up = IconButton("ph.caret-up", "")
        self.down = IconButton("ph.caret-down", "")
        self.window_button = IconButton("ph.arrow-square-out", "")
        self.up.clicked.connect(lambda: self.step_requested.emit(-1))
        self.down.clicked.connect(lambda: self.step_requested.emit(1))
        self.window_button.clicked.connect(self.window_requested)
        self.present = PresenceStrip()
        self.present.people_changed.connect(self._show_tags)
        row = QHBoxLayout(self)
        row.addWidget(picture)
        row.addLayout(column, 1)
        row.addWidget(self.present)
        for button in (self.up, self.down, self.window_button):
            row.addWidget(button)
            button.setVisible(not alone)
        margins(self, 24, 16, 16, 0, 8)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.up.set_label(_("The record above"))
        self.down.set_label(_("The record below"))
        self.window_button.set_label(_("Open in a window"))

    def set_locked(self, locked: bool) -> None:
        """Whether the tags may be looked at only."""
        if locked != self._locked:
            self._locked, self._tags_shown = locked, None

    def set_record(self, record: Record, fields: Sequence[Field]) -> None:
        """Show a record."""
        if self.avatar is not None:
            self.avatar.set_person(record.title)
        self.title.setText(record.title)
        told = self._kit.warning(record) if self._kit.warning is not None else ""
        self.warning.setText(told)
        self.warning.setVisible(bool(told))
        self._tags = list(record.tags)
        self._show_tags()
        self._show_subtitle(record, {one.name: one for one in fields})

    def _show_tags(self) -> None:
        """As many tags as fit behind the title, which comes first."""
        stepping = 0 if self.up.isHidden() else 2
        buttons = px((1 + stepping) * 36) if self.window_button.isVisibleTo(self) else 0
        others = 0 if self.present.isHidden() else self.present.sizeHint().width() + px(8)
        room = self.width() - px(24 + 16 + 48 + 16 + 32) - buttons - others - self.title.sizeHint().width()
        wanted = (room, tuple(self._tags), _("Edit the tags"))
        if wanted == self._tags_shown:
            return
        self._tags_shown = wanted
        clear_layout(self._tag_box)
        shown = 0
        for _id, name, hue in self._tags[:_MOST_TAGS]:
            tag = Tag(name, hue)
            width = tag.sizeHint().width() + px(4)
            if width > room:
                tag.deleteLater()
                break
            room -= width
            shown += 1
            self._tag_box.addWidget(tag)
        more = len(self._tags) - shown
        names = ", ".join(name for _id, name, _hue in self._tags)
        told = more > 0 and (shown > 0 or self._locked or room >= px(_MORE_TAGS))
        if told:
            label = Label(f"+{more}", "secondary", "text-muted")
            label.setToolTip(names)
            self._tag_box.addWidget(label)
        add = IconButton("ph.plus" if shown or told else "ph.tag", _("Edit the tags"), kind="ghost")
        if more > 0 and not told:
            add.setToolTip(f"{add.toolTip()}: {names}")
        add.clicked.connect(lambda: self._edit_tags(add))
        if self._locked:
            add.hide()
        self._tag_box.addWidget(add)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        roomy = self.width() >= px(_ROOMY)  # the name comes first; the arrows of the list step as well
        for button in (self.up, self.down):
            button.setVisible(roomy and not self._alone)
        self._show_tags()

    def _show_subtitle(self, record: Record, fields: dict[str, Field]) -> None:
        names = self._kit.subtitle or ((self._spec.subtitle_field,) if self._spec.subtitle_field else ())
        shown = [
            (fields[name], record.values.get(name)) for name in names if name in fields and record.values.get(name)
        ]
        parts: list[tuple[str, str, int]] = []
        for number, (field, value) in enumerate(shown):
            text = text_of(field, value)
            if field.kind is Kind.LINK and isinstance(value, RecordLink):
                parts.append((text, field.target, value.id))
            else:
                parts.append((text + ("," if number < len(shown) - 1 else ""), "", 0))
        before, self._under_shown = self._under_shown, parts
        if before is not None and parts and _links(before) == _links(parts):
            for place, (text, target, _id) in enumerate(parts):
                item = self._under.itemAt(place)
                label = item.widget() if item is not None else None
                if not target and isinstance(label, ElidedLabel) and label.text() != text:
                    label.setText(text)
            return
        clear_layout(self._under)
        for text, target, record_id in parts:
            if target:
                link = ElidedLink(text)
                link.activated.connect(
                    lambda target=target, record_id=record_id: self.link_requested.emit(target, record_id)
                )
                self._under.addWidget(link)
            else:
                self._under.addWidget(ElidedLabel(text, "body", "text-muted"))
        self._under.addStretch(1)
        if not parts:
            self._under.addWidget(Label(" "))

    def _edit_tags(self, anchor: QWidget) -> None:
        popup = TagsPopup(self._office, [name for _id, name, _hue in self._tags], self)
        popup.changed.connect(self.tags_changed)
        popup.show_at(popup_point(anchor))
        popup.editor.setFocus()


def _links(parts: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int] | None]:
    """The parts of a subtitle that are links, and None for each that is plain text."""
    return [part if part[1] else None for part in parts]


def _make_words(action: QuickAction) -> str:
    """What a quick action does, in words."""
    words = {"activity": _("Plan the next step"), "deal": _("Create a deal"), "case": _("Open a case")}
    return words.get(action.entity, translate(action.label))


def _with_key(text: str, shortcut: str) -> str:
    return _("{text} ({key})").format(text=text, key=native_shortcut(shortcut)) if shortcut else text


class CardActions(QWidget):
    """The row of buttons: call, write, make another record, and everything else behind the dots."""

    action_requested = Signal(object)
    note_requested = Signal()
    log_requested = Signal()
    file_requested = Signal()
    edit_requested = Signal()
    delete_requested = Signal()
    print_requested = Signal()
    command_requested = Signal(object)

    sight_requested = Signal()

    def __init__(self, office: Office, spec: Entity, kit: CardKit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._office, self._spec, self._kit = office, spec, kit
        self._record: Record | None = None
        self.call = Button(icon="ph.phone", small=True)
        self.mail = Button(icon="ph.envelope-simple", small=True)
        self.call.clicked.connect(self._call)
        self.mail.clicked.connect(self._mail)
        self.more = IconButton("ph.dots-three", "")
        self.more.clicked.connect(self._open_menu)
        self.print = IconButton("ph.printer", "")
        self.print.clicked.connect(self.print_requested)
        self._buttons: list[tuple[Button, QuickAction]] = []
        row = QHBoxLayout(self)
        row.addWidget(self.call)
        row.addWidget(self.mail)
        for action in kit.actions:
            button = Button(icon=action.icon, small=True)
            button.clicked.connect(lambda _on=False, action=action: self.action_requested.emit(action))
            self._buttons.append((button, action))
            row.addWidget(button)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.print)
        margins(self, 24, 12, 16, 12, 8)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self.more.set_label(_("More"))
        self.print.set_label(_("Print this record"))
        for button, action in self._buttons:
            button.setVisible(may(self._office, action.entity, "create"))
            button.setToolTip(_with_key(_make_words(action), action.shortcut))
        self._offer()

    def set_record(self, record: Record) -> None:
        """Offer what can be done with a record."""
        before = (self._numbers(), self._addresses()) if self._record is not None else None
        self._record = record
        if before != (self._numbers(), self._addresses()):
            self._offer()

    def _numbers(self) -> list[tuple[str, str]]:
        """(label, phone) of the record's phones."""
        if self._record is None:
            return []
        return [
            (text_of(one, value), str(value)) for one in self._spec.fields
            if one.kind is Kind.PHONE and "fax" not in one.name and (value := self._record.values.get(one.name))
        ]  # fmt: skip

    def _addresses(self) -> list[str]:
        if self._record is None:
            return []
        return [
            str(value)
            for one in self._spec.fields
            if one.kind is Kind.EMAIL and (value := self._record.values.get(one.name))
        ]

    def _offer(self) -> None:
        """Call and write only where there is a number and an address."""
        numbers, addresses = self._numbers(), self._addresses()
        self.call.setVisible(any(one.kind is Kind.PHONE for one in self._spec.fields))
        self.mail.setVisible(any(one.kind is Kind.EMAIL for one in self._spec.fields))
        self.call.setEnabled(bool(numbers))
        self.mail.setEnabled(bool(addresses))
        self.call.setToolTip(numbers[0][0] if numbers else _("There is no phone yet"))
        self.mail.setToolTip(addresses[0] if addresses else _("There is no e-mail yet"))
        self._fit()

    def _call(self) -> None:
        numbers = self._numbers()
        if len(numbers) == 1:
            QDesktopServices.openUrl(QUrl(f"tel:{numbers[0][1]}"))
            return
        menu = QMenu(self)
        for text, number in numbers:
            menu.addAction(icon("ph.phone"), text).triggered.connect(
                lambda _on=False, number=number: QDesktopServices.openUrl(QUrl(f"tel:{number}"))
            )
        menu.exec(popup_point(self.call))

    def _mail(self) -> None:
        addresses = self._addresses()
        if addresses:
            QDesktopServices.openUrl(QUrl(f"mailto:{addresses[0]}"))

    def menu(self) -> QMenu:
        """Everything that can be done with the record, as far as one may."""
        menu = QMenu(self)
        edits = self._may("edit")
        if edits:
            menu.addAction(icon("ph.pencil-simple"), _("Edit all fields…")).triggered.connect(
                lambda: self.edit_requested.emit()
            )
        if self._kit.log_call is not None and may(self._office, "activity", "create"):
            self._entry(menu, "ph.phone-call", _("Log a call"), SHORTCUTS["call"]).triggered.connect(
                lambda: self.log_requested.emit()
            )
        self._entry(menu, "ph.note-pencil", _("Write a note"), SHORTCUTS["note"]).triggered.connect(
            lambda: self.note_requested.emit()
        )
        if edits:
            menu.addAction(icon("ph.paperclip"), _("Attach files…")).triggered.connect(
                lambda: self.file_requested.emit()
            )
        for action in self._kit.actions:
            if not may(self._office, action.entity, "create"):
                continue
            self._entry(menu, action.icon, _make_words(action), action.shortcut).triggered.connect(
                lambda _on=False, action=action: self.action_requested.emit(action)
            )
        if self._kit.commands:
            menu.addSeparator()
        for command in self._kit.commands:
            if self._record is None or (command.when is not None and not command.when(self._record)):
                continue
            if (command.needs and not self._may(command.needs)) or (
                command.power and not can(self._office, command.power)
            ):
                continue
            tint = "danger" if command.danger else "text"
            menu.addAction(icon(command.icon, tint), translate(command.label)).triggered.connect(
                lambda _on=False, command=command: self.command_requested.emit(command)
            )
        menu.addSeparator()
        menu.addAction(icon("ph.printer"), _("Print this record")).triggered.connect(
            lambda: self.print_requested.emit()
        )
        browsed = self._office.browsed
        if browsed is not None and browsed.bring is not None and self._record is not None:
            bring, record = browsed.bring, self._record
            entry = self._entry(menu, "ph.clock-counter-clockwise", _("Bring this record back…"), "Ctrl+Shift+B")
            entry.triggered.connect(lambda: bring(self._spec.name, record.id))
        if self._office.who_sees is not None:
            menu.addAction(icon("ph.eye"), _("Who can see this?")).triggered.connect(
                lambda: self.sight_requested.emit()
            )
        if self._may("delete"):
            menu.addSeparator()
            delete = menu.addAction(icon("ph.trash", "danger"), _("Delete"))
            delete.triggered.connect(lambda: self.delete_requested.emit())
        return menu

    def _may(self, action: str) -> bool:
        return self._record is not None and may(self._office, self._spec.name, action, self._record)

    @staticmethod
    def _entry(menu: QMenu, name: str, text: str, shortcut: str) -> QAction:
        """An entry that shows the key which does the same; the list and the window listen to the key."""
        action = menu.addAction(icon(name), f"{text}\t{native_shortcut(shortcut)}" if shortcut else text)
        return action

    def _open_menu(self) -> None:
        self.menu().exec(popup_point(self.more))

    def _fit(self) -> None:
        """Words on the buttons; from the end only icons, as far as the words do not fit."""
        words = [(self.call, pgettext("action", "Call")), (self.mail, _("E-mail"))]
        words += [(button, translate(action.label)) for button, action in self._buttons]
        shown = [(button, text) for button, text in words if not button.isHidden()]
        for button, text in shown:
            button.setText(text)
            button.setAccessibleName(text)
        used = sum(button.sizeHint().width() + px(8) for button, _text in shown)
        room = self.width() - px(24 + 16 + 36 + 36)
        for button, _text in reversed(shown):
            if used <= room:
                break
            used -= button.sizeHint().width()
            button.setText("")
            used += button.sizeHint().width()

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._fit()
