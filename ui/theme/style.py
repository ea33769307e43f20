"""Fusion with our frames, indicators and focus ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QHeaderView,
    QListView,
    QMenu,
    QPlainTextEdit,
    QProxyStyle,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComplex,
    QStyleOptionSlider,
    QTextEdit,
    QWidget,
)

from ui.theme import scroll_bars

if TYPE_CHECKING:
    from ui.theme.theme import Theme

_State = QStyle.StateFlag
_PE = QStyle.PrimitiveElement
_PM = QStyle.PixelMetric
_SH = QStyle.StyleHint
_METRICS = {
    _PM.PM_IndicatorWidth: 16, _PM.PM_IndicatorHeight: 16,
    _PM.PM_ExclusiveIndicatorWidth: 16, _PM.PM_ExclusiveIndicatorHeight: 16,
    _PM.PM_CheckBoxLabelSpacing: 8, _PM.PM_RadioButtonLabelSpacing: 8,
    _PM.PM_SmallIconSize: 16, _PM.PM_ButtonIconSize: 16,
    _PM.PM_FocusFrameHMargin: 2, _PM.PM_FocusFrameVMargin: 2, _PM.PM_ToolTipLabelFrameWidth: 6,
    _PM.PM_ScrollBarExtent: scroll_bars.EXTENT, _PM.PM_ScrollBarSliderMin: scroll_bars.LEAST,
}  # fmt: skip
"""Measures of ours, at 100 %. Qt asks for measures and hints thousands of times while a window is built."""
_HINTS = {
    _SH.SH_ItemView_ShowDecorationSelected: 1, _SH.SH_ComboBox_Popup: 0, _SH.SH_UnderlineShortcut: 0,
    _SH.SH_ToolTip_WakeUpDelay: 500, _SH.SH_ComboBox_PopupFrameStyle: 0,
}  # fmt: skip


_PREPARED = (QPlainTextEdit, QTextEdit, QScrollArea, QHeaderView, QScrollBar, QMenu, QListView)
"""What needs more than to be drawn."""


def has_sheet(widget: QWidget) -> bool:
    """Whether a widget is drawn by a style sheet: menus, and the lists of combo boxes."""
    return isinstance(widget, QMenu) or widget.metaObject().className() == "QComboBoxListView"


class OfficeStyle(QProxyStyle):
    """Fusion, drawn with the tokens where Fusion's own frames and indicators differ from the design."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fusion")
        self._theme = theme

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        if element == _PE.PE_FrameFocusRect:
            self._focus_ring(painter, QRectF(option.rect))
        elif element in (_PE.PE_IndicatorCheckBox, _PE.PE_IndicatorItemViewItemCheck):
            draw_check(self._theme, painter, option.rect, check_state(option.state), enabled(option))
        elif element == _PE.PE_IndicatorRadioButton:
            draw_radio(self._theme, painter, option.rect, bool(option.state & _State.State_On), enabled(option))
        elif element in (_PE.PE_PanelLineEdit, _PE.PE_FrameLineEdit):
            self._input_frame(painter, option, widget, filled=element == _PE.PE_PanelLineEdit)
        elif element == _PE.PE_PanelButtonCommand:
            self._push_button(painter, option, widget)
        elif element == _PE.PE_Frame and isinstance(widget, QPlainTextEdit | QTextEdit):
            self._input_frame(painter, option, widget, filled=True)
        elif element == _PE.PE_IndicatorArrowDown:
            self._caret(painter, option)
        elif element == _PE.PE_PanelTipLabel:
            painter.fillRect(option.rect, self._theme.color("border-strong"))
            painter.fillRect(option.rect.adjusted(1, 1, -1, -1), self._theme.color("raised"))
        else:
            super().drawPrimitive(element, option, painter, widget)

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric in _METRICS:
            return self._theme.px(_METRICS[metric])
        if metric == _PM.PM_SplitterWidth:
            return 1
        return super().pixelMetric(metric, option, widget)

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        made = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]
        tall = (
            QStyle.ContentsType.CT_LineEdit,
            QStyle.ContentsType.CT_ComboBox,
            QStyle.ContentsType.CT_PushButton,
        )
        if kind == QStyle.ContentsType.CT_SpinBox:
            made.setHeight(self._theme.px(32))  # the line in it is as high already
        elif kind in tall:
            made.setHeight(max(self._theme.px(32), made.height()))
        if kind == QStyle.ContentsType.CT_PushButton:
            made.setWidth(made.width() + self._theme.px(8))
        elif kind in (QStyle.ContentsType.CT_CheckBox, QStyle.ContentsType.CT_RadioButton):
            made.setWidth(made.width() + self._theme.px(5))
        return made

    def styleHint(self, hint, option=None, widget=None, returnData=None) -> int:  # type: ignore[no-untyped-def]
        if hint in _HINTS:
            return _HINTS[hint]
        return super().styleHint(hint, option, widget, returnData)

    def _button_label(self, option: QStyleOptionButton, widget: QWidget | None) -> QStyleOptionButton:
        """The label of a plain push button in the colour of its kind."""
        name = ""
        if isinstance(widget, QPushButton) and enabled(option):
            name = "on-accent" if widget.isDefault() else ("danger" if widget.property("kind") == "danger" else "")
        if not name:
            return option
        label = QStyleOptionButton(option)
        palette = QPalette(option.palette)
        palette.setColor(QPalette.ColorRole.ButtonText, self._theme.color(name))
        label.palette = palette
        return label

    def _halo(self, painter: QPainter, rect: QRectF) -> None:
        """The soft outer half of the focus ring of an input; its border is the inner half."""
        width = self._theme.px(2)
        radius = self._theme.px(6) + width / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color("accent-soft"), width))
        half = width / 2
        painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)
        painter.restore()

    def _focus_ring(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._theme.px(6)
        painter.setPen(QPen(self._theme.color("accent-soft"), 2))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), radius, radius)
        painter.setPen(QPen(self._theme.color("focus"), 1))
        painter.drawRoundedRect(rect.adjusted(2.5, 2.5, -2.5, -2.5), radius - 2, radius - 2)
        painter.restore()

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        if element == QStyle.ControlElement.CE_FocusFrame:
            self._halo(painter, QRectF(option.rect))
        elif element == QStyle.ControlElement.CE_Splitter:
            painter.fillRect(option.rect, self._theme.color("border"))
        elif element == QStyle.ControlElement.CE_PushButtonLabel and isinstance(option, QStyleOptionButton):
            super().drawControl(element, self._button_label(option, widget), painter, widget)
        else:
            super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control == QStyle.ComplexControl.CC_ComboBox and not isinstance(widget, QComboBox):
            super().drawComplexControl(control, option, painter, widget)
        elif control == QStyle.ComplexControl.CC_ComboBox:
            self._input_frame(painter, option, widget, filled=True)
            arrow = QRectF(self.subControlRect(control, option, QStyle.SubControl.SC_ComboBoxArrow, widget))
            color = self._theme.color("text-muted" if enabled(option) else "text-disabled")
            draw_caret(painter, arrow, color, self._theme.px(4.5))
        elif control == QStyle.ComplexControl.CC_SpinBox:
            self._spin_box(painter, option, widget)
        elif isinstance(option, QStyleOptionSlider) and control == QStyle.ComplexControl.CC_ScrollBar:
            scroll_bars.draw(self._theme, painter, option)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def _spin_box(self, painter: QPainter, option: QStyleOptionComplex, widget: QWidget | None) -> None:
        self._input_frame(painter, option, widget, filled=True)
        color = self._theme.color("text-muted" if enabled(option) else "text-disabled")
        for sub, up in ((QStyle.SubControl.SC_SpinBoxUp, True), (QStyle.SubControl.SC_SpinBoxDown, False)):
            box = self.subControlRect(QStyle.ComplexControl.CC_SpinBox, option, sub, widget)
            if box.isValid():
                half = self._theme.px(3.5)
                draw_caret(painter, QRectF(box), color, -half if up else half)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        sub: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        if control == QStyle.ComplexControl.CC_ComboBox:
            whole, arrow = option.rect, self._theme.px(28)
            if sub == QStyle.SubControl.SC_ComboBoxArrow:
                box = QRect(whole.right() + 1 - arrow, whole.top(), arrow, whole.height())
                return self.visualRect(option.direction, whole, box)
            if sub == QStyle.SubControl.SC_ComboBoxEditField:
                box = whole.adjusted(self._theme.px(6), 1, -arrow, -1)
                return self.visualRect(option.direction, whole, box)
        elif isinstance(option, QStyleOptionSlider) and control == QStyle.ComplexControl.CC_ScrollBar:
            return scroll_bars.part(self._theme, option, sub)
        return super().subControlRect(control, option, sub, widget)  # type: ignore[arg-type]

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        rect = super().subElementRect(element, option, widget)  # type: ignore[arg-type]
        if element in (QStyle.SubElement.SE_CheckBoxFocusRect, QStyle.SubElement.SE_RadioButtonFocusRect):
            pad = self._theme.px(4)
            return rect.adjusted(-pad, 0, pad, 0)
        if element == QStyle.SubElement.SE_LineEditContents and getattr(option, "lineWidth", 0) > 0:
            return rect.adjusted(self._theme.px(5), 0, -self._theme.px(5), 0)
        return rect

    def polish(self, what: QWidget | QPalette | QApplication) -> QPalette | None:  # type: ignore[override]
        """Prepare a widget once."""
        made = super().polish(what)
        if isinstance(what, _PREPARED):
            self._prepare(what)
        return made

    def _prepare(self, widget: QWidget) -> None:
        if isinstance(widget, QPlainTextEdit | QTextEdit):
            # The frame is rounded, so it fills the ground and the viewport does not.
            widget.viewport().setAutoFillBackground(False)
            widget.document().setDocumentMargin(self._theme.px(7))
        elif isinstance(widget, QScrollArea):
            widget.setFrameShape(QScrollArea.Shape.NoFrame)
            widget.viewport().setAutoFillBackground(False)
        elif isinstance(widget, QHeaderView):
            widget.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        elif isinstance(widget, QScrollBar):
            widget.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, False)
        elif has_sheet(widget) and not widget.styleSheet():
            widget.setStyleSheet(self._theme.sheet)

    def _input_frame(self, painter: QPainter, option: QStyleOption, widget: QWidget | None, *, filled: bool) -> None:
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        focused = bool(option.state & _State.State_HasFocus)
        line = "focus" if focused else ("border-strong" if enabled(option) else "border")
        if widget is not None and widget.property("problem"):
            line = "danger"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(line), 1))
        painter.setBrush(self._theme.color("surface") if filled else QColor(Qt.GlobalColor.transparent))
        radius = self._theme.px(6)
        if getattr(option, "lineWidth", 1) > 0 or not filled:
            painter.drawRoundedRect(rect, radius, radius)
        painter.restore()

    def _push_button(self, painter: QPainter, option: QStyleOption, widget: QWidget | None) -> None:
        primary = isinstance(widget, QPushButton) and widget.isDefault()
        over = bool(option.state & (_State.State_MouseOver | _State.State_Sunken))
        flat = isinstance(option, QStyleOptionButton) and bool(option.features & QStyleOptionButton.ButtonFeature.Flat)
        if primary and enabled(option):
            fill = line = "accent-strong" if over else "accent"
        else:
            fill = "hover" if over and enabled(option) else "raised"
            line = "border-strong" if enabled(option) else "border"
        if flat and not over:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color(line), 1))
        painter.setBrush(self._theme.color(fill))
        radius = self._theme.px(6)
        painter.drawRoundedRect(QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.restore()

    def _caret(self, painter: QPainter, option: QStyleOption) -> None:
        name = "text-muted" if enabled(option) else "text-disabled"
        draw_caret(painter, QRectF(option.rect), self._theme.color(name), self._theme.px(4.5))


def enabled(option: QStyleOption) -> bool:
    """Whether what the option describes is enabled."""
    return bool(option.state & _State.State_Enabled)


def check_state(state: QStyle.StateFlag) -> Qt.CheckState:
    """The check state in a style state."""
    if state & _State.State_NoChange:
        return Qt.CheckState.PartiallyChecked
    return Qt.CheckState.Checked if state & _State.State_On else Qt.CheckState.Unchecked


def draw_caret(painter: QPainter, rect: QRectF, color: QColor, half: float) -> None:
    """Draw a downward caret, ``half`` pixels to each side, in the middle of ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(color, 1.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    middle = rect.center()
    painter.drawPolyline(
        QPolygonF(
            [
                QPointF(middle.x() - half, middle.y() - half / 2),
                QPointF(middle.x(), middle.y() + half / 2),
                QPointF(middle.x() + half, middle.y() - half / 2),
            ]
        )
    )
    painter.restore()


def draw_check(theme: Theme, painter: QPainter, rect: QRect, state: Qt.CheckState, active: bool = True) -> None:
    """Draw a check box into ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    box = QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5)
    side = min(box.width(), box.height())
    box = QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
    on = state != Qt.CheckState.Unchecked
    line = ("accent" if on else "border-strong") if active else "border"
    painter.setPen(QPen(theme.color(line), 1))
    painter.setBrush(theme.color(("accent" if active else "text-disabled") if on else "surface"))
    painter.drawRoundedRect(box, side / 4, side / 4)
    pen = QPen(theme.color("on-accent"), side / 10)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    x, y = box.left(), box.top()
    if state == Qt.CheckState.Checked:
        points = [(0.27, 0.52), (0.43, 0.68), (0.74, 0.34)]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(x + a * side, y + b * side) for a, b in points]))
    elif state == Qt.CheckState.PartiallyChecked:
        painter.drawLine(QPointF(x + 0.28 * side, y + side / 2), QPointF(x + 0.72 * side, y + side / 2))
    painter.restore()


def draw_radio(theme: Theme, painter: QPainter, rect: QRect, on: bool, active: bool = True) -> None:
    """Draw a radio button into ``rect``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = min(rect.width(), rect.height()) - 1
    center = QRectF(rect).center()
    painter.setBrush(theme.color("surface"))
    painter.setPen(QPen(theme.color("border-strong" if active else "border"), 1))
    if on:
        width = side * 5 / 15
        painter.setPen(QPen(theme.color("accent" if active else "text-disabled"), width))
        painter.drawEllipse(center, (side - width) / 2, (side - width) / 2)
    else:
        painter.drawEllipse(center, side / 2, side / 2)
    painter.restore()
