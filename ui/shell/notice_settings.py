"""What this person is told on this computer, and when nothing is to pop up."""

from __future__ import annotations

from datetime import time

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.core import clock
from crm_desktop.core.i18n import _, translate
from crm_desktop.records.notices import KINDS
from ui.framework.office import Office
from ui.framework.settings import DO_NOT_DISTURB, LEFT_OUT, POPUPS, QUIET_FROM, QUIET_UNTIL, left_out
from ui.theme.theme import px
from ui.widgets.buttons import Switch
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.labels import Label


def may_pop_up() -> bool:
    """Whether a notice may come up over other programs now."""
    return POPUPS.get() and not DO_NOT_DISTURB.get() and not is_quiet(clock.now().astimezone(clock.local_zone()).time())


def is_quiet(now: time) -> bool:
    """Whether an hour is among the quiet ones; they may go past midnight."""
    first, last = _hour(QUIET_FROM.get()), _hour(QUIET_UNTIL.get())
    if first is None or last is None or first == last:
        return False
    return first <= now < last if first < last else now >= first or now < last


def _hour(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


class NoticesTab(QWidget):
    """Every choice counts at once."""

    def __init__(self, _office: Office) -> None:
        super().__init__()
        self.kinds: dict[str, Switch] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(px(24))
        form.setVerticalSpacing(px(12))
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        form.addRow(Label(_("Tell me when"), "section"))
        for kind, text in KINDS.items():
            switch = self.kinds[kind] = Switch(translate(text))
            switch.setChecked(kind not in left_out())
            switch.toggled.connect(lambda on, kind=kind: self._choose(kind, on))
            form.addRow(Label(translate(text)), switch)
        form.addRow(Label(_("While another program is in front"), "section"))
        self.popups = Switch(_("Show notices and reminders as messages of the system"))
        self.popups.setChecked(POPUPS.get())
        self.popups.toggled.connect(POPUPS.set)
        form.addRow(Label(self.popups.accessibleName()), self.popups)
        hours = [(f"{hour:02}:00", f"{hour:02}:00") for hour in range(24)]
        self.first = ChoiceEditor(hours, name=_("Quiet from"), empty=_("Never quiet"))
        self.last = ChoiceEditor(hours, name=_("Quiet until"), empty=None)
        self.first.set_value(QUIET_FROM.get() or None)
        self.last.set_value(QUIET_UNTIL.get())
        for editor in (self.first, self.last):
            editor.setMinimumWidth(px(120))
            editor.committed.connect(self._keep_hours)
        pair = QWidget()
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.first)
        row.addWidget(Label(_("until"), "body", "text-muted"))
        row.addWidget(self.last)
        form.addRow(Label(_("Quiet hours")), pair)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(form)
        whole.addStretch(1)

    @staticmethod
    def _choose(kind: str, on: bool) -> None:
        LEFT_OUT.set(sorted(left_out() - {kind} if on else left_out() | {kind}))

    def _keep_hours(self) -> None:
        QUIET_FROM.set(str(self.first.value() or ""))
        QUIET_UNTIL.set(str(self.last.value() or ""))
