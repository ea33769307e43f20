"""The questions about a deal: why it was lost, until when it rests, to which pipeline it goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from crm_desktop.core import clock, formats
from crm_desktop.core.errors import FieldError
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.core.periods import add_months
from crm_desktop.core.text import fold
from crm_desktop.sales.deal import LOST_REASONS
from crm_desktop.sales.queries import Pipeline
from crm_desktop.sales.stages import StageInfo
from ui.records.kept_form import KeptForm, Part
from ui.theme.theme import px
from ui.widgets.buttons import Button
from ui.widgets.editor_base import TextEditor
from ui.widgets.editor_choice import ChoiceEditor
from ui.widgets.editor_dates import DateEditor
from ui.widgets.labels import Label
from ui.widgets.themed import margins, on_theme


class DealDialog(QDialog):
    """A small question: title, rows with a label each, one button that says what happens."""

    def __init__(self, parent: QWidget | None, title: str, text: str, yes: str, *, kind: str = "primary") -> None:
        super().__init__(parent)
        self.kept: KeptForm | None = None
        self.setWindowTitle(title)
        self.box = QVBoxLayout(self)
        self.box.addWidget(Label(title, "section", wrap=True))
        if text:
            self.box.addWidget(Label(text, "body", "text-muted", wrap=True))
        self._end = self.box.count()
        self.problem = Label("", "secondary", "danger", wrap=True)
        self.problem.hide()
        self.box.addWidget(self.problem)
        self.yes = Button(yes, kind=kind)
        self.yes.clicked.connect(self.finish)
        no = Button(_("Cancel"))
        no.clicked.connect(self.reject)
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addStretch(1)
        row.addWidget(no)
        row.addWidget(self.yes)
        self.box.addSpacing(px(8))
        self.box.addLayout(row)
        margins(self, 24, 20, 24, 16, 8)
        on_theme(self, lambda: self.setMinimumWidth(px(440)))

    def add_row(self, label: str, widget: QWidget) -> None:
        """Put a widget with its label below the ones that are there."""
        if label:
            self.box.insertWidget(self._end, Label(label, "secondary", "text-muted"))
            self._end += 1
        self.box.insertWidget(self._end, widget)
        self._end += 1

    def parts(self) -> dict[str, Any]:
        """What is kept as a draft, by name."""
        return {}

    def keep_draft(self, key: str, title: str) -> None:
        """Keep what is written under a name, and show what is kept there already; ``settled`` lets it go."""
        self.kept = KeptForm(self, key, self.parts(), title=title)
        self.kept.show_in(self.box, 1)

    def settled(self) -> None:
        """What was written is saved."""
        if self.kept is not None:
            self.kept.done()
        self.deleteLater()

    def reject(self) -> None:
        """Escape, Cancel and the closing cross: words that are not saved are asked about first."""
        if self.kept is None or not self.kept.has_text() or self.kept.may_close(self):
            super().reject()

    def say(self, text: str) -> None:
        """Say what is wrong."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def finish(self) -> None:
        """Close with yes where everything is well."""
        self.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        else:
            super().keyPressEvent(event)


class LoseDialog(DealDialog):
    """Why a deal was lost: ``reason()`` and ``competitor()``."""

    def __init__(self, parent: QWidget | None, name: str) -> None:
        super().__init__(
            parent, _("Why was “{deal}” lost?").format(deal=name), _("The reports show what to do better next time."),
            _("Mark as lost"), kind="danger",
        )  # fmt: skip
        self.reasons: dict[str, QRadioButton] = {}
        held = QWidget()
        grid = QGridLayout(held)
        half = (len(LOST_REASONS) + 1) // 2
        for number, choice in enumerate(LOST_REASONS):
            button = QRadioButton(translate(choice.label))
            button.clicked.connect(lambda _on=False, key=choice.key: self.choose(key))
            self.reasons[choice.key] = button
            grid.addWidget(button, number % half, number // half)
        margins(held, 0, 0, 0, 4, 8)
        self.add_row(_("Reason"), held)
        self.rival = TextEditor(name=_("Lost to"), placeholder=_("Which competitor? (if known)"))
        self.rival.committed.connect(self.finish)
        self.rival.cancelled.connect(self.reject)
        self.add_row(_("Lost to"), self.rival)
        next(iter(self.reasons.values())).setFocus()

    def parts(self) -> dict[str, Any]:
        """The reason and who won."""
        chosen = Part(self.reason, lambda key: self.choose(key) if key else None)
        return {"rival": self.rival, "reason": chosen}

    def choose(self, key: str) -> None:
        """Choose a reason."""
        self.reasons[key].setChecked(True)
        self.say("")

    def reason(self) -> str | None:
        """The key of the reason."""
        return next((key for key, button in self.reasons.items() if button.isChecked()), None)

    def competitor(self) -> str:
        """To whom."""
        return self.rival.text().strip()

    def finish(self) -> None:
        """Close where a reason is chosen."""
        if self.reason() is None:
            self.say(_("Choose a reason; “Other” will do."))
            return
        self.accept()


class PostponeDialog(DealDialog):
    """Until when a deal rests: ``until()`` and ``subject()``."""

    def __init__(self, parent: QWidget | None, name: str) -> None:
        super().__init__(
            parent, _("Postpone “{deal}”").format(deal=name),
            _("A task reminds you on that day. Until then the deal does not count as stalled."), _("Postpone"),
        )  # fmt: skip
        today = clock.today()
        choices: list[tuple[str, date]] = [
            (N_("In a week"), today + timedelta(days=7)), (N_("In two weeks"), today + timedelta(days=14)),
            (N_("In a month"), add_months(today, 1)), (N_("In three months"), add_months(today, 3)),
        ]  # fmt: skip
        held = QWidget()
        grid = QGridLayout(held)
        for number, (text, day) in enumerate(choices):
            button = Button(translate(text), small=True)
            button.setToolTip(formats.format_date(day, "weekday"))
            button.clicked.connect(lambda _on=False, day=day: self.take(day))
            grid.addWidget(button, number // 2, number % 2)
        margins(held, 0, 0, 0, 4, 8)
        self.day = DateEditor(name=_("Until"))
        self.day.set_value(choices[0][1])
        self.day.committed.connect(self.finish)
        self.day.cancelled.connect(self.reject)
        self.add_row(_("Until"), self.day)
        self.add_row("", held)
        self.note = TextEditor(name=_("What to do then"), placeholder=_("Follow up: {deal}").format(deal=name))
        self.note.committed.connect(self.finish)
        self.note.cancelled.connect(self.reject)
        self.add_row(_("What to do then"), self.note)
        self.day.setFocus()
        self.day.selectAll()

    def parts(self) -> dict[str, Any]:
        """The day and what to do then."""
        return {"note": self.note, "day": self.day}

    def take(self, day: date) -> None:
        """Choose a day."""
        self.day.set_value(day)
        self.say("")

    def until(self) -> date | None:
        """The day."""
        value = self.day.value()
        return value if isinstance(value, date) else None

    def subject(self) -> str:
        """What the task is called; "" for the usual words."""
        return self.note.text().strip()

    def finish(self) -> None:
        """Close where the day is one to come."""
        try:
            day = self.until()
        except FieldError as error:
            self.say(str(error))
            return
        if day is None or day <= clock.today():
            self.say(_("Choose a day after today."))
            return
        self.accept()


class PipelineDialog(DealDialog):
    """To which stage of which pipeline a deal goes: ``stage()``."""

    def __init__(
        self, parent: QWidget | None, name: str, pipelines: Sequence[Pipeline], stage: StageInfo | None
    ) -> None:
        super().__init__(parent, _("Move “{deal}” to another pipeline").format(deal=name), "", _("Move"))
        self._pipelines = {one.id: one for one in pipelines}
        self._stage = stage
        self.pipeline = ChoiceEditor([(one.id, one.name) for one in pipelines], name=_("Pipeline"), empty=None)
        self.stages = ChoiceEditor([], name=_("Stage"), empty=None)
        self.pipeline.edited.connect(self._fill)
        for editor in (self.pipeline, self.stages):
            editor.cancelled.connect(self.reject)
        self.add_row(_("Pipeline"), self.pipeline)
        self.add_row(_("Stage"), self.stages)
        self._fill()
        self.pipeline.setFocus()

    def _fill(self) -> None:
        chosen = self._pipelines[self.pipeline.value()]
        stages = [one for one in chosen.stages if one.outcome == "open"]
        self.stages.clear()
        self.stages.set_options([(one.id, one.name) for one in stages])
        alike = [one.id for one in stages if self._stage and fold(one.name) == fold(self._stage.name)]
        if stages:
            self.stages.set_value((alike or [stages[0].id])[0])

    def stage(self) -> StageInfo:
        """The stage."""
        identity: Any = self.stages.value()
        return next(one for one in self._pipelines[self.pipeline.value()].stages if one.id == identity)
