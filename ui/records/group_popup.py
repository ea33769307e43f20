"""The popup of a list that says by what it is grouped."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core.fields import DATE_KINDS, Field
from crm_desktop.core.i18n import _, translate
from crm_desktop.core.text import fold
from crm_desktop.records.grouping import STEPS, Grouping, can_group, default_step
from ui.records.shown import label_of
from ui.theme.theme import px
from ui.widgets.buttons import Button, SegmentedControl
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label
from ui.widgets.popup import PopupFrame
from ui.widgets.themed import margins


class GroupPopup(PopupFrame):
    """By what a list is grouped. ``changed`` sends a Grouping or None; ``open_requested`` True or False for all."""

    changed = Signal(object)
    open_requested = Signal(bool)

    def __init__(self, fields: Sequence[Field], grouping: Grouping | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fields = {one.name: one for one in fields if can_group(one)}
        options = sorted(((name, label_of(one)) for name, one in self._fields.items()), key=lambda pair: fold(pair[1]))
        self.field = ChoiceEditor(options, name=_("Group by"), empty=_("No groups"))
        self.step = SegmentedControl([(key, translate(text)) for key, text in STEPS.items()])
        self.step.setAccessibleName(_("How finely dates are grouped"))
        self.order = SegmentedControl([("up", _("Up"), "ph.arrow-up"), ("down", _("Down"), "ph.arrow-down")])
        self.order.setAccessibleName(_("Order of the groups"))
        self.open = Button(_("Open all"), icon="ph.caret-down", kind="ghost", small=True)
        self.close_all = Button(_("Close all"), icon="ph.caret-right", kind="ghost", small=True)
        self.field.set_value(grouping.field if grouping else None)
        self.step.set_value(grouping.step if grouping and grouping.step else "month")
        self.order.set_value("down" if grouping and grouping.descending else "up")
        self.field.edited.connect(self._tell)
        self.step.changed.connect(lambda _key: self._tell())
        self.order.changed.connect(lambda _key: self._tell())
        self.open.clicked.connect(lambda: self.open_requested.emit(True))
        self.close_all.clicked.connect(lambda: self.open_requested.emit(False))
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.addWidget(Label(_("Group by"), "section"))
        box.addWidget(self.field)
        box.addWidget(self.step)
        box.addWidget(self.order)
        row = QHBoxLayout()
        row.addWidget(self.open)
        row.addWidget(self.close_all)
        row.addStretch(1)
        box.addLayout(row)
        margins(inner, 12, 12, 12, 12, 8)
        inner.setMinimumWidth(px(320))
        self.body.addWidget(inner)
        self._fit()

    def grouping(self) -> Grouping | None:
        """What is chosen."""
        name = self.field.value()
        if not name:
            return None
        one = self._fields[name]
        step = (self.step.value() or default_step(one)) if one.kind in DATE_KINDS else ""
        return Grouping(str(name), step, self.order.value() == "down")

    def _tell(self) -> None:
        self._fit()
        self.changed.emit(self.grouping())

    def _fit(self) -> None:
        chosen = self.grouping()
        self.step.setVisible(chosen is not None and bool(chosen.step))
        for widget in (self.order, self.open, self.close_all):
            widget.setEnabled(chosen is not None)
        self.adjustSize()
