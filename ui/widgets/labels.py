"""Text in the roles of the design."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QTextLayout, QTextLine, QTextOption
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ui.theme.icons import paint_icon
from ui.theme.paint import draw_text, reads_right_to_left, text_width, visual_alignment
from ui.theme.theme import px, theme
from ui.widgets.themed import fixed_size, on_theme


class Label(QLabel):
    """A text in a type role and a token's colour; plain text, it may wrap at the line height of its role."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        color: str = "text",
        *,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._role = role
        self._color = color
        # Inside a button a label would take the button's colours.
        self.setForegroundRole(QPalette.ColorRole.WindowText)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if selectable:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        on_theme(self, self._dress)

    def set_role(self, role: str, color: str | None = None) -> None:
        """Use another type role, and another colour if given."""
        self._role = role
        self._color = color or self._color
        self._dress()

    def set_color(self, color: str) -> None:
        """Use the colour of another token."""
        self._color = color
        self._dress()

    def _dress(self) -> None:
        self.setFont(theme().font(self._role))
        palette = self.palette()
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, QPalette.ColorRole.WindowText, theme().color(self._color))
        self.setPalette(palette)

    def heightForWidth(self, width: int) -> int:
        """The height at a width; never wider than the label may be."""
        width = min(width, self.maximumWidth())
        if not self.wordWrap():
            return super().heightForWidth(width)
        edges = self.contentsMargins()
        lines = len(self._lines(width - edges.left() - edges.right())[1])
        return lines * theme_line(self._role) + edges.top() + edges.bottom()

    def sizeHint(self) -> QSize:
        """The size; a wrapped label of a fixed width is as high as it needs."""
        hint = super().sizeHint()
        if not self.wordWrap():
            return QSize(hint.width(), max(hint.height(), theme_line(self._role)))
        width = min(max(hint.width(), self.minimumWidth()), self.maximumWidth())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """As QLabel's, and never less than a line."""
        if self.wordWrap():
            width = min(max(px(64), self.minimumWidth()), self.maximumWidth())
            return QSize(width, theme_line(self._role))
        return super().minimumSizeHint()

    def _lines(self, width: int) -> tuple[QTextLayout, list[QTextLine]]:
        option = QTextOption(visual_alignment(self.alignment(), self.layoutDirection()))
        wrap = QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere if self.wordWrap() else QTextOption.WrapMode.NoWrap
        option.setWrapMode(wrap)
        mirrored = reads_right_to_left(self.text())
        option.setTextDirection(Qt.LayoutDirection.RightToLeft if mirrored else Qt.LayoutDirection.LeftToRight)
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        layout.setTextOption(option)
        layout.beginLayout()
        lines = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(width, 1))
            lines.append(line)
        layout.endLayout()
        return layout, lines

    def paintEvent(self, event: QPaintEvent) -> None:
        selectable = self.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
        if selectable:
            super().paintEvent(event)
            return
        # QLabel sets lines tighter than the design does, and aligns by the script of the text, not of the language.
        area = self.contentsRect()
        _layout, lines = self._lines(area.width())
        step = theme_line(self._role)
        top = area.top()
        if not self.alignment() & Qt.AlignmentFlag.AlignTop:
            top += max(0, (area.height() - len(lines) * step) // 2)
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        for number, line in enumerate(lines):
            line.setPosition(QPointF(area.left(), top + number * step + (step - line.height()) / 2))
            line.draw(painter, QPointF(0, 0))


class ElidedLabel(QWidget):
    """One line of text that ends in "…" where there is no room; the tooltip then tells the whole."""

    def __init__(
        self, text: str = "", role: str = "body", color: str = "text", *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._text = text
        self._role = role
        self._color = color
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        on_theme(self, self.updateGeometry)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def set_role(self, role: str, color: str | None = None) -> None:
        """Use another type role, and another colour if given."""
        self._role = role
        self._color = color or self._color
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(text_width(self._text, self._role) + 1, theme_line(self._role))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(24), theme_line(self._role))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_text(painter, self.rect(), self._text, self._role, self._color)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self._text if text_width(self._text, self._role) > self.width() else "")
        return super().event(event)


def theme_line(role: str) -> int:
    """The line height of a type role, in logical pixels."""
    lines = {"title": 28, "figure": 32, "figure-strip": 28, "hero": 36, "door": 24, "badge": 18, "key": 18}
    small = role.startswith("secondary")
    return px(lines.get(role, 16 if small else 20))


class Link(QLabel):
    """A text that can be clicked, reached by Tab and opened by Enter."""

    activated = Signal()

    def __init__(self, text: str = "", role: str = "name", *, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._role = role
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        on_theme(self, self._dress)

    def _dress(self) -> None:
        self.setFont(theme().font(self._role))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme().color("accent"))
        self.setPalette(palette)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.activated.emit()

    def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme().color("focus"))
            painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)


class IconLabel(QWidget):
    """An icon that says nothing by itself; decoration beside a text."""

    def __init__(
        self, name: str, color: str = "text-muted", size: int = 16, height: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._color = color
        fixed_size(self, size, height or size)

    def set_icon(self, name: str, color: str | None = None) -> None:
        """Show another icon."""
        self._name = name
        self._color = color or self._color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, self.rect().toRectF(), self._name, self._color)


class Hairline(QFrame):
    """A line of one pixel, horizontal unless ``vertical``."""

    def __init__(self, *, vertical: bool = False, color: str = "border", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), theme().color(self._color))


class Plane(QWidget):
    """A widget that fills itself with the colour of a token ("surface", "sunken", "raised")."""

    def __init__(self, color: str = "surface", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._color = color

    def set_color(self, color: str) -> None:
        """Use another token."""
        self._color = color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme().color(self._color))
