"""What every editor of a value has in common, and the line that understands a kind of value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QMetaMethod, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.fields import Kind
from crm_desktop.core.i18n import _, language
from crm_desktop.core.phones import format_phone
from crm_desktop.core.regions import currency_symbol
from crm_desktop.core.values import parse_value
from ui.theme.paint import draw_text
from ui.theme.theme import px
from ui.widgets.themed import on_theme


class FieldEditor(Protocol):
    """What forms and the facts grid may ask of an editor; every editor is also a QWidget.

    Signals: ``edited`` after the user changed something, ``committed`` on Enter or a choice, ``cancelled`` on Escape.
    """

    edited: Signal
    committed: Signal
    cancelled: Signal

    def value(self) -> Any:
        """The value; raises FieldError where what is typed means none."""

    def set_value(self, value: Any) -> None:
        """Show a value; ``edited`` is not sent."""

    def set_problem(self, text: str) -> None:
        """Mark the editor as wrong, with the reason as tooltip; an empty text takes it off."""


def problem_of(editor: Any) -> str:
    """Why what an editor holds is no value, as a sentence; "" where it is one."""
    try:
        editor.value()
    except FieldError as error:
        return str(error)
    return ""


def mark_problem(widget: QWidget, text: str) -> None:
    """Give a widget the red frame and the reason as tooltip and description."""
    widget.setProperty("problem", bool(text))
    widget.setToolTip(text)
    widget.setAccessibleDescription(text)
    widget.update()


def send_cancelled(editor: QObject, cancelled: SignalInstance, event: QKeyEvent) -> None:
    """Tell of Escape whoever listens; where nobody does, the key goes on to the window around, which closes."""
    if editor.isSignalConnected(QMetaMethod.fromSignal(cancelled)):
        cancelled.emit()
    else:
        event.ignore()


class ValueEditor(QLineEdit):
    """A line that takes a value of a kind in any sane spelling and writes it the region's way when left.

    Args:
        kind: the kind of value; the empty line is None.
        name: accessible name.
        parse, show: other ways to read and to write a value.
        country: of phones and tax numbers.
    """

    edited = Signal()
    committed = Signal()
    cancelled = Signal()

    def __init__(
        self,
        kind: Kind = Kind.TEXT,
        *,
        name: str = "",
        parse: Callable[[str], Any] | None = None,
        show: Callable[[Any], str] | None = None,
        country: str | None = None,
        placeholder: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.kind = kind
        self._parse = parse or (lambda text: parse_value(kind, text, country=country))
        self._show = show or (lambda value: shown_value(kind, value))
        self._value: Any = None
        self._shown = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        if kind in (Kind.INTEGER, Kind.NUMBER, Kind.MONEY, Kind.PERCENT):
            self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.textEdited.connect(self._on_edited)
        on_theme(self, lambda: self.setMinimumHeight(px(32)))

    def value(self) -> Any:
        """The value of what is typed; raises FieldError where it means none."""
        text = self.text().strip()
        if text == self._shown:
            # What nobody touched comes back exactly, though the line may show it rounded.
            return self._value
        return self._parse(text) if text else None

    def set_value(self, value: Any) -> None:
        """Show a value."""
        self._value = value
        self._shown = self._show(value) if value is not None else ""
        self.setText(self._shown)
        self.set_problem("")

    def set_problem(self, text: str) -> None:
        """Mark the line as wrong."""
        mark_problem(self, text)

    def _on_edited(self, _text: str) -> None:
        self.set_problem("")
        self.edited.emit()

    def tidy(self) -> None:
        """Write what is typed the region's way, or mark it as wrong."""
        try:
            value = self.value()
        except FieldError as error:
            self.set_problem(str(error))
            return
        self.set_value(value)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.tidy()
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.tidy()
            self.committed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            send_cancelled(self, self.cancelled, event)
        else:
            super().keyPressEvent(event)


def shown_value(kind: Kind, value: Any) -> str:
    """A value as its editor starts with it: every decimal, no currency sign."""
    match kind:
        case Kind.MONEY:
            return formats.format_number(value, max(2, _places(value)))
        case Kind.NUMBER | Kind.PERCENT:
            return formats.format_number(value)
        case Kind.INTEGER:
            return formats.format_integer(value)
        case Kind.DATE:
            return formats.format_date(value)
        case Kind.DATETIME | Kind.LOCAL_DATETIME:
            return formats.format_datetime(value)
        case Kind.PHONE:
            return format_phone(value, formats.default_country())
        case Kind.COUNTRY:
            return formats.country_name(value)
    return str(value)


def _places(value: Any) -> int:
    exponent = getattr(value, "normalize", lambda: value)()
    digits = getattr(exponent, "as_tuple", lambda: None)()
    return max(0, -int(digits.exponent)) if digits is not None else 0


class TextEditor(ValueEditor):
    """A line of text."""

    def __init__(self, *, name: str = "", placeholder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(Kind.TEXT, name=name, placeholder=placeholder, parent=parent)


class PhoneEditor(ValueEditor):
    """A phone number in any spelling; kept as E.164."""

    def __init__(self, *, name: str = "", country: str | None = None, parent: QWidget | None = None) -> None:
        super().__init__(Kind.PHONE, name=name, country=country, parent=parent)
        self.setInputMethodHints(Qt.InputMethodHint.ImhDialableCharactersOnly)


class MoneyEditor(ValueEditor):
    """An amount; the currency stands muted before it."""

    def __init__(self, *, name: str = "", currency: str = "", parent: QWidget | None = None) -> None:
        super().__init__(Kind.MONEY, name=name, parent=parent)
        self._currency = ""
        self.set_currency(currency or formats.default_currency())

    def set_currency(self, currency: str) -> None:
        """Use another currency (ISO 4217)."""
        self._currency = currency_symbol(currency, language(), formats.region())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        area = self.rect().adjusted(px(8), 0, -px(8), 0)
        draw_text(QPainter(self), area, self._currency, "body", "text-muted")


class LongTextEditor(QPlainTextEdit):
    """Several lines of text. Ctrl+Enter commits, Tab goes on; it grows with its text up to ``most`` lines."""

    edited = Signal()
    committed = Signal()
    cancelled = Signal()

    def __init__(self, *, name: str = "", lines: int = 3, most: int = 12, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._least, self._most = lines, most
        self._quiet = False
        self._known = ""
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.textChanged.connect(self._on_changed)
        on_theme(self, self._grow)

    def value(self) -> str | None:
        """The text, or None where it is empty."""
        return self.toPlainText().strip() or None

    def set_value(self, value: str | None) -> None:
        """Show a text."""
        self._quiet = True
        self.setPlainText(value or "")
        self._known = self.toPlainText()
        self._quiet = False

    def set_problem(self, text: str) -> None:
        """Mark the text as wrong."""
        mark_problem(self, text)

    def _on_changed(self) -> None:
        self._grow()
        text = self.toPlainText()
        if text == self._known:  # Qt says “changed” of a new font, too: nobody has written anything
            return
        self._known = text
        if not self._quiet:
            self.edited.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._grow()

    def _grow(self) -> None:
        lines = min(max(self.document().size().height(), self._least), self._most)
        self.setFixedHeight(round(lines * self.fontMetrics().lineSpacing()) + px(16))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.committed.emit()
        elif event.key() == Qt.Key.Key_Escape:
            send_cancelled(self, self.cancelled, event)
        else:
            super().keyPressEvent(event)


def required_error(label: str) -> str:
    """The sentence for an empty field that has to be filled."""
    return _("Fill in {field}.").format(field=label)
