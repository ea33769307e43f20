"""The bar that takes the place of the filters while records are checked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from crm_desktop.core.i18n import _, ngettext, translate
from ui.framework.may import restrict, why_not
from ui.framework.office import Office
from ui.records.editors import make_picker
from ui.records.filter_popup import known_tags, popup_point
from ui.records.kit import BulkCommand
from ui.theme.icons import icon
from ui.theme.theme import px, theme
from ui.widgets.buttons import Button, IconButton
from ui.widgets.editor_tags import TagsEditor
from ui.widgets.labels import Label
from ui.widgets.popup import PopupFrame
from ui.widgets.themed import fixed_height, margins


class BulkBar(QWidget):
    """What can be done with the checked records."""

    clear_requested = Signal()
    edit_requested = Signal()
    assign_requested = Signal()
    tag_requested = Signal(bool)
    export_requested = Signal()
    print_requested = Signal()
    delete_requested = Signal()
    command_requested = Signal(object)

    def __init__(self, commands: Sequence[BulkCommand] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[Office, str] | None = None
        self.commands = [(one, IconButton(one.icon, "", kind="ghost")) for one in commands]
        for one, button in self.commands:
            button.clicked.connect(lambda _on=False, one=one: self.command_requested.emit(one))
        self.clear = IconButton("ph.x", "", kind="accent")
        self.count = Label("", "strong", "accent")
        self.edit = Button(icon="ph.pencil-simple", kind="ghost", small=True)
        self.assign = Button(icon="ph.user", kind="ghost", small=True)
        self.tag = Button(icon="ph.tag", kind="ghost", small=True)
        self.export = IconButton("ph.export", "", kind="ghost")
        self.print = IconButton("ph.printer", "", kind="ghost")
        self.delete = IconButton("ph.trash", "", kind="danger-ghost")
        self.clear.clicked.connect(self.clear_requested)
        self.edit.clicked.connect(self.edit_requested)
        self.assign.clicked.connect(self.assign_requested)
        self.tag.clicked.connect(self._tag_menu)
        self.export.clicked.connect(self.export_requested)
        self.print.clicked.connect(self.print_requested)
        self.delete.clicked.connect(self.delete_requested)
        row = QHBoxLayout(self)
        row.addWidget(self.clear)
        row.addWidget(self.count)
        row.addStretch(1)
        for widget in (
            self.edit,
            self.assign,
            self.tag,
            *(button for _one, button in self.commands),
            self.export,
            self.print,
            self.delete,
        ):
            row.addWidget(widget)
        margins(self, 8, 0, 12, 0, 4)
        fixed_height(self, 44)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again."""
        self._free()
        self.clear.set_label(_("Uncheck all"))
        self._words = {self.edit: _("Edit field"), self.assign: _("Assign"), self.tag: _("Tag")}
        for button, text in self._words.items():
            button.setText(text)
            button.setAccessibleName(text)
            button.setToolTip(text)
        for one, button in self.commands:
            button.set_label(translate(one.label))
        self.export.set_label(_("Export"))
        self.print.set_label(_("Print"))
        self.delete.set_label(_("Delete"))
        if self._asked is not None:
            self.restrict(*self._asked)

    def restrict(self, office: Office, entity: str) -> None:
        """Disable what one may not do with records of a type, and say why as the tooltip."""
        self._asked = (office, entity)
        many = why_not(office, entity, "bulk")
        for button, why in (
            (self.edit, why_not(office, entity, "edit") or many),
            (self.assign, why_not(office, entity, "edit") or many),
            (self.tag, why_not(office, entity, "edit") or many),
            (self.export, why_not(office, entity, "export")),
            (self.delete, why_not(office, entity, "delete") or many),
        ):
            restrict(button, why)
        for one, button in self.commands:
            restrict(button, why_not(office, entity, one.needs) if one.needs else "")

    def _free(self) -> None:
        for button in (self.edit, self.assign, self.tag, self.export, self.delete):
            restrict(button, "")

    def set_count(self, count: int) -> None:
        """Say how many are checked."""
        self.count.setText(ngettext("{n} selected", "{n} selected", count).format(n=count))
        for one, button in self.commands:
            button.setVisible(one.least <= count and (not one.most or count <= one.most))
        self._fit()

    def _fit(self) -> None:
        """Icons only where the words do not fit."""
        for button, text in self._words.items():
            button.setText(text)
        row = self.layout()
        if row is not None:
            row.invalidate()
            if row.sizeHint().width() > self.width():
                for button in self._words:
                    button.setText("")

    def resizeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().resizeEvent(event)
        self._fit()

    def _tag_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(icon("ph.tag"), _("Add a tag…")).triggered.connect(lambda: self.tag_requested.emit(False))
        menu.addAction(icon("ph.x"), _("Remove a tag…")).triggered.connect(lambda: self.tag_requested.emit(True))
        menu.exec(popup_point(self.tag))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color("accent-soft"))


class TagPopup(PopupFrame):
    """One tag to add or to remove; ``chosen`` sends its name."""

    chosen = Signal(str)

    def __init__(self, office: Office, *, remove: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._remove = remove
        title = _("Remove a tag") if remove else _("Add a tag")
        self.editor = TagsEditor(lambda text: known_tags(office, text), name=title, known_only=remove)
        self.editor.setMinimumWidth(px(260))
        self.editor.edited.connect(self._on_edited)
        self.editor.cancelled.connect(self.close)
        _fill(self, title, self.editor)

    def _on_edited(self) -> None:
        tags = self.editor.value()
        if tags:
            self.close()
            self.chosen.emit(tags[0])


class UserPopup(PopupFrame):
    """Who is to own the records; ``chosen`` sends (id, name)."""

    chosen = Signal(object, str)

    def __init__(self, office: Office, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editor = make_picker(office, "user", name=title)
        self.editor.setMinimumWidth(px(260))
        self.editor.committed.connect(self._on_committed)
        self.editor.cancelled.connect(self.close)
        _fill(self, title, self.editor)

    def _on_committed(self) -> None:
        value = self.editor.value()
        if value is not None:
            self.close()
            self.chosen.emit(value, self.editor.title())


def _fill(popup: PopupFrame, title: str, editor: QWidget) -> None:
    inner = QWidget()
    box = QHBoxLayout(inner)
    box.addWidget(Label(title, "strong"))
    box.addWidget(editor, 1)
    margins(inner, 12, 12, 12, 12, 12)
    popup.body.addWidget(inner)
