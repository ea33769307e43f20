"""The powers of a role over the whole office, each with a sentence that says what it means."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from crm_desktop.core.access import POWER_NAMES, POWERS
from crm_desktop.core.i18n import _, translate
from crm_desktop.security.roles import RoleRights
from ui.security.words import POWER_HELP
from ui.theme.theme import px
from ui.widgets.badges import Badge
from ui.widgets.buttons import Switch
from ui.widgets.labels import Label
from ui.widgets.themed import on_theme


class PowersList(QWidget):
    """A switch for each power. ``chosen`` sends the power and whether it is to be had."""

    chosen = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switches: dict[str, Switch] = {}
        self._marks: dict[str, Badge] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, power in enumerate(POWERS):
            switch = Switch(f"{translate(POWER_NAMES[power])}. {translate(POWER_HELP[power])}")
            switch.clicked.connect(lambda on, power=power: self.chosen.emit(power, on))
            mark = Badge(_("changed"), "warning")
            help_text = Label(translate(POWER_HELP[power]), "secondary", "text-muted", wrap=True)
            grid.addWidget(switch, row * 2, 0, 2, 1, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(Label(translate(POWER_NAMES[power]), "name"), row * 2, 1)
            grid.addWidget(mark, row * 2, 2)
            grid.addWidget(help_text, row * 2 + 1, 1, 1, 2)
            self.switches[power], self._marks[power] = switch, mark
        grid.setColumnStretch(1, 1)

        def measure() -> None:
            grid.setHorizontalSpacing(px(12))
            grid.setVerticalSpacing(px(2))
            for row in range(1, len(POWERS) * 2, 2):
                grid.setRowMinimumHeight(row, px(28))

        on_theme(self, measure)

    def show_rights(self, rights: RoleRights, *, everything: bool, editable: bool) -> None:
        """Show what a role has."""
        for power, switch in self.switches.items():
            switch.setChecked(everything or rights.scopes.get(("", power)) == "all")
            switch.setEnabled(editable)
            self._marks[power].setVisible(not everything and rights.changed("", power))
