"""The frames that dialogs and pages share: what scrolls, and the foot with the buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ui.theme.theme import px
from ui.widgets.labels import Hairline, Plane
from ui.widgets.themed import fixed_height, margins


def scrolled(inner: QWidget, *, sideways: bool = False, focus: bool = False, clear: bool = True) -> QScrollArea:
    """A widget that scrolls where there is no room for it.

    sideways: it may be wider than its place, too; focus: the keyboard can come to it, for what has nothing else to come to;
    clear: it has no ground of its own, and shows the one that it stands on.
    """
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    if not focus:
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inner)
    if clear:
        # after setWidget(), which lets the widget fill itself
        inner.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
    return area


def dialog_foot(*buttons: QWidget, left: Sequence[QWidget] = (), height: int = 56) -> QWidget:
    """The bar under a dialog: words or lesser buttons at its beginning, the others at its end, the main one last.

    height: in pixels at 100 %.
    """
    foot = Plane("sunken")
    row = QHBoxLayout(foot)
    for widget in left:
        row.addWidget(widget)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    margins(foot, 24, 0, 16, 0, 8)
    fixed_height(foot, height)
    return foot


def lay_out_dialog(
    dialog: QWidget, body: QWidget, foot: QWidget, *, head: QWidget | None = None, width: int = 0
) -> None:
    """Head, body and foot of a dialog over each other, parted by lines; width: the least one, in pixels at 100 %."""
    whole = QVBoxLayout(dialog)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    if head is not None:
        whole.addWidget(head)
        whole.addWidget(Hairline())
    whole.addWidget(body, 1)
    whole.addWidget(Hairline())
    whole.addWidget(foot)
    if width:
        dialog.setMinimumWidth(px(width))
