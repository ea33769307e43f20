"""Pipelines and their stages: names, order, probabilities, days until a deal counts as stalled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from crm_desktop.core import formats
from crm_desktop.core.errors import SettingChanged
from crm_desktop.core.i18n import N_, _, translate
from crm_desktop.sales import queries, service
from ui.framework import dialogs
from ui.framework.office import Office
from ui.framework.pending import is_away
from ui.records.drafts import draft_key, forget_draft, keep_draft, load_draft
from ui.records.room import keep_later, soon
from ui.records.settled import settle_setting
from ui.theme.theme import px
from ui.widgets.buttons import Button, IconButton
from ui.widgets.labels import Label

_DRAFT_MS = 250
_OUTCOMES = {"open": "", "won": N_("won"), "lost": N_("lost")}


class PipelinesTab(QWidget):
    """One block per pipeline; every change is saved when it is made, and undoable."""

    def __init__(self, office: Office) -> None:
        super().__init__()
        self.office = office
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(px(24))
        self._content: QWidget | None = None
        self._late = False
        self._give_back: Callable[[], None] | None = None
        office.records_changed.connect(self._on_changed)
        self.reload()

    def _on_changed(self, event: Any) -> None:
        if event.touches("pipeline") or event.touches("stage"):
            self.reload()

    def _typing(self) -> bool:
        """Whether something is being written that is not saved yet."""
        return self._content is not None and any(one.isModified() for one in self._lines())

    def _lines(self) -> list[QLineEdit]:
        return self._content.findChildren(QLineEdit) if self._content is not None else []

    def reload(self) -> None:
        """Read the pipelines."""
        self.office.read(self, queries.pipelines, self._show, supersede="pipelines")

    def _show(self, pipelines: list[queries.Pipeline]) -> None:
        self._late = self._typing()
        if self._late:
            return  # what a colleague changed is shown once this is written
        if self._content is not None:
            self._box.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        for pipeline in pipelines:
            self._add_pipeline(column, pipeline, only=len(pipelines) == 1)
        add = Button(_("New pipeline…"), icon="ph.plus")
        add.clicked.connect(self._new_pipeline)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._box.addWidget(self._content)
        self._put_drafts()

    def _put_drafts(self) -> None:
        """Names that were being written when the program ended stand there again, to be saved with Enter."""
        for line in self._lines():
            key = line.property("draft")
            if not key:
                continue
            kept = load_draft(key)
            if isinstance(kept, str) and kept.strip() and kept != line.text():
                line.setText(kept)
                line.setModified(True)
            self._keep_line(line, key)

    @staticmethod
    def _keep_line(line: QLineEdit, key: str) -> None:
        """Keep a name as a draft while it is written."""

        def finish() -> None:
            timer.stop()
            forget_draft(key)

        timer = keep_later(line, _DRAFT_MS, lambda: keep_draft(key, line.text(), line.accessibleName()))
        line.textEdited.connect(lambda _text: soon(timer))
        line.editingFinished.connect(finish)

    def _add_pipeline(self, column: QVBoxLayout, pipeline: queries.Pipeline, *, only: bool) -> None:
        head = QHBoxLayout()
        name = self._line(pipeline.name, _("Name of the pipeline"), 280)
        name.setProperty("draft", draft_key(self.office, "setting", "pipelines", pipeline.id))
        name.editingFinished.connect(
            lambda: self._finish(name, pipeline.name, lambda: self._rename(pipeline, name.text()))
        )
        head.addWidget(name)
        head.addStretch(1)
        if not only:
            archive = Button(_("Take out of use"), icon="ph.archive", kind="ghost")
            archive.clicked.connect(
                lambda: self._do(
                    N_("Take pipeline {name} out of use"),
                    lambda u: service.archive_pipeline(u, pipeline.id),
                    name=pipeline.name,
                )
            )
            head.addWidget(archive)
        column.addLayout(head)
        stages = list(pipeline.stages)
        for place, stage in enumerate(stages):
            column.addLayout(self._stage_row(stages, place, stage))
        add = Button(_("Add a stage"), icon="ph.plus", kind="ghost", small=True)
        add.clicked.connect(lambda: self._new_stage(pipeline.id))
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(px(16))

    def _stage_row(self, stages: list[Any], place: int, stage: Any) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(px(8))
        row.addSpacing(px(24))
        name = self._line(stage.name, _("Name of the stage"), 240)
        name.setProperty("draft", draft_key(self.office, "setting", "pipelines", stage.id))
        name.editingFinished.connect(
            lambda: self._finish(name, stage.name, lambda: self._change(stage, name=name.text()))
        )
        row.addWidget(name)
        chance = QSpinBox()
        chance.setRange(0, 100)
        chance.setSuffix(" %")
        chance.setValue(int(stage.probability))
        chance.setAccessibleName(_("Probability of {stage}").format(stage=stage.name))
        self._name_draft(chance, stage.id, "probability")
        chance.setEnabled(stage.outcome == "open")
        chance.editingFinished.connect(
            lambda: self._finish(
                chance.lineEdit(), int(stage.probability),
                lambda: self._change(stage, probability=Decimal(chance.value())), chance.value(),
            )
        )  # fmt: skip
        row.addWidget(chance)
        days = QSpinBox()
        days.setRange(0, 365)
        days.setSpecialValueText(_("never stalled"))
        days.setSuffix(" " + _("days"))
        days.setValue(stage.rotting_days or 0)
        days.setAccessibleName(_("Days until a deal in {stage} counts as stalled").format(stage=stage.name))
        self._name_draft(days, stage.id, "days")
        days.setVisible(stage.outcome == "open")
        days.editingFinished.connect(
            lambda: self._finish(
                days.lineEdit(), stage.rotting_days or 0,
                lambda: self._change(stage, rotting_days=days.value() or None), days.value(),
            )
        )  # fmt: skip
        row.addWidget(days)
        if stage.outcome != "open":
            row.addWidget(Label(_(_OUTCOMES[stage.outcome]), "secondary", "text-muted"))
        row.addStretch(1)
        for step, icon, text in ((-1, "ph.arrow-up", _("Up")), (1, "ph.arrow-down", _("Down"))):
            button = IconButton(icon, text)
            button.setEnabled(0 <= place + step < len(stages))
            button.clicked.connect(lambda _checked=False, by=step: self._move(stage, by))
            row.addWidget(button)
        remove = IconButton("ph.trash", _("Delete the stage"))
        remove.clicked.connect(
            lambda: self._do(N_("Delete stage {name}"), lambda u: service.delete_stage(u, stage.id), name=stage.name)
        )
        row.addWidget(remove)
        return row

    @staticmethod
    def _line(text: str, name: str, width: int) -> QLineEdit:
        line = QLineEdit(text)
        line.setAccessibleName(name)
        line.setFixedWidth(px(width))
        return line

    def _back(self, line: QLineEdit) -> Callable[[], None]:
        """Shows what was written again, as it was: a colleague changed the same, and nobody decided yet."""
        key, text, name = str(line.property("draft")), line.text(), line.accessibleName()

        def back() -> None:
            keep_draft(key, text, name)
            self.reload()

        return back

    def _name_draft(self, spin: QSpinBox, *what: object) -> None:
        line = spin.lineEdit()
        line.setProperty("draft", draft_key(self.office, "setting", "pipelines", *what))
        line.setAccessibleName(spin.accessibleName())

    def _finish(self, line: QLineEdit, before: Any, save: Callable[[], None], now: Any = None) -> None:
        """Save what was written where it is something else; what a colleague changed meanwhile is shown after it."""
        self._give_back = self._back(line)
        line.setModified(False)
        written = line.text() if now is None else now
        if written != before and (now is not None or line.text().strip()):
            save()
        elif self._late:
            self.reload()

    def _rename(self, pipeline: queries.Pipeline, name: str, seen: str = "") -> None:
        self._do(
            N_("Rename pipeline {name}"),
            lambda uow: service.rename_pipeline(uow, pipeline.id, name, seen=seen or pipeline.name),
            (_("pipeline"), pipeline.name),
            lambda chosen, theirs: self._rename(pipeline, chosen["name"], theirs["name"]),
            name=pipeline.name,
        )

    def _change(self, stage: Any, seen: Mapping[str, Any] | None = None, **values: Any) -> None:
        known = {name: getattr(stage, name) for name in values} | dict(seen or {})
        self._do(
            N_("Change stage {name}"), lambda uow: service.update_stage(uow, stage.id, seen=known, **values),
            (_("stage"), stage.name), lambda chosen, theirs: self._change(stage, theirs, **{**values, **chosen}),
            name=stage.name,
        )  # fmt: skip

    def _words(self, name: str, value: Any) -> tuple[str, str]:
        field = self.office.database.schema.entity("stage").field(name)
        return translate(field.label), formats.format_value(field, value)

    def _move(self, stage: Any, by: int) -> None:
        self._do(N_("Move stage {name}"), lambda uow: service.move_stage(uow, stage.id, by), name=stage.name)

    def _new_pipeline(self) -> None:
        name = dialogs.ask_text(self, _("New pipeline"), _("Name of the pipeline"))
        if name and name.strip():
            self._do(
                N_("New pipeline {name}"), lambda uow: service.create_pipeline(uow, name.strip()), name=name.strip()
            )

    def _new_stage(self, pipeline_id: int) -> None:
        name = dialogs.ask_text(self, _("Add a stage"), _("Name of the stage"))
        if name and name.strip():
            self._do(
                N_("Add stage {name}"), lambda uow: service.add_stage(uow, pipeline_id, name.strip()), name=name.strip()
            )

    def _do(
        self, title: str, work: Callable[[Any], Any], what: tuple[str, str] = ("", ""),
        again: Callable[[dict[str, Any], dict[str, Any]], None] | None = None, *, name: str,
    ) -> None:  # fmt: skip
        """Write something about what is called ``name``. ``again`` saves with what was chosen where a colleague changed the same of ``what``."""
        give_back, self._give_back = self._give_back, None

        def failed(error: Exception) -> None:
            if isinstance(error, SettingChanged) and again is not None:
                settle_setting(
                    self, self.office, error, *what, self._words, lambda chosen: again(chosen, error.theirs), give_back
                )
            elif not is_away(error):
                dialogs.show_error(self, error)
                self.reload()

        self.office.write(self, title, work, lambda _done: self.reload(), failed, params={"name": name})
