"""Editors that choose: one of a list, yes or no, another record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _
from ui.framework.tasks import run_read
from ui.theme.icons import icon as themed_icon
from ui.theme.theme import px
from ui.widgets.editor_base import mark_problem, send_cancelled
from ui.widgets.popup import DropList
from ui.widgets.results import Result
from ui.widgets.themed import on_theme

Found = tuple[Any, str, str]


class ChoiceEditor(QComboBox):
    """One of a few choices: (key, text) or (key, text, icon). With ``empty`` the first line means None."""

    edited = Signal()
    committed = Signal()
    cancelled = Signal()

    def __init__(
        self,
        options: Sequence[tuple[Any, str] | tuple[Any, str, str]] = (),
        *,
        name: str = "",
        empty: str | None = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._empty = empty
        self.setAccessibleName(name)
        self.setMaxVisibleItems(14)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.set_options(options)
        self.activated.connect(self._on_activated)
        on_theme(self, lambda: self.setMinimumHeight(px(32)))

    def set_options(self, options: Sequence[tuple[Any, str] | tuple[Any, str, str]]) -> None:
        """Use these choices; the value stays where it is among them."""
        value = self.value()
        self.clear()
        if self._empty is not None:
            self.addItem(self._empty or "–", None)
        for option in options:
            if len(option) > 2 and option[2]:
                self.addItem(themed_icon(str(option[2]), "text-muted"), str(option[1]), option[0])
            else:
                self.addItem(str(option[1]), option[0])
        self.set_value(value)

    def value(self) -> Any:
        """The key of the choice, or None."""
        return self.currentData()

    def set_value(self, value: Any) -> None:
        """Choose a key; an unknown one is shown as it is, so that nothing is lost."""
        index = next((i for i in range(self.count()) if self.itemData(i) == value), -1)
        if index < 0 and value is not None:
            self.addItem(str(value), value)
            index = self.count() - 1
        self.setCurrentIndex(max(index, 0) if self.count() else -1)

    def set_problem(self, text: str) -> None:
        """Mark the choice as wrong."""
        mark_problem(self, text)

    def _on_activated(self, _index: int) -> None:
        self.set_problem("")
        self.edited.emit()
        self.committed.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling a form must not change what the pointer happens to pass over.
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            send_cancelled(self, self.cancelled, event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.committed.emit()
        else:
            super().keyPressEvent(event)


class BoolEditor(QCheckBox):
    """Yes or no."""

    edited = Signal()
    committed = Signal()
    cancelled = Signal()

    def __init__(self, text: str = "", *, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setAccessibleName(name or text)
        self.clicked.connect(self._on_clicked)
        on_theme(self, lambda: self.setMinimumHeight(px(28)))

    def _on_clicked(self, _on: bool) -> None:
        self.edited.emit()
        self.committed.emit()

    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def set_value(self, value: bool | None) -> None:
        """Show a value; None is off."""
        self.setChecked(bool(value))

    def set_problem(self, text: str) -> None:
        """Mark it as wrong."""
        mark_problem(self, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            send_cancelled(self, self.cancelled, event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.committed.emit()
        else:
            super().keyPressEvent(event)


_NOT_CHOSEN = N_("“{text}” is not chosen from the list. Choose one, or empty the field.")


class RecordPicker(QLineEdit):
    """A line that finds a record while typing.

    Args:
        search: ``search(text)`` gives (id, title, subtitle) of the best hits; it runs in the background.
        create: a text such as "Create “{text}”" offers to make what is not found; ``create_requested`` sends it.
        avatars: show initials before the hits; else ``icon`` if given.

    ``edited`` and ``committed`` are sent when a hit is chosen; the value is its id.
    """

    edited = Signal()
    committed = Signal()
    cancelled = Signal()
    create_requested = Signal(str)

    def __init__(
        self,
        search: Callable[[str], Sequence[Found]],
        *,
        name: str = "",
        placeholder: str = "",
        create: str = "",
        avatars: bool = False,
        icon: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._search = search
        self._create = create
        self._avatars = avatars
        self._icon = icon
        self._value: Any = None
        self._title = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder or _("Type to search"))
        if icon:
            self.addAction(themed_icon(icon, "text-muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._drop = DropList(self, name)
        self._drop.chosen.connect(self._choose)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(120)
        self._timer.timeout.connect(self._ask)
        self.textEdited.connect(self._on_edited)
        on_theme(self, lambda: self.setMinimumHeight(px(32)))

    def value(self) -> Any:
        """The id of the record, or None; raises FieldError while a text is typed that was not chosen."""
        text = self.text().strip()
        if not text:
            return None
        if text != self._title:
            raise FieldError("", _NOT_CHOSEN, value=text, text=text)
        return self._value

    def set_value(self, value: Any, title: str = "") -> None:
        """Show a record by id and title; a pair (id, title) is taken as well."""
        if isinstance(value, tuple):
            value, title = value[0], value[1]
        self._value = value
        self._title = title if value is not None else ""
        self.setText(self._title)
        self.set_problem("")

    def title(self) -> str:
        """The title of the chosen record."""
        return self._title

    def set_problem(self, text: str) -> None:
        """Mark the line as wrong."""
        mark_problem(self, text)

    def _on_edited(self, text: str) -> None:
        self.set_problem("")
        if not text.strip():
            self._value, self._title = None, ""
            self._drop.hide()
            self.edited.emit()
            return
        self._timer.start()

    def _ask(self) -> None:
        text = self.text().strip()
        run_read(self, lambda: list(self._search(text)), lambda found: self._show(text, found), supersede="search")

    def _show(self, text: str, found: list[Found]) -> None:
        if not self.hasFocus() or self.text().strip() != text:
            return
        results = [
            Result(key, title, subtitle, icon=self._icon, avatar=title if self._avatars else "")
            for key, title, subtitle in found
        ]
        if self._create and text:
            results.append(Result(None, self._create.format(text=text), icon="ph.plus", data=text))
        elif not results:
            results = [Result(None, _("Nothing found"), enabled=False)]
        self._drop.show_results(results, text)

    def _choose(self, result: Result) -> None:
        if result.key is None:
            if result.data:
                self.create_requested.emit(str(result.data))
            return
        self.set_value(result.key, result.title)
        self.edited.emit()
        self.committed.emit()

    def open_list(self) -> None:
        """Search with what is typed, also where it is nothing."""
        self._ask()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._drop.key(event):
            return
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_F4):
            self.open_list()
        elif event.key() == Qt.Key.Key_Escape:
            self.setText(self._title)
            self.set_problem("")
            send_cancelled(self, self.cancelled, event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.committed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._drop.hide()
        if self.text().strip() != self._title:
            self.set_problem(str(FieldError("", _NOT_CHOSEN, text=self.text().strip())))
        super().focusOutEvent(event)
