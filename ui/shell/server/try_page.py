"""A page of the assistant that tries something live: left what is typed, right every step of the way, below what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from crm_desktop.security.connecting import Diagnosis, Step
from ui.framework import dialogs, tasks
from ui.shell.server.parts import CheckList, Line, Plan, Trouble, WizardPage
from ui.theme.theme import px
from ui.widgets.headers import Panel, SectionHeader
from ui.widgets.themed import margins


class TryPage(WizardPage):
    """``checks`` shows the steps while they are tried, ``trouble`` what went wrong."""

    _stepped = Signal(object)

    def __init__(self, plan: Plan, steps: Sequence[str]) -> None:
        super().__init__(plan)
        self.checks = CheckList(steps)
        self.trouble = Trouble()
        self._stepped.connect(self.checks.show_step)

    def lay_out(self, title: str, parts: Sequence[QWidget | QVBoxLayout | QHBoxLayout], lines: Sequence[Line]) -> None:
        """Put the form left and the steps right; Enter in one of ``lines`` goes on.

        Args:
            title: of the panel with the steps.
        """
        left = QWidget()
        form = QVBoxLayout(left)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(px(12))
        for part in parts:
            form.addWidget(part) if isinstance(part, QWidget) else form.addLayout(part)
        form.addStretch(1)
        panel = Panel(SectionHeader(title))
        holder = QWidget()
        inside = QVBoxLayout(holder)
        inside.addWidget(self.checks)
        margins(holder, 16, 12, 16, 12)
        panel.body.addWidget(holder)
        columns = QHBoxLayout()
        columns.setSpacing(px(24))
        columns.addWidget(left, 3)
        columns.addWidget(panel, 2)
        self._box.addLayout(columns, 1)
        self._box.addWidget(self.trouble)
        for line in lines:
            line.entered.connect(self.go_on)

    def attempt(self, work: Callable[[], Any], done: Callable[[Any], object]) -> None:
        """Try something off the thread of the window; it tells its steps with :meth:`tell`."""
        self.trouble.say("")
        self.checks.reset()
        self.set_busy(True)

        def tried(found: Any) -> None:
            self.set_busy(False)
            done(found)

        tasks.run_read(self, work, tried, self._broken, supersede="try")

    def tell(self, step: Step) -> None:
        """Show a step; called from any thread."""
        if shiboken6.isValid(self):
            self._stepped.emit(step)

    def show_steps(self, found: Diagnosis) -> None:
        """Show how every step ended."""
        for step in found.steps:
            self.checks.show_step(step)

    def _broken(self, error: Exception) -> None:
        self.set_busy(False)
        dialogs.show_error(self, error)
