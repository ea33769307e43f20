"""The head of a case: protocol, status, priority, owner, subject, and what to do with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from crm_desktop.cases.case import PRIORITIES, TRANSITIONS
from crm_desktop.cases.words import priority_text, status_text
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.queries import Record
from ui.cases.case_data import Customer
from ui.cases.looks import PRIORITY_ICONS, PRIORITY_KINDS, STATUS_ICONS, STATUS_KINDS
from ui.cases.pill import Pill
from ui.records.presence import PresenceStrip
from ui.theme.icons import icon, paint_icon
from ui.theme.paint import fill_round, frame_round
from ui.theme.theme import px
from ui.widgets.avatar import paint_avatar
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import ElidedLabel, IconLabel, Label, Link
from ui.widgets.themed import KeyboardRing, fixed_size, margins
from ui.widgets.toast import show_toast


class OwnerButton(KeyboardRing, QAbstractButton):
    """The avatar of who has the case; a click gives it to somebody else."""

    def __init__(self, make_menu: Callable[[], QMenu], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_menu = make_menu
        self._name = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self.open_menu)
        fixed_size(self, 28, 28)

    def set_owner(self, name: str) -> None:
        """Show whose it is."""
        self._name = name
        text = _("Owner: {name}").format(name=name) if name else _("Nobody has this case")
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.update()

    def open_menu(self) -> None:
        """Offer the people of the office."""
        self._make_menu().exec(self.mapToGlobal(QPoint(0, self.height() + px(4))))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, rect = QPainter(self), self.rect().toRectF()
        if self._name:
            paint_avatar(painter, rect.adjusted(1, 1, -1, -1), self._name)
        else:
            fill_round(painter, rect, rect.height() / 2, "warning-soft")
            paint_icon(painter, rect.adjusted(px(6), px(6), -px(6), -px(6)), "ph.user-plus", "warning")
        if self.shows_ring() or self.underMouse():
            frame_round(painter, rect, rect.height() / 2, "focus" if self.shows_ring() else "border-strong")


class SubjectLine(QStackedWidget):
    """The subject; a click, F2 or Enter turns it into a line to write in. ``changed`` sends the new one."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ElidedLabel("", "title")
        self.label.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.label.setCursor(Qt.CursorShape.IBeamCursor)
        self.line = QLineEdit()
        self.label.installEventFilter(self)
        self.line.returnPressed.connect(self._commit)
        self.line.editingFinished.connect(self._commit)
        self.line.installEventFilter(self)
        self.addWidget(self.label)
        self.addWidget(self.line)
        self.setFixedHeight(px(32))
        self._open = False
        self.locked = False
        """Whether it may be read only."""

    def set_subject(self, text: str) -> None:
        """Show a subject."""
        self.label.setText(text)
        self.line.setAccessibleName(_("Subject"))
        self.label.setAccessibleName(_("Subject: {text}").format(text=text))

    def edit(self) -> None:
        """Write another subject."""
        if self.locked:
            return
        self._open = True
        self.line.setText(self.label.text())
        self.setCurrentWidget(self.line)
        self.line.setFocus()
        self.line.selectAll()

    def _commit(self) -> None:
        if not self._open:
            return
        self._open = False
        text = self.line.text().strip()
        self.setCurrentWidget(self.label)
        if text and text != self.label.text():
            self.changed.emit(text)

    def eventFilter(self, watched: object, event: object) -> bool:
        kind = event.type() if isinstance(event, QEvent) else None
        if watched is self.label and kind is QEvent.Type.MouseButtonRelease:
            self.edit()
        elif watched is self.label and isinstance(event, QKeyEvent) and kind is QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.edit()
                return True
        elif watched is self.line and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._open = False
            self.setCurrentWidget(self.label)
            self.label.setFocus()
            return True
        return False


class CaseHeader(QWidget):
    """Protocol number to copy, pills of status and priority, owner, subject and customer."""

    status_chosen = Signal(str)
    priority_chosen = Signal(str)
    owner_chosen = Signal(object)
    solve_requested = Signal()
    reopen_requested = Signal()
    panel_requested = Signal()
    menu_requested = Signal(QPoint)
    link_requested = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status, self._users, self._owner = "new", list[tuple[int, str]](), None
        self._customer = Customer()
        self._locked = False
        self.number = Label("", "strong", selectable=True)
        self.copy = IconButton("ph.copy", "", kind="ghost")
        self.copy.clicked.connect(self.copy_number)
        self.status = Pill(self.status_menu)
        self.priority = Pill(self.priority_menu)
        self.owner = OwnerButton(self.owner_menu)
        self.more = IconButton("ph.dots-three", "")
        self.panel = IconButton("ph.identification-card", "")
        self.solve = Button(icon="ph.check-circle", small=True)
        self.reopen = Button(icon="ph.arrow-counter-clockwise", small=True)
        self.subject = SubjectLine()
        self.pills = QWidget()
        self.pills.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._narrow = False
        self.links = QWidget()
        self._links = QHBoxLayout(self.links)
        self._links.setContentsMargins(0, 0, 0, 0)
        self._links.setSpacing(px(4))
        self._connect()
        self._lay_out()
        self.retranslate()

    def _connect(self) -> None:
        self.solve.clicked.connect(self.solve_requested)
        self.reopen.clicked.connect(self.reopen_requested)
        self.panel.clicked.connect(self.panel_requested)
        self.more.clicked.connect(
            lambda: self.menu_requested.emit(self.more.mapToGlobal(QPoint(0, self.more.height() + px(4))))
        )

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(px(8))
        number = QHBoxLayout()
        number.setSpacing(px(4))
        number.addWidget(IconLabel("ph.hash", "text", 14))
        number.addWidget(self.number)
        number.addWidget(self.copy)
        pills = QHBoxLayout(self.pills)
        pills.setContentsMargins(0, 0, 0, 0)
        pills.setSpacing(px(8))
        pills.addWidget(self.status)
        pills.addWidget(self.priority)
        top.addLayout(number)
        top.addWidget(self.pills)
        top.addStretch(1)
        self._top = top
        self.present = PresenceStrip()
        for widget in (self.present, self.owner, self.panel, self.more, self.reopen, self.solve):
            top.addWidget(widget)
        box = QVBoxLayout(self)
        box.addLayout(top)
        box.addWidget(self.subject)
        self._under = QHBoxLayout()
        self._under.setSpacing(px(12))
        self._under.addWidget(self.links, 1)
        self._under.addStretch(0)
        box.addLayout(self._under)
        margins(self, 24, 12, 24, 8, 4)

    def retranslate(self) -> None:
        """Write the words again."""
        self.copy.set_label(_("Copy the protocol number"))
        self.more.set_label(_("More"))
        self.panel.set_label(_("Show or hide the customer"))
        self.solve.setText(_("Solve…"))
        self.reopen.setText(_("Reopen"))

    def set_locked(self, locked: bool) -> None:
        """Whether the case may be looked at only."""
        self._locked = locked
        for part in (self.status, self.priority, self.owner):
            part.setEnabled(not locked)
        self.subject.locked = locked
        self.subject.label.setCursor(Qt.CursorShape.ArrowCursor if locked else Qt.CursorShape.IBeamCursor)

    def set_case(self, record: Record, customer: Customer, users: Sequence[tuple[int, str]]) -> None:
        """Show a case."""
        values = record.values
        self._status, self._users, self._customer = values["status"], list(users), customer
        self._owner = getattr(values.get("owner_id"), "id", None)
        self.number.setText(values.get("number") or "–")
        self.status.show_value(
            status_text(self._status), STATUS_KINDS[self._status], STATUS_ICONS[self._status], _("Status")
        )
        priority = values.get("priority") or "normal"
        text = _("Priority: {priority}").format(priority=priority_text(priority).lower())
        self.priority.show_value(text, PRIORITY_KINDS[priority], PRIORITY_ICONS[priority], _("Priority"))
        self.owner.set_owner(str(values.get("owner_id") or ""))
        self.subject.set_subject(record.title)
        self.solve.setVisible("solved" in self.allowed())
        self.reopen.setVisible(self._status in ("solved", "closed") and not self._locked)
        self._show_links()
        self.arrange()

    def _show_links(self) -> None:
        while self._links.count():
            item = self._links.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        one = self._customer
        people = [(one.entity, one.id, one.name), ("company", 0 if self._narrow else one.company_id, one.company)]
        for number, (entity, identity, name) in enumerate(pair for pair in people if pair[1]):
            if number:
                self._links.addWidget(Label("·", "body", "text-muted"))
            link = Link(name)
            link.activated.connect(lambda entity=entity, identity=identity: self.link_requested.emit(entity, identity))
            link.setMinimumWidth(1)
            self._links.addWidget(link)
        if not one.id:
            self._links.addWidget(Label(_("No customer yet"), "body", "text-muted"))
        self._links.addStretch(1)

    def resizeEvent(self, event: object) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.arrange()

    def arrange(self) -> None:
        """Put the pills under the subject where they do not fit beside the number."""
        pills = self.pills.sizeHint().width() + px(8)
        top = self._top.sizeHint().width() + px(48)
        narrow = top + (pills if self._narrow else 0) > self.width()
        if narrow != self._narrow:
            self._narrow = narrow
            if narrow:
                self._under.insertWidget(0, self.pills)
            else:
                self._top.insertWidget(1, self.pills)
            self._show_links()

    def copy_number(self) -> None:
        """Put the protocol number on the clipboard."""
        QGuiApplication.clipboard().setText(self.number.text())
        show_toast(self, _("{number} copied").format(number=self.number.text()))

    def allowed(self) -> tuple[str, ...]:
        """The statuses that the case may get now."""
        return () if self._locked else TRANSITIONS.get(self._status, ())

    # -- menus -------------------------------------------------------------------------------------------------

    def status_menu(self) -> QMenu:
        """The statuses that the case may get now."""
        menu = QMenu(self)
        for key in self.allowed():
            reopens = key == "open" and self._status in ("solved", "closed")
            text = _("Reopen") if reopens else (_("Solved…") if key == "solved" else status_text(key))
            action = menu.addAction(icon(STATUS_ICONS[key]), text)
            if key == "solved":
                action.triggered.connect(lambda _on=False: self.solve_requested.emit())
            else:
                action.triggered.connect(lambda _on=False, key=key: self.status_chosen.emit(key))
        return menu

    def priority_menu(self) -> QMenu:
        """The priorities."""
        menu = QMenu(self)
        for one in reversed(PRIORITIES):
            action = menu.addAction(icon(PRIORITY_ICONS[one.key]), translate(one.label))
            action.triggered.connect(lambda _on=False, key=one.key: self.priority_chosen.emit(key))
        return menu

    def owner_menu(self) -> QMenu:
        """The people of the office, and nobody."""
        menu = QMenu(self)
        for identity, name in self._users:
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(identity == self._owner)
            action.triggered.connect(lambda _on=False, identity=identity: self.owner_chosen.emit(identity))
        menu.addSeparator()
        nobody = menu.addAction(icon("ph.user-minus"), _("Nobody"))
        nobody.setEnabled(self._owner is not None)
        nobody.triggered.connect(lambda _on=False: self.owner_chosen.emit(None))
        return menu
